"""Unmodified aiohttp, both ends, over the network in memory: round trips, and every fault as aiohttp sees it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from scenarios.world.world import World

PATH = "/sim/venue"
pytestmark = pytest.mark.filterwarnings("error")


async def serve(site: bool) -> web.AppRunner:
    application = web.Application()

    async def hello(request: web.Request) -> web.Response:
        return web.json_response({"hello": request.query["name"], "remote": request.remote})

    async def big(request: web.Request) -> web.Response:
        body = await request.read()
        return web.Response(body=body[::-1])

    async def echo(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(heartbeat=5)
        await socket.prepare(request)
        async for message in socket:
            if message.type is aiohttp.WSMsgType.TEXT:
                await socket.send_str(message.data.upper())
        return socket

    application.router.add_get("/hello", hello)
    application.router.add_post("/big", big)
    application.router.add_get("/echo", echo)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    if site:
        await web.UnixSite(runner, PATH).start()
    else:
        await asyncio.get_running_loop().create_unix_server(runner.server, PATH)  # type: ignore[arg-type]  # set up
    return runner


def run_aiohttp(
    scene: Callable[[World, aiohttp.ClientSession], Coroutine[Any, Any, Any]], site: bool = False, **options: Any
) -> Any:
    world = World(**{"time_limit_s": 1000.0, **options})

    async def main() -> Any:
        runner = await serve(site)
        async with aiohttp.ClientSession("http://venue", connector=aiohttp.UnixConnector(path=PATH)) as session:
            result = await scene(world, session)
        await runner.cleanup()
        await asyncio.sleep(1)
        assert world.network.connections(PATH) == []
        return result

    return world.run(main)


@pytest.mark.parametrize("site", [False, True], ids=["create_unix_server", "UnixSite"])
def test_http_and_websocket_round_trips(site: bool) -> None:
    async def scene(world: World, session: aiohttp.ClientSession) -> list[Any]:
        async with session.get("/hello", params={"name": "Ada"}) as response:
            seen: list[Any] = [response.status, await response.json()]
        body = bytes(range(256)) * 4096
        async with session.post("/big", data=body) as response:
            seen.append(await response.read() == body[::-1])
        async with session.ws_connect("/echo") as socket:
            await socket.send_str("ping")
            seen.append((await socket.receive()).data)
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(60):
                    await socket.receive()  # answers heartbeats meanwhile
            await socket.send_str("still here")
            seen.append((await socket.receive()).data)
        return seen

    assert run_aiohttp(scene, site) == [200, {"hello": "Ada", "remote": f"{PATH}#1"}, True, "PING", "STILL HERE"]


def test_aiohttp_meets_every_fault() -> None:
    async def scene(world: World, session: aiohttp.ClientSession) -> list[str]:
        seen: list[str] = []

        async def attempt(name: str, verb: str = "get") -> None:
            url = "/hello?name=x" if verb == "get" else "/big"
            try:
                async with session.request(verb, url, timeout=aiohttp.ClientTimeout(total=5)) as response:
                    await response.read()
                seen.append(f"{name}: {response.status}")
            except (aiohttp.ClientError, TimeoutError) as error:
                seen.append(f"{name}: {type(error).__name__}")

        await attempt("calm")
        world.loop.call_later(0.005, world.network.reset, PATH)
        await attempt("reset, and aiohttp asks again")
        world.loop.call_later(0.005, world.network.reset, PATH)
        await attempt("reset", verb="post")
        await attempt("after reset")
        world.network.half_open(PATH)
        await attempt("half open")
        await attempt("after half open")
        world.network.partition(PATH)
        await attempt("partition")
        world.network.heal(PATH)
        await attempt("healed")
        world.network.slow(PATH, 1000)
        await attempt("slow")
        world.network.slow(PATH, 1)
        await attempt("fast")
        return seen

    assert run_aiohttp(scene) == [
        "calm: 200",
        "reset, and aiohttp asks again: 200",
        "reset: ClientOSError",
        "after reset: 200",
        "half open: TimeoutError",
        "after half open: 200",
        "partition: TimeoutError",
        "healed: 200",
        "slow: TimeoutError",
        "fast: 200",
    ]


def test_aiohttp_connecting_to_nothing() -> None:
    async def scene(world: World, session: aiohttp.ClientSession) -> None:
        async with aiohttp.ClientSession(connector=aiohttp.UnixConnector(path="/sim/nobody")) as other:
            with pytest.raises(aiohttp.ClientConnectorError):
                await other.get("http://nobody/")

    run_aiohttp(scene)


def test_a_websocket_sees_a_half_open_connection_by_its_heartbeat() -> None:
    async def scene(world: World, session: aiohttp.ClientSession) -> tuple[str, float]:
        async with session.ws_connect("/echo", heartbeat=10) as socket:
            started_s = world.loop.time()
            world.network.half_open(PATH, "client")
            message = await socket.receive()
            return message.type.name, round(world.loop.time() - started_s, 3)

    kind, after_s = run_aiohttp(scene)
    assert kind in ("ERROR", "CLOSED")
    assert 15.0 <= after_s <= 17.0  # aiohttp rounds its deadlines up to whole seconds
