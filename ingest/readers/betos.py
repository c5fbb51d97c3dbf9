"""BETOS 2.0 (CMS, 2020): category labels of procedure codes, as the package medicaid-utils 3.1.0 carries ``betpuf20.txt``.

One line a code: code, BETOS category code, quoted label of three levels joined by hyphens
(``45385 PG05N "Procedures- Digestive/gastrointestinal-Colonoscopy"``); categories within a label hold hyphens of their own (``X-ray``). The labels are CMS's names of groups of services, not descriptors
of the codes: they let CPT codes be found by words without any CPT wording.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TextIO

from ingest.readers import Rejects, Table
from knowledge.records import Category
from knowledge.writing import EditionDraft

__all__ = ["read"]

_LINE = re.compile(r'([0-9A-Za-z]{5})\s+([0-9A-Z]{2,6})\s+"([^"]+)"\s*')
_LEVEL = re.compile(r"(?<=\S)-(?=[A-Z])")


def read(file: TextIO, draft: EditionDraft) -> Table:
    """Return the label of each code."""
    rejects = Rejects("BETOS 2.0")
    records = []
    for number, line in enumerate(file, start=1):
        match = _LINE.fullmatch(line)
        if match is None:
            rejects.add(f"line {number}", "expected code, category and quoted label")
        else:
            first, _, rest = match[3].partition("- ")
            levels = [" ".join(part.split()) for part in (first, *_LEVEL.split(rest))]
            records.append(Category(match[1].upper(), " - ".join(levels), "BETOS 2.0"))
    rejects.settle(len(records))
    return Table(replace(draft, table="category"), records, rejects)
