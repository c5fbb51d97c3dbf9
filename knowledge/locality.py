"""Payment by locality: the fee schedule's own formula over relative values, geographic indices and the conversion factor.

Source: CMS, National Physician Fee Schedule Relative Value File record layout: payment = (work RVU x work GPCI + practice expense RVU
x PE GPCI + malpractice RVU x MP GPCI) x conversion factor, with the facility or the non-facility practice expense by place of service.
The limiting charge of a non-participating practitioner is 115 % of 95 % of the fee, that is 109.25 %.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import TypeVar

from knowledge.errors import InputError
from knowledge.records import Edition, FeeIndicators, Found
from knowledge.reference import ReferenceStore
from knowledge.rows import columns, from_row

__all__ = [
    "AnesthesiaFactor",
    "FeeForLocality",
    "Gpci",
    "LocalityCounties",
    "LocalityFee",
    "LocalityTables",
    "OppsCap",
    "Payment",
    "Program",
    "payment",
]

R = TypeVar("R")

LIMITING_CHARGE = Decimal("1.0925")
PAID_STATUSES = frozenset("ART")
"""Status codes whose relative values are used for payment."""

_CENT = Decimal("0.01")


class Program(StrEnum):
    """Which of the two conversion factors published since 2026 applies."""

    STANDARD = "non-QPP"
    QUALIFYING = "QPP"
    """Qualifying participants of an advanced alternative payment model."""


@dataclass(frozen=True, slots=True)
class Gpci:
    """Geographic practice cost indices of one Medicare locality, as published."""

    carrier: str
    """Medicare administrative contractor number, five digits."""
    locality: str
    """Two digits."""
    state: str
    name: str
    work: str
    """With the 1.0 floor where the file applies one."""
    practice: str
    malpractice: str


@dataclass(frozen=True, slots=True)
class LocalityCounties:
    """The counties of a fee schedule area."""

    carrier: str
    locality: str
    state: str
    area: str
    counties: str


@dataclass(frozen=True, slots=True)
class AnesthesiaFactor:
    """The anaesthesia conversion factor of one locality, in dollars per unit."""

    carrier: str
    locality: str
    name: str
    factor: str


@dataclass(frozen=True, slots=True)
class OppsCap:
    """The amounts that cap the technical component of an imaging service in one locality, in dollars."""

    value: str
    modifier: str
    status: str
    carrier: str
    locality: str
    facility_price: str
    nonfacility_price: str


@dataclass(frozen=True, slots=True)
class LocalityFee:
    """One row of a contractor's published payment amounts (files PFALL, PFREV), in dollars."""

    value: str
    modifier: str
    carrier: str
    locality: str
    nonfacility_fee: str
    facility_fee: str
    status: str


@dataclass(frozen=True, slots=True)
class Payment:
    """What the formula gives, in dollars, rounded to the cent half up."""

    amount: Decimal
    limiting_charge: Decimal


@dataclass(frozen=True, slots=True)
class FeeForLocality:
    """The fee of a code in one locality with everything it was computed from."""

    payment: Payment
    fee: Found[FeeIndicators]
    gpci: Gpci
    gpci_edition: Edition
    program: Program
    facility: bool


def payment(fee: FeeIndicators, gpci: Gpci, *, facility: bool) -> Payment:
    """Return the fee schedule amount of ``fee`` in the locality of ``gpci``.

    Raises :class:`~knowledge.errors.InputError` when the row has no relative values that pay: another status than A, R or T, no
    conversion factor, or a practice expense marked "NA" for this place of service.
    """
    if fee.status not in PAID_STATUSES:
        raise InputError(f"{fee.code}: status {fee.status} is not paid from relative values; only A, R and T are")
    if (fee.facility_na if facility else fee.nonfacility_na).strip().upper() == "NA":
        place = "facility" if facility else "non-facility"
        raise InputError(f"{fee.code}: the file marks the {place} practice expense NA: it is not furnished there")
    expense = fee.facility_pe_rvu if facility else fee.nonfacility_pe_rvu
    if not (fee.work_rvu and expense and fee.malpractice_rvu and fee.conversion_factor):
        raise InputError(f"{fee.code}: relative values are not loaded: load the PFS relative value file")
    units = (
        Decimal(fee.work_rvu) * Decimal(gpci.work)
        + Decimal(expense) * Decimal(gpci.practice)
        + Decimal(fee.malpractice_rvu) * Decimal(gpci.malpractice)
    )
    amount = (units * Decimal(fee.conversion_factor)).quantize(_CENT, ROUND_HALF_UP)
    return Payment(amount, (amount * LIMITING_CHARGE).quantize(_CENT, ROUND_HALF_UP))


