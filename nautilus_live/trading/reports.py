"""Tables of what was traded, for notebooks: orders, fills, positions, accounts, each as a pandas DataFrame.

Knows the model's values, and pandas only while a table is made: without it everything else works, and asking for a
table says what to install. Columns and indices are those of the ecosystem's reports.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from nautilus_live.errors import ConfigError, ProgrammerError
from nautilus_live.model.accounts import Account
from nautilus_live.model.events import OrderFilled
from nautilus_live.model.identifiers import AccountId, Venue
from nautilus_live.model.orders import Order
from nautilus_live.model.position import Position
from nautilus_live.trading.services import Services

if TYPE_CHECKING:
    from pandas import DataFrame, Timestamp

_FILL_COLUMNS = (
    *("trader_id", "strategy_id", "instrument_id", "client_order_id", "venue_order_id", "account_id", "trade_id"),
    *("position_id", "order_side", "order_type", "last_qty", "last_px", "currency", "commission", "liquidity_side"),
    *("event_id", "ts_event", "ts_init", "info", "reconciliation"),
)
_POSITION_COLUMNS = (
    *("position_id", "trader_id", "strategy_id", "instrument_id", "account_id", "opening_order_id", "closing_order_id"),
    *("entry", "side", "quantity", "peak_qty", "ts_init", "ts_opened", "ts_last", "ts_closed", "duration_ns"),
    *("avg_px_open", "avg_px_close", "commissions", "realized_return", "realized_pnl"),
)
_ACCOUNT_COLUMNS = (
    *("total", "locked", "free", "currency", "account_id", "account_type", "base_currency", "margins", "reported"),
    "info",
)
Row = dict[str, Any]


class ReportProvider:
    """Makes the tables. Each is empty, without columns, where there is nothing to tell."""

    @staticmethod
    def generate_orders_report(orders: Sequence[Order]) -> DataFrame:
        """Return a row for each order, by its id. Raises `ConfigError` if pandas is not installed."""
        return _by(_pandas(), [order.to_dict() for order in orders], "client_order_id")

    @staticmethod
    def generate_order_fills_report(orders: Sequence[Order]) -> DataFrame:
        """Return a row for each order that was filled at all, by its id. Raises `ConfigError` without pandas."""
        pandas = _pandas()
        report = _by(pandas, [order.to_dict() for order in orders if order.filled_qty.value], "client_order_id")
        return _dated(pandas, report, "ts_last", "ts_init")

    @staticmethod
    def generate_fills_report(orders: Sequence[Order]) -> DataFrame:
        """Return a row for each fill that counts, by the id of its order. Raises `ConfigError` without pandas."""
        pandas = _pandas()
        rows = [_fill_row(fill) for order in orders for fill in order.fills.values()]
        return _dated(pandas, _by(pandas, rows, "client_order_id"), "ts_event", "ts_init")

    @staticmethod
    def generate_positions_report(
        positions: Sequence[Position], snapshots: Sequence[Position] | None = None
    ) -> DataFrame:
        """Return a row for each position and each of their earlier cycles (`is_snapshot`), by id, as they opened.

        Raises:
            ConfigError: if pandas is not installed.

        """
        pandas = _pandas()
        earlier = [_position_row(position, is_snapshot=True) for position in snapshots or ()]
        rows = [_position_row(position, is_snapshot=False) for position in positions]
        rows = sorted([*rows, *earlier], key=lambda row: (row["ts_opened"], row["ts_closed"] or 0, row["position_id"]))
        if not rows:
            return pandas.DataFrame()
        report = pandas.DataFrame(data=rows).set_index("position_id")
        report["ts_closed"] = [pandas.NA if pandas.isna(time) else _time(pandas, time) for time in report["ts_closed"]]
        return _dated(pandas, report, "ts_opened")

    @staticmethod
    def generate_account_report(account: Account) -> DataFrame:
        """Return a row for each currency of each state of an account, by its time. Raises `ConfigError` without pandas.

        What a state leaves out is not in it: a venue says what changed.
        """
        pandas = _pandas()
        rows: list[Row] = []
        for state in account.events:
            told = state.to_dict()
            times = {"ts_event": told["ts_event"]}
            rows.extend(times | _chosen({**balance, **told}, _ACCOUNT_COLUMNS) for balance in told["balances"])
        report = _by(pandas, rows, "ts_event")
        report.index = pandas.Index([_time(pandas, time) for time in report.index])
        return report


class Reporting:
    """Gives a trader the reports of all that it traded. Each raises `ConfigError` if pandas is not installed."""

    _services: Services

    def generate_orders_report(self) -> DataFrame:
        """Return a row for each order, by its id."""
        return ReportProvider.generate_orders_report(self._services.cache.orders())

    def generate_order_fills_report(self) -> DataFrame:
        """Return a row for each order that was filled at all, by its id."""
        return ReportProvider.generate_order_fills_report(self._services.cache.orders())

    def generate_fills_report(self) -> DataFrame:
        """Return a row for each fill, by the id of its order."""
        return ReportProvider.generate_fills_report(self._services.cache.orders())

    def generate_positions_report(self) -> DataFrame:
        """Return a row for each position, and each of their earlier cycles, by its id."""
        cache = self._services.cache
        return ReportProvider.generate_positions_report(cache.positions(), cache.position_snapshots())

    def generate_account_report(self, venue: Venue | None = None, account_id: AccountId | None = None) -> DataFrame:
        """Return a row for each currency of each state of an account, by its time; an empty table if it is not known.

        Raises:
            ProgrammerError: if neither is given.

        """
        if venue is None and account_id is None:
            raise ProgrammerError("an account report must be of a venue or an account_id, was of neither")
        account = self._services.cache.account_for_venue(venue, account_id)
        if account is None:
            return _pandas().DataFrame()
        return ReportProvider.generate_account_report(account)


def _pandas() -> Any:
    try:
        import pandas as pd
    except ImportError as error:
        raise ConfigError(
            "a report is a table of pandas, which is not installed: pip install 'nautilus-live[reports]'"
        ) from error
    return pd


def _by(pandas: Any, rows: list[Row], key: str) -> DataFrame:
    """Return a table of rows by one of their columns, sorted by it; those of one key stay as they came."""
    if not rows:
        return pandas.DataFrame()
    table: DataFrame = pandas.DataFrame(data=rows).set_index(key).sort_index(kind="stable")
    return table


def _dated(pandas: Any, report: DataFrame, *columns: str) -> DataFrame:
    """Let columns of nanoseconds be times; an empty table stays so."""
    for column in columns if len(report) else ():
        report[column] = [_time(pandas, time) for time in report[column]]
    return report


def _time(pandas: Any, time_ns: Any) -> Timestamp:
    return pandas.Timestamp(int(time_ns or 0), unit="ns", tz="UTC")


def _fill_row(fill: OrderFilled) -> Row:
    return _chosen({**fill.to_dict(), "info": fill.info}, _FILL_COLUMNS)


def _position_row(position: Position, *, is_snapshot: bool) -> Row:
    return {**_chosen(position.to_dict(), _POSITION_COLUMNS), "is_snapshot": is_snapshot}


def _chosen(row: Row, columns: Iterable[str]) -> Row:
    return {name: row[name] for name in columns}
