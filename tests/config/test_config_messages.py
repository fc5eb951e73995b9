"""What an error tells: unknown settings, every problem at once, paths."""

from __future__ import annotations

from typing import Any

import pytest

from nautilus_live.config import (
    CacheConfig,
    LiveExecEngineConfig,
    TradingNodeConfig,
)
from nautilus_live.errors import ConfigError, KernelError

MISSPELT = "reconcilation: LiveExecEngineConfig has no setting 'reconcilation'; did you mean 'reconciliation'?"


def test_unknown_setting_with_the_nearest_known() -> None:
    """A misspelt setting is refused, not ignored: the error says which one was probably meant."""
    settings: dict[str, Any] = {"reconcilation": True}

    with pytest.raises(ConfigError) as constructed:
        LiveExecEngineConfig(**settings)
    with pytest.raises(ConfigError) as parsed:
        LiveExecEngineConfig.parse(b'{"reconcilation": true}')

    assert str(constructed.value) == str(parsed.value) == MISSPELT


def test_unknown_setting_without_anything_near() -> None:
    """Nothing is suggested where nothing is near."""
    with pytest.raises(ConfigError) as raised:
        TradingNodeConfig.parse(b'{"exec_engine": {"zzz": 1}}')

    assert str(raised.value) == "exec_engine.zzz: LiveExecEngineConfig has no setting 'zzz'"


def test_all_problems_at_once() -> None:
    """Every problem at every depth is told at once, with its path, in the order of the file."""
    raw = b"""{
        "trader_id": "Trader",
        "exec_engine": {"inflight_check_retries": -5, "reconcilation": true, "reconciliation_instrument_ids": ["X"]},
        "cache": {"database": {"port": 0, "timeout": "soon"}},
        "strategies": [{"strategy_path": "x", "config_path": "a:B", "config": {}}, {"config_path": "a:B"}],
        "data_clients": {"BINANCE": {"routing": {"default": "yes"}}},
        "timeout_connection": -1.5
    }"""

    with pytest.raises(ConfigError) as raised:
        TradingNodeConfig.parse(raw)

    assert str(raised.value).splitlines() == [
        "trader_id: TraderId must be NAME-TAG with a hyphen, was 'Trader'",
        "exec_engine.inflight_check_retries: must be an integer >= 0, was -5",
        f"exec_engine.{MISSPELT}",
        "exec_engine.reconciliation_instrument_ids[0]: InstrumentId must be SYMBOL.VENUE, was 'X'",
        "cache.database.port: must be an integer >= 1 and <= 65535, was 0",
        "cache.database.timeout: must be a number > 0, was 'soon'",
        "strategies[0].strategy_path: must be a path MODULE:NAME, was 'x'",
        "strategies[1].strategy_path: ImportableStrategyConfig needs this setting, was not given",
        "strategies[1].config: ImportableStrategyConfig needs this setting, was not given",
        "data_clients.BINANCE.routing.default: must be true or false, was 'yes'",
        "timeout_connection: must be a number > 0, was -1.5",
    ]


def test_error_carries_its_problems() -> None:
    """A program can read what a person reads; and the error is what code written for plain values expects."""
    with pytest.raises(ValueError, match="qsize") as raised:
        TradingNodeConfig.parse({"exec_engine": {"qsize": 0}})

    error = raised.value
    assert isinstance(error, ConfigError)
    assert isinstance(error, KernelError)
    [problem] = error.problems
    assert (problem.path, problem.rule, problem.value) == ("exec_engine.qsize", "must be an integer > 0", 0)


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"{", "TradingNodeConfig must be valid JSON"),
        (b"\xff", "TradingNodeConfig must be valid JSON"),
        ("[]", "TradingNodeConfig must be a table of settings, was of type list"),
    ],
)
def test_not_a_table(raw: bytes | str, message: str) -> None:
    """What is no JSON, or no table, is the operator's fault like any other."""
    with pytest.raises(ConfigError, match=message):
        TradingNodeConfig.parse(raw)


def test_settings_without_name() -> None:
    """Settings are given by name, so that a new one never changes what an old call means."""
    with pytest.raises(ConfigError, match="CacheConfig takes settings by name only, was 1 without a name"):
        CacheConfig(None)  # type: ignore[call-arg]  # what is refused here
