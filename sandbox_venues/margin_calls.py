"""Margin calls: a venue that watches whether accounts can still carry their positions.

May know: this package. On every look at a market the accounts with a position in it are valued at mark prices: what
they have of a currency and what their positions would bring or cost, against the maintenance margin of the positions
that settle in it. Promises:
1. Below `margin_call_at` times the maintenance margin an account is warned, once until it recovers.
2. Below the maintenance margin its orders are canceled and its positions closed in the market, the one that binds most
   first, until the rest can be carried; what the market does not take is tried again at the next look.
3. Where the profile insures, a debt that is left when all is closed is paid by the venue's fund.
4. In a market that does not trade nobody is liquidated.
"""

from __future__ import annotations

from decimal import Decimal

from nautilus_live.model.enums import OrderStatus
from nautilus_live.model.identifiers import AccountId
from nautilus_live.model.objects import Money
from sandbox_venues.accounts import VenueAccount, VenuePosition
from sandbox_venues.closing import close_position
from sandbox_venues.engine import Engine
from sandbox_venues.matching import Market
from sandbox_venues.messages import MarginCall
from sandbox_venues.orders import ZERO

INSURANCE = "insurance"
"""The holder that pays what liquidated accounts cannot."""
LIQUIDATION = "LIQUIDATION"


class MarginCalls:
    """Watches the accounts of one venue."""

    def __init__(self, venue: Engine) -> None:
        self._venue = venue
        self._call_at = Decimal(venue.profile.margin_call_at)
        self._warned: dict[tuple[AccountId, str], None] = {}
        self._busy = False

    def look(self, market: Market, now_ns: int) -> None:
        """Value the accounts that hold a position in a market, and do what follows."""
        if self._busy or not market.is_open:
            return
        self._busy = True  # what a liquidation does to the market is looked at when it is over
        try:
            for account in self._venue._accounts.values():
                if account.is_margin and account.net(market.instrument.id):
                    self._look_at(account, market.instrument.settlement_currency.code, now_ns)
        finally:
            self._busy = False

    def _look_at(self, account: VenueAccount, code: str, now_ns: int) -> None:
        equity, maintenance = self.state(account, code)
        key = (account.id, code)
        if equity >= maintenance * self._call_at:
            self._warned.pop(key, None)
            return
        if key not in self._warned:
            self._warned[key] = None
            self._say(account, code, equity, maintenance, now_ns)
        if equity < maintenance:
            self._liquidate(account, code, now_ns)

    def state(self, account: VenueAccount, code: str) -> tuple[Decimal, Decimal]:
        """Return the equity of an account in a currency, and the maintenance margin that it has to cover."""
        equity, maintenance = self._venue.ledger.balance(account.holder, code), ZERO
        for position in self._positions(account, code):
            mark = self._mark(position)
            if mark is not None:
                equity += position.instrument.pnl(position.signed, position.avg_px or mark, mark)
                maintenance += maintenance_margin(position, mark)
        return equity, maintenance

    def _positions(self, account: VenueAccount, code: str) -> list[VenuePosition]:
        return [
            held
            for held in account.positions.values()
            if held.signed and held.instrument.settlement_currency.code == code
        ]

    def _mark(self, position: VenuePosition) -> Decimal | None:
        return self._venue._markets[position.instrument.id].mark_price

    def _liquidate(self, account: VenueAccount, code: str, now_ns: int) -> None:
        venue = self._venue
        for order in list(account.open_orders.values()):
            if order.is_open and order.instrument.settlement_currency.code == code:
                venue._end(order, OrderStatus.CANCELED, LIQUIDATION, now_ns)
        held = sorted(self._positions(account, code), key=self._binds, reverse=True)
        for position in held:
            equity, maintenance = self.state(account, code)
            if equity >= maintenance:
                break
            market = venue._markets[position.instrument.id]
            if market.is_open and position.signed:
                close_position(venue, account, position, "autoclose", now_ns)
                venue._settle_market(market, now_ns)
        debt = -venue.ledger.balance(account.holder, code)
        if debt > 0 and venue.profile.insures and not self._positions(account, code):
            venue.ledger.transfer(INSURANCE, account.holder, code, debt)
            venue._touch(account, code)

    def _binds(self, position: VenuePosition) -> Decimal:
        mark = self._mark(position)
        return ZERO if mark is None else maintenance_margin(position, mark)

    def _say(self, account: VenueAccount, code: str, equity: Decimal, maintenance: Decimal, now_ns: int) -> None:
        currency, venue = account.codes[code], self._venue
        venue._outbox.append(
            MarginCall(
                account_id=account.id,
                equity=Money(equity, currency),
                maintenance=Money(maintenance, currency),
                sequence=venue._number(),
                ts_event=now_ns,
            )
        )


def maintenance_margin(position: VenuePosition, mark: Decimal) -> Decimal:
    """Return the maintenance margin of a position at a mark price, in the settlement currency."""
    instrument = position.instrument
    return instrument.worth(abs(position.signed), mark) * instrument.margin_maint
