"""Readers: one module per source, each turning one published layout into tables for the reference store.

A reader never writes. It yields :class:`Table` values: the edition it read, the rows in it, and the rows it had to leave out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from knowledge.errors import RefusedFile
from knowledge.writing import EditionDraft

__all__ = ["Rejects", "Table"]


@dataclass(slots=True)
class Rejects:
    """The rows a reader left out, each with its place and the reason; as long as their number.

    Past ``tolerance`` (a share of the rows read, checked by :meth:`settle`) the source is refused: it is then not what it promises.
    """

    source: str
    tolerance: float = 0.001
    reasons: list[str] = field(default_factory=list)

    def add(self, where: str, reason: str) -> None:
        """Leave out the row at ``where`` (line, element or key)."""
        self.reasons.append(f"{self.source}, {where}: {reason}")

    def settle(self, rows: int) -> None:
        """Check the number of rejects against the ``rows`` that were read.

        Raises :class:`~knowledge.errors.RefusedFile` when they are more than the tolerance allows.
        """
        if len(self.reasons) > self.tolerance * max(rows, 1):
            raise RefusedFile(
                f"{self.source}: {len(self.reasons)} of {rows} rows cannot be read, more than {self.tolerance:.1%}; "
                f"first: {self.reasons[0]}"
            )

    def __len__(self) -> int:
        return len(self.reasons)

    def __iter__(self) -> Iterator[str]:
        return iter(self.reasons)


@dataclass(frozen=True, slots=True)
class Table:
    """One edition on its way into the store: what it is, its rows (often read while they are written), and its rejects."""

    draft: EditionDraft
    rows: Iterable[Any]
    rejects: Rejects
