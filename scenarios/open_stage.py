"""The stage of a test in Python: venues are opened and strategies are brought along while the test goes on.

May know: the stage. What happens on it is the same as for a scenario file.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import structs

from nautilus_live.trading.strategy import Strategy
from scenarios.problems import ScenarioError
from scenarios.stage import Stage


class OpenStage(Stage):
    """A stage that begins empty."""

    _given: Sequence[Strategy] = ()

    @property
    def wants_quotes(self) -> bool:
        """Whether the node has data clients: it always has, for strategies of anybody's own."""
        return True

    def _venue_tables(self) -> dict[str, dict[str, Any]]:
        return {}

    def configure(self, settings: dict[str, Any]) -> None:
        """Take the node's settings for the next start."""
        self.scenario = structs.replace(self.scenario, node=dict(settings))
        self._set(settings)

    def take(self, strategies: Sequence[Strategy] | None) -> None:
        """Take the strategies for the next start; without any, those of the start before, made anew."""
        if strategies is None:
            self._given = [type(strategy)(strategy.config) for strategy in self._given]
        else:
            self._given = list(strategies)

    def _strategies(self) -> dict[str, Strategy]:
        made = {}
        for strategy in self._given:
            if not isinstance(strategy, Strategy):
                raise ScenarioError([f"strategies must be objects of a class derived from Strategy, was {strategy!r}"])
            made[str(strategy.id)] = strategy
        return made
