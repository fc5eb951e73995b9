"""What happens in a random trading day: orders of every kind, a market that moves, a venue that does as it likes."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from random import Random
from typing import Any

from nautilus_live.model.enums import OrderSide, TimeInForce, TrailingOffsetType
from nautilus_live.model.identifiers import ClientId, InstrumentId, PositionId
from nautilus_live.model.instruments import CryptoPerpetual, CurrencyPair, InstrumentAny
from nautilus_live.model.objects import Money, Price, Quantity
from nautilus_live.model.orders import Order
from nautilus_live.trading.strategy import Strategy
from scenarios.problems import ScenarioError
from scenarios.testing import NodeHandle, VenueHandle

VENUE = "SANDBOX"
FIRST = f"{VENUE}-001"
PRICES = {
    "BTC": 47_123.0,
    "ETH": 2_718.0,
    "AUD/JPY": 98.127,
    "AUD": 0.65127,
    "EUR": 1.08343,
    "USD/JPY": 151.31,
    "AAPL": 231.17,
    "ES-F": 4_512.0,
    "ES-P": 23.71,
    "XAU": 2_412.0,
    "GOLD": 2_411.0,
    "1-2010": 7.0,
}
PLACED = ("market", "limit", "limit", "cross")
ACTIONS = (*PLACED * 3, "cancel", "close", "move", "move", "fund", "force", "bust")
OTHERS = ("ioc", "stop", "trail", "reduce", "worth", "name", "mark", "pay", "bracket", "amend", "print")
"""What happens besides on half of the days."""
CROWD = ("external", "external", "correct", "bust_any", "force", "away")
"""What happens besides on crowded days."""
AWAY = {"limit": (-0.002, 0.001), "ioc": (0.0, 0.002), "external": (-0.002, 0.003), "amend": (-0.002, 0.001)}
"""Between which parts of the price behind or through the market an order is placed; others go through it for sure."""


class Trader(Strategy):
    """Watches all prices, and does what it is told."""

    def on_start(self) -> None:
        """Watch."""
        for instrument in self.cache.instruments():
            self.subscribe_quote_ticks(instrument.id)
            self.subscribe_mark_prices(instrument.id)

    def place(
        self,
        make: Callable[[Trader], Order | None],
        client_id: ClientId | None = None,
        position_id: PositionId | None = None,
    ) -> None:
        """Send an order, or none."""
        order = make(self)
        if order is not None:
            self.submit_order(order, position_id=position_id, client_id=client_id)

    def bracket(self, name: InstrumentId, side: OrderSide, size: Quantity, stop: Price, target: Price) -> None:
        """Enter at the market with two exits."""
        made = self.order_factory.bracket(name, side, size, sl_trigger_price=stop, tp_price=target)
        self.submit_order_list(made)

    def amend(self, name: InstrumentId, price: Price) -> None:
        """Move the first order that works."""
        working = [order for order in self.cache.orders_open(instrument_id=name, strategy_id=self.id) if order.price]
        if working:
            self.modify_order(working[0], price=price)

    def close(self, instrument_id: InstrumentId) -> None:
        """Close every position of its own in an instrument."""
        self.close_all_positions(instrument_id)


class Doings:
    """Lets things happen, drawn from the day's randomness."""

    _rng: Random
    _accounts_rng: Random
    _symbols: tuple[str, ...]
    _instruments: dict[str, InstrumentAny]
    _actions: tuple[str, ...]
    _is_cash: bool
    _hedging: bool
    _loses: bool
    _crowded: bool
    _purges: bool
    _strategy_count: int
    accounts: list[str]

    def __init__(self) -> None:
        self._mids: dict[str, float] = {}
        self._funded: list[tuple[str, str, Decimal]] = []

    def _act(self, venue: VenueHandle, node: NodeHandle) -> None:
        rng = self._rng
        action = rng.choice(self._actions)
        symbol = rng.choice(self._symbols)
        trader = rng.choice(node.strategies)
        assert isinstance(trader, Trader)
        name = self._instruments[symbol].id
        side = rng.choice([OrderSide.BUY, OrderSide.SELL])
        doing: Any = {
            "move": lambda: self._move(venue, symbol),
            "fund": lambda: self._fund(venue, symbol),
            "force": lambda: self._by_force(venue, symbol),
            "bust": lambda: self._bust(venue, node, symbol),
            "bust_any": lambda: self._take_back(venue, node, symbol),
            "correct": lambda: self._take_back(venue, node, symbol, 1.003),
            "cancel": lambda: node.call(trader.cancel_all_orders, name),
            "close": lambda: self._close(node, trader, name),
            "mark": lambda: venue.price(instrument=symbol, mark=str(self._near(symbol, rng.uniform(0.995, 1.005)))),
            "pay": lambda: self._pay(venue, symbol),
            "print": lambda: venue.print(
                instrument=symbol, price=str(self._price("cross", symbol, side)), quantity=str(self._size(symbol))
            ),
            "away": lambda: self._lose_sight(venue),
            "external": lambda: self._external(venue, symbol, side),
            "bracket": lambda: self._bracket(node, trader, symbol, side),
            "amend": lambda: node.call(trader.amend, name, self._price("amend", symbol, side)),
            "name": lambda: self._into_one(node, trader, symbol, side),
        }.get(action, lambda: self._order(node, trader, action, symbol, side))
        with suppress(ScenarioError):  # what is impossible at present does not happen
            doing()

    # -- orders

    def _order(self, node: NodeHandle, trader: Trader, kind: str, symbol: str, side: OrderSide) -> None:
        account = self._accounts_rng.choice(self.accounts)
        client_id = None if account == FIRST else ClientId(account)
        size, price = self._size(symbol), self._price(kind, symbol, side)
        instrument = self._instruments[symbol]
        name, quantity = instrument.id, instrument.make_qty(size)
        worth = Quantity(Decimal(self._rng.choice([100, 977, 1234])), instrument.size_precision)
        is_pair = isinstance(instrument, CurrencyPair) and bool(instrument.size_precision)

        def make(one: Trader) -> Order | None:
            factory = one.order_factory
            match kind:
                case "market":
                    return factory.market(name, side, quantity)
                case "reduce":
                    return None if self._is_cash else factory.market(name, side, quantity, reduce_only=True)
                case "worth":
                    return factory.market(name, side, worth, quote_quantity=True) if is_pair else None
                case "stop":
                    return factory.stop_market(name, side, quantity, price)
                case "trail":
                    points = TrailingOffsetType.BASIS_POINTS
                    offset = Decimal(5)
                    return factory.trailing_stop_market(
                        name, side, quantity, trigger_price=price, trailing_offset=offset, trailing_offset_type=points
                    )
                case "ioc":
                    return factory.limit(name, side, quantity, price, time_in_force=TimeInForce.IOC)
            return factory.limit(name, side, quantity, price)

        node.call(trader.place, make, client_id)

    def _into_one(self, node: NodeHandle, trader: Trader, symbol: str, side: OrderSide) -> None:
        """Trade into one of the positions, where the venue has several."""
        instrument = self._instruments[symbol]
        held = node.node.cache.positions_open(instrument_id=instrument.id, strategy_id=trader.id)
        if held and self._hedging:
            position = self._rng.choice(held)
            quantity = instrument.make_qty(self._size(symbol))
            account = str(position.account_id)
            client_id = None if account == FIRST else ClientId(account)
            node.call(
                trader.place,
                lambda one: one.order_factory.market(instrument.id, side, quantity),
                client_id,
                position.id,
            )

    def _bracket(self, node: NodeHandle, trader: Trader, symbol: str, side: OrderSide) -> None:
        if not self._is_cash:
            size = self._instruments[symbol].make_qty(self._size(symbol))
            stop, target = (self._near(symbol, 1 + side.sign * part) for part in (-0.003, 0.003))
            node.call(trader.bracket, self._instruments[symbol].id, side, size, stop, target)

    def _close(self, node: NodeHandle, trader: Trader, name: InstrumentId) -> None:
        if not self._is_cash and len(self.accounts) == 1:
            node.call(trader.close, name)

    def _size(self, symbol: str) -> Decimal:
        unit = self._instruments[symbol].size_increment.value
        return unit * self._rng.choice([1, 3, 7, 10, 99, 100, 250, 333, 1000])

    def _price(self, kind: str, symbol: str, side: OrderSide) -> Price:
        away = self._rng.uniform(*AWAY[kind]) if kind in AWAY else 0.002 if kind in ("stop", "trail") else 0.01
        return self._near(symbol, 1 + side.sign * away)

    def _near(self, symbol: str, part: float) -> Price:
        """Return the tick at that part of the middle of the market."""
        tick = self._instruments[symbol].next_bid_price(Decimal(str(round(self._mids[symbol] * part, 8))))
        assert tick is not None
        return tick

    # -- the market and the venue

    def _move(self, venue: VenueHandle, symbol: str) -> None:
        instrument = self._instruments[symbol]
        start = self._mids.get(symbol) or next(price for name, price in PRICES.items() if symbol.startswith(name))
        mid = self._mids[symbol] = start * (1 + self._rng.uniform(-0.004, 0.004))
        bid = instrument.next_bid_prices(mid, 1)[0]
        ask = bid + instrument.price_increment.value * self._rng.choice([1, 2, 7])
        venue.quote(bid=str(bid), ask=str(ask), size=str(self._size(symbol) * 3), instrument=symbol)

    def _fund(self, venue: VenueHandle, symbol: str) -> None:
        currency = self._instruments[symbol].settlement_currency
        amount = Money(Decimal(self._rng.randint(-99_999, 99_999)).scaleb(-currency.precision), currency)
        if amount.value:
            account = self._accounts_rng.choice(self.accounts)
            venue.deposit(amount=f"{amount.value:f} {currency.code}", account=account.removeprefix(f"{VENUE}-"))
            self._funded.append((account, currency.code, amount.value))

    def _pay(self, venue: VenueHandle, symbol: str) -> None:
        if isinstance(self._instruments[symbol], CryptoPerpetual):
            venue.funding(instrument=symbol)

    def _by_force(self, venue: VenueHandle, symbol: str) -> None:
        """Liquidate a position, where it is clear whose it is, or does not matter."""
        clear = not self._hedging and not self._loses and self._strategy_count == 1 and len(self.accounts) == 1
        if (clear or self._crowded) and not self._is_cash and venue.truth.net(symbol):
            venue.liquidate(instrument=symbol, price=str(self._near(symbol, self._rng.uniform(0.99, 1.01))))

    def _lose_sight(self, venue: VenueHandle) -> None:
        """Break the connection; what happens meanwhile is asked for. (Of cash, a lost bust leaves doubts that stay.)"""
        if not self._is_cash:
            venue.disconnect(lasts="3s")

    def _external(self, venue: VenueHandle, symbol: str, side: OrderSide) -> None:
        """Let somebody else trade on the account."""
        price = None if self._rng.random() < 0.5 else str(self._price("external", symbol, side))
        account = self._accounts_rng.choice(self.accounts).removeprefix(f"{VENUE}-")
        size = str(self._size(symbol))
        venue.external_order(side=side.name, quantity=size, price=price, instrument=symbol, account=account)

    def _bust(self, venue: VenueHandle, node: NodeHandle, symbol: str) -> None:
        """Take the latest trade in an instrument back, unless it turned a position around.

        Of the cycle before a flip the node keeps the profit alone: a trade that is taken back there is put right in the
        whole profit, but how much of that counts as realised is then a matter of convention.
        """
        fills = venue.truth.fills(str(self._instruments[symbol].id))
        if not fills or self._purges:  # what an order traded that is forgotten cannot be taken back; it is alarmed
            return
        latest = [fill for fill in fills if fill.trade_id == fills[-1].trade_id]  # two, if our orders met each other
        known = {
            (fill.trade_id, fill.order_side, fill.last_qty)
            for position in node.node.cache.positions()
            for fill in position.fills
        }
        if all((fill.trade_id, fill.order_side, fill.last_qty) in known for fill in latest):
            venue.bust(trade=str(fills[-1].trade_id))

    def _take_back(self, venue: VenueHandle, node: NodeHandle, symbol: str, part: float | None = None) -> None:
        """Take back any trade of the day that the node has heard of, or state it anew at a part of its price."""
        orders = node.node.cache.orders(instrument_id=self._instruments[symbol].id)
        heard = {(order.venue_order_id, name) for order in orders for name in order.fills}
        fills = venue.truth.fills(str(self._instruments[symbol].id))
        fills = [fill for fill in fills if (fill.venue_order_id, fill.trade_id) in heard]
        if not fills or self._purges:
            return
        fill = self._rng.choice(fills)
        if part is None:
            venue.bust(trade=str(fill.trade_id))
            return
        price = self._instruments[symbol].next_bid_price(float(fill.last_px) * part)
        venue.correct(trade=str(fill.trade_id), price=str(price))
