from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from nautilus_live.engine.stale import STALE_TOPIC, DataStale
from nautilus_live.model.bars import Bar, BarType
from nautilus_live.model.data_requests import DataRequest, DataResponse
from nautilus_live.model.objects import Price, Quantity
from scenarios.world.clock import EPOCH_NS
from tests.engine.data_rig import BTC, MINUTE, SECOND, DataRig, play, quote_tick


def story_of(story: Callable[[DataRig, list[DataStale]], Awaitable[None]], **settings: Any) -> list[Any]:
    alarms: list[Any] = []

    async def main(rig: DataRig) -> None:
        told: list[DataStale] = []
        rig.bus.subscribe(STALE_TOPIC, told.append)
        rig.bus.subscribe("alarms", alarms.append)
        await story(rig, told)

    play(main, **settings)
    return alarms


def answering(*quotes: Any, error: str = "") -> Callable[[DataRequest], DataResponse]:
    return lambda request: DataResponse(request_id=request.request_id, data=quotes, error=error)


def test_a_feed_that_is_mute_is_told_once_alarmed_and_asked_for_anew() -> None:
    async def story(rig: DataRig, told: list[DataStale]) -> None:
        rig.engine.subscribe_quote_ticks(BTC)
        rig.quote("10", "11")
        rig.feed.answers = answering(quote_tick("12", "13", EPOCH_NS + 8 * SECOND))
        await asyncio.sleep(60)
        assert [(one.kind, one.subject, one.stale) for one in told] == [("quotes", "BTCUSDT.SIM", True)]
        assert "that did not arrive" in told[0].reason
        assert 10 * SECOND <= told[0].silent_ns <= 15 * SECOND
        assert rig.feed.asked == ["+quotes BTCUSDT.SIM", "+quotes BTCUSDT.SIM"]
        rig.quote("12", "13")
        await asyncio.sleep(5)
        assert [one.stale for one in told] == [True, False]

    assert [alarm.kind for alarm in story_of(story, stale_data_secs=10.0)] == ["data.stale"]


def test_a_quiet_market_is_asked_about_and_never_told() -> None:
    async def story(rig: DataRig, told: list[DataStale]) -> None:
        rig.engine.subscribe_quote_ticks(BTC)
        rig.quote("10", "11")
        rig.feed.answers = answering(quote_tick("10", "11", EPOCH_NS))
        await asyncio.sleep(100)
        assert told == []
        assert 5 <= len(rig.feed.requests) <= 10
        assert rig.feed.requests[0].limit == 1

    assert story_of(story, stale_data_secs=10.0) == []


@pytest.mark.parametrize("error", ["timed out", None])
def test_a_feed_nobody_can_vouch_for_is_stale(error: str | None) -> None:
    async def story(rig: DataRig, told: list[DataStale]) -> None:
        rig.engine.subscribe_trade_ticks(BTC)
        if error is not None:
            rig.feed.answers = answering(error=error)
        await asyncio.sleep(30)
        assert [one.kind for one in told] == ["trades"]
        assert (error or "nor an answer") in told[0].reason

    assert len(story_of(story, stale_data_secs=10.0)) == 1


def test_books_and_reference_prices_are_stale_by_the_deadline_alone() -> None:
    async def story(rig: DataRig, told: list[DataStale]) -> None:
        rig.engine.subscribe_order_book_depth(BTC)
        rig.engine.subscribe_feed("mark_prices", BTC)
        rig.engine.subscribe_feed("instrument_status", BTC)
        await asyncio.sleep(30)
        assert sorted(one.kind for one in told) == ["book.depth", "mark_prices"]
        assert rig.feed.asked[3:] == ["+depth BTCUSDT.SIM", "+mark_prices BTCUSDT.SIM"]

    assert len(story_of(story, stale_data_secs=10.0)) == 2


