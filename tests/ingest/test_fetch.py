"""Fetching from a local server: newest edition, resumed downloads, gated files listed and never fetched."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from ingest.fetch import Link, Page, fetch, known_pages, links_on, newest
from knowledge.errors import SourceUnavailable

FILE = bytes(range(256)) * 2000


class Publisher:
    """A publisher's site in memory: pages, one file, and a record of what was asked."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.pages: dict[str, str] = {}
        self.asked: list[tuple[str, str]] = []
        self.break_after: int | None = None


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    """A local server that speaks like a publisher's: ranges, entity tags, broken transfers."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.asked.append((self.path, self.headers.get("Range", "")))
            if self.path in site.pages:
                self._answer(200, site.pages[self.path].encode())
            elif self.path.endswith(".zip"):
                start = int(self.headers["Range"].removeprefix("bytes=").rstrip("-")) if "Range" in self.headers else 0
                self._answer(206 if start else 200, FILE[start:], site.break_after)
            else:
                self.send_error(404)

        def _answer(self, code: int, body: bytes, broken: int | None = None) -> None:
            self.send_response(code)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("ETag", '"1"')
            self.end_headers()
            self.wfile.write(body[:broken])

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    site = Publisher(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield site
    server.shutdown()
    server.server_close()
    thread.join()


MUES = """<a href="/files/zip/medicare-ncci-2026-q2-practitioner-services-mue-table.zip">2026 Q2</a>
<a href="/files/zip/medicare-ncci-2026-q3-practitioner-services-mue-table.zip">2026 <b>Q3</b></a>
<a href="/files/zip/medicare-ncci-2026-q3-dme-supplier-services-mue-table.zip">2026 Q3</a><a href="/about">About</a>"""


def page(site: Publisher, html: str, **fields: object) -> Page:
    """A page of the site under a pattern for MUE tables."""
    site.pages["/mue"] = html
    return Page("ncci-mue", f"{site.address}/mue", r"mue-table.*\.zip$", **{"each": True, **fields})  # type: ignore[arg-type]


def test_the_newest_edition_is_fetched(home, publisher):
    """All files of the newest edition are downloaded and hashed; a second fetch finds them there."""
    told = []
    report = fetch(home, pages=[page(publisher, MUES)], progress=lambda *step: told.append(step))
    assert [file.path.name for file in report.fetched] == [
        "medicare-ncci-2026-q3-practitioner-services-mue-table.zip", "medicare-ncci-2026-q3-dme-supplier-services-mue-table.zip",
    ]  # fmt: skip
    assert report.fetched[0].sha256 == hashlib.sha256(FILE).hexdigest() and report.fetched[0].fresh
    assert told[-1][1:] == (len(FILE), len(FILE))
    assert not any(file.fresh for file in fetch(home, pages=[page(publisher, MUES)]).fetched)


def test_a_broken_transfer_is_continued(home, publisher):
    """A transfer that breaks off is reported, and the next run asks for the rest only."""
    one = page(publisher, MUES, each=False)
    publisher.break_after = 100_000
    report = fetch(home, pages=[one])
    assert not report.fetched and "broke off" in report.failed[0]
    publisher.break_after = None
    (file,) = fetch(home, pages=[one]).fetched
    assert file.path.read_bytes() == FILE
    assert publisher.asked[-1][1] == "bytes=100000-"


def test_gated_files_are_listed_with_the_page_to_visit(home, publisher):
    """A link through a licence page is never followed: its file is named, with the page where consent is given."""
    html = '<a href="/license/ama?file=/files/zip/medicare-ncci-2026-q3-practitioner-mue-table.zip">2026 Q3</a>'
    report = fetch(home, pages=[page(publisher, html)])
    assert not report.fetched
    assert report.gated[0].page == f"{publisher.address}/mue" and report.gated[0].files == (
        "medicare-ncci-2026-q3-practitioner-mue-table.zip",
    )
    assert all("license" not in path for path, _ in publisher.asked)


def test_releases_one_page_further(home, publisher):
    """Where the files stand on the release's own page, the newest release is followed."""
    publisher.pages["/pfs"] = (
        '<a href="/pfs/rvu26a">RVU26A</a><a href="/pfs/rvu26d">RVU26D</a><a href="/pfs/rvu25d">RVU25D</a>'
    )
    publisher.pages["/pfs/rvu26d"] = '<a href="/files/rvu26d-updated.zip">zip</a>'
    site = Page("fees", f"{publisher.address}/pfs", r"^rvu.*\.zip$", follow=r"^rvu\d\d[a-d]$")
    (file,) = fetch(home, pages=[site]).fetched
    assert file.path.name == "rvu26d-updated.zip"


def test_a_page_that_changed_is_reported(home, publisher):
    """A page without the expected link, and one that is gone, are one line each; the others are still fetched."""
    gone = Page("gone", f"{publisher.address}/gone", "x")
    report = fetch(home, pages=[page(publisher, "<p>moved</p>"), gone])
    assert len(report.failed) == 2 and "the page has changed" in report.failed[0] and "404" in report.failed[1]


def test_without_a_network_one_line_says_so(home):
    """On a machine without a network the first page already fails, in one line."""
    with pytest.raises(SourceUnavailable, match="no connection"):
        fetch(home, pages=[Page("x", "http://127.0.0.1:9/none", "x")])


@pytest.mark.parametrize(
    ("name", "edition"),
    [
        ("ccipra-v322r0-f1-2026q3.zip", (2026, 7, 0)), ("practitionerservicesmuetable-effective-10-01-2026.zip", (2026, 10, 0)), ("rvu26d.zip", (2026, 10, 0)),
        ("october-2026-alpha-numeric-hcpcs-file.zip", (2026, 10, 0)), ("2027-code-descriptions-tabular-order.zip", (2027, 0, 0)), ("file.zip", (0, 0, 0)),
    ],
)  # fmt: skip
def test_editions_in_names(name, edition):
    """The edition of a link is read from its name, in the spellings publishers use."""
    assert Link(f"https://example.org/{name}", "").edition == edition


def test_links_are_absolute_and_unique():
    """Relative links become absolute, other schemes are left out, and the newest match is taken once."""
    links = links_on('<a href="a.zip">x</a><a href="mailto:a@b">m</a><a href="a.zip">x</a>', "https://example.org/p/")
    assert [link.address for link in links] == ["https://example.org/p/a.zip"] * 2
    assert len(newest(links, Page("p", "", r"\.zip$", each=True))) == 1


def test_the_register_reads():
    """The known pages have https addresses and patterns that compile; NCCI's PTP edits are marked as gated."""
    import re

    pages = {page.name: page for page in known_pages()}
    assert pages["ncci-ptp"].gated and not pages["ncci-mue"].gated
    for page_ in pages.values():
        assert page_.address.startswith("https://") and re.compile(page_.pattern)
