"""Completing a follow-up from the conversation, so that the chain always works on a question that stands alone."""

from __future__ import annotations

import re
from dataclasses import replace

from assistant.types import MentionedCode, Turn

__all__ = ["complete_follow_up"]

_LEANS_BACK = re.compile(
    r"^\s*(?:and|but|so|also|then|what about|how about|what if|is it|is that|does it|does that|can i|do i|why|which one|same|with|without|in the)\b"
    r"|\b(?:it|its|that|this|those|these|them|they|both|the (?:same|pair|code|codes|first|second|other))\b",
    re.IGNORECASE,
)


def complete_follow_up(turn: Turn) -> Turn:
    """Return the turn with the codes, date and setting that a follow-up leaves unsaid, taken from the turn before.

    A question that names its own codes, or does not lean on anything said before, is left as it is.
    """
    if not turn.history:
        return replace(turn, standalone=turn.redacted)
    before = turn.history[-1]
    question = turn.question
    if before.question.on_was_given and not question.on_was_given:
        question = replace(question, on=before.question.on, on_was_given=True)
    if before.question.setting_was_given and not question.setting_was_given:
        question = replace(question, setting=before.question.setting, setting_was_given=True)
    completed = replace(turn, question=question, standalone=turn.redacted)
    if turn.mentions.codes or not before.mentions.codes or not _LEANS_BACK.search(turn.question.text):
        return completed
    carried = _carried(before.mentions.codes, turn.mentions.modifiers)
    mentions = replace(turn.mentions, codes=carried)
    named = ", ".join(mention.code.shown for mention in carried)
    return replace(completed, mentions=mentions, standalone=f"{turn.redacted} (about {named})")


def _carried(codes: tuple[MentionedCode, ...], modifiers: tuple[str, ...]) -> tuple[MentionedCode, ...]:
    # New modifiers replace the old ones: "and with modifier 25?" asks about the codes afresh.
    return tuple(replace(code, modifiers=() if modifiers else code.modifiers, start=0, end=0) for code in codes)
