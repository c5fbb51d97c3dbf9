"""The fee schedule and its companions: columns by header, fixed width by position, payment by locality."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from knowledge.errors import InputError
from knowledge.loaded import Outcome
from knowledge.locality import LocalityTables, Program

DAY = date(2026, 8, 1)


def values(publish):
    """Three rows of a relative value file."""
    return [
        publish.relative_value("99213"),
        publish.relative_value("45380", global_days="000", work="3.56", facility="1.70"),
        publish.relative_value("93000", modifier="", status="X", factor="33.4009"),
    ]


@pytest.mark.parametrize(("wide", "year"), [(True, 2026), (False, 2025)])
def test_relative_values_with_31_and_32_columns(publish, load_cut, reference, wide, year):
    """The column CMS inserted in 2026 moves nothing: every field is found by its stacked header."""
    path = publish.csv(f"PPRRVU{year}_Jul.csv", publish.relative_values(values(publish), year=year, wide=wide))
    (file,) = load_cut(path).files
    assert (file.outcome, file.accepted) == (Outcome.LOADED, 3)
    found = reference().fee("45380", date(year, 8, 1))
    assert found is not None
    r = found.record
    assert (r.global_days, r.multiple, r.bilateral, r.team, r.endoscopic_base, r.supervision, r.imaging_family, r.conversion_factor) == (
        "000", "2", "1", "0", "45378", "09", "99", "33.4009",
    )  # fmt: skip
    assert (r.work_rvu, r.nonfacility_pe_rvu, r.facility_pe_rvu, r.malpractice_rvu, r.preoperative) == (
        "3.56",
        "1.46",
        "1.70",
        "0.09",
        "0.10",
    )
    assert found.edition.label == f"July {year}" and found.edition.effective_to == date(year, 9, 30)


def test_no_wording_of_the_ama_is_stored(publish, load_cut, home):
    """The descriptor column is dropped: its text is nowhere in the reference file."""
    load_cut(publish.csv("PPRRVU2026_Jul.csv", publish.relative_values(values(publish))))
    assert b"WORDING OF THE AMA" not in home.current.read_bytes()


def test_relative_values_in_a_workbook(publish, load_cut, reference):
    """A workbook whose cells Excel turned into numbers gives the same row: 0 is 000, 9 is 09, 1.3 is 1.30."""
    rows = publish.relative_values(values(publish))
    rows[-2] = [float(cell) if cell.replace(".", "", 1).isdigit() else cell for cell in rows[-2]]
    load_cut(publish.workbook("PPRRVU2026_Jul.xlsx", {"PPRRVU": rows}))
    found = reference().fee("45380", DAY)
    assert found is not None and (found.record.global_days, found.record.supervision, found.record.work_rvu) == (
        "000",
        "09",
        "3.56",
    )


def fixed_width(code: str, modifier: str = "  ", global_days: str = "000") -> str:
    """One record of the fixed-width file, at CMS's printed positions."""
    line = [" "] * 171
    for start, text in (
        (1, code), (6, modifier), (8, "WORDING"), (58, "A"), (60, "  3.56"), (67, "  9.00"), (76, "  1.70"), (85, " 0.09"), (91, " 12.00"), (97, "  5.00"),
        (103, "0"), (104, global_days), (107, ".10"), (110, ".80"), (113, ".10"), (116, "3"), (117, "0"), (118, "1"), (119, "0"), (120, "0"),
        (128, "45378"), (133, " 32.3465"), (142, "09"), (144, "0"), (146, "99"), (152, "  0.00"), (159, "  0.00"), (166, "  0.00"),
    ):  # fmt: skip
        line[start - 1 : start - 1 + len(text)] = text
    return "".join(line)


def test_fixed_width_relative_values(publish, load_cut, reference):
    """The fixed-width copy is read by the printed positions; its release comes from the name."""
    lines = ["HDR NOTICE"] * 7 + [fixed_width("45380"), fixed_width("45385"), fixed_width("71046", "26", "XXX")]
    (file,) = load_cut(publish.text("PPRRVU2025_Oct.txt", "\r\n".join(lines))).files
    assert (file.outcome, file.accepted) == (Outcome.LOADED, 3)
    found = reference().fee("45380", date(2025, 11, 1))
    assert found is not None
    r = found.record
    assert (r.status, r.work_rvu, r.facility_pe_rvu, r.multiple, r.assistant, r.endoscopic_base, r.conversion_factor) == (
        "A", "3.56", "1.70", "3", "1", "45378", "32.3465",
    )  # fmt: skip
    assert reference().fee("71046", date(2025, 11, 1), "26") is not None


def test_a_cut_fixed_width_record_is_rejected(publish, load_cut):
    """A record that ends too early is rejected with its line."""
    lines = [fixed_width("45380"), fixed_width("45385"), fixed_width("45378"), fixed_width("45384")[:90]]
    (file,) = load_cut(publish.text("PPRRVU2025_Oct.txt", "\n".join(lines))).files
    assert file.rejected == 1 and file.reasons[0][0] == "line 4"


def test_two_conversion_factors(publish, load_cut, reference):
    """Since 2026 the file comes twice: each conversion factor answers for its own participants, and the codes are one table."""
    other = [publish.relative_value("99213", factor="33.5675")]
    load_cut(
        publish.csv("PPRRVU2026_Jul_nonQPP.csv", publish.relative_values(values(publish))),
        publish.csv("PPRRVU2026_Jul_QPP.csv", publish.relative_values(other)),
    )
    store = reference()
    factors = [store.fee("99213", DAY, qualifying=q).record.conversion_factor for q in (False, True)]
    assert factors == ["33.4009", "33.5675"]


