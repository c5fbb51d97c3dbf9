"""What a page gathers of one code or modifier."""

from __future__ import annotations

from datetime import date

import pytest

from knowledge.codes import Code, CodeSystem
from knowledge.errors import InvalidCode
from knowledge.home import Home
from knowledge.licensed import AMA_NOTICE, LicensedText, store_descriptors
from knowledge.records import Setting
from knowledge.reference import ReferenceStore
from ui.code_page import NOT_OFFICIAL, code_page, find_code, modifier_page, page_data, partners, similar_codes

DAY = date(2026, 3, 31)
"""A date of service that the invented editions cover."""


def cpt(value: str) -> Code:
    """Return a CPT code."""
    return Code(CodeSystem.CPT, value)


def test_a_procedure_page_holds_every_loaded_fact(reference: ReferenceStore) -> None:
    """Card, indicators with meaning, units, facility status and the edition of each stand on the page."""
    page = code_page(cpt("45385"), reference, DAY)
    assert (page.title, page.title_note) == ("Removing a growth of the bowel with a loop", NOT_OFFICIAL)
    assert [section.name for section in page.sections] == [
        "card: in plain words", "card: what the record must show", "indicators", "units", "modifiers", "opps", "asc", "history", "related",
    ]  # fmt: skip
    indicators = page.section("indicators")
    assert (
        indicators
        and indicators.table
        and ("Global days", "000", "minor procedure: the day itself only") in indicators.table.rows
    )
    assert indicators.sources == ("Invented publisher: Fee schedule, 2026 Q1",)
    assert ("Units, practitioner", "1", "MAI 2: limit per date of service, set by policy") in page.glance


def test_card_text_is_neutralised(reference: ReferenceStore) -> None:
    """A tag in a card is shown, not obeyed."""
    section = code_page(cpt("45385"), reference, DAY).section("card: what the record must show")
    assert section and "&lt;b>" in section.text


def test_a_missing_limit_is_no_data_and_never_no_limit(reference: ReferenceStore) -> None:
    """The outpatient limit that is not loaded is said to be missing."""
    units = code_page(cpt("45385"), reference, DAY).section("units")
    assert units and units.table and units.table.rows[1][:2] == ("Outpatient hospital", "no data")
    assert "never means" in units.note


def test_a_code_without_card_shows_a_category_and_says_so(reference: ReferenceStore) -> None:
    """No wording is invented for a code whose descriptor may not be held."""
    page = code_page(cpt("45380"), reference, DAY)
    assert page.title == "Scopes of the bowel (category)"
    assert "not the code's descriptor" in page.title_note


def test_modifiers_decided_by_one_reason_share_a_line(reference: ReferenceStore) -> None:
    """The table of modifiers lists those that fit first and joins those that one reason shuts out."""
    section = code_page(cpt("99213"), reference, DAY).section("modifiers")
    assert section and section.table
    assert section.table.rows[0][:2] == ("24", "Yes, if")
    assert any(row[0].startswith("51, 54, 55") and row[1] == "No" for row in section.table.rows)


def test_a_diagnosis_page_shows_place_notes_groups_and_dates(reference: ReferenceStore) -> None:
    """Hierarchy, inherited notes, risk group, complication class and validity."""
    page = code_page(Code(CodeSystem.ICD10CM, "Z911"), reference, DAY)
    hierarchy, notes, groups, history = (page.section(name) for name in ("hierarchy", "notes", "groups", "history"))
    assert hierarchy and hierarchy.table and hierarchy.table.rows[0] == ("Z91", "category", "Invented ailments")
    assert (
        notes and notes.table and notes.table.rows[0] == ("Excludes1: never together", "Z91", "real ailments (Z92.-)")
    )
    assert groups and groups.table and [row[1] for row in groups.table.rows] == ["HCC 999", "CC"]
    assert history and history.note == f"Valid on {DAY}."


def test_a_list_that_has_ended_does_not_prove_validity(reference: ReferenceStore) -> None:
    """Past the end of every loaded list the page says so instead of "valid"."""
    history = code_page(Code(CodeSystem.ICD10CM, "Z911"), reference, date(2028, 1, 1)).section("history")
    assert history and history.note == "Still open when its list ends, 2026-12-31; no loaded list covers 2028-01-01."


