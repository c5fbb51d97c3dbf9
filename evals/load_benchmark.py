"""How fast, how lean and how safely publishers' files are loaded. Run: ``python -m evals.load_benchmark --data FOLDER``.

Every measurement of loading runs in a process of its own, so that its peak memory is its own. The PTP build is compared with a bare
``sqlite3`` insert of the same rows into the same table in the same run, taken in turns so that both meet the same load of the machine.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from knowledge.home import Home
from knowledge.records import Setting
from knowledge.reference import ReferenceStore

__all__ = ["BuildFigures", "builds", "kills", "look_ups", "main", "rows_per_file"]

LOAD = """
import json, resource, sys, time
from pathlib import Path
from ingest.load import load
from knowledge.home import Home
wall, cpu = time.perf_counter(), time.process_time()
report = load([Path(p) for p in sys.argv[2:]], Home(Path(sys.argv[1])))
print(json.dumps({
    "seconds": time.perf_counter() - wall, "cpu": time.process_time() - cpu, "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    "files": [[f.place, str(f.outcome), f.read, f.accepted, f.dropped, f.rejected, f.restored, f.reason] for f in report.files],
}))
"""
BARE = """
import csv, gzip, json, os, sqlite3, sys, time
from knowledge.schema import migrate
rationales, rows = {}, []
opened = gzip.open if sys.argv[2].endswith(".gz") else open
with opened(sys.argv[2], "rt", encoding="cp1252", newline="") as file:
    reader = csv.DictReader(file)
    for r in reader:
        if r["modifier_indicator"] != "9":
            end = int(r["deletion"].replace("-", "")) if r["deletion"] else 99991231
            rows.append((r["column1"], r["column2"], 1, 0, end, int(r["modifier_indicator"]), rationales.setdefault(r["rationale"], len(rationales) + 1)))
db = sqlite3.connect(sys.argv[1], isolation_level=None)
for pragma in ("journal_mode = MEMORY", "synchronous = OFF", "temp_store = MEMORY", "cache_size = -65536", "locking_mode = EXCLUSIVE"):
    db.execute("PRAGMA " + pragma)
