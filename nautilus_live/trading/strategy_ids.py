"""How a strategy gets its id: from its settings, else from its class."""

from __future__ import annotations

from nautilus_live.config.strategy import StrategyConfig
from nautilus_live.model.identifiers import StrategyId


def strategy_id_from(class_name: str, config: StrategyConfig) -> StrategyId | str:
    """Return the id that `config` gives a strategy, or the plain name that still lacks its tag.

    A tag is always appended (`CLAIM-001` and `001` give `CLAIM-001-001`); without one, NAME-TAG is already complete.
    """
    name = class_name if config.strategy_id is None else str(config.strategy_id)
    if config.order_id_tag is not None:
        return StrategyId(f"{name}-{config.order_id_tag}")
    return StrategyId(name) if "-" in name else name
