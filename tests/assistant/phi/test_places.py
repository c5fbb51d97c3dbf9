"""Places smaller than a state, facilities and ZIP codes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from assistant.phi.recognisers.places import LOW_POPULATION_ZIP3, zip3
from tests.assistant.phi.conftest import Found


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("lives at 418 Larkspur Lane, Apt 3B", "418 Larkspur Lane, Apt 3B"),
        ("mail to P.O. Box 8812", "P.O. Box 8812"),
        ("from Kalamazoo, MI 49007", "Kalamazoo, MI"),
        ("moved from Duluth last year", "Duluth"),
        ("in Okaloosa County", "Okaloosa County"),
        ("seen at Wren Hollow Clinic", "Wren Hollow Clinic"),
        ("seen at St. Dymphna's Medical Center", "St. Dymphna's Medical Center"),
        ("admitted to UCSF", "UCSF"),
        ("our Dallas clinic", "Dallas clinic"),
        ("Memorial Hospital in Atlanta", "Memorial Hospital in Atlanta"),
        ("ZIP 49007", "49007"),
        ("Kalamazoo, MI 49007", "49007"),
    ],
)
def test_place_is_found(found: Callable[[str], Found], text: str, value: str) -> None:
    """A place smaller than a state is found whole."""
    hits = found(text)
    assert any(kind == "place" and value in span for span, kind in hits), hits


@pytest.mark.parametrize(
    "text",
    [
        "Texas Medicaid pays 99213",
        "the pain clinic bills 62323",
        "a rural hospital in Ohio",
        "CT 71260 with contrast",
        "OR 27447 or 27446",
        "guidelines from the Mayo Clinic",
        "Framingham score 12",
        "critical access hospital",
        "skilled nursing facility",
        "Medicare in New York",
        "ME 49007",
    ],
)
def test_near_miss_stays(found: Callable[[str], Found], text: str) -> None:
    """States, kinds of facility, cited institutions and codes beside state letters stay."""
    assert found(text) == []


def test_zip3_keeps_three_digits() -> None:
    """Three digits of a ZIP code may stay, and of a thinly settled area none."""
    assert zip3("49007-1234") == "490"
    assert zip3("03601") == "000"
    assert len(LOW_POPULATION_ZIP3) == 17
