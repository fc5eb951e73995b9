"""Encoding: every kind of record, both encodings, exact."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nautilus_live.errors import StoreError
from nautilus_live.model.events import OrderEventAny, PositionEventAny
from nautilus_live.model.identifiers import AccountId, InstrumentId, PositionId, StrategyId, TraderId
from nautilus_live.model.objects import FixedPoint
from nautilus_live.store.encoding import Encoder, PositionHeader
from nautilus_live.store.readable import iso8601_from_ns, ns_from_iso8601

ENCODERS = [("msgpack", False), ("msgpack", True), ("json", False), ("json", True)]


def exact(value: Any) -> Any:
    """Return everything that two equal records could still differ in: decimal places, types, nested values."""
    if isinstance(value, FixedPoint):
        return (type(value).__name__, str(value), value.precision)
    if isinstance(value, Decimal):
        return ("Decimal", str(value))
    if isinstance(value, msgspec.Struct):
        return (type(value).__name__, [exact(item) for item in msgspec.structs.astuple(value)])
    if isinstance(value, tuple):
        return [exact(item) for item in value]
    return (type(value).__name__, value)


@pytest.mark.parametrize(("encoding", "iso8601"), ENCODERS)
def test_what_is_read_is_what_was_written(sample: Any, encoding: str, iso8601: bool) -> None:
    encoder = Encoder(encoding, iso8601)

    assert exact(encoder.decode(encoder.encode(sample))) == exact(sample)


def test_every_kind_of_event_has_a_sample(samples: list[Any]) -> None:
    kinds = {type(sample) for sample in samples}

    assert kinds >= set(OrderEventAny.__args__) | set(PositionEventAny.__args__)


WRITTEN: dict[str, list[str]] = json.loads((Path(__file__).parent / "stored_records.json").read_text())
"""The samples as they were written when their classes were last laid out anew, in hexadecimal, by class."""


def test_what_was_written_before_can_be_read_today(samples: list[Any]) -> None:
    """A field that came or went anywhere but at the end of its class shows here: stores in use could not be read."""
    encoder = Encoder()
    by_class: dict[str, list[Any]] = {}
    for sample in samples:
        by_class.setdefault(type(sample).__name__, []).append(sample)
    missing = {name: [encoder.encode(sample).hex() for sample in by_class[name]] for name in by_class.keys() - WRITTEN}
    assert missing == {}, "add these lines to stored_records.json"

    for name, records in WRITTEN.items():
        read = [encoder.decode(bytes.fromhex(record)) for record in records]
        assert [exact(record) for record in read] == [exact(sample) for sample in by_class[name]]


def test_a_record_holds_its_kind_and_its_fields_in_order(samples: list[Any]) -> None:
    for sample in samples:
        name, *fields = msgspec.msgpack.decode(Encoder().encode(sample))
        assert name == type(sample).__name__
        assert len(fields) == len(sample.__struct_fields__)


def test_what_is_read_is_checked_again() -> None:
    record = msgspec.msgpack.decode(
        Encoder().encode(
            PositionHeader(
                position_id=PositionId("P-1"),
                instrument_id=InstrumentId.from_str("BTCUSDT.SIM"),
                strategy_id=StrategyId("S-001"),
                trader_id=TraderId("TRADER-001"),
                account_id=AccountId("SIM-001"),
            )
        )
    )
    record[record.index(["TRADER-001"])] = ["TRADER"]

    with pytest.raises(StoreError, match="TraderId must be NAME-TAG with a hyphen, was 'TRADER'"):
        Encoder().decode(msgspec.msgpack.encode(record))


def test_json_is_readable(samples: list[Any]) -> None:
    fill = next(sample for sample in samples if type(sample).__name__ == "OrderFilled")

    fields = json.loads(Encoder("json", True).encode(fill))

    assert fields["type"] == "OrderFilled"
    assert fields["instrument_id"] == "BTC.USDT-PERP.SIM"
    assert fields["client_order_id"] == "O-1"
    assert (fields["last_qty"], fields["last_px"]) == ("1.000", "50000.10")
    assert (fields["order_side"], fields["provenance"]) == ("BUY", "STREAM")
    assert fields["currency"] == "USDT"
    assert fields["replaces"] == ["I-1", "I-2"]
    assert fields["ts_event"] == "2026-01-01T00:00:00.123456789Z"
    assert "liquidity_side" in fields
    assert "venue_position_id" not in fields


@given(st.integers(0, 4_000_000_000 * 10**9))
def test_a_time_written_out_keeps_its_nanoseconds(time_ns: int) -> None:
    text = iso8601_from_ns(time_ns)

    assert ns_from_iso8601(text) == time_ns
    assert len(text) == 30


@pytest.mark.parametrize("text", ["2026-01-01T00:00:00Z", "2026-01-01T00:00:00.123Z", "2026-01-01 00:00:00.123456789Z"])
def test_a_time_in_another_form_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        ns_from_iso8601(text)


@pytest.mark.parametrize(("encoding", "iso8601"), ENCODERS)
@pytest.mark.parametrize("garbage", [b"", b"\xc1", b"{}", b"[]", b'{"type":"Nonsense"}', b'{"type":"OrderDenied"}'])
def test_garbage_is_a_store_error(garbage: bytes, encoding: str, iso8601: bool) -> None:
    with pytest.raises(StoreError, match="cannot decode"):
        Encoder(encoding, iso8601).decode(garbage)


def test_a_field_that_no_record_has_is_refused(samples: list[Any]) -> None:
    encoder = Encoder("json")
    fields = json.loads(encoder.encode(samples[2]))
    fields["colour"] = "red"

    with pytest.raises(StoreError, match="no field 'colour'"):
        encoder.decode(json.dumps(fields).encode())


def test_an_unknown_encoding_is_refused() -> None:
    with pytest.raises(ValueError, match="was 'xml'"):
        Encoder("xml")
