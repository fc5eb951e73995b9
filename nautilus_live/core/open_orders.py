"""The open-order check: what follows from a venue's list of orders, compared with what we believe.

Pure: knows our orders and the list, and says which reports to reconcile, which orders to ask about one by one, and how
to end one that the venue does not know. One machine serves one client; the shell asks and tells.

Rules:
1. No answer is no evidence: nothing is counted, nothing is asked, nothing ends.
2. What we heard or did a moment ago is newer than any list: such an order is looked at in a later cycle. (That the same
   is refused once more is no news: see `core.last_news`.)
3. A list can lag or leave out; an order ends only after a question about it alone was answered "not there".
4. A list reaches back only so far: an order that is older, and not in it, is asked about at once, and the answers count
   instead of the lists.
5. A pending order is the in-flight check's, which has counters of its own; here it is asked about, never ended.
6. What we conclude is provisional (see `core.conclusions`).
7. A report that changed nothing is not looked at again until it, or what comes with it, or the order is another.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

from nautilus_live.core.candidates import candidate
from nautilus_live.core.conclusions import (
    NANOSECONDS_PER_MILLISECOND,
    NANOSECONDS_PER_MINUTE,
    Conclusion,
    Outcome,
    conclude,
)
from nautilus_live.core.last_news import last_news_ns
from nautilus_live.core.reconciliation.alignment import is_alignment
from nautilus_live.core.reconciliation.told_prices import tells_new_prices
from nautilus_live.core.reconciliation.types import Level, LocalState, Note
from nautilus_live.marks import mark
from nautilus_live.model.enums import OrderStatus
from nautilus_live.model.events import OrderCanceled, OrderRejected
from nautilus_live.model.identifiers import ClientOrderId, InstrumentId, VenueOrderId
from nautilus_live.model.orders import PENDING_STATUSES, TRIGGERABLE_TYPES, Order
from nautilus_live.model.reports import OrderStatusReport

REASON = "ORDER_NOT_FOUND_AT_VENUE"

RESOLUTIONS: dict[OrderStatus, type[Conclusion]] = {
    OrderStatus.ACCEPTED: OrderRejected,
    OrderStatus.TRIGGERED: OrderCanceled,
    OrderStatus.PARTIALLY_FILLED: OrderCanceled,
}
"""How each status ends when the venue does not know the order; the others are left to the in-flight check."""

ReportKey = tuple[InstrumentId, VenueOrderId]
Content = tuple[object, ...]


class Poll(Struct, frozen=True):
    """What to ask the venue for: open orders, or all since `start_ns`."""

    open_only: bool
    start_ns: int | None


class Findings(Struct, frozen=True):
    """What follows from an answer.

    Attributes:
        differing: reports to reconcile, those of one order together.
        questions: orders to ask about one by one, in this order.
        postponed: how many more must wait for a later cycle.

    """

    differing: list[list[OrderStatusReport]] = []
    questions: list[Order] = []
    postponed: int = 0


class Resolution(Struct, frozen=True):
    """Apply `event`; `note` says why."""

    event: Conclusion
    note: Note


class OpenOrdersCheck:
    """Compares one client's orders with its venue's list.

    Args:
        open_only: whether open orders alone are asked for, rather than the history.
        lookback_mins: how far the history reaches back.
        threshold_ms: how long an order must have been quiet before the list says anything about it.
        missing_retries: how many lists in a row must leave an order out before it is asked about.
        questions_max: questions in one cycle.
        filtered: orders that are none of our business.
        instrument_ids: the only instruments to look at; empty means all.

    """

    def __init__(
        self,
        *,
        open_only: bool = True,
        lookback_mins: int = 60,
        threshold_ms: int = 5_000,
        missing_retries: int = 5,
        questions_max: int = 10,
        filtered: Iterable[ClientOrderId] = (),
        instrument_ids: Iterable[InstrumentId] = (),
    ) -> None:
        self._open_only = open_only
        self._lookback_ns = lookback_mins * NANOSECONDS_PER_MINUTE
        self._threshold_ns = threshold_ms * NANOSECONDS_PER_MILLISECOND
        self._missing_retries = missing_retries
        self._questions_max = questions_max
        self._filtered = frozenset(filtered)
        self._instrument_ids = frozenset(instrument_ids)
        self._missed: dict[ClientOrderId, int] = {}
        self._asked_ns: dict[ClientOrderId, int] = {}
        self._settled: dict[ReportKey, tuple[tuple[Content, ...], int]] = {}

    def poll(self, now: int) -> Poll:
        """Return what to ask for. Open orders have no age: they are part of the present."""
        return Poll(self._open_only, None if self._open_only else now - self._lookback_ns)

    def missed_count(self, client_order_id: ClientOrderId) -> int:
        """Return how many lists in a row have left the order out."""
        return self._missed.get(client_order_id, 0)

    # -- the list ----------------------------------------------------------------------------------------------------

    def compare(
        self,
        local: LocalState,
        working: Sequence[Order],
        reports: Sequence[OrderStatusReport] | None,
        asked_ns: int,
        now: int,
        inflight: Sequence[Order] = (),
    ) -> Findings:
        """Return what follows from an answer.

        Args:
            local: what we believe; only read.
            working: our orders that work at this venue, in the order they were sent.
            reports: the whole list, or None if the question went unanswered.
            asked_ns: when it was asked for.
            now: our time; both in nanoseconds.
            inflight: our orders that wait for a venue; a report that names none of ours may be about one of them.

        """
        if reports is None:
            return Findings()
        groups: dict[ClientOrderId | ReportKey, list[OrderStatusReport]] = {}
        listed: dict[ClientOrderId, None] = {}
        for report in reports:
            order = _find(local, report)
            if order is None:
                if candidate(inflight, report) is not None:
                    continue  # the in-flight check asks about that one
                groups.setdefault(report.client_order_id or (report.instrument_id, report.venue_order_id), []).append(
                    report
                )
                continue
            number = report.venue_order_id
            # What was taken for a stranger's under that number is there too, and turns out to be `order` by and by.
            numbered = None if number == order.venue_order_id else _numbered(local, report)
            for known in (order, numbered):
                if known is not None and number not in known.superseded_venue_order_ids:
                    listed[known.client_order_id] = None
            groups.setdefault(order.client_order_id, []).append(report)
        differing = [group for group in groups.values() if self._is_due(local, group, asked_ns, now)]
        present = {_key(report): None for report in reports}
        self._settled = {key: settled for key, settled in self._settled.items() if key in present}
        questions, postponed = self._look_for_missing(working, listed, asked_ns, now)
        return Findings(differing, questions, postponed)

    def settled(self, local: LocalState, reports: Iterable[OrderStatusReport]) -> None:
        """Learn that these reports were reconciled together: what they say has been made of them."""
        group = list(reports)
        contents = tuple(map(_content, group))
        for report in group:
            order = _find(local, report)
            self._settled[_key(report)] = (contents, 0 if order is None else len(order.events))

    def _is_due(self, local: LocalState, group: list[OrderStatusReport], asked_ns: int, now: int) -> bool:
        order = _find(local, group[0])
        if order is not None and self._is_recent(order, asked_ns, now):
            return False
        # Together with another report the same one may mean something else, or contradict that and nothing more.
        known = tuple(map(_content, group)), 0 if order is None else len(order.events)
        return any(
            (report.is_open if order is None else _differs(order, report)) and self._settled.get(_key(report)) != known
            for report in group
        )

    def _is_recent(self, order: Order, asked_ns: int, now: int) -> bool:
        if order.last_event.ts_init > now:  # the clock was set back; how long ago it was is not known
            return False
        news_ns = last_news_ns(order)
        return news_ns >= asked_ns or now - news_ns < self._threshold_ns

    # -- what is not in it -------------------------------------------------------------------------------------------

    def _look_for_missing(
        self, working: Sequence[Order], listed: dict[ClientOrderId, None], asked_ns: int, now: int
    ) -> tuple[list[Order], int]:
        before, self._missed = self._missed, {}
        due: list[Order] = []
        for order in working:
            name = order.client_order_id
            if name in listed or not order.is_open or self._is_excluded(order):
                continue
            count = before.get(name, 0)
            if self._is_recent(order, asked_ns, now):
                self._missed[name] = count
                continue
            if not self._is_in_reach(order, now):
                self._missed[name] = count
                due.append(order)
                continue
            self._missed[name] = count + 1
            if count >= self._missing_retries:
                due.append(order)
        self._asked_ns = {order.client_order_id: self._asked_ns.get(order.client_order_id, 0) for order in due}
        # Those that have waited longest come first; `sorted` keeps the order of the others.
        due.sort(key=lambda order: self._asked_ns[order.client_order_id])
        questions = due[: self._questions_max]
        for order in questions:
            mark("open_orders.asked")
            self._asked_ns[order.client_order_id] = now
        return questions, len(due) - len(questions)

    def _is_excluded(self, order: Order) -> bool:
        if order.client_order_id in self._filtered or is_alignment(order):
            return True
        return bool(self._instrument_ids) and order.instrument_id not in self._instrument_ids

    def _is_in_reach(self, order: Order, now: int) -> bool:
        # Venues choose by the time an order was made or last changed; the earlier of the two is the safe one.
        return self._open_only or order.ts_init >= now - self._lookback_ns

    # -- questions about one order -----------------------------------------------------------------------------------

    def answered(
        self, order: Order, outcome: Outcome, events_seen: int, now: int, *, events_waiting: bool = False
    ) -> Resolution | None:
        """Take what came of a question about `order`; return how it ends, if it does.

        Args:
            order: the order that was asked about; only read.
            outcome: what came of it.
            events_seen: how many events the order had when it was asked about; if it has more now, the answer counts
                for nothing.
            now: our time, in nanoseconds.
            events_waiting: whether events are still to be handled; nothing ends before they are.

        """
        name = order.client_order_id
        if outcome is Outcome.UNANSWERED or (outcome is Outcome.NOT_THERE and events_waiting):
            return None  # the count stays, so that it is asked again in the next cycle
        count = self._missed.pop(name, 0)
        kind = RESOLUTIONS.get(order.status)
        if outcome is Outcome.FOUND or kind is None or len(order.events) != events_seen:
            return None
        if count < self._missing_retries:  # no list could count for it, so the answers do
            self._missed[name] = count + 1
            return None
        mark("open_orders.ended")
        event = conclude(order, kind, REASON, now)
        end = "REJECTED" if kind is OrderRejected else f"CANCELED with {order.filled_qty} filled"
        text = (
            f"{name}: {order.status} here, and the venue answered that it has no such order; taken as {end} until it"
            " says otherwise"
        )
        note = Note(
            level=Level.WARNING,
            kind="open_orders.missing",
            text=text,
            instrument_id=order.instrument_id,
            client_order_id=name,
            venue_order_id=order.venue_order_id,
            alarm=True,
        )
        return Resolution(event, note)


def _find(local: LocalState, report: OrderStatusReport) -> Order | None:
    if report.client_order_id is not None:
        order = local.order(report.client_order_id)
        if order is not None and order.is_at(report.account_id, report.instrument_id):
            return order
    return _numbered(local, report)


def _numbered(local: LocalState, report: OrderStatusReport) -> Order | None:
    """Return the order that we know under the report's venue order id."""
    owner = local.client_order_id(report.venue_order_id, report.instrument_id)
    return None if owner is None else local.order(owner)


