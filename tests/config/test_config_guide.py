"""The guide's own tables and code blocks, as they stand there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

import nautilus_live.adapters.binance
import nautilus_live.config
from nautilus_live.adapters.binance import BinanceAccountType, BinanceDataClientConfig, BinanceExecClientConfig
from nautilus_live.config import (
    CacheConfig,
    DatabaseConfig,
    LiveExecEngineConfig,
    MessageBusConfig,
    NautilusConfig,
    StrategyConfig,
    TradingNodeConfig,
)
from nautilus_live.model.data import QuoteTick, TradeTick

# The tables' rows up to where the description begins: name and default stand without a gap between them.
NODE_ROWS = """
trader_id"TRADER-001"Unique
instance_idNoneOptional
timeout_connection30.0Connection
timeout_reconciliation10.0Reconciliation
timeout_portfolio10.0Portfolio
timeout_disconnection10.0Disconnection
timeout_post_stop5.0Post-stop
"""
EXECUTION_ROWS = """
reconciliationTrueActivates
reconciliation_lookback_minsNoneSpecifies
reconciliation_instrument_idsNoneAn
filtered_client_order_idsNoneA
filter_unclaimed_external_ordersFalseFilters
filter_position_reportsFalseFilters
inflight_check_interval_ms2,000 msDetermines
inflight_check_threshold_ms5,000 msSets
inflight_check_retries5 retriesSpecifies
open_check_interval_secsNoneDetermines
open_check_open_onlyTrueWhen
own_books_audit_interval_secsNoneSets
generate_missing_ordersTrueIf
snapshot_ordersFalseIf
snapshot_positionsFalseIf
snapshot_positions_interval_secsNoneThe
debugFalseEnable
purge_closed_orders_interval_minsNoneSets
purge_closed_orders_buffer_minsNoneSpecifies
purge_closed_positions_interval_minsNoneSets
purge_closed_positions_buffer_minsNoneSpecifies
purge_account_events_interval_minsNoneSets
purge_account_events_lookback_minsNoneSpecifies
purge_from_databaseFalseIf
qsize100,000Sets
"""
STRATEGY_ROWS = """
strategy_idNoneA
order_id_tagNoneA
oms_typeNoneSpecifies
use_uuid_client_order_idsFalseIf
external_order_claimsNoneLists
manage_contingent_ordersFalseIf
manage_gtd_expiryFalseIf
"""
ROW = re.compile(r'([a-z_]+)(None|True|False|"[^"]*"|[\d,.]+)(?: ms| retries)?[A-Z].*')
WORDS = {"None": None, "True": True, "False": False}


def read_rows(kind: type[NautilusConfig], text: str) -> Iterator[Any]:
    for line in text.split("\n")[1:-1]:
        match = ROW.fullmatch(line)
        assert match is not None, line
        name, default = match.groups()
        value: object
        if default in WORDS:
            value = WORDS[default]
        elif default.startswith('"'):
            value = default.strip('"')
        else:
            value = float(default) if "." in default else int(default.replace(",", ""))
        yield pytest.param(kind, name, value, id=f"{kind.__name__}.{name}")


ROWS = [
    *read_rows(TradingNodeConfig, NODE_ROWS),
    *read_rows(LiveExecEngineConfig, EXECUTION_ROWS),
    *read_rows(StrategyConfig, STRATEGY_ROWS),
]


def test_every_row_was_read() -> None:
    """The tables have 7, 25 and 7 rows; a row that the pattern skipped would otherwise pass unseen."""
    assert len(ROWS) == 39


@pytest.mark.parametrize(("kind", "name", "default"), ROWS)
def test_default_constructed(kind: type[NautilusConfig], name: str, default: object) -> None:
    """A configuration made without settings has the guide's default."""
    actual = getattr(kind(), name)

    assert (str(actual) if isinstance(default, str) else actual) == default
    assert isinstance(default, str) or type(actual) is type(default)


@pytest.mark.parametrize(("kind", "name", "default"), ROWS)
def test_default_parsed(kind: type[NautilusConfig], name: str, default: object) -> None:
    """So has one read from an empty file, and one where the default is written out."""
    written = kind.parse({name: default})

    assert kind.parse(b"{}") == written == kind()


def run_block(block: str) -> dict[str, Any]:
    """Run a block of the guide: import root replaced, and the names it uses but does not import supplied."""
    names: dict[str, Any] = {
        name: getattr(module, name)
        for module in (nautilus_live.config, nautilus_live.adapters.binance)
        for name in module.__all__
    }
    names |= {"QuoteTick": QuoteTick, "TradeTick": TradeTick}
    exec(block.replace("nautilus_trader", "nautilus_live"), names)
    return names


