"""Global periods in real dates."""

from __future__ import annotations

from datetime import date

import pytest

from assistant.rules.global_days import window


@pytest.mark.parametrize(
    ("indicator", "days"),
    [
        ("090", (date(2026, 3, 1), date(2026, 5, 31))),
        ("010", (date(2026, 3, 2), date(2026, 3, 12))),
        ("000", (date(2026, 3, 2), date(2026, 3, 2))),
        ("XXX", None),
        ("YYY", None),
        ("ZZZ", None),
        ("MMM", None),
    ],
)
def test_window(indicator: str, days: tuple[date, date] | None) -> None:
    """A 090 period starts the day before surgery and ends 90 days after it, 92 days in all."""
    assert window(indicator, date(2026, 3, 2)) == days
    if indicator == "090" and days:
        assert (days[1] - days[0]).days + 1 == 92
