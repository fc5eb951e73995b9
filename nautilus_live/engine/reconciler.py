"""Startup reconciliation: ask every venue what it holds, and bring what we believe into line with it.

May know: the clients' queries, the cache, `core.reconciliation`, and the engine that applies plans. Decides nothing
about orders. Promises:

1. Every client is asked and processed, whatever happens to the others; the result is the AND of them all.
2. One deadline covers everything: asking, instruments loaded on demand, positions asked for again. A client that has
   not finished by then failed, and nothing of it is applied afterwards.
3. An exception, None, an incomplete answer, a cancellation inside the client: all of them mean unknown, and the
   client failed.
4. A client's reports are applied as one plan or, if they contradict each other, not at all.
5. What a venue says of a position is not believed where a trade was heard meanwhile; it is asked again.
6. After a start no order of an earlier life is left of which nobody asks whether it was sent.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial
from typing import TypeVar

from msgspec import Struct, structs

from nautilus_live.adapters.ports import Clock, ExecutionClient, ReportsQuery
from nautilus_live.config.execution import LiveExecEngineConfig
from nautilus_live.core.reconciliation import reconcile, reconcile_positions
from nautilus_live.core.reconciliation.strangers import hand_over
from nautilus_live.core.reconciliation.types import Level, Note, Plan, Policy
from nautilus_live.core.reconciliation.unsent import doubt_unsent
from nautilus_live.engine.cache import Cache
from nautilus_live.engine.execution import ExecutionEngine
from nautilus_live.engine.message_bus import MessageBus
from nautilus_live.engine.naming import name_reports
from nautilus_live.errors import KernelError, VenueError, WireError
from nautilus_live.model.enums import AccountType
from nautilus_live.model.identifiers import ClientId, ClientOrderId, InstrumentId, Venue
from nautilus_live.model.reports import ExecutionMassStatus, PositionStatusReport

T = TypeVar("T")

CANCEL_GRACE_S = 0.1
ASKED_AGAIN_MAX = 3
"""How often a position is asked about again, before it is left to the runtime checks as uncertain."""
_log = logging.getLogger(__name__)


class ClientOutcome(Struct, kw_only=True):
    """What became of one client: `reasons` is empty if it was reconciled."""

    client_id: ClientId
    venue: Venue
    reasons: list[str] = []
    orders_received: int = 0
    fills_received: int = 0
    positions_received: int = 0
    orders_skipped: int = 0
    fills_skipped: int = 0
    positions_skipped: int = 0
    events_applied: int = 0

    @property
    def succeeded(self) -> bool:
        """Whether the client's venue and we agree now."""
        return not self.reasons

    def add(self, plan: Plan) -> None:
        """Count in a plan that was applied."""
        self.reasons += plan.failed
        self.events_applied += len(plan.events)
        for name in ("orders", "fills", "positions"):
            for what in ("received", "skipped"):
                field = f"{name}_{what}"
                setattr(self, field, getattr(self, field) + getattr(plan, field))

    def __str__(self) -> str:
        counts = ", ".join(
            f"{name} {getattr(self, name + '_received')} received {getattr(self, name + '_skipped')} skipped"
            for name in ("orders", "fills", "positions")
        )
        verdict = "reconciled" if self.succeeded else "failed: " + "; ".join(self.reasons)
        return f"{self.client_id}: {verdict} ({counts}, {self.events_applied} events applied)"


class StartupResult(Struct, kw_only=True):
    """What became of startup reconciliation. `seen_order_ids` are our order ids that venues mentioned."""

    clients: list[ClientOutcome] = []
    seen_order_ids: dict[ClientOrderId, None] = {}
    skipped: bool = False

    @property
    def succeeded(self) -> bool:
        """Whether every client was reconciled."""
        return all(outcome.succeeded for outcome in self.clients)

    @property
    def failed_clients(self) -> list[ClientOutcome]:
        """The clients that were not reconciled."""
        return [outcome for outcome in self.clients if not outcome.succeeded]


