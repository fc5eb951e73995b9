"""Margin calls, liquidations, funding, and the end of an instrument."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nautilus_live.model.enums import OrderStatus, OrderType
from sandbox_venues.instruments import instrument
from sandbox_venues.messages import AccountMessage, MarginCall, OrderMessage, PlaceOrder
from sandbox_venues.profiles import profile
from sandbox_venues.venue import AccountConfig, Venue, VenueConfig

PERP = instrument("BTCUSDT-PERP")
SYMBOL = "BTCUSDT-PERP"
HOUR_NS = 3_600_000_000_000


class Desk:
    """A venue with a perpetual and two accounts, checked after everything."""

    def __init__(self, balance: str = "1000 USDT", **settings: Any) -> None:
        accounts = (AccountConfig(id="S-1", balances=(balance,)), AccountConfig(id="S-2", balances=(balance,)))
        self.venue = Venue(VenueConfig(profile=profile(**settings), accounts=accounts), [PERP])

    def do(self, action: str, *arguments: Any, now_ns: int = 1_000, **more: Any) -> list[Any]:
        messages = getattr(self.venue, action)(*arguments, now_ns=now_ns, **more)
        self.venue.check()
        return list(messages)

    def book(self, bid: str, ask: str, size: str = "50") -> list[Any]:
        return self.do("set_book", SYMBOL, [(bid, size)], [(ask, size)])

    def balance(self, account: str = "S-1") -> Decimal:
        return self.venue.balances(account)[0].total.value

    def net(self, account: str = "S-1") -> Decimal:
        return sum((p.signed_qty for p in self.venue.positions(account)), Decimal(0))


def test_an_account_is_warned_before_it_is_liquidated():
    desk = Desk(margin_calls=True, maker_rate="0", taker_rate="0")
    desk.book("1000", "1001")
    desk.do("set_position", SYMBOL, "10", "1000", account="S-1")
    desk.do("external_order", SYMBOL, "BUY", "1", "500", account="S-1", client_order_id="O")
    assert not [m for m in desk.book("940", "941") if isinstance(m, MarginCall)]
    called = [m for m in desk.book("926", "927") if isinstance(m, MarginCall)]
    assert [(str(m.account_id), str(m.equity), str(m.maintenance)) for m in called] == [
        ("S-1", "265.00000000 USDT", "231.62500000 USDT")
    ]
    assert not [m for m in desk.book("926", "927") if isinstance(m, MarginCall)], "once"
    messages = desk.book("910", "911")

    said = [(m.what, str(m.order.client_order_id), m.reason) for m in messages if isinstance(m, OrderMessage)]
    assert said == [("cancel", "O", "LIQUIDATION"), ("ack", "autoclose-1", ""), ("fill", "autoclose-1", "")]
    assert (desk.net(), desk.balance()) == (Decimal(0), Decimal(100))


def test_the_warning_comes_as_early_as_the_profile_says():
    warned = {}
    for margin_call_at in ("1.25", "4"):
        desk = Desk(margin_calls=True, margin_call_at=margin_call_at, maker_rate="0", taker_rate="0")
        desk.book("1000", "1001")
        desk.do("set_position", SYMBOL, "10", "1000", account="S-1")
        warned[margin_call_at] = [m for m in desk.book("940", "941") if isinstance(m, MarginCall)] != []
    assert warned == {"1.25": False, "4": True}


def test_a_liquidation_needs_a_market_and_goes_on_when_there_is_one():
    desk = Desk(margin_calls=True, liquidation_ids="none", maker_rate="0", taker_rate="0")
    desk.do("set_position", SYMBOL, "10", "1000", account="S-1")
    desk.do("set_price", SYMBOL, mark="900")
    assert desk.net() == 10
    desk.book("900", "901", "4")
    assert desk.net() == 6
    desk.book("899", "900", "40")

    orders = [r for r in desk.venue.orders("S-1") if r.filled_qty.value]
    assert desk.net() == 0
    assert [(r.client_order_id, r.order_status, r.reduce_only) for r in orders] == [
        (None, OrderStatus.CANCELED, True), (None, OrderStatus.FILLED, True),
    ]  # fmt: skip


@pytest.mark.parametrize(("insures", "expected"), [(True, 0), (False, -1000)])
def test_a_debt_is_owed_or_paid_by_the_venue(insures, expected):
    desk = Desk(margin_calls=True, insures=insures, maker_rate="0", taker_rate="0")
    desk.do("set_position", SYMBOL, "10", "1000", account="S-1")
    desk.book("800", "801")

    assert (desk.net(), desk.balance()) == (Decimal(0), Decimal(expected))


def test_an_account_that_gets_money_is_not_liquidated():
    desk = Desk(margin_calls=True)
    desk.book("1000", "1001")
    desk.do("set_position", SYMBOL, "10", "1000", account="S-1")
    desk.do("deposit", "100000 USDT", account="S-1")
    desk.book("910", "911")

    assert desk.net() == 10


def test_without_margin_calls_nobody_is_liquidated():
    desk = Desk()
    desk.do("set_position", SYMBOL, "10", "1000", account="S-1")
    desk.book("100", "101")

    assert desk.net() == 10


def test_a_liquidation_does_not_happen_in_a_halt():
    desk = Desk(margin_calls=True)
    desk.book("900", "901")
    desk.do("set_phase", SYMBOL, "halted")
    desk.do("set_position", SYMBOL, "10", "1000", account="S-1")
    desk.do("set_price", SYMBOL, mark="900")
    assert desk.net() == 10
    desk.do("set_phase", SYMBOL, "open")
    assert desk.net() == 0


def test_longs_pay_shorts_at_each_interval():
    desk = Desk(funding_interval_secs=8 * 3600.0, funding_rate="0.001")
    desk.do("set_position", SYMBOL, "2", "1000", account="S-1")
    desk.do("set_position", SYMBOL, "-2", "1000", account="S-2")
    desk.do("set_price", SYMBOL, mark="1100")
    assert desk.venue.next_expiry_ns() == 8 * HOUR_NS
    messages = desk.venue.advance(8 * HOUR_NS)
    desk.venue.check()

    assert [str(m.balances[0].total) for m in messages if isinstance(m, AccountMessage)] == [
        "997.80000000 USDT", "1002.20000000 USDT",
    ]  # fmt: skip
    desk.do("set_funding", SYMBOL, "-0.002", now_ns=9 * HOUR_NS)
    desk.venue.advance(24 * HOUR_NS)
    assert desk.balance() == Decimal("997.8") + 2 * Decimal("4.4")
    assert [str(p.paid) for p in desk.venue.funding if str(p.account_id) == "S-1"] == [
        "2.20000000 USDT", "-4.40000000 USDT", "-4.40000000 USDT",
    ]  # fmt: skip


def test_funding_can_be_paid_at_once_and_only_where_there_is_a_price():
    desk = Desk()
    desk.do("set_position", SYMBOL, "2", "1000", account="S-1")
    with pytest.raises(ValueError, match="must find a price"):
        desk.venue.pay_funding(SYMBOL, "0.01", now_ns=1)
    desk.do("set_price", SYMBOL, mark="1000")
    desk.do("pay_funding", SYMBOL, "0.01")

    assert desk.balance() == Decimal(980)


def test_funding_is_for_perpetuals():
    venue = Venue(VenueConfig(), [instrument("BTCUSDT")])
    with pytest.raises(ValueError, match="funding must be of a perpetual, was CurrencyPair"):
        venue.set_funding("BTCUSDT", "0.01", now_ns=1)


def test_a_funding_payment_can_be_the_last_straw():
    desk = Desk(margin_calls=True, funding_interval_secs=3600.0, funding_rate="0.06", taker_rate="0")
    desk.book("1000", "1001")
    desk.do("set_position", SYMBOL, "15", "1000", account="S-1")
    desk.venue.advance(HOUR_NS)
    desk.venue.check()

    assert desk.net() == 0


def test_a_delisted_instrument_is_settled_and_traded_no_more():
    desk = Desk(taker_rate="0.01")
    desk.book("1000", "1001")
    desk.do("set_position", SYMBOL, "2", "1000", account="S-1")
    desk.do("external_order", SYMBOL, "BUY", "1", "500", account="S-1", client_order_id="O")
    messages = desk.do("settle", SYMBOL, "1100")

    said = [(m.what, str(m.order.client_order_id), m.reason) for m in messages if isinstance(m, OrderMessage)]
    assert said == [("cancel", "O", "DELISTED"), ("ack", "settlement-1", ""), ("fill", "settlement-1", "")]
    assert (desk.net(), desk.balance()) == (Decimal(0), Decimal(1200))
    order = PlaceOrder(
        account_id=desk.venue.account_ids[0], instrument_id=PERP.id, side=desk.venue.orders()[0].order_side,
        quantity=PERP.make_qty(1), order_type=OrderType.MARKET,
    )  # fmt: skip
    assert desk.venue.handle(order, 2_000).answer.code == "DELISTED"
    with pytest.raises(ValueError, match="settled once"):
        desk.venue.settle(SYMBOL, now_ns=2_000)
    with pytest.raises(ValueError, match="was delisted"):
        desk.venue.set_phase(SYMBOL, "open", now_ns=2_000)


@settings(max_examples=120, deadline=None, derandomize=True, database=None)
@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("book"), st.integers(850, 1_150), st.integers(1, 30)),
            st.tuples(st.just("order"), st.sampled_from(["BUY", "SELL"]), st.integers(1, 40)),
            st.tuples(st.just("limit"), st.sampled_from(["BUY", "SELL"]), st.integers(1, 40)),
            st.tuples(st.just("fund"), st.integers(-50, 50), st.just(0)),
            st.tuples(st.just("phase"), st.sampled_from(["open", "halted", "open"]), st.just(0)),
        ),
        max_size=20,
    )
)
def test_nobody_carries_what_he_cannot_and_every_cent_is_explained(script):
    desk = Desk("2000 USDT", margin_calls=True, maker_rate="0.0002", taker_rate="0.0005")
    venue, market = desk.venue, desk.venue._markets[PERP.id]
    for number, (what, first, second) in enumerate(script, 1):
        if what == "book":
            desk.book(str(first), str(first + 1), str(second))
        elif what in ("order", "limit"):
            price = {"price": Decimal(1_000)} if what == "limit" else {"order_type": "MARKET"}
            account = f"S-{number % 2 + 1}"
            if market.is_open or what == "limit":
                desk.do("external_order", SYMBOL, first, str(second), account=account, **price)
        elif what == "fund" and market.mark_price is not None:
            desk.do("pay_funding", SYMBOL, Decimal(first) / 1_000)
        elif what == "phase":
            desk.do("set_phase", SYMBOL, first)
        for account in venue._accounts.values():
            equity, maintenance = venue._margin_calls.state(account, "USDT")
            against = market.bids if account.net(PERP.id) > 0 else market.asks
            stuck = not market.is_open or not len(against) or market.mark_price is None
            assert stuck or not maintenance or equity >= maintenance, (number, what)
            assert venue.ledger.balance(account.holder, "USDT") == explained(venue, str(account.id))


def explained(venue: Venue, account: str) -> Decimal:
    """What an account must have: recomputed from its fills and its funding, with nothing of the venue's own."""
    signed, average, balance = Decimal(0), Decimal(0), Decimal(2_000)
    cent = Decimal("0.00000001")
    for fill in venue.fills(account):
        change = fill.last_qty.value * (1 if fill.order_side.name == "BUY" else -1)
        price = fill.last_px.value
        closed = min(abs(change), abs(signed)) if signed * change < 0 else Decimal(0)
        balance += (closed * (price - average) * (1 if signed > 0 else -1)).quantize(cent)
        rate = Decimal("0.0002") if fill.liquidity_side.name == "MAKER" else Decimal("0.0005")
        balance -= (fill.last_qty.value * price * rate).quantize(cent)
        after = signed + change
        if signed * change >= 0:
            average = (abs(signed) * average + abs(change) * price) / abs(after)
        elif after * signed < 0:
            average = price
        signed = after
    return balance - sum((p.paid.value for p in venue.funding if str(p.account_id) == account), Decimal(0))


