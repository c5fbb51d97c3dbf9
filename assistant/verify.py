"""Reading the written answer again: every code, modifier, number, date, edition and verdict must stand in what it cites.

A sentence is checked against the question, the rows and passages it cites and the findings that rest on them. A sentence with anything else in it is
taken out and counted; a sentence that contradicts a finding is replaced by the finding. So an invented figure never reaches the reader unmarked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from assistant.contradictions import contradicted_finding
from assistant.types import Answer, Evidence, Finding, Row, Sentence, Turn
from knowledge.passages import DocumentKind, Passage

__all__ = ["Checked", "check_sentence", "facts_in", "verify"]

_CODE = re.compile(
    r"(?<![\w.])(?:[A-Za-z]\d[0-9A-Za-z]\.[0-9A-Za-z]{1,4}|\d{4}[0-9FTUMftum]|[A-Va-v]\d{4}|[A-TV-Z]\d{2}[0-9A-Z]{1,4})(?![\w])(?!\.\d)"
)
_MODIFIER = re.compile(
    r"\bmodifiers?\s+((?:[0-9A-Z]{2}\b(?:\s*(?:,|/|\band\b|\bor\b)\s*)*)+)|(?<=[0-9A-Z]{5})-([0-9A-Z]{2})\b"
)
_EDITION = re.compile(r"\b(20\d\d)\s*(?:Q|quarter\s*)([1-4])\b|\bQ([1-4])\s*(20\d\d)\b", re.IGNORECASE)
_DATE = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")
_US_DATE = re.compile(r"\b(\d{1,2})/(\d{1,2})/((?:19|20)\d\d)\b")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_LONG_DATE = re.compile(
    rf"\b(?:(?P<month>{'|'.join(_MONTHS)})[a-z]*\.?\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?|(?P<day2>\d{{1,2}})\s+(?P<month2>{'|'.join(_MONTHS)})[a-z]*\.?)\s+(?P<year>(?:19|20)\d\d)\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"(?<![\w.])\$?(\d[\d,]*(?:\.\d+)?)(?![\w]|\.\d)")
_MONEY = re.compile(r"\$\s?(\d[\d,]*(?:\.\d+)?)|\b(\d[\d,]*(?:\.\d+)?)\s+(?:US\s+)?dollars?\b", re.IGNORECASE)
_SHARE = re.compile(
    r"\b(half|halve[sd]?|double[sd]?|twice|triple[sd]?|one third|two thirds|three quarters)\b", re.IGNORECASE
)
_SHARES = {"half": "50", "halve": "50", "halves": "50", "halved": "50", "double": "200", "doubles": "200", "doubled": "200", "twice": "200",
           "triple": "300", "triples": "300", "tripled": "300", "one third": "33", "two thirds": "67", "three quarters": "75"}  # fmt: skip
_WORDS = {
    word: number
    for number, word in [
        *enumerate(("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen",
                    "fifteen", "sixteen", "seventeen", "eighteen", "nineteen")),
        *((10 * tens, word) for tens, word in enumerate(("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"), start=2)),
    ]
}  # fmt: skip
_WORD = "|".join(sorted(_WORDS, key=len, reverse=True))
_COUNTED = r"units?|days?|minutes?|percent|lines?|times|months?|years?|hours?|lesions?|dollars?"
_WORD_NUMBER = re.compile(
    rf"\b(?P<before>(?:indicator|MAI|APC|HCC|MUE|limit|column)\s+(?:is\s+|of\s+)?)(?P<labelled>{_WORD})\b|\b(?P<counting>{_WORD})(?=[\s-]+(?:{_COUNTED})\b)",
    re.IGNORECASE,
)
_KINDS = {
    "PC/TC": "PC/TC", "bilateral": "bilateral", "multiple": "multiple", "assistant": "assistant", "co-surgeon": "cosurgeon", "cosurgeon": "cosurgeon",
    "team": "team",
}  # fmt: skip
_KIND = re.compile(
    r"\b(PC/TC|bilateral|multiple|assistant|co-?surgeon|team)s?(?:\s+(?:surgery|surgeons?|procedures?|at surgery))?\s+indicator\s+(?:is\s+|of\s+)?(\d)\b",
    re.IGNORECASE,
)
_LABELLED = (
    ("indicator", re.compile(r"\b[Ii]ndicator\s+(?:is\s+|of\s+)?(\d{1,2}|[A-Z]\d?)\b")),
    ("modifier indicator", re.compile(r"\bmodifier indicator\s+(?:is\s+|of\s+)?(\d)\b", re.IGNORECASE)),
    ("MAI", re.compile(r"\bMAI\s+(?:is\s+|of\s+)?(\d)\b")),
    ("units", re.compile(r"\b(\d[\d,]*)\s+units?\b", re.IGNORECASE)),
    ("units", re.compile(r"\bMUEs?\s+(?:value\s+|limit\s+|is\s+|of\s+)*(\d+)\b")),
    ("units", re.compile(r"\blimit\s+(?:(?:of|for)\s+[0-9A-Z]{5}\s+)?(?:is\s+|of\s+)(\d+)\b", re.IGNORECASE)),
    ("days", re.compile(r"\b(\d+)[\s-]+days?\b", re.IGNORECASE)),
    ("global", re.compile(r"\bglobal(?:\s+(?:surgery|surgical))?(?:\s+(?:days|period|indicator))?(?:\s+(?:is|of|:))?\s+(\d{3}|XXX|YYY|ZZZ|MMM)\b")),
    ("global", re.compile(r"\b(\d{1,2})[\s-]+days?\s+global\b", re.IGNORECASE)),
    ("APC", re.compile(r"\bAPC\s+(?:is\s+|of\s+)?(\d{3,4})\b")),
    ("HCC", re.compile(r"\bHCC\s+(?:is\s+|of\s+)?(\d{1,3})\b")),
    ("status", re.compile(r"\bstatus(?:\s+(?:code|indicator))?\s+(?:is\s+|of\s+)?([A-Z]\d?)\b(?!\w)")),
    ("column 1", re.compile(r"\b([0-9A-Z]{5})\s+(?:is\s+)?(?:the\s+)?(?:in\s+)?\(?column 1\b|\bcolumn 1(?:\s+code)?(?:\s+is)?\s+([0-9A-Z]{5})\b")),
    ("column 2", re.compile(r"\b([0-9A-Z]{5})\s+(?:is\s+)?(?:the\s+)?(?:in\s+)?\(?column 2\b|\bcolumn 2(?:\s+code)?(?:\s+is)?\s+([0-9A-Z]{5})\b")),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Checked:
    """A sentence after the check: the sentence to show (None when taken out) and what was wrong with the draft."""

    sentence: Sentence | None
    problems: tuple[str, ...]


@lru_cache(maxsize=4096)
def facts_in(text: str) -> frozenset[tuple[str, str]]:
    """Return the checkable facts of ``text`` as (kind, value): code, modifier, edition, date, number, and labelled numbers."""
    text = _WORD_NUMBER.sub(_in_digits, text)
    facts: set[tuple[str, str]] = set()
    for match in _CODE.finditer(text):
        facts.add(("code", match[0].replace(".", "").upper()))
    for match in _MODIFIER.finditer(text):
        for value in re.findall(r"\b[0-9A-Z]{2}\b", match[1] or match[2]):
            facts.add(("modifier", value))
    for match in _EDITION.finditer(text):
        facts.add(("edition", f"{match[1] or match[4]} Q{match[2] or match[3]}"))
    for match in _MONEY.finditer(text):
        facts.add(("money", _plain_number(match[1] or match[2])))
    for match in _SHARE.finditer(text):
        facts.add(("share", _SHARES[match[1].lower()]))
    dated = _US_DATE.sub(lambda m: f"{m[3]}-{int(m[1]):02}-{int(m[2]):02}", _LONG_DATE.sub(_iso, text))
    for match in _DATE.finditer(dated):
        facts.add(("date", match[0]))
    rest = _EDITION.sub(" ", _DATE.sub(" ", _CODE.sub(" ", dated)))
    for match in _NUMBER.finditer(re.sub(r"(?m)^\s*\d+\.\s", " ", rest)):
        facts.add(("number", _plain_number(match[1])))
    facts.update(_labelled(text))
    return frozenset(facts)


def check_sentence(sentence: Sentence, turn: Turn, cited: Sequence[Evidence]) -> Checked:
    """Return ``sentence`` if all it states is supported by the question and ``cited``, else what is wrong with it."""
    whole = _whole_cards(cited, turn)
    findings = [finding for finding in turn.findings if any(row in cited for row in finding.rows)]
    if _is_quoted(sentence.text, whole, findings):
        return Checked(sentence, ())
    support = _support(turn, whole, findings)
    stated = facts_in(sentence.text)
    missing = sorted(_said(fact) for fact in stated - support.facts if not _covered(fact, support))
    problems = [f"no cited source holds {fact}" for fact in missing] + _misattributed(sentence.text, turn, support)
    if problems:
        return Checked(None, tuple(problems))
    contradicted = contradicted_finding(sentence.text, turn.findings)
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
    asked = tuple(question for question in answer.follow_ups if _is_known(question, turn))
    return replace(turn, answer=replace(answer, lead=lead, explanation=tuple(kept), notices=notices, follow_ups=asked))


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


@dataclass(frozen=True, slots=True)
class _Support:
    """What a sentence may state."""

    facts: frozenset[tuple[str, str]]
    prose: frozenset[tuple[str, str]]
    """The part of it that stands in words: the question, cited passages, what findings say. A number of a table row counts only under its label."""
    said: tuple[str, ...]
    """Cited passages and findings, sentence by sentence."""
    rows: tuple[Row, ...]
    """Every row at hand: cited, or of a finding."""


def _support(turn: Turn, cited: Sequence[Evidence], findings: Iterable[Finding]) -> _Support:
    asked = "\n".join((turn.question.text, turn.standalone, turn.question.on.isoformat(), str(turn.question.on.year)))
    # An amount of money in the question is the user's word, not a source's.
    facts = {fact for fact in facts_in(asked) if fact[0] != "money"}
    facts |= {("code", mention.code.value) for mention in turn.mentions.codes}
    facts |= {("modifier", modifier) for modifier in turn.mentions.modifiers}
    said: list[str] = []
    for finding in findings:
        said += [finding.headline, *finding.reasons, *finding.must_show]
    for item in cited:
        if isinstance(item, Passage):
            facts |= facts_in(evidence_text(item))
            said += _sentences(item.text)
            facts |= {("code", code.replace(".", "")) for code in item.document.codes}
            facts |= {("modifier", modifier) for modifier in item.document.modifiers}
            # A card speaks of modifiers in many ways: any two-character token of its text may be named as one.
            facts |= {("modifier", token) for token in re.findall(r"\b[0-9A-Z]{2}\b", item.text)}
    facts |= {fact for sentence in said for fact in facts_in(sentence)}
    prose = frozenset(facts)
    for item in cited:
        if isinstance(item, Row):
            facts |= facts_in(evidence_text(item))
    rows = [item for item in cited if isinstance(item, Row)] + [
        row for finding in turn.findings for row in finding.rows
    ]
    return _Support(frozenset(facts), prose, tuple(said), tuple(rows))


def _is_quoted(text: str, cited: Sequence[Evidence], findings: Iterable[Finding]) -> bool:
    """Whether ``text`` stands word for word in a cited passage or in what a finding says."""
    said = " ".join(text.split())
    sources = [item.text for item in cited if isinstance(item, Passage)]
    sources += [" ".join((finding.headline, *finding.reasons)) for finding in findings]
    sources += [piece for finding in findings for piece in (finding.headline, *finding.reasons)]
    return any(said in " ".join(source.split()) for source in sources) if said else True


def _is_known(question: str, turn: Turn) -> bool:
    """Whether a follow-up question names only codes, modifiers and figures that stand in the question or in what was found."""
    stated = {
        fact
        for fact in facts_in(question)
        if fact[0] in ("code", "modifier", "number", "date", "edition", "money", "HCC", "APC")
    }
    support = _support(
        turn, [*turn.passages, *(row for finding in turn.findings for row in finding.rows)], turn.findings
    )
    return all(fact in support.facts or _covered(fact, support) for fact in stated)


def _labelled(text: str) -> list[tuple[str, str]]:
    return [(label, value) for label, value, _ in _labelled_places(text)]


def _labelled_places(text: str) -> list[tuple[str, str, int]]:
    """Return every labelled figure of ``text`` as (label, value, offset)."""
    found = [(f"{_KINDS[_kind(match[1])]} indicator", match[2], match.start()) for match in _KIND.finditer(text)]
    for label, pattern in _LABELLED:
        for match in pattern.finditer(text):
            value = _plain_number(next(filter(None, match.groups())).upper())
            if label == "global" and value.isdigit():
                value = value.zfill(3)
            found.append((label, value, match.start()))
    return found


def _misattributed(text: str, turn: Turn, support: _Support) -> list[str]:
    """Return what is wrong where a figure is given to one code that its row gives to another.

    A labelled figure belongs to the code named last before it, else to the next one after it in the sentence. A cited sentence that gives the
    code the same figure stands above the row: "20610-50, one unit" though its limit is two.
    """
    problems: list[str] = []
    for sentence in _sentences(_WORD_NUMBER.sub(_in_digits, text)):
        codes = [(match.start(), match[0].replace(".", "").upper()) for match in _CODE.finditer(sentence)]
        for label, value, place in _labelled_places(sentence):
            if not codes or (label == "units" and value == str(turn.mentions.units)):
                continue
            before = [code for start, code in codes if start < place]
            code = before[-1] if before else codes[0][1]
            held = {
                held
                for row in support.rows
                if code in re.split(r"[/ ]", row.key.replace(".", ""))
                for held in _values(row, label)
            }
            if held and value not in held and not any(_gives(said, code, label, value) for said in support.said):
                problems.append(f"the row of {code} holds {label} {' or '.join(sorted(held))}, not {value}")
    return problems


def _gives(said: str, code: str, label: str, value: str) -> bool:
    """Whether a cited sentence gives ``code`` the figure, or gives it as a general rule that names no code and no table's limit."""
    facts = facts_in(said)
    if (label, value) not in facts:
        return False
    codes = {held for kind, held in facts if kind == "code"}
    return code in codes or (not codes and label == "units" and "MUE" not in said)


