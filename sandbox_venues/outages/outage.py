"""What an outage is: something that happens to whole connections of a switchboard, whatever travels on them.

May know: the switchboard and its connections. A frozen value with `begin` and, if it lasts until then, `end`; the
switchboard's `heal` ends all of them.
"""

from __future__ import annotations

from msgspec import Struct

from sandbox_venues.connection import Connection
from sandbox_venues.switchboard import Switchboard


class Outage(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that goes wrong with connections."""

    def begin(self, switchboard: Switchboard) -> int:
        """Put it in force. Return how many connections it meets."""
        raise NotImplementedError(f"{type(self).__name__} must say what it does")

    def end(self, switchboard: Switchboard) -> None:
        """Take back what lasts until it is ended; the rest has no end, or one of its own."""


def streams_of(switchboard: Switchboard, node: str | None) -> list[Connection]:
    """Return the connections with an open stream (of one node)."""
    return [one for one in switchboard.connections if one.has_stream and node in (None, one.node)]
