"""Companions of the fee schedule, by Medicare locality: GPCI, counties, anaesthesia factors, OPPS cap, and published payment amounts.

Layouts (October 2025 release inspected whole; GPCI header of 2026):

- ``GPCI2025``: title, blank, header ``Medicare Administrative Contractor (MAC), State, Locality Number, Locality Name, 2025 PW GPCI (with 1.0
  Floor), 2025 PE GPCI, 2025 MP GPCI``; 109 localities; footnotes below; names carry ``*`` and ``**``. The text copy has the same columns
  in fixed width and is read line by line.
- ``25LOCCO``: title, blank, header ``Medicare Adminstrative Contractor`` (sic) ``, Locality Number, State, Fee Schedule Area, Counties``; the state
  stands only on the first row of its group; carrier and locality have lost their leading zeros.
- ``ANES2025``: header ``Contractor, Locality, Locality Name, National Anes CF of 20.3178``.
- ``OPPSCAP_Oct``: ``HCPCS, MOD, PROCSTAT, CARRIER, LOCALITY, FACILITY PRICE, NON-FACILTY PRICE`` (sic); the release stands beside it.
- ``PFALL``/``PFREV``: no header; 16 quoted fields: year, carrier, locality, HCPCS, modifier, non-facility fee, facility fee, filler, PC/TC, status,
  ...; amounts padded with zeros; ``TRL`` lines at the end.

Source: CMS, PFS relative value files and payment amount files with their layouts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from ingest.publishers import Format, Piece, Quarter, ReadSettings, TableRows, Tally
from ingest.publishers.cells import Layout, Row, money, procedure_code
from ingest.publishers.fees import release_quarter, year_near
from ingest.publishers.sample import Content, Sample
from knowledge.errors import UnreadableFile
from knowledge.locality import AnesthesiaFactor, Gpci, LocalityCounties, LocalityFee, OppsCap
from knowledge.records import Licence
from knowledge.writing import EditionDraft

__all__ = ["FORMATS", "NATIONAL"]

NATIONAL = "00000"
"""Carrier under which the national anaesthesia factor is kept; its locality is empty."""

_GPCI = Layout(
    "GPCI",
    required={
        "carrier": r"medicare admini?strative contractor.*",
        "state": "state",
        "locality": "locality number",
        "name": "locality name",
        "work": r"(?:20\d\d )?pw gpci.*",
        "practice": r"(?:20\d\d )?pe gpci.*",
        "malpractice": r"(?:20\d\d )?mp gpci.*",
    },
    optional={},
)
_COUNTIES = Layout(
    "localities and counties",
    required={
        "carrier": r"medicare admini?strative contractor.*",
        "locality": "locality number",
        "state": "state",
        "area": "fee schedule area",
        "counties": "counties",
    },
    optional={},
)
_ANESTHESIA = Layout(
    "anaesthesia conversion factors",
    required={
        "carrier": "contractor",
        "locality": "locality",
        "name": "locality name",
        "factor": r"national anes(?:thesia)? cf of [\d.]+",
    },
    optional={},
)
_CAP = Layout(
    "OPPS cap",
    required={
        "code": "hcpcs",
        "modifier": "mod",
        "status": "procstat",
        "carrier": "carrier",
        "locality": "locality",
        "facility": "facility price",
        "nonfacility": r"non-facili?ty price",
    },
    optional={},
)
_GPCI_LINE = re.compile(r"(\d{5})\s+([A-Z]{2})\s+(\d{2})\s+(\S.*?)\s+(\d\.\d{3})\s+(\d\.\d{3})\s+(\d\.\d{3})\s*")


def _table(table: str, title: str, sample: Sample, start: date, end: date) -> EditionDraft:
    label = str(start.year) if end.month - start.month > 3 else f"{start:%B %Y}"
    licence = Licence.AMA_CODES if table in ("opps_cap", "locality_fee") else Licence.PUBLIC
    return EditionDraft(table, "CMS", title, label, start, end, True, licence, sample.place, sample.file.sha256)


def _yearly(
    table: str, title: str, sample: Sample, rows: Callable[[Tally], Iterator[Any]], fewest: int, rank: int = 0
) -> Piece:
    year, tally = year_near(sample), Tally(sample.place)
    draft = _table(table, title, sample, date(year, 1, 1), date(year, 12, 31))
    return Piece(sample.file, title, (TableRows(draft, lambda: rows(tally), fewest=fewest),), tally, rank=rank)


def _rows_below(sample: Sample, layout: Layout, tally: Tally) -> Iterator[tuple[Row, dict[str, str]]]:
    """Yield the rows below the header that have a carrier number, each counted; blank rows and footnotes have none."""
    columns, _ = layout.header_of(sample.rows, sample.place)
    first_sheet = sample.rows[0].sheet
    for row in sample.all_rows():
        if row.line > columns.header_line and row.sheet == first_sheet:
            told = {field: columns.get(row, field) for field in layout.required}
            if re.fullmatch(r"\d{4,5}(?:\.0)?", told["carrier"]):
                tally.line, tally.read = row.line, tally.read + 1
                told["carrier"] = told["carrier"].removesuffix(".0").zfill(5)
                told["locality"] = told["locality"].removesuffix(".0").zfill(2)
                yield row, told
            elif sum(bool(cell.strip()) for cell in row.cells) >= len(layout.required) - 1:
                tally.line, tally.read = row.line, tally.read + 1
                tally.reject(f"expected a contractor of five digits, got {told['carrier'][:12]!r}")


def _gpci(sample: Sample, tally: Tally) -> Iterator[Gpci]:
    for _, told in _rows_below(sample, _GPCI, tally):
        indices = [_index(told[field]) for field in ("work", "practice", "malpractice")]
        if all(indices):
            yield Gpci(told["carrier"], told["locality"], told["state"], told["name"].rstrip("* "), *indices)
        else:
            tally.reject("expected three indices between 0 and 5")


def _gpci_lines(sample: Sample, tally: Tally) -> Iterator[Gpci]:
    with sample.file.path.open(encoding=sample.encoding) as file:
        for number, line in enumerate(file, start=1):
            if not re.match(r"\d{5}\s", line):
                continue
            tally.line, tally.read = number, tally.read + 1
            if match := _GPCI_LINE.fullmatch(line):
                carrier, state, locality, name, work, practice, malpractice = match.groups()
                yield Gpci(carrier, locality, state, name.rstrip("* "), work, practice, malpractice)
            else:
                tally.reject("expected contractor, state, locality, name and three indices")


def _counties(sample: Sample, tally: Tally) -> Iterator[LocalityCounties]:
    state = ""
    for _, told in _rows_below(sample, _COUNTIES, tally):
        state = told["state"] or state
        if told["area"]:
            yield LocalityCounties(told["carrier"], told["locality"], state, told["area"], told["counties"])
        else:
            tally.reject("expected the name of a fee schedule area")


def _anesthesia(sample: Sample, tally: Tally) -> Iterator[AnesthesiaFactor]:
    national = re.search(r"national anes(?:thesia)? cf of (\d+\.\d+)", sample.banner)
    if national is None:
        raise UnreadableFile(f"{sample.place}: expected the national factor in the header")
    yield AnesthesiaFactor(NATIONAL, "", "NATIONAL", national[1])
    for _, told in _rows_below(sample, _ANESTHESIA, tally):
        try:
            yield AnesthesiaFactor(told["carrier"], told["locality"], told["name"].rstrip("* "), money(told["factor"]))
        except ValueError as error:
            tally.reject(str(error))


def _cap(sample: Sample, tally: Tally) -> Iterator[OppsCap]:
    for _, told in _rows_below(sample, _CAP, tally):
        code = procedure_code(told["code"], tally)
        try:
            prices = money(told["facility"]), money(told["nonfacility"])
        except ValueError as error:
            tally.reject(str(error))
            continue
        if code:
            yield OppsCap(code, told["modifier"], told["status"], told["carrier"], told["locality"], *prices)
        else:
            tally.reject(f"expected a CPT or HCPCS code, got {told['code'][:12]!r}")


def _amounts(sample: Sample, tally: Tally) -> Iterator[LocalityFee]:
    for row in sample.all_rows():
        if not row.cells or row.cells[0].startswith(("TRL", "HDR")):
            continue
        tally.line, tally.read = row.line, tally.read + 1
        code = procedure_code(row.cells[3], tally) if len(row.cells) == 16 else ""
        if not code:
            tally.reject("expected 16 fields with a code in the fourth")
            continue
        try:
            fees = [f"{Decimal(cell):.2f}" for cell in row.cells[5:7]]
        except InvalidOperation:
            tally.reject("expected two amounts in the sixth and seventh field")
            continue
        yield LocalityFee(
            code, row.cells[4].strip(), row.cells[1], row.cells[2], fees[0], fees[1], row.cells[9].strip()
        )


def _index(cell: str) -> str:
    try:
        return f"{Decimal(cell):.3f}" if 0 < Decimal(cell) < 5 else ""
    except InvalidOperation:
        return ""


def _has(layout: Layout) -> Callable[[Sample], bool]:
    return lambda sample: sample.tabular and layout.find(sample.rows) is not None


def _is_gpci_text(sample: Sample) -> bool:
    lines = sample.text.splitlines()[:30]
    return (
        sample.content is Content.TEXT
        and "gpci" in sample.text[:600].lower()
        and sum(_GPCI_LINE.fullmatch(line) is not None for line in lines) >= 2
    )


def _is_amounts(sample: Sample) -> bool:
    first = sample.rows[0].cells if sample.rows else ()
    return (
        len(first) == 16
        and re.fullmatch(r"20\d\d", first[0]) is not None
        and re.fullmatch(r"\d{7}\.\d\d", first[5]) is not None
    )


def _read_cap(sample: Sample, settings: ReadSettings) -> Piece:
    quarter, tally = _cap_quarter(sample), Tally(sample.place)
    draft = _table("opps_cap", "PFS OPPS cap", sample, quarter.first_day, quarter.last_day)
    rows = TableRows(draft, lambda: _cap(sample, tally), fewest=1000)
    return Piece(sample.file, "PFS OPPS cap", (rows,), tally, rank=1 if sample.workbook else 0)


def _cap_quarter(sample: Sample) -> Quarter:
    if match := re.search(r"oppscap[-_ ]?(jan|apr|jul|oct)", sample.named):
        return Quarter(year_near(sample), {"jan": 1, "apr": 2, "jul": 3, "oct": 4}[match[1]])
    return release_quarter(sample)


def _read_amounts(sample: Sample, settings: ReadSettings) -> Piece:
    year, tally = int(sample.rows[0].cells[0]), Tally(sample.place)
    draft = _table("locality_fee", "PFS payment amounts", sample, date(year, 1, 1), date(year, 12, 31))
    # A revision file lists only what was revised.
    complete = "pfall" in sample.named
    draft = replace(draft, complete=complete)
    return Piece(sample.file, "PFS payment amounts", (TableRows(draft, lambda: _amounts(sample, tally)),), tally)


def _rank(sample: Sample) -> int:
    return 1 if sample.workbook else 0


FORMATS = (
    Format("GPCI", _has(_GPCI), lambda s, _: _yearly("gpci", "PFS geographic practice cost indices", s, lambda t: _gpci(s, t), 50, _rank(s))),
    Format("GPCI, text", _is_gpci_text, lambda s, _: _yearly("gpci", "PFS geographic practice cost indices", s, lambda t: _gpci_lines(s, t), 50, 2)),
    Format("localities and counties", _has(_COUNTIES), lambda s, _: _yearly("locality_counties", "PFS localities and counties", s, lambda t: _counties(s, t), 50, _rank(s))),
    Format("anaesthesia factors", _has(_ANESTHESIA), lambda s, _: _yearly("anesthesia_factor", "PFS anaesthesia conversion factors", s, lambda t: _anesthesia(s, t), 50, _rank(s))),
    Format("OPPS cap", _has(_CAP), _read_cap),
    Format("PFS payment amounts", _is_amounts, _read_amounts),
)  # fmt: skip
