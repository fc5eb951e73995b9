"""Values as tables of plain texts and numbers, and back: `to_dict` and `from_dict` of everything that authors handle.

Ids, prices, quantities and amounts are texts, enumerations names, times integers; `type` names the class. Keys are the
fields, by the ecosystem's names where those differ. What is ours beside them is there too, so that reading gives back
what was written. (Stores have forms of their own, `store.encoding`.)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from enum import Enum
from functools import cache
from types import UnionType
from typing import Any, ClassVar, Self, Union, cast, get_args, get_origin

from msgspec.structs import fields

from nautilus_live.model.figures import Figure

Reader = Callable[[Any], Any]


class Plain:
    """Gives a struct `to_dict` and `from_dict`."""

    __slots__ = ()

    key_of: ClassVar[Mapping[str, str]] = {}
    """What fields are called in the table, where that is not their own name."""

    def to_dict(self, obj: Any = None) -> dict[str, Any]:
        """Return the fields as plain values. Called on the class (`Bar.to_dict(bar)`) it does the same."""
        value = self if obj is None else obj
        kind: Any = type(value)
        table = {kind.key_of.get(name, name): plain(getattr(value, name)) for name in kind.__struct_fields__}
        return {"type": kind.__name__, **table}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Return what `to_dict` has written; a field that is left out, or None, has its default.

        Raises:
            ValueError, KeyError: if a field is malformed.
            TypeError: if one without a default is missing.

        """
        found: dict[str, Any] = {}
        for name, (read, none_counts) in _readers(cast(Any, cls)).items():
            key = cls.key_of.get(name, name)
            value = values.get(key)
            if value is not None:  # what is None has its default, too: the ecosystem writes None for nothing in a list
                found[name] = read(value)
            elif none_counts and key in values:
                found[name] = None
        return cls(**found)


def plain(value: Any) -> Any:
    """Return a value as texts, numbers, lists and tables of them; None stays None."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, Figure):
        return float(value)
    if isinstance(value, int | float):
        return value
    if isinstance(value, Plain):
        return value.to_dict()
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return str(value)


@cache
def _readers(kind: Any) -> dict[str, tuple[Reader, bool]]:
    """Return for each field of a struct what makes its value of the plain one, and whether it must be given as None."""
    return {
        info.name: (reader_of(info.type), info.required and type(None) in get_args(info.type)) for info in fields(kind)
    }


def reader_of(annotation: Any) -> Reader:
    """Return what makes a value of that annotation of its plain form."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in (Union, UnionType):
        inner = [reader_of(one) for one in arguments if one is not type(None)]
        return inner[0] if len(inner) == 1 else _same
    if origin in (list, tuple):
        item = reader_of(arguments[0])
        return lambda items: origin(map(item, items))
    if not isinstance(annotation, type):
        return _same
    if issubclass(annotation, Enum):
        return lambda value: annotation[value] if isinstance(value, str) else annotation(value)
    if issubclass(annotation, Decimal):
        return lambda value: Decimal(str(value))
    if issubclass(annotation, Plain):
        return lambda value: annotation.from_dict(value) if isinstance(value, Mapping) else value
    from_str = getattr(annotation, "from_str", None)
    if from_str is not None:
        return lambda value: from_str(value) if isinstance(value, str) else value
    return _same


def _same(value: Any) -> Any:
    return value
