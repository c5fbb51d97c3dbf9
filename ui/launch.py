"""Starting the page in the browser: knowledge first, vectors beside it, then the server on this machine only."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer

from knowledge.errors import InputError, KnowledgeMissing
from knowledge.home import Home

__all__ = ["launch", "server_options"]

ADDRESS = "127.0.0.1"


def launch(home: Home, *, port: int, browser: bool) -> None:
    """Build the knowledge when there is none, begin the vectors in a process of their own, and serve the page until it is stopped.

    Raises :class:`~knowledge.errors.InputError` when the port is taken.
    """
    _demand_free(port)
    try:
        home.current.stat()
    except (KnowledgeMissing, FileNotFoundError):
        typer.echo("First start: building the tables, about a minute.", err=True)
        from ui.building import build_tables

        build_tables(home)
    with _vectors_beside(home) as filling:
        typer.echo(f"Kept in    {home.root} (MEDCODE_HOME changes it)", err=True)
        typer.echo(f"Open at    http://{ADDRESS}:{port}", err=True)
        if filling:
            typer.echo("Vectors    are being made beside it; until then search goes by words", err=True)
        typer.echo("Stop with  Ctrl+C", err=True)
        _serve(port, browser=browser and not _headless())


def server_options(port: int, *, browser: bool) -> dict[str, object]:
    """Return the settings of the server: this machine only, no statistics sent, no error details shown, nothing to deploy."""
    return {
        "server_address": ADDRESS,
        "server_port": port,
        "server_headless": not browser,
        "server_showEmailPrompt": False,
        "server_fileWatcherType": "none",
        "server_maxUploadSize": 1,
        "browser_gatherUsageStats": False,
        "browser_serverAddress": ADDRESS,
        "client_showErrorDetails": "none",
        "client_showErrorLinks": False,
        "client_toolbarMode": "minimal",
        "client_showSidebarNavigation": False,
        "logger_level": "error",
        "logger_hideWelcomeMessage": True,
        "logger_enableRich": False,
        "runner_magicEnabled": False,
        "theme_baseRadius": "0.5rem",
        "theme_linkUnderline": False,
        "theme_paddingTop": "1.5rem",
        "theme_paddingBottom": "4rem",
        "theme_metricValueFontSize": "1.5rem",
        "theme_headingFontSizes": ["2rem", "1.6rem", "1.35rem", "1.2rem", "1.05rem", "1rem"],
        "theme_light_primaryColor": "#0f6b6b",
        "theme_dark_primaryColor": "#5cc2bd",
    }


def _serve(port: int, *, browser: bool) -> None:
    from streamlit.web import bootstrap

    options = server_options(port, browser=browser)
    script = str(Path(__file__).with_name("app.py"))
    bootstrap.load_config_options(flag_options=options)
    bootstrap.run(script, False, [], options)


def _demand_free(port: int) -> None:
    with socket.socket() as probe:
        if sys.platform != "win32":
            # A port that a stopped server has just left is free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((ADDRESS, port))
        except OSError:
            raise InputError(f"port {port} is in use, perhaps by another medcode: choose one with --port") from None


@contextmanager
def _vectors_beside(home: Home) -> Iterator[bool]:
    """Make the vectors in a process of its own while the block runs, when they are not complete; yield whether it is needed."""
    from ui.inventory import take_inventory

    if take_inventory(home).vectors_ready:
        yield False
        return
    command = [sys.executable, "-m", "ui.cli", "vectors", "--quiet"]
    # A group of its own, so that Ctrl+C reaches the server alone and the process is ended in one place.
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        env={**os.environ, "MEDCODE_HOME": str(home.root)},
    )  # fmt: skip
    try:
        yield True
    finally:
        # It loses a second's work at most, and the next start goes on from there.
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()


def _headless() -> bool:
    return sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
