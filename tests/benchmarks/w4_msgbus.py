"""W4a: N publishes to one topic with 10 subscribers (5 exact, 5 wildcard).
W4b: N publishes round-robin over 1,000 topics (each with 1 exact subscriber and 2 wildcard ones).

Topics are ready strings; handlers are empty Python functions. Warm: one pass over the topics first.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from common import TRADER, arg_n, emit

from nautilus_live.engine.message_bus import MessageBus

hits = 0


def handler() -> Callable[[object], None]:
    """Return a new handler that counts."""

    def count(_: object) -> None:
        global hits
        hits += 1

    return count


def trial(name: str, bus: MessageBus, topics: list[str], n: int, expected: int) -> None:
    """Publish n times and report."""
    global hits
    for topic in topics:
        bus.publish(topic, "x")
    hits = 0
    count = len(topics)
    began = time.perf_counter()
    for index in range(n):
        bus.publish(topics[index % count], "x")
    seconds = time.perf_counter() - began
    assert hits == expected
    emit(name, n, seconds, calls_per_sec=round(hits / seconds))


def main() -> None:
    n = arg_n(200_000)
    bus = MessageBus(TRADER)
    topic = "data.quotes.SIM.AUDUSD"
    wildcards = ["data.*", "data.quotes.*", "data.quotes.SIM.*", "data.*.SIM.AUDUSD", "data.quotes.SIM.AUD???"]
    for pattern in [topic] * 5 + wildcards:
        bus.subscribe(pattern, handler())
    trial("W4a", bus, [topic], n, 10 * n)
    bus = MessageBus(TRADER)
    topics = [f"data.quotes.SIM.I{index:04d}" for index in range(1000)]
    for topic in topics:
        bus.subscribe(topic, handler())
    bus.subscribe("data.*", handler())
    bus.subscribe("data.quotes.SIM.*", handler())
    trial("W4b", bus, topics, n, 3 * n)


main()
