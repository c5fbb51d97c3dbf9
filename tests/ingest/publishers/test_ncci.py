"""NCCI files: PTP edits, MUE, add-on codes, in the layouts CMS publishes and in the ways they break."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.publishers.addon import ordinal_day
from knowledge.loaded import Outcome
from knowledge.records import Setting
from knowledge.schema import OPEN

WHY = "Misuse of Column Two code with Column One code"
DAY = date(2026, 8, 1)
LINES = [
    ("0001A", "99213", "", "20220101", "20231231", "1", WHY),
    ("13121", "13120", "", "19960101", "19960101", "9", WHY),
    ("13121", "13120", "*", "19960101", "*", "0", WHY),
    ("17000", "17281", "", "19990701", "20190331", "1", WHY),
    ("17281", "17000", "", "20190401", "*", "1", "Mutually exclusive procedures"),
    ("45385", "45380", "", "20030101", "*", "1", "More extensive procedure"),
]


def test_ptp_text_file(publish, load_cut, reference):
    """A PTP text file is read as published: indicator 9 is dropped, windows and rationale are kept, settings stand in the name."""
    report = load_cut(publish.ptp(LINES))
    (file,) = report.files
    assert (file.outcome, file.read, file.accepted, file.dropped, file.rejected) == (Outcome.LOADED, 6, 5, 1, 0)
    store = reference()
    edit = store.ptp("45385", "45380", Setting.PRACTITIONER, DAY)
    assert edit is not None
    assert (edit.record.effective, edit.record.deletion, edit.record.indicator, edit.record.rationale) == (
        date(2003, 1, 1), None, 1, "More extensive procedure",
    )  # fmt: skip
    assert edit.edition.label == "2026 Q3" and edit.edition.effective_from == date(2026, 7, 1)
    assert store.ptp("45385", "45380", Setting.OUTPATIENT_HOSPITAL, DAY) is None


def test_an_edit_that_turned_round_is_found_by_date(publish, load_cut, reference):
    """A pair whose direction changed answers in one order before the change and in the other after it."""
    load_cut(publish.ptp(LINES))
    store = reference()
    found = [
        bool(store.ptp(*pair, Setting.PRACTITIONER, day))
        for day in (date(2019, 3, 31), date(2019, 4, 1))
        for pair in (("17000", "17281"), ("17281", "17000"))
    ]
    assert found == [True, False, False, True]


def test_history_answers_for_dates_before_the_release(publish, load_cut, reference):
    """A snapshot carries its history, so that a date of service years before it is answered from its rows."""
    load_cut(publish.ptp(LINES))
    store = reference()
    assert store.ptp("0001A", "99213", Setting.PRACTITIONER, date(2023, 12, 31)) is not None
    assert store.ptp("0001A", "99213", Setting.PRACTITIONER, date(2024, 1, 1)) is None


def test_ptp_workbook_equals_the_text(publish, load_cut, home):
    """The workbook of a part holds the same rows as its text, with codes and dates that Excel turned into numbers put right."""
    numbers = [tuple(int(cell) if cell.isdigit() else cell for cell in line) for line in LINES]
    (file,) = load_cut(publish.ptp_workbook([*numbers, (100, 36000, "", 20020101, "*", 1, WHY)])).files
    assert (file.outcome, file.accepted, file.restored) == (Outcome.LOADED, 6, 1)


def test_text_is_read_and_its_workbook_passed_over(publish, load_cut):
    """A zip that holds a part as text and as workbook is read once, from the text."""
    text, book = publish.ptp(LINES), publish.ptp_workbook(LINES)
    zipped = publish.zip(
        "medicare-ncci-2026q3-practitioner-ptp-edits-ccipra-v322r0-f1.zip", {text.name: text, book.name: book}
    )
    outcomes = {file.place.split(" > ")[-1]: file.outcome for file in load_cut(zipped).files}
    assert outcomes == {"ccipra-v322r0-f1.xlsx": Outcome.PASSED_OVER, "ccipra-v322r0-f1.TXT": Outcome.LOADED}


def test_a_workbook_never_takes_the_place_of_its_text(publish, load_cut):
    """After the text is loaded its workbook changes nothing, in the same run or a later one."""
    book = publish.ptp_workbook(LINES)
    load_cut(publish.ptp(LINES), book)
    (file,) = load_cut(book).files
    assert file.outcome is Outcome.PASSED_OVER


def test_a_broken_text_is_replaced_by_its_workbook(publish, load_cut):
    """Where the text of a part cannot be used its workbook is read instead, and the report says both."""
    broken = publish.ptp([*LINES, *[("junk", "rows", "", "x", "*", "1", WHY)] * 5])
    outcomes = {file.place: file.outcome for file in load_cut(broken, publish.ptp_workbook(LINES)).files}
    assert outcomes == {"ccipra-v322r0-f1.TXT": Outcome.REFUSED, "ccipra-v322r0-f1.xlsx": Outcome.LOADED}


def test_four_parts_make_a_complete_edition(publish, load_cut, reference):
    """An edition is complete only when all four parts of the release are loaded, also when they come on different days."""
    parts = [
        publish.ptp([(f"1000{n}", "99213", "", "20200101", "*", "1", WHY)], f"ccipra-v322r0-f{n}.TXT")
        for n in (1, 2, 3, 4)
    ]
    load_cut(*parts[:3])
    assert reference().complete_edition("ptp", DAY, Setting.PRACTITIONER) is None
    load_cut(parts[3])
    store = reference()
    edition = store.complete_edition("ptp", DAY, Setting.PRACTITIONER)
    assert edition is not None and edition.rows == 4
    assert all(store.ptp(f"1000{n}", "99213", Setting.PRACTITIONER, DAY) for n in (1, 2, 3, 4))


def test_settings_are_never_mixed(publish, load_cut, reference):
    """Practitioner and hospital parts of one quarter become two editions, each asked for by its setting."""
    load_cut(publish.ptp(LINES), publish.ptp(LINES[:1], "ccioph-v322r0-f1.txt"))
    assert {e.setting: e.rows for e in reference().editions_of("ptp")} == {
        Setting.PRACTITIONER: 5,
        Setting.OUTPATIENT_HOSPITAL: 1,
    }


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("medicaid-ncci-q3-2026-practitioner-ptp-f1.txt", "Medicaid"),
        ("medicare-dme-ptp-2026q3.txt", "DME"),
        ("edits-2026q3.txt", "neither"),
        ("practitioner-and-hospital-2026q3.txt", "both"),
        ("ccipra-f1.txt", "release"),
    ],
)
def test_other_programmes_and_unnamed_releases_are_refused(publish, load_cut, name, reason):
    """Files of another programme, and files whose names do not tell setting and release, are refused by that reason."""
    (file,) = load_cut(publish.ptp(LINES, name)).files
    assert file.outcome is Outcome.REFUSED and reason in file.reason


def test_a_banner_of_another_programme_is_refused(publish, load_cut):
    """The name may lie: a banner that speaks of Medicaid is refused under a Medicare name."""
    path = publish.ptp(LINES)
    path.write_bytes(path.read_bytes().replace(b"Column1/Column2 Edits", b"Medicaid Column1/Column2 Edits"))
    (file,) = load_cut(path).files
    assert file.outcome is Outcome.REFUSED and "Medicaid" in file.reason


def test_rejected_rows_are_kept_with_line_and_reason(publish, load_cut, reference):
    """A row that cannot be used is counted with its line and the reason; the rest of the file is loaded."""
    from knowledge.loaded import loaded_files, rejected_rows

    bad = [("4538", "X", "", "20030101", "*", "1", WHY), ("45385", "45378", "", "20031301", "*", "1", WHY)]
    (file,) = load_cut(publish.ptp([*LINES, *bad])).files
    assert (file.outcome, file.accepted, file.rejected) == (Outcome.LOADED, 5, 2)
    assert [place for place, _ in file.reasons] == ["line 13", "line 14"]
    store = reference()
    assert loaded_files(store)[0].rejected == 2
    assert [row.place for row in rejected_rows(store)] == ["line 13", "line 14"]


def test_past_the_tolerance_the_file_is_refused(publish, load_cut, home):
    """A file in which too many rows are unusable is refused whole and leaves nothing behind."""
    (file,) = load_cut(publish.ptp([*LINES, *[("junk", "rows", "", "x", "*", "1", WHY)] * 4])).files
    assert file.outcome is Outcome.REFUSED and "4 of 10 rows" in file.reason and "line 13" in file.reason


def test_an_active_cancelled_edit_is_rejected(publish, load_cut):
    """Indicator 9 marks a cancelled edit: without a deletion date the row is no edit and is rejected."""
    (file,) = load_cut(publish.ptp([*LINES, ("10000", "10001", "", "20200101", "*", "9", WHY)])).files
    assert (file.rejected, file.accepted) == (1, 5) and "indicator 9" in file.reasons[0][1]


def test_a_pair_active_in_both_orders_refuses_the_file(publish, load_cut):
    """No edit may be active in both orders: the file that says so is refused."""
    (file,) = load_cut(publish.ptp([*LINES, ("45380", "45385", "", "20240101", "*", "1", WHY)])).files
    assert file.outcome is Outcome.REFUSED and "both orders" in file.reason


def test_a_repeated_edit_is_rejected(publish, load_cut):
    """Two rows with the same codes, effective and deletion date are one edit: the second is counted as rejected."""
    (file,) = load_cut(publish.ptp([*LINES, LINES[-1]])).files
    assert (file.accepted, file.rejected) == (5, 1)


def test_a_release_named_too_early_is_refused(publish, load_cut):
    """Edits that begin after the quarter in the name show that the name tells another release."""
    late = [(f"1000{n}", "99213", "", "20261001", "*", "1", WHY) for n in range(5)]
    (file,) = load_cut(publish.ptp([*LINES, *late])).files
    assert file.outcome is Outcome.REFUSED and "2026-09-30" in file.reason


def test_columns_are_found_by_their_header(publish, load_cut, reference):
    """Columns in another order are read by their names, never by their number."""
    order = (1, 0, 5, 6, 3, 4, 2)
    rows = [tuple(row[i] for i in order) for row in (*one_row_header(), *LINES)]
    path = publish.text("ccipra-v322r0-f1.txt", "".join("\t".join(row) + "\r\n" for row in rows))
    (file,) = load_cut(path).files
    assert (file.accepted, file.dropped) == (5, 1)
    assert reference().ptp("45385", "45380", Setting.PRACTITIONER, DAY) is not None


def one_row_header():
    """The one-row header of a PTP file."""
    return [
        (
            "Column 1",
            "Column 2",
            "*=in existence prior to 1996",
            "Effective Date",
            "Deletion Date *=no data",
            "Modifier 0=not allowed",
            "PTP Edit Rationale",
        )
    ]


def test_a_renamed_header_is_not_guessed(publish, load_cut):
    """A file whose header lost its names is not recognised, and the report shows how it begins."""
    path = publish.text("ccipra-v322r0-f1.txt", "First code\tSecond code\tFlag\n45385\t45380\t1\n")
    (file,) = load_cut(path).files
    assert file.outcome is Outcome.UNKNOWN and "First code" in file.reason


def test_a_truncated_file_is_refused(publish, home):
    """A whole release has a known size: one cut off in the middle is refused, and says that it is cut off."""
    from ingest.load import load

    (file,) = load([publish.ptp(LINES, "ccipra-v322r0.txt")], home).files
    assert file.outcome is Outcome.REFUSED and "cut off" in file.reason


def test_changes_between_quarters(publish, load_cut, reference):
    """The quarterly list of changes is read by what its sheets say, with the new indicator of revised edits."""
    from knowledge.listings import Change, Listings

    header = ("Column 1", "Column 2", "Modifier\nIndicator")
    path = publish.workbook(
        "medicare-ncci-2026q3-practitioner-quarterly-additions-deletions-revisions-ptp.xlsx",
        {
            "Additions": [("AMA notice",), header, ("45385", "45399", "1")],
            "Deletions": [header, ("17000", "17281", "1")],
            "Revisions": [header, (13121, 13120, 0)],
        },
    )
    (file,) = load_cut(path).files
    assert (file.outcome, file.accepted) == (Outcome.LOADED, 3)
    store = reference()
    (edition,) = store.editions_of("ptp_change")
    (change,) = Listings(store).ptp_changes("13121", edition)
    assert (change.change, change.indicator) == (Change.CHANGED, 0)


CODES = st.from_regex(r"[0-9]{4}[0-9FTUMA]|[A-V][0-9]{4}", fullmatch=True)
DAYS = st.dates(date(1996, 1, 1), date(2026, 9, 30))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(CODES, CODES, DAYS, st.none() | DAYS, st.sampled_from("01")),
        min_size=1,
        max_size=30,
        unique_by=lambda r: (r[0], r[1]),
    )
)
def test_ptp_round_trip(publish, load_cut, reference, home, rows):
    """Whatever edits stand in a file stand in the store, with the same codes, dates and indicators."""
    import shutil

    shutil.rmtree(home.root, ignore_errors=True)
    rows = [row for row in rows if row[0] < row[1]]
    if not rows:
        return
    lines = [
        (c1, c2, "", f"{start:%Y%m%d}", f"{end:%Y%m%d}" if end else "*", mark, WHY) for c1, c2, start, end, mark in rows
    ]
    load_cut(publish.ptp(lines))
    stored = (
        reference().connection.execute("SELECT column1, column2, effective, deletion, indicator FROM ptp").fetchall()
    )
    wanted = [(c1, c2, int(f"{s:%Y%m%d}"), int(f"{e:%Y%m%d}") if e else OPEN, int(mark)) for c1, c2, s, e, mark in rows]
    assert sorted(stored) == sorted(wanted)


# -- MUE ------------------------------------------------------------------------------------------------------------

MUES = [
    ("0001U", "1", "2 Date of Service Edit: Policy", "Code Descriptor / CPT Instruction"),
    ("97110", "6", "3 Date of Service Edit: Clinical", "Clinical: Data"),
    ("A0425", "250", "1 Line Edit", "Clinical: Data"),
]


def test_mue_table(publish, load_cut, reference):
    """A notice over several lines and a header with a line break do not hide the table; the date comes from the name."""
    (file,) = load_cut(publish.mue(MUES)).files
    assert (file.outcome, file.accepted) == (Outcome.LOADED, 3)
    found = reference().mue("97110", Setting.PRACTITIONER, DAY)
    assert found is not None and (found.record.value, found.record.adjudication) == (6, 3)
    assert found.edition.effective_from == date(2026, 7, 1) and found.edition.effective_to == date(2026, 9, 30)


def test_three_settings_stand_apart(publish, load_cut, reference):
    """The three MUE tables of a quarter become three editions, by the setting in the header."""
    load_cut(
        publish.mue(MUES),
        publish.mue(
            [("97110", "8", *MUES[1][2:])],
            "MCR_MUE_OutpatientHospitalServices_Eff_07-01-2026.csv",
            "Outpatient Hospital",
        ),
        publish.mue([("E0431", "1", *MUES[0][2:])], "MCR_MUE_DMESupplierServices_Eff_07-01-2026.csv", "DME Supplier"),
    )
    found = reference().mue("97110", Setting.OUTPATIENT_HOSPITAL, DAY)
    assert found is not None and found.record.value == 8
    assert len(reference().editions_of("mue")) == 3


def test_mue_with_two_settings_is_refused(publish, load_cut):
    """A header of one setting under the name of another is refused: the two must never mix."""
    (file,) = load_cut(publish.mue(MUES, setting="Outpatient Hospital")).files
    assert file.outcome is Outcome.REFUSED and "one setting" in file.reason


def test_mue_restores_what_a_spreadsheet_broke(publish, load_cut, reference):
    """99213.0 and a lost leading zero are put right and counted; a code in exponent notation is rejected."""
    mended = [("99213.0", "1.0", *MUES[0][2:]), ("100", "1", *MUES[0][2:]), ("1E+05", "1", *MUES[0][2:])]
    (file,) = load_cut(publish.mue([*MUES, *mended])).files
    assert (file.accepted, file.restored, file.rejected) == (5, 2, 1)
    assert reference().mue("00100", Setting.PRACTITIONER, DAY) is not None


@pytest.mark.parametrize(
    "cells", [("97110", "many", "3 Date", ""), ("97110", "6", "4 Unknown", ""), ("97110", "-1", "1 Line Edit", "")]
)
def test_mue_rows_out_of_bounds_are_rejected(publish, load_cut, cells):
    """Units must be whole numbers and the adjudication indicator 1, 2 or 3."""
    (file,) = load_cut(publish.mue([*MUES, cells])).files
    assert file.rejected == 1


# -- add-on codes ---------------------------------------------------------------------------------------------------


def test_addon_codes(publish, load_cut, reference):
    """Ordinal dates, contractor-defined primaries and closed pairs are read; a closed pair is not offered after its day."""
    lines = [
        (1, "17003", "", "17000", "", 2013091, "", ""),
        (2, "0054T", "", "CCCCC", "", 2013091, "", "CCCCC = contractor defined"),
        (3, "96361", "", "96360", "", 2013091, 2024366, ""),
    ]
    (file,) = load_cut(publish.addon(lines)).files
    assert (file.outcome, file.accepted) == (Outcome.LOADED, 3)
    store = reference()
    (pair,) = store.addon_primaries("17003", date(2026, 5, 1))
    assert (pair.record.primary, pair.record.kind, pair.record.effective) == ("17000", 1, date(2013, 4, 1))
    assert store.addon_primaries("96361", date(2024, 12, 31)) and not store.addon_primaries("96361", date(2025, 1, 1))


@pytest.mark.parametrize(
    ("cell", "day"),
    [("2024060", date(2024, 2, 29)), ("2023365", date(2023, 12, 31)), ("2024366", date(2024, 12, 31)), ("", None)],
)
def test_ordinal_days(cell, day):
    """YYYYDDD is the day of the year, leap years included."""
    assert ordinal_day(cell) == day


@pytest.mark.parametrize("cell", ["2023366", "2024000", "2024-13-01", "soon"])
def test_impossible_ordinal_days(cell):
    """A day that its year does not have is an error."""
    with pytest.raises(ValueError, match=r"day|month|date"):
        ordinal_day(cell)


@given(st.dates(date(1990, 1, 1), date(2049, 12, 31)))
def test_ordinal_days_round_trip(day):
    """Every date survives being written as an ordinal."""
    assert ordinal_day(f"{day:%Y%j}") == day
