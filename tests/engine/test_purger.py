"""The purger: what leaves memory, what stays, and when."""

from __future__ import annotations

import asyncio
import logging
from decimal import Decimal
from typing import Any

import pytest

from nautilus_live.engine.graves import TOMBSTONE_RETENTION_NS
from nautilus_live.engine.inquiries import Inquiries
from nautilus_live.engine.periodic import Periodic
from nautilus_live.model.enums import OrderStatus
from nautilus_live.model.identifiers import AccountId, ClientOrderId, OrderListId, PositionId, VenueOrderId
from nautilus_live.model.objects import Money
from nautilus_live.model.orders import Order, OrderList
from nautilus_live.store.memory import MemoryStore
from tests.engine.purging import ACCOUNT, BTC, EVERY_10_MINUTES, Play, purger, restarted, round_trip

MINUTE_S = 60


# -- memory ----------------------------------------------------------------------------------------------------------


def test_everything_about_purged_orders_and_positions_leaves_memory(play: Play) -> None:
    async def story(rig: Any) -> None:
        orders = await round_trip(rig, client_id=rig.client.id, position_id=PositionId("P-1"))
        orders.append(rig.working(rig.order("O-3"), "V-3"))
        rig.cache.add_order_list(OrderList(OrderListId("OL-1"), orders[:2]))
        await rig.settle()
        made, told = purger(rig)

        assert (made.purge_orders(), made.purge_positions()) == (2, 1)

        assert told == ["O-1", "O-2"]
        assert list(rig.cache.client_order_ids()) == [ClientOrderId("O-3")]
        index = rig.cache._orders
        assert list(index.by_venue_id) == ["V-3"]
        assert (list(index.positions), list(index.clients)) == ([], [])
        positions = rig.cache._positions
        assert (positions.by_id, positions.open, positions.closed) == ({}, {}, {})
        assert positions.by_instrument == {BTC: {}}

    play(story)


def test_an_order_list_goes_with_its_last_order(play: Play) -> None:
    async def story(rig: Any) -> None:
        list_id = OrderListId("OL-1")
        first, second = (rig.working(rig.order(name, order_list_id=list_id), f"V-{name}") for name in ("O-1", "O-2"))
        rig.cache.add_order_list(OrderList(list_id, [first, second]))
        await rig.settle()
        made, _ = purger(rig)
        for order in (first, second):
            assert rig.cache.order_list_exists(list_id)
            rig.fill(order, "1.000")
            await rig.settle()
            made.purge_orders()
        assert not rig.cache.order_list_exists(list_id)

    play(story)


def test_each_buffer_is_so_many_minutes(play: Play, caplog: pytest.LogCaptureFixture) -> None:
    async def story(rig: Any) -> None:
        rig.client.generate_account_state([], [], True, rig.clock.timestamp_ns())
        rig.client.generate_account_state([], [], True, rig.clock.timestamp_ns())
        await round_trip(rig)
        made, _ = purger(
            rig,
            purge_closed_orders_buffer_mins=2,
            purge_closed_positions_buffer_mins=3,
            purge_account_events_lookback_mins=4,
        )
        purged: list[tuple[int, int, int]] = []
        for _ in range(5):
            purged.append((made.purge_orders(), made.purge_positions(), made.purge_account_events()))
            await asyncio.sleep(MINUTE_S)
        assert purged == [(0, 0, 0), (0, 0, 0), (2, 0, 0), (0, 1, 0), (0, 0, 1)]

    with caplog.at_level(logging.INFO):
        play(story)
    assert [record.getMessage() for record in caplog.records if "purged" in record.getMessage()] == [
        "purged 2 closed orders, 0 are left, and 2 tombstones (0 before)",
        "purged 1 closed positions, 0 are left; folded 0 old fills of open ones",
        "purged 1 account events",
    ]


def test_old_fills_of_an_open_position_are_folded_and_young_ones_kept(play: Play) -> None:
    async def story(rig: Any) -> None:
        order = rig.working(rig.order("O-1", "BUY", "9.000"))
        await rig.settle()
        for number in range(4):
            rig.fill(order, "1.000", f"5000{number}.00", trade=f"T-{number}")
            await asyncio.sleep(MINUTE_S)
        (position,) = rig.cache.positions_open()
        average = position.avg_px_open
        made, _ = purger(rig, purge_closed_positions_buffer_mins=2)
        assert made.purge_positions() == 0
        assert [fill.trade_id.value for fill in position.fills] == ["T-3"]
        assert position.avg_px_open == average == Decimal("50001.5")

    play(story)


