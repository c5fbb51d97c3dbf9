"""Places smaller than a state, and facilities: paragraph (B). The state may stay, and of a ZIP code the first three digits.

Street addresses (number, words, a street word of USPS Publication 28, appendix C1, and a unit), PO boxes, cities of the post office list
after a preposition, before a state or before a facility word, counties, facilities by their last word ("Elm Clinic"), short names of
health systems ("UCSF"), what follows "seen at". ZIP codes only after a state, a city, a street or the word, because every five-digit
number here may be a procedure code; ZIP+4 by its shape when the ZIP code is assigned.

The three digits of a ZIP code may stay unless the area they name holds 20,000 people or fewer; then 000 stands for them
(`LOW_POPULATION_ZIP3`). Near misses that stay: states, countries, "the pain clinic", "a rural hospital", "Mayo Clinic guidelines",
"Framingham score", "Boston bivalve", code ranges, "CT 71260" (a scan and its code, not Connecticut).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from assistant.phi.kinds import Identifier, IdentifierKind
from assistant.phi.lexicon import Lexicon
from assistant.phi.page import Page, Rule
from assistant.phi.vocabulary import (
    EPONYM_HEADS,
    FUNCTION_WORDS,
    GENERIC_FACILITY,
    HEALTH_SYSTEMS,
    MONTHS,
    STATE_CODES,
    STATES,
    TRADE_WORDS,
    WELL_KNOWN_CITIES,
    words,
)

__all__ = [
    "FACILITY_WORDS",
    "LOW_POPULATION_ZIP3",
    "LOW_POPULATION_ZIP3_EDITION",
    "RULES",
    "find_places",
    "town_after",
    "zip3",
]

LOW_POPULATION_ZIP3 = words(
    """
    036 059 063 102 203 556 692 790 821 823 830 831 878 879 884 890 893
    """
)
"""ZIP code areas of 20,000 people or fewer, by their first three digits."""

LOW_POPULATION_ZIP3_EDITION = "2000 Census, as listed in the HHS OCR de-identification guidance of 2012-11-26"
"""Where and when `LOW_POPULATION_ZIP3` was published; the Bureau of the Census data currently available decide, so check at each census."""

FACILITY_WORDS = words(
    """
    hospital hospitals hosp clinic clinics infirmary sanatorium hospice medical med health healthcare center centre cntr
    ctr nursing rehab rehabilitation surgicenter pavilion institute polyclinic lodge villa campus orthopedics orthopaedics
    pediatrics dermatology cardiology oncology ophthalmology medicine university college associates partners
    """
)
_HEAD = (
    r"(?:(?:Regional |General |Memorial |Community |University |Veterans(?:'s?)? |County |Children's |Womens? |Women's |City |VA |State |Health |Cancer |Heart |Eye |Surgery |Surgical |Specialty |Urgent Care |Medical |Rehabilitation |Rehab |Senior |Care )*"
    r"(?:Hospitals?|Hosp\b\.?|Clinics?|Infirmary|Sanatorium|Hospice|Medical Cent(?:er|re)|Med(?:ical)?\.? (?:Cent(?:er|re)|Ctr|Cntr)\.?|Medical Group|Medical|Med\b|Health(?: ?[Cc]are)?(?: (?:System|Center|Centre|Network|Services|Partners|Clinic|Group|Alliance|Plan Clinic))?|Cent(?:er|re)|Cntr|Ctr|"
    r"Nursing Home|Nursing(?: (?:and|&) Rehab(?:ilitation)?)?(?: (?:Center|Facility|Home))?|Rehab(?:ilitation)?(?: (?:Center|Hospital|Institute|Facility))?|Surgicenter|Surgery Center|Pavilion|Institute|Manor|Senior Living|Assisted Living|Memory Care|Care Center|Living Center|"
    r"Pediatrics|Orthop(?:a)?edics|Dermatology|Cardiology|Oncology|Ophthalmology|Neurology|Gastroenterology|Radiology|Imaging|Urology|Dental(?: (?:Group|Care|Clinic))?|Family (?:Medicine|Practice)|Internal Medicine|Physicians(?: Group)?|Associates|Pharmacy|Laborator(?:y|ies)|Labs?|VA|VAMC|ER|ED|Urgent Care|Emergency Room|University|College|School|Church|Prison|Jail|Shelter|Office|Elementary|Academy|Hospital Center))"
)
_PART = r"(?:(?:St|Mt|Ft|Dr|Mrs?)\. |[dD]['’](?=[A-Z]))?[A-Z][^\W\d_]*(?:['’][a-zA-Z]+)?(?:[-/][A-Z][^\W\d_]*)*"
_FACILITY = re.compile(
    rf"(?<![\w'’-])(?P<n>{_PART}(?:(?: (?:of|the|and|&|for|de|del|la|los|las)){{1,2}} {_PART}| {_PART}){{0,5}}?)(?P<h> {_HEAD})(?![\w])(?P<t>(?: of(?: the)? {_PART}(?: {_PART}){{0,2}})?)(?P<c>(?: [A-Z][a-z]+(?: [A-Z][a-z]+)?)?)"
)
_SMALL_HEAD = re.compile(
    rf"(?<![\w'’-])(?P<n>{_PART}(?: {_PART}){{0,3}})(?P<h> (?:(?:downtown|uptown|main|north|south|east|west|satellite|family|urgent care|dialysis|pain|health|outpatient|medical|va|university|community|county|surgery|cancer) ){{0,2}}(?:hospital|clinic|facility|office|branch|campus|medical center|health center|center|er|ed|nursing home|rehab|location|practice|site|hospice|office|imaging center|surgery center))(?![\w-])"
)
_AT = re.compile(
    rf"\b(?:seen|treated|admitted|evaluated|hospitalized|hospitalised|visited|transferred|referred|discharged|diagnosed|presented|presenting|followed|visit|appointment|consult(?:ed|ation)?|"
    rf"care|examined|performed|done|surgery|operated|assessed|checked|works|worked|employed|born|delivered|procedure|treatment|rehab|therapy|infusion|imaged|scanned|tested|enrolled|studies|studied|attends|attended|student|teacher|stayed|resides?|living|lives|lived|checkup|check-up|follow-up|records?|received|stay|recovering|being|is|was|nurse|labs|ED|ER|last|up|initially|back|today|yesterday)"
    rf"(?: (?:here|again|last|recently|initially|up|over|down|postop|today|inpatient|outpatient|emergently|in consultation|for [a-z]+(?: [a-z]+)?|by [a-z]+))?"
    rf" (?:at|@|to|from|in|within|near|with|through|by)(?: (?:our|the|their|his|her))? (?P<v>{_PART}(?:(?: (?:of|the|and|&))? {_PART}){{0,4}})"
)
_IN = re.compile(
    rf"\b(?P<p>in|from|near|around|outside|of|at|to|our|the|via|leaving|visiting|for|downtown|greater|serving|by)(?: (?:the|our|nearby|downtown|greater|rural|north|south|east|west|suburban|central))? (?P<v>{_PART}(?: {_PART}){{0,3}})(?P<s>,? (?:{'|'.join(STATES)}|(?:{'|'.join(sorted(STATE_CODES))})\b))?"
)
_CITY_STATE = re.compile(
    rf"(?<![\w'’-])(?P<v>{_PART}(?: {_PART}){{0,3}}),? ?(?P<s>{'|'.join(STATES)}|(?:{'|'.join(sorted(STATE_CODES))})\b)(?:,? (?P<z>\d{{5}}(?:-\d{{4}})?)\b)?(?![\w-])"
)
_COUNTY = re.compile(
    r"(?<![\w'’-])(?P<v>[A-Z][^\W\d_]+(?:[ -][A-Z][^\W\d_]+){0,2} (?:County|Parish|Borough|Township|Village|Heights|Beach|Springs|Falls|Reservation|Precinct|District))(?![\w])"
)
_STREET_WORD = (
    r"(?:street|str|st|avenue|ave|av|road|rd|drive|dr|lane|ln|boulevard|blvd|court|ct|circle|cir|place|pl|terrace|ter|way|parkway|pkwy|highway|hwy|route|rte|trail|trl|square|sq|"
    r"plaza|plz|loop|alley|aly|crescent|cres|point|pt|ridge|rdg|row|run|path|pike|turnpike|tpke|expressway|expy|freeway|fwy|crossing|xing|cove|cv|landing|lndg|commons|bend|bnd|causeway|mews|walk|hill|heights|hts|glen|grove|hollow|knoll|meadow|meadows|estates|manor|broadway|close|gardens|park|view|vista)"
)
_UNIT = r"(?:[,.]?\s{1,2}(?:apt|apartment|unit|suite|ste|room|rm|bldg|building|floor|fl|lot|space|spc|trailer|trlr|\#)\.?\s?\#?\s?[A-Z0-9-]{1,6}\b)"
RULES: tuple[Rule, ...] = (
    Rule(
        "place.street",
        IdentifierKind.PLACE,
        rf"(?<![\w.$/-])\d{{1,6}}(?:-\d{{1,4}})?[A-Z]?,?\s{{1,2}}(?:(?:[NSEW]|[NS]\.?[EW]|north|south|east|west)\.?\s{{1,2}})?(?:(?!mg\b|mcg\b|units?\b|days?\b|weeks?\b|and\b|or\b|on\b|with\b|is\b|for\b|the\b|to\b|in\b|of\b|at\b|x\b)(?:[^\W\d_][^\W\d_.'’-]*|\d{{1,3}}(?:st|nd|rd|th))\.?\s{{1,2}}){{1,4}}?{_STREET_WORD}\b(?:\s{_STREET_WORD}\b)?\.?(?!\s?(?:scan|elevation|segment|of\s+(?:care|service)|jude|joseph|mary|luke))(?:\s{{1,2}}(?:[NSEW]|[NS]\.?[EW])\b\.?)?{_UNIT}?",
        0.96,
        "is laid out like a street address",
        check=lambda v: _street(v),
    ),
    Rule(
        "place.street",
        IdentifierKind.PLACE,
        rf"(?<![\w.$/-])\d{{1,6}}\s(?:(?:[NSEW]|north|south|east|west)\.?\s)?(?:highway|hwy|route|rte|county\s+road|cr|state\s+road|sr|us|interstate|broadway|avenue\s+[A-Z])\.?(?:\s\d{{1,4}})?\b{_UNIT}?",
        0.96,
        "is laid out like a street address",
        check=lambda v: 0.96 if re.search(r"(?i)broadway|\d\s*$|avenue [a-z]\b|apt|unit|suite|#", v) else None,
    ),
    Rule(
        "place.street",
        IdentifierKind.PLACE,
        r"\b(?:p\.?\s?o\.?\s?box|post\s+office\s+box|rural\s+route|rr)\s?\#?\s?\d+(?:\s?,?\s?box\s?\d+)?\b",
        0.97,
        "is a post office box",
        cues="box rural rr",
    ),
    Rule(
        "place.street",
        IdentifierKind.PLACE,
        r"\b(?:apt|apartment|suite|ste)\.?\s?\#?\s?(?=[A-Z]*\d)[A-Z0-9-]{1,6}\b",
        0.9,
        "is a unit of a building",
        cues="apt apartment suite ste",
    ),
    Rule(
        "place.street",
        IdentifierKind.PLACE,
        rf"\b(?:lives?|living|resides?|residing|located|home|house|address(?:ed)?|staying)\s+(?:is\s+|:\s*)?(?:at|on|off|near)\s+(?P<v>(?:[A-Z0-9][\w.'’-]*\s){{1,4}}?{_STREET_WORD})\b",
        0.95,
        "is a street somebody lives on",
        cues="live living resid located home house address staying",
    ),
    Rule(
        "place.street",
        IdentifierKind.PLACE,
        r"\b(?:corner|intersection)\s+of\s+(?P<v>[^\W\d_][\w'’.-]*(?:\s[\w'’.-]+){0,3}\s(?:and|&)\s[^\W\d_][\w'’.-]*(?:\s[^\W\d_][\w'’.-]*)?)",
        0.9,
        "is a street corner",
        cues="corner intersection",
    ),
    Rule(
        "place.street",
        IdentifierKind.PLACE,
        r"\b\d{1,3}(?:st|nd|rd|th)\s(?:avenue|ave|street|st|blvd|road)\b\.?(?:\s(?:clinic|hospital|office|location|branch))?",
        0.9,
        "is a numbered street",
    ),
    Rule(
        "place.facility",
        IdentifierKind.PLACE,
        r"(?<![\w-])(?:St\.?|Saint)\s[A-Z][a-z]+(?:['’]s)(?!\s(?:wort|fire|dance|disease|syndrome|vitus))",
        0.9,
        "is called after a saint",
        cues="st. saint st",
        exact_case=True,
        needs="S",
    ),
    Rule(
        "place.room",
        IdentifierKind.PLACE,
        r"\b(?:room|rm|bed)\s?(?:no\.?|number|\#)\s?(?P<v>[A-Z]?\d{2,5}[A-Z]?(?:-[A-Z0-9]+)?)\b",
        0.9,
        "is a room number",
        cues="room rm bed",
    ),
    Rule(
        "place.zip",
        IdentifierKind.PLACE,
        r"\b(?:zip(?:\s?code)?s?|zipcode|postal\s+code|postcode)(?:\s+(?:is|of|area))?\s?[:=#]?\s?(?P<v>(?=[A-Z0-9 -]*\d)\d{3,6}(?:[- ]\d{2,4})?|[A-Z]\d[A-Z] ?\d[A-Z]\d)\b(?!\s?(?:mg|miles|patients|units))",
        0.98,
        "follows the word ZIP",
        cues="zip post",
    ),
    Rule(
        "place.zip",
        IdentifierKind.PLACE,
        r"(?<![\w.-])\d{5}-\d{4}(?![\w-])",
        0.7,
        "has the form of a ZIP+4 code",
        needs="-",
    ),
    Rule(
        "place.coordinates",
        IdentifierKind.PLACE,
        r"(?<![\w.])-?\d{1,2}\.\d{4,},\s?-?\d{1,3}\.\d{4,}(?![\w.])",
        0.96,
        "is a pair of coordinates",
        needs=".",
    ),
)

_STOP_PLACES = words(
    """
    er ed icu or pacu nicu picu ob gi us usa uk america united_states fda cms hhs ama aha acc nih cdc who aapc ahima oig
    icd cpt hcpcs emergency part patient english spanish
    """
)
_STATE_NAMES = frozenset(state.lower() for state in STATES)


def zip3(zip_code: str) -> str:
    """Return what may stay of a ZIP code: its first three digits, or 000 for an area of 20,000 people or fewer."""
    prefix = re.sub(r"\D", "", zip_code)[:3]
    return "000" if prefix in LOW_POPULATION_ZIP3 else prefix


def find_places(page: Page) -> Iterator[Identifier]:
    """Yield cities, counties, facilities and ZIP codes the page gives evidence for."""
    yield from _known_systems(page)
    yield from _facilities(page)
    yield from _cities_with_state(page)
    yield from _counties(page)
    yield from _after_prepositions(page)
    yield from _after_visit_words(page)
    yield from _trailing_zip(page)


def town_after(page_text: str, end: int, lexicon: Lexicon) -> int | None:
    """Return where the town ends that follows an address ending at `end`, or None: "12 Elm St, Springfield"."""
    match = _TOWN_AFTER.match(page_text, end)
    if match is None:
        return None
    words = match["v"].split()
    for take in range(len(words), 0, -1):
        name = " ".join(words[:take])
        if lexicon.is_city(name) and not lexicon.is_ordinary(name):
            return match.start("v") + len(name)
    return None


_TOWN_AFTER = re.compile(rf"\s?,?\s{{1,2}}(?:in\s)?(?P<v>{_PART}(?: {_PART}){{0,3}})")


def _place(start: int, end: int, which: str, score: float, reason: str) -> Identifier:
    return Identifier(start, end, IdentifierKind.PLACE, score, f"place.{which}", reason)


def _street(value: str) -> float | None:
    words = re.findall(r"[^\W\d_]+", value)
    if not words or (
        not any(w[0].isupper() for w in words)
        and not re.search(r"(?i)(?:street|avenue|\bave|road|lane|boulevard|blvd|drive|apt|\bst)\b", value)
    ):
        return None
    if re.search(
        r"(?i)\b(?:mg|mcg|units|cm|mm|weeks?|days?|patients?|codes?|year|claim|modifier|billed|same|lesions?)\b", value
    ):
        return None
    if re.search(r"[a-z]{4,}\.\s|\n\s*\n", value) or (
        re.search(r"\s(?:CV|CT|PT|DR|ST|FL|TER|PL|RD|ROW|RUN|VIEW|LOOP|POINT)\.?$", value) and not value.isupper()
    ):
        return None
    body = [w.lower() for w in words[:-1]]
    if body and all(w in FUNCTION_WORDS | TRADE_WORDS for w in body):
        return None
    return 0.96


@lru_cache(maxsize=1)
def _systems() -> re.Pattern[str]:
    names = [*HEALTH_SYSTEMS, *WELL_KNOWN_CITIES]
    return re.compile(
        r"(?<![\w'’-])(?:"
        + "|".join(re.escape(n).replace("'", "['’]") for n in sorted(names, key=len, reverse=True))
        + r")(?![\w])"
    )


_CITES = re.compile(
    r"\s*(?:'s|’s)?\s+(?:\w+\s+)?(?:guidelines?|criteria|recommendations?|protocols?|score|scale|study|trial|classification|method|technique|staging|model|clinic's guidelines|binet|procedure|diagnostic|catheter)\b",
    re.IGNORECASE,
)
_CITED = re.compile(
    r"\b(?:recommendations?|guidelines?|guidance|criteria|article|study|studies|statement|according\s+to|research|published|protocols?)(?:\s+(?:from|by|of|at|the))*\s*$",
    re.IGNORECASE,
)
_TAIL = re.compile(
    rf"(?: {_HEAD}| (?:clinic|hospital|facility|office|branch|campus|medical center|health center|center|cancer center)(?![\w-]))?(?:,? (?:in|of) (?:{'|'.join(STATES)}))?"
)
_AMBIGUOUS_SYSTEMS = words(
    """
    LA SF DC HSS UCI UAB USC UNC UIC MGH JPS VCU UVA Rush Sharp Duke Parkland Temple Brigham Providence Presbyterian
    Methodist Swedish Kaiser Mayo Sutter Loyola Tufts Inova Emory Baylor Queens Ascension Stanford Northwestern Scripps
    Yale
    """
)
_PLACE_BEFORE = re.compile(
    r"\b(?:at|in|from|to|@|via|of|near|by|with|through|outside|our|the|hospital|clinic|,|seen|admitted)\s*(?:the\s+|our\s+)?$|[(,]\s*$",
    re.IGNORECASE,
)


def _known_systems(page: Page) -> Iterator[Identifier]:
    text = page.text
    for match in _systems().finditer(text):
        before, after = text[max(0, match.start() - 40) : match.start()], text[match.end() : match.end() + 40]
        if _CITES.match(after) or _CITED.search(before):
            continue
        if (
            match[0] in _AMBIGUOUS_SYSTEMS
            and not _PLACE_BEFORE.search(before)
            and not re.match(
                r"(?i)\s(?:hospital|clinic|medical|health|med\b|university|center|children|er\b|ed\b)", after
            )
        ):
            continue
        if match[0] in ("Kaiser",) and re.match(
            r"(?i)\s(?:plan|member|denied|policy|paid|coverage|insurance|commercial|advantage)", after
        ):
            continue
        tail = _TAIL.match(text, match.end())
        end = tail.end() if tail and tail[0] else match.end()
        yield _place(
            match.start(),
            end,
            "city" if match[0] in WELL_KNOWN_CITIES else "facility",
            0.93,
            "is a known health system or place",
        )


def _facilities(page: Page) -> Iterator[Identifier]:
    text = page.text
    for match in _FACILITY.finditer(text):
        yield from _trimmed_facility(page, match, 0.92)
    for match in _SMALL_HEAD.finditer(text):
        yield from _trimmed_facility(page, match, 0.88)


_NOT_FACILITY_START = (
    FUNCTION_WORDS
    | MONTHS
    | words(
        """
    patient pt dr mr mrs ms male female history hx referral admit discharge billing recommended referred medicare medicaid
    place pos
    """
    )
)


def _trimmed_facility(page: Page, match: re.Match[str], score: float) -> Iterator[Identifier]:
    text, lexicon = page.text, page.lexicon
    start = match.start("n")
    name, head_word = match["n"], match["h"]
    if re.search(
        r"(?:Academy|Society|Association|College|Board|Congress|Institutes?|Centers?|Department|Federation|Journal|Bureau) (?:of|for)\b|^(?:American|National|World) ",
        name + head_word + (match.groupdict().get("t") or ""),
    ):
        return
    # Drop leading words that only begin the sentence or name the service: "The Cardiology Clinic", "At Elm Clinic".
    parts = [(m.start() + start, m[0]) for m in re.finditer(r"[^\s]+", name)]
    while parts and (
        parts[0][1].lower().strip(".,") in _NOT_FACILITY_START and parts[0][1].lower() not in ("st.", "mt.", "new")
    ):
        parts = parts[1:]
    telling = [
        p
        for _, p in parts
        if p.lower().replace("’", "'").strip(".,") not in GENERIC_FACILITY | FUNCTION_WORDS | TRADE_WORDS
    ]
    if not parts:
        return
    head = match["h"].strip()
    town = match.groupdict().get("t") or ""
    if not telling:
        # "General Hospital", "Central Clinic" and "Memorial Hospital" are names when written with capitals; "Pain Clinic" is not.
        small = {p.lower().strip(".,") for _, p in parts}
        proper = small & {
            "general",
            "county",
            "central",
            "city",
            "memorial",
            "community",
            "downtown",
            "midtown",
            "methodist",
            "national",
            "children's",
            "women's",
            "university",
        }
        if not town and not (
            proper
            and head[:1].isupper()
            and head.lower().split()[-1] in ("hospital", "hosp", "hosp.", "clinic", "center", "medical", "health")
        ):
            return
        if (
            not town
            and small <= {"general", "community", "university", "national", "county"}
            and _generic_before(text, parts[0][0])
        ):
            return
    else:
        first = telling[0].strip(".,").removesuffix("'s").removesuffix("’s")
        only_known = all(
            lexicon.is_known(p.strip(".,"))
            and not lexicon.is_city(p.strip(".,"))
            and not lexicon.is_name(p.strip(".,"))
            for p in telling
        )
        strong_head = (
            re.search(r"(?i)hosp|clinic|med(?:ical)? c|health (?:system|center|network)|nursing|infirmary", head)
            is not None
        )
        weak_head = not strong_head and head.lower().split()[-1] in (
            "center",
            "centre",
            "office",
            "school",
            "er",
            "ed",
            "health",
            "medical",
            "labs",
            "lab",
            "imaging",
            "radiology",
            "institute",
            "university",
            "college",
            "associates",
            "pharmacy",
            "med",
            "practice",
            "site",
            "location",
            "facility",
            "branch",
            "campus",
            "va",
            "manor",
            "pavilion",
            "oncology",
            "cardiology",
            "dermatology",
            "neurology",
            "urology",
            "pediatrics",
            "orthopedics",
            "physicians",
            "medicine",
            "care",
            "living",
            "home",
            "church",
            "shelter",
            "dental",
        )
        if only_known and (
            head[:1].islower() or (weak_head and all(p.isupper() or lexicon.is_ordinary(p) for p in telling))
        ):
            return
        if (
            first.isupper()
            and len(first) <= 5
            and not lexicon.is_city(first)
            and weak_head
            and first not in HEALTH_SYSTEMS
            and first not in STATE_CODES | {"NYC", "LA", "SF", "JFK", "NYU"}
        ):
            return
        if lexicon.is_eponym(first) and head.lower() in ("center", "centre", "med", "medicine", "health"):
            return
        saint = any(p.lower().startswith(("st.", "saint", "mt.", "ft.")) for p in telling)
        if (
            not saint
            and head[:1].islower()
            and lexicon.is_safe(first)
            and not lexicon.is_city(first)
            and not lexicon.is_name(first)
        ):
            return
    begin = parts[0][0]
    if _CITED.search(text[max(0, begin - 40) : begin]) or _CITES.match(text[match.end("h") : match.end("h") + 40]):
        return
    end = match.end("h")
    if town:
        end = match.end("t")
    follow = match.groupdict().get("c") or ""
    if follow and not town and (lexicon.is_city(follow.strip()) or follow.strip() in STATES):
        end = match.end("c")
    if telling or town or head[:1].isupper():
        yield _place(begin, end, "facility", score, "ends in a word for a facility")


def _generic_before(text: str, start: int) -> bool:
    return (
        re.search(
            r"(?i)\b(?:a|an|any|every|each|this|that|your|what|which|critical|large|small|rural|local|whether)\s*$",
            text[max(0, start - 12) : start],
        )
        is not None
    )


def _cities_with_state(page: Page) -> Iterator[Identifier]:
    for match in _CITY_STATE.finditer(page.text):
        name, state = match["v"], match["s"]
        is_code = len(state) == 2
        comma = "," in page.text[match.end("v") : match.start("s")]
        parts = name.split()
        for take in range(len(parts)):
            chosen = " ".join(parts[take:])
            if page.lexicon.is_city(chosen):
                break
        else:
            # An unlisted place before a comma and a state is still a place when no word of it is known.
            if not comma or any(page.lexicon.is_known(p) for p in parts) or is_code:
                continue
            chosen = name
        if is_code and not comma and not match["z"] and not page.lexicon.is_city_of(chosen, state):
            continue
        if (
            is_code
            and state in ("MD", "PA", "MA", "DO")
            and page.lexicon.is_name(chosen)
            and not match["z"]
            and page.text[: match.start()].rstrip().lower().endswith(("dr", "dr.", "by", "with"))
        ):
            continue
        start = match.end("v") - len(chosen)
        end = match.end("s")
        yield _place(start, end, "city", 0.95, "is a city before a state")
        if match["z"] and (not page.lexicon.is_ordinary(chosen)):
            yield _place(match.start("z"), match.end("z"), "zip", 0.97, "follows a city and a state")


def _counties(page: Page) -> Iterator[Identifier]:
    for match in _COUNTY.finditer(page.text):
        parts = match["v"].split()
        while parts and page.lexicon.is_ordinary(parts[0]):
            parts = parts[1:]
        if len(parts) < 2 or (page.lexicon.is_eponym(parts[0]) and parts[-1] in ("Heights", "District")):
            continue
        name = " ".join(parts)
        if parts[-1] in (
            "Heights",
            "Beach",
            "Springs",
            "Falls",
            "Village",
            "District",
            "Borough",
        ) and not page.lexicon.is_city(name):
            continue
        yield _place(match.end("v") - len(name), match.end("v"), "county", 0.9, "ends in a word for a part of a state")


def _after_prepositions(page: Page) -> Iterator[Identifier]:
    lexicon, text = page.lexicon, page.text
    for match in _IN.finditer(text):
        parts = match["v"].split()
        strong = match["p"].lower() in (
            "in",
            "from",
            "near",
            "around",
            "outside",
            "visiting",
            "leaving",
            "downtown",
            "greater",
            "serving",
        )
        for take in range(len(parts), 0, -1):
            name = " ".join(parts[:take]).removesuffix("'s").removesuffix("’s").rstrip(".")
            if name.lower() in _STATE_NAMES or name in ("US", "USA") or name.upper() in STATE_CODES:
                break
            low = name.lower()
            if (
                low in FUNCTION_WORDS | MONTHS | TRADE_WORDS
                or low in _STOP_PLACES
                or (take == 1 and lexicon.is_ordinary(low))
            ):
                continue
            if not lexicon.is_city(name) or _CITED.search(text[max(0, match.start() - 40) : match.start("v")]):
                continue
            after = text[match.start("v") + len(name) :]
            if take == 1 and name.isupper() and len(name) < 5:
                continue
            if _eponym_use(after) or (lexicon.is_eponym(name) and take == 1):
                break
            if take == 1 and lexicon.is_safe(low) and not strong:
                break
            if (
                take == 1
                and lexicon.is_safe(low)
                and re.match(r"\s+[a-z]", after)
                and not re.match(
                    r"\s+(?:on|in|and|for|with|who|was|is|since|at|by|from|to|area|metro|last|where|that|has)\b", after
                )
            ):
                break
            if (
                not strong
                and match["p"].lower() in ("to", "of", "for", "the", "our", "by", "via")
                and take == 1
                and ((lexicon.is_name(low) and match["p"].lower() in ("for", "of", "by", "to")) or lexicon.is_safe(low))
            ):
                break
            yield _place(match.start("v"), match.start("v") + len(name), "city", 0.85, "is a city after a preposition")
            break


def _eponym_use(after: str) -> bool:
    following = re.match(r"(?:'s|’s)?[ -]([a-z-]+)", after)
    return following is not None and following[1] in EPONYM_HEADS


def _after_visit_words(page: Page) -> Iterator[Identifier]:
    lexicon = page.lexicon
    for match in _AT.finditer(page.text):
        name = match["v"] if match["v"].startswith("St") else match["v"].removesuffix("'s").removesuffix("’s")
        parts = name.split()
        while parts and (lexicon.is_ordinary(parts[-1]) or parts[-1].lower() in _STOP_PLACES):
            parts = parts[:-1]
        if not parts or re.match(r"(?i)(?:dr|mr|mrs|ms|prof)\b", parts[0]) or parts[0].lower() in MONTHS:
            continue
        name = " ".join(parts)
        if name.lower() in _STATE_NAMES or name.lower() in _STOP_PLACES or name.upper() in STATE_CODES:
            continue
        after = page.text[match.start("v") + len(name) :]
        if _eponym_use(after) or _CITES.match(after) or (lexicon.is_eponym(parts[0]) and len(parts) == 1):
            continue
        verb_by = re.search(r"(?i)\b(?:by|with|through)$", page.text[match.start() : match.start("v")].strip())
        if verb_by:
            continue
        preposition = page.text[match.start() : match.start("v")].split()
        at = any(p in ("at", "@") for p in preposition[-2:])
        unknown = [p for p in parts if not lexicon.is_known(p.strip("."))]
        if len(parts) == 1 and ((parts[0].isupper() and len(parts[0]) < 5 and not at) or lexicon.is_ordinary(parts[0])):
            continue
        if (
            not unknown
            and not (at and len(parts) > 1 and all(p[0].isupper() for p in parts))
            and not (at and lexicon.is_city(name))
        ):
            continue
        if len(parts) == 1 and parts[0].isupper() and len(parts[0]) < 6 and lexicon.is_known(parts[0]):
            continue
        if (
            not at
            and len(parts) == 1
            and not lexicon.is_city(name)
            and (lexicon.is_known(parts[0]) or parts[0].isupper())
        ):
            continue
        yield _place(
            match.start("v"),
            match.start("v") + len(name),
            "facility" if at else "city",
            0.85,
            "stands where a visit took place",
        )


def _trailing_zip(page: Page) -> Iterator[Identifier]:
    for match in re.finditer(
        rf"(?:\b(?P<s>{'|'.join(sorted(STATE_CODES))})|\b(?P<l>{'|'.join(STATES)})),?\s+(?P<z>\d{{5}}(?:-\d{{4}})?)\b",
        page.text,
    ):
        # "CT 71260" is a scan and its code: a bare state code counts only before a ZIP code of that state, and not for scans.
        state = match["s"]
        if state and not page.lexicon.zip_is_in(match["z"], state):
            continue
        before = page.text[: match.start()].rstrip()
        if state in (
            "CT",
            "PA",
            "OR",
            "IN",
            "ME",
            "MS",
            "MD",
            "PR",
            "ID",
            "DE",
            "OK",
            "HI",
            "LA",
            "AL",
            "CO",
            "MA",
            "MT",
        ) and not before.endswith(","):
            continue
        yield _place(match.start("z"), match.end("z"), "zip", 0.97, "follows a state it belongs to")
