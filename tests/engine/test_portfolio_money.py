"""The portfolio's money: prices, exchange rates, base currencies, several accounts, equity."""

from __future__ import annotations

import logging
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nautilus_live.config.portfolio import PortfolioConfig
from nautilus_live.core.position_keeping import take
from nautilus_live.engine.cache import Cache
from nautilus_live.engine.message_bus import MessageBus
from nautilus_live.engine.portfolio import Portfolio
from nautilus_live.model.bars import Bar, BarType
from nautilus_live.model.data import QuoteTick, TradeTick
from nautilus_live.model.enums import AccountType, AggressorSide
from nautilus_live.model.events import AccountState
from nautilus_live.model.identifiers import AccountId, InstrumentId, PositionId, Symbol, TradeId, Venue
from nautilus_live.model.instruments import CurrencyPair, Equity, Instrument
from nautilus_live.model.objects import AccountBalance, Currency, MarginBalance, Money, Price
from nautilus_live.model.position import Position
from nautilus_live.model.updates import MarkPriceUpdate
from tests.core.conftest import (
    ACCOUNT,
    BTC,
    INVERSE,
    LINEAR,
    SPOT,
    STRATEGY,
    TRADER,
    USDT,
    make_fill,
    make_instrument,
    make_order,
    money,
    px,
    qty,
)

D = Decimal
USD, EUR, JPY = (Currency.from_str(code) for code in ("USD", "EUR", "JPY"))
OTHER = AccountId("SIM-002")
SIM = Venue("SIM")


def pair(base: Currency, quote: Currency) -> CurrencyPair:
    return make_instrument(f"{base}{quote}.FX", base_currency=base, quote_currency=quote)


class HandClock:
    """A clock that a test sets."""

    now_ns = 0

    def timestamp_ns(self) -> int:
        """Return the time set."""
        return self.now_ns


class Desk:
    """A portfolio, and what fills its cache."""

    def __init__(self, *instruments: Instrument, **settings: Any) -> None:
        self.cache, self.bus, self.clock = Cache(), MessageBus(TRADER), HandClock()
        self.portfolio = Portfolio(self.cache, self.bus, self.clock, PortfolioConfig(**settings))
        self._trades = 0
        for instrument in instruments or (LINEAR,):
            self.cache.add_instrument(instrument)

    def state(self, *balances: str, account_id: AccountId = ACCOUNT, ts: int = 0, **fields: Any) -> None:
        """Let a venue state balances."""
        told = [Money.from_str(text) for text in balances]
        parts = tuple(AccountBalance(one, Money(D(0), one.currency), one) for one in told)
        settings = {"account_type": AccountType.MARGIN, **fields}
        self.portfolio.update_account(
            AccountState(event_id="A", ts_event=ts, ts_init=ts, account_id=account_id, balances=parts, **settings)
        )

    def trade(
        self,
        signed: str,
        price: str,
        instrument: Instrument = LINEAR,
        account_id: AccountId = ACCOUNT,
        name: str = "P",
        commission: Money | None = None,
    ) -> Position:
        """Let a position take a fill."""
        self._trades += 1
        size = D(signed)
        order = make_order(f"O-{self._trades}", "BUY" if size > 0 else "SELL", str(abs(size)), instrument=instrument)
        position_id = PositionId(f"{name}-{instrument.id}-{account_id}")
        position = self.cache.position(position_id)
        if position is None:
            position = Position(instrument, position_id, STRATEGY, TRADER, account_id)
            self.cache.add_position(position)
        fill = make_fill(order, abs(size), price, f"T-{self._trades}", commission=commission)
        list(take(position, fill))
        self.cache.update_position(position, fill)
        return position

    def quote(self, bid: str, ask: str, instrument: Instrument = LINEAR) -> None:
        """Let the market be there."""
        self.cache.add_quote_tick(QuoteTick(instrument.id, px(bid), px(ask), qty("1"), qty("1"), 0, 0))


# -- prices ------------------------------------------------------------------------------------------------------------


def test_a_long_position_is_worth_the_bid_a_short_one_the_ask() -> None:
    desk = Desk()
    desk.quote("99", "101")
    desk.trade("2", "90")
    assert desk.portfolio.unrealized_pnl(LINEAR.id) == money("18")
    desk.trade("-5", "90")
    assert desk.portfolio.unrealized_pnl(LINEAR.id) == money("-33")
    assert desk.portfolio.mark_values(SIM) == {USDT: money("-303")}
    assert desk.portfolio.net_exposures(SIM) == {USDT: money("303")}


