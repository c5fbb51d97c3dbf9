"""Filling the vectors: whole or not at all, resumable, reused, and shared between processes."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from ingest import embed
from ingest.embed import fill_vectors
from knowledge.embeddings import HashEmbedder
from knowledge.entries import Entry, write_entries
from knowledge.errors import KnowledgeError, KnowledgeMissing
from knowledge.home import Home
from knowledge.vectors import Progress, VectorStore, completed, progress_of
from knowledge.writing import ReferenceWriter


class CountingEmbedder(HashEmbedder):
    """Counts the texts it embeds, and can be killed after a number of them."""

    def __init__(self, dies_after: int | None = None) -> None:
        super().__init__(32)
        self.embedded: list[str] = []
        self._dies_after = dies_after

    def embed_documents(self, texts: Sequence[str]) -> Any:
        """Embed and count."""
        if self._dies_after is not None and len(self.embedded) >= self._dies_after:
            raise KeyboardInterrupt
        self.embedded += texts
        return super().embed_documents(texts)


def titles(count: int) -> list[Entry]:
    """Return invented entries, one in ten without a vector, two with one text."""
    entries = [
        Entry.for_title("icd10cm", f"A{n:03}", f"invented disease number {n}", embedded=n % 10 != 9)
        for n in range(count)
    ]
    return [*entries, Entry.for_alias("invented disease number 0", system="icd10cm", code="B000")]


def build(home: Home, entries: list[Entry], number: int = 1) -> None:
    """Make a reference file of the entries the one in use."""
    path = home.root / f"reference-{number}.sqlite"
    with ReferenceWriter(path) as writer:
        write_entries(writer.connection, entries)
    home.swap_in(path)


def folders(home: Home) -> list[Path]:
    """Return the vectors' folders there are."""
    return sorted(home.root.glob("vectors-*"))


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches of ten, so that forty texts take several."""
    monkeypatch.setattr(embed, "_BATCH", 10)


def test_every_distinct_embedded_text_gets_one_vector(home: Home) -> None:
    """Rows without vectors are left out, a shared text is embedded once, the marker comes last."""
    build(home, titles(40))
    model = CountingEmbedder()
    marker = fill_vectors(home, model)
    assert len(model.embedded) == len(set(model.embedded)) == 36
    assert (marker.rows, marker.embedder, marker.sha) == ({"icd10cm": 36}, model.name, model.sha)
    assert completed(folders(home)[0]) == marker


def test_progress_rises_to_the_end_and_is_written_down(home: Home) -> None:
    """Another process reads what this one was told."""
    build(home, titles(40))
    told: list[Progress] = []
    written: list[Progress | None] = []

    def listen(progress: Progress) -> None:
        told.append(progress)
        written.append(progress_of(folders(home)[0]))

    fill_vectors(home, CountingEmbedder(), listen)
    assert [one.done for one in told] == [0, 10, 20, 30, 36, 36]
    assert {one.total for one in told} == {36} and told[0].seconds_left is None and told[-1].seconds_left == 0
    assert written == [*told[:-1], Progress(36, 36, 0.0)]


def test_asked_again_it_does_nothing(home: Home) -> None:
    """A complete folder is not opened, let alone embedded."""
    build(home, titles(20))
    fill_vectors(home, CountingEmbedder())
    again = CountingEmbedder(dies_after=0)
    assert fill_vectors(home, again).total == 18 and again.embedded == []


def test_a_killed_run_goes_on_where_it_stopped(home: Home) -> None:
    """No marker before the end; finished batches are not embedded again."""
    build(home, titles(40))
    first = CountingEmbedder(dies_after=20)
    with pytest.raises(KeyboardInterrupt):
        fill_vectors(home, first)
    assert completed(folders(home)[0]) is None and progress_of(folders(home)[0]) is not None
    second = CountingEmbedder()
    assert fill_vectors(home, second).total == 36
    assert len(second.embedded) == 16 and not set(first.embedded) & set(second.embedded)


def test_known_vectors_are_copied_and_the_old_folder_goes(home: Home) -> None:
    """A new edition embeds only what is new."""
    build(home, titles(30))
    fill_vectors(home, CountingEmbedder())
    old = folders(home)
    build(home, [*titles(30), Entry.for_title("icd10cm", "Z99", "something new")], 2)
    model = CountingEmbedder()
    assert fill_vectors(home, model).total == 28
    assert model.embedded == ["something new"]
    assert len(folders(home)) == 1 and folders(home) != old
    with VectorStore.open(folders(home)[0], model) as store:
        key, similarity = store.nearest("icd10cm", model.embed_query("invented disease number 7"), 1)[0]
        assert similarity == pytest.approx(1, abs=1e-5) and key in store.keys("icd10cm")


def test_vectors_of_another_model_are_not_reused(home: Home) -> None:
    """Another model embeds everything into a folder of its own."""
    build(home, titles(10))
    fill_vectors(home, HashEmbedder(16))
    model = CountingEmbedder()
    fill_vectors(home, model)
    assert len(model.embedded) == 9 and len(folders(home)) == 1


def test_two_at_once_share_the_work(home: Home) -> None:
    """The second follows the first and embeds nothing itself."""
    build(home, titles(40))
    begun, may_end = threading.Event(), threading.Event()

    class Slow(CountingEmbedder):
        def embed_documents(self, texts: Sequence[str]) -> Any:
            begun.set()
            may_end.wait(20)
            return super().embed_documents(texts)

    slow, second, told = Slow(), CountingEmbedder(), []
    runner = threading.Thread(target=fill_vectors, args=(home, slow))
    runner.start()
    assert begun.wait(20)

    def listen(progress: Progress) -> None:
        told.append(progress)
        may_end.set()

    marker = fill_vectors(home, second, listen)
    runner.join()
    assert (len(slow.embedded), second.embedded, marker.total) == (36, [], 36)
    assert told[0].done < 36 and told[-1].done == 36


def test_nothing_to_fill_is_said(home: Home) -> None:
    """No build, and a build without entries, are one-line errors."""
    with pytest.raises(KnowledgeMissing, match="medcode build"):
        fill_vectors(home, CountingEmbedder())
    path = home.root / "reference-1.sqlite"
    with ReferenceWriter(path):
        pass
    home.swap_in(path)
    with pytest.raises(KnowledgeError, match="searchable entries"):
        fill_vectors(home, CountingEmbedder())
