"""The map of one conversation between placeholders and what they stand for.

Numbers are drawn at random and never derived from the value, so a placeholder tells nothing about what it hides or in which order
things were said. The same person has the same number through the conversation; another way of writing the same thing gets a
letter: `[PERSON_31]` for "James Allen", `[PERSON_31b]` for "Mr. Allen". A placeholder says what Safe Harbor lets through: the year
(`[DATE_7, 2024]`), the state (`[CITY_12, TX]`), three digits of a ZIP code (`[ZIP_5, 902]`), `90+`. Days near another date are told
relative to it: `[DATE_7 + 14 days]`.
"""

from __future__ import annotations

import json
import random
import re
import secrets
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from assistant.phi.kinds import Identifier, IdentifierKind
from assistant.phi.recognisers.dates import read_date, read_year
from assistant.phi.recognisers.known_names import name_parts
from assistant.phi.recognisers.places import zip3
from assistant.phi.surrogates import Surrogates
from assistant.phi.vocabulary import STATE_CODES, STATES

__all__ = ["LABELS", "Vault"]

_NEAR = 365
"""Days up to which one date is told relative to another."""

_OLDEST_YEAR_AGE = 89
"""A year that makes somebody older than this is not told: 45 CFR 164.514(b)(2)(i)(C)."""

_BY_RECOGNISER = {
    "name.patient": "PATIENT",
    "name.provider": "PROVIDER",
    "name.relative": "RELATIVE",
    "place.zip": "ZIP",
    "place.facility": "FACILITY",
    "place.street": "ADDRESS",
    "place.room": "ROOM",
    "place.county": "COUNTY",
    "place.city": "CITY",
    "age": "AGE",
    "account.claim": "CLAIM",
    "other.npi": "NPI",
    "licence.dea": "DEA",
    "plan.mbi": "MBI",
}
_BY_KIND = {kind: kind.name for kind in IdentifierKind} | {
    IdentifierKind.NAME: "PERSON",
    IdentifierKind.OTHER: "ID",
    IdentifierKind.PLAN: "MEMBER",
    IdentifierKind.LICENCE: "LICENSE",
}
LABELS: frozenset[str] = frozenset({*_BY_RECOGNISER.values(), *_BY_KIND.values()})
"""Every word a placeholder can begin with."""

_STATE_END = re.compile(rf"(?:,|\s|in|of)\s*({'|'.join(STATES)}|{'|'.join(sorted(STATE_CODES))})$")
_TAIL = r"(?P<days>\s*[+-]\s*\d{1,3}\s*days?)?(?:,\s*(?:\d{4}|\d{3}|[A-Z]{2}|90\+))*"
_IN_TEXT = re.compile(
    rf"\\?[\[(<{{]\s*(?P<l>{'|'.join(sorted(LABELS))})\s?\\?[_ -]?\s?(?P<n>\d{{1,4}})(?P<f>[a-z]{{0,3}}){_TAIL}\s*\\?[\])>}}]|"
    rf"(?<![\w])(?P<l2>{'|'.join(sorted(LABELS))})\\?_(?P<n2>\d{{1,4}})(?P<f2>[a-z]{{0,3}})(?![\w])(?P<d2>\s[+-]\s\d{{1,3}}\sdays)?",
    re.IGNORECASE,
)


@dataclass(slots=True)
class _Person:
    number: int
    label: str
    parts: set[str]
    last_seen: int


