"""Everything the loaded tables and cards say of one code or modifier on one date, as a page of sections.

One gathering serves the terminal (``medcode lookup``), the page in the browser and the JSON output. A section is there only when
something is loaded for it, or when it must be said that nothing is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from string import ascii_uppercase, digits
from typing import Any

from assistant.evidence import row_of
from assistant.rules import indicators, modifiers
from assistant.types import Row, Table, Verdict
from knowledge.codes import Code, CodeSystem, normalise, readings
from knowledge.errors import InvalidCode
from knowledge.licensed import AMA_NOTICE, LicensedText
from knowledge.passages import Document, DocumentKind, Passage
from knowledge.records import Found, NoteKind, Setting, Standing
from knowledge.reference import ReferenceStore
from ui.views import SETTING_NAMES, VERDICT_WORDS, as_data, prose

__all__ = [
    "NOT_OFFICIAL",
    "CodePage",
    "Section",
    "code_page",
    "find_code",
    "modifier_page",
    "page_data",
    "partners",
    "similar_codes",
]

NOT_OFFICIAL = "Plain-language summary, not the official descriptor"

_PROCEDURES = (CodeSystem.CPT, CodeSystem.HCPCS)


@dataclass(frozen=True, slots=True)
class Section:
    """One part of a page: a table, a text or both, and what they were read from."""

    name: str
    """Stable key, e.g. ``indicators``."""
    heading: str
    table: Table | None = None
    text: str = ""
    """Markdown."""
    note: str = ""
    """What is missing, older than asked for, or must be known to read the section."""
    sources: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    """The table rows behind it, as they can be opened."""


@dataclass(frozen=True, slots=True)
class CodePage:
    """A page about one code or modifier."""

    subject: str
    """The code as people write it, or the modifier."""
    system: str
    """``CPT``, ``ICD-10-CM``, ..., or ``modifier``."""
    title: str
    title_note: str
    """Whose wording the title is."""
    on: date
    glance: tuple[tuple[str, str, str], ...]
    """The few figures looked for most: name, value, meaning."""
    sections: tuple[Section, ...]

    def section(self, name: str) -> Section | None:
        """Return the section of this name, or None."""
        return next((section for section in self.sections if section.name == name), None)


def page_data(page: CodePage) -> dict[str, Any]:
    """Return the page as plain data; the rows of a section's table become dictionaries."""
    data = as_data(page)
    assert isinstance(data, dict)
    data["glance"] = [{"name": name, "value": value, "meaning": meaning} for name, value, meaning in page.glance]
    for section, given in zip(data["sections"], page.sections, strict=True):
        section["table"] = (
            [dict(zip(given.table.columns, row, strict=True)) for row in given.table.rows] if given.table else []
        )
    return data


# -- finding the code that a text means ----------------------------------------------------------------------------------


def find_code(text: str, reference: ReferenceStore, day: date, system: CodeSystem | None = None) -> Code | None:
    """Return the code that ``text`` spells and some loaded table holds, or None when none does.

    Raises :class:`~knowledge.errors.InvalidCode` when the text has no code's shape (or not that of ``system``).
    """
    possible = (Code.parse(text, system),) if system else readings(text)
    if not possible:
        raise InvalidCode(f"expected a code such as 99213, E11.22 or G0439, got {text[:24]!r}: check the spelling")
    return next((code for code in possible if _is_loaded(code, reference, day)), None)


def similar_codes(text: str, reference: ReferenceStore, day: date, limit: int = 6) -> tuple[tuple[str, str], ...]:
    """Return (code, title) of loaded codes one slip of the finger away from ``text``: one character replaced, swapped, added or lost."""
    found: dict[str, str] = {}
    for variant in _slips(normalise(text)):
        for code in readings(variant):
            record = reference.code(code, day)
            if record is not None and code.shown not in found:
                found[code.shown] = _title(code, reference, day)[0]
        if len(found) >= limit:
            break
    return tuple(found.items())


