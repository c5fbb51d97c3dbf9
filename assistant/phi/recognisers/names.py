"""Names: paragraph (A). Patients, relatives, providers and anybody else.

Evidence, strongest first: a title or a credential; a labelled field; "Last, First"; a given name of the lists beside a capitalised
word or an initial; an initial beside a surname; a word for a relative; the subject of a sentence about a patient; a pair in small letters
after for, patient or pt; a listed name standing alone inside a sentence. Every part of a name found once is then a name elsewhere
in the text and in the conversation (`propagate`).

Near misses that stay: eponyms before a disease, sign, device or procedure ("Crohn's disease", "Foley catheter"), brands, payers,
months, headings, function words of the census lists ("He", "Can", "Will"). After a title or in "Last, First" an eponym is a name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from assistant.phi.kinds import Identifier, IdentifierKind
from assistant.phi.page import Page, Word
from assistant.phi.recognisers.places import FACILITY_WORDS
from assistant.phi.vocabulary import (
    CREDENTIALS,
    EPONYM_HEADS,
    FUNCTION_WORDS,
    KIN,
    MONTHS,
    STATE_CODES,
    SURNAMES_TOO,
    TITLES,
)

__all__ = ["find_names", "name_parts", "propagate"]

_PARTICLES = frozenset(
    [
        "de",
        "la",
        "las",
        "los",
        "del",
        "della",
        "di",
        "da",
        "das",
        "do",
        "dos",
        "du",
        "van",
        "von",
        "der",
        "den",
        "ter",
        "ten",
        "bin",
        "ibn",
        "al",
        "el",
        "ben",
        "bat",
        "st",
        "san",
        "santa",
        "le",
        "lo",
        "mac",
        "mc",
        "y",
        "e",
        "abu",
        "o",
    ]
)
_VERBS = frozenset(
    [
        "is",
        "was",
        "has",
        "had",
        "presents",
        "presented",
        "denies",
        "denied",
        "reports",
        "reported",
        "states",
        "stated",
        "complains",
        "complained",
        "returns",
        "returned",
        "came",
        "comes",
        "arrived",
        "arrives",
        "underwent",
        "received",
        "receives",
        "takes",
        "took",
        "says",
        "said",
        "tolerated",
        "tolerates",
        "notes",
        "noted",
        "endorses",
        "endorsed",
        "continues",
        "will",
        "would",
        "does",
        "did",
        "saw",
        "sees",
        "called",
        "calls",
        "lives",
        "lived",
        "works",
        "fell",
        "feels",
        "felt",
        "needs",
        "wants",
        "asked",
        "asks",
        "agrees",
        "agreed",
        "died",
        "went",
        "goes",
        "tells",
        "told",
        "got",
        "gets",
        "can",
        "may",
        "should",
        "could",
        "also",
        "who",
        "whose's",
        "admits",
        "admitted",
        "describes",
        "described",
        "had's",
        "weighs",
        "reached",
        "requests",
        "requested",
        "signed",
        "dictated",
        "ordered",
        "performed",
        "referred",
        "sent",
        "wrote",
        "writes",
        "prescribed",
        "recommends",
        "recommended",
        "thinks",
        "believes",
        "injected",
        "excised",
        "removed",
        "billed",
        "coded",
        "operated",
        "assisted",
    ]
)
_ROLES_PATIENT = frozenset(
    [
        "patient",
        "pt",
        "patients",
        "name",
        "client",
        "resident",
        "mr",
        "mrs",
        "ms",
        "miss",
        "mx",
        "baby",
        "infant",
        "member",
        "subscriber",
        "insured",
        "beneficiary",
        "claimant",
        "decedent",
    ]
)
_ROLES_PROVIDER = frozenset(
    [
        "dr",
        "doctor",
        "provider",
        "physician",
        "surgeon",
        "attending",
        "resident",
        "nurse",
        "pcp",
        "np",
        "pa",
        "rn",
        "md",
        "referring",
        "rendering",
        "ordering",
        "supervising",
        "dictated",
        "signed",
        "prof",
        "professor",
        "cardiologist",
        "dermatologist",
        "oncologist",
        "neurologist",
        "assistant",
        "anesthesiologist",
        "author",
        "transcribed",
        "reviewed",
    ]
)
_LABEL = re.compile(
    r"\b(?P<role>(?:patient|pt|client|resident|member|subscriber|insured|guarantor|beneficiary|claimant|provider|physician|attending|surgeon|pcp|"
    r"referring|rendering|ordering|supervising|primary\s+care|emergency\s+contact|next\s+of\s+kin|nok|responsible\s+party|guardian|"
    r"mother|father|spouse|wife|husband|parent|contact|first|last|full|legal|maiden|preferred|middle|family|given|author|scribe|nurse|therapist|"
    r"assistant(?:\s+surgeon)?|anesthesiologist|consultant|dictated|signed|electronically\s+signed|transcribed|reviewed|verified|"
    r"attn|attention|name|re|cc|dear|hi|hello|regards|sincerely|thanks|from|to|by|employer|holder|policyholder|cardholder|coder|biller|witness|examiner|adjuster|rep(?:resentative)?)"
    r"(?:'?s)?(?:[ \t]+(?:name|by|provider|physician|md|doctor|surgeon|party|contact|holder|legal\s+name))*)[ \t]*(?P<sep>[:=|]|\s-\s)\s*",
    re.IGNORECASE,
)
_LOOSE_LABEL = re.compile(
    r"\b(?:named|called|name\s+is|name's|names?\s+of|named\s+as|i\s+am|i'm|my\s+name\s+is|this\s+is|known\s+as|aka|a\.k\.a\.|goes\s+by|"
    r"(?:signed|dictated|seen|performed|ordered|referred|evaluated|examined|treated|prescribed|reviewed|read|done|assisted|billed|coded|interpreted|supervised|operated\s+on)\s+by|"
    r"under\s+the\s+care\s+of|care\s+of|c/o|on\s+behalf\s+of|attn:?|dear|spoke\s+(?:with|to)|discussed\s+with|per)\s+",
    re.IGNORECASE,
)
_SMALL_PAIR = re.compile(
    r"\b(?:for|pt|patient|patients|named|name|is|dr|doctor|mr|mrs|ms|miss|client|member|by|with|about|husband|wife|son|daughter|mother|father|mom|dad|brother|sister|of|re|on|and|saw|see)\b[:.]?\s+"
    r"([a-z][a-z'’-]+(?:\s+[a-z]\.?)?\s+[a-z][a-z'’-]+)"
)
_LAST_FIRST = re.compile(
    r"(?<![^\W_])(?P<last>[^\W\d_]+(?:['’-][^\W\d_]+)*(?:[ ][^\W\d_]+(?:['’-][^\W\d_]+)*){0,2}),[ ]?(?P<first>[^\W\d_]+(?:['’-][^\W\d_]+)*)(?P<middle>[ ][^\W\d_]\b\.?|[ ][^\W\d_]{2,}(?![\w]))?"
)
_INITIAL_SURNAME = re.compile(
    r"(?<![\w.'’])(?P<i>(?:[A-Z]\.[ ]?){1,3}|[A-Z][ ](?=[A-Z][a-z]))(?P<s>[A-Z][^\W\d_]+(?:['’-][A-Z]?[^\W\d_]+)*)"
)
_INITIALS = re.compile(r"\b(?:patient|pt|initials?)[:\s]+(?P<v>[A-Z]\.\s?[A-Z]\.(?:\s?[A-Z]\.)?|[A-Z]\.[A-Z]\b)")
_NON_NAME = re.compile(r"\d|[@#$%_]")


def _identifier(
    page: Page,
    first: int,
    last: int,
    role: str,
    score: float,
    reason: str,
    *,
    start: int | None = None,
    end: int | None = None,
) -> Identifier:
    words = page.words
    begin = words[first].start if start is None else start
    stop = words[last].end if end is None else end
    if page.text[begin:stop].lower().endswith(("'s", "’s")):
        stop -= 2
    # The full stop of a final initial belongs to the name: "Anna S."
    if len(words[last].text) == 1 and page.text[stop : stop + 1] == ".":
        stop += 1
    return Identifier(begin, stop, IdentifierKind.NAME, score, f"name.{role}", reason)


def find_names(page: Page) -> Iterator[Identifier]:
    """Yield every name the page gives evidence for."""
    yield from _after_titles(page)
    yield from _before_credentials(page)
    yield from _labelled(page)
    yield from _last_first(page)
    yield from _initial_surname(page)
    yield from _by_given_name(page)
    yield from _surname_initial(page)
    yield from _relatives(page)
    yield from _subjects(page)
    yield from _described(page)
    yield from _alone(page)
    yield from _small_pairs(page)
    for match in _INITIALS.finditer(page.text):
        yield Identifier(
            *match.span("v"), IdentifierKind.NAME, 0.9, "name.patient", "is initials after the word patient"
        )


@lru_cache(maxsize=64)
def _title_pattern() -> re.Pattern[str]:
    titles = "|".join(
        sorted(
            TITLES - {"fr", "judge", "maj", "col", "lt", "sgt", "sir", "madam", "capt", "captain"},
            key=len,
            reverse=True,
        )
    )
    return re.compile(
        rf"(?<![\w-])(?:(?i:{titles})|Fr|Judge|Maj|Col|Lt|Sgt|Sir|Capt|Captain)(?:\.|\b)(?:\s?(?:and|&)\s?(?i:mrs|dr|ms)\.?)?[ \t]{{0,3}}\n?[ \t]*(?=[^\W\d_])"
    )


def _after_titles(page: Page) -> Iterator[Identifier]:
    at = {word.start: index for index, word in enumerate(page.words)}
    for match in _title_pattern().finditer(page.text):
        index = at.get(match.end())
        if index is None:
            continue
        if match[0].startswith("Sir") and not (
            page.words[index].is_capital and page.lexicon.is_name(page.words[index].text)
        ):
            continue
        title = match[0].strip(" .\n\t").lower().split(" ")[0].strip(".")
        last = _extend(page, index, loose=match[0].strip().endswith(".") or title in ("dr", "mr", "mrs", "ms"))
        if last is None:
            continue
        role = (
            "provider"
            if title in ("dr", "doctor", "prof", "professor", "dra")
            else "patient"
            if title in _ROLES_PATIENT
            else "person"
        )
        yield _identifier(page, index, last, role, 0.99, "follows a title", start=match.start())


def _before_credentials(page: Page) -> Iterator[Identifier]:
    words = page.words
    for index, word in enumerate(words):
        low = word.text.lower()
        if (
            low not in CREDENTIALS
            or not word.is_capital
            or index == 0
            or (
                low in ("ma", "pt", "ot", "do", "md", "pa", "od")
                and not word.text.isupper()
                and word.text not in ("PhD", "PharmD")
            )
        ):
            continue
        gap = page.gap(index - 1)
        comma = "," in gap
        if gap.strip(" ,.") or len(gap) > 3:
            continue
        if low in STATE_CODES_LOWER and page.lexicon.is_city(words[index - 1].text) and low != "md":
            continue
        first = index - 1
        if not _can_be_part(page, words[first]) or (
            page.lexicon.is_known(words[first].text) and not page.lexicon.is_name(words[first].text)
        ):
            continue
        while (
            first > 0
            and page.gap(first - 1) in (" ", ". ", "-")
            and index - first < 4
            and _can_be_part(page, words[first - 1])
            and words[first - 1].text.lower() not in TITLES | FUNCTION_WORDS
        ):
            first -= 1
        if first == index - 1 and not comma:
            continue
        if index - first >= 2 or (
            comma
            and page.lexicon.is_name(words[first].text)
            and low not in ("do", "pt", "ot", "pa", "md", "ma", "od", "rd", "jr", "ii")
        ):
            yield _identifier(
                page,
                first,
                index - 1,
                "provider" if low not in ("jr", "sr", "ii", "iii", "iv") else "person",
                0.97,
                "stands before a credential",
            )


STATE_CODES_LOWER = frozenset(code.lower() for code in STATE_CODES)


def _labelled(page: Page) -> Iterator[Identifier]:
    at = {word.start: index for index, word in enumerate(page.words)}
    for match in _LABEL.finditer(page.text):
        index = at.get(match.end())
        if index is None or page.words[index].text.lower() in TITLES:
            continue
        role_text = match["role"].lower()
        weak = (
            role_text.split()[0]
            in (
                "re",
                "cc",
                "from",
                "to",
                "by",
                "contact",
                "first",
                "last",
                "family",
                "assistant",
                "consultant",
                "middle",
                "attn",
                "attention",
                "hi",
                "hello",
                "regards",
                "thanks",
                "nurse",
                "patient",
                "pt",
                "resident",
                "reviewed",
                "provider",
                "referring",
                "ordering",
                "primary",
                "coder",
                "biller",
                "mother",
                "father",
                "member",
                "physician",
                "surgeon",
            )
            and "name" not in role_text
        )
        last = _extend(page, index, loose=True, any_case="name" in role_text)
        if last is None:
            continue
        named = any(
            page.lexicon.is_name(w.text) and not page.lexicon.is_ordinary(w.text) for w in page.words[index : last + 1]
        )
        strange = any(not page.lexicon.is_known(w.text) and w.is_capital for w in page.words[index : last + 1])
        if (
            weak
            and not (named and (last > index or not page.lexicon.is_known(page.words[index].text)))
            and not (strange and not page.mostly_capitals)
        ):
            continue
        if not named and not strange:
            continue
        yield _identifier(page, index, last, _role(role_text), 0.97, "follows the label of a name")
    for match in _LOOSE_LABEL.finditer(page.text):
        index = at.get(match.end())
        if index is None or page.words[index].text.lower() in TITLES:
            continue
        last = _extend(page, index, loose=False)
        if last is None:
            continue
        parts = page.words[index : last + 1]
        if (
            any(page.lexicon.is_name(w.text) or not page.lexicon.is_known(w.text) for w in parts)
            and (last > index or not page.lexicon.is_known(parts[0].text))
            and not _before_eponym_head(page, last)
        ):
            role = "provider" if re.search(r"(?i)by\s*$|care of", match[0]) else "person"
            if last == index and parts[0].is_upper:
                continue
            yield _identifier(page, index, last, role, 0.9, "follows words that introduce a name")


def _role(label: str) -> str:
    first = label.split()[0].rstrip("'s") if label else ""
    if set(label.split()) & KIN or first in KIN:
        return "relative"
    if first in _ROLES_PROVIDER or "signed" in label or "physician" in label or "provider" in label:
        return "provider"
    return "patient" if first in _ROLES_PATIENT else "person"


def _last_first(page: Page) -> Iterator[Identifier]:
    lexicon = page.lexicon
    for match in _LAST_FIRST.finditer(page.text):
        lasts = match["last"].split()
        first = match["first"]
        if not lexicon.is_first_name(first) or lexicon.is_ordinary(first) or first.lower() in STATE_CODES_LOWER:
            continue
        # Try the longest surname first: "DE LA CRUZ, MARIA", then only its last word.
        for take in range(len(lasts)):
            chosen = lasts[take:]
            if (
                all(
                    part.lower() in _PARTICLES or (lexicon.is_surname(part) and not lexicon.is_ordinary(part))
                    for part in chosen
                )
                and chosen[-1].lower() not in _PARTICLES
            ):
                break
        else:
            continue
        same_case = chosen[-1][0].isupper() == first[0].isupper() and chosen[-1].isupper() == first.isupper()
        known = [part for part in (*chosen, first) if lexicon.is_safe(part)]
        if not same_case or len(known) > 1 or (known and first.islower()):
            continue
        if first.islower() and not lexicon.is_common_first_name(first):
            continue
        if (
            not first.isupper()
            and not first.islower()
            and not match["middle"]
            and lexicon.is_common_first_name(chosen[-1])
            and lexicon.is_common_first_name(first)
        ):
            # "Anna, Sarah and Tom" is a list, but of names all the same.
            pass
        if lexicon.is_city(" ".join(chosen)) and not lexicon.is_common_first_name(first):
            continue
        offset = match.start("last") + match["last"].rfind(" ".join(chosen))
        end = match.end("first")
        if match["middle"]:
            middle = match["middle"].strip()
            if (len(middle.rstrip(".")) == 1 and middle[0].isupper()) or (
                lexicon.is_name(middle) and not lexicon.is_safe(middle) and middle[0].isupper() == first[0].isupper()
            ):
                end = match.end("middle")
        yield Identifier(
            offset, end, IdentifierKind.NAME, 0.97, "name.person", "is a surname, a comma and a given name"
        )


def _initial_surname(page: Page) -> Iterator[Identifier]:
    lexicon = page.lexicon
    at = {word.start: index for index, word in enumerate(page.words)}
    for match in _INITIAL_SURNAME.finditer(page.text):
        surname, index = match["s"], at.get(match.start("s"))
        if index is None or (surname.isupper() and "." not in match["i"]):
            continue
        if (
            match["i"].strip()
            in ("A", "I", "S", "T", "X", "C", "L", "B", "D", "E", "K", "G", "H", "M", "P", "Q", "V", "J")
            and "." not in match["i"]
        ):
            # A letter before a capitalised word is mostly a vitamin, a spine level or a part of Medicare.
            if (
                match["i"].strip() not in ("J", "K", "M", "D", "R", "S", "L")
                or lexicon.is_safe(surname)
                or not lexicon.is_surname(surname)
            ):
                continue
        if lexicon.is_ordinary(surname) or _before_eponym_head(page, index) or surname.lower() in FACILITY_WORDS:
            continue
        if not lexicon.is_surname(surname) and (lexicon.is_known(surname) or page.mostly_capitals):
            continue
        if lexicon.is_safe(surname) and not lexicon.is_surname(surname):
            continue
        if (
            re.fullmatch(r"(?i)[a-z]\.", match["i"].strip())
            and lexicon.is_safe(surname)
            and page.begins_sentence(index)
        ):
            continue
        yield Identifier(
            match.start(),
            match.end() - (2 if surname.lower().endswith(("'s", "’s")) else 0),
            IdentifierKind.NAME,
            0.9,
            "name.person",
            "is initials and a surname",
        )


def _by_given_name(page: Page) -> Iterator[Identifier]:
    lexicon, words = page.lexicon, page.words
    index = 0
    while index < len(words) - 1:
        word, following = words[index], words[index + 1]
        gap = page.gap(index)
        index += 1
        if (
            not word.is_capital
            or not lexicon.is_first_name(word.text)
            or len(word.text) < 2
            or word.text.lower() in FUNCTION_WORDS | MONTHS
        ):
            continue
        if not (gap in (" ", "  ", "-") or (gap in ("\n", "\r\n") and lexicon.is_common_first_name(word.text))):
            continue
        common = lexicon.is_common_first_name(word.text)
        initial_follows = (
            len(following.text) == 1 and following.is_capital and page.text[following.end : following.end + 1] == "."
        )
        if not common and lexicon.is_safe(word.text) and not (initial_follows and not lexicon.is_language(word.text)):
            # "Rose Ibarra" yes, "Lateral Epicondyle" no: the next word must be a surname and nothing else.
            if (
                not lexicon.is_surname(following.text)
                or lexicon.is_known(following.text)
                or lexicon.is_ordinary(word.text)
                or following.is_upper
            ):
                continue
        if len(following.text) == 1 and following.is_capital:
            if (
                page.text[following.end : following.end + 1] == "."
                or (common and following.text not in "IA")
                or (common and not page.text[following.end : following.end + 2].strip()[:1].isalnum())
            ):
                last = _extend(page, index - 1, loose=False)
                yield _identifier(
                    page, index - 1, max(last or index, index), "person", 0.96, "is a given name and an initial"
                )
            continue
        if not following.is_capital and not (following.text.lower() in _PARTICLES and gap == " "):
            continue
        if (
            word.is_upper != following.is_upper
            and not (len(following.text) < 3 or "-" in following.text or "'" in following.text)
            and following.text[0:2] not in ("Mc",)
        ):
            continue
        last = _extend(page, index - 1, loose=False)
        if last is None or last < index:
            continue
        final = words[last]
        if final.text.lower() in FACILITY_WORDS or _facility_follows(page, last) or _before_eponym_head(page, last):
            continue
        surname_like = (lexicon.is_surname(final.text) and not lexicon.is_ordinary(final.text)) or (
            common and final.lower in SURNAMES_TOO
        )
        if (
            (page.mostly_capitals or word.is_upper)
            and not (common and surname_like)
            and (lexicon.is_safe(final.text) or lexicon.is_safe(word.text) or not surname_like)
        ):
            continue
        if not surname_like and lexicon.is_known(final.text):
            continue
        if lexicon.is_eponym(word.text) and lexicon.is_eponym(final.text) and not common:
            continue
        yield _identifier(page, index - 1, last, "person", 0.93 if common else 0.85, "is a given name and a surname")
        index = last + 1


def _surname_initial(page: Page) -> Iterator[Identifier]:
    """A surname before an initial: "Smith J."."""
    lexicon, words = page.lexicon, page.words
    for index in range(len(words) - 1):
        word, following = words[index], words[index + 1]
        if (
            len(following.text) != 1
            or not following.is_capital
            or page.gap(index) not in (" ", ", ")
            or page.text[following.end : following.end + 1] != "."
            or not word.is_title_case
        ):
            continue
        if (
            lexicon.is_surname(word.text)
            and not lexicon.is_ordinary(word.text)
            and (
                not lexicon.is_safe(word.text)
                or lexicon.is_common_first_name(word.text)
                or lexicon.is_eponym(word.text)
            )
        ):
            yield _identifier(page, index, index + 1, "person", 0.9, "is a surname and an initial")


def _relatives(page: Page) -> Iterator[Identifier]:
    words, lexicon = page.words, page.lexicon
    for index in range(len(words) - 1):
        if words[index].text.lower() not in KIN or page.gap(index) not in (" ", ", ", " (", ": ", " - ", "\n"):
            continue
        following = words[index + 1]
        if (
            not following.is_capital
            or (following.is_upper and len(following.text) < 4)
            or lexicon.is_ordinary(following.text)
            or not lexicon.is_name(following.text)
        ):
            continue
        if lexicon.is_safe(following.text) and not lexicon.is_common_first_name(following.text):
            continue
        last = _extend(page, index + 1, loose=False)
        if last is None or _before_eponym_head(page, last):
            continue
        yield _identifier(page, index + 1, last, "relative", 0.9, "follows a word for a relative")


def _subjects(page: Page) -> Iterator[Identifier]:
    words, lexicon = page.words, page.lexicon
    for index in range(len(words) - 1):
        word = words[index]
        if (
            not word.is_title_case
            or page.gap(index).strip() not in ("", ",")
            or words[index + 1].text not in _VERBS
            or lexicon.is_ordinary(word.text)
            or not page.begins_sentence(index)
        ):
            continue
        if not lexicon.is_name(word.text) or (
            lexicon.is_safe(word.text) and not lexicon.is_common_first_name(word.text)
        ):
            continue
        yield _identifier(page, index, index, "person", 0.85, "is the subject of a sentence about a person")


_PERSON_IS = re.compile(
    r"(?<![\w'’-])(?P<v>[A-Z][^\W\d_]+(?:['’-][^\W\d_]+)*(?: (?:[A-Z]\.?|[A-Z][^\W\d_]+(?:['’-][^\W\d_]+)*)){0,3})(?: is| was|,)(?: an?| the)? (?:(?:very |most )?[a-z]+,? ){0,2}\d{1,3}[- ]?(?:year|yr|y/?o|month|week|day)"
)


def _described(page: Page) -> Iterator[Identifier]:
    """Whoever is said to be so many years old: "Mason Ward is a pleasant 80-year-old"."""
    for match in _PERSON_IS.finditer(page.text):
        parts = re.findall(r"[^\W\d_]+(?:['’-][^\W\d_]+)*", match["v"])
        while parts and (
            (page.lexicon.is_ordinary(parts[0]) and parts[0].lower() not in SURNAMES_TOO)
            or (len(parts) == 1 and page.lexicon.is_safe(parts[0]) and not page.lexicon.is_common_first_name(parts[0]))
        ):
            parts = parts[1:]
        if not parts or not any(page.lexicon.is_name(p) or not page.lexicon.is_known(p) for p in parts):
            continue
        start = match.start("v") + match["v"].index(parts[0])
        yield Identifier(start, match.end("v"), IdentifierKind.NAME, 0.96, "name.patient", "is said to be of an age")


def _alone(page: Page) -> Iterator[Identifier]:
    """A listed name by itself, capitalised inside a sentence, that is no word of the language or the trade."""
    words, lexicon = page.words, page.lexicon
    for index, word in enumerate(words):
        if not word.is_capital or len(word.text) < 3 or word.text.endswith("-") or not lexicon.is_name(word.lower):
            continue
        common = lexicon.is_common_first_name(word.lower)
        if word.is_upper and not (common and len(word.text) > 4 and not lexicon.is_safe(word.lower)):
            continue
        if lexicon.is_ordinary(word.lower) or (
            lexicon.is_safe(word.lower)
            and not (common and not page.begins_sentence(index) and not lexicon.is_eponym(word.lower))
        ):
            continue
        if page.begins_sentence(index) and not common:
            continue
        if (
            _before_eponym_head(page, index)
            or _facility_follows(page, index)
            or _NON_NAME.search(page.text[word.end : word.end + 1])
        ):
            continue
        if (
            common
            or lexicon.is_first_name(word.lower)
            or (lexicon.is_surname(word.lower) and not lexicon.is_city(word.text))
        ):
            yield _identifier(page, index, index, "person", 0.7, "is a listed name inside a sentence")


def _small_pairs(page: Page) -> Iterator[Identifier]:
    lexicon = page.lexicon
    for match in _SMALL_PAIR.finditer(page.text):
        parts = re.findall(r"[a-z'’-]+", match[1])
        first, final = parts[0], parts[-1].removesuffix("'s").removesuffix("’s")
        if not lexicon.is_common_first_name(first) and (not lexicon.is_first_name(first) or lexicon.is_safe(first)):
            continue
        if (
            not lexicon.is_surname(final)
            or lexicon.is_ordinary(final)
            or (lexicon.is_safe(final) and not lexicon.is_common_first_name(first))
        ):
            continue
        if (lexicon.is_safe(first) and lexicon.is_safe(final)) or final in EPONYM_HEADS:
            continue
        end = match.end(1) - (2 if match[1].endswith(("'s", "’s")) else 0)
        yield Identifier(
            match.start(1),
            end,
            IdentifierKind.NAME,
            0.85,
            "name.person",
            "is a listed name and surname in small letters",
        )


def _extend(page: Page, index: int, *, loose: bool, any_case: bool = False) -> int | None:
    """Return the index of the last word of a name that starts at `index`, or None when the word there cannot begin one.

    `loose` trusts the words before it (a title, a label) and takes any capitalised word that is no function word.
    """
    words, lexicon = page.words, page.lexicon
    first = words[index]
    if not _starts(page, first, loose=loose, any_case=any_case):
        return None
    last = index
    while last + 1 < len(words) and last - index < 4:
        gap, following = page.gap(last), words[last + 1]
        low = following.lower
        if gap not in (" ", "  ", ". ", ".", "-", ' "', '" ', " (", ") ", ", ", "\t") or (
            gap in (". ", ".") and len(words[last].text) > 1 and words[last].text.lower() not in ("st", "jr", "sr")
        ):
            break
        if gap in (" (", ") ", ' "', '" '):
            break
        if gap == ", ":
            # "Garcia, Maria" after a label
            if (
                loose
                and last == index
                and following.is_capital
                and lexicon.is_first_name(following.text)
                and not lexicon.is_safe(following.text)
            ):
                last += 1
                continue
            break
        if (
            low in _PARTICLES
            and last + 2 < len(words)
            and page.gap(last + 1) in (" ", ". ", "'")
            and (words[last + 2].is_capital or any_case)
        ):
            if words[last + 2].text.lower() in _PARTICLES or _can_be_part(page, words[last + 2]):
                last += 1
                continue
            break
        if len(following.text) == 1:
            if following.is_capital and (
                page.text[following.end : following.end + 1] in (".", " ", ",", ")", "") and following.text != "I"
            ):
                last += 1
                continue
            break
        surname_too = (
            low in SURNAMES_TOO
            and following.is_title_case
            and (loose or lexicon.is_common_first_name(words[last].text))
            and not _trade_follows(page, last + 1)
        )
        if (
            not (following.is_capital or (any_case and first.text.islower()))
            or (lexicon.is_ordinary(low) and not surname_too)
            or low in FACILITY_WORDS
            or (low in CREDENTIALS and following.is_upper)
            or (low in MONTHS and not surname_too)
        ):
            break
        if following.is_upper and not first.is_upper and len(first.text) > 1 and not page.mostly_capitals:
            break
        if not loose and lexicon.is_safe(low) and not lexicon.is_name(low):
            break
        if low in EPONYM_HEADS and not lexicon.is_surname(low):
            break
        last += 1
        if words[last].text.endswith(("'s", "’s")):
            break
    while last > index and words[last].text.lower() in _PARTICLES:
        last -= 1
    return last


def _starts(page: Page, word: Word, *, loose: bool, any_case: bool) -> bool:
    lexicon = page.lexicon
    low = word.lower
    if low in FUNCTION_WORDS or (low in MONTHS and low not in ("april", "may", "june", "august")):
        return False
    if not word.is_capital:
        if low in _PARTICLES:
            return loose
        return (any_case or loose) and lexicon.is_name(low) and not lexicon.is_safe(low)
    if len(word.text) == 1:
        return page.text[word.end : word.end + 1] in (".", " ") and word.text != "I"
    if loose:
        return not lexicon.is_ordinary(low)
    return not lexicon.is_ordinary(low) and (lexicon.is_name(low) or not lexicon.is_known(low))


def _trade_follows(page: Page, index: int) -> bool:
    """Whether the next word makes this one an adjective: "Anna White blood count"."""
    words = page.words
    return (
        index + 1 < len(words)
        and page.gap(index) == " "
        and words[index + 1].text.lower()
        in ("male", "female", "blood", "man", "woman", "matter", "race", "cell", "american", "stool", "term")
    )


def _can_be_part(page: Page, word: Word) -> bool:
    return (
        word.is_capital and not page.lexicon.is_ordinary(word.text) and word.text.lower() not in FACILITY_WORDS
    ) or word.text.lower() in _PARTICLES


def _before_eponym_head(page: Page, index: int) -> bool:
    """Whether what follows makes the word an eponym: "Crohn's disease", "Foley catheter", "Chaddock reflex", "Bell's palsy"."""
    words = page.words
    if index + 1 >= len(words):
        return False
    gap = page.gap(index)
    if gap.strip(" -\n\r") not in ("", "'s", "’s", "'", "’"):
        return False
    following = words[index + 1].text.lower()
    if following in EPONYM_HEADS:
        return page.lexicon.is_eponym(words[index].lower) or (
            page.gap(index).strip() == "" and words[index + 1].text.islower()
        )
    if page.lexicon.is_eponym(words[index].lower) and page.lexicon.is_eponym(following) and index + 2 < len(words):
        return words[index + 2].text.lower() in EPONYM_HEADS
    return False


def _facility_follows(page: Page, index: int) -> bool:
    words = page.words
    return (
        index + 1 < len(words)
        and page.gap(index) in (" ", "-")
        and words[index + 1].text.lower() in FACILITY_WORDS
        and words[index + 1].is_capital
    )


def name_parts(name: str) -> frozenset[str]:
    """Return the parts of a name that may stand for it alone, lower case: given names and surnames of three letters or more."""
    parts = (part.lower() for part in re.findall(r"[^\W\d_]+(?:['’-][^\W\d_]+)*", name))
    cleaned = (part[:-2] if part.endswith(("'s", "’s")) else part for part in parts)
    return frozenset(
        part for part in cleaned if len(part) >= 3 and part not in TITLES | CREDENTIALS | _PARTICLES | FUNCTION_WORDS
    )


def propagate(page: Page, parts: Iterable[str]) -> Iterator[Identifier]:
    """Yield every other place of the page where a part of a known name stands.

    A part that is also a word of the language ("King", "Price") counts only with a capital, inside a sentence, and not as an eponym.
    """
    wanted = frozenset(parts)
    if not wanted:
        return
    for index, word in enumerate(page.words):
        low = word.lower
        if low not in wanted:
            continue
        safe = page.lexicon.is_safe(low)
        if safe and (
            not word.is_capital
            or _before_eponym_head(page, index)
            or (page.begins_sentence(index) and page.lexicon.is_ordinary(low))
        ):
            continue
        if safe and word.is_upper and not page.mostly_capitals and len(word.text) < 5:
            continue
        if not safe and not word.is_capital and not page.lexicon.is_name(low):
            continue
        if page.lexicon.is_eponym(low) and _before_eponym_head(page, index):
            continue
        yield _identifier(page, index, index, "known", 0.9, "is part of a name found elsewhere in the conversation")
