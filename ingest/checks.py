"""What must hold before a new reference file may replace the old one.

Each check is a query that finds what is wrong; a finding is a sentence. Sources: NCCI Policy Manual chapter I (modifier indicator 9 marks
cancelled edits; an edit has one direction at a time; MAI is 1 to 3); the AMA and ADA licences (no wording of CPT and D codes).
"""

from __future__ import annotations

import sqlite3

from knowledge.records import Licence
from knowledge.schema import OPEN

__all__ = ["faults"]


def faults(connection: sqlite3.Connection) -> tuple[str, ...]:
    """Return every fault of the file behind ``connection``; empty when it is sound."""
    return tuple(message for query, message in _RULES if connection.execute(query).fetchone()[0])


_RULES = (
    (
        "SELECT EXISTS(SELECT 1 FROM ptp WHERE indicator NOT IN (0, 1))",
        "a PTP edit has a modifier indicator other than 0 and 1: cancelled edits (9) are not kept",
    ),
    (
        # Each edition speaks for one setting, so both orders are looked for inside an edition.
        "SELECT EXISTS(SELECT 1 FROM ptp a JOIN ptp b ON b.column1 = a.column2 AND b.column2 = a.column1 AND b.edition = a.edition "
        f"WHERE a.deletion = {OPEN} AND b.deletion = {OPEN} AND a.column1 < a.column2)",
        "a pair of codes is an active PTP edit in both orders",
    ),
    (
        "SELECT EXISTS(SELECT 1 FROM mue WHERE adjudication NOT IN (1, 2, 3))",
        "an MUE has an adjudication indicator other than 1, 2 and 3",
    ),
    (
        "SELECT EXISTS(SELECT 1 FROM code c JOIN edition e ON e.id = c.edition WHERE (c.title <> '' OR c.short_title <> '') "
        f"AND (c.system = 'cpt' OR (c.system = 'hcpcs' AND c.value LIKE 'D%')) AND e.licence <> '{Licence.AMA_TEXT}')",
        "a CPT or D code carries wording without a licence",
    ),
    ("SELECT EXISTS(SELECT 1 FROM edition WHERE rows = 0 AND packaged = 1)", "a packaged edition holds no rows"),
)
