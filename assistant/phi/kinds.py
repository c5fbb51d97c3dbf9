"""What an identifier is: its kind under the Safe Harbor rule, its place in the text, and why it was taken for one."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["CERTAIN", "Identifier", "IdentifierKind"]

CERTAIN = 0.95
"""From this score on an identifier check is certain: a label beside the value, or a checksum that holds.

Only a certain identifier may take a span that the engine's own protection claims; a span protected by the caller is never taken.
"""


class IdentifierKind(StrEnum):
    """The eighteen identifiers of 45 CFR 164.514(b)(2)(i), paragraphs (A) to (R).

    Source: Code of Federal Regulations, title 45, section 164.514(b)(2)(i); guidance by the HHS Office for Civil Rights of
    2012-11-26, "Methods for De-identification of PHI". Ages over 89 belong to paragraph (C) with the dates.
    """

    NAME = "name"
    """(A) Names."""
    PLACE = "place"
    """(B) Geographic subdivisions smaller than a state; facilities; ZIP codes beyond what the rule lets through."""
    DATE = "date"
    """(C) Elements of dates except the year, and ages over 89."""
    PHONE = "phone"
    """(D) Telephone numbers."""
    FAX = "fax"
    """(E) Fax numbers."""
    EMAIL = "email"
    """(F) E-mail addresses."""
    SSN = "ssn"
    """(G) Social security numbers."""
    MRN = "mrn"
    """(H) Medical record numbers."""
    PLAN = "plan"
    """(I) Health plan beneficiary numbers."""
    ACCOUNT = "account"
    """(J) Account numbers."""
    LICENCE = "licence"
    """(K) Certificate and licence numbers."""
    VEHICLE = "vehicle"
    """(L) Vehicle identifiers and serial numbers, licence plates included."""
    DEVICE = "device"
    """(M) Device identifiers and serial numbers."""
    URL = "url"
    """(N) Web addresses."""
    IP = "ip"
    """(O) Internet protocol addresses; hardware addresses are reported with them."""
    BIOMETRIC = "biometric"
    """(P) Biometric identifiers."""
    PHOTO = "photo"
    """(Q) Full-face photographs and comparable images: in text, the reference to one."""
    OTHER = "other"
    """(R) Any other unique identifying number, characteristic or code."""


@dataclass(frozen=True, slots=True, order=True)
class Identifier:
    """One stretch of text that identifies somebody. It carries offsets only, never the text, so it may be logged."""

    start: int
    """Offset of the first character in the text as given."""
    end: int
    """Offset after the last character."""
    kind: IdentifierKind
    """Paragraph of the Safe Harbor rule."""
    score: float
    """0 to 1; from `CERTAIN` on a label or a checksum vouches for it."""
    recogniser: str
    """What found it, such as `name.patient`, `place.zip` or `strict`."""
    reason: str
    """One plain clause saying why, without any of the text."""

    def overlaps(self, start: int, end: int) -> bool:
        """Return whether any character of the half-open span belongs to this identifier."""
        return self.start < end and start < self.end
