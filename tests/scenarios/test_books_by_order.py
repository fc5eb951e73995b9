"""A book order by order is held against the venue's order by order: the right sizes in the wrong queue are noticed."""

from __future__ import annotations

import pytest

from nautilus_live.model.data import BookOrder
from nautilus_live.model.ladder import QueueSide
from scenarios.format import load_text
from scenarios.run import run

DAY = """
title = "t"
story = "s"
steps = [
  { at = "0s", do = "node.start" },
  { at = "1s", do = "strategy.subscribe", what = "book_orders" },
  { at = "2s", do = "strategy.submit", order = "O-1", side = "BUY", quantity = "2.000", price = "50000.00" },
  { at = "3s", do = "strategy.submit", order = "O-2", side = "BUY", quantity = "1.000", price = "50000.00" },
  { at = "4s", do = "strategy.modify", order = "O-1", quantity = "1.500" },
]
[expect]
by = "6s"
"""
BOOK = 'books = { BTCUSDT = "1.500 + 1.000 @ 50000.00 /" }'


def test_an_order_that_becomes_smaller_keeps_its_place() -> None:
    assert run(load_text(DAY + BOOK)).failures == []


def test_an_order_at_the_wrong_place_of_its_queue_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    put = QueueSide.put

    def to_the_end(side: QueueSide, order: BookOrder) -> None:
        side.take(order)
        put(side, order)

    monkeypatch.setattr(QueueSide, "put", to_the_end)

    assert "1.000 + 1.500" in run(load_text(DAY + BOOK)).failures[0]
    invariant = run(load_text(DAY)).failures[0]
    assert invariant.startswith("invariant 31 (a book is the venue's): BTCUSDT.SIM: order ")
    assert invariant.endswith(" to BUY at SIM")
