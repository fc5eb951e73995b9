"""The venue's side of money: every kind of instrument trades, what is paid adds up, margins are of what is open."""

from __future__ import annotations

from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nautilus_live.model.enums import AccountType, OrderSide, OrderType
from nautilus_live.model.identifiers import AccountId, ClientOrderId, PositionId
from nautilus_live.model.objects import Money, Quantity
from sandbox_venues.accounts import VenueAccount, account_margins, asset_of
from sandbox_venues.instruments import SYMBOLS, instrument
from sandbox_venues.messages import PlaceOrder
from sandbox_venues.profiles import profile
from sandbox_venues.registry import AccountConfig, VenueConfig
from sandbox_venues.venue import Venue

D = Decimal
ACCOUNT = AccountId("SANDBOX-001")
_numbers = count(1)


def open_venue(symbol: str, *balances: str, **settings: Any) -> Venue:
    """Return a venue that trades one instrument, with a market at 100."""
    accounts = (AccountConfig(id=str(ACCOUNT), balances=balances),)
    venue = Venue(VenueConfig(profile=profile(**settings), accounts=accounts), [instrument(symbol)])
    move(venue, symbol, "100.00")
    return venue


def move(venue: Venue, symbol: str, bid: str) -> None:
    """Let the market be at a bid, and a quarter above it."""
    size = D(1000)
    venue.set_book(f"{symbol}.SANDBOX", [(D(bid), size)], [(D(bid) + D("0.25"), size)], now_ns=1)


def trade(venue: Venue, symbol: str, side: OrderSide, quantity: str) -> object:
    """Place a market order; return the answer."""
    made = instrument(symbol)
    request = PlaceOrder(
        account_id=ACCOUNT,
        client_order_id=ClientOrderId(f"O-{next(_numbers)}"),
        instrument_id=made.id,
        side=side,
        order_type=OrderType.MARKET,
        quantity=Quantity(D(quantity), made.size_precision),
    )
    return venue.handle(request, now_ns=2).answer


def total(venue: Venue, code: str) -> Decimal:
    """Return what the account has of a currency."""
    return next(one.total.value for one in venue.balances(str(ACCOUNT)) if one.currency.code == code)


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_every_kind_can_be_bought_and_sold_on_margin(symbol: str) -> None:
    venue, made = open_venue(symbol), instrument(symbol)
    code = made.settlement_currency.code
    before = total(venue, code)

    trade(venue, symbol, OrderSide.BUY, "3")
    move(venue, symbol, "110.00")
    trade(venue, symbol, OrderSide.SELL, "3")

    bought, sold = venue.fills()
    profit = made.settle(made.pnl(D(3), D("100.25"), D(110)))
    fees = [made.settle(made.worth(D(3), price) * made.taker_fee) for price in (D("100.25"), D(110))]
    assert [bought.commission, sold.commission] == fees
    assert total(venue, code) == before + profit.value - fees[0].value - fees[1].value
    assert [report.quantity.value for report in venue.positions()] == [0]
    venue.check()


@pytest.mark.parametrize("symbol", ["BTCUSDT", "AUD/USD", "AAPL-SHARE", "GOLD-SPOT"])
def test_on_cash_what_is_bought_is_owned_and_only_that_can_be_sold(symbol: str) -> None:
    made = instrument(symbol)
    quote, thing = made.quote_currency.code, asset_of(made).code
    venue = open_venue(symbol, f"1000 {quote}", account_type="CASH")

    trade(venue, symbol, OrderSide.BUY, "3")
    (bought,) = venue.fills()
    assert bought.commission is not None
    assert total(venue, thing) == 3
    assert total(venue, quote) == 1000 - D("300.75") - bought.commission.value
    trade(venue, symbol, OrderSide.SELL, "4")
    assert len(venue.fills()) == 1, "more than it owns is refused"
    trade(venue, symbol, OrderSide.SELL, "3")
    assert total(venue, thing) == 0
    venue.check()


def test_a_fee_in_what_was_bought_reduces_what_can_be_sold() -> None:
    venue = open_venue("BTCUSDT", "1000 USDT", account_type="CASH", fee_currency="received", taker_rate="0.001")

    trade(venue, "BTCUSDT", OrderSide.BUY, "2")
    assert total(venue, "BTC") == D("1.998")
    trade(venue, "BTCUSDT", OrderSide.SELL, "2")
    assert len(venue.fills()) == 1
    trade(venue, "BTCUSDT", OrderSide.SELL, "1.998")
    assert total(venue, "BTC") == 0


@pytest.mark.parametrize("symbol", ["AAPL-SHARE", "ES-FUTURE", "XAU-CFD"])
def test_what_has_no_base_currency_is_owned_under_its_own_name(symbol: str) -> None:
    made = instrument(symbol)
    found = asset_of(made)

    assert (found.code, found.precision) == (symbol, made.size_precision)
    assert asset_of(instrument("BTCUSDT")).code == "BTC"


def test_margins_are_summed_over_the_positions_of_an_instrument_and_zero_once_they_are_closed() -> None:
    made = instrument("BTCUSDT-PERP")
    account = VenueAccount(ACCOUNT, AccountType.MARGIN, hedging=True)
    for name, signed in (("P-1", D(2)), ("P-2", D(-1))):
        account.position(made, PositionId(name)).set(signed, D(1000), 1)
    usdt = made.settlement_currency

    (margin,) = account_margins(account)
    assert (margin.initial, margin.maintenance) == (Money(D(150), usdt), Money(D(75), usdt))
    for name in ("P-1", "P-2"):
        account.position(made, PositionId(name)).set(D(0), None, 2)
    (margin,) = account_margins(account)
    assert (margin.initial, margin.maintenance, margin.instrument) == (
        Money(D(0), usdt),
        Money(D(0), usdt),
        str(made.id),
    )


@given(
    st.lists(st.tuples(st.integers(-9, 9).filter(bool), st.integers(90, 110)), min_size=2, max_size=10),
    st.integers(0, 9),
)
@pytest.mark.parametrize("symbol", ["BTCUSD-INVERSE", "ES-FUTURE"])
@settings(max_examples=25)
def test_a_trade_taken_back_leaves_the_balance_that_the_others_come_to(
    symbol: str, trades: list[tuple[int, int]], which: int
) -> None:
    which %= len(trades)
    busted, clean = (open_venue(symbol, "100000000 BTC", "100000000 USD") for _ in range(2))
    for venue, wanted in ((busted, trades), (clean, trades[:which] + trades[which + 1 :])):
        for signed, price in wanted:
            move(venue, symbol, f"{price}.00")
            trade(venue, symbol, OrderSide.BUY if signed > 0 else OrderSide.SELL, str(abs(signed)))
    gone = busted.fills()[which]
    busted.bust(str(gone.venue_order_id), str(gone.trade_id), now_ns=9)

    code = instrument(symbol).settlement_currency.code
    assert len(busted.fills()) == len(clean.fills()) == len(trades) - 1
    assert (busted.fills(busted=True), clean.fills(busted=True)) == ([gone], [])
    assert total(busted, code) == total(clean, code)
    assert [one.signed_qty for one in busted.positions()] == [one.signed_qty for one in clean.positions()]
