"""Clients that somebody listens to, from the moment they are made."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class Overheard:
    """A client factory whose clients are listened to."""

    def __init__(self, factory: Any, listen_to: Callable[[Any], None]) -> None:
        self._factory = factory
        self._listen_to = listen_to

    def create(self, **given: Any) -> Any:
        """Return a new client."""
        client = self._factory.create(**given)
        self._listen_to(client)
        return client
