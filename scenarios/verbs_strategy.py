"""The verbs of a strategy: what the steps `strategy.*` let the scripted strategy do. Data only."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from scenarios.values import Number, Size, Text, Time
from scenarios.verb_words import OrderTypeName, Side, Step, TimeInForceName

TriggerName = Literal[
    "DEFAULT",
    "BID_ASK",
    "LAST_PRICE",
    "DOUBLE_LAST",
    "DOUBLE_BID_ASK",
    "LAST_OR_BID_ASK",
    "MID_POINT",
    "MARK_PRICE",
    "INDEX_PRICE",
]


class StrategySubmit(Step, tag="strategy.submit", frozen=True, kw_only=True):
    """Submit an order under the client order id `order`. Without `type`: LIMIT with a price, MARKET without.

    `trigger_type` is the price that the trigger looks at; `emulate` holds the order at the node until that
    price triggers it; `trail` (and `limit_trail`) are the offsets of trailing stops, in `trail_in`, from
    `activation` on; `algorithm` gives it to an execution algorithm, with `params`. With `in_quote` the quantity
    is one of the quote currency. What has more decimal places than the instrument is sent so.
    """

    order: Text
    side: Side
    quantity: Size
    price: Number | None = None
    trigger: Number | None = None
    trigger_type: TriggerName | None = None
    type: OrderTypeName | None = None
    tif: TimeInForceName = "GTC"
    expire: Time | None = None
    post_only: bool = False
    reduce_only: bool = False
    in_quote: bool = False
    display: Size | None = None
    instrument: Text | None = None
    position: Text | None = None
    account: Text | None = None
    strategy: Text | None = None
    tags: list[str] = field(default_factory=list)
    emulate: TriggerName | None = None
    trail: Number | None = None
    limit_trail: Number | None = None
    trail_in: Literal["PRICE", "BASIS_POINTS", "TICKS"] = "PRICE"
    activation: Number | None = None
    algorithm: Text | None = None
    params: dict[str, float] = field(default_factory=dict)


class ListedOrder(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """An order of a list; as in `strategy.submit`. `parent` and `linked` name others of the list."""

    order: Text
    side: Side
    quantity: Size
    price: Number | None = None
    trigger: Number | None = None
    type: OrderTypeName | None = None
    tif: TimeInForceName = "GTC"
    post_only: bool = False
    reduce_only: bool = False
    contingency: Literal["OTO", "OCO", "OUO"] | None = None
    parent: Text | None = None
    linked: list[Text] = field(default_factory=list)
    emulate: TriggerName | None = None


class StrategySubmitList(Step, tag="strategy.submit_list", frozen=True, kw_only=True):
    """Submit orders of one instrument together."""

    orders: Annotated[list[ListedOrder], Meta(min_length=1)]
    instrument: Text | None = None
    position: Text | None = None
    account: Text | None = None
    strategy: Text | None = None


class StrategyBracket(Step, tag="strategy.bracket", frozen=True, kw_only=True):
    """Submit an entry `order` with a stop at `stop` (order id ORDER-SL) and a profit at `target` (ORDER-TP).

    The entry is a limit order with a price, a market order without; its fill releases the exits, which end each other.
    `emulate` holds all three at the node (of a market entry the exits alone); `algorithm` works the entry.
    """

    order: Text
    side: Side
    quantity: Size
    stop: Number
    target: Number
    price: Number | None = None
    exits: Literal["OUO", "OCO"] = "OUO"
    instrument: Text | None = None
    account: Text | None = None
    strategy: Text | None = None
    emulate: TriggerName | None = None
    algorithm: Text | None = None
    params: dict[str, float] = field(default_factory=dict)


class StrategyModify(Step, tag="strategy.modify", frozen=True, kw_only=True):
    """Ask for another quantity, price or trigger."""

    order: Text
    quantity: Size | None = None
    price: Number | None = None
    trigger: Number | None = None
    strategy: Text | None = None


class StrategyCancel(Step, tag="strategy.cancel", frozen=True, kw_only=True):
    """Ask for an order to be canceled."""

    order: Text
    strategy: Text | None = None


class StrategyCancelOrders(Step, tag="strategy.cancel_orders", frozen=True, kw_only=True):
    """Ask for several orders to be canceled in one batch."""

    orders: Annotated[list[Text], Meta(min_length=1)]
    strategy: Text | None = None


class StrategySubscribe(Step, tag="strategy.subscribe", frozen=True, kw_only=True):
    """Subscribe to market data of an instrument, or (`off`) end it.

    Without more words: `quotes`, `trades`, `mark_prices`, `index_prices`, `funding_rates`, `status` (its phase),
    `instrument` (its definition). `book`, `book_orders` and `book_top` are books with their changes (L2, L3, L1),
    `depth` the best ten levels, `books` a book as it is every second. Of `bars`, `bars` says which, as in
    `1-MINUTE-LAST-INTERNAL`.
    """

    what: Literal[
        "quotes",
        "trades",
        "book",
        "book_orders",
        "book_top",
        "depth",
        "books",
        "bars",
        "mark_prices",
        "index_prices",
        "funding_rates",
        "status",
        "instrument",
    ] = "quotes"
    instrument: Text | None = None
    bars: Text | None = None
    off: bool = False
    strategy: Text | None = None

    def __post_init__(self) -> None:
        if (self.what == "bars") != (self.bars is not None):
            raise ValueError("strategy.subscribe must say which `bars` where `what` is bars, and only there")


class StrategyRequest(Step, tag="strategy.request", frozen=True, kw_only=True):
    """Ask for the past of an instrument: the last `limit`, all of it without.

    Of `bars`, `bars` says which: the venue's own (`1-MINUTE-LAST-EXTERNAL`), or made here of what it tells (INTERNAL).
    """

    what: Literal["quotes", "trades", "bars", "instrument"]
    instrument: Text | None = None
    bars: Text | None = None
    limit: Annotated[int, Meta(ge=0)] = 0
    strategy: Text | None = None

    def __post_init__(self) -> None:
        if (self.what == "bars") != (self.bars is not None):
            raise ValueError("strategy.request must say which `bars` where `what` is bars, and only there")


class StrategyCancelAll(Step, tag="strategy.cancel_all", frozen=True, kw_only=True):
    """Ask for all the strategy's orders in an instrument to be canceled, of one side or both."""

    side: Side | None = None
    instrument: Text | None = None
    strategy: Text | None = None


class StrategyClose(Step, tag="strategy.close", frozen=True, kw_only=True):
    """Close the strategy's positions in an instrument with market orders."""

    instrument: Text | None = None
    strategy: Text | None = None


class StrategyMarketExit(Step, tag="strategy.market_exit", frozen=True, kw_only=True):
    """Leave the market: cancel all of the strategy's orders and close all of its positions."""

    strategy: Text | None = None


class StrategyQuery(Step, tag="strategy.query", frozen=True, kw_only=True):
    """Ask the venue what it knows of an order."""

    order: Text
    strategy: Text | None = None
