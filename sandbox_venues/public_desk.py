"""What a venue tells everybody about its markets beside quotes, trades and books: history, candles, reference prices.

May know: the model, markets, messages. Pure: no clock, no loop. Promises:

1. History is what was traded and quoted, as it was told when it happened, and the rates at which funding was paid; the
   newest `HISTORY_MAX` of each are kept, quotes since market data were first asked for.
2. A candle is what history says about its interval, beginning included and end not; one without a trade repeats the
   last price before it with no volume, and there is none before the first trade.
3. A reference price, a funding rate or a phase is told when it changes, and once to a new subscriber.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NamedTuple, Protocol

from nautilus_live.model.bars import Bar, BarSpecification, BarType
from nautilus_live.model.data import MarketData, QuoteTick, TradeTick
from nautilus_live.model.enums import AggressorSide, InstrumentCloseType, MarketStatusAction, OrderSide, PriceType
from nautilus_live.model.identifiers import InstrumentId, TradeId
from nautilus_live.model.objects import Price, Quantity
from nautilus_live.model.updates import (
    FundingRateUpdate,
    IndexPriceUpdate,
    InstrumentClose,
    InstrumentStatus,
    MarkPriceUpdate,
)
from sandbox_venues.duties import Duty
from sandbox_venues.feed_messages import FeedMessage, GetHistory
from sandbox_venues.matching import Market
from sandbox_venues.option_desk import greeks_of, prices_of

HISTORY_MAX = 3_000
ZERO = Decimal(0)
BARS = "bars "
"""How the name of a feed of candles begins; their specification follows."""
PHASES = {
    "pre_open": MarketStatusAction.PRE_OPEN,
    "open": MarketStatusAction.TRADING,
    "halted": MarketStatusAction.HALT,
    "closed": MarketStatusAction.CLOSE,
    "delisted": MarketStatusAction.NOT_AVAILABLE_FOR_TRADING,
}
ENDINGS = {"closed": InstrumentCloseType.END_OF_SESSION, "delisted": InstrumentCloseType.CONTRACT_EXPIRED}


class Print(NamedTuple):
    """A trade, before anybody asks for it."""

    price: Decimal
    quantity: Decimal
    side: OrderSide
    trade_id: TradeId
    ts: int


class Quoted(NamedTuple):
    """The best bid and ask with their sizes, before anybody asks for them."""

    bid: Decimal
    ask: Decimal
    bid_size: Decimal
    ask_size: Decimal
    ts: int


class Announcer(Protocol):
    """What the desk needs of its venue: to speak, now and by the clock."""

    def feed_message(self, what: str, data: MarketData, now_ns: int, *, final: bool = True) -> FeedMessage:
        """Return the message that tells news of a feed."""
        ...

    def say_feed(self, what: str, data: MarketData, now_ns: int) -> None:
        """Tell news of a feed."""
        ...

    def add_duty(self, duty: Duty) -> None:
        """Do something by the clock from now on."""
        ...

    def funding_rate(self, market: Market) -> tuple[Decimal, int | None] | None:
        """Return the funding rate of a market and when it is paid next, `None` where none is paid."""
        ...

    def underlying(self, option: Market) -> Market | None:
        """Return the market that an option is on, `None` of what is no option."""
        ...


class PublicDesk:
    """The public memory of a venue, and who was told what."""

    def __init__(self) -> None:
        self.prints: dict[InstrumentId, deque[Print]] = {}
        self.quotes: dict[InstrumentId, deque[Quoted]] = {}
        self.fundings: dict[InstrumentId, deque[FundingRateUpdate]] = {}
        self.candles: dict[tuple[str, InstrumentId], Candles] = {}
        self._told: dict[tuple[str, InstrumentId], object] = {}
        self._markets: dict[InstrumentId, Market] = {}

    @property
    def is_open(self) -> bool:
        """Whether anybody has asked for a feed."""
        return bool(self._told)

    # -- memory

    def note_trade(self, instrument_id: InstrumentId, traded: Print) -> None:
        """Remember a trade."""
        self._prints_of(instrument_id).append(traded)

    def _prints_of(self, instrument_id: InstrumentId) -> deque[Print]:
        kept = self.prints.get(instrument_id)
        if kept is None:
            kept = self.prints[instrument_id] = deque(maxlen=HISTORY_MAX)
        return kept

    def note_quote(self, instrument_id: InstrumentId, quoted: Quoted) -> None:
        """Remember a quote."""
        kept = self.quotes.get(instrument_id)
        if kept is None:
            kept = self.quotes[instrument_id] = deque(maxlen=HISTORY_MAX)
        kept.append(quoted)

    def note_funding(self, paid: FundingRateUpdate) -> None:
        """Remember the rate at which funding was paid."""
        self.fundings.setdefault(paid.instrument_id, deque(maxlen=HISTORY_MAX)).append(paid)

    def history(self, market: Market, query: GetHistory, now_ns: int) -> list[MarketData]:
        """Return what is asked for, oldest first."""
        instrument_id = market.instrument.id
        found: list[MarketData]
        if query.what == "quotes":
            quotes = self.quotes.get(instrument_id, ())
            found = [quote_tick(market, one) for one in quotes if _within(one.ts, query)]
        elif query.what == "funding_rates":
            found = [paid for paid in self.fundings.get(instrument_id, ()) if _within(paid.ts_event, query)]
        elif query.what == "trades":
            prints = self.prints.get(instrument_id, ())
            found = [trade_tick(market, one) for one in prints if _within(one.ts, query)]
        else:
            found = list(self._candles(market, candle_type(instrument_id, query.what), query, now_ns))
        return found[-query.limit :] if query.limit else found

    def _candles(self, market: Market, bar_type: BarType, query: GetHistory, now_ns: int) -> Iterator[Bar]:
        prints = self.prints.get(market.instrument.id)
        if not prints:
            return
        length_ns = bar_type.spec.get_interval_ns()
        first_ns = max(prints[0].ts, query.start_ns or 0)
        end_ns = min(now_ns, now_ns if query.end_ns is None else query.end_ns)
        groups: dict[int, list[Print]] = {}
        before: Decimal | None = None
        start_ns = first_ns - first_ns % length_ns
        for one in prints:
            if one.ts < start_ns:
                before = one.price
            elif one.ts < end_ns:
                groups.setdefault(one.ts - one.ts % length_ns, []).append(one)
        while start_ns + length_ns <= end_ns:
            group = groups.get(start_ns, [])
            bar = _candle(market, bar_type, group, before, start_ns + length_ns, start_ns + length_ns)
            if bar is not None:
                before = bar.close.value
                yield bar
            start_ns += length_ns

    # -- feeds

    def open(self, what: str, market: Market, venue: Announcer, now_ns: int) -> list[FeedMessage]:
        """Begin to tell of a feed; return how it stands."""
        key = (what, market.instrument.id)
        self._markets[market.instrument.id] = market
        if what.startswith(BARS):
            if key not in self.candles:
                self.candles[key] = Candles(market, what, self._prints_of(market.instrument.id), venue, now_ns)
                venue.add_duty(self.candles[key])
            self._told[key] = None
            return []
        self._told[key] = state = _state(what, market, venue)
        told = None if state is None else _message(what, market, state, venue, now_ns)
        return [] if told is None else [told]

    def changes(self, venue: Announcer, now_ns: int) -> list[FeedMessage]:
        """Return what has changed since the last time in the feeds that are told of."""
        said = []
        for key, before in self._told.items():
            what, instrument_id = key
            market = self._markets[instrument_id]
            if what.startswith(BARS):
                said += self.candles[key].revision(now_ns)
                continue
            state = _state(what, market, venue)
            if state != before:
                self._told[key] = state
                told = None if state is None else _message(what, market, state, venue, now_ns)
                if told is not None:
                    said.append(told)
        return said


class Candles(Duty):
    """The candles of one market and length: each told when it is over, and as it stands after each trade."""

    def __init__(self, market: Market, what: str, prints: deque[Print], venue: Announcer, now_ns: int) -> None:
        self._market = market
        self._what = what
        self._prints = prints
        self._venue = venue
        self._bar_type = candle_type(market.instrument.id, what)
        self._length_ns = self._bar_type.spec.get_interval_ns()
        self._seen: Print | None = None
        self.due_ns: int = now_ns - now_ns % self._length_ns + self._length_ns

    def act(self, now_ns: int) -> None:
        """Tell the candle that is over."""
        bar = self._current(self.due_ns)
        self.due_ns += self._length_ns
        if bar is not None:
            self._venue.say_feed(self._what, bar, now_ns)

    def revision(self, now_ns: int) -> list[FeedMessage]:
        """Return the candle as it stands, if somebody traded since the last time."""
        latest = self._prints[-1] if self._prints else None
        if latest is self._seen or latest is None or latest.ts < self.due_ns - self._length_ns:
            return []
        self._seen = latest
        bar = self._current(now_ns)
        return [] if bar is None else [self._venue.feed_message(self._what, bar, now_ns, final=False)]

    def _current(self, now_ns: int) -> Bar | None:
        start_ns, group, before = self.due_ns - self._length_ns, [], None
        for one in reversed(self._prints):
            if one.ts < start_ns:
                before = one.price
                break
            if one.ts < self.due_ns:
                group.append(one)
        return _candle(self._market, self._bar_type, group[::-1], before, self.due_ns, now_ns)


def candle_type(instrument_id: InstrumentId, what: str) -> BarType:
    """Return the type of the candles that a feed's name means.

    Raises:
        ValueError: if the venue has no such candles: it makes them of trades, by time, of up to a week.

    """
    spec = BarSpecification.from_str(what.removeprefix(BARS))
    if spec.price_type is not PriceType.LAST:
        raise ValueError(f"candles are of LAST prices, was {spec}")
    spec.get_interval_ns()
    return BarType(instrument_id, spec)


def quote_tick(market: Market, quoted: Quoted) -> QuoteTick:
    """Return a quote as it is told."""
    instrument = market.instrument
    return QuoteTick(
        instrument_id=instrument.id,
        bid_price=Price(quoted.bid, instrument.price_precision),
        ask_price=Price(quoted.ask, instrument.price_precision),
        bid_size=Quantity(quoted.bid_size, instrument.size_precision),
        ask_size=Quantity(quoted.ask_size, instrument.size_precision),
        ts_event=quoted.ts,
        ts_init=quoted.ts,
    )


def trade_tick(market: Market, traded: Print) -> TradeTick:
    """Return a trade as it is told."""
    instrument = market.instrument
    return TradeTick(
        instrument_id=instrument.id,
        price=Price(traded.price, instrument.price_precision),
        size=Quantity(traded.quantity, instrument.size_precision),
        aggressor_side=AggressorSide.BUYER if traded.side is OrderSide.BUY else AggressorSide.SELLER,
        trade_id=traded.trade_id,
        ts_event=traded.ts,
        ts_init=traded.ts,
    )


def _within(ts: int, query: GetHistory) -> bool:
    return (query.start_ns is None or ts >= query.start_ns) and (query.end_ns is None or ts <= query.end_ns)


def _candle(
    market: Market, bar_type: BarType, group: list[Print], before: Decimal | None, close_ns: int, now_ns: int
) -> Bar | None:
    prices = [one.price for one in group] or ([] if before is None else [before])
    if not prices:
        return None
    instrument = market.instrument
    places = instrument.price_precision
    return Bar(
        bar_type=bar_type,
        open=Price(prices[0], places),
        high=Price(max(prices), places),
        low=Price(min(prices), places),
        close=Price(prices[-1], places),
        volume=Quantity(sum((one.quantity for one in group), ZERO), instrument.size_precision),
        ts_event=close_ns,
        ts_init=now_ns,
    )


def _state(what: str, market: Market, venue: Announcer) -> Any:
    """Return what a feed would tell now; `None` for nothing."""
    match what:
        case "mark_prices":
            return market.mark
        case "index_prices":
            return market.index
        case "funding_rates":
            return venue.funding_rate(market)
        case "instrument_status":
            return market.phase
        case "option_greeks":
            return prices_of(market, venue.underlying(market))
        case "instrument_close":
            return market.phase if market.phase in ENDINGS and market.last is not None else None
    return None


def _message(what: str, market: Market, state: Any, venue: Announcer, now_ns: int) -> FeedMessage | None:
    instrument = market.instrument
    times = (now_ns, now_ns)
    data: MarketData | None
    if what == "mark_prices":
        data = MarkPriceUpdate(instrument.id, Price(state, instrument.price_precision), *times)
    elif what == "index_prices":
        data = IndexPriceUpdate(instrument.id, Price(state, instrument.price_precision), *times)
    elif what == "funding_rates":
        rate, next_ns = state
        data = FundingRateUpdate(instrument.id, rate, *times, next_ns)
    elif what == "instrument_status":
        data = InstrumentStatus(instrument.id, PHASES[state], *times, is_trading=state == "open")
    elif what == "option_greeks":
        data = greeks_of(market, state, now_ns)
    else:
        assert market.last is not None, "a close has a price"
        price = Price(market.last, instrument.price_precision)
        data = InstrumentClose(instrument.id, price, ENDINGS[state], *times)
    return None if data is None else venue.feed_message(what, data, now_ns)
