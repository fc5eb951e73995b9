"""What the engine does not know for certain: instruments whose positions may not be the venue's, and orders set aside.

Knows the bus, our time, the doubted orders, and the cache for the quarantine; concludes nothing. Promises:

1. A doubt is told once on `events.system.uncertain`, again when its reason changes, and once more when it is over.
2. An instrument is certain again when nothing about it is doubted: its position, and what became of its orders.
3. A doubt about an order ends by itself with the venue's next word that settles the order. Everything else stays until
   somebody who knows better says so (`engine.second_looks`, a reconciliation, an operator).
4. A quarantine is told once in each life of the node. It ends when a report of the venue, no older than what we heard
   last, has the order just as we do.

Doubts are not stored: the reconciliation at the next start is the second look. Quarantines are, for the venue may no
longer list the order then.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal

from nautilus_live.adapters.ports import Clock
from nautilus_live.engine.alarms import UNCERTAIN_TOPIC, Uncertain
from nautilus_live.engine.cache import Cache
from nautilus_live.engine.message_bus import MessageBus
from nautilus_live.model.enums import Provenance
from nautilus_live.model.events import OrderEmulated, OrderEvent
from nautilus_live.model.identifiers import ClientOrderId, InstrumentId
from nautilus_live.model.orders import IN_FLIGHT_STATUSES, Order

__all__ = ["UNCERTAIN_TOPIC", "Doubts"]

POSITION = "position"
ZERO = Decimal(0)
_OUR_OWN_WORDS = (Provenance.LOCAL, Provenance.POLICY)


class Doubts:
    """The uncertain instruments and the quarantined orders of one engine, each with the reason.

    `on_doubt`, if set, is called with an instrument whenever there is a new doubt about it.
    """

    def __init__(self, msgbus: MessageBus, clock: Clock, cache: Cache, log: logging.Logger | None = None) -> None:
        self.orders: dict[ClientOrderId, Order] = {}
        """The orders of which we do not know whether they work at the venue."""
        self.on_doubt: Callable[[InstrumentId], object] | None = None
        self._msgbus = msgbus
        self._clock = clock
        self._cache = cache
        self._log = log or logging.getLogger(__name__)
        self.reasons: dict[InstrumentId, dict[str, str]] = {}
        """Why each uncertain instrument is, by what is doubted about it."""
        self._told: dict[ClientOrderId, str] = {}  # of the quarantined orders, in this life
        self.stated: dict[ClientOrderId, Decimal] = {}
        """What the venue said was filled of an order that ended with less of it known here."""
        self.postponed: dict[InstrumentId, None] = {}
        """The uncertain instruments whose position could not be compared with the venue's yet, and is to be."""
        self.left_out: dict[ClientOrderId, None] = {}
        """The orders that work here, and that no report of a start mentioned."""
        self.on_left_out: Callable[[], object] | None = None

    def uncertain_instruments(self) -> dict[InstrumentId, str]:
        """Return the instruments whose positions may not be the venue's, each with the reason."""
        return {instrument_id: "; ".join(reasons.values()) for instrument_id, reasons in self.reasons.items()}

    def reason(self, instrument_id: InstrumentId) -> str:
        """Return why the instrument is uncertain, an empty text if it is not."""
        return "; ".join(self.reasons.get(instrument_id, {}).values())

    def doubts_position(self, instrument_id: InstrumentId) -> bool:
        """Return whether the position itself is doubted, not only what became of an order."""
        return POSITION in self.reasons.get(instrument_id, {})

    def orders_of(self, instrument_id: InstrumentId) -> list[Order]:
        """Return the doubted orders of an instrument, in the order they came to be doubted."""
        return [order for order in self.orders.values() if order.instrument_id == instrument_id]

    def contradicted(self, instrument_id: InstrumentId) -> list[Order]:
        """Return the orders of which a report of the venue is needed before we know what we hold in an instrument."""
        names = [ClientOrderId(subject) for subject in self.reasons.get(instrument_id, {}) if subject != POSITION]
        orders = [self._cache.order(name) for name in names if name in self.stated or self._is_set_aside(name)]
        return [order for order in orders if order is not None]

    def _is_set_aside(self, client_order_id: ClientOrderId) -> bool:
        return client_order_id.value in self._cache.quarantined()

    def doubts_order(self, order: Order) -> bool:
        """Return whether anything about an order is doubted."""
        return order.client_order_id.value in self.reasons.get(order.instrument_id, {})

    def quarantined_orders(self) -> dict[ClientOrderId, str]:
        """Return the orders whose reports contradict what we know, each with the reason."""
        return {ClientOrderId(name): reason for name, reason in self._cache.quarantined().items()}

    # -- doubting ----------------------------------------------------------------------------------------------------

    def mark_uncertain(self, instrument_id: InstrumentId, reason: str) -> None:
        """Doubt an instrument's position; the same doubt twice is told once."""
        self._mark(instrument_id, POSITION, reason)

    def mark_order(self, order: Order, reason: str) -> None:
        """Doubt what became of an order: it may work at the venue, and trade."""
        self.orders[order.client_order_id] = order
        self._mark(order.instrument_id, order.client_order_id.value, f"{order.client_order_id}: {reason}")

    def mark_conclusion(self, order: Order | None, event: OrderEvent) -> None:
        """Doubt an order that we are about to end by `event`, without the venue."""
        if order is not None and type(event) is not OrderEmulated:  # what is held here again has not ended
            reason = getattr(event, "reason", type(event).__name__)
            self.mark_order(order, f"ended by {reason}, not by the venue; it may work there")

    def mark_unheard(self, order: Order, stated: Decimal) -> None:
        """Doubt an order of which the venue says that `stated` was filled, while less is known here."""
        self.stated[order.client_order_id] = stated
        self.mark_order(order, f"the venue says that {stated} of it was filled, and has not shown all trades")

    def note_left_out(self, orders: Iterable[ClientOrderId]) -> None:
        """Remember orders that lists left out; `on_left_out`, if set, is called when there are any."""
        self.left_out.update(dict.fromkeys(orders))
        if self.left_out and self.on_left_out is not None:
            self.on_left_out()

    def _mark(self, instrument_id: InstrumentId, subject: str, reason: str) -> None:
        reasons = self.reasons.setdefault(instrument_id, {})
        if reasons.get(subject) == reason:
            return
        reasons[subject] = reason
        self._log.warning("%s: uncertain: %s", instrument_id, reason, extra={"instrument_id": str(instrument_id)})
        self._tell(instrument_id, self.reason(instrument_id))
        if self.on_doubt is not None:
            self.on_doubt(instrument_id)

    def quarantine(
        self, orders: Mapping[ClientOrderId, str], doubted: Mapping[ClientOrderId, InstrumentId] | None = None
    ) -> dict[ClientOrderId, str]:
        """Set orders aside, each for its reason; the instruments of those `doubted` are uncertain for as long.

        Returns those that were set aside for that very reason before, in this life of the node.
        """
        before = {name: reason for name, reason in orders.items() if self._told.get(name) == reason}
        self._told.update(orders)
        for client_order_id, reason in orders.items():
            self._cache.quarantine(client_order_id, reason)
            instrument_id = doubted.get(client_order_id) if doubted else None
            if instrument_id is not None:
                self._mark(instrument_id, client_order_id.value, f"{client_order_id}: {reason}")
        return before

    def untold(self) -> dict[ClientOrderId, str]:
        """Return the orders set aside in an earlier life of which nobody was told in this one, each with the reason."""
        untold = {name: reason for name, reason in self.quarantined_orders().items() if name not in self._told}
        self._told.update(untold)
        return untold

    def forget(self, order: Order) -> None:
        """Forget that an order was set aside: it was purged."""
        self._told.pop(order.client_order_id, None)
        self._cache.release(order.client_order_id)

    # -- trusting ----------------------------------------------------------------------------------------------------

    def clear_uncertain(self, instrument_id: InstrumentId, why: str = "cleared by hand") -> None:
        """Trust everything about the instrument again."""
        for subject in list(self.reasons.get(instrument_id, {})):
            self._clear(instrument_id, subject, why)

    def trust_position(self, instrument_id: InstrumentId, why: str) -> None:
        """Trust the instrument's position again, whatever became of its orders."""
        self._clear(instrument_id, POSITION, why)

    def trust_order(self, client_order_id: ClientOrderId, why: str) -> None:
        """Take what we believe of the order for what it is."""
        order = self.orders.get(client_order_id)
        if order is not None:
            self._clear(order.instrument_id, client_order_id.value, f"{client_order_id}: {why}")

    def agree(self, orders: Iterable[ClientOrderId]) -> None:
        """Learn that the venue's latest reports have these orders as we do: nothing about them is open any more."""
        if not self.stated and not self._cache.quarantined():
            return
        for client_order_id in orders:
            was_set_aside = self._cache.release(client_order_id)
            self._told.pop(client_order_id, None)
            if was_set_aside or client_order_id in self.stated:
                self._log.info("%s: the venue's report agrees with what is known", client_order_id)
                order = self._cache.order(client_order_id)
                if order is not None:
                    why = f"{client_order_id}: the venue's report agrees"
                    self._clear(order.instrument_id, client_order_id.value, why)

    def hear(self, event: OrderEvent) -> None:
        """Learn that an event was applied; the venue's own word settles the order that it is about."""
        order = self.orders.get(event.client_order_id)
        if order is None or event.provenance in _OUR_OWN_WORDS or self.is_unsettled(order):
            return
        self.trust_order(order.client_order_id, f"the venue says {type(event).__name__}")

    def _clear(self, instrument_id: InstrumentId, subject: str, why: str) -> None:
        reasons = self.reasons.get(instrument_id, {})
        if reasons.pop(subject, None) is None:
            return
        if subject == POSITION:
            self.postponed.pop(instrument_id, None)
        else:
            self.orders.pop(ClientOrderId(subject), None)
            self.stated.pop(ClientOrderId(subject), None)
        if reasons:
            self._tell(instrument_id, self.reason(instrument_id))
            return
        del self.reasons[instrument_id]
        self._log.warning("%s: certain again: %s", instrument_id, why, extra={"instrument_id": str(instrument_id)})
        self._tell(instrument_id, why, cleared=True)

    def _tell(self, instrument_id: InstrumentId, reason: str, *, cleared: bool = False) -> None:
        now = self._clock.timestamp_ns()
        uncertain = Uncertain(instrument_id=instrument_id, reason=reason, ts=now, cleared=cleared)
        self._msgbus.publish(UNCERTAIN_TOPIC, uncertain)

    def is_unsettled(self, order: Order) -> bool:
        """Return whether the venue may have more of the order than we know: it waits, it told so, or we ended it."""
        if order.status in IN_FLIGHT_STATUSES or (order.is_closed and order.provisional):
            return True
        return self.stated.get(order.client_order_id, ZERO) > order.filled_qty.value
