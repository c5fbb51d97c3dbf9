"""The pair rule over literal rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pytest

from assistant.rules import ncci
from assistant.types import Verdict
from knowledge.codes import Code, CodeSystem
from knowledge.records import Edition, Found, Licence, PtpEdit, Setting, Standing

DAY = date(2024, 7, 15)
ASSOCIATED = ("25", "57", "59", "LT", "RT", "XE", "XS", "XP", "XU")


def code(value: str) -> Code:
    """Return a CPT code."""
    return Code(CodeSystem.CPT, value)


def edition(complete: bool = True, label: str = "2024 Q3") -> Edition:
    """Return an invented edition of the practitioner table."""
    window = (date(2024, 7, 1), date(2024, 9, 30))
    return Edition(
        1,
        "ptp",
        "CMS",
        "NCCI PTP practitioner",
        label,
        Setting.PRACTITIONER,
        *window,
        complete,
        Licence.AMA_CODES,
        "test",
        "0",
    )


def edit(column1: str, column2: str, indicator: int, standing: Standing = Standing.IN_FORCE) -> Found[PtpEdit]:
    """Return an invented edit."""
    return Found(
        PtpEdit(column1, column2, Setting.PRACTITIONER, None, None, indicator, "Invented rationale"),
        edition(),
        standing,
    )


@dataclass(frozen=True)
class Case:
    """One pair, what stands in the table, and the verdict."""

    name: str
    forward: Found[PtpEdit] | None
    backward: Found[PtpEdit] | None
    complete: bool
    verdict: Verdict


CASES = [
    Case("indicator 0 closes", edit("11111", "22222", 0), None, True, Verdict.NO),
    Case("indicator 1 opens on a condition", edit("11111", "22222", 1), None, True, Verdict.YES_IF),
    Case("the other order counts as well", None, edit("22222", "11111", 0), True, Verdict.NO),
    Case("a partial edition holds an edit too", edit("11111", "22222", 0), None, False, Verdict.NO),
    Case("absent from a complete edition means no edit", None, None, True, Verdict.YES),
    Case("absent from a partial edition means nothing", None, None, False, Verdict.NO_DATA),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_verdict_follows_row_and_completeness(case: Case) -> None:
    """The verdict is the row's, and an absent row says "no edit" only in a complete edition."""
    facts = ncci.PairFacts(
        code("11111"), code("22222"), case.forward, case.backward, edition() if case.complete else None
    )
    assert ncci.check(facts, DAY, Setting.PRACTITIONER, (), ASSOCIATED).verdict is case.verdict


def test_removing_data_never_turns_a_verdict_into_its_opposite() -> None:
    """Without the edition a yes or no becomes "no data"."""
    for forward, complete in ((edit("11111", "22222", 0), edition()), (None, edition())):
        facts = ncci.PairFacts(code("11111"), code("22222"), forward, None, complete)
        assert ncci.check(facts, DAY, Setting.PRACTITIONER).verdict in (Verdict.NO, Verdict.YES)
    bare = ncci.PairFacts(code("11111"), code("22222"), None, None, None)
    assert ncci.check(bare, DAY, Setting.PRACTITIONER).verdict is Verdict.NO_DATA


@pytest.mark.parametrize("modifier", ["22", "76", "77"])
def test_some_modifiers_never_open_an_edit(modifier: str) -> None:
    """22, 76 and 77 are named as useless and do not count as opening."""
    facts = ncci.PairFacts(code("11111"), code("22222"), edit("11111", "22222", 1), None, edition())
    finding = ncci.check(facts, DAY, Setting.PRACTITIONER, (("22222", (modifier,)),), ASSOCIATED)
    assert any(f"Modifier {modifier} never opens" in reason for reason in finding.reasons)
    assert "Yes, if the record supports modifier" not in finding.headline


def test_a_bundled_visit_asks_for_25_not_59() -> None:
    """When column 2 is a visit, the modifier named is 25."""
    facts = ncci.PairFacts(code("11102"), code("99213"), edit("11102", "99213", 1), None, edition())
    finding = ncci.check(facts, DAY, Setting.PRACTITIONER, (), ASSOCIATED)
    assert "99213 needs modifier 25" in finding.headline
    assert "59" not in finding.headline


def test_an_older_edition_is_named_in_the_verdict_line() -> None:
    """A verdict from an edition that does not cover the date says which edition it is."""
    facts = ncci.PairFacts(code("11111"), code("22222"), edit("11111", "22222", 0, Standing.EARLIER), None, None)
    finding = ncci.check(facts, date(2026, 1, 5), Setting.PRACTITIONER)
    assert "as of 2024 Q3" in finding.headline


def test_another_setting_is_shown_but_decides_nothing() -> None:
    """The other setting's row is told, and the verdict stays "no data"."""
    other = Found(
        PtpEdit("11111", "22222", Setting.OUTPATIENT_HOSPITAL, None, None, 1, "Invented"), edition(), Standing.IN_FORCE
    )
    finding = ncci.check(
        ncci.PairFacts(code("11111"), code("22222"), None, None, None, other), DAY, Setting.PRACTITIONER
    )
    assert finding.verdict is Verdict.NO_DATA
    assert "outpatient hospital table" in finding.reasons[0]
    assert finding.load
