"""A whole world whose printed trace must be the same in every process: aiohttp both ends, fakeredis, hosts that crash.

Run by `test_determinism.py` as `python world_program.py SEED`, with the root of the repository on PYTHONPATH.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import sys
import time

import aiohttp
import fakeredis
from aiohttp import web

from scenarios.world.world import World

PATH = "/sim/venue"


async def venue(world: World) -> None:
    prices = world.entropy.stream("prices")

    async def order(request: web.Request) -> web.Response:
        body = await request.json()
        world.record(f"order {body}")
        await asyncio.sleep(prices.random() / 10)
        return web.json_response({"price": round(prices.random(), 6), "at": time.time()})

    async def stream(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(heartbeat=3)
        await socket.prepare(request)

        async def publish() -> None:
            while True:
                await asyncio.sleep(0.25)
                await socket.send_str(f"{prices.random():.6f}")

        publisher = asyncio.create_task(publish())
        async for message in socket:
            world.record(f"stream {message.data}")
        publisher.cancel()
        world.record(f"stream closed {socket.close_code}")
        return socket

    application = web.Application()
    application.router.add_post("/order", order)
    application.router.add_get("/stream", stream)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.UnixSite(runner, PATH).start()
    await asyncio.Event().wait()


async def node(world: World, store: fakeredis.FakeServer) -> None:
    redis = fakeredis.FakeAsyncRedis(server=store, decode_responses=True)
    connector = aiohttp.UnixConnector(path=PATH)

    async def listen(session: aiohttp.ClientSession) -> None:
        async with session.ws_connect("/stream") as socket:
            await socket.send_str("subscribe")
            async for message in socket:
                world.record(f"price {message.data} at {dt.datetime.now(dt.UTC)}")

    async def trade(session: aiohttp.ClientSession, number: int) -> None:
        for count in range(6):
            async with session.post("/order", json={"id": f"O-{number}-{count}"}) as response:
                answer = await response.json()
            world.record(f"filled O-{number}-{count} {answer} {await redis.xadd('fills', answer)}")
            await asyncio.sleep(0.5)

    async with aiohttp.ClientSession("http://venue", connector=connector) as session, asyncio.TaskGroup() as group:
        group.create_task(listen(session))
        for number in range(4):
            group.create_task(trade(session, number))


def run(seed: int) -> list[str]:
    world = World(seed, jitter_s=0.005, time_limit_s=1000.0)
    store = fakeredis.FakeServer()

    async def main() -> None:
        world.host("venue").run(lambda: venue(world))
        await asyncio.sleep(1)
        for lives_s in (0.68, 1.2345, 5):
            host = world.host("node", skew_ns=1000)
            host.run(lambda: node(world, store))
            await asyncio.sleep(lives_s)
            host.crash()
        redis = fakeredis.FakeAsyncRedis(server=store, decode_responses=True)
        for entry in await redis.xrange("fills"):
            world.record(f"stored {entry}")

    world.run(main)
    return world.trace


if __name__ == "__main__":
    print("\n".join(run(int(sys.argv[1]))))
