"""Events and reports: where they come from, what they conclude, and what a mass status leaves open."""

from __future__ import annotations

import inspect
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from nautilus_live.model import commands, events, reports
from nautilus_live.model.enums import OrderSide, OrderStatus, PositionSide, Provenance, TimeInForce
from nautilus_live.model.events import (
    AccountState,
    Event,
    OrderAccepted,
    OrderEvent,
    OrderEventAny,
    OrderFilled,
    PositionEvent,
    PositionEventAny,
    TradingStateChanged,
)
from nautilus_live.model.objects import Quantity
from nautilus_live.model.reports import (
    CommandOutcome,
    Confirmed,
    ExecutionMassStatus,
    FillReport,
    OrderStatusReport,
    PositionStatusReport,
    Refused,
    Unknown,
)
from tests.core.conftest import (
    ACCOUNT,
    SPOT,
    fill_report,
    make_event,
    make_fill,
    make_order,
    mass_status,
    order_report,
    position_report,
)


def leaves(base: type[msgspec.Struct]) -> set[type[msgspec.Struct]]:
    """Return the classes below `base` that have none below themselves."""
    below = base.__subclasses__()
    return {leaf for kind in below for leaf in leaves(kind)} if below else {base}


# -- events ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("provenance", "reconciliation", "provisional"),
    [
        (Provenance.LOCAL, False, False),
        (Provenance.STREAM, False, False),
        (Provenance.RESPONSE, False, False),
        (Provenance.RECONCILIATION, True, False),
        (Provenance.INFERRED, True, False),
        (Provenance.POLICY, True, True),
    ],
)
def test_an_event_says_what_it_is_worth(provenance: Provenance, reconciliation: bool, provisional: bool) -> None:
    event = make_event(OrderAccepted, make_order(), provenance=provenance)

    assert event.reconciliation is reconciliation
    assert event.provisional is provisional
    assert event.id == event.event_id


def test_provenances_are_ordered_from_the_strongest_evidence_to_the_weakest() -> None:
    assert sorted(Provenance, reverse=True)[0] is Provenance.POLICY
    assert Provenance.STREAM < Provenance.RECONCILIATION < Provenance.INFERRED < Provenance.POLICY


@pytest.mark.parametrize(("side", "buys"), [("BUY", True), ("SELL", False)])
def test_a_fill_says_its_side_and_whether_it_is_a_placeholder(side: str, buys: bool) -> None:
    order = make_order(side=side)

    assert (make_fill(order).is_buy, make_fill(order).is_sell) == (buys, not buys)
    assert make_fill(order, provenance=Provenance.INFERRED).inferred
    assert not make_fill(order, provenance=Provenance.POLICY).inferred


def test_the_unions_name_every_event_that_can_happen() -> None:
    assert leaves(OrderEvent) == set(OrderEventAny.__args__)
    assert leaves(PositionEvent) == set(PositionEventAny.__args__)
    assert leaves(Event) == leaves(OrderEvent) | leaves(PositionEvent) | {AccountState, TradingStateChanged}


def structs(module: Any) -> list[type[msgspec.Struct]]:
    """Return the structs that a module defines."""
    return [
        kind
        for _, kind in inspect.getmembers(module, inspect.isclass)
        if issubclass(kind, msgspec.Struct) and kind.__module__ == module.__name__
    ]


@pytest.mark.parametrize(
    "kind", [*structs(events), *structs(reports), *structs(commands)], ids=lambda kind: kind.__name__
)
def test_facts_are_frozen_and_named_by_keyword(kind: type[msgspec.Struct]) -> None:
    config = kind.__struct_config__

    assert config.frozen or kind is ExecutionMassStatus  # which is filled page by page
    with pytest.raises(TypeError, match="positional"):
        kind("something")


SAID_BY_SILENCE: dict[tuple[str, str], Any] = {
    ("OrderInitialized", "time_in_force"): TimeInForce.GTC,
    ("OrderRejected", "reason"): "UNKNOWN",
    ("OrderModifyRejected", "reason"): "UNKNOWN",
    ("OrderCancelRejected", "reason"): "UNKNOWN",
    ("OrderFilled", "affects_position"): True,
    ("AccountState", "reported"): True,
    ("Confirmed", "provenance"): Provenance.RESPONSE,
}
"""Fields that say something when they are left out; all others say nothing then."""


def test_a_field_left_out_says_nothing_unless_listed() -> None:
    said = {
        (kind.__name__, field.name): field.default
        for kind in (*structs(events), *structs(reports), *structs(commands))
        for field in msgspec.structs.fields(kind)
        if not field.required and field.default
    }

    assert said == SAID_BY_SILENCE


def test_an_event_cannot_be_changed() -> None:
    event = make_event(OrderAccepted, make_order())
    with pytest.raises(AttributeError):
        event.ts_event = 5


def test_events_are_equal_by_content() -> None:
    fill = make_fill(make_order(), trade="T-1")

    assert msgspec.structs.replace(fill) == fill
    assert msgspec.structs.replace(fill, event_id="another") != fill


