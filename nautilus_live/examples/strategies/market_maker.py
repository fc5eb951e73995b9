"""A market maker: one order each side of the middle, and fewer on the side on which it holds too much."""

from __future__ import annotations

from decimal import Decimal

from nautilus_live.config import PositiveInt, StrategyConfig
from nautilus_live.model.data import QuoteTick
from nautilus_live.model.enums import OrderSide
from nautilus_live.model.identifiers import InstrumentId
from nautilus_live.model.instruments import Instrument
from nautilus_live.model.objects import Price
from nautilus_live.model.orders import Order
from nautilus_live.trading.strategy import Strategy


class MarketMakerConfig(StrategyConfig, frozen=True):
    """What is quoted, how much, how far from the middle (ticks), when to move (ticks), and how much may be held."""

    instrument_id: InstrumentId
    trade_size: Decimal
    max_size: Decimal
    half_spread_ticks: PositiveInt = 5
    requote_ticks: PositiveInt = 3


class MarketMaker(Strategy):
    """Quotes both sides; never more than one order a side is out, so that what it can lose is bounded."""

    def __init__(self, config: MarketMakerConfig) -> None:
        super().__init__(config)
        self.quoted_middle: Decimal | None = None

    def on_start(self) -> None:
        """Listen to the market."""
        self.subscribe_quote_ticks(self.config.instrument_id)

    def on_quote_tick(self, tick: QuoteTick) -> None:
        """Follow the middle once it has moved far enough."""
        instrument = self.cache.instrument(self.config.instrument_id)
        if instrument is None:
            return
        middle = (tick.bid_price.value + tick.ask_price.value) / 2
        for side in (OrderSide.BUY, OrderSide.SELL):
            self._quote(instrument, side, middle)

    def _quote(self, instrument: Instrument, side: OrderSide, middle: Decimal) -> None:
        tick_size = instrument.price_increment.value
        distance = self.config.half_spread_ticks * tick_size
        sign = 1 if side is OrderSide.BUY else -1
        price = instrument.make_price(middle - sign * distance)
        mine = [order for order in self._unfinished(instrument.id) if order.side is side]
        held = self.portfolio.net_position(instrument.id) * sign
        wanted = held + self.config.trade_size <= self.config.max_size
        for order in mine:
            if not wanted or self._is_off(order, price, tick_size):
                self.cancel_order(order)
        if wanted and not mine:  # an order of which we do not know whether it ended counts as out
            quantity = instrument.make_qty(self.config.trade_size)
            self.submit_order(self.order_factory.limit(instrument.id, side, quantity, price, post_only=True))

    def _unfinished(self, instrument_id: InstrumentId) -> list[Order]:
        orders = [
            *self.cache.orders_open(instrument_id=instrument_id, strategy_id=self.id),
            *self.cache.orders_inflight(instrument_id=instrument_id, strategy_id=self.id),
        ]
        return list({order.client_order_id: order for order in orders}.values())

    def _is_off(self, order: Order, price: Price, tick_size: Decimal) -> bool:
        if order.is_pending_cancel or order.price is None:
            return False
        distance: Decimal = abs(order.price.value - price.value)
        return distance >= Decimal(self.config.requote_ticks) * tick_size

    def on_stop(self) -> None:
        """Leave the market."""
        self.cancel_all_orders(self.config.instrument_id)
        self.close_all_positions(self.config.instrument_id)
