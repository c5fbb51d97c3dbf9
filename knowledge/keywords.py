"""Finding entries by their words: exact names, codes, words, and repair of misspelt words.

User text never reaches SQL or the FTS5 query language as anything but quoted words: it is cut into letters and digits first
(:func:`knowledge.entries.words_of`), so that operators, quotes and column names in it are words like any other.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from knowledge.entries import EntryKind, block_range, exact_form, words_of

__all__ = ["EntryRow", "KeywordIndex", "content_words"]


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One entry as stored."""

    id: int
    kind: EntryKind
    system: str
    code: str
    passage_id: str
    topic: str
    text: str
    shelf: str
    text_key: str
    embedded: bool

    @property
    def target(self) -> tuple[str, str]:
        """What the entry leads to: (shelf, code) or (shelf, passage id)."""
        return self.shelf, self.code if self.leads_to_code else self.passage_id

    @property
    def leads_to_code(self) -> bool:
        """Whether the entry leads to a code; otherwise to a passage."""
        return self.kind is not EntryKind.PASSAGE and self.code != ""


class KeywordIndex:
    """The word index of one reference file. Safe to share between threads."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Read through ``connection``, which must allow use from other threads."""
        self._db = connection
        self._lock = threading.Lock()
        self._vocabulary: tuple[list[str], dict[str, int]] | None = None

    def match(
        self, text: str, *, shelves: Collection[str] | None = None, embedded: bool | None = None, limit: int = 100
    ) -> list[tuple[int, float]]:
        """Return (entry id, BM25 score) of entries that hold any word of ``text``, best first; higher is better.

        Up to ``limit`` of each shelf, rows with and without vectors counted apart, so that no shelf crowds out another; ``shelves`` and
        ``embedded`` keep only those. Stop words are left out; the last word also matches as the beginning of a longer one. Only the
        :data:`MOST_WORDS` rarest words of a long text are looked for.
        """
        words = self._worth_matching(content_words(text))
        if not words:
            return []
        last = words_of(text)[-1]
        terms = [f'"{word}"' for word in words] + ([f'"{last}"*'] if last in words and len(last) >= 3 else [])
        found: list[tuple[int, float]] = []
        for number, shelf, has_vectors in self._all(
            "SELECT number, shelf, embedded FROM entry_block ORDER BY number", ()
        ):
            if (shelves is None or shelf in shelves) and (embedded is None or embedded == has_vectors):
                rows = self._all(
                    "SELECT rowid, bm25(entry_words) AS score FROM entry_words "
                    "WHERE entry_words MATCH ? AND rowid BETWEEN ? AND ? ORDER BY score LIMIT ?",
                    (" OR ".join(terms), *block_range(number), limit),
                )
                found += [(int(row[0]), -float(row[1])) for row in rows]
        return sorted(found, key=lambda one: (-one[1], one[0]))

    def exact(self, text: str) -> list[EntryRow]:
        """Return the titles and aliases that say the same as ``text`` but for case, accents, punctuation, word order and articles."""
        form = exact_form(text)
        return self._rows("WHERE exact = ? AND kind <> 'passage' ORDER BY length(code), id", (form,)) if form else []

    def of_code(self, system: str, code: str) -> list[EntryRow]:
        """Return the titles and aliases of a code, title first; empty when the code is not in the index."""
        return self._rows(
            "WHERE system = ? AND code = ? AND kind <> 'passage' ORDER BY kind = 'title' DESC, id", (system, code)
        )

    def below_code(self, system: str, prefix: str, limit: int) -> list[EntryRow]:
        """Return the titles of up to ``limit`` codes that begin with ``prefix``, shortest first, then in code order."""
        return self._rows(
            "WHERE system = ? AND code > ? AND code < ? AND kind = 'title' ORDER BY length(code), code LIMIT ?",
            (system, prefix, prefix + "\U0010ffff", limit),
        )

    def rows(self, ids: Iterable[int]) -> dict[int, EntryRow]:
        """Return entries by id."""
        wanted = list(ids)
        return {row.id: row for row in self._rows(f"WHERE id IN ({_marks(wanted)})", wanted)} if wanted else {}

    def rows_of_texts(self, shelf: str, keys: Sequence[str]) -> dict[str, list[EntryRow]]:
        """Return every embedded entry of ``shelf`` whose text has one of ``keys``, by key."""
        found: dict[str, list[EntryRow]] = {}
        where = f"WHERE embedded = 1 AND shelf = ? AND text_key IN ({_marks(keys)}) ORDER BY id"
        for row in self._rows(where, (shelf, *keys)) if keys else ():
            found.setdefault(row.text_key, []).append(row)
        return found

    def shelves(self) -> tuple[str, ...]:
        """Return the shelves that hold embedded texts, in order."""
        return tuple(row[0] for row in self._all("SELECT shelf FROM entry_block WHERE embedded = 1 ORDER BY shelf", ()))

    def repaired(self, text: str) -> str | None:
        """Return ``text`` with misspelt words replaced by the nearest word of the index, or None when nothing needs repair.

        A word is taken for misspelt when the index has neither it nor another form of it, and repaired when a known word is within
        one edit (four to seven letters) or two (eight and more): inserted, deleted, replaced or swapped letters.
        """
        words = words_of(text)[:MOST_WORDS]
        repairs = {word: better for word in dict.fromkeys(words) if (better := self._nearest_word(word)) is not None}
        return " ".join(repairs.get(word, word) for word in words) if repairs else None

    def _nearest_word(self, word: str) -> str | None:
        if len(word) < 4 or not word.isalpha() or len(word) > 40 or word in STOP_WORDS:
            return None
        terms, rows = self._spellings()
        if word in rows or self._all("SELECT 1 FROM entry_words WHERE entry_words MATCH ? LIMIT 1", (f'"{word}"',)):
            return None
        from rapidfuzz import process
        from rapidfuzz.distance import OSA

        far = 1 if len(word) < 8 else 2
        near = process.extract(word, terms, scorer=OSA.distance, score_cutoff=far, limit=20)
        # Slips are rare in the first letter, and a frequent word is the likelier one.
        ranked = sorted(near, key=lambda one: (one[1] + (one[0][0] != word[0]), -rows[one[0]], one[0]))
        return str(ranked[0][0]) if ranked else None

    def terms(self) -> dict[str, int]:
        """Return every word of the index with the number of rows it is in."""
        return self._spellings()[1]

    def rows_with(self, word: str) -> int:
        """Return the number of entries that hold ``word`` as it stands (lower case)."""
        found = self._all("SELECT rows FROM entry_term WHERE term = ?", (word,))
        return int(found[0][0]) if found else 0

    def size(self) -> int:
        """Return the number of entries."""
        return int(self._all("SELECT count(*) FROM entry", ())[0][0])

    def _spellings(self) -> tuple[list[str], dict[str, int]]:
        with self._lock:
            if self._vocabulary is None:
                rows = {str(term): int(count) for term, count in self._db.execute("SELECT term, rows FROM entry_term")}
                self._vocabulary = [term for term in rows if len(term) >= 4 and term.isalpha()], rows
        return self._vocabulary

    def _worth_matching(self, words: list[str]) -> list[str]:
        """Return the words worth the index's time: not those in a tenth of all rows beside rarer ones, and not more than allowed."""
        if len(words) < 2:
            return words
        counts = {
            str(term): int(rows)
            for term, rows in self._all(f"SELECT term, rows FROM entry_term WHERE term IN ({_marks(words)})", words)
        }
        # Words the index does not have as they stand may still match by another ending, so they come last rather than never.
        rarest = sorted(words, key=lambda word: (word not in counts, counts.get(word, 0)))[:MOST_WORDS]
        kept = {word for word in rarest if counts.get(word, 0) <= FREQUENT} or set(rarest[:1])
        return [word for word in words if word in kept]

    def _rows(self, where: str, values: Sequence[Any]) -> list[EntryRow]:
        return [
            EntryRow(row[0], EntryKind(row[1]), row[2], row[3], row[4], row[5], row[6], row[7], row[8], bool(row[9]))
            for row in self._all(
                f"SELECT id, kind, system, code, passage, topic, text, shelf, text_key, embedded FROM entry {where}",
                values,
            )
        ]

    def _all(self, statement: str, values: Sequence[Any]) -> list[Any]:
        return self._db.execute(statement, tuple(values)).fetchall()


MOST_WORDS = 32
"""Most words of one text that are looked for."""

FREQUENT = 15_000
"""Words in more rows than this are left out beside rarer ones: they say little and cost most."""


def content_words(text: str) -> list[str]:
    """Return the distinct words of ``text`` without stop words, in order; all its words when nothing else is left."""
    words = list(dict.fromkeys(words_of(text[:LONGEST])))
    return [word for word in words if word not in STOP_WORDS and (len(word) > 1 or word.isdigit())] or words


LONGEST = 20_000
"""Characters of a text that are read for words."""

STOP_WORDS = frozenset(
    words_of(
        "a about an and any are as at be by can code codes coded coding do does for from had has have how i if in into is it its me my need of "
        "on or our please shall should tell that the their there these this to use used was we were what when where which who why will with "
        "would you your"
    )
)


def _marks(values: Sequence[Any]) -> str:
    return ",".join("?" * len(values))
