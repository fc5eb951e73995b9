"""What things are worth: the price that a position is valued at, and what one currency costs in another.

Knows the cache and asks it when it is asked; keeps only the closing prices of bars, and which pairs of currencies there
are. Where nothing is known the answer is `None`, never a guess.

A long position is worth what somebody bids, a short one costs what somebody asks; without a quote the last trade
counts, then the close of a venue's bar. With mark prices those come first. A rate is the mid of a pair, or the mark
price; where two currencies have no pair, the shortest way through others counts. With mark rates, a rate that was
stated (`Cache.set_mark_xrate`) comes before all.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from nautilus_live.config.portfolio import PortfolioConfig
from nautilus_live.core.exchange_rates import Market, exchange_rate
from nautilus_live.engine.cache import Cache
from nautilus_live.model.bars import Bar
from nautilus_live.model.enums import AggregationSource, PriceType
from nautilus_live.model.identifiers import InstrumentId
from nautilus_live.model.instruments import Instrument
from nautilus_live.model.objects import Currency, Price

ONE = Decimal(1)
ZERO = Decimal(0)


class Valuation:
    """Prices and exchange rates.

    Args:
        cache: what is known of markets.
        config: `use_mark_prices`, `use_mark_xrates`, `bar_updates`.

    Attributes:
        use_mark_prices: whether positions are valued at mark prices where there are any.
        use_mark_xrates: whether currencies are converted at mark prices where there are any.

    """

    def __init__(self, cache: Cache, config: PortfolioConfig) -> None:
        self._cache = cache
        self.use_mark_prices = config.use_mark_prices
        self.use_mark_xrates = config.use_mark_xrates
        self._uses_bars = config.bar_updates
        self._closes: dict[InstrumentId, Price] = {}
        self._pairs: list[Instrument] = []
        self._instrument_count = 0

    def on_bar(self, bar: Bar) -> None:
        """Remember the close of a bar that a venue made: what we make of quotes and trades says nothing new."""
        if self._uses_bars and bar.bar_type.aggregation_source is AggregationSource.EXTERNAL:
            self._closes[bar.bar_type.instrument_id] = bar.close

    def price(self, instrument_id: InstrumentId, signed_qty: Decimal = ZERO) -> Price | None:
        """Return what a position of that sign is valued at (zero: the mid), None if nothing is known."""
        known = self._cache.price
        if self.use_mark_prices:
            marked = known(instrument_id, PriceType.MARK)
            if marked is not None:
                return marked
        quoted = PriceType.BID if signed_qty > 0 else PriceType.ASK if signed_qty < 0 else PriceType.MID
        found = known(instrument_id, quoted)
        if found is not None and found.value:  # an empty side is quoted as zero
            return found
        return known(instrument_id, PriceType.LAST) or self._closes.get(instrument_id)

    # -- currencies --------------------------------------------------------------------------------------------------

    def rate(self, source: Currency, target: Currency) -> Decimal | None:
        """Return what one unit of `source` is worth in `target`, None if no known pairs lead there."""
        if source == target:
            return ONE
        if self.use_mark_xrates:
            stated = self._cache.get_mark_xrate(source, target)
            if stated is not None:
                return stated
        return exchange_rate(self._markets(), source.code, target.code)

    def _markets(self) -> Iterator[Market]:
        for pair in self._known_pairs():
            price = self._pair_price(pair.id)
            if price is not None and pair.base_currency is not None:
                yield pair.base_currency.code, pair.quote_currency.code, price, price

    def _pair_price(self, instrument_id: InstrumentId) -> Decimal | None:
        known = self._cache.price
        marked = known(instrument_id, PriceType.MARK) if self.use_mark_xrates else None
        found = marked or known(instrument_id, PriceType.MID) or known(instrument_id, PriceType.LAST)
        found = found or self._closes.get(instrument_id)
        return None if found is None else found.value

    def _known_pairs(self) -> list[Instrument]:
        """Return the pairs of currencies; the instruments are looked through if there are more or fewer than before."""
        instruments = self._cache.instruments()
        if len(instruments) != self._instrument_count:
            self._instrument_count = len(instruments)
            self._pairs = [instrument for instrument in instruments if instrument.is_spot]
        return self._pairs
