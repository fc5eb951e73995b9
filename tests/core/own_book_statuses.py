"""The statuses that the tests of own order books speak of."""

from __future__ import annotations

from nautilus_live.model.enums import OrderStatus

ACCEPTED, SUBMITTED, INITIALIZED = OrderStatus.ACCEPTED, OrderStatus.SUBMITTED, OrderStatus.INITIALIZED
PARTIALLY_FILLED, CANCELED = OrderStatus.PARTIALLY_FILLED, OrderStatus.CANCELED
