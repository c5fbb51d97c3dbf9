"""Measuring the program: cases, retrieval, search and redaction, as tables on the terminal."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.text import Text

from knowledge.errors import InputError
from knowledge.home import Home
from ui.terminal import console

if TYPE_CHECKING:
    from evals.cases import Case

__all__ = ["measure_answers", "measure_cards", "measure_redaction", "measure_search", "real_data"]


def real_data() -> Path | None:
    """Return the folder that the setting ``MEDCODE_REAL_DATA`` names, where the development sets lie, or None when it is not set."""
    chosen = os.environ.get("MEDCODE_REAL_DATA")
    return Path(chosen) if chosen else None


def measure_answers(
    home: Home, *, keep: Path | None, against: Path | None, show_failures: bool, limit: int | None
) -> None:
    """Ask the cases that ship with the program (and the example questions, where they are), keep every answer and print the scores."""
    from evals.report import comparison_table, failures, run_table, setup_lines
    from evals.runner import load_run, run
    from ui.assembly import build_assistant, configured_model, open_knowledge

    cases = _cases()[:limit]
    folder = keep or home.root / "evals" / datetime.now().strftime("%Y%m%d-%H%M%S")
    before = load_run(against) if against else None
    model = configured_model()
    with open_knowledge(home) as knowledge, _bar() as bar:
        task = bar.add_task("cases", total=len(cases))
        measured = run(
            build_assistant(knowledge, model=model), cases, folder, editions=[edition.cited for edition in knowledge.reference.editions],
            model=model.name if model else "composer", vectors=lambda: knowledge.vectors_ready, progress=lambda done, _: bar.update(task, completed=done),
        )  # fmt: skip
    out = console()
    out.print(run_table(measured))
    for line in setup_lines(measured):
        out.print(Text(line, "bright_black"))
    if show_failures:
        for case, scorer, why in failures(measured):
            out.print(Text(f"{case}  {scorer}: {why}"))
    if before is not None:
        out.print(comparison_table(before, measured))
    console(errors=True).print(Text(f"Every answer is kept in {folder}."))


def _cases() -> Sequence[Case]:
    from evals.cases import our_cases, our_examples

    folder = real_data()
    return (*our_cases(), *(our_examples(folder) if folder else ()))


def measure_cards(home: Home) -> None:
    """Print how well cards are found for the questions that ship with the program, by method."""
    from evals.card_search import report
    from evals.cases import our_card_questions
    from evals.report import card_search_table
    from ui.assembly import build_assistant, open_knowledge

    with open_knowledge(home) as knowledge:
        console().print(card_search_table(report(knowledge, our_card_questions(), build_assistant(knowledge))))


def measure_search(home: Home, *, limit: int | None) -> None:
    """Print how well codes are found on the development sets: the whole search, words alone and vectors alone.

    Raises :class:`~knowledge.errors.InputError` when the sets are not there.
    """
    from evals.search_benchmark import report

    folder = real_data()
    if folder is None or not (folder / "evals").is_dir():
        raise InputError(
            "expected the development sets in the folder evals below MEDCODE_REAL_DATA: set it to where they are"
        )
    for line in report(home, folder / "evals", limit=limit).lines():
        print(line)


def measure_redaction(*, limit: int | None) -> None:
    """Print how many identifiers are found, on our own texts and on the development sets where they are."""
    from evals.redact import report

    folder = real_data()
    console().print(report(folder / "evals" if folder else None, limit=limit))


def _bar() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=36),
        MofNCompleteColumn(),
        console=console(errors=True),
        transient=True,
    )
