"""What travels of public feeds: questions about the past of a market, answers to them, and news.

May know: the model's values, messages. Promises: as `messages`.
"""

from __future__ import annotations

from typing import ClassVar

from nautilus_live.model.data import MarketData
from nautilus_live.model.identifiers import InstrumentId
from sandbox_venues.messages import Answer, Request, StreamMessage


class GetHistory(Request, frozen=True, kw_only=True, gc=False):
    """Ask for the past of a market: `what` is trades, quotes, funding_rates, or `bars STEP-AGGREGATION-LAST`; `limit` 0
    means all."""

    kind: ClassVar[str] = "query.history"

    what: str
    instrument_id: InstrumentId
    start_ns: int | None = None
    end_ns: int | None = None
    limit: int = 0


class History(Answer, frozen=True, kw_only=True, gc=False):
    """What was asked for of the past, oldest first."""

    kind: ClassVar[str] = "history"

    items: tuple[MarketData, ...] = ()


class FeedMessage(StreamMessage, frozen=True, kw_only=True, gc=False):
    """News of a feed: a reference price, a funding rate, a phase, a candle (`final`: its interval is over)."""

    kind: ClassVar[str] = "feed"

    what: str
    instrument_id: InstrumentId
    data: MarketData
    final: bool = True

    @property
    def label(self) -> str:
        """The feed's name without what follows it."""
        return self.what.partition(" ")[0]
