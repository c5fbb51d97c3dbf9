"""Outpatient and ASC addenda, RBCS, place of service, HCC mappings and the telehealth list."""

from __future__ import annotations

from datetime import date

from knowledge.listings import Listings
from knowledge.loaded import Outcome

DAY = date(2026, 8, 1)


def test_addendum_b(publish, load_cut, reference):
    """Banner rows, stray blanks, dollar signs, commas and lone points do not disturb Addendum B; the AMA's wording is dropped."""
    rows = [
        ("", "Addendum B.-Final OPPS Payment by HCPCS Code for CY 2026"), ("", "CPT codes are copyright"), ("", "July 2026"),
        ("HCPCS Code", "Short Descriptor", " SI", "APC ", "Relative Weight ", "Payment Rate ", "National Unadjusted Copayment "),
        ("45380", "AMA WORDING", "T", "5312", "12.34", "$1,084.70", "."), (100, "AMA WORDING", "N", "", "", ".", ""), ("0620T", "X", "S", "1580", "", "45000.50", ""),
    ]  # fmt: skip
    (file,) = load_cut(publish.workbook("addendum-b.xlsx", {"B": rows})).files
    assert (file.outcome, file.accepted, file.restored) == (Outcome.LOADED, 3, 1)
    found = reference().opps("45380", DAY)
    assert found is not None and (found.record.indicator, found.record.apc, found.record.payment_rate) == (
        "T",
        "5312",
        "1084.70",
    )
    assert found.edition.label == "July 2026"


def test_addendum_a_and_indicator_meanings(publish, load_cut, reference):
    """Addendum A gives the APCs, D1 what the status indicators mean."""
    load_cut(
        publish.csv("2026-july-addendum-a.csv", [
            ("Addendum A.-Final OPPS APCs for CY 2026",), ("APC ", "Group Title", "SI", "Relative Weight", "Payment Rate", "National Unadjusted Copayment", "Minimum Unadjusted Copayment"),
            ("5312", "Level 2 Lower GI", "T", "12.1", "1084.70", "", "216.94"),
        ]),
        publish.csv("2026-july-addendum-d1.csv", [
            ("Addendum D1.-OPPS Payment Status Indicators for CY 2026", "", ""), ("Status Indicator", "Item/Code/Service", "OPPS Payment Status"),
            ("S", "Procedure or service, not discounted", "Paid"),
        ]),
    )  # fmt: skip
    lists = Listings(reference())
    assert lists.apc("5312", DAY).record.minimum_copayment == "216.94"
    assert lists.indicator_meaning("OPPS", "S", DAY).record.meaning.startswith("Procedure or service")


def asc(publish, addendum: str, header: tuple[str, ...], *rows: tuple[str, ...]):
    """An ASC addendum with its banner over two lines."""
    banner = (f"Addendum {addendum} -- invented title for CY 2026 \n(Including more)",)
    return publish.csv(
        f"July 2026 ASC addendum_{addendum}.csv", [banner, ("notice",), (), header, *rows], encoding="utf-8-sig"
    )


def test_asc_addenda_make_one_edition(publish, load_cut, reference):
    """The addenda of a quarter are one edition, complete with all four; a code's rows come by addendum."""
    head = ("HCPCS Code", "", "Short Descriptor")
    load_cut(
        asc(publish, "AA", (*head, "Subject to Multiple Procedure Discounting", "July 2026 Payment Indicator", "July 2026  Payment Weight  ", "July 2026 Payment Rate "), ("45380", "", "X", "Y", "A2", "12", "500.10")),
        asc(publish, "FF", (*head, "July 2026 Payment Indicator", "July 2026 APC", "July 2026 OPPS Payment Rate"), ("45380", "", "X", "A2", "5312", "1084.70")),
    )  # fmt: skip
    assert not reference().editions_of("asc_status")[0].complete
    load_cut(
        asc(publish, "BB", (*head, "July 2026 Payment Indicator"), ("J1234", "", "", "k2")),
        asc(publish, "EE", ("HCPCS Code", "Short Descriptor"), ("00176", "")),
    )
    store = reference()
    (edition,) = store.editions_of("asc_status")
    assert edition.complete and edition.rows == 4
    assert [(f.record.addendum, f.record.indicator, f.record.apc) for f in store.asc("45380", DAY)] == [
        ("AA", "A2", ""),
        ("FF", "A2", "5312"),
    ]


