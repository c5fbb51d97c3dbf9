"""An answer as Markdown, as rows and as data: pure functions that the page in the browser and the terminal share.

Text that came from a question, a table or a model is neutralised on its way into Markdown: it can show neither image, link nor
formula, so that opening an answer never loads anything.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum
from typing import TYPE_CHECKING, Any

from assistant.types import Answer, Evidence, Row, Sentence, Source, Step, Table, Verdict
from knowledge.codes import Code, CodeSystem
from knowledge.passages import DocumentKind, Passage, Topic
from knowledge.records import Edition, Setting, Standing

if TYPE_CHECKING:
    from knowledge.search import Hit

__all__ = [
    "SETTING_NAMES",
    "STEP_NAMES",
    "TOPIC_NAMES",
    "VERDICT_WORDS",
    "answer_data",
    "answer_markdown",
    "as_data",
    "explanation_markdown",
    "frame_line",
    "hits_table",
    "numbered_marks",
    "passage_facts",
    "payers_markdown",
    "prose",
    "row_facts",
    "source_facts",
    "source_label",
    "source_text",
    "step_line",
    "table_markdown",
    "writer_line",
]

VERDICT_WORDS: Mapping[Verdict, str] = {
    Verdict.YES: "Yes",
    Verdict.NO: "No",
    Verdict.YES_IF: "Yes, if",
    Verdict.NO_DATA: "No data",
}

SETTING_NAMES: Mapping[Setting, str] = {
    Setting.PRACTITIONER: "Practitioner",
    Setting.OUTPATIENT_HOSPITAL: "Outpatient hospital",
    Setting.DME: "DME supplier",
}

TOPIC_NAMES: Mapping[Topic, str] = {
    Topic.CODES: "Codes",
    Topic.GUIDELINES: "Guidelines",
    Topic.MODIFIERS: "Modifiers",
    Topic.CROSSWALKS: "Crosswalks",
    Topic.NCCI: "NCCI edits",
    Topic.COMPLIANCE: "Compliance",
    Topic.COVERAGE: "Coverage",
}

STEP_NAMES: Mapping[str, str] = {
    "read": "Question",
    "redact": "Privacy",
    "standalone": "Conversation",
    "find": "Tables",
    "retrieve": "Cards",
    "draft": "Answer",
    "model": "Model",
    "verify": "Check",
}
"""What each step of the chain is called on the page."""

_LINK = re.compile(r"\]\(")
_ITEM = re.compile(r"(?:[-*+]|\d{1,2}[.)])\s")
_DIRECTIVE = re.compile(r":(?=[A-Za-z][\w-]*\[)|:(?=material/)")


def prose(text: str) -> str:
    """Return ``text`` as Markdown that keeps its lists and emphasis but shows links, images, formulas and tags as characters."""
    text = text.replace("$", "\\$").replace("<", "&lt;")
    return _apart(_DIRECTIVE.sub(r"\\:", _LINK.sub(r"]\\(", text)))


def _apart(text: str) -> str:
    """Return ``text`` with a blank line around lists and tables: passages lose theirs when they are cut from their document."""
    lines: list[str] = []
    before = _PARAGRAPH
    for line in text.split("\n"):
        kind = before if line[:1].isspace() else _kind(line)
        begins_table = kind == _TABLE and before == _PARAGRAPH
        if lines and lines[-1] and line and kind != before and (begins_table or before != _PARAGRAPH):
            lines.append("")
        lines.append(line)
        before = kind
    return "\n".join(lines)


_PARAGRAPH, _LIST, _TABLE = "paragraph", "list", "table"


def _kind(line: str) -> str:
    return _TABLE if line.startswith("|") else _LIST if _ITEM.match(line) else _PARAGRAPH


def cell(text: str) -> str:
    """Return ``text`` for a cell of a Markdown table: on one line, nothing in it is markup."""
    flat = " ".join(text.split())
    return re.sub(r"([\\`*_{}\[\]|~#])", r"\\\1", flat).replace("$", "\\$").replace("<", "&lt;")


def numbered_marks(numbers: Iterable[int]) -> str:
    """Return source numbers as a reader sees them: ``[1] [3]``."""
    return " ".join(f"[{number}]" for number in numbers)


Marks = Callable[[Iterable[int]], str]
"""How source numbers are written."""


# -- the parts of an answer ---------------------------------------------------------------------------------------------


def explanation_markdown(answer: Answer, marks: Marks = numbered_marks) -> str:
    """Return the explanation: headings, paragraphs, source numbers, and a visible mark on what the check could not support."""
    return "\n\n".join(_sentence(sentence, marks) for sentence in answer.explanation)


def payers_markdown(answer: Answer, marks: Marks = numbered_marks) -> str:
    """Return where payers differ, or an empty string."""
    return "\n\n".join(_sentence(sentence, marks) for sentence in answer.payers)


def _sentence(sentence: Sentence, marks: Marks) -> str:
    text, cited = prose(sentence.text.strip()), marks(sentence.sources)
    if sentence.flags:
        text = f"⚠ **Not supported by its source ({prose('; '.join(sentence.flags))}):** {text}"
    # A block of several lines carries its number on the heading: behind its last list item it would look like that item's own.
    if sentence.heading:
        heading = f"**{prose(sentence.heading)}**"
        if "\n" in text and cited:
            return f"{heading} {cited}\n\n{text}"
        return f"{heading}\n\n{text} {cited}".rstrip()
    return f"{text} {cited}".rstrip()


def table_markdown(table: Table) -> str:
    """Return ``table`` as a Markdown table."""
    lines = [table.columns, tuple("---" for _ in table.columns), *table.rows]
    return "\n".join(f"| {' | '.join(line if line == '---' else cell(line) for line in row)} |" for row in lines)


def frame_line(answer: Answer) -> str:
    """Return the frame of the answer: setting and date of service."""
    day = answer.on.isoformat()
    return (
        f"{SETTING_NAMES[answer.setting]}, date of service {day}{'' if answer.on_was_given else ' (today, none given)'}"
    )


def writer_line(answer: Answer) -> str:
    """Return who wrote the text."""
    return (
        "No model: composed from the sources"
        if answer.writer == "composer"
        else f"Phrased by {answer.writer}; rules and check are local"
    )


def step_line(step: Step) -> str:
    """Return one step of the trace as a reader sees it."""
    return f"{STEP_NAMES.get(step.name, step.name)}: {step.did} ({step.milliseconds:,.0f} ms)"


def answer_markdown(answer: Answer) -> str:
    """Return the whole answer as one Markdown text."""
    lead = f"**{prose(answer.lead)}** {numbered_marks(answer.lead_sources)}".rstrip()
    parts = [lead, f"*{frame_line(answer)}*"]
    if answer.table:
        parts.append(table_markdown(answer.table))
    if answer.explanation:
        parts.append(explanation_markdown(answer))
    if answer.must_show:
        parts.append("**The record must show**\n\n" + "\n".join(f"- {prose(item)}" for item in answer.must_show))
    if answer.payers:
        parts.append(f"**Where payers differ**\n\n{payers_markdown(answer)}")
    if answer.sources:
        parts.append(
            "**Sources**\n\n" + "\n\n".join(f"[{source.number}] {prose(source.line)}" for source in answer.sources)
        )
    parts += [f"> {prose(notice)}" for notice in answer.notices]
    if answer.follow_ups:
        parts.append("**Next**\n\n" + "\n".join(f"- {prose(question)}" for question in answer.follow_ups))
    return "\n\n".join(parts)


# -- what a source opens ------------------------------------------------------------------------------------------------

_COLUMN_NAMES = {
    "column1": "column 1 code", "column2": "column 2 code", "indicator": "modifier indicator", "adjudication": "MAI", "pctc": "PC/TC",
    "global_days": "global days", "multiple": "multiple procedure", "bilateral": "bilateral surgery", "assistant": "assistant surgeon",
    "cosurgeon": "co-surgeons", "team": "team surgery", "endoscopic_base": "endoscopic base code", "apc": "APC", "effective": "effective",
    "deletion": "deleted", "ncci_associated": "NCCI-associated", "valid_from": "valid from", "valid_to": "valid to",
    "work_rvu": "work RVU", "nonfacility_pe_rvu": "PE RVU, non-facility", "facility_pe_rvu": "PE RVU, facility", "malpractice_rvu": "MP RVU",
}  # fmt: skip


def source_label(source: Source) -> str:
    """Return a source as one short line: its number and what it is; where it comes from is told when it is opened."""
    evidence = source.evidence
    if isinstance(evidence, Passage):
        kind = "publication" if evidence.document.kind is DocumentKind.PUBLICATION else "card"
        return f"[{source.number}] {evidence.document.title} ({kind}, {evidence.document.edition})"
    return f"[{source.number}] {evidence.cited}"


def row_facts(row: Row) -> tuple[tuple[str, str], ...]:
    """Return what a table row says, column by column; empty for a row whose absence is the point."""
    return tuple((_COLUMN_NAMES.get(name, name.replace("_", " ")), value) for name, value in row.columns)


def source_facts(edition: Edition, standing: Standing = Standing.IN_FORCE) -> tuple[tuple[str, str], ...]:
    """Return where rows come from: publisher, edition, dates, licence, file and checksum."""
    until = edition.effective_to.isoformat() if edition.effective_to else "open"
    facts = [
        ("publisher", edition.publisher),
        ("table", edition.title),
        ("edition", edition.label),
        ("dates of service", f"{shown_date(edition.effective_from)} to {until}"),
        ("setting", SETTING_NAMES[edition.setting] if edition.setting else ""),
        (
            "holds",
            "every row its publisher issued" if edition.complete else "part of the rows: a missing row says nothing",
        ),
        (
            "standing on the date of service",
            "" if standing is Standing.IN_FORCE else f"{standing}: no loaded edition covers it",
        ),
        ("licence", edition.licence.value),
        ("read from", edition.source),
        ("SHA-256", edition.sha256),
    ]
    return tuple((name, value) for name, value in facts if value)


def passage_facts(passage: Passage) -> tuple[tuple[str, str], ...]:
    """Return where a passage comes from: kind, what it restates, dates and licence."""
    document = passage.document
    kind = {
        DocumentKind.CODE_CARD: "our card: plain-language summary, not the official descriptor",
        DocumentKind.MODIFIER_CARD: "our card: plain-language summary, not the official wording",
        DocumentKind.RULE_CARD: "our card",
        DocumentKind.PUBLICATION: "publication",
    }[document.kind]
    facts = [
        ("kind", kind),
        *(("restates", source.cited) for source in document.sources),
        (
            "dates of service",
            f"{shown_date(document.effective_from)} to {document.effective_to.isoformat() if document.effective_to else 'open'}",
        ),
        ("reviewed", document.reviewed_on.isoformat() if document.reviewed_on else ""),
        ("edition", document.edition),
        ("page", str(passage.page) if passage.page else ""),
        ("section", passage.section),
        ("licence", document.licence.value),
        ("document", document.id),
    ]
    return tuple((name, value) for name, value in facts if value)


def source_text(evidence: Evidence) -> str:
    """Return what stands behind a source: the passage's text, or the row's columns as lines."""
    if isinstance(evidence, Passage):
        return prose(evidence.text)
    facts = row_facts(evidence)
    if not facts:
        return f"The edition holds no row {prose(evidence.key)}."
    return table_markdown(Table(("column", "value"), facts))


def shown_date(day: date) -> str:
    """Return a date, or words for the earliest one a table can hold."""
    return "the beginning" if day == date.min else day.isoformat()


# -- an answer as data --------------------------------------------------------------------------------------------------


def answer_data(answer: Answer) -> dict[str, Any]:
    """Return the whole answer with its evidence as plain data: dictionaries, lists, strings, numbers, booleans and None."""
    data = as_data(answer)
    assert isinstance(data, dict)
    data["sources"] = [_source_data(source) for source in answer.sources]
    return data


def _source_data(source: Source) -> dict[str, Any]:
    kind = "passage" if isinstance(source.evidence, Passage) else "row"
    return {"number": source.number, "line": source.line, "kind": kind, "evidence": as_data(source.evidence)}


def as_data(value: object) -> Any:
    """Return a frozen value of this program as plain data; pairs of column and value become a dictionary."""
    if isinstance(value, Row):
        return {
            "table": value.table,
            "key": value.key,
            "columns": dict(value.columns),
            "edition": as_data(value.edition),
            "standing": value.standing.value,
        }
    if is_dataclass(value):
        return {field.name: as_data(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple | list):
        return [as_data(item) for item in value]
    return value


def hits_table(hits: Iterable[Hit]) -> Table:
    """Return what a search found: code or card, what it is, how sure, and what found it."""
    rows = tuple(
        (_written(hit) if hit.leads_to_code else hit.passage_id, hit.system if hit.leads_to_code else hit.topic, " ".join(hit.text.split())[:120],
         f"{hit.score:.2f}", ", ".join(leg.value for leg in hit.legs))
        for hit in hits
    )  # fmt: skip
    return Table(("code or card", "system", "text", "score", "found by"), rows)


def _written(hit: Hit) -> str:
    return Code(CodeSystem(hit.system), hit.code).shown
