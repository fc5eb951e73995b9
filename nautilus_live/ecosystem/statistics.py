"""Sums over numbers as strategies ask for them: means, deviations, a parabola through three points. All in floats."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

Numbers = Sequence[float]


def fast_mean(values: Numbers) -> float:
    """Return the mean, 0 of nothing."""
    return sum(values) / len(values) if len(values) else 0.0


def fast_mean_iterated(
    values: Numbers, next_value: float, current_value: float, expected_length: int, drop_left: bool = True
) -> float:
    """Return the mean of a window that moves by `next_value`, given the mean before.

    The value dropped is the first (`drop_left`) or the last. While there are fewer than `expected_length` values, the
    mean is that of those there are.
    """
    if len(values) < expected_length:
        return fast_mean(values)
    return current_value + (next_value - values[0 if drop_left else -1]) / expected_length


def fast_std(values: Numbers) -> float:
    """Return the standard deviation of the values as a whole, 0 of nothing."""
    return fast_std_with_mean(values, fast_mean(values))


def fast_std_with_mean(values: Numbers, mean: float) -> float:
    """Return the standard deviation around a mean that is known."""
    return sqrt(sum((value - mean) ** 2 for value in values) / len(values)) if len(values) else 0.0


def fast_mad(values: Numbers) -> float:
    """Return the mean absolute deviation, 0 of nothing."""
    return fast_mad_with_mean(values, fast_mean(values))


def fast_mad_with_mean(values: Numbers, mean: float) -> float:
    """Return the mean absolute deviation from a mean that is known."""
    return sum(abs(value - mean) for value in values) / len(values) if len(values) else 0.0


def basis_points_as_percentage(basis_points: float) -> float:
    """Return basis points as a fraction: 1 is 0.0001."""
    return basis_points * 0.0001
