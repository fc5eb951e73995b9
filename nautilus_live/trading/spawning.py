"""How orders are made out of a primary one, for an execution algorithm, and what they take off it and give back."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from nautilus_live.adapters.ports import Clock
from nautilus_live.engine.ids import EventIds
from nautilus_live.engine.local_orders import LocalOrders
from nautilus_live.errors import ProgrammerError
from nautilus_live.model.enums import TimeInForce, TriggerType
from nautilus_live.model.events import OrderInitialized, OrderUpdated
from nautilus_live.model.identifiers import ClientOrderId
from nautilus_live.model.objects import Price, Quantity
from nautilus_live.model.orders import (
    ORDER_CLASSES,
    LimitOrder,
    MarketOrder,
    MarketToLimitOrder,
    Order,
    order_from,
)
from nautilus_live.model.timestamps import nanoseconds_of
from nautilus_live.trading.actor import Actor
from nautilus_live.trading.order_rules import check_order
from nautilus_live.trading.services import Services

ZERO = Decimal(0)
LOST_MAX = 100
"""How many orders of one primary a store that buffers may have lost in a crash; their numbers are left out."""
TYPES = {kind: order_type for order_type, kind in ORDER_CLASSES.items()}


def spawned(
    kind: type[Order],
    primary: Order,
    quantity: Quantity,
    number: int,
    tags: list[str] | None,
    fields: dict[str, Any],
    event_ids: EventIds,
    clock: Clock,
) -> Order:
    """Return the `number`th order that is made of `primary`, of that strategy and instrument, and on its side.

    Raises:
        ValueError: if the order contradicts itself.

    """
    now = clock.timestamp_ns()
    expire_time = fields.pop("expire_time", None)
    init = OrderInitialized(
        event_id=event_ids.next(),
        ts_event=now,
        ts_init=now,
        trader_id=primary.trader_id,
        strategy_id=primary.strategy_id,
        instrument_id=primary.instrument_id,
        client_order_id=spawned_id(primary, number),
        order_side=primary.side,
        order_type=TYPES[kind],
        quantity=quantity,
        expire_time_ns=0 if expire_time is None else nanoseconds_of(expire_time),
        exec_algorithm_id=primary.exec_algorithm_id,
        exec_algorithm_params=primary.exec_algorithm_params,
        exec_spawn_id=primary.client_order_id,
        tags=tuple(tags) if tags else (),
        **fields,
    )
    check_order(init, now)
    return order_from(init)


def spawned_id(primary: Order, number: int) -> ClientOrderId:
    """Return the id of the `number`th order that is made of `primary`."""
    return ClientOrderId(f"{primary.client_order_id}-E{number}")


class SpawnsOrders(Actor):
    """A component that makes orders out of the primary ones that it holds."""

    def __init__(self, config: Any) -> None:
        super().__init__(config)
        self._orders_here_: LocalOrders | None = None
        self._spawned_: dict[ClientOrderId, int] = {}
        self._sent_: dict[ClientOrderId, None] = {}
        self._given_back_: dict[ClientOrderId, Decimal] = {}
        self._restored_: dict[ClientOrderId, None] = {}

    def is_held(self, primary: Order) -> bool:
        """Return whether a primary order has not left yet, so that pieces of it can be spawned."""
        return primary.is_active_local and primary.is_primary and primary.client_order_id not in self._sent_

    def spawn_market(
        self, primary: Order, quantity: Quantity, time_in_force: TimeInForce = TimeInForce.GTC,
        reduce_only: bool = False, tags: list[str] | None = None, reduce_primary: bool = True,
    ) -> MarketOrder:  # fmt: skip
        """Return a new market order for a piece of `primary`.

        Raises:
            ProgrammerError: if the primary is not this algorithm's, has left already, or has less than `quantity` left.

        """
        fields = {"time_in_force": time_in_force, "reduce_only": reduce_only}
        made: MarketOrder = self._spawn_(MarketOrder, primary, quantity, tags, reduce_primary, fields)
        return made

    def spawn_limit(
        self,
        primary: Order,
        quantity: Quantity,
        price: Price,
        time_in_force: TimeInForce = TimeInForce.GTC,
        expire_time: datetime | int | None = None,
        post_only: bool = False,
        reduce_only: bool = False,
        display_qty: Quantity | None = None,
        emulation_trigger: TriggerType = TriggerType.NO_TRIGGER,
        tags: list[str] | None = None,
        reduce_primary: bool = True,
    ) -> LimitOrder:
        """Return a new limit order for a piece of `primary`; raises as `spawn_market`."""
        fields = {
            "price": price,
            "time_in_force": time_in_force,
            "expire_time": expire_time,
            "post_only": post_only,
            "reduce_only": reduce_only,
            "display_qty": display_qty,
            "emulation_trigger": emulation_trigger,
        }
        made: LimitOrder = self._spawn_(LimitOrder, primary, quantity, tags, reduce_primary, fields)
        return made

    def spawn_market_to_limit(
        self,
        primary: Order,
        quantity: Quantity,
        time_in_force: TimeInForce = TimeInForce.GTC,
        expire_time: datetime | int | None = None,
        reduce_only: bool = False,
        display_qty: Quantity | None = None,
        emulation_trigger: TriggerType = TriggerType.NO_TRIGGER,
        tags: list[str] | None = None,
        reduce_primary: bool = True,
    ) -> MarketToLimitOrder:
        """Return a new market-to-limit order for a piece of `primary`; raises as `spawn_market`."""
        fields = {
            "time_in_force": time_in_force,
            "expire_time": expire_time,
            "reduce_only": reduce_only,
            "display_qty": display_qty,
            "emulation_trigger": emulation_trigger,
        }
        made: MarketToLimitOrder = self._spawn_(MarketToLimitOrder, primary, quantity, tags, reduce_primary, fields)
        return made

    @property
    def _local_(self) -> LocalOrders:
        if self._orders_here_ is None:
            raise self._unregistered_("its orders")
        return self._orders_here_

    def _spawn_(
        self,
        kind: type[Any],
        primary: Order,
        quantity: Quantity,
        tags: list[str] | None,
        reduce_primary: bool,
        fields: dict[str, Any],
    ) -> Any:
        if primary.exec_algorithm_id != self._id_ or not self.is_held(primary):
            text = f"must be held by {self._id_} to be worked, was {primary.status} with {primary.exec_algorithm_id}"
            raise ProgrammerError(f"{primary.client_order_id}: {text}")
        if quantity.value > primary.leaves_qty.value:
            text = f"must have the quantity that is spawned, {quantity}, had {primary.leaves_qty}"
            raise ProgrammerError(f"{primary.client_order_id}: {text}")
        name = primary.client_order_id
        services = self._registered_("spawning")
        count = self._spawned_[name] = self._next_number_(primary, services)
        made = spawned(kind, primary, quantity, count, tags, fields, services.event_ids, services.time)
        if reduce_primary:
            left = Quantity(primary.quantity.value - quantity.value, primary.quantity.precision)
            self._local_.update(primary, left)
            self._given_back_[made.client_order_id] = ZERO
        return made

    def _next_number_(self, primary: Order, services: Services) -> int:
        """Return the number of the next order that is made of a primary one: no id is used twice, in no life."""
        name = primary.client_order_id
        known = self._spawned_.get(name)
        if known is None:
            known = len(self.cache.orders_for_exec_spawn(name)) - 1
            if primary.client_order_id in self._restored_ and self.cache.config.buffer_interval_ms:
                known += LOST_MAX
        count = known + 1
        while True:
            client_order_id = spawned_id(primary, count)
            # What a crash kept from the store the venue may still know; what was purged has a stone.
            is_purged = self.cache.is_purged(client_order_id, None, primary.instrument_id)
            if not (is_purged or services.is_order_id_taken(client_order_id)):
                return count
            count += 1

    def _gone_(self, primary: Order, since_ns: int = 0) -> Decimal:
        """Return what of a primary order is in orders made of it since then: what they filled, or may still fill."""
        made = self.cache.orders_for_exec_spawn(primary.client_order_id)
        counted = [one for one in made if one is not primary and one.init.ts_init >= since_ns]
        return sum((one.filled_qty.value if one.is_closed else one.quantity.value for one in counted), ZERO)

    def _left_(self, primary: Order) -> Decimal:
        """Return what is left of a primary order by its history: as it was made or last changed, less what is gone."""
        base, since_ns = primary.init.quantity.value, 0
        for event in primary.events:
            if type(event) is OrderUpdated and event.is_by_hand:
                base, since_ns = event.quantity.value, event.ts_init
        return max(base - self._gone_(primary, since_ns), ZERO)

    def _change_(self, primary: Order, wanted: Quantity) -> None:
        """Let a primary order be for `wanted` in all, what was made of it included."""
        left = Quantity(max(wanted.value - self._gone_(primary), ZERO), primary.quantity.precision)
        self._local_.update(primary, left, is_by_hand=True)

    def _note_spawned_(self, order: Order) -> None:
        """Take note of an order that was spawned in an earlier life, when what it took off its primary is settled."""
        self._given_back_[order.client_order_id] = order.leaves_qty.value if order.is_closed else ZERO

    def _give_back_(self, primary: Order, order: Order) -> None:
        """Let the primary have again what an order spawned of it has not filled and will not fill, and no more."""
        before = self._given_back_.get(order.client_order_id)
        if before is None:  # it took nothing off
            return
        unfilled = order.leaves_qty.value if order.is_closed else ZERO
        quantity = max(primary.quantity.value + unfilled - before, ZERO)
        self._given_back_[order.client_order_id] = unfilled
        if quantity != primary.quantity.value:
            self._local_.update(primary, Quantity(quantity, primary.quantity.precision))
