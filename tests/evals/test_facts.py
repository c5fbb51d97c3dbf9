"""Facts: a right answer in other words passes, a wrong one fails."""

from __future__ import annotations

import pytest

from evals.facts import Fact, Term, statements

TERMS = [
    ("20", "at least 20 minutes", True),
    ("20", "120 minutes", False),
    ("20", "20.5 minutes", False),
    ("20", "in 2020", False),
    ("20", "code 20610", False),
    ("20", "E11.20", False),
    ("20", "20, or more", True),
    ("5000", "$5000", True),
    ("5,000", "5,000 dollars", True),
    ("modifier 25", "Modifier 25", True),
    ("modifier 25", "modifier-25", True),
    ("modifier 25", "modifier 250", False),
    ("PC/TC indicator 0", "PC/TC indicator: 0", True),
    ("status A", "status A,", True),
    ("status A", "the status a patient has", False),
    ("OR", "back to the OR", True),
    ("OR", "one or two", False),
    ("GO", "go to the office", False),
    ("bundl*", "it is bundled", True),
    ("bundl*", "unbundled", False),
    ("paid|payable", "not payable", True),
    ("E11.22", "E11.22.", True),
    ("E11.2", "E11.22", False),
    ("2026-01-13", "to 2026-01-13, both", True),
    ("co-surgeon 0", "co surgeon 0", True),
    ("January 13, 2026", "January 13, 2026", True),
]


@pytest.mark.parametrize(("term", "text", "stands"), TERMS)
def test_terms(term: str, text: str, stands: bool) -> None:
    """Words and numbers are found whole, whatever stands between them; capitals are taken as written."""
    assert Term.parse(term).stands_in(text) is stands


@pytest.mark.parametrize("written", ["", "a||b", "*", "foo*bar", "a|"])
def test_a_term_that_means_nothing_is_an_error(written: str) -> None:
    """An empty choice or a star inside a word is refused."""
    with pytest.raises(ValueError, match="expected"):
        Term.parse(written)


PAIR = Fact.parse("45385 column 1, 45380 column 2", [["45385 is column 1", "45380", "column 2", "indicator 1"]])
ANSWERS = [
    ("45385 is column 1 and 45380 column 2 of an edit with modifier indicator 1.", True),
    ("45385 is column 1. 45380 stands in column 2, with modifier indicator 1.", True),
    ("45380 is column 1 and 45385 column 2 of an edit with modifier indicator 1.", False),
    ("45385 is column 1 and 45380 column 2 of an edit with modifier indicator 0.", False),
    ("45385 is column 1. A. B. C. 45380 is column 2 with indicator 1.", False),
]


@pytest.mark.parametrize(("answer", "holds"), ANSWERS)
def test_terms_must_stand_together(answer: str, holds: bool) -> None:
    """All terms of an alternative within the span count; the same words scattered do not."""
    assert PAIR.holds(answer) is holds


def test_one_alternative_is_enough() -> None:
    """A fact may be said in any of its ways."""
    fact = Fact.parse("low or 20 minutes", [["low", "decision"], ["20 minutes"]])
    assert fact.holds("At least 20 minutes.") and fact.holds("Low decision making.")
    assert not fact.holds("Low.")


def test_a_word_that_turns_the_meaning_round_fails_the_fact() -> None:
    """``!`` terms must be absent from the same statements."""
    fact = Fact.parse("may be billed", [["45380", "may be billed", "!not"]], span=1)
    assert fact.holds("45380 may be billed.")
    assert not fact.holds("45380 may be billed, but not with 45385.")
    assert fact.holds("45380 may be billed. Not so 45378.")


def test_a_span_of_zero_is_the_whole_answer() -> None:
    """A fact of two claims may be said in two places."""
    fact = Fact.parse("both", [["alpha", "omega"]], span=0)
    assert fact.holds("Alpha. One. Two. Three. Omega.")
    assert not Fact.parse("both", [["alpha", "omega"]]).holds("Alpha. One. Two. Three. Omega.")


def test_statements_are_sentences_items_and_table_rows() -> None:
    """Markdown marks are no words, and abbreviations end no sentence."""
    text = "**One**. Two, e.g. This too.\n- item\n| a | b |\n|---|---|\n| 1 | 2 |"
    assert statements(text) == ["One.", "Two, e.g. This too.", "item", "a ; b", "1 ; 2"]


def test_a_fact_without_anything_to_find_is_an_error() -> None:
    """No alternative, only absent terms, or a negative span cannot be scored."""
    for alternatives, span in (([], 2), ([["!never"]], 2), ([["x"]], -1)):
        with pytest.raises(ValueError, match="expected"):
            Fact.parse("nothing", alternatives, span)
