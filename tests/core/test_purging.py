"""What may be forgotten, and when: rows 253 to 258 of BEHAVIOUR.md."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from nautilus_live.core.conclusions import conclude
from nautilus_live.core.position_keeping import take
from nautilus_live.core.purging import (
    NANOSECONDS_PER_MINUTE,
    orders_to_purge,
    positions_to_purge,
    states_to_purge,
)
from nautilus_live.core.tombstones import tombstone_of
from nautilus_live.model.enums import AccountType, OrderStatus
from nautilus_live.model.events import AccountState, OrderAccepted, OrderCanceled, OrderRejected, OrderSubmitted
from nautilus_live.model.identifiers import ClientOrderId, PositionId
from nautilus_live.model.orders import Order
from nautilus_live.model.position import Position
from tests.core.conftest import (
    ACCOUNT,
    PATHS,
    SPOT,
    STRATEGY,
    TRADER,
    apply,
    make_event,
    make_fill,
    make_order,
    make_placeholder,
    order_in,
)

SECOND = 1_000_000_000
NOW = 1_000 * SECOND


def closed(name: str = "O-1", *, at: int, heard: int | None = None, **fields: Any) -> Order:
    """Return an order canceled at a time of the venue's, of which we heard then or at `heard`."""
    order = apply(make_order(name, **fields), OrderSubmitted, OrderAccepted)
    apply(order, make_event(OrderCanceled, order, ts=at, ts_init=at if heard is None else heard))
    return order


def purged(*orders: Order, buffer_ns: int = 60 * SECOND) -> list[str]:
    known = {order.client_order_id: order for order in orders}
    return [order.client_order_id.value for order in orders_to_purge(orders, known.get, NOW, buffer_ns)]


@pytest.mark.parametrize(
    ("age_s", "goes"),
    [(120, True), (60, True), (59, False), (10, False)],
    ids=["row 253", "row 254: exactly the buffer", "just short of it", "row 255"],
)
def test_a_closed_order_goes_once_it_has_rested_for_the_buffer(age_s: int, goes: bool) -> None:
    assert purged(closed(at=NOW - age_s * SECOND)) == (["O-1"] if goes else [])


@pytest.mark.parametrize(("age_mins", "buffer_mins", "goes"), [(59, 1, False), (60, 1, True), (60, 90, False)])
def test_an_order_that_we_ended_ourselves_rests_for_an_hour_at_least(
    age_mins: int, buffer_mins: int, goes: bool
) -> None:
    order, now = order_in("SUBMITTED"), 100 * NANOSECONDS_PER_MINUTE
    apply(order, conclude(order, OrderRejected, "INFLIGHT_TIMEOUT", now - age_mins * NANOSECONDS_PER_MINUTE))

    assert orders_to_purge([order], lambda _: None, now, buffer_mins * NANOSECONDS_PER_MINUTE) == (
        [order] if goes else []
    )


@pytest.mark.parametrize("status", list(PATHS))
def test_row_255_an_order_that_is_not_closed_stays_however_old(status: OrderStatus) -> None:
    order = order_in(status)
    assert purged(order) == (["O-1"] if order.is_closed else [])


def test_the_time_that_counts_is_ours() -> None:
    ahead = closed("O-1", at=NOW + 500 * SECOND, heard=NOW - 60 * SECOND)
    news = closed("O-2", at=1, heard=NOW - SECOND)

    assert purged(ahead, news) == ["O-1"]


def test_row_256_a_leg_stays_while_a_sibling_or_the_parent_is_not_done() -> None:
    links = (ClientOrderId("O-2"),)
    leg = closed("O-1", at=1, linked_order_ids=links)
    child = closed("O-3", at=1, parent_order_id=ClientOrderId("O-2"))

    assert purged(leg, child, order_in("ACCEPTED", "O-2")) == []
    assert purged(leg, child, make_order("O-2")) == []
    assert purged(leg, child, closed("O-2", at=NOW)) == ["O-1", "O-3"]
    assert purged(leg, child) == ["O-1", "O-3"]  # its sibling is gone already


