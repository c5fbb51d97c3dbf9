"""The vectors on disk: what they return, and what they refuse."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from knowledge.embeddings import HashEmbedder
from knowledge.errors import EmbedderMismatch, KnowledgeError
from knowledge.vectors import MARKER, Progress, VectorStore, completed, progress_of, record_progress

MODEL = HashEmbedder(32)
TEXTS = ["gout", "gouty arthritis", "type 2 diabetes", "hypertension", "essential hypertension"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A complete folder of five vectors on one shelf."""
    with VectorStore(tmp_path / "vectors-1", MODEL) as store:
        store.put("icd10cm", TEXTS, MODEL.embed_documents(TEXTS))
        store.complete("corpus")
    return tmp_path / "vectors-1"


def test_the_nearest_come_first_with_their_cosine(folder: Path) -> None:
    """Similarity is the cosine, 1 for the same text, and falls."""
    with VectorStore.open(folder, MODEL) as store:
        nearest = store.nearest("icd10cm", MODEL.embed_query("hypertension"), 3)
        assert nearest[0] == ("hypertension", pytest.approx(1, abs=1e-5))
        assert nearest[1][0] == "essential hypertension" and nearest[1][1] < 1
        expected = float(MODEL.embed_query("hypertension") @ MODEL.embed_query("essential hypertension"))
        assert nearest[1][1] == pytest.approx(expected, abs=1e-5)
        assert len(store.nearest("icd10cm", MODEL.embed_query("gout"), 50)) == 5


def test_an_unknown_shelf_is_empty(folder: Path) -> None:
    """Nothing is created by reading."""
    with VectorStore.open(folder, MODEL) as store:
        assert store.nearest("hcpcs", MODEL.embed_query("gout"), 3) == []
        assert (store.count("hcpcs"), store.keys("hcpcs"), store.vectors("hcpcs", ["gout"])) == (0, set(), {})
        assert store.shelves() == ("icd10cm",)


def test_stored_vectors_come_back_as_they_were(folder: Path) -> None:
    """Vectors can be copied from one folder to the next without the model."""
    with VectorStore.open(folder, MODEL) as store:
        assert store.keys("icd10cm") == set(TEXTS)
        kept = store.vectors("icd10cm", ["gout", "absent"])
        assert list(kept) == ["gout"] and np.allclose(kept["gout"], MODEL.embed_query("gout"), atol=1e-6)


def test_putting_twice_changes_nothing(tmp_path: Path) -> None:
    """A key is stored once; the newer vector wins."""
    with VectorStore(tmp_path / "v", MODEL) as store:
        for text in ("gout", "gouty arthritis"):
            store.put("icd10cm", ["key"], MODEL.embed_documents([text]))
        assert store.count("icd10cm") == 1
        assert np.allclose(store.vectors("icd10cm", ["key"])["key"], MODEL.embed_query("gouty arthritis"), atol=1e-6)


def test_more_rows_than_one_batch_allows_are_stored(tmp_path: Path) -> None:
    """Chroma's limit on a batch is the store's business."""
    keys = [f"k{n}" for n in range(6_000)]
    rows = np.random.default_rng(0).normal(size=(6_000, 32)).astype(np.float32)
    with VectorStore(tmp_path / "v", MODEL) as store:
        store.put("icd10cm", keys, rows)
        assert store.count("icd10cm") == 6_000 and store.keys("icd10cm") == set(keys)


def test_a_half_filled_folder_is_not_opened_for_reading(tmp_path: Path) -> None:
    """Without its marker a folder is not complete, whatever it holds."""
    with VectorStore(tmp_path / "v", MODEL) as store:
        store.put("icd10cm", TEXTS, MODEL.embed_documents(TEXTS))
    assert completed(tmp_path / "v") is None
    with pytest.raises(KnowledgeError, match="not complete"):
        VectorStore.open(tmp_path / "v", MODEL)


def test_a_folder_that_lost_rows_is_refused(folder: Path) -> None:
    """The marker's counts are checked against the collection."""
    marker = json.loads((folder / MARKER).read_text(encoding="utf-8"))
    marker["rows"]["icd10cm"] = 6
    (folder / MARKER).write_text(json.dumps(marker), encoding="utf-8")
    with pytest.raises(KnowledgeError, match="expected 6 vectors of icd10cm"):
        VectorStore.open(folder, MODEL)


def test_vectors_of_another_model_are_refused(folder: Path) -> None:
    """For reading by the marker, for filling by the collection's own record."""
    with pytest.raises(EmbedderMismatch, match=r"hash-32.*hash-16"):
        VectorStore.open(folder, HashEmbedder(16))
    with VectorStore(folder, HashEmbedder(16)) as store, pytest.raises(EmbedderMismatch, match="hash-16"):
        store.put("icd10cm", ["x"], HashEmbedder(16).embed_documents(["x"]))


@pytest.mark.parametrize("content", ["", "{", "[]", '{"corpus": "x"}', "null"])
def test_a_damaged_marker_is_no_marker(tmp_path: Path, content: str) -> None:
    """Unreadable means not complete."""
    (tmp_path / MARKER).write_text(content, encoding="utf-8")
    assert completed(tmp_path) is None


def test_progress_can_be_read_by_others(tmp_path: Path, folder: Path) -> None:
    """None before it begins, what was written while it runs, everything once complete."""
    assert progress_of(tmp_path) is None
    record_progress(tmp_path, Progress(5, 20, 3.5))
    assert progress_of(tmp_path) == Progress(5, 20, 3.5)
    assert Progress(5, 20, 3.5).share == 0.25 and Progress(0, 0, None).share == 1
    assert progress_of(folder) == Progress(5, 5, 0.0)
