"""Trading phases: before the open, open, halted, closed; and the auctions between them.

May know: the model, this package. In `pre_open` and `closed` orders are taken and not matched; in `halted` nothing but
cancels has an effect; `open` matches. Promises:
1. A market opens (again) with an auction: orders AT_THE_OPEN and all that stands in the book trade at one price, the
   one at which most can; priority is price, then time. Then the book is uncrossed and trading goes on.
2. A market that was open closes with one, for orders AT_THE_CLOSE and the book; then orders for the DAY expire.
3. What comes for an auction and does not trade in it expires. Post-only orders trade in none; where the auction leaves
   them crossed they are canceled, as are reduce-only orders that have nothing to reduce.
"""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple, get_args

from nautilus_live.model.enums import LiquiditySide, OrderSide, OrderStatus, TimeInForce
from nautilus_live.model.identifiers import TradeId
from nautilus_live.model.instruments import InstrumentAny
from sandbox_venues.auction import Interest, auction_price
from sandbox_venues.calendar import Calendar
from sandbox_venues.corrections import Corrections
from sandbox_venues.duties import Duty
from sandbox_venues.matching import Market, Phase, Resting, crosses
from sandbox_venues.messages import StreamMessage
from sandbox_venues.orders import ZERO, VenueOrder
from sandbox_venues.registry import VenueConfig

BUY, SELL = OrderSide.BUY, OrderSide.SELL


class Bidder(NamedTuple):
    """Somebody in an auction: an order for it or a place in the book. `limit` is `None` for any price."""

    limit: Decimal | None
    age: int
    entry: Resting | None
    order: VenueOrder | None


