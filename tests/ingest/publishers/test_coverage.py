"""Coverage exports: nested zips, HTML in cells, groups kept apart, retired and draft documents never in force."""

from __future__ import annotations

from datetime import date

from knowledge.coverage import CodeList, Coverage, CoverageKind
from knowledge.loaded import Outcome

DAY = date(2026, 8, 1)
STAMP = "2026-07-15 10:00:00"


def export(publish):
    """An export with one LCD, its article, a contractor and its states: a zip inside a zip."""
    tables = {
        "lcd.csv": [
            ("lcd_id", "lcd_version", "title", "determination_number", "status", "display_id", "orig_det_eff_date", "rev_eff_date", "rev_end_date", "date_retired", "indication", "last_updated"),
            ("33333", "7", "Invented screening", "", "A", "L33333", "2015-10-01 00:00:00", "2024-01-01 00:00:00", "", "", "<h3>Limits</h3><p>Only when <b>needed</b>.</p>", STAMP),
            ("44444", "1", "Draft screening", "", "A", "DL44444", "2024-01-01 00:00:00", "", "", "", "", STAMP),
        ],
        "article.csv": [
            ("article_id", "article_version", "article_type", "title", "status", "article_eff_date", "article_end_date", "date_retired", "display_id", "description", "last_updated"),
            ("55555", "3", "1", "Billing for invented screening", "A", "2024-01-01 00:00:00", "", "", "A55555", "Bill once,\nonly once.", STAMP),
        ],
        "article_x_hcpc_code.csv": [
            ("article_id", "article_version", "hcpc_code_id", "hcpc_code_version", "hcpc_code_group", "range", "last_updated", "long_description", "short_description"),
            ("55555", "3", "77067", "1", "1", "", STAMP, "AMA WORDING", "AMA WORDING"),
        ],
        "article_x_icd10_covered.csv": [
            ("article_id", "article_version", "icd10_code_id", "icd10_code_version", "icd10_covered_group", "range", "last_updated", "sort_order", "description", "asterisk"),
            ("55555", "3", "Z12.31", "1", "2", "", STAMP, "1", "Encounter", "*"),
        ],
        "article_x_icd10_covered_group.csv": [
            ("article_id", "article_version", "icd10_covered_group", "paragraph", "icd10_covered_ast", "last_updated"),
            ("55555", "3", "2", "<p>For the invented screening only</p>", "once a year", STAMP),
        ],
        "article_related_documents.csv": [
            ("article_id", "article_version", "related_num", "r_article_id", "r_article_version", "r_lcd_id", "r_lcd_version", "r_contractor_id", "last_updated"),
            ("55555", "3", "1", "0", "0", "33333", "7", "0", STAMP),
        ],
        "article_x_contractor.csv": [
            ("article_id", "article_version", "contractor_id", "contractor_type_id", "contractor_version", "last_updated"), ("55555", "3", "9", "8", "1", STAMP),
        ],
        "contractor.csv": [
            ("contractor_id", "contractor_type_id", "contractor_version", "contractor_bus_name", "contractor_number", "last_updated"),
            ("9", "8", "1", "Invented MAC", "01112", STAMP),
        ],
        "contractor_jurisdiction.csv": [
            ("contractor_id", "contractor_type_id", "contractor_version", "state_id", "active_date", "term_date", "last_updated"), ("9", "8", "1", "5", STAMP, "", STAMP),
        ],
        "state_lookup.csv": [("state_id", "state_abbrev", "description"), ("5", "CA", "California - Northern")],
        "ncd_trkg.csv": [
            ("NCD_id", "NCD_vrsn_num", "natl_cvrg_type", "cvrg_lvl_cd", "NCD_mnl_sect", "NCD_mnl_sect_title", "NCD_efctv_dt", "NCD_trmntn_dt", "itm_srvc_desc", "last_updt_tmstmp"),
            ("281", "2", "1", "2", "220.4", "Mammograms", "1978-01-01 00:00:00", "", "Text of the item.", "2026-07-01 00:00:00.123"),
            ("282", "1", "1", "3", "50.9", "RETIRED - invented", "1978-01-01 00:00:00", "", "", "2026-07-01 00:00:00"),
        ],
    }  # fmt: skip
    inner = publish.zip("current_csv.zip", {name: publish.csv(name, rows, "utf-8") for name, rows in tables.items()})
    return publish.zip("all_data.zip", {"current_csv.zip": inner, "readme_first.txt": b"Read me"})


