"""A text as the recognisers read it, with the way back to the offsets of the text as given.

Pasted text hides identifiers in plain sight: zero-width characters inside a number, full-width or Arabic-Indic digits, a Cyrillic
letter in a Latin name, a letter O for a zero, a number broken over two lines or spaced out by character recognition. A `Reading`
is the same text with those undone, one character of the reading for each character it stands for, so every span found in it is
exact in the original.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Reading", "plain_reading", "repaired_reading"]

_DASHES = dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d\u00ad", "-")
_QUOTES = {"\u2018": "'", "\u2019": "'", "\u02bc": "'", "\u2032": "'", "\u201c": '"', "\u201d": '"'}
_SPACES = dict.fromkeys(
    "\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000", " "
)
_SAME = {**_DASHES, **_QUOTES, **_SPACES}
del _SAME["\u00ad"]

# Letters of other scripts that are drawn like Latin ones (Unicode TS 39, confusables, the capitals and small letters that occur
# in pasted names). They are read as Latin only inside a token that also holds Latin letters or digits.
_LOOKS_LATIN = str.maketrans("АВЕКМНОРСТХаеорсухіјѕΑΒΕΖΗΙΚΜΝΟΡΤΥΧο", "ABEKMHOPCTXaeopcyxijsABEZHIKMNOPTYXo")
_LOOKS_DIGIT = str.maketrans("OoQIl|SBZ", "000111582")

_MIXED = re.compile(r"[^\W_]+")
_BROKEN = re.compile(r"(?<=\d)-[ \t]*\r?\n[ \t]*(?=\d)|(?<=\d)[ \t]*\r?\n[ \t]*-(?=\d)")
_SPACED = re.compile(r"(?<![^\s:#(])(?:[^\W_][ \t]){3,}(?:[-/.:@,][ \t]|[^\W_][ \t])*[^\W_](?![^\s.,;:)?!])")
_SLIPPED = re.compile(
    r"(?<![A-Za-z0-9])(?=[-0-9OoQIl|SBZ/().+]*\d)[0-9OoQIl|SBZ]{2,}(?:[-/.][0-9OoQIl|SBZ]+){1,3}(?![A-Za-z0-9])|"
    r"(?<![A-Za-z0-9.])(?=[0-9OoQIl|SBZ]*\d{4})[0-9OoQIl|SBZ]{7,}(?![A-Za-z0-9])"
)


@dataclass(frozen=True, slots=True)
class Reading:
    """The characters the recognisers see and where each of them stands in the original text."""

    text: str
    """What is read."""
    origin: Sequence[int] | None
    """For each character read its offset in the original, and one more for the end; None where both are the same."""

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the half-open span of the original that the half-open span of the reading stands for."""
        if self.origin is None:
            return start, end
        return self.origin[start], self.origin[end - 1] + 1


def plain_reading(text: str) -> Reading:
    """Return the text with zero-width characters left out and look-alike characters replaced by what they look like."""
    if text.isascii():
        return Reading(text, None)
    kept: list[str] = []
    origin: list[int] = []
    for offset, character in enumerate(text):
        read = _read(character)
        if read:
            kept.append(read)
            origin.append(offset)
    origin.append(len(text))
    joined = "".join(kept)
    if not joined.isascii():
        joined = _MIXED.sub(_as_latin, joined)
    return Reading(joined, origin)


def repaired_reading(plain: Reading) -> Reading | None:
    """Return a second reading with spaced-out and line-broken tokens closed and look-alike digits replaced, or None if there are none.

    A letter counts as a look-alike digit only in a token that is otherwise a number: `l23-45-67B9`. Spaced-out tokens are runs of
    four or more single characters.
    """
    text = plain.text
    dropped: set[int] = set()
    for match in _SPACED.finditer(text):
        dropped.update(i for i in range(*match.span()) if text[i] in " \t")
    for match in _BROKEN.finditer(text):
        dropped.update(i for i in range(*match.span()) if text[i] != "-")
    slipped = _SLIPPED.sub(_as_digits, text)
    if not dropped and slipped == text:
        return None
    positions = [i for i in range(len(text)) if i not in dropped]
    closed = "".join(slipped[i] for i in positions)
    closed = _SLIPPED.sub(_as_digits, closed)
    origin = [plain.origin[i] if plain.origin else i for i in positions]
    origin.append(plain.origin[-1] if plain.origin else len(text))
    return Reading(closed, origin)


def _read(character: str) -> str:
    """Return the one character to read for this one, or an empty string for one that is not seen."""
    if character < "\x80":
        return character
    if character in _SAME:
        return _SAME[character]
    category = unicodedata.category(character)
    if category == "Cf":
        return ""
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if category == "Mn":
        return ""
    folded = unicodedata.normalize("NFKC", character)
    return folded if len(folded) == 1 else character


def _as_latin(match: re.Match[str]) -> str:
    token = match[0]
    if token.isascii() or not any(c.isascii() for c in token):
        return token
    return token.translate(_LOOKS_LATIN)


def _as_digits(match: re.Match[str]) -> str:
    token = match[0]
    digits = sum(c.isdigit() for c in token)
    letters = sum(c.isalpha() or c == "|" for c in token)
    return token.translate(_LOOKS_DIGIT) if digits > letters else token
