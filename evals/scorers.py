"""Scorers: a case and the answer to it give a score from 0 to 1, or no score where the case does not ask for it.

No score is not a wrong one: it is left out of every mean. Whether a code or number was made up is judged here without the assistant's own check, from the
words alone: what stands in the answer must stand in the question, in a finding or in something the answer cites.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from assistant.rules.indicators import MEANINGS
from assistant.types import Answer, Evidence, Finding, Sentence, Verdict
from evals.cases import Case
from knowledge.passages import DocumentKind, Passage

__all__ = ["SCORERS", "Reply", "Score", "Scorer", "readable", "score", "score_refusal"]


@dataclass(frozen=True, slots=True)
class Score:
    """What one scorer says of one answer."""

    scorer: str
    value: float | None
    """From 0 to 1; None where the case does not ask for it."""
    why: str = ""
    """What was missing or wrong; empty for a full score."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer with the passages it was written from; a card is cited whole, so opening it opens all of them."""

    answer: Answer
    passages: tuple[Passage, ...] = ()


Scorer = Callable[[Case, Reply], Score]


def score(case: Case, reply: Reply) -> tuple[Score, ...]:
    """Return the scores of every scorer."""
    return tuple(scorer(case, reply) for scorer in SCORERS)


def score_refusal(case: Case, message: str) -> tuple[Score, ...]:
    """Return the scores of a question that was turned away with ``message`` instead of an answer."""
    if case.behaviour == "answers":
        first = Score("facts", 0.0, f"no answer: {message}")
    else:
        first = Score("declines", 1.0 if case.behaviour == "declines" else None)
    return (first, _said_nothing_of(case.identifiers, message))


# -- what the answer says -------------------------------------------------------------------------------------------------


def readable(answer: Answer) -> str:
    """Return what a reader is told, one statement or table row a line, without the list of sources.

    A table cell is written with its column's name, as a reader sees it: ``units a day 2 (MAI 3)``.
    """
    lines = [answer.lead]
    if answer.table:
        lines += [
            "; ".join(f"{name} {cell}" for name, cell in zip(answer.table.columns, row, strict=True) if cell) + "."
            for row in answer.table.rows
        ]
    for sentence in (*answer.explanation, *answer.payers):
        lines += [sentence.heading] if sentence.heading else []
        lines.append(sentence.text)
    lines += [f"The record must show {item}" for item in answer.must_show]
    return "\n".join((*lines, *answer.notices))


def facts(case: Case, reply: Reply) -> Score:
    """Score the share of the case's facts that the answer states."""
    if not case.facts:
        return Score("facts", None)
    text = readable(reply.answer)
    missing = [fact.says for fact in case.facts if not fact.holds(text)]
    return Score("facts", 1 - len(missing) / len(case.facts), "; ".join(missing))


def all_facts(case: Case, reply: Reply) -> Score:
    """Score 1 where every fact is stated."""
    share = facts(case, reply)
    return Score("all facts", None if share.value is None else float(share.value == 1), share.why)


def forbidden(case: Case, reply: Reply) -> Score:
    """Score 1 where nothing forbidden is said."""
    if not case.forbidden:
        return Score("nothing forbidden", None)
    text = readable(reply.answer)
    said = [fact.says for fact in case.forbidden if fact.holds(text)]
    return Score("nothing forbidden", float(not said), "; ".join(said))


def verdict(case: Case, reply: Reply) -> Score:
    """Score 1 where the answer leads with the case's verdict."""
    if case.verdict is None:
        return Score("verdict", None)
    given = reply.answer.verdict
    right = given is case.verdict
    return Score("verdict", float(right), "" if right else f"expected {case.verdict}, got {given or 'none'}")


def declines(case: Case, reply: Reply) -> Score:
    """Score 1 where an answer that should say it cannot say does so; and where one that should answer does answer."""
    answer = reply.answer
    said = answer.verdict is Verdict.NO_DATA or answer.lead.startswith(("No data", "I cannot answer"))
    if case.behaviour == "declines":
        return Score("declines", float(said), "" if said else f"it answered: {answer.lead[:120]}")
    if case.verdict is Verdict.NO_DATA or case.behaviour == "either":
        return Score("declines", None)
    return Score("declines", float(not said), f"it declined: {answer.lead[:120]}" if said else "")


# -- made up --------------------------------------------------------------------------------------------------------------

_DATE = re.compile(r"\b\d{4}-\d\d-\d\d\b")
_CODE = re.compile(
    r"(?<![\w.])(?:[A-Z]\d[0-9A-Z]\.[0-9A-Z]{1,4}|\d{5}|\d{4}[FTUMA]|[A-Z]\d{4}|[0-9A-HJ-NP-Z]*\d[0-9A-HJ-NP-Z]*(?<=[0-9A-Z]{7}))(?![\w]|\.\d)"
)
_NUMBER = re.compile(r"(?<![\w.,])\d+(?:,\d{3})*(?:\.\d+)?(?!\w)")


def codes(case: Case, reply: Reply) -> Score:
    """Score 1 where every code in the answer stands in the question, a finding or something it cites."""
    answer = reply.answer
    known = _codes("\n".join(_known(case, reply)))
    known |= {
        code.replace(".", "")
        for source in answer.sources
        if isinstance(source.evidence, Passage)
        for code in source.evidence.document.codes
    }
    invented = sorted(_codes("\n".join((*_told(answer), *answer.follow_ups))) - known)
    return Score("no invented code", float(not invented), ", ".join(invented))


