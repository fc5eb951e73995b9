"""Connections: which clients hear their venue, what they may have missed, and what is held for it.

Knows the bus, our time, timers and the holds; asks no venue anything. Promises:

1. From the moment a loss is told until what was missed is reconciled (`engine.reconnect`), nothing new goes to the
   client.
2. Losses that follow each other before that are one gap, from the first moment on that was not heard.
3. The end of a gap is published as a `StreamGap` when the client is released, not before.
4. A client that stays away longer than `disconnected_alarm_secs` is alarmed, once; so is its return.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Protocol

from msgspec import Struct

from nautilus_live.adapters.ports import Clock
from nautilus_live.engine.alarms import STREAM_GAP_TOPIC, Notices, StreamGap
from nautilus_live.engine.holds import Holds
from nautilus_live.engine.message_bus import MessageBus
from nautilus_live.model.identifiers import ClientId, Venue

CAUSE = "connection"


class Gap(Struct):
    """A gap that is not over: `end_ns` is when the client was heard again, while `is_lost` it is not."""

    client_id: ClientId
    start_ns: int
    reason: str
    is_lost: bool = False
    end_ns: int = 0
    alarmed: bool = False


class Recovery(Protocol):
    """Who finds out what was missed; calls `Connections.reconciled` when it has."""

    def begin(self, gap: Gap) -> None:
        """Find out what a client that is back has missed."""
        ...

    def cut_off(self, gap: Gap) -> None:
        """Stop: the client is lost again."""
        ...


class Connections:
    """The gaps of one engine's clients.

    Args:
        loop: for the alarm's timer.
        msgbus: where gaps are published.
        clock: our time.
        holds: where the clients are held.
        notices: where alarms go.
        venue_of: returns a client's venue.
        alarm_after_s: how long a client may stay away without an alarm; None for ever.
        log: where to log.

    """

    def __init__(
        self,
        *,
        loop: asyncio.AbstractEventLoop,
        msgbus: MessageBus,
        clock: Clock,
        holds: Holds,
        notices: Notices,
        venue_of: Callable[[ClientId], Venue | None],
        alarm_after_s: float | None,
        log: logging.Logger,
    ) -> None:
        self.recovery: Recovery | None = None
        self._loop = loop
        self._msgbus = msgbus
        self._clock = clock
        self._holds = holds
        self._notices = notices
        self._venue_of = venue_of
        self._alarm_after_s = alarm_after_s
        self._log = log
        self._gaps: dict[ClientId, Gap] = {}
        self._timers: dict[ClientId, asyncio.TimerHandle] = {}

    def gaps(self) -> list[Gap]:
        """Return the gaps that are not over, oldest first."""
        return list(self._gaps.values())

    def lost(self, client_id: ClientId, reason: str, since_ns: int | None = None) -> None:
        """Learn that a client no longer hears its venue, for `since_ns` already if that is given."""
        gap = self._open(client_id, reason, since_ns)
        gap.is_lost = True
        self._holds.hold(client_id, CAUSE, f"{client_id} is disconnected ({reason})")
        if self.recovery is not None:
            self.recovery.cut_off(gap)
        if self._alarm_after_s is not None and client_id not in self._timers:
            self._timers[client_id] = self._loop.call_later(self._alarm_after_s, self._alarm, gap)

    def back(self, client_id: ClientId) -> None:
        """Learn that a client hears its venue again; nothing happens if it was not lost."""
        gap = self._gaps.get(client_id)
        if gap is None or not gap.is_lost:
            return
        gap.is_lost = False
        timer = self._timers.pop(client_id, None)
        if timer is not None:
            timer.cancel()
        self._begin_recovery(gap)

    def missed(self, client_id: ClientId, since_ns: int, reason: str) -> None:
        """Learn that a client missed something although it is connected."""
        gap = self._open(client_id, reason, since_ns)
        if not gap.is_lost:  # else what it missed is asked for when it is back
            self._begin_recovery(gap)

    def reconciled(self, gap: Gap, *, reconciled: bool = True) -> None:
        """Learn that what a gap hid is known: release the client and tell."""
        if self._gaps.get(gap.client_id) is not gap or gap.is_lost:
            return
        del self._gaps[gap.client_id]
        self._holds.release(gap.client_id, CAUSE)
        told = StreamGap(
            client_id=gap.client_id,
            venue=self._venue_of(gap.client_id),
            start_ns=gap.start_ns,
            end_ns=gap.end_ns,
            reason=gap.reason,
            reconciled=reconciled,
        )
        how = "what was missed is reconciled" if reconciled else "what was missed was not asked for"
        duration_s = (gap.end_ns - gap.start_ns) / 1e9
        if gap.alarmed:
            text = f"{gap.client_id}: back after {duration_s:.1f} s, {how}"
            self._notices.alarm("connection.back", text, client_id=gap.client_id)
        self._log.info("%s: not heard for %.1f s (%s), %s", gap.client_id, duration_s, gap.reason, how)
        self._msgbus.publish(STREAM_GAP_TOPIC, told)

    def stop(self) -> None:
        """Raise no more alarms."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()

    def _open(self, client_id: ClientId, reason: str, since_ns: int | None) -> Gap:
        now = self._clock.timestamp_ns()
        start_ns = now if since_ns is None else min(since_ns, now)
        gap = self._gaps.get(client_id)
        if gap is None:
            gap = self._gaps[client_id] = Gap(client_id, start_ns, reason)
        gap.start_ns = min(gap.start_ns, start_ns)
        return gap

    def _begin_recovery(self, gap: Gap) -> None:
        gap.end_ns = self._clock.timestamp_ns()
        reason = f"{gap.client_id} is not reconciled yet after a gap in what it heard ({gap.reason})"
        self._holds.hold(gap.client_id, CAUSE, reason)
        if self.recovery is None:
            self.reconciled(gap, reconciled=False)
        else:
            self.recovery.begin(gap)

    def _alarm(self, gap: Gap) -> None:
        # Its timer stays: there is one alarm for a gap, and whoever is back takes the timer away.
        gap.alarmed = True
        text = f"{gap.client_id}: not connected for {self._alarm_after_s} s: {gap.reason}; its orders are denied"
        self._notices.alarm("connection.down", text, client_id=gap.client_id)
