"""Faults put in force: from a `wire.*` step to the sandbox's script and to the connection.

May know: the verbs, the links, the sandbox's faults. Message faults go to the venue's script, which stands on every
transport; faults of the connection go to the link, which refuses by name what its transport cannot do.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from sandbox_venues import faults
from sandbox_venues.faults import Fault
from sandbox_venues.script import Target
from scenarios.links import Link
from scenarios.problems import NotSupported, ScenarioError
from scenarios.values import Time
from scenarios.verbs import Step
from scenarios.verbs_faults import (
    ConnectionFault,
    WireAckAfterCancel,
    WireAckAfterFill,
    WireClaimDuplicate,
    WireCoalesce,
    WireCorrupt,
    WireDelay,
    WireDrop,
    WireDuplicate,
    WireEnd,
    WireFailQuery,
    WireFault,
    WireForget,
    WireHold,
    WireLie,
    WireMisname,
    WirePartialPages,
    WireRateLimit,
    WireRearrange,
    WireRefuse,
    WireRelease,
    WireReorder,
    WireReuseId,
    WireThrottle,
    WireTimeOut,
    WireUnclear,
    WireUnreadableRecord,
)
from scenarios.verbs_outages import WirePartition, WireSlow, WireSlowReader


def inject(link: Link, step: Step, now_ns: int) -> None:
    """Put a fault in force.

    Raises:
        ScenarioError: if it contradicts itself, or names a fault that is not in force.

    """
    try:
        if isinstance(step, WireFault):
            _add(link, step, now_ns)
        else:
            _act_on_connection(link, step)
    except ValueError as error:
        raise ScenarioError([f"{step.__struct_config__.tag}: {error}"]) from error


def lies(steps: list[Step]) -> bool:
    """Return whether a scenario lets the venue say what is untrue: then its books cannot be held against the node."""
    return any(isinstance(step, WireLie | WireReuseId | WireForget | WireMisname) for step in steps)


def doubles_requests(steps: list[Step]) -> bool:
    """Return whether a scenario lets requests arrive twice, so that a second arrival is not the node's doing."""
    return any(isinstance(step, WireDuplicate) and step.report is None for step in steps)


def _add(link: Link, step: WireFault, now_ns: int) -> None:
    times = step.times
    if times is None and step.lasts is None and not step.stays:
        times = 1
    request, answer = step.request, step.answer
    if isinstance(step, WireTimeOut | WireUnclear) and step.side == "after":
        # The file names the request; what is lost is its answer.
        request, answer = None, answer or request or "*"
    link.script.add(
        FAULTS[type(step)](step),
        Target(request=request, answer=answer, report=step.report, order=step.order, instrument=step.instrument),
        name=step.name,
        times=times,
        skip=step.skip,
        end_ns=None if step.lasts is None else now_ns + step.lasts,
        chance=step.chance,
    )


def _act_on_connection(link: Link, step: Step) -> None:
    loop = asyncio.get_running_loop()
    match step:
        case WireRelease():
            for name in [step.name] if step.name else [entry.name for entry in link.script.entries]:
                link.release(name)
        case WireEnd(name=None):
            link.end_faults()
        case WireEnd(name=name):
            link.release(name)
            link.script.remove(name)
        case WirePartition() | WireSlow() | WireSlowReader():
            link.begin(step)
            if step.lasts is not None:
                loop.call_later(step.lasts.seconds, link.end, step)
        case ConnectionFault():
            link.begin(step)
        case _:
            raise NotSupported(f"{step.__struct_config__.tag}: no transport can do this")


def _seconds(time: Time | None) -> float | None:
    return None if time is None else time.seconds


FAULTS: dict[type[WireFault], Callable[[Any], Fault]] = {
    WireDrop: lambda step: faults.Drop(),
    WireDelay: lambda step: faults.Delay(by_secs=step.by.seconds, jitter_secs=step.jitter.seconds),
    WireDuplicate: lambda step: faults.Duplicate(copies=step.copies, after_secs=step.by.seconds),
    WireReorder: lambda step: faults.Reorder(window_secs=_seconds(step.window), count=step.count),
    WireHold: lambda step: faults.Hold(),
    WireTimeOut: lambda step: faults.TimeOut(side=step.side),
    WireFailQuery: lambda step: faults.FailQuery(code=step.code, reason=step.reason),
    WireRefuse: lambda step: faults.Refuse(code=step.code, reason=step.reason, ambiguous=step.ambiguous),
    WireThrottle: lambda step: faults.Throttle(retry_after_secs=step.retry_after.seconds, code=step.code),
    WireCorrupt: lambda step: faults.Corrupt(),
    WireLie: lambda step: faults.Lie(
        field=step.field, to=step.to, add=None if step.add is None else str(step.add), missing=step.missing, of=step.of
    ),
    WireForget: lambda step: faults.Forget(
        what=step.what, older_than_secs=_seconds(step.older), newer_than_secs=_seconds(step.newer)
    ),
    WireRearrange: lambda step: faults.Rearrange(how=step.how),
    WireReuseId: lambda step: faults.ReuseClientOrderId(venue_order_id=step.venue_order, status=step.status),
    WirePartialPages: lambda step: faults.PartialPages(page=step.page, how=step.how),
    WireAckAfterFill: lambda step: faults.AckAfterFill(),
    WireAckAfterCancel: lambda step: faults.AckAfterCancel(),
    WireUnclear: lambda step: faults.Unclear(side=step.side, code=step.code, reason=step.reason),
    WireClaimDuplicate: lambda step: faults.ClaimDuplicate(code=step.code, reason=step.reason),
    WireMisname: lambda step: faults.Misname(client_order=step.client_order, venue_order=step.venue_order),
    WireCoalesce: lambda step: faults.Coalesce(count=step.count),
    WireRateLimit: lambda step: faults.RateLimit(
        requests=step.requests, per_secs=step.per.seconds, ban_after=step.ban_after, ban_secs=step.ban.seconds
    ),
    WireUnreadableRecord: lambda step: faults.UnreadableRecord(),
}
"""What a verb is in the sandbox's terms."""
