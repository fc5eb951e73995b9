from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from nautilus_live.errors import ConfigError
from nautilus_live.model.bars import Bar, BarType
from nautilus_live.model.data_requests import DataRequest, DataResponse
from nautilus_live.model.enums import AggregationSource, BarAggregation, PriceType
from nautilus_live.model.identifiers import InstrumentId
from scenarios.world.clock import EPOCH_NS
from tests.engine.data_rig import BTC, MINUTE, SECOND, DataRig, play, quote_tick, trade_tick

LAST_MINUTE = BarType.from_str("BTCUSDT.SIM-1-MINUTE-LAST-INTERNAL")
EXTERNAL = BarType.from_str("BTCUSDT.SIM-1-MINUTE-LAST-EXTERNAL")


def shown(bar: Bar) -> str:
    """Return a bar as `SECONDS O/H/L/C xVOLUME`, with seconds since the start of the world."""
    at = (bar.ts_event - EPOCH_NS) / SECOND
    return f"{at:g} {bar.open}/{bar.high}/{bar.low}/{bar.close} x{bar.volume}"


def heard(rig: DataRig, bar_type: BarType) -> list[str]:
    bars: list[str] = []
    rig.bus.subscribe(f"data.bars.{bar_type.standard()}", lambda bar: bars.append(shown(bar)))
    return bars


def test_trades_make_time_bars_that_are_published_and_kept() -> None:
    async def story(rig: DataRig) -> None:
        bars = heard(rig, LAST_MINUTE)
        rig.engine.subscribe_bars(LAST_MINUTE)
        assert rig.feed.asked == ["+trades BTCUSDT.SIM"]
        assert rig.engine.subscribed_bars() == [LAST_MINUTE]
        for price, size in (("10", "1"), ("12", "2"), ("9", "0.5"), ("11", "1")):
            await asyncio.sleep(10)
            rig.trade(price, size)
        await asyncio.sleep(20.001)
        assert bars == ["60 10.00/12.00/9.00/11.00 x4.500"]
        kept = rig.cache.bar(LAST_MINUTE)
        assert kept is not None
        assert shown(kept) == bars[0]
        assert (rig.cache.bar_count(LAST_MINUTE), rig.cache.has_bars(LAST_MINUTE)) == (1, True)

    play(story)


def test_bars_end_with_their_last_subscriber_and_what_they_were_made_of_with_them() -> None:
    async def story(rig: DataRig) -> None:
        bars = heard(rig, LAST_MINUTE)
        rig.engine.subscribe_bars(LAST_MINUTE)
        rig.engine.subscribe_bars(LAST_MINUTE)
        rig.engine.unsubscribe_bars(LAST_MINUTE)
        rig.trade("10")
        await asyncio.sleep(60.001)
        rig.engine.unsubscribe_bars(LAST_MINUTE)
        rig.engine.unsubscribe_bars(LAST_MINUTE)
        await asyncio.sleep(120)
        assert len(bars) == 1
        assert rig.feed.asked == ["+trades BTCUSDT.SIM", "-trades BTCUSDT.SIM"]

    play(story)


def test_quotes_make_bars_of_bids_and_mids_and_a_tick_bar_counts() -> None:
    async def story(rig: DataRig) -> None:
        bid = BarType.from_str("BTCUSDT.SIM-2-TICK-BID-INTERNAL")
        mid = BarType.from_str("BTCUSDT.SIM-3-TICK-MID-INTERNAL")
        bids, mids = heard(rig, bid), heard(rig, mid)
        rig.engine.subscribe_bars(bid)
        rig.engine.subscribe_bars(mid)
        for n in range(3):
            rig.quote(f"{10 + n}", f"{12 + n}", "4", "4.001")
            await asyncio.sleep(1)
        assert bids == ["1 10.00/11.00/10.00/11.00 x8.000"]
        assert mids == ["2 11.000/13.000/11.000/13.000 x12.0015"]  # half sizes are not rounded away
        assert rig.feed.asked == ["+quotes BTCUSDT.SIM"]

    play(story)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("2-VOLUME", ["0 10.00/10.00/10.00/10.00 x2.000", "0 10.00/10.00/10.00/10.00 x2.000"]),
        ("30-VALUE", ["0 10.00/10.00/10.00/10.00 x3.000"]),
        ("1-TICK_RUNS", ["0 10.00/10.00/10.00/10.00 x5.000"]),
        ("4-VOLUME_IMBALANCE", ["0 10.00/10.00/10.00/10.00 x4.000"]),
    ],
)
def test_a_count_completes_bars(kind: str, expected: list[str]) -> None:
    async def story(rig: DataRig) -> None:
        bar_type = BarType.from_str(f"BTCUSDT.SIM-{kind}-LAST-INTERNAL")
        bars = heard(rig, bar_type)
        rig.engine.subscribe_bars(bar_type)
        rig.trade("10", "5")
        await asyncio.sleep(0.1)
        assert bars == expected

    play(story)


