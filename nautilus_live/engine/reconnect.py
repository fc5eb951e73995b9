"""Reconciliation after a gap: what a client missed while it did not hear its venue is asked for, and applied.

Knows the clients' queries through `engine.inquiries`, `core.reconciliation`, and the engine that applies plans.
Promises:

1. A client is released (`engine.connections`) when one look at the venue found nothing unknown and nothing different.
   Until then it is asked again, ever less often; that this takes long is alarmed once, and so is its end.
2. Live events go on meanwhile, and win: what an answer says of an order that was heard of since the question is left
   out, and asked again. In whatever order answers and events arrive, the end is the same.
3. Orders and trades are asked for from before the gap on, open orders whatever their age, and an order that works here
   and is in no answer is asked about alone. Nothing ends because it was not mentioned.
4. A position that the trades do not explain is looked at three times before it is aligned: the trades may be on their
   way.
5. After `stop` nothing is asked and nothing is applied.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Sequence
from decimal import Decimal

from msgspec import Struct

from nautilus_live.adapters.ports import Clock, ExecutionClient, ReportsQuery
from nautilus_live.adapters.tasks import Tasks
from nautilus_live.config.execution import LiveExecEngineConfig
from nautilus_live.core.conclusions import Outcome
from nautilus_live.core.reconciliation import reconcile, reconcile_positions, reconcile_reports
from nautilus_live.core.reconciliation.alignment import is_alignment
from nautilus_live.core.reconciliation.parts import named_parts
from nautilus_live.core.reconciliation.taken_back import is_lower
from nautilus_live.core.reconciliation.types import Level, Note, Plan
from nautilus_live.engine.agreement import Differences, differences, trust
from nautilus_live.engine.cache import Cache
from nautilus_live.engine.connections import Gap
from nautilus_live.engine.execution import ExecutionEngine
from nautilus_live.engine.inquiries import Inquiries, Unanswered
from nautilus_live.errors import VenueError
from nautilus_live.model.events import OrderFilled, OrderFillVoided
from nautilus_live.model.identifiers import ClientId, ClientOrderId, InstrumentId
from nautilus_live.model.orders import Order
from nautilus_live.model.reports import ExecutionMassStatus, FillReport, OrderStatusReport, PositionStatusReport

ZERO = Decimal(0)
RETRY_S_MIN, RETRY_S_MAX = 0.5, 30.0
LOOKS_BEFORE_ALARM = 8
UNSETTLED = "what was missed is not settled"
POSITION_LOOKS = 3
"""How often a position must be found different, the same way, before it is aligned."""
_log = logging.getLogger(__name__)


class Answers(Struct, frozen=True):
    """What a venue said of the time of a gap, and how many events each of our orders had when it was asked."""

    orders: list[OrderStatusReport]
    fills: list[FillReport]
    positions: list[PositionStatusReport]
    seen: dict[ClientOrderId, int]
    start_ns: int


class Reconnections:
    """Reconciles the clients of one engine after their gaps; the `connections.Recovery` of the engine.

    A gap that ends before `start` waits for it: startup reconciliation comes first.
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
        self._engine = engine
        self._config = config
        self._log = log or _log
        self._inquiries = Inquiries(engine, cache, clock, self._log)
        self._look = Look(engine, cache, clock, config, self._inquiries)
        self._tasks = Tasks(loop, self._log, meaning="reconciliation after a gap stopped")
        self._running: dict[ClientId, asyncio.Task[None]] = {}
        self._started = False
        if config.reconcile_on_reconnect:
            engine.connections.recovery = self

    def start(self) -> None:
        """Begin, with the gaps that have ended by now."""
        self._started = True
        for gap in self._engine.connections.gaps():
            if not gap.is_lost and self._config.reconcile_on_reconnect:
                self.begin(gap)

    def stop(self) -> list[asyncio.Future[None]]:
        """End at once; returns the tasks that end within the next turns of the loop."""
        self._started = False
        self._running.clear()
        return self._tasks.cancel()

    def begin(self, gap: Gap) -> None:
        """Find out what a client that is back has missed."""
        client = self._engine.client(gap.client_id)
        if not self._started or client is None:
            return
        self.cut_off(gap)
        self._running[gap.client_id] = self._tasks.start(self._recover(client, gap), f"{gap.client_id}: reconnected")

    def cut_off(self, gap: Gap) -> None:
        """Stop: the client is lost again."""
        task = self._running.pop(gap.client_id, None)
        if task is not None:
            task.cancel()

    async def _recover(self, client: ExecutionClient, gap: Gap) -> None:
        wait_s, looks, alarmed = RETRY_S_MIN, 0, False
        positions = PositionLooks()
        while True:
            looks += 1
            problem = await self._problem(client, gap, positions)
            if not problem:
                break
            if not alarmed and (problem is not UNSETTLED or looks == LOOKS_BEFORE_ALARM):
                alarmed = True
                self._say(
                    "reconnect.held", f"{client.id}: back, but {problem}; its orders are denied until it is known"
                )
            await asyncio.sleep(wait_s)
            wait_s = min(wait_s * 2, RETRY_S_MAX)
        if alarmed:
            self._say("reconnect.released", f"{client.id}: what was missed is known, after {looks} looks")
        self._engine.connections.reconciled(gap)

    async def _problem(self, client: ExecutionClient, gap: Gap, positions: PositionLooks) -> str:
        """Look once; return why that did not do."""
        try:
            return "" if await self._look.settles(client, gap.start_ns, positions) else UNSETTLED
        except Unanswered:
            return "the venue does not answer for what was missed"
        except Exception:
            self._log.exception("%s: what was missed cannot be reconciled; it is asked for again", client.id)
            return "what was missed cannot be reconciled"

    def _say(self, kind: str, text: str) -> None:
        self._engine.apply_plan(Plan(notes=[Note(level=Level.WARNING, kind=kind, text=text, alarm=True)]))


