from __future__ import annotations

import asyncio
import logging
from decimal import Decimal
from typing import Any

import pytest

from nautilus_live.errors import ConfigError
from nautilus_live.model.bars import Bar, BarType
from nautilus_live.model.data import QuoteTick, TradeTick
from nautilus_live.model.enums import AggressorSide
from nautilus_live.model.identifiers import InstrumentId, Symbol, TradeId
from nautilus_live.model.instruments import SyntheticInstrument
from nautilus_live.model.objects import Price, Quantity
from scenarios.world.clock import EPOCH_NS
from tests.engine.data_rig import BTC, SECOND, DataRig, play

ETH = InstrumentId.from_str("ETHUSDT.SIM")
SIZE = Quantity.from_str("1")


def spread(formula: str = "BTCUSDT.SIM - ETHUSDT.SIM") -> SyntheticInstrument:
    return SyntheticInstrument(symbol=Symbol("SPREAD"), price_precision=2, components=[BTC, ETH], formula=formula)


SPREAD = spread().id


def quote(instrument_id: InstrumentId, bid: str, ask: str, ts: int) -> QuoteTick:
    return QuoteTick(instrument_id, Price.from_str(bid), Price.from_str(ask), SIZE, SIZE, ts, ts + 1)


def trade(instrument_id: InstrumentId, price: str, ts: int) -> TradeTick:
    return TradeTick(instrument_id, Price.from_str(price), SIZE, AggressorSide.SELLER, TradeId(f"T-{ts}"), ts, ts)


def heard(rig: DataRig, bar_type: BarType) -> list[str]:
    """Return the list into which bars go, as `SECONDS O/H/L/C xVOLUME`."""
    bars: list[str] = []

    def write(bar: Bar) -> None:
        at = (bar.ts_event - EPOCH_NS) // SECOND
        bars.append(f"{at} {bar.open}/{bar.high}/{bar.low}/{bar.close} x{bar.volume}")

    rig.bus.subscribe(f"data.bars.{bar_type}", write)
    return bars


def test_quotes_are_made_of_the_components_once_all_have_one() -> None:
    heard: list[Any] = []

    async def story(rig: DataRig) -> None:
        rig.cache.add_synthetic(spread())
        rig.bus.subscribe("data.quotes.SYNTH.SPREAD", heard.append)
        rig.engine.subscribe_quote_ticks(SPREAD)
        rig.engine.subscribe_quote_ticks(SPREAD)
        assert rig.feed.asked == [f"+quotes {BTC}", f"+quotes {ETH}"]
        rig.engine.process(quote(BTC, "100.00", "102.00", 5))
        rig.engine.process(quote(ETH, "10.00", "11.00", 7))
        await asyncio.sleep(0.1)
        latest = rig.cache.quote_tick(SPREAD)
        assert heard == [latest]
        assert latest is not None
        assert (str(latest.bid_price), str(latest.ask_price)) == ("90.00", "91.00")
        assert (latest.ts_event, latest.ts_init) == (7, 8)
        rig.cache.add_synthetic(spread("BTCUSDT.SIM + ETHUSDT.SIM"))
        rig.engine.process(quote(ETH, "10.00", "11.00", 9))
        await asyncio.sleep(0.1)
        assert str(heard[-1].bid_price) == "110.00"
        rig.engine.unsubscribe_quote_ticks(SPREAD)
        rig.engine.unsubscribe_quote_ticks(SPREAD)
        rig.engine.unsubscribe_quote_ticks(SPREAD)
        assert rig.feed.asked[2:] == [f"-quotes {BTC}", f"-quotes {ETH}"]
        rig.engine.process(quote(ETH, "10.00", "11.00", 11))
        await asyncio.sleep(0.1)
        assert len(heard) == 2

    play(story)


def test_trades_are_made_too_and_a_formula_without_a_value_makes_none(caplog: pytest.LogCaptureFixture) -> None:
    async def story(rig: DataRig) -> None:
        rig.cache.add_synthetic(spread("BTCUSDT.SIM / (ETHUSDT.SIM - 10)"))
        rig.engine.subscribe_trade_ticks(SPREAD)
        rig.engine.process(trade(BTC, "100", 1))
        rig.engine.process(trade(ETH, "10", 2))
        await asyncio.sleep(0.1)
        assert rig.cache.trade_tick(SPREAD) is None
        rig.engine.process(trade(ETH, "20", 3))
        await asyncio.sleep(0.1)
        made = rig.cache.trade_tick(SPREAD)
        assert made is not None
        assert (made.price.value, made.aggressor_side, made.trade_id) == (
            Decimal(10),
            AggressorSide.SELLER,
            TradeId("T-3"),
        )
        rig.engine.unsubscribe_trade_ticks(SPREAD)
        assert rig.engine.subscribed_trade_ticks() == []

    with caplog.at_level(logging.WARNING):
        play(story)
    assert "SPREAD.SYNTH: makes no price" in caplog.text


