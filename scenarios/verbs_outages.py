"""The verbs that break what is around a node: connections, its store, its clock.

Data only. A fault of connections goes to the transport, which refuses by name what it cannot express: transport
`direct` carries messages and no bytes, so it can break a connection but not cut a message in two.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from scenarios.values import Offset, Text, Time, Times
from scenarios.verbs import Step
from scenarios.verbs_faults import ENDING_VERBS, MESSAGE_VERBS, ConnectionFault

Ends = Literal["client", "server", "both"]
SECOND = Time(1_000_000_000)

# --- Connections
# ------------------------------------------------------------------------------------------------------------


class WireDisconnect(ConnectionFault, tag="wire.disconnect", frozen=True, kw_only=True):
    """Break the connection and say so; reconnecting succeeds after `lasts`.

    What the venue says meanwhile reaches nobody.
    """

    lasts: Time = Time(0)


class WireReset(ConnectionFault, tag="wire.reset", frozen=True, kw_only=True):
    """Break the connection at once; requests, answers and reports under way are lost."""


class WireRefuseConnections(ConnectionFault, tag="wire.refuse_connections", frozen=True, kw_only=True):
    """Take no new connections for `lasts`; those that are open go on."""

    lasts: Time


class WireHalfOpen(ConnectionFault, tag="wire.half_open", frozen=True, kw_only=True):
    """Let the connection fall silent `toward` one end without telling anybody."""

    toward: Ends = "client"


class WirePartition(ConnectionFault, tag="wire.partition", frozen=True, kw_only=True):
    """Hold everything for `lasts`, in both directions or only `toward` one end."""

    lasts: Time
    toward: Ends = "both"


class WireSlow(ConnectionFault, tag="wire.slow", frozen=True, kw_only=True):
    """Multiply latency by `factor` for `lasts` (without: until the storm is over)."""

    factor: Times
    lasts: Time | None = None


class WireTruncate(ConnectionFault, tag="wire.truncate", frozen=True, kw_only=True):
    """Break the connection in the middle of the next message toward an end, after so many bytes of it."""

    toward: Literal["client", "server"] = "client"
    after_bytes: Annotated[int, Meta(ge=0)] = 1


class WireSlowReader(ConnectionFault, tag="wire.slow_reader", frozen=True, kw_only=True):
    """Let one end read so slowly that the other has to wait (back-pressure), for `lasts`."""

    bytes_per_s: Times
    toward: Literal["client", "server"] = "client"
    lasts: Time | None = None


class VenueRestart(ConnectionFault, tag="venue.restart", frozen=True, kw_only=True):
    """Restart the venue: streams end, and for `lasts` requests are `refused` (503) or `lost`; it forgets nothing."""

    lasts: Time
    requests: Literal["refused", "lost"] = "refused"


# --- The store
# ------------------------------------------------------------------------------------------------------------


class StoreFail(Step, tag="store.fail", frozen=True, kw_only=True):
    """Let writes to the node's store fail."""

    times: Times = 1
    reason: str = "the disk is full"


class StoreFull(Step, tag="store.full", frozen=True, kw_only=True):
    """Let the disk be full for `lasts` (without: until the storm is over): nothing can be added, reading works."""

    lasts: Time | None = None


class StoreSlow(Step, tag="store.slow", frozen=True, kw_only=True):
    """Let each write to the node's store take `by` longer."""

    by: Time
    lasts: Time | None = None


class StoreDisconnect(Step, tag="store.disconnect", frozen=True, kw_only=True):
    """Cut the node off its store for `lasts` (without: until the storm is over).

    With `answer_lost` what is written arrives, and the node cannot know.
    """

    lasts: Time | None = None
    answer_lost: bool = False


class StoreLose(Step, tag="store.lose", frozen=True, kw_only=True):
    """Lose everything the node has stored (a new disk)."""


class StoreLoseTail(Step, tag="store.lose_tail", frozen=True, kw_only=True):
    """Lose what was stored in the `last` while, though the store had confirmed it (a power cut, a cache on the way)."""

    last: Time


class StoreCorrupt(Step, tag="store.corrupt", frozen=True, kw_only=True):
    """Damage the records under keys of a pattern (`*orders*`); of lists, the last entry."""

    key: Text = "*"


# --- The clock
# ------------------------------------------------------------------------------------------------------------


class ClockSkew(Step, tag="clock.skew", frozen=True, kw_only=True):
    """Let the node's clock be off by `by` from the next start on."""

    by: Offset


class ClockJump(Step, tag="clock.jump", frozen=True, kw_only=True):
    """Let the node's clock jump by `by` now."""

    by: Offset


class ClockDrift(Step, tag="clock.drift", frozen=True, kw_only=True):
    """Let the node's clock gain `by` in every span `per` from now on, over restarts too; `0s` ends it."""

    by: Offset
    per: Time = SECOND

    def __post_init__(self) -> None:
        if self.per <= 0:
            raise ValueError(f"per must be more than no time at all, was {self.per}")


OUTAGE_VERBS = (
    WireDisconnect,
    WireReset,
    WireRefuseConnections,
    WireHalfOpen,
    WirePartition,
    WireSlow,
    WireTruncate,
    WireSlowReader,
    VenueRestart,
)
WIRE_VERBS = (*MESSAGE_VERBS, *ENDING_VERBS, *OUTAGE_VERBS)
STORE_VERBS = (StoreFail, StoreFull, StoreSlow, StoreDisconnect, StoreLose, StoreLoseTail, StoreCorrupt)
CLOCK_VERBS = (ClockSkew, ClockJump, ClockDrift)
OTHER_FAULT_VERBS = (*STORE_VERBS, *CLOCK_VERBS)
