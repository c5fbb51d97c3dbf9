"""How likely a single word is to be part of a name, and how far a name reaches."""

from __future__ import annotations

import re
from enum import IntEnum

from assistant.phi.page import Page, Word
from assistant.phi.recognisers.places import FACILITY_WORDS
from assistant.phi.vocabulary import (
    CREDENTIALS,
    EPONYM_HEADS,
    FUNCTION_WORDS,
    GIVEN_TOO,
    MONTHS,
    SURNAMES_TOO,
    TITLES,
    words,
)

__all__ = ["PARTICLES", "Grade", "eponym_follows", "facility_follows", "grade", "is_initial", "last_of_name"]

PARTICLES = words(
    """
    de la las los del della di da das do dos du van von der den ter ten bin ibn al el ben st san santa le lo mac mc e ó ní
    nic abu
    """
)
_LONGEST = 5
"""Words a name has at most: "Maria de los Angeles Quintanilla"."""

_ADJECTIVE_HEADS = words(
    """
    male female blood man woman matter race cell cells american stool term count visit
    """
)


class Grade(IntEnum):
    """What a word says about being part of a name."""

    NO = 0
    """A function word, a word of the trade, a word of the language that nobody is called by."""
    MAYBE = 1
    """A word of the language or an eponym that people are called by as well: Price, Foley, Summer."""
    UNKNOWN = 2
    """In no list at all: rare names, products, misspellings."""
    FAMILY = 3
    """A listed surname and nothing else."""
    GIVEN = 4
    """A listed given name and nothing else, or one that everybody knows."""


def grade(page: Page, word: Word) -> Grade:
    """Return what the word says, whatever its case."""
    low = word.lower
    known = page.memory.get(low)
    if known is None:
        known = page.memory[low] = _grade(page, low)
    return Grade(known)


def _grade(page: Page, low: str) -> Grade:
    lexicon = page.lexicon
    if low in FUNCTION_WORDS and low not in ("will",):
        return Grade.NO
    if lexicon.is_common_first_name(low) and low not in MONTHS:
        return Grade.GIVEN
    if low in SURNAMES_TOO or low in GIVEN_TOO:
        return Grade.MAYBE
    if lexicon.is_ordinary(low) or low in FACILITY_WORDS or low in TITLES or lexicon.is_kept_place(low):
        return Grade.NO
    if lexicon.is_safe(low):
        return Grade.MAYBE if lexicon.is_name(low) or lexicon.is_eponym(low) else Grade.NO
    if lexicon.is_first_name(low):
        return Grade.GIVEN
    if lexicon.is_surname(low):
        return Grade.FAMILY
    return Grade.NO if lexicon.is_known(low) else Grade.UNKNOWN


def is_initial(page: Page, index: int) -> bool:
    """Return whether the word is one capital letter used as an initial."""
    word = page.words[index]
    if len(word.text) != 1 or not word.is_capital:
        return False
    after = page.text[word.end : word.end + 2]
    return after[:1] == "." or (word.text not in "IAX" and (not after.strip() or after[:1] in " ,)\n;:?'’"))


def last_of_name(page: Page, index: int, *, trusting: bool, any_case: bool = False) -> int:
    """Return the index of the last word of the name whose first word is `index`.

    `trusting` takes any capitalised word that could be a name, because a title or a label vouches for it; otherwise a further word must
    be graded MAYBE or better. A name keeps its case: "Anna Smith", "ANNA SMITH", "anna smith", not "Anna MRI".
    """
    words = page.words
    first = words[index]
    last = index
    while last + 1 < len(words) and last - index + 1 < _LONGEST:
        following = words[last + 1]
        if not _joins(page, last):
            break
        if len(following.text) == 1:
            if not is_initial(page, last + 1) or page.gap(last) == "-":
                break
            last += 1
            continue
        if following.lower in PARTICLES and _particle_leads(page, last + 1, any_case=any_case):
            # The word after a particle is the surname, whatever else it may be: "Aarav de Vries".
            last += 1 if words[last + 2].lower in PARTICLES else 2
            continue
        if not _same_case(first, following, any_case=any_case) or _ends_name(page, last + 1, trusting=trusting):
            break
        last += 1
        if following.text.endswith(("'s", "’s")):
            break
    while last > index and words[last].lower in PARTICLES and not words[last].is_capital:
        last -= 1
    return last


def _joins(page: Page, index: int) -> bool:
    """Whether what stands after the word can stand inside a name: a blank, or a full stop after an initial or St."""
    gap, word = page.gap(index), page.words[index]
    if gap in (" ", "  ", "-", "\t"):
        return not word.text.endswith(("'s", "’s"))
    return gap in (". ", ".") and (len(word.text) == 1 or word.lower in ("st", "mc", "ma", "chr"))


def _particle_leads(page: Page, index: int, *, any_case: bool) -> bool:
    words = page.words
    if index + 1 >= len(words) or page.gap(index) not in (" ", ". ", "'", "-"):
        return False
    following = words[index + 1]
    return following.lower in PARTICLES or (
        (following.is_capital or any_case) and not page.lexicon.is_ordinary(following.lower)
    )


def _same_case(first: Word, following: Word, *, any_case: bool) -> bool:
    if following.is_upper and not first.is_upper and len(first.text) > 1:
        return len(following.text) < 3 and following.text in ("II", "IV")
    return following.is_capital or (any_case and not first.is_capital)


def _ends_name(page: Page, index: int, *, trusting: bool) -> bool:
    """Whether the word belongs to what comes after the name, not to the name."""
    word = page.words[index]
    low, graded = word.lower, grade(page, word)
    if (low in CREDENTIALS and (word.is_upper or low in ("jr", "sr", "ii", "iii", "iv"))) or low in FACILITY_WORDS:
        return low not in ("jr", "sr", "ii", "iii", "iv")
    if graded is Grade.NO:
        return True
    if graded is Grade.MAYBE:
        following = page.words[index + 1].lower if index + 1 < len(page.words) and page.gap(index) == " " else ""
        if following in _ADJECTIVE_HEADS or eponym_follows(page, index):
            return True
        return not trusting and low in MONTHS and low not in GIVEN_TOO
    return low in EPONYM_HEADS and graded is not Grade.FAMILY


def eponym_follows(page: Page, index: int) -> bool:
    """Return whether what follows makes the word an eponym: "Crohn's disease", "Foley catheter", "Chaddock reflex"."""
    words = page.words
    if index + 1 >= len(words):
        return False
    gap = page.gap(index).replace("’", "'")
    if gap.strip(" -\n\r") not in ("", "'s", "'"):
        return False
    following, known = words[index + 1], page.lexicon.is_eponym(words[index].lower)
    if following.lower in EPONYM_HEADS:
        return known or (gap.strip() == "" and following.text.islower())
    if known and page.lexicon.is_eponym(following.lower) and index + 2 < len(words):
        return words[index + 2].lower in EPONYM_HEADS
    return known and re.match(r"[-/]\w", gap + following.text) is not None and eponym_follows(page, index + 1)


def facility_follows(page: Page, index: int) -> bool:
    """Return whether the next word makes this one part of a facility's name: "Larkspur Clinic"."""
    words = page.words
    return (
        index + 1 < len(words)
        and page.gap(index) in (" ", "-")
        and words[index + 1].lower in FACILITY_WORDS
        and words[index + 1].is_capital
    )
