"""The store writer and the in-memory store: batches, buffering, crashes, failures."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from nautilus_live.config.storage import CacheConfig
from nautilus_live.errors import StoreError
from nautilus_live.model.identifiers import TraderId
from nautilus_live.store.memory import MemoryStore
from nautilus_live.store.port import Operation, StoreWriter, Write
from scenarios.world.world import World

TRADER = TraderId("TRADER-001")
PREFIX = "trader-TRADER-001:"


def on_loop(story: Callable[[], Any]) -> Any:
    return World().run(story)


def buffered(store: MemoryStore, interval_ms: int | None, **options: Any) -> StoreWriter:
    config = CacheConfig(buffer_interval_ms=interval_ms)
    return StoreWriter(store.connect(), TRADER, config, loop=asyncio.get_running_loop(), **options)


def test_without_a_buffer_a_write_is_stored_when_it_returns() -> None:
    store = MemoryStore()
    writer = StoreWriter(store.connect(), TRADER)

    writer.put("a", b"1")
    writer.append("l", b"1")
    writer.append("l", b"2")
    writer.put_field("t", "x", b"1")

    assert store.data == {PREFIX + "a": b"1", PREFIX + "l": [b"1", b"2"], PREFIX + "t": {"x": b"1"}}
    writer.delete("a")
    writer.delete_field("t", "x")
    assert dict(writer.read()) == {"l": [b"1", b"2"], "t": {}}


def test_a_transaction_is_one_batch() -> None:
    store = MemoryStore()
    writer = StoreWriter(store.connect(), TRADER)

    writer.hold()
    writer.put("a", b"1")
    writer.hold()
    writer.put("b", b"2")
    writer.release()
    assert store.data == {}
    writer.release()

    assert (store.batch_count, len(store.data)) == (1, 2)


def test_a_batch_that_cannot_be_applied_changes_nothing() -> None:
    store = MemoryStore()
    connection = store.connect()
    connection.apply([Write(Operation.APPEND, "l", b"1")])
    before = dict(store.data)

    with pytest.raises(StoreError, match="l: cannot PUT_FIELD where a list is kept"):
        connection.apply([Write(Operation.PUT, "a", b"1"), Write(Operation.PUT_FIELD, "l", b"1", "x")])

    assert store.data == before


def test_a_buffer_is_written_when_its_time_is_up_also_when_idle() -> None:
    store = MemoryStore()

    async def story() -> None:
        writer = buffered(store, 100)
        writer.put("a", b"1")
        await asyncio.sleep(0.06)
        writer.put("b", b"2")
        assert (store.data, writer.pending_count) == ({}, 2)
        await asyncio.sleep(0.041)
        assert (sorted(store.data), writer.pending_count) == ([PREFIX + "a", PREFIX + "b"], 0)
        writer.put("c", b"3")
        await asyncio.sleep(0.1001)
        assert len(store.data) == 3
        assert store.batch_count == 2

    on_loop(story)


def test_a_crash_loses_what_was_gathered_and_no_more() -> None:
    store = MemoryStore()

    async def story() -> None:
        connection = store.connect()
        config = CacheConfig(buffer_interval_ms=100)
        writer = StoreWriter(connection, TRADER, config, loop=asyncio.get_running_loop())
        writer.put("a", b"1")
        await asyncio.sleep(0.15)
        writer.put("b", b"2")
        connection.cut()
        await asyncio.sleep(1)

    on_loop(story)

    assert list(store.data) == [PREFIX + "a"]


def test_a_cut_connection_lets_nothing_through_and_others_live_on() -> None:
    store = MemoryStore()
    dead, alive = store.connect(), store.connect()
    dead.cut()

    for use in (lambda: dead.apply([Write(Operation.PUT, "a")]), lambda: dead.read(""), lambda: dead.delete("")):
        with pytest.raises(StoreError, match="connection is cut"):
            use()
    alive.apply([Write(Operation.PUT, "a", b"1")])

    assert store.data == {"a": b"1"}


def test_what_the_store_refused_is_kept_in_order_and_tried_again() -> None:
    store = MemoryStore()
    alarms: list[str] = []

    async def story() -> None:
        writer = buffered(store, None, on_alarm=alarms.append)
        store.fail_next(2)
        writer.append("l", b"1")
        assert not writer.is_healthy
        assert "the disk is full" in str(writer.error)
        writer.append("l", b"2")
        assert (store.data, writer.pending_count) == ({}, 2)
        await asyncio.sleep(1.5)
        assert not writer.is_healthy
        await asyncio.sleep(1)
        assert writer.is_healthy
        writer.append("l", b"3")

    on_loop(story)

    assert store.data == {PREFIX + "l": [b"1", b"2", b"3"]}
    assert [text[:9] for text in alarms] == ["the store", "the store"]
    assert "takes writes again, 2 were waiting" in alarms[1]


def test_closing_writes_the_rest() -> None:
    store = MemoryStore()

    async def story() -> None:
        writer = buffered(store, 10_000)
        writer.put("a", b"1")
        writer.close()
        writer.close()

    on_loop(story)

    assert list(store.data) == [PREFIX + "a"]


def test_closing_over_a_broken_store_says_what_was_lost(caplog: pytest.LogCaptureFixture) -> None:
    store = MemoryStore()
    writer = StoreWriter(store.connect(), TRADER)
    store.fail_next(9)
    writer.put("a", b"1")
    writer.close()

    assert "closed with 1 writes not stored" in caplog.text


@pytest.mark.parametrize(
    ("settings", "prefix"),
    [
        ({}, "trader-TRADER-001:"),
        ({"use_trader_prefix": False}, "TRADER-001:"),
        ({"use_instance_id": True}, "trader-TRADER-001:i-7:"),
        ({"use_instance_id": True, "use_trader_prefix": False}, "TRADER-001:i-7:"),
    ],
)
def test_keys_begin_with_trader_and_instance(settings: dict[str, Any], prefix: str) -> None:
    store = MemoryStore()
    StoreWriter(store.connect(), TRADER, CacheConfig(**settings), instance_id="i-7").put("a", b"1")

    assert list(store.data) == [prefix + "a"]


def test_deleting_all_touches_no_other_trader() -> None:
    store = MemoryStore()
    writers = [StoreWriter(store.connect(), TraderId(name)) for name in ("T-1", "T-10", "T-2")]
    for writer in writers:
        writer.put("a", b"1")

    assert writers[0].delete_all() == 1

    assert list(store.data) == ["trader-T-10:a", "trader-T-2:a"]


def test_a_slow_store_says_how_long_it_takes() -> None:
    waits: list[float] = []
    store = MemoryStore(wait=waits.append)
    store.slow(0.5)
    StoreWriter(store.connect(), TRADER).put("a", b"1")

    assert waits == [0.5]


@pytest.mark.parametrize(
    ("settings", "rule"),
    [({"use_instance_id": True}, "needs an instance id"), ({"buffer_interval_ms": 5}, "needs an event loop")],
)
def test_what_a_writer_needs_it_asks_for(settings: dict[str, Any], rule: str) -> None:
    with pytest.raises(StoreError, match=rule):
        StoreWriter(MemoryStore().connect(), TRADER, CacheConfig(**settings))