migrate(db)
wall, cpu = time.perf_counter(), time.process_time()
db.execute("BEGIN")
db.executemany("INSERT INTO ptp VALUES(?,?,?,?,?,?,?)", rows)
db.execute("COMMIT")
print(json.dumps({"seconds": time.perf_counter() - wall, "cpu": time.process_time() - cpu, "rows": len(rows)}))
"""
KILLED = """
import sys
from pathlib import Path
from ingest.load import load
from knowledge.home import Home
print("go", flush=True)
load([Path(p) for p in sys.argv[2:]], Home(Path(sys.argv[1])))
"""


@dataclass(frozen=True, slots=True)
class BuildFigures:
    """One build of a PTP file beside one bare insert of its rows; seconds of wall clock and of processor."""

    seconds: float
    cpu: float
    bare_seconds: float
    bare_cpu: float
    memory: float
    """Peak of the build, in megabytes."""
    megabytes: float
    """Size of the reference file."""

    @property
    def ratio(self) -> float:
        """Build to bare insert, wall clock."""
        return self.seconds / self.bare_seconds

    @property
    def cpu_ratio(self) -> float:
        """Build to bare insert, processor time: what other processes on the machine cannot disturb."""
        return self.cpu / self.bare_cpu


def builds(ptp: Path, repeats: int) -> Iterator[BuildFigures]:
    """Build ``ptp`` (a PTP file in the derived CSV layout) ``repeats`` times, each time beside a bare insert."""
    for _ in range(repeats):
        with _folder() as folder:
            bare = _child(BARE, str(folder / "bare.sqlite"), str(ptp))
            built = _child(LOAD, str(folder / "home"), str(ptp))
            size = Home(folder / "home").current.stat().st_size / 1e6
            yield BuildFigures(built["seconds"], built["cpu"], bare["seconds"], bare["cpu"], built["memory"], size)


def look_ups(ptp: Path, count: int) -> tuple[float, float]:
    """Return typed pair look-ups per second on one core: of pairs that are edits, and of pairs that mostly are not."""
    with _folder() as folder:
        home = Home(folder / "home")
        _child(LOAD, str(home.root), str(ptp))
        with closing(ReferenceStore(home.current)) as store:
            setting = store.editions_of("ptp")[0].setting or Setting.PRACTITIONER
            rows = store.connection.execute(
                "SELECT column1, column2 FROM ptp ORDER BY random() LIMIT ?", (count,)
            ).fetchall()
            firsts, seconds = [row[0] for row in rows], [row[1] for row in rows]
            random.Random(7).shuffle(seconds)
            days = [date(2024, 7, 1 + n % 28) for n in range(count)]
            return _per_second(store, rows, days, setting), _per_second(
                store, list(zip(firsts, seconds, strict=True)), days, setting
            )


def rows_per_file(data: Path) -> list[list[object]]:
    """Load everything below ``data`` and return (place, outcome, read, accepted, dropped, rejected, restored, reason) of each file."""
    with _folder() as folder:
        return list(_child(LOAD, str(folder / "home"), str(data))["files"])


def kills(first: Path, second: Path, times: int) -> tuple[int, int]:
    """Kill a load of ``second`` over ``first`` at ``times`` random moments; return how often the old knowledge was intact and the next run whole.

    A kill after the swap counts as intact when the new knowledge is whole.
    """
    intact = whole = 0
    generator = random.Random(11)
    with _folder() as folder:
        home = Home(folder / "home")
        _child(LOAD, str(home.root), str(first))
        before, base = home.current.read_bytes(), _rows(home)
        template = folder / "template"
        _copy(home.root, template)
        seconds = _child(LOAD, str(home.root), str(first), str(second))["seconds"]
        wanted = _rows(home)
        for _ in range(times):
            _copy(template, home.root)
            process = subprocess.Popen(
                [sys.executable, "-c", KILLED, str(home.root), str(second)], stdout=subprocess.PIPE
            )
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(generator.uniform(0.0, seconds * 1.1))
            process.send_signal(signal.SIGKILL)
            process.wait()
            process.stdout.close()
            now = _rows(home)
            intact += (now == base and home.current.read_bytes() == before) or now == wanted
            _child(LOAD, str(home.root), str(second))
            whole += _rows(home) == wanted
    return intact, whole


def main() -> None:
    """Print every figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("MEDCODE_REAL_DATA", ".")) / "cms")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--rows", action="store_true", help="also load every file and print its rows")
    chosen = parser.parse_args()
    ptp = chosen.data / "ncci" / "ptp_practitioner_2024-07-01.csv.gz"
    figures = list(builds(ptp, chosen.repeats))
    for figure in figures:
        print(
            f"build {figure.seconds:.1f} s, bare insert {figure.bare_seconds:.1f} s, ratio {figure.ratio:.2f} "
            f"(processor {figure.cpu:.1f}/{figure.bare_cpu:.1f} = {figure.cpu_ratio:.2f}), peak {figure.memory:.0f} MB, file {figure.megabytes:.0f} MB"
        )
    print(
        f"median ratio {statistics.median(f.ratio for f in figures):.2f}, processor {statistics.median(f.cpu_ratio for f in figures):.2f}"
    )
    hits, misses = look_ups(ptp, 200_000)
    print(f"pair look-ups per second on one core: {hits:,.0f} (edits), {misses:,.0f} (other pairs)")
    if chosen.rows:
        for place, outcome, read, accepted, dropped, rejected, restored, reason in rows_per_file(chosen.data):
            print(
                f"{place}: {outcome}, read {read}, accepted {accepted}, dropped {dropped}, rejected {rejected}, restored {restored} {reason}"
            )
    if chosen.kills:
        mue = chosen.data / "ncci"
        intact, whole = kills(
            mue / "mue_practitioner_2024-07-01.csv", mue / "ptp_outpatient_hospital_2024-07-01.csv.gz", chosen.kills
        )
        print(f"killed {chosen.kills} times: old or new knowledge intact {intact}, next run whole {whole}")


def _per_second(store: ReferenceStore, pairs: list[tuple[str, str]], days: list[date], setting: Setting) -> float:
    started = time.process_time()
    for (first, second), day in zip(pairs, days, strict=True):
        store.ptp(first, second, setting, day)
    return len(pairs) / (time.process_time() - started)


def _rows(home: Home) -> tuple[int, ...]:
    with closing(ReferenceStore(home.current)) as store:
        counted = [
            store.connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("edition", "mue", "ptp")
        ]
        return tuple(counted)


def _child(script: str, *arguments: str) -> dict[str, Any]:
    done = subprocess.run([sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _copy(source: Path, target: Path) -> None:
    import shutil

    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target)


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="medcode-load-") as name:
        yield Path(name)


if __name__ == "__main__":
    main()
