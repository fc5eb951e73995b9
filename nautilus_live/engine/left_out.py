"""Orders that a venue's lists left out at a start: each is asked about alone, soon after it.

Knows the clients' queries through `engine.inquiries`, and reads the cache. A list can lag, reach back only so far, or
leave out what waits for a trigger (FIELD A2); that an order is in none says little, and an answer about it alone says
what became of it. Promises:

1. What works here and was in no report is asked about, unless the open-order check does that anyway. So is a
   conditional order that an earlier life ended by its own conclusion: no list contradicts that which has none of those.
   And so is one that ended on the venue's word, which a list of no later time has as working.
2. What is found is reconciled like any report. "Not there" ends nothing here.
3. Without an answer it is asked again, ever less often; one that was heard of meanwhile is not.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from nautilus_live.adapters.ports import ExecutionClient
from nautilus_live.core.conclusions import Outcome
from nautilus_live.engine.inquiries import Inquiries
from nautilus_live.model.orders import Order


def may_be_left_out(order: Order) -> bool:
    """Return whether an order ended by our own conclusion while it waited for its trigger, as far as we know."""
    is_conditional = order.trigger_price is not None or order.trailing_offset is not None
    return order.is_closed and order.provisional and is_conditional and not order.is_triggered


async def ask_about_left_out(
    inquiries: Inquiries,
    client: ExecutionClient,
    orders: Iterable[Order],
    *,
    waits_s: tuple[float, float],
    pause_s: float,
) -> None:
    """Ask about `orders`, one by one, until each is answered or was heard of.

    Args:
        inquiries: asks, and reconciles what is found.
        client: whose orders they are.
        orders: those that were left out.
        waits_s: seconds before the first round of questions, and at most between two rounds.
        pause_s: seconds between two questions.

    """
    left = {order: len(order.events) for order in orders}
    wait_s, wait_s_max = waits_s
    while left:
        await asyncio.sleep(wait_s)
        wait_s = min(wait_s * 2, wait_s_max)
        for order, events_seen in list(left.items()):
            if len(order.events) == events_seen:
                if await inquiries.ask(client, order) is Outcome.UNANSWERED:
                    break  # the next one would wait as long
                await asyncio.sleep(pause_s)
            del left[order]
