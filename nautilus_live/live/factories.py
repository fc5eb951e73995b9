"""Factories: what makes an adapter's clients, and which of them makes which.

An adapter's factory is a class with one `create`; the node is given the class (as the ecosystem does) or an instance.
"""

from __future__ import annotations

import asyncio
from typing import Any, Protocol, runtime_checkable

from nautilus_live.adapters.ports import DataClient, ExecutionClient
from nautilus_live.errors import ConfigError


@runtime_checkable
class LiveExecClientFactory(Protocol):
    """Makes execution clients.

    `context` is an `ExecutionClientContext`: the clock, the sink, the cache and the event ids.
    """

    def create(self, loop: asyncio.AbstractEventLoop, name: str, config: Any, context: Any) -> ExecutionClient:
        """Return a new client, not yet connected."""
        ...


@runtime_checkable
class LiveDataClientFactory(Protocol):
    """Makes data clients.

    `context` is a `DataClientContext`: the clock, the sink and the cache.
    """

    def create(self, loop: asyncio.AbstractEventLoop, name: str, config: Any, context: Any) -> DataClient:
        """Return a new client, not yet connected."""
        ...


class Factories:
    """The factories of one kind, by the names they were registered under."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._by_name: dict[str, Any] = {}

    def add(self, name: str, factory: Any) -> None:
        """Register a factory (its class or an instance).

        Raises:
            ConfigError: if the name is taken, or the factory has no `create`.

        """
        if name in self._by_name:
            raise ConfigError(f"{self._kind} factory: a name must be registered once, {name!r} was already")
        if not callable(getattr(factory, "create", None)):
            raise ConfigError(f"{self._kind} factory {name!r}: must have a method create, was {factory!r}")
        self._by_name[name] = factory() if isinstance(factory, type) else factory

    def find(self, client_name: str) -> Any:
        """Return the factory for a client: the one of its name, else of what precedes a `-` or `_` in it.

        `BINANCE` so serves `BINANCE_SPOT` and `BINANCE-TESTNET`; of several that fit, the longest name wins.

        Raises:
            ConfigError: if none fits.

        """
        stem = client_name
        while stem:
            if stem in self._by_name:
                return self._by_name[stem]
            stem = stem[: max(stem.rfind("-"), stem.rfind("_"), 0)]
        known = ", ".join(self._by_name) or "none"
        raise ConfigError(
            f"{self._kind}_clients.{client_name}: a factory must be registered for it, registered were {known}"
        )
