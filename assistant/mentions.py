"""Reading codes, modifiers, units, dates and setting from the raw question, on this machine, before anything is hidden.

A token is a code only if it has a code's shape and a loaded table holds it, or the words around it call it a code. Nothing here
decides a rule.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from assistant.types import Intent, MentionedCode, Mentions
from knowledge.codes import Code, CodeSystem, readings
from knowledge.records import Setting

__all__ = ["PROCEDURES", "read_intent", "read_mentions"]

PROCEDURES = (CodeSystem.CPT, CodeSystem.HCPCS)
"""Systems whose codes stand on claim lines."""

_TOKEN = re.compile(
    r"(?<![\w.$/])"
    r"(?P<code>[A-Za-z]\d[0-9A-Za-z]\.[0-9A-Za-z]{1,4}(?![\w])|[0-9A-Za-z]{7}|[0-9A-Za-z]{3,6})"
    r"(?P<modifiers>(?:\s?-\s?[0-9A-Za-z]{2})*)"
    r"(?![\w])"
)
_LABELLED = (
    (re.compile(r"\b(?:MS-?)?DRG\s*#?\s*(?P<value>\d{3})\b", re.IGNORECASE), CodeSystem.MSDRG),
    (
        re.compile(
            r"\bICD-?9(?:-?CM)?\s*(?:code\s*)?[:#]?\s*(?P<value>(?:\d{3}|V\d{2})(?:\.\d{1,2})?|E\d{3}(?:\.\d)?)\b",
            re.IGNORECASE,
        ),
        CodeSystem.ICD9CM,
    ),
)
_MODIFIER_WORD = re.compile(r"\b(?:modifiers?|mods?)\b", re.IGNORECASE)
_MODIFIER_LIST = re.compile(
    r"\b(?:modifiers?|mods?)\s*[:#]?\s*((?:-?[0-9A-Za-z]{2}\b(?:\s*(?:,|/|\bor\b|\band\b|\bvs\.?\b|\bversus\b|&)\s*)*)+)",
    re.IGNORECASE,
)
_NUMBERS_JOINED = re.compile(
    r"(?<![\w.$/-])\d\d(?:\s*(?:,|/|\band\b|\bor\b|\bvs\.?)\s*)+(?:\d\d(?:\s*(?:,|/|\band\b|\bor\b|\bvs\.?)\s*)+)*\d\d(?![\w/.-])"
    r"(?!\s*(?:units?|x\b|times|minutes?|mins?|mg|mcg|ml|%|years?|days?|weeks?|months?|y/?o|percent))"
)
_BEFORE_MODIFIER = re.compile(r"-([0-9A-Za-z]{2})\s+modifier\b", re.IGNORECASE)
_UNITS = re.compile(
    r"\b(\d{1,4})\s*(?:units?|x\b|times\b)|\bx\s*(\d{1,3})\b|\bunits?\s*(?:of|:|=)?\s*(\d{1,4})\b", re.IGNORECASE
)
_CALLED_CODE = re.compile(
    r"(?:\bcodes?|\bcpt|\bhcpcs|\bicd(?:-?(?:9|10))?(?:-?cm|-?pcs)?|\bwhat(?: is|'s))\s*(?:code\s*)?[:#]?\s*$",
    re.IGNORECASE,
)
_NOT_CODE_AFTER = re.compile(
    r"^\s*(?:%|mg\b|mcg\b|ml\b|kg\b|lbs?\b|dollars?\b|patients?\b|claims?\b|people\b|rows?\b)", re.IGNORECASE
)
_ZIP_BEFORE = re.compile(r"(?:\bzip(?:\s*code)?|\b[A-Z]{2})\s*[:,]?\s*$")

_DATES = (
    (re.compile(r"\b(\d{4})-(\d{1,2})-(\d{1,2})\b"), (0, 1, 2)),
    (re.compile(r"\b(\d{1,2})/(\d{1,2})/(\d{4}|\d{2})\b"), (2, 0, 1)),
)
_MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
_NAMED_DATE = re.compile(
    rf"\b({'|'.join(m[:3] for m in _MONTHS)})[a-z]*\.?\s+(\d{{1,2}})(?:st|nd|rd|th)?,?\s+(\d{{4}})\b", re.IGNORECASE
)

_SETTINGS = (
    (re.compile(r"\boutpatient hospital\b|\bhospital outpatient\b|\bOPPS\b|\bHOPD\b", re.IGNORECASE), Setting.OUTPATIENT_HOSPITAL),
    (re.compile(r"\bDME(?:POS)?\b|\bsupplier\b", re.IGNORECASE), Setting.DME),
    (re.compile(r"\bpractitioner\b|\bprofessional (?:claim|fee|side|billing)\b|\bphysician (?:claim|fee|billing)\b|\bpart b professional\b", re.IGNORECASE),
     Setting.PRACTITIONER),
)  # fmt: skip
_PAYERS = re.compile(
    r"\b(medicare advantage|medicare|medicaid|tricare|blue cross|bcbs|aetna|cigna|united ?health ?care|uhc|humana|commercial)\b",
    re.IGNORECASE,
)

# Two-letter modifiers that are ordinary words or abbreviations are read only beside the word "modifier" or a code.
_WORDLIKE = frozenset(
    {
        "AI",
        "AS",
        "AT",
        "CT",
        "ET",
        "GO",
        "GP",
        "GT",
        "LC",
        "LD",
        "LT",
        "PA",
        "PI",
        "PS",
        "PT",
        "RC",
        "RE",
        "SC",
        "SE",
        "ST",
    }
)

_INTENTS: tuple[tuple[Intent, re.Pattern[str]], ...] = (
    (Intent.CROSSWALK, re.compile(r"\bcrosswalks?\b|\bmaps? to\b|\bmapping\b|\bconvert\b|\bequivalent\b|\b(?:its|the|which|what) (?:apc|hcc)\b|\bicd-?9\b", re.I)),
    (Intent.GLOBAL, re.compile(r"\bglobal\b|\bpost-?op", re.I)),
    (Intent.UNITS, re.compile(r"\bunits?\b|\bMUEs?\b|\bhow many\b|\bmedically unlikely\b", re.I)),
    (Intent.INDICATORS, re.compile(r"\bindicators?\b|\bstatus code\b|\bpayment polic", re.I)),
    (Intent.COVERAGE, re.compile(r"\bcover(?:s|ed|age)?\b|\bLCDs?\b|\bNCDs?\b|\bmedical necessity\b|\bABN\b", re.I)),
    (Intent.MODIFIER, re.compile(r"\bmodifiers?\b|\bmods?\b", re.I)),
    (Intent.TOGETHER, re.compile(r"\btogether\b|\bbundl\w+|\bunbundl\w+|\bsame (?:claim|day|date|visit|session)\b|\bboth\b|\bNCCI\b|\bPTP\b|\bbill(?:ed|ing)?\b.*\bwith\b|\bwith\b", re.I)),
    (Intent.LOOKUP, re.compile(r"\bwhat(?:'s| is| does| are)\b|\bdefin\w+|\bdescri\w+|\bmean(?:s|ing)?\b|\blook ?up\b|\bqu[eé] es\b", re.I)),
)  # fmt: skip


_COMPARES = re.compile(r"\b(?:vs\.?|versus|or|differ\w*|compared?|instead of|rather than)\b", re.IGNORECASE)
_JOINS = re.compile(
    r"\b(?:with|together|bundl\w+|both|same (?:claim|day|date|visit|session)|NCCI|edits?|units?|modifiers?)\b",
    re.IGNORECASE,
)
_NEEDS_CODE = frozenset({Intent.CROSSWALK, Intent.GLOBAL, Intent.UNITS, Intent.INDICATORS, Intent.LOOKUP})
"""Intents that mean something only of a code; without one the question asks for an explanation."""


def read_mentions(text: str, exists: Callable[[Code], bool], is_modifier: Callable[[str], bool]) -> Mentions:
    """Return everything the question names. ``exists`` and ``is_modifier`` say what the loaded tables hold."""
    dates, on = _dates(text)
    codes: list[MentionedCode] = []
    unknown: list[str] = []
    taken: list[tuple[int, int]] = list(dates)
    spans: list[tuple[int, int]] = []
    for pattern, system in _LABELLED:
        for match in pattern.finditer(text):
            taken.append(match.span())
            code = Code.parse(match["value"], system)
            if exists(code):
                spans.append(match.span())
                codes.append(MentionedCode(code, (), *match.span("value"), known=True))
            else:
                unknown.append(f"{system.label} {code}")
    for match in _TOKEN.finditer(text):
        if any(start < match.end() and match.start() < end for start, end in taken):
            continue
        token = match["code"]
        found = [code for code in readings(token) if _plausible(code, token, match, text) and exists(code)]
        attached = tuple(m.upper() for m in re.findall(r"[0-9A-Za-z]{2}", match["modifiers"]))
        if found:
            attached = tuple(m for m in attached if is_modifier(m)) or _loose_after(text, match.end(), is_modifier)
            codes.append(MentionedCode(found[0], attached, match.start(), match.end(), True, tuple(found[1:])))
            spans.append(match.span())
        elif _looks_meant(token, match, text):
            unknown.append(token.upper())
    modifiers = _modifiers(text, codes, is_modifier, spans)
    units = next((int(next(filter(None, match.groups()))) for match in _UNITS.finditer(text)), None)
    setting = next((value for pattern, value in _SETTINGS if pattern.search(text)), None)
    payer = _PAYERS.search(text)
    return Mentions(
        tuple(_without_repeats(codes)),
        modifiers,
        units,
        on,
        setting,
        payer[1].lower() if payer else "",
        tuple(sorted(spans)),
        tuple(dict.fromkeys(unknown)),
    )


def read_intent(text: str, mentions: Mentions) -> Intent:
    """Return what kind of answer the words ask for."""
    procedures = [m for m in mentions.codes if m.code.system in PROCEDURES]
    if len(procedures) > 1 and _COMPARES.search(text) and not _JOINS.search(text):
        return Intent.LOOKUP
    for intent, pattern in _INTENTS:
        if not pattern.search(text):
            continue
        if intent is Intent.TOGETHER and len(procedures) < 2:
            continue
        if intent in _NEEDS_CODE and not mentions.codes:
            continue
        return intent
    if len(procedures) > 1:
        return Intent.TOGETHER
    if procedures and mentions.modifiers:
        return Intent.MODIFIER
    return Intent.LOOKUP if mentions.codes else Intent.EXPLAIN


def _plausible(code: Code, token: str, match: re.Match[str], text: str) -> bool:
    if _NOT_CODE_AFTER.match(text[match.end() :]):
        return False
    if code.system is CodeSystem.ICD10CM and "." not in token:
        # "a1c", "b12" and the like are words far more often than codes: without a dot a code must be written in capitals.
        return token[0].isupper() or _called_code(match, text)
    if code.system is CodeSystem.ICD10PCS:
        return any(c.isdigit() for c in token) and (any(c.isalpha() for c in token) or _called_code(match, text))
    if code.system is CodeSystem.CPT:
        return not _ZIP_BEFORE.search(text[max(0, match.start() - 12) : match.start()]) or _called_code(match, text)
    return True


def _looks_meant(token: str, match: re.Match[str], text: str) -> bool:
    if _NOT_CODE_AFTER.match(text[match.end() :]):
        return False
    if not any(c.isdigit() for c in token):
        return False
    if _called_code(match, text):
        return len(token) >= 4 or "." in token
    if "." in token:
        return bool(readings(token))
    shape = re.fullmatch(r"\d{5}|\d{4}[FTU]|[A-V]\d{4}", token) is not None
    return shape and not _ZIP_BEFORE.search(text[max(0, match.start() - 12) : match.start()])


def _called_code(match: re.Match[str], text: str) -> bool:
    return _CALLED_CODE.search(text[max(0, match.start() - 24) : match.start()]) is not None


def _loose_after(text: str, end: int, is_modifier: Callable[[str], bool]) -> tuple[str, ...]:
    """Return a modifier written after a code without a hyphen: ``45380 59``; never a count of something."""
    match = re.match(
        r"\s([0-9A-Z]{2})\b(?!\s*(?:units?|x\b|times|minutes?|mins?|mg|ml|%|years?|days?|y/?o))", text[end:]
    )
    return (match[1],) if match and is_modifier(match[1]) else ()


def _modifiers(
    text: str, codes: list[MentionedCode], is_modifier: Callable[[str], bool], spans: list[tuple[int, int]]
) -> tuple[str, ...]:
    found: list[tuple[int, str]] = [(code.start, modifier) for code in codes for modifier in code.modifiers]
    taken = [(code.start, code.end) for code in codes]

    def add(start: int, token: str) -> None:
        value = token.upper()
        if is_modifier(value) and not any(a <= start < b for a, b in taken):
            found.append((start, value))
            spans.append((start, start + len(token)))

    for match in _MODIFIER_LIST.finditer(text):
        for part in re.finditer(r"[0-9A-Za-z]{2}\b", match[1]):
            if part[0].lower() not in {"or", "vs"}:
                add(match.start(1) + part.start(), part[0])
    for match in _BEFORE_MODIFIER.finditer(text):
        add(match.start(1), match[1])
    named = _MODIFIER_WORD.search(text) is not None
    for match in re.finditer(r"(?<![\w./])([A-Z]{2})/([A-Z]{2})(?![\w/])", text):
        if is_modifier(match[1]) and is_modifier(match[2]) and codes:
            add(match.start(1), match[1])
            add(match.start(2), match[2])
    for match in (
        re.finditer(r"\b(?:with|append|add|use)\s+(?:a\s+)?(\d\d)\b(?!\s*\w)", text, re.IGNORECASE) if codes else ()
    ):
        add(match.start(1), match[1])
    for match in re.finditer(r"(?<![\w.$/-])(\d\d)\s+(?:on|with|to|for)\s+(?:a\s+)?(?=[0-9A-Z]\d{3}[0-9A-Z]\b)", text):
        add(match.start(1), match[1])
    for match in _NUMBERS_JOINED.finditer(text):
        parts = list(re.finditer(r"\d\d", match[0]))
        if all(is_modifier(part[0]) for part in parts):
            for part in parts:
                add(match.start() + part.start(), part[0])
    for match in re.finditer(r"(?<![\w.$/-])-?([0-9A-Z]{2})(?![\w/])", text):
        token = match[1]
        after = text[match.end() :]
        if re.match(
            r"\s*(?:units?|x\b|times|minutes?|mins?|mg|mcg|ml|%|years?|days?|weeks?|y/?o|percent|or more)", after
        ):
            continue
        if (token.isdigit() and named and not re.match(r"\.\d", after)) or (
            token[0].isalpha() and (named or token not in _WORDLIKE)
        ):
            add(match.start(1), token)
    return tuple(dict.fromkeys(modifier for _, modifier in sorted(found)))


def _dates(text: str) -> tuple[tuple[tuple[int, int], ...], date | None]:
    spans: list[tuple[int, int]] = []
    days: list[date] = []
    for pattern, (year, month, day) in _DATES:
        for match in pattern.finditer(text):
            numbers = [int(group) for group in match.groups()]
            spans.append(match.span())
            try:
                days.append(date(numbers[year] + (2000 if numbers[year] < 100 else 0), numbers[month], numbers[day]))
            except ValueError:
                continue
    for match in _NAMED_DATE.finditer(text):
        spans.append(match.span())
        month_number = next(i for i, name in enumerate(_MONTHS, start=1) if name.startswith(match[1].lower()))
        try:
            days.append(date(int(match[3]), month_number, int(match[2])))
        except ValueError:
            continue
    return tuple(spans), days[0] if len(set(days)) == 1 else None


def _without_repeats(codes: list[MentionedCode]) -> list[MentionedCode]:
    seen: dict[tuple[Code, tuple[str, ...]], MentionedCode] = {}
    for mention in codes:
        seen.setdefault((mention.code, mention.modifiers), mention)
    with_modifiers = {code for code, modifiers in seen if modifiers}
    return [m for (code, modifiers), m in seen.items() if modifiers or code not in with_modifiers]
