"""Cards: strict headers, known headings, references that resolve."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest

from ingest import cards
from knowledge.errors import CardError
from knowledge.passages import DocumentKind, Topic

MANUAL = {"some-manual": cards.RegisteredDocument("some-manual", "CMS", "Some Manual, chapter 1", "manual")}


def write(folder: Path, text: str, name: str = "codes/cpt-99213.md") -> Path:
    """Write a card into a folder of cards."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_a_card_becomes_a_document_with_its_cited_sources(tmp_path: Path, layouts: ModuleType) -> None:
    """The register supplies publisher and title."""
    card = cards.read_card(write(tmp_path, layouts.CARD), MANUAL)
    document = card.document
    assert (document.id, document.kind, document.topic, document.codes) == (
        "cpt-99213",
        DocumentKind.CODE_CARD,
        Topic.CODES,
        ("99213",),
    )
    assert document.sources[0].cited == "CMS, Some Manual, chapter 1, 30.6"
    assert document.effective_to is None and document.edition == "reviewed 2026-11-23"
    assert card.body.startswith("## In plain words")


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("title: Office visit, invented card\n", "", "codes/cpt-99213.md, line 1: field 'title' is missing"),
        ("id: cpt-99213", "id: cpt-99214", "line 2: expected id 'cpt-99213' as the file is named"),
        ("kind: code", "kind: table", "line 4: expected kind code, modifier or rule, got 'table'"),
        ("kind: code", "kind: rule", "line 4: expected a rule card in the folder rules, it is in codes"),
        ("topic: codes", "topic: weather", "line 5: expected topic codes, guidelines"),
        ('codes: ["99213"]', "codes: [99213]", "line 6: field 'codes.0' is wrong"),
        ('codes: ["99213"]', 'codes: ["99214"]', "line 6: expected code 99213 as the id says"),
        ('codes: ["99213"]', 'codes: ["99213", "99214"]', "line 6: expected exactly one code on a code card, got 2"),
        ('modifiers: ["25"]', 'modifiers: ["025"]', "line 7: expected a modifier, got '025'"),
        ('aliases: ["office visit"]', "aliases: []", "line 8: field 'aliases' is wrong"),
        ("some-manual", "other-manual", "line 9: document 'other-manual' is not registered"),
        ("effective_from: 2025-01-01", "effective_from: soon", "line 11: field 'effective_from' is wrong"),
        ("effective_to:", "effective_to: 2024-01-01", "line 12: effective_to is before effective_from"),
        (
            "reviewed_on: 2026-11-23",
            "reviewed_on: 2026-11-23\nmood: good",
            "line 14: field 'mood' is no field of a card",
        ),
        ("title: Office", "title: [Office", "the header is no YAML"),
        ("---\nid", "id", "line 1: expected a header between two lines"),
    ],
)
def test_a_header_that_breaks_the_format_is_named_with_its_line(
    tmp_path: Path, layouts: ModuleType, old: str, new: str, fault: str
) -> None:
    """Every fault names file and line."""
    assert old in layouts.CARD
    path = write(tmp_path, layouts.CARD.replace(old, new, 1))
    with pytest.raises(CardError) as caught:
        cards.read_card(path, MANUAL)
    assert fault in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("## How it differs", "## Side notes", "line 21: heading 'Side notes' is none of a code card"),
        (
            "## In plain words\nA visit.\n\n## When it is used",
            "## When it is used\nA visit.\n\n## In plain words",
            "line 18: heading 'In plain words' stands out of order",
        ),
        ("## When it is used", "## In plain words", "line 18: heading 'In plain words' stands twice"),
        ("## Common errors\nNone.\n", "", "line 15: heading 'Common errors' is missing"),
        ("## In plain words", "Hello.\n## In plain words", "line 15: text stands before the first heading"),
    ],
)
def test_a_body_that_breaks_the_format_is_named_with_its_line(
    tmp_path: Path, layouts: ModuleType, old: str, new: str, fault: str
) -> None:
    """Headings are known, in order and complete."""
    write(tmp_path, layouts.CARD.replace(old, new, 1))
    found, faults = cards.load_cards(tmp_path, MANUAL)
    assert found == ()
    assert any(fault in line for line in faults), faults


