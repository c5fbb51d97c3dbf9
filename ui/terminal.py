"""Answers, pages and tables on a terminal: the only module that draws with rich."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence

from rich.console import Console, Group, RenderableType
from rich.constrain import Constrain
from rich.markdown import Markdown
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table as Grid
from rich.text import Text

from assistant.types import Answer, Finding, Row, Sentence, Step, Table, Verdict
from knowledge.codes import Code
from knowledge.comparing import Difference, Event
from knowledge.passages import Passage
from knowledge.records import Edition
from ui.code_page import CodePage, Section
from ui.inventory import Inventory, vectors_line
from ui.views import (
    VERDICT_WORDS,
    explanation_markdown,
    frame_line,
    numbered_marks,
    passage_facts,
    payers_markdown,
    prose,
    row_facts,
    source_facts,
    step_line,
    writer_line,
)

__all__ = [
    "console",
    "show_answer",
    "show_differences",
    "show_findings",
    "show_history",
    "show_holdings",
    "show_page",
    "show_sources",
    "show_trace",
    "steps_so_far",
    "table_of",
]

_COLOURS = {Verdict.YES: "green", Verdict.NO: "red", Verdict.YES_IF: "yellow", Verdict.NO_DATA: "bright_black"}
_READING_WIDTH = 108
"""Columns beyond which lines of prose tire the eye; tables may be wider."""


def console(*, errors: bool = False) -> Console:
    """Return a console on standard output (or standard error); wide when the output is no terminal, so that nothing is cut."""
    made = Console(stderr=errors, highlight=False)
    if not made.is_terminal and "COLUMNS" not in os.environ:
        made = Console(stderr=errors, highlight=False, width=160)
    return made


def table_of(table: Table, title: str = "", *, wide: Iterable[str] = ()) -> Grid:
    """Return ``table`` for the terminal; columns named in ``wide`` are kept on one line."""
    grid = Grid(
        title=title or None,
        title_justify="left",
        title_style="bold",
        header_style="bold",
        box=None,
        pad_edge=False,
        padding=(0, 2, 0, 0),
    )
    kept = set(wide)
    for place, column in enumerate(table.columns):
        grid.add_column(column, no_wrap=column in kept or place == 0, overflow="fold")
    for row in table.rows:
        grid.add_row(*(Text(value) for value in row))
    return grid


def show_answer(out: Console, answer: Answer) -> None:
    """Print an answer in the order of the answer contract."""
    out.print()
    out.print(_lead(answer))
    out.print(Text(frame_line(answer), "bright_black"))
    out.print()
    if answer.table:
        out.print(table_of(answer.table))
        out.print()
    if answer.explanation:
        out.print(_read(explanation_markdown(answer)))
    if answer.must_show:
        out.print(Text("\nThe record must show", "bold"))
        out.print(_read("\n".join(f"- {prose(item)}" for item in answer.must_show)))
    if answer.payers:
        out.print(Text("\nWhere payers differ", "bold"))
        out.print(_read(payers_markdown(answer)))
    if answer.sources:
        out.print(Text("\nSources", "bold"))
        for source in answer.sources:
            out.print(Constrain(Text(f"[{source.number}] {source.line}"), _READING_WIDTH))
    if answer.notices:
        out.print()
    for notice in answer.notices:
        out.print(Constrain(Text(f"! {notice}", "yellow"), _READING_WIDTH))
    if answer.follow_ups:
        out.print(Text("\nNext", "bold"))
        for question in answer.follow_ups:
            out.print(Text(f"  {question}"))
    out.print(Text(f"\n{writer_line(answer)}.", "bright_black"))


def _lead(answer: Answer) -> RenderableType:
    text = Text(f"{answer.lead} {numbered_marks(answer.lead_sources)}".strip(), "bold")
    if answer.verdict is None:
        return text
    colour = _COLOURS[answer.verdict]
    return Panel(
        text,
        title=VERDICT_WORDS[answer.verdict],
        title_align="left",
        border_style=colour,
        width=_READING_WIDTH,
        padding=(0, 1),
    )


def _read(markdown: str) -> RenderableType:
    return Constrain(Markdown(markdown), _READING_WIDTH)


def steps_so_far(steps: Sequence[Step], sentences: Sequence[Sentence]) -> RenderableType:
    """Return the steps that have ended and the sentences written so far, for a live display."""
    lines: list[RenderableType] = [Text(f"✓ {step_line(step)}", "bright_black") for step in steps]
    return Group(*lines, *(Text(sentence.text) for sentence in sentences))


def show_trace(out: Console, answer: Answer, prompt: str) -> None:
    """Print every step with its time, and what the prompt held."""
    rows = tuple((step.name, step.did, f"{step.milliseconds:,.1f}") for step in answer.trace)
    out.print()
    out.print(table_of(Table(("step", "what it did", "ms"), rows), "Trace"))
    out.print(Text(prompt, "bright_black"))


def show_sources(out: Console, answer: Answer) -> None:
    """Print what every source opens: the row with its edition, or the passage."""
    for source in answer.sources:
        evidence = source.evidence
        out.print(Text(f"\n[{source.number}] {source.line}", "bold"))
        if isinstance(evidence, Passage):
            out.print(Padding(Markdown(prose(evidence.text)), (0, 0, 0, 4)))
            facts = passage_facts(evidence)
        else:
            facts = _row_lines(evidence)
        for name, value in facts:
            out.print(Padding(Text.assemble((f"{name}: ", "bright_black"), value), (0, 0, 0, 4)))


def _row_lines(row: Row) -> tuple[tuple[str, str], ...]:
    return (*row_facts(row), *source_facts(row.edition, row.standing))


def show_page(out: Console, page: CodePage) -> None:
    """Print a code page."""
    out.print()
    out.print(Text.assemble((f"{page.system} {page.subject}  ", "bold cyan"), (page.title, "bold")))
    if page.title_note:
        out.print(Text(page.title_note, "bright_black"))
    if page.glance:
        out.print()
        out.print(table_of(Table(("at a glance", "", ""), page.glance)))
    for section in page.sections:
        _show_section(out, section)
    out.print(Text(f"\nDate of service {page.on.isoformat()}.", "bright_black"))


def _show_section(out: Console, section: Section) -> None:
    out.print()
    out.print(Text(section.heading, "bold cyan"))
    if section.text:
        out.print(_read(section.text))
    if section.table:
        out.print(table_of(section.table))
    if section.note:
        out.print(Text(section.note, "bright_black"))
    if section.sources and not section.name.startswith("card: "):
        out.print(Text(f"Source: {'; '.join(section.sources)}", "bright_black"))


def show_findings(out: Console, findings: Sequence[Finding], verdict: Verdict) -> None:
    """Print what the rules found for a claim, then the verdict on it."""
    grid = Grid(header_style="bold", box=None, pad_edge=False, padding=(0, 2, 1, 0))
    for column in ("verdict", "rule", "lines"):
        grid.add_column(column, no_wrap=True)
    grid.add_column("what was found")
    for finding in findings:
        told = Text(finding.headline)
        for reason in finding.reasons if finding.verdict is not Verdict.YES else ():
            told.append(f"\n{reason}", "bright_black")
        for item in finding.must_show:
            told.append(f"\nThe record must show: {item}", "italic")
        if finding.load and finding.verdict is Verdict.NO_DATA:
            told.append(f"\nTo settle it, load {finding.load}.", "yellow")
        for row in finding.rows:
            told.append(f"\nSource: {row.cited}", "bright_black")
        grid.add_row(
            Text(VERDICT_WORDS[finding.verdict], _COLOURS[finding.verdict]),
            finding.rule,
            " + ".join(finding.codes),
            told,
        )
    out.print()
    out.print(grid)
    out.print(Text.assemble("Altogether: ", (VERDICT_WORDS[verdict], f"bold {_COLOURS[verdict]}")))


def show_holdings(out: Console, inventory: Inventory, table: Table) -> None:
    """Print what is loaded, how far the vectors are and where everything is kept."""
    out.print()
    out.print(table_of(table))
    out.print()
    for name, value in (
        ("Vectors", vectors_line(inventory.vectors, inventory.vectors_ready)),
        ("Kept in", f"{inventory.home} ({inventory.bytes_on_disk / 1e6:,.0f} MB; MEDCODE_HOME changes it)"),
        ("In use", inventory.reference.name),
        ("Built", inventory.built_at or "unknown"),
    ):
        out.print(Text.assemble((f"{name}: ", "bold"), value))


def show_differences(out: Console, old: Edition, new: Edition, differences: Sequence[Difference], limit: int) -> None:
    """Print what changed between two editions, at most ``limit`` rows."""
    rows = tuple((str(d.change), " ".join(d.key), _fields(d.before), _fields(d.after)) for d in differences[:limit])
    if not rows:
        out.print(Text(f"Nothing differs between {old.cited} and {new.cited}."))
        return
    out.print(
        table_of(Table(("change", "key", old.label, new.label), rows), f"{old.title}: {old.label} to {new.label}")
    )
    if len(differences) > limit:
        out.print(Text(f"Only the first {limit} are shown; --csv prints all, --limit shows more."))


def show_history(out: Console, code: Code, events: Sequence[Event]) -> None:
    """Print a code's life, oldest first."""
    rows = tuple(
        (event.on.isoformat() if event.on else "not shown", event.what, event.edition.cited) for event in events
    )
    out.print(table_of(Table(("from", "what", "edition"), rows), f"{code.system.label} {code}"))


def _fields(values: Sequence[tuple[str, str]]) -> str:
    return ", ".join(f"{name} {value}" for name, value in values)
