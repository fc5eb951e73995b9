"""The strategy that does what a scenario's `strategy.*` steps say, and nothing of its own.

A real strategy on the public interface: what works here works for a user's.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from nautilus_live.config import StrategyConfig
from nautilus_live.model.data import QuoteTick
from nautilus_live.model.enums import OrderSide, OrderType, TimeInForce
from nautilus_live.model.identifiers import ClientOrderId, InstrumentId, PositionId
from nautilus_live.model.instruments import Instrument
from nautilus_live.model.orders import Order
from nautilus_live.trading.strategy import Strategy
from scenarios.problems import NotSupported, ScenarioError
from scenarios.settings import full_instrument
from scenarios.verbs import (
    Step,
    StrategyCancel,
    StrategyCancelAll,
    StrategyClose,
    StrategyModify,
    StrategyQuery,
    StrategySubmit,
)

SYMBOL_DEFAULT = "BTCUSDT"


class ScriptedStrategy(Strategy):
    """Carries out steps."""

    def __init__(self, config: StrategyConfig) -> None:
        super().__init__(config)
        self.was_started = False
        self.listens_to: list[str] = []

    def on_start(self) -> None:
        """Note that the node let the strategy run, and listen to the markets that the scenario has."""
        self.was_started = True
        for name in self.listens_to:
            self.subscribe_quote_ticks(InstrumentId.from_str(name))

    def on_quote_tick(self, tick: QuoteTick) -> None:
        """Take a quote; the cache has kept it already."""

    def act(self, step: Step) -> None:
        """Carry a step out.

        Raises:
            ScenarioError: if it names an order that the node does not know.

        """
        match step:
            case StrategySubmit():
                order = self._new_order(step)
                self.submit_order(order, PositionId(step.position) if step.position else None)
            case StrategyModify():
                self._modify(step)
            case StrategyCancel():
                self.cancel_order(self._order(step.order))
            case StrategyCancelAll():
                side = None if step.side is None else OrderSide[step.side]
                self.cancel_all_orders(_instrument_id(step.instrument), side)
            case StrategyClose():
                self.close_all_positions(_instrument_id(step.instrument))
            case StrategyQuery():
                self.query_order(self._order(step.order))
            case _:
                raise NotSupported(f"{step.__struct_config__.tag}: a strategy cannot do this")

    def _modify(self, step: StrategyModify) -> None:
        order = self._order(step.order)
        instrument = self._instrument(order.instrument_id)
        self.modify_order(
            order,
            quantity=None if step.quantity is None else instrument.make_qty(Decimal(step.quantity)),
            price=None if step.price is None else instrument.make_price(Decimal(step.price)),
            trigger_price=None if step.trigger is None else instrument.make_price(Decimal(step.trigger)),
        )

    def _new_order(self, step: StrategySubmit) -> Order:
        instrument = self._instrument(_instrument_id(step.instrument))
        kind = OrderType[step.type] if step.type else OrderType.LIMIT if step.price is not None else OrderType.MARKET
        wanted: dict[str, Any] = {
            "instrument_id": instrument.id,
            "order_side": OrderSide[step.side],
            "quantity": instrument.make_qty(Decimal(step.quantity)),
            "client_order_id": ClientOrderId(step.order),
            "time_in_force": TimeInForce[step.tif],
            "reduce_only": step.reduce_only,
            "tags": step.tags,
        }
        if step.price is not None:
            wanted["price"] = instrument.make_price(Decimal(step.price))
        if step.trigger is not None:
            wanted["trigger_price"] = instrument.make_price(Decimal(step.trigger))
        if step.post_only:
            wanted["post_only"] = True
        if step.display is not None:
            wanted["display_qty"] = instrument.make_qty(Decimal(step.display))
        if step.expire is not None:
            wanted["expire_time"] = self.clock.utc_now() + timedelta(microseconds=step.expire // 1_000)
        method = getattr(self.order_factory, kind.name.lower())
        order: Order = method(**wanted)
        return order

    def _instrument(self, instrument_id: InstrumentId) -> Instrument:
        found = self.cache.instrument(instrument_id)
        if found is None:
            raise ScenarioError([f"{instrument_id}: the node must know the instrument by now, did not"])
        return found

    def _order(self, name: str) -> Order:
        found = self.cache.order(ClientOrderId(name))
        if found is None:
            raise ScenarioError([f"{name}: the node must know the order by now, did not"])
        return found


def _instrument_id(name: str | None) -> InstrumentId:
    return InstrumentId.from_str(full_instrument(name or SYMBOL_DEFAULT))
