"""What was purged: late words about it, the store, and the tombstones that are left."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from msgspec import structs

from nautilus_live.core.tombstones import tombstone_of
from nautilus_live.engine.graves import TOMBSTONE_RETENTION_NS, Graves
from nautilus_live.model.enums import OrderStatus, OrderType, TimeInForce
from nautilus_live.model.identifiers import ClientOrderId, InstrumentId, PositionId, VenueOrderId
from nautilus_live.model.objects import Money, Quantity
from nautilus_live.model.orders import Order
from nautilus_live.model.reports import OrderStatusReport
from nautilus_live.store.memory import MemoryStore
from tests.engine.conftest import BTC as INSTRUMENT
from tests.engine.purging import ACCOUNT, BTC, Play, purger, restarted, round_trip

ETH = InstrumentId.from_str("ETHUSDT.OTHER")
KEY = "trader-TRADER-001:"


def report_of(order: Order, **fields: Any) -> OrderStatusReport:
    settings: dict[str, Any] = {
        "account_id": ACCOUNT,
        "instrument_id": order.instrument_id,
        "venue_order_id": order.venue_order_id,
        "client_order_id": order.client_order_id,
        "order_side": order.side,
        "order_type": OrderType.LIMIT,
        "time_in_force": TimeInForce.GTC,
        "order_status": order.status,
        "quantity": order.quantity,
        "filled_qty": order.filled_qty,
        "price": order.price,
        "ts_accepted": order.ts_last,
        "ts_last": order.ts_last,
    }
    return OrderStatusReport(**{**settings, **fields})


# -- late words ------------------------------------------------------------------------------------------------------


def test_rows_260_and_261_late_words_change_nothing_and_are_told_once(
    play: Play, caplog: pytest.LogCaptureFixture
) -> None:
    async def story(rig: Any) -> None:
        orders = await round_trip(rig)
        made, _ = purger(rig)
        made.purge_orders()
        made.purge_positions()
        heard = len(rig.heard)
        for order in orders:
            for _ in range(2):
                rig.engine.receive_report(report_of(order))
                rig.fill(order, "1.000", trade=f"T-{order.client_order_id.value[2:]}")
                rig.client.generate_order_canceled(
                    order.strategy_id, BTC, order.client_order_id, order.venue_order_id, order.ts_last
                )
            await rig.settle()
        assert (len(rig.heard), rig.alarms, rig.engine.uncertain_instruments()) == (heard, [], {})
        assert (rig.cache.orders(), rig.cache.positions()) == ([], [])

    with caplog.at_level(logging.DEBUG, logger="nautilus_live.engine.execution"):
        play(story)
    assert len([record for record in caplog.records if "order.purged" in record.getMessage()]) == 2


def test_a_new_trade_on_a_purged_order_is_alarmed_once_and_makes_the_instrument_uncertain(play: Play) -> None:
    async def story(rig: Any) -> None:
        order, _ = await round_trip(rig)
        made, _ = purger(rig)
        made.purge_orders()
        for _ in range(2):
            rig.fill(order, "0.500", trade="T-9")
            await rig.settle()
        assert [alarm.kind for alarm in rig.alarms] == ["fill.purged_order"]
        assert "T-9" in rig.engine.uncertain_instruments()[BTC]
        assert rig.cache.positions_open() == []

    play(story)


def test_no_order_goes_out_under_the_id_of_a_purged_one(play: Play) -> None:
    async def story(rig: Any) -> None:
        await round_trip(rig)
        made, _ = purger(rig)
        made.purge_orders()
        before = len(rig.client.commands)
        rig.submit(rig.order("O-1"))
        await rig.settle()
        assert len(rig.client.commands) == before

    play(story)


def test_a_stranger_of_another_instrument_does_not_get_the_name_of_a_purged_order(play: Play) -> None:
    """Its record would be continued in the store by that of another order, and nobody could load either."""
    store = MemoryStore()

    async def story(rig: Any) -> None:
        first, *_ = await round_trip(rig)
        made, _ = purger(rig)
        made.purge_orders()
        rig.cache.add_instrument(structs.replace(INSTRUMENT, id=ETH))
        elsewhere = {"instrument_id": ETH, "venue_order_id": VenueOrderId("V-77")}
        nothing = Quantity.zero(first.quantity.precision)
        rig.engine.receive_report(
            report_of(first, **elsewhere, order_status=OrderStatus.ACCEPTED, filled_qty=nothing)
        )
        await rig.settle()
        [stranger] = rig.cache.orders()
        assert stranger.instrument_id == ETH
        assert stranger.client_order_id != first.client_order_id

    play(story, store=store)
    assert len(restarted(store).orders()) == 3


# -- the store -------------------------------------------------------------------------------------------------------


def test_without_purge_from_database_the_store_keeps_all_and_a_restart_brings_it_back(play: Play) -> None:
    store = MemoryStore()

    async def story(rig: Any) -> None:
        await round_trip(rig)
        before = {key: list(value) for key, value in store.data.items() if isinstance(value, list)}
        made, _ = purger(rig)
        made.purge_orders()
        made.purge_positions()
        assert {key: value for key, value in store.data.items() if isinstance(value, list)} == before
        await round_trip(rig, "3 4")  # opens the purged position again

    rig = play(story, store=store)

    loaded = restarted(store)
    assert [order.client_order_id.value for order in loaded.orders()] == ["O-1", "O-2", "O-3", "O-4"]
    assert loaded.check_integrity() == []
    assert loaded.purged_profits() == {}
    (position,) = loaded.positions()
    whole = Money(position.realized + position.realized_before, position.settlement_currency)
    assert whole == rig.portfolio.realized_pnl(BTC)


def test_row_259_purge_from_database_deletes_orders_positions_and_their_indexes(play: Play) -> None:
    store = MemoryStore()

    async def story(rig: Any) -> None:
        rig.client.generate_account_state([], [], True, rig.clock.timestamp_ns())
        rig.client.generate_account_state([], [], True, rig.clock.timestamp_ns())
        await round_trip(rig, client_id=rig.client.id, position_id=PositionId("P-1"))
        rig.cache.add_snapshot("orders", "O-1", {"a": 1})
        rig.cache.add_snapshot("positions", "P-1", {"a": 1})
        batches = store.batch_count
        made, _ = purger(rig, purge_from_database=True)
        made.purge_orders()
        made.purge_positions()
        made.purge_account_events()
        assert store.batch_count == batches + 2  # each purge is one transaction
        assert len(rig.cache.account(ACCOUNT).events) == 1

    play(story, store=store)

    left = {key.removeprefix(KEY): value for key, value in store.data.items()}
    assert not [key for key in left if key.startswith(("orders:", "positions:", "snapshots:"))]
    assert (left["index:order_position"], left["index:order_client"]) == ({}, {})
    assert len(left["accounts:SIM-001"]) == 2


def test_tombstones_and_profit_survive_a_restart(play: Play) -> None:
    store = MemoryStore()

    async def story(rig: Any) -> None:
        order, _ = await round_trip(rig)
        made, _ = purger(rig, purge_from_database=True)
        made.purge_orders()
        made.purge_positions()
        rig.fill(order, "0.500", trade="T-9")

    rig = play(story, store=store)

    loaded = restarted(store)
    assert loaded.orders() == []
    assert loaded.purged_profits() == rig.cache.purged_profits() == {(BTC, ACCOUNT): Decimal("10.00000")}
    for name in ("O-1", "O-2"):
        stone = loaded.tombstone(ClientOrderId(name), None, BTC)
        assert stone is not None
        assert stone == rig.cache.tombstone(ClientOrderId(name), None, BTC)
        assert stone.is_told is (name == "O-1")


def test_a_position_may_be_deleted_while_its_orders_are_kept(play: Play) -> None:
    store = MemoryStore()

    async def story(rig: Any) -> None:
        await round_trip(rig)
        made, _ = purger(rig, purge_from_database=True)
        made.purge_positions()

    play(story, store=store)
    loaded = restarted(store)
    assert (len(loaded.orders()), loaded.positions(), loaded.check_integrity()) == (2, [], [])


def test_profit_deleted_in_two_runs_adds_up(play: Play) -> None:
    store = MemoryStore()

    async def story(rig: Any) -> None:
        rig.cache.load()
        rig.cache.add_instrument(INSTRUMENT)
        trips = len(rig.cache.purged_profits())
        await round_trip(rig, f"{trips}1 {trips}2")
        made, _ = purger(rig, purge_from_database=True)
        made.purge_orders()
        made.purge_positions()

    for _ in range(2):
        play(story, store=store)

    assert restarted(store).purged_profits() == {(BTC, ACCOUNT): Decimal("20.00000")}


# -- graves ----------------------------------------------------------------------------------------------------------


def test_tombstones_are_kept_for_a_while_and_then_a_time_stands_for_them(play: Play) -> None:
    store = MemoryStore()

    async def story(rig: Any) -> None:
        first, second = await round_trip(rig)
        made, _ = purger(rig, purge_from_database=True)
        made.purge_orders()
        await asyncio.sleep(TOMBSTONE_RETENTION_NS / 1e9 - 1)
        made.purge_orders()
        assert rig.cache.tombstone_count() == 2
        assert not rig.cache.is_forgotten(first.ts_last)
        await asyncio.sleep(1)
        made.purge_orders()
        assert rig.cache.tombstone_count() == 0
        assert rig.cache.is_forgotten(second.ts_last)
        assert not rig.cache.is_forgotten(0)
        assert not rig.cache.is_forgotten(second.ts_last + 1)
        heard = len(rig.heard)
        rig.engine.receive_report(report_of(first))
        await rig.settle()
        assert (len(rig.heard), rig.cache.orders()) == (heard, [])

    rig = play(story, store=store)
    loaded = restarted(store)
    assert loaded.tombstone_count() == 0
    assert loaded._graves.forgotten_until == rig.cache._graves.forgotten_until > 0
    assert store.data[KEY + "index:tombstones"] == {}


def test_a_venue_id_shared_by_two_instruments_leads_to_the_right_stone(new_order: Callable[..., Order]) -> None:
    graves = Graves()
    for name, instrument_id in (("O-1", BTC), ("O-2", ETH)):
        order = new_order(name, instrument_id=instrument_id)
        order.venue_order_id = VenueOrderId("1")
        stone = tombstone_of(order, now=int(name[2:]))
        graves.bury(stone)
        graves.bury(structs.replace(stone, is_told=True))
    assert graves._by_venue_id == {"1": ["O-1", "O-2"]}
    assert (graves.forgotten_until, len(graves)) == (0, 2)

    def found(instrument_id: InstrumentId) -> str | None:
        stone = graves.find(None, VenueOrderId("1"), instrument_id)
        return None if stone is None else stone.client_order_id

    assert (found(BTC), found(ETH), found(InstrumentId.from_str("X.Y"))) == ("O-1", "O-2", None)
    assert [stone.client_order_id for stone in graves.expire(TOMBSTONE_RETENTION_NS + 1)] == ["O-1"]
    assert (found(BTC), found(ETH), len(graves)) == (None, "O-2", 1)
    graves.expire(TOMBSTONE_RETENTION_NS + 2)
    assert (found(ETH), len(graves), graves._by_venue_id) == (None, 0, {})
