"""Indicators that are fed before the strategy hears: registered once for bars, quotes or trades.

Promises: an indicator takes items in the order of their times: what is older than the latest it took is left out (an
answer about the past that comes after live data), a time bar that it has is not taken twice; one registered twice for
the same feed is fed once; the strategy's callback finds every indicator up to date. A time that lies more than
`AHEAD_NS_MAX` ahead of our clock is a mistake of its sender: the item is taken, and those after it are not old for it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nautilus_live.engine.data import AHEAD_NS_MAX
from nautilus_live.indicators.base import Indicator
from nautilus_live.model.bars import Bar, BarType
from nautilus_live.model.data import QuoteTick, TradeTick
from nautilus_live.model.identifiers import InstrumentId


class Indicating:
    """The indicators of one component, by what feeds them; `now` gives our time in nanoseconds, once there is one."""

    def __init__(self, now: Callable[[], int] | None = None) -> None:
        self.now = now
        self._for_quotes: dict[InstrumentId, list[Indicator]] = {}
        self._for_trades: dict[InstrumentId, list[Indicator]] = {}
        self._for_bars: dict[BarType, list[Indicator]] = {}
        self._latest: dict[tuple[type, InstrumentId | BarType], int] = {}

    def add(self, feed: InstrumentId | BarType, indicator: Indicator, kind: type) -> None:
        """Feed an indicator with the quotes or trades of an instrument, or with bars of a type."""
        tables: dict[type, dict[Any, list[Indicator]]] = {
            QuoteTick: self._for_quotes,
            TradeTick: self._for_trades,
            Bar: self._for_bars,
        }
        key = feed.standard() if isinstance(feed, BarType) else feed
        fed = tables[kind].setdefault(key, [])
        if not any(known is indicator for known in fed):
            fed.append(indicator)

    def all(self) -> list[Indicator]:
        """Return every indicator once, in the order of registration by kind: quotes, trades, bars."""
        tables: tuple[dict[Any, list[Indicator]], ...] = (self._for_quotes, self._for_trades, self._for_bars)
        found = {id(one): one for table in tables for fed in table.values() for one in fed}
        return list(found.values())

    def forget(self) -> None:
        """Forget what was taken, so that older items count again; the indicators are the component's to reset."""
        self._latest.clear()

    def feeders(self) -> dict[type, Callable[[Any], None]]:
        """Return what feeds the indicators, for the types of data that any is registered for."""
        feeders: dict[type, Callable[[Any], None]] = {}
        if self._for_quotes:
            feeders[QuoteTick] = self._feed_quote
        if self._for_trades:
            feeders[TradeTick] = self._feed_trade
        if self._for_bars:
            feeders[Bar] = self._feed_bar
        return feeders

    def _feed_quote(self, tick: QuoteTick) -> None:
        fed = self._for_quotes.get(tick.instrument_id)
        if fed and self._is_new((QuoteTick, tick.instrument_id), tick.ts_event):
            for indicator in fed:
                indicator.handle_quote_tick(tick)

    def _feed_trade(self, tick: TradeTick) -> None:
        fed = self._for_trades.get(tick.instrument_id)
        if fed and self._is_new((TradeTick, tick.instrument_id), tick.ts_event):
            for indicator in fed:
                indicator.handle_trade_tick(tick)

    def _feed_bar(self, bar: Bar) -> None:
        fed = () if bar.is_revision else self._for_bars.get(bar.bar_type, ())
        # Of time bars one has each time; of others several may have the time of one trade.
        latest_ns = bar.ts_event - 1 if bar.bar_type.spec.is_time_aggregated() else bar.ts_event
        if fed and self._is_new((Bar, bar.bar_type), bar.ts_event, latest_ns):
            for indicator in fed:
                indicator.handle_bar(bar)

    def _is_new(self, feed: tuple[type, InstrumentId | BarType], ts: int, latest_ns: int | None = None) -> bool:
        """Note the time of an item; return False if what was taken last is later (than `latest_ns`, or than itself)."""
        if self._latest.get(feed, ts - 1) > (ts if latest_ns is None else latest_ns):
            return False
        if self.now is None or ts <= self.now() + AHEAD_NS_MAX:
            self._latest[feed] = ts
        return True
