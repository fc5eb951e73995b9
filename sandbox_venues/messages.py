"""What travels between a venue and the world: requests, answers and stream messages.

May know: the model's values. Promises: everything here is frozen; `kind` is the one word by which scripts and traces
name a message.

Requests are commands (they may change the venue) or queries (they never do). An answer is `Done`, `Refusal` (definitely
not carried out), `Page` (one page of reports), `AccountMessage`, or `Trouble`: an error that proves nothing, which an
honest venue never gives.
"""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from msgspec import Struct

from nautilus_live.model.data import OrderBookDeltas, OrderBookDepth10, QuoteTick, TradeTick
from nautilus_live.model.enums import (
    AccountType,
    ContingencyType,
    OrderSide,
    OrderType,
    TimeInForce,
    TrailingOffsetType,
    TriggerType,
)
from nautilus_live.model.identifiers import (
    AccountId,
    ClientOrderId,
    InstrumentId,
    OrderListId,
    PositionId,
    VenueOrderId,
)
from nautilus_live.model.instruments import InstrumentAny
from nautilus_live.model.objects import AccountBalance, MarginBalance, Money, Price, Quantity
from nautilus_live.model.reports import FillReport, OrderStatusReport, PositionStatusReport

AnyReport = OrderStatusReport | FillReport | PositionStatusReport

WOULD_TAKE = "a post-only order must not take liquidity"
"""How a venue says that it refused an order for that; on the stream it has no code for it."""


class Message(Struct, frozen=True, kw_only=True, gc=False):
    """Anything that travels. `kind` says what it is, in the words of scripts."""

    kind: ClassVar[str] = ""

    @property
    def label(self) -> str:
        """The kind of this very message."""
        return self.kind


# -- requests


class Request(Message, frozen=True, kw_only=True, gc=False):
    """Something asked of a venue."""


class AccountRequest(Request, frozen=True, kw_only=True, gc=False):
    """Something asked of a venue for one account."""

    account_id: AccountId


class VenueCommand(AccountRequest, frozen=True, kw_only=True, gc=False):
    """A request that may change the venue."""


class PlaceOrder(VenueCommand, frozen=True, kw_only=True, gc=False):
    """Put an order into the market. `client_order_id` None: the venue's own or a hand's order."""

    kind: ClassVar[str] = "submit"

    instrument_id: InstrumentId
    side: OrderSide
    quantity: Quantity
    order_type: OrderType = OrderType.LIMIT
    client_order_id: ClientOrderId | None = None
    price: Price | None = None
    trigger_price: Price | None = None
    trigger_type: TriggerType = TriggerType.DEFAULT
    activation_price: Price | None = None
    trailing_offset: Decimal | None = None
    limit_offset: Decimal | None = None
    trailing_offset_type: TrailingOffsetType = TrailingOffsetType.PRICE
    time_in_force: TimeInForce = TimeInForce.GTC
    expire_time_ns: int = 0
    post_only: bool = False
    reduce_only: bool = False
    display_qty: Quantity | None = None
    position_id: PositionId | None = None
    contingency_type: ContingencyType = ContingencyType.NO_CONTINGENCY
    order_list_id: OrderListId | None = None
    linked_order_ids: tuple[ClientOrderId, ...] = ()
    parent_order_id: ClientOrderId | None = None
    quote_quantity: bool = False


class PlaceOrders(VenueCommand, frozen=True, kw_only=True, gc=False):
    """Put several orders into the market, one after the other."""

    kind: ClassVar[str] = "submit_list"

    orders: tuple[PlaceOrder, ...]


class AmendOrder(VenueCommand, frozen=True, kw_only=True, gc=False):
    """Change an order; what is `None` stays. Either id names it."""

    kind: ClassVar[str] = "modify"

    instrument_id: InstrumentId
    client_order_id: ClientOrderId | None = None
    venue_order_id: VenueOrderId | None = None
    quantity: Quantity | None = None
    price: Price | None = None
    trigger_price: Price | None = None


