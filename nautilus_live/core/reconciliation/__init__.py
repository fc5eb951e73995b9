"""Reconciliation: the events that bring what we believe into line with what the venue says.

Pure; the shell applies the plan.

Invariants, each a property test:
1. The net quantity per instrument equals the venue's, within the instrument's precision.
2. The average price equals the venue's within the tolerance, wherever average-cost accounting can reach it.
3. Real fills are kept and never rewritten; a real fill replaces the placeholder that stood for it.
4. Invented ids are functions of facts, so that every restart invents the same ones.
5. A second call on the result is empty.
6. The order of the reports does not matter.
7. Every event is legal for the order it is applied to.
8. Filtered orders yield nothing.
9. Unknown is not empty: an unanswered question changes nothing and fails the reconciliation.

The procedure: duplicates over the whole mass status first; filters; each order with its fills; fills whose order was
not reported; then all events in the order they happened; then positions, on top of what the fills explain. Where these
bear out what a report has less filled than we, all is planned once more with that known (`taken_back`).
"""

from __future__ import annotations

from collections.abc import Sequence

from nautilus_live.core.position_ids import with_own_ids
from nautilus_live.core.position_legs import net_of_legs
from nautilus_live.core.reconciliation.alignment import is_alignment
from nautilus_live.core.reconciliation.duplicates import unique_orders
from nautilus_live.core.reconciliation.external import apply_growing, create_from_fills, is_made_from_fills
from nautilus_live.core.reconciliation.fills import apply_fills, oldest_first
from nautilus_live.core.reconciliation.filters import Filters
from nautilus_live.core.reconciliation.late_words import hear_fills
from nautilus_live.core.reconciliation.orders import plan_order
from nautilus_live.core.reconciliation.position_book import PositionBook
from nautilus_live.core.reconciliation.positions import borne_out, end_waiting, one_each, plan_positions
from nautilus_live.core.reconciliation.types import SILENCE_WAY_OUT, Level, LocalState, Note, Plan, Policy
from nautilus_live.core.reconciliation.windows import settle_history, take_alignments_back
from nautilus_live.core.reconciliation.workspace import Workspace
from nautilus_live.marks import mark
from nautilus_live.model.enums import PositionSide
from nautilus_live.model.events import OrderEvent
from nautilus_live.model.identifiers import AccountId, ClientOrderId, InstrumentId, VenueOrderId
from nautilus_live.model.objects import Quantity
from nautilus_live.model.orders import Order
from nautilus_live.model.reports import ExecutionMassStatus, FillReport, OrderStatusReport, PositionStatusReport

__all__ = [
    "Level",
    "LocalState",
    "Note",
    "Plan",
    "Policy",
    "reconcile",
    "reconcile_positions",
    "reconcile_reports",
    "settle_positions",
]

OrderKey = tuple[InstrumentId, VenueOrderId]


def reconcile(local: LocalState, venue: ExecutionMassStatus, policy: Policy, now: int, *, aligns: bool = True) -> Plan:
    """Return the plan that brings `local` into line with one account's mass status.

    Args:
        local: what we believe; not changed.
        venue: what the venue says.
        policy: how to decide where there is a choice.
        now: our time, in nanoseconds.
        aligns: bring the positions into line too; else they only tell prices, and bear out what orders have less.

    Raises:
        DuplicateClientOrderId: if two orders have one client order id (the guide's failure); nothing was planned.
        VenueError: if the reports contradict each other in another way; nothing was planned.

    """
    work = Workspace(local, policy, venue.account_id, now)
    proven = _plan_all(work, venue, aligns=aligns)
    if proven:  # rare: once more, with that known
        work = Workspace(local, policy, venue.account_id, now)
        work.borne_out = proven
        _plan_all(work, venue, aligns=aligns)
    return work.plan


