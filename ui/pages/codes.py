"""The page of one code or modifier: ``/code?code=45385``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import streamlit as st

from knowledge.codes import Code, CodeSystem
from knowledge.errors import InvalidCode
from knowledge.licensed import LicensedText
from knowledge.records import Setting
from knowledge.reference import ReferenceStore
from ui.code_page import CodePage, Section, code_page, find_code, modifier_page, partners, similar_codes
from ui.pages.answers import show_table
from ui.pages.navigation import code_chips, codes_page
from ui.pages.session import knowledge
from ui.views import SETTING_NAMES, cell, prose

__all__ = ["show"]

_CARD = "In plain words"
_TABS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Wording", ("licensed",)),
    ("Tabular list", ("hierarchy", "notes")),
    ("Characters", ("axes",)),
    ("Payment", ("indicators", "units", "categories")),
    ("Modifiers", ("modifiers", "flags")),
    ("NCCI edits", ("partners",)),
    ("Facility", ("opps", "asc")),
    ("Add-on", ("addon",)),
    ("Groups", ("groups", "drg", "mapping")),
    ("Dates", ("history",)),
    ("Cards", ("related",)),
)
"""Tabs, and the sections of a page that stand in each."""
_LINKED = ("hierarchy", "addon")
_MOST_PARTNERS = 50


def show() -> None:
    """Draw the page of the code in the address, or of the one typed."""
    reference = knowledge().reference
    wanted = st.query_params.get("code", "")
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    typed = left.text_input("Code or modifier", value=wanted, placeholder="99213, E11.22, G0439, 59", max_chars=12)
    day = right.date_input(
        "Date of service",
        value="today",
        format="YYYY-MM-DD",
        min_value=date(1990, 1, 1),
        max_value=date(2100, 1, 1),
        key="code-day",
    )
    if typed.strip() != wanted:
        st.query_params["code"] = typed.strip()
    if not typed.strip():
        st.caption("Type a code to see everything the loaded tables and cards say of it.")
        return
    assert isinstance(day, date)
    page, code = _page(typed.strip(), reference, day)
    if page is None:
        _unknown(typed.strip(), reference, day)
        return
    _draw(page, code, reference, day)


def _page(text: str, reference: ReferenceStore, day: date) -> tuple[CodePage | None, Code | None]:
    if len(text) == 2:
        return modifier_page(text, reference, day), None
    try:
        code = find_code(text, reference, day)
    except InvalidCode:
        return None, None
    return (code_page(code, reference, day, LicensedText(knowledge().home)), code) if code else (None, None)


def _unknown(text: str, reference: ReferenceStore, day: date) -> None:
    st.subheader("In no loaded table", anchor=False)
    st.text(text)
    near = similar_codes(text, reference, day) if len(text) > 2 else ()
    if near:
        st.write("One slip of the finger away:")
        for value, title in near:
            st.page_link(
                codes_page(), label=f"{cell(value)}: {cell(title)}", icon=":material/tag:", query_params={"code": value}
            )
    else:
        st.caption("Check the spelling. A code that is newer than the loaded editions is not found either: see Data.")


def _draw(page: CodePage, code: Code | None, reference: ReferenceStore, day: date) -> None:
    st.title(f"{page.system[:1].upper()}{page.system[1:]} {page.subject}", anchor=False)
    st.markdown(f"#### {cell(page.title)}", anchors=False)
    if page.title_note:
        st.caption(prose(page.title_note))
    if page.glance:
        with st.container(horizontal=True, gap="medium"):
            for name, value, meaning in page.glance:
                st.metric(name, cell(value), help=prose(meaning) or None, width="content")
    _tabs(page, code, reference, day)


def _tabs(page: CodePage, code: Code | None, reference: ReferenceStore, day: date) -> None:
    procedure = code is not None and code.system in (CodeSystem.CPT, CodeSystem.HCPCS)
    cards = [section for section in page.sections if section.name.startswith("card: ")]
    filled = [(_CARD, cards)] if cards else []
    filled += [
        (title, [section for section in page.sections if section.name in names])
        for title, names in _TABS
        if any(section.name in names for section in page.sections) or (procedure and names == ("partners",))
    ]
    if not filled:
        return
    for tab, (title, sections) in zip(st.tabs([title for title, _ in filled]), filled, strict=True):
        with tab:
            if title == _CARD:
                _card(sections)
                continue
            for section in sections:
                _section(section, page.subject)
            if title == "NCCI edits" and code is not None:
                _partners(code, reference, day)


def _card(sections: Sequence[Section]) -> None:
    for section in sections:
        heading = "" if section.heading == _CARD else f"**{prose(section.heading)}**\n\n"
        st.markdown(f"{heading}{section.text}")
    st.caption(f"Source: {prose('; '.join(sections[0].sources))}")


def _section(section: Section, subject: str) -> None:
    st.markdown(f"**{prose(section.heading)}**")
    if section.table:
        show_table(section.table)
        if section.name in _LINKED:
            place = section.table.columns.index("code")
            codes = [
                row[place]
                for row in section.table.rows
                if not {"chapter", "block"} & {*row} and row[place].isalnum() | ("." in row[place])
            ]
            code_chips([code for code in dict.fromkeys(codes) if code != subject][:16], "Open")
    if section.text:
        st.markdown(section.text)
    small = [section.note, f"Source: {'; '.join(section.sources)}" if section.sources else ""]
    st.caption("  \n".join(prose(line) for line in small if line))


def _partners(code: Code, reference: ReferenceStore, day: date) -> None:
    loaded = [setting for setting in Setting if reference.editions_of("ptp", setting)] or [Setting.PRACTITIONER]
    left, right = st.columns([2, 3], vertical_alignment="bottom")
    setting = left.selectbox("Setting", loaded, format_func=lambda one: SETTING_NAMES[one], key="partners-setting")
    words = right.text_input(
        "Column 2 code or rationale", placeholder="45380, or anesthesia", max_chars=60, key="partners-words"
    )
    section = partners(code, setting, reference, day, words, _MOST_PARTNERS)
    _section(section, code.shown)
