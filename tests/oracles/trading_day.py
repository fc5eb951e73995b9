"""What a day's trades come to, worked out from the venue's raw fills alone, in fractions that are never rounded.

Independent of the kernel and of the sandbox venue: it imports neither, and knows what an exchange's rule book says.

- A position is kept at average cost. What it cost is quantity x multiplier x price, or, for an inverse contract, of
  which a unit is worth one over its price, quantity x multiplier / price. Growing adds cost; shrinking takes the same
  share of the cost as of the quantity, and the difference to what was received is the realised profit.
- Commissions paid in the settlement currency are taken off the profit; others are not.
- A margin account is credited each fill's realised profit, rounded half to even to the currency's places, and debited
  commissions; a cash account exchanges currencies.
- A betting account puts down what each bet can lose, the stake of who sells (backs) and stake x (odds - 1) of who buys
  (lays), rounded so; who is right gets both sides' share of the pot, who is wrong nothing.
- An amount is told rounded half to even, once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction

NOTHING = Fraction(0)


@dataclass(frozen=True)
class Contract:
    """What the oracle must know of an instrument; the currencies by their codes."""

    name: str
    base: str
    quote: str
    settlement: str
    multiplier: Fraction
    inverse: bool
    cash: bool
    bets: bool = False

    def cost(self, quantity: Fraction, price: Fraction) -> Fraction:
        """Return what a quantity costs, in the settlement currency; negative for an inverse one, which falls."""
        units = quantity * self.multiplier
        return -units / price if self.inverse else units * price


@dataclass(frozen=True)
class RawFill:
    """One fill as the venue's books have it. `quantity` is negative for a sale."""

    contract: Contract
    owner: str
    venue_position: str
    quantity: Fraction
    price: Fraction
    fee: Fraction
    fee_currency: str


@dataclass
class Holding:
    """One position and what it made; `peak` is the most that it held since it was last flat."""

    contract: Contract
    quantity: Fraction = NOTHING
    cost: Fraction = NOTHING
    profit: Fraction = NOTHING
    peak: Fraction = NOTHING
    fees: dict[str, Fraction] = field(default_factory=dict)

    def take(self, fill: RawFill) -> Fraction:
        """Count a fill. Return the profit it realised, its fee not taken off."""
        before, change = self.quantity, fill.quantity
        closing = NOTHING
        if before * change < 0:
            closing = -change if abs(change) <= abs(before) else before
        gone = self.cost * closing / before if closing else NOTHING
        realised = self.contract.cost(closing, fill.price) - gone
        self.cost += self.contract.cost(change + closing, fill.price) - gone
        self.quantity = before + change
        opens = not before or (self.quantity and (self.quantity > 0) is not (before > 0))
        self.peak = abs(self.quantity) if opens else max(self.peak, abs(self.quantity))
        self.profit += realised
        self.fees[fill.fee_currency] = self.fees.get(fill.fee_currency, NOTHING) + fill.fee
        return realised

    @property
    def realised(self) -> Fraction:
        """Profit less the fees paid in the settlement currency."""
        return self.profit - self.fees.get(self.contract.settlement, NOTHING)

    def unrealised(self, price: Fraction) -> Fraction:
        """Return what closing it at a price would make."""
        return self.contract.cost(self.quantity, price) - self.cost

    @property
    def average(self) -> Fraction:
        """The price at which the open quantity would have cost what it did; zero when flat."""
        if not self.quantity:
            return NOTHING
        units = self.quantity * self.contract.multiplier
        return -units / self.cost if self.contract.inverse else self.cost / units


@dataclass
class Day:
    """A day's positions, by owner and by the venue's positions, and what the account has.

    Attributes:
        places: the decimal places of each currency.
        balances: the account's amounts by currency, as they are before the first fill.

    """

    places: dict[str, int]
    balances: dict[str, Fraction]
    by_owner: dict[tuple[str, str], Holding] = field(default_factory=dict)
    by_venue: dict[tuple[str, str], Holding] = field(default_factory=dict)
    pots: dict[tuple[str, bool], Fraction] = field(default_factory=dict)

    def play(self, fills: Iterable[RawFill]) -> None:
        """Count fills, oldest first."""
        for fill in fills:
            name = fill.contract.name
            self.by_owner.setdefault((name, fill.owner), Holding(fill.contract)).take(fill)
            theirs = self.by_venue.setdefault((name, fill.venue_position), Holding(fill.contract))
            self._settle(fill, theirs.take(fill))

    def pay(self, currency: str, amount: Fraction) -> None:
        """Bring an amount into the account, or take it out: funding."""
        self.balances[currency] = self.balances.get(currency, NOTHING) + amount

    def _settle(self, fill: RawFill, realised: Fraction) -> None:
        contract = fill.contract
        if contract.cash:
            self.pay(contract.base, fill.quantity)
            self.pay(contract.quote, -contract.cost(fill.quantity, fill.price))
        elif contract.bets:
            self._put_down(fill)
        else:
            self.pay(contract.settlement, rounded(realised, self.places[contract.settlement]))
        self.pay(fill.fee_currency, -fill.fee)

    def _put_down(self, fill: RawFill) -> None:
        contract, lays = fill.contract, fill.quantity > 0
        stake = abs(fill.quantity)
        liability = rounded(stake * fill.price - stake, self.places[contract.quote])
        self.pay(contract.quote, -liability if lays else -stake)
        key = (contract.name, not lays)
        self.pots[key] = self.pots.get(key, NOTHING) + stake + liability

    def decide(self, contract: Contract, won: bool) -> None:
        """Pay the bets on a selection that has won, or has not."""
        self.pay(contract.quote, self.pots.pop((contract.name, won), NOTHING))

    def realised(self, name: str) -> Fraction:
        """Return what all positions in an instrument made."""
        return sum((one.realised for (what, _), one in self.by_owner.items() if what == name), NOTHING)

    def unrealised(self, name: str, price: Fraction) -> Fraction:
        """Return what closing all positions in an instrument at a price would make."""
        return sum((one.unrealised(price) for (what, _), one in self.by_owner.items() if what == name), NOTHING)

    def net(self, name: str) -> Fraction:
        """Return the net quantity in an instrument."""
        return sum((one.quantity for (what, _), one in self.by_owner.items() if what == name), NOTHING)

    def fees(self) -> dict[str, Fraction]:
        """Return what was paid in fees, by currency."""
        sums: dict[str, Fraction] = {}
        for holding in self.by_owner.values():
            for currency, amount in holding.fees.items():
                sums[currency] = sums.get(currency, NOTHING) + amount
        return sums


def rounded(amount: Fraction, places: int) -> Fraction:
    """Return an amount at so many decimal places, half to even."""
    return Fraction(round(amount * 10**places), 10**places)
