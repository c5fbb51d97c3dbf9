"""Child process that opens the LMDB files of two data packages and prints plain rows. Started only by :mod:`ingest.decoding`.

One of them holds ``marshal`` values, which can crash or mislead the process that reads them, and both are read by a C library: so they
are opened here, under limits of processor time, memory and file size, and only checked text leaves. This file stands alone (standard
library and ``lmdb``): it runs in isolated mode, without this program's packages.

Usage: ``decoder.py ioce ARCHIVE.xz FOLDER`` or ``decoder.py blobs FILE KEY...``.

``ioce`` inflates the archive into FOLDER and prints each table as a line ``#name`` and tab-separated rows; ``#end N`` closes the stream.
``blobs`` writes each value as a line ``#KEY SIZE``, the bytes, and a line end; ``#end`` closes the stream.
"""

from __future__ import annotations

import contextlib
import lzma
import marshal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

SECONDS = 120
MEMORY = 2_000_000_000
FILE_SIZE = 600_000_000

FLAGS_OF_MODIFIER = (
    "therapy", "non_discount", "died_transferred", "device_req_exclusion", "telehealth", "assistant_surgeon",
)  # fmt: skip


def main(arguments: list[str]) -> int:
    """Run one command; see the module's docstring."""
    _limit()
    out = sys.stdout.buffer
    if arguments[0] == "ioce":
        _ioce(Path(arguments[1]), Path(arguments[2]), out)
    else:
        _blobs(Path(arguments[1]), arguments[2:], out)
    out.flush()
    return 0


def _limit() -> None:
    # The resource module does not exist on Windows; there the separate process alone has to do.
    with contextlib.suppress(ImportError):
        import resource

        for limit, value in (
            (resource.RLIMIT_CPU, SECONDS),
            (resource.RLIMIT_AS, MEMORY),
            (resource.RLIMIT_FSIZE, FILE_SIZE),
            (resource.RLIMIT_CORE, 0),
        ):
            with contextlib.suppress(ValueError, OSError):
                resource.setrlimit(limit, (value, value))


def _open(path: Path) -> Any:
    import lmdb

    return lmdb.open(str(path), subdir=False, readonly=True, lock=False, max_dbs=64, readahead=False)


def _blobs(path: Path, keys: list[str], out: BinaryIO) -> None:
    with _open(path).begin() as transaction:
        stored = {bytes(key).rstrip(b"\0").decode(): value for key, value in transaction.cursor()}
    for key in keys:
        value = bytes(stored[key])
        out.write(f"#{key} {len(value)}\n".encode())
        out.write(value)
        out.write(b"\n")
    out.write(b"#end\n")


def _ioce(archive: Path, folder: Path, out: BinaryIO) -> None:
    inflated = folder / "ioce.mdb"
    with lzma.open(archive) as source, inflated.open("wb") as target:
        size = 0
        while block := source.read(1 << 20):
            size += len(block)
            if size > FILE_SIZE:
                raise SystemExit(f"the table file inflates to more than {FILE_SIZE} bytes")
            target.write(block)
    count = 0
    environment = _open(inflated)
    with environment.begin() as transaction:
        for name, rows in _tables(environment, transaction):
            out.write(f"#{name}\n".encode())
            for row in rows:
                count += 1
                out.write("\t".join(row).encode())
                out.write(b"\n")
    out.write(f"#end {count}\n".encode())


def _tables(environment: Any, transaction: Any) -> Iterator[tuple[str, Iterator[tuple[str, ...]]]]:
    def records(table: str) -> Iterator[tuple[list[str], dict[str, Any]]]:
        for key, value in transaction.cursor(environment.open_db(table.encode(), txn=transaction, create=False)):
            yield bytes(key).decode().split("|"), marshal.loads(value)

    def span(record: dict[str, Any]) -> tuple[str, str]:
        return str(int(record["lo_version"])), str(int(record["hi_version"]))

    yield (
        "version",
        ((key[0], str(int(r["date_started"])), str(r["version_id"])) for key, r in records("version_range")),
    )
    yield (
        "hcpcs",
        (
            (key[0], *span(r), str(r["status_indicator"]), str(r["apc"]), _publishable(key[0], r))
            for key, r in records("data_hcpcs")
        ),
    )
    yield (
        "modifier",
        (
            (key[0], *span(r), str(int(bool(r["ncci"]))), ",".join(flag for flag in FLAGS_OF_MODIFIER if r[flag]))
            for key, r in records("data_modifier")
            if not key[0].startswith("#")  # internal markers of the editor, no modifiers
        ),
    )
    yield "conflict", ((key[0], key[1], *span(r)) for key, r in records("map_modifier_conflict"))
    yield (
        "addon1",
        (
            (key[0], key[1], *span(r))
            for table in ("map_addon_type1", "map_addon_drug_admin")
            for key, r in records(table)
        ),
    )
    yield "addon2", ((key[0], "CCCCC", *span(r)) for key, r in records("map_addon_type2"))
    yield "addon3", ((key[0], key[1], *span(r)) for key, r in records("map_addon_type3"))
    yield "ptp", _pairs(transaction.cursor(environment.open_db(b"map_ncci", txn=transaction, create=False)))


def _pairs(cursor: Any) -> Iterator[tuple[str, ...]]:
    for key, value in cursor:
        column1 = bytes(key).decode()
        edits = []
        for column2, packed in marshal.loads(value):
            edit = marshal.loads(packed)
            edits.append(
                (
                    column2.decode(),
                    int(edit["lo_version"]),
                    int(edit["hi_version"]),
                    "1" if edit["mod_indicator"] else "0",
                )
            )
        # In key order, so that the store appends instead of searching its place for each row.
        for column2, low, high, indicator in sorted(edits):
            yield column1, column2, str(low), str(high), indicator


def _publishable(code: str, record: dict[str, Any]) -> str:
    # CPT wording is the AMA's, that of D codes the ADA's: it must not even reach the pipe.
    if code[:1].isdigit() or code[:1] == "D":
        return ""
    return " ".join(str(record["description"]).split())


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
