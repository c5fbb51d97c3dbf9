"""Every error a user can meet, in one tree.

::

    MedcodeError
    ├── InputError            what the user typed or pasted cannot be used
    │   └── InvalidCode       text that is not shaped like a code of the asked system
    ├── KnowledgeError        the knowledge on disk cannot be used
    │   ├── KnowledgeMissing  nothing has been built yet
    │   └── EmbedderMismatch  vectors were made by another embedding model
    ├── IngestError           a source cannot become knowledge
    │   ├── UnreadableFile    the file is not what its content promises
    │   ├── RefusedFile       readable, but must not be loaded (programme, setting, licence, too many rejects)
    │   ├── SourceUnavailable a package or file could not be had
    │   └── CardError         a card breaks the card format
    └── ModelError            the language model could not be used

Every message is one line: what was expected, what came, where, what to do. None ever carries the text of a note or question.
"""

from __future__ import annotations

__all__ = [
    "CardError",
    "EmbedderMismatch",
    "IngestError",
    "InputError",
    "InvalidCode",
    "KnowledgeError",
    "KnowledgeMissing",
    "MedcodeError",
    "ModelError",
    "RefusedFile",
    "SourceUnavailable",
    "UnreadableFile",
]


class MedcodeError(Exception):
    """Something went wrong that the user can understand and act on."""


class InputError(MedcodeError):
    """What the user typed, pasted or uploaded cannot be used."""


class InvalidCode(InputError):
    """The text is not shaped like a code of the system asked for."""


class KnowledgeError(MedcodeError):
    """The knowledge on disk cannot be used."""


class KnowledgeMissing(KnowledgeError):
    """No knowledge has been built in this folder yet."""


class EmbedderMismatch(KnowledgeError):
    """The vectors on disk were made by another embedding model than the one configured."""


class IngestError(MedcodeError):
    """A source cannot become knowledge."""


class UnreadableFile(IngestError):
    """The file is not what its content promises: truncated, wrongly encoded, header not found."""


class RefusedFile(IngestError):
    """The file is readable but must not be loaded: wrong programme, mixed settings, no licence, too many rejected rows."""


class SourceUnavailable(IngestError):
    """A package or file that a table is read from could not be had."""


class CardError(IngestError):
    """A card breaks the card format; the message names the file and line."""


class ModelError(MedcodeError):
    """The language model could not be reached or did not answer in the agreed form."""
