"""Words that the tests of ids, filters and claims share."""

from __future__ import annotations

from typing import Any

from nautilus_live.model.identifiers import ClientOrderId
from tests.core.reconciliation.settling import OTHER_PAIR, PAIR

INITIALIZED = "Initialized O-1/V-1 EXTERNAL['EXTERNAL'] BUY 100 LIMIT GTC @ 1.00000 at 110"
ACCEPT = "Accepted O-1/V-1 at 110"
CANCEL = "Canceled O-1/V-1 at 200"
WORKING = {"O-1": "ACCEPTED 0/100 @ 1.00000 V-1"}

O_1 = frozenset({ClientOrderId("O-1")})
ONLY_PAIR = frozenset({PAIR.id})
SECOND = {"client_order_id": "O-2", "venue_order_id": "V-2"}


def elsewhere(report_or_fields: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return the fields of O-2/V-2 in the other instrument."""
    return {**SECOND, "instrument_id": OTHER_PAIR.id, **(report_or_fields or {})}
