"""What can go wrong with the connections between a venue and the world, one outage a file.

The faults beside them (`sandbox_venues/faults/`) happen to single messages.
"""

from sandbox_venues.outages.disconnect import Disconnect
from sandbox_venues.outages.half_open import HalfOpen
from sandbox_venues.outages.outage import Outage
from sandbox_venues.outages.partition import Partition
from sandbox_venues.outages.refuse_connections import RefuseConnections
from sandbox_venues.outages.reset import Reset
from sandbox_venues.outages.restart import Restart
from sandbox_venues.outages.slow import Slow

__all__ = [
    "OUTAGES",
    "Disconnect",
    "HalfOpen",
    "Outage",
    "Partition",
    "RefuseConnections",
    "Reset",
    "Restart",
    "Slow",
]

OUTAGES: dict[str, type[Outage]] = {
    "disconnect": Disconnect,
    "half_open": HalfOpen,
    "partition": Partition,
    "refuse_connections": RefuseConnections,
    "reset": Reset,
    "restart": Restart,
    "slow": Slow,
}
"""The outages by name."""
