"""The sidebar: the frame of the question, what is loaded and how old it is, which model writes, what was hidden."""

from __future__ import annotations

from datetime import date

import streamlit as st

from knowledge.codes import CodeSystem
from knowledge.knowledge_base import KnowledgeBase
from knowledge.passages import Topic
from knowledge.records import Edition, Setting
from ui import assembly
from ui.inventory import age, vectors_line
from ui.pages.navigation import data_page
from ui.pages.session import conversation, knowledge, start_anew, warm_beside
from ui.views import SETTING_NAMES, TOPIC_NAMES, cell

__all__ = ["asked_frame", "show", "show_conversation"]


def show(*, chat: bool) -> None:
    """Draw the sidebar; the frame of the question only beside the chat."""
    if chat:
        _frame()
    _loaded(knowledge())


def show_conversation() -> None:
    """Draw which model writes, what was hidden, and the way to begin anew; called after the page, so that it knows the newest answer."""
    _writer()
    if conversation().exchanges:
        st.button("New conversation", icon=":material/restart_alt:", on_click=start_anew, width="stretch")


def asked_frame() -> tuple[date | None, Setting | None, tuple[Topic, ...]]:
    """Return date of service, setting and topics as chosen; None where the question itself may say."""
    chosen: Setting = st.session_state.get("setting", Setting.PRACTITIONER)
    setting = None if chosen is Setting.PRACTITIONER else chosen
    return st.session_state.get("dos"), setting, tuple(st.session_state.get("topics") or ())


def _frame() -> None:
    st.date_input(
        "Date of service", value=None, format="YYYY-MM-DD", min_value=date(1990, 1, 1), max_value=date(2100, 1, 1), key="dos",
        help="Codes, edits and limits change every quarter. Without a date, today counts, unless the question names one.",
    )  # fmt: skip
    st.radio(
        "Setting", list(Setting), key="setting", format_func=lambda one: SETTING_NAMES[one],
        help="NCCI publishes its own tables for each. A setting named in the question counts while Practitioner is chosen.",
    )  # fmt: skip
    st.pills(
        "Topics", list(Topic), selection_mode="multi", key="topics", format_func=lambda one: TOPIC_NAMES[one],
        help="Search the cards of these topics only. None chosen: all.",
    )  # fmt: skip
    st.divider()


def _loaded(base: KnowledgeBase) -> None:
    st.markdown("**What is loaded**")
    today = date.today()
    st.caption("  \n".join(_headline(name, edition, today) for name, edition in _headlines(base)) or "Nothing.")
    _vectors(base)
    st.page_link(data_page(), label="All tables, dates and checksums", icon=":material/database:")


def _headline(name: str, edition: Edition, today: date) -> str:
    old = age(edition, today)
    return f"**{name}** {cell(edition.label)}, {f':orange[{old}]' if old.startswith('ended') else old}"


def _headlines(base: KnowledgeBase) -> list[tuple[str, Edition]]:
    """Return the newest edition of the tables people ask about, so that its age is in sight."""
    reference = base.reference
    wanted = (
        ("ICD-10-CM", reference.editions_of("code", system=CodeSystem.ICD10CM)),
        ("NCCI practitioner", reference.editions_of("ptp", Setting.PRACTITIONER)),
        ("NCCI outpatient", reference.editions_of("ptp", Setting.OUTPATIENT_HOSPITAL)),
        ("MUE practitioner", reference.editions_of("mue", Setting.PRACTITIONER)),
        ("Fee schedule", reference.editions_of("fee")),
        ("OPPS status", reference.editions_of("opps")),
    )
    return [(name, editions[0]) for name, editions in wanted if editions]


def _vectors(base: KnowledgeBase) -> None:
    if base.vectors_ready:
        st.caption(vectors_line(base.vectors_progress, True))
        return
    # Only while there is something to watch does the page ask again by itself.
    st.fragment(_filling, run_every=3)(base)


def _filling(base: KnowledgeBase) -> None:
    progress, ready = base.vectors_progress, base.vectors_ready
    if ready:
        warm_beside(base)
        st.rerun(scope="app")
    if progress:
        st.progress(min(progress.share, 1.0))
    st.caption(vectors_line(progress, ready))


def _writer() -> None:
    model = assembly.configured_model()
    hidden = conversation().hidden
    st.caption(f"Model: {cell(model.name)}, phrases only" if model else "No model: composed from the sources")
    if hidden:
        st.caption(f"{hidden} identifier{'s' if hidden != 1 else ''} hidden in this conversation")
