"""The honest exchange.

May know: the model, this package. No asyncio, no clock, no randomness: time is an argument, in nanoseconds. Promises:
1. A command is carried out whole, or refused and nothing happened. A used client order id never touches the order that
   has it.
2. Whatever happens to an order is said once on its account's stream, in the order it happened; replayed, the stream
   gives the orders and fills exactly.
3. Queries answer with the truth, less what the profile says the venue leaves out. They change nothing.
4. The books balance (`check`).

What goes wrong between a venue and the world is not here: see `script.py` and `faults/`. What a script may make happen
at the venue itself is in `hand.py`.
"""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from msgspec.structs import replace

from nautilus_live.model.enums import OrderStatus
from nautilus_live.model.identifiers import AccountId, ClientOrderId, InstrumentId, VenueOrderId
from nautilus_live.model.instruments import InstrumentAny
from nautilus_live.model.objects import AccountBalance, Quantity
from nautilus_live.model.reports import FillReport, OrderStatusReport, PositionStatusReport
from sandbox_venues import admission
from sandbox_venues.accounts import account_balances, position_report
from sandbox_venues.checks import check_everything
from sandbox_venues.hand import Hand
from sandbox_venues.messages import (
    AmendOrder,
    Answer,
    CancelAll,
    CancelOrder,
    CancelOrders,
    Done,
    GetFills,
    GetInstruments,
    GetOrders,
    OrderMessage,
    PlaceOrder,
    PlaceOrders,
    Refusal,
    StreamMessage,
    VenueCommand,
    VenueQuery,
)
from sandbox_venues.orders import VenueOrder, fill_report, order_report
from sandbox_venues.profiles import VenueProfile
from sandbox_venues.queries import answer
from sandbox_venues.registry import AccountConfig, VenueConfig
from sandbox_venues.retention import Retention
from sandbox_venues.sifting import Sifting

__all__ = ["AccountConfig", "Handled", "Venue", "VenueConfig", "VenueProfile"]

TRUTH = VenueProfile()
"""Reports made for expectations leave nothing out."""


class Handled(NamedTuple):
    """What came of a command: the direct answer, and what everybody hears on the streams."""

    answer: Answer
    messages: list[StreamMessage]


