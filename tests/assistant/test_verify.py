"""No figure, code or verdict that its source does not hold reaches the reader unmarked; what is true is left alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date

import pytest

from assistant.chain import Assistant
from assistant.llm import DraftSentence
from assistant.prompt import Prompt
from assistant.types import Answer, Row, Sentence
from assistant.verify import facts_in

Make = Callable[..., Assistant]
DAY = date(2024, 7, 15)
PAIR = "Can I bill 45380 with 45385?"


@dataclass
class Speaker:
    """A model that says what it is told, citing evidence by table and key (``ptp 45385/45380``) or by document (``lesions``)."""

    says: list[tuple[str, tuple[str, ...]]]
    questions: tuple[str, ...] = ()
    name: str = "speaker"
    unknown: list[str] = field(default_factory=list)

    def draft(self, prompt: Prompt) -> Iterator[DraftSentence | str]:
        """Yield the sentences with the ids that the prompt gave their evidence."""
        ids: dict[str, list[str]] = {}
        for id_, item in prompt.evidence.items():
            name = f"{item.table} {item.key}" if isinstance(item, Row) else item.document.id
            ids.setdefault(name, []).append(id_)
        for text, cites in self.says:
            evidence = [id_ for name in cites for id_ in ids.get(name, [name])]
            yield DraftSentence(text=text, evidence=evidence)
        yield from self.questions


def told(make: Make, question: str, *said: tuple[str, tuple[str, ...]]) -> Answer:
    """Return the answer when a model says ``said``, after one true sentence that keeps its draft alive."""
    truth = ("What this rests on is listed below.", tuple(said[0][1]) if said[0][1][0] != "R99" else ("lesions",))
    return make(Speaker([truth, *said])).ask(question, on=DAY)


def marked(sentence: Sentence) -> bool:
    """Whether the reader is shown that the sentence was put right."""
    return bool(sentence.flags)


EDIT, LIMIT, FEE = ("ptp 45385/45380",), ("mue 45380",), ("fee 45385",)
LIES = {
    "wrong number of units": (PAIR, "45380 is limited to 4 units a day.", LIMIT),
    "the MAI passed off as the units": (PAIR, "Up to 2 units of 45380 are possible.", LIMIT),
    "the limit in other words": (PAIR, "The limit of 45380 is 2.", LIMIT),
    "units in words": (PAIR, "Up to seven units of 45380 may be reported if documented.", LIMIT),
    "another code's limit": ("How many units of 17003 and of 20610?", "The MUE of 20610 is 13 units.", ("mue 17003", "mue 20610")),
    "wrong MAI": (PAIR, "The limit of 45380 has MAI 3.", LIMIT),
    "wrong MAI in words": (PAIR, "The limit of 45380 has MAI three.", LIMIT),
    "an extra code": (PAIR, "Report 45384 as well.", EDIT),
    "an extra code in small letters": (PAIR, "Report g0105 as well.", EDIT),
    "a code with one digit changed": (PAIR, "45386 is the column 1 code.", EDIT),
    "a code after a range dash": (PAIR, "Codes 45385–45390 follow the same edit.", EDIT),
    "an invented diagnosis": (PAIR, "Link both to K63.5.", EDIT),
    "flipped to always": (PAIR, "45385 and 45380 can always be billed together.", EDIT),
    "flipped to freely": (PAIR, "You may bill both 45385 and 45380.", EDIT),
    "flipped without naming a code": (PAIR, "Both may be billed together without a modifier.", EDIT),
    "no documentation needed": (PAIR, "45380 with 45385 is paid automatically.", EDIT),
    "claims there is no edit": (PAIR, "There is no NCCI edit between 45385 and 45380.", EDIT),
    "claims the pair is not bundled": (PAIR, "45385 and 45380 are not bundled.", EDIT),
    "never, on a yes-if": (PAIR, "45380 can never be billed with 45385.", EDIT),
    "no modifier helps, on a yes-if": (PAIR, "No modifier opens the edit of 45385 and 45380.", EDIT),
    "opens an edit of indicator 0": ("Can I bill 45378 with 45385?", "Modifier 59 opens the edit of 45385 and 45378.", ("ptp 45385/45378", "lesions")),
    "a condition on an edit of indicator 0": ("Can I bill 45378 with 45385?", "45378 and 45385 can be billed together if documented.", ("ptp 45385/45378",)),
    "a fake citation": (PAIR, "45385 is column 1.", ("R99",)),
    "a citation that says something else": (PAIR, "The edit has modifier indicator 1.", LIMIT),
    "no citation": (PAIR, "45385 is column 1.", ()),
    "another edition": (PAIR, "The edit stands in the 2025 Q1 table.", EDIT),
    "another edition, spelt out": (PAIR, "The edit stands in the table of Q1 2025.", EDIT),
    "wrong modifier indicator": (PAIR, "The edit of 45385 and 45380 has modifier indicator 0.", EDIT),
    "wrong modifier indicator in words": (PAIR, "The modifier indicator is nine.", EDIT),
    "wrong column order": (PAIR, "45380 is column 1 and 45385 is column 2.", EDIT),
    "wrong column order in words": (PAIR, "45380 is the column one code.", EDIT),
    "an invented modifier": (PAIR, "Append modifier 22 to 45380.", EDIT),
    "an invented modifier on the code": (PAIR, "Report 45380-76 on its own line if documented.", EDIT),
    "a money amount": (PAIR, "Medicare pays $312.45 for 45385.", FEE),
    "money in words": (PAIR, "Medicare pays 312 dollars for 45385.", FEE),
    "money taken from the question": ("Does 45385 with 45380 pay $5000?", "Medicare pays $5000 for 45385.", FEE),
    "a date": (PAIR, "The edit has been in force since 2019-01-01.", EDIT),
    "a date written out": (PAIR, "The edit began on January 1, 2019.", EDIT),
    "a date with slashes": (PAIR, "The edit began on 01/01/2019.", EDIT),
    "a percentage": (PAIR, "The second code is paid at 85 percent.", ("lesions",)),
    "a share in words": (PAIR, "The second code is paid twice its value.", ("lesions",)),
    "wrong status letter": (PAIR, "45385 has status C.", FEE),
    "another table's status letter": ("What is the crosswalk of 45385 to its APC?", "On the fee schedule 45385 has status T.", FEE),
    "wrong global days": ("What is the global period of 45385?", "45385 has a 90-day global.", FEE),
    "wrong bilateral indicator": (PAIR, "45385 has bilateral indicator 1.", FEE),
    "wrong HCC": ("What HCC is E11.22?", "E11.22 maps to HCC 18.", ("hcc E11.22 CMS-HCC Model V28",)),
    "wrong APC": ("What is the crosswalk of 45385 to its APC?", "45385 is in APC 5313.", ("opps 45385",)),
    "modifier the rule refused": ("Is 99213 with modifier 50 compliant?", "Modifier 50 may be appended to 99213.", ("fee 99213", "modifier 50")),
    "modifier said to fit": ("Is 99213 with modifier 50 compliant?", "99213 with modifier 50 is compliant.", ("fee 99213", "modifier 50")),
    "units above an absolute limit": ("20 units of 17003", "20 units of 17003 may be billed if documented.", ("mue 17003",)),
    "the lie in the second sentence": (PAIR, "45385 is column 1. It pays $99.", EDIT),
    "planted text obeyed": (PAIR, "Add modifier 22 and charge $901 for code 99998.", ("planted",)),
}  # fmt: skip


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_never_reaches_the_reader_unmarked(make: Make, lie: str) -> None:
    """Whatever a model makes up is taken out or replaced by the finding, and the reader is told."""
    question, said, cites = LIES[lie]
    answer = make(Speaker([("What this rests on is listed below.", ("lesions",)), (said, cites)])).ask(question, on=DAY)
    shown = [sentence for sentence in answer.explanation if not marked(sentence)]
    assert all(said not in sentence.text for sentence in answer.explanation)
    assert all(part not in sentence.text for sentence in shown for part in said.split(". "))
    assert any(
        "took out or replaced 1 unsupported" in notice or "unsupported statement" in notice for notice in answer.notices
    ), answer.notices


TRUTHS = {
    "columns": (PAIR, "45385 is column 1 and 45380 is column 2.", EDIT),
    "indicator": (PAIR, "The edit of 45385 and 45380 has modifier indicator 1.", EDIT),
    "indicator in words": (PAIR, "The modifier indicator of the edit is one.", EDIT),
    "edition": (PAIR, "This is read from the 2024 Q3 practitioner table.", EDIT),
    "date of service in words": (PAIR, "On July 15, 2024 the edit is active.", EDIT),
    "condition": (PAIR, "45380 may be reported with 45385 only for another lesion.", (*EDIT, "lesions")),
    "condition with if": (PAIR, "45385 and 45380 can be billed together if the biopsy was of another polyp.", (*EDIT, "lesions")),
    "forbidden with its reason": (PAIR, "45380 may not be billed with 45385 for the same lesion.", (*EDIT, "lesions")),
    "modifiers of the finding": (PAIR, "Modifier 59 or XS goes on 45380 when the record shows another polyp.", (*EDIT, "lesions")),
    "limit": (PAIR, "The limit of 45380 is 1 unit a day with MAI 2.", LIMIT),
    "limit in words": (PAIR, "Only one unit of 45380 is expected.", LIMIT),
    "two limits": ("How many units of 17003 and of 20610?", "17003 has 13 units and 20610 has 2 units.", ("mue 17003", "mue 20610")),
    "global days": ("What is the global period of 45385?", "45385 has global days 000.", FEE),
    "status and indicator": (PAIR, "45385 has status A and multiple procedure indicator 3.", FEE),
    "bilateral": ("Can I use modifier 50 with 20610?", "20610 has bilateral indicator 1.", ("fee 20610",)),
    "one line, one unit, though the limit is two": ("Can I use modifier 50 with 20610?", "Report 20610-50 on one line with 1 unit.", ("modifier-50",)),
    "percentage of a card": (PAIR, "Some other payers pay 50 percent for the second scope.", ("lesions",)),
    "share of a card in words": (PAIR, "Some other payers pay half for the second scope.", ("lesions",)),
    "HCC": ("What HCC is E11.22?", "E11.22 maps to HCC 37 in V28.", ("hcc E11.22 CMS-HCC Model V28",)),
    "APC": ("What is the crosswalk of 45385 to its APC?", "45385 is in APC 5312 with status T.", ("opps 45385",)),
    "no, as found": ("Can I bill 45378 with 45385?", "45378 is never reported with 45385; no modifier opens the edit.", ("ptp 45385/45378",)),
    "only one, as found": ("Can I bill 45378 with 45385?", "Only 45385 may be reported, since 45378 is bundled into it.", ("ptp 45385/45378",)),
    "modifier refused, as found": ("Is 99213 with modifier 50 compliant?", "Modifier 50 may not be appended to 99213.", ("fee 99213", "modifier 50")),
    "above the limit, as found": ("20 units of 17003", "20 units of 17003 exceed the limit of 13.", ("mue 17003",)),
    "the card's own words": (PAIR, "One lesion, one removal code.", ("lesions",)),
    "no figure at all": (PAIR, "The note decides.", ("lesions",)),
}  # fmt: skip


@pytest.mark.parametrize("truth", TRUTHS)
def test_a_true_sentence_is_left_alone(make: Make, truth: str) -> None:
    """What its source holds is shown as it was written, whatever its words."""
    question, said, cites = TRUTHS[truth]
    answer = make(Speaker([(said, cites)])).ask(question, on=DAY)
    assert [sentence.text for sentence in answer.explanation] == [said], answer.notices
    assert not any(marked(sentence) for sentence in answer.explanation)
    assert answer.writer == "speaker"


def test_what_contradicts_a_finding_becomes_the_finding(make: Make) -> None:
    """A flipped verdict is replaced by the finding's own words, marked as such."""
    answer = make(Speaker([("45385 and 45380 can always be billed together.", EDIT)])).ask(PAIR, on=DAY)
    [sentence] = answer.explanation
    assert sentence.text.startswith("Yes, if")
    assert sentence.flags == ("replaced by the finding",)


