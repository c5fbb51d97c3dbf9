"""May two procedure codes stand on one claim? The NCCI procedure-to-procedure edits.

Source: CMS, NCCI Policy Manual for Medicare Services, chapter I (column 1 and column 2 codes, modifier indicators 0, 1 and 9, NCCI PTP-associated
modifiers), and the edit files by setting and quarter. A missing row means "no edit" only in a complete edition that covers the date of service.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from assistant.evidence import row_of
from assistant.rules.families import is_evaluation
from assistant.rules.phrases import as_of, listed
from assistant.types import Finding, Row, Verdict
from knowledge.codes import Code
from knowledge.records import Edition, Found, PtpEdit, Setting, Standing

__all__ = ["PairFacts", "check"]

_NEVER_OPENS = ("22", "76", "77")
_DISTINCT = ("59", "XE", "XS", "XP", "XU")
_VISIT = ("24", "25", "57")


@dataclass(frozen=True, slots=True)
class PairFacts:
    """What the tables say of one pair in one setting on one date."""

    first: Code
    second: Code
    forward: Found[PtpEdit] | None
    """The edit with ``first`` in column 1."""
    backward: Found[PtpEdit] | None
    complete: Edition | None
    """A complete edition of this setting that covers the date, or None."""
    elsewhere: Found[PtpEdit] | None = None
    """The pair's edit in another setting's table, shown where this setting has no data."""


def check(
    facts: PairFacts,
    day: date,
    setting: Setting,
    modifiers: Sequence[tuple[str, tuple[str, ...]]] = (),
    associated: Sequence[str] = (),
) -> Finding:
    """Return whether the pair may be billed together. ``modifiers`` are those already on each code's line, ``associated`` the loaded NCCI set."""
    edit = facts.forward or facts.backward
    pair = (facts.first.shown, facts.second.shown)
    if edit is None:
        return _no_row(facts, day, setting, pair)
    column1, column2 = edit.record.column1, edit.record.column2
    bundled = facts.second if facts.second.value == column2 else facts.first
    row = row_of(edit)
    why_edit = f"; rationale: {edit.record.rationale}" if edit.record.rationale else ""
    because = f"{column1} is column 1 and {column2} column 2 of an NCCI edit with modifier indicator {edit.record.indicator}{why_edit}."
    if edit.record.indicator == 0:
        headline = f"No: {column2} is bundled into {column1} and no modifier opens the edit{as_of(edit)}. Report {column1} only."
        reasons = (
            because,
            "Indicator 0 means that no modifier may bypass the edit; the column 2 code is denied.",
        )
        return Finding("ncci", Verdict.NO, headline, _filled(reasons), (row,), codes=pair, weight=100)
    used = {modifier for _, on_line in modifiers for modifier in on_line}
    visits = is_evaluation(facts.first) or is_evaluation(facts.second)
    # 24, 25 and 57 speak of a visit: between two procedures they open nothing.
    opening = [m for m in used if m in associated and (visits or m not in _VISIT)]
    if is_evaluation(bundled):
        wanted = f"{column2} needs modifier 25 (57 when the visit is the decision for major surgery)"
        condition = "the visit is work of its own, beyond the usual work before and after the other service"
        shows = f"what was evaluated and decided in {column2} apart from {column1}"
    else:
        wanted = f"{column2} needs an NCCI-associated modifier that the record supports, such as {listed(list(_DISTINCT), 'or')}"
        condition = "the two services were truly separate (another site, lesion, encounter or practitioner)"
        shows = f"where and when {column2} was done apart from {column1}: another site, lesion, session or practitioner"
    if opening:
        headline = f"Yes, if the record supports modifier {listed(sorted(opening), 'and')}: {column1} with {column2}{as_of(edit)}. Otherwise only {column1} is paid."
    else:
        headline = f"Yes, if {condition}: {column1} and {column2}, where {wanted}{as_of(edit)}. Otherwise report {column1} only."
    why = [
        because,
        "Indicator 1 opens only with an NCCI-associated modifier on either line, and only when the documentation supports it.",
    ]
    useless = sorted(used & set(_NEVER_OPENS))
    if useless:
        why.append(f"Modifier {listed(useless)} never opens an NCCI edit.")
    if not visits and used & set(_VISIT):
        why.append(
            f"Modifier {listed(sorted(used & set(_VISIT)))} attaches to visits, and neither code is one: it opens nothing here."
        )
    if is_evaluation(bundled) and used & set(_DISTINCT):
        why.append("Modifiers 59 and X{EPSU} are not used on evaluation and management codes.")
    return Finding("ncci", Verdict.YES_IF, headline, tuple(why), (row,), (shows,), codes=pair, weight=90)


def _no_row(facts: PairFacts, day: date, setting: Setting, pair: tuple[str, str]) -> Finding:
    first, second = pair
    if facts.complete:
        headline = f"Yes: no NCCI edit joins {first} and {second} for the {setting} on {day.isoformat()}."
        reasons = (
            f"Neither order is in force in {facts.complete.cited}, which is complete for that date.",
            "That no edit exists does not make a service billable: each must still be necessary, documented and allowed by its own rules.",
        )
        row = Row("ptp", f"{first}/{second}: no row", (), facts.complete, Standing.IN_FORCE)
        return Finding("ncci", Verdict.YES, headline, reasons, (row,), codes=pair, weight=50)
    headline = f"No data: no loaded NCCI {setting} table settles {first} with {second} on {day.isoformat()}."
    rows: tuple[Row, ...] = ()
    nearby: tuple[str, ...] = ()
    if facts.elsewhere:
        other = facts.elsewhere.record
        rows = (row_of(facts.elsewhere),)
        nearby = (
            f"In the {other.setting} table ({facts.elsewhere.edition.label}) {other.column1} is column 1 and {other.column2} column 2 "
            f"with modifier indicator {other.indicator}. The two settings' tables differ, so this decides nothing for the {setting}.",
        )
    load = f"the CMS NCCI PTP {setting} file of the quarter of {day.isoformat()} (all four parts)"
    return Finding("ncci", Verdict.NO_DATA, headline, nearby, rows, load=load, codes=pair, weight=70)


def _filled(sentences: Sequence[str]) -> tuple[str, ...]:
    return tuple(sentence for sentence in sentences if sentence)
