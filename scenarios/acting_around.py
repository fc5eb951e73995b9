"""Steps that happen around the node: to its store and to its clock.

May know: the stage and the verbs.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import Context
from typing import Any

from scenarios.problems import NotSupported, ScenarioError
from scenarios.stage import Stage
from scenarios.store_faults import (
    CorruptRecord,
    DiskFull,
    FailWrites,
    LoseTail,
    SlowWrites,
    StoreDisconnected,
    StoreFault,
)
from scenarios.values import NANOSECONDS, Time
from scenarios.verbs import Step
from scenarios.verbs_outages import (
    ClockDrift,
    ClockJump,
    ClockSkew,
    StoreCorrupt,
    StoreDisconnect,
    StoreFail,
    StoreFull,
    StoreLose,
    StoreLoseTail,
    StoreSlow,
)


def act_around(stage: Stage, step: Step) -> None:
    """Carry out what happens to the store or the clock.

    Raises:
        ScenarioError: if it is impossible where the run stands.

    """
    now_s = stage.world.loop.time()
    host = None if stage.life is None or stage.life.host.dead else stage.life.host
    match step:
        case StoreLose():
            stage.lose_store()
        case StoreLoseTail():
            _lose_tail(stage, step)
        case ClockSkew():
            stage.clock.skew(int(step.by), now_s)
        case ClockJump():
            stage.clock.jump(int(step.by), now_s, host)
        case ClockDrift():
            stage.clock.drift(int(step.by) * NANOSECONDS["s"] // int(step.per), now_s, host)
        case _:
            _spoil_store(stage, step)


def _spoil_store(stage: Stage, step: Step) -> None:
    make = STORE_FAULTS.get(type(step))
    if make is None:
        raise NotSupported(f"{step.__struct_config__.tag}: a store cannot do this")
    fault = make(step)
    try:
        fault.begin(stage.store)
    except ValueError as error:
        raise ScenarioError([f"{step.__struct_config__.tag}: {error}"]) from error
    lasts: Time | None = getattr(step, "lasts", None)
    if lasts is not None:
        stage.world.loop.call_later(lasts.seconds, fault.end, stage.store, context=Context())


def _lose_tail(stage: Stage, step: StoreLoseTail) -> None:
    stage.check_stored()  # by now, and never again: strategies were told of things that nobody remembers afterwards
    LoseTail(since_ns=stage.now_ns() - step.last).begin(stage.store)


STORE_FAULTS: dict[type[Step], Callable[[Any], StoreFault]] = {
    StoreFail: lambda step: FailWrites(times=step.times, reason=step.reason),
    StoreFull: lambda step: DiskFull(),
    StoreSlow: lambda step: SlowWrites(by_secs=step.by.seconds),
    StoreDisconnect: lambda step: StoreDisconnected(answer_lost=step.answer_lost),
    StoreCorrupt: lambda step: CorruptRecord(key=step.key),
}
"""What a verb is in the terms of the world's faults."""
