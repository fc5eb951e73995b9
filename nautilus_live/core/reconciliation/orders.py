"""Orders: the events that bring one order from what we believe to what the venue reports.

In this order, each step on the order's copy: found or created; known to the venue; reopened if we ended it ourselves
and the venue says that it works; amended; filled; and only then its status, because a filled quantity is a fact
whatever the status says.
"""

from __future__ import annotations

from decimal import Decimal

from msgspec import structs

from nautilus_live.core.reconciliation.clocks import BEHIND_NS_MAX, last_word_of_venue
from nautilus_live.core.reconciliation.external import apply_growing, create_from_report, grow, is_made_from_fills
from nautilus_live.core.reconciliation.fills import apply_fills, infer_fill, oldest_first, restate_inferred
from nautilus_live.core.reconciliation.parts import named_parts
from nautilus_live.core.reconciliation.prices import ZERO, differs
from nautilus_live.core.reconciliation.replacing import (
    ends_replacement,
    is_first_half,
    is_older_leg,
    may_have_been_replaced,
    took_over,
)
from nautilus_live.core.reconciliation.strangers import give_back, is_mistaken, mistaken_note
from nautilus_live.core.reconciliation.taken_back import counts_what_was_taken_back, regress, settle_taken_back
from nautilus_live.core.reconciliation.told_prices import PRICED_BY_VENUE, tells_new_prices
from nautilus_live.core.reconciliation.types import Level
from nautilus_live.core.reconciliation.whose_report import claimant, find_draft, is_purged
from nautilus_live.core.reconciliation.workspace import Workspace
from nautilus_live.core.unheard import ENDS
from nautilus_live.marks import mark
from nautilus_live.model.enums import OrderStatus
from nautilus_live.model.events import (
    OrderAccepted,
    OrderCanceled,
    OrderExpired,
    OrderRejected,
    OrderReleased,
    OrderSubmitted,
    OrderTriggered,
    OrderUpdated,
)
from nautilus_live.model.objects import unit_of
from nautilus_live.model.orders import PENDING_STATUSES, TRAILING_TYPES, TRIGGERABLE_TYPES, Order
from nautilus_live.model.reports import FillReport, OrderStatusReport

INITIALIZED, EMULATED, RELEASED = OrderStatus.INITIALIZED, OrderStatus.EMULATED, OrderStatus.RELEASED
SUBMITTED, ACCEPTED, TRIGGERED = OrderStatus.SUBMITTED, OrderStatus.ACCEPTED, OrderStatus.TRIGGERED
FILLED, CANCELED, EXPIRED = OrderStatus.FILLED, OrderStatus.CANCELED, OrderStatus.EXPIRED
DENIED, REJECTED = OrderStatus.DENIED, OrderStatus.REJECTED  # looking a member up in its class is slow

_UNSENT = (INITIALIZED, SUBMITTED, RELEASED, EMULATED)
_ENDED_UNFILLED = (CANCELED, EXPIRED, REJECTED)


def plan_order(
    work: Workspace, report: OrderStatusReport, fills: list[FillReport], venue_avg_px: Decimal | None
) -> None:
    """Plan the events for one order report and the fills that belong to it.

    `venue_avg_px` is the average of the venue's position in the instrument, if it was reported.
    """
    draft = find_draft(work, report)
    if draft is None:
        if is_purged(work, report, fills):
            work.plan.orders_skipped += 1
            work.plan.fills_skipped += len(fills)
            return
        draft = create_from_report(work, report)
        if draft is None:
            work.plan.fills_skipped += len(fills)
            return
    elif not _is_about(work, draft, report, fills):
        return
    if report.order_status is REJECTED and not report.filled_qty.value and not fills:
        _reject(work, draft, report)
        return
    _make_known(work, draft, report)
    if _is_amended(work, draft, report):
        _amend(work, draft, report)
    if len(fills) > 1:
        fills = named_parts(fills, draft.fills, report.filled_qty.value)
    settle_taken_back(work, draft, report, fills)
    if is_made_from_fills(draft):
        apply_growing(work, draft, oldest_first(fills))
        grow(work, draft, report.filled_qty.value, report.ts_last)
        if report.is_open:
            _let_work_on(work, draft, report)
    else:
        if _outgrew(work, draft, report):
            if _is_changed(draft, report):
                _amend(work, draft, report)
            _let_work_on(work, draft, report)
        apply_fills(work, draft, fills, report.filled_qty.value)
    if _match_total(work, draft, report, venue_avg_px):
        _match_status(work, draft, report)
        _match_average(work, draft, report)
        work.agree(draft, report.ts_last)


