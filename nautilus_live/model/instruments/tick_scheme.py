"""Tick schemes: which prices an instrument may trade at, where one increment for all prices does not say it.

Knows prices. Promises: `down` and `up` begin at the price itself if it is a tick, and end where the scheme ends.
Schemes are known by name, as instruments store them; `FIXED_PRECISION_0` to `FIXED_PRECISION_16`, two of FX and that of
the Tokyo exchange are always there.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from itertools import pairwise
from math import inf

from nautilus_live.model.fixed_point import MAX_PRECISION, Price, to_decimal, unit_of

Tier = tuple[Decimal | float, Decimal | float, Decimal | float]


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

    def next_bid_price(self, value: float | Decimal | Price, n: int = 0) -> Price | None:
        """Return the tick at or below `value`, or the one `n` further down; None if there is none."""
        ticks = self.down(to_decimal(value), n + 1)
        return Price(ticks[n]) if n < len(ticks) else None

    def next_ask_price(self, value: float | Decimal | Price, n: int = 0) -> Price | None:
        """Return the tick at or above `value`, or the one `n` further up; None if there is none."""
        ticks = self.up(to_decimal(value), n + 1)
        return Price(ticks[n]) if n < len(ticks) else None


class FixedTickScheme(TickScheme):
    """All whole multiples of one increment, between two ticks where they are given; else without end, below zero too.

    Args:
        name: what it is registered as.
        price_precision: the decimal places of the increment, if that is not given.
        min_tick: the lowest tick, None for none.
        max_tick: the highest tick, None for none.
        increment: the distance of two ticks.

    Raises:
        ValueError: if the increment is not positive.

    """

    def __init__(
        self,
        name: str,
        price_precision: int = 0,
        min_tick: Price | None = None,
        max_tick: Price | None = None,
        increment: Decimal | float | None = None,
    ) -> None:
        self._increment = unit_of(price_precision) if increment is None else to_decimal(increment)
        if self._increment <= 0:
            raise ValueError(f"{name}: a tick must be positive, was {increment}")
        super().__init__(name)
        self.min_price, self.max_price = min_tick, max_tick

    def down(self, price: Decimal, count: int) -> list[Decimal]:
        """Return the `count` highest multiples that are not above `price`."""
        if self.max_price is not None:
            price = min(price, self.max_price.value)
        first = (price / self._increment).to_integral_value(ROUND_FLOOR)
        return self._between((first - number) * self._increment for number in range(count))

    def up(self, price: Decimal, count: int) -> list[Decimal]:
        """Return the `count` lowest multiples that are not below `price`."""
        if self.min_price is not None:
            price = max(price, self.min_price.value)
        first = (price / self._increment).to_integral_value(ROUND_CEILING)
        return self._between((first + number) * self._increment for number in range(count))

    def _between(self, ticks: Iterable[Decimal]) -> list[Decimal]:
        least, most = self.min_price, self.max_price
        return [
            tick for tick in ticks if (least is None or tick >= least.value) and (most is None or tick <= most.value)
        ]


class TieredTickScheme(TickScheme):
    """Increments that grow with the price.

    Args:
        name: what it is registered as.
        tiers: (first price, end, increment), lowest first, each beginning where the one before ended; the ticks of a
            tier are its first price and every increment above it, its end excluded. The last end may be infinite.
        price_precision: as the ecosystem has it; the tiers say it here.
        max_ticks_per_tier: as the ecosystem has it, which lists the ticks; here they are worked out.

    Raises:
        ValueError: if the tiers overlap, leave a gap, are upside down, or there are none.

    """

    def __init__(
        self, name: str, tiers: Iterable[Tier], price_precision: int | None = None, max_ticks_per_tier: int = 100
    ) -> None:
        super().__init__(name)
        self._tiers = [(to_decimal(first), to_decimal(end), to_decimal(increment)) for first, end, increment in tiers]
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
    f"FIXED_PRECISION_{places}": FixedTickScheme(f"FIXED_PRECISION_{places}", places)
    for places in range(MAX_PRECISION + 1)
}


def register_tick_scheme(tick_scheme: TickScheme) -> None:
    """Make a scheme known by its name.

    Raises:
        ValueError: if another scheme has that name.

    """
    if _SCHEMES.setdefault(tick_scheme.name, tick_scheme) is not tick_scheme:
        raise ValueError(f"a tick scheme's name must be new, was {tick_scheme.name}")


def get_tick_scheme(name: str) -> TickScheme:
    """Return the scheme of that name.

    Raises:
        ValueError: if nobody has registered one.

    """
    found = _SCHEMES.get(name)
    if found is None:
        raise ValueError(f"a tick scheme must be registered before it is used, was {name}")
    return found


def list_tick_schemes() -> list[str]:
    """Return the names of all schemes."""
    return list(_SCHEMES)


FOREX_3DECIMAL_TICK_SCHEME = FixedTickScheme("FOREX_3DECIMAL", 3, Price.from_str("0.001"), Price.from_str("999.999"))
FOREX_5DECIMAL_TICK_SCHEME = FixedTickScheme("FOREX_5DECIMAL", 5, Price.from_str("0.00001"), Price.from_str("9.99999"))
TOPIX100_TICK_SCHEME = TieredTickScheme(
    "TOPIX100",
    [
        (0.1, 1_000, 0.1),
        (1_000, 3_000, 0.5),
        (3_000, 10_000, 1),
        (10_000, 30_000, 5),
        (30_000, 100_000, 10),
        (100_000, 300_000, 50),
        (300_000, 1_000_000, 100),
        (1_000_000, 3_000_000, 500),
        (3_000_000, 10_000_000, 1_000),
        (10_000_000, 30_000_000, 5_000),
        (30_000_000, inf, 10_000),
    ],
)
for _scheme in (FOREX_3DECIMAL_TICK_SCHEME, FOREX_5DECIMAL_TICK_SCHEME, TOPIX100_TICK_SCHEME):
    register_tick_scheme(_scheme)


def round_down(value: float | Decimal | Price, base: float | Decimal) -> float:
    """Return the highest multiple of `base` that is not above `value`, as the nearest float.

    Raises:
        ValueError: if the base is not positive.

    """
    return _rounded(value, base, ROUND_FLOOR)


def round_up(value: float | Decimal | Price, base: float | Decimal) -> float:
    """Return the lowest multiple of `base` that is not below `value`, as the nearest float.

    Raises:
        ValueError: if the base is not positive.

    """
    return _rounded(value, base, ROUND_CEILING)


def _rounded(value: float | Decimal | Price, base: float | Decimal, rounding: str) -> float:
    unit = to_decimal(base)
    if unit <= 0:
        raise ValueError(f"a base to round to must be positive, was {base}")
    return float((to_decimal(value) / unit).to_integral_value(rounding) * unit)
