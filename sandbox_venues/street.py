"""Markets in the hands of a script: liquidity, prices and phases that nobody's account stands behind.

May know: the model, this package. Promises: scripted liquidity is consumed once; whatever an action causes is said.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Literal

from nautilus_live.model.enums import LiquiditySide, OrderSide, OrderStatus, TimeInForce
from nautilus_live.model.identifiers import AccountId, InstrumentId
from nautilus_live.model.instruments import InstrumentAny
from sandbox_venues.accounts import VenueAccount
from sandbox_venues.admission import refuse
from sandbox_venues.book_desk import BookDesk
from sandbox_venues.checks import check_changed
from sandbox_venues.engine import Engine
from sandbox_venues.matching import Market, Resting
from sandbox_venues.messages import BookMessage, DepthMessage, OrderMessage, Refusal, StreamMessage
from sandbox_venues.registry import VenueConfig

Amount = Decimal | str | int
Level = tuple[Amount, Amount]


class Street(Engine):
    """An exchange with everyone else in the market."""

    def __init__(self, config: VenueConfig, instruments: list[InstrumentAny], now_ns: int = 0) -> None:
        super().__init__(config, instruments, now_ns)
        self._desk = BookDesk()

    # -- markets

    def set_book(
        self, instrument: str, bids: Sequence[Level] = (), asks: Sequence[Level] = (), *, now_ns: int
    ) -> list[StreamMessage]:
        """Replace the scripted liquidity by these (price, quantity) levels; what crosses orders of accounts trades."""
        market = self._market(instrument)
        bid_levels = [(to_decimal(price), to_decimal(quantity)) for price, quantity in bids]
        ask_levels = [(to_decimal(price), to_decimal(quantity)) for price, quantity in asks]
        if bid_levels and ask_levels and max(bid_levels)[0] >= min(ask_levels)[0]:
            raise ValueError(f"{instrument}: bids must be below asks, was {max(bid_levels)[0]} / {min(ask_levels)[0]}")
        market.bids.clear_street()
        market.asks.clear_street()
        for side, levels in ((OrderSide.BUY, bid_levels), (OrderSide.SELL, ask_levels)):
            for price, quantity in levels:
                self._add_street(market, side, price, quantity, now_ns)
        self._settle_market(market, now_ns)
        return self._flush(now_ns)

    def add_liquidity(
        self, instrument: str, side: str, price: Amount, quantity: Amount, *, now_ns: int
    ) -> list[StreamMessage]:
        """Put one more scripted order into the market, behind whoever stands at its price; if it crosses, it trades."""
        market = self._market(instrument)
        self._add_street(market, OrderSide[side], to_decimal(price), to_decimal(quantity), now_ns)
        self._settle_market(market, now_ns)
        return self._flush(now_ns)

    def _add_street(self, market: Market, side: OrderSide, price: Decimal, quantity: Decimal, now_ns: int) -> None:
        if quantity <= 0 or price <= 0:
            raise ValueError(
                f"{market.instrument.id}: a level must have a positive price and quantity, was {price} / {quantity}"
            )
        book = market.against(side)
        while quantity > 0 and market.is_open:
            best = book.best
            if best is None or (best.price > price if side is OrderSide.BUY else best.price < price):
                break
            traded = min(quantity, best.leaves)
            trade_id = self._new_trade_id(market.instrument.id)
            market.last = best.price
            if best.order is None:
                best.quantity -= traded
                if not best.quantity:
                    book.remove(best.place)
            else:
                self._fill(best.order, traded, best.price, LiquiditySide.MAKER, trade_id, None, now_ns)
            quantity -= traded
            self._publish_trade(market, best.price, traded, side, trade_id, now_ns)
        if quantity > 0:
            market.side(side).add(price, self._next(), quantity, None)

    def set_price(
        self, instrument: str, last: Amount | None = None, mark: Amount | None = None, *, now_ns: int
    ) -> list[StreamMessage]:
        """Say at which price others traded, or what the mark price is; stops that look at it are triggered."""
        market = self._market(instrument)
        market.last = market.last if last is None else to_decimal(last)
        market.mark = market.mark if mark is None else to_decimal(mark)
        self._settle_market(market, now_ns)
        return self._flush(now_ns)

    def quote_again(self, instrument_id: InstrumentId, now_ns: int) -> list[StreamMessage]:
        """Say the present quote once more, as venues do for a new subscriber."""
        market = self._markets.get(instrument_id)
        if market is not None:
            market.quote = None
            self._publish_quote(market, now_ns)
        return self._flush(now_ns)

    def book(self, instrument_id: InstrumentId, now_ns: int) -> BookMessage | Refusal:
        """Return a snapshot of a market's book; from now on its changes are told."""
        market = self._markets.get(instrument_id)
        if market is None:
            return refuse("UNKNOWN_INSTRUMENT", f"instrument must be traded here, was {instrument_id}")
        return BookMessage(deltas=self._desk.snapshot(market, now_ns), sequence=self._number(), ts_event=now_ns)

    def depth(self, instrument_id: InstrumentId, now_ns: int) -> DepthMessage:
        """Return the best levels of a market whose changes are told."""
        return DepthMessage(depth=self._desk.depth(instrument_id, now_ns), sequence=self._number(), ts_event=now_ns)

    def _say_books(self, now_ns: int) -> None:
        for deltas in self._desk.changes(now_ns):
            self._outbox.append(BookMessage(deltas=deltas, sequence=self._number(), ts_event=now_ns))
            self._outbox.append(self.depth(deltas.instrument_id, now_ns))

    def set_phase(self, instrument: str, phase: Literal["open", "closed"], *, now_ns: int) -> list[StreamMessage]:
        """Open or close the market."""
        market = self._market(instrument)
        if phase == "open":
            self._open_market(market, now_ns)
        elif phase == "closed":
            self._close_market(market, now_ns)
        else:
            raise ValueError(f"{instrument}: a phase must be open or closed, was {phase!r}")
        return self._flush(now_ns)

    def _open_market(self, market: Market, now_ns: int) -> None:
        """Start trading: everything comes in again, oldest first; what crosses trades; orders for the open end."""
        market.is_open = True
        resting = [entry for side in (market.bids, market.asks) for entry in side]
        at_open = [o for o in market.waiting.values() if o.request.time_in_force is TimeInForce.AT_THE_OPEN]
        for entry in resting:
            if entry.order is not None:
                self._unplace(entry.order, market)
        market.bids.clear_street()
        market.asks.clear_street()
        for entry in sorted(resting, key=_age_of):
            if entry.order is None:
                side = OrderSide.BUY if entry.place[0] < 0 else OrderSide.SELL
                self._add_street(market, side, entry.price, entry.quantity, now_ns)
            else:
                self._work(entry.order, market, now_ns)
        for order in at_open:
            self._unplace(order, market)
            self._take(order, market, now_ns)
            if order.is_open:
                self._end(order, OrderStatus.EXPIRED, "AT_THE_OPEN", now_ns)
        self._settle_market(market, now_ns)

    def _close_market(self, market: Market, now_ns: int) -> None:
        """Stop trading: orders for the close trade now or end; day orders end."""
        for order in [o for o in market.waiting.values() if o.request.time_in_force is TimeInForce.AT_THE_CLOSE]:
            self._unplace(order, market)
            self._take(order, market, now_ns)
            if order.is_open:
                self._end(order, OrderStatus.EXPIRED, "AT_THE_CLOSE", now_ns)
        self._settle_market(market, now_ns)
        market.is_open = False
        for order in list(self._expiring.values()):
            if order.instrument is market.instrument and order.request.time_in_force is TimeInForce.DAY:
                self._end(order, OrderStatus.EXPIRED, "DAY", now_ns)
        self._publish_quote(market, now_ns)

    # -- finding

    def _market(self, instrument: str) -> Market:
        """Return the market of an instrument id, or of a symbol."""
        for instrument_id, market in self._markets.items():
            if instrument in (str(instrument_id), str(instrument_id.symbol)):
                return market
        names = ", ".join(str(instrument_id) for instrument_id in self._markets)
        raise ValueError(f"an instrument must be one of {names}, was {instrument!r}")

    def _account(self, account: str | None) -> VenueAccount:
        """Return an account by its id; without one, the first."""
        if account is None:
            return next(iter(self._accounts.values()))
        found = self._accounts.get(AccountId(account))
        if found is None:
            raise ValueError(f"an account must be one of {', '.join(map(str, self._accounts))}, was {account!r}")
        return found

    def _flush(self, now_ns: int) -> list[StreamMessage]:
        """Return what has been said since the last time, after a look at what changed."""
        self._say_balances(now_ns)
        if self._desk.is_open:
            self._say_books(now_ns)
        check_changed(self._changed)
        if self._past is not None:
            self._past.note(self._changed, self._accounts, self.profile, now_ns)
        self._changed.clear()
        messages, self._outbox = self._outbox, []
        if self.profile.fills_before_acks:
            messages = acks_last(messages)
        return messages


def _age_of(entry: Resting) -> int:
    return entry.place[1]


def acks_last(messages: list[StreamMessage]) -> list[StreamMessage]:
    """Move every acknowledgement behind the last fill of its order."""
    last_fills = {
        message.order.venue_order_id: index
        for index, message in enumerate(messages)
        if isinstance(message, OrderMessage) and message.what == "fill"
    }
    keyed = []
    for index, message in enumerate(messages):
        place = index
        if isinstance(message, OrderMessage) and message.what == "ack":
            place = max(index, last_fills.get(message.order.venue_order_id, index))
        keyed.append(((place, index < place), message))
    return [message for _, message in sorted(keyed, key=_place_of)]


def _place_of(entry: tuple[tuple[int, bool], StreamMessage]) -> tuple[int, bool]:
    return entry[0]


def to_decimal(value: Amount) -> Decimal:
    """Return a number given as text, integer or Decimal."""
    return value if isinstance(value, Decimal) else Decimal(str(value).replace("_", ""))
