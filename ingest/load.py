"""Loading the publishers' own files: recognised, read, checked, written aside, swapped in.

A load is a transaction. The reference file in use is copied, every edition is written into the copy and checked there, and the copy
replaces the file in use in one step. A file that cannot be used is refused and the rest still loads; a file that is already loaded (same
hash) is passed over, so that a second run changes nothing.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ingest.archive import Limits, Refusal, SourceFile, files_in
from ingest.aside import Aside, written_aside
from ingest.entries import searchable
from ingest.publishers import Piece, ReadSettings, TableRows
from ingest.publishers.checks import problem_of
from ingest.publishers.sample import sample_of
from ingest.recognise import recognise
from knowledge.entries import write_entries
from knowledge.errors import IngestError, KnowledgeError, RefusedFile
from knowledge.home import Home
from knowledge.loaded import LoadedFile, Outcome, loaded_files
from knowledge.records import Edition
from knowledge.reference import ReferenceStore
from knowledge.writing import EditionDraft, PtpEntry, ReferenceWriter

_Group = dict[str, list[Piece]]
"""The files of one edition by part, best first."""

__all__ = ["FileReport", "LoadProgress", "LoadReport", "load"]

ROWS_BETWEEN_TELLING = 50_000

_SEARCHED = frozenset({"code", "note", "category", "rbcs", "document"})
"""Tables whose texts are searched by words."""


@dataclass(frozen=True, slots=True)
class LoadProgress:
    """How far a load is."""

    step: str
    """``recognise``, ``read``, ``check`` or ``swap in``."""
    place: str
    """The file or edition it is at."""
    rows: int = 0


@dataclass(frozen=True, slots=True)
class FileReport:
    """What became of one file."""

    place: str
    outcome: Outcome
    sha256: str = ""
    format: str = ""
    editions: tuple[str, ...] = ()
    """The editions it filled, as cited."""
    reason: str = ""
    read: int = 0
    accepted: int = 0
    dropped: int = 0
    rejected: int = 0
    restored: int = 0
    rank: int = 0
    """See :attr:`ingest.publishers.Piece.rank`."""
    reasons: tuple[tuple[str, str], ...] = ()
    """(place in the file, reason) of the rejected rows."""


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What a load did."""

    files: tuple[FileReport, ...]
    changed: bool
    """False when the knowledge in use is what it was."""
    path: Path | None
    """The reference file now in use; None when nothing was loaded and nothing had been built."""
    seconds: float

    def of(self, outcome: Outcome) -> tuple[FileReport, ...]:
        """Return the files with one outcome."""
        return tuple(file for file in self.files if file.outcome is outcome)


def load(
    paths: Iterable[Path],
    home: Home,
    progress: Callable[[LoadProgress], None] | None = None,
    *,
    settings: ReadSettings | None = None,
    limits: Limits | None = None,
    index: Callable[[ReferenceWriter], object] | None = None,
) -> LoadReport:
    """Load every file below ``paths`` (files, folders, archives) into the knowledge of ``home``.

    When titles, notes or prose changed the word index is brought up to date (``index`` replaces the usual way of doing it).

    Raises :class:`~knowledge.errors.IngestError` when another build is running. Files that cannot be used are in the report.
    """
    started = time.perf_counter()
    tell = progress or (lambda _: None)
    chosen = settings or ReadSettings()
    with written_aside(home) as aside:
        run = _Load(aside, chosen, tell, index or _index_words)
        unfolded = aside.folder / "unfolded"
        unfolded.mkdir()
        pieces = run.recognised(files_in(paths, unfolded, limits))
        changed = run.write(pieces)
    path = home.current if (home.root / "CURRENT").exists() else None
    return LoadReport(tuple(run.reports.values()), changed, path, time.perf_counter() - started)


