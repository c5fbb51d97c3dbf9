"""What is loaded, how old it is, how far the vectors are and where everything is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.types import Table
from knowledge.home import Home
from knowledge.records import Edition
from ui.views import SETTING_NAMES, shown_date

if TYPE_CHECKING:
    from knowledge.vectors import Progress

__all__ = [
    "TABLE_NAMES",
    "Inventory",
    "age",
    "editions_table",
    "size_of",
    "take_inventory",
    "time_left",
    "vectors_line",
]

TABLE_NAMES = {
    "addon": "Add-on codes", "word": "Search words", "asc_status": "ASC status", "asc": "ASC status", "category": "CMS categories", "code": "Codes", "complication": "CC and MCC",
    "crosswalk": "Equivalence mappings", "document": "Cards and publications", "documents": "Cards and publications", "drg": "MS-DRG titles",
    "fee": "Fee schedule", "hcc": "Risk adjustment", "modifier": "Modifiers", "modifier_conflict": "Modifier conflicts", "mue": "Unit limits (MUE)",
    "note": "Instructional notes", "opps": "OPPS status", "pcs_axis": "ICD-10-PCS axes", "ptp": "NCCI edits (PTP)", "validity": "Code validity",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Inventory:
    """The state of the knowledge in one home."""

    home: Path
    reference: Path
    built_at: str
    """When the newest edition was loaded, ISO 8601; empty for an empty file."""
    editions: tuple[Edition, ...]
    vectors: Progress | None
    """None when nobody has begun to make them."""
    vectors_ready: bool
    bytes_on_disk: int


def take_inventory(home: Home) -> Inventory:
    """Return what is loaded in ``home``; loads neither the vectors nor their model.

    Raises :class:`~knowledge.errors.KnowledgeMissing` when nothing has been built there.
    """
    from knowledge.embeddings import configured_embedder
    from knowledge.entries import corpus_key
    from knowledge.reference import ReferenceStore
    from knowledge.vectors import completed, progress_of

    reference = ReferenceStore(home.current)
    try:
        corpus = reference.fact("corpus")
        folder = home.vectors(corpus_key(corpus, configured_embedder())) if corpus else None
        return Inventory(
            home.root,
            reference.path,
            max((edition.loaded_at for edition in reference.editions), default=""),
            reference.editions,
            progress_of(folder) if folder else None,
            folder is not None and completed(folder) is not None,
            size_of(home.root),
        )
    finally:
        reference.close()


def editions_table(editions: Sequence[Edition], today: date) -> Table:
    """Return one row per loaded edition: table, publisher, edition, window, setting, rows, rejected, age, licence, checksum, completeness."""
    columns = (
        "table",
        "title",
        "edition",
        "age",
        "dates of service",
        "setting",
        "rows",
        "rejected",
        "holds",
        "publisher",
        "licence",
        "SHA-256",
    )
    ordered = sorted(
        editions, key=lambda e: (TABLE_NAMES.get(e.table, e.table), e.title, -e.effective_from.toordinal())
    )
    return Table(columns, tuple(_edition_row(edition, today) for edition in ordered))


def _edition_row(edition: Edition, today: date) -> tuple[str, ...]:
    until = edition.effective_to.isoformat() if edition.effective_to else "open"
    return (
        TABLE_NAMES.get(edition.table, edition.table) + (f": {edition.system.label}" if edition.system else ""),
        edition.title, edition.label, age(edition, today), f"{shown_date(edition.effective_from)} to {until}",
        SETTING_NAMES[edition.setting] if edition.setting else "", f"{edition.rows:,}", f"{edition.rejected:,}",
        "complete" if edition.complete else "partial", edition.publisher, edition.licence.value, edition.sha256[:12],
    )  # fmt: skip


def age(edition: Edition, today: date) -> str:
    """Return how old an edition is on ``today`` in words: ``in force``, ``ended 3 months ago``, ``from 2027-01-01``."""
    if edition.effective_from > today:
        return f"from {edition.effective_from.isoformat()}"
    if edition.effective_to is None or edition.effective_to >= today:
        return "in force"
    return f"ended {_span((today - edition.effective_to).days)} ago"


def _span(days: int) -> str:
    for size, unit in ((365, "year"), (30, "month"), (1, "day")):
        if days >= size:
            count = days // size
            return f"{count} {unit}{'s' if count != 1 else ''}"
    return "less than a day"


def vectors_line(progress: Progress | None, ready: bool) -> str:
    """Return how far the vectors are, as a sentence."""
    if ready:
        total = f" ({progress.total:,} texts)" if progress else ""
        return f"Search by meaning is ready{total}."
    if progress is None:
        return "Search by words only: the vectors have not been begun (`medcode vectors`)."
    left = f", about {time_left(progress.seconds_left)} left" if progress.seconds_left else ""
    return f"Words only until the vectors are ready: {progress.done:,} of {progress.total:,}{left}."


def time_left(seconds: float) -> str:
    """Return a duration as a person would say it."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def size_of(folder: Path) -> int:
    """Return the bytes of all files below ``folder``; a file that vanishes meanwhile counts nothing."""
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size if path.is_file() else 0
        except OSError:
            continue
    return total
