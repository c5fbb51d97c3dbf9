"""Writing the answer from findings and passages alone, without a model.

The composer says what the findings say, in their words, then lets the cards explain: the decisive finding is the verdict line, a table shows the codes,
the explanation takes the cards' sections in the order a coder reads them, and every sentence carries the number of what it was read from.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice

from assistant.evidence import row_of
from assistant.mentions import PROCEDURES
from assistant.rules.indicators import meaning
from assistant.rules.phrases import listed
from assistant.types import Answer, Evidence, Finding, Intent, Row, Sentence, Source, Table, Turn, Verdict
from knowledge.codes import Code, CodeSystem
from knowledge.passages import Document, DocumentKind, Passage
from knowledge.records import CodeRecord, Found, NoteKind, Standing
from knowledge.reference import ReferenceStore

__all__ = ["SourceList", "compose", "decisive"]

_MOST_WORDS = 480
"""Words of card text in one answer; what is over stays one click away in the source."""
_MOST_DOCUMENTS = 5
_MUST_SHOW = "What the record must show"
_PAYERS = "Medicare and other payers"
_SECTIONS: dict[Intent, tuple[str, ...]] = {
    Intent.LOOKUP: ("In plain words", "What it says", "The rule", "When it is used", "How it is done", "How it differs", "Where it goes", "What follows", "How to apply it", "Modifiers", "Effect on payment", "Common errors"),
    Intent.TOGETHER: ("The rule", "How it differs", "How to apply it", "Modifiers", "Where it goes", "NCCI effect", "Common errors", "Common mistake"),
    Intent.MODIFIER: ("The rule", "What it says", "Where it goes", "How to apply it", "Effect on payment", "NCCI effect", "Modifiers", "Common mistake", "Common errors", "Example"),
    Intent.UNITS: ("The rule", "How to apply it", "In plain words", "How it differs", "Common errors", "Example"),
    Intent.GLOBAL: ("The rule", "How to apply it", "What follows", "Common errors", "Example"),
    Intent.CROSSWALK: ("In plain words", "When it is used", "How it is done", "The rule", "How to apply it"),
    Intent.INDICATORS: ("In plain words", "When it is used", "What follows", "How it differs", "Modifiers", "The rule"),
    Intent.COVERAGE: ("The rule", "How to apply it", "Example", "Common errors", "Limits"),
    Intent.EXPLAIN: ("The rule", "What it says", "In plain words", "How to apply it", "Where it goes", "Effect on payment", "NCCI effect", "Example", "Common errors", "Common mistake", "Limits"),
}  # fmt: skip


@dataclass(slots=True)
class SourceList:
    """The numbered sources of one answer; the same evidence always has the same number."""

    _numbers: dict[str, int] = field(default_factory=dict)
    _evidence: list[Evidence] = field(default_factory=list)

    def number(self, evidence: Evidence) -> int:
        """Return the number of ``evidence``, giving it the next one when it is new."""
        key = _identity(evidence)
        if key not in self._numbers:
            self._evidence.append(evidence)
            self._numbers[key] = len(self._evidence)
        return self._numbers[key]

    def numbers(self, evidence: Iterable[Evidence]) -> tuple[int, ...]:
        """Return the numbers of several pieces of evidence, each once, in order."""
        return tuple(sorted({self.number(item) for item in evidence}))

    def sources(self) -> tuple[Source, ...]:
        """Return the sources in number order."""
        return tuple(Source(number, _line(item), item) for number, item in enumerate(self._evidence, start=1))


def decisive(turn: Turn) -> Finding | None:
    """Return the finding that answers the question, or None when it asks for an explanation rather than a decision."""
    wanted = _DECIDING.get(turn.intent, ())
    ranked = [f for rule in wanted for f in turn.findings if f.rule == rule]
    blocking = [f for f in turn.findings if f.rule == "validity" and f.verdict in (Verdict.NO, Verdict.NO_DATA)]
    if turn.intent in (Intent.TOGETHER, Intent.MODIFIER, Intent.UNITS):
        first_no = [f for f in ranked if f.verdict is Verdict.NO]
        return next(iter([*blocking, *first_no, *ranked]), None)
    return next(iter([*blocking, *ranked]), None)


_DECIDING: dict[Intent, tuple[str, ...]] = {
    Intent.TOGETHER: ("ncci", "modifier", "addon", "mue"),
    Intent.MODIFIER: ("modifier", "ncci"),
    Intent.UNITS: ("mue",),
    Intent.GLOBAL: ("global",),
    Intent.CROSSWALK: ("opps", "gem", "hcc", "asc"),
    Intent.INDICATORS: ("indicators",),
    Intent.LOOKUP: ("modifier", "drg", "gem"),
    Intent.COVERAGE: (),
    Intent.EXPLAIN: ("modifier", "ncci"),
}


def compose(turn: Turn, reference: ReferenceStore) -> Answer:
    """Return the answer to ``turn`` from its findings and passages."""
    sources = SourceList()
    finding = decisive(turn)
    lead, lead_sources, used = _lead(turn, finding, sources, reference)
    decided, found = _reasons(finding, sources), _other_findings(turn, finding, sources)
    cards = [*_code_facts(turn, reference, sources), *_cards(turn, sources, used)]
    # Someone who asks what a code is wants the words first; someone who asks for a decision wants its reasons first.
    explanation = [*cards, *found] if turn.intent is Intent.LOOKUP and finding is None else [*decided, *found, *cards]
    must_show = _must_show(turn, finding)
    payers = tuple(_section_sentences(turn, _PAYERS, sources))[:2]
    return Answer(
        question=turn.redacted,
        on=turn.question.on,
        on_was_given=turn.question.on_was_given,
        setting=turn.question.setting,
        verdict=finding.verdict if finding else None,
        lead=lead,
        lead_sources=lead_sources,
        table=code_table(turn, reference),
        explanation=tuple(explanation),
        must_show=must_show,
        payers=payers,
        sources=sources.sources(),
        follow_ups=follow_ups(turn),
        notices=notices(turn, reference),
        findings=turn.findings,
        hidden=turn.hidden,
    )


# -- the verdict line ---------------------------------------------------------------------------------------------------


def _lead(
    turn: Turn, finding: Finding | None, sources: SourceList, reference: ReferenceStore
) -> tuple[str, tuple[int, ...], str]:
    """Return the first line, its sources and the passage text it used up."""
    if finding is not None:
        return finding.headline, sources.numbers(finding.rows), ""
    known = [m.code for m in turn.mentions.codes]
    if known and turn.intent is Intent.LOOKUP and not _has_card(known[0], turn):
        found = reference.code(known[0], turn.question.on)
        if found and found.record.title:
            system = "" if known[0].system in PROCEDURES else f"{known[0].system.label} "
            lead = f"{system}{known[0]} is {found.record.title}."
            return lead, sources.numbers((row_of(found),)), ""
        validity = next((f for f in turn.findings if f.rule == "validity"), None)
        if validity:
            return validity.headline, sources.numbers(validity.rows), ""
    if turn.passages:
        first = turn.passages[0]
        sentence = _first_sentence(first.text)
        if sentence.rstrip().endswith(":") or sentence.startswith("|"):
            # The text only announces a list or begins with a table: the card's title says what follows.
            return f"{first.document.title}.", sources.numbers((first,)), ""
        if turn.intent is Intent.LOOKUP and known and first.document.kind is DocumentKind.CODE_CARD:
            sentence = f"{first.document.codes[0]}: {first.document.title}. {sentence}"
            return sentence, sources.numbers((first,)), _first_sentence(first.text)
        return sentence, sources.numbers((first,)), sentence
    if known:
        validity = next((f for f in turn.findings if f.rule == "validity"), None)
        if validity:
            return validity.headline, sources.numbers(validity.rows), ""
    if turn.mentions.unknown:
        named = listed(list(turn.mentions.unknown))
        return f"No data: {named} is in no loaded table. Check the spelling or load the file that holds it.", (), ""
    return (
        "I cannot answer that from what is loaded. I answer questions about medical codes, modifiers, edits, units, coverage and coding rules.",
        (),
        "",
    )


def _has_card(code: Code, turn: Turn) -> bool:
    return any(p.document.kind is DocumentKind.CODE_CARD and code.shown in p.document.codes for p in turn.passages)


def _reasons(finding: Finding | None, sources: SourceList) -> list[Sentence]:
    """Return the reasons of the deciding finding."""
    return [Sentence(reason, sources.numbers(finding.rows)) for reason in finding.reasons] if finding else []


def _other_findings(turn: Turn, lead: Finding | None, sources: SourceList) -> list[Sentence]:
    """Return what the other findings add, under one heading."""
    sentences: list[Sentence] = []
    for finding in turn.findings:
        if finding is lead or _unasked(finding, turn):
            continue
        full = finding.rule in ("ncci", "modifier", "gem", "validity") or (
            finding.rule == "indicators" and turn.intent is Intent.INDICATORS
        )
        text = " ".join((finding.headline, *finding.reasons)) if full else finding.headline
        heading = "From the tables" if not sentences else ""
        sentences.append(Sentence(text, sources.numbers(finding.rows), heading))
    return sentences


def _unasked(finding: Finding, turn: Turn) -> bool:
    """Whether a finding says nothing beyond what the table already shows or the question needs."""
    if finding.rule == "validity":
        return finding.verdict in (Verdict.YES, Verdict.YES_IF) and turn.intent not in (
            Intent.LOOKUP,
            Intent.INDICATORS,
        )
    if finding.rule == "indicators":
        return turn.intent not in (Intent.LOOKUP, Intent.INDICATORS, Intent.GLOBAL)
    if finding.rule == "mue":
        return turn.intent in (Intent.TOGETHER, Intent.MODIFIER)
    return finding.rule == "addon" and finding.verdict is Verdict.YES


# -- what the tables say of a code that has no card ---------------------------------------------------------------------


def _code_facts(turn: Turn, reference: ReferenceStore, sources: SourceList) -> list[Sentence]:
    """Return notes of the tabular list and the place in the hierarchy for diagnosis codes, and what is listed of a code without a card."""
    if turn.intent not in (Intent.LOOKUP, Intent.EXPLAIN, Intent.CROSSWALK):
        return []
    sentences: list[Sentence] = []
    for mention in turn.mentions.codes[:2]:
        found = reference.code(mention.code, turn.question.on)
        if found is None:
            continue
        if mention.code.system is CodeSystem.ICD10CM:
            sentences += _tabular(found, turn, reference, sources)
        elif mention.code.system is CodeSystem.ICD10PCS:
            sentences += _axes(found, reference, sources)
        elif not any(
            mention.code.shown in p.document.codes for p in turn.passages if p.document.kind is DocumentKind.CODE_CARD
        ):
            sentences += _procedure_without_card(found, reference, sources)
    return sentences


def _axes(found: Found[CodeRecord], reference: ReferenceStore, sources: SourceList) -> list[Sentence]:
    axes = reference.pcs_axes(found.record.code)
    if not axes:
        return []
    row = _listing(found, tuple((axis.axis, f"{axis.value} {axis.label}") for axis in axes))
    return [
        Sentence("; ".join(f"{axis.axis}: {axis.label} ({axis.value})" for axis in axes) + ".", (sources.number(row),))
    ]


def _procedure_without_card(found: Found[CodeRecord], reference: ReferenceStore, sources: SourceList) -> list[Sentence]:
    code = found.record.code
    sentences: list[Sentence] = []
    if found.record.title:
        sentences.append(Sentence(f"{code}: {found.record.title}.", (sources.number(row_of(found)),)))
    for category in reference.categories(code.value)[:1]:
        text = f"CMS groups {code} under {category.record.label}; that is a category, not the code's descriptor."
        sentences.append(Sentence(text, (sources.number(row_of(category)),)))
    if code.is_licensed_text:
        text = f"The official wording of {code} belongs to its owner and is not held here; load your own licensed file to see it."
        sentences.append(Sentence(text))
    return sentences


def _listing(found: Found[CodeRecord], columns: tuple[tuple[str, str], ...]) -> Row:
    """Return a code's entry as an openable row with what stands around it."""
    plain = row_of(found)
    return Row(plain.table, f"{plain.key} with its notes", (*plain.columns, *columns), found.edition, found.standing)


