"""How positions are kept: by each venue, and by each strategy here (`StrategyConfig.oms_type`).

Knows nothing but what it is told. A strategy may net where its venue hedges, or hedge where it nets; then its positions
are ours and not the venue's, and what it asks of them is done here.
"""

from __future__ import annotations

from collections.abc import Callable

from nautilus_live.model.enums import OmsType
from nautilus_live.model.identifiers import InstrumentId, StrategyId

NETTING, HEDGING = OmsType.NETTING, OmsType.HEDGING


class OmsTypes:
    """Who keeps positions how.

    Args:
        venue: returns how the venue of an instrument keeps positions.

    """

    def __init__(self, venue: Callable[[InstrumentId], OmsType]) -> None:
        self.venue = venue
        self.own: dict[StrategyId, OmsType] = {}
        """The strategies that have a way of their own."""

    def register(self, strategy_id: StrategyId, oms_type: OmsType) -> None:
        """Let the strategy keep positions its own way, whatever the venue does; UNSPECIFIED: as the venue."""
        self.own.pop(strategy_id, None)
        if oms_type is not OmsType.UNSPECIFIED:
            self.own[strategy_id] = oms_type

    def of(self, strategy_id: StrategyId, instrument_id: InstrumentId) -> OmsType:
        """Return how the strategy's positions in the instrument are kept."""
        return self.own.get(strategy_id) or self.venue(instrument_id)

    def nets_here(self, strategy_id: StrategyId, instrument_id: InstrumentId) -> bool:
        """Return whether the strategy nets at a venue that hedges."""
        return self.own.get(strategy_id) is NETTING and self.venue(instrument_id) is HEDGING

    def hedges_here(self, strategy_id: StrategyId, instrument_id: InstrumentId) -> bool:
        """Return whether the strategy hedges at a venue that nets: its positions are virtual."""
        return self.own.get(strategy_id) is HEDGING and self.venue(instrument_id) is not HEDGING
