"""What changed between two editions of a table, and a code's life through the loaded editions.

Both are queries over the stored rows, so that they hold for packaged editions and for the user's own alike.
"""

from __future__ import annotations

import csv
import io
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from knowledge.codes import Code, CodeSystem
from knowledge.errors import InputError
from knowledge.listings import Change
from knowledge.records import Edition, Setting
from knowledge.reference import ReferenceStore
from knowledge.schema import OPEN, as_date, as_number

__all__ = ["Difference", "Event", "as_csv", "comparable_tables", "diff", "find_edition", "history"]


@dataclass(frozen=True, slots=True)
class Difference:
    """One row that is in one edition only, or differs between the two."""

    change: Change
    key: tuple[str, ...]
    """What identifies the row, e.g. column 1 and column 2 code."""
    before: tuple[tuple[str, str], ...] = ()
    """(field, value) of the old row; for a changed one only the fields that differ."""
    after: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Event:
    """Something a loaded edition says happened to a code."""

    on: date | None
    """First day it holds; None where the edition does not show it."""
    what: str
    """In words: ``valid until 2026-09-30``, ``unit limit 6, MAI 3``."""
    edition: Edition


@dataclass(frozen=True, slots=True)
class _Comparable:
    """How the rows of a table are told apart and what is compared."""

    table: str
    key: tuple[str, ...]
    fields: tuple[str, ...]
    where: str = ""
    """Which rows of an edition take part, with ``:day`` for its first day."""


_IN_FORCE = "effective <= :day AND deletion >= :day"
_CODES = _Comparable("code", ("system", "value"), ("title", "billable"), "node NOT IN ('chapter', 'block')")
_FEE = _Comparable(
    "fee",
    ("value", "modifier"),
    (
        "status", "pctc", "global_days", "multiple", "bilateral", "assistant", "cosurgeon", "team", "endoscopic_base", "supervision", "imaging_family",
        "work_rvu", "nonfacility_pe_rvu", "facility_pe_rvu", "malpractice_rvu", "conversion_factor",
    ),
)  # fmt: skip
_TABLES: dict[str, _Comparable] = {
    "ptp": _Comparable(
        "ptp",
        ("column1", "column2"),
        ("indicator", "(SELECT text FROM rationale r WHERE r.id = ptp.rationale) AS rationale"),
        _IN_FORCE,
    ),
    "mue": _Comparable("mue", ("value",), ("units", "adjudication", "rationale")),
    "addon": _Comparable("addon", ("addon", "primary_code"), ("kind",), _IN_FORCE),
    "fee": _FEE,
    "fee_qpp": _FEE,
    "code": _CODES,
    "validity": _Comparable("validity", ("system", "value"), ("valid_from", "valid_to")),
    "note": _Comparable("note", ("node", "kind", "text"), ()),
    "modifier": _Comparable("modifier", ("modifier",), ("ncci_associated", "title")),
    "opps": _Comparable("opps", ("value",), ("indicator", "apc", "payment_rate")),
    "apc": _Comparable("apc", ("apc",), ("title", "indicator", "weight", "payment_rate")),
    "asc_status": _Comparable("asc_status", ("value", "addendum"), ("indicator", "payment_rate", "apc")),
    "hcpcs_detail": _Comparable("hcpcs_detail", ("value",), ("coverage", "pricing", "terminated", "action")),
    "hcc": _Comparable("hcc", ("diagnosis", "model", "category"), ()),
    "gpci": _Comparable("gpci", ("carrier", "locality"), ("name", "work", "practice", "malpractice")),
    "anesthesia_factor": _Comparable("anesthesia_factor", ("carrier", "locality"), ("factor",)),
    "telehealth": _Comparable("telehealth", ("value",), ("action",)),
    "drg": _Comparable("drg", ("drg",), ("title", "weight")),
    "place_of_service": _Comparable("place_of_service", ("value",), ("name", "description")),
}


def comparable_tables() -> tuple[str, ...]:
    """Return the names of the tables whose editions can be compared."""
    return tuple(sorted(_TABLES))


