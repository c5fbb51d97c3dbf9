"""The page of what is loaded: every edition with its dates, rows, licence and checksum."""

from __future__ import annotations

from datetime import date

import streamlit as st

from ui.inventory import editions_table, size_of, vectors_line
from ui.pages.session import knowledge

__all__ = ["show"]


def show() -> None:
    """Draw the table of editions and where everything is kept."""
    st.set_page_config(layout="wide")
    base = knowledge()
    st.title("What is loaded", anchor=False)
    st.write(
        "An answer is as current as the edition it was read from. A partial edition never proves that something is absent."
    )
    table = editions_table(base.reference.editions, date.today())
    rows = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
    st.dataframe(
        rows,
        hide_index=True,
        height="content",
        alt="Loaded editions: table, title, edition, publisher, dates, rows, age, licence, checksum",
    )
    progress = base.vectors_progress
    if progress and not base.vectors_ready:
        st.progress(min(progress.share, 1.0))
    st.caption(vectors_line(progress, base.vectors_ready))
    st.markdown("**Where it is kept**")
    st.code(str(base.home.root), language=None)
    st.caption(
        f"{size_of(base.home.root) / 1e6:,.0f} MB. Set MEDCODE_HOME to another folder to move it; `medcode build` refreshes it."
    )