class LocalityTables:
    """Look-ups by Medicare locality over one reference store."""

    def __init__(self, reference: ReferenceStore) -> None:
        self._reference = reference

    def gpci(self, carrier: str, locality: str, day: date) -> Found[Gpci] | None:
        """Return the indices of a locality from the edition for ``day``."""
        return self._one(Gpci, "gpci", carrier, locality, day)

    def localities(self, day: date) -> tuple[Gpci, ...]:
        """Return every locality of the edition for ``day``, by state and name."""
        best = self._reference.nearest_edition("gpci", day)
        if best is None:
            return ()
        rows = self._reference.connection.execute(
            f"SELECT {columns(Gpci)} FROM gpci WHERE edition = ? ORDER BY state, name", (best.id,)
        )
        return tuple(from_row(Gpci, row) for row in rows)

    def counties(self, carrier: str, locality: str, day: date) -> tuple[Found[LocalityCounties], ...]:
        """Return the fee schedule areas of a locality with their counties."""
        rows = self._reference.connection.execute(
            f"SELECT edition, {columns(LocalityCounties)} FROM locality_counties WHERE carrier = ? AND locality = ? ORDER BY area",
            (carrier, locality),
        )
        return self._reference.for_day(((row[0], from_row(LocalityCounties, row[1:])) for row in rows), day)

    def anesthesia(self, carrier: str, locality: str, day: date) -> Found[AnesthesiaFactor] | None:
        """Return the anaesthesia conversion factor of a locality."""
        return self._one(AnesthesiaFactor, "anesthesia_factor", carrier, locality, day)

    def opps_cap(self, code: str, modifier: str, carrier: str, locality: str, day: date) -> Found[OppsCap] | None:
        """Return the OPPS cap amounts of a code and modifier in a locality."""
        rows = self._reference.connection.execute(
            f"SELECT edition, {columns(OppsCap)} FROM opps_cap WHERE value = ? AND modifier = ? AND carrier = ? AND locality = ?",
            (code, modifier, carrier, locality),
        )
        return next(iter(self._reference.for_day(((r[0], from_row(OppsCap, r[1:])) for r in rows), day)), None)

    def published_fee(
        self, code: str, modifier: str, carrier: str, locality: str, day: date
    ) -> Found[LocalityFee] | None:
        """Return the payment amounts a contractor's file publishes for a code, where that file is loaded."""
        rows = self._reference.connection.execute(
            f"SELECT edition, {columns(LocalityFee)} FROM locality_fee WHERE value = ? AND modifier = ? AND carrier = ? AND locality = ?",
            (code, modifier, carrier, locality),
        )
        return next(iter(self._reference.for_day(((r[0], from_row(LocalityFee, r[1:])) for r in rows), day)), None)

    def fee(
        self,
        code: str,
        carrier: str,
        locality: str,
        day: date,
        *,
        modifier: str = "",
        facility: bool = False,
        program: Program = Program.STANDARD,
    ) -> FeeForLocality | None:
        """Return the fee of a code in a locality on ``day``; None when the code or the locality is in no loaded table.

        Raises :class:`~knowledge.errors.InputError` when the row is not paid from relative values (:func:`payment`).
        """
        fee = self._reference.fee(code, day, modifier, qualifying=program is Program.QUALIFYING)
        gpci = self.gpci(carrier, locality, day)
        if fee is None or gpci is None:
            return None
        amount = payment(fee.record, gpci.record, facility=facility)
        return FeeForLocality(amount, fee, gpci.record, gpci.edition, program, facility)

    def _one(self, record: type[R], table: str, carrier: str, locality: str, day: date) -> Found[R] | None:
        rows = self._reference.connection.execute(
            f"SELECT edition, {columns(record)} FROM {table} WHERE carrier = ? AND locality = ?", (carrier, locality)
        )
        return next(iter(self._reference.for_day(((row[0], from_row(record, row[1:])) for row in rows), day)), None)
