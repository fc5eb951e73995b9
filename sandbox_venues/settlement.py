"""What becomes of positions over time: funding, margin calls, and the end of an instrument.

May know: the model, this package. Promises:
1. Funding moves between longs, shorts and the street; what every account paid is on record, rounded as it was paid.
2. An instrument that is settled is delisted first: its orders end, its positions are closed at one price with no fee,
   and it is traded no more. Bets on it are paid instead: no trade ends them, so the positions of a betting account stay
   as the record of what was bet.
"""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from nautilus_live.model.enums import OrderStatus
from nautilus_live.model.identifiers import AccountId, InstrumentId
from nautilus_live.model.instruments import CryptoPerpetual, InstrumentAny
from nautilus_live.model.instruments.dates import Dated
from nautilus_live.model.objects import Money
from nautilus_live.model.updates import FundingRateUpdate
from sandbox_venues.accounts import STREET, VenueAccount
from sandbox_venues.closing import close_position
from sandbox_venues.duties import Duty
from sandbox_venues.margin_calls import MarginCalls
from sandbox_venues.matching import Market
from sandbox_venues.messages import StreamMessage
from sandbox_venues.option_desk import final_price
from sandbox_venues.phases import Phases
from sandbox_venues.registry import VenueConfig
from sandbox_venues.street import Amount, to_decimal

SECOND_NS = 1_000_000_000


class FundingPayment(NamedTuple):
    """What one account paid (negative: received) for one position in one instrument."""

    account_id: AccountId
    instrument_id: InstrumentId
    signed: Decimal
    price: Decimal
    rate: Decimal
    paid: Money
    ts: int


