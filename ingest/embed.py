"""Filling the vectors of the knowledge in use: the slow part of a build, run behind a program that already answers from words.

It can be killed at any moment and goes on where it stopped. Vectors of an older folder made by the same model are copied, not computed.
"""

from __future__ import annotations

import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from knowledge.embeddings import Embedder
from knowledge.entries import ShelvedText, corpus_key, shelved_texts
from knowledge.errors import KnowledgeError
from knowledge.home import Home
from knowledge.vectors import Marker, Progress, VectorStore, completed, progress_of, record_progress

__all__ = ["fill_vectors"]


def fill_vectors(home: Home, embedder: Embedder, progress: Callable[[Progress], None] | None = None) -> Marker:
    """Bring the vectors of the reference file in use to completion and return what they are; at once when they are complete.

    ``progress`` is called after every batch, and the same is written into the folder for other processes. Where another process is
    already filling the folder, this one follows it, and takes over should the other stop. Folders of other corpora or models are
    removed at the end.

    Raises :class:`~knowledge.errors.KnowledgeMissing` when nothing has been built.
    """
    tell = progress or (lambda _: None)
    with closing(_read_only(home.current)) as reference:
        corpus = _corpus(reference)
        folder = home.vectors(corpus_key(corpus, embedder))
        marker = completed(folder)
        if marker is None:
            folder.mkdir(parents=True, exist_ok=True)
            with _turn(folder, tell):
                # Whoever had the turn before may have finished.
                marker = completed(folder) or _fill(home, folder, embedder, reference, corpus, tell)
    tell(Progress(marker.total, marker.total, 0.0))
    _remove_stale(home, folder)
    return marker


def _fill(
    home: Home,
    folder: Path,
    embedder: Embedder,
    reference: sqlite3.Connection,
    corpus: str,
    tell: Callable[[Progress], None],
) -> Marker:
    with VectorStore(folder, embedder) as store:
        wanted: dict[str, list[ShelvedText]] = {}
        for text in shelved_texts(reference):
            wanted.setdefault(text.shelf, []).append(text)
        have = {shelf: store.keys(shelf) for shelf in wanted}
        for shelf, texts in wanted.items():
            have[shelf] |= _copy_known(
                home, folder, embedder, store, shelf, [text.key for text in texts if text.key not in have[shelf]]
            )
        missing = [text for texts in wanted.values() for text in texts if text.key not in have[text.shelf]]
        # Texts of like length together: a batch costs as much as its longest text. Shelf by shelf, the smallest first.
        missing.sort(key=lambda text: (len(wanted[text.shelf]), text.shelf, len(text.text), text.key))
        clock = _Clock(sum(map(len, wanted.values())), [len(text.text) for text in missing])
        _tell_both(folder, clock.progress(0), tell)
        done = 0
        for batch in _batches(missing):
            store.put(
                batch[0].shelf, [text.key for text in batch], embedder.embed_documents([text.text for text in batch])
            )
            done += len(batch)
            _tell_both(folder, clock.progress(done), tell)
        return store.complete(corpus)


def _copy_known(
    home: Home, folder: Path, embedder: Embedder, store: VectorStore, shelf: str, keys: list[str]
) -> set[str]:
    """Copy the vectors of ``keys`` that an older complete folder of the same model holds, and return their keys."""
    import numpy as np

    copied: set[str] = set()
    for other in sorted(home.root.glob("vectors-*")):
        marker = completed(other)
        if other == folder or marker is None or marker.sha != embedder.sha:
            continue
        with VectorStore(other, embedder) as older:
            known = older.vectors(shelf, [key for key in keys if key not in copied])
        if known:
            store.put(shelf, list(known), np.stack(list(known.values())).astype(np.float32))
            copied |= known.keys()
    return copied


class _Clock:
    """Estimates the time left from characters, since the texts come in order of length."""

    def __init__(self, total: int, lengths: list[int]) -> None:
        self._total, self._lengths, self._all = total, lengths, sum(lengths)
        self._started = time.monotonic()

    def progress(self, done: int) -> Progress:
        worked = sum(self._lengths[:done])
        spent = time.monotonic() - self._started
        left = (self._all - worked) * spent / worked if worked else None
        return Progress(self._total - len(self._lengths) + done, self._total, left if self._lengths else 0.0)


def _batches(texts: list[ShelvedText]) -> Iterator[list[ShelvedText]]:
    start = 0
    while start < len(texts):
        batch = [text for text in texts[start : start + _BATCH] if text.shelf == texts[start].shelf]
        yield batch
        start += len(batch)


_BATCH = 512
"""Texts between two signs of progress: about a second's work, and the most that a kill can lose."""


def _tell_both(folder: Path, progress: Progress, tell: Callable[[Progress], None]) -> None:
    record_progress(folder, progress)
    tell(progress)


@contextmanager
def _turn(folder: Path, tell: Callable[[Progress], None]) -> Iterator[None]:
    """Hold the right to fill ``folder``, waiting while another process has it.

    An SQLite lock, because the system lets go of it when its holder dies, on every platform.
    """
    lock = sqlite3.connect(folder / "filling.sqlite", timeout=_PATIENCE, isolation_level=None)
    try:
        while True:
            try:
                lock.execute("BEGIN EXCLUSIVE")
                break
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                    raise KnowledgeError(f"the vectors cannot be written in {folder}: {error}") from error
                followed = progress_of(folder)
                if followed is not None:
                    tell(followed)
        yield
    finally:
        lock.close()


_PATIENCE = 0.5
"""Seconds between two looks at another process's progress."""


def _remove_stale(home: Home, folder: Path) -> None:
    for other in home.root.glob("vectors-*"):
        if other != folder:
            # What a reader on Windows still holds open stays until the next build.
            shutil.rmtree(other, ignore_errors=True)


def _read_only(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)


def _corpus(reference: sqlite3.Connection) -> str:
    row = reference.execute("SELECT value FROM fact WHERE name = 'corpus'").fetchone()
    if row is None:
        raise KnowledgeError("expected searchable entries in the knowledge, found none: run `medcode build`")
    return str(row[0])
