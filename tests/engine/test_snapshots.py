"""Snapshots: one for each applied event, further ones by the clock, on the bus and in the store (rows 263 and 264)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from nautilus_live.config.execution import LiveExecEngineConfig
from nautilus_live.config.portfolio import PortfolioConfig
from nautilus_live.config.storage import CacheConfig
from nautilus_live.engine.periodic import Periodic
from nautilus_live.engine.snapshots import Snapshots, position_table
from nautilus_live.model.enums import OrderStatus
from nautilus_live.model.events import OrderInitialized
from nautilus_live.model.identifiers import ClientOrderId, OrderListId, PositionId
from nautilus_live.model.objects import AccountBalance, Currency, MarginBalance, Money
from nautilus_live.model.position import Position
from nautilus_live.store.memory import MemoryStore
from scenarios.world.clock import EPOCH_NS
from tests.engine.conftest import ACCOUNT, BTC, STRATEGY, TRADER

Play = Callable[..., Any]
KEY = "trader-TRADER-001:snapshots:"
POSITION = "BTCUSDT.SIM-S-001"


def snapshots(rig: Any, *, snapshot_interval_ms: int | None = None, **settings: Any) -> tuple[Snapshots, list[Any]]:
    """Return what takes snapshots of the rig, and what is published."""
    told: list[Any] = []
    config = LiveExecEngineConfig(**settings)
    portfolio_config = PortfolioConfig(snapshot_interval_ms=snapshot_interval_ms)
    made = Snapshots(rig.bus, rig.cache, rig.portfolio, rig.clock, config, portfolio_config)
    rig.bus.subscribe("snapshots:*", told.append)
    return made, told


def listed(store: MemoryStore, key: str) -> list[bytes]:
    """Return the snapshots that a store has under `key`."""
    found = store.data[KEY + key]
    assert isinstance(found, list)
    return found


async def half_filled(rig: Any) -> Any:
    order = rig.working(rig.order("O-1", "BUY", "2.000"))
    await rig.settle()
    rig.fill(order, "1.000", trade="T-1", commission="0.50")
    await rig.settle()
    return order


def test_row_263_an_order_is_written_out_after_each_of_its_events(play: Play) -> None:
    store = MemoryStore()

    async def story(rig: Any) -> None:
        _, told = snapshots(rig, snapshot_orders=True)
        await half_filled(rig)
        assert [one["status"] for one in told] == ["INITIALIZED", "SUBMITTED", "ACCEPTED", "PARTIALLY_FILLED"]
        last = told[-1]
        assert (last["client_order_id"], last["venue_order_id"], last["strategy_id"]) == ("O-1", "V-1", "S-001")
        assert (last["filled_qty"], last["leaves_qty"], last["avg_px"]) == ("1.000", "1.000", "50000.00")
        assert (last["trade_ids"], last["commissions"]) == (["T-1"], ["0.50000000 USDT"])
        assert last["ts_snapshot"] == rig.clock.timestamp_ns() - 1_000_000
        assert [msgspec.msgpack.decode(data) for data in listed(store, "orders:O-1")] == told
        assert not [key for key in store.data if "snapshots:positions" in key]

    play(story, store=store)


def test_a_snapshot_says_everything_about_an_order(play: Play) -> None:
    async def story(rig: Any) -> None:
        _, told = snapshots(rig, snapshot_orders=True)
        fields = {
            "order_list_id": OrderListId("OL-1"),
            "linked_order_ids": (ClientOrderId("O-2"),),
            "parent_order_id": ClientOrderId("O-3"),
            "tags": ("entry",),
        }
        order = rig.working(rig.order("O-1", **fields))
        await rig.settle()
        rig.fill(order, "1.000", trade="T-1", commission="0.50")
        await rig.settle()
        made = told[-1]
        times = {name: made.pop(name) for name in ("ts_init", "ts_last", "ts_closed", "ts_snapshot")}
        assert times["ts_init"] == order.ts_init
        assert times["ts_last"] == times["ts_closed"] == order.ts_last
        assert made == {
            "trader_id": "TRADER-001",
            "strategy_id": "S-001",
            "instrument_id": "BTCUSDT.SIM",
            "client_order_id": "O-1",
            "venue_order_id": "V-1",
            "account_id": "SIM-001",
            "position_id": POSITION,
            "side": "BUY",
            "order_type": "LIMIT",
            "time_in_force": "GTC",
            "status": "FILLED",
            "quantity": "1.000",
            "filled_qty": "1.000",
            "leaves_qty": "0.000",
            "price": "50000.00",
            "trigger_price": None,
            "avg_px": "50000.00",
            "commissions": ["0.50000000 USDT"],
            "trade_ids": ["T-1"],
            "order_list_id": "OL-1",
            "linked_order_ids": ["O-2"],
            "parent_order_id": "O-3",
            "tags": ["entry"],
            "event_count": 4,
        }

    play(story)


def test_a_snapshot_says_everything_about_a_position(play: Play) -> None:
    async def story(rig: Any) -> None:
        _, told = snapshots(rig, snapshot_positions=True)
        await half_filled(rig)
        other = rig.working(rig.order("O-2", "SELL", "1.000"), "V-2")
        await rig.settle()
        rig.fill(other, "1.000", "50010.00", trade="T-2")
        await rig.settle()
        made = told[-1]
        position = rig.cache.positions_closed()[0]
        times = [made.pop(name) for name in ("ts_opened", "ts_last", "ts_closed")]
        assert times == [position.ts_opened, position.ts_last, position.ts_closed]
        assert made.pop("ts_snapshot") >= position.ts_closed
        assert made == {
            "trader_id": "TRADER-001",
            "strategy_id": "S-001",
            "instrument_id": "BTCUSDT.SIM",
            "position_id": POSITION,
            "account_id": "SIM-001",
            "opening_order_id": "O-1",
            "closing_order_id": "O-2",
            "entry": "BUY",
            "side": "FLAT",
            "signed_qty": "0.000",
            "quantity": "0.000",
            "peak_qty": "1.000",
            "avg_px_open": "50000.00",
            "avg_px_close": "50010.00",
            "realized_pnl": "9.50000000 USDT",
            "total_realized_pnl": "9.50000000 USDT",
            "unrealized_pnl": None,
            "commissions": ["0.50000000 USDT"],
        }

    play(story)


def test_a_refused_event_leaves_no_snapshot(play: Play) -> None:
    async def story(rig: Any) -> None:
        order = await half_filled(rig)
        _, told = snapshots(rig, snapshot_orders=True)
        rig.fill(order, "1.000", trade="T-1")  # known
        rig.fill(order, "5.000", trade="T-2")  # more than is left
        await rig.settle()
        assert told == []

    play(story)


def test_snapshots_are_taken_before_strategies_hear_of_the_event(play: Play) -> None:
    async def story(rig: Any) -> None:
        heard: list[str] = []
        rig.bus.subscribe("events.order.S-001", lambda event: heard.append(type(event).__name__), 100)
        snapshots(rig, snapshot_orders=True)
        rig.bus.subscribe("snapshots:orders:O-1", lambda table: heard.append(table["status"]))
        rig.submit(rig.order("O-1"))
        assert heard == [OrderStatus.INITIALIZED.name, OrderInitialized.__name__]

    play(story)


def test_a_position_is_written_out_as_it_opens_changes_and_closes(play: Play) -> None:
    store = MemoryStore()

    async def story(rig: Any) -> None:
        _, told = snapshots(rig, snapshot_positions=True)
        order = await half_filled(rig)
        rig.quote("50009.00", "50011.00")
        rig.fill(order, "1.000", "50002.00", trade="T-2")
        other = rig.working(rig.order("O-2", "SELL", "2.000"), "V-2")
        await rig.settle()
        rig.fill(other, "2.000", "50011.00", trade="T-3")
        await rig.settle()
        assert [one["signed_qty"] for one in told] == ["1.000", "2.000", "0.000"]
        assert [one["unrealized_pnl"] for one in told] == [None, "16.00000000 USDT", "0.00000000 USDT"]
        assert [one["realized_pnl"] for one in told] == ["-0.50000000 USDT", "-0.50000000 USDT", "19.50000000 USDT"]
        assert (told[1]["avg_px_open"], told[1]["side"], told[2]["side"]) == ("50001.00", "LONG", "FLAT")
        assert len(store.data[KEY + f"positions:{POSITION}"]) == 3
        assert not [key for key in store.data if "snapshots:orders" in key]

    play(story, store=store)


def test_no_number_is_written_with_an_exponent() -> None:
    position = Position(BTC, PositionId("P-1"), STRATEGY, TRADER, ACCOUNT)
    position.net_qty, position.open_px = Decimal("-1.7E-7"), Decimal("4E-8")
    table = position_table(position, None)
    assert (table["signed_qty"], table["avg_px_open"]) == ("-0.00000017", "0.00000004")
    assert table["avg_px_close"] is None


def test_row_264_the_timer_writes_out_open_positions_alone(play: Play) -> None:
    async def story(rig: Any) -> None:
        made, told = snapshots(rig, snapshot_positions=True, snapshot_positions_interval_secs=2.5)
        periodic = Periodic(rig.loop)
        made.start(periodic)
        order = await half_filled(rig)
        told.clear()
        rig.quote("49999.00", "50001.00")
        await asyncio.sleep(5)
        assert [(one["position_id"], one["unrealized_pnl"]) for one in told] == [(POSITION, "-1.00000000 USDT")] * 2
        assert [one["ts_snapshot"] - EPOCH_NS for one in told] == [2_500_000_000, 5_000_000_000]
        rig.fill(rig.working(rig.order("O-2", "SELL", "1.000"), "V-2"), "1.000", trade="T-9", venue_order_id="V-2")
        await rig.settle()
        assert rig.cache.positions_open() == []
        told.clear()
        await asyncio.sleep(5)
        assert told == []
        assert order.is_open
        await asyncio.gather(*periodic.stop(), return_exceptions=True)

    play(story)


@pytest.mark.parametrize(
    "settings",
    [{}, {"snapshot_positions_interval_secs": 1.0}, {"snapshot_positions": True}],
    ids=["off", "an interval without snapshots", "snapshots without an interval"],
)
def test_without_both_settings_there_is_no_timer(play: Play, settings: dict[str, Any]) -> None:
    async def story(rig: Any) -> None:
        await half_filled(rig)
        made, told = snapshots(rig, **settings)
        periodic = Periodic(rig.loop)
        made.start(periodic)
        await asyncio.sleep(10)
        assert (told, periodic.stop()) == ([], [])

    play(story)


def test_the_portfolio_is_written_out_by_the_clock(play: Play) -> None:
    store = MemoryStore()

    async def story(rig: Any) -> None:
        usdt = Currency.from_str("USDT")
        total, locked = Money(Decimal(1_000), usdt), Money(Decimal(0), usdt)
        margins = [MarginBalance(Money(Decimal(50), usdt), Money(Decimal(25), usdt), "BTCUSDT.SIM")]
        rig.client.generate_account_state([AccountBalance(total, locked, total)], margins, True, 1)
        await half_filled(rig)
        rig.quote("50009.00", "50011.00")
        made, told = snapshots(rig, snapshot_interval_ms=1_500)
        periodic = Periodic(rig.loop)
        made.start(periodic)
        await asyncio.sleep(3.1)
        assert len(told) == len(store.data[KEY + "portfolio:SIM-001"]) == 2
        one = told[0]
        assert (one["account_id"], one["realized_pnls"]) == ("SIM-001", ["-0.50000000 USDT"])
        assert (one["unrealized_pnls"], one["net_exposures"]) == (["9.00000000 USDT"], ["50009.00000000 USDT"])
        assert one["margins"] == [
            {"instrument_id": "BTCUSDT.SIM", "initial": "50.00000000 USDT", "maintenance": "25.00000000 USDT"}
        ]
        assert one["balances"] == [
            {"total": "1000.00000000 USDT", "locked": "0.00000000 USDT", "free": "1000.00000000 USDT"}
        ]
        await asyncio.gather(*periodic.stop(), return_exceptions=True)

    play(story, store=store)


def test_snapshots_are_written_as_the_store_is_set_to(play: Play) -> None:
    store = MemoryStore()

    async def story(rig: Any) -> None:
        snapshots(rig, snapshot_orders=True)
        rig.submit(rig.order("O-1"))

    play(story, store=store, cache_config=CacheConfig(encoding="json", timestamps_as_iso8601=True))
    (data,) = listed(store, "orders:O-1")
    table = msgspec.json.decode(data)
    assert table["ts_snapshot"].endswith("Z")
    assert (table["ts_closed"], table["status"]) == (0, "INITIALIZED")


def test_snapshots_are_not_read_back(play: Play) -> None:
    store = MemoryStore()

    async def story(rig: Any) -> None:
        snapshots(rig, snapshot_orders=True, snapshot_positions=True)
        await half_filled(rig)
        rig.cache.load()
        assert rig.cache.orders_total_count() == 1
        assert rig.cache.positions_total_count() == 1

    play(story, store=store)
