"""Finding the prose: cards about the codes and modifiers named, then hybrid search over every passage."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from assistant.types import Intent, Turn
from knowledge.passages import Document, DocumentKind, Passage, Topic
from knowledge.reference import ReferenceStore

__all__ = ["PassageSearch", "Retrieved", "retrieve"]

_MOST_DOCUMENTS = 6
_OWN_FIRST = (Intent.LOOKUP, Intent.INDICATORS, Intent.CROSSWALK, Intent.GLOBAL, Intent.UNITS)
"""Intents that ask about a code itself, so that its own card opens the explanation."""

# What a document's subject adds to the score of its best passage (0 to 1).
_ABOUT = 0.4
_ONE_OF_MANY = 0.4
"""A rule card that names the one code asked about may do so only in passing."""
_OWN_CARD_FIRST = 1.5
_OWN_CARD = 0.2
_COMPARES = 0.3
_NEIGHBOUR = 0.3
_PER_CODE_TOO_MANY = 0.02
_CODE_NAMES = 10
_SHORTEST_SENTENCE = 5
"""Words; a shorter one ("Modifier and payment?") says nothing by itself."""
_MOST_SENTENCES = 4
_SHORT = 8
"""Words; a longer question with an unknown code in it still asks for something that cards can answer."""
_CLINICAL = re.compile(
    r"\b(?:what|which|how much|right|safe) dos(?:e|age)\b|\bshould (?:i|he|she|my \w+) take\b|\bside effects of\b",
    re.IGNORECASE,
)
"""Treatment questions: outside the field, however near their words are to a card's."""
_ON_TOPIC = 0.33
"""Score below which the best passage is about something else: questions outside the field reach 0.28, sloppy ones inside it 0.4."""
_NEAR_BEST = 0.55
"""Share of the best search score that a document about nothing named must reach."""
_PLAINLY_MEANT = 0.55
"""Search score from which a document is told of a code it does not name."""
_WORTH_TELLING = 0.65
"""Share of the best score from which a document is told in the answer."""
_NOT_YET = 0.2
"""Taken from a document that is vouched for only from a day after the date of service."""


class PassageSearch(Protocol):
    """What retrieval needs of the search: passage ids with a score between 0 and 1, best first."""

    def passages(self, text: str, topics: Sequence[Topic], limit: int) -> Sequence[tuple[str, float]]:
        """Return up to ``limit`` passage ids for ``text``."""
        ...

    def code_names(self, text: str, limit: int) -> Sequence[tuple[str, float]]:
        """Return up to ``limit`` procedure codes whose names are near ``text``."""
        ...


@dataclass(frozen=True, slots=True)
class Retrieved:
    """What was found: passages in reading order, and the documents that are nearly as near as the best one."""

    passages: tuple[Passage, ...] = ()
    near: frozenset[str] = frozenset()
    """Ids of the documents worth telling in an answer; the others are kept as evidence only."""


def retrieve(turn: Turn, reference: ReferenceStore, search: PassageSearch) -> Retrieved:
    """Return passages in reading order: the best document's passages first, each document's in its own order.

    A document scores for being about the codes and modifiers named (more when it is about all of them) and for its best passage in the
    search; documents that ended before the date of service are left out.
    """
    day = turn.question.on
    text = turn.standalone or turn.question.text
    if _is_only_about_unknown_codes(turn, text) or _CLINICAL.search(text):
        return Retrieved()
    scores: dict[str, float] = defaultdict(float)
    documents: dict[str, Document] = {}
    for document, score in _about(turn, reference, day):
        documents[document.id] = document
        scores[document.id] += score
    best: dict[str, float] = {}
    found = [hit for part in _parts(text) for hit in search.passages(part, turn.question.topics, 30)]
    for passage_id, score in found:
        passage = reference.passage(passage_id)
        if passage is None or passage.document.ended_before(day):
            continue
        documents.setdefault(passage.document.id, passage.document)
        best[passage.document.id] = max(score, best.get(passage.document.id, 0.0))
    if not turn.mentions.codes:
        for document, score in _named_in_words(text, reference, search, day):
            documents.setdefault(document.id, document)
            best[document.id] = max(score, best.get(document.id, 0.0))
    nearest = max(best.values(), default=0.0)
    if not scores and nearest < _ON_TOPIC:
        return Retrieved()
    enough = _NEAR_BEST * nearest
    for document_id, score in best.items():
        if document_id in scores or score >= enough:
            scores[document_id] += score
    for document_id in scores:
        if not documents[document_id].holds_on(day):
            scores[document_id] -= _NOT_YET
    ranked = sorted(scores, key=lambda key: (-scores[key], key))[:_MOST_DOCUMENTS]
    near = frozenset(key for key in ranked if scores[key] >= _WORTH_TELLING * scores[ranked[0]])
    if turn.intent is Intent.LOOKUP and turn.mentions.codes:
        # Who asks what a code is wants what is said of that code, not of its neighbours in meaning.
        asked = {mention.code.shown for mention in turn.mentions.codes}
        near = frozenset(
            key for key in near if asked & set(documents[key].codes) or best.get(key, 0.0) >= _PLAINLY_MEANT
        )
    return Retrieved(tuple(passage for key in ranked for passage in reference.passages(key)), near)


