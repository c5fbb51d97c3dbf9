"""The reference store's schema: numbered migrations, each applied in one transaction with its own record.

Dates are integers ``YYYYMMDD``. A deletion date of :data:`OPEN` means "still active", an effective date of ``0`` "not shown by the
copy that was read". Code values are normalised as :class:`knowledge.codes.Code` does it: upper case, no dot.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import date

from knowledge.errors import KnowledgeError

__all__ = ["MIGRATIONS", "OPEN", "as_date", "as_number", "migrate", "version"]

OPEN = 99991231
"""Deletion date of a row that is still active."""


def as_number(day: date) -> int:
    """Return ``day`` as the integer YYYYMMDD."""
    return day.year * 10000 + day.month * 100 + day.day


def as_date(number: int | None) -> date | None:
    """Return the date of an integer YYYYMMDD; None for null, 0 and :data:`OPEN`."""
    if not number or number == OPEN:
        return None
    return date(number // 10000, number // 100 % 100, number % 100)


def m001_editions_and_tables(db: sqlite3.Connection) -> None:
    """Create the editions and the exact tables."""
    _run(
        db,
        """
        CREATE TABLE edition(
            id INTEGER PRIMARY KEY, name TEXT NOT NULL, publisher TEXT NOT NULL, title TEXT NOT NULL, label TEXT NOT NULL,
            setting TEXT, effective_from INTEGER NOT NULL, effective_to INTEGER, complete INTEGER NOT NULL, licence TEXT NOT NULL,
            source TEXT NOT NULL, sha256 TEXT NOT NULL, rows INTEGER NOT NULL DEFAULT 0, rejected INTEGER NOT NULL DEFAULT 0,
            loaded_at TEXT NOT NULL, packaged INTEGER NOT NULL DEFAULT 0, system TEXT);
        CREATE TABLE code(
            edition INTEGER NOT NULL, system TEXT NOT NULL, value TEXT NOT NULL, title TEXT NOT NULL, short_title TEXT NOT NULL,
            billable INTEGER, parent TEXT NOT NULL, node TEXT NOT NULL, origin TEXT NOT NULL,
            PRIMARY KEY(system, value, edition, node)) WITHOUT ROWID;
        CREATE INDEX code_parent ON code(system, parent);
        CREATE TABLE validity(
            edition INTEGER NOT NULL, system TEXT NOT NULL, value TEXT NOT NULL, valid_from INTEGER NOT NULL, valid_to INTEGER NOT NULL,
            PRIMARY KEY(system, value, valid_from, edition)) WITHOUT ROWID;
        CREATE TABLE note(
            edition INTEGER NOT NULL, node TEXT NOT NULL, ord INTEGER NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL,
            PRIMARY KEY(node, edition, ord)) WITHOUT ROWID;
        CREATE TABLE rationale(id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);
        CREATE TABLE ptp(
            column1 TEXT NOT NULL, column2 TEXT NOT NULL, edition INTEGER NOT NULL, effective INTEGER NOT NULL,
            deletion INTEGER NOT NULL, indicator INTEGER NOT NULL, rationale INTEGER NOT NULL,
            PRIMARY KEY(column1, column2, edition, effective, deletion)) WITHOUT ROWID;
        CREATE TABLE mue(
            edition INTEGER NOT NULL, value TEXT NOT NULL, units INTEGER NOT NULL, adjudication INTEGER NOT NULL, rationale TEXT NOT NULL,
            PRIMARY KEY(value, edition)) WITHOUT ROWID;
        CREATE TABLE fee(
            edition INTEGER NOT NULL, value TEXT NOT NULL, modifier TEXT NOT NULL, status TEXT NOT NULL, pctc TEXT NOT NULL,
            global_days TEXT NOT NULL, multiple TEXT NOT NULL, bilateral TEXT NOT NULL, assistant TEXT NOT NULL, cosurgeon TEXT NOT NULL,
            team TEXT NOT NULL, endoscopic_base TEXT NOT NULL, supervision TEXT NOT NULL, imaging_family TEXT NOT NULL,
            work_rvu TEXT NOT NULL, nonfacility_pe_rvu TEXT NOT NULL, facility_pe_rvu TEXT NOT NULL, malpractice_rvu TEXT NOT NULL,
            nonfacility_na TEXT NOT NULL, facility_na TEXT NOT NULL, preoperative TEXT NOT NULL, intraoperative TEXT NOT NULL,
            postoperative TEXT NOT NULL, conversion_factor TEXT NOT NULL,
            PRIMARY KEY(value, modifier, edition)) WITHOUT ROWID;
        CREATE TABLE addon(
            edition INTEGER NOT NULL, addon TEXT NOT NULL, primary_code TEXT NOT NULL, kind INTEGER NOT NULL,
            effective INTEGER NOT NULL, deletion INTEGER NOT NULL,
            PRIMARY KEY(addon, primary_code, edition, effective, deletion)) WITHOUT ROWID;
        CREATE INDEX addon_primary ON addon(primary_code);
        CREATE TABLE opps(
            edition INTEGER NOT NULL, value TEXT NOT NULL, indicator TEXT NOT NULL, apc TEXT NOT NULL, payment_rate TEXT NOT NULL,
            meaning TEXT NOT NULL, PRIMARY KEY(value, edition)) WITHOUT ROWID;
        CREATE TABLE asc_status(
            edition INTEGER NOT NULL, value TEXT NOT NULL, addendum TEXT NOT NULL, indicator TEXT NOT NULL, payment_rate TEXT NOT NULL,
            apc TEXT NOT NULL, PRIMARY KEY(value, addendum, edition)) WITHOUT ROWID;
        CREATE TABLE modifier(
            edition INTEGER NOT NULL, modifier TEXT NOT NULL, ncci_associated INTEGER, flags TEXT NOT NULL, title TEXT NOT NULL,
            PRIMARY KEY(modifier, edition)) WITHOUT ROWID;
        CREATE TABLE modifier_conflict(
            edition INTEGER NOT NULL, first TEXT NOT NULL, second TEXT NOT NULL, PRIMARY KEY(first, second, edition)) WITHOUT ROWID;
        CREATE TABLE hcc(
            edition INTEGER NOT NULL, diagnosis TEXT NOT NULL, model TEXT NOT NULL, category TEXT NOT NULL, label TEXT NOT NULL,
            PRIMARY KEY(diagnosis, model, category, edition)) WITHOUT ROWID;
        CREATE TABLE crosswalk(
            edition INTEGER NOT NULL, source_system TEXT NOT NULL, source TEXT NOT NULL, target_system TEXT NOT NULL, target TEXT NOT NULL,
            approximate INTEGER NOT NULL, combination INTEGER NOT NULL, scenario INTEGER NOT NULL, choice INTEGER NOT NULL,
            PRIMARY KEY(source_system, source, target_system, target, scenario, choice, edition)) WITHOUT ROWID;
        CREATE TABLE drg(
            edition INTEGER NOT NULL, drg TEXT NOT NULL, title TEXT NOT NULL, mdc TEXT NOT NULL, kind TEXT NOT NULL, weight TEXT NOT NULL,
            PRIMARY KEY(drg, edition)) WITHOUT ROWID;
        CREATE TABLE complication(
            edition INTEGER NOT NULL, diagnosis TEXT NOT NULL, level TEXT NOT NULL, PRIMARY KEY(diagnosis, edition)) WITHOUT ROWID;
        CREATE TABLE category(
            edition INTEGER NOT NULL, value TEXT NOT NULL, label TEXT NOT NULL, scheme TEXT NOT NULL,
            PRIMARY KEY(value, scheme, edition)) WITHOUT ROWID;
        CREATE TABLE pcs_axis(
            edition INTEGER NOT NULL, prefix TEXT NOT NULL, position INTEGER NOT NULL, axis TEXT NOT NULL, value TEXT NOT NULL, label TEXT NOT NULL,
            definition TEXT NOT NULL, PRIMARY KEY(prefix, position, value, edition)) WITHOUT ROWID;
        """,
    )


def m002_documents(db: sqlite3.Connection) -> None:
    """Create documents, their passages, and what they are about."""
    _run(
        db,
        """
        CREATE TABLE document(
            id TEXT PRIMARY KEY, edition INTEGER NOT NULL, title TEXT NOT NULL, kind TEXT NOT NULL, topic TEXT NOT NULL,
            codes TEXT NOT NULL, modifiers TEXT NOT NULL, aliases TEXT NOT NULL, sources TEXT NOT NULL,
            effective_from INTEGER NOT NULL, effective_to INTEGER, reviewed_on INTEGER, licence TEXT NOT NULL, label TEXT NOT NULL)
            WITHOUT ROWID;
        CREATE TABLE document_about(
            kind TEXT NOT NULL, value TEXT NOT NULL, document TEXT NOT NULL, PRIMARY KEY(kind, value, document)) WITHOUT ROWID;
        CREATE TABLE passage(
            id TEXT PRIMARY KEY, document TEXT NOT NULL, heading TEXT NOT NULL, text TEXT NOT NULL, ord INTEGER NOT NULL,
            page INTEGER, section TEXT NOT NULL, tokens INTEGER NOT NULL) WITHOUT ROWID;
        CREATE INDEX passage_document ON passage(document, ord);
        """,
    )


def m003_search(db: sqlite3.Connection) -> None:
    """Create the searchable entries (one row per title, alias or passage) and their word index."""
    _run(
        db,
        """
        CREATE TABLE entry(
            id INTEGER PRIMARY KEY, uid TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, system TEXT NOT NULL, code TEXT NOT NULL,
            passage TEXT NOT NULL, topic TEXT NOT NULL, text TEXT NOT NULL, shelf TEXT NOT NULL, exact TEXT NOT NULL,
            text_key TEXT NOT NULL, embedded INTEGER NOT NULL);
        CREATE INDEX entry_exact ON entry(exact);
        CREATE INDEX entry_code ON entry(system, code);
        CREATE INDEX entry_text ON entry(shelf, text_key) WHERE embedded = 1;
        CREATE VIRTUAL TABLE entry_words USING fts5(text, shelf, content='entry', content_rowid='id',
            tokenize='porter unicode61 remove_diacritics 2', prefix='3');
        CREATE TABLE entry_term(term TEXT PRIMARY KEY, rows INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE fact(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
        """,
    )


MIGRATIONS: tuple[Callable[[sqlite3.Connection], None], ...] = (m001_editions_and_tables, m002_documents, m003_search)
"""In order; the number in the name is the schema version the migration leads to."""


def migrate(db: sqlite3.Connection) -> None:
    """Bring the schema to the newest version; each migration and its record are one transaction.

    Raises :class:`~knowledge.errors.KnowledgeError` when the file was written by a newer version of this program.
    """
    have = version(db)
    if have > len(MIGRATIONS):
        raise KnowledgeError(
            f"expected a knowledge file of schema {len(MIGRATIONS)} or older, got {have}: update medcode"
        )
    for number, step in enumerate(MIGRATIONS[have:], start=have + 1):
        db.execute("BEGIN IMMEDIATE")
        try:
            step(db)
            db.execute(f"PRAGMA user_version = {number}")
        except BaseException:
            db.execute("ROLLBACK")
            raise
        db.execute("COMMIT")


def version(db: sqlite3.Connection) -> int:
    """Return the schema version of an open file, 0 for an empty one."""
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def _run(db: sqlite3.Connection, script: str) -> None:
    # executescript() commits first, which would tear the migration out of its transaction.
    for statement in script.split(";\n"):
        if statement.strip():
            db.execute(statement)
