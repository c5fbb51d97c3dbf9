"""Does a question as coders type it find the card that answers it? The whole search beside words alone and vectors alone, over one file in one run.

A card is found by the best of its passages. The fourth method is what the assistant does: codes and modifiers in the question lead to their cards
first, then the search is asked.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass

from assistant.chain import Assistant
from evals.cases import CardQuestion
from evals.intervals import Mean, mean
from evals.retrieval import mean_reciprocal_rank, recall_at, success_at
from knowledge.entries import PASSAGES, corpus_key
from knowledge.keywords import KeywordIndex
from knowledge.knowledge_base import KnowledgeBase
from knowledge.vectors import VectorStore

__all__ = ["CardSearchReport", "CardSearchRow", "Method", "measure", "methods", "report"]

_DEEP = 60
"""Passages fetched: enough for ten different cards."""
_CARDS = 10

Method = Callable[[str], Sequence[str]]
"""Question in, ids of cards out, best first."""


@dataclass(frozen=True, slots=True)
class CardSearchRow:
    """One method over all questions."""

    method: str
    recall: Mean
    """Share of the cards that answer the question among the first five (of at most five)."""
    success: Mean
    """Share of questions with an answering card among the first five."""
    reciprocal: Mean
    """Reciprocal rank of the first answering card, first ten."""
    p50: float
    """Milliseconds a question takes, median."""
    p95: float
    missed: tuple[str, ...]
    """Ids of the questions without an answering card among the first five."""


@dataclass(frozen=True, slots=True)
class CardSearchReport:
    """Everything one run measured."""

    questions: int
    rows: tuple[CardSearchRow, ...]


def report(
    knowledge: KnowledgeBase, questions: Sequence[CardQuestion], assistant: Assistant | None = None
) -> CardSearchReport:
    """Measure every method on ``questions`` over ``knowledge``; the assistant's own retrieval too where one is given."""
    with closing(sqlite3.connect(f"{knowledge.home.current.resolve().as_uri()}?mode=ro", uri=True)) as db:
        rows = [
            measure(name, method, questions) for name, method in methods(knowledge, KeywordIndex(db), assistant).items()
        ]
    return CardSearchReport(len(questions), tuple(rows))


def measure(name: str, method: Method, questions: Sequence[CardQuestion]) -> CardSearchRow:
    """Return how well and how quickly ``method`` finds the cards of ``questions``."""
    recalls: list[float] = []
    successes: list[float] = []
    ranks: list[float] = []
    spent: list[float] = []
    missed: list[str] = []
    for question in questions:
        began = time.perf_counter()
        found = list(method(question.question))[:_CARDS]
        spent.append(1000 * (time.perf_counter() - began))
        qrels, run = {question.id: question.cards}, {question.id: found}
        recalls.append(recall_at(qrels, run, 5))
        successes.append(success_at(qrels, run, 5))
        ranks.append(mean_reciprocal_rank(qrels, run, _CARDS))
        missed += [] if successes[-1] else [question.id]
    spent.sort()
    p50, p95 = (spent[min(int(share * len(spent)), len(spent) - 1)] if spent else 0.0 for share in (0.5, 0.95))
    return CardSearchRow(name, mean(recalls), mean(successes), mean(ranks), p50, p95, tuple(missed))


def methods(knowledge: KnowledgeBase, keywords: KeywordIndex, assistant: Assistant | None = None) -> dict[str, Method]:
    """Return the methods by name; vectors alone only where there are vectors."""

    def cards(passages: Iterable[str]) -> list[str]:
        # A passage is named after its card: card#heading.
        return list(dict.fromkeys(passage.split("#", 1)[0] for passage in passages))

    def words(text: str) -> list[str]:
        found = keywords.match(text, shelves=[PASSAGES], limit=_DEEP)
        rows = keywords.rows(id_ for id_, _ in found)
        return cards(rows[id_].passage_id for id_, _ in found)

    def whole(text: str) -> list[str]:
        return cards(passage for passage, _ in knowledge.passages(text, (), _DEEP))

    chosen: dict[str, Method] = {"words (FTS5)": words}
    if knowledge.vectors_ready:
        store = VectorStore.open(
            knowledge.home.vectors(corpus_key(knowledge.reference.fact("corpus"), knowledge.embedder)),
            knowledge.embedder,
        )

        def vectors(text: str) -> list[str]:
            nearest = store.nearest(PASSAGES, knowledge.embedder.embed_query(text), _DEEP)
            rows = keywords.rows_of_texts(PASSAGES, [key for key, _ in nearest])
            return cards(row.passage_id for key, _ in nearest for row in rows.get(key, []))

        chosen["vectors"] = vectors
    chosen["search"] = whole
    if assistant is not None:
        chosen["assistant"] = lambda text: _retrieved(assistant, text)
    return chosen


def _retrieved(assistant: Assistant, text: str) -> list[str]:
    from assistant.chain import Done

    for event in assistant.stream(text):
        if isinstance(event, Done):
            return list(dict.fromkeys(passage.document.id for passage in event.turn.passages))
    return []
