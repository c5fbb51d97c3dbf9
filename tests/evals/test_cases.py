"""Cases are read strictly, and what we ship is whole, true to the tables and findable."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import ingest
from assistant.types import Verdict
from evals.cases import load_card_questions, load_cases, load_examples, our_card_questions, our_cases, our_examples
from knowledge.errors import InputError
from knowledge.passages import Topic
from knowledge.records import Setting

CARDS = Path(ingest.__file__).parent / "starter" / "cards"
GOOD: dict[str, Any] = {
    "id": "a-1", "topic": "ncci", "question": "Both?", "on": "2024-07-15", "setting": "practitioner",
    "facts": [{"says": "no", "any": [["no", "indicator 0"]]}], "verdict": "no", "codes": ["1"], "author": "us", "licence": "Apache-2.0", "source": "a table",
}  # fmt: skip


def write(path: Path, *rows: object) -> Path:
    """Write rows as JSON lines; a string goes in as it is."""
    path.write_text(
        "".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows), encoding="utf-8"
    )
    return path


def test_a_good_line_becomes_a_case(tmp_path: Path) -> None:
    """Dates, settings and verdicts become values; blank lines are skipped."""
    [case] = load_cases(write(tmp_path / "c.jsonl", "", GOOD))
    assert (case.on, case.setting, case.verdict) == (date(2024, 7, 15), Setting.PRACTITIONER, Verdict.NO)
    assert case.facts[0].holds("No: indicator 0.")


FAULTS = [
    ({**GOOD, "topic": "cooking"}, "topic"),
    ({**GOOD, "verdict": "perhaps"}, "verdict"),
    ({**GOOD, "on": "15 July"}, "on"),
    ({**GOOD, "setting": "bedroom"}, "setting"),
    ({**GOOD, "colour": "red"}, "colour"),
    ({**GOOD, "question": ""}, "question"),
    ({**GOOD, "author": ""}, "author"),
    ({**GOOD, "behaviour": "sulks"}, "behaviour"),
    ({key: value for key, value in GOOD.items() if key != "source"}, "source"),
    ({**GOOD, "facts": [{"says": "no", "any": []}]}, "at least one alternative"),
    ({**GOOD, "facts": [{"says": "no", "any": [["foo*bar"]]}]}, "star"),
    ({**GOOD, "facts": [], "verdict": None}, "nothing could be scored"),
    ("{", "the line"),
    ("[]", "the line"),
]


@pytest.mark.parametrize(("row", "named"), FAULTS)
def test_a_fault_names_file_line_and_field(tmp_path: Path, row: object, named: str) -> None:
    """Whatever is wrong is one line that says where."""
    path = write(tmp_path / "c.jsonl", GOOD, row)
    with pytest.raises(InputError, match=r"^c\.jsonl:2: ") as raised:
        load_cases(path)
    assert named in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_repeated_id_names_both_lines(tmp_path: Path) -> None:
    """Two cases of one name cannot both be counted."""
    with pytest.raises(InputError, match=r"c\.jsonl:3: the id a-1 stands on line 1"):
        load_cases(write(tmp_path / "c.jsonl", GOOD, "", GOOD))


def test_a_missing_file_is_one_line(tmp_path: Path) -> None:
    """No file is an error with its path."""
    with pytest.raises(InputError, match=r"none\.jsonl"):
        load_cases(tmp_path / "none.jsonl")


def test_a_question_needs_a_card(tmp_path: Path) -> None:
    """A retrieval question without an answer cannot be scored."""
    row = {"id": "q", "topic": "ncci", "question": "?", "cards": [], "author": "us", "licence": "x"}
    with pytest.raises(InputError, match=r"q\.jsonl:1: cards"):
        load_card_questions(write(tmp_path / "q.jsonl", row))


EXAMPLE = {
    "id": "Q1", "topic": "x", "question": "?", "answer_facts": ["one", "two"], "codes": [], "source": "s", "confidence": "high",
}  # fmt: skip


def test_examples_take_their_patterns_by_id_and_order(tmp_path: Path) -> None:
    """The words come from the examples, the patterns from ours."""
    questions = write(tmp_path / "questions.jsonl", EXAMPLE)
    [case] = load_examples(
        questions, write(tmp_path / "p.jsonl", {"id": "Q1", "facts": [{"any": [["a"]]}, {"any": [["b"]]}]})
    )
    assert [(fact.says, fact.holds("b")) for fact in case.facts] == [("one", False), ("two", True)]


@pytest.mark.parametrize(
    ("patterns", "message"),
    [
        ({"id": "Q2", "facts": []}, "no patterns for Q1"),
        ({"id": "Q1", "facts": [{"any": [["a"]]}]}, "expected 2 facts for Q1"),
    ],
)
def test_examples_and_patterns_must_agree(tmp_path: Path, patterns: object, message: str) -> None:
    """A question without patterns, or with too few, is an error."""
    questions = write(tmp_path / "questions.jsonl", EXAMPLE)
    with pytest.raises(InputError, match=message):
        load_examples(questions, write(tmp_path / "p.jsonl", patterns))


# -- what we ship -----------------------------------------------------------------------------------------------------


def test_our_cases_cover_every_topic() -> None:
    """At least seventy cases, every topic among them, with traps."""
    cases = our_cases()
    assert len(cases) >= 70
    assert {case.topic for case in cases} == {topic.value for topic in Topic}
    assert sum(case.behaviour == "declines" for case in cases) >= 5


def test_our_retrieval_questions_cover_every_topic() -> None:
    """At least 150 questions, every topic among them, none asked twice."""
    questions = our_card_questions()
    assert len(questions) >= 150
    assert {question.topic for question in questions} == set(Topic)
    assert len({question.question.casefold() for question in questions}) == len(questions)


def test_every_named_card_exists() -> None:
    """A retrieval question names only cards that are there."""
    there = {path.stem for path in CARDS.rglob("*.md")}
    assert {card for question in our_card_questions() for card in question.cards} <= there


def aliases() -> Iterator[tuple[str, str]]:
    """Yield (card, alias) of every card."""
    import yaml

    for path in CARDS.rglob("*.md"):
        for alias in yaml.safe_load(path.read_text(encoding="utf-8").split("---")[1]).get("aliases") or ():
            yield path.stem, str(alias).casefold()


def test_few_questions_repeat_a_cards_own_alias() -> None:
    """The questions measure search, not an answer key: fewer than one in ten is an alias of the card it asks for."""
    known = set(aliases())
    same = [q.id for q in our_card_questions() if any((card, q.question.casefold()) in known for card in q.cards)]
    assert len(same) < len(our_card_questions()) / 10, same


@pytest.fixture
def real_data() -> Path:
    """The folder of real data, or skip."""
    folder = os.environ.get("MEDCODE_REAL_DATA")
    if not folder:
        pytest.skip("MEDCODE_REAL_DATA names no folder")
    return Path(folder)


def test_our_examples_can_be_read(real_data: Path) -> None:
    """The patterns fit the example questions one to one."""
    assert len(our_examples(real_data)) == 13


def test_pairs_and_limits_in_our_cases_are_the_tables_rows(real_data: Path) -> None:
    """Every edit and unit limit that a case names as its source stands so in the published tables."""
    with (real_data / "cms" / "starter_ptp.csv").open(encoding="utf-8") as file:
        edits = {
            (row["column1"], row["column2"]): row["modifier_indicator"]
            for row in csv.DictReader(file)
            if not row["deletion"]
        }
    with (real_data / "cms" / "starter_cpt_indicators.csv").open(encoding="utf-8") as file:
        rows = {row["code"]: row for row in csv.DictReader(file)}
    import re

    checked = 0
    for case in our_cases():
        for column1, column2, indicator in re.findall(r"row (\w{5})/(\w{5}), indicator (\d)", case.source):
            assert edits[column1, column2] == indicator, case.id
            checked += 1
        for code, setting, units, mai in re.findall(
            r"row (\w{5}) (practitioner|outpatient hospital): (\d+), MAI (\d)", case.source
        ):
            suffix = "practitioner" if setting == "practitioner" else "outpatient"
            assert (rows[code][f"mue_{suffix}"], rows[code][f"mai_{suffix}"]) == (units, mai), case.id
            checked += 1
        columns = {"bilateral": "bilat_surg", "assistant": "asst_surg", "co-surgeon": "co_surg", "team": "team_surg", "PC/TC": "pctc_ind", "status": "status_code",
                   "global days": "glob_days", "global": "glob_days"}  # fmt: skip
        for code, name, value in re.findall(
            r"row (\w{5}), (bilateral|assistant|co-surgeon|team|PC/TC|status|global days|global) (\w+)", case.source
        ):
            assert rows[code][columns[name]] == value, case.id
            checked += 1
    assert checked > 40
