"""What can go wrong while identifiers are taken out. No message ever carries any of the text.

::

    MedcodeError (knowledge.errors)
    └── RedactionError
        ├── WordListsMissing    a package the word lists are read from is not installed
        ├── RecogniserFailed    a recogniser broke: nothing may leave the machine
        ├── VaultLocked         the stored map cannot be opened with this key
        └── UnsureIdentifier    an identifier stays uncertain and the caller asked to refuse then
"""

from __future__ import annotations

from knowledge.errors import MedcodeError

__all__ = ["RecogniserFailed", "RedactionError", "UnsureIdentifier", "VaultLocked", "WordListsMissing"]


class RedactionError(MedcodeError):
    """Identifiers could not be taken out; the text must not be used further."""


class WordListsMissing(RedactionError):
    """A package that the name and place lists are read from is not installed."""


class RecogniserFailed(RedactionError):
    """A recogniser raised. The message names the recogniser and the type of the failure only."""


class VaultLocked(RedactionError):
    """A stored placeholder map cannot be opened: wrong key, or the file was changed."""


class UnsureIdentifier(RedactionError):
    """An identifier stays uncertain and the setting says to refuse then."""
