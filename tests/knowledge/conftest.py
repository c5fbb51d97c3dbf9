"""A small invented index for the search tests."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest

from knowledge.entries import Entry, write_entries
from knowledge.home import Home
from knowledge.keywords import KeywordIndex
from knowledge.writing import ReferenceWriter

ENTRIES = (
    Entry.for_title("icd10cm", "E11", "Type 2 diabetes mellitus"),
    Entry.for_title("icd10cm", "E119", "Type 2 diabetes mellitus without complications"),
    Entry.for_title("icd10cm", "E1165", "Type 2 diabetes mellitus with hyperglycemia"),
    Entry.for_title("icd10cm", "B15", "Acute hepatitis A"),
    Entry.for_title("icd10cm", "B019", "Varicella without complication"),
    Entry.for_alias("Chickenpox NOS", system="icd10cm", code="B019"),
    Entry.for_title("icd10cm", "G35", "Multiple sclerosis"),
    Entry.for_title("icd10cm", "I10", "Essential (primary) hypertension"),
    Entry.for_alias("High blood pressure", system="icd10cm", code="I10"),
    Entry.for_title("icd10cm", "L400", "Sézary's plaque"),
    Entry.for_title("icd10cm", "S7230", "Unspecified fracture of shaft of femur"),
    Entry.for_title(
        "icd10cm",
        "S7230XA",
        "Unspecified fracture of shaft of femur, initial encounter for closed fracture",
        embedded=False,
    ),
    Entry.for_title(
        "icd10pcs", "0FT44ZZ", "Resection of Gallbladder, Percutaneous Endoscopic Approach", embedded=False
    ),
    Entry.for_title("hcpcs", "G0105", "Colorectal cancer screening, high risk", topic="codes"),
    Entry.for_alias("Office visits, established patient", system="cpt", code="99213"),
    Entry.for_alias("Office visits, established patient", system="cpt", code="99214"),
    Entry.for_passage("card-25#1", "Modifier 25 marks a separate visit on the day of a procedure.", topic="modifiers"),
    Entry.for_alias("separate visit", passage_id="card-25#1", topic="modifiers"),
    Entry.for_passage("card-99213#1", "A plain summary of an office visit.", topic="codes", system="cpt", code="99213"),
)


@pytest.fixture
def entries() -> tuple[Entry, ...]:
    """The entries of the small index."""
    return ENTRIES


@pytest.fixture
def indexed(home: Home) -> Home:
    """A home whose reference file holds the small index."""
    path = home.root / "reference-1.sqlite"
    with ReferenceWriter(path) as writer:
        write_entries(writer.connection, ENTRIES)
    home.swap_in(path)
    return home


@pytest.fixture
def keywords(indexed: Home) -> Iterator[KeywordIndex]:
    """The word index of the small index."""
    connection = sqlite3.connect(indexed.current)
    yield KeywordIndex(connection)
    connection.close()
