"""Short phrases that several rules share: how an edition and its standing are worded."""

from __future__ import annotations

from typing import Any

from knowledge.records import Found, Standing

__all__ = ["as_of", "listed"]


def as_of(found: Found[Any]) -> str:
    """Return the words that date a fact: empty when the edition covers the date of service."""
    return "" if found.standing is Standing.IN_FORCE else f" (as of {found.edition.label}, the nearest edition loaded)"


def listed(items: tuple[str, ...] | list[str], word: str = "and") -> str:
    """Return ``a, b and c``."""
    items = list(items)
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {word} {items[-1]}"
