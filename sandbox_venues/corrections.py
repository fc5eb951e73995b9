"""Trades taken back or corrected, and how a script names an order.

May know: the model, this package. What stands afterwards is as if only the last version of a trade had ever been
(FIELD C17).
"""

from __future__ import annotations

from decimal import Decimal

from nautilus_live.model.enums import OrderStatus
from nautilus_live.model.identifiers import AccountId, TradeId, VenueOrderId
from sandbox_venues.messages import StreamMessage
from sandbox_venues.orders import ZERO, VenueFill, VenueOrder
from sandbox_venues.street import Amount, Street, to_decimal


class Corrections(Street):
    """An exchange whose trades are not always final."""

    def bust(self, order: str, trade_id: str, account: str | None = None, *, now_ns: int) -> list[StreamMessage]:
        """Take a trade back: quantity, position, money and fee are as without it. A filled order stays closed."""
        found = self.find(order, account)
        for fill in self._valid_fills(found, trade_id):
            self._void(found, fill, now_ns)
        return self._flush(now_ns)

    def correct(
        self,
        order: str,
        trade_id: str,
        quantity: Amount | None = None,
        price: Amount | None = None,
        new_trade_id: str | None = None,
        account: str | None = None,
        *,
        now_ns: int,
    ) -> list[StreamMessage]:
        """Correct a trade: take it back and book it again at another quantity or price, under a trade id of its own.

        `new_trade_id` defaults to the old one with the number of the correction behind a dot, as in `T-1.2`.
        """
        found = self.find(order, account)
        fills = self._valid_fills(found, trade_id)
        amount = sum((fill.quantity for fill in fills), ZERO) if quantity is None else to_decimal(quantity)
        at = fills[0].price if price is None else to_decimal(price)
        others = found.filled - sum((fill.quantity for fill in fills), ZERO)
        if amount <= 0 or (others + amount > found.quantity and not found.may_overfill):
            raise ValueError(f"{found.name}: a correction must be within {found.quantity - others}, was {amount}")
        number = TradeId(new_trade_id or f"{trade_id}.{sum(1 for fill in found.fills if fill.busted) + 2}")
        if number in found.trade_ids:
            raise ValueError(f"{found.name}: a trade id must be new to its order, was {number}")
        for fill in fills:
            self._void(found, fill, now_ns)
        self._fill(found, amount, at, fills[0].liquidity, number, None, now_ns)
        return self._flush(now_ns)

    def _valid_fills(self, order: VenueOrder, trade_id: str) -> list[VenueFill]:
        """Return the parts of a trade of the order that stands."""
        fills = [item for item in order.fills if str(item.trade_id) == trade_id and not item.busted]
        if not fills:
            trades = ", ".join(str(item.trade_id) for item in order.fills if not item.busted)
            raise ValueError(f"{order.name}: a busted trade must be one of {trades or 'none'}, was {trade_id!r}")
        return fills

    def _void(self, order: VenueOrder, fill: VenueFill, now_ns: int) -> None:
        owner = self._accounts[order.account_id]
        fill.busted = True
        order.filled -= fill.quantity
        order.notional -= fill.quantity * fill.price
        order.ts_last = now_ns
        self._move(fill, owner, Decimal(-1))
        change = owner.position(order.instrument, order.position_id).rebuild(now_ns)
        if owner.is_margin:
            self._pay_profit(owner, order.instrument, change)
        if order.status is OrderStatus.FILLED:
            order.status = OrderStatus.CANCELED
            order.cancel_reason = "BUSTED"
        elif order.is_open:
            order.status = OrderStatus.PARTIALLY_FILLED if order.filled else OrderStatus.ACCEPTED
            self._lock(order, owner, self._markets[order.instrument.id])
        self._say(order, "bust", now_ns, fill)

    # -- finding

    def find(self, order: str, account: str | None = None) -> VenueOrder:
        """Return the order of that client or venue order id (the latest of several).

        Raises:
            ValueError: if there is none, or a venue order id is ambiguous between instruments.

        """
        owner = None if account is None else AccountId(account)
        candidates = [item for item in self._orders if owner is None or item.account_id == owner]
        named = [item for item in candidates if item.client_order_id is not None and str(item.client_order_id) == order]
        if named:
            return next((item for item in reversed(named) if item.is_open), named[-1])
        numbered = [item for (_, number), item in self._by_venue_id.items() if number == VenueOrderId(order)]
        numbered = [item for item in numbered if owner is None or item.account_id == owner]
        if len(numbered) > 1:
            raise ValueError(f"venue order id must be unique, was {order!r} in {len(numbered)} instruments")
        if not numbered:
            raise ValueError(f"an order must be known to the venue, was {order!r}")
        return numbered[0]

    def _open_order(self, order: str, account: str | None) -> VenueOrder:
        found = self.find(order, account)
        if not found.is_open:
            raise ValueError(f"{found.name}: the order must be open, was {found.status}")
        return found
