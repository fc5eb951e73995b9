"""The execution engine: applies what is heard about orders, and passes on what is wanted of them.

Everything arrives in queues and is decided here, one item at a time. For an order event that means, in this order:
`core.order_lifecycle` applies it to the order; a fill goes to its position; cache and store take note of both; then,
and only then, it is published. An event that the order refuses changes nothing, is logged, and reaches nobody. Order
and position change together or not at all.

Topics: `events.order.STRATEGY`, `events.fills.INSTRUMENT`, `events.position.STRATEGY`, `events.account.ACCOUNT`,
`events.system.connection`, `events.system.uncertain`, `alarms`. Endpoints: `ExecEngine.execute`, `ExecEngine.process`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from typing import Any

from nautilus_live.adapters.ports import Clock, ExecutionClient
from nautilus_live.config.clients import RoutingConfig
from nautilus_live.config.execution import LiveExecEngineConfig
from nautilus_live.core.admission import admit
from nautilus_live.core.reconciliation import reconcile_reports
from nautilus_live.core.reconciliation.types import Plan, Policy
from nautilus_live.engine.alarms import Alarm, ConnectionChange, Notices, Uncertain
from nautilus_live.engine.cache import Cache
from nautilus_live.engine.commands import CommandRouter
from nautilus_live.engine.doubts import Doubts
from nautilus_live.engine.early_fills import EarlyFills
from nautilus_live.engine.ids import EventIds
from nautilus_live.engine.message_bus import MessageBus
from nautilus_live.engine.order_events import OrderEvents
from nautilus_live.engine.policies import Policies
from nautilus_live.engine.positions import PositionKeeper
from nautilus_live.engine.queues import LiveQueue
from nautilus_live.engine.routing import Routes
from nautilus_live.errors import VenueError
from nautilus_live.model.accounts import account_from
from nautilus_live.model.commands import Command
from nautilus_live.model.enums import OmsType
from nautilus_live.model.events import AccountState, OrderDenied, OrderEvent, OrderInitialized
from nautilus_live.model.identifiers import AccountId, ClientId, ClientOrderId, InstrumentId, StrategyId, TraderId
from nautilus_live.model.instruments import CryptoPerpetual, CurrencyPair, Instrument
from nautilus_live.model.orders import Order
from nautilus_live.model.reports import FillReport, OrderStatusReport, PositionStatusReport

__all__ = ["Alarm", "ConnectionChange", "ExecutionEngine", "Uncertain"]


class ExecutionEngine:
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
        self.config = config
        self.trader_id = trader_id
        self.position_report_hook: Callable[[PositionStatusReport], object] | None = None
        self._publish = msgbus.publish
        self._cache = cache
        self._now = clock.timestamp_ns
        self._event_ids = event_ids
        self._allow_overfills = config.allow_overfills
        self._log = log or logging.getLogger(__name__)
        self._routes: Routes[ExecutionClient] = Routes()
        self._policies = Policies(trader_id, config)
        self.doubts = Doubts(msgbus, clock)
        self._notices = Notices(msgbus, clock, self._log)
        self._positions = PositionKeeper(
            cache,
            clock,
            event_ids,
            self._venue_oms_type,
            lambda strategy_id: msgbus.has_subscribers("events.position." + strategy_id.value),
        )
        self._order_events = OrderEvents(
            msgbus=msgbus,
            cache=cache,
            positions=self._positions,
            notices=self._notices,
            account_of=self._account_of,
            allow_overfills=config.allow_overfills,
            log=self._log,
        )
        self._early = EarlyFills(loop, config.early_fill_expiry_secs, self._notices)
        self._router = CommandRouter(
            loop=loop,
            cache=cache,
            msgbus=msgbus,
            routes=self._routes,
            deny=self.deny,
            on_report=self.receive_report,
            log=self._log,
        )
        on_error = on_error or self._log_error
        self._commands = LiveQueue("ExecEngine commands", config.qsize, self._router.handle, loop, on_error, self._log)
        self._events = LiveQueue("ExecEngine events", config.qsize, self._handle, loop, on_error, self._log)
        self._handlers: dict[type, Callable[[Any], None]] = {
            OrderStatusReport: self._on_report,
            FillReport: self._on_report,
            PositionStatusReport: self._on_position_report,
            AccountState: self._on_account_state,
            CurrencyPair: self._on_instrument,
            CryptoPerpetual: self._on_instrument,
            ConnectionChange: self._on_connection_change,
        }
        msgbus.register("ExecEngine.execute", self.execute)
        msgbus.register("ExecEngine.process", self.process)

    # -- who is there ------------------------------------------------------------------------------------------------

    def register_client(self, client: ExecutionClient, routing: RoutingConfig | None = None) -> None:
        """Add a client, with the venues it serves beside its own. Raises `ConfigError` where two would serve one."""
        self._routes.add(client, routing)

    def deregister_client(self, client: ExecutionClient) -> None:
        """Remove a client."""
        self._routes.remove(client)

    def clients(self) -> list[ExecutionClient]:
        """Return the clients in the order they were registered."""
        return self._routes.all()

    def client(self, client_id: ClientId) -> ExecutionClient | None:
        """Return the client with that id."""
        return self._routes.get(client_id)

    def client_for(self, instrument_id: InstrumentId, client_id: ClientId | None = None) -> ExecutionClient | None:
        """Return the client that an order in the instrument would go to."""
        return self._routes.find(instrument_id.venue, client_id)

    def register_strategy(
        self,
        strategy_id: StrategyId,
        oms_type: OmsType = OmsType.UNSPECIFIED,
        external_order_claims: Iterable[InstrumentId] = (),
    ) -> None:
        """Let a strategy keep positions its own way and own the external orders of some instruments.

        Raises:
            ConfigError: if another strategy claims one of the instruments; nothing was registered.

        """
        self._policies.claim(strategy_id, external_order_claims)
        self._positions.register_strategy(strategy_id, oms_type)

    def check_connected(self) -> bool:
        """Return whether every client is connected."""
        return all(client.is_connected for client in self._routes.all())

    def check_disconnected(self) -> bool:
        """Return whether no client is connected."""
        return not any(client.is_connected for client in self._routes.all())

    def check_residuals(self) -> bool:
        """Log every order that still works and every open position; return whether there are any."""
        working = [*self._cache.orders_open(), *self._cache.orders_inflight()]
        residuals = {order.client_order_id: order for order in working}
        for order in residuals.values():
            self._log.warning("left at stop: %r", order, extra={"client_order_id": order.client_order_id.value})
        for position in self._cache.positions_open():
            self._log.warning("left at stop: %r", position)
        return self._cache.check_residuals()

    # -- policy ------------------------------------------------------------------------------------------------------

    def policy(self, oms_type: OmsType = OmsType.NETTING) -> Policy:
        """Return how to reconcile, from the settings and the strategies' claims."""
        return self._policies.policy(oms_type)

    def policy_for(self, client: ExecutionClient) -> Policy:
        """Return how to reconcile what `client` reports."""
        return self.policy(client.oms_type)

    def _policy_for_account(self, account_id: AccountId) -> Policy:
        client = next((one for one in self._routes.all() if one.account_id == account_id), None)
        return self.policy() if client is None else self.policy_for(client)

    def _venue_oms_type(self, instrument_id: InstrumentId) -> OmsType:
        client = self._routes.find(instrument_id.venue)
        return OmsType.NETTING if client is None else client.oms_type

    def _account_of(self, instrument_id: InstrumentId) -> AccountId | None:
        client = self._routes.find(instrument_id.venue)
        return None if client is None else client.account_id

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

    def kill(self) -> None:
        """Drop what has arrived and take nothing more."""
        self._commands.kill()
        self._events.kill()
        self._router.cancel_tasks()
        self._early.clear()

    @property
    def event_count(self) -> int:
        """How many order events were applied and published."""
        return self._order_events.applied_count

    @property
    def refused_count(self) -> int:
        """How many order events were refused."""
        return self._order_events.refused_count

    @property
    def command_qsize(self) -> int:
        """How many commands wait."""
        return self._commands.qsize()

    @property
    def event_qsize(self) -> int:
        """How many events and reports wait."""
        return self._events.qsize()

    def _log_error(self, error: Exception) -> None:
        self._log.error("unexpected error: %s", error, exc_info=error)

    # -- arrivals ----------------------------------------------------------------------------------------------------

    def execute(self, command: Command) -> None:
        """Take a command. A new order is at once in the cache and the store; sending it waits for its turn."""
        if self._router.take_over(command):
            self._commands.put(command)

    def deny(self, order: Order, reason: str) -> None:
        """Refuse an order before it leaves; order and strategy learn it by an `OrderDenied`."""
        known = self._cache.order(order.client_order_id)
        if known is None:
            self._router.record(order)
        elif known is not order:
            self._router.is_used(order)
            return
        now = self._now()
        self._log.warning("%s: denied: %s", order.client_order_id, reason)
        self.process(
            OrderDenied(
                event_id=self._event_ids.next(),
                ts_event=now,
                ts_init=now,
                trader_id=self.trader_id,
                strategy_id=order.strategy_id,
                instrument_id=order.instrument_id,
                client_order_id=order.client_order_id,
                reason=reason,
            )
        )

    def process(self, event: OrderEvent) -> None:
        """Take an order event."""
        self._events.put(event)

    def receive_report(self, report: OrderStatusReport | FillReport | PositionStatusReport) -> None:
        """Take a report that came unasked, or one that was asked for alone."""
        self._events.put(report)

    def receive_account_state(self, state: AccountState) -> None:
        """Take an account state."""
        self._events.put(state)

    def receive_instrument(self, instrument: Instrument) -> None:
        """Take an instrument definition."""
        self._events.put(instrument)

    def receive_connection_change(self, client_id: ClientId, connected: bool, reason: str) -> None:
        """Learn that a connection was lost or came back."""
        self._events.put(ConnectionChange(client_id=client_id, connected=connected, reason=reason, ts=self._now()))

    def _handle(self, item: Any) -> None:
        handler = self._handlers.get(type(item))
        if handler is None:
            self._on_order_event(item)
        else:
            handler(item)

    # -- orders ------------------------------------------------------------------------------------------------------

    def _on_order_event(self, event: OrderEvent) -> None:
        admission = admit(self._cache, event, allow_overfills=self._allow_overfills)
        for note in admission.notes:
            self._notices.note(note)
        for admitted in admission.events:
            self._apply(admitted)
        if admission.held is not None:
            self._early.hold(admission.held)

    def _apply(self, event: OrderEvent) -> None:
        order = self._cache.order(event.client_order_id)
        if order is None:
            if type(event) is not OrderInitialized:
                self._log.warning("%s: no such order, %s dropped", event.client_order_id, type(event).__name__)
                return
            order = self._order_events.create(event)
        elif type(event) is OrderInitialized or not self._order_events.apply(order, event):
            return
        if self._early.waiting:
            for fill in self._early.claim(order):
                self._events.put(fill)

    def apply_plan(self, plan: Plan) -> None:
        """Carry out what reconciliation decided, at once: event by event, then its findings."""
        for event in plan.events:
            self._apply(event)
        for note in plan.notes:
            self._notices.note(note)
        for fill in plan.deferred:
            self._early.hold(fill)
        self.doubts.quarantine(plan.quarantined)
        for instrument_id, reason in plan.uncertain.items():
            self.doubts.mark_uncertain(instrument_id, reason)

    # -- everything else ---------------------------------------------------------------------------------------------

    def _on_report(self, report: OrderStatusReport | FillReport) -> None:
        orders = [report] if isinstance(report, OrderStatusReport) else []
        fills = [report] if isinstance(report, FillReport) else self._early.claim_reports(report)
        policy = self._policy_for_account(report.account_id)
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

    def _on_account_state(self, state: AccountState) -> None:
        account = self._cache.account(state.account_id)
        if account is None:
            self._cache.add_account(account_from(state))
        else:
            account.apply(state)
            self._cache.update_account(account)
        self._publish(f"events.account.{state.account_id.value}", state)

    def _on_instrument(self, instrument: Instrument) -> None:
        self._cache.add_instrument(instrument)
        self._publish(f"data.instrument.{instrument.venue.value}.{instrument.symbol.value}", instrument)

    def _on_connection_change(self, change: ConnectionChange) -> None:
        if change.connected:
            self._log.info("%s: connected again: %s", change.client_id, change.reason)
        else:
            self._log.warning("%s: connection lost: %s", change.client_id, change.reason)
        self._publish("events.system.connection", change)
