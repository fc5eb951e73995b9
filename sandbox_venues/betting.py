"""Bets: what a betting exchange takes for them, and what it pays when the outcome is known.

May know: the model. SELL backs an outcome and puts down the stake; BUY lays it, and puts down what the backer wins,
stake x (odds - 1). Promises:
1. Whoever is right gets what both sides of the bet have put down, and whoever is wrong nothing: no money comes or goes.
2. Bets are not netted before the outcome is known: two opposite ones have both been put down.
"""

from __future__ import annotations

from decimal import Decimal

from nautilus_live.model.instruments import Instrument

ZERO = Decimal(0)
ONE = Decimal(1)


def at_risk(sign: int, stake: Decimal, odds: Decimal) -> Decimal:
    """Return what a bet can lose: the stake of who backs, the liability of who lays (sign 1); not rounded."""
    return max(stake * (odds - ONE), ZERO) if sign > 0 else stake


class Bets:
    """What an account's bets on one selection pay, in the currency of the instrument.

    Attributes:
        if_it_wins: paid if the selection wins.
        if_it_loses: paid if it does not.
        share_won: which share of the stakes has won, 1 or 0 but for a dead heat; None until the outcome is known.

    """

    __slots__ = ("if_it_loses", "if_it_wins", "instrument", "share_won")

    def __init__(self, instrument: Instrument) -> None:
        self.instrument = instrument
        self.if_it_wins = ZERO
        self.if_it_loses = ZERO
        self.share_won: Decimal | None = None

    def match(self, sign: int, stake: Decimal, odds: Decimal) -> Decimal:
        """Count a matched bet (a negative stake takes one back). Return how it changes the balance.

        Where the outcome is known already, what the bet pays is in that change.
        """
        backed, laid = self._paid(-1, stake, odds), self._paid(1, stake, odds)
        if sign > 0:
            self.if_it_loses += backed + laid
        else:
            self.if_it_wins += backed + laid
        return self._due() - (laid if sign > 0 else backed)

    def settle(self, share_won: Decimal) -> Decimal:
        """Take note of the outcome. Return what is paid for it."""
        self.share_won = share_won
        return self._due()

    def _paid(self, sign: int, stake: Decimal, odds: Decimal) -> Decimal:
        # Rounded bet by bet, and the same for a bet that is taken back: what was put down comes back.
        amount = self.instrument.settle(at_risk(sign, abs(stake), odds)).value
        return -amount if stake < 0 else amount

    def _due(self) -> Decimal:
        if self.share_won is None:
            return ZERO
        due = self.if_it_wins * self.share_won + self.if_it_loses * (ONE - self.share_won)
        self.if_it_wins = self.if_it_loses = ZERO
        return due
