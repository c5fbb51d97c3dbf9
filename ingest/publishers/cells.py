"""Cells of tables, whatever carries them: comma or tab separated text, or an Excel workbook. The home of openpyxl.

Columns are found by their header, never by their number: publishers insert columns, drop banner rows and put line breaks into header
cells. Text is decoded as UTF-8 (with or without mark), UTF-16 when marked, else Windows-1252. Every cell is text; a whole number that a
workbook stores as ``99213.0`` is read as ``99213``.
"""

from __future__ import annotations

import codecs
import csv
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.publishers import Tally
from knowledge.errors import UnreadableFile

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook

__all__ = [
    "Columns",
    "Layout",
    "Row",
    "day_of",
    "encoding_of",
    "money",
    "procedure_code",
    "squeezed",
    "text_rows",
    "workbook_rows",
]

_LONGEST_CELL = 4_000_000
"""Characters; coverage documents reach 33 thousand."""

_LARGEST_WORKBOOK = 1_500_000_000
"""Bytes its sheets may unfold to; a PTP part has about 120 million."""

_PROCEDURE = re.compile(r"[0-9]{4}[0-9FTUMA]|[A-V][0-9]{4}")


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its line in the text (row in the sheet), the sheet's title, and its cells."""

    line: int
    cells: tuple[str, ...]
    sheet: str = ""


@dataclass(frozen=True, slots=True)
class Columns:
    """Where a layout's fields stand."""

    places: Mapping[str, int]
    header_line: int
    width: int

    def get(self, row: Row, field: str) -> str:
        """Return the stripped cell of ``field``, empty where the row or the file does not have it."""
        place = self.places.get(field, -1)
        return row.cells[place].strip() if 0 <= place < len(row.cells) else ""

    def has(self, field: str) -> bool:
        """Whether the file has the column."""
        return field in self.places


@dataclass(frozen=True, slots=True)
class Layout:
    """The header of a published table: a pattern for each field, matched against the whole squeezed cell (:func:`squeezed`)."""

    name: str
    required: Mapping[str, str]
    optional: Mapping[str, str]
    stacked: int = 1
    """Rows one header may be spread over; a column's name is its cells from the top down, joined by blanks."""

    def find(self, rows: Sequence[Row]) -> tuple[Columns, int] | None:
        """Return the columns and the index of the last header row among ``rows``; None when no row is this header."""
        for last in range(len(rows)):
            for depth in range(1, self.stacked + 1):
                columns = self._columns(rows[max(0, last - depth + 1) : last + 1])
                if columns is not None:
                    return columns, last
        return None

    def header_of(self, rows: Sequence[Row], place: str) -> tuple[Columns, int]:
        """Return what :meth:`find` does.

        Raises :class:`~knowledge.errors.UnreadableFile` that says which columns were expected and what the nearest row holds.
        """
        found = self.find(rows)
        if found is None:
            nearest = max(rows, key=lambda row: self._hits(row), default=Row(0, ()))
            shown = ", ".join(cell.strip() for cell in nearest.cells if cell.strip())[:160]
            missing = [field for field, pattern in self.required.items() if not _matching(pattern, nearest.cells)]
            raise UnreadableFile(
                f"{place}: expected the header of {self.name}; line {nearest.line} is nearest but lacks {', '.join(missing)}: {shown}"
            )
        return found

    def _columns(self, rows: Sequence[Row]) -> Columns | None:
        width = max(len(row.cells) for row in rows)
        names = [squeezed(" ".join(row.cells[i] for row in rows if i < len(row.cells))) for i in range(width)]
        places: dict[str, int] = {}
        for field, pattern in {**self.required, **self.optional}.items():
            hits = [i for i, name in enumerate(names) if name and re.fullmatch(pattern, name)]
            if hits:
                places[field] = hits[0]
            elif field in self.required:
                return None
        if len({places[field] for field in self.required}) < len(self.required):
            return None
        return Columns(places, rows[-1].line, width)

    def _hits(self, row: Row) -> int:
        return sum(_matching(pattern, row.cells) for pattern in self.required.values())


def text_rows(path: Path, limit: int | None = None, *, encoding: str = "") -> Iterator[Row]:
    """Yield the records of a separated text, blank ones included; a record in quotes may span lines, its line is the last one."""
    csv.field_size_limit(_LONGEST_CELL)
    with path.open(encoding=encoding or encoding_of(path), newline="") as file:
        head = file.read(65_536)
        delimiter = max(
            "\t,|",
            key=lambda mark: sum(line.count(mark) > 0 for line in head.splitlines()[:50]) * 1000 + head.count(mark),
        )
        file.seek(0)
        reader = csv.reader(file, delimiter=delimiter)
        try:
            for count, cells in enumerate(reader):
                if count == limit:
                    return
                yield Row(reader.line_num, tuple(cells))
        except (csv.Error, UnicodeDecodeError) as error:
            raise UnreadableFile(f"{path.name}: line {reader.line_num}: {error}") from error


