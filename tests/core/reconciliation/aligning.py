"""Positions of ours against those of the venue: how the tests make them, align them and read what came of it.

`settle` checks for every row that the plan does not depend on the order of the reports, can be applied, and leaves
nothing to do the second time.
"""

from __future__ import annotations

from typing import Any

from nautilus_live.model.events import OrderAccepted, OrderInitialized, OrderSubmitted
from nautilus_live.model.identifiers import StrategyId
from nautilus_live.model.orders import Order
from nautilus_live.model.position import Position
from nautilus_live.model.reports import PositionStatusReport
from tests.core.belief import Belief
from tests.core.conftest import STRATEGY, apply, make_fill, make_order
from tests.core.reconciliation.settling import PAIR, USD, Settled, believing, price, settle, short, units

OWN = "AUD/USD.SIM-S-001"
OTHERS = "AUD/USD.SIM-S-002"


WAITING = [
    "Initialized ALIGN/ALIGN INTERNAL-DIFF['RECONCILIATION'] BUY 100 MARKET IOC at now",
    "Accepted ALIGN/ALIGN at now",
]


def bought(signed: str, at: str, name: str = "O-1", strategy: StrategyId = STRATEGY, **fields: Any) -> Order:
    """Return an order of ours that was filled and opened a position of `signed` at a price."""
    quantity = units(signed.lstrip("-"))
    order = make_order(name, "SELL" if signed.startswith("-") else "BUY", quantity, price(at), instrument=PAIR,  # type: ignore[arg-type]  # values are taken too
                       strategy_id=strategy)  # fmt: skip
    fill = {"currency": USD, "trade": f"T-{name}", **fields}
    apply(order, OrderSubmitted, OrderAccepted)
    return apply(order, make_fill(order, quantity, price(at), **fill))  # type: ignore[arg-type]  # values are taken too


def holding(signed: str, at: str, **fields: Any) -> Belief:
    return believing(bought(signed, at), **fields)


def positions(belief: Belief) -> dict[str, str]:
    """Return every position as a text: side, quantity, average, and what was realised unless nothing was."""
    return {short(name): _shown(one) for name, one in belief.positions.items()}


def _shown(position: Position) -> str:
    realized = f" realized {position.realized_pnl}" if position.realized else ""
    if not position.is_open:
        return f"FLAT{realized}"
    return f"{position.side.name} {position.quantity} @ {position.avg_px_open:.5f}{realized}"


def aligned(side: str, quantity: int | str, at: str, position: str | None = None, strategy: str = "INTERNAL-DIFF"):  # type: ignore[no-untyped-def]  # a list of texts
    """Return the events of one alignment order, as `describe` shows them."""
    tags = "['RECONCILIATION']"
    owner = f" position {position}" if position is not None else ""
    return [
        f"Initialized ALIGN/ALIGN {strategy}{tags} {side} {quantity} LIMIT GTC @ {at} at now",
        "Accepted ALIGN/ALIGN at now",
        f"Filled ALIGN/ALIGN {quantity} @ {at} ALIGN{owner} estimated at now",
    ]


def align(belief: Belief, *reports: PositionStatusReport, **choices: Any) -> Settled:
    settled = settle(belief, positions=list(reports), **choices)
    assert {note.instrument_id for note in settled.plan.notes} <= {report.instrument_id for report in reports}
    return settled


def alignment_orders(settled: Settled) -> list[Order]:
    made = [event for event in settled.plan.events if isinstance(event, OrderInitialized)]
    return [settled.belief.orders[event.client_order_id] for event in made]
