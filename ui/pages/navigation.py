"""The pages, and the links between them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from streamlit.navigation.page import StreamlitPage

__all__ = ["chat_page", "code_chips", "codes_page", "data_page"]


def chat_page() -> StreamlitPage:
    """Return the conversation."""
    from ui.pages import chat

    return st.Page(chat.show, title="Ask", icon=":material/forum:", url_path="ask", default=True)


def codes_page() -> StreamlitPage:
    """Return the page of one code."""
    from ui.pages import codes

    return st.Page(codes.show, title="Codes", icon=":material/tag:", url_path="code")


def data_page() -> StreamlitPage:
    """Return the page of what is loaded."""
    from ui.pages import data

    return st.Page(data.show, title="Data", icon=":material/database:", url_path="data")


def code_chips(codes: Sequence[str], label: str = "") -> None:
    """Draw a link to the code page for each of ``codes``, in one row that wraps."""
    if not codes:
        return
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        if label:
            st.caption(label, width="content")
        for code in codes:
            st.page_link(
                codes_page(),
                label=code,
                icon=":material/tag:",
                query_params={"code": code},
                help=f"Everything loaded about {code}",
            )
