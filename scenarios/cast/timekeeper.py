"""A strategy that lives by the clock: a timer every ten seconds, and an alert for the close."""

from __future__ import annotations

from datetime import timedelta

from nautilus_live.config import StrategyConfig
from nautilus_live.trading.clock import TimeEvent
from scenarios.scripted_strategy import ScriptedStrategy

CLOSE = "CLOSE"


class Timekeeper(ScriptedStrategy):
    """Does what the steps say, hears `TICK` every ten seconds and `CLOSE` once, and closes its positions then."""

    def __init__(self, config: StrategyConfig) -> None:
        super().__init__(config)

    def on_start(self) -> None:
        """Set both, as every life must: timers are not stored."""
        super().on_start()
        self.clock.set_timer("TICK", timedelta(seconds=10))
        now = self.clock.utc_now()
        self.clock.set_time_alert(
            CLOSE, now.replace(minute=now.minute // 2 * 2, second=0, microsecond=0) + timedelta(minutes=2)
        )

    def on_event(self, event: object) -> None:
        """Close everything when it is time."""
        if isinstance(event, TimeEvent) and event.name == CLOSE:
            self.clock.cancel_timer("TICK")
            for position in self.cache.positions_open(strategy_id=self.id):
                self.close_position(position)
