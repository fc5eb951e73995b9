"""How to reconcile: the settings and the strategies' claims as the policy that `core.reconciliation` asks for."""

from __future__ import annotations

from collections.abc import Iterable

from nautilus_live.config.execution import LiveExecEngineConfig
from nautilus_live.core.reconciliation.types import Policy
from nautilus_live.errors import ConfigError
from nautilus_live.model.enums import OmsType
from nautilus_live.model.identifiers import InstrumentId, StrategyId, TraderId


class Policies:
    """The policies of one engine; they change only when a strategy is registered."""

    def __init__(self, trader_id: TraderId, config: LiveExecEngineConfig) -> None:
        self._trader_id = trader_id
        self._config = config
        self._claims: dict[InstrumentId, StrategyId] = {}
        self._made: dict[OmsType, Policy] = {}

    def claim(self, strategy_id: StrategyId, instrument_ids: Iterable[InstrumentId]) -> None:
        """Let a strategy own the external orders of some instruments.

        Raises:
            ConfigError: if another strategy claims one of them; nothing was claimed.

        """
        claims = list(instrument_ids)
        for instrument_id in claims:
            owner = self._claims.get(instrument_id, strategy_id)
            if owner != strategy_id:
                raise ConfigError(
                    f"{instrument_id}: external orders have one owner, were claimed by {owner} and {strategy_id}"
                )
        self._claims.update(dict.fromkeys(claims, strategy_id))
        self._made.clear()

    def policy(self, oms_type: OmsType) -> Policy:
        """Return the policy for accounts that keep positions that way."""
        found = self._made.get(oms_type)
        if found is None:
            config = self._config
            found = self._made[oms_type] = Policy(
                trader_id=self._trader_id,
                oms_type=oms_type,
                instrument_ids=frozenset(config.reconciliation_instrument_ids or ()),
                filtered_client_order_ids=frozenset(config.filtered_client_order_ids or ()),
                filter_unclaimed_external_orders=config.filter_unclaimed_external_orders,
                filter_position_reports=config.filter_position_reports,
                generate_missing_orders=config.generate_missing_orders,
                duplicate_order_ids=config.duplicate_order_ids,
                claims=dict(self._claims),
                claim_alignment_orders=config.claim_alignment_orders,
                allow_overfills=config.allow_overfills,
                position_silence=config.position_silence,
                filled_quantity_regression=config.filled_quantity_regression,
                fill_price_tolerance_ticks=config.fill_price_tolerance_ticks,
                fill_commission_tolerance=config.fill_commission_tolerance,
            )
        return found
