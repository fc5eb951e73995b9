"""Execution algorithms: components that work a strategy's order by orders of their own.

A strategy names an algorithm in an order (`exec_algorithm_id`); the order, *primary* from then on, comes here instead
of going to its venue. The algorithm spawns orders of it (`-E1`, `-E2`, ... behind its id), each of which takes its
quantity off the primary, and may send the primary itself for the last piece. Promises:

1. A primary order is in the cache and the store from the moment it is taken, and has not left while it is INITIALIZED:
   it is released before it is sent.
2. What was taken off the primary for an order that ended with some of it unfilled (refused, canceled, expired) goes
   back to the primary, as long as that is held; if the venue turns out to have the order after all, it is taken off
   again.
3. The quantity that a strategy gives an order which is worked is that of all of it, what was spawned included.
4. After a restart the algorithm hears its orders again, and gets each primary that it still holds by
   `on_order_restored`, with what is left of it. One that was released when the process died, and that its venue says it
   never got, comes back in the same way.

Endpoint: `ID.execute`.
"""

from __future__ import annotations

import logging
from decimal import Decimal
from typing import Any

from msgspec import structs

from nautilus_live.config.strategy import ExecAlgorithmConfig
from nautilus_live.core.contingency import is_all_over, is_waiting
from nautilus_live.engine.local_orders import EXECUTION, RISK, LocalOrders
from nautilus_live.errors import ProgrammerError
from nautilus_live.model.commands import CancelOrder, Command, ModifyOrder, SubmitOrder, SubmitOrderList
from nautilus_live.model.enums import OrderStatus, TriggerType
from nautilus_live.model.events import (
    OrderCanceled,
    OrderEmulated,
    OrderEvent,
    OrderInitialized,
    OrderPendingCancel,
    OrderPendingUpdate,
    OrderReleased,
)
from nautilus_live.model.identifiers import ClientId, ExecAlgorithmId, StrategyId
from nautilus_live.model.objects import Price, Quantity
from nautilus_live.model.orders import Order, OrderList
from nautilus_live.trading.component import ACTIVE, Handlers
from nautilus_live.trading.services import Services
from nautilus_live.trading.spawning import SpawnsOrders
from nautilus_live.trading.strategy_callbacks import ORDER_EVENTS, POSITION_EVENTS, StrategyCallbacks

EMULATOR = "OrderEmulator.execute"
ZERO = Decimal(0)
_log = logging.getLogger(__name__)


