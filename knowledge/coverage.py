"""Medicare coverage: NCDs, LCDs and billing articles with their code groups, contractors and states, and their look-ups.

Since 2019 almost all codes stand in billing articles, which point to their LCD: a code leads to articles, these to LCDs, both to the
contractors that issued them, these to the states they serve. Group numbers of procedure lists and of diagnosis lists are separate
numberings: the paragraph of a group says what it is for, an equal number does not.

Source: CMS, Medicare Coverage Database, table downloads and data dictionary; Coverage API v1.5.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from knowledge.records import Edition
from knowledge.reference import ReferenceStore
from knowledge.rows import columns, from_row

__all__ = [
    "CodeList",
    "Contractor",
    "ContractorState",
    "Coverage",
    "CoverageCode",
    "CoverageContractor",
    "CoverageDocument",
    "CoverageGroup",
    "CoverageKind",
    "CoverageLink",
    "CoverageRow",
    "CoverageState",
]


class CoverageKind(StrEnum):
    """The three kinds of coverage document."""

    NCD = "NCD"
    LCD = "LCD"
    ARTICLE = "Article"


class CodeList(StrEnum):
    """What a list of codes in a coverage document says of them."""

    PROCEDURES = "procedures"
    MODIFIERS = "modifiers"
    DIAGNOSES_COVERED = "diagnoses that support medical necessity"
    DIAGNOSES_NOT_COVERED = "diagnoses that do not support medical necessity"
    PCS = "ICD-10-PCS codes"
    BILL_TYPES = "bill types"
    REVENUE = "revenue codes"
    OTHER = "other coding information"


@dataclass(frozen=True, slots=True)
class CoverageDocument:
    """One version of an NCD, LCD or article."""

    kind: CoverageKind
    id: int
    version: int
    display_id: str
    """As printed: ``L33787``, ``A56902``, an NCD's manual section; ``DL``/``DA`` mark drafts."""
    title: str
    status: str
    """As published: ``A`` active, ``R`` retired, ``F`` future; empty for NCDs."""
    effective: date | None
    ends: date | None
    """Last day in force, inclusive."""
    retired: date | None
    determination: str
    """NCD coverage level: 1 full, 2 restricted, 3 none, 4 occurs undocumented."""
    url: str

    def in_force(self, day: date) -> bool:
        """Whether this version applies to a service on ``day``. An NCD marked RETIRED never does, whatever its dates."""
        if self.display_id.upper().startswith(("DL", "DA")) or "RETIRED" in self.title.upper():
            return False
        ended = min((d for d in (self.ends, self.retired) if d), default=None)
        return (self.effective is None or self.effective <= day) and (ended is None or day <= ended)


@dataclass(frozen=True, slots=True)
class CoverageGroup:
    """The paragraph that says what a group of codes is for."""

    kind: CoverageKind
    id: int
    version: int
    list: CodeList
    number: int
    paragraph: str


@dataclass(frozen=True, slots=True)
class CoverageCode:
    """One code in a group of a coverage document."""

    kind: CoverageKind
    id: int
    version: int
    list: CodeList
    number: int
    value: str
    """Normalised, no dot."""
    range: bool
    """True when the row is one end of a range."""
    asterisk: str
    """The publisher's mark that the group's footnote binds this code."""


@dataclass(frozen=True, slots=True)
class CoverageLink:
    """One document that names another as related."""

    kind: CoverageKind
    id: int
    version: int
    to_kind: CoverageKind
    to_id: int
    to_version: int


@dataclass(frozen=True, slots=True)
class CoverageContractor:
    """The contractor that issued a version of a document."""

    kind: CoverageKind
    id: int
    version: int
    contractor: int
    type: int
    contractor_version: int


@dataclass(frozen=True, slots=True)
class Contractor:
    """A Medicare administrative contractor as the database lists it."""

    id: int
    type: int
    version: int
    name: str
    number: str
    type_name: str


@dataclass(frozen=True, slots=True)
class ContractorState:
    """A state a contractor serves."""

    contractor: int
    type: int
    version: int
    state: int
    """Number of the state in the database's own list."""


@dataclass(frozen=True, slots=True)
class CoverageState:
    """A state of the database's own list; large states are divided (``California - Northern``)."""

    id: int
    abbreviation: str
    name: str


@dataclass(frozen=True, slots=True)
class CoverageRow:
    """A code found in a coverage document: the document version, the group it stands in, and who issued it for which states."""

    document: CoverageDocument
    code: CoverageCode
    group: CoverageGroup | None
    contractors: tuple[Contractor, ...]
    states: tuple[str, ...]
    edition: Edition


