"""Long lists, and who looks for one order in them: it gets its records at once, and of short lists every page."""

from __future__ import annotations

from random import Random

import pytest

from nautilus_live.model.identifiers import AccountId, ClientOrderId, VenueOrderId
from sandbox_venues import sifting
from sandbox_venues.faults import Delay, Forget
from sandbox_venues.instruments import instrument
from sandbox_venues.messages import GetFills, GetOrders, Refusal
from sandbox_venues.script import Script, Target
from tests.sandbox_venues.test_queries import filled, names, pages

BTC = instrument("BTCUSDT")


@pytest.fixture(autouse=True)
def lists_are_soon_long(monkeypatch):
    monkeypatch.setattr(sifting, "LONG_LIST", 4)


def question(bench, kind, name=None, number=None, **more):
    ids = (None if name is None else ClientOrderId(name), None if number is None else VenueOrderId(number))
    return kind(account_id=bench.account, instrument_id=BTC.id, reads_only=ids, **more)


def meant(items, name, number):
    return [item for item in items if name == str(item.client_order_id) or number == str(item.venue_order_id)]


@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize("kind", [GetOrders, GetFills])
@pytest.mark.parametrize("client_ids", ["unique", "free"])
@pytest.mark.parametrize(("name", "number"), [("B", None), (None, "V-2"), ("B", "V-5"), ("nobody", "V-99")])
def test_of_a_long_list_the_records_of_either_id_come_at_once(floor, kind, name, number, newest_first, client_ids):
    bench = floor(page_size=2, newest_first=newest_first, client_ids=client_ids)
    filled(bench, "A", "B", *(["B"] if client_ids == "free" else []), "C", "D", "E")
    everything = pages(bench, kind(account_id=bench.account, instrument_id=BTC.id))

    page = bench.venue.query(question(bench, kind, name, number), bench.now_ns)

    assert list(page.items) == meant(everything, name, number)
    assert page.cursor is None


def test_a_trade_that_was_taken_back_is_in_no_list(floor):
    bench = floor()
    filled(bench, "A", "B", "C", "D", "E")
    bench.do("bust", "B", trade_id="T-2")

    assert bench.venue.query(question(bench, GetFills, "B"), bench.now_ns).items == ()


@pytest.mark.parametrize(
    "quirk",
    [
        {"lookback_secs": 60.0}, {"fills_lookback_secs": 60.0}, {"closed_orders_vanish_secs": 60.0},
        {"orders_lag_secs": 1.0}, {"lists_replaced_legs": True}, {"conditional_orders": "unlisted"},
        {"reports_fills": False},
    ],
)  # fmt: skip
def test_a_venue_that_does_not_show_its_lists_as_they_are_is_asked_for_all_of_them(floor, quirk):
    bench = floor(page_size=2, **quirk)
    filled(bench, "A", "B", "C", "D", "E")
    now_ns = bench.now_ns + 2_000_000_000

    for kind in (GetOrders, GetFills):
        whole = bench.venue.query(kind(account_id=bench.account, instrument_id=BTC.id), now_ns)
        assert bench.venue.query(question(bench, kind, "B"), now_ns) == whole


def test_a_short_list_comes_in_pages_and_so_does_what_is_narrowed(floor):
    bench = floor(page_size=2)
    filled(bench, "A", "B", "C", "D")
    assert names(pages(bench, question(bench, GetOrders, "B"))) == ["A", "B", "C", "D"]
    filled(bench, "E")
    assert names(pages(bench, question(bench, GetOrders, "B"))) == ["B"]
    assert names(pages(bench, question(bench, GetOrders, "B", open_only=True))) == []
    assert names(pages(bench, question(bench, GetOrders, "B", start_ns=0))) == ["A", "B", "C", "D", "E"]


def test_a_strangers_account_is_refused(floor):
    bench = floor()
    filled(bench, "A", "B", "C", "D", "E")
    ids = (ClientOrderId("B"), None)
    query = GetOrders(account_id=AccountId("SIM-009"), instrument_id=BTC.id, reads_only=ids)

    assert isinstance(bench.venue.query(query, bench.now_ns), Refusal)


@pytest.mark.parametrize(
    ("fault", "target", "reads"),
    [
        (Forget(), Target(), True),
        (Delay(by_secs=1.0), Target(), False),
        (Delay(by_secs=1.0), Target(order="B"), True),
    ],
)
def test_only_a_fault_that_looks_at_records_needs_all_of_them(floor, fault, target, reads):
    script = Script(Random(0))
    assert not script.reads_records
    script.add(fault, target)
    assert script.reads_records is reads