class Phases(Corrections):
    """An exchange that opens and closes."""

    def __init__(self, config: VenueConfig, instruments: list[InstrumentAny], now_ns: int = 0) -> None:
        super().__init__(config, instruments, now_ns)
        if self.profile.calendar:
            self._duties.append(Sessions(self, now_ns))

    def set_phase(self, instrument: str, phase: str, *, now_ns: int) -> list[StreamMessage]:
        """Bring the market into a phase: pre_open, open, halted or closed."""
        market = self._market(instrument)
        known = [name for name in get_args(Phase) if name != "delisted"]
        if phase not in known:
            raise ValueError(f"{instrument}: a phase must be one of {', '.join(known)}, was {phase!r}")
        if market.phase == "delisted":
            raise ValueError(f"{instrument}: a phase must be of a market that is traded, was delisted")
        self._enter_phase(market, phase, now_ns)
        return self._flush(now_ns)

    def _enter_phase(self, market: Market, phase: str, now_ns: int) -> None:
        if phase == "open":
            self._open_market(market, now_ns)
        elif phase == "closed":
            self._close_market(market, now_ns)
        else:
            market.enter("pre_open" if phase == "pre_open" else "halted")
            self._publish_quote(market, now_ns)

    def _open_market(self, market: Market, now_ns: int) -> None:
        if not market.is_open:
            self._hold_auction(market, TimeInForce.AT_THE_OPEN, now_ns)
            market.enter("open")
            self._end_those_crossed(market, now_ns)
        self._settle_market(market, now_ns)

    def _close_market(self, market: Market, now_ns: int) -> None:
        if market.is_open:
            market.enter("closed")
            self._hold_auction(market, TimeInForce.AT_THE_CLOSE, now_ns)
        else:
            market.enter("closed")
            self._end_those_for(market, TimeInForce.AT_THE_CLOSE, now_ns)
        for order in list(self._expiring.values()):
            if order.instrument is market.instrument and order.request.time_in_force is TimeInForce.DAY:
                if order.is_open:  # the end of one may have ended another
                    self._end(order, OrderStatus.EXPIRED, "DAY", now_ns)
        self._settle_market(market, now_ns)

    # -- auctions

    def _hold_auction(self, market: Market, when: TimeInForce, now_ns: int) -> None:
        """Let all trade at one price, until nobody can; reduce-only orders may leave more than one round to do."""
        while self._trade_at_one_price(market, when, now_ns):
            continue
        self._end_those_for(market, when, now_ns)

    def _end_those_for(self, market: Market, when: TimeInForce, now_ns: int) -> None:
        for order in list(market.waiting.values()):
            if order.request.time_in_force is when and order.is_open:
                self._end(order, OrderStatus.EXPIRED, when.name, now_ns)

    def _trade_at_one_price(self, market: Market, when: TimeInForce, now_ns: int) -> bool:
        """Return whether anything traded."""
        buyers, sellers = self._bidders(market, BUY, when), self._bidders(market, SELL, when)
        price = auction_price(self._interests(buyers), self._interests(sellers), market.last)
        if price is None:
            return False
        buyers = [item for item in buyers if item.limit is None or item.limit >= price]
        sellers = [item for item in sellers if item.limit is None or item.limit <= price]
        traded = False
        while buyers and sellers:
            buyer, seller = buyers[0], sellers[0]
            bought, sold = self._wants(buyer), self._wants(seller)
            if self._pays_first and buyer.order is not None and buyer.order.is_market:
                bought = min(bought, self._payable(buyer.order, price))
            if not bought or not sold:
                del (sellers if bought else buyers)[0]
                continue
            quantity = min(bought, sold)
            trade_id = self._new_trade_id(market.instrument.id, buyer.order, seller.order)
            for bidder, side in ((buyer, BUY), (seller, SELL)):
                self._take_part(bidder, market, side, quantity, price, trade_id, now_ns)
            market.printed(price)
            # The one who came last, or for any price, is what made the trade happen.
            self._publish_trade(market, price, quantity, BUY if buyer.age > seller.age else SELL, trade_id, now_ns)
            traded = True
            if self._links is not None:
                self._links.settle(now_ns)
        return traded

    def _bidders(self, market: Market, side: OrderSide, when: TimeInForce) -> list[Bidder]:
        """Return who takes part on one side: those for any price first, then by price, then by age."""
        found = [
            Bidder(entry.price, entry.place[1], entry, entry.order)
            for entry in market.side(side)
            if entry.order is None or not entry.order.request.post_only
        ]
        for order in market.waiting.values():
            if order.side is side and order.request.time_in_force is when:
                found.append(Bidder(None if order.is_market else order.price, order.sequence, None, order))
        sign = side.sign
        return sorted(found, key=lambda item: (item.limit is not None, -sign * (item.limit or ZERO), item.age))

    def _interests(self, bidders: list[Bidder]) -> list[Interest]:
        return [(bidder.limit, self._wants(bidder)) for bidder in bidders]

    def _wants(self, bidder: Bidder) -> Decimal:
        """Return how much of a bidder can trade now."""
        order = bidder.order
        if order is not None:
            return self._reducible(order) if order.is_open and order.leaves > 0 else ZERO
        assert bidder.entry is not None, "who has no order has a place in the book"
        return bidder.entry.quantity

    def _take_part(
        self,
        bidder: Bidder,
        market: Market,
        side: OrderSide,
        quantity: Decimal,
        price: Decimal,
        trade_id: TradeId,
        now_ns: int,
    ) -> None:
        order, entry = bidder.order, bidder.entry
        if order is None:
            assert entry is not None, "who has no order has a place in the book"
            entry.quantity -= quantity
            if not entry.quantity:
                market.side(side).remove(entry.place)
            return
        liquidity = LiquiditySide.TAKER if entry is None else LiquiditySide.MAKER
        self._fill(order, quantity, price, liquidity, trade_id, None, now_ns)
        if order.place is not None and order.request.display_qty is not None:
            self._unplace(order, market)
            self._rest(order, market)

    def _end_those_crossed(self, market: Market, now_ns: int) -> None:
        """End what is crossed and could not trade: post-only orders, and reduce-only ones with nothing to reduce."""
        for side in (BUY, SELL):
            for entry in list(market.side(side)):
                order, best = entry.order, market.against(side).best
                if order is None or not order.is_open or best is None:
                    continue
                if crosses(-side.sign, best.price, entry.price):
                    if order.request.post_only:
                        self._end(order, OrderStatus.CANCELED, "POST_ONLY", now_ns)
                    elif not self._reducible(order):
                        self._end(order, OrderStatus.CANCELED, "REDUCE_ONLY", now_ns)


class Sessions(Duty):
    """Opens and closes all markets of a venue by its calendar."""

    def __init__(self, venue: Phases, now_ns: int) -> None:
        self._venue = venue
        self._calendar = Calendar(venue.profile.calendar)
        self.due_ns = self._calendar.next_after(now_ns)
        for market in venue._markets.values():
            market.enter(self._calendar.phase_at(now_ns))

    def act(self, now_ns: int) -> None:
        """Bring every market into the phase that is due."""
        assert self.due_ns is not None, "a calendar with entries always has a next one"
        phase = self._calendar.phase_at(self.due_ns)
        self.due_ns = self._calendar.next_after(self.due_ns)
        for market in self._venue._markets.values():
            if market.phase not in ("delisted", phase):
                self._venue._enter_phase(market, phase, now_ns)
