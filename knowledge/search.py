"""Hybrid search over titles, aliases and passages.

In this order, because each step is surer than the next: codes written in the question; names that say exactly what it says; then
candidates by meaning (vectors) and by words (BM25), scored by cosine similarity with a smaller weight for how alike the texts are
written. A misspelt word is repaired and both spellings are searched. A code comes once, by its best row. Without vectors (they are
still being made) the words alone answer, and the result says so.

The weights were chosen on development sets (evals/search_benchmark.py); equal-vote rank fusion lost to vectors alone there.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from knowledge.codes import CodeSystem, readings
from knowledge.entries import PASSAGES, EntryKind, words_of
from knowledge.keywords import STOP_WORDS, EntryRow, KeywordIndex
from knowledge.likeness import Likeness

if TYPE_CHECKING:
    from knowledge.embeddings import Embedder, Vectors
    from knowledge.vectors import VectorStore

__all__ = ["Hit", "Leg", "SearchResult", "Searcher", "Weights"]


class Leg(StrEnum):
    """What found a hit."""

    CODE = "code"
    EXACT = "exact"
    VECTOR = "vector"
    WORDS = "words"
    SPELLING = "spelling"
    """Found for the repaired spelling of the question."""
    EXPANSION = "expansion"
    """Found for the question with an abbreviation or lay word written out."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One code or passage that was found, by its best entry."""

    kind: EntryKind
    """Kind of the best entry."""
    system: str
    code: str
    """Normalised code (no dot); empty for a passage about no single code."""
    passage_id: str
    topic: str
    text: str
    """The best entry's text."""
    score: float
    """From 0 to 1; 1 for a code or name that was written as it stands."""
    legs: tuple[Leg, ...]

    @property
    def leads_to_code(self) -> bool:
        """Whether the hit is a code; otherwise it is a passage."""
        return self.kind is not EntryKind.PASSAGE and self.code != ""


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What a search found."""

    hits: tuple[Hit, ...]
    """Best first."""
    did_you_mean: str | None
    """The question with misspelt words repaired, when there were any."""
    vectors_used: bool
    """False when only words, names and codes were searched: the vectors are not ready, or a code was asked for."""


@dataclass(frozen=True, slots=True)
class Weights:
    """How candidates are scored."""

    written: float = 0.15
    """Share of the score that comes from how alike the texts are written; the rest is cosine similarity."""
    repaired: float = 0.03
    """Taken from what only the repaired spelling found."""
    expanded: float = 0.01
    """Taken from what only a written-out abbreviation found."""
    heading: float = 0.06
    """A heading gives its place to a code below it that scores at most this much less."""
    candidates: int = 40
    """Candidates of each leg and shelf before scoring."""


class Searcher:
    """Searches one reference file and its vectors. Safe to share between threads."""

    def __init__(
        self,
        keywords: KeywordIndex,
        vectors: Callable[[], tuple[VectorStore, Embedder] | None] = lambda: None,
        *,
        expansions: Mapping[str, str] | None = None,
        weights: Weights | None = None,
    ) -> None:
        """Search ``keywords``, and the store that ``vectors`` returns (asked at each search, None while they are not ready).

        ``expansions`` maps abbreviations and lay words to the words to search for beside them ("HTN" to "hypertension"); a key may
        have several words. A key with capitals is an abbreviation: in small letters it counts only where it is no common word ("or",
        "add").
        """
        self._keywords, self._vectors = keywords, vectors
        self._expansions = {" ".join(words_of(short)): long for short, long in (expansions or {}).items()}
        self._abbreviations = {" ".join(words_of(short)) for short in expansions or {} if any(map(str.isupper, short))}
        self._longest = max((len(short.split()) for short in self._expansions), default=0)
        self._weights = weights or Weights()
        self._likeness: Likeness | None = None
        self._lock = threading.Lock()

    def search(
        self,
        text: str,
        *,
        systems: Collection[str] | None = None,
        topics: Collection[str] | None = None,
        kinds: Collection[str] | None = None,
        limit: int = 10,
    ) -> SearchResult:
        """Return up to ``limit`` codes and passages for ``text``, best first.

        ``systems`` keeps entries of these code systems, ``topics`` entries of these topics, ``kinds`` entries of these kinds; None keeps
        all. Of a very long text the beginning is searched.
        """
        scope = _Scope(systems, topics, kinds)
        question = text.strip()[:_LONGEST]
        if limit < 1 or not words_of(question):
            return SearchResult((), None, False)
        named = self._named(question, scope)
        if _is_only_codes(question):
            below = self._below(named, scope, limit - len(named)) if named else self._begun(question, scope, limit)
            # What is near an unknown code in spelling is another code altogether. Short ones may be words: B12, H1N1.
            if named or below or not _MAY_BE_A_WORD.fullmatch(question):
                return SearchResult(tuple([*named, *below][:limit]), None, False)
        elif begun := self._begun(question, scope, limit):
            return SearchResult(tuple(begun), None, False)
        variants = self._variants(question)
        # Names that are also codes were found already; a name spelt out in full is as sure as a code.
        sure = _without_repeats([*named, *self._same_name(variants, scope)])
        scored, vectors_used = self._scored(variants, scope, limit)
        hits = _without_repeats([*sure, *scored])[:limit]
        repaired = next((variant.text for variant in variants if variant.leg is Leg.SPELLING), None)
        return SearchResult(tuple(hits), repaired, vectors_used)

    def passages(self, text: str, topics: Sequence[str] = (), limit: int = 10) -> list[tuple[str, float]]:
        """Return up to ``limit`` (passage id, score from 0 to 1), best first; all topics when ``topics`` is empty."""
        question = text.strip()[:_LONGEST]
        if limit < 1 or not words_of(question):
            return []
        scope = _Scope(None, topics or None, None, only=frozenset({PASSAGES}))
        variants = self._variants(question)
        scored, _ = self._scored(variants, scope, limit)
        return [
            (hit.passage_id, hit.score)
            for hit in _without_repeats([*self._same_name(variants, scope), *scored])[:limit]
        ]

    # -- the sure steps ---------------------------------------------------------------------------------------------

    def _named(self, text: str, scope: _Scope) -> list[Hit]:
        """Return the codes that ``text`` spells out and the index has, in the order written."""
        hits: list[Hit] = []
        for spelt in _CODE_LIKE.findall(text)[:_MOST_CODES]:
            for code in readings(spelt):
                rows = [row for row in self._keywords.of_code(code.system, code.value) if scope.holds(row)]
                if rows:
                    hits.append(_hit(rows[0], 1.0, (Leg.CODE,)))
        return _without_repeats(hits)

    def _below(self, named: list[Hit], scope: _Scope, limit: int) -> list[Hit]:
        rows = [row for hit in named for row in self._keywords.below_code(hit.system, hit.code, max(limit, 0))]
        return [_hit(row, _BELOW, (Leg.CODE,)) for row in rows if scope.holds(row)]

    def _begun(self, text: str, scope: _Scope, limit: int) -> list[Hit]:
        """Return the codes that begin with ``text`` when it is the beginning of a code and nothing else."""
        begun = text.upper().replace(".", "").rstrip("-X ")
        if not _CODE_BEGUN.fullmatch(begun):
            return []
        rows = [row for system in CodeSystem for row in self._keywords.below_code(system, begun, limit)]
        return [_hit(row, _BELOW, (Leg.CODE,)) for row in rows if scope.holds(row)][:limit]

    def _same_name(self, variants: list[_Variant], scope: _Scope) -> list[Hit]:
        hits: list[Hit] = []
        for variant in variants:
            rows = [row for row in self._keywords.exact(variant.text) if scope.holds(row)]
            # Where a heading and the code below it share a name, the code is what can be reported.
            rows.sort(key=lambda row: (-len(row.code), row.kind is not EntryKind.TITLE))
            hits += [_hit(row, 1.0 - variant.penalty, (Leg.EXACT, *variant.legs)) for row in rows]
        return hits

    # -- the scored step --------------------------------------------------------------------------------------------

    def _variants(self, text: str) -> list[_Variant]:
        variants = [_Variant(text, None, 0.0)]
        expanded = self._expanded(text)
        if expanded is not None:
            variants.append(_Variant(expanded, Leg.EXPANSION, self._weights.expanded))
        repaired = self._keywords.repaired(expanded or text)
        if repaired is not None:
            variants.append(_Variant(repaired, Leg.SPELLING, self._weights.repaired))
        return variants

    def _expanded(self, text: str) -> str | None:
        words = words_of(text)
        written: list[str] = []
        place, changed = 0, False
        while place < len(words):
            for length in range(min(self._longest, len(words) - place), 0, -1):
                short = " ".join(words[place : place + length])
                long = self._expansions.get(short)
                if long is not None and not self._is_common_word(short, text):
                    written.append(long)
                    place, changed = place + length, True
                    break
            else:
                written.append(words[place])
                place += 1
        return " ".join(written) if changed else None

    def _is_common_word(self, short: str, text: str) -> bool:
        """Whether an abbreviation stands in ``text`` as the plain word it is spelt like."""
        if short not in self._abbreviations:
            return False
        shouted = text.upper() == text and len(text.split()) > 2
        if not shouted and short not in _PLAIN_WORD.findall(text):
            return False
        return short in STOP_WORDS or self._keywords.rows_with(short) > _COMMON

    def _scored(self, variants: list[_Variant], scope: _Scope, limit: int) -> tuple[list[Hit], bool]:
        opened = self._vectors()
        fetch = max(self._weights.candidates, 2 * limit)
        while True:
            pool = _Pool()
            exhausted = self._gather(pool, variants, scope, opened, fetch)
            hits = self._rank(pool, variants, scope, opened is not None)
            # Filters are applied after the fact: a plain search that fetches more is quicker than a filtered one.
            if len(hits) >= limit or exhausted or fetch >= _MOST_FETCHED:
                return hits, opened is not None
            fetch *= 5

    def _gather(
        self,
        pool: _Pool,
        variants: list[_Variant],
        scope: _Scope,
        opened: tuple[VectorStore, Embedder] | None,
        fetch: int,
    ) -> bool:
        """Fill ``pool`` with candidates of every variant, and return whether there are no more to fetch."""
        exhausted = True
        for variant in variants:
            for embedded, most in ((True, fetch), (False, fetch // 2)):
                matched = self._keywords.match(variant.text, shelves=scope.shelves, embedded=embedded, limit=most)
                exhausted &= len(matched) < most
                pool.add_rows(self._keywords.rows(id_ for id_, _ in matched).values(), Leg.WORDS)
        if opened is None:
            return exhausted
        store, embedder = opened
        questions = self._embedded(embedder, variants)
        for shelf in self._keywords.shelves():
            if scope.shelves is not None and shelf not in scope.shelves:
                continue
            nearest = store.nearest_of_each(shelf, questions, fetch)
            exhausted &= all(len(found) < fetch for found in nearest)
            for number, found in enumerate(nearest):
                for key, similarity in found:
                    pool.similar.setdefault((shelf, key), {})[number] = similarity
            for rows in self._keywords.rows_of_texts(shelf, [*{key for found in nearest for key, _ in found}]).values():
                pool.add_rows(rows, Leg.VECTOR)
            self._complete_similarities(pool, shelf, store, questions)
        return exhausted

    def _embedded(self, embedder: Embedder, variants: list[_Variant]) -> Vectors:
        """Return one vector per variant, shape (variants, dimensions)."""
        if len(variants) == 1:
            return embedder.embed_query(variants[0].text)[None, :]
        return embedder.embed_documents([variant.text for variant in variants])

    def _complete_similarities(self, pool: _Pool, shelf: str, store: VectorStore, questions: Vectors) -> None:
        """Compute the similarities of candidates that only words, or another variant's vector, found."""
        keys = {row.text_key for row in pool.rows() if row.shelf == shelf and row.embedded}
        missing = [key for key in sorted(keys) if len(pool.similar.get((shelf, key), ())) < len(questions)]
        for key, vector in store.vectors(shelf, missing).items():
            pool.similar[shelf, key] = dict(enumerate((questions @ vector).tolist()))

    def _rank(self, pool: _Pool, variants: list[_Variant], scope: _Scope, with_vectors: bool) -> list[Hit]:
        rows = pool.rows()
        written = list(
            zip(*(self._alike().between(variant.text, [row.text for row in rows]) for variant in variants), strict=True)
        )
        headings = {
            row.code: place for place, row in enumerate(rows) if row.embedded and row.system == CodeSystem.ICD10CM
        }
        hits: list[Hit] = []
        for place, row in enumerate(rows):
            if not scope.holds(row):
                continue
            similar = pool.similar.get((row.shelf, row.text_key))
            if similar is None and row.system == CodeSystem.ICD10CM and not row.embedded:
                heading = next(
                    (headings[row.code[:n]] for n in range(len(row.code) - 1, 2, -1) if row.code[:n] in headings), None
                )
                if heading is not None:
                    # The 7th character tells the encounter, not the disease: worth showing where the question speaks of it.
                    if max(written[place]) <= max(written[heading]):
                        continue
                    similar = pool.similar.get((rows[heading].shelf, rows[heading].text_key))
            score, by = self._score(variants, similar, written[place], with_vectors)
            hits.append(_hit(row, score, (*pool.legs(row), *by.legs)))
        # Equal scores: the longer code is the one that can be reported.
        hits.sort(key=lambda hit: (-hit.score, -len(hit.code), hit.code, hit.passage_id, hit.text))
        return _reportable_first(_without_repeats(hits), self._weights.heading)

    def _score(
        self,
        variants: list[_Variant],
        similar: Mapping[int, float] | None,
        written: Sequence[float],
        with_vectors: bool,
    ) -> tuple[float, _Variant]:
        """Return the best score of a row over the variants, and the variant it is from."""
        share = self._weights.written
        best, by = 0.0, variants[0]
        for number, variant in enumerate(variants):
            alike = written[number]
            meant = similar[number] if similar else alike * _UNKNOWN if with_vectors else alike
            score = (1 - share) * meant + share * alike - variant.penalty
            if score > best:
                best, by = score, variant
        return min(best, _ALMOST), by

    def _alike(self) -> Likeness:
        with self._lock:
            if self._likeness is None:
                self._likeness = Likeness(self._keywords.terms(), self._keywords.size())
        return self._likeness


