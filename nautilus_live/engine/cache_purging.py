"""The cache's forgetting: orders, positions and account states leave memory, and what has to be kept of them stays.

Knows the indexes, the graves and the records; what may go is decided in `core.purging`. Promises: what is open is never
forgotten, whoever asks; all indexes shrink together; the profit of a forgotten position still counts; with
`from_database` the store forgets in the same step, otherwise it keeps everything, and a restart brings it back.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from nautilus_live.core.purging import states_to_purge
from nautilus_live.core.tombstones import Tombstone, tombstone_of
from nautilus_live.engine.cache_records import CacheRecords
from nautilus_live.engine.graves import Graves
from nautilus_live.engine.indexes import OrderIndex, PositionIndex
from nautilus_live.model.accounts import Account
from nautilus_live.model.identifiers import AccountId, ClientOrderId, InstrumentId, PositionId, VenueOrderId
from nautilus_live.model.orders import Order, OrderList

ZERO = Decimal(0)

ProfitKey = tuple[InstrumentId, AccountId]


class CachePurging:
    """What the cache forgets, and what it knows of the forgotten."""

    _orders: OrderIndex
    _order_lists: dict[str, OrderList]
    _positions: PositionIndex
    _accounts: dict[str, Account]
    _records: CacheRecords | None
    _graves: Graves
    _purged_profits: dict[ProfitKey, Decimal]

    # -- forgetting --------------------------------------------------------------------------------------------------

    def purge_order(self, client_order_id: ClientOrderId, now: int, *, from_database: bool = False) -> bool:
        """Forget a closed order but for its tombstone; returns False for one that is not closed, or not known."""
        order = self._orders.by_id.get(client_order_id.value)
        if order is None or not order.is_closed:
            return False
        self.bury(tombstone_of(order, now, is_deleted=from_database))
        self._orders.remove(order)
        list_id = order.order_list_id
        if list_id is not None:
            self._forget_list(list_id.value)
        if from_database and self._records is not None:
            self._records.delete_order(order)
        return True

    def _forget_list(self, name: str) -> None:
        known = self._order_lists.get(name)
        if known is not None and not any(one.client_order_id.value in self._orders.by_id for one in known.orders):
            del self._order_lists[name]

    def purge_position(self, position_id: PositionId, *, from_database: bool = False) -> bool:
        """Forget a closed position but for its profit; returns False for one that is open, or not known."""
        position = self._positions.by_id.get(position_id.value)
        if position is None or not position.is_closed:
            return False
        self._positions.remove(position)
        key = (position.instrument_id, position.account_id)
        profit = self._purged_profits.get(key, ZERO) + position.realized + position.realized_before
        self._purged_profits[key] = profit
        if from_database and self._records is not None:
            self._records.delete_position(position)
            self._records.add_purged_profit(*key, position.realized + position.realized_before)
        return True

    def purge_account_events(self, account_id: AccountId, now: int, lookback_ns: int) -> int:
        """Forget an account's states older than the lookback, but the last; returns how many. The store keeps all."""
        account = self._accounts.get(account_id.value)
        if account is None:
            return 0
        count = states_to_purge(account.events, now, lookback_ns)
        account.forget_events(count)
        return count

    # -- the forgotten -----------------------------------------------------------------------------------------------

    def bury(self, stone: Tombstone) -> None:
        """Keep a purged order's tombstone, or what it has become after a late word."""
        self._graves.bury(stone)
        if stone.is_deleted and self._records is not None:
            self._records.set_tombstone(stone)

    def expire_tombstones(self, now: int) -> int:
        """Drop the tombstones whose time is over; returns how many."""
        expired = self._graves.expire(now)
        deleted = [stone for stone in expired if stone.is_deleted]
        if deleted and self._records is not None:
            self._records.delete_tombstones(deleted, self._graves.forgotten_until)
        return len(expired)

    def tombstone(
        self, client_order_id: ClientOrderId | None, venue_order_id: VenueOrderId | None, instrument_id: InstrumentId
    ) -> Tombstone | None:
        """Return what is left of a purged order, under either id."""
        return self._graves.find(client_order_id, venue_order_id, instrument_id)

    def is_buried(self, client_order_id: ClientOrderId) -> bool:
        """Return whether the name is that of a purged order, of whatever instrument."""
        return self._graves.has(client_order_id)

    def is_purged(
        self, client_order_id: ClientOrderId | None, venue_order_id: VenueOrderId | None, instrument_id: InstrumentId
    ) -> bool:
        """Return whether the order was known, closed and purged, as far back as tombstones go."""
        return self._graves.find(client_order_id, venue_order_id, instrument_id) is not None

    def is_id_used(self, order: Order) -> bool:
        """Return whether a new order's id is that of an order which is known, or was purged and has its tombstone."""
        if order.client_order_id.value in self._orders.by_id:
            return True
        return self._graves.find(order.client_order_id, None, order.instrument_id) is not None

    def is_forgotten(self, ts: int) -> bool:
        """Return whether orders that ended at `ts` (the venue's time) were purged so long ago that no stone is left.

        Zero is no time, and never forgotten.
        """
        return 0 < ts <= self._graves.forgotten_until

    def tombstone_count(self) -> int:
        """Return how many tombstones there are."""
        return len(self._graves)

    def purged_profits(self) -> Mapping[ProfitKey, Decimal]:
        """Return the profit that purged positions made, in each instrument's settlement currency."""
        return self._purged_profits
