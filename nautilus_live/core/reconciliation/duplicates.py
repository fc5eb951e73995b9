"""Duplicates: the whole mass status is checked before anything is decided, so that a contradiction changes nothing.

- The same order reported twice (one venue order id): the most advanced report counts, with a warning if they differ.
- Two orders under one client order id: the guide's failure, `DuplicateClientOrderId`; with the policy `dedupe` the
  most advanced counts.
- Legs of an order of ours that the venue replaced are no duplicates of it.
- One venue order under two client order ids: a contradiction, always an error.
- A trade repeated word for word within one order counts once; the same trade id on two orders is two facts (a
  self-trade has two
  sides).
"""

from __future__ import annotations

from nautilus_live.core.reconciliation.types import Level, LocalState, Note, Policy
from nautilus_live.errors import DuplicateClientOrderId, VenueError
from nautilus_live.model.enums import OrderStatus
from nautilus_live.model.identifiers import ClientOrderId, InstrumentId, VenueOrderId
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
    reports: list[OrderStatusReport], local: LocalState, policy: Policy, notes: list[Note]
) -> list[OrderStatusReport]:
    """Return `reports` with one report an order, and the replaced legs of orders that `local` knows.

    Raises:
        DuplicateClientOrderId: if two orders have one client order id and the policy is to fail.
        VenueError: if one venue order is reported under two client order ids.

    """
    by_venue: dict[OrderKey, OrderStatusReport] = {}
    for report in reports:
        key = (report.instrument_id, report.venue_order_id)
        known = by_venue.get(key)
        by_venue[key] = report if known is None else _same_order(known, report, notes)
    by_client: dict[ClientOrderId, OrderStatusReport] = {}
    legs: dict[OrderKey, OrderStatusReport] = {}
    for key, report in by_venue.items():
        client_order_id = report.client_order_id
        if client_order_id is None:
            continue
        known = by_client.get(client_order_id)
        if known is None:
            by_client[client_order_id] = report
        elif _is_replaced_leg(report, local):
            legs[key] = report
        elif _is_replaced_leg(known, local):
            legs[known.instrument_id, known.venue_order_id] = known
            by_client[client_order_id] = report
        else:
            by_client[client_order_id] = _same_client_id(known, report, policy, notes)
    if len(by_client) == len(by_venue):
        return list(by_client.values())
    return [
        report
        for key, report in by_venue.items()
        if report.client_order_id is None or by_client[report.client_order_id] is report or key in legs
    ]


def _is_replaced_leg(report: OrderStatusReport, local: LocalState) -> bool:
    order = None if report.client_order_id is None else local.order(report.client_order_id)
    return order is not None and report.venue_order_id in order.superseded_venue_order_ids


def _same_order(first: OrderStatusReport, second: OrderStatusReport, notes: list[Note]) -> OrderStatusReport:
    ids = {first.client_order_id, second.client_order_id} - {None}
    if len(ids) > 1:
        raise VenueError(
            f"one venue order must have one client order id: {_shown(first)} and {_shown(second)} contradict each other"
        )
    kept = more_advanced(first, second)
    if first != second:
        notes.append(
            Note(
                level=Level.WARNING,
                kind="order.reported_twice",
                text=f"order reported twice, keeping {_shown(kept)}: {_shown(first)}; {_shown(second)}",
                client_order_id=kept.client_order_id,
                venue_order_id=kept.venue_order_id,
            )
        )
    return kept


def _same_client_id(
    first: OrderStatusReport, second: OrderStatusReport, policy: Policy, notes: list[Note]
) -> OrderStatusReport:
    text = f"two orders have the client order id {first.client_order_id}: {_shown(first)}; {_shown(second)}"
    if policy.duplicate_order_ids == "fail":
        raise DuplicateClientOrderId(text)
    kept = more_advanced(first, second)
    notes.append(
        Note(
            level=Level.WARNING,
            kind="order.duplicate_client_order_id",
            text=f"{text}; keeping {_shown(kept)}",
            client_order_id=kept.client_order_id,
            venue_order_id=kept.venue_order_id,
        )
    )
    return kept


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
