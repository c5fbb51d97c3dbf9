"""ICD-10-CM: the tabular list of CDC/NCHS, and what later years add to it.

Tabular XML (root ``ICD10CM.tabular``, April 2026 release): ``version``, ``introduction``, 22 ``chapter`` (``name`` is a number, ``desc``),
in each ``section id="A00-A09"`` (the blocks) and in those nested ``diag`` elements (``name`` with dot, ``desc``). Instructional notes are
lists of ``note`` under ``includes``, ``inclusionTerm``, ``excludes1``, ``excludes2``, ``codeFirst``, ``useAdditionalCode``, ``codeAlso``,
``notes`` and ``sevenChrNote``; they bind everything below the element they stand on.

``sevenChrDef`` holds ``extension char="A"`` elements (a ``note`` between them explains the one before it and is no title). It applies to
every code below unless a lower element has its own: the code is padded to six characters with the placeholder X and takes the
character as its seventh (ICD-10-CM Official Guidelines, I.A.4 and I.A.5). Titles of such codes are composed here, "title, extension",
as CDC's own order file does it.

A block of one category has the category's name (``B20`` and 38 others): the two are told apart by their kind of node.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import BinaryIO

from ingest.readers import Rejects, Table
from knowledge.codes import Code, CodeSystem
from knowledge.errors import InvalidCode, UnreadableFile
from knowledge.records import CodeRecord, NoteKind, Validity
from knowledge.writing import EditionDraft, HeadingRow, NoteRow

__all__ = ["Tabular", "read_later_titles", "read_tabular"]

COMPOSED = "composed"

_NOTES = tuple(kind for kind in NoteKind if kind is not NoteKind.SEVENTH_CHARACTER)
_RANGE = re.compile(r"\s*\([0-9A-Z]{3}(?:-[0-9A-Z]{3})?\)\s*$")


@dataclass(slots=True)
class Tabular:
    """The tabular list in memory: nodes by value, notes, and the seventh characters that apply to each code."""

    headings: list[HeadingRow] = field(default_factory=list)
    codes: dict[str, CodeRecord] = field(default_factory=dict)
    notes: list[NoteRow] = field(default_factory=list)
    extensions: dict[str, Mapping[str, str]] = field(default_factory=dict)
    """Seventh characters and their meaning, by code without dot, for every node that has or inherits them."""
    release: str = ""
    rejects: Rejects = field(default_factory=lambda: Rejects("ICD-10-CM tabular list"))
    _orders: dict[str, int] = field(default_factory=dict)

    def add_note(self, node: str, kind: str, text: str) -> None:
        """Put a note behind those of the same name; a block and the category named like it share their notes."""
        order = self._orders[node] = self._orders.get(node, -1) + 1
        self.notes.append(NoteRow(node, order, kind, text))

    def tables(self, draft: EditionDraft) -> Iterator[Table]:
        """Yield the codes and the notes as two tables of the edition ``draft`` describes."""
        rows: Iterator[HeadingRow | CodeRecord] = iter((*self.headings, *self.codes.values()))
        yield Table(replace(draft, table="code", system=CodeSystem.ICD10CM), rows, self.rejects)
        yield Table(
            replace(draft, table="note", system=CodeSystem.ICD10CM), self.notes, Rejects("ICD-10-CM tabular list")
        )


def read_tabular(file: BinaryIO, listed: Collection[str] | None = None) -> Tabular:
    """Return the tabular list read from its XML.

    ``listed`` holds every code value CMS lists as valid in the list's year. A seventh character that a note in prose takes away again (D and S for
    the deaths of S06) makes no code: composed codes outside ``listed`` are left out.

    Raises :class:`~knowledge.errors.UnreadableFile` when the file is no tabular list.
    """
    tabular = Tabular()
    root: ET.Element | None = None
    try:
        for event, element in ET.iterparse(file, events=("start", "end")):
            if root is None:
                root = element
                if root.tag != "ICD10CM.tabular":
                    raise UnreadableFile(
                        f"ICD-10-CM tabular list: expected root ICD10CM.tabular, got {root.tag[:40]!r}"
                    )
            if event == "end" and element.tag == "version":
                tabular.release = _clean(element.text)
            elif event == "end" and element.tag == "chapter":
                _read_chapter(element, tabular)
                element.clear()  # the whole tree would take ten times the file
    except ET.ParseError as error:
        raise UnreadableFile(f"ICD-10-CM tabular list: expected well-formed XML, got {error}") from error
    tabular.rejects.settle(len(tabular.codes))
    if listed is not None:
        tabular.codes = {v: r for v, r in tabular.codes.items() if r.origin != COMPOSED or v in listed}
    return tabular


def _read_chapter(chapter: ET.Element, tabular: Tabular) -> None:
    name = _text(chapter, "name")
    tabular.headings.append(HeadingRow(CodeSystem.ICD10CM, name, _heading(chapter), "", "chapter"))
    _read_notes(chapter, name, tabular)
    for section in chapter.findall("section"):
        block = section.get("id", "")
        tabular.headings.append(HeadingRow(CodeSystem.ICD10CM, block, _heading(section), name, "block"))
        _read_notes(section, block, tabular)
        for diag in section.findall("diag"):
            _read_diag(diag, block, {}, tabular)


def _read_diag(diag: ET.Element, parent: str, inherited: Mapping[str, str], tabular: Tabular) -> None:
    written = _text(diag, "name")
    try:
        code = Code.parse(written, CodeSystem.ICD10CM)
    except InvalidCode as error:
        tabular.rejects.add(f"diag {written[:12]!r}", str(error))
        return
    below = diag.findall("diag")
    extensions = _extensions(diag) or inherited
    leaf = not below and not extensions
    node = "category" if len(code.value) == 3 else "code" if leaf else "subcategory"
    title = _text(diag, "desc")
    tabular.codes[code.value] = CodeRecord(code, title, billable=leaf, parent=parent, node=node)
    if extensions:
        tabular.extensions[code.value] = extensions
    _read_notes(diag, code.value, tabular)
    for child in below:
        _read_diag(child, code.value, extensions, tabular)
    if not below:
        for character, meaning in extensions.items():
            full = extended(code, character)
            tabular.codes[full.value] = CodeRecord(full, f"{title}, {meaning}", "", True, code.value, "code", COMPOSED)


def extended(code: Code, character: str) -> Code:
    """Return ``code`` with a seventh character, padded with the placeholder X to six."""
    return Code(CodeSystem.ICD10CM, code.value.ljust(6, "X") + character)


def _extensions(diag: ET.Element) -> dict[str, str]:
    definition = diag.find("sevenChrDef")
    return {} if definition is None else {e.get("char", ""): _clean(e.text) for e in definition.findall("extension")}


def _read_notes(element: ET.Element, node: str, tabular: Tabular) -> None:
    for child in element:
        if child.tag in _NOTES:
            for note in child.findall("note"):
                tabular.add_note(node, child.tag, _clean(note.text))
        elif child.tag == NoteKind.SEVENTH_CHARACTER:
            for line in child:
                character = line.get("char")
                text = f"{character}: {_clean(line.text)}" if character else _clean(line.text)
                tabular.add_note(node, NoteKind.SEVENTH_CHARACTER, text)


def _heading(element: ET.Element) -> str:
    return _RANGE.sub("", _text(element, "desc"))


def _text(element: ET.Element, tag: str) -> str:
    return _clean(element.findtext(tag))


def _clean(text: str | None) -> str:
    return " ".join((text or "").split())


def read_later_titles(
    arrow: BinaryIO | None, tabular: Tabular, windows: Iterable[Validity], draft: EditionDraft
) -> Table:
    """Return the codes of a later year that the tabular list does not have yet, with titles where one is published or mechanical.

    ``arrow`` is ``icd10cm.arrow`` of sqllocks-shape-healthcare-codes (columns ``code``, ``long_desc``, ``leaf``, ``valid_from``,
    ``valid_to``, ``ext7``): all codes of 127 categories with the year's titles; None when it is not at hand. ``windows`` are the validity
    windows of the year's billable codes. A code new in ``draft``'s year keeps an empty title unless the file has one, or it is a
    known code with a published seventh character (origin ``composed``): a title is never guessed.
    """
    rejects = Rejects("ICD-10-CM titles of the later year")
    opening = draft.effective_from
    records = _published(arrow, opening, tabular, rejects) if arrow is not None else {}
    known = {*records, *tabular.codes}
    for window in windows:
        value = window.code.value
        current = window.valid_from <= opening and (window.valid_to is None or opening <= window.valid_to)
        if not current or value in records or (value in tabular.codes and tabular.codes[value].billable):
            continue
        parent = _nearest(value, known)
        title, origin = _composed(value, tabular, records)
        records[value] = CodeRecord(window.code, title, "", True, parent, "code", origin)
    return Table(replace(draft, table="code", system=CodeSystem.ICD10CM), list(records.values()), rejects)


def _published(arrow: BinaryIO, opening: date, tabular: Tabular, rejects: Rejects) -> dict[str, CodeRecord]:
    import pyarrow.ipc  # type: ignore[import-untyped]

    columns = pyarrow.ipc.open_file(arrow).read_all().select(["code", "long_desc", "leaf", "valid_from", "valid_to"])
    records: dict[str, CodeRecord] = {}
    rows = columns.to_pylist()
    values = {row["code"] for row in rows} | set(tabular.codes)
    for row in sorted(rows, key=lambda row: str(row["code"])):
        if row["valid_from"] > opening or (row["valid_to"] is not None and row["valid_to"] < opening):
            continue
        try:
            code = Code.parse(row["code"], CodeSystem.ICD10CM)
        except InvalidCode as error:
            rejects.add(str(row["code"])[:12], str(error))
            continue
        known = tabular.codes.get(code.value)
        parent = known.parent if known else _nearest(code.value, values)
        node = "category" if len(code.value) == 3 else "code" if row["leaf"] else "subcategory"
        records[code.value] = CodeRecord(code, _clean(row["long_desc"]), "", bool(row["leaf"]), parent, node)
    rejects.settle(len(rows))
    return records


def _nearest(value: str, known: set[str]) -> str:
    return next((value[:length] for length in range(len(value) - 1, 2, -1) if value[:length] in known), "")


def _composed(value: str, tabular: Tabular, records: Mapping[str, CodeRecord]) -> tuple[str, str]:
    if len(value) == 7:
        for length in range(6, 2, -1):
            stem = value[:length]
            record = records.get(stem) or tabular.codes.get(stem)
            meaning = tabular.extensions.get(stem, {}).get(value[6])
            if record and record.title and meaning and value[:6] == stem.ljust(6, "X"):
                return f"{record.title}, {meaning}", COMPOSED
    return "", ""
