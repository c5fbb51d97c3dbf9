"""The conversation: a question in plain words, the steps while they run, the answer with everything it rests on."""

from __future__ import annotations

import logging
import traceback

import streamlit as st

from assistant.chain import LONGEST_QUESTION, Done, Stepped, Wrote
from assistant.types import Answer, Sentence, Step
from knowledge.errors import MedcodeError
from knowledge.passages import Topic
from ui.pages.answers import show_answer, show_steps
from ui.pages.session import Exchange, conversation, open_assistant
from ui.pages.sidebar import asked_frame
from ui.views import STEP_NAMES, prose

__all__ = ["EXAMPLES", "show"]

EXAMPLES: tuple[tuple[str, Topic], ...] = (
    ("What is CPT code 99213?", Topic.CODES),
    ("Can I bill 45380 with 45385?", Topic.NCCI),
    ("Guidelines for E/M services", Topic.GUIDELINES),
    ("Modifier 25 or 57?", Topic.MODIFIERS),
    ("What is E11.22?", Topic.CODES),
    ("Crosswalk of 0620T to its APC", Topic.CROSSWALKS),
    ("Is 99213 with modifier 50 compliant?", Topic.COMPLIANCE),
    ("How do I find out whether Medicare covers a procedure?", Topic.COVERAGE),
)
"""Questions to begin with, in the users' own words."""


def show() -> None:
    """Draw the conversation and answer what was asked."""
    talk = conversation()
    question: str | None = st.session_state.pop("pending", None)
    begun = bool(talk.exchanges or question)
    if not begun:
        _welcome()
    said = st.container()
    # In the flow of the page and not pinned to its foot: a pinned input scrolls every new answer to its end, away from the verdict.
    with st.container():
        st.chat_input(
            "Ask about a code, a modifier, an edit, units or a rule",
            max_chars=LONGEST_QUESTION,
            key="typed",
            on_submit=_ask_typed,
        )
    if not begun:
        _examples()
    with said:
        for number, exchange in enumerate(talk.exchanges):
            _draw(exchange, number, newest=number == len(talk.exchanges) - 1 and not question)
        if question:
            _answer(question)


def _draw(exchange: Exchange, number: int, *, newest: bool) -> None:
    with st.chat_message("user", avatar=":material/person:"):
        # What was hidden is put back on the user's own screen only; kept is the redacted text.
        st.text(conversation().vault.restore(exchange.answer.question))
    with st.chat_message("assistant", avatar=":material/fact_check:"):
        with st.status(_spent(exchange.answer), state="complete", type="compact"):
            show_steps(exchange.answer.trace)
        show_answer(exchange.answer, exchange.turn, follow_up=_ask_next if newest else None, key=str(number))


def _welcome() -> None:
    st.title("Medical coding, with its sources", anchor=False)
    st.write(
        "Ask in plain words. Every code, number and verdict is read from a dated table row or card that you can open."
    )


def _examples() -> None:
    _, _, topics = asked_frame()
    with st.container(horizontal=True, gap="small"):
        for place, (example, topic) in enumerate(EXAMPLES):
            if not topics or topic in topics:
                st.button(example, key=f"example-{place}", on_click=_ask_next, args=(example,))
    st.caption("Identifiers of patients are hidden on this machine before anything is searched. Still, leave them out.")


def _ask_typed() -> None:
    _ask_next(st.session_state["typed"])


def _ask_next(question: str) -> None:
    st.session_state["pending"] = question


def _answer(question: str) -> None:
    """Answer ``question``, showing each step as it ends; whatever goes wrong becomes a plain notice."""
    talk = conversation()
    day, setting, topics = asked_frame()
    with st.chat_message("user", avatar=":material/person:"):
        st.text(question)
    with st.chat_message("assistant", avatar=":material/fact_check:"):
        status = st.status("Reading the question", expanded=True, type="compact")
        writing = st.empty()
        steps: list[Step] = []
        sentences: list[Sentence] = []
        done: Done | None = None
        try:
            for event in open_assistant().stream(question, on=day, setting=setting, topics=topics, history=talk.turns):
                if isinstance(event, Stepped):
                    steps.append(event.step)
                    status.update(label=f"{STEP_NAMES.get(event.step.name, event.step.name)}: done")
                    with status:
                        show_steps((event.step,))
                elif isinstance(event, Wrote):
                    sentences.append(event.sentence)
                    writing.markdown("\n\n".join(prose(sentence.text) for sentence in sentences))
                else:
                    done = event
        except MedcodeError as error:
            status.update(label="Not answered", state="error", expanded=False)
            st.warning(prose(str(error)))
            return
        except Exception as bug:
            # Message and values may quote the question, so only the kind and the place are written down.
            place = traceback.extract_tb(bug.__traceback__)[-1]
            logging.getLogger("medcode").error(
                "a question failed: %s in %s, line %s", type(bug).__name__, place.filename, place.lineno
            )
            status.update(label="Not answered", state="error", expanded=False)
            st.warning(
                "Something in the program failed, so there is no answer. Nothing was kept. Ask again, or ask it another way."
            )
            return
        writing.empty()
        assert done is not None
        talk.exchanges.append(Exchange(done.answer, done.turn))
        status.update(label=_spent(done.answer), state="complete", expanded=False)
        show_answer(done.answer, done.turn, follow_up=_ask_next, key=str(len(talk.exchanges) - 1))


def _spent(answer: Answer) -> str:
    total = sum(step.milliseconds for step in answer.trace)
    return (
        f"{len(answer.trace)} steps, {total / 1000:.1f} s"
        if total >= 1000
        else f"{len(answer.trace)} steps, {total:.0f} ms"
    )
