"""Options on a whole node and a sandbox venue: greeks and chains arrive, and an actor's calculator has its node's."""

from __future__ import annotations

from typing import Any

import pytest

from nautilus_live.config import StrategyConfig
from nautilus_live.errors import ProgrammerError
from nautilus_live.model.custom_data import DataType
from nautilus_live.model.greeks_data import GreeksData
from nautilus_live.model.identifiers import InstrumentId
from nautilus_live.model.objects import Price
from nautilus_live.model.option_chain import OptionChainSlice, OptionGreeks, OptionSeriesId, StrikeRange
from nautilus_live.trading.strategy import Strategy
from scenarios.testing import TradingWorld

CALL, PUT, FUTURE = (InstrumentId.from_str(f"{name}.SIM") for name in ("ES-C6000", "ES-P6000", "ES-FUTURE"))
SERIES = OptionSeriesId.from_str("SIM:ES-FUTURE:USD:2026-01-30T16:00:00Z")
INSTRUMENTS = ["ES-FUTURE", "ES-C5900", "ES-P5900", "ES-C6000", "ES-P6000", "ES-C6100", "ES-P6100"]


class WatcherConfig(StrategyConfig, frozen=True):
    interval_ms: int | None = 1_000


class Watcher(Strategy):
    """Hears of everything about options, and calculates greeks of its own."""

    def __init__(self, config: WatcherConfig | None = None) -> None:
        super().__init__(config or WatcherConfig())
        self.told: list[OptionGreeks] = []
        self.chains: list[OptionChainSlice] = []
        self.published: list[Any] = []

    def on_start(self) -> None:
        self.subscribe_option_greeks(CALL)
        self.subscribe_option_chain(SERIES, StrikeRange.atm_relative(9, 9), 60_000)
        self.subscribe_option_chain(SERIES, StrikeRange.atm_relative(1, 0), self.config.interval_ms)
        self.subscribe_data(DataType(GreeksData))
        self.greeks.subscribe_greeks()

    def on_option_greeks(self, option_greeks: OptionGreeks) -> None:
        self.told.append(option_greeks)

    def on_option_chain(self, option_chain_slice: OptionChainSlice) -> None:
        self.chains.append(option_chain_slice)
        self.greeks.instrument_greeks(CALL, publish_greeks=True, flat_interest_rate=0.0)

    def on_data(self, data: Any) -> None:
        self.published.append(data)

    def on_stop(self) -> None:
        self.unsubscribe_option_greeks(CALL)
        self.unsubscribe_option_chain(SERIES)
        self.unsubscribe_option_chain(SERIES)


@pytest.mark.parametrize("interval_ms", [1_000, None])
def test_greeks_and_chains_arrive_and_survive_a_lost_stream(world: TradingWorld, interval_ms: int | None) -> None:
    async def story() -> None:
        venue = world.venue(instruments=INSTRUMENTS)
        venue.options(instrument="ES-FUTURE", volatility="0.15")
        node = await world.start_node(strategies=[Watcher(WatcherConfig(interval_ms=interval_ms))])
        venue.walk(instrument="ES-FUTURE", start="6000.00", ticks=2)
        await world.sleep("10s")
        (watcher,) = node.strategies
        assert isinstance(watcher, Watcher)
        heard = len(watcher.told)
        venue.disconnect("3s")
        await world.sleep("20s")

        assert len(watcher.told) > heard > 0
        latest = watcher.chains[-1]
        assert [str(strike) for strike in latest.strikes()] == ["6000.00", "6100.00"]
        assert str(latest.atm_strike) == "6000.00"
        call = latest.get_call(Price.from_str("6000"))
        assert call is not None
        assert call.greeks is not None
        own = node.node.cache.greeks(CALL)
        assert own is not None
        assert own == watcher.published[-1]
        assert own.delta == pytest.approx(call.greeks.delta, abs=0.02)  # days are whole ones here
        assert own.vol == pytest.approx(0.15, abs=0.01)
        node.call(watcher.unsubscribe_option_chain, SERIES)
        count = len(watcher.chains)
        await world.sleep("5s")
        assert len(watcher.chains) == count

    world.run(story())


def test_a_strategy_has_one_calculator_once_it_is_part_of_a_node(world: TradingWorld) -> None:
    with pytest.raises(ProgrammerError, match="must be added to a trader before greeks is used, was not"):
        _ = Watcher().greeks

    async def story() -> None:
        world.venue(instruments=INSTRUMENTS)
        node = await world.start_node(strategies=[Watcher()])
        (watcher,) = node.strategies
        assert isinstance(watcher, Watcher)
        assert watcher.greeks is watcher.greeks
        assert watcher.greeks.instrument_greeks(FUTURE) is None  # it has no price

    world.run(story())
