"""Which of our orders a report of the venue is about: one that we know, know under another id, or have purged."""

from __future__ import annotations

from nautilus_live.core.reconciliation.fills import oldest_first
from nautilus_live.core.reconciliation.late_words import hear_report
from nautilus_live.core.reconciliation.types import Level
from nautilus_live.core.reconciliation.workspace import Workspace
from nautilus_live.model.orders import Order
from nautilus_live.model.reports import FillReport, OrderStatusReport


def find_draft(work: Workspace, report: OrderStatusReport) -> Order | None:
    """Return the order that a report names: by its client order id, or else by the venue's id; None if we have none."""
    client_order_id = report.client_order_id
    if client_order_id is not None:
        draft = work.named(client_order_id, report.instrument_id)
        if draft is not None:
            return draft
    owner = work.local.client_order_id(report.venue_order_id, report.instrument_id)
    if owner is None:
        return None
    draft = work.order(owner)
    if draft is not None and client_order_id is not None and work.order(client_order_id) is None:
        text = f"the venue calls our order {client_order_id}; matched by its venue id {report.venue_order_id}"
        work.note(Level.WARNING, "order.other_client_order_id", text, draft)
    return draft


def is_purged(work: Workspace, report: OrderStatusReport, fills: list[FillReport]) -> bool:
    """Return whether the report is of an order that we knew and have purged; what it says is heard all the same."""
    stone = work.tombstone(report.client_order_id, report.venue_order_id, report.instrument_id)
    if stone is not None:
        work.hear(stone, hear_report(stone, report, oldest_first(fills)))
        return True
    return not report.is_open and work.local.is_forgotten(report.ts_last)


def claimant(work: Workspace, draft: Order, report: OrderStatusReport) -> Order | None:
    """Return the order that we know the venue's order as, if another: made for a stranger before its name was known."""
    if draft.venue_order_id == report.venue_order_id or report.client_order_id is None:
        return None
    owner = work.local.client_order_id(report.venue_order_id, report.instrument_id)
    return None if owner is None or owner == draft.client_order_id else work.order(owner)
