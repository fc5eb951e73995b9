"""Lines about orders, positions and events: what they mean, what is refused, what matches."""

from __future__ import annotations

from decimal import Decimal

import pytest

from nautilus_live.model.enums import LiquiditySide, OrderSide, OrderType, Provenance
from nautilus_live.model.events import OrderFilled, OrderInitialized, OrderRejected, OrderSubmitted, OrderUpdated
from nautilus_live.model.identifiers import ClientOrderId, InstrumentId, StrategyId, TradeId, TraderId
from nautilus_live.model.objects import Currency, Price, Quantity
from scenarios.texts import (
    OrderFacts,
    event_matches,
    event_text,
    order_difference,
    parse_order,
    parse_position,
    position_matches,
    position_text,
)

COMMON = {
    "event_id": "E-1",
    "ts_event": 1,
    "ts_init": 1,
    "trader_id": TraderId("TRADER-001"),
    "strategy_id": StrategyId("S-001"),
    "instrument_id": InstrumentId.from_str("BTCUSDT.SIM"),
    "client_order_id": ClientOrderId("O-1"),
}


def facts(**changes: object) -> OrderFacts:
    given: dict[str, object] = {
        "status": "FILLED",
        "quantity": Decimal(3),
        "filled": Decimal(3),
        "average": Decimal(10) / 3,
        "side": "BUY",
        "type": "LIMIT",
        "price": Decimal(4),
        "by": "S-001",
        "tags": ("EXTERNAL",),
        "venue": "V-1",
    }
    return OrderFacts(**(given | changes))  # type: ignore[arg-type]  # a table of fields


@pytest.mark.parametrize(
    "text",
    [
        "FILLED",
        "FILLED 3",
        "FILLED 3.000 @ 3.33",
        "FILLED 3 @ 3.3333 BUY LIMIT by S-001 tag EXTERNAL quantity 3 price 4.00 venue V-1",
    ],
)
def test_an_order_is_what_a_line_says(text: str) -> None:
    assert order_difference(parse_order(text), facts()) == ""


@pytest.mark.parametrize(
    ("text", "changes", "difference"),
    [
        ("ACCEPTED", {}, "status ACCEPTED was FILLED, filled 0 was 3"),
        ("FILLED 2", {}, "filled 2 was 3"),
        ("FILLED 3 @ 3.34", {}, "average 3.34 was 3.33"),
        ("FILLED 3 @ 3.34", {"average": None}, "average 3.34 was None"),
        ("FILLED SELL", {}, "side SELL was BUY"),
        ("FILLED by EXTERNAL", {}, "by EXTERNAL was S-001"),
        ("FILLED tag RECONCILIATION", {}, "tag RECONCILIATION was EXTERNAL"),
        ("FILLED price 5", {}, "price 5 was 4"),
        ("CANCELED", {"status": "CANCELED", "filled": Decimal(1)}, "filled 0 was 1"),
        ("REJECTED provisional", {"status": "REJECTED", "filled": Decimal(0)}, "provisional True was False"),
    ],
)
def test_an_order_that_differs_says_how(text: str, changes: dict[str, object], difference: str) -> None:
    assert order_difference(parse_order(text), facts(**changes)) == difference


@pytest.mark.parametrize(
    "text", ["", "filled", "FILLED 3 @", "FILLED 3 @ x", "FILLED BYE", "FILLED by", "FILLED price x"]
)
def test_a_line_that_is_no_order_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"order must|no clause|followed by a number"):
        parse_order(text)


@pytest.mark.parametrize(
    ("text", "signed", "average", "realized", "holds"),
    [
        ("FLAT", "0", None, "5", True),
        ("FLAT realized 5.00", "0", None, "5", True),
        ("FLAT realized 6", "0", None, "5", False),
        ("LONG 1.000 @ 50000.00", "1", "50000", "0", True),
        ("LONG 1 @ 50000.1", "1", "50000", "0", False),
        ("LONG 1 @ 3.33", "1", "3.333333", "0", True),
        ("SHORT 1", "-1", "2", "0", True),
        ("SHORT 1", "1", "2", "0", False),
        ("LONG 1", "0", None, "0", False),
    ],
)
def test_positions_match_by_sign_size_and_average(
    text: str, signed: str, average: str | None, realized: str, holds: bool
) -> None:
    average_px = None if average is None else Decimal(average)
    assert position_matches(parse_position(text), Decimal(signed), average_px, Decimal(realized)) is holds


@pytest.mark.parametrize("text", ["", "LONG", "LONG x", "long 1", "FLAT 1", "LONG 1 @", "LONG 1 2"])
def test_a_line_that_is_no_position_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"a position must be|followed by a number"):
        parse_position(text)


def test_a_position_is_written_as_it_is_read() -> None:
    assert position_text(Decimal("-1.500"), Decimal("2.00")) == "SHORT 1.500 @ 2.00"
    assert position_text(Decimal(0), None) == "FLAT"
    assert position_text(Decimal(3), Decimal(10) / 3) == "LONG 3 @ 3.33333333"


def test_events_are_written_with_what_matters() -> None:
    fill = OrderFilled(
        **COMMON,
        trade_id=TradeId("T-1"),
        order_side=OrderSide.BUY,
        order_type=OrderType.LIMIT,
        last_qty=Quantity.from_str("1.000"),
        last_px=Price.from_str("50000.00"),
        currency=Currency.from_str("USDT"),
        liquidity_side=LiquiditySide.MAKER,
        provenance=Provenance.RECONCILIATION,
        replaces=(TradeId("P-1"),),
    )
    assert event_text(fill) == "OrderFilled O-1 1.000 @ 50000.00 T-1 replaces P-1 from reconciliation"
    assert event_text(OrderSubmitted(**COMMON)) == "OrderSubmitted O-1"
    rejected = OrderRejected(**COMMON, reason="INFLIGHT_TIMEOUT", provenance=Provenance.POLICY)
    assert event_text(rejected) == "OrderRejected O-1 (INFLIGHT_TIMEOUT) from policy"
    updated = OrderUpdated(**COMMON, quantity=Quantity.from_int(2), trigger_price=Price.from_int(3))
    assert event_text(updated) == "OrderUpdated O-1 2 trigger 3"
    made = OrderInitialized(
        **COMMON, order_side=OrderSide.SELL, order_type=OrderType.MARKET, quantity=Quantity.from_int(2)
    )
    assert event_text(made) == "OrderInitialized O-1 SELL MARKET 2 by S-001"


@pytest.mark.parametrize(
    ("wanted", "was", "holds"),
    [
        ("OrderFilled O-1 1 @ 2.0 *", "OrderFilled O-1 1.000 @ 2.00 T-9", True),
        ("OrderFilled O-1 1 @ 2.0 T-1", "OrderFilled O-1 1.000 @ 2.00 T-9", False),
        ("OrderFilled O-1 1 @ 2.0 T-9", "OrderFilled O-1 1.000 @ 2.00 T-9 from reconciliation", False),
        ("OrderRejected O-1", "OrderRejected O-1 (no (such) thing)", True),
        ("OrderRejected O-1 from policy", "OrderRejected O-1 (INFLIGHT_TIMEOUT) from policy", True),
        ("OrderRejected O-1 (other)", "OrderRejected O-1 (reason)", False),
        ("OrderAccepted   O-1", "OrderAccepted O-1", True),
        ("no further event", "OrderAccepted O-1", False),
    ],
)
def test_events_match_word_by_word(wanted: str, was: str, holds: bool) -> None:
    assert event_matches(wanted, was) is holds
