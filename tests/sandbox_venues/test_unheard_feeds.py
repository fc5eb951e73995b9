"""Quotes and trades that nobody listens to: not made, and remembered all the same."""

from __future__ import annotations

import asyncio

import pytest

from sandbox_venues.feed_messages import GetHistory
from sandbox_venues.instruments import instrument
from sandbox_venues.messages import QuoteMessage, Subscribe, TradeMessage

BTC = instrument("BTCUSDT")
FEEDS = {"quote": QuoteMessage, "trade": TradeMessage}


class Listener:
    """A client that keeps what it hears."""

    def __init__(self):
        self.heard = []

    def on_message(self, message):
        self.heard.append(message.kind)

    def on_stream_lost(self, reason):
        self.heard.append(reason)


def made(bench):
    said = bench.do("set_book", "BTCUSDT", bids=[("49990.00", "2.000")], asks=[("50010.00", "1.000")])
    return said + bench.do("print_trade", "BTCUSDT", price="50010.00", quantity="0.500")


@pytest.mark.parametrize("unheard", [(), ("quote",), ("trade",), ("quote", "trade")], ids=str)
def test_what_nobody_hears_is_numbered_and_in_history_but_no_message(floor, unheard):
    bench = floor()
    bench.venue.publishes_market = True
    bench.venue.unheard.update(dict.fromkeys(unheard))

    said = made(bench)

    kinds = {type(message) for message in said}
    assert kinds == {kind for name, kind in FEEDS.items() if name not in unheard}
    for what, count in (("quotes", 2), ("trades", 1)):
        query = GetHistory(what=what, instrument_id=BTC.id)
        assert len(bench.venue.history(query, bench.now_ns).items) == count
    assert bench.venue._number() == 4, "two quotes and a trade have been counted"


def test_who_subscribes_hears_from_then_on(run):
    async def body(bench):
        assert list(bench.venue.unheard) == ["quote", "trade"]
        listener = Listener()
        connection = await bench.gateway.connect("N", (), listener)
        bench.gateway.do("print_trade", instrument="BTCUSDT", price="50010.00", quantity="0.500")
        await connection.request(Subscribe(what="trade", instrument_id=BTC.id), 1.0)
        assert list(bench.venue.unheard) == ["quote"]
        bench.gateway.do("print_trade", instrument="BTCUSDT", price="50011.00", quantity="0.500")
        await asyncio.sleep(1.0)
        return listener.heard

    assert run(body) == ["trade"]
