"""The command line.

Each command imports what it needs when it runs, so that ``medcode --help`` and ``medcode lookup`` stay quick.

Exit codes: 0 done (for ``check``: yes, or yes with a condition), 1 an error told in one line, 2 wrong usage, 3 ``check`` says no,
4 no data.
"""

from __future__ import annotations

import errno
import sys
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from knowledge.errors import InputError, MedcodeError
from knowledge.home import Home

if TYPE_CHECKING:
    from assistant.chain import Assistant, Done
    from knowledge.codes import CodeSystem
    from knowledge.passages import Topic
    from knowledge.records import Setting

__all__ = ["app", "main"]

NO, NO_DATA = 3, 4
"""Exit codes of a verdict; see the module's docstring."""


class _Commands(TyperGroup):
    """Tells errors that the user can act on in one line; every other exception is a bug and keeps its traceback."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except MedcodeError as error:
            _fail(str(error))
        except OSError as error:
            if error.errno not in _TOLD:
                raise
            where = f" ({error.filename})" if error.filename else ""
            _fail(f"{_TOLD[error.errno]}{where}")


_TOLD = {
    errno.ENOSPC: "the disk is full: free some space, or set MEDCODE_HOME to a folder on another disk",
    errno.EDQUOT: "the disk quota is used up: free some space, or set MEDCODE_HOME to a folder on another disk",
    errno.EACCES: "no permission to write there: set MEDCODE_HOME to a folder of your own",
    errno.EROFS: "the disk is read-only: set MEDCODE_HOME to a folder that can be written",
}


def _fail(message: str) -> None:
    typer.echo(f"medcode: {message}", err=True)
    raise typer.Exit(1)


app = typer.Typer(
    cls=_Commands,
    name="medcode",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="An open assistant for medical coding: cited answers from dated tables, on your own machine.",
    epilog="Exit codes: 0 done or yes, 1 error, 2 wrong usage, 3 `check` says no, 4 no data. MEDCODE_HOME says where everything is kept.",
)
cards = typer.Typer(no_args_is_help=True, help="Our own cards: check their format, codes and references.")
app.add_typer(cards, name="cards")


class SettingName(StrEnum):
    """The settings as they are typed."""

    PRACTITIONER = "practitioner"
    OUTPATIENT = "outpatient"
    DME = "dme"


class SystemName(StrEnum):
    """The code systems as they are typed."""

    CPT = "cpt"
    HCPCS = "hcpcs"
    ICD10CM = "icd10cm"
    ICD10PCS = "icd10pcs"
    ICD9CM = "icd9cm"
    ICD9PROC = "icd9proc"
    MSDRG = "msdrg"


class TopicName(StrEnum):
    """The topics as they are typed."""

    CODES = "codes"
    GUIDELINES = "guidelines"
    MODIFIERS = "modifiers"
    CROSSWALKS = "crosswalks"
    NCCI = "ncci"
    COMPLIANCE = "compliance"
    COVERAGE = "coverage"


def _day(text: str) -> date:
    if isinstance(text, date):
        return text
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"expected a date such as 2026-03-31, got {text[:20]!r}") from None


ServiceDate = Annotated[
    date | None, typer.Option("--dos", parser=_day, metavar="YYYY-MM-DD", help="Date of service; today when not given.")
]
AskedSetting = Annotated[
    SettingName | None, typer.Option("--setting", help="Where it is billed; practitioner when not given.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print data instead of text.")]


def _examples(*lines: str) -> str:
    return "Examples:\n\n" + "\n\n".join(f"  $ {line}" for line in lines)


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(version("medcode-assistant"))
        raise typer.Exit


@app.callback()
def medcode(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and leave.")
    ] = False,
) -> None:
    """An open assistant for medical coding: cited answers from dated tables, on your own machine."""


# -- building and looking at what is built --------------------------------------------------------------------------------


@app.command(epilog=_examples("medcode build", "medcode build --from Downloads", "medcode build --no-vectors"))
def build(
    sources: Annotated[
        list[Path] | None,
        typer.Option(
            "--from",
            metavar="PATH",
            exists=True,
            help="A folder, file or zip of publishers' files to load first; may be given several times.",
        ),
    ] = None,
    vectors: Annotated[
        bool, typer.Option("--vectors/--no-vectors", help="Also make the vectors that search by meaning needs.")
    ] = True,
) -> None:
    """Build the knowledge from the packaged tables, our cards and the publishers' files you give.

    Files are recognised by their content and loaded as editions beside those already there; what was loaded before is kept. The knowledge
    in use stays as it is until the new one is whole and checked. MEDCODE_CPT_LICENCE names your own AMA licence, without which no CPT
    wording is kept.
    """
    from ui.building import build_tables, fill, load_files

    home = Home.default()
    if sources:
        load_files(sources, home)
    build_tables(home)
    if vectors:
        fill(home)


@app.command(epilog=_examples("medcode vectors"))
def vectors(
    quiet: Annotated[bool, typer.Option("--quiet", help="Print nothing and give way to other programs.")] = False,
) -> None:
    """Make the vectors that search by meaning needs.

    Goes on where an earlier run stopped; the program answers from words meanwhile.
    """
    from ui.building import fill

    fill(Home.default(), quiet=quiet)


@app.command(epilog=_examples("medcode fetch", "medcode fetch mue hcpcs"))
def fetch(
    names: Annotated[
        list[str] | None, typer.Argument(help="Pages to fetch; all known ones when none is named.")
    ] = None,
) -> None:
    """Download the newest files that publishers give plainly, and list the pages where a licence must be accepted first."""
    from ui.building import fetch_files

    fetch_files(Home.default(), names or ())


@app.command(
    epilog=_examples(
        "medcode diff mue '2026 Q2' '2026 Q3' --setting practitioner", "medcode diff ptp 2026-04-01 2026-07-01 --csv"
    )
)
def diff(
    table: Annotated[str, typer.Argument(help="ptp, mue, fee, code and others; a wrong name lists them.")],
    old: Annotated[str, typer.Argument(help="The older edition: its label, or a date it covers.")],
    new: Annotated[str, typer.Argument(help="The newer edition: its label, or a date it covers.")],
    setting: AskedSetting = None,
    system: Annotated[str | None, typer.Option("--system", help="Code system, for tables of codes.")] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV instead of a table.")] = False,
    limit: Annotated[int, typer.Option("--limit", min=1, help="Rows shown in the table.")] = 200,
) -> None:
    """Show what changed between two loaded editions of a table: new, deleted and changed rows."""
    from itertools import islice

    from knowledge import comparing
    from knowledge.codes import CodeSystem
    from knowledge.records import Setting
    from knowledge.reference import ReferenceStore

    reference = ReferenceStore(Home.default().current)
    where = Setting(setting.value) if setting else None
    try:
        family = CodeSystem(system) if system else None
    except ValueError:
        raise InputError(f"expected one of {', '.join(CodeSystem)}, got {system!r}") from None
    editions = [comparing.find_edition(reference, table, told, where, family) for told in (old, new)]
    differences = comparing.diff(reference, table, *editions)
    if as_csv:
        typer.echo(comparing.as_csv(differences), nl=False)
        return
    from ui.terminal import console, show_differences

    show_differences(console(), editions[0], editions[1], list(islice(differences, limit + 1)), limit)


@app.command(epilog=_examples("medcode history E11.65", "medcode history G2211"))
def history(code: Annotated[str, typer.Argument(help="A code in any spelling.")]) -> None:
    """Show a code's life in the loaded editions: when it became valid, what its limits and statuses were, when it ended."""
    from knowledge import comparing
    from knowledge.codes import readings
    from knowledge.reference import ReferenceStore
    from ui.terminal import console, show_history

    reference = ReferenceStore(Home.default().current)
    told = [(reading, comparing.history(reference, reading)) for reading in readings(code)]
    found = next(((reading, events) for reading, events in told if events), None)
    if found is None:
        raise InputError(
            f"no loaded edition tells anything of {code[:20]!r}: check the spelling or load the file that holds it"
        )
    show_history(console(), *found)


