"""Names: paragraph (A). Patients, relatives, providers and anybody else.

Evidence, strongest first: a title or a credential; a labelled field; "Last, First"; somebody said to be of an age; a run of words of
which one is surely a name and none surely is not; an initial beside a surname; a word for a relative; the subject of a sentence; a
pair in small letters; a listed name standing alone inside a sentence. What a single word says is graded in `name_words`.

Near misses that stay: eponyms before a disease, sign, device or procedure ("Crohn's disease", "Foley catheter"), brands, payers,
months, headings, function words of the census lists ("He", "Can", "Will"). After a title or in "Last, First" an eponym is a name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from assistant.phi.kinds import Identifier, IdentifierKind
from assistant.phi.page import Page
from assistant.phi.recognisers.name_words import (
    PARTICLES,
    Grade,
    eponym_follows,
    facility_follows,
    grade,
    is_initial,
    last_of_name,
)
from assistant.phi.vocabulary import CREDENTIALS, EPONYM_HEADS, GIVEN_TOO, KIN, STATE_CODES, SURNAMES_TOO, TITLES, words

__all__ = ["find_names"]

_NAME = r"[^\W\d_]+(?:['’-][^\W\d_]+){0,4}"
_VERBS = words(
    """
    is was has had presents presented denies denied reports reported states stated complains complained returns returned
    came comes arrived arrives underwent received receives takes took says said tolerated tolerates notes noted endorses
    endorsed continues would does did saw sees called calls lives lived works fell feels felt needs wants asked asks
    agrees agreed died went goes tells told got gets also who admits admitted described describes weighs reached requests
    requested signed dictated ordered performed last referred sent wrote writes prescribed recommends recommended thinks
    believes injected excised removed billed coded operated assisted
    """
)
_ROLES_PATIENT = words(
    """
    patient pt patients name client resident mr mrs ms miss mx baby infant member subscriber insured beneficiary claimant
    decedent
    """
)
_ROLES_PROVIDER = words(
    """
    dr doctor provider physician surgeon attending nurse pcp np pa rn md referring rendering ordering supervising dictated
    signed prof professor cardiologist dermatologist oncologist neurologist assistant anesthesiologist author transcribed
    reviewed dra
    """
)
_CREDENTIALS_ALSO_WORDS = words(
    """
    ma pt ot do md pa od rd
    """
)
_TOWN_WORDS = words(
    """
    santa san los las el la st saint fort port lake new mount
    """
)
_STATES_LOWER = frozenset(code.lower() for code in STATE_CODES)


def find_names(page: Page) -> Iterator[Identifier]:
    """Yield every name the page gives evidence for."""
    yield from _after_titles(page)
    yield from _before_credentials(page)
    yield from _labelled(page)
    yield from _introduced(page)
    yield from _last_first(page)
    yield from _described(page)
    yield from _runs(page)
    yield from _initial_surname(page)
    yield from _relatives(page)
    yield from _subjects(page)
    yield from _alone(page)
    yield from _small_pairs(page)
    yield from _initials(page)


def _found(
    page: Page, first: int, last: int, role: str, score: float, reason: str, *, start: int | None = None
) -> Identifier:
    words = page.words
    begin = words[first].start if start is None else start
    stop = words[last].end
    if page.text[begin:stop].lower().endswith(("'s", "’s")):
        stop -= 2
    # The full stop of a final initial belongs to the name: "Anna S."
    if len(words[last].text) == 1 and page.text[stop : stop + 1] == ".":
        stop += 1
    return Identifier(begin, stop, IdentifierKind.NAME, score, f"name.{role}", reason)


def _word_at(page: Page) -> dict[int, int]:
    return {word.start: index for index, word in enumerate(page.words)}


@lru_cache(maxsize=1)
def _title_pattern() -> re.Pattern[str]:
    capital_only = frozenset({"fr", "judge", "maj", "col", "lt", "sgt", "sir", "madam", "capt", "captain"})
    titles = "|".join(sorted(TITLES - capital_only, key=len, reverse=True))
    return re.compile(
        rf"(?<![\w-])(?:(?i:{titles})|Fr|Judge|Maj|Col|Lt|Sgt|Sir|Capt|Captain)(?:\.|\b)"
        rf"(?:\s?(?:and|&)\s?(?i:mrs|dr|ms)\.?)?[ \t]{{0,3}}\n?[ \t]*(?=[^\W\d_])"
    )


def _after_titles(page: Page) -> Iterator[Identifier]:
    at = _word_at(page)
    for match in _title_pattern().finditer(page.text):
        index = at.get(match.end())
        if index is None:
            continue
        word = page.words[index]
        title = match[0].split()[0].strip(".").lower()
        dotted = title in ("dr", "mr", "mrs", "ms", "mx", "dra") or match[0].rstrip().endswith(".")
        graded = grade(page, word)
        if word.is_capital:
            # "Dr. Young", "Mr. Best": after a title with a full stop even a word of the language is a name.
            usual = graded is not Grade.NO or (len(word.text) == 1 and is_initial(page, index))
            if (
                not usual
                or (graded is Grade.MAYBE and not dotted)
                or (not dotted and graded is Grade.UNKNOWN and word.is_upper)
            ):
                continue
            if title in ("sir", "professor", "fr") and graded < Grade.FAMILY:
                continue
        elif not (
            word.lower in PARTICLES
            or (dotted and graded >= Grade.UNKNOWN)
            or (dotted and word.lower in SURNAMES_TOO and page.lexicon.is_surname(word.lower))
        ):
            continue
        last = last_of_name(page, index, trusting=True, any_case=not word.is_capital and word.lower not in PARTICLES)
        role = "provider" if title in _ROLES_PROVIDER else "patient" if title in _ROLES_PATIENT else "person"
        yield _found(page, index, last, role, 0.99, "follows a title", start=match.start())


def _before_credentials(page: Page) -> Iterator[Identifier]:
    words, lexicon = page.words, page.lexicon
    for index in range(1, len(words)):
        word, low = words[index], words[index].text.lower()
        if (
            low not in CREDENTIALS
            or not word.is_capital
            or (low in _CREDENTIALS_ALSO_WORDS and not word.text.isupper())
        ):
            continue
        gap = page.gap(index - 1)
        if (
            gap.strip(" ,.")
            or len(gap) > 3
            or (low in _STATES_LOWER and low != "md" and lexicon.is_city(words[index - 1].text))
        ):
            continue
        first = index - 1
        if not words[first].is_capital or (
            grade(page, words[first]) is Grade.NO and words[first].lower not in PARTICLES
        ):
            continue
        while (
            first > 0
            and index - first < 5
            and page.gap(first - 1) in (" ", ". ", "-")
            and _may_precede(page, first - 1)
        ):
            first -= 1
        sure = max(grade(page, w) for w in words[first:index])
        pair = index - first >= 2
        if sure < Grade.UNKNOWN and not (pair and "," in gap and low not in _CREDENTIALS_ALSO_WORDS):
            continue
        if pair or ("," in gap and sure >= Grade.FAMILY and low not in _CREDENTIALS_ALSO_WORDS):
            role = "person" if low in ("jr", "sr", "ii", "iii", "iv") else "provider"
            yield _found(page, first, index - 1, role, 0.97, "stands before a credential")


def _may_precede(page: Page, index: int) -> bool:
    word = page.words[index]
    if len(word.text) == 1:
        return word.is_capital and word.text not in "IA"
    if word.lower in TITLES:
        return False
    return (word.is_capital and grade(page, word) is not Grade.NO) or word.lower in PARTICLES


_FIELD = re.compile(
    r"\b(?P<role>(?:patient|pt|client|resident|member|subscriber|insured|guarantor|beneficiary|claimant|provider|physician|attending|surgeon|pcp|"
    r"referring|rendering|ordering|supervising|primary\s+care|emergency\s+contact|next\s+of\s+kin|nok|responsible\s+party|guardian|"
    r"mother|father|spouse|wife|husband|parent|contact|first|last|full|legal|maiden|preferred|middle|family|given|sur|author|scribe|nurse|therapist|"
    r"assistant(?:\s+surgeon)?|anesthesiologist|consultant|dictated|signed|electronically\s+signed|transcribed|reviewed|verified|"
    r"attn|attention|name|re|cc|dear|hi|hello|regards|sincerely|thanks|from|to|by|employer|holder|policyholder|cardholder|coder|biller|witness|"
    r"examiner|adjuster|rep(?:resentative)?|user|account\s+holder)"
    r"(?:'?s)?(?:[ \t]*(?:name|by|provider|physician|md|doctor|surgeon|party|contact|holder|legal\s+name))*)[ \t]*(?P<sep>[:=|]|\s-\s|\t)\s*",
    re.IGNORECASE,
)
_SURE_FIELDS = re.compile(
    r"(?i)name|guarantor|subscriber|insured|claimant|next of kin|nok|emergency|guardian|spouse|dictated|signed|pcp|scribe|author|responsible|holder"
)


def _labelled(page: Page) -> Iterator[Identifier]:
    at = _word_at(page)
    for match in _FIELD.finditer(page.text):
        index = at.get(match.end())
        if index is None or page.words[index].lower in TITLES:
            continue
        label = match["role"].lower()
        sure_field = _SURE_FIELDS.search(label) is not None
        word = page.words[index]
        if not word.is_capital and not sure_field:
            continue
        last = _last_after_label(page, index, any_case=not word.is_capital)
        grades = [grade(page, w) for w in page.words[index : last + 1] if len(w.text) > 1 and w.lower not in PARTICLES]
        if (
            not grades
            or grades[0] is Grade.NO
            or max(grades) < (Grade.MAYBE if sure_field and len(grades) > 1 else Grade.UNKNOWN)
        ):
            continue
        if (
            not sure_field
            and max(grades) is Grade.UNKNOWN
            and (len(grades) < 2 or page.mostly_capitals or word.is_upper)
        ):
            continue
        if eponym_follows(page, last):
            continue
        yield _found(page, index, last, _role(label), 0.97, "follows the label of a name")


def _last_after_label(page: Page, index: int, *, any_case: bool) -> int:
    """Return where a labelled name ends, "Garcia Lopez, Maria J." included."""
    last = last_of_name(page, index, trusting=True, any_case=any_case)
    words = page.words
    if (
        last + 1 < len(words)
        and page.gap(last) in (", ", ",")
        and words[last + 1].is_capital
        and grade(page, words[last + 1]) >= Grade.UNKNOWN
    ):
        return last_of_name(page, last + 1, trusting=True)
    return last


def _role(label: str) -> str:
    terms = set(re.findall(r"[a-z]+", label))
    if terms & KIN:
        return "relative"
    if terms & _ROLES_PROVIDER:
        return "provider"
    return "patient" if terms & _ROLES_PATIENT else "person"


_INTRODUCTION = re.compile(
    r"\b(?P<w>named|called|name\s+is|name's|names?\s+of|name\s+spelled|spelled|i\s+am|i'm|this\s+is|known\s+as|aka|a\.k\.a\.|goes\s+by|"
    r"(?:signed|dictated|seen|performed|ordered|referred|evaluated|examined|treated|prescribed|reviewed|read|done|assisted|billed|coded|interpreted|"
    r"supervised|operated\s+on|created|submitted|approved|denied|completed|placed|administered)\s+by|"
    r"under\s+the\s+care\s+of|care\s+of|c/o|on\s+behalf\s+of|attn:?|dear|hi|hello|spoke\s+(?:with|to)|talked\s+to|discussed\s+with|per|ask(?:ed)?|tell|told|"
    r"coworker|colleague|coder|biller|auditor|surgeon|supervisor|manager|patient|pt|client|claimant|for|auditing|on|of|and|regarding|re|with|about|from)\s+[\"“'(]?",
    re.IGNORECASE,
)
_WEAK_INTRODUCTIONS = words(
    """
    for on of and regarding re with about from per ask asked tell told patient pt client hi hello surgeon manager called
    """
)


def _introduced(page: Page) -> Iterator[Identifier]:
    at = _word_at(page)
    for match in _INTRODUCTION.finditer(page.text):
        index = at.get(match.end())
        if index is None:
            continue
        word = page.words[index]
        if not word.is_capital or word.lower in TITLES or grade(page, word) is Grade.NO:
            continue
        last = last_of_name(page, index, trusting=True)
        if eponym_follows(page, last) or facility_follows(page, last):
            continue
        grades = [grade(page, w) for w in page.words[index : last + 1] if len(w.text) > 1 and w.lower not in PARTICLES]
        introduction = match["w"].lower()
        role = (
            "provider"
            if introduction.endswith("by") or introduction in ("care of", "surgeon")
            else "patient"
            if introduction in ("patient", "pt", "client", "claimant")
            else "person"
        )
        if introduction in _WEAK_INTRODUCTIONS:
            # Only whole names: "for Omolade Crohn", "pt Zainab Black"; never "for Medicare", "on Aquacel".
            also = (
                word.is_title_case
                and word.lower in GIVEN_TOO
                and page.words[last].lower in SURNAMES_TOO
                and introduction not in ("on", "of", "and")
            )
            if (
                len(grades) < 2
                or (max(grades) < Grade.UNKNOWN and not also)
                or (
                    min(grades) is Grade.UNKNOWN
                    and word.is_upper
                    and not all(len(w.text) > 3 for w in page.words[index : last + 1])
                )
            ):
                continue
        elif (
            max(grades) < Grade.UNKNOWN
            and not (len(grades) > 1 and introduction in ("name is", "named", "i am", "this is"))
        ) or (
            len(grades) == 1
            and (word.is_upper or (grades[0] is Grade.UNKNOWN and introduction in ("called", "spelled")))
        ):
            continue
        yield _found(page, index, last, role, 0.9, "follows words that introduce a name")


_LAST_FIRST = re.compile(
    rf"(?<![\w'’-])(?P<last>{_NAME}(?:[ ]{_NAME}){{0,2}}),[ ]?(?P<first>{_NAME})(?P<middle>[ ][^\W\d_]\b\.?|[ ][^\W\d_]{{2,}}(?![\w]))?"
)


def _last_first(page: Page) -> Iterator[Identifier]:
    at = _word_at(page)
    words = page.words
    for match in _LAST_FIRST.finditer(page.text):
        given = at.get(match.start("first"))
        if given is None or given == 0:
            continue
        surname = given - 1
        first_grade, last_grade = grade(page, words[given]), grade(page, words[surname])
        first, last = words[given], words[surname]
        if (
            first_grade is Grade.NO
            or last_grade is Grade.NO
            or first.lower in _STATES_LOWER
            or len(first.text) < 2
            or len(last.text) < 2
        ):
            continue
        if surname > 0 and words[surname - 1].lower in TITLES:
            continue
        if (
            first.is_capital != last.is_capital
            or first.is_upper != last.is_upper
            or page.lexicon.is_kept_place(first.lower)
        ):
            continue
        pair = {first_grade, last_grade}
        listed = page.text[match.end("first") : match.end("first") + 1] == "," or page.text[
            max(0, last.start - 2) : last.start
        ].endswith(", ")
        if not first.is_capital:
            if first_grade is not Grade.GIVEN or last_grade is not Grade.FAMILY or listed:
                continue
        elif max(pair) < Grade.FAMILY and not (
            pair == {Grade.UNKNOWN} and not listed and not page.lexicon.is_city(last.text)
        ):
            also = first.lower in GIVEN_TOO and page.lexicon.is_surname(last.lower)
            if listed or not first.is_upper or not (Grade.UNKNOWN in pair or also):
                continue
        elif (
            first_grade is Grade.MAYBE and first.lower not in GIVEN_TOO and not page.lexicon.is_first_name(first.lower)
        ):
            continue
        if page.lexicon.is_city(last.text) and first_grade is not Grade.GIVEN:
            continue
        # "DE LA CRUZ, MARIA": the words before belong to the surname when they are particles or surnames of the same case.
        begin = surname
        while (
            begin > 0
            and page.gap(begin - 1) in (" ", "-")
            and surname - begin < 3
            and words[begin - 1].start >= match.start("last")
            and _in_surname(page, begin - 1, last.is_upper)
        ):
            begin -= 1
        end = given
        if match["middle"] and given + 1 < len(words) and page.gap(given) == " ":
            middle = words[given + 1]
            if is_initial(page, given + 1) or (
                middle.is_capital and middle.is_upper == first.is_upper and grade(page, middle) >= Grade.UNKNOWN
            ):
                end = given + 1
        yield _found(
            page,
            begin,
            end,
            "person",
            0.97 if max(pair) >= Grade.FAMILY else 0.8,
            "is a surname, a comma and a given name",
        )


def _in_surname(page: Page, index: int, upper: bool) -> bool:
    word = page.words[index]
    if word.lower in PARTICLES:
        return True
    return (
        word.is_upper == upper
        and word.is_capital
        and grade(page, word) >= Grade.UNKNOWN
        and not page.begins_sentence(index)
    )


_PERSON_IS = re.compile(
    rf"(?<![\w'’-])(?P<v>[A-Z]{_NAME}(?: (?:[A-Z]\.?|{_NAME})){{0,3}})(?: is| was|,)(?: an?| the)? (?:(?:very |most )?[a-z]+,? ){{0,2}}"
    r"\d{1,3}[- ]?(?:year|yr|y/?o|month|week|day|[MF]\b)"
)


def _described(page: Page) -> Iterator[Identifier]:
    """Whoever is said to be so many years old: "Mason Ward is a pleasant 80-year-old"."""
    at = _word_at(page)
    for match in _PERSON_IS.finditer(page.text):
        index = at.get(match.start("v"))
        while index is not None and page.words[index].end <= match.end("v"):
            if page.words[index].is_capital and grade(page, page.words[index]) is not Grade.NO:
                break
            index += 1
        else:
            continue
        if index is None:
            continue
        last = last_of_name(page, index, trusting=True)
        if page.words[last].end != match.end("v"):
            continue
        grades = [grade(page, w) for w in page.words[index : last + 1] if len(w.text) > 1]
        if max(grades) >= Grade.UNKNOWN or len(grades) > 1:
            yield _found(page, index, last, "patient", 0.96, "is said to be of an age")


def _runs(page: Page) -> Iterator[Identifier]:
    """Runs of capitalised words of which one is surely a name and none surely is not."""
    words = page.words
    index = 0
    while index < len(words) - 1:
        word = words[index]
        graded = grade(page, word) if word.is_capital and len(word.text) > 1 else Grade.NO
        if graded is Grade.NO:
            index += 1
            continue
        last = last_of_name(page, index, trusting=False)
        # A leading word that only opens the sentence is not part of the name: "May Anna Smith be billed".
        grades = [grade(page, w) for w in words[index : last + 1] if len(w.text) > 1 and w.lower not in PARTICLES]
        if last == index:
            index += 1
            continue
        if word.lower in _TOWN_WORDS and page.lexicon.is_city(page.text[word.start : words[last].end]):
            index += 1
            continue
        score = _run_score(page, index, last, grades)
        if score and not facility_follows(page, last) and not eponym_follows(page, last):
            yield _found(page, index, last, "person", score, "is a run of words of which one is surely a name")
            index = last + 1
        else:
            index += 1


def _run_score(page: Page, first: int, last: int, grades: list[Grade]) -> float | None:
    words = page.words
    lead = grades[0]
    upper = words[first].is_upper
    if len(grades) == 1:
        # One name and initials: "Anna S.", "Smith J.", "Przemysław A."
        dotted = page.text[words[last].end : words[last].end + 1] == "."
        if lead is Grade.GIVEN or (dotted and (lead is Grade.FAMILY or (lead is Grade.UNKNOWN and not upper))):
            return 0.95
        return (
            0.8
            if dotted
            and lead is Grade.MAYBE
            and not upper
            and page.lexicon.is_name(words[first].lower)
            and not page.begins_sentence(first)
            else None
        )
    if page.text[words[last].end : words[last].end + 1].isdigit():
        return None
    rest = max(grades[1:])
    if upper:
        if lead is Grade.GIVEN and (
            rest >= Grade.UNKNOWN or (words[last].lower in SURNAMES_TOO and not page.mostly_capitals)
        ):
            return 0.9
        if (
            lead is Grade.GIVEN
            and grades[1] is Grade.MAYBE
            and page.lexicon.is_common_first_name(words[first].lower)
            and page.lexicon.is_surname(words[last].lower)
        ):
            return 0.85
        long = all(len(w.text) > 3 for w in words[first : last + 1])
        if (
            is_initial(page, first + 1)
            and last > first + 1
            and not page.mostly_capitals
            and page.lexicon.is_name(words[first].lower)
        ):
            return 0.8
        if lead in (Grade.MAYBE, Grade.UNKNOWN) and rest is Grade.UNKNOWN and not words[last].text.isascii():
            return 0.8
        if lead is Grade.UNKNOWN and not words[first].text.isascii() and words[last].lower in SURNAMES_TOO:
            return 0.8
        return 0.75 if min(grades) >= Grade.UNKNOWN and max(grades) >= Grade.FAMILY and long else None
    if lead is Grade.GIVEN:
        sure = page.lexicon.is_common_first_name(words[first].lower)
        return (
            0.93
            if sure or rest >= Grade.UNKNOWN or words[last].lower in SURNAMES_TOO
            else 0.85
            if page.lexicon.is_surname(words[last].lower)
            else None
        )
    if (
        is_initial(page, first + 1)
        and page.text[words[first + 1].end] == "."
        and lead is not Grade.NO
        and (page.lexicon.is_name(words[first].lower) or lead is Grade.UNKNOWN)
    ):
        return 0.85
    if lead is Grade.MAYBE and words[first].lower in GIVEN_TOO and (rest is Grade.FAMILY or "-" in words[last].text):
        return 0.85
    if lead is Grade.MAYBE:
        if words[first].lower in GIVEN_TOO and rest is Grade.UNKNOWN and not words[last].text.isascii():
            return 0.8
        if (
            rest >= Grade.FAMILY
            and (page.lexicon.is_first_name(words[first].lower) or words[first].lower in GIVEN_TOO)
            and not page.begins_sentence(first)
        ):
            return 0.85
        return 0.85 if rest is Grade.GIVEN and max(grades[1:]) is Grade.GIVEN and len(grades) > 2 else None
    if max(grades) >= Grade.FAMILY:
        return 0.85
    if lead is Grade.UNKNOWN and (rest is Grade.UNKNOWN or page.lexicon.is_surname(words[last].lower)):
        # Two unlisted capitalised words: a rare name or a product. Letters beyond ASCII speak for a name.
        foreign = not words[first].text.isascii() or not words[last].text.isascii()
        return 0.8 if foreign else 0.65 if not page.begins_sentence(first) else None
    return None


_INITIAL_SURNAME = re.compile(r"(?<![\w.'’])(?P<i>(?:[A-Z]\.[ ]?){1,3})(?P<s>[A-Z][^\W\d_]+(?:['’-][A-Z]?[^\W\d_]+)*)")


def _initial_surname(page: Page) -> Iterator[Identifier]:
    at = _word_at(page)
    for match in _INITIAL_SURNAME.finditer(page.text):
        index = at.get(match.start("s"))
        if index is None or eponym_follows(page, index) or facility_follows(page, index):
            continue
        graded = grade(page, page.words[index])
        surname_like = (
            graded >= Grade.FAMILY
            or (graded is Grade.UNKNOWN and not page.mostly_capitals)
            or (
                (graded is Grade.MAYBE and page.lexicon.is_surname(page.words[index].lower))
                or page.words[index].lower in SURNAMES_TOO
            )
        )
        before = page.text[: match.start()].rstrip()
        # "grade III. Colonoscopy" and "Section A. Price" end a sentence before the word.
        list_item = (
            not before
            or before[-1] in "\n:;)"
            or re.search(
                r"(?i)\b(?:hepatitis|vitamin|part|section|type|group|class|grade|stage|plan|item|option|appendix)$",
                before,
            )
            is not None
        )
        if surname_like and not (graded is Grade.MAYBE and list_item) and not page.words[index].is_upper:
            last = last_of_name(page, index, trusting=False)
            yield _found(page, index, last, "person", 0.9, "is initials and a surname", start=match.start())


def _relatives(page: Page) -> Iterator[Identifier]:
    words = page.words
    for index in range(len(words) - 1):
        if words[index].lower not in KIN or page.gap(index) not in (" ", ", ", " (", ": ", " - ", "\n", ' "'):
            continue
        following = words[index + 1]
        graded = grade(page, following)
        listed = (
            graded >= Grade.FAMILY
            or following.lower in GIVEN_TOO
            or (graded is Grade.UNKNOWN and following.is_title_case and page.gap(index) == " ")
        )
        if (
            not following.is_capital
            or not listed
            or (following.is_upper and not page.mostly_capitals and len(following.text) < 4)
        ):
            continue
        last = last_of_name(page, index + 1, trusting=False)
        if not eponym_follows(page, last):
            yield _found(page, index + 1, last, "relative", 0.9, "follows a word for a relative")


def _subjects(page: Page) -> Iterator[Identifier]:
    words = page.words
    for index in range(len(words) - 1):
        word = words[index]
        if (
            not word.is_title_case
            or words[index + 1].text not in _VERBS
            or page.gap(index).strip() not in ("", ",")
            or not page.begins_sentence(index)
        ):
            continue
        if grade(page, word) >= Grade.FAMILY:
            yield _found(page, index, index, "person", 0.85, "is the subject of a sentence about a person")


def _alone(page: Page) -> Iterator[Identifier]:
    """A listed name by itself, capitalised inside a sentence, that is no word of the language or the trade."""
    for index, word in enumerate(page.words):
        if not word.is_capital or len(word.text) < 3 or page.lexicon.is_kept_place(word.lower):
            continue
        graded = grade(page, word)
        common = page.lexicon.is_common_first_name(word.lower)
        if graded < Grade.FAMILY or (
            word.is_upper and not (common and len(word.text) > 4 and not page.lexicon.is_safe(word.lower))
        ):
            continue
        if (
            common
            and page.lexicon.is_safe(word.lower)
            and (page.begins_sentence(index) or page.lexicon.is_eponym(word.lower) or not _person_around(page, index))
        ):
            continue
        if (
            page.begins_sentence(index)
            and not common
            and not _possessive(page, index)
            and not (graded is Grade.GIVEN and page.text[: word.start].rstrip().endswith(":"))
        ):
            continue
        if (
            eponym_follows(page, index)
            or facility_follows(page, index)
            or re.match(r"[\d@#$%_]|-\d", page.text[word.end : word.end + 2])
        ):
            continue
        if graded is Grade.GIVEN or not page.lexicon.is_city(word.text):
            yield _found(page, index, index, "person", 0.7, "is a listed name inside a sentence")


def _possessive(page: Page, index: int) -> bool:
    word = page.words[index]
    return word.text.endswith(("'s", "’s")) and page.lexicon.is_name(word.lower)


def _person_around(page: Page, index: int) -> bool:
    """Whether a name that is also a word stands where a person would: before a verb, after a preposition of persons, between commas."""
    words = page.words
    following = words[index + 1].text if index + 1 < len(words) and page.gap(index).strip() in ("", ",") else ""
    before = words[index - 1].lower if index else ""
    return (
        following in _VERBS
        or before
        in (
            "for",
            "with",
            "to",
            "and",
            "by",
            "from",
            "of",
            "about",
            "named",
            "patient",
            "pt",
            "told",
            "asked",
            "saw",
            "see",
        )
        or (page.gap(index - 1).strip() == "," and page.gap(index).startswith(","))
        or _possessive(page, index)
    )


_SMALL_PAIR = re.compile(
    r"(?<![\w'’-])(?P<cue>(?i:for|pt|patient|patients|named|name|is|dr|doctor|mr|mrs|ms|miss|client|member|by|with|about|husband|wife|son|daughter|mother|"
    r"father|mom|dad|brother|sister|of|re|on|and|saw|see|file|tell))?(?(cue)[:.]?\s+)(?P<v>(?P<a>[^\W\d_A-Z][^\W\d_]+(?:['’-][^\W\d_]+)*)(?:\s+[a-z]\.?)?\s+"
    r"(?P<p>(?:van der|de la|de|van|von|al|el|bin|ó|di|da)\s+)?(?P<b>[^\W\d_A-Z][^\W\d_]*(?:['’-][^\W\d_]+)*))(?![\w-])"
)


def _small_pairs(page: Page) -> Iterator[Identifier]:
    """A given name and a surname in small letters: listed ones anywhere, doubtful ones only after for, patient, pt and the like."""
    at = _word_at(page)
    position = 0
    while match := _SMALL_PAIR.search(page.text, position):
        position = match.start("b")
        first, final = at.get(match.start("a")), at.get(match.start("b"))
        if first is None or final is None or page.words[first].text[0].isupper() or page.words[final].text[0].isupper():
            continue
        a, b = grade(page, page.words[first]), grade(page, page.words[final])
        word = page.words[final]
        if word.lower in EPONYM_HEADS or eponym_follows(page, final):
            continue
        sure_first = a is Grade.GIVEN and not page.lexicon.is_safe(page.words[first].lower)
        initial = re.search(r"\s[a-z]\.\s", match["v"]) is not None
        after = page.words[final + 1].lower if final + 1 < len(page.words) and page.gap(final) == " " else ""
        cue = match["cue"] is not None or initial or after in _VERBS or word.text.endswith(("'s", "’s"))
        given_too = page.words[first].lower in GIVEN_TOO
        surname_like = word.lower in SURNAMES_TOO or page.lexicon.is_surname(word.lower)
        if sure_first and (b is Grade.FAMILY or (b is Grade.GIVEN and not page.lexicon.is_safe(word.lower))):
            score = 0.85
        elif (cue and a is Grade.GIVEN and b >= Grade.MAYBE and (surname_like or b >= Grade.UNKNOWN)) or (
            initial and a >= Grade.MAYBE and (surname_like or b >= Grade.UNKNOWN)
        ):
            score = 0.8
        elif (
            (cue and given_too and b >= Grade.FAMILY and not page.lexicon.is_safe(word.lower))
            or (after in _VERBS and a is Grade.UNKNOWN and word.lower in SURNAMES_TOO)
            or (cue and a is Grade.UNKNOWN and b >= Grade.FAMILY)
            or (sure_first and b is Grade.UNKNOWN)
            or (a is Grade.UNKNOWN and b is Grade.UNKNOWN and not match["v"].isascii())
        ):
            score = 0.7
        else:
            continue
        end = match.end("v") - (2 if match["v"].endswith(("'s", "’s")) else 0)
        yield Identifier(
            match.start("v"),
            end,
            IdentifierKind.NAME,
            score,
            "name.person",
            "is a given name and a surname in small letters",
        )


_INITIALS = re.compile(r"\b(?:patient|pt|initials?)[:\s]+(?P<v>[A-Z]\.\s?[A-Z]\.(?:\s?[A-Z]\.)?|[A-Z]\.[A-Z]\b)")


def _initials(page: Page) -> Iterator[Identifier]:
    for match in _INITIALS.finditer(page.text):
        yield Identifier(
            *match.span("v"), IdentifierKind.NAME, 0.9, "name.patient", "is initials after the word patient"
        )
