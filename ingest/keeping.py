"""What is loaded stays: editions that this build does not read again are copied from the file in use into the one being built.

They are the user's own, and those of packages that cannot be had or read this time.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Collection
from pathlib import Path

from knowledge.errors import KnowledgeError
from knowledge.schema import MIGRATIONS, version
from knowledge.writing import ReferenceWriter

__all__ = ["keep_editions"]


def keep_editions(old: Path, writer: ReferenceWriter, scratch: Path, packages: Collection[str]) -> int:
    """Copy the editions of ``old`` that the user loaded or that were read from one of ``packages`` (names), with their rows.

    Returns how many there were. An older schema is brought up to date on a copy in ``scratch``.
    """
    source = _current_schema(old, scratch)
    db = writer.connection
    db.execute("ATTACH DATABASE ? AS old", (str(source),))
    try:
        db.execute("BEGIN")
        listed = db.execute("SELECT id, packaged, source FROM old.edition ORDER BY id").fetchall()
        editions = [
            id_ for id_, packaged, source in listed if not packaged or str(source).partition("==")[0] in packages
        ]
        numbers = {edition: _copy(db, edition) for edition in editions}
        _copy_files(db, numbers)
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise
    finally:
        db.execute("DETACH DATABASE old")
    return len(editions)


def _current_schema(old: Path, scratch: Path) -> Path:
    with sqlite3.connect(f"{old.resolve().as_uri()}?mode=ro&immutable=1", uri=True) as db:
        have = version(db)
    db.close()
    if have > len(MIGRATIONS):
        raise KnowledgeError(
            f"expected a knowledge file of schema {len(MIGRATIONS)} or older, got {have} in {old}: update medcode"
        )
    if have == len(MIGRATIONS):
        return old
    copy = scratch / "migrated.sqlite"
    shutil.copyfile(old, copy)
    with ReferenceWriter(copy):
        return copy


def _copy(db: sqlite3.Connection, edition: int) -> int:
    new = int(db.execute("SELECT coalesce(max(id), 0) + 1 FROM main.edition").fetchone()[0])
    _copy_rows(db, "edition", {"id": str(new)}, f"id = {edition}")
    for (table,) in db.execute("SELECT name FROM main.sqlite_schema WHERE type = 'table' ORDER BY name").fetchall():
        if "edition" in _columns(db, table) and table not in ("ptp", "loaded_file"):
            _copy_rows(db, table, {"edition": str(new)}, f"edition = {edition}")
    db.execute("INSERT OR IGNORE INTO main.rationale(text) SELECT text FROM old.rationale")
    same = "(SELECT m.id FROM main.rationale m JOIN old.rationale o ON o.text = m.text WHERE o.id = old.ptp.rationale)"
    _copy_rows(db, "ptp", {"edition": str(new), "rationale": same}, f"edition = {edition}")
    mine = f"document IN (SELECT id FROM old.document WHERE edition = {edition})"
    _copy_rows(db, "document_about", {}, mine)
    _copy_rows(db, "passage", {}, mine)
    return new


def _copy_files(db: sqlite3.Connection, numbers: dict[int, int]) -> None:
    # Files that gave no edition (refused ones) are kept too: the user wants to know why.
    renumbered = "".join(f" WHEN {old} THEN {new}" for old, new in numbers.items())
    _copy_rows(db, "loaded_file", {"edition": f"CASE edition{renumbered} END" if renumbered else "NULL"}, "1")
    _copy_rows(db, "rejected_row", {}, "1")


def _copy_rows(db: sqlite3.Connection, table: str, changed: dict[str, str], where: str) -> None:
    # Columns are named: a migrated table may hold them in another order than a new one.
    columns = _columns(db, table)
    values = ", ".join(changed.get(name, f'"{name}"') for name in columns)
    names = ", ".join(f'"{name}"' for name in columns)
    db.execute(f"INSERT INTO main.{table}({names}) SELECT {values} FROM old.{table} WHERE {where}")


def _columns(db: sqlite3.Connection, table: str) -> list[str]:
    return [row[1] for row in db.execute(f"PRAGMA main.table_info({table})")]
