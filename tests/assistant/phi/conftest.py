"""One rules-only engine for all tests of the redaction; it reads the packaged word lists once."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from assistant.phi import Engine

Found = list[tuple[str, str]]


@pytest.fixture(scope="session")
def engine() -> Engine:
    """Return the rules-only engine."""
    return Engine.rules_only()


@pytest.fixture(scope="session")
def found(engine: Engine) -> Callable[[str], Found]:
    """Return a function from a text to what is found in it: (text of the span, kind)."""

    def run(text: str) -> Found:
        return [(text[hit.start : hit.end], hit.kind.value) for hit in engine.find(text)]

    return run