_NOTE_NAMES = {
    NoteKind.INCLUDES: "Includes",
    NoteKind.INCLUSION_TERM: "Also called",
    NoteKind.EXCLUDES1: "Excludes1 (never together)",
    NoteKind.EXCLUDES2: "Excludes2 (not included here; both may be coded)",
    NoteKind.CODE_FIRST: "Code first",
    NoteKind.USE_ADDITIONAL: "Use additional code",
    NoteKind.CODE_ALSO: "Code also",
}
_MOST_NOTES = 4
_MOST_BELOW = 8


def _tabular(found: Found[CodeRecord], turn: Turn, reference: ReferenceStore, sources: SourceList) -> list[Sentence]:
    code, day = found.record.code, turn.question.on
    above = [
        f"{value} {title}" for value, title, kind in reference.ancestors(code, day) if kind not in ("chapter", "block")
    ]
    notes = reference.binding_notes(code, day)
    below = [f"{child.code} {child.title}" for child in reference.children(code, day)]
    columns = [("under", " > ".join(reversed(above)))] if above else []
    columns += [(_NOTE_NAMES[note.kind], f"{note.text} (at {note.node})") for note in notes if note.kind in _NOTE_NAMES]
    columns += [("below", text) for text in below]
    number = (sources.number(_listing(found, tuple(columns))),)
    sentences = [Sentence(f"It stands under {' > '.join(reversed(above))}.", number)] if above else []
    for kind, name in _NOTE_NAMES.items():
        texts = [note.text for note in notes if note.kind is kind]
        if texts:
            more = "; and more in the source" if len(texts) > _MOST_NOTES else ""
            sentences.append(Sentence(f"{name}: {'; '.join(texts[:_MOST_NOTES])}{more}.", number))
    if below:
        sentences.append(
            Sentence(
                f"Directly below it: {'; '.join(below[:_MOST_BELOW])}{'; and more' if len(below) > _MOST_BELOW else ''}.",
                number,
            )
        )
    return sentences