def test_a_future_expires_at_its_index_price():
    from msgspec.structs import asdict

    from nautilus_live.model.instruments import CryptoFuture
    from nautilus_live.model.objects import Currency

    fields = {k: v for k, v in asdict(PERP).items() if k in CryptoFuture.__struct_fields__}
    del fields["id"]
    usdt = Currency.from_str("USDT")
    named: dict[str, Any] = {"underlying": Currency.from_str("BTC"), "settlement": usdt}
    fields |= {k: v for k, v in named.items() if k in CryptoFuture.__struct_fields__}
    future = CryptoFuture(id=PERP.id, **(fields | {"activation_ns": 0, "expiration_ns": 5 * HOUR_NS}))
    venue = Venue(VenueConfig(accounts=(AccountConfig(id="S-1", balances=("1000 USDT",)),)), [future])
    venue.set_position(SYMBOL, "2", "1000", now_ns=1)
    venue.set_price(SYMBOL, mark="1090", index="1100", now_ns=1)
    venue.external_order(SYMBOL, "BUY", "1", "500", client_order_id="O", now_ns=1)
    assert venue.next_expiry_ns() == 5 * HOUR_NS
    venue.advance(5 * HOUR_NS)
    venue.check()

    assert venue.orders()[0].order_status is OrderStatus.EXPIRED
    assert venue.balances()[0].total.value == Decimal(1200)
    assert venue.next_expiry_ns() is None
