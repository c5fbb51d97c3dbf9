"""Turning looked-up records into rows a reader can open."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from datetime import date
from typing import Any

from assistant.types import Row
from knowledge.codes import Code
from knowledge.records import Found, PtpEdit

__all__ = ["row_of"]


def row_of(found: Found[Any], key: str = "") -> Row:
    """Return ``found`` as an openable row; ``key`` defaults to the record's own code or pair."""
    record = found.record
    columns = (
        tuple((field.name, _shown(getattr(record, field.name))) for field in fields(record))
        if is_dataclass(record)
        else ()
    )
    filled = tuple((name, value) for name, value in columns if value)
    return Row(found.edition.table, key or _key(record), filled, found.edition, found.standing)


def _key(record: Any) -> str:
    if isinstance(record, PtpEdit):
        return f"{record.column1}/{record.column2}"
    for name in ("code", "modifier", "diagnosis", "addon", "drg", "source"):
        if hasattr(record, name):
            return _shown(getattr(record, name))
    return type(record).__name__


def _shown(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, Code):
        return value.shown
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return str(value)
