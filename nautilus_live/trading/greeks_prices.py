"""Prices that greeks are calculated with, as floats: of instruments, and of what options are on.

Promises: the middle of the latest quote comes before the latest trade, that before the close of the latest bar of
trades, and that before what the venue says an index stands at; what is not known is `NotKnown`, never a price of
something else.
"""

from __future__ import annotations

from math import exp

from nautilus_live.engine.cache import Cache
from nautilus_live.model.black_scholes import DAYS_PER_YEAR
from nautilus_live.model.enums import OptionKind, PriceType
from nautilus_live.model.identifiers import InstrumentId, Symbol
from nautilus_live.model.instruments import CryptoOption, Instrument, OptionContract
from nautilus_live.model.objects import Price
from nautilus_live.trading.clock import TimerClock

NANOSECONDS_PER_DAY = 86_400 * 1_000_000_000
INTEREST_RATE = 0.0425
"""Per year, where nothing else is said; the ecosystem's."""
Option = OptionContract | CryptoOption


class NotKnown(Exception):  # an answer on its way to `instrument_greeks`, no error
    """Something that greeks need is not known."""


class GreeksPrices:
    """What the cache knows of prices; an underlying without one of its own may have a future's, and a spread to it.

    Args:
        cache: knows instruments and prices.
        clock: our time.

    """

    def __init__(self, cache: Cache, clock: TimerClock) -> None:
        self._cache = cache
        self._clock = clock
        self._spreads: dict[InstrumentId, tuple[Instrument, float]] = {}

    def cache_futures_spread(
        self, call_instrument_id: InstrumentId, put_instrument_id: InstrumentId, futures_instrument_id: InstrumentId
    ) -> Price | None:
        """Keep how far the forward that a call and a put imply lies above a future, and return that forward.

        From then on, an underlying of theirs that has no price of its own has the future's, so much higher. None, and
        nothing is kept, where one of the three has no price.

        Raises:
            ValueError: if they are not a call and a put of one underlying, strike and expiration, and a future.

        """
        call, put = self._cache.instrument(call_instrument_id), self._cache.instrument(put_instrument_id)
        future = self._cache.instrument(futures_instrument_id)
        told = f"{call_instrument_id}, {put_instrument_id} and {futures_instrument_id}"
        if not isinstance(call, Option) or not isinstance(put, Option) or future is None:
            raise ValueError(f"a spread is of a call, a put and a future in the cache, was {told}")
        kinds = (call.option_kind, put.option_kind)
        if kinds != (OptionKind.CALL, OptionKind.PUT) or _terms_of(call) != _terms_of(put):
            raise ValueError(f"a call and a put must have one underlying, strike and expiration, was {told}")
        try:
            call_price, put_price, price = [self.price(one.id) for one in (call, put, future)]
        except NotKnown:
            return None
        _, years = self.time_left(call, self._clock.timestamp_ns())
        rate = self.rate(call.quote_currency.code, years, INTEREST_RATE)
        forward = float(call.strike_price) + exp(rate * years) * (call_price - put_price)  # put-call parity
        self._spreads[self.underlying_id(call)] = (future, forward - price)
        return self.get_cached_futures_spread_price(self.underlying_id(call))

    def get_cached_futures_spread_price(self, underlying_instrument_id: InstrumentId) -> Price | None:
        """Return the price of an underlying by its spread to a future, None if none is kept or the future has none."""
        found = self._spreads.get(underlying_instrument_id)
        if found is None:
            return None
        future, spread = found
        try:
            value = self.price(future.id) + spread
        except NotKnown:
            return None
        return Price.from_str(f"{value:.{future.price_precision + 1}f}")

    def price(self, instrument_id: InstrumentId) -> float:
        """Return the price of an instrument, or of an index that the venue tells of. Raises `NotKnown` without one."""
        for price_type in (PriceType.MID, PriceType.LAST):
            price = self._cache.price(instrument_id, price_type)
            if price is not None:
                return float(price)
        kinds = self._cache.bar_types(instrument_id, PriceType.LAST)
        bars = [bar for bar in map(self._cache.bar, kinds) if bar is not None]
        if bars:
            return float(max(bars, key=lambda bar: bar.ts_event).close)
        return self._said(instrument_id)

    def underlying_price(self, option: Instrument) -> float:
        """Return the price of what an option is on: its own, by a future, or as the venue says. Raises `NotKnown`."""
        underlying_id = self.underlying_id(option)
        try:
            return self.price(underlying_id)
        except NotKnown:
            by_spread = self.get_cached_futures_spread_price(underlying_id)
        if by_spread is not None:
            return float(by_spread)
        told = self._cache.option_greeks(option.id)
        if told is not None and told.underlying_price is not None:
            return told.underlying_price
        try:
            return self._said(option.id)
        except NotKnown:
            raise NotKnown(f"its underlying {underlying_id} must have a price, had none") from None

    def _said(self, instrument_id: InstrumentId) -> float:
        said = self._cache.index_price(instrument_id)
        if said is None:
            raise NotKnown(f"{instrument_id} must have a price, had none")
        return float(said.value)

    def underlying_id(self, instrument: Instrument) -> InstrumentId:
        """Return the id of what an option is on, which is named by its symbol; of anything else it is its own."""
        if isinstance(instrument, Option):
            return InstrumentId(Symbol(str(instrument.underlying)), instrument.id.venue)
        return instrument.id

    def rate(self, curve_name: str, years: float, flat: float) -> float:
        """Return the rate of a curve for so many years, without such a curve the flat one."""
        curve = self._cache.yield_curve(curve_name)
        return flat if curve is None else curve(years)

    def time_left(self, option: Option, now_ns: int) -> tuple[int, float]:
        """Return whole days until an option expires, at least one, and the same in years.

        Raises:
            NotKnown: if it has expired.

        """
        if now_ns >= option.expiration_ns:
            raise NotKnown(f"it must not have expired, did so at {option.expiration_utc}")
        days = max(1, (option.expiration_ns - now_ns) // NANOSECONDS_PER_DAY)
        return days, days / DAYS_PER_YEAR


def _terms_of(option: Option) -> tuple[object, ...]:
    return (str(option.underlying), option.strike_price, option.expiration_ns)
