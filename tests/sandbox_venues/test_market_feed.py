"""Prices: the seeded walk, and how they reach a data client."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from itertools import islice, pairwise
from random import Random

import pytest

from nautilus_live.adapters.ports import DataClientContext
from nautilus_live.model.data import QuoteTick, TradeTick
from nautilus_live.model.objects import Price
from sandbox_venues.adapter_config import SandboxDataClientConfig
from sandbox_venues.adapter_data import SandboxLiveDataClientFactory
from sandbox_venues.instruments import instrument
from sandbox_venues.market import MarketFeed, MarketStep, RandomWalk
from sandbox_venues.replay import Replay

BTC = instrument("BTCUSDT")


def data_client(bench):
    factory = SandboxLiveDataClientFactory(bench.gateway)
    loop = asyncio.get_running_loop()
    return factory.create(loop, "SANDBOX", SandboxDataClientConfig(), bench.context(DataClientContext))


def test_a_walk_is_a_function_of_its_seed_and_never_crosses_itself():
    walk = RandomWalk(start=Decimal(1), ticks_max=100)
    steps = list(islice(walk.steps(BTC, Random(7)), 300))

    assert steps == list(islice(walk.steps(BTC, Random(7)), 300))
    assert steps != list(islice(walk.steps(BTC, Random(8)), 300))
    for step in steps:
        if step.action == "set_book":
            assert step.arguments["bids"][-1][0] > 0
            assert step.arguments["bids"][0][0] < step.arguments["asks"][0][0]


def test_subscribers_hear_quotes_and_trades_until_they_unsubscribe(run):
    async def body(bench):
        client = data_client(bench)
        await client.connect()
        bench.node.data.clear()
        bench.gateway.do("set_book", instrument="BTCUSDT", bids=[("99", "1")], asks=[("100", "2")])
        client.subscribe_quote_ticks(BTC.id)
        client.subscribe_trade_ticks(BTC.id)
        await asyncio.sleep(0.1)
        bench.gateway.do("add_liquidity", instrument="BTCUSDT", side="BUY", price="100", quantity="0.5")
        await asyncio.sleep(0.1)
        client.unsubscribe_quote_ticks(BTC.id)
        await asyncio.sleep(0.1)
        bench.gateway.do("set_book", instrument="BTCUSDT", bids=[("98", "1")], asks=[("100", "2")])
        await asyncio.sleep(0.1)
        return bench.node.data

    first, trade, second = run(body)

    assert isinstance(first, QuoteTick)
    assert (str(first.bid_price), str(first.ask_size), str(second.ask_size)) == ("99.00", "2.000", "1.500")
    assert isinstance(trade, TradeTick)
    assert trade.ts_init == trade.ts_event + 10_000_000


def test_subscriptions_come_back_with_the_stream(run):
    async def body(bench):
        client = data_client(bench)
        await client.connect()
        client.subscribe_quote_ticks(BTC.id)
        await asyncio.sleep(0.1)
        bench.gateway.disconnect()
        await asyncio.sleep(0.1)
        lost = client.is_connected
        await asyncio.sleep(2.0)
        bench.node.data.clear()
        bench.gateway.do("set_book", instrument="BTCUSDT", bids=[("99", "1")], asks=[("100", "2")])
        await asyncio.sleep(0.1)
        return lost, client.is_connected, len(bench.node.data)

    assert run(body) == (False, True, 1)


def test_a_feed_plays_its_steps_on_time_and_stops(run):
    async def body(bench):
        quote = {"instrument": "BTCUSDT", "bids": [("99", "1")]}
        feed = MarketFeed(bench.gateway, [MarketStep(1.0, "set_book", quote)] * 5)
        feed.start()
        await asyncio.sleep(2.5)
        feed.stop()
        await asyncio.sleep(5.0)
        return [line for line in bench.trace if "set_book" in line]

    assert [line.split()[0] for line in run(body)] == ["1.000000", "2.000000"]


def test_a_feed_that_was_late_once_is_not_late_for_ever(run):
    async def body(bench):
        quote = {"instrument": "BTCUSDT", "bids": [("99", "1")]}
        feed = MarketFeed(bench.gateway, [MarketStep(0.1, "set_book", quote)] * 30)
        feed.start()
        await asyncio.sleep(10.0)
        return [line for line in bench.trace if "set_book" in line]

    assert run(body)[-1].split()[0] == "3.000000"


def test_a_feed_that_stops_lets_go_of_its_file(run, tmp_path):
    path = tmp_path / "prices.csv"
    path.write_text("ts,bid,ask\n0,99,100\n1,98,99\n9,97,98\n", encoding="utf-8")

    async def body(bench):
        replay = Replay(path=path, unit="s")
        feed = MarketFeed(bench.gateway, replay.steps(BTC))
        feed.start()
        await asyncio.sleep(2.0)
        feed.stop()
        return list(feed._steps), bench.venue.book(BTC.id, 0).deltas.deltas[1].order.price

    assert run(body) == ([], Price.from_str("98.00"))


def test_a_walk_has_volatility_spreads_trades_marks_and_funding():
    perp = instrument("BTCUSDT-PERP")
    walk = RandomWalk(
        start=Decimal(50_000), volatility_bps=20.0, spread_ticks_max=9, levels=2, size_lots_max=10, trade_chance=1.0,
        trades_max=2, mark_bps=5.0, funding_bps=3.0, funding_every=10,
    )  # fmt: skip
    found = list(islice(walk.steps(perp, Random(3)), 2_000))
    books = [step.arguments for step in found if step.action == "set_book"]
    bids = [book["bids"][0][0] for book in books]
    moves = [abs(b - a) / a for a, b in pairwise(bids)]
    spreads = {book["asks"][0][0] - book["bids"][0][0] for book in books}

    assert found == list(islice(walk.steps(perp, Random(3)), 2_000))
    assert Decimal("0.0010") < sum(moves) / len(moves) < Decimal("0.0022"), "the mean of |N(0, 20 bp)| is 16 bp"
    assert spreads == {Decimal(n) / 100 for n in range(2, 10)}
    assert max(size for book in books for _, size in book["bids"]) == Decimal("0.010")
    assert [step.action for step in found].count("add_liquidity") > len(books) * 1.9
    for step in found:
        if step.action == "set_price":
            near = [abs(step.arguments[name] / bids[0] - 1) for name in ("mark", "index")]
            assert max(near) < 1
            assert step.arguments["mark"] % perp.price_increment.value == 0
    rates = [step.arguments["rate"] for step in found if step.action == "set_funding"]
    assert len(rates) == (len(books) + 9) // 10
    assert max(abs(rate) for rate in rates) <= Decimal("0.0003")


def test_an_impossible_walk_is_an_error():
    for wrong in ({"trades_max": 0}, {"funding_every": 0}, {"spread_ticks": 5, "spread_ticks_max": 4}):
        with pytest.raises(ValueError, match="must be"):
            RandomWalk(start=Decimal(1), **wrong)
    with pytest.raises(ValueError, match="must be positive"):
        RandomWalk(start=Decimal(0))
