"""The reference store: typed lookups by code, date of service and setting over dated editions.

Each lookup picks the edition that covers the date of service; when none does, the newest earlier one, then the oldest later one, and
says so (:class:`~knowledge.records.Standing`). What no edition holds is ``None`` or an empty tuple, never a guess. Whether an
absent row means "no" is the caller's question to :meth:`ReferenceStore.complete_edition`.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import TypeVar

from knowledge.codes import Code, CodeSystem
from knowledge.errors import KnowledgeError, KnowledgeMissing
from knowledge.passages import Document, DocumentKind, DocumentSource, Passage, Topic
from knowledge.records import (
    AddOnPair,
    AscStatus,
    Category,
    CodeRecord,
    ComplicationClass,
    CrosswalkRow,
    DrgRecord,
    Edition,
    FeeIndicators,
    Found,
    HccMapping,
    Licence,
    ModifierRecord,
    Mue,
    Note,
    NoteKind,
    OppsStatus,
    PcsAxis,
    PtpEdit,
    Setting,
    Standing,
    Validity,
    Word,
)
from knowledge.schema import MIGRATIONS, as_date, as_number, version

__all__ = ["ReferenceStore"]

T = TypeVar("T")


class ReferenceStore:
    """Read-only view of one reference file. Safe to share between threads."""

    def __init__(self, path: Path) -> None:
        """Open ``path`` read-only.

        Raises :class:`~knowledge.errors.KnowledgeMissing` when there is no such file and
        :class:`~knowledge.errors.KnowledgeError` when its schema is not the one this version reads.
        """
        if not path.is_file():
            raise KnowledgeMissing(f"no knowledge in {path.parent}: run `medcode build`")
        # The file is never written after its swap-in, so immutable skips all locking.
        self._db = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False)
        have = version(self._db)
        if have != len(MIGRATIONS):
            raise KnowledgeError(
                f"expected a knowledge file of schema {len(MIGRATIONS)}, got {have} in {path}: run `medcode build`"
            )
        self.path = path
        self.editions: tuple[Edition, ...] = tuple(_edition(row) for row in self._db.execute(_EDITIONS))
        self._by_id = {edition.id: edition for edition in self.editions}

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    # -- editions ---------------------------------------------------------------------------------------------------

    def editions_of(
        self, table: str, setting: Setting | None = None, system: CodeSystem | None = None
    ) -> tuple[Edition, ...]:
        """Return the loaded editions of ``table`` (and ``setting`` or code ``system``), newest effective date first."""
        chosen = (
            e for e in self.editions if e.table == table and setting in (None, e.setting) and system in (None, e.system)
        )
        return tuple(sorted(chosen, key=lambda e: (e.effective_from, e.complete), reverse=True))

    def complete_edition(
        self, table: str, day: date, setting: Setting | None = None, system: CodeSystem | None = None
    ) -> Edition | None:
        """Return a complete edition of ``table`` that covers ``day``: the only ground on which an absent row means "no"."""
        covering = (e for e in self.editions_of(table, setting, system) if e.complete and e.covers(day))
        return min(covering, key=_closeness(day), default=None)

    def nearest_edition(
        self, table: str, day: date, setting: Setting | None = None, system: CodeSystem | None = None
    ) -> Edition | None:
        """Return the loaded edition of ``table`` that answers for ``day``: one that covers it, else the nearest; None when none is loaded."""
        return min(self.editions_of(table, setting, system), key=_closeness(day), default=None)

    def standing(self, edition: Edition, day: date) -> Standing:
        """Return how ``edition`` relates to the date of service ``day``."""
        return _standing(edition, day)

    def for_day(self, rows: Iterable[tuple[int, T]], day: date) -> tuple[Found[T], ...]:
        """Return those of (edition id, record) ``rows`` that stand in the edition nearest to ``day``, in their order."""
        fetched = list(rows)
        best = self._best_edition({edition for edition, _ in fetched}, day)
        return tuple(
            Found(record, best, _standing(best, day))
            for edition, record in fetched
            if best is not None and edition == best.id
        )

    @property
    def connection(self) -> sqlite3.Connection:
        """The read-only connection, for the look-ups that stand in modules of their own."""
        return self._db

    def fact(self, name: str) -> str:
        """Return a fact the build recorded about itself, or an empty string."""
        row = self._db.execute("SELECT value FROM fact WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else ""

    # -- codes ------------------------------------------------------------------------------------------------------

    def code(self, code: Code, day: date) -> Found[CodeRecord] | None:
        """Return the code's entry, from the edition that covers ``day`` where one does."""
        rows = self._db.execute(
            f"{_CODE} WHERE system = ? AND value = ? AND node NOT IN ('chapter', 'block')", (code.system, code.value)
        )
        return self._best(((row[0], _code_record(row)) for row in rows), day)

    def node(self, system: CodeSystem, value: str) -> tuple[str, str, str]:
        """Return (title, parent, kind) of any node of a hierarchy, blocks and chapters included; empty strings when unknown."""
        row = self._db.execute(
            "SELECT title, parent, node FROM code WHERE system = ? AND value = ? ORDER BY node IN ('chapter', 'block'), edition DESC",
            (system, value),
        ).fetchone()
        return (row[0], row[1], row[2]) if row else ("", "", "")

    def children(self, code: Code, day: date) -> tuple[CodeRecord, ...]:
        """Return the codes directly below ``code``, in code order."""
        # A category that shares its name with its block (B20) stands below itself in the hierarchy.
        rows = self._db.execute(
            f"{_CODE} WHERE system = ? AND parent = ? AND value <> ? ORDER BY value",
            (code.system, code.value, code.value),
        )
        by_value: dict[str, list[tuple[int, CodeRecord]]] = {}
        for row in rows:
            by_value.setdefault(row[2], []).append((row[0], _code_record(row)))
        best = [found for entries in by_value.values() if (found := self._best(entries, day)) is not None]
        # Codes of a year to come are no children yet, unless the code itself is known from no earlier edition.
        own = self.code(code, day)
        future = own is None or own.standing is Standing.LATER
        return tuple(found.record for found in best if future or found.standing is not Standing.LATER)

    def ancestors(self, code: Code, day: date) -> tuple[tuple[str, str, str], ...]:
        """Return (value, title, kind) of every node above ``code``, nearest first, up to the chapter."""
        found = self.code(code, day)
        chain: list[tuple[str, str, str]] = []
        parent = found.record.parent if found else ""
        below = found.record.node if found else ""
        while parent:
            # Categories such as B20 share their name with the block above them: climb to the node of another kind.
            row = self._db.execute(
                "SELECT title, parent, node FROM code WHERE system = ? AND value = ? ORDER BY (node = ?), node IN ('chapter', 'block')",
                (code.system, parent, below if parent == (chain[-1][0] if chain else code.value) else ""),
            ).fetchone()
            if row is None or any(parent == value and row[2] == kind for value, _, kind in chain):
                break
            chain.append((parent, row[0], row[2]))
            parent, below = row[1], row[2]
        return tuple(chain)

    def validity(self, code: Code) -> tuple[Found[Validity], ...]:
        """Return every window in which the code may be reported, newest first."""
        rows = self._db.execute(
            "SELECT edition, valid_from, valid_to FROM validity WHERE system = ? AND value = ? ORDER BY valid_from DESC",
            (code.system, code.value),
        )
        return tuple(
            Found(Validity(code, as_date(row[1]) or date.min, as_date(row[2])), self._by_id[row[0]], Standing.IN_FORCE)
            for row in rows
        )

    def notes(self, node: str, day: date) -> tuple[Note, ...]:
        """Return the instructional notes that stand on ``node`` itself, in the publisher's order."""
        rows = self._db.execute(
            "SELECT edition, kind, text FROM note WHERE node = ? ORDER BY edition, ord", (node,)
        ).fetchall()
        best = self._best_edition({row[0] for row in rows}, day)
        return tuple(Note(node, NoteKind(row[1]), row[2]) for row in rows if best is not None and row[0] == best.id)

    def binding_notes(self, code: Code, day: date) -> tuple[Note, ...]:
        """Return the notes that bind ``code``: its own and those of every node above it, nearest first.

        Source: ICD-10-CM Official Guidelines, section I.A: notes apply to the codes below the heading they stand under.
        """
        own = self.notes(code.value, day)
        above = [note for value, _, _ in self.ancestors(code, day) for note in self.notes(value, day)]
        inherited = [note for note in above if note.kind not in (NoteKind.INCLUSION_TERM, NoteKind.SEVENTH_CHARACTER)]
        return tuple(dict.fromkeys((*own, *inherited)))

    # -- NCCI -------------------------------------------------------------------------------------------------------

    def ptp(self, column1: str, column2: str, setting: Setting, day: date) -> Found[PtpEdit] | None:
        """Return the edit of this ordered pair that applies on ``day``, or None.

        Where editions overlap the newest one that covers ``day`` decides, so that a superseded edition cannot revive an edit.
        """
        rows = self._db.execute(_PTP, (column1, column2)).fetchall()
        candidates = [row for row in rows if self._by_id[row[0]].setting is setting]
        if not candidates:
            return None
        number = as_number(day)
        for edition, standing in self._ranked("ptp", setting, day):
            live = [
                r
                for r in candidates
                if r[0] == edition.id and (standing is not Standing.IN_FORCE or r[1] <= number <= r[2])
            ]
            if standing is not Standing.IN_FORCE:
                # Outside every edition only what was still active at the edition's edge says anything.
                edge = (
                    as_number(edition.effective_to or day)
                    if standing is Standing.EARLIER
                    else as_number(edition.effective_from)
                )
                live = [r for r in live if r[1] <= edge <= r[2]]
            if live:
                return Found(_ptp(column1, column2, setting, live[0]), edition, standing)
            if edition.complete:
                return None
        return None

    def ptp_history(self, column1: str, column2: str, setting: Setting) -> tuple[Found[PtpEdit], ...]:
        """Return every stored window of this ordered pair, newest first, whatever its dates."""
        rows = [row for row in self._db.execute(_PTP, (column1, column2)) if self._by_id[row[0]].setting is setting]
        rows.sort(key=lambda row: (row[2], row[1]), reverse=True)
        return tuple(
            Found(_ptp(column1, column2, setting, row), self._by_id[row[0]], Standing.IN_FORCE) for row in rows
        )

    def ptp_partners(self, code: str, setting: Setting, day: date, limit: int = 50) -> tuple[Found[PtpEdit], ...]:
        """Return up to ``limit`` edits in force on ``day`` in which ``code`` is column 1, in column 2 order."""
        number = as_number(day)
        found: list[Found[PtpEdit]] = []
        for edition, standing in self._ranked("ptp", setting, day)[:1]:
            rows = self._db.execute(
                "SELECT p.edition, effective, deletion, indicator, r.text, column2 FROM ptp p JOIN rationale r ON r.id = p.rationale "
                "WHERE column1 = ? AND p.edition = ? ORDER BY column2",
                (code, edition.id),
            )
            for row in rows:
                if standing is not Standing.IN_FORCE or row[1] <= number <= row[2]:
                    found.append(Found(_ptp(code, row[5], setting, row), edition, standing))
                if len(found) == limit:
                    break
        return tuple(found)

    def mue(self, code: str, setting: Setting, day: date) -> Found[Mue] | None:
        """Return the unit limit of ``code`` in ``setting``; None proves nothing, since some limits are not published."""
        rows = self._db.execute(
            "SELECT edition, units, adjudication, rationale FROM mue WHERE value = ?", (code,)
        ).fetchall()
        mine = ((r[0], Mue(code, setting, r[1], r[2], r[3])) for r in rows if self._by_id[r[0]].setting is setting)
        return self._best(mine, day)

    def addon_primaries(self, addon: str, day: date) -> tuple[Found[AddOnPair], ...]:
        """Return the primary codes that ``addon`` may be reported with on ``day``, in code order; empty when it is no add-on code."""
        rows = self._db.execute(
            "SELECT edition, addon, primary_code, kind, effective, deletion FROM addon WHERE addon = ? ORDER BY primary_code",
            (addon,),
        )
        return self._pairs(rows, day)

    def addons_of(self, primary: str, day: date) -> tuple[Found[AddOnPair], ...]:
        """Return the add-on codes listed for ``primary`` on ``day``, in code order."""
        rows = self._db.execute(
            "SELECT edition, addon, primary_code, kind, effective, deletion FROM addon WHERE primary_code = ? ORDER BY addon",
            (primary,),
        )
        return self._pairs(rows, day)

    # -- payment ----------------------------------------------------------------------------------------------------

    def fee(self, code: str, day: date, modifier: str = "", *, qualifying: bool = False) -> Found[FeeIndicators] | None:
        """Return the fee schedule row of ``code`` and ``modifier`` (empty, 26, TC or 53).

        Since 2026 the file is published twice, with one conversion factor for qualifying participants (``qualifying``) and one for all
        others; where only the other one is loaded its row is returned, and its edition says so.
        """
        rows = self._db.execute("SELECT * FROM fee WHERE value = ? AND modifier = ?", (code, modifier)).fetchall()
        wanted = [row for row in rows if (self._by_id[row[0]].table == "fee_qpp") is qualifying]
        return self._best(((row[0], FeeIndicators(*row[1:])) for row in wanted or rows), day)

    def fee_modifier_rows(self, code: str, day: date) -> tuple[str, ...]:
        """Return the modifiers for which the fee schedule has a row of its own beside the plain one (26, TC, 53)."""
        found = self.fee(code, day)
        if found is None:
            return ()
        rows = self._db.execute(
            "SELECT modifier FROM fee WHERE value = ? AND edition = ? AND modifier <> '' ORDER BY modifier",
            (code, found.edition.id),
        )
        return tuple(row[0] for row in rows)

    def opps(self, code: str, day: date) -> Found[OppsStatus] | None:
        """Return the hospital outpatient status of ``code``."""
        rows = self._db.execute(
            "SELECT edition, value, indicator, apc, payment_rate, meaning FROM opps WHERE value = ?", (code,)
        )
        return self._best(((row[0], OppsStatus(*row[1:])) for row in rows), day)

    def asc(self, code: str, day: date) -> tuple[Found[AscStatus], ...]:
        """Return the ambulatory surgical centre rows of ``code``, by addendum."""
        rows = self._db.execute(
            "SELECT edition, value, addendum, indicator, payment_rate, apc FROM asc_status WHERE value = ? ORDER BY addendum",
            (code,),
        ).fetchall()
        best = self._best_edition({row[0] for row in rows}, day)
        return tuple(
            Found(AscStatus(*row[1:]), best, _standing(best, day))
            for row in rows
            if best is not None and row[0] == best.id
        )

    # -- modifiers --------------------------------------------------------------------------------------------------

    def modifier(self, modifier: str, day: date) -> Found[ModifierRecord] | None:
        """Return what the tables say of a modifier: flags and, for HCPCS Level II ones, the title."""
        rows = self._db.execute(
            "SELECT edition, modifier, ncci_associated, flags, title FROM modifier WHERE modifier = ?", (modifier,)
        )
        return self._best(
            ((row[0], ModifierRecord(row[1], bool(row[2]), tuple(json.loads(row[3])), row[4])) for row in rows), day
        )

    def ncci_modifiers(self, day: date) -> tuple[str, ...]:
        """Return the NCCI-associated modifiers, in order, from the edition for ``day``; empty when none is loaded."""
        rows = self._db.execute(
            "SELECT edition, modifier FROM modifier WHERE ncci_associated = 1 ORDER BY modifier"
        ).fetchall()
        best = self._best_edition({row[0] for row in rows}, day)
        return tuple(row[1] for row in rows if best is not None and row[0] == best.id)

    def modifiers_conflict(self, first: str, second: str, day: date) -> Edition | None:
        """Return the edition that says the two modifiers may not stand on one line, or None."""
        low, high = sorted((first, second))
        rows = self._db.execute("SELECT edition FROM modifier_conflict WHERE first = ? AND second = ?", (low, high))
        return self._best_edition({row[0] for row in rows}, day)

    # -- crosswalks and groupings -----------------------------------------------------------------------------------

    def hcc(self, diagnosis: str, day: date) -> tuple[Found[HccMapping], ...]:
        """Return the risk-adjustment categories a diagnosis maps to, by model; the editions are payment years."""
        rows = self._db.execute(
            "SELECT edition, diagnosis, model, category, label FROM hcc WHERE diagnosis = ? ORDER BY model, category",
            (diagnosis,),
        ).fetchall()
        best = self._best_edition({row[0] for row in rows}, day)
        return tuple(
            Found(HccMapping(*row[1:]), best, _standing(best, day))
            for row in rows
            if best is not None and row[0] == best.id
        )

    def crosswalk(self, code: Code, target: CodeSystem) -> tuple[Found[CrosswalkRow], ...]:
        """Return the general equivalence mapping rows from ``code`` into ``target``."""
        rows = self._db.execute(
            "SELECT edition, target, approximate, combination, scenario, choice FROM crosswalk "
            "WHERE source_system = ? AND source = ? AND target_system = ? ORDER BY scenario, choice, target",
            (code.system, code.value, target),
        )
        return tuple(
            Found(
                CrosswalkRow(
                    code, Code(target, row[1]) if row[1] else None, bool(row[2]), bool(row[3]), row[4], row[5]
                ),
                self._by_id[row[0]],
                Standing.IN_FORCE,
            )
            for row in rows
        )

    def drg(self, drg: str, day: date) -> Found[DrgRecord] | None:
        """Return a Medicare severity DRG by its three-digit number."""
        rows = self._db.execute("SELECT edition, drg, title, mdc, kind, weight FROM drg WHERE drg = ?", (drg,))
        return self._best(((row[0], DrgRecord(*row[1:])) for row in rows), day)

    def complication(self, diagnosis: str, day: date) -> Found[ComplicationClass] | None:
        """Return whether a diagnosis is a CC or MCC; None when it is in neither list."""
        rows = self._db.execute("SELECT edition, diagnosis, level FROM complication WHERE diagnosis = ?", (diagnosis,))
        return self._best(((row[0], ComplicationClass(*row[1:])) for row in rows), day)

    def categories(self, code: str) -> tuple[Found[Category], ...]:
        """Return CMS's own category labels of a procedure code (BETOS, RBCS), by scheme."""
        rows = self._db.execute(
            "SELECT edition, value, label, scheme FROM category WHERE value = ? ORDER BY scheme", (code,)
        )
        return tuple(Found(Category(*row[1:]), self._by_id[row[0]], Standing.IN_FORCE) for row in rows)

    def pcs_axes(self, code: Code) -> tuple[PcsAxis, ...]:
        """Return the meaning of each of the seven characters of an ICD-10-PCS code that the tables name, in order."""
        axes: list[PcsAxis] = []
        for position in range(1, 8):
            prefix, value = code.value[: position - 1], code.value[position - 1]
            row = self._db.execute(
                "SELECT axis, label, definition FROM pcs_axis WHERE prefix = ? AND position = ? AND value = ?",
                (prefix, position, value),
            ).fetchone()
            if row:
                axes.append(PcsAxis(position, row[0], value, row[1], row[2]))
        return tuple(axes)

    def words(self) -> tuple[Word, ...]:
        """Return the curated abbreviations and lay words, by term."""
        return tuple(Word(*row) for row in self._db.execute("SELECT term, means, kind, also FROM word ORDER BY term"))

    # -- documents --------------------------------------------------------------------------------------------------

    def document(self, document_id: str) -> Document | None:
        """Return a document by id."""
        row = self._db.execute("SELECT * FROM document WHERE id = ?", (document_id,)).fetchone()
        return _document(row) if row else None

    def documents_about(self, kind: str, value: str, day: date) -> tuple[Document, ...]:
        """Return documents about a ``code`` or ``modifier`` (``kind``), code and modifier cards first.

        Those that ended before ``day`` are left out; those vouched for only from a later day stay, since the reader can be told so.
        """
        rows = self._db.execute(
            "SELECT d.* FROM document_about a JOIN document d ON d.id = a.document WHERE a.kind = ? AND a.value = ?",
            (kind, value),
        )
        documents = [document for document in map(_document, rows) if not document.ended_before(day)]
        order = {
            DocumentKind.CODE_CARD: 0,
            DocumentKind.MODIFIER_CARD: 0,
            DocumentKind.RULE_CARD: 1,
            DocumentKind.PUBLICATION: 2,
        }
        return tuple(sorted(documents, key=lambda d: (order[d.kind], len(d.codes) + len(d.modifiers), d.id)))

    def passages(self, document_id: str) -> tuple[Passage, ...]:
        """Return a document's passages in their order."""
        document = self.document(document_id)
        if document is None:
            return ()
        rows = self._db.execute(f"{_PASSAGE} WHERE document = ? ORDER BY ord", (document_id,))
        return tuple(_passage(row, document) for row in rows)

    def passage(self, passage_id: str) -> Passage | None:
        """Return a passage by id."""
        row = self._db.execute(f"{_PASSAGE} WHERE id = ?", (passage_id,)).fetchone()
        document = self.document(row[1]) if row else None
        return _passage(row, document) if document else None

    # -- choosing an edition ----------------------------------------------------------------------------------------

    def _best(self, rows: Iterable[tuple[int, T]], day: date) -> Found[T] | None:
        by_edition = {edition: record for edition, record in rows}
        best = self._best_edition(by_edition.keys(), day)
        return None if best is None else Found(by_edition[best.id], best, _standing(best, day))

    def _best_edition(self, ids: Iterable[int], day: date) -> Edition | None:
        return min((self._by_id[i] for i in ids), key=_closeness(day), default=None)

    def _ranked(self, table: str, setting: Setting, day: date) -> Sequence[tuple[Edition, Standing]]:
        ordered = sorted(self.editions_of(table, setting), key=_closeness(day))
        return [(edition, _standing(edition, day)) for edition in ordered]

    def _pairs(self, rows: Iterable[tuple[int, str, str, int, int, int]], day: date) -> tuple[Found[AddOnPair], ...]:
        fetched = list(rows)
        best = self._best_edition({row[0] for row in fetched}, day)
        number = as_number(day)
        return tuple(
            Found(AddOnPair(row[1], row[2], row[3], as_date(row[4]), as_date(row[5])), best, _standing(best, day))
            for row in fetched
            if best is not None and row[0] == best.id and row[4] <= number <= row[5]
        )


