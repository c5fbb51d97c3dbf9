"""Running cases through an assistant and keeping every answer with what it was made from.

A run is a folder: ``run.json`` (commit or version, model, editions, when, how many) and ``answers.jsonl`` (one line a case: the whole answer, its scores and its
time), so that a figure can always be traced to the sentence behind it and two runs can be compared.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Protocol

from assistant.chain import Done, Event
from assistant.prompt import SYSTEM
from assistant.types import Answer, Turn
from evals.cases import Case
from evals.scorers import Reply, Score, score, score_refusal
from knowledge.errors import InputError
from knowledge.passages import Topic
from knowledge.records import Setting

__all__ = ["Asked", "Asks", "Run", "Setup", "load_run", "revision", "run"]


class Asks(Protocol):
    """What a run needs of an assistant; see :class:`assistant.chain.Assistant`."""

    def stream(
        self,
        text: str,
        *,
        on: date | None = None,
        setting: Setting | None = None,
        topics: tuple[Topic, ...] = (),
        history: tuple[Turn, ...] = (),
    ) -> Any:
        """Yield the events of one question, :class:`~assistant.chain.Done` last."""
        ...


@dataclass(frozen=True, slots=True)
class Setup:
    """What the answers of a run were made from."""

    revision: str
    """Commit of the program, or its version where it is installed without one."""
    model: str
    """Name of the language model, or ``composer``."""
    editions: tuple[str, ...]
    """Every loaded edition, as cited."""
    vectors: bool
    """Whether search had its vectors from the first question to the last."""
    prompt: str
    """First 16 hexadecimal digits of the SHA-256 of the instructions a model gets."""
    started: str


@dataclass(frozen=True, slots=True)
class Asked:
    """One case of a run."""

    id: str
    topic: str
    question: str
    answer: dict[str, Any] | None
    """The whole answer as it can be stored; None where the question was turned away."""
    turned_away: str
    """The one-line message of a question that was turned away, else empty."""
    milliseconds: float
    scores: tuple[Score, ...]


@dataclass(frozen=True, slots=True)
class Run:
    """A run: what it was made from and every case."""

    setup: Setup
    asked: tuple[Asked, ...]


def run(
    assistant: Asks,
    cases: Sequence[Case],
    folder: Path,
    *,
    editions: Sequence[str] = (),
    model: str = "composer",
    vectors: Callable[[], bool] = lambda: False,
    progress: Callable[[int, int], None] = lambda done, all_: None,
) -> Run:
    """Ask every case, keep every answer in ``folder`` and return the run.

    A question that the assistant turns away is kept with its message; any other failure is a bug and stops the run after what was answered has been kept.
    ``progress`` is told (cases done, cases in all).
    """
    folder.mkdir(parents=True, exist_ok=True)
    vectors_before = vectors()
    started = datetime.now(UTC).isoformat(timespec="seconds")
    asked: list[Asked] = []
    with (folder / "answers.jsonl").open("w", encoding="utf-8") as kept:
        for done, case in enumerate(cases, start=1):
            one = _ask(assistant, case)
            kept.write(json.dumps(asdict(one), ensure_ascii=False) + "\n")
            kept.flush()
            asked.append(one)
            progress(done, len(cases))
    setup = Setup(
        revision(),
        model,
        tuple(editions),
        vectors_before and vectors(),
        hashlib.sha256(SYSTEM.encode()).hexdigest()[:16],
        started,
    )
    (folder / "run.json").write_text(json.dumps(asdict(setup), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return Run(setup, tuple(asked))


def load_run(folder: Path) -> Run:
    """Return the run kept in ``folder``.

    Raises :class:`~knowledge.errors.InputError` when there is none.
    """
    try:
        setup = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        lines = (folder / "answers.jsonl").read_text(encoding="utf-8").splitlines()
        rows = [json.loads(line) for line in lines]
        asked = tuple(Asked(**{**row, "scores": tuple(Score(**one) for one in row["scores"])}) for row in rows)
        return Run(Setup(**{**setup, "editions": tuple(setup["editions"])}), asked)
    except OSError as error:
        raise InputError(
            f"no evaluation in {folder}: expected run.json and answers.jsonl, run `medcode eval` first"
        ) from error
    except (ValueError, TypeError, KeyError) as error:
        raise InputError(
            f"the evaluation in {folder} was not written by this version: run `medcode eval` again"
        ) from error


def revision() -> str:
    """Return the commit of the source tree this runs from, marked when it has changes, else the installed version."""
    here = Path(__file__).parent
    try:
        done = subprocess.run(
            ["git", "describe", "--always", "--dirty", "--abbrev=12"],
            cwd=here,
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
        )
        return f"commit {done.stdout.strip()}"
    except (OSError, subprocess.SubprocessError):
        try:
            return f"version {version('medcode-assistant')}"
        except PackageNotFoundError:
            return "unknown version"


def _ask(assistant: Asks, case: Case) -> Asked:
    history: tuple[Turn, ...] = ()
    began = time.perf_counter()
    try:
        for earlier in case.before:
            history = (
                *history,
                _last(assistant.stream(earlier, on=case.on, setting=case.setting, history=history)).turn,
            )
        began = time.perf_counter()
        done = _last(assistant.stream(case.question, on=case.on, setting=case.setting, history=history))
    except InputError as error:
        spent = (time.perf_counter() - began) * 1000
        return Asked(case.id, case.topic, case.question, None, str(error), spent, score_refusal(case, str(error)))
    spent = (time.perf_counter() - began) * 1000
    # The question as the answer stores it: identifiers replaced.
    scores = score(case, Reply(done.answer, done.turn.passages))
    return Asked(case.id, case.topic, done.answer.question, _stored(done.answer), "", spent, scores)


def _last(events: Any) -> Done:
    kept: deque[Event] = deque(events, maxlen=1)
    event = kept[0] if kept else None
    if not isinstance(event, Done):
        raise RuntimeError(f"expected the answer as the last event of the chain, got {type(event).__name__}")
    return event


def _stored(answer: Answer) -> dict[str, Any]:
    """Return the answer as JSON values, sources by their line."""
    return {
        "verdict": answer.verdict,
        "lead": answer.lead,
        "lead_sources": list(answer.lead_sources),
        "table": [list(answer.table.columns), *map(list, answer.table.rows)] if answer.table else [],
        "explanation": [asdict(sentence) for sentence in answer.explanation],
        "must_show": list(answer.must_show),
        "payers": [asdict(sentence) for sentence in answer.payers],
        "sources": [[source.number, source.line] for source in answer.sources],
        "follow_ups": list(answer.follow_ups),
        "notices": list(answer.notices),
        "findings": [[finding.rule, finding.verdict, finding.headline] for finding in answer.findings],
        "trace": [asdict(step) for step in answer.trace],
        "on": answer.on.isoformat(),
        "setting": answer.setting,
        "writer": answer.writer,
        "hidden": answer.hidden,
    }
