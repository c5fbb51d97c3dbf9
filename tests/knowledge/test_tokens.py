"""Counting tokens, offline."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from knowledge.errors import KnowledgeError
from knowledge.tokens import TokenCounter, unpack_vocabularies


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The unpacked vocabularies."""
    path = tmp_path_factory.mktemp("tokens")
    unpack_vocabularies(path, {})
    return path


@pytest.fixture
def counter(folder: Path, monkeypatch: pytest.MonkeyPatch) -> TokenCounter:
    """A counter over them."""
    monkeypatch.delenv("TIKTOKEN_CACHE_DIR", raising=False)
    return TokenCounter(folder)


def test_tokens_are_counted_as_the_models_count_them(counter: TokenCounter) -> None:
    """Known counts of the published o200k vocabulary; markers count as text."""
    assert counter("") == 0
    assert counter("hello world") == 2
    assert counter("<|endoftext|>") > 1


def test_a_cut_is_the_longest_beginning_within_the_limit(counter: TokenCounter) -> None:
    """Nothing is cut that fits, and no half character is left."""
    text = "Modifier 25: significant, separately identifiable service. 糖尿病 " * 5
    assert counter.cut(text, counter(text)) == text
    for limit in range(40):
        cut = counter.cut(text, limit)
        assert text.startswith(cut) and counter(cut) <= limit
    assert counter.cut(text, 0) == ""


def test_a_run_without_blanks_is_counted_in_time(counter: TokenCounter) -> None:
    """A pasted 200 KB line does not stall the counter."""
    assert counter("x" * 200_000) > 1_000


def test_a_fresh_process_without_network_counts(folder: Path) -> None:
    """Nothing is fetched: every attempt to connect ends the process."""
    program = (
        "import sys\n"
        "sys.addaudithook(lambda event, args: sys.exit('connects') if event in ('socket.connect', 'socket.getaddrinfo') else None)\n"
        "from pathlib import Path\n"
        "from knowledge.tokens import TokenCounter\n"
        f"print([TokenCounter(Path({str(folder)!r}), name)('hello world') for name in ('o200k_base', 'cl100k_base')])\n"
    )
    environment = {name: value for name, value in os.environ.items() if name != "TIKTOKEN_CACHE_DIR"}
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=Path(__file__).parents[2],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.stdout.strip(), done.returncode) == ("[2, 2]", 0), done.stderr


def test_a_damaged_vocabulary_is_made_anew(tmp_path: Path) -> None:
    """Tiktoken would delete it and go to the network."""
    environment: dict[str, str] = {}
    unpack_vocabularies(tmp_path, environment)
    assert environment == {"TIKTOKEN_CACHE_DIR": str(tmp_path)}
    before = {path.name: path.stat().st_size for path in tmp_path.iterdir()}
    assert len(before) == 2
    for path in tmp_path.iterdir():
        path.write_bytes(b"broken")
    unpack_vocabularies(tmp_path, environment)
    assert {path.name: path.stat().st_size for path in tmp_path.iterdir()} == before


def test_an_unknown_vocabulary_is_refused(tmp_path: Path) -> None:
    """The message names the ones there are."""
    with pytest.raises(KnowledgeError, match="o200k_base"):
        TokenCounter(tmp_path, "gpt2")
