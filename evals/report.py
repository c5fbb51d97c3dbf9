"""What a run shows: a mean with its interval for every scorer, by topic, the times, the cases that failed, and two runs side by side."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evals.card_search import CardSearchReport
from evals.intervals import Mean, bootstrap, mean
from evals.runner import Asked, Run

if TYPE_CHECKING:
    from rich.console import RenderableType

__all__ = [
    "Change",
    "Line",
    "card_search_table",
    "comparison_table",
    "differences",
    "failures",
    "lines",
    "percentile",
    "run_table",
    "setup_lines",
]


@dataclass(frozen=True, slots=True)
class Line:
    """One scorer over one group of cases."""

    scorer: str
    topic: str
    """Empty for all topics."""
    mean: Mean


@dataclass(frozen=True, slots=True)
class Change:
    """How one scorer moved between two runs, over the cases that both scored."""

    scorer: str
    cases: int
    before: float
    after: float
    low: float
    """95 percent bootstrap interval of the paired difference."""
    high: float
    better: tuple[str, ...]
    worse: tuple[str, ...]
    """Ids of the cases that moved."""


def lines(run: Run) -> tuple[Line, ...]:
    """Return a line for every scorer over all cases, then for every topic in alphabetical order."""
    groups = [
        ("", run.asked),
        *(
            (topic, tuple(one for one in run.asked if one.topic == topic))
            for topic in sorted({one.topic for one in run.asked})
        ),
    ]
    return tuple(
        Line(name, topic, mean(_values(asked, name))) for topic, asked in groups for name in _scorers(run.asked)
    )


def percentile(values: Sequence[float], share: float) -> float | None:
    """Return the value that ``share`` (0 to 1) of ``values`` do not exceed, by nearest rank; None for no values."""
    ordered = sorted(values)
    return ordered[max(0, -(-int(share * 1000) * len(ordered) // 1000) - 1)] if ordered else None


def failures(run: Run) -> tuple[tuple[str, str, str], ...]:
    """Return (case, scorer, why) of every score below 1."""
    return tuple(
        (one.id, got.scorer, got.why)
        for one in run.asked
        for got in one.scores
        if got.value is not None and got.value < 1
    )


def differences(before: Run, after: Run) -> tuple[Change, ...]:
    """Return how every scorer moved on the cases that both runs scored; scorers without such a case are left out."""
    old = {one.id: _by_name(one) for one in before.asked}
    changes: list[Change] = []
    for name in _scorers(after.asked):
        pairs = [
            (one.id, old[one.id][name], _by_name(one)[name])
            for one in after.asked
            if one.id in old and name in old[one.id] and name in _by_name(one)
        ]
        if not pairs:
            continue
        moved = [new - was for _, was, new in pairs]
        low, high = bootstrap(moved)
        changes.append(
            Change(
                name, len(pairs), sum(was for _, was, _ in pairs) / len(pairs), sum(new for _, _, new in pairs) / len(pairs), low, high,
                tuple(id_ for id_, was, new in pairs if new > was), tuple(id_ for id_, was, new in pairs if new < was),
            )
        )  # fmt: skip
    return tuple(changes)


# -- as tables ------------------------------------------------------------------------------------------------------------


def setup_lines(run: Run) -> list[str]:
    """Return what the run was made from, as lines."""
    setup = run.setup
    times = [one.milliseconds for one in run.asked]
    p50, p95 = percentile(times, 0.5), percentile(times, 0.95)
    return [
        f"{len(run.asked)} cases, {setup.revision}, written by {setup.model}, {len(setup.editions)} editions, "
        f"search {'with' if setup.vectors else 'without'} vectors, {setup.started}",
        f"time per answer: p50 {p50:.0f} ms, p95 {p95:.0f} ms"
        if p50 is not None and p95 is not None
        else "no case was asked",
    ]


def run_table(run: Run) -> RenderableType:
    """Return the means by scorer (rows) and topic (columns) for a terminal."""
    from rich.table import Table

    topics = sorted({one.topic for one in run.asked})
    table = Table(title="Scores: mean [95% interval], then by topic", title_justify="left")
    table.add_column("scorer", no_wrap=True)
    table.add_column("n", justify="right")
    table.add_column("all", no_wrap=True)
    for topic in topics:
        table.add_column(topic, justify="right")
    by_place = {(line.scorer, line.topic): line.mean for line in lines(run)}
    for name in _scorers(run.asked):
        whole = by_place[name, ""]
        cells = [_short(by_place[name, topic]) for topic in topics]
        table.add_row(name, str(whole.size), str(whole), *cells)
    return table


def comparison_table(before: Run, after: Run) -> RenderableType:
    """Return two runs side by side for a terminal."""
    from rich.table import Table

    table = Table(title=f"{before.setup.revision} → {after.setup.revision}", title_justify="left")
    for name, justify in (
        ("scorer", "left"),
        ("n", "right"),
        ("before", "right"),
        ("after", "right"),
        ("change", "left"),
        ("better", "left"),
        ("worse", "left"),
    ):
        table.add_column(name, justify="right" if justify == "right" else "left")
    for change in differences(before, after):
        moved = f"{change.after - change.before:+.2f} [{change.low:+.2f}, {change.high:+.2f}]"
        table.add_row(
            change.scorer,
            str(change.cases),
            f"{change.before:.2f}",
            f"{change.after:.2f}",
            moved,
            " ".join(change.better),
            " ".join(change.worse),
        )
    return table


def card_search_table(report: CardSearchReport) -> RenderableType:
    """Return the retrieval of cards by method for a terminal."""
    from rich.table import Table

    table = Table(title=f"Cards found for {report.questions} questions: mean [95% interval]", title_justify="left")
    for name in ("method", "recall@5", "found in 5", "MRR", "p50 ms", "p95 ms"):
        table.add_column(name, no_wrap=True)
    for row in report.rows:
        table.add_row(
            row.method, str(row.recall), str(row.success), str(row.reciprocal), f"{row.p50:.1f}", f"{row.p95:.1f}"
        )
    return table


def _scorers(asked: Iterable[Asked]) -> list[str]:
    return list(dict.fromkeys(got.scorer for one in asked for got in one.scores))


def _values(asked: Iterable[Asked], name: str) -> list[float]:
    return [got.value for one in asked for got in one.scores if got.scorer == name and got.value is not None]


def _by_name(one: Asked) -> dict[str, float]:
    return {got.scorer: got.value for got in one.scores if got.value is not None}


def _short(found: Mean) -> str:
    return "-" if found.value is None else f"{found.value:.2f}"
