"""Currencies and their registry, amounts of money, and the balances made of them."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nautilus_live.model.enums import CurrencyType
from nautilus_live.model.objects import (
    CURRENCIES,
    DIGITS_MAX,
    AccountBalance,
    Currency,
    MarginBalance,
    Money,
    Price,
    Quantity,
    unit_of,
)

USD, JPY, BTC = Currency.from_str("USD"), Currency.from_str("JPY"), Currency.from_str("BTC")
TEN_USD = Money(Decimal(10), USD)


@pytest.fixture
def registry() -> Iterator[dict[str, Currency]]:
    """The registry, put back afterwards."""
    before = dict(CURRENCIES)
    yield CURRENCIES
    CURRENCIES.clear()
    CURRENCIES.update(before)


# -- currencies --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "precision", "iso4217", "kind"),
    [
        ("USD", 2, 840, CurrencyType.FIAT),
        ("JPY", 0, 392, CurrencyType.FIAT),
        ("KRW", 0, 410, CurrencyType.FIAT),
        ("BTC", 8, 0, CurrencyType.CRYPTO),
        ("USDT", 8, 0, CurrencyType.CRYPTO),
        ("XRP", 6, 0, CurrencyType.CRYPTO),
    ],
)
def test_known_currencies_have_their_places(code: str, precision: int, iso4217: int, kind: CurrencyType) -> None:
    found = Currency.from_str(code, strict=True)

    assert (found.code, found.precision, found.iso4217, found.currency_type) == (code, precision, iso4217, kind)
    assert found.name
    assert found is Currency.from_str(code) is Currency.from_internal_map(code)
    assert Currency.is_fiat(code) is (kind is CurrencyType.FIAT)
    assert Currency.is_crypto(code) is (kind is CurrencyType.CRYPTO)
    assert (Currency.is_fiat("WIF"), Currency.is_crypto("WIF"), Currency.from_internal_map("WIF")) == (
        False,
        False,
        None,
    )


ISO_4217 = """USD 840 2, EUR 978 2, GBP 826 2, JPY 392 0, AUD 36 2, CAD 124 2, CHF 756 2, NZD 554 2, HKD 344 2,
    SGD 702 2, SEK 752 2, NOK 578 2, MXN 484 2, ZAR 710 2, TRY 949 2, INR 356 2, KRW 410 0, BRL 986 2, CNY 156 2,
    CZK 203 2, DKK 208 2, HUF 348 2, ILS 376 2, PLN 985 2, RUB 643 2, SAR 682 2, THB 764 2, XAU 959 2, XAG 961 2"""
COINS = """BTC 8, ETH 8, USDT 8, USDC 8, BNB 8, SOL 8, XRP 6, ADA 6, DOGE 8, LTC 8, BUSD 8, FDUSD 8, DOT 8, LINK 8,
    1INCH 8, AAVE 8, ACA 8, ARB 8, AVAX 8, BCH 8, BIO 8, BRZ 8, BSV 8, BTTC 8, CRV 8, DASH 8, ENA 8, EOS 8,
    ETHW 8, EZ 8, FTT 8, HYPE 8, JOE 8, LUNA 8, NBT 8, PROVE 8, SUI 8, TRX 8, TRYB 8, TUSD 8, UNI 8,
    USDC.e 6, USDP 8, VTC 8, WSB 8, XBT 8, XEC 8, XLM 8, XMR 8, XTZ 6, ZEC 8"""


def test_the_registered_currencies_are_these(registry: dict[str, Currency]) -> None:
    fiat = {code: f"{code} {found.iso4217} {found.precision}" for code, found in registry.items() if found.iso4217}
    other = {code: f"{code} {found.precision}" for code, found in registry.items() if code not in fiat}

    assert list(fiat.values()) == [" ".join(line.split()) for line in ISO_4217.split(",")]
    assert other.pop("CNH") == "CNH 2"  # traded offshore, without a number of its own
    assert list(other.values()) == [" ".join(line.split()) for line in COINS.split(",")]
    assert all(found.code == code and found.name for code, found in registry.items())
    assert {code for code, found in registry.items() if found.currency_type is CurrencyType.CRYPTO} == set(other)


def test_an_unknown_code_is_a_crypto_currency_of_8_places_unless_strict(registry: dict[str, Currency]) -> None:
    made = Currency.from_str("WIF")

    assert (made.code, made.precision, made.currency_type) == ("WIF", 8, CurrencyType.CRYPTO)
    assert "WIF" not in registry  # asking leaves no trace
    with pytest.raises(ValueError, match=r"^currency code must be a registered one, was 'WIF'$"):
        Currency.from_str("WIF", strict=True)


def test_a_registered_currency_is_found_and_kept_unless_overwritten(registry: dict[str, Currency]) -> None:
    ours, theirs = Currency("WIF", 6, 0, "ours", CurrencyType.CRYPTO), Currency("WIF", 4, 0, "theirs")

    Currency.register(ours)
    assert Currency.from_str("WIF", strict=True) is ours
    Currency.register(theirs)
    assert Currency.from_str("WIF") is ours
    Currency.register(theirs, overwrite=True)
    assert Currency.from_str("WIF") is theirs


@pytest.mark.parametrize("code", ["", " ", "U SD", "USD ", "US\n", "\x00"])
def test_a_code_is_printable_and_has_no_spaces(code: str) -> None:
    with pytest.raises(ValueError) as caught:
        Currency(code, 2)

    assert str(caught.value) == f"a currency code must be printable text without spaces, was {code!r}"


@pytest.mark.parametrize("code", ["1000SHIB", "币安人生", "USD-T", "BTC_240628"])
def test_exchanges_have_odd_codes(code: str) -> None:
    assert Currency(code, 8).code == code


def test_a_currency_needs_but_a_code_and_its_places() -> None:
    for places in (0, 16):
        made = Currency("OWN", places)
        assert (made.precision, made.iso4217, made.name, made.currency_type) == (places, 0, "", CurrencyType.FIAT)


@pytest.mark.parametrize("precision", [-1, 17])
def test_the_places_of_a_currency_lie_between_0_and_16(precision: int) -> None:
    with pytest.raises(ValueError, match=f"precision must be 0 to 16, was {precision}"):
        Currency("USD", precision)


def test_currencies_are_equal_by_code() -> None:
    other = Currency("USD", 4, 0, "someone's dollar")

    assert other == USD
    assert hash(other) == hash(USD)
    assert {USD: 1}[other] == 1
    assert USD != BTC
    assert USD != "USD"
    assert (str(USD), repr(USD)) == (
        "USD",
        "Currency(code='USD', precision=2, iso4217=840, name='United States dollar', currency_type=FIAT)",
    )


# -- amounts -----------------------------------------------------------------------------------------------------------


@given(
    sign=st.integers(0, 1),
    digits=st.lists(st.integers(0, 9), min_size=1, max_size=32),
    exponent=st.integers(-20, 20),
    currency=st.sampled_from([USD, JPY, BTC]),
)
def test_an_amount_is_rounded_half_even_to_its_currency(
    sign: int, digits: list[int], exponent: int, currency: Currency
) -> None:
    value = Decimal((sign, tuple(digits), exponent))
    wide = value.quantize(unit_of(currency.precision), ROUND_HALF_EVEN, Context(prec=80))
    if len(wide.as_tuple().digits) > DIGITS_MAX:
        with pytest.raises(ValueError, match="Money must have at most 28 digits"):
            Money(value, currency)
        return
    made = Money(value, currency)

    assert str(made) == f"{wide if wide else wide.copy_abs():f} {currency}"
    assert str(Money(made.value, currency)) == str(made)


@pytest.mark.parametrize(
    ("value", "currency", "text"),
    [
        (1, USD, "1.00 USD"),
        (0.125, USD, "0.12 USD"),
        ("0.135", USD, "0.14 USD"),
        (Decimal("2.5"), JPY, "2 JPY"),
        (Decimal("-0.001"), USD, "0.00 USD"),
        (Decimal("-0.00"), USD, "0.00 USD"),
        (Decimal("-0.000000005"), BTC, "0.00000000 BTC"),
        (Price.from_str("1.5"), USD, "1.50 USD"),
        (Decimal("-12.5"), USD, "-12.50 USD"),
    ],
)
def test_an_amount_is_made_from_any_number(value: Any, currency: Currency, text: str) -> None:
    assert str(Money(value, currency)) == text


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("Infinity"), float("nan"), float("-inf")])
def test_an_amount_must_be_finite(value: Any) -> None:
    with pytest.raises(ValueError, match="Money must be a finite number, was"):
        Money(value, USD)


def test_an_amount_has_at_most_28_digits() -> None:
    assert str(Money(Decimal("9" * 26 + ".99"), USD)) == "9" * 26 + ".99 USD"

    for value in (Decimal("9" * 27 + ".99"), Decimal("1" + "0" * 26 + ".00"), Decimal("9" * 26 + ".999")):
        with pytest.raises(ValueError) as caught:
            Money(value, USD)
        assert str(caught.value) == f"Money must have at most 28 digits, was {value} at 2 places"


@pytest.mark.parametrize("value", ["x", None, True, ""])
def test_an_amount_must_be_a_number(value: Any) -> None:
    with pytest.raises(ValueError, match="must be a number, was"):
        Money(value, USD)


def test_an_amount_is_read_from_its_text() -> None:
    assert Money.from_str("12.50 USD") == Money(Decimal("12.5"), USD)
    assert str(Money.from_str("-1_000.129 USD")) == "-1000.13 USD"
    assert str(Money.from_str("1 WIF")) == "1.00000000 WIF"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("12.50", "Money must be AMOUNT CODE, was '12.50'"),
        ("", "Money must be AMOUNT CODE, was ''"),
        ("x USD", "a price, quantity or amount must be a number, was 'x'"),
        ("1 ", "a currency code must be printable text without spaces, was ''"),
        ("1 USD now", "a currency code must be printable text without spaces, was 'USD now'"),
    ],
)
def test_a_malformed_text_of_an_amount_is_a_value_error(text: str, message: str) -> None:
    with pytest.raises(ValueError) as caught:
        Money.from_str(text)

    assert str(caught.value) == message


def test_an_amount_converts_without_surprises() -> None:
    amount = Money(Decimal("-1234567.5"), USD)

    assert amount.as_decimal() == Decimal("-1234567.50")
    assert amount.as_double() == float(amount) == -1234567.5
    assert amount.to_formatted_str() == "-1_234_567.50 USD"
    assert Money(Decimal(1), Currency("A,B", 2)).to_formatted_str() == "1.00 A,B"
    assert repr(amount) == "Money(-1234567.50, USD)"
    assert str(-amount) == "1234567.50 USD"
    assert (bool(amount), bool(Money(Decimal(0), USD))) == (True, False)
    assert str(-Money(Decimal(0), USD)) == "0.00 USD"


def test_amounts_of_one_currency_add_and_subtract() -> None:
    assert str(TEN_USD + Money(Decimal("0.55"), USD)) == "10.55 USD"
    assert str(TEN_USD - Money(Decimal("10.55"), USD)) == "-0.55 USD"


COMPARISONS = [operator.eq, operator.ne, operator.lt, operator.le, operator.gt, operator.ge]


@pytest.mark.parametrize("compare", COMPARISONS)
@pytest.mark.parametrize("left", ["-1", "0", "1.00", "2"])
@pytest.mark.parametrize("right", ["-1", "0", "1", "2"])
def test_amounts_of_one_currency_compare_by_amount(compare: Callable[[Any, Any], bool], left: str, right: str) -> None:
    one, other = Decimal(left), Decimal(right)

    assert compare(Money(one, USD), Money(other, USD)) is compare(one, other)
    assert (hash(Money(one, USD)) == hash(Money(other, USD))) is (one == other)


@pytest.mark.parametrize("operation", [operator.add, operator.sub, operator.lt, operator.le, operator.gt, operator.ge])
def test_amounts_of_two_currencies_do_not_mix(operation: Callable[[Any, Any], Any]) -> None:
    with pytest.raises(ValueError) as caught:
        operation(TEN_USD, Money(Decimal(1), JPY))

    assert str(caught.value) == "amounts must be of one currency, were 10.00 USD and 1 JPY"
    assert Money(Decimal(10), JPY) != TEN_USD
    assert hash(TEN_USD) != hash(Money(Decimal(10), JPY))


@pytest.mark.parametrize("operation", [operator.lt, operator.le, operator.gt, operator.ge])
@pytest.mark.parametrize("other", [10, 10.0, Decimal(10), "10", None, Price.from_str("10")])
def test_an_amount_compares_with_an_amount_only(operation: Callable[[Any, Any], Any], other: Any) -> None:
    with pytest.raises(TypeError):
        operation(TEN_USD, other)
    with pytest.raises(TypeError):
        operation(other, TEN_USD)


@pytest.mark.parametrize("operation", [operator.add, operator.sub, operator.mul, operator.truediv])
def test_with_a_mere_number_an_amount_is_a_number(operation: Callable[[Any, Any], Any]) -> None:
    for other, kind in ((4, Decimal), (Decimal(4), Decimal), (Price.from_str("4"), Decimal), (4.0, float)):
        made = operation(TEN_USD, other)
        assert (type(made), made) == (kind, operation(Decimal(10), 4))
        if not isinstance(other, Price):
            made = operation(other, TEN_USD)
            assert (type(made), float(made)) == (kind, operation(4, 10))
    for wrong in ("10", None, USD):
        with pytest.raises(TypeError):
            operation(TEN_USD, wrong)


def test_the_ratio_of_two_amounts_is_a_number_and_sums_stay_amounts() -> None:
    assert TEN_USD / Money(Decimal(4), USD) == Decimal("2.5")
    assert sum([TEN_USD, TEN_USD]) == Money(Decimal(20), USD)
    assert (TEN_USD // 3, TEN_USD % 3, round(TEN_USD, 1), int(TEN_USD)) == (3, 1, Decimal("10.0"), 10)
    assert abs(Money(Decimal(-10), USD)) == TEN_USD
    with pytest.raises(ValueError, match="amounts must be of one currency"):
        TEN_USD / Money(Decimal(4), JPY)


def test_raw_numbers_count_units_of_ten_to_the_minus_16() -> None:
    one = 10**16
    assert (TEN_USD.raw, Price.from_str("1.25").raw, Quantity.from_str("0.5").raw) == (10 * one, one * 5 // 4, one // 2)
    assert Money.from_raw(10 * one, USD) == TEN_USD
    assert Price.from_raw(-one // 4, 2) == Price.from_str("-0.25")
    assert Quantity.raw_to_f64(one // 2) == 0.5
    assert str(Price.from_raw(one, 3)) == "1.000"


@pytest.mark.parametrize("other", [10, 10.0, Decimal(10), "10.00 USD", None, Price.from_str("10")])
def test_an_amount_is_not_equal_to_a_bare_number(other: Any) -> None:
    assert other != TEN_USD
    assert operator.eq(TEN_USD, other) is operator.eq(other, TEN_USD) is False


@pytest.mark.parametrize("codec", [msgspec.msgpack, msgspec.json])
def test_an_amount_survives_encoding_with_its_currency(codec: Any) -> None:
    odd = Currency("ODD", 3, 0, "Odd", CurrencyType.COMMODITY_BACKED)
    made = Money(Decimal("-1.5"), odd)
    read = codec.decode(codec.encode(made), type=Money)

    assert read == made
    assert msgspec.structs.astuple(read.currency) == msgspec.structs.astuple(odd)


# -- balances ----------------------------------------------------------------------------------------------------------


def test_a_balance_is_of_one_currency() -> None:
    balance = AccountBalance(TEN_USD, Money(Decimal(4), USD), Money(Decimal(6), USD))

    assert balance.currency is USD
    with pytest.raises(ValueError) as caught:
        AccountBalance(TEN_USD, Money(Decimal(4), JPY), Money(Decimal(6), USD))
    assert str(caught.value) == "a balance must be of one currency, was 10.00 USD, 4 JPY, 6.00 USD"


def test_a_balance_is_taken_as_the_venue_states_it() -> None:
    balance = AccountBalance(Money(Decimal(1), USD), Money(Decimal(3), USD), Money(Decimal("-2.01"), USD))

    assert str(balance.free) == "-2.01 USD"


def test_a_margin_knows_its_currency_and_may_be_the_whole_accounts() -> None:
    margin = MarginBalance(TEN_USD, Money(Decimal(5), USD))

    assert margin.currency is USD
    assert margin.instrument == ""


def test_an_amount_is_made_of_another_of_its_currency() -> None:
    ten = Money(10, USD)
    assert Money(ten, USD) == ten
    with pytest.raises(ValueError, match=r"must be of the currency that it is made in, EUR, was 10\.00 USD"):
        Money(ten, Currency.from_str("EUR"))
