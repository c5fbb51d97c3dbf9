"""A name found once is a name everywhere: its parts are looked for in the rest of the text and of the conversation."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from assistant.phi.kinds import Identifier, IdentifierKind
from assistant.phi.page import Page
from assistant.phi.recognisers.name_words import PARTICLES, Grade, eponym_follows, grade
from assistant.phi.vocabulary import CREDENTIALS, FUNCTION_WORDS, TITLES

__all__ = ["name_parts", "propagate"]

_SHORTEST = 3


def name_parts(name: str) -> frozenset[str]:
    """Return the parts of a name that may stand for it alone, lower case: given names and surnames of three letters or more."""
    parts = (part.lower() for part in re.findall(r"[^\W\d_]+(?:['’-][^\W\d_]+)*", name))
    cleaned = (part[:-2] if part.endswith(("'s", "’s")) else part for part in parts)
    return frozenset(
        part
        for part in cleaned
        if len(part) >= _SHORTEST and part not in TITLES | CREDENTIALS | PARTICLES | FUNCTION_WORDS
    )


def propagate(page: Page, parts: Iterable[str]) -> Iterator[Identifier]:
    """Yield every place of the page where a part of a known name stands.

    A part that is also a word of the language ("King", "Price") counts only with a capital, not as an eponym, and not at the start of a
    sentence unless the rest of the name is near.
    """
    wanted = frozenset(parts)
    if not wanted:
        return
    for index, word in enumerate(page.words):
        low = word.lower
        if low not in wanted or page.lexicon.is_kept_place(low):
            continue
        graded = grade(page, word)
        if graded <= Grade.MAYBE:
            if (
                not word.is_capital
                or eponym_follows(page, index)
                or (word.is_upper and not page.mostly_capitals and len(word.text) < 5)
            ):
                continue
            if page.begins_sentence(index) and graded is Grade.NO:
                continue
        elif page.lexicon.is_eponym(low) and eponym_follows(page, index):
            continue
        stop = word.end - (2 if word.text.endswith(("'s", "’s")) else 0)
        yield Identifier(
            word.start,
            stop,
            IdentifierKind.NAME,
            0.9,
            "name.known",
            "is part of a name found elsewhere in the conversation",
        )
