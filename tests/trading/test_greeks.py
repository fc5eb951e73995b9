"""Greeks from what the cache knows: of options and others, under shocks, in other units, of portfolios, told on."""

from __future__ import annotations

import logging
from decimal import Decimal
from math import exp
from typing import Any

import pytest
from msgspec.structs import fields, replace

from nautilus_live.core.position_keeping import apply as take_part
from nautilus_live.core.position_keeping import parts
from nautilus_live.engine.cache import Cache
from nautilus_live.engine.message_bus import MessageBus
from nautilus_live.errors import ProgrammerError
from nautilus_live.model.bars import Bar, BarType
from nautilus_live.model.black_scholes import black_scholes_greeks, imply_vol
from nautilus_live.model.data import QuoteTick, TradeTick
from nautilus_live.model.enums import AggressorSide, OmsType, PositionSide
from nautilus_live.model.greeks_data import GreeksData, PortfolioGreeks, YieldCurveData
from nautilus_live.model.identifiers import InstrumentId, PositionId, StrategyId, TradeId, TraderId, Venue
from nautilus_live.model.instruments import BinaryOption, Instrument, OptionSpread
from nautilus_live.model.objects import Price, Quantity
from nautilus_live.model.option_chain import OptionGreeks
from nautilus_live.model.position import Position
from nautilus_live.model.spread_ids import new_generic_spread_id
from nautilus_live.model.updates import IndexPriceUpdate
from nautilus_live.trading.greeks import GreeksCalculator
from sandbox_venues.instruments import SERIES_ENDS_NS, instrument
from tests.core.conftest import ACCOUNT, TRADER, make_fill, make_order

DAY_NS = 86_400_000_000_000
NOW_NS = SERIES_ENDS_NS - 20 * DAY_NS - 1
CALL, PUT, FUTURE, SHARE, SHARE_CALL = (
    InstrumentId.from_str(f"{name}.SIM") for name in ("ES-C6000", "ES-P6000", "ES-FUTURE", "AAPL-SHARE", "AAPL-C190")
)


class Clock:
    """A clock that a test sets."""

    now_ns = NOW_NS

    def timestamp_ns(self) -> int:
        return self.now_ns


class Desk:
    """A cache with options, and a calculator."""

    def __init__(self) -> None:
        self.cache, self.clock, self.bus = Cache(), Clock(), MessageBus(TraderId("T-1"))
        self.greeks = GreeksCalculator(self.bus, self.cache, self.clock)
        for one in (CALL, PUT, FUTURE, SHARE, SHARE_CALL):
            self.cache.add_instrument(instrument(one.symbol.value, "SIM"))
        self.quote(FUTURE, "5999.50", "6000.50")
        self.quote(CALL, "84.00", "86.00")
        self.quote(PUT, "84.00", "86.00")
        self.quote(SHARE, "189.90", "190.10")
        self.quote(SHARE_CALL, "3.90", "4.10")
        self.held = 0

    def quote(self, instrument_id: InstrumentId, bid: str, ask: str) -> None:
        one = Quantity.from_int(1)
        self.cache.add_quote_tick(QuoteTick(instrument_id, Price.from_str(bid), Price.from_str(ask), one, one, 0, 0))

    def hold(
        self, instrument_id: InstrumentId, side: str, quantity: int, price: str, strategy: str = "S-001"
    ) -> Position:
        self.held += 1
        found = self.cache.instrument(instrument_id)
        assert found is not None, "it was added"
        position = Position(found, PositionId(f"P-{self.held}"), StrategyId(strategy), TRADER, ACCOUNT)
        order = make_order(f"O-{self.held}", side, str(quantity), instrument=found)
        for part in parts(position, make_fill(order, str(quantity), price)):
            take_part(position, part)
        self.cache.add_position(position, OmsType.HEDGING)
        return position

    def of(self, instrument_id: InstrumentId, **arguments: Any) -> GreeksData:
        found = self.greeks.instrument_greeks(instrument_id, **arguments)
        assert found is not None, "its greeks are known"
        return found


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_greeks_of_an_option_are_those_of_its_price(desk: Desk) -> None:
    found = desk.of(CALL, flat_interest_rate=0.05)

    years = 20 / 365.25
    vol = imply_vol(6000.0, 0.05, 0.0, True, 6000.0, years, 85.0)
    assert (found.delta, found.gamma, found.vega, found.theta, found.itm_prob) == pytest.approx(
        black_scholes_greeks(6000.0, 0.05, 0.0, vol, True, 6000.0, years)[2:]
    )
    assert (found.price, found.vol, found.pnl) == pytest.approx((85.0, vol, 0.0))
    assert (found.instrument_id, found.is_call, found.strike, found.expiry) == (CALL, True, 6000.0, 20260130)
    assert (found.expiry_in_days, found.expiry_in_years, found.multiplier, found.quantity) == (20, years, 50.0, 1.0)
    assert (found.underlying_price, found.interest_rate, found.cost_of_carry) == (6000.0, 0.05, 0.0)
    assert (found.ts_event, found.ts_init) == (NOW_NS, NOW_NS)
    assert desk.of(PUT, flat_interest_rate=0.05).delta == pytest.approx(found.delta - exp(-0.05 * years))


