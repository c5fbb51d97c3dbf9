"""What holds for every text."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from assistant.phi import Engine, Vault, find, redact

PIECES = [
    "Ngozi Okafor", "Dr. Bell", "OKAFOR, NGOZI", "maria garcia", "MRN 4481120", "SSN 219-09-9999", "04/12/2023", "April 12th, 2023", "4/12", "in March",
    "99213-25", "45385", "K50.111", "J1885 x 4", "Crohn's disease", "Foley catheter", "Kalamazoo, MI 49007", "seen at Wren Hollow Clinic", "(207) 555-0142",
    "ann.bee@fastpost.example", "a 97-year-old", "67 yo", "120/80", "$95.00", "claim number 2024448112009", "\n", ", ", ". ", " for ", " and ", " on ", "\u200b",
    "１２３", "O0l1", "- ", "[PERSON_3]", "lot 44811B", "2 1 9 - 0 9 - 9 9 9 9", "É", "李", "don’t", "the 14th.", "NPI 1234567893",
]  # fmt: skip
TEXTS = st.one_of(
    st.lists(st.sampled_from(PIECES), max_size=12).map(" ".join),
    st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=12)), max_size=8).map("".join),
    st.text(max_size=120),
)
MANY = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@MANY
@given(text=TEXTS)
def test_offsets_are_exact(engine: Engine, text: str) -> None:
    """Hits are in order, inside the text, not empty, and do not overlap."""
    at = 0
    for hit in find(text, engine=engine):
        assert at <= hit.start < hit.end <= len(text)
        assert 0 < hit.score <= 1
        at = hit.end


@MANY
@given(text=TEXTS)
def test_restore_gives_the_original(engine: Engine, text: str) -> None:
    """What was masked comes back to the letter."""
    vault = Vault()
    assert vault.restore(redact(text, vault, engine=engine).text) == text


@pytest.mark.parametrize("mode", ["mask", "remove"])
@MANY
@given(text=TEXTS)
def test_redacting_twice_changes_nothing(engine: Engine, mode: str, text: str) -> None:
    """Redacted text has nothing more to redact."""
    vault = Vault()
    once = redact(text, vault, mode=mode, engine=engine).text  # type: ignore[arg-type]
    assert redact(once, vault, mode=mode, engine=engine).text == once  # type: ignore[arg-type]


@MANY
@given(text=TEXTS, data=st.data())
def test_no_protected_span_is_touched(engine: Engine, text: str, data: st.DataObject) -> None:
    """A span the caller protects is in the result as it was."""
    assume(len(text) > 1)
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    hits = redact(text, Vault(), protected=[(start, end)], engine=engine).identifiers
    assert not any(hit.overlaps(start, end) for hit in hits)


@MANY
@given(before=st.sampled_from(PIECES), after=st.sampled_from(PIECES))
def test_a_labelled_number_never_leaks(engine: Engine, before: str, after: str) -> None:
    """Whatever stands around it, a labelled record number goes."""
    text = f"{before} MRN: QX7731942 {after}"
    assert "QX7731942" not in redact(text, Vault(), engine=engine).text
