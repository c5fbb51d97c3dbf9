"""Where everything is kept on this machine, decided in one place.

::

    HOME/                           platform data directory, or the folder named by MEDCODE_HOME
        CURRENT                     name of the reference file in use; replaced atomically at each swap-in
        reference-<stamp>.sqlite    exact tables, documents, word index
        vectors-<key>/              Chroma collection; complete only when it holds complete.json
        downloads/                  data packages, by exact version; publishers' files that were fetched
        loading/                    a load in progress; left by a killed one, removed by the next
        words/                      word lists of redaction, prepared on first use
        tokens/                     token vocabularies, unpacked from the package that ships them
        private/                    what belongs to the user: conversations, placeholder maps, ledger, licensed text
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from knowledge.errors import KnowledgeMissing

__all__ = ["Home"]


@dataclass(frozen=True, slots=True)
class Home:
    """The folder this program keeps its knowledge and the user's data in."""

    root: Path

    @classmethod
    def default(cls) -> Home:
        """Return the folder named by the setting ``MEDCODE_HOME``, else the platform's user data directory."""
        chosen = os.environ.get("MEDCODE_HOME")
        if chosen:
            return cls(Path(chosen).expanduser())
        import platformdirs

        return cls(Path(platformdirs.user_data_dir("medcode", appauthor=False)))

    @property
    def current(self) -> Path:
        """The reference file in use.

        Raises :class:`~knowledge.errors.KnowledgeMissing` when nothing has been built here.
        """
        try:
            name = (self.root / "CURRENT").read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            raise KnowledgeMissing(f"no knowledge in {self.root}: run `medcode build`") from None
        return self.root / name

    def swap_in(self, reference: Path) -> None:
        """Make ``reference`` the file in use, in one atomic step, and drop older ones that nobody needs."""
        pointer = self.root / "CURRENT.new"
        with pointer.open("w", encoding="utf-8") as file:
            file.write(reference.name)
            file.flush()
            os.fsync(file.fileno())
        os.replace(pointer, self.root / "CURRENT")
        for other in self.root.glob("reference-*.sqlite"):
            if other.name != reference.name:
                try:
                    other.unlink()
                except OSError:  # an open reader on Windows keeps its file; the next build removes it
                    continue

    def vectors(self, key: str) -> Path:
        """Return the folder of the vectors made for the entries and embedding model that ``key`` names."""
        return self.root / f"vectors-{key}"

    @property
    def downloads(self) -> Path:
        """Folder of fetched data packages."""
        return self.root / "downloads"

    @property
    def tokens(self) -> Path:
        """Folder of the unpacked token vocabularies."""
        return self.root / "tokens"

    @property
    def words(self) -> Path:
        """Folder of the word lists that redaction prepares on first use."""
        return self.root / "words"

    @property
    def private(self) -> Path:
        """Folder of the user's own data; created readable by the user only."""
        path = self.root / "private"
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        return path
