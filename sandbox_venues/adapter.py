"""Transport `direct`: a node's clients that talk to a sandbox venue through its gateway.

May know: the kernel's adapter port and base classes, its model and errors, and this package's gateway and messages.
Promises:
1. A command that is not answered in time has no outcome here: nothing is concluded, nothing is sent again. `OUTCOMES`
   sorts errors.
2. A rejection is said only on a definite refusal. What the answer and the stream both say, both say: the kernel takes
   it once.
3. A query answers with every page or raises. Words about orders that are not ours go on as reports.
"""

from __future__ import annotations

import asyncio
from typing import Any, Literal

from nautilus_live.adapters.client import LiveExecutionClient
from nautilus_live.adapters.ports import ExecutionClientContext, OrderQuery, ReportsQuery
from nautilus_live.errors import RequestNotSent, WireError
from nautilus_live.model.commands import (
    BatchCancelOrders,
    CancelAllOrders,
    ModifyOrder,
    QueryAccount,
    SubmitOrder,
    SubmitOrderList,
)
from nautilus_live.model.commands import CancelOrder as CancelOrderCommand
from nautilus_live.model.enums import Provenance
from nautilus_live.model.identifiers import AccountId, ClientOrderId, InstrumentId, Venue
from nautilus_live.model.instruments import Instrument
from nautilus_live.model.objects import Currency
from nautilus_live.model.orders import Order
from nautilus_live.model.reports import FillReport, OrderStatusReport, PositionStatusReport
from sandbox_venues.adapter_config import SandboxDataClientConfig, SandboxExecClientConfig
from sandbox_venues.adapter_orders import cancel_of_one, cancel_of_several, parts_of, place_order, reason_of
from sandbox_venues.adapter_stream import StreamReader
from sandbox_venues.gateway import Connection, VenueGateway
from sandbox_venues.messages import (
    AccountMessage,
    AmendOrder,
    Answer,
    CancelOrder,
    CancelOrders,
    Done,
    Garbled,
    GetAccount,
    GetInstruments,
    Message,
    PlaceOrders,
    Refusal,
    Request,
    Trouble,
)
from sandbox_venues.paging import find_order, read_fills, read_orders, read_pages, read_positions
from sandbox_venues.stream_keeper import StreamKeeper

__all__ = [
    "SandboxDataClientConfig",
    "SandboxExecClientConfig",
    "SandboxExecutionClient",
    "SandboxLiveExecClientFactory",
]

Outcome = Literal["refused", "unknown"]
OUTCOMES: dict[str, Outcome] = {
    "DUPLICATE_ID": "unknown",  # Some order has that id, and it may well be the one that we sent.
    "-1003": "refused",  # Too many requests: turned away at the door.
    "429": "refused",
    "418": "refused",
    "503-DOOR": "refused",
}
"""What an error proves about the command. A `Refusal` not listed is definite; any other trouble proves nothing."""


