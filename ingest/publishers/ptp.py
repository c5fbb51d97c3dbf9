"""NCCI procedure-to-procedure edits (PTP): practitioner and outpatient hospital, and the quarterly list of changes.

Layout of the edit files (inspected copies of the 2026 Q3 release; rows checked against the whole 2024 Q3 data): tab-separated text,
CRLF, Windows-1252, or the same seven columns in a workbook. Preamble: AMA notice, title "Column1/Column2 Edits", then one header spread
over one to four rows: ``Column 1 | Column 2 | *=in existence prior to 1996 | Effective Date | Deletion Date *=no data | Modifier
0=not allowed 1=allowed 9=not applicable | PTP Edit Rationale``. Dates are YYYYMMDD; a deletion date of ``*`` means still active. A release
is a full snapshot with its history since 1996, cut into four files (``ccipra-v322r0-f1`` to ``-f4``, ``ccioph-...`` for the hospital). The
version is ``v`` + (year - 1994) + quarter from 0, and stands only in the name, as does the setting.

Copies without the effective date and the 1996 mark are read as well; they speak from their own quarter on only.

Rules: indicator 9 marks edits cancelled on their first day and is dropped (CMS NCCI Policy Manual, chapter I); what remains is keyed by
(column 1, column 2, effective, deletion). No edit may be active in both orders, and no active edit has indicator 9: a file that breaks
either is refused. Medicaid and DME releases look the same and are refused by the programme in their names or banner.

Layout of the list of changes (one description, no copy seen: uncertain): banner, then ``Column 1 | Column 2 | Modifier Indicator``; what
kind of change the rows are stands in the sheet's title, the banner or the name.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import compress, repeat

from ingest.publishers import Format, Piece, Quarter, ReadSettings, TableRows, Tally
from ingest.publishers.cells import Columns, Layout, Row, day_of, procedure_code
from ingest.publishers.sample import Sample
from knowledge.errors import RefusedFile, UnreadableFile
from knowledge.listings import Change, PtpChange
from knowledge.records import Licence, Setting
from knowledge.schema import OPEN, as_number
from knowledge.writing import EditionDraft, PtpEntry

__all__ = ["CHANGES", "EDITS", "PARTS", "release_of", "setting_of"]

PARTS = ("f1", "f2", "f3", "f4")
HISTORY_FROM = date(1996, 1, 1)
BATCH_BYTES = 1 << 16
"""Small enough for a block and its cells to stay in the processor's cache."""
FEWEST_ROWS = 100_000
"""Rows of a whole snapshot; the smallest real one has 1.8 million."""

_LAYOUT = Layout(
    "NCCI PTP edits",
    required={
        "column1": r"column ?_?1(?: code)?",
        "column2": r"column ?_?2(?: code)?",
        "deletion": r"deletion(?: date)?(?: ?\*? ?=? ?no data)?",
        "indicator": r"modifier(?:[ _]indicator)?(?: ?0 ?=.*)?",
        "rationale": r"(?:ptp edit )?rationale",
    },
    optional={"existed": r"\* ?=? ?in existence(?: prior to 1996)?", "effective": r"effective(?: date)?"},
    stacked=4,
)
_CHANGES = Layout(
    "NCCI PTP changes",
    required={
        "column1": r"column ?1(?: code)?",
        "column2": r"column ?2(?: code)?",
        "indicator": r"(?:new |current )?modifier(?: ?indicator)?.*",
    },
    optional={},
)
_CODE = re.compile(r"[0-9]{4}[0-9FTUMA]|[A-V][0-9]{4}")
_MARKS = {"0": 0, "1": 1, "9": 9}
_KINDS = {
    "addition": Change.NEW,
    "added": Change.NEW,
    "deletion": Change.DELETED,
    "deleted": Change.DELETED,
    "revis": Change.CHANGED,
}