class Reconciler:
    """Reconciles all clients of an engine at a node's start."""

    def __init__(
        self,
        *,
        engine: ExecutionEngine,
        cache: Cache,
        msgbus: MessageBus,
        clock: Clock,
        config: LiveExecEngineConfig,
        log: logging.Logger | None = None,
    ) -> None:
        self._engine = engine
        self._cache = cache
        self._msgbus = msgbus
        self._clock = clock
        self._config = config
        self._log = log or _log

    async def reconcile_startup(self, timeout: float) -> StartupResult:  # noqa: ASYNC109  # a deadline, not a wait
        """Reconcile every client within `timeout` seconds over all."""
        result = StartupResult()
        if not self._config.reconciliation:
            self._log.warning("reconciliation is deactivated: orders and positions are taken as the cache has them")
            result.skipped = True
            return result
        clients = self._engine.clients()
        if not clients:
            self._log.debug("no execution clients, nothing to reconcile")
            return result
        for made, ours in self._cache.mistaken():  # by an earlier life
            self._engine.apply_plan(hand_over(made, ours, self._clock.timestamp_ns()))
        await self._reconcile(clients, result, timeout)
        self._engine.apply_plan(doubt_unsent(self._cache.orders(), self._clock.timestamp_ns()))
        return result

    async def reconcile_again(self, clients: list[ExecutionClient], timeout_s: float) -> StartupResult:
        """Reconcile `clients` once more while the node runs, within `timeout_s` seconds over all.

        An answer that events of the account have overtaken is not applied: that client failed, and may be asked again.
        """
        return await self._reconcile(clients, StartupResult(), timeout_s, guards=True)

    async def _reconcile(
        self, clients: list[ExecutionClient], result: StartupResult, timeout_s: float, *, guards: bool = False
    ) -> StartupResult:
        runs = [_ClientRun(self, client, result, guards=guards) for client in clients]
        result.clients = [run.outcome for run in runs]
        tasks = {asyncio.create_task(run.guarded(), name=f"reconcile {run.client.id}"): run for run in runs}
        try:
            _, late = await asyncio.wait(tasks, timeout=timeout_s)
            for task in late:
                tasks[task].expire(f"no full answer within timeout_reconciliation ({timeout_s} s)")
        finally:
            await _cancel(tasks)
        for outcome in result.clients:
            self._log.log(logging.INFO if outcome.succeeded else logging.ERROR, "%s", outcome)
        return result


