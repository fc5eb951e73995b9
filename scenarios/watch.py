"""What a node says while it runs: recorded in the trace, collected for expectations, and checked at every event.

One `NodeWatch` listens to one node's message bus from outside, after everybody else has heard. It keeps shadows of
the orders, changed by nothing but the events that were published, and holds the always-invariants (1) to (6) of
DESIGN.md against them; then those of the user's own that are to hold always.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from nautilus_live.core import order_lifecycle
from nautilus_live.core.foreign_fills import is_nobodys
from nautilus_live.core.open_orders import REASON as MISSING
from nautilus_live.core.reconciliation.strangers import REASON as OUR_OWN_ORDER
from nautilus_live.engine.cache import Cache
from nautilus_live.engine.message_bus import MessageBus
from nautilus_live.errors import IllegalTransition
from nautilus_live.model.enums import OrderStatus, Provenance
from nautilus_live.model.events import (
    REFUSALS,
    AccountState,
    OrderCanceled,
    OrderCancelRejected,
    OrderEvent,
    OrderFilled,
    OrderFillVoided,
    OrderInitialized,
    OrderPendingCancel,
    OrderPendingUpdate,
    OrderRejected,
    OrderSubmitted,
    PositionEvent,
    PositionOpened,
)
from nautilus_live.model.identifiers import AccountId, InstrumentId, PositionId, TradeId, VenueOrderId
from nautilus_live.model.orders import Order, order_from
from sandbox_venues.venue import Venue
from scenarios.invariants.asking import Asking
from scenarios.invariants.excuses import waits_for_an_update
from scenarios.invariants.heard import PRIORITY_LAST, Heard
from scenarios.invariants.news import is_no_news, is_refused_in_a_row
from scenarios.invariants.own import OwnInvariant
from scenarios.invariants.rules import (
    CLAIMED,
    CLOSED,
    LEGAL,
    NEVER_BACK,
    NEVER_FALLS,
    NEVER_MORE,
    NO_FILL_INVENTED,
    NO_FILL_TWICE,
    NO_ORDER_TWICE,
    SHARED,
    UNKNOWN,
    is_venue_word,
)
from scenarios.invariants.told import Told
from scenarios.invariants.views import Belief, Truth
from scenarios.texts import event_text
from scenarios.trace import account_text, position_event_text, system_event_text

FORGETS_EVERY = 10_000
"""After how many order events the watch lets go of what the node has purged."""
FORGETS_AFTER_NS = 7_200 * 1_000_000_000
"""How long ago that must have closed: whether the node kept it for long enough is asked when the run is over."""


class NodeWatch:
    """Listens to one node, from its start to its end.

    Args:
        record: takes a line for the trace; None where none is kept.
        report: takes an invariant's violation.
        now_ns: the virtual time since the beginning, in nanoseconds.
        venues: the venues by account; a fill is held against the true books unless the venue lies.
        allow_overfills: whether the node is set to accept them.
        own: the user's own invariants that must hold always.

    """

    def __init__(
        self,
        record: Callable[[str], None] | None,
        report: Callable[[str], None],
        now_ns: Callable[[], int],
        venues: dict[AccountId, Venue],
        *,
        allow_overfills: bool,
        own: Sequence[OwnInvariant] = (),
    ) -> None:
        self.events: list[tuple[int, str]] = []
        self.told = Told()
        self.alarms: list[tuple[int, str]] = []
        self._heard_of = 0
        self.heard: Heard | None = None
        """What the present life has said, for the checks after the storm."""
        self.trusts_venues = True
        self.answers_are_final = False
        self.began_ns = 0
        """When the present life began."""
        self.is_deaf = False
        """Whether the process that it listens to is dead, and what it says is heard by nobody."""
        self._record = record
        self._report = report
        self._now_ns = now_ns
        self._venues = venues
        self._allow_overfills = allow_overfills
        self._shadows: dict[str, Order] = {}
        """Each order as its events made it."""
        self._purged: dict[str, None] = {}
        """The orders that were purged so long ago that nothing is kept of them here."""
        self._held: dict[tuple[PositionId, bool], Decimal] = {}
        """What a stranger's position last had on each side, long or short."""
        self._trades: dict[tuple[InstrumentId, VenueOrderId | None, TradeId], str] = {}
        self._news: dict[tuple[str, AccountId | None], int] = {}
        self._news_before: dict[str, dict[tuple[str, AccountId | None], int]] = {}
        self._own = tuple(own)

    def listen(
        self,
        msgbus: MessageBus,
        belief: Belief,
        truth: Truth,
        pages_answered: Callable[[AccountId | None], int],
        asking: Asking,
    ) -> None:
        """Begin to listen to a new life of the node.

        The cache may be empty still; it is looked at whenever an order of an earlier life is spoken of.
        `pages_answered` says how many questions the venue of an account (of none: all of them) has answered so far;
        `asking` has heard them.
        """
        self.is_deaf = False
        self.told.begin_life(belief.cache)
        self._shadows.clear()
        self._purged.clear()
        self._trades.clear()
        self._held.clear()
        self._news.clear()
        self._news_before.clear()
        self.began_ns = self._now_ns()
        self._cache: Cache = belief.cache
        self._belief, self._truth = belief, truth
        self._pages_answered = pages_answered
        self._asking = asking
        self._pages_before: dict[AccountId | None, int] = {}
        for account in (None, *self._venues):
            self._pages_before[account] = pages_answered(account)
        self.heard = asking.listen(msgbus)
        msgbus.subscribe("events.order.*", self.on_order_event, PRIORITY_LAST)
        msgbus.subscribe("events.position.*", self.on_position_event, PRIORITY_LAST)
        msgbus.subscribe("events.account.*", self.on_account_state, PRIORITY_LAST)
        msgbus.subscribe("alarms", self.on_alarm, PRIORITY_LAST)
        msgbus.subscribe("events.system.*", self.on_system_event, PRIORITY_LAST)

    def spoken_of(self) -> list[Order]:
        """Return the orders of which this life has told, as its events made them."""
        return list(self._shadows.values())

    def on_order_event(self, event: OrderEvent) -> None:
        """Take an order event that the node published."""
        if self.is_deaf:
            return
        now_ns = self._now_ns()
        local_birth = isinstance(event, OrderInitialized) and not is_venue_word(event.provenance)
        if self._record is not None or not local_birth:
            text = event_text(event)
            if self._record is not None:
                self._record(text)
            if not local_birth:
                self.events.append((now_ns, text))
        self.told.add(now_ns, event)
        self._heard_of += 1
        if self._heard_of % FORGETS_EVERY == 0:
            self._forget_purged(event.ts_init - FORGETS_AFTER_NS)
        self._check(event)
        if self._own:
            self._check_own(event)

    def _forget_purged(self, oldest_ns: int) -> None:
        """Let go of the orders that closed before `oldest_ns` and that the node has purged."""
        self.told.forget_purged(self._cache)
        for name, shadow in list(self._shadows.items()):
            if not shadow.is_closed or shadow.last_event.ts_init >= oldest_ns:
                continue
            if self._cache.order(shadow.client_order_id) is None:
                del self._shadows[name]
                self._purged[name] = None
                for account in (None, *self._venues):
                    self._news.pop((name, account), None)
                if self.heard is not None:
                    self.heard.forget(name)

    def on_position_event(self, event: PositionEvent) -> None:
        """Take a position event that the node published."""
        if self._record is not None:
            self._record(position_event_text(event))
        if not self.is_deaf and event.strategy_id.is_external():
            if isinstance(event, PositionOpened) and not self._is_as_before(event):
                self._check_shared_out(event)
            self._held[event.position_id, event.signed_qty > 0] = event.signed_qty
        self._check_own(event)

    def on_account_state(self, state: AccountState) -> None:
        """Take an account state that the node published."""
        if self._record is not None:
            self._record(account_text(state))
        self._check_own(state)

    def on_alarm(self, alarm: Any) -> None:
        """Take an alarm that the node raised."""
        text = str(getattr(alarm, "text", ""))
        self.alarms.append((self._now_ns(), f"{getattr(alarm, 'kind', alarm)}: {text}"))
        if self._record is not None:
            self._record(f"alarm {self.alarms[-1][1]}")
        if getattr(alarm, "kind", "") == "fill.unclaimed" and self._is_known(alarm.ids):
            self._report(CLAIMED.broken(f"{text}, and its order {alarm.ids['venue_order_id']} is known"))
        if getattr(alarm, "kind", "") == "store":
            self.told.note_store(self._now_ns(), refuses="refused" in text)

    def _is_known(self, ids: dict[str, str]) -> bool:
        """Return whether an order is known, or was and is forgotten, under the venue's id in an alarm."""
        if "venue_order_id" not in ids or "instrument_id" not in ids:
            return False
        instrument_id, number = InstrumentId.from_str(ids["instrument_id"]), VenueOrderId(ids["venue_order_id"])
        known = self._cache.client_order_id(number, instrument_id)
        return known is not None or self._cache.is_purged(None, number, instrument_id)

    def on_system_event(self, event: Any) -> None:
        """Take what the node tells of its connections and of what it does not know."""
        if self._record is not None:
            self._record(system_event_text(event))

    # -- the always-invariants ---------------------------------------------------------------------------------------

    def _check_own(self, event: object) -> None:
        for own in self._own:
            for text in own.violations(self._belief, self._truth, event):
                self._report(text)

    def _check(self, event: OrderEvent) -> None:
        name = event.client_order_id.value
        if self._needs_evidence(event) and not self._has_evidence(event):
            why = "no venue has answered a question since the last news of it"
            self._report(UNKNOWN.broken(f"{event_text(event)}, and {why}"))
        if event.provenance is Provenance.POLICY and self.answers_are_final and self._works_at_venue(event):
            why = "it works at the venue, which never said anything else"
            self._report(UNKNOWN.broken(f"{event_text(event)}, and {why}"))
        if isinstance(event, REFUSALS) and is_no_news(event, self._shadows.get(name)):
            # What was answered before still counts.
            self._news.update(self._news_before.pop(name, {}))
        elif event.provenance is not Provenance.POLICY:
            account = self._account(event)
            keys = [(name, None)] if account is None else [(name, None), (name, account)]
            if isinstance(event, OrderPendingUpdate | OrderPendingCancel):
                self._news_before[name] = {key: self._news.get(key, 0) for key in keys}
                if is_refused_in_a_row(self._shadows.get(name)):
                    keys = []  # and is about to be refused once more
            for key in keys:
                self._news[key] = self._pages_answered(key[1])
        if isinstance(event, OrderInitialized):
            if name in self._shadows or name in self._purged:
                self._report(NO_ORDER_TWICE.broken(f"{name} was initialized before"))
            self._shadows[name] = order_from(event)
            self._asking.made(event)
            return
        shadow = self._shadow(event)
        if shadow is None:
            self._report(LEGAL.broken(f"{event_text(event)} is about an order that nobody heard of"))
            return
        if event.provenance is Provenance.POLICY or event.provenance is Provenance.RECONCILIATION:
            self._asking.check(event, shadow, event_text(event))
        elif type(event) in (OrderSubmitted, OrderCancelRejected):
            self._asking.gaps.sent(event)
        closed, filled, venue_order_id = shadow.is_closed, shadow.filled_qty.value, shadow.venue_order_id
        # What we ended ourselves, or took for full because we knew its trades only, was never the venue's last word.
        reopens = shadow.provisional or (shadow.status is OrderStatus.FILLED and bool(shadow.leaves_qty.value))
        # Whether it waits for an update is up to all its events, and matters only to one that may take it elsewhere.
        moves = venue_order_id is not None and event.venue_order_id not in (None, venue_order_id)
        waits = moves and waits_for_an_update(shadow, event)
        try:
            order_lifecycle.apply(shadow, event, allow_overfills=self._allow_overfills)
        except IllegalTransition as error:
            self._report(LEGAL.broken(str(error)))
            return
        has_moved = venue_order_id not in (None, shadow.venue_order_id)
        if has_moved and self.answers_are_final and self._is_present(event, venue_order_id):
            where = f"from {venue_order_id}, where it works, to another id"
            self._report(NEVER_BACK.broken(f"{event_text(event)} takes {name} {where}"))
        # A venue that replaces an order unasked may say that it canceled the old one before it tells of the new.
        reopens = reopens or (has_moved and not waits)
        if closed and shadow.is_open and not (reopens and is_venue_word(event.provenance)):
            self._report(CLOSED.broken(f"{event_text(event)} opened {name}"))
        if isinstance(event, OrderFilled):
            self._check_fill(event, shadow)
        elif isinstance(event, OrderFillVoided):  # given back to the order whose it is, it counts there
            self._trades.pop((event.instrument_id, shadow.venue_order_id, event.trade_id), None)
        if shadow.filled_qty.value < filled and not _may_shrink(event):
            self._report(NEVER_FALLS.broken(f"{event_text(event)} took {name} from {filled} to {shadow.filled_qty}"))

    def _needs_evidence(self, event: OrderEvent) -> bool:
        """Return whether an event rests on what a venue's lists say or leave out."""
        if isinstance(event, OrderInitialized):
            return event.strategy_id.is_internal()
        return event.provenance is Provenance.POLICY

    def _works_at_venue(self, event: OrderEvent) -> bool:
        """Return whether the order that an event ends is open in the venue's true books."""
        venue = self._venues.get(event.account_id) if event.account_id is not None else None
        if event.account_id is None or venue is None or not isinstance(event, OrderCanceled | OrderRejected):
            return False
        return any(report.is_open for report in venue.orders_named(event.account_id, event.client_order_id))

    def _is_present(self, event: OrderEvent, venue_order_id: VenueOrderId | None) -> bool:
        """Return whether that is the id under which the order works in the venue's true books."""
        venue = self._venues.get(event.account_id) if event.account_id is not None else None
        if event.account_id is None or venue is None:
            return False
        named = venue.orders_named(event.account_id, event.client_order_id)
        return bool(named) and named[-1].is_open and named[-1].venue_order_id == venue_order_id

    def _has_evidence(self, event: OrderEvent) -> bool:
        """Return whether the venue has answered a question in this life, and since the order's last news."""
        account, name = self._account(event), event.client_order_id.value
        # That a list leaves an order out proves nothing yet: a question about it must have been answered as well.
        needed = 2 if getattr(event, "reason", "") == MISSING else 1
        before = max(self._pages_before[account], self._news.get((name, account), 0))
        if self._pages_answered(account) < before + needed:
            return False
        return self._pages_answered(None) >= self._news.get((name, None), 0) + needed

    def _account(self, event: OrderEvent) -> AccountId | None:
        return event.account_id if event.account_id in self._venues else None

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

    def _is_as_before(self, event: PositionOpened) -> bool:
        """Whether a trade that is taken back leaves what a stranger held but for it: what closed that lies in the past.

        One of ours, given back, must leave what was held before it, too: we traded against that.
        """
        last = self.told.last
        if not isinstance(last, OrderFillVoided):
            return False
        if last.strategy_id.is_external():
            return True
        held = self._held.get((event.position_id, event.signed_qty > 0))
        return last.reason == OUR_OWN_ORDER and held == event.signed_qty

    def _check_shared_out(self, event: PositionOpened) -> None:
        """Check that what somebody else traded does not lie against what a strategy of ours holds."""
        venue = self._venues.get(event.account_id)
        if venue is None or not venue.profile.has_positions or venue.profile.oms_type != "NETTING":
            return
        for position in self._cache.positions_open(instrument_id=event.instrument_id, account_id=event.account_id):
            if not is_nobodys(position) and position.signed_qty * event.signed_qty < 0:
                self._report(SHARED.broken(f"{event.position_id}: {event.signed_qty:f} against {position.id}"))

    def _check_fill(self, fill: OrderFilled, shadow: Order) -> None:
        if not fill.inferred and not shadow.strategy_id.is_internal():
            key = (fill.instrument_id, shadow.venue_order_id, fill.trade_id)
            other = self._trades.setdefault(key, shadow.client_order_id.value)
            if other != shadow.client_order_id.value:
                self._report(NO_FILL_TWICE.broken(f"{event_text(fill)} was applied to {other} as well"))
        venue = self._venues.get(fill.account_id) if fill.account_id is not None else None
        if fill.account_id is None or venue is None or shadow.strategy_id.is_internal() or not self.trusts_venues:
            most = None
        else:
            most = venue.filled_of(fill.account_id, shadow.client_order_id, shadow.venue_order_id)
        if most is not None and shadow.filled_qty.value > most:
            text = f"{event_text(fill)} makes {shadow.filled_qty} filled, the venue has {most}"
            self._report(NO_FILL_INVENTED.broken(text))
        if shadow.filled_qty > shadow.quantity and not self._allow_overfills and shadow.filled_qty.value != most:
            text = f"{event_text(fill)} took {shadow.client_order_id} beyond {shadow.quantity}"
            self._report(NEVER_MORE.broken(text))


def _may_shrink(event: OrderEvent) -> bool:
    """Whether an event can leave less filled: a trade taken back or restated. (A real trade takes the place of as much
    of its placeholders as there is of itself.)"""
    if isinstance(event, OrderFilled):
        return event.corrects is not None
    return isinstance(event, OrderFillVoided)
