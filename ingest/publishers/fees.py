"""Medicare Physician Fee Schedule: the national relative value file (PPRRVU).

CSV and workbook (whole October 2025 release inspected; header of July 2026): Windows-1252; title, AMA and ADA notices, blank, "RELEASED
mm/dd/yyyy", then one header stacked over five rows, the last of which reads ``HCPCS, MOD, DESCRIPTION, CODE, ...``. A column's name is its
cells from the top down. 31 columns until 2025, 32 since 2026 (PRIC IND after TEAM SURG). Since 2026 the file is published twice,
``_nonQPP`` and ``_QPP``, with the same relative values and different conversion factors; which one it is stands in the name.

Fixed width (printed positions checked against the CSV on all 19,090 rows of October 2025): seven ``HDR`` lines, then records: 1-5 HCPCS, 6-7
modifier, 8-57 description, 58 status, 60-65 work RVU, 67-72 non-facility PE, 73-74 its NA flag, 76-81 facility PE, 82-83 its NA flag, 85-89
malpractice, 103 PC/TC, 104-106 global days, 107-115 pre-, intra-, post-operative shares, 116 multiple procedure, 117 bilateral, 118 assistant,
119 co-surgeons, 120 team, 128-132 endoscopic base, 133-140 conversion factor, 142-143 supervision, 146-147 imaging family. The release stands
in the name only.

The release is the edition: A, B, C, D are January, April, July, October, and no row carries dates. Descriptions are the AMA's and dropped.
Source: CMS, PFS relative value file record layout.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from decimal import Decimal, InvalidOperation

from ingest.publishers import Format, Piece, Quarter, ReadSettings, TableRows, Tally
from ingest.publishers.cells import Columns, Layout, procedure_code
from ingest.publishers.sample import Content, Sample
from knowledge.errors import UnreadableFile
from knowledge.records import FeeIndicators, Licence
from knowledge.writing import EditionDraft

__all__ = ["FIXED_WIDTH", "TABLE", "release_quarter", "year_near"]

FEWEST_ROWS = 10_000

_LAYOUT = Layout(
    "PFS relative values",
    required={
        "code": "hcpcs",
        "modifier": "mod",
        "status": "status code",
        "work_rvu": "work rvu",
        "nonfacility_pe_rvu": "non-fac pe rvu",
        "nonfacility_na": "non-fac na indicator",
        "facility_pe_rvu": "facility pe rvu",
        "facility_na": "facility na indicator",
        "malpractice_rvu": "mp rvu",
        "pctc": "pctc ind",
        "global_days": "glob days",
        "preoperative": "pre op",
        "intraoperative": "intra op",
        "postoperative": "post op",
        "multiple": "mult proc",
        "bilateral": "bilat surg",
        "assistant": "asst surg",
        "cosurgeon": "co- ?surg",
        "team": "team surg",
        "endoscopic_base": "endo base",
        "conversion_factor": "conv factor",
        "supervision": "(?:physician )?supervision of diagnostic procedures",
        "imaging_family": "(?:diagnostic )?imaging family indicator",
    },
    optional={},
    stacked=5,
)
_FIXED: dict[str, tuple[int, int]] = {
    "code": (1, 5), "modifier": (6, 7), "status": (58, 58), "work_rvu": (60, 65), "nonfacility_pe_rvu": (67, 72), "nonfacility_na": (73, 74),
    "facility_pe_rvu": (76, 81), "facility_na": (82, 83), "malpractice_rvu": (85, 89), "pctc": (103, 103), "global_days": (104, 106),
    "preoperative": (107, 109), "intraoperative": (110, 112), "postoperative": (113, 115), "multiple": (116, 116), "bilateral": (117, 117),
    "assistant": (118, 118), "cosurgeon": (119, 119), "team": (120, 120), "endoscopic_base": (128, 132), "conversion_factor": (133, 140),
    "supervision": (142, 143), "imaging_family": (146, 147),
}  # fmt: skip
_FIXED_LINE = re.compile(r"[0-9A-Z]{5}(?:  |\d\d|TC|[A-Z0-9]{2}).{50}[A-Z] {1,4}\d*\.\d\d.{66,}\d+\.\d{4}")
_QUARTERS = {"jan": 1, "apr": 2, "jul": 3, "oct": 4}
_LETTERS = {"a": 1, "b": 2, "c": 3, "d": 4}
_RVUS = (
    "work_rvu",
    "nonfacility_pe_rvu",
    "facility_pe_rvu",
    "malpractice_rvu",
    "preoperative",
    "intraoperative",
    "postoperative",
)


def release_quarter(sample: Sample) -> Quarter:
    """Return the quarter of a fee schedule release from its title, else from its names and those of the files beside it.

    Raises :class:`~knowledge.errors.UnreadableFile` when none of them tells it.
    """
    if match := re.search(
        r"(20\d\d) national physician fee schedule relative value file (\w{3})\w* release", sample.banner
    ):
        return Quarter(int(match[1]), _QUARTERS[match[2]])
    for told in (sample.named, " ".join(sample.file.beside).lower()):
        if match := re.search(r"rvu(\d\d)([a-d])", told):
            return Quarter(2000 + int(match[1]), _LETTERS[match[2]])
        if match := re.search(r"(20\d\d)[-_ ]?(jan|apr|jul|oct)", told):
            return Quarter(int(match[1]), _QUARTERS[match[2]])
    raise UnreadableFile(
        f"{sample.place}: expected the release in the title or name, such as RVU25D or PPRRVU2025_Oct: keep CMS's name"
    )


def year_near(sample: Sample) -> int:
    """Return the calendar year of a release from its header, its names, or those of the files beside it.

    Raises :class:`~knowledge.errors.UnreadableFile` when none of them tells it.
    """
    for told in (sample.banner, sample.named, " ".join(sample.file.beside).lower()):
        if match := re.search(r"(?<!\d)(20\d\d)(?![\d.])", told):
            return int(match[1])
    for told in (sample.named, " ".join(sample.file.beside).lower()):
        if match := re.search(r"(?:rvu|pfall|pfrev|pf|\b)(\d\d)(?=[a-d]\b|[a-d]?\.|locco)", told):
            return 2000 + int(match[1])
    raise UnreadableFile(f"{sample.place}: expected the year in the header or name, such as GPCI2025: keep CMS's name")


def _recognises(sample: Sample) -> bool:
    return sample.tabular and _LAYOUT.find(sample.rows) is not None


def _read(sample: Sample, settings: ReadSettings) -> Piece:
    columns, _ = _LAYOUT.header_of(sample.rows, sample.place)
    return _piece(sample, lambda tally: _from_cells(sample, columns, tally), rank=1 if sample.workbook else 0)


def _recognises_fixed(sample: Sample) -> bool:
    lines = sample.text.splitlines()[:40]
    return sample.content is Content.TEXT and sum(_FIXED_LINE.match(line) is not None for line in lines) >= 3


def _read_fixed(sample: Sample, settings: ReadSettings) -> Piece:
    return _piece(sample, lambda tally: _from_lines(sample, tally), rank=2)


def _piece(sample: Sample, rows: Callable[[Tally], Iterator[FeeIndicators]], rank: int) -> Piece:
    quarter, tally = release_quarter(sample), Tally(sample.place)
    qualifying = re.search(r"(?<!non)[-_ ]?qpp", re.sub(r"non[-_ ]?qpp", "", sample.named)) is not None
    draft = EditionDraft(
        table="fee_qpp" if qualifying else "fee",
        publisher="CMS",
        title="PFS relative value file" + (", qualifying participants" if qualifying else ""),
        label=f"{quarter.first_day:%B %Y}",
        effective_from=quarter.first_day,
        effective_to=quarter.last_day,
        complete=True,
        licence=Licence.AMA_CODES,
        source=sample.place,
        sha256=sample.file.sha256,
    )
    return Piece(
        sample.file,
        "PFS relative values",
        (TableRows(draft, lambda: rows(tally), fewest=FEWEST_ROWS),),
        tally,
        rank=rank,
    )


def _from_cells(sample: Sample, columns: Columns, tally: Tally) -> Iterator[FeeIndicators]:
    first_sheet = sample.rows[0].sheet
    for row in sample.all_rows():
        if row.line > columns.header_line and row.sheet == first_sheet and any(cell.strip() for cell in row.cells):
            tally.line, tally.read = row.line, tally.read + 1
            record = _record({field: columns.get(row, field) for field in _LAYOUT.required}, tally)
            if record is not None:
                yield record


def _from_lines(sample: Sample, tally: Tally) -> Iterator[FeeIndicators]:
    with sample.file.path.open(encoding=sample.encoding, newline="") as file:
        for number, line in enumerate(file, start=1):
            tally.line = number
            if line.startswith("HDR") or not line.strip():
                continue
            tally.read += 1
            if len(line.rstrip()) < 140:
                tally.reject(f"expected a record of at least 140 characters, got {len(line.rstrip())}")
                continue
            record = _record({field: line[first - 1 : last].strip() for field, (first, last) in _FIXED.items()}, tally)
            if record is not None:
                yield record


def _record(told: dict[str, str], tally: Tally) -> FeeIndicators | None:
    code = procedure_code(told["code"], tally)
    if not code:
        tally.reject(f"expected a CPT or HCPCS code, got {told['code'][:12]!r}")
        return None
    if not re.fullmatch(r"[A-Z]", told["status"]):
        tally.reject(f"{code}: expected a one-letter status code, got {told['status'][:12]!r}")
        return None
    values = {**told, "code": code}
    # A spreadsheet writes 000 as 0 and 09 as 9; the published widths are fixed.
    for field, width in (("global_days", 3), ("supervision", 2)):
        plain = values[field].removesuffix(".0")
        if plain.isdigit() and len(plain) < width:
            tally.restored += 1
            values[field] = plain.zfill(width)
    if not re.fullmatch(r"\d{3}|MMM|XXX|YYY|ZZZ", values["global_days"]):
        tally.reject(
            f"{code}: expected global days 000, 010, 090, MMM, XXX, YYY or ZZZ, got {values['global_days'][:12]!r}"
        )
        return None
    try:
        for field in _RVUS:
            values[field] = f"{Decimal(values[field] or '0'):.2f}" if values[field] else ""
        Decimal(values["conversion_factor"] or "0")
    except InvalidOperation:
        tally.reject(f"{code}: a relative value or the conversion factor is no number")
        return None
    return FeeIndicators(**values)


TABLE = Format("PFS relative values", _recognises, _read)
FIXED_WIDTH = Format("PFS relative values, fixed width", _recognises_fixed, _read_fixed)
