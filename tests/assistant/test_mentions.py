"""What is read from a question, spelling by spelling."""

from __future__ import annotations

from datetime import date

import pytest

from assistant.mentions import read_intent, read_mentions
from assistant.types import Intent, Mentions
from knowledge.codes import Code, CodeSystem
from knowledge.records import Setting

KNOWN = {
    CodeSystem.CPT: {"99213", "45380", "45385", "93010", "97110", "20610", "0620T"},
    CodeSystem.HCPCS: {"G0439", "E0601"},
    CodeSystem.ICD10CM: {"E119", "E1122", "I10", "S72001A"},
    CodeSystem.MSDRG: {"470"},
    CodeSystem.ICD9CM: {"25000"},
}
MODIFIERS = {"25", "26", "50", "57", "59", "AT", "LT", "PT", "RT", "TC", "XE", "XP", "XS", "XU"}


def exists(code: Code) -> bool:
    """Return whether the little table of this test holds the code."""
    return code.value in KNOWN.get(code.system, set())


def read(text: str) -> Mentions:
    """Read ``text`` against the little tables."""
    return read_mentions(text, exists, MODIFIERS.__contains__)


@pytest.mark.parametrize(
    ("text", "codes", "modifiers"),
    [
        ("What is CPT code 99213?", ["99213"], ()),
        ("99213-25", ["99213-25"], ("25",)),
        ("45380 59 with 45385", ["45380-59", "45385"], ("59",)),
        ("e11.22", ["E11.22"], ()),
        ("what is i10", ["I10"], ()),
        ("A1c of 7.2 and E119", ["E11.9"], ()),
        ("modifier 25 or 57?", [], ("25", "57")),
        ("59 and XE, XS, XP, XU: which modifier?", [], ("59", "XE", "XS", "XP", "XU")),
        ("is 99213 with modifier 50 compliant?", ["99213"], ("50",)),
        ("20610 once with 50, or two lines RT/LT?", ["20610"], ("50", "RT", "LT")),
        ("97110 4 units at 25 minutes", ["97110"], ()),
        ("the patient at home had PT for 97110", ["97110"], ()),
        ("lives in Beverly Hills, CA 90210, billed 99213", ["99213"], ()),
        ("MS-DRG 470", ["470"], ()),
        ("ICD-9 250.00 to ICD-10", ["250.00"], ()),
        ("80 mg of a drug, $99213 charged", [], ()),
        ("s72.001a", ["S72.001A"], ()),
    ],
)
def test_codes_and_modifiers(text: str, codes: list[str], modifiers: tuple[str, ...]) -> None:
    """Codes are found in any spelling, and words, doses, ZIP codes and amounts are left alone."""
    mentions = read(text)
    assert [m.code.shown + "".join(f"-{x}" for x in m.modifiers) for m in mentions.codes] == codes
    assert mentions.modifiers == modifiers


def test_a_code_shape_that_no_table_holds_is_told() -> None:
    """An unknown code is named, not dropped."""
    assert read("What is CPT 99999?").unknown == ("99999",)


@pytest.mark.parametrize("text", ["3/2/26", "03/02/2026", "2026-03-02", "March 2, 2026"])
def test_dates(text: str) -> None:
    """A single date of service is read in every usual spelling."""
    assert read(f"97110 on {text}").on == date(2026, 3, 2)


def test_two_dates_are_not_guessed_between() -> None:
    """With two different dates none is taken as the date of service."""
    assert read("97110 on 2026-03-02 and 2026-03-09").on is None


def test_setting_and_units() -> None:
    """Setting words and unit counts are read."""
    mentions = read("97110 x 4 in the outpatient hospital")
    assert (mentions.units, mentions.setting) == (4, Setting.OUTPATIENT_HOSPITAL)


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("What is 99213?", Intent.LOOKUP),
        ("Can I bill 45380 with 45385?", Intent.TOGETHER),
        ("45380 45385", Intent.TOGETHER),
        ("how many units of 97110?", Intent.UNITS),
        ("crosswalk of 0620T to its APC", Intent.CROSSWALK),
        ("payment indicators of 0620T", Intent.INDICATORS),
        ("global period of 45385", Intent.GLOBAL),
        ("do I put modifier 26 on 93010?", Intent.MODIFIER),
        ("Guidelines for E/M services", Intent.EXPLAIN),
        ("how many units are in a vial?", Intent.EXPLAIN),
    ],
)
def test_intent(text: str, intent: Intent) -> None:
    """The words choose the kind of answer."""
    assert read_intent(text, read(text)) is intent


def test_spans_cover_what_redaction_must_spare() -> None:
    """Known codes are protected; a date of service and a number that no table knows are left to redaction."""
    text = "45380-59 on 2026-03-02 for MRN 44811"
    assert [text[a:b] for a, b in read(text).spans] == ["45380-59"]
