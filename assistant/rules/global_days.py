"""The global surgical period of a code.

Source: CMS, Claims Processing Manual (Pub. 100-04) chapter 12, section 40, and the global days column of the PFS relative value file.
"""

from __future__ import annotations

from datetime import date, timedelta

from assistant.evidence import row_of
from assistant.rules.indicators import meaning
from assistant.rules.phrases import as_of
from assistant.types import Finding, Verdict
from knowledge.codes import Code
from knowledge.records import FeeIndicators, Found

__all__ = ["check", "window"]


def window(global_days: str, day: date) -> tuple[date, date] | None:
    """Return the first and last day of the global period of surgery on ``day``, both inclusive; None where the indicator sets no days.

    A 090 period counts the day before surgery, the day of surgery and the 90 days after: 92 days. A 010 period counts the day and 10 days after.
    """
    if global_days == "090":
        return day - timedelta(days=1), day + timedelta(days=90)
    if global_days == "010":
        return day, day + timedelta(days=10)
    if global_days == "000":
        return day, day
    return None


def check(code: Code, day: date, found: Found[FeeIndicators] | None, surgery_on: date | None = None) -> Finding:
    """Return the global period of ``code``, with real dates where the date of surgery is known."""
    shown = code.shown
    if found is None:
        load = "the CMS PFS relative value file of the quarter"
        return Finding(
            "global",
            Verdict.NO_DATA,
            f"No data: no fee schedule row for {shown} is loaded.",
            load=load,
            codes=(shown,),
            weight=30,
        )
    value = found.record.global_days
    headline = (
        f"{shown} has global days {value}{as_of(found)}: {meaning('global_days', value) or 'see the record layout'}."
    )
    reasons: list[str] = []
    days = window(value, surgery_on) if surgery_on else None
    if days:
        reasons.append(f"For surgery on {surgery_on} the period runs from {days[0]} to {days[1]}, both included.")
    return Finding(
        "global", Verdict.YES, headline, tuple(filter(None, reasons)), (row_of(found),), codes=(shown,), weight=35
    )
