"""Who asked a venue what, when, and what came of it: the evidence that a conclusion needs, kept by somebody else.

May know: the kernel's ports, its cache to read, its settings. `Asking` stands between one life of a node and its
clients: it hears every question and every answer, and changes neither. Against what it heard it holds what the runtime
checks do:

1. An order in flight is asked about no sooner, and no more often, than the threshold says; and if the venue has it and
   does not move it, people have been told before it is asked about once more.
2. It is ended when as many answers in a row as are needed said "not there", since the venue's last word about it, and
   only where the policy lets it end.
3. A working order is asked about when enough lists left it out, so many after one list as are allowed; and it is ended
   when then an answer about it alone said "not there".
4. What a list says or leaves out counts for nothing where something was heard a moment ago, or after it was asked for.
   That a request is refused once more, after nothing but refusals, is not news. A list is asked for as is set.
5. Positions are looked into, and aligned, as `looking` has it.
6. How an order ends is the guide's table: `ENDS`.
7. Nothing is asked before the checks begin, and nothing about an order that is to be left alone.

Whose question it is tells the name of the task that asks. Times are the node's own; where its clock moves, nothing
about times is held against it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from msgspec import Struct

from nautilus_live.config.execution import LiveExecEngineConfig
from nautilus_live.core.inflight import REASON as TIMED_OUT
from nautilus_live.core.open_orders import REASON as MISSING
from nautilus_live.core.reconciliation.strangers import REASON as OUR_OWN
from nautilus_live.engine.cache import Cache
from nautilus_live.engine.message_bus import MessageBus
from nautilus_live.errors import UnreadableRecords
from nautilus_live.model.enums import OrderStatus, Provenance
from nautilus_live.model.events import (
    OrderCanceled,
    OrderEmulated,
    OrderEvent,
    OrderFillVoided,
    OrderInitialized,
    OrderRejected,
)
from nautilus_live.model.identifiers import AccountId, ClientOrderId
from nautilus_live.model.orders import Order
from nautilus_live.model.reports import OrderStatusReport
from scenarios.invariants.gaps import ASKS as RECONNECTED
from scenarios.invariants.gaps import Gaps
from scenarios.invariants.heard import Heard
from scenarios.invariants.looking import Listed, Looking
from scenarios.invariants.news import heard_ns, is_refused_in_a_row, last_news_ns, words_heard
from scenarios.invariants.overheard import Overheard
from scenarios.invariants.rules import ASKED, QUIET
from scenarios.invariants.surprises import Surprises

NANOSECONDS_PER_MILLISECOND, NANOSECONDS_PER_SECOND, NANOSECONDS_PER_MINUTE = 10**6, 10**9, 60 * 10**9
KEPT_MAX = 64
"""How many questions and lists of a kind are remembered: more than any check counts up to."""
AT_ONCE_MAX = 8
"""With more questions under way than this one may have to wait for its turn, and its time means nothing."""
OPEN_CHECK, POSITION_CHECK = "open-order check of ", "position check of "
ENDS: dict[OrderStatus, tuple[type[OrderEvent], ...]] = {
    OrderStatus.SUBMITTED: (OrderRejected, OrderEmulated),  # what perhaps never left is held here again
    OrderStatus.ACCEPTED: (OrderRejected,),
    OrderStatus.TRIGGERED: (OrderCanceled,),
    OrderStatus.PARTIALLY_FILLED: (OrderCanceled,),
    OrderStatus.PENDING_UPDATE: (OrderCanceled,),
    OrderStatus.PENDING_CANCEL: (OrderCanceled,),
}
"""The guide's table: how an order of each status ends that the venue does not know."""
QUESTIONS = (
    "generate_order_status_report", "generate_order_status_reports", "generate_fill_reports",
    "generate_position_status_reports", "generate_mass_status",
)  # fmt: skip


class Question(Struct):
    """A question about one order, and what came of it: `is_there` is None while there is no answer."""

    asked_ns: int
    events: int
    status: OrderStatus
    is_there: bool | None = None