def test_an_id_can_be_used_once(tmp_path: Path, layouts: ModuleType) -> None:
    """The second file with an id is left out and named."""
    write(tmp_path, layouts.CARD, "a/codes/cpt-99213.md")
    write(tmp_path, layouts.CARD, "b/codes/cpt-99213.md")
    found, faults = cards.load_cards(tmp_path, MANUAL)
    assert len(found) == 1
    assert faults == ("codes/cpt-99213.md, line 2: id 'cpt-99213' is already used by cpt-99213.md",)


def test_references_are_replaced_by_what_the_tables_hold(tmp_path: Path, layouts: ModuleType) -> None:
    """A reference no table holds is an error that names its line."""
    card = cards.read_card(write(tmp_path, layouts.CARD), MANUAL)
    assert "Unit limit: 2 units." in cards.resolved(card, lambda inside: "2 units" if inside == "mue:99213" else None)
    with pytest.raises(CardError, match=r"line 22: no table holds \{\{mue:99213\}\}"):
        cards.resolved(card, lambda inside: None)


def test_checking_lists_every_fault_of_every_card(tmp_path: Path, layouts: ModuleType) -> None:
    """Format, dead codes and unresolved references come in one list."""
    write(tmp_path, layouts.CARD)
    write(tmp_path, "no header", "rules/some-rule.md")
    faults = cards.check_cards(tmp_path, MANUAL, lambda code: "not valid on 2026-11-23", lambda inside: None)
    assert faults == (
        "codes/cpt-99213.md, line 22: no table holds {{mue:99213}}",
        "codes/cpt-99213.md, line 6: code 99213: not valid on 2026-11-23",
        "rules/some-rule.md, line 1: expected a header between two lines of '---'",
    )
    assert cards.check_cards(tmp_path / "codes", MANUAL, lambda code: None, lambda inside: "x") == ()


def test_passage_ids_are_stable_and_distinct(tmp_path: Path, layouts: ModuleType) -> None:
    """An id names card and heading; pieces of one heading are numbered."""
    card = cards.read_card(write(tmp_path, layouts.CARD), MANUAL)
    made = cards.passages(card, [("In plain words", "a", 1), ("Common errors", "b", 2), ("Common errors", "c", 3)])
    assert [(p.id, p.order, p.tokens) for p in made] == [
        ("cpt-99213#in-plain-words", 0, 1),
        ("cpt-99213#common-errors", 1, 2),
        ("cpt-99213#common-errors-2", 2, 3),
    ]


def test_an_unregistered_field_of_the_register_is_named(tmp_path: Path) -> None:
    """Each registered document has publisher, title and kind."""
    path = tmp_path / "documents.toml"
    path.write_text('[x]\npublisher = "CMS"\n')
    with pytest.raises(CardError, match=r"documents\.toml: expected publisher, title and kind"):
        cards.read_documents(path)
    path.write_text("no toml")
    with pytest.raises(CardError, match="expected TOML"):
        cards.read_documents(path)


def test_a_reference_names_its_code_where_the_line_has_not(tmp_path: Path, layouts: ModuleType) -> None:
    """A list of values stays readable: each is preceded by its code unless the line has just named it."""
    path = write(tmp_path, layouts.CARD)
    text = (
        path.read_text(encoding="utf-8")
        + "\nThree codes: {{pctc:93000}}, {{pctc:93005}}. For 93010 it is {{pctc:93010}}."
    )
    path.write_text(text, encoding="utf-8")
    body = cards.resolved(cards.read_card(path, MANUAL), lambda inside: "its value")
    assert body.endswith("Three codes: 93000: its value, 93005: its value. For 93010 it is its value.")
