"""Dealing: who trades with whom, what a fill does to an order, and how an order ends.

May know: the model, this package. No clock (time is an argument in nanoseconds), no randomness, no I/O. Promises: a
trade is at the maker's price, the best first, the earliest first at one price; a reduce-only order never takes off more
than there is; what was taken from the book is gone; an order that ended stands nowhere and locks nothing.
"""

from __future__ import annotations

from decimal import Decimal

from nautilus_live.model.enums import LiquiditySide, OrderSide, OrderStatus, TimeInForce
from nautilus_live.model.identifiers import TradeId
from nautilus_live.model.objects import Money
from sandbox_venues.accounts import VenueAccount
from sandbox_venues.betting import at_risk
from sandbox_venues.contingency import Contingencies
from sandbox_venues.matching import Market, Resting, crosses
from sandbox_venues.orders import ZERO, VenueFill, VenueOrder
from sandbox_venues.registry import ONE, Registry
from sandbox_venues.self_trade import REASON, taken_off

ENDS = {OrderStatus.CANCELED: "cancel", OrderStatus.EXPIRED: "expire", OrderStatus.REJECTED: "reject"}


class Dealing(Registry):
    """An exchange's floor: what happens between orders once they are in."""

    _links: Contingencies | None
    """Who looks after linked orders, if the venue does."""
    _parts_selves: bool
    """Whether orders of one account are kept from trading with each other."""
    _pays_first: bool
    """Whether a market order buys no more than can be paid for. (What a limit order may cost is locked beforehand.)"""

    # -- trading

    def _take(self, order: VenueOrder, market: Market, now_ns: int) -> None:
        book = market.against(order.side)
        limit = None if order.is_market else order.price
        while order.leaves > 0 and order.is_open:
            maker = book.best
            if maker is None or not crosses(book.sign, maker.price, limit):
                return
            if order.request.post_only:
                self._end(order, OrderStatus.CANCELED, "POST_ONLY", now_ns)
                return
            if self._parts_selves and maker.order is not None and maker.order.account_id == order.account_id:
                self._part(order, maker.order, now_ns)
                self._settle_links(order, now_ns)
                continue
            wanted = self._reducible(order)
            if not wanted:
                self._end(order, OrderStatus.CANCELED, "REDUCE_ONLY", now_ns)
                return
            if self._pays_first and order.is_market and order.sign > 0:
                wanted = min(wanted, self._payable(order, maker.price))
                if not wanted:
                    self._end(order, OrderStatus.CANCELED, "INSUFFICIENT_FUNDS", now_ns)
                    return
            offered = self._offered(maker, now_ns)
            if offered:
                self._trade(order, maker, market, min(wanted, offered), now_ns)

    def _part(self, newest: VenueOrder, oldest: VenueOrder, now_ns: int) -> None:
        """Keep an order that comes in from trading with one of its own account."""
        for order, amount in taken_off(self.profile.self_trade_prevention, newest, oldest):
            if order.leaves > amount:
                self._resize(order, order.quantity - amount, now_ns)
            elif order.is_open:  # the end of the one may have ended the other, if they are linked
                self._end_remainder(order, self.profile.self_trade_ends, REASON, now_ns)

    def _offered(self, maker: Resting, now_ns: int) -> Decimal:
        """Return how much of what stands in the book can be taken; what can take none off its position ends."""
        if maker.order is None:
            return maker.quantity
        offered = min(maker.leaves, self._reducible(maker.order))
        if not offered:
            assert maker.order.is_open, f"{maker.order.name}: what stands in the book must be open, was {maker.order}"
            self._end(maker.order, OrderStatus.CANCELED, "REDUCE_ONLY", now_ns)
        return offered

    def _trade(self, taker: VenueOrder, maker: Resting, market: Market, quantity: Decimal, now_ns: int) -> None:
        trade_id = self._new_trade_id(market.instrument.id, taker, maker.order)
        self._fill(taker, quantity, maker.price, LiquiditySide.TAKER, trade_id, None, now_ns)
        self._consume(maker, quantity, market, trade_id, now_ns)
        market.printed(maker.price)
        self._publish_trade(market, maker.price, quantity, taker.side, trade_id, now_ns)
        self._settle_links(taker, now_ns)

    def _settle_links(self, taker: VenueOrder, now_ns: int) -> None:
        if self._links is not None and taker.request.time_in_force is not TimeInForce.FOK:
            self._links.settle(now_ns)

    def _consume(self, maker: Resting, quantity: Decimal, market: Market, trade_id: TradeId, now_ns: int) -> None:
        """Take so much of what stands in the book at its price; it is gone."""
        order = maker.order
        if order is not None:
            self._fill(order, quantity, maker.price, LiquiditySide.MAKER, trade_id, None, now_ns)
            if not maker.quantity:
                return
        maker.quantity -= quantity
        if maker.quantity:
            return
        if order is None:
            market.side(OrderSide.BUY if maker.place[0] < 0 else OrderSide.SELL).remove(maker.place)
        elif order.place is not None:
            self._unplace(order, market)
            self._rest(order, market)

    def _reducible(self, order: VenueOrder) -> Decimal:
        """Return how much of the order may fill: a reduce-only order never more than there is to reduce."""
        account = self._accounts[order.account_id]
        if not order.request.reduce_only or account.is_cash:
            return order.leaves
        return min(order.leaves, account.reducible(order.instrument.id, order.sign, order.position_id))

    def _free(self, order: VenueOrder, account: VenueAccount, code: str) -> Decimal:
        """Return how much of a currency the order may lock: what is free, and what it locks already."""
        own = order.lock_amount if order.lock_code == code else ZERO
        free = self.ledger.balance(account.holder, code) - account.locked.get(code, ZERO) + own
        return free - account.margin(code) if account.is_margin else free

    def _payable(self, order: VenueOrder, price: Decimal) -> Decimal:
        """Return how much of a buy that is paid in full can be paid for at that price, in whole lots."""
        lot, unit = order.instrument.size_increment.value, self._cost_of_one(order, price)
        return min(order.leaves, self._spendable(order) / unit // lot * lot) if unit > 0 else order.leaves

    def _spendable(self, order: VenueOrder) -> Decimal:
        """Return what a buy that is paid in full may cost, its fee included."""
        free = self._free(order, self._accounts[order.account_id], order.instrument.quote_currency.code)
        return max(free, ZERO)

    def _cost_of_one(self, order: VenueOrder, price: Decimal) -> Decimal:
        """Return what one unit costs who buys it at that price, and pays in full; its fee included."""
        fee = self._fee_on_top(order)
        if self.profile.account_type == "BETTING":
            return at_risk(order.sign, ONE, price) + fee
        return price * (ONE + fee)

    def _fill(
        self,
        order: VenueOrder,
        quantity: Decimal,
        price: Decimal,
        liquidity: LiquiditySide,
        trade_id: TradeId,
        commission: Money | None,
        now_ns: int,
    ) -> VenueFill:
        account = self._accounts[order.account_id]
        if account.hedging and order.position_id is None:
            order.position_id = self._new_position_id(order, account)
        if self.profile.splits_flips:
            held = account.position(order.instrument, order.position_id).signed
            if held * order.sign < 0 and quantity > abs(held):
                self._fill_part(order, abs(held), price, liquidity, trade_id, commission, now_ns)
                quantity -= abs(held)
                commission = None if commission is None else Money(ZERO, commission.currency)
        return self._fill_part(order, quantity, price, liquidity, trade_id, commission, now_ns)

    def _fill_part(
        self,
        order: VenueOrder,
        quantity: Decimal,
        price: Decimal,
        liquidity: LiquiditySide,
        trade_id: TradeId,
        commission: Money | None,
        now_ns: int,
    ) -> VenueFill:
        """Book one fill; a trade has one, or two where it is reported in parts."""
        account, market = self._accounts[order.account_id], self._markets[order.instrument.id]
        if commission is None:
            commission = self._commission(order, account, quantity, price, liquidity)
        rates = self._conversion
        if rates is not None and commission.currency != rates.base:
            commission = rates.needed(commission.currency).of(commission.value)
        fill = VenueFill(self._next(), order, trade_id, quantity, price, commission, liquidity, now_ns)
        fill.rate = None if rates is None else rates.needed(order.instrument.settlement_currency)
        fill.part = sum(1 for other in order.fills if other.trade_id == trade_id) if trade_id in order.trade_ids else 0
        order.fills.append(fill)
        order.trade_ids[trade_id] = None
        self._fills.append(fill)
        order.filled += quantity
        order.notional += quantity * price
        order.ts_last = now_ns
        self._settle(fill, account)
        if order.leaves <= 0:
            # A late fill that completes a canceled order makes it a filled one, as everywhere.
            was_open = order.is_open
            order.status = OrderStatus.FILLED
            if was_open:
                self._leave(order, account, market)
        elif order.is_open:
            order.status = OrderStatus.PARTIALLY_FILLED
            self._lock(order, account, market)
        if self._links is not None:
            self._links.note(order)
        if self.profile.streams_fills:
            self._say(order, "fill", now_ns, fill)
        else:
            self._changed[order.sequence] = order  # lists that lag tell of it in their time all the same
        if self.profile.streams_positions:
            self._say_position(account, account.position(order.instrument, order.position_id), now_ns)
        return fill

    def _fills_whole(self, order: VenueOrder, market: Market) -> bool:
        """Whether all of the order could fill, and be paid for, at once."""
        book, limit = market.against(order.side), None if order.is_market else order.price
        wanted, cost = order.leaves, ZERO
        checked = self._pays_first and order.is_market and order.sign > 0
        if self._reducible(order) < wanted:
            return False
        for entry in book:
            if not crosses(book.sign, entry.price, limit):
                break
            maker = entry.order
            if maker is None:
                taken = min(entry.quantity, wanted)
            elif not self._parts_selves or maker.account_id != order.account_id:
                taken = min(self._reducible(maker), wanted)
            elif self.profile.self_trade_prevention == "cancel_oldest":
                continue
            else:
                return False  # meeting one of its own would end it, or make it smaller, before it is filled
            wanted -= taken
            cost += taken * self._cost_of_one(order, entry.price) if checked else ZERO
            if not wanted:
                return not checked or cost <= self._spendable(order)
        return False

    # -- standing, ending, growing

    def _rest(self, order: VenueOrder, market: Market) -> None:
        """Put an order behind all others of its price."""
        assert order.price is not None, f"{order.name}: a resting order must have a price"
        tip = ZERO if order.request.display_qty is None else order.tip
        market.side(order.side).add(order.price, self._next(), tip, order)

    def _end_remainder(self, order: VenueOrder, how: str, reason: str, now_ns: int) -> None:
        self._end(order, OrderStatus.EXPIRED if how == "expire" else OrderStatus.CANCELED, reason, now_ns)

    def _end(self, order: VenueOrder, status: OrderStatus, reason: str, now_ns: int) -> None:
        order.status = status
        order.cancel_reason = reason
        order.ts_last = now_ns
        self._leave(order, self._accounts[order.account_id], self._markets[order.instrument.id])
        self._say(order, ENDS[status], now_ns, None, reason)
        if self._links is not None:
            self._links.note(order)

    def _leave(self, order: VenueOrder, account: VenueAccount, market: Market) -> None:
        """Take the order out of wherever it stands."""
        self._unplace(order, market)
        self._expiring.pop(order.sequence, None)
        account.open_orders.pop(order.sequence, None)
        if order.lock_amount:
            self._touch(account, order.lock_code)
            account.relock(order, "", ZERO)

    def _unplace(self, order: VenueOrder, market: Market) -> None:
        market.stops.pop(order.sequence, None)
        market.waiting.pop(order.sequence, None)
        if order.held:
            market.held.pop(order.sequence, None)
        if order.place is not None:
            market.side(order.side).remove(order.place)
            order.place = None

    def _resize(self, order: VenueOrder, quantity: Decimal, now_ns: int) -> None:
        """Give an order another quantity by a rule of the venue; it keeps its place unless it grows."""
        market, grows = self._markets[order.instrument.id], quantity > order.quantity
        order.quantity, order.ts_last = quantity, now_ns
        self._lock(order, self._accounts[order.account_id], market)
        self._say(order, "update", now_ns)
        if grows and order.place is not None:
            self._unplace(order, market)
            self._rest(order, market)