# -- what the cards say -------------------------------------------------------------------------------------------------


def _cards(turn: Turn, sources: SourceList, used: str) -> list[Sentence]:
    """Return the best card's sections in the order the intent asks for, then the opening of the next ones, within the word limit."""
    order = {heading: place for place, heading in enumerate(_SECTIONS[turn.intent])}
    documents = _documents(turn)[:_MOST_DOCUMENTS]
    sentences: list[Sentence] = []
    words = 0
    for rank, document in enumerate(documents):
        passages = [p for p in turn.passages if p.document.id == document.id and _heading(p) in order]
        passages.sort(key=lambda p: (order[_heading(p)], p.order))
        begun = False
        # The best card is told whole, its neighbours by their opening; what is left is one click away in the source.
        sections = len(passages) if rank == 0 else 3 if _is_named(document, turn) else 2 if rank == 1 else 1
        for passage in passages[:sections]:
            text = passage.text.removeprefix(used).strip() if used else passage.text
            size = len(text.split())
            if not text or (sentences and words + size > _MOST_WORDS):
                continue
            heading = _heading(passage) if begun else _opening(document.title, _heading(passage))
            sentences.append(Sentence(text, sources.numbers((passage,)), heading))
            words, begun = words + size, True
    return sentences


def _documents(turn: Turn) -> list[Document]:
    """Return the documents worth telling, best first."""
    return [d for d in {p.document.id: p.document for p in turn.passages}.values() if d.id in turn.near]


