"""Names of the ecosystem for what is called otherwise here, or is a method where the ecosystem has a function."""

from __future__ import annotations

from enum import IntEnum, unique
from typing import Any

from nautilus_live.conditions import PyCondition
from nautilus_live.engine.cache import Cache
from nautilus_live.engine.data import DataEngine
from nautilus_live.engine.execution import ExecutionEngine
from nautilus_live.engine.message_bus import compile_pattern
from nautilus_live.engine.portfolio import Portfolio
from nautilus_live.engine.risk import RiskEngine
from nautilus_live.errors import ConfigError
from nautilus_live.model.book import OrderBook
from nautilus_live.model.currency import CURRENCIES, Currency
from nautilus_live.model.custom_data import CustomData
from nautilus_live.model.data import QuoteTick, TradeTick
from nautilus_live.model.enums import ComponentState
from nautilus_live.model.identifiers import Venue
from nautilus_live.model.objects import Price
from nautilus_live.model.uuids import UUID4
from nautilus_live.trading.clock import TimerClock
from nautilus_live.trading.log import ComponentLog, LogColor

__all__ = [
    "UUID4",
    "Cache",
    "CacheFacade",
    "Clock",
    "Condition",
    "DataEngine",
    "ExecutionEngine",
    "GenericData",
    "InvalidConfiguration",
    "LiveDataEngine",
    "LiveExecutionEngine",
    "LiveRiskEngine",
    "LogLevel",
    "Logger",
    "LoggerAdapter",
    "PortfolioFacade",
    "RiskEngine",
    "component_state_from_str",
    "component_state_to_str",
    "convert_to_raw_int",
    "is_matching_py",
    "log_color_from_str",
    "log_color_to_str",
    "log_level_from_str",
    "log_level_to_str",
    "register_currency",
    "update_book_with_quote_tick",
    "update_book_with_trade_tick",
]

CacheFacade = Cache
PortfolioFacade = Portfolio
Clock = TimerClock
Condition = PyCondition
Logger = ComponentLog
InvalidConfiguration = ConfigError
GenericData = CustomData
LoggerAdapter = ComponentLog
LiveDataEngine = DataEngine
LiveExecutionEngine = ExecutionEngine
LiveRiskEngine = RiskEngine

CBCM, GLBX, NYUM, XCBT, XCEC, XCME, XFXS, XNYM = map(
    Venue, ("CBCM", "GLBX", "NYUM", "XCBT", "XCEC", "XCME", "XFXS", "XNYM")
)
USDC_POS, ONEINCH = CURRENCIES["USDC.e"], CURRENCIES["1INCH"]


@unique
class LogLevel(IntEnum):
    """How much is logged, by the ecosystem's names and numbers."""

    OFF = 0
    TRACE = 1
    DEBUG = 2
    INFO = 3
    WARNING = 4
    ERROR = 5


def log_level_from_str(value: str) -> LogLevel:
    """Return the level of that name. Raises `KeyError` if there is none."""
    return LogLevel[value]


def log_level_to_str(value: LogLevel) -> str:
    """Return the name of a level."""
    return LogLevel(value).name


def log_color_from_str(value: str) -> LogColor:
    """Return the colour of that name. Raises `KeyError` if there is none."""
    return LogColor[value]


def log_color_to_str(value: LogColor) -> str:
    """Return the name of a colour."""
    return LogColor(value).name


def component_state_from_str(value: str) -> ComponentState:
    """Return the state of that name. Raises `KeyError` if there is none."""
    return ComponentState[value]


def component_state_to_str(value: ComponentState) -> str:
    """Return the name of a state."""
    return ComponentState(value).name


def register_currency(currency: Currency, overwrite: bool = False) -> None:
    """Make a currency known by its code; an existing one stays unless `overwrite`."""
    Currency.register(currency, overwrite)


def convert_to_raw_int(value: Any, precision: int) -> int:
    """Return a number at that precision in units of 10 to the power of -16."""
    return Price(value, precision).raw


def is_matching_py(topic: str, pattern: str) -> bool:
    """Return whether a topic matches a pattern with `*` and `?`."""
    return bool(compile_pattern(pattern)(topic))


def update_book_with_quote_tick(book: OrderBook, quote: QuoteTick) -> None:
    """Let an L1_MBP book be what a quote says."""
    book.update_quote_tick(quote)


def update_book_with_trade_tick(book: OrderBook, trade: TradeTick) -> None:
    """Let an L1_MBP book be what a trade says."""
    book.update_trade_tick(trade)
