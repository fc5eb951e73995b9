"""Base classes of clients: what every adapter needs and no venue is different in.

Know the ports and asyncio. An adapter overrides the hooks (`_connect`, `_submit_order`, ...), which are coroutines and
may take their time; the port's own methods start one task per command and return at once. An exception in a hook is
logged and means that the outcome is unknown; a rejection is said by `generate_order_rejected` and by nothing else. What
the venue says goes to the sink by the `generate_...` methods of `EventMaker`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable
from typing import TypeVar

from nautilus_live.adapters.event_maker import EventMaker
from nautilus_live.adapters.ports import DataClientContext, ExecutionClientContext, OrderQuery, ReportsQuery
from nautilus_live.adapters.tasks import Tasks
from nautilus_live.model.commands import (
    BatchCancelOrders,
    CancelAllOrders,
    CancelOrder,
    ModifyOrder,
    QueryAccount,
    SubmitOrder,
    SubmitOrderList,
)
from nautilus_live.model.enums import AccountType, OmsType
from nautilus_live.model.identifiers import AccountId, ClientId, InstrumentId, Venue
from nautilus_live.model.instruments import Instrument
from nautilus_live.model.objects import Currency
from nautilus_live.model.reports import (
    ExecutionMassStatus,
    FillReport,
    OrderStatusReport,
    PositionStatusReport,
)

NANOSECONDS_PER_MINUTE = 60_000_000_000
T = TypeVar("T")


class LiveExecutionClient(EventMaker):
    """A connection to the trading side of one account; implements `ports.ExecutionClient`.

    Args:
        context: what the node gives.
        venue: the venue it is named after.
        account_id: the account.
        oms_type: how the venue keeps positions.
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
    ) -> None:
        super().__init__(context, account_id=account_id, account_type=account_type, base_currency=base_currency)
        self.id = ClientId(context.name)
        self.venue = venue
        self.oms_type = oms_type
        self._log = logging.getLogger(f"{type(self).__module__}.{context.name}")
        self._loop = context.loop
        self._cache = context.cache
        self._tasks = Tasks(context.loop, self._log)
        self._connected = False

    @property
    def is_connected(self) -> bool:
        """Whether commands can be sent."""
        return self._connected

    # -- connection --------------------------------------------------------------------------------------------------

    async def connect(self) -> None:
        """Connect, load instruments and the account state; raises a `KernelError` when it cannot."""
        await self._connect()
        self._connected = True

    async def disconnect(self) -> None:
        """Disconnect; cancels what is outstanding."""
        self._connected = False
        await self._tasks.cancel_all()
        await self._disconnect()

    def report_connection_change(self, connected: bool, reason: str) -> None:
        """Tell the engine that the connection was lost, or is back."""
        self._connected = connected
        self._sink.receive_connection_change(self.id, connected, reason)

    async def _connect(self) -> None:
        raise NotImplementedError

    async def _disconnect(self) -> None:
        raise NotImplementedError

    # -- commands ----------------------------------------------------------------------------------------------------

    def submit_order(self, command: SubmitOrder) -> None:
        """Send an order."""
        self._tasks.start(self._submit_order(command), "submit " + command.order.client_order_id.value)

    def submit_order_list(self, command: SubmitOrderList) -> None:
        """Send orders that belong together."""
        self._tasks.start(self._submit_order_list(command), f"submit list {command.order_list.id}")

    def modify_order(self, command: ModifyOrder) -> None:
        """Change an order."""
        self._tasks.start(self._modify_order(command), "modify " + command.client_order_id.value)

    def cancel_order(self, command: CancelOrder) -> None:
        """Cancel an order."""
        self._tasks.start(self._cancel_order(command), "cancel " + command.client_order_id.value)

    def cancel_all_orders(self, command: CancelAllOrders) -> None:
        """Cancel the open orders of one strategy and instrument."""
        self._tasks.start(self._cancel_all_orders(command), f"cancel all {command.instrument_id}")

    def batch_cancel_orders(self, command: BatchCancelOrders) -> None:
        """Cancel several orders."""
        self._tasks.start(
            self._batch_cancel_orders(command), f"cancel {len(command.cancels)} of {command.instrument_id}"
        )

    def query_account(self, command: QueryAccount) -> None:
        """Ask for the account state; it arrives at the sink."""
        self._tasks.start(self._query_account(command), f"query account {command.account_id}")

    async def _submit_order(self, command: SubmitOrder) -> None:
        raise NotImplementedError

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

    async def _modify_order(self, command: ModifyOrder) -> None:
        raise NotImplementedError

    async def _cancel_order(self, command: CancelOrder) -> None:
        raise NotImplementedError

    async def _cancel_all_orders(self, command: CancelAllOrders) -> None:
        raise NotImplementedError

    async def _batch_cancel_orders(self, command: BatchCancelOrders) -> None:
        for cancel in command.cancels:
            await self._cancel_order(cancel)

    async def _query_account(self, command: QueryAccount) -> None:
        raise NotImplementedError

    # -- queries -----------------------------------------------------------------------------------------------------

    async def generate_order_status_report(self, query: OrderQuery) -> OrderStatusReport | None:
        """Return one order's report, `None` when the venue confirmed that it has no such order."""
        raise NotImplementedError

    async def generate_order_status_reports(self, query: ReportsQuery) -> list[OrderStatusReport]:
        """Return the order reports, all pages."""
        raise NotImplementedError

    async def generate_fill_reports(self, query: ReportsQuery) -> list[FillReport]:
        """Return the fill reports, all pages."""
        raise NotImplementedError

    async def generate_position_status_reports(self, query: ReportsQuery) -> list[PositionStatusReport]:
        """Return the position reports, all pages."""
        raise NotImplementedError

    async def load_instrument(self, instrument_id: InstrumentId) -> Instrument | None:
        """Return an instrument definition on demand, `None` when the venue confirmed that it has none."""
        raise NotImplementedError

    async def generate_mass_status(self, lookback_mins: int | None = None) -> ExecutionMassStatus:
        """Return orders, fills and positions since `lookback_mins` (None or 0: all); an unanswered part is `None`."""
        now = self._clock.timestamp_ns()
        start_ns = now - lookback_mins * NANOSECONDS_PER_MINUTE if lookback_mins else None
        query = ReportsQuery(start_ns=start_ns)
        async with asyncio.TaskGroup() as group:
            orders = group.create_task(self._answer("orders", self.generate_order_status_reports(query)))
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
        )

    async def _answer(self, part: str, question: Awaitable[list[T]]) -> list[T] | None:
        """Return the answer to one question; None if it failed, for then nothing is known."""
        try:
            return await question
        except Exception as error:
            self._log.error("%s: the %s are unknown: %s: %s", self.id, part, type(error).__name__, error)
            return None


