"""The redaction report counts what it says it counts."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from evals.redact import report


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with one small development set: a leak, a full hit and a clean text."""
    rows = [
        {
            "id": "1",
            "text": "Ann Bee on 1/2",
            "spans": [{"start": 0, "end": 7, "type": "NAME", "text": "Ann Bee"}],
            "hard_negative": False,
        },
        {
            "id": "2",
            "text": "Cee Dee",
            "spans": [{"start": 0, "end": 7, "type": "NAME", "text": "Cee Dee"}],
            "hard_negative": False,
        },
        {"id": "3", "text": "clean text", "spans": [], "hard_negative": True},
    ]
    (tmp_path / "asq_phi.dev.jsonl").write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return tmp_path


def test_half_a_name_is_a_leak(folder: Path) -> None:
    """A span counts only when every letter of it is hidden; characters are counted one by one."""
    one = report(
        folder,
        systems={"s": lambda text: [(0, 3)] if text.startswith("Ann") else [(0, 7)] if text.startswith("Cee") else []},
    ).score("s", "asq")
    assert one is not None
    assert (one.spans, one.found, one.leaking, one.altered, one.clean) == (2, 1, 1, 0, 1)
    assert one.recall == 0.5
    assert (one.characters.hidden, one.characters.wanted, one.characters.wrongly) == (9, 12, 0)
    assert [(leak.id, leak.start, leak.end) for leak in one.misses] == [("1", 0, 7)]


def test_a_touched_clean_text_is_altered(folder: Path) -> None:
    """Anything found in a clean text alters it, and counts against precision."""
    one = report(folder, systems={"s": lambda text: [(0, 5)] if text.startswith("clean") else []}).score("s", "asq")
    assert one is not None
    assert (one.altered, one.found, one.characters.wrongly) == (1, 0, 5)
    assert one.characters.precision == 0
    assert one.characters.f1 is None


def test_absent_sets_are_named(folder: Path) -> None:
    """A set that is not there is reported as not measured, not as zero."""
    result = report(folder, systems={"s": lambda text: []})
    assert any("aci_notes.dev.jsonl" in line for line in result.absent)
    assert result.score("s", "aci") is None


def test_the_report_prints_without_text(folder: Path) -> None:
    """The tables show figures and no word of the texts."""
    console = Console(record=True, width=160, file=io.StringIO())
    console.print(report(folder, systems={"s": lambda text: []}, limit=3))
    shown = console.export_text()
    assert "asq" in shown
    assert "Bee" not in shown


def test_the_own_set_is_whole() -> None:
    """Every span of the invented set points at its own text, clean rows have none, and there are enough of both."""
    from importlib.resources import files

    rows = [
        json.loads(line)
        for line in (files("evals") / "datasets" / "phi_questions.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    assert all(row["text"][s["start"] : s["end"]] == s["text"] for row in rows for s in row["spans"])
    assert all(not row["spans"] for row in rows if row["clean"])
    assert sum(not row["clean"] for row in rows) >= 400
    assert sum(row["clean"] for row in rows) >= 150
