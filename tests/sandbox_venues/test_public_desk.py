from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from nautilus_live.model.bars import Bar
from nautilus_live.model.identifiers import InstrumentId
from sandbox_venues import public_desk
from sandbox_venues.feed_messages import FeedMessage, GetHistory, History
from sandbox_venues.messages import Refusal
from sandbox_venues.profiles import VenueProfile
from sandbox_venues.venue import Venue, VenueConfig
from scenarios.market import instrument

BTC = instrument("BTCUSDT", "SANDBOX")
MINUTE = 60_000_000_000
CANDLES = "bars 1-MINUTE-LAST"


def new_venue(**profile: Any) -> Venue:
    return Venue(VenueConfig(profile=VenueProfile(**profile)), [BTC])


def trade(venue: Venue, price: str, now_ns: int, quantity: str = "1.000") -> list[Any]:
    venue.set_book("BTCUSDT", bids=[(price, quantity)], now_ns=now_ns)
    return venue.add_liquidity("BTCUSDT", "SELL", price, quantity, now_ns=now_ns)


def history(venue: Venue, what: str, now_ns: int = 100 * MINUTE, **window: Any) -> list[Any]:
    answer = venue.history(GetHistory(what=what, instrument_id=BTC.id, **window), now_ns)
    assert isinstance(answer, History), answer
    return list(answer.items)


def shown(bar: Any) -> str:
    return f"{bar.ts_event // MINUTE}: {bar.open}/{bar.high}/{bar.low}/{bar.close} x{bar.volume}"


def test_trades_are_remembered_whoever_listens_and_quotes_from_the_first_listener_on() -> None:
    venue = new_venue()
    trade(venue, "100", 1)
    trade(venue, "101", 2)
    assert [(str(one.price), one.ts_event) for one in history(venue, "trades")] == [("100.00", 1), ("101.00", 2)]
    assert [str(one.price) for one in history(venue, "trades", start_ns=2)] == ["101.00"]
    assert [str(one.price) for one in history(venue, "trades", end_ns=1)] == ["100.00"]
    assert [str(one.price) for one in history(venue, "trades", limit=1)] == ["101.00"]
    venue.set_book("BTCUSDT", bids=[("99", "1")], asks=[("101", "1")], now_ns=3)
    assert history(venue, "quotes") == []
    venue.publishes_market = True
    venue.set_book("BTCUSDT", bids=[("98", "1")], asks=[("102", "1")], now_ns=4)
    assert [str(one.bid_price) for one in history(venue, "quotes")] == ["98.00"]


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(public_desk, "HISTORY_MAX", 3)
    venue = new_venue()
    for n in range(5):
        trade(venue, f"{100 + n}", n)
    assert [str(one.price) for one in history(venue, "trades")] == ["102.00", "103.00", "104.00"]


def test_candles_of_the_past_hold_their_interval_and_repeat_the_price_where_nobody_traded() -> None:
    venue = new_venue()
    for price, at in (("100", 1), ("103", MINUTE - 1), ("99", MINUTE), ("98", 3 * MINUTE + 5)):
        trade(venue, price, at)
    bars = history(venue, CANDLES, now_ns=4 * MINUTE)
    assert [shown(bar) for bar in bars] == [
        "1: 100.00/103.00/100.00/103.00 x2.000",
        "2: 99.00/99.00/99.00/99.00 x1.000",
        "3: 99.00/99.00/99.00/99.00 x0.000",
        "4: 98.00/98.00/98.00/98.00 x1.000",
    ]
    assert len(history(venue, CANDLES, now_ns=4 * MINUTE - 1)) == 3, "the one under way is not over"
    later = history(venue, CANDLES, now_ns=4 * MINUTE, start_ns=2 * MINUTE)
    assert [shown(bar) for bar in later] == [shown(bar) for bar in bars[2:]]
    assert history(new_venue(), CANDLES) == []


def test_a_candle_is_told_as_it_grows_and_when_it_is_over() -> None:
    venue = new_venue()
    assert venue.open_feed(CANDLES, BTC.id, 0) == []
    growing = [one for one in trade(venue, "100", 5) if isinstance(one, FeedMessage)]
    assert [(shown(one.data), one.final) for one in growing] == [("1: 100.00/100.00/100.00/100.00 x1.000", False)]
    assert venue.next_expiry_ns() == MINUTE
    (over,) = [one for one in venue.advance(MINUTE) if isinstance(one, FeedMessage)]
    assert (shown(over.data), over.final, over.label) == ("1: 100.00/100.00/100.00/100.00 x1.000", True, "bars")
    (again,) = [one for one in venue.advance(2 * MINUTE) if isinstance(one, FeedMessage)]
    assert isinstance(again.data, Bar)
    assert shown(again.data) == "2: 100.00/100.00/100.00/100.00 x0.000"


def test_reference_prices_are_told_when_they_change_and_to_a_new_subscriber() -> None:
    venue = new_venue(funding_interval_secs=3600.0, funding_rate="0.0002")
    (funding,) = open_feed(venue, "funding_rates")
    assert (funding.data.rate, funding.data.next_funding_ns) == (Decimal("0.0002"), 60 * MINUTE)
    assert open_feed(venue, "mark_prices") == []
    first = venue.set_price("BTCUSDT", mark="100.5", now_ns=1)
    told: list[Any] = [one for one in first if isinstance(one, FeedMessage)]
    assert [(one.what, str(one.data.value)) for one in told] == [("mark_prices", "100.50")]
    assert not [one for one in venue.set_price("BTCUSDT", mark="100.5", now_ns=2) if isinstance(one, FeedMessage)]
    (stands,) = open_feed(venue, "mark_prices")
    assert str(stands.data.value) == "100.50"


def open_feed(venue: Venue, what: str) -> list[Any]:
    answer = venue.open_feed(what, BTC.id, 0)
    assert isinstance(answer, list), answer
    return answer


@pytest.mark.parametrize("what", ["bars 1-MINUTE-BID", "bars 100-TICK-LAST", "bars 1-MONTH-LAST", "bars nonsense"])
def test_candles_that_the_venue_does_not_make_are_refused(what: str) -> None:
    venue = new_venue()
    assert isinstance(venue.open_feed(what, BTC.id, 0), Refusal)
    assert isinstance(venue.history(GetHistory(what=what, instrument_id=BTC.id), 0), Refusal)


def test_a_market_that_is_not_traded_here_is_refused() -> None:
    venue, nowhere = new_venue(), InstrumentId.from_str("X.Y")
    assert isinstance(venue.open_feed("mark_prices", nowhere, 0), Refusal)
    assert isinstance(venue.history(GetHistory(what="trades", instrument_id=nowhere), 0), Refusal)
