"""Modes, the user's corrections, refusal, and failures that carry no text."""

from __future__ import annotations

import random
import traceback
from collections.abc import Iterator

import pytest

from assistant.phi import Engine, Identifier, IdentifierKind, RecogniserFailed, UnsureIdentifier, Vault, redact
from assistant.phi.page import Page

TEXT = "Ngozi Okafor, MRN 4481120, seen 04/12/2023: 99213-25?"


def test_mask(engine: Engine) -> None:
    """Masking puts a typed placeholder for each identifier and keeps the rest."""
    result = redact(TEXT, Vault(chance=random.Random(1)), engine=engine)
    assert result.text.startswith("[PERSON_")
    assert ", 2023]: 99213-25?" in result.text
    assert result.counts == {IdentifierKind.NAME: 1, IdentifierKind.MRN: 1, IdentifierKind.DATE: 1}
    assert [TEXT[h.start : h.end] for h in result.identifiers] == ["Ngozi Okafor", "4481120", "04/12/2023"]


def test_remove(engine: Engine) -> None:
    """Removing leaves one mark that tells nothing."""
    assert (
        redact(TEXT, Vault(), mode="remove", engine=engine).text
        == "[REMOVED], MRN [REMOVED], seen [REMOVED]: 99213-25?"
    )


def test_surrogates_are_consistent(engine: Engine) -> None:
    """The same value has the same invented one, dates move together, and nothing real is left."""
    vault = Vault(chance=random.Random(3))
    one = redact(TEXT + " Second visit 04/26/2023.", vault, mode="surrogate", engine=engine).text
    two = redact(TEXT, vault, mode="surrogate", engine=engine).text
    assert one.startswith(two)
    assert not any(real in one for real in ("Okafor", "Ngozi", "4481120", "04/12/2023", "04/26/2023"))
    first, second = redact("04/12/2023 04/26/2023", vault, mode="surrogate", engine=engine).text.split()
    assert first in one
    assert second in one


def test_the_user_can_hide_and_keep(engine: Engine) -> None:
    """A span marked by the user goes although nothing was found, and one taken back stays."""
    text = "the blue folder of Ngozi Okafor"
    hidden, kept = (4, 15), (19, 31)
    result = redact(text, Vault(), hidden=[hidden], protected=[kept], engine=engine)
    assert result.text.endswith("of Ngozi Okafor")
    assert "blue" not in result.text


def test_refuses_when_unsure(engine: Engine) -> None:
    """A hit below the wanted score stops the text, and the message does not quote it."""
    with pytest.raises(UnsureIdentifier) as refusal:
        redact("paid by Okafor yesterday", Vault(), engine=engine, refuse_below=0.95)
    assert "Okafor" not in str(refusal.value)


def test_a_broken_recogniser_stops_everything_and_says_nothing(engine: Engine) -> None:
    """A recogniser that raises closes the way out, and no trace of the text is in the failure."""

    def broken(page: Page) -> Iterator[Identifier]:
        raise ValueError(page.text)

    failing = Engine(engine.lexicon, recognisers=(("broken", broken),))
    with pytest.raises(RecogniserFailed) as failure:
        redact(TEXT, Vault(), engine=failing)
    shown = (
        "".join(traceback.format_exception(failure.value))
        + repr(failure.value.__context__)
        + repr(failure.value.__cause__)
    )
    assert "Okafor" not in shown
    assert "4481120" not in shown


def test_earlier_placeholders_are_left_alone(engine: Engine) -> None:
    """Redacted text redacted again is unchanged, in the same conversation and in another."""
    masked = redact(TEXT, vault := Vault(), engine=engine).text
    assert redact(masked, vault, engine=engine).text == masked
    assert redact(masked, Vault(), engine=engine).text == masked
