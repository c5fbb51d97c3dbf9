"""Numbers an institution gives: SSN, record, plan, account, licence, vehicle, device, biometric, photograph, any other.

Paragraphs (G) to (M), (P), (Q) and (R). One table per paragraph; each rule is a label, what may stand after it, and a value, or a
shape that identifies itself and is checked. A strong label (`MRN`) may be followed by just a blank; a weak one (`claim`, `order`,
`policy`), which also stands before codes, needs `number`, `#` or a colon to be certain. Near misses stand at each table.
"""

from __future__ import annotations

import re

from assistant.phi.kinds import IdentifierKind
from assistant.phi.page import LABELLED, NUMBER, STRONG, VALUE, Rule
from assistant.phi.recognisers.numbers import dea_holds, is_mbi, npi_holds, ssn_is_possible, vin_holds

__all__ = [
    "ACCOUNTS",
    "BIOMETRICS",
    "DEVICES",
    "LICENCES",
    "OTHERS",
    "PHOTOS",
    "PLANS",
    "RECORDS",
    "RULES",
    "SSN",
    "VEHICLES",
]

K = IdentifierKind


def _long(value: str) -> float | None:
    return 0.98 if sum(c.isalnum() for c in value) >= 4 else None


def _three(value: str) -> float | None:
    return 0.98 if sum(c.isalnum() for c in value) >= 3 else None


_CODE = re.compile(
    r"(?i)\d{5}|\d{4}[FTUMA]|[A-V]\d{4}|[LA]\d{5}|[A-TV-Z]\d[0-9A-Z](?:\.?[0-9A-Z]{1,4})?|(?:\d{5}|[A-V]\d{4})-[A-Z0-9]{2}|(?=.*[A-Z])(?=.*\d)[0-9BCDFGHX][0-9A-HJ-NP-Z]{6}"
)
_COUNT = re.compile(r"\d{1,3}|(?:19|20)\d\d|[1-9]\d?/\d{1,2}(?:/\d+)?")


def _weak(value: str) -> float | None:
    """Score what stands after a weak label and just a blank: a count is nothing, and protection may know better."""
    bare = value.strip("#")
    return None if _COUNT.fullmatch(bare) or len(bare) < 4 else 0.9


def _marked(value: str) -> float | None:
    """Score what stands after a weak label with `number`, `#` or a colon: certain unless it is shaped like a code."""
    weak = _weak(value)
    return weak if weak is None or _CODE.fullmatch(value.strip("#")) else 0.97


def _ssn(value: str) -> float | None:
    digits = re.sub(r"\D", "", value)
    # 9xx are taxpayer numbers and popular made-up examples; both identify somebody in the text's eyes.
    return 0.97 if ssn_is_possible(value) or digits[0] == "9" or digits[:3] in ("000", "666") else 0.96


def _spaced_ssn(value: str) -> float | None:
    return 0.9 if ssn_is_possible(value) else None


def _nine(value: str) -> float | None:
    return 0.75 if ssn_is_possible(value) else 0.7


def _mbi(value: str) -> float | None:
    return 0.97 if is_mbi(value) else None


def _vin(value: str) -> float | None:
    if sum(c.isdigit() for c in value) < 2 or value.isdigit() or not re.search(r"[A-Z]", value.upper()):
        return None
    return 0.98 if vin_holds(value) else 0.8


def _dea(value: str) -> float | None:
    return 0.97 if dea_holds(value) else None


def _npi(value: str) -> float | None:
    return 0.8 if npi_holds(value) else None


def _mixed(value: str) -> float | None:
    """Score a token of letters and digits: many digits beside letters are no code this trade knows."""
    digits, letters = sum(c.isdigit() for c in value), sum(c.isalpha() for c in value)
    if (
        digits < 4
        or letters < 1
        or re.fullmatch(
            r"(?i)(?:covid|sars|icd|cpt|hcpcs|hl|il|cd|ca|vitamin|omega|type|factor|stage|h|n|o|b)-?\d+.*", value
        )
    ):
        return None
    return 0.7


