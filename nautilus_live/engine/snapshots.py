"""Snapshots: orders, positions and the portfolio written out as they stand, for whoever reads the store or the bus.

Knows the bus, the cache and the portfolio; changes nothing. Promises: with `snapshot_orders` and `snapshot_positions`
one snapshot for each event that was applied, taken before any strategy hears of it; with an interval further ones of
the open positions alone; nothing is kept in memory, and nothing is read back. A snapshot is a table of plain values:
texts for ids and amounts, nanoseconds for times.

Where: topics and store keys `snapshots:orders:ID`, `snapshots:positions:ID`, `snapshots:portfolio:ACCOUNT`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from nautilus_live.adapters.ports import Clock
from nautilus_live.config.execution import LiveExecEngineConfig
from nautilus_live.config.portfolio import PortfolioConfig
from nautilus_live.engine.cache import Cache
from nautilus_live.engine.message_bus import MessageBus
from nautilus_live.engine.periodic import Periodic
from nautilus_live.engine.portfolio import Portfolio
from nautilus_live.model.accounts import Account
from nautilus_live.model.events import OrderEvent, PositionEvent
from nautilus_live.model.objects import Currency, Money
from nautilus_live.model.orders import Order
from nautilus_live.model.position import Position

PRIORITY_FIRST = 1_000_000
"""Before any strategy: what one does in its callback is not part of what happened."""

Table = dict[str, Any]


class Snapshots:
    """Takes the snapshots of one node.

    Args:
        msgbus: tells what happened, and carries the snapshots.
        cache: what is written out, and the way to the store.
        portfolio: values positions.
        clock: the time of a snapshot.
        config: whether orders and positions are written out, and how often positions.
        portfolio_config: how often the portfolio is.

    """

    def __init__(
        self,
        msgbus: MessageBus,
        cache: Cache,
        portfolio: Portfolio,
        clock: Clock,
        config: LiveExecEngineConfig,
        portfolio_config: PortfolioConfig,
    ) -> None:
        self._msgbus = msgbus
        self._cache = cache
        self._portfolio = portfolio
        self._now = clock.timestamp_ns
        self._positions_interval_s = config.snapshot_positions_interval_secs if config.snapshot_positions else None
        self._portfolio_interval_ms = portfolio_config.snapshot_interval_ms
        if config.snapshot_orders:
            msgbus.subscribe("events.order.*", self._on_order_event, PRIORITY_FIRST)
        if config.snapshot_positions:
            msgbus.subscribe("events.position.*", self._on_position_event, PRIORITY_FIRST)

    def start(self, periodic: Periodic) -> None:
        """Begin with those that come by the clock."""
        if self._positions_interval_s:
            periodic.every(self._positions_interval_s, "snapshots of positions", self.take_positions)
        if self._portfolio_interval_ms:
            periodic.every(self._portfolio_interval_ms / 1_000, "snapshots of the portfolio", self.take_portfolio)

    def take_positions(self) -> None:
        """Write out every open position."""
        for position in self._cache.positions_open():
            self._take("positions", position.id.value, position_table(position, self._unrealized(position)))

    def take_portfolio(self) -> None:
        """Write out each account, with what its positions are worth."""
        for account in self._cache.accounts():
            self._take("portfolio", account.id.value, portfolio_table(account, self._portfolio))

    def _on_order_event(self, event: OrderEvent) -> None:
        order = self._cache.order(event.client_order_id)
        if order is not None:
            self._take("orders", order.client_order_id.value, order_table(order))

    def _on_position_event(self, event: PositionEvent) -> None:
        position = self._cache.position(event.position_id)
        if position is not None:
            self._take("positions", position.id.value, position_table(position, self._unrealized(position)))

    def _unrealized(self, position: Position) -> Money | None:
        price = self._portfolio.price(position.instrument_id, position.signed_qty)
        return None if price is None else position.unrealized_pnl(price)

    def _take(self, kind: str, name: str, table: Table) -> None:
        table["ts_snapshot"] = self._now()
        self._cache.add_snapshot(kind, name, table)
        self._msgbus.publish(f"snapshots:{kind}:{name}", table)


def order_table(order: Order) -> Table:
    """Return how an order stands."""
    return {
        "trader_id": order.trader_id.value,
        "strategy_id": order.strategy_id.value,
        "instrument_id": str(order.instrument_id),
        "client_order_id": order.client_order_id.value,
        "venue_order_id": _text(order.venue_order_id),
        "account_id": _text(order.account_id),
        "position_id": _text(order.position_id),
        "side": order.side.name,
        "order_type": order.order_type.name,
        "time_in_force": order.time_in_force.name,
        "status": order.status.name,
        "quantity": str(order.quantity),
        "filled_qty": str(order.filled_qty),
        "leaves_qty": str(order.leaves_qty),
        "price": _text(order.price),
        "trigger_price": _text(order.trigger_price),
        "avg_px": _number(order.average),
        "commissions": [str(amount) for amount in order.commissions()],
        "trade_ids": [trade_id.value for trade_id in order.trade_ids],
        "order_list_id": _text(order.order_list_id),
        "linked_order_ids": [other.value for other in order.init.linked_order_ids],
        "parent_order_id": _text(order.parent_order_id),
        "tags": list(order.init.tags),
        "event_count": len(order.events),
        "ts_init": order.ts_init,
        "ts_last": order.ts_last,
        "ts_closed": order.ts_closed,
    }


def position_table(position: Position, unrealized: Money | None) -> Table:
    """Return how a position stands; `unrealized` is what closing it would make, None where no price is known."""
    return {
        "trader_id": position.trader_id.value,
        "strategy_id": position.strategy_id.value,
        "instrument_id": str(position.instrument_id),
        "position_id": position.id.value,
        "account_id": position.account_id.value,
        "opening_order_id": _text(position.opening_order_id),
        "closing_order_id": _text(position.closing_order_id),
        "entry": position.entry.name,
        "side": position.side.name,
        "signed_qty": f"{position.net_qty:f}",
        "quantity": str(position.quantity),
        "peak_qty": str(position.peak_qty),
        "avg_px_open": f"{position.open_px:f}",
        "avg_px_close": _number(position.close_px),
        "realized_pnl": str(position.realized_pnl),
        "total_realized_pnl": str(position.total_realized_pnl),
        "unrealized_pnl": _text(unrealized),
        "commissions": [str(amount) for amount in position.commissions()],
        "ts_opened": position.ts_opened,
        "ts_last": position.ts_last,
        "ts_closed": position.ts_closed,
    }


def portfolio_table(account: Account, portfolio: Portfolio) -> Table:
    """Return how an account stands, with what its positions made and are worth, an amount per currency."""
    return {
        "account_id": account.id.value,
        "balances": [
            {"total": str(one.total), "locked": str(one.locked), "free": str(one.free)}
            for one in account.balances().values()
        ],
        "margins": [
            {"instrument_id": one.instrument, "initial": str(one.initial), "maintenance": str(one.maintenance)}
            for one in account.margin_balances()
        ],
        "realized_pnls": _amounts(portfolio.realized_pnls(account_id=account.id)),
        "unrealized_pnls": _amounts(portfolio.unrealized_pnls(account_id=account.id)),
        "net_exposures": _amounts(portfolio.net_exposures(account_id=account.id)),
    }


def _amounts(by_currency: Mapping[Currency, Money]) -> list[str]:
    amounts: Iterable[Money] = by_currency.values()
    return [str(amount) for amount in amounts]


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _number(value: Decimal | None) -> str | None:
    """Return a number written out: no text of ours has an exponent."""
    return None if value is None else f"{value:f}"