def position(*trades: tuple[str, str, int]) -> Position:
    made = Position(SPOT, PositionId("P-1"), STRATEGY, TRADER, ACCOUNT)
    for number, (side, quantity, heard) in enumerate(trades):
        order = order_in("ACCEPTED", f"O-{number}", side)
        for _ in take(made, make_fill(order, quantity, ts=1, ts_init=heard)):
            pass
    return made


def test_a_position_goes_when_it_has_been_flat_for_the_buffer_and_nobody_trades_in_it() -> None:
    flat = position(("BUY", "1.000", 1), ("SELL", "0.500", 2), ("SELL", "0.500", NOW - 60 * SECOND))
    buffer_ns = 60 * SECOND

    assert positions_to_purge([flat], [], NOW, buffer_ns) == [flat]
    assert positions_to_purge([flat], [], NOW - 1, buffer_ns) == []
    assert positions_to_purge([flat], [flat.id], NOW, buffer_ns) == []


def test_row_257_a_position_that_is_open_again_or_never_was_stays() -> None:
    again = position(("BUY", "1.000", 1), ("SELL", "1.000", 2), ("BUY", "0.001", 3))

    assert positions_to_purge([again, position()], [], NOW, 0) == []


def test_a_flat_sum_of_positions_that_the_venue_still_has_stays() -> None:
    flat = position(("BUY", "1.000", 1), ("SELL", "1.000", 2))
    flat.legs = {PositionId("P-7"): Decimal(1), PositionId("P-8"): Decimal(-1)}
    assert positions_to_purge([flat], [], NOW, 0) == []
    flat.legs.clear()
    assert positions_to_purge([flat], [], NOW, 0) == [flat]


def states(*times: int) -> list[AccountState]:
    return [
        AccountState(event_id=f"A-{at}", ts_event=1, ts_init=at, account_id=ACCOUNT, account_type=AccountType.CASH)
        for at in times
    ]


@pytest.mark.parametrize(
    ("times", "lookback_ns", "gone"),
    [
        ((1, 2, 3, 4), 0, 3),
        ((1,), 0, 0),
        ((), 0, 0),
        ((NOW - 61, NOW - 60, NOW - 59, NOW), 60, 2),
        ((NOW - 59, NOW), 60, 0),
    ],
    ids=["row 258: the last stays", "only one", "none", "exactly the lookback goes", "all young"],
)
def test_account_states_go_by_age_but_never_the_last(times: tuple[int, ...], lookback_ns: int, gone: int) -> None:
    assert states_to_purge(states(*times), NOW, lookback_ns) == gone


def test_a_tombstone_tells_real_trades_from_inferred_ones_and_keeps_every_venue_id() -> None:
    order = apply(make_order(quantity="3.000"), OrderSubmitted, OrderAccepted)
    apply(order, make_fill(order, "1.000", trade="T-1"), make_placeholder(order, "2.000", trade="X-1"))
    order.superseded_venue_order_ids = [order.venue_order_id]  # type: ignore[assignment]  # as after a replacement

    stone = tombstone_of(order, NOW, is_deleted=True)

    assert (stone.client_order_id, stone.venue_order_ids) == ("O-1", ("V-O-1", "V-O-1"))
    assert (stone.trade_ids, stone.filled_qty, stone.inferred_qty) == (("T-1",), Decimal(3), Decimal(2))
    assert (stone.ts_last, stone.ts_purged, stone.is_told, stone.is_deleted) == (order.ts_last, NOW, False, True)
    assert stone.instrument_id == order.instrument_id


def test_the_tombstone_of_an_order_that_never_got_to_the_venue() -> None:
    stone = tombstone_of(order_in("DENIED"), NOW)

    assert (stone.venue_order_ids, stone.trade_ids, stone.filled_qty, stone.inferred_qty) == ((), (), 0, 0)
    assert (stone.is_told, stone.is_deleted) == (False, False)
