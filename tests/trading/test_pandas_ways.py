"""A strategy whose author holds times as pandas' timestamps and logs whatever comes, on a whole node."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from types import ModuleType
from typing import Any

import pytest

from nautilus_live import compat
from nautilus_live.model.enums import OrderStatus
from nautilus_live.model.timestamps import Timestamp
from tests.trading.playing import BTC, play

TEXT = """
import pandas as pd

from nautilus_trader.config import StrategyConfig
from nautilus_trader.core.datetime import unix_nanos_to_dt
from nautilus_trader.model.enums import OrderSide, TimeInForce
from nautilus_trader.model.identifiers import InstrumentId
from nautilus_trader.model.objects import Price, Quantity
from nautilus_trader.trading.strategy import Strategy


class NotesConfig(StrategyConfig, frozen=True, kw_only=True):
    instrument_id: InstrumentId


class Notes(Strategy):
    def __init__(self, config: NotesConfig) -> None:
        super().__init__(config)
        self.times = {}
        self.tags = []
        self.open_since = None

    def on_start(self):
        now = self.clock.utc_now()
        self.times["now"] = now
        self.times["minute"] = now.floor("1min")
        self.times["next"] = now.ceil("5min") + pd.Timedelta(minutes=1)
        self.times["midnight"] = now.normalize()
        self.times["new york"] = now.tz_convert("America/New_York").hour
        self.times["same"] = pd.Timestamp(now) == now and now <= pd.Timestamp(now) + pd.Timedelta(seconds=1)
        self.clock.set_timer("beat", pd.Timedelta(seconds=1), start_time=now + pd.Timedelta(milliseconds=500),
                             callback=self.on_beat)
        ahead = now + pd.Timedelta(minutes=10)
        for tags in (None, ["ENTRY", "LOW"]):
            self.submit_order(self.order_factory.limit(
                self.config.instrument_id, OrderSide.BUY, Quantity.from_str("1.000"), Price.from_str("49000.00"),
                time_in_force=TimeInForce.GTD, expire_time=ahead, tags=tags))
        self.submit_order(self.order_factory.market(
            self.config.instrument_id, OrderSide.BUY, Quantity.from_str("1.000")))

    def on_beat(self, event):
        self.times["beat"] = unix_nanos_to_dt(event.ts_event).value == event.ts_event
        self.log.info(f"{event} {event!r}")

    def on_order_accepted(self, event):
        order = self.cache.order(event.client_order_id)
        if order.tags is not None:
            self.tags.append((order.tags[0], order.expire_time - self.times["now"], f"{order.avg_px:.2f}"))
        self.log.info(f"{event}")

    def on_order_filled(self, event):
        order = self.cache.order(event.client_order_id)
        self.log.info(repr(order))
        missing = order.quantity - Quantity.from_str("3.000")
        self.log.info(f"{missing:.1f} short, {event.last_px - Price.from_str('49999.50'):.4f} above")

    def on_position_opened(self, event):
        self.open_since = unix_nanos_to_dt(event.ts_opened)
        self.log.info(f"{event.avg_px_close:.1f} {self.cache.position(event.position_id)}")
"""


@pytest.fixture
def author() -> Iterator[ModuleType]:
    """Give the text as a module, imported with the ecosystem's paths."""
    compat.install()
    module = ModuleType("notes_text")
    exec(compile(TEXT, "notes_text.py", "exec", dont_inherit=True), module.__dict__)  # as a user's file is
    yield module
    compat.uninstall()


def test_times_tags_and_lines_are_as_its_author_expects(
    stage: Any, author: ModuleType, caplog: pytest.LogCaptureFixture
) -> None:
    strategy: Any = author.Notes(author.NotesConfig(instrument_id=BTC, strategy_id="Notes-001"))
    stage.strategy = strategy
    caplog.set_level(logging.INFO)

    async def story() -> None:
        await asyncio.sleep(2.6)
        now, times = strategy.times["now"], strategy.times
        assert times["minute"] == now.replace(second=0, microsecond=0, nanosecond=0)
        assert times["next"].minute % 5 == 1
        assert times["midnight"] == datetime(now.year, now.month, now.day, tzinfo=UTC)
        assert (times["new york"] - now.hour) % 24 in (19, 20)
        assert (times["same"], times["beat"]) == (True, True)
        assert [(tag, wait.total_seconds(), average) for tag, wait, average in strategy.tags] == [
            ("ENTRY", 600, "0.00")
        ]
        assert type(strategy.open_since) is Timestamp
        assert strategy.open_since >= now
        assert [one.status for one in strategy.cache.orders_open()] == [OrderStatus.ACCEPTED] * 2

    play(stage, story)

    assert [one for one in caplog.messages if "raised" in one] == []
    lines = "\n".join(caplog.messages)
    for line in (
        "beat TimeEvent(name=beat, event_id=",
        "OrderAccepted(instrument_id=BTCUSDT.SIM, client_order_id=O-",
        "MarketOrder(BUY 1.000 BTCUSDT.SIM MARKET GTC, status=FILLED, client_order_id=O-",
        "-2.0 short, 0.5000 above",
        "0.0 Position(LONG 1.000 BTCUSDT.SIM, id=BTCUSDT.SIM-Notes-001)",
    ):
        assert line in lines
