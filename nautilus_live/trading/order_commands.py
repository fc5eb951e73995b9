"""The commands of a strategy: what it asks of its orders and positions, and which way each command goes.

An order that is to be held here goes to the order emulator, one that an execution algorithm works to that algorithm,
any other through the risk engine. Commands return at once; nothing waits for a venue. One that the order's state has
made pointless (it was filled a moment ago) is logged and dropped; one that could never make sense raises. `params` go
with a command to the client.
"""

from __future__ import annotations

from typing import Any

from nautilus_live.core.own_words import own_word
from nautilus_live.engine.local_orders import speak
from nautilus_live.errors import ProgrammerError
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
from nautilus_live.model.enums import OrderSide, OrderStatus, PositionSide, TimeInForce, TriggerType
from nautilus_live.model.events import OrderPendingCancel, OrderPendingUpdate
from nautilus_live.model.identifiers import AccountId, ClientId, InstrumentId, PositionId
from nautilus_live.model.objects import Price, Quantity
from nautilus_live.model.orders import TRAILING_TYPES, Order, OrderList
from nautilus_live.model.position import Position
from nautilus_live.trading.actor import Actor
from nautilus_live.trading.component import ACTIVE
from nautilus_live.trading.order_factory import OrderFactory
from nautilus_live.trading.services import Services
from nautilus_live.trading.waiting_lists import waits_here

RISK = "RiskEngine.execute"
EXECUTION = "ExecEngine.execute"
EMULATOR = "OrderEmulator.execute"

NO_TRIGGER = TriggerType.NO_TRIGGER
INITIALIZED, RELEASED = OrderStatus.INITIALIZED, OrderStatus.RELEASED
Params = dict[str, Any] | None


