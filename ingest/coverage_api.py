"""CMS's Coverage API (v1.5), read into tables of the layout of the database exports, to be loaded like them.

Reports need no consent. LCDs and articles need a token that stands for acceptance of the AMA, ADA and AHA licences; it is asked for only when
the user has said so, holds for an hour, and is sent as a bearer token. Answers are ``{"meta": {"status": ..., "fields": [...]}, "data": [...]}``,
errors ``{"message": ..., "code": ...}``. Field names are those of the export tables except for NCDs. Descriptors of procedure codes are dropped.

Source: CMS, Coverage API description v1.5 (OpenAPI).
"""

from __future__ import annotations

import csv
import json
import time
import urllib.parse
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ingest.web import open_address
from knowledge.errors import RefusedFile, SourceUnavailable
from knowledge.home import Home

__all__ = ["ADDRESS", "CoverageApi", "save_articles", "save_lcds", "save_ncds"]

ADDRESS = "https://api.coverage.cms.gov"
TOKEN_SECONDS = 55 * 60
"""The token holds for one hour; it is renewed a little before."""
LARGEST_ANSWER = 50_000_000

SOURCE_COLUMN = "read_from"
"""Column added to the saved tables: a selection from the API must not take the place of a whole export."""

_DROPPED = frozenset({"long_description", "short_description"})
_ARTICLE_TABLES = (
    "contractor", "hcpc-code", "hcpc-code-group", "hcpc-modifier", "hcpc-modifier-group", "icd10-covered", "icd10-covered-group",
    "icd10-noncovered", "icd10-noncovered-group", "icd10-pcs-code", "icd10-pcs-code-group", "bill-codes", "revenue-code", "other-coding-group",
    "related-documents", "related-ncd-documents",
)  # fmt: skip
_LCD_TABLES = ("contractor", "hcpc-code", "hcpc-code-group", "related-documents", "related-ncd-documents")
_NCD_FIELDS = {
    "document_id": "NCD_id", "document_version": "NCD_vrsn_num", "document_display_id": "NCD_mnl_sect", "title": "NCD_mnl_sect_title",
    "effective_date": "NCD_efctv_dt", "effective_end_date": "NCD_trmntn_dt", "implementation_date": "NCD_impltn_dt",
    "item_service_description": "itm_srvc_desc", "indications_limitations": "indctn_lmtn", "cross_reference": "xref_txt", "other_text": "othr_txt",
}  # fmt: skip

Row = Mapping[str, Any]


@dataclass(slots=True)
class CoverageApi:
    """A client of the Coverage API."""

    licences_accepted: bool = False
    """True when the user has accepted the AMA, ADA and AHA licences for this use."""
    address: str = ADDRESS
    clock: Callable[[], float] = time.monotonic
    _token: str = field(default="", repr=False)
    _expires: float = 0.0

    def report(self, name: str, **query: str | int) -> tuple[Row, ...]:
        """Return a report, e.g. ``local-coverage-articles`` with ``status="A"``; no licence is needed."""
        return self._get(f"/v1/reports/{name}/", query, {})

    def data(self, path: str, **query: str | int) -> tuple[Row, ...]:
        """Return the rows of a data endpoint, e.g. ``article/icd10-covered`` with ``articleid``.

        Raises :class:`~knowledge.errors.RefusedFile` when the licences have not been accepted.
        """
        return self._get(f"/v1/data/{path}", query, {"Authorization": f"Bearer {self._licence_token()}"})

    def ncd(self, ncdid: int) -> tuple[Row, ...]:
        """Return the current version of an NCD; no licence is needed."""
        return self._get("/v1/data/ncd/", {"ncdid": ncdid}, {})

    def states(self) -> tuple[Row, ...]:
        """Return the database's list of states."""
        return self._get("/v1/metadata/states/", {}, {})

    def _licence_token(self) -> str:
        if not self.licences_accepted:
            raise RefusedFile(
                "LCDs and articles hold AMA, ADA and AHA material: accept their licences in the settings to read them"
            )
        if not self._token or self.clock() >= self._expires:
            rows = self._get("/v1/metadata/license-agreement/", {}, {})
            self._token = str(next(iter(rows), {}).get("token") or next(iter(rows), {}).get("Token") or "")
            if not self._token:
                raise SourceUnavailable(f"{self.address}: expected a licence token, got none")
            self._expires = self.clock() + TOKEN_SECONDS
        return self._token

    def _get(self, path: str, query: Mapping[str, str | int], headers: Mapping[str, str]) -> tuple[Row, ...]:
        address = f"{self.address}{path}" + (f"?{urllib.parse.urlencode(query)}" if query else "")
        with open_address(address, {"Accept": "application/json", **headers}) as response:
            body = response.read(LARGEST_ANSWER)
        try:
            told = json.loads(body)
            rows = told["data"]
        except (ValueError, KeyError, TypeError) as error:
            message = told.get("message", "") if isinstance(told := _loose(body), dict) else ""
            raise SourceUnavailable(
                f"{address}: expected an answer with data{f', got {message!r}' if message else ''}"
            ) from error
        return tuple(
            {key: value for key, value in row.items() if key not in _DROPPED} for row in rows if isinstance(row, dict)
        )


def save_articles(api: CoverageApi, ids: Iterable[int], home: Home) -> Path:
    """Write the tables of the articles ``ids`` below ``Home.downloads`` and return their folder; load it like an export."""
    tables: dict[str, list[Row]] = {}
    for number in ids:
        tables.setdefault("article", []).extend(api.data("article/", articleid=number))
        for name in _ARTICLE_TABLES:
            tables.setdefault(f"article_x_{name}", []).extend(api.data(f"article/{name}", articleid=number))
    return _saved(tables, home, "articles")


def save_lcds(api: CoverageApi, ids: Iterable[int], home: Home) -> Path:
    """Write the tables of the LCDs ``ids`` below ``Home.downloads`` and return their folder; load it like an export."""
    tables: dict[str, list[Row]] = {}
    for number in ids:
        tables.setdefault("lcd", []).extend(api.data("lcd/", lcdid=number))
        for name in _LCD_TABLES:
            tables.setdefault(f"lcd_x_{name}", []).extend(api.data(f"lcd/{name}", lcdid=number))
    return _saved(tables, home, "lcds")


def save_ncds(api: CoverageApi, ids: Iterable[int], home: Home) -> Path:
    """Write the NCDs ``ids`` below ``Home.downloads`` and return their folder; load it like an export."""
    rows: list[Row] = [
        {_NCD_FIELDS.get(key, key): value for key, value in row.items()} for number in ids for row in api.ncd(number)
    ]
    tables: dict[str, list[Row]] = {"ncd_trkg": rows}
    return _saved(tables, home, "ncds")


def _saved(tables: Mapping[str, list[Row]], home: Home, name: str) -> Path:
    folder = home.downloads / "coverage" / name
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.csv"):
        old.unlink()
    for table, rows in tables.items():
        if rows:
            columns = list(dict.fromkeys(key for row in rows for key in row))
            with (folder / f"{table}.csv").open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, [*columns, SOURCE_COLUMN], restval="Coverage API v1.5")
                writer.writeheader()
                writer.writerows({column: _cell(row.get(column)) for column in columns} for row in rows)
    return folder


def _cell(value: object) -> object:
    return "" if value is None else value


def _loose(body: bytes) -> object:
    try:
        return json.loads(body)
    except ValueError:
        return None
