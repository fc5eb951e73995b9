"""Ports: what the kernel asks of a venue connection, and what a connection may tell the kernel.

Three-valued evidence. A query answers with reports (a complete list), with an empty list (confirmed: there are none),
or raises a `KernelError` (unknown: failed, timed out, a page missing). Unknown is never read as none.

A position id is unique over all instruments and accounts: where a venue's ids are not, the client adds what makes them
so (and takes it away again in commands). A fill whose position id belongs to another instrument is refused.

Commands return at once; what became of them arrives through the sink as events. A client never resends an order
command blindly.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Protocol

from msgspec import Struct

from nautilus_live.model.accounts import Account
from nautilus_live.model.commands import (
    BatchCancelOrders,
    CancelAllOrders,
    CancelOrder,
    ModifyOrder,
    QueryAccount,
    SubmitOrder,
    SubmitOrderList,
)
from nautilus_live.model.data import Data
from nautilus_live.model.data_requests import DataRequest, DataResponse, Feed
from nautilus_live.model.enums import AccountType, BookType, OmsType
from nautilus_live.model.events import AccountState, OrderEvent
from nautilus_live.model.identifiers import (
    AccountId,
    ClientId,
    ClientOrderId,
    InstrumentId,
    StrategyId,
    Venue,
    VenueOrderId,
)
from nautilus_live.model.instruments import Instrument
from nautilus_live.model.orders import Order
from nautilus_live.model.reports import (
    ExecutionMassStatus,
    FillReport,
    OrderStatusReport,
    PositionStatusReport,
)


class Clock(Protocol):
    """Wall time. Elapsed time, sleeping and timeouts are asyncio's own."""

    def timestamp_ns(self) -> int:
        """Return nanoseconds since 1970 (UTC)."""
        ...


class ReportsQuery(Struct, frozen=True, kw_only=True):
    """Which reports are wanted; `None` means no limit. Times are nanoseconds."""

    instrument_id: InstrumentId | None = None
    venue_order_id: VenueOrderId | None = None
    start_ns: int | None = None
    end_ns: int | None = None
    open_only: bool = False


class OrderQuery(Struct, frozen=True, kw_only=True):
    """Which order is meant: by our id, and by the venue's where it is known."""

    instrument_id: InstrumentId
    client_order_id: ClientOrderId | None = None
    venue_order_id: VenueOrderId | None = None


class ExecutionSink(Protocol):
    """Where an execution client delivers what it hears."""

    def process(self, event: OrderEvent, /) -> None:
        """Take an order event."""
        ...

    def receive_report(self, report: OrderStatusReport | FillReport | PositionStatusReport) -> None:
        """Take a report that came unasked, or for an order that the client does not know."""
        ...

    def receive_account_state(self, state: AccountState) -> None:
        """Take an account state."""
        ...

    def receive_instrument(self, instrument: Instrument) -> None:
        """Take an instrument definition."""
        ...

    def receive_connection_change(
        self, client_id: ClientId, connected: bool, reason: str, since_ns: int | None = None
    ) -> None:
        """Learn that the stream was lost or came back without the node asking for it.

        `since_ns` is, for a loss, when the venue was last known to be heard; without it, now.
        """
        ...

    def receive_missed(self, client_id: ClientId, since_ns: int, reason: str) -> None:
        """Learn that something was missed since `since_ns` although the stream stood."""
        ...


class DataSink(Protocol):
    """Where a data client delivers what it hears."""

    def process(self, data: Data | Instrument) -> None:
        """Take market data, a user's own as `CustomData`, or an instrument.

        A snapshot of a book is `OrderBookDeltas` with the flag F_SNAPSHOT, its last change with F_LAST too. A venue
        that numbers its messages has `previous_sequence` in each, so that a gap shows.
        """
        ...

    def receive_response(self, response: DataResponse) -> None:
        """Take the answer to a request."""
        ...

    async def wait_for_room(self) -> None:
        """Wait while the sink has more waiting than it should. For clients that can hold their sender back."""
        ...

    def receive_connection_change(
        self, client_id: ClientId, connected: bool, reason: str, since_ns: int | None = None
    ) -> None:
        """Learn that data no longer flows, or flows again with every subscription renewed."""
        ...


