"""The README tells the truth: its commands exist, and what it says of files and settings is so."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ui.cli import app

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^    (medcode .+?)(?:\s+#.*)?$", README, re.MULTILINE)


@pytest.mark.parametrize("line", COMMANDS)
def test_every_command_of_the_readme_exists_with_its_options(line: str) -> None:
    """Each command shown has help, and the help knows each option shown."""
    words = shlex.split(line)[1:]
    path = words[:2] if words[0] == "cards" else words[:1]
    done = CliRunner().invoke(app, [*path, "--help"], env={"COLUMNS": "200", "TERM": "dumb", "NO_COLOR": "1"})
    assert done.exit_code == 0, done.output
    for option in (word for word in words if word.startswith("--")):
        assert option in done.output, option


def test_every_command_is_in_the_readme() -> None:
    """A user who reads the README knows every command."""
    for command in app.registered_commands:
        name = command.name or (command.callback.__name__ if command.callback else "")
        assert f"medcode {name.replace('_', '-')}" in README, name


@pytest.mark.parametrize("path", re.findall(r"\]\(([\w./-]+)\)", README))
def test_linked_files_exist(path: str) -> None:
    """Pictures and pages that the README shows are in the tree."""
    assert (ROOT / path).is_file()


def test_the_two_set_up_commands_use_the_tested_versions() -> None:
    """One command runs the chat and one passes the tests, both held to the constraints file."""
    assert "pip install -c constraints.txt -e . && medcode ui" in README
    assert "pip install -c constraints.txt -e '.[test]' && pytest" in README
    assert (ROOT / "constraints.txt").is_file()
