"""Codes: every spelling ends in one normal form, and nothing else passes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.codes import Code, CodeSystem, readings, split_modifiers
from knowledge.errors import InvalidCode


@pytest.mark.parametrize(
    ("text", "system", "value", "shown"),
    [
        ("99213", CodeSystem.CPT, "99213", "99213"),
        ("0620t", CodeSystem.CPT, "0620T", "0620T"),
        ("0001U", CodeSystem.CPT, "0001U", "0001U"),
        ("g0439", CodeSystem.HCPCS, "G0439", "G0439"),
        ("e11.9", CodeSystem.ICD10CM, "E119", "E11.9"),
        ("S72.001A", CodeSystem.ICD10CM, "S72001A", "S72.001A"),
        ("0dtj4zz", CodeSystem.ICD10PCS, "0DTJ4ZZ", "0DTJ4ZZ"),
        ("250.00", CodeSystem.ICD9CM, "25000", "250.00"),
        ("E850.1", CodeSystem.ICD9CM, "E8501", "E850.1"),
        (" 470 ", CodeSystem.MSDRG, "470", "470"),
    ],
)
def test_parse_normalises_and_shows(text: str, system: CodeSystem, value: str, shown: str) -> None:
    """Dots, blanks and case do not matter, and the shown form has the dot where people write it."""
    code = Code.parse(text, system)
    assert (code.value, code.shown) == (value, shown)


@pytest.mark.parametrize(
    ("text", "system"),
    [
        ("9921", CodeSystem.CPT),
        ("99213X", CodeSystem.CPT),
        ("W0001", CodeSystem.HCPCS),
        ("EE1.9", CodeSystem.ICD10CM),
        ("0DTJ4ZI", CodeSystem.ICD10PCS),
        ("", CodeSystem.CPT),
    ],
)
def test_other_shapes_are_refused_in_one_line(text: str, system: CodeSystem) -> None:
    """A text without the system's shape is an InvalidCode whose message is one line."""
    with pytest.raises(InvalidCode) as caught:
        Code.parse(text, system)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "systems"),
    [
        ("99213", [CodeSystem.CPT]),
        ("E1165", [CodeSystem.HCPCS, CodeSystem.ICD10CM]),
        ("E11.65", [CodeSystem.ICD10CM]),
        ("I10", [CodeSystem.ICD10CM]),
        ("B20ABCD", [CodeSystem.ICD10CM, CodeSystem.ICD10PCS]),
        ("hello", []),
        ("1.2.3", []),
    ],
)
def test_every_reading_is_offered(text: str, systems: list[CodeSystem]) -> None:
    """Where a spelling fits two systems both are offered; a dot makes ICD-10-CM certain."""
    assert [code.system for code in readings(text)] == systems


def test_modifiers_are_split_off() -> None:
    """Hyphenated modifiers come back in order, upper-cased."""
    assert split_modifiers("45380-59-xs") == ("45380", ("59", "XS"))


@given(st.from_regex(r"[A-TV-Z][0-9][0-9A-Z](\.[0-9A-Z]{1,4})?", fullmatch=True))
def test_parsing_what_is_shown_changes_nothing(text: str) -> None:
    """Normalising twice is the same as once."""
    code = Code.parse(text, CodeSystem.ICD10CM)
    assert Code.parse(code.shown, CodeSystem.ICD10CM) == code
