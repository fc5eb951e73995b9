"""A strategy with a mistake in it: one callback raises whenever it is called."""

from __future__ import annotations

from typing import Any

from nautilus_live.config import StrategyConfig
from scenarios.scripted_strategy import ScriptedStrategy


class RaisingConfig(StrategyConfig, frozen=True):
    """Settings of `Raising`.

    Attributes:
        raises_in: the name of the callback.

    """

    raises_in: str


class Raising(ScriptedStrategy):
    """Does what the steps say, and raises in one callback."""

    def __init__(self, config: RaisingConfig) -> None:
        super().__init__(config)

        def fail(*_: Any) -> None:
            raise ZeroDivisionError("the desk's own mistake")

        fail.__name__ = config.raises_in
        setattr(self, config.raises_in, fail)
