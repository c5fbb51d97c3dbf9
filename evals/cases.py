"""Cases: questions with what a right answer holds, read strictly from JSON lines.

Three files of our own lie in ``datasets/``: ``coding.jsonl`` (cases), ``retrieval.jsonl`` (questions with the cards that answer them) and
``examples_facts.jsonl`` (patterns for the example questions that live outside the repository, see :func:`load_examples`). Every fault is one line
that names the file and the line.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from importlib.resources import as_file, files
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assistant.types import Verdict
from evals.facts import Fact
from knowledge.errors import InputError
from knowledge.passages import Topic
from knowledge.records import Setting

__all__ = [
    "Behaviour",
    "CardQuestion",
    "Case",
    "load_card_questions",
    "load_cases",
    "load_examples",
    "our_card_questions",
    "our_cases",
    "our_examples",
]

T = TypeVar("T", bound=BaseModel)

Behaviour = str
"""``answers``; ``declines`` where a right answer says that it cannot say; ``either`` where both can be right."""


@dataclass(frozen=True, slots=True)
class Case:
    """One question and what a right answer to it holds."""

    id: str
    topic: str
    question: str
    on: date | None
    """Date of service; None asks without one."""
    setting: Setting | None
    facts: tuple[Fact, ...]
    forbidden: tuple[Fact, ...] = ()
    """Statements that would be wrong or unlawful."""
    verdict: Verdict | None = None
    """The verdict a right answer leads with; None where none is asked for or several can be defended."""
    behaviour: Behaviour = "answers"
    before: tuple[str, ...] = ()
    """Questions asked earlier in the same conversation."""
    identifiers: tuple[str, ...] = ()
    """Invented identifiers in the question that no part of the answer may repeat."""
    codes: tuple[str, ...] = ()
    """Codes and modifiers the case is about."""
    author: str = ""
    licence: str = ""
    source: str = ""
    """Where the truth stands: a public document and section, or a table row and its edition."""


@dataclass(frozen=True, slots=True)
class CardQuestion:
    """A question as coders type it, and the cards that answer it."""

    id: str
    topic: Topic
    question: str
    cards: frozenset[str]
    """Ids of the cards each of which answers it."""


def load_cases(path: Path) -> tuple[Case, ...]:
    """Return the cases of a JSON-lines file, in its order.

    Raises :class:`~knowledge.errors.InputError` naming file and line for a line that is no case, a repeated id, a fact that cannot be read.
    """
    return _unique(path, ((number, _case(row, path, number)) for number, row in _rows(path, _CaseRow)))


def load_card_questions(path: Path) -> tuple[CardQuestion, ...]:
    """Return the retrieval questions of a JSON-lines file, in its order.

    Raises :class:`~knowledge.errors.InputError` naming file and line for a line that is none, or a repeated id.
    """
    found = (
        (number, CardQuestion(row.id, row.topic, row.question, frozenset(row.cards)))
        for number, row in _rows(path, _QuestionRow)
    )
    return _unique(path, found)


def load_examples(questions: Path, patterns: Path) -> tuple[Case, ...]:
    """Return the example questions as cases: question, facts in words and codes from ``questions``, patterns by id from ``patterns``.

    The two files must agree: every question has patterns, one for each of its facts in order. Raises
    :class:`~knowledge.errors.InputError` naming file and line where they do not.
    """
    by_id = {row.id: (number, row) for number, row in _rows(patterns, _PatternRow)}
    cases: list[tuple[int, Case]] = []
    for number, row in _rows(questions, _ExampleRow):
        if row.id not in by_id:
            raise InputError(
                f"{questions.name}:{number}: no patterns for {row.id} in {patterns.name}: add a line for it"
            )
        line, pattern = by_id[row.id]
        if len(pattern.facts) != len(row.answer_facts):
            raise InputError(
                f"{patterns.name}:{line}: expected {len(row.answer_facts)} facts for {row.id}, one for each of its answer facts in order, got {len(pattern.facts)}"
            )
        facts = tuple(
            _fact(_FactRow(says=says, any=fact.any, span=fact.span), patterns, line)
            for says, fact in zip(row.answer_facts, pattern.facts, strict=True)
        )
        forbidden = tuple(_fact(fact, patterns, line) for fact in pattern.forbidden)
        cases.append(
            (
                number,
                Case(
                    row.id,
                    row.topic,
                    row.question,
                    pattern.on,
                    None,
                    facts,
                    forbidden,
                    pattern.verdict,
                    codes=tuple(row.codes),
                    source=row.source,
                ),
            )
        )
    return _unique(questions, cases)


def our_cases() -> tuple[Case, ...]:
    """Return the cases that ship with the program."""
    with as_file(files("evals") / "datasets" / "coding.jsonl") as path:
        return load_cases(path)


def our_card_questions() -> tuple[CardQuestion, ...]:
    """Return the retrieval questions that ship with the program."""
    with as_file(files("evals") / "datasets" / "retrieval.jsonl") as path:
        return load_card_questions(path)


def our_examples(real_data: Path) -> tuple[Case, ...]:
    """Return the example questions that stand beside the folder of real data (``MEDCODE_REAL_DATA``), in ``../examples/questions.jsonl``.

    Raises :class:`~knowledge.errors.InputError` when the file is not there.
    """
    questions = real_data.parent / "examples" / "questions.jsonl"
    with as_file(files("evals") / "datasets" / "examples_facts.jsonl") as patterns:
        return load_examples(questions, patterns)


# -- lines of the files, as they come from outside ------------------------------------------------------------------------


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _FactRow(_Row):
    says: str = Field(min_length=1)
    any: list[list[str]]
    span: int = 2


class _PatternFact(_Row):
    any: list[list[str]]
    span: int = 2


class _CaseRow(_Row):
    id: str = Field(min_length=1)
    topic: Topic
    question: str = Field(min_length=1)
    on: date | None
    setting: Setting | None
    facts: list[_FactRow]
    forbidden: list[_FactRow] = []
    verdict: Verdict | None
    behaviour: str = Field(default="answers", pattern="^(answers|declines|either)$")
    before: list[str] = []
    identifiers: list[str] = []
    codes: list[str]
    author: str = Field(min_length=1)
    licence: str = Field(min_length=1)
    source: str = Field(min_length=1)


class _QuestionRow(_Row):
    id: str = Field(min_length=1)
    topic: Topic
    question: str = Field(min_length=1)
    cards: list[str] = Field(min_length=1)
    author: str = Field(min_length=1)
    licence: str = Field(min_length=1)


class _PatternRow(_Row):
    id: str = Field(min_length=1)
    on: date | None = None
    verdict: Verdict | None = None
    facts: list[_PatternFact]
    forbidden: list[_FactRow] = []


class _ExampleRow(_Row):
    id: str = Field(min_length=1)
    topic: str
    question: str = Field(min_length=1)
    answer_facts: list[str] = Field(min_length=1)
    codes: list[str]
    source: str
    confidence: str


def _rows(path: Path, kind: type[T]) -> Iterator[tuple[int, T]]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise InputError(f"{path}: expected a file of JSON lines: {error.strerror}") from error
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            yield number, kind.model_validate_json(line)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"])) or "the line"
            raise InputError(f"{path.name}:{number}: {where}: {first['msg']}") from error


def _case(row: _CaseRow, path: Path, number: int) -> Case:
    if not row.facts and row.behaviour != "declines" and row.verdict is None and not row.forbidden:
        raise InputError(
            f"{path.name}:{number}: expected facts, forbidden statements, a verdict or the behaviour declines for {row.id}: nothing could be scored"
        )
    facts = tuple(_fact(fact, path, number) for fact in row.facts)
    forbidden = tuple(_fact(fact, path, number) for fact in row.forbidden)
    return Case(
        row.id, row.topic.value, row.question, row.on, row.setting, facts, forbidden, row.verdict, row.behaviour, tuple(row.before),
        tuple(row.identifiers), tuple(row.codes), row.author, row.licence, row.source,
    )  # fmt: skip


def _fact(row: _FactRow, path: Path, number: int) -> Fact:
    try:
        return Fact.parse(row.says, row.any, row.span)
    except ValueError as error:
        raise InputError(f"{path.name}:{number}: {error}") from error


C = TypeVar("C", Case, CardQuestion)


def _unique(path: Path, found: Iterator[tuple[int, C]] | list[tuple[int, C]]) -> tuple[C, ...]:
    lines: dict[str, int] = {}
    kept: list[C] = []
    for number, one in found:
        if one.id in lines:
            raise InputError(f"{path.name}:{number}: the id {one.id} stands on line {lines[one.id]} already")
        lines[one.id] = number
        kept.append(one)
    return tuple(kept)
