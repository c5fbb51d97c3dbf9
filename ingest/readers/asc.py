"""Ambulatory surgical centre addenda (CMS, July 2026), as the package myelin-pps 1.0.2 carries them.

CSV with a byte order mark: title lines that may span lines, an AMA and ADA notice, then a header that starts with ``HCPCS Code``. Column
names carry the month (``July 2026 Payment Indicator``), so they are found by what they contain. AA covered surgical procedures, BB
covered ancillary services, EE excluded procedures (code only), FF device offsets (``July 2026 APC``). Notes follow the table.

Only code, payment indicator and APC are read: the short descriptors are the AMA's.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TextIO

from ingest.readers import Rejects, Table
from knowledge.errors import UnreadableFile
from knowledge.records import AscStatus
from knowledge.writing import EditionDraft

__all__ = ["read"]

_CODE = re.compile(r"\d{4}[\dFTUMA]|[A-V]\d{4}")
_INDICATOR = re.compile(r"[A-Z]\d")


def read(aa: TextIO, bb: TextIO, ee: TextIO, ff: TextIO, draft: EditionDraft) -> Table:
    """Return one row for each code of AA, BB and EE, with the APC that FF gives for it."""
    rejects = Rejects("ASC addenda")
    groups = {code: apc for code, (_, apc) in _cells(ff, "FF", rejects)}
    rows = []
    for file, addendum in ((aa, "AA"), (bb, "BB"), (ee, "EE")):
        for code, (indicator, _) in _cells(file, addendum, rejects):
            rows.append(AscStatus(code, addendum, indicator, "", groups.get(code, "")))
    rejects.settle(len(rows))
    return Table(replace(draft, table="asc"), rows, rejects)


def _cells(file: TextIO, addendum: str, rejects: Rejects) -> Iterator[tuple[str, tuple[str, str]]]:
    reader = csv.reader(file)
    header = next((row for row in reader if row and row[0].strip() == "HCPCS Code"), None)
    if header is None:
        raise UnreadableFile(f"ASC addendum {addendum}: expected a header that starts with 'HCPCS Code', found none")
    names = [" ".join(cell.split()) for cell in header]
    indicator_at = next((i for i, name in enumerate(names) if name.endswith("Payment Indicator")), None)
    apc_at = next((i for i, name in enumerate(names) if re.fullmatch(r"\w+ \d{4} APC", name)), None)
    if (indicator_at is None and addendum != "EE") or (apc_at is None and addendum == "FF"):
        raise UnreadableFile(
            f"ASC addendum {addendum}: expected columns for payment indicator and APC, got {', '.join(names)[:160]}"
        )
    for row in reader:
        code = row[0].strip() if row else ""
        if not _CODE.fullmatch(code):
            if re.match(r"[0-9A-Z]{5}\b", code) and not code.startswith("NOTE"):
                rejects.add(f"{addendum} line {reader.line_num}", f"expected a code, got {code[:12]!r}")
            continue
        indicator = row[indicator_at].strip().upper() if indicator_at is not None else ""
        if indicator and not _INDICATOR.fullmatch(indicator):
            rejects.add(f"{addendum} line {reader.line_num}", f"expected a payment indicator, got {indicator[:8]!r}")
            continue
        yield code, (indicator, row[apc_at].strip() if apc_at is not None else "")
