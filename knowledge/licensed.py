"""The user's own licensed CPT text, in a store of its own below ``private/``: never in the reference file, the search index or an export.

CPT is a registered trademark of the American Medical Association; its wording may be shown only to licensed users, with the notice.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from knowledge.home import Home

__all__ = ["AMA_NOTICE", "LicensedDescriptor", "LicensedText", "store_descriptors"]

AMA_NOTICE = (
    "CPT copyright American Medical Association. All rights reserved. CPT is a registered trademark of the American Medical Association. "
    "Shown under your own licence."
)


@dataclass(frozen=True, slots=True)
class LicensedDescriptor:
    """One descriptor of the user's CPT set; show it with :data:`AMA_NOTICE` only."""

    code: str
    """A CPT code, or a modifier for the kind ``modifier``."""
    kind: str
    """``long``, ``medium``, ``short``, ``consumer``, ``clinician`` or ``modifier``."""
    text: str
    edition: str


class LicensedText:
    """Read access to the licensed descriptors; finds nothing where no licensed file was loaded."""

    def __init__(self, home: Home) -> None:
        self._path = home.root / "private" / "cpt.sqlite"

    def descriptors(self, code: str) -> tuple[LicensedDescriptor, ...]:
        """Return the descriptors of a code or modifier, longest kind first."""
        if not self._path.is_file():
            return ()
        order = "CASE kind WHEN 'long' THEN 0 WHEN 'medium' THEN 1 WHEN 'short' THEN 2 ELSE 3 END"
        with closing(sqlite3.connect(f"{self._path.resolve().as_uri()}?mode=ro", uri=True)) as db:
            rows = db.execute(
                f"SELECT code, kind, text, edition FROM descriptor WHERE code = ? ORDER BY {order}, text", (code,)
            )
            return tuple(LicensedDescriptor(*row) for row in rows)


def store_descriptors(home: Home, kind: str, edition: str, rows: Iterable[tuple[str, str]]) -> int:
    """Replace the descriptors of ``kind`` by ``rows`` of (code, text) in one transaction and return their number."""
    path = home.private / "cpt.sqlite"
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        _only_for_the_user(path)
        db.execute(
            "CREATE TABLE IF NOT EXISTS descriptor(code TEXT NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL, edition TEXT NOT NULL)"
        )
        db.execute("CREATE INDEX IF NOT EXISTS descriptor_code ON descriptor(code)")
        db.execute("BEGIN IMMEDIATE")
        try:
            db.execute("DELETE FROM descriptor WHERE kind = ?", (kind,))
            cursor = db.executemany(
                "INSERT INTO descriptor VALUES(?,?,?,?)", ((code, kind, text, edition) for code, text in rows)
            )
        except BaseException:
            db.execute("ROLLBACK")
            raise
        db.execute("COMMIT")
        return cursor.rowcount


def _only_for_the_user(path: Path) -> None:
    if os.name == "posix":
        path.chmod(0o600)