def test_composite_bars_are_made_of_smaller_ones_and_end_with_them() -> None:
    async def story(rig: DataRig) -> None:
        composite = BarType.from_str("BTCUSDT.SIM-2-MINUTE-LAST-INTERNAL@1-MINUTE-EXTERNAL")
        bars = heard(rig, composite)
        rig.engine.subscribe_bars(composite)
        assert rig.feed.asked == [f"+bars {EXTERNAL}"]
        for minute, (low, high) in enumerate((("9", "11"), ("10", "13"), ("8", "9"))):
            await asyncio.sleep(60)
            rig.engine.process(bar_of(EXTERNAL, minute, low, high))
        await asyncio.sleep(1)
        assert bars == ["120 9.00/13.00/9.00/13.00 x2.000"]
        rig.engine.unsubscribe_bars(composite)
        assert rig.feed.asked[1:] == [f"-bars {EXTERNAL}"]

    play(story, time_bars_build_delay=100_000)


def test_a_composite_bar_is_what_the_trades_make_and_comes_after_its_parts() -> None:
    direct = BarType.from_str("BTCUSDT.SIM-2-MINUTE-LAST-INTERNAL")
    composite = BarType.from_str("BTCUSDT.SIM-2-MINUTE-LAST-INTERNAL@1-MINUTE-INTERNAL")

    def bars_of(bar_type: BarType) -> list[str]:
        found: list[str] = []

        async def story(rig: DataRig) -> None:
            for kind in (bar_type, LAST_MINUTE):
                rig.bus.subscribe(f"data.bars.{kind.standard()}", lambda bar: found.append(shown(bar)))
                rig.engine.subscribe_bars(kind)
            for number in range(25):
                rig.trade(f"{10 + number % 7}")
                await asyncio.sleep(10)

        play(story)
        return found

    made = bars_of(composite)
    assert sorted(made) == sorted(bars_of(direct))
    assert [bar.partition(" ")[0] + bar[-7:] for bar in made] == [
        "60 x6.000", "120 x6.000", "120x12.000", "180 x6.000", "240 x6.000", "240x12.000"
    ]  # fmt: skip


def test_a_composite_bar_waits_for_the_part_that_the_venue_tells_late_but_not_for_ever() -> None:
    async def story(rig: DataRig) -> None:
        composite = BarType.from_str("BTCUSDT.SIM-2-MINUTE-LAST-INTERNAL@1-MINUTE-EXTERNAL")
        bars = heard(rig, composite)
        rig.engine.subscribe_bars(composite)
        await asyncio.sleep(60.5)
        rig.engine.process(bar_of(EXTERNAL, 0, "9", "11"))
        await asyncio.sleep(61)
        rig.engine.process(bar_of(EXTERNAL, 1, "8", "9"))
        await asyncio.sleep(0.1)
        assert bars == ["120 9.00/11.00/8.00/9.00 x2.000"]
        await asyncio.sleep(60)
        rig.engine.process(bar_of(EXTERNAL, 2, "7", "9"))
        await asyncio.sleep(62)
        assert len(bars) == 1
        await asyncio.sleep(2)
        assert bars[1:] == ["240 7.00/9.00/7.00/9.00 x1.000"]

    play(story)


def bar_of(bar_type: BarType, minute: int, low: str, high: str, **fields: Any) -> Bar:
    tick = trade_tick(low, "1", 0)
    top = trade_tick(high, "1", 0).price
    close_ns = EPOCH_NS + (minute + 1) * MINUTE
    return Bar(bar_type, tick.price, top, tick.price, top, tick.size, close_ns, close_ns, **fields)


