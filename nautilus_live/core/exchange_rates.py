"""Exchange rates between any two currencies that a chain of markets connects.

Pure: markets in, a rate out. The chain with the fewest markets wins; among equally long ones the first in the order
given, so that the same markets always give the same rate.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

ONE = Decimal(1)
Market = tuple[str, str, Decimal, Decimal]
"""A base and a quote currency, and what one unit of the base costs in the quote: when sold, and when bought."""


def exchange_rate(markets: Iterable[Market], start: str, end: str) -> Decimal | None:
    """Return how many units of `end` one unit of `start` gives, `None` if no chain of markets leads there."""
    if start == end:
        return ONE
    leads: dict[str, dict[str, Decimal]] = {}
    for base, quote, sold, bought in markets:
        if sold > 0 and bought > 0 and base != quote:
            leads.setdefault(base, {}).setdefault(quote, sold)
            leads.setdefault(quote, {}).setdefault(base, ONE / bought)
    reached = {start: ONE}
    frontier = [start]
    while frontier:
        following: list[str] = []
        for code in frontier:
            for found, rate in leads.get(code, {}).items():
                if found not in reached:
                    reached[found] = reached[code] * rate
                    following.append(found)
        if end in reached:
            return reached[end]
        frontier = following
    return None
