"""The ICD-10-CM tabular list and the codes of a later year."""

from __future__ import annotations

import io
from datetime import date
from types import ModuleType

import pytest

from ingest.readers import icd10cm
from knowledge.codes import Code, CodeSystem
from knowledge.errors import RefusedFile, UnreadableFile
from knowledge.records import Licence, Validity
from knowledge.writing import EditionDraft

DRAFT = EditionDraft("", "CDC/NCHS", "", "", date(2026, 10, 1), date(2027, 9, 30), False, Licence.PUBLIC, "x==1", "")


@pytest.fixture
def tabular(layouts: ModuleType) -> icd10cm.Tabular:
    """The invented tabular list."""
    return icd10cm.read_tabular(io.BytesIO(layouts.TABULAR.encode()))


def test_every_node_stands_below_its_parent_up_to_the_chapter(tabular: icd10cm.Tabular) -> None:
    """Chapter, block, category, subcategory and code form one tree."""
    assert [(h.value, h.title, h.parent, h.node) for h in tabular.headings] == [
        ("1", "Invented disorders", "", "chapter"),
        ("Q10-Q19", "Blue disorders", "1", "block"),
        ("QA0", "Lonely block", "1", "block"),
    ]
    assert [(v, r.parent, r.node, r.billable) for v, r in tabular.codes.items()] == [
        ("Q10", "Q10-Q19", "category", False),
        ("Q100", "Q10", "subcategory", False),
        ("Q100XXA", "Q100", "code", True),
        ("Q100XXD", "Q100", "code", True),
        ("Q101X", "Q10", "subcategory", False),
        ("Q101X1", "Q101X", "subcategory", False),
        ("Q101X1G", "Q101X1", "code", True),
        ("Q11", "Q10-Q19", "category", True),
        ("QA0", "QA0", "category", True),
    ]
    assert tabular.release == "2026"


def test_seventh_characters_are_padded_inherited_and_overridden(tabular: icd10cm.Tabular) -> None:
    """The nearest definition applies; a note between extensions never joins a title."""
    assert tabular.codes["Q100XXA"].title == "Blue knee, right, initial encounter"
    assert tabular.codes["Q100XXA"].origin == "composed"
    assert tabular.codes["Q101X1G"].title == "Blue knee, left upper, special encounter"
    assert "Q101X1A" not in tabular.codes
    assert tabular.codes["Q100"].title == "Blue knee, right"


def test_notes_keep_their_kind_and_order_and_double_names_share_theirs(tabular: icd10cm.Tabular) -> None:
    """Each note stands on its node in the publisher's order."""
    assert [(n.node, n.order, n.kind, n.text) for n in tabular.notes] == [
        ("1", 0, "excludes2", "chapter-wide exclusion (Z99.-)"),
        ("Q10", 0, "includes", "azure knee"),
        ("Q10", 1, "sevenChrNote", "The appropriate 7th character is to be added"),
        ("Q10", 2, "sevenChrDef", "A: initial encounter"),
        ("Q10", 3, "sevenChrDef", "first look"),
        ("Q10", 4, "sevenChrDef", "D: subsequent encounter"),
        ("Q100", 0, "inclusionTerm", "Right indigo knee"),
        ("Q100", 1, "inclusionTerm", "Cobalt knee"),
        ("Q100", 2, "excludes1", "green knee (Q12.-)"),
        ("Q101X", 0, "sevenChrDef", "G: special encounter"),
        ("Q11", 0, "useAdditionalCode", "code for shade"),
        ("QA0", 0, "codeFirst", "block note"),
        ("QA0", 1, "notes", "category note"),
    ]


def test_a_composed_code_that_was_never_listed_is_left_out(layouts: ModuleType) -> None:
    """A seventh character that prose takes away again makes no code."""
    tabular = icd10cm.read_tabular(io.BytesIO(layouts.TABULAR.encode()), {"Q100XXA", "Q101X1G"})
    assert "Q100XXD" not in tabular.codes
    assert {"Q100XXA", "Q11", "Q10"} <= set(tabular.codes)


@pytest.mark.parametrize(
    ("xml", "error"),
    [
        ("<ICD10CM.index/>", "expected root ICD10CM.tabular"),
        ("<ICD10CM.tabular><chapter>", "expected well-formed XML"),
        ("", "well-formed XML"),
    ],
)
def test_another_file_is_refused_in_one_line(xml: str, error: str) -> None:
    """An index, a truncated file and an empty one are no tabular list."""
    with pytest.raises(UnreadableFile, match=error):
        icd10cm.read_tabular(io.BytesIO(xml.encode()))


def test_a_code_out_of_shape_is_counted_and_too_many_are_refused(layouts: ModuleType) -> None:
    """Rejected rows are named; past the tolerance the source is refused."""
    with pytest.raises(RefusedFile, match="1 of 2 rows cannot be read"):
        icd10cm.read_tabular(io.BytesIO(layouts.TABULAR.replace("<name>Q10</name>", "<name>?10</name>").encode()))


def test_a_new_code_without_a_published_title_stays_without(tabular: icd10cm.Tabular) -> None:
    """No title is guessed: only a known stem with a published seventh character is composed."""

    def window(value: str, start: date) -> Validity:
        return Validity(Code(CodeSystem.ICD10CM, value), start, None)

    new = date(2026, 10, 1)
    windows = [
        window("Q110", new),
        window("Q102XXA", new),
        window("QA0", date(2020, 1, 1)),
        window("Q100XXD", new),
        window("Q19", new),
    ]
    tabular.codes.pop("Q100XXD")
    table = icd10cm.read_later_titles(None, tabular, windows, DRAFT)
    assert [(r.code.value, r.title, r.parent, r.origin, r.billable) for r in table.rows] == [
        ("Q110", "", "Q11", "", True),
        ("Q102XXA", "", "Q10", "", True),
        ("Q100XXD", "Blue knee, right, subsequent encounter", "Q100", "composed", True),
        ("Q19", "", "", "", True),
    ]


def test_published_titles_of_the_year_come_with_their_tree(tabular: icd10cm.Tabular) -> None:
    """Codes in force on the year's first day are taken, with headers; deleted ones are not."""
    pyarrow = pytest.importorskip("pyarrow")
    rows = [
        ("Q11", "Plain blueness, revised", False, date(2015, 10, 1), None),
        ("Q110", "Plain blueness of toe", True, date(2026, 10, 1), None),
        ("Q119", "Gone", True, date(2015, 10, 1), date(2025, 9, 30)),
        ("Q118", "Not yet", True, date(2027, 10, 1), None),
    ]
    names = ("code", "long_desc", "leaf", "valid_from", "valid_to")
    arrow = pyarrow.table({name: [row[i] for row in rows] for i, name in enumerate(names)})
    sink = io.BytesIO()
    with pyarrow.ipc.new_file(sink, arrow.schema) as writer:
        writer.write_table(arrow)
    table = icd10cm.read_later_titles(io.BytesIO(sink.getvalue()), tabular, [], DRAFT)
    assert [(r.code.value, r.title, r.billable, r.parent, r.node) for r in table.rows] == [
        ("Q11", "Plain blueness, revised", False, "Q10-Q19", "category"),
        ("Q110", "Plain blueness of toe", True, "Q11", "code"),
    ]
