"""Find the identifiers of a text: read it, protect what must survive, run the recognisers, settle overlaps.

The order is the design: protection first, so that a recogniser's finding inside a code counts only when it is certain; names are
propagated last, once every other span is known; a second reading of the text undoes spacing, line breaks and look-alike digits.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.phi.errors import RecogniserFailed, RedactionError
from assistant.phi.kinds import CERTAIN, Identifier, IdentifierKind
from assistant.phi.lexicon import Lexicon, load_lexicon
from assistant.phi.page import Page, Recogniser
from assistant.phi.protect import protected_spans
from assistant.phi.reading import Reading, plain_reading, repaired_reading
from assistant.phi.recognisers import all_recognisers
from assistant.phi.recognisers.known_names import name_parts, propagate
from assistant.phi.recognisers.places import town_after
from assistant.phi.vocabulary import STATE_CODES, STATES, TITLES

if TYPE_CHECKING:
    from assistant.phi.ner import NameModel

__all__ = ["Engine", "default_engine"]


@dataclass(frozen=True, slots=True)
class Engine:
    """Recognisers over word lists; optionally a statistical model as a second layer and a strict pass as a third."""

    lexicon: Lexicon
    model: NameModel | None = None
    """The second layer; None runs rules and lists only."""
    strict: bool = False
    """Also take capitalised words that nothing explains: for text about to leave the machine."""
    recognisers: tuple[tuple[str, Recogniser], ...] = ()
    """What runs, with the names it is reported under; the built-in ones when empty."""

    @classmethod
    def rules_only(cls, *, cache: Path | None = None) -> Engine:
        """Return the fast engine: rules and lists, about a fifth of a second to start."""
        return cls(load_lexicon(clinical=cache is not None, cache=cache))

    @classmethod
    def full(cls, *, cache: Path | None = None, strict: bool = True) -> Engine:
        """Return the engine for text about to leave the machine: rules, lists, clinical words, the model and the strict pass.

        Raises:
            WordListsMissing: a package of the word lists, or the language model, is not installed.
        """
        from assistant.phi.ner import load_model

        return cls(load_lexicon(clinical=True, cache=cache), load_model(), strict)

    def find(
        self, text: str, *, protected: Sequence[tuple[int, int]] = (), known_names: Iterable[str] = ()
    ) -> tuple[Identifier, ...]:
        """Return the identifiers of the text in order, none overlapping another or a protected span.

        Args:
            text: any text; nothing of it is kept or logged.
            protected: half-open spans the caller keeps, such as dates of service the question is about.
            known_names: lower-case name parts met earlier in the conversation.

        Raises:
            RecogniserFailed: a recogniser raised; nothing may leave the machine.
        """
        plain = plain_reading(text)
        known = frozenset(known_names)
        page = Page(plain.text, self.lexicon, known)
        kept = [plain.span(*span) for span in protected_spans(plain.text)]
        found = list(self._run(page, plain))
        repaired = repaired_reading(plain)
        if repaired is not None:
            found += [hit for hit in self._run(Page(repaired.text, self.lexicon, known), repaired) if hit.score >= 0.8]
        if self.model is not None:
            found += _mapped(self._guard("model", lambda: tuple(self.model.find(page)) if self.model else ()), plain)
        if self.strict:
            from assistant.phi.strict import find_unexplained

            found += _mapped(self._guard("strict", lambda: tuple(find_unexplained(page))), plain)
        settled = _settle(text, _trimmed(text, found), kept, protected)
        parts = set(known)
        for hit in settled:
            if hit.kind is IdentifierKind.NAME and hit.score >= 0.7 and hit.recogniser != "strict":
                parts |= name_parts(text[hit.start : hit.end])
        again = _mapped(self._guard("name.known", lambda: tuple(propagate(page, parts))), plain)
        shut = [span for span in protected if span[0] < span[1]]
        return _joined(text, self.lexicon, _trimmed(text, _settle(text, [*settled, *again], kept, protected)), shut)

    def _run(self, page: Page, reading: Reading) -> Iterable[Identifier]:
        for name, recogniser in self.recognisers or all_recognisers():
            yield from _mapped(self._guard(name, lambda recogniser=recogniser: tuple(recogniser(page))), reading)

    @staticmethod
    def _guard(name: str, work: object) -> tuple[Identifier, ...]:
        try:
            return work()  # type: ignore[operator,no-any-return]
        except RedactionError:
            raise
        except Exception as failure:
            # The failure's own message and traceback may quote the text, so neither is chained.
            kind = type(failure).__name__
        raise RecogniserFailed(
            f"The recogniser {name} failed with {kind}; nothing was sent. Report it without the text."
        )


_default: list[Engine] = []
_making = threading.Lock()


def default_engine() -> Engine:
    """Return the rules-only engine, made on first use and shared by the process."""
    with _making:
        if not _default:
            _default.append(Engine.rules_only())
        return _default[0]


def _mapped(hits: Iterable[Identifier], reading: Reading) -> list[Identifier]:
    if reading.origin is None:
        return list(hits)
    return [
        Identifier(*reading.span(hit.start, hit.end), hit.kind, hit.score, hit.recogniser, hit.reason)
        for hit in hits
        if hit.start < hit.end
    ]


def _trimmed(text: str, hits: Iterable[Identifier]) -> list[Identifier]:
    """Return the hits without blanks and stray commas at their ends; what holds no letter or digit identifies nobody."""
    kept: list[Identifier] = []
    for hit in hits:
        start, end = hit.start, hit.end
        while start < end and (text[start].isspace() or text[start] in ",;"):
            start += 1
        while start < end and (text[end - 1].isspace() or text[end - 1] in ",;"):
            end -= 1
        if any(c.isalnum() for c in text[start:end]):
            kept.append(replace(hit, start=start, end=end))
    return kept


def _settle(
    text: str, found: Iterable[Identifier], kept: Sequence[tuple[int, int]], protected: Sequence[tuple[int, int]]
) -> tuple[Identifier, ...]:
    """Choose among overlapping findings: certain before protection, then the longer, then the higher score."""
    allowed: list[Identifier] = []
    shut = sorted(kept)
    for hit in found:
        if any(hit.overlaps(*span) for span in protected):
            continue
        if hit.score < CERTAIN and any(hit.overlaps(*span) for span in shut):
            continue
        allowed.append(hit)
    # A certain hit wins over a merely likely one that is longer, unless the longer one contains it.
    allowed.sort(key=lambda h: (-(h.end - h.start), -h.score, h.start))
    chosen: list[Identifier] = []
    for hit in sorted(allowed, key=lambda h: (-_weight(h), h.start)):
        if not any(hit.overlaps(c.start, c.end) for c in chosen):
            chosen.append(hit)
            continue
        # Keep what of a losing finding no winner covers, so that a partial overlap leaks nothing.
        chosen.extend(_rest(text, hit, chosen))
    return tuple(sorted(chosen))


def _grown(hit: Identifier, end: int, protected: Sequence[tuple[int, int]]) -> Identifier:
    """Return the hit reaching to `end`, or as it was where that would touch a protected span."""
    grown = replace(hit, end=end)
    return hit if any(grown.overlaps(*span) for span in protected) else grown


_BETWEEN = re.compile(r"(?:,\s{1,2}|\s{1,2}in\s(?:the\s)?|\s{1,2})")
_STATE_AFTER = re.compile(
    rf"(?:,\s{{1,2}}|\s{{1,2}}in\s)(?:{'|'.join(STATES)}|(?:{'|'.join(sorted(STATE_CODES))})\b)(?![\w-])"
)


def _joined(
    text: str, lexicon: Lexicon, hits: Sequence[Identifier], protected: Sequence[tuple[int, int]]
) -> tuple[Identifier, ...]:
    """Join a facility or street with the town after it, and either with its state, so that one placeholder stands for the place."""
    joined: list[Identifier] = []
    for hit in hits:
        before = joined[-1] if joined else None
        if (
            before is not None
            and before.recogniser in ("place.facility", "place.street", "place.city")
            and hit.recogniser in ("place.facility", "place.city", "place.county")
            and _BETWEEN.fullmatch(text[before.end : hit.start])
            and not (
                before.recogniser == "place.city"
                and text[before.end : hit.start] == ", "
                and hit.recogniser != "place.city"
            )
        ):
            joined[-1] = replace(before, end=hit.end, score=max(before.score, hit.score))
            continue
        joined.append(hit)
    final: list[Identifier] = []
    for number, hit in enumerate(joined):
        if final and hit.end <= final[-1].end:
            continue
        limit = joined[number + 1].start if number + 1 < len(joined) else len(text)
        if hit.recogniser == "place.street" and (town := town_after(text, hit.end, lexicon)) is not None:
            # The town may have been found by itself, as a place or as a name.
            swallowed = [other for other in joined[number + 1 :] if other.start < town]
            if all(other.end <= town for other in swallowed):
                hit = _grown(hit, town, protected)
                limit = next((other.start for other in joined[number + 1 :] if other.start >= hit.end), len(text))
        if hit.recogniser in ("place.facility", "place.city", "place.street"):
            state = _STATE_AFTER.match(text, hit.end)
            if state and state.end() <= limit:
                hit = _grown(hit, state.end(), protected)
        final.append(hit)
    return tuple(final)


def _weight(hit: Identifier) -> float:
    return (hit.end - hit.start) + (8 if hit.score >= CERTAIN else 0) + hit.score


def _rest(text: str, hit: Identifier, chosen: Sequence[Identifier]) -> list[Identifier]:
    pieces = [(hit.start, hit.end)]
    for other in chosen:
        pieces = [
            piece
            for start, end in pieces
            for piece in (
                ((start, min(end, other.start)), (max(start, other.end), end))
                if other.overlaps(start, end)
                else ((start, end),)
            )
            if piece[0] < piece[1]
        ]
    return [replace(hit, start=start, end=end) for start, end in pieces if _tells(text[start:end], hit.kind)]


def _tells(rest: str, kind: IdentifierKind) -> bool:
    """Whether what is left of a finding may identify by itself: a digit, or a word of a name or place that is no title or state."""
    if any(c.isdigit() for c in rest):
        return True
    bare = rest.strip(" ,.;'’()-\n\t")
    return (
        kind in (IdentifierKind.NAME, IdentifierKind.PLACE)
        and len(bare) > 2
        and bare.lower() not in TITLES
        and bare not in STATES
    )
