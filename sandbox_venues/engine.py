"""The mechanics of an exchange: taking, matching, filling, changing and ending orders.

May know: the model, this package. No clock (time is an argument in nanoseconds), no randomness, no I/O. What is worth
telling goes to `_outbox`; `venue.py` collects it. Promises: the same calls in the same order give the same state and
the same messages.
"""

from __future__ import annotations

from decimal import Decimal

from nautilus_live.model.enums import LiquiditySide, OrderStatus, OrderType, TimeInForce
from nautilus_live.model.identifiers import TradeId, VenueOrderId
from nautilus_live.model.objects import Money
from sandbox_venues import admission
from sandbox_venues.accounts import VenueAccount
from sandbox_venues.matching import Market, Resting, crosses
from sandbox_venues.messages import AmendOrder, CancelOrder, PlaceOrder, Refusal
from sandbox_venues.orders import ZERO, ReplacedLeg, VenueFill, VenueOrder, leg_report
from sandbox_venues.registry import Registry

ENDS = {OrderStatus.CANCELED: "cancel", OrderStatus.EXPIRED: "expire", OrderStatus.REJECTED: "reject"}
DAY_NS = 86_400_000_000_000


class Engine(Registry):
    """An exchange without a front door."""

    # -- taking orders

    def _place(self, request: PlaceOrder, now_ns: int) -> VenueOrder | Refusal:
        market = self._markets.get(request.instrument_id)
        account = self._accounts.get(request.account_id)
        if market is None:
            return admission.refuse(
                "UNKNOWN_INSTRUMENT", f"instrument must be traded here, was {request.instrument_id}"
            )
        if account is None:
            return admission.refuse("UNKNOWN_ACCOUNT", f"account must exist here, was {request.account_id}")
        refusal = admission.duplicate_id(
            request, self._owners(request.account_id, request.client_order_id), self.profile
        )
        if refusal is not None:
            return refusal  # Never recorded: the record under that id belongs to another order.
        refusal = admission.bad_shape(request, market.instrument, now_ns) or admission.bad_moment(
            request, market, account
        )
        order = self._new_order(request, market, now_ns)
        refusal = refusal or self._bad_trigger(order, market) or self._unaffordable(order, account, market)
        refusal = refusal or self._scripted_refusal(order)
        if refusal is not None:
            if self.profile.keeps_rejected:
                self._register(order)
                self._reject(order, refusal.reason, now_ns)
            return refusal
        self._register(order)
        account.open_orders[order.sequence] = order
        self._lock(order, account, market)
        self._say(order, "ack", now_ns)
        self._enter(order, market, now_ns)
        self._settle_market(market, now_ns)
        return order

    def _new_order(self, request: PlaceOrder, market: Market, now_ns: int) -> VenueOrder:
        order = VenueOrder(
            self._next(), self._new_venue_order_id(request.instrument_id), request, market.instrument, now_ns
        )
        if request.time_in_force is TimeInForce.DAY:
            order.expire_time_ns = (now_ns // DAY_NS + 1) * DAY_NS
        elif request.time_in_force is not TimeInForce.GTD:
            order.expire_time_ns = 0
        return order

    def _scripted_refusal(self, order: VenueOrder) -> Refusal | None:
        for index, (client_order_id, reason, times) in enumerate(self._refusals):
            if client_order_id in (None, order.client_order_id):
                self._refusals[index : index + 1] = [(client_order_id, reason, times - 1)] if times > 1 else []
                return admission.refuse("SCRIPTED", reason)
        return None

    def _bad_trigger(self, order: VenueOrder, market: Market) -> Refusal | None:
        if not order.triggered and self.profile.stop_in_market == "refuse" and market.is_due(order):
            return admission.refuse("TRIGGERED", f"a trigger must not be reached yet, was {order.trigger_price}")
        return None

    def _unaffordable(self, order: VenueOrder, account: VenueAccount, market: Market) -> Refusal | None:
        if not self.profile.checks_funds:
            return None
        code, needed = self._needs(order, account, market)
        free = self.ledger.balance(account.holder, code) - account.locked.get(code, ZERO)
        if not account.is_cash:
            free -= account.margin(code)
        return admission.too_expensive(needed, free, code)

    def _reject(self, order: VenueOrder, reason: str, now_ns: int) -> None:
        self._end(order, OrderStatus.REJECTED, reason, now_ns)

    def _enter(self, order: VenueOrder, market: Market, now_ns: int) -> None:
        """Put a fresh or changed order where it belongs: among the stops, into the waiting room, to work."""
        if order.expire_time_ns:
            self._expiring[order.sequence] = order
        if not order.triggered:
            market.trail(order)
            market.stops[order.sequence] = order
        elif order.request.time_in_force in admission.AT_AUCTION:
            market.waiting[order.sequence] = order
        else:
            self._work(order, market, now_ns)

    def _work(self, order: VenueOrder, market: Market, now_ns: int) -> None:
        """Let the order take what it can and treat the rest as its kind demands."""
        time_in_force = order.request.time_in_force
        if market.is_open:
            if time_in_force is TimeInForce.FOK:
                limit = None if order.is_market else order.price
                if market.against(order.side).available(limit, order.leaves) < order.leaves:
                    self._end_remainder(order, self.profile.immediate_remainder, "FOK", now_ns)
                    return
            self._take(order, market, now_ns)
        if not order.is_open or order.leaves <= 0:
            return
        if time_in_force in admission.IMMEDIATE:
            self._end_remainder(order, self.profile.immediate_remainder, time_in_force.name, now_ns)
        elif order.is_market and self.profile.market_remainder != "wait":
            self._end_remainder(order, self.profile.market_remainder, "NO_LIQUIDITY", now_ns)
        elif order.is_market:
            market.waiting[order.sequence] = order
        else:
            assert order.price is not None, f"{order.name}: a resting order must have a price"
            market.side(order.side).add(order.price, self._next(), ZERO, order)

    def _end_remainder(self, order: VenueOrder, how: str, reason: str, now_ns: int) -> None:
        self._end(order, OrderStatus.EXPIRED if how == "expire" else OrderStatus.CANCELED, reason, now_ns)

    # -- trading

    def _take(self, order: VenueOrder, market: Market, now_ns: int) -> None:
        book = market.against(order.side)
        limit = None if order.is_market else order.price
        while order.leaves > 0:
            maker = book.best
            if maker is None or not crosses(book.sign, maker.price, limit):
                return
            if order.request.post_only:
                self._end(order, OrderStatus.CANCELED, "POST_ONLY", now_ns)
                return
            wanted = self._reducible(order)
            if not wanted:
                self._end(order, OrderStatus.CANCELED, "REDUCE_ONLY", now_ns)
                return
            offered = maker.leaves if maker.order is None else self._reducible(maker.order)
            if not offered:
                assert maker.order is not None, "scripted liquidity is never reduce-only"
                self._end(maker.order, OrderStatus.CANCELED, "REDUCE_ONLY", now_ns)
                continue
            self._trade(order, maker, market, min(wanted, offered), now_ns)

    def _trade(self, taker: VenueOrder, maker: Resting, market: Market, quantity: Decimal, now_ns: int) -> None:
        trade_id = self._new_trade_id(market.instrument.id)
        self._fill(taker, quantity, maker.price, LiquiditySide.TAKER, trade_id, None, now_ns)
        if maker.order is not None:
            self._fill(maker.order, quantity, maker.price, LiquiditySide.MAKER, trade_id, None, now_ns)
        else:
            maker.quantity -= quantity
            if not maker.quantity:
                market.against(taker.side).remove(maker.place)
        market.last = maker.price
        self._publish_trade(market, maker.price, quantity, taker.side, trade_id, now_ns)

    def _reducible(self, order: VenueOrder) -> Decimal:
        """Return how much of the order may fill: a reduce-only order never more than there is to reduce."""
        account = self._accounts[order.account_id]
        if not order.request.reduce_only or account.is_cash:
            return order.leaves
        return min(order.leaves, account.reducible(order.instrument.id, order.sign, order.position_id))

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
        fill = VenueFill(self._next(), order, trade_id, quantity, price, commission, liquidity, now_ns)
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
        if self.profile.streams_fills:
            self._say(order, "fill", now_ns, fill)
        if self.profile.streams_positions:
            self._say_position(account, account.position(order.instrument, order.position_id), now_ns)
        return fill

    # -- ending and changing

    def _end(self, order: VenueOrder, status: OrderStatus, reason: str, now_ns: int) -> None:
        order.status = status
        order.cancel_reason = reason
        order.ts_last = now_ns
        self._leave(order, self._accounts[order.account_id], self._markets[order.instrument.id])
        self._say(order, ENDS[status], now_ns, None, reason)

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
        if order.place is not None:
            market.side(order.side).remove(order.place)
            order.place = None

    def _cancel(self, cancel: CancelOrder, now_ns: int) -> VenueOrder | Refusal:
        order = self._locate(cancel.account_id, cancel.instrument_id, cancel.client_order_id, cancel.venue_order_id)
        refusal = self._not_open(order, cancel.client_order_id, cancel.venue_order_id)
        if order is None or refusal is not None:
            return refusal or self._unknown(cancel.client_order_id, cancel.venue_order_id)
        self._end(order, OrderStatus.CANCELED, "", now_ns)
        self._settle_market(self._markets[cancel.instrument_id], now_ns)
        return order

    def _amend(self, change: AmendOrder, now_ns: int) -> VenueOrder | Refusal:
        order = self._locate(change.account_id, change.instrument_id, change.client_order_id, change.venue_order_id)
        refusal = self._not_open(order, change.client_order_id, change.venue_order_id)
        if order is None or refusal is not None:
            return refusal or self._unknown(change.client_order_id, change.venue_order_id)
        refusal = admission.bad_change(order, change)
        if refusal is not None:
            return refusal
        self._change(
            order,
            None if change.quantity is None else change.quantity.value,
            None if change.price is None else change.price.value,
            None if change.trigger_price is None else change.trigger_price.value,
            now_ns,
        )
        return order

    def _change(
        self,
        order: VenueOrder,
        quantity: Decimal | None,
        price: Decimal | None,
        trigger: Decimal | None,
        now_ns: int,
        chosen: VenueOrderId | None = None,
    ) -> None:
        """Amend or replace the order, as the profile says; it keeps its place if nothing but its quantity falls."""
        account, market = self._accounts[order.account_id], self._markets[order.instrument.id]
        grows = quantity is not None and quantity > order.quantity
        moves = (price is not None and price != order.price) or (trigger is not None and trigger != order.trigger_price)
        replaced = self.profile.modify != "amend" or chosen is not None
        if replaced:
            leg = leg_report(order, self.profile, now_ns)
            order.legs.append(ReplacedLeg(leg, now_ns))
            if self.profile.modify == "cancel_new":
                self._say_leg(leg, order, now_ns)
            order.venue_order_id = chosen or self._new_venue_order_id(order.instrument.id)
            self._by_venue_id[order.instrument.id, order.venue_order_id] = order
            order.ts_accepted = now_ns if self.profile.modify == "cancel_new" else order.ts_accepted
        order.quantity = order.quantity if quantity is None else quantity
        order.price = order.price if price is None else price
        order.trigger_price = order.trigger_price if trigger is None else trigger
        order.ts_last = now_ns
        self._lock(order, account, market)
        self._say(order, "ack" if self.profile.modify == "cancel_new" else "update", now_ns)
        if grows or moves or replaced:
            self._unplace(order, market)
            self._enter(order, market, now_ns)
        self._settle_market(market, now_ns)

    def _expire_now(self, order: VenueOrder, now_ns: int) -> None:
        self._end(order, OrderStatus.EXPIRED, order.request.time_in_force.name, now_ns)
        self._settle_market(self._markets[order.instrument.id], now_ns)

    # -- what follows from a market that moved

    def _settle_market(self, market: Market, now_ns: int) -> None:
        """Trigger what is due and let waiting market orders trade until nothing moves; then publish the quote."""
        while market.stops or market.waiting:
            order = self._next_due(market)
            if order is not None:
                del market.stops[order.sequence]
                self._trigger(order, market, now_ns)
                continue
            waiting = self._next_waiting(market)
            if waiting is None:
                break
            self._take(waiting, market, now_ns)
        self._publish_quote(market, now_ns)

    def _next_due(self, market: Market) -> VenueOrder | None:
        for order in market.stops.values():
            market.trail(order)
        if not market.is_open:
            return None
        return next((order for order in market.stops.values() if market.is_due(order)), None)

    def _next_waiting(self, market: Market) -> VenueOrder | None:
        if not market.is_open:
            return None
        for order in market.waiting.values():
            if order.request.time_in_force not in admission.AT_AUCTION and market.against(order.side).best is not None:
                return order
        return None

    def _trigger(self, order: VenueOrder, market: Market, now_ns: int) -> None:
        order.triggered = True
        order.ts_triggered = order.ts_last = now_ns
        if order.order_type in (OrderType.STOP_LIMIT, OrderType.LIMIT_IF_TOUCHED, OrderType.TRAILING_STOP_LIMIT):
            order.status = OrderStatus.TRIGGERED
            self._say(order, "trigger", now_ns)
        self._work(order, market, now_ns)
