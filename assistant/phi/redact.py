"""Replace the identifiers of a text, and know afterwards what was replaced by what."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from assistant.phi.engine import Engine, default_engine
from assistant.phi.errors import RedactionError, UnsureIdentifier
from assistant.phi.kinds import Identifier, IdentifierKind
from assistant.phi.protect import PLACEHOLDER
from assistant.phi.vault import Vault

__all__ = ["Mode", "Redacted", "redact"]

Mode: TypeAlias = Literal["mask", "surrogate", "remove"]
"""`mask` puts typed placeholders, `surrogate` invented values, `remove` one mark that tells nothing."""

_ROUNDS = 6
_REMOVED = "[REMOVED]"
_PLACEHOLDER = re.compile(PLACEHOLDER)


@dataclass(frozen=True, slots=True)
class Redacted:
    """A text without its identifiers."""

    text: str
    """What may be passed on."""
    identifiers: tuple[Identifier, ...]
    """What was taken out, with offsets into the text as given, in order."""
    replacements: tuple[str, ...]
    """What stands in its place, one for each identifier."""

    @property
    def counts(self) -> dict[IdentifierKind, int]:
        """How many identifiers of each kind were taken out."""
        return dict(Counter(hit.kind for hit in self.identifiers))

    def __repr__(self) -> str:
        """Say how much was taken out, never what."""
        return f"Redacted({len(self.identifiers)} identifiers)"


def redact(
    text: str,
    vault: Vault,
    *,
    mode: Mode = "mask",
    protected: Sequence[tuple[int, int]] = (),
    hidden: Sequence[tuple[int, int]] = (),
    engine: Engine | None = None,
    refuse_below: float | None = None,
) -> Redacted:
    """Return the text with its identifiers replaced.

    Args:
        text: the text as given; offsets in the result point into it.
        vault: the map of the conversation; it learns new placeholders.
        mode: what stands in place of an identifier.
        protected: half-open spans that stay whatever is found in them: dates of service, hits the user took back.
        hidden: half-open spans the user wants hidden although nothing was found.
        engine: the recognisers; the rules-only engine when None.
        refuse_below: refuse when an identifier was found with a lower score than this.

    Raises:
        UnsureIdentifier: `refuse_below` was given and an identifier stays uncertain.
        RecogniserFailed: a recogniser broke.
        RedactionError: the text still holds identifiers after several rounds.
    """
    engine = engine or default_engine()
    vault.reserve(text)
    ours = tuple(m.span() for m in _PLACEHOLDER.finditer(text))
    shut = (*protected, *ours)
    hits = _with_hidden(engine.find(text, protected=shut, known_names=vault.known_names), hidden, ours)
    for _ in range(_ROUNDS):
        result = _replace(text, hits, vault, mode)
        if mode == "surrogate":
            break
        # What is left is read once more, as a stranger would read it: taking one thing out can bring another to light.
        more = _left_over(result, hits, shut, engine, vault)
        if not more:
            break
        hits = tuple(sorted((*hits, *more)))
    else:
        raise RedactionError(
            "The text still holds identifiers after several rounds; it must not be sent. Shorten it or hide the passage by hand."
        )
    if refuse_below is not None:
        unsure = sum(hit.score < refuse_below for hit in hits)
        if unsure:
            raise UnsureIdentifier(
                f"{unsure} possible identifiers score below {refuse_below:.2f}; confirm or keep each one before sending."
            )
    return result


def _with_hidden(
    hits: Sequence[Identifier], hidden: Sequence[tuple[int, int]], ours: Sequence[tuple[int, int]]
) -> tuple[Identifier, ...]:
    marked = [
        Identifier(start, end, IdentifierKind.OTHER, 1.0, "user", "was hidden by the user")
        for start, end in hidden
        if start < end and not any(start < o_end and o_start < end for o_start, o_end in ours)
    ]
    kept = [hit for hit in hits if not any(hit.overlaps(m.start, m.end) for m in marked)]
    return tuple(sorted((*kept, *marked)))


def _replace(text: str, hits: Sequence[Identifier], vault: Vault, mode: Mode) -> Redacted:
    pieces: list[str] = []
    replacements: list[str] = []
    at = 0
    for hit in hits:
        value = text[hit.start : hit.end]
        made = (
            _REMOVED
            if mode == "remove"
            else vault.surrogate(hit, value)
            if mode == "surrogate"
            else vault.placeholder(hit, value)
        )
        pieces += [text[at : hit.start], made]
        replacements.append(made)
        at = hit.end
    pieces.append(text[at:])
    return Redacted("".join(pieces), tuple(hits), tuple(replacements))


def _left_over(
    result: Redacted, hits: Sequence[Identifier], shut: Sequence[tuple[int, int]], engine: Engine, vault: Vault
) -> list[Identifier]:
    """Return what a second look finds outside the placeholders, with offsets into the original text."""
    if not hits:
        return []
    # Offsets of the replacements in the new text, and how far what follows each has moved.
    spans: list[tuple[int, int]] = []
    moves: list[tuple[int, int]] = [(0, 0)]
    moved = 0
    for hit, made in zip(hits, result.replacements, strict=True):
        start = hit.start + moved
        spans.append((start, start + len(made)))
        moved += len(made) - (hit.end - hit.start)
        moves.append((start + len(made), moved))

    def back(offset: int) -> int:
        return offset - next(move for start, move in reversed(moves) if start <= offset)

    def forth(offset: int) -> int:
        return offset + sum(
            len(made) - (h.end - h.start) for h, made in zip(hits, result.replacements, strict=True) if h.end <= offset
        )

    closed = (*spans, *((forth(start), forth(end)) for start, end in shut))
    found = engine.find(result.text, protected=closed, known_names=vault.known_names)
    return [Identifier(back(h.start), back(h.end - 1) + 1, h.kind, h.score, h.recogniser, h.reason) for h in found]