@app.command(epilog=_examples("medcode status", "medcode status --json"))
def status(as_json: AsJson = False) -> None:
    """Show what is loaded, how old it is and where it is kept.

    Each table with its edition, dates of service, rows, age, licence and checksum; how far the vectors are; where things are kept.
    """
    from ui.inventory import editions_table, take_inventory

    inventory = take_inventory(Home.default())
    if as_json:
        from ui.views import as_data

        _print_json(as_data(inventory) | {"home": str(inventory.home), "reference": str(inventory.reference)})
        return
    from ui.terminal import console, show_holdings

    show_holdings(console(), inventory, editions_table(inventory.editions, date.today()))


# -- asking ---------------------------------------------------------------------------------------------------------------


@app.command(
    epilog=_examples(
        'medcode ask "Can I bill 45380 with 45385?" --dos 2026-03-31',
        'medcode ask "What is E11.22?" --json',
        'medcode ask "modifier 25 or 57?" --explain --sources',
    )
)
def ask(
    question: Annotated[
        list[str], typer.Argument(help="The question, in plain words; - reads it from standard input.")
    ],
    on: ServiceDate = None,
    setting: AskedSetting = None,
    topic: Annotated[
        list[TopicName] | None, typer.Option("--topic", help="Search cards of this topic only; may be repeated.")
    ] = None,
    sources: Annotated[
        bool, typer.Option("--sources", help="Open every source: the row or passage, its edition and checksum.")
    ] = False,
    explain: Annotated[
        bool, typer.Option("--explain", help="Show every step, its time, and what the prompt held.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Answer a question from dated rows and cards, with its sources.

    Exit code 0, also where the answer is "no" or "no data".
    """
    from ui.assembly import build_assistant, configured_model, open_knowledge

    text = " ".join(question)
    if text == "-":
        text = sys.stdin.read()
    with open_knowledge(Home.default()) as knowledge:
        assistant = build_assistant(knowledge, model=configured_model())
        asked: dict[str, Any] = {"on": on, "setting": _setting(setting), "topics": _topics(topic)}
        if as_json:
            from ui.views import answer_data

            _print_json(answer_data(assistant.ask(text, **asked)))
            return
        from ui.terminal import console, show_answer, show_sources, show_trace

        out = console()
        done = _stream(assistant, text, asked)
        show_answer(out, done.answer)
        if sources:
            show_sources(out, done.answer)
        if explain:
            show_trace(out, done.answer, _prompt_line(assistant, done))


def _stream(assistant: Assistant, text: str, asked: dict[str, Any]) -> Done:
    """Return the finished answer, showing the steps on standard error while they run."""
    from rich.live import Live

    from assistant.chain import Stepped, Wrote
    from ui.terminal import console, steps_so_far

    errors = console(errors=True)
    steps, sentences = [], []
    done: Done | None = None
    # On a terminal the steps give way to the answer; elsewhere they are not printed at all.
    with Live(console=errors, transient=True, refresh_per_second=8) as live:
        for event in assistant.stream(text, **asked):
            if isinstance(event, Stepped):
                steps.append(event.step)
            elif isinstance(event, Wrote):
                sentences.append(event.sentence)
            else:
                done = event
            if errors.is_terminal:
                live.update(steps_so_far(steps, sentences))
    assert done is not None
    return done


def _prompt_line(assistant: Assistant, done: Done) -> str:
    from assistant.prompt import build_prompt

    prompt = build_prompt(done.turn, assistant.count_tokens)
    left = f", left out: {', '.join(prompt.left_out)}" if prompt.left_out else ", nothing left out"
    sent = f"sent to {assistant.model.name}" if assistant.model else "not sent: no model is configured"
    return f"Prompt: {prompt.tokens:,} tokens with {len(prompt.evidence)} pieces of evidence{left}; {sent}."


@app.command(
    epilog=_examples(
        "medcode lookup 99213",
        "medcode lookup E11.22 --dos 2026-03-31",
        "medcode lookup 59",
        "medcode lookup 470 --system msdrg",
    )
)
def lookup(
    code: Annotated[str, typer.Argument(help="A code, or a two-character modifier.")],
    on: ServiceDate = None,
    system: Annotated[
        SystemName | None, typer.Option("--system", help="The code system, where the spelling leaves it open.")
    ] = None,
    setting: AskedSetting = None,
    pairs: Annotated[
        int, typer.Option("--pairs", min=0, max=5000, help="How many NCCI edits to list for the code.")
    ] = 8,
    as_json: AsJson = False,
) -> None:
    """Show everything loaded about one code or modifier.

    Exit code 4 when no loaded table holds it.
    """
    from dataclasses import replace

    from knowledge.codes import CodeSystem
    from knowledge.licensed import LicensedText
    from knowledge.reference import ReferenceStore
    from ui.code_page import code_page, find_code, modifier_page, page_data, partners, similar_codes

    day = on or date.today()
    reference = ReferenceStore(Home.default().current)
    if len(code.strip()) == 2 and system is None:
        page = modifier_page(code.strip(), reference, day)
    else:
        found = find_code(code, reference, day, _system(system))
        # What is printed as data may be passed on; licensed wording is for the user's own screen alone.
        licensed = None if as_json else LicensedText(Home.default())
        page = code_page(found, reference, day, licensed) if found else None
        if page and found and found.system in (CodeSystem.CPT, CodeSystem.HCPCS) and pairs:
            settings = [_setting(setting)] if setting else _settings_with_edits(reference)
            edits = tuple(partners(found, one, reference, day, limit=pairs) for one in settings if one)
            page = replace(page, sections=(*page.sections, *edits))
    if page is None:
        near = similar_codes(code, reference, day) if len(code.strip()) > 2 else ()
        hint = f" Did you mean {', '.join(f'{value} ({title})' for value, title in near[:3])}?" if near else ""
        typer.echo(f"medcode: no loaded table holds {code.strip()[:24]}.{hint}", err=True)
        raise typer.Exit(NO_DATA)
    if as_json:
        _print_json(page_data(page))
        return
    from ui.terminal import console, show_page

    show_page(console(), page)


def _settings_with_edits(reference: Any) -> list[Setting]:
    from knowledge.records import Setting

    return [setting for setting in Setting if reference.editions_of("ptp", setting)]


@app.command(
    epilog=_examples(
        "medcode search sugar in the urine",
        "medcode search knee arthroscopy --system cpt --limit 5",
        "medcode search E11.6 --json",
    )
)
def search(
    words: Annotated[list[str], typer.Argument(help="Words, a code or its beginning.")],
    system: Annotated[
        list[SystemName] | None, typer.Option("--system", help="Codes of this system only; may be repeated.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=200, help="How many to show.")] = 10,
    as_json: AsJson = False,
) -> None:
    """Find codes and cards by words, by meaning and by code.

    Exit code 4 when nothing is found.
    """
    from ui.assembly import open_knowledge
    from ui.views import as_data

    text = " ".join(words)
    if not text.strip():
        raise InputError("expected words to search for, got none")
    with open_knowledge(Home.default()) as knowledge:
        result = knowledge.search(text, systems=[name.value for name in system] if system else None, limit=limit)
        ready = knowledge.vectors_ready
    if as_json:
        _print_json(as_data(result))
    else:
        from ui.terminal import console, table_of
        from ui.views import hits_table

        out = console()
        if result.did_you_mean:
            typer.echo(f"Also searched: {result.did_you_mean}", err=True)
        if result.hits:
            out.print(table_of(hits_table(result.hits)))
        if not ready:
            typer.echo("Words only: the vectors are not ready (`medcode vectors`).", err=True)
    if not result.hits:
        typer.echo("medcode: nothing found; try other words or fewer of them.", err=True)
        raise typer.Exit(NO_DATA)


@app.command(
    epilog=_examples(
        "medcode check 45385 45380-59 --dos 2026-03-31",
        "medcode check 17000 17003x13",
        "medcode check 99213-25 --setting outpatient",
    )
)
def check(
    lines: Annotated[
        list[str], typer.Argument(metavar="LINE...", help="Claim lines: 45385, 45380-59, 17003x13 (13 units).")
    ],
    on: ServiceDate = None,
    setting: AskedSetting = None,
    units: Annotated[int | None, typer.Option("--units", min=1, max=9999, help="Units of a single line.")] = None,
    as_json: AsJson = False,
) -> None:
    """Check claim lines: edits, units, modifiers, validity.

    Exit code 0 for yes and for yes with a condition, 3 for no, 4 for no data.
    """
    from assistant.types import Verdict
    from knowledge.records import Setting
    from knowledge.reference import ReferenceStore
    from ui.claim import check_claim, overall, read_lines

    day = on or date.today()
    reference = ReferenceStore(Home.default().current)
    claim = read_lines(lines, units, reference, day)
    findings = check_claim(claim, _setting(setting) or Setting.PRACTITIONER, day, reference)
    verdict = overall(findings)
    if as_json:
        from ui.views import as_data

        _print_json(
            {
                "verdict": verdict.value,
                "on": day.isoformat(),
                "lines": [line.shown for line in claim],
                "findings": as_data(findings),
            }
        )
    else:
        from ui.terminal import console, show_findings

        show_findings(console(), findings, verdict)
    raise typer.Exit({Verdict.NO: NO, Verdict.NO_DATA: NO_DATA}.get(verdict, 0))


# -- keeping it good ------------------------------------------------------------------------------------------------------


@cards.command("check", epilog=_examples("medcode cards check", "medcode cards check --folder my-cards"))
def check_cards(
    folder: Annotated[
        str, typer.Option("--folder", help="Folder of cards; the ones that ship with the program when not given.")
    ] = "",
) -> None:
    """Check every card of ours.

    Format, codes that are no longer valid, references that no table holds. Exit code 1 when there is a fault.
    """
    from pathlib import Path

    import ingest
    from ingest.cards import check_cards as faults_of
    from ingest.cards import read_documents
    from ingest.references import References
    from knowledge.reference import ReferenceStore

    starter = Path(ingest.__path__[0]) / "starter"
    chosen = Path(folder) if folder else starter / "cards"
    if not chosen.is_dir():
        raise InputError(f"expected a folder of cards, found none at {chosen}")
    tables = References(ReferenceStore(Home.default().current), date.today())
    faults = faults_of(chosen, read_documents(starter / "documents.toml"), tables.stands, tables.resolve)
    for fault in faults:
        typer.echo(fault)
    typer.echo(f"{len(faults)} fault{'s' if len(faults) != 1 else ''} in the cards of {chosen}.", err=True)
    if faults:
        raise typer.Exit(1)


class SuiteName(StrEnum):
    """What can be measured."""

    ANSWERS = "answers"
    CARDS = "cards"
    SEARCH = "search"
    REDACT = "redact"


@app.command(
    "eval",
    epilog=_examples(
        "medcode eval",
        "medcode eval answers --keep before",
        "medcode eval --against before --failures",
        "medcode eval redact",
    ),
)
def evaluate(
    suite: Annotated[
        SuiteName,
        typer.Argument(help="answers: whole answers; cards and search: what is found; redact: what is hidden."),
    ] = SuiteName.ANSWERS,
    keep: Annotated[
        str,
        typer.Option(
            "--keep", metavar="FOLDER", help="Where the answers are kept; a new folder at home when not given."
        ),
    ] = "",
    against: Annotated[
        str, typer.Option("--against", metavar="FOLDER", help="Compare with the answers kept there.")
    ] = "",
    failures: Annotated[bool, typer.Option("--failures", help="Also list every score below 1 and why.")] = False,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Only the first cases of each set.")] = None,
) -> None:
    """Measure how good the answers are.

    MEDCODE_REAL_DATA names the folder of the development sets, where they are; without it the sets that ship with the program are measured.
    """
    from pathlib import Path

    from ui import measuring

    home = Home.default()
    if suite is SuiteName.ANSWERS:
        folders = [Path(name) if name else None for name in (keep, against)]
        measuring.measure_answers(home, keep=folders[0], against=folders[1], show_failures=failures, limit=limit)
    elif suite is SuiteName.CARDS:
        measuring.measure_cards(home)
    elif suite is SuiteName.SEARCH:
        measuring.measure_search(home, limit=limit)
    else:
        measuring.measure_redaction(limit=limit)


# -- the page in the browser ----------------------------------------------------------------------------------------------


@app.command(epilog=_examples("medcode ui", "medcode ui --port 8600 --no-browser"))
def ui(
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="Port on this machine.")] = 8501,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the page in the browser.")] = True,
) -> None:
    """Open the assistant in the browser.

    Builds the knowledge first when there is none and makes the vectors beside it. It listens on this machine only.
    """
    from ui.launch import launch

    launch(Home.default(), port=port, browser=browser)


# -- what is typed, as what is meant --------------------------------------------------------------------------------------


def _setting(name: SettingName | None) -> Setting | None:
    from knowledge.records import Setting

    meant = {
        SettingName.PRACTITIONER: Setting.PRACTITIONER,
        SettingName.OUTPATIENT: Setting.OUTPATIENT_HOSPITAL,
        SettingName.DME: Setting.DME,
    }
    return meant[name] if name else None


def _system(name: SystemName | None) -> CodeSystem | None:
    from knowledge.codes import CodeSystem

    return CodeSystem(name.value) if name else None


def _topics(names: list[TopicName] | None) -> tuple[Topic, ...]:
    from knowledge.passages import Topic

    return tuple(Topic(name.value) for name in names or ())


def _print_json(data: object) -> None:
    import json

    typer.echo(json.dumps(data, indent=2, ensure_ascii=False))


def main() -> None:
    """Run the command line."""
    app()


if __name__ == "__main__":
    main()
