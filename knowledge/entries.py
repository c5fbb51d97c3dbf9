"""Searchable entries: one row per title, alias or passage, and the word index over them.

A title or alias leads to its code; a passage, and an alias of a card that is about no single code, leads to a passage. Each alias is
a row of its own: joined to the title it would blur the vector of both (measured: recall@10 .700 against .618).
"""

from __future__ import annotations

import hashlib
import re
import sqlite3
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import Protocol

__all__ = [
    "PASSAGES",
    "Entry",
    "EntryKind",
    "Fingerprinted",
    "ShelvedText",
    "block_range",
    "corpus_key",
    "exact_form",
    "shelved_texts",
    "words_of",
    "write_entries",
]

PASSAGES = "passages"
"""The shelf of what leads to a passage; what leads to a code stands on the shelf of its code system."""


class EntryKind(StrEnum):
    """What an entry's text is."""

    TITLE = "title"
    ALIAS = "alias"
    PASSAGE = "passage"


class Fingerprinted(Protocol):
    """What an embedder tells of itself; see :class:`knowledge.embeddings.Embedder`."""

    @property
    def sha(self) -> str:
        """SHA-256 of everything the vectors depend on."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One searchable text and what it leads to. Make one with :meth:`title`, :meth:`alias` or :meth:`passage`."""

    kind: EntryKind
    text: str
    system: str = ""
    """Code system of :attr:`code`, empty when the entry leads to no code."""
    code: str = ""
    """Normalised code (no dot)."""
    passage_id: str = ""
    topic: str = ""
    embedded: bool = True
    """Whether the text gets a vector; where False the entry is found by words and by code only."""

    @classmethod
    def for_title(cls, system: str, code: str, text: str, *, topic: str = "", embedded: bool = True) -> Entry:
        """Return the entry of a code's title."""
        return cls(EntryKind.TITLE, text, system, code, "", topic, embedded)

    @classmethod
    def for_alias(
        cls,
        text: str,
        *,
        system: str = "",
        code: str = "",
        passage_id: str = "",
        topic: str = "",
        embedded: bool = True,
    ) -> Entry:
        """Return the entry of another name: of a code (``system`` and ``code``) or of a card's passage (``passage_id``)."""
        return cls(EntryKind.ALIAS, text, system, code, passage_id, topic, embedded)

    @classmethod
    def for_passage(
        cls, passage_id: str, text: str, *, topic: str, system: str = "", code: str = "", embedded: bool = True
    ) -> Entry:
        """Return the entry of a passage; ``system`` and ``code`` name the one code its document is about, if it is about one."""
        return cls(EntryKind.PASSAGE, text, system, code, passage_id, topic, embedded)

    @property
    def uid(self) -> str:
        """Stable name of the entry: kind, what it leads to, and a short hash of the text."""
        owner = self.passage_id if self.leads_to_passage else f"{self.system}:{self.code}"
        return f"{self.kind}:{owner}:{text_key(self.text)[:12]}"

    @property
    def leads_to_passage(self) -> bool:
        """Whether the entry leads to a passage; otherwise it leads to a code."""
        return self.kind is EntryKind.PASSAGE or not self.code

    @property
    def shelf(self) -> str:
        """Where the vector stands: the code system, or :data:`PASSAGES`."""
        return PASSAGES if self.leads_to_passage else self.system


def write_entries(connection: sqlite3.Connection, entries: Iterable[Entry]) -> int:
    """Store ``entries``, index their words, and return the number of rows added; a row already there (same uid) is left as it is.

    May be called several times on one file. Commits. The last step records the corpus (:func:`corpus_key`) as a fact.
    """
    terms: Counter[str] = Counter()
    added = 0
    iterator = iter(entries)
    connection.execute("BEGIN")
    try:
        blocks = _Blocks(connection)
        while chunk := list(islice(iterator, 20_000)):
            connection.executemany(
                "INSERT INTO entry(id, uid, kind, system, code, passage, topic, text, shelf, exact, text_key, embedded) "
                "VALUES(?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT(uid) DO NOTHING",
                [(blocks.next_id(entry.shelf, entry.embedded), *_row(entry)) for entry in chunk],
            )
        for first, last in blocks.written():
            for (text,) in connection.execute("SELECT text FROM entry WHERE id BETWEEN ? AND ?", (first, last)):
                terms.update(set(words_of(text)))
                added += 1
            connection.execute(
                "INSERT INTO entry_words(rowid, text) SELECT id, text FROM entry WHERE id BETWEEN ? AND ?",
                (first, last),
            )
        connection.executemany(
            "INSERT INTO entry_term VALUES(?, ?) ON CONFLICT(term) DO UPDATE SET rows = rows + excluded.rows",
            sorted(terms.items()),
        )
        connection.execute("INSERT INTO entry_words(entry_words) VALUES('optimize')")
        digest = hashlib.sha256()
        for text in shelved_texts(connection):
            digest.update(f"{text.shelf}:{text.key}\n".encode())
        connection.execute(
            "INSERT INTO fact VALUES('corpus', ?) ON CONFLICT(name) DO UPDATE SET value = excluded.value",
            (digest.hexdigest(),),
        )
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
    return added


