"""Which client a command goes to: the one it names, else the one that serves the venue, else the default."""

from __future__ import annotations

from typing import Generic, Protocol, TypeVar

from nautilus_live.config.clients import RoutingConfig
from nautilus_live.errors import ConfigError
from nautilus_live.model.identifiers import ClientId, Venue


class HasVenue(Protocol):
    """What routing needs to know of a client."""

    id: ClientId

    @property
    def venue(self) -> Venue | None:
        """The venue it is named after, None if it serves several."""
        ...


C = TypeVar("C", bound=HasVenue)


class Routes(Generic[C]):
    """The clients of one engine."""

    def __init__(self) -> None:
        self._by_id: dict[str, C] = {}
        self._by_venue: dict[str, C] = {}
        self._default: C | None = None

    def add(self, client: C, routing: RoutingConfig | None = None) -> None:
        """Add a client, with the venues that it serves beside its own.

        Raises:
            ConfigError: if its id, one of its venues or the default is taken; nothing was added.

        """
        routing = routing or RoutingConfig()
        name = client.id.value
        if name in self._by_id:
            raise ConfigError(f"a client id must be given once, {name} is taken")
        venues = sorted(routing.venues or ())
        reached_by_name_only = routing.venues is not None and not routing.venues
        if client.venue is not None and client.venue.value not in venues and not reached_by_name_only:
            venues.insert(0, client.venue.value)
        for venue in venues:
            if venue in self._by_venue:
                raise ConfigError(f"a venue has one client, {venue} has {self._by_venue[venue].id} and {name}")
        if routing.default and self._default is not None:
            raise ConfigError(f"one client can be the default, was {self._default.id} and {name}")
        self._by_id[name] = client
        self._by_venue.update(dict.fromkeys(venues, client))
        if routing.default:
            self._default = client

    def remove(self, client: C) -> None:
        """Forget a client."""
        self._by_id.pop(client.id.value, None)
        self._by_venue = {venue: one for venue, one in self._by_venue.items() if one is not client}
        if self._default is client:
            self._default = None

    def all(self) -> list[C]:
        """Return the clients in the order they were added."""
        return list(self._by_id.values())

    def get(self, client_id: ClientId) -> C | None:
        """Return the client with that id."""
        return self._by_id.get(client_id.value)

    def find(self, venue: Venue, client_id: ClientId | None = None) -> C | None:
        """Return the client for a command at `venue`; a client named but unknown is not replaced by another."""
        if client_id is not None:
            return self._by_id.get(client_id.value)
        return self._by_venue.get(venue.value) or self._default
