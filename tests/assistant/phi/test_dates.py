"""Dates and ages over 89; years, durations and ages under 90 stay."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from assistant.phi.recognisers.dates import read_date, read_year
from tests.assistant.phi.conftest import Found


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("seen 04/12/2023", "04/12/2023"),
        ("seen 4-12-23", "4-12-23"),
        ("seen 2023-04-12", "2023-04-12"),
        ("seen 2023-04-12T08:15:00Z by us", "2023-04-12T08:15:00Z"),
        ("seen 04.12.2023", "04.12.2023"),
        ("on April 12th, 2023 we", "April 12th, 2023"),
        ("on 12 April 2023 we", "12 April 2023"),
        ("on 12APR2023 we", "12APR2023"),
        ("on Sept 7 we", "Sept 7"),
        ("in April 2023", "April 2023"),
        ("since 04/2023", "04/2023"),
        ("in March she", "March"),
        ("DOS 4/12", "4/12"),
        ("seen 4/12, 4/15 and 5/2 for therapy", "4/12, 4/15 and 5/2"),
        ("back on the 14th.", "14th"),
        ("DOB 04121961", "04121961"),
        ("age 93", "93"),
        ("a 97-year-old man", "97-year-old"),
        ("101 yo", "101 yo"),
        ("April 3-5, 2024", "April 3-5, 2024"),
    ],
)
def test_date_is_found(found: Callable[[str], Found], text: str, value: str) -> None:
    """Every element of a date but the year, and every age over 89, is found."""
    hits = found(text)
    assert any(kind == "date" and (value in span or span in value) for span, kind in hits), hits


@pytest.mark.parametrize(
    "text",
    [
        "in 2023 the rules changed",
        "a 67-year-old woman",
        "89 yo",
        "postoperative day 3",
        "last week",
        "within 90 days",
        "strength 5/5 on the left",
        "visual acuity 20/40",
        "BP 120/80",
        "2/6 murmur",
        "pain 7/10",
        "99 degrees for 95 minutes",
        "may 5 units be billed",
        "weight 93 kg",
        "the 5th MTP joint",
        "FY2025 tables, effective 2025",
        "2024-Q3 tables",
        "1/2 tablet",
    ],
)
def test_near_miss_stays(found: Callable[[str], Found], text: str) -> None:
    """Years, ages under 90, durations, fractions and scores stay."""
    assert found(text) == []


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("04/12/2023", date(2023, 4, 12)),
        ("4-12-23", date(2023, 4, 12)),
        ("25/12/2023", date(2023, 12, 25)),
        ("12 April 2023", date(2023, 4, 12)),
        ("April 12th, 2023", date(2023, 4, 12)),
        ("12APR2023", date(2023, 4, 12)),
        ("04121961", date(1961, 4, 12)),
        ("02/30/2023", None),
        ("April 2023", None),
        ("4/12", None),
    ],
)
def test_read_date(value: str, day: date | None) -> None:
    """An expression is read as a day only when it names one with its year."""
    assert read_date(value) == day


def test_read_year() -> None:
    """The year is read from an expression without a day."""
    assert read_year("April 2023") == 2023
    assert read_year("4/12") is None
