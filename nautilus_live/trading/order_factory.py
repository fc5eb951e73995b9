"""The order factory: makes orders that are complete and consistent, with ids of their own.

May know: a clock, ids and the model. What a venue would refuse for being contradictory in itself is refused here,
with the rule and the value; what depends on the instrument or the account (ticks, lots, money) is the risk engine's.
Argument names are the ecosystem's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from msgspec import structs

from nautilus_live.adapters.ports import Clock
from nautilus_live.engine.ids import EventIds
from nautilus_live.model.enums import (
    ContingencyType,
    OrderSide,
    OrderType,
    TimeInForce,
    TrailingOffsetType,
    TriggerType,
)
from nautilus_live.model.events import OrderInitialized
from nautilus_live.model.identifiers import (
    ClientOrderId,
    ExecAlgorithmId,
    InstrumentId,
    OrderListId,
    StrategyId,
    TraderId,
)
from nautilus_live.model.objects import Price, Quantity, to_decimal
from nautilus_live.model.orders import LimitOrder, Order, OrderList, order_from
from nautilus_live.model.timestamps import nanoseconds_of
from nautilus_live.trading.brackets import BracketLegs, bracket_orders
from nautilus_live.trading.order_ids import OrderIds
from nautilus_live.trading.order_rules import check_order

LIMIT = OrderType.LIMIT
GTC = TimeInForce.GTC
NO_TRIGGER = TriggerType.NO_TRIGGER
DEFAULT = TriggerType.DEFAULT
PRICE_OFFSET = TrailingOffsetType.PRICE


class OrderFactory:
    """Makes the orders of one strategy.

    Args:
        trader_id: the trader, whose tag goes into the ids.
        strategy_id: the strategy, whose tag goes into the ids.
        clock: tells the time.
        event_ids: makes the id of each order's first event.
        use_uuid_client_order_ids: make random client order ids, for venues that demand them.
        use_hyphens_in_client_order_ids: whether the ids contain hyphens.
        uuid_source: returns a random UUID as text; needed for random ids.
        is_taken: whether a client order id is in use; such an id is skipped.

    """

    def __init__(
        self,
        trader_id: TraderId,
        strategy_id: StrategyId,
        clock: Clock,
        event_ids: EventIds,
        use_uuid_client_order_ids: bool = False,
        use_hyphens_in_client_order_ids: bool = True,
        uuid_source: Callable[[], str] | None = None,
        is_taken: Callable[[ClientOrderId], object] | None = None,
    ) -> None:
        self.trader_id = trader_id
        self.strategy_id = strategy_id
        self.use_uuid_client_order_ids = use_uuid_client_order_ids
        self.use_hyphens_in_client_order_ids = use_hyphens_in_client_order_ids
        self._clock = clock
        self._event_ids = event_ids
        self._ids = OrderIds(
            trader_id,
            strategy_id,
            clock,
            use_uuids=use_uuid_client_order_ids,
            use_hyphens=use_hyphens_in_client_order_ids,
            uuid_source=uuid_source,
            is_taken=is_taken,
        )

    # -- ids -----------------------------------------------------------------------------------------------------------

    def generate_client_order_id(self) -> ClientOrderId:
        """Return a client order id that was never used."""
        return self._ids.next()

    def generate_order_list_id(self) -> OrderListId:
        """Return an id for an order list."""
        return self._ids.next_list()

    def get_client_order_id_count(self) -> int:
        """Return how many client order ids were made, earlier runs included once restored."""
        return self._ids.count

    def set_client_order_id_count(self, count: int) -> None:
        """Let the count go on from `count`; it never goes back."""
        self._ids.count = max(self._ids.count, count)

    def get_order_list_id_count(self) -> int:
        """Return how many order list ids were made."""
        return self._ids.list_count

    def set_order_list_id_count(self, count: int) -> None:
        """Let the count of lists go on from `count`; it never goes back."""
        self._ids.list_count = max(self._ids.list_count, count)

    def reset(self) -> None:
        """Let the counts begin anew; ids in use are skipped all the same."""
        self._ids.count = self._ids.list_count = 0

    def restore_counts(self, known: Iterable[ClientOrderId]) -> None:
        """Let the count go on after the highest one among ids used before."""
        self.set_client_order_id_count(max(map(self._ids.count_of, known), default=0))

    # -- orders --------------------------------------------------------------------------------------------------------

    def market(
        self, instrument_id: InstrumentId, order_side: OrderSide, quantity: Quantity,
        time_in_force: TimeInForce = GTC, reduce_only: bool = False, quote_quantity: bool = False,
        exec_algorithm_id: ExecAlgorithmId | None = None, exec_algorithm_params: dict[str, Any] | None = None,
        tags: Iterable[str] | None = None, client_order_id: ClientOrderId | None = None,
    ) -> Order:  # fmt: skip
        """Return an order that fills at once at the best price there is."""
        return self.create(
            OrderType.MARKET, instrument_id, order_side, quantity, client_order_id, time_in_force=time_in_force,
            reduce_only=reduce_only, quote_quantity=quote_quantity, exec_algorithm_id=exec_algorithm_id,
            exec_algorithm_params=exec_algorithm_params, tags=tags,
        )  # fmt: skip

    def limit(
        self, instrument_id: InstrumentId, order_side: OrderSide, quantity: Quantity, price: Price,
        time_in_force: TimeInForce = GTC, expire_time: datetime | int | None = None, post_only: bool = False,
        reduce_only: bool = False, quote_quantity: bool = False, display_qty: Quantity | None = None,
        emulation_trigger: TriggerType = NO_TRIGGER, trigger_instrument_id: InstrumentId | None = None,
        exec_algorithm_id: ExecAlgorithmId | None = None, exec_algorithm_params: dict[str, Any] | None = None,
        tags: Iterable[str] | None = None, client_order_id: ClientOrderId | None = None,
    ) -> Order:  # fmt: skip
        """Return an order that fills at `price` or better."""
        # Spelt out instead of calling `create`: passing the keywords on costs as much as making the order.
        now = self._clock.timestamp_ns()
        init = OrderInitialized(
            event_id=self._event_ids.next(), ts_event=now, ts_init=now, trader_id=self.trader_id,
            strategy_id=self.strategy_id, instrument_id=instrument_id,
            client_order_id=client_order_id or self._ids.next(), order_side=order_side, order_type=LIMIT,
            quantity=quantity, price=price, time_in_force=time_in_force,
            expire_time_ns=0 if expire_time is None else nanoseconds_of(expire_time), post_only=post_only,
            reduce_only=reduce_only, quote_quantity=quote_quantity, display_qty=display_qty,
            emulation_trigger=emulation_trigger, trigger_instrument_id=trigger_instrument_id,
            exec_algorithm_id=exec_algorithm_id, exec_algorithm_params=exec_algorithm_params,
            tags=() if tags is None else _tags(tags),
        )  # fmt: skip
        check_order(init, now)
        return LimitOrder.create(init)

    def market_to_limit(
        self, instrument_id: InstrumentId, order_side: OrderSide, quantity: Quantity,
        time_in_force: TimeInForce = GTC, expire_time: datetime | int | None = None, reduce_only: bool = False,
        quote_quantity: bool = False, display_qty: Quantity | None = None,
        exec_algorithm_id: ExecAlgorithmId | None = None, exec_algorithm_params: dict[str, Any] | None = None,
        tags: Iterable[str] | None = None, client_order_id: ClientOrderId | None = None,
    ) -> Order:  # fmt: skip
        """Return an order that fills what it can at once and rests with what is left at that price."""
        return self.create(
            OrderType.MARKET_TO_LIMIT, instrument_id, order_side, quantity, client_order_id,
            time_in_force=time_in_force, expire_time=expire_time, reduce_only=reduce_only,
            quote_quantity=quote_quantity, display_qty=display_qty, exec_algorithm_id=exec_algorithm_id,
            exec_algorithm_params=exec_algorithm_params, tags=tags,
        )  # fmt: skip

    def stop_market(
        self, instrument_id: InstrumentId, order_side: OrderSide, quantity: Quantity, trigger_price: Price,
        trigger_type: TriggerType = DEFAULT,
        time_in_force: TimeInForce = GTC, expire_time: datetime | int | None = None, reduce_only: bool = False,
        quote_quantity: bool = False, emulation_trigger: TriggerType = NO_TRIGGER,
        trigger_instrument_id: InstrumentId | None = None, exec_algorithm_id: ExecAlgorithmId | None = None,
        exec_algorithm_params: dict[str, Any] | None = None, tags: Iterable[str] | None = None,
        client_order_id: ClientOrderId | None = None,
    ) -> Order:  # fmt: skip
        """Return a market order that waits until the market moves against it to `trigger_price`."""
        return self.create(
            OrderType.STOP_MARKET, instrument_id, order_side, quantity, client_order_id,
            trigger_type=trigger_type, trigger_price=trigger_price,
            time_in_force=time_in_force, expire_time=expire_time, reduce_only=reduce_only, tags=tags,
            quote_quantity=quote_quantity, emulation_trigger=emulation_trigger, exec_algorithm_id=exec_algorithm_id,
            trigger_instrument_id=trigger_instrument_id, exec_algorithm_params=exec_algorithm_params,
        )  # fmt: skip

    def market_if_touched(
        self, instrument_id: InstrumentId, order_side: OrderSide, quantity: Quantity, trigger_price: Price,
        trigger_type: TriggerType = DEFAULT,
        time_in_force: TimeInForce = GTC, expire_time: datetime | int | None = None, reduce_only: bool = False,
        quote_quantity: bool = False, emulation_trigger: TriggerType = NO_TRIGGER,
        trigger_instrument_id: InstrumentId | None = None, exec_algorithm_id: ExecAlgorithmId | None = None,
        exec_algorithm_params: dict[str, Any] | None = None, tags: Iterable[str] | None = None,
        client_order_id: ClientOrderId | None = None,
    ) -> Order:  # fmt: skip
        """Return a market order that waits until the market moves in its favour."""
        return self.create(
            OrderType.MARKET_IF_TOUCHED, instrument_id, order_side, quantity, client_order_id,
            trigger_type=trigger_type, trigger_price=trigger_price,
            time_in_force=time_in_force, expire_time=expire_time, reduce_only=reduce_only, tags=tags,
            quote_quantity=quote_quantity, emulation_trigger=emulation_trigger, exec_algorithm_id=exec_algorithm_id,
            trigger_instrument_id=trigger_instrument_id, exec_algorithm_params=exec_algorithm_params,
        )  # fmt: skip

    def stop_limit(
        self, instrument_id: InstrumentId, order_side: OrderSide, quantity: Quantity, price: Price,
        trigger_price: Price, trigger_type: TriggerType = DEFAULT,
        time_in_force: TimeInForce = GTC, expire_time: datetime | int | None = None, post_only: bool = False,
        reduce_only: bool = False, quote_quantity: bool = False, display_qty: Quantity | None = None,
        emulation_trigger: TriggerType = NO_TRIGGER, trigger_instrument_id: InstrumentId | None = None,
        exec_algorithm_id: ExecAlgorithmId | None = None, exec_algorithm_params: dict[str, Any] | None = None,
        tags: Iterable[str] | None = None, client_order_id: ClientOrderId | None = None,
    ) -> Order:  # fmt: skip
        """Return a limit order that waits until the market moves against it to `trigger_price`."""
        return self.create(
            OrderType.STOP_LIMIT, instrument_id, order_side, quantity, client_order_id,
            trigger_type=trigger_type, price=price, trigger_price=trigger_price,
            post_only=post_only, display_qty=display_qty,
            time_in_force=time_in_force, expire_time=expire_time, reduce_only=reduce_only, tags=tags,
            quote_quantity=quote_quantity, emulation_trigger=emulation_trigger, exec_algorithm_id=exec_algorithm_id,
            trigger_instrument_id=trigger_instrument_id, exec_algorithm_params=exec_algorithm_params,
        )  # fmt: skip

    def limit_if_touched(
        self, instrument_id: InstrumentId, order_side: OrderSide, quantity: Quantity, price: Price,
        trigger_price: Price, trigger_type: TriggerType = DEFAULT,
        time_in_force: TimeInForce = GTC, expire_time: datetime | int | None = None, post_only: bool = False,
        reduce_only: bool = False, quote_quantity: bool = False, display_qty: Quantity | None = None,
        emulation_trigger: TriggerType = NO_TRIGGER, trigger_instrument_id: InstrumentId | None = None,
        exec_algorithm_id: ExecAlgorithmId | None = None, exec_algorithm_params: dict[str, Any] | None = None,
        tags: Iterable[str] | None = None, client_order_id: ClientOrderId | None = None,
    ) -> Order:  # fmt: skip
        """Return a limit order that waits until the market moves in its favour."""
        return self.create(
            OrderType.LIMIT_IF_TOUCHED, instrument_id, order_side, quantity, client_order_id,
            trigger_type=trigger_type, price=price, trigger_price=trigger_price,
            post_only=post_only, display_qty=display_qty,
            time_in_force=time_in_force, expire_time=expire_time, reduce_only=reduce_only, tags=tags,
            quote_quantity=quote_quantity, emulation_trigger=emulation_trigger, exec_algorithm_id=exec_algorithm_id,
            trigger_instrument_id=trigger_instrument_id, exec_algorithm_params=exec_algorithm_params,
        )  # fmt: skip

    def trailing_stop_market(
        self, instrument_id: InstrumentId, order_side: OrderSide, quantity: Quantity, trailing_offset: Decimal,
        activation_price: Price | None = None, trigger_price: Price | None = None, trigger_type: TriggerType = DEFAULT,
        trailing_offset_type: TrailingOffsetType = PRICE_OFFSET,
        time_in_force: TimeInForce = GTC, expire_time: datetime | int | None = None, reduce_only: bool = False,
        quote_quantity: bool = False, emulation_trigger: TriggerType = NO_TRIGGER,
        trigger_instrument_id: InstrumentId | None = None, exec_algorithm_id: ExecAlgorithmId | None = None,
        exec_algorithm_params: dict[str, Any] | None = None, tags: Iterable[str] | None = None,
        client_order_id: ClientOrderId | None = None,
    ) -> Order:  # fmt: skip
        """Return a stop-market order whose trigger follows the market."""
        return self.create(
            OrderType.TRAILING_STOP_MARKET, instrument_id, order_side, quantity, client_order_id,
            trigger_type=trigger_type, trailing_offset=trailing_offset, trailing_offset_type=trailing_offset_type,
            activation_price=activation_price, trigger_price=trigger_price,
            time_in_force=time_in_force, expire_time=expire_time, reduce_only=reduce_only, tags=tags,
            quote_quantity=quote_quantity, emulation_trigger=emulation_trigger, exec_algorithm_id=exec_algorithm_id,
            trigger_instrument_id=trigger_instrument_id, exec_algorithm_params=exec_algorithm_params,
        )  # fmt: skip

    def trailing_stop_limit(
        self, instrument_id: InstrumentId, order_side: OrderSide, quantity: Quantity, limit_offset: Decimal,
        trailing_offset: Decimal, price: Price | None = None,
        activation_price: Price | None = None, trigger_price: Price | None = None, trigger_type: TriggerType = DEFAULT,
        trailing_offset_type: TrailingOffsetType = PRICE_OFFSET,
        time_in_force: TimeInForce = GTC, expire_time: datetime | int | None = None, post_only: bool = False,
        reduce_only: bool = False, quote_quantity: bool = False, display_qty: Quantity | None = None,
        emulation_trigger: TriggerType = NO_TRIGGER, trigger_instrument_id: InstrumentId | None = None,
        exec_algorithm_id: ExecAlgorithmId | None = None, exec_algorithm_params: dict[str, Any] | None = None,
        tags: Iterable[str] | None = None, client_order_id: ClientOrderId | None = None,
    ) -> Order:  # fmt: skip
        """Return a stop-limit order whose trigger and limit follow the market."""
        return self.create(
            OrderType.TRAILING_STOP_LIMIT, instrument_id, order_side, quantity, client_order_id,
            trigger_type=trigger_type, price=price, limit_offset=limit_offset,
            trailing_offset=trailing_offset, trailing_offset_type=trailing_offset_type,
            activation_price=activation_price, trigger_price=trigger_price,
            post_only=post_only, display_qty=display_qty,
            time_in_force=time_in_force, expire_time=expire_time, reduce_only=reduce_only, tags=tags,
            quote_quantity=quote_quantity, emulation_trigger=emulation_trigger, exec_algorithm_id=exec_algorithm_id,
            trigger_instrument_id=trigger_instrument_id, exec_algorithm_params=exec_algorithm_params,
        )  # fmt: skip

    # -- lists ---------------------------------------------------------------------------------------------------------

    def bracket(self, instrument_id: InstrumentId, order_side: OrderSide, quantity: Quantity, **legs: Any) -> OrderList:
        """Return an entry order with a take-profit and a stop-loss that the entry's fill releases (OTO) and that end
        each other.

        Args:
            instrument_id: the instrument of all three.
            order_side: the entry's side; the exits are on the other.
            quantity: the quantity of all three.
            legs: the fields of `BracketLegs`, under the ecosystem's names (`entry_price`, `tp_price`,
            `sl_trigger_price`, ...).

        Raises:
            ValueError: if a leg lacks a price that its type needs, or has one it cannot use.
            TypeError: for an argument that no bracket has.

        """
        made = BracketLegs(**legs)
        return bracket_orders(instrument_id, order_side, quantity, made, ids=self._ids, create=self.create)

    def create_list(self, orders: list[Order]) -> OrderList:
        """Return a list of orders of one instrument, each of which then carries the list's id.

        Raises:
            ValueError: if there are none, they are of several instruments, or one was submitted already.

        """
        order_list = OrderList(self._ids.next_list(), orders)
        for order in orders:
            if order.event_count > 1 or order.order_list_id is not None:
                raise ValueError(
                    f"a list must be made of new orders that are in no list, {order.client_order_id} was not"
                )
        for order in orders:
            order.init = structs.replace(order.init, order_list_id=order_list.id)
            order.events[0] = order.init
        return order_list

    # -- making --------------------------------------------------------------------------------------------------------

    def create(
        self,
        order_type: OrderType,
        instrument_id: InstrumentId,
        order_side: OrderSide,
        quantity: Quantity,
        client_order_id: ClientOrderId | None = None,
        *,
        expire_time: datetime | int | None = None,
        tags: Iterable[str] | None = None,
        contingency_type: ContingencyType = ContingencyType.NO_CONTINGENCY,
        **fields: Any,
    ) -> Order:
        """Return an order of any type; `fields` are those of `OrderInitialized`.

        Raises:
            ValueError: if the order contradicts itself; the message names the rule and the value.

        """
        now = self._clock.timestamp_ns()
        for name in ("trailing_offset", "limit_offset"):
            if fields.get(name) is not None:  # what an author has worked out may be a figure, or a float
                fields[name] = to_decimal(fields[name])
        init = OrderInitialized(
            event_id=self._event_ids.next(),
            ts_event=now,
            ts_init=now,
            trader_id=self.trader_id,
            strategy_id=self.strategy_id,
            instrument_id=instrument_id,
            client_order_id=client_order_id or self._ids.next(),
            order_side=order_side,
            order_type=order_type,
            quantity=quantity,
            expire_time_ns=0 if expire_time is None else nanoseconds_of(expire_time),
            contingency_type=contingency_type,
            tags=() if tags is None else _tags(tags),
            **fields,
        )
        check_order(init, now)
        return order_from(init)


def _tags(tags: Iterable[str]) -> tuple[str, ...]:
    return (tags,) if isinstance(tags, str) else tuple(tags)
