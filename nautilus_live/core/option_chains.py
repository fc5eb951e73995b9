"""One option chain as it is watched: which strikes are wanted now, and what is known of each.

May know: the model. Pure: quotes, greeks and prices in, slices and changes of what is wanted out. Promises:

1. The strike at the money is the one nearest to the underlying's price, of two as near the lower one. That price is the
   forward that the venue tells with its greeks; until there is one, it is that of the underlying's own market, and
   between two of them it moves with that market.
2. What follows the price moves when the price is past the middle between two strikes by a tenth of their distance, and
   once in `COOLDOWN_NS` at most, so that a price which hangs about there moves nothing to and fro.
3. A slice has the latest of every wanted option that has been quoted; what is wanted no longer is forgotten.
4. While deltas are not known (of all strikes that are looked at), a range by delta is the strikes around the middle.
"""

from __future__ import annotations

from bisect import bisect_left
from decimal import Decimal
from typing import NamedTuple

from nautilus_live.model.data import QuoteTick
from nautilus_live.model.enums import OptionKind
from nautilus_live.model.identifiers import InstrumentId
from nautilus_live.model.instruments import CryptoOption, OptionContract
from nautilus_live.model.objects import Price
from nautilus_live.model.option_chain import (
    STRIKES_WITHOUT_DELTAS,
    OptionChainSlice,
    OptionGreeks,
    OptionSeriesId,
    OptionStrikeData,
    StrikeRange,
)

Option = OptionContract | CryptoOption
COOLDOWN_NS = 5_000_000_000
PAST_THE_MIDDLE = 0.6
"""How far, as a part of the distance of two strikes, the price must be from the old one."""


class Change(NamedTuple):
    """Options that are wanted from now on, and those that no longer are."""

    added: list[InstrumentId]
    removed: list[InstrumentId]


def series_of(option: Option) -> OptionSeriesId:
    """Return the series that an option belongs to."""
    settles = option.settlement_currency if isinstance(option, CryptoOption) else option.quote_currency
    return OptionSeriesId(option.id.venue, str(option.underlying), settles.code, option.expiration_ns)


