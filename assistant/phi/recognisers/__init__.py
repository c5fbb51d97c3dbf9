"""The recognisers, in the order they run. Each takes a `Page` and yields identifiers; none knows of the others."""

from __future__ import annotations

from assistant.phi.page import Recogniser
from assistant.phi.recognisers import contacts, dates, names, places, records

__all__ = ["all_recognisers"]


def all_recognisers() -> tuple[tuple[str, Recogniser], ...]:
    """Return every recogniser with its name."""
    rules = (*contacts.RULES, *records.RULES, *dates.RULES, *places.RULES)
    return (
        *((rule.recogniser, rule) for rule in rules),
        ("age", dates.find_ages),
        ("place", places.find_places),
        ("name", names.find_names),
    )
