"""Means and intervals on cases worked out by hand."""

from __future__ import annotations

import pytest

from evals.intervals import bootstrap, mean, wilson


@pytest.mark.parametrize(
    ("successes", "size", "low", "high"),
    [(0, 10, 0.0, 0.2775), (5, 10, 0.2366, 0.7634), (10, 10, 0.7225, 1.0), (1, 1, 0.2065, 1.0)],
)
def test_wilson(successes: int, size: int, low: float, high: float) -> None:
    """The score interval agrees with published tables."""
    assert list(wilson(successes, size)) == pytest.approx([low, high], abs=1e-4)


@pytest.mark.parametrize(("successes", "size"), [(1, 0), (-1, 3), (4, 3)])
def test_an_impossible_share_is_an_error(successes: int, size: int) -> None:
    """More successes than cases cannot be."""
    with pytest.raises(ValueError, match="expected"):
        wilson(successes, size)


def test_bootstrap_is_the_same_every_time_and_holds_the_mean() -> None:
    """The interval is reproducible, and narrows to the value where all are alike."""
    values = [0.25, 0.5, 1.0, 0.75]
    low, high = bootstrap(values)
    assert (low, high) == bootstrap(values)
    assert low <= 0.625 <= high
    assert bootstrap([0.5, 0.5]) == (0.5, 0.5)


def test_no_values_have_no_mean() -> None:
    """Nothing scored is neither right nor wrong."""
    empty = mean([])
    assert (empty.size, empty.value, str(empty)) == (0, None, "-")
    with pytest.raises(ValueError, match="at least one"):
        bootstrap([])


def test_shares_get_the_wilson_interval_and_fractions_the_bootstrap() -> None:
    """The interval fits the kind of value."""
    assert (mean([0.0, 1.0]).low, mean([0.0, 1.0]).high) == wilson(1, 2)
    assert mean([0.5, 0.5]).low == 0.5
