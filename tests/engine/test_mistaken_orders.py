"""One venue order under two of our ids: an order of ours taken for a stranger's, live and on what a store has kept."""

from __future__ import annotations

from typing import Any

from nautilus_live.core import order_lifecycle
from nautilus_live.core.reconciliation.strangers import hand_over
from nautilus_live.engine.cache import Cache
from nautilus_live.model.enums import OrderStatus, Provenance
from nautilus_live.model.events import OrderAccepted, OrderSubmitted
from nautilus_live.model.identifiers import EXTERNAL, PositionId, TraderId, VenueOrderId
from nautilus_live.model.orders import Order
from nautilus_live.store.memory import MemoryStore
from nautilus_live.store.port import StoreWriter
from tests.engine.conftest import ACCOUNT, BTC, Rig, make_instrument, make_order
from tests.engine.test_cache_restart import assert_same, restarted
from tests.engine.test_shared_out_fills import HAND, tell, trade

V_9 = VenueOrderId("V-9")


def test_what_was_booked_on_a_strangers_order_is_ours_once_the_venue_says_so(play: Any) -> None:
    async def story(rig: Rig) -> None:
        order = rig.submit(rig.order("O-1", "SELL", "1.500"))
        await rig.settle()
        tell(rig)
        trade(rig, "0.500", "T-1")
        await rig.settle()
        assert rig.cache.client_order_id(V_9, BTC.id) == HAND
        ids = (order.strategy_id, order.instrument_id, order.client_order_id)
        rig.client.generate_order_submitted(*ids, rig.clock.timestamp_ns())
        rig.client.generate_order_accepted(*ids, V_9, rig.clock.timestamp_ns())
        await rig.settle()
        rig.fill(order, "0.500", "50100.00", "T-2")

    store = MemoryStore()
    rig: Rig = play(story, store=store)

    [stranger] = [order for order in rig.cache.orders() if order.client_order_id == HAND]
    [ours] = [order for order in rig.cache.orders() if order is not stranger]
    assert (stranger.status, str(stranger.filled_qty)) == (OrderStatus.CANCELED, "0.000")
    assert ([str(one) for one in ours.fills], str(ours.filled_qty)) == (["T-1", "T-2"], "1.000")
    assert {str(one.id): str(one.signed_qty) for one in rig.cache.positions_open()} == {"BTCUSDT.SIM-S-001": "-1.000"}
    assert [alarm.kind for alarm in rig.alarms].count("order.was_ours") == 1
    assert_same(restarted(store), rig.cache)
    assert restarted(store).mistaken() == []


def known(cache: Cache, order: Order) -> Order:
    """Remember an order that the venue has accepted as V-9."""
    cache.add_order(order)
    ids = {
        "ts_event": 2,
        "ts_init": 2,
        "trader_id": order.trader_id,
        "strategy_id": order.strategy_id,
        "instrument_id": order.instrument_id,
        "client_order_id": order.client_order_id,
        "account_id": ACCOUNT,
    }
    if order.init.provenance is Provenance.LOCAL:
        order_lifecycle.apply(order, OrderSubmitted(event_id=f"S-{order.client_order_id}", **ids))  # type: ignore[arg-type]  # one table
        cache.update_order(order)
    order_lifecycle.apply(order, OrderAccepted(event_id=f"A-{order.client_order_id}", venue_order_id=V_9, **ids))  # type: ignore[arg-type]  # as above
    cache.update_order(order)
    return order


def stored(*orders: Order) -> Cache:
    """Return a cache loaded from what an earlier life has written of these orders."""
    store = MemoryStore()
    writer = StoreWriter(store.connect(), TraderId("TRADER-001"), None)
    cache = Cache(writer)
    cache.add_instrument(BTC)
    for order in orders:
        known(cache, order)
    writer.flush()
    return restarted(store)


def test_a_store_that_has_both_can_be_started_on_and_says_what_was_mistaken() -> None:
    made = make_order("EXT-V-9", strategy_id=EXTERNAL, provenance=Provenance.RECONCILIATION)
    for orders in ((make_order(), made), (made, make_order())):
        loaded = stored(*(make_order_again(order) for order in orders))
        assert loaded.check_integrity() == []
        assert str(loaded.client_order_id(V_9, BTC.id)) == "O-1"
        assert str(loaded.client_order_id(V_9)) == "O-1"
        [(stranger, ours)] = loaded.mistaken()
        assert [str(one.client_order_id) for one in (stranger, ours)] == ["EXT-V-9", "O-1"]
        assert [type(event).__name__ for event in hand_over(stranger, ours, 9).events] == ["OrderCanceled"]


def make_order_again(order: Order) -> Order:
    return type(order).create(order.init)


def test_two_orders_that_we_sent_under_one_venue_id_contradict_each_other() -> None:
    loaded = stored(make_order("O-1"), make_order("O-2"))
    assert loaded.check_integrity() == ["O-2: venue order id V-9 does not lead to it"]
    assert loaded.mistaken() == []


def test_an_order_for_a_position_of_another_instrument_is_denied(play: Any) -> None:
    ether = make_instrument("ETHUSDT.SIM")

    async def story(rig: Rig) -> None:
        rig.cache.add_instrument(ether)
        leg = PositionId("P-A")
        rig.working(rig.order("O-1"), position_id=leg)
        await rig.settle()
        for name in ("O-2", "O-3"):
            order = rig.submit(rig.order(name, instrument_id=ether.id), position_id=leg)
            await rig.settle()
            assert order.status is OrderStatus.DENIED
            reason = order.last_event.reason  # type: ignore[attr-defined]  # a denial has one
            assert reason.startswith("position_id: must be unique over all instruments, P-A is ")
            if name == "O-2":
                rig.fill(rig.cache.orders()[0], "1.000")
                await rig.settle()

    rig: Rig = play(story)
    assert [str(one.instrument_id) for one in rig.cache.positions()] == ["BTCUSDT.SIM"]
