"""A seller of volatility: sells the straddle at the money, and holds the whole neutral with the underlying.

It earns what the options' time value melts, and loses when the market moves more than they said. It keeps nothing of
its own: what it holds, and with it what there is to hedge, is in the cache, after a restart too.
"""

from __future__ import annotations

from nautilus_live.config import PositiveFloat, PositiveInt, StrategyConfig
from nautilus_live.model.enums import OrderSide
from nautilus_live.model.events import OrderFilled
from nautilus_live.model.identifiers import InstrumentId
from nautilus_live.model.instruments import CryptoOption, OptionContract
from nautilus_live.model.objects import Price
from nautilus_live.model.option_chain import OptionChainSlice, OptionSeriesId, StrikeRange
from nautilus_live.trading.strategy import Strategy


class StraddleHedgerConfig(StrategyConfig, frozen=True):
    """What is hedged with, which series is sold (`VENUE:UNDERLYING:SETTLEMENT:EXPIRY`), how much of it, and how far
    the delta of it all may be off (contracts of the underlying) before it is hedged."""

    underlying_id: InstrumentId
    series: str
    straddles: PositiveInt = 1
    band: PositiveFloat = 1.0
    look_every_ms: PositiveInt = 5_000


class StraddleHedger(Strategy):
    """Sells one straddle, and hedges it for as long as it runs."""

    def __init__(self, config: StraddleHedgerConfig) -> None:
        super().__init__(config)
        self.series_id = OptionSeriesId.from_str(config.series)

    def on_start(self) -> None:
        """Watch the underlying, what is held, and the strike at the money."""
        self.subscribe_quote_ticks(self.config.underlying_id)
        for position in self.cache.positions_open(strategy_id=self.id):
            self.subscribe_quote_ticks(position.instrument_id)
        self.subscribe_option_chain(self.series_id, StrikeRange.atm_relative(0, 0), self.config.look_every_ms)

    def on_order_filled(self, event: OrderFilled) -> None:
        """Watch what is held now: its price goes into the greeks."""
        self.subscribe_quote_ticks(event.instrument_id)

    def on_option_chain(self, option_chain_slice: OptionChainSlice) -> None:
        """Sell what there is not yet of the straddle, or hedge it; wait for orders that may still trade."""
        if self.cache.orders_open(strategy_id=self.id) or self.cache.orders_inflight(strategy_id=self.id):
            return
        held = [position.instrument_id for position in self.cache.positions_open(strategy_id=self.id)]
        missing = [leg for leg in self._legs(held, option_chain_slice.atm_strike) if leg not in held]
        for leg in missing:
            self._trade(leg, -self.config.straddles)
        if not missing:
            self._hedge(held)

    def _legs(self, held: list[InstrumentId], at_the_money: Price | None) -> list[InstrumentId]:
        """Return call and put of the strike that was sold; before that, of the one at the money."""
        options = [
            option
            for option in self.cache.instruments(self.series_id.venue, self.series_id.underlying)
            if isinstance(option, OptionContract | CryptoOption)
            and option.expiration_ns == self.series_id.expiration_ns
        ]
        strike = next((option.strike_price for option in options if option.id in held), at_the_money)
        return [option.id for option in options if option.strike_price == strike]

    def _hedge(self, held: list[InstrumentId]) -> None:
        instrument = self.cache.instrument(self.config.underlying_id)
        if instrument is None or any(self.greeks.instrument_greeks(one) is None for one in held):
            return  # what is not known is not hedged
        whole = self.greeks.portfolio_greeks(strategy_id=self.id)
        contracts = whole.delta / float(instrument.multiplier)
        if abs(contracts) >= self.config.band:
            self.log.info(f"hedging {contracts:+.2f} contracts: {whole}")
            self._trade(self.config.underlying_id, -round(contracts))

    def _trade(self, instrument_id: InstrumentId, contracts: int) -> None:
        instrument = self.cache.instrument(instrument_id)
        if instrument is not None and contracts:
            side = OrderSide.BUY if contracts > 0 else OrderSide.SELL
            self.submit_order(self.order_factory.market(instrument_id, side, instrument.make_qty(abs(contracts))))

    def on_stop(self) -> None:
        """Say what is held; it stays."""
        self.log.info(f"holds {self.greeks.portfolio_greeks(strategy_id=self.id)}")