SSN: tuple[Rule, ...] = (
    # Near misses: a telephone number 3-3-4, an NDC 5-4-2, an EIN 2-7.
    Rule(
        "ssn",
        K.SSN,
        r"(?<![\w-])\d{3}-\d{2}-\d{4}(?![\w]|-\d)",
        0.97,
        "is laid out like a social security number",
        check=_ssn,
        needs="-",
    ),
    Rule(
        "ssn",
        K.SSN,
        r"(?<![\w.-])\d{3}[ .]\d{2}[ .]\d{4}(?![\w]|[-.]\d)",
        0.9,
        "is laid out like a social security number",
        check=_spaced_ssn,
    ),
    Rule(
        "ssn",
        K.SSN,
        rf"\b(?:ssn?|social(?:\s+security)?(?:\s+(?:no\.?|number|num|\#))?|soc(?:ial)?\.?\s+sec\.?|itin|tin){LABELLED}(?:(?:ending|ends|last\s+(?:4|four))(?:\s+(?:digits|of|in|with|are|is))*\s*:?\s*)?(?P<v>[\dX*•]{{3}}[-\s.]?[\dX*•]{{2}}[-\s.]?\d{{4}}|\d{{9}}|\d{{4}})(?!\d)",
        0.99,
        "follows a social security label",
        cues="ss soc tin",
    ),
    Rule(
        "ssn",
        K.SSN,
        r"\blast\s+(?:4|four)(?:\s+(?:digits|of|the|her|his|their|ssn|social))*\s*(?:is|are|:|=)?\s*(?P<v>\d{4})\b",
        0.97,
        "is said to be the end of a number",
        cues="last",
    ),
    Rule(
        "ssn",
        K.SSN,
        r"(?<![\w-])[X*]{3}-?[X*]{2}-?\d{4}(?![\w-])",
        0.97,
        "is a partly hidden social security number",
        needs="*Xx",
    ),
)

RECORDS: tuple[Rule, ...] = (
    # Near misses: "MR lumbar spine", "chart 12 months", "record 3 vitals".
    Rule(
        "mrn",
        K.MRN,
        rf"\b(?:e?mrns?|m\.r\.n\.?|mrno|mr\s?(?=[#:]|no)|med(?:ical)?\.?\s+rec(?:ord)?s?\.?|(?:patient|pt|hospital|chart|unit|e?hr|emr|epic|cerner|person|medical)[ _-]?(?:id|number|no\.?|\#|mrn)|empi|mpi|patientid|uhid|hosp\s?\#|pt\s?\#|chart\s?\#){LABELLED}(?:(?:of|for|is|was|ending\s+in|ending)\s+)?(?P<v>{VALUE})",
        0.98,
        "follows a medical record label",
        cues="mr rec id number no. # mpi num hosp",
        check=_three,
    ),
    Rule(
        "mrn",
        K.MRN,
        rf"\b(?:chart|record|file|folder){STRONG}(?P<v>{VALUE})",
        0.97,
        "follows a record label",
        cues="chart record file folder",
        check=_long,
    ),
    Rule(
        "mrn",
        K.MRN,
        r"\b(?:chart|record)\s+(?P<v>\d{6,12}|[A-Z]{1,4}-?\d{5,10})\b",
        0.9,
        "follows a record label",
        cues="chart record file folder",
    ),
)