@dataclass(frozen=True, slots=True)
class _Variant:
    """One wording of the question."""

    text: str
    leg: Leg | None
    penalty: float

    @property
    def legs(self) -> tuple[Leg, ...]:
        return () if self.leg is None else (self.leg,)


@dataclass(frozen=True, slots=True)
class _Scope:
    """What the caller wants to see."""

    systems: Collection[str] | None
    topics: Collection[str] | None
    kinds: Collection[str] | None
    only: frozenset[str] | None = None
    """The shelves to search where the caller has narrowed them."""

    @property
    def shelves(self) -> Collection[str] | None:
        if self.only is not None:
            return self.only
        if self.kinds is not None and set(self.kinds) <= {EntryKind.PASSAGE}:
            return {PASSAGES}
        return None if self.systems is None else {*self.systems, PASSAGES}

    def holds(self, row: EntryRow) -> bool:
        return (
            (self.systems is None or row.system in self.systems)
            and (self.topics is None or row.topic in self.topics)
            and (self.kinds is None or row.kind in self.kinds)
            and (self.only is None or row.shelf in self.only)
        )


class _Pool:
    """Candidates, with what found them and how similar they are to each variant of the question."""

    def __init__(self) -> None:
        self._rows: dict[int, EntryRow] = {}
        self._legs: dict[int, list[Leg]] = {}
        self.similar: dict[tuple[str, str], dict[int, float]] = {}
        """By shelf and text key: the cosine similarity to each variant, by its number."""

    def add_rows(self, rows: Iterable[EntryRow], leg: Leg) -> None:
        for row in rows:
            self._rows[row.id] = row
            legs = self._legs.setdefault(row.id, [])
            if leg not in legs:
                legs.insert(0, leg)

    def rows(self) -> list[EntryRow]:
        return list(self._rows.values())

    def legs(self, row: EntryRow) -> tuple[Leg, ...]:
        return tuple(self._legs[row.id])


