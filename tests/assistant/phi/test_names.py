"""Names of every sort; eponyms, brands and words of the trade stay."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.assistant.phi.conftest import Found


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Dr. Parkinson saw her for Parkinson's disease", "Dr. Parkinson"),
        ("Mr. Young has 99213", "Mr. Young"),
        ("billed by Ruaridh Tehrani, MD", "Ruaridh Tehrani"),
        ("Patient name: okafor, ngozi", "okafor, ngozi"),
        ("DE LA CRUZ, MARIA has 99213", "DE LA CRUZ, MARIA"),
        ("for Maria de la Cruz today", "Maria de la Cruz"),
        ("40-year-old woman, Anna S., with 20610", "Anna S."),
        ("note by J. Kowalski today", "J. Kowalski"),
        ("her husband Desmond called", "Desmond"),
        ("Mason Ward is a pleasant 80-year-old", "Mason Ward"),
        ("Kayla denies chest pain", "Kayla"),
        ("pt maria garcia had 99213", "maria garcia"),
        ("for EARL SUBRAMANIAM today", "EARL SUBRAMANIAM"),
        ("for Siobhán Ní Dhálaigh today", "Siobhán Ní Dhálaigh"),
        ("for Mary-Ann O'Brien-Smith today", "Mary-Ann O'Brien-Smith"),
        ("Mrs. Bell has Bell's palsy", "Mrs. Bell"),
        ("Smith, Jane A. was seen", "Smith, Jane A."),
        ("I am auditing Ilse White, PA-C", "Ilse White"),
    ],
)
def test_name_is_found(found: Callable[[str], Found], text: str, value: str) -> None:
    """A name is found whole, with its title."""
    assert (value, "name") in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "Crohn's disease K50.90 and Bell's palsy G51.0",
        "Foley catheter 51702, Mohs surgery 17311, Whipple procedure 48150",
        "Dupuytren contracture, Colles fracture, De Quervain release",
        "Parkinson disease with Hashimoto thyroiditis",
        "positive Chaddock reflex and Wells score of 3",
        "Aetna and Cigna deny 76942",
        "Lantus, Humalog and Ozempic",
        "May 99213 be billed? Will Medicare pay? Can it?",
        "He has a cough. She denies fever.",
        "WHICH MODIFIER FOR 45378, 52 OR 53?",
        "Dear colleague, thank you",
        "Nissen fundoplication and Roux-en-Y bypass",
    ],
)
def test_near_miss_stays(found: Callable[[str], Found], text: str) -> None:
    """Eponyms, brands, payers and function words are no names."""
    assert found(text) == []


def test_parts_of_a_name_are_found_elsewhere(found: Callable[[str], Found]) -> None:
    """A surname standing alone is found once the whole name is."""
    assert ("Okafor", "name") in found("Ngozi Okafor was seen. We billed 99213 and Okafor paid.")


def test_an_eponym_stays_beside_a_person_of_that_name(found: Callable[[str], Found]) -> None:
    """Where a Dr. Parkinson treats Parkinson's disease, only the doctor goes."""
    text = "Dr. Parkinson saw her for Parkinson's disease G20.A1."
    assert found(text) == [("Dr. Parkinson", "name")]
