"""What the engine says beside events: alarms, notes for the log, and states that listeners should know of.

Topics: `alarms`, `events.system.connection`, `events.system.stream_gap`, `events.system.uncertain`.
"""

from __future__ import annotations

import logging
from typing import Literal

from msgspec import Struct

from nautilus_live.adapters.ports import Clock
from nautilus_live.core.reconciliation.types import Note
from nautilus_live.engine.message_bus import MessageBus
from nautilus_live.model.identifiers import ClientId, InstrumentId, Venue

ALARMS_TOPIC = "alarms"
CONNECTION_TOPIC = "events.system.connection"
STREAM_GAP_TOPIC = "events.system.stream_gap"
UNCERTAIN_TOPIC = "events.system.uncertain"


Side = Literal["execution", "data"]


class Alarm(Struct, frozen=True, kw_only=True):
    """Something a human should look at, published on topic `alarms`; `kind` is a stable dotted name, `ts` our time."""

    kind: str
    text: str
    ts: int
    ids: dict[str, str] = {}


class ConnectionChange(Struct, frozen=True, kw_only=True):
    """A client lost its connection or has it back; what happened in between was not heard.

    `side` says which of the clients of that name: the one for execution, or the one for market data.
    """

    client_id: ClientId
    connected: bool
    reason: str
    ts: int
    side: Side = "execution"


class StreamGap(Struct, frozen=True, kw_only=True):
    """A time in which a client may have missed what its venue said; published when it is over.

    Attributes:
        client_id: the client.
        venue: its venue, None for a data client of several.
        start_ns: when the venue was last known to be heard, in nanoseconds.
        end_ns: since when it is heard again.
        reason: why it was not.
        reconciled: whether what was missed was asked for and applied since. Market data that was missed stays missed.
        side: which of the clients of that name.

    """

    client_id: ClientId
    venue: Venue | None
    start_ns: int
    end_ns: int
    reason: str
    reconciled: bool
    side: Side = "execution"


class Uncertain(Struct, frozen=True, kw_only=True):
    """An instrument whose position may not be the venue's, and why; or (`cleared`) that it is certain again."""

    instrument_id: InstrumentId
    reason: str
    ts: int
    cleared: bool = False


NAMES = ("client_order_id", "venue_order_id", "instrument_id")
"""What a notice is about, the most telling first."""


class Notices:
    """Logs notes and raises alarms."""

    def __init__(self, msgbus: MessageBus, clock: Clock, log: logging.Logger) -> None:
        self._msgbus = msgbus
        self._clock = clock
        self._log = log

    def note(self, note: Note) -> None:
        """Log a note of `core`, by name and with its ids as fields, and raise the alarm if it asks for one."""
        ids = {
            name: str(value)
            for name in ("instrument_id", "client_order_id", "venue_order_id", "trade_id")
            if (value := getattr(note, name)) is not None
        }
        text = _with_name(note.text, ids)
        self._log.log(note.level, "%s: %s", note.kind, text, extra=ids)
        if note.alarm:
            self._publish(note.kind, text, ids)

    def alarm(self, kind: str, text: str, **ids: object) -> None:
        """Log an error and raise the alarm."""
        texts = {name: str(value) for name, value in ids.items()}
        text = _with_name(text, texts)
        self._log.error("%s: %s", kind, text, extra=texts)
        self._publish(kind, text, texts)

    def _publish(self, kind: str, text: str, ids: dict[str, str]) -> None:
        self._msgbus.publish(ALARMS_TOPIC, Alarm(kind=kind, text=text, ts=self._clock.timestamp_ns(), ids=ids))


def _with_name(text: str, ids: dict[str, str]) -> str:
    """Return a text that names what it is about: a line of plain text shows no fields."""
    name = next((ids[kind] for kind in NAMES if kind in ids), "")
    return text if name in text else f"{name}: {text}"