def test_what_is_no_option_moves_one_to_one(desk: Desk) -> None:
    found = desk.of(FUTURE, spot_shock=10.0, position=desk.hold(FUTURE, "BUY", 2, "5950.00"))

    assert (found.delta, found.gamma, found.vega, found.theta) == (1.0, 0.0, 0.0, 0.0)
    assert (found.multiplier, found.underlying_price, found.price, found.pnl) == (50.0, 6010.0, 60.0, 60.0)
    assert desk.of(SHARE).price == 0.0


def test_rates_come_from_curves_where_there_are_any(desk: Desk) -> None:
    assert desk.of(SHARE_CALL, flat_dividend_yield=0.01).cost_of_carry == pytest.approx(0.0425 - 0.01)

    desk.cache.add_yield_curve(YieldCurveData(0, 0, "USD", (0.01, 1.0), (0.06, 0.04)))
    desk.cache.add_yield_curve(YieldCurveData(0, 0, str(SHARE), (1.0,), (0.02,)))
    found = desk.of(SHARE_CALL, flat_interest_rate=0.9, flat_dividend_yield=0.9)

    rate = 0.06 - 0.02 * (found.expiry_in_years - 0.01) / 0.99
    assert (found.interest_rate, found.cost_of_carry) == pytest.approx((rate, rate - 0.02))
    assert desk.cache.yield_curve("EUR") is None


def test_shocks_price_the_option_anew(desk: Desk) -> None:
    base = desk.of(CALL)
    found = desk.of(CALL, spot_shock=30.0, vol_shock=0.02, time_to_expiry_shock=5 / 365.25)

    assert (found.underlying_price, found.expiry_in_days) == (6030.0, 15)
    assert found.vol == pytest.approx(base.vol + 0.02)
    expected = black_scholes_greeks(6030.0, 0.0425, 0.0, base.vol + 0.02, True, 6000.0, 15 / 365.25)
    assert (found.price, found.delta, found.theta) == pytest.approx((expected.price, expected.delta, expected.theta))
    over = desk.of(CALL, spot_shock=30.0, time_to_expiry_shock=1.0)
    assert (over.price, over.delta, over.expiry_in_days, over.expiry_in_years) == (30.0, 1.0, 0, 0.0)
    assert desk.of(CALL, vol_shock=-9.0).vol == 0.0
    with pytest.raises(ValueError, match=r"prices of underlying and strike must be positive, was 0\.0 and 6000"):
        desk.of(CALL, spot_shock=-6000.0)