def _is_named(document: Document, turn: Turn) -> bool:
    """Whether the question names what the card is about, so that more than its opening is wanted."""
    named = {m.code.shown for m in turn.mentions.codes} | set(turn.mentions.modifiers)
    return document.kind is not DocumentKind.PUBLICATION and bool(named & {*document.codes, *document.modifiers})


def _opening(title: str, heading: str) -> str:
    return f"{title} {heading}" if title.endswith("?") else f"{title}: {heading[:1].lower()}{heading[1:]}"


def _section_sentences(turn: Turn, heading: str, sources: SourceList) -> Iterable[Sentence]:
    for passage in turn.passages:
        if _heading(passage) == heading and passage.document.id in turn.near:
            yield Sentence(passage.text, sources.numbers((passage,)), passage.document.title)


def _must_show(turn: Turn, finding: Finding | None) -> tuple[str, ...]:
    items = list(finding.must_show) if finding else []
    if not items or turn.intent is Intent.LOOKUP:
        about = {m.code.shown for m in turn.mentions.codes} | set(turn.mentions.modifiers)
        told = turn.near if turn.intent is Intent.EXPLAIN else frozenset()
        named = (
            _plain(passage.text)
            for passage in turn.passages
            if _heading(passage) == _MUST_SHOW
            and (about & {*passage.document.codes, *passage.document.modifiers} or passage.document.id in told)
        )
        items += islice(named, 2 if len(about) > 1 or told else 1)
    return tuple(dict.fromkeys(items))