def test_bars_are_made_of_its_quotes_and_larger_bars_of_those_and_end_with_their_last_listener() -> None:
    minute, composite = "SPREAD.SYNTH-1-MINUTE-MID-INTERNAL", "SPREAD.SYNTH-2-MINUTE-MID-INTERNAL"

    async def story(rig: DataRig) -> None:
        rig.cache.add_synthetic(spread())
        bars = heard(rig, BarType.from_str(minute))
        larger = heard(rig, BarType.from_str(composite))
        rig.engine.subscribe_bars(BarType.from_str(minute))
        rig.engine.subscribe_bars(BarType.from_str(f"{composite}@1-MINUTE-INTERNAL"))
        assert rig.feed.asked == [f"+quotes {BTC}", f"+quotes {ETH}"]
        assert [str(one) for one in rig.engine.subscribed_bars()] == [minute, composite]
        for bid in ("100.00", "104.00", "98.00", "101.00", "110.00"):
            now = rig.clock.timestamp_ns()
            rig.engine.process(quote(BTC, bid, bid, now))
            rig.engine.process(quote(ETH, "10.00", "10.00", now))
            await asyncio.sleep(20)
        await asyncio.sleep(30)
        # The first quote of all has no second component yet; each later pair makes two quotes of size 1.
        assert bars == [
            "60 90.000/94.000/88.000/88.000 x5.0",
            "120 91.000/100.000/91.000/100.000 x4.0",
        ]
        assert larger == ["120 90.000/100.000/88.000/100.000 x9.0"]
        rig.engine.unsubscribe_bars(BarType.from_str(minute))
        rig.engine.unsubscribe_bars(BarType.from_str(f"{composite}@1-MINUTE-INTERNAL"))
        assert rig.engine.subscribed_bars() == []
        assert rig.feed.asked[2:] == [f"-quotes {BTC}", f"-quotes {ETH}"]

    play(story)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("2-TICK", ["0 90/110/90/110 x2", "0 95/95/90/90 x2"]),
        ("1-VOLUME", ["0 90/90/90/90 x1", "0 110/110/110/110 x1", "0 95/95/95/95 x1", "0 90/90/90/90 x1"]),
        ("200-VALUE", ["0 90/110/90/110 x2"]),
    ],
)
def test_its_trades_make_tick_volume_and_value_bars(kind: str, expected: list[str]) -> None:
    bar_type = BarType.from_str(f"SPREAD.SYNTH-{kind}-LAST-INTERNAL")

    async def story(rig: DataRig) -> None:
        rig.cache.add_synthetic(spread())
        bars = heard(rig, bar_type)
        rig.engine.subscribe_bars(bar_type)
        traded = [(ETH, "10"), (BTC, "100"), (BTC, "120"), (ETH, "25"), (ETH, "30")]
        for number, (instrument_id, price) in enumerate(traded):
            rig.engine.process(trade(instrument_id, price, EPOCH_NS + number))
        await asyncio.sleep(1)
        assert [bar.replace(".00", "") for bar in bars] == expected

    play(story)


def test_bars_of_it_that_nobody_makes_are_a_mistake_and_leave_nothing_behind() -> None:
    async def story(rig: DataRig) -> None:
        for text, reason in (
            ("SPREAD.SYNTH-1-MINUTE-MID-INTERNAL", "must be known before bars are made"),
            ("SPREAD.SYNTH-1-MINUTE-MID-EXTERNAL", "must be made here"),
            ("SPREAD.SYNTH-5-MINUTE-MID-INTERNAL@1-MINUTE-EXTERNAL", "must be made here"),
        ):
            with pytest.raises(ConfigError, match=reason):
                rig.engine.subscribe_bars(BarType.from_str(text))
        assert rig.engine.subscribed_bars() == []
        assert rig.feed.asked == []

    play(story)


def test_a_synthetic_instrument_that_nobody_added_is_a_mistake() -> None:
    async def story(rig: DataRig) -> None:
        with pytest.raises(ConfigError, match="must be added before its quotes"):
            rig.engine.subscribe_quote_ticks(SPREAD)

    play(story)
