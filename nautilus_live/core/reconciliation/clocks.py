"""Clocks: when the venue last spoke of an order, by its own clock. Pure.

Ours may be minutes away from it, so whether a report is old is asked of the venue's words alone: what we did or
concluded ourselves carries our time, and proves nothing about theirs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from nautilus_live.model.enums import Provenance
from nautilus_live.model.events import OrderEvent, OrderSubmitted

LAG_NS = 60_000_000_000
"""How far a venue's lists have been seen to lag behind its stream."""
BEHIND_NS_MAX = 5_000_000_000
"""How far the answer about an order lags behind what the stream said of it; lists may lag `LAG_NS`."""

_OURS = (Provenance.LOCAL, Provenance.POLICY)


def heard_ns(events: Iterable[OrderEvent]) -> int:
    """Return the time of the venue's last word among an order's events, in nanoseconds; 0 if there is none."""
    latest_ns = 0
    for one in events:
        if one.ts_event > latest_ns and one.provenance not in _OURS and not isinstance(one, OrderSubmitted):
            latest_ns = one.ts_event
    return latest_ns


def last_word_of_venue(events: Sequence[OrderEvent]) -> OrderEvent | None:
    """Return what the venue said last of an order, as we heard it; None if it said nothing."""
    for one in reversed(events):
        if one.provenance not in _OURS and not isinstance(one, OrderSubmitted):
            return one
    return None