class OrderCommands(Actor):
    """An actor that trades."""

    _logs_commands_ = False
    _links_orders_ = False  # whether the strategy keeps the links of its orders
    _minds_submits_ = False  # whether an order that is submitted matters to somebody here

    @property
    def order_factory(self) -> OrderFactory:
        """Makes this strategy's orders."""
        raise NotImplementedError

    def _on_submitted_(self, order: Order) -> None:
        """Take note of an order that was handed over."""

    def _why_not_(self, order: Order) -> str:
        """Return why an order must not be submitted now; then it is denied."""
        return ""

    # -- orders --------------------------------------------------------------------------------------------------------

    def submit_order(
        self,
        order: Order,
        position_id: PositionId | None = None,
        client_id: ClientId | None = None,
        params: Params = None,
    ) -> None:
        """Send an order; `position_id` names the position it is for, on hedging accounts.

        Raises:
            ProgrammerError: if the order is not this strategy's or was submitted already, or the strategy does not run.

        """
        self._submit_(order, position_id, client_id, params)

    def _submit_(
        self,
        order: Order,
        position_id: PositionId | None,
        client_id: ClientId | None,
        params: Params,
        leg: PositionId | None = None,
    ) -> None:
        services = self._active_("submit_order")
        self._check_new_(order)
        init = order.init
        if (self._minds_submits_ or init.exec_algorithm_id is not None) and self._is_refused_(services, [order]):
            return
        command = SubmitOrder(
            trader_id=services.trader_id,
            command_id=services.event_ids.next(),
            ts_init=services.time.timestamp_ns(),
            strategy_id=self._id_,
            instrument_id=order.instrument_id,
            client_id=client_id,
            order=order,
            position_id=position_id,
            leg=leg,
            params=params,
        )
        if init.emulation_trigger is not NO_TRIGGER:
            self._send_(services, EMULATOR, command)
        elif init.exec_algorithm_id is not None:
            self._send_(services, f"{init.exec_algorithm_id}.execute", command)
        else:
            self._send_(services, RISK, command)
        if self._minds_submits_:
            self._on_submitted_(order)

    def submit_order_list(
        self,
        order_list: OrderList,
        position_id: PositionId | None = None,
        client_id: ClientId | None = None,
        params: Params = None,
    ) -> None:
        """Send orders that belong together, such as a bracket.

        A list with an order that is to be held here, or that an algorithm works, waits here for its parent's fills. So
        does one with `manage_contingent_orders` at a venue that links nothing.

        Raises:
            ProgrammerError: as `submit_order`, for any of the orders; then none is sent.

        """
        services = self._active_("submit_order_list")
        for order in order_list.orders:
            self._check_new_(order)
        if self._is_refused_(services, order_list.orders):
            return
        command = SubmitOrderList(
            **self._common_(services, order_list.instrument_id, client_id, params),
            order_list=order_list,
            position_id=position_id,
        )
        client = services.execution.client_for(order_list.instrument_id, client_id)
        waits = waits_here(order_list, client, manages=self._links_orders_)
        self._send_(services, EMULATOR if waits else RISK, command)
        for order in order_list.orders:
            self._on_submitted_(order)

    def modify_order(
        self,
        order: Order,
        quantity: Quantity | None = None,
        price: Price | None = None,
        trigger_price: Price | None = None,
        client_id: ClientId | None = None,
        params: Params = None,
    ) -> None:
        """Change an order's quantity, price or trigger price; what is None stays.

        Raises:
            ProgrammerError: if the order cannot have what is given (a price on a market order), or the strategy does
            not run.

        """
        services = self._active_("modify_order")
        for name, new in (("price", price), ("trigger_price", trigger_price)):
            if new is not None and getattr(order, name) is None and order.order_type not in TRAILING_TYPES:
                text = f"a {order.order_type} order has no {name} to modify, was {new}"
                raise ProgrammerError(f"{order.client_order_id}: {text}")
        changes = ((quantity, order.quantity), (price, order.price), (trigger_price, order.trigger_price))
        if not any(new is not None and new != old for new, old in changes):
            self._log.warning("%s: nothing to modify in %r", order.client_order_id, order)
            return
        if quantity is not None and quantity.value <= order.filled_qty.value:
            text = f"cannot modify to quantity {quantity}, {order.filled_qty} are filled"
            self._log.warning("%s: %s", order.client_order_id, text)
            return
        endpoint = self._holder_of_(order) or RISK
        if endpoint is RISK:
            if self._is_pointless_("modify", order) or not self._mark_pending_(OrderPendingUpdate, order, services):
                return
        command = ModifyOrder(
            **self._common_(services, order.instrument_id, client_id, params),
            client_order_id=order.client_order_id,
            venue_order_id=order.venue_order_id,
            quantity=quantity,
            price=price,
            trigger_price=trigger_price,
        )
        self._send_(services, endpoint, command)

    def cancel_order(self, order: Order, client_id: ClientId | None = None, params: Params = None) -> None:
        """Take an order out of the market, or out of the hands of whoever holds it here."""
        services = self._active_("cancel_order")
        holder = self._holder_of_(order)
        if holder:
            self._send_(services, holder, self._cancel_(services, order, client_id, params))
            return
        if self._is_pointless_("cancel", order) or not self._mark_pending_(OrderPendingCancel, order, services):
            return
        self._send_(services, EXECUTION, self._cancel_(services, order, client_id, params))

    def cancel_orders(self, orders: list[Order], client_id: ClientId | None = None, params: Params = None) -> None:
        """Cancel several orders, in one command for each instrument."""
        services = self._active_("cancel_orders")
        cancels: dict[InstrumentId, list[CancelOrder]] = {}
        for order in orders:
            if self._holder_of_(order):
                self.cancel_order(order, client_id, params)
            elif not self._is_pointless_("cancel", order) and self._mark_pending_(OrderPendingCancel, order, services):
                cancel = self._cancel_(services, order, client_id, params)
                cancels.setdefault(order.instrument_id, []).append(cancel)
        for instrument_id, group in cancels.items():
            common = self._common_(services, instrument_id, client_id, params)
            self._send_(services, EXECUTION, BatchCancelOrders(**common, cancels=tuple(group)))

    def cancel_all_orders(
        self,
        instrument_id: InstrumentId,
        order_side: OrderSide | None = None,
        client_id: ClientId | None = None,
        params: Params = None,
    ) -> None:
        """Cancel this strategy's orders in the instrument, held here or not, of one side or (None) both."""
        services = self._active_("cancel_all_orders")
        side = None if order_side is OrderSide.NO_ORDER_SIDE else order_side
        held = self._cancel_held_(instrument_id, side, client_id, params)
        live = self.cache.orders_open(instrument_id=instrument_id, strategy_id=self._id_)
        waiting = self.cache.orders_inflight(instrument_id=instrument_id, strategy_id=self._id_)
        live += [order for order in waiting if order.status is OrderStatus.SUBMITTED]
        marked = 0
        for order in live:
            if (side is None or order.side is side) and order.status is not OrderStatus.PENDING_CANCEL:
                marked += self._mark_pending_(OrderPendingCancel, order, services)
        if marked:
            common = self._common_(services, instrument_id, client_id, params)
            self._send_(services, EXECUTION, CancelAllOrders(**common, order_side=side))
        elif not held:
            self._log.info("%s: no orders to cancel", instrument_id)

    def _cancel_held_(
        self, instrument_id: InstrumentId, side: OrderSide | None, client_id: ClientId | None, params: Params
    ) -> int:
        held = self.cache.orders_held_here(instrument_id=instrument_id, strategy_id=self._id_)
        held += self.cache.orders_worked_here(instrument_id=instrument_id, strategy_id=self._id_)
        held = [order for order in held if side is None or order.side is side]
        for order in held:
            if not order.is_closed:  # the cancel of one may have ended the other
                self.cancel_order(order, client_id, params)
        return len(held)

    def query_order(self, order: Order, client_id: ClientId | None = None, params: Params = None) -> None:
        """Ask the venue what it knows of an order; what it answers is applied like any report."""
        services = self._active_("query_order")
        command = QueryOrder(
            **self._common_(services, order.instrument_id, client_id, params),
            client_order_id=order.client_order_id,
            venue_order_id=order.venue_order_id,
        )
        self._send_(services, EXECUTION, command)

    # -- positions and accounts ----------------------------------------------------------------------------------------

    def close_position(
        self,
        position: Position,
        client_id: ClientId | None = None,
        tags: list[str] | None = None,
        time_in_force: TimeInForce = TimeInForce.GTC,
        reduce_only: bool = True,
        params: Params = None,
        quote_quantity: bool = False,
    ) -> None:
        """Close a position with a market order (`quote_quantity`: in quote currency), unless it is flat already.

        One that is the sum of several at the venue (see `oms_type`) is closed with an order for each of those.
        """
        self._active_("close_position")
        if not position.is_open:
            self._log.warning("%s: nothing to close, the position is flat", position.id)
            return
        if client_id is None and position.opening_order_id is not None:  # where it was opened, it is closed
            client_id = self.cache.client_id(position.opening_order_id)
        legs = list((position.legs or {}).items())
        for leg, held in legs if sum(held for _, held in legs) == position.net_qty else [(None, position.net_qty)]:
            order = self.order_factory.market(
                instrument_id=position.instrument_id,
                order_side=OrderSide.SELL if held > 0 else OrderSide.BUY,
                quantity=Quantity(abs(held), position.instrument.size_precision),
                time_in_force=time_in_force,
                reduce_only=reduce_only,
                quote_quantity=quote_quantity,
                tags=tags,
            )
            self._submit_(order, position.id, client_id, params, leg)

    def close_all_positions(
        self,
        instrument_id: InstrumentId,
        position_side: PositionSide = PositionSide.NO_POSITION_SIDE,
        client_id: ClientId | None = None,
        tags: list[str] | None = None,
        time_in_force: TimeInForce = TimeInForce.GTC,
        reduce_only: bool = True,
        params: Params = None,
        quote_quantity: bool = False,
    ) -> None:
        """Close this strategy's open positions in the instrument, of one side or both, as `close_position` does."""
        self._active_("close_all_positions")
        for position in self.cache.positions_open(instrument_id=instrument_id, strategy_id=self._id_):
            if position_side is PositionSide.NO_POSITION_SIDE or position.side is position_side:
                self.close_position(position, client_id, tags, time_in_force, reduce_only, params, quote_quantity)

    def query_account(self, account_id: AccountId, client_id: ClientId | None = None, params: Params = None) -> None:
        """Ask the venue for the account's state."""
        services = self._active_("query_account")
        command = QueryAccount(
            trader_id=services.trader_id,
            command_id=services.event_ids.next(),
            ts_init=services.time.timestamp_ns(),
            account_id=account_id,
            client_id=client_id,
            params=params,
        )
        self._send_(services, EXECUTION, command)

    # -- machinery -----------------------------------------------------------------------------------------------------

    def _active_(self, purpose: str) -> Services:
        if self._state_ not in ACTIVE:
            raise ProgrammerError(f"{self._id_}: cannot {purpose} in {self._state_.value}")
        return self._services_ or self._registered_(purpose)

    def _check_new_(self, order: Order) -> None:
        if order.strategy_id is not self._id_ and order.strategy_id != self._id_:
            text = f"must be an order of {self._id_}, was of {order.strategy_id}"
            raise ProgrammerError(f"{order.client_order_id}: {text}")
        if order.status is not INITIALIZED or len(order.events) > 1:
            raise ProgrammerError(f"{order.client_order_id}: an order is submitted once, was {order.status}")

    def _is_refused_(self, services: Services, orders: list[Order]) -> bool:
        """Deny all of `orders` if one must not be submitted now, or names an algorithm that is not there."""
        reason = ""
        for order in orders:
            algorithm = order.init.exec_algorithm_id
            if algorithm is not None and not services.msgbus.is_registered(f"{algorithm}.execute"):
                reason = f"exec_algorithm_id: must be an algorithm of this node, was {algorithm}"
            reason = reason or self._why_not_(order)
        for order in orders if reason else ():
            services.execution.deny(order, reason)
        return bool(reason)

    @staticmethod
    def _holder_of_(order: Order) -> str:
        """Return who holds the order on this node, an empty text if nobody does."""
        is_released = order.status is RELEASED and order.is_primary  # by the emulator, to its algorithm
        if not (order.is_held_here or is_released):
            return ""
        is_emulated = order.init.emulation_trigger is not NO_TRIGGER and not is_released
        return EMULATOR if is_emulated or not order.is_primary else f"{order.exec_algorithm_id}.execute"

    def _is_pointless_(self, verb: str, order: Order) -> bool:
        # What a strategy holds may be older than what happened since: not its mistake, so no error.
        if order.is_closed or order.is_pending_cancel or order.is_active_local:
            self._log.warning("%s: cannot %s in %s", order.client_order_id, verb, order.status)
            return True
        return False

    def _mark_pending_(
        self, kind: type[OrderPendingCancel] | type[OrderPendingUpdate], order: Order, services: Services
    ) -> bool:
        now = services.time.timestamp_ns()
        event = own_word(order, kind, event_id=services.event_ids.next(), now=now)
        return speak(order, event, services.cache, services.msgbus, self._log)

    def _common_(
        self, services: Services, instrument_id: InstrumentId, client_id: ClientId | None, params: Params
    ) -> dict[str, Any]:
        return {
            "trader_id": services.trader_id,
            "command_id": services.event_ids.next(),
            "ts_init": services.time.timestamp_ns(),
            "strategy_id": self._id_,
            "instrument_id": instrument_id,
            "client_id": client_id,
            "params": params,
        }

    def _cancel_(self, services: Services, order: Order, client_id: ClientId | None, params: Params) -> CancelOrder:
        return CancelOrder(
            **self._common_(services, order.instrument_id, client_id, params),
            client_order_id=order.client_order_id,
            venue_order_id=order.venue_order_id,
        )

    def _send_(self, services: Services, endpoint: str, command: Command) -> None:
        if self._logs_commands_:
            self._log.info("sends %s", command)
        services.msgbus.send(endpoint, command)