PLANS: tuple[Rule, ...] = (
    # Near misses: "group 4", "plan B", "policy L33822" (an LCD), "member of the team".
    Rule(
        "plan.mbi",
        K.PLAN,
        r"(?<![\w-])[1-9][A-Z][A-Z0-9]\d-?[A-Z][A-Z0-9]\d-?[A-Z]{2}\d{2}(?![\w-])",
        0.97,
        "follows the grammar of a Medicare Beneficiary Identifier",
        check=_mbi,
    ),
    Rule(
        "plan.mbi",
        K.PLAN,
        rf"\b(?:mbi|hicn?|hic\s?\#|medicare\s+(?:id|no\.?|number|\#|beneficiary(?:\s+(?:id|identifier|number))?)){LABELLED}(?P<v>{VALUE})",
        0.98,
        "follows a Medicare number label",
        cues="mbi hic medicare",
        check=_long,
    ),
    Rule(
        "plan",
        K.PLAN,
        rf"\b(?:member|subscriber|beneficiary|insured|enrollee|cardholder|policy\s?holder|recipient|participant|certificate\s+holder|ins(?:urance)?|health\s?plan|plan|policy|payer|coverage|medicaid|benefit|rx|hpn?|hpbn|hmo|ppo|hmo/ppo|bcbs|aetna|cigna|humana|uhc|tricare|kaiser|anthem|medi-cal|insurance\s+plan|health\s+(?:insurance|plan\s+beneficiary|beneficiary)|beneficiary\s+health\s+plan)(?:'s)?[\s/_-]*(?:(?:card|policy|plan|member|subscriber|beneficiary|group|coverage|benefits?|insurance|health)[\s/_-]+){{0,2}}(?:(?:id|identification|identifier|number|no\.?|num|nbr|\#)s?[\s/_-]*){{1,2}}(?:\((?:id|hpbn?)\)\s*)?(?:is|was|:|=|\#|of|-\s|\s)*\s*(?P<v>{VALUE})",
        0.98,
        "follows a health plan label",
        check=_three,
    ),
    Rule(
        "plan",
        K.PLAN,
        rf"\b(?:member|subscriber|beneficiary|insured|enrollee|policy|insurance|ins|health\s?plan|plan|group|grp|hpn|hpbn|hp|coverage|medicaid|bcbs|aetna|cigna|humana|uhc|unitedhealthcare|tricare|kaiser|anthem)(?:\s+(?:plan|policy|card))?\s*(?::|=|\#|\bno\.?|-\s)+\s*(?P<v>{VALUE})",
        0.97,
        "follows a health plan label",
        check=_long,
    ),
    Rule(
        "plan",
        K.PLAN,
        r"\b(?:insurance|health\s?plan|plan|policy|member|subscriber|beneficiary|group|coverage|medicaid|bcbs|aetna|cigna|humana|uhc|unitedhealthcare|tricare|kaiser|anthem|hpn?)\s+(?:plan\s+|policy\s+|card\s+|is\s+)?(?P<v>(?-i:[A-Z]{1,4})-?\d{5,12}|[A-Z]{2,4}-\d{3,12}[A-Z]{0,2}|\d{8,14}|[A-Z]{3}\d{6,12})(?![\w-])",
        0.96,
        "follows a health plan label",
        check=_marked,
    ),
    Rule(
        "plan",
        K.PLAN,
        rf"\b(?:group|grp|bin|pcn|rxbin|rxpcn|rxgrp|rx\s?group){STRONG}(?P<v>{VALUE})",
        0.97,
        "follows a plan group label",
        cues="group grp bin pcn rx",
        check=_long,
    ),
    Rule(
        "plan",
        K.PLAN,
        r"(?<![\w-])\d{3}-?\d{2}-?\d{4}-?(?:[A-DFJKMTW][1-9]?|WA|WB|WC[1-9]?|HA|HB|HC)(?![\w-])",
        0.9,
        "has the form of the former Medicare claim number",
        needs="-",
    ),
)

ACCOUNTS: tuple[Rule, ...] = (
    # Near misses: "claim 99213", "claim with 2 lines", "account for", "case of".
    Rule(
        "account",
        K.ACCOUNT,
        rf"\b(?:visit|bill(?:ing)?|statement|check|payment|transaction|receipt|card){STRONG}(?P<v>{VALUE})",
        0.9,
        "follows a word for a payment",
        cues="visit bill statement check payment transaction receipt card",
        check=_marked,
    ),
    Rule(
        "account",
        K.ACCOUNT,
        rf"\b(?:acct|account|acc't|a/c|har|csn|fin|guarantor|invoice|eft|patient\s+account|iban|routing|bank|credit\s?card|debit){STRONG}(?P<v>{VALUE})",
        0.98,
        "follows an account label",
        cues="ac har csn fin guarantor invoice eft iban routing bank card debit",
        check=_long,
    ),
    Rule(
        "account",
        K.ACCOUNT,
        rf"\b(?:acct|account|acc't|invoice|har|csn|fin)s?\.?\s+(?P<v>{NUMBER})(?![\w-])",
        0.9,
        "follows an account label",
        cues="ac har csn fin guarantor invoice eft iban routing bank card debit",
        check=_weak,
    ),
    Rule(
        "account.claim",
        K.ACCOUNT,
        rf"\b(?:claim|icn|dcn|tcn|clm|ccn|remit|era|payer\s+claim(?:\s+control)?|claim\s+control|document\s+control|internal\s+control|pcn|icn/dcn){STRONG}(?P<v>{VALUE})",
        0.97,
        "follows a claim label",
        cues="claim icn dcn tcn clm ccn remit era control pcn",
        check=_long,
    ),
    Rule(
        "account.claim",
        K.ACCOUNT,
        rf"\b(?:claim|icn|dcn|tcn|clm)s?\s+(?P<v>{NUMBER})(?![\w-])",
        0.9,
        "follows a claim label",
        cues="claim icn dcn tcn clm ccn remit era control pcn",
        check=_weak,
    ),
    Rule(
        "account.claim",
        K.ACCOUNT,
        r"(?<![\w-])(?:CLM|ICN|DCN|ACCT|INV|HAR|CSN|ACT|ACC|V00|BILL)-?\d{4,}(?:-\d+)*(?![\w-])",
        0.96,
        "starts like a claim or account number",
        cues="clm icn dcn acct inv har csn act acc v00 bill",
    ),
    Rule(
        "account.card",
        K.ACCOUNT,
        r"(?<![\w-])(?:[3-6]\d{3}[- ]?\d{4}[- ]?\d{4}[- ]?\d{1,7}|3[47]\d{2}[- ]?\d{6}[- ]?\d{5})(?![\w-])",
        0.96,
        "has the length of a payment card",
    ),
    Rule(
        "account.card",
        K.ACCOUNT,
        r"(?<![\w-])[A-Z]{2}\d{2}(?:\s?[A-Z0-9]{4}){3,7}(?:\s?[A-Z0-9]{1,3})?(?![\w-])",
        0.96,
        "has the form of an IBAN",
        exact_case=True,
    ),
    Rule(
        "account.card",
        K.ACCOUNT,
        r"\bcard\s+(?:number\s+)?(?P<v>\d{12,19})\b",
        0.98,
        "follows the word card",
        cues="card",
        needs="cC",
    ),
)

