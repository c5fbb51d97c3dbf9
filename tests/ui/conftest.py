"""A small invented knowledge base that every face of the program can be shown on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import pytest

from ingest.entries import searchable
from knowledge.codes import Code, CodeSystem
from knowledge.entries import write_entries
from knowledge.home import Home
from knowledge.passages import Document, DocumentKind, DocumentSource, Passage, Topic
from knowledge.records import (
    AddOnPair,
    AscStatus,
    Category,
    CodeRecord,
    ComplicationClass,
    DrgRecord,
    FeeIndicators,
    HccMapping,
    Licence,
    ModifierConflict,
    ModifierRecord,
    Mue,
    NoteKind,
    OppsStatus,
    Setting,
    Validity,
)
from knowledge.reference import ReferenceStore
from knowledge.schema import OPEN
from knowledge.writing import EditionDraft, NoteRow, PtpRow, ReferenceWriter
from ui import assembly


def _draft(
    table: str, title: str, *, setting: Setting | None = None, system: CodeSystem | None = None, complete: bool = True
) -> EditionDraft:
    return EditionDraft(
        table, "Invented publisher", title, "2026 Q1", date(2026, 1, 1), date(2026, 12, 31), complete, Licence.PUBLIC, f"{table}.csv",
        "c0ffee" * 10 + "beef", setting, True, system,
    )  # fmt: skip


def _cpt(value: str) -> CodeRecord:
    return CodeRecord(Code(CodeSystem.CPT, value), "")


def _icd(value: str, title: str, parent: str, node: str, billable: bool) -> CodeRecord:
    return CodeRecord(Code(CodeSystem.ICD10CM, value), title, "", billable, parent, node)


def _fee(code: str, status: str, pctc: str, days: str, multiple: str, bilateral: str, base: str = "") -> FeeIndicators:
    return FeeIndicators(code, "", status, pctc, days, multiple, bilateral, "1", "0", "0", base, "09", "99")


def _card(
    id_: str, title: str, kind: DocumentKind, codes: tuple[str, ...], modifiers: tuple[str, ...], texts: dict[str, str]
) -> tuple[Document, tuple[Passage, ...]]:
    source = DocumentSource("Invented publisher", "Invented manual", "chapter 1")
    document = Document(
        id_,
        title,
        kind,
        Topic.CODES,
        codes,
        modifiers,
        (),
        (source,),
        date(2020, 1, 1),
        None,
        date(2026, 1, 15),
        Licence.OWN,
        "reviewed 2026-01-15",
    )
    return document, tuple(
        Passage(f"{id_}#{n}", document, heading, text, n, tokens=len(text.split()))
        for n, (heading, text) in enumerate(texts.items())
    )


_CARDS = (
    _card(
        "cpt-45385", "Removing a growth of the bowel with a loop", DocumentKind.CODE_CARD, ("45385",), ("59",),
        {"In plain words": "A wire loop takes a growth off.", "What the record must show": "Place and size of each growth, <b>always</b>."},
    ),
    _card(
        "modifier-59", "A service apart from another one", DocumentKind.MODIFIER_CARD, (), ("59", "XS"),
        {"What it says": "Two services had nothing to do with each other."},
    ),
    _card("rule-scope", "Two tools in one session", DocumentKind.RULE_CARD, ("45380", "45385"), (), {"The rule": "One growth, one code."}),
)  # fmt: skip


def _write(writer: ReferenceWriter) -> None:
    cm = CodeSystem.ICD10CM
    writer.add(
        _draft("code", "Procedure codes", system=CodeSystem.CPT),
        [_cpt(value) for value in ("17000", "17003", "45380", "45385", "99213")],
    )
    writer.add(
        _draft("code", "Diagnosis codes", system=cm),
        [
            _icd("Z91", "Invented ailments", "", "category", False),
            _icd("Z911", "Invented ailment of the knee", "Z91", "code", True),
        ],
    )
    writer.add(_draft("validity", "Diagnosis dates", system=cm), [Validity(Code(cm, "Z911"), date(2020, 10, 1), None)])
    writer.add(_draft("note", "Diagnosis codes"), [NoteRow("Z91", 0, NoteKind.EXCLUDES1, "real ailments (Z92.-)")])
    writer.add(
        _draft("ptp", "NCCI PTP practitioner", setting=Setting.PRACTITIONER),
        [
            PtpRow("45385", "45380", 20260101, OPEN, 1, "More extensive procedure"),
            PtpRow("45385", "99213", 20260101, OPEN, 0, "Invented reason"),
        ],
    )
    writer.add(
        _draft("mue", "NCCI MUE practitioner", setting=Setting.PRACTITIONER),
        [Mue("45385", Setting.PRACTITIONER, 1, 2, "Invented"), Mue("17003", Setting.PRACTITIONER, 13, 2, "Invented")],
    )
    writer.add(
        _draft("fee", "Fee schedule"),
        [_fee("45385", "A", "0", "000", "3", "0", "45378"), _fee("99213", "A", "0", "XXX", "0", "0")],
    )
    writer.add(
        _draft("opps", "Outpatient status"), [OppsStatus("45385", "T", "05312", "1234.50", "significant procedure")]
    )
    writer.add(_draft("asc", "Surgical centre status"), [AscStatus("45385", "AA", "A2", "600.00", "05312")])
    writer.add(_draft("addon", "Add-on codes"), [AddOnPair("17003", "17000", 1, None, None)])
    writer.add(
        _draft("modifier", "Modifiers"),
        [ModifierRecord("59", True, ("NCCI",)), ModifierRecord("XS", True, ()), ModifierRecord("25", True, ())],
    )
    writer.add(_draft("modifier_conflict", "Modifier conflicts"), [ModifierConflict("59", "XS")])
    writer.add(_draft("hcc", "Risk groups"), [HccMapping("Z911", "CMS-HCC V28", "999", "Invented group")])
    writer.add(_draft("complication", "Complications"), [ComplicationClass("Z911", "CC")])
    writer.add(_draft("drg", "Inpatient groups"), [DrgRecord("001", "Invented group", "00", "surgical")])
    writer.add(_draft("category", "Categories"), [Category("45380", "Scopes of the bowel", "Invented")])
    writer.add_documents(_draft("document", "Cards", complete=False), _CARDS)
    write_entries(writer.connection, searchable(writer.connection))


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the invented knowledge, written once."""
    made = Home(tmp_path_factory.mktemp("knowledge"))
    path = made.root / "reference-1.sqlite"
    with ReferenceWriter(path) as writer:
        _write(writer)
    made.swap_in(path)
    return made.root


@pytest.fixture
def small(written: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """The home of the invented knowledge, where the program looks for its own."""
    monkeypatch.setenv("MEDCODE_HOME", str(written))
    monkeypatch.setattr(assembly, "redactor_for", lambda vault=None, **_: _hide)
    return Home(written)


@pytest.fixture
def reference(small: Home) -> Iterator[ReferenceStore]:
    """The invented tables."""
    store = ReferenceStore(small.current)
    yield store
    store.close()


def _hide(text: str, protected: Sequence[tuple[int, int]]) -> tuple[str, int]:
    return text.replace("Jane Roe", "[PERSON_1]"), text.count("Jane Roe")