class OptionChain:
    """The options of one series of which some strikes are wanted (None: all)."""

    def __init__(self, series_id: OptionSeriesId, strike_range: StrikeRange | None) -> None:
        self.series_id = series_id
        self.strike_range = strike_range
        self.underlying_price: float | None = None
        self._spot: float | None = None
        self._basis: float | None = None
        self._options: dict[InstrumentId, Option] = {}
        self._strikes: list[Price] = []
        self._by_strike: dict[Decimal, list[Option]] = {}
        self._quotes: dict[InstrumentId, QuoteTick] = {}
        self._greeks: dict[InstrumentId, OptionGreeks] = {}
        self._wanted: dict[InstrumentId, Option] = {}
        self._center: Price | None = None
        self._moved_ns: int | None = None

    # -- what there is -------------------------------------------------------------------------------------------------

    def add(self, option: Option) -> bool:
        """Take an option of the series; return whether it is new."""
        if option.id in self._options or series_of(option) != self.series_id:
            return False
        self._options[option.id] = option
        same = self._by_strike.setdefault(option.strike_price.value, [])
        if not same:
            self._strikes.insert(bisect_left(self._strikes, option.strike_price), option.strike_price)
        same.append(option)
        return True

    @property
    def pilot(self) -> InstrumentId | None:
        """The option whose greeks tell where the underlying stands: one of the middle strike."""
        if not self._strikes:
            return None
        return self._by_strike[self._strikes[len(self._strikes) // 2].value][0].id

    @property
    def wanted_ids(self) -> list[InstrumentId]:
        """The options that are wanted now."""
        return list(self._wanted)

    # -- what is heard -------------------------------------------------------------------------------------------------

    def take_quote(self, quote: QuoteTick) -> bool:
        """Take a quote; return whether it is news of the chain."""
        if quote.instrument_id not in self._wanted:
            return False
        self._quotes[quote.instrument_id] = quote
        return True

    def take_greeks(self, greeks: OptionGreeks) -> bool:
        """Take greeks; return whether they are news of the chain."""
        if greeks.instrument_id not in self._options:
            return False
        forward = greeks.underlying_price
        if forward is not None and forward > 0:
            self.underlying_price = forward
            self._basis = None if self._spot is None else forward - self._spot
        if greeks.instrument_id not in self._wanted:
            return False
        self._greeks[greeks.instrument_id] = greeks
        return True

    def take_price(self, price: float) -> None:
        """Take a price of the underlying's own market."""
        if not price > 0:  # an empty book is quoted as zero
            return
        if self.underlying_price is None or self._spot is not None:
            self.underlying_price = price + (self._basis or 0.0)
        else:
            self._basis = self.underlying_price - price
        self._spot = price

    # -- what is wanted ------------------------------------------------------------------------------------------------

    def rebalance(self, now_ns: int) -> Change:
        """Return what is wanted anew and no longer, as strikes, price and greeks are."""
        follows = self.strike_range is not None and self.strike_range.follows_price
        if follows and self._moved_ns is not None and now_ns - self._moved_ns < COOLDOWN_NS:
            return Change([], [])
        self._recenter()
        wanted = {option.id: option for strike in self._selected() for option in self._by_strike[strike.value]}
        change = Change(
            [instrument_id for instrument_id in wanted if instrument_id not in self._wanted],
            [instrument_id for instrument_id in self._wanted if instrument_id not in wanted],
        )
        if change.added or change.removed:
            self._moved_ns = now_ns
        self._wanted = wanted
        for gone in change.removed:
            self._quotes.pop(gone, None)
            self._greeks.pop(gone, None)
        return change

    def _recenter(self) -> None:
        nearest = self._at_the_money()
        if nearest is None or nearest == self._center:
            return
        if self._center is not None and self.underlying_price is not None and self._wanted:
            gap = abs(float(self._next_to(self._center, nearest)) - float(self._center))
            if abs(self.underlying_price - float(self._center)) < PAST_THE_MIDDLE * gap:
                return
        self._center = nearest

    def _next_to(self, strike: Price, towards: Price) -> Price:
        at = self._strikes.index(strike)
        return self._strikes[at + 1 if towards > strike else at - 1]

    def _at_the_money(self) -> Price | None:
        price = self.underlying_price
        if price is None or not self._strikes:
            return None
        return min(self._strikes, key=lambda strike: (abs(float(strike) - price), float(strike)))

    def _selected(self) -> list[Price]:
        chosen = self.strike_range
        if chosen is None:
            return self._strikes
        if chosen.kind == "Fixed":
            named = {strike.value for strike in chosen.strikes}
            return [strike for strike in self._strikes if strike.value in named]
        if self._center is None or self.underlying_price is None:
            return []
        if chosen.kind == "AtmPercent":
            price = self.underlying_price
            return [strike for strike in self._strikes if abs(float(strike) - price) <= chosen.pct * price]
        if chosen.kind == "AtmRelative":
            return self._around(chosen.strikes_above, chosen.strikes_below)
        return self._by_delta(chosen)

    def _around(self, above: int, below: int) -> list[Price]:
        assert self._center is not None, "there is a middle"
        at = self._strikes.index(self._center)
        return self._strikes[max(0, at - below) : at + above + 1]

    def _by_delta(self, chosen: StrikeRange) -> list[Price]:
        """Return the strikes of which an option has such a delta; those in the middle where deltas are not known."""
        near = {
            greeks.instrument_id
            for greeks in self._greeks.values()
            if abs(abs(greeks.delta) - chosen.target) <= chosen.tolerance
        }
        if near and all(instrument_id in self._greeks for instrument_id in self._wanted):
            found = {self._options[instrument_id].strike_price.value for instrument_id in near}
            return [strike for strike in self._strikes if strike.value in found]
        return self._around(STRIKES_WITHOUT_DELTAS, STRIKES_WITHOUT_DELTAS)

    # -- what is told --------------------------------------------------------------------------------------------------

    def slice(self, now_ns: int) -> OptionChainSlice | None:
        """Return the chain as it stands, None while nothing of it has been quoted."""
        sides: dict[OptionKind, dict[Decimal, OptionStrikeData]] = {OptionKind.CALL: {}, OptionKind.PUT: {}}
        prices: dict[Decimal, Price] = {}
        event_ns = 0
        for option in self._wanted.values():
            quote, greeks = self._quotes.get(option.id), self._greeks.get(option.id)
            if quote is not None:
                strike = option.strike_price
                sides[option.option_kind][strike.value] = OptionStrikeData(quote, greeks)
                prices[strike.value] = strike
                event_ns = max(event_ns, quote.ts_event, 0 if greeks is None else greeks.ts_event)
        if not prices:
            return None
        strikes = tuple(prices.values())
        return OptionChainSlice(
            self.series_id, self._at_the_money(), event_ns, now_ns, sides[OptionKind.CALL], sides[OptionKind.PUT],
            strikes,
        )  # fmt: skip
