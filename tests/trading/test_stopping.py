"""A strategy that has left its market is not led back: while it stops it hears of its orders, and of nothing else."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from decimal import Decimal
from typing import Any

from nautilus_live.config import StrategyConfig
from nautilus_live.model.enums import ComponentState, OrderSide
from nautilus_live.model.identifiers import InstrumentId
from nautilus_live.trading.strategy import Strategy
from scenarios.testing import TradingWorld

BTC = InstrumentId.from_str("BTCUSDT.SIM")


class Eager(Strategy):
    """Buys whenever it is flat and hears anything; sells what it has when it is told to stop."""

    def __init__(self) -> None:
        super().__init__(StrategyConfig(strategy_id="EAGER", order_id_tag="001"))
        self.heard: Counter[str] = Counter()

    def on_start(self) -> None:
        self.subscribe_quote_ticks(BTC)
        self.subscribe_signal("now")
        self.clock.set_timer("again", timedelta(milliseconds=20), callback=self.on_again)
        self.clock.set_timer("plain", timedelta(milliseconds=20), callback=lambda event: self.hear("lambda"))

    def on_quote_tick(self, tick: Any) -> None:
        self.hear("quote")
        if self.portfolio.is_flat(BTC) and not self.cache.orders_inflight(strategy_id=self.id):
            self.submit_order(self.order_factory.market(BTC, OrderSide.BUY, tick.ask_size.from_str("0.100")))

    def on_again(self, event: Any) -> None:
        self.hear("timer")

    def on_signal(self, signal: Any) -> None:
        self.hear("signal")

    def on_order_filled(self, event: Any) -> None:
        self.hear("filled")
        self.publish_signal("now", 1)

    def on_position_closed(self, event: Any) -> None:
        self.hear("closed")

    def on_stop(self) -> None:
        self.clock.set_time_alert("late", self.clock.utc_now() + timedelta(milliseconds=1), self.on_again)
        self.close_all_positions(BTC)
        self.heard.clear()

    def hear(self, what: str) -> None:
        self.heard[what] += 1


async def test_while_a_strategy_stops_it_hears_of_its_orders_alone(world: TradingWorld) -> None:
    venue, eager = world.venue(latency_ms=100), Eager()
    node = await world.start_node(strategies=[eager])
    venue.walk(start="50000.00", ticks=2_000, every="10ms")
    await world.sleep("3s")
    assert node.belief.net("BTCUSDT") != 0
    assert min(eager.heard[what] for what in ("quote", "timer", "lambda", "signal", "filled")) > 0
    await node.stop()
    assert eager.heard == {"filled": 1, "closed": 1}
    assert (eager.state, node.belief.net("BTCUSDT")) == (ComponentState.STOPPED, Decimal(0))
