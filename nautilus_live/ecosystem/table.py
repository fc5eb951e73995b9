"""The tables of `compat`: where the ecosystem's import paths lead, and which lead nowhere, with the reason."""

from __future__ import annotations

from typing import Final

MODULES: Final[dict[str, tuple[str, ...]]] = {
    "accounting": ("model.accounts",),
    "accounting.accounts": ("model.accounts",),
    "accounting.accounts.betting": ("model.accounts",),
    "adapters.sandbox": ("ecosystem.paper",),
    "adapters.sandbox.config": ("ecosystem.paper",),
    "adapters.sandbox.execution": ("ecosystem.paper",),
    "adapters.sandbox.factory": ("ecosystem.paper",),
    "analysis.reporter": ("trading.reports",),
    "cache": ("ecosystem.names",),
    "cache.base": ("ecosystem.names",),
    "cache.cache": ("engine.cache",),
    "cache.config": ("config",),
    "common": ("trading.log", "model.enums", "config", "ecosystem.names"),
    "common.actor": ("trading.actor", "config"),
    "common.commands": ("model.commands",),
    "common.component": (
        "trading.clock",
        "ecosystem.names",
        "ecosystem.clock",
        "live.clock",
        "trading.component",
        "trading.log",
        "engine.message_bus",
        "model.enums",
    ),
    "common.config": ("config", "ecosystem.names"),
    "common.enums": ("trading.log", "model.enums", "model.enum_texts", "ecosystem.names"),
    "common.events": ("trading.clock", "model.events"),
    "common.factories": ("trading.order_factory",),
    "common.messages": ("model.commands", "model.events"),
    "config": ("config", "ecosystem.names"),
    "common.clock": ("ecosystem.names", "ecosystem.clock", "live.clock", "trading.clock"),
    "common.logging": ("trading.log", "ecosystem.names"),
    "common.timer": ("trading.clock",),
    "core": ("model.data", "model.events", "model.commands", "model.uuids"),
    "core.correctness": ("conditions", "ecosystem.names"),
    "core.data": ("model.data",),
    "core.datetime": ("ecosystem.datetimes",),
    "core.message": ("model.events", "model.commands"),
    "core.nautilus_pyo3": (
        "model.enums",
        "model.enum_texts",
        "model.identifiers",
        "model.objects",
        "model.book",
        "model.data",
        "model.bars",
        "model.updates",
        "model.option_chain",
        "model.greeks_data",
        "model.black_scholes",
        "model.instruments",
        "model.orders",
        "model.events",
        "indicators",
        "ecosystem.filters",
        "ecosystem.names",
        "model.uuids",
    ),
    "core.rust.common": ("trading.log", "model.enums", "ecosystem.names"),
    "core.rust.model": ("model.enums", "model.enum_texts"),
    "core.stats": ("ecosystem.statistics",),
    "core.uuid": ("model.uuids",),
    "data": ("engine.data",),
    "data.config": ("config",),
    "data.engine": ("engine.data",),
    "execution": ("model.commands", "model.reports"),
    "execution.algorithm": ("trading.exec_algorithm",),
    "execution.config": ("config",),
    "execution.emulator": ("engine.emulator",),
    "execution.engine": ("engine.execution",),
    "execution.messages": ("model.commands",),
    "execution.reports": ("model.reports",),
    "indicators": ("indicators",),
    "indicators.average": ("indicators",),
    "indicators.averages": ("indicators",),
    "indicators.base": ("indicators.base",),
    "indicators.momentum": ("indicators",),
    "indicators.spread_analyzer": ("indicators",),
    "indicators.trend": ("indicators",),
    "indicators.volatility": ("indicators",),
    "indicators.volume": ("indicators",),
    "live": ("live.node", "config"),
    "live.config": ("config",),
    "live.data_engine": ("ecosystem.names",),
    "live.execution_engine": ("ecosystem.names",),
    "live.node": ("live.node",),
    "live.risk_engine": ("ecosystem.names",),
    "model": (
        "model.data",
        "model.bars",
        "model.updates",
        "model.option_chain",
        "model.custom_data",
        "model.identifiers",
        "model.objects",
        "model.position",
        "model.book",
        "ecosystem.names",
    ),
    "model.book": ("model.book",),
    "model.c_enums": ("model.enums",),
    "model.currencies": ("model.currencies", "ecosystem.names"),
    "model.custom": ("ecosystem.custom_data",),
    "model.data": (
        "model.data",
        "model.bars",
        "model.updates",
        "model.option_chain",
        "model.custom_data",
        "model.enums",
        "ecosystem.names",
    ),
    "model.enums": ("model.enums", "model.enum_texts"),
    "model.events": ("model.events",),
    "model.functions": ("model.enum_texts",),
    "model.greeks": ("trading.greeks", "model.greeks_data", "model.black_scholes"),
    "model.greeks_data": ("model.greeks_data",),
    "model.identifiers": ("model.identifiers", "model.option_chain", "model.spread_ids"),
    "model.instruments": ("model.instruments",),
    "model.instruments.betting": ("model.instruments.betting",),
    "model.objects": ("model.objects",),
    "model.orderbook": ("model.book", "model.data"),
    "model.orders": ("model.orders",),
    "model.position": ("model.position",),
    "model.tick_scheme": ("model.instruments.tick_scheme",),
    "model.tick_scheme.base": ("model.instruments.tick_scheme",),
    "model.tick_scheme.implementations": ("model.instruments.tick_scheme",),
    "model.venues": ("ecosystem.names",),
    "msgbus": ("engine.message_bus",),
    "portfolio": ("engine.portfolio", "ecosystem.names"),
    "portfolio.base": ("ecosystem.names",),
    "portfolio.config": ("config",),
    "portfolio.portfolio": ("engine.portfolio",),
    "risk": ("engine.risk", "ecosystem.sizing"),
    "risk.config": ("config",),
    "risk.engine": ("engine.risk", "config"),
    "risk.sizing": ("ecosystem.sizing",),
    "serialization.arrow.serializer": ("ecosystem.serialization",),
    "serialization.base": ("ecosystem.serialization",),
    "system.config": ("config",),
    "trading": ("trading.strategy", "trading.trader", "trading.actor", "trading.controller"),
    "trading.config": ("config",),
    "trading.controller": ("trading.controller",),
    "trading.filters": ("ecosystem.filters",),
    "trading.strategy": ("trading.strategy",),
    "trading.trader": ("trading.trader",),
}
"""From an ecosystem path (after `nautilus_trader.`) to ours (after `nautilus_live.`), each searched in order.

A path below one of these (`model.orders.list`, `indicators.atr`) is the nearest one above it. Some are those of earlier
releases (`common.logging`, `model.c_enums`, `msgbus`), which published strategies still use.
"""

