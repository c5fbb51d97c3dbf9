"""Medicare Coverage Database exports: NCDs, LCDs, billing articles, their codes, groups, contractors, states and relations.

Layout (NCD tables profiled by a public inspection; LCD and article headers agreed by four loaders and by the Coverage API v1.5 description, no
bytes seen): zips inside a zip; CSV in UTF-8, quoted, with line breaks and HTML in cells of up to 33 thousand characters. Each table is told
by its columns and becomes an edition of its own; a newer export replaces the older one. Dates are ``YYYY-MM-DD hh:mm:ss``.

The CSV of the Coverage API's report of local documents (``document_id, document_display_id, document_type, ...``) is read as well.

Rules: the description columns of procedure codes hold AMA text and are not read; ``r_ncd_id`` 0 means none; NCDs marked RETIRED are out of force
whatever their dates; group numbers of different lists are separate numberings and are kept apart.

Prose of documents that are active becomes passages: one heading for each text field, HTML removed.
Source: CMS, Medicare Coverage Database downloads, data dictionary.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from ingest.chunk import cut
from ingest.publishers import Format, Piece, ReadSettings, TableRows, Tally
from ingest.publishers.cells import Row, day_of, squeezed
from ingest.publishers.markup import markdown_of
from ingest.publishers.sample import Sample
from knowledge.codes import normalise
from knowledge.coverage import (
    CodeList,
    Contractor,
    ContractorState,
    CoverageCode,
    CoverageContractor,
    CoverageDocument,
    CoverageGroup,
    CoverageKind,
    CoverageLink,
    CoverageState,
)
from knowledge.passages import Document, DocumentKind, DocumentSource, Passage, Topic
from knowledge.records import Licence
from knowledge.writing import EditionDraft

__all__ = ["FORMATS"]

_Told = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Table:
    """One table of the exports: the columns that tell it, and what a row of it gives."""

    title: str
    columns: frozenset[str]
    record: Callable[[_Told], Any]
    prose: tuple[tuple[str, str], ...] = ()
    """(column, heading) of the text fields that become passages."""

    def matches(self, header: frozenset[str]) -> bool:
        """Whether a header has every column."""
        return self.columns <= header


def _int(told: _Told, field: str) -> int:
    value = told.get(field, "").removesuffix(".0")
    if not re.fullmatch(r"-?\d+", value):
        raise ValueError(f"expected a number in {field}, got {value[:12]!r}")
    return int(value)


def _optional(told: _Told, field: str) -> int:
    return _int(told, field) if told.get(field, "") else 0


def _day(told: _Told, *fields: str) -> date | None:
    for field in fields:
        text = told.get(field, "")
        if text and text.upper() not in {"N/A", "NULL"}:
            return day_of(text)
    return None


def _ncd(told: _Told) -> CoverageDocument:
    return CoverageDocument(
        CoverageKind.NCD, _int(told, "ncd_id"), _int(told, "ncd_vrsn_num"), told.get("ncd_mnl_sect", ""), told.get("ncd_mnl_sect_title", ""), "",
        _day(told, "ncd_efctv_dt"), _day(told, "ncd_trmntn_dt"), None, told.get("cvrg_lvl_cd", ""), "",
    )  # fmt: skip


def _lcd(told: _Told) -> CoverageDocument:
    return CoverageDocument(
        CoverageKind.LCD, _int(told, "lcd_id"), _int(told, "lcd_version"), told.get("display_id", "") or f"L{told['lcd_id']}", told.get("title", ""),
        told.get("status", ""), _day(told, "rev_eff_date", "orig_det_eff_date"), _day(told, "rev_end_date", "ent_det_end_date"),
        _day(told, "date_retired"), told.get("determination_number", ""), "",
    )  # fmt: skip


def _article(told: _Told) -> CoverageDocument:
    return CoverageDocument(
        CoverageKind.ARTICLE, _int(told, "article_id"), _int(told, "article_version"), told.get("display_id", "") or f"A{told['article_id']}",
        told.get("title", ""), told.get("status", ""), _day(told, "article_eff_date", "article_pub_date"),
        _day(told, "article_rev_end_date", "article_end_date"), _day(told, "date_retired"), told.get("article_type", ""), "",
    )  # fmt: skip


def _reported(told: _Told) -> CoverageDocument:
    kind = {"lcd": CoverageKind.LCD, "article": CoverageKind.ARTICLE, "ncd": CoverageKind.NCD}.get(
        told["document_type"].lower()
    )
    if kind is None:
        raise ValueError(f"expected LCD, Article or NCD in document_type, got {told['document_type'][:12]!r}")
    retired = _day(told, "retirement_date")
    return CoverageDocument(
        kind, _int(told, "document_id"), _int(told, "document_version"), told["document_display_id"], told["title"], "R" if retired else "A",
        _day(told, "effective_date"), None, retired, "", told.get("url", ""),
    )  # fmt: skip


def _owner(kind: CoverageKind, told: _Told) -> tuple[CoverageKind, int, int]:
    name = "lcd" if kind is CoverageKind.LCD else "article"
    return kind, _int(told, f"{name}_id"), _int(told, f"{name}_version")


def _code(kind: CoverageKind, code_list: CodeList, code: str, group: str) -> Callable[[_Told], CoverageCode]:
    def record(told: _Told) -> CoverageCode:
        value = normalise(told[code])
        if not re.fullmatch(r"[0-9A-Z]{2,8}", value):
            raise ValueError(f"expected a code in {code}, got {told[code][:12]!r}")
        # ``range`` is empty or N on single codes.
        ranged = told.get("range", "").upper() not in {"", "0", "N", "NULL"}
        return CoverageCode(
            *_owner(kind, told), code_list, _optional(told, group), value, ranged, told.get("asterisk", "")
        )

    return record


def _group(kind: CoverageKind, code_list: CodeList, group: str) -> Callable[[_Told], CoverageGroup]:
    def record(told: _Told) -> CoverageGroup:
        text = markdown_of(told.get("paragraph", ""))
        note = markdown_of(told.get("icd10_covered_ast", ""))
        return CoverageGroup(*_owner(kind, told), code_list, _int(told, group), f"{text}\n\n* {note}" if note else text)

    return record


def _contractor_of(kind: CoverageKind) -> Callable[[_Told], CoverageContractor]:
    return lambda told: CoverageContractor(
        *_owner(kind, told),
        _int(told, "contractor_id"),
        _int(told, "contractor_type_id"),
        _int(told, "contractor_version"),
    )


def _related(kind: CoverageKind) -> Callable[[_Told], CoverageLink | None]:
    def record(told: _Told) -> CoverageLink | None:
        for name, other in (("article", CoverageKind.ARTICLE), ("lcd", CoverageKind.LCD)):
            if to := _optional(told, f"r_{name}_id"):
                return CoverageLink(*_owner(kind, told), other, to, _optional(told, f"r_{name}_version"))
        return None  # relations to contractors and addresses

    return record


def _related_ncd(kind: CoverageKind) -> Callable[[_Told], CoverageLink | None]:
    def record(told: _Told) -> CoverageLink | None:
        to = _optional(told, "r_ncd_id")
        return CoverageLink(*_owner(kind, told), CoverageKind.NCD, to, _optional(told, "r_ncd_version")) if to else None

    return record


def _contractor(told: _Told) -> Contractor:
    name = told.get("contractor_bus_name") or told.get("contractor_name", "")
    number = told.get("contractor_number") or told.get("contract_number", "")
    kind = told.get("contractor_type_id") or told.get("contract_type_id", "")
    return Contractor(_int(told, "contractor_id"), int(kind or 0), _int(told, "contractor_version"), name, number, "")


def _jurisdiction(told: _Told) -> ContractorState | None:
    if _day(told, "term_date") is not None:
        return None  # a state the contractor no longer serves
    return ContractorState(
        _int(told, "contractor_id"),
        _int(told, "contractor_type_id"),
        _int(told, "contractor_version"),
        _int(told, "state_id"),
    )


def _state(told: _Told) -> CoverageState:
    return CoverageState(_int(told, "state_id"), told.get("state_abbrev", "").upper(), told.get("description", ""))


_LCD_PROSE = (
    ("indication", "Coverage indications, limitations and medical necessity"), ("cms_cov_policy", "CMS national coverage policy"),
    ("coding_guidelines", "Coding guidelines"), ("doc_reqs", "Documentation requirements"), ("util_guide", "Utilization guidelines"),
    ("associated_info", "Associated information"),
)  # fmt: skip
_ARTICLE_PROSE = (
    ("description", "Article text"),
    ("other_comments", "Other comments"),
    ("cms_cov_policy", "CMS national coverage policy"),
)
_NCD_PROSE = (
    ("itm_srvc_desc", "Item or service description"), ("indctn_lmtn", "Indications and limitations of coverage"), ("xref_txt", "Cross reference"),
    ("othr_txt", "Other text"),
)  # fmt: skip


def _tables() -> Iterator[_Table]:
    """Yield the tables, those with more telling columns first."""
    yield _Table("NCD", frozenset({"ncd_id", "ncd_vrsn_num", "ncd_mnl_sect", "ncd_mnl_sect_title"}), _ncd, _NCD_PROSE)
    yield _Table(
        "LCD",
        frozenset({"lcd_id", "lcd_version", "title", "status", "display_id", "orig_det_eff_date"}),
        _lcd,
        _LCD_PROSE,
    )
    yield _Table(
        "Article",
        frozenset({"article_id", "article_version", "title", "status", "article_type"}),
        _article,
        _ARTICLE_PROSE,
    )
    report = {
        "document_id",
        "document_version",
        "document_display_id",
        "document_type",
        "title",
        "effective_date",
        "retirement_date",
    }
    yield _Table("local documents report", frozenset(report), _reported)
    lists = {
        "hcpc_code": (CodeList.PROCEDURES, "hcpc_code_id", "hcpc_code_group"),
        "icd10_covered": (CodeList.DIAGNOSES_COVERED, "icd10_code_id", "icd10_covered_group"),
        "icd10_noncovered": (CodeList.DIAGNOSES_NOT_COVERED, "icd10_code_id", "icd10_noncovered_group"),
        "icd10_pcs_code": (CodeList.PCS, "icd10_pcs_code_id", "icd10_pcs_code_group"),
        "hcpc_modifier": (CodeList.MODIFIERS, "hcpc_modifier_code_id", "hcpc_modifier_group"),
        "bill_code": (CodeList.BILL_TYPES, "bill_code_id", ""),
        "revenue_code": (CodeList.REVENUE, "revenue_code_id", ""),
    }
    for kind, owner in ((CoverageKind.LCD, "lcd"), (CoverageKind.ARTICLE, "article")):
        key = {f"{owner}_id", f"{owner}_version"}
        for code_list, code, group in lists.values():
            telling = key | {code} | ({group} if group else set())
            yield _Table(f"{kind} {code_list}", frozenset(telling), _code(kind, code_list, code, group))
            if group:
                yield _Table(
                    f"{kind} {code_list}, groups", frozenset(key | {group, "paragraph"}), _group(kind, code_list, group)
                )
        other = frozenset(key | {"other_coding_group", "paragraph"})
        yield _Table(f"{kind} {CodeList.OTHER}, groups", other, _group(kind, CodeList.OTHER, "other_coding_group"))
        yield _Table(
            f"{kind} contractors",
            frozenset(key | {"contractor_id", "contractor_type_id", "contractor_version"}),
            _contractor_of(kind),
        )
        yield _Table(f"{kind} related NCDs", frozenset(key | {"r_ncd_id"}), _related_ncd(kind))
        yield _Table(f"{kind} related documents", frozenset(key | {"r_lcd_id", "r_article_id"}), _related(kind))
    yield _Table(
        "contractor states",
        frozenset({"contractor_id", "contractor_type_id", "contractor_version", "state_id"}),
        _jurisdiction,
    )
    for name, number in (("contractor_bus_name", "contractor_number"), ("contractor_name", "contract_number")):
        yield _Table("contractors", frozenset({"contractor_id", "contractor_version", name, number}), _contractor)
    yield _Table("states", frozenset({"state_id", "state_abbrev", "description"}), _state)


def _table_of(sample: Sample) -> _Table | None:
    if not sample.tabular or not sample.rows:
        return None
    header = frozenset(squeezed(cell) for cell in sample.rows[0].cells)
    return next((table for table in _tables() if table.matches(header)), None)


def _read(sample: Sample, settings: ReadSettings) -> Piece:
    table = _table_of(sample)
    assert table is not None  # recognised by the same test
    tally = Tally(sample.place)
    start = _exported(sample, settings)
    names = [squeezed(cell) for cell in sample.rows[0].cells]
    source = "API" if "read_from" in names else "Database"
    # Never complete: a document that is absent proves nothing, and exports exist of current documents and of all.
    draft = EditionDraft(
        f"coverage {table.title}", "CMS", f"Medicare Coverage {source}, {table.title}", f"as of {start.isoformat()}", start, None, False,
        Licence.AMA_CODES, sample.place, sample.file.sha256,
    )  # fmt: skip
    rows = TableRows(draft, lambda: _rows(sample, table, names, tally))
    documents = None
    if table.prose:
        documents = lambda: _documents(sample, table, names, settings, draft)  # noqa: E731  called once, when the rows are in
    return Piece(sample.file, f"MCD {table.title}", (rows,), tally, documents=documents, supersedes_older=True)


def _exported(sample: Sample, settings: ReadSettings) -> date:
    """Return the newest date on which a row was updated: the export has no date of its own."""
    names = [squeezed(cell) for cell in sample.rows[0].cells]
    place = next(
        (names.index(name) for name in ("last_updated", "last_updt_tmstmp", "updated_on_sort") if name in names), None
    )
    newest: date | None = None
    if place is not None:
        texts = {
            _dated(row.cells[place])
            for row in sample.all_rows()
            if len(row.cells) > place and row.cells[place][:2] == "20"
        }
        newest = max((day for text in texts if (day := _parsed(text)) is not None), default=None)
    return newest or sample.file.modified or settings.today


def _dated(cell: str) -> str:
    return cell[:8] if cell[:8].isdigit() else cell[:10]


def _parsed(text: str) -> date | None:
    try:
        return day_of(text)
    except ValueError:
        return None


def _told(row: Row, names: list[str]) -> _Told:
    return {name: cell.strip() for name, cell in zip(names, row.cells, strict=False)}


def _rows(sample: Sample, table: _Table, names: list[str], tally: Tally) -> Iterator[Any]:
    for row in sample.all_rows():
        if row.line <= sample.rows[0].line or not any(row.cells):
            continue
        tally.line, tally.read = row.line, tally.read + 1
        if len(row.cells) < len(names):
            tally.reject(f"expected {len(names)} columns, got {len(row.cells)}")
            continue
        try:
            record = table.record(_told(row, names))
        except ValueError as error:
            tally.reject(str(error))
            continue
        if record is None:
            tally.dropped += 1
        else:
            yield record


def _documents(
    sample: Sample, table: _Table, names: list[str], settings: ReadSettings, draft: EditionDraft
) -> Iterator[tuple[Document, tuple[Passage, ...]]]:
    for row in sample.all_rows():
        if row.line <= sample.rows[0].line or len(row.cells) < len(names):
            continue
        told = _told(row, names)
        try:
            record: CoverageDocument = table.record(told)
        except ValueError:
            continue  # rejected and counted when its row was read
        if record.status.upper() not in {"", "A", "ACTIVE"} or not record.in_force(settings.today):
            continue
        shown = f"NCD {record.display_id}" if record.kind is CoverageKind.NCD else record.display_id
        title = f"{shown} {record.title}".strip()
        document = Document(
            f"{record.kind.lower()}-{record.id}-v{record.version}", title, DocumentKind.PUBLICATION, Topic.COVERAGE, (), (), (),
            (DocumentSource("CMS", title, f"version {record.version}"),), record.effective or draft.effective_from, record.ends, None,
            Licence.AMA_CODES, draft.label,
        )  # fmt: skip
        passages: list[Passage] = []
        for column, heading in table.prose:
            for chunk in cut(markdown_of(told.get(column, "")), settings.count):
                path = f"{heading} > {chunk.heading}" if chunk.heading else heading
                passages.append(
                    Passage(
                        f"{document.id}#{len(passages)}",
                        document,
                        path,
                        chunk.text,
                        len(passages),
                        None,
                        "",
                        chunk.tokens,
                    )
                )
        if passages:
            yield document, tuple(passages)


FORMATS = (Format("Medicare Coverage Database export", lambda s: _table_of(s) is not None, _read),)
