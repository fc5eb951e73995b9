"""A program whose printed trace must be the same in every process, on every Python: the standard library only.

Run by `test_determinism.py` as `python trace_program.py SEED`, with the root of the repository on PYTHONPATH.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import suppress

from scenarios.world.clock import VirtualClock
from scenarios.world.entropy import Entropy
from scenarios.world.host import CURRENT_HOST, Host
from scenarios.world.loop import Deadlock, SimulatedLoop
from scenarios.world.network import Network

PATH = "/sim/venue"


class Program:
    """Everything whose order has been seen to vary: sets of tasks, coinciding timers, crashes, generators, streams."""

    def __init__(self, seed: int) -> None:
        self.trace: list[str] = []
        self.entropy = Entropy(seed)
        self.loop = SimulatedLoop(seed, time_limit_s=1000.0)
        self.clock = VirtualClock(self.loop)
        self.network = self.loop.network = Network(self.loop, self.entropy, latency_s=0.010, jitter_s=0.005)

    def record(self, line: str) -> None:
        host = CURRENT_HOST.get()
        if host is None or not host.dead:
            self.trace.append(f"{self.clock.timestamp_ns()} {host.name if host else '-'} {line}")

    async def sleepers(self) -> None:
        async def sleep(number: int) -> int:
            try:
                await asyncio.sleep(1.0 if number % 2 else 100.0)
                self.record(f"sleeper {number}")
            except asyncio.CancelledError:
                self.record(f"sleeper {number} cancelled")
                raise
            if number == 7:
                raise LookupError(number)
            return number

        try:
            async with asyncio.TaskGroup() as group:
                for number in range(12):
                    group.create_task(sleep(number), name=f"sleeper {number}")
        except* LookupError as errors:
            self.record(f"failed {errors.exceptions!r}")
        tasks = {asyncio.create_task(asyncio.sleep(number % 3), name=f"task {number}") for number in range(12)}
        done, pending = await asyncio.wait(tasks, timeout=1.5)
        self.record(f"done {[task.get_name() for task in done]}")  # sim-ok: the order of these sets is what is tested
        self.record(f"pending {[task.get_name() for task in pending]}")  # sim-ok: the same

    async def venue(self) -> None:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                while line := await reader.readline():
                    self.record(f"order {line.decode().strip()}")
                    writer.write(b"ack " + line)
            except ConnectionResetError:
                self.record("client is gone")
            finally:
                writer.close()

        await asyncio.start_unix_server(serve, PATH)
        await asyncio.Event().wait()

    async def node(self) -> None:
        async def numbers() -> AsyncIterator[int]:
            try:
                for number in range(100):
                    await asyncio.sleep(0.1)
                    yield number
            finally:
                self.record("generator closed")

        async def acknowledged(reader: asyncio.StreamReader) -> None:
            while line := await reader.readline():
                self.record(line.decode().strip())

        reader, writer = await asyncio.open_unix_connection(PATH)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(acknowledged(reader))
                price = self.entropy.stream(CURRENT_HOST.get().name)  # type: ignore[union-attr]  # runs on a host
                async for number in numbers():
                    writer.write(f"{number} {price.random():.6f}\n".encode())
        except* ConnectionResetError as errors:
            self.record(f"{errors.exceptions!r}")
        finally:
            self.record("node ends")
            writer.close()
            with suppress(ConnectionResetError):
                await writer.wait_closed()

    async def main(self) -> None:
        await self.sleepers()
        Host("venue", self.loop).run(self.venue)
        await asyncio.sleep(0)
        nodes = [Host(name, self.loop, skew_ns=index * 1000) for index, name in enumerate(("ada", "bob", "cyd"))]
        for host in nodes:
            host.run(self.node)
        nodes[0].crash_after(40)
        await asyncio.sleep(1.0)
        nodes[1].pause()
        await asyncio.sleep(1.0)
        self.network.partition(PATH)
        nodes[1].resume()
        await asyncio.sleep(0.5)
        self.network.heal(PATH)
        await asyncio.sleep(0.5)
        self.network.reset(PATH)
        await asyncio.sleep(0.5)
        self.record(f"callbacks {[host.callbacks for host in nodes]}")
        for host in nodes:
            host.crash()
        await asyncio.Event().wait()

    def run(self) -> list[str]:
        try:
            with asyncio.Runner(loop_factory=lambda: self.loop) as runner:
                runner.run(self.main())
        except Deadlock as error:
            self.trace.extend(line.split(" (", 1)[0] for line in str(error).splitlines())
        return self.trace


if __name__ == "__main__":
    print("\n".join(Program(int(sys.argv[1])).run()))