class _ClientRun:
    """One client's way through reconciliation."""

    def __init__(self, owner: Reconciler, client: ExecutionClient, result: StartupResult, *, guards: bool) -> None:
        self.client = client
        self._guards = guards
        self._events_seen = 0
        self.outcome = ClientOutcome(client_id=client.id, venue=client.venue)
        self._owner = owner
        self._result = result
        self._expired = False

    def expire(self, reason: str) -> None:
        """Fail the client and let nothing of it be applied any more."""
        self._expired = True
        self.outcome.reasons.append(reason)

    async def guarded(self) -> None:
        """Reconcile the client; whatever goes wrong is its outcome."""
        try:
            await self._run()
        except asyncio.CancelledError:
            # Ours if the deadline has passed or the node stops; else something inside the client was cancelled, which
            # is its failure.
            task = asyncio.current_task()
            if self._expired or (task is not None and task.cancelling()):
                raise
            self._fail("the client's query was cancelled")
        except KernelError as error:
            self._fail(f"{type(error).__name__}: {error}")
        except Exception as error:
            self._owner._log.exception("%s: reconciliation raised", self.client.id)
            self._fail(f"{type(error).__name__}: {error}")

    def _fail(self, reason: str) -> None:
        self.outcome.reasons.append(reason)

    async def _run(self) -> None:
        owner, client = self._owner, self.client
        self._events_seen = self._events_heard()
        held = self._positions_held()
        mass = await client.generate_mass_status(owner._config.reconciliation_lookback_mins)
        if not isinstance(mass, ExecutionMassStatus):
            raise WireError(f"the client must give a mass status, was {mass!r:.80}")
        if mass.account_id != client.account_id:
            raise VenueError(f"the mass status must be of {client.account_id}, was of {mass.account_id}")
        mass = await name_reports(client, owner._cache, mass)
        self._remember_ids(mass)
        self._tell_of_unreadable(mass.unreadable)
        policy = owner._engine.policy_for(client)
        await self._load_instruments(mass, policy)
        overtaken = self._moved_since(held)
        current = [report for report in mass.positions or () if report.instrument_id not in overtaken]
        believed = structs.replace(mass, positions=current) if overtaken and mass.positions is not None else mass
        self._apply(partial(reconcile, owner._cache, believed, policy, owner._clock.timestamp_ns()))
        owner._msgbus.publish(f"reports.execution.{client.venue}", mass)
        if mass.is_complete and not owner._config.filter_position_reports:
            await self._ask_for_silent_positions(current, policy, overtaken)

    def _tell_of_unreadable(self, records: tuple[str, ...]) -> None:
        """Count records that the client could not read; orders of ours behind them stay as they are."""
        if not records or self._expired:
            return
        self.outcome.orders_received += len(records)
        self.outcome.orders_skipped += len(records)
        some = "; ".join(records[:3])
        text = f"{self.client.id}: {len(records)} order records cannot be read and are left out: {some}"
        note = Note(level=Level.ERROR, kind="order.unreadable", text=text, alarm=True)
        self._owner._engine.apply_plan(Plan(notes=[note]))

    def _remember_ids(self, mass: ExecutionMassStatus) -> None:
        for report in (*(mass.orders or ()), *(mass.fills or ())):
            if report.client_order_id is not None:
                self._result.seen_order_ids[report.client_order_id] = None

    async def _load_instruments(self, mass: ExecutionMassStatus, policy: Policy) -> None:
        reports = (*(mass.orders or ()), *(mass.fills or ()), *(mass.positions or ()))
        await self._load(dict.fromkeys(report.instrument_id for report in reports), policy)

    async def _load(self, instrument_ids: Iterable[InstrumentId], policy: Policy) -> None:
        """Load the instruments that are not known; one that stays unknown makes the plan fail."""
        wanted = [
            instrument_id
            for instrument_id in instrument_ids
            if self._owner._cache.instrument(instrument_id) is None
            and (not policy.instrument_ids or instrument_id in policy.instrument_ids)
        ]
        for instrument_id, found in zip(
            wanted, await _all(self.client.load_instrument(instrument_id) for instrument_id in wanted), strict=True
        ):
            if isinstance(found, BaseException):
                self._fail(f"{instrument_id}: unknown, and loading it failed with {type(found).__name__}: {found}")
            elif found is None:
                self._fail(f"{instrument_id}: reported by the venue, which has no definition of it")
            elif not self._expired:
                self._owner._cache.add_instrument(found)

    def _apply(self, make_plan: Callable[[], Plan]) -> None:
        if self._expired:
            return
        if self._guards and self._events_heard() != self._events_seen:
            raise WireError("events of the account arrived while the venue was asked; it must be asked again")
        plan = make_plan()
        self._owner._engine.apply_plan(plan)
        self._owner._engine.doubts.note_left_out(plan.left_out)
        self.outcome.add(plan)
        self._events_seen = self._events_heard()

    def _events_heard(self) -> int:
        """Return how many events the account's orders have had; nothing is counted where nothing can come between."""
        if not self._guards:
            return 0
        return sum(len(order.events) for order in self._owner._cache.orders(account_id=self.client.account_id))

    def _positions_held(self) -> dict[InstrumentId, list[object]]:
        """Return what changes of our positions with every trade, by instrument."""
        held: dict[InstrumentId, list[object]] = {}
        for one in self._owner._cache.positions(account_id=self.client.account_id):
            held.setdefault(one.instrument_id, []).append((one.id, one.signed_qty, one.cycle_count, len(one.fills)))
        return held

    def _moved_since(self, before: dict[InstrumentId, list[object]]) -> dict[InstrumentId, None]:
        """Return the instruments in which a trade was heard since."""
        now = self._positions_held()
        return {instrument_id: None for instrument_id in now if now[instrument_id] != before.get(instrument_id)}

    async def _ask_for_silent_positions(
        self, reported: Sequence[PositionStatusReport], policy: Policy, overtaken: dict[InstrumentId, None]
    ) -> None:
        """Ask again for each position we hold that the venue did not mention, or that a trade has moved meanwhile."""
        mentioned = {report.instrument_id for report in reported}
        open_ = [] if self._keeps_none(policy) else self._owner._cache.positions_open(account_id=self.client.account_id)
        held = dict.fromkeys(position.instrument_id for position in open_)
        wanted = [
            instrument_id
            for instrument_id in {**held, **overtaken}
            if instrument_id not in mentioned and (not policy.instrument_ids or instrument_id in policy.instrument_ids)
            # What an order is filled further than could be booked may be all that differs.
            if not self._owner._engine.doubts.contradicted(instrument_id)
        ]
        for _ in range(ASKED_AGAIN_MAX):
            if not wanted:
                return
            before = self._positions_held()
            answers = await _all(
                self.client.generate_position_status_reports(ReportsQuery(instrument_id=instrument_id))
                for instrument_id in wanted
            )
            moved = self._moved_since(before)
            self._take_positions(wanted, answers, policy, moved)
            wanted = [instrument_id for instrument_id in wanted if instrument_id in moved]
        text = f"{ASKED_AGAIN_MAX} answers about the position were overtaken by trades; it is not compared"
        self._owner._engine.apply_plan(Plan(uncertain=dict.fromkeys(wanted, text), postponed=dict.fromkeys(wanted)))

    def _take_positions(
        self,
        wanted: Sequence[InstrumentId],
        answers: Sequence[list[PositionStatusReport] | BaseException],
        policy: Policy,
        moved: dict[InstrumentId, None],
    ) -> None:
        """Reconcile the positions of the instruments that were asked about, but for those that trades have moved."""
        owner, client = self._owner, self.client
        for instrument_id, answer in zip(wanted, answers, strict=True):
            if instrument_id in moved:
                continue
            if answer is None or isinstance(answer, BaseException):
                self._fail(
                    f"{instrument_id}: we hold a position, and the venue did not answer about it: {answer!r:.120}"
                )
                continue
            about = [report for report in answer if report.instrument_id == instrument_id]
            self._apply(
                partial(
                    reconcile_positions,
                    owner._cache,
                    client.account_id,
                    about,
                    policy,
                    owner._clock.timestamp_ns(),
                    silent=() if about or self._keeps_none(policy) else (instrument_id,),
                )
            )

    def _keeps_none(self, policy: Policy) -> bool:
        """Return whether what the venue leaves out says nothing: a spot account has balances, no positions."""
        return self.client.account_type is AccountType.CASH and policy.position_silence == "unknown"


async def _all(questions: Iterable[Awaitable[T]]) -> list[T | BaseException]:
    """Return all answers in order; a question that raised has its exception as the answer."""
    tasks = [asyncio.ensure_future(question) for question in questions]
    if not tasks:
        return []
    try:
        await asyncio.wait(tasks)
    finally:
        await _cancel(tasks)
    answers: list[T | BaseException] = []
    for task in tasks:
        error = WireError("the query was cancelled") if task.cancelled() else task.exception()
        answers.append(task.result() if error is None else error)
    return answers


async def _cancel(tasks: Iterable[asyncio.Future[T]]) -> None:
    """Cancel what still runs and give it a moment to end; what ignores even that is left behind, named in the log."""
    pending = [task for task in tasks if not task.done()]
    for task in pending:
        task.cancel()
    if pending:
        _, stubborn = await asyncio.wait(pending, timeout=CANCEL_GRACE_S)
        for task in stubborn:
            _log.error("%s: does not end when cancelled", task)
