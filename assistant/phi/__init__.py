"""Take patient identifiers out of a text on the user's own machine, and put them back on the user's own screen.

Recall below one means no guarantee: this removes what it recognises of the eighteen identifiers of 45 CFR 164.514(b)(2) and says so.
"""

from __future__ import annotations

from collections.abc import Sequence

from assistant.phi.engine import Engine, default_engine
from assistant.phi.errors import RecogniserFailed, RedactionError, UnsureIdentifier, VaultLocked, WordListsMissing
from assistant.phi.kinds import CERTAIN, Identifier, IdentifierKind
from assistant.phi.redact import Mode, Redacted, redact
from assistant.phi.store import VaultStore
from assistant.phi.vault import Vault

__all__ = [
    "CERTAIN",
    "Engine",
    "Identifier",
    "IdentifierKind",
    "Mode",
    "RecogniserFailed",
    "Redacted",
    "RedactionError",
    "UnsureIdentifier",
    "Vault",
    "VaultLocked",
    "VaultStore",
    "WordListsMissing",
    "find",
    "redact",
]


def find(
    text: str, *, protected: Sequence[tuple[int, int]] = (), engine: Engine | None = None
) -> tuple[Identifier, ...]:
    """Return the identifiers of the text in order; see `Engine.find`. Without an engine the rules-only one is used."""
    return (engine or default_engine()).find(text, protected=protected)