def _named_in_words(
    text: str, reference: ReferenceStore, search: PassageSearch, day: date
) -> Iterator[tuple[Document, float]]:
    """Yield the cards of codes that the question names by what they are ("EGD with biopsy") rather than by number."""
    for code, score in search.code_names(text, _CODE_NAMES):
        for document in reference.documents_about("code", code, day):
            if document.kind is DocumentKind.CODE_CARD:
                yield document, score


def _parts(text: str) -> list[str]:
    """Return the question and, where it tells a story in several sentences or around brackets, each of them: the point may stand in one."""
    sentences = re.split(r"(?<=[.?!;])\s+|\s*\([^()]*\),?\s*", text.strip())
    telling = [sentence for sentence in sentences if len(sentence.split()) >= _SHORTEST_SENTENCE]
    return [text] if len(sentences) < 2 else [text, *telling[:_MOST_SENTENCES]]


def _is_only_about_unknown_codes(turn: Turn, text: str) -> bool:
    named = turn.mentions.codes or turn.mentions.modifiers
    return bool(turn.mentions.unknown) and not named and len(text.split()) <= _SHORT


def _about(turn: Turn, reference: ReferenceStore, day: date) -> list[tuple[Document, float]]:
    codes = [mention.code for mention in turn.mentions.codes]
    modifiers = list(turn.mentions.modifiers)
    named = {code.shown for code in codes} | set(modifiers)
    if not named:
        return []
    found: dict[str, Document] = {}
    for code in codes:
        for document in reference.documents_about("code", code.value, day):
            found[document.id] = document
    for modifier in modifiers:
        for document in reference.documents_about("modifier", modifier, day):
            found[document.id] = document
    scored: list[tuple[Document, float]] = []
    for document in found.values():
        about = named & {*document.codes, *document.modifiers}
        share = (
            len(about) / len(named) if len(named) > 1 or document.kind is not DocumentKind.RULE_CARD else _ONE_OF_MANY
        )
        score = _ABOUT * share + _kind_bonus(document, turn, about)
        # A card that names many codes is about none of them in particular.
        score -= _PER_CODE_TOO_MANY * max(0, len(document.codes) + len(document.modifiers) - 6)
        scored.append((document, score))
    return scored


def _kind_bonus(document: Document, turn: Turn, about: set[str]) -> float:
    if document.kind is DocumentKind.CODE_CARD:
        if not about & set(document.codes):
            return -_NEIGHBOUR
        if turn.intent in _OWN_FIRST:
            return _OWN_CARD_FIRST
        return 0.0 if turn.mentions.modifiers or turn.intent is Intent.TOGETHER else -_ABOUT
    if document.kind is DocumentKind.MODIFIER_CARD:
        return (
            _OWN_CARD
            if len(turn.mentions.modifiers) == 1 and _is_card_of(turn.mentions.modifiers[0], document)
            else 0.0
        )
    return _COMPARES if len(about) > 1 else 0.0


def _is_card_of(modifier: str, document: Document) -> bool:
    # Cards name neighbours too; a modifier's own card carries it in its id (``modifier-59``, ``modifier-gp-go-gn``).
    return modifier.lower() in document.id.split("-")[1:]