def _is_about(work: Workspace, draft: Order, report: OrderStatusReport, fills: list[FillReport]) -> bool:
    """Return whether a report speaks of an order that we knew, as it is now; if not, do what else follows from it."""
    owner = claimant(work, draft, report)
    if owner is not None and is_mistaken(owner, draft):
        work.plan.notes.append(mistaken_note(owner, draft))
        work.given_back[owner.client_order_id] = None
        for event in give_back(owner, report.ts_last):
            event_id = work.event_id(owner.client_order_id)
            work.apply(owner, structs.replace(event, event_id=event_id, ts_init=work.now))
    elif owner is not None and draft.venue_order_id is None:
        text = f"the venue's order {report.venue_order_id} is known under another id already; not counted twice"
        work.quarantine(draft, "order.claimed_twice", text)
        work.plan.fills_skipped += len(fills)
        return False
    if report.order_side is not draft.side:
        # A side never changes: under this id the venue has another order, sent by somebody else or before.
        text = f"the venue's order {report.venue_order_id} of this name is a {report.order_side}, ours a {draft.side}"
        work.quarantine(draft, "order.another_of_that_name", f"{text}; nothing is concluded about ours")
        work.plan.fills_skipped += len(fills)
        return False
    if not _follow_venue_order_id(work, draft, report):
        apply_fills(work, draft, fills, None)  # an old leg's status means nothing, but its trades are real
        return False
    if draft.status is DENIED:
        work.quarantine(
            draft, "order.denied_but_at_venue", f"we denied the order, the venue has it as {report.order_status}"
        )
        return False
    return True


def _follow_venue_order_id(work: Workspace, draft: Order, report: OrderStatusReport) -> bool:
    """Deal with a report under another venue id; return whether it speaks of the order as it is now."""
    ours, theirs = draft.venue_order_id, report.venue_order_id
    if ours is None or ours == theirs:
        return True
    if theirs in draft.superseded_venue_order_ids:
        text = f"{theirs} was replaced by {ours}; its {report.order_status} says nothing about the order"
        work.note(Level.INFO, "order.superseded", text, draft)
        return False
    known = work.local.order(draft.client_order_id)
    if report.is_open and is_older_leg(known, report):
        text = f"the report of {theirs} is older than the word that told of {ours}; it says nothing about the order"
        work.note(Level.INFO, "order.superseded", text, draft)
        return False
    may_be_replaced = may_have_been_replaced(known)
    is_end = report.order_status in _ENDED_UNFILLED and not (known is not None and ends_replacement(known, report))
    if is_end and not may_be_replaced:
        text = f"a {report.order_status} report for {theirs} does not end the order, which is {ours}"
        work.note(Level.WARNING, "order.other_venue_order_id", text, draft, alarm=True)
        return False
    text = f"the venue replaced {ours} by {theirs}"
    if draft.is_closed and draft.provisional:
        _reopen(work, draft, report)
    works_on = took_over(draft, report) or (
        may_be_replaced and draft.status is CANCELED and report.is_open
    )
    if works_on:
        text += ", so it works although we took it for CANCELED"
    work.note(Level.WARNING if works_on else Level.INFO, "order.replaced", text, draft, alarm=works_on)
    if works_on or not draft.is_closed:
        _amend(work, draft, report)
    return True


def _reject(work: Workspace, draft: Order, report: OrderStatusReport) -> None:
    if draft.status is REJECTED:
        return
    if draft.is_closed and not draft.provisional:
        text = f"the venue reports REJECTED, we have {draft.status}; ours kept"
        work.note(Level.WARNING, "order.already_closed", text, draft)
        return
    if draft.filled_qty.value:
        # A venue cannot reject what it has filled: it means that the rest is gone.
        _end(work, draft, OrderCanceled, report)
        return
    if draft.status in (EMULATED, RELEASED):
        _make_submitted(work, draft, report)
    mark("reconciliation.rejected")
    reason = report.cancel_reason or "UNKNOWN"
    work.happen(OrderRejected, draft, report.ts_last, report.venue_order_id, reason=reason)


def _make_known(work: Workspace, draft: Order, report: OrderStatusReport) -> None:
    """Let the order be at the venue, where the report says that it is (or was)."""
    if draft.status in _UNSENT:
        _make_submitted(work, draft, report)
        work.happen(OrderAccepted, draft, report.ts_accepted or report.ts_last, report.venue_order_id)
    elif draft.is_closed and draft.provisional and (report.is_open or _is_changed(draft, report)):
        _reopen(work, draft, report)


