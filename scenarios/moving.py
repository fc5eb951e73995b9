"""Markets set in motion: from a `venue.walk`, `venue.path` or `venue.replay` step to one book after the other.

May know: the links and the sandbox's market feeds. Movements belong to nobody's host: the market goes on while the node
is down.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from contextvars import Context
from decimal import Decimal
from itertools import cycle
from pathlib import Path
from random import Random

from nautilus_live.model.identifiers import InstrumentId
from nautilus_live.model.instruments import InstrumentAny
from sandbox_venues.market import MarketFeed, MarketStep, RandomWalk
from sandbox_venues.replay import Replay
from scenarios.library import LIBRARY
from scenarios.links import Link
from scenarios.problems import ScenarioError, nearest
from scenarios.scripted_strategy import SYMBOL_DEFAULT
from scenarios.settings import full_instrument
from scenarios.verbs_market import MarketMove, VenuePath, VenueReplay, VenueWalk

PATH_SIZE = Decimal(1_000)
EntropyOf = Callable[[str], Random]
"""Returns the stream of randomness of that name."""


class Movements:
    """The markets of a run that move by themselves, one movement for each instrument."""

    def __init__(self) -> None:
        self._feeds: dict[InstrumentId, MarketFeed] = {}
        self._count = 0

    def start(self, link: Link, step: MarketMove | VenueReplay, entropy_of: EntropyOf) -> None:
        """Begin a movement, in the place of the one that the instrument has.

        Raises:
            ScenarioError: if the venue has no such instrument, or a recording cannot be read.

        """
        instrument = _instrument(link, step.instrument)
        self._count += 1
        rng = entropy_of(f"market:{instrument.id}:{self._count}")
        # Due at once, as everything else that a step does.
        feed = MarketFeed(link, _from_now(_books(step, instrument, rng)))
        self.stop(instrument.id)
        self._feeds[instrument.id] = feed
        feed.start()
        if step.lasts is not None:
            loop = asyncio.get_running_loop()
            loop.call_later(step.lasts.seconds, feed.stop, context=Context())

    def stop(self, instrument_id: InstrumentId) -> None:
        """End the movement of an instrument, if it has one."""
        feed = self._feeds.pop(instrument_id, None)
        if feed is not None:
            feed.stop()

    def stop_all(self) -> None:
        """Let every market stand."""
        for instrument_id in list(self._feeds):
            self.stop(instrument_id)


def _instrument(link: Link, named: str | None) -> InstrumentAny:
    known = {str(instrument_id): made for instrument_id, made in link.venue.instruments.items()}
    name = full_instrument(named or SYMBOL_DEFAULT, link.name)
    if name not in known:
        raise ScenarioError([f"there is no instrument {name!r} at {link.name}{nearest(name, known)}"])
    return known[name]


def _books(step: MarketMove | VenueReplay, instrument: InstrumentAny, rng: Random) -> Iterator[MarketStep]:
    if isinstance(step, VenueWalk):
        yield from _walk(step).steps(instrument, rng)
    elif isinstance(step, VenueReplay):
        yield from _recording(step, instrument)
    elif isinstance(step, VenuePath):
        yield from _path(step, instrument)


def _walk(step: VenueWalk) -> RandomWalk:
    return RandomWalk(
        start=Decimal(step.start),
        every_secs=step.every.seconds,
        ticks_max=step.ticks,
        spread_ticks=step.spread,
        levels=step.levels,
        size_lots_max=step.lots,
        trade_chance=step.trades,
        volatility_bps=step.volatility,
        spread_ticks_max=step.spread_max,
        trades_max=step.trades_max,
        mark_bps=step.mark,
        funding_bps=step.funding,
    )


def _recording(step: VenueReplay, instrument: InstrumentAny) -> Iterator[MarketStep]:
    replay = Replay(
        path=_found(step.file),
        unit=step.unit,
        speed=Decimal(step.speed),
        size=Decimal(step.size),
        bar_secs=step.bar.seconds,
        spread_ticks=step.spread,
    )
    try:
        yield from replay.steps(instrument)
    except (ValueError, ImportError) as error:
        raise ScenarioError([str(error)]) from error


def _found(name: str) -> Path:
    """Return where a recording is: where the command was typed, or among the files of the library."""
    here = Path(name)
    return here if here.exists() else LIBRARY / name


def _path(step: VenuePath, instrument: InstrumentAny) -> Iterator[MarketStep]:
    size = PATH_SIZE if step.size is None else Decimal(step.size)
    spread = instrument.price_increment.value * step.spread
    for price in cycle(step.prices) if step.repeat else step.prices:
        bid = instrument.make_price(Decimal(price)).value
        book = {"instrument": str(instrument.id), "bids": [(bid, size)], "asks": [(bid + spread, size)]}
        yield MarketStep(step.every.seconds, "set_book", book)


def _from_now(steps: Iterable[MarketStep]) -> Iterator[MarketStep]:
    for index, step in enumerate(steps):
        yield step if index else MarketStep(0.0, step.action, step.arguments)
