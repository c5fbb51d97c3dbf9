"""How good and how quick the search is, on queries whose codes are known: the whole search beside words alone and vectors alone.

All methods run over the same file in the same run. The weights of :class:`knowledge.search.Weights` were chosen with this on the
development halves of the Human Disease Ontology's cross references; a hit is the code or one below it.
"""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from evals.retrieval import Query, RetrievalScores, load_queries, overlap_at, same_code_or_below, score_run
from knowledge.embeddings import Embedder, configured_embedder
from knowledge.entries import corpus_key, shelved_texts
from knowledge.home import Home
from knowledge.keywords import KeywordIndex
from knowledge.knowledge_base import KnowledgeBase
from knowledge.vectors import VectorStore

__all__ = ["BenchmarkRow", "IndexRecall", "SearchReport", "report", "with_slip"]

SETS = ("do_icd10cm_hard.dev.jsonl", "do_icd10cm.dev.jsonl")
SYSTEM = "icd10cm"
_RECALL_QUERIES = 300


@dataclass(frozen=True, slots=True)
class BenchmarkRow:
    """One method on one set."""

    dataset: str
    method: str
    scores: RetrievalScores
    p50: float
    """Milliseconds a query takes, median."""
    p95: float
    """Milliseconds, 95th percentile."""


@dataclass(frozen=True, slots=True)
class IndexRecall:
    """How many of the true nearest neighbours the vector index finds."""

    shelf: str
    vectors: int
    queries: int
    at_10: float


@dataclass(frozen=True, slots=True)
class SearchReport:
    """Everything one run measured."""

    rows: tuple[BenchmarkRow, ...]
    index: tuple[IndexRecall, ...]

    def lines(self) -> list[str]:
        """Return the report as lines of a table."""
        head = f"{'set':<34}{'method':<16}{'n':>6}{'R@1':>7}{'R@5':>7}{'R@10':>7}{'MRR':>7}{'p50 ms':>8}{'p95 ms':>8}"
        body = [
            f"{row.dataset:<34}{row.method:<16}{row.scores.queries:>6}{row.scores.at_1:>7.3f}{row.scores.at_5:>7.3f}"
            f"{row.scores.at_10:>7.3f}{row.scores.mrr:>7.3f}{row.p50:>8.1f}{row.p95:>8.1f}"
            for row in self.rows
        ]
        recall = [
            f"index recall@10 against exact search: {one.shelf}, {one.vectors} vectors, {one.queries} queries: {one.at_10:.4f}"
            for one in self.index
        ]
        return [head, *body, *recall]


def report(
    home: Home,
    folder: Path,
    *,
    embedder: Embedder | None = None,
    limit: int | None = None,
    sets: Sequence[str] = SETS,
    slips: bool = True,
) -> SearchReport:
    """Measure the search of the knowledge in ``home`` on the development sets in ``folder``.

    ``limit`` takes about that many queries of each set, evenly spread; with ``slips`` every query is also asked with one typing error.
    Raises :class:`FileNotFoundError` when a set is missing, :class:`~knowledge.errors.KnowledgeError` when there are no vectors.
    """
    model = embedder or configured_embedder()
    rows: list[BenchmarkRow] = []
    with (
        KnowledgeBase.open(home, model) as knowledge,
        closing(sqlite3.connect(f"{home.current.resolve().as_uri()}?mode=ro", uri=True)) as db,
    ):
        vectors = home.vectors(corpus_key(knowledge.reference.fact("corpus"), model))
        with VectorStore.open(vectors, model) as store:
            methods = _methods(knowledge, KeywordIndex(db), store, model)
            for name in sets:
                queries = _spread(load_queries(folder / name), limit)
                rows += _measured(name.removesuffix(".jsonl"), queries, methods)
                if slips:
                    slipped = [Query(query.id, with_slip(query.text, query.id), query.gold) for query in queries]
                    rows += _measured(name.removesuffix(".jsonl") + " + slip", slipped, methods)
            asked = _spread(load_queries(folder / sets[0]), min(limit or _RECALL_QUERIES, _RECALL_QUERIES))
            index = _index_recall(db, store, model, [query.text for query in asked])
    return SearchReport(tuple(rows), tuple(index))