def _hit(row: EntryRow, score: float, legs: tuple[Leg, ...]) -> Hit:
    return Hit(row.kind, row.system, row.code, row.passage_id, row.topic, row.text, round(score, 4), legs)


def _without_repeats(hits: list[Hit]) -> list[Hit]:
    seen: dict[tuple[str, ...], Hit] = {}
    for hit in hits:
        target = ("code", hit.system, hit.code) if hit.leads_to_code else ("passage", hit.passage_id)
        seen.setdefault(target, hit)
    return list(seen.values())


def _reportable_first(hits: list[Hit], margin: float) -> list[Hit]:
    """Return ``hits`` with each ICD-10-CM heading replaced by the best code below it that is nearly as good.

    A heading cannot be reported, and beside the codes below it takes a place without adding a code.
    """
    near = [hit for hit in hits[:_FOLDED] if hit.system == CodeSystem.ICD10CM and hit.leads_to_code]
    instead: dict[Hit, Hit] = {}
    for heading in near:
        below = (hit for hit in near if hit.code != heading.code and hit.code.startswith(heading.code))
        best = max(
            (hit for hit in below if heading.score - hit.score <= margin), key=lambda hit: hit.score, default=None
        )
        if best is not None:
            instead[heading] = best
    kept: list[Hit] = []
    for hit in hits:
        shown = hit
        while shown in instead:
            shown = instead[shown]
        kept.append(shown if shown is hit else replace(shown, score=hit.score))
    return _without_repeats(kept)


