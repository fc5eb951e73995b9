"""The book against an independent one: price before time, and nothing is ever taken twice."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nautilus_live.model.enums import LiquiditySide, OrderSide, OrderType, TimeInForce
from nautilus_live.model.identifiers import ClientOrderId
from nautilus_live.model.objects import Price, Quantity
from sandbox_venues.instruments import instrument
from sandbox_venues.messages import CancelOrder, PlaceOrder
from sandbox_venues.profiles import profile
from sandbox_venues.venue import Venue, VenueConfig

BTC = instrument("BTCUSDT")
SYMBOL = "BTCUSDT"
units = st.integers(96, 104)
lots = st.integers(1, 20)
sides = st.sampled_from(["BUY", "SELL"])
level = st.tuples(st.integers(1, 3), lots)
actions = st.one_of(
    st.tuples(st.just("limit"), sides, units, lots),
    st.tuples(st.just("ioc"), sides, units, lots),
    st.tuples(st.just("market"), sides, lots),
    st.tuples(st.just("cancel"), st.integers(0, 9)),
    st.tuples(st.just("book"), units, st.lists(level, max_size=2), st.lists(level, max_size=2)),
    st.tuples(st.just("add"), sides, units, lots),
    st.tuples(st.just("print"), sides, units, lots),
)


class Queue:
    """The other book: a list of [sign, price, arrival, owner, lots], searched anew each time. Owner None: others."""

    def __init__(self) -> None:
        self.entries: list[list[Any]] = []
        self.arrivals = 0
        self.fills: list[tuple[str, int, int]] = []

    def take(self, sign: int, limit: int | None, wanted: int, owner: str | None) -> int:
        while wanted:
            offers = [e for e in self.entries if e[0] == -sign and (limit is None or sign * e[1] <= sign * limit)]
            if not offers:
                break
            best = min(offers, key=lambda e: (sign * e[1], e[2]))
            traded = min(wanted, best[4])
            for name in (owner, best[3]):
                if name is not None:
                    self.fills.append((name, traded, best[1]))
            best[4] -= traded
            wanted -= traded
            self.entries = [e for e in self.entries if e[4]]
        return wanted

    def rest(self, sign: int, price: int, wanted: int, owner: str | None) -> None:
        self.arrivals += 1
        if wanted:
            self.entries.append([sign, price, self.arrivals, owner, wanted])

    def act(self, name: str, action: Any) -> None:
        what, *rest = action
        if what == "book":
            middle, below, above = rest
            self.entries = [e for e in self.entries if e[3] is not None]
            for sign, levels in ((1, below), (-1, above)):
                for distance, amount in levels:
                    price = middle - sign * distance
                    self.rest(sign, price, self.take(sign, price, amount, None), None)
        elif what == "cancel":
            owned = [e for e in self.entries if e[3] is not None]
            self.entries = [e for e in self.entries if not owned or e is not owned[rest[0] % len(owned)]]
        else:
            sign = 1 if rest[0] == "BUY" else -1
            price, amount = (None, rest[1]) if what == "market" else rest[1:]
            owner = None if what in ("add", "print") else name
            left = self.take(sign, price, amount, owner)
            if what in ("limit", "add"):
                self.rest(sign, price, left, owner)


class Bench:
    """The venue, given the same."""

    def __init__(self, **chosen: Any) -> None:
        self.venue = Venue(VenueConfig(profile=profile(checks_funds=False, **chosen)), [BTC])
        self.now_ns = 0

    def act(self, name: str, action: Any) -> None:
        what, *rest = action
        self.now_ns += 1
        more: dict[str, Any] = {"now_ns": self.now_ns}
        if what == "book":
            middle, below, above = rest
            self.venue.set_book(
                SYMBOL, [(middle - d, lot(n)) for d, n in below], [(middle + d, lot(n)) for d, n in above], **more
            )
        elif what == "cancel":
            owned = list(self.venue._accounts[self.venue.account_ids[0]].open_orders.values())
            if owned:
                chosen = owned[rest[0] % len(owned)].venue_order_id
                owner = self.venue.account_ids[0]
                cancel = CancelOrder(account_id=owner, instrument_id=BTC.id, venue_order_id=chosen)
                self.venue.handle(cancel, self.now_ns)
        elif what == "add":
            self.venue.add_liquidity(SYMBOL, rest[0], rest[1], lot(rest[2]), **more)
        elif what == "print":
            self.venue.print_trade(SYMBOL, rest[1], lot(rest[2]), rest[0], **more)
        else:
            self.venue.handle(order(self.venue, name, what, *rest), self.now_ns)
        self.venue.check()

    @property
    def fills(self) -> list[tuple[str, int, int]]:
        return [(str(f.client_order_id), int(f.last_qty.value), int(f.last_px.value)) for f in self.venue.fills()]


def lot(count: int) -> Decimal:
    return Decimal(count)


def order(venue: Venue, name: str, what: str, side: str, *numbers: int) -> PlaceOrder:
    price = None if what == "market" else Price(Decimal(numbers[0]), 2)
    return PlaceOrder(
        account_id=venue.account_ids[0], instrument_id=BTC.id, side=OrderSide[side],
        quantity=Quantity(lot(numbers[-1]), 3), order_type=OrderType.LIMIT if price else OrderType.MARKET, price=price,
        time_in_force=TimeInForce.IOC if what == "ioc" else TimeInForce.GTC, client_order_id=ClientOrderId(name),
    )  # fmt: skip


def both_fill_the_same(script: list[Any]) -> None:
    reference, bench = Queue(), Bench(maker_rate="0", taker_rate="0")
    for number, action in enumerate(script):
        for one in (reference, bench):
            one.act(f"O-{number}", action)
        assert bench.fills == reference.fills, (number, action)


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(st.lists(actions, max_size=25))
def test_the_venue_matches_like_any_book_with_price_time_priority(script):
    both_fill_the_same(script)


@pytest.mark.parametrize(
    "chosen", [{}, {"queue_position": True}, {"queue_position": True, "book_refresh": "changed"}], ids=str
)
def test_nobody_trades_more_than_others_brought(chosen):
    @settings(max_examples=40, deadline=None, derandomize=True, database=None)
    @given(st.lists(actions, max_size=25))
    def check(script):
        bench, brought, said = Bench(**chosen), 0, {}
        for number, action in enumerate(script):
            what, *rest = action
            bench.act(f"O-{number}", action)
            if what in ("add", "print"):
                brought += rest[2]
            elif what == "book":
                for sign, levels in ((1, rest[1]), (-1, rest[2])):
                    fresh = {rest[0] - sign * distance: amount for distance, amount in levels}
                    old = said.get(sign, {}) if "book_refresh" in chosen else {}
                    amounts = [(rest[0] - sign * distance, amount) for distance, amount in levels]
                    brought += sum(n for price, n in amounts if old.get(price) != n or len(amounts) != len(fresh))
                    said[sign] = fresh
        shared = [str(f.trade_id) for f in bench.venue.fills()]
        with_others = sum(int(f.last_qty.value) for f in bench.venue.fills() if shared.count(str(f.trade_id)) == 1)
        assert with_others <= brought

    check()


@settings(max_examples=40, deadline=None, derandomize=True, database=None)
@given(st.lists(st.tuples(lots, lots), min_size=1, max_size=12), lots)
def test_a_resting_order_trades_only_after_all_who_were_before_it(books_and_trades, first):
    bench = Bench(queue_position=True)
    bench.act("", ("book", 100, [(1, first)], []))
    bench.act("O-1", ("limit", "BUY", 99, 20))
    ahead, filled = first, 0
    for size, traded in books_and_trades:
        bench.act("", ("book", 100, [(1, size)], []))
        ahead = min(ahead, size)
        bench.act("", ("print", "SELL", 99, traded))
        filled = min(20, filled + max(0, traded - ahead))
        ahead = max(0, ahead - traded)
        assert sum(amount for _, amount, _ in bench.fills) == filled


def give_without_taking(venue, maker, quantity, market, trade_id, now_ns):
    """Fill orders of accounts, and leave what others brought where it is, as if it were for ever."""
    if maker.order is not None:
        venue._fill(maker.order, quantity, maker.price, LiquiditySide.MAKER, trade_id, None, now_ns)


def test_a_venue_that_sells_the_same_twice_is_noticed(monkeypatch):
    monkeypatch.setattr(Venue, "_consume", give_without_taking)
    with pytest.raises(AssertionError):
        both_fill_the_same([("book", 100, [], [(1, 5)]), ("ioc", "BUY", 101, 5), ("ioc", "BUY", 101, 5)])