class SandboxExecutionClient(LiveExecutionClient):
    """The trading side of one account at a sandbox venue."""

    def __init__(self, context: ExecutionClientContext, gateway: VenueGateway, config: SandboxExecClientConfig) -> None:
        profile = gateway.venue.profile
        super().__init__(
            context,
            venue=Venue(gateway.venue.name),
            account_id=AccountId(config.account_id),
            oms_type=profile.oms,
            links_orders=profile.contingencies,
            account_type=profile.account,
            base_currency=None if profile.base_currency is None else Currency.from_str(profile.base_currency),
        )
        self._gateway = gateway
        self._keeps_conditional_apart = profile.conditional_orders == "apart"
        self._config = config
        self._connection: Connection | None = None
        self._reader = StreamReader(self, context.cache, context.sink, trades_apart=profile.trades_apart)
        self._turned_away_until_ns = 0
        self._keeper = StreamKeeper(
            pace=config,
            clock=context.clock,
            start=self._tasks.start,
            report=self.report_connection_change,
            renew=self._refresh_account,
            log=self._log,
        )

    # -- connection

    async def _connect(self) -> None:
        timeout_secs = self._config.request_timeout_secs
        self._connection = await self._gateway.connect(self.id.value, (self.account_id,), self, timeout_secs)
        for item in await self._pages(GetInstruments()):
            self._sink.receive_instrument(item)
        await self._refresh_account()
        self._keeper.keep(self._connection)

    async def _disconnect(self) -> None:
        self._keeper.let_go()
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def on_stream_lost(self, reason: str) -> None:
        """Learn that the stream ended without being asked to."""
        self._keeper.lost(reason)

    def on_message(self, message: Message) -> None:
        """Take a stream message."""
        if isinstance(message, Garbled):
            # Whatever it was is lost; only a new stream and a look at the venue's record can tell what.
            self._keeper.lost(f"unreadable message on the stream, was {message.was}")
            return
        self._keeper.heard()
        self._reader.take(message)

    # -- commands

    async def _submit_order(self, command: SubmitOrder) -> None:
        order = command.order
        self._say_submitted(order)
        with self._reader.submitting():
            place = place_order(order, self.account_id, command, was_held=command.was_held)
            answer = await self._ask(place)
            self._conclude_submit(order, answer)

    async def _submit_order_list(self, command: SubmitOrderList) -> None:
        orders = command.order_list.orders
        for order in orders:
            self._say_submitted(order)
        places = tuple(place_order(order, self.account_id, command) for order in orders)
        with self._reader.submitting():
            answer = await self._ask(PlaceOrders(account_id=self.account_id, orders=places))
            for order, result in zip(orders, parts_of(answer, len(orders)), strict=True):
                self._conclude_submit(order, result)

    def _say_submitted(self, order: Order) -> None:
        now_ns = self._clock.timestamp_ns()
        self.generate_order_submitted(order.strategy_id, order.instrument_id, order.client_order_id, now_ns)

    def _conclude_submit(self, order: Order, answer: Answer) -> None:
        if isinstance(answer, Done):
            if answer.order is not None and self._is_about(answer.order, order.client_order_id, "submit"):
                self._reader.take_placed(order.client_order_id, answer.order, answer.fills)
            return
        reason = self._refused(answer, f"submit {order.client_order_id}")
        if reason is not None:
            post_only = isinstance(answer, Refusal) and answer.due_post_only
            self.generate_order_rejected(
                order.strategy_id,
                order.instrument_id,
                order.client_order_id,
                reason,
                self._clock.timestamp_ns(),
                due_post_only=post_only,
                provenance=Provenance.RESPONSE,
            )

    async def _modify_order(self, command: ModifyOrder) -> None:
        answer = await self._ask(
            AmendOrder(
                account_id=self.account_id,
                instrument_id=command.instrument_id,
                client_order_id=command.client_order_id,
                venue_order_id=None if self._gateway.venue.profile.modify != "amend" else command.venue_order_id,
                quantity=command.quantity,
                price=command.price,
                trigger_price=command.trigger_price,
            )
        )
        if isinstance(answer, Done) and answer.order is not None:
            if self._is_about(answer.order, command.client_order_id, "modify"):
                self._reader.take_changed(command.client_order_id, answer.order)
            return
        reason = self._refused(answer, f"modify {command.client_order_id}")
        if reason is not None:
            self.generate_order_modify_rejected(
                command.strategy_id,
                command.instrument_id,
                command.client_order_id,
                command.venue_order_id,
                reason,
                self._clock.timestamp_ns(),
            )

    async def _cancel_order(self, command: CancelOrderCommand) -> None:
        answer = await self._ask(self._cancel_of(command))
        self._conclude_cancel(command, answer)

    async def _batch_cancel_orders(self, command: BatchCancelOrders) -> None:
        cancels = tuple(self._cancel_of(cancel) for cancel in command.cancels)
        answer = await self._ask(CancelOrders(account_id=self.account_id, cancels=cancels))
        for cancel, result in zip(command.cancels, parts_of(answer, len(cancels)), strict=True):
            self._conclude_cancel(cancel, result)

    async def _cancel_all_orders(self, command: CancelAllOrders) -> None:
        """Cancel what the venue says is open, and what the strategy has marked: lists lag, and leave some orders out.

        Only what that strategy owns: the account may have other orders.
        """
        query = ReportsQuery(instrument_id=command.instrument_id, open_only=True)
        listed = [self._reader.name_of(report) for report in await self.generate_order_status_reports(query)]
        orders = [self._cache.order(name) for name in listed if name is not None]
        inflight = self._cache.orders_inflight(instrument_id=command.instrument_id, strategy_id=command.strategy_id)
        orders += [order for order in inflight if order.is_pending_cancel]
        owned: dict[ClientOrderId, CancelOrderCommand] = {}
        for order in orders:
            if order is None or order.strategy_id != command.strategy_id:
                continue
            if command.order_side in (None, order.side) and order.account_id in (None, self.account_id):
                owned[order.client_order_id] = cancel_of_one(command, order.client_order_id)
        if owned:
            await self._batch_cancel_orders(cancel_of_several(command, list(owned.values())))

    def _cancel_of(self, command: CancelOrderCommand) -> CancelOrder:
        # Our own id names the order wherever it moved by cancel and replace; the venue's id may be a superseded one.
        return CancelOrder(
            account_id=self.account_id, instrument_id=command.instrument_id, client_order_id=command.client_order_id
        )

    def _conclude_cancel(self, command: CancelOrderCommand, answer: Answer) -> None:
        if isinstance(answer, Done) and answer.order is not None:
            if self._is_about(answer.order, command.client_order_id, "cancel"):
                self._reader.take_canceled(command.client_order_id, answer.order)
            return
        reason = self._refused(answer, f"cancel {command.client_order_id}")
        if reason is not None:
            self.generate_order_cancel_rejected(
                command.strategy_id,
                command.instrument_id,
                command.client_order_id,
                command.venue_order_id,
                reason,
                self._clock.timestamp_ns(),
            )

    async def _query_account(self, command: QueryAccount) -> None:
        await self._refresh_account()

    async def _refresh_account(self) -> None:
        answer = await self._ask(GetAccount(account_id=self.account_id))
        if not isinstance(answer, AccountMessage):
            raise WireError(f"{self.id}: the account state must be answered, was {reason_of(answer)}")
        self._reader.take_account(answer)

    def _is_about(self, report: OrderStatusReport, client_order_id: ClientOrderId, what: str) -> bool:
        """Return whether an answer is about our order; one that names another proves nothing."""
        named = report.client_order_id
        if named is None or named == client_order_id:
            return True
        self._log.warning("%s %s: outcome unknown: the answer is about %s", what, client_order_id, named)
        return False

    def _refused(self, answer: Answer, what: str) -> str | None:
        """Return why the venue definitely did not do it, or None, noted, if that is not known."""
        code = answer.code if isinstance(answer, Refusal | Trouble) else ""
        default: Outcome = "refused" if isinstance(answer, Refusal) else "unknown"
        if OUTCOMES.get(code, default) == "refused":
            return reason_of(answer)
        self._log.warning("%s: outcome unknown: %s", what, reason_of(answer))
        return None

    # -- queries

    async def generate_order_status_report(self, query: OrderQuery) -> OrderStatusReport | None:
        """Return one order's report, `None` when the venue has it neither open, nor closed, nor in its fills."""
        client_order_id = query.client_order_id
        order = None if client_order_id is None else self._cache.order(client_order_id)
        apart, lag_secs = self._keeps_conditional_apart, self._gateway.venue.profile.orders_lag_secs
        return await find_order(self._pages, self.account_id, query, order, apart=apart, lag_secs=lag_secs)

    async def generate_order_status_reports(self, query: ReportsQuery) -> list[OrderStatusReport]:
        """Return the order reports, all pages."""
        return await read_orders(self._pages, self.account_id, query, apart=self._keeps_conditional_apart)

    async def generate_fill_reports(self, query: ReportsQuery) -> list[FillReport]:
        """Return the fill reports, all pages."""
        return await read_fills(self._pages, self.account_id, query)

    async def generate_position_status_reports(self, query: ReportsQuery) -> list[PositionStatusReport]:
        """Return the position reports, all pages."""
        return await read_positions(self._pages, self.account_id, query)

    async def load_instrument(self, instrument_id: InstrumentId) -> Instrument | None:
        """Return an instrument definition on demand, `None` when the venue confirmed that it has none."""
        found = await self._pages(GetInstruments(instrument_id=instrument_id))
        return found[0] if found else None

    async def _pages(self, query: Request) -> list[Any]:
        """Return the items of all pages; any page that fails makes the whole answer unknown."""
        return await read_pages(query, self._ask)

    async def _ask(self, request: Request) -> Answer:
        """Send a request and return what the venue answers.

        Raises:
            RequestNotSent: if there is no connection to send it on.
            WireError: if the answer did not come, or (queries) the venue asked us to wait and the wait is not over.

        """
        if self._connection is None:
            raise RequestNotSent(f"{self.id}: a request needs a connection, was {request.label} without one")
        now_ns = self._clock.timestamp_ns()
        if now_ns < self._turned_away_until_ns and request.label.startswith("query."):
            raise WireError(f"{self.id}: {request.label} must wait until {self._turned_away_until_ns}, was {now_ns}")
        answer = await self._connection.request(request, self._config.request_timeout_secs)
        if isinstance(answer, Trouble) and answer.retry_after_secs is not None:
            self._turned_away_until_ns = self._clock.timestamp_ns() + round(answer.retry_after_secs * 1e9)
        return answer


class SandboxLiveExecClientFactory:
    """Makes execution clients of one venue; give the node an instance."""

    def __init__(self, gateway: VenueGateway) -> None:
        self.gateway = gateway

    def create(
        self,
        loop: asyncio.AbstractEventLoop,
        name: str,
        config: SandboxExecClientConfig,
        context: ExecutionClientContext,
    ) -> SandboxExecutionClient:
        """Return a new client, not yet connected."""
        return SandboxExecutionClient(context, self.gateway, config)
