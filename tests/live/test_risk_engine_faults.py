"""What the risk engine cannot check is refused, and ends the node, at once or, with the graceful setting, in order."""

from __future__ import annotations

from typing import Any

import pytest

from nautilus_live.config import LiveRiskEngineConfig
from nautilus_live.live.lifecycle import ExitCode
from nautilus_live.model.enums import OrderStatus
from tests.live.trading_nodes import limit


@pytest.mark.parametrize("graceful", [False, True])
def test_an_unexpected_error_refuses_the_order_and_ends_the_node_in_order_only_if_wished(
    stage: Any, graceful: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(*_: object) -> str:
        raise ArithmeticError("too much")

    async def story() -> None:
        task = await stage.running(risk_engine=LiveRiskEngineConfig(graceful_shutdown_on_exception=graceful))
        monkeypatch.setattr("nautilus_live.engine.risk.order_problem", break_down)
        order = limit(stage.strategy)
        stage.strategy.submit_order(order)
        assert await task == ExitCode.FAULT
        if graceful:
            assert order.last_event.reason == "it could not be checked: ArithmeticError: too much"
        assert order.status is (OrderStatus.DENIED if graceful else OrderStatus.INITIALIZED)  # killed: nobody is told
        assert "unexpected error in the risk engine" in stage.node.failure
        assert not [call for call in stage.client.calls if call.startswith("submit")]
        assert ("stop_trader" in stage.steps, "kill_engines" in stage.steps) == (graceful, not graceful)

    stage.run(story)


@pytest.mark.parametrize(("risk", "execution"), [(False, False), (True, False), (False, True)])
def test_debug_tells_of_each_command(stage: Any, caplog: Any, risk: bool, execution: bool) -> None:
    async def story() -> None:
        task = await stage.running(risk_engine=LiveRiskEngineConfig(debug=risk), engine={"debug": execution})
        stage.strategy.submit_order(limit(stage.strategy))
        stage.node.stop()
        assert await task == ExitCode.OK

    with caplog.at_level("INFO", "nautilus_live"):
        stage.run(story)
    texts = caplog.messages
    told = {word: any(text.startswith(f"{word} SubmitOrder") for text in texts) for word in ("checks", "takes")}
    assert told == {"checks": risk, "takes": execution}
