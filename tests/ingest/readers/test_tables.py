"""The readers of the smaller tables, each on its publisher's layout."""

from __future__ import annotations

import io
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from types import ModuleType

import pytest

from ingest.readers import Rejects, asc, betos, drg, gems, hcc, icd10pcs, msdrg, starter
from knowledge.codes import Code, CodeSystem
from knowledge.errors import RefusedFile, UnreadableFile
from knowledge.records import AscStatus, Category, ComplicationClass, DrgRecord, HccMapping, Licence, PcsAxis
from knowledge.schema import OPEN
from knowledge.writing import EditionDraft

DRAFT = EditionDraft("", "CMS", "", "", date(2026, 10, 1), date(2027, 9, 30), True, Licence.PUBLIC, "x==1", "")


def text(content: bytes | str, encoding: str = "utf-8") -> io.StringIO:
    """Return content as the text stream a reader gets."""
    return io.StringIO(content.decode(encoding) if isinstance(content, bytes) else content, newline="")


# -- validity and MS-DRG --------------------------------------------------------------------------------------------------


def test_windows_that_touch_are_one_and_the_tables_last_day_is_open(layouts: ModuleType) -> None:
    """A change of edits does not end a code; only a gap does."""
    table = msdrg.read_validity({"mce_i10dx_master": layouts.master(layouts.CM_SPANS)}, CodeSystem.ICD10CM, DRAFT)
    windows = [(w.code.value, w.valid_from, w.valid_to) for w in table.rows]
    assert windows == [
        ("Q100XXA", date(2015, 10, 1), None),
        ("Q100XXD", date(2015, 10, 1), None),
        ("Q101X1G", date(2015, 10, 1), None),
        ("Q11", date(2015, 10, 1), date(2026, 9, 30)),
        ("Q110", date(2026, 10, 1), None),
        ("Q13", date(2015, 10, 1), date(2016, 9, 30)),
        ("Q13", date(2018, 10, 1), None),
        ("QA0", date(2025, 10, 1), None),
    ]
    assert (table.draft.history_from, table.draft.effective_to) == (date(2015, 10, 1), date(2027, 3, 31))


@pytest.mark.parametrize("blob", [b"", b"XXXX" + bytes(28), b"DECM" + b"\xff" * 28])
def test_a_forged_master_is_refused(blob: bytes) -> None:
    """Too short, another tag, or fewer rows than promised."""
    with pytest.raises(UnreadableFile):
        msdrg.read_validity({"mce_i10dx_master": blob}, CodeSystem.ICD10CM, DRAFT)


def test_titles_and_severities_are_those_of_the_asked_version(layouts: ModuleType) -> None:
    """A row counts when the version lies in its span."""
    titles = layouts.drg_titles([(7, 400, 411, "Old"), (7, 420, 440, "New"), (8, 400, 411, "Gone")])
    assert list(msdrg.read_titles({"drg_descriptions": titles}, 440, DRAFT).rows) == [DrgRecord("007", "New", "", "")]
    blob = layouts.severities([("Q11", 400, 431, 1), ("Q110", 440, 440, 2), ("QA0", 400, 440, 0)])
    assert list(msdrg.read_complications({"diagnosis": blob}, 440, DRAFT).rows) == [ComplicationClass("Q110", "MCC")]


def test_drg_tables_are_found_by_their_headers() -> None:
    """The weight in use is the one with the cap; footnotes are no rows."""
    weights = text(
        '"TABLE 5.\nLIST"\n\nMS-DRG \tMDC\tTYPE\tMS-DRG Title\tWeights - Before Cap\tWeights - 10% Cap Applied \n'
        '001\tPRE\tSURG\t"BLUE, KNEE"\t2.0\t1.9000\n998\t\t\tNO WEIGHT\t*\t*\n* note\n'
    )
    assert list(drg.read_weights(weights, DRAFT).rows) == [
        DrgRecord("001", "BLUE, KNEE", "PRE", "SURG", "1.9000"),
        DrgRecord("998", "NO WEIGHT", "", "", ""),
    ]
    with pytest.raises(UnreadableFile, match="expected the column 'MDC'"):
        drg.read_weights(text("MS-DRG\tTYPE\n"), DRAFT)
    lists = drg.read_complications(
        text("T 6I\nDiagnosis Code\tD\nQ11.1\tx\n"), text("T 6J\nDiagnosis Code\tD\nQ12\tx\n"), DRAFT
    )
    assert list(lists.rows) == [ComplicationClass("Q111", "MCC"), ComplicationClass("Q12", "CC")]


