"""Prose that can be cited: documents cut at their own headings into passages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from knowledge.records import Licence

__all__ = ["Document", "DocumentKind", "DocumentSource", "Passage", "Topic"]


class Topic(StrEnum):
    """The seven topics people ask about."""

    CODES = "codes"
    GUIDELINES = "guidelines"
    MODIFIERS = "modifiers"
    CROSSWALKS = "crosswalks"
    NCCI = "ncci"
    COMPLIANCE = "compliance"
    COVERAGE = "coverage"


class DocumentKind(StrEnum):
    """What a document is; the first three are our own cards."""

    CODE_CARD = "code"
    MODIFIER_CARD = "modifier"
    RULE_CARD = "rule"
    PUBLICATION = "publication"
    """A publisher's own text that the user loaded (guidelines, manual chapter)."""


@dataclass(frozen=True, slots=True)
class DocumentSource:
    """The published authority a document restates: publisher, title and section."""

    publisher: str
    title: str
    section: str

    @property
    def cited(self) -> str:
        """The source as one line."""
        return f"{self.publisher}, {self.title}" + (f", {self.section}" if self.section else "")


@dataclass(frozen=True, slots=True)
class Document:
    """One card or publication, without its text."""

    id: str
    title: str
    kind: DocumentKind
    topic: Topic
    codes: tuple[str, ...]
    """Codes the document is about, as written (``99213``, ``E11.22``)."""
    modifiers: tuple[str, ...]
    aliases: tuple[str, ...]
    sources: tuple[DocumentSource, ...]
    effective_from: date
    effective_to: date | None
    reviewed_on: date | None
    licence: Licence
    edition: str
    """The edition as shown: review date of a card, edition of a publication."""

    def holds_on(self, day: date) -> bool:
        """Whether what the document says holds on ``day``."""
        return self.effective_from <= day and not self.ended_before(day)

    def ended_before(self, day: date) -> bool:
        """Whether what the document says no longer held on ``day``."""
        return self.effective_to is not None and self.effective_to < day


@dataclass(frozen=True, slots=True)
class Passage:
    """One heading's text of a document, small enough to embed."""

    id: str
    document: Document
    heading: str
    """Heading path inside the document, joined by `` > ``."""
    text: str
    order: int
    page: int | None = None
    section: str = ""
    tokens: int = 0