def _slips(value: str) -> Iterator[str]:
    yield from (value[:i] + value[i + 1] + value[i] + value[i + 2 :] for i in range(len(value) - 1))
    # The last characters are mistyped most often and lead to neighbours, so they come first.
    for i in reversed(range(len(value))):
        alphabet = digits if value[i].isdigit() else ascii_uppercase
        yield from (value[:i] + other + value[i + 1 :] for other in alphabet if other != value[i])
    yield value[:-1]
    yield from (value + other for other in digits)
    yield from (value[:i] + value[i + 1 :] for i in range(len(value) - 1))


def _is_loaded(code: Code, reference: ReferenceStore, day: date) -> bool:
    if code.system is CodeSystem.MSDRG:
        return reference.drg(code.value, day) is not None
    if reference.code(code, day) is not None or reference.validity(code):
        return True
    return code.system in _PROCEDURES and (
        reference.fee(code.value, day) is not None
        or any(reference.mue(code.value, setting, day) for setting in Setting)
        or bool(_cards("code", code.value, code.shown, reference, day)[0])
    )


# -- the pages ----------------------------------------------------------------------------------------------------------


def code_page(code: Code, reference: ReferenceStore, day: date, licensed: LicensedText | None = None) -> CodePage:
    """Return the page of ``code`` for a service on ``day``; ``licensed`` adds the wording of the user's own CPT files, with its notice."""
    title, note = _title(code, reference, day)
    own, related = _cards("code", code.value, code.shown, reference, day)
    sections: list[Section | None] = [*_card_sections(own, reference)]
    if code.system in _PROCEDURES:
        sections += _procedure_sections(code, reference, day)
    elif code.system is CodeSystem.ICD10CM:
        sections += _diagnosis_sections(code, reference, day)
    elif code.system is CodeSystem.ICD10PCS:
        sections += [_axes(code, reference)]
    elif code.system is CodeSystem.MSDRG:
        sections += [_drg(code, reference, day)]
    if code.system is CodeSystem.ICD9CM:
        sections += [_mapping(code, CodeSystem.ICD10CM, reference)]
    sections += [_licensed(code, licensed)] if licensed else []
    sections += [None if code.system is CodeSystem.MSDRG else _history(code, reference, day), _related(related)]
    filled = tuple(section for section in sections if section is not None)
    return CodePage(code.shown, code.system.label, title, note, day, _glance(code, reference, day), filled)


def _licensed(code: Code, licensed: LicensedText) -> Section | None:
    found = licensed.descriptors(code.value) if code.system is CodeSystem.CPT else ()
    if not found:
        return None
    rows = tuple((descriptor.kind, descriptor.text, descriptor.edition) for descriptor in found)
    return Section(
        "licensed",
        "Official wording, from your own CPT files",
        Table(("kind", "wording", "edition"), rows),
        note=AMA_NOTICE,
    )


def modifier_page(modifier: str, reference: ReferenceStore, day: date) -> CodePage | None:
    """Return the page of a two-character modifier, or None when neither a table nor a card knows it."""
    modifier = modifier.upper()
    found = reference.modifier(modifier, day)
    own, related = _cards("modifier", modifier, modifier, reference, day)
    if found is None and not own:
        return None
    sections: list[Section | None] = [*_card_sections(own, reference)]
    glance: list[tuple[str, str, str]] = []
    if found is not None:
        opens = "yes" if found.record.ncci_associated else "no"
        glance.append(
            (
                "Opens an NCCI edit",
                opens,
                "whether it stands in the list of NCCI-associated modifiers; the record must still support it",
            )
        )
        rows = (("NCCI-associated", opens), *(("flag", flag) for flag in found.record.flags))
        sections.append(
            _section("flags", "What the claim editor knows of it", Table(("what", "value"), rows), found=(found,))
        )
    sections.append(_related(related))
    title = own[0].title if own else (found.record.title if found else "")
    note = "Plain-language summary, not the official wording" if own else (found.edition.cited if found else "")
    return CodePage(
        modifier, "modifier", title or f"Modifier {modifier}", note, day, tuple(glance), tuple(s for s in sections if s)
    )


