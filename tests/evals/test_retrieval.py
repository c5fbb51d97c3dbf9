"""Retrieval figures, computed by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from evals.retrieval import (
    Query,
    exactly,
    load_queries,
    mean_reciprocal_rank,
    overlap_at,
    recall_at,
    same_code_or_below,
    score_run,
    success_at,
)

QRELS = {"q1": frozenset({"E11"}), "q2": frozenset({"I10", "G35"}), "q3": frozenset({"M109"})}
RUN = {"q1": ["I10", "E1165", "E11"], "q2": ["G35", "Z00", "I10"]}
"""q1 is right at rank 2 (below) or 3 (exactly), q2 at ranks 1 and 3, q3 was never answered."""


def test_success_counts_queries_with_a_right_answer_in_time() -> None:
    """One right answer is enough; a query that is missing from the run is missed."""
    assert success_at(QRELS, RUN, 1) == pytest.approx(1 / 3)
    assert success_at(QRELS, RUN, 2) == pytest.approx(1 / 3)
    assert success_at(QRELS, RUN, 2, same_code_or_below) == pytest.approx(2 / 3)
    assert success_at(QRELS, RUN, 3) == pytest.approx(2 / 3)


def test_recall_counts_right_answers() -> None:
    """The share of each query's right answers, averaged: (1 + 1/2 + 0) / 3 at 2 with codes below."""
    assert recall_at(QRELS, RUN, 2, same_code_or_below) == pytest.approx(0.5)
    assert recall_at(QRELS, RUN, 3, exactly) == pytest.approx(2 / 3)


def test_the_reciprocal_rank_is_of_the_first_right_answer() -> None:
    """(1/3 + 1 + 0) / 3 exactly, (1/2 + 1 + 0) / 3 with codes below; beyond k it is 0."""
    assert mean_reciprocal_rank(QRELS, RUN) == pytest.approx(4 / 9)
    assert mean_reciprocal_rank(QRELS, RUN, judge=same_code_or_below) == pytest.approx(0.5)
    assert mean_reciprocal_rank(QRELS, RUN, k=2) == pytest.approx(1 / 3)


def test_nothing_to_score_scores_nothing() -> None:
    """No queries, no right answers and no answers are 0, not an error."""
    assert score_run({}, {}).mrr == 0 and score_run({}, {}).queries == 0
    assert recall_at({"q": frozenset()}, {"q": ["a"]}, 10) == 0
    assert success_at({"q": frozenset({"a"})}, {"q": []}, 10) == 0


def test_a_run_is_scored_at_once() -> None:
    """The four figures agree with the functions they come from."""
    scores = score_run(QRELS, RUN, same_code_or_below)
    assert (scores.queries, scores.at_1, scores.at_5, scores.at_10) == (
        3,
        pytest.approx(1 / 3),
        pytest.approx(2 / 3),
        pytest.approx(2 / 3),
    )
    assert scores.mrr == pytest.approx(0.5)


def test_overlap_compares_an_index_with_an_exact_search() -> None:
    """Order inside the first k does not matter."""
    assert overlap_at({"q": ["a", "b", "c"]}, {"q": ["b", "a", "x"]}, 2) == 1
    assert overlap_at({"q": ["a", "b"]}, {"q": ["a", "x"]}, 2) == 0.5


def test_queries_are_read_strictly(tmp_path: Path) -> None:
    """Dots are dropped; a line without its fields is named."""
    path = tmp_path / "set.jsonl"
    path.write_text('{"id": 1, "text": "gout", "gold": ["M10.9"]}\n', encoding="utf-8")
    assert load_queries(path) == [Query("1", "gout", frozenset({"M109"}))]
    path.write_text('{"id": 1, "text": "gout", "gold": ["M10.9"]}\n{"id": 2}\n', encoding="utf-8")
    with pytest.raises(ValueError, match=r"line 2 of set\.jsonl"):
        load_queries(path)
