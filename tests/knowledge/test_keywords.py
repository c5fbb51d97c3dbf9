"""The word index: hostile text, codes, names, prefixes and misspellings."""

from __future__ import annotations

import pytest

from knowledge.keywords import KeywordIndex, content_words


def found(keywords: KeywordIndex, text: str, **options: object) -> list[str]:
    """Return the codes of matches, best first."""
    matches = keywords.match(text, **options)  # type: ignore[arg-type]
    rows = keywords.rows(id_ for id_, _ in matches)
    return [rows[id_].code for id_, _ in matches]


def test_entries_that_hold_more_and_rarer_words_come_first(keywords: KeywordIndex) -> None:
    """BM25 decides the order, and scores fall."""
    assert found(keywords, "diabetes with hyperglycemia")[0] == "E1165"
    scores = [score for _, score in keywords.match("diabetes with hyperglycemia")]
    assert scores == sorted(scores, reverse=True) and scores[-1] > 0


@pytest.mark.parametrize(
    "text",
    [
        '"', "'; DROP TABLE entry; --", "NEAR(diabetes", "diabetes AND", "text:diabetes OR shelf:icd10cm", "diabetes*", "^diabetes", "q\x00z",
        "{text}: x", "99213-26", "()", "*", "-diabetes", "col:x", "<script>alert(1)</script>", "糖尿病", "",
    ],
)  # fmt: skip
def test_user_text_is_words_and_nothing_else(keywords: KeywordIndex, text: str) -> None:
    """Query syntax, SQL, markup and foreign scripts raise nothing and match only as words."""
    codes = found(keywords, text)
    assert codes == [] or "diabetes" in text
    keywords.exact(text)
    keywords.repaired(text)


def test_a_shelf_name_in_the_text_is_no_filter(keywords: KeywordIndex) -> None:
    """Only the text column is searched for the user's words."""
    assert found(keywords, "icd10cm") == []


def test_shelves_narrow_the_search(keywords: KeywordIndex) -> None:
    """Only entries of the shelves asked for are returned."""
    assert found(keywords, "gallbladder", shelves=["icd10pcs"]) == ["0FT44ZZ"]
    assert found(keywords, "gallbladder", shelves=["icd10cm"]) == []


def test_the_last_word_also_matches_as_a_beginning(keywords: KeywordIndex) -> None:
    """A question can be answered while it is being typed; earlier words must be whole."""
    assert "E1165" in found(keywords, "hypergl")
    assert found(keywords, "hypergl zzz") == []


def test_stop_words_are_dropped_unless_nothing_else_is_there() -> None:
    """What is left is what the question is about."""
    assert content_words("What is the code for gout?") == ["gout"]
    assert content_words("with the") == ["with", "the"]


def test_a_very_long_text_is_searched_by_its_rarest_words(keywords: KeywordIndex) -> None:
    """A pasted note cannot make a query of thousands of words."""
    assert found(keywords, "filler words " * 5000 + "sclerosis") == []
    assert found(keywords, " ".join(f"w{n}" for n in range(2000)) + " sclerosis")[:1] == ["G35"]


def test_exact_names_are_found_whatever_their_order_and_accents(keywords: KeywordIndex) -> None:
    """A name is a name; a passage is none."""
    assert [row.code for row in keywords.exact("SEZARY PLAQUE")] == ["L400"]
    assert [row.code for row in keywords.exact("hypertension, essential (primary)")] == ["I10"]
    assert keywords.exact("a plain summary of an office visit.") == []
    assert keywords.exact("") == []


def test_a_code_leads_to_its_title_first(keywords: KeywordIndex) -> None:
    """Title, then aliases; codes below in order."""
    assert [row.text for row in keywords.of_code("icd10cm", "B019")] == [
        "Varicella without complication",
        "Chickenpox NOS",
    ]
    assert [row.code for row in keywords.below_code("icd10cm", "E11", 5)] == ["E119", "E1165"]
    assert keywords.of_code("icd10cm", "Z99") == []


@pytest.mark.parametrize(
    ("text", "repaired"),
    [
        ("diabtes", "diabetes"),
        ("multiple sclerosiss", "multiple sclerosis"),
        ("hyprglycaemia", "hyperglycemia"),
        ("hypretension", "hypertension"),
        ("diabetic", None),  # another form of a word of the index
        ("gout", None),  # nothing near
        ("xqzw", None),
        ("ms", None),
    ],
)
def test_misspelt_words_are_repaired_from_the_index(keywords: KeywordIndex, text: str, repaired: str | None) -> None:
    """One edit for short words, two for long ones; known words and short ones are left alone."""
    assert keywords.repaired(text) == repaired


def test_every_row_behind_a_text_is_returned(keywords: KeywordIndex) -> None:
    """Two codes with one label are two rows."""
    label = next(row for row in keywords.of_code("cpt", "99213"))
    assert [row.code for row in keywords.rows_of_texts("cpt", [label.text_key])[label.text_key]] == ["99213", "99214"]
    assert keywords.shelves() == ("cpt", "hcpcs", "icd10cm", "passages")
