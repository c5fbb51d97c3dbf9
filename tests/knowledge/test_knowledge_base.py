"""The knowledge base: quick to open, and honest about its vectors."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ingest.embed import fill_vectors
from knowledge.embeddings import HashEmbedder
from knowledge.errors import KnowledgeMissing
from knowledge.home import Home
from knowledge.knowledge_base import KnowledgeBase
from knowledge.vectors import Progress

MODEL = HashEmbedder(64)


def test_nothing_built_is_said_in_one_line(home: Home) -> None:
    """The message says where it looked and what to do."""
    with pytest.raises(KnowledgeMissing, match="medcode build"):
        KnowledgeBase.open(home, MODEL)


def test_vectors_that_become_ready_are_used_from_then_on(indexed: Home) -> None:
    """An open knowledge base needs no reopening."""
    with KnowledgeBase.open(indexed, MODEL) as knowledge:
        assert not knowledge.vectors_ready and knowledge.vectors_progress is None
        assert not knowledge.search("blood pressure").vectors_used
        fill_vectors(indexed, MODEL)
        assert knowledge.vectors_ready and knowledge.vectors_progress == Progress(16, 16, 0.0)
        assert knowledge.search("blood pressure").vectors_used


def test_vectors_of_another_model_are_not_used(indexed: Home) -> None:
    """Another embedder has a folder of its own, which is not there yet."""
    fill_vectors(indexed, MODEL)
    with KnowledgeBase.open(indexed, HashEmbedder(32)) as knowledge:
        assert not knowledge.vectors_ready and not knowledge.search("blood pressure").vectors_used


def test_it_knows_when_another_build_was_swapped_in(indexed: Home) -> None:
    """The interface can open the newer one."""
    with KnowledgeBase.open(indexed, MODEL) as knowledge:
        assert knowledge.is_current
        newer = indexed.root / "reference-2.sqlite"
        newer.write_bytes(knowledge.reference.path.read_bytes())
        indexed.swap_in(newer)
        assert not knowledge.is_current


def test_a_lookup_loads_no_heavy_library(indexed: Home) -> None:
    """Opening and asking for a code must not pay for Chroma, the model or NumPy."""
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from knowledge.home import Home\n"
        "from knowledge.knowledge_base import KnowledgeBase\n"
        f"with KnowledgeBase.open(Home(Path({str(indexed.root)!r}))) as knowledge:\n"
        "    print(knowledge.search('E11.65').hits[0].code)\n"
        "heavy = {'chromadb', 'onnxruntime', 'tokenizers', 'numpy', 'openai', 'rapidfuzz', 'langchain_core', 'pydantic'} & set(sys.modules)\n"
        "sys.exit(f'loaded {heavy}' if heavy else 0)\n"
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MEDCODE_")}
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=Path(__file__).parents[2],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.stdout.strip(), done.returncode) == ("E1165", 0), done.stderr