def _differs(order: Order, report: OrderStatusReport) -> bool:
    """Return whether the report says something else about the order than we believe."""
    if report.venue_order_id in order.superseded_venue_order_ids:
        return False
    if order.is_closed and not report.is_open:
        if order.filled_qty.value != report.filled_qty.value:
            return True
        return order.provisional and order.status is not report.order_status
    if not (order.is_open and report.is_open) or order.filled_qty.value != report.filled_qty.value:
        return True
    if order.venue_order_id is not None and order.venue_order_id != report.venue_order_id:
        return True
    if order.quantity.value != report.quantity.value:
        return True
    if tells_new_prices(order, report):
        return True
    # Whether a pending request was carried out is the in-flight check's question.
    return (
        report.order_status is OrderStatus.TRIGGERED
        and order.order_type in TRIGGERABLE_TYPES
        and order.status is not OrderStatus.TRIGGERED
        and order.status not in PENDING_STATUSES
        and not order.filled_qty.value
    )


def _key(report: OrderStatusReport) -> ReportKey:
    return (report.instrument_id, report.venue_order_id)


def _content(report: OrderStatusReport) -> Content:
    """Return what a report says about the order, without when it was said."""
    return (
        report.order_status,
        report.filled_qty.value,
        report.quantity.value,
        report.price,
        report.trigger_price,
        report.client_order_id,
    )