@dataclass(slots=True)
class _Load:
    aside: Aside
    settings: ReadSettings
    tell: Callable[[LoadProgress], None]
    index: Callable[[ReferenceWriter], object]
    reports: dict[tuple[str, str], FileReport] = field(default_factory=dict)
    """By place and hash: two folders may hold files of one name."""
    known: dict[str, dict[str, tuple[object, ...]]] = field(default_factory=dict)
    """By hash of a loaded file: its name then, and the edition it gave. The name counts too, since some files state their date in it only."""
    loaded_best: dict[tuple[object, ...], LoadedFile] = field(default_factory=dict)
    """The file a loaded edition (and part) was read from."""
    refused_before: set[tuple[str, str]] = field(default_factory=set)

    def recognised(self, files: Iterable[SourceFile | Refusal]) -> list[Piece]:
        """Return what the files give, in their order; what they do not give goes into the report."""
        self._remember_loaded()
        pieces = []
        for file in files:
            self.tell(LoadProgress("recognise", file.place))
            if isinstance(file, Refusal):
                self._report(file.place, file.sha256, Outcome.REFUSED, file.reason)
            elif self._is_loaded(file):
                self._report(file.place, file.sha256, Outcome.ALREADY_LOADED, "the same content is loaded")
            elif (piece := self._piece(file)) is None:
                continue
            elif _key(piece.tables[0].draft) in self.known.get(file.sha256, {}).values():
                self._report(
                    file.place, file.sha256, Outcome.ALREADY_LOADED, "the same content is loaded under another name"
                )
            else:
                pieces.append(piece)
        return pieces

    def write(self, pieces: Sequence[Piece]) -> bool:
        """Write the editions of ``pieces`` aside, swap them in, and return whether anything changed."""
        groups = [group for group in self._grouped(pieces) if not self._refused_again(group)]
        if not groups and not self._new_refusals():
            return False
        with ReferenceWriter(self.aside.copy_current()) as writer:
            touched: set[str] = set()
            for group in groups:
                touched |= self._write_group(writer, group)
            refusals = self._new_refusals()
            if not touched and not refusals:
                return False
            for report in refusals:
                _record_file(writer, report, None, "", ())
            if touched & _SEARCHED:
                self.tell(LoadProgress("word index", ""))
                self.index(writer)
        self.tell(LoadProgress("swap in", ""))
        self.aside.swap_in()
        return True

    def _refused_again(self, group: _Group) -> bool:
        """Whether files that were refused before are still refused, tried in a file of their own: the large one need not be copied for that."""
        before = {sha256 for sha256, _ in self.refused_before}
        if any(piece.file.sha256 not in before for choices in group.values() for piece in choices):
            return False
        trial = self.aside.folder / "trial.sqlite"
        with ReferenceWriter(trial) as writer:
            loaded = self._write_group(writer, group)
        trial.unlink()
        return not loaded

    def _new_refusals(self) -> list[FileReport]:
        refused = (report for report in self.reports.values() if report.outcome is Outcome.REFUSED)
        return [report for report in refused if (report.sha256, report.reason) not in self.refused_before]

    def _is_loaded(self, file: SourceFile) -> bool:
        return file.name in self.known.get(file.sha256, {})

    def _remember_loaded(self) -> None:
        try:
            store = ReferenceStore(self.aside.home.current)
        except KnowledgeError:
            return  # nothing built yet, or an older schema that the copy is brought up to
        with closing(store):
            editions = {edition.id: edition for edition in store.editions}
            for file in loaded_files(store):
                if file.outcome is Outcome.LOADED and file.edition in editions:
                    # The first edition of a file is the one it is told by.
                    key = _key(editions[file.edition])
                    self.known.setdefault(file.sha256, {}).setdefault(_base_name(file.place), key)
                    self.loaded_best.setdefault((*key, file.part), file)
                else:
                    self.refused_before.add((file.sha256, file.reason))

    def _piece(self, file: SourceFile) -> Piece | None:
        try:
            sample = sample_of(file)
            format = recognise(sample)
            if format is None:
                seen = next(
                    (", ".join(c.strip() for c in row.cells if c.strip()) for row in sample.rows if any(row.cells)),
                    sample.content,
                )
                self._report(file.place, file.sha256, Outcome.UNKNOWN, f"no known layout; it begins with: {seen[:120]}")
                return None
            return format.read(sample, self.settings)
        except IngestError as error:
            self._report(file.place, file.sha256, Outcome.REFUSED, str(error))
            return None

    def _grouped(self, pieces: Sequence[Piece]) -> list[_Group]:
        """Return the pieces by edition and part, the best file of each part first; where a better one is loaded already there is none."""
        groups: dict[tuple[object, ...], _Group] = {}
        for piece in sorted(pieces, key=lambda p: p.rank):
            key = _key(piece.tables[0].draft)
            better = self.loaded_best.get((*key, piece.part)) or self.loaded_best.get((*key, ""))
            if better is not None and better.rank < piece.rank:
                self._pass_over(piece, better.place)
                continue
            group = groups.setdefault(key, {})
            choices = group.setdefault("" if "" in group else piece.part, [])
            if choices:
                self._pass_over(piece, choices[0].file.place)
            choices.append(piece)
        return list(groups.values())

    def _pass_over(self, piece: Piece, other: str) -> None:
        self._report(piece.file.place, piece.file.sha256, Outcome.PASSED_OVER, f"the same edition is read from {other}")

    def _write_group(self, writer: ReferenceWriter, group: _Group) -> set[str]:
        """Write one edition in one transaction. A file that fails is refused, the next best of its part takes its place, and all is written again."""
        left = {part: list(choices) for part, choices in group.items()}
        while left:
            chosen = [choices[0] for choices in left.values()]
            failing: list[Piece] = []
            try:
                with writer.transaction():
                    return self._write_edition(writer, chosen, failing)
            except IngestError as error:
                culprits = failing or chosen
                for piece in culprits:
                    self._report(piece.file.place, piece.file.sha256, Outcome.REFUSED, str(error), piece)
                left = {
                    part: rest for part, choices in left.items() if (rest := [p for p in choices if p not in culprits])
                }
        return set()

    def _write_edition(self, writer: ReferenceWriter, group: list[Piece], failing: list[Piece]) -> set[str]:
        first = group[0]
        merged = _mergeable(writer, group)
        for old in _superseded(writer, first) - {merged}:
            _forget(writer, old)
        touched = set()
        numbers: list[int] = []
        for position, table in enumerate(first.tables):
            edition = writer.open_edition(table.draft)
            numbers.append(edition)
            touched.add(table.draft.table)
            rows = _carry_over(writer, merged, edition) if merged is not None else 0
            for piece in group:
                failing[:] = [piece]
                rows += self._fill(writer, edition, piece, piece.tables[position], primary=position == 0)
            if table.after is not None:
                table.after(writer.connection, edition)
            failing.clear()
            parts = {piece.part for piece in group} | (_parts_of(writer, merged) if merged is not None else set())
            complete = table.draft.complete and parts >= set(first.parts)
            writer.settle_edition(
                edition,
                rows=rows,
                rejected=sum(piece.tally.rejected for piece in group) if position == 0 else 0,
                complete=complete,
                sha256=_combined(piece.file.sha256 for piece in group),
                source=" + ".join(piece.file.place for piece in group)[:400],
            )
            self.tell(LoadProgress("check", table.draft.title, rows))
            if problem := problem_of(writer.connection, edition, fewest=table.fewest, cut=self.settings.cut):
                raise RefusedFile(f"{first.file.place}: {table.draft.title}: {problem}")
        if merged is not None:
            writer.connection.execute("UPDATE loaded_file SET edition = ? WHERE edition = ?", (numbers[0], merged))
            _forget(writer, merged)
        for piece in group:
            if piece.documents is not None:
                touched.add("document")
            cited = tuple(f"{table.draft.title}, {table.draft.label}" for table in piece.tables)
            report = self._report(piece.file.place, piece.file.sha256, Outcome.LOADED, "", piece, cited)
            _record_file(writer, report, numbers[0], piece.part, piece.parts)
            for other in numbers[1:]:
                counted_once = replace(report, read=0, accepted=0, dropped=0, rejected=0, restored=0, reasons=())
                _record_file(writer, counted_once, other, "", ())
        return touched

    def _fill(self, writer: ReferenceWriter, edition: int, piece: Piece, table: TableRows, *, primary: bool) -> int:
        tally = piece.tally
        if primary:
            tally.line = tally.read = tally.dropped = tally.restored = tally.rejected = 0
            tally.reasons.clear()
        self.tell(LoadProgress("read", piece.file.place))
        if table.batches is not None:
            stored = self._fill_batches(writer, edition, piece, table.batches(writer.rationales))
        else:
            stored = writer.fill(
                edition, self._told(piece, table.rows()), lambda record: _repeated(piece, record, primary)
            )
        if piece.documents is not None and primary:
            stored += writer.fill_documents(edition, piece.documents())
        if piece.private is not None and primary:
            stored += piece.private(self.aside.home)
        if primary:
            tally.accepted = tally.read - tally.dropped - tally.rejected
            tally.settle()
        return stored

    def _fill_batches(
        self, writer: ReferenceWriter, edition: int, piece: Piece, batches: Iterable[Sequence[PtpEntry]]
    ) -> int:
        offered = 0

        def counted() -> Iterator[Sequence[PtpEntry]]:
            nonlocal offered
            for batch in batches:
                offered += len(batch)
                self.tell(LoadProgress("read", piece.file.place, offered))
                yield batch

        stored = writer.fill_ptp(edition, counted())
        for _ in range(offered - stored):
            piece.tally.reject(
                "repeats an edit of the same codes, effective and deletion date", "somewhere in the file"
            )
        return stored

    def _told(self, piece: Piece, rows: Iterable[Any]) -> Iterator[Any]:
        for count, row in enumerate(rows):
            if count % ROWS_BETWEEN_TELLING == 0:
                self.tell(LoadProgress("read", piece.file.place, count))
            yield row

    def _report(
        self,
        place: str,
        sha256: str,
        outcome: Outcome,
        reason: str,
        piece: Piece | None = None,
        editions: tuple[str, ...] = (),
    ) -> FileReport:
        if piece is None:
            report = FileReport(place, outcome, sha256, reason=reason)
        else:
            t = piece.tally
            report = FileReport(
                place,
                outcome,
                sha256,
                piece.format,
                editions,
                reason,
                t.read,
                t.accepted,
                t.dropped,
                t.rejected,
                t.restored,
                piece.rank,
                tuple(t.reasons),
            )
        self.reports[place, sha256] = report
        return report


