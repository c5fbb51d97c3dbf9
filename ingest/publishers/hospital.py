"""Hospital outpatient and ambulatory surgical centre addenda: OPPS A, B and D1, ASC AA, BB, DD1, EE, FF.

OPPS Addendum B (workbook of January 2023 inspected): up to nine banner rows, then ``HCPCS Code, Short Descriptor, SI, APC, Relative Weight, Payment
Rate, National Unadjusted Copayment, Minimum Unadjusted Copayment, Note..., ...`` with stray blanks in the cells. A derived copy with
``hcpcs, short_descriptor_level2_only, status_indicator, payment_rate`` is read as well. Addendum A (described, not seen): ``APC, Group Title, SI,
Relative Weight, Payment Rate, ...Copayment...``. Addendum D1: ``Status Indicator`` or ``SI`` and its meaning.

ASC (July 2026 inspected): banner record with a line break, AMA notice, blank, header. AA and BB: ``HCPCS Code, (blank), Short Descriptor, ..., July
2026 Payment Indicator, July 2026  Payment Weight, July 2026 Payment Rate``; FF adds ``APC``; EE has code and descriptor only; DD1 explains the
indicators. The quarter stands in the header cells; for EE beside it. The addenda make one edition.

Money may carry ``$``, commas or a lone point. Short descriptors hold AMA and ADA text and are dropped.
Source: CMS, OPPS Addendum A and B updates; ASC payment rates addenda.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from ingest.publishers import Format, Piece, Quarter, ReadSettings, TableRows, Tally
from ingest.publishers.cells import Columns, Layout, Row, money, procedure_code
from ingest.publishers.sample import Sample
from knowledge.errors import UnreadableFile
from knowledge.listings import Apc, IndicatorMeaning
from knowledge.records import AscStatus, Licence, OppsStatus
from knowledge.writing import EditionDraft

__all__ = ["FORMATS"]

_MONTHS = {"jan": 1, "apr": 2, "jul": 3, "oct": 4}
_B = Layout(
    "OPPS Addendum B",
    required={"code": "hcpcs(?: code)?", "indicator": "si|status[ _]indicator", "rate": "payment[ _]rate"},
    optional={"apc": "apc"},
)
_A = Layout(
    "OPPS Addendum A",
    required={
        "apc": "apc",
        "title": "group title",
        "indicator": "si|status indicator",
        "weight": "relative weight",
        "rate": "payment rate",
    },
    optional={"national": "national unadjusted copayment", "minimum": "minimum unadjusted copayment"},
)
_D1 = Layout(
    "status and payment indicators",
    required={
        "indicator": "(?:status|payment)? ?indicators?|si|statusindicator",
        "meaning": "(?:item/code/service|(?:payment indicator )?definition|description|.*status indicator definition.*)",
    },
    optional={},
)
_ASC = Layout(
    "ASC addendum",
    required={"code": "hcpcs code", "indicator": r"(?:\w+ 20\d\d )?payment indicator"},
    optional={"rate": r"(?:\w+ 20\d\d )?payment rate", "apc": r"(?:\w+ 20\d\d )?apc"},
)
_ASC_EXCLUDED = Layout(
    "ASC Addendum EE", required={"code": "hcpcs code", "descriptor": "short descriptor"}, optional={}
)
_ASC_PARTS = ("AA", "BB", "EE", "FF")


def _quarter(sample: Sample) -> Quarter:
    """Return the quarter of an addendum from its header and banner, else from its names and those of the files beside it."""
    header = " ".join(cell for row in sample.rows[:15] for cell in row.cells).lower()
    for told in (header, sample.named, " ".join(sample.file.beside).lower()):
        if match := re.search(r"\b(jan|apr|jul|oct)\w*[-_., ]{1,3}(20\d\d)", told):
            return Quarter(int(match[2]), _MONTHS[match[1]])
        if match := re.search(r"(20\d\d)[-_ ](jan|apr|jul|oct)", told):
            return Quarter(int(match[1]), _MONTHS[match[2]])
        if match := re.search(r"(?<!\d)(20\d\d)[-_](\d{2})(?!\d)", told):
            return Quarter.of(date(int(match[1]), int(match[2]), 1))
    raise UnreadableFile(
        f"{sample.place}: expected month and year in the header or name, such as January 2026 Addendum B: keep CMS's name"
    )


def _draft(sample: Sample, table: str, title: str) -> EditionDraft:
    quarter = _quarter(sample)
    return EditionDraft(
        table, "CMS", title, f"{quarter.first_day:%B %Y}", quarter.first_day, quarter.last_day, True, Licence.AMA_CODES, sample.place,
        sample.file.sha256,
    )  # fmt: skip


def _below(sample: Sample, columns: Columns, tally: Tally, key: str) -> Iterator[Row]:
    first_sheet = sample.rows[0].sheet
    for row in sample.all_rows():
        if row.line > columns.header_line and row.sheet == first_sheet and columns.get(row, key):
            if len(columns.get(row, key)) > 40 and sum(bool(c.strip()) for c in row.cells) == 1:
                continue  # a footnote
            tally.line, tally.read = row.line, tally.read + 1
            yield row


def _addendum_b(sample: Sample, tally: Tally) -> Iterator[OppsStatus]:
    columns, _ = _B.header_of(sample.rows, sample.place)
    for row in _below(sample, columns, tally, "code"):
        code, indicator = procedure_code(columns.get(row, "code"), tally), columns.get(row, "indicator").upper()
        apc = columns.get(row, "apc").removesuffix(".0")
        try:
            rate = money(columns.get(row, "rate"))
        except ValueError as error:
            tally.reject(str(error))
            continue
        if not code:
            tally.reject(f"expected a CPT or HCPCS code, got {columns.get(row, 'code')[:12]!r}")
        elif not re.fullmatch(r"[A-Z][0-9]?", indicator):
            tally.reject(f"{code}: expected a status indicator such as J1, got {indicator[:12]!r}")
        else:
            yield OppsStatus(code, indicator, apc.zfill(4) if apc.isdigit() else apc, rate)


def _addendum_a(sample: Sample, tally: Tally) -> Iterator[Apc]:
    columns, _ = _A.header_of(sample.rows, sample.place)
    for row in _below(sample, columns, tally, "apc"):
        apc = columns.get(row, "apc").removesuffix(".0")
        try:
            amounts = [money(columns.get(row, field)) for field in ("weight", "rate", "national", "minimum")]
        except ValueError as error:
            tally.reject(str(error))
            continue
        if re.fullmatch(r"\d{3,4}", apc):
            yield Apc(
                apc.zfill(4), " ".join(columns.get(row, "title").split()), columns.get(row, "indicator"), *amounts
            )
        else:
            tally.reject(f"expected an APC of four digits, got {apc[:12]!r}")


def _meanings(sample: Sample, scheme: str, tally: Tally) -> Iterator[IndicatorMeaning]:
    columns, _ = _D1.header_of(sample.rows, sample.place)
    for row in _below(sample, columns, tally, "indicator"):
        indicator = columns.get(row, "indicator").upper()
        if re.fullmatch(r"[A-Z][0-9]?", indicator):
            yield IndicatorMeaning(scheme, indicator, " ".join(columns.get(row, "meaning").split()))
        else:
            tally.reject(f"expected an indicator such as J1, got {indicator[:12]!r}")


def _addendum_of(sample: Sample) -> str:
    match = re.search(r"addendum[ _]([a-z]{2})(?![a-z])", sample.banner) or re.search(
        r"addendum[ _]([a-z]{2})(?![a-z])", sample.file.name.lower()
    )
    return match[1].upper() if match else ""


def _asc(sample: Sample, addendum: str, tally: Tally) -> Iterator[AscStatus]:
    columns, _ = (_ASC_EXCLUDED if addendum == "EE" else _ASC).header_of(sample.rows, sample.place)
    for row in _below(sample, columns, tally, "code"):
        code = procedure_code(columns.get(row, "code"), tally)
        indicator = columns.get(row, "indicator").upper()
        apc = columns.get(row, "apc").removesuffix(".0")
        try:
            rate = money(columns.get(row, "rate"))
        except ValueError as error:
            tally.reject(str(error))
            continue
        if not code:
            tally.reject(f"expected a CPT or HCPCS code, got {columns.get(row, 'code')[:12]!r}")
        elif addendum != "EE" and not re.fullmatch(r"[A-Z][0-9]", indicator):
            tally.reject(f"{code}: expected a payment indicator such as G2, got {indicator[:12]!r}")
        else:
            yield AscStatus(code, addendum, indicator, rate, apc)


def _read_asc(sample: Sample, settings: ReadSettings) -> Piece:
    addendum, tally = _addendum_of(sample), Tally(sample.place)
    rows = TableRows(_draft(sample, "asc_status", "ASC addenda"), lambda: _asc(sample, addendum, tally), fewest=5_000)
    return Piece(
        sample.file,
        f"ASC Addendum {addendum}",
        (rows,),
        tally,
        part=addendum,
        parts=_ASC_PARTS,
        rank=1 if sample.workbook else 0,
    )


def _single(
    table: str, title: str, rows: Callable[[Sample, Tally], Iterator[Any]], fewest: int
) -> Callable[[Sample, ReadSettings], Piece]:
    def read(sample: Sample, settings: ReadSettings) -> Piece:
        tally = Tally(sample.place)
        table_rows = TableRows(_draft(sample, table, title), lambda: rows(sample, tally), fewest=fewest)
        return Piece(sample.file, title, (table_rows,), tally, rank=1 if sample.workbook else 0)

    return read


def _is_meanings(scheme: str) -> Callable[[Sample], bool]:
    word = "addendum dd1" if scheme == "ASC" else "addendum d1"
    return lambda s: s.tabular and word in s.banner and _D1.find(s.rows) is not None


def _is_asc(sample: Sample) -> bool:
    if not sample.tabular or _addendum_of(sample) not in _ASC_PARTS:
        return False
    return (_ASC_EXCLUDED if _addendum_of(sample) == "EE" else _ASC).find(sample.rows) is not None


FORMATS = (
    Format(
        "OPPS Addendum D1",
        _is_meanings("OPPS"),
        _single("indicator_meaning", "OPPS Addendum D1", lambda s, t: _meanings(s, "OPPS", t), 15),
    ),
    Format(
        "ASC Addendum DD1",
        _is_meanings("ASC"),
        _single("indicator_meaning", "ASC Addendum DD1", lambda s, t: _meanings(s, "ASC", t), 15),
    ),
    Format(
        "OPPS Addendum A",
        lambda s: s.tabular and _A.find(s.rows) is not None,
        _single("apc", "OPPS Addendum A", _addendum_a, 300),
    ),
    Format(
        "OPPS Addendum B",
        lambda s: s.tabular and _B.find(s.rows) is not None,
        _single("opps", "OPPS Addendum B", _addendum_b, 10_000),
    ),
    Format("ASC addendum", _is_asc, _read_asc),
)
