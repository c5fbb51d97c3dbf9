"""The search benchmark runs over a small invented set, and over the real ones where they are."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from evals.search_benchmark import SETS, report, with_slip
from ingest.embed import fill_vectors
from knowledge.embeddings import HashEmbedder
from knowledge.entries import Entry, write_entries
from knowledge.errors import KnowledgeError
from knowledge.home import Home
from knowledge.writing import ReferenceWriter

MODEL = HashEmbedder(256)


@pytest.fixture
def small(home: Home) -> Home:
    """A home with three invented diseases and their vectors."""
    path = home.root / "reference-1.sqlite"
    names = {"A01": "purple fever", "A011": "purple fever with spots", "B02": "stone sickness", "C03": "winter cough"}
    with ReferenceWriter(path) as writer:
        write_entries(writer.connection, [Entry.for_title("icd10cm", code, text) for code, text in names.items()])
    home.swap_in(path)
    return home


@pytest.fixture
def queries(tmp_path: Path) -> Path:
    """A folder with one set of three queries."""
    rows = [("1", "fever, purple", ["A01"]), ("2", "sickness of stone", ["B02"]), ("3", "summer cough", ["Z99"])]
    lines = [json.dumps({"id": id_, "text": text, "gold": gold}) for id_, text, gold in rows]
    (tmp_path / "invented.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return tmp_path


def test_every_method_is_measured_on_every_set(small: Home, queries: Path) -> None:
    """Plain and with slips, in one table, with the index's recall."""
    fill_vectors(small, MODEL)
    measured = report(small, queries, embedder=MODEL, sets=["invented.jsonl"])
    assert {(row.dataset, row.method) for row in measured.rows} == {
        (name, method) for name in ("invented", "invented + slip") for method in ("words (FTS5)", "vectors", "search")
    }
    whole = next(row for row in measured.rows if row.method == "search")
    assert (whole.scores.queries, whole.scores.at_1) == (3, pytest.approx(2 / 3))
    assert [(one.shelf, one.vectors, one.at_10) for one in measured.index] == [("icd10cm", 4, 1.0)]
    assert len(measured.lines()) == 8


def test_without_vectors_there_is_nothing_to_compare(small: Home, queries: Path) -> None:
    """The benchmark says so instead of measuring words twice."""
    with pytest.raises(KnowledgeError, match="not complete"):
        report(small, queries, embedder=MODEL, sets=["invented.jsonl"])


def test_a_slip_is_one_typing_error_in_the_longest_word() -> None:
    """The same seed gives the same error; short words are left alone; the first and last letter stand."""
    for seed in map(str, range(40)):
        slipped = with_slip("acute bronchitis", seed)
        first, word = slipped.split()
        assert first == "acute" and slipped == with_slip("acute bronchitis", seed)
        assert abs(len(word) - len("bronchitis")) <= 1 and word[-1] == "s"
    assert with_slip("flu", "1") == "flu" and with_slip("", "1") == ""


@pytest.mark.skipif(
    not {"MEDCODE_REAL_DATA", "MEDCODE_REAL_HOME"} <= set(os.environ),
    reason="needs the development sets and a built knowledge",
)
def test_the_whole_search_beats_its_parts_on_real_queries() -> None:
    """On the hard set the whole is at least as good as vectors alone and far better than words alone; the index loses 1 in 100 at most."""
    folder = Path(os.environ["MEDCODE_REAL_DATA"]) / "evals"
    measured = report(Home(Path(os.environ["MEDCODE_REAL_HOME"])), folder, limit=200, sets=SETS[:1], slips=False)
    words, vectors, whole = (row.scores for row in measured.rows)
    assert whole.mrr >= vectors.mrr > words.mrr and whole.at_10 > words.at_10
    assert all(one.at_10 >= 0.99 for one in measured.index)
