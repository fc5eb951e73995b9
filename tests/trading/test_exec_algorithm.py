"""Execution algorithms: orders that they hold, spawn, release, and get back after a restart; and TWAP."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from nautilus_live.config.strategy import ExecAlgorithmConfig, ImportableExecAlgorithmConfig
from nautilus_live.errors import ConfigError, ProgrammerError
from nautilus_live.examples.algorithms.twap import TWAPExecAlgorithm
from nautilus_live.model.enums import OrderSide, OrderStatus, Provenance
from nautilus_live.model.events import (
    OrderAccepted,
    OrderCanceled,
    OrderExpired,
    OrderRejected,
    OrderSubmitted,
)
from nautilus_live.model.identifiers import ExecAlgorithmId, InstrumentId
from nautilus_live.model.objects import Price, Quantity
from nautilus_live.trading.exec_algorithm import ExecAlgorithm

BTC = InstrumentId.from_str("BTCUSDT.SIM")


def qty(text: str) -> Quantity:
    return Quantity.from_str(text)


class Desk(ExecAlgorithm):
    """An algorithm that keeps what it gets."""

    def __init__(self, config: Any = None) -> None:
        super().__init__(config or ExecAlgorithmConfig(exec_algorithm_id=ExecAlgorithmId("DESK"), log_events=False))
        self.got: list[Any] = []
        self.restored: list[Any] = []
        self.heard: list[str] = []

    def on_order(self, order: Any) -> None:
        self.got.append(order)

    def on_order_restored(self, order: Any) -> None:
        self.restored.append(order)

    def on_order_event(self, event: Any) -> None:
        self.heard.append(f"{type(event).__name__} {event.client_order_id}")


def play(stage: Any, story: Callable[[Any, Any], Any], algorithm: Any = None) -> Any:
    algorithm = algorithm or Desk()

    async def whole() -> None:
        node = stage.build(timeout_post_stop=0.2)
        node.trader.add_exec_algorithm(algorithm)
        task = asyncio.create_task(node.run_async())
        while not node.is_running():  # noqa: ASYNC110  # from outside there is no event to await
            await asyncio.sleep(0.001)
        await story(stage.strategy, algorithm)
        await node.stop_async()
        await task

    stage.run(whole)
    return algorithm


def market(strategy: Any, quantity: str = "1.000", algorithm: str = "DESK", **params: Any) -> Any:
    return strategy.order_factory.market(
        BTC,
        OrderSide.BUY,
        qty(quantity),
        exec_algorithm_id=ExecAlgorithmId(algorithm),
        exec_algorithm_params=params or None,
    )


def test_an_order_is_held_by_its_algorithm_and_worked_by_others(stage: Any) -> None:
    async def story(strategy: Any, desk: Desk) -> None:
        order = market(strategy)
        strategy.submit_order(order)
        assert desk.got == [order]
        assert (order.status, order.is_held_here, order.is_primary) == (OrderStatus.INITIALIZED, True, True)
        piece = desk.spawn_market(order, qty("0.300"))
        assert piece.client_order_id.value == f"{order.client_order_id}-E1"
        assert (piece.exec_spawn_id, piece.is_spawned) == (order.client_order_id, True)
        assert str(order.quantity) == "0.700"
        desk.submit_order(piece)
        await asyncio.sleep(0.01)
        desk.submit_order(order)
        await asyncio.sleep(0.01)
        cache, name = strategy.cache, order.client_order_id
        assert [one.status for one in cache.orders_for_exec_spawn(name)] == [OrderStatus.FILLED] * 2
        assert cache.orders_for_exec_algorithm(desk.id) == [order, piece]
        assert list(cache.exec_algorithm_ids()) == [desk.id]
        assert cache.exec_spawn_total_quantity(name) == qty("1.000")
        assert cache.exec_spawn_total_filled_qty(name) == qty("1.000")
        assert cache.exec_spawn_total_leaves_qty(name) == qty("0.000")
        assert cache.exec_spawn_total_quantity(name, active_only=True) == qty("0.000")
        assert strategy.portfolio.net_position(BTC) == Decimal("1.000")
        assert f"OrderFilled {piece.client_order_id}" in desk.heard
        with pytest.raises(ProgrammerError, match="not sent"):
            desk.submit_order(piece)

    play(stage, story)


def test_a_refused_piece_goes_back_to_its_primary(stage: Any) -> None:
    async def story(strategy: Any, desk: Desk) -> None:
        def refuse(command: Any) -> None:
            stage.client.emit(OrderSubmitted, command.order, provenance=Provenance.LOCAL)
            stage.client.emit(OrderRejected, command.order, reason="busy")

        stage.client.submit_order = refuse
        order = market(strategy)
        strategy.submit_order(order)
        desk.submit_order(desk.spawn_limit(order, qty("0.400"), Price.from_str("1.00")))
        assert str(order.quantity) == "0.600"
        await asyncio.sleep(0.01)
        assert str(order.quantity) == "1.000"

    play(stage, story)


@pytest.mark.parametrize(
    ("filled", "kind", "left"),
    [(None, OrderCanceled, "1.000"), ("0.100", OrderCanceled, "0.900"), ("0.100", OrderExpired, "0.900"),
     ("0.400", None, "0.600")],
)  # fmt: skip
def test_what_a_piece_does_not_fill_goes_back_to_its_primary(
    stage: Any, filled: str | None, kind: Any, left: str
) -> None:
    async def story(strategy: Any, desk: Desk) -> None:
        stage.client.submit_order = lambda _: None
        order = market(strategy)
        strategy.submit_order(order)
        piece = desk.spawn_limit(order, qty("0.400"), Price.from_str("1.00"))
        desk.submit_order(piece)
        stage.client.emit(OrderSubmitted, piece, provenance=Provenance.LOCAL)
        stage.client.emit(OrderAccepted, piece)
        if filled is not None:
            stage.client.fill(piece, filled)
        if kind is not None:
            stage.client.emit(kind, piece)
        await asyncio.sleep(0.01)
        assert str(order.quantity) == left

    play(stage, story)


def test_a_piece_given_up_too_early_is_taken_off_again(stage: Any) -> None:
    async def story(strategy: Any, desk: Desk) -> None:
        stage.client.submit_order = lambda _: None
        order = market(strategy)
        strategy.submit_order(order)
        piece = desk.spawn_limit(order, qty("0.400"), Price.from_str("1.00"))
        desk.submit_order(piece)
        stage.client.emit(OrderSubmitted, piece, provenance=Provenance.LOCAL)
        stage.client.emit(OrderRejected, piece, reason="INFLIGHT_TIMEOUT", provenance=Provenance.POLICY)
        await asyncio.sleep(0.01)
        assert str(order.quantity) == "1.000"
        stage.client.emit(OrderAccepted, piece)
        await asyncio.sleep(0.01)
        assert (piece.status, str(order.quantity)) == (OrderStatus.ACCEPTED, "0.600")

    play(stage, story)


def test_a_new_quantity_is_that_of_the_whole_order_through_a_restart(make_stage: Any) -> None:
    stage = make_stage()

    async def before(strategy: Any, desk: Desk) -> None:
        order = market(strategy)
        strategy.submit_order(order)
        desk.submit_order(desk.spawn_market(order, qty("0.300")))
        await asyncio.sleep(0.01)
        strategy.modify_order(order, quantity=qty("0.800"))
        assert str(order.quantity) == "0.500"
        desk.spawn_market(order, qty("0.100"))  # taken off, and never sent
        assert str(order.quantity) == "0.400"

    async def after(strategy: Any, desk: Desk) -> None:
        (order,) = desk.restored
        assert str(order.quantity) == "0.500"
        strategy.modify_order(order, quantity=qty("0.200"))
        assert str(order.quantity) == "0.000", "more than that was bought already"

    play(stage, before)
    again = make_stage()
    again.store = stage.store
    play(again, after)


def test_a_primary_of_which_all_was_spawned_is_over_when_that_is(stage: Any) -> None:
    async def story(strategy: Any, desk: Desk) -> None:
        order = market(strategy)
        strategy.submit_order(order)
        desk.submit_order(desk.spawn_market(order, qty("1.000")))
        assert (str(order.quantity), order.status) == ("0.000", OrderStatus.INITIALIZED)
        with pytest.raises(ProgrammerError, match="must have the quantity"):
            desk.spawn_market(order, qty("0.001"))
        await asyncio.sleep(0.01)
        assert order.status is OrderStatus.CANCELED
        assert strategy.portfolio.net_position(BTC) == Decimal("1.000")

    play(stage, story)


def test_no_id_that_a_venue_or_an_earlier_life_knows_is_spawned_again(stage: Any) -> None:
    async def story(strategy: Any, desk: Desk) -> None:
        order = market(strategy)
        strategy.submit_order(order)
        taken = [f"{order.client_order_id}-E{number}" for number in (1, 2, 4)]
        desk._registered_("a test").is_order_id_taken = lambda one: one.value in taken
        made = [desk.spawn_market(order, qty("0.100")).client_order_id.value for _ in range(2)]
        assert made == [f"{order.client_order_id}-E3", f"{order.client_order_id}-E5"]

    play(stage, story)


def test_more_than_is_left_cannot_be_spawned_nor_of_what_has_left(stage: Any) -> None:
    async def story(strategy: Any, desk: Desk) -> None:
        order = market(strategy)
        strategy.submit_order(order)
        with pytest.raises(ProgrammerError, match=r"1\.001"):
            desk.spawn_market(order, qty("1.001"))
        desk.modify_order_in_place(order, quantity=qty("2.000"))
        assert str(order.quantity) == "2.000"
        desk.submit_order(order)
        with pytest.raises(ProgrammerError, match="held by DESK"):
            desk.spawn_market(order, qty("0.100"))
        with pytest.raises(ProgrammerError, match="left this node, was RELEASED, and sent"):
            desk.modify_order_in_place(order, quantity=qty("1.000"))
        await asyncio.sleep(0.01)
        with pytest.raises(ProgrammerError, match="left this node"):
            desk.modify_order_in_place(order, quantity=qty("1.000"))

    play(stage, story)


def test_what_the_algorithm_has_just_sent_cannot_be_canceled_here(stage: Any, caplog: Any) -> None:
    async def story(strategy: Any, desk: Desk) -> None:
        order = market(strategy)
        strategy.submit_order(order)
        desk.submit_order(order)
        strategy.cancel_order(order)
        strategy.modify_order(order, quantity=qty("2.000"))
        assert (order.status, order.quantity) == (OrderStatus.RELEASED, qty("1.000"))
        assert caplog.text.count("not held here, was RELEASED, and sent") == 2

    play(stage, story)


def test_the_strategy_cancels_what_is_held_for_it(stage: Any) -> None:
    async def story(strategy: Any, desk: Desk) -> None:
        first, second = market(strategy), market(strategy)
        strategy.submit_order(first)
        strategy.submit_order(second)
        strategy.cancel_order(first)
        strategy.cancel_all_orders(BTC)
        assert [first.status, second.status] == [OrderStatus.CANCELED] * 2

    play(stage, story)


def test_an_order_for_an_algorithm_that_is_not_there_is_denied(stage: Any) -> None:
    async def story(strategy: Any, desk: Desk) -> None:
        order = market(strategy, algorithm="GONE")
        strategy.submit_order(order)
        await asyncio.sleep(0.01)
        assert order.status is OrderStatus.DENIED
        assert "GONE" in order.last_event.reason

    play(stage, story)


def test_a_second_algorithm_of_one_id_is_refused(stage: Any) -> None:
    node = stage.build()
    node.trader.add_exec_algorithm(Desk())
    with pytest.raises(ConfigError, match="DESK"):
        node.trader.add_exec_algorithm(Desk())
    assert node.trader.exec_algorithm_ids() == [ExecAlgorithmId("DESK")]
    assert node.trader.exec_algorithm_states() == {ExecAlgorithmId("DESK"): "READY"}
    node.dispose()


def test_what_was_held_comes_back_after_a_restart_with_all_that_was_not_sent(make_stage: Any) -> None:
    stage = make_stage()

    async def before(strategy: Any, desk: Desk) -> None:
        order = market(strategy)
        strategy.submit_order(order)
        desk.submit_order(desk.spawn_market(order, qty("0.300")))
        await asyncio.sleep(0.01)
        desk.spawn_market(order, qty("0.200"))  # taken off, and never sent
        assert str(order.quantity) == "0.500"

    async def after(strategy: Any, desk: Desk) -> None:
        (order,) = desk.restored
        assert (order.status, str(order.quantity)) == (OrderStatus.INITIALIZED, "0.700")
        assert desk.spawn_market(order, qty("0.100")).client_order_id.value.endswith("-E2")

    play(stage, before)
    again = make_stage()
    again.store = stage.store
    play(again, after)


def test_twap_sends_equal_pieces_at_the_interval_and_itself_last(stage: Any) -> None:
    async def story(strategy: Any, twap: Any) -> None:
        order = market(strategy, "1.000", "TWAP", horizon_secs=3.0, interval_secs=1.0)
        strategy.submit_order(order)
        for filled in ("0.333", "0.666", "1.000", "1.000"):
            await asyncio.sleep(0.1)
            assert strategy.portfolio.net_position(BTC) == Decimal(filled)
            await asyncio.sleep(0.9)
        assert (order.status, str(order.filled_qty)) == (OrderStatus.FILLED, "0.334")

    play(stage, story, TWAPExecAlgorithm())


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"horizon_secs": 1.0, "interval_secs": 2.0},
        {"horizon_secs": -1, "interval_secs": -2},
        {"horizon_secs": "soon", "interval_secs": 2.0},
        {"horizon_secs": 9.0, "interval_secs": float("nan")},
        {"horizon_secs": float("inf"), "interval_secs": 1.0},
    ],
)
def test_twap_cancels_what_it_cannot_work(stage: Any, params: Any) -> None:
    async def story(strategy: Any, twap: Any) -> None:
        order = market(strategy, "1.000", "TWAP", **params)
        strategy.submit_order(order)
        assert order.status is OrderStatus.CANCELED

    play(stage, story, TWAPExecAlgorithm())


def test_algorithms_are_made_from_the_configuration(stage: Any) -> None:
    path = "nautilus_live.examples.algorithms.twap"
    config = ImportableExecAlgorithmConfig(
        exec_algorithm_path=f"{path}:TWAPExecAlgorithm",
        config_path=f"{path}:TWAPExecAlgorithmConfig",
        config={"exec_algorithm_id": "SLICER", "log_commands": False},
    )
    node = stage.build(exec_algorithms=[config])
    (algorithm,) = node.trader.exec_algorithms()
    assert (algorithm.id, type(algorithm)) == (ExecAlgorithmId("SLICER"), TWAPExecAlgorithm)
    node.dispose()


@pytest.mark.parametrize("told", [False, True])
def test_commands_and_events_are_logged_as_configured(stage: Any, caplog: Any, told: bool) -> None:
    config = ExecAlgorithmConfig(exec_algorithm_id=ExecAlgorithmId("DESK"), log_events=told, log_commands=told)

    async def story(strategy: Any, desk: Desk) -> None:
        order = market(strategy)
        strategy.submit_order(order)
        desk.submit_order(order)
        await asyncio.sleep(0.01)
        assert order.status is OrderStatus.FILLED

    with caplog.at_level("INFO"):
        play(stage, story, Desk(config))
    mine = [record.getMessage() for record in caplog.records if "DESK" in record.name]
    assert any("received SubmitOrder" in text for text in mine) is told
    assert any("received OrderFilled" in text for text in mine) is told
