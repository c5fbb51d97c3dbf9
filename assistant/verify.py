"""Reading the written answer again: every code, modifier, number, date, edition and verdict must stand in what it cites.

A sentence is checked against the question, the rows and passages it cites and the findings that rest on them. A sentence with anything else in it is
taken out and counted; a sentence that contradicts a finding is replaced by the finding. So an invented figure never reaches the reader unmarked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from assistant.types import Answer, Evidence, Finding, Row, Sentence, Turn, Verdict
from knowledge.passages import DocumentKind, Passage

__all__ = ["Checked", "check_sentence", "facts_in", "verify"]

_CODE = re.compile(
    r"(?<![\w.])(?:[A-Z]\d[0-9A-Z]\.[0-9A-Z]{1,4}|\d{4}[0-9FTUM]|[A-V]\d{4}|[A-TV-Z]\d{2}[0-9A-Z]{1,4})(?![\w])(?!\.\d)"
)
_MODIFIER = re.compile(
    r"\bmodifiers?\s+((?:[0-9A-Z]{2}\b(?:\s*(?:,|/|\band\b|\bor\b)\s*)*)+)|(?<=[0-9A-Z]{5})-([0-9A-Z]{2})\b"
)
_EDITION = re.compile(r"\b(20\d\d)\s*(?:Q|quarter\s*)([1-4])\b|\bQ([1-4])\s*(20\d\d)\b", re.IGNORECASE)
_DATE = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")
_NUMBER = re.compile(r"(?<![\w.])\$?(\d[\d,]*(?:\.\d+)?)(?![\w]|\.\d)")
_WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_WORD_NUMBER = re.compile(rf"\b({'|'.join(_WORDS)})\s+(units?|days?|minutes?|percent|lines?|times)\b", re.IGNORECASE)
_LABELLED = (
    ("indicator", re.compile(r"\bindicator\s+(?:is\s+|of\s+)?([0-9A-Z]{1,2})\b", re.IGNORECASE)),
    ("MAI", re.compile(r"\bMAI\s+(?:is\s+|of\s+)?(\d)\b")),
    ("units", re.compile(r"\b(\d[\d,]*)\s+units?\b", re.IGNORECASE)),
    ("units", re.compile(r"\bMUEs?\s+(?:value\s+|limit\s+|is\s+|of\s+)*(\d+)\b")),
    ("days", re.compile(r"\b(\d+)[\s-]+days?\b", re.IGNORECASE)),
    ("APC", re.compile(r"\bAPC\s+(\d{3,4})\b")),
    ("HCC", re.compile(r"\bHCC\s+(\d{1,3})\b")),
    ("status", re.compile(r"\bstatus(?:\s+(?:code|indicator))?\s+([A-Z]\d?)\b(?!\w)")),
    ("column 1", re.compile(r"\b([0-9A-Z]{5})\s+(?:is\s+)?(?:in\s+)?\(?column 1\b|\bcolumn 1(?:\s+code)?(?:\s+is)?\s+([0-9A-Z]{5})\b")),
    ("column 2", re.compile(r"\b([0-9A-Z]{5})\s+(?:is\s+)?(?:in\s+)?\(?column 2\b|\bcolumn 2(?:\s+code)?(?:\s+is)?\s+([0-9A-Z]{5})\b")),
)  # fmt: skip
_ALLOWS = re.compile(
    r"\b(?:no (?:NCCI )?edit|not bundled|(?:can|may) (?:always |both )?be (?:billed|reported|paid) (?:together|separately)|"
    r"(?:can|may) bill both|freely billable|separately payable|no restriction|always (?:allowed|billable))\b",
    re.IGNORECASE,
)
_FORBIDS = re.compile(
    r"\b(?:never (?:be )?(?:billed|reported|allowed|paid)|can(?:not|'t| not) (?:be )?(?:billed|reported|bill|report)|no modifier (?:may|can|opens|bypasses|will)|"
    r"not allowed under any)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Checked:
    """A sentence after the check: the sentence to show (None when taken out) and what was wrong with the draft."""

    sentence: Sentence | None
    problems: tuple[str, ...]


@lru_cache(maxsize=4096)
def facts_in(text: str) -> frozenset[tuple[str, str]]:
    """Return the checkable facts of ``text`` as (kind, value): code, modifier, edition, date, number, and labelled numbers."""
    facts: set[tuple[str, str]] = set()
    for match in _CODE.finditer(text):
        facts.add(("code", match[0].replace(".", "")))
    for match in _MODIFIER.finditer(text):
        for value in re.findall(r"\b[0-9A-Z]{2}\b", match[1] or match[2]):
            facts.add(("modifier", value))
    for match in _EDITION.finditer(text):
        facts.add(("edition", f"{match[1] or match[4]} Q{match[2] or match[3]}"))
    for match in _DATE.finditer(text):
        facts.add(("date", match[0]))
    rest = _EDITION.sub(" ", _DATE.sub(" ", _CODE.sub(" ", text)))
    for match in _NUMBER.finditer(re.sub(r"(?m)^\s*\d+\.\s", " ", rest)):
        facts.add(("number", _plain_number(match[1])))
    for match in _WORD_NUMBER.finditer(rest):
        facts.add(("number", str(_WORDS.index(match[1].lower()))))
    for label, pattern in _LABELLED:
        for match in pattern.finditer(text):
            value = next(filter(None, match.groups()))
            facts.add((label, _plain_number(value.upper())))
    return frozenset(facts)


def check_sentence(sentence: Sentence, turn: Turn, cited: Sequence[Evidence]) -> Checked:
    """Return ``sentence`` if all it states is supported by the question and ``cited``, else what is wrong with it."""
    findings = [finding for finding in turn.findings if any(row in cited for row in finding.rows)]
    support = _support(turn, _whole_cards(cited, turn), findings)
    missing = sorted(_said(fact) for fact in facts_in(sentence.text) - support if not _covered(fact, support))
    if missing:
        return Checked(None, tuple(f"no cited source holds {fact}" for fact in missing))
    contradicted = _contradicted(sentence.text, turn.findings)
    if contradicted is not None:
        return Checked(
            replace(sentence, text=contradicted.headline, flags=("replaced by the finding",)),
            ("it contradicted a finding",),
        )
    return Checked(sentence, ())


def verify(turn: Turn) -> Turn:
    """Return the turn with its answer checked sentence by sentence; what was taken out is counted in a notice."""
    answer = turn.answer
    if answer is None:
        return turn
    evidence = {source.number: source.evidence for source in answer.sources}
    kept: list[Sentence] = []
    problems: list[str] = []
    for sentence in answer.explanation:
        checked = check_sentence(sentence, turn, _cited(sentence.sources, evidence))
        problems += checked.problems
        if checked.sentence is not None:
            kept.append(checked.sentence)
    notices = answer.notices + ((removal_notice(problems),) if problems else ())
    lead = _true_lead(answer, turn)
    return replace(turn, answer=replace(answer, lead=lead, explanation=tuple(kept), notices=notices))


def removal_notice(problems: Sequence[str]) -> str:
    """Return the notice that says what the check took out or replaced."""
    return f"The check took out or replaced {len(problems)} unsupported statement{'s' if len(problems) != 1 else ''}: {'; '.join(dict.fromkeys(problems))}."


def _true_lead(answer: Answer, turn: Turn) -> str:
    deciding = next((f for f in turn.findings if f.headline == answer.lead), None)
    if deciding is not None or answer.verdict is None:
        return answer.lead
    # The verdict line belongs to the finding alone; anything else in its place is put right.
    return next((f.headline for f in turn.findings if f.verdict is answer.verdict), answer.lead)


def _whole_cards(cited: Sequence[Evidence], turn: Turn) -> list[Evidence]:
    """Return ``cited`` with a card's passage standing for the whole card: cards are cited whole, publications by passage."""
    cards = {e.document.id for e in cited if isinstance(e, Passage) and e.document.kind is not DocumentKind.PUBLICATION}
    return [*cited, *(p for p in turn.passages if p.document.id in cards and p not in cited)]


