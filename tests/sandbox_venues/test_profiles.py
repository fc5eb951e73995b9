"""Personalities: ready ones, overrides by name, errors; and the ready instruments."""

from __future__ import annotations

import pytest

from nautilus_live.model.enums import AccountType, OmsType
from nautilus_live.model.instruments import CryptoPerpetual, CurrencyPair
from sandbox_venues.instruments import SYMBOLS, instrument
from sandbox_venues.profiles import PROFILES, profile
from sandbox_venues.venue import Venue, VenueConfig


@pytest.mark.parametrize("name", list(PROFILES))
def test_every_ready_profile_makes_a_venue(name):
    venue = Venue(VenueConfig(profile=profile(name)), [instrument("BTCUSDT"), instrument("BTCUSDT-PERP")])
    venue.check()

    assert venue.profile.name == name


def test_fields_are_overridden_by_name():
    made = profile("cash", page_size=7, oms_type="HEDGING")

    assert (made.page_size, made.oms, made.account, made.has_positions) == (7, OmsType.HEDGING, AccountType.CASH, False)


@pytest.mark.parametrize(
    ("name", "settings", "reason"),
    [
        ("nowhere", {}, "must be one of default"),
        ("default", {"page_sise": 1}, "page_sise"),
        ("default", {"modify": "sometimes"}, "modify"),
        ("default", {"page_size": 0}, "at least 1"),
        ("default", {"lookback_secs": -1.0}, "at least 0"),
    ],
)
def test_what_does_not_fit_is_an_error_that_names_it(name, settings, reason):
    with pytest.raises(ValueError, match=reason):
        profile(name, **settings)


def test_ready_instruments_are_what_they_say():
    assert isinstance(instrument("BTCUSDT"), CurrencyPair)
    assert isinstance(instrument("BTCUSDT-PERP"), CryptoPerpetual)
    assert (instrument("AUD/USD").price_precision, instrument("AUD/USD").size_precision) == (5, 0)
    assert all(str(instrument(symbol, "X").id) == f"{symbol}.X" for symbol in SYMBOLS)
    assert instrument("BTCUSDT") == instrument("BTCUSDT")
    with pytest.raises(ValueError, match="must be one of"):
        instrument("XYZ")
