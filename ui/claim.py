"""Checking claim lines: reading them from the command line, and what the rules find for them together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations

from assistant.checks import collect_findings
from assistant.rules import mue
from assistant.types import Finding, Intent, MentionedCode, Mentions, Question, Row, Turn, Verdict
from knowledge.codes import Code, readings, split_modifiers
from knowledge.errors import InvalidCode
from knowledge.records import Setting, Standing
from knowledge.reference import ReferenceStore

__all__ = ["ClaimLine", "check_claim", "overall", "read_lines"]

_UNITS = re.compile(r"(?P<line>[0-9A-Va-v]\d{3}[\dFTUMAftuma](?:-[0-9A-Za-z]{2})*)[xX](?P<units>\d{1,4})")


@dataclass(frozen=True, slots=True)
class ClaimLine:
    """One line of a claim."""

    code: Code
    modifiers: tuple[str, ...]
    units: int | None

    @property
    def shown(self) -> str:
        """The line as it was written: ``45380-59``, with its units where they were given."""
        return "-".join((self.code.shown, *self.modifiers)) + (f" × {self.units}" if self.units is not None else "")


def read_lines(texts: Sequence[str], units: int | None, reference: ReferenceStore, day: date) -> tuple[ClaimLine, ...]:
    """Return the claim lines that ``texts`` spell: ``45385``, ``45380-59``, ``17003x13``. ``units`` goes to a single line.

    Raises :class:`~knowledge.errors.InvalidCode` for text that is no code, and where ``units`` could belong to several lines.
    """
    if units is not None and len(texts) != 1:
        raise InvalidCode(
            f"expected one code with --units, got {len(texts)}: write units on the line instead, such as 17003x13"
        )
    return tuple(_line(text, units, reference, day) for text in texts)


def _line(text: str, units: int | None, reference: ReferenceStore, day: date) -> ClaimLine:
    match = _UNITS.fullmatch(text.strip())
    written, counted = (match["line"], int(match["units"])) if match else (text, units)
    value, modifiers = split_modifiers(written)
    possible = readings(value)
    if not possible:
        raise InvalidCode(
            f"expected a code with optional modifiers and units such as 45380-59 or 17003x13, got {text[:24]!r}"
        )
    code = next((c for c in possible if reference.code(c, day) or reference.validity(c)), possible[0])
    return ClaimLine(code, modifiers, counted)


def check_claim(
    lines: Sequence[ClaimLine], setting: Setting, day: date, reference: ReferenceStore
) -> tuple[Finding, ...]:
    """Return what the rules find: validity of each code, each pair, units, modifiers and add-on codes, most consequential first."""
    mentioned = tuple(
        MentionedCode(line.code, line.modifiers, 0, 0, reference.code(line.code, day) is not None) for line in lines
    )
    modifiers = tuple(dict.fromkeys(m for line in lines for m in line.modifiers))
    turn = Turn(
        Question(" ".join(line.shown for line in lines), day, True, setting, True),
        Mentions(mentioned, modifiers if len(lines) == 1 else ()),
        Intent.TOGETHER,
    )
    counted = {line.code.shown: line for line in lines if line.units is not None}
    # Indicators are facts about one code, which `lookup` shows; a claim is not decided by them.
    found = [
        f
        for f in collect_findings(turn, reference)
        if f.rule != "indicators" and not (f.rule == "mue" and set(f.codes) & counted.keys())
    ]
    found += [
        mue.check(line.code, day, setting, reference.mue(line.code.value, setting, day), line.units)
        for line in counted.values()
    ]
    found += _conflicts(lines, day, reference)
    return tuple(sorted(found, key=lambda finding: -finding.weight))


def _conflicts(lines: Sequence[ClaimLine], day: date, reference: ReferenceStore) -> Iterable[Finding]:
    for line in lines:
        for first, second in combinations(line.modifiers, 2):
            edition = reference.modifiers_conflict(first, second, day)
            if edition is not None:
                headline = f"No: modifiers {first} and {second} may not stand on one line of {line.code}."
                row = Row(
                    edition.table,
                    f"{first}/{second}",
                    (("first", first), ("second", second)),
                    edition,
                    Standing.IN_FORCE,
                )
                yield Finding(
                    "modifier",
                    Verdict.NO,
                    headline,
                    (f"{edition.cited} lists them as conflicting.",),
                    (row,),
                    codes=(line.shown,),
                    weight=97,
                )


def overall(findings: Sequence[Finding]) -> Verdict:
    """Return the verdict on the claim: one "no" decides, then one "no data", then one "yes, if".

    A modifier that no loaded rule settles is shown, but leaves the verdict to the rest.
    """
    verdicts = {f.verdict for f in findings if not (f.rule == "modifier" and f.verdict is Verdict.NO_DATA)}
    return next(
        (v for v in (Verdict.NO, Verdict.NO_DATA, Verdict.YES_IF, Verdict.YES) if v in verdicts), Verdict.NO_DATA
    )
