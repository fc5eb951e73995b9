"""What can go wrong with the store under a node, one fault a file."""

from scenarios.store_faults.corrupt_record import CorruptRecord
from scenarios.store_faults.disconnected import StoreDisconnected
from scenarios.store_faults.disk_full import DiskFull
from scenarios.store_faults.fail_writes import FailWrites
from scenarios.store_faults.fault import StoreFault
from scenarios.store_faults.lose_everything import LoseEverything
from scenarios.store_faults.lose_tail import Journal, LoseTail
from scenarios.store_faults.slow_writes import SlowWrites

__all__ = [
    "CorruptRecord",
    "DiskFull",
    "FailWrites",
    "Journal",
    "LoseEverything",
    "LoseTail",
    "SlowWrites",
    "StoreDisconnected",
    "StoreFault",
]
