"""ICD-10-PCS tables and definitions.

Tables XML (layout described by several readers, not seen): root ``ICD10PCS.tabular``; each ``pcsTable`` has three ``axis pos="1..3"`` (``title``,
``label code="0"``) and rows ``pcsRow codes="n"`` with four ``axis pos="4..7"`` and their labels; a code is valid when one row of its table
allows all its last four characters.

Definitions XML (2024 content inspected in a flattened copy): root ``ICD10PCS.definitions``; ``section code > title, axis pos > title, terms >
title+, definition, explanation?, includes*``. The flattened copy (``elem, elemid, attr, value, level1, ...``) is read as well.

Source: CMS, ICD-10-PCS files.
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
from knowledge.codes import CodeSystem
from knowledge.errors import UnreadableFile
from knowledge.listings import PcsDefinition, PcsTableCell
from knowledge.records import Licence
from knowledge.writing import EditionDraft

__all__ = ["FORMATS"]

_FLAT = Layout(
    "ICD-10-PCS definitions (flattened copy)",
    required={"elem": "elem", "elemid": "elemid", "attr": "attr", "value": "value", "level1": "level1"},
    optional={},
)


def _draft(sample: Sample, table: str, title: str, stated: str) -> EditionDraft:
    label, start, end = icd_release(sample, stated)
    return EditionDraft(
        table,
        "CMS",
        title,
        label,
        start,
        end,
        True,
        Licence.PUBLIC,
        sample.place,
        sample.file.sha256,
        system=CodeSystem.ICD10PCS,
    )


def _stated(sample: Sample) -> str:
    match = re.search(r"<version>\s*([^<]*)</version>", sample.text)
    return match[1] if match else ""


def _read_tables(sample: Sample, settings: ReadSettings) -> Piece:
    tally = Tally(sample.place)
    draft = _draft(sample, "pcs_table", "ICD-10-PCS tables", _stated(sample))
    return Piece(
        sample.file, "ICD-10-PCS tables", (TableRows(draft, lambda: _cells(sample, tally), fewest=10_000),), tally
    )


def _cells(sample: Sample, tally: Tally) -> Iterator[PcsTableCell]:
    for number, table in enumerate(_elements(sample, "pcsTable"), start=1):
        tally.line = number
        head = list(_labels(table))
        stem = "".join(value for _, _, value, _ in head)
        if len(stem) != 3:
            tally.read += 1
            tally.reject(f"expected a table with three axes of one value, got stem {stem[:9]!r}", f"table {number}")
            continue
        rows = [(0, head)] + [(i, list(_labels(row))) for i, row in enumerate(table.findall("pcsRow"))]
        for i, labels in rows:
            for position, axis, value, label in labels:
                tally.read += 1
                if re.fullmatch(r"[0-9A-HJ-NP-Z]", value) and 1 <= position <= 7:
                    yield PcsTableCell(stem, i, position, axis, value, label)
                else:
                    tally.reject(
                        f"{stem}: expected a character and a position 1 to 7, got {value[:4]!r} at {position}",
                        f"table {number}",
                    )


def _labels(element: ET.Element) -> Iterator[tuple[int, str, str, str]]:
    for axis in element.findall("axis"):
        for label in axis.findall("label"):
            yield (
                int(axis.get("pos", "0") or 0),
                _clean(axis.findtext("title")),
                label.get("code", "").upper(),
                _clean(label.text),
            )


def _read_definitions(sample: Sample, settings: ReadSettings) -> Piece:
    tally = Tally(sample.place)
    draft = _draft(sample, "pcs_definition", "ICD-10-PCS definitions", _stated(sample))
    return Piece(
        sample.file,
        "ICD-10-PCS definitions",
        (TableRows(draft, lambda: _definitions(sample, tally), fewest=300),),
        tally,
    )


def _definitions(sample: Sample, tally: Tally) -> Iterator[PcsDefinition]:
    for section in _elements(sample, "section"):
        for axis in section.findall("axis"):
            for terms in axis.findall("terms"):
                tally.read += 1
                titles = [_clean(title.text) for title in terms.findall("title")]
                if not any(titles):
                    tally.reject("a definition without a title", f"section {section.get('code')}")
                    continue
                texts = [
                    " ".join(filter(None, (_clean(e.text) for e in terms.findall(tag))))
                    for tag in ("definition", "explanation")
                ]
                includes = "; ".join(filter(None, (_clean(e.text) for e in terms.findall("includes"))))
                yield PcsDefinition(
                    section.get("code", ""),
                    int(axis.get("pos", "0") or 0),
                    _clean(axis.findtext("title")),
                    titles[0],
                    texts[0],
                    texts[1],
                    includes,
                )


@dataclass(slots=True)
class _Term:
    texts: dict[str, list[str]] = field(default_factory=dict)

    def add(self, tag: str, text: str) -> None:
        self.texts.setdefault(tag, []).append(_clean(text))

    def definition(self, section: str, position: int, axis: str) -> PcsDefinition:
        get = {tag: "; ".join(filter(None, texts)) for tag, texts in self.texts.items()}
        return PcsDefinition(
            section,
            position,
            axis,
            self.texts["title"][0],
            get.get("definition", ""),
            get.get("explanation", ""),
            get.get("includes", ""),
        )


def _read_flat(sample: Sample, settings: ReadSettings) -> Piece:
    tally = Tally(sample.place)
    stated = next((row.cells[3] for row in sample.rows if len(row.cells) > 3 and row.cells[0] == "version"), "")
    draft = _draft(sample, "pcs_definition", "ICD-10-PCS definitions", stated)
    return Piece(
        sample.file,
        "ICD-10-PCS definitions",
        (TableRows(draft, lambda: _flat_definitions(sample, tally), fewest=300),),
        tally,
    )


def _flat_definitions(sample: Sample, tally: Tally) -> Iterator[PcsDefinition]:
    columns, _ = _FLAT.header_of(sample.rows, sample.place)
    section, position, axis, term = "", 0, "", None
    for row in sample.all_rows():
        if row.line <= columns.header_line:
            continue
        tally.line, tally.read = row.line, tally.read + 1
        tag, attribute, value = (columns.get(row, name) for name in ("elem", "attr", "value"))
        path = [cell for cell in row.cells[columns.places["level1"] :] if cell]
        if tag in ("terms", "axis", "section") and term is not None and term.texts.get("title"):
            yield term.definition(section, position, axis)
            term = None
        if tag == "section" and attribute == "code":
            section = value
        elif tag == "axis" and attribute == "pos":
            position = int(value)
        elif tag == "title" and path[-2:-1] == ["axis"]:
            axis = value
        elif tag == "terms":
            term = _Term()
        elif term is not None and path[-2:-1] == ["terms"]:
            term.add(tag, value)
    if term is not None and term.texts.get("title"):
        yield term.definition(section, position, axis)


def _elements(sample: Sample, tag: str) -> Iterator[ET.Element]:
    try:
        with sample.file.path.open("rb") as file:
            for _, element in ET.iterparse(file, events=("end",)):
                if element.tag == tag:
                    yield element
                    element.clear()
    except ET.ParseError as error:
        raise UnreadableFile(
            f"{sample.place}: expected well-formed XML, got {error}: download the file again"
        ) from error


def _clean(text: str | None) -> str:
    return " ".join((text or "").split())


FORMATS = (
    Format("ICD-10-PCS tables", lambda s: s.content is Content.XML and s.root == "ICD10PCS.tabular", _read_tables),
    Format(
        "ICD-10-PCS definitions",
        lambda s: s.content is Content.XML and s.root == "ICD10PCS.definitions",
        _read_definitions,
    ),
    Format(
        "ICD-10-PCS definitions (flattened copy)",
        lambda s: s.tabular and _FLAT.find(s.rows[:1]) is not None,
        _read_flat,
    ),
)