def test_an_export_answers_from_code_to_state(publish, load_cut, reference):
    """A code leads to its article, the article to contractor and states and to its LCD; the group's paragraph says what it is for."""
    report = load_cut(export(publish))
    assert {file.outcome for file in report.files} == {Outcome.LOADED, Outcome.UNKNOWN}
    coverage = Coverage(reference())
    (row,) = coverage.about("Z1231", DAY, state="CA")
    assert (row.document.display_id, row.code.list, row.code.number, row.states) == (
        "A55555",
        CodeList.DIAGNOSES_COVERED,
        2,
        ("CA",),
    )
    assert row.group is not None and row.group.paragraph == "For the invented screening only\n\n* once a year"
    assert [c.name for c in row.contractors] == ["Invented MAC"]
    assert coverage.about("Z1231", DAY, state="TX") == ()
    assert [d.display_id for d in coverage.related(row.document, DAY)] == ["L33333"]
    (procedure,) = coverage.about("77067", DAY)
    assert procedure.code.number == 1 and [c.value for c in coverage.codes(row.document, CodeList.PROCEDURES)] == [
        "77067"
    ]


def test_what_is_not_in_force(publish, load_cut, reference):
    """An NCD marked RETIRED, a draft, and a date before the effective date are never in force."""
    load_cut(export(publish))
    coverage = Coverage(reference())
    assert not coverage.document(CoverageKind.NCD, 282, DAY).in_force(DAY)
    assert not coverage.document(CoverageKind.LCD, 44444, DAY).in_force(DAY)
    assert coverage.document(CoverageKind.NCD, 281, DAY).in_force(DAY)
    assert coverage.about("Z1231", date(2023, 12, 31)) == ()


def test_prose_becomes_passages_and_code_wording_is_dropped(publish, load_cut, reference, home):
    """Text fields become passages without HTML, under a heading of their own; descriptors of procedure codes are nowhere."""
    load_cut(export(publish))
    (passage,) = reference().passages("lcd-33333-v7")
    assert passage.text == "Only when needed." and passage.heading.endswith("necessity > Limits")
    assert b"AMA WORDING" not in home.current.read_bytes()


def test_a_newer_export_replaces_the_older_one(publish, load_cut, reference):
    """Exports are republished whole: the newer one takes the place of the older, also its prose."""
    load_cut(export(publish))
    path = publish.folder / "lcd.csv"
    path.write_text(
        path.read_text(encoding="utf-8")
        .replace("Invented screening", "Renamed screening")
        .replace(STAMP, "2026-07-22 10:00:00"),
        encoding="utf-8",
    )
    load_cut(path)
    store = reference()
    assert len(store.editions_of("coverage LCD")) == 1
    assert Coverage(store).document(CoverageKind.LCD, 33333, DAY).title == "Renamed screening"
    assert store.document("lcd-33333-v7").title == "L33333 Renamed screening"


def test_rows_that_break_are_rejected(publish, load_cut):
    """A row without its number, and one with too few columns, are rejected with their lines."""
    header = ("state_id", "state_abbrev", "description")
    (file,) = load_cut(
        publish.csv("state_lookup.csv", [header, ("1", "AL", "Alabama"), ("x", "AK", "Alaska"), ("3",)])
    ).files
    assert (file.outcome, file.accepted, [place for place, _ in file.reasons]) == (
        Outcome.LOADED,
        1,
        ["line 3", "line 4"],
    )
