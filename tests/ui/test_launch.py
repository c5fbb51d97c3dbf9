"""Starting the server, and building with a progress bar."""

from __future__ import annotations

import socket
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from streamlit import config
from streamlit.web import bootstrap

from ingest.build import BuildReport
from knowledge.embeddings import HashEmbedder
from knowledge.errors import InputError
from knowledge.home import Home
from knowledge.reference import ReferenceStore
from ui import building, launch
from ui.inventory import age, take_inventory, time_left, vectors_line


def test_the_server_keeps_to_this_machine_and_tells_nobody() -> None:
    """Loopback only, no statistics, no error details, no deploy button; every setting is one that Streamlit knows."""
    options = launch.server_options(8501, browser=False)
    assert (options["server_address"], options["browser_gatherUsageStats"], options["client_showErrorDetails"], options["client_toolbarMode"]) == (
        "127.0.0.1", False, "none", "minimal",
    )  # fmt: skip
    known = set(config.get_config_options())
    assert {name.replace("_", ".") for name in options} <= known


def test_a_taken_port_is_one_line(small: Home) -> None:
    """The error names the port and the option that changes it."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(InputError, match="--port"):
            launch.launch(small, port=other.getsockname()[1], browser=False)


def test_the_vectors_are_made_in_a_process_of_their_own(
    small: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The page is served at once; the process beside it is the same program and ends with the server."""
    started: list[Any] = []

    class Beside:
        """A process that notes what was asked of it."""

        def __init__(self, command: list[str], **options: Any) -> None:
            started.append((command[1:], options["env"]["MEDCODE_HOME"]))

        def terminate(self) -> None:
            """Note the end."""
            started.append("ended")

        def wait(self, timeout: float) -> int:
            """Return at once."""
            return 0

    monkeypatch.setattr("subprocess.Popen", Beside)
    monkeypatch.setattr(bootstrap, "load_config_options", lambda **_: None)
    monkeypatch.setattr(bootstrap, "run", lambda script, *_: started.append(Path(script).name))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    launch.launch(small, port=port, browser=False)
    assert started == [(["-m", "ui.cli", "vectors", "--quiet"], str(small.root)), "app.py", "ended"]
    told = capsys.readouterr().err
    assert str(small.root) in told and f"http://127.0.0.1:{port}" in told


def test_a_build_reports_what_it_did_and_what_is_missing(
    small: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The table of editions, the time, the folder, and one line for each thing that could not be had."""
    store = ReferenceStore(small.current)
    report = BuildReport(
        small.current,
        True,
        store.editions,
        12,
        0,
        ("invented package: not loaded",),
        (),
        ("rules/bad.md, line 3: fault",),
        1.5,
    )
    store.close()

    def build(home: Home, progress: Any) -> BuildReport:
        from ingest.build import Progress

        progress(Progress("reading", 0, 100))
        progress(Progress("done", 100, 100))
        return report

    monkeypatch.setattr("ingest.build.build", build)
    assert building.build_tables(small) is report
    told = capsys.readouterr().err
    for part in ("NCCI PTP practitioner", "Built in 2 s", "Not loaded: invented package", "Card: rules/bad.md"):
        assert part in told


def test_vectors_are_filled_and_then_ready(
    small: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """After the fill the inventory says that search by meaning is ready."""
    import shutil

    own = Home(tmp_path / "own")
    shutil.copytree(small.root, own.root)
    monkeypatch.setattr("knowledge.embeddings.configured_embedder", HashEmbedder)
    assert not take_inventory(own).vectors_ready
    building.fill(own)
    assert take_inventory(own).vectors_ready
    assert "Search by meaning is ready" in capsys.readouterr().err


def test_ages_and_times_read_as_words(small: Home) -> None:
    """In force, ended, to come; seconds, minutes, hours."""
    edition = take_inventory(small).editions[0]
    assert age(edition, date(2026, 6, 1)) == "in force"
    assert age(edition, date(2027, 3, 5)) == "ended 2 months ago"
    assert age(edition, date(2025, 6, 1)) == "from 2026-01-01"
    assert [time_left(s) for s in (0.2, 45, 600, 7200)] == ["1 s", "45 s", "10 min", "2.0 h"]
    assert "medcode vectors" in vectors_line(None, False)
