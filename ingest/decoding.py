"""Plain rows out of binary table files, read in a child process with limits (:mod:`ingest.decoder`)."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from knowledge.errors import UnreadableFile

__all__ = ["TableStream", "blobs", "ioce_tables"]

DECODER = Path(__file__).with_name("decoder.py")


class TableStream:
    """Tables as the child prints them, each read once and in the order they come."""

    def __init__(self, lines: Iterator[bytes], source: str) -> None:
        self._lines = lines
        self._source = source
        self._heading = self._next()
        self._rows = 0

    def table(self, name: str) -> Iterator[list[str]]:
        """Yield the rows of the next table, which must be ``name``, as lists of cells.

        Raises :class:`~knowledge.errors.UnreadableFile` when another table comes or the stream breaks off.
        """
        if self._heading != f"#{name}":
            raise UnreadableFile(f"{self._source}: expected table {name!r}, got {self._heading[:40]!r}")
        for line in self._lines:
            if line.startswith(b"#") and line[1:2].islower():
                self._heading = line.decode().rstrip("\n")
                return
            self._rows += 1
            yield line.decode().rstrip("\n").split("\t")
        raise UnreadableFile(f"{self._source}: the tables break off inside {name!r}")

    def close(self) -> None:
        """Check that the stream is whole: its last line tells the number of rows."""
        if self._heading != f"#end {self._rows}":
            raise UnreadableFile(
                f"{self._source}: expected the end after {self._rows} rows, got {self._heading[:40]!r}"
            )

    def _next(self) -> str:
        return next(self._lines, b"").decode().rstrip("\n")


@contextmanager
def ioce_tables(archive: Path, folder: Path, source: str) -> Iterator[TableStream]:
    """Open the I/OCE table file ``archive`` (xz); ``folder`` takes the inflated copy, 322 million bytes, and is the caller's to delete.

    Raises :class:`~knowledge.errors.UnreadableFile` when the file cannot be decoded.
    """
    with _child("ioce", str(archive), str(folder), source=source) as out:
        stream = TableStream(iter(out), source)
        yield stream
        stream.close()


def blobs(path: Path, keys: tuple[str, ...], source: str) -> dict[str, bytes]:
    """Return the values of ``keys`` in the LMDB file at ``path``.

    Raises :class:`~knowledge.errors.UnreadableFile` when one of them is not there or the file cannot be read.
    """
    found: dict[str, bytes] = {}
    with _child("blobs", str(path), *keys, source=source) as out:
        for key in keys:
            heading = out.readline().decode().split()
            if len(heading) != 2 or heading[0] != f"#{key}":
                break
            found[key] = out.read(int(heading[1]))
            out.readline()
        whole = out.readline() == b"#end\n"
    if not whole or set(found) != set(keys):
        raise UnreadableFile(
            f"{source}: expected the tables {', '.join(keys)} in {path.name}, got {', '.join(found) or 'none'}"
        )
    return found


@contextmanager
def _child(*arguments: str, source: str) -> Iterator[IO[bytes]]:
    # -I: neither the current folder nor the environment's paths can put code in front of the standard library.
    process = subprocess.Popen(
        [sys.executable, "-I", str(DECODER), *arguments],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=1 << 20,
    )  # fmt: skip
    assert process.stdout is not None and process.stderr is not None
    try:
        yield process.stdout
    except UnreadableFile as error:
        process.kill()
        raise UnreadableFile(f"{error}{_complaint(process)}") from error
    finally:
        if process.poll() is None:
            process.stdout.close()
        process.wait()
        complaint = process.stderr.read() if not process.stderr.closed else b""
        process.stdout.close()
        process.stderr.close()
    if process.returncode:
        raise UnreadableFile(f"{source}: the decoder stopped ({process.returncode}){_last(complaint)}")


def _complaint(process: subprocess.Popen[bytes]) -> str:
    assert process.stderr is not None
    return _last(process.stderr.read())


def _last(text: bytes) -> str:
    lines = [line for line in text.decode(errors="replace").splitlines() if line.strip()]
    return f": {lines[-1][:200]}" if lines else ""
