"""The verbs of markets: what keeps one moving, and what happens in one that nobody's order is the cause of.

Data only; `scenarios/moving.py` carries movements out, `scenarios/acting_market.py` everything else. A movement goes on
until it `lasts` no longer, another one takes its instrument over, or the storm is over. `every` is the time between two
books, `spread` the distance of bid and ask in ticks.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, field

from scenarios.values import Number, Size, Text, Time, Times
from scenarios.verbs import Side, Step

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
    """Let the market wander from `start`, by up to `ticks` a time, drawn from the seed; now and then others trade.

    `volatility` (basis points, one standard deviation a time) moves it instead of `ticks`. `levels` each side, of up to
    `lots` each; `spread_max` draws the spread between `spread` and it. `trades` is how likely each of `trades_max`
    trades is. `mark` and `funding` are how far, in basis points, mark and index prices lie off the middle at most, and
    the funding rate off zero; without, they are not said.
    """

    start: Size
    ticks: Times = 10
    trades: Annotated[float, Meta(ge=0.0, le=1.0)] = 0.2
    trades_max: Times = 1
    volatility: Annotated[float, Meta(gt=0.0)] | None = None
    spread_max: Times | None = None
    levels: Times = 3
    lots: Times = 5_000
    mark: Annotated[float, Meta(ge=0.0)] | None = None
    funding: Annotated[float, Meta(ge=0.0)] | None = None


class VenuePath(MarketMove, tag="venue.path", frozen=True, kw_only=True):
    """Let the bid go through `prices`, one after the other; then the market stands, or (`repeat`) begins anew."""

    prices: Annotated[list[Size], Meta(min_length=1)]
    size: Size | None = None
    repeat: bool = False


class VenueReplay(Step, tag="venue.replay", frozen=True, kw_only=True):
    """Let the market do what a recording says: a CSV or Parquet `file`, beginning with its first row at once.

    The file is looked for where the command was typed, then in the folder of the library.
    `unit` is what its times count where they are numbers; `bar` how long its bars last. The columns are those of
    `sandbox_venues/README.md`.
    """

    file: Text
    unit: Literal["ns", "us", "ms", "s"] = "ns"
    speed: Size = Size("1")
    size: Size = Size("1000")
    bar: Time = Time(60 * SECOND)
    spread: Times = 1
    lasts: Time | None = None
    instrument: Text | None = None
    venue: Text | None = None


class MarketAct(Step, frozen=True, kw_only=True):
    """Something that happens in a market at once."""

    instrument: Text | None = None
    venue: Text | None = None


class VenueBook(MarketAct, tag="venue.book", frozen=True, kw_only=True):
    """Replace what others have in the book by these levels, each written `PRICE x SIZE`."""

    bids: list[Text] = field(default_factory=list)
    asks: list[Text] = field(default_factory=list)


class VenuePrint(MarketAct, tag="venue.print", frozen=True, kw_only=True):
    """Let others trade: an order of that side takes what the book has at the price or better; nothing of it rests."""

    price: Number
    quantity: Size
    side: Side | None = None


class VenuePrice(MarketAct, tag="venue.price", frozen=True, kw_only=True):
    """Say the last, mark or index price; stops that look at it are triggered, accounts are valued at it."""

    last: Number | None = None
    mark: Number | None = None
    index: Number | None = None


class VenueOptions(MarketAct, tag="venue.options", frozen=True, kw_only=True):
    """Let makers quote the options on the instrument from now on, anew whenever its best prices change.

    They quote Black-Scholes' value at `volatility` (0.2 is 20 % a year), without interest, `spread` ticks wide.
    """

    volatility: Size
    spread: Times = 4
    size: Size = Size("100")


class VenuePhase(MarketAct, tag="venue.phase", frozen=True, kw_only=True):
    """Bring the market into a phase. It opens with an auction, and closes with one if it was open."""

    phase: Literal["pre_open", "open", "halted", "closed"]


class VenueFunding(MarketAct, tag="venue.funding", frozen=True, kw_only=True):
    """Let the positions in a perpetual pay funding now; or (`pay = false`) say the rate of the next payment."""

    rate: Number | None = None
    pay: bool = True


class VenueSettle(MarketAct, tag="venue.settle", frozen=True, kw_only=True):
    """Delist the instrument: its orders are canceled, its positions closed at the price (default: the mark price).

    Where bets are taken, the price is the outcome, 1 if the selection has won and 0 if not, and they are paid.
    """

    price: Number | None = None


MARKET_VERBS = (
    VenueWalk, VenuePath, VenueReplay, VenueBook, VenuePrint, VenuePrice, VenueOptions, VenuePhase, VenueFunding,
    VenueSettle,
)  # fmt: skip
QUOTING_VERBS = (VenueWalk, VenuePath, VenueReplay, VenueBook, VenuePrint, VenuePrice)
"""Those that a node without market data would not notice."""