def _plan_all(work: Workspace, venue: ExecutionMassStatus, *, aligns: bool) -> dict[ClientOrderId, None]:
    """Fill the plan; return instead the orders of which the positions bear out that less is filled, if that is news."""
    policy = work.policy
    orders, fills, positions = venue.orders, venue.fills, venue.positions
    if orders is None or fills is None or positions is None:
        parts = {"orders": orders, "fills": fills, "positions": positions}
        mark("reconciliation.unanswered")
        unanswered = ", ".join(name for name, part in parts.items() if part is None)
        work.fail(
            "venue.unanswered",
            f"{venue.account_id}: the venue did not answer for its {unanswered}; unknown is not empty",
        )
        return {}
    positions = _wanted_positions(work, positions)
    _plan_orders(work, orders, fills, positions)
    take_alignments_back(work)
    events = _in_time_order(work)
    book = PositionBook(work)
    is_heard = not policy.filter_position_reports
    reported = {report.instrument_id: report for report in positions} if is_heard and aligns else {}
    work.plan.events = settle_history(work, book, events, reported)
    if work.regressed and is_heard and not work.borne_out:
        proven = borne_out(work, book, positions, () if aligns else events)
        if proven:
            return proven
    if is_heard and aligns:
        for draft in plan_positions(work, book, positions):
            work.plan.events += draft.events
    _tell_of_missing_orders(work)
    return {}


def reconcile_reports(
    local: LocalState,
    account_id: AccountId,
    orders: Sequence[OrderStatusReport],
    fills: Sequence[FillReport],
    policy: Policy,
    now: int,
    positions: Sequence[PositionStatusReport] = (),
) -> Plan:
    """Return the plan for reports that came one by one at runtime; positions are left alone.

    Fills of an order that is not known are not taken for an external order's: their order may be on its way, so they
    are in the plan's `deferred`. `positions` say at which average the venue holds what an order filled, where nothing
    else says it, and bear out what an order has less.

    Raises:
        VenueError: if the reports contradict each other; nothing was planned.

    """
    work = Workspace(local, policy, account_id, now)
    work.is_running = True
    _plan_orders(work, list(orders), list(fills), list(positions))
    proven = borne_out(work, PositionBook(work), positions, _in_time_order(work)) if work.regressed else {}
    if proven:  # rare: once more, with that known
        work = Workspace(local, policy, account_id, now)
        work.is_running, work.borne_out = True, proven
        _plan_orders(work, list(orders), list(fills), list(positions))
    take_alignments_back(work)
    work.plan.events = settle_history(work, PositionBook(work), _in_time_order(work), {})
    return work.plan


def reconcile_positions(
    local: LocalState,
    account_id: AccountId,
    reports: Sequence[PositionStatusReport],
    policy: Policy,
    now: int,
    silent: Sequence[InstrumentId] = (),
    beside: Sequence[PositionStatusReport] = (),
) -> Plan:
    """Return the plan that aligns positions alone.

    Args:
        local: what we believe; not changed.
        account_id: the account that the reports are about.
        reports: what the venue says.
        policy: how to decide where there is a choice.
        now: our time, in nanoseconds.
        silent: instruments in which we hold a position and about which the venue, asked, reported nothing. By the
            policy `position_silence` that is "unknown" (the position is kept and marked uncertain) or "flat".
        beside: what the venue says of other positions in these instruments, which are not to be aligned now.

    """
    work = Workspace(local, policy, account_id, now)
    if policy.filter_position_reports:
        work.plan.positions_received = work.plan.positions_skipped = len(reports)
        return work.plan
    wanted = _wanted_positions(work, list(reports))
    for instrument_id in silent:
        wanted += _read_silence(work, instrument_id)
    for draft in plan_positions(work, PositionBook(work), wanted, beside):
        work.plan.events += draft.events
    return work.plan


def settle_positions(
    local: LocalState, account_id: AccountId, instrument_id: InstrumentId, policy: Policy, now: int
) -> Plan:
    """Return the plan for an instrument of which all positions are the venue's: nothing waits to align them any more.

    The arguments are those of `reconcile_positions`.
    """
    work = Workspace(local, policy, account_id, now)
    for draft in end_waiting(work, (instrument_id,)):
        work.plan.events += draft.events
    return work.plan


def _wanted_positions(work: Workspace, reports: list[PositionStatusReport]) -> list[PositionStatusReport]:
    work.plan.positions_received = len(reports)
    filters = Filters(work.local, work.policy)
    wanted = [report for report in reports if not filters.drops_instrument(report.instrument_id)]
    work.plan.positions_skipped = len(reports) - len(wanted)
    own = one_each(work, with_own_ids(wanted, work.account_id, work.local.position))
    return net_of_legs(own, work.account_id, work.local.positions_known)


