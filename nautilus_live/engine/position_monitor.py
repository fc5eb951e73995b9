"""The position monitor: asks a client for its positions, and carries out what `core.position_check` concludes.

Knows the client's queries, the cache, `core.reconciliation`, and the engine that applies plans. Promises:

1. Before a difference counts, the venue is asked for the trades of the instrument; those that we do not have are booked
   as what they are. Before anything is made up it is asked for its orders too: some venues show no trades, and what was
   taken back shows in its order alone. A question that goes unanswered leaves everything as it was.
2. An answer that events have overtaken is dropped.
3. What goes wrong with one instrument stops none of the others.
4. An account of balances (spot) has no positions that could differ: there the trades since the last look are asked for,
   and those that we were not told of within `position_check_threshold_ms` are booked.
5. A position report that came unasked changes nothing. If it differs from what we hold, the venue is asked as soon as
   the position has been quiet for `position_check_threshold_ms`, instead of at the next interval.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from decimal import Decimal
from typing import Any

from msgspec import structs

from nautilus_live.adapters.ports import Clock, ExecutionClient, OrderQuery, ReportsQuery
from nautilus_live.config.execution import LiveExecEngineConfig
from nautilus_live.core.conclusions import NANOSECONDS_PER_MINUTE
from nautilus_live.core.position_check import Align, Difference, GiveUp, PositionCheck
from nautilus_live.core.position_ids import with_own_ids
from nautilus_live.core.reconciliation import reconcile_positions, reconcile_reports
from nautilus_live.core.reconciliation.clocks import LAG_NS
from nautilus_live.core.reconciliation.taken_back import is_lower
from nautilus_live.core.reconciliation.types import Plan
from nautilus_live.engine.agreement import as_compared, trust
from nautilus_live.engine.cache import Cache
from nautilus_live.engine.execution import ExecutionEngine
from nautilus_live.engine.inquiries import Inquiries, Unanswered
from nautilus_live.errors import VenueError
from nautilus_live.model.enums import AccountType
from nautilus_live.model.identifiers import InstrumentId, PositionId, TradeId, VenueOrderId
from nautilus_live.model.position import Position
from nautilus_live.model.reports import FillReport, OrderStatusReport, PositionStatusReport

Spawn = Callable[[Coroutine[Any, Any, None], str], None]
TradeKey = tuple[VenueOrderId, TradeId]
ZERO = Decimal(0)

_log = logging.getLogger(__name__)


def position_monitors(
    engine: ExecutionEngine,
    cache: Cache,
    clock: Clock,
    config: LiveExecEngineConfig,
    inquiries: Inquiries,
    spawn: Spawn,
) -> list[PositionMonitor]:
    """Return a monitor for each client, and let unasked position reports reach them.

    There are none with `filter_position_reports`: then positions are somebody else's business too.
    """
    if not config.position_check_interval_secs or config.filter_position_reports:
        return []
    monitors = [PositionMonitor(engine, cache, clock, config, inquiries, client, spawn) for client in engine.clients()]

    def hear(report: PositionStatusReport) -> None:
        for monitor in monitors:
            monitor.hear(report)

    engine.position_report_hook = hear
    return monitors


class PositionMonitor:
    """Compares one client's positions with its venue's list."""

    def __init__(
        self,
        engine: ExecutionEngine,
        cache: Cache,
        clock: Clock,
        config: LiveExecEngineConfig,
        inquiries: Inquiries,
        client: ExecutionClient,
        spawn: Spawn,
    ) -> None:
        self.client = client
        self._engine = engine
        self._cache = cache
        self._clock = clock
        self._inquiries = inquiries
        self._spawn = spawn
        self._lookback_ns = config.position_check_lookback_mins * NANOSECONDS_PER_MINUTE
        self._quiet_s = config.position_check_threshold_ms / 1_000
        self._questions_max = config.max_single_order_queries_per_cycle
        self._pause_s = config.single_order_query_delay_ms / 1_000
        self._instrument_ids = frozenset(config.reconciliation_instrument_ids or ())
        self._is_cash = client.account_type is AccountType.CASH
        self._looked_ns = clock.timestamp_ns()
        self._tried: dict[TradeKey, None] = {}  # booked as well as could be
        self._doubted: dict[InstrumentId, None] = {}
        self._has_begun = False
        self._looks_early = False
        self._is_looking = False
        self._check = PositionCheck(
            client.account_id,
            clock.timestamp_ns(),
            threshold_ms=config.position_check_threshold_ms,
            lookback_mins=config.position_check_lookback_mins,
            retries=config.position_check_retries,
            silence=config.position_silence,
            generates=config.generate_missing_orders,
            is_cash=self._is_cash,
            instrument_ids=self._instrument_ids,
        )

    # -- when to look ------------------------------------------------------------------------------------------------

    async def cycle(self) -> None:
        """Ask for the list once and follow it up."""
        self._has_begun = True
        if self._is_looking:
            return  # an early look is under way
        self._is_looking = True
        try:
            await self._look()
        finally:
            self._is_looking = False

    def hear(self, report: PositionStatusReport) -> None:
        """Take a position report that came unasked as a reason to look soon, if it is one."""
        [report] = with_own_ids([report], self.client.account_id, self._cache.position)
        if not self._has_begun or self._looks_early or not self._is_news(report):
            return
        self._looks_early = True
        self._spawn(self._look_early(report), f"early position check of {self.client.id}")

    async def _look_early(self, report: PositionStatusReport) -> None:
        await asyncio.sleep(self._quiet_s)
        self._looks_early = False
        if self._is_news(report):
            await self.cycle()

    def _is_news(self, report: PositionStatusReport) -> bool:
        if report.account_id != self.client.account_id or self._check.is_given_up(report.instrument_id):
            return False
        return self._signed(report.instrument_id, report.venue_position_id) != report.signed_qty

    def _signed(self, instrument_id: InstrumentId, leg: PositionId | None) -> Decimal:
        """Return what we hold in an instrument, or in one leg of it."""
        held = self._positions(instrument_id)
        return sum((one.signed_qty for one in held if leg in (None, one.id)), ZERO)

    # -- the list ----------------------------------------------------------------------------------------------------

    async def _look(self) -> None:
        client = self.client
        asked_ns = self._clock.timestamp_ns()
        try:
            reports = await self._inquiries.answer(
                client.generate_position_status_reports(ReportsQuery()), f"{client.id}: position check"
            )
        except Unanswered:
            return  # no answer is no evidence
        known = as_compared(self._cache, client, await self._of_known_instruments(reports))
        now = self._clock.timestamp_ns()
        findings = self._check.compare(self._positions(), self._busy(), known, asked_ns, now)
        for instrument_id in findings.agree:
            if instrument_id in self._doubted:
                del self._doubted[instrument_id]
                same = f"{client.id}: the venue has the same position"
                trust(self._engine, self._cache, client, instrument_id, same, now)
        for difference in findings.differing:
            about = [report for report in known if report.instrument_id == difference.instrument_id]
            try:
                await self._look_into(difference, [report for report in about if report != difference.report])
            except Unanswered:
                continue  # it was logged; the next cycle asks again
            except Exception:
                _log.exception("%s: the position check failed", difference.instrument_id)
        if self._is_cash:
            with suppress(Unanswered):  # it was logged; the next look asks from the same time on
                await self._look_for_trades()

    async def _of_known_instruments(self, reports: Sequence[PositionStatusReport]) -> list[PositionStatusReport]:
        """Return the reports of instruments that are known, or can be loaded; the others are unknown, not flat."""
        known: dict[InstrumentId, bool] = {}
        for instrument_id in dict.fromkeys(report.instrument_id for report in reports):
            try:
                await self._inquiries.load_instrument(self.client, instrument_id)
            except Unanswered:
                continue  # it was logged
            known[instrument_id] = True
        return [report for report in reports if report.instrument_id in known]

    def _positions(self, instrument_id: InstrumentId | None = None) -> list[Position]:
        return self._cache.positions(instrument_id=instrument_id, account_id=self.client.account_id)

    def _busy(self) -> list[InstrumentId]:
        return [order.instrument_id for order in self._cache.orders_inflight()]

    # -- a difference ------------------------------------------------------------------------------------------------

    async def _look_into(self, difference: Difference, beside: Sequence[PositionStatusReport]) -> None:
        """Look for trades that explain a difference; count it if there are none. `beside` it are other positions.

        Raises:
            Unanswered: if the venue did not answer for them.

        """
        if self._signed(*difference.key) != difference.ours:
            return  # events have overtaken the list, while another position was looked into
        before = self._state(difference.instrument_id)
        since_ns = self._clock.timestamp_ns() - self._lookback_ns
        trades = self._check.explaining(difference, await self._missing_trades(difference.instrument_id, since_ns))
        if trades and self._state(difference.instrument_id) == before:
            _log.warning(
                "%s: the position differs from the venue's, which has trades that we do not have: %s",
                difference.instrument_id,
                ", ".join(fill.trade_id.value for fill in trades),
            )
            await self._book(trades)
            if self._state(difference.instrument_id) != before:
                self._check.explained(difference)
                return
        unbooked: list[str] = []
        if self._check.acts_next(difference) and self._state(difference.instrument_id) == before:
            unbooked = await self._book_orders(difference)
            if self._state(difference.instrument_id) != before:
                self._check.explained(difference)
        if self._state(difference.instrument_id) != before or self._engine.event_qsize:
            return  # events have overtaken the list
        match self._check.unexplained(difference, self._clock.timestamp_ns(), unbooked):
            case Align(report, note):
                self._align(report, beside, Plan(notes=[note]))
            case GiveUp(note):
                # An instrument that is doubted already was alarmed when the doubt came up.
                told = self._engine.doubts.doubts_position(difference.instrument_id)
                note = structs.replace(note, alarm=note.alarm and not told)
                self._apply(Plan(notes=[note], uncertain={difference.instrument_id: note.text}))

    def _state(self, instrument_id: InstrumentId) -> list[object]:
        """Return what changes whenever something happens to our positions in the instrument, or is about to."""
        state: list[object] = [
            (one.id, one.signed_qty, one.cycle_count, len(one.fills)) for one in self._positions(instrument_id)
        ]
        state += [name for name in self._busy() if name == instrument_id]
        return state

    def _align(self, report: PositionStatusReport, beside: Sequence[PositionStatusReport], plan: Plan) -> None:
        self._engine.apply_plan(plan)
        aligned = reconcile_positions(
            self._cache,
            self.client.account_id,
            [report],
            self._engine.policy_for(self.client),
            self._clock.timestamp_ns(),
            beside=beside,
        )
        self._apply(aligned)
        if aligned.events:
            self._inquiries.ask_for_account(self.client)

    def _apply(self, plan: Plan) -> None:
        self._doubted.update(dict.fromkeys(plan.uncertain))
        self._engine.apply_plan(plan)

    # -- trades ------------------------------------------------------------------------------------------------------

    async def _look_for_trades(self) -> None:
        """Book the trades since the last look of which we were not told.

        Raises:
            Unanswered: if the venue did not answer for them.

        """
        asked_ns, since_ns = self._clock.timestamp_ns(), self._looked_ns - LAG_NS
        missing = await self._missing_trades(None, since_ns)
        if any(_key(fill) not in self._tried for fill in missing):
            await asyncio.sleep(self._quiet_s)  # their messages may be on the way
        busy = dict.fromkeys(self._busy())
        trades = [
            fill
            for fill in missing
            if _key(fill) not in self._tried and fill.instrument_id not in busy and self._is_missing(fill)
        ]
        self._looked_ns = asked_ns
        self._tried = dict.fromkeys(_key(fill) for fill in missing if fill.instrument_id not in busy)
        if trades:
            names = ", ".join(fill.trade_id.value for fill in trades)
            _log.warning("%s: the venue has trades that we were not told of: %s", self.client.id, names)
            await self._book(trades)

    async def _missing_trades(self, instrument_id: InstrumentId | None, since_ns: int) -> list[FillReport]:
        """Return the venue's trades since then that we do not have, each once; those in one instrument, or in all."""
        query = ReportsQuery(instrument_id=instrument_id, start_ns=since_ns)
        what = f"{self.client.id}, for its trades"
        fills = await self._inquiries.answer(
            self.client.generate_fill_reports(query), what if instrument_id is None else f"{instrument_id}: {what}"
        )
        missing = {
            _key(fill): fill
            for fill in fills
            if (fill.instrument_id == instrument_id or (instrument_id is None and self._is_wanted(fill.instrument_id)))
            and fill.account_id == self.client.account_id
            and self._is_missing(fill)
        }
        return list(missing.values())

    def _is_wanted(self, instrument_id: InstrumentId) -> bool:
        return not self._instrument_ids or instrument_id in self._instrument_ids

    def _is_missing(self, fill: FillReport) -> bool:
        order = self._inquiries.order_of(fill)
        if order is not None:
            return fill.trade_id not in order.fills
        return not self._was_known(fill, fill.ts_event)

    async def _book(self, trades: Sequence[FillReport]) -> None:
        """Apply trades that we do not have: to their orders if we know them, else with what the venue says of those."""
        ours = [fill for fill in trades if self._inquiries.order_of(fill) is not None]
        if ours:
            now = self._clock.timestamp_ns()
            policy = self._engine.policy_for(self.client)
            try:
                plan = reconcile_reports(self._cache, self.client.account_id, [], ours, policy, now)
            except VenueError as error:
                _log.warning("%s: its trades cannot be used: %s", ours[0].instrument_id, error)
                plan = Plan()
            self._apply(plan)
            if plan.events:
                self._inquiries.ask_for_account(self.client)
        unknown: dict[VenueOrderId, FillReport] = {}
        for fill in trades:
            if self._inquiries.order_of(fill) is None:
                unknown.setdefault(fill.venue_order_id, fill)
        for number, fill in enumerate(list(unknown.values())[: self._questions_max]):
            if number:
                await asyncio.sleep(self._pause_s)
            await self._book_unknown(fill)

    async def _book_unknown(self, fill: FillReport) -> None:
        query = OrderQuery(
            instrument_id=fill.instrument_id, client_order_id=fill.client_order_id, venue_order_id=fill.venue_order_id
        )
        report: Any = await self._inquiries.answer(
            self.client.generate_order_status_report(query), f"{fill.venue_order_id}: {self.client.id}"
        )
        if isinstance(report, OrderStatusReport):
            await self._inquiries.reconcile(self.client, [report])
        else:
            _log.warning("%s: %s has trades of it, but no such order", fill.venue_order_id, self.client.id)

    # -- orders ------------------------------------------------------------------------------------------------------

    async def _book_orders(self, difference: Difference) -> list[str]:
        """Reconcile the orders of which the venue has another total; return those of ours of which it has more yet."""
        query = ReportsQuery(
            instrument_id=difference.instrument_id, start_ns=self._clock.timestamp_ns() - self._lookback_ns
        )
        reports = await self._inquiries.answer(
            self.client.generate_order_status_reports(query), f"{self.client.id}: position check"
        )
        since_ns = self._check.since_ns(difference)
        differing = [
            report
            for report in reports
            if report.instrument_id == difference.instrument_id
            and (self._is_ahead(report) or self._is_behind(report))
            and (report.ts_last >= since_ns or self._inquiries.order_of(report) is not None)
        ]
        positions = [] if difference.report is None else [difference.report]
        for report in differing[: self._questions_max]:
            await self._inquiries.reconcile(self.client, [report], positions)
        left = [self._inquiries.order_of(report) for report in differing if self._is_ahead(report)]
        return [order.client_order_id.value for order in left if order is not None]

    def _is_ahead(self, report: OrderStatusReport) -> bool:
        order = self._inquiries.order_of(report)
        if order is not None:
            return report.filled_qty.value > order.filled_qty.value
        return bool(report.filled_qty.value) and not self._was_known(report, report.ts_last)

    def _is_behind(self, report: OrderStatusReport) -> bool:
        order = self._inquiries.order_of(report)
        return order is not None and is_lower(order, report)

    def _was_known(self, report: FillReport | OrderStatusReport, ts: int) -> bool:
        """Return whether a report of `ts` is about an order that was known, done and purged."""
        ids = (report.client_order_id, report.venue_order_id, report.instrument_id)
        return self._cache.is_purged(*ids) or self._cache.is_forgotten(ts)


def _key(fill: FillReport) -> TradeKey:
    return fill.venue_order_id, fill.trade_id
