"""What every indicator is: fed one value at a time, in constant memory, and honest about whether it has seen enough."""

from __future__ import annotations

from typing import Any

from nautilus_live.model.bars import Bar
from nautilus_live.model.data import QuoteTick, TradeTick
from nautilus_live.model.enums import PriceType


class Indicator:
    """A number, or several, computed from what a market does.

    Feed it by `handle_bar`, `handle_quote_tick`, `handle_trade_tick`, or `update_raw` with plain floats. Values are
    floats, never NaN: until `initialized` they are what the inputs so far give. Subclasses implement `update_raw` and
    `_reset`, and what they can be fed from; they say by `_set_has_inputs` and `_set_initialized` how far they are.

    Args:
        params: the parameters, for the name.

    """

    def __init__(self, params: list[Any] | None = None) -> None:
        self._params = list(params or ())
        self.has_inputs = False
        self.initialized = False

    @property
    def name(self) -> str:
        """The kind of indicator."""
        return type(self).__name__

    def handle_quote_tick(self, tick: QuoteTick) -> None:
        """Take a quote. Raises `NotImplementedError` if this indicator is not made from quotes."""
        raise NotImplementedError(f"{self.name}: cannot be fed with quotes")

    def handle_trade_tick(self, tick: TradeTick) -> None:
        """Take a trade. Raises `NotImplementedError` if this indicator is not made from trades."""
        raise NotImplementedError(f"{self.name}: cannot be fed with trades")

    def handle_bar(self, bar: Bar) -> None:
        """Take a bar. Raises `NotImplementedError` if this indicator is not made from bars."""
        raise NotImplementedError(f"{self.name}: cannot be fed with bars")

    def reset(self) -> None:
        """Forget everything that was fed."""
        self.has_inputs = False
        self.initialized = False
        self._reset()

    def _reset(self) -> None:
        """Forget what the subclass keeps."""

    def _set_has_inputs(self, setting: bool) -> None:
        """Say whether anything was fed; for subclasses."""
        self.has_inputs = setting

    def _set_initialized(self, setting: bool) -> None:
        """Say whether enough was fed for the values to mean something; for subclasses."""
        self.initialized = setting

    def __str__(self) -> str:
        return f"{self.name}({', '.join(str(getattr(param, 'name', param)) for param in self._params)})"

    __repr__ = __str__


class PriceIndicator(Indicator):
    """An indicator made from one price at a time: the close of bars, trades, or the chosen side of quotes."""

    def __init__(self, params: list[Any], price_type: PriceType = PriceType.LAST) -> None:
        super().__init__(params)
        self.price_type = price_type

    def handle_quote_tick(self, tick: QuoteTick) -> None:
        """Take the chosen price of a quote; the mid where LAST was chosen, for quotes have no last price."""
        wanted = PriceType.MID if self.price_type is PriceType.LAST else self.price_type
        self.update_raw(float(tick.extract_price(wanted).value))

    def handle_trade_tick(self, tick: TradeTick) -> None:
        """Take a trade's price."""
        self.update_raw(float(tick.price.value))

    def handle_bar(self, bar: Bar) -> None:
        """Take a bar's close."""
        self.update_raw(float(bar.close.value))

    def update_raw(self, value: float) -> None:
        """Take a price."""
        raise NotImplementedError


class RangeIndicator(Indicator):
    """An indicator made from a bar's high, low and close."""

    def handle_bar(self, bar: Bar) -> None:
        """Take a bar."""
        self.update_raw(float(bar.high.value), float(bar.low.value), float(bar.close.value))

    def update_raw(self, high: float, low: float, close: float) -> None:
        """Take a high, a low and a close."""
        raise NotImplementedError


def positive(name: str, value: float) -> None:
    """Check a parameter. Raises `ValueError` if it is not positive."""
    if value <= 0:
        raise ValueError(f"{name} must be positive, was {value}")


def faster(fast_period: int, slow_period: int) -> None:
    """Check two periods. Raises `ValueError` if the fast one is not positive and less than the slow one."""
    if not 0 < fast_period < slow_period:
        raise ValueError(f"fast_period must be less than slow_period {slow_period}, was {fast_period}")