def numbers(case: Case, reply: Reply) -> Score:
    """Score 1 where every number and date in the answer stands in the question, a finding or something it cites."""
    invented = sorted(_numbers("\n".join(_told(reply.answer))) - _numbers("\n".join(_known(case, reply))))
    return Score("no invented number", float(not invented), ", ".join(invented))


def citations(case: Case, reply: Reply) -> Score:
    """Score the share of figures-bearing statements that cite a source, all of which open and hold the statement's codes and numbers."""
    answer = reply.answer
    opened = {source.number: _opened(source.evidence, reply) for source in answer.sources}
    asked = "\n".join((case.question, *case.before, answer.question, answer.on.isoformat()))
    stated = [sentence for sentence in _sentences(answer) if _codes(sentence.text) | _numbers(sentence.text)]
    faults = [fault for sentence in stated if (fault := _citation_fault(sentence, opened, asked, answer.findings))]
    if not stated:
        return Score("citations", None)
    return Score("citations", 1 - len(faults) / len(stated), "; ".join(faults))


def identifiers(case: Case, reply: Reply) -> Score:
    """Score 1 where none of the question's identifiers is in the answer, its stored question or its trace."""
    answer = reply.answer
    everything = "\n".join((answer.question, answer.text(), *answer.follow_ups, *(step.did for step in answer.trace)))
    return _said_nothing_of(case.identifiers, everything)


SCORERS: tuple[Scorer, ...] = (facts, all_facts, forbidden, verdict, declines, codes, numbers, citations, identifiers)
"""Every scorer, in the order of the report."""


def _said_nothing_of(identifiers: Iterable[str], text: str) -> Score:
    named = tuple(identifiers)
    if not named:
        return Score("no identifier", None)
    repeated = sum(identifier.casefold() in text.casefold() for identifier in named)
    return Score("no identifier", float(not repeated), f"{repeated} of {len(named)} identifiers" if repeated else "")


def _sentences(answer: Answer) -> list[Sentence]:
    return [Sentence(answer.lead, answer.lead_sources), *answer.explanation, *answer.payers]


def _citation_fault(
    sentence: Sentence, opened: dict[int, list[Evidence]], asked: str, findings: Iterable[Finding]
) -> str:
    begins = f"“{sentence.text[:40]}…”"
    if not sentence.sources:
        return f"{begins} cites nothing"
    dead = [number for number in sentence.sources if number not in opened]
    if dead:
        return f"{begins} cites [{dead[0]}], which does not open"
    cited = [item for number in sentence.sources for item in opened[number]]
    # A finding's own words restate its rows (92 days for 090): they count where one of its rows is cited.
    restated = [
        text for finding in findings if any(row in cited for row in finding.rows) for text in _finding_text(finding)
    ]
    known = "\n".join((asked, *map(_opened_text, cited), *restated))
    listed = {code.replace(".", "") for item in cited if isinstance(item, Passage) for code in item.document.codes}
    missing = sorted((_codes(sentence.text) - _codes(known) - listed) | (_numbers(sentence.text) - _numbers(known)))
    return f"{begins} cites nothing that holds {', '.join(missing)}" if missing else ""


def _told(answer: Answer) -> list[str]:
    cells = [cell for row in answer.table.rows for cell in row] if answer.table else []
    return [*cells, *(sentence.text for sentence in _sentences(answer)), *answer.must_show]


def _known(case: Case, reply: Reply) -> list[str]:
    answer = reply.answer
    texts = [case.question, *case.before, answer.question, answer.on.isoformat()]
    for finding in answer.findings:
        texts += [*_finding_text(finding), *map(_opened_text, finding.rows)]
    # A table cell may spell an indicator's value out: the meanings restate the publisher's record layout.
    texts += [meaning for values in MEANINGS.values() for meaning in values.values()]
    return texts + [_opened_text(item) for source in answer.sources for item in _opened(source.evidence, reply)]


def _opened(evidence: Evidence, reply: Reply) -> list[Evidence]:
    if not isinstance(evidence, Passage) or evidence.document.kind is DocumentKind.PUBLICATION:
        return [evidence]
    return [evidence, *(passage for passage in reply.passages if passage.document.id == evidence.document.id)]


def _finding_text(finding: Finding) -> tuple[str, ...]:
    return (finding.headline, *finding.reasons, *finding.must_show, finding.load, *finding.codes)


def _opened_text(evidence: Evidence) -> str:
    if isinstance(evidence, Passage):
        document = evidence.document
        return "\n".join(
            (
                document.title,
                evidence.heading,
                evidence.text,
                document.edition,
                *(source.cited for source in document.sources),
            )
        )
    cells = (f"{name} {value}" for name, value in evidence.columns)
    edition = evidence.edition
    return "\n".join(
        (evidence.key, *cells, evidence.cited, str(edition.effective_from), str(edition.effective_to or ""))
    )


def _codes(text: str) -> set[str]:
    return {match[0].replace(".", "") for match in _CODE.finditer(_DATE.sub(" ", text))}


def _numbers(text: str) -> set[str]:
    rest = _CODE.sub(" ", _DATE.sub(" ", text))
    plain = {_plain(match[0]) for match in _NUMBER.finditer(rest)}
    return plain | {match[0] for match in _DATE.finditer(text)}


def _plain(number: str) -> str:
    text = number.replace(",", "")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    # "090 days" in a table is "90 days" in a sentence.
    return text.lstrip("0") or "0"