def _is_only_codes(text: str) -> bool:
    return not words_of(_CODE_LIKE.sub(" ", text))


_CODE_LIKE = re.compile(
    r"(?<![\w.])(?:"
    r"[A-Za-z]\d[0-9A-Za-z](?:\.[0-9A-Za-z]{1,4}|[0-9A-Za-z]{0,4})"  # ICD-10-CM, HCPCS Level II
    r"|\d{4}[0-9FTUMAftuma]"  # CPT
    r"|(?=[A-Za-z]{0,6}\d)[0-9A-HJ-NP-Za-hj-np-z]{7}"  # ICD-10-PCS: with a digit, or it is a word such as measles
    r")(?!\w)"
)
_CODE_BEGUN = re.compile(r"[A-Z]\d[0-9A-Z]{0,4}|\d{3,4}")
_MAY_BE_A_WORD = re.compile(r"[A-Za-z0-9]{2,4}")
_PLAIN_WORD = re.compile(r"\w+")
_COMMON = 50
"""Entries that hold a word before it counts as common."""
_MOST_CODES = 20
_FOLDED = 20
"""First hits among which headings give way."""
_LONGEST = 4_000
"""Characters of a question that are searched."""
_MOST_FETCHED = 2_500
_ALMOST = 0.999
"""Below 1, which only a code or name as written reaches."""
_BELOW = 0.9
_UNKNOWN = 0.9
"""A row without a vector is taken for this much of its written likeness: the two go together, but less than fully."""
