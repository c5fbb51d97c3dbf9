"""Passages: cut at headings, then by tokens."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.chunk import Chunk, cut

WORDS = st.lists(st.sampled_from(["knee", "blue", "visit.", "code", "units,"]), min_size=1, max_size=60).map(" ".join)


def test_each_heading_is_a_passage_with_its_path(count: Callable[[str], int]) -> None:
    """A passage never crosses a heading, and knows the headings above it."""
    text = "## First\nOne two.\n\nThree.\n\n### Below\nFour:\n```\nfive  six\n```\n\n## Second\n- a\n- b\n"
    assert cut(text, count) == (
        Chunk("First", "One two.\n\nThree.", 3),
        Chunk("First > Below", "Four:\n```\nfive  six\n```", 5),
        Chunk("Second", "- a\n- b", 4),
    )


def test_a_long_heading_is_cut_at_paragraphs_before_words(count: Callable[[str], int]) -> None:
    """The limit holds, and pieces end where the text does."""
    text = "## H\n" + "one two three.\n\n" * 4
    assert [chunk.text for chunk in cut(text, count, limit=7)] == [
        "one two three.\n\none two three.",
        "one two three.\n\none two three.",
    ]


@settings(max_examples=30, deadline=None)
@given(st.lists(WORDS, min_size=1, max_size=4))
def test_pieces_hold_every_word_once_and_keep_the_limit(sections: list[str]) -> None:
    """Nothing is repeated, left out or longer than allowed."""

    def count(text: str) -> int:
        return len(text.split())

    text = "\n".join(f"## Heading {n}\n{section}\n" for n, section in enumerate(sections))
    chunks = cut(text, count, limit=12)
    assert " ".join(chunk.text for chunk in chunks).split() == " ".join(sections).split()
    assert all(chunk.tokens <= 12 for chunk in chunks)