def _outgrew(work: Workspace, draft: Order, report: OrderStatusReport) -> bool:
    """Whether an order that is full by what we know is larger at the venue: we never heard that it was amended."""
    if draft.status is not FILLED or report.ts_last < work.heard_ns(draft):
        return False
    filled = draft.filled_qty.value
    return report.quantity.value > filled and (report.is_open or report.filled_qty.value > filled)


def _let_work_on(work: Workspace, draft: Order, report: OrderStatusReport) -> None:
    """Let an order that is full by what we know be as large as the venue says, and work if it works there."""
    grow(work, draft, report.quantity.value, report.ts_last)
    if report.is_open and draft.status is FILLED and draft.leaves_qty.value:
        text = f"taken for full with {draft.filled_qty}; it works at the venue, with {draft.leaves_qty} left"
        work.note(Level.INFO, "order.works_on", text, draft)
        work.happen(OrderAccepted, draft, report.ts_last, report.venue_order_id)


def _reopen(work: Workspace, draft: Order, report: OrderStatusReport) -> None:
    """Open an order again that we had ended ourselves: the venue's word proves us wrong."""
    mark("reconciliation.reopened")
    text = f"we had given the order up as {draft.status}; the venue reports {report.order_status}, so it is open again"
    work.note(Level.WARNING, "order.reopened", text, draft, alarm=True)
    work.happen(OrderAccepted, draft, report.ts_last, draft.venue_order_id or report.venue_order_id)


def _make_submitted(work: Workspace, draft: Order, report: OrderStatusReport) -> None:
    if draft.status is EMULATED:
        work.happen(OrderReleased, draft, report.ts_last, None)
    if draft.status is RELEASED:
        work.happen(OrderSubmitted, draft, report.ts_last, None)


def _is_amended(work: Workspace, draft: Order, report: OrderStatusReport) -> bool:
    if not draft.is_open or not _is_changed(draft, report):
        return False
    if report.order_status in _ENDED_UNFILLED and report.quantity.value == report.filled_qty.value:
        return False  # some venues give what was filled as the quantity of an order that ended
    if report.quantity.value < draft.filled_qty.value:
        text = f"the venue reports quantity {report.quantity}, {draft.filled_qty} are filled; quantity kept"
        work.note(Level.WARNING, "order.quantity_below_filled", text, draft, alarm=True)
        return False
    last_update = _last_update(work, draft)
    if last_update is not None and 0 < report.ts_last < last_update.ts_event:
        text = f"the report is older than our last update ({report.ts_last} < {last_update.ts_event}); ours kept"
        work.note(Level.WARNING, "order.report_outdated", text, draft)
        return False
    return True


def _last_update(work: Workspace, draft: Order) -> OrderUpdated | None:
    known = work.local.order(draft.client_order_id)
    updates = (event for event in reversed(known.events) if isinstance(event, OrderUpdated)) if known else iter(())
    return next(updates, None)


def _is_changed(draft: Order, report: OrderStatusReport) -> bool:
    # Of an order made from the report they are the very same objects; only what is not is compared.
    same = draft.quantity is report.quantity or draft.quantity.value == report.quantity.value
    return not same or tells_new_prices(draft, report)


def _amend(work: Workspace, draft: Order, report: OrderStatusReport) -> None:
    work.updated(
        draft,
        report.ts_last,
        report.venue_order_id,
        report.quantity,
        report.price if draft.price is not None or draft.order_type in PRICED_BY_VENUE else None,
        report.trigger_price if draft.trigger_price is not None or draft.order_type in TRAILING_TYPES else None,
    )


def _match_total(work: Workspace, draft: Order, report: OrderStatusReport, venue_avg_px: Decimal | None) -> bool:
    """Bring the filled quantity to the venue's; return whether the report's status may be looked at."""
    gap = report.filled_qty.value - draft.filled_qty.value
    if not gap:
        return True
    if draft.is_closed and abs(gap) <= unit_of(work.instrument(draft).size_precision):
        text = f"the venue says {report.filled_qty} filled, we have {draft.filled_qty}: equal within one unit"
        work.note(Level.WARNING, "order.filled_within_one_unit", text, draft)
        return True
    if gap < 0 or counts_what_was_taken_back(work, draft, report):
        regress(work, draft, report)
        return False
    if report.filled_qty.value > draft.quantity.value and not work.policy.allow_overfills:
        text = f"the venue says {report.filled_qty} filled of a quantity of {draft.quantity}: more than ordered"
        work.quarantine(draft, "order.overfilled", text, doubted=True)
        return False
    # Without a price the status still counts, except that an order cannot be FILLED without its fill.
    return infer_fill(work, draft, report, venue_avg_px) or report.order_status is not FILLED


