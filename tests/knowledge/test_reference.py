"""The reference store answers by date of service and setting, and says which edition answered."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from knowledge.codes import Code, CodeSystem
from knowledge.errors import KnowledgeError, KnowledgeMissing
from knowledge.home import Home
from knowledge.records import CodeRecord, FeeIndicators, Licence, Mue, Setting, Standing
from knowledge.reference import ReferenceStore
from knowledge.schema import MIGRATIONS, OPEN, migrate, version
from knowledge.writing import EditionDraft, NoteRow, PtpRow, ReferenceWriter

QUARTERS = {"2024 Q2": (date(2024, 4, 1), date(2024, 6, 30)), "2024 Q3": (date(2024, 7, 1), date(2024, 9, 30))}


def draft(table: str, label: str = "2024 Q3", complete: bool = True, setting: Setting | None = None) -> EditionDraft:
    """Return an invented edition."""
    start, end = QUARTERS[label]
    return EditionDraft(table, "CMS", table, label, start, end, complete, Licence.AMA_CODES, "test", "0", setting)


def store(path: Path, *loads: tuple[EditionDraft, Iterable[Any]]) -> ReferenceStore:
    """Write the editions and open the file."""
    with ReferenceWriter(path / "reference.sqlite") as writer:
        for edition, rows in loads:
            writer.add(edition, list(rows))
    return ReferenceStore(path / "reference.sqlite")


def mue(value: int) -> Mue:
    """Return an invented unit limit."""
    return Mue("11111", Setting.PRACTITIONER, value, 2, "Invented")


@pytest.mark.parametrize(
    ("day", "value", "standing"),
    [
        (date(2024, 5, 1), 2, Standing.IN_FORCE),
        (date(2024, 8, 1), 3, Standing.IN_FORCE),
        (date(2026, 1, 1), 3, Standing.EARLIER),
        (date(2020, 1, 1), 2, Standing.LATER),
    ],
)
def test_the_edition_of_the_date_answers(tmp_path: Path, day: date, value: int, standing: Standing) -> None:
    """The covering edition answers; otherwise the nearest one, marked as earlier or later."""
    setting = Setting.PRACTITIONER
    loaded = store(
        tmp_path, (draft("mue", "2024 Q2", setting=setting), [mue(2)]), (draft("mue", setting=setting), [mue(3)])
    )
    found = loaded.mue("11111", setting, day)
    assert found is not None
    assert (found.record.value, found.standing) == (value, standing)


def test_settings_are_never_mixed(tmp_path: Path) -> None:
    """A practitioner limit says nothing about the outpatient hospital."""
    loaded = store(tmp_path, (draft("mue", setting=Setting.PRACTITIONER), [mue(2)]))
    assert loaded.mue("11111", Setting.OUTPATIENT_HOSPITAL, date(2024, 8, 1)) is None


@pytest.mark.parametrize(
    ("day", "indicator"),
    [(date(2024, 7, 31), 1), (date(2024, 8, 1), None), (date(2024, 9, 30), None)],
)
def test_an_edit_ends_with_its_deletion_date(tmp_path: Path, day: date, indicator: int | None) -> None:
    """The deletion date is the last day in force."""
    rows = [PtpRow("11111", "22222", 20240701, 20240731, 1, "Invented")]
    loaded = store(tmp_path, (draft("ptp", setting=Setting.PRACTITIONER), rows))
    found = loaded.ptp("11111", "22222", Setting.PRACTITIONER, day)
    assert (found.record.indicator if found else None) == indicator


def test_a_pair_may_have_a_closed_and_a_live_window(tmp_path: Path) -> None:
    """Two windows of one ordered pair live side by side and the date chooses."""
    rows = [PtpRow("11111", "22222", 20240401, 20240430, 0, "Old"), PtpRow("11111", "22222", 20240601, OPEN, 1, "New")]
    loaded = store(tmp_path, (draft("ptp", "2024 Q2", setting=Setting.PRACTITIONER), rows))

    def rationale(day: date) -> str | None:
        found = loaded.ptp("11111", "22222", Setting.PRACTITIONER, day)
        return found.record.rationale if found else None

    assert [rationale(date(2024, m, 15)) for m in (4, 5, 6)] == ["Old", None, "New"]


def test_only_a_complete_edition_of_the_date_and_setting_makes_absence_mean_no(tmp_path: Path) -> None:
    """complete_edition is None for a partial edition, another date or another setting."""
    loaded = store(
        tmp_path,
        (draft("ptp", setting=Setting.PRACTITIONER, complete=False), [PtpRow("11111", "22222", 0, OPEN, 1, "x")]),
        (draft("ptp", setting=Setting.OUTPATIENT_HOSPITAL), [PtpRow("11111", "22222", 0, OPEN, 1, "x")]),
    )
    inside, outside = date(2024, 8, 1), date(2026, 8, 1)
    assert loaded.complete_edition("ptp", inside, Setting.PRACTITIONER) is None
    assert loaded.complete_edition("ptp", inside, Setting.OUTPATIENT_HOSPITAL) is not None
    assert loaded.complete_edition("ptp", outside, Setting.OUTPATIENT_HOSPITAL) is None


def test_fee_rows_keep_their_modifier_rows_apart(tmp_path: Path) -> None:
    """The plain row answers for the code, and the modifier rows are named."""
    plain = ("A", "1", "XXX", "0", "0", "0", "0", "0", "", "09", "99")
    rows = [FeeIndicators("71046", modifier, *plain) for modifier in ("", "26", "TC")]
    loaded = store(tmp_path, (draft("fee"), rows))
    assert loaded.fee_modifier_rows("71046", date(2024, 8, 1)) == ("26", "TC")


def test_notes_bind_every_code_below(tmp_path: Path) -> None:
    """A note on a category, block or chapter binds the codes under it, nearest first."""

    def record(value: str, parent: str, node: str) -> CodeRecord:
        return CodeRecord(Code(CodeSystem.ICD10CM, value), f"title {value}", parent=parent, node=node)

    codes = [record("A001", "A00", "code"), record("A00", "", "category")]
    notes = [NoteRow("A00", 0, "excludes1", "from the category"), NoteRow("A001", 0, "inclusionTerm", "own term")]
    loaded = store(tmp_path, (draft("icd10cm"), codes), (draft("icd10cm notes"), notes))
    bound = loaded.binding_notes(Code(CodeSystem.ICD10CM, "A001"), date(2024, 8, 1))
    assert [(note.node, note.text) for note in bound] == [("A001", "own term"), ("A00", "from the category")]


def test_a_failed_load_leaves_no_trace(tmp_path: Path) -> None:
    """An edition whose rows break a key is not there afterwards, and nothing is silently replaced."""
    path = tmp_path / "reference.sqlite"
    with ReferenceWriter(path) as writer, pytest.raises(sqlite3.IntegrityError):
        writer.add(draft("mue", setting=Setting.PRACTITIONER), [mue(2), mue(3)])
    assert ReferenceStore(path).editions == ()


def test_nothing_built_is_one_line_with_the_command_to_run(tmp_path: Path) -> None:
    """A missing file says what to do."""
    with pytest.raises(KnowledgeMissing, match="medcode build"):
        ReferenceStore(tmp_path / "none.sqlite")
    with pytest.raises(KnowledgeMissing, match="medcode build"):
        _ = Home(tmp_path).current


def test_migrations_run_once_and_refuse_a_newer_file(tmp_path: Path) -> None:
    """Migrating twice changes nothing; a file of a newer program is refused."""
    db = sqlite3.connect(tmp_path / "x.sqlite", isolation_level=None)
    migrate(db)
    migrate(db)
    assert version(db) == len(MIGRATIONS)
    db.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    with pytest.raises(KnowledgeError, match="update medcode"):
        migrate(db)
    db.close()


def test_swapping_in_keeps_exactly_one_file_in_use(home: Home) -> None:
    """After a swap the pointer names the new file and the old one is gone."""
    home.root.mkdir(parents=True)
    for name in ("reference-1.sqlite", "reference-2.sqlite"):
        (home.root / name).write_bytes(b"")
        home.swap_in(home.root / name)
    assert home.current.name == "reference-2.sqlite"
    assert not (home.root / "reference-1.sqlite").exists()
