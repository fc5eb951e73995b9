"""The node's stated past, put into its store by the kernel's own engine.

The events that `scenarios/given.py` makes are applied by a real `ExecutionEngine` with a real cache on the run's
store, before the first start; the node then loads them as after any restart. Nobody listens to that engine, and
nothing of it is left.
"""

from __future__ import annotations

import logging
from typing import Any

import msgspec
from msgspec import Struct

from nautilus_live.core.reconciliation.types import Plan
from nautilus_live.engine.cache import Cache
from nautilus_live.engine.execution import ExecutionEngine
from nautilus_live.engine.ids import EventIds
from nautilus_live.engine.message_bus import MessageBus
from nautilus_live.model.enums import AccountType, OmsType
from nautilus_live.model.events import OrderEvent
from nautilus_live.model.identifiers import AccountId, ClientId, ClientOrderId, StrategyId, Venue
from nautilus_live.model.instruments import Instrument
from nautilus_live.store.port import StoreWriter
from scenarios.format import GivenOrder, GivenSide
from scenarios.given import NodeHistory
from scenarios.links import account_at, client_name, routing_of
from scenarios.problems import ScenarioError
from scenarios.scripted_strategy import SYMBOL_DEFAULT
from scenarios.settings import OWNERS, VENUE_DEFAULT, route
from scenarios.stage import Stage
from scenarios.strategies import STRATEGY_DEFAULT
from scenarios.world.clock import EPOCH_NS


class PastClient(Struct, kw_only=True):
    """Who the orders of the past went to: an account and how it keeps positions. It is asked for nothing."""

    id: ClientId
    venue: Venue
    account_id: AccountId
    account_type: AccountType
    oms_type: OmsType
    is_connected: bool = True


def store_given(stage: Stage, given: GivenSide) -> None:
    """Write the node's stated orders and positions into its store.

    Raises:
        ScenarioError: if they contradict themselves or each other.

    """
    if not given.orders and not given.positions:
        return
    settings = route(stage.scenario.node).of("cache")
    config = OWNERS["cache"](**{**settings, "flush_on_start": False, "buffer_interval_ms": None})
    cache = Cache(StoreWriter(stage.store.connect(), stage.trader_id, config), config)
    event_ids = EventIds("given")
    engine = ExecutionEngine(
        loop=stage.world.loop,
        trader_id=stage.trader_id,
        msgbus=MessageBus(stage.trader_id),
        cache=cache,
        clock=stage.world.clock,
        event_ids=event_ids,
        config=OWNERS["exec_engine"](),
        log=_silent_log(),
    )
    for link in stage.links.values():
        profile = link.venue.profile
        for account_id in link.account_ids:
            past: Any = PastClient(
                id=ClientId(client_name(link.name, account_id, link.account_id)),
                venue=Venue(link.name),
                account_id=account_id,
                account_type=profile.account,
                oms_type=profile.oms,
            )
            engine.register_client(past, routing_of(account_id, link.account_id))
        for instrument in link.venue.instruments.values():
            cache.add_instrument(instrument)
    history = NodeHistory(
        stage.trader_id,
        StrategyId(STRATEGY_DEFAULT),
        EPOCH_NS,
        lambda instrument, venue, account: _market(stage, instrument, venue, account),
        event_ids.next,
    )
    events: list[OrderEvent] = []
    for position in given.positions:
        events += history.position(position)
    for order in given.orders:
        events += history.order(_with_venue_id(stage, order))
    engine.apply_plan(Plan(events=sorted(events, key=_time_of)))
    if engine.refused_count:
        raise ScenarioError(["$.given.node: an order's status and fills contradict each other; the node refused them"])
    for order in given.orders:
        known = cache.order(ClientOrderId(str(order.order)))
        if known is None or known.status.name != order.status:
            was = "unknown" if known is None else known.status.name
            raise ScenarioError([f"$.given.node: {order.order} must come to be {order.status}, came to be {was}"])
    cache.dispose()
    engine.kill()


def _market(
    stage: Stage, instrument: str | None, venue: str | None, account: str | None
) -> tuple[Instrument, AccountId]:
    symbol, dot, named = (instrument or SYMBOL_DEFAULT).rpartition(".")
    link = stage.link(venue or (named if dot else VENUE_DEFAULT), "$.given.node: ")
    wanted = symbol if dot else named
    for known in link.venue.instruments.values():
        if known.id.symbol.value == wanted:
            return known, AccountId(account_at(link, account))
    raise ScenarioError([f"$.given.node: {link.name} must trade {wanted}, does not"])


def _with_venue_id(stage: Stage, order: GivenOrder) -> GivenOrder:
    """Return the order with the id that the venue gave it, if the venue has it too and the file names none."""
    if order.venue_order is not None or order.order is None:
        return order

    for link in stage.links.values():
        for report in link.venue.orders():
            if report.client_order_id is not None and report.client_order_id.value == order.order:
                return msgspec.structs.replace(order, venue_order=report.venue_order_id.value)
    return order


def _silent_log() -> logging.Logger:
    log = logging.getLogger("scenarios.given")
    log.propagate = False
    if not log.handlers:  # without one, Python prints warnings all the same
        log.addHandler(logging.NullHandler())
    return log


def _time_of(event: OrderEvent) -> int:
    return event.ts_event
