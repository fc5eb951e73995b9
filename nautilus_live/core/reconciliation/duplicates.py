"""Duplicates: the whole mass status is checked before anything is decided, so that a contradiction changes nothing.

- The same order reported twice (one venue order id): the most advanced report counts, with a warning if they differ.
- Two orders under one client order id: the guide's failure, `DuplicateClientOrderId`; with the policy `dedupe` the
  most advanced counts.
- Legs that the venue replaced are no duplicates: of an order of ours, by what we know; of any, by the handover from
  one to the next (`replacing`). Their trades are the order's.
- One venue order under two client order ids: a contradiction, always an error.
- A trade repeated within one order counts once; the same trade id on two orders is two facts (a self-trade has two
  sides).
"""

from __future__ import annotations

from functools import reduce

from msgspec import structs

from nautilus_live.core.reconciliation.replacing import is_older_leg, may_have_been_replaced, replaced_legs
from nautilus_live.core.reconciliation.types import Level, LocalState, Note, Policy
from nautilus_live.errors import DuplicateClientOrderId, VenueError
from nautilus_live.marks import mark
from nautilus_live.model.enums import OrderStatus
from nautilus_live.model.identifiers import ClientOrderId, InstrumentId, VenueOrderId
from nautilus_live.model.orders import Order
from nautilus_live.model.reports import OrderStatusReport

OrderKey = tuple[InstrumentId, VenueOrderId]

_ADVANCEMENT = {
    OrderStatus.FILLED: 5,
    OrderStatus.CANCELED: 4,
    OrderStatus.EXPIRED: 4,
    OrderStatus.REJECTED: 4,
    OrderStatus.PARTIALLY_FILLED: 3,
    OrderStatus.PENDING_CANCEL: 2,
    OrderStatus.PENDING_UPDATE: 2,
    OrderStatus.TRIGGERED: 2,
    OrderStatus.ACCEPTED: 1,
}


def unique_orders(
    reports: list[OrderStatusReport],
    local: LocalState,
    policy: Policy,
    notes: list[Note],
    dropped: dict[OrderKey, None] | None = None,
) -> list[OrderStatusReport]:
    """Return `reports` with one report an order; `dropped` gets the orders that another one is kept instead of.

    Raises:
        DuplicateClientOrderId: if two orders have one client order id and the policy is to fail.
        VenueError: if one venue order is reported under two client order ids.

    """
    by_venue: dict[OrderKey, OrderStatusReport] = {}
    repeated: dict[OrderKey, list[OrderStatusReport]] = {}
    for report in reports:
        key = _key(report)
        first = by_venue.setdefault(key, report)
        if first is not report:
            repeated.setdefault(key, [first]).append(report)
    for key in sorted(repeated):
        by_venue[key] = _one_order(repeated[key], notes)
    by_client: dict[ClientOrderId, OrderStatusReport] = {}
    shared: dict[ClientOrderId, list[OrderStatusReport]] = {}
    for report in by_venue.values():
        owner = _owner(report, local)
        if owner is not None:
            first = by_client.setdefault(owner, report)
            if first is not report:
                shared.setdefault(owner, [first]).append(report)
    if not shared:
        return list(by_venue.values())
    for client_order_id in sorted(shared):
        first, order = shared[client_order_id][0], local.order(client_order_id)
        ours = order if order is not None and order.is_at(first.account_id, first.instrument_id) else None
        current = _without_replaced_legs(shared[client_order_id], ours, notes)
        kept_one = by_client[client_order_id] = _one_client_order_id(current, policy, notes)
        if dropped is not None:
            dropped.update({_key(one): None for one in current if _key(one) != _key(kept_one)})
    kept = []
    for report in by_venue.values():
        owner = _owner(report, local)
        if owner is None or by_client[owner] is report:
            kept.append(report)
    return kept


def _key(report: OrderStatusReport) -> OrderKey:
    return (report.instrument_id, report.venue_order_id)


def _owner(report: OrderStatusReport, local: LocalState) -> ClientOrderId | None:
    """Return the client order id that the report names, or by its venue order id means."""
    return report.client_order_id or local.client_order_id(report.venue_order_id, report.instrument_id)


