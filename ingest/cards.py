"""Cards: our own short Markdown texts on codes, modifiers and rules, read strictly.

A card is a YAML header between ``---`` lines and a body of ``##`` sections. Facts that a table holds are never written out in it: a
reference such as ``{{mue:97110}}`` is replaced at build time by the value, its meaning and the edition it was read from, so that a card
cannot disagree with the tables. ``documents.toml`` registers the published documents a card may name as its source.

Every fault is one :class:`~knowledge.errors.CardError` line with file and line number; :func:`check_cards` collects them all.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from knowledge.errors import CardError
from knowledge.passages import Document, DocumentKind, DocumentSource, Passage, Topic
from knowledge.records import Licence

if TYPE_CHECKING:
    from pydantic import ValidationError

__all__ = [
    "Card",
    "RegisteredDocument",
    "Resolve",
    "Stands",
    "check_cards",
    "dead_codes",
    "load_cards",
    "passages",
    "read_card",
    "read_documents",
    "resolved",
    "unresolved",
]

Resolve = Callable[[str], "str | None"]
"""The text that stands for the inside of a reference (``mue:97110``); None when no table holds it."""

Stands = Callable[[str], "str | None"]
"""What is wrong with a code today, in words; None when it may be reported."""

HEADINGS: Mapping[str, tuple[str, ...]] = {
    "code": (
        "In plain words", "When it is used", "How it is done", "What follows", "How it differs", "Modifiers", "What the record must show",
        "Common errors",
    ),
    "modifier": (
        "What it says", "Where it goes", "What the record must show", "Effect on payment", "NCCI effect", "Medicare and other payers",
        "Example", "Common mistake",
    ),
    "rule": ("The rule", "How to apply it", "Example", "Medicare and other payers", "Common errors", "Limits"),
}  # fmt: skip
"""Headings by kind of card, in their order. A rule card opens with its rule and may then have headings of its own."""

REQUIRED: Mapping[str, tuple[str, ...]] = {
    "code": ("In plain words", "When it is used", "How it differs", "What the record must show", "Common errors"),
    "modifier": ("What it says", "Where it goes", "What the record must show"),
    "rule": ("The rule",),
}

_FOLDERS = {"code": "codes", "modifier": "modifiers", "rule": "rules"}
_REFERENCE = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
_IDS = {
    "code": re.compile(r"(?:cpt|hcpcs|icd10cm|icd10pcs)-[0-9a-z]+"),
    "modifier": re.compile(r"modifier-[0-9a-z-]+"),
    "rule": re.compile(r"[a-z0-9-]+"),
}


@dataclass(frozen=True, slots=True)
class RegisteredDocument:
    """A published document that cards may cite."""

    id: str
    publisher: str
    title: str
    kind: str


@dataclass(frozen=True, slots=True)
class Card:
    """One card as written: its header as a document, its body with references unresolved."""

    document: Document
    body: str
    path: Path
    first_line: int
    """Line of the file on which the body begins."""

    def line_of(self, offset: int) -> int:
        """Return the line of the file at which a place of the body stands."""
        return self.first_line + self.body.count("\n", 0, offset)


def read_documents(path: Path) -> dict[str, RegisteredDocument]:
    """Return the registered documents of ``documents.toml`` by id.

    Raises :class:`~knowledge.errors.CardError` when the file is no TOML or an entry lacks publisher, title or kind.
    """
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8"))
        return {
            name: RegisteredDocument(name, entry["publisher"], entry["title"], entry["kind"])
            for name, entry in entries.items()
        }
    except tomllib.TOMLDecodeError as error:
        raise CardError(f"{path.name}: expected TOML, got {error}") from error
    except (KeyError, TypeError) as error:
        raise CardError(
            f"{path.name}: expected publisher, title and kind in every table, {error} is missing"
        ) from error


def load_cards(folder: Path, documents: Mapping[str, RegisteredDocument]) -> tuple[tuple[Card, ...], tuple[str, ...]]:
    """Return the cards below ``folder`` that keep the format, in order of id, and every fault of the others, one line each."""
    cards: dict[str, Card] = {}
    faults: list[str] = []
    for path in sorted(folder.rglob("*.md")):
        try:
            card = read_card(path, documents)
        except CardError as error:
            faults.append(str(error))
            continue
        wrong = _body_faults(card)
        if card.document.id in cards:
            wrong.append(
                _fault(path, 2, f"id {card.document.id!r} is already used by {cards[card.document.id].path.name}")
            )
        faults += wrong
        if not wrong:
            cards[card.document.id] = card
    return tuple(cards[name] for name in sorted(cards)), tuple(faults)


def check_cards(
    folder: Path, documents: Mapping[str, RegisteredDocument], stands: Stands, resolve: Resolve
) -> tuple[str, ...]:
    """Return every fault of the cards below ``folder``, one line each: format, dead codes, references that no table resolves."""
    cards, faults = load_cards(folder, documents)
    found = list(faults)
    for card in cards:
        found += dead_codes(card, stands)
        found += unresolved(card, resolve)
    return tuple(sorted(found))


def dead_codes(card: Card, stands: Stands) -> list[str]:
    """Return a line for each code the card is about that may not be reported."""
    header = card.path.read_text(encoding="utf-8")
    line = _line_of_field(header.partition("\n")[2], "codes")
    return [
        _fault(card.path, line, f"code {code}: {problem}") for code in card.document.codes if (problem := stands(code))
    ]


_SAYS_ITS_CODE = frozenset({"ptp", "title", "valid"})
"""References whose text holds the code, or that stand where the card has just written it."""


def unresolved(card: Card, resolve: Resolve) -> list[str]:
    """Return a line for each reference of the card that no table holds."""
    return [
        _fault(card.path, card.line_of(match.start()), f"no table holds {match[0]}")
        for match in _REFERENCE.finditer(card.body)
        if resolve(match[1]) is None
    ]


def resolved(card: Card, resolve: Resolve) -> str:
    """Return the body of ``card`` with every reference replaced.

    Raises :class:`~knowledge.errors.CardError` for a reference that no table holds.
    """

    def replacement(match: re.Match[str]) -> str:
        text = resolve(match[1])
        if text is None:
            raise CardError(_fault(card.path, card.line_of(match.start()), f"no table holds {match[0]}"))
        if not _is_named(card, match):
            return f"{_code_of(match)}: {text}"
        # "status {{status:45385}}" would say the word twice, since the resolved text begins with it.
        word = card.body[: match.start()].rstrip().rsplit(maxsplit=1)[-1:]
        first, _, rest = text.partition(" ")
        return rest if word and word[0].lower() == first.lower() else text

    return _REFERENCE.sub(replacement, card.body)


def _is_named(card: Card, match: re.Match[str]) -> bool:
    """Whether a reader can tell which code a reference speaks of: the card is about it, or its line has just named it."""
    code = _code_of(match)
    line = card.body[card.body.rfind("\n", 0, match.start()) + 1 : match.start()]
    since_last = line[line.rfind("}}") + 1 :]
    return not code or [code] == list(card.document.codes) or code in since_last


def _code_of(match: re.Match[str]) -> str:
    kind, _, argument = match[1].strip().partition(":")
    return "" if kind in _SAYS_ITS_CODE else argument.strip()


def passages(card: Card, chunks: Iterable[tuple[str, str, int]]) -> tuple[Passage, ...]:
    """Return the passages of ``card`` from (heading, text, tokens); ids are stable while the headings are."""
    made: list[Passage] = []
    for order, (heading, text, tokens) in enumerate(chunks):
        slug = re.sub(r"[^a-z0-9]+", "-", heading.lower()).strip("-") or "text"
        piece = sum(1 for passage in made if passage.heading == heading)
        identity = f"{card.document.id}#{slug}" + (f"-{piece + 1}" if piece else "")
        made.append(Passage(identity, card.document, heading, text, order, tokens=tokens))
    return tuple(made)


# -- reading ------------------------------------------------------------------------------------------------------------


def read_card(path: Path, documents: Mapping[str, RegisteredDocument]) -> Card:
    """Return one card.

    Raises :class:`~knowledge.errors.CardError` when its header breaks the format.
    """
    import yaml
    from pydantic import ValidationError

    text = path.read_text(encoding="utf-8")
    match = re.match(r"---\n(.*?)\n---\n", text, re.DOTALL)
    if match is None:
        raise CardError(_fault(path, 1, "expected a header between two lines of '---'"))
    try:
        # The loader in C where PyYAML was built with it: ten times as fast over hundreds of cards.
        header = yaml.load(match[1], Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise CardError(
            _fault(path, mark.line + 2 if mark else 1, f"the header is no YAML: {getattr(error, 'problem', error)}")
        ) from error
    if not isinstance(header, dict):
        raise CardError(_fault(path, 2, f"expected fields in the header, got {type(header).__name__}"))
    try:
        fields = _header_model()(**header)
    except ValidationError as error:
        raise CardError(_fault(path, *_first_problem(error, match[1]))) from error
    document = _document(path, fields, documents, match[1])
    return Card(document, text[match.end() :], path, text.count("\n", 0, match.end()) + 1)


@cache
def _header_model() -> Any:
    from pydantic import BaseModel, ConfigDict, Field, create_model

    class Strict(BaseModel):
        model_config = ConfigDict(extra="forbid", strict=True)

    source = create_model("source", __base__=Strict, document=(str, ...), section=(str, ""))
    return create_model(
        "header", __base__=Strict, id=(str, ...), title=(str, Field(min_length=1, max_length=90)), kind=(str, ...), topic=(str, ...),
        codes=(list[str], ...), modifiers=(list[str], ...), aliases=(list[str], Field(min_length=1, max_length=8)),
        sources=(list[source], Field(min_length=1, max_length=4)),  # type: ignore[valid-type]
        effective_from=(date, ...), effective_to=(date | None, ...), reviewed_on=(date, ...),
    )  # fmt: skip


def _first_problem(error: ValidationError, header: str) -> tuple[int, str]:
    problem = error.errors()[0]
    name = str(problem["loc"][0]) if problem["loc"] else ""
    place = ".".join(str(part) for part in problem["loc"])
    reason = {"missing": "is missing", "extra_forbidden": "is no field of a card"}.get(
        problem["type"], f"is wrong: {problem['msg']}"
    )
    return _line_of_field(header, name), f"field {place!r} {reason}"


def _line_of_field(header: str, name: str) -> int:
    lines = header.splitlines()
    return next((number for number, line in enumerate(lines, start=2) if line.startswith(f"{name}:")), 1)


def _document(path: Path, fields: Any, documents: Mapping[str, RegisteredDocument], header: str) -> Document:
    def demand(condition: bool, field: str, problem: str) -> None:
        if not condition:
            raise CardError(_fault(path, _line_of_field(header, field), problem))

    demand(fields.id == path.stem, "id", f"expected id {path.stem!r} as the file is named, got {fields.id!r}")
    demand(fields.kind in HEADINGS, "kind", f"expected kind code, modifier or rule, got {fields.kind!r}")
    folder = _FOLDERS[fields.kind]
    demand(
        path.parent.name == folder,
        "kind",
        f"expected a {fields.kind} card in the folder {folder}, it is in {path.parent.name}",
    )
    demand(
        _IDS[fields.kind].fullmatch(fields.id) is not None,
        "id",
        f"id {fields.id!r} is not shaped like that of a {fields.kind} card",
    )
    demand(fields.topic in set(Topic), "topic", f"expected topic {', '.join(Topic)}, got {fields.topic!r}")
    demand(
        fields.kind != "code" or len(fields.codes) == 1,
        "codes",
        f"expected exactly one code on a code card, got {len(fields.codes)}",
    )
    if fields.kind == "code":
        own = fields.id.partition("-")[2].upper()
        demand(
            fields.codes[0].replace(".", "") == own,
            "codes",
            f"expected code {own} as the id says, got {fields.codes[0]!r}",
        )
    for modifier in fields.modifiers:
        demand(
            re.fullmatch(r"[0-9A-Z]{2}", modifier) is not None,
            "modifiers",
            f"expected a modifier, got {modifier[:8]!r}",
        )
    for source in fields.sources:
        demand(
            source.document in documents, "sources", f"document {source.document!r} is not registered in documents.toml"
        )
    demand(
        fields.effective_to is None or fields.effective_from <= fields.effective_to,
        "effective_to",
        "effective_to is before effective_from",
    )
    cited = tuple(
        DocumentSource(documents[s.document].publisher, documents[s.document].title, s.section) for s in fields.sources
    )
    return Document(
        fields.id, fields.title, DocumentKind(fields.kind), Topic(fields.topic), tuple(fields.codes), tuple(fields.modifiers),
        tuple(dict.fromkeys(" ".join(alias.split()) for alias in fields.aliases)), cited, fields.effective_from, fields.effective_to,
        fields.reviewed_on, Licence.OWN, f"reviewed {fields.reviewed_on.isoformat()}",
    )  # fmt: skip


# -- faults -------------------------------------------------------------------------------------------------------------


def _body_faults(card: Card) -> list[str]:
    faults: list[str] = []
    kind = str(card.document.kind)
    known = HEADINGS[kind]
    found: list[str] = []
    for match in re.finditer(r"^(#+)\s+(.*?)\s*$", card.body, re.MULTILINE):
        line, name = card.line_of(match.start()), match[2]
        if match[1] == "##" and kind == "rule" and not found and name != "The rule":
            faults.append(_fault(card.path, line, f"expected the heading 'The rule' first, got {name!r}"))
        if match[1] == "##" and kind != "rule" and name not in known:
            faults.append(_fault(card.path, line, f"heading {name!r} is none of a {kind} card"))
        elif match[1] == "##":
            if name in found:
                faults.append(_fault(card.path, line, f"heading {name!r} stands twice"))
            elif kind == "code" and found and known.index(name) < max(known.index(other) for other in found):
                faults.append(_fault(card.path, line, f"heading {name!r} stands out of order"))
            found.append(name)
    faults += [
        _fault(card.path, card.first_line, f"heading {name!r} is missing")
        for name in REQUIRED[kind]
        if name not in found
    ]
    before = card.body.split("## ", 1)[0]
    if before.strip():
        faults.append(_fault(card.path, card.first_line, "text stands before the first heading"))
    return faults


def _fault(path: Path, line: int, problem: str) -> str:
    return f"{path.parent.name}/{path.name}, line {line}: {problem}"
