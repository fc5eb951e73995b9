"""The purger: lets the cache forget what `core.purging` selects, so that memory stays flat for as long as a node runs.

Knows the cache, our time and the settings. Promises: the first purge comes one interval after the start; one that
fails is logged and the next one comes all the same; a setting without an interval purges nothing, a buffer without a
value is none; an order that is in doubt is kept; everybody who keeps something about an order hears that it was purged.
Selection and purge are one step: nothing happens in between.

With `purge_from_database` the store forgets in the same transaction: a crash finds a purge done or not begun. Account
states in the store are never deleted.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from nautilus_live.adapters.ports import Clock
from nautilus_live.config.execution import LiveExecEngineConfig
from nautilus_live.core.position_keeping import fold
from nautilus_live.core.purging import NANOSECONDS_PER_MINUTE, orders_to_purge, positions_to_purge
from nautilus_live.engine.cache import Cache
from nautilus_live.engine.doubts import Doubts
from nautilus_live.engine.periodic import Periodic
from nautilus_live.model.orders import Order

_log = logging.getLogger(__name__)


class Purger:
    """Purges one node's cache.

    Args:
        cache: what forgets.
        doubts: the orders that must not be forgotten, because they may work at the venue.
        clock: our time.
        config: how often, and what must have rested for how long.
        on_purged: called with each order that was purged.
        log: where to log; by default this module's logger.

    """

    def __init__(
        self,
        cache: Cache,
        doubts: Doubts,
        clock: Clock,
        config: LiveExecEngineConfig,
        on_purged: Callable[[Order], object],
        log: logging.Logger | None = None,
    ) -> None:
        self._cache = cache
        self._doubts = doubts
        self._now = clock.timestamp_ns
        self._config = config
        self._on_purged = on_purged
        self._log = log or _log

    def start(self, periodic: Periodic) -> None:
        """Begin."""
        config = self._config
        for interval_mins, name, job in (
            (config.purge_closed_orders_interval_mins, "purge of closed orders", self.purge_orders),
            (config.purge_closed_positions_interval_mins, "purge of closed positions", self.purge_positions),
            (config.purge_account_events_interval_mins, "purge of account events", self.purge_account_events),
        ):
            if interval_mins:
                periodic.every(interval_mins * 60, name, job)
        if config.purge_from_database and config.purge_account_events_interval_mins:
            self._log.warning("purge_from_database: account events in the database are not deleted")

    def purge_orders(self) -> int:
        """Forget the closed orders that have rested for the buffer; returns how many."""
        cache, now = self._cache, self._now()
        buffer_ns = (self._config.purge_closed_orders_buffer_mins or 0) * NANOSECONDS_PER_MINUTE
        known = [order for order in cache.orders() if not self._doubts.doubts_order(order)]
        orders = orders_to_purge(known, cache.order, now, buffer_ns)
        cache.begin()
        try:
            for order in orders:
                if not cache.purge_order(order.client_order_id, now, from_database=self._config.purge_from_database):
                    self._log.critical("%s: to be purged must be closed, was %s", order.client_order_id, order.status)
                    continue
                self._doubts.forget(order)
                self._on_purged(order)
            expired = cache.expire_tombstones(now)
        finally:
            cache.commit()
        if orders or expired:
            self._log.info(
                "purged %d closed orders, %d are left, and %d tombstones (%d before)",
                len(orders),
                cache.orders_total_count(),
                cache.tombstone_count(),
                cache.tombstone_count() + expired - len(orders),
            )
        return len(orders)

    def purge_positions(self) -> int:
        """Forget the closed positions that have rested for the buffer, and the old fills of open ones.

        Returns how many positions were forgotten. The store keeps all fills of what is open.
        """
        cache, now = self._cache, self._now()
        buffer_ns = (self._config.purge_closed_positions_buffer_mins or 0) * NANOSECONDS_PER_MINUTE
        working = [*cache.orders_open(), *cache.orders_inflight()]
        traded = [found for order in working if (found := cache.position_id(order.client_order_id)) is not None]
        positions = positions_to_purge(cache.positions(), traded, now, buffer_ns)
        cache.begin()
        try:
            for position in positions:
                if not cache.purge_position(position.id, from_database=self._config.purge_from_database):
                    self._log.critical("%s: to be purged must be closed, was %s", position.id, position.side)
        finally:
            cache.commit()
        folded = sum(fold(position, now - buffer_ns) for position in cache.positions_open())
        if positions or folded:
            self._log.info(
                "purged %d closed positions, %d are left; folded %d old fills of open ones",
                len(positions),
                cache.positions_total_count(),
                folded,
            )
        return len(positions)

    def purge_account_events(self) -> int:
        """Forget the account states older than the lookback, but each account's last; returns how many."""
        now = self._now()
        lookback_ns = (self._config.purge_account_events_lookback_mins or 0) * NANOSECONDS_PER_MINUTE
        count = sum(
            self._cache.purge_account_events(account.id, now, lookback_ns) for account in self._cache.accounts()
        )
        if count:
            self._log.info("purged %d account events", count)
        return count
