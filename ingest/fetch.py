"""Downloading what publishers offer plainly: known pages, the newest edition on each, resumable, checksummed.

Pages are read for links; names of files drift, so a link is told by a pattern, and the newest one by the date in its name. A file behind a
licence click-through (CMS puts NCCI PTP edits behind the AMA's) is never fetched: it is listed with the page to visit. Nothing is loaded:
the files go to ``Home.downloads / "publishers"``, to be loaded like any the user downloaded.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tomllib
import urllib.parse
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath

from ingest.web import open_address
from knowledge.errors import SourceUnavailable
from knowledge.home import Home

__all__ = ["FetchReport", "Fetched", "Gated", "Link", "Page", "fetch", "known_pages", "links_on", "newest"]

REGISTER = Path(__file__).with_name("pages.toml")
BLOCK = 1 << 16
LARGEST_PAGE = 5_000_000
LARGEST_FILE = 4_000_000_000

_MONTHS = {
    name: i
    for i, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], start=1
    )
}


@dataclass(frozen=True, slots=True)
class Page:
    """A publisher's page and the files on it that are wanted."""

    name: str
    address: str
    pattern: str
    """Told of the last part of a link's path, lower case."""
    each: bool = False
    """True where every matching file of the newest edition is wanted (four parts, three settings), not one."""
    gated: bool = False
    """True where the publisher asks for consent to a licence first."""
    follow: str = ""
    """Pattern of the link to the release's own page, where the files stand one page further."""


@dataclass(frozen=True, slots=True)
class Link:
    """One link on a page."""

    address: str
    text: str

    @property
    def file(self) -> str:
        """Name of the file or page it leads to, lower case."""
        return PurePosixPath(urllib.parse.urlparse(self.address).path).name.lower()

    @property
    def gated(self) -> bool:
        """Whether the link leads through a licence page."""
        parts = urllib.parse.urlparse(self.address)
        return "/license/" in parts.path or "license" in urllib.parse.parse_qs(parts.query)

    @property
    def edition(self) -> tuple[int, int, int]:
        """Year, month and revision told by the link's name and text; zeros where they tell none."""
        told = f"{urllib.parse.unquote(self.address).rsplit('/', 1)[-1]} {self.text}".lower()
        revision = int(m[1]) if (m := re.search(r"r(\d)(?=-f|\b)", told)) else 0
        if m := re.search(r"(\d{2})-(\d{2})-(20\d\d)", told):
            return int(m[3]), int(m[1]), revision
        if m := re.search(r"(20\d\d)[-_ ]?q([1-4])", told) or None:
            return int(m[1]), int(m[2]) * 3 - 2, revision
        if m := re.search(r"q([1-4])[-_ ](20\d\d)", told):
            return int(m[2]), int(m[1]) * 3 - 2, revision
        if m := re.search(r"rvu(\d\d)([a-d])", told):
            return 2000 + int(m[1]), "abcd".index(m[2]) * 3 + 1, revision
        year = re.search(r"(20\d\d)", told)
        month = re.search(r"\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)", told)
        return (int(year[1]) if year else 0), (_MONTHS[month[1]] if month else 0), revision


@dataclass(frozen=True, slots=True)
class Fetched:
    """One file that is now on disk."""

    name: str
    path: Path
    address: str
    bytes: int
    sha256: str
    fresh: bool
    """False when it was there already."""


@dataclass(frozen=True, slots=True)
class Gated:
    """A file the publisher gives only after consent to a licence: visit ``page`` and download it there."""

    name: str
    page: str
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FetchReport:
    """What a fetch did."""

    fetched: tuple[Fetched, ...]
    gated: tuple[Gated, ...]
    failed: tuple[str, ...]
    """One line for each page or file that could not be had."""


def known_pages(register: Path = REGISTER) -> tuple[Page, ...]:
    """Return the pages of a register file."""
    with register.open("rb") as file:
        entries = tomllib.load(file)
    return tuple(Page(name, **fields) for name, fields in entries.items())


