"""HCPCS Level II: the quarterly alpha-numeric file (ANWEB), its workbook, and the NOC list.

Fixed width (whole 2019 release inspected against its record layout), 320 characters, Windows-1252, disclaimer lines first: 1-5 code (modifiers
stand right-aligned in 4-5), 6-10 sequence, 11 record type (3 first line of a code, 4 its continuation, 7 first line of a modifier, 8 its
continuation), 12-91 long description (80 characters a line, continued lines joined by a blank), 92-119 short description, 120-127 pricing
indicators, 128 multiple pricing, 129-146 and 147-170 manual references, 171-180 statute, 181-204 lab certification, 205-229 cross references,
230 coverage, 231-232 ASC group, 241-252 OPPS group, indicator and date, 253-256 processing note, 257-259 BETOS, 261-265 type of service,
266-268 anaesthesia units, 269-276 added, 277-284 action effective, 285-292 terminated (last day of use), 293 action code.

Workbook or CSV of it (2019 workbook and a 2026 header inspected): ``HCPC, SEQNUM, RECID, LONG DESCRIPTION, SHORT DESCRIPTION, PRICE1-4, ...,
COV, ..., ADD DT, ACT EFF DT, TERM DT, ACTION CD``; one row a code, save a few continuation rows marked by their RECID.

Derived copies in two files (``hcpcs_code, price, ... date_term, date_added, ...`` and ``code, type, description``) are read as well.

The file holds no CPT; D codes (the ADA's CDT) lose their wording without a licence. A code's window is its added date to its termination.
Source: CMS, HCPCS record layout.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from ingest.publishers import Format, Piece, Quarter, ReadSettings, TableRows, Tally
from ingest.publishers.cells import Columns, Layout, day_of
from ingest.publishers.sample import Content, Sample
from knowledge.codes import Code, CodeSystem
from knowledge.errors import InvalidCode, UnreadableFile
from knowledge.listings import HcpcsDetail
from knowledge.records import CodeRecord, Licence, ModifierRecord, Validity
from knowledge.writing import EditionDraft

__all__ = ["FORMATS"]

FEWEST_ROWS = 5_000
FIRST_LINES, CONTINUATIONS = frozenset("37"), frozenset("48")
EARLIEST = date(1980, 1, 1)

_FIXED: dict[str, tuple[int, int]] = {
    "code": (1, 5), "record": (11, 11), "long": (12, 91), "short": (92, 119), "price": (120, 127), "multiple": (128, 128), "cim": (129, 146),
    "mcm": (147, 170), "statute": (171, 180), "xref": (205, 229), "coverage": (230, 230), "asc_group": (231, 232), "note": (253, 256),
    "betos": (257, 259), "tos": (261, 265), "anesthesia": (266, 268), "added": (269, 276), "action_date": (277, 284), "terminated": (285, 292),
    "action": (293, 293),
}  # fmt: skip
_FIXED_LINE = re.compile(r"(?:[A-V]\d{4}|   [0-9A-Z]{2})\d{5}[3478]")
_LAYOUT = Layout(
    "HCPCS Level II file",
    required={
        "code": "hcpcs?",
        "record": "recid",
        "long": "long description",
        "short": "short description",
        "coverage": "cov",
        "action": "action ?cd",
    },
    optional={
        "price": "price ?1",
        "price2": "price ?2",
        "price3": "price ?3",
        "price4": "price ?4",
        "multiple": "mult_pi",
        **{f"cim{i}": f"cim{i}" for i in (1, 2, 3)},
        **{f"mcm{i}": f"mcm{i}" for i in (1, 2, 3)},
        "statute": "statute",
        **{f"xref{i}": f"xref{i}" for i in range(1, 6)},
        "asc_group": "asc_grp",
        "note": "procnote",
        "betos": "betos",
        **{f"tos{i}": f"tos{i}" for i in range(1, 6)},
        "anesthesia": "anest_bu",
        "added": "add ?dt",
        "action_date": "act eff ?dt",
        "terminated": "term ?dt",
    },
)
_JOINED = {
    "price": ("price", "price2", "price3", "price4"),
    "cim": ("cim1", "cim2", "cim3"),
    "mcm": ("mcm1", "mcm2", "mcm3"),
    "xref": tuple(f"xref{i}" for i in range(1, 6)),
    "tos": tuple(f"tos{i}" for i in range(1, 6)),
}
_DERIVED = Layout(
    "HCPCS Level II indicators (derived copy)",
    required={"code": "hcpcs_code", "price": "price", "coverage": "cov", "action": "action", "terminated": "date_term", "added": "date_added"},
    optional={
        "multiple": "multi", "betos": "betos", "tos": "tos", "cim": "cim", "mcm": "mcm", "statute": "statute", "xref": "xref",
        "asc_group": "asc_grp", "note": "proc", "anesthesia": "anes", "action_date": "date_action",
    },
)  # fmt: skip
_DERIVED_TITLES = Layout(
    "HCPCS Level II descriptions (derived copy)",
    required={"code": "code", "type": "type", "description": "description"},
    optional={},
)


@dataclass(slots=True)
class _Item:
    """A code or modifier with its lines put together."""

    told: dict[str, str]
    added: date | None = None
    action_date: date | None = None
    terminated: date | None = None

    @property
    def value(self) -> str:
        return self.told["code"]

    @property
    def is_modifier(self) -> bool:
        return len(self.value) == 2


class _File:
    """One file, read once and kept: some eight thousand codes."""

    def __init__(self, rows: Iterator[tuple[int, Mapping[str, str]]], tally: Tally, release: date | None) -> None:
        self._rows, self._tally, self._items = rows, tally, dict[str, _Item]()
        self._release = release
        self._done = False

    @property
    def items(self) -> Mapping[str, _Item]:
        if not self._done:
            self._read()
            self._done = True
        return self._items

    def _read(self) -> None:
        tally, last = self._tally, ""
        for line, row in self._rows:
            tally.line, tally.read = line, tally.read + 1
            value = row["code"].strip().upper()
            if not re.fullmatch(r"[A-V]\d{4}|[0-9A-Z]{2}", value):
                tally.reject(f"expected a Level II code or a modifier, got {value[:12]!r}")
            elif row.get("record") in CONTINUATIONS:
                if value != last:
                    tally.reject(f"a continuation of {value} does not follow its first line")
                else:
                    item = self._items[value].told
                    item["long"] = f"{item['long']} {row['long'].strip()}"
            elif value in self._items:
                tally.reject(f"{value} stands twice in the file")
            else:
                self._add(value, row)
                last = value if value in self._items else ""

    def _add(self, value: str, row: Mapping[str, str]) -> None:
        try:
            dates = [day_of(row.get(field, "")) for field in ("added", "action_date", "terminated")]
        except ValueError as error:
            self._tally.reject(f"{value}: {error}")
            return
        told = {field: " ".join(cell.split()) for field, cell in row.items()}
        self._items[value] = _Item({**told, "code": value}, *dates)

    def codes(self, licence: str) -> Iterator[CodeRecord]:
        for item in self.items.values():
            if not item.is_modifier:
                code = Code(CodeSystem.HCPCS, item.value)
                hidden = code.is_licensed_text  # the ADA's wording; no AMA licence covers it
                yield CodeRecord(
                    code, "" if hidden else item.told["long"], "" if hidden else item.told["short"], True, "", "code"
                )

    def windows(self) -> Iterator[Validity]:
        for item in self.items.values():
            if not item.is_modifier:
                start = item.added or date.min
                if item.terminated is None or item.terminated >= start:
                    yield Validity(Code(CodeSystem.HCPCS, item.value), start, item.terminated)

    def modifiers(self) -> Iterator[ModifierRecord]:
        for item in self.items.values():
            if item.is_modifier and (
                item.terminated is None or self._release is None or item.terminated >= self._release
            ):
                yield ModifierRecord(item.value, item.value in _NCCI_ASSOCIATED, (), item.told["long"])

    def details(self) -> Iterator[HcpcsDetail]:
        for item in self.items.values():
            t = item.told
            hidden = item.value[0] == "D" and not item.is_modifier
            yield HcpcsDetail(
                item.value, "" if hidden else t.get("short", ""), t.get("coverage", ""), t.get("price", ""), t.get("multiple", ""),
                " ".join(filter(None, (t.get("cim", ""), t.get("mcm", "")))), t.get("statute", ""), t.get("xref", ""), t.get("asc_group", ""),
                t.get("betos", ""), t.get("tos", ""), t.get("anesthesia", ""), t.get("note", ""), item.added, item.action_date, item.terminated,
                t.get("action", ""),
            )  # fmt: skip


_NCCI_ASSOCIATED = frozenset(
    [
        "E1",
        "E2",
        "E3",
        "E4",
        "FA",
        "F1",
        "F2",
        "F3",
        "F4",
        "F5",
        "F6",
        "F7",
        "F8",
        "F9",
        "TA",
        "T1",
        "T2",
        "T3",
        "T4",
        "T5",
        "T6",
        "T7",
        "T8",
        "T9",
        "LT",
        "RT",
        "LC",
        "LD",
        "RC",
        "LM",
        "RI",
        "XE",
        "XS",
        "XP",
        "XU",
    ]
)
"""The Level II modifiers that may open an edit with indicator 1. Source: CMS NCCI Policy Manual 2026, chapter I, section E."""


def _release_of(sample: Sample) -> Quarter:
    named = sample.named
    if match := re.search(r"hcpc(20\d\d)[-_ ]?(jan|apr|jul|oct)", named):
        return Quarter(int(match[1]), {"jan": 1, "apr": 2, "jul": 3, "oct": 4}[match[2]])
    if match := re.search(r"(january|april|july|october)[-_ ](20\d\d)", named):
        return Quarter(int(match[2]), {"january": 1, "april": 2, "july": 3, "october": 4}[match[1]])
    if match := re.search(r"(20\d\d)-(\d{2})(?:-\d{2})?\.", named):
        return Quarter.of(date(int(match[1]), int(match[2]), 1))
    if match := re.search(r"hcpc(?:s)?(20\d\d)|(20\d\d)[-_ ]alpha", named):
        return Quarter(int(match[1] or match[2]), 1)
    raise UnreadableFile(
        f"{sample.place}: expected the release in the name, such as HCPC2026_OCT_ANWEB: keep CMS's name"
    )


def _drafts(sample: Sample) -> dict[str, EditionDraft]:
    quarter = _release_of(sample)
    title = {
        "code": "HCPCS Level II",
        "validity": "HCPCS Level II dates",
        "modifier": "HCPCS Level II modifiers",
        "hcpcs_detail": "HCPCS Level II file",
    }
    return {
        table: EditionDraft(
            table, "CMS", title[table], quarter.label, quarter.first_day, quarter.last_day, True, Licence.PUBLIC, sample.place,
            sample.file.sha256, system=CodeSystem.HCPCS if table in ("code", "validity") else None, history_from=EARLIEST if table == "validity" else None,
        )
        for table in title
    }  # fmt: skip


def _piece(sample: Sample, rows: Iterator[tuple[int, Mapping[str, str]]], settings: ReadSettings, rank: int) -> Piece:
    tally, drafts = Tally(sample.place), _drafts(sample)
    file = _File(rows, tally, drafts["code"].effective_from)
    tables = (
        TableRows(drafts["hcpcs_detail"], file.details, fewest=FEWEST_ROWS),
        TableRows(drafts["code"], lambda: file.codes(settings.licence), fewest=FEWEST_ROWS),
        TableRows(drafts["validity"], file.windows, fewest=FEWEST_ROWS),
        TableRows(drafts["modifier"], file.modifiers, fewest=200),
    )
    return Piece(sample.file, "HCPCS Level II", tables, tally, rank=rank)


def _read_fixed(sample: Sample, settings: ReadSettings) -> Piece:
    return _piece(sample, _fixed_rows(sample), settings, 0)


def _fixed_rows(sample: Sample) -> Iterator[tuple[int, Mapping[str, str]]]:
    with sample.file.path.open(encoding=sample.encoding, newline="") as file:
        begun = False
        for number, line in enumerate(file, start=1):
            begun = begun or _FIXED_LINE.match(line) is not None  # the disclaimer ends where the first record begins
            if begun and line.strip():
                yield number, {field: line[first - 1 : last] for field, (first, last) in _FIXED.items()}


def _read_cells(sample: Sample, settings: ReadSettings) -> Piece:
    columns, _ = _LAYOUT.header_of(sample.rows, sample.place)
    return _piece(sample, _cell_rows(sample, _LAYOUT, columns), settings, 1)


def _cell_rows(sample: Sample, layout: Layout, columns: Columns) -> Iterator[tuple[int, Mapping[str, str]]]:
    first_sheet = sample.rows[0].sheet
    for row in sample.all_rows():
        if row.line > columns.header_line and row.sheet == first_sheet and columns.get(row, "code"):
            told = {field: columns.get(row, field) for field in columns.places}
            for joined, fields in _JOINED.items():
                if any(field in told for field in fields):
                    told[joined] = " ".join(filter(None, (told.get(field, "") for field in fields)))
            value = told["code"].removesuffix(".0")
            yield row.line, {"long": "", "short": "", **told, "code": value}


def _read_derived(sample: Sample, settings: ReadSettings) -> Piece:
    columns, _ = _DERIVED.header_of(sample.rows, sample.place)
    tally, drafts = Tally(sample.place), _drafts(sample)
    file = _File(_cell_rows(sample, _DERIVED, columns), tally, drafts["code"].effective_from)
    tables = (
        TableRows(drafts["hcpcs_detail"], file.details, fewest=FEWEST_ROWS),
        TableRows(drafts["validity"], file.windows, fewest=FEWEST_ROWS),
    )
    return Piece(sample.file, "HCPCS Level II indicators", tables, tally)


def _read_titles(sample: Sample, settings: ReadSettings) -> Piece:
    columns, _ = _DERIVED_TITLES.header_of(sample.rows, sample.place)
    tally = Tally(sample.place)
    rows = TableRows(_drafts(sample)["code"], lambda: _titles(sample, columns, tally), fewest=FEWEST_ROWS)
    return Piece(sample.file, "HCPCS Level II descriptions", (rows,), tally)


def _titles(sample: Sample, columns: Columns, tally: Tally) -> Iterator[CodeRecord]:
    titles: dict[str, dict[str, str]] = {}
    for row in sample.all_rows():
        if row.line <= columns.header_line or not any(row.cells):
            continue
        tally.line, tally.read = row.line, tally.read + 1
        value, kind = columns.get(row, "code").upper(), columns.get(row, "type").lower()
        try:
            code = Code.parse(value, CodeSystem.HCPCS)
        except InvalidCode as error:
            tally.reject(str(error))
            continue
        if kind not in {"long", "short"} or kind in titles.setdefault(code.value, {}):
            tally.reject(f"{value}: expected one Long and one Short description, got {kind[:12]!r}")
            continue
        titles[code.value][kind] = columns.get(row, "description")
    for value, told in titles.items():
        code = Code(CodeSystem.HCPCS, value)
        hidden = code.is_licensed_text
        yield CodeRecord(
            code, "" if hidden else told.get("long", ""), "" if hidden else told.get("short", ""), True, "", "code"
        )


def _is_fixed(sample: Sample) -> bool:
    lines = [line for line in sample.text.splitlines()[:200] if line.strip()]
    return (
        sample.content is Content.TEXT
        and sum(len(line) > 290 and _FIXED_LINE.match(line) is not None for line in lines) >= 3
    )


def _is_titles(sample: Sample) -> bool:
    found = _DERIVED_TITLES.find(sample.rows[:1]) if sample.tabular else None
    return found is not None and any(re.fullmatch(r"[A-V]\d{4}", row.cells[0]) for row in sample.rows[1:6])


FORMATS = (
    Format("HCPCS Level II, fixed width", _is_fixed, _read_fixed),
    Format("HCPCS Level II, table", lambda s: s.tabular and _LAYOUT.find(s.rows) is not None, _read_cells),
    Format("HCPCS Level II indicators", lambda s: s.tabular and _DERIVED.find(s.rows[:1]) is not None, _read_derived),
    Format("HCPCS Level II descriptions", _is_titles, _read_titles),
)
