"""An unexpected error in the data engine ends the node, at once or, with `graceful_shutdown_on_exception`, in order."""

from __future__ import annotations

from typing import Any

import pytest

from nautilus_live.config import LiveDataEngineConfig
from nautilus_live.live.lifecycle import ExitCode
from tests.engine.data_rig import quote_tick


@pytest.mark.parametrize("graceful", [False, True])
def test_an_unexpected_error_ends_the_node_in_order_only_if_wished(stage: Any, graceful: bool) -> None:
    def break_down(_: object) -> None:
        raise ArithmeticError("too much")

    async def story() -> None:
        task = await stage.running(data_engine=LiveDataEngineConfig(graceful_shutdown_on_exception=graceful))
        stage.node.kernel.msgbus.subscribe("data.quotes.*", break_down)
        stage.node.kernel.data_engine.process(quote_tick("100", "101", 1))
        assert await task == ExitCode.FAULT
        assert "unexpected error in the data engine" in stage.node.failure
        assert ("stop_trader" in stage.steps, "kill_engines" in stage.steps) == (graceful, not graceful)

    stage.run(story)
