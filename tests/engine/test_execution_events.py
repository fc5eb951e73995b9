"""The execution engine: what an event does to order, position, cache and listeners."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from nautilus_live.config.execution import LiveExecEngineConfig
from nautilus_live.core.reconciliation.types import Level, Note, Plan
from nautilus_live.errors import ConfigError
from nautilus_live.model.enums import LiquiditySide, OmsType, OrderStatus, PositionSide, Provenance
from nautilus_live.model.events import (
    AccountState,
    OrderAccepted,
    OrderFilled,
    OrderInitialized,
    PositionChanged,
    PositionClosed,
    PositionOpened,
)
from nautilus_live.model.identifiers import (
    AccountId,
    ClientId,
    ClientOrderId,
    InstrumentId,
    PositionId,
    StrategyId,
    TradeId,
    VenueOrderId,
)
from nautilus_live.model.objects import AccountBalance, Currency, Money, Quantity
from nautilus_live.model.orders import Order
from nautilus_live.model.reports import FillReport, OrderStatusReport, PositionStatusReport

Play = Callable[..., Any]
S1 = StrategyId("S-001")
NETTING_ID = PositionId("BTCUSDT.SIM-S-001")


def test_an_order_lives_from_submit_to_fill_and_everybody_learns_in_order(play: Play) -> None:
    async def story(rig: Any) -> None:
        order = rig.working(rig.order())
        rig.fill(order, "1.000", commission="2")
        await rig.settle()
        assert order.status is OrderStatus.FILLED

    rig = play(story)

    assert rig.told() == ["OrderInitialized", "OrderSubmitted", "OrderAccepted", "OrderFilled", "PositionOpened"]
    position = rig.cache.position(NETTING_ID)
    assert (position.side, position.signed_qty, position.realized) == (PositionSide.LONG, Decimal(1), Decimal(-2))
    assert rig.cache.position_for_order(ClientOrderId("O-1")) is position
    assert rig.last(OrderFilled).position_id == NETTING_ID
    assert rig.engine.event_count == 3


def test_an_order_begins_once_whoever_says_so_again(play: Play) -> None:
    async def story(rig: Any) -> None:
        order = rig.working(rig.order())
        rig.engine.process(order.init)
        await rig.settle()
        assert order.status is OrderStatus.ACCEPTED

    rig = play(story)

    assert rig.told() == ["OrderInitialized", "OrderSubmitted", "OrderAccepted"]
    assert rig.engine.refused_count == 0


def test_cache_and_position_are_up_to_date_when_the_fill_is_told(play: Play) -> None:
    seen: list[tuple[Decimal, bool]] = []

    async def story(rig: Any) -> None:
        def look(event: Any) -> None:
            if isinstance(event, OrderFilled):
                closed = rig.cache.is_order_closed(event.client_order_id)
                seen.append((rig.portfolio.net_position(event.instrument_id), closed))

        rig.bus.subscribe("events.order.*", look)
        rig.fill(rig.working(rig.order()), "1.000")

    play(story)

    assert seen == [(Decimal(1), True)]


def test_netting_adds_up_in_one_position_and_a_flip_closes_and_reopens_it(play: Play) -> None:
    async def story(rig: Any) -> None:
        rig.fill(rig.working(rig.order("O-1", "BUY", "1.000")), "1.000", "100.00")
        rig.fill(rig.working(rig.order("O-2", "SELL", "3.000"), "V-2"), "3.000", "110.00", venue_order_id="V-2")

    rig = play(story)

    position = rig.cache.position(NETTING_ID)
    assert (position.signed_qty, position.avg_px_open) == (Decimal(-2), Decimal(110))
    assert position.total_realized_pnl.value == Decimal(10)
    kinds = [type(event).__name__ for event in rig.heard if isinstance(event, PositionOpened | PositionClosed)]
    assert kinds == ["PositionOpened", "PositionClosed", "PositionOpened"]
    closed = rig.last(PositionClosed)
    assert (closed.side, closed.signed_qty, closed.realized_pnl.value) == (PositionSide.FLAT, Decimal(0), Decimal(10))
    assert rig.last(PositionOpened).signed_qty == Decimal(-2)


def test_hedging_opens_a_position_per_order_and_reuses_the_one_that_is_named(play: Play) -> None:
    async def story(rig: Any) -> None:
        rig.fill(rig.working(rig.order("O-1")), "1.000")
        rig.fill(rig.working(rig.order("O-2"), "V-2"), "1.000", venue_order_id="V-2")
        closing = rig.order("O-3", "SELL")
        rig.working(closing, "V-3", position_id=PositionId("P-O-1"))
        rig.fill(closing, "1.000", venue_order_id="V-3")

    rig = play(story, oms_type=OmsType.HEDGING)

    sizes = {position.id.value: position.signed_qty for position in rig.cache.positions()}
    assert sizes == {"P-O-1": Decimal(0), "P-O-2": Decimal(1)}


def test_two_fills_of_one_order_belong_to_one_hedging_position(play: Play) -> None:
    async def story(rig: Any) -> None:
        order = rig.working(rig.order())
        rig.fill(order, "0.400")
        rig.fill(order, "0.600")

    rig = play(story, oms_type=OmsType.HEDGING)

    assert [(one.id.value, one.signed_qty) for one in rig.cache.positions()] == [("P-O-1", Decimal(1))]
    assert rig.told(PositionOpened | PositionChanged) == ["PositionOpened", "PositionChanged"]


def test_a_strategy_may_keep_positions_its_own_way(play: Play) -> None:
    async def story(rig: Any) -> None:
        rig.engine.register_strategy(S1, OmsType.HEDGING)
        rig.fill(rig.working(rig.order()), "1.000")

    assert [one.id.value for one in play(story).cache.positions()] == ["P-O-1"]


def test_a_position_that_the_venue_names_is_taken_over(play: Play) -> None:
    async def story(rig: Any) -> None:
        rig.fill(rig.working(rig.order()), "1.000", position_id="VENUE-7")

    rig = play(story)

    assert [one.id.value for one in rig.cache.positions()] == ["VENUE-7"]
    assert rig.cache.position_id(ClientOrderId("O-1")) == PositionId("VENUE-7")


def test_a_trade_told_twice_counts_once(play: Play) -> None:
    async def story(rig: Any) -> None:
        order = rig.working(rig.order())
        rig.fill(order, "0.500", trade="T-1")
        rig.fill(order, "0.500", trade="T-1")

    rig = play(story)

    assert rig.cache.position(NETTING_ID).signed_qty == Decimal("0.5")
    assert rig.told(OrderFilled) == ["OrderFilled"]


def test_an_event_that_the_order_refuses_is_told_to_nobody(play: Play) -> None:
    async def story(rig: Any) -> None:
        order = rig.working(rig.order())
        rig.fill(order, "1.000")
        await rig.settle()
        rig.client.generate_order_pending_cancel(S1, order.instrument_id, order.client_order_id, VenueOrderId("V-1"), 5)
        await rig.settle()
        assert order.status is OrderStatus.FILLED

    rig = play(story)

    assert "OrderPendingCancel" not in rig.told()
    assert rig.engine.refused_count == 1


def test_an_overfill_changes_neither_order_nor_position_and_alarms(play: Play) -> None:
    async def story(rig: Any) -> None:
        order = rig.working(rig.order())
        rig.fill(order, "0.800")
        rig.fill(order, "0.800")
        await rig.settle()
        assert order.filled_qty == Quantity.from_str("0.800")

    rig = play(story)

    assert rig.cache.position(NETTING_ID).signed_qty == Decimal("0.8")
    assert [alarm.kind for alarm in rig.alarms] == ["fill.overfill"]
    assert rig.alarms[0].ids["client_order_id"] == "O-1"


def test_an_overfill_that_is_allowed_changes_both(play: Play) -> None:
    async def story(rig: Any) -> None:
        order = rig.working(rig.order())
        rig.fill(order, "0.800")
        rig.fill(order, "0.800")
        await rig.settle()
        assert order.overfill_qty == Decimal("0.6")

    rig = play(story, exec_config=LiveExecEngineConfig(allow_overfills=True))

    assert rig.cache.position(NETTING_ID).signed_qty == Decimal("1.6")


def test_a_fill_of_an_unknown_instrument_is_refused_whole_and_taken_once_the_instrument_is_known(
    play: Play, new_instrument: Callable[..., Any]
) -> None:
    other = new_instrument("ETHUSDT.SIM")

    async def story(rig: Any) -> None:
        order = rig.working(rig.order(instrument_id=other.id))
        rig.fill(order, "1.000", trade="T-1")
        await rig.settle()
        assert order.filled_qty == 0
        rig.engine.receive_instrument(other)
        rig.fill(order, "1.000", trade="T-1")
        await rig.settle()
        assert order.status is OrderStatus.FILLED

    rig = play(story)

    assert [alarm.kind for alarm in rig.alarms] == ["fill.refused"]
    assert rig.portfolio.net_position(other.id) == Decimal(1)


def test_a_fill_before_its_order_waits_for_it(play: Play) -> None:
    async def story(rig: Any) -> None:
        order = rig.order()
        rig.fill(order, "1.000")
        await rig.settle()
        assert rig.told() == []
        init = order.init
        rig.engine.apply_plan(Plan(events=[init]))
        await rig.settle()
        assert rig.cache.order(order.client_order_id).status is OrderStatus.FILLED

    rig = play(story)

    assert rig.cache.position(NETTING_ID).signed_qty == Decimal(1)
    assert rig.alarms == []


def test_a_fill_that_nobody_claims_is_alarmed_when_its_time_is_up(play: Play) -> None:
    import asyncio

    async def story(rig: Any) -> None:
        rig.fill(rig.order(), "1.000", trade="T-9")
        await asyncio.sleep(59.9)
        assert rig.alarms == []
        await asyncio.sleep(0.2)

    rig = play(story)

    assert [(alarm.kind, alarm.ids["trade_id"]) for alarm in rig.alarms] == [("fill.unclaimed", "T-9")]


def test_the_real_trade_takes_the_place_of_its_placeholder_even_in_a_cycle_that_is_closed(play: Play) -> None:
    async def story(rig: Any) -> None:
        order = rig.working(rig.order("O-1", "BUY", "1.000"))
        await rig.settle()
        rig.client.generate_order_filled(
            S1,
            order.instrument_id,
            order.client_order_id,
            VenueOrderId("V-1"),
            None,
            TradeId("INFERRED-1"),
            order.side,
            order.order_type,
            order.quantity,
            order.price,
            rig.client.base_currency or order_currency(rig),
            None,
            LiquiditySide.NO_LIQUIDITY_SIDE,
            1,
            Provenance.INFERRED,
        )
        closing = rig.working(rig.order("O-2", "SELL", "1.000"), "V-2")
        rig.fill(closing, "1.000", "50010.00", venue_order_id="V-2")
        await rig.settle()
        rig.fill(order, "1.000", "49990.00", trade="T-REAL")

    rig = play(story)

    position = rig.cache.position(NETTING_ID)
    assert position.signed_qty == 0
    assert position.total_realized_pnl.value == Decimal(20)
    assert list(rig.cache.order(ClientOrderId("O-1")).fills) == [TradeId("T-REAL")]


def order_currency(rig: Any) -> Any:
    return rig.cache.instruments()[0].quote_currency


def test_a_placeholder_that_flipped_a_position_is_replaced_in_both_cycles(play: Play) -> None:
    async def story(rig: Any) -> None:
        rig.fill(rig.working(rig.order("O-1", "BUY", "1.000")), "1.000", "100.00")
        flip = rig.working(rig.order("O-2", "SELL", "3.000"), "V-2")
        await rig.settle()
        rig.client.generate_order_filled(
            S1,
            flip.instrument_id,
            flip.client_order_id,
            VenueOrderId("V-2"),
            None,
            TradeId("INFERRED-1"),
            flip.side,
            flip.order_type,
            flip.quantity,
            flip.price,
            order_currency(rig),
            None,
            LiquiditySide.NO_LIQUIDITY_SIDE,
            1,
            Provenance.INFERRED,
        )
        await rig.settle()
        rig.fill(flip, "3.000", "120.00", trade="T-REAL")

    rig = play(story)

    position = rig.cache.position(NETTING_ID)
    assert (position.signed_qty, position.avg_px_open) == (Decimal(-2), Decimal(120))
    assert position.total_realized_pnl.value == Decimal(20)


def test_a_plan_is_carried_out_event_by_event_and_its_findings_are_kept(play: Play) -> None:
    instrument_id = InstrumentId.from_str("BTCUSDT.SIM")

    async def story(rig: Any) -> None:
        order = rig.order("EXT-1", strategy_id=StrategyId("EXTERNAL"))
        accepted = OrderAccepted(
            event_id="R-1",
            ts_event=1,
            ts_init=1,
            trader_id=order.trader_id,
            strategy_id=order.strategy_id,
            instrument_id=order.instrument_id,
            client_order_id=order.client_order_id,
            venue_order_id=VenueOrderId("V-9"),
            account_id=AccountId("SIM-001"),
            provenance=Provenance.RECONCILIATION,
        )
        rig.engine.apply_plan(
            Plan(
                events=[order.init, accepted],
                notes=[
                    Note(
                        level=Level.WARNING,
                        kind="order.odd",
                        text="odd",
                        alarm=True,
                        venue_order_id=VenueOrderId("V-9"),
                    )
                ],
                uncertain={instrument_id: "no price"},
                quarantined={ClientOrderId("O-7"): "regressed"},
            )
        )

    rig = play(story)

    assert rig.told() == ["OrderInitialized", "OrderAccepted"]
    assert rig.cache.order(ClientOrderId("EXT-1")).status is OrderStatus.ACCEPTED
    assert rig.cache.client_order_id(VenueOrderId("V-9")) == ClientOrderId("EXT-1")
    assert rig.engine.uncertain_instruments() == {instrument_id: "no price"}
    assert rig.engine.quarantined_orders() == {ClientOrderId("O-7"): "regressed"}
    assert [alarm.ids for alarm in rig.alarms] == [{"venue_order_id": "V-9"}]
    assert [event.reason for event in rig.heard if hasattr(event, "instrument_id") and hasattr(event, "reason")] == [
        "no price"
    ]


def test_an_order_of_a_plan_that_is_known_already_is_not_made_again(play: Play) -> None:
    async def story(rig: Any) -> None:
        order = rig.working(rig.order())
        await rig.settle()
        rig.engine.apply_plan(Plan(events=[order.init]))
        assert rig.cache.order(order.client_order_id) is order

    assert play(story).told(OrderInitialized) == ["OrderInitialized"]


def report_of(order: Order, status: OrderStatus, filled: str) -> OrderStatusReport:
    return OrderStatusReport(
        account_id=AccountId("SIM-001"),
        instrument_id=order.instrument_id,
        client_order_id=order.client_order_id,
        venue_order_id=VenueOrderId("V-1"),
        order_side=order.side,
        order_type=order.order_type,
        time_in_force=order.time_in_force,
        order_status=status,
        quantity=order.quantity,
        filled_qty=Quantity.from_str(filled),
        price=order.price,
        ts_accepted=1,
        ts_last=2,
    )


def test_a_report_that_comes_unasked_is_reconciled(play: Play) -> None:
    async def story(rig: Any) -> None:
        order = rig.working(rig.order())
        await rig.settle()
        rig.engine.receive_report(report_of(order, OrderStatus.CANCELED, "0.000"))
        await rig.settle()
        assert order.status is OrderStatus.CANCELED

    assert play(story).told()[-1] == "OrderCanceled"


def test_a_status_report_and_then_its_trade_count_once(play: Play) -> None:
    async def story(rig: Any) -> None:
        order = rig.working(rig.order())
        await rig.settle()
        rig.engine.receive_report(report_of(order, OrderStatus.PARTIALLY_FILLED, "0.400"))
        rig.engine.receive_report(
            FillReport(
                account_id=AccountId("SIM-001"),
                instrument_id=order.instrument_id,
                venue_order_id=VenueOrderId("V-1"),
                trade_id=TradeId("T-1"),
                order_side=order.side,
                last_qty=Quantity.from_str("0.400"),
                last_px=order.price,
                client_order_id=order.client_order_id,
                ts_event=2,
            )
        )
        await rig.settle()
        assert order.filled_qty == Quantity.from_str("0.400")
        assert list(order.fills) == [TradeId("T-1")]

    assert play(story).cache.position(NETTING_ID).signed_qty == Decimal("0.4")


def test_a_position_report_at_runtime_changes_nothing_and_goes_to_the_hook(play: Play) -> None:
    got: list[PositionStatusReport] = []
    report = PositionStatusReport(
        account_id=AccountId("SIM-001"),
        instrument_id=InstrumentId.from_str("BTCUSDT.SIM"),
        position_side=PositionSide.LONG,
        quantity=Quantity.from_str("5.000"),
    )

    async def story(rig: Any) -> None:
        rig.engine.position_report_hook = got.append
        rig.engine.receive_report(report)

    rig = play(story)

    assert got == [report]
    assert rig.cache.positions() == []


def test_account_states_and_connections_are_told(play: Play) -> None:
    async def story(rig: Any) -> None:
        rig.client.generate_account_state([], [], True, 1)
        rig.client.generate_account_state([], [], True, 2)
        rig.client.report_connection_change(False, "reset by peer")

    rig = play(story)

    assert len(rig.cache.account(AccountId("SIM-001")).events) == 2
    assert rig.told(AccountState) == ["AccountState", "AccountState"]
    change = rig.heard[-1]
    assert (change.client_id, change.connected, change.reason) == (ClientId("SIM"), False, "reset by peer")


def test_an_account_state_that_a_newer_one_has_overtaken_says_nothing(play: Play) -> None:
    async def story(rig: Any) -> None:
        usdt = Currency.from_str("USDT")
        for total, ts_event in (("100", 10), ("90", 30), ("95", 20), ("80", 30)):
            money = Money(Decimal(total), usdt)
            balance = AccountBalance(money, Money(Decimal(0), usdt), money)
            rig.client.generate_account_state((balance,), (), True, ts_event)
        await rig.settle()
        account = rig.cache.account(rig.client.account_id)
        assert [str(state.balances[0].total) for state in account.events] == [
            "100.00000000 USDT",
            "90.00000000 USDT",
            "80.00000000 USDT",
        ]

    play(story)


def test_an_instrument_has_one_claimant(play: Play) -> None:
    btc = InstrumentId.from_str("BTCUSDT.SIM")

    async def story(rig: Any) -> None:
        rig.engine.register_strategy(S1, external_order_claims=[btc])
        rig.engine.register_strategy(S1, external_order_claims=[btc])
        with pytest.raises(ConfigError, match="one owner"):
            rig.engine.register_strategy(StrategyId("S-002"), external_order_claims=[btc])
        assert rig.engine.policy().claims == {btc: S1}

    play(story)


def test_an_error_of_a_listener_is_the_nodes_to_judge_and_leaves_order_and_position_whole(play: Play) -> None:
    async def story(rig: Any) -> None:
        order = rig.working(rig.order())
        await rig.settle()

        def fail(event: Any) -> None:
            raise RuntimeError("listener")

        rig.bus.subscribe("events.order.*", fail, priority=1)
        rig.fill(order, "1.000")
        await rig.settle()
        assert order.status is OrderStatus.FILLED

    rig = play(story, errors=1)

    assert rig.cache.position(NETTING_ID).signed_qty == Decimal(1)
