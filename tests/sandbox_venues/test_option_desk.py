"""Options at the venue: makers follow the underlying, and the greeks told are those of the quotes."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from nautilus_live.model.black_scholes import black_scholes_greeks
from nautilus_live.model.enums import OrderSide
from nautilus_live.model.identifiers import InstrumentId
from nautilus_live.model.option_chain import OptionGreeks
from sandbox_venues.describe import describe
from sandbox_venues.feed_messages import FeedMessage
from sandbox_venues.instruments import SERIES_ENDS_NS, instrument, is_option
from sandbox_venues.messages import QuoteMessage, Refusal
from sandbox_venues.option_desk import final_price
from sandbox_venues.venue import Venue, VenueConfig

D = Decimal
NOW_NS = SERIES_ENDS_NS - 30 * 86_400_000_000_000
CALL, PUT, FUTURE = (InstrumentId.from_str(f"{name}.SIM") for name in ("ES-C6000", "ES-P6000", "ES-FUTURE"))


def a_venue(*names: str) -> Venue:
    listed = [instrument(name, "SIM") for name in names or ("ES-FUTURE", "ES-C6000", "ES-P6000", "AAPL-C190")]
    return Venue(VenueConfig(name="SIM"), listed, NOW_NS)


def move(venue: Venue, bid: str, ask: str, symbol: str = "ES-FUTURE", now_ns: int = NOW_NS) -> list[Any]:
    return venue.set_book(symbol, [(bid, "5")], [(ask, "5")], now_ns=now_ns)


def best(venue: Venue, instrument_id: InstrumentId) -> tuple[list[Decimal], list[Decimal]]:
    sides = (venue.levels(instrument_id, side) for side in (OrderSide.BUY, OrderSide.SELL))
    bids, asks = ([price for price, _ in levels] for levels in sides)
    return bids, asks


def test_makers_quote_the_value_around_its_middle() -> None:
    venue = a_venue()
    move(venue, "5999.50", "6000.50")
    venue.make_options("ES-FUTURE", "0.15", 4, now_ns=NOW_NS)

    value = black_scholes_greeks(6000, 0.0, 0.0, 0.15, True, 6000, 30 / 365.25).price
    (bid,), (ask,) = best(venue, CALL)
    assert ask - bid == D("0.04")
    assert bid <= D(str(value)) <= ask
    assert best(venue, PUT) == ([bid], [ask])
    assert best(venue, InstrumentId.from_str("AAPL-C190.SIM")) == ([], [])  # on something else


def test_makers_follow_the_underlying_at_once() -> None:
    venue = a_venue()
    venue.publishes_market = True
    venue.make_options("ES-FUTURE", "0.15", now_ns=NOW_NS)
    assert best(venue, CALL) == ([], [])  # what is it worth?

    messages = move(venue, "6099.50", "6100.50")
    quoted = [message.tick.instrument_id for message in messages if isinstance(message, QuoteMessage)]
    assert quoted == [CALL, PUT, FUTURE]
    (dear,), _ = best(venue, CALL)
    (cheap,), _ = best(venue, PUT)
    assert dear - cheap == pytest.approx(D(100), abs=D("0.02"))

    assert [type(message) for message in move(venue, "6099.50", "6100.50")] == []  # nothing new
    venue.set_book("ES-FUTURE", [("6099.50", "5")], now_ns=NOW_NS)
    assert best(venue, CALL) == ([], [])


def test_other_makers_take_the_place_of_those_before() -> None:
    venue = a_venue()
    move(venue, "5999.50", "6000.50")
    for volatility in ("0.15", "0.30"):
        venue.make_options("ES-FUTURE", volatility, now_ns=NOW_NS)
    move(venue, "6000.50", "6001.50")

    bids, _ = best(venue, CALL)
    assert len(bids) == 1
    assert bids[0] > D(200)  # at 15 % it would be half of that


def test_nothing_is_bid_for_what_is_worth_nothing_and_what_has_expired_is_not_quoted() -> None:
    venue = a_venue("ES-FUTURE", "ES-C9000")
    venue.make_options("ES-FUTURE", "0.10", now_ns=NOW_NS)
    move(venue, "5999.50", "6000.50")
    far = InstrumentId.from_str("ES-C9000.SIM")
    assert best(venue, far) == ([], [D("0.04")])

    venue.advance(SERIES_ENDS_NS)
    levels = best(venue, far)
    move(venue, "6099.50", "6100.50", now_ns=SERIES_ENDS_NS)
    assert best(venue, far) == levels


def test_options_that_are_listed_later_are_quoted_with_the_others() -> None:
    venue = a_venue()
    venue.make_options("ES-FUTURE", "0.15", now_ns=NOW_NS)
    move(venue, "5999.50", "6000.50")
    late = instrument("ES-C6200", "SIM")
    venue.list_instrument(late, now_ns=NOW_NS)
    move(venue, "6000.50", "6001.50")

    assert best(venue, late.id)[0] != []


@pytest.mark.parametrize(
    ("symbol", "index", "price"),
    [
        ("ES-C6000", None, "75.25"),
        ("ES-P6000", None, "0"),
        ("ES-P6000", "1.50", "1.50"),
        ("ES-FUTURE", None, "6075.25"),
    ],
)
def test_an_option_ends_at_what_it_pays(symbol: str, index: str | None, price: str) -> None:
    venue = a_venue()
    move(venue, "6075.00", "6075.50")
    if index is not None:
        venue.set_price(symbol, index=index, now_ns=NOW_NS)
    market = venue._market(symbol)

    assert final_price(market, venue.underlying(market)) == D(price)


def greeks_in(messages: list[Any]) -> list[OptionGreeks]:
    told = [message.data for message in messages if isinstance(message, FeedMessage)]
    return [data for data in told if isinstance(data, OptionGreeks)]


def opened(venue: Venue, instrument_id: InstrumentId) -> list[Any]:
    found = venue.open_feed("option_greeks", instrument_id, NOW_NS)
    assert not isinstance(found, Refusal)
    return found


def test_greeks_are_those_of_the_quotes_and_told_when_these_change() -> None:
    venue = a_venue()
    assert opened(venue, CALL) == []
    move(venue, "5999.50", "6000.50")
    (told,) = greeks_in(move(venue, "100.00", "104.00", "ES-C6000"))

    found = black_scholes_greeks(6000, 0.0, 0.0, told.mark_iv or 0.0, True, 6000, 30 / 365.25)
    assert found.price == pytest.approx(102.0)
    assert (told.delta, told.gamma, told.vega, told.theta) == pytest.approx(found[2:6])
    assert (told.instrument_id, told.underlying_price, told.ts_event) == (CALL, 6000.0, NOW_NS)
    assert told.mark_iv is not None
    assert (told.bid_iv or 9.9) < told.mark_iv < (told.ask_iv or 0.0)
    years, step = 30 / 365.25, 1e-4
    by_rate = black_scholes_greeks(6000, step, 0.0, told.mark_iv, True, 6000, years).price - found.price
    assert told.rho == pytest.approx(by_rate / step / 100, rel=1e-4)

    assert greeks_in(move(venue, "100.00", "104.00", "ES-C6000")) == []
    assert len(greeks_in(move(venue, "6000.00", "6001.00"))) == 1
    assert opened(venue, CALL)[0].data.underlying_price == 6000.5


@pytest.mark.parametrize(("bid", "ask"), [("7000.00", "7001.00"), ("5999.00", "6100.00")])
def test_a_price_that_no_volatility_gives_has_no_greeks(bid: str, ask: str) -> None:
    venue = a_venue()
    opened(venue, CALL)
    move(venue, "5999.50", "6000.50")

    assert greeks_in(move(venue, bid, ask, "ES-C6000")) == []


def test_a_trace_shows_what_is_told_of_an_option() -> None:
    venue = a_venue()
    opened(venue, CALL)
    move(venue, "5999.50", "6000.50")
    (message,) = [one for one in move(venue, "100.00", "104.00", "ES-C6000") if isinstance(one, FeedMessage)]

    assert describe(message) == "option_greeks ES-C6000.SIM delta 0.5085 at 0.1487 on 6000.0"


def test_only_options_whose_underlying_is_traded_have_greeks() -> None:
    venue = a_venue("ES-C6000", "BTCUSDT-PERP", "BTC-C90000")
    for name in ("BTCUSDT-PERP", "ES-C6000", "BTC-C90000"):
        opened(venue, InstrumentId.from_str(f"{name}.SIM"))
    move(venue, "90000.00", "90010.00", "BTCUSDT-PERP")
    assert greeks_in(move(venue, "100.00", "101.00", "ES-C6000")) == []

    (told,) = greeks_in(move(venue, "3000.00", "3010.00", "BTC-C90000"))
    assert told.underlying_price == 90005.0  # the market in that currency


@pytest.mark.parametrize(
    ("symbol", "volatility", "spread", "told"),
    [
        ("AAPL-C190", "0.2", 4, "0 options, 0.2 and 4"),
        ("ES-FUTURE", "0", 4, "2 options, 0 and 4"),
        ("ES-FUTURE", "0.2", 0, "2 options, 0.2 and 0"),
    ],
)
def test_makers_need_options_a_volatility_and_a_spread(symbol: str, volatility: str, spread: int, told: str) -> None:
    with pytest.raises(ValueError, match=f"{symbol}: there must be options on it, .* was {told}"):
        a_venue().make_options(symbol, volatility, spread, now_ns=NOW_NS)


@pytest.mark.parametrize(
    ("symbol", "is_one"),
    [("ES-C6000", True), ("AAPL-P190", True), ("BTC-C90000", True), ("ES-PUT", False), ("ES-C", False)],
)
def test_symbols_say_which_options_there_are(symbol: str, is_one: bool) -> None:
    assert is_option(symbol) is is_one
