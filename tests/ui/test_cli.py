"""The command line: what each command prints, and how it ends."""

from __future__ import annotations

import errno
import json
from pathlib import Path
from typing import Any

import pytest
import typer.main
from typer.testing import CliRunner

from knowledge.home import Home
from ui.cli import app

RUN = CliRunner()
DOS = ("--dos", "2026-03-31")
COMMANDS = (
    "build",
    "vectors",
    "fetch",
    "diff",
    "history",
    "status",
    "ask",
    "lookup",
    "search",
    "check",
    "cards check",
    "eval",
    "ui",
)


def run(*arguments: str) -> tuple[int, str, str]:
    """Return exit code, standard output and standard error of a command."""
    result = RUN.invoke(app, list(arguments), env={"COLUMNS": "200"})
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


def test_every_command_is_known_here() -> None:
    """A new command joins the list above, and with it the promises below."""
    group: Any = typer.main.get_command(app)
    names = {name for name, command in group.commands.items() if not hasattr(command, "commands")}
    names |= {
        f"{name} {below}" for name, command in group.commands.items() for below in getattr(command, "commands", {})
    }
    assert names == set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(command: str) -> None:
    """Help says what the command does and shows how it is typed."""
    code, out, _ = run(*command.split(), "--help")
    assert code == 0
    assert f"$ medcode {command}" in out


@pytest.mark.parametrize(
    "command", [("status",), ("lookup", "99213"), ("ask", "What is 99213?"), ("search", "knee"), ("check", "99213")]
)
def test_no_knowledge_is_one_line(command: tuple[str, ...]) -> None:
    """Without knowledge each command says what to run, on standard error, and ends with 1."""
    code, out, err = run(*command)
    assert (code, out) == (1, "")
    assert len(err.splitlines()) == 1 and "run `medcode build`" in err


@pytest.mark.usefixtures("small")
def test_a_bug_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only errors that the user can act on become one line."""
    monkeypatch.setattr("ui.code_page.find_code", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        run("lookup", "99213")


@pytest.mark.usefixtures("small")
def test_a_full_disk_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """The system's errors that a user can act on are told in one line, too."""

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "reference.sqlite")

    monkeypatch.setattr("ui.building.build_tables", full)
    code, _, err = run("build")
    assert (code, len(err.splitlines())) == (1, 1)
    assert "the disk is full" in err and "MEDCODE_HOME" in err


@pytest.mark.usefixtures("small")
def test_ask_prints_the_answer_with_its_sources() -> None:
    """Verdict, table, sources and what comes next are printed."""
    code, out, _ = run("ask", "Can I bill 45380 with 45385?", *DOS)
    assert code == 0
    for part in (
        "Yes, if",
        "column 1, paid",
        "NCCI PTP practitioner, 2026 Q1, row 45385/45380",
        "No model: composed from the sources",
    ):
        assert part in out


@pytest.mark.usefixtures("small")
def test_ask_gives_the_whole_answer_as_json() -> None:
    """JSON holds the verdict, the evidence and the trace, and nothing else is printed."""
    code, out, err = run("ask", "Can I bill 45380 with 45385?", *DOS, "--json")
    answer = json.loads(out)
    assert (code, err, answer["verdict"]) == (0, "", "yes-if")
    assert answer["sources"][0]["evidence"]["columns"]["column2"] == "45380"
    assert [step["name"] for step in answer["trace"]][-1] == "verify"


@pytest.mark.usefixtures("small")
def test_ask_takes_setting_and_standard_input() -> None:
    """The setting changes the table that is read; - reads the question."""
    result = RUN.invoke(
        app, ["ask", "-", *DOS, "--setting", "outpatient", "--json"], input="Can I bill 45380 with 45385?\n"
    )
    answer = json.loads(result.stdout)
    assert (answer["setting"], answer["verdict"]) == ("outpatient hospital", "no data")


@pytest.mark.usefixtures("small")
def test_ask_opens_sources_and_explains_itself() -> None:
    """--sources shows the row behind a number, --explain every step and the size of the prompt."""
    _, out, _ = run("ask", "Can I bill 45380 with 45385?", *DOS, "--sources", "--explain")
    assert "modifier indicator: 1" in out and "SHA-256: c0ffee" in out
    assert "Trace" in out and "not sent: no model is configured" in out


