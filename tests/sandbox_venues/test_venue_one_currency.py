"""Accounts with one currency: what is paid in others is converted at the venue's own rates."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nautilus_live.model.enums import OrderSide, OrderType
from nautilus_live.model.identifiers import AccountId, ClientOrderId, InstrumentId
from nautilus_live.model.instruments import InstrumentAny
from nautilus_live.model.objects import Quantity
from sandbox_venues.messages import PlaceOrder, Refusal
from sandbox_venues.profiles import profile
from sandbox_venues.registry import AccountConfig, VenueConfig
from sandbox_venues.venue import Venue
from scenarios.market import instrument
from tests.oracles.trading_day import Contract, Holding, RawFill, rounded

D = Decimal
OURS = "SANDBOX-001"
YEN, EURO, EURYEN = (instrument(symbol, "SANDBOX") for symbol in ("USD/JPY", "EUR/USD", "EUR/JPY"))
BUY, SELL = OrderSide.BUY, OrderSide.SELL
_numbers = count(1)


def open_venue(*instruments: InstrumentAny, **settings: Any) -> Venue:
    """Return a venue whose account has ten thousand dollars, and takes no fees unless told to."""
    chosen = profile(**{"base_currency": "USD", "maker_rate": "0", "taker_rate": "0", **settings})
    accounts = (AccountConfig(id=OURS, balances=("10000 USD",)),)
    return Venue(VenueConfig(profile=chosen, accounts=accounts), list(instruments or (YEN,)))


def move(venue: Venue, made: InstrumentAny, price: str) -> None:
    """Let a pair be asked for at a price, which is its mark as well, and bid for a tick below."""
    venue.set_price(str(made.id), mark=price, now_ns=1)
    plenty, below = D(1_000_000), D(price) - made.price_increment.value
    venue.set_book(str(made.id), [(below, plenty)], [(D(price), plenty)], now_ns=1)


def trade(venue: Venue, side: OrderSide, quantity: str, instrument_id: InstrumentId = YEN.id) -> object:
    """Place a market order; return the answer."""
    request = PlaceOrder(
        account_id=AccountId(OURS),
        client_order_id=ClientOrderId(f"O-{next(_numbers)}"),
        instrument_id=instrument_id,
        side=side,
        order_type=OrderType.MARKET,
        quantity=Quantity(D(quantity), 0),
    )
    answer = venue.handle(request, now_ns=2).answer
    venue.check()
    return answer


def total(venue: Venue) -> Decimal:
    """Return what the account has, which is dollars and nothing else."""
    (balance,) = venue.balances(OURS)
    assert balance.currency.code == "USD"
    return balance.total.value


def test_a_profit_is_paid_at_the_rate_of_its_moment_and_a_fee_is_rounded_once() -> None:
    venue = open_venue(taker_rate="0.0004")
    move(venue, YEN, "150.00000")
    trade(venue, BUY, "7")
    (fill,) = venue.fills()
    assert str(fill.commission) == "0.00 USD"  # 0.42 yen, 0.0028 dollars
    trade(venue, BUY, "9993")
    move(venue, YEN, "160.00001")
    trade(venue, SELL, "10000")

    fees = [D("4.00"), D("4.00")]
    assert [one.commission.value for one in venue.fills()[1:] if one.commission] == fees
    assert total(venue) == 10_000 + D("625.00") - sum(fees)


@given(
    st.lists(
        st.tuples(st.sampled_from([BUY, SELL]), st.integers(1, 100_000), st.decimals("50", "250", places=5)),
        min_size=1,
        max_size=12,
    )
)
def test_the_balance_is_what_the_fills_come_to_each_at_its_rate(
    trades: list[tuple[OrderSide, int, Decimal]],
) -> None:
    venue = open_venue(taker_rate="0.00043", checks_funds=False)
    contract = Contract(str(YEN.id), "USD", "JPY", "JPY", Fraction(1), inverse=False, cash=False)
    held, wanted = Holding(contract), Fraction(10_000)
    for side, quantity, price in trades:
        move(venue, YEN, str(price))
        trade(venue, side, str(quantity))
        paid = Fraction(price if side is BUY else price - YEN.price_increment.value)
        signed, nothing = Fraction(quantity * side.sign), Fraction(0)
        realised = held.take(RawFill(contract, "me", "", signed, paid, nothing, "USD"))
        fee = quantity * paid * Fraction(43, 100_000)
        wanted += rounded(realised / Fraction(price), 2) - rounded(fee / Fraction(price), 2)

    assert Fraction(total(venue)) == wanted


def test_what_is_taken_back_is_paid_back_at_the_rate_at_which_it_was_paid() -> None:
    venue = open_venue(taker_rate="0.0004")
    move(venue, YEN, "150.00000")
    trade(venue, BUY, "10000")
    after_entry = total(venue)
    move(venue, YEN, "160.00001")
    trade(venue, SELL, "10000")
    move(venue, YEN, "80.00000")

    venue.bust(str(venue.fills()[1].venue_order_id), "T-2", now_ns=3)

    assert total(venue) == after_entry
    assert str(venue.balances(OURS)[0].locked) == "500.00 USD"  # of the entry, at its rate
    venue.check()


def test_a_pair_of_two_other_currencies_needs_a_rate_of_what_it_settles_in() -> None:
    venue = open_venue(EURYEN, YEN, EURO)
    move(venue, EURYEN, "160.00000")
    refused = trade(venue, BUY, "1000", EURYEN.id)
    move(venue, YEN, "200.00000")
    trade(venue, BUY, "1000", EURYEN.id)

    assert isinstance(refused, Refusal)
    assert refused.code == "NO_RATE"
    assert str(venue.balances(OURS)[0].locked) == "40.00 USD"  # 8,000 yen
    move(venue, EURYEN, "170.00001")
    trade(venue, SELL, "1000", EURYEN.id)
    assert total(venue) == D("10050.00")


def test_an_order_locks_and_a_position_binds_the_one_currency() -> None:
    venue = open_venue()
    move(venue, YEN, "100.00000")

    trade(venue, BUY, "100000")
    refused = trade(venue, BUY, "100020")

    assert isinstance(refused, Refusal)
    assert "free USD must be at least 5001.00, was 5000.0" in refused.reason


def test_money_of_another_currency_is_refused() -> None:
    with pytest.raises(ValueError, match="money must be in the account's one currency USD, was JPY"):
        open_venue().deposit("5 JPY", now_ns=1)
    with pytest.raises(ValueError, match="money must be in the account's one currency EUR, was USD"):
        open_venue(base_currency="EUR")


@pytest.mark.parametrize(
    "settings", [{"account_type": "CASH"}, {"margin_calls": True}, {"fee_currency": "third"}], ids=str
)
def test_what_counts_in_several_currencies_does_not_go_with_one(settings: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="base_currency must go with MARGIN accounts"):
        open_venue(**settings)
