"""Names, places and safe words, read from installed packages; nothing is copied into this project.

| list | package | what it holds |
|---|---|---|
| first names, surnames, safe words | philter-lite 0.6.0 (BSD-3, UCSF), `filters/set.toml` | 97,014 given names, 161,470 census surnames, 195,253 English and medical words |
| cities, ZIP codes | zipcodes 3.0.0 (MIT) | 42,789 US ZIP codes with their cities |
| clinical words, eponyms | simple-icd-10-cm 1.5.0 (MIT), the tabular list of CMS and NCHS of April 2026 | words of titles and notes |

The packages' code is not run for the word lists (philter-lite would load a tagger); only their data files are read. Cities are looked
up one at a time, because reading all of them takes a second. The clinical words take a third of a second to gather and are kept in
a file of the cache folder when the caller gives one.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from assistant.phi import vocabulary
from assistant.phi.errors import WordListsMissing

__all__ = ["Lexicon", "load_lexicon"]

_KEPT_PLACES = vocabulary.COUNTRIES | frozenset(state.lower() for state in vocabulary.STATES)
_SAFE_ALWAYS = vocabulary.FUNCTION_WORDS | vocabulary.TRADE_WORDS | vocabulary.MONTHS | vocabulary.BRANDS
_CLINICAL_FILE = "phi-clinical-words.v2.txt"
_CITY_FILE = "phi-cities.v1.txt"
_ICD_TABULAR = "data/icd10c-tabular-April-1-2026.xml"


@dataclass(frozen=True, slots=True)
class Lexicon:
    """What is known about single words. All lookups take the word in any case, with or without a possessive ending."""

    first_names: frozenset[str]
    """Given names, lower case."""
    surnames: frozenset[str]
    """Surnames, lower case."""
    safe: frozenset[str]
    """English and medical words, lower case."""
    clinical: frozenset[str] = frozenset()
    """Words of the ICD-10-CM tabular list, lower case; empty when not asked for."""
    mined_eponyms: frozenset[str] = frozenset()
    """Words the tabular list writes with a capital inside a title, lower case; empty when not asked for."""
    cities: Mapping[str, frozenset[str]] | None = None
    """States by the name of a post office, lower case; None looks each name up in the package when asked for."""
    _common: frozenset[str] = field(default=vocabulary.COMMON_NAMES, repr=False)

    def __repr__(self) -> str:
        """Say how much is known; the lists are long."""
        return f"Lexicon({len(self.first_names)} given names, {len(self.surnames)} surnames, {len(self.safe)} words)"

    def is_first_name(self, word: str) -> bool:
        """Return whether the word is on the list of given names."""
        return _bare(word) in self.first_names

    def is_common_first_name(self, word: str) -> bool:
        """Return whether the word is one of the few hundred given names everybody knows."""
        return _bare(word) in self._common

    def is_surname(self, word: str) -> bool:
        """Return whether the word is on the list of surnames; parts of a hyphenated name count when all of them are."""
        bare = _bare(word)
        return bare in self.surnames or ("-" in bare and all(part in self.surnames for part in bare.split("-")))

    def is_name(self, word: str) -> bool:
        """Return whether the word is on either list of names."""
        return self.is_first_name(word) or self.is_surname(word)

    def is_safe(self, word: str) -> bool:
        """Return whether the word is an English or medical word, an eponym, brand or function word, whatever else it may be."""
        bare = _bare(word)
        return bare in self.safe or bare in _SAFE_ALWAYS or bare in self.clinical or self.is_eponym(bare)

    def is_language(self, word: str) -> bool:
        """Return whether the word is an English or clinical word, eponyms aside."""
        bare = _bare(word)
        return bare in self.safe or bare in _SAFE_ALWAYS or bare in self.clinical

    def is_ordinary(self, word: str) -> bool:
        """Return whether the word is a function word or a word of the trade, never a name by itself."""
        return _bare(word) in _SAFE_ALWAYS

    def is_eponym(self, word: str) -> bool:
        """Return whether diseases, procedures or devices are called by this word."""
        bare = _bare(word).removeprefix("non-")
        if "-" in bare and any(part in vocabulary.EPONYMS for part in bare.split("-")):
            return bare in vocabulary.EPONYMS or all(
                part in vocabulary.EPONYMS or part in self.surnames for part in bare.split("-")
            )
        return bare in vocabulary.EPONYMS or bare in self.mined_eponyms

    def is_kept_place(self, word: str) -> bool:
        """Return whether the word is a state or a country, which the rule lets stay."""
        return _bare(word) in _KEPT_PLACES

    def is_city_of(self, name: str, state: str) -> bool:
        """Return whether a post office of that state (two letters) goes by this name."""
        return state.upper() in self._states_of(name)

    def _states_of(self, name: str) -> frozenset[str]:
        spelled = _city_spelling(name)
        return _states_of(spelled) if self.cities is None else self.cities.get(spelled.lower(), frozenset())

    def is_given(self, word: str) -> bool:
        """Return whether the word is a given name and nothing else, or one that everybody knows."""
        return self.is_common_first_name(word) or (self.is_first_name(word) and not self.is_safe(word))

    def is_known(self, word: str) -> bool:
        """Return whether the word is anything but a possible name: the question the strict pass asks."""
        bare = _bare(word)
        if self.is_safe(bare) or bare in _KEPT_PLACES:
            return True
        return any(bare.endswith(ending) and bare[: -len(ending)] + stem in self.safe for ending, stem in _ENDINGS)

    def is_city(self, name: str) -> bool:
        """Return whether a US post office goes by this name ("St." reads as "Saint")."""
        return self._states_of(name) != frozenset()

    def zip_is_in(self, zip_code: str, state: str | None = None) -> bool:
        """Return whether the five digits are an assigned ZIP code, of that state when one is given."""
        return _zip_is_in(zip_code[:5], state.upper() if state else None)


_ENDINGS = (
    ("s", ""),
    ("es", ""),
    ("ed", ""),
    ("ed", "e"),
    ("ing", ""),
    ("ing", "e"),
    ("ly", ""),
    ("ally", ""),
    ("ies", "y"),
    ("al", ""),
    ("ers", "e"),
    ("er", "e"),
    ("ness", ""),
    ("ization", "ize"),
    ("able", "e"),
    ("able", ""),
)


_loaded: dict[tuple[bool, Path | None], Lexicon] = {}
_loading = threading.Lock()


def load_lexicon(*, clinical: bool = False, cache: Path | None = None) -> Lexicon:
    """Return the word lists, read once per process.

    Args:
        clinical: also gather the words of the ICD-10-CM tabular list (a third of a second without a cache).
        cache: folder in which the gathered clinical words are kept; made when absent.

    Raises:
        WordListsMissing: a package the lists are read from is not installed.
    """
    key = (clinical, cache)
    with _loading:
        if key not in _loaded:
            names = _philter_lists()
            words, eponyms = _clinical_words(cache) if clinical else (frozenset(), frozenset())
            cities = _cities(cache) if cache is not None else None
            _loaded[key] = Lexicon(names["firstnames"], names["lastnames"], names["nonames"], words, eponyms, cities)
        return _loaded[key]


def _bare(word: str) -> str:
    bare = word.lower().strip(".'’-")
    return bare[:-2] if bare.endswith(("'s", "’s")) else bare


def _data_file(package: str, inside: str, pinned: str) -> Path:
    # find_spec of a top-level package does not import it.
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise WordListsMissing(
            f"Word lists need the package {pinned}, which is not installed: run `pip install {pinned}`."
        )
    path = Path(next(iter(spec.submodule_search_locations))) / inside
    if not path.is_file():
        raise WordListsMissing(
            f"Word lists need the file {inside} of {pinned}; another version is installed: run `pip install {pinned}`."
        )
    return path


@lru_cache(maxsize=1)
def _philter_lists() -> dict[str, frozenset[str]]:
    # One array of plain words per line, which splitting reads six times faster than a TOML parser.
    lists: dict[str, frozenset[str]] = {}
    path = _data_file("philter_lite", "filters/set.toml", "philter-lite==0.6.0")
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            name, found, words = line.partition(" = [")
            if found:
                lists[name.strip()] = frozenset(words.strip(' ]\n"').split('", "'))
    missing = {"firstnames", "lastnames", "nonames"} - lists.keys()
    if missing:
        raise WordListsMissing(
            "Word lists of philter-lite are not laid out as in 0.6.0: run `pip install philter-lite==0.6.0`."
        )
    return lists


def _clinical_words(cache: Path | None) -> tuple[frozenset[str], frozenset[str]]:
    kept = cache / _CLINICAL_FILE if cache else None
    if kept is not None and kept.is_file():
        first, _, second = kept.read_text(encoding="utf-8").partition("\n")
        return frozenset(first.split()), frozenset(second.split())
    source = _data_file("simple_icd_10_cm", _ICD_TABULAR, "simple-icd-10-cm==1.5.0").read_text(encoding="utf-8")
    titles = re.findall(r"<(?:desc|note)>([^<]+)</", source)
    joined = "\n".join(titles)
    # A word counts as language when it is written small somewhere, or begins a title; a name is always written large.
    words = set(re.findall(r"(?<![A-Za-z])[a-z]{2,}", joined)) | {
        w.lower() for w in re.findall(r"(?m)^\[?([A-Z][a-z]+)(?!['a-z])", joined)
    }
    # A capital inside a title marks a proper name, and these are names of diseases, organisms and procedures.
    eponyms = {w.lower() for w in re.findall(r"(?<=[a-z,] )([A-Z][a-z]{2,}(?:-[A-Z][a-z]+)?)", joined)}
    eponyms -= vocabulary.FUNCTION_WORDS
    words -= eponyms - set(re.findall(r"(?<![A-Za-z])[a-z]{2,}", joined))
    if kept is not None:
        _write(kept, " ".join(sorted(words)) + "\n" + " ".join(sorted(eponyms)))
    return frozenset(words), frozenset(eponyms)


def _city_spelling(name: str) -> str:
    return " ".join(part.capitalize() if part.isupper() or part.islower() else part for part in _city_words(name))


@lru_cache(maxsize=4096)
def _states_of(spelled: str) -> frozenset[str]:
    import zipcodes

    return frozenset(row["state"] for row in zipcodes.filter_by(city=spelled)) if spelled else frozenset()  # type: ignore[no-untyped-call]


def _cities(cache: Path) -> Mapping[str, frozenset[str]]:
    """Return the states of every post office's name, gathered from the package once and kept in the cache folder."""
    kept = cache / _CITY_FILE
    if not kept.is_file():
        import zipcodes

        states: dict[str, set[str]] = {}
        for row in zipcodes.list_all():  # type: ignore[no-untyped-call]
            states.setdefault(row["city"].lower(), set()).add(row["state"])
        _write(kept, "\n".join(f"{city}\t{' '.join(sorted(found))}" for city, found in sorted(states.items())))
    rows = (line.partition("\t") for line in kept.read_text(encoding="utf-8").splitlines())
    return {city: frozenset(found.split()) for city, _, found in rows}


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_suffix(".part")
    aside.write_text(text, encoding="utf-8")
    aside.replace(path)


def _city_words(name: str) -> Iterable[str]:
    for word in name.split():
        plain = word.rstrip(".")
        yield {"st": "Saint", "ft": "Fort", "mt": "Mount", "n": "North", "s": "South", "d'alene": "D Alene"}.get(
            plain.lower(), plain
        )


@lru_cache(maxsize=4096)
def _zip_is_in(five: str, state: str | None) -> bool:
    import zipcodes

    try:
        found = zipcodes.matching(five)  # type: ignore[no-untyped-call]
    except (ValueError, TypeError):
        return False
    return any(state is None or row["state"] == state for row in found)
