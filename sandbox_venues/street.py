"""Markets in the hands of a script: liquidity, trades and prices that nobody's account stands behind.

May know: the model, this package. Promises: scripted liquidity is consumed once; whatever an action causes is said.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

from nautilus_live.model.enums import OrderSide
from nautilus_live.model.identifiers import AccountId, InstrumentId
from nautilus_live.model.instruments import InstrumentAny
from sandbox_venues.accounts import VenueAccount
from sandbox_venues.admission import refuse
from sandbox_venues.book_desk import BookDesk, levels_of, orders_of
from sandbox_venues.checks import check_changed
from sandbox_venues.matching import Market, Queues
from sandbox_venues.messages import (
    BookMessage,
    BookOrdersMessage,
    DepthMessage,
    OrderMessage,
    Refusal,
    StreamMessage,
)
from sandbox_venues.option_desk import OptionMakers, underlying_of
from sandbox_venues.orders import ZERO
from sandbox_venues.public_feeds import PublicFeeds
from sandbox_venues.queueing import Queue, carried_over
from sandbox_venues.registry import VenueConfig

Amount = Decimal | str | int
Level = tuple[Amount, Amount]
Entry = tuple[Decimal, Decimal]


class Street(PublicFeeds):
    """An exchange with everyone else in the market."""

    def __init__(self, config: VenueConfig, instruments: list[InstrumentAny], now_ns: int = 0) -> None:
        super().__init__(config, instruments, now_ns)
        self._desk = BookDesk(levels_of)
        self._orders_desk = BookDesk(orders_of)
        self._depths: dict[InstrumentId, None] = {}
        self._plain_books = not self.profile.queue_position and self.profile.book_refresh == "whole"

    # -- markets

    def set_book(
        self, instrument: str, bids: Sequence[Level] = (), asks: Sequence[Level] = (), *, now_ns: int
    ) -> list[StreamMessage]:
        """Replace the scripted liquidity by these (price, quantity) levels; what crosses orders of accounts trades."""
        market = self._market(instrument)
        bid_levels = [(to_decimal(price), to_decimal(quantity)) for price, quantity in bids]
        ask_levels = [(to_decimal(price), to_decimal(quantity)) for price, quantity in asks]
        if bid_levels and ask_levels and max(bid_levels)[0] >= min(ask_levels)[0]:
            raise ValueError(f"{instrument}: bids must be below asks, was {max(bid_levels)[0]} / {min(ask_levels)[0]}")
        self.replace_book(market, bid_levels, ask_levels, now_ns)
        return self._flush(now_ns)

    def replace_book(self, market: Market, bid_levels: list[Entry], ask_levels: list[Entry], now_ns: int) -> None:
        """Replace the scripted liquidity of a market, and settle what moves; whoever calls says what was heard."""
        if self._plain_books:
            bid_queues: Queues = {}
            ask_queues: Queues = {}
        else:
            bid_levels, bid_queues = carried_over(market, OrderSide.BUY, bid_levels, self.profile)
            ask_levels, ask_queues = carried_over(market, OrderSide.SELL, ask_levels, self.profile)
        market.bids.clear_street()
        market.asks.clear_street()
        for price, quantity in bid_levels:
            self._add_street(market, OrderSide.BUY, price, quantity, now_ns, bid_queues.get(price, ()))
        for price, quantity in ask_levels:
            self._add_street(market, OrderSide.SELL, price, quantity, now_ns, ask_queues.get(price, ()))
        market.moves += 1
        self._settle_market(market, now_ns)

    def make_options(
        self,
        instrument: str,
        volatility: Amount,
        spread_ticks: int = 4,
        quantity: Amount = 100,
        *,
        now_ns: int,
    ) -> list[StreamMessage]:
        """Let makers quote the options on a market from now on, in place of those who do already."""
        market = self._market(instrument)
        options = [one for one in self._markets.values() if underlying_of(one, self._markets) is market]
        if not options or not to_decimal(volatility) > 0 or spread_ticks < 1:
            told = f"{len(options)} options, {volatility} and {spread_ticks}"
            raise ValueError(
                f"{instrument}: there must be options on it, a volatility and a spread above 0, was {told}"
            )
        makers = OptionMakers(
            self, market, self._markets,
            volatility=float(to_decimal(volatility)), spread_ticks=spread_ticks, quantity=to_decimal(quantity),
        )  # fmt: skip
        self._after_moves = [look for look in self._after_moves if not _quotes(look, market)]
        self._after_moves.append(makers.look)
        makers.look(market, now_ns)
        return self._flush(now_ns)

    def add_liquidity(
        self, instrument: str, side: str, price: Amount, quantity: Amount, *, now_ns: int
    ) -> list[StreamMessage]:
        """Put one more scripted order into the market, behind whoever stands at its price; if it crosses, it trades."""
        market = self._market(instrument)
        self._add_street(market, OrderSide[side], to_decimal(price), to_decimal(quantity), now_ns)
        market.moves += 1
        self._settle_market(market, now_ns)
        return self._flush(now_ns)

    def print_trade(
        self, instrument: str, price: Amount, quantity: Amount, side: str | None = None, *, now_ns: int
    ) -> list[StreamMessage]:
        """Let others trade at a price: one of them came in on that side, took what the book has at it or better, and
        found the rest with somebody whom the book does not show. Nothing of it stays in the book.

        Without a side it is the one whose best price is nearer.
        """
        market = self._market(instrument)
        at, amount = to_decimal(price), to_decimal(quantity)
        aggressor = _aggressor(market, at) if side is None else OrderSide[side]
        left = self._sweep(market, aggressor, at, amount, now_ns) if market.is_open else amount
        if left:
            market.printed(at)
            self._publish_trade(market, at, left, aggressor, self._new_trade_id(market.instrument.id), now_ns)
        market.moves += 1
        self._settle_market(market, now_ns)
        return self._flush(now_ns)

    def _add_street(
        self, market: Market, side: OrderSide, price: Decimal, quantity: Decimal, now_ns: int, queue: Queue = ()
    ) -> None:
        """Let a scripted order trade with what it crosses and rest with what is left, in a queue if there is one."""
        if quantity <= 0 or price <= 0:
            raise ValueError(
                f"{market.instrument.id}: a level must have a positive price and quantity, was {price} / {quantity}"
            )
        if market.is_open:
            quantity = self._sweep(market, side, price, quantity, now_ns)
        book, stood = market.side(side), ZERO
        for entry, ahead in queue:
            order = entry.order
            if order is None or order.place != entry.place:
                continue  # it has traded meanwhile
            before = min(ahead, quantity) - stood
            if before > 0:
                book.add(price, self._next(), before, None)
                stood += before
            tip = entry.quantity
            book.remove(entry.place)
            book.add(price, self._next(), tip, order)
        if quantity > stood:
            book.add(price, self._next(), quantity - stood, None)

    def _sweep(self, market: Market, side: OrderSide, price: Decimal, quantity: Decimal, now_ns: int) -> Decimal:
        """Let a scripted order take what is there at its price or better. Return what is left of it."""
        book = market.against(side)
        while quantity > 0:
            best = book.best
            if best is None or (best.price > price if side is OrderSide.BUY else best.price < price):
                break
            traded = min(quantity, self._offered(best, now_ns))
            if not traded:
                continue
            trade_id, at = self._new_trade_id(market.instrument.id, best.order), best.price
            market.printed(at)
            self._consume(best, traded, market, trade_id, now_ns)
            quantity -= traded
            self._publish_trade(market, at, traded, side, trade_id, now_ns)
            if self._links is not None:
                self._links.settle(now_ns)
        return quantity

    def set_price(
        self,
        instrument: str,
        last: Amount | None = None,
        mark: Amount | None = None,
        index: Amount | None = None,
        *,
        now_ns: int,
    ) -> list[StreamMessage]:
        """Say at which price others traded, or what the mark or index price is; stops that look at it are triggered."""
        market = self._market(instrument)
        if last is not None:
            market.printed(to_decimal(last))
        market.mark = market.mark if mark is None else to_decimal(mark)
        market.index = market.index if index is None else to_decimal(index)
        self._settle_market(market, now_ns)
        return self._flush(now_ns)

    def levels(self, instrument_id: InstrumentId, side: OrderSide) -> list[tuple[Decimal, Decimal]]:
        """Return price and size of each level of a market's book on one side, best first.

        Raises:
            KeyError: if there is no such market.

        """
        levels = levels_of(self._markets[instrument_id])
        return [(line.price, size) for line, size in levels.items() if line.side is side]

    def resting(self, instrument_id: InstrumentId, side: OrderSide) -> list[tuple[int, Decimal, Decimal]]:
        """Return public number, price and shown size of each order of a market's book on one side, the first to trade
        first.

        Raises:
            KeyError: if there is no such market.

        """
        orders = orders_of(self._markets[instrument_id])
        return [(line.order_id, line.price, size) for line, size in orders.items() if line.side is side]

    def quote_again(self, instrument_id: InstrumentId, now_ns: int) -> list[StreamMessage]:
        """Say the present quote once more, as venues do for a new subscriber."""
        market = self._markets.get(instrument_id)
        if market is not None:
            market.quote = None
            self._publish_quote(market, now_ns)
        return self._flush(now_ns)

    def book(self, instrument_id: InstrumentId, now_ns: int, *, by_order: bool = False) -> BookMessage | Refusal:
        """Return a snapshot of a market's book, by price or by order; from now on its changes are told so."""
        market = self._markets.get(instrument_id)
        if market is None:
            return refuse("UNKNOWN_INSTRUMENT", f"instrument must be traded here, was {instrument_id}")
        if by_order:
            deltas = self._orders_desk.snapshot(market, now_ns)
            return BookOrdersMessage(deltas=deltas, sequence=self._number(), ts_event=now_ns)
        return BookMessage(deltas=self._desk.snapshot(market, now_ns), sequence=self._number(), ts_event=now_ns)

    def depth(self, instrument_id: InstrumentId, now_ns: int) -> DepthMessage:
        """Return the best levels of a market whose changes are told; from now on they are told with each change."""
        self._depths[instrument_id] = None
        return DepthMessage(depth=self._desk.depth(instrument_id, now_ns), sequence=self._number(), ts_event=now_ns)

    def _say_books(self, now_ns: int) -> None:
        for deltas in self._desk.changes(now_ns):
            self._outbox.append(BookMessage(deltas=deltas, sequence=self._number(), ts_event=now_ns))
            if deltas.instrument_id in self._depths:
                self._outbox.append(self.depth(deltas.instrument_id, now_ns))
        for deltas in self._orders_desk.changes(now_ns):
            self._outbox.append(BookOrdersMessage(deltas=deltas, sequence=self._number(), ts_event=now_ns))

    # -- finding

    def _market(self, instrument: str) -> Market:
        """Return the market of an instrument id, or of a symbol."""
        for instrument_id, market in self._markets.items():
            if instrument in (str(instrument_id), str(instrument_id.symbol)):
                return market
        names = ", ".join(str(instrument_id) for instrument_id in self._markets)
        raise ValueError(f"an instrument must be one of {names}, was {instrument!r}")

    def _account(self, account: str | None) -> VenueAccount:
        """Return an account by its id; without one, the first."""
        if account is None:
            return next(iter(self._accounts.values()))
        found = self._accounts.get(AccountId(account))
        if found is None:
            raise ValueError(f"an account must be one of {', '.join(map(str, self._accounts))}, was {account!r}")
        return found

    def _flush(self, now_ns: int) -> list[StreamMessage]:
        """Return what has been said since the last time, after a look at what changed."""
        self.turns += 1
        self._say_balances(now_ns)
        if self._desk.is_open or self._orders_desk.is_open:
            self._say_books(now_ns)
        if self.public.is_open:
            self._outbox += self.public.changes(self, now_ns)
        check_changed(self._changed)
        if self._past is not None:
            self._past.note(self._changed, self._accounts, self.profile, now_ns)
        self._changed.clear()
        messages, self._outbox = self._outbox, []
        if self.profile.fills_before_acks:
            messages = acks_last(messages)
        return messages


