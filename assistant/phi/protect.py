"""What must survive: codes, modifiers, units, money, measurements, ages under 90, durations, years, and our own placeholders.

A five-digit procedure code looks like a ZIP code, a diagnosis category like a driver licence, and an NDC like a telephone number.
So the text is first searched for everything a coder needs, and those spans are closed to every recogniser whose finding is not
certain (a label directly before the value, or a checksum that holds).

Formats: CPT five digits, or four and F, T, U, M or A; HCPCS level II one letter A to V and four digits; modifiers two characters;
ICD-10-CM (CMS and NCHS, Official Guidelines, section I.A): a letter, a digit, an alphanumeric, then up to four after the point;
ICD-10-PCS seven characters without I and O (CMS, ICD-10-PCS Reference Manual); NDC 4-4-2, 5-3-2, 5-4-1 and 5-4-2 (21 CFR 207.33);
taxonomy codes ten characters ending in X (NUCC); LCD L and five digits, articles A and five digits (CMS Medicare Coverage Database).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

__all__ = ["PLACEHOLDER", "protected_spans"]

PLACEHOLDER = (
    r"\[(?:[A-Z]{2,12}_\d{1,4}[a-z]{0,3}(?: [+-] \d{1,3} days)?(?:, (?:\d{4}|\d{3}|[A-Z]{2}|90\+))*|REMOVED)\]"
)
"""What a placeholder of this program looks like; redacting redacted text must leave it alone."""

_MODIFIER = r"(?:2[2-9]|3[23]|4[7]|5[0-9]|6[236]|7[3-9]|8[0-2]|9[0-35-79]|[A-Z][A-Z]|[A-Z][0-9]|[1-5]P)"

_TABLE: tuple[str, ...] = (
    PLACEHOLDER,
    # procedure codes with their modifiers, and ranges and lists of them
    rf"(?<![\w.-])(?:\d{{5}}|\d{{4}}[FTUMA])(?:(?:-|,)\s?{_MODIFIER}(?![\w]))+",
    r"(?<![\w.#/-])(?:\d{5}|\d{4}[FTUMA])(?![\w-]|[.,/]\d)",
    r"(?<![\w.#-])\d{5}\s?(?:-|–|to|through|thru|vs\.?|/|\+|and|or|with)\s?\d{5}(?![\w-])",
    rf"(?<![\w.-])[A-V]\d{{4}}(?:-{_MODIFIER})*(?![\w-])",
    # diagnosis and procedure classification
    r"(?<![\w.#-])[A-TV-Z]\d[0-9A-Z]\.[0-9A-Z]{1,4}(?:-[0-9A-Z.]+)?(?![\w])",
    r"(?<![\w.#-])[A-TV-Z]\d[0-9AB](?:[0-9][0-9A-Z]{0,3})?(?![\w-])",
    r"(?<![\w.#-])[A-TV-Z]\d\d(?:-[A-TV-Z]\d\d)(?![\w-])",
    r"(?<![\w.#-])(?=[0-9A-Z]*[A-HJ-NP-Z])(?=[0-9A-Z]*\d)[0-9BCDFGHX][0-9A-HJ-NP-Z]{6}(?![\w-])",
    # drug codes, taxonomy, coverage documents, claim codes
    r"(?<![\w.#-])(?:\d{5}-\d{4}-\d{2}|\d{4}-\d{4}-\d{2}|\d{5}-\d{3}-\d{2}|\d{5}-\d{4}-\d)(?![\w-])",
    r"(?i:\bNDC(?:\s?(?:code|number|#|no\.?|11|is|:))*\s*)\d{10,11}\b",
    r"(?<![\w.#-])\d{3}[A-Z\d]\d{5}X(?![\w-])",
    r"(?<![\w.#-])[LA]\d{5}(?![\w-])",
    r"(?i:\b(?:LCDs?|LCAs?|NCDs?|article|MLN|SE|MM|CR|transmittal)\s?#?\s?)[LA]?\d[\d.]{1,7}\b",
    r"\b(?:CO|PR|OA|PI|CR)[- ]?\d{1,3}\b",
    r"\b(?:N|M|MA)\d{1,3}\b",
    r"(?i:\b(?:(?:MS|APR)-?\s?DRGs?|DRGs?|APCs?|POS|place of service|type of bill|TOB|bill type|rev(?:enue)?\.? codes?|HCCs?|RxHCCs?|APGs?|CARC|RARC|"
    r"condition codes?|occurrence codes?|value codes?|status indicator|C-?APC|HIPPS|RUGs?|PDPM|GPCI|RVUs?|MUEs?|MAI|"
    r"modifiers?|mods?|units?|box|form|chapter|ch\.|section|appendix|table|figure|page|pp?\.|version|v|level|stage|grade|type|class|category|"
    r"phase|part|step|line|loop|segment|qty|quantity|x|times)\s?(?:code|no\.?|number|#|:|is|of|=)?\s?)[#]?[A-Z]?\d{1,4}[A-Z]?\b(?:[-/,.]\s?\d{1,4}[A-Z]?\b)*",
    rf"(?i:\bmod(?:ifier)?s?\s+){_MODIFIER}(?:\s?(?:,|/|and|or|&|vs\.?)\s?{_MODIFIER})*\b",
    r"(?<![\w])-(?:2[2-9]|5[0-9]|7[6-9]|8[0-2]|9[0-3]|GT|95|RT|LT|XE|XS|XP|XU|TC|26|GA|GY|GZ|KX|QW|JW|JZ)\b",
    r"(?i:\b(?:CMS|HCFA|UB|SF|CMN|DIF|OIG|OASIS|ADA|FL|837|835|270|271|276|277|278)-?\s?)\d{1,4}[A-Z]?\b",
    r"\b(?:837[PID]|835|27[01678]|999|277CA)\b(?=\s+(?:file|claim|remit|transaction|loop|segment))",
    # money, percentages, rates
    r"[$€£]\s?\d[\d,]*(?:\.\d+)?(?:\s?[kKM])?",
    r"\b\d[\d,]*(?:\.\d+)?\s?(?:USD|dollars?|cents?|RVUs?|wRVUs?)\b",
    r"\b\d+(?:\.\d+)?\s?%",
    # doses, measurements and ranges with a unit
    r"(?i:(?<![\w#])\d[\d,]*(?:\.\d+)?(?:\s?(?:-|–|to|x|×|/|by)\s?\d[\d,]*(?:\.\d+)?){0,3}\s?(?:mcg|mg|g|kg|gm|grams?|lbs?|pounds?|oz|ml|cc|dl|l|liters?|"
    r"iu|units?|u|meq|mmol|mol|mm|cm|m|km|in|inch(?:es)?|ft|feet|mmhg|hz|bpm|kcal|cal|gy|cgy|mci|hours?|hrs?|h|minutes?|mins?|min|seconds?|secs?|"
    r"days?|d|weeks?|wks?|wk|months?|mos?|years?|yrs?|y/o|y\.o\.?|yo|yof|yom|visits?|sessions?|times|doses?|tablets?|tabs?|caps?|capsules?|puffs?|drops?|"
    r"sprays?|patches|vials?|lesions?|levels?|views?|nodes?|polyps?|stitches|packs?|pack-years?|beats?|degrees?|fr|french|gauge|ga|weeks'|/hpf|cells?|"
    r"copies|miles|percent|points?|fold|am|pm|a\.m\.|p\.m\.))(?:/(?:kg|day|dl|ml|l|min|hr|h|m2|wk|d|week|dose|hpf|mm3|ul|actuation|hour|minute|sec|s|year))*(?![\w@])",
    r"(?<![\w])\d{1,2}[- ](?:year|yr|month|week|day|mo|wk|hour|minute|min|view|lead|point|panel|mm|cm|mg)s?(?:[- ]?old)?\b",
    r"(?i:\b(?:BP|blood pressure|pressure)\s?(?:of|was|is|:)?\s?)\d{2,3}\s?/\s?\d{2,3}\b",
    r"(?<![\w/.])(?:[6-9]\d|[12]\d\d)/\d{2,3}(?![\w/.])(?=\s?(?:mmHg|mm|bp|,|;|\.\s|\)|$|\s))",
    r"(?i:\b(?:HR|heart rate|pulse|RR|resp(?:irations?|iratory rate)?|temp(?:erature)?|T|SpO2|O2 ?sat|sats?|BMI|GCS|apgars?|PHQ-?[29]|GAD-?7|MMSE|MoCA|NIHSS|EF|LVEF|"
    r"eGFR|GFR|INR|A1c|HbA1c|HgbA1c|PSA|TSH|WBC|hgb|hct|plt|BUN|Cr|creat(?:inine)?|Na|K|glucose|LDL|HDL|ESR|CRP|BNP|troponin|FEV1|weight|wt|height|ht|"
    r"pain|score|scale|gleason|bishop|MELD|ASA|ECOG|KPS|NYHA|GFR|FiO2|PEEP|cr|lactate|ph|bilirubin|albumin|d-dimer|ferritin|gravida|para|strength)"
    r"\s?(?:score|level|levels|of|was|is|at|:|=|~|>|<|,)*\s?(?:of|was|is|at|:|=)?\s?)[~<>]?\d+(?:\.\d+)?(?:\s?[/-]\s?\d+(?:\.\d+)?)?\b",
    r"\b(?:C[1-8]|T(?:1[0-2]|[1-9])|L[1-6]|S[1-5])(?:\s?[-–/]\s?(?:[CTLS]?\d{1,2}))*\b(?!-\d)",
    r"\b\d{1,2}\s?w(?:k|ks|eeks?)?\s?\d\s?d(?:ays?)?\b|\b\d{2}\s?\+\s?\d(?:/7)?\s?w?\b|\b[Gg]\d{1,2}\s?[Pp]\d{1,5}(?:-\d){0,3}\b",
    r"\b[pcyr]?T[0-4isx][a-d]?N[0-3x][a-c]?M[01x]\b",
    r"\b20/\d{2,3}(?:[+-]\d)?\b",
    r"(?<![\w/])[0-6]/[0-6](?:\s?(?:strength|systolic|murmur|throughout|bilaterally|motor|pain))",
    r"(?<![\w/])\d{1,2}/10\b",
    # ages that may stay, durations, years
    r"(?i:\b(?:age[ds]?|aged|ages?)\s?(?:of|:|is|>|<|over|under)?\s?)[1-8]?\d(?![\d/])(?:\s?(?:-|to|and)\s?[1-8]?\d\b)?",
    r"(?<![\w-])[1-8]?\d\s?(?:yo|y/o|y\.o\.|yr\.?|yrs\.?|F|M|yof|yom|YOF|YOM|YO|y)(?![\w])",
    r"(?i:\b(?:in|since|by|until|during|from|for|of|year|fy|cy|fiscal|calendar|before|after|the|early|late|mid|through|effective|q[1-4]|updated?|guidelines?|edition|manual)[ -]?)(?:FY|CY)?(?:19|20)\d\d(?![\d/-])",
    r"(?<![\w/.-])(?:19[5-9]\d|20[0-4]\d)(?![\w/-]|\.\d)",
)


@lru_cache(maxsize=1)
def _pattern() -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(row) for row in _TABLE)


def protected_spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield the half-open spans of the text that the engine itself keeps from its recognisers; they may overlap."""
    for pattern in _pattern():
        for match in pattern.finditer(text):
            yield match.span()
