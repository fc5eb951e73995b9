"""Tasks of an adapter that are cut off: what is lost with them is told, what was never to end is not."""

from __future__ import annotations

import asyncio
import logging

import pytest

from nautilus_live.adapters.tasks import Tasks


def test_what_is_cancelled_is_told_but_for_what_stands(caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> int:
        tasks = Tasks(asyncio.get_running_loop(), logging.getLogger("adapter"))
        tasks.start(asyncio.Event().wait(), "watch the stream", stands=True)
        await tasks.cancel_all()
        assert caplog.messages == []
        tasks.start(asyncio.Event().wait(), "watch the stream", stands=True)
        tasks.start(asyncio.Event().wait(), "submit O-1")
        await tasks.cancel_all()
        return len(tasks)

    with caplog.at_level(logging.WARNING, "adapter"):
        assert asyncio.run(main()) == 0
    assert caplog.messages == ["cancels 1 tasks: submit O-1"]
