"""Values as authors of the ecosystem use them: figures, tables of plain values, raw numbers, ids, books."""

from __future__ import annotations

import copy
import operator
import pickle
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nautilus_live.model.bars import Bar, BarSpecification, BarType
from nautilus_live.model.book import OrderBook
from nautilus_live.model.data import (
    BookOrder,
    OrderBookDelta,
    OrderBookDeltas,
    OrderBookDepth10,
    QuoteTick,
    TradeTick,
)
from nautilus_live.model.enums import (
    AccountType,
    AggressorSide,
    BarAggregation,
    BookAction,
    BookType,
    InstrumentCloseType,
    MarketStatusAction,
    OrderSide,
    PositionSide,
)
from nautilus_live.model.events import AccountState, PositionChanged, PositionClosed, PositionOpened
from nautilus_live.model.figures import Figure
from nautilus_live.model.identifiers import (
    AccountId,
    ClientOrderId,
    InstrumentId,
    PositionId,
    StrategyId,
    Symbol,
    TradeId,
    TraderId,
    Venue,
)
from nautilus_live.model.instruments import SyntheticInstrument
from nautilus_live.model.objects import AccountBalance, Currency, MarginBalance, Money, Price, Quantity
from nautilus_live.model.updates import (
    FundingRateUpdate,
    IndexPriceUpdate,
    InstrumentClose,
    InstrumentStatus,
    MarkPriceUpdate,
)

D = Decimal
BTC = InstrumentId.from_str("BTCUSDT.SIM")
USDT = Currency.from_str("USDT")
BUY, SELL = OrderSide.BUY, OrderSide.SELL
RAW = 10**16


def px(text: str) -> Price:
    return Price.from_str(text)


def qty(text: str) -> Quantity:
    return Quantity.from_str(text)


def money(text: str) -> Money:
    return Money(D(text), USDT)


# -- figures -----------------------------------------------------------------------------------------------------------

OPERATIONS = [operator.add, operator.sub, operator.mul, operator.truediv, operator.floordiv, operator.mod]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_figure_goes_with_floats_and_is_exact_with_all_else(operation: Any) -> None:
    figure = Figure("7.25")
    left: Any
    right: Any
    for left, right in ((figure, 2.5), (2.5, figure)):
        made = operation(left, right)
        assert (type(made), made) == (float, operation(float(left), float(right)))
    for left, right in ((figure, D("2.5")), (D("2.5"), figure), (figure, 3), (3, figure), (figure, figure)):
        made = operation(left, right)
        assert isinstance(made, Decimal)
        assert made == operation(D(left), D(right))


@given(st.decimals(-(10**9), 10**9, places=8), st.floats(-1e9, 1e9))
def test_a_figure_compares_as_the_number_that_it_is(number: Decimal, other: float) -> None:
    figure: Any = Figure(number)

    assert (figure < other, figure == other, hash(figure)) == (number < other, number == other, hash(number))
    assert figure + other == float(number) + other
    assert (figure**2.0, abs(figure), -figure, bool(figure)) == (
        float(number) ** 2.0,
        abs(number),
        -number,
        bool(number),
    )


def test_a_figure_survives_copies_and_says_what_it_is() -> None:
    figure = Figure("1.50")

    assert repr(figure) == "Figure('1.50')"
    for twin in (copy.copy(figure), copy.deepcopy(figure), pickle.loads(pickle.dumps(figure))):
        assert (type(twin), twin) == (Figure, figure)


# -- tables ------------------------------------------------------------------------------------------------------------