def test_greeks_are_told_in_other_units(desk: Desk) -> None:
    base = desk.of(SHARE_CALL)

    percent = desk.of(SHARE_CALL, percent_greeks=True)
    assert (percent.delta, percent.gamma) == pytest.approx((base.delta * 1.9, base.gamma * 1.9**2))
    assert percent.vega == pytest.approx(base.vega * base.vol / 100)
    by_index = desk.of(SHARE_CALL, index_instrument_id=FUTURE, beta_weights={SHARE: 1.5})
    assert by_index.delta == pytest.approx(base.delta * 1.5 * 190 / 6000)
    assert desk.of(SHARE, index_instrument_id=FUTURE, beta_weights={SHARE: 1.5}).delta == pytest.approx(
        1.5 * 190 / 6000
    )
    assert desk.of(SHARE_CALL, vega_time_weight_base=80).vega == pytest.approx(2 * base.vega)
    index = IndexPriceUpdate(InstrumentId.from_str("VIX.SIM"), Price.from_str("16.00"), 0, 0)
    desk.cache.add_index_price(index)
    by_vix = desk.of(SHARE_CALL, vol_index_instrument_id=index.instrument_id, vol_beta_weights={SHARE: 2.0})
    assert by_vix.vega == pytest.approx(base.vega * 2 * base.vol / 0.16)


def test_given_greeks_are_told_in_other_units(desk: Desk) -> None:
    given = (0.5, 0.01, SHARE, 195.0, 190.0, True, FUTURE, {SHARE: 1.5})

    assert desk.greeks.modify_greeks(*given, 0.3, 0.2, 60, 30) == pytest.approx(
        (1.4625, 0.08555625, 0.000424264), rel=1e-6
    )
    assert desk.greeks.modify_greeks(*given, index_price=100.0)[0] == pytest.approx(
        1.4625
    )  # of a per cent, all the same
    with pytest.raises(ValueError, match=r"greeks in moves of an index: XX\.SIM must have a price, had none"):
        desk.greeks.modify_greeks(0.5, 0.01, SHARE, 190.0, 190.0, False, InstrumentId.from_str("XX.SIM"), None)


def test_a_quote_comes_before_a_trade(desk: Desk) -> None:
    def trade(instrument_id: InstrumentId, price: str) -> None:
        one = Quantity.from_int(1)
        desk.cache.add_trade_tick(
            TradeTick(instrument_id, Price.from_str(price), one, AggressorSide.BUYER, TradeId("1"), 0, 0)
        )

    desk.cache.add_instrument(instrument("ES-C6100", "SIM"))
    last = InstrumentId.from_str("ES-C6100.SIM")
    trade(CALL, "99.00")
    trade(last, "50.00")

    assert desk.of(CALL).price == pytest.approx(85.0)
    assert desk.of(last).price == pytest.approx(50.0)


def test_where_there_are_bars_only_the_latest_close_is_the_price(desk: Desk) -> None:
    share = instrument("AAPL-C200", "SIM")
    desk.cache.add_instrument(share)
    for minutes, close, at in ((1, "4.00", 60), (5, "3.50", 300), (3, "3.75", 180)):
        kind = BarType.from_str(f"{share.id}-{minutes}-MINUTE-LAST-EXTERNAL")
        price = Price.from_str(close)
        desk.cache.add_bar(Bar(kind, price, price, price, price, Quantity.from_int(1), at, at))

    assert desk.of(share.id).price == pytest.approx(3.50)
    desk.quote(share.id, "3.00", "3.10")
    assert desk.of(share.id).price == pytest.approx(3.05)


def test_an_underlying_without_a_market_has_the_price_that_the_venue_says(desk: Desk) -> None:
    bitcoin = instrument("BTC-C90000", "SIM")
    desk.cache.add_instrument(bitcoin)
    desk.quote(bitcoin.id, "3000.00", "3010.00")
    assert desk.greeks.instrument_greeks(bitcoin.id) is None

    desk.cache.add_index_price(IndexPriceUpdate(bitcoin.id, Price.from_str("91000.00"), 0, 0))

    assert desk.of(bitcoin.id).underlying_price == 91000.0
    desk.cache.add_option_greeks(OptionGreeks(bitcoin.id, 0.5, 0.1, 0.1, -0.1))
    assert desk.of(bitcoin.id).underlying_price == 91000.0
    desk.cache.add_option_greeks(OptionGreeks(bitcoin.id, 0.5, 0.1, 0.1, -0.1, underlying_price=91500.0))
    assert desk.of(bitcoin.id).underlying_price == 91500.0  # the forward, which the option's price is made of


