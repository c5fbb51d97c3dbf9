"""The promises of the layout: who imports whom, one home per library, nothing at import."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("knowledge", "ingest", "assistant", "evals", "ui")
MAY_IMPORT = {
    "knowledge": set(),
    "ingest": {"knowledge"},
    "assistant": {"knowledge"},
    "evals": {"assistant", "knowledge"},
    "ui": {"assistant", "evals", "ingest", "knowledge"},
}
HOMES = {
    "chromadb": {"knowledge/vectors.py"},
    "onnxruntime": {"knowledge/embeddings.py"},
    "tokenizers": {"knowledge/embeddings.py"},
    "tiktoken": {"knowledge/tokens.py"},
    "langchain_openai": {"assistant/llm.py"},
    "langchain_text_splitters": {"ingest/chunk.py"},
    "lmdb": {"ingest/decoder.py"},
}
"""Libraries with one home module each; Streamlit lives in ui alone, typer in the command line."""


def modules(package: str) -> list[Path]:
    """Return the source files of one of our packages."""
    return sorted((ROOT / package).rglob("*.py"))


def imported(path: Path) -> set[str]:
    """Return the dotted names a module imports, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names.add(node.module)
    return names


@pytest.mark.parametrize("package", PACKAGES)
def test_packages_import_only_what_the_table_allows(package: str) -> None:
    """Imports point one way: knowledge knows nobody, ui may know all."""
    for path in modules(package):
        ours = {name.split(".")[0] for name in imported(path)} & set(PACKAGES)
        assert ours <= MAY_IMPORT[package] | {package}, path


@pytest.mark.parametrize("library", HOMES)
def test_each_outside_library_has_one_home(library: str) -> None:
    """A library is imported in its home module and nowhere else."""
    users = {
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in modules(package)
        if any(name.split(".")[0] == library for name in imported(path))
    }
    assert users == HOMES[library]


def test_streamlit_lives_in_the_interface_alone() -> None:
    """Only ui imports Streamlit and typer."""
    for package in set(PACKAGES) - {"ui"}:
        for path in modules(package):
            assert not {"streamlit", "typer"} & {name.split(".")[0] for name in imported(path)}, path


@pytest.mark.parametrize("package", ["knowledge", "ingest", "assistant", "evals"])
def test_importing_a_package_does_nothing(package: str, tmp_path: Path) -> None:
    """Importing any module opens no file for writing, starts no network and loads no heavy library."""
    names = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for path in modules(package)
    ]
    names = [name for name in names if not name.endswith("__main__")]
    heavy = ("chromadb", "onnxruntime", "streamlit", "langchain_openai", "openai", "spacy", "pyarrow", "pandas")
    program = (
        "import sys, socket\n"
        "def refuse(event, args):\n"
        "    if event == 'socket.connect' or (event == 'open' and isinstance(args[1], str) and set(args[1]) & set('wax+')):\n"
        "        raise SystemExit(f'{event} {args[0]} at import')\n"
        "sys.dont_write_bytecode = True\n"
        "sys.addaudithook(refuse)\n"
        f"for name in {names!r}: __import__(name)\n"
        f"loaded = [name for name in {heavy!r} if name in sys.modules]\n"
        "raise SystemExit(f'loaded {loaded}' if loaded else 0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr


def test_no_machine_path_or_foreign_setting_stands_in_the_tree() -> None:
    """Sources name no path of one machine."""
    needles = ("/" + "work" + "/", "/" + "root" + "/", "/" + "opt" + "/mc")
    for package in PACKAGES:
        for path in modules(package):
            text = path.read_text(encoding="utf-8")
            assert not any(needle in text for needle in needles), path
