"""`customdataclass`: classes of a user's own data, written as annotated fields."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, TypeVar, get_type_hints

import msgspec

from nautilus_live.ecosystem.datetimes import unix_nanos_to_iso8601
from nautilus_live.model.plain import plain, reader_of

C = TypeVar("C")


def customdataclass(*arguments: Any, **options: Any) -> Any:
    """Make a subclass of `Data` with annotated fields a dataclass with times.

    It is called with `ts_event` and `ts_init` first, both 0 by default, and then its fields, which all need defaults.
    It has `to_dict`, `from_dict`, `to_bytes` and `from_bytes`. Options are those of `dataclasses.dataclass`.
    """
    if len(arguments) == 1 and isinstance(arguments[0], type) and not options:
        return _with_times(arguments[0], {})
    return lambda kind: _with_times(kind, options)


def _with_times(kind: type[C], options: Mapping[str, Any]) -> type[C]:
    made = dataclass(**{"repr": False, **options})(kind)
    take_fields: Callable[..., None] = made.__init__

    def begin(self: Any, ts_event: int = 0, ts_init: int = 0, *values: Any, **named: Any) -> None:
        take_fields(self, *values, **named)
        self._ts_event, self._ts_init = ts_event, ts_init

    def tell(self: Any) -> str:
        told = [f"{field.name}={getattr(self, field.name)!r}" for field in fields(self)]
        told += [f"{name}={unix_nanos_to_iso8601(getattr(self, name))}" for name in ("ts_event", "ts_init")]
        return f"{type(self).__name__}({', '.join(told)})"

    additions: dict[str, Any] = {
        "__init__": begin,
        "__repr__": tell,
        "ts_event": property(lambda self: self._ts_event, doc="When it happened, in nanoseconds since 1970."),
        "ts_init": property(lambda self: self._ts_init, doc="When we heard of it, in nanoseconds since 1970."),
        "to_dict": _to_dict,
        "from_dict": classmethod(_from_dict),
        "to_bytes": lambda self: msgspec.msgpack.encode(_to_dict(self)),
        "from_bytes": classmethod(lambda cls, data: _from_dict(cls, msgspec.msgpack.decode(data))),
    }
    for name, addition in additions.items():
        if name.startswith("__") or name not in vars(kind):  # what the author wrote stays
            setattr(made, name, addition)
    return made


def _to_dict(self: Any) -> dict[str, Any]:
    table = {field.name: plain(getattr(self, field.name)) for field in fields(self)}
    return {**table, "type": type(self).__name__, "ts_event": self.ts_event, "ts_init": self.ts_init}


def _from_dict(cls: Any, values: Mapping[str, Any]) -> Any:
    hints = get_type_hints(cls)
    found = {field.name: reader_of(hints[field.name])(values[field.name]) for field in fields(cls)}
    return cls(ts_event=values["ts_event"], ts_init=values["ts_init"], **found)