def _closeness(day: date) -> Callable[[Edition], tuple[int, int, int, int]]:
    """Order editions for ``day``: those covering it (in their own window, then by the history they carry), then earlier ones, then
    later ones; newest start, then complete ones first."""

    def key(edition: Edition) -> tuple[int, int, int, int]:
        standing = _standing(edition, day)
        starts_later = day < edition.effective_from
        rank = {Standing.IN_FORCE: int(starts_later), Standing.EARLIER: 2, Standing.LATER: 3}[standing]
        start = edition.effective_from.toordinal()
        return rank, start if starts_later else -start, 0 if edition.complete else 1, -edition.id

    return key


def _standing(edition: Edition, day: date) -> Standing:
    if edition.covers(day):
        return Standing.IN_FORCE
    return Standing.EARLIER if edition.effective_from <= day else Standing.LATER


_EDITIONS = (
    "SELECT id, name, publisher, title, label, setting, effective_from, effective_to, complete, licence, source, sha256, rows, "
    "rejected, loaded_at, system, history_from FROM edition ORDER BY id"
)
_CODE = "SELECT edition, system, value, title, short_title, billable, parent, node, origin FROM code"
_PTP = "SELECT p.edition, effective, deletion, indicator, r.text FROM ptp p JOIN rationale r ON r.id = p.rationale WHERE column1 = ? AND column2 = ?"
_PASSAGE = "SELECT id, document, heading, text, ord, page, section, tokens FROM passage"