class PositionLooks:
    """How often each position was found different in the same way, one look after the other."""

    def __init__(self) -> None:
        self._found: dict[InstrumentId, tuple[Differences, int]] = {}

    def note(self, found: dict[InstrumentId, Differences]) -> None:
        """Take what one look found, by instrument."""
        before = self._found
        self._found = {}
        for instrument_id, difference in found.items():
            same, count = before.get(instrument_id, (difference, 0))
            self._found[instrument_id] = (difference, count + 1 if same == difference else 1)

    def persistent(self) -> list[InstrumentId]:
        """Return the instruments that were found different often enough."""
        return [instrument_id for instrument_id, (_, count) in self._found.items() if count >= POSITION_LOOKS]


class Look:
    """One look at what a venue has: asks, and applies what can be applied."""

    def __init__(
        self, engine: ExecutionEngine, cache: Cache, clock: Clock, config: LiveExecEngineConfig, inquiries: Inquiries
    ) -> None:
        self._engine = engine
        self._cache = cache
        self._clock = clock
        self._inquiries = inquiries
        self._margin_ns = round(config.reconnect_margin_secs * 1e9)
        self._pause_s = config.single_order_query_delay_ms / 1_000
        self._filtered = frozenset(config.filtered_client_order_ids or ())

    async def settles(self, client: ExecutionClient, since_ns: int, positions: PositionLooks) -> bool:
        """Ask about everything since `since_ns` and apply it; return whether nothing was left to be looked at again.

        Raises:
            Unanswered: if a question brought no answer; what was answered is applied.

        """
        answers = await self._ask(client, since_ns - self._margin_ns)
        orders, fills, overtaken = self._current(answers)
        settled = not overtaken
        if not self._apply(client, orders, fills, answers):
            for group in self._groups(orders):  # one by one, so that one contradiction is one order's
                settled &= await self._inquiries.reconcile(client, group)
        await self._ask_about_unmentioned(client, answers)
        return settled and self._compare_positions(client, answers.positions, positions)

    async def _ask(self, client: ExecutionClient, start_ns: int) -> Answers:
        """Ask one thing after the other: a venue that does not answer is not asked the rest, nor in a storm.

        Trades come before orders, so that a trade in between leaves an order short of trades, which is looked into.
        """
        seen = {order.client_order_id: len(order.events) for order in self._cache.orders()}
        since = ReportsQuery(start_ns=start_ns)
        answer, what = self._inquiries.answer, f"{client.id}: after a gap"
        fills = await answer(client.generate_fill_reports(since), what)
        # Orders of ours that are not among them are asked about one by one.
        history = await self._inquiries.orders(client.generate_order_status_reports(since), what)
        working = await self._inquiries.orders(client.generate_order_status_reports(ReportsQuery(open_only=True)), what)
        positions = await answer(client.generate_position_status_reports(ReportsQuery()), what)
        orders = {_key(report): report for report in (*history, *working)}
        reports = (*orders.values(), *fills, *positions)
        for instrument_id in dict.fromkeys(report.instrument_id for report in reports):
            await self._inquiries.load_instrument(client, instrument_id)
        for report in orders.values():
            if self._lacks_trades(report, fills):
                fills = fills + await self._inquiries.trades_behind(client, report, self._inquiries.order_of(report))
        return Answers(list(orders.values()), _unique(fills), positions, seen, start_ns)

    # -- orders and trades -------------------------------------------------------------------------------------------

    def _current(self, answers: Answers) -> tuple[list[OrderStatusReport], list[FillReport], bool]:
        """Return the reports that no event has overtaken, and whether any others must be asked for again."""
        again = False
        orders: list[OrderStatusReport] = []
        for report in answers.orders:
            order = self._inquiries.order_of(report)
            if order is None or not _is_newer(order, answers.seen):
                orders.append(report)
            elif order.filled_qty.value != report.filled_qty.value or order.is_open != report.is_open:
                again = True
        fills: list[FillReport] = []
        for fill in answers.fills:
            order = self._inquiries.order_of(fill)
            if order is None or not _is_newer(order, answers.seen):
                fills.append(fill)
            elif fill.trade_id not in order.fills:
                again = True
        return orders, fills, again

    def _apply(
        self, client: ExecutionClient, orders: list[OrderStatusReport], fills: list[FillReport], answers: Answers
    ) -> bool:
        """Apply everything in one piece, oldest trade first; return False if reports contradict each other."""
        now = self._clock.timestamp_ns()
        policy = self._engine.policy_for(client)
        try:
            if self._awaits_names(client):
                plan = reconcile_reports(self._cache, client.account_id, orders, fills, policy, now)
            else:
                mass = ExecutionMassStatus(
                    client_id=client.id,
                    account_id=client.account_id,
                    venue=client.venue,
                    orders=orders,
                    fills=fills,
                    positions=answers.positions,
                    ts_init=now,
                    start_ns=answers.start_ns,
                    report_id=f"G-{client.id}-{now}",
                )
                plan = reconcile(self._cache, mass, policy, now, aligns=False)  # that comes afterwards, with care
        except VenueError:
            return False
        # Whatever was not mentioned is asked about.
        plan.notes = [note for note in plan.notes if note.kind != "order.not_reported"]
        self._engine.apply_plan(plan)
        if any(isinstance(event, OrderFilled | OrderFillVoided) for event in plan.events):
            self._inquiries.ask_for_account(client)
        return True

    def _awaits_names(self, client: ExecutionClient) -> bool:
        """Return whether an order of ours has no venue id yet: a trade of an unknown order may be its own."""
        return any(order.venue_order_id is None for order in self._working(client))

    def _groups(self, orders: list[OrderStatusReport]) -> list[list[OrderStatusReport]]:
        """Return the reports of each order together."""
        groups: dict[object, list[OrderStatusReport]] = {}
        for report in orders:
            order = self._inquiries.order_of(report)
            name = report.client_order_id if order is None else order.client_order_id
            groups.setdefault(name or _key(report), []).append(report)
        return list(groups.values())

    def _lacks_trades(self, report: OrderStatusReport, fills: Iterable[FillReport]) -> bool:
        """Return whether the report has another quantity filled than we and the trades in the answer explain.

        More, and trades are missing; less, or as much though there is a trade that we do not have, and one that we have
        was taken back or corrected meanwhile.
        """
        order = self._inquiries.order_of(report)
        listed = [fill for fill in fills if (fill.instrument_id, fill.venue_order_id) == _key(report)]
        if order is not None and report.filled_qty.value <= order.filled_qty.value:
            return is_lower(order, report) or any(fill.trade_id not in order.fills for fill in listed)
        trades = {} if order is None else {name: one.last_qty for name, one in order.fills.items() if not one.inferred}
        for fill in named_parts(listed, {} if order is None else order.fills, report.filled_qty.value):
            trades[fill.trade_id] = fill.last_qty
        return sum((quantity.value for quantity in trades.values()), ZERO) != report.filled_qty.value

    async def _ask_about_unmentioned(self, client: ExecutionClient, answers: Answers) -> None:
        """Ask about each order that works or waits here and that no report mentioned."""
        mentioned = {
            order.client_order_id
            for report in answers.orders
            if (order := self._inquiries.order_of(report)) is not None
        }
        silent = [order for order in self._working(client) if order.client_order_id not in mentioned]
        unanswered = False
        for number, order in enumerate(silent):
            if number:
                await asyncio.sleep(self._pause_s)
            if not order.is_closed:
                unanswered |= await self._inquiries.ask(client, order) is Outcome.UNANSWERED
        if unanswered:
            raise Unanswered

    def _working(self, client: ExecutionClient) -> list[Order]:
        cache = self._cache
        orders = {order.client_order_id: order for order in (*cache.orders_open(), *cache.orders_inflight())}
        return [
            order
            for name, order in orders.items()
            if self._engine.client_of(order, cache.client_id(name)) is client
            and name not in self._filtered
            and not is_alignment(order)
        ]

    # -- positions ---------------------------------------------------------------------------------------------------

    def _compare_positions(
        self, client: ExecutionClient, reports: Sequence[PositionStatusReport], looks: PositionLooks
    ) -> bool:
        """Return whether the positions are the venue's; one that stays different is aligned as at a start."""
        policy = self._engine.policy_for(client)
        if policy.filter_position_reports:
            return True
        reported = dict.fromkeys(report.instrument_id for report in reports)
        held = self._cache.positions_open(account_id=client.account_id) if policy.position_silence == "flat" else []
        silent = [one for one in dict.fromkeys(position.instrument_id for position in held) if one not in reported]
        now, differing = self._clock.timestamp_ns(), dict[InstrumentId, Differences]()
        for instrument_id in (*reported, *silent):
            if policy.instrument_ids and instrument_id not in policy.instrument_ids:
                continue
            about = [report for report in reports if report.instrument_id == instrument_id]
            if found := differences(self._cache, client, instrument_id, about):
                differing[instrument_id] = found
            else:
                trust(self._engine, self._cache, client, instrument_id, "the position is the venue's", now)
        looks.note(differing)
        stubborn = looks.persistent()
        if stubborn:
            about = [report for report in reports if report.instrument_id in stubborn]
            gone = [one for one in silent if one in stubborn]
            self._engine.apply_plan(
                reconcile_positions(self._cache, client.account_id, about, policy, now, silent=gone)
            )
        return len(stubborn) == len(differing)


def _is_newer(order: Order, seen: dict[ClientOrderId, int]) -> bool:
    return seen.get(order.client_order_id) != len(order.events)


def _unique(fills: list[FillReport]) -> list[FillReport]:
    # One trade may come in parts under one id, of different quantities.
    return list(
        {(fill.instrument_id, fill.venue_order_id, fill.trade_id, fill.last_qty.value): fill for fill in fills}.values()
    )


def _key(report: OrderStatusReport) -> tuple[InstrumentId, object]:
    return (report.instrument_id, report.venue_order_id)
