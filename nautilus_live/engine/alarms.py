"""What the engine says beside events: alarms, notes for the log, and states that listeners should know of."""

from __future__ import annotations

import logging

from msgspec import Struct

from nautilus_live.adapters.ports import Clock
from nautilus_live.core.reconciliation.types import Note
from nautilus_live.engine.message_bus import MessageBus
from nautilus_live.model.identifiers import ClientId, InstrumentId

ALARMS_TOPIC = "alarms"


class Alarm(Struct, frozen=True, kw_only=True):
    """Something a human should look at, published on topic `alarms`; `kind` is a stable dotted name, `ts` our time."""

    kind: str
    text: str
    ts: int
    ids: dict[str, str] = {}


class ConnectionChange(Struct, frozen=True, kw_only=True):
    """A client lost its connection or has it back; what happened in between was not heard."""

    client_id: ClientId
    connected: bool
    reason: str
    ts: int


class Uncertain(Struct, frozen=True, kw_only=True):
    """An instrument whose position may not be the venue's, and why."""

    instrument_id: InstrumentId
    reason: str
    ts: int


class Notices:
    """Logs notes and raises alarms."""

    def __init__(self, msgbus: MessageBus, clock: Clock, log: logging.Logger) -> None:
        self._msgbus = msgbus
        self._clock = clock
        self._log = log

    def note(self, note: Note) -> None:
        """Log a note of `core`, with its ids as fields, and raise the alarm if it asks for one."""
        ids = {
            name: str(value)
            for name in ("instrument_id", "client_order_id", "venue_order_id", "trade_id")
            if (value := getattr(note, name)) is not None
        }
        self._log.log(note.level, "%s: %s", note.kind, note.text, extra=ids)
        if note.alarm:
            self._publish(note.kind, note.text, ids)

    def alarm(self, kind: str, text: str, **ids: object) -> None:
        """Log an error and raise the alarm."""
        texts = {name: str(value) for name, value in ids.items()}
        self._log.error("%s: %s", kind, text, extra=texts)
        self._publish(kind, text, texts)

    def _publish(self, kind: str, text: str, ids: dict[str, str]) -> None:
        self._msgbus.publish(ALARMS_TOPIC, Alarm(kind=kind, text=text, ts=self._clock.timestamp_ns(), ids=ids))
