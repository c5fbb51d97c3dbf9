"""The page in the browser: what Streamlit runs for every visit and every click."""

from __future__ import annotations

import streamlit as st

from ui.pages import sidebar
from ui.pages.navigation import chat_page, codes_page, data_page


def main() -> None:
    """Draw the page that the address asks for."""
    st.set_page_config(page_title="Medical coding assistant", page_icon=":material/fact_check:", layout="centered", initial_sidebar_state="auto")
    page = st.navigation([chat_page(), codes_page(), data_page()], position="top")
    with st.sidebar:
        sidebar.show(chat=page.url_path == "")
    page.run()


main()
