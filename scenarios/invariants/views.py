"""Belief and truth, as an invariant of one's own sees them: what the node holds, and what the venues' books say.

Instruments are named in full (`BTCUSDT.SIM`) or by their symbol where that is enough; quantities, prices and amounts
are `Decimal`, a short position is negative. Nothing here can change anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from nautilus_live.engine.cache import Cache
from nautilus_live.engine.portfolio import Portfolio
from nautilus_live.model.identifiers import AccountId, ClientOrderId, InstrumentId
from nautilus_live.model.objects import Currency
from nautilus_live.model.orders import Order
from nautilus_live.model.position import Position
from nautilus_live.model.reports import FillReport, OrderStatusReport, PositionStatusReport
from sandbox_venues.venue import Venue

ZERO = Decimal(0)


class Belief:
    """What the node believes at this moment.

    Attributes:
        cache: everything it knows, the way a strategy sees it.
        portfolio: what it makes of its positions.

    """

    def __init__(self, cache: Cache, portfolio: Portfolio) -> None:
        self.cache = cache
        self.portfolio = portfolio

    def orders(self, instrument: str | None = None) -> list[Order]:
        """Return the orders, oldest first."""
        return [order for order in self.cache.orders() if _is(instrument, order.instrument_id)]

    def open_orders(self, instrument: str | None = None) -> list[Order]:
        """Return the orders that work at a venue."""
        return [order for order in self.cache.orders_open() if _is(instrument, order.instrument_id)]

    def order(self, client_order_id: str) -> Order | None:
        """Return an order by its client order id."""
        return self.cache.order(ClientOrderId(client_order_id))

    def positions(self, instrument: str | None = None) -> list[Position]:
        """Return the positions, open and closed."""
        return [position for position in self.cache.positions() if _is(instrument, position.instrument_id)]

    def net(self, instrument: str) -> Decimal:
        """Return the net quantity held in an instrument over all accounts and strategies."""
        return sum((position.signed_qty for position in self.positions(instrument)), ZERO)

    def balance(self, currency: str, account_id: str | None = None) -> Decimal:
        """Return the total in a currency, over all accounts or in one; zero where none is known."""
        total = ZERO
        for account in self.cache.accounts():
            if account_id in (None, str(account.id)):
                held = account.balance_total(Currency.from_str(currency))
                total += ZERO if held is None else held.value
        return total


class Truth:
    """What is true at the venues at this moment: their own books, before any latency, fault or lie."""

    def __init__(self, venues: Sequence[Venue]) -> None:
        self.venues = list(venues)

    def orders(self, instrument: str | None = None) -> list[OrderStatusReport]:
        """Return every order there ever was, oldest first."""
        return [report for venue in self.venues for report in venue.orders() if _is(instrument, report.instrument_id)]

    def open_orders(self, instrument: str | None = None) -> list[OrderStatusReport]:
        """Return the orders that work."""
        return [report for report in self.orders(instrument) if report.is_open]

    def order(self, order_id: str) -> OrderStatusReport | None:
        """Return an order by its client order id or the venue's id; the latest, where there are several."""
        found = [r for r in self.orders() if order_id in (str(r.client_order_id), str(r.venue_order_id))]
        return found[-1] if found else None

    def fills(self, instrument: str | None = None) -> list[FillReport]:
        """Return every fill that was not taken back, oldest first."""
        return [report for venue in self.venues for report in venue.fills() if _is(instrument, report.instrument_id)]

    def positions(self, instrument: str | None = None) -> list[PositionStatusReport]:
        """Return the open positions."""
        every: Iterable[PositionStatusReport] = (
            report for venue in self.venues for account in venue.account_ids for report in venue.positions(str(account))
        )
        return [report for report in every if _is(instrument, report.instrument_id)]

    def net(self, instrument: str) -> Decimal:
        """Return the net quantity held in an instrument over all accounts."""
        return sum((report.signed_qty for report in self.positions(instrument)), ZERO)

    def balance(self, currency: str, account_id: str | None = None) -> Decimal:
        """Return the total in a currency, over all accounts or in one."""
        accounts: Iterable[tuple[Venue, AccountId]] = (
            (venue, account) for venue in self.venues for account in venue.account_ids
        )
        return sum(
            (
                balance.total.value
                for venue, account in accounts
                if account_id in (None, str(account))
                for balance in venue.balances(str(account))
                if balance.currency.code == currency
            ),
            ZERO,
        )


def _is(wanted: str | None, instrument_id: InstrumentId) -> bool:
    return wanted is None or wanted in (str(instrument_id), str(instrument_id.symbol))
