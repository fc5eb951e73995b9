"""Tick schemes: which prices an instrument may trade at, where one increment for all prices does not say it.

Knows nothing. Promises: `down` and `up` begin at the price itself if it is a tick, and end where the scheme ends.
Schemes are known by name, as instruments store them; `FIXED_PRECISION_0` to `FIXED_PRECISION_16` are always there.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from itertools import pairwise

_PRECISION_MAX = 16


class TickScheme(ABC):
    """A set of prices.

    Attributes:
        name: what it is registered as.

    """

    def __init__(self, name: str) -> None:
        self.name = name

    @abstractmethod
    def down(self, price: Decimal, count: int) -> list[Decimal]:
        """Return the `count` highest ticks that are not above `price`, highest first."""

    @abstractmethod
    def up(self, price: Decimal, count: int) -> list[Decimal]:
        """Return the `count` lowest ticks that are not below `price`, lowest first."""


class FixedTickScheme(TickScheme):
    """All whole multiples of one increment, without end: prices may be negative."""

    def __init__(self, name: str, increment: Decimal) -> None:
        if increment <= 0:
            raise ValueError(f"{name}: a tick must be positive, was {increment}")
        super().__init__(name)
        self._increment = increment

    def down(self, price: Decimal, count: int) -> list[Decimal]:
        """Return the `count` highest multiples that are not above `price`."""
        first = (price / self._increment).to_integral_value(ROUND_FLOOR)
        return [(first - number) * self._increment for number in range(count)]

    def up(self, price: Decimal, count: int) -> list[Decimal]:
        """Return the `count` lowest multiples that are not below `price`."""
        first = (price / self._increment).to_integral_value(ROUND_CEILING)
        return [(first + number) * self._increment for number in range(count)]


class TieredTickScheme(TickScheme):
    """Increments that grow with the price.

    Args:
        name: what it is registered as.
        tiers: (first price, end, increment), lowest first, each beginning where the one before ended; the ticks of a
            tier are its first price and every increment above it, its end excluded.

    Raises:
        ValueError: if the tiers overlap, leave a gap, are upside down, or there are none.

    """

    def __init__(self, name: str, tiers: Iterable[tuple[Decimal, Decimal, Decimal]]) -> None:
        super().__init__(name)
        self._tiers = [(Decimal(first), Decimal(end), Decimal(increment)) for first, end, increment in tiers]
        if not self._tiers:
            raise ValueError(f"{name}: there must be at least one tier, were none")
        for first, end, increment in self._tiers:
            if increment <= 0 or end <= first:
                raise ValueError(f"{name}: a tier must rise by positive ticks, was {first} to {end} by {increment}")
        for (_, end, _), (first, _, _) in pairwise(self._tiers):
            if end != first:
                raise ValueError(f"{name}: a tier must begin where the one before ends, was {first} after {end}")

    def down(self, price: Decimal, count: int) -> list[Decimal]:
        """Return the `count` highest ticks that are not above `price`."""
        found: list[Decimal] = []
        for first, end, increment in reversed(self._tiers):
            if price < first:
                continue
            last = ((end - first) / increment).to_integral_value(ROUND_CEILING) - 1
            place = min(((price - first) / increment).to_integral_value(ROUND_FLOOR), last)
            while place >= 0 and len(found) < count:
                found.append(first + place * increment)
                place -= 1
        return found

    def up(self, price: Decimal, count: int) -> list[Decimal]:
        """Return the `count` lowest ticks that are not below `price`."""
        found: list[Decimal] = []
        for first, end, increment in self._tiers:
            place = max(((price - first) / increment).to_integral_value(ROUND_CEILING), Decimal(0))
            while len(found) < count and first + place * increment < end:
                found.append(first + place * increment)
                place += 1
        return found


_SCHEMES: dict[str, TickScheme] = {
    f"FIXED_PRECISION_{places}": FixedTickScheme(f"FIXED_PRECISION_{places}", Decimal(1).scaleb(-places))
    for places in range(_PRECISION_MAX + 1)
}


def register_tick_scheme(scheme: TickScheme) -> None:
    """Make a scheme known by its name.

    Raises:
        ValueError: if another scheme has that name.

    """
    if _SCHEMES.setdefault(scheme.name, scheme) is not scheme:
        raise ValueError(f"a tick scheme's name must be new, was {scheme.name}")


def tick_scheme(name: str) -> TickScheme:
    """Return the scheme of that name.

    Raises:
        ValueError: if nobody has registered one.

    """
    found = _SCHEMES.get(name)
    if found is None:
        raise ValueError(f"a tick scheme must be registered before it is used, was {name}")
    return found
