"""The in-flight check: what to do about orders that wait too long for the venue's answer.

Pure: knows the orders that are in flight and our time, and says whom to ask about, which to end, what to alarm. The
shell asks, and tells what came of it by `answered`.

Rules:
1. An order waits since we last heard or did something about it, by our own time of receipt: the venue's clock is the
   venue's. One that was never acknowledged waits for that: who cancels it again and again, and is refused each time,
   does not put the end off, and it does not matter whether we look while a cancel is on its way or after it.
2. It is asked about before anything is concluded, and again after the threshold, not sooner.
3. Only "not there" counts towards an end. A question without an answer proves nothing, however often it is asked.
4. An end is concluded when nothing is waiting in the event queue: it might be what we are waiting for.
5. What we conclude is provisional (see `core.conclusions`).
6. A venue that knows the order and does not move it is alarmed about once; the order stays as it is.
7. What was released and perhaps never sent (see `core.conclusions`) does not end: it is held here again.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from nautilus_live.core.conclusions import (
    NANOSECONDS_PER_MILLISECOND,
    Conclusion,
    Outcome,
    conclude,
    may_never_have_left,
    take_back,
)
from nautilus_live.core.last_news import refused_since_ns
from nautilus_live.core.reconciliation.alignment import is_alignment
from nautilus_live.core.reconciliation.types import Level, Note
from nautilus_live.marks import mark
from nautilus_live.model.enums import OrderStatus, Provenance
from nautilus_live.model.events import OrderCanceled, OrderEmulated, OrderRejected
from nautilus_live.model.identifiers import ClientOrderId
from nautilus_live.model.orders import IN_FLIGHT_STATUSES, Order

REASON = "INFLIGHT_TIMEOUT"

RESOLUTIONS: dict[OrderStatus, type[Conclusion]] = {
    OrderStatus.SUBMITTED: OrderRejected,
    OrderStatus.PENDING_UPDATE: OrderCanceled,
    OrderStatus.PENDING_CANCEL: OrderCanceled,
}
"""The guide's table: how each status ends when the venue does not know the order."""


class Query(Struct, frozen=True):
    """Ask the venue about `order`. `wait` tells which of its waits this is about: answers to earlier ones are old."""

    order: Order
    wait: int


class Resolve(Struct, frozen=True):
    """Apply `event`; `note` says why. Once the order has had more than `events_seen` events it counts for nothing."""

    event: Conclusion | OrderEmulated
    note: Note
    events_seen: int


class Alarm(Struct, frozen=True):
    """Tell a human."""

    note: Note


Action = Query | Resolve | Alarm


class _Watch:
    """What is known about one order since it began to wait."""

    __slots__ = (
        "alarmed",
        "asked_ns",
        "events_seen",
        "found",
        "is_asked",
        "not_there",
        "refused_ns",
        "since_ns",
        "wait",
        "waits_in",
    )

    def __init__(self, order: Order, wait: int) -> None:
        self.wait = wait
        self.waits_in = order.status
        self.begin(order)
        self.asked_ns: int | None = None
        self.is_asked = False
        self.not_there = 0
        self.found = 0
        self.alarmed = False

    def begin(self, order: Order) -> None:
        """Wait from what was heard of the order, or done about it, last."""
        self.events_seen = len(order.events)
        self.refused_ns = refused_since_ns(order)
        self.since_ns = order.last_event.ts_init if self.refused_ns is None else self.refused_ns


