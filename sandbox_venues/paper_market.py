"""The market of a paper venue: what a node hears of real markets, said again to the venue that fills its orders.

May know: the model, this package. Promises: the venue's book of an instrument is what was heard last; liquidity that
was taken is gone until it is heard of again. What contradicts itself (a crossed book) is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from nautilus_live.model.bars import Bar
from nautilus_live.model.book import BookLevel, OrderBook
from nautilus_live.model.data import OrderBookDeltas, OrderBookDepth10, QuoteTick, TradeTick
from nautilus_live.model.enums import AggressorSide, BookType
from nautilus_live.model.identifiers import InstrumentId
from sandbox_venues.gateway import VenueGateway

Level = tuple[Decimal, Decimal]
DEPTH = 10
"""How many levels of a book are said to the venue."""
_SIDES = {AggressorSide.BUYER: "BUY", AggressorSide.SELLER: "SELL", AggressorSide.NO_AGGRESSOR: None}


class PaperMarket:
    """Moves the markets of one venue.

    Args:
        gateway: the way to the venue.
        lists: called with the id of an instrument; says whether the venue trades it.
        book_type: what books are made of.
        bar_execution: whether bars move a market without quotes.
        trade_execution: whether trades of others fill what rests in the book.

    """

    def __init__(
        self,
        gateway: VenueGateway,
        lists: Callable[[InstrumentId], bool],
        *,
        book_type: BookType,
        bar_execution: bool,
        trade_execution: bool,
    ) -> None:
        self._gateway = gateway
        self._lists = lists
        self._book_type = book_type
        self._trade_execution = trade_execution
        self._books: dict[InstrumentId, OrderBook] = {}
        self._quoted: dict[InstrumentId, None] = {}
        """Markets whose prices are known better than by bars."""
        self._traded: dict[InstrumentId, None] = {}
        """Markets whose trades are heard; the last price of the others is the middle of the book."""
        self._takers: dict[type, Callable[[Any], None]] = {TradeTick: self._take_trade}
        if book_type is BookType.L1_MBP:
            self._takers[QuoteTick] = self._take_quote
            if bar_execution:
                self._takers[Bar] = self._take_bar
        else:
            self._takers[OrderBookDeltas] = self._takers[OrderBookDepth10] = self._take_book

    def hear(self, data: object) -> None:
        """Take something that the node published, whatever it is."""
        take = self._takers.get(type(data))
        if take is not None and self._lists(_subject_of(data)):
            take(data)

    def _take_quote(self, quote: QuoteTick) -> None:
        self._quoted[quote.instrument_id] = None
        bid = (quote.bid_price.as_decimal(), quote.bid_size.as_decimal())
        ask = (quote.ask_price.as_decimal(), quote.ask_size.as_decimal())
        self._say_book(quote.instrument_id, [bid], [ask])

    def _take_trade(self, trade: TradeTick) -> None:
        self._traded[trade.instrument_id] = None
        name, price = str(trade.instrument_id), trade.price.as_decimal()
        if self._trade_execution:
            self._gateway.do(
                "print_trade",
                instrument=name,
                price=price,
                quantity=trade.size.as_decimal(),
                side=_SIDES[trade.aggressor_side],
            )
        else:
            self._gateway.do("set_price", instrument=name, last=price)

    def _take_book(self, change: OrderBookDeltas | OrderBookDepth10) -> None:
        instrument_id = change.instrument_id
        self._quoted[instrument_id] = None
        book = self._books.get(instrument_id)
        if book is None:
            book = self._books[instrument_id] = OrderBook(instrument_id, self._book_type)
        book.apply(change)
        self._say_book(instrument_id, _levels(book.bids(DEPTH)), _levels(book.asks(DEPTH)))

    def _take_bar(self, bar: Bar) -> None:
        """Let the market go where the bar was: its open, the extreme that is nearer to it, the other one, its close."""
        instrument_id = bar.bar_type.instrument_id
        if instrument_id in self._quoted or not bar.bar_type.is_externally_aggregated():
            return
        opened, high, low, closed = (one.as_decimal() for one in (bar.open, bar.high, bar.low, bar.close))
        ends = (high, low) if high - opened <= opened - low else (low, high)
        instrument = self._gateway.venue.instruments[instrument_id]
        tick = instrument.price_increment.as_decimal()
        size = instrument.make_qty(bar.volume.as_decimal() / 4).as_decimal() or instrument.size_increment.as_decimal()
        for price in dict.fromkeys((opened, *ends, closed)):
            self._say_book(instrument_id, [(price, size)], [(price + tick, size)])

    def _say_book(self, instrument_id: InstrumentId, bids: Sequence[Level], asks: Sequence[Level]) -> None:
        bids = [level for level in bids if level[0] > 0 and level[1] > 0]
        asks = [level for level in asks if level[0] > 0 and level[1] > 0]
        if bids and asks and bids[0][0] >= asks[0][0]:
            return
        self._gateway.do("set_book", instrument=str(instrument_id), bids=bids, asks=asks)
        if bids and asks and instrument_id not in self._traded:
            self._gateway.do("set_price", instrument=str(instrument_id), last=(bids[0][0] + asks[0][0]) / 2)


def _subject_of(data: Any) -> InstrumentId:
    found: InstrumentId = data.bar_type.instrument_id if isinstance(data, Bar) else data.instrument_id
    return found


def _levels(levels: Sequence[BookLevel]) -> list[Level]:
    return [(level.price.as_decimal(), Decimal(str(level.size()))) for level in levels]
