"""Hybrid search over the small index: order of the legs, filters, repair, and doing without vectors."""

from __future__ import annotations

import pytest

from ingest.embed import fill_vectors
from knowledge.embeddings import HashEmbedder
from knowledge.entries import EntryKind
from knowledge.home import Home
from knowledge.keywords import KeywordIndex
from knowledge.knowledge_base import KnowledgeBase
from knowledge.search import Leg, Searcher, SearchResult

MODEL = HashEmbedder(256)


@pytest.fixture
def words_only(keywords: KeywordIndex) -> Searcher:
    """A searcher whose vectors are not ready."""
    return Searcher(keywords)


@pytest.fixture
def knowledge(indexed: Home) -> object:
    """The small index with its vectors."""
    fill_vectors(indexed, MODEL)
    with KnowledgeBase.open(
        indexed, MODEL, expansions={"HTN": "hypertension", "sugar disease": "diabetes mellitus"}
    ) as opened:
        yield opened


def codes(result: SearchResult) -> list[str]:
    """Return the codes, or passage ids, of the hits in order."""
    return [hit.code if hit.leads_to_code else hit.passage_id for hit in result.hits]


@pytest.mark.parametrize("text", ["E11.65", "e1165", " E11.65 ", "e11.65?"])
def test_a_code_is_answered_by_itself(words_only: Searcher, text: str) -> None:
    """Dots and case do not matter, and nothing else is mixed in."""
    result = words_only.search(text)
    assert codes(result) == ["E1165"]
    assert (result.hits[0].score, result.hits[0].legs, result.vectors_used) == (1.0, (Leg.CODE,), False)


def test_a_heading_brings_the_codes_below_it(words_only: Searcher) -> None:
    """The heading first, then what can be reported."""
    assert codes(words_only.search("E11")) == ["E11", "E119", "E1165"]
    assert codes(words_only.search("E11", limit=2)) == ["E11", "E119"]


def test_the_beginning_of_a_code_brings_what_begins_so(words_only: Searcher) -> None:
    """A code can be found while it is being typed."""
    assert codes(words_only.search("E11.6")) == ["E1165"]
    assert codes(words_only.search("S72.30X")) == ["S7230XA"]


@pytest.mark.parametrize("text", ["E99.9", "Z1234", "00000", "0ABCDEF"])
def test_an_unknown_code_has_no_neighbours(knowledge: KnowledgeBase, text: str) -> None:
    """What is spelt like it is another code: nothing is offered."""
    assert knowledge.search(text).hits == ()


@pytest.mark.parametrize("text", ["measles", "B12", "sepsis"])
def test_a_word_shaped_like_a_code_is_a_word(knowledge: KnowledgeBase, text: str) -> None:
    """Seven letters alone are no procedure code, and short codes that do not exist may be names of other things."""
    assert knowledge.search(text).vectors_used


def test_codes_named_among_words_come_first(knowledge: KnowledgeBase) -> None:
    """In the order written; the words are still searched."""
    result = knowledge.search("99213 with G35 and hypertension")
    assert codes(result)[:2] == ["99213", "G35"]
    assert "I10" in codes(result)


def test_an_exact_name_comes_before_near_ones(knowledge: KnowledgeBase) -> None:
    """Whole names count as certain, aliases too."""
    result = knowledge.search("high BLOOD pressure")
    assert (result.hits[0].code, result.hits[0].kind, result.hits[0].legs) == ("I10", EntryKind.ALIAS, (Leg.EXACT,))
    assert result.hits[0].score == 1 and all(hit.score < 1 for hit in result.hits[1:])


def test_a_code_comes_once_by_its_best_row(knowledge: KnowledgeBase) -> None:
    """Title and alias are one hit; scores fall and stay within 0 and 1."""
    result = knowledge.search("chickenpox varicella", limit=20)
    assert codes(result).count("B019") == 1
    scores = [hit.score for hit in result.hits]
    assert scores == sorted(scores, reverse=True) and min(scores) >= 0 and max(scores) <= 1


def test_codes_that_share_a_label_are_all_found(knowledge: KnowledgeBase) -> None:
    """One vector, every row."""
    assert {"99213", "99214"} <= set(codes(knowledge.search("established patient office visits", systems=["cpt"])))


@pytest.mark.parametrize("ready", [True, False])
def test_filters_keep_what_was_asked_for(knowledge: KnowledgeBase, words_only: Searcher, ready: bool) -> None:
    """Systems, topics and kinds, alone and together."""
    search = knowledge.search if ready else words_only.search
    assert {hit.system for hit in search("diabetes screening visit", systems=["hcpcs"]).hits} == {"hcpcs"}
    assert {hit.topic for hit in search("separate visit modifier", topics=["modifiers"]).hits} == {"modifiers"}
    assert {hit.kind for hit in search("office visit", kinds=["passage"]).hits} == {EntryKind.PASSAGE}
    assert search("E11.9", systems=["cpt"]).hits == ()
    assert search("visit", systems=[]).hits == ()