def test_nothing_is_counted_while_the_client_is_away_nor_after_the_end() -> None:
    async def story(rig: DataRig, told: list[DataStale]) -> None:
        rig.engine.subscribe_feed("mark_prices", BTC)
        rig.feed.is_connected = False
        await asyncio.sleep(100)
        rig.feed.is_connected = True
        await asyncio.sleep(8)
        assert told == []
        rig.engine.unsubscribe_feed("mark_prices", BTC)
        await asyncio.sleep(100)
        assert told == []

    assert story_of(story, stale_data_secs=10.0) == []


def test_without_a_deadline_nothing_is_watched() -> None:
    async def story(rig: DataRig, told: list[DataStale]) -> None:
        rig.engine.subscribe_feed("mark_prices", BTC)
        await asyncio.sleep(10_000)
        assert told == []

    assert story_of(story) == []


def test_an_answer_after_the_end_of_the_subscription_is_dropped() -> None:
    async def story(rig: DataRig, told: list[DataStale]) -> None:
        rig.engine.subscribe_quote_ticks(BTC)
        await asyncio.sleep(13)
        rig.engine.unsubscribe_quote_ticks(BTC)
        rig.engine.receive_response(DataResponse(request_id=rig.feed.requests[0].request_id, error="late"))
        await asyncio.sleep(1)
        assert told == []

    assert story_of(story, stale_data_secs=10.0) == []


def test_what_happened_before_the_subscription_is_no_sign_of_a_dead_feed() -> None:
    async def story(rig: DataRig, told: list[DataStale]) -> None:
        await asyncio.sleep(100)
        rig.engine.subscribe_quote_ticks(BTC)
        rig.feed.answers = answering(quote_tick("10", "11", EPOCH_NS + 50 * SECOND))
        await asyncio.sleep(60)
        assert told == []

    assert story_of(story, stale_data_secs=10.0) == []


HOURLY = BarType.from_str("BTCUSDT.SIM-1-HOUR-LAST-EXTERNAL")


def hourly(hours: int) -> Bar:
    price, size, ts = Price.from_str("10.00"), Quantity.from_str("1.000"), EPOCH_NS + hours * 60 * MINUTE
    return Bar(HOURLY, price, price, price, price, size, ts, ts)


def test_a_bar_has_its_interval_besides_and_is_then_asked_about() -> None:
    async def story(rig: DataRig, told: list[DataStale]) -> None:
        rig.engine.subscribe_bars(HOURLY)
        await asyncio.sleep(3600)
        rig.engine.process(hourly(1))
        await asyncio.sleep(3600)
        assert (told, rig.feed.requests) == ([], [])
        rig.feed.answers = answering(hourly(1), hourly(3))  # the market is quiet, and the third hour is not over
        await asyncio.sleep(60)
        assert (told, [one.bar_type for one in rig.feed.requests]) == ([], [HOURLY])
        rig.feed.answers = answering(hourly(2))
        await asyncio.sleep(3600)
        assert [(one.kind, one.stale) for one in told] == [("bars", True)]
        assert rig.feed.asked == [f"+bars {HOURLY}"] * 2

    story_of(story, stale_data_secs=10.0)


def test_of_bars_made_here_their_parts_are_watched_and_funding_has_no_rhythm() -> None:
    async def story(rig: DataRig, told: list[DataStale]) -> None:
        rig.engine.subscribe_bars(BarType.from_str("BTCUSDT.SIM-1-HOUR-LAST-INTERNAL"))
        rig.engine.subscribe_bars(BarType.from_str("BTCUSDT.SIM-9-TICK-LAST-INTERNAL"))
        rig.engine.subscribe_feed("funding_rates", BTC)
        for second in range(60):
            rig.trade("10", at=second * SECOND)
            await asyncio.sleep(1)
        assert told == []
        await asyncio.sleep(30)
        assert [one.kind for one in told] == ["trades"]

    story_of(story, stale_data_secs=10.0)
