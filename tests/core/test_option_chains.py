"""Which strikes of a chain are wanted as the market moves, and what a slice of it says."""

from __future__ import annotations

from typing import Any

import pytest

from nautilus_live.core.option_chains import COOLDOWN_NS, OptionChain, series_of
from nautilus_live.model.data import QuoteTick
from nautilus_live.model.identifiers import InstrumentId
from nautilus_live.model.objects import Price, Quantity
from nautilus_live.model.option_chain import OptionGreeks, StrikeRange
from sandbox_venues.instruments import instrument

STRIKES = range(5800, 6300, 100)


def option(name: str) -> Any:
    return instrument(f"ES-{name}", "SIM")


def name_of(instrument_id: InstrumentId) -> str:
    return instrument_id.symbol.value.removeprefix("ES-")


def a_chain(chosen: StrikeRange | None, strikes: Any = STRIKES) -> OptionChain:
    chain = OptionChain(series_of(option("C6000")), chosen)
    for strike in strikes:
        for letter in "CP":
            assert chain.add(option(f"{letter}{strike}"))
    return chain


def quote(name: str, bid: str = "10.00", ask: str = "11.00", at: int = 1) -> QuoteTick:
    one = Quantity.from_int(1)
    return QuoteTick(option(name).id, Price.from_str(bid), Price.from_str(ask), one, one, at, at)


def greeks(name: str, delta: float = 0.5, forward: float | None = None, at: int = 1) -> OptionGreeks:
    return OptionGreeks(option(name).id, delta, 0.01, 0.2, -0.1, underlying_price=forward, ts_event=at, ts_init=at)


def wanted(chain: OptionChain) -> list[int]:
    return sorted({int(name_of(one)[1:]) for one in chain.wanted_ids})


@pytest.mark.parametrize(
    ("chosen", "price", "strikes"),
    [
        (None, None, list(STRIKES)),
        (
            StrikeRange.fixed([Price.from_str("6100"), Price.from_str("5900.00"), Price.from_str("1")]),
            None,
            [5900, 6100],
        ),
        (StrikeRange.atm_relative(1, 2), None, []),
        (StrikeRange.atm_relative(1, 2), 6040, [5800, 5900, 6000, 6100]),
        (StrikeRange.atm_relative(1, 1), 6050, [5900, 6000, 6100]),  # of two as near, the lower
        (StrikeRange.atm_relative(1, 1), 6050.25, [6000, 6100, 6200]),
        (StrikeRange.atm_relative(3, 3), 9000, [5900, 6000, 6100, 6200]),
        (StrikeRange.atm_percent(0.02), 6040, [6000, 6100]),
        (StrikeRange.atm_percent(0.0), 6000, [6000]),
        (StrikeRange.delta(0.25, 0.05), 6000, list(STRIKES)),
    ],
)
def test_a_range_wants_its_strikes(chosen: StrikeRange | None, price: float | None, strikes: list[int]) -> None:
    chain = a_chain(chosen)
    if price is not None:
        chain.take_price(price)

    change = chain.rebalance(0)

    assert wanted(chain) == strikes
    assert (len(change.added), change.removed) == (2 * len(strikes), [])


@pytest.mark.parametrize(("price", "center"), [(6050, 6000), (6059, 6000), (6060, 6100), (5941, 6000), (5940, 5900)])
def test_a_price_between_two_strikes_moves_nothing_to_and_fro(price: float, center: int) -> None:
    chain = a_chain(StrikeRange.atm_relative(0, 0))
    chain.take_price(6000)
    chain.rebalance(0)

    chain.take_price(price)
    chain.rebalance(COOLDOWN_NS)

    assert wanted(chain) == [center]


def test_what_is_wanted_changes_once_in_a_while_at_most() -> None:
    chain = a_chain(StrikeRange.atm_relative(0, 0))
    chain.take_price(6000)
    chain.rebalance(0)
    chain.take_price(6100)

    assert chain.rebalance(COOLDOWN_NS - 1) == ([], [])
    change = chain.rebalance(COOLDOWN_NS)

    assert [name_of(one) for one in change.added] == ["C6100", "P6100"]
    assert [name_of(one) for one in change.removed] == ["C6000", "P6000"]


def test_the_venues_forward_comes_before_the_underlyings_own_price() -> None:
    chain = a_chain(StrikeRange.atm_relative(0, 0))
    chain.take_price(6000)
    assert not chain.take_greeks(greeks("C5800", forward=6110.0))  # not wanted, but it says where the market stands

    chain.rebalance(0)

    assert wanted(chain) == [6100]


