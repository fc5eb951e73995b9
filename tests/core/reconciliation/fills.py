"""Words that the tests of fills share: what is expected of one, as a line of text."""

from __future__ import annotations

from decimal import Decimal

from nautilus_live.model.objects import Money
from tests.core.reconciliation.settling import USD

INITIALIZED = "Initialized O-1/V-1 EXTERNAL['EXTERNAL'] BUY 100 LIMIT GTC @ 1.00000 at 110"
ACCEPT = "Accepted O-1/V-1 at 110"
CANCEL = "Canceled O-1/V-1 at 200"
INFERRED = "INFO fill.inferred"
LATE = "WARNING! fill.late"


def usd(text: str) -> Money:
    return Money(Decimal(text), USD)


def filled(trade: str, quantity: int, *, at: str = "1.00000", ts: int = 150, more: str = "TAKER") -> str:
    return f"Filled O-1/V-1 {quantity} @ {at} {trade} {more} at {ts}"


def inferred(quantity: int, fee: str, *, at: str = "1.00000", ts: int = 200, guess: bool = False) -> str:
    return f"Inferred O-1/V-1 {quantity} @ {at} fee {fee} USD {'estimated ' if guess else ''}at {ts}"


def state(text: str) -> dict[str, str]:
    status, quantity = text.split()
    return {"O-1": f"{status} {quantity}/100 @ 1.00000" + (" avg 1" if quantity != "0" else "") + " V-1"}