def partners(
    code: Code, setting: Setting, reference: ReferenceStore, day: date, words: str = "", limit: int = 50
) -> Section:
    """Return the NCCI edits in which ``code`` is column 1, those whose column 2 code or rationale holds ``words``; at most ``limit``."""
    found = reference.ptp_partners(code.value, setting, day, limit=100_000)
    wanted = words.strip().lower()
    kept = [f for f in found if wanted in f"{f.record.column2} {f.record.rationale}".lower()]
    name, heading = "partners", f"NCCI edits with {code.shown} in column 1: {SETTING_NAMES[setting].lower()}"
    if not found:
        complete = reference.complete_edition("ptp", day, setting)
        note = (
            f"No edit of {complete.cited}, which is complete for this date, has {code.shown} in column 1."
            if complete
            else f"No data: load the CMS NCCI PTP {setting} file of the quarter of {day.isoformat()}."
        )
        return Section(name, heading, note=note, sources=(complete.cited,) if complete else ())
    rows = tuple(
        (f.record.column2, _title(_procedure(f.record.column2), reference, day)[0], str(f.record.indicator), f.record.rationale,
         f.record.effective.isoformat() if f.record.effective else "")
        for f in kept[:limit]
    )  # fmt: skip
    shown = (
        f"{len(rows):,} of {len(kept):,}{f' that hold “{words.strip()}”' if wanted else ''}"
        if len(kept) > len(rows) or wanted
        else f"{len(kept):,}"
    )
    note = f"{shown} edits. Indicator 0: no modifier opens it. Indicator 1: an NCCI-associated modifier may, when the record supports it."
    table = _without_empty(Table(("column 2", "what it is", "indicator", "rationale", "since"), rows))
    section = _section(name, heading, table, found=found[:1])
    return Section(section.name, section.heading, section.table, "", f"{note} {section.note}".strip(), section.sources)


# -- cards --------------------------------------------------------------------------------------------------------------


def _cards(
    kind: str, value: str, shown: str, reference: ReferenceStore, day: date
) -> tuple[list[Document], list[Document]]:
    """Return (cards about this code or modifier itself, other documents that name it)."""
    wanted = DocumentKind.CODE_CARD if kind == "code" else DocumentKind.MODIFIER_CARD
    documents = reference.documents_about(kind, value, day)

    def named(document: Document) -> tuple[str, ...]:
        return document.codes if kind == "code" else document.modifiers

    # A card names its own code or modifier first, and those it compares it with after it.
    own = sorted(
        (d for d in documents if d.kind is wanted and shown in named(d)),
        key=lambda d: (named(d).index(shown), len(named(d))),
    )[:1]
    own = [d for d in own if kind == "code" or named(d)[0] == shown]
    return own, [d for d in documents if d not in own]


def _card_sections(documents: Sequence[Document], reference: ReferenceStore) -> Iterator[Section]:
    for document in documents:
        basis = (f"our card, {document.edition}, after {'; '.join(source.cited for source in document.sources)}",)
        by_heading: dict[str, list[Passage]] = {}
        for passage in reference.passages(document.id):
            by_heading.setdefault(passage.heading.rsplit(" > ", 1)[-1], []).append(passage)
        for heading, passages in by_heading.items():
            yield Section(
                f"card: {heading.lower()}", heading, text="\n\n".join(prose(p.text) for p in passages), sources=basis
            )


def _related(documents: Sequence[Document]) -> Section | None:
    if not documents:
        return None
    rows = tuple((document.title, document.topic.value, document.id) for document in documents[:12])
    return Section("related", "Cards that name it", Table(("card", "topic", "id"), rows))


# -- procedures ---------------------------------------------------------------------------------------------------------


