"""Expectations: each one that fails says what was wanted and what was."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from scenarios.expect import Expect, LogFacts, LogWanted, Outcome, PositionFacts, check
from scenarios.texts import OrderFacts
from scenarios.values import Number, Time

ORDER = OrderFacts(
    status="FILLED", quantity=Decimal(1), filled=Decimal(1), average=Decimal(2), side="BUY", type="LIMIT", by="S-001"
)
POSITIONS = [
    PositionFacts(
        id="BTCUSDT.SIM-S-001",
        strategy="S-001",
        instrument="BTCUSDT.SIM",
        signed=Decimal(1),
        average=Decimal(2),
        realized=Decimal(0),
    ),
    PositionFacts(
        id="BTCUSDT.SIM-S-002",
        strategy="S-002",
        instrument="BTCUSDT.SIM",
        signed=Decimal(3),
        average=Decimal(6),
        realized=Decimal(0),
    ),
]
OUTCOME = Outcome(
    orders={"O-1": ORDER},
    made=[("X-1", ORDER)],
    positions=POSITIONS,
    venue={"O-1": ORDER},
    balance={"USDT": Decimal(100)},
    events=[(1_000, "OrderSubmitted O-1"), (2_000, "OrderAccepted O-1"), (3_000, "OrderFilled O-1 1 @ 2 T-1")],
    alarms=[(1_500, "fill.late: O-1: filled 1 after it was CANCELED"), (2_500, "queue.full: it holds 3 items")],
    node="RUNNING",
    started=True,
    reconciliation="succeeded",
    uncertain=["BTCUSDT.SIM"],
    books={"BTCUSDT.SIM": "1 @ 2 / 3 @ 4", "ETHUSDT.SIM": "UNKNOWN"},
    own_books={"BTCUSDT.SIM": "/ 1 @ 4"},
    log=[LogFacts(level=20, text="a quiet word"), LogFacts(level=40, text="duplicate id O-1")],
)


@pytest.mark.parametrize(
    "expect",
    [
        {"orders": {"O-1": "FILLED 1 @ 2", "O-2": "ABSENT"}, "made": ["FILLED 1"], "venue": {"O-1": "FILLED"}},
        {"position": {"BTCUSDT": "LONG 4 @ 5.00"}, "positions": {"S-001": "LONG 1 @ 2", "BTCUSDT.SIM-S-002": "LONG 3"}},
        {"position": {"ETHUSDT": "FLAT"}, "positions": {"S-009": "FLAT"}},
        {"books": {"BTCUSDT": "1 @ 2  /  3 @ 4", "ETHUSDT.SIM": "UNKNOWN", "XRPUSDT": "ABSENT"}},
        {"own_books": {"BTCUSDT.SIM": "/ 1 @ 4", "ETHUSDT": "ABSENT"}},
        {"events": ["OrderSubmitted O-1", "OrderAccepted O-1", "OrderFilled O-1 1 @ 2 *"]},
        {"alarms": ["fill.late O-1 CANCELED", "queue.full"]},
        {"alarms": ["queue.full 3"], "since": Time(2_000)},
        {"alarms": [], "since": Time(3_000)},
        {"events": ["OrderFilled O-1 1.0 @ 2.0 T-1"], "since": Time(2_500)},
        {"absent": ["OrderRejected *"], "node": "RUNNING", "started": True, "reconciliation": "succeeded"},
        {
            "uncertain": ["BTCUSDT"],
            "log": ["duplicate", LogWanted(text="quiet", level="INFO")],
            "balance": {"USDT": Number("100.00")},
        },
    ],
)
def test_what_came_about_as_expected_is_no_failure(expect: dict[str, Any]) -> None:
    assert check(Expect(**expect), OUTCOME) == []


@pytest.mark.parametrize(
    ("expect", "failure"),
    [
        ({"books": {"BTCUSDT": "1 @ 2 /"}}, "books.BTCUSDT: wanted 1 @ 2 /, was 1 @ 2 / 3 @ 4"),
        ({"own_books": {"ETHUSDT": "/"}}, "own_books.ETHUSDT: wanted /, was ABSENT"),
        (
            {"orders": {"O-1": "ACCEPTED"}},
            "orders.O-1: wanted ACCEPTED, was FILLED 1 @ 2 (BUY 1 LIMIT by S-001): status",
        ),
        ({"orders": {"O-2": "ACCEPTED"}}, "orders.O-2: wanted ACCEPTED, was unknown; known are O-1"),
        ({"orders": {"O-1": "ABSENT"}}, "orders.O-1: wanted ABSENT, was FILLED 1 @ 2"),
        ({"made": []}, "made: wanted 0 orders, was 1: X-1 FILLED"),
        ({"made": ["FILLED by EXTERNAL"]}, "made[0]: wanted FILLED by EXTERNAL, was X-1 FILLED"),
        ({"position": {"BTCUSDT": "FLAT"}}, "position.BTCUSDT: wanted FLAT, was LONG 4 @ 5"),
        ({"positions": {"S-001": "FLAT"}}, "positions.S-001: wanted FLAT, was BTCUSDT.SIM-S-001 LONG 1 @ 2"),
        ({"events": ["OrderSubmitted O-1"]}, "events[1]: wanted no further event, was OrderAccepted O-1"),
        ({"events": ["OrderSubmitted O-1"] * 4}, "events[1]: wanted OrderSubmitted O-1, was OrderAccepted O-1"),
        ({"absent": ["OrderFilled O-1 * @ * *"]}, "absent: 'OrderFilled O-1 * @ * *' must not be published"),
        ({"alarms": []}, "alarms[0]: wanted no further alarm, was fill.late: O-1: filled 1 after it was CANCELED"),
        ({"alarms": ["fill.late O-2", "queue.full"]}, "alarms[0]: wanted fill.late O-2, was fill.late: O-1: filled"),
        ({"alarms": ["fill.late"]}, "alarms[1]: wanted no further alarm, was queue.full: it holds 3 items"),
        ({"node": "STOPPED"}, "node: wanted STOPPED, was RUNNING"),
        ({"exit_code": 1}, "exit_code: wanted 1, was none"),
        ({"uncertain": []}, "uncertain: wanted [], was ['BTCUSDT.SIM']"),
        ({"log": ["quiet word"]}, "log: wanted 'quiet word' at WARNING or above, was ['duplicate id O-1']"),
        ({"quiet": True}, "quiet: wanted nothing at WARNING or above, was ['duplicate id O-1']"),
        ({"balance": {"USDT": Number("99")}}, "balance.USDT: wanted 99, was 100"),
        ({"venue": {"O-9": "FILLED"}}, "venue.O-9: wanted FILLED, was unknown"),
    ],
)
def test_what_came_about_otherwise_is_told_with_both_sides(expect: dict[str, Any], failure: str) -> None:
    failures = check(Expect(**expect), OUTCOME)
    assert len(failures) == 1
    assert failures[0].startswith(failure)
