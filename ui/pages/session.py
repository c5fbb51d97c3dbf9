"""What a visit keeps: the conversation (redacted text only) and the knowledge, which all visits share."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from assistant.phi import Vault
from assistant.types import Answer, Turn
from knowledge.errors import KnowledgeMissing
from knowledge.home import Home
from ui import assembly

if TYPE_CHECKING:
    from assistant.chain import Assistant
    from knowledge.knowledge_base import KnowledgeBase

__all__ = ["Conversation", "Exchange", "conversation", "knowledge", "open_assistant", "start_anew", "warm_beside"]


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question and its answer. Both hold redacted text only."""

    answer: Answer
    turn: Turn


@dataclass(slots=True)
class Conversation:
    """One conversation: what was said, and the placeholders that stand for what was hidden."""

    vault: Vault = field(default_factory=Vault)
    exchanges: list[Exchange] = field(default_factory=list)

    @property
    def turns(self) -> tuple[Turn, ...]:
        """The turns so far, oldest first."""
        return tuple(exchange.turn for exchange in self.exchanges)

    @property
    def hidden(self) -> int:
        """Identifiers hidden so far."""
        return sum(exchange.answer.hidden for exchange in self.exchanges)


def conversation() -> Conversation:
    """Return this visit's conversation."""
    if "conversation" not in st.session_state:
        st.session_state["conversation"] = Conversation()
    kept: Conversation = st.session_state["conversation"]
    return kept


def start_anew() -> None:
    """Forget the conversation and its placeholders."""
    st.session_state["conversation"] = Conversation()


def knowledge() -> KnowledgeBase:
    """Return the knowledge in use, opened once for all visits and again after a build; stop the page with a word when there is none."""
    home = Home.default()
    try:
        return _opened(str(home.root), home.current.name)
    except KnowledgeMissing as missing:
        st.title("Nothing is loaded yet")
        st.write("The tables and cards have not been built on this machine. In a terminal:")
        st.code("medcode build", language="bash")
        st.caption(str(missing))
        st.stop()


@st.cache_resource(show_spinner="Opening the tables", max_entries=2)
def _opened(root: str, reference: str) -> KnowledgeBase:
    opened = assembly.open_knowledge(Home(Path(root)))
    warm_beside(opened)
    return opened


def warm_beside(base: KnowledgeBase) -> None:
    """Load what the first question needs while the visitor reads the page."""
    threading.Thread(target=assembly.warm, args=(base,), name="warm", daemon=True).start()


def open_assistant() -> Assistant:
    """Return the assistant for this visit's conversation."""
    return assembly.build_assistant(knowledge(), vault=conversation().vault, model=assembly.configured_model())
