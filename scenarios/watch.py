"""What a node says while it runs: recorded in the trace, collected for expectations, and checked at every event.

One `NodeWatch` listens to one node's message bus from outside, after everybody else has heard. It keeps shadows of
the orders, changed by nothing but the events that were published, and holds the always-invariants (1) to (6) of
DESIGN.md against them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nautilus_live.core import order_lifecycle
from nautilus_live.engine.cache import Cache
from nautilus_live.engine.message_bus import MessageBus
from nautilus_live.errors import IllegalTransition
from nautilus_live.model.enums import Provenance
from nautilus_live.model.events import AccountState, OrderEvent, OrderFilled, OrderInitialized, PositionEvent
from nautilus_live.model.identifiers import AccountId, InstrumentId, TradeId, VenueOrderId
from nautilus_live.model.orders import Order, order_from
from sandbox_venues.venue import Venue
from scenarios.invariants import is_venue_word
from scenarios.texts import event_text
from scenarios.trace import account_text, position_event_text

# Last of all: what it looks at has been applied, stored and told to the strategies by then.
PRIORITY_LAST = -1_000_000


class NodeWatch:
    """Listens to one node, from its start to its end.

    Args:
        record: takes a line for the trace.
        report: takes an invariant's violation.
        now_ns: the virtual time since the beginning, in nanoseconds.
        venues: the venues by account; a fill is held against the true books unless the venue lies.
        allow_overfills: whether the node is set to accept them.

    """

    def __init__(
        self,
        record: Callable[[str], None],
        report: Callable[[str], None],
        now_ns: Callable[[], int],
        venues: dict[AccountId, Venue],
        *,
        allow_overfills: bool,
    ) -> None:
        self.events: list[tuple[int, str]] = []
        self.told: list[tuple[int, OrderEvent]] = []
        self.trusts_venues = True
        self._record = record
        self._report = report
        self._now_ns = now_ns
        self._venues = venues
        self._allow_overfills = allow_overfills
        self._shadows: dict[str, Order] = {}
        self._trades: dict[tuple[InstrumentId, VenueOrderId | None, TradeId], str] = {}

    def listen(self, msgbus: MessageBus, cache: Cache, pages_answered: Callable[[], int]) -> None:
        """Begin to listen to a new life of the node.

        The cache may be empty still; it is looked at whenever an order of an earlier life is spoken of.
        `pages_answered` says how many questions the venues have answered so far.
        """
        self._shadows.clear()
        self._trades.clear()
        self._cache = cache
        self._pages_answered = pages_answered
        self._pages_before = pages_answered()
        msgbus.subscribe("events.order.*", self.on_order_event, PRIORITY_LAST)
        msgbus.subscribe("events.position.*", self.on_position_event, PRIORITY_LAST)
        msgbus.subscribe("events.account.*", self.on_account_state, PRIORITY_LAST)
        msgbus.subscribe("alarms", self.on_alarm, PRIORITY_LAST)

    def on_order_event(self, event: OrderEvent) -> None:
        """Take an order event that the node published."""
        text = event_text(event)
        self._record(text)
        local_birth = isinstance(event, OrderInitialized) and not is_venue_word(event.provenance)
        if not local_birth:
            self.events.append((self._now_ns(), text))
        self.told.append((self._now_ns(), event))
        self._check(event, text)

    def on_position_event(self, event: PositionEvent) -> None:
        """Take a position event that the node published."""
        self._record(position_event_text(event))

    def on_account_state(self, state: AccountState) -> None:
        """Take an account state that the node published."""
        self._record(account_text(state))

    def on_alarm(self, alarm: Any) -> None:
        """Take an alarm that the node raised."""
        self._record(f"alarm {getattr(alarm, 'kind', alarm)}: {getattr(alarm, 'text', '')}")

    # -- the always-invariants
    # -------------------------------------------------------------------------------------------

    def _check(self, event: OrderEvent, text: str) -> None:
        name = event.client_order_id.value
        if self._needs_evidence(event) and self._pages_answered() == self._pages_before:
            self._report(f"invariant 5 (unknown changes nothing): {text}, and no venue has answered a question yet")
        if isinstance(event, OrderInitialized):
            if name in self._shadows:
                self._report(f"invariant 4 (no order twice): {name} was initialized before")
            self._shadows[name] = order_from(event)
            return
        shadow = self._shadow(event)
        if shadow is None:
            self._report(f"invariant 1 (every event is legal): {text} is about an order that nobody heard of")
            return
        closed, filled = shadow.is_closed, shadow.filled_qty.value
        provisional = shadow.provisional
        try:
            order_lifecycle.apply(shadow, event, allow_overfills=self._allow_overfills)
        except IllegalTransition as error:
            self._report(f"invariant 1 (every event is legal): {error}")
            return
        if closed and shadow.is_open and not (provisional and is_venue_word(event.provenance)):
            self._report(f"invariant 1 (closed stays closed): {text} opened {name}")
        if isinstance(event, OrderFilled):
            self._check_fill(event, shadow, text)
        if shadow.filled_qty.value < filled and not (isinstance(event, OrderFilled) and event.replaces):
            self._report(f"invariant 3 (filled never falls): {text} took {name} from {filled} to {shadow.filled_qty}")

    def _needs_evidence(self, event: OrderEvent) -> bool:
        """Return whether an event rests on what a venue's lists say or leave out."""
        if isinstance(event, OrderInitialized):
            return event.strategy_id.is_internal()
        reason = getattr(event, "reason", "")
        return event.provenance is Provenance.POLICY and "NOT_FOUND" in reason

    def _shadow(self, event: OrderEvent) -> Order | None:
        name = event.client_order_id.value
        shadow = self._shadows.get(name)
        if shadow is None:
            # Loaded from the store before anybody listened: take it as it was before this event.
            known = self._cache.order(event.client_order_id)
            if known is None or known.events[-1] is not event:
                return None
            shadow = order_from(known.events[0])  # type: ignore[arg-type]  # the first event of an order made it
            for earlier in known.events[1:-1]:
                order_lifecycle.apply(shadow, earlier, allow_overfills=True)
            self._shadows[name] = shadow
        return shadow

    def _check_fill(self, fill: OrderFilled, shadow: Order, text: str) -> None:
        if shadow.filled_qty > shadow.quantity and not self._allow_overfills:
            self._report(
                f"invariant 3 (never more than ordered): {text} took {shadow.client_order_id} beyond {shadow.quantity}"
            )
        if not fill.inferred and not shadow.strategy_id.is_internal():
            key = (fill.instrument_id, shadow.venue_order_id, fill.trade_id)
            other = self._trades.setdefault(key, shadow.client_order_id.value)
            if other != shadow.client_order_id.value:
                self._report(f"invariant 2 (no fill twice): {text} was applied to {other} as well")
        venue = self._venues.get(fill.account_id) if fill.account_id is not None else None
        if venue is None or shadow.strategy_id.is_internal() or not self.trusts_venues:
            return
        truth = [
            report
            for report in venue.orders(str(fill.account_id))
            if shadow.client_order_id == report.client_order_id or shadow.venue_order_id == report.venue_order_id
        ]
        if truth and shadow.filled_qty.value > max(report.filled_qty.value for report in truth):
            most = max(report.filled_qty.value for report in truth)
            self._report(
                f"invariant 2 (no fill invented): {text} makes {shadow.filled_qty} filled, the venue has {most}"
            )

    def check_stored(self, stored: Cache, until_ns: int, buffer_ns: int) -> list[str]:
        """Return what strategies were told and the store does not have (6), but for what the buffer may lose."""
        found = []
        for at_ns, event in self.told:
            if at_ns > until_ns - buffer_ns:
                continue
            order = stored.order(event.client_order_id)
            if order is None or all(known.event_id != event.event_id for known in order.events):
                if order is None and stored.is_purged(event.client_order_id, event.venue_order_id, event.instrument_id):
                    continue
                found.append(f"invariant 6 (what was told is stored): {event_text(event)} is not in the store")
        return found
