"""Strategies: components that place orders.

A strategy gives commands and hears what became of them. Commands return at once; nothing a strategy does waits for a
venue. A command that the order's state has made pointless (it was filled a moment ago) is logged and dropped; a
command that could never make sense raises. Before a modification or a cancel leaves, the order is marked as pending,
so that nobody sends it twice.
"""

from __future__ import annotations

import logging
from typing import Any

from nautilus_live.config.strategy import StrategyConfig
from nautilus_live.core import order_lifecycle
from nautilus_live.errors import IllegalTransition, ProgrammerError
from nautilus_live.model.commands import (
    BatchCancelOrders,
    CancelAllOrders,
    CancelOrder,
    Command,
    ModifyOrder,
    QueryAccount,
    QueryOrder,
    SubmitOrder,
    SubmitOrderList,
)
from nautilus_live.model.enums import OmsType, OrderSide, OrderStatus, PositionSide, TimeInForce
from nautilus_live.model.events import OrderPendingCancel, OrderPendingUpdate
from nautilus_live.model.identifiers import AccountId, ClientId, InstrumentId, PositionId, StrategyId
from nautilus_live.model.objects import Price, Quantity
from nautilus_live.model.orders import Order, OrderList
from nautilus_live.model.position import Position
from nautilus_live.trading.actor import Actor
from nautilus_live.trading.component import ACTIVE, Handlers
from nautilus_live.trading.contingencies import Contingencies
from nautilus_live.trading.gtd import GtdExpiries
from nautilus_live.trading.order_factory import OrderFactory
from nautilus_live.trading.services import Services
from nautilus_live.trading.strategy_callbacks import ORDER_EVENTS, POSITION_EVENTS, StrategyCallbacks
from nautilus_live.trading.strategy_ids import strategy_id_from

RISK = "RiskEngine.execute"
EXECUTION = "ExecEngine.execute"


