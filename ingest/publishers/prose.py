"""Guideline prose: ICD-10-CM Official Guidelines, NCCI Policy Manual, Medicare manuals (Pub. 100), as PDF, HTML, Markdown or text.

The home of pypdf. A publication is told by the title on its first pages and cut at its own headings:

- ICD-10-CM Official Guidelines (CDC/CMS): ``Section I.`` then ``A.``, ``1.``, ``a.``, ``1)``, ``(a)``: cited as ``I.C.9.a.1``.
- NCCI Policy Manual (CMS): ``CHAPTER I`` then lettered sections: cited as ``I.E``; pages are labelled ``I-14``.
- Medicare manuals (CMS Pub. 100): numbered sections ``30.6.1 - Title`` with their own ``(Rev. ...; Issued: ...)`` line, which stays in the text.

An enumeration looks like a heading as well; a line counts as one when it follows in order, is short and ends no sentence. Running headers and
footers (the same line, numbers aside, on more than a third of the pages) and table of contents lines are left out; a heading without text
below it (as in a table of contents) makes no passage.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from ingest.chunk import cut
from ingest.publishers import Format, Piece, ReadSettings, TableRows, Tally
from ingest.publishers.markup import markdown_of
from ingest.publishers.sample import Content, Sample
from knowledge.errors import UnreadableFile
from knowledge.passages import Document, DocumentKind, DocumentSource, Passage, Topic
from knowledge.records import Licence
from knowledge.writing import EditionDraft

__all__ = ["FORMATS", "Section", "sections_of"]

LONGEST_HEADING = 160
FIRST_PAGES = 3


@dataclass(frozen=True, slots=True)
class Section:
    """The text below one heading."""

    number: str
    """As cited: ``I.C.9.a``, ``30.6.1``; empty where the publication has no numbers."""
    heading: str
    """Heading path joined by `` > ``."""
    text: str
    page: int | None


@dataclass(frozen=True, slots=True)
class _Grammar:
    """How a publication writes its headings, from the outermost level in."""

    levels: tuple[str, ...]
    """A pattern for each level: group 1 the number, group 2 the title."""
    dotted: bool = False
    """True where one pattern serves all levels and the number's dots tell the level."""


@dataclass(frozen=True, slots=True)
class _Publication:
    pattern: str
    key: str
    publisher: str
    topic: Topic
    grammar: _Grammar
    licence: Licence


_GUIDELINES = _Grammar(
    (
        r"Section ([IV]+)\.\s*(\S.*)",
        r"([A-Z])\.\s+(\S.*)",
        r"(\d{1,2})\.\s+(\S.*)",
        r"([a-z])\.\s+(\S.*)",
        r"(\d{1,2})\)\s+(\S.*)",
        r"\(([a-z])\)\s+(\S.*)",
    )
)
_NCCI = _Grammar((r"CHAPTER ([IVX]+)\b[:.]?\s*(.*)", r"([A-Z])\.\s+(\S.*)"))
_MANUAL = _Grammar((r"(\d+(?:\.\d+)*)\s+[-–]\s+(\S.*)",), dotted=True)
_PUBLICATIONS = (
    _Publication(
        r"icd-10-cm official guidelines",
        "icd10cm-guidelines",
        "CDC/NCHS and CMS",
        Topic.GUIDELINES,
        _GUIDELINES,
        Licence.PUBLIC,
    ),
    _Publication(
        r"(?:national correct coding initiative|ncci) policy manual",
        "ncci-manual",
        "CMS",
        Topic.NCCI,
        _NCCI,
        Licence.AMA_CODES,
    ),
    _Publication(
        r"medicare claims processing manual", "claims-manual", "CMS", Topic.COMPLIANCE, _MANUAL, Licence.AMA_CODES
    ),
    _Publication(
        r"medicare benefit policy manual", "benefit-manual", "CMS", Topic.COVERAGE, _MANUAL, Licence.AMA_CODES
    ),
    _Publication(
        r"medicare program integrity manual", "integrity-manual", "CMS", Topic.COMPLIANCE, _MANUAL, Licence.AMA_CODES
    ),
    _Publication(
        r"medicare national coverage determinations manual",
        "ncd-manual",
        "CMS",
        Topic.COVERAGE,
        _MANUAL,
        Licence.AMA_CODES,
    ),
)


def sections_of(pages: Sequence[str], grammar: _Grammar) -> Iterator[Section]:
    """Yield the sections of a publication in order; ``pages`` holds the text of each page, from 1."""
    path: list[tuple[str, str]] = []
    lines: list[str] = []
    begun: int | None = None
    for page, line in _lines(pages):
        heading = _heading(line, path, grammar)
        if heading is None:
            lines.append(line)
            continue
        yield from _section(path, lines, begun, grammar)
        level, number, title = heading
        path = [*path[:level], (number, title)]
        lines, begun = [], page
    yield from _section(path, lines, begun, grammar)


