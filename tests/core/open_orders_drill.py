"""The open-order check with an answer at hand: what the tests of it share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from nautilus_live.core.conclusions import Outcome
from nautilus_live.core.open_orders import Findings, OpenOrdersCheck, Resolution
from nautilus_live.core.reconciliation import reconcile_reports
from nautilus_live.model.orders import Order
from nautilus_live.model.reports import OrderStatusReport
from tests.core.belief import Belief
from tests.core.conftest import ACCOUNT, make_policy, order_in

S = 1_000_000_000
FOUND, NOT_THERE, UNANSWERED = Outcome.FOUND, Outcome.NOT_THERE, Outcome.UNANSWERED


class Drill:
    """Polls every ten seconds, answers the questions about single orders, and applies what follows."""

    def __init__(
        self, *orders: Order, answer: Callable[[Order], Outcome] | Outcome = NOT_THERE, **settings: Any
    ) -> None:
        self.check = OpenOrdersCheck(**settings)
        self.belief = Belief()
        for order in orders:
            self.belief.add(order)
        self.answer = answer
        self.now_s = 0.0
        self.asked: list[tuple[float, str]] = []
        self.resolved: list[Resolution] = []

    def compare(self, *reports: OrderStatusReport, answered: bool = True) -> Findings:
        self.now_s += 10.0
        now = round(self.now_s * S)
        listed: Sequence[OrderStatusReport] | None = reports if answered else None
        working = [order for order in self.belief.orders.values() if order.is_open]
        return self.check.compare(self.belief, working, listed, now, now)

    def poll(self, *reports: OrderStatusReport, answered: bool = True) -> Findings:
        findings = self.compare(*reports, answered=answered)
        now = round(self.now_s * S)
        for group in findings.differing:
            self.belief.apply(reconcile_reports(self.belief, ACCOUNT, group, [], make_policy(), now))
            self.check.settled(self.belief, group)
        for order in findings.questions:
            self.asked.append((self.now_s, order.client_order_id.value))
            outcome = self.answer if isinstance(self.answer, Outcome) else self.answer(order)
            resolution = self.check.answered(order, outcome, len(order.events), now)
            if resolution is not None:
                self.resolved.append(resolution)
                self.belief.apply([resolution.event])
        return findings

    def polls(self, times: int, *reports: OrderStatusReport) -> Drill:
        for _ in range(times):
            self.poll(*reports)
        return self


def accepted(name: str = "O-1", **fields: Any) -> Order:
    return order_in("ACCEPTED", name, **fields)
