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
    Cfd,
    Commodity,
    CryptoFuture,
    CryptoOption,
    CryptoPerpetual,
    CurrencyPair,
    Equity,
    FixedTickScheme,
    FuturesContract,
    IndexInstrument,
    Instrument,
    InstrumentAny,
    OptionContract,
    TieredTickScheme,
    register_tick_scheme,
    without_noise,
)
from nautilus_live.model.objects import Currency, Money, Price, Quantity

USD, BTC, ETH = (Currency.from_str(code) for code in ("USD", "BTC", "ETH"))
D = Decimal
DATES = {"activation_ns": 1_600_000_000_123_456_789, "expiration_ns": 1_700_000_000_000_000_000}


def make(kind: type[Instrument], name: str = "X.SIM", **fields: Any) -> Any:
    """Return an instrument of that kind with two price decimals, counted in dollars and whole units."""
    instrument_id = InstrumentId.from_str(name)
    needed: dict[str, Any] = {
        "id": instrument_id,
        "raw_symbol": Symbol(instrument_id.symbol.value),
        "base_currency": BTC
        if issubclass(kind, CurrencyPair | CryptoPerpetual | CryptoFuture | CryptoOption)
        else None,
        "quote_currency": USD,
        "price_precision": 2,
        "size_precision": 0,
        "price_increment": Price.from_str("0.01"),
        "size_increment": Quantity.from_int(1),
    }
    if kind in (CryptoFuture, CryptoOption, FuturesContract, OptionContract):
        needed |= DATES
    if kind in (FuturesContract, OptionContract):
        needed |= {"asset_class": AssetClass.INDEX, "underlying": "ES"}
    if kind in (OptionContract, CryptoOption):
        needed |= {"option_kind": OptionKind.PUT, "strike_price": Price.from_str("4500.00")}
    return kind(**{**needed, **fields})


# -- what each is ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "asset", "form"),
    [
        (CurrencyPair, AssetClass.FX, InstrumentClass.SPOT),
        (CryptoPerpetual, AssetClass.CRYPTOCURRENCY, InstrumentClass.SWAP),
        (CryptoFuture, AssetClass.CRYPTOCURRENCY, InstrumentClass.FUTURE),
        (CryptoOption, AssetClass.CRYPTOCURRENCY, InstrumentClass.OPTION),
        (Equity, AssetClass.EQUITY, InstrumentClass.SPOT),
        (FuturesContract, AssetClass.INDEX, InstrumentClass.FUTURE),
        (OptionContract, AssetClass.INDEX, InstrumentClass.OPTION),
        (Cfd, AssetClass.FX, InstrumentClass.CFD),
        (Commodity, AssetClass.COMMODITY, InstrumentClass.SPOT),
        (IndexInstrument, AssetClass.INDEX, InstrumentClass.SPOT),
    ],
)
def test_each_kind_says_what_it_is(kind: type[Instrument], asset: AssetClass, form: InstrumentClass) -> None:
    made = make(kind, info={"told": [1, "two"]}, tick_scheme_name="FIXED_PRECISION_2")

    assert (made.asset_class, made.instrument_class) == (asset, form)
    assert made.is_spot == (kind is CurrencyPair)
    assert (made.info, made.tick_scheme_name) == ({"told": [1, "two"]}, "FIXED_PRECISION_2")
    assert made.settlement_currency == made.get_cost_currency() == USD
    assert hash(made) == hash(make(kind, taker_fee=D("0.1")))


@pytest.mark.parametrize("kind", INSTRUMENT_KINDS)
def test_each_kind_survives_being_stored(kind: type[Instrument]) -> None:
    made = make(kind, info={"a": None}, taker_fee=D("0.0005"))
    read = msgspec.msgpack.decode(msgspec.msgpack.encode(made), type=InstrumentAny)

    assert (type(read), read) == (kind, made)


@pytest.mark.parametrize("kind", [CryptoFuture, CryptoOption, FuturesContract, OptionContract])
def test_a_contract_has_its_dates(kind: type[Instrument]) -> None:
    made = make(kind)

    assert made.activation_utc == datetime(2020, 9, 13, 12, 26, 40, 123456, tzinfo=UTC)
    assert made.expiration_utc == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    begins, ends = DATES["activation_ns"], DATES["expiration_ns"]
    assert [made.is_active(now) for now in (begins - 1, begins, ends - 1, ends)] == [False, True, True, False]


def test_the_underlying_of_a_crypto_contract_is_its_base_currency() -> None:
    assert make(CryptoFuture).underlying == make(CryptoOption).underlying == BTC
    assert make(OptionContract).underlying == "ES"
    assert (make(OptionContract).option_kind, str(make(OptionContract).strike_price)) == (OptionKind.PUT, "4500.00")


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
        register_tick_scheme(FixedTickScheme("TEST_TIERS", D(1)))
    with pytest.raises(ValueError, match="a tick must be positive, was 0"):
        FixedTickScheme("ZERO", D(0))


@given(st.integers(-(10**6), 10**6), st.sampled_from([D("0.01"), D("0.25"), D(5)]))
def test_the_nearest_ticks_enclose_a_price(cents: int, increment: Decimal) -> None:
    price = D(cents) / 100
    scheme = FixedTickScheme("ANY", increment)
    (below,), (above,) = scheme.down(price, 1), scheme.up(price, 1)

    assert below <= price <= above
    assert above - below in (0, increment)
    assert not below % increment
