"""Requests that are joined are answered as one, in the order in which things happened, or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from nautilus_live.config import ActorConfig
from nautilus_live.errors import ProgrammerError
from nautilus_live.live.node import TradingNode
from nautilus_live.model.custom_data import DataType
from nautilus_live.model.data import QuoteTick, TradeTick
from nautilus_live.model.identifiers import ClientId, ComponentId
from nautilus_live.model.uuids import UUID4
from nautilus_live.trading.actor import Actor
from sandbox_venues.gateway import VenueGateway
from tests.trading.data_node import BTC, print_trade, run_with, set_book

OWN_ID = UUID4.from_str("2d89666b-1a1e-4a75-b193-4eb3b454c757")


class Asker(Actor):
    """Writes down what it is answered."""

    def __init__(self, on_start: Callable[[Any], object] = lambda actor: None) -> None:
        super().__init__(ActorConfig(component_id=ComponentId("ASKER")))
        self.begin = on_start
        self.past: list[Any] = []
        self.done: list[UUID4] = []
        self.failed: list[UUID4] = []

    def on_start(self) -> None:
        self.begin(self)

    def on_historical_data(self, data: Any) -> None:
        self.past.append(data)

    def on_request_failed(self, request_id: UUID4, reason: str) -> None:
        self.failed.append(request_id)


async def quotes_and_trades(gateway: VenueGateway) -> None:
    for step in range(3):
        set_book(gateway, f"{49990 + step}", f"{50010 + step}")
        await asyncio.sleep(1)
        print_trade(gateway, "1.000", f"{50000 + step}")
        await asyncio.sleep(1)


def test_they_wait_until_they_are_joined_and_arrive_by_time() -> None:
    actor = Asker(lambda actor: actor.subscribe_quote_ticks(BTC.id))

    async def story(gateway: VenueGateway, node: TradingNode) -> None:
        await quotes_and_trades(gateway)
        trades = actor.request_trade_ticks(BTC.id, callback=actor.done.append, join_request=True)
        quotes = actor.request_quote_ticks(BTC.id, callback=actor.done.append, join_request=True, request_id=OWN_ID)
        await asyncio.sleep(0.1)
        assert (actor.past, quotes, actor.pending_requests()) == ([], OWN_ID, [trades, OWN_ID])

        whole = actor.request_join([trades, quotes], callback=actor.done.append)
        await asyncio.sleep(0.1)
        assert actor.done == [trades, quotes, whole]
        assert {type(one) for one in actor.past} == {QuoteTick, TradeTick}
        times = [one.ts_init for one in actor.past]
        assert times == sorted(times)
        assert actor.pending_requests() == []

        with pytest.raises(ProgrammerError, match=f"not joined yet, was {trades}"):
            actor.request_join([trades])
        with pytest.raises(ProgrammerError, match="not joined yet, was empty"):
            actor.request_join([])

    run_with([actor], story)


def test_one_that_fails_fails_all_of_them() -> None:
    actor = Asker()

    async def story(gateway: VenueGateway, node: TradingNode) -> None:
        await quotes_and_trades(gateway)
        trades = actor.request_trade_ticks(BTC.id, callback=actor.done.append, join_request=True)
        news = actor.request_data(DataType(TradeTick), ClientId("SANDBOX"), join_request=True)
        whole = actor.request_join([trades, news], callback=actor.done.append)
        await asyncio.sleep(0.1)
        assert actor.failed == [news, whole]
        assert (actor.past, actor.done, actor.pending_requests()) == ([], [], [])

    run_with([actor], story)


def test_an_id_is_given_once() -> None:
    actor = Asker()

    async def story(gateway: VenueGateway, node: TradingNode) -> None:
        assert actor.request_trade_ticks(BTC.id, request_id=OWN_ID) == OWN_ID
        with pytest.raises(ProgrammerError, match=f"request_id must be new, {OWN_ID} was another request's"):
            actor.request_trade_ticks(BTC.id, request_id=OWN_ID)
        await asyncio.sleep(0.1)
        assert not actor.has_pending_requests()

    run_with([actor], story)
