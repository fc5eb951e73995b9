"""Queues: order, turns, limits, errors."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import pytest

from nautilus_live.engine.queues import ITEMS_PER_TURN_MAX, LiveQueue
from nautilus_live.errors import ProgrammerError
from scenarios.world.host import CURRENT_HOST
from scenarios.world.world import World


def on_loop(story: Callable[[asyncio.AbstractEventLoop], Any]) -> Any:
    async def main() -> Any:
        return await story(asyncio.get_running_loop())

    return World().run(main)


def make(
    loop: asyncio.AbstractEventLoop,
    handler: Callable[[Any], object],
    capacity: int = 10,
    errors: list[Exception] | None = None,
) -> LiveQueue:
    return LiveQueue("q", capacity, handler, loop, [].append if errors is None else errors.append)


def test_items_are_handled_in_order_in_a_later_turn() -> None:
    async def story(loop: asyncio.AbstractEventLoop) -> list[int]:
        handled: list[int] = []
        queue = make(loop, handled.append)
        queue.start()
        queue.put(1)
        queue.put(2)
        assert handled == []
        assert queue.qsize() == 2
        await asyncio.sleep(0)
        return handled

    assert on_loop(story) == [1, 2]


def test_what_was_put_before_the_start_is_handled_first() -> None:
    async def story(loop: asyncio.AbstractEventLoop) -> list[int]:
        handled: list[int] = []
        queue = make(loop, handled.append)
        queue.put(1)
        await asyncio.sleep(0)
        assert handled == []
        queue.start()
        queue.put(2)
        await asyncio.sleep(0)
        return handled

    assert on_loop(story) == [1, 2]


def test_a_turn_handles_a_bounded_number_so_that_others_get_theirs() -> None:
    async def story(loop: asyncio.AbstractEventLoop) -> list[Any]:
        done: list[Any] = []
        queue = make(loop, done.append, capacity=10_000)
        queue.start()
        for number in range(ITEMS_PER_TURN_MAX + 1):
            queue.put(number)
        loop.call_soon(done.append, "other")
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        return done

    done = on_loop(story)

    assert done.index("other") == ITEMS_PER_TURN_MAX
    assert done[-1] == ITEMS_PER_TURN_MAX


def test_an_item_put_by_the_handler_keeps_its_place() -> None:
    async def story(loop: asyncio.AbstractEventLoop) -> list[int]:
        handled: list[int] = []

        def handle(item: int) -> None:
            handled.append(item)
            if item < 3:
                queue.put(item + 10)

        queue = make(loop, handle)
        queue.start()
        queue.put(1)
        queue.put(2)
        await asyncio.sleep(0.001)
        return handled

    assert on_loop(story) == [1, 2, 11, 12]


def test_beyond_capacity_nothing_is_lost_and_one_warning_a_second_is_given(caplog: pytest.LogCaptureFixture) -> None:
    async def story(loop: asyncio.AbstractEventLoop) -> list[int]:
        handled: list[int] = []
        queue = make(loop, handled.append, capacity=2)
        for number in range(5):
            queue.put(number)
        assert queue.is_full
        await asyncio.sleep(0.999)
        queue.put(5)
        await asyncio.sleep(0.001)
        queue.put(6)
        queue.start()
        await asyncio.sleep(0)
        return handled

    with caplog.at_level(logging.WARNING):
        assert on_loop(story) == list(range(7))

    assert [record.getMessage() for record in caplog.records] == [
        "q: holds 3 items, more than its 2",
        "q: holds 7 items, more than its 2",
    ]


def test_an_error_concerns_one_item() -> None:
    errors: list[Exception] = []

    async def story(loop: asyncio.AbstractEventLoop) -> list[int]:
        handled: list[int] = []

        def handle(item: int) -> None:
            if item == 2:
                raise ValueError("two")
            handled.append(item)

        queue = make(loop, handle, errors=errors)
        queue.start()
        for number in (1, 2, 3):
            queue.put(number)
        await asyncio.sleep(0)
        return handled

    assert on_loop(story) == [1, 3]
    assert [str(error) for error in errors] == ["two"]


def test_stop_handles_the_rest_and_takes_nothing_more() -> None:
    async def story(loop: asyncio.AbstractEventLoop) -> list[int]:
        handled: list[int] = []
        queue = make(loop, handled.append)
        queue.start()
        queue.put(1)
        queue.stop()
        queue.put(2)
        await asyncio.sleep(0.001)
        assert not queue.is_running
        return handled

    assert on_loop(story) == [1]


def test_kill_drops_the_rest(caplog: pytest.LogCaptureFixture) -> None:
    async def story(loop: asyncio.AbstractEventLoop) -> list[int]:
        handled: list[int] = []
        queue = make(loop, handled.append)
        queue.start()
        queue.put(1)
        queue.kill()
        await asyncio.sleep(0.001)
        return handled

    assert on_loop(story) == []
    assert "1 items dropped" in caplog.text


def test_nothing_is_not_an_item() -> None:
    async def story(loop: asyncio.AbstractEventLoop) -> None:
        with pytest.raises(ProgrammerError, match="None"):
            make(loop, print).put(None)

    on_loop(story)


def test_what_a_queue_does_belongs_to_the_host_that_started_it() -> None:
    world = World()
    seen: list[str] = []

    async def main() -> None:
        node, venue = world.host("node"), world.host("venue")
        queue = make(world.loop, lambda item: seen.append(CURRENT_HOST.get().name))  # type: ignore[union-attr]  # in a host

        async def start() -> None:
            queue.start()

        async def put() -> None:
            queue.put(1)

        await node.run(start)
        await venue.run(put)
        await asyncio.sleep(0.001)

    world.run(main)

    assert seen == ["node"]