class Coverage:
    """Look-ups in the loaded coverage documents of one reference store."""

    def __init__(self, reference: ReferenceStore) -> None:
        self._reference = reference
        self._db = reference.connection

    @property
    def editions(self) -> tuple[Edition, ...]:
        """The loaded exports; empty means that nothing may be said about coverage."""
        return tuple(edition for edition in self._reference.editions if edition.table.startswith("coverage "))

    def document(self, kind: CoverageKind, id: int, day: date) -> CoverageDocument | None:
        """Return the version of a document that is in force on ``day``; where none is, the newest one (ask :meth:`CoverageDocument.in_force`)."""
        versions = [
            from_row(CoverageDocument, row)
            for row in self._db.execute(
                f"SELECT {columns(CoverageDocument)} FROM coverage_document WHERE kind = ? AND id = ? ORDER BY version DESC, edition DESC",
                (kind, id),
            )
        ]
        return next((v for v in versions if v.in_force(day)), versions[0] if versions else None)

    def about(
        self, code: str, day: date, *, state: str = "", kinds: Iterable[CoverageKind] = tuple(CoverageKind)
    ) -> tuple[CoverageRow, ...]:
        """Return every list of a document in force on ``day`` that names ``code`` (no dot), in ``state`` (two letters) where given."""
        found: list[CoverageRow] = []
        rows = self._db.execute(
            f"SELECT edition, {columns(CoverageCode)} FROM coverage_code WHERE value = ? ORDER BY kind, id, version DESC, list, number",
            (code,),
        ).fetchall()
        for edition, *cells in rows:
            row = from_row(CoverageCode, cells)
            if row.kind not in kinds:
                continue
            document = self.document(CoverageKind(row.kind), row.id, day)
            if document is None or document.version != row.version or not document.in_force(day):
                continue
            contractors = self.contractors(document)
            states = self._states(contractors)
            if state and states and state not in states:
                continue
            found.append(CoverageRow(document, row, self._group(row), contractors, states, self._edition(edition)))
        return tuple(dict.fromkeys(found))

    def codes(
        self, document: CoverageDocument, code_list: CodeList, number: int | None = None
    ) -> tuple[CoverageCode, ...]:
        """Return the codes of one list of a document (of one group where ``number`` is given), by group and code."""
        rows = self._db.execute(
            f"SELECT DISTINCT {columns(CoverageCode)} FROM coverage_code WHERE kind = ? AND id = ? AND version = ? AND list = ? "
            "AND (? IS NULL OR number = ?) ORDER BY number, value",
            (document.kind, document.id, document.version, code_list, number, number),
        )
        return tuple(from_row(CoverageCode, row) for row in rows)

    def groups(self, document: CoverageDocument, code_list: CodeList) -> tuple[CoverageGroup, ...]:
        """Return the groups of one list of a document with their paragraphs, by number."""
        rows = self._db.execute(
            f"SELECT DISTINCT {columns(CoverageGroup)} FROM coverage_group WHERE kind = ? AND id = ? AND version = ? AND list = ? ORDER BY number",
            (document.kind, document.id, document.version, code_list),
        )
        return tuple(from_row(CoverageGroup, row) for row in rows)

    def related(self, document: CoverageDocument, day: date) -> tuple[CoverageDocument, ...]:
        """Return the documents in force that ``document`` names as related, or that name it."""
        rows = self._db.execute(
            "SELECT to_kind, to_id FROM coverage_link WHERE kind = ?1 AND id = ?2 AND version = ?3 "
            "UNION SELECT kind, id FROM coverage_link WHERE to_kind = ?1 AND to_id = ?2",
            (document.kind, document.id, document.version),
        )
        found = (self.document(CoverageKind(kind), id_, day) for kind, id_ in rows)
        return tuple(other for other in found if other is not None and other.in_force(day))

    def contractors(self, document: CoverageDocument) -> tuple[Contractor, ...]:
        """Return the contractors that issued ``document``."""
        rows = self._db.execute(
            f"SELECT DISTINCT {', '.join('c.' + name for name in Contractor.__slots__)} FROM coverage_contractor d JOIN contractor c "
            "ON c.id = d.contractor AND c.type = d.type AND c.version = d.contractor_version WHERE d.kind = ? AND d.id = ? AND d.version = ? "
            "ORDER BY c.name",
            (document.kind, document.id, document.version),
        )
        return tuple(from_row(Contractor, row) for row in rows)

    def _states(self, contractors: tuple[Contractor, ...]) -> tuple[str, ...]:
        states: set[str] = set()
        for contractor in contractors:
            states.update(
                row[0]
                for row in self._db.execute(
                    "SELECT s.abbreviation FROM contractor_state c JOIN coverage_state s ON s.id = c.state "
                    "WHERE c.contractor = ? AND c.type = ? AND c.version = ?",
                    (contractor.id, contractor.type, contractor.version),
                )
            )
        return tuple(sorted(states))

    def _group(self, code: CoverageCode) -> CoverageGroup | None:
        row = self._db.execute(
            f"SELECT {columns(CoverageGroup)} FROM coverage_group WHERE kind = ? AND id = ? AND version = ? AND list = ? AND number = ? "
            "ORDER BY edition DESC",
            (code.kind, code.id, code.version, code.list, code.number),
        ).fetchone()
        return from_row(CoverageGroup, row) if row else None

    def _edition(self, id: int) -> Edition:
        return next(edition for edition in self._reference.editions if edition.id == id)
