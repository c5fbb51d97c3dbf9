"""Looking up the records each rule needs, calling the rule, collecting the findings."""

from __future__ import annotations

from datetime import date
from itertools import combinations

from assistant.mentions import PROCEDURES
from assistant.rules import addon, crosswalk, global_days, indicators, modifiers, mue, ncci, validity
from assistant.types import Finding, Intent, MentionedCode, Turn
from knowledge.codes import Code, CodeSystem
from knowledge.records import Setting
from knowledge.reference import ReferenceStore

__all__ = ["collect_findings", "pair_facts"]

_MOST_CODES = 12
"""Codes of one question that are checked against each other; a whole claim has its own command."""


def collect_findings(turn: Turn, reference: ReferenceStore) -> tuple[Finding, ...]:
    """Return what the rules find for the codes and modifiers of the turn, the most consequential first."""
    day = turn.question.on
    mentioned = turn.mentions.codes[:_MOST_CODES]
    procedures = [m for m in mentioned if m.code.system in PROCEDURES]
    dated = [m.code for m in mentioned if m.code.system not in (CodeSystem.MSDRG, CodeSystem.ICD9CM)]
    findings: list[Finding | None] = [_validity(code, day, reference) for code in dated]
    findings += _pairs(procedures, turn, reference)
    findings += _units(procedures, turn, reference)
    findings += _modifiers(procedures, mentioned, turn, reference)
    for mention in procedures:
        others = [m.code.value for m in procedures if m is not mention]
        findings.append(addon.check(mention.code, reference.addon_primaries(mention.code.value, day), others))
        findings.append(_indicators(mention, turn, reference))
        if turn.intent is Intent.GLOBAL:
            surgery = turn.question.on if turn.question.on_was_given else None
            findings.append(global_days.check(mention.code, day, reference.fee(mention.code.value, day), surgery))
        if turn.intent in (Intent.CROSSWALK, Intent.LOOKUP, Intent.INDICATORS):
            findings.append(
                _wanted(crosswalk.outpatient(mention.code, day, reference.opps(mention.code.value, day)), turn)
            )
            if turn.intent is not Intent.LOOKUP:
                findings.append(
                    _wanted(
                        crosswalk.ambulatory_centre(mention.code, day, reference.asc(mention.code.value, day)), turn
                    )
                )
    for mention in mentioned:
        findings += _diagnosis(mention, turn, reference)
    kept = [finding for finding in findings if finding is not None]
    return tuple(sorted(kept, key=lambda finding: -finding.weight))


def pair_facts(first: Code, second: Code, setting: Setting, day: date, reference: ReferenceStore) -> ncci.PairFacts:
    """Return what the tables say of a pair in one setting on one date, in both orders."""
    forward = reference.ptp(first.value, second.value, setting, day)
    backward = reference.ptp(second.value, first.value, setting, day)
    elsewhere = None
    complete = reference.complete_edition("ptp", day, setting)
    if forward is None and backward is None and complete is None:
        other = Setting.OUTPATIENT_HOSPITAL if setting is Setting.PRACTITIONER else Setting.PRACTITIONER
        elsewhere = reference.ptp(first.value, second.value, other, day) or reference.ptp(
            second.value, first.value, other, day
        )
    return ncci.PairFacts(first, second, forward, backward, complete, elsewhere)


def _validity(code: Code, day: date, reference: ReferenceStore) -> Finding:
    record = reference.code(code, day)
    children = len(reference.children(code, day)) if record and record.record.billable is False else 0
    return validity.check(code, day, record, reference.validity(code), children)


def _pairs(procedures: list[MentionedCode], turn: Turn, reference: ReferenceStore) -> list[Finding | None]:
    day, setting = turn.question.on, turn.question.setting
    if len(procedures) < 2 or turn.intent in (Intent.CROSSWALK, Intent.GLOBAL):
        return []
    associated = reference.ncci_modifiers(day)
    loose = tuple(m for m in turn.mentions.modifiers if not any(m in p.modifiers for p in procedures))
    found: list[Finding | None] = []
    for first, second in combinations(procedures, 2):
        on_lines = ((first.code.value, first.modifiers), (second.code.value, (*second.modifiers, *loose)))
        if first.code == second.code:
            continue
        found.append(
            ncci.check(pair_facts(first.code, second.code, setting, day, reference), day, setting, on_lines, associated)
        )
    return found


def _units(procedures: list[MentionedCode], turn: Turn, reference: ReferenceStore) -> list[Finding | None]:
    day, setting = turn.question.on, turn.question.setting
    asked = turn.mentions.units is not None
    if not asked and turn.intent not in (
        Intent.UNITS,
        Intent.INDICATORS,
        Intent.LOOKUP,
        Intent.TOGETHER,
        Intent.MODIFIER,
    ):
        return []
    units = turn.mentions.units if asked and len(procedures) == 1 else None
    checked = [mue.check(p.code, day, setting, reference.mue(p.code.value, setting, day), units) for p in procedures]
    return [_wanted(finding, turn, Intent.UNITS) for finding in checked]


def _modifiers(
    procedures: list[MentionedCode], mentioned: tuple[MentionedCode, ...], turn: Turn, reference: ReferenceStore
) -> list[Finding | None]:
    day = turn.question.on
    found: list[Finding | None] = []
    for mention in mentioned:
        only = len(procedures) == 1 and mention in procedures
        on_line = turn.mentions.modifiers if only else mention.modifiers
        for modifier in on_line:
            fee = reference.fee(mention.code.value, day)
            found.append(modifiers.check(mention.code, modifier, day, fee, reference.modifier(modifier, day)))
    return found


def _indicators(mention: MentionedCode, turn: Turn, reference: ReferenceStore) -> Finding | None:
    finding = indicators.check(mention.code, turn.question.on, reference.fee(mention.code.value, turn.question.on))
    return _wanted(finding, turn, Intent.INDICATORS)


def _diagnosis(mention: MentionedCode, turn: Turn, reference: ReferenceStore) -> list[Finding | None]:
    code, day = mention.code, turn.question.on
    if code.system is CodeSystem.ICD10CM:
        found = [
            crosswalk.hcc(code, day, reference.hcc(code.value, day)),
            crosswalk.complication(code, day, reference.complication(code.value, day)),
        ]
        if turn.intent is Intent.CROSSWALK:
            found.append(crosswalk.icd_mapping(code, reference.crosswalk(code, CodeSystem.ICD9CM)))
        return found
    if code.system is CodeSystem.MSDRG:
        return [crosswalk.group(code, day, reference.drg(code.value, day))]
    if code.system is CodeSystem.ICD9CM:
        return [crosswalk.icd_mapping(code, reference.crosswalk(code, CodeSystem.ICD10CM))]
    return []


def _wanted(finding: Finding, turn: Turn, intent: Intent = Intent.CROSSWALK) -> Finding | None:
    """Drop "no data" on a side fact that nobody asked for."""
    return finding if finding.rows or turn.intent is intent else None
