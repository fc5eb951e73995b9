"""A guard over the desk: stops every strategy once an account has lost too much of what it had at its best.

What the strategies do in their `on_stop` is up to them; those of these examples leave the market. The best is that of
this life of the node. Where the equity is unknown (no account, no price) nothing is stopped, and the log says so.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from nautilus_live.config import ControllerConfig
from nautilus_live.model.identifiers import Venue
from nautilus_live.model.objects import Currency
from nautilus_live.trading.clock import TimeEvent
from nautilus_live.trading.controller import Controller
from nautilus_live.trading.trader import Trader

TIMER = "DRAWDOWN"


class DrawdownGuardConfig(ControllerConfig, frozen=True):
    """What is guarded.

    Attributes:
        venue (required): Whose account.
        currency (required): In which currency.
        ratio_max (required): The part of the best equity that may be lost, as `0.05`.
        every_secs (10): Seconds between two looks.

    """

    venue: Venue
    currency: Currency
    ratio_max: Decimal
    every_secs: float = 10.0


class DrawdownGuard(Controller):
    """Looks at the equity at an interval."""

    def __init__(self, trader: Trader, config: DrawdownGuardConfig) -> None:
        super().__init__(trader, config)
        self._best = Decimal(0)

    def on_start(self) -> None:
        """Begin to look."""
        self.clock.set_timer(TIMER, timedelta(seconds=self.config.every_secs), callback=self.on_look)

    def on_look(self, event: TimeEvent) -> None:
        """Compare what there is with the best there was."""
        equity = self.portfolio.equity(self.config.venue).get(self.config.currency)
        if equity is None:
            self.log.warning(f"{self.config.venue}: equity in {self.config.currency} is unknown")
            return
        self._best = max(self._best, equity.value)
        if equity.value < self._best * (1 - self.config.ratio_max):
            self.log.error(f"{equity} left of {self._best}: every strategy is stopped")
            self.clock.cancel_timer(TIMER)
            for strategy in self._trader.strategies():
                self.stop_strategy(strategy)
