"""A strategy that counts its fills over its lives: what it saved, it goes on from."""

from __future__ import annotations

from nautilus_live.config import StrategyConfig
from nautilus_live.model.events import OrderFilled
from scenarios.scripted_strategy import ScriptedStrategy


class Counting(ScriptedStrategy):
    """Does what the steps say, and counts fills."""

    def __init__(self, config: StrategyConfig) -> None:
        super().__init__(config)
        self.fills = 0

    def on_order_filled(self, event: OrderFilled) -> None:
        """Count."""
        self.fills += 1

    def on_save(self) -> dict[str, bytes]:
        """Return the count."""
        return {"fills": str(self.fills).encode()}

    def on_load(self, state: dict[str, bytes]) -> None:
        """Go on from the count."""
        self.fills = int(state["fills"])
