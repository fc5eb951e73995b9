"""Strategies and actors hear of lost streams, gaps and uncertain instruments, if they want to (FIELD B5, J6)."""

from __future__ import annotations

import asyncio
from typing import Any

from nautilus_live.model.identifiers import ClientId, InstrumentId
from nautilus_live.trading.actor import Actor

SIM = ClientId("SIM")
BTC = InstrumentId.from_str("BTCUSDT.SIM")


class Listener(Actor):
    """Writes down what it hears of the node."""

    def __init__(self, config: Any = None) -> None:
        super().__init__(config)
        self.heard: list[str] = []

    def on_start(self) -> None:
        self.subscribe_connection_changes()
        self.subscribe_stream_gaps()
        self.subscribe_uncertain()

    def on_connection_change(self, change: Any) -> None:
        self.heard.append(f"{change.client_id} {'connected' if change.connected else 'lost'} {change.reason}")

    def on_stream_gap(self, gap: Any) -> None:
        self.heard.append(f"gap {gap.client_id} {gap.end_ns - gap.start_ns} {gap.reconciled} {gap.reason}")

    def on_uncertain(self, uncertain: Any) -> None:
        self.heard.append(f"{uncertain.instrument_id} {'certain' if uncertain.cleared else 'uncertain'}")


def tell(stage: Any) -> None:
    sink = stage.client.context.sink
    sink.receive_connection_change(SIM, False, "cut")
    stage.world.loop.call_later(2.0, sink.receive_connection_change, SIM, True, "open again")
    stage.node.kernel.exec_engine.doubts.mark_uncertain(BTC, "for the test")
    stage.world.loop.call_later(3.0, stage.node.kernel.exec_engine.clear_uncertain, BTC)


def test_whoever_subscribed_hears_of_losses_gaps_and_doubts_until_it_unsubscribes(stage: Any) -> None:
    listener = Listener()

    async def story() -> None:
        node = stage.build()
        node.trader.add_actor(listener)
        task = asyncio.create_task(node.run_async())
        await asyncio.sleep(1.0)
        tell(stage)
        await asyncio.sleep(10.0)
        assert listener.heard == [
            "BTCUSDT.SIM uncertain",
            "SIM lost cut",
            "SIM connected open again",
            "gap SIM 2000000000 True cut",
            "BTCUSDT.SIM certain",
        ]
        listener.heard.clear()
        listener.unsubscribe_connection_changes()
        listener.unsubscribe_stream_gaps()
        listener.unsubscribe_uncertain()
        tell(stage)
        await asyncio.sleep(10.0)
        assert listener.heard == []
        await node.stop_async()
        await task

    stage.run(story)


def test_whoever_did_not_subscribe_hears_nothing(stage: Any) -> None:
    class Deaf(Listener):
        def on_start(self) -> None:
            pass

    deaf = Deaf()

    async def story() -> None:
        node = stage.build()
        node.trader.add_actor(deaf)
        task = asyncio.create_task(node.run_async())
        await asyncio.sleep(1.0)
        tell(stage)
        await asyncio.sleep(10.0)
        assert deaf.heard == []
        await node.stop_async()
        await task

    stage.run(story)


def test_a_data_client_has_gaps_of_its_own_that_nothing_fills(stage: Any) -> None:
    told: list[Any] = []

    async def story() -> None:
        node = stage.build()
        node.kernel.msgbus.subscribe("events.system.*", told.append)
        task = asyncio.create_task(node.run_async())
        await asyncio.sleep(1.0)
        engine, began_ns = node.kernel.data_engine, node.kernel.clock.timestamp_ns()
        engine.receive_connection_change(SIM, False, "silent", began_ns - 5)
        engine.receive_connection_change(SIM, False, "silent still")
        await asyncio.sleep(3.0)
        engine.receive_connection_change(SIM, True, "open again")
        engine.receive_connection_change(SIM, True, "open again")
        await asyncio.sleep(1.0)
        gaps = [event for event in told if type(event).__name__ == "StreamGap"]
        assert [(gap.side, gap.reconciled, gap.reason) for gap in gaps] == [("data", False, "silent")]
        assert gaps[0].end_ns - gaps[0].start_ns == 3_000_000_005
        assert [change.side for change in told if type(change).__name__ == "ConnectionChange"] == ["data"] * 4
        await node.stop_async()
        await task

    stage.run(story)
