"""Documents cut into passages: at their headings first, then by tokens, never across a heading.

The only home of LangChain's text splitters.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import groupby
from operator import itemgetter
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
    from langchain_text_splitters import RecursiveCharacterTextSplitter
    from langchain_text_splitters.markdown import ExperimentalMarkdownSyntaxTextSplitter

    # The plain header splitter joins lines anew and loses where paragraphs end; this one keeps the text as it is.
    by_heading = ExperimentalMarkdownSyntaxTextSplitter(_HEADINGS, strip_headers=True)
    by_tokens = RecursiveCharacterTextSplitter(
        separators=["\n\n", "\n", ". ", " ", ""],
        keep_separator="end",
        chunk_size=limit,
        chunk_overlap=0,
        length_function=count,
    )
    chunks = []
    sections = ((_path(part.metadata), part.page_content) for part in by_heading.split_text(markdown))
    for heading, parts in groupby(sections, key=itemgetter(0)):
        for text in by_tokens.split_text("".join(content for _, content in parts)):
            chunks.append(Chunk(heading, text, count(text)))
    return tuple(chunks)


def _path(metadata: Mapping[str, str]) -> str:
    return " > ".join(metadata[level] for _, level in _HEADINGS if level in metadata)
