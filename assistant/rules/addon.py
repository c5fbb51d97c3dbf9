"""Add-on codes and the primary codes they need.

Source: CMS NCCI add-on code edits and NCCI Policy Manual chapter I: type 1 has a closed list of primary codes, type 2 leaves them to the contractor, type 3
lists some and lets the contractor add others.
"""

from __future__ import annotations

from collections.abc import Sequence

from assistant.evidence import row_of
from assistant.rules.phrases import listed
from assistant.types import Finding, Verdict
from knowledge.codes import Code
from knowledge.records import AddOnPair, Found

__all__ = ["check"]

_SHOWN = 8


def check(addon: Code, primaries: Sequence[Found[AddOnPair]], others: Sequence[str]) -> Finding | None:
    """Return whether an add-on code stands with a primary code among ``others``; None when the code is no add-on code."""
    if not primaries:
        return None
    shown = addon.shown
    named = tuple(
        found.record.primary
        for found in primaries
        if found.record.primary.isalnum() and found.record.primary != "CCCCC"
    )
    present = [found for found in primaries if found.record.primary in others]
    if present:
        headline = f"Yes: {shown} is an add-on code and {present[0].record.primary} is one of its primary codes."
        return Finding(
            "addon",
            Verdict.YES,
            headline,
            rows=(row_of(present[0], f"{shown}/{present[0].record.primary}"),),
            codes=(shown,),
            weight=30,
        )
    kind = primaries[0].record.kind
    row = (row_of(primaries[0], shown),)
    few = listed(list(named[:_SHOWN]), "or") + (f" and {len(named) - _SHOWN} more" if len(named) > _SHOWN else "")
    if kind == 2 or not named:
        headline = f"{shown} is an add-on code of type 2: the contractor decides which primary codes it may follow."
        return Finding("addon", Verdict.NO_DATA, headline, rows=row, codes=(shown,), weight=45)
    rest = "The list is closed." if kind == 1 else "The contractor may accept others."
    if others:
        verdict = Verdict.NO if kind == 1 else Verdict.NO_DATA
        headline = f"{'No' if kind == 1 else 'No data'}: {shown} is an add-on code and none of the other codes named is among its listed primary codes."
        return Finding(
            "addon", verdict, headline, (f"Listed primary codes: {few}. {rest}",), row, codes=(shown,), weight=88
        )
    headline = f"{shown} is an add-on code: it is reported only with a primary code such as {few}."
    return Finding("addon", Verdict.YES_IF, headline, (rest,), row, codes=(shown,), weight=32)
