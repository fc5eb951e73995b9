"""What can go wrong between a venue and the world, one fault a file; each a pure filter over messages.

A fault says what happens to a message; `sandbox_venues.script` says when, to whom and how often. What
happens to whole connections (disconnect, half-open, partition) is an outage: `sandbox_venues/outages/`.
"""

from sandbox_venues.faults.ack_after_cancel import AckAfterCancel
from sandbox_venues.faults.ack_after_fill import AckAfterFill
from sandbox_venues.faults.claim_duplicate import ClaimDuplicate
from sandbox_venues.faults.coalesce import Coalesce
from sandbox_venues.faults.corrupt import Corrupt
from sandbox_venues.faults.delay import Delay
from sandbox_venues.faults.drop import Drop
from sandbox_venues.faults.duplicate import Duplicate
from sandbox_venues.faults.fail_query import FailQuery
from sandbox_venues.faults.fault import Fault, Turn
from sandbox_venues.faults.forget import Forget
from sandbox_venues.faults.hold import Hold
from sandbox_venues.faults.lie import Lie
from sandbox_venues.faults.misname import Misname
from sandbox_venues.faults.partial_pages import PartialPages
from sandbox_venues.faults.rate_limit import RateLimit
from sandbox_venues.faults.rearrange import Rearrange
from sandbox_venues.faults.refuse import Refuse
from sandbox_venues.faults.reorder import Reorder
from sandbox_venues.faults.reuse_id import ReuseClientOrderId
from sandbox_venues.faults.throttle import Throttle
from sandbox_venues.faults.time_out import TimeOut
from sandbox_venues.faults.unclear import Unclear
from sandbox_venues.faults.unreadable_record import UnreadableRecord

__all__ = [
    "FAULTS",
    "AckAfterCancel",
    "AckAfterFill",
    "ClaimDuplicate",
    "Coalesce",
    "Corrupt",
    "Delay",
    "Drop",
    "Duplicate",
    "FailQuery",
    "Fault",
    "Forget",
    "Hold",
    "Lie",
    "Misname",
    "PartialPages",
    "RateLimit",
    "Rearrange",
    "Refuse",
    "Reorder",
    "ReuseClientOrderId",
    "Throttle",
    "TimeOut",
    "Turn",
    "Unclear",
    "UnreadableRecord",
]

FAULTS: dict[str, type[Fault]] = {
    "drop": Drop,
    "delay": Delay,
    "duplicate": Duplicate,
    "reorder": Reorder,
    "hold": Hold,
    "lie": Lie,
    "forget": Forget,
    "time_out": TimeOut,
    "fail_query": FailQuery,
    "partial_pages": PartialPages,
    "throttle": Throttle,
    "refuse": Refuse,
    "rearrange": Rearrange,
    "reuse_id": ReuseClientOrderId,
    "ack_after_fill": AckAfterFill,
    "corrupt": Corrupt,
    "ack_after_cancel": AckAfterCancel,
    "unclear": Unclear,
    "claim_duplicate": ClaimDuplicate,
    "misname": Misname,
    "coalesce": Coalesce,
    "rate_limit": RateLimit,
    "unreadable_record": UnreadableRecord,
}
"""The faults by the names that scenario files use."""
