"""What the callbacks of strategies were called with, for `[expect] heard`.

May know: the kernel's public classes. A callback that a file asks about is wrapped in the strategy's own object: it is
noted, then runs as before. The others cost nothing. Lines:

    on_bar BTCUSDT.SIM-1-MINUTE-LAST-INTERNAL 50000.00 50010.00 49990.00 50005.00 1.500 at 1m
    on_order_filled O-1           on_position_changed BTCUSDT LONG 1.000           on_start
    on_signal calm 3              on_event ALERT                                   on_data Sentiment(...)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from nautilus_live.engine.alarms import ConnectionChange, StreamGap
from nautilus_live.engine.stale import DataStale
from nautilus_live.model.bars import Bar
from nautilus_live.model.book import OrderBook
from nautilus_live.model.custom_data import Signal
from nautilus_live.model.data import OrderBookDeltas, OrderBookDepth10, QuoteTick, TradeTick
from nautilus_live.model.events import OrderEvent, PositionEvent
from nautilus_live.model.instruments import Instrument
from nautilus_live.model.updates import FundingRateUpdate, IndexPriceUpdate, InstrumentStatus, MarkPriceUpdate
from nautilus_live.trading.actor_callbacks import ActorCallbacks
from nautilus_live.trading.clock import TimeEvent
from nautilus_live.trading.component import Component
from nautilus_live.trading.strategy import Strategy
from nautilus_live.trading.strategy_callbacks import StrategyCallbacks
from scenarios.texts import public_book_text
from scenarios.values import Time
from scenarios.world.clock import EPOCH_NS

CALLBACKS = tuple(
    dict.fromkeys(
        name
        for kind in (Component, ActorCallbacks, StrategyCallbacks, Strategy)
        for name in vars(kind)
        if name.startswith("on_")
    )
)
"""The names of all callbacks that a strategy has."""


def listen_in(strategy: Strategy, names: Iterable[str], note: Callable[[str], None]) -> None:
    """Note every call of the callbacks of those names, from now on."""
    for name in dict.fromkeys(names):
        setattr(strategy, name, _noted(name, getattr(strategy, name), note))


def _noted(name: str, callback: Callable[..., Any], note: Callable[[str], None]) -> Callable[..., Any]:
    def noted(*arguments: Any) -> Any:
        note(" ".join([name, *map(_text, arguments)]))
        return callback(*arguments)

    return noted


def _text(item: Any) -> str:
    """Return what a callback was given, in words that a file can state."""
    values: tuple[object, ...]
    match item:
        case Bar():
            since = Time(item.ts_event - EPOCH_NS)
            values = (item.bar_type, item.open, item.high, item.low, item.close, item.volume, "at", since)
        case QuoteTick():
            values = (_symbol(item), item.bid_price, item.ask_price)
        case TradeTick():
            values = (_symbol(item), item.price, item.size, item.aggressor_side.name)
        case MarkPriceUpdate() | IndexPriceUpdate():
            values = (_symbol(item), item.value)
        case FundingRateUpdate():
            values = (_symbol(item), item.rate)
        case InstrumentStatus():
            values = (_symbol(item), item.action.name)
        case OrderBook():
            values = (_symbol(item), public_book_text(item))
        case OrderBookDeltas():
            values = (_symbol(item), len(item.deltas))
        case OrderBookDepth10():
            values = (_symbol(item), item.bids[0].price, item.asks[0].price)
        case _:
            return _other_text(item)
    return " ".join(map(str, values))


def _other_text(item: Any) -> str:
    match item:
        case Instrument():
            return item.id.symbol.value
        case Signal():
            return f"{item.name} {item.value}"
        case TimeEvent():
            return str(item.name)
        case OrderEvent():
            return item.client_order_id.value
        case PositionEvent():
            return f"{_symbol(item)} {item.side.name} {item.quantity}"
        case DataStale():
            return f"{item.kind} {item.subject} {'stale' if item.stale else 'back'}"
        case ConnectionChange():
            return f"{item.side} {'back' if item.connected else 'lost'}"
        case StreamGap():
            return f"{item.side} {Time(item.end_ns - item.start_ns)}"
        case dict():
            return " ".join(f"{key}={value!r}" for key, value in item.items())
        case _:
            return str(item)


def _symbol(item: Any) -> str:
    return str(item.instrument_id.symbol)
