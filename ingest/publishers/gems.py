"""General equivalence mappings (GEM): text files of source code, target code and five flags.

Layout (content inspected in derived copies): ``A000    0010  00000``: source, blanks, target (``NoDx``, ``NoPCS`` or ``NODX`` where there is none), blanks,
flags approximate, no map, combination, scenario, choice list. Which systems are mapped is told from the shapes of the codes: seven
characters on every line are ICD-10-PCS, a letter first is ICD-10-CM. The final edition is 2018.

Source: CMS and CDC, General Equivalence Mappings, documentation for technical users.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from ingest.publishers import Format, Piece, ReadSettings, TableRows, Tally
from ingest.publishers.sample import Content, Sample
from knowledge.codes import Code, CodeSystem
from knowledge.errors import InvalidCode, UnreadableFile
from knowledge.records import CrosswalkRow, Licence
from knowledge.writing import EditionDraft

__all__ = ["FORMATS"]

_LINE = re.compile(
    r"([0-9A-Z]{3,7})\s+([0-9A-Z]{3,7}|NoDx|NoPCS|NODX|NOPCS)\s+([01])([01])([01])(\d)(\d)\s*", re.IGNORECASE
)
_NONE = {"NODX", "NOPCS"}


def _is_gem(sample: Sample) -> bool:
    lines = [line for line in sample.text.splitlines()[:40] if line.strip()]
    return sample.content is Content.TEXT and len(lines) >= 3 and all(_LINE.fullmatch(line) for line in lines[:-1])


def _read(sample: Sample, settings: ReadSettings) -> Piece:
    matches = [match for line in sample.text.splitlines()[:-1] if (match := _LINE.fullmatch(line))]
    source = _system([match[1] for match in matches])
    target = _system([match[2] for match in matches if match[2].upper() not in _NONE])
    if target is None or source is None:
        raise UnreadableFile(f"{sample.place}: expected ICD-9-CM and ICD-10 codes in two columns")
    if CodeSystem.ICD10PCS in (source, target):
        # The other side of ICD-10-PCS is ICD-9-CM volume 3.
        source, target = (CodeSystem.ICD9PROC if system is CodeSystem.ICD9CM else system for system in (source, target))
    year = re.search(r"(20\d\d)", sample.named)
    first = date(int(year[1]) - 1 if year else 2017, 10, 1)
    tally = Tally(sample.place)
    draft = EditionDraft(
        "crosswalk", "CMS", f"GEM {source.label} to {target.label}", str(first.year + 1), first, date(first.year + 1, 9, 30), True, Licence.PUBLIC,
        sample.place, sample.file.sha256, system=source,
    )  # fmt: skip
    rows = TableRows(draft, lambda: _rows(sample, source, target, tally), fewest=10_000)
    return Piece(sample.file, draft.title, (rows,), tally)


def _rows(sample: Sample, source: CodeSystem, target: CodeSystem, tally: Tally) -> Iterator[CrosswalkRow]:
    with sample.file.path.open(encoding=sample.encoding) as file:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            tally.line, tally.read = number, tally.read + 1
            match = _LINE.fullmatch(line)
            if match is None:
                tally.reject(f"expected source, target and five flags, got {line.strip()[:30]!r}")
                continue
            try:
                mapped = None if match[4] == "1" or match[2].upper() in _NONE else Code.parse(match[2], target)
                yield CrosswalkRow(
                    Code.parse(match[1], source), mapped, match[3] == "1", match[5] == "1", int(match[6]), int(match[7])
                )
            except InvalidCode as error:
                tally.reject(str(error))


def _system(values: list[str]) -> CodeSystem | None:
    if not values:
        return None
    if all(len(value) == 7 for value in values):
        return CodeSystem.ICD10PCS
    letters = sum(value[0].isalpha() and value[0].upper() not in "EV" for value in values)
    return CodeSystem.ICD10CM if letters > len(values) / 2 else CodeSystem.ICD9CM


FORMATS = (Format("general equivalence mapping", _is_gem, _read),)