def test_rbcs(publish, load_cut, reference):
    """A code with two assignments answers by date."""
    header = [
        "HCPCS_Cd", "RBCS_ID", "RBCS_Cat", "RBCS_Cat_Desc", "RBCS_Cat_Subcat", "RBCS_Subcat_Desc", "RBCS_FamNumb", "RBCS_Family_Desc", "RBCS_Major_Ind",
        "HCPCS_Cd_Add_Dt", "HCPCS_Cd_End_Dt", "RBCS_Assignment_Eff_Dt", "RBCS_Assignment_End_Dt",
    ]  # fmt: skip
    old = [
        "45380",
        "PG001N",
        "P",
        "Procedure",
        "PG",
        "Digestive",
        "001",
        "Old family",
        "N",
        "01/01/1995",
        "",
        "01/01/2014",
        "12/31/2020",
    ]
    new = [
        "45380",
        "PG002N",
        "P",
        "Procedure",
        "PG",
        "Digestive",
        "002",
        "Colonoscopy",
        "N",
        "01/01/1995",
        "",
        "01/01/2021",
        "12/31/9999",
    ]
    load_cut(publish.csv("rbcs_2026-01.csv", [header, old, new]))
    store = reference()
    assert [f.record.family for f in Listings(store).rbcs("45380", date(2020, 6, 1))] == ["Old family"]
    assert [f.record.family for f in Listings(store).rbcs("45380", DAY)] == ["Colonoscopy"]
    assert [f.record.label for f in store.categories("45380")] == ["Procedure - Digestive - Colonoscopy"]


def test_place_of_service(publish, load_cut, reference):
    """A lost leading zero is put back; unassigned ranges are spread."""
    rows = [
        ("Place of Service Code(s)", "Place of Service Name", "Place of Service Description"),
        ("1", "Pharmacy", "Invented"),
        ("27-28", "Unassigned", "N/A"),
    ]
    (file,) = load_cut(publish.csv("pos_2026-05.csv", rows)).files
    lists = Listings(reference())
    assert file.outcome is Outcome.LOADED and lists.place_of_service("01", DAY).record.name == "Pharmacy"
    assert lists.place_of_service("28", DAY).record.name == "Unassigned"


def test_hcc_mappings(publish, load_cut, reference):
    """CMS's wide table, a column for each model, gives one row for each diagnosis and model; footnotes are no rows."""
    rows = [
        ("2027 Midyear Final ICD-10 Mappings", "", "", ""), ("", "", "CMS-HCC", "RxHCC"),
        ("Diagnosis Code", "Description", "CMS-HCC Model Category V28", "RxHCC Model Category V08"), ("E1165", "Invented words", "37", "30"),
        ("E119", "Invented words", "38", ""), ("NOTES:", "", "", ""),
    ]  # fmt: skip
    (file,) = load_cut(publish.workbook("2027-mappings.xlsx", {"FY": rows})).files
    assert (file.outcome, file.rejected) == (Outcome.LOADED, 0)
    found = reference().hcc("E1165", date(2027, 3, 1))
    assert [(f.record.model, f.record.category) for f in found] == [
        ("CMS-HCC Model V28", "37"),
        ("RxHCC Model V08", "30"),
    ]


def test_telehealth(publish, load_cut, reference, home):
    """The list's codes and actions are read; its descriptors are the AMA's and are dropped."""
    rows = [
        ("CY 2026 Final List of Medicare Telehealth Services", "", ""),
        ("HCPCS", "Short Descriptor", "Proposed Action"),
        ("90785", "AMA WORDING", "Maintain"),
        ("90849", "AMA WORDING", "Addition"),
    ]
    path = publish.text("list-telehealth.txt", "".join("\t".join(row) + "\n" for row in rows))
    load_cut(path)
    assert Listings(reference()).telehealth("90849", DAY).record.action == "Addition"
    assert b"AMA WORDING" not in home.current.read_bytes()
