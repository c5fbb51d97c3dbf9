"""Telephone and fax numbers, e-mail, web and network addresses: paragraphs (D), (E), (F), (N) and (O).

Telephone: North American Numbering Plan, `NXX-NXX-XXXX` with any separators, an optional +1 and an extension; international numbers
after a plus sign (ITU-T E.164, up to fifteen digits); seven digits `555-0142` and bare runs of ten digits only after a cue.
Made-up area codes such as 123 and 555 are taken too: people type them. Fax is a telephone number after the word.
Near misses that stay: NDC `0002-8215-01` (4-4-2), code ranges `99202-99205`, claim totals, and ten digits without a cue.
E-mail: RFC 5322 `local@domain` without quoting, also `name (at) domain dot com`. Web: RFC 3986 with a scheme or www, or a bare
host ending in a known top-level domain and holding no blank. IPv4 dotted quads with parts to 255 (RFC 791), IPv6 (RFC 4291), MAC.
Near misses that stay: section numbers `1.2.3`, versions, `e.g.`, `b.i.d.`.
"""

from __future__ import annotations

import re

from assistant.phi.kinds import IdentifierKind
from assistant.phi.page import Rule

__all__ = ["RULES"]

_CUE = (
    r"\b(?:tel(?:ephone)?s?|(?:tele)?phones?|ph|cell(?:phone)?|mobile|pager|beeper|call(?:ed|ing|back)?(?: (?:him|her|them|me|us|back|the patient|patient|pt))?(?: (?:at|on))?|"
    r"reach(?:ed|able)?(?: (?:him|her|them|me|us|patient|pt))?(?: (?:at|on))?|contact(?:ed)?(?: (?:number|no\.?|info|phone|details|at|him at|her at))?|text(?:ed)?|dial|ring|sms|whatsapp|callback|hotline|voicemail|"
    r"(?:home|work|cell|mobile|daytime|emergency|alternate|phone)(?: (?:phone|number|no\.?|contact))?)"
)
_FAX = r"\b(?:fax(?:ed)?(?: (?:number|no\.?|it|this|records?|them))?(?: (?:to|at))?|facsimile|e-?fax)"
_SEP = r"[\s:#=.,()-]*(?:is|at|to|was|number|no\.?)?[\s:#=.(-]*"
_TEN = r"(?:\+?1[-.\s]{0,2})?\(?\d{3}\)?\s{0,2}[-./–]?\s{0,2}\d{3}\s?[-./–\s]\s{0,2}\d{4}"
_EXT = r"(?:\s?,?\s?(?:x|ext\.?|extension|#)\s?\d{1,6})?"
_TLD = (
    "com|org|net|edu|gov|mil|io|co|us|uk|ca|info|biz|health|med|clinic|care|me|app|dev|de|fr|es|in|au|hospital|doctor"
)


_PUBLIC = re.compile(
    r"(?i)(?:^|//|\.)(?:[\w-]+\.(?:gov|mil)|cms\.hhs|ama-assn\.org|aapc\.com|ahima\.org|heart\.org|aha\.org|acr\.org|acog\.org|aafp\.org|aao\.org|aaos\.org|facs\.org|who\.int|wpc-edi\.com|x12\.org|nucc\.org|nubc\.org|palmettogba\.com|noridianmedicare\.com|novitas-solutions\.com|cgsmedicare\.com|ngsmedicare\.com|fcso\.com|wpsgha\.com)(?:[/:?#]|$)"
)


def _web(value: str) -> float | None:
    # A public site of an agency or a society identifies nobody.
    return None if _PUBLIC.search(value) else 0.97


def _ipv4(value: str) -> float | None:
    return 0.97 if all(int(part) <= 255 for part in value.split(".")) else None


def _ten_digits(value: str) -> float | None:
    digits = re.sub(r"\D", "", value.split("x")[0].split("e")[0])
    return 0.96 if len(digits) >= 10 else None


_ADDRESS = r"(?<![A-Z0-9._%+-])[A-Z0-9][A-Z0-9._%+'-]{0,63}\s?@\s?[A-Z0-9-]+(?:\.[A-Z0-9-]+)*\.[A-Z]{2,}"

