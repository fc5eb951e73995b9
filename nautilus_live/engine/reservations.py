"""What the open orders of cash accounts lock, kept up to date order by order.

Some venues say in their account states what orders lock, some never do, and none says it of an order that is still on
its way. So the node reserves it itself, from the moment it submits (`Account.reserve`); the account shows the greater
of both. What is sold and is no currency (a share) reserves nothing: the venue says what of it is locked.

Knows the cache. Costs nothing as long as there is no cash account, and one sum an order event where there is.
"""

from __future__ import annotations

from decimal import Decimal

from nautilus_live.engine.cache import Cache
from nautilus_live.engine.message_bus import MessageBus
from nautilus_live.model.accounts import CashAccount
from nautilus_live.model.events import OrderEvent
from nautilus_live.model.identifiers import AccountId, ClientOrderId, InstrumentId
from nautilus_live.model.objects import Currency
from nautilus_live.model.orders import TRAILING_TYPES, Order

ZERO = Decimal(0)

Key = tuple[AccountId, InstrumentId, Currency]


class Reservations:
    """Keeps the reservations of cash accounts.

    Args:
        cache: where orders and accounts are.
        msgbus: tells of order events.

    """

    def __init__(self, cache: Cache, msgbus: MessageBus) -> None:
        self._cache = cache
        self._msgbus = msgbus
        self._began = False
        self._orders: dict[ClientOrderId, tuple[Key, Decimal]] = {}
        self._totals: dict[Key, Decimal] = {}

    def begin(self) -> None:
        """Listen from now on, and reserve for the orders that are under way. A second time changes nothing."""
        if self._began:
            return
        self._began = True
        self._msgbus.subscribe("events.order.*", self._on_order_event)
        for order in (*self._cache.orders_open(), *self._cache.orders_inflight()):
            self._reserve(order)

    def _on_order_event(self, event: OrderEvent) -> None:
        order = self._cache.order(event.client_order_id)
        if order is not None:
            self._reserve(order)

    def _reserve(self, order: Order) -> None:
        """Reserve what the order locks now instead of what it locked so far."""
        name = order.client_order_id
        account = self._account_of(order)
        locked = None if account is None else self._locked(order, account)
        before = self._orders.pop(name, None)
        if before is not None:
            self._change(before[0], -before[1])
        if account is not None and locked is not None and locked[1]:
            currency, amount = locked
            key = (account.id, order.instrument_id, currency)
            self._orders[name] = (key, amount)
            self._change(key, amount)

    def _account_of(self, order: Order) -> CashAccount | None:
        named = order.account_id
        found = (
            self._cache.account_for_venue(order.instrument_id.venue) if named is None else self._cache.account(named)
        )
        return found if isinstance(found, CashAccount) else None

    def _locked(self, order: Order, account: CashAccount) -> tuple[Currency, Decimal] | None:
        if not (order.is_open or order.is_inflight):
            return None
        instrument = self._cache.instrument(order.instrument_id)
        price = order.price or order.trigger_price
        if instrument is None or not price or not order.leaves_qty:
            return None
        if order.order_type in TRAILING_TYPES and order.is_open:
            return None  # its trigger may be elsewhere by now: the venue knows what it locks
        if order.init.quote_quantity:
            return instrument.quote_currency, order.leaves_qty.value
        return account.locked_by(instrument, order.side, order.leaves_qty.value, price.value)

    def _change(self, key: Key, amount: Decimal) -> None:
        total = self._totals.get(key, ZERO) + amount
        account_id, instrument_id, currency = key
        if total:
            self._totals[key] = total
        else:
            self._totals.pop(key, None)
        account = self._cache.account(account_id)
        if isinstance(account, CashAccount):
            account.reserve(instrument_id, currency, total)