_NO_BACKTEST = "there is no backtest engine here: the simulation runs the live node (see scenarios/README.md)"
_NO_CATALOG = "there is no data catalog here: record what you subscribe to, and replay CSV or Parquet (sandbox_venues)"
_NO_STREAMS = "nothing of a user's own is serialized here"
_FOR_TESTS = "fixtures of the ecosystem's own tests; make instruments by their classes, data in a scenario"
_ADAPTERS = "adapters are written against nautilus_live.adapters.ports; strategies do not see them"

REFUSED: Final[dict[str, str]] = {
    "adapters": _ADAPTERS,
    "analysis": "there are no statistics of portfolios here: read the portfolio, and the store's snapshots",
    "backtest": _NO_BACKTEST,
    "cache.adapter": "stores are written against nautilus_live.store.port",
    "cache.database": "stores are written against nautilus_live.store.port",
    "cache.facade": "stores are written against nautilus_live.store.port",
    "cache.transformers": "there is one kind of objects here, none to transform into another",
    "common.data_topics": "topics are texts: data.quotes.VENUE.SYMBOL and the like",
    "common.executor": "an actor's run_in_executor and queue_for_executor are all there is of it",
    "common.functions": "the loop is the node's; times are written by core.datetime",
    "common.generators": "ids are made by a strategy's order_factory, so that none comes twice",
    "common.providers": _ADAPTERS,
    "common.secure": "secrets are nautilus_live.secrets.Secret, in configurations",
    "common.signal": "a signal is published with publish_signal, and arrives as a Signal",
    "core.fsm": "states are enumerations; what may follow what is in nautilus_live.core",
    "core.inspect": "nothing here has to be told from the ecosystem's classes",
    "core.math": "its only function is the ecosystem's own",
    "core.nautilus_pyo3.trading": "strategies of the Rust engine have other callbacks: use trading.strategy",
    "data.aggregation": "bars are made by the data engine: subscribe to an INTERNAL bar type",
    "data.client": _ADAPTERS,
    "data.messages": "requests and subscriptions are methods of an actor, and go to a client by the data engine",
    "examples": "the ecosystem's examples are its own; ours are in nautilus_live.examples",
    "execution.client": _ADAPTERS,
    "execution.manager": "contingent orders are managed by the strategy (manage_contingent_orders) and the emulator",
    "execution.matching_core": "emulated orders are matched by the order emulator",
    "execution.trailing": "trailing stops are moved by the order emulator or the venue",
    "indicators.ta_lib": "TA-Lib is a library of its own: bring it and feed it, or use nautilus_live.indicators",
    "live.factories": _ADAPTERS,
    "live.data_client": _ADAPTERS,
    "live.execution_client": _ADAPTERS,
    "live.reconciliation": "reconciliation is the node's: nautilus_live.core.reconciliation",
    "live.retry": _ADAPTERS,
    "persistence": _NO_CATALOG,
    "serialization": _NO_STREAMS,
    "system.kernel": "the node's parts are those of nautilus_live.live.kernel",
    "test_kit": _FOR_TESTS,
    "trading.messages": "a controller is called, not sent messages: create_strategy, stop_strategy, remove_strategy",
}
"""Paths that are not here, and neither is anything below them: what an import of one is told."""

AROUND: Final = ("adapters", "analysis", "backtest", "persistence", "serialization", "test_kit")
"""Those that scripts around a strategy use: they can be imported, and tell the same when they are used."""

_PYO3 = "there is one kind of objects here, none to convert from or to"


