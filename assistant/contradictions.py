"""Does a sentence say the opposite of what a rule found?

Figures are checked by :mod:`assistant.verify`; this reads the verdict in words. It errs on the safe side: a sentence that allows or forbids what a finding
decided otherwise, without the finding's condition, counts as contradicting it, and the reader is shown the finding instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from assistant.types import Finding, Verdict

__all__ = ["contradicted_finding"]

_ALLOWS = re.compile(
    r"\b(?:(?:can|may|could|should|will) (?:be|both be|always be|also be|still be|freely be|each be) (?:billed|reported|paid|used|appended|added|coded|submitted|claimed)"
    r"|(?:can|may|should) (?:both )?(?:bill|report|use|append|add|code|submit)\b|(?:free|allowed|permitted|ok|okay|fine|safe) to (?:bill|report|use|append|add)"
    r"|(?:bill|report|submit|code) both|both (?:\w+ )?(?:are|get|will be) (?:paid|payable|allowed|reported|billable)|separately (?:payable|billable|reportable)"
    r"|freely billable|(?:is|are) (?:always )?(?:allowed|billable|payable|compliant|correct|appropriate|acceptable|permitted|valid|within the limit)|fits|goes on"
    r"|(?:append|add|attach)(?:ing)? (?:modifier )?[0-9A-Z]{2}\b|no restriction)",
    re.IGNORECASE,
)
_NO_EDIT = re.compile(
    r"\b(?:no (?:NCCI |PTP )*edit|not (?:an? )?(?:NCCI |PTP )*(?:edit|bundled|subject to)|without (?:an |any )?edit|(?:is|are)n't bundled|no bundling)\b",
    re.IGNORECASE,
)
_OPENS = re.compile(
    r"\b(?:opens?|bypass\w*|overrid\w*|unbundl\w*|gets? (?:past|around)|with (?:a |an )?modifier|(?:a|an|the|NCCI-associated|any|this) modifier (?:is|may|can|will|opens))\b|"
    r"\bmodifier [0-9A-Z]{2} (?:allows|makes|lets)\b",
    re.IGNORECASE,
)
_FORBIDS = re.compile(
    r"\b(?:(?:is|are|be|may|can|must|should|will)? ?(?:never|not|not ever) (?:be )?(?:billed|reported|allowed|paid|used|appended|coded|bill|report|use|append|permitted|covered|valid|payable|billable)"
    r"|can(?:not|'t|’t) (?:ever )?(?:be )?(?:billed|reported|bill|report|paid|used|use|append|appended)"
    r"|no modifier (?:\w+ )?(?:may|can|opens?|bypass\w*|will|helps)|not allowed|not compliant|prohibited|forbidden|under no circumstances|no longer valid|(?:is|was) deleted"
    r"|(?:above|exceeds?|over|beyond) the limit)\b",
    re.IGNORECASE,
)
_ALWAYS = re.compile(
    r"\b(?:always|in (?:every|any) case|regardless|unconditional\w*|automatic\w*|without (?:a |any |the need for a )?(?:modifier|condition|documentation|restriction)|no (?:modifier|documentation) (?:is )?(?:needed|required|necessary))\b",
    re.IGNORECASE,
)
_DENIES = re.compile(
    r"\b(?:no|not|never|neither|nor|none|cannot|only|without|bundled|included|denied|instead|rather)\b|n['’]t\b|\bpart of\b",
    re.IGNORECASE,
)
_NEGATED = re.compile(r"\b(?:no|not|never|neither|nor|none|cannot)\b|n['’]t\b", re.IGNORECASE)
_CONDITION = re.compile(
    r"\b(?:if|unless|only|when|where|provided|as long as|except|otherwise|same|supports?|separate|different|distinct|another|truly|without a)\b",
    re.IGNORECASE,
)
_NOT_VALID = re.compile(
    r"\b(?:not (?:a )?(?:valid|billable)|invalid|no longer valid|(?:is|was|been) (?:deleted|retired|discontinued))\b",
    re.IGNORECASE,
)
_BUNDLED = re.compile(r"\b(?:is|are) bundled\b|\bis part of\b|\bis an? (?:NCCI |PTP )*edit\b", re.IGNORECASE)
_SENTENCES = re.compile(r"(?<=[.!?;])\s+")
_CLAUSES = re.compile(r"[;,:]\s+|\s+(?:but|however|although|though|yet|while|whereas|and then)\s+", re.IGNORECASE)
_CODE = re.compile(r"(?<![\w.])(?:[A-Z]\d[0-9A-Z]\.[0-9A-Z]{1,4}|\d{4}[0-9FTUM]|[A-Z]\d{4})(?![\w])")
_THE_PAIR = re.compile(
    r"\b(?:both|together|the pair|the edit|this edit|these codes|two codes|two services|them)\b", re.IGNORECASE
)


def contradicted_finding(text: str, findings: Iterable[Finding]) -> Finding | None:
    """Return the first finding whose verdict a sentence of ``text`` denies, or None."""
    decided = [finding for finding in findings if finding.rule in _RULES]
    for sentence in _SENTENCES.split(text):
        for finding in decided:
            if _is_about(sentence, finding, decided) and _denies(sentence, finding):
                return finding
    return None


_RULES = frozenset({"ncci", "modifier", "mue", "validity", "addon"})


def _is_about(sentence: str, finding: Finding, decided: list[Finding]) -> bool:
    words = {word.replace(".", "") for shown in finding.codes for word in shown.split("-")}
    said = set(re.findall(r"[0-9A-Z]{2,7}", sentence.replace(".", "")))
    if words <= said:
        return True
    # "Both may be billed" names no code: it speaks of the pair that was asked about.
    pairs = [other for other in decided if other.rule == "ncci"]
    return (
        finding.rule == "ncci"
        and len(pairs) == 1
        and not _CODE.search(sentence)
        and _THE_PAIR.search(sentence) is not None
    )


def _denies(sentence: str, finding: Finding) -> bool:
    clauses = _CLAUSES.split(sentence)
    allows = any(_ALLOWS.search(clause) and not _DENIES.search(clause) for clause in clauses)
    forbids = _FORBIDS.search(sentence) is not None
    always = _ALWAYS.search(sentence) is not None and not _DENIES.search(_ALWAYS.sub(" ", sentence))
    no_edit = finding.rule == "ncci" and _NO_EDIT.search(sentence) is not None
    conditional = _CONDITION.search(_ALWAYS.sub(" ", sentence)) is not None
    if finding.verdict is Verdict.NO:
        opens = finding.rule == "ncci" and any(
            _OPENS.search(clause) and not _NEGATED.search(clause) for clause in clauses
        )
        return allows or always or no_edit or opens
    if finding.verdict is Verdict.YES_IF:
        return no_edit or always or (allows and not conditional) or (forbids and not conditional)
    if finding.verdict is Verdict.YES:
        # That a code is valid, or has a limit, or that a modifier fits, does not say that a pair may be billed: only the same subject contradicts.
        if finding.rule == "validity":
            return _NOT_VALID.search(sentence) is not None
        return (
            finding.rule in ("ncci", "modifier")
            and (forbids or _BUNDLED.search(sentence) is not None)
            and not conditional
        )
    return no_edit or ((allows or forbids) and finding.rule == "ncci" and not conditional)