def release_of(sample: Sample) -> Quarter:
    """Return the quarter of a release from its names.

    Raises :class:`~knowledge.errors.UnreadableFile` when no name tells it.
    """
    named = sample.named
    if match := re.search(r"[-_ v]v(\d{2})([0-3])(?:r\d+)?", named):
        return Quarter(1994 + int(match[1]), int(match[2]) + 1)
    if match := re.search(r"(20\d\d)[-_ ]?q([1-4])", named) or re.search(r"q([1-4])[-_ ]?(20\d\d)", named):
        year, quarter = sorted((match[1], match[2]), key=len, reverse=True)
        return Quarter(int(year), int(quarter))
    if match := re.search(r"(20\d\d)-(\d{2})-(\d{2})", named):
        return Quarter.of(date(int(match[1]), int(match[2]), int(match[3])))
    raise UnreadableFile(
        f"{sample.place}: expected the release in the name, such as ccipra-v322r0-f1 or 2026q3, since the file does not state it: keep CMS's name"
    )


def setting_of(sample: Sample) -> Setting:
    """Return the setting of a PTP or add-on release from its names and banner.

    Raises :class:`~knowledge.errors.RefusedFile` for another programme (Medicaid, DME) and for names that speak of both settings or neither.
    """
    told = f"{sample.named} {sample.banner}"
    if re.search(r"medicaid|\bmcd[-_]", told):
        raise RefusedFile(
            f"{sample.place}: these are Medicaid NCCI edits; only Medicare's are loaded, since the two differ"
        )
    if re.search(r"\bdme\b|ccidme|durable medical", re.sub(r"[-_.]", " ", told)):
        raise RefusedFile(f"{sample.place}: these are DME edits; load the practitioner or the outpatient hospital file")
    practitioner = re.search(r"ccipra|practitioner|physician", sample.named)
    hospital = re.search(r"ccioph|hospital|outpatient", sample.named)
    if bool(practitioner) == bool(hospital):
        raise RefusedFile(
            f"{sample.place}: expected practitioner or outpatient hospital in the name (ccipra, ccioph), got {'both' if practitioner else 'neither'}: keep CMS's name"
        )
    return Setting.PRACTITIONER if practitioner else Setting.OUTPATIENT_HOSPITAL


def _recognises(sample: Sample) -> bool:
    return sample.tabular and _LAYOUT.find(sample.rows) is not None


def _read(sample: Sample, settings: ReadSettings) -> Piece:
    setting, quarter = setting_of(sample), release_of(sample)
    columns, _ = _LAYOUT.header_of(sample.rows, sample.place)
    whole_history = columns.has("effective")
    part = re.search(r"f([1-4])(?:\.\w+)?$", sample.file.name.lower())
    draft = EditionDraft(
        table="ptp",
        publisher="CMS",
        title=f"NCCI PTP {setting}",
        label=quarter.label,
        effective_from=quarter.first_day,
        effective_to=quarter.last_day,
        complete=True,
        licence=Licence.AMA_CODES,
        source=sample.place,
        sha256=sample.file.sha256,
        setting=setting,
        history_from=HISTORY_FROM if whole_history else None,
    )
    tally = Tally(sample.place)
    return Piece(
        sample.file,
        f"NCCI PTP edits, {setting}",
        (
            TableRows(
                draft,
                lambda: (),
                fewest=FEWEST_ROWS,
                batches=lambda numbers: _batches(sample, columns, quarter, tally, numbers),
            ),
        ),
        tally,
        part=f"f{part[1]}" if part else "",
        parts=PARTS if part else (),
        rank=1 if sample.workbook else 0,
    )


def _batches(
    sample: Sample, columns: Columns, quarter: Quarter, tally: Tally, numbers: Mapping[str, int]
) -> Iterator[list[PtpEntry]]:
    rows = _Rows(columns, tally, _Starts(columns, quarter.last_day), _Ends(), _Whys(numbers))
    if not sample.workbook and sample.encoding != "utf-16":
        yield from _text_batches(sample, rows)
        return
    batch: list[PtpEntry] = []
    for row in sample.all_rows():
        if row.line > columns.header_line and (edit := rows.careful(row)) is not None:
            batch.append(edit)
            if len(batch) == 20_000:
                yield batch
                batch = []
    yield batch