def _match_status(work: Workspace, draft: Order, report: OrderStatusReport) -> None:
    wanted = report.order_status
    if report.is_open:
        _match_working(work, draft, report)
    elif wanted is EXPIRED:
        _end(work, draft, OrderExpired, report)
    elif work.is_running and is_first_half(draft, report, work.local.order(draft.client_order_id)):
        text = f"{report.venue_order_id} is CANCELED, which may be half of our modification; nothing is concluded"
        work.note(Level.INFO, "order.maybe_replaced", text, draft)
    elif wanted in (CANCELED, REJECTED):
        _end(work, draft, OrderCanceled, report)
    elif wanted is FILLED and not draft.is_closed:
        text = f"the venue reports FILLED with {report.filled_qty}, the order's quantity is {draft.quantity}"
        work.quarantine(draft, "order.filled_short", text)


def _match_working(work: Workspace, draft: Order, report: OrderStatusReport) -> None:
    if draft.is_closed:
        if draft.status is FILLED:
            return
        if report.ts_last and (report.ts_last < work.heard_ns(draft) or _is_from_before_the_end(work, report, draft)):
            text = f"the venue reports {report.order_status}, no newer than our {draft.status}; ours kept"
            work.note(Level.WARNING, "order.report_outdated", text, draft)
            work.plan.left_out[draft.client_order_id] = None  # to be asked about alone, once its answers caught up
            return
        mark("reconciliation.works_after_close")
        text = f"the venue reports {report.order_status}, but had told us that the order is {draft.status}"
        work.quarantine(draft, "order.works_after_close", text)
        return
    if report.order_status in PENDING_STATUSES:
        return
    if draft.status in PENDING_STATUSES:
        work.happen(OrderAccepted, draft, report.ts_last, report.venue_order_id)
    if report.order_status is TRIGGERED:
        _trigger(work, draft, report)


def _is_from_before_the_end(work: Workspace, report: OrderStatusReport, draft: Order) -> bool:
    """Whether the venue's last word was the order's end, of this very moment: it worked before that, and not after.

    A venue that says so for longer than its answers lag behind its stream means it, and contradicts itself.
    """
    known = work.local.order(draft.client_order_id)
    end = None if known is None else last_word_of_venue(known.events)
    if not isinstance(end, ENDS) or end.ts_event != report.ts_last:
        return False
    return work.now - end.ts_init <= BEHIND_NS_MAX


def _trigger(work: Workspace, draft: Order, report: OrderStatusReport) -> None:
    # Market-style stops have no triggered state: they are filled straight away.
    if draft.order_type in TRIGGERABLE_TYPES and draft.status is ACCEPTED:
        work.happen(OrderTriggered, draft, report.ts_triggered or report.ts_last, report.venue_order_id)


def _end(work: Workspace, draft: Order, kind: type[OrderCanceled | OrderExpired], report: OrderStatusReport) -> None:
    if draft.is_closed and not draft.provisional:
        return
    if draft.status is FILLED:
        return
    if report.ts_triggered and draft.is_open:
        _trigger(work, draft, report)
    if draft.provisional and draft.status is CANCELED and kind is OrderCanceled:
        return  # what we concluded is what the venue says; there is nothing to tell
    mark("reconciliation.ended")
    work.happen(kind, draft, report.ts_last, report.venue_order_id)


def _match_average(work: Workspace, draft: Order, report: OrderStatusReport) -> None:
    """Let prices that we inferred give way to the venue's average; note where real ones differ from it."""
    theirs, filled = report.avg_px, draft.filled_qty.value
    if theirs is None or theirs <= ZERO or not filled:
        return
    ours = draft.filled_notional / filled
    if theirs == ours:
        return
    if not differs(ours, theirs, work.policy.average_price_tolerance):
        return
    if report.ts_last < work.heard_ns(draft) or not restate_inferred(work, draft, theirs):
        text = f"the venue's average price is {theirs}, ours is {ours}"
        work.note(Level.WARNING, "order.average_differs", text, draft)
