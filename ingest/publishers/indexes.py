"""The alphabetic indexes: ICD-10-CM index, external cause index, table of neoplasms, table of drugs; ICD-10-PCS index.

XML (external cause, neoplasm and drug files of April 2026 inspected whole; the main index by its schema): root ``ICD10CM.index`` with
``version``, ``title`` or ``indexHeading/head col="n"``, then ``letter > mainTerm > term level="1..9"``. A ``title`` may hold ``nemod`` (nonessential
modifiers). ``code``, ``manif``, ``see``, ``seeAlso``, rarely ``seecat`` and ``subcat``; in the two tables ``cell col="2..7"``. ``-`` and ``--`` mean no code,
a trailing ``-`` means that more characters follow.

ICD-10-PCS index: root ``ICD10PCS.index`` with the same terms; codes stand in ``code``, ``codes`` and ``tab``, references in ``see`` and ``use``
(described, not seen). A flattened copy of the main index (``RowID, Letter, Level, Term, See, SeeAlso, NonEssModif, Code``) is read as well.

Source: CDC/NCHS and CMS, index files.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass, field

from ingest.publishers import Format, Piece, ReadSettings, TableRows, Tally
from ingest.publishers.cells import Layout
from ingest.publishers.icd10 import icd_release
from ingest.publishers.sample import Content, Sample
from knowledge.alphabetic import Book, IndexCell, IndexTerm, folded
from knowledge.codes import CodeSystem
from knowledge.errors import UnreadableFile
from knowledge.records import Licence
from knowledge.writing import EditionDraft

__all__ = ["FORMATS"]

_FLAT = Layout(
    "alphabetic index (flattened copy)",
    required={
        "id": "rowid", "level": "level", "term": "term", "see": "see", "also": "seealso", "modifiers": "nonessmodif", "code": "code",
    },
    optional={},
)  # fmt: skip
_TITLES = {
    Book.DISEASES: "ICD-10-CM index",
    Book.EXTERNAL_CAUSES: "ICD-10-CM external cause index",
    Book.NEOPLASMS: "ICD-10-CM table of neoplasms",
    Book.DRUGS: "ICD-10-CM table of drugs",
    Book.PCS: "ICD-10-PCS index",
}
_FEWEST = {Book.DISEASES: 50_000, Book.EXTERNAL_CAUSES: 3_000, Book.NEOPLASMS: 500, Book.DRUGS: 4_000, Book.PCS: 5_000}


def _book_of(sample: Sample) -> Book:
    if sample.root == "ICD10PCS.index":
        return Book.PCS
    head = sample.text[:4000].lower()
    heading = re.search(r"<head[^>]*>\s*(neoplasm|substance)", head)
    if heading is not None:
        return Book.NEOPLASMS if heading[1] == "neoplasm" else Book.DRUGS
    return Book.EXTERNAL_CAUSES if "external cause" in head else Book.DISEASES


def _read(sample: Sample, settings: ReadSettings) -> Piece:
    book, tally = _book_of(sample), Tally(sample.place)
    stated = re.search(r"<version>\s*([^<]*)</version>", sample.text)
    label, start, end = icd_release(sample, stated[1] if stated else "")
    system = CodeSystem.ICD10PCS if book is Book.PCS else CodeSystem.ICD10CM
    draft = EditionDraft(
        f"icd {book}", "CMS" if book is Book.PCS else "CDC/NCHS", _TITLES[book], label, start, end, True, Licence.PUBLIC, sample.place,
        sample.file.sha256, system=system,
    )  # fmt: skip
    reading = _Reading(book, tally)
    rows = TableRows(draft, lambda: reading.terms(sample), fewest=_FEWEST[book])
    return Piece(sample.file, _TITLES[book], (rows,), tally)


@dataclass(slots=True)
class _Reading:
    book: Book
    tally: Tally
    headings: dict[int, str] = field(default_factory=dict)
    ord: int = 0

    def terms(self, sample: Sample) -> Iterator[IndexTerm | IndexCell]:
        self.ord = 0
        try:
            with sample.file.path.open("rb") as file:
                for _, element in ET.iterparse(file, events=("end",)):
                    if element.tag == "head":
                        self.headings[int(element.get("col", "0"))] = _clean(element.text)
                    elif element.tag == "mainTerm":
                        yield from self._below(element, 0, 0, "")
                        element.clear()
        except ET.ParseError as error:
            raise UnreadableFile(
                f"{sample.place}: expected well-formed XML, got {error}: download the file again"
            ) from error

    def _below(self, element: ET.Element, parent: int, level: int, above: str) -> Iterator[IndexTerm | IndexCell]:
        self.tally.read += 1
        self.ord += 1
        self.tally.line = self.ord
        own = self.ord
        title, modifiers = _title(element)
        if not title:
            self.tally.reject("a term without a title", f"term {own}")
            return
        path = f"{above}, {title}" if above else title
        codes = [
            _code(child.text) for tag in ("code", "codes", "tab", "subcat", "seecat") for child in element.findall(tag)
        ]
        see = [_clean("".join(child.itertext())) for tag in ("see", "use") for child in element.findall(tag)]
        also = [_clean("".join(child.itertext())) for child in element.findall("seeAlso")]
        yield IndexTerm(
            self.book, own, parent, level, path, modifiers, " ".join(filter(None, codes)), _code(element.findtext("manif")), "; ".join(see),
            "; ".join(also), folded(path),
        )  # fmt: skip
        for cell in element.findall("cell"):
            place, code = int(cell.get("col", "0")), _code(cell.text)
            if code:
                yield IndexCell(self.book, own, self.headings.get(place, f"column {place}"), code, place)
        for child in element.findall("term"):
            yield from self._below(child, own, level + 1, path)


def _title(element: ET.Element) -> tuple[str, str]:
    title = element.find("title")
    if title is None:
        return "", ""
    modifiers = [_clean(child.text) for child in title.iter("nemod")]
    words = [title.text or ""] + [child.tail or "" for child in title]
    return _clean(" ".join(words)).strip(", "), " ".join(filter(None, modifiers))


def _code(text: str | None) -> str:
    value = _clean(text).upper().replace(".", "")
    return "" if value.strip("-") == "" else value


def _clean(text: str | None) -> str:
    return " ".join((text or "").split())


def _is_index(sample: Sample) -> bool:
    return sample.content is Content.XML and sample.root in ("ICD10CM.index", "ICD10PCS.index")


def _read_flat(sample: Sample, settings: ReadSettings) -> Piece:
    tally = Tally(sample.place)
    label, start, end = icd_release(sample)
    draft = EditionDraft(
        f"icd {Book.DISEASES}", "CDC/NCHS", _TITLES[Book.DISEASES], label, start, end, True, Licence.PUBLIC, sample.place, sample.file.sha256,
        system=CodeSystem.ICD10CM,
    )  # fmt: skip
    rows = TableRows(draft, lambda: _flat_terms(sample, tally), fewest=_FEWEST[Book.DISEASES])
    return Piece(sample.file, f"{_TITLES[Book.DISEASES]} (flattened copy)", (rows,), tally, rank=1)


def _flat_terms(sample: Sample, tally: Tally) -> Iterator[IndexTerm]:
    columns, _ = _FLAT.header_of(sample.rows, sample.place)
    above: list[tuple[int, str]] = []
    for row in sample.all_rows():
        if row.line <= columns.header_line or not any(row.cells):
            continue
        tally.line, tally.read = row.line, tally.read + 1
        told = {field: _clean(columns.get(row, field)) for field in _FLAT.required}
        if not (told["id"].isdigit() and told["level"].isdigit() and told["term"]) or int(told["level"]) > len(above):
            tally.reject(
                f"expected a row number, a level below the one above and a term, got {told['level'][:8]!r} {told['term'][:30]!r}"
            )
            continue
        level = int(told["level"])
        parent, path = above[level - 1] if level else (0, "")
        path = f"{path}, {told['term']}" if path else told["term"]
        above = [*above[:level], (int(told["id"]), path)]
        yield IndexTerm(
            Book.DISEASES,
            int(told["id"]),
            parent,
            level,
            path,
            told["modifiers"],
            _code(told["code"]),
            "",
            told["see"],
            told["also"],
            folded(path),
        )


FORMATS = (
    Format("alphabetic index", _is_index, _read),
    Format("alphabetic index (flattened copy)", lambda s: s.tabular and _FLAT.find(s.rows[:1]) is not None, _read_flat),
)
