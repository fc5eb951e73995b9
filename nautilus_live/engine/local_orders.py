"""Orders that are held on this node: recorded before they leave, and changed by our own word.

Knows the execution engine, the cache and the bus. Promises: what is said of an order is applied, in the cache (and the
store) and published when `say` returns, or refused and logged; an order is kept under a new id only.
"""

from __future__ import annotations

import logging
from typing import Any, Protocol

from nautilus_live.adapters.ports import Clock
from nautilus_live.core import order_lifecycle
from nautilus_live.core.contingency import Arm, Cancel, Consequence
from nautilus_live.core.own_words import own_word
from nautilus_live.core.position_keeping import netting_position_id
from nautilus_live.engine.cache import Cache
from nautilus_live.engine.ids import EventIds
from nautilus_live.engine.message_bus import MessageBus
from nautilus_live.errors import IllegalTransition
from nautilus_live.model.commands import CancelOrder, ModifyOrder, SubmitOrder
from nautilus_live.model.events import (
    OrderCanceled,
    OrderEvent,
    OrderPendingCancel,
    OrderPendingUpdate,
    OrderUpdated,
)
from nautilus_live.model.identifiers import ClientId, PositionId
from nautilus_live.model.objects import Price, Quantity
from nautilus_live.model.orders import Order, OrderList

RISK, EXECUTION = "RiskEngine.execute", "ExecEngine.execute"


class Keeper(Protocol):
    """What is needed of the execution engine."""

    def keep_here(self, orders: list[Order], *given: Any) -> bool:
        """Remember new orders without sending them; `given` are position, client and list."""
        ...

    def is_handed_over(self, order: Order) -> bool:
        """Return whether an order that was held here is with its client by now."""
        ...

    def deny(self, order: Order, reason: str) -> None:
        """Refuse an order."""
        ...


class Warns(Protocol):
    """A log that warnings go to: the library's, or a component's."""

    def warning(self, message: str, *arguments: object) -> None:
        """Log what may need attention."""
        ...


def speak(order: Order, event: OrderEvent, cache: Cache, msgbus: MessageBus, log: logging.Logger | Warns) -> bool:
    """Apply our own word to an order, and tell of it; returns whether the order took it."""
    try:
        order_lifecycle.apply(order, event)
    except IllegalTransition as error:
        log.warning("%s", error)
        return False
    cache.update_order(order)
    msgbus.publish(f"events.order.{order.strategy_id.value}", event)
    return True


class LocalOrders:
    """Speaks about orders that are held here, and sends them on.

    Args:
        execution: records and refuses orders.
        cache: where they live.
        msgbus: where events are published and commands sent.
        clock: our time.
        event_ids: ids of events and commands.
        log: where refusals are logged.

    """

    def __init__(
        self,
        execution: Keeper,
        cache: Cache,
        msgbus: MessageBus,
        clock: Clock,
        event_ids: EventIds,
        log: logging.Logger,
    ) -> None:
        self._keep = execution.keep_here
        self.deny = execution.deny
        self._is_handed_over = execution.is_handed_over
        self._cache = cache
        self._msgbus = msgbus
        self._clock = clock
        self._event_ids = event_ids
        self._log = log

    def keep(
        self,
        orders: list[Order],
        position_id: PositionId | None = None,
        client_id: ClientId | None = None,
        order_list: OrderList | None = None,
    ) -> bool:
        """Record new orders that do not leave yet; returns whether they are kept (they are denied otherwise)."""
        return self._keep(orders, position_id, client_id, order_list)

    def say(self, order: Order, kind: type[OrderEvent], **fields: Any) -> bool:
        """Apply our own word to an order, and tell of it; returns whether the order took it."""
        now = self._clock.timestamp_ns()
        event = own_word(order, kind, event_id=self._event_ids.next(), now=now, **fields)
        return speak(order, event, self._cache, self._msgbus, self._log)

    def update(
        self,
        order: Order,
        quantity: Quantity | None = None,
        price: Price | None = None,
        trigger_price: Price | None = None,
        *,
        is_activated: bool = False,
        is_by_hand: bool = False,
    ) -> bool:
        """Change an order that is held here; what is None stays. `is_by_hand`: its strategy asked for the quantity."""
        return self.say(
            order,
            OrderUpdated,
            quantity=order.quantity if quantity is None else quantity,
            price=price,
            trigger_price=trigger_price,
            is_activated=is_activated,
            is_by_hand=is_by_hand,
        )

    def carry_out(self, consequence: Consequence) -> None:
        """Cancel or resize a linked order: here if it is held here, at its venue otherwise.

        One that is on its way stays as it is: what is said of it next brings the consequence up again.
        """
        order = consequence.order
        assert not isinstance(consequence, Arm), "arming is the emulator's"
        if self._is_handed_over(order) or (order.is_inflight and not order.is_open):
            return  # not acknowledged: there is nothing yet that the venue could change
        if isinstance(consequence, Cancel):
            if order.is_active_local:
                self.say(order, OrderCanceled)
            elif not order.is_pending_cancel and self.say(order, OrderPendingCancel):
                cancel = CancelOrder(**self._common(order), client_order_id=order.client_order_id)
                self._msgbus.send(EXECUTION, cancel)
            return
        quantity = Quantity(consequence.quantity, order.quantity.precision)
        if order.is_active_local:
            self.update(order, quantity)
        elif not order.is_inflight and self.say(order, OrderPendingUpdate, is_by_link=True):
            change = ModifyOrder(**self._common(order), client_order_id=order.client_order_id, quantity=quantity)
            self._msgbus.send(RISK, change)

    def send_on(self, order: Order, endpoint: str = RISK) -> None:
        """Let an order that was held here leave."""
        self._msgbus.send(endpoint, self.command_for(order))

    def command_for(self, order: Order) -> SubmitOrder:
        """Return the command that lets an order leave that was held here."""
        client_id = self._cache.client_id(order.client_order_id)
        return SubmitOrder(
            **{**self._common(order), "client_id": client_id},
            order=order,
            position_id=self._position_of(order),
            was_held=True,
        )

    def _position_of(self, order: Order) -> PositionId | None:
        """Return the position that an order is for: the one it was given, else the one that its family opened.

        Pieces of one primary order are one trade, an exit is for what its entry opened. On a hedging account each would
        open, or take from, another one. Where a strategy has one position, nobody needs to say which.
        """
        cache, primary_id = self._cache, order.exec_spawn_id or order.client_order_id
        primary = cache.order(primary_id) or order
        only = netting_position_id(order.instrument_id, order.strategy_id).value
        given = [cache.position_id(order.client_order_id), cache.position_id(primary_id)]
        for name in (primary_id, primary.parent_order_id):
            if name is not None:
                given += [one.position_id for one in cache.orders_for_exec_spawn(name)]
        if given[0] is not None:
            return given[0]
        return next((one for one in given if one is not None and not one.value.startswith(only)), None)

    def _common(self, order: Order) -> dict[str, Any]:
        return {
            "trader_id": order.trader_id,
            "command_id": self._event_ids.next(),
            "ts_init": self._clock.timestamp_ns(),
            "strategy_id": order.strategy_id,
            "instrument_id": order.instrument_id,
        }
