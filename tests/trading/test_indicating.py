from __future__ import annotations

from typing import Any

from nautilus_live.engine.data import AHEAD_NS_MAX
from nautilus_live.indicators.base import Indicator
from nautilus_live.model.bars import Bar, BarType
from nautilus_live.model.data import QuoteTick, TradeTick
from nautilus_live.model.objects import Price, Quantity
from nautilus_live.trading.indicating import Indicating
from tests.engine.data_rig import BTC, quote_tick, trade_tick

MINUTES = BarType.from_str("BTCUSDT.SIM-1-MINUTE-LAST-EXTERNAL")
VOLUMES = BarType.from_str("BTCUSDT.SIM-10-VOLUME-LAST-INTERNAL")


class Taking(Indicator):
    """Writes down what it takes."""

    def __init__(self) -> None:
        super().__init__()
        self.taken: list[int] = []

    def handle_bar(self, bar: Bar) -> None:
        self.taken.append(bar.ts_event)

    def handle_quote_tick(self, tick: QuoteTick) -> None:
        self.taken.append(tick.ts_event)

    def handle_trade_tick(self, tick: TradeTick) -> None:
        self.taken.append(tick.ts_event)


def bar(bar_type: BarType, ts: int, **fields: Any) -> Bar:
    price = Price.from_str("1.00")
    return Bar(bar_type, price, price, price, price, Quantity.from_str("1"), ts, ts, **fields)


def test_time_bars_are_taken_once_and_in_order() -> None:
    indicating, taking = Indicating(), Taking()
    indicating.add(MINUTES, taking, Bar)
    feed = indicating.feeders()[Bar]
    for ts in (10, 20, 20, 15, 30):
        feed(bar(MINUTES, ts))
    feed(bar(MINUTES, 40, is_revision=True))
    feed(bar(VOLUMES, 50))
    assert taking.taken == [10, 20, 30]
    indicating.forget()
    feed(bar(MINUTES, 5))
    assert taking.taken == [10, 20, 30, 5]


def test_bars_of_one_trade_and_ticks_of_one_moment_are_all_taken() -> None:
    indicating, bars, quotes, trades = Indicating(), Taking(), Taking(), Taking()
    indicating.add(VOLUMES, bars, Bar)
    indicating.add(BTC, quotes, QuoteTick)
    indicating.add(BTC, trades, TradeTick)
    feeders = indicating.feeders()
    for ts in (10, 10, 9):
        feeders[Bar](bar(VOLUMES, ts))
        feeders[QuoteTick](quote_tick("1", "2", ts))
        feeders[TradeTick](trade_tick("1", "1", ts))
    assert bars.taken == quotes.taken == trades.taken == [10, 10]
    assert indicating.all() == [quotes, trades, bars]


def test_a_composite_type_is_fed_by_the_bars_it_names() -> None:
    indicating, taking = Indicating(), Taking()
    indicating.add(BarType.from_str("BTCUSDT.SIM-10-VOLUME-LAST-INTERNAL@1-MINUTE-EXTERNAL"), taking, Bar)
    indicating.feeders()[Bar](bar(VOLUMES, 1))
    assert taking.taken == [1]


def test_a_tick_from_far_in_the_future_does_not_silence_those_after_it() -> None:
    indicating, taking = Indicating(lambda: 0), Taking()
    indicating.add(BTC, taking, TradeTick)
    feed = indicating.feeders()[TradeTick]
    for ts in (1, AHEAD_NS_MAX, 2, AHEAD_NS_MAX + 1, AHEAD_NS_MAX):
        feed(trade_tick("1", "1", ts))
    assert taking.taken == [1, AHEAD_NS_MAX, AHEAD_NS_MAX + 1, AHEAD_NS_MAX]


def test_without_indicators_nothing_is_fed() -> None:
    assert Indicating().feeders() == {}
