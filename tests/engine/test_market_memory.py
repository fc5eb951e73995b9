from __future__ import annotations

from decimal import Decimal

import pytest

from nautilus_live.config.storage import CacheConfig
from nautilus_live.core.exchange_rates import exchange_rate
from nautilus_live.engine.cache import Cache
from nautilus_live.model.bars import Bar, BarType
from nautilus_live.model.data import QuoteTick
from nautilus_live.model.enums import PriceType
from nautilus_live.model.identifiers import InstrumentId, Venue
from nautilus_live.model.objects import Currency, Price, Quantity
from nautilus_live.model.updates import FundingRateUpdate, IndexPriceUpdate, MarkPriceUpdate
from tests.engine.data_rig import BTC, pair, quote_tick, trade_tick

MINUTE_BARS = BarType.from_str("BTCUSDT.SIM-1-MINUTE-LAST-EXTERNAL")


def bar(close_ns: int, close: str = "10") -> Bar:
    price = Price.from_str(close)
    return Bar(MINUTE_BARS, price, price, price, price, Quantity.from_str("1"), close_ns, close_ns)


def test_capacities_bound_what_is_kept() -> None:
    cache = Cache(None, CacheConfig(tick_capacity=2, bar_capacity=3))
    cache.add_quote_ticks([quote_tick("1", "2", n) for n in range(5)])
    cache.add_trade_ticks([trade_tick("1", "1", n) for n in range(5)])
    cache.add_bars([bar(n) for n in range(5)])
    assert [tick.ts_event for tick in cache.quote_ticks(BTC)] == [4, 3]
    assert [tick.ts_event for tick in cache.trade_ticks(BTC)] == [4, 3]
    assert [one.ts_event for one in cache.bars(MINUTE_BARS)] == [4, 3, 2]
    assert (cache.tick_capacity, cache.bar_capacity) == (2, 3)
    assert cache.bar(MINUTE_BARS, 1) == bar(3)
    assert cache.bar(MINUTE_BARS, 9) is None


def test_a_late_bar_goes_where_it_belongs_and_a_revision_in_its_place() -> None:
    cache = Cache(None, CacheConfig(bar_capacity=3))
    cache.add_bars([bar(10), bar(30), bar(20), bar(30, "11")])
    assert [(one.ts_event, str(one.close)) for one in cache.bars(MINUTE_BARS)] == [(30, "11"), (20, "10"), (10, "10")]
    cache.add_bar(bar(25))
    cache.add_bar(bar(1))
    assert [one.ts_event for one in cache.bars(MINUTE_BARS)] == [30, 25, 20]


def test_reference_prices_and_funding_are_kept_newest_first() -> None:
    cache = Cache()
    for n in (1, 2):
        cache.add_mark_price(MarkPriceUpdate(BTC, Price.from_str(f"{n}.0"), n, n))
        cache.add_index_price(IndexPriceUpdate(BTC, Price.from_str(f"{n}.5"), n, n))
        cache.add_funding_rate(FundingRateUpdate(BTC, Decimal(n), n, n))
    marks, indexes = cache.mark_prices(BTC), cache.index_prices(BTC)
    assert [update.ts_event for update in marks] == [update.ts_event for update in indexes] == [2, 1]
    assert (cache.mark_price_count(BTC), cache.index_price_count(BTC)) == (2, 2)
    assert cache.mark_price(BTC, 1) == marks[1]
    assert cache.index_price(BTC) == indexes[0]
    assert (cache.has_mark_prices(BTC), cache.has_index_prices(InstrumentId.from_str("X.Y"))) == (True, False)
    funding = cache.funding_rate(BTC)
    assert funding is not None
    assert funding.rate == 2
    assert [update.rate for update in cache.funding_rates(BTC)] == [2, 1]
    assert (cache.funding_rate(BTC, 1), cache.funding_rate(BTC, 2)) == (cache.funding_rates(BTC)[1], None)
    assert (cache.funding_rate_count(BTC), cache.has_funding_rates(BTC)) == (2, True)
    assert cache.instrument_status(BTC) is None
    assert (cache.instrument_status_count(BTC), cache.has_instrument_statuses(BTC)) == (0, False)
    assert cache.price(BTC, PriceType.MARK) == Price.from_str("2.0")


