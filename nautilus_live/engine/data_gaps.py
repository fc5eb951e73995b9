"""The gaps of data clients: told when data no longer flow, and once more, as a `StreamGap`, when they flow again.

Knows the bus. Nothing is asked for afterwards: market data that was missed stays missed, and listeners must know.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from nautilus_live.engine.alarms import CONNECTION_TOPIC, STREAM_GAP_TOPIC, ConnectionChange, StreamGap
from nautilus_live.engine.message_bus import MessageBus
from nautilus_live.model.identifiers import ClientId, Venue


class DataGaps:
    """What the data clients of one engine do not hear."""

    def __init__(self, msgbus: MessageBus, venue_of: Callable[[ClientId], Venue | None], log: logging.Logger) -> None:
        self._msgbus = msgbus
        self._venue_of = venue_of
        self._log = log
        self._lost: dict[ClientId, ConnectionChange] = {}

    def hear(self, change: ConnectionChange) -> None:
        """Take a loss (its `ts` is when data were last known to flow) or a return."""
        client_id = change.client_id
        self._msgbus.publish(CONNECTION_TOPIC, change)
        if not change.connected:
            self._log.warning("%s: market data was lost: %s", client_id, change.reason)
            self._lost.setdefault(client_id, change)
            return
        loss = self._lost.pop(client_id, None)
        if loss is None:
            return
        self._log.info("%s: market data flows again after %.1f s", client_id, (change.ts - loss.ts) / 1e9)
        gap = StreamGap(
            client_id=client_id,
            venue=self._venue_of(client_id),
            start_ns=loss.ts,
            end_ns=change.ts,
            reason=loss.reason,
            reconciled=False,
            side="data",
        )
        self._msgbus.publish(STREAM_GAP_TOPIC, gap)