@pytest.mark.usefixtures("small")
def test_identifiers_are_hidden_before_anything_else() -> None:
    """Neither the answer nor its data holds what was hidden."""
    _, out, _ = run("ask", "Jane Roe: can I bill 45380 with 45385?", "--json")
    assert "Jane Roe" not in out
    assert json.loads(out)["hidden"] == 1


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("question", ["", "   ", "x" * 20_001])
def test_a_question_that_cannot_be_read_is_one_line(question: str) -> None:
    """Empty and over-long questions are refused without a traceback."""
    code, _, err = run("ask", question)
    assert (code, len(err.splitlines())) == (1, 1)


@pytest.mark.usefixtures("small")
def test_lookup_prints_the_page() -> None:
    """Card, indicators, units, modifiers, facility status, edits and dates of a code."""
    code, out, _ = run("lookup", "45385", *DOS)
    assert code == 0
    for part in ("Plain-language summary, not the official descriptor", "A wire loop", "minor procedure: the day itself only", "MAI 2",
                 "Hospital outpatient (OPPS)", "NCCI edits with 45385 in column 1", "More extensive procedure"):  # fmt: skip
        assert part in out


@pytest.mark.usefixtures("small")
def test_lookup_reads_modifiers_and_systems() -> None:
    """Two characters are a modifier; a system settles what the spelling leaves open."""
    assert "A service apart from another one" in run("lookup", "59", *DOS)[1]
    assert "Invented group" in run("lookup", "001", "--system", "msdrg", *DOS)[1]
    assert json.loads(run("lookup", "z91.1", "--json", *DOS)[1])["system"] == "ICD-10-CM"


@pytest.mark.usefixtures("small")
def test_lookup_of_an_unknown_code_suggests_and_ends_with_4() -> None:
    """No page is made up; a near code is offered."""
    code, out, err = run("lookup", "45386", *DOS)
    assert (code, out) == (4, "")
    assert "no loaded table holds 45386" in err and "45385" in err


@pytest.mark.usefixtures("small")
def test_lookup_refuses_what_is_no_code() -> None:
    """SQL, markup and long text are one line on standard error."""
    for text in ("' OR 1=1 --", "<b>99213</b>", "9" * 5_000):
        code, _, err = run("lookup", text)
        assert (code, len(err.splitlines())) == (1, 1)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(
    ("lines", "code"),
    [
        (("45385", "45380-59"), 0),
        (("45385", "99213"), 3),
        (("17003x14", "17000"), 3),
        (("99214",), 4),
        (("45385", "oops!"), 1),
    ],
)
def test_check_ends_with_its_verdict(lines: tuple[str, ...], code: int) -> None:
    """0 yes or yes with a condition, 3 no, 4 no data, 1 unreadable."""
    assert run("check", *lines, *DOS)[0] == code


@pytest.mark.usefixtures("small")
def test_check_says_what_the_record_must_show() -> None:
    """The table of findings names rule, reason, documentation and row."""
    _, out, _ = run("check", "45385", "45380", *DOS)
    for part in ("Altogether: Yes, if", "The record must show", "Source: NCCI PTP practitioner, 2026 Q1"):
        assert part in out
    assert json.loads(run("check", "17003", "--units", "14", *DOS, "--json")[1])["verdict"] == "no"


@pytest.mark.usefixtures("small")
def test_search_finds_by_words_and_says_when_vectors_are_missing() -> None:
    """Codes and cards are found by words; the missing vectors are mentioned."""
    code, out, err = run("search", "ailment of the knee", "--system", "icd10cm", "--limit", "3")
    assert code == 0 and "Z91.1" in out
    assert "Words only" in err
    assert json.loads(run("search", "knee", "--json")[1])["hits"][0]["code"] == "Z911"


@pytest.mark.usefixtures("small")
def test_search_without_a_find_ends_with_4() -> None:
    """FTS syntax is words like any other; nothing found is 4."""
    assert run("search", 'NEAR("zzzz" qqqq) OR *')[0] == 4
    assert run("search", " ")[0] == 1


def test_status_shows_each_edition_and_where_it_is_kept(small: Home) -> None:
    """Edition, window, rows, age, licence, checksum, completeness, vectors and folder."""
    code, out, _ = run("status")
    assert code == 0
    for part in (
        "NCCI PTP practitioner",
        "2026-01-01 to 2026-12-31",
        "complete",
        "partial",
        "c0ffeec0ffee",
        "Vectors:",
        str(small.root),
    ):
        assert part in out
    data = json.loads(run("status", "--json")[1])
    assert (data["home"], data["vectors_ready"]) == (str(small.root), False)


