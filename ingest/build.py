"""From sources to knowledge in use: read, check, write aside, check again, swap in.

The file in use is never touched. A build that fails or is killed leaves it as it was; its leftovers go at the start of the next one.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from ingest import cards as card_files
from ingest.checks import faults
from ingest.chunk import cut
from ingest.entries import searchable
from ingest.keeping import keep_editions
from ingest.lock import only_build
from ingest.packages import DataPackage, IndexUnreachable, Packages
from ingest.references import References
from ingest.sources import SOURCES, Materials, Source
from knowledge.entries import write_entries
from knowledge.errors import IngestError, KnowledgeError, KnowledgeMissing, SourceUnavailable, UnreadableFile
from knowledge.home import Home
from knowledge.passages import Document, Passage
from knowledge.records import Edition, Licence
from knowledge.reference import ReferenceStore
from knowledge.schema import MIGRATIONS
from knowledge.tokens import TokenCounter
from knowledge.writing import EditionDraft, ReferenceWriter

__all__ = ["BuildReport", "Progress", "build", "inventory"]

T = TypeVar("T")

STARTER = Path(__file__).with_name("starter")

FINGERPRINT = "fingerprint"
"""Name of the fact that identifies everything a file was built from."""

ROOM = 1_100_000_000
"""Free bytes a build needs: the new file, the inflated outpatient editor tables, and the wheels."""

ENTRIES_EFFORT = 20_000
CARDS_EFFORT = 3_000
CHECKS_EFFORT = 3_000


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a build is."""

    step: str
    """What is being done, in words for the user."""
    done: int
    total: int
    """Both in milliseconds of work on two cores, estimated: their ratio is the share done."""


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did."""

    path: Path
    """The reference file now in use."""
    changed: bool
    """False when everything was as the last build left it."""
    editions: tuple[Edition, ...]
    entries: int
    """Searchable texts written; 0 when nothing changed."""
    kept: int
    """Editions carried over from the last build: the user's own, and those of packages that could not be read this time."""
    unavailable: tuple[str, ...]
    """One line for each package that could not be had, saying what is missing without it."""
    refused: tuple[str, ...]
    """One line for each source that could not be read; the rest was loaded."""
    cards: tuple[str, ...]
    """One line for each fault of a card: it was left out, except where the fault is a code that may no longer be reported."""
    seconds: float


def build(
    home: Home,
    *,
    progress: Callable[[Progress], None] | None = None,
    packages: Packages | None = None,
    starter: Path = STARTER,
    sources: Sequence[Source] = SOURCES,
    day: date | None = None,
    count: Callable[[str], int] | None = None,
    fetch: bool = True,
) -> BuildReport:
    """Bring the knowledge in ``home`` up to date with the packaged sources and cards, and return what was done.

    Tables and the word index only; the vectors are filled afterwards (:mod:`ingest.embed`). Editions the user loaded are kept. With
    the same inputs as last time nothing is done. ``day`` (today when None) is the day on which the references in cards are resolved.

    Raises :class:`~knowledge.errors.IngestError`, one line, when another build is running, the disk is full, a card is faulty, or the
    new file fails its checks; the knowledge in use is then what it was.
    """
    started = time.monotonic()
    tell = _Teller(progress or (lambda _: None), sources)
    given = packages or Packages(home.downloads)
    with only_build(home.root), _disk_errors(home.root):
        _clear(home)
        with _Fetching(given, fetch) as fetching:
            if not fetching.running:
                unchanged = _unchanged(home, given, starter, fetching.problems)
                if unchanged is not None:
                    return replace(unchanged, seconds=time.monotonic() - started)
            _demand_room(home.root)
            run = _Run(home, given, starter, day or date.today(), count or TokenCounter(home.tokens), tell)
            return replace(run.build(sources, fetching), seconds=time.monotonic() - started)


def inventory(home: Home) -> tuple[Edition, ...]:
    """Return every loaded edition.

    Raises :class:`~knowledge.errors.KnowledgeMissing` when nothing has been built.
    """
    store = ReferenceStore(home.current)
    store.close()
    return store.editions