LICENCES: tuple[Rule, ...] = (
    # Near misses: "certificate of medical necessity", "license type 2", HCPCS codes after the words.
    Rule(
        "licence.dea",
        K.LICENCE,
        r"(?<![\w-])[A-HJ-MP-UX][A-Z9]-?\d{7}(?![\w-])",
        0.97,
        "carries a valid DEA check digit",
        check=_dea,
    ),
    Rule(
        "licence.dea",
        K.LICENCE,
        rf"\bdea{LABELLED}(?P<v>{VALUE})",
        0.98,
        "follows the word DEA",
        cues="dea",
        check=_long,
        needs="dD",
    ),
    Rule(
        "licence",
        K.LICENCE,
        r"\b(?:(?:driver'?s?|drivers|driving|medical|nursing|state|professional|rn|md|cdl|pharmacy|physician|provider|marriage|business|facility|clia|teaching|pilot|ca|tx|ny|fl)[\s.]+)*(?:licen[cs]e|lic\.?|licensure|dl|d\.l\.|cert(?:ificate|ification)?\.?|cln|permit|passport|green\s?card|visa|clia|birth\s+certificate|death\s+certificate|registration|badge|student\s+id|military\s+id|state\s+id)(?:\s+(?:no\.?|number|num|id|\#|plate))*\s*(?:is|was|:|=|\#|-\s)*\s*(?:[A-Z]{2}\s+)?(?P<v>(?=[A-Z0-9-]*\d\d)[A-Z0-9][A-Z0-9-]{4,19})(?![\w-])",
        0.97,
        "follows a licence label",
        cues="lic dl d.l cln cert permit passport card visa clia registration badge id",
        check=_long,
    ),
)

VEHICLES: tuple[Rule, ...] = (
    # Near misses: "plate and screws", "plate 4 hole", ICD-10 V codes, seventeen digits without letters.
    Rule(
        "vehicle",
        K.VEHICLE,
        r"(?<![\w-])[A-HJ-NPR-Z0-9]{17}(?![\w-])",
        0.8,
        "has the length and letters of a vehicle number",
        check=_vin,
    ),
    Rule(
        "vehicle",
        K.VEHICLE,
        rf"\bvin{LABELLED}(?P<v>[A-Z0-9]{{8,17}})(?![\w-])",
        0.98,
        "follows the word VIN",
        cues="vin",
        check=_long,
    ),
    Rule(
        "vehicle",
        K.VEHICLE,
        r"\b(?:licen[cs]e\s+plates?|number\s+plate|plates?(?:\s+(?:no\.?|number|\#))|tag\s+(?:no\.?|number|\#)|registration|vehicle\s+(?:tag|plate|registration)|(?:car|truck|vehicle|van|suv)\s+plates?|plate)\s*(?:no\.?|number|\#)?\s*(?:is|was|:|=|\#)*\s*(?:[A-Z]{2}[\s:-]+)?(?P<v>(?-i:(?=[A-Z0-9 -]*\d)(?=[A-Z0-9 -]*[A-Z])[A-Z0-9]{1,4}[- ]?[A-Z0-9]{2,5}(?:[- ][A-Z0-9]{1,4})?))(?![\w-])(?!\s?(?:hole|mm|cm|screw))",
        0.96,
        "follows a licence plate label",
        cues="plate tag registration",
        check=_three,
    ),
)

