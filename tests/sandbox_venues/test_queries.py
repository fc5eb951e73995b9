"""What a venue answers: the truth in pages, less what its profile leaves out."""

from __future__ import annotations

import pytest

from nautilus_live.model.identifiers import AccountId, ClientOrderId, VenueOrderId
from nautilus_live.model.objects import Price
from sandbox_venues import queries
from sandbox_venues.instruments import instrument
from sandbox_venues.messages import (
    AmendOrder,
    GetAccount,
    GetFills,
    GetInstruments,
    GetOrder,
    GetOrders,
    GetPositions,
    Refusal,
)

BTC = instrument("BTCUSDT")
HOUR = 3_600_000_000_000


def pages(bench, query, now_ns=None):
    from msgspec.structs import replace

    items, cursor = [], None
    while True:
        page = bench.venue.query(replace(query, cursor=cursor), bench.now_ns if now_ns is None else now_ns)
        items += page.items
        cursor = page.cursor
        if cursor is None:
            return items


def names(items):
    return [str(item.client_order_id) for item in items]


def filled(bench, *orders):
    for name in orders:
        bench.place(name)
        bench.do("trade", name)


@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize("page_size", [1, 2, 3, 100])
def test_all_pages_together_are_the_whole_list(floor, page_size, newest_first):
    bench = floor(page_size=page_size, newest_first=newest_first)
    filled(bench, "A", "B", "C", "D", "E")
    expected = ["A", "B", "C", "D", "E"]
    if newest_first:
        expected.reverse()

    assert names(pages(bench, GetOrders(account_id=bench.account))) == expected
    assert names(pages(bench, GetFills(account_id=bench.account))) == expected


@pytest.mark.parametrize("newest_first", [False, True])
def test_a_list_of_many_pages_is_read_once_not_once_for_each_page(floor, monkeypatch, newest_first):
    bench = floor(page_size=5, newest_first=newest_first)
    filled(bench, *(f"O-{number}" for number in range(50)))
    looked_at = []
    is_shown = queries._is_shown
    monkeypatch.setattr(queries, "_is_shown", lambda *given: looked_at.append(given) or is_shown(*given))

    assert len(pages(bench, GetOrders(account_id=bench.account))) == 50
    assert len(looked_at) <= 2 * 50


def test_orders_placed_between_two_pages_shift_nothing(floor):
    bench = floor(page_size=2)
    filled(bench, "A", "B", "C")
    query = GetOrders(account_id=bench.account)
    first = bench.venue.query(query, bench.now_ns)
    filled(bench, "D")
    second = bench.venue.query(GetOrders(account_id=bench.account, cursor=first.cursor), bench.now_ns)

    assert names([*first.items, *second.items]) == ["A", "B", "C", "D"]


def test_an_order_is_found_by_either_id_open_or_closed(floor):
    bench = floor()
    filled(bench, "A")
    by_client = GetOrder(account_id=bench.account, instrument_id=BTC.id, client_order_id=ClientOrderId("A"))
    by_venue = GetOrder(account_id=bench.account, instrument_id=BTC.id, venue_order_id=VenueOrderId("V-1"))
    neither = GetOrder(account_id=bench.account, instrument_id=BTC.id, client_order_id=ClientOrderId("B"))

    assert pages(bench, by_client) == pages(bench, by_venue) == [bench.report("A")]
    assert pages(bench, neither) == []


def test_open_only_and_times_narrow_the_list(floor):
    bench = floor()
    filled(bench, "A")
    bench.place("B")
    bench.now_ns = 9_000
    filled(bench, "C")
    account = bench.account

    assert names(pages(bench, GetOrders(account_id=account, open_only=True))) == ["B"]
    assert names(pages(bench, GetOrders(account_id=account, start_ns=5_000))) == ["B", "C"]
    assert names(pages(bench, GetFills(account_id=account, start_ns=5_000))) == ["C"]
    assert names(pages(bench, GetFills(account_id=account, end_ns=5_000))) == ["A"]
    assert names(
        pages(bench, GetFills(account_id=account, instrument_id=BTC.id, venue_order_id=VenueOrderId("V-1")))
    ) == ["A"]