# -- around the explanation ---------------------------------------------------------------------------------------------


def code_table(turn: Turn, reference: ReferenceStore) -> Table | None:
    """Return the table of the procedure codes asked about: role in the edit, units, global period, indicators."""
    day, setting = turn.question.on, turn.question.setting
    procedures = [m.code for m in turn.mentions.codes if m.code.system in PROCEDURES]
    if not procedures:
        return None
    edit = next(
        (
            row
            for f in turn.findings
            if f.rule == "ncci"
            for row in f.rows
            if row.table == "ptp" and dict(row.columns).get("indicator")
        ),
        None,
    )
    columns = (
        ["code", "what it is"]
        + (["role in the edit"] if edit and len(procedures) > 1 else [])
        + ["units a day", "global", "status", "bilateral", "multiple"]
    )
    rows = []
    for code in procedures[:8]:
        fee = reference.fee(code.value, day)
        limit = reference.mue(code.value, setting, day)
        cells = [code.shown, _name(code, turn, reference)]
        if edit and len(procedures) > 1:
            cells.append(_role(code, dict(edit.columns)))
        cells.append(f"{limit.record.value} (MAI {limit.record.adjudication})" if limit else "no data")
        cells += (
            [
                fee.record.global_days,
                fee.record.status,
                fee.record.bilateral,
                _multiple(fee.record.multiple, fee.record.endoscopic_base),
            ]
            if fee
            else ["no data"] * 4
        )
        rows.append(tuple(cells))
    return Table(tuple(columns), tuple(rows))


def _role(code: Code, edit: dict[str, str]) -> str:
    if code.value == edit.get("column1"):
        return "column 1, paid"
    if code.value == edit.get("column2"):
        return "column 2, bundled"
    return ""


def _multiple(indicator: str, base: str) -> str:
    if indicator == "3" and base:
        return f"3: endoscopy family of {base}"
    text = meaning("multiple", indicator)
    return f"{indicator}: {text}" if text else indicator


def _name(code: Code, turn: Turn, reference: ReferenceStore) -> str:
    for document in reference.documents_about("code", code.value, turn.question.on):
        if document.kind is DocumentKind.CODE_CARD and code.shown in document.codes:
            return document.title
    found = reference.code(code, turn.question.on)
    if found and found.record.title:
        return found.record.title
    labels = reference.categories(code.value)
    return f"{labels[0].record.label} (category)" if labels else "no wording loaded"


def follow_ups(turn: Turn) -> tuple[str, ...]:
    """Return two or three questions a coder would ask next."""
    procedures = [m.code.shown for m in turn.mentions.codes if m.code.system in PROCEDURES]
    diagnoses = [m.code.shown for m in turn.mentions.codes if m.code.system is CodeSystem.ICD10CM]
    if turn.intent is Intent.TOGETHER and len(procedures) > 1:
        return (
            f"How many units of {procedures[-1]} may I bill?",
            "Is it different in the outpatient hospital?",
            f"What is the global period of {procedures[0]}?",
        )
    if procedures:
        code = procedures[0]
        choices = [
            (Intent.LOOKUP, f"What is {code}?"),
            (Intent.UNITS, f"How many units of {code} may I bill?"),
            (Intent.GLOBAL, f"What is the global period of {code}?"),
            (Intent.CROSSWALK, f"What is the APC of {code}?"),
        ]
        return tuple(text for intent, text in choices if intent is not turn.intent)[:3]
    if diagnoses:
        return (
            f"Which HCC does {diagnoses[0]} map to?",
            f"What may not be coded with {diagnoses[0]}?",
            "When may an uncertain diagnosis be coded?",
        )
    if turn.mentions.modifiers:
        modifier = turn.mentions.modifiers[0]
        return (
            f"What must the record show for modifier {modifier}?",
            f"Does modifier {modifier} open an NCCI edit?",
            "In which order do modifiers go?",
        )
    documents = _documents(turn)[1:4]
    return tuple(
        title if (title := document.title).endswith("?") else f"Tell me about {title}" for document in documents
    )


