"""The ways out of the simulation: each raises, each says what to use instead; and signals, which are simulated."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from scenarios.world.escapes import ESCAPE_ROUTES
from scenarios.world.loop import Escape, SimulatedLoop


def run(main: Callable[[], Coroutine[Any, Any, Any]], **options: Any) -> Any:
    with asyncio.Runner(loop_factory=lambda: SimulatedLoop(**options)) as runner:
        return runner.run(main())


# -- nothing real gets in


@pytest.mark.parametrize("name", list(ESCAPE_ROUTES))
def test_every_way_out_raises(name: str) -> None:
    async def main() -> None:
        await asyncio.sleep(2)
        getattr(asyncio.get_running_loop(), name)()

    with pytest.raises(Escape, match=rf"^nothing may leave the simulation: {name} at 2\.0 s; use ") as caught:
        run(main)
    assert str(caught.value).endswith(ESCAPE_ROUTES[name])


def test_every_way_out_is_known_to_asyncio() -> None:
    assert [name for name in ESCAPE_ROUTES if not hasattr(asyncio.AbstractEventLoop, name)] == []


@pytest.mark.parametrize(
    "attempt",
    [
        lambda: asyncio.to_thread(print),
        lambda: asyncio.open_connection("127.0.0.1", 1),
        lambda: asyncio.start_server(print, "127.0.0.1", 0),
        lambda: asyncio.create_subprocess_exec("true"),
        lambda: asyncio.create_subprocess_shell("true"),
        lambda: asyncio.open_unix_connection("/sim/no-network-attached"),
        lambda: asyncio.get_running_loop().sock_connect(None, ("127.0.0.1", 1)),
    ],
    ids=["to_thread", "open_connection", "start_server", "exec", "shell", "unix", "sock_connect"],
)
def test_what_programs_really_call_raises(attempt: Callable[[], Coroutine[Any, Any, Any]]) -> None:
    async def main() -> None:
        try:
            await attempt()
        except Exception as error:
            pytest.fail(f"an escape must not be an Exception, was {error!r}")

    with pytest.raises(Escape):
        run(main)


def test_another_thread_may_not_schedule_but_this_one_may() -> None:
    caught: list[BaseException] = []
    ran: list[str] = []

    async def main() -> int:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, SimulatedLoop)

        def intrude() -> None:
            try:
                loop.call_soon_threadsafe(ran.append, "intruder")
            except Escape as error:
                caught.append(error)

        thread = threading.Thread(target=intrude)
        thread.start()
        thread.join()
        loop.call_soon_threadsafe(ran.append, "own")
        await asyncio.sleep(0)
        return len(loop.escapes)

    assert run(main) == 1
    assert ran == ["own"]
    assert "call_soon_threadsafe from another thread" in str(caught[0])


def test_tls_is_refused() -> None:
    async def main() -> None:
        await asyncio.get_running_loop().create_unix_connection(asyncio.Protocol, "/sim/x", ssl=True)

    with pytest.raises(Escape):
        run(main)


# -- signals


def test_signals_are_simulated() -> None:
    async def main() -> list[str]:
        loop, seen = asyncio.get_running_loop(), list[str]()
        assert isinstance(loop, SimulatedLoop)
        loop.add_signal_handler(signal.SIGTERM, seen.append, "term")
        loop.deliver_signal(signal.SIGTERM)
        assert seen == []
        await asyncio.sleep(0)
        assert loop.remove_signal_handler(signal.SIGTERM)
        assert not loop.remove_signal_handler(signal.SIGTERM)
        loop.add_signal_handler(signal.SIGINT, seen.append, "int")
        with pytest.raises(LookupError, match="no host: no handler for SIGTERM, handlers: SIGINT"):
            loop.deliver_signal(signal.SIGTERM)
        return seen

    before = signal.getsignal(signal.SIGTERM)
    assert run(main) == ["term"]
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_loop_without_signals_is_like_windows() -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        with pytest.raises(NotImplementedError):
            loop.add_signal_handler(signal.SIGTERM, print)
        with pytest.raises(NotImplementedError):
            loop.remove_signal_handler(signal.SIGTERM)

    run(main, signals=False)
