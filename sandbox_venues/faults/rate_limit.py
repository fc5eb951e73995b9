"""More requests than allowed are turned away, and whoever goes on is banned."""

from __future__ import annotations

from sandbox_venues.faults.fault import SECOND_NS, Fault, Sent, Turn, to_ns
from sandbox_venues.messages import Message, Trouble


class RateLimit(Fault, frozen=True, kw_only=True):
    """The venue's front counts requests; beyond the limit it turns them away and says when to come back.

    Attributes:
        requests: how many are allowed in each span of time.
        per_secs: the span; it begins with the first request after the last span.
        ban_after: so many requests turned away in a row, and everything is turned away with 418; 0 for never.
        ban_secs: how long a ban lasts.

    """

    directions = ("request",)

    requests: int
    per_secs: float = 1.0
    ban_after: int = 0
    ban_secs: float = 120.0

    def __post_init__(self) -> None:
        if self.requests < 1 or self.per_secs <= 0 or self.ban_after < 0 or self.ban_secs <= 0:
            raise ValueError(
                "requests must be > 0, per_secs > 0, ban_after >= 0, ban_secs > 0, was "
                f"{self.requests}, {self.per_secs}, {self.ban_after}, {self.ban_secs}"
            )

    def apply(self, message: Message, turn: Turn) -> list[Sent]:
        """Return the request, or 429, or 418."""
        now_ns = turn.now_ns
        banned_until = self._noted(turn, "banned_until")
        if now_ns < banned_until:
            return [(0, _turned_away("418", "banned", banned_until - now_ns))]
        until = self._noted(turn, "until")
        if now_ns >= until:
            until = now_ns + to_ns(self.per_secs)
            turn.memory.update(until=until, count=0)
        count = self._noted(turn, "count") + 1
        turn.memory["count"] = count
        if count <= self.requests:
            turn.memory["strikes"] = 0
            return [(0, message)]
        strikes = self._noted(turn, "strikes") + 1
        turn.memory["strikes"] = strikes
        if self.ban_after and strikes >= self.ban_after:
            ban_ns = to_ns(self.ban_secs)
            turn.memory.update(banned_until=now_ns + ban_ns, strikes=0)
            return [(0, _turned_away("418", "banned", ban_ns))]
        return [(0, _turned_away("429", "too many requests", until - now_ns))]

    def _noted(self, turn: Turn, name: str) -> int:
        value = turn.memory.get(name, 0)
        return value if isinstance(value, int) else 0


def _turned_away(code: str, why: str, wait_ns: int) -> Trouble:
    wait_secs = wait_ns / SECOND_NS
    return Trouble(code=code, reason=f"{why}, retry after {wait_secs} s", retry_after_secs=wait_secs)
