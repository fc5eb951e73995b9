"""The package as a user meets it: the ecosystem's paths and names, a text for everything, enumerations that print."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from enum import Enum
from types import ModuleType
from typing import Any

import pytest

from nautilus_live import model
from nautilus_live.model import enums
from nautilus_live.model.enums import NamedEnum, OrderStatus, Provenance

MODULES = [
    importlib.import_module(found.name) for found in pkgutil.walk_packages(model.__path__, f"{model.__name__}.")
]

ECOSYSTEM = {
    "identifiers": """AccountId ClientId ClientOrderId ComponentId ExecAlgorithmId InstrumentId OrderListId PositionId
        StrategyId Symbol TradeId TraderId Venue VenueOrderId""",
    "enums": """AccountType AggressorSide AssetClass BookAction BookType ContingencyType CurrencyType LiquiditySide
        OmsType OrderSide OrderStatus OrderType PositionSide PriceType RecordFlag TimeInForce TradingState
        TrailingOffsetType TriggerType""",
    "objects": "AccountBalance Currency MarginBalance Money Price Quantity",
    "instruments": "CryptoPerpetual CurrencyPair Instrument",
    "data": "BookOrder OrderBookDelta OrderBookDeltas OrderBookDepth10 QuoteTick TradeTick",
    "book": "BookLevel OrderBook",
    "orders": """LimitIfTouchedOrder LimitOrder MarketIfTouchedOrder MarketOrder MarketToLimitOrder Order OrderList
        StopLimitOrder StopMarketOrder TrailingStopLimitOrder TrailingStopMarketOrder""",
    "events": """AccountState OrderAccepted OrderCancelRejected OrderCanceled OrderDenied OrderEmulated OrderEvent
        OrderExpired OrderFilled OrderInitialized OrderModifyRejected OrderPendingCancel OrderPendingUpdate
        OrderRejected OrderReleased OrderSubmitted OrderTriggered OrderUpdated PositionChanged PositionClosed
        PositionEvent PositionOpened""",
    "position": "Position",
}


@pytest.mark.parametrize("name", ECOSYSTEM)
def test_the_ecosystems_paths_and_names_exist(name: str) -> None:
    module = importlib.import_module(f"nautilus_live.model.{name}")

    assert [wanted for wanted in ECOSYSTEM[name].split() if not inspect.isclass(getattr(module, wanted, None))] == []


def public(module: ModuleType) -> Iterator[tuple[str, Any]]:
    """Yield the public classes and functions that a module defines, and the methods and properties of the classes."""
    for name, found in vars(module).items():
        if name.startswith("_") or getattr(found, "__module__", None) != module.__name__:
            continue
        if inspect.isfunction(found):
            yield f"{module.__name__}.{name}", found
        if inspect.isclass(found):
            yield f"{module.__name__}.{name}", found
            for member, value in vars(found).items():
                inner = value.__func__ if isinstance(value, classmethod | staticmethod) else value
                if not member.startswith("_") and (inspect.isfunction(inner) or isinstance(inner, property)):
                    yield f"{module.__name__}.{name}.{member}", inner


def own_text(item: Any) -> str | None:
    """Return the docstring of `item`, without those that a class borrows from its base."""
    text: str | None = vars(item).get("__doc__") if inspect.isclass(item) else item.__doc__
    return text


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__.rpartition(".")[2])
def test_everything_public_says_what_it_is_for(module: ModuleType) -> None:
    found = dict(public(module))

    assert found or hasattr(module, "__path__"), "only a package may do nothing but name what is in it"
    assert (module.__doc__ or "").strip()
    silent = [name for name, item in found.items() if not own_text(item)]
    assert silent == []


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__.rpartition(".")[2])
def test_every_text_is_a_sentence(module: ModuleType) -> None:
    firsts = {name: (inspect.getdoc(item) or "").split("\n\n")[0].rstrip() for name, item in public(module)}

    assert [name for name, first in firsts.items() if not first.endswith((".", ":"))] == []


ENUMS = [kind for _, kind in inspect.getmembers(enums, inspect.isclass) if issubclass(kind, Enum) and len(kind)]


@pytest.mark.parametrize("kind", ENUMS, ids=lambda kind: kind.__name__)
def test_an_enumeration_has_distinct_values_and_prints_its_names(kind: type[Enum]) -> None:
    values = [member.value for member in kind]

    assert len(set(values)) == len(kind.__members__)  # no aliases
    for member in kind:
        assert kind[member.name] is member
        assert kind(member.value) is member
        if isinstance(member, NamedEnum):
            assert str(member) == f"{member}" == member.name


def test_the_numbers_of_statuses_and_provenances_are_part_of_the_stored_format() -> None:
    names = """INITIALIZED DENIED EMULATED RELEASED SUBMITTED ACCEPTED REJECTED CANCELED EXPIRED TRIGGERED
        PENDING_UPDATE PENDING_CANCEL PARTIALLY_FILLED FILLED"""
    assert [status.name for status in OrderStatus] == names.split()
    assert [int(status) for status in OrderStatus] == list(range(1, 15))
    assert {provenance.name: int(provenance) for provenance in Provenance} == {
        "LOCAL": 0,
        "STREAM": 1,
        "RESPONSE": 2,
        "RECONCILIATION": 3,
        "INFERRED": 4,
        "POLICY": 5,
    }