def _index_words(writer: ReferenceWriter) -> None:
    write_entries(writer.connection, searchable(writer.connection))


def _key(edition: EditionDraft | Edition) -> tuple[object, ...]:
    return edition.table, edition.setting, edition.system, edition.title, edition.effective_from


def _base_name(place: str) -> str:
    return place.split(" > ")[-1].replace("\\", "/").rsplit("/", 1)[-1]


def _superseded(writer: ReferenceWriter, piece: Piece) -> set[int]:
    """Return the user's own editions that the new one replaces: the same table, setting, title and start (or any start)."""
    found: set[int] = set()
    for table in piece.tables:
        draft = table.draft
        start = draft.effective_from.year * 10000 + draft.effective_from.month * 100 + draft.effective_from.day
        rows = writer.connection.execute(
            "SELECT id FROM edition WHERE packaged = 0 AND name = ? AND setting IS ? AND system IS ? AND title = ? AND (effective_from = ? OR ?)",
            (draft.table, draft.setting, draft.system, draft.title, start, piece.supersedes_older),
        )
        found |= {row[0] for row in rows}
    return found


def _mergeable(writer: ReferenceWriter, group: Sequence[Piece]) -> int | None:
    """Return the loaded, incomplete edition that the parts of ``group`` complete; None when they repeat one of its parts."""
    if not group[0].parts:
        return None
    for edition in _superseded(writer, group[0]):
        if not _parts_of(writer, edition) & {piece.part for piece in group}:
            return edition
    return None