def _section(
    path: Sequence[tuple[str, str]], lines: Sequence[str], page: int | None, grammar: _Grammar
) -> Iterator[Section]:
    text = _paragraphs(lines)
    if text and path:
        number = path[-1][0] if grammar.dotted else ".".join(number for number, _ in path)
        yield Section(number, " > ".join(title for _, title in path), text, page)


def _heading(line: str, path: Sequence[tuple[str, str]], grammar: _Grammar) -> tuple[int, str, str] | None:
    """Return (level, number, title) of a line that opens a section, or None."""
    if len(line) > LONGEST_HEADING:
        return None
    if grammar.dotted:
        match = re.fullmatch(grammar.levels[0], line)
        if match is None or (match[2].endswith(".") and len(match[2]) > 60):
            return None
        level = match[1].count(".")
        return min(level, len(path)), match[1], match[2]
    for level, pattern in enumerate(grammar.levels):
        match = re.fullmatch(pattern, line)
        if match is None or level > len(path):
            continue
        title = match[2].strip()
        if level > 0 and (title.endswith((".", ";", ",")) or len(title) > 120):
            continue
        if level == 0 or match[1] == _next(path[level][0] if level < len(path) else "", match[1]):
            return level, match[1], title or f"Chapter {match[1]}"
    return None


def _next(before: str, like: str) -> str:
    """Return the number that follows ``before`` in the numbering of ``like``; the first one when nothing stands before."""
    if like.isdigit():
        return str(int(before) + 1) if before else "1"
    if not before:
        return "A" if like.isupper() else "a"
    return chr(ord(before) + 1) if len(before) == 1 else ""


def _lines(pages: Sequence[str]) -> Iterator[tuple[int, str]]:
    cleaned = [[" ".join(line.split()) for line in page.splitlines()] for page in pages]
    seen = Counter(shape for page in cleaned for shape in {_shape(line) for line in page if line})
    running = {shape for shape, times in seen.items() if len(pages) > 3 and times > len(pages) / 3}
    for number, page in enumerate(cleaned, start=1):
        for line in page:
            if _shape(line) not in running and not re.search(r"\.{4,}\s*[\w-]*$|(?:\. ){4,}", line):
                yield number, line


def _shape(line: str) -> str:
    return re.sub(r"\d+|\b[IVX]+-", "#", line)


def _paragraphs(lines: Sequence[str]) -> str:
    """Join wrapped lines; a blank line, a list mark or a sentence's end before a short line keeps paragraphs apart."""
    parts: list[str] = []
    for line in lines:
        starts = not parts or parts[-1] == "" or re.match(r"[•▪o\-*] |\(Rev\.", line)
        if line == "" or starts:
            parts.append(line)
        else:
            parts[-1] = f"{parts[-1]} {line}"
    return "\n\n".join(part for part in parts if part).strip()


def _pages(sample: Sample) -> list[str]:
    if sample.content is Content.PDF:
        return _pdf_pages(sample)
    with sample.file.path.open(encoding=sample.encoding) as file:
        text = file.read()
    return [markdown_of(text) if sample.content is Content.HTML else text]


def _pdf_pages(sample: Sample, limit: int | None = None) -> list[str]:
    import logging

    import pypdf
    from pypdf.errors import PyPdfError

    logging.getLogger("pypdf").setLevel(
        logging.ERROR
    )  # it reports every oddity of a font; the text tells whether it matters
    try:
        reader = pypdf.PdfReader(sample.file.path)
        return [page.extract_text() for page in reader.pages[:limit]]
    except (PyPdfError, ValueError, KeyError, TypeError, OSError, RecursionError) as error:
        raise UnreadableFile(
            f"{sample.place}: the PDF cannot be read, download it again: {type(error).__name__}: {error}"
        ) from error


def _publication(sample: Sample) -> _Publication | None:
    if sample.content is Content.PDF:
        try:
            head = " ".join(_pdf_pages(sample, FIRST_PAGES))
        except UnreadableFile:
            return None
    elif sample.content in (Content.TEXT, Content.HTML):
        head = sample.text[:6000]
    else:
        return None
    told = " ".join(re.sub(r"<[^>]+>", " ", head).lower().split())[:6000]
    return next((p for p in _PUBLICATIONS if re.search(p.pattern, told)), None)


def _read(sample: Sample, settings: ReadSettings) -> Piece:
    publication = _publication(sample)
    if publication is None:
        raise UnreadableFile(f"{sample.place}: expected the title of a known publication on its first pages")
    pages, tally = _pages(sample), Tally(sample.place)
    head = " ".join(" ".join(pages[:FIRST_PAGES]).split())[:8000]
    title, key, label, start, end = _edition(sample, publication, head)
    draft = EditionDraft(
        "document",
        publication.publisher,
        title,
        label,
        start,
        end,
        True,
        publication.licence,
        sample.place,
        sample.file.sha256,
    )
    document = Document(
        key, title, DocumentKind.PUBLICATION, publication.topic, (), (), (), (DocumentSource(publication.publisher, title, ""),), start, end, None,
        publication.licence, label,
    )  # fmt: skip

    def documents() -> Iterator[tuple[Document, tuple[Passage, ...]]]:
        yield document, tuple(_passages(document, pages, publication.grammar, settings, tally))

    return Piece(sample.file, title, (TableRows(draft, lambda: (), fewest=3),), tally, documents=documents)


