"""Invented identifiers are functions of facts: the same facts give the same id, and every fact counts."""

from __future__ import annotations

from decimal import Decimal

import pytest

from nautilus_live.core.reconciliation.synthetic_ids import (
    alignment_ids,
    digest,
    external_client_order_id,
    inferred_trade_id,
)
from nautilus_live.model.identifiers import AccountId, InstrumentId, PositionId, VenueOrderId
from nautilus_live.model.objects import Price
from tests.core.conftest import ACCOUNT
from tests.core.reconciliation.settling import OTHER_PAIR, PAIR

FACTS: list[object] = [
    AccountId("SIM-001"),
    PAIR.id,
    PositionId("P-1"),
    Decimal(100),
    Price.from_str("1.10"),
    None,
    0,
]
OTHERS: list[object] = [
    AccountId("SIM-002"),
    OTHER_PAIR.id,
    PositionId("P-2"),
    Decimal(101),
    Price.from_str("1.11"),
    Decimal(0),
    1,
]


@pytest.mark.parametrize("place", range(len(FACTS)))
def test_every_fact_changes_the_id(place: int) -> None:
    other = [*FACTS[:place], OTHERS[place], *FACTS[place + 1 :]]
    for make in (digest, inferred_trade_id, alignment_ids):
        assert make(*FACTS) == make(*FACTS)
        assert make(*FACTS) != make(*other)


def test_order_and_borders_of_facts_change_the_id() -> None:
    assert digest("a", "b") != digest("b", "a")
    assert digest("ab", "c") != digest("a", "bc")
    assert digest("a") != digest("a", "")


def test_kinds_of_ids_differ_for_the_same_facts() -> None:
    ids = {inferred_trade_id("a").value.split("-")[1], *(one.value.split("-")[1] for one in alignment_ids("a"))}
    assert len(ids) == 2  # the three of an alignment order are one
    assert [type(one).__name__ for one in alignment_ids("a")] == ["ClientOrderId", "VenueOrderId", "TradeId"]
    assert all(one.value.startswith("ALIGN-") for one in alignment_ids("a"))
    assert inferred_trade_id("a").value.startswith("INFERRED-")


@pytest.mark.parametrize(("left", "right"), [("1.1", "1.10"), ("100", "1E+2"), ("0", "-0.00"), ("0.0000001", "1E-7")])
def test_a_number_is_the_same_fact_however_it_is_written(left: str, right: str) -> None:
    assert digest(Decimal(left)) == digest(Decimal(right))
    assert digest(Decimal(left)) != digest(Decimal(left) + 1)


def test_price_written_with_other_places_is_the_same_fact() -> None:
    assert digest(Price.from_str("1.1")) == digest(Price.from_str("1.100")) == digest(Decimal("1.1"))


@pytest.mark.parametrize(
    "other",
    [
        (AccountId("SIM-002"), PAIR.id, VenueOrderId("V-1")),
        (ACCOUNT, OTHER_PAIR.id, VenueOrderId("V-1")),
        (ACCOUNT, PAIR.id, VenueOrderId("V-2")),
    ],
)
def test_external_order_is_named_after_account_instrument_and_venue_order(
    other: tuple[AccountId, InstrumentId, VenueOrderId],
) -> None:
    made = external_client_order_id(ACCOUNT, PAIR.id, VenueOrderId("V-1"))
    assert made == external_client_order_id(ACCOUNT, PAIR.id, VenueOrderId("V-1"))
    assert made.value.startswith("EXT-V-1-")
    assert made != external_client_order_id(*other)


def test_ids_that_were_stored_by_an_earlier_release_are_invented_again() -> None:
    assert digest("a", Decimal("1.50")) == "4e6af8c1aaf93eae"
    assert alignment_ids("a", Decimal("1.50"))[0].value == "ALIGN-05a084386daee686"
    assert inferred_trade_id("a", Decimal("1.50")).value == "INFERRED-512aeeed0f0f4555"
