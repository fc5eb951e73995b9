from __future__ import annotations

import asyncio
import logging
from decimal import Decimal
from typing import Any

import pytest

from nautilus_live.errors import ConfigError
from nautilus_live.model.data import QuoteTick, TradeTick
from nautilus_live.model.enums import AggressorSide
from nautilus_live.model.identifiers import InstrumentId, Symbol, TradeId
from nautilus_live.model.instruments import SyntheticInstrument
from nautilus_live.model.objects import Price, Quantity
from tests.engine.data_rig import BTC, DataRig, play

ETH = InstrumentId.from_str("ETHUSDT.SIM")
SIZE = Quantity.from_str("1")


def spread(formula: str = "BTCUSDT.SIM - ETHUSDT.SIM") -> SyntheticInstrument:
    return SyntheticInstrument(symbol=Symbol("SPREAD"), price_precision=2, components=[BTC, ETH], formula=formula)


SPREAD = spread().id


def quote(instrument_id: InstrumentId, bid: str, ask: str, ts: int) -> QuoteTick:
    return QuoteTick(instrument_id, Price.from_str(bid), Price.from_str(ask), SIZE, SIZE, ts, ts + 1)


def trade(instrument_id: InstrumentId, price: str, ts: int) -> TradeTick:
    return TradeTick(instrument_id, Price.from_str(price), SIZE, AggressorSide.SELLER, TradeId(f"T-{ts}"), ts, ts)


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


def test_a_synthetic_instrument_that_nobody_added_is_a_mistake() -> None:
    async def story(rig: DataRig) -> None:
        with pytest.raises(ConfigError, match="must be added before its quotes"):
            rig.engine.subscribe_quote_ticks(SPREAD)

    play(story)
