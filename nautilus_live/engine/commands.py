"""Commands on their way to a client: routed, checked against what is known, handed over.

Knows the cache, the clients and what is held. Promises: an order is handed over once and never under a used id; it is
in the store before (write-ahead), or it is denied; a command for an order that is done is not sent; a command that is
not sent is refused by an event. What the venue makes of a command comes back as events.

Nothing new goes to a client that is held (`engine.holds`). Cancels do, even to one whose stream is lost: requests often
go another way, and an adapter that cannot send one says so at once (`RequestNotSent`).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from msgspec import structs

from nautilus_live.adapters.ports import ExecutionClient
from nautilus_live.adapters.tasks import Tasks
from nautilus_live.engine.asked_orders import ask_about_order
from nautilus_live.engine.cache import Cache
from nautilus_live.engine.handed_over import HandedOver
from nautilus_live.engine.holds import Holds
from nautilus_live.engine.message_bus import MessageBus
from nautilus_live.engine.quote_quantities import convert
from nautilus_live.engine.routing import Routes
from nautilus_live.engine.topics import Topics
from nautilus_live.engine.venue_positions import VenuePositions
from nautilus_live.marks import mark
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
    TradingCommand,
)
from nautilus_live.model.enums import OrderStatus
from nautilus_live.model.identifiers import ClientId, PositionId
from nautilus_live.model.orders import UNSENT_STATUSES, Order, OrderList
from nautilus_live.model.reports import FillReport, OrderStatusReport

GONE = "an order needs a client, it is gone"


class CommandRouter:
    """Takes commands over from strategies and hands them to clients.

    Args:
        loop: where questions to the venue wait for their answers.
        cache: what is known.
        msgbus: where the beginning of an order is told.
        routes: the clients.
        holds: what must not go out.
        deny: refuses an order, with a reason.
        turn_away: refuses an order whose id belongs to another.
        refuse: refuses a modification or a cancel, with a reason.
        positions: names the venue's positions.
        on_report: takes the answer to a query.
        log: where to log.
        converts_quotes: whether a quantity in quote currency is made one of the base.

    """

    def __init__(
        self,
        *,
        loop: asyncio.AbstractEventLoop,
        cache: Cache,
        msgbus: MessageBus,
        routes: Routes[ExecutionClient],
        holds: Holds,
        deny: Callable[[Order, str], object],
        turn_away: Callable[[Order, str], object],
        refuse: Callable[[ModifyOrder | CancelOrder, str], object],
        positions: VenuePositions,
        on_report: Callable[[OrderStatusReport | FillReport], object],
        log: logging.Logger,
        converts_quotes: bool = True,
    ) -> None:
        self._cache = cache
        self._msgbus = msgbus
        self._routes = routes
        self._holds = holds
        self._deny = deny
        self._turn_away = turn_away
        self._refuse = refuse
        self._named_there = positions.named_there
        self._on_report = on_report
        self._log = log
        self._converts_quotes = converts_quotes
        self._tasks = Tasks(loop, log, meaning="nothing is concluded")
        self._topics = Topics("events.order.")
        self.handed_over = HandedOver()
        """The orders that were held here and are on their way."""
        self.handlers: dict[type[Command], Callable[[Any], None]] = {
            SubmitOrder: self._submit,
            SubmitOrderList: self._submit_list,
            ModifyOrder: self._modify,
            CancelOrder: self._cancel,
            CancelAllOrders: self._cancel_all,
            BatchCancelOrders: self._batch_cancel,
            QueryOrder: self._query,
            QueryAccount: self._query_account,
        }
        """What hands a command of each kind to its client, when its turn in the queue has come."""

    # -- taking over, in the caller ----------------------------------------------------------------------------------

    def take_over(self, command: Command) -> bool:
        """Do what must be done before anything else happens; returns whether `command` is to be handled further."""
        if type(command) is SubmitOrder:
            return self._take_over_orders([command.order], command, command.position_id, command.was_held)
        if type(command) is SubmitOrderList:
            return self._take_over_orders(command.order_list.orders, command, command.position_id)
        return True

    def record(self, order: Order, position_id: PositionId | None = None, client_id: ClientId | None = None) -> None:
        """Remember a new order (write-ahead) and tell of it."""
        self._cache.add_order(order, position_id, client_id)
        self._msgbus.publish(self._topics[order.strategy_id.value], order.init)

    def is_used(self, order: Order) -> bool:
        """Return whether the order's id is in use, which is logged; the order that has it stays as it is."""
        if not self._cache.is_id_used(order):
            return False
        known = self._cache.order(order.client_order_id)
        self._log.error(
            "%s: cannot submit under a used id, it belongs to %s",
            order.client_order_id,
            known or "a purged order",
            extra={"client_order_id": order.client_order_id.value},
        )
        return True

    def _refuse_used(self, orders: list[Order]) -> bool:
        """Turn away the orders whose ids are in use, and deny the others of their list; returns whether there are any.

        Whoever has the id must not hear that it was denied: only the new order is told so, by its own status.
        """
        used = list(filter(self.is_used, orders))
        if not used:
            return False
        for order in used:
            self._turn_away(order, f"client_order_id: must be new, {order.client_order_id} is used")
        for order in orders:
            if all(order is not one for one in used):
                self._deny(order, f"client_order_id: must be new in all of a list, {used[0].client_order_id} is used")
        return True

    def keep_here(
        self,
        orders: list[Order],
        position_id: PositionId | None = None,
        client_id: ClientId | None = None,
        order_list: OrderList | None = None,
    ) -> bool:
        """Record new orders that do not leave yet; returns False if they cannot be kept, and are then denied."""
        if self._refuse_used(orders):
            return False
        problem = self._convert(orders)
        if problem:
            for order in orders:
                self._deny(order, problem)
            return False
        if order_list is not None:
            self._cache.add_order_list(order_list)
        for order in orders:
            self.record(order, position_id, client_id)
        reason = self._failing_store()
        for order in orders if reason else ():
            self._deny(order, reason)
        return not reason

    def _take_over_orders(
        self, orders: list[Order], command: TradingCommand, position_id: PositionId | None, was_held: bool = False
    ) -> bool:
        """Record all of `orders`, or see to it that none is sent: half a bracket is worse than none."""
        cache = self._cache
        for order in orders:
            if cache.is_id_used(order) and not (was_held and cache.order(order.client_order_id) is order):
                return not self._refuse_used(orders)
        stored = cache.store is not None
        reason = self._held(command, orders) or (self._failing_store() if stored else "") or self._convert(orders)
        if not reason and position_id is not None:
            reason = self._position_of_another(position_id, orders)
        if not reason:
            if type(command) is SubmitOrderList:
                self._cache.add_order_list(command.order_list)
            for order in () if was_held else orders:
                self.record(order, position_id, command.client_id)
            if stored:  # writing these very orders may have failed: then they must not leave
                reason = self._failing_store()
        if not reason:
            return True
        for order in orders:
            self._deny(order, reason)
        return False

    def _convert(self, orders: list[Order]) -> str:
        """Give orders in quote currency quantities of the base; returns why that cannot be."""
        for order in orders:
            if order.init.quote_quantity and self._converts_quotes:
                problem = convert(order, self._cache.instrument(order.instrument_id), self._cache)
                if problem:
                    return problem
        return ""

    def _held(self, command: TradingCommand, orders: list[Order]) -> str:
        """Return why there is nobody who could take the orders now."""
        client = self._routes.find(command.instrument_id.venue, command.client_id)
        if client is not None:
            return self._holds.against_orders(client.id, orders)
        wanted = f"client {command.client_id}" if command.client_id else f"a client for {command.instrument_id.venue}"
        return f"an order needs a client, {wanted} is not there"

    def _position_of_another(self, position_id: PositionId, orders: list[Order]) -> str:
        """Return why the orders cannot be for that position: it is, or will be, one of another instrument."""
        position = self._cache.position(position_id)
        if position is not None:
            taken = {position.instrument_id: f"{position_id} is of {position.instrument_id}"}
        else:  # the first fill opens it, of whichever order that is on its way
            active = (*self._cache.orders_open(), *self._cache.orders_inflight())
            taken = {
                one.instrument_id: f"{position_id} is what {one.client_order_id} in {one.instrument_id} will open"
                for one in active
                if self._cache.position_id(one.client_order_id) == position_id
            }
        for order in orders:
            for instrument_id, whose in taken.items():
                if instrument_id != order.instrument_id:
                    ours = f"the order is of {order.instrument_id}"
                    return f"position_id: must be unique over all instruments, {whose}, {ours}"
        return ""

    def _failing_store(self) -> str:
        store = self._cache.store
        if store is None or store.is_healthy:
            return ""
        mark("commands.store_fails")
        return f"the store must have an order before it is sent, was failing: {store.error}"

    # -- handing over, from the queue --------------------------------------------------------------------------------

    def cancel_tasks(self) -> None:
        """Give up waiting for answers."""
        self._tasks.cancel()

    def _client(self, command: TradingCommand, known: Order | None = None) -> ExecutionClient | None:
        client_id = command.client_id
        if client_id is None and known is not None:
            client_id = self._cache.client_id(known.client_order_id)
        client = self._routes.find(command.instrument_id.venue, client_id)
        if client_id is None and known is not None and client is not None:
            if known.account_id not in (None, client.account_id):  # a venue's second account has a client of its own
                client = next((one for one in self._routes.all() if one.account_id == known.account_id), client)
        if client is None:
            self._log.error("%s: no client to send a %s to", command.instrument_id, type(command).__name__)
        return client

    def _submit(self, command: SubmitOrder) -> None:
        order = command.order
        if order.status not in UNSENT_STATUSES:
            self._log.warning("%s: not sent, it is %s", order.client_order_id, order.status)
            return
        client = self._client(command)
        if client is None:
            self._deny(order, GONE)
        elif self._holds.clients and (reason := self._lost(client)):
            self._deny(order, reason)
        else:
            if command.was_held:
                self.handed_over.add(order)
            client.submit_order(self._named_there(command, client))

    def _submit_list(self, command: SubmitOrderList) -> None:
        client = self._client(command)
        reason = GONE if client is None else self._lost(client) if self._holds.clients else ""
        if client is None or reason:
            for order in command.order_list.orders:
                self._deny(order, reason)
        else:
            client.submit_order_list(self._named_there(command, client))

    def _lost(self, client: ExecutionClient) -> str:
        """Return why the client, lost since the order was taken over, gets it no more."""
        return self._holds.reason(client.id)

    def _modify(self, command: ModifyOrder) -> None:
        order = self._working(command)
        if order is None:
            return
        client = self._client(command, order)
        if client is None:
            self._refuse(command, "a modification needs a client, there is none")
            return
        reason = self._holds.against_modification(client.id, command, order)
        if reason:
            self._refuse(command, reason)
        else:
            client.modify_order(command)

    def _cancel(self, command: CancelOrder) -> None:
        order = self._working(command)
        if order is None:
            return
        client = self._client(command, order)
        if client is None:
            self._refuse(command, "a cancel needs a client, there is none")
        else:
            client.cancel_order(command)

    def _cancel_all(self, command: CancelAllOrders) -> None:
        instrument_id, strategy_id = command.instrument_id, command.strategy_id
        open_ = self._cache.orders_open(instrument_id=instrument_id, strategy_id=strategy_id)
        waiting = self._cache.orders_inflight(instrument_id=instrument_id, strategy_id=strategy_id)
        live = {order.client_order_id: order for order in (*open_, *waiting)}  # a pending one is both
        clients = [self._client(command, order) for order in live.values()]
        for order, client in zip(live.values(), clients, strict=True):
            # Its strategy has marked it as pending; it must not wait for an answer that cannot come.
            if client is None and order.status is OrderStatus.PENDING_CANCEL:
                self._refuse(_cancel_of(command, order), "a cancel needs a client, there is none")
        for client in {one.id.value: one for one in clients or [self._client(command)] if one is not None}.values():
            client.cancel_all_orders(command)

    def _batch_cancel(self, command: BatchCancelOrders) -> None:
        batches: dict[str, tuple[ExecutionClient, list[CancelOrder]]] = {}
        for cancel in command.cancels:
            order = self._working(cancel)
            client = None if order is None else self._client(command, order)
            if client is not None:
                batches.setdefault(client.id.value, (client, []))[1].append(cancel)
            elif order is not None:
                self._refuse(cancel, "a cancel needs a client, there is none")
        for client, cancels in batches.values():
            client.batch_cancel_orders(structs.replace(command, cancels=tuple(cancels)))

    def _working(self, command: ModifyOrder | CancelOrder) -> Order | None:
        """Return the order if there is still something to change about it."""
        order = self._cache.order(command.client_order_id)
        if order is None or order.is_closed:
            state = "is not known" if order is None else f"is {order.status}"
            self._log.warning("%s: %s not sent, the order %s", command.client_order_id, type(command).__name__, state)
            return None
        return order

    # -- questions ---------------------------------------------------------------------------------------------------

    def _query(self, command: QueryOrder) -> None:
        order = self._cache.order(command.client_order_id)
        client = self._client(command, order)
        if client is not None:
            question = ask_about_order(client, command, self._cache, self._on_report, self._log)
            self._tasks.start(question, f"query {command.client_order_id}")

    def _query_account(self, command: QueryAccount) -> None:
        for client in self._routes.all():
            if client.id == command.client_id or (
                command.client_id is None and client.account_id == command.account_id
            ):
                client.query_account(command)
                return
        self._log.error("%s: no client to ask for the account", command.account_id)


def _cancel_of(command: CancelAllOrders, order: Order) -> CancelOrder:
    return CancelOrder(
        trader_id=command.trader_id,
        command_id=command.command_id,
        ts_init=command.ts_init,
        strategy_id=command.strategy_id,
        instrument_id=command.instrument_id,
        client_id=command.client_id,
        client_order_id=order.client_order_id,
        venue_order_id=order.venue_order_id,
    )
