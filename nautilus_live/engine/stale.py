"""Stale data: a subscription that nothing arrives for, although its client says that it is connected.

Knows the cache and the loop's timers. A feed that is mute and a market that is quiet look the same from here, so the
client is asked: what it has that is newer than what we heard proves the feed dead, its word that there is nothing newer
proves the market quiet. Promises:

1. A subscription without data for its deadline is told once as `DataStale` on `events.system.stale`, alarmed, and asked
   for anew; and told once more (`stale` False) when its data return.
2. A quiet market is never told; each further deadline it is asked about again. What cannot be asked (books, reference
   prices) and what gets no answer counts as stale: a strategy that trades on it must know. A time bar has its interval
   besides; of bars made here, what they are made of is watched.
3. Nothing is counted while the client is not connected: that has an event of its own, and the deadline begins anew.
4. Data cost nothing: what arrived is seen in the cache, at every check.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from itertools import count
from typing import Any

from msgspec import Struct

from nautilus_live.adapters.ports import Clock, DataClient
from nautilus_live.core.bar_aggregation import interval_end, interval_start
from nautilus_live.engine.alarms import Notices
from nautilus_live.engine.cache import Cache
from nautilus_live.engine.message_bus import MessageBus
from nautilus_live.model.bars import BarType
from nautilus_live.model.data_requests import DataRequest, DataResponse, RequestKind
from nautilus_live.model.identifiers import ClientId

STALE_TOPIC = "events.system.stale"
CHECKS_PER_DEADLINE = 4
ASKABLE: dict[str, RequestKind] = {"quotes": "quotes", "trades": "trades", "bars": "bars"}
EXEMPT = ("instrument_status", "instrument_close", "funding_rates", "option_greeks", "data", "book.snapshots")
"""Kinds without a rhythm: their silence says nothing."""


class DataStale(Struct, frozen=True, kw_only=True):
    """Data of a subscription no longer arrive (`stale`, and why), or arrive again; `ts` is our time.

    `kind` is quotes, trades, bars, book.deltas and so on; `subject` the instrument id or bar type as text; `silent_ns`
    for how long nothing was heard.
    """

    client_id: ClientId
    kind: str
    subject: str
    stale: bool
    reason: str
    silent_ns: int
    ts: int


class _Watch:
    """One subscription that is watched."""

    def __init__(
        self, kind: str, client: DataClient, subject: Any, pulse: Callable[[], object], now_ns: int, deadline_ns: int
    ) -> None:
        self.kind = kind
        self.deadline_ns = deadline_ns
        self.client = client
        self.subject = subject
        self.pulse = pulse
        self.seen = pulse()
        self.began_ns = now_ns
        self.heard_ns = now_ns
        self.since_ns = now_ns
        self.is_stale = False
        self.asked: str | None = None


class Staleness:
    """Watches the subscriptions of one node; without a deadline it does nothing.

    Args:
        loop: runs the timer.
        msgbus: where it is told.
        cache: where data are seen to arrive.
        clock: our time.
        deadline_secs: how long nothing may arrive; None for ever.
        renew: asks for a subscription anew.
        notices: raises the alarm.
        log: where to log.

    """

    def __init__(
        self,
        *,
        loop: asyncio.AbstractEventLoop,
        msgbus: MessageBus,
        cache: Cache,
        clock: Clock,
        deadline_secs: float | None,
        renew: Callable[[str, DataClient, Any], None],
        notices: Notices,
        log: logging.Logger,
    ) -> None:
        self._loop = loop
        self._publish = msgbus.publish
        self._cache = cache
        self._clock = clock
        self._deadline_ns = None if deadline_secs is None else round(deadline_secs * 1e9)
        self._renew = renew
        self._notices = notices
        self._log = log
        self._watched: dict[tuple[str, ClientId, Any], _Watch] = {}
        self._numbers = count(1)
        self._timer: asyncio.TimerHandle | None = None

    def watch(self, kind: str, client: DataClient, subject: Any) -> None:
        """Begin to watch a subscription."""
        is_bar = isinstance(subject, BarType)
        if self._deadline_ns is None or kind.startswith(EXEMPT) or (is_bar and subject.is_internally_aggregated()):
            return
        now_ns, deadline_ns = self._clock.timestamp_ns(), self._deadline_ns
        if is_bar and subject.spec.is_time_aggregated():
            deadline_ns += interval_end(subject, now_ns) - interval_start(subject, now_ns)
        pulse = self._pulse_of(kind, subject)
        self._watched[kind, client.id, subject] = _Watch(kind, client, subject, pulse, now_ns, deadline_ns)
        if self._timer is None:
            self._arm()

    def unwatch(self, kind: str, client: DataClient, subject: Any) -> None:
        """Watch it no longer."""
        self._watched.pop((kind, client.id, subject), None)

    def stop(self) -> None:
        """Watch nothing any more."""
        self._watched.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def take_answer(self, response: DataResponse) -> bool:
        """Take what a client answered; return whether it was asked from here."""
        for watch in self._watched.values():
            if watch.asked == response.request_id:
                watch.asked = None
                self._judge(watch, response)
                return True
        return response.request_id.startswith("STALE-")  # asked for a subscription that has ended since

    def _pulse_of(self, kind: str, subject: Any) -> Callable[[], object]:
        """Return what gives something else after each arrival."""
        cache = self._cache
        looks: dict[str, Callable[[], object]] = {
            "quotes": lambda: cache.quote_tick(subject),
            "trades": lambda: cache.trade_tick(subject),
            "bars": lambda: cache.bar(subject),
            "mark_prices": lambda: cache.mark_price(subject),
            "index_prices": lambda: cache.index_price(subject),
            "funding_rates": lambda: cache.funding_rate(subject),
        }
        look = looks.get(kind)
        return _Identity(look) if look is not None else lambda: cache.book_update_count(subject)

    def _arm(self) -> None:
        assert self._deadline_ns is not None, "only a deadline starts the timer"
        self._timer = self._loop.call_later(self._deadline_ns / 1e9 / CHECKS_PER_DEADLINE, self._check)

    def _check(self) -> None:
        self._timer = None
        for watch in list(self._watched.values()):
            self._look_at(watch, self._clock.timestamp_ns())
        if self._watched:
            self._arm()

    def _look_at(self, watch: _Watch, now_ns: int) -> None:
        pulse = watch.pulse()
        if pulse != watch.seen:
            watch.seen, watch.asked = pulse, None
            if watch.is_stale:
                watch.is_stale = False
                self._tell(watch, "data arrive again", now_ns)
            watch.heard_ns = watch.since_ns = now_ns
            return
        if not watch.client.is_connected:
            watch.since_ns, watch.asked = now_ns, None
            return
        if watch.is_stale or now_ns - watch.since_ns < watch.deadline_ns:
            return
        watch.since_ns = now_ns
        question = ASKABLE.get(watch.kind)
        if question is None:
            self._give_up(watch, "nothing arrived", now_ns)
        elif watch.asked is not None:
            self._give_up(watch, "nothing arrived, nor an answer", now_ns)
        else:
            watch.asked = f"STALE-{next(self._numbers)}"
            about = {"bar_type" if isinstance(watch.subject, BarType) else "instrument_id": watch.subject}
            watch.client.request(DataRequest(request_id=watch.asked, kind=question, ts_init=now_ns, limit=1, **about))

    def _judge(self, watch: _Watch, response: DataResponse) -> None:
        now_ns = self._clock.timestamp_ns()
        if watch.pulse() != watch.seen or watch.is_stale:
            return  # heard meanwhile: the next check sees it
        latest = watch.pulse.latest() if isinstance(watch.pulse, _Identity) else None
        # What happened before the subscription was never to arrive, nor was a bar that is not over.
        known_ns = max(watch.began_ns, 0 if latest is None else latest.ts_event)
        newer = [item for item in response.data if item.ts_event > known_ns]
        if isinstance(watch.subject, BarType):
            newer = [bar for bar in newer if bar.ts_event <= now_ns]
        if response.error:
            self._give_up(watch, f"nothing arrived, and the client cannot tell: {response.error}", now_ns)
        elif newer:
            self._give_up(watch, f"the venue has {watch.kind} of {newer[-1].ts_event} that did not arrive", now_ns)
        else:
            self._log.debug("%s %s: the market is quiet", watch.kind, watch.subject)

    def _give_up(self, watch: _Watch, reason: str, now_ns: int) -> None:
        watch.is_stale, watch.asked = True, None
        self._tell(watch, reason, now_ns)
        self._renew(watch.kind, watch.client, watch.subject)

    def _tell(self, watch: _Watch, reason: str, now_ns: int) -> None:
        silent_ns = now_ns - watch.heard_ns
        if watch.is_stale:
            text = f"{watch.kind} of {watch.subject}: {reason} for {silent_ns / 1e9:.1f} s"
            self._notices.alarm("data.stale", text, client_id=watch.client.id, subject=watch.subject)
        else:
            self._log.info("%s of %s: %s after %.1f s", watch.kind, watch.subject, reason, silent_ns / 1e9)
        self._publish(
            STALE_TOPIC,
            DataStale(
                client_id=watch.client.id,
                kind=watch.kind,
                subject=str(watch.subject),
                stale=watch.is_stale,
                reason=reason,
                silent_ns=silent_ns,
                ts=now_ns,
            ),
        )


class _Identity:
    """Tells arrivals apart by which object is the latest: equal data may arrive twice."""

    def __init__(self, latest: Callable[[], Any]) -> None:
        self.latest = latest
        self._held: object = None
        self._number = 0

    def __call__(self) -> int:
        found = self.latest()
        if found is not self._held:
            self._held = found  # held, so that no later object can have its place in memory
            self._number += 1
        return self._number
