"""MS-DRG weights and the CC and MCC lists of FY2026, as the package drg 1.0.0 carries CMS's final rule tables.

- ``drg_weights.txt`` (Table 5): Windows-1252, tab-separated, a title over two lines, then the header ``MS-DRG``, ..., ``MDC``, ``TYPE``,
  ``MS-DRG Title``, ``Weights - Before Cap``, ``Weights - 10% Cap Applied``, ...; the weight in use is the one with the cap applied.
- ``mcc_list.txt`` (Table 6I) and ``cc_list.txt`` (Table 6J): a title line, the header ``Diagnosis Code``, ``Description``, then dotted codes.

Columns are found by their header. Source: CMS, IPPS final rule FY 2026, Tables 5, 6I and 6J.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TextIO

from ingest.readers import Rejects, Table
from knowledge.codes import Code, CodeSystem
from knowledge.errors import InvalidCode, UnreadableFile
from knowledge.records import ComplicationClass, DrgRecord
from knowledge.writing import EditionDraft

__all__ = ["read_complications", "read_weights"]


def read_weights(file: TextIO, draft: EditionDraft) -> Table:
    """Return the MS-DRGs of Table 5 with title, MDC, type and weight."""
    rejects = Rejects("MS-DRG Table 5")
    reader = csv.reader(file, delimiter="\t")
    columns = _header(reader, "MS-DRG", "Table 5")
    place = {name: _column(columns, name) for name in ("MDC", "TYPE", "MS-DRG Title", "Weights - 10% Cap Applied")}
    records = []
    for row in reader:
        number = row[0].strip() if row else ""
        if not re.fullmatch(r"\d{3}", number):
            continue  # footnotes follow the table
        mdc, kind, title, weight = (row[place[name]].strip() for name in place)
        if not re.fullmatch(r"\d+\.\d+", weight):
            weight = ""
        records.append(DrgRecord(number, " ".join(title.split()), mdc, kind, weight))
    return Table(replace(draft, table="drg"), records, rejects)


def read_complications(mcc: TextIO, cc: TextIO, draft: EditionDraft) -> Table:
    """Return the diagnoses of Tables 6I (MCC) and 6J (CC)."""
    rejects = Rejects("MS-DRG Tables 6I and 6J")
    records = [*_listed(mcc, "MCC", rejects), *_listed(cc, "CC", rejects)]
    rejects.settle(len(records))
    return Table(replace(draft, table="complication"), records, rejects)


def _listed(file: TextIO, level: str, rejects: Rejects) -> Iterator[ComplicationClass]:
    reader = csv.reader(file, delimiter="\t")
    _header(reader, "Diagnosis Code", f"the {level} list")
    for number, row in enumerate(reader, start=3):
        if not row or not row[0].strip():
            continue
        try:
            yield ComplicationClass(Code.parse(row[0], CodeSystem.ICD10CM).value, level)
        except InvalidCode as error:
            rejects.add(f"{level} line {number}", str(error))


def _header(reader: Iterator[list[str]], first: str, name: str) -> list[str]:
    for row in reader:
        if row and row[0].strip() == first:
            return [cell.strip() for cell in row]
    raise UnreadableFile(f"{name}: expected a header that starts with {first!r}, found none")


def _column(columns: list[str], name: str) -> int:
    if name not in columns:
        raise UnreadableFile(f"Table 5: expected the column {name!r}, got {', '.join(columns)[:120]!r}")
    return columns.index(name)
