"""What is not certain, and what is held back for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from nautilus_live.config.execution import LiveExecEngineConfig
from nautilus_live.core.conclusions import conclude
from nautilus_live.core.reconciliation.types import Level, Note, Plan
from nautilus_live.engine.alarms import Uncertain
from nautilus_live.model.commands import CancelAllOrders, CancelOrder, ModifyOrder
from nautilus_live.model.enums import OrderStatus
from nautilus_live.model.events import OrderCanceled, OrderRejected
from nautilus_live.model.identifiers import ClientId
from nautilus_live.model.objects import Quantity
from nautilus_live.model.orders import Order
from nautilus_live.model.reports import OrderStatusReport
from tests.engine.conftest import BTC, STRATEGY, TRADER, Rig

Play = Callable[..., Rig]
SIM = ClientId("SIM")


def give_up(rig: Rig, order: Order, kind: Any = OrderRejected) -> None:
    """Let the engine end an order without the venue."""
    event = conclude(order, kind, "INFLIGHT_TIMEOUT", rig.clock.timestamp_ns())
    rig.engine.apply_plan(Plan(events=[event]))


def submitted(rig: Rig, name: str, **fields: Any) -> Order:
    order = rig.submit(rig.order(name, **fields))
    rig.client.generate_order_submitted(STRATEGY, BTC.id, order.client_order_id, rig.clock.timestamp_ns())
    return order


async def long_one(rig: Rig) -> Order:
    order = rig.working(rig.order("O-LONG"))
    await rig.settle()
    rig.fill(order, "1.000")
    await rig.settle()
    return order


def of(rig: Rig, kind: Any, order: Order, **fields: Any) -> Any:
    return kind(
        trader_id=TRADER,
        command_id="C",
        ts_init=rig.clock.timestamp_ns(),
        strategy_id=STRATEGY,
        instrument_id=BTC.id,
        client_order_id=order.client_order_id,
        venue_order_id=order.venue_order_id,
        **fields,
    )


def uncertain(rig: Rig) -> list[tuple[bool, str]]:
    return [(one.cleared, one.reason) for one in rig.heard if isinstance(one, Uncertain)]


def test_whoever_acts_on_a_conclusion_is_held_already(play: Play) -> None:
    async def story(rig: Rig) -> None:
        order = submitted(rig, "O-1")
        await rig.settle()
        again: list[Order] = []

        def quote_again(event: Any) -> None:
            if isinstance(event, OrderRejected):
                again.append(rig.submit(rig.order("O-2")))

        rig.bus.subscribe("events.order.S-001", quote_again)
        give_up(rig, order)
        await rig.settle()

        (second,) = again
        assert second.status is OrderStatus.DENIED
        reason = second.last_event.reason
        assert "BTCUSDT.SIM is uncertain (O-1: ended by INFLIGHT_TIMEOUT" in reason
        assert "clear_uncertain()" in reason
        assert rig.client.commands[-1].order is order

    play(story)


def test_the_venues_word_about_the_order_ends_the_doubt(play: Play) -> None:
    async def story(rig: Rig) -> None:
        order = rig.working(rig.order("O-1"))
        await rig.settle()
        rig.client.generate_order_pending_cancel(STRATEGY, BTC.id, order.client_order_id, None, 1)
        await rig.settle()
        give_up(rig, order, OrderCanceled)
        assert list(rig.engine.uncertain_instruments()) == [BTC.id]

        rig.client.generate_order_canceled(STRATEGY, BTC.id, order.client_order_id, order.venue_order_id, 2)
        await rig.settle()
        assert rig.engine.uncertain_instruments() == {}
        assert [cleared for cleared, _ in uncertain(rig)] == [False, True]
        assert rig.submit(rig.order("O-2")).status is OrderStatus.INITIALIZED

    play(story)


def test_a_trade_on_an_order_that_we_ended_leaves_open_whether_the_rest_works(play: Play) -> None:
    async def story(rig: Rig) -> None:
        order = rig.working(rig.order("O-1", quantity="2.000"))
        await rig.settle()
        rig.client.generate_order_pending_cancel(STRATEGY, BTC.id, order.client_order_id, None, 1)
        await rig.settle()
        give_up(rig, order, OrderCanceled)
        rig.fill(order, "1.000")
        await rig.settle()
        assert (order.status, order.provisional) == (OrderStatus.CANCELED, True)
        assert list(rig.engine.uncertain_instruments()) == [BTC.id]

    play(story)


@pytest.mark.parametrize(
    ("side", "quantity", "fields", "passes"),
    [
        ("SELL", "1.000", {}, True),
        ("SELL", "0.400", {}, True),
        ("SELL", "1.001", {}, False),
        ("BUY", "0.001", {}, False),
        ("BUY", "5.000", {"reduce_only": True}, True),
    ],
    ids=["closes", "closes a part", "flips", "adds", "reduce only"],
)
def test_an_uncertain_instrument_takes_what_closes(
    play: Play, side: str, quantity: str, fields: dict[str, Any], passes: bool
) -> None:
    async def story(rig: Rig) -> None:
        await long_one(rig)
        rig.engine.doubts.mark_uncertain(BTC.id, "we hold 1, the venue 3")
        order = rig.submit(rig.order("O-2", side, quantity, **fields))
        await rig.settle()
        assert (order.status is not OrderStatus.DENIED) is passes

    play(story)


def test_two_orders_cannot_close_the_same_position(play: Play) -> None:
    async def story(rig: Rig) -> None:
        await long_one(rig)
        rig.engine.doubts.mark_uncertain(BTC.id, "we hold 1, the venue 3")
        rig.working(rig.order("S-1", "SELL"), "V-2")
        await rig.settle()
        second = rig.submit(rig.order("S-2", "SELL"))
        await rig.settle()
        assert second.status is OrderStatus.DENIED
        assert "of which other orders may close 1.000" in second.last_event.reason

    play(story)


def test_an_order_that_we_only_believe_ended_still_counts_as_closing(play: Play) -> None:
    async def story(rig: Rig) -> None:
        await long_one(rig)
        first = submitted(rig, "S-1", side="SELL")
        await rig.settle()
        give_up(rig, first)
        second = rig.submit(rig.order("S-2", "SELL"))
        await rig.settle()
        assert second.status is OrderStatus.DENIED

    play(story)


def test_a_modification_may_not_add_but_may_move_and_a_cancel_passes(play: Play) -> None:
    async def story(rig: Rig) -> None:
        order = rig.working(rig.order("O-1"))
        await rig.settle()
        rig.engine.doubts.mark_uncertain(BTC.id, "we hold 1, the venue 3")
        rig.client.commands.clear()
        rig.engine.execute(of(rig, ModifyOrder, order, quantity=Quantity.from_str("2.000")))
        rig.engine.execute(of(rig, ModifyOrder, order, quantity=Quantity.from_str("0.500")))
        rig.engine.execute(of(rig, CancelOrder, order))
        await rig.settle()
        assert [type(command).__name__ for command in rig.client.commands] == ["ModifyOrder", "CancelOrder"]
        assert rig.told().count("OrderModifyRejected") == 1

    play(story)


def test_warn_tells_and_holds_nothing(play: Play) -> None:
    async def story(rig: Rig) -> None:
        rig.engine.doubts.mark_uncertain(BTC.id, "we hold 1, the venue 3")
        order = rig.submit(rig.order("O-1"))
        await rig.settle()
        assert order.status is OrderStatus.INITIALIZED
        assert [command.order for command in rig.client.commands] == [order]
        assert uncertain(rig) == [(False, "we hold 1, the venue 3")]

    play(story, exec_config=LiveExecEngineConfig(uncertain_policy="warn"))


def test_an_instrument_is_certain_when_nothing_about_it_is_doubted(play: Play) -> None:
    async def story(rig: Rig) -> None:
        order = submitted(rig, "O-1")
        await rig.settle()
        give_up(rig, order)
        doubts = rig.engine.doubts
        doubts.mark_uncertain(BTC.id, "positions differ")
        doubts.mark_uncertain(BTC.id, "positions differ")
        doubts.trust_order(order.client_order_id, "it is not there")
        assert rig.engine.uncertain_instruments() == {BTC.id: "positions differ"}
        doubts.trust_position(BTC.id, "they are equal")
        assert rig.engine.uncertain_instruments() == {}
        doubts.trust_position(BTC.id, "they are equal")
        assert [cleared for cleared, _ in uncertain(rig)] == [False, False, False, True]

    play(story)


def test_an_operator_clears_everything_about_an_instrument(play: Play) -> None:
    async def story(rig: Rig) -> None:
        order = submitted(rig, "O-1")
        await rig.settle()
        give_up(rig, order)
        rig.engine.doubts.mark_uncertain(BTC.id, "positions differ")
        rig.engine.clear_uncertain(BTC.id)
        assert rig.engine.uncertain_instruments() == {}
        assert rig.engine.doubts.orders == {}
        assert uncertain(rig)[-1] == (True, "cleared by hand")

    play(story)


def test_a_held_client_gets_nothing_new_and_every_cancel(play: Play) -> None:
    async def story(rig: Rig) -> None:
        order = rig.working(rig.order("O-1"))
        await rig.settle()
        rig.client.commands.clear()
        rig.engine.holds.hold(SIM, "halt", "SIM is HALTED: no answer")
        rig.engine.holds.hold(SIM, "connection", "SIM is disconnected")
        denied = rig.submit(rig.order("O-2", reduce_only=True))
        rig.engine.execute(of(rig, ModifyOrder, order, quantity=Quantity.from_str("0.500")))
        rig.engine.execute(of(rig, CancelOrder, order))
        await rig.settle()
        assert denied.last_event.reason == "SIM is HALTED: no answer; SIM is disconnected"
        assert [type(command).__name__ for command in rig.client.commands] == ["CancelOrder"]
        assert "OrderModifyRejected" in rig.told()

        assert rig.engine.holds.release(SIM, "halt")
        assert rig.engine.holds.reason(SIM) == "SIM is disconnected"
        assert rig.engine.holds.release(SIM, "connection")
        assert not rig.engine.holds.release(SIM, "connection")
        assert rig.submit(rig.order("O-3")).status is OrderStatus.INITIALIZED

    play(story)


def test_an_order_taken_over_before_the_loss_is_denied_in_its_turn(play: Play) -> None:
    async def story(rig: Rig) -> None:
        order = rig.submit(rig.order("O-1"))
        rig.engine.receive_connection_change(SIM, False, "gone")
        await rig.settle()
        assert order.status is OrderStatus.DENIED
        assert rig.client.commands == []

    play(story)


def test_commands_for_which_there_is_no_client_any_more_are_refused(play: Play) -> None:
    async def story(rig: Rig) -> None:
        order = rig.working(rig.order("O-1"))
        await rig.settle()
        rig.engine.deregister_client(rig.client)
        rig.engine.execute(of(rig, CancelOrder, order))
        rig.engine.execute(of(rig, ModifyOrder, order, quantity=Quantity.from_str("0.500")))
        await rig.settle()
        assert rig.told()[-2:] == ["OrderCancelRejected", "OrderModifyRejected"]

        rig.client.generate_order_pending_cancel(STRATEGY, BTC.id, order.client_order_id, order.venue_order_id, 3)
        await rig.settle()
        rig.engine.execute(
            CancelAllOrders(trader_id=TRADER, command_id="C", ts_init=3, strategy_id=STRATEGY, instrument_id=BTC.id)
        )
        await rig.settle()
        assert rig.told()[-2:] == ["OrderPendingCancel", "OrderCancelRejected"]
        assert order.status is OrderStatus.ACCEPTED

    play(story)


# -- orders that are set aside -----------------------------------------------------------------------------------------


def set_aside(rig: Rig, order: Order, reason: str = "contradicts", *, doubted: bool = False) -> None:
    note = Note(level=Level.WARNING, kind="order.odd", text=reason, client_order_id=order.client_order_id, alarm=True)
    instruments = {order.client_order_id: order.instrument_id} if doubted else {}
    rig.engine.apply_plan(Plan(quarantined={order.client_order_id: reason}, doubted=instruments, notes=[note]))


def test_a_quarantine_is_told_once_and_ends_when_a_report_agrees(play: Play) -> None:
    async def story(rig: Rig) -> None:
        order = rig.working(rig.order())
        await rig.settle()
        set_aside(rig, order)
        set_aside(rig, order)
        assert rig.engine.quarantined_orders() == {order.client_order_id: "contradicts"}
        assert [alarm.kind for alarm in rig.alarms] == ["order.odd"]
        set_aside(rig, order, "contradicts more")
        assert len(rig.alarms) == 2
        rig.engine.receive_report(report_of(order))
        await rig.settle()
        assert rig.engine.quarantined_orders() == {}
        set_aside(rig, order)
        assert len(rig.alarms) == 3, "it is news again"

    play(story)


def test_an_old_report_ends_no_quarantine(play: Play) -> None:
    async def story(rig: Rig) -> None:
        order = rig.working(rig.order())
        await rig.settle()
        set_aside(rig, order)
        rig.engine.receive_report(report_of(order, ts_last=order.ts_last - 1))
        await rig.settle()
        assert list(rig.engine.quarantined_orders()) == [order.client_order_id]

    play(story)


def test_an_order_set_aside_so_that_nobody_knows_the_position_keeps_its_instrument_uncertain(play: Play) -> None:
    async def story(rig: Rig) -> None:
        order = rig.working(rig.order())
        await rig.settle()
        set_aside(rig, order, "no price", doubted=True)
        assert rig.engine.uncertain_instruments() == {BTC.id: f"{order.client_order_id}: no price"}
        assert rig.engine.doubts.contradicted(BTC.id) == [order]
        assert not rig.engine.doubts.doubts_position(BTC.id)
        rig.engine.doubts.mark_uncertain(BTC.id, "and the position differs")
        rig.engine.receive_report(report_of(order))
        await rig.settle()
        assert rig.engine.uncertain_instruments() == {BTC.id: "and the position differs"}

    play(story)


def test_a_fill_without_a_price_is_settled_by_the_report_that_finds_one(play: Play) -> None:
    """An unpriced market order: nothing is filled until the market has a middle."""

    async def story(rig: Rig) -> None:
        order = rig.working(rig.order(price=None))
        await rig.settle()
        report = report_of(order, order_status=OrderStatus.FILLED, filled_qty=order.quantity)
        rig.engine.receive_report(report)
        await rig.settle()
        assert (str(order.filled_qty), list(rig.engine.uncertain_instruments())) == ("0.000", [BTC.id])
        assert list(rig.engine.quarantined_orders()) == [order.client_order_id]
        rig.quote("49990.00", "50010.00")
        rig.engine.receive_report(report)
        await rig.settle()
        assert (order.status, str(order.avg_px)) == (OrderStatus.FILLED, "50000.00")
        assert (rig.engine.quarantined_orders(), rig.engine.uncertain_instruments()) == ({}, {})

    play(story)


def report_of(order: Order, **fields: Any) -> OrderStatusReport:
    settings: dict[str, Any] = {
        "order_status": order.status,
        "quantity": order.quantity,
        "filled_qty": order.filled_qty,
        "ts_last": order.ts_last,
        **fields,
    }
    assert order.account_id is not None
    assert order.venue_order_id is not None
    return OrderStatusReport(
        account_id=order.account_id,
        instrument_id=order.instrument_id,
        client_order_id=order.client_order_id,
        venue_order_id=order.venue_order_id,
        order_side=order.side,
        order_type=order.order_type,
        time_in_force=order.time_in_force,
        price=order.price,
        **settings,
    )
