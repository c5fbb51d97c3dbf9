"""Finding the prose: cards about the codes and modifiers named, then hybrid search over every passage."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Protocol

from assistant.types import Intent, Turn
from knowledge.passages import Document, DocumentKind, Passage, Topic
from knowledge.reference import ReferenceStore

__all__ = ["PassageSearch", "retrieve"]

_MOST_DOCUMENTS = 6
_ABOUT_ALL = 1.0
_ABOUT_SOME = 0.45
_OWN_CARD = 0.5
_NOT_YET = 0.2
"""Taken from a document that is vouched for only from a day after the date of service."""


class PassageSearch(Protocol):
    """What retrieval needs of the search: passage ids with a score between 0 and 1, best first."""

    def passages(self, text: str, topics: Sequence[Topic], limit: int) -> Sequence[tuple[str, float]]:
        """Return up to ``limit`` passage ids for ``text``."""
        ...


def retrieve(turn: Turn, reference: ReferenceStore, search: PassageSearch) -> tuple[Passage, ...]:
    """Return passages in reading order: the best document's passages first, each document's in its own order.

    A document scores for being about the codes and modifiers named (more when it is about all of them) and for its best passage in the
    search; documents that ended before the date of service are left out.
    """
    day = turn.question.on
    scores: dict[str, float] = defaultdict(float)
    documents: dict[str, Document] = {}
    for document, score in _about(turn, reference, day):
        documents[document.id] = document
        scores[document.id] += score
    best: dict[str, float] = {}
    for passage_id, score in search.passages(turn.standalone or turn.question.text, turn.question.topics, 30):
        passage = reference.passage(passage_id)
        if passage is None or passage.document.ended_before(day):
            continue
        documents.setdefault(passage.document.id, passage.document)
        best[passage.document.id] = max(score, best.get(passage.document.id, 0.0))
    for document_id, score in best.items():
        scores[document_id] += score
    for document_id in scores:
        if not documents[document_id].holds_on(day):
            scores[document_id] -= _NOT_YET
    ranked = sorted(scores, key=lambda key: (-scores[key], key))[:_MOST_DOCUMENTS]
    return tuple(passage for key in ranked for passage in reference.passages(key))


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
        own = document.kind is DocumentKind.CODE_CARD and bool({*document.codes} & named)
        own |= document.kind is DocumentKind.MODIFIER_CARD and bool({*document.modifiers} & named)
        share = len(about) / len(named)
        score = _ABOUT_ALL * share if len(named) > 1 else _ABOUT_SOME
        if own:
            score += _OWN_CARD * (1.2 if turn.intent is Intent.LOOKUP else 1.0)
        elif document.kind is DocumentKind.CODE_CARD or not about:
            score -= 0.3
        # A card that names many codes is about none of them in particular.
        score -= 0.02 * max(0, len(document.codes) + len(document.modifiers) - 6)
        scored.append((document, score))
    return scored