def test_a_lookback_hides_what_is_older_but_not_what_is_open(floor):
    bench = floor(lookback_secs=3_600.0)
    filled(bench, "A")
    bench.place("B")
    now_ns = bench.now_ns + HOUR + 1

    assert names(pages(bench, GetOrders(account_id=bench.account), now_ns)) == ["B"]
    assert pages(bench, GetFills(account_id=bench.account), now_ns) == []
    assert len(pages(bench, GetPositions(account_id=bench.account), now_ns)) == 1


def test_closed_orders_vanish_but_their_fills_stay(floor):
    bench = floor(closed_orders_vanish_secs=0.0)
    filled(bench, "A")

    assert pages(bench, GetOrders(account_id=bench.account)) == []
    assert names(pages(bench, GetFills(account_id=bench.account))) == ["A"]


def test_what_a_profile_leaves_out_is_missing_and_not_zero(floor):
    bench = floor(
        reports_client_ids=False, reports_avg_px=False, reports_commissions=False, reports_flat_positions=False
    )
    filled(bench, "A")
    order, fill = (pages(bench, kind(account_id=bench.account))[0] for kind in (GetOrders, GetFills))

    assert (order.client_order_id, order.avg_px, fill.commission, fill.client_order_id) == (None, None, None, None)
    assert len(pages(bench, GetPositions(account_id=bench.account))) == 1
    bench.do("external_order", "BTCUSDT", "SELL", "1", "100", fills=[("1", "100")])
    assert pages(bench, GetPositions(account_id=bench.account)) == []
    assert len(bench.venue.positions()) == 1


def test_positions_are_for_margin_accounts_unless_the_profile_says_otherwise(floor):
    for settings, count in (({}, 1), ({"account_type": "CASH"}, 0), ({"reports_positions": False}, 0)):
        bench = floor(**settings)
        filled(bench, "A")
        assert len(pages(bench, GetPositions(account_id=bench.account))) == count


def test_replaced_legs_are_listed_as_canceled_where_the_profile_says_so(floor):
    bench = floor(modify="cancel_new", lists_replaced_legs=True)
    bench.place("A")
    bench.handle(
        AmendOrder(
            account_id=bench.account, instrument_id=BTC.id, client_order_id=ClientOrderId("A"),
            price=Price.from_str("49000.00"),
        )
    )  # fmt: skip
    listed = pages(bench, GetOrders(account_id=bench.account))
    old = GetOrder(account_id=bench.account, instrument_id=BTC.id, venue_order_id=VenueOrderId("V-1"))

    assert [(str(r.venue_order_id), str(r.order_status)) for r in listed] == [("V-1", "CANCELED"), ("V-2", "ACCEPTED")]
    assert pages(bench, old) == listed[:1]


def test_accounts_and_instruments_are_answered(floor):
    bench = floor()
    state = bench.venue.query(GetAccount(account_id=bench.account), 5)
    stranger = bench.venue.query(GetAccount(account_id=AccountId("X-1")), 5)

    assert [b.currency.code for b in state.balances] == ["USDT"]
    assert isinstance(stranger, Refusal)
    assert len(bench.venue.query(GetInstruments(), 5).items) == 2
    assert bench.venue.query(GetInstruments(instrument_id=BTC.id), 5).items == (BTC,)


def test_a_query_changes_nothing(floor):
    bench = floor()
    filled(bench, "A")
    before = bench.venue.orders(), bench.venue.fills(), bench.venue.balances()
    for kind in (GetOrders, GetFills, GetPositions, GetAccount):
        bench.venue.query(kind(account_id=bench.account), 5)

    assert (bench.venue.orders(), bench.venue.fills(), bench.venue.balances()) == before