def _support(turn: Turn, cited: Sequence[Evidence], findings: Iterable[Finding]) -> frozenset[tuple[str, str]]:
    texts = [turn.question.text, turn.standalone, turn.question.on.isoformat(), str(turn.question.on.year)]
    texts += [evidence_text(item) for item in cited]
    for finding in findings:
        texts += [finding.headline, *finding.reasons, *finding.must_show]
    facts = {fact for text in texts for fact in facts_in(text)}
    facts |= {("code", mention.code.value) for mention in turn.mentions.codes}
    facts |= {("modifier", modifier) for modifier in turn.mentions.modifiers}
    for item in cited:
        if isinstance(item, Passage):
            facts |= {("code", code.replace(".", "")) for code in item.document.codes}
            facts |= {("modifier", modifier) for modifier in item.document.modifiers}
            # A card speaks of modifiers in many ways: any two-character token of its text may be named as one.
            facts |= {("modifier", token) for token in re.findall(r"\b[0-9A-Z]{2}\b", item.text)}
    return frozenset(facts)


def evidence_text(item: Evidence) -> str:
    """Return everything a reader sees on opening ``item``, with the labels that its figures go by."""
    if isinstance(item, Passage):
        document = item.document
        return "\n".join(
            (document.title, item.heading, item.text, *(source.cited for source in document.sources), document.edition)
        )
    return f"{_row_text(item)}\n{item.cited}\n{item.edition.effective_from}\n{item.edition.effective_to or ''}"


