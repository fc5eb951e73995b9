"""The cache: indexes, queries, ticks and keys."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nautilus_live.config.storage import CacheConfig
from nautilus_live.core import order_lifecycle
from nautilus_live.core.position_keeping import take
from nautilus_live.core.tombstones import Tombstone
from nautilus_live.engine.cache import Cache
from nautilus_live.engine.refusing import CACHE_REFUSES
from nautilus_live.errors import IllegalTransition, ProgrammerError
from nautilus_live.model.accounts import account_from
from nautilus_live.model.data import QuoteTick, TradeTick
from nautilus_live.model.enums import (
    AccountType,
    AggressorSide,
    OrderSide,
    OrderType,
    PositionSide,
    PriceType,
)
from nautilus_live.model.events import (
    AccountState,
    OrderAccepted,
    OrderCanceled,
    OrderEmulated,
    OrderFilled,
    OrderPendingCancel,
    OrderReleased,
    OrderSubmitted,
    OrderUpdated,
)
from nautilus_live.model.identifiers import (
    AccountId,
    ClientId,
    ClientOrderId,
    ComponentId,
    InstrumentId,
    OrderListId,
    PositionId,
    StrategyId,
    TradeId,
    TraderId,
    Venue,
    VenueOrderId,
)
from nautilus_live.model.objects import Currency, Price, Quantity
from nautilus_live.model.orders import Order, OrderList
from nautilus_live.model.position import Position

NewOrder = Callable[..., Order]
BTC = InstrumentId.from_str("BTCUSDT.SIM")
ETH = InstrumentId.from_str("ETHUSDT.OTHER")
ACCOUNT = AccountId("SIM-001")


def event(kind: type, order: Order, venue_order_id: str | None = None, **fields: Any) -> Any:
    return kind(
        event_id=f"E-{len(order.events)}",
        ts_event=5,
        ts_init=5,
        trader_id=order.trader_id,
        strategy_id=order.strategy_id,
        instrument_id=order.instrument_id,
        client_order_id=order.client_order_id,
        account_id=ACCOUNT,
        venue_order_id=None if venue_order_id is None else VenueOrderId(venue_order_id),
        **fields,
    )


def fill(order: Order, quantity: str = "1.000", trade: str = "T-1") -> OrderFilled:
    made: OrderFilled = event(
        OrderFilled,
        order,
        trade_id=TradeId(trade),
        order_side=order.side,
        order_type=OrderType.LIMIT,
        last_qty=Quantity.from_str(quantity),
        last_px=Price.from_str("100.00"),
        currency=Currency.from_str("USDT"),
    )
    return made


def happen(cache: Cache, order: Order, *events: Any) -> Order:
    for one in events:
        order_lifecycle.apply(order, one)
        cache.update_order(order)
    return order


def names(orders: list[Order]) -> list[str]:
    return [order.client_order_id.value for order in orders]


@pytest.fixture
def cache() -> Cache:
    return Cache()


def test_an_order_moves_through_the_listings(cache: Cache, new_order: NewOrder) -> None:
    order = new_order()
    coid = order.client_order_id
    cache.add_order(order)
    assert cache.orders() == [order]
    assert (cache.orders_open(), cache.orders_inflight(), cache.orders_closed()) == ([], [], [])

    happen(cache, order, event(OrderSubmitted, order))
    assert cache.is_order_inflight(coid)
    assert not cache.is_order_open(coid)
    happen(cache, order, event(OrderAccepted, order, "V-1"))
    assert cache.is_order_open(coid)
    assert not cache.is_order_inflight(coid)
    happen(cache, order, event(OrderPendingCancel, order, "V-1"))
    assert cache.is_order_open(coid)
    assert cache.is_order_inflight(coid)
    assert (cache.orders_open_count(), cache.orders_inflight_count()) == (1, 1)
    happen(cache, order, event(OrderCanceled, order, "V-1"))
    assert cache.is_order_closed(coid)
    assert (cache.orders_open(), cache.orders_inflight(), cache.orders_closed()) == ([], [], [order])
    assert cache.check_integrity() == []


def test_an_emulated_order_is_listed_apart(cache: Cache, new_order: NewOrder) -> None:
    order = new_order()
    cache.add_order(order)
    happen(cache, order, event(OrderEmulated, order))
    assert cache.orders_emulated() == [order]
    assert cache.is_order_emulated(order.client_order_id)
    happen(cache, order, event(OrderReleased, order), event(OrderSubmitted, order))
    assert cache.orders_emulated_count() == 0
    assert cache.check_integrity() == []


def test_criteria_narrow_a_listing(cache: Cache, new_order: NewOrder) -> None:
    other = StrategyId("S-002")
    for name, fields in {
        "O-1": {},
        "O-2": {"side": "SELL"},
        "O-3": {"strategy_id": other},
        "O-4": {"instrument_id": ETH},
    }.items():
        order = new_order(name, **fields)
        cache.add_order(order)
        happen(cache, order, event(OrderSubmitted, order), event(OrderAccepted, order, f"V-{name}"))

    for query in (cache.orders, cache.orders_open):
        assert names(query(Venue("SIM"))) == ["O-1", "O-2", "O-3"]
        assert names(query(None, BTC, other)) == ["O-3"]
        assert names(query(instrument_id=BTC, side=OrderSide.SELL)) == ["O-2"]
        assert names(query(instrument_id=ETH)) == ["O-4"]
        assert names(query(side=OrderSide.NO_ORDER_SIDE, account_id=ACCOUNT)) == ["O-1", "O-2", "O-3", "O-4"]
        assert query(account_id=AccountId("X-1")) == []
    assert cache.orders_total_count(instrument_id=BTC) == 3
    assert list(cache.strategy_ids()) == [StrategyId("S-001"), other]
    assert [one.value for one in cache.client_order_ids_open()] == ["O-1", "O-2", "O-3", "O-4"]
    for ids in (cache.client_order_ids, cache.client_order_ids_open):
        assert (len(ids(account_id=ACCOUNT)), len(ids(account_id=AccountId("X-1")))) == (4, 0)
    assert not cache.client_order_ids_closed(account_id=ACCOUNT)


def test_a_venue_order_id_leads_to_its_order_per_instrument(cache: Cache, new_order: NewOrder) -> None:
    for name, instrument_id in (("O-1", BTC), ("O-2", ETH)):
        order = new_order(name, instrument_id=instrument_id)
        cache.add_order(order)
        happen(cache, order, event(OrderAccepted, order, "7"))

    assert cache.client_order_id(VenueOrderId("7"), BTC) == ClientOrderId("O-1")
    assert cache.client_order_id(VenueOrderId("7"), ETH) == ClientOrderId("O-2")
    assert cache.client_order_id(VenueOrderId("7")) is None
    assert cache.client_order_id(VenueOrderId("8")) is None
    assert cache.venue_order_id(ClientOrderId("O-2")) == VenueOrderId("7")


def test_a_superseded_venue_order_id_still_leads_to_its_order(cache: Cache, new_order: NewOrder) -> None:
    order = new_order()
    cache.add_order(order)
    happen(cache, order, event(OrderAccepted, order, "V-1"), event(OrderUpdated, order, "V-2", quantity=order.quantity))

    assert cache.client_order_id(VenueOrderId("V-1")) == order.client_order_id
    assert cache.client_order_id(VenueOrderId("V-2"), BTC) == order.client_order_id
    assert cache.venue_order_id(order.client_order_id) == VenueOrderId("V-2")


def test_a_client_order_id_is_given_once(cache: Cache, new_order: NewOrder) -> None:
    cache.add_order(new_order(), PositionId("P-1"), ClientId("C-1"))
    assert cache.position_id(ClientOrderId("O-1")) == PositionId("P-1")
    assert cache.client_id(ClientOrderId("O-1")) == ClientId("C-1")
    with pytest.raises(ProgrammerError, match="must be new"):
        cache.add_order(new_order(side="SELL"))
    replacement = new_order(side="SELL")
    cache.add_order(replacement, overwrite=True)
    assert cache.order(ClientOrderId("O-1")) is replacement
    assert cache.position_id(ClientOrderId("O-1")) is None


def test_positions_are_listed_open_and_closed(
    cache: Cache, new_order: NewOrder, new_instrument: Callable[..., Any]
) -> None:
    position = Position(new_instrument(), PositionId("P-1"), StrategyId("S-001"), TraderId("TRADER-001"), ACCOUNT)
    cache.add_position(position)
    assert cache.positions() == [position]
    assert cache.positions_open() == cache.positions_closed() == []
    buy, sell = new_order("O-1"), new_order("O-2", "SELL")
    for _ in take(position, fill(buy)):
        cache.update_position(position)
    assert cache.positions_open(instrument_id=BTC, side=PositionSide.LONG) == [position]
    assert cache.positions_open(side=PositionSide.SHORT) == []
    assert cache.is_position_open(position.id)
    for _ in take(position, fill(sell)):
        cache.update_position(position)
    assert (cache.positions_open_count(), cache.positions_closed_count(strategy_id=StrategyId("S-001"))) == (0, 1)
    for _ in take(position, fill(buy)):
        cache.update_position(position)
    assert (cache.positions_open(account_id=ACCOUNT), cache.positions_closed()) == ([position], [])
    assert cache.check_integrity() == []
    with pytest.raises(ProgrammerError, match="must be new"):
        cache.add_position(position)


def test_ticks_are_kept_newest_first_up_to_the_capacity() -> None:
    cache = Cache(config=CacheConfig(tick_capacity=2))
    size = Quantity.from_str("1")
    for number in (1, 2, 3):
        bid, ask = Price.from_str(f"{number}.00"), Price.from_str(f"{number}.10")
        cache.add_quote_tick(QuoteTick(BTC, bid, ask, size, size, number, number))
        cache.add_trade_tick(TradeTick(BTC, ask, size, AggressorSide.BUYER, TradeId(f"T-{number}"), number, number))

    assert [tick.ts_event for tick in cache.quote_ticks(BTC)] == [3, 2]
    assert [tick.ts_event for tick in cache.trade_ticks(BTC)] == [3, 2]
    assert cache.quote_tick(BTC, 1).ts_event == 2  # type: ignore[union-attr]  # it is there
    assert cache.quote_tick(BTC, 2) is None
    assert cache.price(BTC, PriceType.MID) == Price.from_str("3.050")
    assert cache.price(BTC, PriceType.LAST) == Price.from_str("3.10")
    assert cache.price(BTC, PriceType.MARK) is None
    assert cache.price(ETH, PriceType.BID) is None
    assert (cache.has_quote_ticks(BTC), cache.has_trade_ticks(ETH)) == (True, False)


def test_accounts_belong_to_their_issuers_venue_unless_told_otherwise(cache: Cache) -> None:
    state = AccountState(event_id="A", ts_event=0, ts_init=0, account_id=ACCOUNT, account_type=AccountType.CASH)
    cache.add_account(account_from(state))
    assert cache.account_for_venue(Venue("SIM")) is cache.account(ACCOUNT)
    assert cache.account_for_venue(Venue("OTHER")) is None
    assert cache.account_for_venue(Venue("OTHER"), ACCOUNT) is cache.account_for_venue(account_id=ACCOUNT)
    assert cache.account_for_venue(account_id=AccountId("X-1")) is None
    cache.set_account_venue(Venue("OTHER"), cache.accounts()[0])
    assert cache.account_id(Venue("OTHER")) == ACCOUNT
    cache.set_account_id_for_venue(Venue("THIRD"), ACCOUNT)
    assert cache.account_for_venue(Venue("THIRD")) is cache.account(ACCOUNT)
    with pytest.raises(ValueError, match="a venue or an account_id must be given"):
        cache.account_for_venue()


def test_a_purged_order_is_known_by_either_id(cache: Cache) -> None:
    for name, venue_order_ids in (("O-1", ("V-1",)), ("O-2", ())):
        cache.bury(
            Tombstone(
                client_order_id=name,
                venue_order_ids=venue_order_ids,
                instrument_id=BTC,
                trade_ids=(),
                filled_qty=Decimal(0),
                inferred_qty=Decimal(0),
                ts_last=0,
                ts_purged=0,
            )
        )

    assert cache.is_purged(ClientOrderId("O-1"), None, BTC)
    assert cache.is_purged(None, VenueOrderId("V-1"), BTC)
    assert cache.is_purged(ClientOrderId("O-9"), VenueOrderId("V-1"), BTC)
    assert not cache.is_purged(None, VenueOrderId("V-1"), ETH)
    assert cache.is_purged(ClientOrderId("O-2"), None, BTC)
    assert not cache.is_purged(None, None, BTC)


def test_users_keep_values_and_states(cache: Cache) -> None:
    cache.add("k", b"v")
    cache.update_strategy(StrategyId("S-001"), {"a": b"1"})
    cache.update_actor(ComponentId("A"), {"b": b"2"})

    assert (cache.get("k"), cache.get("x")) == (b"v", None)
    assert cache.load_strategy(StrategyId("S-001")) == {"a": b"1"}
    assert cache.load_strategy(StrategyId("S-002")) == {}
    assert cache.load_actor(ComponentId("A")) == {"b": b"2"}


@pytest.mark.parametrize("drop", [True, False])
def test_reset_forgets_everything_but_instruments_where_wished(
    drop: bool, new_order: NewOrder, new_instrument: Callable[..., Any]
) -> None:
    cache = Cache(config=CacheConfig(drop_instruments_on_reset=drop))
    cache.add_instrument(new_instrument())
    order = new_order()
    cache.add_order(order)
    cache.add_order_list(OrderList(OrderListId("OL-1"), [order]))

    cache.reset()

    assert cache.orders() == cache.order_lists() == []
    assert cache.instrument_ids() == ([] if drop else [BTC])


def test_integrity_names_what_is_wrong(cache: Cache, new_order: NewOrder) -> None:
    order = new_order()
    cache.add_order(order)
    order_lifecycle.apply(order, event(OrderAccepted, order, "V-1"))  # and nobody told the cache

    assert cache.check_integrity() == [
        "O-1: is ACCEPTED, but not listed as active",
        "O-1: venue order id V-1 does not lead to it",
    ]


KINDS = (OrderSubmitted, OrderAccepted, OrderPendingCancel, OrderCanceled, OrderEmulated, OrderReleased, "fill", "half")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from(KINDS)), max_size=30))
def test_indexes_agree_with_the_orders_whatever_happens(new_order: NewOrder, steps: list[tuple[int, Any]]) -> None:
    cache = Cache()
    orders = [new_order(f"O-{number}") for number in range(4)]
    for order in orders:
        cache.add_order(order)
    for number, (index, kind) in enumerate(steps):
        order = orders[index]
        if kind in ("fill", "half"):
            happening = fill(order, "1.000" if kind == "fill" else "0.500", f"T-{number}")
        else:
            happening = event(kind, order, f"V-{index}" if kind is OrderAccepted else None)
        try:
            happen(cache, order, happening)
        except IllegalTransition:
            continue

    assert cache.check_integrity() == []
    assert set(names(cache.orders_open())) == {order.client_order_id.value for order in orders if order.is_open}
    assert set(names(cache.orders_inflight())) == {order.client_order_id.value for order in orders if order.is_inflight}
    assert set(names(cache.orders_closed())) == {order.client_order_id.value for order in orders if order.is_closed}


def test_what_the_ecosystems_cache_does_and_ours_does_not_is_told_with_the_reason() -> None:
    cache = Cache()
    unchecked: Any = cache
    for name, reason in CACHE_REFUSES.items():
        assert not hasattr(cache, name)
        with pytest.raises(AttributeError, match=f"'Cache' has no attribute '{name}': {reason}"):
            getattr(unchecked, name)
    with pytest.raises(AttributeError, match=r"'Cache' object has no attribute 'nonsense'$"):
        _ = unchecked.nonsense


def test_the_cache_has_so_few_attributes_that_looking_at_one_stays_fast() -> None:
    # CPython shares the keys of up to 30 attributes between objects of a class, and takes short cuts only then.
    assert len(vars(Cache())) <= 30
