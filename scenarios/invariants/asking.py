"""Who asked a venue what, when, and what came of it: the evidence that a conclusion needs, kept by somebody else.

May know: the kernel's ports, its cache to read, its settings. `Asking` stands between one life of a node and its
clients: it hears every question and every answer, and changes neither. Against what it heard it holds what the runtime
checks do:

1. An order in flight is asked about no sooner, and no more often, than the threshold says.
2. It is ended when as many answers in a row as are needed said "not there", since the venue's last word about it.
3. A working order is ended when enough lists left it out, and then an answer about it alone said "not there".
4. What a list says or leaves out counts for nothing where something was heard a moment ago, or after it was asked for.
5. Positions are looked into where they differ and have been quiet, and aligned after as many differences as are needed.

Whose question it is tells the name of the task that asks. Times are the node's own; where its clock moves, nothing
about times is held against it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from msgspec import Struct

from nautilus_live.config.execution import LiveExecEngineConfig
from nautilus_live.core.inflight import REASON as TIMED_OUT
from nautilus_live.core.open_orders import REASON as MISSING
from nautilus_live.core.reconciliation.strangers import REASON as OUR_OWN
from nautilus_live.engine.cache import Cache
from nautilus_live.model.enums import OrderStatus, Provenance
from nautilus_live.model.events import OrderEvent, OrderFillVoided
from nautilus_live.model.identifiers import AccountId, ClientOrderId, InstrumentId
from nautilus_live.model.orders import Order
from nautilus_live.model.reports import OrderStatusReport, PositionStatusReport
from scenarios.invariants.rules import ASKED, QUIET

NANOSECONDS_PER_MILLISECOND = 1_000_000
NANOSECONDS_PER_MINUTE = 60_000_000_000
KEPT_MAX = 64
"""How many questions and lists of a kind are remembered: more than any check counts up to."""
AT_ONCE_MAX = 8
"""With more questions under way than this one may have to wait for its turn, and its time means nothing."""
OPEN_CHECK, POSITION_CHECK = "open-order check of ", "position check of "
QUESTIONS = (
    "generate_order_status_report", "generate_order_status_reports", "generate_fill_reports",
    "generate_position_status_reports",
)  # fmt: skip


class Question(Struct):
    """A question about one order, and what came of it: `is_there` is None while there is no answer."""

    asked_ns: int
    events: int
    status: OrderStatus
    is_there: bool | None = None


class Listed(Struct):
    """An answered list: of orders or of positions."""

    asked_ns: int
    answered_ns: int
    reports: Sequence[Any]


class Overheard:
    """A client factory whose clients are listened to."""

    def __init__(self, factory: Any, listen_to: Callable[[Any], None]) -> None:
        self._factory = factory
        self._listen_to = listen_to

    def create(self, **given: Any) -> Any:
        """Return a new client."""
        client = self._factory.create(**given)
        self._listen_to(client)
        return client


class Asking:
    """The questions of one life.

    Args:
        config: the node's settings.
        cache: what it knows; only read.
        now_ns: what its clock shows.
        report: takes what does not hold.
        is_steady: whether its clock goes as it should.

    """

    def __init__(
        self,
        config: LiveExecEngineConfig,
        cache: Cache,
        now_ns: Callable[[], int],
        report: Callable[[str], None],
        *,
        is_steady: bool,
    ) -> None:
        self._config = config
        self._cache = cache
        self._now_ns = now_ns
        self._report = report
        self._is_steady = is_steady
        self._threshold_ns = config.inflight_check_threshold_ms * NANOSECONDS_PER_MILLISECOND
        self._open_ns = config.open_check_threshold_ms * NANOSECONDS_PER_MILLISECOND
        self._positions_ns = config.position_check_threshold_ms * NANOSECONDS_PER_MILLISECOND
        self._under_way = 0
        self._inflight: dict[ClientOrderId, deque[Question]] = {}
        self._missing: dict[ClientOrderId, deque[Question]] = {}
        self._lists: dict[AccountId, deque[Listed]] = {}
        self._positions: dict[AccountId, deque[Listed]] = {}
        self._looked_into: dict[tuple[AccountId, InstrumentId], int] = {}

    # -- hearing -----------------------------------------------------------------------------------------------------

    def overheard(self, factory: Any) -> Overheard:
        """Return a factory whose clients are listened to."""
        return Overheard(factory, self.listen_to)

    def listen_to(self, client: Any) -> None:
        """Hear every question to a client, and its answer."""
        for name in QUESTIONS:
            setattr(client, name, self._heard(client.account_id, name, getattr(client, name)))

    def _heard(self, account_id: AccountId, name: str, ask: Callable[[Any], Any]) -> Callable[[Any], Any]:
        async def asked(query: Any) -> Any:
            task = asyncio.current_task()
            who = "" if task is None else task.get_name()
            question = self._begin(account_id, who, name, query)
            asked_ns = self._now_ns()
            self._under_way += 1
            try:
                answer = await ask(query)
            finally:
                self._under_way -= 1
            self._take(account_id, who, name, Listed(asked_ns, self._now_ns(), ()), answer, question)
            return answer

        return asked

    def _begin(self, account_id: AccountId, who: str, name: str, query: Any) -> Question | None:
        if name == "generate_order_status_report" and query.client_order_id is not None:
            order = self._cache.order(query.client_order_id)
            if order is None:
                return None
            question = Question(self._now_ns(), len(order.events), order.status)
            if who == f"ask about {query.client_order_id}":
                self._check_pace(order, question)
                kept = self._inflight.setdefault(order.client_order_id, deque(maxlen=KEPT_MAX))
                kept.append(question)
            elif who.startswith(OPEN_CHECK):
                self._check_question(account_id, order)
                kept = self._missing.setdefault(order.client_order_id, deque(maxlen=KEPT_MAX))
                kept.append(question)
            return question
        about_one = name == "generate_fill_reports" and query.venue_order_id is None and query.instrument_id is not None
        if about_one and POSITION_CHECK in who:
            self._check_look(account_id, query.instrument_id)
        return None

    def _take(
        self, account_id: AccountId, who: str, name: str, listed: Listed, answer: Any, question: Question | None
    ) -> None:
        if question is not None:
            question.is_there = isinstance(answer, OrderStatusReport) and not _is_half(question, answer)
        elif name == "generate_order_status_reports" and who.startswith(OPEN_CHECK):
            listed.reports = answer
            self._lists.setdefault(account_id, deque(maxlen=KEPT_MAX)).append(listed)
        elif name == "generate_position_status_reports" and POSITION_CHECK in who:
            listed.reports = answer
            self._positions.setdefault(account_id, deque(maxlen=KEPT_MAX)).append(listed)

    # -- orders in flight --------------------------------------------------------------------------------------------

    def _check_pace(self, order: Order, question: Question) -> None:
        """Check (1)."""
        if not self._is_steady or self._under_way > AT_ONCE_MAX:
            return
        now, name = question.asked_ns, order.client_order_id
        heard_ns = max((event.ts_init for event in order.events if event.ts_init < now), default=0)
        before = self._inflight.get(name)
        if now - heard_ns < self._threshold_ns:
            self._report(ASKED.broken(f"{name}: asked about {now - heard_ns} ns after the last news of it"))
        elif before and now - before[-1].asked_ns < self._threshold_ns:
            self._report(ASKED.broken(f"{name}: asked about again after {now - before[-1].asked_ns} ns"))

    def _objections_to_time_out(self, order: Order) -> Iterator[str]:
        """Check (2)."""
        needed = max(1, self._config.inflight_check_retries)
        heard = _words_heard(order)
        row = 0
        for question in self._inflight.get(order.client_order_id, ()):
            if question.events >= heard and question.status is order.status and question.is_there is not None:
                row = 0 if question.is_there else row + 1
        if row < needed:
            yield f"{row} answers in a row said that it is not there, {needed} are needed"
        waited_ns = self._now_ns() - order.last_event.ts_init
        if self._is_steady and waited_ns < self._threshold_ns:
            yield f"it waited {waited_ns} ns"

    # -- working orders ----------------------------------------------------------------------------------------------

    def _check_question(self, account_id: AccountId, order: Order) -> None:
        """Check (3) and (4), of a question."""
        lists = self._lists.get(account_id)
        if not lists:
            self._report(ASKED.broken(f"{order.client_order_id}: asked about before any list was answered"))
        elif _is_in(lists[-1], order):
            self._report(ASKED.broken(f"{order.client_order_id}: asked about, and the list has it"))
        elif self._is_news(order, lists[-1], self._open_ns):
            self._report(QUIET.broken(f"{order.client_order_id}: asked about right after news of it"))

    def _objections_to_missing(self, order: Order) -> Iterator[str]:
        """Check (3) and (4), of an end."""
        account_id = order.account_id
        lists = () if account_id is None else self._lists.get(account_id, ())
        row = answers = 0
        for listed in reversed(lists):
            if _is_in(listed, order):
                break
            row += not self._is_news(order, listed, self._open_ns)
        for question in reversed(self._missing.get(order.client_order_id, ())):
            if question.is_there:
                break
            answers += question.is_there is False
        if not answers:
            yield "no answer about it said that it is not there"
        elif row + answers - 1 < self._config.open_check_missing_retries:
            yield f"{row} lists left it out, {answers} answers said that it is not there"
        if answers and self._missing[order.client_order_id][-1].events < len(order.events):
            yield "something was heard of it since it was asked about"

    def _is_news(self, order: Order, listed: Listed, threshold_ns: int) -> bool:
        """Return whether, when that list came, something had been heard of the order a moment ago."""
        if not self._is_steady:
            return False
        known = [event.ts_init for event in order.events if event.ts_init < listed.answered_ns]
        return bool(known) and _is_recent(max(known), listed, threshold_ns)

    # -- what follows ------------------------------------------------------------------------------------------------

    def check(self, event: OrderEvent, order: Order, text: str) -> None:
        """Hold an event that follows from what was asked against the answers; `order` is as it was before it."""
        if event.provenance is Provenance.POLICY:
            reason = getattr(event, "reason", "")
            found: Iterable[str] = ()
            if reason == TIMED_OUT:
                found = self._objections_to_time_out(order)
            elif reason == MISSING:
                found = self._objections_to_missing(order)
            for objection in found:
                self._report(ASKED.broken(f"{text}: {objection}"))
        elif type(event) is OrderFillVoided or getattr(event, "reason", "") == OUR_OWN:
            pass  # what was taken for a stranger's is given back by an order that no list is about
        elif event.provenance is Provenance.RECONCILIATION and order.account_id is not None:
            task = asyncio.current_task()
            if task is not None and task.get_name().startswith(OPEN_CHECK):
                self._check_news(order, text)

    def _check_news(self, order: Order, text: str) -> None:
        """Check (4), of what was reconciled."""
        lists = self._lists.get(order.account_id) if order.account_id is not None else None
        if lists and order.last_event.ts_init < self._now_ns() and self._is_news(order, lists[-1], self._open_ns):
            self._report(QUIET.broken(f"{text}: a list was believed right after news of it"))

    # -- positions ---------------------------------------------------------------------------------------------------

    def _check_look(self, account_id: AccountId, instrument_id: InstrumentId) -> None:
        """Check (5), of a look into an instrument."""
        lists = self._positions.get(account_id)
        if not lists:
            self._report(ASKED.broken(f"{instrument_id}: looked into before any list was answered"))
            return
        listed = lists[-1]
        reports: list[PositionStatusReport] = [one for one in listed.reports if one.instrument_id == instrument_id]
        if any(report.venue_position_id is not None for report in reports):
            return  # legs are compared one by one
        held = self._cache.positions(instrument_id=instrument_id, account_id=account_id)
        fills = [fill.ts_init for one in held for fill in one.fills if fill.ts_init < listed.answered_ns]
        if self._is_steady and fills and _is_recent(max(fills), listed, self._positions_ns):
            self._report(QUIET.broken(f"{instrument_id}: looked into right after a trade"))
        ours = sum((one.signed_qty for one in held), Decimal(0))
        if reports and ours == reports[-1].signed_qty and len({one.signed_qty for one in reports}) == 1:
            self._report(ASKED.broken(f"{instrument_id}: looked into, and the venue has the same position"))


def _is_half(question: Question, report: OrderStatusReport) -> bool:
    """Return whether an answer may tell of the first half of a modification: it says nothing of the second."""
    return report.order_status is OrderStatus.CANCELED and question.status is OrderStatus.PENDING_UPDATE


def _words_heard(order: Order) -> int:
    """Return how many events the order had when the venue last spoke of it."""
    for count in range(len(order.events), 0, -1):
        if order.events[count - 1].provenance is not Provenance.LOCAL:
            return count
    return 0


def _is_in(listed: Listed, order: Order) -> bool:
    numbers = (order.venue_order_id,)
    return any(
        report.instrument_id == order.instrument_id
        and (report.client_order_id == order.client_order_id or report.venue_order_id in numbers)
        and report.venue_order_id not in order.superseded_venue_order_ids
        for report in listed.reports
    )


def _is_recent(heard_ns: int, listed: Listed, threshold_ns: int) -> bool:
    return heard_ns >= listed.asked_ns or listed.answered_ns - heard_ns < threshold_ns
