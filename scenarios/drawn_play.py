"""A play of what a generator drew: steps that are impossible when their time comes are left out, not failures.

May know: the run. A generator plans and does not simulate, so an order may be gone by the time its cancel comes, or
the node down. What is left out is remembered by its place in the file: without those steps the scenario is one that
`scenarios run` plays to the letter, with the same outcome.
"""

from __future__ import annotations

from nautilus_live.live.node import TradingNode
from nautilus_live.model.enums import OrderStatus
from scenarios.format import Scenario
from scenarios.generate.healing import needed_s
from scenarios.problems import ScenarioError
from scenarios.run import AFTERMATH_S, CALM_S, Play
from scenarios.stage import Stage
from scenarios.verbs import STRATEGY_VERBS, NodePause, NodeResume, Step, VenueTrade
from scenarios.world.world import World


class DrawnPlay(Play):
    """A play that goes on where a step is impossible.

    Attributes:
        skipped: the places of the steps that were left out.

    """

    def __init__(self, world: World, scenario: Scenario, transport: str, calm_s: float = CALM_S) -> None:
        super().__init__(world, scenario, transport)
        self._calm_s = calm_s
        self.skipped: list[int] = []

    def _take(self, stage: Stage, index: int, step: Step) -> None:
        try:
            _refuse_the_absurd(stage, step)
            super()._take(stage, index, step)
        except ScenarioError as error:
            self.skipped.append(index)
            self._world.record(f"left out: {error}")


def play(scenario: Scenario, transport: str, *, quick: bool = False) -> tuple[DrawnPlay, list[str], list[str]]:
    """Play a drawn scenario; return the play, what did not hold, and the trace.

    A `quick` play keeps no trace, and the calm after the storm is as short as the node's settings allow. It may fail
    where a whole one does not, and is then to be played again; where it does not fail, a whole one would not have
    either, unless what is wrong comes late.
    """
    TradingNode.tunes_garbage_collection = False  # thousands of nodes share this process
    world = World(scenario.seed, time_limit_s=scenario.end.seconds + CALM_S + AFTERMATH_S, traced=not quick)
    drawn = DrawnPlay(world, scenario, transport, min(CALM_S, needed_s(scenario)) if quick else CALM_S)
    failures = drawn.run()
    return drawn, failures, world.trace


def _refuse_the_absurd(stage: Stage, step: Step) -> None:
    """Leave out what people may say, who mean it, and what nobody does by himself: overfill an order, or fill one that
    was refused."""
    if isinstance(step, NodePause | NodeResume):
        wanted = "RUNNING" if isinstance(step, NodePause) else "PAUSED"
        if stage.life is None or stage.life.host.state != wanted:
            raise ScenarioError([f"the node's process must be {wanted}"])
    if isinstance(step, STRATEGY_VERBS) and stage.life is not None and stage.life.host.state == "PAUSED":
        raise ScenarioError(["a process that stands still places no orders"])
    if not isinstance(step, VenueTrade):
        return
    link = stage.link(step.venue)
    try:
        order = link.venue.find(step.order)
    except ValueError as error:
        raise ScenarioError([str(error)]) from error
    if step.quantity > order.leaves or order.status is OrderStatus.REJECTED:
        raise ScenarioError([f"{step.order}: {order.leaves} left, {order.status}: no venue trades {step.quantity}"])
