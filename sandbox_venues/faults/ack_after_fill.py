"""An acknowledgement comes after the fill of its order."""

from __future__ import annotations

from sandbox_venues.faults.late_ack import LateAck


class AckAfterFill(LateAck, frozen=True, kw_only=True):
    """An acknowledgement on the stream is kept until a fill of its order has gone out. Use it with `times=None`."""

    after = "fill"
