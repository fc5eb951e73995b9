"""Trading on paper: a node whose orders are filled by the market data that it hears."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from nautilus_live import compat
from nautilus_live.config import TradingNodeConfig
from nautilus_live.errors import ConfigError
from nautilus_live.live.node import TradingNode
from nautilus_live.model.bars import Bar, BarType
from nautilus_live.model.enums import AccountType, BookType, OmsType, OrderSide, OrderStatus, TimeInForce
from nautilus_live.model.identifiers import ClientOrderId, InstrumentId, Venue
from nautilus_live.model.instruments import CryptoFuture
from nautilus_live.trading.strategy import Strategy
from sandbox_venues import venue as markets
from sandbox_venues.adapter_config import SandboxDataClientConfig
from sandbox_venues.adapter_data import SandboxLiveDataClientFactory
from sandbox_venues.gateway import VenueGateway
from sandbox_venues.instruments import instrument
from sandbox_venues.paper import SandboxExecutionClientConfig, SandboxLiveExecClientFactory
from scenarios.world.world import World

PERP = InstrumentId.from_str("ETHUSDT-PERP.LIVE")
SPOT = InstrumentId.from_str("ETHUSDT.LIVE")


class Hand(Strategy):
    """Does what a test says."""

    def __init__(self, subscribe: Callable[[Strategy], None]) -> None:
        super().__init__()
        self._subscribe_all = subscribe

    def on_start(self) -> None:
        self._subscribe_all(self)

    def order(self, name: str) -> Any:
        return self.cache.order(ClientOrderId(name))


class Stage:
    """A real market with nobody's account, a node that hears it, and a paper venue of the same name."""

    def __init__(self) -> None:
        self.world = World()
        self.market = markets.Venue(
            markets.VenueConfig(name="LIVE"),
            [instrument("ETHUSDT-PERP", "LIVE"), instrument("ETHUSDT", "LIVE")],
            self.world.clock.timestamp_ns(),
        )
        self.gateway = VenueGateway(self.market, self.world.clock)

    def quote(self, bid: str, ask: str, size: str = "5", symbol: str = "ETHUSDT-PERP") -> None:
        self.gateway.do("set_book", instrument=symbol, bids=[(bid, size)], asks=[(ask, size)])

    def run(
        self, story: Callable[[Hand, TradingNode], Any], subscribe: Callable[[Strategy], None], **paper: Any
    ) -> None:
        config = SandboxExecutionClientConfig(**{"venue": "LIVE", "starting_balances": ["10_000 USDT"], **paper})

        async def main() -> None:
            node = TradingNode(
                TradingNodeConfig(data_clients={"LIVE": SandboxDataClientConfig()}, exec_clients={"LIVE": config}),
                clock=self.world.clock,
                entropy=self.world.entropy.stream("node"),
                catches_signals=False,
            )
            hand = Hand(subscribe)
            node.trader.add_strategy(hand)
            node.add_data_client_factory("LIVE", SandboxLiveDataClientFactory(self.gateway))
            node.add_exec_client_factory("LIVE", SandboxLiveExecClientFactory)
            node.build()
            task = asyncio.create_task(node.run_async())
            await asyncio.sleep(1)
            assert node.is_running(), node.failure
            await story(hand, node)
            await node.stop_async()
            assert await task == 0
            node.dispose()

        self.world.run(main)


@pytest.fixture(autouse=True)
def without_freezing() -> Iterator[None]:
    before = TradingNode.tunes_garbage_collection
    TradingNode.tunes_garbage_collection = False
    yield
    TradingNode.tunes_garbage_collection = before


def quotes(strategy: Strategy) -> None:
    strategy.subscribe_quote_ticks(PERP)


def limit(hand: Hand, side: OrderSide, price: str, quantity: str = "1.000", **options: Any) -> Any:
    item: Any = hand.cache.instrument(PERP)
    order = hand.order_factory.limit(PERP, side, item.make_qty(quantity), item.make_price(price), **options)
    hand.submit_order(order)
    return order


def market(hand: Hand, quantity: str, side: OrderSide = OrderSide.BUY, instrument_id: InstrumentId = PERP) -> Any:
    item: Any = hand.cache.instrument(instrument_id)
    order = hand.order_factory.market(instrument_id, side, item.make_qty(quantity))
    hand.submit_order(order)
    return order


def test_orders_are_filled_at_the_prices_that_the_node_hears() -> None:
    stage = Stage()

    async def story(hand: Hand, node: TradingNode) -> None:
        stage.quote("3000.00", "3000.50")
        await asyncio.sleep(0.1)
        bought, offered = market(hand, "1"), limit(hand, OrderSide.SELL, "3002")
        await asyncio.sleep(0.1)
        assert (bought.status, bought.avg_px) == (OrderStatus.FILLED, Decimal("3000.50"))
        assert offered.status is OrderStatus.ACCEPTED
        stage.quote("3002.00", "3002.50")
        await asyncio.sleep(0.1)
        assert (offered.status, offered.avg_px) == (OrderStatus.FILLED, Decimal("3002.00"))
        account = node.portfolio.account(Venue("LIVE"))
        assert account is not None
        fees = Decimal("3000.50") * Decimal("0.0004") + Decimal("3002") * Decimal("0.0002")
        total = account.balance_total()  # without naming a currency: it is the account's own
        assert total is not None
        assert total.as_decimal() == 10_000 + Decimal("1.50") - fees

    stage.run(story, quotes, base_currency="USDT")


