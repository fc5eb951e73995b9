"""What the execution engine hears beside orders: balances, instruments, and whether a connection stands.

May know: the cache and the bus. Promises: the cache knows it before anybody is told; a balance that a younger one has
overtaken is no news.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from nautilus_live.engine.alarms import CONNECTION_TOPIC, ConnectionChange
from nautilus_live.engine.cache import Cache
from nautilus_live.model.accounts import account_from
from nautilus_live.model.events import AccountState
from nautilus_live.model.instruments import INSTRUMENT_KINDS, Instrument


class News:
    """Takes note of each, then passes it on.

    Args:
        cache: where accounts and instruments live.
        publish: tells a topic's subscribers.
        log: where the connections' ups and downs are logged.

    """

    def __init__(self, cache: Cache, publish: Callable[[str, object], object], log: logging.Logger) -> None:
        self._cache, self._publish, self._log = cache, publish, log

    def handlers(self) -> dict[type, Callable[[Any], None]]:
        """Return what handles each kind of news."""
        return {
            AccountState: self.account_state,
            **dict.fromkeys(INSTRUMENT_KINDS, self.instrument),
            ConnectionChange: self.connection_change,
        }

    def account_state(self, state: AccountState) -> None:
        """Take an account's balances over, unless they are older than what is known."""
        account = self._cache.account(state.account_id)
        if account is None:
            self._cache.add_account(account_from(state))
        elif not account.apply(state):
            return  # an answer that the stream has overtaken says nothing new
        else:
            self._cache.update_account(account)
        self._publish(f"events.account.{state.account_id.value}", state)

    def instrument(self, instrument: Instrument) -> None:
        """Take a definition over."""
        self._cache.add_instrument(instrument)
        self._publish(f"data.instrument.{instrument.venue.value}.{instrument.symbol.value}", instrument)

    def connection_change(self, change: ConnectionChange) -> None:
        """Tell whoever wants to know."""
        if change.connected:
            self._log.info("%s: connected again: %s", change.client_id, change.reason)
        else:
            self._log.warning("%s: connection lost: %s", change.client_id, change.reason)
        self._publish(CONNECTION_TOPIC, change)
