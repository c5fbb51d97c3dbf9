"""What the physician fee schedule's payment policy indicators say of a code.

Source: CMS, PFS relative value file record layout (value codes) and Claims Processing Manual chapter 23. The meanings are our own summary.
"""

from __future__ import annotations

from datetime import date

from assistant.evidence import row_of
from assistant.types import Finding, Table, Verdict
from knowledge.codes import Code
from knowledge.records import FeeIndicators, Found

__all__ = ["MEANINGS", "check", "meaning", "table"]

MEANINGS: dict[str, dict[str, str]] = {
    "status": {
        "A": "active: paid under the fee schedule when covered",
        "B": "bundled: payment is always part of another service",
        "C": "contractor priced: no national amount, the MAC decides",
        "E": "excluded by regulation",
        "I": "not valid for Medicare: another code is used",
        "J": "anesthesia service: base and time units instead of relative values",
        "M": "measurement code, for reporting only",
        "N": "not covered by Medicare",
        "P": "bundled or excluded",
        "R": "restricted coverage",
        "T": "paid only when nothing else payable is billed that day",
        "X": "outside the fee schedule by statute (laboratory, ambulance and others)",
    },
    "pctc": {
        "0": "physician service: 26 and TC do not apply",
        "1": "diagnostic test with both components: 26 and TC are valid",
        "2": "professional component only: no 26 or TC",
        "3": "technical component only: no 26 or TC",
        "4": "global test only: no 26 or TC",
        "5": "incident-to service: no 26 or TC",
        "6": "laboratory physician interpretation: 26 valid, TC not",
        "7": "therapy service, subject to its own rules",
        "8": "physician interpretation of an inpatient smear: no TC",
        "9": "the concept does not apply",
    },
    "global_days": {
        "000": "minor procedure: the day itself only",
        "010": "minor procedure: the day and 10 days after",
        "090": "major surgery: the day before, the day itself and 90 days after",
        "MMM": "maternity: the usual global period does not apply",
        "XXX": "the global concept does not apply",
        "YYY": "the contractor decides on a global period",
        "ZZZ": "add-on: follows the global period of its primary code",
    },
    "multiple": {
        "0": "no multiple-procedure reduction",
        "1": "an older reduction rule",
        "2": "standard reduction: 100, 50, 50, 50, 50 percent",
        "3": "endoscopy family: paid above the base code",
        "4": "diagnostic imaging reduction",
        "5": "therapy reduction on practice expense",
        "6": "diagnostic cardiovascular reduction",
        "7": "diagnostic ophthalmology reduction",
        "9": "the concept does not apply",
    },
    "bilateral": {
        "0": "no 150 percent: the 50 modifier does not raise payment",
        "1": "150 percent when done on both sides (modifier 50)",
        "2": "already priced as bilateral: no modifier 50",
        "3": "each side paid in full",
        "9": "the concept does not apply",
    },
    "assistant": {
        "0": "assistant paid only with documented medical necessity",
        "1": "assistant never paid, by statute",
        "2": "assistant may be paid",
        "9": "the concept does not apply",
    },
    "cosurgeon": {
        "0": "co-surgeons not paid",
        "1": "co-surgeons with documentation of the need",
        "2": "co-surgeons of two specialties, no documentation needed",
        "9": "the concept does not apply",
    },
    "team": {
        "0": "team surgery not paid",
        "1": "team surgery with documentation, priced by report",
        "2": "team surgery allowed, priced by report",
        "9": "the concept does not apply",
    },
}
"""Value codes of the indicators, in own words."""

_NAMES = {
    "status": "Status",
    "pctc": "PC/TC indicator",
    "global_days": "Global days",
    "multiple": "Multiple procedure",
    "bilateral": "Bilateral surgery",
    "assistant": "Assistant surgeon",
    "cosurgeon": "Co-surgeons",
    "team": "Team surgery",
}


def meaning(column: str, value: str) -> str:
    """Return the meaning of an indicator's value in own words, or an empty string where the layout names none."""
    return MEANINGS.get(column, {}).get(value, "")


def table(fee: FeeIndicators) -> Table:
    """Return the indicators of one row with their meanings."""
    rows = [(_NAMES[column], getattr(fee, column), meaning(column, getattr(fee, column))) for column in _NAMES]
    if fee.endoscopic_base:
        rows.append(("Endoscopic base code", fee.endoscopic_base, "family for the endoscopy reduction"))
    return Table(("indicator", fee.code, "meaning"), tuple(row for row in rows if row[1]))


def check(code: Code, day: date, found: Found[FeeIndicators] | None) -> Finding:
    """Return the indicators of ``code`` as a finding."""
    shown = code.shown
    if found is None:
        load = "the CMS PFS relative value file of the quarter"
        return Finding(
            "indicators",
            Verdict.NO_DATA,
            f"No data: no fee schedule row for {shown} is loaded.",
            load=load,
            codes=(shown,),
            weight=20,
        )
    fee = found.record
    facts = [f"status {fee.status}", f"global days {fee.global_days}", f"PC/TC indicator {fee.pctc}"]
    headline = f"Medicare fee schedule for {shown} ({found.edition.label}): {', '.join(facts)}."
    priced = {
        "A": f"Status A: {meaning('status', 'A')}.",
        "C": "Status C: contractor priced, so there is no national amount; the MAC sets the payment.",
    }.get(fee.status, f"Status {fee.status}: {meaning('status', fee.status) or 'see the record layout'}.")
    reasons = [
        priced,
        f"Global days {fee.global_days}: {meaning('global_days', fee.global_days) or 'see the record layout'}.",
    ]
    reasons.append(
        f"Multiple procedure {fee.multiple}, bilateral {fee.bilateral}, assistant surgeon {fee.assistant}, co-surgeon {fee.cosurgeon}, "
        f"team surgeon {fee.team}, PC/TC {fee.pctc}"
        + (f", endoscopic base code {fee.endoscopic_base}." if fee.endoscopic_base else ".")
    )
    return Finding(
        "indicators",
        Verdict.YES,
        headline,
        tuple(reasons),
        (row_of(found),),
        codes=(shown,),
        weight=20,
    )
