"""What an outage is: something that happens to whole connections of a gateway, whatever travels on them.

May know: the gateway's public parts and its connections. A frozen value with `begin` and, if it lasts until then,
`end`; the gateway's `heal` ends all of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from msgspec import Struct

if TYPE_CHECKING:
    from sandbox_venues.gateway import Connection, VenueGateway

Toward = Literal["client", "server"]
"""An end of a connection: what travels toward the client are answers and the stream, toward the server requests."""


class Outage(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that goes wrong with connections."""

    def begin(self, gateway: VenueGateway) -> int:
        """Put it in force. Return how many connections it meets."""
        raise NotImplementedError(f"{type(self).__name__} must say what it does")

    def end(self, gateway: VenueGateway) -> None:
        """Take back what lasts until it is ended; the rest has no end, or one of its own."""


def streams_of(gateway: VenueGateway, node: str | None) -> list[Connection]:
    """Return the connections with an open stream (of one node)."""
    return [one for one in gateway.connections if one.has_stream and node in (None, one.node)]
