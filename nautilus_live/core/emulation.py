"""The order emulator's decisions: which price counts for an order held here, and what it leads to. Pure.

Theory. A *watch* is one held order: its trigger, and how it trails. A *watchlist* is all watches on one market, with
what that market last said. `observe` takes one word of the market and returns what follows from it, in the order in
which the orders were added.

Rules:
1. A price that cannot be true (not positive, a bid above its ask), or that is older than one seen before of the same
   kind, counts for nothing: it neither triggers nor trails, and breaks no double trigger.
2. A stop is triggered when its price is reached or passed against the order (a buy: at or above), a touch or a limit
   when it is reached or passed in its favour (a buy: at or below). Never otherwise.
3. The present trigger is looked at before it trails; one word of the market does one or the other.
4. The double kinds need two words in a row that reach the trigger; one that does not begins the count anew.
5. A trailing stop with an activation price neither trails nor triggers before the market has been there.
6. A trailing stop-limit order that came with a trigger and without a limit gets its limit from the first word that
   counts, even if that word releases it: what leaves has a price.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from enum import Enum

from msgspec import Struct

from nautilus_live.core.trailing import Trailing
from nautilus_live.model.enums import OrderSide, OrderType, TriggerType
from nautilus_live.model.events import OrderEmulated, OrderInitialized
from nautilus_live.model.identifiers import ClientOrderId
from nautilus_live.model.orders import TRAILING_TYPES, Order

TOUCH_TYPES = frozenset({OrderType.LIMIT, OrderType.MARKET_IF_TOUCHED, OrderType.LIMIT_IF_TOUCHED})
NOT_EMULATED = frozenset({OrderType.MARKET, OrderType.MARKET_TO_LIMIT})
"""Types that wait for nothing, so that there is nothing to emulate."""


class Feed(Enum):
    """Where a price comes from."""

    QUOTES = "quotes"
    TRADES = "trades"
    MARK = "mark prices"
    INDEX = "index prices"


FEEDS: dict[TriggerType, tuple[Feed, ...]] = {
    TriggerType.BID_ASK: (Feed.QUOTES,),
    TriggerType.DOUBLE_BID_ASK: (Feed.QUOTES,),
    TriggerType.MID_POINT: (Feed.QUOTES,),
    TriggerType.LAST_PRICE: (Feed.TRADES,),
    TriggerType.DOUBLE_LAST: (Feed.TRADES,),
    TriggerType.LAST_OR_BID_ASK: (Feed.QUOTES, Feed.TRADES),
    TriggerType.MARK_PRICE: (Feed.MARK,),
    TriggerType.INDEX_PRICE: (Feed.INDEX,),
}
"""What must be listened to for each trigger type."""

DOUBLES = (TriggerType.DOUBLE_BID_ASK, TriggerType.DOUBLE_LAST)


class Seen(Struct, frozen=True):
    """One word of a market: a bid and an ask (QUOTES), or one price, and the venue's time in nanoseconds."""

    feed: Feed
    bid: Decimal
    ask: Decimal
    ts_event: int

    @property
    def problem(self) -> str:
        """Why the word cannot be true, an empty text if it can."""
        if self.bid <= 0 or self.ask <= 0:
            return f"prices must be positive, were {self.bid} and {self.ask}"
        return f"the bid {self.bid} must not be above the ask {self.ask}" if self.bid > self.ask else ""


class Release(Struct, frozen=True):
    """The trigger was reached, at `price`; `limit` is for an order that has none yet."""

    client_order_id: ClientOrderId
    price: Decimal
    limit: Decimal | None = None


class Trail(Struct, frozen=True):
    """The trigger (and the limit, where there is one) moves, or starts to follow from now on."""

    client_order_id: ClientOrderId
    trigger_price: Decimal
    price: Decimal | None