def _texts_of(enumeration: str) -> tuple[str, str]:
    """Return the names of the two functions that read and write an enumeration's members."""
    return f"{enumeration}_from_str", f"{enumeration}_to_str"


REFUSED_NAMES: Final[dict[str, str]] = {
    **dict.fromkeys(
        (
            *("BacktestDataConfig", "BacktestEngineConfig", "BacktestRunConfig", "BacktestVenueConfig"),
            *("FXRolloverInterestConfig", "FeeModelFactory", "FillModelConfig", "FillModelFactory"),
            *("FixedFeeModelConfig", "ImportableFeeModelConfig", "ImportableFillModelConfig"),
            *("ImportableLatencyModelConfig", "LatencyModelConfig", "LatencyModelFactory", "MakerTakerFeeModelConfig"),
            *("PerContractFeeModelConfig", "SimulationModuleConfig", "set_backtest_force_stop"),
            *("is_backtest_force_stop", "RolloverInterestCalculator"),
        ),
        _NO_BACKTEST,
    ),
    **dict.fromkeys(
        ("ActorFactory", "ControllerFactory", "ExecAlgorithmFactory", "StrategyFactory"),
        "parts of a node are made of the configuration by the node",
    ),
    **dict.fromkeys(
        (
            *("msgspec_decoding_hook", "msgspec_encoding_hook", "nautilus_schema_hook", "register_config_decoding"),
            *("register_config_encoding", "resolve_config_path", "tokenize_config"),
        ),
        "configurations write and read themselves: parse, json, dict, id",
    ),
    **dict.fromkeys(
        (
            *("ComponentFSMFactory", "ComponentTrigger", "Throttler", "SnapshotInfo", "RiskEvent"),
            *("ComponentStateChanged", "AccountFactory", "AccountsManager", "component_trigger_from_str"),
            *("component_trigger_to_str", "deregister_component_clock", "register_component_clock"),
            *("remove_instance_component_clocks", "py_should_handle_own_book_order", "Document", "Request", "Response"),
            *("ExecutionReport", "ExecutionReportCommand", "GenerateExecutionMassStatus", "GenerateFillReports"),
            *("GenerateOrderStatusReport", "GenerateOrderStatusReports", "GeneratePositionStatusReports"),
            *("AccountError", "AccountBalanceNegative", "AccountMarginExceeded", "CacheDatabaseAdapter"),
        ),
        "it is inside the ecosystem's engines; ours are made otherwise",
    ),
    **dict.fromkeys(
        (
            *("LogGuard", "flush_logger", "init_logging", "is_logging_initialized", "is_logging_pyo3", "log_header"),
            *("log_sysinfo", "set_logging_pyo3"),
        ),
        "logging is the standard library's, set up by LoggingConfig",
    ),
    **dict.fromkeys(
        ("capsule_to_data", "capsule_to_list", "create_pyo3_conversion_wrapper", "instruments_from_pyo3"), _PYO3
    ),
    **dict.fromkeys(
        ("PositionAdjusted", "PositionAdjustmentType", *_texts_of("position_adjustment_type")),
        "fees in a base currency and funding change the account, not the size of a position",
    ),
    **dict.fromkeys(
        ("OtoTriggerMode", *_texts_of("oto_trigger_mode")),
        "how a venue triggers the children of an order is told to the sandbox venue",
    ),
    **dict.fromkeys(
        ("ContinuousFutureAdjustmentType", "ContinuousFutureSubscriptionState"),
        "continuous futures are not rolled here: a strategy chooses its contract",
    ),
    **dict.fromkeys(
        ("MarketStatus", "market_status_from_str", "market_status_to_str"),
        "what a market does is a MarketStatusAction",
    ),
    **dict.fromkeys(
        (
            *("BOOK_DATA_TYPES", "NAUTILUS_PYO3_DATA_TYPES", "NULL_ORDER", "BarIntervalType", "CUSTOM_DECODINGS"),
            *("CUSTOM_ENCODINGS", "as_utc_index", "bar_aggregation_not_implemented_message", "order_side_to_bet_side"),
            *("supported_bar_aggregations_str", "pyo3_list_to_data_list"),
        ),
        "it is inside the ecosystem's parts for adapters and files",
    ),
}
"""Names that are not here, wherever they are imported from: what an import of one is told."""


def is_around(path: str, name: str = "") -> bool:
    """Return whether a path (after `nautilus_trader.`) or a name is only of use around a strategy."""
    return path.partition(".")[0] in AROUND or REFUSED_NAMES.get(name) is _NO_BACKTEST


def reason_against(path: str) -> str | None:
    """Return why a path (after `nautilus_trader.`) is not here, None if nothing is said against it."""
    parts = path.split(".")
    for length in range(len(parts), 0, -1):
        path_here = ".".join(parts[:length])
        if path_here == path and path in MODULES:  # a module of ours below what is refused; other names of it still are
            break
        reason = REFUSED.get(path_here)
        if reason is not None:
            return reason
    return _PYO3 if parts[-1].endswith(("_pyo3", "_pyo3_c")) and parts[-1] != "nautilus_pyo3" else None
