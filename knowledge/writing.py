"""Writing a reference file: editions and their rows, used by ingest on a file that nobody reads yet.

Rows go in through one method, whatever their record type; a row that breaks a key is an error, never silently replaced.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Sized
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import chain, groupby, islice
from pathlib import Path
from typing import Any, NamedTuple

from knowledge.alphabetic import IndexCell, IndexTerm
from knowledge.codes import CodeSystem
from knowledge.coverage import (
    Contractor,
    ContractorState,
    CoverageCode,
    CoverageContractor,
    CoverageDocument,
    CoverageGroup,
    CoverageLink,
    CoverageState,
)
from knowledge.listings import (
    Apc,
    CodeChange,
    HcpcsDetail,
    IndicatorMeaning,
    PcsDefinition,
    PcsTableCell,
    PlaceOfService,
    PtpChange,
    RbcsAssignment,
    TelehealthService,
)
from knowledge.locality import AnesthesiaFactor, Gpci, LocalityCounties, LocalityFee, OppsCap
from knowledge.passages import Document, Passage
from knowledge.records import (
    AddOnPair,
    AscStatus,
    Category,
    CodeRecord,
    ComplicationClass,
    CrosswalkRow,
    DrgRecord,
    FeeIndicators,
    HccMapping,
    Licence,
    ModifierConflict,
    ModifierRecord,
    Mue,
    OppsStatus,
    PcsAxis,
    Setting,
    Validity,
    Word,
)
from knowledge.rows import as_row, insert_statement
from knowledge.schema import OPEN, as_number, migrate

__all__ = ["EditionDraft", "HeadingRow", "NoteRow", "PcsAxisRow", "PtpEntry", "PtpRow", "ReferenceWriter"]


class PtpRow(NamedTuple):
    """One PTP edit on its way into the store; a named tuple because there are millions."""

    column1: str
    column2: str
    effective: int
    """YYYYMMDD, 0 when the copy does not show it."""
    deletion: int
    """YYYYMMDD of the last day in force, :data:`knowledge.schema.OPEN` while active."""
    indicator: int
    rationale: str


class HeadingRow(NamedTuple):
    """A chapter or block of a hierarchy on its way into the store; its name (``A00-A09``) is no code."""

    system: CodeSystem
    value: str
    title: str
    parent: str
    node: str


class NoteRow(NamedTuple):
    """One instructional note on its way into the store: the node it stands on and its place among the node's notes."""

    node: str
    order: int
    kind: str
    text: str


class PcsAxisRow(NamedTuple):
    """One axis value below a prefix of an ICD-10-PCS code."""

    prefix: str
    axis: PcsAxis


@dataclass(frozen=True, slots=True)
class EditionDraft:
    """An edition before it has an id; the fields are those of :class:`knowledge.records.Edition`."""

    table: str
    publisher: str
    title: str
    label: str
    effective_from: date
    effective_to: date | None
    complete: bool
    licence: Licence
    source: str
    sha256: str
    setting: Setting | None = None
    packaged: bool = False
    """True for what ``medcode build`` reads from packages and our own tables: refreshed by every build."""
    system: CodeSystem | None = None
    history_from: date | None = None
    """See :attr:`knowledge.records.Edition.history_from`."""


PtpEntry = tuple[str, str, int, int, int, int]
"""Column 1, column 2, effective, deletion, indicator and the number of the rationale: a :class:`PtpRow` ready to store."""

_PTP_ROWS = 25


