"""A load is a transaction: whole or not at all, the same twice, and killed at any moment without harm."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from ingest.load import load
from ingest.lock import only_build
from ingest.publishers import ReadSettings
from knowledge.errors import IngestError
from knowledge.home import Home
from knowledge.loaded import Outcome, loaded_files, status
from knowledge.records import Licence, Setting
from knowledge.reference import ReferenceStore
from knowledge.writing import EditionDraft, ReferenceWriter

CUT = ReadSettings(cut=True)
HEADER = "code,mue_value,mai,rationale\n"


def mue(folder: Path, day: str, rows: str = "97110,6,3,Clinical: Data\n") -> Path:
    """A small MUE table in the layout of the derived copies."""
    folder.mkdir(exist_ok=True)
    path = folder / f"mue_practitioner_{day}.csv"
    path.write_text(HEADER + rows, encoding="utf-8")
    return path


def editions(home: Home) -> list[tuple[str, str, int]]:
    """The loaded editions as (title, label, rows)."""
    with closing(ReferenceStore(home.current)) as store:
        return [(e.title, e.label, e.rows) for e in store.editions]


def test_a_second_run_changes_nothing(home, tmp_path):
    """The same files again are told by their hash: nothing is written and the file in use stays the same."""
    drop = mue(tmp_path / "drop", "2026-07-01").parent
    first = load([drop], home, settings=CUT)
    second = load([drop], home, settings=CUT)
    assert first.changed and not second.changed and second.path == first.path
    assert [file.outcome for file in second.files] == [Outcome.ALREADY_LOADED]


def test_the_same_content_under_another_name_is_known(home, tmp_path):
    """What counts is the content: a copy in an archive is the same file."""
    import zipfile

    path = mue(tmp_path / "drop", "2026-07-01")
    load([path], home, settings=CUT)
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.write(path, "mue_practitioner_2026-07-01.csv")
    (file,) = load([tmp_path / "a.zip"], home, settings=CUT).files
    assert file.outcome is Outcome.ALREADY_LOADED


def test_editions_live_side_by_side(home, tmp_path):
    """Two quarters of one table are two editions, and each date of service is answered from its own."""
    drop = mue(tmp_path / "drop", "2026-04-01", "97110,4,3,x\n").parent
    mue(drop, "2026-07-01")
    load([drop], home, settings=CUT)
    with closing(ReferenceStore(home.current)) as store:
        found = [store.mue("97110", Setting.PRACTITIONER, date(2026, month, 15)) for month in (5, 8)]
        assert [(f.record.value, f.edition.label) for f in found] == [(4, "2026 Q2"), (6, "2026 Q3")]


def test_a_corrected_file_takes_the_place_of_its_edition(home, tmp_path):
    """The same edition loaded again with other content replaces the earlier rows; nothing is doubled."""
    load([mue(tmp_path / "drop", "2026-07-01", "97110,4,3,x\n99213,1,2,y\n")], home, settings=CUT)
    load([mue(tmp_path / "drop", "2026-07-01")], home, settings=CUT)
    assert editions(home) == [("NCCI MUE practitioner", "2026 Q3", 1)]


def test_packaged_editions_are_left_alone(home, tmp_path):
    """What the program ships stays beside what the user loads, also where both hold the same edition."""
    reference = home.root / "reference-1.sqlite"
    draft = EditionDraft(
        "mue",
        "CMS",
        "NCCI MUE practitioner",
        "2026 Q3",
        date(2026, 7, 1),
        None,
        True,
        Licence.AMA_CODES,
        "package",
        "0",
        Setting.PRACTITIONER,
        True,
    )
    with ReferenceWriter(reference) as writer:
        writer.add(draft, [])
    home.swap_in(reference)
    load([mue(tmp_path / "drop", "2026-07-01")], home, settings=CUT)
    assert len(editions(home)) == 2


def test_a_refused_file_does_not_stop_the_others(home, tmp_path):
    """One file past the tolerance is refused with its reason; the rest of the load is in use, and the refusal is remembered."""
    drop = mue(tmp_path / "drop", "2026-07-01").parent
    mue(drop, "2026-04-01", "junk,x,y,z\n" * 5)
    report = load([drop], home, settings=CUT)
    assert {file.outcome for file in report.files} == {Outcome.LOADED, Outcome.REFUSED}
    with closing(ReferenceStore(home.current)) as store:
        assert [e.label for e in store.editions] == ["2026 Q3"]
        refused = [file for file in loaded_files(store) if file.outcome is Outcome.REFUSED]
        assert "5 of 5 rows" in refused[0].reason and refused[0].edition is None
    assert not load([drop], home, settings=CUT).changed


def test_nothing_usable_changes_nothing(home, tmp_path):
    """A folder without any known layout is reported file by file; nothing is created."""
    (tmp_path / "notes.txt").write_text("Dear diary", encoding="utf-8")
    report = load([tmp_path / "notes.txt"], home, settings=CUT)
    assert not report.changed and report.path is None
    assert report.files[0].outcome is Outcome.UNKNOWN and "Dear diary" in report.files[0].reason


def test_an_error_leaves_the_old_knowledge(home, tmp_path, monkeypatch):
    """A fault in the middle of a load leaves the file in use byte for byte, and nothing aside."""
    load([mue(tmp_path / "drop", "2026-04-01")], home, settings=CUT)
    before = home.current, home.current.read_bytes()

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("power gone")

    monkeypatch.setattr(ReferenceWriter, "settle_edition", fail)
    with pytest.raises(RuntimeError):
        load([mue(tmp_path / "drop", "2026-07-01")], home, settings=CUT)
    assert (home.current, home.current.read_bytes()) == before
    assert not (home.root / "loading").exists()


def test_one_writer_at_a_time(home, tmp_path):
    """A second load while another is writing is refused at once, in one line."""
    with only_build(home.root), pytest.raises(IngestError, match="another build"):
        load([mue(tmp_path / "drop", "2026-07-01")], home, settings=CUT)


def test_status_tells_partial_from_complete(home, tmp_path):
    """The status of an edition names its files, its age and the parts that are missing."""
    line = "10000\t99213\t\t20200101\t*\t1\tWhy\n"
    head = "Column 1\tColumn 2\t*=in existence prior to 1996\tEffective Date\tDeletion Date\tModifier\tPTP Edit Rationale\n"
    path = tmp_path / "ccipra-v322r0-f1.txt"
    path.write_text(head + line, encoding="utf-8")
    load([path], home, settings=CUT)
    with closing(ReferenceStore(home.current)) as store:
        (table,) = status(store, date(2026, 7, 31))
    assert (table.missing_parts, table.age_days, table.edition.complete) == (("f2", "f3", "f4"), 30, False)
    assert [file.place for file in table.files] == ["ccipra-v322r0-f1.txt"]


def test_progress_is_told(home, tmp_path):
    """The load says what it is at, file by file and up to the swap."""
    told = []
    load([mue(tmp_path / "drop", "2026-07-01")], home, told.append, settings=CUT)
    assert told[0].step == "recognise" and told[-1].step == "swap in"


def test_the_word_index_is_asked_for_when_titles_change(home, tmp_path):
    """Titles and prose bring the index up to date; tables of edits and limits do not."""
    asked = []
    load([mue(tmp_path / "drop", "2026-07-01")], home, settings=CUT, index=asked.append)
    assert asked == []
    order = tmp_path / "icd10cm_order_2027.txt"
    order.write_text("".join(f"{n:05} A0{n}     1 {'Short':<60} Long {n}\n" for n in range(5)), encoding="utf-8")
    load([order], home, settings=CUT, index=asked.append)
    assert len(asked) == 1


SCRIPT = """
import sys
from pathlib import Path
from ingest.load import load
from ingest.publishers import ReadSettings
from knowledge.home import Home
rows = int(sys.argv[3])
path = Path(sys.argv[2]) / "mue_practitioner_2026-07-01.csv"
path.write_text("code,mue_value,mai,rationale\\n" + "".join(f"{n:05},1,2,why\\n" for n in range(rows)), encoding="utf-8")
print("go", flush=True)
load([path], Home(Path(sys.argv[1])), settings=ReadSettings(cut=True))
"""


@pytest.mark.skipif(os.name != "posix", reason="kill -9 is a POSIX signal")
@pytest.mark.parametrize("blocks", [1, 3, 6])
def test_killed_at_any_moment(home, tmp_path, blocks):
    """A process killed with -9 in the middle of a load leaves the old knowledge in use, and the next load is whole."""
    load([mue(tmp_path / "drop", "2026-04-01")], home, settings=CUT)
    before = home.current.read_bytes()
    work = tmp_path / "work"
    work.mkdir()
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(home.root), str(work), "99999"],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    assert process.stdout is not None
    process.stdout.readline()
    _wait_for_writing(home, process, blocks * 100_000)
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    if len(editions(home)) == 1:  # killed before the swap
        assert home.current.read_bytes() == before
    report = load([work], home, settings=CUT)
    assert report.files[0].outcome in (Outcome.LOADED, Outcome.ALREADY_LOADED)
    assert [rows for *_, rows in editions(home)] == [1, 99999]
    assert not (home.root / "loading").exists()


def _wait_for_writing(home: Home, process: subprocess.Popen[bytes], size: int) -> None:
    """Return once the copy aside has reached ``size`` bytes, or the process ended."""
    import time

    aside = home.root / "loading" / "reference.sqlite"
    while process.poll() is None:
        try:
            if aside.stat().st_size >= size:
                return
        except FileNotFoundError:
            pass
        time.sleep(0.002)
