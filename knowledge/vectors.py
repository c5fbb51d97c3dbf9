"""The vectors on disk: one Chroma collection for each shelf. The only module that imports chromadb.

A shelf is a code system, or the passages (:attr:`knowledge.entries.Entry.shelf`). A search of one system is then a search of one
collection: Chroma's own filters cost twenty to eighty times a plain query. Each distinct text of a shelf has one vector, under the
text's key; the reference file knows the rows behind a key. The same point stored hundreds of times would cut Chroma's graph into
islands that a search cannot leave.

A folder is whole only when it holds ``complete.json``, written last; a half-filled collection otherwise opens like a full one. While
it is being filled, ``progress.json`` says how far it is, for other processes to show.
"""

from __future__ import annotations

import json
import os
import threading
import warnings
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from knowledge.errors import EmbedderMismatch, KnowledgeError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from knowledge.embeddings import Embedder

    Vectors = npt.NDArray[np.float32]

__all__ = ["Marker", "Progress", "VectorStore", "completed", "progress_of", "record_progress"]

MARKER = "complete.json"
PROGRESS = "progress.json"

_GRAPH = {"space": "cosine", "max_neighbors": 32, "ef_construction": 200, "ef_search": 400, "sync_threshold": 1_000}
"""Chroma's defaults (16, 100, 100) lose 3 of 100 true neighbours at this size; these lose fewer than 1 (evals/search_benchmark.py).

Rows since the last sync are put into the graph again at every opening, so a sync threshold above a second's work makes starts slow.
"""


@dataclass(frozen=True, slots=True)
class Marker:
    """What a complete folder says of itself."""

    corpus: str
    """The corpus the vectors were made for (fact ``corpus`` of the reference file)."""
    embedder: str
    sha: str
    rows: dict[str, int]
    """Vectors by shelf."""

    @property
    def total(self) -> int:
        """Vectors of all shelves."""
        return sum(self.rows.values())


