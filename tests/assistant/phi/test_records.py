"""Numbers an institution gives: found after their labels, left alone where they are codes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.assistant.phi.conftest import Found


@pytest.mark.parametrize(
    ("text", "value", "kind"),
    [
        ("SSN 219-09-9999", "219-09-9999", "ssn"),
        ("social security number: 219099999", "219099999", "ssn"),
        ("219 09 9999 was on the form", "219 09 9999", "ssn"),
        ("SSN ending in 9999", "9999", "ssn"),
        ("SSN xxx-xx-9999", "xxx-xx-9999", "ssn"),
        ("MRN 44811", "44811", "mrn"),
        ("MRN: QX-448112", "QX-448112", "mrn"),
        ("mr# 555-0198", "555-0198", "mrn"),
        ("medical record number is 0044811", "0044811", "mrn"),
        ("chart #A448112", "#A448112", "mrn"),
        ("MBI 1EG4-TE5-MK73", "1EG4-TE5-MK73", "plan"),
        ("her number 1EG4TE5MK73 was entered", "1EG4TE5MK73", "plan"),
        ("member ID W448112009", "W448112009", "plan"),
        ("insurance plan ID: HL-448112", "HL-448112", "plan"),
        ("group no. 0077123", "0077123", "plan"),
        ("acct #20448112", "20448112", "account"),
        ("claim number 2024448112009", "2024448112009", "account"),
        ("CLM-4481120", "CLM-4481120", "account"),
        ("card 4111111111111111", "4111111111111111", "account"),
        ("driver's license D448-1120-0981", "D448-1120-0981", "licence"),
        ("DEA AB1234563", "AB1234563", "licence"),
        ("state license MD44811", "MD44811", "licence"),
        ("license plate KTR 4481", "KTR 4481", "vehicle"),
        ("VIN 1M8GDM9AXKP042788", "1M8GDM9AXKP042788", "vehicle"),
        ("serial number QX4481120", "QX4481120", "device"),
        ("lot no. 44811B", "44811B", "device"),
        ("UDI (01)00844588003288(17)261231(21)A448112", "(01)00844588003288(17)261231(21)A448112", "device"),
        ("fingerprint id: FQ448112", "FQ448112", "biometric"),
        ("photo IMG_4481.jpg", "IMG_4481.jpg", "photo"),
        ("NPI 1234567893", "1234567893", "other"),
        ("prior auth # A448112009", "A448112009", "other"),
        ("accession no. S24-44811", "S24-44811", "other"),
        ("order 7f3b0c9e-2f5d-4d5c-9c1e-0a1b2c3d4e5f", "7f3b0c9e-2f5d-4d5c-9c1e-0a1b2c3d4e5f", "other"),
        ("ref 448112009", "448112009", "other"),
    ],
)
def test_number_is_found(found: Callable[[str], Found], text: str, value: str, kind: str) -> None:
    """A labelled or self-identifying number is found whole and under its kind."""
    assert (value.lstrip("#"), kind) in [(v.lstrip("#"), k) for v, k in found(text)]


@pytest.mark.parametrize(
    "text",
    [
        "MR lumbar spine 72148",
        "claim 99213 with 20610",
        "claim with 2 lines",
        "order 80053 and 85025",
        "policy L33822 applies",
        "group 4 and group 12",
        "authorization for 3 units of 97110",
        "account for the 12 minutes",
        "plate and 4 screws, 27758",
        "lot of pain for 3 days",
        "certificate of medical necessity, form 484",
        "NDC 0409-1638-01",
        "NDC 00009-0746-30",
        "ICD-10-PCS 0DTJ4ZZ",
        "codes 99202-99205",
        "Medicare paid $1,250.00 for 74177",
        "photo documentation 96904",
        "retinal scan 92250",
        "taxonomy 207Q00000X",
        "visit: 99213, billing: 20610",
    ],
)
def test_near_miss_stays(found: Callable[[str], Found], text: str) -> None:
    """A code, a count or a word beside a label is no identifier."""
    assert found(text) == []
