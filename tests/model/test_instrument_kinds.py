"""Every kind of instrument: what it is called and settles in, when it may be traded, its ticks and its arithmetic."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nautilus_live.model.enums import AssetClass, InstrumentClass, OptionKind
from nautilus_live.model.identifiers import InstrumentId, Symbol
from nautilus_live.model.instruments import (
    INSTRUMENT_KINDS,
    BettingInstrument,
    BinaryOption,
    Cfd,
    Commodity,
    CryptoFuture,
    CryptoFuturesSpread,
    CryptoOption,
    CryptoOptionSpread,
    CryptoPerpetual,
    CurrencyPair,
    Equity,
    FixedTickScheme,
    FuturesContract,
    FuturesSpread,
    IndexInstrument,
    Instrument,
    InstrumentAny,
    OptionContract,
    OptionSpread,
    PerpetualContract,
    TieredTickScheme,
    TokenizedAsset,
    register_tick_scheme,
    without_noise,
)
from nautilus_live.model.instruments.betting import make_symbol, null_handicap
from nautilus_live.model.instruments.crypto_spreads import CryptoSpread
from nautilus_live.model.instruments.dates import Dated
from nautilus_live.model.instruments.tick_scheme import get_tick_scheme, list_tick_schemes
from nautilus_live.model.objects import Currency, Money, Price, Quantity
from nautilus_live.model.spread_ids import (
    generic_spread_id_n_legs,
    generic_spread_id_to_list,
    is_generic_spread_id,
    new_generic_spread_id,
)
from nautilus_live.model.timestamps import Timestamp

USD, BTC, ETH = (Currency.from_str(code) for code in ("USD", "BTC", "ETH"))
D = Decimal
BET: dict[str, Any] = {
    "venue_name": "BETFAIR",
    "event_type_id": 6423,
    "event_type_name": "Football",
    "competition_id": 12,
    "competition_name": "NFL",
    "event_id": 29,
    "event_name": "Final",
    "event_country_code": "GB",
    "event_open_date": 1_644_276_600_000_000_000,
    "betting_type": "ODDS",
    "market_id": "1.179082386",
    "market_name": "Winner",
    "market_start_time": 1_644_276_600_000_000_000,
    "market_type": "SPECIAL",
    "selection_id": 50_214,
    "selection_name": "Chiefs",
    "selection_handicap": null_handicap(),
}
DATES = {"activation_ns": 1_600_000_000_123_456_789, "expiration_ns": 1_700_000_000_000_000_000}


def make(kind: type[Instrument], name: str = "X.SIM", **fields: Any) -> Any:
    """Return an instrument of that kind with two price decimals, counted in dollars and whole units."""
    instrument_id = InstrumentId.from_str(name)
    needed: dict[str, Any] = {
        "id": instrument_id,
        "raw_symbol": Symbol(instrument_id.symbol.value),
        "base_currency": BTC
        if issubclass(
            kind, CurrencyPair | CryptoPerpetual | CryptoFuture | CryptoOption | CryptoSpread | TokenizedAsset
        )
        else None,
        "quote_currency": USD,
        "price_precision": 2,
        "size_precision": 0,
        "price_increment": Price.from_str("0.01"),
        "size_increment": Quantity.from_int(1),
    }
    if issubclass(kind, Dated):
        needed |= DATES
    if kind in (FuturesContract, OptionContract, FuturesSpread, OptionSpread, PerpetualContract):
        needed |= {"asset_class": AssetClass.INDEX, "underlying": "ES"}
    if kind is TokenizedAsset:
        needed |= {"asset_class": AssetClass.EQUITY, "isin": "US0378331005"}
    if kind in (FuturesSpread, OptionSpread, CryptoFuturesSpread, CryptoOptionSpread):
        needed |= {"strategy_type": "EQ"}
    if kind is BinaryOption:
        needed |= {"asset_class": AssetClass.ALTERNATIVE, "outcome": "Yes"}
    if kind is BettingInstrument:
        needed |= BET
    if kind in (OptionContract, CryptoOption):
        needed |= {"option_kind": OptionKind.PUT, "strike_price": Price.from_str("4500.00")}
    return kind(**{**needed, **fields})


# -- what each is ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "asset", "form"),
    [
        (CurrencyPair, AssetClass.CRYPTOCURRENCY, InstrumentClass.SPOT),
        (CryptoPerpetual, AssetClass.CRYPTOCURRENCY, InstrumentClass.SWAP),
        (CryptoFuture, AssetClass.CRYPTOCURRENCY, InstrumentClass.FUTURE),
        (CryptoOption, AssetClass.CRYPTOCURRENCY, InstrumentClass.OPTION),
        (Equity, AssetClass.EQUITY, InstrumentClass.SPOT),
        (FuturesContract, AssetClass.INDEX, InstrumentClass.FUTURE),
        (OptionContract, AssetClass.INDEX, InstrumentClass.OPTION),
        (Cfd, AssetClass.FX, InstrumentClass.CFD),
        (Commodity, AssetClass.COMMODITY, InstrumentClass.SPOT),
        (IndexInstrument, AssetClass.INDEX, InstrumentClass.SPOT),
        (FuturesSpread, AssetClass.INDEX, InstrumentClass.FUTURES_SPREAD),
        (OptionSpread, AssetClass.INDEX, InstrumentClass.OPTION_SPREAD),
        (CryptoFuturesSpread, AssetClass.CRYPTOCURRENCY, InstrumentClass.FUTURES_SPREAD),
        (CryptoOptionSpread, AssetClass.CRYPTOCURRENCY, InstrumentClass.OPTION_SPREAD),
        (PerpetualContract, AssetClass.INDEX, InstrumentClass.SWAP),
        (TokenizedAsset, AssetClass.EQUITY, InstrumentClass.SPOT),
        (BinaryOption, AssetClass.ALTERNATIVE, InstrumentClass.BINARY_OPTION),
        (BettingInstrument, AssetClass.ALTERNATIVE, InstrumentClass.SPORTS_BETTING),
    ],
)
def test_each_kind_says_what_it_is(kind: type[Instrument], asset: AssetClass, form: InstrumentClass) -> None:
    made = make(kind, info={"told": [1, "two"]}, tick_scheme_name="FIXED_PRECISION_2")

    assert (made.asset_class, made.instrument_class) == (asset, form)
    assert made.is_spot == (kind in (CurrencyPair, TokenizedAsset))
    assert (made.info, made.tick_scheme_name) == ({"told": [1, "two"]}, "FIXED_PRECISION_2")
    assert made.settlement_currency == made.get_cost_currency() == USD
    assert hash(made) == hash(make(kind, taker_fee=D("0.1")))


@pytest.mark.parametrize("kind", INSTRUMENT_KINDS)
def test_each_kind_survives_being_stored(kind: type[Instrument]) -> None:
    made = make(kind, info={"a": None}, taker_fee=D("0.0005"))
    read = msgspec.msgpack.decode(msgspec.msgpack.encode(made), type=InstrumentAny)

    assert (type(read), read) == (kind, made)


# -- the ecosystem's ways --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", INSTRUMENT_KINDS)
def test_each_kind_can_be_called_by_the_ecosystems_names_and_in_their_order(kind: type[Instrument]) -> None:
    name = "1-179082386-50214-None.BETFAIR" if kind is BettingInstrument else "X.SIM"
    made = make(kind, name, ts_event=1, ts_init=2, tick_scheme_name="FIXED_PRECISION_2")
    calls: Any = kind
    theirs = {name: getattr(made, calls.also_called.get(name, name)) for name in calls.in_order}

    assert calls(*theirs.values()) == made
    assert calls(**theirs) == made
    assert calls(**{name: value for name, value in theirs.items() if value is not None}) == made
    with pytest.raises(TypeError, match="arguments without names"):
        calls(*theirs.values(), None)
    with pytest.raises(TypeError, match="must be given once, was given as info, too"):
        calls(*theirs.values(), info=None)


@pytest.mark.parametrize("kind", INSTRUMENT_KINDS)
def test_each_kind_is_the_same_after_a_way_through_a_table(kind: type[Instrument]) -> None:
    made = make(kind, info={"a": 1}, min_quantity=Quantity.from_str("0.1"), taker_fee=D("0.00050"))
    table = made.to_dict()

    assert (table["type"], table["id"], table["taker_fee"]) == (kind.__name__, str(made.id), "0.00050")
    assert kind.from_dict(table) == Instrument.base_from_dict(Instrument.base_to_dict(made)) == made
    with pytest.raises(ValueError, match="must be of a kind there is, was 'House'"):
        Instrument.base_from_dict({"type": "House"})


def test_what_never_is_none_may_be_given_as_none() -> None:
    assert make(CryptoPerpetual, is_inverse=False, margin_init=None, multiplier=None) == make(CryptoPerpetual)


def test_a_bet_is_called_by_what_it_is_about() -> None:
    fields = {**BET, "currency": USD, "price_precision": 2, "size_precision": 2, "ts_event": 0, "ts_init": 0}
    bet: Any = BettingInstrument
    made = bet(**fields)

    assert (str(made.id), str(made.price_increment)) == ("1-179082386-50214-None.BETFAIR", "0.01")
    assert str(make_symbol("1.179", 50_214, -1.5)) == "1-179-50214--1.5"
    assert made.notional_value(Quantity.from_str("10.00"), Price.from_str("2.50")) == Money(D(10), USD)
    assert made.worth(D(-10), D("2.50")) == -10, "margins and exposures are of the stake, too"


def test_an_instrument_does_not_change() -> None:
    with pytest.raises(TypeError, match="an instrument does not change"):
        make(Equity).set_tick_scheme("FIXED_PRECISION_2")


@pytest.mark.parametrize(
    "kind",
    [CryptoFuture, CryptoOption, FuturesContract, OptionContract, FuturesSpread, OptionSpread, BinaryOption],
)
def test_a_contract_has_its_dates(kind: type[Instrument]) -> None:
    made = make(kind)

    assert made.activation_utc == Timestamp.from_ns(DATES["activation_ns"])
    assert made.activation_utc.floor("us") == datetime(2020, 9, 13, 12, 26, 40, 123456, tzinfo=UTC)
    assert made.expiration_utc == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    begins, ends = DATES["activation_ns"], DATES["expiration_ns"]
    assert [made.is_active(now) for now in (begins - 1, begins, ends - 1, ends)] == [False, True, True, False]


def test_the_underlying_of_a_crypto_contract_is_its_base_currency() -> None:
    assert make(CryptoFuture).underlying == make(CryptoOption).underlying == BTC
    assert make(OptionContract).underlying == "ES"
    assert (make(OptionContract).option_kind, str(make(OptionContract).strike_price)) == (OptionKind.PUT, "4500.00")


def test_a_pair_of_states_currencies_is_fx() -> None:
    assert make(CurrencyPair, base_currency=Currency.from_str("EUR")).asset_class is AssetClass.FX
    assert make(CurrencyPair, base_currency=Currency.from_str("XAU")).asset_class is AssetClass.FX
    assert make(CurrencyPair, quote_currency=BTC, base_currency=USD).asset_class is AssetClass.CRYPTOCURRENCY


def test_a_share_is_whole_unless_it_says_otherwise() -> None:
    fields: dict[str, Any] = {"id": InstrumentId.from_str("A.SIM"), "raw_symbol": Symbol("A"), "quote_currency": USD}
    share = Equity(**fields, price_precision=2, price_increment=Price.from_str("0.01"), isin="US0378331005")

    assert (share.size_precision, str(share.size_increment), share.isin) == (0, "1", "US0378331005")
    assert (share.base_currency, share.get_base_currency()) == (None, None)


# -- money -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [CryptoPerpetual, CryptoFuture, CryptoOption])
def test_crypto_contracts_settle_linearly_inversely_or_in_a_third_currency(kind: type[Instrument]) -> None:
    quantity, price = Quantity.from_int(1000), Price.from_str("50000.00")
    linear = make(kind)
    inverse = make(kind, inverse=True)
    quanto = make(kind, settlement=ETH, multiplier=Quantity.from_str("0.001"))

    assert linear.notional_value(quantity, price) == Money(D(50_000_000), USD)
    assert inverse.notional_value(quantity, price) == Money(D("0.02"), BTC)
    assert inverse.notional_value(quantity, price, use_quote_for_inverse=True) == Money(D(1000), USD)
    assert quanto.notional_value(quantity, price) == Money(D(50_000), ETH)
    assert (linear.is_quanto, inverse.is_quanto, quanto.is_quanto) == (False, False, True)
    assert quanto.pnl(D(2), D(100), D(150)) == D("0.1")
    assert quanto.calculate_notional_value(quantity, price) == quanto.notional_value(quantity, price)


def test_base_quantity_is_what_the_quote_buys() -> None:
    pair = make(CurrencyPair, size_precision=3, size_increment=Quantity.from_str("0.001"))

    assert str(pair.calculate_base_quantity(Quantity.from_int(100), Price.from_str("30.00"))) == "3.333"


@given(st.lists(st.tuples(st.integers(1, 1000), st.integers(1, 10**6)), min_size=1, max_size=6), st.integers(1, 10**6))
@pytest.mark.parametrize("inverse", [False, True])
def test_all_bought_at_the_average_makes_what_each_makes(
    inverse: bool, bought: list[tuple[int, int]], close: int
) -> None:
    made = make(CryptoPerpetual, inverse=inverse)
    size, average = D(0), D(0)
    for quantity, price in bought:
        average = made.average(size, average, D(quantity), D(price)) if size else D(price)
        size += quantity
    apart = sum((made.pnl(D(quantity), D(price), D(close)) for quantity, price in bought), D(0))

    assert abs(made.pnl(size, average, D(close)) - apart) < D("1e-15")


@given(st.integers(1, 50), st.integers(1, 10**6), st.integers(-(10**9), 10**9))
def test_half_a_cent_is_rounded_as_on_paper(parts: int, thousandths: int, profit: int) -> None:
    """A profit that is exact in thousandths is told right, though it was divided and multiplied again on its way."""
    exact = Fraction(thousandths * profit, 1000)
    detour = D(thousandths) * D(profit) / 1000 / parts * parts
    made = make(CurrencyPair)

    assert Fraction(made.settle(detour).value) == Fraction(round(exact * 100), 100)


@pytest.mark.parametrize(
    ("amount", "clean"), [("0.4999999999999999999999999", "0.5"), ("1", "1"), ("0.000000000000000001", "1e-18")]
)
def test_noise_is_dropped_and_nothing_else(amount: str, clean: str) -> None:
    assert without_noise(D(amount)) == D(clean)


# -- ticks -------------------------------------------------------------------------------------------------------------

TIERS = TieredTickScheme("TEST_TIERS", [(D(1), D(2), D("0.01")), (D(2), D(3), D("0.5")), (D(3), D(10), D(5))])
register_tick_scheme(TIERS)


def test_prices_go_by_whole_increments_without_a_scheme() -> None:
    made = make(CurrencyPair, price_increment=Price.from_str("0.25"), min_price=Price.from_str("0.50"))

    assert str(made.next_bid_price(D("1.10"))) == "1.00"
    assert str(made.next_bid_price("1.00")) == "1.00"
    assert str(made.next_ask_price(1.10, num_ticks=2)) == "1.75"
    assert made.next_bid_prices(D("1.10"), 5) == [D("1.00"), D("0.75"), D("0.50")], "none is below min_price"
    assert made.next_bid_price(D("0.3")) is None
    assert made.next_ask_prices(D("1.10"), 2) == [D("1.25"), D("1.50")]
    assert (made.is_on_tick(Price.from_str("1.25")), made.is_on_tick(Price.from_str("1.20"))) == (True, False)


def test_tiers_have_increments_of_their_own() -> None:
    made = make(CurrencyPair, tick_scheme_name="TEST_TIERS")

    assert made.next_ask_prices(D("1.985"), 5) == [D("1.99"), D(2), D("2.5"), D(3), D(8)]
    assert made.next_bid_prices(D("2.7"), 4) == [D("2.5"), D(2), D("1.99"), D("1.98")]
    assert (made.next_ask_price(D("8.01")), made.next_bid_price(D("0.99"))) == (None, None)
    assert made.next_bid_price(D(100)) == D(8)
    assert (made.is_on_tick(Price.from_str("2.50")), made.is_on_tick(Price.from_str("2.49"))) == (True, False)


def test_max_price_ends_the_ticks() -> None:
    made = make(CurrencyPair, tick_scheme_name="FIXED_PRECISION_0", max_price=Price.from_str("3.00"))

    assert made.next_ask_prices(D("1.5"), 9) == [D(2), D(3)]


@pytest.mark.parametrize(
    ("tiers", "message"),
    [
        ([], "there must be at least one tier, were none"),
        ([(D(1), D(1), D(1))], "a tier must rise by positive ticks, was 1 to 1 by 1"),
        ([(D(1), D(2), D(0))], "a tier must rise by positive ticks, was 1 to 2 by 0"),
        ([(D(1), D(2), D(1)), (D(3), D(4), D(1))], "a tier must begin where the one before ends, was 3 after 2"),
    ],
)
def test_a_scheme_with_gaps_is_refused(tiers: list[tuple[Decimal, Decimal, Decimal]], message: str) -> None:
    with pytest.raises(ValueError) as caught:
        TieredTickScheme("BAD", tiers)

    assert str(caught.value) == f"BAD: {message}"


def test_a_scheme_must_be_known_and_its_name_new() -> None:
    register_tick_scheme(TIERS)  # the same one again changes nothing
    with pytest.raises(ValueError, match="a tick scheme must be registered before it is used, was NOBODYS"):
        make(CurrencyPair, tick_scheme_name="NOBODYS")
    with pytest.raises(ValueError, match="a tick scheme's name must be new, was TEST_TIERS"):
        register_tick_scheme(FixedTickScheme("TEST_TIERS", increment=D(1)))
    with pytest.raises(ValueError, match="a tick must be positive, was 0"):
        FixedTickScheme("ZERO", increment=D(0))


def test_the_schemes_of_fx_and_of_tokyo_are_known_and_end_where_they_end() -> None:
    assert list_tick_schemes()[17:20] == ["FOREX_3DECIMAL", "FOREX_5DECIMAL", "TOPIX100"]
    fx, topix = get_tick_scheme("FOREX_3DECIMAL"), get_tick_scheme("TOPIX100")

    assert [str(fx.next_bid_price(value)) for value in (1.00045, 999.9999, 1_000.5, 0.0001)] == [
        "1.000",
        "999.999",
        "999.999",
        "None",
    ]
    assert [str(fx.next_ask_price(value, 1)) for value in (1.00045, 999.9999, 0.0001)] == ["1.002", "None", "0.002"]
    assert [topix.next_bid_price(1_000.3), topix.next_ask_price(1_000.3)] == [1_000, D("1000.5")]
    assert [topix.next_bid_price(999.95), topix.next_ask_price(40_000_001)] == [D("999.9"), 40_010_000]
    assert topix.next_bid_price(0.05) is None


@given(st.integers(-(10**6), 10**6), st.sampled_from([D("0.01"), D("0.25"), D(5)]))
def test_the_nearest_ticks_enclose_a_price(cents: int, increment: Decimal) -> None:
    price = D(cents) / 100
    scheme = FixedTickScheme("ANY", increment=increment)
    (below,), (above,) = scheme.down(price, 1), scheme.up(price, 1)

    assert below <= price <= above
    assert above - below in (0, increment)
    assert not below % increment


# -- spreads, and what may cost less than nothing ----------------------------------------------------------------------

LEGS = [(InstrumentId.from_str("B.X"), 1), (InstrumentId.from_str("A.X"), -2), (InstrumentId.from_str("C.X"), 3)]


def test_the_id_of_a_spread_names_its_legs() -> None:
    spread_id = new_generic_spread_id(LEGS)
    assert str(spread_id) == "((2))A___(1)B___(3)C.X"
    assert generic_spread_id_to_list(spread_id) == sorted(LEGS, key=str)
    assert (is_generic_spread_id(spread_id), generic_spread_id_n_legs(spread_id)) == (True, 6)
    single = InstrumentId.from_str("A.X")
    assert (is_generic_spread_id(single), generic_spread_id_n_legs(single)) == (False, 1)
    assert make(FuturesSpread, str(spread_id)).legs() == sorted(LEGS, key=str)
    assert make(CurrencyPair, "A.X").legs() == make(FuturesSpread, "A.X").legs() == [(single, 1)]


@pytest.mark.parametrize(
    ("legs", "says"),
    [
        (LEGS[:1], "must have two legs or more, was"),
        ([(LEGS[0][0], 0), LEGS[1]], "the ratio of a leg must not be 0, was"),
        ([LEGS[0], (InstrumentId.from_str("A.Y"), 1)], "must be of one venue, were of X, Y"),
    ],
)
def test_what_is_no_spread(legs: Any, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        new_generic_spread_id(legs)


@pytest.mark.parametrize("name", ["A___B.X", "((x))A___(1)B.X"])
def test_an_id_that_names_no_legs(name: str) -> None:
    for read in (generic_spread_id_to_list, generic_spread_id_n_legs):
        with pytest.raises(ValueError, match=r"a leg must be written \(1\)SYMBOL"):
            read(InstrumentId.from_str(name))


@pytest.mark.parametrize(
    ("kind", "spread", "negative"),
    [(OptionContract, False, True), (CryptoFuturesSpread, True, True), (FuturesContract, False, False)],
)
def test_what_may_cost_less_than_nothing(kind: type[Instrument], spread: bool, negative: bool) -> None:
    assert (make(kind).is_spread(), make(kind).allows_negative_price()) == (spread, negative)


def test_a_notional_value_is_converted_where_a_currency_and_its_price_are_given() -> None:
    ten, price, euro = Quantity.from_int(10), Price.from_str("100.00"), Currency.from_str("EUR")
    in_euro = {"target_currency": euro, "conversion_price": Price.from_str("0.9")}
    assert make(CurrencyPair).notional_value(ten, price, **in_euro) == Money(900, euro)
    assert make(CurrencyPair).notional_value(ten, price, target_currency=euro) == Money(1000, USD)
    inverse = make(PerpetualContract, is_inverse=True, base_currency=BTC)
    assert inverse.notional_value(ten, price, **in_euro) == Money(D("0.09"), euro)
    bet = make(BettingInstrument, "1-179082386-50214-None.BETFAIR")
    assert bet.notional_value(ten, price, **in_euro) == Money(9, euro)


def test_an_inverse_contract_says_what_its_profit_is_in() -> None:
    with pytest.raises(ValueError, match="an inverse contract must have a base_currency, was None"):
        make(PerpetualContract, is_inverse=True)
