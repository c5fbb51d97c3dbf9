"""CMS Integrated Outpatient Code Editor (I/OCE) tables, as the package pyoce 0.1.0 carries them, April 2026 (v27.1.0).

Layout (LMDB named tables decoded by :mod:`ingest.decoder`): every row holds for a range of quarterly versions, 76 (July 2019) to 103
(April 2026); ``version_range`` gives the first day of each. A range that starts with the oldest version may have begun earlier; one that
ends with the newest has no published end. The file itself claims to hold until 2036; we let it speak to the end of its last quarter.

- ``data_hcpcs``: CPT and HCPCS Level II codes with OPPS status indicator and five-digit APC (``00000``: none). Its CPT and D-code
  wording is dropped before it leaves the decoder.
- ``data_apc`` holds payment amounts that differ from the published addenda: it is not read.
- ``map_ncci``: NCCI procedure-to-procedure edits, outpatient hospital; modifier indicator as true (1) or false (0), no rationale.
- ``map_addon_type1/2/3`` and ``map_addon_drug_admin``: NCCI add-on codes with their primary codes (type 2: contractor-defined, written
  ``CCCCC``). The drug administration codes stand apart because the editor treats them so; NCCI lists them with the same primaries as type 1.
- ``data_modifier``, ``map_modifier_conflict``: modifiers with behaviour flags; pairs that may not stand on one line.

Sources: CMS, I/OCE quarterly data files and specification; CMS NCCI Policy Manual, chapter I.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from ingest.decoding import TableStream
from ingest.readers import Rejects, Table
from knowledge.codes import Code, CodeSystem
from knowledge.records import (
    AddOnPair,
    CodeRecord,
    Licence,
    ModifierConflict,
    ModifierRecord,
    OppsStatus,
    Setting,
    Validity,
)
from knowledge.schema import OPEN, as_number
from knowledge.writing import EditionDraft, PtpRow

__all__ = ["Versions", "read"]

OPPS_SINCE = date(2025, 1, 1)
"""First quarter whose OPPS status is kept as an edition of its own; older claims are past Medicare's filing limit."""

_CODE = re.compile(r"\d{4}[\dFTUMA]|[A-V]\d{4}")
_MODIFIER = re.compile(r"[0-9A-Z]{2}")
_STATUS = re.compile(r"[A-Z][0-9]?")


@dataclass(frozen=True, slots=True)
class Versions:
    """The editor's quarterly versions and the days they hold."""

    starts: tuple[tuple[int, date], ...]
    """Version number and first day, ascending."""

    @property
    def first(self) -> int:
        """The oldest version."""
        return self.starts[0][0]

    @property
    def last(self) -> int:
        """The newest version."""
        return self.starts[-1][0]

    def start(self, version: int) -> date:
        """Return the first day of ``version``."""
        return dict(self.starts)[version]

    def end(self, version: int) -> date:
        """Return the last day of ``version``: the day before the next one, or the end of its quarter."""
        days = dict(self.starts)
        if version + 1 in days:
            return days[version + 1] - timedelta(days=1)
        start = days[version]
        return date(start.year + (start.month + 3 > 12), (start.month + 2) % 12 + 1, 1) - timedelta(days=1)

    def label(self, version: int) -> str:
        """Return the quarter as coders say it: ``April 2026``."""
        return f"{self.start(version):%B %Y}"


