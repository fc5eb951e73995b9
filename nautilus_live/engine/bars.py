"""The bars that the node makes: ticks and smaller bars in, finished bars out, time bars at their moments.

Knows the bus, the cache and the loop's timers; what completes a bar decides `core.bar_aggregation`, and
`core.directional_bars`. Promises:

1. A time bar is closed when its interval is over and the build delay has passed, or earlier when a tick of a later
   interval shows that it is; never before its time by our clock, whatever time a venue writes on a tick: one from the
   future belongs to the bar under way. One that is made of smaller time bars is closed by the one that ends it, and
   waits for it for `PARTS_WAIT_NS`.
2. A tick reaches the bars that are made of it before it reaches strategies; a bar reaches strategies before those that
   are made of it.
3. Bars asked for of the past are made by the same rules as live ones, of the ticks or bars that the venue has.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

from nautilus_live.adapters.ports import Clock
from nautilus_live.config.engines import DataEngineConfig
from nautilus_live.core.bar_aggregation import BarAggregator, TimeBarAggregator
from nautilus_live.core.directional_bars import SIDED_AGGREGATORS, UNTIMED_AGGREGATORS, SidedBarAggregator
from nautilus_live.engine.cache import Cache
from nautilus_live.engine.message_bus import MessageBus
from nautilus_live.errors import ConfigError
from nautilus_live.model.bars import Bar, BarType
from nautilus_live.model.data import QuoteTick, TradeTick
from nautilus_live.model.enums import PriceType

BEFORE_STRATEGIES = 5
"""The priority of a subscription to ticks; strategies have 0."""
AFTER_STRATEGIES = -5
"""The priority of a subscription to smaller bars: of bars of the same moment, the smaller one is heard first."""
PARTS_WAIT_NS = 5_000_000_000
"""How long a bar waits for the smaller bar that ends it, which a venue may tell late, or not at all."""
NANOSECONDS_PER_MICROSECOND = 1_000
REST_S_MIN = 1e-6


def bar_topic(bar_type: BarType) -> str:
    """Return the topic of bars of that type."""
    return f"data.bars.{bar_type.standard()}"


class _Maker:
    """Makes the bars of one type, and knows where their parts come from."""

    def __init__(self, bar_type: BarType, aggregator: BarAggregator, topic: str, feed: Callable[[Any], None]) -> None:
        self.bar_type = bar_type
        self.aggregator = aggregator
        self.topic = topic
        self.feed = feed
        self.timer: asyncio.TimerHandle | None = None


class Bars:
    """Makes bars while somebody wants them.

    Args:
        loop: runs the timers.
        msgbus: where ticks are heard.
        cache: knows the instruments.
        clock: our time.
        config: the `time_bars_...` settings.
        on_bar: takes finished bars.

    """

    def __init__(
        self,
        *,
        loop: asyncio.AbstractEventLoop,
        msgbus: MessageBus,
        cache: Cache,
        clock: Clock,
        config: DataEngineConfig,
        on_bar: Callable[[Bar], object],
    ) -> None:
        self._loop = loop
        self._msgbus = msgbus
        self._cache = cache
        self._clock = clock
        self._config = config
        self._delay_ns = config.time_bars_build_delay * NANOSECONDS_PER_MICROSECOND
        self._on_bar = on_bar
        self._makers: dict[BarType, _Maker] = {}

    def begin(self, bar_type: BarType) -> None:
        """Make bars of that type from now on.

        Raises:
            ConfigError: if the instrument is unknown, or nothing here makes such bars.

        """
        now_ns = self._clock.timestamp_ns()
        aggregator = self._new_aggregator(bar_type, now_ns, skips_first=self._config.time_bars_skip_first_non_full_bar)
        maker = _Maker(bar_type, aggregator, _topic_of_parts(bar_type), self._feeder(aggregator))
        self._makers[bar_type.standard()] = maker
        self._msgbus.subscribe(
            maker.topic, maker.feed, AFTER_STRATEGIES if bar_type.is_composite() else BEFORE_STRATEGIES
        )
        if isinstance(aggregator, TimeBarAggregator):
            self._arm(maker, aggregator)

    def end(self, bar_type: BarType) -> BarType | None:
        """Make them no longer; return the type as it was begun, which says what they were made of."""
        maker = self._makers.pop(bar_type.standard(), None)
        if maker is None:
            return None
        self._msgbus.unsubscribe(maker.topic, maker.feed)
        if maker.timer is not None:
            maker.timer.cancel()
        return maker.bar_type

    def stop(self) -> None:
        """Make no more bars."""
        for bar_type in list(self._makers):
            self.end(bar_type)

    def make(self, bar_type: BarType, items: Iterable[QuoteTick | TradeTick | Bar], end_ns: int) -> list[Bar]:
        """Return the bars made of items of the past, oldest first; those whose interval was over by `end_ns`.

        Raises:
            ConfigError: as `begin`.

        """
        found = list(items)
        if not found:
            return []
        aggregator = self._new_aggregator(bar_type, found[0].ts_event, skips_first=True)
        if isinstance(aggregator, TimeBarAggregator) and aggregator.part_ns and isinstance(found[0], Bar):
            middle_ns = aggregator.middle_ns(found[0])
            aggregator = self._new_aggregator(bar_type, middle_ns - middle_ns % aggregator.part_ns, skips_first=True)
        bars = [bar for item in found for bar in _fed(aggregator, item, lambda: end_ns)]
        if (
            isinstance(aggregator, TimeBarAggregator)
            and aggregator.builder.count
            and aggregator.next_close_ns <= end_ns
        ):
            bars += aggregator.close(aggregator.next_close_ns)  # what nothing follows is no bar of its own
        return bars

    def _new_aggregator(self, bar_type: BarType, now_ns: int, *, skips_first: bool) -> BarAggregator:
        instrument_id = bar_type.instrument_id
        instrument = self._cache.instrument(instrument_id) or self._cache.synthetic(instrument_id)
        if instrument is None:
            raise ConfigError(f"{bar_type}: its instrument must be known before bars are made, was not")
        if bar_type.is_standard() and bar_type.spec.price_type is PriceType.MARK:
            raise ConfigError(f"{bar_type}: bars are made of LAST, BID, ASK or MID prices, was MARK")
        spec = bar_type.spec
        if spec.aggregation in SIDED_AGGREGATORS and (bar_type.is_composite() or spec.price_type is not PriceType.LAST):
            raise ConfigError(f"{bar_type}: only trades have a side that can outweigh the other, so LAST and no @")
        kind = UNTIMED_AGGREGATORS.get(spec.aggregation)
        if kind is not None:
            return kind(instrument, bar_type)
        config = self._config
        offset = (config.time_bars_origin_offset or {}).get(bar_type.spec.aggregation)
        return TimeBarAggregator(
            instrument,
            bar_type,
            now_ns,
            timestamp_on_close=config.time_bars_timestamp_on_close,
            skip_first_non_full_bar=skips_first,
            build_with_no_updates=config.time_bars_build_with_no_updates,
            is_left_open=config.time_bars_interval_type == "left-open",
            origin_offset_ns=0 if offset is None else _nanoseconds(offset),
        )

    def _feeder(self, aggregator: BarAggregator) -> Callable[[Any], None]:
        on_bar, now = self._on_bar, self._clock.timestamp_ns

        def feed(item: QuoteTick | TradeTick | Bar) -> None:
            for bar in _fed(aggregator, item, now):
                on_bar(bar)

        return feed

    # -- time --------------------------------------------------------------------------------------------------------

    def _arm(self, maker: _Maker, aggregator: TimeBarAggregator, rest_s_min: float = 0.0) -> None:
        rest_s = (aggregator.next_close_ns + self._delay_of(aggregator) - self._clock.timestamp_ns()) / 1e9
        maker.timer = self._loop.call_later(max(rest_s, rest_s_min), self._close, maker, aggregator)

    def _close(self, maker: _Maker, aggregator: TimeBarAggregator) -> None:
        now_ns, delay_ns = self._clock.timestamp_ns(), self._delay_of(aggregator)
        # A tick may have closed the bar already; or the loop's clock ran ahead of the wall clock.
        if now_ns < aggregator.next_close_ns + delay_ns:
            self._arm(maker, aggregator, REST_S_MIN)
            return
        bars = aggregator.close(now_ns - delay_ns)
        self._arm(maker, aggregator)
        for bar in bars:
            self._on_bar(bar)

    def _delay_of(self, aggregator: TimeBarAggregator) -> int:
        return self._delay_ns + (PARTS_WAIT_NS if aggregator.part_ns else 0)


def _fed(aggregator: BarAggregator, item: QuoteTick | TradeTick | Bar, now: Callable[[], int]) -> list[Bar]:
    """Return the bars that an item completes; `now` says until when intervals can be over."""
    ts = item.ts_event
    if isinstance(aggregator, TimeBarAggregator):
        if isinstance(item, Bar):
            return [] if item.is_revision else aggregator.update_bar(item, now())
        if ts >= aggregator.next_close_ns:
            ts = min(ts, now())
    if isinstance(item, TradeTick):
        if isinstance(aggregator, SidedBarAggregator):
            return aggregator.update_trade(item)
        return aggregator.update(item.price, item.size.value, ts)
    if isinstance(item, QuoteTick):
        price_type = aggregator.bar_type.spec.price_type
        return aggregator.update(item.extract_price(price_type), item.extract_size(price_type).value, ts)
    return [] if item.is_revision else aggregator.update_bar(item)


def _topic_of_parts(bar_type: BarType) -> str:
    if bar_type.is_composite():
        return bar_topic(bar_type.composite())
    instrument_id = bar_type.instrument_id
    kind = "trades" if bar_type.spec.price_type is PriceType.LAST else "quotes"
    return f"data.{kind}.{instrument_id.venue.value}.{instrument_id.symbol.value}"


def _nanoseconds(duration: timedelta) -> int:
    return (duration.days * 86_400 + duration.seconds) * 1_000_000_000 + duration.microseconds * 1_000
