"""Placeholders: inferred fills that stand for trades which the venue's totals imply but its reports do not show.

A placeholder carries the quantity and the price that bring the order to the venue's totals. When the real trade
comes, it takes the placeholder's place up to its quantity. What is left of a placeholder keeps the total value, so
that the average of trade and rest is still the venue's average; only if that would need a price of zero or less does
the rest keep its old price.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from msgspec import structs

from nautilus_live.model.events import OrderFilled
from nautilus_live.model.objects import Price, Quantity


def replace_with(placeholders: Iterable[OrderFilled], real: OrderFilled) -> tuple[list[OrderFilled | None], Decimal]:
    """Let `real` take the place of `placeholders`, first come first served.

    Returns:
        For each placeholder what is left of it (`None` when nothing is), and the quantity that was replaced in all.

    """
    left: list[OrderFilled | None] = []
    unplaced = real.last_qty.value
    for placeholder in placeholders:
        held = placeholder.last_qty.value
        eaten = min(held, unplaced)
        unplaced -= eaten
        left.append(_shrunk(placeholder, eaten, real.last_px.value) if eaten else placeholder)
    return left, real.last_qty.value - unplaced


def _shrunk(placeholder: OrderFilled, eaten: Decimal, real_px: Decimal) -> OrderFilled | None:
    held = placeholder.last_qty.value
    rest = held - eaten
    if not rest:
        return None
    last_px = placeholder.last_px
    rest_px = Price((held * last_px.value - eaten * real_px) / rest, last_px.precision)
    commission = placeholder.commission
    return structs.replace(
        placeholder,
        last_qty=Quantity(rest, placeholder.last_qty.precision),
        last_px=rest_px if rest_px.value > 0 else last_px,
        commission=None
        if commission is None
        else type(commission)(commission.value * rest / held, commission.currency),
    )
