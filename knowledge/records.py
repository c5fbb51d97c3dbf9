"""The rows of the reference store, as values.

Every record is a plain statement of one publisher; the :class:`Edition` it came from says which publisher, which file, which
dates and under which licence. A lookup never returns a bare record: it returns :class:`Found`, the record with its edition and
its standing on the date of service asked about.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Generic, TypeVar

from knowledge.codes import Code, CodeSystem

__all__ = [
    "AddOnPair",
    "AscStatus",
    "Category",
    "CodeRecord",
    "ComplicationClass",
    "CrosswalkRow",
    "DrgRecord",
    "Edition",
    "FeeIndicators",
    "Found",
    "HccMapping",
    "Licence",
    "ModifierConflict",
    "ModifierRecord",
    "Mue",
    "Note",
    "NoteKind",
    "OppsStatus",
    "PcsAxis",
    "PtpEdit",
    "Setting",
    "Standing",
    "Validity",
    "Word",
]

T = TypeVar("T")


class Setting(StrEnum):
    """Where the service is billed; NCCI publishes one table for each."""

    PRACTITIONER = "practitioner"
    OUTPATIENT_HOSPITAL = "outpatient hospital"
    DME = "DME supplier"


class Licence(StrEnum):
    """What may be done with the text of an edition."""

    PUBLIC = "public"
    """US government work, or open data with attribution."""
    OWN = "own"
    """Written for this project."""
    AMA_CODES = "AMA codes only"
    """Rows keyed by CPT codes without any CPT wording; publishers gate the file behind the AMA's click-through."""
    AMA_TEXT = "AMA licensed text"
    """The user's own licensed CPT files; never leaves the user's disk."""


@dataclass(frozen=True, slots=True)
class Edition:
    """One loaded file or packaged table, and the dates of service it speaks for."""

    id: int
    table: str
    """Name of the table it fills, e.g. ``ptp``, ``mue``, ``fee``."""
    publisher: str
    title: str
    """What coders call it, e.g. ``NCCI PTP practitioner``."""
    label: str
    """The edition as coders say it, e.g. ``2024 Q3`` or ``October 2025``."""
    setting: Setting | None
    effective_from: date
    """First date of service it speaks for, inclusive."""
    effective_to: date | None
    """Last date of service it speaks for, inclusive; None while no end is published."""
    complete: bool
    """True when the edition holds every row its publisher issued, so that an absent row means something."""
    licence: Licence
    source: str
    """File or package and version it was read from."""
    sha256: str
    rows: int = 0
    rejected: int = 0
    loaded_at: str = ""
    system: CodeSystem | None = None
    """The code system whose codes it lists, where the table holds several (``code``, ``validity``)."""
    history_from: date | None = None
    """First earlier date of service its rows' own windows speak for (NCCI PTP files carry every edit since 1996); None without history."""

    def covers(self, day: date) -> bool:
        """Whether the edition speaks for ``day``: its own window, or the history its rows carry."""
        start = min(self.effective_from, self.history_from or self.effective_from)
        return start <= day and (self.effective_to is None or day <= self.effective_to)

    @property
    def cited(self) -> str:
        """The edition as a source line: title and label."""
        return f"{self.title}, {self.label}"


class Standing(StrEnum):
    """How the edition that answered relates to the date of service."""

    IN_FORCE = "in force"
    EARLIER = "earlier"
    """No loaded edition covers the date; this is the newest one before it."""
    LATER = "later"
    """No loaded edition covers the date and none precedes it; this is the oldest one after it."""


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """A record, the edition it was read from, and its standing on the date asked about."""

    record: T
    edition: Edition
    standing: Standing


@dataclass(frozen=True, slots=True)
class CodeRecord:
    """One code as its publisher lists it."""

    code: Code
    title: str
    """Official title where it may be stored; empty for CPT and HCPCS D codes."""
    short_title: str = ""
    billable: bool | None = None
    """None where the publisher does not say (CPT)."""
    parent: str = ""
    """Value of the parent node in the hierarchy, or an empty string."""
    node: str = ""
    """chapter, block, category, subcategory, code; empty where there is no hierarchy."""
    origin: str = ""
    """Empty for a published title; ``composed`` when built from the parent's title and a published 7th character."""


@dataclass(frozen=True, slots=True)
class Validity:
    """A window in which a code may be reported, both ends inclusive."""

    code: Code
    valid_from: date
    """``date.min`` where the copy only shows that the code was already valid when its record begins."""
    valid_to: date | None


class NoteKind(StrEnum):
    """Instructional notes of the ICD-10-CM tabular list, by their XML element."""

    INCLUDES = "includes"
    INCLUSION_TERM = "inclusionTerm"
    EXCLUDES1 = "excludes1"
    EXCLUDES2 = "excludes2"
    CODE_FIRST = "codeFirst"
    USE_ADDITIONAL = "useAdditionalCode"
    CODE_ALSO = "codeAlso"
    NOTES = "notes"
    SEVENTH_NOTE = "sevenChrNote"
    SEVENTH_CHARACTER = "sevenChrDef"


@dataclass(frozen=True, slots=True)
class Note:
    """One instructional note and the node it stands on; it binds every code below that node."""

    node: str
    kind: NoteKind
    text: str


