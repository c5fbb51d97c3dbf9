"""What a coder needs survives, whatever it looks like."""

from __future__ import annotations

import pytest

from assistant.phi import Engine, Vault, find, redact


@pytest.mark.parametrize(
    "kept",
    [
        "99213-25", "45385-59", "0620T", "3044F", "G0439", "J1885 x 4", "K50.111", "E11.9", "S72.001A", "0DTJ4ZZ", "0409-1638-01", "MS-DRG 470",
        "APC 5072", "POS 31", "modifier 59, XE or XS", "CO-97", "N290", "$1,250.00", "3.26 %", "40 mg", "2.5 mg/dL", "120/80", "L4-L5", "39w2d",
        "T2N0M0", "20/40", "67-year-old", "45 y/o", "90 days", "2024", "L33822", "NCD 110.21", "207Q00000X", "revenue code 0510", "HCC 37",
        "Gleason score of 7", "A1c 7.9", "18 sq cm", "Blue Cross Blue Shield", "Medicare Part B",
    ],
)  # fmt: skip
def test_survives(engine: Engine, kept: str) -> None:
    """Codes, modifiers, amounts, measurements and payers survive in a question with a patient in it."""
    text = f"For Maria Okafor, MRN 4481120, is {kept} right?"
    result = redact(text, Vault(), engine=engine)
    assert kept in result.text
    assert "Okafor" not in result.text
    assert "4481120" not in result.text


def test_a_label_beats_a_code_shape(engine: Engine) -> None:
    """Five digits after MRN are a record number although they look like a procedure code."""
    text = "MRN 99213 had 99213"
    assert [(hit.start, hit.end) for hit in find(text, engine=engine)] == [(4, 9)]


def test_the_callers_protection_beats_everything(engine: Engine) -> None:
    """A span the caller protects is not touched even when a label vouches for it."""
    text = "MRN 4481120 seen on 04/12/2023"
    at = text.index("04/12/2023")
    hits = find(text, protected=[(at, at + 10), (4, 11)], engine=engine)
    assert hits == ()