DEVICES: tuple[Rule, ...] = (
    # Near misses: "lot of pain", "model 2 system" without a digit run, "device code 93000", HCPCS L and C codes.
    Rule(
        "device.udi",
        K.DEVICE,
        r"\(01\)\s?\d{14}(?:\s?\(\d{2}\)\s?[A-Z0-9-]+)*",
        0.99,
        "is a unique device identifier (21 CFR 801.20, GS1 form)",
        needs="(",
    ),
    Rule(
        "device",
        K.DEVICE,
        rf"\b(?:serial|ser|s/n|sn|lot|batch|udi|imei|imsi|meid|device|implant|model|ref|pacemaker|icd\s+device|pump|lead|generator|stimulator|prosthesis|catalog|asset)(?:\s+(?:serial|id|identifier))?{STRONG}(?P<v>{VALUE})",
        0.97,
        "follows a device label",
        cues="ser s/n sn lot batch udi ime imsi device implant model ref pacemaker pump lead generator stimulator prosthesis catalog asset",
        check=_long,
    ),
    Rule(
        "device",
        K.DEVICE,
        r"\b(?:serial(?:\s+number)?|s/n|sn|lot|imei|udi)\s+(?P<v>(?=[A-Z0-9-]*\d{2})[A-Z0-9][A-Z0-9-]{3,24})(?![\w-])",
        0.96,
        "follows a device label",
        cues="ser s/n sn lot batch udi ime imsi device implant model ref pacemaker pump lead generator stimulator prosthesis catalog asset",
        check=_long,
    ),
)

BIOMETRICS: tuple[Rule, ...] = (
    # Near misses: "fingerprint clearance", "retinal scan 92250", "voice therapy".
    Rule(
        "biometric",
        K.BIOMETRIC,
        rf"\b(?:finger\s?print|thumb\s?print|palm\s?print|retina(?:l)?(?:\s+scan)?|iris(?:\s+scan)?|voice\s?print|face\s?print|facial\s+(?:recognition|template)|biometric|dna(?:\s+profile)?|gait)(?:\s+(?:template|record|file|hash|scan|sample|profile|id))*{STRONG}(?P<v>{VALUE})",
        0.97,
        "follows a biometric label",
        cues="print retina iris face facial biometric dna gait",
        check=_long,
    ),
    Rule(
        "biometric",
        K.BIOMETRIC,
        r"(?<![\w-])(?:BIO|FPT?|IRIS|RET|VOICE|DNA)-[A-Z0-9]*\d{3,}[A-Z0-9-]*(?![\w-])",
        0.8,
        "starts like a biometric record",
        exact_case=True,
    ),
)

PHOTOS: tuple[Rule, ...] = (
    # Near misses: "photo documentation", "photographs 96904", "figure 3".
    Rule(
        "photo",
        K.PHOTO,
        r"(?<![\w/.-])[\w.-]{0,80}[\w-]\.(?:jpe?g|png|gif|bmp|tiff?|heic|webp|dcm|dicom|mp4|mov|avi|raw)\b",
        0.97,
        "is the name of an image file",
        cues=".jp .png .gif .bmp .tif .heic .webp .dcm .dicom .mp4 .mov .avi .raw",
        needs=".",
    ),
    Rule(
        "photo",
        K.PHOTO,
        rf"\b(?:photo(?:graph)?s?|picture|image|selfie|headshot|mugshot|video)(?:\s+(?:file|id|ref(?:erence)?))*{STRONG}(?P<v>{VALUE})",
        0.96,
        "follows a photograph label",
        cues="photo picture image selfie shot video",
        check=_long,
    ),
    Rule(
        "photo",
        K.PHOTO,
        r"(?<![\w-])(?:IMG|DSC|DSCN|DSCF|PXL|PHOTO|MVIMG)[_-]\d{3,}(?:[_-]\d+)*(?![\w-])",
        0.97,
        "starts like a camera's file name",
        cues="img dsc pxl photo",
    ),
)