class ExecutionClient(Protocol):
    """A connection to the trading side of one account.

    `links_orders` says whether the venue keeps the links of a list's orders itself: holds children, ends siblings.
    """

    id: ClientId
    venue: Venue
    account_id: AccountId
    account_type: AccountType
    oms_type: OmsType
    links_orders: bool

    @property
    def is_connected(self) -> bool:
        """Whether the venue is heard. Cancels are sent even while it is not: requests often go another way."""
        ...

    async def connect(self) -> None:
        """Connect, load instruments and the account state; raises a `KernelError` when it cannot."""
        ...

    async def disconnect(self) -> None:
        """Disconnect; cancels what is outstanding."""
        ...

    def submit_order(self, command: SubmitOrder) -> None:
        """Send an order."""
        ...

    def submit_order_list(self, command: SubmitOrderList) -> None:
        """Send orders that belong together."""
        ...

    def modify_order(self, command: ModifyOrder) -> None:
        """Change an order."""
        ...

    def cancel_order(self, command: CancelOrder) -> None:
        """Cancel an order."""
        ...

    def cancel_all_orders(self, command: CancelAllOrders) -> None:
        """Cancel the open orders of one strategy and instrument."""
        ...

    def batch_cancel_orders(self, command: BatchCancelOrders) -> None:
        """Cancel several orders."""
        ...

    def query_account(self, command: QueryAccount) -> None:
        """Ask for the account state; it arrives at the sink."""
        ...

    async def generate_order_status_report(self, query: OrderQuery) -> OrderStatusReport | None:
        """Return one order's report; `None`: the venue has no such order, open, closed or in its fills."""
        ...

    async def generate_order_status_reports(self, query: ReportsQuery) -> list[OrderStatusReport]:
        """Return the order reports, all pages."""
        ...

    async def generate_fill_reports(self, query: ReportsQuery) -> list[FillReport]:
        """Return the fill reports, all pages."""
        ...

    async def generate_position_status_reports(self, query: ReportsQuery) -> list[PositionStatusReport]:
        """Return the position reports, all pages."""
        ...

    async def generate_mass_status(self, lookback_mins: int | None = None) -> ExecutionMassStatus:
        """Return orders, fills and positions of `lookback_mins` (None, 0: all); what went unanswered is `None`."""
        ...

    async def load_instrument(self, instrument_id: InstrumentId) -> Instrument | None:
        """Return an instrument definition on demand, `None` when the venue confirmed that it has none."""
        ...


class DataClient(Protocol):
    """A connection to a source of market data."""

    id: ClientId
    venue: Venue | None

    @property
    def is_connected(self) -> bool:
        """Whether data can flow."""
        ...

    async def connect(self) -> None:
        """Connect and load instruments."""
        ...

    async def disconnect(self) -> None:
        """Disconnect."""
        ...

    def subscribe_quote_ticks(self, instrument_id: InstrumentId) -> None:
        """Let quotes of the instrument flow to the sink."""
        ...

    def unsubscribe_quote_ticks(self, instrument_id: InstrumentId) -> None:
        """Stop quotes of the instrument."""
        ...

    def subscribe_trade_ticks(self, instrument_id: InstrumentId) -> None:
        """Let trades of the instrument flow to the sink."""
        ...

    def unsubscribe_trade_ticks(self, instrument_id: InstrumentId) -> None:
        """Stop trades of the instrument."""
        ...

    def subscribe_order_book_deltas(self, instrument_id: InstrumentId, book_type: BookType, depth: int) -> None:
        """Let a snapshot of the instrument's book flow to the sink, then its changes; `depth` 0 is the whole book."""
        ...

    def unsubscribe_order_book_deltas(self, instrument_id: InstrumentId) -> None:
        """Stop changes of the instrument's book."""
        ...

    def subscribe_order_book_depth(self, instrument_id: InstrumentId) -> None:
        """Let the best ten levels of the instrument's book flow to the sink."""
        ...

    def unsubscribe_order_book_depth(self, instrument_id: InstrumentId) -> None:
        """Stop the best levels of the instrument's book."""
        ...

    def request_order_book_snapshot(self, instrument_id: InstrumentId) -> None:
        """Ask for a snapshot of a book that is subscribed to; it arrives at the sink."""
        ...

    def subscribe_feed(self, feed: Feed) -> None:
        """Let a feed (bars, reference prices, phases, custom data) flow to the sink."""
        ...

    def unsubscribe_feed(self, feed: Feed) -> None:
        """Stop a feed."""
        ...

    def request(self, request: DataRequest) -> None:
        """Ask for the past; exactly one answer arrives at the sink, or the connection ends before."""
        ...


class Knowledge(Protocol):
    """What a client may look up: our own orders, to name them, and instruments, to read the venue's numbers."""

    def order(self, client_order_id: ClientOrderId) -> Order | None:
        """Return the order with that id. It is the live one: only to be read."""
        ...

    def client_order_id(
        self, venue_order_id: VenueOrderId, instrument_id: InstrumentId | None = None
    ) -> ClientOrderId | None:
        """Return our id of the venue's order, `None` if unknown."""
        ...

    def instrument(self, instrument_id: InstrumentId) -> Instrument | None:
        """Return the instrument, `None` if unknown."""
        ...

    def account(self, account_id: AccountId) -> Account | None:
        """Return the account, `None` if unknown."""
        ...

    def orders_inflight(self, *, instrument_id: InstrumentId, strategy_id: StrategyId) -> list[Order]:
        """Return the orders of a strategy that wait for the venue's answer."""
        ...


class IdSource(Protocol):
    """Makes ids that are unique in the node's life and differ between its starts."""

    def next(self) -> str:
        """Return the next id."""
        ...


class ExecutionClientContext(Struct, frozen=True, kw_only=True):
    """What a factory hands to an execution client that it makes; `name` becomes its client id.

    `subscribe` lets a client hear what the node publishes, by topic (`data.*`) and priority: one that trades on paper.
    """

    name: str
    trader_id: str
    loop: asyncio.AbstractEventLoop
    clock: Clock
    sink: ExecutionSink
    cache: Knowledge
    event_ids: IdSource
    subscribe: Callable[[str, Callable[[Any], None], int], None] | None = None


class DataClientContext(Struct, frozen=True, kw_only=True):
    """What a factory hands to a data client that it makes; `name` becomes its client id."""

    name: str
    trader_id: str
    loop: asyncio.AbstractEventLoop
    clock: Clock
    sink: DataSink
    cache: Knowledge
