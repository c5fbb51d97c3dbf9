"""Facts that a machine can check in an answer written in any words.

A fact is a list of alternatives; it holds when one alternative does. An alternative is a list of terms, all of which must stand close together: in one
statement of the answer or in the next ones, :attr:`Fact.span` statements in all (a statement is a sentence, a list item or a table row; a span of
0 is the whole answer, for a fact made of two claims). So the words of a
right answer count in whatever order they come, and the same words scattered over a long answer do not.

A term is written like this:

- ``modifier 25``  these words, one after the other; blanks, hyphens, slashes, commas and colons between words do not matter; case does not matter,
  except that a word written in capitals (``GO``, ``XS``, ``A``, ``E11.22``) is looked for as written;
- ``bundl*``  a word that begins so;
- ``paid|payable``  one or the other;
- ``!never``  must not stand in the same statements.

Numbers are whole numbers: ``20`` is not found in ``120``, ``20.5``, ``2020`` or ``20610``.

Write a fact so that a right answer in other words passes and a wrong one fails: name what decides (the code beside its modifier, the number beside
its unit), give the other ways a coder would say it, and add ``!`` terms where one word turns the meaning round. A pattern is a proxy: it can be fooled
by an answer made to fool it, which is why what must not be said is listed too (:attr:`evals.cases.Case.forbidden`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["Alternative", "Fact", "Term", "statements"]

_SENTENCE_END = re.compile(r"(?<=[.!?])[)\]”\"]*\s+(?=[(\[“\"]?[A-Z0-9])")
_ABBREVIATION = re.compile(r"\b(?:e\.g|i\.e|vs|no|dr|approx|incl|Pub|Sec)\.$", re.IGNORECASE)
_MARKUP = re.compile(r"\*\*|__|`|^[ \t]*(?:#+|[-*]|\d+\.)[ \t]+|^[ \t]*\||\|[ \t]*$", re.MULTILINE)
_RULE = re.compile(r"^[ \t|:-]+$", re.MULTILINE)
_BETWEEN = r"[\s\-–—/,:]+"


@dataclass(frozen=True, slots=True)
class Term:
    """Words to look for; ``absent`` turns it into words that must not be there."""

    written: str
    pattern: re.Pattern[str]
    absent: bool = False

    @classmethod
    def parse(cls, written: str) -> Term:
        """Return the term that ``written`` spells.

        Raises :class:`ValueError` when a choice is empty or a star stands anywhere but at the end of a word.
        """
        absent = written.startswith("!")
        choices = written.removeprefix("!").split("|")
        if any(not choice.strip() for choice in choices):
            raise ValueError(f"expected words between the bars of a term, got {written!r}")
        return cls(written, re.compile("|".join(_choice(choice) for choice in choices)), absent)

    def stands_in(self, text: str) -> bool:
        """Return whether the words are in ``text``."""
        return self.pattern.search(text) is not None


@dataclass(frozen=True, slots=True)
class Alternative:
    """One way to state a fact: every term near the others."""

    terms: tuple[Term, ...]

    def holds(self, windows: list[str]) -> bool:
        """Return whether one of ``windows`` has all terms that must be there and none that must not."""
        return any(all(term.stands_in(window) is not term.absent for term in self.terms) for window in windows)


@dataclass(frozen=True, slots=True)
class Fact:
    """Something a right answer says (or, as a forbidden statement, something no answer may say)."""

    says: str
    """The fact in words, for people."""
    alternatives: tuple[Alternative, ...]
    span: int = 2
    """How many statements in a row the terms of one alternative may be spread over; 0 for the whole answer."""

    @classmethod
    def parse(cls, says: str, alternatives: list[list[str]], span: int = 2) -> Fact:
        """Return the fact whose alternatives are written as lists of terms.

        Raises :class:`ValueError` for no alternative, an alternative without a term that must be there, or a negative span.
        """
        if not alternatives or span < 0:
            raise ValueError(f"expected at least one alternative and a span of 0 or more for {says!r}")
        parsed = tuple(Alternative(tuple(map(Term.parse, terms))) for terms in alternatives)
        if any(all(term.absent for term in alternative.terms) for alternative in parsed):
            raise ValueError(f"expected a term that must be there in every alternative of {says!r}")
        return cls(says, parsed, span)

    def holds(self, text: str) -> bool:
        """Return whether ``text`` states the fact."""
        said = statements(text)
        span = self.span or max(1, len(said))
        windows = [" ".join(said[start : start + span]) for start in range(max(1, len(said) - span + 1))]
        return any(alternative.holds(windows) for alternative in self.alternatives)


def statements(text: str) -> list[str]:
    """Return ``text`` as statements: its lines without Markdown marks, cut again at the ends of sentences."""
    found: list[str] = []
    plain = _MARKUP.sub("", _RULE.sub("", text)).replace("|", ";")
    for line in plain.splitlines():
        pieces = _SENTENCE_END.split(line.strip())
        joined: list[str] = []
        for piece in pieces:
            if joined and _ABBREVIATION.search(joined[-1]):
                joined[-1] = f"{joined[-1]} {piece}"
            else:
                joined.append(piece)
        found += [piece for piece in joined if piece]
    return found


def _choice(written: str) -> str:
    return _BETWEEN.join(_word(word) for word in re.split(r",\s+|[\s\-/:]+", written.strip()))


def _word(word: str) -> str:
    stem = word.removesuffix("*")
    if "*" in stem or not stem:
        raise ValueError(f"expected a star only at the end of a word, got {word!r}")
    # A number must not be part of a longer one, nor of a code; a word must not be part of a longer word.
    before = r"(?<![\w.,])" if stem[0].isdigit() else r"(?<!\w)"
    after = r"\w*" if word.endswith("*") else (r"(?!\w|[.,]\d)" if stem[-1].isdigit() else r"(?!\w)")
    body = re.escape(stem)
    as_written = any(c.isalpha() for c in stem) and stem == stem.upper()
    return f"{before}{body if as_written else f'(?i:{body})'}{after}"
