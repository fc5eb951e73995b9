"""Notices: what people read names what it is about."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from nautilus_live.core.reconciliation.types import Level, Note
from nautilus_live.engine.alarms import ALARMS_TOPIC, Alarm, Notices
from nautilus_live.engine.message_bus import MessageBus
from nautilus_live.model.identifiers import ClientOrderId, InstrumentId, TraderId


class Still:
    """A clock that stands."""

    def timestamp_ns(self) -> int:
        """Return always the same time."""
        return 7


@pytest.mark.parametrize(
    ("text", "ids", "read"),
    [
        ("filled late", {"client_order_id": ClientOrderId("O-1")}, "O-1: filled late"),
        ("O-1: filled late", {"client_order_id": ClientOrderId("O-1")}, "O-1: filled late"),
        ("position is 0 here", {"instrument_id": InstrumentId.from_str("BTC.SIM")}, "BTC.SIM: position is 0 here"),
        ("it is full", {}, "it is full"),
    ],
)
def test_an_alarm_names_its_order_or_its_instrument_in_plain_text(
    text: str, ids: dict[str, Any], read: str, caplog: pytest.LogCaptureFixture
) -> None:
    bus = MessageBus(TraderId("T-001"), Still())
    raised: list[Alarm] = []
    bus.subscribe(ALARMS_TOPIC, raised.append)
    notices = Notices(bus, Still(), logging.getLogger("nautilus_live.engine.alarms"))

    with caplog.at_level(logging.WARNING, "nautilus_live"):
        notices.note(Note(level=Level.WARNING, kind="kind", text=text, alarm=True, **ids))
        notices.alarm("kind", text, **ids)

    assert [alarm.text for alarm in raised] == [read, read]
    assert [record.getMessage() for record in caplog.records] == [f"kind: {read}"] * 2
