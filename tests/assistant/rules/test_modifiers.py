"""Which modifier fits which code, by literal indicators."""

from __future__ import annotations

from datetime import date

import pytest

from assistant.rules import modifiers
from assistant.types import Verdict
from knowledge.codes import Code, CodeSystem
from knowledge.records import Edition, FeeIndicators, Found, Licence, Standing

DAY = date(2025, 11, 3)
EDITION = Edition(
    1,
    "fee",
    "CMS",
    "PFS relative value file",
    "October 2025",
    None,
    date(2025, 10, 1),
    None,
    True,
    Licence.AMA_CODES,
    "t",
    "0",
)


def fee(code: str, **indicators: str) -> Found[FeeIndicators]:
    """Return an invented fee schedule row; what is not named is "does not apply"."""
    plain = {
        "status": "A",
        "pctc": "0",
        "global_days": "XXX",
        "multiple": "0",
        "bilateral": "9",
        "assistant": "9",
        "cosurgeon": "9",
        "team": "9",
    }
    values = plain | {"endoscopic_base": "", "supervision": "09", "imaging_family": "99"} | indicators
    return Found(FeeIndicators(code, "", **values), EDITION, Standing.IN_FORCE)


@pytest.mark.parametrize(
    ("code", "modifier", "indicators", "verdict"),
    [
        ("71046", "26", {"pctc": "1"}, Verdict.YES),
        ("71046", "TC", {"pctc": "1"}, Verdict.YES),
        ("93010", "26", {"pctc": "2"}, Verdict.NO),
        ("93005", "TC", {"pctc": "3"}, Verdict.NO),
        ("93000", "26", {"pctc": "4"}, Verdict.NO),
        ("88305", "26", {"pctc": "6"}, Verdict.YES),
        ("88305", "TC", {"pctc": "6"}, Verdict.NO),
        ("20610", "50", {"bilateral": "1"}, Verdict.YES_IF),
        ("99213", "50", {"bilateral": "0"}, Verdict.NO),
        ("27447", "50", {"bilateral": "2"}, Verdict.NO),
        ("99213", "25", {}, Verdict.YES_IF),
        ("11102", "25", {}, Verdict.NO),
        ("11102", "57", {}, Verdict.NO),
        ("99213", "59", {}, Verdict.NO),
        ("99213", "XE", {}, Verdict.NO),
        ("45380", "59", {}, Verdict.YES_IF),
        ("99213", "78", {}, Verdict.NO),
        ("27447", "80", {"assistant": "2"}, Verdict.YES_IF),
        ("11102", "80", {"assistant": "1"}, Verdict.NO),
        ("27447", "62", {"cosurgeon": "1"}, Verdict.YES_IF),
        ("27447", "62", {"cosurgeon": "0"}, Verdict.NO),
        ("47562", "55", {"global_days": "090"}, Verdict.YES_IF),
        ("45385", "55", {"global_days": "000"}, Verdict.NO),
        ("45385", "QW", {}, Verdict.NO_DATA),
    ],
)
def test_fit(code: str, modifier: str, indicators: dict[str, str], verdict: Verdict) -> None:
    """The indicator or the kind of service decides; what neither settles is "no data"."""
    finding = modifiers.check(Code(CodeSystem.CPT, code), modifier, DAY, fee(code, **indicators), None)
    assert finding.verdict is verdict


def test_without_the_fee_row_an_indicator_question_is_no_data() -> None:
    """No fee schedule row, no decision, and the file to load is named."""
    finding = modifiers.check(Code(CodeSystem.CPT, "20610"), "50", DAY, None, None)
    assert finding.verdict is Verdict.NO_DATA
    assert "relative value file" in finding.load


def test_diagnosis_codes_take_no_modifier() -> None:
    """A modifier on an ICD-10-CM code is refused."""
    assert modifiers.check(Code(CodeSystem.ICD10CM, "E119"), "25", DAY, None, None).verdict is Verdict.NO
