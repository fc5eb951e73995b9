"""The script: what, when, to whom, how often."""

from __future__ import annotations

from random import Random

import pytest

from nautilus_live.model.enums import OrderSide
from nautilus_live.model.identifiers import AccountId, ClientOrderId
from nautilus_live.model.objects import Price, Quantity
from sandbox_venues.faults import Delay, Drop, Duplicate
from sandbox_venues.instruments import instrument
from sandbox_venues.messages import GetOrders, PlaceOrder, PlaceOrders
from sandbox_venues.script import Script, Target

BTC = instrument("BTCUSDT")
ACCOUNT = AccountId("SANDBOX-001")
QUERY = GetOrders(account_id=ACCOUNT)


def order(name):
    return PlaceOrder(
        account_id=ACCOUNT, instrument_id=BTC.id, side=OrderSide.BUY, quantity=Quantity.from_str("1.000"),
        client_order_id=ClientOrderId(name), price=Price.from_str("100.00"),
    )  # fmt: skip


def passed(script, message, node="N", now_ns=0, direction="request"):
    return len(script.filter(direction, message, node, now_ns)[0])


def test_without_entries_everything_passes_at_once():
    assert Script(Random(0)).filter("request", QUERY, "N", 0) == ([(0, QUERY)], [])


def test_times_and_skip_count_what_matches():
    script = Script(Random(0))
    script.add(Drop(), Target(request="query.orders"), times=2, skip=1)

    assert [passed(script, message) for message in (QUERY, order("A"), QUERY, QUERY, QUERY)] == [1, 1, 0, 0, 1]


def test_a_window_of_time_bounds_a_fault():
    script = Script(Random(0))
    script.add(Drop(), times=None, start_ns=10, end_ns=20)

    assert [passed(script, QUERY, now_ns=at) for at in (9, 10, 19, 20)] == [1, 0, 0, 1]


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ({"request": "query.*"}, [0, 1, 1]),
        ({"request": "submit*"}, [1, 0, 0]),
        ({"order": "B"}, [1, 1, 0]),
        ({"node": "M"}, [1, 1, 1]),
        ({"account": "SANDBOX-001"}, [0, 0, 0]),
        ({"account": "OTHER-001"}, [1, 1, 1]),
        ({"instrument": "BTCUSDT"}, [0, 0, 0]),
        ({"instrument": "ETHUSDT", "request": "submit"}, [1, 1, 1]),
        ({"report": "*"}, [1, 1, 1]),
    ],
)
def test_a_target_names_messages(target, expected):
    script = Script(Random(0))
    script.add(Drop(), Target(**target), times=None)
    both = PlaceOrders(account_id=ACCOUNT, orders=(order("A"), order("B")))

    assert [passed(script, message) for message in (QUERY, order("A"), both)] == expected


def test_faults_apply_one_after_the_other():
    script = Script(Random(0))
    script.add(Duplicate(after_secs=1.0), name="twice", times=None)
    script.add(Delay(by_secs=2.0), name="late", times=None)

    assert script.filter("request", QUERY, "N", 0) == (
        [(2_000_000_000, QUERY), (3_000_000_000, QUERY)],
        ["twice", "late", "late"],
    )


def test_chance_is_drawn_from_the_seed():
    def run(seed):
        script = Script(Random(seed))
        script.add(Drop(), times=None, chance=0.5)
        return [passed(script, QUERY) for _ in range(50)]

    assert run(1) == run(1)
    assert run(1) != run(2)
    assert 10 < sum(run(1)) < 40


def test_one_fault_more_shifts_no_draw_of_those_before():
    def run(more):
        script = Script(Random(3))
        script.add(Drop(), Target(node="N"), times=None, chance=0.5)
        if more:
            script.add(Drop(), Target(node="X"), times=None, chance=0.5)
        return [passed(script, QUERY) for _ in range(30)]

    assert run(False) == run(True)


def test_an_entry_can_be_removed_and_a_bad_one_is_an_error():
    script = Script(Random(0))
    script.add(Drop(), name="gone", times=None)
    with pytest.raises(ValueError, match="name of its own"):
        script.add(Drop(), name="gone")
    with pytest.raises(ValueError, match="times must be > 0"):
        script.add(Drop(), times=0)
    script.remove("gone")

    assert passed(script, QUERY) == 1
