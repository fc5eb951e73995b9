"""Marks: decisions of the kernel that a campaign must have seen taken.

May know: nothing. `mark("inflight.resolved")` stands in the branch that decides. Outside a campaign it does nothing and
costs the look at one name; inside `counting()` it counts. Every mark is declared in `MARKS`, with what it means; a
declared mark that a large campaign never reaches is a decision that nothing exercised, and fails it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

MARKS: Final[dict[str, str]] = {
    "admission.told_twice": "a trade was told twice and counts once",
    "admission.late_trade": "a trade came after the end of its order and was taken",
    "admission.out_of_order": "a trade came that is older than what came before",
    "admission.conclusion_corrected": "the venue proved a conclusion of ours wrong",
    "admission.word_after_end": "a word came after the end of an order and was dropped",
    "admission.superseded": "a word about a replaced venue id was dropped",
    "admission.lost_trade": "a trade told of another one that got lost",
    "admission.unheard_fill": "the end of an order told of a trade that got lost",
    "inflight.asked": "the venue was asked about an order that waits",
    "inflight.not_there": "the venue answered that it has no such order",
    "inflight.resolved": "an order that waited was ended without the venue",
    "open_orders.asked": "a missing order was asked about by itself",
    "open_orders.ended": "a missing order was ended without the venue",
    "position_check.aligned": "a position that no trade explains was aligned",
    "reconciliation.reopened": "an order that we had ended was opened again",
    "reconciliation.rejected": "a refusal that was lost was found",
    "reconciliation.ended": "a cancel or expiry that was lost was found",
    "reconciliation.outdated": "a report was older than what we know",
    "reconciliation.regressed": "a report had less filled than we know",
    "reconciliation.works_after_close": "a closed order works after all",
    "reconciliation.inferred_fill": "a fill was inferred from a total",
    "reconciliation.guessed_price": "the price of an inferred fill was a guess",
    "reconciliation.placeholder_replaced": "a real trade took the place of an inferred one",
    "reconciliation.late_fill": "a trade was found after the end of its order",
    "reconciliation.external_order": "an order from elsewhere was taken on",
    "reconciliation.order_from_fills": "an order was made of which only trades are known",
    "reconciliation.aligned": "a position was aligned to the venue's",
    "reconciliation.shared_position": "a difference was taken from several positions",
    "reconciliation.duplicate_refused": "two orders under one id failed a reconciliation",
    "reconciliation.unanswered": "a part of the mass status was not answered",
    "reconciliation.not_reported": "a list left an open order out",
    "reconciliation.fills_held": "trades were reported before their order",
    "positions.flip": "a trade turned a position around",
    "positions.replayed": "a position was counted anew after a replacement",
    "inquiries.unanswered": "a question at runtime went unanswered",
    "early_fills.claimed": "a fill that was held found its order",
    "commands.store_fails": "an order was denied because the store fails",
    "store.refused": "the store refused writes, which were kept",
    "store.recovered": "the store took what was kept",
}
"""Every mark, and what happened where it stands."""

_counts: dict[str, int] | None = None


def mark(name: str) -> None:
    """Count that the decision `name` was taken, if anybody counts."""
    if _counts is not None:
        _counts[name] = _counts.get(name, 0) + 1


@contextmanager
def counting() -> Iterator[dict[str, int]]:
    """Count marks inside the block, and yield the counts; an outer count goes on afterwards without them."""
    global _counts
    before, _counts = _counts, {}
    try:
        yield _counts
    finally:
        _counts = before