def find_edition(
    reference: ReferenceStore, table: str, told: str, setting: Setting | None = None, system: CodeSystem | None = None
) -> Edition:
    """Return the edition of ``table`` that ``told`` names: its label (``2026 Q3``, any case) or a date it covers (YYYY-MM-DD).

    Raises :class:`~knowledge.errors.InputError` when none or several fit, naming those that are loaded.
    """
    loaded = reference.editions_of(table, setting, system)
    named = [e for e in loaded if e.label.lower() == told.strip().lower()]
    if not named:
        try:
            day = date.fromisoformat(told.strip())
        except ValueError:
            named = [e for e in loaded if told.strip().lower() in f"{e.title} {e.label}".lower()]
        else:
            named = [e for e in loaded if e.effective_from <= day and (e.effective_to is None or day <= e.effective_to)]
    if len(named) != 1:
        shown = "; ".join(f"{e.title}, {e.label}" for e in loaded) or "none"
        raise InputError(f"expected one edition of {table} for {told[:40]!r}, got {len(named)}; loaded: {shown}")
    return named[0]


def diff(reference: ReferenceStore, table: str, old: Edition, new: Edition) -> Iterator[Difference]:
    """Yield what changed from ``old`` to ``new``, by key: rows that are new, deleted, or hold other values.

    PTP edits and add-on pairs are compared as they stand on the first day of each edition.

    Raises :class:`~knowledge.errors.InputError` for a table that cannot be compared, or editions of another table or setting.
    """
    spec = _TABLES.get(table)
    if spec is None:
        raise InputError(f"expected one of {', '.join(comparable_tables())}, got {table[:20]!r}")
    if old.table != table or new.table != table or old.setting is not new.setting or old.system is not new.system:
        raise InputError(
            f"expected two editions of {table} in one setting and code system, got {old.cited} and {new.cited}"
        )
    names = tuple(field.rsplit(" AS ", 1)[-1] for field in spec.fields)
    yield from _merged(
        _sorted_rows(reference.connection, spec, old), _sorted_rows(reference.connection, spec, new), names
    )


