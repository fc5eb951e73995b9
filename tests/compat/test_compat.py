"""Ecosystem imports resolve to ours while compat is installed, and say plainly what is missing."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from types import ModuleType

import pytest

from nautilus_live import compat
from nautilus_live.conditions import PyCondition
from nautilus_live.errors import ConfigError
from nautilus_live.model.events import OrderFilled


@pytest.fixture
def installed() -> Iterator[None]:
    compat.install()
    yield
    compat.uninstall()


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(
    "path",
    [
        "trading.strategy:Strategy",
        "config:StrategyConfig",
        "config:PositiveInt",
        "config:PositiveFloat",
        "config:NonNegativeFloat",
        "core.correctness:PyCondition",
        "core.data:Data",
        "core.message:Event",
        "common.enums:LogColor",
        "common.component:LogColor",
        "common.events:TimeEvent",
        "indicators:ExponentialMovingAverage",
        "model.currencies:USDT",
        "model.data:BarType",
        "model.data:QuoteTick",
        "model.enums:OrderSide",
        "model.events:OrderFilled",
        "model.identifiers:InstrumentId",
        "model.instruments:Instrument",
        "model.objects:Price",
        "model.orders:MarketOrder",
        "model.orders.list:OrderList",
        "live.node:TradingNode",
        "core.nautilus_pyo3:BookType",
        "core.nautilus_pyo3:BookImbalanceRatio",
        "core.nautilus_pyo3:update_book_with_quote_tick",
        "model.data:MarkPriceUpdate",
        "model.data:FundingRateUpdate",
        "model.data:DataType",
        "model.data:InstrumentStatus",
        "model:BarType",
        "model.enums:book_type_from_str",
        "model.enums:MarketStatusAction",
        "trading:Strategy",
        "common.actor:Actor",
    ],
)
def test_a_name_of_the_ecosystem_is_ours(path: str) -> None:
    module, _, name = path.partition(":")
    theirs = importlib.import_module(f"nautilus_trader.{module}")
    ours = [importlib.import_module(f"nautilus_live.{target}") for target in compat.targets(module)]
    assert any(getattr(theirs, name) is getattr(one, name, None) for one in ours)


@pytest.mark.usefixtures("installed")
def test_packages_can_be_walked_as_usual() -> None:
    import nautilus_trader.model  # type: ignore[import-not-found]  # resolved by compat
    from nautilus_trader.model import identifiers  # type: ignore[import-not-found]  # resolved by compat

    assert nautilus_trader.model.identifiers is identifiers
    assert "InstrumentId" in dir(identifiers)
    assert "nautilus_trader.model.identifiers" in repr(identifiers)


@pytest.mark.usefixtures("installed")
def test_what_is_missing_is_named() -> None:
    with pytest.raises(ImportError, match=r"nautilus_trader\.model\.data\.NoSuchData: nautilus_live has no such name"):
        from nautilus_trader.model.data import NoSuchData  # type: ignore[import-not-found] # noqa: F401  # not ours
    with pytest.raises(ModuleNotFoundError, match=r"nautilus_trader\.no: nautilus_live\.compat has no such"):
        importlib.import_module("nautilus_trader.no.such")


def test_installing_twice_is_installing_once_and_uninstalling_leaves_nothing() -> None:
    finders = list(sys.meta_path)
    compat.install()
    compat.install()
    importlib.import_module("nautilus_trader.model.data")
    assert compat.is_installed()
    compat.uninstall()
    assert not compat.is_installed()
    assert sys.meta_path == finders
    assert [name for name in sys.modules if name.startswith("nautilus_trader")] == []
    compat.uninstall()


def test_it_refuses_beside_the_real_package(monkeypatch: pytest.MonkeyPatch) -> None:
    real = ModuleType("nautilus_trader")
    real.__file__ = "/somewhere/nautilus_trader/__init__.py"
    monkeypatch.setitem(sys.modules, "nautilus_trader", real)
    with pytest.raises(ConfigError, match=r"must not be imported before .* was imported already from /somewhere/"):
        compat.install()
    assert not compat.is_installed()


def test_every_path_of_the_table_leads_to_a_module() -> None:
    targets = dict.fromkeys(target for ours in compat.MODULES.values() for target in ours)
    missing = []
    for target in targets:
        try:
            importlib.import_module(f"nautilus_live.{target}")
        except ModuleNotFoundError:
            missing.append(target)
    assert missing == []


@pytest.mark.parametrize(
    ("check", "arguments", "error", "says"),
    [
        ("is_true", (False, "fast must be less than slow"), ValueError, "fast must be less than slow"),
        ("is_false", (True, "must not"), ValueError, "must not"),
        ("none", (1, "x"), TypeError, "x must be None, was 1"),
        ("not_none", (None, "x"), TypeError, "x must not be None, was None"),
        ("type", (1, str, "x"), TypeError, "x must be of str, was 1"),
        ("type", (1, (str, bytes), "x"), TypeError, "x must be of str or bytes, was 1"),
        ("type_or_none", (1, str, "x"), TypeError, "x must be of str, was 1"),
        ("callable", (1, "x"), TypeError, "x must be callable, was 1"),
        ("callable_or_none", (1, "x"), TypeError, "x must be callable, was 1"),
        ("equal", (1, 2, "a", "b"), ValueError, "a must equal b 2, was 1"),
        ("not_equal", (1, 1, "a", "b"), ValueError, "a must not equal b, was 1"),
        ("list_type", ([1, "2"], int, "x"), TypeError, "x must hold int, was '2'"),
        ("dict_types", ({"a": "b"}, str, int, "x"), TypeError, "x must have values int, was 'b'"),
        ("dict_types", ({1: 1}, str, int, "x"), TypeError, "x must have keys str, was 1"),
        ("is_in", ("a", ["b"], "a", "list"), KeyError, "a must be in list, was 'a'"),
        ("not_in", ("a", ["a"], "a", "list"), KeyError, "a must not be in list, was 'a'"),
        ("empty", ([1], "x"), ValueError, "x must be empty, was"),
        ("not_empty", ([], "x"), ValueError, "x must not be empty, was"),
        ("positive", (0, "x"), ValueError, "x must be positive, was 0"),
        ("positive_int", (-1, "x"), ValueError, "x must be positive, was -1"),
        ("not_negative", (-0.1, "x"), ValueError, "x must not be negative, was -0.1"),
        ("in_range", (11, 0, 10, "x"), ValueError, "x must be from 0 to 10, was 11"),
        ("valid_string", ("  ", "x"), ValueError, "x must be a text that is not blank, was"),
    ],
)
def test_a_condition_that_does_not_hold_says_what_was_wrong(
    check: str, arguments: tuple[object, ...], error: type[Exception], says: str
) -> None:
    with pytest.raises(error) as raised:
        getattr(PyCondition, check)(*arguments)
    assert says in str(raised.value.args[0])
    with pytest.raises(RuntimeError):
        getattr(PyCondition, check)(*arguments, ex_type=RuntimeError)


def test_conditions_that_hold_are_silent() -> None:
    PyCondition.is_true(True, "x")
    PyCondition.type_or_none(None, int, "x")
    PyCondition.callable_or_none(None, "x")
    PyCondition.in_range(10, 0, 10, "x")
    PyCondition.valid_string("a", "x")
    PyCondition.not_empty([1], "x")
    PyCondition.dict_types({"a": 1}, str, int, "x")


@pytest.mark.usefixtures("installed")
def test_all_of_a_module_can_be_imported_without_what_it_imports_itself() -> None:
    namespace: dict[str, object] = {}
    exec("from nautilus_trader.model.identifiers import *\nfrom nautilus_trader.model.enums import *", namespace)
    assert {"InstrumentId", "StrategyId", "OrderSide", "TimeInForce"} <= namespace.keys()
    assert not {"Any", "Enum", "annotations", "Struct"} & namespace.keys()


@pytest.mark.usefixtures("installed")
def test_an_event_of_a_users_own_is_made_as_its_author_says() -> None:
    def begin(self: object, level: int) -> None:
        vars(self)["level"] = level

    event = importlib.import_module("nautilus_trader.core.message").Event
    crossed = type("Crossed", (event,), {"__init__": begin})
    assert crossed(3).level == 3
    assert issubclass(OrderFilled, event)
