"""Answers without a model: the verdict line is the finding's, every sentence has a source, nothing is said of what is not loaded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from assistant.chain import Assistant
from assistant.types import Answer, Verdict
from knowledge.codes import Code, CodeSystem
from knowledge.passages import Document, DocumentKind, DocumentSource, Passage, Topic
from knowledge.records import CodeRecord, FeeIndicators, Licence, ModifierRecord, Mue, OppsStatus, Setting, Validity
from knowledge.reference import ReferenceStore
from knowledge.schema import OPEN
from knowledge.writing import EditionDraft, NoteRow, PtpRow, ReferenceWriter

DAY = date(2024, 7, 15)


def draft(table: str, setting: Setting | None = None, complete: bool = True) -> EditionDraft:
    """Return an invented edition of the third quarter of 2024."""
    window = (date(2024, 7, 1), date(2024, 9, 30))
    return EditionDraft(
        table, "CMS", f"Table {table}", "2024 Q3", *window, complete, Licence.AMA_CODES, "test", "0", setting
    )


def card(
    id_: str, kind: DocumentKind, codes: tuple[str, ...], modifiers: tuple[str, ...], **sections: str
) -> tuple[Document, tuple[Passage, ...]]:
    """Return an invented card with one passage per section."""
    document = Document(
        id_, f"Card {id_}", kind, Topic.CODES, codes, modifiers, (), (DocumentSource("CMS", "An invented manual", "1"),),
        date(2020, 1, 1), None, DAY, Licence.OWN, "reviewed 2024-07-15",
    )  # fmt: skip
    headings = [(name.replace("_", " "), text) for name, text in sections.items()]
    return document, tuple(
        Passage(f"{id_}#{i}", document, heading, text, i) for i, (heading, text) in enumerate(headings)
    )


class NoSearch:
    """A search that finds the given passages."""

    def __init__(self, *found: tuple[str, float]) -> None:
        self.found = found

    def code_names(self, text: str, limit: int) -> Sequence[tuple[str, float]]:
        """Return no code: the tests name codes by number."""
        return ()

    def passages(self, text: str, topics: Sequence[Topic], limit: int) -> Sequence[tuple[str, float]]:
        """Return what it was given."""
        return self.found


@pytest.fixture
def reference(tmp_path: Path) -> ReferenceStore:
    """A tiny knowledge: a few codes, one edit, limits, indicators and cards."""
    path = tmp_path / "reference.sqlite"
    cpt = [Code(CodeSystem.CPT, value) for value in ("45380", "45385", "93000", "99213")]
    icd = Code(CodeSystem.ICD10CM, "E1122")
    plain = ("0", "0", "0", "0", "", "09", "99")
    with ReferenceWriter(path) as writer:
        writer.add(draft("cpt"), [CodeRecord(code, "") for code in cpt])
        writer.add(draft("icd10cm"), [CodeRecord(icd, "An invented title", billable=True, parent="E112", node="code")])
        writer.add(
            draft("icd10cm notes"), [NoteRow("E1122", 0, "useAdditionalCode", "an invented stage (N18.1-N18.6)")]
        )
        writer.add(draft("validity"), [Validity(icd, date(2015, 10, 1), None)])
        writer.add(
            draft("ptp", Setting.PRACTITIONER),
            [PtpRow("45385", "45380", 20000101, OPEN, 1, "More extensive procedure")],
        )
        writer.add(draft("mue", Setting.PRACTITIONER), [Mue("45385", Setting.PRACTITIONER, 1, 2, "Invented")])
        writer.add(
            draft("fee"),
            [
                FeeIndicators("45385", "", "A", "0", "000", "3", *plain),
                FeeIndicators("99213", "", "A", "0", "XXX", "0", *plain),
            ],
        )
        writer.add(draft("opps"), [OppsStatus("45385", "T", "5312", "100.00", "an invented meaning")])
        writer.add(draft("modifier"), [ModifierRecord(m, m in ("25", "59"), ()) for m in ("25", "50", "59")])
        writer.add_documents(
            draft("cards"),
            [
                card(
                    "cpt-99213",
                    DocumentKind.CODE_CARD,
                    ("99213",),
                    (),
                    In_plain_words="A visit. It takes 20 minutes.",
                    When_it_is_used="Often.",
                ),
                card(
                    "same-lesion", DocumentKind.RULE_CARD, ("45380", "45385"), ("59",), The_rule="One lesion, one code."
                ),
            ],
        )
    return ReferenceStore(path)


def ask(reference: ReferenceStore, text: str, *found: tuple[str, float], on: date | None = DAY) -> Answer:
    """Return the composer's answer."""
    assistant = Assistant(reference, NoSearch(*found), lambda t, spans: (t, 0), len)
    return assistant.ask(text, on=on)