def _edition(row: tuple[object, ...]) -> Edition:
    (
        id_,
        name,
        publisher,
        title,
        label,
        setting,
        start,
        end,
        complete,
        licence,
        source,
        sha,
        rows,
        rejected,
        loaded,
        system,
        history,
    ) = row
    return Edition(
        int(str(id_)), str(name), str(publisher), str(title), str(label), Setting(str(setting)) if setting else None,
        as_date(int(str(start))) or date.min, as_date(int(str(end))) if end else None, bool(complete), Licence(str(licence)),
        str(source), str(sha), int(str(rows)), int(str(rejected)), str(loaded),
        CodeSystem(str(system)) if system else None, as_date(int(str(history))) if history else None,
    )  # fmt: skip


def _code_record(row: tuple[object, ...]) -> CodeRecord:
    _, system, value, title, short, billable, parent, node, origin = row
    flag = None if billable is None else bool(billable)
    return CodeRecord(
        Code(CodeSystem(str(system)), str(value)), str(title), str(short), flag, str(parent), str(node), str(origin)
    )


def _ptp(column1: str, column2: str, setting: Setting, row: Sequence[object]) -> PtpEdit:
    effective, deletion, indicator = (int(str(cell)) for cell in row[1:4])
    return PtpEdit(column1, column2, setting, as_date(effective), as_date(deletion), indicator, str(row[4]))


def _document(row: Sequence[object]) -> Document:
    (id_, _, title, kind, topic, codes, modifiers, aliases, sources, start, end, reviewed, licence, label) = row
    return Document(
        str(id_), str(title), DocumentKind(str(kind)), Topic(str(topic)), tuple(json.loads(str(codes))), tuple(json.loads(str(modifiers))),
        tuple(json.loads(str(aliases))), tuple(DocumentSource(*source) for source in json.loads(str(sources))),
        as_date(int(str(start))) or date.min, as_date(int(str(end))) if end else None, as_date(int(str(reviewed))) if reviewed else None,
        Licence(str(licence)), str(label),
    )  # fmt: skip


def _passage(row: Sequence[object], document: Document) -> Passage:
    id_, _, heading, text, order, page, section, tokens = row
    return Passage(
        str(id_),
        document,
        str(heading),
        str(text),
        int(str(order)),
        int(str(page)) if page is not None else None,
        str(section),
        int(str(tokens)),
    )
