"""Quotes and trades."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nautilus_live.model.data import QuoteTick, TradeTick
from nautilus_live.model.enums import AggressorSide, PriceType
from nautilus_live.model.identifiers import TradeId
from nautilus_live.model.objects import MAX_PRECISION, Price, Quantity
from tests.core.conftest import SPOT, make_quote, px, qty


def quote(bid: str, ask: str) -> QuoteTick:
    """Return a quote with prices exactly as written."""
    return QuoteTick(SPOT.id, Price.from_str(bid), Price.from_str(ask), qty("1"), qty("2"), 3, 4)


@pytest.mark.parametrize(
    ("bid", "ask", "mid"),
    [
        ("99.00", "101.00", "100.000"),
        ("99.99", "100.00", "99.995"),
        ("1", "2", "1.5"),
        ("-1.0", "0.5", "-0.25"),
        ("1.0", "1.25", "1.125"),
        ("1.25", "2.0", "1.625"),
        ("0.0000000000000001", "0.0000000000000002", "0.0000000000000002"),
    ],
)
def test_the_mid_has_one_place_more_up_to_the_most_there_can_be(bid: str, ask: str, mid: str) -> None:
    made = quote(bid, ask)

    assert str(made.extract_price(PriceType.MID)) == mid
    assert made.extract_price(PriceType.BID) is made.bid_price
    assert made.extract_price(PriceType.ASK) is made.ask_price


@given(bid=st.integers(-(10**9), 10**9), spread=st.integers(0, 10**6), places=st.integers(0, MAX_PRECISION - 1))
def test_the_mid_is_exact(bid: int, spread: int, places: int) -> None:
    unit = Price(1, places).value.scaleb(-places)  # type: ignore[arg-type]  # an int is taken
    low, high = bid * unit, (bid + spread) * unit
    made = QuoteTick(SPOT.id, Price(low, places), Price(high, places), qty("1"), qty("1"), 0, 0)

    assert made.extract_price(PriceType.MID).value * 2 == low + high


@pytest.mark.parametrize("price_type", [PriceType.LAST, PriceType.MARK])
def test_a_quote_has_no_other_prices(price_type: PriceType) -> None:
    with pytest.raises(ValueError, match=f"^a quote has BID, ASK and MID prices, was {price_type.name}$"):
        make_quote().extract_price(price_type)


def test_ticks_survive_encoding_and_are_told_apart() -> None:
    trade = TradeTick(SPOT.id, px("1.50"), Quantity.from_int(2), AggressorSide.SELLER, TradeId("T-1"), 1, 2)

    for tick in (make_quote(), trade):
        read = msgspec.msgpack.decode(msgspec.msgpack.encode(tick), type=QuoteTick | TradeTick)
        assert type(read) is type(tick)
        assert read == tick


def test_a_tick_cannot_be_changed() -> None:
    tick = make_quote()
    with pytest.raises(AttributeError):
        tick.ts_event = 5  # type: ignore[misc]  # that it cannot is the test
