"""What can be asked of the cache about ids. Names and arguments are the ecosystem's.

Answers are sets that know an order: what was added first comes first, whenever they are walked through.
"""

from __future__ import annotations

from collections.abc import Iterable, KeysView
from typing import TypeVar

from nautilus_live.engine.order_queries import OrderQueries
from nautilus_live.engine.position_queries import PositionQueries
from nautilus_live.model.identifiers import (
    AccountId,
    ClientOrderId,
    ComponentId,
    ExecAlgorithmId,
    InstrumentId,
    OrderListId,
    PositionId,
    StrategyId,
    Venue,
)
from nautilus_live.model.orders import Order, OrderList

K = TypeVar("K")


class IdQueries(OrderQueries, PositionQueries):
    """The cache's answers about ids, and about who owns what."""

    _actors: dict[str, dict[str, bytes]]

    # -- orders ------------------------------------------------------------------------------------------------------

    def client_order_ids(
        self,
        venue: Venue | None = None,
        instrument_id: InstrumentId | None = None,
        strategy_id: StrategyId | None = None,
        account_id: AccountId | None = None,
    ) -> KeysView[ClientOrderId]:
        """Return the ids of all orders that meet the criteria."""
        return _ids_of(self.orders(venue, instrument_id, strategy_id, None, account_id))

    def client_order_ids_open(
        self,
        venue: Venue | None = None,
        instrument_id: InstrumentId | None = None,
        strategy_id: StrategyId | None = None,
        account_id: AccountId | None = None,
    ) -> KeysView[ClientOrderId]:
        """Return the ids of the orders that work at a venue."""
        return _ids_of(self.orders_open(venue, instrument_id, strategy_id, None, account_id))

    def client_order_ids_closed(
        self,
        venue: Venue | None = None,
        instrument_id: InstrumentId | None = None,
        strategy_id: StrategyId | None = None,
        account_id: AccountId | None = None,
    ) -> KeysView[ClientOrderId]:
        """Return the ids of the orders that are done."""
        return _ids_of(self.orders_closed(venue, instrument_id, strategy_id, None, account_id))

    def client_order_ids_inflight(
        self,
        venue: Venue | None = None,
        instrument_id: InstrumentId | None = None,
        strategy_id: StrategyId | None = None,
        account_id: AccountId | None = None,
    ) -> KeysView[ClientOrderId]:
        """Return the ids of the orders that wait for an answer of the venue."""
        return _ids_of(self.orders_inflight(venue, instrument_id, strategy_id, None, account_id))

    def client_order_ids_emulated(
        self,
        venue: Venue | None = None,
        instrument_id: InstrumentId | None = None,
        strategy_id: StrategyId | None = None,
        account_id: AccountId | None = None,
    ) -> KeysView[ClientOrderId]:
        """Return the ids of the orders that are held here."""
        return _ids_of(self.orders_emulated(venue, instrument_id, strategy_id, None, account_id))

    def order_lists(
        self,
        venue: Venue | None = None,
        instrument_id: InstrumentId | None = None,
        strategy_id: StrategyId | None = None,
        account_id: AccountId | None = None,
    ) -> list[OrderList]:
        """Return the order lists that meet the criteria."""
        return [
            found
            for found in self._order_lists.values()
            if venue in (None, found.instrument_id.venue)
            and instrument_id in (None, found.instrument_id)
            and strategy_id in (None, found.strategy_id)
            and account_id in (None, found.first.account_id)
        ]

    def order_list_ids(
        self,
        venue: Venue | None = None,
        instrument_id: InstrumentId | None = None,
        strategy_id: StrategyId | None = None,
        account_id: AccountId | None = None,
    ) -> KeysView[OrderListId]:
        """Return the ids of the order lists that meet the criteria."""
        return _set(found.id for found in self.order_lists(venue, instrument_id, strategy_id, account_id))

    def exec_algorithm_ids(self) -> KeysView[ExecAlgorithmId]:
        """Return the ids of the algorithms that orders name, in the order they were first named."""
        named = (order.init.exec_algorithm_id for order in self._orders.by_id.values())
        return _set(one for one in named if one is not None)

    def strategy_id_for_order(self, client_order_id: ClientOrderId) -> StrategyId | None:
        """Return the strategy that owns the order."""
        found = self.order(client_order_id)
        return None if found is None else found.strategy_id

    def is_order_pending_cancel_local(self, client_order_id: ClientOrderId) -> bool:
        """Return whether a cancel of the order is under way."""
        found = self.order(client_order_id)
        return found is not None and found.is_pending_cancel

    # -- positions ---------------------------------------------------------------------------------------------------

    def position_ids(
        self,
        venue: Venue | None = None,
        instrument_id: InstrumentId | None = None,
        strategy_id: StrategyId | None = None,
        account_id: AccountId | None = None,
    ) -> KeysView[PositionId]:
        """Return the ids of all positions that meet the criteria."""
        found = self.positions(venue, instrument_id, strategy_id, None, account_id)
        return _set(position.id for position in found)

    def position_open_ids(
        self,
        venue: Venue | None = None,
        instrument_id: InstrumentId | None = None,
        strategy_id: StrategyId | None = None,
        account_id: AccountId | None = None,
    ) -> KeysView[PositionId]:
        """Return the ids of the positions of which anything is open."""
        found = self.positions_open(venue, instrument_id, strategy_id, None, account_id)
        return _set(position.id for position in found)

    def position_closed_ids(
        self,
        venue: Venue | None = None,
        instrument_id: InstrumentId | None = None,
        strategy_id: StrategyId | None = None,
        account_id: AccountId | None = None,
    ) -> KeysView[PositionId]:
        """Return the ids of the positions that are flat again."""
        found = self.positions_closed(venue, instrument_id, strategy_id, None, account_id)
        return _set(position.id for position in found)

    def strategy_id_for_position(self, position_id: PositionId) -> StrategyId | None:
        """Return the strategy that owns the position."""
        found = self.position(position_id)
        return None if found is None else found.strategy_id

    # -- components --------------------------------------------------------------------------------------------------

    def strategy_ids(self) -> KeysView[StrategyId]:
        """Return the strategies that own orders or positions, in the order they first did."""
        owners = [order.strategy_id for order in self._orders.by_id.values()]
        return _set([*owners, *(position.strategy_id for position in self._positions.by_id.values())])

    def actor_ids(self) -> KeysView[ComponentId]:
        """Return the actors whose state is kept."""
        return _set(ComponentId(name) for name in self._actors)


def _ids_of(orders: Iterable[Order]) -> KeysView[ClientOrderId]:
    return _set(order.client_order_id for order in orders)


def _set(items: Iterable[K]) -> KeysView[K]:
    return dict.fromkeys(items).keys()