def as_csv(differences: Iterable[Difference]) -> str:
    """Return differences as CSV: change, key, field, before, after; one line for each field of a changed row."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(("change", "key", "field", "before", "after"))
    for difference in differences:
        before, after = dict(difference.before), dict(difference.after)
        for field in dict.fromkeys((*before, *after)) or [""]:
            writer.writerow(
                (difference.change, " ".join(difference.key), field, before.get(field, ""), after.get(field, ""))
            )
    return file.getvalue()


def history(reference: ReferenceStore, code: Code) -> tuple[Event, ...]:
    """Return what the loaded editions say of a code's life, oldest first: validity, dates and actions, limits, statuses and titles.

    Statements that repeat the one before them, from a later edition of the same table, are left out.
    """
    events = [
        *_windows(reference, code),
        *_titles(reference, code),
        *_values(reference, code),
        *_announced(reference, code),
    ]
    return tuple(sorted(events, key=lambda event: (event.on or date.min, event.edition.table, event.edition.id)))


def _sorted_rows(
    db: sqlite3.Connection, spec: _Comparable, edition: Edition
) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    where = f" AND {spec.where}" if spec.where else ""
    columns = ", ".join((*spec.key, *spec.fields))
    rows = db.execute(
        f"SELECT {columns} FROM {spec.table} WHERE edition = :edition{where} ORDER BY {', '.join(spec.key)}",
        {"edition": edition.id, "day": as_number(edition.effective_from)},
    )
    width = len(spec.key)
    for row in rows:
        yield tuple(_text(cell) for cell in row[:width]), tuple(_text(cell) for cell in row[width:])


def _merged(
    old: Iterator[tuple[tuple[str, ...], tuple[str, ...]]],
    new: Iterator[tuple[tuple[str, ...], tuple[str, ...]]],
    names: tuple[str, ...],
) -> Iterator[Difference]:
    left, right = next(old, None), next(new, None)
    while left is not None or right is not None:
        if right is None or (left is not None and left[0] < right[0]):
            assert left is not None
            yield Difference(Change.DELETED, left[0], before=tuple(zip(names, left[1], strict=True)))
            left = next(old, None)
        elif left is None or right[0] < left[0]:
            yield Difference(Change.NEW, right[0], after=tuple(zip(names, right[1], strict=True)))
            right = next(new, None)
        else:
            changed = [(name, a, b) for name, a, b in zip(names, left[1], right[1], strict=True) if a != b]
            if changed:
                yield Difference(
                    Change.CHANGED, left[0], tuple((n, a) for n, a, _ in changed), tuple((n, b) for n, _, b in changed)
                )
            left, right = next(old, None), next(new, None)


def _windows(reference: ReferenceStore, code: Code) -> Iterator[Event]:
    for found in reference.validity(code):
        window = found.record
        start = window.valid_from if window.valid_from > date.min else None
        until = f"until {window.valid_to.isoformat()}" if window.valid_to else "with no end published"
        yield Event(start, f"may be reported {until}", found.edition)


def _titles(reference: ReferenceStore, code: Code) -> Iterator[Event]:
    rows = _by_date(
        reference,
        "SELECT edition, title, billable FROM code WHERE system = ? AND value = ? AND node NOT IN ('chapter', 'block')",
        (code.system, code.value),
    )
    before: dict[str, tuple[object, ...]] = {}
    for edition, (title, billable) in rows:
        if before.get(edition.title) != (title, billable):
            kind = {1: "billable", 0: "heading"}.get(billable, "listed") if isinstance(billable, int) else "listed"
            yield Event(edition.effective_from, f"{kind}: {title}" if title else kind, edition)
        before[edition.title] = (title, billable)


def _values(reference: ReferenceStore, code: Code) -> Iterator[Event]:
    if code.system not in (CodeSystem.CPT, CodeSystem.HCPCS):
        return
    questions = (
        ("SELECT edition, units, adjudication FROM mue WHERE value = ?", "unit limit {}, MAI {}"),
        (
            "SELECT edition, status, global_days FROM fee WHERE value = ? AND modifier = ''",
            "fee schedule status {}, global days {}",
        ),
        ("SELECT edition, indicator, apc FROM opps WHERE value = ?", "OPPS status {}, APC {}"),
        ("SELECT edition, addendum, indicator FROM asc_status WHERE value = ?", "ASC addendum {}, indicator {}"),
    )
    for question, words in questions:
        before: dict[tuple[str, object], str] = {}
        for edition, values in _by_date(reference, question, (code.value,)):
            what = words.format(*(value if value != "" else "none" for value in values))
            group = (f"{edition.table} {edition.setting}", values[0] if "ASC" in words else "")
            if before.get(group) != what:
                setting = f" ({edition.setting})" if edition.setting else ""
                yield Event(edition.effective_from, what + setting, edition)
            before[group] = what


def _announced(reference: ReferenceStore, code: Code) -> Iterator[Event]:
    details = _by_date(
        reference,
        "SELECT edition, added, action_effective, terminated, action FROM hcpcs_detail WHERE value = ?",
        (code.value,),
    )
    told: set[tuple[date | None, str]] = set()
    for edition, (added, acted, terminated, action) in details:
        for day, what in ((added, "added to HCPCS"), (acted, f"action {action}"), (terminated, "last day of use")):
            found = (as_date(int(str(day))) if day else None, what)
            if day and found not in told:
                told.add(found)
                yield Event(found[0], what, edition)
    rows = _by_date(
        reference,
        "SELECT edition, change, title, effective FROM code_change WHERE system = ? AND value = ?",
        (code.system, code.value),
    )
    for edition, (change, title, effective) in rows:
        yield Event(
            as_date(int(str(effective))) if effective else edition.effective_from, f"{change}: {title}", edition
        )


def _by_date(
    reference: ReferenceStore, question: str, values: tuple[str, ...]
) -> list[tuple[Edition, tuple[object, ...]]]:
    editions = {edition.id: edition for edition in reference.editions}
    rows = [(editions[row[0]], tuple(row[1:])) for row in reference.connection.execute(question, values)]
    return sorted(rows, key=lambda row: (row[0].effective_from, row[0].id))


def _text(cell: object) -> str:
    return "" if cell is None or cell == OPEN else str(cell)
