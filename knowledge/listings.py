"""The smaller published lists: one record class per table of :func:`knowledge.schema.m004_publishers`, fields in column order, and look-ups."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from knowledge.codes import Code, CodeSystem
from knowledge.records import Edition, Found
from knowledge.rows import columns, from_row

if TYPE_CHECKING:
    from knowledge.reference import ReferenceStore

__all__ = [
    "Apc",
    "Change",
    "CodeChange",
    "HcpcsDetail",
    "IndicatorMeaning",
    "Listings",
    "PcsDefinition",
    "PcsTableCell",
    "PlaceOfService",
    "PtpChange",
    "RbcsAssignment",
    "TelehealthService",
]


R = TypeVar("R")


class Change(StrEnum):
    """What a publisher's list of changes, or a comparison of two editions, says of a row."""

    NEW = "new"
    DELETED = "deleted"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class PtpChange:
    """One row of NCCI's quarterly list of PTP additions, deletions and modifier indicator revisions."""

    column1: str
    column2: str
    change: Change
    indicator: int | None
    """Modifier indicator of an added or revised edit; None where the list does not give it."""


@dataclass(frozen=True, slots=True)
class CodeChange:
    """One row of a code set's addenda: a code added, deleted or retitled."""

    system: CodeSystem
    value: str
    change: Change
    title: str
    """New title; for a deleted code its last one."""
    effective: date | None


@dataclass(frozen=True, slots=True)
class HcpcsDetail:
    """What the HCPCS Level II quarterly file says of a code or modifier beside its title.

    Source: CMS, HCPCS record layout. Values are as published; lists are joined by blanks.
    """

    value: str
    short_title: str
    coverage: str
    """C carrier judgment, D special coverage instructions, I not payable by Medicare, M non-covered, S non-covered by statute."""
    pricing: str
    multiple_pricing: str
    manual_references: str
    statute: str
    cross_references: str
    asc_group: str
    betos: str
    type_of_service: str
    anesthesia_units: str
    processing_note: str
    added: date | None
    action_effective: date | None
    terminated: date | None
    """Last day the code may be used."""
    action: str
    """A added, B administrative change of two or more fields, C long description, D discontinued, F administrative, N none, P payment,
    R reactivated, S short description, T type of service."""


@dataclass(frozen=True, slots=True)
class Apc:
    """One ambulatory payment classification of OPPS Addendum A; weight and dollars as published."""

    apc: str
    title: str
    indicator: str
    weight: str
    payment_rate: str
    national_copayment: str
    minimum_copayment: str


@dataclass(frozen=True, slots=True)
class IndicatorMeaning:
    """What a status indicator (OPPS) or payment indicator (ASC) means, in the publisher's words."""

    scheme: str
    """``OPPS`` or ``ASC``."""
    value: str
    meaning: str


@dataclass(frozen=True, slots=True)
class PlaceOfService:
    """One place of service code of CMS's code set."""

    value: str
    name: str
    kind: str
    """``Facility`` or ``Non-Facility`` where the list says so."""
    description: str


@dataclass(frozen=True, slots=True)
class TelehealthService:
    """One code of the Medicare telehealth list and what the list says became of it (``Maintain``, ``Addition``)."""

    value: str
    action: str


@dataclass(frozen=True, slots=True)
class RbcsAssignment:
    """A procedure code's class in the Restructured BETOS Classification System over a window of dates."""

    value: str
    rbcs_id: str
    category: str
    subcategory: str
    family: str
    major: str
    """``M`` major, ``O`` other, ``N`` non-procedure, or the publisher's words."""
    assigned_from: date | None
    assigned_to: date | None
    """None while the assignment holds."""
    ord: int
    """Place among the assignments of the code, from 0."""


@dataclass(frozen=True, slots=True)
class PcsTableCell:
    """One value that may stand at a position in one row of an ICD-10-PCS table; a code is valid when one row allows all its characters."""

    stem: str
    """First three characters, which name the table."""
    ord: int
    """Row of the table, from 0."""
    position: int
    """1 to 7; positions 1 to 3 are those of the stem and stand in row 0."""
    axis: str
    value: str
    label: str


@dataclass(frozen=True, slots=True)
class PcsDefinition:
    """CMS's definition of an ICD-10-PCS axis value."""

    section: str
    position: int
    axis: str
    term: str
    definition: str
    explanation: str
    includes: str
    """What the definitions file lists under ``includes`` (examples, body part key entries), joined by ``; ``."""


