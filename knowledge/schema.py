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
        CREATE TABLE word(
            edition INTEGER NOT NULL, term TEXT NOT NULL, means TEXT NOT NULL, kind TEXT NOT NULL, also TEXT NOT NULL,
            PRIMARY KEY(term, edition)) WITHOUT ROWID;
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
        CREATE TABLE entry_block(number INTEGER PRIMARY KEY, shelf TEXT NOT NULL, embedded INTEGER NOT NULL, UNIQUE(shelf, embedded));
        CREATE VIRTUAL TABLE entry_words USING fts5(text, content='entry', content_rowid='id',
            tokenize='porter unicode61 remove_diacritics 2', prefix='3');
        CREATE TABLE entry_term(term TEXT PRIMARY KEY, rows INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE fact(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
        """,
    )


def m004_publishers(db: sqlite3.Connection) -> None:
    """Create the tables of the publishers' own files, the files that were read, and the rows that were left out.

    Columns after ``edition`` are the fields of the record of the same name, in order (:mod:`knowledge.rows`); dates may be null.
    """
    _run(
        db,
        """
        ALTER TABLE edition ADD COLUMN history_from INTEGER;
        CREATE TABLE loaded_file(
            id INTEGER PRIMARY KEY, sha256 TEXT NOT NULL, place TEXT NOT NULL, format TEXT NOT NULL, edition INTEGER, part TEXT NOT NULL,
            parts TEXT NOT NULL, outcome TEXT NOT NULL, reason TEXT NOT NULL, rows_read INTEGER NOT NULL, accepted INTEGER NOT NULL,
            dropped INTEGER NOT NULL, rejected INTEGER NOT NULL, restored INTEGER NOT NULL, loaded_at TEXT NOT NULL);
        CREATE INDEX loaded_file_sha ON loaded_file(sha256);
        CREATE TABLE rejected_row(file INTEGER NOT NULL, ord INTEGER NOT NULL, place TEXT NOT NULL, reason TEXT NOT NULL,
            PRIMARY KEY(file, ord)) WITHOUT ROWID;
        CREATE TABLE ptp_change(
            edition INTEGER NOT NULL, column1 TEXT NOT NULL, column2 TEXT NOT NULL, change TEXT NOT NULL, indicator INTEGER,
            PRIMARY KEY(column1, column2, change, edition)) WITHOUT ROWID;
        CREATE TABLE code_change(
            edition INTEGER NOT NULL, system TEXT NOT NULL, value TEXT NOT NULL, change TEXT NOT NULL, title TEXT NOT NULL, effective INTEGER,
            PRIMARY KEY(system, value, change, title, edition)) WITHOUT ROWID;
        CREATE TABLE hcpcs_detail(
            edition INTEGER NOT NULL, value TEXT NOT NULL, short_title TEXT NOT NULL, coverage TEXT NOT NULL, pricing TEXT NOT NULL,
            multiple_pricing TEXT NOT NULL, manual_references TEXT NOT NULL, statute TEXT NOT NULL, cross_references TEXT NOT NULL,
            asc_group TEXT NOT NULL, betos TEXT NOT NULL, type_of_service TEXT NOT NULL, anesthesia_units TEXT NOT NULL,
            processing_note TEXT NOT NULL, added INTEGER, action_effective INTEGER, terminated INTEGER, action TEXT NOT NULL,
            PRIMARY KEY(value, edition)) WITHOUT ROWID;
        CREATE TABLE gpci(
            edition INTEGER NOT NULL, carrier TEXT NOT NULL, locality TEXT NOT NULL, state TEXT NOT NULL, name TEXT NOT NULL,
            work TEXT NOT NULL, practice TEXT NOT NULL, malpractice TEXT NOT NULL,
            PRIMARY KEY(carrier, locality, edition)) WITHOUT ROWID;
        CREATE TABLE locality_counties(
            edition INTEGER NOT NULL, carrier TEXT NOT NULL, locality TEXT NOT NULL, state TEXT NOT NULL, area TEXT NOT NULL,
            counties TEXT NOT NULL, PRIMARY KEY(carrier, locality, area, counties, edition)) WITHOUT ROWID;
        CREATE TABLE anesthesia_factor(
            edition INTEGER NOT NULL, carrier TEXT NOT NULL, locality TEXT NOT NULL, name TEXT NOT NULL, factor TEXT NOT NULL,
            PRIMARY KEY(carrier, locality, edition)) WITHOUT ROWID;
        CREATE TABLE opps_cap(
            edition INTEGER NOT NULL, value TEXT NOT NULL, modifier TEXT NOT NULL, status TEXT NOT NULL, carrier TEXT NOT NULL,
            locality TEXT NOT NULL, facility_price TEXT NOT NULL, nonfacility_price TEXT NOT NULL,
            PRIMARY KEY(value, modifier, carrier, locality, edition)) WITHOUT ROWID;
        CREATE TABLE locality_fee(
            edition INTEGER NOT NULL, value TEXT NOT NULL, modifier TEXT NOT NULL, carrier TEXT NOT NULL, locality TEXT NOT NULL,
            nonfacility_fee TEXT NOT NULL, facility_fee TEXT NOT NULL, status TEXT NOT NULL,
            PRIMARY KEY(value, modifier, carrier, locality, edition)) WITHOUT ROWID;
        CREATE TABLE apc(
            edition INTEGER NOT NULL, apc TEXT NOT NULL, title TEXT NOT NULL, indicator TEXT NOT NULL, weight TEXT NOT NULL,
            payment_rate TEXT NOT NULL, national_copayment TEXT NOT NULL, minimum_copayment TEXT NOT NULL,
            PRIMARY KEY(apc, edition)) WITHOUT ROWID;
        CREATE TABLE indicator_meaning(
            edition INTEGER NOT NULL, scheme TEXT NOT NULL, value TEXT NOT NULL, meaning TEXT NOT NULL,
            PRIMARY KEY(scheme, value, edition)) WITHOUT ROWID;
        CREATE TABLE place_of_service(
            edition INTEGER NOT NULL, value TEXT NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL, description TEXT NOT NULL,
            PRIMARY KEY(value, edition)) WITHOUT ROWID;
        CREATE TABLE telehealth(
            edition INTEGER NOT NULL, value TEXT NOT NULL, action TEXT NOT NULL, PRIMARY KEY(value, edition)) WITHOUT ROWID;
        CREATE TABLE rbcs(
            edition INTEGER NOT NULL, value TEXT NOT NULL, rbcs_id TEXT NOT NULL, category TEXT NOT NULL, subcategory TEXT NOT NULL,
            family TEXT NOT NULL, major TEXT NOT NULL, assigned_from INTEGER, assigned_to INTEGER, ord INTEGER NOT NULL,
            PRIMARY KEY(value, edition, ord)) WITHOUT ROWID;
        CREATE TABLE index_term(
            edition INTEGER NOT NULL, book TEXT NOT NULL, ord INTEGER NOT NULL, parent INTEGER NOT NULL, level INTEGER NOT NULL,
            path TEXT NOT NULL, modifiers TEXT NOT NULL, code TEXT NOT NULL, manifestation TEXT NOT NULL, see TEXT NOT NULL,
            see_also TEXT NOT NULL, words TEXT NOT NULL, PRIMARY KEY(book, ord, edition)) WITHOUT ROWID;
        CREATE INDEX index_term_words ON index_term(book, words);
        CREATE INDEX index_term_code ON index_term(code);
        CREATE TABLE index_cell(
            edition INTEGER NOT NULL, book TEXT NOT NULL, ord INTEGER NOT NULL, heading TEXT NOT NULL, code TEXT NOT NULL,
            place INTEGER NOT NULL, PRIMARY KEY(book, ord, place, edition)) WITHOUT ROWID;
        CREATE INDEX index_cell_code ON index_cell(code);
        CREATE TABLE pcs_table_row(
            edition INTEGER NOT NULL, stem TEXT NOT NULL, ord INTEGER NOT NULL, position INTEGER NOT NULL, axis TEXT NOT NULL,
            value TEXT NOT NULL, label TEXT NOT NULL, PRIMARY KEY(stem, ord, position, value, edition)) WITHOUT ROWID;
        CREATE TABLE pcs_definition(
            edition INTEGER NOT NULL, section TEXT NOT NULL, position INTEGER NOT NULL, axis TEXT NOT NULL, term TEXT NOT NULL,
            definition TEXT NOT NULL, explanation TEXT NOT NULL, includes TEXT NOT NULL,
            PRIMARY KEY(term, section, position, edition)) WITHOUT ROWID;
        CREATE TABLE coverage_document(
            edition INTEGER NOT NULL, kind TEXT NOT NULL, id INTEGER NOT NULL, version INTEGER NOT NULL, display_id TEXT NOT NULL,
            title TEXT NOT NULL, status TEXT NOT NULL, effective INTEGER, ends INTEGER, retired INTEGER, determination TEXT NOT NULL,
            url TEXT NOT NULL, PRIMARY KEY(kind, id, version, edition)) WITHOUT ROWID;
        CREATE TABLE coverage_group(
            edition INTEGER NOT NULL, kind TEXT NOT NULL, id INTEGER NOT NULL, version INTEGER NOT NULL, list TEXT NOT NULL,
            number INTEGER NOT NULL, paragraph TEXT NOT NULL, PRIMARY KEY(kind, id, version, list, number, edition)) WITHOUT ROWID;
        CREATE TABLE coverage_code(
            edition INTEGER NOT NULL, kind TEXT NOT NULL, id INTEGER NOT NULL, version INTEGER NOT NULL, list TEXT NOT NULL,
            number INTEGER NOT NULL, value TEXT NOT NULL, range INTEGER NOT NULL, asterisk TEXT NOT NULL,
            PRIMARY KEY(value, list, kind, id, version, number, edition)) WITHOUT ROWID;
        CREATE INDEX coverage_code_document ON coverage_code(kind, id, version, list, number);
        CREATE TABLE coverage_link(
            edition INTEGER NOT NULL, kind TEXT NOT NULL, id INTEGER NOT NULL, version INTEGER NOT NULL, to_kind TEXT NOT NULL,
            to_id INTEGER NOT NULL, to_version INTEGER NOT NULL,
            PRIMARY KEY(kind, id, version, to_kind, to_id, to_version, edition)) WITHOUT ROWID;
        CREATE INDEX coverage_link_back ON coverage_link(to_kind, to_id);
        CREATE TABLE coverage_contractor(
            edition INTEGER NOT NULL, kind TEXT NOT NULL, id INTEGER NOT NULL, version INTEGER NOT NULL, contractor INTEGER NOT NULL,
            type INTEGER NOT NULL, contractor_version INTEGER NOT NULL,
            PRIMARY KEY(kind, id, version, contractor, type, contractor_version, edition)) WITHOUT ROWID;
        CREATE TABLE contractor(
            edition INTEGER NOT NULL, id INTEGER NOT NULL, type INTEGER NOT NULL, version INTEGER NOT NULL, name TEXT NOT NULL,
            number TEXT NOT NULL, type_name TEXT NOT NULL, PRIMARY KEY(id, type, version, edition)) WITHOUT ROWID;
        CREATE TABLE contractor_state(
            edition INTEGER NOT NULL, contractor INTEGER NOT NULL, type INTEGER NOT NULL, version INTEGER NOT NULL, state INTEGER NOT NULL,
            PRIMARY KEY(contractor, type, version, state, edition)) WITHOUT ROWID;
        CREATE TABLE coverage_state(
            edition INTEGER NOT NULL, id INTEGER NOT NULL, abbreviation TEXT NOT NULL, name TEXT NOT NULL,
            PRIMARY KEY(id, edition)) WITHOUT ROWID;
        """,
    )


def m005_file_rank(db: sqlite3.Connection) -> None:
    """Remember how good a file of its edition a loaded file was (text before workbook)."""
    _run(db, "ALTER TABLE loaded_file ADD COLUMN rank INTEGER NOT NULL DEFAULT 0;")


MIGRATIONS: tuple[Callable[[sqlite3.Connection], None], ...] = (
    m001_editions_and_tables,
    m002_documents,
    m003_search,
    m004_publishers,
    m005_file_rank,
)
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
