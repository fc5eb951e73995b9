"""Greeks of instruments and portfolios, from what the cache knows of markets, curves and positions.

Names and arguments are those of the ecosystem (releases 1.221 and 1.231); numbers are those of 1.231, per unit of the
underlying, and for a portfolio per all that is held (`model.greeks_data`). Formulas and units: `model.black_scholes`.
American options count as European ones.

Promises:
1. What is not known is not guessed: without a price of the option, its underlying or the index asked for, or where no
   volatility gives the option's price, there are no greeks, and the log says why, once.
2. Shocks and weights move nothing but the numbers returned: what is cached and published is the market as it is.
3. A portfolio's greeks leave out positions whose greeks are not known, and the log names them.

An actor's own calculator is `self.greeks`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from msgspec.structs import replace

from nautilus_live.core.greeks_shocks import Shocks
from nautilus_live.core.greeks_weights import Weighting, Weights
from nautilus_live.engine.cache import Cache
from nautilus_live.engine.data import custom_topic
from nautilus_live.engine.message_bus import MessageBus
from nautilus_live.errors import ProgrammerError
from nautilus_live.model.black_scholes import imply_vol_and_greeks
from nautilus_live.model.custom_data import DataType
from nautilus_live.model.enums import InstrumentClass, OptionKind, PositionSide
from nautilus_live.model.greeks_data import GreeksData, PortfolioGreeks
from nautilus_live.model.identifiers import InstrumentId, StrategyId, Venue
from nautilus_live.model.instruments import Instrument
from nautilus_live.model.position import Position
from nautilus_live.model.spread_ids import generic_spread_id_to_list
from nautilus_live.trading.greeks_prices import INTEREST_RATE, GreeksPrices, NotKnown, Option

Betas = Mapping[InstrumentId, float] | None
SPREADS = (InstrumentClass.OPTION_SPREAD, InstrumentClass.FUTURES_SPREAD)
NOT_CALCULATED = (InstrumentClass.BINARY_OPTION, InstrumentClass.WARRANT, InstrumentClass.SPORTS_BETTING)
"""What moves with something, but neither one to one nor as Black and Scholes say."""


class _Asked(NamedTuple):
    """What is wanted of greeks."""

    interest_rate: float
    dividend_yield: float | None
    shocks: Shocks
    uses_cached: bool
    caches: bool
    publishes: bool
    weighting: Weighting


class GreeksCalculator(GreeksPrices):
    """Calculates greeks. Made as `GreeksCalculator(msgbus, cache, clock)`, or without a bus: `(cache, clock)`.

    Args:
        msgbus: where greeks are published and heard; None for nowhere.
        cache: knows instruments, prices, curves, positions, and greeks from before.
        clock: our time.

    """

    def __init__(self, msgbus: Any = None, cache: Any = None, clock: Any = None) -> None:
        if isinstance(msgbus, Cache):
            msgbus, cache, clock = None, msgbus, cache if clock is None else clock
        if not isinstance(cache, Cache) or clock is None:
            raise ProgrammerError(f"greeks are calculated with a cache and a clock, was {cache!r} and {clock!r}")
        super().__init__(cache, clock)
        self._msgbus: MessageBus | None = msgbus
        self._log = logging.getLogger(__name__)
        self._told: dict[InstrumentId, str] = {}

    def instrument_greeks(
        self,
        instrument_id: InstrumentId,
        flat_interest_rate: float = INTEREST_RATE,
        flat_dividend_yield: float | None = None,
        spot_shock: float = 0.0,
        vol_shock: float = 0.0,
        time_to_expiry_shock: float = 0.0,
        use_cached_greeks: bool = False,
        cache_greeks: bool = False,
        publish_greeks: bool = False,
        ts_event: int = 0,
        position: Position | None = None,
        percent_greeks: bool = False,
        index_instrument_id: InstrumentId | None = None,
        beta_weights: Betas = None,
        vega_time_weight_base: int | None = None,
        update_vol: bool = False,
        vol_index_instrument_id: InstrumentId | None = None,
        vol_beta_weights: Betas = None,
    ) -> GreeksData | None:
        """Return the greeks of one instrument, for a quantity of 1; None where they are not known.

        Of what is no option delta is 1 before weights, and the rest 0; of a spread they are those of its legs, which
        its id must name (`model.spread_ids`).

        Args:
            instrument_id: the instrument.
            flat_interest_rate: per year, where the cache has no curve of the option's currency.
            flat_dividend_yield: per year, where the cache has no curve of the underlying's id. Without either, the cost
                of carry is 0, as it is of a future.
            spot_shock: added to the underlying's price.
            vol_shock: added to the volatility (0.01 is one percentage point).
            time_to_expiry_shock: taken off the time left, in years.
            use_cached_greeks: start from those in the cache, if there are any.
            cache_greeks: keep an option's in the cache, as they are without shocks and weights.
            publish_greeks: publish them likewise.
            ts_event: when; 0 is now.
            position: what `pnl` is of: the price less what it was opened at.
            percent_greeks: for moves of one per cent of the underlying (or index), not of one unit of its price.
            index_instrument_id: count delta and gamma in moves of this instrument.
            beta_weights: by how much an underlying's return follows the index's, 1 where not said.
            vega_time_weight_base: days; vega is multiplied by the root of them over the days left.
            update_vol: accepted: the volatility is found exactly each time, wherever the search begins.
            vol_index_instrument_id: count vega in moves of this index of volatilities (in points: 20 is 20 %).
            vol_beta_weights: by how much an underlying's volatility follows that index, 1 where not said.

        Raises:
            ValueError: if a shock takes the price of an option's underlying to 0 or below.

        """
        weighting = Weighting(
            percent_greeks, index_instrument_id, beta_weights, vega_time_weight_base, vol_index_instrument_id,
            vol_beta_weights,
        )  # fmt: skip
        asked = _Asked(
            flat_interest_rate, flat_dividend_yield, Shocks(spot_shock, vol_shock, time_to_expiry_shock),
            use_cached_greeks, cache_greeks, publish_greeks, weighting,
        )  # fmt: skip
        return self._greeks(instrument_id, asked, position, ts_event or self._clock.timestamp_ns())

    def portfolio_greeks(
        self,
        underlyings: Sequence[str] | None = None,
        venue: Venue | None = None,
        instrument_id: InstrumentId | None = None,
        strategy_id: StrategyId | None = None,
        side: PositionSide = PositionSide.NO_POSITION_SIDE,
        flat_interest_rate: float = INTEREST_RATE,
        flat_dividend_yield: float | None = None,
        spot_shock: float = 0.0,
        vol_shock: float = 0.0,
        time_to_expiry_shock: float = 0.0,
        use_cached_greeks: bool = False,
        cache_greeks: bool = False,
        publish_greeks: bool = False,
        percent_greeks: bool = False,
        index_instrument_id: InstrumentId | None = None,
        beta_weights: Betas = None,
        greeks_filter: Callable[[PortfolioGreeks], object] | None = None,
        vega_time_weight_base: int | None = None,
        update_vol: bool = False,
        vol_index_instrument_id: InstrumentId | None = None,
        vol_beta_weights: Betas = None,
    ) -> PortfolioGreeks:
        """Return what the greeks of the open positions add up to.

        Those of several underlyings add up to something only if they are counted in moves of an index.

        Args:
            underlyings: only instruments whose symbol begins with one of these.
            venue, instrument_id, strategy_id, side: only such positions.
            greeks_filter: called with the greeks of each position; those that it says no to are left out.
            others: as in `instrument_greeks`.

        Raises:
            ValueError: as `instrument_greeks`.

        """
        weighting = Weighting(
            percent_greeks, index_instrument_id, beta_weights, vega_time_weight_base, vol_index_instrument_id,
            vol_beta_weights,
        )  # fmt: skip
        asked = _Asked(
            flat_interest_rate, flat_dividend_yield, Shocks(spot_shock, vol_shock, time_to_expiry_shock),
            use_cached_greeks, cache_greeks, publish_greeks, weighting,
        )  # fmt: skip
        now_ns = self._clock.timestamp_ns()
        total = PortfolioGreeks(ts_event=now_ns, ts_init=now_ns)
        prefixes = ("",) if underlyings is None else tuple(underlyings)
        for position in self._cache.positions_open(venue, instrument_id, strategy_id, side):
            if position.instrument_id.symbol.value.startswith(prefixes):
                greeks = self._greeks(position.instrument_id, asked, position, now_ns)
                held = None if greeks is None else float(position.signed_qty) * greeks
                if held is not None and (greeks_filter is None or greeks_filter(held)):
                    total += held
        return total

    def _greeks(
        self, instrument_id: InstrumentId, asked: _Asked, position: Position | None, now_ns: int
    ) -> GreeksData | None:
        instrument = self._cache.instrument(instrument_id)
        try:
            if instrument is None:
                raise NotKnown("it must be in the cache, was not")
            greeks = self._asked_for(instrument, asked, now_ns)
        except NotKnown as reason:
            if self._told.get(instrument_id) != str(reason):
                self._told[instrument_id] = str(reason)
                self._log.warning("%s: no greeks: %s", instrument_id, reason)
            return None
        self._told.pop(instrument_id, None)
        has_price = isinstance(instrument, Option) or instrument.instrument_class in SPREADS
        if position is not None:
            greeks.pnl = (greeks.price if has_price else greeks.underlying_price) - float(position.avg_px_open)
        if not has_price:
            greeks.price = greeks.pnl  # as of a future, which costs nothing
        return greeks

    def _asked_for(self, instrument: Instrument, asked: _Asked, now_ns: int) -> GreeksData:
        """Return the greeks of an instrument, or of the legs that its id names, with shocks, in the units asked for."""
        kind = instrument.instrument_class
        if kind in NOT_CALCULATED:
            raise NotKnown(f"it must move with an underlying as others do, is a {kind}")
        if kind not in SPREADS:
            base = self._base(instrument, asked, now_ns)
            return self._weighted(asked.shocks.applied(base), base, self.underlying_id(instrument), asked.weighting)
        whole = GreeksData.from_delta(instrument.id, 0.0, float(instrument.multiplier), now_ns)
        try:
            legs = generic_spread_id_to_list(instrument.id)
        except ValueError as error:
            raise NotKnown(f"its id must name its legs: {error}") from error
        for leg_id, ratio in legs:
            leg = self._cache.instrument(leg_id)
            if leg is None:
                raise NotKnown(f"its leg {leg_id} must be in the cache, was not")
            found = self._asked_for(leg, asked, now_ns)
            share = ratio * found.multiplier / whole.multiplier
            whole.price += share * (found.price if isinstance(leg, Option) else found.underlying_price)
            for name in ("delta", "gamma", "vega", "theta"):
                setattr(whole, name, getattr(whole, name) + share * getattr(found, name))
        return whole

    # -- as the market is ----------------------------------------------------------------------------------------------

    def _base(self, instrument: Instrument, asked: _Asked, now_ns: int) -> GreeksData:
        """Return the greeks of an instrument without shocks and weights, from the cache where that is asked."""
        if not isinstance(instrument, Option):
            found = GreeksData.from_delta(instrument.id, 1.0, float(instrument.multiplier), now_ns)
            found.underlying_price = self.price(instrument.id)
        else:
            cached = self._cache.greeks(instrument.id) if asked.uses_cached else None
            if cached is not None:
                return cached
            found = self._of_option(instrument, asked, now_ns)
            if asked.caches:
                self._cache.add_greeks(found)
        if asked.publishes:
            self._publish(found)
        return found

    def _of_option(self, option: Option, asked: _Asked, now_ns: int) -> GreeksData:
        if option.is_inverse:
            raise NotKnown("its price must be in the quote currency, is in the underlying")
        days, years = self.time_left(option, now_ns)
        price, spot = self.price(option.id), self.underlying_price(option)
        rate = self.rate(option.quote_currency.code, years, asked.interest_rate)
        # Of what nobody says what it pays, holding it costs nothing: so it is of a future, and so the ecosystem has it.
        paid = self.rate(
            str(self.underlying_id(option)), years, rate if asked.dividend_yield is None else asked.dividend_yield
        )
        is_call, strike = option.option_kind is OptionKind.CALL, float(option.strike_price)
        try:
            found = imply_vol_and_greeks(spot, rate, rate - paid, is_call, strike, years, price)
        except ValueError as error:
            raise NotKnown(str(error)) from error
        return GreeksData(
            ts_event=now_ns,
            ts_init=now_ns,
            instrument_id=option.id,
            is_call=is_call,
            strike=strike,
            expiry=int(option.expiration_utc.strftime("%Y%m%d")),
            expiry_in_days=days,
            expiry_in_years=years,
            multiplier=float(option.multiplier),
            quantity=1.0,
            underlying_price=spot,
            interest_rate=rate,
            cost_of_carry=rate - paid,
            **found._asdict(),
        )

    # -- in other units ------------------------------------------------------------------------------------------------

    def _weighted(
        self, greeks: GreeksData, base: GreeksData, underlying_id: InstrumentId, weighting: Weighting
    ) -> GreeksData:
        """Return (shocked) greeks in the units asked for; `base` is how the market is."""
        weights = weighting.of(
            underlying_id, greeks.underlying_price, base.underlying_price, greeks.vol, base.vol,
            greeks.expiry_in_days, self._index_price(weighting.index_id), self._index_price(weighting.vol_index_id),
        )  # fmt: skip
        delta, gamma, vega = weights.applied(greeks.delta, greeks.gamma, greeks.vega)
        return replace(greeks, delta=delta, gamma=gamma, vega=vega)

    def _index_price(self, index_id: InstrumentId | None) -> float | None:
        if index_id is None:
            return None
        price = self.price(index_id)
        if price <= 0:
            raise NotKnown(f"the index {index_id} must have a price above 0, was {price}")
        return price

    def modify_greeks(
        self,
        delta_input: float,
        gamma_input: float,
        underlying_instrument_id: InstrumentId,
        underlying_price: float,
        unshocked_underlying_price: float,
        percent_greeks: bool,
        index_instrument_id: InstrumentId | None,
        beta_weights: Betas,
        vega_input: float = 0.0,
        vol: float = 0.0,
        expiry_in_days: int = 0,
        vega_time_weight_base: int | None = None,
        unshocked_vol: float = 0.0,
        vol_index_instrument_id: InstrumentId | None = None,
        vol_beta_weights: Betas = None,
        index_price: float | None = None,
        vol_index_price: float | None = None,
    ) -> tuple[float, float, float]:
        """Return delta, gamma and vega in other units; arguments as in `instrument_greeks`.

        Raises:
            ValueError: if an index has no price, neither in the cache nor given (`index_price`, `vol_index_price`).

        """
        weighting = Weighting(
            percent_greeks, index_instrument_id, beta_weights, vega_time_weight_base, vol_index_instrument_id,
            vol_beta_weights,
        )  # fmt: skip
        try:
            index_price = self._index_price(index_instrument_id) if index_price is None else index_price
            vol_index_price = self._index_price(vol_index_instrument_id) if vol_index_price is None else vol_index_price
        except NotKnown as reason:
            raise ValueError(f"greeks in moves of an index: {reason}") from reason
        weights: Weights = weighting.of(
            underlying_instrument_id, underlying_price, unshocked_underlying_price, vol, unshocked_vol or vol,
            expiry_in_days, index_price, vol_index_price,
        )  # fmt: skip
        return weights.applied(delta_input, gamma_input, vega_input)

    # -- what others calculate -----------------------------------------------------------------------------------------

    def subscribe_greeks(
        self,
        instrument_id: InstrumentId | str | None = None,
        handler: Callable[[GreeksData], object] | None = None,
    ) -> None:
        """Hear greeks that are published: of one instrument (`*` stands for anything: `ES*.XCME`), or of all.

        Without a handler they go into the cache, for `use_cached_greeks`.

        Raises:
            ProgrammerError: if there is no message bus.

        """
        pattern = "*" if instrument_id is None else str(instrument_id)
        if isinstance(instrument_id, str) and "." not in instrument_id:
            pattern += "*"  # earlier releases named an underlying
        topic = DataType(GreeksData, {"instrument_id": pattern}).topic
        self._bus().subscribe(f"data.{topic}", handler or self._cache.add_greeks)

    def _publish(self, greeks: GreeksData) -> None:
        data_type = DataType(GreeksData, {"instrument_id": greeks.instrument_id})
        self._bus().publish(custom_topic(data_type), greeks)

    def _bus(self) -> MessageBus:
        if self._msgbus is None:
            raise ProgrammerError("greeks are published and heard on a message bus, was none")
        return self._msgbus
