"""The risk engine: what is checked before an order or a modification leaves.

Knows instruments, prices and positions through the cache, and the loop's time for rates. It decides in the caller and
at once. What passes goes to the execution engine unchanged; what does not becomes an `OrderDenied` or
`OrderModifyRejected` whose reason names the rule and the values. Cancels always pass: they reduce risk.

What is more than the queues may hold (`qsize`) is refused in the same way, never dropped in silence; so is what could
not be checked because a check failed, which is a fault of the node as well.

Endpoint: `RiskEngine.execute`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sized
from decimal import Decimal
from typing import Protocol

from nautilus_live.adapters.ports import Clock
from nautilus_live.config.engines import LiveRiskEngineConfig
from nautilus_live.config.execution import LiveExecEngineConfig
from nautilus_live.core.own_words import own_word, waits_for_earlier_update
from nautilus_live.engine.cache import Cache
from nautilus_live.engine.ids import EventIds
from nautilus_live.engine.message_bus import MessageBus
from nautilus_live.engine.oms_types import OmsTypes
from nautilus_live.engine.rate_limits import RateLimit
from nautilus_live.engine.risk_money import balance_problem, margin_problem
from nautilus_live.engine.risk_rules import (
    increase_problem,
    modification_problem,
    modified_notional_problem,
    order_problem,
)
from nautilus_live.model.accounts import MarginAccount
from nautilus_live.model.commands import Command, ModifyOrder, QueryAccount, QueryOrder, SubmitOrder, SubmitOrderList
from nautilus_live.model.enums import TradingState
from nautilus_live.model.events import (
    OrderEvent,
    OrderModifyRejected,
    OrderPendingUpdate,
    OrderSubmitted,
    TradingStateChanged,
)
from nautilus_live.model.identifiers import InstrumentId, PositionId
from nautilus_live.model.instruments import Instrument
from nautilus_live.model.orders import Order

ENDPOINT = "RiskEngine.execute"
TRADING_STATE_KEY = "risk.trading_state"
ZERO = Decimal(0)
ACTIVE, HALTED, REDUCING = TradingState.ACTIVE, TradingState.HALTED, TradingState.REDUCING


class Execution(Protocol):
    """What the risk engine needs of the execution engine."""

    config: LiveExecEngineConfig

    @property
    def waiting_commands(self) -> Sized:
        """The commands that wait; only to be counted."""
        ...

    @property
    def oms_types(self) -> OmsTypes:
        """Who keeps positions how."""
        ...

    def execute(self, command: Command) -> None:
        """Take a command."""
        ...

    def deny(self, order: Order, reason: str) -> None:
        """Refuse an order."""
        ...

    def process(self, event: OrderEvent, /) -> None:
        """Take an event."""
        ...


class RiskEngine:
    """Checks commands before they reach the execution engine.

    Args:
        loop: for the time that rates are measured in.
        msgbus: where the endpoint is registered and changes of the trading state are published.
        cache: instruments, prices, positions and orders.
        clock: the time of events.
        event_ids: their ids.
        config: the limits.
        execution: the execution engine.
        on_error: what to do about an error that no check expects; without, it is logged.

    """

    def __init__(
        self,
        *,
        loop: asyncio.AbstractEventLoop,
        msgbus: MessageBus,
        cache: Cache,
        clock: Clock,
        event_ids: EventIds,
        config: LiveRiskEngineConfig,
        execution: Execution,
        log: logging.Logger | None = None,
        on_error: Callable[[Exception], object] | None = None,
    ) -> None:
        self.config = config
        self.trading_state = ACTIVE
        self.command_count = 0
        self._msgbus = msgbus
        self._cache = cache
        self._clock = clock
        self._event_ids = event_ids
        self._execution = execution
        self._log = log or logging.getLogger(__name__)
        self._on_error = on_error or self._log_error
        # What passes waits in the execution engine's queue: there is none here, so whichever qsize is less counts.
        self._waiting_max_of = min(
            (("RiskEngine", config.qsize), ("ExecEngine", execution.config.qsize)), key=lambda limit: limit[1]
        )
        self._waiting_max = self._waiting_max_of[1]
        self._waiting = execution.waiting_commands
        self._submits = RateLimit(config.max_order_submit_rate, loop)
        self._modifies = RateLimit(config.max_order_modify_rate, loop)
        self._max_notionals: dict[InstrumentId, Decimal] = {
            InstrumentId.from_str(text): limit for text, limit in config.max_notional_per_order.items()
        }
        msgbus.register(ENDPOINT, self.execute)

    def start(self) -> None:
        """Go on where the node's last life ended: a crash lifts no halt, and begins no new quota."""
        kept = self._cache.get(TRADING_STATE_KEY)
        if kept is not None:
            self.set_trading_state(TradingState[kept.decode()])
        now = self._clock.timestamp_ns()
        for limit, kind in ((self._submits, OrderSubmitted), (self._modifies, OrderPendingUpdate)):
            since = now - limit.interval_ns
            recent = [order for order in self._cache.orders() if order.ts_last >= since]
            sent = [event.ts_event for order in recent for event in order.events if type(event) is kind]
            limit.remember(now - ts for ts in sent if ts > since)

    def stop(self) -> None:
        """End; there is nothing to end."""

    def set_trading_state(self, state: TradingState) -> None:
        """Let everything through (ACTIVE), only what reduces positions (REDUCING), or no order at all (HALTED).

        It is stored and holds in later lives of the node, until another state is set.
        """
        if state is not self.trading_state:
            self._log.warning("trading state is %s, was %s", state, self.trading_state)
            self.trading_state = state
            now = self._clock.timestamp_ns()
            trader_id, event_id = self._msgbus.trader_id, self._event_ids.next()
            change = TradingStateChanged(event_id=event_id, ts_event=now, ts_init=now, trader_id=trader_id, state=state)
            self._msgbus.publish("events.risk", change)
            self._cache.add(TRADING_STATE_KEY, state.name.encode())

    def set_max_notional_per_order(self, instrument_id: InstrumentId, new_value: Decimal | None) -> None:
        """Limit the value of one order in the instrument's cost currency; None for no limit."""
        if new_value is None:
            self._max_notionals.pop(instrument_id, None)
        else:
            self._max_notionals[instrument_id] = new_value

    def max_notional_per_order(self, instrument_id: InstrumentId) -> Decimal | None:
        """Return the limit of one order's value, None for no limit."""
        return self._max_notionals.get(instrument_id)

    def execute(self, command: Command) -> None:
        """Check a command; pass it on, or refuse what it asks for."""
        self.command_count += 1
        config = self.config
        if config.debug:
            self._log.info("checks %s", command)
        if len(self._waiting) >= self._waiting_max:
            name, limit = self._waiting_max_of
            if self._refuse(command, f"qsize: {name} lets {limit} commands wait, {len(self._waiting)} do"):
                return
        if not config.bypass:
            try:
                if type(command) is SubmitOrder:
                    if not self._passes([command.order], command.position_id, command.leg, command.was_held):
                        return
                elif type(command) is SubmitOrderList:
                    if not self._passes(command.order_list.orders, command.position_id):
                        return
                elif type(command) is ModifyOrder and not self._passes_modify(command):
                    return
            except Exception as error:
                self._refuse(command, f"it could not be checked: {type(error).__name__}: {error}")
                self._on_error(error)
                return
        self._execution.execute(command)

    def _log_error(self, error: Exception) -> None:
        self._log.error("unexpected error: %s", error, exc_info=error)

    def _refuse(self, command: Command, reason: str) -> bool:
        """Refuse what a command asks for; returns False for cancels, which always pass."""
        if isinstance(command, SubmitOrder | SubmitOrderList):
            orders = [command.order] if isinstance(command, SubmitOrder) else command.order_list.orders
            return self._deny(orders, reason)
        if isinstance(command, ModifyOrder):
            order = self._cache.order(command.client_order_id)
            return order is not None and not order.is_closed and self._refuse_modify(command, order, reason)
        if isinstance(command, QueryOrder | QueryAccount):
            self._log.error("a %s is not sent: %s", type(command).__name__, reason)
            return True
        return False

    # -- orders ------------------------------------------------------------------------------------------------------

    def _deny(self, orders: list[Order], reason: str) -> bool:
        """Deny all of `orders`; returns False if one has a used id, which the execution engine refuses."""
        for order in orders:
            if self._cache.order_exists(order.client_order_id):
                return False  # whoever has the id must not be denied for that
        for order in orders:
            self._execution.deny(order, reason)
        return True

    def _passes(
        self,
        orders: list[Order],
        position_id: PositionId | None,
        leg: PositionId | None = None,
        was_held: bool = False,
    ) -> bool:
        """Return whether all of `orders` may leave; otherwise all are denied."""
        instrument = self._cache.instrument(orders[0].instrument_id)  # of all of them
        problem = ""
        for order in orders:
            problem = self._problem(order, instrument, position_id, leg)
            if problem:
                break
        if not problem and instrument is not None:
            problem = self._payment_problem(orders, instrument, position_id, leg)
        if not problem and not self._submits.take(len(orders)):
            problem = f"max_order_submit_rate: more than {self._submits.rate}"
        if not problem:
            return True
        for order in orders:
            known = self._cache.order(order.client_order_id)
            if known is not None and not (was_held and known is order):
                return True  # a used id: the execution engine refuses it; whoever has it must not be denied for that
        for order in orders:
            self._execution.deny(order, problem)
        return False

    def _payment_problem(
        self, orders: list[Order], instrument: Instrument, position_id: PositionId | None, leg: PositionId | None
    ) -> str:
        account = self._cache.account_for_venue(instrument.id.venue)
        if account is None:
            return ""
        if account.is_cash_account:
            found = balance_problem(orders, instrument, account, self._cache)
        elif isinstance(account, MarginAccount) and instrument.margin_init:
            net = self._net(orders[0], position_id, leg)
            found = margin_problem(orders, instrument, account, self._cache, net)
        else:
            return ""
        return "" if found is None else f"{found[0].client_order_id}: {found[1]}" if len(orders) > 1 else found[1]

    def _problem(
        self, order: Order, instrument: Instrument | None, position_id: PositionId | None, leg: PositionId | None
    ) -> str:
        state = self.trading_state
        if state is HALTED:
            return "trading_state: no order may leave in HALTED"
        if instrument is None:
            return f"instrument: {order.instrument_id} is not known"
        if state is REDUCING:
            problem = self._increase(order, position_id, leg)
            if problem:
                return problem
        init = order.init
        if init.reduce_only and init.parent_order_id is None:  # an exit waits for what its parent opens
            problem = self._reduce_only_problem(order, position_id, leg)
            if problem:
                return problem
        if init.expire_time_ns and init.expire_time_ns <= self._clock.timestamp_ns():
            return f"expire_time: must be in the future, was {init.expire_time_ns} ns"
        limit = self._max_notionals.get(order.instrument_id) if self._max_notionals else None
        return order_problem(order, instrument, self._cache, limit)

    def _reduce_only_problem(self, order: Order, position_id: PositionId | None, leg: PositionId | None) -> str:
        """Return why an order that may only reduce would not.

        Where nothing is open, the venue is to say so; of a position that only we have, it cannot.
        """
        if position_id is not None and self._cache.position(position_id) is None:
            return f"reduce_only: {position_id} must be a known position"
        net = self._net(order, position_id, leg)
        is_ours = self._is_kept_here(order)
        if is_ours and (net * order.side.sign >= 0 or order.quantity.value > abs(net)):
            return f"reduce_only: {order.side} {order.quantity} must be at most what its position has, was {net}"
        if net * order.side.sign > 0:
            return f"reduce_only: {order.side} {order.quantity} would increase the position of {net}"
        return ""

    def _net(self, order: Order, position_id: PositionId | None, leg: PositionId | None) -> Decimal:
        """Return what an order can reduce: its position (or leg of it), or else all that is open in its instrument.

        An order that names no position of a strategy which hedges opens one of its own.
        """
        position = None if position_id is None else self._cache.position(position_id)
        if position is not None:
            return position.net_qty if leg is None else (position.legs or {}).get(leg, ZERO)
        oms_types = self._execution.oms_types
        if oms_types.own and oms_types.hedges_here(order.strategy_id, order.instrument_id):
            return ZERO
        strategy_id = order.strategy_id if self._is_kept_here(order) else None
        held = self._cache.positions_open(instrument_id=order.instrument_id, strategy_id=strategy_id)
        return sum((one.net_qty for one in held), ZERO)

    def _is_kept_here(self, order: Order) -> bool:
        """Return whether the order's position is this node's alone, so that the venue cannot judge what reduces it."""
        oms_types, names = self._execution.oms_types, (order.strategy_id, order.instrument_id)
        return bool(oms_types.own) and (oms_types.hedges_here(*names) or oms_types.nets_here(*names))

    def _increase(self, order: Order, position_id: PositionId | None, leg: PositionId | None) -> str:
        problem = increase_problem(order, order.quantity.value, self._net(order, position_id, leg))
        return f"trading_state: {problem} in REDUCING" if problem else ""

    # -- modifications -----------------------------------------------------------------------------------------------

    def _passes_modify(self, command: ModifyOrder) -> bool:
        order = self._cache.order(command.client_order_id)
        if order is None or order.is_closed:
            return True  # the execution engine says so, and sends nothing
        problem = self._modify_problem(command, order)
        return not problem or not self._refuse_modify(command, order, problem)

    def _refuse_modify(self, command: ModifyOrder, order: Order, problem: str) -> bool:
        self._log.warning("%s: modification refused: %s", order.client_order_id, problem)
        now = self._clock.timestamp_ns()
        kinds: list[tuple[type[OrderEvent], dict[str, str]]] = [(OrderModifyRejected, {"reason": problem})]
        if waits_for_earlier_update(order):
            kinds.append((OrderPendingUpdate, {}))  # what was sent before is not answered by this
        for kind, fields in kinds:
            self._execution.process(own_word(order, kind, event_id=self._event_ids.next(), now=now, **fields))
        return True

    def _modify_problem(self, command: ModifyOrder, order: Order) -> str:
        state = self.trading_state
        if state is HALTED:
            return "trading_state: no order may be modified in HALTED"
        quantity = command.quantity
        if state is REDUCING and quantity is not None and quantity.value > order.quantity.value:
            return f"trading_state: quantity {quantity} is more than {order.quantity} in REDUCING"
        instrument = self._cache.instrument(order.instrument_id)
        problem = modification_problem(command, instrument)
        if not problem and instrument is not None:
            limit = self._max_notionals.get(order.instrument_id)
            problem = modified_notional_problem(command, order, instrument, self._cache, limit)
        if problem:
            return problem
        if not self._modifies.take():
            return f"max_order_modify_rate: more than {self._modifies.rate}"
        return ""
