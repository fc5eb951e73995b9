"""Each single thing that is refused, and in which words, by construction, by parsing and by replacing."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from nautilus_live.adapters.binance import BinanceDataClientConfig, BinanceExecClientConfig
from nautilus_live.config import (
    CacheConfig,
    DatabaseConfig,
    DataCatalogConfig,
    DataEngineConfig,
    ImportableStrategyConfig,
    InstrumentProviderConfig,
    LiveExecEngineConfig,
    LiveRiskEngineConfig,
    LoggingConfig,
    MessageBusConfig,
    NautilusConfig,
    RiskEngineConfig,
    RoutingConfig,
    StrategyConfig,
    StreamingConfig,
    TradingNodeConfig,
)
from nautilus_live.errors import ConfigError

IMPORTABLE = {"strategy_path": "a:B", "config_path": "a:C", "config": {}}
POLICIES = "'keep', 'stop_strategy', 'stop_node'"
LEVELS = "OFF, TRACE, DEBUG, INFO, WARNING, ERROR"
RATE = "a rate LIMIT/HH:MM:SS with neither part zero, such as '100/00:00:01'"


REFUSED: list[tuple[type[NautilusConfig], dict[str, Any], str]] = [
    (LiveExecEngineConfig, {"inflight_check_retries": -5}, "inflight_check_retries: must be an integer >= 0, was -5"),
    (LiveExecEngineConfig, {"qsize": 0}, "qsize: must be an integer > 0, was 0"),
    (LiveExecEngineConfig, {"qsize": "many"}, "qsize: must be an integer > 0, was 'many'"),
    (
        LiveExecEngineConfig,
        {"open_check_interval_secs": -1},
        "open_check_interval_secs: must be a number >= 0, was -1",
    ),
    (
        LiveExecEngineConfig,
        {"duplicate_order_ids": "dedup"},
        "duplicate_order_ids: must be one of 'fail', 'dedupe', was 'dedup'; did you mean 'dedupe'?",
    ),
    (
        LiveExecEngineConfig,
        {"inflight_policy": "cancel"},
        "inflight_policy: must be one of 'resolve', 'unresolved', was 'cancel'",
    ),
    (LiveExecEngineConfig, {"position_silence": 0}, "position_silence: must be one of 'unknown', 'flat', was 0"),
    (
        LiveExecEngineConfig,
        {"filled_quantity_regression": None},
        "filled_quantity_regression: must be one of 'quarantine', 'fail', was None",
    ),
    (
        LiveExecEngineConfig,
        {"claim_alignment_orders": 1},
        "claim_alignment_orders: must be true or false, was 1",
    ),
    (
        LiveExecEngineConfig,
        {"fill_price_tolerance_ticks": -1},
        "fill_price_tolerance_ticks: must be an integer >= 0, was -1",
    ),
    (
        LiveExecEngineConfig,
        {"fill_commission_tolerance": 1},
        "fill_commission_tolerance: must be a decimal number >= 0 and < 1, was 1",
    ),
    (
        LiveExecEngineConfig,
        {"fill_commission_tolerance": "NaN"},
        "fill_commission_tolerance: must be a decimal number >= 0 and < 1, was 'NaN'",
    ),
    (LiveExecEngineConfig, {"early_fill_expiry_secs": 0}, "early_fill_expiry_secs: must be a number > 0, was 0"),
    (
        LiveExecEngineConfig,
        {"reconciliation_instrument_ids": ["BTCUSDT.BINANCE", "BTCUSDT"]},
        "reconciliation_instrument_ids[1]: InstrumentId must be SYMBOL.VENUE, was 'BTCUSDT'",
    ),
    (
        LiveExecEngineConfig,
        {"reconciliation_instrument_ids": "BTCUSDT.BINANCE"},
        "reconciliation_instrument_ids: must be a list, each item a InstrumentId, was 'BTCUSDT.BINANCE'",
    ),
    (
        LiveExecEngineConfig,
        {"filtered_client_order_ids": [""]},
        "filtered_client_order_ids[0]: ClientOrderId must be a printable text without outer spaces, was ''",
    ),
    (TradingNodeConfig, {"trader_id": "Trader"}, "trader_id: TraderId must be NAME-TAG with a hyphen, was 'Trader'"),
    (TradingNodeConfig, {"trader_id": None}, "trader_id: must be a TraderId, was None"),
    (TradingNodeConfig, {"instance_id": "1"}, "instance_id: must be a version 4 UUID, was '1'"),
    (
        TradingNodeConfig,
        {"instance_id": "6ba7b810-9dad-11d1-80b4-00c04fd430c8"},
        "instance_id: must be a version 4 UUID, was '6ba7b810-9dad-11d1-80b4-00c04fd430c8'",
    ),
    (
        TradingNodeConfig,
        {"environment": "sandbx"},
        "environment: must be one of BACKTEST, SANDBOX, LIVE, was 'sandbx'; did you mean 'SANDBOX'?",
    ),
    (
        TradingNodeConfig,
        {"environment": "backtest"},
        "environment: must be LIVE or SANDBOX for a trading node, was 'BACKTEST'",
    ),
    (TradingNodeConfig, {"timeout_portfolio": 0}, "timeout_portfolio: must be a number > 0, was 0"),
    (TradingNodeConfig, {"data_clients": {"": {}}}, "data_clients: must be a text of length >= 1, was ''"),
    (
        TradingNodeConfig,
        {"exec_engine": None},
        "exec_engine: must be a LiveExecEngineConfig or a table of its settings, was of type NoneType",
    ),
    (
        TradingNodeConfig,
        {"exec_engine": LiveRiskEngineConfig()},
        "exec_engine: must be a LiveExecEngineConfig or a table of its settings, was of type LiveRiskEngineConfig",
    ),
    (
        TradingNodeConfig,
        {"exec_clients": {"A": {"routing": {"default": True}}, "B": {"routing": {"default": True}}}},
        "exec_clients.B.routing.default: must be left to 'A', which has it, was True",
    ),
    (
        TradingNodeConfig,
        {"data_clients": {"A": {"routing": {"venues": ["X", "Y"]}}, "B": {"routing": {"venues": ["Y"]}}}},
        "data_clients.B.routing.venues: must leave 'Y' to 'A', which has it",
    ),
    (
        TradingNodeConfig,
        {"catalogs": [{"path": "a", "name": "N"}, {"path": "b", "name": "N"}]},
        "catalogs: must have a name each of its own, was 'N'",
    ),
    (
        CacheConfig,
        {"encoding": "msgpak"},
        "encoding: must be one of 'msgpack', 'json', was 'msgpak'; did you mean 'msgpack'?",
    ),
    (CacheConfig, {"buffer_interval_ms": 0}, "buffer_interval_ms: must be an integer > 0, was 0"),
    (MessageBusConfig, {"encoding": "xml"}, "encoding: must be one of 'msgpack', 'json', was 'xml'"),
    (MessageBusConfig, {"autotrim_mins": -1}, "autotrim_mins: must be an integer >= 0, was -1"),
    (
        MessageBusConfig,
        {"types_filter": [5]},
        "types_filter[0]: must be a type, its path MODULE:NAME or its name, was 5",
    ),
    (
        MessageBusConfig,
        {"database": {"type": "postgres"}},
        "database.type: must be 'redis': only it has streams, was 'postgres'",
    ),
    (DatabaseConfig, {"port": 65536}, "port: must be an integer >= 1 and <= 65535, was 65536"),
    (DatabaseConfig, {"timeout": 0}, "timeout: must be a number > 0, was 0"),
    (
        DatabaseConfig,
        {"type": "postgresql"},
        "type: must be one of 'redis', 'postgres', 'sqlite', 'memory', was 'postgresql'; did you mean 'postgres'?",
    ),
    (
        DatabaseConfig,
        {"path": "x.db"},
        "path: must be left out unless type is 'sqlite' (it is 'redis'), was 'x.db'",
    ),
    (
        DatabaseConfig,
        {"type": "sqlite", "host": "h"},
        "host: must be left out where type is 'sqlite': there is no server",
    ),
    (
        RiskEngineConfig,
        {"max_order_submit_rate": "0/00:00:01"},
        f"max_order_submit_rate: must be {RATE}, was '0/00:00:01'",
    ),
    (RiskEngineConfig, {"max_order_modify_rate": 100}, f"max_order_modify_rate: must be {RATE}, was 100"),
    (
        RiskEngineConfig,
        {"max_notional_per_order": {"BTCUSDT.BINANCE": 0}},
        "max_notional_per_order.BTCUSDT.BINANCE: must be a decimal number > 0, was 0",
    ),
    (
        RiskEngineConfig,
        {"max_notional_per_order": {"BTCUSDT": 5}},
        "max_notional_per_order.BTCUSDT: must be an instrument id SYMBOL.VENUE, was 'BTCUSDT'",
    ),
    (
        DataEngineConfig,
        {"time_bars_interval_type": "left_open"},
        "time_bars_interval_type: must be one of 'left-open', 'right-open', was 'left_open'; did you mean 'left-open'?",
    ),
    (LoggingConfig, {"log_level": "LOUD"}, f"log_level: must be one of {LEVELS}, was 'LOUD'"),
    (
        LoggingConfig,
        {"log_component_levels": {"Risk": "DEBUGG"}},
        f"log_component_levels.Risk: must be one of {LEVELS}, was 'DEBUGG'; did you mean 'DEBUG'?",
    ),
    (LoggingConfig, {"log_file_format": "xml"}, "log_file_format: must be 'json', was 'xml'"),
    (
        LoggingConfig,
        {"log_components_only": True},
        "log_components_only: must go with log_component_levels, or nothing is logged, was True",
    ),
    (
        StrategyConfig,
        {"oms_type": "NETTNG"},
        "oms_type: must be one of UNSPECIFIED, NETTING, HEDGING, was 'NETTNG'; did you mean 'NETTING'?",
    ),
    (
        StrategyConfig,
        {"order_id_tag": "0-1"},
        "order_id_tag: must be a tag without hyphen or space, such as '001', was '0-1'",
    ),
    (StrategyConfig, {"strategy_id": "EXTERNAL"}, "strategy_id: must not be one of the engine's own, was 'EXTERNAL'"),
    (
        StrategyConfig,
        {"strategy_id": "INTERNAL-DIFF"},
        "strategy_id: must not be one of the engine's own, was 'INTERNAL-DIFF'",
    ),
    (
        StrategyConfig,
        {"strategy_id": "EMACross-"},
        "strategy_id: must be NAME-TAG, or a plain name without hyphen or outer space, was 'EMACross-'",
    ),
    (StrategyConfig, {"strategy_id": 1}, "strategy_id: must be a StrategyId or a text of length >= 1, was 1"),
    (
        StrategyConfig,
        {"external_order_claims": ["X"]},
        "external_order_claims[0]: InstrumentId must be SYMBOL.VENUE, was 'X'",
    ),
    (
        StrategyConfig,
        {"market_exit_time_in_force": "GTD"},
        "market_exit_time_in_force: must be a time in force without a date, was 'GTD'",
    ),
    (
        StrategyConfig,
        {"callback_error_policy": "stop"},
        f"callback_error_policy: must be one of {POLICIES}, was 'stop'; did you mean 'stop_node'?",
    ),
    (
        ImportableStrategyConfig,
        {**IMPORTABLE, "strategy_path": "a.B"},
        "strategy_path: must be a path MODULE:NAME, was 'a.B'",
    ),
    (InstrumentProviderConfig, {"filter_callable": "f"}, "filter_callable: must be a path MODULE:NAME, was 'f'"),
    (RoutingConfig, {"venues": [""]}, "venues[0]: must be a text of length >= 1, was ''"),
    (
        StreamingConfig,
        {"catalog_path": "x", "rotation_mode": "INTERVAL"},
        "rotation_interval: must be given where rotation_mode is INTERVAL, was None",
    ),
    (
        StreamingConfig,
        {"catalog_path": "x", "rotation_interval": "soon"},
        "rotation_interval: must be a duration such as 'P1D', was 'soon'",
    ),
    (
        StreamingConfig,
        {"catalog_path": "x", "rotation_timezone": "Mars/Base"},
        "rotation_timezone: must be the name of a time zone, such as 'UTC', was 'Mars/Base'",
    ),
    (StreamingConfig, {}, "catalog_path: StreamingConfig needs this setting, was not given"),
    (DataCatalogConfig, {"path": ""}, "path: must be a text of length >= 1, was ''"),
    (
        BinanceDataClientConfig,
        {"api_key": "k"},
        "api_secret: must be given together with the other half of the pair, was not given",
    ),
    (
        BinanceDataClientConfig,
        {"us": True, "testnet": True},
        "testnet: must be left out where us is set: Binance US has no test network, was True",
    ),
    (
        BinanceDataClientConfig,
        {"us": True, "account_type": "USDT_FUTURES"},
        "account_type: must be SPOT where us is set: Binance US has nothing else, was 'USDT_FUTURES'",
    ),
    (
        BinanceExecClientConfig,
        {"testnet": True, "account_type": "MARGIN"},
        "testnet: must be left out for MARGIN: it has no test network, was True",
    ),
    (
        BinanceExecClientConfig,
        {"futures_leverages": {"BTCUSDT": 5}},
        "futures_leverages: must be left out for SPOT: only futures have a leverage",
    ),
    (
        BinanceExecClientConfig,
        {"base_url_http": "ws://localhost:9001"},
        "base_url_http: must be an address https://... or http://... without user or space",
    ),
    (
        BinanceExecClientConfig,
        {"retry_delay_initial_ms": 9, "retry_delay_max_ms": 1},
        "retry_delay_max_ms: must be an integer >= retry_delay_initial_ms (9), was 1",
    ),
    (
        BinanceExecClientConfig,
        {"recv_window_ms": 60_001},
        "recv_window_ms: must be an integer > 0 and <= 60000, was 60001",
    ),
]


@pytest.mark.parametrize(("kind", "settings", "message"), REFUSED)
def test_refused(kind: type[NautilusConfig], settings: dict[str, Any], message: str) -> None:
    """Each is refused by construction and by parsing, with one problem in the same words."""
    with pytest.raises(ConfigError) as constructed:
        kind(**settings)
    with pytest.raises(ConfigError) as parsed:
        kind.parse(settings)

    assert str(constructed.value) == message
    assert str(parsed.value) == message


# A setting that is missing cannot be replaced.
REPLACED = [row for row in REFUSED if row[1]]


@pytest.mark.parametrize(("kind", "settings", "message"), REPLACED)
def test_refused_by_replacing(kind: type[NautilusConfig], settings: dict[str, Any], message: str) -> None:
    """A copy with replaced settings passes the same checks as a new configuration."""
    if any(info.required for info in msgspec.structs.fields(kind)):
        needed = {"catalog_path": "x", "path": "x", **IMPORTABLE}
        base = kind(**{name: needed[name] for name in kind.__struct_fields__ if name in needed})
    else:
        base = kind()

    with pytest.raises(ConfigError) as raised:
        msgspec.structs.replace(base, **settings)

    assert str(raised.value) == message
