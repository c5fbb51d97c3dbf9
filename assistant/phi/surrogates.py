"""Invented values that read like the real ones: for export, not for the chat, because they cannot be told from real text afterwards.

Telephone numbers use 555-01xx, which the numbering plan keeps for fiction; e-mail and web addresses use example.org (RFC 2606); IP addresses
the documentation block 192.0.2.0/24 (RFC 5737); SSNs an area never issued (9xx). Dates move by one offset for the whole conversation.
"""

from __future__ import annotations

import random
import re
from datetime import date, timedelta

from assistant.phi.kinds import Identifier, IdentifierKind
from assistant.phi.recognisers.dates import read_date, read_year
from assistant.phi.recognisers.places import zip3
from assistant.phi.vocabulary import TITLES

__all__ = ["Surrogates"]

_GIVEN = [
    "Arlen",
    "Brisa",
    "Corin",
    "Delphine",
    "Evander",
    "Fenna",
    "Garrick",
    "Hollis",
    "Imara",
    "Jorah",
    "Kestrel",
    "Lunet",
    "Maren",
    "Nerys",
    "Orrin",
    "Petra",
    "Quill",
    "Rowan",
    "Sable",
    "Tamsin",
]
_FAMILY = [
    "Ashgrove",
    "Birchley",
    "Calloway",
    "Dunmere",
    "Elverson",
    "Farrowdale",
    "Greywick",
    "Hartsfell",
    "Inglemoor",
    "Jessop",
    "Kettering",
    "Larkfield",
    "Mossburn",
    "Northcote",
    "Oakhurst",
    "Penhallow",
]
_TOWNS = [
    "Alderbrook Birch Hollow",
    "Cedar Fork",
    "Dunmere",
    "Elder Glen",
    "Fairhollow",
    "Glen Arbor Mills",
    "Hartwell Crossing",
    "Larkfield",
]


class Surrogates:
    """Makes up values for one conversation."""

    def __init__(self, chance: random.Random, shift: int) -> None:
        """Take where the randomness comes from and by how many days dates move."""
        self._chance = chance
        self._shift = shift

    def name(self, value: str, known: dict[str, str], person: str) -> str:
        """Return an invented name with as many parts as the real one; parts are kept in `known`, so each person stays the same."""

        def replaced(match: re.Match[str]) -> str:
            word = match[0]
            if word.lower().rstrip(".") in TITLES:
                return word
            key = f"part:{person}:{word.lower()}"
            if key not in known:
                last = match.end() >= len(value.rstrip(".")) and " " in value.strip()
                pool = _FAMILY if last else _GIVEN
                used = set(known.values())
                known[key] = self._chance.choice([n for n in pool if n not in used] or pool)
            made = known[key]
            return (
                made[0].upper()
                if len(word) == 1
                else made.upper()
                if word.isupper()
                else made.lower()
                if word.islower()
                else made
            )

        return re.sub(r"[^\W\d_]+(?:['’-][^\W\d_]+)*", replaced, value)

    def value(self, hit: Identifier, value: str) -> str:
        """Return an invented value of the kind of the identifier."""
        kind = hit.kind
        if hit.recogniser == "age":
            return re.sub(r"\d+|\b(?:ninety|one hundred)[\w -]*?(?=[\s-]+y)|ninety\S*", "90", value)
        if kind is IdentifierKind.DATE:
            return self._date(value)
        if kind in (IdentifierKind.PHONE, IdentifierKind.FAX):
            return f"555-01{self._chance.randint(0, 99):02d}"
        if kind is IdentifierKind.EMAIL:
            return f"user{self._chance.randint(100, 9999)}@example.org"
        if kind is IdentifierKind.URL:
            return f"https://example.org/{self._chance.randint(100, 9999)}"
        if kind is IdentifierKind.IP:
            return f"192.0.2.{self._chance.randint(1, 254)}"
        if kind is IdentifierKind.SSN:
            return f"9{self._chance.randint(0, 99):02d}-00-{self._chance.randint(0, 9999):04d}"
        if kind is IdentifierKind.PLACE:
            return self._place(hit, value)
        return "".join(
            str(self._chance.randint(0, 9))
            if c.isdigit()
            else self._chance.choice("ABCDEFGHJKMNPQRTUVWXY")
            if c.isupper()
            else self._chance.choice("abcdefghjkmnpqrtuvwxy")
            if c.islower()
            else c
            for c in value
        )

    def _place(self, hit: Identifier, value: str) -> str:
        if hit.recogniser == "place.zip":
            return zip3(value) + "00"
        town = self._chance.choice(_TOWNS)
        state = re.search(r",\s*([A-Z]{2})$", value)
        if hit.recogniser == "place.facility":
            return f"{town} Hospital"
        if hit.recogniser == "place.street":
            return f"{self._chance.randint(10, 999)} {self._chance.choice(_FAMILY)} Street"
        return f"{town}, {state[1]}" if state else town

    def _date(self, value: str) -> str:
        day = read_date(value)
        if day is None:
            year = read_year(value)
            return str(year) if year else "an earlier date"
        moved = day + timedelta(self._shift)
        return _written_like(value, moved)


def _written_like(value: str, day: date) -> str:
    """Return the day in the layout of the value: ISO, figures with the same separator, or month and day in words."""
    if re.match(r"\d{4}\D", value):
        return day.isoformat()
    if figures := re.match(r"\d{1,2}\s?([-/.])\s?\d{1,2}\s?[-/.]\s?'?(\d{2,4})", value):
        year = str(day.year) if len(figures[2]) == 4 else f"{day.year % 100:02d}"
        return f"{day.month:02d}{figures[1]}{day.day:02d}{figures[1]}{year}"
    if value.isdigit():
        return day.strftime("%m%d%Y") if value[:2] not in ("19", "20") else day.strftime("%Y%m%d")
    month = (
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    )[day.month - 1]
    return f"{month} {day.day}, {day.year}"
