"""What can be asked of the cache about orders. Names and arguments are the ecosystem's."""

from __future__ import annotations

from nautilus_live.engine.algorithm_queries import AlgorithmQueries
from nautilus_live.engine.indexes import OrderIndex, select
from nautilus_live.model.enums import OrderSide
from nautilus_live.model.identifiers import (
    AccountId,
    ClientId,
    ClientOrderId,
    InstrumentId,
    OrderListId,
    StrategyId,
    Venue,
    VenueOrderId,
)
from nautilus_live.model.orders import Order, OrderList


class OrderQueries(AlgorithmQueries):
    """The cache's answers about orders; lists are new, the orders in them are the live ones."""

    _orders: OrderIndex
    _order_lists: dict[str, OrderList]

    def order(self, client_order_id: ClientOrderId) -> Order | None:
        """Return the order with that id."""
        return self._orders.by_id.get(client_order_id.value)

    def order_exists(self, client_order_id: ClientOrderId) -> bool:
        """Return whether the order is known."""
        return client_order_id.value in self._orders.by_id

    def client_order_id(
        self, venue_order_id: VenueOrderId, instrument_id: InstrumentId | None = None
    ) -> ClientOrderId | None:
        """Return our id of the venue's order; superseded venue ids still lead to their order."""
        found = self._orders.find(venue_order_id, instrument_id)
        return None if found is None else found.client_order_id

    def venue_order_id(self, client_order_id: ClientOrderId) -> VenueOrderId | None:
        """Return the venue's id of our order."""
        found = self._orders.by_id.get(client_order_id.value)
        return None if found is None else found.venue_order_id

    def client_id(self, client_order_id: ClientOrderId) -> ClientId | None:
        """Return the client that the order was given to, where one was named."""
        return self._orders.clients.get(client_order_id.value)

    def is_order_open(self, client_order_id: ClientOrderId) -> bool:
        """Return whether the order works at the venue."""
        found = self._orders.active.get(client_order_id.value)
        return found is not None and found.is_open

    def is_order_closed(self, client_order_id: ClientOrderId) -> bool:
        """Return whether the order is done."""
        found = self._orders.by_id.get(client_order_id.value)
        return found is not None and found.is_closed

    def is_order_inflight(self, client_order_id: ClientOrderId) -> bool:
        """Return whether an answer of the venue is outstanding."""
        found = self._orders.active.get(client_order_id.value)
        return found is not None and found.is_inflight

    def is_order_emulated(self, client_order_id: ClientOrderId) -> bool:
        """Return whether the order is held here."""
        return client_order_id.value in self._orders.emulated

    def orders(
        self,
        venue: Venue | None = None,
        instrument_id: InstrumentId | None = None,
        strategy_id: StrategyId | None = None,
        side: OrderSide | None = None,
        account_id: AccountId | None = None,
    ) -> list[Order]:
        """Return all orders that meet the criteria, in the order they were added."""
        return select(self._orders.by_id.values(), venue, instrument_id, strategy_id, side, account_id)

    def orders_open(
        self,
        venue: Venue | None = None,
        instrument_id: InstrumentId | None = None,
        strategy_id: StrategyId | None = None,
        side: OrderSide | None = None,
        account_id: AccountId | None = None,
    ) -> list[Order]:
        """Return the orders that work at a venue."""
        if instrument_id is None:
            return select(self._orders.open(), venue, None, strategy_id, side, account_id)
        found = [order for order in self._orders.by_instrument.get(instrument_id, {}).values() if order.is_open]
        return select(found, venue, None, strategy_id, side, account_id)

    def orders_inflight(
        self,
        venue: Venue | None = None,
        instrument_id: InstrumentId | None = None,
        strategy_id: StrategyId | None = None,
        side: OrderSide | None = None,
        account_id: AccountId | None = None,
    ) -> list[Order]:
        """Return the orders that wait for an answer of the venue."""
        return select(self._orders.inflight(), venue, instrument_id, strategy_id, side, account_id)

    def orders_closed(
        self,
        venue: Venue | None = None,
        instrument_id: InstrumentId | None = None,
        strategy_id: StrategyId | None = None,
        side: OrderSide | None = None,
        account_id: AccountId | None = None,
    ) -> list[Order]:
        """Return the orders that are done."""
        return select(self._orders.closed(), venue, instrument_id, strategy_id, side, account_id)

    def orders_emulated(
        self,
        venue: Venue | None = None,
        instrument_id: InstrumentId | None = None,
        strategy_id: StrategyId | None = None,
        side: OrderSide | None = None,
        account_id: AccountId | None = None,
    ) -> list[Order]:
        """Return the orders that are held here."""
        return select(self._orders.emulated.values(), venue, instrument_id, strategy_id, side, account_id)

    def orders_held_here(
        self, instrument_id: InstrumentId | None = None, strategy_id: StrategyId | None = None
    ) -> list[Order]:
        """Return the orders that the emulator or an execution algorithm holds, children that wait included."""
        held = [order for order in self._orders.held.values() if order.is_held_here]
        return select(held, None, instrument_id, strategy_id, None, None)

    def orders_worked_here(
        self, instrument_id: InstrumentId | None = None, strategy_id: StrategyId | None = None
    ) -> list[Order]:
        """Return the primary orders that were released to an execution algorithm, and are not said to have left."""
        worked = [order for order in self._orders.held.values() if not order.is_held_here]
        return select(worked, None, instrument_id, strategy_id, None, None)

    def orders_total_count(
        self,
        venue: Venue | None = None,
        instrument_id: InstrumentId | None = None,
        strategy_id: StrategyId | None = None,
        side: OrderSide | None = None,
        account_id: AccountId | None = None,
    ) -> int:
        """Return the number of all orders that meet the criteria."""
        return len(self.orders(venue, instrument_id, strategy_id, side, account_id))

    def orders_open_count(
        self,
        venue: Venue | None = None,
        instrument_id: InstrumentId | None = None,
        strategy_id: StrategyId | None = None,
        side: OrderSide | None = None,
        account_id: AccountId | None = None,
    ) -> int:
        """Return the number of orders that work at a venue."""
        return len(self.orders_open(venue, instrument_id, strategy_id, side, account_id))

    def orders_inflight_count(
        self,
        venue: Venue | None = None,
        instrument_id: InstrumentId | None = None,
        strategy_id: StrategyId | None = None,
        side: OrderSide | None = None,
        account_id: AccountId | None = None,
    ) -> int:
        """Return the number of orders that wait for an answer of the venue."""
        return len(self.orders_inflight(venue, instrument_id, strategy_id, side, account_id))

    def orders_closed_count(
        self,
        venue: Venue | None = None,
        instrument_id: InstrumentId | None = None,
        strategy_id: StrategyId | None = None,
        side: OrderSide | None = None,
        account_id: AccountId | None = None,
    ) -> int:
        """Return the number of orders that are done."""
        return len(self.orders_closed(venue, instrument_id, strategy_id, side, account_id))

    def orders_emulated_count(
        self,
        venue: Venue | None = None,
        instrument_id: InstrumentId | None = None,
        strategy_id: StrategyId | None = None,
        side: OrderSide | None = None,
        account_id: AccountId | None = None,
    ) -> int:
        """Return the number of orders that are held here."""
        return len(self.orders_emulated(venue, instrument_id, strategy_id, side, account_id))

    def order_list(self, order_list_id: OrderListId) -> OrderList | None:
        """Return the order list with that id."""
        return self._order_lists.get(order_list_id.value)

    def order_list_exists(self, order_list_id: OrderListId) -> bool:
        """Return whether the order list is known."""
        return order_list_id.value in self._order_lists
