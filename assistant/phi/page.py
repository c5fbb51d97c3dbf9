"""What a recogniser is given (`Page`), and the form of a recogniser that is one pattern (`Rule`)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import TypeAlias

from assistant.phi.kinds import Identifier, IdentifierKind
from assistant.phi.lexicon import Lexicon

__all__ = ["LABELLED", "NUMBER", "STRONG", "VALUE", "Page", "Recogniser", "Rule", "Word"]

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")

STRONG = r"(?:\s*(?:no\.?|nos\.?|number|num\.?|nbr|id|i\.d\.|code)?\s*(?:is|was|:|=|\#|#|＃|\||\t|-\s|–\s)+\s*|\s+(?:no\.?|number|num\.?|nbr|\#|id)\s*)"
"""After a label: something that says a value follows, such as `number`, `:` or `#`."""

LABELLED = rf"(?:{STRONG}|\s*[(\[]?\s*)"
"""After a label that can have no other meaning: anything, or just a blank."""

VALUE = r"[#]?(?=[A-Z0-9./-]*\d)(?:\d{2,4}(?:[ ]\d{2,4}){1,3}(?![\d/-])|[A-Z0-9]+(?:[-/._][A-Z0-9]+)*)(?:/[A-Z0-9]+)?"
"""A number as people write it: letters, digits, hyphens, at least one digit; groups of two to four digits may be spaced."""

NUMBER = r"(?=[A-Z0-9-]*\d)[A-Z0-9][A-Z0-9-]{2,29}"
"""A value of at least three characters that holds a digit."""


@dataclass(frozen=True, slots=True)
class Word:
    """One word of letters with its place; a full stop after an initial is not part of it."""

    start: int
    end: int
    text: str

    @property
    def lower(self) -> str:
        """The word in lower case without a possessive ending."""
        low = self.text.lower()
        return low[:-2] if low.endswith(("'s", "’s")) else low

    @property
    def is_title_case(self) -> bool:
        """Whether it begins with a capital and is not all capitals: `Nguyen`, `O'Neil`, `DeLuca`."""
        return self.text[0].isupper() and not self.text.isupper()

    @property
    def is_upper(self) -> bool:
        """Whether it is all capitals and longer than one letter."""
        return len(self.text) > 1 and self.text.isupper()

    @property
    def is_capital(self) -> bool:
        """Whether it begins with a capital letter."""
        return self.text[0].isupper()


@dataclass
class Page:
    """A text to be read, with the word lists and the names already known in the conversation."""

    text: str
    lexicon: Lexicon
    known_names: frozenset[str] = field(default_factory=frozenset)
    """Lower-case name parts met earlier in the conversation."""

    memory: dict[str, int] = field(default_factory=dict)
    """What recognisers have worked out about single words, so that each word is looked up once."""

    @cached_property
    def small(self) -> str:
        """The text in small letters."""
        return self.text.lower()

    @cached_property
    def words(self) -> tuple[Word, ...]:
        """The words of the text in order."""
        return tuple(Word(m.start(), m.end(), m[0]) for m in _WORD.finditer(self.text))

    @cached_property
    def mostly_capitals(self) -> bool:
        """Whether the text shouts, so that capitals tell nothing."""
        long = [w for w in self.words if len(w.text) > 3]
        return len(long) > 3 and sum(w.is_upper for w in long) > 0.6 * len(long)

    def gap(self, index: int) -> str:
        """Return what stands between word `index` and the next one; a line break stands after the last."""
        words = self.words
        return self.text[words[index].end : words[index + 1].start] if 0 <= index < len(words) - 1 else "\n"

    def begins_sentence(self, index: int) -> bool:
        """Return whether the word is the first of a sentence, a line, a list item or a quotation."""
        before = self.text[: self.words[index].start].rstrip(" \t\"'(*•-")
        return not before or before[-1] in ".!?:;\n\r•|>"


Recogniser: TypeAlias = Callable[[Page], Iterator[Identifier]]
"""Yields identifiers with offsets into `Page.text`."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A recogniser made of one pattern and, where the format has one, a check."""

    recogniser: str
    kind: IdentifierKind
    pattern: str
    """Matched without regard to case unless `exact_case`; the group `v`, if there is one, is the identifier."""
    score: float
    reason: str
    check: Callable[[str], float | None] | None = None
    """Given the value as matched, returns the score to use instead, or None when it cannot be one."""
    exact_case: bool = False
    needs: str = ""
    """Characters of which the text must hold at least one for the pattern to be worth trying."""
    cues: str = ""
    """Small-letter pieces of words, of which the text must hold at least one; the pattern is not even compiled without."""

    def __call__(self, page: Page) -> Iterator[Identifier]:
        """Yield what the pattern finds in the page."""
        if self.needs and not any(c in page.text for c in self.needs):
            return
        if self.cues and not any(cue in page.small for cue in self.cues.split()):
            return
        for match in _compiled(self.pattern, self.exact_case).finditer(page.text):
            group = "v" if "v" in match.re.groupindex else 0
            start, end = match.span(group)
            if start < 0 or start == end:
                continue
            score: float | None = self.score
            if self.check is not None:
                score = self.check(match[group])
            if score is not None:
                yield Identifier(start, end, self.kind, score, self.recogniser, self.reason)


@cache
def _compiled(pattern: str, exact_case: bool) -> re.Pattern[str]:
    return re.compile(pattern, re.NOFLAG if exact_case else re.IGNORECASE)