class Asking:
    """The questions of one life.

    Args:
        config: the node's settings.
        cache: what it knows; only read.
        now_ns: what its clock shows.
        report: takes what does not hold.
        is_steady: whether its clock goes as it should.

    Attributes:
        heard: what this life says.
        gaps: what becomes of clients that lose their venue.

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
        self.heard: Heard | None = None
        self.gaps = Gaps(config, cache, report, is_steady=is_steady)
        self._config = config
        self._cache = cache
        self._now_ns = now_ns
        self._report = report
        self._is_steady = is_steady
        self._began_ns = now_ns()
        self._filtered = dict.fromkeys(config.filtered_client_order_ids or ())
        self._threshold_ns = config.inflight_check_threshold_ms * NANOSECONDS_PER_MILLISECOND
        self._open_ns = config.open_check_threshold_ms * NANOSECONDS_PER_MILLISECOND
        self._delay_ns = round(config.reconciliation_startup_delay_secs * NANOSECONDS_PER_SECOND)
        self._under_way = 0
        self._inflight: dict[ClientOrderId, deque[Question]] = {}
        self._missing: dict[ClientOrderId, deque[Question]] = {}
        self._lists: dict[AccountId, deque[Listed]] = {}
        self._asked_since_list: dict[AccountId, int] = {}
        self._looking = Looking(config, cache, now_ns, report, is_steady=is_steady)

    # -- hearing -----------------------------------------------------------------------------------------------------

    def listen(self, msgbus: MessageBus) -> Heard:
        """Listen to what the life says; return what hears it."""
        self.heard = Heard(msgbus)
        self.heard.untold_gaps = self.gaps.untold
        surprises = Surprises(msgbus, self._cache, self.heard)
        self.heard.untold_surprises, self.heard.on_forget = surprises.untold, surprises.forget
        self.gaps.listen(msgbus)
        return self.heard

    def overheard(self, factory: Any) -> Overheard:
        """Return a factory whose clients are listened to."""
        return Overheard(factory, self.listen_to)

    def listen_to(self, client: Any) -> None:
        """Hear every question to a client, and its answer."""
        self.gaps.add_client(client)
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
            except UnreadableRecords as partial:
                self.gaps.answered(account_id, who, name, asked_ns, query, partial.readable)
                raise
            finally:
                self._under_way -= 1
            self._take(account_id, who, name, asked_ns, answer, question)
            if name == "generate_mass_status" or who.endswith(RECONNECTED):
                self.gaps.answered(account_id, who, name, asked_ns, query, answer)
            return answer

        return asked

    def _begin(self, account_id: AccountId, who: str, name: str, query: Any) -> Question | None:
        if name == "generate_order_status_report" and query.client_order_id is not None:
            order = self._cache.order(query.client_order_id)
            if order is None:
                return None
            question = Question(self._now_ns(), len(order.events), order.status)
            if who == f"ask about {query.client_order_id}":
                self._check_beginning(account_id, who, order)
                self._check_pace(order, question)
                kept = self._inflight.setdefault(order.client_order_id, deque(maxlen=KEPT_MAX))
                kept.append(question)
            elif who.startswith(OPEN_CHECK):
                self._check_beginning(account_id, who, order)
                self._check_question(account_id, order)
                kept = self._missing.setdefault(order.client_order_id, deque(maxlen=KEPT_MAX))
                kept.append(question)
            return question
        if name == "generate_order_status_reports" and who.startswith(OPEN_CHECK):
            self._check_beginning(account_id, who, None)
            self._check_list(query)
        about_one = name == "generate_fill_reports" and query.venue_order_id is None and query.instrument_id is not None
        if about_one and POSITION_CHECK in who:
            self._check_beginning(account_id, who, None)
            self._looking.looks(account_id, query.instrument_id)
        return None

    def _take(
        self, account_id: AccountId, who: str, name: str, asked_ns: int, answer: Any, question: Question | None
    ) -> None:
        if question is not None:
            question.is_there = isinstance(answer, OrderStatusReport) and not _is_half(question, answer)
        elif name == "generate_order_status_reports" and who.startswith(OPEN_CHECK):
            listed = Listed(asked_ns, self._now_ns(), answer)
            self._lists.setdefault(account_id, deque(maxlen=KEPT_MAX)).append(listed)
            self._asked_since_list[account_id] = 0
        elif name == "generate_position_status_reports" and POSITION_CHECK in who:
            self._looking.listed(account_id, Listed(asked_ns, self._now_ns(), answer))

    def _check_beginning(self, account_id: AccountId, who: str, order: Order | None) -> None:
        """Check (7)."""
        if not self.gaps.is_known(account_id):
            self._report(ASKED.broken(f"{who}: asks before {account_id} was reconciled"))
        passed_ns = self._now_ns() - self._began_ns
        if self._is_steady and passed_ns < self._delay_ns:
            self._report(ASKED.broken(f"{who}: asks {passed_ns} ns after the start, {self._delay_ns} are to pass"))
        if order is not None and order.client_order_id in self._filtered:
            self._report(ASKED.broken(f"{who}: asks about {order.client_order_id}, which is to be left alone"))

    # -- orders in flight --------------------------------------------------------------------------------------------

    def _check_pace(self, order: Order, question: Question) -> None:
        """Check (1)."""
        if not self._is_steady or self._under_way > AT_ONCE_MAX:
            return
        now, name = question.asked_ns, order.client_order_id
        news_ns = heard_ns(order, now)
        before = self._inflight.get(name)
        if now - news_ns < self._threshold_ns:
            self._report(ASKED.broken(f"{name}: asked about {now - news_ns} ns after the last news of it"))
        elif before and now - before[-1].asked_ns < self._threshold_ns:
            self._report(ASKED.broken(f"{name}: asked about again after {now - before[-1].asked_ns} ns"))
        needed = self._answers_needed()
        if [*self._answers(order)].count(True) > needed and self.heard is not None and not self.heard.is_told(name):
            self._report(ASKED.broken(f"{name}: the venue has it and does not move it, and nobody was told"))

    def _answers_needed(self) -> int:
        return max(1, self._config.inflight_check_retries)

    def _answers(self, order: Order) -> Iterator[bool]:
        """Yield what the venue answered about an order in flight since its last word: whether it is there."""
        heard, is_one_wait = words_heard(order), is_refused_in_a_row(order)
        for question in self._inflight.get(order.client_order_id, ()):
            is_about_this = question.events >= heard and (is_one_wait or question.status is order.status)
            if is_about_this and question.is_there is not None:
                yield question.is_there

    def _objections_to_time_out(self, order: Order) -> Iterator[str]:
        """Check (2)."""
        needed = self._answers_needed()
        row = 0
        for is_there in self._answers(order):
            row = 0 if is_there else row + 1
        if row < needed:
            yield f"{row} answers in a row said that it is not there, {needed} are needed"
        waits_for_its_first_word = order.status is OrderStatus.SUBMITTED or is_refused_in_a_row(order)
        if self._config.inflight_policy == "unresolved" and not waits_for_its_first_word:
            yield f"it is {order.status}, and is to be left so"
        waited_ns = self._now_ns() - heard_ns(order, self._now_ns() + 1)
        if self._is_steady and waited_ns < self._threshold_ns:
            yield f"it waited {waited_ns} ns"

    # -- working orders ----------------------------------------------------------------------------------------------

    def _check_list(self, query: Any) -> None:
        """Check (4), of the question for a list."""
        back_ns = self._config.open_check_lookback_mins * NANOSECONDS_PER_MINUTE
        start_ns = None if self._config.open_check_open_only else self._now_ns() - back_ns
        if query.open_only is not self._config.open_check_open_only or query.start_ns != start_ns:
            self._report(ASKED.broken(f"a list is asked for from {query.start_ns} on, {start_ns} is set"))

    def _check_question(self, account_id: AccountId, order: Order) -> None:
        """Check (3) and (4), of a question."""
        lists = self._lists.get(account_id)
        count = self._asked_since_list[account_id] = self._asked_since_list.get(account_id, 0) + 1
        most = self._config.max_single_order_queries_per_cycle
        if count > most:
            self._report(ASKED.broken(f"{order.client_order_id}: question {count} after one list, {most} are allowed"))
        if not lists:
            self._report(ASKED.broken(f"{order.client_order_id}: asked about before any list was answered"))
        elif _is_in(lists[-1], order):
            self._report(ASKED.broken(f"{order.client_order_id}: asked about, and the list has it"))
        elif self._is_news(order, lists[-1], self._open_ns):
            self._report(QUIET.broken(f"{order.client_order_id}: asked about right after news of it"))
        elif self._is_in_reach(order, lists[-1]):
            row, needed = self._left_out(account_id, order), self._config.open_check_missing_retries + 1
            if row < needed:
                text = f"asked about after {row} lists left it out, {needed} are needed"
                self._report(ASKED.broken(f"{order.client_order_id}: {text}"))

    def _left_out(self, account_id: AccountId | None, order: Order) -> int:
        """Return how many lists in a row have left an order out that would have had it."""
        row = 0
        for listed in reversed(() if account_id is None else self._lists.get(account_id, ())):
            if _is_in(listed, order):
                break
            row += not self._is_news(order, listed, self._open_ns) and self._is_in_reach(order, listed)
        return row

    def _is_in_reach(self, order: Order, listed: Listed) -> bool:
        back_ns = self._config.open_check_lookback_mins * NANOSECONDS_PER_MINUTE
        return self._config.open_check_open_only or order.ts_init >= listed.answered_ns - back_ns

    def _objections_to_missing(self, order: Order) -> Iterator[str]:
        """Check (3) and (4), of an end."""
        row, answers = self._left_out(order.account_id, order), 0
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
        known = [event for event in order.events if event.ts_init < listed.answered_ns]
        if not known:
            return False
        news_ns = last_news_ns(known)
        return news_ns >= listed.asked_ns or listed.answered_ns - news_ns < threshold_ns

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
            if type(event) not in ENDS.get(order.status, (type(event),)):
                self._report(ASKED.broken(f"{text}: not how an order ends that is {order.status}"))
        elif type(event) is OrderFillVoided or getattr(event, "reason", "") == OUR_OWN:
            pass  # what was taken for a stranger's is given back by an order that no list is about
        elif event.provenance is Provenance.RECONCILIATION and order.account_id is not None:
            task = asyncio.current_task()
            if task is not None and task.get_name().startswith(OPEN_CHECK):
                self._check_news(order, text)

    def made(self, order: OrderInitialized) -> None:
        """Hold an order that the node made up against what was asked."""
        task = asyncio.current_task() if order.strategy_id.is_internal() else None
        who = "" if task is None else task.get_name()
        self.gaps.aligns(order, who)
        if POSITION_CHECK in who:
            self._looking.aligns(order)
            if self.heard is not None and not self.heard.is_told(order.instrument_id):
                self._report(ASKED.broken(f"{order.instrument_id}: aligned, and nobody was told"))

    def _check_news(self, order: Order, text: str) -> None:
        """Check (4), of what was reconciled."""
        lists = self._lists.get(order.account_id) if order.account_id is not None else None
        if lists and order.last_event.ts_init < self._now_ns() and self._is_news(order, lists[-1], self._open_ns):
            self._report(QUIET.broken(f"{text}: a list was believed right after news of it"))


def _is_half(question: Question, report: OrderStatusReport) -> bool:
    """Return whether an answer may tell of the first half of a modification: it says nothing of the second."""
    return report.order_status is OrderStatus.CANCELED and question.status is OrderStatus.PENDING_UPDATE


def _is_in(listed: Listed, order: Order) -> bool:
    numbers = (order.venue_order_id,)
    return any(
        report.instrument_id == order.instrument_id
        and (report.client_order_id == order.client_order_id or report.venue_order_id in numbers)
        and report.venue_order_id not in order.superseded_venue_order_ids
        for report in listed.reports
    )
