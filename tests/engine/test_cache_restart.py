"""The cache and its store: what comes back after a restart, and what must not be taken for it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from nautilus_live.config.storage import CacheConfig
from nautilus_live.core.tombstones import Tombstone
from nautilus_live.engine.cache import Cache
from nautilus_live.errors import StoreError
from nautilus_live.model.enums import LiquiditySide, OmsType, OrderStatus, Provenance
from nautilus_live.model.identifiers import (
    ClientId,
    ClientOrderId,
    ComponentId,
    InstrumentId,
    PositionId,
    StrategyId,
    TradeId,
    TraderId,
    VenueOrderId,
)
from nautilus_live.model.objects import Currency
from nautilus_live.model.orders import Order
from nautilus_live.model.position import Position
from nautilus_live.store.memory import MemoryStore
from nautilus_live.store.port import StoreWriter

Play = Callable[..., Any]
TRADER = TraderId("TRADER-001")
KEY = "trader-TRADER-001:"
BTC = InstrumentId.from_str("BTCUSDT.SIM")


def restarted(store: MemoryStore, config: CacheConfig | None = None) -> Cache:
    cache = Cache(StoreWriter(store.connect(), TRADER, config), config)
    cache.load()
    return cache


def state_of(thing: Order | Position, kind: type) -> dict[str, Any]:
    slots = [name for base in kind.__mro__ for name in getattr(base, "__slots__", ())]
    return {name: getattr(thing, name) for name in slots}


def assert_same(loaded: Cache, lived: Cache) -> None:
    """Compare every field of every order and position."""
    assert [order.client_order_id for order in loaded.orders()] == [order.client_order_id for order in lived.orders()]
    for order in lived.orders():
        again = loaded.order(order.client_order_id)
        assert again is not None
        assert state_of(again, Order) == state_of(order, Order)
    assert {position.id for position in loaded.positions()} == {position.id for position in lived.positions()}
    for position in lived.positions():
        again_position = loaded.position(position.id)
        assert again_position is not None
        assert state_of(again_position, Position) == state_of(position, Position)
    assert loaded.instruments() == lived.instruments()
    assert [account.events for account in loaded.accounts()] == [account.events for account in lived.accounts()]
    assert loaded.check_integrity() == []


async def busy_life(rig: Any) -> None:
    """Orders in many states, a position with closed cycles and a flip, a placeholder replaced across cycles."""
    first = rig.working(rig.order("O-1", "BUY", "2.000"), "V-1")
    rig.fill(first, "0.700", "100.00", commission="0.5")
    rig.fill(first, "1.300", "100.10", commission="0.7")
    await rig.settle()
    flip = rig.working(rig.order("O-2", "SELL", "3.000"), "V-2", client_id=ClientId("SIM"))
    await rig.settle()
    usdt = Currency.from_str("USDT")
    rig.client.generate_order_filled(
        flip.strategy_id,
        BTC,
        flip.client_order_id,
        VenueOrderId("V-2"),
        None,
        TradeId("INFERRED"),
        flip.side,
        flip.order_type,
        flip.quantity,
        flip.price,
        usdt,
        None,
        LiquiditySide.NO_LIQUIDITY_SIDE,
        7,
        Provenance.INFERRED,
    )
    back = rig.working(rig.order("O-3", "BUY", "1.000"), "V-3")
    rig.fill(back, "1.000", "90.00", venue_order_id="V-3")
    await rig.settle()
    rig.fill(flip, "2.500", "120.00", trade="T-REAL", venue_order_id="V-2")
    resting = rig.working(rig.order("O-4"), "V-4")
    await rig.settle()
    ids = (resting.strategy_id, BTC, resting.client_order_id)
    rig.client.generate_order_updated(*ids, VenueOrderId("V-5"), resting.quantity, resting.price, None, 9)
    rig.client.generate_order_pending_cancel(*ids, VenueOrderId("V-5"), 10)
    rig.submit(rig.order("O-5", instrument_id=InstrumentId.from_str("X.NOWHERE")))
    rig.submit(rig.order("O-6"), position_id=PositionId("CHOSEN"))
    rig.client.generate_account_state([], [], True, 3)
    await rig.settle()


@pytest.mark.parametrize("oms_type", [OmsType.NETTING, OmsType.HEDGING])
@pytest.mark.parametrize(("encoding", "iso8601"), [("msgpack", False), ("json", True)])
def test_a_restart_brings_back_every_field(play: Play, encoding: str, iso8601: bool, oms_type: OmsType) -> None:
    store = MemoryStore()
    config = CacheConfig(encoding=encoding, timestamps_as_iso8601=iso8601)

    rig = play(busy_life, store=store, cache_config=config, oms_type=oms_type)

    loaded = restarted(store, config)
    assert_same(loaded, rig.cache)
    assert loaded.order(ClientOrderId("O-5")).status is OrderStatus.DENIED  # type: ignore[union-attr]  # it is there
    assert loaded.client_order_id(VenueOrderId("V-4"), BTC) == ClientOrderId("O-4")
    assert loaded.position_id(ClientOrderId("O-6")) == PositionId("CHOSEN")
    assert loaded.client_id(ClientOrderId("O-2")) == ClientId("SIM")


def test_the_profit_of_closed_cycles_survives_with_its_corrections(play: Play) -> None:
    store = MemoryStore()

    play(busy_life, store=store)

    position = restarted(store).positions()[0]
    assert position.cycle_count >= 1
    assert position.total_realized_pnl.value != Decimal(0)


def test_loading_twice_changes_nothing(play: Play) -> None:
    store = MemoryStore()
    rig = play(busy_life, store=store)
    before = {key: list(value) if isinstance(value, list) else value for key, value in store.data.items()}

    cache = restarted(store)
    cache.load()

    assert_same(cache, rig.cache)
    assert store.data == before


def test_users_values_states_and_tombstones_come_back() -> None:
    store = MemoryStore()
    cache = restarted(store)
    cache.add("k", b"\x00v")
    cache.update_strategy(StrategyId("S-001"), {"a": b"1"})
    cache.update_actor(ComponentId("A"), {"b": b"2"})
    stone = Tombstone(
        client_order_id="O-1",
        venue_order_ids=("V-0", "V-1"),
        instrument_id=BTC,
        trade_ids=("T-1",),
        filled_qty=Decimal("1.000"),
        inferred_qty=Decimal("0.250"),
        ts_last=5,
        ts_purged=7,
        is_told=True,
        is_deleted=True,
    )
    cache.bury(stone)

    loaded = restarted(store)

    assert loaded.get("k") == b"\x00v"
    assert loaded.load_strategy(StrategyId("S-001")) == {"a": b"1"}
    assert loaded.load_actor(ComponentId("A")) == {"b": b"2"}
    assert loaded.tombstone(None, VenueOrderId("V-0"), BTC) == stone


def test_quarantines_come_back_until_they_are_over(play: Play) -> None:
    async def story(rig: Any) -> None:
        rig.cache.quarantine(ClientOrderId("O-1"), "odd")
        rig.cache.quarantine(ClientOrderId("O-2"), "odd too")
        rig.cache.quarantine(ClientOrderId("O-1"), "odder")
        assert dict(restarted(rig.store).quarantined()) == {"O-1": "odder", "O-2": "odd too"}
        assert rig.cache.release(ClientOrderId("O-1"))
        assert not rig.cache.release(ClientOrderId("O-1"))
        assert dict(restarted(rig.store).quarantined()) == {"O-2": "odd too"}

    play(story, store=MemoryStore())


def test_flushing_on_start_empties_store_and_memory_for_this_trader_alone(play: Play) -> None:
    store = MemoryStore()
    play(busy_life, store=store)
    store.data["trader-OTHER-1:general:k"] = b"v"

    cache = restarted(store, CacheConfig(flush_on_start=True))

    assert cache.orders() == cache.positions() == []
    assert list(store.data) == ["trader-OTHER-1:general:k"]


def test_account_states_are_not_written_where_not_wished(play: Play) -> None:
    store = MemoryStore()
    play(busy_life, store=store, cache_config=CacheConfig(persist_account_events=False))

    assert restarted(store).accounts() == []


def damage(store: MemoryStore, kind: str) -> None:
    orders, positions = store.data[KEY + "orders:O-1"], store.data[KEY + "positions:BTCUSDT.SIM-S-001"]
    assert isinstance(orders, list)
    assert isinstance(positions, list)
    match kind:
        case "repeated":
            *_, last = orders
            orders.append(last.replace(b"O-1", b"O-2"))
        case "out of order":
            orders[1], orders[-1] = orders[-1], orders[1]
        case "cut":
            orders[-1] = orders[-1][:-3]
        case "headless":
            del orders[0]
        case "empty":
            orders.clear()
        case "moved":
            store.data[KEY + "orders:O-99"] = orders
        case "no instrument":
            del store.data[KEY + "instruments:BTCUSDT.SIM"]
        case "wrong kind":
            positions.append(orders[0])
        case "not a list":
            store.data[KEY + "orders:O-1"] = b"x"


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("repeated", "orders:O-1: cannot be rebuilt: an event must be recorded once"),
        ("out of order", "orders:O-1: cannot be rebuilt"),
        ("cut", "orders:O-1: cannot be rebuilt: cannot decode"),
        ("headless", "orders:O-1: cannot be rebuilt: an entry must be a OrderInitialized"),
        ("empty", "orders:O-1: cannot be rebuilt: cannot decode 0 bytes"),
        ("moved", "orders:O-99: cannot be rebuilt: an order must lie under its own id, was O-1"),
        ("no instrument", "positions:BTCUSDT.SIM-S-001: cannot be rebuilt: a position needs its instrument"),
        ("wrong kind", "positions:BTCUSDT.SIM-S-001: cannot be rebuilt: an entry must be a OrderFilled"),
        ("not a list", "orders:O-1: cannot be rebuilt: a list must be kept there, was a bytes"),
    ],
)
def test_a_damaged_record_is_named_and_nothing_is_loaded(play: Play, kind: str, message: str) -> None:
    store = MemoryStore()
    play(busy_life, store=store)
    damage(store, kind)
    cache = Cache(StoreWriter(store.connect(), TRADER))

    with pytest.raises(StoreError, match=KEY + message):
        cache.load()

    assert cache.orders() == cache.positions() == cache.instruments() == []


def test_a_write_that_was_repeated_after_its_answer_was_lost_counts_once(play: Play) -> None:
    store = MemoryStore()
    play(busy_life, store=store)
    before = restarted(store)
    for key, value in store.data.items():
        if isinstance(value, list) and key.partition(":")[2].startswith(("orders:", "positions:", "accounts:")):
            value.append(value[-1])
    after = restarted(store)

    assert [order.events for order in after.orders()] == [order.events for order in before.orders()]
    assert [position.signed_qty for position in after.positions()] == [
        position.signed_qty for position in before.positions()
    ]


def test_order_and_position_are_stored_in_one_batch(play: Play) -> None:
    store = MemoryStore()

    async def story(rig: Any) -> None:
        order = rig.working(rig.order())
        await rig.settle()
        before = store.batch_count
        rig.fill(order, "1.000")
        await rig.settle()
        assert store.batch_count == before + 1

    play(story, store=store)

    assert len(store.data[KEY + "positions:BTCUSDT.SIM-S-001"]) == 2


def test_a_failing_store_leaves_memory_whole_and_catches_up(play: Play) -> None:
    import asyncio

    store = MemoryStore()

    async def story(rig: Any) -> None:
        order = rig.working(rig.order())
        await rig.settle()
        store.fail_next(3)
        rig.fill(order, "1.000")
        await rig.settle()
        assert order.status is OrderStatus.FILLED
        assert not rig.writer.is_healthy
        assert restarted(store).order(order.client_order_id).status is OrderStatus.ACCEPTED
        await asyncio.sleep(5)
        assert rig.writer.is_healthy

    rig = play(story, store=store)

    assert_same(restarted(store), rig.cache)