def _glance(code: Code, reference: ReferenceStore, day: date) -> tuple[tuple[str, str, str], ...]:
    found: list[tuple[str, str, str]] = []
    if code.system in _PROCEDURES:
        fee = reference.fee(code.value, day)
        if fee:
            found.append(("Status", fee.record.status, indicators.meaning("status", fee.record.status)))
            found.append(
                ("Global days", fee.record.global_days, indicators.meaning("global_days", fee.record.global_days))
            )
        for setting, name in (
            (Setting.PRACTITIONER, "Units, practitioner"),
            (Setting.OUTPATIENT_HOSPITAL, "Units, outpatient"),
        ):
            limit = reference.mue(code.value, setting, day)
            if limit:
                found.append((name, str(limit.record.value), _mai(limit.record.adjudication)))
        opps = reference.opps(code.value, day)
        if opps:
            found.append(("OPPS", opps.record.indicator, opps.record.meaning))
    elif code.system is CodeSystem.ICD10CM:
        record = reference.code(code, day)
        if record and record.record.billable is not None:
            found.append(
                (
                    "Billable",
                    "yes" if record.record.billable else "no",
                    "" if record.record.billable else "a heading: use a code below it",
                )
            )
        complication = reference.complication(code.value, day)
        if complication:
            found.append(("MS-DRG", complication.record.level, "on the list of complications and comorbidities"))
        for hcc in [h for h in reference.hcc(code.value, day) if "V28" in h.record.model][:1]:
            found.append(("HCC (V28)", hcc.record.category, hcc.record.label))
    return tuple(found)


def _procedure_sections(code: Code, reference: ReferenceStore, day: date) -> list[Section | None]:
    return [
        _indicators(code, reference, day),
        _units(code, reference, day),
        _modifiers(code, reference, day),
        _outpatient(code, reference, day),
        _ambulatory(code, reference, day),
        _addons(code, reference, day),
        _categories(code, reference),
    ]


def _indicators(code: Code, reference: ReferenceStore, day: date) -> Section:
    found = reference.fee(code.value, day)
    heading = "Medicare payment indicators"
    if found is None:
        return Section("indicators", heading, note="No data: load the CMS PFS relative value file of the quarter.")
    named = indicators.table(found.record)
    rows = list(named.rows)
    amounts = (
        ("Work RVU", found.record.work_rvu), ("Practice expense RVU, non-facility", found.record.nonfacility_pe_rvu),
        ("Practice expense RVU, facility", found.record.facility_pe_rvu), ("Malpractice RVU", found.record.malpractice_rvu),
        ("Conversion factor", found.record.conversion_factor),
    )  # fmt: skip
    rows += [(name, value, "") for name, value in amounts if value]
    split = reference.fee_modifier_rows(code.value, day)
    if split:
        rows.append(("Rows of their own", ", ".join(split), "the schedule prices these modifiers separately"))
    return _section("indicators", heading, Table(("indicator", "value", "meaning"), tuple(rows)), found=(found,))


def _mai(adjudication: int) -> str:
    return {
        1: "MAI 1: limit of each claim line",
        2: "MAI 2: limit per date of service, set by policy",
        3: "MAI 3: benchmark per date of service",
    }.get(adjudication, "MAI not stated in the loaded copy")


def _units(code: Code, reference: ReferenceStore, day: date) -> Section:
    found = [(setting, reference.mue(code.value, setting, day)) for setting in Setting]
    rows = tuple(
        (SETTING_NAMES[s], str(f.record.value), _mai(f.record.adjudication), f.record.rationale, _edition(f))
        if f
        else (SETTING_NAMES[s], "no data", "", "", "")
        for s, f in found
        if f or s is not Setting.DME
    )
    note = "A missing limit never means that any number may be billed: some are not published."
    loaded = [f for _, f in found if f]
    table = Table(("setting", "units", "what it limits", "rationale", "edition"), rows)
    return Section("units", "Unit limits (MUE)", table, "", note, _cited(loaded), tuple(row_of(f) for f in loaded))


def _modifiers(code: Code, reference: ReferenceStore, day: date) -> Section | None:
    fee = reference.fee(code.value, day)
    alike: dict[tuple[Verdict, str, str], list[str]] = {}
    for modifier in _DECIDABLE:
        finding = modifiers.check(code, modifier, day, fee, reference.modifier(modifier, day))
        if finding.verdict is not Verdict.NO_DATA:
            reason = finding.reasons[0] if finding.reasons else ""
            # One line for all modifiers that the same reason decides.
            reason = reason.replace(f" (not {modifier})", "").replace(f"Modifier {modifier} ", "It ")
            alike.setdefault((finding.verdict, reason, "; ".join(finding.must_show)), []).append(modifier)
    order = {Verdict.YES: 0, Verdict.YES_IF: 1, Verdict.NO: 2}
    ranked = sorted(alike.items(), key=lambda item: (order[item[0][0]], item[1][0]))
    rows = tuple(
        (", ".join(group), VERDICT_WORDS[verdict], reason, shows) for (verdict, reason, shows), group in ranked
    )
    if not rows:
        return None
    table = Table(("modifier", "fits", "why", "the record must show"), rows)
    section = _section("modifiers", "Modifiers that fit", table, found=(fee,) if fee else ())
    note = "Modifiers that no loaded table or published rule settles for this code are left out."
    return Section(section.name, section.heading, table, "", f"{note} {section.note}".strip(), section.sources)