class Venue(Hand):
    """An exchange. See `Hand` for what a script can do to it."""

    def __init__(self, config: VenueConfig, instruments: list[InstrumentAny], now_ns: int = 0) -> None:
        super().__init__(config, instruments, now_ns)
        keep_secs = self.profile.books_keep_secs
        self._retention = None if keep_secs is None else Retention(keep_secs)
        self._sifting = Sifting(self.profile)

    def handle(self, command: VenueCommand, now_ns: int) -> Handled:
        """Carry out a command."""
        due = self.advance(now_ns)
        response = self._carry_out(command, now_ns)
        return Handled(response, due + self._flush(now_ns))

    def query(self, query: VenueQuery | GetInstruments, now_ns: int) -> Answer:
        """Answer a query as of now; orders whose time is over by `now_ns` must have been ended by `advance`."""
        sifted = self._sifting.page(self, query, now_ns) if isinstance(query, GetOrders | GetFills) else None
        return answer(self, query, now_ns) if sifted is None else sifted

    def advance(self, now_ns: int) -> list[StreamMessage]:
        """End the orders whose time is over, and say so; forget what is over for long."""
        if self._retention is not None:
            self.turns += 1
            self._retention.advance(self, now_ns)
        acted = bool(self._duties) and self._do_duties(now_ns)
        over = [order for order in self._expiring.values() if order.expire_time_ns <= now_ns and order.is_open]
        for order in over:
            if order.is_open:  # the end of one may have ended another
                self._expire_now(order, now_ns)
        return self._flush(now_ns) if acted or over else []

    def _do_duties(self, now_ns: int) -> bool:
        """Do what is due by now, the earliest first; return whether anything was."""
        acted = False
        while True:
            due = [(duty.due_ns, number) for number, duty in enumerate(self._duties) if duty.due_ns is not None]
            if not due or min(due)[0] > now_ns:
                return acted
            self._duties[min(due)[1]].act(now_ns)
            acted = True

    def next_expiry_ns(self) -> int | None:
        """Return when `advance` has something to do next, `None` for never."""
        expiry_ns = min((order.expire_time_ns for order in self._expiring.values()), default=None)
        if not self._duties:
            return expiry_ns
        due = [duty.due_ns for duty in self._duties if duty.due_ns is not None]
        return min([*due, *([] if expiry_ns is None else [expiry_ns])], default=None)

    def check(self) -> None:
        """Check all invariants of the venue's own books.

        Raises:
            AssertionError: naming the rule that is broken and the values.

        """
        check_everything(self)

    # -- the truth, for invariants and expectations: no profile, no fault

    @property
    def account_ids(self) -> list[AccountId]:
        """The accounts there are."""
        return list(self._accounts)

    def orders(self, account: str | None = None) -> list[OrderStatusReport]:
        """Return every order there ever was, oldest first."""
        truth = self._truth
        return [order_report(o, truth, o.ts_last) for o in self._orders if account in (None, str(o.account_id))]

    def orders_named(self, account_id: AccountId, client_order_id: ClientOrderId) -> list[OrderStatusReport]:
        """Return the orders of an account that have, or had, that client order id, oldest first."""
        return [order_report(order, self._truth, order.ts_last) for order in self._owners(account_id, client_order_id)]

    def filled_of(
        self, account_id: AccountId, client_order_id: ClientOrderId, venue_order_id: VenueOrderId | None
    ) -> Decimal | None:
        """Return how much of the order of either id is filled (of several, the most), `None` if there is none."""
        named = self._owners(account_id, client_order_id)
        if any(order.venue_order_id == venue_order_id for order in named):
            return max(order.filled for order in named)  # the usual case, without a look at every order there was
        found = [
            order.filled
            for order in self._orders
            if (order.client_order_id == client_order_id or order.venue_order_id == venue_order_id)
            and order.account_id == account_id
        ]
        return max(found, default=None)

    def fills(self, account: str | None = None, *, busted: bool = False) -> list[FillReport]:
        """Return every fill that was not busted, or was, oldest first."""
        truth = self._truth
        return [
            fill_report(f, truth, f.ts)
            for f in self._fills
            if f.busted is busted and account in (None, str(f.order.account_id))
        ]

    def positions(self, account: str | None = None) -> list[PositionStatusReport]:
        """Return every position there ever was, flat ones included, on CASH accounts too."""
        return [
            position_report(owner, position, None, position.ts_last)
            for owner in self._accounts.values()
            if account in (None, str(owner.id))
            for position in owner.positions.values()
        ]

    def balances(self, account: str | None = None) -> tuple[AccountBalance, ...]:
        """Return the balances of an account (default: the first)."""
        owner = self._account(account)
        return account_balances(owner, self.ledger, list(owner.codes))

    @property
    def _truth(self) -> VenueProfile:
        return TRUTH if self.profile.oms_type == "NETTING" else VenueProfile(oms_type="HEDGING")

    # -- commands

    def _carry_out(self, command: VenueCommand, now_ns: int) -> Answer:
        match command:
            case PlaceOrder():
                placed = self._done(self._place(command, now_ns), now_ns)
                return placed if self.profile.answers_state else _bare(placed)
            case CancelOrder():
                return self._done(self._cancel(command, now_ns), now_ns)
            case AmendOrder():
                return self._done(self._amend(command, now_ns), now_ns)
            case CancelOrders():
                return Done(results=tuple(self._carry_out(cancel, now_ns) for cancel in command.cancels))
            case PlaceOrders():
                return Done(results=tuple(self._carry_out(order, now_ns) for order in command.orders))
            case CancelAll():
                return self._cancel_all(command, now_ns)
        return admission.refuse("BAD_REQUEST", f"a command must be one this venue knows, was {type(command).__name__}")

    def _done(self, result: VenueOrder | Refusal, now_ns: int) -> Answer:
        if isinstance(result, Refusal):
            return result
        said = [
            m for m in self._outbox if isinstance(m, OrderMessage) and m.order.venue_order_id == result.venue_order_id
        ]
        if said and self.profile.streams_fills and result.triggered:
            # What the stream has just been told is the order as it stands: the same reports, made once.
            return Done(order=said[-1].order, fills=tuple(m.fill for m in said if m.fill is not None))
        fills = tuple(fill_report(fill, self.profile, now_ns) for fill in result.fills if fill.ts == now_ns)
        return Done(order=order_report(result, self.profile, now_ns), fills=fills)

    def _cancel_all(self, command: CancelAll, now_ns: int) -> Answer:
        account = self._accounts.get(command.account_id)
        if account is None:
            return admission.refuse("UNKNOWN_ACCOUNT", f"account must exist here, was {command.account_id}")
        wanted = [
            order
            for order in account.open_orders.values()
            if command.instrument_id in (None, order.instrument.id) and command.side in (None, order.side)
        ]
        cancels = [
            CancelOrder(account_id=account.id, instrument_id=order.instrument.id, venue_order_id=order.venue_order_id)
            for order in wanted
        ]
        return Done(results=tuple(self._done(self._cancel(cancel, now_ns), now_ns) for cancel in cancels))

    def last_prices(self) -> dict[InstrumentId, str]:
        """Return the last traded prices, for displays."""
        return {name: str(market.last) for name, market in self._markets.items() if market.last is not None}


def _bare(answer: Answer) -> Answer:
    """Return the answer to a submission without what became of the order at once."""
    if not isinstance(answer, Done) or answer.order is None:
        return answer
    order = answer.order
    none_yet = Quantity.zero(order.quantity.precision)
    accepted = replace(order, order_status=OrderStatus.ACCEPTED, filled_qty=none_yet, avg_px=None, cancel_reason=None)
    return Done(order=accepted)