def _one_order(reports: list[OrderStatusReport], notes: list[Note]) -> OrderStatusReport:
    """Return the most advanced of several reports of one venue order, with the client order id that any of them has."""
    reports = sorted(reports, key=_rank)
    client_order_ids = dict.fromkeys(report.client_order_id for report in reports if report.client_order_id is not None)
    listed = "; ".join(map(_shown, reports))
    if len(client_order_ids) > 1:
        raise VenueError(f"one venue order must have one client order id, these contradict each other: {listed}")
    kept = reduce(more_advanced, reports)
    if any(report != kept for report in reports):
        text = f"order reported {len(reports)} times, keeping {_shown(kept)}: {listed}"
        notes.append(_note(Level.WARNING, "order.reported_twice", text, kept))
    return structs.replace(kept, client_order_id=next(iter(client_order_ids), None))


def _without_replaced_legs(
    reports: list[OrderStatusReport], order: Order | None, notes: list[Note]
) -> list[OrderStatusReport]:
    """Leave out the legs that the venue replaced, as long as another is left to speak for the order."""
    reports = sorted(reports, key=_rank)
    legs = [] if order is None else [report for report in reports if _is_replaced_leg(report, order)]
    if len(legs) == len(reports):
        return reports[-1:]
    legs += replaced_legs(report for report in reports if report not in legs)
    for leg in legs:
        text = f"{_shown(leg)}: replaced since, so it says nothing about the order"
        notes.append(_note(Level.INFO, "order.superseded", text, leg))
    return [report for report in reports if report not in legs]


def _is_replaced_leg(report: OrderStatusReport, order: Order) -> bool:
    if report.venue_order_id in order.superseded_venue_order_ids or is_older_leg(order, report):
        return True
    # We asked for a change and the answer was lost: what we knew is canceled, and the order goes on under another id.
    asked = order.provisional or may_have_been_replaced(order)
    return asked and report.venue_order_id == order.venue_order_id and report.order_status is OrderStatus.CANCELED


def _one_client_order_id(reports: list[OrderStatusReport], policy: Policy, notes: list[Note]) -> OrderStatusReport:
    if len(reports) == 1:
        return reports[0]
    listed = "; ".join(map(_shown, reports))
    client_order_id = next((report.client_order_id for report in reports if report.client_order_id is not None), None)
    text = f"{len(reports)} orders have the client order id {client_order_id}: {listed}"
    if policy.duplicate_order_ids == "fail":
        mark("reconciliation.duplicate_refused")
        raise DuplicateClientOrderId(text)
    kept = reduce(more_advanced, _without_canceled_legs(reports))
    notes.append(_note(Level.WARNING, "order.duplicate_client_order_id", f"{text}; keeping {_shown(kept)}", kept))
    return kept


def _without_canceled_legs(reports: list[OrderStatusReport]) -> list[OrderStatusReport]:
    """Leave out what was canceled where another one works and has filled as much: the venue replaced it by that one."""
    most = max((report.filled_qty.value for report in reports if report.is_open), default=None)
    if most is None:
        return reports
    return [one for one in reports if one.order_status is not OrderStatus.CANCELED or one.filled_qty.value > most]


def _note(level: Level, kind: str, text: str, report: OrderStatusReport) -> Note:
    return Note(
        level=level,
        kind=kind,
        text=text,
        instrument_id=report.instrument_id,
        client_order_id=report.client_order_id,
        venue_order_id=report.venue_order_id,
    )


def more_advanced(first: OrderStatusReport, second: OrderStatusReport) -> OrderStatusReport:
    """Return the report that knows more: the higher filled quantity, then the later status, then the later time."""
    return second if _rank(second) > _rank(first) else first


def _rank(report: OrderStatusReport) -> tuple[object, ...]:
    return (
        report.filled_qty.value,
        _ADVANCEMENT.get(report.order_status, 0),
        report.ts_last,
        report.venue_order_id.value,
        repr(report),
    )


def _shown(report: OrderStatusReport) -> str:
    client = report.client_order_id or "no client id"
    return f"{client} / {report.venue_order_id} {report.order_status} {report.filled_qty} of {report.quantity} filled"
