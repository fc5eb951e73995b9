"""What a node gives to the strategies and actors that it runs. Made by the node, handed out by the trader."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from msgspec import Struct

from nautilus_live.adapters.ports import Clock
from nautilus_live.engine.cache import Cache
from nautilus_live.engine.data import DataEngine
from nautilus_live.engine.execution import ExecutionEngine
from nautilus_live.engine.ids import EventIds
from nautilus_live.engine.message_bus import MessageBus
from nautilus_live.engine.portfolio import Portfolio
from nautilus_live.model.identifiers import ClientOrderId, TraderId
from nautilus_live.trading.clock import TimeEvent, TimerCallback, TimerClock

TimerGuard = Callable[[TimerCallback, TimeEvent], None]


class StopRequest(Protocol):
    """How a component asks for the node's end."""

    def __call__(self, reason: str, *, failed: bool = False) -> None:
        """Ask the node to stop; `failed` makes its exit code say so."""
        ...


class Services(Struct, kw_only=True):
    """The parts of a node that a component uses, and what only the node can make.

    `make_clock` returns a clock whose timers go through the guard given; `uuid_source` returns a random UUID as text;
    `is_order_id_taken` says whether a client order id is in the cache or was seen at a venue. `now_s` returns seconds
    that only ever grow; a callback that takes more than `stall_alarm_s` of them is alarmed. `get_loop` returns
    the loop that hands work to threads.
    """

    trader_id: TraderId
    msgbus: MessageBus
    cache: Cache
    portfolio: Portfolio
    data: DataEngine
    execution: ExecutionEngine
    event_ids: EventIds
    time: Clock
    make_clock: Callable[[TimerGuard], TimerClock]
    uuid_source: Callable[[], str]
    is_order_id_taken: Callable[[ClientOrderId], object]
    request_stop: StopRequest
    is_stopping: Callable[[], bool]
    now_s: Callable[[], float] = lambda: 0.0
    stall_alarm_s: float | None = None
    get_loop: Callable[[], asyncio.AbstractEventLoop] = asyncio.get_running_loop
