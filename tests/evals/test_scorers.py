"""Scorers on small answers whose scores can be seen by eye."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from assistant.types import Answer, Finding, Row, Sentence, Source, Step, Table, Verdict
from evals.cases import Case
from evals.facts import Fact
from evals.scorers import Reply, Score, readable, score, score_refusal
from knowledge.passages import Document, DocumentKind, Passage, Topic
from knowledge.records import Edition, Licence, Setting, Standing

DAY = date(2024, 7, 15)
EDITION = Edition(
    1,
    "ptp",
    "CMS",
    "NCCI PTP practitioner",
    "2024 Q3",
    Setting.PRACTITIONER,
    date(2024, 7, 1),
    date(2024, 9, 30),
    True,
    Licence.AMA_CODES,
    "f",
    "0",
)
ROW = Row(
    "ptp", "45385/45380", (("column1", "45385"), ("column2", "45380"), ("indicator", "1")), EDITION, Standing.IN_FORCE
)
CARD = Document(
    "card",
    "A card",
    DocumentKind.RULE_CARD,
    Topic.NCCI,
    ("45381",),
    (),
    (),
    (),
    DAY,
    None,
    DAY,
    Licence.OWN,
    "reviewed 2024-07-01",
)
FIRST = Passage("card#1", CARD, "The rule", "Two lesions, two codes.", 0)
SECOND = Passage("card#2", CARD, "Example", "150 percent.", 1)
FINDING = Finding("ncci", Verdict.YES_IF, "Yes, if two lesions: 45385 and 45380.", rows=(ROW,))
ANSWER = Answer(
    "Both?", DAY, True, Setting.PRACTITIONER, Verdict.YES_IF, FINDING.headline, (1,),
    table=Table(("code", "units a day"), (("45385", "1"),)),
    explanation=(Sentence("45385 is column 1 with indicator 1.", (1,)), Sentence("Two lesions, two codes; 150 percent.", (2,))),
    must_show=("both lesions",), sources=(Source(1, "edit", ROW), Source(2, "card", FIRST)), follow_ups=("And 45381?",), findings=(FINDING,),
)  # fmt: skip
REPLY = Reply(ANSWER, (FIRST, SECOND))
CASE = Case(
    "c", "ncci", "Both 45380 and 45385?", DAY, Setting.PRACTITIONER,
    (Fact.parse("column 1", [["45385 is column 1"]]), Fact.parse("payment", [["200 percent"]])),
    forbidden=(Fact.parse("always", [["always"]], 1),), verdict=Verdict.YES_IF,
)  # fmt: skip


def by_name(case: Case = CASE, reply: Reply = REPLY) -> dict[str, Score]:
    """Return the scores by scorer."""
    return {got.scorer: got for got in score(case, reply)}


def with_sentence(text: str, *sources: int) -> Reply:
    """Return the reply with one more sentence."""
    return replace(REPLY, answer=replace(ANSWER, explanation=(*ANSWER.explanation, Sentence(text, sources))))


def test_a_sound_answer_with_half_the_facts() -> None:
    """Facts are counted one by one; everything else is sound."""
    scores = by_name()
    assert scores["facts"].value == 0.5 and scores["facts"].why == "payment"
    assert scores["all facts"].value == 0
    sound = ("nothing forbidden", "verdict", "declines", "no invented code", "no invented number", "citations")
    assert {name: scores[name].value for name in sound} == dict.fromkeys(sound, 1.0)


def test_what_a_case_does_not_ask_is_not_scored() -> None:
    """No score is not a wrong score."""
    scores = by_name(Case("c", "ncci", "?", DAY, None, (), verdict=None))
    assert [scores[name].value for name in ("facts", "all facts", "nothing forbidden", "verdict", "no identifier")] == [
        None
    ] * 5


def test_a_reader_is_told_cells_by_their_column_but_not_the_source_list() -> None:
    """A table cell counts with its column's name; sources are proof, not answer."""
    text = readable(ANSWER)
    assert "code 45385; units a day 1." in text
    assert "reviewed" not in text


