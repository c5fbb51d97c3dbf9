"""The beginning of a file, as much as it takes to tell what it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from ingest.archive import SourceFile, is_workbook
from ingest.publishers.cells import Row, encoding_of, text_rows, workbook_rows
from knowledge.errors import UnreadableFile

__all__ = ["Content", "Sample", "sample_of"]

_HEAD = 65_536
_ROWS = 60


class Content(StrEnum):
    """What the bytes of a file are."""

    TEXT = "text"
    WORKBOOK = "Excel workbook"
    XML = "XML"
    HTML = "HTML"
    PDF = "PDF"
    OTHER = "something else"


@dataclass(frozen=True, slots=True)
class Sample:
    """A file with its first characters, its first rows as cells, and the root element of an XML file."""

    file: SourceFile
    content: Content
    text: str
    rows: tuple[Row, ...]
    """The first rows of the text table, or of each sheet."""
    root: str = ""
    encoding: str = ""
    """Of a text, XML or HTML file."""

    @property
    def place(self) -> str:
        """The file as shown to the user."""
        return self.file.place

    @property
    def banner(self) -> str:
        """The first rows joined, in lower case with single blanks: titles, notices and header."""
        cells = (cell for row in self.rows[:12] for cell in row.cells)
        return " ".join(" ".join(cells).lower().split())[:4000]

    @property
    def named(self) -> str:
        """All names of the file and the archives and folders around it, in lower case."""
        return " ".join(self.file.names).lower()

    @property
    def tabular(self) -> bool:
        """Whether it can hold a table."""
        return self.content in (Content.TEXT, Content.WORKBOOK)

    def all_rows(self) -> Iterator[Row]:
        """Yield every row of the file."""
        return workbook_rows(self.file.path) if self.workbook else text_rows(self.file.path, encoding=self.encoding)

    @property
    def workbook(self) -> bool:
        """Whether its rows come from a workbook."""
        return self.content is Content.WORKBOOK


def sample_of(file: SourceFile) -> Sample:
    """Return the beginning of ``file``.

    Raises :class:`~knowledge.errors.UnreadableFile` when it has the marks of a text or workbook but cannot be read as one.
    """
    with file.path.open("rb") as stream:
        head = stream.read(_HEAD)
    if head.startswith(b"%PDF-"):
        return Sample(file, Content.PDF, "", ())
    if head.startswith(b"PK\x03\x04"):
        if not is_workbook(file.path):
            return Sample(file, Content.OTHER, "", ())
        return Sample(file, Content.WORKBOOK, "", tuple(workbook_rows(file.path, _ROWS)))
    if (
        not head
        or (b"\x00" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")))
        or head.startswith((b"\xd0\xcf\x11\xe0", b"MZ"))
    ):
        return Sample(file, Content.OTHER, "", ())
    encoding = encoding_of(file.path)
    with file.path.open(encoding=encoding, newline="") as lines:
        text = lines.read(_HEAD)
    plain = text.lstrip("\ufeff \t\r\n")
    if re.match(r"<!doctype html|<html", plain, re.IGNORECASE):
        return Sample(file, Content.HTML, text, (), "", encoding)
    if plain.startswith("<"):
        root = re.search(
            r"<([A-Za-z_][\w.:-]*)", re.sub(r"<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>]*>", "", plain, flags=re.DOTALL)
        )
        return Sample(file, Content.XML, text, (), root[1] if root else "", encoding)
    try:
        rows = tuple(text_rows(file.path, _ROWS, encoding=encoding))
    except UnreadableFile:
        rows = ()  # prose need not parse as a table; a table that does not is refused by its reader
    return Sample(file, Content.TEXT, text, rows, "", encoding)
