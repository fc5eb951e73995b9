"""What the engine does not know for certain: instruments whose positions may not be the venue's, and orders set aside.

Knows the bus and our time; decides nothing. A doubt is published once on `events.system.uncertain`, and again when its
reason changes; it stays until somebody who knows better clears it.
"""

from __future__ import annotations

from collections.abc import Mapping

from nautilus_live.adapters.ports import Clock
from nautilus_live.engine.alarms import Uncertain
from nautilus_live.engine.message_bus import MessageBus
from nautilus_live.model.identifiers import ClientOrderId, InstrumentId

UNCERTAIN_TOPIC = "events.system.uncertain"


class Doubts:
    """The uncertain instruments and the quarantined orders of one engine, each with the reason."""

    def __init__(self, msgbus: MessageBus, clock: Clock) -> None:
        self._msgbus = msgbus
        self._clock = clock
        self._uncertain: dict[InstrumentId, str] = {}
        self._quarantined: dict[ClientOrderId, str] = {}

    def uncertain_instruments(self) -> dict[InstrumentId, str]:
        """Return the instruments whose positions may not be the venue's, each with the reason."""
        return dict(self._uncertain)

    def quarantined_orders(self) -> dict[ClientOrderId, str]:
        """Return the orders whose reports contradict what we know, each with the reason."""
        return dict(self._quarantined)

    def mark_uncertain(self, instrument_id: InstrumentId, reason: str) -> None:
        """Doubt an instrument's position; the same doubt twice is told once."""
        if self._uncertain.get(instrument_id) == reason:
            return
        self._uncertain[instrument_id] = reason
        uncertain = Uncertain(instrument_id=instrument_id, reason=reason, ts=self._clock.timestamp_ns())
        self._msgbus.publish(UNCERTAIN_TOPIC, uncertain)

    def clear_uncertain(self, instrument_id: InstrumentId) -> None:
        """Trust the instrument's position again."""
        self._uncertain.pop(instrument_id, None)

    def quarantine(self, orders: Mapping[ClientOrderId, str]) -> None:
        """Set orders aside, each for its reason."""
        self._quarantined.update(orders)
