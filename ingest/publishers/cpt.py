"""The AMA's CPT data files, from the user's own licensed set.

Layouts (from the AMA's public loader and three importers; no data file was seen): ``LONGULT.txt``: banner of about 31 lines, then code, tab, full
descriptor. ``MEDU.txt``, ``SHORTU.txt``: the same banner, then code in 1-5, blank, descriptor from 7 (at most 48 or 28 characters, upper case).
``MODUL.txt``: Appendix A in free text, each entry begins with a modifier and ends at a blank line. ``ConsumerDescriptor``, ``ClinicianDescriptor``: a
header row with ``CPT Code`` and the descriptor. The banner ends at the last blank line before the data.

Without a configured licence such a file is refused and nothing of it is kept. With one its text goes to the user's own store
(:mod:`knowledge.licensed`); the reference file only gets to know that the edition is there. The files do not state their year reliably: it is
taken from their names, else from the copyright line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from ingest.publishers import Format, Piece, ReadSettings, TableRows, Tally
from ingest.publishers.cells import Layout
from ingest.publishers.sample import Content, Sample
from knowledge.errors import RefusedFile, UnreadableFile
from knowledge.home import Home
from knowledge.licensed import store_descriptors
from knowledge.records import Licence
from knowledge.writing import EditionDraft

__all__ = ["FORMATS"]

SHORT_LENGTH, MEDIUM_LENGTH = 28, 48

_TABBED = re.compile(r"(\d{4}[\dFTUMA])\t(\S.*)")
_FIXED = re.compile(r"(\d{4}[\dFTUMA]) (\S.{0,60})")
_MODIFIER = re.compile(r"(\d{2}|P\d|\d[P]|[A-Z][A-Z0-9])(?::|\s{2,}|\t| )\s*(\S.*)")
_NAMED = Layout(
    "CPT descriptors",
    required={"code": "cpt code", "text": "(?:consumer friendly|clinician) descriptor"},
    optional={"concept": "concept id"},
)


def _lines(sample: Sample) -> list[str]:
    return sample.text.splitlines()


def _kind_of(sample: Sample) -> str:
    if sample.tabular and (found := _NAMED.find(sample.rows[:10])) is not None:
        header = " ".join(sample.rows[found[1]].cells).lower()
        return "consumer" if "consumer" in header else "clinician"
    if sample.content is not Content.TEXT or "american medical association" not in " ".join(
        sample.text[:8000].lower().split()
    ):
        return ""
    body = _lines(sample)
    if sum(_TABBED.fullmatch(line) is not None for line in body[:400]) >= 3:
        return "long" if not any(line.count("\t") > 1 for line in body if _TABBED.match(line)) else ""
    fixed = [match for line in body[:400] if (match := _FIXED.fullmatch(line.rstrip()))]
    if len(fixed) >= 3:
        return "short" if all(len(match[2]) <= SHORT_LENGTH for match in fixed) else "medium"
    return "modifier" if "appendix a" in sample.text[:8000].lower() and "modifiers" in sample.text.lower() else ""


def _read(sample: Sample, settings: ReadSettings) -> Piece:
    kind = _kind_of(sample)
    if not settings.licence:
        raise RefusedFile(
            f"{sample.place}: this is the AMA's CPT text; it is read only with your own licence configured (setting `licence`)"
        )
    year, tally = _year(sample), Tally(sample.place)
    draft = EditionDraft(
        "cpt_text", "AMA", f"CPT descriptors, {kind}", str(year), date(year, 1, 1), date(year, 12, 31), True, Licence.AMA_TEXT, sample.place,
        sample.file.sha256,
    )  # fmt: skip

    def private(home: Home) -> int:
        return store_descriptors(home, kind, str(year), _rows(sample, kind, tally))

    return Piece(sample.file, f"CPT descriptors, {kind}", (TableRows(draft, lambda: ()),), tally, private=private)


def _year(sample: Sample) -> int:
    match = re.search(r"(?<!\d)(20\d\d)(?!\d)", " ".join(sample.file.names)) or re.search(
        r"(20\d\d)", sample.text[:6000]
    )
    if match is None:
        raise UnreadableFile(
            f"{sample.place}: expected the year of the CPT set in the name of its folder, such as CPT2027"
        )
    return int(match[1])


def _rows(sample: Sample, kind: str, tally: Tally) -> Iterator[tuple[str, str]]:
    if kind in ("consumer", "clinician"):
        columns, _ = _NAMED.header_of(sample.rows, sample.place)
        for row in sample.all_rows():
            if row.line > columns.header_line and any(row.cells):
                tally.line, tally.read = row.line, tally.read + 1
                code, text = columns.get(row, "code"), columns.get(row, "text")
                if re.fullmatch(r"\d{4}[\dFTUMA]", code) and text:
                    yield code, text
                else:
                    tally.reject("expected a CPT code and a descriptor")
        return
    with sample.file.path.open(encoding=sample.encoding) as file:
        lines = file.read().splitlines()
    yield from (
        _modifiers(lines, tally) if kind == "modifier" else _codes(lines, _TABBED if kind == "long" else _FIXED, tally)
    )


def _codes(lines: list[str], pattern: re.Pattern[str], tally: Tally) -> Iterator[tuple[str, str]]:
    first = next(i for i, line in enumerate(lines) if pattern.fullmatch(line.rstrip()))
    for number, line in enumerate(lines[first:], start=first + 1):
        if line.strip():
            tally.line, tally.read = number, tally.read + 1
            match = pattern.fullmatch(line.rstrip())
            if match:
                yield match[1], match[2].strip()
            else:
                tally.reject(
                    "expected a CPT code and a descriptor"
                )  # the line itself is the AMA's text and stays out of the message


def _modifiers(lines: list[str], tally: Tally) -> Iterator[tuple[str, str]]:
    begin = next((i for i, line in enumerate(lines) if "appendix a" in line.lower()), 0)
    entry: list[str] = []
    for number, line in enumerate([*lines[begin:], ""], start=begin + 1):
        if line.strip():
            entry.append(line.strip())
            continue
        match = _MODIFIER.fullmatch(" ".join(entry)) if entry else None
        if match is not None and len(entry) and re.match(r"\d{2}|P\d|\dP|[A-Z]{1,2}\d?", entry[0]):
            tally.line, tally.read = number, tally.read + 1
            yield match[1], match[2]
        entry = []


FORMATS = (Format("AMA CPT set", lambda s: _kind_of(s) != "", _read),)
