"""Option chains at the data engine: what flows for them, when slices are told, and how it ends."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from nautilus_live.core.option_chains import COOLDOWN_NS, series_of
from nautilus_live.engine.option_chains import chain_topic
from nautilus_live.errors import ConfigError
from nautilus_live.model.data import QuoteTick
from nautilus_live.model.identifiers import InstrumentId
from nautilus_live.model.objects import Price, Quantity
from nautilus_live.model.option_chain import OptionChainSlice, OptionGreeks, OptionSeriesId, StrikeRange
from sandbox_venues.instruments import instrument
from tests.engine.data_rig import DataRig, play

ATM = StrikeRange.atm_relative(0, 0)
DAY_MS = 86_400_000


def option(name: str) -> Any:
    return instrument(f"ES-{name}", "SIM")


SERIES = series_of(option("C6000"))


def quote(name: str, bid: str, ask: str) -> QuoteTick:
    one = Quantity.from_int(1)
    symbol = InstrumentId.from_str(f"{name}.SIM")
    return QuoteTick(symbol, Price.from_str(bid), Price.from_str(ask), one, one, 1, 1)


def greeks(name: str, forward: float | None = None) -> OptionGreeks:
    return OptionGreeks(option(name).id, 0.5, 0.01, 0.2, -0.1, underlying_price=forward)


def listed(rig: DataRig, *names: str, future: bool = True) -> list[OptionChainSlice]:
    """List options, and the future that they are on; return what will be told of the chain."""
    for name in names or ("C5900", "P5900", "C6000", "P6000", "C6100", "P6100"):
        rig.cache.add_instrument(option(name))
    if future:
        rig.cache.add_instrument(instrument("ES-FUTURE", "SIM"))
    told: list[OptionChainSlice] = []
    rig.bus.subscribe("data.option_chain.*", told.append)
    return told


async def heard(rig: DataRig, *data: Any) -> None:
    for item in data:
        rig.engine.process(item)
    await asyncio.sleep(0.001)


def flowing(rig: DataRig) -> list[str]:
    """Return what the client has been asked for and not to end, sorted."""
    wanted = dict.fromkeys(one[1:] for one in rig.feed.asked if one.startswith("+"))
    for one in rig.feed.asked:
        if one.startswith("-"):
            wanted.pop(one[1:], None)
    return sorted(one.replace(".SIM", "").replace("ES-", "") for one in wanted)


def test_quotes_and_greeks_flow_for_the_strikes_that_are_wanted() -> None:
    async def story(rig: DataRig) -> None:
        listed(rig)
        rig.engine.subscribe_option_chain(SERIES, ATM, 1_000)
        assert flowing(rig) == ["option_greeks C6000", "quotes FUTURE"]  # where does the market stand?

        await heard(rig, quote("ES-FUTURE", "6089.50", "6090.50"))
        assert flowing(rig) == [
            *("option_greeks C6000", "option_greeks C6100", "option_greeks P6100"),
            *("quotes C6100", "quotes FUTURE", "quotes P6100"),
        ]

        await asyncio.sleep(COOLDOWN_NS / 1e9)
        await heard(rig, greeks("C6000", forward=5910.0))  # the venue's forward counts from now on
        await asyncio.sleep(1.0)
        assert flowing(rig) == [
            *("option_greeks C5900", "option_greeks C6000", "option_greeks P5900"),
            *("quotes C5900", "quotes FUTURE", "quotes P5900"),
        ]

        rig.engine.unsubscribe_option_chain(SERIES, ATM, 1_000)
        assert flowing(rig) == []
        assert rig.bus.topics() == ["data.option_chain.*"]

    play(story)


def test_a_slice_is_told_at_its_interval() -> None:
    async def story(rig: DataRig) -> None:
        told = listed(rig)
        rig.engine.subscribe_option_chain(SERIES, ATM, 1_000)
        await heard(rig, quote("ES-FUTURE", "6000.00", "6000.50"))
        await asyncio.sleep(2.0)
        assert told == []  # nothing has been quoted

        await heard(rig, quote("ES-C6000", "10.00", "11.00"), greeks("C6000"), quote("ES-C6000", "10.50", "11.00"))
        await asyncio.sleep(2.0)

        assert len(told) == 2  # and goes on being told
        strike = Price.from_str("6000")
        call = told[0].get_call(strike)
        assert call is not None
        assert (str(call.quote.bid_price), call.greeks) == ("10.50", greeks("C6000"))
        assert (told[0].atm_strike, told[0].get_put(strike)) == (strike, None)

    play(story)


def test_without_an_interval_all_that_is_heard_is_told() -> None:
    async def story(rig: DataRig) -> None:
        told = listed(rig, future=False)
        rig.engine.subscribe_option_chain(SERIES, ATM)
        await heard(rig, greeks("C6000", forward=6000.0), quote("ES-C6000", "10.00", "11.00"))
        await heard(
            rig, greeks("C6000", forward=6001.0), quote("ES-P6000", "9.00", "9.50"), quote("ES-P5900", "1", "2")
        )

        assert [(one.call_count(), one.put_count()) for one in told] == [(1, 0), (1, 0), (1, 1)]

    play(story)


def test_a_quote_counts_if_it_flows_and_not_if_it_is_from_before() -> None:
    async def story(rig: DataRig) -> None:
        told = listed(rig, "C6000", "C6100", future=False)
        rig.engine.subscribe_quote_ticks(option("C6000").id)
        for name in ("ES-C6000", "ES-C6100"):
            rig.cache.add_quote_tick(quote(name, "10.00", "11.00"))
        rig.engine.subscribe_option_chain(SERIES, None, 1_000)
        await asyncio.sleep(1.0)

        assert [str(strike) for strike in told[0].strikes()] == ["6000.00"]

    play(story)


def test_whoever_hears_a_slice_may_end_it() -> None:
    async def story(rig: DataRig) -> None:
        told = listed(rig, "C6000", future=False)
        rig.bus.subscribe("data.option_chain.*", lambda _: rig.engine.unsubscribe_option_chain(SERIES, None, 1_000))
        rig.engine.subscribe_option_chain(SERIES, None, 1_000)
        await heard(rig, quote("ES-C6000", "10.00", "11.00"))
        await asyncio.sleep(5.0)

        assert len(told) == 1
        assert flowing(rig) == []

    play(story)


def test_fixed_strikes_and_whole_chains_ask_nobody_where_the_market_stands() -> None:
    async def story(rig: DataRig) -> None:
        listed(rig, "C6000", "C6100")
        rig.engine.subscribe_option_chain(SERIES, StrikeRange.fixed([Price.from_str("6100")]))
        assert flowing(rig) == ["option_greeks C6100", "quotes C6100"]

        rig.engine.subscribe_option_chain(SERIES)
        assert "quotes C6000" in flowing(rig)
        await heard(rig)

    play(story)


def test_two_who_want_the_same_share_it_and_two_who_want_other_strikes_do_not() -> None:
    async def story(rig: DataRig) -> None:
        told = listed(rig, "C6000", future=False)
        rig.engine.subscribe_option_chain(SERIES, None, 1_000)
        rig.engine.subscribe_option_chain(SERIES, None, 1_000)
        rig.engine.subscribe_option_chain(SERIES, StrikeRange.fixed([Price.from_str("6000")]), 1_000)
        await heard(rig, quote("ES-C6000", "10.00", "11.00"))
        await asyncio.sleep(1.0)
        assert len(told) == 2

        rig.engine.unsubscribe_option_chain(SERIES, None, 1_000)
        await asyncio.sleep(1.0)
        assert len(told) == 4
        rig.engine.unsubscribe_option_chain(SERIES, None, 1_000)
        rig.engine.unsubscribe_option_chain(SERIES, None, 1_000)  # an end without a beginning
        await asyncio.sleep(1.0)
        assert len(told) == 5
        assert flowing(rig) == ["option_greeks C6000", "quotes C6000"]

    play(story)


def test_options_that_are_listed_later_join(caplog: pytest.LogCaptureFixture) -> None:
    async def story(rig: DataRig) -> None:
        listed(rig, "C6000", future=False)
        other = OptionSeriesId(SERIES.venue, "ES-FUTURE", "EUR", SERIES.expiration_ns)
        rig.engine.subscribe_option_chain(other, ATM, 1_000)
        assert flowing(rig) == []
        rig.engine.subscribe_option_chain(SERIES, ATM, 1_000)
        await heard(rig, option("P6000"), greeks("C6000", forward=6000.0))
        await heard(rig, option("P6000"))

        assert flowing(rig) == ["option_greeks C6000", "option_greeks P6000", "quotes C6000", "quotes P6000"]

    play(story)
    assert "SIM:ES-FUTURE:EUR:2026-01-30T16:00:00Z: no option of the series is known yet" in caplog.text


def test_a_series_that_has_expired_is_watched_no_longer() -> None:
    async def story(rig: DataRig) -> None:
        told = listed(rig, "C6000", future=False)
        rig.engine.subscribe_option_chain(SERIES, None, DAY_MS)
        await heard(rig, quote("ES-C6000", "10.00", "11.00"))
        await asyncio.sleep((SERIES.expiration_ns - rig.clock.timestamp_ns()) / 1e9)
        assert len(told) == 29
        assert flowing(rig) == ["option_greeks C6000", "quotes C6000"]
        await asyncio.sleep(2 * DAY_MS / 1e3)

        assert len(told) == 29
        assert flowing(rig) == []
        rig.engine.unsubscribe_option_chain(SERIES, None, DAY_MS)

    play(story)


@pytest.mark.parametrize(
    ("series_id", "interval_ms", "told"),
    [
        (SERIES, 0, "snapshot_interval_ms must be > 0 or None, was 0"),
        (OptionSeriesId.from_str("NOWHERE:BTC:USD:12"), 1_000, r"BTC\.NOWHERE: no data client for it"),
    ],
)
def test_what_nobody_can_serve_leaves_nothing_behind(series_id: OptionSeriesId, interval_ms: int, told: str) -> None:
    async def story(rig: DataRig) -> None:
        with pytest.raises(ConfigError, match=told):
            rig.engine.subscribe_option_chain(series_id, ATM, interval_ms)
        assert (rig.feed.asked, rig.bus.topics()) == ([], [])

    play(story)


def test_topics_say_who_wants_what() -> None:
    assert chain_topic(SERIES, None, None) == f"data.option_chain.{SERIES}.All.raw"
    assert (
        chain_topic(SERIES, ATM, 5)
        == f"data.option_chain.{SERIES}.AtmRelative {{ strikes_above: 0, strikes_below: 0 }}.5"
    )