OTHERS: tuple[Rule, ...] = (
    # Near misses: "order 80053", "authorization for 3 units", "referral 99243", "ID: 25 modifier", LCD ids.
    Rule(
        "other.npi",
        K.OTHER,
        rf"\bnpis?(?:\s+(?:no\.?|number|\#))?{LABELLED}(?P<v>\d{{10}})\b",
        0.98,
        "follows the word NPI",
        cues="npi",
        needs="nN",
    ),
    Rule("other.npi", K.OTHER, r"(?<![\w.-])[12]\d{9}(?![\w-])", 0.8, "carries a valid NPI check digit", check=_npi),
    Rule(
        "other",
        K.OTHER,
        rf"\b(?:prior\s+auth(?:orization)?s?|pre-?auth(?:orization)?|auth(?:orization)?s?|pre-?cert(?:ification)?|referral|encounter|accession|acc|specimen|order|requisition|prescription|rx|case|ticket|incident|study|subject|participant|protocol|trial|enrollment|confirmation|tracking|reference|ref|session|document|employee|emp|staff|student|inmate|booking|docket|wc|workers'?\s+comp(?:ensation)?|appeal|grievance|tax(?:payer)?|ein|tin|unique|identifier|identification|patient\s+identifier|control|certification|trace|batch|call\s+ref(?:erence)?|order\s+id|user(?:name)?|login|id|i\.d\.|code|pin|password|passcode){STRONG}(?P<v>{VALUE})",
        0.96,
        "follows the label of a number",
        check=_marked,
    ),
    Rule(
        "other",
        K.OTHER,
        rf"\b(?:accession|encounter|auth(?:orization)?|pre-?auth(?:orization)?|specimen|referral|confirmation|requisition|employee)\s+(?:(?:id|\#|no\.?|number|is|was)\s+)?(?P<v>{NUMBER})(?![\w-])",
        0.9,
        "follows the label of a number",
        check=_weak,
    ),
    Rule(
        "other",
        K.OTHER,
        r"\b(?:unique\s+)?(?:id|identifier)s?\s+(?:is\s+|of\s+)?(?P<v>[A-Z]{1,6}-?\d{4,}[A-Z0-9-]*|\d{6,}|[A-Z]{2,5}-\d{3,})(?![\w-])",
        0.96,
        "follows the label of a number",
    ),
    Rule(
        "other",
        K.OTHER,
        r"(?<![\w-])[0-9A-F]{8}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{12}(?![\w-])",
        0.98,
        "is a universally unique identifier (RFC 9562)",
        needs="-",
    ),
    Rule(
        "other",
        K.OTHER,
        r"(?<![\w$.,/-])\d{6,}(?![\w%]|[.,/]\d|-\d)",
        0.7,
        "is a run of six or more digits that is no known code",
    ),
    Rule(
        "other",
        K.OTHER,
        r"(?<![\w$.,/-])#\s?[A-Z0-9]*\d{4,}[A-Z0-9-]*(?![\w-])",
        0.75,
        "is numbered with a hash sign",
        needs="#",
    ),
    Rule(
        "other",
        K.OTHER,
        r"(?<![\w$.,/-])#?[A-Z]{1,6}-?\d{5,}(?:-?[A-Z0-9]+)*(?![\w-])",
        0.8,
        "is letters and a run of digits that is no known code",
        check=_mixed,
    ),
    Rule(
        "other",
        K.OTHER,
        r"(?<![\w$.,/-])#?[A-Z]{2,6}(?:-[A-Z0-9]+)*-\d{4,}[A-Z0-9]*(?:-[A-Z0-9]+)*(?![\w-])",
        0.8,
        "is letters and a run of digits that is no known code",
        check=_mixed,
    ),
    Rule(
        "other",
        K.OTHER,
        r"(?<![\w$.,/-])\d{5,}-?[A-Z]{2,4}\d*(?![\w-])",
        0.7,
        "is a run of digits and letters that is no known code",
        check=_mixed,
    ),
    Rule(
        "other",
        K.OTHER,
        r"(?<![\w$.,/-])(?=[\d-]*\d{3})\d{2,}(?:-\d{2,}){1,4}(?![\w-]|[./]\d)",
        0.7,
        "is digits in groups that is no known code",
        check=lambda value: 0.7 if len(value.replace("-", "")) >= 7 else None,
        needs="-",
    ),
)

RULES: tuple[Rule, ...] = (
    SSN + RECORDS + PLANS + ACCOUNTS + LICENCES + VEHICLES + DEVICES + BIOMETRICS + PHOTOS + OTHERS
)