def test_an_underlying_without_a_market_has_the_price_of_a_future_and_a_spread() -> None:
    desk = Desk()
    call, put = instrument("BTC-C90000", "SIM"), instrument("BTC-P90000", "SIM")
    for one in (call, put):
        desk.cache.add_instrument(one)
    bitcoin = InstrumentId.from_str("BTC.SIM")
    assert desk.greeks.cache_futures_spread(call.id, put.id, FUTURE) is None  # they have no prices
    assert desk.greeks.get_cached_futures_spread_price(bitcoin) is None
    desk.quote(call.id, "3000.00", "3010.00")
    desk.quote(put.id, "2000.00", "2010.00")

    forward = 90_000 + exp(0.0425 * 20 / 365.25) * 1_000  # put-call parity
    assert desk.greeks.cache_futures_spread(call.id, put.id, FUTURE) == Price.from_str(f"{forward:.3f}")
    desk.quote(FUTURE, "6009.50", "6010.50")

    assert desk.of(call.id).underlying_price == pytest.approx(forward + 10, abs=1e-3)
    with pytest.raises(ValueError, match="a call and a put must have one underlying, strike and expiration"):
        desk.greeks.cache_futures_spread(put.id, call.id, FUTURE)
    with pytest.raises(ValueError, match="a spread is of a call, a put and a future in the cache"):
        desk.greeks.cache_futures_spread(call.id, FUTURE, put.id)


def of_kind(kind: type[Instrument], name: str) -> Any:
    """Return an instrument of another kind that is otherwise like the option on the future."""
    like: Any = instrument("ES-C6000", "SIM")
    told = {one.name: getattr(like, one.name) for one in fields(like)}
    mine = {one.name for one in fields(kind)}
    more = {"id": InstrumentId.from_str(name), "strategy_type": "X"}
    return kind(**{key: value for key, value in {**told, **more}.items() if key in mine})


def test_greeks_of_a_spread_are_those_of_its_legs(desk: Desk) -> None:
    spread = of_kind(OptionSpread, str(new_generic_spread_id([(CALL, 1), (PUT, -2), (FUTURE, 1)])))
    desk.cache.add_instrument(spread)
    desk.quote(PUT, "60.00", "62.00")
    call, put = desk.of(CALL, spot_shock=5.0), desk.of(PUT, spot_shock=5.0)

    found = desk.of(spread.id, spot_shock=5.0, position=desk.hold(spread.id, "BUY", 1, "5900.00"))

    assert (found.delta, found.gamma) == pytest.approx((call.delta - 2 * put.delta + 1, call.gamma - 2 * put.gamma))
    assert (found.vega, found.theta) == pytest.approx((call.vega - 2 * put.vega, call.theta - 2 * put.theta))
    assert found.price == pytest.approx(call.price - 2 * put.price + 6005)
    assert (found.pnl, found.multiplier, found.quantity) == pytest.approx((found.price - 5900, 50.0, 1.0))


