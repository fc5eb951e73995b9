"""The base class of execution clients: what every adapter needs and no venue is different in.

Knows the ports and asyncio. An adapter implements the hooks (`_connect`, `_submit_order`, ...); one that lacks any
cannot be made. Hooks are coroutines and may take their time; the port's own methods start one task per command and
return at once. An exception in a hook is logged and means that the outcome is unknown; a rejection is said by
`generate_order_rejected` and by nothing else. The one exception is `RequestNotSent`: a command that certainly never
left is refused at once, so that nobody waits for it. What the venue says goes to the sink by the `generate_...` methods
of `EventMaker`.
"""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Awaitable
from typing import TypeVar

from nautilus_live.adapters.data_client import LiveDataClient
from nautilus_live.adapters.event_maker import EventMaker
from nautilus_live.adapters.ports import ExecutionClientContext, OrderQuery, ReportsQuery
from nautilus_live.adapters.tasks import Tasks
from nautilus_live.errors import KernelError, UnreadableRecords
from nautilus_live.model.commands import (
    BatchCancelOrders,
    CancelAllOrders,
    CancelOrder,
    ModifyOrder,
    QueryAccount,
    SubmitOrder,
    SubmitOrderList,
)
from nautilus_live.model.enums import AccountType, OmsType, OrderStatus, Provenance
from nautilus_live.model.identifiers import AccountId, ClientId, InstrumentId, Venue
from nautilus_live.model.instruments import Instrument
from nautilus_live.model.objects import Currency
from nautilus_live.model.orders import Order
from nautilus_live.model.reports import (
    ExecutionMassStatus,
    FillReport,
    OrderStatusReport,
    PositionStatusReport,
)

__all__ = ["LiveDataClient", "LiveExecutionClient"]

NANOSECONDS_PER_MINUTE = 60_000_000_000
ACCOUNT_RETRY_S_MIN, ACCOUNT_RETRY_S_MAX = 1.0, 60.0
T = TypeVar("T")