@pytest.mark.usefixtures("small")
def test_a_date_that_is_none_is_wrong_usage() -> None:
    """Wrong usage ends with 2."""
    assert run("lookup", "99213", "--dos", "yesterday")[0] == 2


def test_cards_are_checked_against_the_tables(small: Home, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A folder that is not there is one line; a faulty card ends with 1 and names its line."""
    assert small.current.is_file()
    assert run("cards", "check", "--folder", "no-such-folder")[0] == 1
    folder = tmp_path_factory.mktemp("cards")
    (folder / "rules").mkdir()
    (folder / "rules" / "bad.md").write_text("no header\n", encoding="utf-8")
    code, out, err = run("cards", "check", "--folder", str(folder))
    assert code == 1 and "bad.md" in out and "1 fault in" in err


def test_eval_keeps_every_answer_and_compares_two_runs(
    small: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A table of scores, the answers in the folder named, and a second table when compared."""
    assert small.current.is_file()
    monkeypatch.delenv("MEDCODE_REAL_DATA", raising=False)
    first, second = str(tmp_path / "first"), str(tmp_path / "second")
    code, out, err = run("eval", "--limit", "2", "--keep", first)
    assert code == 0 and "Scores" in out and first in err
    assert len((tmp_path / "first" / "answers.jsonl").read_text(encoding="utf-8").splitlines()) == 2
    _, out, _ = run("eval", "--limit", "2", "--keep", second, "--against", first)
    assert "before" in out and "after" in out


@pytest.mark.usefixtures("small")
def test_eval_without_development_sets_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be measured here says what to set."""
    monkeypatch.delenv("MEDCODE_REAL_DATA", raising=False)
    code, _, err = run("eval", "search")
    assert (code, len(err.splitlines())) == (1, 1)
    assert "MEDCODE_REAL_DATA" in err


@pytest.fixture
def two_quarters(home: Home) -> Home:
    """A home with two editions of one unit limit table."""
    from datetime import date

    from knowledge.records import Licence, Mue, Setting
    from knowledge.writing import EditionDraft, ReferenceWriter

    home.root.mkdir(parents=True, exist_ok=True)
    path = home.root / "reference-two.sqlite"
    with ReferenceWriter(path) as writer:
        for label, start, end, units in (
            ("2024 Q2", date(2024, 4, 1), date(2024, 6, 30), 2),
            ("2024 Q3", date(2024, 7, 1), date(2024, 9, 30), 3),
        ):
            draft = EditionDraft(
                "mue", "CMS", "NCCI MUE practitioner", label, start, end, True, Licence.AMA_CODES, label, label, Setting.PRACTITIONER
            )  # fmt: skip
            writer.add(draft, [Mue("97110", Setting.PRACTITIONER, units, 3, "Invented")])
    home.swap_in(path)
    return home


def test_diff_shows_what_changed_between_editions(two_quarters: Home) -> None:
    """A changed unit limit is a row of the table and a line of the CSV."""
    code, out, _ = run("diff", "mue", "2024 Q2", "2024 Q3")
    assert code == 0 and "97110" in out and "changed" in out
    code, out, _ = run("diff", "mue", "2024-04-15", "2024-07-15", "--csv")
    assert code == 0 and "97110" in out.splitlines()[1]


def test_diff_of_an_edition_that_is_not_loaded_names_those_that_are(two_quarters: Home) -> None:
    """A wrong edition is one line that lists the right ones."""
    code, _, said = run("diff", "mue", "2019 Q1", "2024 Q3")
    assert code == 1 and "2024 Q2" in said and "Traceback" not in said


def test_history_tells_the_limits_of_a_code_in_order(two_quarters: Home) -> None:
    """What each edition says of a code comes oldest first; a code nobody tells anything of is one line."""
    code, out, _ = run("history", "97110")
    assert code == 0 and out.index("2024 Q2") < out.index("2024 Q3")
    code, _, said = run("history", "99999")
    assert code == 1 and "no loaded edition" in said


def test_files_are_loaded_by_content_and_said(two_quarters: Home, tmp_path: Path) -> None:
    """A file of no known layout is named with how it begins, and nothing that was loaded is lost."""
    odd = tmp_path / "drop" / "notes.csv"
    odd.parent.mkdir()
    odd.write_text("some,other,table\n1,2,3\n", encoding="utf-8")
    from ui.building import load_files

    report = load_files([odd.parent], two_quarters)
    assert [file.outcome for file in report.files] == ["not recognised"]
    assert run("history", "97110")[0] == 0
