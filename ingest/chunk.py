"""Documents cut into passages: at their headings first, then by tokens, never across a heading.

The only home of LangChain's text splitters.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

__all__ = ["Chunk", "cut"]

LIMIT = 320
"""Most tokens in a passage; the embedding model reads 256 word pieces, an answer cites whole passages."""

_HEADINGS = [("#", "1"), ("##", "2"), ("###", "3"), ("####", "4")]


class Chunk(NamedTuple):
    """A piece of one heading's text."""

    heading: str
    """Heading path joined by `` > ``; empty before the first heading."""
    text: str
    tokens: int


def cut(markdown: str, count: Callable[[str], int], *, limit: int = LIMIT) -> tuple[Chunk, ...]:
    """Return the text of each heading in order, in pieces of at most ``limit`` tokens as ``count`` counts them.

    A piece longer than that is cut between paragraphs, else lines, else sentences, else words; nothing is repeated or left out.
    """
    from langchain_text_splitters import MarkdownHeaderTextSplitter, RecursiveCharacterTextSplitter

    by_heading = MarkdownHeaderTextSplitter(_HEADINGS, strip_headers=True)
    by_tokens = RecursiveCharacterTextSplitter(
        separators=["\n\n", "\n", ". ", " ", ""],
        keep_separator="end",
        chunk_size=limit,
        chunk_overlap=0,
        length_function=count,
    )
    chunks = []
    for section in by_heading.split_text(markdown):
        heading = " > ".join(section.metadata[level] for level in sorted(section.metadata))
        for text in by_tokens.split_text(section.page_content):
            chunks.append(Chunk(heading, text, count(text)))
    return tuple(chunks)
