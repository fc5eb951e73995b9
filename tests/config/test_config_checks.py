"""Every annotation that a user may write for a setting, what it accepts and what it refuses."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal, NewType

import pytest
from msgspec import Meta, Struct

from nautilus_live.config import CacheConfig, DatabaseConfig, RoutingConfig
from nautilus_live.config.checks import check_for
from nautilus_live.config.values import Problems
from nautilus_live.model.enums import OrderSide
from nautilus_live.model.identifiers import ClientId, InstrumentId, TraderId
from nautilus_live.model.objects import Price, Quantity


class Colour(Enum):
    RED = "r"
    GREEN = "g"


class Point(Struct):
    x: int
    y: int = 0


@dataclass
class Pair:
    left: int
    right: int


class Foreign:
    """A class that nothing knows how to read."""


FOREIGN = Foreign()
Metres = NewType("Metres", float)

ACCEPTED: list[tuple[Any, Any, Any]] = [
    (Any, FOREIGN, FOREIGN),
    (None, None, None),
    (bool, True, True),
    (int, 5, 5),
    (float, 5, 5.0),
    (float, 5.5, 5.5),
    (str, "a", "a"),
    (bytes, b"a", b"a"),
    (Decimal, 1, Decimal(1)),
    (Decimal, 0.1, Decimal("0.1")),
    (Decimal, "1e-8", Decimal("0.00000001")),
    (Metres, 1, 1.0),
    (Metres, Decimal("1.5"), 1.5),
    (int, 5.0, 5),
    (int, Decimal(5), 5),
    (Colour, "green", Colour.GREEN),
    (Colour, Colour.RED, Colour.RED),
    (OrderSide, "BUY", OrderSide.BUY),
    (ClientId, "B", ClientId("B")),
    (InstrumentId, "A.B", InstrumentId.from_str("A.B")),
    (Price, "1.50", Price.from_str("1.50")),
    (Quantity, Quantity.from_str("3"), Quantity.from_str("3")),
    (Foreign, FOREIGN, FOREIGN),
    (Point, {"x": 1}, Point(1)),
    (Pair, {"left": 1, "right": 2}, Pair(1, 2)),
    (dt.datetime, "2026-01-02T03:04:05Z", dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC)),
    (dt.timedelta, "PT5S", dt.timedelta(seconds=5)),
    (dt.time, "09:30:00", dt.time(9, 30)),
    (list, (1, "a"), [1, "a"]),
    (list[int], (1, 2), [1, 2]),
    (Sequence[int], [1], [1]),
    (Iterable[int], {1}, [1]),
    (tuple[int, ...], [1, 2], (1, 2)),
    (tuple[int, str], [1, "a"], (1, "a")),
    (set[int], [1, 1], {1}),
    (frozenset[ClientId], ["A"], frozenset({ClientId("A")})),
    (dict, {"a": 1}, {"a": 1}),
    (dict[InstrumentId, Decimal], {"A.B": "1"}, {InstrumentId.from_str("A.B"): Decimal(1)}),
    (Mapping[str, int], {"a": 1}, {"a": 1}),
    (int | None, None, None),
    (int | str, "a", "a"),
    (TraderId | str, "plain", "plain"),
    (TraderId | str, "A-1", TraderId("A-1")),
    (CacheConfig | RoutingConfig, {"venues": ["X"]}, RoutingConfig(venues=frozenset({"X"}))),
    (CacheConfig | RoutingConfig, {}, CacheConfig()),
    (CacheConfig, {"class": "nautilus_live.config:CacheConfig", "tick_capacity": 1}, CacheConfig(tick_capacity=1)),
    (Literal["a", 1], 1, 1),
    (type, Foreign, Foreign),
    (type[Foreign], "Foreign", "Foreign"),
    (Annotated[int, Meta(ge=1, lt=3)], 2, 2),
    (Annotated[int, Meta(multiple_of=5)], 10, 10),
    (Annotated[str, Meta(pattern="^[a-z]+$")], "abc", "abc"),
    (Annotated[list[int], Meta(max_length=2)], [1, 2], [1, 2]),
    (Annotated[int, "a remark"], 1, 1),
]

NESTED_NOUN = "a DatabaseConfig or a table of its settings"

REFUSED: list[tuple[Any, Any, str]] = [
    (None, 1, "must be nothing, was 1"),
    (bool, 1, "must be true or false, was 1"),
    (int, True, "must be an integer, was True"),
    (int, 5.5, "must be an integer, was 5.5"),
    (int, float("inf"), "must be an integer, was inf"),
    (int, OrderSide.BUY, "must be an integer, was <OrderSide.BUY: 1>"),
    (float, "5", "must be a number, was '5'"),
    (float, float("nan"), "must be a number, was nan"),
    (float, float("-inf"), "must be a number, was -inf"),
    (str, 5, "must be a text, was 5"),
    (bytes, "a", "must be a bytes, was 'a'"),
    (Decimal, True, "must be a decimal number, was True"),
    (Decimal, "x", "must be a decimal number, was 'x'"),
    (Decimal, float("inf"), "must be a decimal number, was inf"),
    (Metres, "1", "must be a number, was '1'"),
    (Colour, "gren", "must be one of RED, GREEN, was 'gren'; did you mean 'GREEN'?"),
    (Colour, 1, "must be one of RED, GREEN, was 1"),
    (OrderSide, 1, "must be one of NO_ORDER_SIDE, BUY, SELL, was 1"),
    (ClientId, 5, "must be a ClientId, was 5"),
    (InstrumentId, "AB", "InstrumentId must be SYMBOL.VENUE, was 'AB'"),
    (Foreign, "x", "must be a Foreign, was 'x'"),
    (Point, {"x": "1"}, "must be a Point, was of type dict"),
    (dt.timedelta, "soon", "must be a duration such as 'P1D', was 'soon'"),
    (list[int], 5, "must be a list, each item an integer, was 5"),
    (list[int], "12", "must be a list, each item an integer, was '12'"),
    (list[int], {"a": 1}, "must be a list, each item an integer, was of type dict"),
    (list[list[int]], [[1], [2, "x"]], "[1][1]: must be an integer, was 'x'"),
    (tuple[int, str], [1], "must be a tuple, was of type list"),
    (dict[str, int], [1], "must be a table, each value an integer, was of type list"),
    (dict[str, int], {"a": "x"}, "a: must be an integer, was 'x'"),
    (dict[str, int], {1: 1}, "1: must be a text, was 1"),
    (int | str, 1.5, "must be an integer or a text, was 1.5"),
    (int | str, None, "must be an integer or a text, was None"),
    (Annotated[int, Meta(gt=0)] | Literal["off"], None, "must be an integer > 0 or one of 'off', was None"),
    (int | None, "x", "must be an integer, was 'x'"),
    (DatabaseConfig, 5, f"must be {NESTED_NOUN}, was of type int"),
    (DatabaseConfig | None, {"port": 0}, "port: must be an integer >= 1 and <= 65535, was 0"),
    (CacheConfig | RoutingConfig, {"zzz": 1}, "zzz: CacheConfig has no setting 'zzz'"),
    (Literal["alpha", 1], "alpa", "must be one of 'alpha', 1, was 'alpa'; did you mean 'alpha'?"),
    (Literal[1], True, "must be one of 1, was True"),
    (type, 5, "must be a type or the name of one, was 5"),
    (type, "os:getcwd", "must name a type, was 'os:getcwd'"),
    (Annotated[int, Meta(ge=1, lt=3)], 3, "must be an integer >= 1 and < 3, was 3"),
    (Annotated[int, Meta(ge=1, lt=3)], "1", "must be an integer >= 1 and < 3, was '1'"),
    (Annotated[int, Meta(multiple_of=5)], 11, "must be an integer that 5 divides, was 11"),
    (Annotated[str, Meta(pattern="^[a-z]+$")], "A", "must be a text matching '^[a-z]+$', was 'A'"),
    (
        Annotated[list[int], Meta(max_length=1)],
        [1, 2],
        "must be a list, each item an integer of length <= 1, was of type list",
    ),
]


@pytest.mark.parametrize(("annotation", "given", "expected"), ACCEPTED)
def test_accepted(annotation: Any, given: object, expected: object) -> None:
    """The value comes out as the annotation means it, without a problem."""
    problems: Problems = []

    result = check_for(annotation).run(given, problems)

    assert problems == []
    assert result == expected
    assert type(result) is type(expected)


@pytest.mark.parametrize(("annotation", "given", "expected"), ACCEPTED)
def test_accepted_again(annotation: Any, given: object, expected: object) -> None:
    """What came out passes the same check unchanged: copying a configuration changes nothing."""
    check = check_for(annotation)
    problems: Problems = []

    again = check.run(check.run(given, problems), problems)

    assert problems == []
    assert again == expected


@pytest.mark.parametrize(("annotation", "given", "message"), REFUSED)
def test_refused(annotation: Any, given: object, message: str) -> None:
    """One problem, in words that say what would be right."""
    problems: Problems = []

    check_for(annotation).run(given, problems)

    assert [str(problem) for problem in problems] == [message]