# Its two colons inside the call are corrected, nothing else.
NODE_BLOCK = """
from nautilus_trader.config import TradingNodeConfig

config = TradingNodeConfig(
trader_id="MyTrader-001",

# Component configurations
cache: CacheConfig(),
message_bus: MessageBusConfig(),
data_engine=LiveDataEngineConfig(),
risk_engine=LiveRiskEngineConfig(),
exec_engine=LiveExecEngineConfig(),
portfolio=PortfolioConfig(),

# Client configurations
data_clients={
"BINANCE": BinanceDataClientConfig(),
},
exec_clients={
"BINANCE": BinanceExecClientConfig(),
},
)
"""
CACHE_BLOCK = """
from nautilus_trader.config import CacheConfig
from nautilus_trader.config import DatabaseConfig

cache_config = CacheConfig(
database=DatabaseConfig(
host="localhost",
port=6379,
username="nautilus",
password="pass",
timeout=2.0,
),
encoding="msgpack", # or "json"
timestamps_as_iso8601=True,
buffer_interval_ms=100,
flush_on_start=False,
)
"""
BUS_BLOCK = """
from nautilus_trader.config import MessageBusConfig
from nautilus_trader.config import DatabaseConfig

message_bus_config = MessageBusConfig(
database=DatabaseConfig(timeout=2),
timestamps_as_iso8601=True,
use_instance_id=False,
types_filter=[QuoteTick, TradeTick], # Filter specific message types
stream_per_topic=False,
autotrim_mins=30, # Automatic message trimming
heartbeat_interval_secs=1,
)
"""
VENUES_BLOCK = """
config = TradingNodeConfig(
trader_id="MultiVenue-001",

# Multiple data clients for different market types
data_clients={
"BINANCE_SPOT": BinanceDataClientConfig(
account_type=BinanceAccountType.SPOT,
testnet=False,
),
"BINANCE_FUTURES": BinanceDataClientConfig(
account_type=BinanceAccountType.USDT_FUTURES,
testnet=False,
),
},

# Corresponding execution clients
exec_clients={
"BINANCE_SPOT": BinanceExecClientConfig(
account_type=BinanceAccountType.SPOT,
testnet=False,
),
"BINANCE_FUTURES": BinanceExecClientConfig(
account_type=BinanceAccountType.USDT_FUTURES,
testnet=False,
),
},
)
"""


def test_node_block() -> None:
    """The first block makes a node with one client of each kind."""
    block = NODE_BLOCK.replace("cache: ", "cache=").replace("message_bus: ", "message_bus=")

    config: TradingNodeConfig = run_block(block)["config"]

    assert str(config.trader_id) == "MyTrader-001"
    assert config.cache == CacheConfig()
    assert config.message_bus == MessageBusConfig()
    assert config.data_clients == {"BINANCE": BinanceDataClientConfig()}
    assert config.exec_clients == {"BINANCE": BinanceExecClientConfig()}


def test_cache_block() -> None:
    """The cache block's settings arrive; its one timeout stands for both later ones."""
    config: CacheConfig = run_block(CACHE_BLOCK)["cache_config"]

    database = config.database
    assert isinstance(database, DatabaseConfig)
    assert (database.host, database.port, database.username) == ("localhost", 6379, "nautilus")
    assert database.password is not None
    assert database.password.reveal() == "pass"
    assert (database.timeout, database.connection_timeout, database.response_timeout) == (2.0, 2.0, 2.0)
    assert (config.encoding, config.buffer_interval_ms, config.flush_on_start) == ("msgpack", 100, False)
    assert config.timestamps_as_iso8601 is True


def test_bus_block() -> None:
    """The bus block's settings arrive, with an integer as timeout and types as types."""
    config: MessageBusConfig = run_block(BUS_BLOCK)["message_bus_config"]

    assert config.database is not None
    assert config.database.timeout == 2
    assert config.types_filter == [QuoteTick, TradeTick]
    assert (config.autotrim_mins, config.heartbeat_interval_secs, config.stream_per_topic) == (30, 1, False)


def test_venues_block() -> None:
    """The block with several venues runs verbatim and keeps the clients in order and apart."""
    config: TradingNodeConfig = run_block("from nautilus_trader.adapters.binance import *\n" + VENUES_BLOCK)["config"]

    types = [
        (name, client.account_type)
        for name, client in config.data_clients.items()
        if isinstance(client, BinanceDataClientConfig)
    ]
    assert types == [
        ("BINANCE_SPOT", BinanceAccountType.SPOT),
        ("BINANCE_FUTURES", BinanceAccountType.USDT_FUTURES),
    ]
    assert list(config.exec_clients) == ["BINANCE_SPOT", "BINANCE_FUTURES"]
    assert TradingNodeConfig.parse(config.json()) == config