@pytest.mark.parametrize(
    ("question", "verdict", "lead"),
    [
        ("Can I bill 45380 with 45385?", Verdict.YES_IF, "Yes, if"),
        ("Can I bill 45385 with 93000?", Verdict.YES, "Yes: no NCCI edit"),
        ("how many units of 45385?", Verdict.YES, "At most 1 unit"),
        ("45385 3 units?", Verdict.NO, "No: 3 units"),
        ("is 99213 with modifier 50 compliant?", Verdict.NO, "No: modifier 50 does not fit 99213"),
        ("crosswalk of 45385 to its APC", Verdict.YES, "45385 maps to APC 5312"),
        ("global period of 45385", Verdict.YES, "45385 has global days 000"),
        ("What is 12345?", None, "No data: 12345"),
    ],
)
def test_the_lead_is_the_deciding_finding(
    reference: ReferenceStore, question: str, verdict: Verdict | None, lead: str
) -> None:
    """The verdict and the first line come from the rule that the question calls for."""
    answer = ask(reference, question)
    assert answer.verdict is verdict
    assert answer.lead.startswith(lead)


def test_a_lookup_opens_with_the_card_and_ends_with_the_tables(reference: ReferenceStore) -> None:
    """What a code is comes from its card first, the payment facts follow."""
    answer = ask(reference, "What is 99213?")
    assert "A visit." in answer.lead
    assert [s.heading for s in answer.explanation if s.heading][-1] == "From the tables"


def test_a_diagnosis_shows_title_and_binding_notes(reference: ReferenceStore) -> None:
    """An ICD-10-CM code without a card is told from its own entry, cited."""
    answer = ask(reference, "What is E11.22?")
    assert answer.lead == "ICD-10-CM E11.22 is An invented title."
    (note,) = [s for s in answer.explanation if s.text.startswith("Use additional code")]
    assert note.sources


def test_every_sentence_but_the_licence_notice_has_a_source(reference: ReferenceStore) -> None:
    """Each statement can be opened."""
    for question in (
        "Can I bill 45380 with 45385?",
        "What is 99213?",
        "What is E11.22?",
        "crosswalk of 45385 to its APC",
    ):
        answer = ask(reference, question)
        numbers = {source.number for source in answer.sources}
        for sentence in answer.explanation:
            assert sentence.text.startswith(("No data", "The official wording")) or sentence.sources, sentence.text
            assert set(sentence.sources) <= numbers


def test_the_check_finds_nothing_to_take_out_of_composed_answers(reference: ReferenceStore) -> None:
    """What the composer writes is supported by what it cites."""
    for question in ("Can I bill 45380 with 45385?", "What is 99213?", "What is E11.22?", "45385 3 units?"):
        assert not [notice for notice in ask(reference, question).notices if "took out" in notice]


def test_an_assumed_date_and_an_older_edition_are_told(reference: ReferenceStore) -> None:
    """Without a date today is assumed and said; editions that do not cover it are named."""
    answer = ask(reference, "Can I bill 45380 with 45385?", on=None)
    assert any("is assumed" in notice for notice in answer.notices)
    assert any("No loaded edition covers" in notice and "Table ptp" in notice for notice in answer.notices)


def test_without_the_table_the_answer_is_no_data_and_names_the_file(tmp_path: Path, reference: ReferenceStore) -> None:
    """An edit question in a setting without a table is "no data", with the file to load."""
    assistant = Assistant(reference, NoSearch(), lambda t, spans: (t, 0), len)
    answer = assistant.ask("Can I bill 45380 with 45385?", on=DAY, setting=Setting.OUTPATIENT_HOSPITAL)
    assert answer.verdict is Verdict.NO_DATA
    assert any("load the CMS NCCI PTP outpatient hospital file" in notice for notice in answer.notices)


def test_the_same_question_gives_the_same_answer(reference: ReferenceStore) -> None:
    """Nothing in an answer but its times depends on chance."""
    first, second = (replace(ask(reference, "Can I bill 45380 with 45385?"), trace=()) for _ in range(2))
    assert first == second
