"""What an edition must satisfy before it is swapped in. Each check returns what is wrong, or an empty string.

Source of the rules: CMS NCCI Policy Manual, chapter I (an active edit has indicator 0 or 1; a pair is an edit in one order only; MUE
adjudication indicators are 1 to 3); CMS PFS record layout. Known rows are codes that have stood in every release for many years.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from knowledge.schema import OPEN

__all__ = ["problem_of"]

SHRINKAGE = 0.5
"""A whole edition with fewer rows than this share of the one before it is refused as cut off."""


def problem_of(db: sqlite3.Connection, edition: int, *, fewest: int, cut: bool) -> str:
    """Return the first thing that is wrong with a written edition, or an empty string.

    ``fewest`` is the number of rows below which a complete edition cannot be whole. ``cut`` leaves out what only a whole file satisfies.
    """
    table, setting, title, complete = db.execute(
        "SELECT name, setting, title, complete FROM edition WHERE id = ?", (edition,)
    ).fetchone()
    rows = _rows(db, edition)
    for check in _ALWAYS.get(table, ()):
        if problem := check(db, edition):
            return problem
    if cut or not complete:
        return ""
    if rows < fewest:
        return f"expected at least {fewest:,} rows in a whole edition, got {rows:,}: the file is cut off, download it again"
    before = db.execute(
        "SELECT max(rows) FROM edition WHERE name = ? AND setting IS ? AND title = ? AND complete = 1 AND id <> ?",
        (table, setting, title, edition),
    ).fetchone()[0]
    if before and rows < SHRINKAGE * before:
        return f"expected about as many rows as the edition before ({before:,}), got {rows:,}: the file is cut off"
    for check in _WHOLE.get(table, ()):
        if problem := check(db, edition):
            return problem
    return ""


def _rows(db: sqlite3.Connection, edition: int) -> int:
    return int(db.execute("SELECT rows FROM edition WHERE id = ?", (edition,)).fetchone()[0])


def _sound_edits(db: sqlite3.Connection, edition: int) -> str:
    # One pass for both rules. Most active edits have the lower code in column 1, so the others are the ones to look up the other way round.
    row = db.execute(
        "SELECT a.column1, a.column2, a.indicator FROM ptp a WHERE a.edition = ?1 AND (a.indicator NOT IN (0, 1) OR ("
        "a.deletion = ?2 AND a.column1 > a.column2 AND EXISTS (SELECT 1 FROM ptp b "
        "WHERE b.column1 = a.column2 AND b.column2 = a.column1 AND b.edition = ?1 AND b.deletion = ?2))) LIMIT 1",
        (edition, OPEN),
    ).fetchone()
    if row is None:
        return ""
    if row[2] not in (0, 1):
        return f"the edit {row[0]}/{row[1]} has neither indicator 0 nor 1"
    return f"the pair {row[0]}/{row[1]} is active in both orders"


def _adjudication(db: sqlite3.Connection, edition: int) -> str:
    row = db.execute(
        "SELECT value FROM mue WHERE edition = ? AND adjudication NOT IN (1, 2, 3) LIMIT 1", (edition,)
    ).fetchone()
    return f"the adjudication indicator of {row[0]} is not 1, 2 or 3" if row else ""


def _holds(table: str, column: str, *values: str, also: str = "") -> Callable[[sqlite3.Connection, int], str]:
    def check(db: sqlite3.Connection, edition: int) -> str:
        for value in values:
            clause = f" AND {also}" if also else ""
            if (
                db.execute(
                    f"SELECT 1 FROM {table} WHERE {column} = ? AND edition = ?{clause}", (value, edition)
                ).fetchone()
                is None
            ):
                return f"expected the row {value}{f' with {also}' if also else ''}, which every edition holds: the file is not whole"
        return ""

    return check


_ALWAYS: dict[str, tuple[Callable[[sqlite3.Connection, int], str], ...]] = {
    "ptp": (_sound_edits,),
    "mue": (_adjudication,),
}
_WHOLE: dict[str, tuple[Callable[[sqlite3.Connection, int], str], ...]] = {
    "ptp": (_holds("ptp", "column1", "45385", "29881"),),
    "mue": (_holds("mue", "value", "E0431"),),
    "fee": (_holds("fee", "value", "99213", "45378", also="status = 'A'"),),
    "fee_qpp": (_holds("fee", "value", "99213", "45378", also="status = 'A'"),),
    "hcpcs_detail": (_holds("hcpcs_detail", "value", "A0425", "E0431", "G0439"),),
    "gpci": (_holds("gpci", "state", "AK", "NY"),),
}