def test_partners_are_bounded_and_searched(reference: ReferenceStore) -> None:
    """NCCI edits of a code are listed up to a limit and filtered by code or rationale."""
    every = partners(cpt("45385"), Setting.PRACTITIONER, reference, DAY)
    one = partners(cpt("45385"), Setting.PRACTITIONER, reference, DAY, "extensive")
    assert every.table and [row[0] for row in every.table.rows] == ["45380", "99213"]
    assert one.table and [row[0] for row in one.table.rows] == ["45380"]
    assert one.note.startswith("1 of 1 that hold “extensive”")
    cut = partners(cpt("45385"), Setting.PRACTITIONER, reference, DAY, limit=1)
    assert cut.table and len(cut.table.rows) == 1 and cut.note.startswith("1 of 2 edits")


def test_no_partner_means_none_only_in_a_complete_edition(reference: ReferenceStore) -> None:
    """Without an edition for the setting the section says which file to load."""
    assert "complete for this date" in partners(cpt("99213"), Setting.PRACTITIONER, reference, DAY).note
    assert partners(cpt("99213"), Setting.DME, reference, DAY).note.startswith("No data: load")


def test_an_add_on_code_names_its_primary_code(reference: ReferenceStore) -> None:
    """Both sides of the relation are shown."""
    addon, primary = (code_page(cpt(value), reference, DAY).section("addon") for value in ("17003", "17000"))
    assert addon and addon.table and addon.table.rows[0][:2] == ("reported only with", "17000")
    assert primary and primary.table and primary.table.rows[0][:2] == ("may be followed by", "17003")


def test_a_modifier_has_its_own_card_not_one_that_names_it(reference: ReferenceStore) -> None:
    """XS is only named on the card of 59, so its page has no card."""
    own, named = modifier_page("59", reference, DAY), modifier_page("xs", reference, DAY)
    assert own and own.title == "A service apart from another one"
    assert named and named.title == "Modifier XS" and not named.section("card: what it says")
    assert modifier_page("Q9", reference, DAY) is None


@pytest.mark.parametrize(("text", "value"), [("45385", "45385"), (" z91.1 ", "Z911"), ("99214", None)])
def test_a_code_is_found_when_a_table_holds_it(text: str, value: str | None, reference: ReferenceStore) -> None:
    """Spelling is normalised; a code in no table is None."""
    found = find_code(text, reference, DAY)
    assert (found.value if found else None) == value


def test_text_without_a_codes_shape_is_refused(reference: ReferenceStore) -> None:
    """The error says what was expected."""
    with pytest.raises(InvalidCode, match="expected a code such as"):
        find_code("'; DROP TABLE code; --", reference, DAY)


def test_one_slip_leads_to_the_code_meant(reference: ReferenceStore) -> None:
    """Swapped, replaced, missing and added characters are found."""
    for slip in ("45358", "45386", "4538", "453855"):
        assert "45385" in dict(similar_codes(slip, reference, DAY)), slip


def test_page_data_names_columns(reference: ReferenceStore) -> None:
    """A section's table becomes a list of dictionaries."""
    data = page_data(code_page(cpt("45385"), reference, DAY))
    units = next(section for section in data["sections"] if section["name"] == "units")
    assert units["table"][0]["units"] == "1"
    assert units["rows"][0]["edition"]["label"] == "2026 Q1"


def test_an_inpatient_group_has_a_page(reference: ReferenceStore) -> None:
    """`lookup 001 --system msdrg` works."""
    code = find_code("001", reference, DAY, CodeSystem.MSDRG)
    assert code and code_page(code, reference, DAY).title == "Invented group"


def test_licensed_wording_is_shown_only_from_the_users_own_store_and_with_the_notice(
    reference: ReferenceStore, home: Home
) -> None:
    """Without a licensed file there is no such section; with one it carries the AMA notice."""
    assert code_page(cpt("45385"), reference, DAY, LicensedText(home)).section("licensed") is None
    store_descriptors(home, "long", "2027", [("45385", "An invented wording")])
    section = code_page(cpt("45385"), reference, DAY, LicensedText(home)).section("licensed")
    assert section is not None and section.table is not None
    assert section.table.rows == (("long", "An invented wording", "2027"),)
    assert section.note == AMA_NOTICE
