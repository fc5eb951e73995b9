"""The past of a synthetic instrument, and bars of it: made of the past of its components, as live ones would be."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from nautilus_live.errors import ConfigError
from nautilus_live.model.bars import BarType
from nautilus_live.model.data import QuoteTick, TradeTick
from nautilus_live.model.data_requests import DataRequest, DataResponse
from nautilus_live.model.enums import AggressorSide
from nautilus_live.model.identifiers import ClientId, InstrumentId, Symbol, TradeId
from nautilus_live.model.instruments import SyntheticInstrument
from nautilus_live.model.objects import Price, Quantity
from scenarios.world.clock import EPOCH_NS
from tests.engine.data_rig import BTC, SECOND, DataRig, play

ETH = InstrumentId.from_str("ETHUSDT.SIM")
SIZE = Quantity.from_str("1")
RATIO = SyntheticInstrument(
    symbol=Symbol("RATIO"), price_precision=2, components=[BTC, ETH], formula="BTCUSDT.SIM / (ETHUSDT.SIM - 10)"
)
# Seconds, which component, and its price; a price of 10 of the second one leaves the formula without a value.
PAST = [(0, BTC, "90"), (10, ETH, "40"), (20, BTC, "120"), (30, ETH, "10"), (70, ETH, "30"), (80, BTC, "100")]
MINUTES = BarType.from_str("RATIO.SYNTH-1-MINUTE-MID-INTERNAL")


def quotes_of(instrument_id: InstrumentId) -> tuple[QuoteTick, ...]:
    return tuple(
        QuoteTick(one, Price.from_str(price), Price.from_str(price), SIZE, SIZE, *[EPOCH_NS + at * SECOND] * 2)
        for at, one, price in PAST
        if one == instrument_id
    )


def trades_of(instrument_id: InstrumentId) -> tuple[TradeTick, ...]:
    side = AggressorSide.BUYER
    return tuple(
        TradeTick(one, Price.from_str(price), SIZE, side, TradeId(f"T-{at}"), *[EPOCH_NS + at * SECOND] * 2)
        for at, one, price in PAST
        if one == instrument_id
    )


def answered(request: DataRequest) -> DataResponse:
    assert request.instrument_id is not None
    known = quotes_of if request.kind == "quotes" else trades_of
    return DataResponse(request_id=request.request_id, data=known(request.instrument_id))


def ask(**fields: Any) -> DataRequest:
    return DataRequest(**{"request_id": "R-1", "kind": "bars", "ts_init": EPOCH_NS, "bar_type": MINUTES} | fields)


def test_bars_of_its_past_are_made_of_the_past_of_its_components() -> None:
    answers: list[Any] = []

    async def story(rig: DataRig) -> None:
        rig.cache.add_synthetic(RATIO)
        rig.feed.answers = answered
        await asyncio.sleep(180)
        rig.engine.request(ask(limit=5), answers.append)
        await asyncio.sleep(0.1)
        assert [(one.kind, one.instrument_id, one.limit) for one in rig.feed.requests] == [
            ("quotes", BTC, 0), ("quotes", ETH, 0),
        ]  # fmt: skip
        assert rig.cache.bar_count(MINUTES) == len(answers[0].items)

    play(story)
    bars = [(bar.ts_event - EPOCH_NS) // SECOND for bar in answers[0].items]
    shown = [f"{bar.open} {bar.high} {bar.low} {bar.close} x{bar.volume}" for bar in answers[0].items]
    # The first minute was under way when its first quote was made, so it makes no bar, as for any request.
    assert dict(zip(bars, shown, strict=True)) == {120: "6.000 6.000 5.000 5.000 x2.0"}


@pytest.mark.parametrize("kind", ["quotes", "trades"])
def test_its_past_is_what_was_made_live(kind: str) -> None:
    answers: list[Any] = []
    live: list[Any] = []

    async def story(rig: DataRig) -> None:
        rig.cache.add_synthetic(RATIO)
        rig.feed.answers = answered
        rig.bus.subscribe(f"data.{kind}.SYNTH.RATIO", live.append)
        subscribe = rig.engine.subscribe_quote_ticks if kind == "quotes" else rig.engine.subscribe_trade_ticks
        subscribe(RATIO.id)
        known = quotes_of if kind == "quotes" else trades_of
        for tick in sorted((*known(BTC), *known(ETH)), key=lambda tick: tick.ts_event):
            rig.engine.process(tick)
        rig.engine.request(ask(kind=kind, bar_type=None, instrument_id=RATIO.id), answers.append)
        await asyncio.sleep(0.1)

    play(story)
    assert len(live) == 4
    assert list(answers[0].items) == live


def test_it_is_unknown_if_the_past_of_any_component_is() -> None:
    answers: list[Any] = []

    def half(request: DataRequest) -> DataResponse:
        if request.instrument_id == ETH:
            return DataResponse(request_id=request.request_id, error="no answer in time")
        return answered(request)

    async def story(rig: DataRig) -> None:
        rig.cache.add_synthetic(RATIO)
        rig.feed.answers = half
        rig.engine.request(ask(), answers.append)
        await asyncio.sleep(0.1)

    play(story)
    assert [(one.items, one.error) for one in answers] == [
        ((), "quotes of ETHUSDT.SIM (R-1-1): no answer in time"),
    ]


def test_who_asked_is_told_when_the_node_ends_before_the_answers() -> None:
    answers: list[Any] = []

    async def story(rig: DataRig) -> None:
        rig.cache.add_synthetic(RATIO)
        rig.engine.request(ask(), answers.append)

    play(story)
    assert [one.error for one in answers] == ["the data engine stopped"]


def test_what_it_has_not_is_a_mistake_and_nobody_is_asked() -> None:
    foreign = InstrumentId.from_str("X.ELSEWHERE")
    mixed = SyntheticInstrument(
        symbol=Symbol("MIXED"), price_precision=2, components=[BTC, foreign], formula="BTCUSDT.SIM - X.ELSEWHERE"
    )
    external = BarType.from_str("RATIO.SYNTH-1-MINUTE-MID-EXTERNAL")

    async def story(rig: DataRig) -> None:
        with pytest.raises(ConfigError, match="a synthetic instrument that was added has"):
            rig.engine.request(ask(), lambda answer: None)
        rig.cache.add_synthetic(RATIO)
        rig.cache.add_synthetic(mixed)
        for request, reason in (
            (ask(bar_type=external), "INTERNAL bars"),
            (ask(kind="book", bar_type=None, instrument_id=RATIO.id), "has quotes, trades"),
            (ask(kind="quotes", bar_type=None, instrument_id=mixed.id), "no data client for X.ELSEWHERE"),
        ):
            with pytest.raises(ConfigError, match=reason):
                rig.engine.request(request, lambda answer: None, None)
        with pytest.raises(ConfigError, match=r"no data client for BTCUSDT\.SIM, ETHUSDT\.SIM"):
            rig.engine.request(ask(), lambda answer: None, ClientId("NOBODY"))
        assert rig.feed.requests == []

    play(story)