def test_a_bar_carries_the_time_of_its_open_if_wished() -> None:
    assert minutes_of_bars(time_bars_timestamp_on_close=False) == ["0 10.00/10.00/10.00/10.00 x1.000"]
    assert minutes_of_bars(time_bars_timestamp_on_close=True) == ["60 10.00/10.00/10.00/10.00 x1.000"]


def test_a_trade_at_the_close_belongs_to_the_side_that_is_configured() -> None:
    at_the_close: dict[str, Any] = {
        "trades": [(1, "10"), (60.1, "11", 60)],
        "until": 121.0,
        "time_bars_build_delay": 500_000,
    }
    left = minutes_of_bars(**at_the_close, time_bars_interval_type="left-open")
    right = minutes_of_bars(**at_the_close, time_bars_interval_type="right-open")
    assert left[0] == "60 10.00/11.00/10.00/11.00 x2.000"
    assert right == ["60 10.00/10.00/10.00/10.00 x1.000", "120 11.00/11.00/11.00/11.00 x1.000"]


def test_the_bar_under_way_at_the_subscription_is_left_out_if_wished() -> None:
    trades = [(20, "10"), (70, "11")]
    full = ["60 10.00/10.00/10.00/10.00 x1.000", "120 11.00/11.00/11.00/11.00 x1.000"]
    assert minutes_of_bars(begin=15, trades=trades, until=121) == full
    assert minutes_of_bars(begin=15, trades=trades, until=121, time_bars_skip_first_non_full_bar=True) == full[1:]


def test_an_interval_without_a_trade_has_a_bar_unless_wished_otherwise() -> None:
    assert len(minutes_of_bars(until=181, time_bars_build_with_no_updates=True)) == 3
    assert len(minutes_of_bars(until=181, time_bars_build_with_no_updates=False)) == 1


def test_a_trade_from_the_future_ends_no_bar_before_its_time() -> None:
    trades = [(10, "10"), (70, "11", 3600), (80, "12"), (130, "13")]
    assert minutes_of_bars(trades=trades, until=190) == [
        "60 10.00/10.00/10.00/10.00 x1.000",
        "120 11.00/12.00/11.00/12.00 x2.000",
        "180 13.00/13.00/13.00/13.00 x1.000",
    ]


def test_a_venues_bar_from_the_future_ends_no_more_than_one_of_those_made_of_it() -> None:
    async def story(rig: DataRig) -> None:
        composite = BarType.from_str("BTCUSDT.SIM-2-MINUTE-LAST-INTERNAL@1-MINUTE-EXTERNAL")
        bars = heard(rig, composite)
        rig.engine.subscribe_bars(composite)
        price, size = trade_tick("10", "1", 0).price, trade_tick("10", "1", 0).size
        await asyncio.sleep(60)
        for minute in (1, 60):
            ts = EPOCH_NS + minute * MINUTE
            rig.engine.process(Bar(EXTERNAL, price, price, price, price, size, ts, ts))
        await asyncio.sleep(70)
        assert bars == ["120 10.00/10.00/10.00/10.00 x2.000"]

    play(story)


def test_a_build_delay_lets_the_last_trades_arrive() -> None:
    late = [(1, "10"), (60.2, "12", 59.9)]
    assert minutes_of_bars(trades=late, until=61)[0] == "60 10.00/10.00/10.00/10.00 x1.000"
    delayed = minutes_of_bars(trades=late, until=61, time_bars_build_delay=500_000)
    assert delayed == ["60 10.00/12.00/10.00/12.00 x2.000"]


def test_an_origin_offset_shifts_the_bars_of_its_aggregation_alone() -> None:
    offset = {BarAggregation.MINUTE: timedelta(seconds=20)}
    assert minutes_of_bars(until=61, time_bars_origin_offset=offset)[0].startswith("20 ")
    hours = {"HOUR": "PT20S"}
    assert minutes_of_bars(until=61, time_bars_origin_offset=hours)[0].startswith("60 ")