@pytest.mark.parametrize("first", ["forward", "market"])
def test_between_two_forwards_the_price_moves_with_the_underlyings_market(first: str) -> None:
    chain = a_chain(None)
    if first == "market":
        chain.take_price(6000)
        chain.take_greeks(greeks("C5800", forward=6110.0))
    else:
        chain.take_greeks(greeks("C5800", forward=6110.0))
        chain.take_price(6000)
    assert chain.underlying_price == 6110

    chain.take_price(6005)
    assert chain.underlying_price == 6115
    chain.take_greeks(greeks("C5800", forward=6113.0))
    chain.take_greeks(greeks("C5800", forward=float("nan")))
    chain.take_greeks(greeks("C5800"))
    assert chain.underlying_price == 6113
    chain.take_price(6004)
    chain.take_price(0.0)  # an empty book
    assert chain.underlying_price == 6112


def test_a_delta_is_looked_for_among_the_strikes_in_the_middle() -> None:
    chain = a_chain(StrikeRange.delta(0.25, 0.06), range(5000, 7100, 100))
    chain.take_price(6000)
    chain.rebalance(0)
    assert wanted(chain) == list(range(5500, 6600, 100))
    ladder = {strike: 0.5 - (strike - 6000) / 1000 for strike in range(5500, 6600, 100)}  # 0.3 at 6200, 0.2 at 6300
    for strike, delta in ladder.items():
        chain.take_greeks(greeks(f"C{strike}", delta))
    chain.rebalance(COOLDOWN_NS)
    assert wanted(chain) == list(ladder)  # not before all are known

    for strike, delta in ladder.items():
        chain.take_greeks(greeks(f"P{strike}", delta - 1))
    chain.rebalance(2 * COOLDOWN_NS)
    assert wanted(chain) == [5700, 5800, 6200, 6300]

    for name in ("C5700", "C5800", "C6200", "C6300", "P5700", "P5800", "P6200", "P6300"):
        chain.take_greeks(greeks(name, 0.9))  # the market has moved: none of them is near any more
    chain.rebalance(3 * COOLDOWN_NS)
    assert wanted(chain) == list(ladder)


def test_a_slice_has_the_latest_of_what_was_quoted() -> None:
    chain = a_chain(StrikeRange.atm_relative(1, 0))
    chain.take_price(6010)
    chain.rebalance(0)
    assert chain.slice(9) is None
    assert chain.take_greeks(greeks("C6000", 0.52, at=4))  # waits for a quote
    assert chain.slice(9) is None
    assert chain.take_quote(quote("C6000", at=2))
    assert chain.take_quote(quote("C6000", "10.50", "11.50", at=3))
    assert chain.take_quote(quote("P6100", at=3))
    assert not chain.take_quote(quote("P5800"))  # not wanted

    found = chain.slice(9)

    assert found is not None
    assert (found.series_id, str(found.atm_strike), found.ts_event, found.ts_init) == (chain.series_id, "6000.00", 4, 9)
    assert [str(strike) for strike in found.strikes()] == ["6000.00", "6100.00"]
    low, high = found.strikes()
    call = found.get_call(low)
    assert call is not None
    assert (str(call.quote.bid_price), call.greeks) == ("10.50", greeks("C6000", 0.52, at=4))
    assert (found.get_put(low), found.get_call(high)) == (None, None)
    assert found.get_put_greeks(high) is None


def test_what_is_wanted_no_longer_is_forgotten() -> None:
    chain = a_chain(StrikeRange.atm_relative(0, 0))
    chain.take_price(6000)
    chain.rebalance(0)
    chain.take_quote(quote("C6000"))
    for turn, price in enumerate((6100, 6000), start=1):
        chain.take_price(price)
        chain.rebalance(turn * COOLDOWN_NS)

    assert wanted(chain) == [6000]
    assert chain.slice(9) is None


def test_options_that_are_listed_later_join() -> None:
    chain = a_chain(None, [])
    assert chain.pilot is None
    chain.rebalance(0)

    assert chain.add(option("C6000"))
    assert not chain.add(option("C6000"))
    assert not chain.add(instrument("AAPL-C190", "SIM"))  # type: ignore[arg-type]  # an option, of another series
    assert chain.add(option("P5900"))

    assert [name_of(one) for one in chain.rebalance(1).added] == ["P5900", "C6000"]
    assert chain.pilot == option("C6000").id


def test_a_series_is_what_expires_and_settles_together() -> None:
    assert str(series_of(option("C6000"))) == "SIM:ES-FUTURE:USD:2026-01-30T16:00:00Z"
    bitcoin: Any = instrument("BTC-P90000", "SIM")
    assert str(series_of(bitcoin)) == "SIM:BTC:USDT:2026-01-30T16:00:00Z"
