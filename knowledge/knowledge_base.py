"""Everything known, opened read-only in one place: exact tables, documents, and search over them."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING

from knowledge.codes import CodeSystem
from knowledge.embeddings import Embedder, configured_embedder
from knowledge.entries import corpus_key
from knowledge.home import Home
from knowledge.keywords import KeywordIndex
from knowledge.reference import ReferenceStore
from knowledge.search import Searcher
from knowledge.vectors import Progress, completed, progress_of

if TYPE_CHECKING:
    from knowledge.vectors import VectorStore

__all__ = ["KnowledgeBase"]


class KnowledgeBase:
    """The knowledge in use on this machine. Opening it is quick; the vectors and their model are loaded by the first search that needs them.

    Safe to share between threads. Vectors that become complete while this is open are used from then on.
    """

    def __init__(
        self,
        home: Home,
        embedder: Embedder,
        reference: ReferenceStore,
        searched: sqlite3.Connection,
        expansions: Mapping[str, str],
    ) -> None:
        """Use :meth:`open`."""
        self.home, self.embedder, self.reference = home, embedder, reference
        self._searched = searched
        self._folder = home.vectors(corpus_key(reference.fact("corpus"), embedder))
        self._store: VectorStore | None = None
        self._lock = threading.Lock()
        self.searcher = Searcher(KeywordIndex(searched), self._vectors, expansions=expansions)
        self.search = self.searcher.search
        self.passages = self.searcher.passages

    @classmethod
    def open(
        cls, home: Home, embedder: Embedder | None = None, *, expansions: Mapping[str, str] | None = None
    ) -> KnowledgeBase:
        """Open the knowledge in ``home``, with the configured embedder when None is given.

        ``expansions`` are abbreviations and lay words with what they stand for; the knowledge's own when None.

        Raises :class:`~knowledge.errors.KnowledgeMissing` when nothing has been built there.
        """
        reference = ReferenceStore(home.current)
        searched = sqlite3.connect(
            f"{reference.path.resolve().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False
        )
        return cls(
            home,
            embedder or configured_embedder(),
            reference,
            searched,
            _curated(reference) if expansions is None else expansions,
        )

    def code_names(self, text: str, limit: int = 10) -> list[tuple[str, float]]:
        """Return up to ``limit`` (CPT or HCPCS code, score from 0 to 1) whose names, aliases or category are near ``text``, best first."""
        hits = self.search(text, systems=(CodeSystem.CPT, CodeSystem.HCPCS), limit=limit).hits
        return [(hit.code, hit.score) for hit in hits]

    @property
    def vectors_ready(self) -> bool:
        """Whether the vectors for this knowledge and embedder are complete; without them search goes by words."""
        return self._store is not None or completed(self._folder) is not None

    @property
    def vectors_progress(self) -> Progress | None:
        """How far the vectors are; None when nobody has begun to make them."""
        return progress_of(self._folder)

    @property
    def is_current(self) -> bool:
        """Whether this is still the knowledge in use; False after another build was swapped in."""
        return self.home.current == self.reference.path

    def warm(self) -> None:
        """Load the vectors and their model now, so that the first question does not wait for them."""
        self.search("fever")

    def close(self) -> None:
        """Close every file."""
        with self._lock:
            if self._store is not None:
                self._store.close()
                self._store = None
        self._searched.close()
        self.reference.close()

    def __enter__(self) -> KnowledgeBase:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _vectors(self) -> tuple[VectorStore, Embedder] | None:
        with self._lock:
            if self._store is None:
                if completed(self._folder) is None:
                    return None
                from knowledge.vectors import VectorStore

                self._store = VectorStore.open(self._folder, self.embedder)
            return self._store, self.embedder


def _curated(reference: ReferenceStore) -> dict[str, str]:
    return {word.term: word.means for word in reference.words()}
