"""Names that releases after 1.221.0 brought, and strategies published since use."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from nautilus_live import compat
from nautilus_live.config import StrategyConfig
from nautilus_live.engine.ids import EventIds
from nautilus_live.errors import ConfigError
from nautilus_live.model.data import Data
from nautilus_live.model.enums import OrderSide
from nautilus_live.model.identifiers import InstrumentId, StrategyId, TraderId
from nautilus_live.model.instruments import Instrument
from nautilus_live.model.objects import Currency, Money, Price, Quantity
from nautilus_live.trading.order_factory import OrderFactory
from sandbox_venues.instruments import instrument
from scenarios.world.clock import VirtualClock
from scenarios.world.loop import SimulatedLoop

D = Decimal


@pytest.fixture(autouse=True)
def installed() -> Iterator[None]:
    compat.install()
    yield
    compat.uninstall()


@pytest.mark.parametrize(
    ("value", "base", "down", "up"),
    [
        (1.2345, 0.01, 1.23, 1.24),
        (49949.98, 0.01, 49949.98, 49949.98),  # on a tick, though not as binary fractions
        (0.29, 0.01, 0.29, 0.29),
        (-1.234, 0.01, -1.24, -1.23),
        (123.456, 0.5, 123.0, 123.5),
        (49949.995, 0.01, 49949.99, 49950.0),
    ],
)
def test_floats_are_rounded_to_a_base(value: float, base: float, down: float, up: float) -> None:
    schemes = importlib.import_module("nautilus_trader.model.tick_scheme.base")
    assert (schemes.round_down(value, base), schemes.round_up(value, base)) == (down, up)
    with pytest.raises(ValueError, match="must be positive, was 0"):
        schemes.round_down(value, 0)


@pytest.mark.parametrize(("text", "shown"), [("1.50", "1.50"), ("1E+3", "1000"), ("0.000", "0.000")])
def test_numbers_are_made_of_decimals_as_they_are_written(text: str, shown: str) -> None:
    assert (str(Price.from_decimal(D(text))), str(Quantity.from_decimal(D(text)))) == (shown, shown)


def test_what_decimals_do_not_make() -> None:
    with pytest.raises(ValueError, match="Quantity must be a number >= 0"):
        Quantity.from_decimal(D("-1.5"))
    assert str(Money.from_decimal(D("1.005"), Currency.from_str("USD"))) == "1.00 USD"


@pytest.mark.parametrize(("first", "other", "left"), [("1.0", "2.000", "0.000"), ("5.0", "2.000", "3.000")])
def test_a_quantity_falls_no_further_than_to_zero(first: str, other: str, left: str) -> None:
    assert str(Quantity.from_str(first).saturating_sub(Quantity.from_str(other))) == left


def test_a_list_says_whether_it_is_a_bracket() -> None:
    def price(text: str) -> Price:
        return Price.from_str(text)

    factory = OrderFactory(TraderId("T-1"), StrategyId("S-1"), VirtualClock(SimulatedLoop(0)), EventIds("E"))
    about: dict[str, Any] = {
        "instrument_id": InstrumentId.from_str("BTCUSDT.SIM"),
        "order_side": OrderSide.BUY,
        "quantity": Quantity.from_str("1"),
    }
    bracket = factory.bracket(**about, tp_price=price("110"), sl_trigger_price=price("90"))
    pair = factory.create_list([factory.market(**about), factory.market(**about)])
    assert (bracket.is_bracket(), pair.is_bracket()) == (True, False)
    assert (pair.is_uniform_instrument(), pair.instrument_ids()) == (True, {about["instrument_id"]})


class Spread(Data):
    """As published strategies write it: fields, no constructor."""

    instrument_id: InstrumentId
    bps: float = 0.0


class Wide(Spread):
    """One more field."""

    bars: int = 0


@dataclass
class Made(Data):
    """With the constructor that a dataclass has."""

    bps: float
    ts_event: int = 0
    ts_init: int = 0


class Own(Data):
    """With its own."""

    def __init__(self, bps: float) -> None:
        self.bps = bps


def test_data_without_a_constructor_are_made_of_their_fields() -> None:
    spread = Wide(instrument_id=InstrumentId.from_str("A.B"), bps=1.5, bars=2, ts_event=3, ts_init=4)
    assert (spread.bps, spread.bars, spread.ts_event, spread.ts_init) == (1.5, 2, 3, 4)
    assert (Spread().bps, Made(2.5).bps, Own(3.5).bps) == (0.0, 2.5, 3.5)
    with pytest.raises(TypeError, match="Wide must be made of its fields by their names, was given 5, 'width'"):
        Wide(5, width=1)


def test_an_instrument_is_a_setting_and_survives_being_written() -> None:
    class WithInstrument(StrategyConfig, frozen=True):
        instrument: Instrument

    perpetual = instrument("BTCUSDT", "SIM")
    config = WithInstrument(instrument=perpetual)
    assert config.instrument is perpetual
    assert WithInstrument.parse(config.json()) == config
    for wrong in ({"type": "Nothing"}, {}, "BTCUSDT.SIM", 5):
        with pytest.raises(ConfigError, match="instrument: must be a Instrument"):
            WithInstrument(instrument=wrong)  # type: ignore[arg-type]  # on purpose
