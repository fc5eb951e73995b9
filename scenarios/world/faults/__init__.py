"""What can go wrong around a process, one fault a file: `path_*` on the network, `host_*` and `clock_*` with itself.

Faults of single messages are the venue's (`sandbox_venues/faults/`), and so are those of the connections of transport
`direct` (`sandbox_venues/outages/`); those of the store are in `scenarios/store_faults/`.
"""

from scenarios.world.faults.clock_drift import DriftClock
from scenarios.world.faults.clock_jump import JumpClock
from scenarios.world.faults.clock_skew import SkewClock
from scenarios.world.faults.fault import HostFault, PathFault
from scenarios.world.faults.host_crash import CrashHost
from scenarios.world.faults.host_pause import PauseHost
from scenarios.world.faults.path_close import ClosePath
from scenarios.world.faults.path_half_open import HalfOpenPath
from scenarios.world.faults.path_partition import PartitionPath
from scenarios.world.faults.path_refuse import RefusePath
from scenarios.world.faults.path_reset import ResetPath
from scenarios.world.faults.path_slow import SlowPath
from scenarios.world.faults.path_slow_reader import SlowReader
from scenarios.world.faults.path_truncate import TruncatePath

__all__ = [
    "ClosePath",
    "CrashHost",
    "DriftClock",
    "HalfOpenPath",
    "HostFault",
    "JumpClock",
    "PartitionPath",
    "PathFault",
    "PauseHost",
    "RefusePath",
    "ResetPath",
    "SkewClock",
    "SlowPath",
    "SlowReader",
    "TruncatePath",
]