def _sentences(text: str) -> list[str]:
    return [sentence for sentence in re.split(r"(?<=[.!?;])\s+|\n+", text) if sentence]


def _values(row: Row, label: str) -> set[str]:
    return {value for kind, value in _labelled(_row_text(row)) if kind == label}


def _in_digits(match: re.Match[str]) -> str:
    word = (match["labelled"] or match["counting"]).lower()
    return f"{match['before'] or ''}{_WORDS[word]}"


def _iso(match: re.Match[str]) -> str:
    month = (match["month"] or match["month2"]).lower()[:3]
    return f"{match['year']}-{_MONTHS.index(month) + 1:02}-{int(match['day'] or match['day2']):02}"


def _kind(written: str) -> str:
    return "PC/TC" if written.upper() == "PC/TC" else written.lower()


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
            f"modifier indicator {values.get('indicator')}",
        ]
    if row.table == "mue":
        parts += [f"{values.get('value')} units", f"MUE {values.get('value')}", f"MAI {values.get('adjudication')}"]
    if row.table == "fee":
        parts += [f"{label} indicator {values[column]}" for label, column in _FEE_LABELS if column in values]
        parts += [f"status {values.get('status')}", f"global days {values.get('global_days')}"]
    if row.table in ("opps", "asc_status"):
        parts += [
            f"APC {values.get('apc', '').lstrip('0')}",
            f"status {values.get('indicator')}",
            f"indicator {values.get('indicator')}",
        ]
    if row.table == "hcc":
        parts.append(f"HCC {values.get('category')}")
    return "\n".join(parts)


_FEE_LABELS = (
    ("PC/TC", "pctc"), ("bilateral", "bilateral"), ("multiple", "multiple"), ("assistant", "assistant"), ("co-surgeon", "cosurgeon"), ("team", "team"),
)  # fmt: skip


def _covered(fact: tuple[str, str], support: _Support) -> bool:
    kind, value = fact
    if kind == "number":
        return any(value == other for _, other in support.facts) or (kind, value.lstrip("0") or "0") in support.facts
    if kind in ("days", "units", "global"):
        # "92 days" may stand as a bare number in words; a bare number of a table row says nothing of days or units.
        return ("number", value) in support.prose or ("number", value.lstrip("0")) in support.prose
    if kind == "share":
        return ("number", value) in support.facts
    if kind == "modifier":
        return ("number", value) in support.prose and value.isdigit()
    return False


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