class LiveDataClient:
    """A connection to a source of market data; implements `ports.DataClient`."""

    def __init__(self, context: DataClientContext, *, venue: Venue | None) -> None:
        self.id = ClientId(context.name)
        self.venue = venue
        self._log = logging.getLogger(f"{type(self).__module__}.{context.name}")
        self._loop = context.loop
        self._clock = context.clock
        self._sink = context.sink
        self._cache = context.cache
        self._tasks = Tasks(context.loop, self._log)
        self._connected = False

    @property
    def is_connected(self) -> bool:
        """Whether data can flow."""
        return self._connected

    async def connect(self) -> None:
        """Connect and load instruments."""
        await self._connect()
        self._connected = True

    async def disconnect(self) -> None:
        """Disconnect; cancels what is outstanding."""
        self._connected = False
        await self._tasks.cancel_all()
        await self._disconnect()

    def subscribe_quote_ticks(self, instrument_id: InstrumentId) -> None:
        """Let quotes of the instrument flow to the sink."""
        self._tasks.start(self._subscribe_quote_ticks(instrument_id), f"subscribe quotes {instrument_id}")

    def unsubscribe_quote_ticks(self, instrument_id: InstrumentId) -> None:
        """Stop quotes of the instrument."""
        self._tasks.start(self._unsubscribe_quote_ticks(instrument_id), f"unsubscribe quotes {instrument_id}")

    def subscribe_trade_ticks(self, instrument_id: InstrumentId) -> None:
        """Let trades of the instrument flow to the sink."""
        self._tasks.start(self._subscribe_trade_ticks(instrument_id), f"subscribe trades {instrument_id}")

    def unsubscribe_trade_ticks(self, instrument_id: InstrumentId) -> None:
        """Stop trades of the instrument."""
        self._tasks.start(self._unsubscribe_trade_ticks(instrument_id), f"unsubscribe trades {instrument_id}")

    async def _connect(self) -> None:
        raise NotImplementedError

    async def _disconnect(self) -> None:
        raise NotImplementedError

    async def _subscribe_quote_ticks(self, instrument_id: InstrumentId) -> None:
        raise NotImplementedError

    async def _unsubscribe_quote_ticks(self, instrument_id: InstrumentId) -> None:
        raise NotImplementedError

    async def _subscribe_trade_ticks(self, instrument_id: InstrumentId) -> None:
        raise NotImplementedError

    async def _unsubscribe_trade_ticks(self, instrument_id: InstrumentId) -> None:
        raise NotImplementedError