def notices(turn: Turn, reference: ReferenceStore) -> tuple[str, ...]:
    """Return what the reader must know about the answer's limits."""
    said: list[str] = []
    if not turn.question.on_was_given:
        said.append(f"No date of service was given, so today, {turn.question.on.isoformat()}, is assumed.")
    if turn.mentions.unknown:
        said.append(f"In no loaded table: {listed(list(turn.mentions.unknown))}.")
    stale = {row.edition.cited for f in turn.findings for row in f.rows if row.standing is not Standing.IN_FORCE}
    if stale:
        said.append(
            f"No loaded edition covers {turn.question.on.isoformat()} for {listed(sorted(stale))}. "
            "Check the current edition before billing."
        )
    said += _untitled(turn, reference)
    early = [d for d in {p.document.id: p.document for p in turn.passages}.values() if not d.holds_on(turn.question.on)]
    said += [
        f"The card “{d.title}” is vouched for from {d.effective_from.isoformat()}, after the date of service."
        for d in early[:2]
    ]
    missing = {f.load for f in turn.findings if f.load and f.verdict is Verdict.NO_DATA}
    said += [f"To settle it, load {load}." for load in sorted(missing)]
    if turn.hidden:
        said.append(
            f"{turn.hidden} identifier{'s were' if turn.hidden != 1 else ' was'} hidden before anything was searched or sent."
        )
    if _not_english(turn.question.text):
        said.append("Questions are understood best in English.")
    return tuple(said)


def _untitled(turn: Turn, reference: ReferenceStore) -> list[str]:
    """Return a line for each diagnosis or procedure code that is valid but whose title no loaded file holds."""
    lines = []
    for mention in turn.mentions.codes:
        if mention.code.system not in _TITLED:
            continue
        found = reference.code(mention.code, turn.question.on)
        if found is None or not found.record.title:
            lines.append(
                f"The title of {mention.code} is not loaded: add the publisher's current {mention.code.system.label} file."
            )
    return lines


_TITLED = (CodeSystem.ICD10CM, CodeSystem.ICD10PCS)
_FOREIGN = re.compile(
    r"[¿¡]|\b(?:qué|cuál|código|para|puedo|con|una|wie|kann|ich|der|das|quel|est|pour|avec)\b", re.IGNORECASE
)


def _not_english(text: str) -> bool:
    return len(_FOREIGN.findall(text)) >= 2


def _heading(passage: Passage) -> str:
    return passage.heading.rsplit(" > ", 1)[-1]


def _first_sentence(text: str) -> str:
    paragraph = text.strip().split("\n\n", 1)[0].split("\n", 1)[0]
    paragraph = re.sub(r"\*\*|^[-*]\s+", "", paragraph).strip()
    match = re.match(r".+?[.!?](?=\s+[A-Z0-9(\"]|$)(?<!e\.g\.)(?<!i\.e\.)", paragraph)
    return match[0] if match else paragraph


def _plain(text: str) -> str:
    lines = [re.sub(r"^\s*(?:[-*]|\d+\.)\s+", "", line).strip() for line in text.splitlines()]
    return " ".join(line for line in lines if line)


def _identity(evidence: Evidence) -> str:
    if isinstance(evidence, Passage):
        # A card is short and cited whole; a publication is cited by its passage.
        whole = evidence.document.kind is not DocumentKind.PUBLICATION
        return f"document:{evidence.document.id}" if whole else f"passage:{evidence.id}"
    return f"row:{evidence.edition.id}:{evidence.table}:{evidence.key}"


def _line(evidence: Evidence) -> str:
    if isinstance(evidence, Passage):
        document = evidence.document
        basis = "; ".join(source.cited for source in document.sources[:2])
        kind = "card" if document.kind is not DocumentKind.PUBLICATION else "document"
        page = f", page {evidence.page}" if evidence.page else ""
        return (
            f"{kind} “{document.title}”{page} ({document.edition}), after {basis}"
            if basis
            else f"{kind} “{document.title}”{page} ({document.edition})"
        )
    return evidence.cited
