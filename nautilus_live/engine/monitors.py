"""The monitors: the runtime checks that run beside trading, each a loop around a machine of `core`.

Know the clock, the event loop, the clients and the engine; decide nothing about orders. Promises:

1. A cycle begins on the grid of its interval, however long the one before took; missed ones are not made up.
2. What a cycle raises is logged with its traceback; the next cycle comes all the same. One client's failure is nobody
   else's, one order's neither.
3. What was concluded without the venue is applied like any event, logged as a warning and alarmed.
4. After `stop` nothing is asked and nothing is applied.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

from nautilus_live.adapters.ports import Clock, ExecutionClient, ReportsQuery
from nautilus_live.adapters.tasks import Tasks
from nautilus_live.config.execution import LiveExecEngineConfig
from nautilus_live.core.conclusions import Outcome
from nautilus_live.core.inflight import Action, Alarm, InflightCheck, Query, Resolve
from nautilus_live.core.open_orders import OpenOrdersCheck
from nautilus_live.core.reconciliation.types import Plan
from nautilus_live.engine.cache import Cache
from nautilus_live.engine.execution import ExecutionEngine
from nautilus_live.engine.inquiries import Inquiries, Unanswered
from nautilus_live.engine.own_books import OwnBooksMonitor
from nautilus_live.engine.periodic import run_on_grid
from nautilus_live.engine.position_monitor import position_monitors
from nautilus_live.model.identifiers import ClientId, ClientOrderId
from nautilus_live.model.orders import Order
from nautilus_live.model.reports import OrderStatusReport

QUESTIONS_AT_ONCE_MAX = 10
"""Questions about single orders that the in-flight check has under way at one client."""

_log = logging.getLogger(__name__)


class Monitors:
    """The runtime checks of one node.

    Args:
        loop: where they run.
        engine: applies what they find.
        cache: what is known.
        clock: our time.
        config: which checks there are, and how often.
        log: where to log; by default this module's logger.

    """

    def __init__(
        self,
        *,
        loop: asyncio.AbstractEventLoop,
        engine: ExecutionEngine,
        cache: Cache,
        clock: Clock,
        config: LiveExecEngineConfig,
        log: logging.Logger | None = None,
    ) -> None:
        self._loop = loop
        self._engine = engine
        self._cache = cache
        self._clock = clock
        self._config = config
        self._log = log or _log
        self._inquiries = Inquiries(engine, cache, clock, self._log)
        self._tasks = Tasks(loop, self._log, meaning="a check ended")

    def start(self) -> None:
        """Begin, `reconciliation_startup_delay_secs` from now."""
        config = self._config
        inflight = InflightMonitor(self._engine, self._cache, self._clock, config, self._inquiries, self._spawn)
        self._engine.question_hook = inflight.ask_at_once
        if config.inflight_check_interval_ms:
            self._every(config.inflight_check_interval_ms / 1_000, "in-flight check", inflight.cycle)
        if config.open_check_interval_secs:
            for client in self._engine.clients():
                poll = OpenOrdersMonitor(self._engine, self._cache, self._clock, config, self._inquiries, client)
                self._every(config.open_check_interval_secs, f"open-order check of {client.id}", poll.cycle)
        if config.own_books_audit_interval_secs:
            books = OwnBooksMonitor(self._engine, self._cache, self._clock, config, self._inquiries)
            self._every(config.own_books_audit_interval_secs, "own books audit", books.cycle)
        for monitor in position_monitors(self._engine, self._cache, self._clock, config, self._inquiries, self._spawn):
            interval_s = config.position_check_interval_secs or 0.0
            self._every(interval_s, f"position check of {monitor.client.id}", monitor.cycle)

    def stop(self) -> list[asyncio.Future[Any]]:
        """End at once; returns the tasks that end within the next turns of the loop."""
        self._engine.position_report_hook = None
        self._engine.question_hook = None
        return self._tasks.cancel()

    def forget(self, order: Order) -> None:
        """Forget what was said about an order that was purged."""
        self._inquiries.forget(order)

    def _every(self, interval_s: float, name: str, cycle: Callable[[], Coroutine[Any, Any, None]]) -> None:
        def on_error() -> None:
            self._log.exception("%s: a cycle failed; the next one comes in its turn", name)

        self._log.debug("%s: every %s s", name, interval_s)
        delay_s = self._config.reconciliation_startup_delay_secs
        self._spawn(run_on_grid(self._loop, delay_s, interval_s, cycle, on_error), name)

    def _spawn(self, work: Coroutine[Any, Any, None], name: str) -> None:
        self._tasks.start(work, name)


class InflightMonitor:
    """Asks about orders that wait for the venue, or of which it refused a command; does what `core.inflight` concludes.

    Questions run beside the cycles: a client that takes its time keeps none of the others waiting.
    """

    def __init__(
        self,
        engine: ExecutionEngine,
        cache: Cache,
        clock: Clock,
        config: LiveExecEngineConfig,
        inquiries: Inquiries,
        spawn: Callable[[Coroutine[Any, Any, None], str], None],
    ) -> None:
        self._engine = engine
        self._cache = cache
        self._clock = clock
        self._inquiries = inquiries
        self._spawn = spawn
        self._turns: dict[ClientId, asyncio.Semaphore] = {}
        self._asked_at_once: dict[ClientOrderId, None] = {}
        self._check = InflightCheck(
            threshold_ms=config.inflight_check_threshold_ms,
            retries=config.inflight_check_retries,
            policy=config.inflight_policy,
            filtered=config.filtered_client_order_ids or (),
        )

    async def cycle(self) -> None:
        """Look at every order in flight once."""
        waiting = self._engine.event_qsize > 0
        orders = self._cache.orders_inflight()
        for action in self._check.tick(orders, self._clock.timestamp_ns(), events_waiting=waiting):
            try:
                self._do(action)
            except Exception:
                _log.exception("in-flight check: %r failed", action)

    def ask_at_once(self, order: Order) -> None:
        """Ask about an order now: something that was said of it shows that we do not know how it is."""
        name = order.client_order_id
        if name not in self._asked_at_once:
            self._asked_at_once[name] = None
            self._spawn(self._ask_at_once(order), f"ask about {name} at once")

    async def _ask_at_once(self, order: Order) -> None:
        try:
            client = client_of(self._engine, self._cache, order)
            if client is not None:
                async with self._turns.setdefault(client.id, asyncio.Semaphore(QUESTIONS_AT_ONCE_MAX)):
                    await self._inquiries.ask(client, order)
        finally:
            del self._asked_at_once[order.client_order_id]

    def _do(self, action: Action) -> None:
        match action:
            case Query(order, _):
                self._spawn(self._ask(action, len(order.events)), f"ask about {order.client_order_id}")
            case Resolve(event, note, events_seen):
                ended = self._cache.order(event.client_order_id)
                # What an earlier action set off may have moved this order: then the next cycle looks at it anew.
                if ended is not None and len(ended.events) == events_seen:
                    self._engine.apply_plan(Plan(events=[event], notes=[note]))
            case Alarm(note):
                self._engine.apply_plan(Plan(notes=[note]))

    async def _ask(self, query: Query, events_seen: int) -> None:
        order = query.order
        outcome = Outcome.UNANSWERED
        try:
            client = client_of(self._engine, self._cache, order)
            if client is None:
                _log.warning("%s: no client to ask about it; nothing is concluded", order.client_order_id)
                return
            async with self._turns.setdefault(client.id, asyncio.Semaphore(QUESTIONS_AT_ONCE_MAX)):
                if len(order.events) == events_seen:  # else it moved while the question waited for its turn
                    self._check.leaves(query, self._clock.timestamp_ns())
                    outcome = await self._inquiries.ask(client, order)
        finally:
            self._check.answered(query, outcome)


class OpenOrdersMonitor:
    """Compares one client's orders with its venue's list, and carries out what `core.open_orders` concludes."""

    def __init__(
        self,
        engine: ExecutionEngine,
        cache: Cache,
        clock: Clock,
        config: LiveExecEngineConfig,
        inquiries: Inquiries,
        client: ExecutionClient,
    ) -> None:
        self._engine = engine
        self._cache = cache
        self._clock = clock
        self._inquiries = inquiries
        self._client = client
        self._pause_s = config.single_order_query_delay_ms / 1_000
        self._check = OpenOrdersCheck(
            open_only=config.open_check_open_only,
            lookback_mins=config.open_check_lookback_mins,
            threshold_ms=config.open_check_threshold_ms,
            missing_retries=config.open_check_missing_retries,
            questions_max=config.max_single_order_queries_per_cycle,
            filtered=config.filtered_client_order_ids or (),
            instrument_ids=config.reconciliation_instrument_ids or (),
        )

    async def cycle(self) -> None:
        """Ask for the list once and follow it up."""
        asked_ns = self._clock.timestamp_ns()
        poll = self._check.poll(asked_ns)
        query = ReportsQuery(open_only=poll.open_only, start_ns=poll.start_ns)
        reports: list[OrderStatusReport] | None = None  # no answer is no evidence: the check knows
        with suppress(Unanswered):
            reports = await self._inquiries.answer(
                self._client.generate_order_status_reports(query), f"{self._client.id}: open-order check"
            )
        findings = self._check.compare(
            self._cache,
            self._working(),
            reports,
            asked_ns,
            self._clock.timestamp_ns(),
            inflight=self._cache.orders_inflight(),
        )
        for group in findings.differing:
            try:
                if await self._inquiries.reconcile(self._client, group):
                    self._check.settled(self._cache, group)
            except Exception:
                _log.exception("%s: its report cannot be used", group[0].venue_order_id)
        if findings.postponed:
            _log.warning(
                "%s: %d more missing orders wait for a later cycle (max_single_order_queries_per_cycle)",
                self._client.id,
                findings.postponed,
            )
        for number, order in enumerate(findings.questions):
            if number:
                await asyncio.sleep(self._pause_s)
            await self._ask(order)

    def _working(self) -> list[Order]:
        return [
            order for order in self._cache.orders_open() if client_of(self._engine, self._cache, order) is self._client
        ]

    async def _ask(self, order: Order) -> None:
        if order.is_closed:
            return  # it ended while it waited for its turn
        events_seen = len(order.events)
        try:
            outcome = await self._inquiries.ask(self._client, order)
            resolution = self._check.answered(
                order,
                outcome,
                events_seen,
                self._clock.timestamp_ns(),
                events_waiting=self._engine.event_qsize > 0 or order.client_order_id in self._engine.waiting.words,
            )
            if resolution is not None:
                self._engine.apply_plan(Plan(events=[resolution.event], notes=[resolution.note]))
        except Exception:
            _log.exception("%s: the question about it failed", order.client_order_id)


def client_of(engine: ExecutionEngine, cache: Cache, order: Order) -> ExecutionClient | None:
    """Return the client to ask about `order`."""
    return engine.client_of(order, cache.client_id(order.client_order_id))
