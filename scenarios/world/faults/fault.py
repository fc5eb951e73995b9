"""What the faults around a node are: frozen values that `begin` on what they meet and, if they last, `end` there.

May know: the network's paths and hosts. Two kinds, by what they meet; one fault a file.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from scenarios.world.host import Host
from scenarios.world.network import Network, Toward

__all__ = ["Ends", "HostFault", "PathFault", "Toward"]

Ends = Literal["client", "server", "both"]


class PathFault(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that goes wrong with the connections of a path, below HTTP."""

    def begin(self, network: Network, path: str) -> None:
        """Put it in force."""
        raise NotImplementedError(f"{type(self).__name__} must say what it does")

    def end(self, network: Network, path: str) -> None:
        """Take it back; what happens once has no end."""


class HostFault(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that goes wrong with a process or its clock."""

    def begin(self, host: Host) -> None:
        """Put it in force."""
        raise NotImplementedError(f"{type(self).__name__} must say what it does")

    def end(self, host: Host) -> None:
        """Take it back; what happens once has no end."""
