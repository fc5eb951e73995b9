"""The verbs of a scenario: what the node, the strategy and the venue do. The prefix says who acts.

Data only. Every verb is a frozen struct with `at`, the virtual time since the beginning; what carries it out is in
`scenarios/acting.py`. The strategy's are in `scenarios/verbs_strategy.py`, the faults (`wire.*`, `store.*`, `clock.*`)
in `scenarios/verbs_faults.py`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, field

from scenarios.values import Number, Size, Text, Time, Times
from scenarios.verb_words import Liquidity, Moment, OrderTypeName, Side, Step, TimeInForceName
from scenarios.verbs_strategy import (
    ListedOrder,
    StrategyBracket,
    StrategyCancel,
    StrategyCancelAll,
    StrategyCancelOrders,
    StrategyClose,
    StrategyMarketExit,
    StrategyModify,
    StrategyQuery,
    StrategyRequest,
    StrategySubmit,
    StrategySubmitList,
    StrategySubscribe,
)

__all__ = [
    "NODE_VERBS",
    "STRATEGY_VERBS",
    "VENUE_VERBS",
    "Liquidity",
    "ListedOrder",
    "Moment",
    "NodeCrash",
    "NodePause",
    "NodeRestart",
    "NodeResume",
    "NodeSignal",
    "NodeStart",
    "NodeStop",
    "NodeTradingState",
    "OrderTypeName",
    "Side",
    "Step",
    "StrategyBracket",
    "StrategyCancel",
    "StrategyCancelAll",
    "StrategyCancelOrders",
    "StrategyClose",
    "StrategyMarketExit",
    "StrategyModify",
    "StrategyQuery",
    "StrategyRequest",
    "StrategySubmit",
    "StrategySubmitList",
    "StrategySubscribe",
    "TimeInForceName",
    "VenueAmend",
    "VenueBust",
    "VenueCancel",
    "VenueCorrect",
    "VenueDeposit",
    "VenueExpire",
    "VenueExternalOrder",
    "VenueLiquidate",
    "VenueQuote",
    "VenueReject",
    "VenueSetPosition",
    "VenueTrade",
    "VenueTrigger",
]


# --- The node
# -------------------------------------------------------------------------------------------------------------


class NodeStart(Step, tag="node.start", frozen=True, kw_only=True):
    """Start the node, or a new one on what the last one left in its store. `settings` override `[node]` this time."""

    settings: dict[str, Any] = field(default_factory=dict)


class NodeStop(Step, tag="node.stop", frozen=True, kw_only=True):
    """Stop the node in order, as its operator would."""


class NodeCrash(Step, tag="node.crash", frozen=True, kw_only=True):
    """Kill the node's process: connections die, what was not flushed is lost, nothing is said.

    At once; or when the process has run `callbacks` since its start; or at a `moment`: before or after it writes to
    its store, sends to a venue, or receives from one. `message` says which kind of message is sent or received (for
    writes: the first one after that was received), `order` which order it is about, `skip` how many are let pass.
    `restart` starts it again so long after its death.
    """

    moment: Moment | None = None
    message: Text | None = None
    order: Text | None = None
    skip: Annotated[int, Meta(ge=0)] = 0
    callbacks: Times | None = None
    restart: Time | None = None

    def __post_init__(self) -> None:
        if self.moment is not None and self.callbacks is not None:
            raise ValueError("node.crash must have at most one of moment and callbacks")
        if self.moment is None and (self.message is not None or self.order is not None or self.skip):
            raise ValueError("node.crash needs a moment where it has message, order or skip")


class NodeRestart(Step, tag="node.restart", frozen=True, kw_only=True):
    """Stop the node in order, or kill it, and start it again `after` it is down."""

    how: Literal["stop", "crash"] = "stop"
    after: Time = Time(1_000_000_000)
    settings: dict[str, Any] = field(default_factory=dict)


class NodePause(Step, tag="node.pause", frozen=True, kw_only=True):
    """Freeze the node's process (a long garbage collection, a suspended machine), for `lasts` or until resumed."""

    lasts: Time | None = None


class NodeResume(Step, tag="node.resume", frozen=True, kw_only=True):
    """Let a paused node go on; what became due meanwhile runs at once."""


class NodeSignal(Step, tag="node.signal", frozen=True, kw_only=True):
    """Send the node's process a signal."""

    signal: Literal["SIGTERM", "SIGINT", "SIGABRT"] = "SIGTERM"


class NodeTradingState(Step, tag="node.trading_state", frozen=True, kw_only=True):
    """Let everything through (ACTIVE), only what reduces positions (REDUCING), or no order at all (HALTED)."""

    state: Literal["ACTIVE", "REDUCING", "HALTED"]


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
    """Refuse an order: one that works now, or the next one that comes in under this id (any, without `order`).

    In a list, an order refused so leaves the others as they are. `times` is for those that come.
    """

    order: Text | None = None
    reason: str = "UNKNOWN"
    times: Times = 1
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
    account: Text | None = None
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
    account: Text | None = None
    venue: Text | None = None


class VenueSetPosition(Step, tag="venue.set_position", frozen=True, kw_only=True):
    """Make the account's position what it says here (negative: short), with no trade that would explain it."""

    quantity: Number
    price: Number | None = None
    instrument: Text | None = None
    position: Text | None = None
    account: Text | None = None
    venue: Text | None = None


class VenueBust(Step, tag="venue.bust", frozen=True, kw_only=True):
    """Take a trade back."""

    trade: Text
    venue: Text | None = None


class VenueCorrect(Step, tag="venue.correct", frozen=True, kw_only=True):
    """Correct a trade: take it back and book it again, at another quantity or price, under the trade id `as_trade`."""

    trade: Text
    quantity: Size | None = None
    price: Number | None = None
    as_trade: Text | None = None
    venue: Text | None = None


class VenueDeposit(Step, tag="venue.deposit", frozen=True, kw_only=True):
    """Bring money (`-12.50 USDT` takes it away) into an account from outside: a transfer, funding, a settlement."""

    amount: Text
    account: Text | None = None
    venue: Text | None = None


class VenueQuote(Step, tag="venue.quote", frozen=True, kw_only=True):
    """Move the market: the best bid and ask from here on."""

    bid: Number
    ask: Number
    size: Size | None = None
    instrument: Text | None = None
    venue: Text | None = None


NODE_VERBS = (NodeStart, NodeStop, NodeCrash, NodeRestart, NodePause, NodeResume, NodeSignal, NodeTradingState)
STRATEGY_VERBS = (
    StrategySubmit,
    StrategySubmitList,
    StrategyBracket,
    StrategyModify,
    StrategyCancel,
    StrategyCancelOrders,
    StrategyCancelAll,
    StrategyClose,
    StrategyMarketExit,
    StrategyQuery,
    StrategySubscribe,
    StrategyRequest,
)
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
    VenueCorrect,
    VenueDeposit,
    VenueQuote,
)