class Strategy(StrategyCallbacks, Actor):
    """Subclass it and override callbacks: `on_start`, `on_quote_tick`, `on_order_filled`, ...

    Args:
        config: the settings; subclass `StrategyConfig` to add your own.

    """

    def __init__(self, config: Any = None) -> None:
        config = StrategyConfig() if config is None else config
        super().__init__(config)
        self.order_id_tag: str | None = config.order_id_tag
        self.oms_type: OmsType = config.oms_type or OmsType.UNSPECIFIED
        self.external_order_claims: list[InstrumentId] = list(config.external_order_claims or ())
        self._order_factory: OrderFactory | None = None
        self._gtd: GtdExpiries | None = None
        self._contingencies: Contingencies | None = None
        self._logs_commands = bool(config.log_commands)
        self._assign_id(strategy_id_from(type(self).__name__, config))

    @property
    def order_factory(self) -> OrderFactory:
        """Makes this strategy's orders."""
        if self._order_factory is None:
            raise self._unregistered("order_factory")
        return self._order_factory

    def register(self, services: Services) -> None:
        """Become part of a node. The trader calls it when the strategy is added.

        Raises:
            ProgrammerError: if the strategy has no tag yet, or is part of a node already.

        """
        if not isinstance(self._id, StrategyId):
            raise ProgrammerError(f"{self._id}: a strategy must have an order_id_tag before it is registered, has none")
        self._register(services)
        self._order_factory = OrderFactory(
            services.trader_id,
            self._id,
            services.time,
            services.event_ids,
            use_uuid_client_order_ids=self._config.use_uuid_client_order_ids,
            use_hyphens_in_client_order_ids=self._config.use_hyphens_in_client_order_ids,
            uuid_source=services.uuid_source,
            is_taken=services.is_order_id_taken,
        )
        if self._config.manage_gtd_expiry:
            self._gtd = GtdExpiries(self)
        if self._config.manage_contingent_orders:
            self._contingencies = Contingencies(self)
        services.msgbus.subscribe(f"events.order.{self._id}", self.handle_event)
        services.msgbus.subscribe(f"events.position.{self._id}", self.handle_event)

    # -- commands ------------------------------------------------------------------------------------------------------

    def submit_order(
        self, order: Order, position_id: PositionId | None = None, client_id: ClientId | None = None
    ) -> None:
        """Send an order; `position_id` names the position it is for, on hedging accounts.

        Raises:
            ProgrammerError: if the order is not this strategy's or was submitted already, or the strategy does not run.

        """
        services = self._active("submit_order")
        self._check_new(order)
        self._send(
            RISK,
            SubmitOrder(
                trader_id=services.trader_id,
                command_id=services.event_ids.next(),
                ts_init=services.time.timestamp_ns(),
                strategy_id=self._id,
                instrument_id=order.instrument_id,
                client_id=client_id,
                order=order,
                position_id=position_id,
            ),
        )
        if self._gtd is not None:
            self._gtd.watch(order)

    def submit_order_list(
        self, order_list: OrderList, position_id: PositionId | None = None, client_id: ClientId | None = None
    ) -> None:
        """Send orders that belong together, such as a bracket.

        Raises:
            ProgrammerError: as `submit_order`, for any of the orders; then none is sent.

        """
        services = self._active("submit_order_list")
        for order in order_list.orders:
            self._check_new(order)
        self._send(
            RISK,
            SubmitOrderList(
                **self._common(services, order_list.instrument_id, client_id),
                order_list=order_list,
                position_id=position_id,
            ),
        )
        if self._gtd is not None:
            for order in order_list.orders:
                self._gtd.watch(order)

    def modify_order(
        self,
        order: Order,
        quantity: Quantity | None = None,
        price: Price | None = None,
        trigger_price: Price | None = None,
        client_id: ClientId | None = None,
    ) -> None:
        """Change an order's quantity, price or trigger price; what is None stays.

        Raises:
            ProgrammerError: if the order cannot have what is given (a price on a market order), or the strategy does
            not run.

        """
        services = self._active("modify_order")
        for name, new in (("price", price), ("trigger_price", trigger_price)):
            if new is not None and getattr(order, name) is None:
                text = f"a {order.order_type} order has no {name} to modify, was {new}"
                raise ProgrammerError(f"{order.client_order_id}: {text}")
        changes = ((quantity, order.quantity), (price, order.price), (trigger_price, order.trigger_price))
        if not any(new is not None and new != old for new, old in changes):
            self._log.warning("%s: nothing to modify in %r", order.client_order_id, order)
            return
        if quantity is not None and quantity.value <= order.filled_qty.value:
            self._log.warning(
                "%s: cannot modify to quantity %s, %s are filled", order.client_order_id, quantity, order.filled_qty
            )
            return
        if self._is_pointless("modify", order) or not self._mark_pending(OrderPendingUpdate, order, services):
            return
        self._send(
            RISK,
            ModifyOrder(
                **self._common(services, order.instrument_id, client_id),
                client_order_id=order.client_order_id,
                venue_order_id=order.venue_order_id,
                quantity=quantity,
                price=price,
                trigger_price=trigger_price,
            ),
        )

    def cancel_order(self, order: Order, client_id: ClientId | None = None) -> None:
        """Take an order out of the market."""
        services = self._active("cancel_order")
        if self._is_pointless("cancel", order) or not self._mark_pending(OrderPendingCancel, order, services):
            return
        self._send(EXECUTION, self._cancel(services, order, client_id))

    def cancel_orders(self, orders: list[Order], client_id: ClientId | None = None) -> None:
        """Cancel several orders, in one command for each instrument."""
        services = self._active("cancel_orders")
        cancels: dict[InstrumentId, list[CancelOrder]] = {}
        for order in orders:
            if not self._is_pointless("cancel", order) and self._mark_pending(OrderPendingCancel, order, services):
                cancels.setdefault(order.instrument_id, []).append(self._cancel(services, order, client_id))
        for instrument_id, group in cancels.items():
            self._send(
                EXECUTION, BatchCancelOrders(**self._common(services, instrument_id, client_id), cancels=tuple(group))
            )

    def cancel_all_orders(
        self, instrument_id: InstrumentId, order_side: OrderSide | None = None, client_id: ClientId | None = None
    ) -> None:
        """Cancel this strategy's open and in-flight orders in the instrument, of one side or (None) both."""
        services = self._active("cancel_all_orders")
        side = None if order_side is OrderSide.NO_ORDER_SIDE else order_side
        live = [*self.cache.orders_open(instrument_id=instrument_id, strategy_id=self._id)]
        live += [
            order
            for order in self.cache.orders_inflight(instrument_id=instrument_id, strategy_id=self._id)
            if order.status is OrderStatus.SUBMITTED
        ]
        marked = 0
        for order in live:
            if (side is None or order.side is side) and order.status is not OrderStatus.PENDING_CANCEL:
                marked += self._mark_pending(OrderPendingCancel, order, services)
        if not marked:
            self._log.info("%s: no orders to cancel", instrument_id)
            return
        self._send(EXECUTION, CancelAllOrders(**self._common(services, instrument_id, client_id), order_side=side))

    def close_position(
        self,
        position: Position,
        client_id: ClientId | None = None,
        tags: list[str] | None = None,
        time_in_force: TimeInForce = TimeInForce.GTC,
        reduce_only: bool = True,
    ) -> None:
        """Close a position with a market order; nothing happens if it is flat already."""
        self._active("close_position")
        if not position.is_open:
            self._log.warning("%s: nothing to close, the position is flat", position.id)
            return
        if client_id is None and position.opening_order_id is not None:
            # With several accounts at one venue: where it was opened, it is closed.
            client_id = self.cache.client_id(position.opening_order_id)
        order = self.order_factory.market(
            instrument_id=position.instrument_id,
            order_side=OrderSide.SELL if position.is_long else OrderSide.BUY,
            quantity=position.quantity,
            time_in_force=time_in_force,
            reduce_only=reduce_only,
            tags=tags,
        )
        self.submit_order(order, position_id=position.id, client_id=client_id)

    def close_all_positions(
        self,
        instrument_id: InstrumentId,
        position_side: PositionSide = PositionSide.NO_POSITION_SIDE,
        client_id: ClientId | None = None,
        tags: list[str] | None = None,
        time_in_force: TimeInForce = TimeInForce.GTC,
        reduce_only: bool = True,
    ) -> None:
        """Close this strategy's open positions in the instrument, of one side or both."""
        self._active("close_all_positions")
        for position in self.cache.positions_open(instrument_id=instrument_id, strategy_id=self._id):
            if position_side is PositionSide.NO_POSITION_SIDE or position.side is position_side:
                self.close_position(position, client_id, tags, time_in_force, reduce_only)

    def query_order(self, order: Order, client_id: ClientId | None = None) -> None:
        """Ask the venue what it knows of an order; what it answers is applied like any report."""
        services = self._active("query_order")
        self._send(
            EXECUTION,
            QueryOrder(
                **self._common(services, order.instrument_id, client_id),
                client_order_id=order.client_order_id,
                venue_order_id=order.venue_order_id,
            ),
        )

    def query_account(self, account_id: AccountId, client_id: ClientId | None = None) -> None:
        """Ask the venue for the account's state."""
        services = self._active("query_account")
        self._send(
            EXECUTION,
            QueryAccount(
                trader_id=services.trader_id,
                command_id=services.event_ids.next(),
                ts_init=services.time.timestamp_ns(),
                account_id=account_id,
                client_id=client_id,
            ),
        )

    # -- machinery -----------------------------------------------------------------------------------------------------

    def _assign_id(self, strategy_id: StrategyId | str) -> None:
        """Take the final id; a plain name waits for the trader to add a tag."""
        self._id = strategy_id
        self._log.rename(str(strategy_id))
        if isinstance(strategy_id, StrategyId) and self.order_id_tag is None:
            self.order_id_tag = strategy_id.get_tag()

    def _begin(self, callback: Any) -> None:
        for manager in (self._gtd, self._contingencies):
            if manager is not None:
                manager.restore(self.cache.orders_open(strategy_id=self._id))
        # The engine makes position events only for those who listen, and making them is a tenth of an order's work.
        handlers = self._resolve_handlers()
        if not (any(handlers[event] for event in POSITION_EVENTS) or self._log.is_enabled_for(logging.INFO)):
            self._registered("events").msgbus.unsubscribe(f"events.position.{self._id}", self.handle_event)
        super()._begin(callback)

    def _resolve_handlers(self) -> Handlers:
        handlers = dict(super()._resolve_handlers())
        own = tuple(one.on_order_event for one in (self._gtd, self._contingencies) if one is not None)
        for order_event, name in ORDER_EVENTS.items():
            handlers[order_event] = own + self._overridden(Strategy, (name, "on_order_event", "on_event"))
        for position_event, name in POSITION_EVENTS.items():
            handlers[position_event] = self._overridden(Strategy, (name, "on_position_event", "on_event"))
        return handlers

    def _active(self, purpose: str) -> Services:
        if self._state not in ACTIVE:
            raise ProgrammerError(f"{self._id}: cannot {purpose} in {self._state.value}")
        return self._registered(purpose)

    def _check_new(self, order: Order) -> None:
        if order.strategy_id != self._id:
            raise ProgrammerError(
                f"{order.client_order_id}: must be an order of {self._id}, was of {order.strategy_id}"
            )
        if order.status is not OrderStatus.INITIALIZED or order.event_count > 1:
            raise ProgrammerError(f"{order.client_order_id}: an order is submitted once, was {order.status}")

    def _is_pointless(self, verb: str, order: Order) -> bool:
        # What a strategy holds may be older than what happened since: not its mistake, so no error.
        if order.is_closed or order.is_pending_cancel or order.is_active_local:
            self._log.warning("%s: cannot %s in %s", order.client_order_id, verb, order.status)
            return True
        return False

    def _mark_pending(
        self, kind: type[OrderPendingCancel] | type[OrderPendingUpdate], order: Order, services: Services
    ) -> bool:
        now = services.time.timestamp_ns()
        event = kind(
            event_id=services.event_ids.next(),
            ts_event=now,
            ts_init=now,
            trader_id=services.trader_id,
            strategy_id=order.strategy_id,
            instrument_id=order.instrument_id,
            client_order_id=order.client_order_id,
            venue_order_id=order.venue_order_id,
            account_id=order.account_id,
        )
        try:
            order_lifecycle.apply(order, event)
        except IllegalTransition as error:
            self._log.warning("%s", error)
            return False
        services.cache.update_order(order)
        services.msgbus.publish(f"events.order.{order.strategy_id}", event)
        return True

    def _common(self, services: Services, instrument_id: InstrumentId, client_id: ClientId | None) -> dict[str, Any]:
        return {
            "trader_id": services.trader_id,
            "command_id": services.event_ids.next(),
            "ts_init": services.time.timestamp_ns(),
            "strategy_id": self._id,
            "instrument_id": instrument_id,
            "client_id": client_id,
        }

    def _cancel(self, services: Services, order: Order, client_id: ClientId | None) -> CancelOrder:
        return CancelOrder(
            **self._common(services, order.instrument_id, client_id),
            client_order_id=order.client_order_id,
            venue_order_id=order.venue_order_id,
        )

    def _send(self, endpoint: str, command: Command) -> None:
        if self._logs_commands:
            self._log.info("sends %s", command)
        self._registered("a command").msgbus.send(endpoint, command)
