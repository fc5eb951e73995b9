"""The verbs that keep a market moving: what strategies that act on their own trade in.

Data only; `scenarios/moving.py` carries them out. A movement goes on until it `lasts` no longer, another one takes its
instrument over, or the storm is over. `every` is the time between two books, `spread` the distance of bid and ask in
ticks.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from scenarios.values import Size, Text, Time, Times
from scenarios.verbs import Step

SECOND = Time(1_000_000_000)


class MarketMove(Step, frozen=True, kw_only=True):
    """A market that moves by itself."""

    every: Time = SECOND
    spread: Times = 2
    lasts: Time | None = None
    instrument: Text | None = None
    venue: Text | None = None

    def __post_init__(self) -> None:
        if self.every <= 0:
            raise ValueError(f"every must be more than no time at all, was {self.every}")


class VenueWalk(MarketMove, tag="venue.walk", frozen=True, kw_only=True):
    """Let the market wander from `start`, by up to `ticks` a time, drawn from the seed; now and then others trade."""

    start: Size
    ticks: Times = 10
    trades: Annotated[float, Meta(ge=0.0, le=1.0)] = 0.2


class VenuePath(MarketMove, tag="venue.path", frozen=True, kw_only=True):
    """Let the bid go through `prices`, one after the other; then the market stands, or (`repeat`) begins anew."""

    prices: Annotated[list[Size], Meta(min_length=1)]
    size: Size | None = None
    repeat: bool = False


MARKET_VERBS = (VenueWalk, VenuePath)
