"""An auction's price: the one at which most can trade.

Pure. Promises: of the prices at which as much as possible trades it is the one that leaves least over, of those the
nearest to the reference, of those the lowest; without a priced order and without a reference there is none.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

Interest = tuple[Decimal | None, Decimal]
"""The limit of an order (`None`: any price) and how much it wants."""
ZERO = Decimal(0)


def auction_price(buys: Sequence[Interest], sells: Sequence[Interest], reference: Decimal | None) -> Decimal | None:
    """Return the price at which most of these orders can trade, `None` if none of them can."""
    limits: dict[Decimal, None] = {limit: None for limit, _ in (*buys, *sells) if limit is not None}
    if reference is not None:
        limits[reference] = None
    best: tuple[Decimal, Decimal, Decimal, Decimal] | None = None
    for price in limits:
        demand = sum((wanted for limit, wanted in buys if limit is None or limit >= price), ZERO)
        supply = sum((wanted for limit, wanted in sells if limit is None or limit <= price), ZERO)
        volume = min(demand, supply)
        distance = ZERO if reference is None else abs(price - reference)
        rank = (-volume, abs(demand - supply), distance, price)
        if volume and (best is None or rank < best):
            best = rank
    return None if best is None else best[3]
