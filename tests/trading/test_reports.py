"""Reports: tables of what was traded, in pandas; without pandas a trader says what to install."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import pandas as pd
import pytest

from nautilus_live import compat
from nautilus_live.errors import ConfigError, ProgrammerError
from nautilus_live.model.enums import OrderSide
from nautilus_live.model.identifiers import AccountId, Venue
from nautilus_live.model.objects import Price
from nautilus_live.trading.reports import ReportProvider
from tests.trading.playing import BTC, ONE, play

MARKET = (
    *("trader_id", "strategy_id", "instrument_id", "venue_order_id", "position_id", "account_id", "last_trade_id"),
    *("type", "side", "quantity", "time_in_force", "filled_qty", "liquidity_side", "avg_px", "slippage", "commissions"),
    *("status", "is_reduce_only", "is_quote_quantity", "emulation_trigger", "contingency_type", "order_list_id"),
    *("linked_order_ids", "parent_order_id", "exec_algorithm_id", "exec_algorithm_params", "exec_spawn_id", "tags"),
    *("init_id", "ts_init", "ts_last"),
)
"""What a market order has in the ecosystem's reports."""
OF_LIMITS = ("price", "expire_time_ns", "is_post_only", "display_qty", "trigger_instrument_id")


def traded(stage: Any, look: Any) -> None:
    """Trade two rounds, leave an order in the book, and look at the trader."""

    async def story() -> None:
        strategy = stage.strategy
        for side in (OrderSide.BUY, OrderSide.SELL) * 2 + (OrderSide.BUY,):
            strategy.submit_order(strategy.order_factory.market(BTC, side, ONE))
            await asyncio.sleep(0.01)
        strategy.submit_order(
            strategy.order_factory.limit(BTC, OrderSide.BUY, ONE, Price.from_str("1.00"), tags=["LOW"])
        )
        await asyncio.sleep(0.01)
        look(stage.node.trader)

    play(stage, story)


def test_orders_and_fills_by_the_ids_of_orders(stage: Any) -> None:
    def look(trader: Any) -> None:
        orders = trader.generate_orders_report()
        assert orders.index.name == "client_order_id"
        assert list(orders.index) == sorted(orders.index)
        assert {*orders.columns} == {*MARKET, *OF_LIMITS}
        assert orders["status"].tolist() == ["FILLED"] * 5 + ["ACCEPTED"]
        assert orders["tags"].iloc[-1] == ["LOW"]

        filled = trader.generate_order_fills_report()
        assert tuple(filled.columns) == MARKET
        assert filled["avg_px"].dtype == float
        assert filled["ts_last"].iloc[0].tz is not None

        fills = trader.generate_fills_report()
        assert (len(fills), fills.index.name, "type" in fills.columns) == (5, "client_order_id", False)
        assert fills["last_qty"].tolist() == ["1.000"] * 5
        assert isinstance(fills["ts_event"].iloc[0], pd.Timestamp)

    traded(stage, look)


def test_positions_with_their_earlier_cycles(stage: Any) -> None:
    def look(trader: Any) -> None:
        report = trader.generate_positions_report()
        assert report.index.name == "position_id"
        assert report["side"].tolist() == ["FLAT", "FLAT", "LONG"]
        assert report["is_snapshot"].tolist() == [True, True, False]
        assert report["ts_closed"].isna().tolist() == [False, False, True]
        assert not {"signed_qty", "quote_currency", "base_currency", "settlement_currency"} & {*report.columns}

    traded(stage, look)


def test_an_account_by_the_times_of_its_states(stage: Any) -> None:
    def look(trader: Any) -> None:
        report = trader.generate_account_report(Venue("SIM"))
        assert report.equals(trader.generate_account_report(account_id=AccountId("SIM-001")))
        assert tuple(report.columns[:5]) == ("total", "locked", "free", "currency", "account_id")
        assert len(report) >= 1
        assert isinstance(report.index[0], pd.Timestamp)
        assert trader.generate_account_report(Venue("ELSEWHERE")).empty
        with pytest.raises(ProgrammerError, match="must be of a venue or an account_id, was of neither"):
            trader.generate_account_report()

    traded(stage, look)


def test_of_nothing_a_report_is_empty() -> None:
    for report in (
        ReportProvider.generate_orders_report([]),
        ReportProvider.generate_order_fills_report([]),
        ReportProvider.generate_fills_report([]),
        ReportProvider.generate_positions_report([]),
    ):
        assert report.empty
        assert list(report.columns) == []


def test_without_pandas_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ConfigError, match=r"pandas, which is not installed: pip install 'nautilus-live\[reports\]'"):
        ReportProvider.generate_orders_report([])


def test_the_ecosystems_path_leads_to_it() -> None:
    compat.install()
    try:
        from nautilus_trader.analysis.reporter import ReportProvider as Theirs  # type: ignore[import-not-found] # resolved by compat

        assert Theirs is ReportProvider
    finally:
        compat.uninstall()
