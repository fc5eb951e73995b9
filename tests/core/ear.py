"""Somebody who hears events as the execution engine does, and what the tests of admission share."""

from __future__ import annotations

from nautilus_live.core.admission import admit
from nautilus_live.core.reconciliation.types import Note
from nautilus_live.model.enums import OrderStatus, Provenance
from nautilus_live.model.events import OrderEvent, OrderFilled, OrderFillVoided
from nautilus_live.model.orders import Order
from tests.core.belief import Belief
from tests.core.conftest import order_in

POLICY, RESPONSE = Provenance.POLICY, Provenance.RESPONSE


class Ear(Belief):
    """A belief that hears a stream: what is admitted is applied, what is held is heard again once its order is here."""

    def __init__(self, *orders: Order, allow_overfills: bool = False) -> None:
        super().__init__(allow_overfills=allow_overfills)
        self.held: list[OrderFilled | OrderFillVoided] = []
        self.notes: list[Note] = []
        for order in orders:
            self.add(order)

    def hear(self, *events: OrderEvent) -> list[str]:
        """Hear events; return the notes of the last one as LEVEL kind, with a ! for an alarm."""
        told: list[str] = []
        for event in events:
            admission = admit(self, event, allow_overfills=self.allow_overfills)
            self.apply(admission.events)
            self.notes += admission.notes
            if admission.held is not None:
                self.held.append(admission.held)
            told = [f"{note.level.name} {note.kind}{'!' if note.alarm else ''}" for note in admission.notes]
        return told

    def order_appears(self, order: Order) -> None:
        self.add(order)
        waiting, self.held = self.held, []
        self.hear(*waiting)


def both(status: OrderStatus | str = "ACCEPTED", **fields: str) -> tuple[Ear, Order]:
    order = order_in(status, **fields)
    return Ear(order), order


def kinds(events: tuple[OrderEvent, ...] | list[OrderEvent]) -> list[str]:
    return [type(event).__name__ for event in events]