def completed(folder: Path) -> Marker | None:
    """Return the marker of a complete folder, None when it is missing, half filled or unreadable. Does not import Chroma."""
    try:
        return Marker(**json.loads((folder / MARKER).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the vectors are."""

    done: int
    total: int
    seconds_left: float | None
    """Estimate; None before the first batch is done."""

    @property
    def share(self) -> float:
        """From 0 to 1."""
        return self.done / self.total if self.total else 1.0


def progress_of(folder: Path) -> Progress | None:
    """Return how far the filling of ``folder`` is, all of it when complete, None when nothing has begun. Does not import Chroma."""
    marker = completed(folder)
    if marker is not None:
        return Progress(marker.total, marker.total, 0.0)
    try:
        return Progress(**json.loads((folder / PROGRESS).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def record_progress(folder: Path, progress: Progress) -> None:
    """Write down how far the filling of ``folder`` is."""
    _write_aside(folder / PROGRESS, json.dumps(asdict(progress)))


class VectorStore:
    """The vectors in one folder, made by one embedder. Searches may run in several threads; filling is for one."""

    def __init__(self, folder: Path, embedder: Embedder) -> None:
        """Open ``folder``, creating it when absent; nothing is read until a shelf is used.

        Use :meth:`open` for reading: it refuses a folder that is not complete.
        """
        import chromadb
        from chromadb.config import Settings

        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self._embedder = folder, embedder
        try:
            self._client: Any = chromadb.PersistentClient(str(folder), settings=Settings(anonymized_telemetry=False))
        except Exception as error:  # Chroma raises its own, sqlite's and its Rust core's errors alike
            raise KnowledgeError(
                f"the vectors in {folder} cannot be opened ({type(error).__name__}): delete the folder and run `medcode build`"
            ) from error
        self._collections: dict[str, Any] = {}
        self._lock = threading.Lock()

    @classmethod
    def open(cls, folder: Path, embedder: Embedder) -> VectorStore:
        """Open a complete folder for searching.

        Raises :class:`~knowledge.errors.KnowledgeError` when the folder is half filled or does not hold what its marker says, and
        :class:`~knowledge.errors.EmbedderMismatch` when another model made its vectors.
        """
        marker = completed(folder)
        if marker is None:
            raise KnowledgeError(f"the vectors in {folder} are not complete: run `medcode build`")
        if marker.sha != embedder.sha:
            raise EmbedderMismatch(_mismatch(marker.embedder, marker.sha, embedder, folder))
        store = cls(folder, embedder)
        for shelf, rows in marker.rows.items():
            have = store.count(shelf)
            if have != rows:
                store.close()
                raise KnowledgeError(
                    f"expected {rows} vectors of {shelf} in {folder}, found {have}: delete the folder and run `medcode build`"
                )
        return store

    def close(self) -> None:
        """Let go of the files."""
        self._client.close()

    def __enter__(self) -> VectorStore:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def shelves(self) -> tuple[str, ...]:
        """Return the shelves that have vectors, in order."""
        return tuple(sorted(_shelf(collection.name) for collection in self._client.list_collections()))

    def count(self, shelf: str) -> int:
        """Return the number of vectors of ``shelf``."""
        collection = self._collection(shelf)
        return int(collection.count()) if collection is not None else 0

    def nearest(self, shelf: str, vector: Vectors, limit: int) -> list[tuple[str, float]]:
        """Return up to ``limit`` (text key, cosine similarity -1 to 1) nearest to ``vector``, best first."""
        return self.nearest_of_each(shelf, vector[None, :], limit)[0]

    def nearest_of_each(self, shelf: str, vectors: Vectors, limit: int) -> list[list[tuple[str, float]]]:
        """Return the nearest of each row of ``vectors``, shape (questions, dimensions); see :meth:`nearest`."""
        collection = self._collection(shelf)
        if collection is None or limit < 1:
            return [[] for _ in vectors]
        answer = collection.query(query_embeddings=vectors, n_results=limit, include=["distances"])
        return [
            [(str(key), 1.0 - float(distance)) for key, distance in zip(keys, distances, strict=True)]
            for keys, distances in zip(answer["ids"], answer["distances"], strict=True)
        ]

    def vectors(self, shelf: str, keys: Sequence[str]) -> dict[str, Vectors]:
        """Return the stored vectors of the text keys that are there."""
        collection = self._collection(shelf)
        found: dict[str, Vectors] = {}
        if collection is None:
            return found
        for start in range(0, len(keys), _READ):
            answer = collection.get(ids=list(keys[start : start + _READ]), include=["embeddings"])
            found.update(zip(answer["ids"], answer["embeddings"], strict=True))
        return found

    def keys(self, shelf: str) -> set[str]:
        """Return the text keys that have a vector on ``shelf``."""
        collection = self._collection(shelf)
        found: set[str] = set()
        if collection is not None:
            # One page at a time: the whole list at once would be one statement over every row.
            while page := collection.get(limit=_PAGE, offset=len(found), include=[])["ids"]:
                found.update(page)
        return found

    # -- filling ----------------------------------------------------------------------------------------------------

    def put(self, shelf: str, keys: Sequence[str], vectors: Vectors) -> None:
        """Store vectors, shape (keys, dimensions), under their text keys; a key that is there gets the new vector."""
        collection = self._collection(shelf, create=True)
        step = min(_PAGE, int(self._client.get_max_batch_size()))
        for start in range(0, len(keys), step):
            collection.upsert(ids=list(keys[start : start + step]), embeddings=vectors[start : start + step])

    def complete(self, corpus: str) -> Marker:
        """Declare the folder whole, for ``corpus``: write the marker in one step and return it."""
        marker = Marker(
            corpus, self._embedder.name, self._embedder.sha, {shelf: self.count(shelf) for shelf in self.shelves()}
        )
        _write_aside(self.folder / MARKER, json.dumps(asdict(marker)))
        (self.folder / PROGRESS).unlink(missing_ok=True)
        return marker

    def _collection(self, shelf: str, create: bool = False) -> Any:
        with self._lock:
            if shelf not in self._collections:
                found = self._found(shelf, create)
                if found is None:
                    return None
                made_by = found.metadata or {}
                if made_by.get("embedder_sha") != self._embedder.sha:
                    raise EmbedderMismatch(
                        _mismatch(
                            str(made_by.get("embedder", "?")),
                            str(made_by.get("embedder_sha", "?")),
                            self._embedder,
                            self.folder,
                        )
                    )
                self._collections[shelf] = found
            return self._collections[shelf]

    def _found(self, shelf: str, create: bool) -> Any:
        from chromadb.errors import NotFoundError

        name = f"{_PREFIX}{shelf}"
        with warnings.catch_warnings():
            # Chroma warns of its own configuration format.
            warnings.simplefilter("ignore", DeprecationWarning)
            try:
                return self._client.get_collection(name, embedding_function=None)
            except NotFoundError:
                if not create:
                    return None
            metadata = {"embedder": self._embedder.name, "embedder_sha": self._embedder.sha}
            return self._client.create_collection(
                name, embedding_function=None, metadata=metadata, configuration={"hnsw": _GRAPH}
            )


_PREFIX = "shelf-"
_PAGE = 2_000
_READ = 500


def _write_aside(path: Path, text: str) -> None:
    """Write ``text`` to ``path`` in one step, so that a reader sees the old text or the new one, never half of it."""
    aside = path.with_name(f"{path.name}.new")
    with aside.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(aside, path)


def _shelf(collection: str) -> str:
    return collection.removeprefix(_PREFIX)


def _mismatch(name: str, sha: str, embedder: Embedder, folder: Path) -> str:
    return (
        f"the vectors in {folder} were made by {name} ({sha[:12]}), the configured embedding model is {embedder.name} ({embedder.sha[:12]}): "
        "run `medcode build`"
    )
