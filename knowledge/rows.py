"""Records as table rows and back, for the tables whose columns are the fields of one record.

Dates are written as integers YYYYMMDD or null, flags as 0 and 1; everything else as it is. The records are slotted dataclasses, so that
their slots are their fields in order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import date
from typing import Any, TypeVar

from knowledge.schema import as_date, as_number

__all__ = ["as_row", "columns", "from_row", "insert_statement"]

R = TypeVar("R")


def columns(record: type[Any]) -> str:
    """Return the columns of a record's table, without the edition, as SQL."""
    return ", ".join(record.__slots__)


def insert_statement(record: type[Any], table: str) -> str:
    """Return the INSERT of one record; a row that repeats a key is left out, so that the caller can count it."""
    return f"INSERT OR IGNORE INTO {table} VALUES(?{', ?' * len(record.__slots__)})"


def as_row(edition: int, record: Any) -> tuple[object, ...]:
    """Return the row of ``record``: the edition and its fields in order."""
    return (edition, *(_stored(getattr(record, name)) for name in record.__slots__))


def from_row(record: type[R], row: Sequence[Any]) -> R:
    """Return the record of a row that holds its fields in order (:func:`columns`)."""
    # Annotations are strings here: only dates and flags differ from what is stored.
    read: dict[Any, Any] = {"date | None": as_date, "bool": bool}
    kinds = [field.type for field in fields(record)]  # type: ignore[arg-type]
    return record(*(read[kind](cell) if kind in read else cell for kind, cell in zip(kinds, row, strict=True)))


def _stored(value: object) -> object:
    return as_number(value) if isinstance(value, date) else value