def test_what_the_quote_does_not_show_is_filled_by_the_next_one() -> None:
    stage = Stage()

    async def story(hand: Hand, _: TradingNode) -> None:
        stage.quote("3000.00", "3000.50", size="0.4")
        await asyncio.sleep(0.1)
        order = market(hand, "1")
        await asyncio.sleep(0.1)
        assert str(order.filled_qty) == "0.400"
        stage.quote("3001.00", "3001.50")
        await asyncio.sleep(0.1)
        assert (order.status, order.avg_px) == (OrderStatus.FILLED, Decimal("3001.1"))

    stage.run(story, quotes)


@pytest.mark.parametrize(("trade_execution", "ends"), [(True, OrderStatus.FILLED), (False, OrderStatus.ACCEPTED)])
def test_trades_of_others_fill_resting_orders_unless_they_shall_not(trade_execution: bool, ends: OrderStatus) -> None:
    stage = Stage()

    async def story(hand: Hand, _: TradingNode) -> None:
        stage.quote("3000.00", "3000.50")
        await asyncio.sleep(0.1)
        order = limit(hand, OrderSide.BUY, "2999")
        await asyncio.sleep(0.1)
        stage.gateway.do("print_trade", instrument="ETHUSDT-PERP", price="2999", quantity="6", side="SELL")
        stage.quote("3000.00", "3000.50")
        await asyncio.sleep(0.1)
        assert order.status is ends

    def subscribe(strategy: Strategy) -> None:
        strategy.subscribe_trade_ticks(PERP)
        strategy.subscribe_quote_ticks(PERP)

    stage.run(story, subscribe, trade_execution=trade_execution)


def test_a_book_by_price_is_met_level_by_level() -> None:
    stage = Stage()

    async def story(hand: Hand, _: TradingNode) -> None:
        stage.gateway.do(
            "set_book", instrument="ETHUSDT-PERP", bids=[("2999", "9")], asks=[("3000", "1"), ("3001", "1")]
        )
        await asyncio.sleep(0.1)
        order = market(hand, "2")
        await asyncio.sleep(0.1)
        assert (order.status, order.avg_px) == (OrderStatus.FILLED, Decimal("3000.5"))

    stage.run(story, lambda one: one.subscribe_order_book_deltas(PERP, BookType.L2_MBP), book_type=BookType.L2_MBP)


@pytest.mark.parametrize(("bar_execution", "ends"), [(True, OrderStatus.FILLED), (False, OrderStatus.ACCEPTED)])
def test_bars_move_a_market_without_quotes(bar_execution: bool, ends: OrderStatus) -> None:
    stage = Stage()
    bar_type = BarType.from_str(f"{PERP}-1-MINUTE-LAST-EXTERNAL")

    async def story(hand: Hand, node: TradingNode) -> None:
        item: Any = hand.cache.instrument(PERP)
        order = limit(hand, OrderSide.BUY, "2990")
        await asyncio.sleep(0.1)
        now = stage.world.clock.timestamp_ns()
        opened, high, low, closed = (item.make_price(price) for price in ("3000", "3005", "2985", "3001"))
        bar = Bar(bar_type, opened, high, low, closed, item.make_qty("8"), ts_event=now, ts_init=now)
        node.kernel.data_engine.process(bar)
        await asyncio.sleep(0.1)
        assert order.status is ends

    stage.run(story, lambda one: one.subscribe_bars(bar_type), bar_execution=bar_execution)


@pytest.mark.parametrize(
    ("leverages", "ends"), [(None, OrderStatus.DENIED), ({str(PERP): Decimal(20)}, OrderStatus.FILLED)]
)
def test_leverage_makes_margins_smaller_at_the_venue_and_in_the_nodes_own_check(
    leverages: dict[str, Decimal] | None, ends: OrderStatus
) -> None:
    stage = Stage()

    async def story(hand: Hand, _: TradingNode) -> None:
        stage.quote("3000.00", "3000.50", size="500")
        await asyncio.sleep(0.1)
        order = market(hand, "100")  # 300,050 USDT: 15,002 of margin at the instrument's 5 %
        await asyncio.sleep(0.1)
        assert order.status is ends

    stage.run(story, quotes, leverages=leverages)