class InflightCheck:
    """Watches the orders in flight.

    Args:
        threshold_ms: how long an order may wait, and how long lies between two questions about it.
        retries: how often "not there" must be answered before the order is ended; at least once in any case.
        policy: "resolve" (the guide: pending orders end CANCELED) or "unresolved" (they stay, with an alarm). A
            SUBMITTED order ends REJECTED either way, and one ends either way of which only refusals were ever heard.
        filtered: orders that are none of our business.

    """

    def __init__(
        self, *, threshold_ms: int, retries: int, policy: str = "resolve", filtered: Iterable[ClientOrderId] = ()
    ) -> None:
        self._threshold_ns = threshold_ms * NANOSECONDS_PER_MILLISECOND
        self._answers_needed = max(1, retries)
        self._leaves_pending = policy == "unresolved"
        self._filtered = frozenset(filtered)
        self._watches: dict[ClientOrderId, _Watch] = {}
        self._waits = 0

    def tick(self, orders: Iterable[Order], now: int, *, events_waiting: bool = False) -> list[Action]:
        """Return what to do now.

        Args:
            orders: every order in flight; only read. One that is not among them is forgotten.
            now: our time, in nanoseconds.
            events_waiting: whether events are still to be handled; nothing is ended before they are.

        """
        before, self._watches = self._watches, {}
        actions: list[Action] = []
        for order in orders:
            if order.status not in IN_FLIGHT_STATUSES or self._is_excluded(order):
                continue
            watch = self._watches[order.client_order_id] = self._observe(before.get(order.client_order_id), order, now)
            action = self._decide(watch, order, now, events_waiting)
            if action is not None:
                actions.append(action)
        return actions

    def leaves(self, query: Query, now: int) -> None:
        """Learn that a question leaves only now, having waited for its turn; the time to the next counts from here."""
        watch = self._watches.get(query.order.client_order_id)
        if watch is not None and watch.wait == query.wait:
            watch.asked_ns = now

    def answered(self, query: Query, outcome: Outcome) -> None:
        """Take what came of a question. With the venue's next word about the order it counts for nothing."""
        watch = self._watches.get(query.order.client_order_id)
        if watch is None or watch.wait != query.wait:
            return
        watch.is_asked = False
        if outcome is Outcome.NOT_THERE:
            mark("inflight.not_there")
            watch.not_there += 1
        elif outcome is Outcome.FOUND:
            watch.not_there = 0
            watch.found += 1

    def _is_excluded(self, order: Order) -> bool:
        return order.client_order_id in self._filtered or is_alignment(order)

    def _observe(self, watch: _Watch | None, order: Order, now: int) -> _Watch:
        """Return the watch over the order: a new one if the venue has spoken of it since, or it waits for another."""
        events = order.events
        if watch is not None and watch.refused_ns is not None and watch.refused_ns == refused_since_ns(order):
            watch.events_seen = len(events)  # refused once more, or about to be: whatever its status, no news
        elif watch is None or watch.waits_in is not order.status or self._venue_spoke(order, watch.events_seen):
            self._waits += 1
            watch = _Watch(order, self._waits)
        elif len(events) != watch.events_seen:  # asked for once more by ourselves: wait anew, with the same evidence
            watch.begin(order)
        # A clock that was set back must not stop the check until the old time is reached again.
        watch.since_ns = min(watch.since_ns, now)
        if watch.asked_ns is not None:
            watch.asked_ns = min(watch.asked_ns, now)
        return watch

    @staticmethod
    def _venue_spoke(order: Order, events_seen: int) -> bool:
        return any(event.provenance is not Provenance.LOCAL for event in order.events[events_seen:])

    def _decide(self, watch: _Watch, order: Order, now: int, events_waiting: bool) -> Action | None:
        if watch.is_asked or now - watch.since_ns < self._threshold_ns:
            return None
        if watch.asked_ns is not None and now - watch.asked_ns < self._threshold_ns:
            return None
        if watch.not_there >= self._answers_needed:
            never_acknowledged = order.status is OrderStatus.SUBMITTED or watch.refused_ns is not None
            if never_acknowledged or not self._leaves_pending:
                return None if events_waiting else self._resolve(watch, order, now)
            if not watch.alarmed:
                watch.alarmed = True
                text = f"the venue answered {watch.not_there} times that it has no such order; left {order.status}"
                return Alarm(_note("inflight.unresolved", text, order))
        elif watch.found >= self._answers_needed and not watch.alarmed:
            watch.alarmed = True
            text = f"the venue knows the order and has not moved it in {watch.found} answers; still {order.status}"
            return Alarm(_note("inflight.stuck", text, order))
        mark("inflight.asked")
        watch.is_asked, watch.asked_ns = True, now
        return Query(order, watch.wait)

    def _resolve(self, watch: _Watch, order: Order, now: int) -> Resolve:
        mark("inflight.resolved")
        event: Conclusion | OrderEmulated
        if may_never_have_left(order):
            event, end = take_back(order, now), "never sent, and held here again"
        else:
            event = conclude(order, RESOLUTIONS[order.status], REASON, now)
            end = "REJECTED" if isinstance(event, OrderRejected) else "CANCELED"
        text = (
            f"{order.status} for {(now - watch.since_ns) / 1e9:.1f} s, and the venue answered"
            f" {watch.not_there} times that it has no such order; taken as {end} until it says otherwise"
        )
        return Resolve(event, _note("inflight.resolved", text, order), len(order.events))


def _note(kind: str, text: str, order: Order) -> Note:
    return Note(
        level=Level.WARNING,
        kind=kind,
        text=f"{order.client_order_id}: {text}",
        instrument_id=order.instrument_id,
        client_order_id=order.client_order_id,
        venue_order_id=order.venue_order_id,
        alarm=True,
    )
