"""Means with an interval that says how far a sample of this size can be trusted."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Mean", "bootstrap", "mean", "wilson"]

_Z = 1.959964
"""Two-sided 95 percent of the normal distribution."""


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean of ``size`` values from 0 to 1 and its 95 percent interval; None where there were no values."""

    size: int
    value: float | None
    low: float | None
    high: float | None

    def __str__(self) -> str:
        if self.value is None or self.low is None or self.high is None:
            return "-"
        return f"{self.value:.2f} [{self.low:.2f}, {self.high:.2f}]"


def mean(values: Sequence[float]) -> Mean:
    """Return the mean of ``values``: with a Wilson interval where all are 0 or 1, with a bootstrap interval otherwise.

    No values give no mean: an empty set is neither right nor wrong.
    """
    if not values:
        return Mean(0, None, None, None)
    average = math.fsum(values) / len(values)
    if all(value in (0.0, 1.0) for value in values):
        low, high = wilson(round(math.fsum(values)), len(values))
    else:
        low, high = bootstrap(values)
    return Mean(len(values), average, low, high)


def wilson(successes: int, size: int) -> tuple[float, float]:
    """Return the 95 percent score interval of a share.

    Source: E. B. Wilson, Probable inference, the law of succession, and statistical inference, JASA 22 (1927).
    """
    if size < 1 or not 0 <= successes <= size:
        raise ValueError(f"expected 0 to {size} successes of at least 1, got {successes} of {size}")
    share = successes / size
    below = 1 + _Z**2 / size
    centre = (share + _Z**2 / (2 * size)) / below
    half = _Z * math.sqrt(share * (1 - share) / size + _Z**2 / (4 * size**2)) / below
    return max(0.0, centre - half), min(1.0, centre + half)


def bootstrap(values: Sequence[float], resamples: int = 2000) -> tuple[float, float]:
    """Return the 95 percent percentile interval of the mean; the same values always give the same interval.

    Source: B. Efron, Bootstrap methods: another look at the jackknife, Annals of Statistics 7 (1979).
    """
    if not values:
        raise ValueError("expected at least one value to resample")
    dice = random.Random(0)  # reproducible, not secret
    size = len(values)
    means = sorted(math.fsum(dice.choices(values, k=size)) / size for _ in range(resamples))
    return means[int(0.025 * resamples)], means[min(resamples - 1, int(0.975 * resamples))]