ORDER = BookOrder(BUY, px("50000.00"), qty("1.5"), 7)
DELTA = OrderBookDelta(BTC, BookAction.ADD, ORDER, 128, 3, 1, 2)
LAST = BarType.from_str("BTCUSDT.SIM-1-MINUTE-LAST-EXTERNAL")
BALANCE = AccountBalance(money("10"), money("4"), money("6"))
STATE = AccountState(
    event_id="A-1",
    ts_event=1,
    ts_init=2,
    account_id=AccountId("SIM-001"),
    account_type=AccountType.MARGIN,
    balances=(BALANCE,),
    margins=(MarginBalance(money("1"), money("2"), "BTCUSDT.SIM"),),
    info={"tier": 3},
)
POSITION: dict[str, Any] = {
    "event_id": "P-1",
    "ts_event": 3,
    "ts_init": 4,
    "trader_id": TraderId("T-1"),
    "strategy_id": StrategyId("S-1"),
    "instrument_id": BTC,
    "position_id": PositionId("P"),
    "account_id": AccountId("SIM-001"),
    "entry": SELL,
    "opening_order_id": ClientOrderId("O-1"),
    "side": PositionSide.SHORT,
    "signed_qty": D("-1.5"),
    "quantity": qty("1.5"),
    "peak_qty": qty("2.0"),
    "last_qty": qty("0.5"),
    "last_px": px("50000.00"),
    "currency": USDT,
    "avg_px_open": D("50100.5"),
    "avg_px_close": D("49900.25"),
    "realized_pnl": money("100.125"),
}
CLOSING: dict[str, Any] = {"closing_order_id": ClientOrderId("O-2"), "ts_closed": 9, "duration_ns": 5}
VALUES: list[Any] = [
    QuoteTick(BTC, px("1.0"), px("1.2"), qty("3"), qty("4"), 1, 2),
    TradeTick(BTC, px("1.0"), qty("3"), AggressorSide.SELLER, TradeId("T-1"), 1, 2),
    Bar(LAST, px("2"), px("4"), px("1"), px("3"), qty("10"), 1, 2, is_revision=True),
    ORDER,
    DELTA,
    OrderBookDelta.clear(BTC, 1, 2, 3),
    OrderBookDeltas(BTC, [DELTA, DELTA]),
    OrderBookDepth10(BTC, [ORDER], [BookOrder(SELL, px("50001.00"), qty("2.5"))], [1], [0], 0, 1, 2, 3),
    MarkPriceUpdate(BTC, px("1.5"), 1, 2),
    IndexPriceUpdate(BTC, px("1.5"), 1, 2),
    FundingRateUpdate(BTC, D("-0.0001"), 1, 2, 3),
    InstrumentStatus(BTC, MarketStatusAction.HALT, 1, 2, reason="news", is_trading=False),
    InstrumentClose(BTC, px("1.5"), InstrumentCloseType.CONTRACT_EXPIRED, 1, 2),
    BALANCE,
    MarginBalance(money("1"), money("2")),
    MarginBalance(money("1"), money("2"), "BTCUSDT.SIM"),
    STATE,
    PositionOpened(**POSITION),
    PositionChanged(**POSITION, unrealized_pnl=money("3")),
    PositionClosed(**POSITION, **CLOSING),
    SyntheticInstrument(
        symbol=Symbol("HALF"),
        price_precision=2,
        components=[BTC, InstrumentId.from_str("ETHUSDT.SIM")],
        formula="(BTCUSDT.SIM + ETHUSDT.SIM) / 2",
    ),
]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_a_value_is_the_same_after_a_way_through_a_table(value: Any) -> None:
    kind = type(value)
    table = kind.to_dict(value)

    assert table == value.to_dict() == value.to_dict(value)
    assert msgspec.json.decode(msgspec.json.encode(table)) == table  # plain values only
    assert table["type"] == kind.__name__
    assert kind.from_dict(table) == value
    assert kind.from_dict(msgspec.json.decode(msgspec.json.encode(table))) == value
    assert pickle.loads(pickle.dumps(value)) == value


def test_tables_have_the_ecosystems_keys_and_kinds() -> None:
    assert VALUES[0].to_dict() == {
        "type": "QuoteTick",
        "instrument_id": "BTCUSDT.SIM",
        "bid_price": "1.0",
        "ask_price": "1.2",
        "bid_size": "3",
        "ask_size": "4",
        "ts_event": 1,
        "ts_init": 2,
    }
    assert BALANCE.to_dict() == {
        "type": "AccountBalance",
        "total": "10.00000000",
        "locked": "4.00000000",
        "free": "6.00000000",
        "currency": "USDT",
    }
    changed = VALUES[-3].to_dict()
    assert (changed["signed_qty"], changed["avg_px_open"], changed["unrealized_pnl"]) == (
        -1.5,
        50_100.5,
        "3.00000000 USDT",
    )
    assert (changed["side"], changed["currency"], changed["quantity"]) == ("SHORT", "USDT", "1.5")


def test_what_a_table_lacks_has_its_default_and_what_is_wrong_is_told() -> None:
    table = VALUES[2].to_dict()
    assert Bar.from_dict({name: one for name, one in table.items() if name != "is_revision"}).is_revision is False
    with pytest.raises(TypeError, match="Missing required argument 'close'"):
        Bar.from_dict({**table, "close": None})
    with pytest.raises(ValueError, match="must be a number, was 'dear'"):
        Bar.from_dict({**table, "close": "dear"})
    with pytest.raises(KeyError):
        TradeTick.from_dict({**VALUES[1].to_dict(), "aggressor_side": "NOBODY"})