class _Run:
    """One build that has something to do."""

    def __init__(
        self, home: Home, packages: Packages, starter: Path, day: date, count: Callable[[str], int], tell: _Teller
    ) -> None:
        self._home, self._packages, self._starter, self._day, self._count, self._tell = (
            home,
            packages,
            starter,
            day,
            count,
            tell,
        )
        self._scratch = home.root / "building"
        # Never the name of the file in use, however fast builds follow each other.
        stamp = f"{time.strftime('%Y%m%d-%H%M%S')}-{time.time_ns() % 10**9:09}"
        self._final = home.root / f"reference-{stamp}.sqlite"
        self._aside = self._final.with_suffix(".sqlite.part")
        self._refused: list[str] = []
        self._cards_said: list[str] = []

    def build(self, sources: Sequence[Source], fetching: _Fetching) -> BuildReport:
        self._scratch.mkdir(parents=True)
        try:
            with ReferenceWriter(self._aside) as writer:
                unread = self._write_tables(sources, writer, fetching)
                kept = self._keep(writer, unread)
            texts = self._cards()
            with ReferenceWriter(self._aside) as writer:
                self._write_cards(writer, texts)
                self._tell.start("word index", ENTRIES_EFFORT)
                entries = write_entries(writer.connection, searchable(writer.connection))
                self._tell.start("checks", CHECKS_EFFORT)
                self._check(writer)
                writer.record_fact(FINGERPRINT, _fingerprint(self._packages, self._starter, writer.connection))
                writer.record_fact("refused", json.dumps(self._refused))
                writer.record_fact("cards", json.dumps(self._cards_said))
            self._swap_in()
        finally:
            shutil.rmtree(self._scratch, ignore_errors=True)
            self._aside.unlink(missing_ok=True)
        self._tell.finish()
        return BuildReport(
            self._final, True, inventory(self._home), entries, kept, tuple(fetching.problems), tuple(self._refused),
            tuple(self._cards_said), 0.0,
        )  # fmt: skip

    def _write_tables(self, sources: Sequence[Source], writer: ReferenceWriter, fetching: _Fetching) -> set[str]:
        """Write every source that can be read; return the names of the packages of those that cannot."""
        materials = Materials(self._packages, self._starter, self._scratch)
        unread: set[str] = set()
        for source in sources:
            self._tell.start(source.name, source.effort)
            wanted = (*source.needs, *source.enriched_by)
            if fetching.running and any(self._packages[name].fetched for name in wanted):
                self._tell.note("waiting for packages")
                fetching.settle()
                self._tell.note(source.name)
            unread.update(name for name in wanted if not self._packages.available(name))
            if unread.isdisjoint(source.needs):
                try:
                    self._write(source, materials, writer)
                except IngestError as error:
                    self._refused.append(f"{source.name}: {error}")
                    unread.update(name for name in wanted if self._packages[name].fetched)
        return unread

    def _write(self, source: Source, materials: Materials, writer: ReferenceWriter) -> None:
        """Write all tables of ``source``, or none of them when one cannot be read or they hold too few or too many rows."""
        written: list[int] = []
        try:
            rows = 0
            for table in source.read(materials):
                try:
                    rows += writer.add(table.draft, self._tell.counted(table.rows), table.rejects)
                except sqlite3.IntegrityError as error:
                    raise UnreadableFile(f"{table.draft.title}: a row repeats the key of another ({error})") from error
                written.append(int(writer.connection.execute("SELECT max(id) FROM edition").fetchone()[0]))
            least, most = source.rows
            if not least <= rows <= most:
                raise UnreadableFile(f"expected {least:,} to {most:,} rows, got {rows:,}")
            if source.known and writer.connection.execute(f"SELECT EXISTS({source.known})").fetchone()[0] == 0:
                raise UnreadableFile("a row it is known to hold is missing")
        except IngestError:
            with writer.transaction():
                for edition in written:
                    writer.drop_edition(edition)
            raise

    def _keep(self, writer: ReferenceWriter, unread: set[str]) -> int:
        try:
            return keep_editions(self._home.current, writer, self._scratch, unread)
        except KnowledgeMissing:
            return 0

    def _cards(self) -> list[tuple[Document, tuple[Passage, ...]]]:
        self._tell.start("cards", CARDS_EFFORT)
        documents = card_files.read_documents(self._starter / "documents.toml")
        store = ReferenceStore(self._aside)
        try:
            references = References(store, self._day)
            cards, left_out = card_files.load_cards(self._starter / "cards", documents)
            self._cards_said += left_out
            texts = []
            for card in cards:
                self._cards_said += card_files.dead_codes(card, references.stands)
                missing = card_files.unresolved(card, references.resolve)
                self._cards_said += missing
                if not missing:
                    chunks = cut(card_files.resolved(card, references.resolve), self._count)
                    texts.append((card.document, card_files.passages(card, chunks)))
            return texts
        finally:
            store.close()

    def _write_cards(self, writer: ReferenceWriter, texts: list[tuple[Document, tuple[Passage, ...]]]) -> None:
        if not texts:
            return
        draft = EditionDraft(
            "document", "medcode", "Plain-language cards", f"reviewed to {max(d.reviewed_on or date.min for d, _ in texts)}",
            min(d.effective_from for d, _ in texts), None, False, Licence.OWN, "starter cards", _hash_of_files(self._starter / "cards"),
            packaged=True,
        )  # fmt: skip
        writer.add_documents(draft, texts)

    def _check(self, writer: ReferenceWriter) -> None:
        found = faults(writer.connection)
        if found:
            raise IngestError(f"the new knowledge fails its checks and is not used: {found[0]}")

    def _swap_in(self) -> None:
        # The writer does not wait for the disk; the pointer must not name a file that is not on it yet.
        with self._aside.open("rb") as file:
            os.fsync(file.fileno())
        os.replace(self._aside, self._final)
        self._home.swap_in(self._final)


