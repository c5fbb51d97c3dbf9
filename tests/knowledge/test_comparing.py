"""What changed between two editions, and a code's life."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from knowledge.codes import Code, CodeSystem
from knowledge.comparing import as_csv, comparable_tables, diff, find_edition, history
from knowledge.errors import InputError
from knowledge.listings import Change
from knowledge.records import CodeRecord, Licence, Mue, Setting, Validity
from knowledge.reference import ReferenceStore
from knowledge.schema import OPEN
from knowledge.writing import EditionDraft, PtpRow, ReferenceWriter


def draft(table: str, label: str, start: date, end: date | None = None, **fields: object) -> EditionDraft:
    """An edition of the user's own."""
    return EditionDraft(
        table, "CMS", f"Invented {table}", label, start, end, True, Licence.PUBLIC, "test", label, **fields
    )  # type: ignore[arg-type]


@pytest.fixture
def store(tmp_path: Path):
    """Two quarters of MUE and PTP, two fiscal years of codes."""
    path = tmp_path / "reference.sqlite"
    q2, q3 = (date(2026, 4, 1), date(2026, 6, 30)), (date(2026, 7, 1), date(2026, 9, 30))
    setting = Setting.PRACTITIONER
    code = Code(CodeSystem.ICD10CM, "E119")
    with ReferenceWriter(path) as writer:
        writer.add(
            draft("mue", "2026 Q2", *q2, setting=setting),
            [Mue("97110", setting, 4, 3, "x"), Mue("99213", setting, 1, 2, "y"), Mue("10000", setting, 2, 2, "z")],
        )
        writer.add(
            draft("mue", "2026 Q3", *q3, setting=setting),
            [Mue("97110", setting, 6, 3, "x"), Mue("99213", setting, 1, 2, "y"), Mue("20000", setting, 1, 2, "z")],
        )
        old = [PtpRow("17000", "17281", 19990701, OPEN, 1, "w"), PtpRow("45385", "45380", 20030101, OPEN, 1, "w")]
        writer.add(draft("ptp", "2026 Q2", *q2, setting=setting), old)
        writer.add(
            draft("ptp", "2026 Q3", *q3, setting=setting),
            [old[0]._replace(deletion=20260630), old[1]._replace(indicator=0)],
        )
        for year, title in ((2026, "Old title"), (2027, "New title")):
            window = date(year - 1, 10, 1), date(year, 9, 30)
            writer.add(
                draft("code", f"FY{year}", *window, system=CodeSystem.ICD10CM),
                [CodeRecord(code, title, "", True, "E11", "code")],
            )
            writer.add(draft("validity", f"FY{year}", *window, system=CodeSystem.ICD10CM), [Validity(code, *window)])
    opened = ReferenceStore(path)
    yield opened
    opened.close()


def both(store: ReferenceStore, table: str):
    """The older and the newer edition of a table."""
    new, old = store.editions_of(table)
    return old, new


def test_new_deleted_and_changed_limits(store):
    """A diff names new, deleted and changed rows, and of a changed row only the fields that differ."""
    found = list(diff(store, "mue", *both(store, "mue")))
    assert [(d.change, d.key, d.before, d.after) for d in found] == [
        (Change.DELETED, ("10000",), (("units", "2"), ("adjudication", "2"), ("rationale", "z")), ()),
        (Change.NEW, ("20000",), (), (("units", "1"), ("adjudication", "2"), ("rationale", "z"))),
        (Change.CHANGED, ("97110",), (("units", "4"),), (("units", "6"),)),
    ]


def test_pairs_are_compared_as_they_stand(store):
    """An edit that ended between two releases is deleted, though its closed row is in both; a new indicator is a change."""
    found = list(diff(store, "ptp", *both(store, "ptp")))
    assert [(d.change, d.key) for d in found] == [
        (Change.DELETED, ("17000", "17281")),
        (Change.CHANGED, ("45385", "45380")),
    ]
    assert found[1].before == (("indicator", "1"),) and found[1].after == (("indicator", "0"),)


def test_titles_and_csv(store):
    """Retitled codes are found, and the table comes as CSV with one line for each field."""
    assert (
        as_csv(diff(store, "code", *both(store, "code")))
        == "change,key,field,before,after\nchanged,icd10cm E119,title,Old title,New title\n"
    )


def test_the_same_edition_has_no_changes(store):
    """An edition compared with itself has no differences."""
    old, _ = both(store, "ptp")
    assert list(diff(store, "ptp", old, old)) == []


def test_editions_are_named_by_label_or_date(store):
    """An edition is found by its label or by a date it covers; what fits none or several is an error that lists what is loaded."""
    assert find_edition(store, "mue", "2026 q3").label == find_edition(store, "mue", "2026-08-15").label == "2026 Q3"
    for told in ("2019 Q1", "2026"):
        with pytest.raises(InputError, match="loaded: Invented mue, 2026 Q3"):
            find_edition(store, "mue", told)


def test_what_cannot_be_compared(store):
    """Unknown tables, and editions of two tables, are refused."""
    old, new = both(store, "mue")
    with pytest.raises(InputError, match="expected one of"):
        list(diff(store, "nothing", old, new))
    with pytest.raises(InputError, match="two editions of ptp"):
        list(diff(store, "ptp", old, new))
    assert "ptp" in comparable_tables()


def test_a_codes_life(store):
    """A history tells windows and titles in order, and a limit only where it changed."""
    told = [event.what for event in history(store, Code(CodeSystem.ICD10CM, "E119"))]
    assert told == [
        "billable: Old title",
        "may be reported until 2026-09-30",
        "billable: New title",
        "may be reported until 2027-09-30",
    ]
    limits = [(event.on, event.what) for event in history(store, Code(CodeSystem.CPT, "97110"))]
    assert limits == [
        (date(2026, 4, 1), "unit limit 4, MAI 3 (practitioner)"),
        (date(2026, 7, 1), "unit limit 6, MAI 3 (practitioner)"),
    ]
    assert [e.what for e in history(store, Code(CodeSystem.CPT, "99213"))] == ["unit limit 1, MAI 2 (practitioner)"]