def test_every_kind_of_event_is_told_apart_by_its_tag() -> None:
    tags = [kind.__struct_config__.tag for kind in leaves(Event)]

    assert sorted(map(str, tags)) == sorted(kind.__name__ for kind in leaves(Event))
    fill = make_fill(make_order())
    assert type(msgspec.msgpack.decode(msgspec.msgpack.encode(fill), type=OrderEventAny)) is OrderFilled


# -- reports -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", OrderStatus)
def test_a_reported_order_is_open_in_the_statuses_in_which_an_order_is(status: OrderStatus) -> None:
    working = {"ACCEPTED", "TRIGGERED", "PENDING_UPDATE", "PENDING_CANCEL", "PARTIALLY_FILLED"}

    assert order_report(order_status=status).is_open is (status.name in working)


@pytest.mark.parametrize(
    ("side", "quantity", "signed"),
    [("LONG", "1.5", "1.5"), ("SHORT", "1.5", "-1.5"), ("FLAT", "0", "0"), ("LONG", "0", "0"), ("SHORT", "0", "0")],
)
def test_a_reported_position_has_a_sign(side: str, quantity: str, signed: str) -> None:
    report = position_report(position_side=PositionSide[side], quantity=quantity)

    assert str(report.signed_qty.normalize()) == signed


@pytest.mark.parametrize(
    ("side", "quantity"), [("FLAT", "1.5"), ("NO_POSITION_SIDE", "1.5"), ("NO_POSITION_SIDE", "0")]
)
def test_a_reported_position_without_a_side_is_refused(side: str, quantity: str) -> None:
    with pytest.raises(ValueError) as caught:
        PositionStatusReport(
            account_id=ACCOUNT,
            instrument_id=SPOT.id,
            position_side=PositionSide[side],
            quantity=Quantity(Decimal(quantity), 1),
        )

    rule = "a position must be LONG, SHORT, or FLAT with quantity 0"
    assert str(caught.value) == f"BTCUSDT.SIM: {rule}, was {side} {Decimal(quantity):.1f}"


def test_what_a_venue_did_not_send_is_none() -> None:
    order, fill, position = order_report(price=None), fill_report(), position_report()

    assert (order.avg_px, order.price, order.trigger_price, order.cancel_reason) == (None, None, None, None)
    assert (fill.commission, fill.venue_position_id) == (None, None)
    assert (position.avg_px_open, position.venue_position_id) == (None, None)


@pytest.mark.parametrize(
    "report", [order_report(), fill_report(), position_report("-1.000")], ids=lambda report: type(report).__name__
)
def test_a_report_survives_encoding(report: Any) -> None:
    kinds = OrderStatusReport | FillReport | PositionStatusReport
    read: Any = msgspec.msgpack.decode(msgspec.msgpack.encode(report), type=kinds)

    assert type(read) is type(report)
    assert read == report


# -- mass status -------------------------------------------------------------------------------------------------------

QUESTIONS = {
    "orders": (ExecutionMassStatus.add_order_reports, order_report()),
    "fills": (ExecutionMassStatus.add_fill_reports, fill_report()),
    "positions": (ExecutionMassStatus.add_position_reports, position_report()),
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_an_unanswered_question_stays_unknown_until_it_is_answered(question: str) -> None:
    add, report = QUESTIONS[question]
    status = mass_status(**dict.fromkeys(QUESTIONS))
    assert [getattr(status, name) for name in QUESTIONS] == [None, None, None]

    add(status, [])  # type: ignore[operator]  # three methods of three types of report
    assert getattr(status, question) == []  # answered: there are none
    add(status, [report])  # type: ignore[operator]  # as above
    add(status, [report])  # type: ignore[operator]  # as above

    assert getattr(status, question) == [report, report]  # what was sent, duplicates included
    assert [name for name in QUESTIONS if getattr(status, name) is not None] == [question]


@pytest.mark.parametrize("missing", [(), ("orders",), ("fills",), ("positions",), ("orders", "fills", "positions")])
def test_a_mass_status_is_complete_when_all_three_questions_are_answered(missing: tuple[str, ...]) -> None:
    status = mass_status(**dict.fromkeys(missing))

    assert status.is_complete is (not missing)


def test_a_mass_status_does_not_keep_the_list_it_was_given() -> None:
    page = [order_report()]
    status = mass_status(None)
    status.add_order_reports(page)
    page.append(order_report())

    assert status.orders is not None
    assert len(status.orders) == 1


# -- outcomes of commands ----------------------------------------------------------------------------------------------


def test_an_outcome_proves_success_or_failure_or_nothing() -> None:
    assert Confirmed().provenance is Provenance.RESPONSE
    assert Confirmed().venue_order_id is None
    assert (Refused(reason="no").reason, Unknown(reason="timed out").reason) == ("no", "timed out")
    same_words: list[CommandOutcome] = [Refused(reason="no"), Unknown(reason="no")]
    assert same_words[0] != same_words[1]


def test_the_sides_have_signs_and_opposites() -> None:
    assert (OrderSide.BUY.sign, OrderSide.SELL.sign) == (1, -1)
    assert (OrderSide.BUY.opposite, OrderSide.SELL.opposite) == (OrderSide.SELL, OrderSide.BUY)
