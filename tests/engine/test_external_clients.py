"""Settings of the data engine that say whom it asks and what it tells of it: `external_clients`, `debug`."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest

from nautilus_live.engine.external_clients import DataCommand
from nautilus_live.errors import ConfigError
from nautilus_live.model.bars import BarType
from nautilus_live.model.data_requests import DataRequest, DataResponse
from nautilus_live.model.enums import BookType
from nautilus_live.model.identifiers import ClientId, InstrumentId
from tests.engine.data_rig import BTC, DataRig, play, quote_tick, trade_tick

ELSEWHERE = ClientId("ELSEWHERE")
MINUTE_BARS = BarType.from_str("BTCUSDT.SIM-1-MINUTE-LAST-EXTERNAL")


def test_what_is_asked_of_a_client_elsewhere_goes_out_on_the_bus_and_its_data_come_in_over_it() -> None:
    async def story(rig: DataRig) -> None:
        asked: list[DataCommand] = []
        rig.bus.subscribe("commands.data.*", asked.append)
        engine = rig.engine
        engine.subscribe_quote_ticks(BTC, ELSEWHERE)
        engine.subscribe_trade_ticks(BTC, ELSEWHERE)
        engine.subscribe_order_book_deltas(BTC, BookType.L3_MBO, 5, ELSEWHERE)
        engine.subscribe_order_book_depth(BTC, ELSEWHERE)
        engine.subscribe_bars(MINUTE_BARS, ELSEWHERE)
        assert {(one.client_id, one.action) for one in asked} == {(ELSEWHERE, "subscribe")}
        assert [(one.kind, one.subject) for one in asked] == [
            ("quotes", BTC), ("trades", BTC), ("book.deltas", BTC), ("book.depth", BTC), ("bars", MINUTE_BARS),
        ]  # fmt: skip
        assert (asked[2].book_type, asked[2].depth) == (BookType.L3_MBO, 5)
        assert rig.feed.asked == []

        tick = quote_tick("100", "101", rig.clock.timestamp_ns())
        rig.bus.send("DataEngine.process", tick)
        await asyncio.sleep(6)  # no snapshot of the book comes, so it is asked for again
        assert rig.cache.quote_tick(BTC) == tick
        assert [(one.action, one.kind) for one in asked[5:]] == [("request", "book.deltas")]

        del asked[:]
        engine.unsubscribe_bars(MINUTE_BARS, ELSEWHERE)
        engine.unsubscribe_order_book_depth(BTC, ELSEWHERE)
        engine.unsubscribe_order_book_deltas(BTC, ELSEWHERE)
        engine.unsubscribe_trade_ticks(BTC, ELSEWHERE)
        engine.unsubscribe_quote_ticks(BTC, ELSEWHERE)
        assert [(one.action, one.kind) for one in asked] == [
            ("unsubscribe", kind) for kind in ("bars", "book.depth", "book.deltas", "trades", "quotes")
        ]

    play(story, external_clients=[ELSEWHERE])


def test_a_client_elsewhere_answers_over_the_bus() -> None:
    answers: list[Any] = []

    async def story(rig: DataRig) -> None:
        asked: list[DataCommand] = []
        rig.bus.subscribe("commands.data.ELSEWHERE", asked.append)
        request = DataRequest(request_id="R-1", kind="trades", ts_init=1, instrument_id=BTC)
        rig.engine.request(request, answers.append, ELSEWHERE)
        assert [(one.action, one.kind, one.request) for one in asked] == [("request", "trades", request)]
        rig.bus.send("DataEngine.response", DataResponse(request_id="R-1", data=(trade_tick("100", "1", 5),)))
        await asyncio.sleep(0.1)

    play(story, external_clients=[ELSEWHERE])
    assert [(one.error, len(one.items)) for one in answers] == [("", 1)]


def test_nobody_waits_for_a_client_elsewhere_and_its_name_is_its_own() -> None:
    async def story(rig: DataRig) -> None:
        assert rig.engine.clients() == [rig.feed]
        rig.feed.is_connected = False
        assert rig.engine.check_disconnected()
        assert not rig.engine.check_connected()
        rig.feed.id = ELSEWHERE
        with pytest.raises(ConfigError, match="ELSEWHERE is taken"):
            rig.engine.register_client(rig.feed)

    play(story, external_clients=[ELSEWHERE])


def test_a_client_that_was_not_said_to_be_elsewhere_is_a_mistake() -> None:
    async def story(rig: DataRig) -> None:
        with pytest.raises(ConfigError, match="no data client for it, was asked for ELSEWHERE"):
            rig.engine.subscribe_quote_ticks(InstrumentId.from_str("X.Y"), ELSEWHERE)

    play(story)


@pytest.mark.parametrize(("debug", "level"), [(True, "INFO"), (False, "DEBUG")])
def test_debug_tells_what_is_wanted_and_asked_for(caplog: pytest.LogCaptureFixture, debug: bool, level: str) -> None:
    async def story(rig: DataRig) -> None:
        for _ in range(2):
            rig.engine.subscribe_quote_ticks(BTC)
        request = DataRequest(request_id="R-1", kind="trades", ts_init=1, instrument_id=BTC)
        rig.engine.request(request, lambda answer: None)
        for _ in range(2):
            rig.engine.unsubscribe_quote_ticks(BTC)

    with caplog.at_level(logging.DEBUG):
        play(story, debug=debug)
    told = [
        (record.levelname, record.message) for record in caplog.records if "nautilus_live.engine.data" in record.name
    ]
    assert told[:3] == [
        (level, "quotes of BTCUSDT.SIM: wanted of FEED"),
        (level, "trades of BTCUSDT.SIM (R-1): asked for"),
        (level, "quotes of BTCUSDT.SIM: wanted no longer of FEED"),
    ]