def test_a_misspelt_word_is_repaired_and_said(knowledge: KnowledgeBase) -> None:
    """Both spellings are searched; the repaired one scores a little less than the same words spelt right."""
    result = knowledge.search("diabtes mellitus with hyprglycemia", systems=["icd10cm"])
    assert result.did_you_mean == "diabetes mellitus with hyperglycemia"
    assert result.hits[0].code == "E1165" and Leg.SPELLING in result.hits[0].legs
    assert knowledge.search("diabetes").did_you_mean is None


def test_abbreviations_and_lay_words_are_searched_written_out(knowledge: KnowledgeBase) -> None:
    """The table is the caller's; keys may have several words and any case."""
    assert knowledge.search("htn").hits[0].code == "I10"
    result = knowledge.search("sugar disease type 2")
    assert result.hits[0].code == "E11" and Leg.EXPANSION in result.hits[0].legs
    assert result.did_you_mean is None


@pytest.mark.parametrize(
    ("text", "expanded"),
    [
        ("MS", True),
        ("ms", True),
        ("Ms with fatigue", True),
        ("gout or fever", False),
        ("GOUT OR FEVER TODAY", False),
        ("OR", True),
        ("the OR closed", True),
    ],
)
def test_an_abbreviation_is_not_the_word_it_is_spelt_like(keywords: KeywordIndex, text: str, expanded: bool) -> None:
    """In small letters, or where everything is in capitals, a common word is a word."""
    searcher = Searcher(keywords, expansions={"MS": "multiple sclerosis", "OR": "operating room"})
    legs = {leg for variant in searcher._variants(text) for leg in variant.legs}
    assert (Leg.EXPANSION in legs) is expanded


def test_without_vectors_words_answer_and_it_is_said(words_only: Searcher, knowledge: KnowledgeBase) -> None:
    """The result tells whether meaning was searched."""
    result = words_only.search("multiple sclerosis attack")
    assert result.hits[0].code == "G35" and not result.vectors_used
    assert knowledge.search("multiple sclerosis attack").vectors_used


def test_a_row_without_a_vector_is_judged_by_the_code_above_it(knowledge: KnowledgeBase) -> None:
    """The seventh character says which encounter; the disease is the heading's."""
    result = knowledge.search("fracture of shaft of femur, initial encounter closed", systems=["icd10cm"])
    assert codes(result)[0] == "S7230XA" and "S7230" not in codes(result)
    assert codes(knowledge.search("fracture shaft femur", systems=["icd10cm"]))[0] == "S7230"


def test_a_heading_gives_way_to_a_code_below_it_that_is_nearly_as_good(knowledge: KnowledgeBase) -> None:
    """What can be reported takes the place; a heading that is clearly nearer keeps it."""
    assert "E11" not in codes(knowledge.search("diabetes mellitus type 2 no complications"))
    assert codes(knowledge.search("type 2 diabetes mellitus"))[0] == "E11"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "?!",
        '"',
        "NOT",
        "a OR b",
        "'; DROP TABLE entry",
        "<b>gout</b>",
        "x" * 100_000,
        "gout " * 20_000,
        "\x00",
        "糖尿病",
        "¿Qué código?",
    ],
)
def test_no_text_breaks_the_search(knowledge: KnowledgeBase, text: str) -> None:
    """Empty, huge, foreign or hostile text gets a result."""
    result = knowledge.search(text)
    assert len(result.hits) <= 10
    assert knowledge.passages(text, limit=3) == knowledge.passages(text, limit=3)


def test_a_limit_is_kept(knowledge: KnowledgeBase) -> None:
    """From none to more than there are."""
    assert knowledge.search("diabetes", limit=0).hits == ()
    assert len(knowledge.search("diabetes", limit=2).hits) == 2
    assert len(knowledge.search("diabetes visit sclerosis", limit=500).hits) < 30


def test_passages_are_found_by_text_and_by_alias(knowledge: KnowledgeBase) -> None:
    """A card's other name is an exact match; topics narrow; codes are no passages."""
    assert knowledge.passages("separate visit")[0] == ("card-25#1", 1.0)
    assert [one for one, _ in knowledge.passages("plain summary of visit", ["codes"])] == ["card-99213#1"]
    assert {one for one, _ in knowledge.passages("diabetes hypertension visit")} <= {"card-25#1", "card-99213#1"}