# -- ICD-10-PCS and mappings ----------------------------------------------------------------------------------------------


@pytest.fixture
def database(tmp_path: Path, layouts: ModuleType) -> Iterator[sqlite3.Connection]:
    """The SQLite file of the second ICD-10-PCS package."""
    path = tmp_path / "pcs.db"
    layouts.pcs_file(path)
    with closing(sqlite3.connect(path)) as connection:
        yield connection


def test_every_valid_procedure_code_is_kept_with_or_without_title(
    database: sqlite3.Connection, layouts: ModuleType
) -> None:
    """Validity decides which codes exist; a package only adds words."""
    windows = list(
        msdrg.read_validity({"mce_i10sg_master": layouts.master(layouts.PCS_SPANS)}, CodeSystem.ICD10PCS, DRAFT).rows
    )
    table = icd10pcs.read_codes(text('"0QB00ZX","Taking a part"\n'), database, windows, DRAFT)
    assert [(r.code.value, r.title) for r in table.rows] == [("0QB00ZX", "Taking a part"), ("0QB04ZZ", "")]


def test_axes_carry_the_definitions_of_operation_and_approach(database: sqlite3.Connection) -> None:
    """The meaning of a character depends on what stands before it."""
    rows = list(icd10pcs.read_axes(database, DRAFT).rows)
    assert len(rows) == 7
    assert rows[2] == ("0Q", PcsAxis(3, "Operation", "B", "Taking", "Removing a part"))
    assert rows[4] == ("0QB0", PcsAxis(5, "Approach", "0", "Open", "Cutting through"))


def test_mappings_keep_the_flags_and_a_row_without_a_map(database: sqlite3.Connection) -> None:
    """No map is said, not left out."""
    head = '"a","b","flags","approximate","no_map","combination","scenario","choice_list"\n'
    there = gems.read_mapping(
        text(head + '"Q11","7700","10112",1,0,1,1,2\n"Q12","NoDx","11000",1,1,0,0,0\n'),
        CodeSystem.ICD10CM,
        CodeSystem.ICD9CM,
        DRAFT,
    )
    assert [
        (r.source.shown, r.target.shown if r.target else None, r.approximate, r.combination, r.scenario, r.choice)
        for r in there.rows
    ] == [
        ("Q11", "770.0", True, True, 1, 2),
        ("Q12", None, True, False, 0, 0),
    ]
    back = list(gems.read_procedures(database, DRAFT).rows)
    assert [(r.source.shown, r.target.value) for r in back] == [("77.00", "0QB00ZX")]
    with pytest.raises(RefusedFile, match="1 of 1"):
        list(
            gems.read_mapping(
                text(head + '"?","7700","10112",1,0,1,1,2\n'), CodeSystem.ICD10CM, CodeSystem.ICD9CM, DRAFT
            ).rows
        )


def test_icd9_titles_are_read_from_fixed_lines() -> None:
    """Code, blanks, title."""
    rows = gems.read_titles(text(b"0010  Chol\xe9ra\n", "latin-1"), CodeSystem.ICD9CM, DRAFT).rows
    assert [(r.code.shown, r.title) for r in rows] == [("001.0", "Choléra")]


# -- payment and groupings ------------------------------------------------------------------------------------------------


def test_a_payment_year_speaks_for_the_dates_of_service_before_it() -> None:
    """Payment year 2027 is computed from diagnoses of 2026."""
    labels = hcc.read_labels(
        text(
            "cc,label,model_domain,model_version,model_fullname\nHCC37,Blueness,CMS-HCC,V28,x\nHCC18,Kidney,ESRD,V24,x\nRXHCC30,Rx,RxHCC,R08,x\n"
        )
    )
    file = text(
        "diagnosis_code,cc,model_name\nE1122,37,CMS-HCC Model V28\nE1122,18,CMS-HCC ESRD Model V24\nE1122,30,RxHCC Model V08\nE1122,99,CMS-HCC Model V22\n"
    )
    table = hcc.read_mappings(file, labels, 2027, DRAFT)
    assert (table.draft.label, table.draft.effective_from, table.draft.effective_to) == (
        "payment year 2027",
        date(2026, 1, 1),
        date(2026, 12, 31),
    )
    assert list(table.rows) == [
        HccMapping("E1122", "CMS-HCC V28", "37", "Blueness"),
        HccMapping("E1122", "CMS-HCC ESRD V24", "18", "Kidney"),
        HccMapping("E1122", "RxHCC V08", "30", "Rx"),
        HccMapping("E1122", "CMS-HCC V22", "99", ""),
    ]
    with pytest.raises(UnreadableFile, match="expected columns"):
        hcc.read_mappings(text("code,cc\n"), labels, 2027, DRAFT)


