"""How events, states and instruments are written down.

Two encodings, both exact: what is read back equals what was written, to the last decimal place and nanosecond.
- `msgpack` is what machines use: the structs as they are, without a detour, each an array of its class's name and its
  fields in order. Names of fields are not written: that halves the bytes. A field may therefore only be added behind
  all others of its class, with a default; a test holds the layouts. Values are checked again when they are read.
- `json` is what people can read (see `readable`): ids and numbers as plain texts, enumerations and fields by name.
`timestamps_as_iso8601` writes times as texts in either; msgpack then takes the readable form too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct

from nautilus_live.core.tombstones import Tombstone
from nautilus_live.errors import StoreError
from nautilus_live.model.events import AccountState, OrderEventAny, PositionEventAny
from nautilus_live.model.identifiers import AccountId, InstrumentId, PositionId, StrategyId, TraderId
from nautilus_live.model.instruments import InstrumentAny
from nautilus_live.store.readable import from_readable, is_time, time_text, to_readable


class PositionHeader(Struct, frozen=True, kw_only=True, tag=True, array_like=True):
    """What a position is, before any fill: the first entry of its record."""

    position_id: PositionId
    instrument_id: InstrumentId
    strategy_id: StrategyId
    trader_id: TraderId
    account_id: AccountId


StoredAny = OrderEventAny | PositionEventAny | AccountState | InstrumentAny | PositionHeader | Tombstone
_UNPACKER: msgspec.msgpack.Decoder[Any] = msgspec.msgpack.Decoder(StoredAny)  # keeps no state; making one takes long
_CLASSES: dict[str, type[Struct]] = {kind.__name__: kind for kind in StoredAny.__args__}


class Encoder:
    """Writes and reads everything that is stored.

    Args:
        encoding: `msgpack` or `json`.
        timestamps_as_iso8601: write times as `2026-01-01T00:00:00.000000000Z`.

    """

    def __init__(self, encoding: str = "msgpack", timestamps_as_iso8601: bool = False) -> None:
        if encoding not in ("msgpack", "json"):
            raise ValueError(f"encoding must be 'msgpack' or 'json', was {encoding!r}")
        self.encoding = encoding
        self._iso8601 = timestamps_as_iso8601
        self._readable = encoding == "json" or timestamps_as_iso8601
        self._packer = msgspec.msgpack.Encoder() if encoding == "msgpack" else msgspec.json.Encoder()
        self._unpacker = _UNPACKER
        # The bound method of the C encoder: the fast path has no Python in it.
        self.encode = self._encode_readable if self._readable else self._packer.encode

    def encode_plain(self, data: Mapping[str, Any]) -> bytes:
        """Return a table of plain values (texts, numbers, lists of them) as it is written for others to read."""
        return self._packer.encode(
            {name: time_text(value) if self._iso8601 and is_time(name) else value for name, value in data.items()}
        )

    def decode(self, data: bytes) -> Any:
        """Return what was written.

        Raises:
            StoreError: if `data` is not what this encoder writes; the message says what is wrong.

        """
        try:
            if self._readable:
                return self._decode_readable(data)
            return self._unpacker.decode(data)
        except (ValueError, TypeError, ArithmeticError, KeyError) as error:
            raise StoreError(f"cannot decode {len(data)} bytes of {self.encoding}: {error}") from error

    def _encode_readable(self, record: Any) -> bytes:
        return self._packer.encode({"type": type(record).__name__, **to_readable(record, self._iso8601)})

    def _decode_readable(self, data: bytes) -> Any:
        fields = msgspec.msgpack.decode(data) if self.encoding == "msgpack" else msgspec.json.decode(data)
        if not isinstance(fields, dict):
            raise ValueError(f"a record must be a table, was a {type(fields).__name__}")
        kind = _CLASSES.get(str(fields.pop("type", "")))
        if kind is None:
            raise ValueError("a record must name its type")
        return from_readable(kind, fields)