def _passages(
    document: Document, pages: Sequence[str], grammar: _Grammar, settings: ReadSettings, tally: Tally
) -> Iterator[Passage]:
    order = 0
    marked = len(pages) == 1 and re.search(r"^#{1,4} ", pages[0], re.MULTILINE) is not None
    sections = list(_marked(pages[0])) if marked else list(sections_of(pages, grammar))
    for section in sections:
        tally.read += 1
        for chunk in cut(section.text, settings.count):
            yield Passage(
                f"{document.id}#{order}",
                document,
                section.heading,
                chunk.text,
                order,
                section.page,
                section.number,
                chunk.tokens,
            )
            order += 1


def _marked(markdown: str) -> Iterator[Section]:
    """Yield the sections of Markdown by its own ``#`` headings; a number at the head of a heading is its section."""
    path: dict[int, str] = {}
    lines: list[str] = []

    def section() -> Iterator[Section]:
        text = "\n".join(lines).strip()
        if text and path:
            match = re.match(r"(?:Section )?([IVX]+(?:\.\w+)*|\d+(?:\.\d+)*|[A-Z](?:\.\d+)*)[.)]?\s", path[max(path)])
            yield Section(match[1] if match else "", " > ".join(path[level] for level in sorted(path)), text, None)

    for line in markdown.splitlines():
        if match := re.fullmatch(r"(#{1,6})\s+(\S.*)", line.strip()):
            yield from section()
            lines.clear()
            depth = len(match[1])
            path = {level: title for level, title in path.items() if level < depth} | {depth: match[2].strip(" #")}
        else:
            lines.append(line)
    yield from section()


def _edition(sample: Sample, publication: _Publication, head: str) -> tuple[str, str, str, date, date | None]:
    """Return title, document id, label, first and last day of a publication."""
    if publication.key == "icd10cm-guidelines":
        match = re.search(r"FY\s*(20\d\d)", head) or re.search(r"(20\d\d)", sample.named)
        if match is None:
            raise UnreadableFile(
                f"{sample.place}: expected the fiscal year of the guidelines, such as FY 2027, in the title or name"
            )
        year = int(match[1])
        april = re.search(r"updated\s+april|april\s+1", head, re.IGNORECASE) is not None
        start = date(year, 4, 1) if april else date(year - 1, 10, 1)
        label = f"FY{year}" + (", April update" if april else "")
        return (
            "ICD-10-CM Official Guidelines",
            f"{publication.key}-{label.lower().replace(', ', '-').replace(' ', '-')}",
            label,
            start,
            date(year, 9, 30),
        )
    if publication.key == "ncci-manual":
        match = re.search(
            r"(?:revision date[^0-9]{0,20}|effective[^0-9]{0,20})(\d{1,2})/(\d{1,2})/(20\d\d)", head, re.IGNORECASE
        )
        year = int(match[3]) if match else _year(sample, head)
        chapter = re.search(r"chapter[-_ ]?(\d+|[ivx]+)\b", sample.file.name.lower())
        name = "NCCI Policy Manual" + (f", chapter {chapter[1].upper()}" if chapter else "")
        key = f"{publication.key}-{year}" + (f"-{chapter[1]}" if chapter else "")
        return name, key, str(year), date(year, 1, 1), date(year, 12, 31)
    chapter = re.search(r"chapter\s+(\d+)\s*[-–]?\s*(.{0,80}?)(?:table of contents|\(rev|$)", head, re.IGNORECASE)
    revised = re.search(r"\(Rev\.?\s*(\d+)[^)]{0,20}?(\d{1,2})-(\d{1,2})-(\d{2,4})", head)
    told = re.search(publication.pattern, head, re.IGNORECASE)
    title = f"{told[0].title() if told else publication.key}" + (f", chapter {chapter[1]}" if chapter else "")
    if revised is None:
        raise UnreadableFile(
            f"{sample.place}: expected the line (Rev. n; Issued: mm-dd-yy) below the title of the manual"
        )
    year = int(revised[4]) + (2000 if int(revised[4]) < 100 else 0)
    start = date(year, int(revised[2]), int(revised[3]))
    key = f"{publication.key}-{chapter[1] if chapter else 'x'}-rev{revised[1]}"
    return title, key, f"Rev. {revised[1]}, {start.isoformat()}", start, None


def _year(sample: Sample, head: str) -> int:
    match = re.search(r"(20\d\d)", head) or re.search(r"(20\d\d)", sample.named)
    if match is None:
        raise UnreadableFile(f"{sample.place}: expected the year of the publication in its title or name")
    return int(match[1])


FORMATS = (Format("guideline prose", lambda s: _publication(s) is not None, _read),)
