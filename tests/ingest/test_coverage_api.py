"""The Coverage API client against a local server that answers as the API's description says."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlparse

import pytest

from ingest.coverage_api import CoverageApi, save_articles, save_lcds, save_ncds
from ingest.load import load
from ingest.publishers import ReadSettings
from knowledge.coverage import CodeList, Coverage, CoverageKind
from knowledge.errors import RefusedFile, SourceUnavailable
from knowledge.reference import ReferenceStore

DAY = date(2026, 8, 1)
ROWS = {
    "/v1/reports/local-coverage-articles/": [{"document_id": 55555, "document_version": 3, "document_type": "Article", "title": "Invented", "effective_date": "01/01/2024", "retirement_date": "N/A"}],
    "/v1/data/article/": [{"article_id": 55555, "article_version": 3, "article_type": 1, "title": "Invented", "status": "A", "article_eff_date": "2024-01-01", "date_retired": None, "display_id": "A55555", "description": "<p>Text</p>", "last_updated": "2026-07-01"}],
    "/v1/data/article/icd10-covered": [{"article_id": 55555, "article_version": 3, "icd10_code_id": "Z12.31", "icd10_covered_group": 1, "range": None, "description": "x", "asterisk": "", "last_updated": "2026-07-01"}],
    "/v1/data/article/hcpc-code": [{"article_id": 55555, "article_version": 3, "hcpc_code_id": "77067", "hcpc_code_group": 1, "long_description": "AMA WORDING", "short_description": "AMA", "range": None}],
    "/v1/data/lcd/": [{"lcd_id": 33333, "lcd_version": 7, "title": "LCD", "status": "A", "display_id": "L33333", "orig_det_eff_date": "2015-10-01", "rev_eff_date": "", "indication": "", "determination_number": ""}],
    "/v1/data/ncd/": [{"document_id": 281, "document_version": 2, "document_display_id": "220.4", "title": "Mammograms", "effective_date": "01/01/1978", "item_service_description": "<p>Item</p>"}],
    "/v1/metadata/states/": [{"state_id": 5, "description": "California"}],
}  # fmt: skip
CLOSED = ("/v1/data/article", "/v1/data/lcd")


class Api:
    """What the server was asked, and the tokens it gave."""

    def __init__(self, address: str) -> None:
        self.address, self.tokens = address, 0
        self.asked: list[tuple[str, dict[str, list[str]], str]] = []


@pytest.fixture
def api() -> Iterator[Api]:
    """A local server that speaks the documented API: tokens for closed endpoints, ``meta`` and ``data``, errors with a message."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts, sent = urlparse(self.path), self.headers.get("Authorization", "")
            state.asked.append((parts.path, parse_qs(parts.query), sent))
            if parts.path == "/v1/metadata/license-agreement/":
                state.tokens += 1
                self._answer(200, {"meta": {"status": {"id": 200}}, "data": [{"token": f"t{state.tokens}"}]})
            elif parts.path.startswith(CLOSED) and sent != f"Bearer t{state.tokens}":
                self._answer(400, {"message": "License agreement token required", "code": 400})
            elif parts.path == "/v1/reports/broken/":
                self._answer(200, {"message": "no such report", "code": 400})
            else:
                self._answer(200, {"meta": {"status": {"id": 200}, "fields": []}, "data": ROWS.get(parts.path, [])})

        def _answer(self, code: int, body: object) -> None:
            content = json.dumps(body).encode()
            self.send_response(code)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state = Api(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield state
    server.shutdown()
    server.server_close()
    thread.join()


def test_reports_need_no_licence(api):
    """A report is read without a token, with its query."""
    (row,) = CoverageApi(address=api.address).report("local-coverage-articles", status="A")
    assert row["document_id"] == 55555 and api.asked == [
        ("/v1/reports/local-coverage-articles/", {"status": ["A"]}, "")
    ]


def test_detail_needs_acceptance(api):
    """Without the user's acceptance of the licences no token is asked for and nothing is read."""
    with pytest.raises(RefusedFile, match="accept"):
        CoverageApi(address=api.address).data("article/", articleid=55555)
    assert api.asked == []


def test_the_token_is_asked_once_and_renewed(api):
    """One token serves until its hour is nearly over; then a new one is asked for."""
    now = [0.0]
    client = CoverageApi(True, api.address, lambda: now[0])
    client.data("article/", articleid=1)
    client.data("article/", articleid=2)
    assert api.tokens == 1
    now[0] = 3600.0
    client.data("article/", articleid=3)
    assert api.tokens == 2 and api.asked[-1][2] == "Bearer t2"


def test_answers_without_data_are_errors(api):
    """An error in the answer is told with its message."""
    with pytest.raises(SourceUnavailable, match="no such report"):
        CoverageApi(address=api.address).report("broken")


def test_saved_tables_load_like_an_export(api, home):
    """Articles, LCDs and NCDs from the API are saved in the layout of the exports and loaded by the same readers, without code wording."""
    client = CoverageApi(True, api.address)
    folders = [save_articles(client, [55555], home), save_lcds(client, [33333], home), save_ncds(client, [281], home)]
    load(folders, home, settings=ReadSettings(cut=True))
    store = ReferenceStore(home.current)
    coverage = Coverage(store)
    (row,) = coverage.about("Z1231", DAY)
    assert (row.document.display_id, row.code.list, row.edition.title) == (
        "A55555", CodeList.DIAGNOSES_COVERED, f"Medicare Coverage API, Article {CodeList.DIAGNOSES_COVERED}",
    )  # fmt: skip
    assert coverage.document(CoverageKind.NCD, 281, DAY).display_id == "220.4"
    assert coverage.document(CoverageKind.LCD, 33333, DAY).in_force(DAY)
    store.close()
    assert not any(b"AMA WORDING" in path.read_bytes() for path in home.root.rglob("*") if path.is_file())
