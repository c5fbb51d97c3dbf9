"""Dates and ages over 89: paragraph (C) of the rule. The year may stay; every other element of a date may not.

Taken: `04/12/2023`, `4-12-23`, `2023-04-12` with or without a time, `April 12th, 2023`, `12 Apr 2023`, `12APR2023`, `April 2023` and
`04/2023` (the month goes), `in March`, `4/12` after a word such as on, DOS or seen, `on the 14th`, holidays after a preposition, and
six or eight digits after a birth or service label. The span is the whole expression; what replaces it says the year again.

Stay: years, durations, ages under 90, relative times ("last week", "postoperative day 3"), fractions (`5/5 strength`, `20/40`,
`120/80`, `2/6 murmur`), ratios, `May` as a verb, scores. Source of the limits: 45 CFR 164.514(b)(2)(i)(C).
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import date

from assistant.phi.kinds import Identifier, IdentifierKind
from assistant.phi.page import Page, Rule

__all__ = ["RULES", "find_ages", "read_date", "read_year"]

_MONTHS = {
    name: n
    for n, names in enumerate(
        (
            "january jan",
            "february feb",
            "march mar",
            "april apr",
            "may",
            "june jun",
            "july jul",
            "august aug",
            "september sept sep",
            "october oct",
            "november nov",
            "december dec",
        ),
        1,
    )
    for name in names.split()
}
_LONG = "january|february|march|april|may|june|july|august|september|october|november|december"
_MONTH = rf"(?:{_LONG}|jan|feb|mar|apr|jun|jul|aug|sept|sep|oct|nov|dec)\.?"
_DAY = r"(?:3[01]|[12]\d|0?[1-9])(?:\s?(?:st|nd|rd|th))?"
_YEAR = r"(?:(?:19|20)\d{2}|'\d{2})"
_TIME = r"(?:[T,\s]+(?:at\s+)?\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:\s?[AP]\.?M\b\.?)?(?:\s?(?:Z|UTC|[ECMP][SD]T|[+-]\d{2}:?\d{2}))?)?"
_CUE = (
    r"\b(?:on|dos|d\.o\.s\.|dob|doa|dod|date[ds]?|since|from|until|till|thru|through|by|before|after|between|and|visit(?:ed)?|seen|admitted|discharged|surgery|scheduled|performed|"
    r"effective|starting|ending|begin(?:ning)?|of|for|to|due|received|refilled|administered|follow-?up|f/u|appt|appointment|injection|xray|mri|ct|labs?|born|died|expired|dx'?d|as of|"
    r"last|inpatient|adm|dc|d/c|procedure|op|onset|doi|loi|lmp|edd|edc|injur(?:y|ed)|accident|vaccinated|tested)"
)
K = IdentifierKind.DATE


def _numeric(value: str) -> float | None:
    return 0.97 if read_date(value) is not None else None


def _bare(value: str) -> float | None:
    month, day = (int(n) for n in re.findall(r"\d+", value)[:2])
    return 0.9 if 1 <= month <= 12 and 1 <= day <= 31 else None


def _packed(value: str) -> float | None:
    return 0.97 if read_date(value) is not None else None


RULES: tuple[Rule, ...] = (
    Rule(
        "date",
        K,
        rf"(?<![\w./-])(?:19|20)\d{{2}}[-/.](?:0?[1-9]|1[0-2])[-/.](?:3[01]|[12]\d|0?[1-9])(?!\d|[-/]\d){_TIME}",
        0.98,
        "is a date, year first",
        check=_numeric,
    ),
    Rule(
        "date",
        K,
        rf"(?<![\w./-])\d{{1,2}}\s?([-/.])\s?\d{{1,2}}\s?\1\s?(?:(?:19|20)\d{{2}}|'?\d{{2}})(?![\d%]|[-/]\d){_TIME}",
        0.97,
        "is a date in figures",
        check=_numeric,
    ),
    Rule(
        "date",
        K,
        rf"\b{_MONTH}[\s-]{{0,2}}\s?(?:the\s)?{_DAY}\s?(?:-|–|to|through|thru|and|&|,)\s?(?:{_MONTH}\s?)?(?:3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?(?:\s?,?\s?(?:of\s)?{_YEAR})?(?![\w])",
        0.97,
        "is a range of days of a month",
        cues="jan feb mar apr may jun jul aug sep oct nov dec",
        check=lambda v: _titled(v),
    ),
    Rule(
        "date",
        K,
        rf"\b{_MONTH}[\s,-]{{0,2}}\s?(?:the\s)?{_DAY}(?:[\s,-]{{0,3}}(?:(?:of|in)\s)?(?:{_YEAR}|(?<=[\s-])\d{{2}}(?!\s?(?:mg|ml|%|year|units?|days?|weeks?|months?|yo|y/o|mcg|cm|mm|and|or|hours?|min)))(?![\w/-]))?(?![\w/]){_TIME}",
        0.97,
        "is a month and a day",
        cues="jan feb mar apr may jun jul aug sep oct nov dec",
        check=lambda v: _titled(v),
    ),
    Rule(
        "date",
        K,
        rf"(?<![\w/.-])(?:the\s)?{_DAY}(?:\s?(?:-|–|to|and|&)\s?{_DAY})?(?:\s?of)?[\s/.-]{{0,2}}{_MONTH}(?:[\s,/.-]{{0,2}}(?:{_YEAR}|\d{{2}}(?!\d|\s?(?:mg|ml|%|year|unit)))(?![\w-]))?(?![\w]){_TIME}",
        0.97,
        "is a day and a month",
        cues="jan feb mar apr may jun jul aug sep oct nov dec",
        check=lambda v: _titled(v),
    ),
    Rule(
        "date.month",
        K,
        rf"\b{_MONTH}[\s,/-]{{0,3}}(?:of\s)?{_YEAR}(?![\w])",
        0.97,
        "is a month and a year",
        cues="jan feb mar apr may jun jul aug sep oct nov dec",
    ),
    Rule(
        "date.month",
        K,
        r"(?<![\w./-])(?:0?[1-9]|1[0-2])\s?[/-]\s?(?:19|20)\d{2}(?![\w]|[-/]\d)",
        0.96,
        "is a month and a year in figures",
    ),
    Rule(
        "date.month",
        K,
        r"\b(?:in|since|during|by|until|till|through|from|before|after|of|late|early|mid|last|this|next|around|end\sof|beginning\sof)[\s-]+(?P<v>(?-i:J(?:anuary|une|uly|an\b|un\b|ul\b)|F(?:ebruary|eb\b)|March|A(?:pril|ugust|pr\b|ug\b)|May|Sept(?:ember)?\b|Sep\b|Oct(?:ober|\b)|Nov(?:ember|\b)|Dec(?:ember|\b))|january|february|april|june|july|august|september|october|november|december)(?![\w-])(?!\s+(?:be|have|not|cause|need|indicate|require))",
        0.9,
        "is a month after a preposition",
        cues="jan feb mar apr may jun jul aug sep oct nov dec",
    ),
    Rule(
        "date",
        K,
        rf"{_CUE}(?:\s+(?:the|of|service|birth|on|is|was|visit|dates?|about|approximately|or|around))*[\s:(=#-]+(?P<v>(?:0?[1-9]|1[0-2])/(?:3[01]|[12]\d|0?[1-9])(?:\s?(?:-|–|to|thru|through|,?\sand|&|,|\+|;)\s?(?:0?[1-9]|1[0-2])/(?:3[01]|[12]\d|0?[1-9])(?![\d/]))*)(?![\w/]|\.\d|\s?(?:strength|systolic|murmur|throughout|bilaterally|motor|pain|scale|dose|tab|mmhg|on\sthe\s(?:pain|left|right)|bilateral|in\s(?:the\s)?(?:upper|lower|left|right|all|both|bilateral)))",
        0.9,
        "is a month and a day after a word for a date",
        cues="/",
        check=_bare,
    ),
    Rule(
        "date",
        K,
        r"(?<![\w/.-])(?P<v>(?:1[0-2]|0?[1-9])/(?:3[01]|[12]\d|0?[1-9]))(?=\s?(?:visit|appt|appointment|encounter|dos|admission|surgery|labs?|note|claim|date|office|procedure|x-?ray|mri|ct\b))",
        0.9,
        "is a month and a day before a word for a visit",
        cues="/",
        check=_bare,
    ),
    Rule(
        "date",
        K,
        r"\b(?:on|by|until|till|before|after|since|from|through|thru|to|dated)\s+(?:the\s+)?(?P<v>(?:3[01]|[12]\d|[1-9])(?:st|nd|rd|th))(?!\s+(?:percentile|floor|week|day|month|year|visit|grade|digit|toe|finger|rib|nerve|metatarsal|metacarpal|edition|trimester|postop|post|line|code|claim|diagnosis|procedure|character|position|unit|modifier|time|level|degree|ventricle|intercostal|step|dose|injection|session|lesion|street|st\b|ave|avenue))(?=[,.;:?!)]|\s*$|\s+(?:of|for|at|and|with|by|when|as|due|but|so|she|he|they|we|or|because|in|from|to|she's|he's|per)\b)",
        0.85,
        "is a day of the month",
        cues="st nd rd th",
    ),
    Rule(
        "date",
        K,
        r"\b(?:dob|d\.o\.b\.?|birth\s?date|date\sof\sbirth|born(?:\son)?|birthday|dos|date\sof\sservice|admit(?:ted)?|adm|discharged?|date|dod|service\sdate)[\s:=#-]*(?:is|was|on)?\s*(?P<v>\d{8}|\d{6})(?!\d)",
        0.97,
        "is six or eight digits after a date label",
        cues="dob d.o birth born dos date adm disch dod",
        check=_packed,
    ),
    Rule(
        "date",
        K,
        r"(?<![\w.-])(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:\d{4}(?:\d{2})?)?(?![\w-])",
        0.8,
        "is a date packed in eight digits",
        check=_packed,
    ),
    Rule(
        "date",
        K,
        r"\b(?:on|over|since|around|before|after|until|during|by|past|last|this)\s+(?P<v>(?:christmas|thanksgiving|easter|halloween|new\s+year'?s|valentine'?s|labor|memorial|independence|mother'?s|father'?s|mlk|presidents'?)(?:\s+(?:day|eve|weekend))|(?:christmas|thanksgiving|halloween|easter)|(?:the\s+)?(?:4th|fourth)\s+of\s+july)\b",
        0.85,
        "is a holiday",
        cues="christmas thanksgiving easter halloween year valentine labor memorial independence day july",
    ),
)


def _titled(value: str) -> float | None:
    """Refuse `may 5` and `mar 3` in small letters without more; `May 5` and `may 5th` are dates."""
    word = re.search(r"[A-Za-z]{3,}", re.sub(r"(?i)\bthe\b", "", value))
    if word is None:
        return None
    small = word[0].lower()
    if small in ("may", "mar", "march", "sep", "dec", "oct") and word[0].islower():
        return 0.97 if re.search(r"(?i)\d(?:st|nd|rd|th)|\d{4}", value) else None
    return 0.97


def find_ages(page: Page) -> Iterator[Identifier]:
    """Yield ages of 90 and over: `93 yo`, `age 101`, `a 97-year-old`, `90+`, `ninety-four years old`.

    Near misses that stay: 93 kg, 95 %, 99 degrees, a stay of 95 days, "over 90 minutes".
    """
    pattern = _age_pattern()
    for match in pattern.finditer(page.text):
        group = next(g for g in ("a", "b", "c") if match[g])
        yield Identifier(*match.span(group), IdentifierKind.DATE, 0.98, "age", "is an age over 89")


_AGES: list[re.Pattern[str]] = []


def _age_pattern() -> re.Pattern[str]:
    if not _AGES:
        _AGES.append(
            re.compile(
                r"(?<![\w.$/-])(?P<a>9\d|1[01]\d|12[0-5])[\s-]{0,2}(?:(?:years?|yrs?|yr\.)(?:[\s-]{0,2}old\b|\s+of\s+age\b)|-?year-?old|y/?o\b|y\.o\.|yof\b|yom\b|(?:y|yr)\s?(?:male|female|[MF])\b|[MF]\b(?!-)|\s?(?:male|female|man|woman|gentleman|lady)\b)|"
                r"\b(?:aged?|age\s+(?:of|is|:)|turn(?:s|ed|ing)|age:)[\s:]*(?P<b>9\d|1[01]\d|12[0-5])(?![\d%/.])(?!\s?(?:days?|minutes?|hours?|weeks?|months?))|"
                r"\b(?P<c>(?:ninety|one\shundred)(?:[\s-](?:one|two|three|four|five|six|seven|eight|nine))?)[\s-]+(?:years?|yrs?)[\s-]+old\b",
                re.IGNORECASE,
            )
        )
    return _AGES[0]


def read_date(value: str) -> date | None:
    """Return the day the expression names, or None when it does not name one day with its year.

    Figures are read month first, as in the United States, unless the first part exceeds 12. Two-digit years up to 30 are 20xx.
    """
    text = re.sub(r"(?i)(\d)(?:st|nd|rd|th)\b", r"\1", value.strip())
    text = re.sub(r"[T\s,]+\d{1,2}:\d{2}.*$", "", text)
    try:
        if iso := re.match(r"((?:19|20)\d{2})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)", text):
            return date(*(int(part) for part in iso.groups()))
        if packed := re.fullmatch(r"\d{8}(?:\d{4,6})?|\d{6}", text):
            digits = packed[0]
            if len(digits) >= 8 and digits[:2] in ("19", "20") and 1 <= int(digits[4:6]) <= 12:
                return date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
            return _checked(int(digits[:2]), int(digits[2:4]), _full_year(digits[4:8]))
        if figures := re.fullmatch(r"(\d{1,2})\s?[-/.]\s?(\d{1,2})\s?[-/.]\s?'?(\d{2}|\d{4})", text):
            first, second = int(figures[1]), int(figures[2])
            month, day = (second, first) if first > 12 else (first, second)
            return _checked(month, day, _full_year(figures[3]))
        month_word = re.search(r"[A-Za-z]{3,}", re.sub(r"(?i)\b(?:the|of|in)\b", " ", text))
        numbers = re.findall(r"\d+", text)
        if month_word and month_word[0].lower() in _MONTHS and len(numbers) == 2:
            month = _MONTHS[month_word[0].lower()]
            return _checked(month, int(numbers[0]), _full_year(numbers[1]))
    except ValueError:
        return None
    return None


def read_year(value: str) -> int | None:
    """Return the year the expression names, or None."""
    if found := re.search(r"(?<!\d)(?:19|20)\d{2}(?!\d)", value):
        return int(found[0])
    if packed := re.match(r"((?:19|20)\d{2})\d{4}", value):
        return int(packed[1])
    day = read_date(value)
    return day.year if day else None


def _full_year(digits: str) -> int:
    year = int(digits)
    return year if year > 99 else year + (2000 if year <= 30 else 1900)


def _checked(month: int, day: int, year: int) -> date | None:
    if not (1 <= month <= 12 and 1900 <= year <= 2099 and 1 <= day <= monthrange(year, month)[1]):
        return None
    return date(year, month, day)