RULES: tuple[Rule, ...] = (
    Rule("email", IdentifierKind.EMAIL, _ADDRESS, 0.99, "has the form of an e-mail address", needs="@"),
    Rule(
        "email",
        IdentifierKind.EMAIL,
        r"(?<![A-Z0-9._%+-])[A-Z0-9][A-Z0-9._%+-]{0,63}\s?[\[(]\s?at\s?[\])]\s?[A-Z0-9-]+(?:\s?(?:[\[(]\s?dot\s?[\])]|\.|\sdot\s)\s?[A-Z0-9-]+)+",
        0.97,
        "spells out an e-mail address",
        cues="(at [at dot ( [",
        needs="([",
    ),
    Rule(
        "email",
        IdentifierKind.EMAIL,
        r"(?<![A-Z0-9._%+-])[A-Z0-9][A-Z0-9._%+-]{1,63} at [A-Z0-9-]{1,63} dot (?:com|org|net|edu|gov)\b",
        0.97,
        "spells out an e-mail address",
        cues="(at [at dot ( [",
    ),
    Rule(
        "email",
        IdentifierKind.EMAIL,
        r"(?<=\s)@[A-Z][A-Z0-9_]{3,}\b(?!\.)",
        0.8,
        "looks like the name of an account",
        needs="@",
    ),
    Rule(
        "url",
        IdentifierKind.URL,
        r"\b(?:https?|ftp|sftp)://[^\s<>\"')\]]+[^\s<>\"')\].,;:!?]",
        0.99,
        "starts like a web address",
        check=_web,
        needs=":",
    ),
    Rule(
        "url",
        IdentifierKind.URL,
        r"\bwww\.[A-Z0-9-]+\.[^\s<>\"')\]]*[^\s<>\"')\].,;:!?]",
        0.99,
        "starts like a web address",
        check=_web,
        needs="wW",
    ),
    Rule(
        "url",
        IdentifierKind.URL,
        rf"(?<![\w@.-])(?:[A-Z0-9][A-Z0-9-]+\.)+(?:{_TLD})(?:/[^\s<>\"')\]]*[^\s<>\"')\].,;:!?])?(?![\w@-]|\.\w)",
        0.9,
        "ends in a top-level domain",
        check=_web,
        needs=".",
    ),
    Rule(
        "ip",
        IdentifierKind.IP,
        r"(?<!ection )(?<!ersion )(?<!hapter )(?<!anual )(?<!\bsec )(?<![\w.§])\d{1,3}(?:\.\d{1,3}){3}(?![\w]|\.\d)",
        0.97,
        "is a dotted quad",
        check=_ipv4,
        needs=".",
    ),
    Rule(
        "ip",
        IdentifierKind.IP,
        r"(?<![\w:])(?:[0-9A-F]{2}[:-]){5}[0-9A-F]{2}(?![\w:])",
        0.97,
        "is a hardware address",
        needs=":-",
    ),
    Rule(
        "ip",
        IdentifierKind.IP,
        r"(?<![\w:.])(?:[0-9A-F]{1,4}:){7}[0-9A-F]{1,4}(?![\w:])",
        0.97,
        "is an IPv6 address",
        needs=":",
    ),
    Rule(
        "ip",
        IdentifierKind.IP,
        r"(?<![\w:.])(?=[0-9A-F:]*\d)(?:[0-9A-F]{1,4}:){1,6}(?::[0-9A-F]{1,4}){1,6}(?![\w:])|(?<![\w:])::1(?![\w:])",
        0.97,
        "is an IPv6 address",
        needs=":",
    ),
    Rule(
        "fax",
        IdentifierKind.FAX,
        rf"{_FAX}{_SEP}(?P<v>{_TEN}{_EXT}|\d{{10,11}}|\d{{3}}[-.\s]\d{{4}})(?![\d-])",
        0.98,
        "follows the word fax",
        cues="fax facsimile",
        needs="xX",
    ),
    Rule(
        "fax",
        IdentifierKind.FAX,
        rf"(?P<v>{_TEN})\s?\(?(?:fax|f)\b",
        0.98,
        "stands before the word fax",
        cues="f",
        needs="fF",
    ),
    Rule(
        "phone",
        IdentifierKind.PHONE,
        rf"(?<![\w.-])(?:{_TEN}){_EXT}(?![\w]|-\d)",
        0.96,
        "is laid out like a telephone number",
        check=_ten_digits,
    ),
    Rule(
        "phone",
        IdentifierKind.PHONE,
        rf"{_CUE}{_SEP}(?P<v>\+?1?\d{{10}}|\d{{3}}[-.\s]\d{{4}}|\d{{7}}){_EXT}(?![\d-])",
        0.97,
        "follows a telephone cue",
        cues="tel phone ph cell mobile page beeper call reach contact text dial ring sms whatsapp hotline voicemail home work emergency alternate daytime",
    ),
    Rule(
        "phone",
        IdentifierKind.PHONE,
        rf"{_CUE}{_SEP}(?P<v>\+?[\d(][\d\s().-]{{5,18}}\d)(?![\d-])",
        0.96,
        "follows a telephone cue",
        cues="tel phone ph cell mobile page beeper call reach contact text dial ring sms whatsapp hotline voicemail home work emergency alternate daytime",
    ),
    Rule(
        "phone",
        IdentifierKind.PHONE,
        r"(?<![\w+])\+(?:\d[\s().-]{0,3}){7,14}\d(?!\d)",
        0.97,
        "is an international number",
        needs="+",
    ),
    Rule(
        "phone",
        IdentifierKind.PHONE,
        r"(?<![\w-])00[1-9]\d{0,2}[\s-](?:\d[\s-]?){7,11}\d(?!\d)",
        0.9,
        "is an international number",
        needs="0",
    ),
    Rule("phone", IdentifierKind.PHONE, r"(?<![\w.-])555[-.\s]\d{4}(?![\w-])", 0.96, "is a local number", needs="5"),
    Rule(
        "phone",
        IdentifierKind.PHONE,
        r"(?<![\w.-])[2-9]\d{2}-\d{4}(?![\w-])",
        0.7,
        "has the form of a local number",
        needs="-",
    ),
    Rule(
        "phone",
        IdentifierKind.PHONE,
        r"\b(?:ext\.?|extension)\s?(?P<v>\d{3,6})\b",
        0.9,
        "is an extension",
        cues="ext",
        needs="eE",
    ),
)
