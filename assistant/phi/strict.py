"""The strict pass, for text about to leave the machine: a capitalised word that nothing explains is taken for a name.

Explained are: words of the language and the trade, clinical words, eponyms and brands, states, countries, payers, words in capitals up to six
letters (abbreviations), and words that hold a digit. It costs a little precision (product names above all) and finds the rare names that
no list holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant.phi.kinds import Identifier, IdentifierKind
from assistant.phi.page import Page, Word
from assistant.phi.vocabulary import COUNTRIES, EPONYM_HEADS, PAYERS, STATES

__all__ = ["find_unexplained"]

_PAYER_WORDS = frozenset(word.lower() for payer in PAYERS for word in payer.split())
_STATE_WORDS = frozenset(word.lower() for state in STATES for word in state.split())
_SHORTEST = 3
_ABBREVIATION = 6


def find_unexplained(page: Page) -> Iterator[Identifier]:
    """Yield every capitalised word or run of them that no vocabulary explains."""
    words = page.words
    index = 0
    while index < len(words):
        if not _unexplained(page, index):
            index += 1
            continue
        last = index
        while last + 1 < len(words) and page.gap(last) in (" ", "-", "'", "’") and _unexplained(page, last + 1):
            last += 1
        end = words[last].end - (2 if words[last].text.endswith(("'s", "’s")) else 0)
        yield Identifier(
            words[index].start,
            end,
            IdentifierKind.NAME,
            0.5,
            "strict",
            "is a capitalised word that no vocabulary explains",
        )
        index = last + 1


def _unexplained(page: Page, index: int) -> bool:
    word = page.words[index]
    low = word.lower
    if not word.is_capital or len(word.text) < _SHORTEST or page.mostly_capitals or page.lexicon.is_known(low):
        return False
    if (word.is_upper and all(len(part) <= _ABBREVIATION for part in word.text.split("-"))) or _mixed_case(word):
        return False
    if low in _PAYER_WORDS or low in _STATE_WORDS or low in COUNTRIES:
        return False
    if _touches_digit(page, word) or _compound_known(page, low):
        return False
    following = re.match(r"(?:'s|’s|-)?\s?([A-Za-z-]+)", page.text[word.end :])
    if following and following[1].lower() in EPONYM_HEADS and not page.lexicon.is_first_name(low):
        return False
    # The first word of a sentence is capitalised anyway: only a listed name is then told apart.
    return not page.begins_sentence(index) or page.lexicon.is_name(low) or not low.isascii()


def _mixed_case(word: Word) -> bool:
    """Whether capitals stand inside the word as in product names: `HbA1c`, `eGFR`, `UnitedHealthcare`; `McAdams` and `O'Neil` are names."""
    inner = word.text[1:]
    if re.match(r"(?:Mc|Mac|De|Di|La|Le|Van|O['’]|D['’])[A-Z]", word.text):
        return False
    return any(c.isupper() for c in inner) and not re.search(r"['’-]", word.text)


def _touches_digit(page: Page, word: Word) -> bool:
    around = page.text[max(0, word.start - 1) : word.start] + page.text[word.end : word.end + 1]
    return any(c.isdigit() or c in "_@/" for c in around)


def _compound_known(page: Page, low: str) -> bool:
    return "-" in low and all(len(part) < _SHORTEST or page.lexicon.is_known(part) for part in low.split("-"))
