"""The model client: settings from the environment, streamed sentences, and one clear error for everything that can go wrong."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from assistant.llm import DraftSentence, ModelSettings, OpenAIChat, ScriptedChat
from assistant.prompt import Prompt
from knowledge.errors import ModelError

PROMPT = Prompt("system", "human", {}, {"title": "explanation", "type": "object", "properties": {}}, 0, ())
REPLY = {
    "sentences": [
        {"text": "One.", "evidence": ["R1"], "codes": []},
        {"text": "Two, “quoted”.", "evidence": ["P2"], "codes": ["45385"]},
    ],
    "follow_ups": ["And then?"],
}


@contextmanager
def server(
    pieces: list[str], *, status: int = 200, finish: bool = True, seen: list[dict[str, Any]] | None = None
) -> Iterator[str]:
    """Serve one OpenAI-style event stream that gives ``pieces``, on loopback; the address is yielded."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if seen is not None:
                seen.append(body)
            self.send_response(status)
            self.send_header("Content-Type", "text/event-stream" if status == 200 else "application/json")
            self.end_headers()
            if status != 200:
                self.wfile.write(b'{"error": {"message": "the key sk-secret is wrong"}}')
                return
            # As OpenAI does: the role stands in the first piece alone.
            for delta in ({"role": "assistant", "content": ""}, *({"content": piece} for piece in pieces)):
                self._event({"choices": [{"index": 0, "delta": delta, "finish_reason": None}]})
            if finish:
                self._event({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
                self._event({"choices": [], "usage": {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}})
                self.wfile.write(b"data: [DONE]\n\n")

        def _event(self, part: dict[str, Any]) -> None:
            event = {"id": "x", "object": "chat.completion.chunk", "created": 0, "model": "served", **part}
            self.wfile.write(f"data: {json.dumps(event)}\n\n".encode())
            self.wfile.flush()

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    served = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=served.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{served.server_port}/v1"
    finally:
        served.shutdown()
        served.server_close()
        thread.join()


def chat(address: str) -> OpenAIChat:
    """Return a client of the served model."""
    return OpenAIChat(ModelSettings("served", address, "invented-key"))


def in_pieces(text: str, size: int = 9) -> list[str]:
    """Cut ``text`` as a stream would."""
    return [text[start : start + size] for start in range(0, len(text), size)]


def test_without_key_and_address_there_is_no_model() -> None:
    """Nothing configured means that the composer writes."""
    assert ModelSettings.from_environment() is None


def test_settings_come_from_the_environment_when_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Key, address and name are read at the moment of asking; an address alone is enough."""
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:1/v1")
    monkeypatch.setenv("MEDCODE_MODEL", "small")
    settings = ModelSettings.from_environment()
    assert settings is not None
    assert (settings.name, settings.base_url, settings.key) == ("small", "http://127.0.0.1:1/v1", "not-needed")


def test_a_key_is_never_shown() -> None:
    """The key is in no representation of the settings or the client."""
    assert "sk-hidden" not in repr(OpenAIChat(ModelSettings("m", None, "sk-hidden")))


def test_sentences_come_as_they_are_finished_then_the_questions() -> None:
    """A reply in pieces gives every sentence once, in order, and the follow-ups last."""
    with server(in_pieces(json.dumps(REPLY))) as address:
        model = chat(address)
        given = list(model.draft(PROMPT))
    assert [item.text for item in given if isinstance(item, DraftSentence)] == ["One.", "Two, “quoted”."]
    assert given[-1] == "And then?"
    assert (model.usage["input_tokens"], model.usage["output_tokens"]) == (11, 7)


def test_the_request_carries_the_schema_and_asks_for_a_stream() -> None:
    """The reply's schema is sent as strict JSON schema, with system and human text as given."""
    seen: list[dict[str, Any]] = []
    with server(in_pieces(json.dumps(REPLY)), seen=seen) as address:
        list(chat(address).draft(PROMPT))
    [body] = seen
    assert body["stream"] is True
    assert body["response_format"]["json_schema"]["strict"] is True
    assert [message["content"] for message in body["messages"]] == ["system", "human"]


BROKEN = {
    "broken off in a sentence": in_pieces(json.dumps(REPLY)[:60]),
    "no JSON": ["I think ", "you should bill both."],
    "a list": ["[1, 2]"],
    "nothing": [],
    "another form": [json.dumps({"sentences": [{"words": "One."}], "follow_ups": []})],
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_reply_that_breaks_the_form_is_a_model_error(case: str) -> None:
    """Half a reply, prose or another form is one clear error, not a crash and not an answer."""
    with (
        server(BROKEN[case], finish=case != "broken off in a sentence") as address,
        pytest.raises(ModelError, match="model"),
    ):
        list(chat(address).draft(PROMPT))


@pytest.mark.parametrize("status", [400, 401, 404])
def test_a_refusal_names_model_and_address_but_not_the_servers_text(status: int) -> None:
    """An error of the server says which model and where, and repeats neither key nor question."""
    with server([], status=status) as address, pytest.raises(ModelError) as raised:
        list(chat(address).draft(PROMPT))
    assert "served" in str(raised.value) and address in str(raised.value)
    assert "sk-secret" not in str(raised.value) and "human" not in str(raised.value)


def test_nobody_listening_is_a_model_error() -> None:
    """An address where nothing answers is one clear error."""
    with server([]) as address:
        pass
    with pytest.raises(ModelError, match="did not answer"):
        list(chat(address).draft(PROMPT))


def test_a_scripted_model_follows_its_script_and_remembers_prompts() -> None:
    """The test double gives its replies in order, raises scripted errors and complains when it has nothing left."""
    model = ScriptedChat([[DraftSentence(text="One.")], ModelError("scripted")])
    assert [item for item in model.draft(PROMPT)] == [DraftSentence(text="One.")]
    with pytest.raises(ModelError, match="scripted"):
        list(model.draft(PROMPT))
    with pytest.raises(ModelError, match="no reply left"):
        list(model.draft(replace(PROMPT, human="again")))
    assert [prompt.human for prompt in model.prompts] == ["human", "human", "again"]