def gpci(publish, name="GPCI2026.csv"):
    """A file of geographic indices with footnotes."""
    return publish.csv(
        name,
        [
            ("ADDENDUM E. FINAL CY 2026 GEOGRAPHIC PRACTICE COST INDICES (GPCIs) BY STATE AND MEDICARE LOCALITY", "", "", "", "", "", ""),
            [""] * 7,
            ("Medicare Administrative Contractor (MAC)", "State", "Locality Number", "Locality Name", "2026 PW GPCI (with 1.0 Floor)***", "2026 PE GPCI", "2026 MP GPCI"),
            ("10112", "AL", "00", "ALABAMA", "1.000", "0.875", "0.566"),
            ("2102", "AK", "1", "ALASKA*", "1.5", "1.065", "0.551"),
            [""] * 7,
            ("*Work GPCI reflects a 1.5 floor in Alaska.", "", "", "", "", "", ""),
        ],
    )  # fmt: skip


def test_payment_by_locality(publish, load_cut, reference):
    """The fee is the formula over relative values, indices and the conversion factor, rounded to the cent; the limiting charge is 109.25 %."""
    load_cut(gpci(publish), publish.csv("PPRRVU2026_Jul.csv", publish.relative_values(values(publish))))
    tables = LocalityTables(reference())
    # (1.30 x 1.000 + 1.46 x 0.875 + 0.09 x 0.566) x 33.4009
    fee = tables.fee("99213", "10112", "00", DAY)
    assert (
        fee is not None and fee.payment.amount == Decimal("87.79") and fee.payment.limiting_charge == Decimal("95.91")
    )
    in_facility = tables.fee("99213", "10112", "00", DAY, facility=True)
    assert in_facility is not None and in_facility.payment.amount == Decimal("54.77")
    # lost leading zeros of contractor and locality are put back
    alaska = tables.gpci("02102", "01", DAY)
    assert alaska is not None and (alaska.record.work, alaska.record.name) == ("1.500", "ALASKA")
    assert tables.fee("99999", "10112", "00", DAY) is None
    with pytest.raises(InputError, match="status X"):
        tables.fee("93000", "10112", "00", DAY)
    assert tables.fee("99213", "10112", "00", DAY, program=Program.QUALIFYING) is not None


def test_not_furnished_here_is_no_amount(publish, load_cut, reference):
    """A practice expense marked NA gives no payment in that place of service."""
    rows = [publish.relative_value("45380", nonfacility_na="NA"), *values(publish)[:1]]
    load_cut(gpci(publish), publish.csv("PPRRVU2026_Jul.csv", publish.relative_values(rows)))
    with pytest.raises(InputError, match="not furnished"):
        LocalityTables(reference()).fee("45380", "10112", "00", DAY)


def test_companions(publish, load_cut, reference):
    """Counties, anaesthesia factors, OPPS caps and published amounts are read; a state on the first row of its group holds below."""
    files = [
        publish.csv("26LOCCO.csv", [
            ("COUNTIES INCLUDED IN 2026 LOCALITIES", "", "", "", ""), [""] * 5,
            ("Medicare Adminstrative Contractor", "Locality Number", "State ", "Fee Schedule Area ", "Counties"), [""] * 5,
            ("1182", "18", "CALIFORNIA", "LOS ANGELES", "LOS ANGELES"), ("1112", "52", "", "SAN FRANCISCO (MARIN CNTY)", "MARIN"),
        ]),
        publish.csv("ANES2026.csv", [("Contractor", "Locality", "Locality Name", "National Anes CF of 20.4976"), ("10112 ", "00 ", "ALABAMA", "19.31 ")]),
        publish.csv("OPPSCAP_Jul.csv", [
            ("HCPCS", "MOD", "PROCSTAT", "CARRIER", "LOCALITY", "FACILITY PRICE", "NON-FACILTY PRICE"),
            ("71046", "TC", "A", "01112", "05", "150.69", "150.69"),
        ]),
        publish.csv("PFREV26C.txt", [
            ["2026", "01112", "05", "76145", "  ", "0001339.81", "0001339.81", " ", "3", "A", "0", "0", "0", "9", "0", "0"],
            ["TRL- ALL RIGHTS RESERVED"],
        ]),
    ]  # fmt: skip
    folder = files[0].parent
    publish.csv("PPRRVU2026_Jul.csv", publish.relative_values(values(publish)))
    report = load_cut(folder)
    assert {file.outcome for file in report.files} == {Outcome.LOADED}
    tables = LocalityTables(reference())
    assert [f.record.state for f in tables.counties("01112", "52", DAY)] == ["CALIFORNIA"]
    assert tables.anesthesia("10112", "00", DAY).record.factor == "19.31"
    assert tables.opps_cap("71046", "TC", "01112", "05", DAY).record.facility_price == "150.69"
    assert tables.published_fee("76145", "", "01112", "05", DAY).record.nonfacility_fee == "1339.81"


def test_a_release_that_no_name_tells_is_refused(publish, load_cut):
    """A fee file whose title lost its month and whose name tells nothing is refused, never dated by guess."""
    rows = publish.relative_values(values(publish))
    rows[0][2] = "National Physician Fee Schedule"
    (file,) = load_cut(publish.csv("fees.csv", rows)).files
    assert file.outcome is Outcome.REFUSED and "release" in file.reason


def test_relative_values_that_are_no_numbers_are_rejected(publish, load_cut):
    """A work value in words, a status of two letters and unknown global days are rejected, each with its reason."""
    bad = [
        publish.relative_value("99214", work="n/a"), publish.relative_value("99215", status="AB"), publish.relative_value("99212", global_days="ABC"),
    ]  # fmt: skip
    (file,) = load_cut(publish.csv("PPRRVU2026_Jul.csv", publish.relative_values([*values(publish), *bad]))).files
    assert (file.accepted, file.rejected) == (3, 3)