def read(stream: TableStream, template: EditionDraft, meanings: Mapping[str, str]) -> Iterator[Table]:
    """Yield the editor's tables in the order of ``stream``; each must be written before the next is asked for.

    ``template`` carries publisher, source, hash and ``packaged``; ``meanings`` says in own words what OPPS status indicators mean.
    """
    days = {int(version): int(start) for version, start, _ in stream.table("version")}
    versions = Versions(tuple((v, date(d // 10000, d // 100 % 100, d % 100)) for v, d in sorted(days.items())))
    newest = replace(
        template,
        effective_from=versions.start(versions.last),
        effective_to=versions.end(versions.last),
        label=f"{versions.label(versions.last)} (I/OCE)",
    )
    history = replace(newest, history_from=versions.start(versions.first))
    rejects = Rejects("I/OCE data_hcpcs")
    codes = [_checked(row) for row in stream.table("hcpcs") if _shaped(row, rejects)]
    rejects.settle(len(codes))
    yield from _code_lists(codes, versions, newest, rejects)
    yield from _validity(codes, versions, history)
    yield from _opps(codes, versions, newest, meanings)
    yield _modifiers(list(stream.table("modifier")), versions, newest)
    yield _conflicts(list(stream.table("conflict")), versions, newest)
    addons = [(kind, row) for kind in (1, 2, 3) for row in stream.table(f"addon{kind}")]
    yield _addons(
        addons, versions, replace(history, table="addon", title="NCCI add-on codes", licence=Licence.AMA_CODES)
    )
    pairs = Rejects("I/OCE map_ncci")
    yield Table(
        replace(
            history,
            table="ptp",
            title="NCCI PTP outpatient hospital",
            setting=Setting.OUTPATIENT_HOSPITAL,
            licence=Licence.AMA_CODES,
        ),
        _ptp(stream.table("ptp"), versions, pairs),
        pairs,
    )


@dataclass(frozen=True, slots=True)
class _Row:
    code: Code
    low: int
    high: int
    status: str
    apc: str
    title: str


def _shaped(row: Sequence[str], rejects: Rejects) -> bool:
    ok = (
        len(row) == 6
        and _CODE.fullmatch(row[0])
        and row[1].isdigit()
        and row[2].isdigit()
        and _STATUS.fullmatch(row[3])
    )
    if not ok:
        rejects.add(row[0][:10], "expected code, versions, status indicator, APC and title")
    return bool(ok)


def _checked(row: Sequence[str]) -> _Row:
    system = CodeSystem.CPT if row[0][0].isdigit() else CodeSystem.HCPCS
    code = Code(system, row[0])
    apc = row[4].lstrip("0").rjust(4, "0") if row[4].strip("0") else ""
    return _Row(code, int(row[1]), int(row[2]), row[3], apc, "" if code.is_licensed_text else row[5])


def _code_lists(codes: Sequence[_Row], versions: Versions, newest: EditionDraft, rejects: Rejects) -> Iterator[Table]:
    current = [row for row in codes if row.high == versions.last]
    hcpcs = replace(newest, table="code", title="HCPCS Level II", system=CodeSystem.HCPCS, licence=Licence.PUBLIC)
    cpt = replace(
        newest, table="code", title="CPT code list (no wording)", system=CodeSystem.CPT, licence=Licence.AMA_CODES
    )
    for draft, seen in ((hcpcs, rejects), (cpt, Rejects("I/OCE data_hcpcs"))):
        yield Table(
            draft, [CodeRecord(row.code, row.title) for row in current if row.code.system is draft.system], seen
        )


def _validity(codes: Sequence[_Row], versions: Versions, history: EditionDraft) -> Iterator[Table]:
    spans: dict[Code, list[tuple[int, int]]] = {}
    for row in codes:
        spans.setdefault(row.code, []).append((row.low, row.high))
    for system in (CodeSystem.HCPCS, CodeSystem.CPT):
        draft = replace(
            history, table="validity", title=f"{system.label} codes by quarter", system=system,
            licence=Licence.AMA_CODES if system is CodeSystem.CPT else Licence.PUBLIC,
        )  # fmt: skip
        windows = (
            Validity(
                code,
                versions.start(low) if low > versions.first else date.min,
                versions.end(high) if high < versions.last else None,
            )
            for code, found in sorted(spans.items())
            if code.system is system
            for low, high in joined(found)
        )
        yield Table(draft, windows, Rejects("I/OCE data_hcpcs"))


def joined(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return version ranges in order, with ranges that touch made one: only the flags changed between them."""
    ordered = sorted(spans)
    result = ordered[:1]
    for low, high in ordered[1:]:
        if low <= result[-1][1] + 1:
            result[-1] = (result[-1][0], max(high, result[-1][1]))
        else:
            result.append((low, high))
    return result


def _opps(
    codes: Sequence[_Row], versions: Versions, newest: EditionDraft, meanings: Mapping[str, str]
) -> Iterator[Table]:
    for version, start in versions.starts:
        if start < OPPS_SINCE:
            continue
        draft = replace(
            newest, table="opps", title="OPPS status and APC", label=f"{versions.label(version)} (I/OCE)",
            effective_from=start, effective_to=versions.end(version), licence=Licence.AMA_CODES,
        )  # fmt: skip
        rows = (
            OppsStatus(row.code.value, row.status, row.apc, "", meanings.get(row.status, ""))
            for row in codes
            if row.low <= version <= row.high
        )
        yield Table(draft, rows, Rejects("I/OCE data_hcpcs"))


def _modifiers(rows: Sequence[Sequence[str]], versions: Versions, newest: EditionDraft) -> Table:
    rejects = Rejects("I/OCE data_modifier")
    records = []
    for modifier, _, high, ncci, flags in rows:
        if not _MODIFIER.fullmatch(modifier):
            rejects.add(modifier[:8], "expected a modifier of two letters or digits")
        elif int(high) == versions.last:
            records.append(ModifierRecord(modifier, ncci == "1", tuple(flags.split(",")) if flags else ()))
    rejects.settle(len(rows))
    return Table(
        replace(newest, table="modifier", title="Modifiers and their flags", licence=Licence.AMA_CODES),
        records,
        rejects,
    )


def _conflicts(rows: Sequence[Sequence[str]], versions: Versions, newest: EditionDraft) -> Table:
    pairs = sorted({(min(a, b), max(a, b)) for a, b, _, high in rows if int(high) == versions.last})
    draft = replace(
        newest, table="modifier_conflict", title="Modifiers that exclude each other", licence=Licence.PUBLIC
    )
    return Table(draft, [ModifierConflict(a, b) for a, b in pairs], Rejects("I/OCE map_modifier_conflict"))


def _addons(rows: Sequence[tuple[int, Sequence[str]]], versions: Versions, draft: EditionDraft) -> Table:
    rejects = Rejects("I/OCE map_addon")
    records = []
    for kind, (addon, primary, low, high) in rows:
        if not _CODE.fullmatch(addon) or (primary != "CCCCC" and not _CODE.fullmatch(primary)):
            rejects.add(f"{addon[:8]}|{primary[:8]}", "expected an add-on code and a primary code")
            continue
        effective, deletion = _window(int(low), int(high), versions)
        records.append(AddOnPair(addon, primary, kind, effective, deletion))
    rejects.settle(len(rows))
    return Table(draft, records, rejects)


def _window(low: int, high: int, versions: Versions) -> tuple[date | None, date | None]:
    return (
        versions.start(low) if low > versions.first else None,
        versions.end(high) if high < versions.last else None,
    )


def _ptp(rows: Iterable[Sequence[str]], versions: Versions, rejects: Rejects) -> Iterator[PtpRow]:
    effective = {str(v): as_number(day) if v > versions.first else 0 for v, day in versions.starts}
    deletion = {str(v): as_number(versions.end(v)) if v < versions.last else OPEN for v, _ in versions.starts}
    shaped = _CODE.fullmatch
    known: dict[str, bool] = {}
    count = 0
    for column1, column2, low, high, indicator in rows:
        count += 1
        for code in (column1, column2):
            if code not in known:
                known[code] = shaped(code) is not None
        if not (known[column1] and known[column2]) or indicator not in ("0", "1"):
            rejects.add(f"{column1[:8]}/{column2[:8]}", "expected two codes and modifier indicator 0 or 1")
            continue
        yield PtpRow(column1, column2, effective[low], deletion[high], int(indicator), "")
    rejects.settle(count)
