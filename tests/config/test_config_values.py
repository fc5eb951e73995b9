"""What is accepted beside the exact type, and what zero and None mean."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from nautilus_live.adapters.binance import BinanceAccountType, BinanceDataClientConfig
from nautilus_live.config import (
    DatabaseConfig,
    Environment,
    InstrumentProviderConfig,
    LiveDataClientConfig,
    LiveExecEngineConfig,
    LoggingConfig,
    MessageBusConfig,
    NautilusConfig,
    NautilusKernelConfig,
    RiskEngineConfig,
    RotationMode,
    RoutingConfig,
    StrategyConfig,
    StreamingConfig,
    TradingNodeConfig,
    parse_rate,
)
from nautilus_live.errors import ConfigError
from nautilus_live.model.enums import OmsType, TimeInForce
from nautilus_live.model.identifiers import ClientId, ClientOrderId, InstrumentId, StrategyId, TraderId


@pytest.mark.parametrize(
    "setting", ["open_check_interval_secs", "own_books_audit_interval_secs", "position_check_interval_secs"]
)
@pytest.mark.parametrize("zero", [0, 0.0, None])
def test_zero_disables(setting: str, zero: Any) -> None:
    """Zero and None are both a way to say that a check is off, in code and in a file."""
    raw = msgspec.json.encode({setting: zero})

    constructed = LiveExecEngineConfig(**{setting: zero})

    assert getattr(constructed, setting) == zero
    assert LiveExecEngineConfig.parse(raw) == constructed


def test_zero_disables_the_inflight_check() -> None:
    """The in-flight check's interval is in milliseconds and disabled by zero as well."""
    assert LiveExecEngineConfig.parse(b'{"inflight_check_interval_ms": 0}').inflight_check_interval_ms == 0


def test_buffer_without_interval() -> None:
    """How long something must be closed may be set although nothing purges it yet."""
    assert LiveExecEngineConfig(purge_closed_orders_buffer_mins=60).purge_closed_orders_interval_mins is None


ACCEPTED: list[tuple[type[NautilusConfig], str, Any, Any]] = [
    (TradingNodeConfig, "trader_id", "MyTrader-001", TraderId("MyTrader-001")),
    (TradingNodeConfig, "environment", "sandbox", Environment.SANDBOX),
    (TradingNodeConfig, "environment", "LIVE", Environment.LIVE),
    (TradingNodeConfig, "timeout_connection", 5, 5.0),
    (
        TradingNodeConfig,
        "instance_id",
        "A3D1F0C2-8B7E-4D6F-9A1B-0C2D3E4F5A6B",
        "a3d1f0c2-8b7e-4d6f-9a1b-0c2d3e4f5a6b",
    ),
    (LiveExecEngineConfig, "reconciliation_instrument_ids", ("A.B.C",), [InstrumentId.from_str("A.B.C")]),
    (LiveExecEngineConfig, "filtered_client_order_ids", ["O-1"], [ClientOrderId("O-1")]),
    (LiveExecEngineConfig, "external_clients", ["BINANCE"], [ClientId("BINANCE")]),
    (LiveExecEngineConfig, "fill_commission_tolerance", 1e-4, Decimal("0.0001")),
    (LiveExecEngineConfig, "fill_commission_tolerance", "0.01", Decimal("0.01")),
    (StrategyConfig, "strategy_id", "EMACross-001", StrategyId("EMACross-001")),
    (StrategyConfig, "strategy_id", StrategyId("EMACross-001"), StrategyId("EMACross-001")),
    (StrategyConfig, "strategy_id", "EMACross", "EMACross"),
    (StrategyConfig, "oms_type", "hedging", OmsType.HEDGING),
    (StrategyConfig, "oms_type", OmsType.NETTING, OmsType.NETTING),
    (StrategyConfig, "market_exit_time_in_force", "IOC", TimeInForce.IOC),
    (LoggingConfig, "log_level", "debug", "DEBUG"),
    (LoggingConfig, "log_level", "WARN", "WARNING"),
    (LoggingConfig, "log_file_format", "JSON", "json"),
    (RiskEngineConfig, "max_order_submit_rate", "40/00:01:00", "40/00:01:00"),
    (RiskEngineConfig, "max_notional_per_order", {"A.B": 5}, {"A.B": 5}),
    (MessageBusConfig, "autotrim_mins", 0, 0),
    (InstrumentProviderConfig, "load_ids", ["A.B"], frozenset({InstrumentId.from_str("A.B")})),
    (RoutingConfig, "venues", ["X", "X"], frozenset({"X"})),
    (LiveDataClientConfig, "routing", {"default": True}, RoutingConfig(default=True)),
    (BinanceDataClientConfig, "account_type", "coin_futures", BinanceAccountType.COIN_FUTURES),
]


@pytest.mark.parametrize(("kind", "setting", "given", "expected"), ACCEPTED)
def test_accepted(kind: type[NautilusConfig], setting: str, given: object, expected: object) -> None:
    """Texts and tables become what the annotation means, by construction and by parsing alike."""
    constructed = getattr(kind(**{setting: given}), setting)
    parsed = getattr(kind.parse({setting: given}), setting)

    assert constructed == parsed == expected
    assert type(constructed) is type(expected)


def test_modes_by_name() -> None:
    """A rotation mode is given by name, with the interval that it needs as an ISO 8601 duration."""
    config = StreamingConfig.parse({"catalog_path": "x", "rotation_mode": "interval", "rotation_interval": "P1D"})

    assert config.rotation_mode is RotationMode.INTERVAL
    assert config.rotation_interval is not None
    assert config.rotation_interval.days == 1


def test_kernel_needs_environment_and_trader() -> None:
    """The general kernel has no default for where and as whom it trades."""
    with pytest.raises(ConfigError) as raised:
        NautilusKernelConfig.parse(b"{}")

    assert [problem.path for problem in raised.value.problems] == ["environment", "trader_id"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, (20, 20, 20)),
        ({"timeout": 2}, (2, 2, 2)),
        ({"timeout": 2.5, "connection_timeout": 7}, (2.5, 7, 2.5)),
        ({"connection_timeout": 20, "timeout": 2}, (2, 20, 2)),
        ({"response_timeout": 1}, (20, 20, 1)),
        ({"timeout": None}, (None, 20, 20)),
    ],
)
def test_database_timeouts(given: dict[str, Any], expected: tuple[float | None, float, float]) -> None:
    """The guide's one timeout stands for the two later ones, unless they are given themselves."""
    config = DatabaseConfig(**given)

    assert (config.timeout, config.connection_timeout, config.response_timeout) == expected
    assert DatabaseConfig.parse(config.json()) == config


@pytest.mark.parametrize(
    ("text", "expected"),
    [("100/00:00:01", (100, 10**9)), ("5/01:02:03", (5, 3723 * 10**9)), ("1/100:00:00", (1, 36 * 10**13))],
)
def test_parse_rate(text: str, expected: tuple[int, int]) -> None:
    """A rate is a limit and nanoseconds."""
    assert parse_rate(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "100",
        "100/",
        "/00:00:01",
        "100/1",
        "-1/00:00:01",
        "1/00:00:00",
        "1/00:60:00",
        "1/00:00:61",
        "1.5/00:00:01",
        "\u0661/00:00:01",
    ],
)
def test_parse_rate_refuses(text: str) -> None:
    """Whatever is no rate, or a rate of nothing, is refused."""
    with pytest.raises(ValueError, match="must be a rate LIMIT/HH:MM:SS"):
        parse_rate(text)