def minutes_of_bars(
    begin: float = 0, trades: list[Any] | None = None, until: float = 61.0, **settings: Any
) -> list[str]:
    """Return the minute bars made of trades, each (seconds of arrival, price, seconds of the trade)."""
    bars: list[str] = []

    async def story(rig: DataRig) -> None:
        rig.bus.subscribe(f"data.bars.{LAST_MINUTE}", lambda bar: bars.append(shown(bar)))
        await asyncio.sleep(begin)
        rig.engine.subscribe_bars(LAST_MINUTE)
        for arrives, price, *happened in trades or [(1, "10")]:
            await asyncio.sleep(arrives - rig.world.loop.time())
            rig.trade(price, at=round((happened[0] if happened else arrives) * SECOND))
        await asyncio.sleep(until - rig.world.loop.time())

    play(story, **settings)
    return bars


def test_bars_that_nothing_can_make_are_a_mistake_and_leave_nothing_behind() -> None:
    async def story(rig: DataRig) -> None:
        for text, reason in (
            ("BTCUSDT.SIM-10-TICK_RUNS-BID-INTERNAL", "only trades have a side"),
            ("BTCUSDT.SIM-10-VALUE_IMBALANCE-LAST-INTERNAL@1-MINUTE-EXTERNAL", "only trades have a side"),
            ("BTCUSDT.SIM-1-MINUTE-MARK-INTERNAL", "LAST, BID, ASK or MID"),
            ("ETHUSDT.SIM-1-MINUTE-LAST-INTERNAL", "its instrument must be known"),
            ("BTCUSDT.NOWHERE-1-MINUTE-LAST-INTERNAL", "no data client"),
        ):
            with pytest.raises(ConfigError, match=reason):
                rig.engine.subscribe_bars(BarType.from_str(text))
        assert (rig.engine.subscribed_bars(), rig.feed.asked) == ([], [])

    play(story)


def test_a_revision_takes_the_place_of_its_bar_and_makes_no_composite() -> None:
    async def story(rig: DataRig) -> None:
        composite = BarType.from_str("BTCUSDT.SIM-2-TICK-LAST-INTERNAL@1-MINUTE-EXTERNAL")
        bars, told = heard(rig, composite), heard(rig, EXTERNAL)
        rig.engine.subscribe_bars(composite)
        rig.engine.process(bar_of(EXTERNAL, 0, "9", "10", is_revision=True))
        rig.engine.process(bar_of(EXTERNAL, 0, "9", "11", is_revision=True))
        rig.engine.process(bar_of(EXTERNAL, 0, "9", "12"))
        await asyncio.sleep(0.1)
        assert (len(told), bars) == (3, [])
        assert [shown(bar) for bar in rig.cache.bars(EXTERNAL)] == ["60 9.00/12.00/9.00/12.00 x1.000"]

    play(story)


def request_for(bar_type: BarType, **fields: Any) -> DataRequest:
    return DataRequest(request_id="R-1", kind="bars", ts_init=EPOCH_NS, bar_type=bar_type, **fields)


def test_bars_of_the_past_are_made_of_trades_where_the_node_makes_them() -> None:
    answers: list[Any] = []

    async def story(rig: DataRig) -> None:
        ticks = [trade_tick(f"{10 + n}", "1", EPOCH_NS + n * 30 * SECOND, n) for n in range(9)]
        rig.feed.answers = lambda question: DataResponse(request_id="R-1", data=tuple(ticks))
        await asyncio.sleep(300)
        rig.engine.request(request_for(LAST_MINUTE, limit=2), answers.append)
        await asyncio.sleep(0.1)
        question = rig.feed.requests[0]
        assert (question.kind, question.instrument_id, question.limit) == ("trades", BTC, 0)
        assert rig.cache.bars(LAST_MINUTE) == list(reversed(answers[0].items))

    play(story)
    first, second = (shown(bar) for bar in answers[0].items)
    assert first == "180 15.00/16.00/15.00/16.00 x2.000"
    assert second == "240 17.00/18.00/17.00/18.00 x2.000"


