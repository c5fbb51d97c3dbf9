"""The publishers' real files, where the setting MEDCODE_REAL_DATA names a folder that holds them: counts as its SOURCES.md states them."""

from __future__ import annotations

import os
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from ingest.load import LoadReport, load
from ingest.publishers import ReadSettings
from knowledge.alphabetic import AlphabeticIndex, Book
from knowledge.codes import Code, CodeSystem
from knowledge.home import Home
from knowledge.locality import LocalityTables
from knowledge.records import Setting
from knowledge.reference import ReferenceStore

CMS = Path(os.environ.get("MEDCODE_REAL_DATA", "absent")) / "cms"

pytestmark = pytest.mark.skipif(not CMS.is_dir(), reason="MEDCODE_REAL_DATA names no folder with a cms folder")

ROWS = {
    "ncci/ptp_practitioner_2024-07-01.csv.gz": (2_546_017, 98_853),
    "ncci/ptp_outpatient_hospital_2024-07-01.csv.gz": (1_775_818, 29_884),
    "ncci/mue_practitioner_2024-07-01.csv": (14_677, 0),
    "ncci/mue_outpatient_hospital_2024-07-01.csv": (14_628, 0),
    "ncci/mue_dme_supplier_2024-07-01.csv": (2_928, 0),
    "ncci/aoc_2024-06-03.csv": (7_465, 0),
    "mpfs/PPRRVU2025_Oct.nodesc.csv": (19_090, 0),
    "mpfs/GPCI2025.csv": (109, 0),
    "hcpcs2024q3/level2_indicators_2024-07.csv": (8_033, 0),
    "hcpcs2024q3/level2_descriptions_2024-07.csv": (15_910, 0),
    "icd10cm/icd10cm_codes_fy2025.csv.gz": (97_584, 0),
    "icd10cm/ICD10CM_2025_Index.derived.csv": (81_024, 0),
    "icd10pcs/icd10pcs_order_fy2024.csv.gz": (79_508, 0),
    "icd10pcs/definitions_2024_flat.csv.gz": (4_732, 0),
    "hcc/ra_dx_to_cc_2025.csv": (53_951, 0),
    "hcc/ra_dx_to_cc_2026.csv": (55_297, 0),
    "hcc/ra_dx_to_cc_2027.csv": (44_860, 0),
    "opps/addendum_b_2026-04.nodesc.csv": (19_057, 0),
    "asc/addendum_EE_2026-07.nodesc.csv": (1_559, 0),
    "misc/rbcs_2024-06.csv": (17_033, 0),
    "misc/pos_codes_2024-06.csv": (99, 0),
    "mcd/documents_2025-08.csv": (3_133, 0),
}
"""Rows and rows dropped by rule, by file."""


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> tuple[LoadReport, ReferenceStore]:
    """Everything loaded at once, as a coder would drop it."""
    home = Home(tmp_path_factory.mktemp("real"))
    report = load([CMS], home)
    with closing(ReferenceStore(home.current)) as store:
        yield report, store


@pytest.mark.parametrize(("file", "rows"), ROWS.items())
def test_rows_are_those_of_the_sources(loaded, file, rows):
    """Each file gives exactly the rows its source states, with what the rules drop."""
    report, _ = loaded
    (found,) = [f for f in report.files if f.place == file.removesuffix(".gz")]
    assert (found.read, found.dropped) == rows and found.rejected <= 5, found.reason


def test_active_edits(loaded):
    """The active edits of both settings are as many as were counted."""
    _, store = loaded
    counted = {
        e.setting: store.connection.execute(
            "SELECT count(*) FROM ptp WHERE edition = ? AND deletion = 99991231", (e.id,)
        ).fetchone()[0]
        for e in store.editions_of("ptp")
    }
    assert counted == {Setting.PRACTITIONER: 1_669_820, Setting.OUTPATIENT_HOSPITAL: 1_335_857}


@pytest.mark.parametrize(
    ("column1", "column2", "indicator"),
    [
        ("45385", "45378", 0),
        ("45385", "45380", 1),
        ("43239", "43235", 0),
        ("20611", "20610", 1),
        ("93000", "93005", 1),
        ("99291", "36415", 1),
    ],
)
def test_known_edits(loaded, column1, column2, indicator):
    """Edits a coder knows by heart answer as published."""
    found = loaded[1].ptp(column1, column2, Setting.PRACTITIONER, date(2024, 8, 1))
    assert found is not None and found.record.indicator == indicator


@pytest.mark.parametrize(("column1", "column2"), [("99213", "93000"), ("43239", "45378"), ("29827", "29826")])
def test_pairs_without_an_edit(loaded, column1, column2):
    """Pairs that have no edit have none in either order, in a complete edition."""
    store, day = loaded[1], date(2024, 8, 1)
    assert (
        store.ptp(column1, column2, Setting.PRACTITIONER, day) is None
        and store.ptp(column2, column1, Setting.PRACTITIONER, day) is None
    )
    assert store.complete_edition("ptp", day, Setting.PRACTITIONER) is not None


def test_a_fee_by_locality(loaded):
    """The fee of an office visit in Manhattan comes out near what Medicare paid in October 2025."""
    tables = LocalityTables(loaded[1])
    fee = tables.fee("99213", "13202", "01", date(2025, 11, 1))
    assert fee is not None and 95 < fee.payment.amount < 110


def test_tables_of_the_index(loaded):
    """The tables of drugs and of neoplasms, and the external cause index, are looked up by words."""
    index, day = AlphabeticIndex(loaded[1]), date(2026, 6, 1)
    (drug,) = index.terms(Book.DRUGS, "warfarin", day, limit=1)
    assert {cell.code for cell in index.line(drug).cells} >= {"T45511", "T45515", "T45516"}
    assert index.containing(Book.NEOPLASMS, "breast", day)
    assert index.containing(Book.EXTERNAL_CAUSES, "dog bite", day) or index.containing(
        Book.EXTERNAL_CAUSES, "bite dog", day
    )


def test_hcpcs_of_2019(loaded):
    """The untouched 2019 release holds 6,800 codes and modifiers, 360 of them modifiers."""
    store = loaded[1]
    (edition,) = [e for e in store.editions_of("hcpcs_detail") if e.label == "2019 Q1"]
    values = [
        row[0] for row in store.connection.execute("SELECT value FROM hcpcs_detail WHERE edition = ?", (edition.id,))
    ]
    assert (len(values), sum(len(value) == 2 for value in values)) == (6_800, 360)


def test_the_tabular_list_and_the_order_of_codes(loaded):
    """The April 2026 tabular list gives the codes CDC lists, with composed seventh characters."""
    store = loaded[1]
    record = store.code(Code(CodeSystem.ICD10CM, "S52501A"), date(2026, 5, 1))
    assert record is not None and record.record.title.endswith("initial encounter for closed fracture")


def test_fixed_width_and_csv_agree(loaded, tmp_path):
    """The real fixed-width records say the same as the CSV of their release, in every field."""
    _, store = loaded
    home = Home(tmp_path)
    load([CMS / "mpfs" / "PPRRVU2025_Oct.fixedwidth.sample.txt"], home, settings=ReadSettings(cut=True))
    with closing(ReferenceStore(home.current)) as fixed:
        rows = fixed.connection.execute("SELECT value, modifier FROM fee").fetchall()
        day = date(2025, 11, 1)
        assert len(rows) > 60
        for value, modifier in rows:
            assert fixed.fee(value, day, modifier).record == store.fee(value, day, modifier).record
