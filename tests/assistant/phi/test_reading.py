"""Identifiers hidden by unicode, look-alikes, line breaks and spacing are found at their exact offsets."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from assistant.phi.reading import plain_reading, repaired_reading
from tests.assistant.phi.conftest import Found


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("SSN 219\u200b-09-\u200b9999 here", "219\u200b-09-\u200b9999"),
        ("SSN ２１９-０９-９９９９ here", "２１９-０９-９９９９"),
        ("SSN ٢١٩-٠٩-٩٩٩٩ here", "٢١٩-٠٩-٩٩٩٩"),
        ("SSN 219‑09‑9999 here", "219‑09‑9999"),
        ("SSN 2l9-O9-9999 here", "2l9-O9-9999"),
        ("SSN 219-09-\n9999 here", "219-09-\n9999"),
        ("SSN 2 1 9 - 0 9 - 9 9 9 9 here", "2 1 9 - 0 9 - 9 9 9 9"),
        ("M R N : 4 4 8 1 1 2 0 here", "4 4 8 1 1 2 0"),
        ("Dr. Оkafor here", "Dr. Оkafor"),  # the first letter is Cyrillic
        ("Dr.\nOkafor here", "Dr.\nOkafor"),
        ("call (207)\u00a0555\u00a00142 here", "(207)\u00a0555\u00a00142"),
    ],
)
def test_hidden_identifier_is_found(found: Callable[[str], Found], text: str, hidden: str) -> None:
    """What the eye reads as an identifier is found with every character of it."""
    start, end = text.index(hidden), text.index(hidden) + len(hidden)
    spans = found(text)
    covered = "".join(value for value, _ in spans)
    assert all(c in covered for c in text[start:end] if c.isalnum()), spans


def test_ascii_needs_no_map() -> None:
    """Plain ASCII is read as it is."""
    reading = plain_reading("MRN 4481120")
    assert reading.origin is None
    assert reading.span(4, 11) == (4, 11)


def test_spans_point_into_the_original() -> None:
    """A span of the reading maps to the characters it stands for, hidden ones included."""
    text = "a\u200bb\u200bc"
    reading = plain_reading(text)
    assert reading.text == "abc"
    assert text[slice(*reading.span(0, 3))] == "a\u200bb\u200bc"


def test_nothing_to_repair() -> None:
    """A text without spaced-out or broken tokens has no second reading."""
    assert repaired_reading(plain_reading("45385-59 and 45380 on 04/12/2023")) is None
