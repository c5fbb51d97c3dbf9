"""The place aside where a copy of the knowledge in use is changed before it is swapped in.

One writer at a time (:func:`ingest.lock.only_build`). The file in use is never touched: it is copied, the copy is changed, and one atomic
step makes the copy the file in use (:meth:`knowledge.home.Home.swap_in`). What a killed process left is removed by the next one.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from ingest.lock import only_build
from knowledge.errors import KnowledgeMissing
from knowledge.home import Home

__all__ = ["Aside", "written_aside"]


@dataclass(frozen=True, slots=True)
class Aside:
    """A folder beside the knowledge in use, removed at the end."""

    home: Home
    folder: Path

    @property
    def reference(self) -> Path:
        """The reference file being written."""
        return self.folder / "reference.sqlite"

    def copy_current(self) -> Path:
        """Copy the reference file in use to :attr:`reference` and return it; nothing is copied where nothing has been built yet."""
        self.reference.unlink(missing_ok=True)
        with suppress(KnowledgeMissing):
            shutil.copyfile(self.home.current, self.reference)
        return self.reference

    def swap_in(self) -> Path:
        """Bring :attr:`reference`, closed and whole, to disk and make it the file in use; return its new path."""
        # The writer does not wait for the disk; the pointer must not name a file that is not on it yet.
        with self.reference.open("rb+") as file:
            os.fsync(file.fileno())
        target = self.home.root / f"reference-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.sqlite"
        os.replace(self.reference, target)
        self.home.swap_in(target)
        return target


@contextmanager
def written_aside(home: Home) -> Iterator[Aside]:
    """Give the place aside to one writer.

    Raises :class:`~knowledge.errors.IngestError` when another process is writing.
    """
    with only_build(home.root):
        folder = home.root / "loading"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        try:
            yield Aside(home, folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
