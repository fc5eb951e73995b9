"""Halted venues: where nothing new is sent, because we do not know what the venue holds.

With `reconciliation_fail_closed = false` a node starts although a venue could not be reconciled; that venue is halted
until an operator releases it. The gate stands in front of the risk engine: orders for a halted venue are denied,
modifications refused; cancels pass.
"""

from __future__ import annotations

import logging
from typing import Any

from nautilus_live.adapters.ports import Clock
from nautilus_live.engine.cache import Cache
from nautilus_live.engine.execution import ExecutionEngine
from nautilus_live.engine.ids import EventIds
from nautilus_live.engine.message_bus import Handler, MessageBus
from nautilus_live.model.commands import ModifyOrder, SubmitOrder, SubmitOrderList
from nautilus_live.model.events import OrderModifyRejected
from nautilus_live.model.identifiers import Venue

ENDPOINT = "RiskEngine.execute"
_log = logging.getLogger(__name__)


class VenueHalts:
    """The halted venues of a node, and the gate that enforces them. Nothing stands in the way while there are none."""

    def __init__(
        self,
        msgbus: MessageBus,
        execution: ExecutionEngine,
        cache: Cache,
        clock: Clock,
        event_ids: EventIds,
        forward: Handler,
    ) -> None:
        self._msgbus = msgbus
        self._execution = execution
        self._cache = cache
        self._clock = clock
        self._event_ids = event_ids
        self._forward = forward
        self._reasons: dict[Venue, str] = {}

    def reasons(self) -> dict[Venue, str]:
        """Return the halted venues and why."""
        return dict(self._reasons)

    def halt(self, venue: Venue, reason: str) -> None:
        """Let nothing new go to `venue`."""
        if not self._reasons:
            self._stand(self._execute)
        self._reasons[venue] = reason
        _log.error("%s: HALTED, %s", venue, reason)

    def release(self, venue: Venue) -> None:
        """Let orders go to `venue` again."""
        if self._reasons.pop(venue, None) is not None:
            _log.warning("%s: released", venue)
            if not self._reasons:
                self._stand(self._forward)

    def _stand(self, handler: Handler) -> None:
        self._msgbus.deregister(ENDPOINT)
        self._msgbus.register(ENDPOINT, handler)

    def _execute(self, command: Any) -> None:
        reason = self._reasons.get(command.instrument_id.venue)
        if reason is None:
            self._forward(command)
        elif isinstance(command, SubmitOrder):
            self._execution.deny(command.order, _text(command.instrument_id.venue, reason))
        elif isinstance(command, SubmitOrderList):
            for order in command.order_list.orders:
                self._execution.deny(order, _text(command.instrument_id.venue, reason))
        elif isinstance(command, ModifyOrder):
            self._refuse_modification(command, reason)
        else:
            self._forward(command)

    def _refuse_modification(self, command: ModifyOrder, reason: str) -> None:
        order = self._cache.order(command.client_order_id)
        now = self._clock.timestamp_ns()
        self._execution.process(
            OrderModifyRejected(
                event_id=self._event_ids.next(),
                ts_event=now,
                ts_init=now,
                trader_id=command.trader_id,
                strategy_id=command.strategy_id,
                instrument_id=command.instrument_id,
                client_order_id=command.client_order_id,
                venue_order_id=command.venue_order_id,
                account_id=None if order is None else order.account_id,
                reason=_text(command.instrument_id.venue, reason),
            )
        )


def _text(venue: Venue, reason: str) -> str:
    return f"{venue} is HALTED: {reason}"