class ReferenceWriter:
    """Writes one reference file. Use as a context manager: leaving it without an error commits and optimises."""

    def __init__(self, path: Path) -> None:
        """Create or open ``path`` and bring its schema to the newest version."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path, isolation_level=None)
        # The file is written aside and only swapped in when whole: durability of single writes buys nothing;
        # the journal in memory is there to take a refused edition back.
        for pragma in (
            "journal_mode = MEMORY",
            "synchronous = OFF",
            "temp_store = MEMORY",
            "cache_size = -65536",
            "locking_mode = EXCLUSIVE",
        ):
            self._db.execute(f"PRAGMA {pragma}")
        migrate(self._db)
        self._rationales = {text: id_ for id_, text in self._db.execute("SELECT id, text FROM rationale")}

    def __enter__(self) -> ReferenceWriter:
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if kind is None:
            self._db.execute(
                "PRAGMA analysis_limit = 1000"
            )  # a sample is enough to choose an index, and the tables are large
            self._db.execute("ANALYZE")
        self._db.close()

    @property
    def connection(self) -> sqlite3.Connection:
        """The open connection, for the checks that run before the swap."""
        return self._db

    def add(self, draft: EditionDraft, records: Iterable[Any], rejected: Sized = ()) -> int:
        """Store an edition and its rows in one transaction and return the number of rows.

        ``records`` may mix types of :mod:`knowledge.records`, :class:`HeadingRow`, :class:`NoteRow` and :class:`PcsAxisRow`;
        :class:`PtpRow` stands alone. ``rejected`` holds the rows the reader left out, counted after the last record was read.
        """
        self._db.execute("BEGIN")
        try:
            edition = self._open(draft)
            rows = self._insert(edition, records)
            self._db.execute("UPDATE edition SET rows = ?, rejected = ? WHERE id = ?", (rows, len(rejected), edition))
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")
        return rows

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Write everything inside the block, or nothing of it when the block fails."""
        self._db.execute("BEGIN")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            # A rationale taken back must not be remembered as stored.
            self._rationales = {text: id_ for id_, text in self._db.execute("SELECT id, text FROM rationale")}
            raise
        self._db.execute("COMMIT")

    def open_edition(self, draft: EditionDraft) -> int:
        """Store an edition without rows and return its id; inside :meth:`transaction`."""
        return self._open(draft)

    def fill(self, edition: int, records: Iterable[Any], on_repeat: Callable[[Any], None]) -> int:
        """Store ``records`` under an open edition and return the number stored; inside :meth:`transaction`.

        A record that repeats the key of an earlier one is left out and handed to ``on_repeat`` while the reader still stands on it.
        """
        stored = 0
        cursor = self._db.cursor()
        for record in records:
            statement, as_row = _INSERTS[type(record)]
            cursor.execute(statement.replace("INSERT INTO", "INSERT OR IGNORE INTO", 1), as_row(edition, record))
            if cursor.rowcount == 1:
                stored += 1
            else:
                on_repeat(record)
        return stored

    @property
    def rationales(self) -> Mapping[str, int]:
        """The numbers of the PTP rationales; asking for an unknown text stores it. Inside :meth:`transaction`."""
        return _Numbered(self._rationales, self._db)

    def fill_ptp(self, edition: int, batches: Iterable[Sequence[PtpEntry]]) -> int:
        """Store PTP edits in batches under an open edition and return the number stored; inside :meth:`transaction`.

        Repeated rows are left out; the caller sees them in the difference of the counts.
        """
        row = f"(?,?,{edition:d},?,?,?,?)"
        many = f"INSERT INTO ptp VALUES{','.join([row] * _PTP_ROWS)}"
        stored = 0
        for batch in batches:
            before = self._db.total_changes
            cells = chain.from_iterable(islice(batch, len(batch) - len(batch) % _PTP_ROWS))
            try:
                # One statement for many rows: half of the time of a single-row insert goes into calling it.
                self._db.executemany(many, zip(*[cells] * (6 * _PTP_ROWS), strict=True))
                self._db.executemany(
                    f"INSERT INTO ptp VALUES{row}", islice(batch, len(batch) - len(batch) % _PTP_ROWS, None)
                )
            except sqlite3.IntegrityError:
                self._db.executemany(f"INSERT OR IGNORE INTO ptp VALUES{row}", batch)
            stored += self._db.total_changes - before
        return stored

    def drop_edition(self, edition: int) -> None:
        """Delete an edition with its rows and documents; inside :meth:`transaction`."""
        documents = "SELECT id FROM document WHERE edition = ?"
        self._db.execute(f"DELETE FROM document_about WHERE document IN ({documents})", (edition,))
        self._db.execute(f"DELETE FROM passage WHERE document IN ({documents})", (edition,))
        for table in self.tables_by_edition():
            self._db.execute(f"DELETE FROM {table} WHERE edition = ?", (edition,))
        self._db.execute("DELETE FROM edition WHERE id = ?", (edition,))

    def tables_by_edition(self) -> tuple[str, ...]:
        """Return the tables whose rows belong to an edition."""
        rows = self._db.execute(
            "SELECT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c ON c.name = 'edition' "
            "WHERE m.type = 'table' AND m.name <> 'loaded_file' ORDER BY m.name"
        )
        return tuple(row[0] for row in rows)

    def settle_edition(
        self, edition: int, *, rows: int, rejected: int, complete: bool, sha256: str, source: str
    ) -> None:
        """Record what became of an edition once its files are read; inside :meth:`transaction`."""
        self._db.execute(
            "UPDATE edition SET rows = ?, rejected = ?, complete = ?, sha256 = ?, source = ? WHERE id = ?",
            (rows, rejected, complete, sha256, source, edition),
        )

    def add_documents(self, draft: EditionDraft, documents: Iterable[tuple[Document, tuple[Passage, ...]]]) -> int:
        """Store documents with their passages as one edition and return the number of passages."""
        with self.transaction():
            edition = self._open(draft)
            count = self.fill_documents(edition, documents)
            self._db.execute("UPDATE edition SET rows = ? WHERE id = ?", (count, edition))
        return count

    def fill_documents(self, edition: int, documents: Iterable[tuple[Document, tuple[Passage, ...]]]) -> int:
        """Store documents with their passages under an open edition and return the number of passages; inside :meth:`transaction`."""
        count = 0
        for document, passages in documents:
            self._db.execute(
                "INSERT INTO document VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?)", _document_row(document, edition)
            )
            about = [("code", code.replace(".", ""), document.id) for code in document.codes]
            about += [("modifier", modifier, document.id) for modifier in document.modifiers]
            self._db.executemany("INSERT OR IGNORE INTO document_about VALUES(?,?,?)", about)
            self._db.executemany(
                "INSERT INTO passage VALUES(?,?,?,?,?,?,?,?)",
                [(p.id, document.id, p.heading, p.text, p.order, p.page, p.section, p.tokens) for p in passages],
            )
            count += len(passages)
        return count

    def record_fact(self, name: str, value: str) -> None:
        """Record a fact about this build, read back by :meth:`knowledge.reference.ReferenceStore.fact`."""
        self._db.execute(
            "INSERT INTO fact VALUES(?, ?) ON CONFLICT(name) DO UPDATE SET value = excluded.value", (name, value)
        )

    def _open(self, draft: EditionDraft) -> int:
        cursor = self._db.execute(
            "INSERT INTO edition(name, publisher, title, label, setting, effective_from, effective_to, complete, licence, source, sha256, "
            "loaded_at, packaged, system, history_from) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
            (
                draft.table, draft.publisher, draft.title, draft.label, draft.setting, as_number(draft.effective_from),
                as_number(draft.effective_to) if draft.effective_to else None, draft.complete, draft.licence, draft.source, draft.sha256,
                datetime.now(UTC).isoformat(timespec="seconds"), draft.packaged, draft.system,
                as_number(draft.history_from) if draft.history_from else None,
            ),
        )  # fmt: skip
        return int(cursor.lastrowid or 0)

    def _insert(self, edition: int, records: Iterable[Any]) -> int:
        iterator = iter(records)
        first = next(iterator, None)
        if first is None:
            return 0
        if isinstance(first, PtpRow):
            return self._insert_ptp(edition, first, iterator)
        before = self._db.total_changes
        for kind, group in groupby(chain((first,), iterator), key=type):
            statement, as_row = _INSERTS[kind]
            self._db.executemany(statement, (as_row(edition, record) for record in group))
        return self._db.total_changes - before

    def _insert_ptp(self, edition: int, first: PtpRow, rest: Iterable[PtpRow]) -> int:
        known = self._rationales

        def identified(row: PtpRow) -> tuple[str, str, int, int, int, int, int]:
            rationale = known.get(row[5])
            if rationale is None:
                rationale = known[row[5]] = int(
                    self._db.execute("INSERT INTO rationale(text) VALUES(?)", (row[5],)).lastrowid or 0
                )
            return row[0], row[1], edition, row[2], row[3], row[4], rationale

        self._db.execute("INSERT INTO ptp VALUES(?,?,?,?,?,?,?)", identified(first))
        self._db.executemany("INSERT INTO ptp VALUES(?,?,?,?,?,?,?)", map(identified, rest))
        return int(self._db.execute("SELECT count(*) FROM ptp WHERE edition = ?", (edition,)).fetchone()[0])


