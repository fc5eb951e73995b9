"""Options by the ecosystem's later names (1.231): where published strategies import them, and what they pass."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterator
from typing import Any

import pytest

from nautilus_live import compat


@pytest.fixture(autouse=True)
def installed() -> Iterator[None]:
    compat.install()
    yield
    compat.uninstall()


CHAIN = "OptionSeriesId StrikeRange OptionChainSlice OptionStrikeData OptionGreeks GreeksConvention"
PRICING = "BlackScholesGreeksResult black_scholes_greeks imply_vol imply_vol_and_greeks refine_vol_and_greeks"


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("core.nautilus_pyo3", f"{CHAIN} {PRICING} GreeksData PortfolioGreeks YieldCurveData"),
        ("core.nautilus_pyo3.model", f"{CHAIN} {PRICING}"),
        ("model", CHAIN),
        ("model.data", "OptionGreeks OptionChainSlice"),
        ("model.identifiers", "OptionSeriesId"),
        ("model.greeks", "GreeksCalculator GreeksData PortfolioGreeks black_scholes_greeks imply_vol_and_greeks"),
        ("model.greeks_data", "GreeksData PortfolioGreeks YieldCurveData"),
    ],
)
def test_options_are_found_where_strategies_import_them(path: str, names: str) -> None:
    module = importlib.import_module(f"nautilus_trader.{path}")

    assert [name for name in names.split() if not hasattr(module, name)] == []


@pytest.mark.parametrize(
    ("called", "arguments"),
    [
        ("core.nautilus_pyo3:black_scholes_greeks", "s r b vol is_call k t"),
        ("core.nautilus_pyo3:imply_vol", "s r b is_call k t price"),
        ("core.nautilus_pyo3:imply_vol_and_greeks", "s r b is_call k t price"),
        ("core.nautilus_pyo3:refine_vol_and_greeks", "s r b is_call k t target_price initial_vol"),
        ("core.nautilus_pyo3:OptionSeriesId", "venue underlying settlement_currency expiration_ns"),
        ("core.nautilus_pyo3:OptionSeriesId.from_expiry", "venue underlying settlement_currency date_str"),
        ("core.nautilus_pyo3:StrikeRange.atm_relative", "strikes_above strikes_below"),
        ("core.nautilus_pyo3:StrikeRange.delta", "target tolerance"),
        ("core.nautilus_pyo3:OptionChainSlice", "series_id atm_strike ts_event ts_init"),
        (
            "model.data:OptionGreeks",
            "instrument_id delta gamma vega theta rho mark_iv bid_iv ask_iv underlying_price open_interest ts_event",
        ),
        ("common.actor:Actor.subscribe_option_greeks", "self instrument_id client_id params"),
        (
            "common.actor:Actor.subscribe_option_chain",
            "self series_id strike_range snapshot_interval_ms client_id params",
        ),
        ("common.actor:Actor.unsubscribe_option_chain", "self series_id client_id params"),
        ("common.actor:Actor.on_option_greeks", "self option_greeks"),
        ("common.actor:Actor.on_option_chain", "self option_chain_slice"),
        ("model.greeks:GreeksCalculator.get_cached_futures_spread_price", "self underlying_instrument_id"),
        (
            "model.greeks:GreeksCalculator.cache_futures_spread",
            "self call_instrument_id put_instrument_id futures_instrument_id",
        ),
    ],
)
def test_what_is_called_takes_what_strategies_pass(called: str, arguments: str) -> None:
    path, _, name = called.partition(":")
    found: Any = importlib.import_module(f"nautilus_trader.{path}")
    for part in name.split("."):
        found = getattr(found, part)

    assert list(inspect.signature(found).parameters)[: len(arguments.split())] == arguments.split()


@pytest.mark.parametrize("method", ["instrument_greeks", "portfolio_greeks"])
def test_greeks_take_what_the_later_release_added(method: str) -> None:
    calculator = importlib.import_module("nautilus_trader.model.greeks").GreeksCalculator

    assert set(inspect.signature(getattr(calculator, method)).parameters) >= {
        *("update_vol", "vol_index_instrument_id", "vol_beta_weights"),
        *("use_cached_greeks", "cache_greeks", "percent_greeks", "vega_time_weight_base"),
    }
