"""The hand of the script: what can be made to happen at a venue from outside.

May know: the model, this package. Every action is a fact at the venue, not a lie about one: it goes through the same
books, makes the same messages and keeps the same invariants as what accounts do themselves. Actions take names as text,
amounts as text or Decimal, and time in nanoseconds, and return the messages that follow.

Raises: ValueError, with the rule and the state, if an action is impossible; then nothing happened.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from nautilus_live.model.enums import LiquiditySide, OrderSide, OrderStatus, OrderType, TimeInForce
from nautilus_live.model.identifiers import ClientOrderId, InstrumentId, PositionId, TradeId, VenueOrderId
from nautilus_live.model.objects import Money, Price, Quantity
from sandbox_venues.accounts import asset_of
from sandbox_venues.matching import Market
from sandbox_venues.messages import PlaceOrder, StreamMessage
from sandbox_venues.orders import VenueOrder
from sandbox_venues.settlement import Settlement
from sandbox_venues.street import Amount, to_decimal

_ENDED = {
    "CANCELED": OrderStatus.CANCELED,
    "EXPIRED": OrderStatus.EXPIRED,
    "REJECTED": OrderStatus.REJECTED,
}


class Hand(Settlement):
    """An exchange that a script can push around."""

    # -- orders

    def trade(
        self,
        order: str,
        quantity: Amount | None = None,
        price: Amount | None = None,
        trade_id: str | None = None,
        commission: str | None = None,
        liquidity: str | None = None,
        late: bool = False,
        overfill: bool = False,
        account: str | None = None,
        *,
        now_ns: int,
    ) -> list[StreamMessage]:
        """Fill an order against the street, whatever the book says.

        `quantity` defaults to all that is left, `price` to the limit price, else the best opposite price, else the last
        one. `commission` is AMOUNT CODE. `late` allows it on a closed order, `overfill` beyond its quantity.
        """
        found = self.find(order, account)
        market = self._markets[found.instrument.id]
        amount = found.leaves if quantity is None else to_decimal(quantity)
        at = self._price_for(found, market) if price is None else to_decimal(price)
        if at is None:
            raise ValueError(
                f"{found.name}: a trade must have a price where neither order nor market has one, was None"
            )
        if amount <= 0 or (amount > found.leaves and not overfill):
            raise ValueError(f"{found.name}: a trade must be within the {found.leaves} left, was {amount}")
        if not found.is_open and not late:
            raise ValueError(f"{found.name}: a trade must be of an open order (or late), was {found.status}")
        identity = self._new_trade_id(found.instrument.id, found) if trade_id is None else TradeId(trade_id)
        if identity in found.trade_ids:
            raise ValueError(f"{found.name}: a trade id must be new to its order, was {identity}")
        found.may_overfill |= overfill
        if not found.is_market and found.price is None:
            found.price = at  # A trailing stop that never saw a market: it trades here, so here is its limit.
        self._activate(found, market, now_ns)
        taker = found.is_market or liquidity == "TAKER"
        side = LiquiditySide.TAKER if taker and liquidity != "MAKER" else LiquiditySide.MAKER
        fee = None if commission is None else Money.from_str(commission)
        self._fill(found, amount, at, side, identity, fee, now_ns)
        market.printed(at)
        self._publish_trade(market, at, amount, found.side.opposite, identity, now_ns)
        self._resettle(found, market, now_ns)
        return self._flush(now_ns)

    def _price_for(self, order: VenueOrder, market: Market) -> Decimal | None:
        if order.price is not None:
            return order.price
        best = market.against(order.side).best
        return best.price if best is not None else market.last or order.trigger_price

    def _activate(self, order: VenueOrder, market: Market, now_ns: int) -> None:
        """A conditional order that trades was triggered first."""
        if order.triggered or not order.is_open:
            return
        order.triggered = True
        order.ts_triggered = now_ns
        self._unplace(order, market)
        order.held = False
        if not order.is_market:
            order.status = OrderStatus.TRIGGERED
            self._say(order, "trigger", now_ns)

    def _resettle(self, order: VenueOrder, market: Market, now_ns: int) -> None:
        """Put what is left of an order that stands nowhere where it belongs, and let the market settle."""
        stands = order.held or order.place is not None
        stands = stands or order.sequence in market.stops or order.sequence in market.waiting
        if order.is_open and not stands:
            self._enter(order, market, now_ns)
        self._settle_market(market, now_ns)

    def trigger(self, order: str, account: str | None = None, *, now_ns: int) -> list[StreamMessage]:
        """Trigger a conditional order, whatever the market says; it then trades with the book."""
        found = self._open_order(order, account)
        if found.triggered:
            raise ValueError(f"{found.name}: only an untriggered order can be triggered, was {found.status}")
        if found.held:
            raise ValueError(f"{found.name}: only an order that works can be triggered, waits for another one")
        if not found.is_market and found.price is None:
            raise ValueError(f"{found.name}: a trailing stop must have seen a market to be triggered, was None")
        market = self._markets[found.instrument.id]
        self._unplace(found, market)
        self._trigger(found, market, now_ns)
        self._settle_market(market, now_ns)
        return self._flush(now_ns)

    def cancel(
        self, order: str, reason: str = "VENUE", account: str | None = None, *, now_ns: int
    ) -> list[StreamMessage]:
        """Cancel an open order."""
        return self._finish(self._open_order(order, account), OrderStatus.CANCELED, reason, now_ns)

    def expire(
        self, order: str, reason: str = "VENUE", account: str | None = None, *, now_ns: int
    ) -> list[StreamMessage]:
        """Let an open order expire."""
        return self._finish(self._open_order(order, account), OrderStatus.EXPIRED, reason, now_ns)

    def reject(
        self, order: str, reason: str = "VENUE", account: str | None = None, *, now_ns: int
    ) -> list[StreamMessage]:
        """Reject an open order that nothing of is filled, although it was accepted."""
        found = self._open_order(order, account)
        if found.filled:
            raise ValueError(f"{found.name}: a rejected order must have no fills, was filled {found.filled}")
        return self._finish(found, OrderStatus.REJECTED, reason, now_ns)

    def _finish(self, order: VenueOrder, status: OrderStatus, reason: str, now_ns: int) -> list[StreamMessage]:
        self._end(order, status, reason, now_ns)
        self._settle_market(self._markets[order.instrument.id], now_ns)
        return self._flush(now_ns)

    def amend(
        self,
        order: str,
        quantity: Amount | None = None,
        price: Amount | None = None,
        trigger_price: Amount | None = None,
        venue_order_id: str | None = None,
        account: str | None = None,
        *,
        now_ns: int,
    ) -> list[StreamMessage]:
        """Change an open order as the venue's own decision; `venue_order_id` replaces it under that id."""
        found = self._open_order(order, account)
        chosen = None if venue_order_id is None else self._free_id(found.instrument.id, venue_order_id)
        wanted = None if quantity is None else to_decimal(quantity)
        if wanted is not None and wanted <= found.filled:
            raise ValueError(f"{found.name}: quantity must be above the filled {found.filled}, was {wanted}")
        self._change(
            found,
            wanted,
            None if price is None else to_decimal(price),
            None if trigger_price is None else to_decimal(trigger_price),
            now_ns,
            chosen,
        )
        return self._flush(now_ns)

    def _free_id(self, instrument_id: InstrumentId, number: str) -> VenueOrderId:
        chosen = VenueOrderId(number)
        if (instrument_id, chosen) in self._by_venue_id:
            raise ValueError(f"a venue order id must be new to {instrument_id}, was {number!r}")
        return chosen

    def external_order(
        self,
        instrument: str,
        side: str,
        quantity: Amount,
        price: Amount | None = None,
        order_type: str = "LIMIT",
        trigger_price: Amount | None = None,
        time_in_force: str = "GTC",
        client_order_id: str | None = None,
        fills: Sequence[tuple[Amount, Amount]] = (),
        status: str | None = None,
        reduce_only: bool = False,
        position_id: str | None = None,
        venue_order_id: str | None = None,
        account: str | None = None,
        *,
        now_ns: int,
    ) -> list[StreamMessage]:
        """Place an order that no node of ours placed, by hand or from another system.

        It is filled by `fills` ((quantity, price) each), then ends as `status` (CANCELED, EXPIRED or REJECTED) if one
        is given; otherwise what is left goes to the market like any order.
        """
        market = self._market(instrument)
        made = market.instrument
        request = PlaceOrder(
            account_id=self._account(account).id,
            instrument_id=made.id,
            side=OrderSide[side],
            quantity=Quantity(to_decimal(quantity), made.size_precision),
            order_type=OrderType[order_type],
            client_order_id=None if client_order_id is None else ClientOrderId(client_order_id),
            price=None if price is None else Price(to_decimal(price), made.price_precision),
            trigger_price=None if trigger_price is None else Price(to_decimal(trigger_price), made.price_precision),
            time_in_force=TimeInForce[time_in_force],
            reduce_only=reduce_only,
            position_id=None if position_id is None else PositionId(position_id),
        )
        if status is not None and status not in _ENDED:
            raise ValueError(f"an external order must end as one of {', '.join(_ENDED)}, was {status!r}")
        order = self._new_order(request, market, now_ns)
        if venue_order_id is not None:
            order.venue_order_id = self._free_id(made.id, venue_order_id)
        self._register(order)
        owner = self._accounts[order.account_id]
        if status == "REJECTED":
            self._reject(order, "VENUE", now_ns)
            return self._flush(now_ns)
        owner.open_orders[order.sequence] = order
        self._lock(order, owner, market)
        self._say(order, "ack", now_ns)
        for filled, at in fills:
            self._activate(order, market, now_ns)
            if not order.is_market and order.price is None:
                order.price = to_decimal(at)
            kind = LiquiditySide.TAKER if order.is_market else LiquiditySide.MAKER
            trade_id = self._new_trade_id(made.id, order)
            self._fill(order, to_decimal(filled), to_decimal(at), kind, trade_id, None, now_ns)
            market.printed(to_decimal(at))
        if status is not None and order.is_open:
            self._end(order, _ENDED[status], "VENUE", now_ns)
        self._resettle(order, market, now_ns)
        return self._flush(now_ns)

    def refuse_next(
        self, reason: str = "VENUE", order: str | None = None, times: int = 1, *, now_ns: int
    ) -> list[StreamMessage]:
        """Refuse the next orders that come in (`order`: those of that client order id); keep them as rejected."""
        if times < 1:
            raise ValueError(f"times must be at least 1, was {times}")
        self._refusals.append((None if order is None else ClientOrderId(order), reason, times))
        return self._flush(now_ns)

    # -- accounts

    def set_position(
        self,
        instrument: str,
        quantity: Amount,
        price: Amount | None = None,
        position_id: str | None = None,
        account: str | None = None,
        *,
        now_ns: int,
    ) -> list[StreamMessage]:
        """Make a position of that signed quantity and average price, which no order in the history explains.

        Raises:
            ValueError: on a betting account: nobody has put anything down for such a bet.

        """
        market, owner = self._market(instrument), self._account(account)
        if owner.is_betting:
            raise ValueError(f"{owner.id}: a position must come from bets on a betting account, was {quantity}")
        if owner.hedging and position_id is None:
            position_id = f"P-{self._count('position', market.instrument.id)}"
        position = owner.position(market.instrument, None if position_id is None else PositionId(position_id))
        signed = to_decimal(quantity)
        if owner.is_cash:
            code = asset_of(market.instrument).code
            self.ledger.deposit(owner.holder, code, signed - position.signed)
            self._touch(owner, code)
        position.set(signed, None if price is None else to_decimal(price), now_ns)
        if self._conversion is not None:
            position.rate = self._conversion.needed(market.instrument.settlement_currency)
        if self.profile.streams_positions:
            self._say_position(owner, position, now_ns)
        return self._flush(now_ns)

    def deposit(self, amount: str, account: str | None = None, *, now_ns: int) -> list[StreamMessage]:
        """Bring money (AMOUNT CODE, negative to withdraw) into an account from outside."""
        owner, money = self._account(account), Money.from_str(amount)
        owner.hold(money.currency)
        self.ledger.deposit(owner.holder, money.currency.code, money.value)
        self._touch(owner, money.currency.code)
        return self._flush(now_ns)

    def cancel_account(self, account: str | None = None, reason: str = "VENUE", *, now_ns: int) -> list[StreamMessage]:
        """Cancel every open order of an account."""
        owner = self._account(account)
        for order in list(owner.open_orders.values()):
            if order.is_open:  # the end of one may have set off another
                self._end(order, OrderStatus.CANCELED, reason, now_ns)
        for market in self._markets.values():
            self._settle_market(market, now_ns)
        return self._flush(now_ns)
