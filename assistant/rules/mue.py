"""How many units? The medically unlikely edits.

Source: CMS, NCCI Policy Manual for Medicare Services, chapter I, section V, and the MUE tables by setting and quarter. MAI 1 limits a claim line, MAI 2 a
date of service absolutely, MAI 3 a date of service as a clinical benchmark. Some limits are not published: a missing row is never "no limit".
"""

from __future__ import annotations

from datetime import date

from assistant.evidence import row_of
from assistant.rules.phrases import as_of
from assistant.types import Finding, Verdict
from knowledge.codes import Code
from knowledge.records import Found, Mue, Setting

__all__ = ["check"]

_MEANING = {
    1: "MAI 1 limits each claim line: more units may stand on another line with a modifier that the record supports.",
    2: "MAI 2 is a limit per date of service that follows from policy; units above it are not paid, also on appeal.",
    3: "MAI 3 is a clinical benchmark per date of service: units above it are denied at first and may be paid on review when the records show they were necessary and correctly coded.",
}


def check(code: Code, day: date, setting: Setting, found: Found[Mue] | None, units: int | None = None) -> Finding:
    """Return whether ``units`` (or how many) may be reported for one patient on one day."""
    shown = code.shown
    if found is None:
        headline = f"No data: no unit limit for {shown} is loaded for the {setting}."
        reason = "Some limits are confidential and some codes have none, so a missing row never means that any number may be billed."
        load = f"the CMS MUE table for the {setting} of the quarter of {day.isoformat()}"
        return Finding("mue", Verdict.NO_DATA, headline, (reason,), load=load, codes=(shown,), weight=30)
    limit = found.record
    meaning = _MEANING.get(limit.adjudication, "The loaded copy does not state the adjudication indicator.")
    dated = as_of(found)
    row = row_of(found)
    basis = (
        f"MUE {limit.value}, MAI {limit.adjudication}"
        + (f"; rationale: {limit.rationale}" if limit.rationale else "")
        + "."
    )
    reasons = (basis, meaning)
    per = "claim line" if limit.adjudication == 1 else "date of service"
    if limit.value == 0:
        headline = f"No: the unit limit of {shown} is 0 for the {setting}{dated}, so Medicare pays no unit."
        return Finding("mue", Verdict.NO, headline, reasons, (row,), codes=(shown,), weight=90)
    if units is None:
        headline = f"At most {_units(limit.value)} of {shown} per {per} for the {setting}{dated}."
        return Finding("mue", Verdict.YES, headline, reasons, (row,), codes=(shown,), weight=40)
    if units <= limit.value:
        headline = f"Yes: {_units(units)} of {shown} is within the limit of {limit.value} per {per}{dated}."
        return Finding("mue", Verdict.YES, headline, reasons, (row,), codes=(shown,), weight=60)
    if limit.adjudication == 2:
        headline = f"No: {_units(units)} of {shown} is above the limit of {limit.value} per {per}{dated}."
        return Finding("mue", Verdict.NO, headline, reasons, (row,), codes=(shown,), weight=95)
    must = (f"why more than {_units(limit.value)} were necessary, and that every unit was given",)
    headline = f"Yes, if the record supports it: {_units(units)} of {shown} is above the limit of {limit.value} per {per}{dated}."
    return Finding("mue", Verdict.YES_IF, headline, reasons, (row,), must, codes=(shown,), weight=92)


def _units(number: int) -> str:
    return f"{number} unit" if number == 1 else f"{number} units"