class Listings:
    """Look-ups in the smaller lists of one reference store."""

    def __init__(self, reference: ReferenceStore) -> None:
        self._reference = reference

    def hcpcs(self, value: str, day: date) -> Found[HcpcsDetail] | None:
        """Return what the HCPCS Level II file for ``day`` says of a code or modifier."""
        return next(iter(self._rows(HcpcsDetail, "hcpcs_detail", "value = ?", (value,), day)), None)

    def apc(self, apc: str, day: date) -> Found[Apc] | None:
        """Return an APC by its four digits."""
        return next(iter(self._rows(Apc, "apc", "apc = ?", (apc,), day)), None)

    def place_of_service(self, value: str, day: date) -> Found[PlaceOfService] | None:
        """Return a place of service by its two digits."""
        return next(iter(self._rows(PlaceOfService, "place_of_service", "value = ?", (value,), day)), None)

    def telehealth(self, code: str, day: date) -> Found[TelehealthService] | None:
        """Return the code's row of the telehealth list; whether an absent row means "not on the list" is told by a complete edition."""
        return next(iter(self._rows(TelehealthService, "telehealth", "value = ?", (code,), day)), None)

    def indicator_meaning(self, scheme: str, value: str, day: date) -> Found[IndicatorMeaning] | None:
        """Return the publisher's words for an OPPS status or ASC payment indicator."""
        return next(
            iter(self._rows(IndicatorMeaning, "indicator_meaning", "scheme = ? AND value = ?", (scheme, value), day)),
            None,
        )

    def rbcs(self, code: str, day: date) -> tuple[Found[RbcsAssignment], ...]:
        """Return the code's RBCS assignments that hold on ``day``, in the list's order."""
        found = self._rows(RbcsAssignment, "rbcs", "value = ?", (code,), day, "ord")
        return tuple(
            f
            for f in found
            if (f.record.assigned_from or date.min) <= day
            and (f.record.assigned_to is None or day <= f.record.assigned_to)
        )

    def pcs_definitions(self, term: str, day: date) -> tuple[Found[PcsDefinition], ...]:
        """Return CMS's definitions of an ICD-10-PCS term, any case, by section and position."""
        return self._rows(PcsDefinition, "pcs_definition", "term = ? COLLATE NOCASE", (term,), day, "section, position")

    def pcs_table(self, stem: str, day: date) -> tuple[Found[PcsTableCell], ...]:
        """Return the ICD-10-PCS table of a stem (three characters), by row and position."""
        return self._rows(PcsTableCell, "pcs_table_row", "stem = ?", (stem,), day, "ord, position, value")

    def pcs_builds(self, code: Code, day: date) -> bool | None:
        """Return whether one row of its table allows every character of an ICD-10-PCS code; None when the tables are not loaded."""
        cells = self.pcs_table(code.value[:3], day)
        if not cells:
            return None if self._reference.nearest_edition("pcs_table", day) is None else False
        allowed: dict[int, dict[int, set[str]]] = {}
        for found in cells:
            allowed.setdefault(found.record.ord, {}).setdefault(found.record.position, set()).add(found.record.value)
        return any(all(code.value[p - 1] in row.get(p, set()) for p in (4, 5, 6, 7)) for row in allowed.values())

    def ptp_changes(self, code: str, edition: Edition) -> tuple[PtpChange, ...]:
        """Return the rows of a list of PTP changes that name ``code`` in either column."""
        rows = self._reference.connection.execute(
            f"SELECT {columns(PtpChange)} FROM ptp_change WHERE edition = ? AND (column1 = ? OR column2 = ?) ORDER BY column1, column2",
            (edition.id, code, code),
        )
        return tuple(from_row(PtpChange, row) for row in rows)

    def code_changes(self, edition: Edition) -> tuple[CodeChange, ...]:
        """Return the rows of an edition of addenda, by code."""
        rows = self._reference.connection.execute(
            f"SELECT {columns(CodeChange)} FROM code_change WHERE edition = ? ORDER BY value", (edition.id,)
        )
        return tuple(from_row(CodeChange, row) for row in rows)

    def _rows(
        self, record: type[R], table: str, where: str, values: tuple[str, ...], day: date, order: str = "edition"
    ) -> tuple[Found[R], ...]:
        rows = self._reference.connection.execute(
            f"SELECT edition, {columns(record)} FROM {table} WHERE {where} ORDER BY {order}", values
        )
        return self._reference.for_day(((row[0], from_row(record, row[1:])) for row in rows), day)
