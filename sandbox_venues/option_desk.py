"""Options at a venue: makers who quote them after their underlying, and the greeks that the venue tells.

May know: the model, markets. No clock: time is an argument, in nanoseconds. Floats are in what is estimated (values,
volatilities, greeks) and end at the tick: a quote is a price. Promises:

1. Makers quote Black-Scholes' value at their volatility, without interest, whenever the underlying's best prices
   change; what they had in the book before is taken back, and what crosses their new prices trades.
2. Greeks are told as the option's own middle implies them, and its bid and ask beside; an option without a bid or an
   ask, or whose price no volatility gives, has none.
3. An option that expires pays what it is in the money by, at the underlying's index price (or what there is instead),
   unless somebody has said a price to settle it at.
4. The underlying of an option is the market that it names, of one on a currency the first in that currency.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_FLOOR, Decimal
from typing import Any, NamedTuple, Protocol

from nautilus_live.model.black_scholes import DAYS_PER_YEAR, black_scholes_greeks, imply_vol, imply_vol_and_greeks
from nautilus_live.model.enums import OptionKind
from nautilus_live.model.identifiers import InstrumentId
from nautilus_live.model.instruments import CryptoOption, OptionContract
from nautilus_live.model.option_chain import OptionGreeks
from sandbox_venues.matching import Market

NANOSECONDS_PER_YEAR = DAYS_PER_YEAR * 86_400 * 1_000_000_000
OPTIONS = (OptionContract, CryptoOption)


class Quoting(Protocol):
    """What makers need of their venue."""

    def replace_book(
        self, market: Market, bids: list[tuple[Decimal, Decimal]], asks: list[tuple[Decimal, Decimal]], now_ns: int
    ) -> None:
        """Replace the scripted liquidity of a market."""
        ...


class OptionMakers:
    """The makers of all options on one market."""

    def __init__(
        self,
        venue: Quoting,
        underlying: Market,
        markets: Mapping[InstrumentId, Market],
        *,
        volatility: float,
        spread_ticks: int,
        quantity: Decimal,
    ) -> None:
        self.underlying = underlying
        self._venue = venue
        self._markets = markets
        self._options: list[Market] = []
        self._known = 0
        self._volatility = volatility
        self._spread_ticks = spread_ticks
        self._quantity = quantity
        self._seen: tuple[Decimal | None, Decimal | None] = (None, None)

    def look(self, market: Market, now_ns: int) -> None:
        """Quote anew if that market is the underlying and its best prices have changed."""
        if market is not self.underlying or self._seen == (market.bid, market.ask):
            return
        self._seen = (market.bid, market.ask)
        if self._known != len(self._markets):  # options may be listed at any time
            self._known = len(self._markets)
            found = self._markets.values()
            self._options = [one for one in found if underlying_of(one, self._markets) is self.underlying]
        middle = middle_of(market)
        for option in self._options:
            if option.phase == "delisted":
                continue
            if middle is None:
                self._venue.replace_book(option, [], [], now_ns)
            else:
                self._venue.replace_book(option, *self._levels(option, float(middle), now_ns), now_ns)

    def _levels(
        self, option: Market, spot: float, now_ns: int
    ) -> tuple[list[tuple[Decimal, Decimal]], list[tuple[Decimal, Decimal]]]:
        terms = terms_of(option, now_ns)
        value = black_scholes_greeks(spot, 0.0, 0.0, self._volatility, *terms).price
        tick = option.instrument.price_increment.value
        below = (Decimal(str(value)) / tick - Decimal(self._spread_ticks) / 2).to_integral_value(ROUND_FLOOR) * tick
        above = max(below, Decimal(0)) + self._spread_ticks * tick
        return ([(below, self._quantity)] if below > 0 else [], [(above, self._quantity)])


class _OptionTerms(NamedTuple):
    is_call: bool
    strike: float
    years: float


def terms_of(option: Market, now_ns: int) -> _OptionTerms:
    """Return side, strike and years left of an option."""
    instrument: Any = option.instrument
    years = max(0.0, (instrument.expiration_ns - now_ns) / NANOSECONDS_PER_YEAR)
    return _OptionTerms(instrument.option_kind is OptionKind.CALL, float(instrument.strike_price), years)


def underlying_of(option: Market, markets: Mapping[InstrumentId, Market]) -> Market | None:
    """Return the market that an option is on, `None` if it is not traded here, or this is no option."""
    instrument = option.instrument
    if not isinstance(instrument, OPTIONS):
        return None
    named = str(instrument.underlying)
    others = [market for market in markets.values() if not isinstance(market.instrument, OPTIONS)]
    found = (market for market in others if str(market.instrument.id.symbol) == named)
    in_currency = (market for market in others if str(market.instrument.base_currency) == named)
    return next(found, None) or next(in_currency, None)


def middle_of(market: Market) -> Decimal | None:
    """Return the middle of the best bid and ask, `None` if one is missing."""
    return None if market.bid is None or market.ask is None else (market.bid + market.ask) / 2


def final_price(market: Market, underlying: Market | None) -> Decimal | None:
    """Return the price at which a market's positions end: of an option what it pays, of others the index price."""
    option: Any = market.instrument
    spot = None if underlying is None else underlying.index_price
    if spot is None or market.index is not None:
        return market.index_price
    lead: Decimal = spot - option.strike_price.value
    return max(Decimal(0), lead if option.option_kind is OptionKind.CALL else -lead)


def prices_of(option: Market, underlying: Market | None) -> tuple[Decimal, Decimal, Decimal] | None:
    """Return what greeks follow from: bid and ask of an option, and the underlying's middle."""
    middle = None if underlying is None else middle_of(underlying)
    if option.bid is None or option.ask is None or middle is None:
        return None
    return option.bid, option.ask, middle


def greeks_of(option: Market, prices: tuple[Decimal, Decimal, Decimal], now_ns: int) -> OptionGreeks | None:
    """Return the greeks that prices imply, `None` where no volatility gives them."""
    bid, ask, spot = map(float, prices)
    is_call, strike, years = terms_of(option, now_ns)
    try:
        found = imply_vol_and_greeks(spot, 0.0, 0.0, is_call, strike, years, (bid + ask) / 2)
        bid_iv, ask_iv = [imply_vol(spot, 0.0, 0.0, is_call, strike, years, price) for price in (bid, ask)]
    except ValueError:
        return None
    return OptionGreeks(
        option.instrument.id, found.delta, found.gamma, found.vega, found.theta, -years * found.price / 100, found.vol,
        bid_iv, ask_iv, spot, None, now_ns, now_ns,
    )  # fmt: skip