class CancelOrder(VenueCommand, frozen=True, kw_only=True, gc=False):
    """Take an order out of the market. Either id names it."""

    kind: ClassVar[str] = "cancel"

    instrument_id: InstrumentId
    client_order_id: ClientOrderId | None = None
    venue_order_id: VenueOrderId | None = None


class CancelOrders(VenueCommand, frozen=True, kw_only=True, gc=False):
    """Take several orders out of the market; each is answered for itself."""

    kind: ClassVar[str] = "batch_cancel"

    cancels: tuple[CancelOrder, ...]


class CancelAll(VenueCommand, frozen=True, kw_only=True, gc=False):
    """Take all open orders of an instrument (and side) out of the market; `None` means any."""

    kind: ClassVar[str] = "cancel_all"

    instrument_id: InstrumentId | None = None
    side: OrderSide | None = None


class VenueQuery(AccountRequest, frozen=True, kw_only=True, gc=False):
    """A request that changes nothing. `cursor` asks for the page after the one that gave it.

    `reads_only`: who asks reads of all that is listed the records of the order of either id alone (see `sifting`).
    """

    cursor: int | None = None
    reads_only: tuple[ClientOrderId | None, VenueOrderId | None] | None = None


class GetOrder(VenueQuery, frozen=True, kw_only=True, gc=False):
    """Ask for one order, open or closed, by either id; `conditional` where a venue keeps conditional orders apart."""

    kind: ClassVar[str] = "query.order"

    instrument_id: InstrumentId
    client_order_id: ClientOrderId | None = None
    venue_order_id: VenueOrderId | None = None
    conditional: bool = False


class GetOrders(VenueQuery, frozen=True, kw_only=True, gc=False):
    """Ask for orders that changed within a time, or the open ones; `conditional` as in `GetOrder`."""

    kind: ClassVar[str] = "query.orders"

    instrument_id: InstrumentId | None = None
    open_only: bool = False
    start_ns: int | None = None
    end_ns: int | None = None
    conditional: bool = False


class GetFills(VenueQuery, frozen=True, kw_only=True, gc=False):
    """Ask for fills within a time, of an instrument or an order."""

    kind: ClassVar[str] = "query.fills"

    instrument_id: InstrumentId | None = None
    venue_order_id: VenueOrderId | None = None
    client_order_id: ClientOrderId | None = None
    start_ns: int | None = None
    end_ns: int | None = None


class GetPositions(VenueQuery, frozen=True, kw_only=True, gc=False):
    """Ask for positions."""

    kind: ClassVar[str] = "query.positions"

    instrument_id: InstrumentId | None = None


class GetAccount(VenueQuery, frozen=True, kw_only=True, gc=False):
    """Ask for balances and margins."""

    kind: ClassVar[str] = "query.account"


class GetInstruments(Request, frozen=True, kw_only=True, gc=False):
    """Ask for instrument definitions."""

    kind: ClassVar[str] = "query.instruments"

    instrument_id: InstrumentId | None = None


class GetBook(Request, frozen=True, kw_only=True, gc=False):
    """Ask for a snapshot of a book, by price or (`by_order`) order by order."""

    kind: ClassVar[str] = "query.book"

    instrument_id: InstrumentId
    by_order: bool = False


class Subscribe(Request, frozen=True, kw_only=True, gc=False):
    """Let market data of an instrument flow to the connection that asks, or stop it.

    `what` is quote, trade, book (a snapshot, then changes), book_orders (the same order by order), depth (the best ten
    levels, whenever they change), mark_prices, index_prices, funding_rates, instrument_status, instrument_close, or
    `bars STEP-AGGREGATION-LAST`.
    """

    kind: ClassVar[str] = "subscribe"

    what: str
    instrument_id: InstrumentId
    on: bool = True


# -- answers


class Answer(Message, frozen=True, kw_only=True, gc=False):
    """What comes back on a request."""