@pytest.mark.parametrize(
    ("text", "scorer", "why"),
    [
        ("Report 45384.", "no invented code", "45384"),
        ("Report G0105.", "no invented code", "G0105"),
        ("Report K63.5.", "no invented code", "K635"),
        ("It pays $312.45.", "no invented number", "312.45"),
        ("Since 2019-01-01.", "no invented number", "2019-01-01"),
        ("Up to 7 units.", "no invented number", "7"),
        ("It is always paid.", "nothing forbidden", "always"),
    ],
)
def test_what_was_made_up_or_forbidden_is_named(text: str, scorer: str, why: str) -> None:
    """The score is 0 and says what was wrong."""
    got = by_name(reply=with_sentence(text, 1))[scorer]
    assert (got.value, got.why) == (0.0, why)


@pytest.mark.parametrize("text", ["Report 45381.", "It pays 150 percent.", "On 2024-07-15.", "The edition is of 2024."])
def test_what_stands_in_a_cited_card_question_or_edition_is_not_made_up(text: str) -> None:
    """A cited card opens whole, with the codes in its header."""
    scores = by_name(reply=with_sentence(text, 2))
    assert scores["no invented code"].value == 1 and scores["no invented number"].value == 1


@pytest.mark.parametrize(
    ("text", "sources", "why"),
    [
        ("Indicator 1.", (), "cites nothing"),
        ("Indicator 1.", (9,), "[9], which does not open"),
        ("It pays 150 percent.", (1,), "cites nothing that holds 150"),
    ],
)
def test_a_citation_must_open_and_hold_what_is_said(text: str, sources: tuple[int, ...], why: str) -> None:
    """A statement with a figure needs a source that has it."""
    got = by_name(reply=with_sentence(text, *sources))["citations"]
    assert got.value is not None and got.value < 1
    assert why in got.why


def test_a_wrong_verdict_says_both() -> None:
    """Expected and given verdict are named."""
    got = by_name(reply=replace(REPLY, answer=replace(ANSWER, verdict=Verdict.NO)))["verdict"]
    assert (got.value, got.why) == (0.0, "expected yes-if, got no")


DECLINING = [
    ("declines", Verdict.NO_DATA, "No data: nothing loaded.", 1.0),
    ("declines", None, "I cannot answer that from what is loaded.", 1.0),
    ("declines", Verdict.YES, "Yes.", 0.0),
    ("answers", None, "No data: nothing loaded.", 0.0),
    ("answers", None, "It is so.", 1.0),
    ("either", None, "It is so.", None),
]


@pytest.mark.parametrize(("behaviour", "verdict", "lead", "value"), DECLINING)
def test_declining_where_it_should_and_only_there(
    behaviour: str, verdict: Verdict | None, lead: str, value: float | None
) -> None:
    """Saying that one cannot say is right where nothing is known, and wrong where something is."""
    case = replace(CASE, behaviour=behaviour, verdict=None)
    assert by_name(case, replace(REPLY, answer=replace(ANSWER, verdict=verdict, lead=lead)))["declines"].value == value


def test_an_identifier_anywhere_fails() -> None:
    """The stored question, the text, the follow-ups and the trace are all looked through, and the identifier is not repeated."""
    case = replace(CASE, identifiers=("Jane Roe",))
    assert by_name(case)["no identifier"].value == 1
    for leaking in (
        replace(ANSWER, question="jane roe?"),
        replace(ANSWER, follow_ups=("Is Jane Roe well?",)),
        replace(ANSWER, trace=(Step("read", "Jane Roe", 0.0),)),
    ):
        got = by_name(case, Reply(leaking))["no identifier"]
        assert got.value == 0 and "Jane" not in got.why


def test_a_question_turned_away_scores_as_its_case_wants() -> None:
    """Turning away is right for a case that should be declined, and no answer for any other."""
    assert score_refusal(replace(CASE, behaviour="declines"), "empty")[0] == Score("declines", 1.0)
    assert score_refusal(CASE, "empty")[0].value == 0
