"""The values that travel through the chain: a question comes in, an answer with its proof goes out.

All are frozen. A step never changes what it was given; it returns a new :class:`Turn`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

from knowledge.codes import Code
from knowledge.passages import Passage, Topic
from knowledge.records import Edition, Setting, Standing

__all__ = [
    "Answer",
    "Evidence",
    "Finding",
    "Intent",
    "MentionedCode",
    "Mentions",
    "Question",
    "Row",
    "Sentence",
    "Source",
    "Step",
    "Table",
    "Turn",
    "Verdict",
]


class Verdict(StrEnum):
    """What a rule decides. There are four answers, never two."""

    YES = "yes"
    NO = "no"
    YES_IF = "yes-if"
    NO_DATA = "no data"


@dataclass(frozen=True, slots=True)
class Question:
    """What the user asked and in which frame."""

    text: str
    on: date
    """Date of service; today where the user named none."""
    on_was_given: bool = False
    setting: Setting = Setting.PRACTITIONER
    setting_was_given: bool = False
    topics: tuple[Topic, ...] = ()
    """Topics the user limited the search to; empty means all."""


@dataclass(frozen=True, slots=True)
class MentionedCode:
    """A code in the question, with the modifiers attached to it and its place in the text."""

    code: Code
    modifiers: tuple[str, ...]
    start: int
    end: int
    known: bool
    """Whether a loaded table holds the code."""
    alternatives: tuple[Code, ...] = ()
    """Other readings of the same characters that a table holds."""


class Intent(StrEnum):
    """What kind of answer is wanted; read from the words, used to order and phrase, never to decide a rule."""

    LOOKUP = "lookup"
    TOGETHER = "together"
    UNITS = "units"
    MODIFIER = "modifier"
    CROSSWALK = "crosswalk"
    INDICATORS = "indicators"
    GLOBAL = "global"
    COVERAGE = "coverage"
    EXPLAIN = "explain"


@dataclass(frozen=True, slots=True)
class Mentions:
    """Everything read locally from the raw question, before anything is hidden or sent."""

    codes: tuple[MentionedCode, ...] = ()
    modifiers: tuple[str, ...] = ()
    """Modifiers named on their own or attached to a code, in order, without repeats."""
    units: int | None = None
    on: date | None = None
    setting: Setting | None = None
    payer: str = ""
    spans: tuple[tuple[int, int], ...] = ()
    """Character ranges of known codes and modifiers, which redaction must spare; dates and unknown numbers are left to it."""
    unknown: tuple[str, ...] = ()
    """Tokens with a code's shape that no loaded table holds."""

    def values(self) -> tuple[str, ...]:
        """Return the mentioned code values in order."""
        return tuple(mention.code.value for mention in self.codes)


@dataclass(frozen=True, slots=True)
class Row:
    """A table row that a finding rests on, as it can be opened: table, key, columns and edition."""

    table: str
    key: str
    columns: tuple[tuple[str, str], ...]
    edition: Edition
    standing: Standing

    @property
    def cited(self) -> str:
        """One line for the source list."""
        note = "" if self.standing is Standing.IN_FORCE else f" ({self.standing} than the date of service)"
        return f"{self.edition.title}, {self.edition.label}, row {self.key}{note}"


Evidence = Row | Passage
"""What a sentence of an answer points at."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule found, with everything needed to check it."""

    rule: str
    """Name of the rule module and question, e.g. ``ncci``."""
    verdict: Verdict
    headline: str
    """The verdict in one sentence."""
    reasons: tuple[str, ...] = ()
    """Why, in whole sentences, in order."""
    rows: tuple[Row, ...] = ()
    must_show: tuple[str, ...] = ()
    """What the record must contain for the verdict to hold."""
    load: str = ""
    """Which file to load where the verdict is "no data"."""
    codes: tuple[str, ...] = ()
    """The codes it is about, as shown."""
    weight: int = 0
    """Consequence, for ordering: higher first."""


@dataclass(frozen=True, slots=True)
class Table:
    """A small table in an answer."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Source:
    """A numbered source of an answer, and what it opens."""

    number: int
    line: str
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence (or short paragraph) of an answer, the numbers of its sources, and what the check found wrong with it."""

    text: str
    sources: tuple[int, ...] = ()
    heading: str = ""
    """Set on the first sentence under a new sub-heading."""
    flags: tuple[str, ...] = ()
    """Unsupported codes, numbers or verdicts; shown marked, never silently."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the trace: its name, what it did, and how long it took in milliseconds."""

    name: str
    did: str
    milliseconds: float


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer contract: the same whether a model or the composer wrote it."""

    question: str
    """The question as it may be stored: identifiers replaced."""
    on: date
    on_was_given: bool
    setting: Setting
    verdict: Verdict | None
    """The decisive finding's verdict; None where the question asks for an explanation."""
    lead: str
    """The verdict line."""
    lead_sources: tuple[int, ...] = ()
    table: Table | None = None
    explanation: tuple[Sentence, ...] = ()
    must_show: tuple[str, ...] = ()
    payers: tuple[Sentence, ...] = ()
    """Where payers differ."""
    sources: tuple[Source, ...] = ()
    follow_ups: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    """Stale editions, missing tables, unknown codes, what was hidden, what the check removed."""
    findings: tuple[Finding, ...] = ()
    trace: tuple[Step, ...] = ()
    writer: str = "composer"
    """``composer`` or the model's name."""
    hidden: int = 0
    """Identifiers hidden before anything else happened."""

    def text(self) -> str:
        """Return the whole answer as plain text, as a reader would read it."""
        parts = [self.lead]
        if self.table:
            parts += [" | ".join(self.table.columns), *(" | ".join(row) for row in self.table.rows)]
        for sentence in self.explanation:
            parts += ([sentence.heading] if sentence.heading else []) + [sentence.text]
        parts += [f"The record must show: {'; '.join(self.must_show)}"] if self.must_show else []
        parts += [sentence.text for sentence in self.payers]
        parts += [f"[{source.number}] {source.line}" for source in self.sources]
        parts += list(self.notices)
        return "\n".join(parts)


@dataclass(frozen=True, slots=True)
class Turn:
    """One question on its way through the chain. Each step returns a new turn with one part filled."""

    question: Question
    mentions: Mentions = field(default_factory=Mentions)
    intent: Intent = Intent.EXPLAIN
    redacted: str = ""
    hidden: int = 0
    standalone: str = ""
    """The redacted question, completed from the conversation where it was a follow-up."""
    findings: tuple[Finding, ...] = ()
    passages: tuple[Passage, ...] = ()
    near: frozenset[str] = frozenset()
    """Ids of the documents near enough to be told in the answer; the other passages are evidence only."""
    answer: Answer | None = None
    trace: tuple[Step, ...] = ()
    history: tuple[Turn, ...] = ()
    """Earlier turns of the conversation, oldest first, redacted."""

    def with_step(self, step: Step) -> Turn:
        """Return the turn with one more step in its trace."""
        return replace(self, trace=(*self.trace, step))