def _row(entry: Entry) -> tuple[object, ...]:
    return (
        entry.uid, entry.kind, entry.system, entry.code, entry.passage_id, entry.topic, entry.text, entry.shelf, exact_form(entry.text),
        text_key(entry.text), entry.embedded,
    )  # fmt: skip


class _Blocks:
    """Gives out row ids so that the rows of one shelf, embedded or not, are one range.

    The word index can be narrowed to a range of row ids at no cost; any other filter would read a list of all the shelf's rows.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._next: dict[tuple[str, bool], int] = {}
        self._first: dict[tuple[str, bool], int] = {}

    def next_id(self, shelf: str, embedded: bool) -> int:
        block = (shelf, embedded)
        if block not in self._next:
            self._next[block] = self._first[block] = self._begin(shelf, embedded)
        self._next[block] += 1
        return self._next[block] - 1

    def written(self) -> list[tuple[int, int]]:
        """Return the ranges of ids given out, both ends included."""
        return [(first, self._next[block] - 1) for block, first in self._first.items()]

    def _begin(self, shelf: str, embedded: bool) -> int:
        self._connection.execute("INSERT OR IGNORE INTO entry_block(shelf, embedded) VALUES(?, ?)", (shelf, embedded))
        number = self._connection.execute(
            "SELECT number FROM entry_block WHERE shelf = ? AND embedded = ?", (shelf, embedded)
        ).fetchone()[0]
        last = self._connection.execute(
            "SELECT max(id) FROM entry WHERE id BETWEEN ? AND ?", block_range(number)
        ).fetchone()[0]
        return int(last) + 1 if last is not None else block_range(number)[0]


def block_range(number: int) -> tuple[int, int]:
    """Return the first and last row id of a block."""
    return number << 32, ((number + 1) << 32) - 1


@dataclass(frozen=True, slots=True)
class ShelvedText:
    """One distinct text to embed for one shelf. Rows that share a text share its vector; none of them is lost."""

    shelf: str
    key: str
    text: str


def shelved_texts(connection: sqlite3.Connection) -> Iterator[ShelvedText]:
    """Yield every distinct text that gets a vector, in order of shelf and key."""
    for shelf, key, text in connection.execute(
        "SELECT shelf, text_key, min(text) FROM entry WHERE embedded = 1 GROUP BY shelf, text_key ORDER BY shelf, text_key"
    ):
        yield ShelvedText(shelf, key, text)


def corpus_key(corpus: str, embedder: Fingerprinted) -> str:
    """Return the name of the vectors' folder for a corpus and an embedder: 16 hexadecimal digits.

    ``corpus`` is the fact of that name in the reference file; it changes with every embedded text and with nothing else.
    """
    return hashlib.sha256(f"{_LAYOUT} {corpus} {embedder.sha}".encode()).hexdigest()[:16]


_LAYOUT = "shelves-1"
"""Changes when the way vectors are stored changes, so that an older folder is not mistaken for a current one."""


def text_key(text: str) -> str:
    """Return the identity of a text: 32 hexadecimal digits of its SHA-256."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]


_WORD = re.compile(r"[a-z0-9]+")


def words_of(text: str) -> list[str]:
    """Return the words of ``text`` in order: lower case, accents removed, letters and digits only (as the word index cuts them)."""
    plain = (
        text
        if text.isascii()
        else "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    )
    return _WORD.findall(plain.lower())


def exact_form(text: str) -> str:
    """Return the form in which two names count as the same: words in alphabetical order, without link words and ``NOS``.

    "Diabetes mellitus, type 2" and "type 2 diabetes mellitus" are one name, and so are "hypertension" and "hypertension (arterial)
    (benign)": what stands in brackets may be there or not. Applying it twice changes nothing.
    Source: ICD-10-CM Official Guidelines, section I.A.7: parentheses enclose words that do not affect the code, square brackets synonyms.
    """
    plain = _POSSESSIVE.sub("", text)
    form = _sorted_words(_BRACKETED.sub(" ", plain))
    return form or _sorted_words(plain)


def _sorted_words(text: str) -> str:
    return " ".join(sorted(word for word in words_of(text) if word not in _EMPTY))


_BRACKETED = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_POSSESSIVE = re.compile(r"['’]s?\b")
# Not "a" and not "s": hepatitis A, protein S.
_EMPTY = frozenset({"an", "and", "by", "due", "for", "in", "nos", "of", "on", "or", "the", "to", "unspecified", "with"})