class _Numbered(dict[str, int]):
    """The numbers of the rationales; a new one is stored when it is first asked for."""

    def __init__(self, known: dict[str, int], db: sqlite3.Connection) -> None:
        super().__init__(known)
        self._known, self._db = known, db

    def __missing__(self, text: str) -> int:
        number = int(self._db.execute("INSERT INTO rationale(text) VALUES(?)", (text,)).lastrowid or 0)
        self[text] = self._known[text] = number
        return number


def _number(day: date | None, absent: int) -> int:
    return as_number(day) if day else absent


def _document_row(document: Document, edition: int) -> tuple[object, ...]:
    sources = [(source.publisher, source.title, source.section) for source in document.sources]
    return (
        document.id, edition, document.title, document.kind, document.topic, json.dumps(document.codes), json.dumps(document.modifiers),
        json.dumps(document.aliases), json.dumps(sources), as_number(document.effective_from),
        as_number(document.effective_to) if document.effective_to else None,
        as_number(document.reviewed_on) if document.reviewed_on else None, document.licence, document.edition,
    )  # fmt: skip


_PUBLISHED: dict[type, str] = {
    AnesthesiaFactor: "anesthesia_factor",
    Apc: "apc",
    CodeChange: "code_change",
    Contractor: "contractor",
    ContractorState: "contractor_state",
    CoverageCode: "coverage_code",
    CoverageContractor: "coverage_contractor",
    CoverageDocument: "coverage_document",
    CoverageGroup: "coverage_group",
    CoverageLink: "coverage_link",
    CoverageState: "coverage_state",
    Gpci: "gpci",
    HcpcsDetail: "hcpcs_detail",
    IndexCell: "index_cell",
    IndicatorMeaning: "indicator_meaning",
    IndexTerm: "index_term",
    LocalityCounties: "locality_counties",
    LocalityFee: "locality_fee",
    OppsCap: "opps_cap",
    PcsDefinition: "pcs_definition",
    PcsTableCell: "pcs_table_row",
    PlaceOfService: "place_of_service",
    PtpChange: "ptp_change",
    RbcsAssignment: "rbcs",
    TelehealthService: "telehealth",
}
"""Records whose table has their own fields as columns (:mod:`knowledge.rows`)."""