def _read_silence(work: Workspace, instrument_id: InstrumentId) -> list[PositionStatusReport]:
    held = work.local.positions_open(instrument_id=instrument_id, account_id=work.account_id)
    if not held:
        return []
    if work.policy.position_silence == "flat":
        return [
            PositionStatusReport(
                account_id=work.account_id,
                instrument_id=instrument_id,
                position_side=PositionSide.FLAT,
                quantity=Quantity(0, held[0].instrument.size_precision),  # type: ignore[arg-type]  # converted there
                ts_last=work.now,
            )
        ]
    text = f"we hold {sum(position.signed_qty for position in held)}, the venue reports no position at all; ours kept"
    told = f"{text}; {SILENCE_WAY_OUT}"
    work.note(Level.WARNING, "position.silent", told, instrument_id=instrument_id, alarm=True)
    work.plan.uncertain[instrument_id] = text
    return []


def _plan_orders(
    work: Workspace,
    orders: list[OrderStatusReport],
    fills: list[FillReport],
    positions: list[PositionStatusReport],
) -> None:
    plan = work.plan
    plan.orders_received, plan.fills_received = len(orders), len(fills)
    reported, fills = Filters(work.local, work.policy).select(orders, fills)
    dropped: dict[OrderKey, None] = {}
    orders = unique_orders(reported, work.local, work.policy, plan.notes, dropped)
    if dropped:
        fills = _without_fills_of_duplicates(work, dropped, fills)
    plan.orders_skipped = plan.orders_received - len(reported)
    plan.fills_skipped = plan.fills_received - len(fills)
    by_order = _fills_by_order(work, orders, fills)
    averages = {report.instrument_id: report.avg_px_open for report in positions if report.quantity.value}
    for report in orders:
        own_fills = by_order.pop((report.instrument_id, report.venue_order_id), None) or []
        if _is_known_instrument(work, report.instrument_id, f"order {report.venue_order_id}"):
            plan_order(work, report, own_fills, averages.get(report.instrument_id))
    for orphans in by_order.values():
        if _is_known_instrument(work, orphans[0].instrument_id, f"fills of order {orphans[0].venue_order_id}"):
            _plan_orphans(work, oldest_first(orphans))


def _tell_of_missing_orders(work: Workspace) -> None:
    """Warn of orders that work here and that no report mentions. They stay: a list can lag, the runtime checks ask."""
    filters = Filters(work.local, work.policy)
    for order in work.local.orders_open(account_id=work.account_id):
        if order.client_order_id in work.drafts or filters.drops_known(order):
            continue
        if is_alignment(order):
            continue  # one that waits for its price is at no venue
        if work.local.instrument(order.instrument_id) is None:
            continue  # it may have been reported, but no report of that instrument can be read
        mark("reconciliation.not_reported")
        work.plan.left_out[order.client_order_id] = None
        text = f"{order.status} here, the venue's list does not have it; left as it is"
        work.note(Level.WARNING, "order.not_reported", text, order)


def _without_fills_of_duplicates(
    work: Workspace, dropped: dict[OrderKey, None], fills: list[FillReport]
) -> list[FillReport]:
    """Leave out the fills of duplicates that were dropped; a replaced leg of an order of ours is none."""
    return [
        fill
        for fill in fills
        if (fill.instrument_id, fill.venue_order_id) not in dropped
        or work.local.client_order_id(fill.venue_order_id, fill.instrument_id) is not None
    ]


def _fills_by_order(
    work: Workspace, orders: list[OrderStatusReport], fills: list[FillReport]
) -> dict[OrderKey, list[FillReport]]:
    """Return the fills by order; those under a venue id that was not reported go by the client order id, if known."""
    reported = {(report.instrument_id, report.venue_order_id): None for report in orders}
    by_client: dict[ClientOrderId, OrderKey] = {}  # made when first needed, which is rare
    by_order: dict[OrderKey, list[FillReport]] = {}
    for fill in fills:
        key = (fill.instrument_id, fill.venue_order_id)
        if key not in reported:
            owner = work.local.client_order_id(fill.venue_order_id, fill.instrument_id) or fill.client_order_id
            if owner is not None:
                by_client = by_client or _keys_by_client_order_id(orders)
                key = by_client.setdefault(owner, key)
        own = by_order.get(key)
        if own is None:
            by_order[key] = [fill]
        else:
            own.append(fill)
    return by_order


