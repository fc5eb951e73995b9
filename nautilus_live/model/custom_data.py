"""Data of a user's own: what it is called on the bus, and signals, the smallest kind of it.

class Sentiment(Data): ...
self.publish_data(DataType(Sentiment, {"source": "press"}), Sentiment(...))
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from nautilus_live.model.data import Data, MarketData

SignalValue = int | float | str


class DataType:
    """A class of data, and what distinguishes one stream of it from another (`metadata`)."""

    __slots__ = ("_key", "metadata", "topic", "type")

    def __init__(self, type: type, metadata: Mapping[str, Any] | None = None) -> None:  # noqa: A002  # ecosystem's name
        self.type = type
        self.metadata: dict[str, Any] = dict(metadata or {})
        # Sorted: who publishes need not name things in the order of who subscribes.
        known = sorted(self.metadata.items())
        parts = "".join(f".{name}={'*' if value is None else value}" for name, value in known)
        self.topic: str = f"{type.__name__}{parts or '*'}"
        """Its part of the topic; without metadata, whatever the metadata."""
        self._key = (type, tuple((name, str(value)) for name, value in known))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DataType) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)

    def __str__(self) -> str:
        return f"{self.type.__name__}{self.metadata or ''}"

    def __repr__(self) -> str:
        return f"DataType(type={self.type.__name__}, metadata={self.metadata})"


class CustomData(Struct, Data, frozen=True):
    """Data of a user's own on its way from a client: `data` and the type that it was asked for as."""

    data_type: DataType
    data: Any

    def __repr__(self) -> str:
        return f"CustomData(data_type={self.data_type}, data={self.data})"

    __str__ = __repr__

    @property
    def ts_event(self) -> int:
        """When it happened."""
        return int(self.data.ts_event)

    @property
    def ts_init(self) -> int:
        """When we heard of it."""
        return int(self.data.ts_init)


class Signal(MarketData, frozen=True, gc=False, tag=True):
    """One value with a name, from one component to the others."""

    name: str
    value: SignalValue
    ts_event: int
    ts_init: int

    def is_signal(self, name: str = "") -> bool:
        """Return whether this is a signal, of that name."""
        return not name or name == self.name
