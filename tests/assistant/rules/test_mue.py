"""The unit rule over literal limits."""

from __future__ import annotations

from datetime import date

import pytest

from assistant.rules import mue
from assistant.types import Verdict
from knowledge.codes import Code, CodeSystem
from knowledge.records import Edition, Found, Licence, Mue, Setting, Standing

DAY = date(2024, 7, 15)
EDITION = Edition(
    1, "mue", "CMS", "NCCI MUE practitioner", "2024 Q3", Setting.PRACTITIONER, date(2024, 7, 1), date(2024, 9, 30), True, Licence.AMA_CODES, "t", "0"
)  # fmt: skip
CODE = Code(CodeSystem.CPT, "11111")


def limit(value: int, adjudication: int) -> Found[Mue]:
    """Return an invented limit."""
    return Found(Mue("11111", Setting.PRACTITIONER, value, adjudication, "Invented"), EDITION, Standing.IN_FORCE)


@pytest.mark.parametrize(
    ("value", "adjudication", "units", "verdict"),
    [
        (2, 2, 2, Verdict.YES),
        (2, 2, 3, Verdict.NO),
        (2, 3, 3, Verdict.YES_IF),
        (2, 1, 3, Verdict.YES_IF),
        (0, 3, 1, Verdict.NO),
        (0, 2, None, Verdict.NO),
        (6, 3, None, Verdict.YES),
    ],
)
def test_units_against_the_limit(value: int, adjudication: int, units: int | None, verdict: Verdict) -> None:
    """MAI 2 is absolute, MAI 1 and 3 can be exceeded with documentation, 0 pays nothing."""
    assert mue.check(CODE, DAY, Setting.PRACTITIONER, limit(value, adjudication), units).verdict is verdict


def test_a_missing_limit_is_no_data_and_never_no_limit() -> None:
    """A missing row is "no data" and says that it does not mean any number may be billed."""
    finding = mue.check(CODE, DAY, Setting.PRACTITIONER, None, 50)
    assert finding.verdict is Verdict.NO_DATA
    assert "never means" in finding.reasons[0]