@dataclass(frozen=True, slots=True)
class PtpEdit:
    """One NCCI procedure-to-procedure edit: column 2 is bundled into column 1.

    Source: CMS NCCI Policy Manual, chapter I, and the PTP edit files.
    """

    column1: str
    column2: str
    setting: Setting
    effective: date | None
    """First date of service, inclusive; None where the copy does not show it (then the edition's own start)."""
    deletion: date | None
    """Last date of service, inclusive; None while active."""
    indicator: int
    """0 no modifier opens it, 1 an NCCI-associated modifier may, 9 cancelled (never stored)."""
    rationale: str

    def in_force(self, day: date) -> bool:
        """Whether the edit applies to a service on ``day``."""
        return (self.effective is None or self.effective <= day) and (self.deletion is None or day <= self.deletion)


@dataclass(frozen=True, slots=True)
class Mue:
    """A medically unlikely edit: the most units one provider usually reports for one patient.

    Source: CMS NCCI Policy Manual, chapter I, and the MUE tables.
    """

    code: str
    setting: Setting
    value: int
    adjudication: int
    """MUE adjudication indicator (MAI): 1 claim line, 2 date of service by policy, 3 date of service by clinical benchmark; 0 not stated."""
    rationale: str


@dataclass(frozen=True, slots=True)
class FeeIndicators:
    """Payment policy indicators of one code (and modifier row) of the physician fee schedule.

    Source: CMS PFS relative value file record layout. Relative values are strings as published, empty when not loaded.
    """

    code: str
    modifier: str
    status: str
    pctc: str
    global_days: str
    multiple: str
    bilateral: str
    assistant: str
    cosurgeon: str
    team: str
    endoscopic_base: str
    supervision: str
    imaging_family: str
    work_rvu: str = ""
    nonfacility_pe_rvu: str = ""
    facility_pe_rvu: str = ""
    malpractice_rvu: str = ""
    nonfacility_na: str = ""
    facility_na: str = ""
    preoperative: str = ""
    intraoperative: str = ""
    postoperative: str = ""
    conversion_factor: str = ""


@dataclass(frozen=True, slots=True)
class AddOnPair:
    """An add-on code and a primary code it may be reported with.

    Source: CMS NCCI add-on code edits. Type 1 closed list, 2 contractor-defined (primary ``CCCCC``), 3 open list.
    """

    addon: str
    primary: str
    kind: int
    effective: date | None
    deletion: date | None


@dataclass(frozen=True, slots=True)
class OppsStatus:
    """Hospital outpatient status of a code (OPPS Addendum B): status indicator, APC and rate as published."""

    code: str
    indicator: str
    apc: str
    payment_rate: str = ""
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class AscStatus:
    """Ambulatory surgical centre status of a code (ASC Addenda AA, BB, EE, FF)."""

    code: str
    addendum: str
    indicator: str
    payment_rate: str = ""
    apc: str = ""
    """The hospital APC whose rate the ASC payment derives from (Addendum FF), or an empty string."""


@dataclass(frozen=True, slots=True)
class ModifierRecord:
    """A modifier as the outpatient code editor's table lists it, with its behaviour flags."""

    modifier: str
    ncci_associated: bool
    flags: tuple[str, ...]
    title: str = ""
    """Official text where it may be stored (HCPCS Level II); empty for CPT modifiers."""


@dataclass(frozen=True, slots=True)
class ModifierConflict:
    """Two modifiers that may not stand on one line."""

    first: str
    second: str


@dataclass(frozen=True, slots=True)
class HccMapping:
    """A diagnosis and the hierarchical condition category it maps to in one model."""

    diagnosis: str
    model: str
    category: str
    label: str


@dataclass(frozen=True, slots=True)
class CrosswalkRow:
    """One row of a general equivalence mapping (GEM), source code to target code with the five published flags."""

    source: Code
    target: Code | None
    """None when the publisher says there is no map."""
    approximate: bool
    combination: bool
    scenario: int
    choice: int


@dataclass(frozen=True, slots=True)
class DrgRecord:
    """A Medicare severity diagnosis related group: title, and weight where loaded."""

    drg: str
    title: str
    mdc: str
    kind: str
    weight: str = ""


@dataclass(frozen=True, slots=True)
class ComplicationClass:
    """Whether a diagnosis counts as a complication or comorbidity: ``CC`` or ``MCC``."""

    diagnosis: str
    level: str


@dataclass(frozen=True, slots=True)
class Category:
    """A CMS category label of a procedure code (BETOS, RBCS); not the code's descriptor."""

    code: str
    label: str
    scheme: str


@dataclass(frozen=True, slots=True)
class Word:
    """An abbreviation or lay word and the clinical term it stands for."""

    term: str
    means: str
    """The preferred sense in coding use."""
    kind: str
    """``abbreviation`` or ``lay``."""
    also: str = ""
    """Another sense where the term is ambiguous."""


@dataclass(frozen=True, slots=True)
class PcsAxis:
    """The meaning of one position of an ICD-10-PCS code."""

    position: int
    axis: str
    value: str
    label: str
    definition: str = ""
    """The publisher's definition of a root operation or approach, or an empty string."""
