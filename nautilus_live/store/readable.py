"""The readable form of stored structs: tables of texts that a person can follow, and back again without loss.

Ids, prices and quantities are texts (`"0.75000"` keeps its five places), money is `"12.50 USD"`, enumerations are
names, times are nanoseconds or, if wished, ISO 8601 with nine decimals. Fields at their default are left out. Reading
goes by the class's annotations, worked out once per class.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any

import msgspec
from msgspec import Struct

from nautilus_live.model.identifiers import Identifier, InstrumentId
from nautilus_live.model.objects import CURRENCIES, Currency, FixedPoint, Money

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NS_PER_S = 1_000_000_000

Reader = Callable[[Any], Any]


def to_readable(record: Struct, iso8601: bool = False) -> dict[str, Any]:
    """Return the fields of `record` that differ from their defaults."""
    fields: dict[str, Any] = {}
    for info in msgspec.structs.fields(type(record)):
        value = getattr(record, info.name)
        if not info.required and type(value) is type(info.default) and value == info.default:
            continue
        fields[info.name] = time_text(value) if iso8601 and is_time(info.name) else _plain(value)
    return fields


def from_readable(kind: type[Struct], fields: dict[str, Any]) -> Struct:
    """Return the record of class `kind` written as `fields`.

    Raises:
        ValueError, TypeError: if a field is unknown, missing or malformed.

    """
    readers = _readers(kind)
    unknown = [name for name in fields if name not in readers]
    if unknown:
        raise ValueError(f"{kind.__name__} has no field {unknown[0]!r}")
    return kind(**{name: readers[name](value) for name, value in fields.items()})


def is_time(name: str) -> bool:
    """Return whether a field of that name holds nanoseconds since 1970."""
    return name.startswith("ts_") or name == "expire_time_ns"


def iso8601_from_ns(time_ns: int) -> str:
    """Return the time as ISO 8601 in UTC with nine decimals and Z."""
    seconds, rest_ns = divmod(time_ns, _NS_PER_S)
    return f"{(_EPOCH + timedelta(seconds=seconds)):%Y-%m-%dT%H:%M:%S}.{rest_ns:09d}Z"


def ns_from_iso8601(text: str) -> int:
    """Return the time written by `iso8601_from_ns` in nanoseconds."""
    seconds_text, dot, rest = text.partition(".")
    if not dot or len(rest) != 10 or rest[-1] != "Z":
        raise ValueError(f"a time must be ISO 8601 with nine decimals and Z, was {text!r}")
    elapsed = datetime.strptime(seconds_text, "%Y-%m-%dT%H:%M:%S").replace(tzinfo=UTC) - _EPOCH
    return (elapsed.days * 86_400 + elapsed.seconds) * _NS_PER_S + int(rest[:-1])


def time_text(time_ns: int) -> str | int:
    """Return a time as ISO 8601; zero, which stands for no time, as it is."""
    return iso8601_from_ns(time_ns) if time_ns else 0


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, int | float):
        return value
    if isinstance(value, Identifier | InstrumentId):
        return value.value
    if isinstance(value, FixedPoint):
        return str(value)
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Currency):
        return _currency_text(value)
    if isinstance(value, Money):
        amount, currency = f"{value.value:f}", _currency_text(value.currency)
        return f"{amount} {currency}" if isinstance(currency, str) else [amount, currency]
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, Struct):
        return to_readable(value)
    raise TypeError(f"cannot write a {type(value).__name__}")


def _currency_text(currency: Currency) -> str | dict[str, Any]:
    # A code alone will do only if it will mean the same currency to whoever reads it.
    found = CURRENCIES.get(currency.code)
    if found is not None and msgspec.structs.astuple(found) == msgspec.structs.astuple(currency):
        return currency.code
    return to_readable(currency)


@cache
def _readers(kind: type[Struct]) -> dict[str, Reader]:
    hints = typing.get_type_hints(kind)
    return {
        info.name: _read_time if is_time(info.name) else _reader(hints[info.name])
        for info in msgspec.structs.fields(kind)
    }


def _reader(annotation: Any) -> Reader:
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is types.UnionType or origin is typing.Union:
        inner = [argument for argument in arguments if argument is not type(None)]
        if len(inner) != 1:
            raise TypeError(f"cannot read a {annotation}")
        read = _reader(inner[0])
        return lambda value: None if value is None else read(value)
    if origin is tuple:
        read_item = _reader(arguments[0])
        return lambda value: tuple(read_item(item) for item in value)
    if origin is dict and arguments[1] is Any:  # what a venue said, as it came
        return lambda value: dict(value)
    if origin is dict:
        return lambda value: {str(key): str(item) for key, item in value.items()}
    return _class_reader(annotation)


def _class_reader(kind: Any) -> Reader:
    if kind in (str, int, bool):
        return lambda value: _checked(value, kind)
    if kind is Decimal:
        return Decimal
    if kind is Currency:
        return _read_currency
    if kind is Money:
        return _read_money
    if issubclass(kind, Enum):
        return lambda value: kind[value]
    if issubclass(kind, Identifier | InstrumentId | FixedPoint):
        from_str: Reader = kind.from_str
        return from_str
    if issubclass(kind, Struct):
        return lambda value: from_readable(kind, value)
    raise TypeError(f"cannot read a {kind}")


def _checked(value: Any, kind: type) -> Any:
    if type(value) is not kind:
        raise TypeError(f"a {kind.__name__} must be one, was {value!r}")
    return value


def _read_time(value: Any) -> int:
    return ns_from_iso8601(value) if isinstance(value, str) else int(_checked(value, int))


def _read_currency(value: Any) -> Currency:
    if isinstance(value, str):
        return Currency.from_str(value, strict=True)
    made = from_readable(Currency, value)
    assert isinstance(made, Currency)
    return made


def _read_money(value: Any) -> Money:
    amount, code = value.split(" ") if isinstance(value, str) else value
    return Money(Decimal(amount), _read_currency(code))