def test_prices_lists_what_has_one() -> None:
    cache = Cache()
    cache.add_quote_tick(quote_tick("10", "12", 1))
    assert cache.prices(PriceType.BID) == {BTC: Price.from_str("10.00")}
    assert cache.prices(PriceType.LAST) == cache.prices(PriceType.MARK) == {}
    cache.add_trade_tick(trade_tick("11", "1", 1))
    cache.add_mark_price(MarkPriceUpdate(BTC, Price.from_str("10.5"), 1, 1))
    assert cache.prices(PriceType.LAST) == {BTC: Price.from_str("11.00")}
    assert cache.prices(PriceType.MARK) == {BTC: Price.from_str("10.5")}


def money(code: str) -> Currency:
    return Currency.from_str(code)


def test_exchange_rates_follow_the_shortest_chain_of_quoted_pairs() -> None:
    cache, sim = Cache(), Venue("SIM")
    for name, base, quote, bid, ask in (
        ("BTCUSDT.SIM", "BTC", "USDT", "100.00", "102.00"),
        ("ETHBTC.SIM", "ETH", "BTC", "0.10", "0.10"),
        ("EURUSDT.OTHER", "EUR", "USDT", "1.10", "1.10"),
    ):
        cache.add_instrument(pair(name, base, quote))
        size = Quantity.from_str("1")
        tick = QuoteTick(InstrumentId.from_str(name), Price.from_str(bid), Price.from_str(ask), size, size, 0, 0)
        cache.add_quote_tick(tick)
    assert cache.get_xrate(sim, money("BTC"), money("USDT")) == 101
    assert cache.get_xrate(sim, money("BTC"), money("USDT"), PriceType.BID) == 100
    assert cache.get_xrate(sim, money("USDT"), money("BTC"), PriceType.BID) == 1 / Decimal(102)
    assert cache.get_xrate(sim, money("ETH"), money("USDT"), PriceType.ASK) == Decimal("10.20")
    assert cache.get_xrate(sim, money("EUR"), money("USDT")) is None
    assert cache.get_xrate(None, money("EUR"), money("BTC")) == Decimal("1.10") / Decimal(101)
    assert cache.get_xrate(sim, money("EUR"), money("EUR")) == 1
    with pytest.raises(ValueError, match="BID, ASK or MID"):
        cache.get_xrate(sim, money("BTC"), money("USDT"), PriceType.LAST)


def test_mark_rates_are_what_was_set_and_their_reverse() -> None:
    cache = Cache()
    cache.set_mark_xrate(money("BTC"), money("USDT"), 50_000.0)
    assert cache.get_mark_xrate(money("BTC"), money("USDT")) == 50_000
    assert cache.get_mark_xrate(money("USDT"), money("BTC")) == 1 / Decimal(50_000)
    cache.clear_mark_xrate(money("BTC"), money("USDT"))
    assert cache.get_mark_xrate(money("BTC"), money("USDT")) is None
    cache.clear_mark_xrates()
    assert cache.get_mark_xrate(money("USDT"), money("BTC")) is None
    with pytest.raises(ValueError, match="positive"):
        cache.set_mark_xrate(money("BTC"), money("USDT"), Decimal(0))


def test_a_chain_is_found_across_several_markets_and_nonsense_is_left_out() -> None:
    markets = [
        ("A", "B", Decimal(2), Decimal(2)),
        ("B", "C", Decimal(3), Decimal(3)),
        ("A", "C", Decimal(0), Decimal(5)),
        ("C", "D", Decimal(4), Decimal(5)),
    ]
    assert exchange_rate(markets, "A", "D") == 24
    assert exchange_rate(markets, "D", "C") == Decimal(1) / 5
    assert exchange_rate(markets, "A", "Z") is None
