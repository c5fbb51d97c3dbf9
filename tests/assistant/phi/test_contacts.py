"""Telephone, fax, e-mail, web and network addresses."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.assistant.phi.conftest import Found


@pytest.mark.parametrize(
    ("text", "value", "kind"),
    [
        ("call (207) 555-0142", "(207) 555-0142", "phone"),
        ("207.555.0142 ext. 12", "207.555.0142 ext. 12", "phone"),
        ("cell 2075550142", "2075550142", "phone"),
        ("call 555-0142 today", "555-0142", "phone"),
        ("reach her at +44 20 7946 0958", "+44 20 7946 0958", "phone"),
        ("fax to 207-555-0143", "207-555-0143", "fax"),
        ("write to ann.bee@fastpost.example", "ann.bee@fastpost.example", "email"),
        ("ann.bee (at) fastpost.example", "ann.bee (at) fastpost.example", "email"),
        ("see https://portal.fastpost.example/p/4481", "https://portal.fastpost.example/p/4481", "url"),
        ("www.beefamily.com/photos", "www.beefamily.com/photos", "url"),
        ("from 10.20.30.40", "10.20.30.40", "ip"),
        ("from 10.20.30.40.", "10.20.30.40", "ip"),
        ("from 2001:db8:1::42", "2001:db8:1::42", "ip"),
        ("device 00:1B:44:11:3A:B7", "00:1B:44:11:3A:B7", "ip"),
    ],
)
def test_contact_is_found(found: Callable[[str], Found], text: str, value: str, kind: str) -> None:
    """A way to reach somebody is found whole."""
    assert (value, kind) in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "NDC 0002-8215-01",
        "99202-99205",
        "section 30.6.1.2 of the manual",
        "take b.i.d. i.e. twice a day",
        "version 10.2.3 of the grouper",
        "look at www.cms.gov/medicare for the file",
        "total of 300.500.999 is not a number",
        "J1885 4 units, 60 mg",
    ],
)
def test_near_miss_stays(found: Callable[[str], Found], text: str) -> None:
    """Codes, section numbers and public sites are no way to reach anybody."""
    assert found(text) == []
