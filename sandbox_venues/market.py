"""Where prices come from: scripted steps, or a seeded random walk.

May know: messages' words for the market (see `Street`), a `random.Random` that is passed in, and for playing a gateway
(or what stands for one) and the running loop. Promises: steps are plain data, so the same seed gives the same market;
whoever subscribed hears of it as quotes and trades; what nobody consumed is taken back by the next book.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from contextvars import Context
from decimal import Decimal
from random import Random
from typing import Any, Protocol

from msgspec import Struct

from nautilus_live.model.instruments import InstrumentAny


class MarketStep(Struct, frozen=True):
    """Something that the rest of the world does in a market.

    Attributes:
        after_secs: how long after the step before.
        action: set_book, add_liquidity, set_price or set_phase.
        arguments: its arguments by name.

    """

    after_secs: float
    action: str
    arguments: dict[str, Any]


class RandomWalk(Struct, frozen=True, kw_only=True):
    """A market that wanders: a book with several levels, replaced again and again, and now and then a trade.

    Attributes:
        start: the first mid price.
        every_secs: how often the book changes.
        ticks_max: by how many ticks it moves at most.
        spread_ticks: how far the best ask lies above the best bid.
        levels: how many levels each side has, a tick apart.
        size_lots_max: how many lots a level has at most.
        trade_chance: how likely an aggressive order comes after a change.

    """

    start: Decimal
    every_secs: float = 1.0
    ticks_max: int = 10
    spread_ticks: int = 2
    levels: int = 3
    size_lots_max: int = 5_000
    trade_chance: float = 0.2

    def __post_init__(self) -> None:
        if self.start <= 0 or self.every_secs <= 0 or self.levels < 1 or self.spread_ticks < 1:
            raise ValueError(
                "start, every_secs, levels and spread_ticks must be positive,"
                f" was {self.start}, {self.every_secs}, {self.levels}, {self.spread_ticks}"
            )

    def steps(self, instrument: InstrumentAny, rng: Random) -> Iterator[MarketStep]:
        """Yield the steps of an endless walk; the price never falls to zero."""
        tick, lot = instrument.price_increment.value, instrument.size_increment.value
        symbol = str(instrument.id)
        floor = tick * (self.spread_ticks + self.levels)
        bid = instrument.make_price(self.start).value
        while True:
            bid = max(floor, bid + rng.randint(-self.ticks_max, self.ticks_max) * tick)
            ask = bid + self.spread_ticks * tick
            book = {
                "instrument": symbol,
                "bids": [(bid - n * tick, self._size(rng, lot)) for n in range(self.levels)],
                "asks": [(ask + n * tick, self._size(rng, lot)) for n in range(self.levels)],
            }
            yield MarketStep(self.every_secs, "set_book", book)
            if rng.random() < self.trade_chance:
                buys = rng.random() < 0.5
                taken = {"side": "BUY" if buys else "SELL", "price": ask if buys else bid}
                order = {"instrument": symbol, "quantity": self._size(rng, lot), **taken}
                yield MarketStep(0.0, "add_liquidity", order)

    def _size(self, rng: Random, lot: Decimal) -> Decimal:
        return rng.randint(1, self.size_lots_max) * lot


class Exchange(Protocol):
    """Where a feed plays: a gateway, or whatever else makes things happen at a venue."""

    def do(self, action: str, **arguments: Any) -> None:
        """Make something happen at the venue now."""
        ...


class MarketFeed:
    """Plays steps at a venue, on the running loop's time."""

    def __init__(self, gateway: Exchange, steps: Iterable[MarketStep]) -> None:
        self._gateway = gateway
        self._steps = iter(steps)
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Begin with the first step, after its time."""
        self._arm()

    def stop(self) -> None:
        """Play no further."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _arm(self) -> None:
        step = next(self._steps, None)
        if step is None:
            self._timer = None
            return
        # In nobody's context: the market goes on whichever host started it.
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(step.after_secs, self._play, step, context=Context())

    def _play(self, step: MarketStep) -> None:
        self._gateway.do(step.action, **step.arguments)
        self._arm()