def _quotes(look: Callable[[Market, int], None], market: Market) -> bool:
    """Return whether that is the look of makers of options on a market."""
    makers = getattr(look, "__self__", None)
    return isinstance(makers, OptionMakers) and makers.underlying is market


def _aggressor(market: Market, price: Decimal) -> OrderSide:
    bid, ask = market.bid, market.ask
    if bid is None or ask is None:
        return OrderSide.SELL if bid is not None and price <= bid else OrderSide.BUY
    return OrderSide.SELL if price - bid < ask - price else OrderSide.BUY


def acks_last(messages: list[StreamMessage]) -> list[StreamMessage]:
    """Move every acknowledgement behind the last fill of its order."""
    last_fills = {
        message.order.venue_order_id: index
        for index, message in enumerate(messages)
        if isinstance(message, OrderMessage) and message.what == "fill"
    }
    keyed = []
    for index, message in enumerate(messages):
        place = index
        if isinstance(message, OrderMessage) and message.what == "ack":
            place = max(index, last_fills.get(message.order.venue_order_id, index))
        keyed.append(((place, index < place), message))
    return [message for _, message in sorted(keyed, key=_place_of)]


def _place_of(entry: tuple[tuple[int, bool], StreamMessage]) -> tuple[int, bool]:
    return entry[0]


def to_decimal(value: Amount) -> Decimal:
    """Return a number given as text, integer or Decimal."""
    return value if isinstance(value, Decimal) else Decimal(str(value).replace("_", ""))
