"""Does the code exist, may it be reported, and on that date?

Source: each code set's own file; ICD-10-CM and ICD-10-PCS validity windows as published for the Medicare Code Editor.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from assistant.evidence import row_of
from assistant.types import Finding, Verdict
from knowledge.codes import Code, CodeSystem
from knowledge.records import CodeRecord, Found, Validity

__all__ = ["check"]

_RETIRED_WEIGHT = 80
_FAR = 2100
"""Years from here on stand for "no end published"."""


def check(
    code: Code, day: date, record: Found[CodeRecord] | None, windows: Sequence[Found[Validity]], children: int
) -> Finding:
    """Return whether ``code`` may be reported for a service on ``day``."""
    rows = tuple(row_of(found) for found in ([record] if record else []))
    covering = next((w for w in windows if _covers(w.record, day)), None)
    named = f"{code.system.label} {code}"
    if covering:
        return _listed_on_the_day(code, named, day, covering)
    if windows:
        newest = max(windows, key=lambda w: w.record.valid_from)
        if newest.record.valid_from > day:
            reason = f"It becomes valid on {newest.record.valid_from.isoformat()}."
        else:
            end = newest.record.valid_to.isoformat() if newest.record.valid_to else "an unknown date"
            reason = f"Its last day was {end}."
        headline = f"{named} is not valid on {day.isoformat()}."
        return Finding(
            "validity",
            Verdict.NO,
            headline,
            (reason,),
            (*rows, row_of(newest, code.shown)),
            codes=(code.shown,),
            weight=_RETIRED_WEIGHT,
        )
    if record is not None and record.record.billable is False:
        more = f" {children} codes stand directly below it." if children else ""
        headline = f"{named} is a heading, not a billable code: use a code below it."
        return Finding(
            "validity",
            Verdict.NO,
            headline,
            (f"The tabular list divides it further.{more}",),
            rows,
            codes=(code.shown,),
            weight=40,
        )
    if record is not None:
        listed = f"{named} is listed in {record.edition.cited}."
        if code.system in (CodeSystem.ICD10CM, CodeSystem.ICD10PCS):
            return Finding(
                "validity",
                Verdict.NO_DATA,
                listed,
                ("No validity window is loaded for it.",),
                rows,
                codes=(code.shown,),
            )
        return Finding("validity", Verdict.YES, listed, (), rows, codes=(code.shown,))
    return Finding(
        "validity",
        Verdict.NO_DATA,
        f"{named} is in no loaded table.",
        ("Check the spelling, or load a newer file.",),
        codes=(code.shown,),
        weight=90,
    )


def _listed_on_the_day(code: Code, named: str, day: date, window: Found[Validity]) -> Finding:
    start, end, list_ends = window.record.valid_from, window.record.valid_to, window.edition.effective_to
    since = "before the loaded list begins" if start == date.min else start.isoformat()
    row = (row_of(window, code.shown),)
    if end is None and list_ends is not None and list_ends < day:
        headline = f"{named} was still valid when the loaded list ends, {list_ends.isoformat()}."
        reason = f"It has been valid since {since}. Whether it still is on {day.isoformat()} needs a newer list."
        return Finding("validity", Verdict.YES_IF, headline, (reason,), row, codes=(code.shown,))
    until = f" to {end.isoformat()}" if end and end.year < _FAR else ""
    headline = f"{named} is valid and billable on {day.isoformat()}."
    reason = f"It may be reported from {since}{until} in the loaded table."
    return Finding("validity", Verdict.YES, headline, (reason,), row, codes=(code.shown,))


def _covers(window: Validity, day: date) -> bool:
    return window.valid_from <= day and (window.valid_to is None or day <= window.valid_to)
