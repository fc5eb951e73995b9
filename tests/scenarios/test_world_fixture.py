"""The fixture `world`: what a test in Python can do in it, how it runs, repeats and fails."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from decimal import Decimal

import pytest

from nautilus_live.config import StrategyConfig
from nautilus_live.model.data import QuoteTick
from nautilus_live.model.enums import OrderSide
from nautilus_live.model.identifiers import InstrumentId
from nautilus_live.trading.strategy import Strategy
from scenarios.hands import Hands
from scenarios.problems import ScenarioError
from scenarios.testing import InvariantViolated, TradingWorld


class PingPongConfig(StrategyConfig, frozen=True):
    """What the strategy trades, and how much of it."""

    instrument_id: InstrumentId
    size: Decimal = Decimal("0.500")


class PingPong(Strategy):
    """Buys at the bid, sells at the ask, one order at a time."""

    def __init__(self, config: PingPongConfig) -> None:
        super().__init__(config)

    def on_start(self) -> None:
        """Listen to the market."""
        self.subscribe_quote_ticks(self.config.instrument_id)

    def on_quote_tick(self, tick: QuoteTick) -> None:
        """Place an order where there is none."""
        if self.cache.orders_open(strategy_id=self.id) or self.cache.orders_inflight(strategy_id=self.id):
            return
        self.place(tick)

    def place(self, tick: QuoteTick) -> None:
        """Place an order at the touch."""
        instrument = self.cache.instrument(self.config.instrument_id)
        assert instrument is not None
        side = OrderSide.BUY if self.portfolio.net_position(instrument.id) <= 0 else OrderSide.SELL
        price = tick.bid_price if side is OrderSide.BUY else tick.ask_price
        self.submit_order(self.order_factory.limit(instrument.id, side, instrument.make_qty(self.config.size), price))


class Buyer(Strategy):
    """Buys one when told to."""

    def buy(self, quantity: str = "1.000", price: str = "50000.00") -> None:
        """Place the order."""
        instrument = self.cache.instruments()[0]
        quantity_, price_ = instrument.make_qty(Decimal(quantity)), instrument.make_price(Decimal(price))
        self.submit_order(self.order_factory.limit(instrument.id, OrderSide.BUY, quantity_, price_))


class Restless(Strategy):
    """Cancels and places an order again, several times a second, for ever."""

    def on_start(self) -> None:
        """Begin."""
        self.clock.set_timer("again", timedelta(milliseconds=150), callback=self.again)

    def again(self, _: object) -> None:
        """Replace the order."""
        instrument = self.cache.instruments()[0]
        self.cancel_all_orders(instrument.id)
        quantity, price = instrument.make_qty(Decimal(1)), instrument.make_price(Decimal(50_000))
        self.submit_order(self.order_factory.limit(instrument.id, OrderSide.BUY, quantity, price))


def ping_pong(venue: str = "BINANCE") -> PingPong:
    return PingPong(PingPongConfig(instrument_id=InstrumentId.from_str(f"BTCUSDT.{venue}")))


# -- what can be done


@pytest.mark.seeds(0, 5)
async def test_a_strategy_of_ones_own_survives_lost_fills_and_a_crash(world: TradingWorld) -> None:
    venue = world.venue("BINANCE")
    node = await world.start_node(strategies=[ping_pong()], open_check_interval_secs=5.0)
    venue.drop("fill", times=2)
    venue.walk(start="50000.00", ticks=300, every="500ms")
    await world.sleep("1m")
    node.crash()
    await world.sleep("10s")
    node = await world.start_node()
    await world.sleep("1m")
    await world.converged(within="60s")

    assert len(world.truth.fills()) > 2
    assert node.belief.net("BTCUSDT") == world.truth.net("BTCUSDT")


async def test_everything_awaited_is_virtual(world: TradingWorld) -> None:
    before = world.utc_now()
    await asyncio.sleep(3_600)
    await world.sleep("1h30m")
    await world.sleep(timedelta(minutes=30))
    await world.sleep(0.5)

    assert world.time_s == 3 * 3_600 + 0.5
    assert world.utc_now() - before == timedelta(hours=3, milliseconds=500)


async def test_a_strategy_is_called_as_its_node_would(world: TradingWorld) -> None:
    venue = world.venue()
    node = await world.start_node(strategies=[Buyer()])
    (strategy,) = node.strategies
    assert isinstance(strategy, Buyer)
    node.call(strategy.buy, "2.000")
    await world.until(lambda: node.belief.open_orders())
    (order,) = node.belief.open_orders()
    venue.trade(order.client_order_id, order.quantity, trade="T-1")
    venue.quote("50000.00", "50000.01")
    await world.converged()

    assert node.belief.net("BTCUSDT.SIM") == venue.truth.net("BTCUSDT") == 2
    assert [str(fill.trade_id) for fill in world.truth.fills()] == ["T-1"]


async def test_a_later_start_has_the_settings_and_strategies_of_the_one_before(world: TradingWorld) -> None:
    first = await world.start_node(strategies=[Buyer()], inflight_check_retries=3)
    assert await first.stop() == first.exit_code == 0
    second = await world.start_node(open_check_interval_secs=7.0)

    assert (first.state, second.state) == ("STOPPED", "RUNNING")
    assert second.node.config.exec_engine.inflight_check_retries == 3
    assert second.node.config.exec_engine.open_check_interval_secs == 7.0
    assert [type(strategy) for strategy in second.strategies] == [Buyer]
    assert second.strategies[0] is not first.strategies[0]


async def test_a_node_is_paused_signalled_and_stopped(world: TradingWorld) -> None:
    node = await world.start_node()
    node.pause()
    await world.sleep("5s")
    node.resume()
    node.signal("SIGTERM")
    await world.until(lambda: node.state == "STOPPED", within="2m")

    with pytest.raises(ScenarioError, match="the node must be up, was STOPPED"):
        node.crash()


async def test_several_venues_and_instruments(world: TradingWorld) -> None:
    world.venue("ONE", instruments=["BTCUSDT", "ETHUSDT"], profile="hedging")
    world.venue("TWO", latency_ms=50)
    node = await world.start_node()

    assert str(world.instrument("ETHUSDT").id) == "ETHUSDT.ONE"
    assert str(world.instrument(venue="TWO").id) == "BTCUSDT.TWO"
    assert {str(account.id) for account in node.belief.cache.accounts()} == {"ONE-001", "TWO-001"}
    with pytest.raises(ScenarioError, match=r"there is no instrument 'XRP'"):
        world.instrument("XRP")
    with pytest.raises(ScenarioError, match="venue ONE: must be given its settings when it is opened"):
        world.venue("ONE", page_size=3)


async def test_store_and_clock_have_their_verbs(world: TradingWorld) -> None:
    node = await world.start_node(strategies=[Buyer()])
    world.store.fail(times=1)
    world.clock.jump("-5s")
    world.do("store.slow", by="10ms")
    await world.sleep("1s")

    assert node.state == "RUNNING"
    assert [line.split(" ", 1)[1] for line in world.trace if "step store" in line or "step clock" in line] == [
        "step store.fail",
        'step clock.jump by = "-5s"',
        'step store.slow by = "10ms"',
    ]


async def test_what_is_impossible_or_misspelt_is_told(world: TradingWorld) -> None:
    venue = world.venue()
    with pytest.raises(ScenarioError, match=r"wire.drop: there is no message 'fil'; did you mean 'fill'\?"):
        venue.drop("fil")
    with pytest.raises(ScenarioError, match="'cancel' is a report and a request; say report='cancel' or request="):
        venue.drop("cancel")
    with pytest.raises(ScenarioError, match=r"wire\.drop\.tims: there is no such field; did you mean 'times'"):
        venue.drop("fill", tims=2)
    with pytest.raises(ScenarioError, match=r"wire.delay.by: .*|wire.delay: .*by"):
        venue.delay("fill")
    with pytest.raises(TypeError, match=r"venue\.quote: bid must be given once"):
        venue.quote("1.00", "2.00", bid="1.00")
    with pytest.raises(ScenarioError, match=r"there is no verb 'wire.drp'; did you mean 'wire.drop'"):
        world.do("wire.drp")
    with pytest.raises(ScenarioError, match=r"strategy\.submit: is for scenario files"):
        world.do("strategy.submit")
    with pytest.raises(ScenarioError, match="an order must be known to the venue, was 'O-1'"):
        venue.trade("O-1", "1.000")
    with pytest.raises(ScenarioError, match=r"start_node\.open_chek: the node has no such setting"):
        await world.start_node(open_chek=1)
    with pytest.raises(AttributeError, match="drp"):
        venue.drp("fill")


async def test_a_node_that_cannot_start_says_why(world: TradingWorld) -> None:
    world.venue().partition("1h")
    with pytest.raises(AssertionError, match="the node must start, was FAILED"):
        await world.start_node(timeout_connection=2.0)


async def test_two_nodes_at_once_are_refused(world: TradingWorld) -> None:
    await world.start_node()
    with pytest.raises(ScenarioError, match="the node must be down to be started, was RUNNING"):
        await world.start_node()


async def test_not_converging_names_what_differs_and_the_faults_in_force(world: TradingWorld) -> None:
    venue = world.venue()
    node = await world.start_node(strategies=[Buyer()])
    venue.hold("fill", name="held")
    node.call(node.strategies[0].buy)  # type: ignore[attr-defined]  # it is a Buyer
    await world.until(node.belief.open_orders)
    venue.trade(node.belief.open_orders()[0].client_order_id, "1.000")
    with pytest.raises(InvariantViolated) as caught:
        await world.converged(within="2s")

    assert caught.value.failures[0].startswith("not converged within 2s: invariant 9 (orders equal the venue's)")
    assert caught.value.failures[-1] == "faults still in force: held (SIM)"
    world.end_storm()
    await world.converged(within="2s")


def test_a_test_that_is_no_coroutine_runs_one(world: TradingWorld) -> None:
    async def trade() -> str:
        node = await world.start_node()
        return node.state

    assert world.run(trade()) == "RUNNING"
    assert {verdict.held for verdict in world.invariants_checked} == {True}
    with pytest.raises(RuntimeError, match="a world runs once"):
        world.run(lambda: asyncio.sleep(0))


async def test_a_strategy_that_never_rests_converges_between_its_acts(world: TradingWorld) -> None:
    world.venue(latency_ms=20)
    node = await world.start_node(strategies=[Restless()])
    await world.sleep("10s")
    await world.converged(within="20s")

    assert len(node.belief.orders()) > 60


async def test_one_that_never_rests_and_is_wrong_does_not(world: TradingWorld) -> None:
    venue = world.venue(latency_ms=20)
    await world.start_node(strategies=[Restless()])
    venue.set_position("3.000", "50000.00")  # which nobody asks for
    await world.sleep("10s")
    with pytest.raises(InvariantViolated, match="not converged within 10s"):
        await world.converged(within="10s")
    world.converges = False


async def test_a_paused_node_does_not_converge(world: TradingWorld) -> None:
    node = await world.start_node()
    node.pause()
    with pytest.raises(InvariantViolated, match="its process is paused"):
        await world.converged(within="3s")
    node.resume()
    await world.converged(within="3s")


def test_what_happens_outside_the_world_is_refused(world: TradingWorld) -> None:
    venue = world.venue()
    with pytest.raises(RuntimeError, match="must happen while the world runs"):
        venue.drop("fill")
    with pytest.raises(RuntimeError, match="must happen while the world runs"):
        asyncio.run(world.sleep("1s"))


def test_what_differs_in_the_end_is_the_failure_and_in_the_result(world: TradingWorld) -> None:
    async def wrong() -> None:
        venue = world.venue()
        await world.start_node(generate_missing_orders=False)
        venue.set_position("1.000", "50000.00")

    with pytest.raises(InvariantViolated) as caught:
        world.run(wrong)
    assert caught.value.failures[0].startswith("invariant 9 (positions equal the venue's)")
    assert world.result().failures == list(caught.value.failures)
    assert not world.result().passed


def test_the_same_seed_is_the_same_run() -> None:
    def trace(seed: int) -> list[str]:
        world = TradingWorld(seed)

        async def day() -> None:
            venue = world.venue("BINANCE", jitter_ms=5)
            await world.start_node(strategies=[ping_pong()])
            venue.walk(start="50000.00")
            await world.sleep(world.random("how long").uniform(20, 40))

        world.run(day())
        return world.trace

    assert trace(1) == trace(1) != trace(2)


def test_every_verb_is_a_method_with_its_fields() -> None:
    done: list[tuple[str, dict[str, object]]] = []
    hands = Hands(lambda verb, **fields: done.append((verb, fields)), "venue", "wire", venue="X")
    hands.trade("O-1", Decimal("1.000"), liquidity="MAKER")
    hands.drop("fill", times=2)
    hands.time_out("cancel", side="after")
    hands.external_order(OrderSide.BUY, "1.000")
    hands.partition(timedelta(seconds=2))
    hands.walk("50000.00", ticks=3)
    hands.delay("fill", by="2s")

    assert done == [
        ("venue.trade", {"venue": "X", "order": "O-1", "quantity": Decimal("1.000"), "liquidity": "MAKER"}),
        ("wire.drop", {"venue": "X", "report": "fill", "times": 2}),
        ("wire.time_out", {"venue": "X", "request": "cancel", "side": "after"}),
        ("venue.external_order", {"venue": "X", "side": "BUY", "quantity": "1.000"}),
        ("wire.partition", {"venue": "X", "lasts": "2000000us"}),
        ("venue.walk", {"venue": "X", "start": "50000.00", "ticks": 3}),
        ("wire.delay", {"venue": "X", "report": "fill", "by": "2s"}),
    ]
    assert (hands.drop.__doc__ or "").startswith("Lose messages")
    import inspect

    assert list(inspect.signature(hands.trade).parameters)[:2] == ["order", "quantity"]
    assert list(inspect.signature(hands.delay).parameters)[:3] == ["met", "by", "request"]
    assert next(iter(inspect.signature(hands.walk).parameters)) == "start"
    with pytest.raises(TypeError, match="at most 0 values without a name, was given 1"):
        hands.delay("fill", "2s")


def test_no_two_verbs_of_one_hand_have_the_same_name() -> None:
    from scenarios.format import VERBS

    names = [name.partition(".")[2] for name in VERBS if name.startswith(("venue.", "wire."))]

    assert len(names) == len(dict.fromkeys(names))
