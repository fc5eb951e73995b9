"""A strategy that says when it has less than it needs: degraded while its data are stale, in full afterwards."""

from __future__ import annotations

from nautilus_live.config import StrategyConfig
from nautilus_live.engine.stale import DataStale
from scenarios.scripted_strategy import ScriptedStrategy


class Weary(ScriptedStrategy):
    """Does what the steps say; takes its orders out of a market that it cannot see."""

    def __init__(self, config: StrategyConfig) -> None:
        super().__init__(config)

    def on_start(self) -> None:
        """Listen to what is said about the data, and about the line, as well."""
        super().on_start()
        self.subscribe_stale_data()
        self.subscribe_connection_changes()
        self.subscribe_stream_gaps()

    def on_stale_data(self, data: DataStale) -> None:
        """Go on with less, or in full again."""
        if data.stale:
            self.degrade()
        elif self.is_degraded:
            self.resume()

    def on_degrade(self) -> None:
        """Take the orders out."""
        for order in self.cache.orders_open(strategy_id=self.id):
            self.cancel_order(order)
