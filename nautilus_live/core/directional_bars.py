"""Bars that a direction completes: the price's (Renko), or that of who trades (imbalances and runs).

Pure, as `core.bar_aggregation`, whose promises hold with two exceptions. A run that the other side breaks off makes no
bar, and its trades are left out; a Renko bar has the two prices between which the market moved, whatever it did
meanwhile.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from nautilus_live.core.bar_aggregation import THRESHOLD_AGGREGATORS, BarAggregator, Priced, completing_size
from nautilus_live.model.bars import Bar, BarType
from nautilus_live.model.data import TradeTick
from nautilus_live.model.enums import AggressorSide, BarAggregation
from nautilus_live.model.objects import Price

_ZERO, _ONE = Decimal(0), Decimal(1)
_SIGNS: Final[dict[AggressorSide, int]] = {AggressorSide.BUYER: 1, AggressorSide.SELLER: -1}
_TICKS = (BarAggregation.TICK_IMBALANCE, BarAggregation.TICK_RUNS)
_VOLUMES = (BarAggregation.VOLUME_IMBALANCE, BarAggregation.VOLUME_RUNS)


class RenkoBarAggregator(BarAggregator):
    """A bar for every move of the price by the step, counted in the instrument's price increments.

    A large move makes several bars at once; what was traded since the last one is the volume of the first of them.
    """

    def __init__(self, instrument: Priced, bar_type: BarType) -> None:
        super().__init__(instrument, bar_type)
        self.brick = self.step * instrument.price_increment.value
        self._last: Price | None = None

    def update(self, price: Price, size: Decimal, ts: int) -> list[Bar]:
        """Take a tick; return the bars that it completes, in order."""
        self.builder.update(price, size, ts)
        if self._last is None:
            self._last = price
        bars = []
        while abs(price.value - self._last.value) >= self.brick:
            bars.append(self._brick_towards(price, self._last, ts))
            self._last = bars[-1].close
        return bars

    def update_bar(self, bar: Bar) -> list[Bar]:
        """Take a smaller bar for its close; return the bars that it completes, in order."""
        return self.update(bar.close, bar.volume.value, bar.ts_init)

    def _brick_towards(self, price: Price, opened: Price, ts: int) -> Bar:
        rises = price.value > opened.value
        closed = Price(opened.value + (self.brick if rises else -self.brick), price.precision)
        high, low = (closed, opened) if rises else (opened, closed)
        return Bar(self.builder.bar_type, opened, high, low, closed, self.builder.take_volume(), ts, ts)


class SidedBarAggregator(BarAggregator):
    """Takes trades, and counts them, their volume or their value for the side that traded at its own will.

    A trade whose side is unknown is part of the bar and counts for nobody. One that completes a bar is split (unless
    trades are counted), values at the instrument's precision of size.
    """

    def __init__(self, instrument: Priced, bar_type: BarType) -> None:
        super().__init__(instrument, bar_type)
        self.standing = _ZERO
        self._unit = _ONE.scaleb(-instrument.size_precision)
        self._multiplier = instrument.multiplier.value

    def update_trade(self, trade: TradeTick) -> list[Bar]:
        """Take a trade; return the bars that it completes, in order."""
        price, size, ts = trade.price, trade.size.value, trade.ts_event
        sign = _SIGNS.get(trade.aggressor_side, 0)
        if sign:
            self._turn_to(sign)
        bars = []
        while sign and (part := self._completing(price.value, size, sign)) is not None:
            self.builder.update(price, part, ts)
            bars.append(self.builder.build(ts, ts))
            self.standing = _ZERO
            size -= part
        if size > 0:
            self.builder.update(price, size, ts)
            self.standing += sign * (_ONE if self._counts(_TICKS) else self._worth(price.value) * size)
        return bars

    def _turn_to(self, sign: int) -> None:
        """Learn which side trades now."""

    def _completing(self, price: Decimal, size: Decimal, sign: int) -> Decimal | None:
        missing = self.step - sign * self.standing
        if self._counts(_TICKS):
            return size if size > 0 and missing <= 1 else None
        return completing_size(size, self._worth(price), missing, self._unit)

    def _worth(self, price: Decimal) -> Decimal:
        return _ONE if self._counts(_VOLUMES) else abs(price) * self._multiplier

    def _counts(self, what: tuple[BarAggregation, ...]) -> bool:
        return self.bar_type.spec.aggregation in what


class ImbalanceBarAggregator(SidedBarAggregator):
    """A bar once one side has traded so much more than the other; `standing` is buyers' less sellers'."""


class RunsBarAggregator(SidedBarAggregator):
    """A bar once one side alone has traded so much; `standing` is below zero for a run of sellers."""

    def __init__(self, instrument: Priced, bar_type: BarType) -> None:
        super().__init__(instrument, bar_type)
        self._sign = 0

    def _turn_to(self, sign: int) -> None:
        if sign != self._sign:
            self._sign, self.standing = sign, _ZERO
            self.builder.drop()


SIDED_AGGREGATORS: Final[dict[BarAggregation, type[SidedBarAggregator]]] = {
    BarAggregation.TICK_IMBALANCE: ImbalanceBarAggregator,
    BarAggregation.VOLUME_IMBALANCE: ImbalanceBarAggregator,
    BarAggregation.VALUE_IMBALANCE: ImbalanceBarAggregator,
    BarAggregation.TICK_RUNS: RunsBarAggregator,
    BarAggregation.VOLUME_RUNS: RunsBarAggregator,
    BarAggregation.VALUE_RUNS: RunsBarAggregator,
}
UNTIMED_AGGREGATORS: Final[dict[BarAggregation, type[BarAggregator]]] = {
    **THRESHOLD_AGGREGATORS,
    **SIDED_AGGREGATORS,
    BarAggregation.RENKO: RenkoBarAggregator,
}
"""What makes the bars that time does not complete."""
