"""Words that the tests of cached orders share: what is expected of one, and orders that came a long way."""

from __future__ import annotations

from nautilus_live.model.enums import Provenance

LOCAL, POLICY = Provenance.LOCAL, Provenance.POLICY
AT_100 = "100 @ 1.00000"
ACCEPT = "Accepted O-1/V-1 at 110"
ACCEPT_AGAIN = "Accepted O-1/V-1 at 200"
CANCEL = "Canceled O-1/V-1 at 200"
EXPIRE = "Expired O-1/V-1 at 200"
FILL_100 = "Inferred O-1/V-1 100 @ 1.00000 fee 0.04 USD at 200"

INFERRED = "INFO fill.inferred"
LATE = "WARNING! fill.late"
REOPENED = "WARNING! order.reopened"
WORKS = "WARNING! order.works_after_close"
REGRESSED = "WARNING! order.filled_quantity_regressed"
FAILED = "ERROR! order.filled_quantity_regressed"
DENIED = "WARNING! order.denied_but_at_venue"

ASIDE = "quarantined O-1"
FAIL = "quarantined O-1, failed"


def state(status: str, filled: int = 0, *, of: int = 100, venue: str | None = "V-1", more: str = "") -> dict[str, str]:
    """Return what O-1 is to be, its fills all at 1.00000."""
    text = f"{status} {filled}/{of} @ 1.00000" + (" avg 1" if filled else "")
    return {"O-1": text + (f" {venue}" if venue else "") + more}