def test_composite_bars_of_the_past_are_asked_for_as_their_parts() -> None:
    answers: list[Any] = []

    async def story(rig: DataRig) -> None:
        parts = tuple(bar_of(EXTERNAL, n, f"{10 + n}", f"{20 + n}") for n in range(4))
        rig.feed.answers = lambda question: DataResponse(request_id="R-1", data=parts)
        composite = BarType.from_str("BTCUSDT.SIM-2-TICK-LAST-INTERNAL@1-MINUTE-EXTERNAL")
        rig.engine.request(request_for(composite), answers.append)
        await asyncio.sleep(0.1)
        assert rig.feed.requests[0].bar_type == EXTERNAL

    play(story)
    assert [shown(bar)[4:] for bar in answers[0].items] == [
        "10.00/21.00/10.00/21.00 x2.000",
        "12.00/23.00/12.00/23.00 x2.000",
    ]


def test_quotes_make_bars_of_the_past_too() -> None:
    answers: list[Any] = []

    async def story(rig: DataRig) -> None:
        ticks = tuple(quote_tick(f"{10 + n}", f"{11 + n}", EPOCH_NS + n) for n in range(2))
        rig.feed.answers = lambda question: DataResponse(request_id="R-1", data=ticks)
        rig.engine.request(request_for(BarType.from_str("BTCUSDT.SIM-2-TICK-ASK-INTERNAL")), answers.append)
        await asyncio.sleep(0.1)
        assert rig.feed.requests[0].kind == "quotes"

    play(story)
    assert shown(answers[0].items[0]).endswith("11.00/12.00/11.00/12.00 x2.000")


def test_a_client_that_does_not_know_leaves_the_request_unknown() -> None:
    answers: list[Any] = []

    async def story(rig: DataRig) -> None:
        rig.feed.answers = lambda question: DataResponse(request_id="R-1", error="timed out")
        rig.engine.request(request_for(EXTERNAL), answers.append)
        await asyncio.sleep(0.1)
        rig.feed.answers = lambda question: None
        rig.engine.request(request_for(EXTERNAL), answers.append)
        with pytest.raises(ConfigError, match="no data client"):
            rig.engine.request(request_for(BarType.from_str("X.NOWHERE-1-MINUTE-LAST-EXTERNAL")), answers.append)

    play(story)
    assert [(answer.items, answer.error) for answer in answers] == [
        ((), "timed out"),
        ((), "the data engine stopped"),
    ]


def test_history_never_replaces_what_was_heard_live() -> None:
    async def story(rig: DataRig) -> None:
        rig.trade("50")
        await asyncio.sleep(0.1)
        rig.feed.answers = lambda question: DataResponse(
            request_id="R-2", data=(trade_tick("10", "1", EPOCH_NS - 5), trade_tick("11", "1", EPOCH_NS - 4))
        )
        question = DataRequest(request_id="R-2", kind="trades", ts_init=0, instrument_id=BTC)
        rig.engine.request(question, lambda answer: None)
        await asyncio.sleep(0.1)
        assert [str(tick.price) for tick in rig.cache.trade_ticks(BTC)] == ["50.00"]

    play(story)


def test_types_of_kept_bars_can_be_selected() -> None:
    async def story(rig: DataRig) -> None:
        rig.cache.add_bars([bar_of(EXTERNAL, 0, "1", "2"), bar_of(LAST_MINUTE, 0, "1", "2")])
        assert rig.cache.bar_types() == [EXTERNAL, LAST_MINUTE]
        assert rig.cache.bar_types(BTC, PriceType.LAST, AggregationSource.INTERNAL) == [LAST_MINUTE]
        assert rig.cache.bar_types(InstrumentId.from_str("X.Y")) == []

    play(story)


def test_two_types_of_bars_share_one_feed_of_trades() -> None:
    async def story(rig: DataRig) -> None:
        five = BarType.from_str("BTCUSDT.SIM-5-TICK-LAST-INTERNAL")
        two = BarType.from_str("BTCUSDT.SIM-2-TICK-LAST-INTERNAL")
        fives, twos = heard(rig, five), heard(rig, two)
        rig.engine.subscribe_bars(five)
        rig.engine.subscribe_bars(two)
        for n in range(6):
            rig.trade(f"{10 + n}")
        await asyncio.sleep(0.1)
        assert (len(fives), len(twos)) == (1, 3)
        rig.engine.unsubscribe_bars(five)
        assert rig.feed.asked == ["+trades BTCUSDT.SIM"]
        rig.engine.unsubscribe_bars(two)
        assert rig.feed.asked[1:] == ["-trades BTCUSDT.SIM"]

    play(story)