_DECIDABLE = (
    "24",
    "25",
    "26",
    "50",
    "51",
    "54",
    "55",
    "57",
    "58",
    "59",
    "62",
    "66",
    "78",
    "79",
    "80",
    "82",
    "AS",
    "LT",
    "RT",
    "TC",
    "XE",
    "XP",
    "XS",
    "XU",
)


def _outpatient(code: Code, reference: ReferenceStore, day: date) -> Section | None:
    found = reference.opps(code.value, day)
    if found is None:
        return None
    status = found.record
    rows = [
        ("Status indicator", status.indicator, status.meaning),
        ("APC", status.apc or "none", ""),
        ("Payment rate", status.payment_rate, "national, before wage adjustment"),
    ]
    table = Table(("what", "value", "meaning"), tuple(row for row in rows if row[1]))
    return _section("opps", "Hospital outpatient (OPPS)", table, found=(found,))


def _ambulatory(code: Code, reference: ReferenceStore, day: date) -> Section | None:
    found = reference.asc(code.value, day)
    if not found:
        return None
    rows = tuple((f.record.addendum, f.record.indicator, f.record.payment_rate, f.record.apc) for f in found)
    return _section(
        "asc",
        "Ambulatory surgical centre (ASC)",
        Table(("addendum", "payment indicator", "rate", "from APC"), rows),
        found=found,
    )


def _addons(code: Code, reference: ReferenceStore, day: date) -> Section | None:
    primaries, addons = reference.addon_primaries(code.value, day), reference.addons_of(code.value, day)
    if not primaries and not addons:
        return None
    kinds = {1: "type 1: closed list of primary codes", 2: "type 2: the contractor decides", 3: "type 3: open list"}
    rows = [
        (
            "reported only with",
            f.record.primary.replace("CCCCC", "what the contractor accepts"),
            kinds.get(f.record.kind, ""),
        )
        for f in primaries
    ]
    rows += [("may be followed by", f.record.addon, kinds.get(f.record.kind, "")) for f in addons]
    most = 40
    note = f"{len(rows) - most:,} more are loaded." if len(rows) > most else ""
    section = _section(
        "addon",
        "Add-on codes",
        Table(("relation", "code", "list"), tuple(rows[:most])),
        found=(*primaries[:1], *addons[:1]),
    )
    return Section(section.name, section.heading, section.table, "", f"{note} {section.note}".strip(), section.sources)


def _categories(code: Code, reference: ReferenceStore) -> Section | None:
    found = reference.categories(code.value)
    if not found:
        return None
    table = Table(("scheme", "category"), tuple((f.record.scheme, f.record.label) for f in found))
    return _section(
        "categories", "How CMS groups it", table, note="A category, not the code's descriptor.", found=found
    )


# -- diagnoses and inpatient procedures ---------------------------------------------------------------------------------

_NOTES = {
    NoteKind.INCLUSION_TERM: "Also called",
    NoteKind.INCLUDES: "Includes",
    NoteKind.EXCLUDES1: "Excludes1: never together",
    NoteKind.EXCLUDES2: "Excludes2: not included here, both may be coded",
    NoteKind.CODE_FIRST: "Code first",
    NoteKind.USE_ADDITIONAL: "Use additional code",
    NoteKind.CODE_ALSO: "Code also",
    NoteKind.NOTES: "Note",
    NoteKind.SEVENTH_NOTE: "7th character",
    NoteKind.SEVENTH_CHARACTER: "7th character values",
}


def _diagnosis_sections(code: Code, reference: ReferenceStore, day: date) -> list[Section | None]:
    return [
        _hierarchy(code, reference, day),
        _notes(code, reference, day),
        _groupings(code, reference, day),
        _mapping(code, CodeSystem.ICD9CM, reference),
    ]


