"""Entries: what they lead to, how they are named, and what writing them leaves behind."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from knowledge.embeddings import HashEmbedder
from knowledge.entries import PASSAGES, Entry, corpus_key, exact_form, shelved_texts, words_of, write_entries
from knowledge.home import Home
from knowledge.writing import ReferenceWriter

GOUT = Entry.for_title("icd10cm", "M109", "Gout, unspecified")


def test_an_entry_is_named_for_what_it_leads_to_and_says() -> None:
    """The uid holds kind, system and code, or the passage, and changes with the text and nothing else."""
    assert GOUT.uid.startswith("title:icd10cm:M109:")
    assert GOUT.uid == Entry.for_title("icd10cm", "M109", "Gout, unspecified", topic="codes", embedded=False).uid
    assert GOUT.uid != Entry.for_title("icd10cm", "M109", "Gout").uid
    assert Entry.for_passage("card#1", "x", topic="ncci", system="cpt", code="99213").uid.startswith("passage:card#1:")


@pytest.mark.parametrize(
    ("entry", "shelf", "passage"),
    [
        (GOUT, "icd10cm", False),
        (Entry.for_alias("gouty arthritis", system="icd10cm", code="M109"), "icd10cm", False),
        (Entry.for_alias("unbundling", passage_id="card#1"), PASSAGES, True),
        (Entry.for_passage("card#2", "About 99213.", topic="codes", system="cpt", code="99213"), PASSAGES, True),
    ],
)
def test_the_shelf_follows_from_what_the_entry_leads_to(entry: Entry, shelf: str, passage: bool) -> None:
    """Codes stand on the shelf of their system, everything that leads to a passage on the passages' shelf."""
    assert (entry.shelf, entry.leads_to_passage) == (shelf, passage)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Diabetes mellitus, type 2", "type 2 diabetes mellitus", True),
        ("Gout, unspecified", "gout NOS", True),
        ("Crohn's disease", "Crohn disease", True),
        ("Sézary's disease", "SEZARY DISEASE", True),
        ("Hypertension (arterial) (benign)", "hypertension", True),
        ("Varicella [chickenpox]", "varicella", True),
        ("(fever)", "fever", True),
        ("Hepatitis A", "hepatitis", False),
        ("Protein S deficiency", "protein deficiency", False),
        ("with fever", "without fever", False),
    ],
)
def test_names_that_say_the_same_share_their_exact_form(one: str, other: str, same: bool) -> None:
    """Case, accents, punctuation, order and link words do not matter; single letters do. Twice changes nothing."""
    assert (exact_form(one) == exact_form(other)) is same
    assert exact_form(exact_form(one)) == exact_form(one)


def test_words_are_letters_and_digits_without_accents() -> None:
    """Operators of any query language are not words."""
    assert words_of('Ménière\'s "AND" NEAR(x*) 99213-25') == ["meniere", "s", "and", "near", "x", "99213", "25"]


def test_writing_again_adds_nothing(home: Home) -> None:
    """Entries that are there already are left as they are, in the word index too."""
    with ReferenceWriter(home.root / "reference-1.sqlite") as writer:
        assert write_entries(writer.connection, [GOUT, GOUT, Entry.for_title("icd10cm", "M10", "Gout")]) == 2
        corpus = _fact(writer.connection)
        assert write_entries(writer.connection, [GOUT]) == 0
        assert _fact(writer.connection) == corpus
        assert writer.connection.execute(
            "SELECT count(*) FROM entry_words WHERE entry_words MATCH 'gout'"
        ).fetchone() == (2,)
        assert writer.connection.execute("SELECT rows FROM entry_term WHERE term = 'gout'").fetchone() == (2,)


def test_rows_that_share_a_text_are_all_kept_and_embedded_once(home: Home) -> None:
    """One vector serves every code with that label; no row is lost."""
    with ReferenceWriter(home.root / "reference-1.sqlite") as writer:
        labels = [Entry.for_alias("Office visit", system="cpt", code=code) for code in ("99212", "99213", "99214")]
        assert write_entries(writer.connection, labels) == 3
        assert [text.text for text in shelved_texts(writer.connection)] == ["Office visit"]


def test_the_corpus_changes_with_embedded_texts_only(home: Home) -> None:
    """The vectors' folder keeps its name when only rows without vectors, or the order of rows, change."""
    corpora: list[str] = []
    other = Entry.for_title("icd10cm", "M10", "Gout")
    leaf = Entry.for_title("icd10cm", "M109XXA", "Gout, initial encounter", embedded=False)
    for number, entries in enumerate([(GOUT, other), (other, GOUT), (GOUT, other, leaf), (GOUT,)]):
        with ReferenceWriter(home.root / f"reference-{number}.sqlite") as writer:
            write_entries(writer.connection, entries)
            corpora.append(_fact(writer.connection))
    assert corpora[0] == corpora[1] == corpora[2] != corpora[3]
    keys = {corpus_key(corpus, HashEmbedder(size)) for corpus in corpora for size in (16, 32)}
    assert len(keys) == 4


def test_a_failed_write_leaves_nothing_behind(home: Home) -> None:
    """Rows of an interrupted write are rolled back with their words."""

    def broken() -> list[Entry]:
        raise RuntimeError("no more")

    with ReferenceWriter(home.root / "reference-1.sqlite") as writer, closing(writer.connection.cursor()) as cursor:
        with pytest.raises(RuntimeError):
            write_entries(writer.connection, (entry for part in (lambda: [GOUT], broken) for entry in part()))
        assert cursor.execute("SELECT count(*) FROM entry").fetchone() == (0,)
        assert not writer.connection.in_transaction


def _fact(connection: sqlite3.Connection) -> str:
    return str(connection.execute("SELECT value FROM fact WHERE name = 'corpus'").fetchone()[0])