def _text_batches(sample: Sample, rows: _Rows) -> Iterator[list[PtpEntry]]:
    """Read whole blocks of lines column by column, and only a block that does not pass every check line by line.

    The checks of a column look at its distinct values; a quarter's two and a half million rows are read in a few seconds.
    """
    tally, header_line = rows.tally, rows.columns.header_line
    with sample.file.path.open("rb") as file:
        for _ in range(header_line):
            line = file.readline()
        delimiter = "\t" if line.count(b"\t") >= line.count(b",") else ","
        tally.line = header_line
        while data := file.read(BATCH_BYTES):
            # Lines end where bytes do in every encoding read here, so a block decodes by itself.
            block = (data + file.readline()).decode(sample.encoding)
            edits = rows.quick(block, delimiter)
            if edits is None:
                yield list(_one_by_one(block, delimiter, rows))
            else:
                lines = block.count("\n")
                tally.read += lines
                tally.dropped += lines - len(edits)
                tally.line += lines
                yield edits


def _one_by_one(block: str, delimiter: str, rows: _Rows) -> Iterator[PtpEntry]:
    start = rows.tally.line
    reader = csv.reader(block.splitlines(keepends=True), delimiter=delimiter)
    for cells in reader:
        edit = rows.careful(Row(start + reader.line_num, tuple(cells)))
        if edit is not None:
            yield edit
    rows.tally.line = start + reader.line_num


class _Ends(dict[str, int]):
    """Deletion dates as stored, each read once; an empty one and ``*`` are :data:`knowledge.schema.OPEN`."""

    def __init__(self) -> None:
        super().__init__({"": OPEN, "*": OPEN})

    def __missing__(self, text: str) -> int:
        self[text] = number = as_number(day_of(text) or date.max)
        return number


class _Whys(dict[str, int]):
    """Numbers of the rationales, each looked up once."""

    def __init__(self, numbers: Mapping[str, int]) -> None:
        super().__init__()
        self._numbers = numbers

    def __missing__(self, text: str) -> int:
        self[text] = number = self._numbers[text.strip()]
        return number


class _Starts(dict[str, int]):
    """Effective dates as stored, each read once; one after the release's own quarter means that the name tells another release."""

    def __init__(self, columns: Columns, last_day: date) -> None:
        super().__init__({} if columns.has("effective") else {"": 0})
        self._last_day = last_day

    def __missing__(self, text: str) -> int:
        day = day_of(text)
        if day is None:
            raise ValueError("expected an effective date, got none")
        if day > self._last_day:
            raise ValueError(
                f"the effective date {text} is after {self._last_day}, the last day of the release its name tells"
            )
        self[text] = number = as_number(day)
        return number


@dataclass(frozen=True, slots=True)
class _Rows:
    """Turns rows into edits, in bulk or one by one."""

    columns: Columns
    tally: Tally
    starts: _Starts
    ends: _Ends
    whys: _Whys
    codes: set[str] = field(default_factory=set)
    """Every code that was found well-formed."""

    def quick(self, block: str, delimiter: str) -> list[PtpEntry] | None:
        """Return the edits of a block of well-formed lines; None when any of them needs a careful look."""
        width, lines = block.count(delimiter, 0, block.find("\n")) + 1, block.count("\n")
        cells = block.replace("\n", delimiter).split(
            delimiter
        )  # a carriage return stays on the rationale, which is stripped
        if len(cells) != width * lines + 1 or cells.pop() or '"' in block or max(self.columns.places.values()) >= width:
            return None
        column = {field: cells[place::width] for field, place in self.columns.places.items()}
        marks = column["indicator"]
        if not self._all_codes(column) or not set(marks) <= _MARKS.keys():
            return None
        starts: Iterable[int]
        try:
            starts = (
                list(map(self.starts.__getitem__, column["effective"])) if "effective" in column else repeat(0, lines)
            )
            ends = list(map(self.ends.__getitem__, column["deletion"]))
        except ValueError:
            return None
        numbers = map(self.whys.__getitem__, column["rationale"])
        if OPEN in compress(ends, map("9".__eq__, marks)):
            return None  # a cancelled edit without a deletion date
        rows = zip(
            column["column1"], column["column2"], starts, ends, map(_MARKS.__getitem__, marks), numbers, strict=True
        )
        return list(compress(rows, map("9".__ne__, marks)))

    def _all_codes(self, column: Mapping[str, list[str]]) -> bool:
        new = {*column["column1"], *column["column2"]} - self.codes
        if all(map(_CODE.fullmatch, new)):
            self.codes.update(new)
            return True
        return False

    def careful(self, row: Row) -> PtpEntry | None:
        """Return the edit of a row; None when it is blank, dropped or rejected."""
        tally, columns = self.tally, self.columns
        tally.line = row.line
        told = [
            columns.get(row, field)
            for field in ("column1", "column2", "effective", "deletion", "indicator", "rationale")
        ]
        if not any(cell.strip() for cell in row.cells):
            return None
        if row.line <= columns.header_line + _LAYOUT.stacked and not told[0] and not told[1]:
            return None  # the rest of a header spread over several rows
        tally.read += 1
        column1, column2, indicator = (
            procedure_code(told[0], tally),
            procedure_code(told[1], tally),
            told[4].removesuffix(".0"),
        )
        try:
            if not (column1 and column2):
                raise ValueError(f"expected two codes, got {told[0][:12]!r} and {told[1][:12]!r}")
            if indicator not in {"0", "1", "9"}:
                raise ValueError(f"expected modifier indicator 0, 1 or 9, got {indicator[:12]!r}")
            start, end = self.starts[told[2]], self.ends[told[3]]
            if indicator == "9" and end == OPEN:
                raise ValueError("indicator 9 marks a cancelled edit, but the row has no deletion date")
        except ValueError as error:
            tally.reject(str(error))
            return None
        if indicator == "9":
            tally.dropped += 1
            return None
        return column1, column2, start, end, int(indicator), self.whys[told[5]]


