"""What venues say about an instrument beside its trading: reference prices, funding, phases, the price of the close.

Times are integer nanoseconds since 1970 (UTC).
"""

from __future__ import annotations

from decimal import Decimal

from nautilus_live.model.data import MarketData
from nautilus_live.model.enums import InstrumentCloseType, MarketStatusAction
from nautilus_live.model.identifiers import InstrumentId
from nautilus_live.model.objects import Price


class MarkPriceUpdate(MarketData, frozen=True, gc=False, tag=True):
    """The price at which the venue values positions."""

    instrument_id: InstrumentId
    value: Price
    ts_event: int
    ts_init: int


class IndexPriceUpdate(MarketData, frozen=True, gc=False, tag=True):
    """The price of what the instrument follows."""

    instrument_id: InstrumentId
    value: Price
    ts_event: int
    ts_init: int


class FundingRateUpdate(MarketData, frozen=True, gc=False, tag=True):
    """What the longs of a perpetual pay the shorts (below zero: the other way), and when next, where that is known.

    `interval` is how many minutes lie between two payments, where the venue says so.
    """

    instrument_id: InstrumentId
    rate: Decimal
    ts_event: int
    ts_init: int
    next_funding_ns: int | None = None
    interval: int | None = None


class InstrumentStatus(MarketData, frozen=True, gc=False, tag=True):
    """A market entered another phase; what the venue does not say is None."""

    instrument_id: InstrumentId
    action: MarketStatusAction
    ts_event: int
    ts_init: int
    reason: str | None = None
    trading_event: str | None = None
    is_trading: bool | None = None
    is_quoting: bool | None = None
    is_short_sell_restricted: bool | None = None


class InstrumentClose(MarketData, frozen=True, gc=False, tag=True):
    """The price at which a session, or the instrument's life, ended."""

    instrument_id: InstrumentId
    close_price: Price
    close_type: InstrumentCloseType
    ts_event: int
    ts_init: int
