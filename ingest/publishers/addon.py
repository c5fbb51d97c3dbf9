"""NCCI add-on code edits (AOC).

Layout (inspected copies of the 2024 and 2026 workbooks): row 1 AMA notice, row 2 header ``AOC_Edit_Type | Add-On_Code | AOC_DelDT |
Primary_Code | Primary_Code_DelDT | AOC_Edit_EffDT | AOC_Edit_DelDT | Special_Instruction_Notes``. Dates are ordinal: YYYYDDD, the day of
the year. Type 1 is a closed list of primaries, 2 contractor-defined (primary ``CCCCC``), 3 a list the contractor may add to. The text file
of the same zip is read when its columns carry these names; its layout has not been seen.

Derived copies with ``primary_code, add_on_code, aoc_edit_type`` are read as well; they have no dates.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

from ingest.publishers import Format, Piece, Quarter, ReadSettings, TableRows, Tally
from ingest.publishers.cells import Columns, Layout, day_of, procedure_code
from ingest.publishers.sample import Sample
from knowledge.errors import RefusedFile, UnreadableFile
from knowledge.records import AddOnPair, Licence
from knowledge.writing import EditionDraft

__all__ = ["CONTRACTOR_DEFINED", "TABLE", "ordinal_day"]

CONTRACTOR_DEFINED = "CCCCC"
"""Primary code of a type 2 add-on code: the contractor decides."""

_LAYOUT = Layout(
    "NCCI add-on code edits",
    required={
        "kind": r"aoc[_ ]edit[_ ]type",
        "addon": r"add[-_ ]?on[_ ]code",
        "primary": r"primary[_ ]code",
    },
    optional={
        "addon_deletion": r"aoc[_ ]deldt(?:.*)?",
        "primary_deletion": r"primary[_ ]code[_ ]deldt(?:.*)?",
        "effective": r"aoc[_ ]edit[_ ]effdt(?:.*)?",
        "deletion": r"aoc[_ ]edit[_ ]deldt(?:.*)?",
        "notes": r"special[_ ]instruction[_ ]notes?",
    },
)
_FEWEST_ROWS = 500


def ordinal_day(cell: str) -> date | None:
    """Return the date of an ordinal YYYYDDD; dates in the usual spellings are read too. None for an empty cell.

    Raises :class:`ValueError` for anything else.
    """
    value = cell.strip().removesuffix(".0")
    if not re.fullmatch(r"\d{7}", value):
        return day_of(value)
    day = date(int(value[:4]), 1, 1) + timedelta(days=int(value[4:]) - 1)
    if day.year != int(value[:4]):
        raise ValueError(f"{value} is no day of its year")
    return day


def _recognises(sample: Sample) -> bool:
    return sample.tabular and _LAYOUT.find(sample.rows) is not None


def _read(sample: Sample, settings: ReadSettings) -> Piece:
    if re.search(r"medicaid|\bmcd[-_]|-mcd\b", f"{sample.named} {sample.banner}"):
        raise RefusedFile(f"{sample.place}: these are Medicaid add-on code edits; only Medicare's are loaded")
    columns, _ = _LAYOUT.header_of(sample.rows, sample.place)
    quarter, tally = _release(sample), Tally(sample.place)
    dated = columns.has("effective")
    draft = EditionDraft(
        table="addon",
        publisher="CMS",
        title="NCCI add-on code edits",
        label=quarter.label,
        effective_from=quarter.first_day,
        effective_to=quarter.last_day,
        complete=True,
        licence=Licence.AMA_CODES,
        source=sample.place,
        sha256=sample.file.sha256,
        history_from=date(2013, 4, 1) if dated else None,  # the first list: CMS transmittal 2636
    )
    rows = TableRows(draft, lambda: _rows(sample, columns, tally), fewest=_FEWEST_ROWS)
    return Piece(sample.file, "NCCI add-on code edits", (rows,), tally, rank=0 if sample.workbook else 1)


def _rows(sample: Sample, columns: Columns, tally: Tally) -> Iterator[AddOnPair]:
    first_sheet = sample.rows[0].sheet
    for row in sample.all_rows():
        if row.line <= columns.header_line or row.sheet != first_sheet or not any(cell.strip() for cell in row.cells):
            continue
        tally.line, tally.read = row.line, tally.read + 1
        kind = columns.get(row, "kind").removesuffix(".0")
        addon = procedure_code(columns.get(row, "addon"), tally)
        primary = columns.get(row, "primary").upper()
        primary = primary if primary == CONTRACTOR_DEFINED else procedure_code(primary, tally)
        try:
            start = ordinal_day(columns.get(row, "effective"))
            # The pair ends when the edit, the add-on code or the primary code is deleted, whichever comes first.
            ends = [
                ordinal_day(columns.get(row, field)) for field in ("deletion", "addon_deletion", "primary_deletion")
            ]
        except ValueError as error:
            tally.reject(str(error))
            continue
        if kind not in {"1", "2", "3"}:
            tally.reject(f"expected edit type 1, 2 or 3, got {kind[:12]!r}")
        elif not (addon and primary):
            tally.reject(
                f"expected two codes, got {columns.get(row, 'addon')[:12]!r} and {columns.get(row, 'primary')[:12]!r}"
            )
        else:
            yield AddOnPair(addon, primary, int(kind), start, min((end for end in ends if end), default=None))


def _release(sample: Sample) -> Quarter:
    named = sample.named
    if match := re.search(r"(20\d\d)[-_ ]?q([1-4])", named):
        return Quarter(int(match[1]), int(match[2]))
    if match := re.search(r"(20\d\d)-(\d{2})-(\d{2})", named):
        return Quarter.of(date(int(match[1]), int(match[2]), int(match[3])))
    raise UnreadableFile(f"{sample.place}: expected the release in the name, such as AOC_V2026Q2: keep CMS's name")


TABLE = Format("NCCI add-on code edits", _recognises, _read)