class Done(Answer, frozen=True, kw_only=True, gc=False):
    """The command was carried out: the order afterwards, what it filled at once, or one result for each part."""

    kind: ClassVar[str] = "done"

    order: OrderStatusReport | None = None
    fills: tuple[FillReport, ...] = ()
    results: tuple[Answer, ...] = ()


class Refusal(Answer, frozen=True, kw_only=True, gc=False):
    """The command was definitely not carried out."""

    kind: ClassVar[str] = "refusal"

    code: str
    reason: str

    @property
    def due_post_only(self) -> bool:
        """Whether the order would have taken liquidity against its wish."""
        return self.code == "POST_ONLY"


class Garbled(Answer, frozen=True, kw_only=True, gc=False):
    """Something that arrived and cannot be read; `was` is what it had been. Only faults make it."""

    kind: ClassVar[str] = "garbled"

    was: str


class Page(Answer, frozen=True, kw_only=True, gc=False):
    """One page of what was asked for; `cursor` leads to the next, `None` means that this was the last.

    A record that cannot be read is in it as `Garbled`.
    """

    kind: ClassVar[str] = "page"

    items: tuple[AnyReport | InstrumentAny | Garbled, ...] = ()
    cursor: int | None = None


class Trouble(Answer, frozen=True, kw_only=True, gc=False):
    """An error that says nothing about what the venue did. Only faults make it."""

    kind: ClassVar[str] = "trouble"

    code: str
    reason: str
    retry_after_secs: float | None = None


# -- the stream


class StreamMessage(Message, frozen=True, kw_only=True, gc=False):
    """Something a venue says unasked. `sequence` numbers all that a venue says."""

    sequence: int = 0
    ts_event: int = 0


class AccountStreamMessage(StreamMessage, frozen=True, kw_only=True, gc=False):
    """Something for the owner of one account."""

    account_id: AccountId


class OrderMessage(AccountStreamMessage, frozen=True, kw_only=True, gc=False):
    """Something happened to an order: `order` is its state afterwards.

    `what` is one of ack, fill, cancel, expire, reject, update, trigger, bust; `fill` goes with fill and bust.
    """

    what: str
    order: OrderStatusReport
    fill: FillReport | None = None
    reason: str = ""

    @property
    def label(self) -> str:
        """What happened."""
        return self.what


class AccountMessage(AccountStreamMessage, Answer, frozen=True, kw_only=True, gc=False):
    """Balances and margins: those that changed on the stream, all when asked."""

    kind: ClassVar[str] = "account"

    account_type: AccountType
    balances: tuple[AccountBalance, ...] = ()
    margins: tuple[MarginBalance, ...] = ()


class PositionMessage(AccountStreamMessage, frozen=True, kw_only=True, gc=False):
    """A position after it changed."""

    kind: ClassVar[str] = "position"

    position: PositionStatusReport


class MarginCall(AccountStreamMessage, frozen=True, kw_only=True, gc=False):
    """An account can hardly carry its positions any more: what it is worth, and what it must be."""

    kind: ClassVar[str] = "margin_call"

    equity: Money
    maintenance: Money


class QuoteMessage(StreamMessage, frozen=True, kw_only=True, gc=False):
    """The best bid and ask changed."""

    kind: ClassVar[str] = "quote"

    tick: QuoteTick


class TradeMessage(StreamMessage, frozen=True, kw_only=True, gc=False):
    """A public trade."""

    kind: ClassVar[str] = "trade"

    tick: TradeTick


class BookMessage(StreamMessage, Answer, frozen=True, kw_only=True, gc=False):
    """A snapshot of a book (when asked, too), or what changed in it."""

    kind: ClassVar[str] = "book"

    deltas: OrderBookDeltas


class BookOrdersMessage(BookMessage, frozen=True, kw_only=True, gc=False):
    """The same, order by order: each change names its order's public number."""

    kind: ClassVar[str] = "book_orders"


class DepthMessage(StreamMessage, frozen=True, kw_only=True, gc=False):
    """The best levels of a book."""

    kind: ClassVar[str] = "depth"

    depth: OrderBookDepth10