# -- events of positions -----------------------------------------------------------------------------------------------


def test_a_state_of_an_account_says_who_stated_it() -> None:
    assert (STATE.is_reported, STATE.info) == (True, {"tier": 3})


def test_events_of_positions_tell_what_they_have_and_nothing_they_have_not() -> None:
    opened, changed, closed = VALUES[-4], VALUES[-3], VALUES[-2]

    assert (opened.closing_order_id, opened.ts_closed, opened.duration_ns, str(opened.unrealized_pnl)) == (
        None,
        0,
        0,
        "0.00000000 USDT",
    )
    assert (changed.unrealized_pnl, changed.closing_order_id) == (money("3"), None)
    assert (closed.closing_order_id, closed.ts_closed, closed.duration_ns) == tuple(CLOSING.values())
    assert closed.realized_return == (D("50100.5") - D("49900.25")) / D("50100.5")  # short: a fall is a profit
    assert (closed.avg_px_open * 2.0, closed.signed_qty - 0.5, closed.avg_px_close / 1.0) == (
        100_201.0,
        -2.0,
        49_900.25,
    )
    assert PositionOpened(**{**POSITION, "avg_px_close": None}).realized_return == 0
    assert PositionOpened(**{**POSITION, "realized_pnl": None}).unrealized_pnl is None


def test_figures_of_events_are_stored_as_the_decimals_that_they_are() -> None:
    opened = VALUES[-4]
    read = msgspec.msgpack.decode(msgspec.msgpack.encode(opened), type=PositionOpened)

    assert read == opened
    stored = msgspec.structs.astuple(read)[PositionOpened.__struct_fields__.index("signed_qty")]
    assert (type(stored), stored) == (Decimal, D("-1.5"))
    assert msgspec.structs.replace(opened, ts_init=9).avg_px_open == D("50100.5")


# -- raw numbers -------------------------------------------------------------------------------------------------------