@pytest.mark.parametrize(
    ("asked", "quotes", "now_ns", "told"),
    [
        ("XX.SIM", {}, NOW_NS, "it must be in the cache, was not"),
        ("ES-C6100.SIM", {}, NOW_NS, "ES-C6100.SIM must have a price, had none"),
        ("BTC-C90000.SIM", {"BTC-C90000.SIM": "1.00"}, NOW_NS, "its underlying BTC.SIM must have a price, had none"),
        ("ES-C6000.SIM", {"ES-C6000.SIM": "7000.00"}, NOW_NS, "no volatility makes an option worth so much"),
        ("ES-C6000.SIM", {}, SERIES_ENDS_NS, "it must not have expired, did so at 2026-01-30"),
        ("BINARY.SIM", {}, NOW_NS, "it must move with an underlying as others do, is a BINARY_OPTION"),
        ("A-SPREAD.SIM", {}, NOW_NS, "its id must name its legs: A-SPREAD.SIM: a leg must be written"),
        ("(1)ES-C6000___(1)XX.SIM", {}, NOW_NS, "its leg XX.SIM must be in the cache, was not"),
        ("INVERSE.SIM", {}, NOW_NS, "its price must be in the quote currency, is in the underlying"),
    ],
)
def test_what_is_not_known_is_told_once(
    desk: Desk, caplog: pytest.LogCaptureFixture, asked: str, quotes: dict[str, str], now_ns: int, told: str
) -> None:
    for name in ("ES-C6100", "BTC-C90000"):
        desk.cache.add_instrument(instrument(name, "SIM"))
    inverse: Any = instrument("BTC-C90000", "SIM")
    desk.cache.add_instrument(replace(inverse, id=InstrumentId.from_str("INVERSE.SIM"), inverse=True))
    desk.cache.add_instrument(of_kind(BinaryOption, "BINARY.SIM"))
    for name in ("A-SPREAD.SIM", "(1)ES-C6000___(1)XX.SIM"):
        desk.cache.add_instrument(of_kind(OptionSpread, name))
    for name, price in quotes.items():
        desk.quote(InstrumentId.from_str(name), price, price)
    desk.clock.now_ns = now_ns

    for _ in range(3):
        assert desk.greeks.instrument_greeks(InstrumentId.from_str(asked)) is None

    assert [record.message.partition(told)[:2] for record in caplog.records] == [(f"{asked}: no greeks: ", told)]


def test_an_index_without_a_price_is_not_taken_for_none(desk: Desk) -> None:
    assert desk.greeks.instrument_greeks(CALL, index_instrument_id=InstrumentId.from_str("XX.SIM")) is None
    desk.quote(FUTURE, "0.00", "0.00")
    assert desk.greeks.instrument_greeks(SHARE, index_instrument_id=FUTURE) is None


def test_a_day_is_the_least_that_is_left(desk: Desk) -> None:
    desk.clock.now_ns = SERIES_ENDS_NS - 1

    assert (desk.of(CALL).expiry_in_days, desk.of(CALL).expiry_in_years) == (1, 1 / 365.25)
    assert desk.of(CALL, ts_event=NOW_NS).expiry_in_days == 20


def test_cached_greeks_are_those_of_the_market_and_serve_until_others_come(desk: Desk) -> None:
    base = desk.of(CALL)
    desk.of(CALL, cache_greeks=True, spot_shock=50.0, percent_greeks=True)
    assert desk.cache.greeks(CALL) == base

    desk.quote(CALL, "100.00", "102.00")
    cached = desk.of(CALL, use_cached_greeks=True, position=desk.hold(CALL, "BUY", 1, "80.00"))
    assert (cached.price, cached.delta, cached.pnl) == pytest.approx((base.price, base.delta, 5.0))
    assert desk.cache.greeks(CALL) == base  # whoever got them may change them: they are copies
    assert desk.of(CALL, use_cached_greeks=True, spot_shock=1.0).delta > base.delta
    assert desk.of(PUT, use_cached_greeks=True).price == pytest.approx(85.0)  # none are cached
    assert desk.of(CALL, update_vol=True).price == pytest.approx(101.0)


