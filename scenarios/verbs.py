"""The verbs of a scenario: what the node, the strategy and the venue do. The prefix says who acts.

Data only. Every verb is a frozen struct with `at`, the virtual time since the beginning; what carries it out is in
`scenarios/acting.py`. The faults (`wire.*`, `store.*`, `clock.*`) are in `scenarios/verbs_faults.py`.
"""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct, field

from scenarios.values import Number, Size, Text, Time

Side = Literal["BUY", "SELL"]
OrderTypeName = Literal[
    "MARKET",
    "LIMIT",
    "STOP_MARKET",
    "STOP_LIMIT",
    "MARKET_TO_LIMIT",
    "MARKET_IF_TOUCHED",
    "LIMIT_IF_TOUCHED",
    "TRAILING_STOP_MARKET",
    "TRAILING_STOP_LIMIT",
]
TimeInForceName = Literal["GTC", "IOC", "FOK", "GTD", "DAY", "AT_THE_OPEN", "AT_THE_CLOSE"]
Liquidity = Literal["MAKER", "TAKER"]


class Step(Struct, tag_field="do", frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Something that happens at a virtual time; steps of one time happen in the order they are written in."""

    at: Time


# --- The node
# -------------------------------------------------------------------------------------------------------------


class NodeStart(Step, tag="node.start", frozen=True, kw_only=True):
    """Start the node, or a new one on what the last one left in its store. `settings` override `[node]` this time."""

    settings: dict[str, Any] = field(default_factory=dict)


class NodeStop(Step, tag="node.stop", frozen=True, kw_only=True):
    """Stop the node in order, as its operator would."""


class NodeCrash(Step, tag="node.crash", frozen=True, kw_only=True):
    """Kill the node's process: connections die, what was not flushed is lost, nothing is said."""


class NodePause(Step, tag="node.pause", frozen=True, kw_only=True):
    """Freeze the node's process (a long garbage collection, a suspended machine)."""


class NodeResume(Step, tag="node.resume", frozen=True, kw_only=True):
    """Let a paused node go on; what became due meanwhile runs at once."""


class NodeSignal(Step, tag="node.signal", frozen=True, kw_only=True):
    """Send the node's process a signal."""

    signal: Literal["SIGTERM", "SIGINT", "SIGABRT"] = "SIGTERM"


# --- The strategy
# ---------------------------------------------------------------------------------------------------------


class StrategySubmit(Step, tag="strategy.submit", frozen=True, kw_only=True):
    """Submit an order under the client order id `order`. Without `type`: LIMIT with a price, MARKET without."""

    order: Text
    side: Side
    quantity: Size
    price: Number | None = None
    trigger: Number | None = None
    type: OrderTypeName | None = None
    tif: TimeInForceName = "GTC"
    expire: Time | None = None
    post_only: bool = False
    reduce_only: bool = False
    display: Size | None = None
    instrument: Text | None = None
    position: Text | None = None
    strategy: Text | None = None
    tags: list[str] = field(default_factory=list)


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


class StrategyCancelAll(Step, tag="strategy.cancel_all", frozen=True, kw_only=True):
    """Ask for all the strategy's orders in an instrument to be canceled, of one side or both."""

    side: Side | None = None
    instrument: Text | None = None
    strategy: Text | None = None


class StrategyClose(Step, tag="strategy.close", frozen=True, kw_only=True):
    """Close the strategy's positions in an instrument with market orders."""

    instrument: Text | None = None
    strategy: Text | None = None


class StrategyQuery(Step, tag="strategy.query", frozen=True, kw_only=True):
    """Ask the venue what it knows of an order."""

    order: Text
    strategy: Text | None = None


# --- The venue
# ------------------------------------------------------------------------------------------------------------


class VenueTrade(Step, tag="venue.trade", frozen=True, kw_only=True):
    """Fill `quantity` of an order. Without a price: at the order's own."""

    order: Text
    quantity: Size
    price: Number | None = None
    trade: Text | None = None
    liquidity: Liquidity | None = None
    commission: Text | None = None
    venue: Text | None = None


class VenueCancel(Step, tag="venue.cancel", frozen=True, kw_only=True):
    """Cancel an order on the venue's own account."""

    order: Text
    reason: str = ""
    venue: Text | None = None


class VenueExpire(Step, tag="venue.expire", frozen=True, kw_only=True):
    """Let an order's time in force end."""

    order: Text
    venue: Text | None = None


class VenueTrigger(Step, tag="venue.trigger", frozen=True, kw_only=True):
    """Trigger a conditional order."""

    order: Text
    venue: Text | None = None


class VenueReject(Step, tag="venue.reject", frozen=True, kw_only=True):
    """Refuse an order: one that works now, or the next one that comes in under this id (any, without `order`)."""

    order: Text | None = None
    reason: str = "UNKNOWN"
    venue: Text | None = None


class VenueAmend(Step, tag="venue.amend", frozen=True, kw_only=True):
    """Change an order on the venue's own account; `venue_order` gives it another venue order id."""

    order: Text
    quantity: Size | None = None
    price: Number | None = None
    trigger: Number | None = None
    venue_order: Text | None = None
    venue: Text | None = None


class VenueLiquidate(Step, tag="venue.liquidate", frozen=True, kw_only=True):
    """Close the account's position in an instrument by force, under an order id that nobody asked for."""

    instrument: Text | None = None
    quantity: Size | None = None
    price: Number | None = None
    venue: Text | None = None


class VenueExternalOrder(Step, tag="venue.external_order", frozen=True, kw_only=True):
    """Place an order on the same account from elsewhere; `order` is its client order id, if it has one."""

    side: Side
    quantity: Size
    price: Number | None = None
    trigger: Number | None = None
    type: OrderTypeName | None = None
    order: Text | None = None
    venue_order: Text | None = None
    reduce_only: bool = False
    instrument: Text | None = None
    venue: Text | None = None


class VenueSetPosition(Step, tag="venue.set_position", frozen=True, kw_only=True):
    """Make the account's position what it says here (negative: short), with no trade that would explain it."""

    quantity: Number
    price: Number | None = None
    instrument: Text | None = None
    position: Text | None = None
    venue: Text | None = None


class VenueBust(Step, tag="venue.bust", frozen=True, kw_only=True):
    """Take a trade back."""

    trade: Text
    venue: Text | None = None


class VenueQuote(Step, tag="venue.quote", frozen=True, kw_only=True):
    """Move the market: the best bid and ask from here on."""

    bid: Number
    ask: Number
    size: Size | None = None
    instrument: Text | None = None
    venue: Text | None = None


NODE_VERBS = (NodeStart, NodeStop, NodeCrash, NodePause, NodeResume, NodeSignal)
STRATEGY_VERBS = (StrategySubmit, StrategyModify, StrategyCancel, StrategyCancelAll, StrategyClose, StrategyQuery)
VENUE_VERBS = (
    VenueTrade,
    VenueCancel,
    VenueExpire,
    VenueTrigger,
    VenueReject,
    VenueAmend,
    VenueLiquidate,
    VenueExternalOrder,
    VenueSetPosition,
    VenueBust,
    VenueQuote,
)