def test_without_a_quote_the_last_trade_counts_then_a_bar() -> None:
    desk = Desk()
    desk.trade("1", "90")
    assert desk.portfolio.unrealized_pnl(LINEAR.id) is None
    assert desk.portfolio.missing_price_instruments(SIM) == [LINEAR.id]
    desk.bus.publish("data.bars.X", bar("95"))
    assert desk.portfolio.unrealized_pnl(LINEAR.id) == money("5")
    assert desk.portfolio.missing_price_instruments(SIM) == []
    desk.cache.add_trade_tick(
        TradeTick(LINEAR.id, px("94"), qty("1"), AggressorSide.BUYER, TradeId("T"), ts_event=0, ts_init=0)
    )
    assert desk.portfolio.unrealized_pnl(LINEAR.id) == money("4")


def bar(close: str, source: str = "EXTERNAL") -> Bar:
    price = px(close)
    kind = BarType.from_str(f"{LINEAR.id}-1-MINUTE-LAST-{source}")
    return Bar(kind, price, price, price, price, qty("1"), ts_event=0, ts_init=0)


def test_bars_count_only_if_a_venue_made_them_and_they_are_wanted() -> None:
    own, unwanted = Desk(), Desk(bar_updates=False)
    for desk, told in ((own, bar("95", "INTERNAL")), (unwanted, bar("95"))):
        desk.trade("1", "90")
        desk.bus.publish("data.bars.X", told)
        assert desk.portfolio.unrealized_pnl(LINEAR.id) is None


def test_mark_prices_can_be_chosen_at_any_time() -> None:
    desk = Desk()
    desk.quote("99", "101")
    desk.cache.add_mark_price(MarkPriceUpdate(LINEAR.id, px("120"), ts_event=0, ts_init=0))
    desk.trade("1", "90")
    assert desk.portfolio.unrealized_pnl(LINEAR.id) == money("9")
    desk.portfolio.set_use_mark_prices(True)
    assert desk.portfolio.unrealized_pnl(LINEAR.id) == money("30")


def test_an_empty_side_of_the_market_is_no_price() -> None:
    desk = Desk()
    desk.quote("0", "101")
    desk.trade("1", "90")
    assert desk.portfolio.unrealized_pnl(LINEAR.id) is None


# -- currencies --------------------------------------------------------------------------------------------------------


def test_profit_is_told_in_the_accounts_base_currency_across_pairs() -> None:
    desk = Desk(INVERSE, SPOT, pair(EUR, USDT))
    desk.state("100 EUR", base_currency=EUR)
    desk.trade("100000", "50000.00", INVERSE)
    desk.trade("-100000", "62500.00", INVERSE)
    assert desk.portfolio.realized_pnl(INVERSE.id) is None, "no way from BTC to EUR is known"
    assert desk.portfolio.realized_pnls(SIM) == {}
    desk.quote("49999", "50001", SPOT)
    desk.quote("1.24", "1.26", pair(EUR, USDT))
    assert desk.portfolio.realized_pnl(INVERSE.id) == Money(D("0.4") * 50000 / D("1.25"), EUR)
    assert desk.portfolio.realized_pnl(INVERSE.id, target_currency=USDT) == money("20000")
    assert desk.portfolio.total_pnls(SIM) == {EUR: Money(D(16000), EUR)}


@pytest.mark.parametrize("debug", [False, True])
def test_a_missing_rate_is_mentioned_if_more_is_to_be_logged(caplog: pytest.LogCaptureFixture, debug: bool) -> None:
    caplog.set_level(logging.DEBUG, "nautilus_live.engine.portfolio")
    desk = Desk(debug=debug)
    desk.state("1 EUR", base_currency=EUR)
    desk.trade("1", "90")
    assert desk.portfolio.unrealized_pnl(LINEAR.id, px("91")) is None
    assert ("no rate is known from USDT to EUR" in caplog.messages) == debug


def test_conversion_can_be_switched_off() -> None:
    desk = Desk(INVERSE, convert_to_account_base_currency=False)
    desk.state("100 EUR", base_currency=EUR)
    desk.trade("100000", "50000.00", INVERSE)
    assert desk.portfolio.unrealized_pnl(INVERSE.id, px("62500")) == money("0.4", BTC)


