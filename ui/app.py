"""The page in the browser: what Streamlit runs for every visit and every click."""

from __future__ import annotations

import streamlit as st

from ui.pages import sidebar
from ui.pages.navigation import chat_page, codes_page, data_page

_ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#0f6b6b"/>'
    '<path d="M8 10h9M8 16h6M8 22h5M16 20l3.5 3.5L26 15" fill="none" stroke="#fff" stroke-width="2.6" stroke-linecap="round" stroke-linejoin="round"/></svg>'
)
"""Drawn here because Streamlit would fetch an icon of its own set from outside."""


def main() -> None:
    """Draw the page that the address asks for."""
    st.set_page_config(
        page_title="Medical coding assistant", page_icon=_ICON, layout="centered", initial_sidebar_state="auto"
    )
    page = st.navigation([chat_page(), codes_page(), data_page()], position="top")
    chat = page.url_path == ""
    with st.sidebar:
        sidebar.show(chat=chat)
    page.run()
    if chat:
        with st.sidebar:
            sidebar.show_conversation()


main()
