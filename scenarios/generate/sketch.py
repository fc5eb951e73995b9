"""What the generator keeps in mind while it writes a scenario: the time, the orders so far, and who trades what.

May know: the verbs and values of the format. It plans, it does not simulate: a step may turn out to be impossible when
its time comes (the order is gone, the node is down) and is then left out of the run.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from scenarios.format import VERBS
from scenarios.generate.draws import Draws
from scenarios.values import NANOSECONDS, Number, Offset, Size, Time
from scenarios.verbs import Step


class Market(Struct, frozen=True):
    """An instrument, and the numbers its orders are written with, in ticks and lots."""

    symbol: str
    price: int
    tick: int
    price_places: int
    lot: int
    size_places: int

    def price_at(self, ticks: int) -> Number:
        """Return the price so many ticks above the middle."""
        return Number(_text(self.price + ticks * self.tick, self.price_places))

    def size_of(self, lots: int) -> Size:
        """Return the quantity of so many lots."""
        return Size(_text(lots * self.lot, self.size_places))


MARKETS = (
    Market("BTCUSDT", 5_000_000, 10_000, 2, 250, 3),
    Market("ETHUSDT", 300_000, 1_000, 2, 500, 3),
    Market("AUD/USD", 65_000, 25, 5, 1_000, 0),
)
"""50000.00 in ticks of 100.00 and lots of 0.250; 3000.00, 10.00 and 0.500; 0.65000, 0.00025 and 1000."""


class SketchedOrder(Struct):
    """An order that the scenario speaks of."""

    name: str
    market: Market
    venue: str | None
    side: str
    lots: int
    type: str
    strategy: str | None
    external: bool = False
    position: str | None = None


class Sketch:
    """A scenario on its way.

    Args:
        draws: where choices come from.
        venues: the names of further venues.
        strategies: the ids of further strategies.
        markets: what is traded.
        hedging: whether orders may name positions.
        goes_on: writes something that the venue does by itself.

    """

    def __init__(
        self,
        draws: Draws,
        venues: list[str],
        strategies: list[str],
        markets: list[Market],
        *,
        hedging: bool,
        goes_on: Callable[[Sketch], None],
    ) -> None:
        self._goes_on = goes_on
        self.draws = draws
        self.venues: list[str | None] = [None, *venues]
        self.strategies: list[str | None] = [None, *strategies]
        self.markets = markets
        self.hedging = hedging
        self.steps: list[Step] = []
        self.orders: list[SketchedOrder] = []
        self.trades: list[tuple[str, str | None, Market]] = []
        self.held: list[tuple[str, str | None]] = []
        self.now_ns = 0
        self.until_ns = 0
        self._made: dict[str, int] = {}

    def meanwhile(self) -> None:
        """Let the venue go on while the node cannot."""
        self._goes_on(self)

    def add(self, verb: str, **fields: Any) -> None:
        """Write a step at the present moment; what is None is left out."""
        kept = {name: value for name, value in fields.items() if value is not None}
        self.steps.append(VERBS[verb](at=Time(self.now_ns), **kept))

    def wait(self, nanoseconds: int) -> None:
        """Let time pass."""
        self.now_ns += nanoseconds

    def lasting(self, nanoseconds: int) -> Time:
        """Return a span that something lasts from now; the end of the scenario waits for it."""
        self.until_ns = max(self.until_ns, self.now_ns + nanoseconds)
        return Time(nanoseconds)

    def new_name(self, prefix: str) -> str:
        """Return `PREFIX-1`, `PREFIX-2`, ..."""
        number = self._made[prefix] = self._made.get(prefix, 0) + 1
        return f"{prefix}-{number}"

    def order(self) -> SketchedOrder | None:
        """Return one of the orders, the latest ones more often."""
        if not self.orders:
            return None
        recent = self.orders[-4:] if self.draws.chance(75) else self.orders
        return self.draws.pick(recent)

    def own_order(self) -> SketchedOrder | None:
        """Return one of the node's own orders."""
        own = [order for order in self.orders if not order.external]
        if not own:
            return None
        return self.draws.pick(own[-4:] if self.draws.chance(75) else own)

    def place(self) -> tuple[Market, str | None, str | None]:
        """Return a market, its venue's name and how an instrument there is written (None: the default one)."""
        market, venue = self.draws.pick(self.markets), self.draws.pick(self.venues)
        return market, venue, written(market, venue)


def written(market: Market, venue: str | None) -> str | None:
    """Return an instrument as scenario files have it; None for the default one at the default venue."""
    if venue is not None:
        return f"{market.symbol}.{venue}"
    return None if market is MARKETS[0] else market.symbol


def seconds(count: float) -> int:
    """Return nanoseconds."""
    return int(count * NANOSECONDS["s"])


def milliseconds(count: int) -> int:
    """Return nanoseconds."""
    return count * NANOSECONDS["ms"]


def offset(nanoseconds: int) -> Offset:
    """Return a signed span."""
    return Offset(nanoseconds)


def _text(units: int, places: int) -> str:
    text = str(units)
    if places:
        text = text.rjust(places + 1, "0")
        text = f"{text[:-places]}.{text[-places:]}"
    return text
