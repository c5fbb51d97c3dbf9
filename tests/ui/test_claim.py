"""Claim lines: reading and checking."""

from __future__ import annotations

from datetime import date

import pytest

from assistant.types import Verdict
from knowledge.errors import InvalidCode
from knowledge.records import Setting
from knowledge.reference import ReferenceStore
from ui.claim import check_claim, overall, read_lines

DAY = date(2026, 3, 31)
"""A date of service that the invented editions cover."""


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("45385", "45385"),
        ("45380-59", "45380-59"),
        ("17003x13", "17003 × 13"),
        ("45380-59-XSx2", "45380-59-XS × 2"),
        ("z91.1", "Z91.1"),
    ],
)
def test_lines_are_read_as_they_are_written(text: str, shown: str, reference: ReferenceStore) -> None:
    """Code, modifiers and units of a line."""
    assert read_lines([text], None, reference, DAY)[0].shown == shown


@pytest.mark.parametrize("texts", [["hello world"], ["45385", "45380"], [""]])
def test_unreadable_lines_and_homeless_units_are_refused(texts: list[str], reference: ReferenceStore) -> None:
    """Units given apart belong to one line only."""
    with pytest.raises(InvalidCode):
        read_lines(texts, 2, reference, DAY)


@pytest.mark.parametrize(
    ("lines", "setting", "verdict"),
    [
        (["45385", "45380-59"], Setting.PRACTITIONER, Verdict.YES_IF),
        (["45385", "99213"], Setting.PRACTITIONER, Verdict.NO),
        (["45380", "99213"], Setting.PRACTITIONER, Verdict.YES),
        (["45385", "45380"], Setting.OUTPATIENT_HOSPITAL, Verdict.NO_DATA),
        (["17003x13", "17000"], Setting.PRACTITIONER, Verdict.YES),
        (["17003x14", "17000"], Setting.PRACTITIONER, Verdict.NO),
        (["17003"], Setting.PRACTITIONER, Verdict.YES_IF),
        (["45385-59-XS"], Setting.PRACTITIONER, Verdict.NO),
        (["99213-51"], Setting.PRACTITIONER, Verdict.NO),
        (["99214"], Setting.PRACTITIONER, Verdict.NO_DATA),
        (["45385x1"], Setting.OUTPATIENT_HOSPITAL, Verdict.NO_DATA),
    ],
)
def test_the_verdict_on_a_claim(
    lines: list[str], setting: Setting, verdict: Verdict, reference: ReferenceStore
) -> None:
    """Edits, limits, modifiers, add-on codes and conflicts decide together; the strictest finding wins."""
    findings = check_claim(read_lines(lines, None, reference, DAY), setting, DAY, reference)
    assert overall(findings) is verdict, [finding.headline for finding in findings]


def test_a_modifier_that_no_rule_settles_leaves_the_verdict_to_the_rest(reference: ReferenceStore) -> None:
    """An unsettled modifier is shown, and does not turn a clean claim into "no data"."""
    findings = check_claim(
        read_lines(["45380-77", "99213"], None, reference, DAY), Setting.PRACTITIONER, DAY, reference
    )
    assert Verdict.NO_DATA in {finding.verdict for finding in findings}
    assert overall(findings) is Verdict.YES


def test_nothing_found_is_no_data() -> None:
    """An empty check proves nothing."""
    assert overall(()) is Verdict.NO_DATA
