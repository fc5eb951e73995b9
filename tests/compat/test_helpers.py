"""What stands behind import paths that lead to functions of their own: times, statistics, sizes, custom data, names."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from types import new_class
from typing import Any

import pytest

from nautilus_live import compat
from nautilus_live.ecosystem import datetimes, statistics
from nautilus_live.ecosystem.clock import TestClock
from nautilus_live.ecosystem.custom_data import customdataclass
from nautilus_live.ecosystem.sizing import FixedRiskSizer, PositionSizer
from nautilus_live.ecosystem.table import AROUND, MODULES, REFUSED, REFUSED_NAMES, is_around
from nautilus_live.errors import ConfigError, ProgrammerError
from nautilus_live.model.data import Data
from nautilus_live.model.enums import OrderSide
from nautilus_live.model.identifiers import InstrumentId, Symbol
from nautilus_live.model.instruments import CurrencyPair
from nautilus_live.model.objects import Currency, Money, Price, Quantity
from nautilus_live.model.timestamps import Timestamp

D = Decimal
NS = 1_700_000_000_123_456_789
MOMENT = datetime(2023, 11, 14, 22, 13, 20, 123_456, tzinfo=UTC)
EXACTLY = Timestamp.of(MOMENT, nanosecond=789)


@pytest.fixture
def installed() -> Iterator[None]:
    compat.install()
    yield
    compat.uninstall()


# -- what is refused ---------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(
    "path", [*(path for path in REFUSED if path not in AROUND), "data.client", "live.retry.RetryManager"]
)
def test_a_path_that_is_not_here_says_why(path: str) -> None:
    with pytest.raises(ModuleNotFoundError, match=r"nautilus_live does not have it: \w+"):
        importlib.import_module(f"nautilus_trader.{path}")


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(
    "name", [*(name for name in REFUSED_NAMES if not is_around("", name)), "transform_to_pyo3", "order_side_from_pyo3"]
)
def test_a_name_that_is_not_here_says_why(name: str) -> None:
    for path in ("config", "model.enums", "trading"):
        module = importlib.import_module(f"nautilus_trader.{path}")
        with pytest.raises(ImportError, match=rf"{name}: nautilus_live does not have it: \w+"):
            getattr(module, name)


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(
    "path",
    [
        *(f"{path}.deeper:Anything" for path in AROUND),
        *(f"config:{name}" for name in REFUSED_NAMES if is_around("", name)),
    ],
)
def test_what_scripts_use_around_a_strategy_can_be_imported_and_says_why_when_it_is_used(path: str) -> None:
    module, _, name = path.partition(":")
    absent = getattr(importlib.import_module(f"nautilus_trader.{module}"), name)
    assert f"nautilus_trader.{module}.{name}: nautilus_live does not have it: " in repr(absent)
    assert (absent | None) is (None | absent) is absent  # in annotations
    uses: list[Callable[[], object]] = [
        lambda: absent(trader_id="T-1"),
        lambda: absent.instance,
        lambda: absent == "BINANCE",
        lambda: bool(absent),
        lambda: f"{absent}",
        lambda: isinstance(1, absent),
        lambda: new_class("Sub", (absent,), {"frozen": True})(1),  # a file may define its own, and not make one
        lambda: absent["x"],
        lambda: list(absent),
    ]
    for use in uses:
        with pytest.raises(ImportError, match=rf"{name}: nautilus_live does not have it: \w+"):
            use()


def test_nothing_is_refused_and_there() -> None:
    assert [path for path in MODULES if path in REFUSED] == []
    assert all(reason and not reason.endswith(".") for reason in (*REFUSED.values(), *REFUSED_NAMES.values()))


@pytest.mark.usefixtures("installed")
def test_names_that_are_called_otherwise_here_are_the_same_things() -> None:
    names: Any = {
        path: importlib.import_module(f"nautilus_trader.{path}")
        for path in ("common.component", "common.enums", "core.correctness", "config", "cache.base", "model.currencies")
    }
    component, enums = names["common.component"], names["common.enums"]

    assert component.Logger(name="own").name == "own"
    assert names["core.correctness"].Condition is names["core.correctness"].PyCondition
    assert names["config"].InvalidConfiguration is ConfigError
    assert names["cache.base"].CacheFacade is importlib.import_module("nautilus_live.engine.cache").Cache
    assert (names["model.currencies"].USDC_POS.code, names["model.currencies"].ONEINCH.code) == ("USDC.e", "1INCH")
    for kind in ("log_level", "log_color", "component_state"):
        name = {"log_level": "WARNING", "log_color": "GREEN", "component_state": "RUNNING"}[kind]
        member = getattr(enums, f"{kind}_from_str")(name)
        assert (member.name, getattr(enums, f"{kind}_to_str")(member)) == (name, name)
        with pytest.raises(KeyError):
            getattr(enums, f"{kind}_from_str")("LOUD")
    assert component.is_matching_py("data.quotes.SIM", "data.*.SIM")
    assert not component.is_matching_py("data.quotes.SIM", "data.*.XNAS")
    model: Any = importlib.import_module("nautilus_trader.model")
    assert model.convert_to_raw_int("1.255", 2) == 126 * 10**14
    names["model.currencies"].register_currency(Currency("USDT", 3))
    assert Currency.from_str("USDT").precision == 8  # an existing one stays


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(
    "path",
    [
        "indicators.atr:AverageTrueRange",
        "indicators.average.sma:SimpleMovingAverage",
        "indicators.average.ma_factory:MovingAverageFactory",
        "common.logging:LoggerAdapter",
        "common.timer:TimeEvent",
        "common.clock:LiveClock",
        "model.c_enums.order_side:OrderSide",
        "model.data.bar:BarType",
        "model.data.base:GenericData",
        "model.orderbook.book:OrderBook",
        "model.orders.base:Order",
        "model.events.order:OrderFilled",
        "msgbus.bus:MessageBus",
    ],
)
def test_paths_of_earlier_releases_lead_to_the_same_things(path: str) -> None:
    module, _, name = path.partition(":")
    found = getattr(importlib.import_module(f"nautilus_trader.{module}"), name)

    assert found.__module__.startswith("nautilus_live.")


# -- times -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "given", "made"),
    [
        ("secs_to_nanos", 1.5, 1_500_000_000),
        ("secs_to_millis", 1.5, 1_500),
        ("millis_to_nanos", 1.5, 1_500_000),
        ("micros_to_nanos", 1.5, 1_500),
        ("nanos_to_secs", 1_500_000_000, 1.5),
        ("nanos_to_millis", 1_999_999, 1),
        ("nanos_to_micros", 1_999, 1),
        ("unix_nanos_to_dt", NS, EXACTLY),
        ("maybe_unix_nanos_to_dt", NS, EXACTLY),
        ("maybe_unix_nanos_to_dt", None, None),
        ("dt_to_unix_nanos", MOMENT, NS - 789),
        ("dt_to_unix_nanos", MOMENT.replace(tzinfo=None), NS - 789),
        ("dt_to_unix_nanos", "2023-11-14T22:13:20.123456+00:00", NS - 789),
        ("dt_to_unix_nanos", MOMENT.astimezone(timezone(timedelta(hours=9))), NS - 789),
        ("maybe_dt_to_unix_nanos", MOMENT, NS - 789),
        ("maybe_dt_to_unix_nanos", None, None),
        ("time_object_to_dt", NS, EXACTLY),
        ("time_object_to_dt", "2023-11-14", datetime(2023, 11, 14, tzinfo=UTC)),
        ("ensure_pydatetime_utc", MOMENT, MOMENT),
        ("ensure_pydatetime_utc", None, None),
        ("is_datetime_utc", MOMENT, True),
        ("is_datetime_utc", MOMENT.replace(tzinfo=None), False),
        ("is_tz_aware", MOMENT, True),
        ("is_tz_naive", MOMENT, False),
        ("unix_nanos_to_iso8601", NS, "2023-11-14T22:13:20.123456789Z"),
        ("format_iso8601", MOMENT, "2023-11-14T22:13:20.123456000Z"),
        ("format_optional_iso8601", None, "None"),
        ("format_optional_iso8601", MOMENT, "2023-11-14T22:13:20.123456000Z"),
    ],
)
def test_times_are_converted(name: str, given: Any, made: Any) -> None:
    assert getattr(datetimes, name)(given) == made


def test_times_are_compared_whatever_their_form() -> None:
    later = MOMENT + timedelta(days=1)

    assert datetimes.max_date(NS, later) == datetimes.max_date(None, later) == later
    assert datetimes.min_date(NS, later) == EXACTLY
    assert datetimes.max_date() is datetimes.min_date() is None
    assert datetimes.unix_nanos_to_iso8601(NS, nanos_precision=False) == "2023-11-14T22:13:20.123Z"


def test_a_timestamp_that_counts_nanoseconds_keeps_them() -> None:
    class Stamp(datetime):
        value = NS

        def to_pydatetime(self) -> datetime:
            return MOMENT

    stamp = Stamp(2023, 11, 14)
    assert datetimes.dt_to_unix_nanos(stamp) == NS
    assert datetimes.ensure_pydatetime_utc(stamp) == MOMENT


def test_a_clock_moved_by_hand_tells_what_its_timers_would_have_done() -> None:
    second, seen = 1_000_000_000, list[Any]()
    clock = TestClock()
    assert (clock.timestamp_ns(), clock.utc_now(), clock.timer_names) == (0, datetime(1970, 1, 1, tzinfo=UTC), [])
    clock.set_timer("a", timedelta(seconds=1), callback=seen.append)
    clock.set_timer_ns("b", 2 * second, 3 * second, 7 * second, seen.append)
    clock.set_time_alert("x", datetime(1970, 1, 1, 0, 0, 2, tzinfo=UTC), seen.append)
    assert (clock.next_time_ns("a"), clock.next_time_ns("b"), clock.timer_count) == (second, 5 * second, 3)

    events = clock.advance_time(8 * second)
    told = [(one.event.name, one.event.ts_event // second) for one in events]
    assert told[:4] == [("a", 1), ("a", 2), ("x", 2), ("a", 3)]
    assert told[4:] == [("a", 4), ("a", 5), ("b", 5), ("a", 6), ("a", 7), ("b", 7), ("a", 8)]
    assert (seen, clock.timer_names, clock.timestamp()) == ([], ["a"], 8.0)
    for one in events:
        one.handle()
    assert seen == [one.event for one in events]

    assert [one.event.ts_event for one in clock.advance_time(10 * second, set_time=False)] == [9 * second, 10 * second]
    assert clock.timestamp_ns() == 8 * second
    clock.set_time(20 * second)
    clock.cancel_timers()
    clock.set_time_alert_ns("late", 5 * second, seen.append)
    assert [one.event.ts_event for one in clock.advance_time(20 * second)] == [20 * second]
    with pytest.raises(ProgrammerError, match="time must not go back, was 20000000000 and was to be 1"):
        clock.advance_time(1)


# -- statistics --------------------------------------------------------------------------------------------------------


def test_statistics_are_those_of_the_textbook() -> None:
    of, values = statistics, [1.0, 2.0, 3.0, 7.0]

    assert (of.fast_mean(values), of.fast_mad(values), of.basis_points_as_percentage(5)) == (3.25, 1.875, 0.0005)
    assert of.fast_std(values) == of.fast_std_with_mean(values, 3.25) == pytest.approx(2.277608394786075)
    assert (of.fast_mean([]), of.fast_std([]), of.fast_mad([])) == (0, 0, 0)
    moved = [of.fast_mean_iterated(values, 9.0, 3.25, 4), of.fast_mean_iterated(values, 9.0, 3.25, 4, drop_left=False)]
    assert [*moved, of.fast_mean_iterated(values, 9.0, 0.0, 6)] == [5.25, 3.75, 3.25]


# -- sizes -------------------------------------------------------------------------------------------------------------

USD = Currency.from_str("USD")
PAIR = CurrencyPair(
    id=InstrumentId.from_str("AUD/USD.SIM"),
    raw_symbol=Symbol("AUD/USD"),
    base_currency=Currency.from_str("AUD"),
    quote_currency=USD,
    price_precision=5,
    size_precision=0,
    price_increment=Price.from_str("0.00001"),
    size_increment=Quantity.from_int(1),
    max_quantity=Quantity.from_int(10_000_000),
)
MILLION = Money(D(1_000_000), USD)


@pytest.mark.parametrize(
    ("entry", "stop", "options", "size"),
    [
        (1.0, 0.5, {"risk": D("0.1"), "commission_rate": D("0.01")}, 196_000),
        (1.0, 0.5, {"risk": D("0.1"), "units": 3}, 66_666),
        (1.0, 0.5, {"risk": D("0.1"), "unit_batch_size": D(1_000), "units": 3}, 66_000),
        (1.0, 0.5, {"risk": D("0.1"), "hard_limit": D(1_234)}, 1_234),
        (1.0, 0.5, {"risk": D("0.1"), "exchange_rate": D("0.0099")}, 10_000_000),
        (1.0, 1.0, {"risk": D("0.1")}, 0),
        (1.0, 0.5, {"risk": D("0.1"), "exchange_rate": D(0)}, 0),
        (1.0, 0.5, {"risk": D("0.1"), "equity": Money(D(-1), USD)}, 0),
        (1.0, 0.5, {"risk": D("0.0000001")}, 0),
        (0.5, 1.0, {"risk": D("0.1")}, 200_000),
    ],
)
def test_a_stop_loses_the_part_of_the_equity_that_is_risked(
    entry: float, stop: float, options: dict[str, Any], size: int
) -> None:
    prices: Any = {"entry": Price(D(str(entry)), 5), "stop_loss": Price(D(str(stop)), 5)}
    assert FixedRiskSizer(PAIR).calculate(**{"equity": MILLION, **prices, **options}) == size


def test_a_sizer_refuses_what_makes_no_sense() -> None:
    sizer = FixedRiskSizer(PAIR)
    given: Any = {"entry": Price.from_str("1"), "stop_loss": Price.from_str("2"), "equity": MILLION}
    for name, number in (("risk", 0), ("units", 0), ("unit_batch_size", 0)):
        with pytest.raises(ValueError, match=f"{name} must be positive, was 0"):
            sizer.calculate(**{**given, "risk": D(1), name: number})
    for name in ("commission_rate", "exchange_rate"):
        with pytest.raises(ValueError, match=f"{name} must not be negative, was -1"):
            sizer.calculate(**{**given, "risk": D(1), name: D(-1)})
    with pytest.raises(NotImplementedError, match="PositionSizer must say how it sizes a position"):
        PositionSizer(PAIR).calculate(**given, risk=D(1))
    sizer.update_instrument(PAIR)
    other: Any = CurrencyPair
    with pytest.raises(ValueError, match=r"AUD/USD\.SIM: a sizer is of one instrument, was EUR/USD\.SIM"):
        sizer.update_instrument(other.from_dict({**PAIR.to_dict(), "id": "EUR/USD.SIM"}))


# -- data of a user's own ----------------------------------------------------------------------------------------------


@customdataclass
class Mood(Data):
    instrument_id: InstrumentId = InstrumentId.from_str("BTCUSDT.SIM")
    side: OrderSide = OrderSide.BUY
    strength: float = 0.0


@customdataclass(order=True)
class Note(Data):
    text: str = ""

    def to_dict(self) -> dict[str, Any]:
        return {"said": self.text}


@pytest.mark.parametrize(
    "make",
    [
        lambda: Mood(1, 2, InstrumentId.from_str("ETHUSDT.SIM"), OrderSide.SELL, 0.5),  # type: ignore[call-arg]  # times first
        lambda: Mood(
            ts_event=1,  # type: ignore[call-arg]  # given by the decorator
            ts_init=2,
            instrument_id=InstrumentId.from_str("ETHUSDT.SIM"),
            side=OrderSide.SELL,
            strength=0.5,
        ),
    ],
)
def test_annotated_fields_are_data_with_times(make: Callable[[], Any]) -> None:
    mood = make()

    assert (mood.ts_event, mood.ts_init, mood.strength) == (1, 2, 0.5)
    assert repr(mood) == (
        "Mood(instrument_id=InstrumentId('ETHUSDT.SIM'), side=<OrderSide.SELL: 2>, strength=0.5,"
        " ts_event=1970-01-01T00:00:00.000000001Z, ts_init=1970-01-01T00:00:00.000000002Z)"
    )
    table = mood.to_dict()
    assert table == {
        "instrument_id": "ETHUSDT.SIM",
        "side": "SELL",
        "strength": 0.5,
        "type": "Mood",
        "ts_event": 1,
        "ts_init": 2,
    }
    kind: Any = Mood
    for read in (kind.from_dict(table), kind.from_bytes(mood.to_bytes())):
        assert (read, read.ts_event, read.side is OrderSide.SELL) == (mood, 1, True)
    assert isinstance(mood, Data)


def test_what_an_author_wrote_stays() -> None:
    note: Any = Note
    assert note(text="a").to_dict() == {"said": "a"}
    assert note(text="a") < note(text="b")


# -- what is called when a file is imported ----------------------------------------------------------------------------


@pytest.mark.usefixtures("installed")
def test_a_file_that_registers_its_classes_can_be_imported() -> None:
    text = """
from nautilus_trader.core.data import Data
from nautilus_trader.serialization.arrow.serializer import ArrowSerializer, register_arrow
from nautilus_trader.serialization.base import register_serializable_type


class Sentiment(Data):
    def to_dict(self):
        return {}

    @classmethod
    def from_dict(cls, values):
        return cls()


register_serializable_type(Sentiment, Sentiment.to_dict, Sentiment.from_dict)
register_arrow(Sentiment, None, encoder=Sentiment.to_dict)
"""
    names: dict[str, Any] = {}
    exec(text, names)
    assert "serialized" in repr(names["ArrowSerializer"])  # that one is still not here
    with pytest.raises(TypeError, match="to_dict must be callable, was None"):
        names["register_serializable_type"](names["Sentiment"], None, None)
    with pytest.raises(TypeError, match="decoder must be callable, was 'x'"):
        names["register_arrow"](names["Sentiment"], decoder="x")