def _recognises_changes(sample: Sample) -> bool:
    return sample.tabular and _CHANGES.find(sample.rows) is not None and not _recognises(sample)


def _read_changes(sample: Sample, settings: ReadSettings) -> Piece:
    setting, quarter = setting_of(sample), release_of(sample)
    tally = Tally(sample.place)
    draft = EditionDraft(
        table="ptp_change",
        publisher="CMS",
        title=f"NCCI PTP changes, {setting}",
        label=quarter.label,
        effective_from=quarter.first_day,
        effective_to=quarter.last_day,
        complete=False,
        licence=Licence.AMA_CODES,
        source=sample.place,
        sha256=sample.file.sha256,
        setting=setting,
    )
    return Piece(
        sample.file,
        f"NCCI PTP changes, {setting}",
        (TableRows(draft, lambda: _changes(sample, tally)),),
        tally,
        rank=1 if sample.workbook else 0,
    )


def _changes(sample: Sample, tally: Tally) -> Iterator[PtpChange]:
    columns: Columns | None = None
    kind, sheet = _kind_of(f"{sample.file.name} {sample.banner}"), None
    for row in sample.all_rows():
        if row.sheet != sheet:
            sheet, columns = row.sheet, None
            kind = _kind_of(row.sheet) or kind
        told = " ".join(row.cells)
        found = _CHANGES.find([row])
        if found is not None:
            columns = found[0]
        elif columns is None or not columns.get(row, "column2"):
            kind = _kind_of(told) or kind
        else:
            tally.line, tally.read = row.line, tally.read + 1
            column1, column2 = (
                procedure_code(columns.get(row, "column1"), tally),
                procedure_code(columns.get(row, "column2"), tally),
            )
            indicator = columns.get(row, "indicator").removesuffix(".0")
            if kind is None:
                tally.reject("nothing above the row says whether it is an addition, a deletion or a revision")
            elif not (column1 and column2):
                tally.reject(f"expected two codes, got {told[:40]!r}")
            elif indicator not in {"0", "1", "9", ""}:
                tally.reject(f"expected modifier indicator 0, 1 or 9, got {indicator[:12]!r}")
            else:
                yield PtpChange(column1, column2, kind, int(indicator) if indicator else None)


def _kind_of(text: str) -> Change | None:
    told = {kind for word, kind in _KINDS.items() if word in text.lower()}
    return told.pop() if len(told) == 1 else None


EDITS = Format("NCCI PTP edits", _recognises, _read)
CHANGES = Format("NCCI PTP changes", _recognises_changes, _read_changes)
