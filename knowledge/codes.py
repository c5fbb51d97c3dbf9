"""Codes that cannot be wrong in shape.

A :class:`Code` is a code system and a normalised value: upper case, no dot, no blanks. Shapes follow the publishers:

- CPT (AMA): five digits (category I), four digits and ``F`` (category II), ``T`` (category III), ``U`` (proprietary laboratory
  analyses), ``M`` or ``A`` (administrative algorithmic analyses and their predecessors).
- HCPCS Level II (CMS): a letter ``A`` to ``V`` and four digits.
- ICD-10-CM (CDC/NCHS): a letter, a digit, a digit or letter, and up to four more letters or digits after the dot. Since FY2026 the
  chapter of congenital conditions also holds categories that start with ``QA``.
- ICD-10-PCS (CMS): seven digits or letters, never ``I`` or ``O``.
- ICD-9-CM volume 1 (diagnoses: digits, ``V`` or ``E`` codes, always written with its dot here) and volume 3 (procedures).

One spelling can fit several systems: ``E1165`` is ICD-10-CM E11.65 and has the shape of a HCPCS code. :func:`readings` returns
every reading, most likely first; only a table can say which of them exists.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from knowledge.errors import InvalidCode

__all__ = ["Code", "CodeSystem", "readings", "split_modifiers"]


class CodeSystem(StrEnum):
    """The code systems this program knows."""

    CPT = "cpt"
    HCPCS = "hcpcs"
    ICD10CM = "icd10cm"
    ICD10PCS = "icd10pcs"
    ICD9CM = "icd9cm"
    ICD9PROC = "icd9proc"
    MSDRG = "msdrg"
    APC = "apc"

    @property
    def label(self) -> str:
        """The system's name as coders write it."""
        return _LABELS[self]


_LABELS = {
    CodeSystem.CPT: "CPT",
    CodeSystem.HCPCS: "HCPCS Level II",
    CodeSystem.ICD10CM: "ICD-10-CM",
    CodeSystem.ICD10PCS: "ICD-10-PCS",
    CodeSystem.ICD9CM: "ICD-9-CM",
    CodeSystem.ICD9PROC: "ICD-9-CM procedure",
    CodeSystem.MSDRG: "MS-DRG",
    CodeSystem.APC: "APC",
}

_SHAPES: dict[CodeSystem, re.Pattern[str]] = {
    CodeSystem.CPT: re.compile(r"[0-9]{4}[0-9FTUMA]"),
    CodeSystem.HCPCS: re.compile(r"[A-V][0-9]{4}"),
    CodeSystem.ICD10CM: re.compile(r"(?:[A-Z][0-9]|QA)[0-9A-Z](?:[0-9A-Z]{1,4})?"),
    CodeSystem.ICD10PCS: re.compile(r"[0-9B-DF-HX][0-9A-HJ-NP-Z]{6}"),
    CodeSystem.ICD9CM: re.compile(r"(?:[0-9]{3}|V[0-9]{2})[0-9]{0,2}|E[0-9]{3}[0-9]?"),
    CodeSystem.ICD9PROC: re.compile(r"[0-9]{2}[0-9]{0,2}"),
    CodeSystem.MSDRG: re.compile(r"[0-9]{3}"),
    CodeSystem.APC: re.compile(r"[0-9]{4}"),
}

_MODIFIED = re.compile(r"\s*([0-9A-Za-z.]{3,8})((?:\s*-\s*[0-9A-Za-z]{2})*)\s*")


@dataclass(frozen=True, slots=True, order=True)
class Code:
    """A code of one system, normalised: upper case, without dot or blanks.

    Raises :class:`~knowledge.errors.InvalidCode` when the value does not have the system's shape.
    """

    system: CodeSystem
    value: str

    def __post_init__(self) -> None:
        if not _SHAPES[self.system].fullmatch(self.value):
            raise InvalidCode(
                f"expected {_article(self.system.label)} code, got {self.value[:12]!r}: check the spelling"
            )

    @classmethod
    def parse(cls, text: str, system: CodeSystem) -> Code:
        """Return the code that ``text`` spells in ``system``; dots, blanks and case do not matter."""
        return cls(system, normalise(text))

    @property
    def shown(self) -> str:
        """The code as people write it: with the dot where the system has one (``E11.65``)."""
        dot_after = {CodeSystem.ICD10CM: 3, CodeSystem.ICD9CM: 4 if self.value[0] == "E" else 3, CodeSystem.ICD9PROC: 2}
        place = dot_after.get(self.system)
        if place is None or len(self.value) <= place:
            return self.value
        return f"{self.value[:place]}.{self.value[place:]}"

    @property
    def is_licensed_text(self) -> bool:
        """Whether the code's official wording belongs to the AMA (CPT) or the ADA (HCPCS D codes) and may not be stored unlicensed."""
        return self.system is CodeSystem.CPT or (self.system is CodeSystem.HCPCS and self.value[0] == "D")

    def __str__(self) -> str:
        return self.shown


def normalise(text: str) -> str:
    """Return ``text`` upper-cased without dots, blanks and hyphens at the end."""
    return text.strip().upper().replace(".", "").replace(" ", "").rstrip("-")


def readings(text: str) -> tuple[Code, ...]:
    """Return every code that ``text`` can spell among CPT, HCPCS, ICD-10-CM and ICD-10-PCS, most likely first.

    A dot makes ICD-10-CM certain. Returns an empty tuple for text that has no code's shape.
    """
    value = normalise(text)
    if "." in text.strip():
        found: tuple[CodeSystem, ...] = (CodeSystem.ICD10CM,) if _dot_fits(text.strip()) else ()
    elif re.fullmatch(r"[A-Z]\d{4}", value):
        found = (CodeSystem.HCPCS, CodeSystem.ICD10CM)
    else:
        found = (CodeSystem.CPT, CodeSystem.HCPCS, CodeSystem.ICD10CM, CodeSystem.ICD10PCS)
    return tuple(Code(system, value) for system in found if _SHAPES[system].fullmatch(value))


def split_modifiers(text: str) -> tuple[str, tuple[str, ...]]:
    """Split ``45380-59-XS`` into the code text and its two-character modifiers, upper-cased.

    Raises :class:`~knowledge.errors.InvalidCode` when the text is not a code followed by ``-XX`` modifiers.
    """
    match = _MODIFIED.fullmatch(text)
    if match is None:
        raise InvalidCode(f"expected a code with optional modifiers such as 45380-59, got {text[:24]!r}")
    modifiers = tuple(part.strip().upper() for part in match[2].split("-") if part.strip())
    return match[1].upper(), modifiers


def _dot_fits(text: str) -> bool:
    return re.fullmatch(r"(?:[A-Za-z]\d|[Qq][Aa])[0-9A-Za-z]\.[0-9A-Za-z]{1,4}", text) is not None


def _article(label: str) -> str:
    return f"an {label}" if label[0] in "AIM" and label != "MS-DRG" else f"a {label}"
