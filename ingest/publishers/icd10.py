"""ICD-10-CM and ICD-10-PCS: order files, codes files, addenda, and the tabular XML.

Order file (content inspected for FY2024 to FY2026, layout cross-checked by several readers), no header, UTF-8: 1-5 order number, 7-13 code
without dot, 15 flag (1 billable, 0 heading), 17-76 short title, 78 on long title. ICD-10-PCS has the same layout with seven-character codes
and the three-character stems of its tables. A codes file (``icd10cm_codes_2026.txt``) holds billable codes only: code, blanks, long title.
Derived copies with the headers ``code, billable, short, long`` and ``order, code, valid, description_short, description_long`` are read too.

Addenda (``icd10cm_order_addenda_2026.txt``; described, not seen): lines ``Add:``, ``Delete:``, ``Revise from:``, ``Revise to:`` before the code.

Tabular XML: see :mod:`ingest.readers.icd10cm`, which reads it. The fiscal year stands in the name (order files) or in ``version``; an April
update of the same year says so in its name only and holds from April 1 on.

A fiscal year runs from October 1 to September 30; each order file gives every billable code the window of its release.
Source: CMS, ICD-10 order files; CDC/NCHS, ICD-10-CM tabular list.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from itertools import chain

from ingest.publishers import Format, Piece, ReadSettings, TableRows, Tally
from ingest.publishers.cells import Columns, Layout
from ingest.publishers.sample import Content, Sample
from ingest.readers.icd10cm import Tabular, read_tabular
from knowledge.codes import Code, CodeSystem
from knowledge.errors import InvalidCode, UnreadableFile
from knowledge.listings import Change, CodeChange
from knowledge.records import CodeRecord, Licence, Validity
from knowledge.writing import EditionDraft, HeadingRow

__all__ = ["FORMATS", "icd_release"]

FEWEST_CODES = 60_000

_ORDER_LINE = re.compile(r"\s*(\d{1,5}) ([0-9A-Z]{3,7}) {1,5}([01]) (.{1,60}?)(?: +(\S.*))?")
_CODE_LINE = re.compile(r"([A-Z]\d[0-9A-Z]{1,5}|QA[0-9A-Z]{1,5}|[0-9B-DF-HX][0-9A-HJ-NP-Z]{6}) {1,6}(\S.*)")
_CHANGE_LINE = re.compile(
    r"(add|delete|revise[d]? ?from|revise[d]? ?to):?\s+(?:\d{5}\s+)?([0-9A-Z][0-9A-Z.]{2,8})\s+(?:([01])\s+)?(\S.*)",
    re.IGNORECASE,
)
_DERIVED = Layout(
    "ICD-10 codes (derived copy)",
    required={
        "code": "code",
        "billable": "billable|valid",
        "short": "short|description_short",
        "long": "long|description_long",
    },
    optional={"order": "order"},
)
_SYSTEMS = {CodeSystem.ICD10CM: "ICD-10-CM", CodeSystem.ICD10PCS: "ICD-10-PCS"}


def icd_release(sample: Sample, stated: str = "") -> tuple[str, date, date]:
    """Return label, first and last day of an ICD-10 release: from ``stated`` (the XML's version) or the names, April updates from the names.

    Raises :class:`~knowledge.errors.UnreadableFile` when neither tells the fiscal year.
    """
    named = sample.named
    match = (
        re.search(r"(?<!\d)(20\d\d)(?!\d)", stated)
        or re.search(r"(?:fy|_|-|\b)(20\d\d)(?!\d)", sample.file.name.lower())
        or re.search(r"(20\d\d)", named)
    )
    if match is None:
        raise UnreadableFile(
            f"{sample.place}: expected the fiscal year in the file or its name, such as icd10cm_order_2027.txt: keep CMS's name"
        )
    year = int(match[1])
    if re.search(r"apr", named):
        return f"FY{year}, April update", date(year, 4, 1), date(year, 9, 30)
    return f"FY{year}", date(year - 1, 10, 1), date(year, 9, 30)


def _draft(
    sample: Sample, table: str, title: str, system: CodeSystem, stated: str = "", publisher: str = "CMS"
) -> EditionDraft:
    label, start, end = icd_release(sample, stated)
    return EditionDraft(
        table,
        publisher,
        title,
        label,
        start,
        end,
        True,
        Licence.PUBLIC,
        sample.place,
        sample.file.sha256,
        system=system,
    )


# -- order and codes files ------------------------------------------------------------------------------------------


def _system_of(values: Iterable[str]) -> CodeSystem:
    lengths = {len(value) for value in values}
    return CodeSystem.ICD10PCS if lengths <= {3, 7} and 7 in lengths else CodeSystem.ICD10CM


def _is_order(sample: Sample) -> bool:
    lines = [line for line in sample.text.splitlines()[:60] if line.strip()]
    return (
        sample.content is Content.TEXT
        and len(lines) >= 3
        and all(_ORDER_LINE.fullmatch(line.rstrip()) for line in lines[:-1][:40])
    )


def _read_order(sample: Sample, settings: ReadSettings) -> Piece:
    lines = [match for line in sample.text.splitlines()[:200] if (match := _ORDER_LINE.fullmatch(line.rstrip()))]
    system = _system_of(match[2] for match in lines)
    return _listed(sample, system, _order_rows(sample), whole=True)


def _order_rows(sample: Sample) -> Iterator[tuple[int, str, str, str, str]]:
    with sample.file.path.open(encoding=sample.encoding) as file:
        for number, line in enumerate(file, start=1):
            if line.strip():
                if _ORDER_LINE.fullmatch(line.rstrip()) is None:
                    yield number, line[:12], "", "", ""
                else:
                    # Positions, not words: short titles hold any number of blanks.
                    text = line.rstrip("\n\r")
                    yield (
                        number,
                        text[6:13].strip(),
                        text[14:15],
                        text[16:76].strip(),
                        text[77:].strip() or text[16:76].strip(),
                    )


def _is_codes(sample: Sample) -> bool:
    lines = [line for line in sample.text.splitlines()[:60] if line.strip()]
    return (
        sample.content is Content.TEXT
        and len(lines) >= 3
        and all(_CODE_LINE.fullmatch(line.rstrip()) for line in lines[:-1][:40])
    )


def _read_codes(sample: Sample, settings: ReadSettings) -> Piece:
    matches = [match for line in sample.text.splitlines()[:200] if (match := _CODE_LINE.fullmatch(line.rstrip()))]
    return _listed(sample, _system_of(match[1] for match in matches), _code_rows(sample), whole=False)


def _code_rows(sample: Sample) -> Iterator[tuple[int, str, str, str, str]]:
    with sample.file.path.open(encoding=sample.encoding) as file:
        for number, line in enumerate(file, start=1):
            if line.strip():
                match = _CODE_LINE.fullmatch(line.rstrip())
                yield (number, match[1], "1", "", match[2]) if match else (number, line[:12], "", "", "")


def _is_derived(sample: Sample) -> bool:
    return sample.tabular and _DERIVED.find(sample.rows[:1]) is not None


def _read_derived(sample: Sample, settings: ReadSettings) -> Piece:
    columns, _ = _DERIVED.header_of(sample.rows, sample.place)
    system = _system_of(columns.get(row, "code") for row in sample.rows[1:] if row.cells)
    return _listed(sample, system, _derived_rows(sample, columns), whole=True)


def _derived_rows(sample: Sample, columns: Columns) -> Iterator[tuple[int, str, str, str, str]]:
    for row in sample.all_rows():
        if row.line > columns.header_line and any(row.cells):
            yield (
                row.line,
                columns.get(row, "code"),
                columns.get(row, "billable"),
                columns.get(row, "short"),
                columns.get(row, "long"),
            )


def _listed(
    sample: Sample, system: CodeSystem, rows: Iterator[tuple[int, str, str, str, str]], *, whole: bool
) -> Piece:
    """Return the piece of a list of codes; ``whole`` when it holds the headings too."""
    tally = Tally(sample.place)
    name = _SYSTEMS[system]
    codes: dict[str, CodeRecord] = {}

    def read() -> Iterator[CodeRecord | HeadingRow]:
        codes.clear()
        for line, value, flag, short, long in rows:
            tally.line, tally.read = line, tally.read + 1
            if system is CodeSystem.ICD10PCS and len(value) == 3 and flag == "0":
                yield HeadingRow(system, value, long, "", "block")  # the stem of a table is no code
                continue
            try:
                record = _listed_code(system, value, flag, short, long, codes)
            except (InvalidCode, ValueError) as error:
                tally.reject(str(error))
            else:
                if record.code.value in codes:
                    tally.reject(f"{value} stands twice in the file")
                else:
                    codes[record.code.value] = record
                    yield record

    def windows() -> Iterator[Validity]:
        start, end = draft.effective_from, draft.effective_to
        return (Validity(record.code, start, end) for record in codes.values() if record.billable)

    draft = _draft(sample, "code", f"{name} {'order file' if whole else 'codes file'}", system)
    tables = (
        TableRows(draft, read, fewest=FEWEST_CODES, after=_join_to_tabular),
        TableRows(replace(draft, table="validity", title=f"{name} billable codes"), windows, fewest=FEWEST_CODES),
    )
    return Piece(sample.file, f"{name} {'order file' if whole else 'codes file'}", tables, tally)


def _listed_code(
    system: CodeSystem, value: str, flag: str, short: str, long: str, above: Mapping[str, CodeRecord]
) -> CodeRecord:
    if flag not in {"0", "1"}:
        raise ValueError(f"expected order number, code, flag 0 or 1 and titles, got {value[:20]!r}")
    code = Code.parse(value, system)
    parent = next((code.value[:size] for size in range(len(code.value) - 1, 2, -1) if code.value[:size] in above), "")
    node = "category" if len(code.value) == 3 else "code" if flag == "1" else "subcategory"
    if system is CodeSystem.ICD10PCS:
        parent, node = code.value[:3], "code"
    return CodeRecord(code, long, short, flag == "1", parent, node)


def _join_to_tabular(db: sqlite3.Connection, edition: int) -> None:
    """Give categories of order files, which do not know their block, the parent the tabular list gives them."""
    db.execute(
        "UPDATE code SET parent = coalesce((SELECT o.parent FROM code o WHERE o.system = code.system AND o.value = code.value "
        "AND o.node = 'category' AND o.parent <> '' ORDER BY o.edition DESC LIMIT 1), '') "
        "WHERE system = 'icd10cm' AND node = 'category' AND parent = ''"
    )


# -- tabular XML ----------------------------------------------------------------------------------------------------


def _read_tabular(sample: Sample, settings: ReadSettings) -> Piece:
    tally = Tally(sample.place)
    stated = re.search(r"<version>\s*([^<]*)</version>", sample.text)
    draft = _draft(
        sample, "code", "ICD-10-CM tabular list", CodeSystem.ICD10CM, stated[1] if stated else "", "CDC/NCHS"
    )
    # The list itself is complete, but the codes composed from it can hold a seventh character that prose takes away again.
    draft = replace(draft, complete=False)
    kept: list[Tabular] = []

    def codes() -> Iterator[HeadingRow | CodeRecord]:
        with sample.file.path.open("rb") as file:
            tabular = read_tabular(file)
        kept[:] = [tabular]
        tally.read = len(tabular.headings) + len(tabular.codes) + len(tabular.rejects)
        for reason in tabular.rejects:
            tally.reject(reason, "element")
        return chain(tabular.headings, tabular.codes.values())

    tables = (
        TableRows(draft, codes, fewest=FEWEST_CODES, after=_join_to_tabular),
        TableRows(
            replace(draft, table="note", title="ICD-10-CM tabular list, notes", complete=True),
            lambda: kept[0].notes,
            fewest=20_000,
        ),
    )
    return Piece(sample.file, "ICD-10-CM tabular list", tables, tally)


# -- addenda --------------------------------------------------------------------------------------------------------


def _is_addenda(sample: Sample) -> bool:
    lines = [line for line in sample.text.splitlines()[:80] if line.strip()]
    return sample.content is Content.TEXT and sum(
        _CHANGE_LINE.fullmatch(line.strip()) is not None for line in lines
    ) >= max(2, len(lines) // 2)


def _read_addenda(sample: Sample, settings: ReadSettings) -> Piece:
    tally = Tally(sample.place)
    values = [
        match[2].replace(".", "")
        for line in sample.text.splitlines()
        if (match := _CHANGE_LINE.fullmatch(line.strip()))
    ]
    system = _system_of(values)
    draft = replace(_draft(sample, "code_change", f"{_SYSTEMS[system]} addenda", system), complete=False)
    return Piece(
        sample.file,
        f"{_SYSTEMS[system]} addenda",
        (TableRows(draft, lambda: _changes(sample, system, draft, tally)),),
        tally,
    )


def _changes(sample: Sample, system: CodeSystem, draft: EditionDraft, tally: Tally) -> Iterator[CodeChange]:
    kinds = {"add": Change.NEW, "delete": Change.DELETED}
    with sample.file.path.open(encoding=sample.encoding) as file:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            tally.line, tally.read = number, tally.read + 1
            match = _CHANGE_LINE.fullmatch(line.strip())
            if match is None:
                tally.reject(f"expected Add, Delete, Revise from or Revise to and a code, got {line.strip()[:30]!r}")
                continue
            verb = match[1].lower()
            if verb.endswith("from"):
                tally.dropped += 1  # the old title; the new one follows
                continue
            title = match[4].strip()
            if match[3] and len(title) > 61:
                title = title[61:].strip() or title[:60].strip()
            try:
                yield CodeChange(
                    system,
                    Code.parse(match[2], system).value,
                    kinds.get(verb, Change.CHANGED),
                    title,
                    draft.effective_from,
                )
            except InvalidCode as error:
                tally.reject(str(error))


def _tabular_root(sample: Sample) -> bool:
    return sample.content is Content.XML and sample.root == "ICD10CM.tabular"


FORMATS: tuple[Format, ...] = (
    Format("ICD-10 order file", _is_order, _read_order),
    Format("ICD-10 addenda", _is_addenda, _read_addenda),
    Format("ICD-10 codes file", _is_codes, _read_codes),
    Format("ICD-10 codes (derived copy)", _is_derived, _read_derived),
    Format("ICD-10-CM tabular list", _tabular_root, _read_tabular),
)
