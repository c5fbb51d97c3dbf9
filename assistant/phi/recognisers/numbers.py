"""Check digits and number grammars used by several recognisers. All take the value with or without separators."""

from __future__ import annotations

import re

__all__ = ["dea_holds", "is_mbi", "luhn_holds", "npi_holds", "ssn_is_possible", "vin_holds"]

_MBI = re.compile(
    r"[1-9][AC-HJKMNP-RT-Y][0-9AC-HJKMNP-RT-Y][0-9][AC-HJKMNP-RT-Y][0-9AC-HJKMNP-RT-Y][0-9][AC-HJKMNP-RT-Y]{2}[0-9]{2}"
)
_VIN_VALUES = dict(
    zip("ABCDEFGHJKLMNPRSTUVWXYZ", (1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 7, 9, 2, 3, 4, 5, 6, 7, 8, 9), strict=True)
)
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)


def luhn_holds(digits: str) -> bool:
    """Return whether the last digit is the Luhn check digit of the others (ISO/IEC 7812-1, annex B)."""
    total = 0
    for place, digit in enumerate(int(d) for d in reversed(digits) if d.isdigit()):
        doubled = digit * 2 if place % 2 else digit
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0


def npi_holds(value: str) -> bool:
    """Return whether ten digits starting with 1 or 2 are a National Provider Identifier.

    The check digit is Luhn over the digits after the prefix 80840 (CMS, "Requirements for NPI and NPI Check Digit", 2004).
    Ten equal digits are refused. Near miss: a telephone number passes one time in ten, so without a label the score stays low.
    """
    digits = re.sub(r"\D", "", value)
    return len(digits) == 10 and digits[0] in "12" and len(set(digits)) > 2 and luhn_holds("80840" + digits)


def dea_holds(value: str) -> bool:
    """Return whether the value is a DEA registration number: two letters (the second may be 9), six digits, one check digit.

    Check digit: the sum of digits 1, 3 and 5 plus twice the sum of digits 2, 4 and 6 ends in digit 7 (DEA Diversion Control
    Division, "DEA Numbers"; first letters A to M, P to U and X).
    """
    bare = re.sub(r"[\s-]", "", value).upper()
    if not re.fullmatch(r"[A-HJ-MP-UX][A-Z9]\d{7}", bare):
        return False
    d = [int(c) for c in bare[2:]]
    return (d[0] + d[2] + d[4] + 2 * (d[1] + d[3] + d[5])) % 10 == d[6]


def is_mbi(value: str) -> bool:
    """Return whether eleven characters follow the Medicare Beneficiary Identifier grammar.

    Positions: 1 digit 1-9; 2 letter; 3 letter or digit; 4 digit; 5 letter; 6 letter or digit; 7 digit; 8, 9 letters; 10, 11 digits;
    letters are A to Z without S, L, O, I, B, Z (CMS, "Understanding the Medicare Beneficiary Identifier (MBI) Format").
    Dashes are for display only. Near miss: ICD-10-PCS codes have seven characters, HCPCS codes five.
    """
    return _MBI.fullmatch(re.sub(r"[\s-]", "", value).upper()) is not None


def ssn_is_possible(value: str) -> bool:
    """Return whether nine digits could have been issued: area not 000, 666 or 9xx, group not 00, serial not 0000.

    Source: SSA, Program Operations Manual System RM 10201.035 (invalid numbers). Individual taxpayer numbers (9xx) fail here and are
    caught by their label or shape instead.
    """
    digits = re.sub(r"\D", "", value)
    return (
        len(digits) == 9
        and digits[:3] not in ("000", "666")
        and digits[0] != "9"
        and digits[3:5] != "00"
        and digits[5:] != "0000"
    )


def vin_holds(value: str) -> bool:
    """Return whether seventeen characters without I, O, Q carry the check digit of 49 CFR 565.15(c) in position 9."""
    bare = value.upper()
    if not re.fullmatch(r"[A-HJ-NPR-Z0-9]{17}", bare):
        return False
    total = sum((int(c) if c.isdigit() else _VIN_VALUES[c]) * w for c, w in zip(bare, _VIN_WEIGHTS, strict=True))
    return bare[8] == ("X" if total % 11 == 10 else str(total % 11))
