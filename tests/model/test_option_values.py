"""Series, ranges of strikes, and slices of chains as values."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from nautilus_live.model.data import QuoteTick
from nautilus_live.model.identifiers import InstrumentId, Venue
from nautilus_live.model.objects import Price, Quantity
from nautilus_live.model.option_chain import (
    GreeksConvention,
    OptionChainSlice,
    OptionGreeks,
    OptionSeriesId,
    OptionStrikeData,
    StrikeRange,
)

ENDS_NS = 1_718_976_600_000_000_000
SERIES = OptionSeriesId("DERIBIT", "BTC", "USD", ENDS_NS)  # type: ignore[arg-type]  # a venue by its name, as strategies write it
CALL = InstrumentId.from_str("BTC-60000-C.DERIBIT")


def price(text: str) -> Price:
    return Price.from_str(text)


def quote() -> QuoteTick:
    one = Quantity.from_int(1)
    return QuoteTick(CALL, price("10.0"), price("11.0"), one, one, 1, 2)


def test_a_series_is_written_and_read() -> None:
    assert str(SERIES) == SERIES.value == "DERIBIT:BTC:USD:2024-06-21T13:30:00Z"
    assert repr(SERIES) == "OptionSeriesId('DERIBIT:BTC:USD:2024-06-21T13:30:00Z')"
    assert OptionSeriesId.from_str(SERIES.value) == SERIES
    assert (SERIES.venue, SERIES.underlying, SERIES.settlement_currency) == (Venue("DERIBIT"), "BTC", "USD")
    assert len({SERIES, OptionSeriesId.from_str(SERIES.value)}) == 1


@pytest.mark.parametrize(
    ("written", "expiration_ns"),
    [
        ("2024-06-21T13:30:00Z", ENDS_NS),
        ("2024-06-21T15:30:00+02:00", ENDS_NS),
        ("2024-06-21T13:30:00.5", ENDS_NS + 500_000_000),
        ("2024-06-21", ENDS_NS - 48_600_000_000_000),
        (str(ENDS_NS), ENDS_NS),
    ],
)
def test_an_expiry_is_read_in_every_way_it_is_written(written: str, expiration_ns: int) -> None:
    found = OptionSeriesId.from_expiry("DERIBIT", "BTC", "USD", written)

    assert found.expiration_ns == expiration_ns
    assert OptionSeriesId.from_str(found.value) == found


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: OptionSeriesId.from_str("DERIBIT:BTC:USD"), "written VENUE:UNDERLYING:SETTLEMENT:EXPIRY"),
        (lambda: OptionSeriesId.from_str("DERIBIT:BTC:USD:June"), "Invalid isoformat string: 'June'"),
        (lambda: OptionSeriesId.from_str("DERIBIT::USD:12"), "must name underlying and settlement currency"),
        (lambda: StrikeRange.atm_relative(-1, 2), "numbers of strikes must be >= 0, was -1 and 2"),
        (lambda: StrikeRange.atm_percent(-0.1), "a part of the price must be >= 0, was -0.1"),
        (lambda: StrikeRange.delta(2.0, 0.1), "a delta must lie in 0 to 1 and its tolerance be >= 0, was 2.0 and 0.1"),
    ],
)
def test_what_makes_no_sense_is_refused(make: Callable[[], object], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        make()


@pytest.mark.parametrize(
    ("made", "shown", "follows"),
    [
        (StrikeRange.fixed([price("100"), price("110")]), "Fixed([100, 110])", False),
        (StrikeRange.atm_relative(2, 3), "AtmRelative { strikes_above: 2, strikes_below: 3 }", True),
        (StrikeRange.atm_percent(0.1), "AtmPercent { pct: 0.1 }", True),
        (StrikeRange.delta(0.25, 0.05), "Delta { target: 0.25, tolerance: 0.05 }", True),
    ],
)
def test_a_range_says_what_it_is(made: StrikeRange, shown: str, follows: bool) -> None:
    assert (repr(made), made.kind, made.follows_price) == (shown, shown.split()[0].partition("(")[0], follows)


def test_greeks_of_a_venue_have_its_convention() -> None:
    told = OptionGreeks(CALL, 0.5, 0.01, 0.2, -0.1, mark_iv=0.5, ts_event=1, ts_init=2)

    assert (told.convention, told.rho, told.underlying_price) == (GreeksConvention.BLACK_SCHOLES, 0.0, None)
    assert str(told) == (
        "OptionGreeks(instrument_id=BTC-60000-C.DERIBIT, delta=0.5000, gamma=0.0100, vega=0.2000, theta=-0.1000,"
        " mark_iv=0.5)"
    )
    assert OptionGreeks.from_dict(told.to_dict()) == told


def test_a_slice_answers_by_strike() -> None:
    greeks = OptionGreeks(CALL, 0.5, 0.01, 0.2, -0.1)
    strike = price("60000.00")
    chain = OptionChainSlice(
        SERIES, strike, 1, 2, calls={Decimal(60000): OptionStrikeData(quote(), greeks)}, prices=(strike,)
    )

    assert (chain.call_count(), chain.put_count(), chain.strike_count(), chain.is_empty()) == (1, 0, 1, False)
    assert chain.strikes() == [strike]
    call = chain.get_call(price("60000"))  # however many places it is written with
    assert call is not None
    assert (call.quote, call.greeks) == (quote(), greeks)
    assert (chain.get_call_quote(strike), chain.get_call_greeks(strike)) == (quote(), greeks)
    assert [chain.get_put(strike), chain.get_put_quote(strike), chain.get_put_greeks(strike)] == [None, None, None]
    assert str(chain) == f"OptionChainSlice({SERIES}, atm=60000.00, calls=1, puts=0)"
    assert chain.to_dict()["calls"]["60000"]["greeks"]["delta"] == 0.5


def test_a_slice_of_nothing_is_empty() -> None:
    chain = OptionChainSlice(SERIES)

    assert (chain.is_empty(), chain.strikes(), chain.atm_strike) == (True, [], None)
    assert [chain.get_call_quote(price("1")), chain.get_call_greeks(price("1"))] == [None, None]
