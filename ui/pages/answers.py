"""Drawing one answer in the browser."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import streamlit as st

from assistant.types import Answer, Source, Step, Table, Turn, Verdict
from knowledge.passages import DocumentKind, Passage
from ui.pages.navigation import code_chips
from ui.views import (
    VERDICT_WORDS,
    cell,
    explanation_markdown,
    frame_line,
    passage_facts,
    payers_markdown,
    prose,
    row_facts,
    source_facts,
    source_label,
    source_text,
    step_line,
    writer_line,
)

__all__ = ["show_answer", "show_facts", "show_steps", "show_table"]

_BADGES = {
    Verdict.YES: (":material/check_circle:", "green"),
    Verdict.NO: (":material/cancel:", "red"),
    Verdict.YES_IF: (":material/rule:", "orange"),
    Verdict.NO_DATA: (":material/help:", "gray"),
}
_MOST_CHIPS = 8
_SHORT_LEAD = 120


def show_answer(answer: Answer, turn: Turn, *, follow_up: Callable[[str], None] | None = None, key: str = "") -> None:
    """Draw ``answer``: verdict, table, explanation, what the record must show, payers, sources, notices, and what to ask next."""
    if answer.verdict is not None:
        icon, colour = _BADGES[answer.verdict]
        st.badge(VERDICT_WORDS[answer.verdict], icon=icon, color=colour)  # type: ignore[arg-type]
    # A short verdict is a heading; a long one would shout.
    level = "####" if len(answer.lead) <= _SHORT_LEAD else "#####"
    st.markdown(f"{level} {prose(answer.lead)} {_marks(answer.lead_sources)}".rstrip(), anchors=False)
    st.caption(frame_line(answer))
    if answer.table:
        show_table(answer.table)
    if answer.explanation:
        st.markdown(explanation_markdown(answer, _marks))
    if answer.must_show:
        with st.container(border=True):
            st.markdown("**The record must show**\n\n" + "\n".join(f"- {prose(item)}" for item in answer.must_show))
    if answer.payers:
        st.markdown(f"**Where payers differ**\n\n{payers_markdown(answer, _marks)}")
    for notice in answer.notices:
        st.caption(f":material/info: {prose(notice)}")
    if answer.sources:
        with st.container(gap=None):
            st.markdown("**Sources**")
            for source in answer.sources:
                _show_source(source)
    code_chips(_codes(turn), "Codes")
    st.caption(f"{writer_line(answer)}.")
    if follow_up and answer.follow_ups:
        with st.container(horizontal=True, gap="small"):
            for place, question in enumerate(answer.follow_ups):
                st.button(
                    cell(question),
                    key=f"{key}-next-{place}",
                    icon=":material/subdirectory_arrow_right:",
                    on_click=follow_up,
                    args=(question,),
                )


def show_steps(steps: Iterable[Step]) -> None:
    """Draw the steps of the chain that have ended."""
    for step in steps:
        st.caption(prose(step_line(step)))


def show_table(table: Table) -> None:
    """Draw a table; every cell is text, never markup."""
    st.table(
        [dict(zip(table.columns, map(cell, row), strict=True)) for row in table.rows],
        border="horizontal",
        hide_index=True,
    )


def show_facts(facts: Iterable[tuple[str, str]]) -> None:
    """Draw names and values as lines of small print."""
    st.caption("  \n".join(f"**{cell(name)}** {cell(value)}" for name, value in facts))


def _show_source(source: Source) -> None:
    evidence = source.evidence
    with st.expander(cell(source_label(source)), type="compact"):
        if isinstance(evidence, Passage):
            st.markdown(f"**{prose(evidence.heading)}**\n\n{prose(evidence.text)}")
            show_facts(passage_facts(evidence))
            return
        if row_facts(evidence):
            show_table(Table(("column", "value"), row_facts(evidence)))
        else:
            st.markdown(source_text(evidence))
        show_facts(source_facts(evidence.edition, evidence.standing))


def _marks(numbers: Iterable[int]) -> str:
    return " ".join(f":gray[\\[{number}\\]]" for number in numbers)


def _codes(turn: Turn) -> tuple[str, ...]:
    """Return the codes of the question, then those that the cited code cards are about."""
    asked = [mention.code.shown for mention in turn.mentions.codes if mention.known]
    cards = {p.document.id: p.document for p in turn.passages if p.document.kind is DocumentKind.CODE_CARD}
    beside = [code for document in cards.values() for code in document.codes[:2]]
    return tuple(dict.fromkeys([*asked, *beside]))[:_MOST_CHIPS]
