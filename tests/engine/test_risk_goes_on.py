"""What the risk engine of a new life takes over from the last one, and what a refusal does not answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from nautilus_live.config.engines import LiveRiskEngineConfig
from nautilus_live.core.own_words import own_word
from nautilus_live.engine.rate_limits import RateLimit
from nautilus_live.engine.risk import TRADING_STATE_KEY
from nautilus_live.model.enums import OrderStatus, TradingState
from nautilus_live.model.events import OrderModifyRejected, OrderPendingUpdate
from nautilus_live.model.objects import Price
from tests.engine.conftest import modify

Play = Callable[..., Any]


@pytest.mark.parametrize("state", TradingState)
def test_a_new_life_is_in_the_trading_state_of_the_last(play: Play, state: TradingState) -> None:
    async def story(rig: Any) -> None:
        rig.risk.set_trading_state(TradingState.REDUCING)
        rig.risk.set_trading_state(state)
        rig.risk.trading_state = TradingState.ACTIVE  # as a new engine is

        rig.risk.start()

        assert rig.risk.trading_state is state
        assert rig.cache.get(TRADING_STATE_KEY) == state.name.encode()

    play(story)


def test_a_start_without_a_stored_state_stores_none(play: Play) -> None:
    async def story(rig: Any) -> None:
        rig.risk.start()

        assert rig.risk.trading_state is TradingState.ACTIVE
        assert rig.cache.get(TRADING_STATE_KEY) is None

    play(story)


@pytest.mark.parametrize(
    ("ages_s", "passes"),
    [([], 2), ([3], 1), ([9.5, 3], 0), ([-1, 3], 0)],
    ids=["none", "one", "two", "clock went back"],
)
def test_what_an_earlier_life_sent_counts(play: Play, ages_s: list[float], passes: int) -> None:
    async def story(rig: Any) -> None:
        limit = RateLimit("2/00:00:10", rig.loop)
        limit.remember(round(age * 1e9) for age in ages_s)

        assert [limit.take() for _ in range(3)].count(True) == passes

    play(story)


@pytest.mark.parametrize("is_new_life", [True, False])
def test_what_is_in_the_cache_counts_from_the_start_of_a_life(play: Play, is_new_life: bool) -> None:
    async def story(rig: Any) -> None:
        rig.working(rig.order("O-1"))  # sent by the last life: this engine has not seen it
        await rig.settle()
        if is_new_life:
            rig.risk.start()
        second = rig.order("O-2")
        rig.risk.execute(rig.command(second))
        await rig.settle()

        assert (second.status is OrderStatus.DENIED) is is_new_life

    play(story, risk_config=LiveRiskEngineConfig(max_order_submit_rate="1/00:00:10"))


@pytest.mark.parametrize("before", [0, 1])
def test_a_refused_modification_does_not_answer_the_one_before(play: Play, before: int) -> None:
    async def story(rig: Any) -> None:
        order = rig.working(rig.order())
        await rig.settle()
        for _ in range(before + 1):
            rig.engine.process(own_word(order, OrderPendingUpdate, event_id=rig.event_ids.next(), now=0))
        await rig.settle()
        rig.risk.set_trading_state(TradingState.HALTED)
        rig.risk.execute(modify(order, price=Price.from_str("49999.99")))
        await rig.settle()

        assert rig.last(OrderModifyRejected).reason == "trading_state: no order may be modified in HALTED"
        assert order.status is (OrderStatus.PENDING_UPDATE if before else OrderStatus.ACCEPTED)

    play(story)