class LiveExecutionClient(EventMaker, ABC):
    """A connection to the trading side of one account; implements `ports.ExecutionClient`.

    Args:
        context: what the node gives.
        venue: the venue it is named after.
        account_id: the account.
        oms_type: how the venue keeps positions.
        links_orders: whether the venue keeps the links of a list's orders itself.
        account_type: what the account may do.
        base_currency: the account's one currency, None for several.

    """

    def __init__(
        self,
        context: ExecutionClientContext,
        *,
        venue: Venue,
        account_id: AccountId,
        oms_type: OmsType,
        account_type: AccountType,
        base_currency: Currency | None = None,
        links_orders: bool = False,
    ) -> None:
        super().__init__(context, account_id=account_id, account_type=account_type, base_currency=base_currency)
        self.id = ClientId(context.name)
        self.venue = venue
        self.oms_type = oms_type
        self.links_orders = links_orders
        self._log = logging.getLogger(f"{type(self).__module__}.{context.name}")
        self._loop = context.loop
        self._cache = context.cache
        self._tasks = Tasks(context.loop, self._log)
        self._connected = False
        self._account_wanted: QueryAccount | None = None
        self._asks_for_account = False

    @property
    def is_connected(self) -> bool:
        """Whether the venue is heard. Cancels are sent even while it is not: requests often go another way."""
        return self._connected

    # -- connection --------------------------------------------------------------------------------------------------

    async def connect(self) -> None:
        """Connect, load instruments and the account state; raises a `KernelError` when it cannot."""
        await self._connect()
        self._connected = True

    async def disconnect(self) -> None:
        """Disconnect; cancels what is outstanding."""
        self._connected = self._asks_for_account = False
        self._account_wanted = None
        await self._tasks.cancel_all()
        await self._disconnect()

    def report_connection_change(self, connected: bool, reason: str, since_ns: int | None = None) -> None:
        """Tell the engine that the stream was lost, or is back.

        Args:
            connected: whether the venue is heard.
            reason: why this changed.
            since_ns: for a loss, when the venue was last known to be heard, in nanoseconds; by default now.

        """
        self._connected = connected
        self._sink.receive_connection_change(self.id, connected, reason, since_ns)

    def report_missed(self, since_ns: int, reason: str) -> None:
        """Tell the engine that something was missed since `since_ns` although the stream stood (a sequence gap)."""
        self._sink.receive_missed(self.id, since_ns, reason)

    @abstractmethod
    async def _connect(self) -> None: ...

    @abstractmethod
    async def _disconnect(self) -> None: ...

    # -- commands ----------------------------------------------------------------------------------------------------

    def submit_order(self, command: SubmitOrder) -> None:
        """Send an order."""
        what = "submit " + command.order.client_order_id.value
        self._tasks.start(self._submit_order(command), what, self._on_submit_unsent, command.order)

    def submit_order_list(self, command: SubmitOrderList) -> None:
        """Send orders that belong together."""
        self._tasks.start(
            self._submit_order_list(command), f"submit list {command.order_list.id}", self._on_list_unsent, command
        )

    def modify_order(self, command: ModifyOrder) -> None:
        """Change an order."""
        what = "modify " + command.client_order_id.value
        self._tasks.start(self._modify_order(command), what, self._on_modify_unsent, command)

    def cancel_order(self, command: CancelOrder) -> None:
        """Cancel an order."""
        what = "cancel " + command.client_order_id.value
        self._tasks.start(self._cancel_order(command), what, self._on_cancel_unsent, command)

    def cancel_all_orders(self, command: CancelAllOrders) -> None:
        """Cancel the open orders of one strategy and instrument."""
        self._tasks.start(
            self._cancel_all_orders(command),
            f"cancel all {command.instrument_id}",
            self._on_cancel_all_unsent,
            command,
        )

    def batch_cancel_orders(self, command: BatchCancelOrders) -> None:
        """Cancel several orders."""
        what = f"cancel {len(command.cancels)} of {command.instrument_id}"
        self._tasks.start(self._batch_cancel_orders(command), what, self._on_batch_cancel_unsent, command)

    def query_account(self, command: QueryAccount) -> None:
        """Ask for the account state; it arrives at the sink. Without an answer it is asked again, ever less often."""
        self._account_wanted = command
        if not self._asks_for_account:
            self._asks_for_account = True
            self._tasks.start(self._ask_for_account(), f"query account {command.account_id}")

    async def _ask_for_account(self) -> None:
        wait_s = ACCOUNT_RETRY_S_MIN
        try:
            while (command := self._account_wanted) is not None:
                self._account_wanted = None  # whoever asks from here on wants a newer state than this one
                try:
                    await self._query_account(command)
                except KernelError as error:
                    self._log.warning("query account %s: not answered, asked again: %s", command.account_id, error)
                    self._account_wanted = command
                    await asyncio.sleep(wait_s)
                    wait_s = min(wait_s * 2, ACCOUNT_RETRY_S_MAX)
        finally:
            self._account_wanted, self._asks_for_account = None, False

    @abstractmethod
    async def _submit_order(self, command: SubmitOrder) -> None: ...

    async def _submit_order_list(self, command: SubmitOrderList) -> None:
        for order in command.order_list.orders:
            await self._submit_order(
                SubmitOrder(
                    trader_id=command.trader_id,
                    command_id=command.command_id,
                    ts_init=command.ts_init,
                    strategy_id=command.strategy_id,
                    instrument_id=command.instrument_id,
                    client_id=command.client_id,
                    order=order,
                    position_id=command.position_id,
                )
            )

    @abstractmethod
    async def _modify_order(self, command: ModifyOrder) -> None: ...

    @abstractmethod
    async def _cancel_order(self, command: CancelOrder) -> None: ...

    @abstractmethod
    async def _cancel_all_orders(self, command: CancelAllOrders) -> None: ...

    async def _batch_cancel_orders(self, command: BatchCancelOrders) -> None:
        for cancel in command.cancels:
            await self._cancel_order(cancel)

    @abstractmethod
    async def _query_account(self, command: QueryAccount) -> None: ...

    # -- commands that never left ------------------------------------------------------------------------------------

    def _on_submit_unsent(self, order: Order, reason: str) -> None:
        ids = (order.strategy_id, order.instrument_id, order.client_order_id)
        self.generate_order_rejected(*ids, reason, self._clock.timestamp_ns(), provenance=Provenance.LOCAL)

    def _on_list_unsent(self, command: SubmitOrderList, reason: str) -> None:
        for order in command.order_list.orders:
            if order.status in (OrderStatus.INITIALIZED, OrderStatus.SUBMITTED):
                self._on_submit_unsent(order, reason)

    def _on_modify_unsent(self, command: ModifyOrder, reason: str) -> None:
        ids = (command.strategy_id, command.instrument_id, command.client_order_id)
        now = self._clock.timestamp_ns()
        self.generate_order_modify_rejected(*ids, command.venue_order_id, reason, now, provenance=Provenance.LOCAL)

    def _on_cancel_unsent(self, command: CancelOrder, reason: str) -> None:
        ids = (command.strategy_id, command.instrument_id, command.client_order_id)
        now = self._clock.timestamp_ns()
        self.generate_order_cancel_rejected(*ids, command.venue_order_id, reason, now, provenance=Provenance.LOCAL)

    def _on_batch_cancel_unsent(self, command: BatchCancelOrders, reason: str) -> None:
        for cancel in command.cancels:
            self._on_cancel_unsent(cancel, reason)

    def _on_cancel_all_unsent(self, command: CancelAllOrders, reason: str) -> None:
        """Refuse each of the strategy's cancels: it marked its orders as pending before it sent the command."""
        now = self._clock.timestamp_ns()
        for order in self._cache.orders_inflight(instrument_id=command.instrument_id, strategy_id=command.strategy_id):
            if order.status is OrderStatus.PENDING_CANCEL and command.order_side in (None, order.side):
                ids = (order.strategy_id, order.instrument_id, order.client_order_id)
                self.generate_order_cancel_rejected(
                    *ids, order.venue_order_id, reason, now, provenance=Provenance.LOCAL
                )

    # -- queries -----------------------------------------------------------------------------------------------------

    @abstractmethod
    async def generate_order_status_report(self, query: OrderQuery) -> OrderStatusReport | None:
        """Return one order's report, `None` when the venue confirmed that it has no such order."""
        ...

    @abstractmethod
    async def generate_order_status_reports(self, query: ReportsQuery) -> list[OrderStatusReport]:
        """Return the order reports, all pages.

        Raises:
            UnreadableRecords: if some cannot be read; a start takes the others.

        """
        ...

    @abstractmethod
    async def generate_fill_reports(self, query: ReportsQuery) -> list[FillReport]:
        """Return the fill reports, all pages."""
        ...

    @abstractmethod
    async def generate_position_status_reports(self, query: ReportsQuery) -> list[PositionStatusReport]:
        """Return the position reports, all pages."""
        ...

    @abstractmethod
    async def load_instrument(self, instrument_id: InstrumentId) -> Instrument | None:
        """Return an instrument definition on demand, `None` when the venue confirmed that it has none."""
        ...

    async def generate_mass_status(self, lookback_mins: int | None = None) -> ExecutionMassStatus:
        """Return orders, fills and positions since `lookback_mins` (None or 0: all); an unanswered part is `None`."""
        now = self._clock.timestamp_ns()
        start_ns = now - lookback_mins * NANOSECONDS_PER_MINUTE if lookback_mins else None
        query = ReportsQuery(start_ns=start_ns)
        unreadable: list[str] = []
        async with asyncio.TaskGroup() as group:
            orders = group.create_task(self._orders(query, unreadable))
            fills = group.create_task(self._answer("fills", self.generate_fill_reports(query)))
            # A position is what it is now, whatever the period asked about.
            positions = group.create_task(
                self._answer("positions", self.generate_position_status_reports(ReportsQuery()))
            )
        return ExecutionMassStatus(
            client_id=self.id,
            account_id=self.account_id,
            venue=self.venue,
            orders=orders.result(),
            fills=fills.result(),
            positions=positions.result(),
            ts_init=self._clock.timestamp_ns(),
            start_ns=start_ns,
            report_id=self._event_ids.next(),
            unreadable=tuple(unreadable),
        )

    async def _orders(self, query: ReportsQuery, unreadable: list[str]) -> list[OrderStatusReport] | None:
        """Return the list of orders; records that nobody can read go to `unreadable`, and leave the others known."""
        question = self.generate_order_status_reports(query)
        try:
            return await question
        except UnreadableRecords as partial:
            unreadable += partial.records
            return partial.readable
        except Exception as error:
            self._tell_unknown("orders", error)
            return None

    async def _answer(self, part: str, question: Awaitable[list[T]]) -> list[T] | None:
        """Return the answer to one question; None if it failed, for then nothing is known."""
        try:
            return await question
        except Exception as error:
            self._tell_unknown(part, error)
            return None

    def _tell_unknown(self, part: str, error: Exception) -> None:
        self._log.error("%s: the %s are unknown: %s: %s", self.id, part, type(error).__name__, error)