def _row_text(row: Row) -> str:
    values = dict(row.columns)
    parts = [f"{name} {value}" for name, value in row.columns]
    if row.table == "ptp":
        parts += [
            f"column 1 {values.get('column1')}",
            f"column 2 {values.get('column2')}",
            f"indicator {values.get('indicator')}",
        ]
    if row.table == "mue":
        parts += [f"{values.get('value')} units", f"MUE {values.get('value')}", f"MAI {values.get('adjudication')}"]
    if row.table == "fee":
        parts += [f"indicator {value}" for _, value in row.columns] + [f"status {values.get('status')}"]
    if row.table in ("opps", "asc_status"):
        parts += [
            f"APC {values.get('apc', '').lstrip('0')}",
            f"status {values.get('indicator')}",
            f"indicator {values.get('indicator')}",
        ]
    if row.table == "hcc":
        parts.append(f"HCC {values.get('category')}")
    return "\n".join(parts)


def _covered(fact: tuple[str, str], support: frozenset[tuple[str, str]]) -> bool:
    kind, value = fact
    if kind == "number":
        return any(value == other for _, other in support) or (kind, value.lstrip("0") or "0") in support
    if kind in ("days", "units"):
        # "92 days" may stand as a bare number in the source; the number itself is checked as such.
        return ("number", value) in support
    if kind == "modifier":
        return ("number", value) in support and value.isdigit()
    return False


def _contradicted(text: str, findings: Iterable[Finding]) -> Finding | None:
    for finding in findings:
        if finding.rule != "ncci" or not all(code in text for code in finding.codes):
            continue
        if (
            finding.verdict in (Verdict.NO, Verdict.YES_IF, Verdict.NO_DATA)
            and _ALLOWS.search(text)
            and " if " not in text
            and " only " not in text
        ):
            return finding
        if (
            finding.verdict in (Verdict.YES, Verdict.YES_IF)
            and _FORBIDS.search(text)
            and " unless " not in text
            and " only " not in text
        ):
            return finding
    return None


def _cited(numbers: Iterable[int], evidence: dict[int, Evidence]) -> list[Evidence]:
    return [evidence[number] for number in numbers if number in evidence]


def _plain_number(text: str) -> str:
    text = text.replace(",", "")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text


def _said(fact: tuple[str, str]) -> str:
    kind, value = fact
    return f"{kind} {value}"