def _hierarchy(code: Code, reference: ReferenceStore, day: date) -> Section:
    above = reference.ancestors(code, day)
    rows = [
        (value if kind in ("chapter", "block") else _with_dot(value), kind, title)
        for value, title, kind in reversed(above)
    ]
    record = reference.code(code, day)
    rows.append((code.shown, "this code", record.record.title if record else ""))
    below = reference.children(code, day)
    rows += [(child.code.shown, "below", child.title) for child in below]
    if not below and record and record.record.parent and len(record.record.parent) >= 3:
        parent = Code(code.system, record.record.parent)
        rows += [(c.code.shown, "beside", c.title) for c in reference.children(parent, day) if c.code != code]
    return _section(
        "hierarchy",
        "Its place in the tabular list",
        Table(("code", "place", "title"), tuple(rows[:60])),
        found=(record,) if record else (),
    )


def _notes(code: Code, reference: ReferenceStore, day: date) -> Section | None:
    notes = reference.binding_notes(code, day)
    if not notes:
        return None
    order = {kind: place for place, kind in enumerate(_NOTES)}
    ranked = sorted(notes, key=lambda note: order.get(note.kind, len(order)))
    rows = tuple(
        (
            _NOTES.get(note.kind, note.kind.value),
            f"chapter {note.node}" if note.node.isdigit() else _with_dot(note.node),
            note.text,
        )
        for note in ranked
    )
    editions = reference.editions_of("note") or reference.editions_of("code", system=CodeSystem.ICD10CM)
    note = "A note binds every code below the heading it stands on."
    return Section(
        "notes",
        "Instructional notes",
        Table(("note", "stands on", "text"), rows),
        "",
        note,
        tuple(e.cited for e in editions[:1]),
    )


def _groupings(code: Code, reference: ReferenceStore, day: date) -> Section | None:
    hccs, complication = reference.hcc(code.value, day), reference.complication(code.value, day)
    rows = [(f.record.model, f"HCC {f.record.category}", f.record.label) for f in hccs]
    if complication:
        rows.append(
            ("MS-DRG", complication.record.level, "exclusions can cancel it beside certain principal diagnoses")
        )
    if not rows:
        return None
    found = (*hccs, *((complication,) if complication else ()))
    return _section(
        "groups", "Risk adjustment and grouping", Table(("model", "group", "label"), tuple(rows)), found=found
    )


def _mapping(code: Code, target: CodeSystem, reference: ReferenceStore) -> Section | None:
    found = reference.crosswalk(code, target)
    if not found:
        return None
    rows = tuple(
        (f.record.target.shown if f.record.target else "no match", "approximate" if f.record.approximate else "identical",
         f"combination, scenario {f.record.scenario}" if f.record.combination else "")
        for f in found[:30]
    )  # fmt: skip
    note = (
        "General equivalence mappings ended with fiscal year 2018; an approximate match needs a reading of the record."
    )
    return _section(
        "mapping", f"In {target.label}", Table((target.label, "match", "flags"), rows), note=note, found=found
    )


def _axes(code: Code, reference: ReferenceStore) -> Section | None:
    axes = reference.pcs_axes(code)
    if not axes:
        return None
    rows = tuple((str(axis.position), axis.value, axis.axis, axis.label, axis.definition) for axis in axes)
    return Section(
        "axes", "What each character says", Table(("position", "value", "axis", "meaning", "definition"), rows)
    )


def _drg(code: Code, reference: ReferenceStore, day: date) -> Section | None:
    found = reference.drg(code.value, day)
    if found is None:
        return None
    drg = found.record
    rows = [
        ("Title", drg.title),
        ("Major diagnostic category", drg.mdc),
        ("Kind", drg.kind),
        ("Relative weight", drg.weight),
    ]
    return _section("drg", "MS-DRG", Table(("what", "value"), tuple(row for row in rows if row[1])), found=(found,))


# -- shared -------------------------------------------------------------------------------------------------------------


