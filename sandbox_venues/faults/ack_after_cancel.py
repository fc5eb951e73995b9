"""An acknowledgement comes after the cancellation of its order."""

from __future__ import annotations

from sandbox_venues.faults.late_ack import LateAck


class AckAfterCancel(LateAck, frozen=True, kw_only=True):
    """An acknowledgement on the stream is kept until its order is said to be canceled. Use it with `times=None`."""

    after = "cancel"
