"""Publishers' own files: one module per format, each turning one published layout into rows of the reference store.

A format recognises a file by its content and reads it into a :class:`Piece`: the editions it fills, their rows (read while they are
written), and a :class:`Tally` of what was read, dropped, restored and rejected. It never writes.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from ingest.archive import SourceFile
from knowledge.errors import RefusedFile
from knowledge.home import Home
from knowledge.passages import Document, Passage
from knowledge.writing import EditionDraft, PtpEntry

__all__ = ["Format", "Piece", "Quarter", "ReadSettings", "TableRows", "Tally"]

ALLOWANCE = 3
"""Rows that may be rejected in any file, however small."""

TOLERANCE = 0.005
"""Share of a file's rows that may be rejected beyond :data:`ALLOWANCE`; past it the file is not what it promises."""

KEPT_REASONS = 2_000
"""Rejected rows of one file that are kept with line and reason; beyond it they are only counted."""


@dataclass(frozen=True, slots=True)
class ReadSettings:
    """What a reader may do."""

    licence: str = ""
    """The user's own AMA licence as they configured it (holder or number); empty means that no CPT or CDT text is kept."""
    today: date = field(default_factory=date.today)
    count: Callable[[str], int] = field(default=lambda text: len(text) // 4 + 1)
    """Counts the tokens of a passage."""
    cut: bool = False
    """True for files cut short on purpose (samples, tests): sizes and known rows are not checked."""


@dataclass(slots=True)
class Tally:
    """The count of one file: rows read, dropped by rule, restored from spreadsheet damage, and rejected with their lines."""

    place: str
    line: int = 0
    """Line (row of a sheet, element of an XML file) the reader stands on, from 1."""
    read: int = 0
    accepted: int = 0
    dropped: int = 0
    """Rows the format's rules leave out (NCCI indicator 9, CPT rows of a text file without a licence)."""
    restored: int = 0
    """Codes and numbers put right that a spreadsheet had changed in a way that can be undone exactly."""
    rejected: int = 0
    reasons: list[tuple[str, str]] = field(default_factory=list)
    """(place in the file, reason) of the rejected rows, the first :data:`KEPT_REASONS`."""

    def reject(self, reason: str, where: str = "") -> None:
        """Leave out the row the reader stands on."""
        self.rejected += 1
        if len(self.reasons) < KEPT_REASONS:
            self.reasons.append((where or f"line {self.line}", reason))

    def settle(self) -> None:
        """Check the rejects against the rows read.

        Raises :class:`~knowledge.errors.RefusedFile` past the tolerance, or when no row was read at all.
        """
        if self.rejected > max(ALLOWANCE, TOLERANCE * self.read):
            where, reason = self.reasons[0]
            raise RefusedFile(
                f"{self.place}: {self.rejected} of {self.read} rows cannot be used, more than {TOLERANCE:.1%}; first: {where}: {reason}"
            )
        if self.read == 0:
            raise RefusedFile(f"{self.place}: expected rows below the header, found none: download the file again")


@dataclass(frozen=True, slots=True)
class TableRows:
    """One edition a file fills, and its rows; ``rows`` is called once, while they are written."""

    draft: EditionDraft
    rows: Callable[[], Iterable[Any]]
    batches: Callable[[Mapping[str, int]], Iterable[Sequence[PtpEntry]]] | None = None
    """For PTP edits instead of ``rows``: takes the numbers of the rationales and gives edits ready to store, in batches."""
    after: Callable[[sqlite3.Connection, int], None] | None = None
    """Called with the edition's id once its rows are written, to join them to what is loaded already."""
    fewest: int = 1
    """Rows below which a complete file of this kind cannot be whole; less is refused."""


@dataclass(frozen=True, slots=True)
class Piece:
    """What one file gives."""

    file: SourceFile
    format: str
    """What the format is called in the load report."""
    tables: tuple[TableRows, ...]
    tally: Tally
    part: str = ""
    """Which part of its edition the file is, e.g. ``f2``; empty when the file is the whole edition."""
    parts: tuple[str, ...] = ()
    """All parts that make the edition complete; empty when any single file is complete."""
    rank: int = 0
    """Where one release holds the same rows in several files (txt, xlsx), the lowest rank is read and the others are passed over."""
    documents: Callable[[], Iterable[tuple[Document, tuple[Passage, ...]]]] | None = None
    """Prose for the first edition of :attr:`tables`."""
    supersedes_older: bool = False
    """True where an edition replaces every earlier one (coverage exports are republished whole each week)."""
    private: Callable[[Home], int] | None = None
    """Writes licensed text to the user's own store and returns the number of rows."""


@dataclass(frozen=True, slots=True)
class Format:
    """One published layout: how to tell it, and how to read it."""

    name: str
    recognises: Callable[[Any], bool]
    """Takes a :class:`ingest.publishers.sample.Sample`; True when the content has this layout."""
    read: Callable[[Any, ReadSettings], Piece]
    """Raises :class:`~knowledge.errors.UnreadableFile` or :class:`~knowledge.errors.RefusedFile`."""


@dataclass(frozen=True, slots=True, order=True)
class Quarter:
    """A calendar quarter, the cadence of most CMS releases."""

    year: int
    number: int
    """1 to 4."""

    @classmethod
    def of(cls, day: date) -> Quarter:
        """Return the quarter that holds ``day``."""
        return cls(day.year, (day.month + 2) // 3)

    @property
    def first_day(self) -> date:
        """Its first day."""
        return date(self.year, 3 * self.number - 2, 1)

    @property
    def last_day(self) -> date:
        """Its last day."""
        year, month = (self.year + 1, 1) if self.number == 4 else (self.year, 3 * self.number + 1)
        return date(year, month, 1) - timedelta(days=1)

    @property
    def label(self) -> str:
        """The quarter as coders say it: ``2026 Q3``."""
        return f"{self.year} Q{self.number}"
