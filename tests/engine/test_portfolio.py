"""The portfolio: sums over positions."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from nautilus_live.config.portfolio import PortfolioConfig
from nautilus_live.engine.message_bus import MessageBus
from nautilus_live.engine.portfolio import Portfolio
from nautilus_live.model.enums import OmsType
from nautilus_live.model.identifiers import AccountId, InstrumentId, TraderId, Venue
from nautilus_live.model.objects import Currency, Price
from nautilus_live.model.updates import MarkPriceUpdate

Play = Callable[..., Any]
BTC = InstrumentId.from_str("BTCUSDT.SIM")
USDT = Currency.from_str("USDT")


def test_sizes_and_money_follow_the_positions(play: Play) -> None:
    async def story(rig: Any) -> None:
        portfolio = rig.portfolio
        assert portfolio.is_flat(BTC)
        assert portfolio.is_completely_flat()
        rig.fill(rig.working(rig.order("O-1", "BUY", "3.000")), "3.000", "100.00", commission="1")
        rig.fill(rig.working(rig.order("O-2", "SELL", "1.000"), "V-2"), "1.000", "110.00", venue_order_id="V-2")
        await rig.settle()
        assert portfolio.net_position(BTC) == 2
        assert portfolio.net_position(BTC, AccountId("SIM-001")) == 2
        assert portfolio.net_position(BTC, AccountId("OTHER-1")) == 0
        assert portfolio.is_net_long(BTC)
        assert not portfolio.is_net_short(BTC)
        assert not portfolio.is_completely_flat()
        assert portfolio.realized_pnl(BTC).value == 9
        assert portfolio.unrealized_pnl(BTC) is None
        assert portfolio.net_exposure(BTC) is None
        rig.quote("119.00", "121.00")
        assert portfolio.unrealized_pnl(BTC).value == 38  # a long position is worth the bid
        assert portfolio.unrealized_pnl(BTC, Price.from_str("90.00")).value == -20
        assert portfolio.total_pnl(BTC).value == 47
        assert portfolio.net_exposure(BTC).value == 238
        assert portfolio.realized_pnls(Venue("SIM")) == {USDT: portfolio.realized_pnl(BTC)}
        assert portfolio.unrealized_pnls() == {USDT: portfolio.unrealized_pnl(BTC)}
        assert portfolio.net_exposures(Venue("ELSEWHERE")) == {}

    play(story)


def test_opposite_positions_of_one_instrument_net_out(play: Play) -> None:
    async def story(rig: Any) -> None:
        rig.fill(rig.working(rig.order("O-1", "BUY")), "1.000", "100.00")
        rig.fill(rig.working(rig.order("O-2", "SELL"), "V-2"), "1.000", "110.00", venue_order_id="V-2")
        await rig.settle()
        assert rig.portfolio.is_flat(BTC)
        assert rig.portfolio.is_completely_flat()
        rig.quote("104.00", "106.00")
        assert rig.portfolio.unrealized_pnl(BTC).value == 8  # closing both costs the spread
        assert rig.portfolio.net_exposure(BTC).value == 0

    play(story, oms_type=OmsType.HEDGING)


def test_mark_prices_value_positions_where_configured(play: Play) -> None:
    async def story(rig: Any) -> None:
        bus = MessageBus(TraderId("T-1"))
        portfolio = Portfolio(rig.cache, bus, rig.clock, PortfolioConfig(use_mark_prices=True))
        rig.fill(rig.working(rig.order()), "1.000", "100.00")
        await rig.settle()
        rig.quote("104.00", "106.00")
        assert portfolio.unrealized_pnl(BTC).value == 4
        rig.cache.add_mark_price(MarkPriceUpdate(BTC, Price.from_str("107.00"), 0, 0))
        assert portfolio.unrealized_pnl(BTC).value == 7

    play(story)


def test_an_unknown_instrument_has_no_money(play: Play) -> None:
    unknown = InstrumentId.from_str("X.SIM")

    async def story(rig: Any) -> None:
        assert rig.portfolio.net_position(unknown) == Decimal(0)
        assert rig.portfolio.realized_pnl(unknown) is None
        assert rig.portfolio.unrealized_pnl(unknown) is None
        assert rig.portfolio.net_exposure(unknown) is None

    play(story)


def test_initialization_and_accounts(play: Play) -> None:
    async def story(rig: Any) -> None:
        assert not rig.portfolio.initialized
        rig.portfolio.initialize()
        assert rig.portfolio.initialized
        rig.client.generate_account_state([], [], True, 1)
        await rig.settle()
        account = rig.portfolio.account(Venue("SIM"))
        assert account.id == AccountId("SIM-001")
        assert rig.portfolio.account(account_id=AccountId("SIM-001")) is account
        assert rig.portfolio.account(Venue("ELSEWHERE")) is None

    play(story)


def test_statistics_of_a_portfolio_are_not_here_and_it_says_so() -> None:
    portfolio: Any = Portfolio.__new__(Portfolio)
    with pytest.raises(AttributeError, match="'Portfolio' has no attribute 'analyzer': there are no statistics"):
        _ = portfolio.analyzer
