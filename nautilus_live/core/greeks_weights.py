"""Greeks in other units: for moves of an index instead of the underlying, for per cents, for a standard time.

May know: ids. Pure. Where returns of an underlying x follow those of an index I by a beta, dx/x = beta dI/I, a value
V(x) is one of I, and by the chain rule dV/dI = dV/dx beta x/I; the second derivative takes the square of that. Under a
shock both have moved: the index as far as the underlying's move says, by the same line. Volatilities and an index of
them (in points: 20 is 20 %) go the same way, with betas of their own. A per cent of a price p is p/100 of its units.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import sqrt
from typing import NamedTuple

from nautilus_live.model.identifiers import InstrumentId


class Weights(NamedTuple):
    """What delta and vega are multiplied by; gamma by the square of what delta is."""

    price: float = 1.0
    vol: float = 1.0

    def applied(self, delta: float, gamma: float, vega: float) -> tuple[float, float, float]:
        """Return delta, gamma and vega in the other units."""
        return delta * self.price, gamma * self.price**2, vega * self.vol


class Weighting(NamedTuple):
    """The units that are asked for."""

    is_percent: bool = False
    index_id: InstrumentId | None = None
    betas: Mapping[InstrumentId, float] | None = None
    vega_base_days: int | None = None
    vol_index_id: InstrumentId | None = None
    vol_betas: Mapping[InstrumentId, float] | None = None

    def of(
        self,
        underlying_id: InstrumentId,
        price: float,
        price_before: float,
        vol: float,
        vol_before: float,
        days_left: int,
        index_price: float | None,
        vol_index_price: float | None,
    ) -> Weights:
        """Return the weights.

        Args:
            underlying_id: what the betas are looked up by; one that has none follows its index one to one.
            price, price_before: of the underlying, after and before a shock.
            vol, vol_before: the volatility, likewise.
            days_left: until the option expires.
            index_price, vol_index_price: how the indices stand, before a shock.

        Raises:
            ValueError: if an index that is asked for has no price above 0.

        """
        by_price, by_vol, moved, vol_moved = 1.0, 1.0, price, vol
        if self.index_id is not None:
            beta = (self.betas or {}).get(underlying_id, 1.0)
            by_price, moved = _followed(beta, price, price_before, _checked(self.index_id, index_price))
        if self.vol_index_id is not None:
            beta = (self.vol_betas or {}).get(underlying_id, 1.0)
            stands = _checked(self.vol_index_id, vol_index_price) / 100
            by_vol, vol_moved = _followed(beta, vol, vol_before, stands)
        if self.is_percent:
            by_price, by_vol = by_price * moved / 100, by_vol * vol_moved / 100
        if self.vega_base_days is not None:
            by_vol *= sqrt(self.vega_base_days / max(1, days_left))
        return Weights(by_price, by_vol)


def _checked(index_id: InstrumentId, price: float | None) -> float:
    if price is None or not price > 0:
        raise ValueError(f"the index {index_id} must have a price above 0, was {price}")
    return price


def _followed(beta: float, value: float, before: float, index: float) -> tuple[float, float]:
    """Return how much a value moves with its index, and where the index stands after the value's shock."""
    if beta == 0 or before == 0:
        return 0.0, index  # nothing follows, or there is nothing that could
    moved = index + index / before * (value - before) / beta
    return beta * value / moved, moved
