"""Random commands and random hands: the books balance, the stream tells the whole story, queries tell the truth."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from msgspec.structs import replace

from nautilus_live.model.enums import ContingencyType, OrderSide, OrderType, TimeInForce
from nautilus_live.model.identifiers import ClientOrderId
from nautilus_live.model.objects import Price, Quantity
from sandbox_venues.contingency import Contingencies
from sandbox_venues.instruments import instrument
from sandbox_venues.messages import (
    AmendOrder,
    CancelAll,
    CancelOrder,
    GetFills,
    GetOrder,
    GetOrders,
    GetPositions,
    OrderMessage,
    PlaceOrder,
)
from sandbox_venues.profiles import profile
from sandbox_venues.venue import AccountConfig, Venue, VenueConfig

BTC = instrument("BTCUSDT")
SYMBOL = "BTCUSDT"
prices = st.integers(95, 105).map(lambda units: Price(Decimal(units), 2))
sizes = st.integers(1, 30).map(lambda tenths: Quantity(Decimal(tenths) / 10, 3))
sides = st.sampled_from([OrderSide.BUY, OrderSide.SELL])
PLAIN = (OrderType.MARKET, OrderType.LIMIT)
picks = st.integers(0, 5)


class VenueMachine(RuleBasedStateMachine):
    """Two accounts, one market, everything that can happen to it."""

    settings_of_profile: dict[str, Any] = {}  # replaced by subclasses, never changed

    def __init__(self) -> None:
        super().__init__()
        config = VenueConfig(
            profile=profile(page_size=3, **self.settings_of_profile),
            accounts=(AccountConfig(id="S-1"), AccountConfig(id="S-2")),
        )
        self.venue = Venue(config, [BTC])
        self.accounts = self.venue.account_ids
        self.now_ns = 0
        self.count = 0
        self.stream: list[Any] = []
        self.filled: dict[str, Decimal] = {}
        self.busted = False
        self.auctions = False

    def send(self, command: Any) -> Any:
        self.now_ns += 1_000
        handled = self.venue.handle(command, self.now_ns)
        self.stream += handled.messages
        return handled.answer

    def do(self, action: str, *arguments: Any, **more: Any) -> None:
        self.now_ns += 1_000
        self.stream += getattr(self.venue, action)(*arguments, now_ns=self.now_ns, **more)

    def pick(self, number: int, open_only: bool = True) -> Any:
        candidates = [o for o in self.venue._orders if o.is_open or not open_only]
        return candidates[number % len(candidates)] if candidates else None

    @rule(
        who=st.integers(0, 1), side=sides, price=prices, size=sizes, reduce_only=st.booleans(), post_only=st.booleans(),
        tif=st.sampled_from([TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK, TimeInForce.GTD, TimeInForce.DAY]),
    )  # fmt: skip
    def place_limit(self, who, side, price, size, reduce_only, post_only, tif):
        self.place(
            who, side, size, price=price, reduce_only=reduce_only, post_only=post_only, time_in_force=tif,
            expire_time_ns=self.now_ns + 9_000 if tif is TimeInForce.GTD else 0,
        )  # fmt: skip

    @rule(who=st.integers(0, 1), side=sides, size=sizes, reduce_only=st.booleans())
    def place_market(self, who, side, size, reduce_only):
        self.place(who, side, size, order_type=OrderType.MARKET, reduce_only=reduce_only)

    @rule(
        who=st.integers(0, 1), side=sides, size=sizes, price=prices, trigger=prices, reduce_only=st.booleans(),
        kind=st.sampled_from(
            [OrderType.STOP_MARKET, OrderType.STOP_LIMIT, OrderType.MARKET_IF_TOUCHED, OrderType.LIMIT_IF_TOUCHED]
        ),
    )  # fmt: skip
    def place_stop(self, who, side, size, price, trigger, reduce_only, kind):
        limit = price if kind in (OrderType.STOP_LIMIT, OrderType.LIMIT_IF_TOUCHED) else None
        self.place(who, side, size, order_type=kind, price=limit, trigger_price=trigger, reduce_only=reduce_only)

    @rule(
        who=st.integers(0, 1), side=sides, size=sizes, offset=st.integers(1, 4), limit=st.booleans(),
        trigger=st.none() | prices, activation=st.none() | prices,
    )  # fmt: skip
    def place_trailing(self, who, side, size, offset, limit, trigger, activation):
        kind = OrderType.TRAILING_STOP_LIMIT if limit else OrderType.TRAILING_STOP_MARKET
        more = {"limit_offset": Decimal(1)} if limit else {}
        self.place(
            who, side, size, order_type=kind, trailing_offset=Decimal(offset), trigger_price=trigger,
            activation_price=activation, **more,
        )  # fmt: skip

    @rule(who=st.integers(0, 1), side=sides, price=prices, size=sizes, tenths=st.integers(1, 30))
    def place_iceberg(self, who, side, price, size, tenths):
        tip = Quantity(min(size.value, Decimal(tenths) / 10), 3)
        self.place(who, side, size, price=price, display_qty=tip)

    @rule(who=st.integers(0, 1), side=sides, size=sizes)
    def place_market_to_limit(self, who, side, size):
        self.place(who, side, size, order_type=OrderType.MARKET_TO_LIMIT)

    @rule(who=st.integers(0, 1), side=sides, amount=st.integers(1, 300), price=st.none() | prices)
    def place_an_amount_of_money(self, who, side, amount, price):
        kind = OrderType.MARKET if price is None else OrderType.LIMIT
        self.place(who, side, Quantity(Decimal(amount), 2), order_type=kind, price=price, quote_quantity=True)

    @rule(
        who=st.integers(0, 1), side=sides, price=st.none() | prices, size=sizes,
        tif=st.sampled_from([TimeInForce.AT_THE_OPEN, TimeInForce.AT_THE_CLOSE]),
    )  # fmt: skip
    def place_for_an_auction(self, who, side, price, size, tif):
        kind = OrderType.MARKET if price is None else OrderType.LIMIT
        self.place(who, side, size, order_type=kind, price=price, time_in_force=tif)

    @rule(
        who=st.integers(0, 1), side=sides, size=sizes, first=prices, second=prices,
        kind=st.sampled_from([ContingencyType.OCO, ContingencyType.OUO]),
    )  # fmt: skip
    def place_a_pair(self, who, side, size, first, second, kind):
        names = [ClientOrderId(f"O-{self.count + n}") for n in (1, 2)]
        for price, mate in ((first, names[1]), (second, names[0])):
            self.place(who, side, size, price=price, contingency_type=kind, linked_order_ids=(mate,))

    @rule(who=st.integers(0, 1), side=sides, size=sizes, entry=st.none() | prices, stop=prices, exit_at=prices)
    def place_a_bracket(self, who, side, size, entry, stop, exit_at):
        parent, first, second = (ClientOrderId(f"O-{self.count + n}") for n in (1, 2, 3))
        kind = OrderType.MARKET if entry is None else OrderType.LIMIT
        self.place(
            who, side, size, order_type=kind, price=entry, contingency_type=ContingencyType.OTO,
            linked_order_ids=(first, second),
        )  # fmt: skip
        exits: dict[str, Any] = {"parent_order_id": parent, "contingency_type": ContingencyType.OUO}
        self.place(
            who, side.opposite, size, order_type=OrderType.STOP_MARKET, trigger_price=stop, linked_order_ids=(second,),
            **exits,
        )  # fmt: skip
        self.place(who, side.opposite, size, price=exit_at, linked_order_ids=(first,), **exits)

    def place(self, who: int, side: OrderSide, size: Quantity, **more: Any) -> None:
        self.count += 1
        self.send(
            PlaceOrder(
                account_id=self.accounts[who], instrument_id=BTC.id, side=side, quantity=size,
                client_order_id=ClientOrderId(f"O-{self.count}"), **more,
            )
        )  # fmt: skip

    @rule(number=picks)
    def place_a_used_id(self, number):
        order = self.pick(number, open_only=False)
        if order is not None and order.client_order_id is not None:
            before = self.venue.orders()
            answer = self.send(replace(order.request, quantity=Quantity.from_str("0.100")))
            if self.venue.profile.client_ids == "unique":
                assert answer.code == "DUPLICATE_ID"
                assert self.venue.orders()[: len(before)] == self.after_advance(before)

    def after_advance(self, before: list[Any]) -> list[Any]:
        """A command also lets time pass: orders may have expired, but nothing else changed."""
        now = {str(r.venue_order_id): r for r in self.venue.orders()}
        return [
            now[str(r.venue_order_id)] if str(now[str(r.venue_order_id)].order_status) == "EXPIRED" else r
            for r in before
        ]

    @rule(number=picks, size=st.none() | sizes, price=st.none() | prices)
    def amend(self, number, size, price):
        order = self.pick(number)
        if order is not None:
            change = {"quantity": size, "price": price}
            self.send(
                AmendOrder(
                    account_id=order.account_id, instrument_id=BTC.id, venue_order_id=order.venue_order_id, **change
                )
            )

    @rule(number=picks)
    def cancel(self, number):
        order = self.pick(number)
        if order is not None:
            self.send(
                CancelOrder(account_id=order.account_id, instrument_id=BTC.id, venue_order_id=order.venue_order_id)
            )

    @rule(who=st.integers(0, 1))
    def cancel_all(self, who):
        self.send(CancelAll(account_id=self.accounts[who]))

    @rule(bid=st.integers(94, 104), gap=st.integers(1, 5), size=sizes)
    def move_the_book(self, bid, gap, size):
        self.do("set_book", SYMBOL, [(bid, size.value)], [(bid + gap, size.value)])

    @rule(side=sides, price=prices, size=sizes)
    def add_liquidity(self, side, price, size):
        self.do("add_liquidity", SYMBOL, side.name, price.value, size.value)

    @rule(price=prices)
    def others_trade(self, price):
        self.do("set_price", SYMBOL, last=price.value)

    @rule(mark=st.none() | prices, index=st.none() | prices)
    def say_prices(self, mark, index):
        values = {"mark": mark, "index": index}
        self.do("set_price", SYMBOL, **{name: None if p is None else p.value for name, p in values.items()})

    @rule(side=st.none() | sides, price=prices, size=sizes)
    def others_trade_a_size(self, side, price, size):
        self.do("print_trade", SYMBOL, price.value, size.value, None if side is None else side.name)

    @rule(phase=st.sampled_from(["open", "open", "pre_open", "halted", "closed"]))
    def change_phase(self, phase):
        self.auctions |= phase in ("open", "closed")
        self.do("set_phase", SYMBOL, phase)

    @rule(high=prices, low=prices, first=sizes, second=sizes, post_only=st.booleans())
    def open_with_an_auction(self, high, low, first, second, post_only):
        self.auctions = True
        self.do("set_phase", SYMBOL, "pre_open")
        self.place(0, OrderSide.BUY, first, price=max(high, low), post_only=post_only)
        self.place(1, OrderSide.SELL, second, price=min(high, low))
        self.do("set_phase", SYMBOL, "open")

    @rule(number=picks, tenths=st.integers(1, 10))
    def trade_by_hand(self, number, tenths):
        order = self.pick(number)
        if order is not None:
            amount = min(order.leaves, Decimal(tenths) / 10)
            price = None if order.price is not None else Decimal(100)
            self.do("trade", str(order.venue_order_id), amount, price)

    @rule(number=picks, action=st.sampled_from(["cancel", "expire"]))
    def end_by_hand(self, number, action):
        order = self.pick(number)
        if order is not None:
            self.do(action, str(order.venue_order_id))

    @precondition(lambda self: bool(self.venue._fills))
    @rule(number=picks)
    def bust(self, number):
        fills = [f for f in self.venue._fills if not f.busted]
        if fills:
            fill = fills[number % len(fills)]
            self.busted = True
            self.do("bust", str(fill.order.venue_order_id), str(fill.trade_id))

    @rule(who=st.integers(0, 1), signed=st.integers(-20, 20), price=prices)
    def set_position(self, who, signed, price):
        self.do("set_position", SYMBOL, Decimal(signed) / 10, price.value, account=str(self.accounts[who]))

    @rule(side=sides, size=sizes, price=prices, ending=st.sampled_from([None, "CANCELED", "REJECTED"]))
    def place_by_hand(self, side, size, price, ending):
        self.do("external_order", SYMBOL, side.name, size.value, price.value, status=ending)

    @rule(nanoseconds=st.integers(1, 20_000))
    def let_time_pass(self, nanoseconds):
        self.now_ns += nanoseconds
        self.stream += self.venue.advance(self.now_ns)

    @invariant()
    def the_books_balance(self):
        self.venue.check()

    @invariant()
    def cumulative_quantities_never_fall(self):
        for report in self.venue.orders():
            key = str(report.venue_order_id)
            if not self.busted:
                assert report.filled_qty.value >= self.filled.get(key, Decimal(0))
            self.filled[key] = report.filled_qty.value

    @invariant()
    def the_book_is_not_crossed_while_the_market_is_open(self):
        market = self.venue._markets[BTC.id]
        if market.is_open and market.bid is not None and market.ask is not None:
            assert market.bid < market.ask

    @invariant()
    def what_trails_has_a_limit_and_all_or_nothing_is_so(self):
        for order in self.venue._orders:
            if order.triggered and order.is_open and order.order_type is OrderType.TRAILING_STOP_LIMIT:
                assert order.price is not None
            if order.request.time_in_force is TimeInForce.FOK and not self.busted and order.order_type in PLAIN:
                assert order.filled in (0, order.quantity), "all or nothing"

    @invariant()
    def no_account_trades_with_itself_where_that_is_prevented(self):
        if self.venue.profile.self_trade_prevention == "none" or self.auctions:
            return
        sides: dict[tuple[str, str], Any] = {}
        for fill in self.venue.fills():
            key = (str(fill.account_id), str(fill.trade_id))
            assert sides.setdefault(key, fill.order_side) == fill.order_side

    def teardown(self):
        self.the_stream_tells_the_whole_story()
        self.queries_tell_the_truth()

    def the_stream_tells_the_whole_story(self):
        orders: dict[int, Any] = {}
        fills: dict[tuple[str, str, str], Any] = {}
        sequence = 0
        for message in self.stream:
            assert message.sequence > sequence
            sequence = message.sequence
            if not isinstance(message, OrderMessage):
                continue
            key = self.venue._by_venue_id[BTC.id, message.order.venue_order_id].sequence
            orders[key] = message.order
            if message.fill is not None:
                name = (str(message.order.account_id), str(key), str(message.fill.trade_id))
                if message.what == "bust":
                    del fills[name]
                else:
                    assert name not in fills, "a fill is said once"
                    fills[name] = message.fill
        kept = {o.sequence: o for o in self.venue._orders}
        truth = {o.sequence: r for o, r in zip(kept.values(), self.venue.orders(), strict=True)}
        assert {k: facts(r) for k, r in orders.items()} == {k: facts(r) for k, r in truth.items()}
        assert sorted(map(fill_facts, fills.values())) == sorted(map(fill_facts, self.venue.fills()))

    def queries_tell_the_truth(self):
        for account in self.accounts:
            name = str(account)
            listed = self.pages(GetOrders(account_id=account))
            assert [facts(r) for r in listed] == [facts(r) for r in self.venue.orders(name)]
            opened = self.pages(GetOrders(account_id=account, open_only=True))
            assert [facts(r) for r in opened] == [facts(r) for r in self.venue.orders(name) if r.is_open]
            fills = self.pages(GetFills(account_id=account))
            assert [fill_facts(f) for f in fills] == [fill_facts(f) for f in self.venue.fills(name)]
            positions = self.pages(GetPositions(account_id=account))
            if self.venue.profile.has_positions:
                assert [p.signed_qty for p in positions] == [p.signed_qty for p in self.venue.positions(name)]
            for report in self.venue.orders(name):
                query = GetOrder(account_id=account, instrument_id=BTC.id, venue_order_id=report.venue_order_id)
                assert facts(self.pages(query)[0]) == facts(report)

    def pages(self, query: Any) -> list[Any]:
        items: list[Any] = []
        while True:
            page = self.venue.query(query, self.now_ns)
            items += page.items
            if page.cursor is None:
                return items
            query = replace(query, cursor=page.cursor)


def facts(report):
    """What must agree. A trailing trigger moves in silence, at every venue, so neither it nor its limit is compared."""
    trailing = report.order_type in (OrderType.TRAILING_STOP_LIMIT, OrderType.TRAILING_STOP_MARKET)
    prices_of = () if trailing else (report.price, report.trigger_price)
    return (
        str(report.venue_order_id), str(report.client_order_id), report.order_status, report.quantity,
        report.filled_qty, report.avg_px, prices_of, report.ts_last,
    )  # fmt: skip


def fill_facts(fill):
    return (
        str(fill.account_id), str(fill.venue_order_id), str(fill.trade_id), fill.last_qty.value, fill.last_px.value,
        str(fill.commission), fill.ts_event,
    )  # fmt: skip


@pytest.mark.parametrize(
    "chosen",
    [
        {},
        {"account_type": "CASH", "fee_currency": "received"},
        {"oms_type": "HEDGING"},
        {"modify": "replace", "market_remainder": "wait"},
        {"modify": "cancel_new", "client_ids": "free"},
        {"contingencies": True},
        {"contingencies": True, "oto_release": "partial", "oco_on_partial": "keep", "modify": "cancel_new"},
        {"contingencies": True, "account_type": "CASH", "self_trade_prevention": "decrement"},
        {"self_trade_prevention": "cancel_newest"},
        {"self_trade_prevention": "cancel_oldest", "self_trade_ends": "cancel"},
        {"self_trade_prevention": "cancel_both", "oms_type": "HEDGING", "hedge_legs": True},
        {"queue_position": True, "book_refresh": "changed"},
        {"streams_trails": True, "default_trigger": "MARK_PRICE", "stop_in_market": "refuse"},
    ],
    ids=[
        "margin", "cash", "hedging", "replace", "cancel-new", "contingencies", "contingencies-by-parts",
        "contingencies-cash", "cancel-newest", "cancel-oldest", "cancel-both", "queues", "trails",
    ],
)
def test_any_sequence_of_events_leaves_an_honest_venue(chosen):
    class Machine(VenueMachine):
        settings_of_profile = chosen

    test = Machine.TestCase
    test.settings = settings(
        max_examples=15,
        stateful_step_count=30,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    test().runTest()


def forget_the_fee(venue, fill, account, direction):
    """Pay the fee without taking it from anybody."""
    if fill.commission is not None:
        key = ("fees", fill.commission.currency.code)
        venue.ledger.holdings[key] = venue.ledger.holdings.get(key, Decimal(0)) + fill.commission.value


def forget_to_lock(venue, order, account, market):
    """Lock nothing, but say so."""
    order.lock_code, order.lock_amount = "USDT", Decimal(1)


def keep_the_place(venue, order, market):
    """Leave ended orders in the book."""


def forget_the_mates(links, order, now_ns):
    """Let linked orders live on."""


def let_children_work(links, order):
    """Hold nobody."""


@pytest.mark.parametrize(
    ("owner", "name", "mutant", "chosen"),
    [
        (Venue, "_move", forget_the_fee, {}),
        (Venue, "_lock", forget_to_lock, {}),
        (Venue, "_unplace", keep_the_place, {}),
        (Venue, "_hold_auction", lambda venue, market, when, now_ns: None, {}),
        (Contingencies, "_see_to_mates", forget_the_mates, {"contingencies": True}),
        (Contingencies, "judge", let_children_work, {"contingencies": True}),
    ],
)
def test_a_broken_venue_is_noticed(monkeypatch, owner, name, mutant, chosen):
    monkeypatch.setattr(owner, name, mutant)

    class Machine(VenueMachine):
        settings_of_profile = chosen

    test = Machine.TestCase
    test.settings = settings(
        max_examples=400,  # it ends with the first that fails
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    with pytest.raises((AssertionError, BaseExceptionGroup)):
        test().runTest()
