"""What is left at the stop: orders that still work, positions that are still open."""

from __future__ import annotations

import logging

from nautilus_live.engine.cache import Cache


def log_residuals(cache: Cache, log: logging.Logger) -> bool:
    """Log every order that still works and every open position; return whether there are any."""
    working = [*cache.orders_open(), *cache.orders_inflight()]
    for order in {order.client_order_id: order for order in working}.values():  # a pending one is both
        log.warning("left at stop: %r", order, extra={"client_order_id": order.client_order_id.value})
    for position in cache.positions_open():
        log.warning("left at stop: %r", position)
    return cache.check_residuals()