@dataclass
class Vault:
    """Placeholders of one conversation. It holds identifiers: keep it in memory or in a `VaultStore`, never in a log."""

    conversation: str = field(default_factory=lambda: secrets.token_hex(8))
    """A name of the conversation; random unless given."""
    today: date | None = None
    """The day from which ages over 89 are reckoned; the clock's when None."""
    chance: random.Random = field(default_factory=secrets.SystemRandom, repr=False)
    """Where numbers come from; a seeded one makes tests repeatable."""
    _people: list[_Person] = field(default_factory=list, repr=False)
    _numbers: dict[str, int] = field(default_factory=dict, repr=False)
    _taken: set[int] = field(default_factory=set, repr=False)
    _forms: dict[str, list[str]] = field(default_factory=dict, repr=False)
    _originals: dict[str, str] = field(default_factory=dict, repr=False)
    _anchors: dict[int, str] = field(default_factory=dict, repr=False)
    _surrogates: dict[str, str] = field(default_factory=dict, repr=False)
    _shift: int = field(default=0, repr=False)
    _turn: int = field(default=0, repr=False)

    def __repr__(self) -> str:
        """Say how much is held, never what."""
        return f"Vault({len(self._originals)} placeholders)"

    @property
    def known_names(self) -> frozenset[str]:
        """Lower-case parts of the names met in the conversation."""
        return frozenset(part for person in self._people for part in person.parts)

    def reserve(self, text: str) -> None:
        """Keep numbers that stand in the text as placeholders already, and are not ours, from being given out."""
        for match in _IN_TEXT.finditer(text):
            if _key(match) not in self._originals:
                self._taken.add(int(match["n"] or match["n2"]))

    def placeholder(self, hit: Identifier, value: str) -> str:
        """Return the placeholder for this value, the same one for the same value and a lettered one for another spelling of it."""
        if hit.kind is IdentifierKind.NAME:
            label, number = self._person(hit, value)
            return self._remember(f"{label}_{number}", "", "", value)
        label = _BY_RECOGNISER.get(hit.recogniser, _BY_KIND[hit.kind])
        if hit.kind is IdentifierKind.DATE:
            return self._date(label, value)
        kept = self._kept(label, value)
        number = self._number(f"{label}:{_folded(value)}")
        return self._remember(f"{label}_{number}", "", f", {kept}" if kept else "", value)

    def surrogate(self, hit: Identifier, value: str) -> str:
        """Return an invented value of the same sort, the same one for the same value; dates move by one offset of the conversation."""
        if not self._shift:
            self._shift = self.chance.choice((-1, 1)) * self.chance.randint(30, 340)
        invent = Surrogates(self.chance, self._shift)
        if hit.kind is IdentifierKind.NAME:
            _, number = self._person(hit, value)
            return invent.name(value, self._surrogates, str(number))
        key = f"{hit.kind.value}:{_folded(value)}"
        if key not in self._surrogates:
            self._surrogates[key] = invent.value(hit, value)
        return self._surrogates[key]

    def restore(self, text: str) -> str:
        """Return the text with every placeholder of this conversation replaced by what it stands for.

        Placeholders a model has mangled a little are understood: other brackets, small letters, an escaped or missing underscore, brackets lost.
        A day reckoned from one of ours (`[DATE_7 + 90 days]`) becomes that day. Anything else stays as it is.
        """
        return _IN_TEXT.sub(self._original, text)

    def to_json(self) -> str:
        """Return everything held, for an encrypted store."""
        people = [
            {"number": p.number, "label": p.label, "parts": sorted(p.parts), "last_seen": p.last_seen}
            for p in self._people
        ]
        return json.dumps(
            {
                "version": 1,
                "conversation": self.conversation,
                "people": people,
                "numbers": self._numbers,
                "taken": sorted(self._taken),
                "forms": self._forms,
                "originals": self._originals,
                "anchors": {str(k): v for k, v in self._anchors.items()},
                "surrogates": self._surrogates,
                "shift": self._shift,
                "turn": self._turn,
            }
        )

    @classmethod
    def from_json(cls, text: str) -> Vault:
        """Return the vault that `to_json` wrote."""
        held: dict[str, Any] = json.loads(text)
        return cls(
            held["conversation"],
            _people=[_Person(p["number"], p["label"], set(p["parts"]), p["last_seen"]) for p in held["people"]],
            _numbers=held["numbers"],
            _taken=set(held["taken"]),
            _forms=held["forms"],
            _originals=held["originals"],
            _anchors={int(k): v for k, v in held["anchors"].items()},
            _surrogates=held["surrogates"],
            _shift=held["shift"],
            _turn=held["turn"],
        )

    def _person(self, hit: Identifier, value: str) -> tuple[str, int]:
        self._turn += 1
        parts = set(name_parts(value)) or {_folded(value)}
        same = [p for p in self._people if parts <= p.parts or p.parts <= parts]
        if same:
            # "Mr. Allen" after two Allens is the one spoken of last.
            person = max(same, key=lambda p: (parts == p.parts, p.last_seen))
            person.parts |= parts
        else:
            person = _Person(self._draw(), _BY_RECOGNISER.get(hit.recogniser, "PERSON"), parts, 0)
            self._people.append(person)
        person.last_seen = self._turn
        return person.label, person.number

    def _date(self, label: str, value: str) -> str:
        if label == "AGE":
            return self._remember(f"AGE_{self._number('age:' + _folded(value))}", "", ", 90+", value)
        day = read_date(value)
        if day is None:
            year = read_year(value)
            return self._remember(f"DATE_{self._number('date:' + _folded(value))}", "", self._told(year), value)
        key = f"day:{day.isoformat()}"
        if key not in self._numbers:
            near = [(abs((day - date.fromisoformat(iso)).days), number) for number, iso in self._anchors.items()]
            near = [pair for pair in near if pair[0] <= _NEAR]
            if near:
                self._numbers[key] = min(near)[1]
            else:
                self._anchors[self._number(key)] = day.isoformat()
        number = self._numbers[key]
        apart = (day - date.fromisoformat(self._anchors[number])).days
        if apart:
            # The year stands at the anchor only: year and distance together would narrow down a day near New Year.
            return self._remember(f"DATE_{number}", f" {'+' if apart > 0 else '-'} {abs(apart)} days", "", value)
        return self._remember(f"DATE_{number}", "", self._told(day.year), value)

    def _told(self, year: int | None) -> str:
        this_year = (self.today or date.today()).year
        return f", {year}" if year is not None and this_year - year <= _OLDEST_YEAR_AGE else ""

    def _kept(self, label: str, value: str) -> str:
        if label == "ZIP":
            return zip3(value)
        if label in ("CITY", "FACILITY", "ADDRESS") and (state := _STATE_END.search(value)):
            return _state_code(state[1])
        return ""

    def _number(self, key: str) -> int:
        if key not in self._numbers:
            self._numbers[key] = self._draw()
        return self._numbers[key]

    def _draw(self) -> int:
        ceiling = 99 if len(self._taken) < 60 else 9999
        free = [n for n in range(1, ceiling + 1) if n not in self._taken]
        number = self.chance.choice(free)
        self._taken.add(number)
        return number

    def _remember(self, stem: str, days: str, told: str, value: str) -> str:
        forms = self._forms.setdefault(stem + days, [])
        if value not in forms:
            forms.append(value)
        letter = _letter(forms.index(value))
        self._originals[_normal(stem + letter + days)] = value
        return f"[{stem}{letter}{days}{told}]"

    def _original(self, match: re.Match[str]) -> str:
        key = _key(match)
        if key in self._originals:
            return self._originals[key]
        days = match["days"] or match["d2"]
        number = int(match["n"] or match["n2"])
        if days and (match["l"] or match["l2"]).upper() == "DATE" and number in self._anchors:
            moved = date.fromisoformat(self._anchors[number]) + timedelta(int(re.sub(r"[^\d-]", "", days)))
            return f"{moved.month:02d}/{moved.day:02d}/{moved.year}"
        return match[0]


