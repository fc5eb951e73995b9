"""The verbs of connections in the terms of the network in memory: what a transport that speaks HTTP does with them.

May know: the verbs, the world's faults. A link over the network puts `path_fault(step)` in force on its paths, and ends
what lasts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from scenarios.problems import NotSupported
from scenarios.verbs_faults import ConnectionFault
from scenarios.verbs_outages import (
    WireDisconnect,
    WireHalfOpen,
    WirePartition,
    WireRefuseConnections,
    WireReset,
    WireSlow,
    WireSlowReader,
    WireTruncate,
)
from scenarios.world.faults import (
    ClosePath,
    HalfOpenPath,
    PartitionPath,
    PathFault,
    RefusePath,
    ResetPath,
    SlowPath,
    SlowReader,
    TruncatePath,
)

PATH_FAULTS: dict[type[ConnectionFault], Callable[[Any], PathFault]] = {
    WireDisconnect: lambda step: ClosePath(),
    WireReset: lambda step: ResetPath(),
    WireRefuseConnections: lambda step: RefusePath(),
    WireHalfOpen: lambda step: HalfOpenPath(toward=step.toward),
    WirePartition: lambda step: PartitionPath(toward=step.toward),
    WireSlow: lambda step: SlowPath(factor=step.factor),
    WireSlowReader: lambda step: SlowReader(toward=step.toward, bytes_per_s=step.bytes_per_s),
    WireTruncate: lambda step: TruncatePath(toward=step.toward, after_bytes=step.after_bytes),
}
"""What a verb is below HTTP. `venue.restart` is none of these: it is the venue that goes away, not its path."""


def path_fault(step: ConnectionFault) -> PathFault:
    """Return what a step does to a path.

    Raises:
        NotSupported: if it is nothing that happens to a path.

    """
    make = PATH_FAULTS.get(type(step))
    if make is None:
        raise NotSupported(f"{step.__struct_config__.tag}: this does not happen to a path of the network")
    return make(step)