_INSERTS: dict[type, tuple[str, Callable[[int, Any], tuple[object, ...]]]] = {
    CodeRecord: (
        "INSERT INTO code VALUES(?,?,?,?,?,?,?,?,?)",
        lambda e, r: (e, r.code.system, r.code.value, r.title, r.short_title, r.billable, r.parent, r.node, r.origin),
    ),
    Validity: (
        "INSERT INTO validity VALUES(?,?,?,?,?)",
        lambda e, r: (e, r.code.system, r.code.value, as_number(r.valid_from), _number(r.valid_to, OPEN)),
    ),
    HeadingRow: ("INSERT INTO code VALUES(?,?,?,?,'',NULL,?,?,'')", lambda e, r: (e, r.system, r.value, r.title, r.parent, r.node)),
    NoteRow: ("INSERT INTO note VALUES(?,?,?,?,?)", lambda e, r: (e, r.node, r.order, r.kind, r.text)),
    Mue: ("INSERT INTO mue VALUES(?,?,?,?,?)", lambda e, r: (e, r.code, r.value, r.adjudication, r.rationale)),
    FeeIndicators: (
        f"INSERT INTO fee VALUES({','.join('?' * 24)})",
        lambda e, r: (e, *(getattr(r, name) for name in FeeIndicators.__slots__)),
    ),
    AddOnPair: (
        "INSERT INTO addon VALUES(?,?,?,?,?,?)",
        lambda e, r: (e, r.addon, r.primary, r.kind, _number(r.effective, 0), _number(r.deletion, OPEN)),
    ),
    OppsStatus: ("INSERT INTO opps VALUES(?,?,?,?,?,?)", lambda e, r: (e, r.code, r.indicator, r.apc, r.payment_rate, r.meaning)),
    AscStatus: ("INSERT INTO asc_status VALUES(?,?,?,?,?,?)", lambda e, r: (e, r.code, r.addendum, r.indicator, r.payment_rate, r.apc)),
    ModifierRecord: ("INSERT INTO modifier VALUES(?,?,?,?,?)", lambda e, r: (e, r.modifier, r.ncci_associated, json.dumps(r.flags), r.title)),
    ModifierConflict: ("INSERT INTO modifier_conflict VALUES(?,?,?)", lambda e, r: (e, *sorted((r.first, r.second)))),
    HccMapping: ("INSERT INTO hcc VALUES(?,?,?,?,?)", lambda e, r: (e, r.diagnosis, r.model, r.category, r.label)),
    CrosswalkRow: (
        "INSERT INTO crosswalk VALUES(?,?,?,?,?,?,?,?,?)",
        lambda e, r: (
            e, r.source.system, r.source.value, r.target.system if r.target else _gem_target(r), r.target.value if r.target else "",
            r.approximate, r.combination, r.scenario, r.choice,
        ),
    ),
    DrgRecord: ("INSERT INTO drg VALUES(?,?,?,?,?,?)", lambda e, r: (e, r.drg, r.title, r.mdc, r.kind, r.weight)),
    ComplicationClass: ("INSERT INTO complication VALUES(?,?,?)", lambda e, r: (e, r.diagnosis, r.level)),
    Category: ("INSERT INTO category VALUES(?,?,?,?)", lambda e, r: (e, r.code, r.label, r.scheme)),
    Word: ("INSERT INTO word VALUES(?,?,?,?,?)", lambda e, r: (e, r.term, r.means, r.kind, r.also)),
    PcsAxisRow: (
        "INSERT INTO pcs_axis VALUES(?,?,?,?,?,?,?)",
        lambda e, r: (e, r.prefix, r.axis.position, r.axis.axis, r.axis.value, r.axis.label, r.axis.definition),
    ),
    **{record: (insert_statement(record, table), as_row) for record, table in _PUBLISHED.items()},
}  # fmt: skip


def _gem_target(row: CrosswalkRow) -> str:
    # A GEM file maps between one pair of systems, so a row without a target still belongs to the other side of its source.
    return {"icd10cm": "icd9cm", "icd9cm": "icd10cm", "icd9proc": "icd10pcs", "icd10pcs": "icd9proc"}[row.source.system]
