"""The mechanics of an exchange: taking orders, putting them where they belong, changing and ending them.

May know: the model, this package. No clock (time is an argument in nanoseconds), no randomness, no I/O. What is worth
telling goes to `_outbox`; `venue.py` collects it. Promises: the same calls in the same order give the same state and
the same messages.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from nautilus_live.model.enums import OrderStatus, OrderType, TimeInForce, TriggerType
from nautilus_live.model.identifiers import VenueOrderId
from nautilus_live.model.instruments import InstrumentAny
from sandbox_venues import admission
from sandbox_venues.accounts import VenueAccount
from sandbox_venues.calendar import Calendar
from sandbox_venues.contingency import Contingencies
from sandbox_venues.dealing import Dealing
from sandbox_venues.duties import Duty
from sandbox_venues.matching import Market
from sandbox_venues.messages import AmendOrder, CancelOrder, PlaceOrder, Refusal
from sandbox_venues.orders import ReplacedLeg, VenueOrder, leg_report
from sandbox_venues.registry import VenueConfig
from sandbox_venues.triggers import activate, is_due, trail

DAY_NS = 86_400_000_000_000
UNSAID_TRIGGERS = (TriggerType.NO_TRIGGER, TriggerType.DEFAULT)


class Engine(Dealing):
    """An exchange without a front door."""

    def __init__(self, config: VenueConfig, instruments: list[InstrumentAny], now_ns: int = 0) -> None:
        super().__init__(config, instruments, now_ns)
        profile = self.profile
        self._links = Contingencies(self) if profile.contingencies else None
        self._after_moves: list[Callable[[Market, int], None]] = []  # who looks at a market that has moved
        self._parts_selves = profile.self_trade_prevention != "none"
        self._pays_first = profile.account_type != "MARGIN" and profile.checks_funds
        self._calendar = Calendar(profile.calendar)
        self._duties: list[Duty] = []
        self._default_trigger = TriggerType[profile.default_trigger]

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
        refusal = admission.bad_shape(request, market.instrument, now_ns)
        if refusal is None and not market.is_open:
            refusal = admission.bad_phase(request, market, self.profile)
        order = self._new_order(request, market, now_ns)
        if refusal is None and request.quote_quantity:
            refusal = admission.count_in_base(order, market)
        if refusal is None:
            refusal = admission.no_rate(market.instrument, self._conversion)
        if refusal is None and self._links is not None:
            refusal = self._links.judge(order)
        if refusal is None and not order.held:
            refusal = admission.bad_moment(request, market, account) or self._bad_trigger(order, market)
            refusal = refusal or self._unaffordable(order, account, market)
        refusal = refusal or self._scripted_refusal(order)
        if refusal is not None:
            if self.profile.keeps_rejected:
                self._register(order)
                self._reject(order, refusal.reason, now_ns)
                if self._links is not None:
                    self._links.settle(now_ns)
            return refusal
        self._register(order)
        if self._links is not None:
            self._links.join(order)
        account.open_orders[order.sequence] = order
        self._lock(order, account, market)
        self._say(order, "ack", now_ns)
        if request.quote_quantity:
            self._say(order, "update", now_ns)
        self._enter(order, market, now_ns)
        self._settle_market(market, now_ns)
        return order

    def _new_order(self, request: PlaceOrder, market: Market, now_ns: int) -> VenueOrder:
        order = VenueOrder(
            self._next(), self._new_venue_order_id(request.instrument_id), request, market.instrument, now_ns
        )
        if request.time_in_force is TimeInForce.DAY:
            order.expire_time_ns = self._calendar.next_close(now_ns) or (now_ns // DAY_NS + 1) * DAY_NS
        elif request.time_in_force is not TimeInForce.GTD or not self.profile.keeps_dates:
            order.expire_time_ns = 0
        if not order.triggered and order.trigger_type in UNSAID_TRIGGERS:
            order.trigger_type = self._default_trigger
        return order

    def _scripted_refusal(self, order: VenueOrder) -> Refusal | None:
        for index, (client_order_id, reason, times) in enumerate(self._refusals):
            if client_order_id in (None, order.client_order_id):
                self._refusals[index : index + 1] = [(client_order_id, reason, times - 1)] if times > 1 else []
                return admission.refuse("SCRIPTED", reason)
        return None

    def _bad_trigger(self, order: VenueOrder, market: Market) -> Refusal | None:
        if order.triggered or self.profile.stop_in_market != "refuse":
            return None
        if not order.active:
            activate(market, order)
        if is_due(market, order):
            return admission.refuse("TRIGGERED", f"a trigger must not be reached yet, was {order.trigger_price}")
        return None

    def _unaffordable(self, order: VenueOrder, account: VenueAccount, market: Market) -> Refusal | None:
        if not self.profile.checks_funds:
            return None
        code, needed = self._needs(order, account, market)
        return admission.too_expensive(needed, self._free(order, account, code), code)

    def _reject(self, order: VenueOrder, reason: str, now_ns: int) -> None:
        self._end(order, OrderStatus.REJECTED, reason, now_ns)

    def _enter(self, order: VenueOrder, market: Market, now_ns: int) -> None:
        """Put a fresh or changed order where it belongs: among the stops, into the waiting room, to work."""
        if order.expire_time_ns:
            self._expiring[order.sequence] = order
        if order.held:
            market.held[order.sequence] = order
        elif not order.triggered:
            if market.is_open and trail(market, order) and self.profile.streams_trails:
                self._say(order, "update", now_ns)
            market.stops[order.sequence] = order
        elif order.request.time_in_force in admission.AT_AUCTION:
            market.waiting[order.sequence] = order
        else:
            self._work(order, market, now_ns)

    def _release(self, order: VenueOrder, now_ns: int) -> None:
        """Let a held order go to work, if it can be paid for now."""
        market, account = self._markets[order.instrument.id], self._accounts[order.account_id]
        self._unplace(order, market)
        order.held = False
        refusal = self._unaffordable(order, account, market)
        if refusal is not None:
            self._end(order, OrderStatus.CANCELED, refusal.code, now_ns)
            return
        self._lock(order, account, market)
        self._enter(order, market, now_ns)

    def _work(self, order: VenueOrder, market: Market, now_ns: int) -> None:
        """Let the order take what it can and treat the rest as its kind demands."""
        time_in_force = order.request.time_in_force
        turns = order.order_type is OrderType.MARKET_TO_LIMIT and order.price is None
        if turns and (best := market.against(order.side).best) is not None:
            order.price = best.price
        if market.is_open and (order.price is not None or not turns):
            if time_in_force is TimeInForce.FOK and not self._fills_whole(order, market):
                self._end_remainder(order, self.profile.immediate_remainder, "FOK", now_ns)
                return
            self._take(order, market, now_ns)
        if not order.is_open or order.leaves <= 0:
            return
        if time_in_force in admission.IMMEDIATE:
            self._end_remainder(order, self.profile.immediate_remainder, time_in_force.name, now_ns)
        elif order.is_market and self.profile.market_remainder == "wait":
            market.waiting[order.sequence] = order
        elif order.is_market or order.price is None:
            self._end_remainder(order, self.profile.market_remainder, "NO_LIQUIDITY", now_ns)
        else:
            if turns:
                self._say(order, "update", now_ns)
            self._rest(order, market)

    # -- changing and ending on demand

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
        market = self._markets[order.instrument.id]
        refusal = admission.bad_change(order, change, market) or self._unaffordable_change(order, change, market)
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

    def _unaffordable_change(self, order: VenueOrder, change: AmendOrder, market: Market) -> Refusal | None:
        """Return why the account cannot pay for the order as it would be, `None` if it can, or if it locks no more."""
        stands = order.quantity, order.price, order.trigger_price
        if change.quantity is not None:
            order.quantity = change.quantity.value
        if change.price is not None:
            order.price = change.price.value
        if change.trigger_price is not None:
            order.trigger_price = change.trigger_price.value
        account = self._accounts[order.account_id]
        code, needed = self._needs(order, account, market)
        grows = code != order.lock_code or needed > order.lock_amount
        refusal = self._unaffordable(order, account, market) if grows else None
        order.quantity, order.price, order.trigger_price = stands
        return refusal

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
            if self.profile.modify == "cancel_new" or self.profile.lists_replaced_legs:
                order.ts_accepted = now_ns  # a leg that is listed beside those before it is an order of its own
        order.quantity = order.quantity if quantity is None else quantity
        order.price = order.price if price is None else price
        order.trigger_price = order.trigger_price if trigger is None else trigger
        order.ts_last = now_ns
        self._lock(order, account, market)
        self._say(order, "ack" if self.profile.modify == "cancel_new" else "update", now_ns)
        if grows or moves or replaced:
            self._unplace(order, market)
            self._enter(order, market, now_ns)
        if self._links is not None:
            self._links.note(order)
        self._settle_market(market, now_ns)

    def _expire_now(self, order: VenueOrder, now_ns: int) -> None:
        self._end(order, OrderStatus.EXPIRED, order.request.time_in_force.name, now_ns)
        self._settle_market(self._markets[order.instrument.id], now_ns)

    # -- what follows from a market that moved

    def _settle_market(self, market: Market, now_ns: int) -> None:
        """Trigger what is due and let waiting market orders trade until nothing moves; then publish the quote."""
        if self._links is not None:
            self._links.settle(now_ns)
        while market.stops or market.waiting:
            order = self._next_due(market, now_ns)
            if order is not None:
                del market.stops[order.sequence]
                self._trigger(order, market, now_ns)
                if self._links is not None:
                    self._links.settle(now_ns)
                continue
            waiting = self._next_waiting(market)
            if waiting is None:
                break
            self._take(waiting, market, now_ns)
            if self._links is not None:
                self._links.settle(now_ns)
        for look in self._after_moves:
            look(market, now_ns)
        self._publish_quote(market, now_ns)

    def _next_due(self, market: Market, now_ns: int) -> VenueOrder | None:
        if not market.is_open:
            return None
        for order in market.stops.values():
            if trail(market, order) and self.profile.streams_trails:
                order.ts_last = now_ns
                self._say(order, "update", now_ns)
        return next((order for order in market.stops.values() if is_due(market, order)), None)

    def _next_waiting(self, market: Market) -> VenueOrder | None:
        if not market.is_open:
            return None
        for order in market.waiting.values():
            if order.request.time_in_force not in admission.AT_AUCTION and market.against(order.side).best is not None:
                return order
        return None

    def _trigger(self, order: VenueOrder, market: Market, now_ns: int) -> None:
        order.triggered = True
        order.ts_triggered = now_ns
        if order.order_type in (OrderType.STOP_LIMIT, OrderType.LIMIT_IF_TOUCHED, OrderType.TRAILING_STOP_LIMIT):
            order.status, order.ts_last = OrderStatus.TRIGGERED, now_ns
            self._say(order, "trigger", now_ns)
        account = self._accounts[order.account_id]
        if not account.is_margin:  # a limit that trails may have moved away from what was locked for it
            refusal = self._unaffordable(order, account, market)
            if refusal is not None:
                self._end(order, OrderStatus.CANCELED, refusal.code, now_ns)
                return
            self._lock(order, account, market)
        self._enter(order, market, now_ns)
