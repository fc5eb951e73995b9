"""Randomness that means the same for ever: everything drawn follows from a text, on every Python.

May know: nothing of ours. The standard library promises that `random.Random(text).getrandbits` never changes; its
other methods may, so none of them is used. A draw under a name of its own does not shift the draws of others, which
is what keeps a seed's scenario as it is when the vocabulary grows.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from random import Random
from typing import TypeVar

T = TypeVar("T")

BITS = 32


class Draws:
    """A stream of choices that follows from `name`."""

    def __init__(self, name: str) -> None:
        self._bits = Random(name).getrandbits

    def below(self, count: int) -> int:
        """Return a whole number from 0 up to, but not including, `count`."""
        return self._bits(BITS) * count >> BITS

    def between(self, low: int, high: int) -> int:
        """Return a whole number from `low` to `high`, both included."""
        return low + self.below(high - low + 1)

    def chance(self, percent: int) -> bool:
        """Return True in `percent` of 100 cases."""
        return self.below(100) < percent

    def pick(self, choices: Sequence[T]) -> T:
        """Return one of `choices`; what is listed twice comes twice as often."""
        return choices[self.below(len(choices))]

    def weighted(self, weights: Sequence[int]) -> int:
        """Return an index, each as often as its weight says."""
        left = self.below(sum(weights))
        for index, weight in enumerate(weights):
            left -= weight
            if left < 0:
                return index
        raise AssertionError("the weights do not add up to their sum")


def coin(name: str, percent: int) -> bool:
    """Return whether a coin of that name, thrown once and for all, fell on the side of `percent` in 100."""
    return percent >= 100 or _number(name) * 100 >> BITS < percent


def chosen(name: str, choices: Sequence[T]) -> T:
    """Return the one of `choices` that a die of that name fell on, thrown once and for all."""
    return choices[_number(f"{name}?") * len(choices) >> BITS]


def _number(name: str) -> int:
    return int.from_bytes(blake2b(name.encode(), digest_size=4).digest(), "big")