def test_mark_rates_come_first_where_they_are_wanted() -> None:
    eurusd = pair(EUR, USDT)
    for wanted, rate in ((False, D("1.25")), (True, D("1.30"))):
        desk = Desk(LINEAR, eurusd, use_mark_xrates=wanted)
        desk.quote("1.24", "1.26", eurusd)
        desk.cache.add_mark_price(MarkPriceUpdate(eurusd.id, px("1.30"), ts_event=0, ts_init=0))
        desk.state("100 EUR", base_currency=EUR)
        desk.trade("1", "90")
        assert desk.portfolio.unrealized_pnl(LINEAR.id, px("1090")) == Money(1000 / rate, EUR)
        desk.portfolio.set_use_mark_xrates(not wanted)
        assert desk.portfolio.unrealized_pnl(LINEAR.id, px("1090")) != Money(1000 / rate, EUR)


def test_a_rate_that_was_stated_comes_before_all() -> None:
    desk = Desk(LINEAR, use_mark_xrates=True)
    desk.state("100 EUR", base_currency=EUR)
    desk.trade("1", "90")
    desk.cache.set_mark_xrate(USDT, EUR, D("0.5"))
    assert desk.portfolio.unrealized_pnl(LINEAR.id, px("100")) == Money(D(5), EUR)
    desk.portfolio.set_use_mark_xrates(False)
    assert desk.portfolio.unrealized_pnl(LINEAR.id, px("100")) is None


def test_nothing_needs_no_rate() -> None:
    desk = Desk()
    desk.state("100 EUR", base_currency=EUR)
    assert desk.portfolio.unrealized_pnl(LINEAR.id) == Money(D(0), EUR)
    assert desk.portfolio.net_exposure(LINEAR.id) == Money(D(0), EUR)


# -- accounts ----------------------------------------------------------------------------------------------------------


def test_accounts_are_told_apart_and_added_up() -> None:
    desk = Desk()
    desk.trade("1", "100")
    desk.trade("-3", "110", account_id=OTHER)
    desk.trade("1", "105", account_id=OTHER)
    at = px("100")
    portfolio = desk.portfolio
    assert [portfolio.net_position(LINEAR.id, one) for one in (ACCOUNT, OTHER, None)] == [1, -2, -1]
    assert [portfolio.realized_pnl(LINEAR.id, one) for one in (ACCOUNT, OTHER, None)] == [
        money("0"), money("5"), money("5"),
    ]  # fmt: skip
    assert [portfolio.unrealized_pnl(LINEAR.id, at, one) for one in (ACCOUNT, OTHER)] == [money("0"), money("20")]
    assert portfolio.total_pnl(LINEAR.id, at) == money("25")
    assert portfolio.net_exposure(LINEAR.id, at) == money("100")
    assert portfolio.realized_pnls(account_id=OTHER) == {USDT: money("5")}


def test_accounts_of_different_base_currencies_are_added_up_in_the_instruments() -> None:
    desk = Desk(LINEAR, pair(EUR, USDT))
    desk.quote("1.24", "1.26", pair(EUR, USDT))
    desk.state("1 EUR", base_currency=EUR)
    desk.state("1 USD", base_currency=USD, account_id=OTHER)
    desk.trade("1", "100")
    desk.trade("1", "100", account_id=OTHER)
    assert desk.portfolio.unrealized_pnl(LINEAR.id, px("125")) == money("50")
    assert desk.portfolio.unrealized_pnl(LINEAR.id, px("125"), ACCOUNT) == Money(D(20), EUR)


def test_margins_and_equity_are_the_accounts() -> None:
    desk = Desk()
    margin = MarginBalance(money("5"), money("3"), str(LINEAR.id))
    desk.state("1000 USDT", "2 BTC", margins=(margin,))
    desk.trade("1", "100")
    desk.quote("130", "131")
    assert desk.portfolio.margins_init(SIM) == {LINEAR.id: money("5")}
    assert desk.portfolio.margins_maint(account_id=ACCOUNT) == {LINEAR.id: money("3")}
    assert desk.portfolio.equity(SIM) == {USDT: money("1030"), BTC: money("2", BTC)}
    assert desk.portfolio.equity(Venue("ELSEWHERE")) == desk.portfolio.margins_init(Venue("ELSEWHERE")) == {}


