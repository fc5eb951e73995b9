"""Inquiries: questions to a venue about orders while the node trades, and what the answers change.

Knows the clients' queries, the cache, `core.reconciliation`, and the engine that applies plans. Promises:

1. A question ends: with an answer, or unanswered when its time is over. Whatever a client raises is its own failure.
2. What arrived before an answer is handled before it; an answer that events have overtaken all the same is dropped,
   and the next question brings a newer one. A request that was refused meanwhile has changed nothing, and overtakes
   none: who cancels in vain again and again does not keep the truth out.
3. Real trades are asked for before a filled quantity is taken for a fact without them; if that question goes
   unanswered, the report waits for another cycle.
4. After a trade that was found (or found void) this way the account is asked for too.
5. An instrument that is not known is loaded; while it cannot be, its reports are unknown.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar

from msgspec import structs

from nautilus_live.adapters.ports import Clock, ExecutionClient, OrderQuery, ReportsQuery
from nautilus_live.core.conclusions import Outcome
from nautilus_live.core.reconciliation import reconcile_reports
from nautilus_live.core.reconciliation.replacing import is_first_half
from nautilus_live.core.reconciliation.taken_back import is_lower
from nautilus_live.core.reconciliation.types import Level, Note, Plan, Policy
from nautilus_live.engine.cache import Cache
from nautilus_live.engine.execution import ExecutionEngine
from nautilus_live.engine.queues import ITEMS_PER_TURN_MAX
from nautilus_live.errors import KernelError, UnreadableRecords, VenueError
from nautilus_live.marks import mark
from nautilus_live.model.commands import QueryAccount
from nautilus_live.model.events import REFUSALS, OrderFilled, OrderFillVoided, OrderPendingCancel, OrderPendingUpdate
from nautilus_live.model.identifiers import InstrumentId, VenueOrderId
from nautilus_live.model.orders import Order
from nautilus_live.model.reports import FillReport, OrderStatusReport, PositionStatusReport

T = TypeVar("T")

_REQUESTED = (OrderPendingCancel, OrderPendingUpdate, *REFUSALS)
ANSWER_S_MAX = 30.0
"""How long a client may take over one answer; adapters have shorter limits of their own for each request."""


class Unanswered(Exception):
    """A question that brought no answer; it was logged."""


class Inquiries:
    """Asks venues about orders and reconciles what they answer.

    Args:
        engine: applies what follows.
        cache: what is known.
        clock: our time.
        log: where to log.

    """

    def __init__(self, engine: ExecutionEngine, cache: Cache, clock: Clock, log: logging.Logger) -> None:
        self._engine = engine
        self._cache = cache
        self._clock = clock
        self._log = log
        self._said: dict[tuple[InstrumentId, VenueOrderId], tuple[str, ...]] = {}
        self._silences: dict[str, int] = {}

    async def ask(self, client: ExecutionClient, order: Order) -> Outcome:
        """Ask about one order and reconcile the answer."""
        events_seen = len(order.events)
        try:
            report = await self.look_up(client, order)
        except Unanswered:
            return Outcome.UNANSWERED
        if report is None:
            return Outcome.NOT_THERE
        # The end of a leg that may have been replaced leaves open what became of the other.
        outcome = Outcome.NOT_THERE if is_first_half(order, report) else Outcome.FOUND
        if not _is_overtaken(order, events_seen):
            await self.reconcile(client, [report], by_name=True)
        return outcome

    async def look_up(self, client: ExecutionClient, order: Order) -> OrderStatusReport | None:
        """Return the venue's report of one order, None if it has no such order; nothing is done about it.

        Raises:
            Unanswered: if there was no answer.

        """
        name = order.client_order_id
        query = OrderQuery(instrument_id=order.instrument_id, client_order_id=name, venue_order_id=order.venue_order_id)
        given: Any = await self.answer(client.generate_order_status_report(query), f"{name}: {client.id}")
        if given is not None and not isinstance(given, OrderStatusReport):  # clients give what they like
            self._log.error("%s: %s must answer with a report or None, was %r", name, client.id, given)
            raise Unanswered
        report: OrderStatusReport | None = given
        if report is not None and report.client_order_id is None:
            # Some venues leave our id out; we know it because we asked by it.
            report = structs.replace(report, client_order_id=name)
        return report

    async def reconcile(
        self,
        client: ExecutionClient,
        reports: Sequence[OrderStatusReport],
        positions: Sequence[PositionStatusReport] = (),
        *,
        by_name: bool = False,
    ) -> bool:
        """Bring one order into line with what `client` reports of it; return False if that must wait.

        `positions` are as for `reconcile_reports`. `by_name` says that it is an order of ours that was asked about:
        `reconciliation_instrument_ids` says what of the venue's lists is our business, and this is in any case.
        """
        first = reports[0]
        order = self.order_of(first)
        events_seen = 0 if order is None else len(order.events)
        fills: list[FillReport] = []
        try:
            await self.load_instrument(client, first.instrument_id)
            for report in reports:
                fills += await self.trades_ahead(client, report, order)
        except Unanswered:
            return False
        if self.order_of(first) is not order or (order is not None and _is_overtaken(order, events_seen)):
            return False
        try:
            plan = reconcile_reports(
                self._cache,
                client.account_id,
                reports,
                fills,
                self._policy(client, by_name=by_name),
                self._clock.timestamp_ns(),
                positions,
            )
        except VenueError as error:
            plan = Plan(notes=[_contradiction(first, error)])
        if self._is_news(first, plan):
            self._engine.apply_plan(plan)
        else:
            self._engine.doubts.agree(plan.agreed)
        if any(isinstance(event, OrderFilled | OrderFillVoided) for event in plan.events):
            self.ask_for_account(client)
        return True

    def _policy(self, client: ExecutionClient, *, by_name: bool) -> Policy:
        policy = self._engine.policy_for(client)
        if by_name and policy.instrument_ids:
            return structs.replace(policy, instrument_ids=frozenset())
        return policy

    def _is_news(self, report: OrderStatusReport, plan: Plan) -> bool:
        """Return whether the plan changes something or says something new: a contradiction that stays is told once."""
        key = (report.instrument_id, report.venue_order_id)
        said = tuple(note.text for note in plan.notes)
        if plan.events or not said:
            self._said.pop(key, None)
            return bool(plan.events)
        if self._said.get(key) == said:
            return False
        self._said[key] = said
        return True

    def forget(self, order: Order) -> None:
        """Forget what was said about an order that was purged."""
        for venue_order_id in (order.venue_order_id, *order.superseded_venue_order_ids):
            if venue_order_id is not None:
                self._said.pop((order.instrument_id, venue_order_id), None)

    async def answer(self, question: Coroutine[Any, Any, T], what: str) -> T:
        """Return the answer to a question.

        Raises:
            Unanswered: if there was none.

        """
        try:
            async with asyncio.timeout(ANSWER_S_MAX):
                answered = await question
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise  # the node stops; anything else was cancelled inside the client, which is its failure
            self._tell_silence(what, "a question was cancelled by the client; nothing is concluded")
        except TimeoutError:
            self._tell_silence(what, f"did not answer within {ANSWER_S_MAX} s; nothing is concluded")
        except KernelError as error:
            self._tell_silence(what, f"did not answer; nothing is concluded: {error}")
        except Exception as error:
            self._tell_silence(what, "a question raised; nothing is concluded", error)
        else:
            self._silences.pop(what, None)
            await self._catch_up()
            return answered
        mark("inquiries.unanswered")
        raise Unanswered

    async def _catch_up(self) -> None:
        """Let the engine handle what waits in its queue: a turn of the loop for each lot of it, due before ours."""
        for _ in range(-(-self._engine.event_qsize // ITEMS_PER_TURN_MAX)):
            await asyncio.sleep(0)

    async def orders(
        self, question: Coroutine[Any, Any, list[OrderStatusReport]], what: str
    ) -> list[OrderStatusReport]:
        """Return a list of orders without records that cannot be read; only for who asks for what it does not have.

        Raises:
            Unanswered: if there was no answer.

        """

        async def readable() -> list[OrderStatusReport]:
            try:
                return await question
            except UnreadableRecords as partial:
                self._tell_silence(f"{what}: unreadable", f"{len(partial.records)} records are left out: {partial}")
                return partial.readable

        return await self.answer(readable(), what)

    def _tell_silence(self, what: str, text: str, error: Exception | None = None) -> None:
        """Log an unanswered question: the first, the tenth, the hundredth in a row loudly, the others at DEBUG."""
        count = self._silences[what] = self._silences.get(what, 0) + 1
        is_told = str(count).rstrip("0") == "1"
        level = logging.DEBUG if not is_told else logging.ERROR if error is not None else logging.WARNING
        times = f" ({count} times in a row)" if count > 1 else ""
        self._log.log(level, "%s: %s%s", what, text, times, exc_info=error if is_told else None)

    def ask_for_account(self, client: ExecutionClient) -> None:
        """Ask what the account holds: where the message of a trade was lost, that of its balance was too."""
        now = self._clock.timestamp_ns()
        self._engine.execute(
            QueryAccount(
                trader_id=self._engine.trader_id,
                command_id=f"account-{now}",
                ts_init=now,
                account_id=client.account_id,
                client_id=client.id,
            )
        )

    def order_of(self, report: OrderStatusReport | FillReport) -> Order | None:
        """Return the order of ours that a report is about."""
        order = None if report.client_order_id is None else self._cache.order(report.client_order_id)
        if order is None or not order.is_at(report.account_id, report.instrument_id):
            owner = self._cache.client_order_id(report.venue_order_id, report.instrument_id)
            order = None if owner is None else self._cache.order(owner)
        return order

    async def load_instrument(self, client: ExecutionClient, instrument_id: InstrumentId) -> None:
        """Load an instrument that a report is about, unless it is known or none of our business.

        Raises:
            Unanswered: if it stays unknown.

        """
        wanted = self._engine.policy_for(client).instrument_ids
        if self._cache.instrument(instrument_id) is not None or (wanted and instrument_id not in wanted):
            return
        found = await self.answer(client.load_instrument(instrument_id), f"{instrument_id}: {client.id}")
        if found is None:
            self._log.warning("%s: reported by %s, which has no definition of it", instrument_id, client.id)
            raise Unanswered
        self._cache.add_instrument(found)

    async def trades_ahead(
        self, client: ExecutionClient, report: OrderStatusReport, order: Order | None
    ) -> list[FillReport]:
        """Return the trades behind what the report has filled more, or by now less, than we do."""
        known = order.filled_qty.value if order is not None else 0
        if report.filled_qty.value <= known and (order is None or not is_lower(order, report)):
            return []
        return await self.trades_behind(client, report, order)

    async def trades_behind(
        self, client: ExecutionClient, report: OrderStatusReport, order: Order | None
    ) -> list[FillReport]:
        """Return all trades of an order, however long ago."""
        ids = [report.venue_order_id]
        if order is not None:  # a replaced order keeps the trades of its earlier venue ids
            ids += [*order.superseded_venue_order_ids, *([order.venue_order_id] if order.venue_order_id else [])]
        trades: list[FillReport] = []
        for venue_order_id in dict.fromkeys(ids):
            query = ReportsQuery(instrument_id=report.instrument_id, venue_order_id=venue_order_id)
            trades += await self.answer(
                client.generate_fill_reports(query), f"{venue_order_id}: {client.id}, for its trades"
            )
        # One trade may come in parts under one id, of different quantities.
        return list({(fill.trade_id, fill.last_qty.value): fill for fill in trades}.values())


def _is_overtaken(order: Order, events_seen: int) -> bool:
    """Whether more has become of an order, since it had so many events, than requests of ours that were refused."""
    since = order.events[events_seen:]
    return bool(since) and not (type(since[-1]) in REFUSALS and all(type(event) in _REQUESTED for event in since))


def _contradiction(report: OrderStatusReport, error: VenueError) -> Note:
    return Note(
        level=Level.ERROR,
        kind="report.contradicts",
        text=str(error),
        instrument_id=report.instrument_id,
        client_order_id=report.client_order_id,
        venue_order_id=report.venue_order_id,
        alarm=True,
    )
