"""Where prices come from: scripted steps, or a seeded random walk. (Recorded ones are in `replay.py`.)

May know: messages' words for the market (see `Street`), a `random.Random` that is passed in, and for playing a gateway
(or what stands for one) and the running loop. Promises: steps are plain data, so the same seed gives the same market;
whoever subscribed hears of it as quotes and trades; what nobody consumed is taken back by the next book.
"""

from __future__ import annotations

import asyncio
from collections.abc import Generator, Iterable, Iterator
from contextvars import Context
from decimal import Decimal
from itertools import count
from random import Random
from typing import Any, Protocol

from msgspec import Struct

from nautilus_live.model.instruments import InstrumentAny


class MarketStep(Struct, frozen=True):
    """Something that the rest of the world does in a market.

    Attributes:
        after_secs: how long after the step before.
        action: set_book, add_liquidity, print_trade, set_price, set_funding or set_phase.
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
        volatility_bps: if given, the price moves by a normally distributed part of itself, this many basis points
            wide, instead of by ticks.
        spread_ticks_max: if given, the spread is drawn anew each time, between `spread_ticks` and this.
        trades_max: how many aggressive orders come after a change, at most.
        mark_bps: if given, mark and index price are said with each book, up to so many basis points off the middle.
        funding_bps: if given, a funding rate of up to so many basis points is said each `funding_every` books.
        funding_every: how many books lie between two funding rates.

    """

    start: Decimal
    every_secs: float = 1.0
    ticks_max: int = 10
    spread_ticks: int = 2
    levels: int = 3
    size_lots_max: int = 5_000
    trade_chance: float = 0.2
    volatility_bps: float | None = None
    spread_ticks_max: int | None = None
    trades_max: int = 1
    mark_bps: float | None = None
    funding_bps: float | None = None
    funding_every: int = 60

    def __post_init__(self) -> None:
        if self.trades_max < 1 or self.funding_every < 1:
            raise ValueError(
                f"trades_max and funding_every must be positive, was {self.trades_max}, {self.funding_every}"
            )
        if self.spread_ticks_max is not None and self.spread_ticks_max < self.spread_ticks:
            raise ValueError(
                f"spread_ticks_max must be at least spread_ticks {self.spread_ticks}, was {self.spread_ticks_max}"
            )
        if self.start <= 0 or self.every_secs <= 0 or self.levels < 1 or self.spread_ticks < 1:
            raise ValueError(
                "start, every_secs, levels and spread_ticks must be positive,"
                f" was {self.start}, {self.every_secs}, {self.levels}, {self.spread_ticks}"
            )

    def steps(self, instrument: InstrumentAny, rng: Random) -> Iterator[MarketStep]:
        """Yield the steps of an endless walk; the price never falls to zero."""
        tick, lot = instrument.price_increment.value, instrument.size_increment.value
        symbol = str(instrument.id)
        floor = tick * ((self.spread_ticks_max or self.spread_ticks) + self.levels)
        bid = instrument.make_price(self.start).value
        for number in count():
            bid = max(floor, bid + self._move(rng, bid, tick) * tick)
            ask = bid + self._spread(rng) * tick
            book = {
                "instrument": symbol,
                "bids": [(bid - n * tick, self._size(rng, lot)) for n in range(self.levels)],
                "asks": [(ask + n * tick, self._size(rng, lot)) for n in range(self.levels)],
            }
            yield MarketStep(self.every_secs, "set_book", book)
            if self.mark_bps is not None:
                mid = (bid + ask) / 2
                marks = {name: _near(rng, mid, self.mark_bps, tick) for name in ("mark", "index")}
                yield MarketStep(0.0, "set_price", {"instrument": symbol, **marks})
            if self.funding_bps is not None and number % self.funding_every == 0:
                rate = Decimal(rng.randint(-1_000, 1_000)) / 1_000 * Decimal(str(self.funding_bps)) / 10_000
                yield MarketStep(0.0, "set_funding", {"instrument": symbol, "rate": rate})
            for _ in range(self.trades_max):
                if rng.random() < self.trade_chance:
                    buys = rng.random() < 0.5
                    taken = {"side": "BUY" if buys else "SELL", "price": ask if buys else bid}
                    order = {"instrument": symbol, "quantity": self._size(rng, lot), **taken}
                    yield MarketStep(0.0, "add_liquidity", order)

    def _move(self, rng: Random, price: Decimal, tick: Decimal) -> int:
        """Return by how many ticks the price moves."""
        if self.volatility_bps is None:
            return rng.randint(-self.ticks_max, self.ticks_max)
        # Drawn as a float, moved as a whole number of ticks: no price is ever a float.
        return round(rng.gauss(0.0, self.volatility_bps) / 10_000 * float(price / tick))

    def _spread(self, rng: Random) -> int:
        if self.spread_ticks_max is None:
            return self.spread_ticks
        return rng.randint(self.spread_ticks, self.spread_ticks_max)

    def _size(self, rng: Random, lot: Decimal) -> Decimal:
        return rng.randint(1, self.size_lots_max) * lot


def _near(rng: Random, price: Decimal, bps: float, tick: Decimal) -> Decimal:
    """Return a price on a tick, at most so many basis points away."""
    off = rng.uniform(-bps, bps) / 10_000 * float(price / tick)
    return max(tick, (price // tick + round(off)) * tick)


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
        self._due_s = 0.0

    def start(self) -> None:
        """Begin with the first step, after its time."""
        self._due_s = asyncio.get_running_loop().time()
        self._arm()

    def stop(self) -> None:
        """Play no further, and let go of what the steps come from."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if isinstance(self._steps, Generator):
            self._steps.close()

    def _arm(self) -> None:
        step = next(self._steps, None)
        if step is None:
            self._timer = None
            return
        # In nobody's context: the market goes on whichever host started it. By the time that is due, not by the time
        # that it is, so that a step that was late makes none after it late.
        self._due_s += step.after_secs
        self._timer = asyncio.get_running_loop().call_at(self._due_s, self._play, step, context=Context())

    def _play(self, step: MarketStep) -> None:
        self._gateway.do(step.action, **step.arguments)
        self._arm()
