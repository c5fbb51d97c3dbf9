"""One build at a time: a lock the operating system releases when its holder ends, however it ends."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from knowledge.errors import IngestError

__all__ = ["only_build"]


@contextmanager
def only_build(folder: Path) -> Iterator[None]:
    """Hold the right to build in ``folder``.

    Raises :class:`~knowledge.errors.IngestError` at once when another process holds it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "build.lock").open("a+b") as file:
        if not _taken(file.fileno()):
            raise IngestError(f"another build is running in {folder}: wait for it to end")
        yield


def _taken(descriptor: int) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
