"""What was loaded from which file: read back for the status page and to tell a file that is already loaded."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from knowledge.records import Edition
from knowledge.reference import ReferenceStore

__all__ = ["LoadedFile", "Outcome", "RejectedRow", "TableStatus", "loaded_files", "rejected_rows", "status"]


class Outcome(StrEnum):
    """What became of a file."""

    LOADED = "loaded"
    ALREADY_LOADED = "already loaded"
    PASSED_OVER = "passed over"
    """Another file holds the same rows (txt beside xlsx)."""
    REFUSED = "refused"
    UNKNOWN = "not recognised"


@dataclass(frozen=True, slots=True)
class LoadedFile:
    """One file that was read, and what it gave."""

    id: int
    sha256: str
    place: str
    format: str
    edition: int | None
    """Id of the edition it filled; None for a refused file."""
    part: str
    parts: tuple[str, ...]
    outcome: Outcome
    reason: str
    """Why it was refused; empty when it was loaded."""
    rows_read: int
    accepted: int
    dropped: int
    """Left out by a rule of the format, e.g. NCCI indicator 9."""
    rejected: int
    restored: int
    """Codes put right that a spreadsheet had changed."""
    rank: int
    """0 for the best file of its edition; one of higher rank (a workbook beside the text) never takes its place."""
    loaded_at: str


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """One row that could not be used."""

    file: str
    place: str
    reason: str


@dataclass(frozen=True, slots=True)
class TableStatus:
    """One loaded edition as the status shows it."""

    edition: Edition
    files: tuple[LoadedFile, ...]
    age_days: int
    """Days since its first date of service, 0 for one that has not begun."""
    missing_parts: tuple[str, ...]
    """Parts of the release that are not loaded; empty for a complete edition and for packaged ones."""


def loaded_files(reference: ReferenceStore) -> tuple[LoadedFile, ...]:
    """Return every file that was loaded or refused, in the order of reading."""
    rows = reference.connection.execute(
        "SELECT id, sha256, place, format, edition, part, parts, outcome, reason, rows_read, accepted, dropped, rejected, restored, rank, loaded_at "
        "FROM loaded_file ORDER BY id"
    )
    return tuple(_loaded_file(row) for row in rows)


def rejected_rows(
    reference: ReferenceStore, file: LoadedFile | None = None, limit: int = 1000
) -> tuple[RejectedRow, ...]:
    """Return up to ``limit`` rejected rows (of ``file``, or of all files), with their place and the reason."""
    rows = reference.connection.execute(
        "SELECT f.place, r.place, r.reason FROM rejected_row r JOIN loaded_file f ON f.id = r.file WHERE ?1 IS NULL OR f.id = ?1 "
        "ORDER BY f.id, r.ord LIMIT ?2",
        (file.id if file else None, limit),
    )
    return tuple(RejectedRow(*row) for row in rows)


def status(reference: ReferenceStore, today: date) -> tuple[TableStatus, ...]:
    """Return every loaded edition with its files, by table, setting and date."""
    files = loaded_files(reference)
    found = []
    for edition in reference.editions:
        mine = tuple(file for file in files if file.edition == edition.id)
        wanted = dict.fromkeys(part for file in mine for part in file.parts)
        missing = tuple(part for part in wanted if part not in {file.part for file in mine})
        start = edition.effective_from if edition.effective_from > date.min else _loaded_on(edition)
        found.append(TableStatus(edition, mine, max(0, (today - start).days), missing))
    return tuple(
        sorted(
            found,
            key=lambda s: (
                s.edition.table,
                s.edition.setting or "",
                s.edition.title,
                -s.edition.effective_from.toordinal(),
            ),
        )
    )


def _loaded_file(row: Sequence[Any]) -> LoadedFile:
    id_, sha, place, layout, edition, part, parts, outcome, *rest = row
    return LoadedFile(id_, sha, place, layout, edition, part, tuple(json.loads(parts)), Outcome(outcome), *rest)


def _loaded_on(edition: Edition) -> date:
    return datetime.fromisoformat(edition.loaded_at).date() if edition.loaded_at else date.min
