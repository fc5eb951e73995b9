"""Trades that no strategy of ours caused, in a whole engine: live, with placeholders, taken back, after a restart."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nautilus_live.engine.cache import Cache
from nautilus_live.model.enums import OmsType, OrderSide, OrderStatus, OrderType, TimeInForce
from nautilus_live.model.events import OrderFillVoided, PositionClosed
from nautilus_live.model.identifiers import (
    ClientOrderId,
    InstrumentId,
    PositionId,
    StrategyId,
    TradeId,
    Venue,
    VenueOrderId,
)
from nautilus_live.model.objects import Money, Price, Quantity
from nautilus_live.model.reports import FillReport, OrderStatusReport
from nautilus_live.store.memory import MemoryStore
from tests.engine.conftest import ACCOUNT, BTC, USDT, Rig
from tests.engine.test_cache_restart import assert_same, restarted

OWN = PositionId("BTCUSDT.SIM-S-001")
OTHER = PositionId("BTCUSDT.SIM-S-002")
FOREIGN = PositionId("BTCUSDT.SIM-EXTERNAL")
HAND = ClientOrderId("HAND-1")


async def hold(
    rig: Rig, quantity: str = "1.000", strategy: str = "S-001", name: str = "O-1", side: str = "BUY"
) -> None:
    """Let a strategy hold a position at 50000."""
    order = rig.order(name, side, quantity, strategy_id=StrategyId(strategy))
    rig.working(order, f"V-{name}")
    await rig.settle()
    rig.fill(order, quantity, "50000.00", f"T-{name}", commission="1")
    await rig.settle()


def tell(rig: Rig, filled: str = "0.000", quantity: str = "1.500", side: str = "SELL", avg: str = "50100.00") -> None:
    """Let the venue tell of an order from elsewhere."""
    rig.engine.receive_report(
        OrderStatusReport(
            account_id=ACCOUNT,
            instrument_id=BTC.id,
            client_order_id=HAND,
            venue_order_id=VenueOrderId("V-9"),
            order_side=OrderSide[side],
            order_type=OrderType.LIMIT,
            time_in_force=TimeInForce.GTC,
            order_status=OrderStatus.ACCEPTED
            if Decimal(filled) == 0
            else OrderStatus.FILLED
            if filled == quantity
            else OrderStatus.PARTIALLY_FILLED,
            quantity=Quantity.from_str(quantity),
            filled_qty=Quantity.from_str(filled),
            price=Price.from_str("50100.00"),
            avg_px=Decimal(avg) if Decimal(filled) else None,
            ts_accepted=1,
            ts_last=rig.clock.timestamp_ns(),
        )
    )


def trade(rig: Rig, quantity: str, name: str, price: str = "50100.00", side: str = "SELL", **fields: Any) -> None:
    """Let the venue tell of a trade of it."""
    rig.engine.receive_report(
        FillReport(
            account_id=ACCOUNT,
            instrument_id=BTC.id,
            client_order_id=HAND,
            venue_order_id=VenueOrderId("V-9"),
            trade_id=TradeId(name),
            order_side=OrderSide[side],
            last_qty=Quantity.from_str(quantity),
            last_px=Price.from_str(price),
            commission=Money(Decimal("0.3"), USDT),
            **{"ts_event": rig.clock.timestamp_ns(), **fields},
        )
    )


def positions(cache: Cache) -> dict[str, str]:
    return {
        str(one.id).removeprefix("BTCUSDT.SIM-"): f"{one.signed_qty:f} @ {one.avg_px_open.normalize():f}"
        if one.signed_qty
        else f"flat {one.total_realized_pnl.value.normalize():f}"
        for one in cache.positions()
    }


def played(play: Any, story: Any, **options: Any) -> Rig:
    """Play a story with a store, and see that a restart brings the same back."""
    store = MemoryStore()
    rig: Rig = play(story, store=store, **options)
    assert_same(restarted(store), rig.cache)
    return rig


def alarms(rig: Rig) -> list[str]:
    return [alarm.text for alarm in rig.alarms if alarm.kind == "position.changed_by_venue"]


def test_a_trade_by_hand_closes_the_strategys_position_and_only_the_rest_is_nobodys(play: Any) -> None:
    async def story(rig: Rig) -> None:
        await hold(rig)
        tell(rig)
        trade(rig, "0.600", "T-1")
        trade(rig, "0.900", "T-2")

    rig = played(play, story)

    assert positions(rig.cache) == {"S-001": "flat 98.56666667", "EXTERNAL": "-0.500 @ 50100"}
    foreign = rig.cache.position(FOREIGN)
    assert foreign is not None
    assert foreign.realized == Decimal("-0.16666667")
    assert [event.position_id for event in rig.heard if isinstance(event, PositionClosed)] == [OWN]
    kinds = [name for name in rig.told() if name.startswith("Position")]
    assert kinds == ["PositionOpened", "PositionChanged", "PositionClosed", "PositionOpened"]
    assert len(alarms(rig)) == 1
    assert "HAND-1, an order that no strategy sent, SELL 0.600 @ 50100.00" in alarms(rig)[0]
    order = rig.cache.order(HAND)
    assert order is not None
    assert [(fill.trade_id.value, str(fill.last_qty)) for fill in order.fills.values()] == [
        ("T-1", "0.600"),
        ("T-2", "0.900"),
    ]


def test_a_trade_told_twice_counts_once_although_two_positions_took_it(play: Any) -> None:
    async def story(rig: Rig) -> None:
        await hold(rig)
        tell(rig)
        trade(rig, "1.500", "T-1")
        await rig.settle()
        trade(rig, "1.500", "T-1")

    assert positions(played(play, story).cache) == {"S-001": "flat 98.8", "EXTERNAL": "-0.500 @ 50100"}


def test_a_claimed_order_belongs_to_the_claimant_alone(play: Any) -> None:
    async def story(rig: Rig) -> None:
        rig.engine.register_strategy(StrategyId("S-002"), external_order_claims=[BTC.id])
        await hold(rig)
        tell(rig)
        trade(rig, "1.500", "T-1")

    rig = played(play, story)

    assert positions(rig.cache) == {"S-001": "1.000 @ 50000", "S-002": "-1.500 @ 50100"}
    assert alarms(rig) == []


def test_on_a_hedging_account_nobody_elses_position_is_touched(play: Any) -> None:
    async def story(rig: Rig) -> None:
        await hold(rig)
        tell(rig)
        trade(rig, "0.600", "T-1")
        trade(rig, "0.900", "T-2")

    rig = played(play, story, oms_type=OmsType.HEDGING)

    assert {str(one.id): one.signed_qty for one in rig.cache.positions()} == {
        "P-O-1": Decimal(1),
        "P-HAND-1": Decimal("-1.5"),
    }
    assert alarms(rig) == []


def test_a_forced_close_of_a_hedging_strategys_leg_is_alarmed(play: Any) -> None:
    async def story(rig: Rig) -> None:
        await hold(rig)
        tell(rig, quantity="1.000")
        trade(rig, "1.000", "T-1", venue_position_id=PositionId("P-O-1"))

    rig = played(play, story, oms_type=OmsType.HEDGING)

    assert len(alarms(rig)) == 1
    assert "P-O-1 is FLAT 0.000 now" in alarms(rig)[0]


def test_several_positions_are_reduced_the_largest_first_with_a_warning(
    play: Any, caplog: pytest.LogCaptureFixture
) -> None:
    async def story(rig: Rig) -> None:
        await hold(rig, "1.000")
        await hold(rig, "2.000", "S-002", "O-2")
        tell(rig, quantity="2.500")
        trade(rig, "2.500", "T-1")

    rig = played(play, story)

    assert positions(rig.cache) == {"S-001": "0.500 @ 50000", "S-002": "flat 198.76"}
    assert len(alarms(rig)) == 2
    assert f"reduced, the largest first: {OTHER}, {OWN}" in caplog.text


def test_f23_one_strategy_in_two_accounts_has_two_positions(play: Any) -> None:
    async def story(rig: Rig) -> None:
        other = rig.add_client("OTHER", Venue("OTHER"))
        await hold(rig, "5.000")
        order = rig.order("O-2", "SELL", "3.000")
        rig.submit(order, client_id=other.id)
        await rig.settle()
        rig.client = other
        rig.fill(order, "3.000", trade="T-2", venue_order_id="V-2")

    rig = played(play, story)

    assert {str(one.id): (str(one.account_id), one.signed_qty) for one in rig.cache.positions()} == {
        "BTCUSDT.SIM-S-001": ("SIM-001", Decimal(5)),
        "BTCUSDT.SIM-S-001-OTHER-001": ("OTHER-001", Decimal(-3)),
    }


def test_a_fill_that_names_another_accounts_position_has_one_of_its_own(play: Any) -> None:
    async def story(rig: Rig) -> None:
        other = rig.add_client("OTHER", Venue("OTHER"))
        await hold(rig, "5.000")
        order = rig.submit(rig.order("O-2", "SELL", "3.000"), client_id=other.id)
        await rig.settle()
        rig.client = other
        rig.fill(order, "3.000", trade="T-2", venue_order_id="V-2", position_id=OWN.value)

    rig = played(play, story)

    assert positions(rig.cache) == {"S-001": "5.000 @ 50000", "S-001@OTHER-001": "-3.000 @ 50000"}
    assert rig.alarms == []


# -- placeholders ------------------------------------------------------------------------------------------------------


def test_a_placeholder_for_two_positions_is_two_and_each_is_replaced_where_it_lies(play: Any) -> None:
    async def story(rig: Rig) -> None:
        await hold(rig)
        tell(rig, "1.500", avg="50200.00")
        await rig.settle()
        assert positions(rig.cache) == {"S-001": "flat 199", "EXTERNAL": "-0.500 @ 50200"}
        trade(rig, "1.500", "T-1", "50100.00", ts_event=1)

    rig = played(play, story)

    assert positions(rig.cache) == {"S-001": "flat 98.8", "EXTERNAL": "-0.500 @ 50100"}
    order = rig.cache.order(HAND)
    assert order is not None
    assert [fill.trade_id.value for fill in order.fills.values()] == ["T-1"]


def test_a_trade_smaller_than_the_placeholders_takes_the_place_of_the_first(play: Any) -> None:
    async def story(rig: Rig) -> None:
        await hold(rig)
        tell(rig, "1.500", avg="50200.00")
        await rig.settle()
        trade(rig, "0.400", "T-1", "50200.00", ts_event=1)
        trade(rig, "0.900", "T-2", "50200.00", ts_event=2)
        trade(rig, "0.200", "T-3", "50200.00", ts_event=3)

    rig = played(play, story)

    assert positions(rig.cache) == {"S-001": "flat 198.5", "EXTERNAL": "-0.500 @ 50200"}
    order = rig.cache.order(HAND)
    assert order is not None
    assert [fill.trade_id.value for fill in order.fills.values()] == ["T-1", "T-2", "T-3"]


def test_a_placeholder_is_replaced_in_a_position_that_has_been_opened_anew(play: Any) -> None:
    async def story(rig: Rig) -> None:
        await hold(rig)
        tell(rig, "1.000", quantity="1.000", avg="50200.00")
        await rig.settle()
        await hold(rig, "2.000", name="O-2")
        trade(rig, "1.000", "T-1", "50100.00", ts_event=1)

    rig = played(play, story)

    position = rig.cache.position(OWN)
    assert position is not None
    assert (position.signed_qty, position.avg_px_open) == (Decimal(2), Decimal(50000))
    assert position.total_realized_pnl.value == Decimal("97.7")


# -- taken back --------------------------------------------------------------------------------------------------------


def take_back(rig: Rig) -> None:
    order = rig.cache.order(HAND)
    assert order is not None
    rig.engine.process(
        OrderFillVoided(
            event_id="VOID",
            ts_event=rig.clock.timestamp_ns(),
            ts_init=rig.clock.timestamp_ns(),
            trader_id=order.trader_id,
            strategy_id=order.strategy_id,
            instrument_id=order.instrument_id,
            client_order_id=HAND,
            venue_order_id=VenueOrderId("V-9"),
            account_id=ACCOUNT,
            trade_id=TradeId("T-1"),
        )
    )


def test_a_trade_that_is_taken_back_is_gone_from_every_position_that_took_it(play: Any) -> None:
    async def story(rig: Rig) -> None:
        await hold(rig)
        tell(rig)
        trade(rig, "1.500", "T-1")
        await rig.settle()
        take_back(rig)

    rig = played(play, story)

    position = rig.cache.position(OWN)
    assert position is not None
    assert (position.signed_qty, position.total_realized_pnl.value) == (Decimal(1), Decimal(-1))
    assert rig.cache.positions_open() == [position]


# -- whatever happens --------------------------------------------------------------------------------------------------

steps = st.lists(
    st.tuples(
        st.sampled_from(["S-001", "S-002", "hand", "hand told late"]),
        st.sampled_from(["BUY", "SELL"]),
        st.integers(1, 3_000).map(lambda milli: str(Decimal(milli) / 1_000)),
        st.integers(49_000, 51_000).map(lambda price: f"{price}.00"),
    ),
    max_size=8,
)


def fill_of(rig: Rig, number: int, who: str, side: str, quantity: str, price: str) -> list[Any]:
    ids: dict[str, Any] = {
        "account_id": ACCOUNT,
        "instrument_id": BTC.id,
        "client_order_id": ClientOrderId(f"X-{number}"),
        "venue_order_id": VenueOrderId(f"V-{number}"),
        "order_side": OrderSide[side],
    }
    report = OrderStatusReport(
        **ids,
        order_type=OrderType.LIMIT,
        time_in_force=TimeInForce.GTC,
        order_status=OrderStatus.FILLED,
        quantity=Quantity(Decimal(quantity), 3),
        filled_qty=Quantity(Decimal(quantity), 3),
        price=Price.from_str(price),
        avg_px=Decimal(price),
        ts_accepted=1,
        ts_last=rig.clock.timestamp_ns(),
    )
    real = FillReport(
        **ids,
        trade_id=TradeId(f"T-{number}"),
        last_qty=Quantity(Decimal(quantity), 3),
        last_px=Price.from_str(price),
        commission=Money(Decimal("0.10000001"), USDT),
        ts_event=rig.clock.timestamp_ns(),
    )
    return [report, real]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(steps)
def test_net_and_profit_are_what_the_trades_give_and_a_restart_changes_nothing(play: Any, plan: list[Any]) -> None:
    """The whole profit at the last price does not depend on how trades were shared out."""
    late: list[FillReport] = []

    async def story(rig: Rig) -> None:
        late.clear()
        for number, (who, side, quantity, price) in enumerate(plan):
            if who.startswith("S-"):
                order = rig.order(f"O-{number}", side, quantity, price, strategy_id=StrategyId(who))
                rig.working(order, f"V-{number}")
                await rig.settle()
                rig.fill(order, quantity, price, f"T-{number}", commission="0.10000001")
            else:
                report, real = fill_of(rig, number, who, side, quantity, price)
                rig.engine.receive_report(report)
                if who.endswith("late"):
                    late.append(real)
                else:
                    rig.engine.receive_report(real)
            await rig.settle()
        for real in late:
            rig.engine.receive_report(real)

    rig = played(play, story)

    net = cash = Decimal(0)
    for _, side, quantity, price in plan:
        signed = Decimal(quantity) * OrderSide[side].sign
        net += signed
        cash -= signed * Decimal(price) + Decimal("0.10000001")
    last = Decimal(plan[-1][3]) if plan else Decimal(0)
    worth = sum(
        (
            one.realized + one.realized_before + one.signed_qty * (last - one.avg_px_open)
            for one in rig.cache.positions()
        ),
        Decimal(0),
    )
    assert sum((one.signed_qty for one in rig.cache.positions()), Decimal(0)) == net
    assert abs(worth - (cash + net * last)) < Decimal("0.000001")
    assert all(not fill.inferred for order in rig.cache.orders() for fill in order.fills.values())
    instrument_id = InstrumentId.from_str("BTCUSDT.SIM")
    assert rig.portfolio.net_position(instrument_id) == net


def test_an_ordinary_fill_knows_nothing_of_this(play: Any) -> None:
    async def story(rig: Rig) -> None:
        await hold(rig)
        await hold(rig, "1.000", "S-002", "O-2", "SELL")

    rig = played(play, story)

    assert positions(rig.cache) == {"S-001": "1.000 @ 50000", "S-002": "-1.000 @ 50000"}
    assert alarms(rig) == []