class Watch:
    """One order that is held here.

    Args:
        order: the order as it stands; only read.
        tick: the distance between two prices of the instrument that is watched.
        limit_tick: that of the order's own instrument, if it is another.

    """

    def __init__(self, order: Order, tick: Decimal, limit_tick: Decimal | None = None) -> None:
        self.client_order_id = order.client_order_id
        self.trigger_type = watched_by(order)
        self.trailing = _trailing(order, tick, limit_tick)
        waits = self.trailing is not None and self.trailing.activation_price is not None
        self.is_active = order.is_activated or not waits
        self._buys = order.side is OrderSide.BUY
        self._rising = self._buys != (order.order_type in TOUCH_TYPES)
        self._confirmations = 0
        self.trigger: Decimal | None = None
        self.read(order)

    def read(self, order: Order) -> None:
        """Take over the order's prices after a modification."""
        price = order.price if order.order_type is OrderType.LIMIT else order.trigger_price
        self.trigger = None if price is None else price.value
        self._lacks_limit = self.trailing is not None and self.trailing.limit_offset is not None and order.price is None

    def observe(self, seen: Seen) -> Release | Trail | None:
        """Return what a word of the market leads to; the caller has seen to rule 1."""
        price = self._price(seen)
        if price is None:
            return None
        trailing = self.trailing
        if not self.is_active:
            assert trailing is not None, "only a trailing stop waits for its activation"
            if not trailing.activates(price):
                return None
            self.is_active = True
            trigger = trailing.trigger_for(price, self.trigger) or self.trigger
            assert trigger is not None, "without a trigger every price calls for one"
            return self._trail(trigger, price, trailing)
        if self._is_reached(price):
            limit = trailing.limit_for(price) if trailing is not None and self._lacks_limit else None
            return Release(self.client_order_id, price, limit)
        if trailing is None:
            return None
        wanted = trailing.trigger_for(price, self.trigger)
        if wanted is None and self._lacks_limit:
            wanted = self.trigger
        return None if wanted is None else self._trail(wanted, price, trailing)

    def _trail(self, trigger: Decimal, price: Decimal, trailing: Trailing) -> Trail:
        self.trigger, self._confirmations, self._lacks_limit = trigger, 0, False
        return Trail(self.client_order_id, trigger, trailing.limit_for(price))

    def _price(self, seen: Seen) -> Decimal | None:
        if seen.feed not in FEEDS[self.trigger_type]:
            return None
        if self.trigger_type is TriggerType.MID_POINT:
            return (seen.bid + seen.ask) / 2
        return seen.ask if self._buys else seen.bid

    def _is_reached(self, price: Decimal) -> bool:
        trigger = self.trigger
        if trigger is None or not (price >= trigger if self._rising else price <= trigger):
            self._confirmations = 0
            return False
        self._confirmations += 1
        return self._confirmations >= 2 or self.trigger_type not in DOUBLES


class Watchlist:
    """The orders that wait for one market."""

    def __init__(self) -> None:
        self._watches: dict[ClientOrderId, Watch] = {}
        self._latest: dict[Feed, int] = {}

    def __len__(self) -> int:
        return len(self._watches)

    def __iter__(self) -> Iterator[Watch]:
        return iter(self._watches.values())

    def add(self, watch: Watch) -> None:
        """Watch an order."""
        self._watches[watch.client_order_id] = watch

    def get(self, client_order_id: ClientOrderId) -> Watch | None:
        """Return the watch on an order."""
        return self._watches.get(client_order_id)

    def remove(self, client_order_id: ClientOrderId) -> None:
        """Watch an order no longer."""
        self._watches.pop(client_order_id, None)

    def feeds(self) -> list[Feed]:
        """Return what must be listened to."""
        return list(dict.fromkeys(feed for watch in self for feed in FEEDS[watch.trigger_type]))

    def observe(self, seen: Seen) -> list[Release | Trail]:
        """Return what follows from a word of the market; a triggered order stays until it is removed."""
        if seen.problem or seen.ts_event < self._latest.get(seen.feed, 0):
            return []
        self._latest[seen.feed] = seen.ts_event
        actions = [watch.observe(seen) for watch in self._watches.values()]
        return [action for action in actions if action is not None]


def watched_by(order: Order) -> TriggerType:
    """Return which prices release the order: DEFAULT leaves it to the order's own trigger type, then to bid and ask."""
    for kind in (order.emulation_trigger, order.trigger_type):
        if kind not in (TriggerType.DEFAULT, TriggerType.NO_TRIGGER):
            return kind
    return TriggerType.BID_ASK


def _trailing(order: Order, tick: Decimal, limit_tick: Decimal | None) -> Trailing | None:
    if order.order_type not in TRAILING_TYPES or order.trailing_offset is None:
        return None
    return Trailing(
        side=order.side,
        offset_type=order.trailing_offset_type,
        offset=order.trailing_offset,
        tick=tick,
        limit_offset=order.limit_offset,
        activation_price=None if order.activation_price is None else order.activation_price.value,
        limit_tick=limit_tick,
    )


def concerns_emulation(order: Order, find: Callable[[ClientOrderId], Order | None]) -> bool:
    """Return whether the order, or one that it is linked to, is or was held here, by the emulator or an algorithm."""
    related = (order.parent_order_id, *order.init.linked_order_ids)
    found = [order, *(one for one in (find(key) for key in related if key is not None) if one is not None)]
    return any(one.is_primary or _was_emulated(one) for one in found)


def _was_emulated(order: Order) -> bool:
    # A released order is a plain one; only its first events still say what it was.
    first = order.events[0] if order.events else order.init
    if isinstance(first, OrderInitialized) and first.emulation_trigger is not TriggerType.NO_TRIGGER:
        return True
    return any(type(event) is OrderEmulated for event in order.events[1:3])  # held for its parent alone