def test_asc_addenda_give_indicator_and_apc_and_no_words(layouts: ModuleType) -> None:
    """Columns are found by name; notes and descriptors are not read."""
    files = {name: text(content, "utf-8-sig") for name, content in layouts.asc_files().items()}
    assert list(asc.read(files["aa"], files["bb"], files["ee"], files["ff"], DRAFT).rows) == [
        AscStatus("99999", "AA", "A2", "", "1234"),
        AscStatus("88888", "AA", "N1", "", ""),
        AscStatus("G9999", "BB", "K2", "", ""),
        AscStatus("77777", "EE", "", "", ""),
    ]
    with pytest.raises(UnreadableFile, match="HCPCS Code"):
        asc.read(text("x"), text("x"), text("x"), text("x"), DRAFT)


def test_betos_labels_keep_hyphens_that_belong_to_a_category() -> None:
    """Levels are told apart from hyphens inside them."""
    lines = '99999 PG05N "Procedures- Standard X-ray-Knee bluing - deep"\n2028f NA99N "Tests-  Knee-Other"\n'
    assert list(betos.read(text(lines), DRAFT).rows) == [
        Category("99999", "Procedures - Standard X-ray - Knee bluing - deep", "BETOS 2.0"),
        Category("2028F", "Tests - Knee - Other", "BETOS 2.0"),
    ]
    with pytest.raises(RefusedFile):
        betos.read(text("no label here\n"), DRAFT)


# -- starter tables -------------------------------------------------------------------------------------------------------


def test_starter_tables_are_partial_editions(tmp_path: Path, layouts: ModuleType) -> None:
    """Every starter edition is partial, and a cancelled edit is not loaded."""
    tables = {(t.draft.table, t.draft.setting): t for t in starter.read(layouts.write_starter(tmp_path / "s"))}
    assert not any(table.draft.complete for table in tables.values())
    fees = list(tables["fee", None].rows)
    assert [(f.code, f.modifier, f.status, f.global_days) for f in fees] == [
        ("99213", "", "A", "XXX"),
        ("99213", "26", "", ""),
        ("99213", "TC", "", ""),
    ]
    edits = [tuple(row) for table in tables.values() if table.draft.table == "ptp" for row in table.rows]
    assert edits == [("99214", "99213", 0, OPEN, 1, "Misuse"), ("99214", "99213", 0, 20191231, 1, "Misuse")]
    statuses = [row for table in tables.values() if table.draft.table == "opps" for row in table.rows]
    assert [(s.indicator, s.meaning) for s in statuses] == [("B", "not recognised")]


@pytest.mark.parametrize(
    ("name", "row", "error"),
    [
        ("mue.csv", "99213,practitioner,2,7,x,E,S", "mue.csv, line 4: expected MAI 1, 2 or 3"),
        ("mue.csv", "99213,practitioner,two,3,x,E,S", "mue.csv, line 4: invalid literal"),
        ("ptp.csv", "99214,9921,,,1,x,E,S", "ptp.csv, line 5: expected a CPT or HCPCS code"),
    ],
)
def test_a_faulty_row_of_our_own_is_named_by_file_and_line(
    tmp_path: Path, layouts: ModuleType, name: str, row: str, error: str
) -> None:
    """Our own tables are read strictly."""
    folder = layouts.write_starter(tmp_path / "s")
    path = folder / name
    path.write_text(path.read_text() + row + "\n")
    with pytest.raises(UnreadableFile, match=error):
        list(starter.read(folder))


def test_rejects_count_as_their_number_and_name_the_first() -> None:
    """The tolerance is a share of the rows read."""
    rejects = Rejects("file", tolerance=0.5)
    rejects.add("line 3", "no code")
    rejects.settle(2)
    assert len(rejects) == 1 and list(rejects) == ["file, line 3: no code"]
    with pytest.raises(RefusedFile, match="first: file, line 3: no code"):
        rejects.settle(1)


def test_codes_named_here_are_shaped_right() -> None:
    """The extended shape of ICD-10-CM accepts QA categories and no other letter pair."""
    assert Code.parse("QA0.01", CodeSystem.ICD10CM).shown == "QA0.01"
