"""Account states in the log: every one, or no more often than is wanted.

Knows the clock. A state that comes too soon after the last one logged of its account is left out of the log, and of
nothing else. With `debug` each one left out says so at the level DEBUG.
"""

from __future__ import annotations

import logging

from nautilus_live.adapters.ports import Clock
from nautilus_live.model.events import AccountState
from nautilus_live.model.identifiers import AccountId

_NS_PER_MS = 1_000_000

_log = logging.getLogger("nautilus_live.engine.portfolio")


class AccountLog:
    """Logs account states.

    Args:
        clock: tells how long ago the last one was.
        interval_ms: milliseconds between two of one account at least; None logs every one.
        debug: whether the ones left out are mentioned.

    """

    def __init__(self, clock: Clock, interval_ms: int | None, debug: bool) -> None:
        self._now = clock.timestamp_ns
        self._interval_ns = (interval_ms or 0) * _NS_PER_MS
        self._debug = debug
        self._logged_at: dict[AccountId, int] = {}

    def take(self, state: AccountState) -> None:
        """Log a state, unless it is too soon."""
        if not _log.isEnabledFor(logging.INFO):
            return
        now = self._now()
        last = self._logged_at.get(state.account_id)
        if last is not None and now - last < self._interval_ns:
            if self._debug:
                _log.debug("%s: a state %d ms after the last one", state.account_id, (now - last) // _NS_PER_MS)
            return
        self._logged_at[state.account_id] = now
        _log.info("%s: %s", state.account_id, ", ".join(_text(state)) or "no balances")


def _text(state: AccountState) -> list[str]:
    balances = [f"{one.total} ({one.locked.value:f} locked, {one.free.value:f} free)" for one in state.balances]
    return balances + [f"margin {one.initial} {one.instrument}".rstrip() for one in state.margins]
