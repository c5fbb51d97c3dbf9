"""Check digits and grammars, each with a value that holds and near misses that do not."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from assistant.phi.recognisers.numbers import dea_holds, is_mbi, luhn_holds, npi_holds, ssn_is_possible, vin_holds


@pytest.mark.parametrize(
    ("check", "value", "holds"),
    [
        (luhn_holds, "4111111111111111", True),
        (luhn_holds, "4111111111111112", False),
        (npi_holds, "1234567893", True),  # the example of the CMS check digit paper
        (npi_holds, "1234567890", False),
        (npi_holds, "3234567893", False),  # an NPI starts with 1 or 2
        (npi_holds, "1111111111", False),
        (dea_holds, "AB1234563", True),
        (dea_holds, "AB1234564", False),
        (dea_holds, "1B1234563", False),
        (is_mbi, "1EG4-TE5-MK73", True),  # the example CMS prints
        (is_mbi, "1EG4TE5MK73", True),
        (is_mbi, "0EG4TE5MK73", False),  # position 1 is never 0
        (is_mbi, "1SG4TE5MK73", False),  # S is not used
        (is_mbi, "1EG4TE5MK7", False),
        (ssn_is_possible, "219-09-9999", True),
        (ssn_is_possible, "000-12-3456", False),
        (ssn_is_possible, "666-12-3456", False),
        (ssn_is_possible, "912-12-3456", False),
        (ssn_is_possible, "219-00-3456", False),
        (ssn_is_possible, "219-09-0000", False),
        (vin_holds, "1M8GDM9AXKP042788", True),  # the example of 49 CFR 565
        (vin_holds, "1M8GDM9A1KP042788", False),
        (vin_holds, "IM8GDM9AXKP042788", False),
    ],
)
def test_number(check: Callable[[str], bool], value: str, holds: bool) -> None:
    """A value passes exactly when its published check does."""
    assert check(value) is holds