def fetch(
    home: Home,
    names: Iterable[str] = (),
    *,
    pages: Sequence[Page] | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> FetchReport:
    """Download the newest edition of every known page (of those in ``names`` where given) and return what was done.

    ``progress`` is called with the file's name, the bytes so far and the bytes in all (0 when not stated). A download that broke off is
    continued.

    Raises :class:`~knowledge.errors.SourceUnavailable` when the first page already cannot be reached, as without a network.
    """
    known = known_pages() if pages is None else pages
    wanted = set(names)
    chosen = [page for page in known if not wanted or page.name in wanted]
    folder = home.downloads / "publishers"
    folder.mkdir(parents=True, exist_ok=True)
    fetched: list[Fetched] = []
    gated: list[Gated] = []
    failed: list[str] = []
    for page in chosen:
        try:
            found, address = _newest_on(page)
            closed = [link for link in found if page.gated or link.gated]
            if closed:
                gated.append(Gated(page.name, address, tuple(_gated_file(link) for link in closed)))
            for link in found:
                if link not in closed:
                    fetched.append(_download(page, link, folder, progress or (lambda *_: None)))
        except SourceUnavailable as error:
            if not fetched and not gated and not failed and "no connection" in str(error):
                raise
            failed.append(f"{page.name}: {error}")
    return FetchReport(tuple(fetched), tuple(gated), tuple(failed))


def links_on(html: str, address: str) -> tuple[Link, ...]:
    """Return the links of a page, made absolute, in their order."""
    parser = _Links(address)
    parser.feed(html)
    return tuple(parser.links)


def newest(links: Iterable[Link], page: Page) -> tuple[Link, ...]:
    """Return the links that ``page`` wants: those of the newest edition that match its pattern."""
    matching = [link for link in links if re.search(page.pattern, _gated_file(link))]
    latest = max((link.edition for link in matching), default=None)
    found = tuple(dict.fromkeys(link for link in matching if link.edition == latest))
    return found if page.each else found[:1]


def _newest_on(page: Page) -> tuple[tuple[Link, ...], str]:
    address = page.address
    links = _links(address)
    if page.follow:
        releases = [link for link in links if re.search(page.follow, link.file)]
        if not releases:
            raise SourceUnavailable(f"{address}: expected a link like {page.follow}, found none: the page has changed")
        address = max(releases, key=lambda link: link.edition).address
        links = _links(address)
    found = newest(links, page)
    if not found:
        raise SourceUnavailable(f"{address}: expected a link like {page.pattern}, found none: the page has changed")
    return found, address


def _links(address: str) -> tuple[Link, ...]:
    with open_address(address) as response:
        return links_on(response.read(LARGEST_PAGE).decode("utf-8", "replace"), address)


def _gated_file(link: Link) -> str:
    target = urllib.parse.parse_qs(urllib.parse.urlparse(link.address).query).get("file", [""])[0]
    return PurePosixPath(target).name.lower() or link.file


def _download(page: Page, link: Link, folder: Path, progress: Callable[[str, int, int], None]) -> Fetched:
    name = re.sub(r"[^\w.-]", "_", link.file) or "file"
    target, part, note = folder / name, folder / f"{name}.part", folder / f"{name}.json"
    have = part.stat().st_size if part.exists() else 0
    with open_address(link.address, {"Range": f"bytes={have}-"} if have else None) as response:
        total = int(response.headers.get("Content-Length") or 0)
        resumed = response.status == 206
        stamp = {
            "address": link.address,
            "etag": response.headers.get("ETag", ""),
            "modified": response.headers.get("Last-Modified", ""),
        }
        if not resumed and target.exists() and _same(note, stamp) and target.stat().st_size == total:
            return Fetched(page.name, target, link.address, total, _hash(target), False)
        whole = total + have if resumed else total
        size = have if resumed else 0
        with part.open("ab" if resumed else "wb") as file:
            while block := response.read(BLOCK):
                file.write(block)
                size += len(block)
                progress(name, size, whole)
                if size > LARGEST_FILE:
                    raise SourceUnavailable(f"{link.address}: longer than {LARGEST_FILE:,} bytes")
    if whole and size < whole:
        raise SourceUnavailable(
            f"{link.address}: the transfer broke off at {size:,} of {whole:,} bytes; run it again to go on"
        )
    digest = _hash(part)
    note.write_text(
        json.dumps({**stamp, "sha256": digest, "fetched": datetime.now(UTC).isoformat(timespec="seconds")}),
        encoding="utf-8",
    )
    os.replace(part, target)
    return Fetched(page.name, target, link.address, size, digest, True)


def _same(note: Path, stamp: dict[str, str]) -> bool:
    try:
        told = json.loads(note.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return all(told.get(key) == value for key, value in stamp.items()) and bool(stamp["etag"] or stamp["modified"])


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class _Links(HTMLParser):
    def __init__(self, address: str) -> None:
        super().__init__(convert_charrefs=True)
        self._address = address
        self._href = ""
        self._text: list[str] = []
        self.links: list[Link] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self._href, self._text = dict(attrs).get("href") or "", []

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._href:
            absolute = urllib.parse.urljoin(self._address, self._href)
            if absolute.startswith(("http://", "https://")):
                self.links.append(Link(absolute, " ".join("".join(self._text).split())))
            self._href = ""

    def handle_data(self, data: str) -> None:
        if self._href:
            self._text.append(data)
