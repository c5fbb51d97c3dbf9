"""The language model behind any OpenAI-compatible address: the only module that talks to one.

Settings come from the environment, read when asked: ``OPENAI_API_KEY``, ``OPENAI_BASE_URL`` for another address than OpenAI's, ``MEDCODE_MODEL`` for the
model's name. Without a key and without an address there is no model, and the composer writes.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from pydantic import BaseModel, ValidationError

from assistant.prompt import Prompt
from knowledge.errors import ModelError

__all__ = ["ChatModel", "DraftSentence", "ModelSettings", "OpenAIChat", "ScriptedChat"]

_DEFAULT_MODEL = "gpt-4.1-mini"
_SECONDS = 45.0


class DraftSentence(BaseModel):
    """A sentence as the model wrote it, with the ids it claims."""

    text: str
    evidence: list[str] = []
    codes: list[str] = []


class ChatModel(Protocol):
    """Anything that drafts an explanation from a prompt, sentence by sentence."""

    @property
    def name(self) -> str:
        """The model's name, shown with the answer."""
        ...

    def draft(self, prompt: Prompt) -> Iterator[DraftSentence | str]:
        """Yield sentences as they are finished, then follow-up questions as plain strings.

        Raises :class:`~knowledge.errors.ModelError` when the model cannot be reached, stops early or breaks the agreed form.
        """
        ...


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """Address, name and key of a model."""

    name: str
    base_url: str | None
    key: str = field(repr=False)

    @classmethod
    def from_environment(cls) -> ModelSettings | None:
        """Return the configured model, or None when neither a key nor an address is set."""
        key, base_url = os.environ.get("OPENAI_API_KEY", ""), os.environ.get("OPENAI_BASE_URL")
        if not key and not base_url:
            return None
        return cls(os.environ.get("MEDCODE_MODEL", _DEFAULT_MODEL), base_url, key or "not-needed")


@dataclass(slots=True)
class OpenAIChat:
    """A model behind the OpenAI chat protocol, through LangChain; replies in a JSON schema, streamed."""

    settings: ModelSettings
    usage: dict[str, int] = field(default_factory=dict)
    """Tokens of the last reply, as the server counted them."""

    @property
    def name(self) -> str:
        """The model's name."""
        return self.settings.name

    @property
    def destination(self) -> str:
        """Where text is sent, for the user's ledger."""
        return self.settings.base_url or "OpenAI"

    def draft(self, prompt: Prompt) -> Iterator[DraftSentence | str]:
        """Yield each sentence as soon as its JSON is complete, then the follow-ups."""
        from langchain_core.messages import HumanMessage, SystemMessage
        from langchain_core.utils.json import parse_partial_json
        from openai import OpenAIError

        wanted = {
            "type": "json_schema",
            "json_schema": {"name": "explanation", "strict": True, "schema": prompt.schema},
        }
        model = self._client().bind(response_format=wanted)
        text, given = "", 0
        try:
            for chunk in model.stream([SystemMessage(prompt.system), HumanMessage(prompt.human)]):
                text += chunk.text
                if getattr(chunk, "usage_metadata", None):
                    self.usage = {
                        key: int(value) for key, value in chunk.usage_metadata.items() if isinstance(value, int)
                    }
                sentences = _sentences(parse_partial_json(text)) if text.lstrip().startswith("{") else []
                # The last sentence may still be growing: it is given only when another one has begun or the reply has ended.
                for item in sentences[given:-1]:
                    given += 1
                    yield _sentence(item)
        except (OpenAIError, OSError, ValueError) as error:
            raise ModelError(
                f"the model {self.name} at {self.destination} did not answer ({type(error).__name__}): check its address, name, key and length limit"
            ) from error
        reply = _whole(text, self.name)
        for item in _sentences(reply)[given:]:
            yield _sentence(item)
        for question in reply.get("follow_ups") or []:
            if isinstance(question, str):
                yield question

    def _client(self) -> Any:
        from langchain_openai import ChatOpenAI
        from pydantic import SecretStr

        return ChatOpenAI(
            model=self.settings.name,
            base_url=self.settings.base_url,
            api_key=SecretStr(self.settings.key),
            temperature=0,
            timeout=_SECONDS,
            max_retries=1,
            stream_usage=True,
        )


@dataclass(slots=True)
class ScriptedChat:
    """A model that says what it was told to: for tests and demonstrations. Complains when its script runs out."""

    script: list[list[DraftSentence | str] | ModelError]
    name: str = "scripted"
    prompts: list[Prompt] = field(default_factory=list)
    """Every prompt it was given."""

    def draft(self, prompt: Prompt) -> Iterator[DraftSentence | str]:
        """Yield the next scripted reply, or raise the scripted error after what came before it."""
        self.prompts.append(prompt)
        if not self.script:
            raise ModelError("the scripted model has no reply left: give it one per question")
        reply = self.script.pop(0)
        if isinstance(reply, ModelError):
            raise reply
        yield from reply


def _whole(text: str, name: str) -> dict[str, Any]:
    import json

    try:
        reply = json.loads(text)
    except ValueError:
        raise ModelError(
            f"the model {name} broke off or did not answer in JSON: the answer is composed from the sources instead"
        ) from None
    if not isinstance(reply, dict):
        raise ModelError(
            f"the model {name} did not answer in the agreed form: the answer is composed from the sources instead"
        )
    return reply


def _sentences(reply: object) -> list[Any]:
    found = reply.get("sentences") if isinstance(reply, dict) else None
    return found if isinstance(found, list) else []


def _sentence(item: object) -> DraftSentence:
    try:
        return DraftSentence.model_validate(item)
    except ValidationError:
        raise ModelError(
            "the model sent a sentence that is not of the agreed form: the answer is composed from the sources instead"
        ) from None