def with_slip(text: str, seed: str) -> str:
    """Return ``text`` with one typing error inside its longest word: a letter dropped, doubled, replaced, or two swapped.

    The same seed gives the same error; words under four letters are left alone.
    """
    word = max(text.split(), key=len, default="")
    if len(word) < 4:
        return text
    dice = random.Random(f"{seed} {text}")  # reproducible, not secret
    place = dice.randrange(1, len(word) - 1)
    slip = dice.choice(("drop", "double", "replace", "swap"))
    if slip == "drop":
        wrong = word[:place] + word[place + 1 :]
    elif slip == "double":
        wrong = word[:place] + word[place] + word[place:]
    elif slip == "replace":
        wrong = word[:place] + dice.choice("abcdefghijklmnopqrstuvwxyz") + word[place + 1 :]
    else:
        wrong = word[: place - 1] + word[place] + word[place - 1] + word[place + 1 :]
    return text.replace(word, wrong, 1)


def _spread(queries: list[Query], limit: int | None) -> list[Query]:
    # The sets are sorted by concept: their beginnings are all of one kind.
    return queries if limit is None else queries[:: max(1, len(queries) // max(1, limit))][:limit]


Method = Callable[[str], list[str]]


def _methods(
    knowledge: KnowledgeBase, keywords: KeywordIndex, store: VectorStore, model: Embedder
) -> dict[str, Method]:
    def whole(text: str) -> list[str]:
        return [hit.code for hit in knowledge.search(text, systems=[SYSTEM], limit=10).hits]

    def words(text: str) -> list[str]:
        found = keywords.match(text, shelves=[SYSTEM], limit=60)
        rows = keywords.rows(id_ for id_, _ in found)
        return list(dict.fromkeys(rows[id_].code for id_, _ in found if rows[id_].embedded))[:10]

    def vectors(text: str) -> list[str]:
        nearest = store.nearest(SYSTEM, model.embed_query(text), 60)
        rows = keywords.rows_of_texts(SYSTEM, [key for key, _ in nearest])
        return list(dict.fromkeys(row.code for key, _ in nearest for row in rows[key]))[:10]

    return {"words (FTS5)": words, "vectors": vectors, "search": whole}


def _measured(name: str, queries: Sequence[Query], methods: dict[str, Method]) -> list[BenchmarkRow]:
    qrels = {query.id: query.gold for query in queries}
    rows: list[BenchmarkRow] = []
    for method, find in methods.items():
        if queries:
            find(queries[0].text)  # loads what is loaded once
        run: dict[str, list[str]] = {}
        spent: list[float] = []
        for query in queries:
            started = time.perf_counter()
            run[query.id] = find(query.text)
            spent.append(1000 * (time.perf_counter() - started))
        spent.sort()
        p50, p95 = (spent[min(int(share * len(spent)), len(spent) - 1)] if spent else 0.0 for share in (0.5, 0.95))
        rows.append(BenchmarkRow(name, method, score_run(qrels, run, same_code_or_below), p50, p95))
    return rows


def _index_recall(
    db: sqlite3.Connection, store: VectorStore, model: Embedder, texts: Sequence[str]
) -> list[IndexRecall]:
    """Compare the index with an exact scan over the same stored vectors."""
    import numpy as np

    by_shelf: dict[str, list[str]] = {}
    for text in shelved_texts(db):
        by_shelf.setdefault(text.shelf, []).append(text.key)
    questions = model.embed_documents(texts)
    found: list[IndexRecall] = []
    for shelf, keys in by_shelf.items():
        stored = store.vectors(shelf, keys)
        matrix = np.stack([stored[key] for key in keys])
        similar = questions @ matrix.T
        nearest = np.argsort(-similar, axis=1, kind="stable")[:, :10]
        exact = {str(number): [keys[place] for place in places] for number, places in enumerate(nearest)}
        approximate = {
            str(number): [key for key, _ in answers]
            for number, answers in enumerate(store.nearest_of_each(shelf, questions, 10))
        }
        found.append(IndexRecall(shelf, len(keys), len(texts), overlap_at(exact, approximate, 10)))
    return found
