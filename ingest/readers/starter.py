"""Our own small tables in ``ingest/starter``: facts of a few hundred frequent codes restated from CMS files, so that a first start answers.

Each CSV has a header, one fact a row, and names edition and source in every row:

- ``indicators.csv``: PFS relative value file October 2025 (RVU25D); ``modifier_rows`` lists the modifiers (26, TC, 53) that have a row of
  their own in that file, whose cells are not restated.
- ``mue.csv``: NCCI MUE of 2024 Q3; ``mai`` is the MUE adjudication indicator.
- ``opps_asc.csv``: OPPS Addendum B of April 2026 and ASC Addenda AA and BB of July 2026; indicators only.
- ``ptp.csv``: NCCI PTP practitioner of 2024 Q3; the copy it was taken from does not show the effective date.
- ``opps_status.csv``: what OPPS status indicators mean, in own words, after Addendum D1.
- ``words.csv``: abbreviations and lay words with their clinical term; ``also`` is another sense.

All editions are partial: an absent row means nothing.
"""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from ingest.readers import Rejects, Table
from knowledge.errors import UnreadableFile
from knowledge.records import AscStatus, FeeIndicators, Licence, Mue, OppsStatus, Setting, Word
from knowledge.schema import OPEN
from knowledge.writing import EditionDraft, PtpRow

__all__ = ["read", "read_meanings"]

_CODE = re.compile(r"\d{4}[\dFTUMA]|[A-V]\d{4}")
_CANCELLED = "9"


@dataclass(frozen=True, slots=True)
class _Part:
    """One edition of one file: which of its rows belong to it and what record each becomes."""

    file: str
    table: str
    title: str
    label: str
    start: date
    end: date | None
    columns: tuple[str, ...]
    records: Callable[[dict[str, str]], Iterator[Any]]
    publisher: str = "CMS"
    licence: Licence = Licence.AMA_CODES
    setting: Setting | None = None
    belongs: Callable[[dict[str, str]], bool] = lambda row: True


def read(folder: Path) -> Iterator[Table]:
    """Yield the starter editions found in ``folder``.

    Raises :class:`~knowledge.errors.UnreadableFile` when a file lacks a column or a row cannot be read: they are our own.
    """
    meanings = read_meanings(folder)
    for part in (*_PARTS, _opps_part(meanings)):
        path = folder / part.file
        rows = [row for row in _rows(path, part.columns) if part.belongs(row[1])]
        yield Table(
            EditionDraft(
                part.table, part.publisher, part.title, part.label, part.start, part.end, False, part.licence,
                f"starter table {part.file}", hashlib.sha256(path.read_bytes()).hexdigest(), part.setting, True,
            ),
            list(_records(path, part, rows)),
            Rejects(part.file),
        )  # fmt: skip


def read_meanings(folder: Path) -> dict[str, str]:
    """Return what each OPPS status indicator means, in own words."""
    return {
        row["indicator"]: row["meaning"]
        for _, row in _rows(folder / "opps_status.csv", ("indicator", "meaning", "source"))
    }


def _rows(path: Path, columns: tuple[str, ...]) -> list[tuple[int, dict[str, str]]]:
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        missing = [name for name in columns if name not in (reader.fieldnames or ())]
        if missing:
            raise UnreadableFile(
                f"{path.name}: expected the columns {', '.join(columns)}, {', '.join(missing)} missing"
            )
        return [(reader.line_num, row) for row in reader]


def _records(path: Path, part: _Part, rows: list[tuple[int, dict[str, str]]]) -> Iterator[Any]:
    for line, row in rows:
        codes = [row[name] for name in ("code", "column1", "column2") if name in row]
        try:
            if not all(_CODE.fullmatch(code) for code in codes):
                raise ValueError(f"expected a CPT or HCPCS code, got {', '.join(codes)[:24]!r}")
            yield from part.records(row)
        except (KeyError, ValueError) as error:
            raise UnreadableFile(f"{path.name}, line {line}: {error}") from error


_CELLS = (
    "status", "pctc", "global_days", "multiple", "bilateral", "assistant", "cosurgeon", "team", "endoscopic_base", "supervision",
    "imaging_family",
)  # fmt: skip


