"""Fills (and words that take one back) that came before their order: kept until it appears, alarmed when it does not.

Knows the event loop for the expiry. A fill that nobody claims in time is given up with an alarm; the venue still has
it, so the next reconciliation or position check brings it back.
"""

from __future__ import annotations

import asyncio

from nautilus_live.engine.alarms import Notices
from nautilus_live.marks import mark
from nautilus_live.model.events import OrderFilled, OrderFillVoided
from nautilus_live.model.identifiers import ClientOrderId
from nautilus_live.model.orders import Order
from nautilus_live.model.reports import FillReport, OrderStatusReport

EarlyFill = FillReport | OrderFilled | OrderFillVoided
Key = tuple[str, str, str, str, bool]


class EarlyFills:
    """The fills that wait for an order.

    Attributes:
        waiting: the fills with their timers, in the order they came.

    Args:
        loop: the event loop.
        expiry_s: seconds a fill may wait.
        notices: told of a fill that waited in vain.

    """

    def __init__(self, loop: asyncio.AbstractEventLoop, expiry_s: float, notices: Notices) -> None:
        self._loop = loop
        self._expiry_s = expiry_s
        self._notices = notices
        self.waiting: dict[Key, tuple[EarlyFill, asyncio.TimerHandle]] = {}

    def hold(self, fill: EarlyFill) -> bool:
        """Keep a fill; returns False if it is kept already (its time then runs on)."""
        key = _key(fill)
        if key in self.waiting:
            return False
        self.waiting[key] = (fill, self._loop.call_later(self._expiry_s, self._expire, key))
        return True

    def claim(self, order: Order) -> list[EarlyFill]:
        """Return the fills that belong to `order`, in the order they came, and keep them no longer."""
        keys = [key for key, (fill, _) in self.waiting.items() if _belongs(fill, order)]
        return [self._release(key) for key in keys]

    def claim_reports(self, report: OrderStatusReport) -> list[FillReport]:
        """Return the reported fills that belong to the order of `report`, in the order they came, as `claim` does."""
        claimed: list[FillReport] = []
        for key, (fill, _) in list(self.waiting.items()):
            if isinstance(fill, FillReport) and _is_of(fill, report):
                self._release(key)
                claimed.append(fill)
        return claimed

    def _release(self, key: Key) -> EarlyFill:
        fill, timer = self.waiting.pop(key)
        mark("early_fills.claimed")
        timer.cancel()
        return fill

    def clear(self) -> None:
        """Forget all of them."""
        for _, timer in self.waiting.values():
            timer.cancel()
        self.waiting.clear()

    def _expire(self, key: Key) -> None:
        fill, _ = self.waiting.pop(key)
        what = "that it was taken back" if isinstance(fill, OrderFillVoided) else f"{fill.last_qty} @ {fill.last_px}"
        self._notices.alarm(
            "fill.unclaimed",
            f"{fill.trade_id}: {what} waited {self._expiry_s} s for its order",
            instrument_id=fill.instrument_id,
            venue_order_id=fill.venue_order_id,
            trade_id=fill.trade_id,
        )


def _key(fill: EarlyFill) -> Key:
    voids = isinstance(fill, OrderFillVoided)
    ids = (str(fill.instrument_id), _text(fill.client_order_id), str(fill.venue_order_id), fill.trade_id.value)
    return (*ids, voids)


def _text(client_order_id: ClientOrderId | None) -> str:
    return "" if client_order_id is None else client_order_id.value


def _is_of(fill: FillReport, report: OrderStatusReport) -> bool:
    if fill.instrument_id != report.instrument_id:
        return False
    if fill.client_order_id is not None and fill.client_order_id == report.client_order_id:
        return True
    return fill.venue_order_id == report.venue_order_id


def _belongs(fill: EarlyFill, order: Order) -> bool:
    if not order.is_at(fill.account_id, fill.instrument_id):
        return False
    if fill.client_order_id is not None and fill.client_order_id == order.client_order_id:
        return True
    if fill.venue_order_id is None:
        return False
    return fill.venue_order_id == order.venue_order_id or fill.venue_order_id in order.superseded_venue_order_ids
