"""Second looks: what settles a doubt, looked for while the node trades on, ever less often.

Knows the doubts, the clients' queries through `engine.inquiries`, and our time. Promises:

1. An order that we ended ourselves is trusted to have ended once the venue's lists of open orders and of trades, asked
   for after that, both came whole and do not have it, nor has the venue it when asked about it alone: lists leave
   things out. If it is there, it is reconciled like any report.
2. A position is trusted again once the venue's own is the same; one that could not be compared at the start is
   compared, and aligned where it still differs; so is one that waited for nothing but a price, once there is one.
3. An order that ended with more filled than we were shown, or that was set aside so that nobody knows what we hold, is
   asked about until a report has it just as we do. If the venue has forgotten it and shows no trade, its own last word
   is the report.
4. An order that waits for the venue longer than `uncertain_after_secs` makes its instrument uncertain, and is alarmed
   once; the venue's word about it ends that.
5. An order of which only trades are known when the node starts may work all the same: the list of open orders is asked
   for soon after the start, and once more when no list lags that far behind.
6. What a start's lists left out is asked about alone (`engine.left_out`).
7. No answer settles nothing.

After a restart the startup reconciliation is the second look; where there was none, whatever we ended ourselves before
is doubted anew, and so is in any case what ended with more filled than is known.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from contextlib import suppress

from nautilus_live.adapters.ports import Clock, ExecutionClient, ReportsQuery
from nautilus_live.adapters.tasks import Tasks
from nautilus_live.config.execution import LiveExecEngineConfig
from nautilus_live.core.conclusions import Outcome
from nautilus_live.core.reconciliation import reconcile_positions
from nautilus_live.core.reconciliation.external import is_made_from_fills
from nautilus_live.core.reconciliation.types import Level, Note, Plan
from nautilus_live.core.unheard import last_word, stated_qty
from nautilus_live.engine.agreement import differences, is_waited_for, trust
from nautilus_live.engine.cache import Cache
from nautilus_live.engine.doubts import Doubts
from nautilus_live.engine.execution import ExecutionEngine
from nautilus_live.engine.inquiries import Inquiries, Unanswered
from nautilus_live.engine.left_out import ask_about_left_out, may_be_left_out
from nautilus_live.model.identifiers import ClientId, ClientOrderId, InstrumentId
from nautilus_live.model.orders import Order
from nautilus_live.model.reports import FillReport, OrderStatusReport, PositionStatusReport

LOOK_S_MIN, LOOK_S_MAX = 5.0, 60.0
"""Seconds before the first look, and at most between two: lists may lag behind what the venue does."""
WATCHES_PER_WAIT = 4
_log = logging.getLogger(__name__)


class SecondLooks:
    """Looks into the doubts of one engine."""

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
        self._engine = engine
        self._doubts: Doubts = engine.doubts
        self._cache = cache
        self._clock = clock
        self._after_s = config.uncertain_after_secs
        self._is_checked = bool(config.open_check_interval_secs)
        self._pause_s = config.single_order_query_delay_ms / 1_000
        self._filtered = frozenset(config.filtered_client_order_ids or ())
        self._margin_ns = round(config.reconnect_margin_secs * 1e9)
        self._log = log or _log
        self._inquiries = Inquiries(engine, cache, clock, self._log)
        self._tasks = Tasks(loop, self._log, meaning="looks no further")
        self._looking: dict[InstrumentId, None] = {}
        self._found: dict[ClientOrderId, int] = {}

    def start(self, unreconciled: dict[ClientId, None] | None = None) -> None:
        """Begin, with what is doubted by now; the clients `unreconciled` had no startup reconciliation."""
        self._doubts.on_doubt, self._doubts.on_left_out = self._begin, self._ask_about_left_out
        half_known: dict[ClientId, ExecutionClient] = {}
        concluded: list[Order] = []
        for order in self._cache.orders_closed():
            if is_made_from_fills(order):
                client = self._client(order)
                if client is not None:
                    half_known[client.id] = client
            elif order.provisional and self._is_of(order, unreconciled or {}):
                self._doubts.mark_order(order, "ended by us before this start, and the venue was not asked since")
            elif may_be_left_out(order):
                concluded.append(order)
            elif (stated := stated_qty(order)) > order.filled_qty.value and order.client_order_id not in self._filtered:
                self._doubts.mark_unheard(order, stated)
        for client_order_id, reason in self._doubts.untold().items():
            text = f"{client_order_id}: set aside before this start, and no report of the venue settles it: {reason}"
            known = self._cache.order(client_order_id)
            self._alarm("order.set_aside", text, client_order_id, None if known is None else known.instrument_id)
        for instrument_id in self._doubts.uncertain_instruments():
            self._begin(instrument_id)
        for client in half_known.values():
            self._tasks.start(self._look_for_half_known(client), f"second looks at {client.id}")
        self._ask_about_left_out(concluded)
        if self._after_s is not None:
            self._tasks.start(self._watch(self._after_s), "watch over orders in flight")

    def stop(self) -> list[asyncio.Future[None]]:
        """End at once; returns the tasks that end within the next turns of the loop."""
        self._doubts.on_doubt = self._doubts.on_left_out = None
        self._looking.clear()
        return self._tasks.cancel()

    def _is_of(self, order: Order, clients: dict[ClientId, None]) -> bool:
        client = self._client(order)
        return client is not None and client.id in clients

    def _client(self, order: Order) -> ExecutionClient | None:
        return self._engine.client_of(order, self._cache.client_id(order.client_order_id))

    def _ask_about_left_out(self, concluded: Iterable[Order] = ()) -> None:
        """Ask about orders that the lists of a start left out, each alone, and about those `concluded` before it."""
        names, self._doubts.left_out = self._doubts.left_out, {}
        known = [order for order in map(self._cache.order, names) if order is not None]
        by_client: dict[ClientId, list[Order]] = {}
        for order in (*known, *concluded):
            is_checked = self._is_checked and not order.is_closed
            client = None if is_checked or order.client_order_id in self._filtered else self._client(order)
            if client is not None:
                by_client.setdefault(client.id, []).append(order)
        for client_id, orders in by_client.items():
            asked = self._engine.client(client_id)
            if asked is not None:
                waits_s = (LOOK_S_MIN, LOOK_S_MAX)
                asking = ask_about_left_out(self._inquiries, asked, orders, waits_s=waits_s, pause_s=self._pause_s)
                self._tasks.start(asking, f"orders that {client_id} left out")

    # -- looking into doubts -----------------------------------------------------------------------------------------

    def _begin(self, instrument_id: InstrumentId) -> None:
        if instrument_id not in self._looking:
            self._looking[instrument_id] = None
            self._tasks.start(self._look_until_certain(instrument_id), f"second looks at {instrument_id}")

    async def _look_until_certain(self, instrument_id: InstrumentId) -> None:
        wait_s = LOOK_S_MIN
        try:
            while self._doubts.reason(instrument_id):
                await asyncio.sleep(wait_s)
                wait_s = min(wait_s * 2, LOOK_S_MAX)
                try:
                    await self._look(instrument_id)
                except Unanswered:
                    continue  # no answer settles nothing; it was logged
                except Exception:
                    self._log.exception("%s: a second look failed; the next one comes in its turn", instrument_id)
        finally:
            self._looking.pop(instrument_id, None)

    async def _look(self, instrument_id: InstrumentId) -> None:
        by_client: dict[ClientId, list[Order]] = {}
        doubts = self._doubts
        for order in doubts.orders_of(instrument_id):
            client = self._client(order)
            if not doubts.is_unsettled(order):
                doubts.trust_order(order.client_order_id, f"it is {order.status}, and waits for nothing")
            elif client is None or order.client_order_id in doubts.stated:
                continue
            elif order.is_closed:  # one in flight is the in-flight check's to ask about
                by_client.setdefault(client.id, []).append(order)
        for order in doubts.contradicted(instrument_id):
            client = self._client(order)
            if client is not None:
                await self._ask_again(client, order)
        for client_id, orders in by_client.items():
            client = self._engine.client(client_id)
            if client is not None:
                await self._look_for_orders(client, instrument_id, orders)
        if self._doubts.doubts_position(instrument_id):
            client = self._engine.client_for(instrument_id)
            if client is not None:
                await self._look_at_position(client, instrument_id)

    async def _look_for_orders(self, client: ExecutionClient, instrument_id: InstrumentId, orders: list[Order]) -> None:
        since_ns = min(order.ts_init for order in orders) - self._margin_ns
        what = f"{client.id}: second look at {instrument_id}"
        answer = self._inquiries.answer
        fills = await answer(
            client.generate_fill_reports(ReportsQuery(instrument_id=instrument_id, start_ns=since_ns)), what
        )
        working = await answer(
            client.generate_order_status_reports(ReportsQuery(instrument_id=instrument_id, open_only=True)), what
        )
        for order in orders:
            if self._doubts.is_unsettled(order):  # else the venue has spoken meanwhile
                await self._judge(client, order, working, fills)

    async def _look_for_half_known(self, client: ExecutionClient) -> None:
        """Look whether orders of which only trades are known are among the open ones."""
        for wait_s in (LOOK_S_MIN, LOOK_S_MAX):
            await asyncio.sleep(wait_s)
            query = ReportsQuery(open_only=True)
            with suppress(Unanswered):  # it was logged
                working = await self._inquiries.answer(
                    client.generate_order_status_reports(query), f"{client.id}: second look at open orders"
                )
                for report in working:
                    order = self._inquiries.order_of(report)
                    if order is not None and order.is_closed and is_made_from_fills(order):
                        await self._inquiries.reconcile(client, [report])

    async def _ask_again(self, client: ExecutionClient, order: Order) -> None:
        """Ask for the venue's report of an order; where it has none any more, take its last word for one."""
        outcome = await self._inquiries.ask(client, order)
        stated = self._doubts.stated.get(order.client_order_id)
        if outcome is Outcome.NOT_THERE and stated is not None:
            report = last_word(order, stated, client.account_id)
            if report is not None:
                await self._inquiries.reconcile(client, [report], by_name=True)

    async def _judge(
        self, client: ExecutionClient, order: Order, working: list[OrderStatusReport], fills: list[FillReport]
    ) -> None:
        reports = [report for report in working if self._inquiries.order_of(report) is order]
        if reports:
            if await self._inquiries.reconcile(client, reports):
                self._doubts.trust_order(order.client_order_id, "the venue has it among its open orders")
            return
        await asyncio.sleep(self._pause_s)
        alone = await self._inquiries.look_up(client, order)
        if not self._doubts.is_unsettled(order):
            return  # the venue has spoken while it was asked
        if alone is not None:
            if await self._inquiries.reconcile(client, [alone], by_name=True):
                self._doubts.trust_order(order.client_order_id, f"the venue has it, {alone.order_status}")
            return
        trades = [fill for fill in fills if self._inquiries.order_of(fill) is order]
        news = [fill for fill in trades if fill.trade_id not in order.fills]
        for fill in news:
            self._engine.receive_report(fill)
        if news:
            self._inquiries.ask_for_account(client)
        lists = "open orders and trades" if not trades else "open orders"
        self._doubts.trust_order(order.client_order_id, f"the venue does not have it among its {lists}")

    async def _look_at_position(self, client: ExecutionClient, instrument_id: InstrumentId) -> None:
        events_seen = self._engine.event_count
        query = ReportsQuery(instrument_id=instrument_id)
        what = f"{client.id}: second look at the position in {instrument_id}"
        reports = await self._inquiries.answer(client.generate_position_status_reports(query), what)
        about = [report for report in reports if report.instrument_id == instrument_id]
        if not about or self._engine.event_count != events_seen:
            return
        found = differences(self._cache, client, instrument_id, about)
        if not found:
            now = self._clock.timestamp_ns()
            trust(self._engine, self._cache, client, instrument_id, "the position is the venue's", now)
        elif instrument_id in self._doubts.postponed or is_waited_for(self._cache, client, instrument_id, found):
            self._compare(client, instrument_id, about)

    def _compare(
        self, client: ExecutionClient, instrument_id: InstrumentId, reports: list[PositionStatusReport]
    ) -> None:
        """Compare a position that could not be compared, or aligned, before; align it as a start would."""
        now = self._clock.timestamp_ns()
        plan = reconcile_positions(self._cache, client.account_id, reports, self._engine.policy_for(client), now)
        self._engine.apply_plan(plan)
        if not plan.uncertain:
            self._doubts.trust_position(instrument_id, "the position is aligned to the venue's")

    # -- orders that wait --------------------------------------------------------------------------------------------

    async def _watch(self, after_s: float) -> None:
        """Doubt what became of orders that have waited for the venue too long."""
        while True:
            await asyncio.sleep(after_s / WATCHES_PER_WAIT)
            self._found = {name: count for name, count in self._found.items() if self._cache.is_order_inflight(name)}
            waiting = [order for order in self._cache.orders_inflight() if self._waits_too_long(order, after_s)]
            silent: dict[ClientId, None] = {}
            for order in waiting:
                client = self._client(order)
                if client is not None and client.id not in silent:
                    if await self._is_known(client, order, silent):
                        continue
                if order.is_inflight:
                    text = f"{order.status}, and the venue has not said for {after_s:g} s what became of it"
                    self._doubts.mark_order(order, text)
                    text = f"{order.client_order_id}: {text}"
                    self._alarm("order.unheard", text, order.client_order_id, order.instrument_id)

    def _waits_too_long(self, order: Order, after_s: float) -> bool:
        name = order.client_order_id
        if name in self._doubts.orders or self._found.get(name) == len(order.events):
            return False
        return self._clock.timestamp_ns() - order.last_event.ts_init >= after_s * 1e9

    async def _is_known(self, client: ExecutionClient, order: Order, silent: dict[ClientId, None]) -> bool:
        """Ask once more; return whether the venue has the order, whatever it does with our request."""
        outcome = await self._inquiries.ask(client, order)
        if outcome is Outcome.UNANSWERED:
            silent[client.id] = None  # the next one would wait as long
        elif outcome is Outcome.FOUND:
            self._found[order.client_order_id] = len(order.events)
        return outcome is Outcome.FOUND

    def _alarm(self, kind: str, text: str, client_order_id: ClientOrderId, instrument_id: InstrumentId | None) -> None:
        note = Note(
            level=Level.WARNING,
            kind=kind,
            text=text,
            instrument_id=instrument_id,
            client_order_id=client_order_id,
            alarm=True,
        )
        self._engine.apply_plan(Plan(notes=[note]))
