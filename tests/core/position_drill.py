"""The position check with an answer at hand: what the tests of it share."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from nautilus_live.core.position_check import Align, Difference, Findings, GiveUp, PositionCheck
from nautilus_live.core.reconciliation import reconcile_positions
from nautilus_live.model.identifiers import AccountId
from nautilus_live.model.instruments import Instrument
from nautilus_live.model.orders import Order
from nautilus_live.model.reports import PositionStatusReport
from tests.core.belief import Belief
from tests.core.conftest import ACCOUNT, OTHER_SPOT, SPOT, apply, make_fill, make_policy, order_in, position_report, qty
from tests.core.reconciliation.settling import PAIR

S = 1_000_000_000
MS = 1_000_000
NET = (SPOT.id, None)


def bought(signed: str = "1.000", name: str = "O-1", *, instrument: Instrument = SPOT, **fields: Any) -> Order:
    """Return an order that is filled: a buy, or a sell for a negative quantity."""
    number = Decimal(signed)
    size = str(abs(number))
    order = order_in("ACCEPTED", name, "BUY" if number > 0 else "SELL", size, instrument=instrument)
    settings: dict[str, Any] = {"ts": 1, **fields}
    if instrument is PAIR:
        settings["last_qty"] = order.quantity
    return apply(order, make_fill(order, size, trade=f"T-{name}", **settings))


class Drill:
    """Compares every ten seconds and carries out what follows; the venue's trades explain nothing."""

    def __init__(self, *orders: Order, account_id: AccountId = ACCOUNT, **settings: Any) -> None:
        self.account_id = account_id
        self.settings = settings
        self.check = PositionCheck(account_id, 0, **settings)
        self.belief = Belief(SPOT, OTHER_SPOT, PAIR)
        for order in orders:
            self.belief.add(order)
        self.now_s = 100.0
        self.actions: list[tuple[float, Align | GiveUp]] = []
        self.findings = Findings()

    @property
    def now(self) -> int:
        return round(self.now_s * S)

    def compare(self, *reports: PositionStatusReport, answered: bool = True, **options: Any) -> Findings:
        self.now_s += 10.0
        busy = options.pop("busy", ())
        asked_ns = options.pop("asked_ns", self.now)
        positions = list(self.belief.positions.values())
        self.findings = self.check.compare(positions, busy, reports if answered else None, asked_ns, self.now)
        return self.findings

    def look(self, *reports: PositionStatusReport, answered: bool = True, **options: Any) -> Drill:
        for difference in self.compare(*reports, answered=answered, **options).differing:
            action = self.check.unexplained(difference, self.now)
            if action is not None:
                self.actions.append((self.now_s, action))
            if isinstance(action, Align):
                plan = reconcile_positions(self.belief, self.account_id, [action.report], make_policy(), self.now)
                self.belief.apply(plan)
        return self

    def looks(self, times: int, *reports: PositionStatusReport) -> Drill:
        for _ in range(times):
            self.look(*reports)
        return self

    def fill(self, order: Order) -> None:
        """Let an order of ours have traded just now."""
        self.belief.add(order)

    @property
    def done(self) -> list[str]:
        return [type(action).__name__ for _, action in self.actions]


def held(signed: str, **fields: Any) -> PositionStatusReport:
    return position_report(signed, quantity=qty(str(abs(Decimal(signed)))), **fields)


def difference(ours: str, theirs: str | None) -> Difference:
    return Difference(key=NET, ours=Decimal(ours), report=None if theirs is None else held(theirs))
