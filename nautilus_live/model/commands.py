"""Commands: what a strategy (or the engine) wants done.

Frozen; each carries an id of its own and our time of making, in nanoseconds."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from nautilus_live.model.enums import OrderSide, TriggerType
from nautilus_live.model.identifiers import (
    AccountId,
    ClientId,
    ClientOrderId,
    ComponentId,
    ExecAlgorithmId,
    InstrumentId,
    PositionId,
    StrategyId,
    TraderId,
    VenueOrderId,
)
from nautilus_live.model.objects import Price, Quantity
from nautilus_live.model.orders import Order, OrderList
from nautilus_live.model.shown import full_line_of, line_of
from nautilus_live.model.uuids import UUID4


class Command(Struct, frozen=True, kw_only=True):
    """Something to do. `params` are whatever its client understands beside the command itself."""

    trader_id: TraderId
    command_id: str
    ts_init: int
    params: dict[str, Any] | None = None

    __str__ = line_of
    __repr__ = full_line_of

    @property
    def id(self) -> UUID4:
        """The command's own id."""
        return UUID4.from_str(self.command_id)


class TradingCommand(Command, frozen=True, kw_only=True):
    """Something to do at a venue. `client_id` None: route by the instrument's venue."""

    strategy_id: StrategyId
    instrument_id: InstrumentId
    client_id: ClientId | None = None


class SubmitOrder(TradingCommand, frozen=True, kw_only=True):
    """Send an order. `position_id` names the position it is for, on hedging accounts.

    `was_held` says that the order is known already: the emulator or an execution algorithm held it until now. Then what
    it is linked to is kept in line on this node, and a client sends it as an order that stands alone.

    `is_kept_here` says that the position is this node's alone: a client sends the order without reduce-only, which was
    checked here. `leg` is the venue's position that the order is for, where ours is the sum of several.
    """

    order: Order
    position_id: PositionId | None = None
    was_held: bool = False
    is_kept_here: bool = False
    leg: PositionId | None = None

    @property
    def exec_algorithm_id(self) -> ExecAlgorithmId | None:
        """The algorithm that works the order."""
        return self.order.exec_algorithm_id


class SubmitOrderList(TradingCommand, frozen=True, kw_only=True):
    """Send orders that belong together; `is_kept_here` as in `SubmitOrder`."""

    order_list: OrderList
    position_id: PositionId | None = None
    is_kept_here: bool = False

    @property
    def exec_algorithm_id(self) -> ExecAlgorithmId | None:
        """The algorithm that works the first order."""
        return self.order_list.first.exec_algorithm_id

    @property
    def has_emulated_order(self) -> bool:
        """Whether one of the orders is to be held here."""
        return any(order.emulation_trigger is not TriggerType.NO_TRIGGER for order in self.order_list.orders)


class ModifyOrder(TradingCommand, frozen=True, kw_only=True):
    """Change an order; a field left `None` stays as it is."""

    client_order_id: ClientOrderId
    venue_order_id: VenueOrderId | None = None
    quantity: Quantity | None = None
    price: Price | None = None
    trigger_price: Price | None = None


class CancelOrder(TradingCommand, frozen=True, kw_only=True):
    """Take an order out of the market."""

    client_order_id: ClientOrderId
    venue_order_id: VenueOrderId | None = None


class CancelAllOrders(TradingCommand, frozen=True, kw_only=True):
    """Cancel all open orders of one strategy and instrument, of one side or (None) both."""

    order_side: OrderSide | None = None


class BatchCancelOrders(TradingCommand, frozen=True, kw_only=True):
    """Cancel several orders of one instrument."""

    cancels: tuple[CancelOrder, ...]


class QueryOrder(TradingCommand, frozen=True, kw_only=True):
    """Ask the venue what it knows of one order; the answer comes back as a report."""

    client_order_id: ClientOrderId
    venue_order_id: VenueOrderId | None = None


class QueryAccount(Command, frozen=True, kw_only=True):
    """Ask the venue for one account's state."""

    account_id: AccountId
    client_id: ClientId | None = None


class ShutdownSystem(Command, frozen=True, kw_only=True):
    """Stop the node of that trader."""

    component_id: ComponentId
    reason: str = ""
