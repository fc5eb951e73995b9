"""The spread of an instrument's quotes, now and on average."""

from __future__ import annotations

from collections import deque

from nautilus_live.indicators.base import Indicator, positive
from nautilus_live.model.data import QuoteTick
from nautilus_live.model.identifiers import InstrumentId


class SpreadAnalyzer(Indicator):
    """The latest spread and the mean of the last `capacity` ones, in price units."""

    def __init__(self, instrument_id: InstrumentId, capacity: int) -> None:
        super().__init__([instrument_id, capacity])
        positive("capacity", capacity)
        self.instrument_id = instrument_id
        self.capacity = capacity
        self.current = self.average = 0.0
        self._spreads: deque[float] = deque(maxlen=capacity)

    def handle_quote_tick(self, tick: QuoteTick) -> None:
        """Take a quote. Raises `ValueError` if it is of another instrument."""
        if tick.instrument_id != self.instrument_id:
            raise ValueError(f"{self}: takes quotes of {self.instrument_id}, was {tick.instrument_id}")
        self.current = float(tick.ask_price.value - tick.bid_price.value)
        self._spreads.append(self.current)
        self.average = sum(self._spreads) / len(self._spreads)
        self.has_inputs = True
        self.initialized = len(self._spreads) == self.capacity

    def _reset(self) -> None:
        self.current = self.average = 0.0
        self._spreads.clear()
