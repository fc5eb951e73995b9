"""How much may pass in a span of time.

Knows the loop's time. Promises: in no span of the rate's length does more pass than it says, whatever lives of the node
the span belongs to.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable

from nautilus_live.config.kinds import parse_rate

NANOSECONDS_PER_SECOND = 1_000_000_000


class RateLimit:
    """At most `limit` in any `interval_s` seconds, whole windows sliding with time."""

    def __init__(self, rate: str, loop: asyncio.AbstractEventLoop) -> None:
        self.rate = rate
        self.limit, self.interval_ns = parse_rate(rate)
        self._interval_s = self.interval_ns / NANOSECONDS_PER_SECOND
        self._now_s = loop.time
        self._passed_at_s: deque[float] = deque()

    def take(self, count: int = 1) -> bool:
        """Let `count` pass, all or none; returns whether they passed."""
        now_s = self._now_s()
        passed = self._passed_at_s
        while passed and now_s - passed[0] >= self._interval_s:
            passed.popleft()
        if len(passed) + count > self.limit:
            return False
        passed.append(now_s)
        if count > 1:
            passed.extend([now_s] * (count - 1))
        return True

    def remember(self, ages_ns: Iterable[int]) -> None:
        """Count what an earlier life let pass, so long ago each."""
        now_s = self._now_s()
        earlier = sorted(now_s - max(age_ns, 0) / NANOSECONDS_PER_SECOND for age_ns in ages_ns)
        self._passed_at_s.extendleft(reversed(earlier))