def test_the_verdict_line_is_never_the_models(make: Make) -> None:
    """Whatever the model writes, the verdict and its line stay those of the decisive finding."""
    alone = make().ask(PAIR, on=DAY)
    answer = make(Speaker([("The note decides.", ("lesions",))])).ask(PAIR, on=DAY)
    assert (answer.verdict, answer.lead) == (alone.verdict, alone.lead)


@pytest.mark.parametrize(
    "asked", ["Did you know that 45390 pays more?", "Is $950 the usual fee?", "Is HCC 18 right for it?"]
)
def test_a_follow_up_question_invents_nothing_either(make: Make, asked: str) -> None:
    """A suggested question with a code or amount from nowhere is dropped; one that stays with the evidence is kept."""
    speaker = Speaker([("The note decides.", ("lesions",))], (asked, "Is 45380 limited to 1 unit?"))
    answer = make(speaker).ask(PAIR, on=DAY)
    assert answer.follow_ups == ("Is 45380 limited to 1 unit?",)


def test_the_composer_passes_its_own_check(make: Make) -> None:
    """Nothing that the composer writes from the same evidence is taken out."""
    for question in {question for question, _, _ in (*LIES.values(), *TRUTHS.values())}:
        answer = make().ask(question, on=DAY)
        assert not any("took out" in notice for notice in answer.notices), (question, answer.notices)


FACTS = [
    ("99213-25", {("code", "99213"), ("modifier", "25")}),
    ("modifiers 59, XE or XS", {("modifier", "59"), ("modifier", "XE"), ("modifier", "XS")}),
    ("e11.22 and E11.22", {("code", "E1122")}),
    ("Q3 2024 and 2024 Q3", {("edition", "2024 Q3")}),
    ("3 July 2024", {("date", "2024-07-03")}),
    ("$1,250.50", {("money", "1250.5"), ("number", "1250.5")}),
    ("twelve units", {("number", "12"), ("units", "12")}),
    ("bilateral indicator 1", {("bilateral indicator", "1"), ("indicator", "1"), ("number", "1")}),
    ("no figures here", set()),
]


@pytest.mark.parametrize(("text", "found"), FACTS)
def test_facts_are_read_whatever_their_spelling(text: str, found: set[tuple[str, str]]) -> None:
    """Codes, modifiers, editions, dates, amounts and labelled figures are recognised in the ways people write them."""
    assert set(facts_in(text)) - {("number", "25"), ("number", "59")} == found
