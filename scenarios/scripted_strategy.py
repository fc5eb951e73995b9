"""The strategy that does what a scenario's `strategy.*` steps say, and nothing of its own.

A real strategy on the public interface: what works here works for a user's.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from nautilus_live.config import StrategyConfig
from nautilus_live.model.bars import BarType
from nautilus_live.model.data import QuoteTick
from nautilus_live.model.enums import (
    BookType,
    ContingencyType,
    OrderSide,
    OrderType,
    TimeInForce,
    TrailingOffsetType,
    TriggerType,
)
from nautilus_live.model.identifiers import ClientId, ClientOrderId, ExecAlgorithmId, InstrumentId, PositionId
from nautilus_live.model.instruments import Instrument
from nautilus_live.model.objects import Price, Quantity
from nautilus_live.model.orders import Order, OrderList
from nautilus_live.trading.strategy import Strategy
from scenarios.problems import NotSupported, ScenarioError
from scenarios.settings import full_instrument
from scenarios.values import Number
from scenarios.verbs import (
    ListedOrder,
    Step,
    StrategyBracket,
    StrategyCancel,
    StrategyCancelAll,
    StrategyCancelOrders,
    StrategyClose,
    StrategyMarketExit,
    StrategyModify,
    StrategyQuery,
    StrategyRequest,
    StrategySubmit,
    StrategySubmitList,
    StrategySubscribe,
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
                self.submit_order(order, _position_id(step.position), _client_id(step))
            case StrategySubmitList():
                self._submit_list(step)
            case StrategyBracket():
                self.submit_order_list(self._new_bracket(step), client_id=_client_id(step))
            case StrategyModify():
                self._modify(step)
            case StrategyCancel():
                self.cancel_order(self._order(step.order))
            case StrategyCancelOrders():
                self.cancel_orders([self._order(name) for name in step.orders])
            case StrategySubscribe():
                self._listen(step)
            case StrategyRequest():
                self._request(step)
            case StrategyCancelAll():
                side = None if step.side is None else OrderSide[step.side]
                self.cancel_all_orders(_instrument_id(step.instrument), side)
            case StrategyClose():
                self.close_all_positions(_instrument_id(step.instrument))
            case StrategyMarketExit():
                self.market_exit()
            case StrategyQuery():
                self.query_order(self._order(step.order))
            case _:
                raise NotSupported(f"{step.__struct_config__.tag}: a strategy cannot do this")

    def _submit_list(self, step: StrategySubmitList) -> None:
        instrument = self._instrument(_instrument_id(step.instrument))
        orders = self.order_factory.create_list([self._new_listed(item, instrument) for item in step.orders])
        self.submit_order_list(orders, _position_id(step.position), _client_id(step))

    def _new_listed(self, item: ListedOrder, instrument: Instrument) -> Order:
        kind = OrderType[item.type] if item.type else OrderType.LIMIT if item.price is not None else OrderType.MARKET
        wanted: dict[str, Any] = {"time_in_force": TimeInForce[item.tif], "reduce_only": item.reduce_only}
        if item.price is not None:
            wanted["price"] = instrument.make_price(Decimal(item.price))
        if item.trigger is not None:
            wanted["trigger_price"] = instrument.make_price(Decimal(item.trigger))
            wanted["trigger_type"] = TriggerType.DEFAULT
        if item.post_only:
            wanted["post_only"] = True
        if item.contingency is not None:
            wanted["contingency_type"] = ContingencyType[item.contingency]
            wanted["linked_order_ids"] = tuple(ClientOrderId(name) for name in item.linked)
        if item.emulate is not None:
            wanted["emulation_trigger"] = TriggerType[item.emulate]
        if item.parent is not None:
            wanted["parent_order_id"] = ClientOrderId(item.parent)
        return self.order_factory.create(
            kind,
            instrument.id,
            OrderSide[item.side],
            instrument.make_qty(Decimal(item.quantity)),
            ClientOrderId(item.order),
            **wanted,
        )

    def _new_bracket(self, step: StrategyBracket) -> OrderList:
        instrument = self._instrument(_instrument_id(step.instrument))
        entry: dict[str, Any] = {"entry_order_type": OrderType.MARKET}
        if step.price is not None:
            price = instrument.make_price(Decimal(step.price))
            entry = {"entry_order_type": OrderType.LIMIT, "entry_price": price}
        if step.emulate is not None:
            entry["emulation_trigger"] = TriggerType[step.emulate]
        if step.algorithm is not None:
            entry["entry_exec_algorithm_id"] = ExecAlgorithmId(step.algorithm)
            entry["entry_exec_algorithm_params"] = dict(step.params)
        return self.order_factory.bracket(
            instrument.id,
            OrderSide[step.side],
            instrument.make_qty(Decimal(step.quantity)),
            contingency_type=ContingencyType[step.exits],
            entry_client_order_id=ClientOrderId(step.order),
            sl_client_order_id=ClientOrderId(f"{step.order}-SL"),
            sl_trigger_price=instrument.make_price(Decimal(step.stop)),
            tp_client_order_id=ClientOrderId(f"{step.order}-TP"),
            tp_price=instrument.make_price(Decimal(step.target)),
            **entry,
        )

    def _listen(self, step: StrategySubscribe) -> None:
        choices: dict[str, tuple[Callable[..., None], Callable[..., None]]] = {
            "quotes": (self.subscribe_quote_ticks, self.unsubscribe_quote_ticks),
            "trades": (self.subscribe_trade_ticks, self.unsubscribe_trade_ticks),
            "book": (self.subscribe_order_book_deltas, self.unsubscribe_order_book_deltas),
            "book_orders": (
                partial(self.subscribe_order_book_deltas, book_type=BookType.L3_MBO),
                self.unsubscribe_order_book_deltas,
            ),
            "book_top": (
                partial(self.subscribe_order_book_deltas, book_type=BookType.L1_MBP),
                self.unsubscribe_order_book_deltas,
            ),
            "depth": (self.subscribe_order_book_depth, self.unsubscribe_order_book_depth),
            "books": (self.subscribe_order_book_at_interval, self.unsubscribe_order_book_at_interval),
            "bars": (self.subscribe_bars, self.unsubscribe_bars),
            "mark_prices": (self.subscribe_mark_prices, self.unsubscribe_mark_prices),
            "index_prices": (self.subscribe_index_prices, self.unsubscribe_index_prices),
            "funding_rates": (self.subscribe_funding_rates, self.unsubscribe_funding_rates),
            "status": (self.subscribe_instrument_status, self.unsubscribe_instrument_status),
            "instrument": (self.subscribe_instrument, self.unsubscribe_instrument),
        }
        begin, end = choices[step.what]
        (end if step.off else begin)(_subject(step))

    def _request(self, step: StrategyRequest) -> None:
        if step.what == "instrument":
            self.request_instrument(_instrument_id(step.instrument))
            return
        choices: dict[str, Callable[..., object]] = {
            "quotes": self.request_quote_ticks,
            "trades": self.request_trade_ticks,
            "bars": self.request_bars,
        }
        choices[step.what](_subject(step), limit=step.limit)

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
            "quantity": _quantity(step.quantity, instrument),
            "client_order_id": ClientOrderId(step.order),
            "time_in_force": TimeInForce[step.tif],
            "reduce_only": step.reduce_only,
            "tags": step.tags,
        }
        if step.price is not None:
            wanted["price"] = _price(step.price, instrument)
        if step.trigger is not None:
            wanted["trigger_price"] = _price(step.trigger, instrument)
        if step.post_only:
            wanted["post_only"] = True
        if step.trigger_type is not None:
            wanted["trigger_type"] = TriggerType[step.trigger_type]
        if step.in_quote:
            wanted["quote_quantity"] = True
        if step.display is not None:
            wanted["display_qty"] = instrument.make_qty(Decimal(step.display))
        if step.expire is not None:
            wanted["expire_time"] = self.clock.utc_now() + timedelta(microseconds=step.expire // 1_000)
        wanted.update(_held_here(step, instrument))
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


def _price(written: Number, instrument: Instrument) -> Price:
    """Return a price as it is written, where the instrument has fewer decimal places: the node is to find out."""
    price = Price.from_str(str(written))
    return price if price.precision > instrument.price_precision else instrument.make_price(Decimal(written))


def _quantity(written: Number, instrument: Instrument) -> Quantity:
    """Return a quantity in the same way."""
    quantity = Quantity.from_str(str(written))
    return quantity if quantity.precision > instrument.size_precision else instrument.make_qty(Decimal(written))


def _held_here(step: StrategySubmit, instrument: Instrument) -> dict[str, Any]:
    """Return what says that an order trails, is emulated or is worked by an algorithm."""
    wanted: dict[str, Any] = {}
    if step.emulate is not None:
        wanted["emulation_trigger"] = TriggerType[step.emulate]
    if step.trail is not None:
        wanted |= {"trailing_offset": Decimal(step.trail), "trailing_offset_type": TrailingOffsetType[step.trail_in]}
    if step.limit_trail is not None:
        wanted["limit_offset"] = Decimal(step.limit_trail)
    if step.activation is not None:
        wanted["activation_price"] = instrument.make_price(Decimal(step.activation))
    if step.algorithm is not None:
        wanted |= {"exec_algorithm_id": ExecAlgorithmId(step.algorithm), "exec_algorithm_params": dict(step.params)}
    return wanted


def _position_id(name: str | None) -> PositionId | None:
    return PositionId(name) if name else None


def _client_id(step: StrategySubmit | StrategySubmitList | StrategyBracket) -> ClientId | None:
    """Return the client of the account that a step names: the venue's name and the account's number."""
    if step.account is None:
        return None
    return ClientId(f"{_instrument_id(step.instrument).venue}-{step.account}")


def _subject(step: StrategySubscribe | StrategyRequest) -> InstrumentId | BarType:
    """Return what data are asked for of: an instrument, or a type of bars."""
    instrument_id = _instrument_id(step.instrument)
    return instrument_id if step.bars is None else BarType.from_str(f"{instrument_id}-{step.bars}")


def _instrument_id(name: str | None) -> InstrumentId:
    return InstrumentId.from_str(full_instrument(name or SYMBOL_DEFAULT))
