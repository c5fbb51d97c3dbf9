"""Runs keep every answer, can be read again, compared, and shown."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from assistant.chain import Done
from assistant.types import Answer, Question, Turn, Verdict
from evals.card_search import CardSearchReport, measure
from evals.cases import CardQuestion, Case
from evals.facts import Fact
from evals.report import (
    card_search_table,
    comparison_table,
    differences,
    failures,
    lines,
    percentile,
    run_table,
    setup_lines,
)
from evals.runner import Run, load_run, run
from knowledge.errors import InputError
from knowledge.passages import Topic
from knowledge.records import Setting


class Parrot:
    """An assistant that answers with what it was told to, and turns "" away."""

    def __init__(self, **leads: str) -> None:
        self.leads = leads
        self.asked: list[tuple[str, int]] = []

    def stream(
        self,
        text: str,
        *,
        on: date | None = None,
        setting: Setting | None = None,
        topics: tuple[Topic, ...] = (),
        history: tuple[Turn, ...] = (),
    ) -> Iterator[Any]:
        """Yield the one event that matters."""
        self.asked.append((text, len(history)))
        if not text.strip():
            raise InputError("the question is empty")
        day = on or date(2024, 7, 15)
        answer = Answer(
            text.replace("Jane", "[N]"),
            day,
            on is not None,
            Setting.PRACTITIONER,
            Verdict.YES,
            self.leads.get(text, "Nothing."),
        )
        yield Done(answer, Turn(Question(text, day)))


def case(id_: str, question: str, topic: str = "ncci", **more: Any) -> Case:
    """Return a case that wants the word "right"."""
    return Case(id_, topic, question, None, None, (Fact.parse("right", [["right"]]),), **more)


CASES = (case("a", "one"), case("b", "two", "codes", before=("before",)), case("c", " ", behaviour="declines"))


def test_every_answer_is_kept_and_can_be_read_again(tmp_path: Path) -> None:
    """A run read from its folder is the run that was made."""
    told: list[tuple[int, int]] = []
    made = run(
        Parrot(one="right"),
        CASES,
        tmp_path,
        editions=["NCCI, 2024 Q3"],
        progress=lambda done, all_: told.append((done, all_)),
    )
    kept = load_run(tmp_path)
    assert kept == replace(made, asked=kept.asked)
    assert [(one.id, one.scores, one.turned_away) for one in kept.asked] == [
        (one.id, one.scores, one.turned_away) for one in made.asked
    ]
    assert kept.asked[0].answer is not None and kept.asked[0].answer["lead"] == "right"
    assert kept.setup.editions == ("NCCI, 2024 Q3",) and kept.setup.revision
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_the_conversation_before_is_asked_first(tmp_path: Path) -> None:
    """A case with earlier questions gets their turns as history."""
    parrot = Parrot()
    run(parrot, CASES[1:2], tmp_path)
    assert parrot.asked == [("before", 0), ("two", 1)]


def test_a_question_turned_away_is_kept_with_its_message(tmp_path: Path) -> None:
    """The message stands where the answer would."""
    [asked] = run(Parrot(), CASES[2:], tmp_path).asked
    assert (asked.answer, asked.turned_away, asked.scores[0].value) == (None, "the question is empty", 1.0)


def test_the_kept_question_is_the_redacted_one(tmp_path: Path) -> None:
    """What is kept on disk is what the answer stores, not what was typed."""
    run(Parrot(), [case("a", "Jane")], tmp_path)
    assert "Jane" not in (tmp_path / "answers.jsonl").read_text(encoding="utf-8")


def test_a_bug_stops_the_run_after_keeping_what_was_answered(tmp_path: Path) -> None:
    """A crash is not counted as a wrong answer."""

    class Crashing(Parrot):
        def stream(self, text: str, **asked: Any) -> Iterator[Any]:
            if text == "two":
                raise ZeroDivisionError
            yield from super().stream(text, **asked)

    with pytest.raises(ZeroDivisionError):
        run(Crashing(), [case("a", "one"), case("b", "two")], tmp_path)
    assert [
        json.loads(line)["id"] for line in (tmp_path / "answers.jsonl").read_text(encoding="utf-8").splitlines()
    ] == ["a"]


def test_no_run_and_a_broken_run_are_one_line(tmp_path: Path) -> None:
    """A folder without a run says what to do; so does one of another version."""
    with pytest.raises(InputError, match="medcode eval"):
        load_run(tmp_path)
    (tmp_path / "run.json").write_text("{}", encoding="utf-8")
    (tmp_path / "answers.jsonl").write_text("{}\n", encoding="utf-8")
    with pytest.raises(InputError, match="again"):
        load_run(tmp_path)


def two_runs(tmp_path: Path) -> tuple[Run, Run]:
    """Return a run that was wrong once and one that is right."""
    cases = [case("a", "one"), case("b", "two", "codes")]
    return run(Parrot(one="right"), cases, tmp_path / "1"), run(Parrot(one="right", two="right"), cases, tmp_path / "2")


def test_means_are_given_for_all_cases_and_by_topic(tmp_path: Path) -> None:
    """Each scorer has a line for all and one for every topic; what was not asked has no mean."""
    before, _ = two_runs(tmp_path)
    found = {(line.scorer, line.topic): line.mean for line in lines(before)}
    assert found["facts", ""].value == 0.5
    assert (found["facts", "ncci"].value, found["facts", "codes"].value) == (1.0, 0.0)
    assert found["verdict", ""].value is None and found["verdict", ""].size == 0
    assert ("b", "facts", "right") in failures(before)


def test_two_runs_are_compared_case_by_case(tmp_path: Path) -> None:
    """The change is paired, with the cases that moved."""
    change = next(one for one in differences(*two_runs(tmp_path)) if one.scorer == "facts")
    assert (change.cases, change.before, change.after, change.better, change.worse) == (2, 0.5, 1.0, ("b",), ())
    assert change.low <= 0.5 <= change.high


def test_runs_without_a_case_in_common_have_nothing_to_compare(tmp_path: Path) -> None:
    """Other cases are no change."""
    before, _ = two_runs(tmp_path)
    assert differences(before, run(Parrot(), [case("z", "one")], tmp_path / "3")) == ()


def test_tables_name_every_scorer(tmp_path: Path) -> None:
    """What is printed holds the scorers, the topics and the sizes."""
    before, after = two_runs(tmp_path)
    console = Console(file=io.StringIO(), width=220)
    for line in setup_lines(before):
        console.print(line)
    console.print(run_table(before))
    console.print(comparison_table(before, after))
    text = console.file.getvalue()  # type: ignore[attr-defined]
    for word in ("facts", "verdict", "citations", "ncci", "codes", "p50", "+0.50"):
        assert word in text


@pytest.mark.parametrize(("share", "value"), [(0.5, 2.0), (0.95, 4.0), (1.0, 4.0), (0.0, 1.0)])
def test_percentiles_are_values_that_occurred(share: float, value: float) -> None:
    """Nearest rank of four values."""
    assert percentile([3.0, 1.0, 4.0, 2.0], share) == value
    assert percentile([], share) is None


def test_card_search_is_measured_by_hand() -> None:
    """Two questions: one found second, one missed."""
    questions = [
        CardQuestion("1", Topic.NCCI, "one", frozenset({"a", "b"})),
        CardQuestion("2", Topic.NCCI, "two", frozenset({"c"})),
    ]
    row = measure("made up", lambda text: ["x", "a"] if text == "one" else ["x"], questions)
    assert (row.recall.value, row.success.value, row.reciprocal.value, row.missed) == (0.25, 0.5, 0.25, ("2",))
    console = Console(file=io.StringIO(), width=200)
    console.print(card_search_table(CardSearchReport(2, (row,))))
    assert "made up" in console.file.getvalue()  # type: ignore[attr-defined]