def test_data_are_made_of_raw_numbers() -> None:
    quote = QuoteTick.from_raw(BTC, RAW, 2 * RAW, 1, 1, 3 * RAW, 4 * RAW, 0, 0, 5, 6)
    trade = TradeTick.from_raw(BTC, RAW, 1, 3 * RAW, 0, AggressorSide.BUYER, TradeId("T"), 5, 6)
    bar = Bar.from_raw(LAST, 2 * RAW, 4 * RAW, RAW, 3 * RAW, 1, 10 * RAW, 0, 5, 6)
    order = BookOrder.from_raw(BUY, 50_000 * RAW, 2, RAW * 3 // 2, 1, 7)

    assert quote == QuoteTick(BTC, px("1.0"), px("2.0"), qty("3"), qty("4"), 5, 6)
    assert trade == TradeTick(BTC, px("1.0"), qty("3"), AggressorSide.BUYER, TradeId("T"), 5, 6)
    assert bar == Bar(LAST, px("2.0"), px("4.0"), px("1.0"), px("3.0"), qty("10"), 5, 6)
    assert (order, order.price.precision, float(order.exposure())) == (ORDER, 2, 75_000.0)
    made = OrderBookDelta.from_raw(BTC, BookAction.ADD, BUY, 50_000 * RAW, 2, RAW * 3 // 2, 1, 7, 128, 3, 1, 2)
    assert made == DELTA


# -- identifiers -------------------------------------------------------------------------------------------------------


def test_symbols_have_roots_and_venues_codes() -> None:
    whole, part = Symbol("BTCUSDT"), Symbol("ES.v.0")

    assert (whole.is_composite(), whole.root(), whole.topic()) == (False, "BTCUSDT", "BTCUSDT")
    assert (part.is_composite(), part.root(), part.topic()) == (True, "ES", "ES*")
    assert (Venue.from_code("GLBX"), Venue.from_code("NOPE")) == (Venue("GLBX"), None)
    assert (Venue("SYNTH").is_synthetic(), InstrumentId.from_str("A.SYNTH").is_synthetic()) == (True, True)
    assert not BTC.is_synthetic()


def test_a_spread_is_written_as_its_legs_and_read_back() -> None:
    one, two, three = (InstrumentId.from_str(f"{name}.SIM") for name in ("C_1", "A", "B"))
    spread = InstrumentId.new_spread([(one, -1), (two, 3), (three, -2)])

    assert str(spread) == "(3)A_((2))B_((1))C_1.SIM"
    assert (spread.is_spread(), spread.n_legs(), spread.to_list()) == (True, 3, [(two, 3), (three, -2), (one, -1)])
    assert (one.is_spread(), one.n_legs(), InstrumentId.from_str("(x)A_(1)B.SIM").is_spread()) == (False, 1, False)
    with pytest.raises(ValueError, match=r"C_1\.SIM: must be a spread to have legs"):
        one.to_list()
    for legs in ([(one, 1)], [(one, 1), (two, 0)], [(one, 1), (InstrumentId.from_str("A.OTHER"), 1)]):
        with pytest.raises(ValueError, match=r"must have two legs|must be of one venue with ratios"):
            InstrumentId.new_spread(legs)


def test_an_argument_is_given_once_under_either_name() -> None:
    venue: Any = Venue
    margin: Any = MarginBalance
    assert venue(name="SIM") == venue("SIM") == venue(value="SIM")
    assert margin(money("1"), money("2"), instrument_id=BTC).instrument_id == BTC
    whole = margin(money("1"), money("2"), None)
    assert (whole.instrument, whole.instrument_id, whole.copy()) == ("", None, whole)
    with pytest.raises(TypeError, match="Venue: an argument must be given once, was given by two names"):
        venue(value="SIM", name="SIM")


# -- books and bars ----------------------------------------------------------------------------------------------------


def test_what_is_asked_of_a_book_goes_with_floats() -> None:
    book: Any = OrderBook(BTC, BookType.L2_MBP)
    for side, price, size in ((BUY, "99.0", "2"), (BUY, "98.0", "1"), (SELL, "101.0", "4")):
        book.add(BookOrder(side, px(price), qty(size)), 1)

    assert (book.spread() * 0.5, book.midpoint() + 0.25) == (1.0, 100.25)
    assert book.get_avg_px_for_quantity(qty("3"), SELL) * 1.0 == pytest.approx(296 / 3)
    assert (book.get_quantity_for_price(px("98.0"), SELL) / 2.0, book.bids()[0].size() * 0.5) == (1.5, 1.0)
    assert book.bids()[0].exposure() / 4.0 == 49.5
    book.clear_bids(2)
    assert (book.best_bid_price(), book.best_ask_price()) == (None, px("101.0"))
    book.clear_asks(3)
    assert (book.asks(), book.ts_last, book.update_count) == ([], 3, 5)


def test_a_trade_makes_the_top_of_a_book_that_has_no_more() -> None:
    trade = TradeTick(BTC, px("100.0"), qty("2"), AggressorSide.BUYER, TradeId("T"), 1, 2)
    top = OrderBook(BTC, BookType.L1_MBP)
    top.update_trade_tick(trade)

    assert (top.best_bid_price(), top.best_ask_price(), top.best_ask_size()) == (px("100.0"), px("100.0"), qty("2"))
    with pytest.raises(ValueError, match="a trade makes an L1_MBP book, was L2_MBP"):
        OrderBook(BTC, BookType.L2_MBP).update_trade_tick(trade)


def test_changes_are_batched_by_message_and_the_best_levels_are_a_quote() -> None:
    middle = OrderBookDelta(BTC, BookAction.ADD, ORDER, 0, 3, 1, 2)

    assert [len(batch.deltas) for batch in OrderBookDeltas.batch([middle, DELTA, DELTA, middle])] == [2, 1, 1]
    assert OrderBookDeltas.batch([]) == []
    depth = VALUES[7]
    assert depth.to_quote_tick() == QuoteTick(BTC, px("50000.00"), px("50001.00"), qty("1.5"), qty("2.5"), 2, 3)
    assert msgspec.structs.replace(depth, bids=[]).to_quote_tick() is None


@pytest.mark.parametrize(
    ("aggregation", "kinds"),
    [
        (BarAggregation.MINUTE, (True, False, False)),
        (BarAggregation.VOLUME, (False, True, False)),
        (BarAggregation.VALUE_RUNS, (False, False, True)),
    ],
)
def test_the_kind_of_an_aggregation_can_be_asked_without_a_bar(aggregation: Any, kinds: tuple[bool, ...]) -> None:
    spec = BarSpecification
    found = (spec.check_time_aggregated, spec.check_threshold_aggregated, spec.check_information_aggregated)

    assert tuple(check(aggregation) for check in found) == kinds