def _key(match: re.Match[str]) -> str:
    label, number, form, days = (
        (match["l"] or match["l2"]),
        (match["n"] or match["n2"]),
        (match["f"] or match["f2"] or ""),
        (match["days"] or match["d2"] or ""),
    )
    return _normal(f"{label}_{int(number)}{form}{days}")


def _normal(placeholder: str) -> str:
    return re.sub(r"[\s\\]|days?", "", placeholder.lower())


def _folded(value: str) -> str:
    return re.sub(r"[\W_]+", "", value.casefold()) or value


def _letter(index: int) -> str:
    """Return nothing for the first spelling, then b, c ... z, then bb, bc ..."""
    if index == 0:
        return ""
    letters = "bcdefghijklmnopqrstuvwxyz"
    return (
        letters[index - 1]
        if index <= len(letters)
        else letters[(index - 1) // len(letters) - 1] + letters[(index - 1) % len(letters)]
    )


_CODES: dict[str, str] = dict(
    zip(
        STATES,
        [
            "AL",
            "AK",
            "AZ",
            "AR",
            "CA",
            "CO",
            "CT",
            "DE",
            "FL",
            "GA",
            "HI",
            "ID",
            "IL",
            "IN",
            "IA",
            "KS",
            "KY",
            "LA",
            "ME",
            "MD",
            "MA",
            "MI",
            "MN",
            "MS",
            "MO",
            "MT",
            "NE",
            "NV",
            "NH",
            "NJ",
            "NM",
            "NY",
            "NC",
            "ND",
            "OH",
            "OK",
            "OR",
            "PA",
            "RI",
            "SC",
            "SD",
            "TN",
            "TX",
            "UT",
            "VT",
            "VA",
            "WA",
            "WV",
            "WI",
            "WY",
            "DC",
            "PR",
            "GU",
        ],
        strict=True,
    )
)


def _state_code(state: str) -> str:
    return _CODES.get(state, state.upper())