class _Fetching:
    """The download of missing packages, running beside the first sources."""

    def __init__(self, packages: Packages, wanted: bool) -> None:
        self._packages = packages
        missing = packages.missing()
        self.problems = [f"{p.gives}: not loaded, {p.pinned} is not installed" for p in packages.not_installed()]
        self._future: Future[list[str]] | None = None
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="fetch")
        if missing and wanted:
            self._future = self._pool.submit(_fetch_all, packages, missing)
        elif missing:
            self.problems += [f"{p.gives}: not loaded, {p.pinned} is not at hand" for p in missing]

    def __enter__(self) -> _Fetching:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)

    @property
    def running(self) -> bool:
        """Whether packages are still on their way."""
        return self._future is not None

    def settle(self) -> None:
        """Wait for the download to end."""
        if self._future is not None:
            self.problems += self._future.result()
            self._future = None


def _fetch_all(packages: Packages, missing: Sequence[DataPackage]) -> list[str]:
    try:
        packages.fetch(missing)
    except IndexUnreachable as error:
        return [f"{package.gives}: not loaded, {error}" for package in missing]
    except SourceUnavailable:
        problems = []
        for package in missing:
            try:
                packages.fetch([package])
            except SourceUnavailable as error:
                problems.append(f"{package.gives}: not loaded, {error}")
        return problems
    return []


class _Teller:
    """Turns steps and rows into progress events."""

    def __init__(self, tell: Callable[[Progress], None], sources: Sequence[Source]) -> None:
        self._tell = tell
        self._total = sum(s.effort for s in sources) + CARDS_EFFORT + ENTRIES_EFFORT + CHECKS_EFFORT
        self._before, self._effort, self._step, self._rows = 0, 0, "", 0

    def start(self, step: str, effort: int) -> None:
        self._before += self._effort
        self._effort, self._step, self._rows = effort, step, 0
        self._send(step, 0)

    def note(self, words: str) -> None:
        self._send(words, 0)

    def counted(self, rows: Iterable[T]) -> Iterator[T]:
        """Pass ``rows`` through, telling now and then how many went by."""
        for row in rows:
            self._rows += 1
            if self._rows % _ROWS_A_TICK == 0:
                # About what a step handles in its time; the bar creeps towards the step's end without passing it.
                share = 1 - 0.5 ** (self._rows * _MS_A_ROW / max(self._effort, 1) * 2)
                self._send(self._step, int(self._effort * share))
            yield row

    def finish(self) -> None:
        self._tell(Progress("done", self._total, self._total))

    def _send(self, step: str, inside: int) -> None:
        self._tell(Progress(step, min(self._before + inside, self._total), self._total))


_ROWS_A_TICK = 25_000
_MS_A_ROW = 0.006


def _unchanged(home: Home, packages: Packages, starter: Path, problems: list[str]) -> BuildReport | None:
    try:
        path = home.current
        store = ReferenceStore(path)
    except KnowledgeError:
        return None
    try:
        if store.fact(FINGERPRINT) != _fingerprint(packages, starter, store.connection):
            return None
        said = [tuple(json.loads(store.fact(name) or "[]")) for name in ("refused", "cards")]
        return BuildReport(path, False, store.editions, 0, 0, tuple(problems), said[0], said[1], 0.0)
    finally:
        store.close()


def _fingerprint(packages: Packages, starter: Path, reference: sqlite3.Connection) -> str:
    here, knowledge = Path(__file__).parent, Path(__file__).parent.parent / "knowledge"
    code = [
        *sorted(path for path in here.glob("*.py") if path.name != "embed.py"),
        *sorted((here / "readers").glob("*.py")),
        *(knowledge / f"{name}.py" for name in ("codes", "entries", "records", "schema", "writing")),
    ]
    # Cards quote rows: what the user has loaded since changes what they say.
    loaded = reference.execute("SELECT sha256 FROM edition WHERE packaged = 0 ORDER BY sha256").fetchall()
    inputs: dict[str, Any] = {
        "loaded": [row[0] for row in loaded],
        "schema": len(MIGRATIONS),
        "packages": packages.fingerprint(),
        "starter": _hash_of_files(starter),
        "code": hashlib.sha256(
            b"".join(path.read_bytes() for path in code)
        ).hexdigest(),  # what reads it, not only what is read,
    }
    return hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()


def _hash_of_files(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.suffix in (".md", ".csv", ".toml")):
        digest.update(f"{path.relative_to(folder).as_posix()}\n".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _clear(home: Home) -> None:
    shutil.rmtree(home.root / "building", ignore_errors=True)
    for leftover in (*home.root.glob("reference-*.sqlite.part*"), *home.downloads.glob("fetch-*")):
        with suppress(OSError):
            shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink()


def _demand_room(folder: Path) -> None:
    free = shutil.disk_usage(folder).free
    if free < ROOM:
        raise IngestError(
            f"expected {ROOM // 1_000_000} MB of free disk space in {folder}, got {free // 1_000_000} MB: make room and build again"
        )


@contextmanager
def _disk_errors(folder: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        if "full" not in str(error):
            raise
        raise IngestError(f"the disk of {folder} is full: make room and build again") from error
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES):
            raise
        raise IngestError(f"cannot write to {folder}: {error.strerror}") from error
