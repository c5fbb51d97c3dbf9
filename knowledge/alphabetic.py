"""The alphabetic indexes and tables of ICD-10-CM and ICD-10-PCS, and their look-ups.

Source: CDC/NCHS, ICD-10-CM Index to Diseases and Injuries, External Cause of Injuries Index, Table of Neoplasms, Table of Drugs and
Chemicals; CMS, ICD-10-PCS Index. An index only leads to a code: the tabular list decides (ICD-10-CM Official Guidelines, section I.B.1).
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from knowledge.records import Edition, Found
from knowledge.reference import ReferenceStore
from knowledge.rows import columns, from_row

__all__ = ["AlphabeticIndex", "Book", "IndexCell", "IndexTerm", "TableLine", "folded"]


class Book(StrEnum):
    """The five indexes and tables."""

    DISEASES = "index"
    EXTERNAL_CAUSES = "external causes"
    NEOPLASMS = "neoplasms"
    DRUGS = "drugs"
    PCS = "pcs index"


@dataclass(frozen=True, slots=True)
class IndexTerm:
    """One line of an index: a main term or a subterm with everything above it."""

    book: Book
    ord: int
    """Place in the book, from 1."""
    parent: int
    """``ord`` of the term above, 0 for a main term."""
    level: int
    """0 for a main term."""
    path: str
    """Main term and subterms, joined by ``, ``."""
    modifiers: str
    """Nonessential modifiers of this line, as printed."""
    code: str
    """As published, without dot; ends in ``-`` where more characters follow; empty for a cross reference."""
    manifestation: str
    """Second code in brackets, without dot."""
    see: str
    see_also: str
    words: str
    """The path folded for look-up: lower case, no accents, letters and digits only."""


@dataclass(frozen=True, slots=True)
class IndexCell:
    """One cell of the table of neoplasms or of drugs."""

    book: Book
    ord: int
    heading: str
    """Column heading, e.g. ``Malignant Primary`` or ``Adverse effect``."""
    code: str
    """Without dot; ends in ``-`` where more characters follow."""
    place: int
    """Column, from 2 as published."""


@dataclass(frozen=True, slots=True)
class TableLine:
    """One line of the table of neoplasms or of drugs with its cells, left to right."""

    term: IndexTerm
    cells: tuple[IndexCell, ...]


def folded(text: str) -> str:
    """Return ``text`` in lower case without accents, its words of letters and digits joined by single blanks."""
    plain = unicodedata.normalize("NFKD", text.lower())
    letters = "".join(c if c.isalnum() else " " for c in plain if not unicodedata.combining(c))
    return " ".join(letters.split())


class AlphabeticIndex:
    """Look-ups in the alphabetic indexes of one reference store."""

    def __init__(self, reference: ReferenceStore) -> None:
        self._reference = reference
        self._db = reference.connection

    def edition(self, book: Book, day: date) -> Edition | None:
        """Return the edition of ``book`` that answers for ``day``."""
        return self._reference.nearest_edition(f"icd {book}", day)

    def terms(self, book: Book, text: str, day: date, limit: int = 50) -> tuple[Found[IndexTerm], ...]:
        """Return up to ``limit`` lines whose path begins with ``text``, in the order of the book."""
        words = folded(text)
        if not words:
            return ()
        return self._found(book, "words >= ? AND words < ?", (words, words + "\U0010ffff"), day, limit)

    def containing(self, book: Book, text: str, day: date, limit: int = 50) -> tuple[Found[IndexTerm], ...]:
        """Return up to ``limit`` lines whose path holds every word of ``text``, in the order of the book."""
        words = folded(text).split()
        if not words:
            return ()
        clause = " AND ".join("instr(' ' || words || ' ', ?)" for _ in words)
        return self._found(book, clause, tuple(f" {word} " for word in words), day, limit)

    def leading_to(self, book: Book, code: str, day: date, limit: int = 50) -> tuple[Found[IndexTerm], ...]:
        """Return the lines that lead to ``code`` (no dot), by their own code or by a cell of the table."""
        clause = (
            "(code = ? OR manifestation = ? OR EXISTS (SELECT 1 FROM index_cell c WHERE c.code = ? AND c.book = index_term.book "
            "AND c.ord = index_term.ord AND c.edition = index_term.edition))"
        )
        return self._found(book, clause, (code, code, code), day, limit)

    def below(self, term: Found[IndexTerm]) -> tuple[IndexTerm, ...]:
        """Return the subterms directly below ``term``."""
        rows = self._db.execute(
            f"SELECT {columns(IndexTerm)} FROM index_term WHERE book = ? AND edition = ? AND parent = ? ORDER BY ord",
            (term.record.book, term.edition.id, term.record.ord),
        )
        return tuple(from_row(IndexTerm, row) for row in rows)

    def line(self, term: Found[IndexTerm]) -> TableLine:
        """Return the cells of a line of the table of neoplasms or drugs."""
        rows = self._db.execute(
            f"SELECT {columns(IndexCell)} FROM index_cell WHERE book = ? AND ord = ? AND edition = ? ORDER BY place",
            (term.record.book, term.record.ord, term.edition.id),
        )
        return TableLine(term.record, tuple(from_row(IndexCell, row) for row in rows))

    def _found(
        self, book: Book, clause: str, values: tuple[str, ...], day: date, limit: int
    ) -> tuple[Found[IndexTerm], ...]:
        edition = self.edition(book, day)
        if edition is None:
            return ()
        rows = self._db.execute(
            f"SELECT {columns(IndexTerm)} FROM index_term WHERE book = ? AND edition = ? AND {clause} ORDER BY ord LIMIT ?",
            (book, edition.id, *values, limit),
        )
        standing = self._reference.standing(edition, day)
        return tuple(Found(from_row(IndexTerm, row), edition, standing) for row in rows)