def _history(code: Code, reference: ReferenceStore, day: date) -> Section | None:
    windows = reference.validity(code)
    record = reference.code(code, day)
    if windows:
        rows = tuple(
            ("before its record begins" if f.record.valid_from == date.min else f.record.valid_from.isoformat(),
             f.record.valid_to.isoformat() if f.record.valid_to and f.record.valid_to.year < 2100 else "open", f.edition.cited)
            for f in windows
        )  # fmt: skip
        held = [
            f for f in windows if f.record.valid_from <= day and (f.record.valid_to is None or day <= f.record.valid_to)
        ]
        note = f"{'Valid' if held else 'Not valid'} on {day.isoformat()}."
        if held and not any(f.edition.covers(day) for f in held) and (end := held[0].edition.effective_to):
            note = f"Still open when its list ends, {end.isoformat()}; no loaded list covers {day.isoformat()}."
        return Section(
            "history",
            "When it may be reported",
            Table(("from", "to", "according to"), rows),
            "",
            note,
            _cited(windows[:3]),
        )
    if record is None:
        return Section("history", "When it may be reported", note="No loaded code list holds it.")
    note = (
        "A heading of its code set: use a code below it."
        if record.record.billable is False
        else "Listed; the loaded file gives no dates for single codes."
    )
    return _section("history", "When it may be reported", note=note, found=(record,))


def _title(code: Code, reference: ReferenceStore, day: date) -> tuple[str, str]:
    """Return (what the code is called, whose wording that is)."""
    own, _ = _cards("code", code.value, code.shown, reference, day)
    record = reference.code(code, day)
    if own and code.system is CodeSystem.HCPCS and record is not None and record.record.title:
        # CMS's short titles are abbreviations that only a claim system can love.
        return own[0].title, f"{NOT_OFFICIAL}; official short title: {record.record.title} ({record.edition.cited})"
    if record is not None and record.record.title:
        note = f"official title, {record.edition.cited}" + (
            ", composed with its 7th character" if record.record.origin == "composed" else ""
        )
        return record.record.title, note
    if own:
        return own[0].title, NOT_OFFICIAL
    if code.system is CodeSystem.MSDRG and (drg := reference.drg(code.value, day)):
        return drg.record.title, drg.edition.cited
    labels = reference.categories(code.value) if code.system in _PROCEDURES else ()
    if labels:
        return (
            f"{labels[0].record.label} (category)",
            "a CMS category, not the code's descriptor; the official wording belongs to its owner",
        )
    if code.is_licensed_text:
        return "no wording loaded", "the official wording belongs to its owner; load your own licensed file to see it"
    return "title not loaded: add the publisher's current file", ""


def _section(
    name: str, heading: str, table: Table | None = None, *, note: str = "", found: Iterable[Found[Any]] = ()
) -> Section:
    """Return a section with the editions its rows were read from, and a word about those that do not cover the date."""
    loaded = list(found)
    stale = sorted({f"{f.edition.label} ({f.standing})" for f in loaded if f.standing is not Standing.IN_FORCE})
    warning = f"No loaded edition covers the date of service; shown: {', '.join(stale)}." if stale else ""
    return Section(
        name,
        heading,
        table,
        "",
        " ".join(filter(None, (note, warning))),
        _cited(loaded),
        tuple(row_of(f) for f in loaded[:12]),
    )


def _without_empty(table: Table) -> Table:
    """Return the table without columns that say nothing in any row."""
    kept = [place for place in range(len(table.columns)) if any(row[place] for row in table.rows)]
    return (
        Table(tuple(table.columns[p] for p in kept), tuple(tuple(row[p] for p in kept) for row in table.rows))
        if table.rows
        else table
    )


def _cited(found: Iterable[Found[Any]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(f"{f.edition.publisher}: {f.edition.cited}" for f in found))


def _edition(found: Found[Any]) -> str:
    return found.edition.label + ("" if found.standing is Standing.IN_FORCE else f" ({found.standing})")


def _with_dot(value: str) -> str:
    try:
        return Code(CodeSystem.ICD10CM, value).shown
    except InvalidCode:
        return value


def _procedure(value: str) -> Code:
    return next((code for code in readings(value) if code.system in _PROCEDURES), Code(CodeSystem.CPT, "99499"))