def test_the_settings_of_the_venue_are_those_of_the_client() -> None:
    stage = Stage()

    async def story(hand: Hand, node: TradingNode) -> None:
        stage.quote("3000.00", "3000.50", symbol="ETHUSDT")
        await asyncio.sleep(0.1)
        order = market(hand, "1", instrument_id=SPOT)
        await asyncio.sleep(0.1)
        account = node.portfolio.account(Venue("LIVE"))
        assert account is not None
        assert account.type is AccountType.CASH
        assert order.status is OrderStatus.FILLED
        assert {code.code: str(money) for code, money in account.balances_total().items()} == {
            "USDT": "6998.29980000 USDT",
            "ETH": "1.00000000 ETH",
        }

    stage.run(story, lambda one: one.subscribe_quote_ticks(SPOT), account_type="CASH", base_currency=None)


@pytest.mark.parametrize(
    ("settings", "ends"),
    [({}, OrderStatus.EXPIRED), ({"support_gtd_orders": False}, OrderStatus.ACCEPTED)],
)
def test_dates_of_orders_are_kept_unless_they_shall_not(settings: dict[str, Any], ends: OrderStatus) -> None:
    stage = Stage()

    async def story(hand: Hand, _: TradingNode) -> None:
        stage.quote("3000.00", "3000.50")
        await asyncio.sleep(0.1)
        until = hand.clock.utc_now().replace(microsecond=0)
        later = until.fromtimestamp(until.timestamp() + 5, tz=until.tzinfo)
        order = limit(hand, OrderSide.BUY, "2900", time_in_force=TimeInForce.GTD, expire_time=later)
        await asyncio.sleep(10)
        assert order.status is ends

    stage.run(story, quotes, **settings)


@pytest.mark.parametrize(
    ("settings", "ends"),
    [({}, OrderStatus.REJECTED), ({"reject_stop_orders": False}, OrderStatus.FILLED)],
)
def test_stops_in_the_market_are_refused_unless_they_shall_not(settings: dict[str, Any], ends: OrderStatus) -> None:
    stage = Stage()

    async def story(hand: Hand, _: TradingNode) -> None:
        stage.quote("3000.00", "3000.50")
        await asyncio.sleep(0.1)
        item: Any = hand.cache.instrument(PERP)
        order = hand.order_factory.stop_market(PERP, OrderSide.BUY, item.make_qty("1"), item.make_price("2990"))
        hand.submit_order(order)
        await asyncio.sleep(0.1)
        assert order.status is ends

    stage.run(story, quotes, **settings)


def test_positions_of_a_hedging_account_are_apart_and_lists_are_the_venues_if_it_supports_them() -> None:
    stage = Stage()

    async def story(hand: Hand, node: TradingNode) -> None:
        stage.quote("3000.00", "3000.50")
        await asyncio.sleep(0.1)
        market(hand, "1")
        await asyncio.sleep(0.1)
        market(hand, "1", OrderSide.SELL)
        await asyncio.sleep(0.1)
        assert len(node.cache.positions_open()) == 2
        assert [client.links_orders for client in node.kernel.exec_clients] == [False]

    stage.run(story, quotes, oms_type=OmsType.HEDGING, support_contingent_orders=False)


def test_an_instrument_that_is_listed_later_is_traded_and_expires_like_the_others() -> None:
    venue = markets.Venue(markets.VenueConfig(name="LIVE"), [instrument("ES-FUTURE", "LIVE")], 0)
    late = instrument("BTCUSDT-FUTURE", "LIVE")

    venue.list_instrument(late, now_ns=0)

    assert isinstance(late, CryptoFuture)
    assert venue.set_book(str(late.id), [("49999", "1")], [("50001", "1")], now_ns=1) == []
    assert venue.next_expiry_ns() == late.expiration_ns
    with pytest.raises(ValueError, match=r"BTCUSDT-FUTURE\.LIVE: an instrument must be new to be listed"):
        venue.list_instrument(late, now_ns=2)


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"frozen_account": True}, "frozen_account: must be False on a paper venue"),
        ({"use_position_ids": False}, "use_position_ids: must be True on a paper venue"),
        ({"use_random_ids": True}, "use_random_ids: must be False on a paper venue"),
        ({"use_reduce_only": False}, "use_reduce_only: must be True on a paper venue"),
        ({"account_type": "BETTING"}, "account_type: must be CASH or MARGIN on a paper venue, was BETTING"),
        ({"default_leverage": 0}, "leverages: must be > 0, was 0"),
    ],
)
def test_what_it_cannot_do_is_refused(settings: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        SandboxExecutionClientConfig(**{"venue": "LIVE", "starting_balances": ["1 USDT"], **settings})


def test_a_script_finds_it_under_the_ecosystems_names() -> None:
    compat.install()
    try:
        namespace: dict[str, Any] = {}
        exec("from nautilus_trader.adapters.sandbox import config, execution, factory", namespace)
        found = (
            namespace["config"].SandboxExecutionClientConfig,
            namespace["factory"].SandboxLiveExecClientFactory,
        )
        assert found == (SandboxExecutionClientConfig, SandboxLiveExecClientFactory)
        assert namespace["execution"].SandboxExecutionClient.__module__ == "sandbox_venues.paper"
        with pytest.raises(ImportError, match="SandboxNothing"):
            exec("from nautilus_trader.adapters.sandbox.config import SandboxNothing; SandboxNothing()")
    finally:
        compat.uninstall()