def test_profit_of_all_cycles_of_a_purged_position_counts(play: Play) -> None:
    async def story(rig: Any) -> None:
        await round_trip(rig, "1 2")
        await round_trip(rig, "3 4")
        made, _ = purger(rig, purge_from_database=True)
        made.purge_positions()
        assert rig.cache.purged_profits() == {(BTC, ACCOUNT): Decimal(20)}

    store = MemoryStore()
    play(story, store=store)
    assert restarted(store).purged_profits() == {(BTC, ACCOUNT): Decimal(20)}


def test_without_a_store_purging_from_the_database_purges_memory(play: Play) -> None:
    async def story(rig: Any) -> None:
        (first, _) = await round_trip(rig)
        (position,) = rig.cache.positions_closed()
        now = rig.clock.timestamp_ns()
        assert rig.cache.purge_order(first.client_order_id, now, from_database=True)
        assert rig.cache.purge_position(position.id, from_database=True)
        assert rig.cache.expire_tombstones(now + TOMBSTONE_RETENTION_NS) == 1

    play(story)


def test_profit_of_purged_positions_still_counts(play: Play) -> None:
    async def story(rig: Any) -> None:
        await round_trip(rig)
        before = rig.portfolio.realized_pnl(BTC)
        assert before == Money(Decimal("10.00"), rig.cache.instrument(BTC).quote_currency)
        made, _ = purger(rig)
        made.purge_positions()
        assert rig.portfolio.realized_pnl(BTC) == before
        assert rig.portfolio.realized_pnl(BTC, ACCOUNT) == before
        assert not rig.portfolio.realized_pnl(BTC, AccountId("OTHER-1"))
        assert list(rig.portfolio.realized_pnls().values()) == [before]
        assert list(rig.portfolio.realized_pnls(account_id=AccountId("OTHER-1")).values()) == []

        await round_trip(rig, "3 4")  # the same position id, opened again
        assert rig.portfolio.realized_pnl(BTC) == before + before
        made.purge_positions()
        assert rig.portfolio.realized_pnl(BTC) == before + before

    play(story)


def test_row_257_what_is_open_is_not_purged_whoever_asks(play: Play) -> None:
    async def story(rig: Any) -> None:
        order = rig.working(rig.order("O-1", "BUY", "2.000"))
        await rig.settle()
        rig.fill(order, "1.000")
        await rig.settle()
        position_id = rig.cache.positions_open()[0].id

        assert not rig.cache.purge_order(order.client_order_id, 1 << 62)
        assert not rig.cache.purge_order(ClientOrderId("O-9"), 1 << 62)
        assert not rig.cache.purge_position(position_id)
        assert not rig.cache.purge_position(PositionId("P-9"))
        assert rig.cache.purge_account_events(AccountId("OTHER-1"), 1 << 62, 0) == 0

    play(story)


def test_a_position_stays_while_an_order_of_it_works(play: Play) -> None:
    async def story(rig: Any) -> None:
        await round_trip(rig, "1 2")
        position_id = rig.cache.positions_closed()[0].id
        third = rig.working(rig.order("O-3"), "V-3", position_id=position_id)
        await rig.settle()
        made, _ = purger(rig)
        assert made.purge_positions() == 0
        rig.fill(third, "1.000")
        await rig.settle()
        assert rig.cache.position(position_id).is_open

    play(story)


def test_an_order_in_doubt_is_kept_until_the_doubt_is_over(play: Play) -> None:
    async def story(rig: Any) -> None:
        orders = await round_trip(rig)
        rig.engine.doubts.mark_order(orders[0], "may work")
        rig.engine.doubts.quarantine({orders[1].client_order_id: "contradicts"})
        made, told = purger(rig)
        made.purge_orders()
        assert told == ["O-2"]
        assert rig.engine.quarantined_orders() == {}
        rig.engine.doubts.trust_order(orders[0].client_order_id, "found")
        made.purge_orders()
        assert told == ["O-2", "O-1"]

    play(story)


