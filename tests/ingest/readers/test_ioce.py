"""The outpatient code editor's tables, decoded in a child process."""

from __future__ import annotations

import lzma
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from ingest import decoding
from ingest.readers import Table, ioce
from knowledge.errors import UnreadableFile
from knowledge.records import AddOnPair, CodeRecord, Licence, ModifierConflict, ModifierRecord, OppsStatus
from knowledge.schema import OPEN
from knowledge.writing import EditionDraft

DRAFT = EditionDraft("", "CMS", "", "", date(2026, 10, 1), None, True, Licence.PUBLIC, "pyoce==1.0", "", packaged=True)


def read_all(archive: bytes, folder: Path) -> dict[str, tuple[Table, list[Any]]]:
    """Return every table with its rows, by table name, system and first day."""
    path = folder / "tables.xz"
    path.write_bytes(archive)
    found: dict[str, tuple[Table, list[Any]]] = {}

    def tables() -> Iterator[Table]:
        with decoding.ioce_tables(path, folder, "pyoce==1.0") as stream:
            yield from ioce.read(stream, DRAFT, {"S": "paid apart"})

    for table in tables():
        key = " ".join(str(part) for part in (table.draft.table, table.draft.system) if part)
        if table.draft.table == "opps":
            key += f" {table.draft.effective_from}"
        found[key] = (table, list(table.rows))
    return found


@pytest.fixture
def tables(tmp_path: Path, layouts: ModuleType) -> dict[str, tuple[Table, list[Any]]]:
    """The invented editor tables."""
    return read_all(layouts.ioce_file(tmp_path / "ioce.mdb"), tmp_path)


def test_no_wording_of_cpt_or_dental_codes_leaves_the_decoder(tmp_path: Path, layouts: ModuleType) -> None:
    """Licensed words do not even reach the pipe."""
    path = tmp_path / "tables.xz"
    path.write_bytes(layouts.ioce_file(tmp_path / "ioce.mdb"))
    with decoding.ioce_tables(path, tmp_path, "x") as stream:
        list(stream.table("version"))
        rows = list(stream.table("hcpcs"))
        for name in ("modifier", "conflict", "addon1", "addon2", "addon3", "ptp"):
            list(stream.table(name))
    assert {row[0]: row[5] for row in rows} == {
        "99213": "",
        "99999": "",
        "88888": "",
        "D0001": "",
        "G9999": "Invented service",
    }


def test_code_lists_hold_what_is_in_force_in_the_newest_quarter(tables: dict[str, tuple[Table, list[Any]]]) -> None:
    """The file claims to hold until 2036; the edition ends with its quarter."""
    draft = tables["code hcpcs"][0].draft
    assert (draft.effective_from, draft.effective_to, draft.label) == (
        date(2026, 4, 1),
        date(2026, 6, 30),
        "April 2026 (I/OCE)",
    )
    assert [(r.code.value, r.title) for r in tables["code hcpcs"][1]] == [("D0001", ""), ("G9999", "Invented service")]
    cpt = tables["code cpt"]
    assert cpt[0].draft.licence is Licence.AMA_CODES
    assert [(type(r), r.code.value, r.title) for r in cpt[1]] == [(CodeRecord, "99213", ""), (CodeRecord, "99999", "")]


def test_validity_follows_the_quarters_and_does_not_invent_a_beginning(
    tables: dict[str, tuple[Table, list[Any]]],
) -> None:
    """A code in the oldest quarter may be older; ranges that touch are one."""
    table, rows = tables["validity cpt"]
    assert [(w.code.value, w.valid_from, w.valid_to) for w in rows] == [
        ("88888", date.min, date(2026, 3, 31)),
        ("99213", date.min, None),
        ("99999", date.min, None),
    ]
    assert table.draft.history_from == date(2025, 10, 1)
    assert [(w.code.value, w.valid_from) for w in tables["validity hcpcs"][1]] == [
        ("D0001", date.min),
        ("G9999", date(2026, 1, 1)),
    ]


def test_each_recent_quarter_is_an_opps_edition_of_its_own(tables: dict[str, tuple[Table, list[Any]]]) -> None:
    """A status or APC that changed is answered by the quarter of the date of service."""
    assert OppsStatus("99999", "S", "1234", "", "paid apart") in tables["opps 2026-04-01"][1]
    assert OppsStatus("99999", "B", "", "", "") in tables["opps 2026-01-01"][1]
    assert {row.code for row in tables["opps 2026-04-01"][1]} == {"99213", "99999", "D0001", "G9999"}
    assert tables["opps 2025-10-01"][0].draft.effective_to == date(2025, 12, 31)


def test_edits_keep_their_quarters(tables: dict[str, tuple[Table, list[Any]]]) -> None:
    """Effective 0 where the copy does not show it, open where it is in force at the end."""
    assert [tuple(row) for row in tables["ptp"][1]] == [
        ("88888", "99999", 20260401, OPEN, 1, ""),
        ("99999", "88888", 0, 20260331, 1, ""),
        ("99999", "G9999", 20260101, OPEN, 0, ""),
    ]


def test_addons_modifiers_and_conflicts(tables: dict[str, tuple[Table, list[Any]]]) -> None:
    """Retired modifiers and internal markers are left out; a conflict has no direction."""
    assert tables["addon"][1] == [
        AddOnPair("88888", "99999", 1, None, None),
        AddOnPair("88888", "G9999", 1, date(2026, 1, 1), date(2026, 3, 31)),
        AddOnPair("G9999", "CCCCC", 2, None, None),
    ]
    assert tables["modifier"][1] == [ModifierRecord("25", True, ()), ModifierRecord("GP", False, ("therapy",))]
    assert tables["modifier_conflict"][1] == [ModifierConflict("CT", "FX")]


@pytest.mark.parametrize("content", [b"", b"no archive", lzma.compress(b"no database")])
def test_a_broken_archive_is_refused_and_leaves_no_process(tmp_path: Path, content: bytes) -> None:
    """A truncated or foreign file ends in one line."""
    with pytest.raises(UnreadableFile) as caught:
        read_all(content, tmp_path)
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith("pyoce==1.0")


def test_values_that_crash_the_decoder_only_end_the_child(
    tmp_path: Path, layouts: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What cannot be decoded is refused; this process goes on."""
    monkeypatch.setattr(layouts.marshal, "dumps", lambda value: b"\xff\xff")
    with pytest.raises(UnreadableFile, match="the tables break off inside 'version': ValueError"):
        read_all(layouts.ioce_file(tmp_path / "ioce.mdb"), tmp_path)


def test_blobs_are_read_whole_or_not_at_all(tmp_path: Path, layouts: ModuleType) -> None:
    """A missing key is an error, also when others were read."""
    layouts.lmdb_file(tmp_path / "x.mdb", {b"first\0\0": b"a\nb\0c", b"second": b""})
    assert decoding.blobs(tmp_path / "x.mdb", ("second", "first"), "x") == {"first": b"a\nb\0c", "second": b""}
    with pytest.raises(UnreadableFile):
        decoding.blobs(tmp_path / "x.mdb", ("first", "third"), "x")
