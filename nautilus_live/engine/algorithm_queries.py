"""What can be asked of the cache about orders that algorithms work. Names and arguments are the ecosystem's."""

from __future__ import annotations

from decimal import Decimal

from nautilus_live.engine.indexes import OrderIndex, select
from nautilus_live.model.enums import OrderSide
from nautilus_live.model.identifiers import AccountId, ClientOrderId, ExecAlgorithmId, InstrumentId, StrategyId, Venue
from nautilus_live.model.objects import Quantity
from nautilus_live.model.orders import Order


class AlgorithmQueries:
    """The cache's answers about primary orders and those spawned of them."""

    _orders: OrderIndex

    def orders_for_exec_algorithm(
        self,
        exec_algorithm_id: ExecAlgorithmId,
        venue: Venue | None = None,
        instrument_id: InstrumentId | None = None,
        strategy_id: StrategyId | None = None,
        side: OrderSide | None = None,
        account_id: AccountId | None = None,
    ) -> list[Order]:
        """Return the orders of an algorithm, primary and spawned."""
        found = [order for order in self._orders.by_id.values() if order.init.exec_algorithm_id == exec_algorithm_id]
        return select(found, venue, instrument_id, strategy_id, side, account_id)

    def orders_for_exec_spawn(self, exec_spawn_id: ClientOrderId) -> list[Order]:
        """Return a primary order and what was spawned of it, in the order they were made."""
        primary = self._orders.by_id.get(exec_spawn_id.value)
        spawned = self._orders.spawned.get(exec_spawn_id.value, [])
        return list(spawned) if primary is None else [primary, *spawned]

    def exec_spawn_total_quantity(self, exec_spawn_id: ClientOrderId, active_only: bool = False) -> Quantity | None:
        """Return the quantity of an execution in all (`active_only`: of what is not over); None if it is not known."""
        found = self.orders_for_exec_spawn(exec_spawn_id)
        return _total(found, [one.quantity for one in found if not (active_only and one.is_closed)])

    def exec_spawn_total_filled_qty(self, exec_spawn_id: ClientOrderId, active_only: bool = False) -> Quantity | None:
        """Return what is filled of an execution (`active_only`: by what is not over); None if it is not known."""
        found = self.orders_for_exec_spawn(exec_spawn_id)
        return _total(found, [one.filled_qty for one in found if not (active_only and one.is_closed)])

    def exec_spawn_total_leaves_qty(self, exec_spawn_id: ClientOrderId, active_only: bool = False) -> Quantity | None:
        """Return what can still be filled of an execution; None if it is not known."""
        found = self.orders_for_exec_spawn(exec_spawn_id)
        return _total(found, [one.leaves_qty for one in found if not (active_only and one.is_closed)])


def _total(orders: list[Order], quantities: list[Quantity]) -> Quantity | None:
    if not orders:
        return None
    precision = max(one.quantity.precision for one in orders)
    return Quantity(sum((one.value for one in quantities), Decimal(0)), precision)