def test_a_list_taken_before_a_purge_can_be_walked_through(play: Play) -> None:
    async def story(rig: Any) -> None:
        orders = await round_trip(rig)
        made, _ = purger(rig)
        seen = []
        for order in rig.cache.orders():
            made.purge_orders()
            seen.append(order.status)
        assert seen == [OrderStatus.FILLED] * 2
        assert [order.client_order_id.value for order in orders] == ["O-1", "O-2"]

    play(story)


def test_row_258_account_events_go_but_the_last(play: Play) -> None:
    async def story(rig: Any) -> None:
        for _ in range(3):
            rig.client.generate_account_state([], [], True, rig.clock.timestamp_ns())
            await asyncio.sleep(MINUTE_S)
        account = rig.cache.account(ACCOUNT)
        last = account.last_event
        made, _ = purger(rig, purge_account_events_lookback_mins=2)
        assert made.purge_account_events() == 2
        made, _ = purger(rig)
        assert made.purge_account_events() == 0
        assert account.events == [last]

    play(story)


# -- when ------------------------------------------------------------------------------------------------------------


def test_the_first_purge_comes_one_interval_after_the_start_and_the_next_on_the_grid(play: Play) -> None:
    async def story(rig: Any) -> None:
        made, told = purger(rig, purge_closed_orders_buffer_mins=5)
        periodic = Periodic(rig.loop)
        made.start(periodic)
        await round_trip(rig)
        await asyncio.sleep(10 * MINUTE_S - 1)
        assert told == []
        await asyncio.sleep(1)
        assert told == ["O-1", "O-2"]
        await round_trip(rig, "3 4")
        await asyncio.sleep(10 * MINUTE_S)
        assert told == ["O-1", "O-2", "O-3", "O-4"]
        await asyncio.gather(*periodic.stop(), return_exceptions=True)

    play(story)


def test_row_259_the_database_keeps_account_events_and_the_start_says_so(
    play: Play, caplog: pytest.LogCaptureFixture
) -> None:
    async def story(rig: Any) -> None:
        for purges in (False, True):
            periodic = Periodic(rig.loop)
            made, _ = purger(rig, purge_from_database=purges)
            made.start(periodic)
            await asyncio.sleep(0)
            assert ("account events in the database are not deleted" in caplog.text) is purges
            await asyncio.gather(*periodic.stop(), return_exceptions=True)

    play(story)


def test_an_interval_that_is_not_set_purges_nothing(play: Play) -> None:
    async def story(rig: Any) -> None:
        await round_trip(rig)
        periodic = Periodic(rig.loop)
        made, told = purger(rig, **dict.fromkeys(EVERY_10_MINUTES))
        made.start(periodic)
        await asyncio.sleep(24 * 60 * MINUTE_S)
        assert periodic.stop() == []
        assert (told, rig.cache.orders_total_count(), rig.cache.positions_total_count()) == ([], 2, 1)

    play(story)


def test_row_291_a_purge_that_fails_is_logged_and_the_next_one_comes(
    play: Play, caplog: pytest.LogCaptureFixture
) -> None:
    async def story(rig: Any) -> None:
        made, told = purger(rig)
        forget = made._on_purged
        left = [RuntimeError("the first time")]

        def fail_once(order: Order) -> None:
            if left:
                raise left.pop()
            forget(order)

        made._on_purged = fail_once
        periodic = Periodic(rig.loop)
        made.start(periodic)
        await round_trip(rig)
        await asyncio.sleep(10 * MINUTE_S)
        assert told == []
        await asyncio.sleep(10 * MINUTE_S)
        assert told == ["O-2"]  # O-1 was purged when telling of it failed
        await asyncio.gather(*periodic.stop(), return_exceptions=True)

    with caplog.at_level(logging.ERROR):
        play(story)
    assert "purge of closed orders: a run failed" in caplog.text
    assert "the first time" in caplog.text


def test_the_inquiries_forget_what_they_said_about_a_purged_order(play: Play) -> None:
    async def story(rig: Any) -> None:
        (order, _) = await round_trip(rig)
        inquiries = Inquiries(rig.engine, rig.cache, rig.clock, logging.getLogger())
        inquiries._said = {(BTC, VenueOrderId("V-1")): ("x",), (BTC, VenueOrderId("V-2")): ("y",)}
        inquiries.forget(order)
        assert list(inquiries._said) == [(BTC, VenueOrderId("V-2"))]

    play(story)
