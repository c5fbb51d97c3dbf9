"""The files of a folder, a zip, a zip inside a zip, or a gzip, each as a plain file on disk with its place and hash.

Archives are told by their first bytes, not by their names. Members are copied to a folder aside under numbers of our own: a member's name
is only ever shown, never used as a path. Sizes are capped while copying, so that an archive that lies about its sizes stops as well.
"""

from __future__ import annotations

import gzip
import hashlib
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path, PurePosixPath
from typing import IO

__all__ = ["Limits", "Refusal", "SourceFile", "files_in", "is_workbook"]

_BLOCK = 1 << 20
_SMALL = 10_000_000
"""Below this size a member may compress as well as it likes."""
_SKIPPED = re.compile(r"(^|/)(__MACOSX|\.[^/]*|Thumbs\.db|~\$[^/]*)(/|$)", re.IGNORECASE)
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, gzip.BadGzipFile, NotImplementedError, RuntimeError)


@dataclass(frozen=True, slots=True)
class Limits:
    """How large an archive may unfold, in bytes, members and levels; beyond any of them it is refused."""

    member: int = 2_000_000_000
    total: int = 12_000_000_000
    ratio: int = 250
    """Uncompressed to compressed size of a member above ten million bytes; CMS text files reach about 30."""
    members: int = 20_000
    depth: int = 4
    """Archives inside archives; MCD exports use two."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file that may hold published data."""

    path: Path
    """Where its bytes are."""
    names: tuple[str, ...]
    """Its name and those of the archives around it, outermost first."""
    sha256: str
    size: int
    modified: date | None = None
    """Date the archive gives the member; None for a loose file."""
    beside: tuple[str, ...] = ()
    """Names of the files in the same folder or archive: some releases state their year in one of them only."""

    @property
    def name(self) -> str:
        """Its own name, without folders."""
        return PurePosixPath(self.names[-1].replace("\\", "/")).name

    @property
    def place(self) -> str:
        """Its name with the archives around it, as shown to the user."""
        return " > ".join(self.names)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A file or archive that is not read, and why."""

    place: str
    reason: str
    sha256: str = ""


@dataclass(slots=True)
class _Budget:
    limits: Limits
    folder: Path
    bytes: int = 0
    members: int = 0

    def next_path(self) -> Path:
        self.members += 1
        if self.members > self.limits.members:
            raise _TooMuchError(f"more than {self.limits.members} members")
        return self.folder / f"{self.members:06d}"


class _TooMuchError(Exception):
    """The archive unfolds beyond the limits."""


def files_in(paths: Iterable[Path], folder: Path, limits: Limits | None = None) -> Iterator[SourceFile | Refusal]:
    """Yield every file below ``paths`` (files, folders, archives), in the order of their names, or why one is not read.

    Members of archives are unfolded into ``folder``, which must exist and belongs to the caller. A whole archive is refused when it holds
    a name that leaves its own folder (``../``, an absolute path), is encrypted or broken, or unfolds beyond ``limits``.
    """
    budget = _Budget(limits or Limits(), folder)
    for path in paths:
        if path.is_dir():
            inside = sorted(p for p in path.rglob("*") if p.is_file() and not p.is_symlink())
            named = {file: file.relative_to(path).as_posix() for file in inside}
            for file, name in named.items():
                if not _SKIPPED.search(name):
                    beside = tuple(other.name for other in inside if other.parent == file.parent)
                    yield from _one(file, (name,), budget, 0, beside=beside)
        elif path.is_file():
            yield from _one(path, (path.name,), budget, 0)
        else:
            yield Refusal(str(path), "there is no such file or folder")


def is_workbook(path: Path) -> bool:
    """Whether a zip is an Excel workbook."""
    try:
        with zipfile.ZipFile(path) as archive:
            return "xl/workbook.xml" in archive.namelist()
    except _BROKEN:
        return False


def _one(
    path: Path,
    names: tuple[str, ...],
    budget: _Budget,
    depth: int,
    digest: str = "",
    *,
    modified: date | None = None,
    beside: tuple[str, ...] = (),
) -> Iterator[SourceFile | Refusal]:
    with path.open("rb") as file:
        magic = file.read(4)
    if magic.startswith(b"PK\x03\x04") and not is_workbook(path):
        yield from _zip(path, names, budget, depth)
    elif magic.startswith(b"\x1f\x8b"):
        yield from _gzip(path, names, budget, depth)
    else:
        if not digest:
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        yield SourceFile(path, names, digest, path.stat().st_size, modified, beside)


def _zip(path: Path, names: tuple[str, ...], budget: _Budget, depth: int) -> Iterator[SourceFile | Refusal]:
    place = " > ".join(names)
    if depth >= budget.limits.depth:
        yield Refusal(place, f"archives nested deeper than {budget.limits.depth} levels")
        return
    unfolded: list[tuple[Path, str, date | None, str]] = []
    try:
        with zipfile.ZipFile(path) as archive:
            wanted = [info for info in archive.infolist() if not info.is_dir() and not _SKIPPED.search(info.filename)]
            for info in archive.infolist():
                if _leaves(info.filename):
                    raise _TooMuchError(f"the member name {info.filename[:60]!r} leaves the archive's folder")
            for info in wanted:
                target = budget.next_path()
                with archive.open(info) as source:
                    digest = _copy(source, target, info.compress_size, budget)
                unfolded.append((target, info.filename, _dated(info), digest))
    except _TooMuchError as error:
        yield Refusal(place, f"refused: {error}")
    except _BROKEN as error:
        yield Refusal(place, f"cannot be unpacked, download it again: {error}")
    else:
        beside = tuple(name for _, name, _, _ in unfolded)
        for target, name, modified, digest in unfolded:
            yield from _one(target, (*names, name), budget, depth + 1, digest, modified=modified, beside=beside)
        return
    for target, *_ in unfolded:
        target.unlink(missing_ok=True)


def _gzip(path: Path, names: tuple[str, ...], budget: _Budget, depth: int) -> Iterator[SourceFile | Refusal]:
    place = " > ".join(names)
    if depth >= budget.limits.depth:
        yield Refusal(place, f"archives nested deeper than {budget.limits.depth} levels")
        return
    target = budget.next_path()
    try:
        with gzip.open(path) as source:
            digest = _copy(source, target, path.stat().st_size, budget)
    except _TooMuchError as error:
        yield Refusal(place, f"refused: {error}")
    except (*_BROKEN, OSError) as error:
        yield Refusal(place, f"cannot be unpacked, download it again: {error}")
    else:
        inner = names[-1].removesuffix(".gz")
        yield from _one(target, (*names[:-1], inner), budget, depth + 1, digest)
        return
    target.unlink(missing_ok=True)


def _copy(source: IO[bytes] | gzip.GzipFile, target: Path, compressed: int, budget: _Budget) -> str:
    """Copy ``source`` to ``target`` within the limits and return its SHA-256."""
    size, digest = 0, hashlib.sha256()
    with target.open("wb") as file:
        while block := source.read(_BLOCK):
            size += len(block)
            budget.bytes += len(block)
            if size > budget.limits.member or budget.bytes > budget.limits.total:
                raise _TooMuchError(f"it unfolds to more than {size:,} bytes")
            if size > _SMALL and size > budget.limits.ratio * max(compressed, 1):
                raise _TooMuchError(f"a member unfolds to more than {budget.limits.ratio} times its size")
            digest.update(block)
            file.write(block)
    return digest.hexdigest()


def _leaves(name: str) -> bool:
    plain = name.replace("\\", "/")
    return plain.startswith("/") or re.match(r"[A-Za-z]:", plain) is not None or ".." in plain.split("/")


def _dated(info: zipfile.ZipInfo) -> date | None:
    year, month, day = info.date_time[:3]
    return date(year, month, day) if year > 1980 else None
