"""Records of the smaller published lists: one class per table of :func:`knowledge.schema.m004_publishers`, fields in column order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from knowledge.codes import CodeSystem

__all__ = [
    "Apc",
    "Change",
    "CodeChange",
    "HcpcsDetail",
    "IndicatorMeaning",
    "PcsDefinition",
    "PcsTableCell",
    "PlaceOfService",
    "PtpChange",
    "RbcsAssignment",
    "TelehealthService",
]


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