def workbook_rows(path: Path, limit: int | None = None) -> Iterator[Row]:
    """Yield the rows of every visible sheet of an Excel workbook, each cell as text."""
    import openpyxl

    with path.open("rb") as file:
        try:
            if sum(info.file_size for info in zipfile.ZipFile(file).infolist()) > _LARGEST_WORKBOOK:
                raise UnreadableFile(f"{path.name}: the workbook unfolds to more than {_LARGEST_WORKBOOK:,} bytes")
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # styles and data validation it does not know; cells are not affected
                book = openpyxl.load_workbook(file, read_only=True, data_only=True)
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            raise UnreadableFile(f"{path.name}: the workbook cannot be opened, download it again: {error}") from error
        yield from _sheet_rows(path, book, limit)


def _sheet_rows(path: Path, book: Workbook, limit: int | None) -> Iterator[Row]:
    with closing(book):
        for sheet in book.worksheets:
            if sheet.sheet_state != "visible":
                continue
            sheet.reset_dimensions()  # some writers state a smaller range than they fill
            rows = enumerate(islice(sheet.iter_rows(values_only=True), limit), start=1)
            try:
                while chunk := _without_warnings(rows):
                    for number, cells in chunk:
                        yield Row(number, tuple(_cell_text(cell) for cell in cells), sheet.title)
            except (ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error, SyntaxError) as error:
                raise UnreadableFile(f"{path.name}: sheet {sheet.title}: cannot be read: {error}") from error


def _without_warnings(rows: Iterator[tuple[int, tuple[object, ...]]]) -> list[tuple[int, tuple[object, ...]]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # page headers, styles, validation: nothing that changes a cell
        return list(islice(rows, 5_000))


def encoding_of(path: Path) -> str:
    """Return the encoding a text file decodes in from end to end.

    Raises :class:`~knowledge.errors.UnreadableFile` when it is neither UTF-8, marked UTF-16 nor Windows-1252.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    plain = True
    with path.open("rb") as file:
        mark = file.read(4)
        if mark.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        file.seek(0)
        try:
            while block := file.read(1 << 20):
                if not (plain and block.isascii()):
                    plain = False
                    decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252" if _is_cp1252(path) else _undecodable(path)
    if plain:
        return "ascii"  # decodes in a fraction of the time
    return "utf-8-sig"


def squeezed(cell: str) -> str:
    """Return a header cell in lower case with every run of white space as one blank."""
    return " ".join(cell.replace("\ufeff", "").split()).lower()


def procedure_code(cell: str, tally: Tally) -> str:
    """Return the CPT or HCPCS code of a cell; an empty string when it holds none.

    All are five characters, so what a spreadsheet did to them can be undone: ``99213.0`` is 99213 and ``100`` is 00100; both are counted.
    """
    value = cell.strip().upper()
    if _PROCEDURE.fullmatch(value):
        return value
    number = value.removesuffix(".0")
    if number.isascii() and number.isdigit() and 3 <= len(number) <= 5:
        tally.restored += 1
        return number.zfill(5)
    return ""


def day_of(cell: str) -> date | None:
    """Return the date of a cell as publishers write them: YYYYMMDD, YYYY-MM-DD, MM/DD/YYYY, M/D/YY, each with or without a time.

    None for an empty cell. Raises :class:`ValueError` for anything else.
    """
    value = cell.strip().removesuffix(".0")
    if not value:
        return None
    if re.fullmatch(r"\d{8}", value):
        return date(int(value[:4]), int(value[4:6]), int(value[6:]))
    if match := re.match(r"(\d{4})-(\d{2})-(\d{2})(?:[ T].*)?$", value):
        return date(int(match[1]), int(match[2]), int(match[3]))
    if match := re.match(r"(\d{1,2})/(\d{1,2})/(\d{4}|\d{2})(?: .*)?$", value):
        year = int(match[3]) + (0 if len(match[3]) == 4 else 2000 if int(match[3]) < 60 else 1900)
        return date(year, int(match[1]), int(match[2]))
    if re.fullmatch(r"\d{5}", value):
        return date(1899, 12, 30) + timedelta(days=int(value))  # the serial day number of a spreadsheet
    raise ValueError(f"{value[:20]!r} is no date")


def money(cell: str) -> str:
    """Return an amount without ``$``, thousands commas and blanks; an empty string for a lone point or dash.

    Raises :class:`ValueError` when anything else than a number remains.
    """
    value = cell.replace("$", "").replace(",", "").strip()
    if value in {"", ".", "-"}:
        return ""
    if not re.fullmatch(r"-?\d*\.?\d+", value):
        raise ValueError(f"{cell.strip()[:20]!r} is no amount")
    return value


def _matching(pattern: str, cells: Sequence[str]) -> bool:
    return any(re.fullmatch(pattern, squeezed(cell)) for cell in cells)


def _is_cp1252(path: Path) -> bool:
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            if b"\x00" in block or any(byte in block for byte in (b"\x81", b"\x8d", b"\x8f", b"\x90", b"\x9d")):
                return False
    return True


def _undecodable(path: Path) -> str:
    raise UnreadableFile(
        f"{path.name}: expected UTF-8 or Windows-1252 text, got bytes that are neither: download the file again"
    )


def _cell_text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, datetime):
        return f"{cell:%Y%m%d}"
    return str(cell)