def _keys_by_client_order_id(orders: list[OrderStatusReport]) -> dict[ClientOrderId, OrderKey]:
    return {
        report.client_order_id: (report.instrument_id, report.venue_order_id)
        for report in orders
        if report.client_order_id is not None
    }


def _plan_orphans(work: Workspace, fills: list[FillReport]) -> None:
    """Plan fills (oldest first) whose order was not reported: to the order if we know it, else to one made for them."""
    draft = _owner(work, fills)
    if draft is None:
        if _are_of_purged_order(work, fills):
            work.plan.fills_skipped += len(fills)
            return
        if work.is_running:
            _hold(work, fills)
            return
        draft = create_from_fills(work, fills)
        if draft is None:
            return
    elif is_made_from_fills(draft):
        apply_growing(work, draft, fills)
        return
    apply_fills(work, draft, fills, None)


def _are_of_purged_order(work: Workspace, fills: list[FillReport]) -> bool:
    for fill in fills:
        stone = work.tombstone(fill.client_order_id, fill.venue_order_id, fill.instrument_id)
        if stone is not None:
            work.hear(stone, hear_fills(stone, fills))
            return True
    if not all(work.local.is_forgotten(fill.ts_event) for fill in fills):
        return False
    if work.is_running:  # a start is told of every trade of the venue's history
        for fill in fills:
            text = f"trade {fill.trade_id} of {fill.venue_order_id} is older than what was purged; dropped"
            work.note(Level.WARNING, "fill.forgotten_order", text, trade_id=fill.trade_id)
    return True


def _owner(work: Workspace, fills: list[FillReport]) -> Order | None:
    """Return our order by the venue's id, which is the venue's own word, else by the client order id."""
    for fill in fills:
        client_order_id = work.local.client_order_id(fill.venue_order_id, fill.instrument_id)
        if client_order_id is not None:
            return work.order(client_order_id)
    for fill in fills:
        if fill.client_order_id is not None:
            return work.named(fill.client_order_id, fill.instrument_id)
    return None


def _hold(work: Workspace, fills: list[FillReport]) -> None:
    mark("reconciliation.fills_held")
    work.plan.deferred += fills
    for fill in fills:
        work.note(
            Level.INFO,
            "fill.held",
            f"fill {fill.trade_id} of {fill.venue_order_id}: held until its order is known",
            instrument_id=fill.instrument_id,
            venue_order_id=fill.venue_order_id,
            trade_id=fill.trade_id,
        )


def _is_known_instrument(work: Workspace, instrument_id: InstrumentId, what: str) -> bool:
    if work.local.instrument(instrument_id) is not None:
        return True
    work.fail(
        "instrument.unknown", f"{instrument_id} is not known, so {what} cannot be used", instrument_id=instrument_id
    )
    return False


def _in_time_order(work: Workspace) -> list[OrderEvent]:
    """Return all planned events by time, each order's own in their sequence, ties by venue order id, then ours.

    What has to come before a fill (an amendment, say, of which only the report's time is known) does not hold the fill
    up: it goes by the fill's time. What is given back goes first of all: no trade is two orders' at any time.
    """
    keyed: list[tuple[int, str, str, int, OrderEvent]] = []
    for draft in work.drafts.values():
        if not draft.events:
            continue
        own_name = draft.client_order_id.value
        name = draft.venue_order_id.value if draft.venue_order_id is not None else own_name
        position = len(draft.events)
        due = 0 if draft.client_order_id in work.given_back else draft.events[-1].ts_event
        for event in reversed(draft.events):
            position -= 1
            if event.ts_event < due:
                due = event.ts_event
            keyed.append((due, name, own_name, position, event))
    keyed.sort()  # no two entries agree in all of the first four
    return [entry[4] for entry in keyed]
