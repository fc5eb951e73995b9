"""Identifiers that reconciliation invents: functions of facts, so that every restart invents the same ones.

A digest separates its fields (no two field lists run together to the same text) and names the kind, so that an
inferred trade and an alignment order about the same facts differ.
"""

from __future__ import annotations

from decimal import Decimal
from hashlib import blake2b

from nautilus_live.model.identifiers import AccountId, ClientOrderId, InstrumentId, TradeId, VenueOrderId
from nautilus_live.model.objects import FixedPoint


def digest(*facts: object) -> str:
    """Return 16 hexadecimal digits that depend on every one of `facts` and on their order."""
    return blake2b("\x1f".join([_text(fact) for fact in facts]).encode(), digest_size=8).hexdigest()


def _text(fact: object) -> str:
    # A number is the same fact however many zeros it is written with: 1.1 and 1.10, 0 and -0.
    if isinstance(fact, FixedPoint):
        fact = fact.value
    return format(fact.normalize() + 0, "f") if isinstance(fact, Decimal) else str(fact)


def external_client_order_id(
    account_id: AccountId, instrument_id: InstrumentId, venue_order_id: VenueOrderId
) -> ClientOrderId:
    """Return our id of an order that the venue reports without one."""
    return ClientOrderId(f"EXT-{venue_order_id}-{digest('external', account_id, instrument_id, venue_order_id)[:8]}")


def inferred_trade_id(*facts: object) -> TradeId:
    """Return the id of a trade that the venue's totals imply."""
    return TradeId(f"INFERRED-{digest('inferred', *facts)}")


def alignment_ids(*facts: object) -> tuple[ClientOrderId, VenueOrderId, TradeId]:
    """Return the ids of an order that aligns a position, of its venue side, and of its trade."""
    text = digest("alignment", *facts)
    return ClientOrderId(f"ALIGN-{text}"), VenueOrderId(f"ALIGN-{text}"), TradeId(f"ALIGN-{text}")
