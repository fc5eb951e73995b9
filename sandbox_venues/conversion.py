"""Accounts in one currency: what the venue's own currency pairs make of every other one.

May know: the model, markets. Promises: a rate that was found once stays, as it was found last; an amount is
converted when it is paid, at the rate of that moment, and rounded once.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from nautilus_live.model.identifiers import InstrumentId
from nautilus_live.model.instruments import CurrencyPair, Instrument
from nautilus_live.model.instruments.base import without_noise
from nautilus_live.model.objects import Currency, Money

if TYPE_CHECKING:
    from sandbox_venues.matching import Market

ONE = Decimal(1)


class Rate(NamedTuple):
    """What one unit of some currency is worth in an account's own."""

    value: Decimal
    currency: Currency

    def of(self, amount: Decimal) -> Money:
        """Return an amount in the account's currency."""
        return Money(without_noise(amount * self.value), self.currency)


class Conversion:
    """The rates into one currency."""

    def __init__(self, base: Currency, markets: dict[InstrumentId, Market]) -> None:
        self.base = base
        self._markets = markets
        self._known: dict[str, Rate] = {base.code: Rate(ONE, base)}

    def rate(self, currency: Currency) -> Rate | None:
        """Return the rate at the mark price of the pair, either way round; None if it was never known."""
        code = currency.code
        if currency == self.base:
            return self._known[code]
        for market in self._markets.values():
            pair, price = market.instrument, market.mark_price
            if not isinstance(pair, CurrencyPair) or not price:
                continue
            ends = (pair.get_base_currency(), pair.quote_currency)
            if ends == (currency, self.base):
                self._known[code] = Rate(price, self.base)
            elif ends == (self.base, currency):
                self._known[code] = Rate(ONE / price, self.base)
        return self._known.get(code)

    def needed(self, currency: Currency) -> Rate:
        """Return the rate.

        Raises:
            ValueError: if it was never known.

        """
        found = self.rate(currency)
        if found is None:
            raise ValueError(f"a rate from {currency} to {self.base} must be known, was in no market")
        return found


def conversion_into(code: str | None, markets: dict[InstrumentId, Market]) -> Conversion | None:
    """Return the conversion into the one currency of accounts; None if they have several."""
    return None if code is None else Conversion(Currency.from_str(code), markets)


def settled(amount: Decimal, instrument: Instrument, conversion: Conversion | None) -> Money:
    """Return an amount of the settlement currency as it is paid: converted, if accounts have one currency; rounded."""
    if conversion is None:
        return instrument.settle(amount)
    return conversion.needed(instrument.settlement_currency).of(amount)
