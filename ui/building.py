"""Building with a progress bar: the tables, then the vectors."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from rich.progress import BarColumn, Progress, TextColumn
from rich.text import Text

from knowledge.home import Home
from ui.inventory import age, time_left
from ui.terminal import console

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ingest.build import BuildReport
    from ingest.load import LoadReport

__all__ = ["build_tables", "fetch_files", "fill", "load_files"]


def build_tables(home: Home) -> BuildReport:
    """Build the tables, cards and word index with a progress bar, say what was done, and return it.

    Raises :class:`~knowledge.errors.IngestError` when it cannot be done; the knowledge in use is then what it was.
    """
    from ingest.build import Progress as Stage
    from ingest.build import build

    began = time.monotonic()
    with _bar() as bar:
        task = bar.add_task("reading the sources", total=1.0, left="")

        def tell(stage: Stage) -> None:
            share = stage.done / stage.total if stage.total else 0.0
            spent = time.monotonic() - began
            # Before there is a pace of this machine's own, the build's estimate for two cores stands.
            left = spent * (1 - share) / share if share > 0.1 else (stage.total - stage.done) / 1000
            bar.update(
                task, completed=share, description=stage.step, left=f"about {time_left(left)} left" if share < 1 else ""
            )

        report = build(home, progress=tell)
    _say(report, home)
    return report


def load_files(paths: Sequence[Path], home: Home) -> LoadReport:
    """Load publishers' files with a progress line, say what became of each, and return it."""
    from assistant.types import Table
    from ingest.load import LoadProgress, load
    from ingest.publishers import ReadSettings
    from knowledge.loaded import Outcome
    from knowledge.tokens import TokenCounter
    from ui.terminal import table_of

    with _bar() as bar:
        task = bar.add_task("recognising the files", total=None, left="")

        def tell(now: LoadProgress) -> None:
            rows = f"{now.rows:,} rows" if now.rows else ""
            bar.update(task, description=f"{now.step} {Path(now.place).name}"[:32], left=rows)

        settings = ReadSettings(licence=os.environ.get("MEDCODE_CPT_LICENCE", ""), count=TokenCounter(home.tokens))
        report = load(paths, home, tell, settings=settings)
    rows = tuple(
        (
            Path(file.place).name,
            str(file.outcome),
            "; ".join(file.editions) or file.reason,
            f"{file.read:,}",
            f"{file.accepted:,}",
            f"{file.rejected:,}",
        )
        for file in sorted(report.files, key=lambda file: list(Outcome).index(file.outcome))
    )
    out = console(errors=True)
    out.print(table_of(Table(("file", "outcome", "edition or reason", "read", "kept", "rejected"), rows)))
    for file in report.files:
        for place, reason in file.reasons[:_MOST_REASONS]:
            out.print(Text(f"Rejected: {file.place}, {place}: {reason}", "yellow"))
    return report


def fetch_files(home: Home, names: Sequence[str]) -> None:
    """Download what publishers give plainly, say what came, and list what must be fetched by hand."""
    from ingest.fetch import fetch

    with _bar() as bar:
        task = bar.add_task("asking the publishers", total=None, left="")

        def tell(name: str, done: int, total: int) -> None:
            bar.update(task, description=name[:32], completed=done, total=total or None)

        report = fetch(home, names, progress=tell)
    out = console(errors=True)
    for file in report.fetched:
        out.print(Text(f"{'Fetched' if file.fresh else 'Already here'}: {file.path} ({file.bytes:,} bytes)"))
    for gated in report.gated:
        out.print(Text(f"Accept the licence and download by hand: {gated.page} ({', '.join(gated.files)})", "yellow"))
    for line in report.failed:
        out.print(Text(f"Not fetched: {line}", "yellow"))
    if report.fetched:
        out.print(Text(f"Load them with: medcode build --from {home.downloads / 'publishers'}"))


def fill(home: Home, *, quiet: bool = False) -> None:
    """Make the vectors with a progress bar; ``quiet`` prints nothing and lets other programs go first."""
    from ingest.embed import fill_vectors
    from knowledge.embeddings import configured_embedder
    from knowledge.vectors import Progress as Filled

    if quiet:
        if hasattr(os, "nice"):
            os.nice(10)
        fill_vectors(home, configured_embedder())
        return
    with _bar() as bar:
        task = bar.add_task("vectors", total=1.0, left="")

        def tell(filled: Filled) -> None:
            left = f"about {time_left(filled.seconds_left)} left" if filled.seconds_left else ""
            bar.update(
                task, completed=filled.share, description=f"vectors, {filled.done:,} of {filled.total:,}", left=left
            )

        marker = fill_vectors(home, configured_embedder(), tell)
    console(errors=True).print(Text(f"Search by meaning is ready: {marker.total:,} texts, {marker.embedder}."))


_MOST_REASONS = 5
"""Rejected rows shown of one file; all of them are kept and counted by ``medcode status``."""


def _bar() -> Progress:
    return Progress(
        TextColumn("{task.description:<32}"), BarColumn(bar_width=36), TextColumn("{task.percentage:>3.0f}%"), TextColumn("{task.fields[left]}"),
        console=console(errors=True), transient=True,
    )  # fmt: skip


def _say(report: BuildReport, home: Home) -> None:
    from datetime import date

    from assistant.types import Table
    from ui.inventory import TABLE_NAMES
    from ui.terminal import table_of

    out = console(errors=True)
    if not report.changed:
        out.print(
            Text(
                f"Nothing has changed since the last build; {len(report.editions)} editions are loaded in {home.root}."
            )
        )
    else:
        rows = tuple(
            (
                TABLE_NAMES.get(e.table, e.table),
                e.title,
                e.label,
                f"{e.rows:,}",
                "complete" if e.complete else "partial",
                age(e, date.today()),
            )
            for e in sorted(report.editions, key=lambda e: (TABLE_NAMES.get(e.table, e.table), e.title, e.label))
        )
        out.print(table_of(Table(("table", "title", "edition", "rows", "holds", "age"), rows)))
        kept = f", {report.kept} of your own kept" if report.kept else ""
        out.print(
            Text(
                f"\nBuilt in {report.seconds:.0f} s: {len(report.editions)} editions{kept}, {report.entries:,} searchable texts, in {home.root}."
            )
        )
    for line in (*report.unavailable, *report.refused):
        out.print(Text(f"Not loaded: {line}", "yellow"))
    for line in report.cards:
        out.print(Text(f"Card: {line}", "yellow"))
