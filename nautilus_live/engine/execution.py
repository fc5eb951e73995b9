"""The execution engine: applies what is heard about orders, and passes on what is wanted of them.

Everything arrives in queues and is decided here, one item at a time. For an order event that means, in this order:
`core.order_lifecycle` applies it to the order; a fill goes to its position; cache and store take note of both; then,
and only then, it is published. An event that the order refuses changes nothing, is logged, and reaches nobody. Order
and position change together or not at all.

Topics: `events.order.STRATEGY`, `events.fills.INSTRUMENT`, `events.position.STRATEGY`, `events.account.ACCOUNT`,
`events.system.connection`, `events.system.stream_gap`, `events.system.uncertain`, `alarms`. Endpoints:
`ExecEngine.execute`, `ExecEngine.process`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from functools import partial
from typing import Any, get_args

from nautilus_live.adapters.ports import Clock
from nautilus_live.config.execution import LiveExecEngineConfig
from nautilus_live.core.admission import special_case, special_fill
from nautilus_live.core.admitted import Admission
from nautilus_live.core.reconciliation import reconcile_reports
from nautilus_live.core.reconciliation.external import made_from_fills
from nautilus_live.core.reconciliation.strangers import hand_over
from nautilus_live.core.reconciliation.types import Plan
from nautilus_live.engine.alarms import ConnectionChange, Notices
from nautilus_live.engine.cache import Cache
from nautilus_live.engine.commands import CommandRouter
from nautilus_live.engine.connections import Connections
from nautilus_live.engine.doubts import Doubts
from nautilus_live.engine.early_fills import EarlyFills
from nautilus_live.engine.holds import Holds
from nautilus_live.engine.ids import EventIds
from nautilus_live.engine.message_bus import MessageBus
from nautilus_live.engine.news import News
from nautilus_live.engine.order_events import OrderEvents
from nautilus_live.engine.participants import Participants
from nautilus_live.engine.positions import PositionKeeper
from nautilus_live.engine.queues import TypedQueue
from nautilus_live.engine.refusals import Refusals
from nautilus_live.engine.residuals import log_residuals
from nautilus_live.engine.venue_positions import VenuePositions
from nautilus_live.engine.waiting_words import Overdue, WaitingWords
from nautilus_live.errors import VenueError
from nautilus_live.model.commands import Command
from nautilus_live.model.enums import Provenance
from nautilus_live.model.events import REFUSALS, AccountState, OrderEvent, OrderEventAny, OrderFilled, OrderInitialized
from nautilus_live.model.identifiers import ClientId, ClientOrderId, InstrumentId, TraderId
from nautilus_live.model.instruments import Instrument
from nautilus_live.model.orders import Order
from nautilus_live.model.reports import FillReport, OrderStatusReport, PositionStatusReport

LOCAL, POLICY = Provenance.LOCAL, Provenance.POLICY


class ExecutionEngine(Participants):
    """Keeps orders and positions; also the `ExecutionSink` that clients speak to.

    Args:
        loop: drains the queues and runs timers.
        trader_id: whose orders these are.
        msgbus: where events are published.
        cache: where orders and positions live.
        clock: our time.
        event_ids: ids for the events made here.
        config: settings.
        log: where to log; by default this module's logger.
        on_error: called with an unexpected error of a handler; by default it is logged.

    """

    def __init__(
        self,
        *,
        loop: asyncio.AbstractEventLoop,
        trader_id: TraderId,
        msgbus: MessageBus,
        cache: Cache,
        clock: Clock,
        event_ids: EventIds,
        config: LiveExecEngineConfig,
        log: logging.Logger | None = None,
        on_error: Callable[[Exception], object] | None = None,
    ) -> None:
        super().__init__(trader_id, config)
        self._cache, self.config, self.trader_id = cache, config, trader_id
        self.position_report_hook: Callable[[PositionStatusReport], object] | None = None
        self.question_hook: Callable[[Order], object] | None = None
        self._now = clock.timestamp_ns
        self._allow_overfills = config.allow_overfills
        self._filtered = frozenset(config.filtered_client_order_ids or ())
        self._log = log or logging.getLogger(__name__)
        self._notices = Notices(msgbus, clock, self._log)
        self._hold_back(loop, msgbus, clock)
        events: dict[type, Callable[[Any], None]] = {
            **dict.fromkeys(get_args(OrderEventAny), self._on_order_event),
            OrderFilled: self._on_fill,
            Overdue: self._on_overdue,
            OrderStatusReport: self._on_report,
            FillReport: self._on_report,
            PositionStatusReport: self._on_position_report,
            **News(cache, msgbus.publish, self._log).handlers(),
        }
        queue = partial(TypedQueue, loop=loop, on_error=on_error or self._log_error, log=self._log, tells=config.debug)
        self._events = queue("ExecEngine events", config.qsize, events, strict=True)
        self.process: Callable[[OrderEvent], None] = self._events.put
        """Takes an order event. So many come that not even a call lies between who tells of them and the queue."""
        self._refusals = Refusals(cache=cache, clock=clock, event_ids=event_ids, process=self.process, log=self._log)
        self._positions = PositionKeeper(cache, clock, event_ids, self.venue_oms_type, msgbus.has_subscribers)
        self._order_events = OrderEvents(
            msgbus=msgbus,
            cache=cache,
            positions=self._positions,
            notices=self._notices,
            account_of=self.account_of,
            allow_overfills=config.allow_overfills,
            log=self._log,
        )
        self._early = EarlyFills(loop, config.early_fill_expiry_secs, self._notices)
        self._router = CommandRouter(
            loop=loop,
            cache=cache,
            msgbus=msgbus,
            routes=self._routes,
            holds=self.holds,
            deny=self.deny,
            turn_away=self._refusals.turn_away,
            refuse=self._refusals.refuse,
            positions=VenuePositions(cache, self._positions.oms_types),
            on_report=self.receive_report,
            log=self._log,
            converts_quotes=config.convert_quote_qty_to_base,
        )
        self._commands = queue("ExecEngine commands", config.qsize, self._router.handlers)
        self.waiting_commands = self._commands.items  # only to be looked at
        self._commands.on_overflow = self._events.on_overflow = self._notices.alarm
        self.waiting = WaitingWords(loop, cache, self._events.put, self._log)
        msgbus.register("ExecEngine.execute", self.execute)
        msgbus.register("ExecEngine.process", self.process)

    def _hold_back(self, loop: asyncio.AbstractEventLoop, msgbus: MessageBus, clock: Clock) -> None:
        """Make what keeps orders in while something is not known."""
        config = self.config
        self.doubts = Doubts(msgbus, clock, self._cache, self._log)
        self.holds = Holds(self._cache, self.doubts, holds_uncertain=config.uncertain_policy == "hold")
        self.connections = Connections(
            loop=loop,
            msgbus=msgbus,
            clock=clock,
            holds=self.holds,
            notices=self._notices,
            venue_of=self.venue_of,
            alarm_after_s=config.disconnected_alarm_secs,
            log=self._log,
        )

    # -- what is doubted ----------------------------------------------------------------------------------------------

    def uncertain_instruments(self) -> dict[InstrumentId, str]:
        """Return the instruments whose positions may not be the venue's, each with the reason."""
        return self.doubts.uncertain_instruments()

    def quarantined_orders(self) -> dict[ClientOrderId, str]:
        """Return the orders whose reports contradict what we know, each with the reason."""
        return self.doubts.quarantined_orders()

    def clear_uncertain(self, instrument_id: InstrumentId) -> None:
        """Trust the instrument's position again."""
        self.doubts.clear_uncertain(instrument_id)

    # -- life --------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to handle what arrives, and what has arrived."""
        self._commands.start()
        self._events.start()

    def stop(self) -> None:
        """Handle what has arrived, then take nothing more and wait for nothing more."""
        self._commands.stop()
        self._router.cancel_tasks()
        self._events.stop()
        self._early.clear()
        self.waiting.clear()

    def kill(self) -> None:
        """Drop what has arrived and take nothing more."""
        self._commands.kill()
        self._events.kill()
        self._router.cancel_tasks()
        self.connections.stop()
        self._early.clear()
        self.waiting.clear()

    @property
    def event_count(self) -> int:
        """How many order events were applied and published."""
        return self._order_events.applied_count

    @property
    def refused_count(self) -> int:
        """How many order events were refused."""
        return self._order_events.refused_count

    @property
    def event_qsize(self) -> int:
        """How many events and reports wait."""
        return self._events.qsize()

    def _log_error(self, error: Exception) -> None:
        self._log.error("unexpected error: %s", error, exc_info=error)

    def check_residuals(self) -> bool:
        """Log every order that still works and every open position; return whether there are any."""
        return log_residuals(self._cache, self._log)

    # -- arrivals ----------------------------------------------------------------------------------------------------

    def execute(self, command: Command) -> None:
        """Take a command. A new order is at once in the cache and the store; sending it waits for its turn."""
        if self._router.take_over(command):
            self._commands.put(command)

    def keep_here(self, orders: list[Order], *given: Any) -> bool:
        """Remember new orders without sending them; see `CommandRouter.keep_here`."""
        return self._router.keep_here(orders, *given)

    def is_handed_over(self, order: Order) -> bool:
        """Return whether an order that was held here is with its client, and not said to have left."""
        return order in self._router.handed_over

    def deny(self, order: Order, reason: str) -> None:
        """Refuse an order before it leaves; order and strategy learn it by an `OrderDenied`."""
        known = self._cache.order(order.client_order_id)
        if known is None:
            self._router.record(order)
        elif known is not order:
            self._refusals.turn_away(order, reason)
            return
        self._refusals.deny(order, reason)

    def receive_report(self, report: OrderStatusReport | FillReport | PositionStatusReport) -> None:
        """Take a report that came unasked, or one that was asked for alone."""
        self._events.put(report)

    def receive_account_state(self, state: AccountState) -> None:
        """Take an account state."""
        self._events.put(state)

    def receive_instrument(self, instrument: Instrument) -> None:
        """Take an instrument definition."""
        self._events.put(instrument)

    def receive_connection_change(
        self, client_id: ClientId, connected: bool, reason: str, since_ns: int | None = None
    ) -> None:
        """Learn that a stream was lost or came back. Commands are held at once; the news takes its turn."""
        self._events.put(ConnectionChange(client_id=client_id, connected=connected, reason=reason, ts=self._now()))
        if connected:
            self.connections.back(client_id)
        else:
            self.connections.lost(client_id, reason, since_ns)

    def receive_missed(self, client_id: ClientId, since_ns: int, reason: str) -> None:
        """Learn that something was missed although the stream stood."""
        self.connections.missed(client_id, since_ns, reason)

    # -- orders ------------------------------------------------------------------------------------------------------

    def _on_order_event(self, event: OrderEvent, overdue: bool = False) -> None:
        order = self._cache.order(event.client_order_id)
        special = special_case(self._cache, order, event, self._allow_overfills, overdue)
        if special is not None:
            self._carry_out(special, event)
        elif order is not None:
            if self._order_events.apply(order, event):
                self._follow(order, event)
            if self._cache.strangers:
                self._hand_over(event)

    def _on_fill(self, fill: OrderFilled) -> None:
        """Do the same about a fill, the straight way."""
        order = self._cache.order(fill.client_order_id)
        special = special_fill(self._cache, order, fill, self._allow_overfills)
        if special is not None:
            self._carry_out(special, fill)
        elif order is not None:
            if self._order_events.apply_fill(order, fill):
                self._follow(order, fill)
            if self._cache.strangers:
                self._hand_over(fill)

    def _carry_out(self, admission: Admission, event: OrderEvent) -> None:
        for note in admission.notes:
            self._notices.note(note)
        if admission.unheard and admission.ask_about is not None and event.client_order_id not in self._filtered:
            self.doubts.mark_unheard(admission.ask_about, admission.unheard)
        for admitted in admission.events:
            self._apply(admitted)
        self._hand_over(event)
        if admission.held is not None:
            self._early.hold(admission.held)
        if admission.waits is not None:
            self.waiting.hold(admission.waits)
        if admission.late is not None:
            self.apply_plan(admission.late)
        if admission.ask_about is not None:
            self._ask_about(admission.ask_about)

    def _hand_over(self, event: OrderEvent) -> None:
        """Give back what orders of ours had as a stranger's, now that `event` may have shown it."""
        for made, ours in self._cache.mistaken():
            self.apply_plan(hand_over(made, ours, event.ts_init))

    def _apply(self, event: OrderEvent) -> None:
        order = self._cache.order(event.client_order_id)
        if order is not None:
            if self._order_events.apply(order, event):
                self._follow(order, event)
        elif type(event) is OrderInitialized:
            self._follow(self._order_events.create(event), event)
        else:
            self._log.warning("%s: no such order, %s dropped", event.client_order_id, type(event).__name__)

    def _follow(self, order: Order, event: OrderEvent) -> None:
        """Let those know who wait for what the order just learned."""
        if self.doubts.orders:
            self.doubts.hear(event)
        if self._early.waiting:
            for fill in self._early.claim(order):
                self._events.put(fill)
        if self.waiting.words:
            self.waiting.moved(order)
        if type(event) in REFUSALS and order.is_open and event.provenance is not LOCAL:
            self._ask_about(order)  # it may have ended unheard

    def _ask_about(self, order: Order) -> None:
        if self.question_hook is not None:
            self.question_hook(order)

    def apply_plan(self, plan: Plan) -> None:
        """Carry out what reconciliation decided, at once: event by event, then its findings.

        What is doubted is doubted first: whoever hears an event and acts on it is held already.
        """
        for stone in plan.tombstones.values():
            self._cache.bury(stone)
        told = self.doubts.quarantine(plan.quarantined, plan.doubted)
        for instrument_id, reason in plan.uncertain.items():
            self.doubts.mark_uncertain(instrument_id, reason)
        self.doubts.postponed.update(plan.postponed)
        for event in plan.events:
            if event.provenance is POLICY:
                self.doubts.mark_conclusion(self._cache.order(event.client_order_id), event)
            self._apply(event)
        self.doubts.agree(plan.agreed)
        for order in made_from_fills(self._cache, plan.events):
            self._ask_about(order)  # it may work: nobody has shown the order itself
        for note in plan.notes:
            if not told or note.client_order_id is None or told.get(note.client_order_id) != note.text:
                self._notices.note(note)
        for fill in plan.deferred:
            self._early.hold(fill)

    # -- words that wait for an answer -------------------------------------------------------------------------------

    def _on_overdue(self, overdue: Overdue) -> None:
        if isinstance(overdue.word, OrderStatusReport):
            self._reconcile(overdue.word)
        else:
            self._on_order_event(overdue.word, overdue=True)

    # -- reports ---------------------------------------------------------------------------------------------------

    def _on_report(self, report: OrderStatusReport | FillReport) -> None:
        if isinstance(report, FillReport) or not self.waiting.takes(report):
            self._reconcile(report)

    def _reconcile(self, report: OrderStatusReport | FillReport) -> None:
        orders = [report] if isinstance(report, OrderStatusReport) else []
        fills = [report] if isinstance(report, FillReport) else self._early.claim_reports(report)
        policy = self.policy_for_account(report.account_id)
        try:
            plan = reconcile_reports(self._cache, report.account_id, orders, fills, policy, self._now())
        except VenueError as error:
            self._notices.alarm("report.contradicts", str(error), venue_order_id=report.venue_order_id)
            return
        self.apply_plan(plan)

    def _on_position_report(self, report: PositionStatusReport) -> None:
        # One report proves little while fills are under way; the position check compares with care.
        self._log.info("%s: the venue reports %s %s", report.instrument_id, report.position_side, report.quantity)
        if self.position_report_hook is not None:
            self.position_report_hook(report)