def test_equity_of_cash_counts_what_is_owned_once() -> None:
    share = Equity(
        id=InstrumentId.from_str("AAPL.SIM"), raw_symbol=Symbol("AAPL"), quote_currency=USDT, price_precision=2,
        price_increment=Price.from_str("0.01"),
    )  # fmt: skip
    desk = Desk(SPOT, share)
    desk.state("1000 USDT", "2 BTC", account_type=AccountType.CASH)
    desk.trade("2", "100", SPOT)
    desk.trade("3", "50", share)
    desk.quote("100", "101", SPOT)
    desk.quote("60", "61", share)
    assert desk.portfolio.equity(SIM) == {USDT: money("1180"), BTC: money("2", BTC)}


def test_commissions_of_an_account_are_those_of_its_positions() -> None:
    desk = Desk()
    desk.state("1000 USDT")
    desk.trade("1", "100", commission=money("0.25"))
    desk.trade("-1", "100", commission=money("0.001", BTC))
    desk.trade("1", "100", account_id=OTHER, commission=money("7"))
    account = desk.portfolio.account(SIM)
    assert account is not None
    assert account.commissions() == {USDT: money("0.25"), BTC: money("0.001", BTC)}


# -- the log -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("interval_ms", "debug", "lines"), [(None, False, [0, 1, 6]), (5, False, [0, 6]), (5, True, [0, 1, 6])]
)
def test_account_states_are_logged_no_more_often_than_wanted(
    caplog: pytest.LogCaptureFixture, interval_ms: int | None, debug: bool, lines: list[int]
) -> None:
    caplog.set_level(logging.DEBUG, "nautilus_live.engine.portfolio")
    desk = Desk(min_account_state_logging_interval_ms=interval_ms, debug=debug)
    for at_ms in (0, 1, 6):
        desk.clock.now_ns = at_ms * 1_000_000
        desk.state(f"{at_ms} USDT", ts=at_ms)
    said = [record for record in caplog.records if record.getMessage().startswith("SIM-001")]
    assert len(said) == len(lines)
    assert "0.00000000 USDT (0.00000000 locked, 0.00000000 free)" in said[0].getMessage()
    assert ("a state 1 ms after the last one" in said[1].getMessage()) == (debug and interval_ms is not None)
    account = desk.portfolio.account(SIM)
    assert account is not None
    assert account.balance_total(USDT) == money("6"), "what is not logged is known all the same"


# -- what always holds -------------------------------------------------------------------------------------------------

TRADES = st.lists(st.tuples(st.integers(-30, 30).filter(bool), st.integers(9_000, 11_000)), min_size=1, max_size=12)


@given(TRADES, st.integers(9_000, 11_000))
@pytest.mark.parametrize("instrument", [LINEAR, INVERSE], ids=["linear", "inverse"])
def test_flips_conserve_realised_plus_unrealised(
    instrument: Instrument, trades: list[tuple[int, int]], last: int
) -> None:
    desk = Desk(instrument)
    apart = D(0)
    for quantity, price in trades:
        desk.trade(str(quantity), str(price), instrument)
        apart += instrument.pnl(D(quantity), D(price), D(last))
    total = desk.portfolio.total_pnl(instrument.id, px(str(last)))
    assert total is not None
    # Two amounts that are rounded apart may differ by one unit from the sum that is rounded once.
    assert abs(total.value - instrument.settle(apart).value) <= D("1e-8")


@given(TRADES, st.randoms(use_true_random=False))
def test_the_order_of_fills_of_one_side_does_not_matter(trades: list[tuple[int, int]], rng: Any) -> None:
    first, second = Desk(), Desk()
    shuffled = list(trades)
    rng.shuffle(shuffled)
    for desk, order in ((first, trades), (second, shuffled)):
        for quantity, price in order:
            desk.trade(str(abs(quantity)), str(price))
        desk.trade("-1", "10000")
    assert first.portfolio.realized_pnl(LINEAR.id) == second.portfolio.realized_pnl(LINEAR.id)
    assert first.portfolio.unrealized_pnl(LINEAR.id, px("1")) == second.portfolio.unrealized_pnl(LINEAR.id, px("1"))


@given(TRADES)
def test_the_sum_kept_is_the_sum_over_positions(trades: list[tuple[int, int]]) -> None:
    desk = Desk()
    for index, (quantity, price) in enumerate(trades):
        desk.trade(str(quantity), str(price), name=f"P{index % 3}")
    apart = sum((one.realized + one.realized_before for one in desk.cache.positions()), D(0))
    assert desk.portfolio.realized_pnl(LINEAR.id) == LINEAR.settle(apart)
    for position in desk.cache.positions_closed():
        desk.cache.purge_position(position.id)
    assert desk.portfolio.realized_pnl(LINEAR.id) == LINEAR.settle(apart), "purged profit still counts"