def _parts_of(writer: ReferenceWriter, edition: int) -> set[str]:
    return {row[0] for row in writer.connection.execute("SELECT part FROM loaded_file WHERE edition = ?", (edition,))}


def _carry_over(writer: ReferenceWriter, old: int, new: int) -> int:
    """Copy the rows of an incomplete edition to the one that takes its place, and return their number."""
    db, copied = writer.connection, 0
    for table in writer.tables_by_edition():
        columns = [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
        values = ", ".join("?" if name == "edition" else name for name in columns)
        copied += db.execute(f"INSERT INTO {table} SELECT {values} FROM {table} WHERE edition = ?", (new, old)).rowcount
    return copied


def _forget(writer: ReferenceWriter, edition: int) -> None:
    db = writer.connection
    _forget_entries(db, edition)
    db.execute("DELETE FROM rejected_row WHERE file IN (SELECT id FROM loaded_file WHERE edition = ?)", (edition,))
    db.execute("DELETE FROM loaded_file WHERE edition = ?", (edition,))
    writer.drop_edition(edition)


def _forget_entries(db: sqlite3.Connection, edition: int) -> None:
    """Take the passages of an edition out of the word index; titles stay, since other editions hold them too."""
    gone = [
        row[0]
        for row in db.execute(
            "SELECT e.id FROM entry e JOIN passage p ON p.id = e.passage JOIN document d ON d.id = p.document WHERE d.edition = ?",
            (edition,),
        )
    ]
    if not gone:
        return
    # An index over another table's text must be told the text it forgets.
    columns = ", ".join(row[1] for row in db.execute("PRAGMA table_info(entry_words)"))
    forget = (
        f"INSERT INTO entry_words(entry_words, rowid, {columns}) SELECT 'delete', id, {columns} FROM entry WHERE id = ?"
    )
    db.executemany(forget, [(id_,) for id_ in gone])
    db.executemany("DELETE FROM entry WHERE id = ?", [(id_,) for id_ in gone])


def _record_file(
    writer: ReferenceWriter, report: FileReport, edition: int | None, part: str, parts: tuple[str, ...]
) -> None:
    db, sha256 = writer.connection, report.sha256
    db.execute(
        "DELETE FROM rejected_row WHERE file IN (SELECT id FROM loaded_file WHERE sha256 = ? AND outcome = ?)",
        (sha256, Outcome.REFUSED),
    )
    db.execute("DELETE FROM loaded_file WHERE sha256 = ? AND outcome = ?", (sha256, Outcome.REFUSED))
    file = db.execute(
        "INSERT INTO loaded_file(sha256, place, format, edition, part, parts, outcome, reason, rows_read, accepted, dropped, rejected, restored, "
        "rank, loaded_at) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
        (
            sha256, report.place, report.format, edition, part, json.dumps(parts), report.outcome, report.reason, report.read, report.accepted,
            report.dropped, report.rejected, report.restored, report.rank, datetime.now(UTC).isoformat(timespec="seconds"),
        ),
    ).lastrowid  # fmt: skip
    db.executemany(
        "INSERT INTO rejected_row VALUES(?,?,?,?)",
        [(file, i, place, reason) for i, (place, reason) in enumerate(report.reasons)],
    )


def _repeated(piece: Piece, record: Any, primary: bool) -> None:
    if primary:
        piece.tally.reject("repeats the key of an earlier row")


def _combined(hashes: Iterable[str]) -> str:
    several = sorted(hashes)
    return several[0] if len(several) == 1 else hashlib.sha256("".join(several).encode()).hexdigest()