def _fees(row: dict[str, str]) -> Iterator[FeeIndicators]:
    yield FeeIndicators(row["code"], "", *(row[name] for name in _CELLS))
    for modifier in row["modifier_rows"].split():
        yield FeeIndicators(row["code"], modifier, *("" for _ in _CELLS))


def _mue(setting: Setting) -> Callable[[dict[str, str]], Iterator[Mue]]:
    def records(row: dict[str, str]) -> Iterator[Mue]:
        if row["mai"] not in ("1", "2", "3"):
            raise ValueError(f"expected MAI 1, 2 or 3, got {row['mai'][:4]!r}")
        yield Mue(row["code"], setting, int(row["units"]), int(row["mai"]), row["rationale"])

    return records


def _asc(row: dict[str, str]) -> Iterator[AscStatus]:
    yield AscStatus(row["code"], "AA/BB", row["indicator"])


def _ptp(row: dict[str, str]) -> Iterator[PtpRow]:
    indicator = row["modifier_indicator"]
    if indicator == _CANCELLED:
        return  # a cancelled edit never applied; see the NCCI Policy Manual, chapter I
    if indicator not in ("0", "1"):
        raise ValueError(f"expected modifier indicator 0, 1 or 9, got {indicator[:4]!r}")
    deletion = int(row["deletion"].replace("-", "")) if row["deletion"] else OPEN
    yield PtpRow(
        row["column1"],
        row["column2"],
        int(row["effective"].replace("-", "") or 0),
        deletion,
        int(indicator),
        row["rationale"],
    )


def _word(row: dict[str, str]) -> Iterator[Word]:
    if row["kind"] not in ("abbreviation", "lay"):
        raise ValueError(f"expected kind abbreviation or lay, got {row['kind'][:16]!r}")
    yield Word(row["term"], row["means"], row["kind"], row["also"])


def _opps_part(meanings: dict[str, str]) -> _Part:
    def records(row: dict[str, str]) -> Iterator[OppsStatus]:
        yield OppsStatus(row["code"], row["indicator"], "", "", meanings.get(row["indicator"], ""))

    return _Part(
        "opps_asc.csv", "opps", "OPPS Addendum B", "April 2026", date(2026, 4, 1), date(2026, 6, 30),
        ("code", "table", "indicator", "edition", "source"), records, belongs=lambda row: row["table"] == "opps",
    )  # fmt: skip


_PARTS = (
    _Part(
        "indicators.csv", "fee", "PFS relative value file", "October 2025", date(2025, 10, 1), date(2025, 12, 31),
        ("code", *_CELLS, "modifier_rows", "edition", "source"), _fees,
    ),
    *(
        _Part(
            "mue.csv", "mue", f"NCCI MUE {setting}", "2024 Q3", date(2024, 7, 1), date(2024, 9, 30),
            ("code", "setting", "units", "mai", "rationale", "edition", "source"), _mue(setting), setting=setting,
            belongs=lambda row, setting=setting: row["setting"] == setting,  # type: ignore[misc]
        )
        for setting in (Setting.PRACTITIONER, Setting.OUTPATIENT_HOSPITAL)
    ),
    _Part(
        "opps_asc.csv", "asc", "ASC addenda", "July 2026", date(2026, 7, 1), date(2026, 9, 30),
        ("code", "table", "indicator", "edition", "source"), _asc, belongs=lambda row: row["table"] == "asc",
    ),
    _Part(
        "ptp.csv", "ptp", "NCCI PTP practitioner", "2024 Q3", date(2024, 7, 1), date(2024, 9, 30),
        ("column1", "column2", "effective", "deletion", "modifier_indicator", "rationale", "edition", "source"), _ptp,
        setting=Setting.PRACTITIONER,
    ),
    _Part(
        "words.csv", "word", "Abbreviations and lay words", "own list", date(2025, 1, 1), None, ("kind", "term", "means", "also"), _word,
        publisher="medcode", licence=Licence.OWN,
    ),
)  # fmt: skip
