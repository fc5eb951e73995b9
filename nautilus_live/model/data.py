"""Market data: quotes and trades. Times are integer nanoseconds since 1970 (UTC)."""

from __future__ import annotations

from msgspec import Struct

from nautilus_live.model.enums import AggressorSide, PriceType
from nautilus_live.model.identifiers import InstrumentId, TradeId
from nautilus_live.model.objects import MAX_PRECISION, Price, Quantity


class Data(Struct, frozen=True, gc=False, tag=True):
    """Something observed about a market."""


class QuoteTick(Data, frozen=True, gc=False, tag=True):
    """The best bid and ask with their sizes."""

    instrument_id: InstrumentId
    bid_price: Price
    ask_price: Price
    bid_size: Quantity
    ask_size: Quantity
    ts_event: int
    ts_init: int

    def extract_price(self, price_type: PriceType) -> Price:
        """Return the bid, ask or mid price; the mid has one decimal place more than the finer of the two.

        Raises:
            ValueError: for a price type that a quote does not have.

        """
        if price_type is PriceType.BID:
            return self.bid_price
        if price_type is PriceType.ASK:
            return self.ask_price
        if price_type is PriceType.MID:
            bid, ask = self.bid_price, self.ask_price
            precision = max(bid.precision, ask.precision) + 1
            return Price((bid.value + ask.value) / 2, min(precision, MAX_PRECISION))
        raise ValueError(f"a quote has BID, ASK and MID prices, was {price_type}")


class TradeTick(Data, frozen=True, gc=False, tag=True):
    """One public trade."""

    instrument_id: InstrumentId
    price: Price
    size: Quantity
    aggressor_side: AggressorSide
    trade_id: TradeId
    ts_event: int
    ts_init: int