def test_a_portfolio_is_the_sum_of_what_is_held(desk: Desk) -> None:
    assert desk.greeks.portfolio_greeks() == PortfolioGreeks(NOW_NS, NOW_NS)
    desk.hold(CALL, "SELL", 10, "90.00")
    desk.hold(PUT, "SELL", 10, "80.00")
    desk.hold(FUTURE, "BUY", 2, "5990.00", strategy="S-002")
    desk.hold(SHARE, "BUY", 100, "180.00")
    call, put = desk.of(CALL), desk.of(PUT)

    whole = desk.greeks.portfolio_greeks(underlyings=["ES"])

    assert whole.delta == pytest.approx(50 * (-10 * (call.delta + put.delta) + 2))
    assert whole.gamma == pytest.approx(50 * -10 * (call.gamma + put.gamma))
    assert whole.pnl == pytest.approx(50 * (-10 * (85 - 90) - 10 * (85 - 80) + 2 * 10))
    greeks = desk.greeks
    assert greeks.portfolio_greeks(strategy_id=StrategyId("S-002")).delta == 100.0
    assert greeks.portfolio_greeks(instrument_id=SHARE).delta == 100.0
    assert greeks.portfolio_greeks(venue=Venue("SIM"), side=PositionSide.LONG).delta == 200.0
    assert greeks.portfolio_greeks(venue=Venue("XX")).delta == 0.0
    assert greeks.portfolio_greeks(greeks_filter=lambda one: one.vega == 0).delta == 200.0
    assert greeks.portfolio_greeks(["ES-F", "AAPL"], percent_greeks=True).delta == pytest.approx(6000 + 190)
    moved = greeks.portfolio_greeks(["ES"], spot_shock=20.0)
    assert moved.price - whole.price == pytest.approx(whole.delta * 20 + whole.gamma * 200, rel=0.02)


def test_a_portfolio_leaves_out_what_is_not_known_and_says_so(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    desk.hold(FUTURE, "BUY", 2, "5990.00")
    desk.cache.add_instrument(instrument("ES-C6100", "SIM"))
    desk.hold(InstrumentId.from_str("ES-C6100.SIM"), "BUY", 1, "50.00")

    assert desk.greeks.portfolio_greeks().delta == 100.0
    assert desk.greeks.portfolio_greeks().delta == 100.0
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert "ES-C6100.SIM: no greeks: ES-C6100.SIM must have a price, had none" in caplog.text


def test_greeks_are_published_and_heard(desk: Desk) -> None:
    calls, shares, all_of_them = list[GreeksData](), list[GreeksData](), list[GreeksData]()
    other = GreeksCalculator(desk.bus, desk.cache, desk.clock)
    other.subscribe_greeks(InstrumentId.from_str("ES-C*.SIM"), calls.append)
    other.subscribe_greeks("AAPL", shares.append)  # as of an earlier release: an underlying
    desk.bus.subscribe("data.GreeksData*", all_of_them.append)
    other.subscribe_greeks()

    found = desk.of(CALL, publish_greeks=True, percent_greeks=True)
    desk.of(PUT, publish_greeks=True)
    desk.of(SHARE, publish_greeks=True)

    assert [one.instrument_id for one in all_of_them] == [CALL, PUT, SHARE]
    assert (calls, shares) == (all_of_them[:1], all_of_them[2:])
    assert calls[0] == desk.cache.greeks(CALL) == desk.of(CALL)
    assert found.delta != calls[0].delta
    assert desk.cache.greeks(PUT) == all_of_them[1]


def test_a_calculator_is_made_with_a_bus_or_without(desk: Desk) -> None:
    for alone in (GreeksCalculator(desk.cache, desk.clock), GreeksCalculator(cache=desk.cache, clock=desk.clock)):
        assert alone.instrument_greeks(CALL) == desk.of(CALL)
        with pytest.raises(ProgrammerError, match="greeks are published and heard on a message bus, was none"):
            alone.instrument_greeks(CALL, publish_greeks=True)
        with pytest.raises(ProgrammerError, match="greeks are published and heard on a message bus, was none"):
            alone.subscribe_greeks()
    with pytest.raises(ProgrammerError, match="greeks are calculated with a cache and a clock, was None and None"):
        GreeksCalculator(desk.bus)


def test_money_stays_exact_beside_greeks(desk: Desk) -> None:
    position = desk.hold(CALL, "BUY", 1, "80.10")
    desk.of(CALL, position=position)

    assert position.avg_px_open == Decimal("80.10")