class ExecAlgorithm(StrategyCallbacks, SpawnsOrders):
    """Subclass it and override `on_order` (and what else you need of the callbacks of strategies and actors).

    Args:
        config: the settings; subclass `ExecAlgorithmConfig` to add your own.

    """

    def __init__(self, config: Any = None) -> None:
        config = ExecAlgorithmConfig() if config is None else config
        super().__init__(config)
        self._id_ = ExecAlgorithmId(str(config.exec_algorithm_id or type(self).__name__))
        self._log.rename(str(self._id_))
        self._heard_: dict[StrategyId, None] = {}
        self._waiting_: list[Order] = []

    def register(self, services: Services) -> None:
        """Become part of a node. The trader calls it when the algorithm is added."""
        self._register_(services)
        self._orders_here_ = LocalOrders(
            services.execution, services.cache, services.msgbus, services.time, services.event_ids, _log
        )
        services.msgbus.register(f"{self._id_}.execute", self.execute)

    # -- what the author overrides -------------------------------------------------------------------------------------

    def on_order(self, order: Order) -> None:
        """Called with each order that a strategy gives to this algorithm."""

    def on_order_list(self, order_list: OrderList) -> None:
        """Called with a list whose first order is for this algorithm; by default each order goes its own way."""
        for order in order_list.orders:
            if order.exec_algorithm_id == self._id_:
                self.on_order(order)
            else:
                self._local_.send_on(order)

    def on_order_restored(self, order: Order) -> None:
        """Called after a restart with each primary order that is still held here; what is left of it is its quantity.

        By default the order stays as it is, which is logged: only its author knows what an algorithm would do next.
        """
        self._log.warning("%s: held here since an earlier life, %s left, nothing done", order.client_order_id, order)

    # -- commands of strategies ----------------------------------------------------------------------------------------

    def execute(self, command: Command) -> None:
        """Take a command about an order that this algorithm works."""
        if self._config.log_commands:
            self._log.info("received %s", command)
        match command:
            case SubmitOrder():
                if command.was_held or self._local_.keep([command.order], command.position_id, command.client_id):
                    self._take_(command.order)
            case SubmitOrderList():
                orders = command.order_list.orders
                if self._local_.keep(orders, command.position_id, command.client_id, command.order_list):
                    self._hear_(command.strategy_id)
                    self._guarded_(self.on_order_list, command.order_list)
            case CancelOrder() | ModifyOrder():
                order = self.cache.order(command.client_order_id)
                if order is None or not self.is_held(order):
                    was = "not known" if order is None else f"{order.status}, and sent"
                    self._log.warning("%s: not held here, was %s", command.client_order_id, was)
                elif isinstance(command, CancelOrder):
                    self._local_.say(order, OrderCanceled)
                else:
                    self._modify_(order, command)
            case _:
                self._log.error("cannot execute a %s", type(command).__name__)

    def _modify_(self, order: Order, command: ModifyOrder) -> None:
        if command.price is not None or command.trigger_price is not None:
            self._local_.update(order, None, command.price, command.trigger_price)
        if command.quantity is not None:
            self._change_(order, command.quantity)

    def _take_(self, order: Order) -> None:
        self._hear_(order.strategy_id)
        if self.is_running:
            self._guarded_(self.on_order, order)
        else:
            self._waiting_.append(order)
            self._log.warning("%s: waits, the algorithm does not run", order.client_order_id)

    # -- what the author calls -----------------------------------------------------------------------------------------

    def submit_order(self, order: Order) -> None:
        """Send an order that was spawned here, or a primary order itself.

        Raises:
            ProgrammerError: if the order is not this algorithm's, or was sent already.

        """
        self._active_("submit_order")
        if order.exec_algorithm_id != self._id_ or order.client_order_id in self._sent_ or order.is_closed:
            was = f"{order.exec_algorithm_id}, {order.status}"
            text = f"must be an order of {self._id_} that was not sent, was of {was}"
            raise ProgrammerError(f"{order.client_order_id}: {text}")
        self._sent_[order.client_order_id] = None
        if order.is_primary:
            if order.status is OrderStatus.RELEASED or self._local_.say(order, OrderReleased):
                self._local_.send_on(order)
            return
        command = structs.replace(self._command_for_(order), was_held=False)
        emulated = order.emulation_trigger is not TriggerType.NO_TRIGGER
        self.msgbus.send(EMULATOR if emulated else RISK, command)

    def modify_order(
        self,
        order: Order,
        quantity: Quantity | None = None,
        price: Price | None = None,
        trigger_price: Price | None = None,
        client_id: ClientId | None = None,
    ) -> None:
        """Ask the venue (or the emulator) to change an order; what is None stays."""
        self._active_("modify_order")
        command = ModifyOrder(
            **self._common_(order, client_id),
            client_order_id=order.client_order_id,
            venue_order_id=order.venue_order_id,
            quantity=quantity,
            price=price,
            trigger_price=trigger_price,
        )
        if order.is_emulated:
            self.msgbus.send(EMULATOR, command)
        elif order.is_closed or order.is_active_local:
            self._log.warning("%s: cannot modify in %s", order.client_order_id, order.status)
        elif self._local_.say(order, OrderPendingUpdate):
            self.msgbus.send(RISK, command)

    def modify_order_in_place(
        self,
        order: Order,
        quantity: Quantity | None = None,
        price: Price | None = None,
        trigger_price: Price | None = None,
    ) -> None:
        """Change an order that has not left this node; what is None stays.

        Raises:
            ProgrammerError: if it has left, or was sent: what is checked and under way is what it was then.

        """
        is_sent = order.client_order_id in self._sent_ and not order.is_emulated
        if is_sent or not order.is_active_local:
            was = f"{order.status}, and sent" if is_sent else order.status
            raise ProgrammerError(f"{order.client_order_id}: must not have left this node, was {was}")
        self._local_.update(order, quantity, price, trigger_price)

    def cancel_order(self, order: Order, client_id: ClientId | None = None) -> None:
        """Cancel an order, wherever it is; nothing happens if it is over or its cancel is under way."""
        self._active_("cancel_order")
        command = CancelOrder(
            **self._common_(order, client_id),
            client_order_id=order.client_order_id,
            venue_order_id=order.venue_order_id,
        )
        if order.is_emulated:
            self.msgbus.send(EMULATOR, command)
        elif self.is_held(order):
            self._local_.say(order, OrderCanceled)
        elif order.is_closed or order.is_pending_cancel or order.is_active_local:
            self._log.warning("%s: cannot cancel in %s", order.client_order_id, order.status)
        elif self._local_.say(order, OrderPendingCancel):
            self.msgbus.send(EXECUTION, command)

    # -- machinery -----------------------------------------------------------------------------------------------------

    def _active_(self, purpose: str) -> None:
        if self._state_ not in ACTIVE:
            raise ProgrammerError(f"{self._id_}: cannot {purpose} in {self._state_.value}")

    def _common_(self, order: Order, client_id: ClientId | None) -> dict[str, Any]:
        command = self._command_for_(order)
        given = {name: getattr(command, name) for name in ("trader_id", "command_id", "ts_init", "strategy_id")}
        return {**given, "instrument_id": order.instrument_id, "client_id": client_id or command.client_id}

    def _command_for_(self, order: Order) -> SubmitOrder:
        """Return the command to send an order; what was spawned goes where its primary was meant to go."""
        command = self._local_.command_for(order)
        primary = order.exec_spawn_id
        if primary is None or primary == order.client_order_id:
            return command
        return structs.replace(command, client_id=self.cache.client_id(primary))

    def _hear_(self, strategy_id: StrategyId) -> None:
        """Hear what happens to the orders of a strategy, those of this algorithm alone are passed on."""
        if strategy_id not in self._heard_:
            self._heard_[strategy_id] = None
            self.msgbus.subscribe(f"events.order.{strategy_id}", self.handle_event)
            self.msgbus.subscribe(f"events.position.{strategy_id}", self.handle_event)

    def handle_event(self, event: Any) -> None:
        """Take an event; of order events, those about this algorithm's orders."""
        if isinstance(event, OrderEvent):
            order = self.cache.order(event.client_order_id)
            if order is None or order.exec_algorithm_id != self._id_:
                return
            if order.is_spawned and not isinstance(event, OrderInitialized):
                self._on_spawned_moved_(order)
            super().handle_event(event)
            if type(event) is OrderEmulated and self._works_again_(order):
                # What comes of it is told after everybody has heard that the order is back.
                self._registered_("an order").get_loop().call_soon(self._restore_, order)
            return
        super().handle_event(event)

    def _works_again_(self, order: Order) -> bool:
        """Return whether a primary order waits for nothing but this algorithm, though its status is EMULATED.

        That is one which an earlier life let go of, and which never left.
        """
        held = order.is_emulated and order.is_primary and order.emulation_trigger is TriggerType.NO_TRIGGER
        return held and not is_waiting(order, self.cache)

    def _on_spawned_moved_(self, order: Order) -> None:
        primary = None if order.exec_spawn_id is None else self.cache.order(order.exec_spawn_id)
        if primary is None or not self.is_held(primary):
            return
        self._give_back_(primary, order)
        if order.is_closed and not primary.quantity.value and is_all_over(primary, self.cache):
            self._local_.say(primary, OrderCanceled, reason="all of it was spawned, and is over")

    def _begin_(self, callback: Any) -> None:
        super()._begin_(callback)
        if not self.is_running:
            return
        waiting, self._waiting_ = self._waiting_, []
        for order in waiting:
            self._guarded_(self.on_order, order)
        for order in self.cache.orders_for_exec_algorithm(self._id_):
            if not order.is_closed:
                self._hear_(order.strategy_id)
            is_held = order.is_held_here and order.is_primary and not order.is_emulated
            if (is_held or self._works_again_(order)) and order not in waiting:
                self._restore_(order)

    def _restore_(self, primary: Order) -> None:
        """Hand back a primary order of an earlier life, with all that was not spawned of it."""
        if not self.is_held(primary):
            return
        self._restored_[primary.client_order_id] = None
        orders = self.cache.orders_for_exec_spawn(primary.client_order_id)[1:]
        for order in orders:
            self._note_spawned_(order)
        left = Quantity(self._left_(primary), primary.quantity.precision)
        if left > primary.quantity:  # the crash came between taking the piece off and sending it, or giving it back
            self._local_.update(primary, left)
        self._guarded_(self.on_order_restored, primary)

    def _resolve_handlers_(self) -> Handlers:
        handlers = dict(super()._resolve_handlers_())
        written = self._written_below_(ExecAlgorithm)
        for order_event, name in ORDER_EVENTS.items():
            handlers[order_event] = self._callbacks_((name, "on_order_event", "on_event"), written)
        for position_event, name in POSITION_EVENTS.items():
            handlers[position_event] = self._callbacks_((name, "on_position_event", "on_event"), written)
        return handlers
