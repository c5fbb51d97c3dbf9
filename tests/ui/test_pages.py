"""The pages in the browser, run without one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

import ui
from assistant.chain import Event, Stepped
from assistant.llm import DraftSentence, ScriptedChat
from assistant.types import Step
from knowledge.errors import ModelError
from knowledge.home import Home
from ui import assembly

APP = Path(ui.__path__[0]) / "app.py"


def opened() -> AppTest:
    """Return the page as a visitor first sees it."""
    return AppTest.from_file(str(APP), default_timeout=30).run()


def asked(question: str) -> AppTest:
    """Return the page after a question."""
    at = opened()
    at.chat_input[0].set_value(question).run()
    assert not at.exception
    return at


def said(at: AppTest) -> str:
    """Return everything the page shows, one element a line."""
    return "\n".join(
        str(element.value) for kind in (at.title, at.markdown, at.caption, at.text, at.warning) for element in kind
    )


def topics(at: AppTest) -> Any:
    """Return the pills of the topics."""
    return at.get("button_group")[0]


def test_without_knowledge_the_page_says_what_to_run() -> None:
    """Nothing loaded is a page, not an error."""
    at = opened()
    assert not at.exception
    assert at.title[0].value == "Nothing is loaded yet"
    assert at.code[0].value == "medcode build"


@pytest.mark.usefixtures("small")
def test_the_first_page_offers_examples_topics_and_what_is_loaded() -> None:
    """Examples are buttons, the seven topics pills; the sidebar names editions, vectors and writer."""
    at = opened()
    assert "Can I bill 45380 with 45385?" in [button.label for button in at.button]
    assert len(topics(at).options) == 7
    text = said(at)
    assert "**NCCI practitioner** 2026 Q1" in text
    assert "the vectors have not been begun" in text
    assert "No model: composed from the sources" in text


@pytest.mark.usefixtures("small")
def test_topics_narrow_the_examples() -> None:
    """With a topic chosen only its examples stay."""
    at = opened()
    topics(at).set_value(["NCCI edits"]).run()
    assert [button.label for button in at.button] == ["Can I bill 45380 with 45385?"]


@pytest.mark.usefixtures("small")
def test_an_answer_shows_verdict_table_sources_and_follow_ups() -> None:
    """The answer contract, drawn; a source opens to its row with edition and checksum."""
    at = asked("Can I bill 45380 with 45385 on 2026-03-31?")
    text = said(at)
    assert ":orange-badge[:material/rule: Yes, if]" in text
    assert "The record must show" in text
    assert list(at.table[0].value["role in the edit"]) == ["column 2, bundled", "column 1, paid"]
    assert any("row 45385/45380" in expander.label for expander in at.expander)
    assert "**SHA-256** c0ffee" in text
    assert any(button.key.startswith("0-next-") for button in at.button if button.key)


@pytest.mark.usefixtures("small")
def test_an_example_and_a_follow_up_are_questions() -> None:
    """Buttons ask; the conversation grows."""
    at = opened()
    next(button for button in at.button if button.label == "Can I bill 45380 with 45385?").click().run()
    assert len(at.chat_message) == 2
    next(button for button in at.button if button.key == "0-next-0").click().run()
    assert len(at.chat_message) == 4
    assert not at.exception


@pytest.mark.usefixtures("small")
def test_a_new_conversation_forgets_the_old_one() -> None:
    """The button empties the page."""
    at = asked("Can I bill 45380 with 45385?")
    next(button for button in at.button if button.label == "New conversation").click().run()
    assert len(at.chat_message) == 0


@pytest.mark.usefixtures("small")
def test_only_redacted_text_is_kept() -> None:
    """After the answer the conversation holds no identifier, and the page says how many were hidden."""
    at = asked("Jane Roe: can I bill 45380 with 45385?")
    kept = at.session_state["conversation"]
    assert "Jane Roe" not in repr(kept.exchanges)
    assert "[PERSON_1]" in kept.exchanges[0].answer.question
    assert kept.hidden == 1
    assert "1 identifier hidden in this conversation" in said(at)


@pytest.mark.usefixtures("small")
def test_markup_in_a_question_is_text() -> None:
    """A script, an image and a formula are shown as they were typed."""
    question = "<script>alert(1)</script> ![x](http://example.org/x.png) $x$ 45385"
    at = asked(question)
    assert question in [element.value for element in at.text]
    assert not any("<script>" in element.value for element in at.markdown)


class _Broken:
    """An assistant that fails in the middle of a stream."""

    def __init__(self, failure: Exception) -> None:
        self._failure = failure

    def stream(self, text: str, **_: Any) -> Iterator[Event]:
        """Yield one step, then fail."""
        yield Stepped(Step("read", "lookup: no code named", 1.0))
        raise self._failure


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(
    ("failure", "notice"),
    [
        (ModelError("the model did not answer: check its address"), "check its address"),
        (ValueError("Jane Roe"), "Something in the program failed"),
    ],
)
def test_a_failure_in_the_stream_is_a_plain_notice(
    failure: Exception, notice: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """No traceback on the page, nothing of the question in the log, nothing kept."""
    monkeypatch.setattr(assembly, "build_assistant", lambda *_, **__: _Broken(failure))
    at = asked("Jane Roe and 45385")
    assert notice in at.warning[0].value
    assert "Jane Roe" not in at.warning[0].value
    assert "Jane Roe" not in caplog.text
    assert at.session_state["conversation"].exchanges == []


def _code_script() -> None:
    import streamlit as st

    from ui.pages.navigation import chat_page, codes_page, data_page

    page = st.navigation([codes_page(), chat_page(), data_page()], position="top")
    del page
    from ui.pages import codes

    codes.show()


def _data_script() -> None:
    from ui.pages import data

    data.show()


def code_page_of(code: str) -> AppTest:
    """Return the page of a code."""
    at = AppTest.from_function(_code_script, default_timeout=30)
    at.query_params["code"] = code
    at.run()
    assert not at.exception
    return at


@pytest.mark.usefixtures("small")
def test_the_code_page_shows_what_lookup_shows() -> None:
    """Title, figures, card, tabs and edits of the code in the address."""
    at = code_page_of("45385")
    assert at.title[0].value == "CPT 45385"
    assert ("Global days", "000") in [(metric.label, metric.value) for metric in at.metric]
    assert [tab.label for tab in at.tabs] == [
        "In plain words",
        "Payment",
        "Modifiers",
        "NCCI edits",
        "Facility",
        "Dates",
        "Cards",
    ]
    assert "A wire loop takes a growth off." in said(at)
    at.text_input(key="partners-words").set_value("extensive").run()
    assert "1 of 1 that hold “extensive”" in said(at)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("text", ["45386", "<b>no</b>", "ZZ"])
def test_an_unknown_code_gets_a_page_too(text: str) -> None:
    """What was typed is shown as text; near codes are offered."""
    at = code_page_of(text)
    assert at.subheader[0].value == "In no loaded table"
    assert text in [element.value for element in at.text]


def test_the_data_page_lists_editions_and_folder(small: Home) -> None:
    """Every edition, and where it is kept."""
    at = AppTest.from_function(_data_script, default_timeout=30).run()
    assert not at.exception
    assert "NCCI PTP practitioner" in list(at.dataframe[0].value["title"])
    assert at.code[0].value == str(small.root)


@pytest.mark.usefixtures("small")
def test_a_model_phrases_and_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The model's supported sentence stands in the answer, under its name; what it invented does not."""
    sentences: list[DraftSentence | str] = [
        DraftSentence(text="The pair 45385 and 45380 is an edit that a modifier can open.", evidence=["R1"]),
        DraftSentence(text="It pays 987 dollars with 99999.", evidence=["R1"]),
    ]
    monkeypatch.setattr(assembly, "configured_model", lambda: ScriptedChat([sentences], name="invented-model"))
    at = asked("Can I bill 45380 with 45385 on 2026-03-31?")
    text = said(at)
    assert "is an edit that a modifier can open. :gray[" in text
    assert not any("987" in element.value for element in at.markdown)
    assert "Phrased by invented-model" in text and "Model: invented-model, phrases only" in text


@pytest.mark.usefixtures("small")
def test_a_model_that_fails_leaves_a_composed_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer is there all the same, and says why it was composed."""
    monkeypatch.setattr(
        assembly,
        "configured_model",
        lambda: ScriptedChat([ModelError("the model did not answer")], name="invented-model"),
    )
    text = said(asked("Can I bill 45380 with 45385 on 2026-03-31?"))
    assert "Written by the composer: the model did not answer" in text
    assert ":orange-badge[:material/rule: Yes, if]" in text
