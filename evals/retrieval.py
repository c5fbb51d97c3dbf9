"""Scoring ranked results: qrels (what is right, by query) and runs (what was returned, best first, by query).

Terms and definitions follow TREC and the ``ranx`` library. A query without an answer in the run counts as missed, never as absent.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = [
    "Qrels",
    "Query",
    "RetrievalScores",
    "Run",
    "exactly",
    "load_queries",
    "mean_reciprocal_rank",
    "overlap_at",
    "recall_at",
    "same_code_or_below",
    "score_run",
    "success_at",
]

Qrels = Mapping[str, frozenset[str]]
"""Right answers by query id."""

Run = Mapping[str, Sequence[str]]
"""Returned answers by query id, best first."""

Judge = Callable[[str, str], bool]
"""Whether a returned answer (first) satisfies a right one (second)."""


def exactly(returned: str, right: str) -> bool:
    """Judge an answer right when it is the right one."""
    return returned == right


def same_code_or_below(returned: str, right: str) -> bool:
    """Judge a code right when it is the right code or one below it (more characters after the same beginning)."""
    return returned.startswith(right)


def success_at(qrels: Qrels, run: Run, k: int, judge: Judge = exactly) -> float:
    """Return the share of queries with a right answer among the first ``k``, from 0 to 1; 0 for no queries.

    With one right answer a query this is recall@k; retrieval papers also call it hit rate.
    """
    return _mean(
        [
            1.0 if (rank := _first_right(qrels[query], run.get(query, ()), judge)) is not None and rank <= k else 0.0
            for query in qrels
        ]
    )


def recall_at(qrels: Qrels, run: Run, k: int, judge: Judge = exactly) -> float:
    """Return the mean share of each query's right answers that are satisfied among its first ``k``, from 0 to 1; 0 for no queries.

    A query without right answers counts as 0, since nothing could be found for it.
    """
    shares: list[float] = []
    for query, right in qrels.items():
        top = run.get(query, ())[:k]
        shares.append(sum(any(judge(one, wanted) for one in top) for wanted in right) / len(right) if right else 0.0)
    return _mean(shares)


def mean_reciprocal_rank(qrels: Qrels, run: Run, k: int = 10, judge: Judge = exactly) -> float:
    """Return the mean of 1/rank of each query's first right answer, 0 where none is among the first ``k``; from 0 to 1."""
    ranks = [_first_right(qrels[query], run.get(query, ()), judge) for query in qrels]
    return _mean([1.0 / rank if rank is not None and rank <= k else 0.0 for rank in ranks])


def overlap_at(exact: Run, approximate: Run, k: int) -> float:
    """Return the mean share of the exact first ``k`` that an approximate search also has among its first ``k``, from 0 to 1."""
    return recall_at({query: frozenset(answers[:k]) for query, answers in exact.items()}, approximate, k)


@dataclass(frozen=True, slots=True)
class RetrievalScores:
    """The usual figures of one run, each from 0 to 1."""

    queries: int
    at_1: float
    at_5: float
    at_10: float
    mrr: float
    """Mean reciprocal rank, first ten."""


def score_run(qrels: Qrels, run: Run, judge: Judge = exactly) -> RetrievalScores:
    """Return success at 1, 5 and 10 and the mean reciprocal rank of a run."""
    at = [success_at(qrels, run, k, judge) for k in (1, 5, 10)]
    return RetrievalScores(len(qrels), at[0], at[1], at[2], mean_reciprocal_rank(qrels, run, 10, judge))


@dataclass(frozen=True, slots=True)
class Query:
    """One query of a development set."""

    id: str
    text: str
    gold: frozenset[str]
    """Right codes, without dots."""


def load_queries(path: Path) -> list[Query]:
    """Read queries from JSON lines with ``id``, ``text`` and ``gold`` (codes, dots allowed).

    Raises :class:`ValueError` naming the line that is something else.
    """
    queries: list[Query] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            row = json.loads(line)
            queries.append(
                Query(str(row["id"]), str(row["text"]), frozenset(str(code).replace(".", "") for code in row["gold"]))
            )
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(
                f"expected a query with id, text and gold in line {number} of {path.name}: {error!r}"
            ) from error
    return queries


def _first_right(right: frozenset[str], returned: Sequence[str], judge: Judge) -> int | None:
    return next(
        (rank for rank, one in enumerate(returned, start=1) if any(judge(one, wanted) for wanted in right)), None
    )


def _mean(values: list[float]) -> float:
    return sum(values) / len(values) if values else 0.0
