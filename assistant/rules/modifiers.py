"""Does a modifier fit a code? Indicators of the fee schedule and the kind of service decide.

Sources: CMS PFS relative value file record layout (PC/TC, bilateral, multiple, assistant, co-surgeon and team indicators); Claims Processing Manual
(Pub. 100-04) chapter 12, sections 20.4.5, 30.6 and 40; NCCI Policy Manual chapter I (modifiers 25, 57, 59, X{EPSU}). Only rules that these documents
settle are decided; every other combination is "no data".
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from assistant.evidence import row_of
from assistant.rules.families import is_evaluation
from assistant.rules.indicators import meaning
from assistant.rules.phrases import as_of
from assistant.types import Finding, Verdict
from knowledge.codes import Code, CodeSystem
from knowledge.records import FeeIndicators, Found, ModifierRecord

__all__ = ["check"]

_Decision = tuple[Verdict, str, tuple[str, ...]]
"""Verdict, reason, what the record must show."""

_DISTINCT = frozenset({"59", "XE", "XS", "XP", "XU"})
_VISIT_ONLY = frozenset({"24", "25", "57"})
_PROCEDURE_ONLY = frozenset(
    {
        "50",
        "51",
        "53",
        "54",
        "55",
        "56",
        "58",
        "62",
        "63",
        "66",
        "73",
        "74",
        "76",
        "77",
        "78",
        "79",
        "80",
        "81",
        "82",
        "AS",
    }
)
_SIDES = frozenset({"LT", "RT"})


def check(
    code: Code, modifier: str, day: date, fee: Found[FeeIndicators] | None, known: Found[ModifierRecord] | None
) -> Finding:
    """Return whether ``modifier`` fits ``code`` on a professional claim for ``day``."""
    shown = f"{code.shown}-{modifier}"
    if code.system not in (CodeSystem.CPT, CodeSystem.HCPCS):
        headline = f"No: modifiers attach to CPT and HCPCS codes, not to {code.system.label} codes."
        return Finding("modifier", Verdict.NO, headline, codes=(shown,), weight=96)
    verdict, reason, shows = _decide(code, modifier, fee)
    words = {
        Verdict.YES: f"Yes: modifier {modifier} fits {code.shown}",
        Verdict.NO: f"No: modifier {modifier} does not fit {code.shown}",
        Verdict.YES_IF: f"Yes, if the record supports it: modifier {modifier} can attach to {code.shown}",
        Verdict.NO_DATA: f"No data: no loaded rule settles modifier {modifier} on {code.shown}",
    }[verdict]
    used_fee = fee is not None and verdict is not Verdict.NO_DATA and "indicator" in reason
    headline = f"{words}{as_of(fee) if used_fee and fee else ''}."
    rows = ((row_of(fee),) if used_fee and fee else ()) + ((row_of(known, modifier),) if known else ())
    weight = {Verdict.NO: 96, Verdict.YES_IF: 60, Verdict.YES: 45, Verdict.NO_DATA: 25}[verdict]
    load = "the CMS PFS relative value file of the quarter" if verdict is Verdict.NO_DATA and fee is None else ""
    return Finding("modifier", verdict, headline, (reason,), rows, shows, load, (shown,), weight)


def _decide(code: Code, modifier: str, fee: Found[FeeIndicators] | None) -> _Decision:
    visit = is_evaluation(code)
    if modifier in _VISIT_ONLY:
        return _visit_modifier(code, modifier, visit)
    if modifier in _DISTINCT and visit:
        return (
            Verdict.NO,
            f"Modifiers 59 and X{{EPSU}} are not used on evaluation and management codes; a separate visit takes 25 (not {modifier}).",
            (),
        )
    if modifier in _PROCEDURE_ONLY and visit and modifier != "50":
        return Verdict.NO, f"Modifier {modifier} belongs on a procedure, and {code.shown} is a visit code.", ()
    if modifier in _DISTINCT:
        shows = ("the separate site, lesion, encounter or practitioner",)
        return (
            Verdict.YES_IF,
            f"Modifier {modifier} opens only an NCCI edit with indicator 1 and only for a truly separate service; a different diagnosis alone is not enough.",
            shows,
        )
    by_indicator = _BY_INDICATOR.get(modifier)
    if by_indicator is None:
        return (
            Verdict.NO_DATA,
            "The modifier's card says what it asserts; no table or published rule loaded here ties it to this code.",
            (),
        )
    if fee is None:
        return (
            Verdict.NO_DATA,
            "The indicator that decides it stands in the fee schedule file, which holds no row for the code.",
            (),
        )
    return by_indicator(fee.record, modifier)


def _visit_modifier(code: Code, modifier: str, visit: bool) -> _Decision:
    if not visit:
        return (
            Verdict.NO,
            f"Modifier {modifier} attaches to evaluation and management codes only, and {code.shown} is not one.",
            (),
        )
    shows = {
        "24": "that the visit in the global period has nothing to do with the surgery",
        "25": "the visit's own work, beyond what the other service of that day includes",
        "57": "that this visit led to the decision for major surgery, on the day before or the day of the operation",
    }[modifier]
    return (
        Verdict.YES_IF,
        f"Modifier {modifier} attaches to evaluation and management codes, and {code.shown} is one.",
        (shows,),
    )


def _components(fee: FeeIndicators, modifier: str) -> _Decision:
    text = f"PC/TC indicator {fee.pctc}: {meaning('pctc', fee.pctc)}."
    if fee.pctc == "1":
        return Verdict.YES, text, ()
    if fee.pctc == "6" and modifier == "26":
        return Verdict.YES, text, ()
    if fee.pctc in {"0", "2", "3", "4", "5", "6"}:
        return Verdict.NO, text, ()
    return Verdict.NO_DATA, text, ()


def _bilateral(fee: FeeIndicators, modifier: str) -> _Decision:
    text = f"Bilateral indicator {fee.bilateral}: {meaning('bilateral', fee.bilateral)}."
    if fee.bilateral in {"1", "3"}:
        return Verdict.YES_IF, text, ("that the service was done on both sides in one session",)
    if fee.bilateral in {"0", "2", "9"}:
        return Verdict.NO, text, ()
    return Verdict.NO_DATA, text, ()


def _sides(fee: FeeIndicators, modifier: str) -> _Decision:
    text = f"Bilateral indicator {fee.bilateral}: {meaning('bilateral', fee.bilateral)}."
    if fee.bilateral in {"1", "3"}:
        side = "left" if modifier == "LT" else "right"
        return Verdict.YES_IF, text, (f"that the {side} side was treated",)
    return Verdict.NO_DATA, text, ()


def _multiple(fee: FeeIndicators, modifier: str) -> _Decision:
    text = f"Multiple procedure indicator {fee.multiple}: {meaning('multiple', fee.multiple)}."
    if fee.multiple == "0":
        return Verdict.NO, text, ()
    if fee.multiple in {"2", "3"}:
        return (
            Verdict.YES_IF,
            f"{text} Medicare contractors rank the lines themselves and do not need 51.",
            ("that more than one procedure was done in the session",),
        )
    return Verdict.NO_DATA, text, ()


def _shared(
    column: str, name: str, shows: str, yes: frozenset[str], conditional: frozenset[str], no: frozenset[str]
) -> Callable[[FeeIndicators, str], _Decision]:
    def decide(fee: FeeIndicators, modifier: str) -> _Decision:
        value = getattr(fee, column)
        text = f"{name} indicator {value}: {meaning(column, value)}."
        if value in yes | conditional:
            return Verdict.YES_IF, text, (shows,)
        if value in no:
            return Verdict.NO, text, ()
        return Verdict.NO_DATA, text, ()

    return decide


_assistant = _shared(
    "assistant",
    "Assistant surgeon",
    "what the assistant did, and why one was needed",
    frozenset({"2"}),
    frozenset({"0"}),
    frozenset({"1", "9"}),
)
_cosurgeon = _shared(
    "cosurgeon",
    "Co-surgeon",
    "what each of the two surgeons did, in separate reports",
    frozenset({"2"}),
    frozenset({"1"}),
    frozenset({"0", "9"}),
)
_team = _shared(
    "team",
    "Team surgery",
    "what each member of the team did, and why a team was needed",
    frozenset({"2"}),
    frozenset({"1"}),
    frozenset({"0", "9"}),
)


def _in_global_period(fee: FeeIndicators, modifier: str) -> _Decision:
    shows = {
        "58": "that the later procedure was planned, more extensive, or therapy after a diagnostic one",
        "78": "the unplanned return to the operating or procedure room for a complication",
        "79": "that the procedure has nothing to do with the earlier surgery",
    }[modifier]
    reason = f"Modifier {modifier} goes on the code of the later procedure when it falls in the global period of an earlier one by the same physician or group."
    return Verdict.YES_IF, reason, (shows, "the date and code of the earlier surgery")


def _split_care(fee: FeeIndicators, modifier: str) -> _Decision:
    text = f"Global days indicator {fee.global_days}: {meaning('global_days', fee.global_days)}."
    if fee.global_days in {"010", "090"}:
        return Verdict.YES_IF, text, ("the transfer of care and its dates",)
    if fee.global_days in {"000", "XXX", "ZZZ", "MMM"}:
        return Verdict.NO, f"{text} There is no follow-up care to split off.", ()
    return Verdict.NO_DATA, text, ()


_BY_INDICATOR: dict[str, Callable[[FeeIndicators, str], _Decision]] = {
    "26": _components,
    "TC": _components,
    "50": _bilateral,
    "LT": _sides,
    "RT": _sides,
    "51": _multiple,
    "54": _split_care,
    "55": _split_care,
    "58": _in_global_period,
    "78": _in_global_period,
    "79": _in_global_period,
    "62": _cosurgeon,
    "66": _team,
    "80": _assistant,
    "81": _assistant,
    "82": _assistant,
    "AS": _assistant,
}
