"""Which published layout a file has, told from its content."""

from __future__ import annotations

from ingest.publishers import (
    Format,
    addon,
    cpt,
    fees,
    gems,
    hcpcs,
    hospital,
    icd10,
    indexes,
    lists,
    localities,
    mcd,
    mue,
    pcs,
    prose,
    ptp,
)
from ingest.publishers.sample import Content, Sample

__all__ = ["FORMATS", "recognise"]

FORMATS: tuple[Format, ...] = (
    ptp.EDITS,
    ptp.CHANGES,
    mue.TABLE,
    addon.TABLE,
    fees.TABLE,
    fees.FIXED_WIDTH,
    *localities.FORMATS,
    *hcpcs.FORMATS,
    *gems.FORMATS,
    *icd10.FORMATS,
    *indexes.FORMATS,
    *pcs.FORMATS,
    *hospital.FORMATS,
    *lists.FORMATS,
    *mcd.FORMATS,
    *cpt.FORMATS,
    *prose.FORMATS,
)
"""Every layout, the more specific before the more general."""


def recognise(sample: Sample) -> Format | None:
    """Return the format whose layout the content has; None when it is none that is known."""
    if sample.content is Content.OTHER:
        return None
    return next((format for format in FORMATS if format.recognises(sample)), None)