class Settlement(Phases):
    """An exchange whose positions cost something, and do not live for ever."""

    def __init__(self, config: VenueConfig, instruments: list[InstrumentAny], now_ns: int = 0) -> None:
        super().__init__(config, instruments, now_ns)
        self.funding: list[FundingPayment] = []
        self._margin_calls = MarginCalls(self) if self.profile.margin_calls else None
        if self._margin_calls is not None:
            self._after_moves.append(self._margin_calls.look)
        if self.profile.funding_interval_secs is not None:
            self._duties.append(Funding(self, self.profile.funding_interval_secs, now_ns))
        if any(isinstance(instrument, Dated) for instrument in instruments):
            self._duties.append(Expiries(self, now_ns))

    def list_instrument(self, instrument: InstrumentAny, *, now_ns: int) -> None:
        """Trade one more instrument from now on; its market has no prices yet.

        Raises:
            ValueError: if it is traded already.

        """
        if instrument.id in self.instruments:
            raise ValueError(f"{instrument.id}: an instrument must be new to be listed, was traded already")
        self.instruments[instrument.id] = instrument
        self._markets[instrument.id] = Market(instrument)
        for account in self._accounts.values():
            account.deal_in(instrument)
        if isinstance(instrument, Dated):
            self._duties = [duty for duty in self._duties if not isinstance(duty, Expiries)]
            self._duties.append(Expiries(self, now_ns))

    # -- funding

    def set_funding(self, instrument: str, rate: Amount, *, now_ns: int) -> list[StreamMessage]:
        """Say which part of their worth longs pay to shorts from the next payment on (negative: shorts pay)."""
        market = self._market(instrument)
        if not isinstance(market.instrument, CryptoPerpetual):
            raise ValueError(f"{instrument}: funding must be of a perpetual, was {type(market.instrument).__name__}")
        market.funding_rate = to_decimal(rate)
        return self._flush(now_ns)

    def pay_funding(self, instrument: str, rate: Amount | None = None, *, now_ns: int) -> list[StreamMessage]:
        """Let the positions in a perpetual pay funding now, at that rate or the one in force."""
        if rate is not None:
            self.set_funding(instrument, rate, now_ns=now_ns)
        market = self._market(instrument)
        if market.mark_price is None:
            raise ValueError(f"{instrument}: funding must find a price, was None")
        self._pay_funding(market, now_ns)
        return self._flush(now_ns)

    def _pay_funding(self, market: Market, now_ns: int) -> None:
        """Take from longs and give to shorts; what nobody knows a price of pays nothing."""
        price, rate = market.mark_price, market.funding_rate
        if not isinstance(market.instrument, CryptoPerpetual) or price is None:
            return
        rate = Decimal(self.profile.funding_rate) if rate is None else rate
        self.public.note_funding(FundingRateUpdate(market.instrument.id, rate, now_ns, now_ns))
        for account in self._accounts.values():
            for (instrument_id, _), position in account.positions.items():
                if instrument_id == market.instrument.id and position.signed and account.is_margin:
                    paid = position.in_currency(market.instrument.worth(position.signed, price) * rate)
                    self.ledger.transfer(account.holder, STREET, paid.currency.code, paid.value)
                    self._touch(account, paid.currency.code)
                    self.funding.append(
                        FundingPayment(account.id, instrument_id, position.signed, price, rate, paid, now_ns)
                    )
        if self._margin_calls is not None:
            self._settle_market(market, now_ns)

    # -- the end of an instrument

    def settle(
        self, instrument: str, price: Amount | None = None, reason: str = "DELISTED", *, now_ns: int
    ) -> list[StreamMessage]:
        """Delist an instrument: cancel its orders and close its positions at `price` (default: the mark price).

        Where bets are taken, `price` is the outcome: 1 if the selection has won, 0 if not, between them the share of
        the stakes that has, as in a dead heat.

        Raises:
            ValueError: if it is delisted already, if there is no price, or if it is no outcome where bets are taken.

        """
        market = self._market(instrument)
        at = market.mark_price if price is None else to_decimal(price)
        if market.phase == "delisted":
            raise ValueError(f"{instrument}: a market can be settled once, was delisted")
        if at is None:
            raise ValueError(f"{instrument}: a settlement must have a price, was None")
        if self.profile.account_type == "BETTING" and not 0 <= at <= 1:
            raise ValueError(f"{instrument}: the outcome of a bet must be from 0 to 1, was {at}")
        self._settle_instrument(market, at, OrderStatus.CANCELED, reason, now_ns)
        return self._flush(now_ns)

    def _settle_instrument(
        self, market: Market, price: Decimal | None, end: OrderStatus, reason: str, now_ns: int
    ) -> None:
        market.enter("delisted")
        for account in self._accounts.values():
            for order in list(account.open_orders.values()):
                if order.instrument.id == market.instrument.id and order.is_open:
                    self._end(order, end, reason, now_ns)
        if price is not None:
            for account in self._accounts.values():
                if account.is_betting:
                    paid = account.bets_on(market.instrument).settle(price)
                    self._pay_profit(account, market.instrument, paid)
                self._close_all(account, market, price, now_ns)
        self._settle_market(market, now_ns)

    def _close_all(self, account: VenueAccount, market: Market, price: Decimal, now_ns: int) -> None:
        for (instrument_id, _), position in list(account.positions.items()):
            if instrument_id == market.instrument.id and position.signed and account.is_margin:
                close_position(self, account, position, "settlement", now_ns, price=price, free=True)

    def liquidate(
        self,
        instrument: str,
        price: Amount,
        quantity: Amount | None = None,
        account: str | None = None,
        *,
        now_ns: int,
    ) -> list[StreamMessage]:
        """Close the account's positions (at most `quantity`) with orders of the venue's own, at that price."""
        owner, market = self._account(account), self._market(instrument)
        left = None if quantity is None else to_decimal(quantity)
        closed = False
        for (instrument_id, _), position in list(owner.positions.items()):
            amount = abs(position.signed) if left is None else min(left, abs(position.signed))
            if instrument_id != market.instrument.id or not amount:
                continue
            left = None if left is None else left - amount
            at = to_decimal(price)
            close_position(self, owner, position, "autoclose", now_ns, quantity=amount, price=at)
            market.printed(at)
            closed = True
        if not closed:
            raise ValueError(f"{owner.id}: there must be a position to liquidate in {instrument}, was flat")
        self._settle_market(market, now_ns)
        return self._flush(now_ns)


class Funding(Duty):
    """Lets perpetuals pay funding at intervals counted from 1970."""

    def __init__(self, venue: Settlement, interval_secs: float, now_ns: int) -> None:
        self._venue = venue
        self._interval_ns = round(interval_secs * SECOND_NS)
        self.due_ns: int = (now_ns // self._interval_ns + 1) * self._interval_ns

    def act(self, now_ns: int) -> None:
        """Let every perpetual pay."""
        self.due_ns += self._interval_ns
        for market in self._venue._markets.values():
            if market.phase != "delisted":
                self._venue._pay_funding(market, now_ns)


class Expiries(Duty):
    """Settles instruments when their time is over: options at what they pay, others at the index price."""

    def __init__(self, venue: Settlement, now_ns: int) -> None:
        self._venue = venue
        dated = [item for item in venue.instruments.values() if isinstance(item, Dated) and item.expiration_ns > now_ns]
        self._left: list[tuple[int, InstrumentId]] = sorted((item.expiration_ns, item.id) for item in dated)

    @property
    def due_ns(self) -> int | None:  # type: ignore[override]  # it is what the list says
        """When the next instrument expires."""
        return self._left[0][0] if self._left else None

    def act(self, now_ns: int) -> None:
        """Settle the instrument that is due."""
        _, instrument_id = self._left.pop(0)
        market = self._venue._markets[instrument_id]
        if market.phase != "delisted":
            price = final_price(market, self._venue.underlying(market))
            self._venue._settle_instrument(market, price, OrderStatus.EXPIRED, "EXPIRED", now_ns)
