"""From one code to what other systems call or pay it.

Sources: OPPS Addendum B (APC, status indicator), ASC Addenda AA, BB and EE, CMS-HCC mappings by payment year, general equivalence mappings (GEMs, which
ended with fiscal year 2018). No public crosswalk from CPT to ICD-10-CM exists.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from assistant.evidence import row_of
from assistant.rules.phrases import as_of, listed
from assistant.types import Finding, Verdict
from knowledge.codes import Code
from knowledge.records import AscStatus, ComplicationClass, CrosswalkRow, DrgRecord, Found, HccMapping, OppsStatus

__all__ = ["ambulatory_centre", "complication", "group", "hcc", "icd_mapping", "outpatient"]


def outpatient(code: Code, day: date, found: Found[OppsStatus] | None) -> Finding:
    """Return the hospital outpatient status indicator and APC of ``code``."""
    shown = code.shown
    if found is None:
        load = "the CMS OPPS Addendum B of the quarter"
        return Finding(
            "opps",
            Verdict.NO_DATA,
            f"No data: no OPPS row for {shown} is loaded.",
            load=load,
            codes=(shown,),
            weight=20,
        )
    status = found.record
    group = f"APC {status.apc.lstrip('0') or status.apc}" if status.apc.strip("0") else "no APC of its own"
    headline = f"{shown} maps to {group} with OPPS status indicator {status.indicator}{as_of(found)}."
    reasons = [f"Status indicator {status.indicator}: {status.meaning}." if status.meaning else ""]
    if status.payment_rate:
        reasons.append(
            f"National payment rate in {found.edition.label}: ${status.payment_rate}, before wage adjustment."
        )
    return Finding(
        "opps", Verdict.YES, headline, tuple(filter(None, reasons)), (row_of(found),), codes=(shown,), weight=30
    )


def ambulatory_centre(code: Code, day: date, found: Sequence[Found[AscStatus]]) -> Finding:
    """Return the ambulatory surgical centre payment indicators of ``code``."""
    shown = code.shown
    if not found:
        headline = f"No data: {shown} has no row in the loaded ASC addenda."
        return Finding(
            "asc", Verdict.NO_DATA, headline, load="the CMS ASC addenda of the quarter", codes=(shown,), weight=15
        )
    parts = [
        f"payment indicator {f.record.indicator} (Addendum {f.record.addendum})" for f in found if f.record.indicator
    ]
    headline = (
        f"In an ambulatory surgical centre {shown} has {listed(parts)}{as_of(found[0])}."
        if parts
        else f"{shown} is listed in ASC Addendum {found[0].record.addendum}{as_of(found[0])}."
    )
    return Finding(
        "asc",
        Verdict.YES,
        headline,
        (),
        tuple(row_of(f) for f in found),
        codes=(shown,),
        weight=18,
    )


def hcc(code: Code, day: date, found: Sequence[Found[HccMapping]]) -> Finding | None:
    """Return the risk-adjustment categories of a diagnosis in the CMS-HCC models; None when it maps to none in a loaded table."""
    current = [f for f in found if "V28" in f.record.model or "V24" in f.record.model]
    if not current:
        return None
    shown = code.shown
    parts = [
        f"HCC {f.record.category}" + (f" ({f.record.label})" if f.record.label else "") + f" in {f.record.model}"
        for f in current
    ]
    headline = f"{shown} maps to {listed(parts)}, {current[0].edition.label}."
    return Finding(
        "hcc",
        Verdict.YES,
        headline,
        rows=tuple(row_of(f, f"{shown} {f.record.model}") for f in current),
        codes=(shown,),
        weight=25,
    )


def icd_mapping(code: Code, found: Sequence[Found[CrosswalkRow]]) -> Finding | None:
    """Return what the general equivalence mappings give for ``code``; None when they hold no row."""
    if not found:
        return None
    targets = [f for f in found if f.record.target is not None]
    shown = code.shown
    if not targets:
        headline = f"The general equivalence mapping lists no match for {shown}."
        return Finding("gem", Verdict.NO, headline, rows=tuple(row_of(f) for f in found), codes=(shown,), weight=30)
    names = [f"{f.record.target}" for f in targets if f.record.target]
    approximate = any(f.record.approximate for f in targets)
    system = targets[0].record.target.system.label if targets[0].record.target else ""
    headline = f"{shown} maps to {system} {listed(names[:8], 'or')} ({'approximate' if approximate else 'identical'} in the general equivalence mapping)."
    reasons = (
        ("An approximate match needs a coder's reading of the record; the mappings ended with fiscal year 2018.",)
        if approximate
        else ()
    )
    return Finding(
        "gem",
        Verdict.YES,
        headline,
        reasons,
        tuple(row_of(f, f"{shown} {f.record.target}") for f in targets[:8]),
        codes=(shown,),
        weight=30,
    )


def group(code: Code, day: date, found: Found[DrgRecord] | None) -> Finding | None:
    """Return the title and weight of an MS-DRG; None when the loaded table does not hold it."""
    if found is None:
        return None
    drg = found.record
    weight = f" Its relative weight is {drg.weight} in {found.edition.label}." if drg.weight else ""
    headline = f"MS-DRG {drg.drg} is {drg.title}{as_of(found)}."
    return Finding("drg", Verdict.YES, f"{headline}{weight}", (), (row_of(found),), codes=(code.shown,), weight=30)


def complication(code: Code, day: date, found: Found[ComplicationClass] | None) -> Finding | None:
    """Return whether a diagnosis is a CC or MCC for MS-DRG grouping; None when it is in neither loaded list."""
    if found is None:
        return None
    headline = f"{code.shown} is on the {found.record.level} list of {found.edition.label}{as_of(found)}."
    return Finding(
        "cc",
        Verdict.YES,
        headline,
        ("Exclusions can cancel it beside certain principal diagnoses.",),
        (row_of(found),),
        codes=(code.shown,),
        weight=12,
    )
