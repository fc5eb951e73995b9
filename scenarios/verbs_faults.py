"""The verbs that spoil messages: `wire.*` between node and venue, and what releases or ends them.

Data only; those that break connections, stores and clocks are in `scenarios/verbs_outages.py`. A message fault says
what it meets: `request` (on its way to the venue), `answer` (to a request of that kind) or `report` (what the venue
says unasked), in the sandbox's words, `*` allowed; with none of them, all that the fault makes sense for. `order` and
`instrument` narrow it to messages about these.

How often: `times`, after the first `skip`, within `lasts` from now, each with `chance` (drawn from the seed). Without
`times` and `lasts` a fault that happens to a message (drop, delay, time_out, ...) happens once, and one that the
venue has (lie, forget, rearrange, ...) stays until the storm is over, after the last step.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from scenarios.values import Number, Text, Time, Times
from scenarios.verbs import Step

REPORTS = (
    "ack", "fill", "cancel", "expire", "reject", "update", "trigger", "bust", "account", "position", "quote", "trade",
    "book", "book_orders", "depth", "bars", "mark_prices", "index_prices", "funding_rates", "instrument_status",
    "instrument_close",
)  # fmt: skip
"""What the venue says unasked."""

REQUESTS = (
    "submit", "submit_list", "modify", "cancel", "batch_cancel", "cancel_all", "subscribe",
    "query.order", "query.orders", "query.fills", "query.positions", "query.account", "query.instruments",
    "query.book", "query.history",
)  # fmt: skip
"""What is asked of the venue: commands, and questions (`query.order` asks about one, `query.*` is every question)."""


class WireFault(Step, frozen=True, kw_only=True):
    """A fault that messages meet."""

    stays: ClassVar[bool] = False
    """Whether it lasts, without `times` and `lasts`, until the storm is over; else it happens once."""

    request: Text | None = None
    answer: Text | None = None
    report: Text | None = None
    order: Text | None = None
    instrument: Text | None = None
    venue: Text | None = None
    name: Text | None = None
    times: Times | None = None
    skip: Annotated[int, Meta(ge=0)] = 0
    lasts: Time | None = None
    chance: Annotated[float, Meta(gt=0.0, le=1.0)] = 1.0

    def __post_init__(self) -> None:
        for field_name, known in (("request", REQUESTS), ("answer", REQUESTS), ("report", REPORTS)):
            pattern = getattr(self, field_name)
            if pattern is not None and not any(fnmatchcase(kind, pattern) for kind in known):
                from scenarios.problems import nearest

                hint = nearest(pattern, known)
                raise ValueError(
                    f"{field_name} must be one of {', '.join(known)}, or a pattern of them, was {pattern!r}{hint}"
                )


class ConnectionFault(Step, frozen=True, kw_only=True):
    """A fault of the whole connection."""

    venue: Text | None = None


class WireDrop(WireFault, tag="wire.drop", frozen=True, kw_only=True):
    """Lose messages; nobody is told."""


class WireDelay(WireFault, tag="wire.delay", frozen=True, kw_only=True):
    """Deliver messages late by `by` (and up to `jitter` more); what is sent after them does not wait."""

    by: Time
    jitter: Time = Time(0)


class WireDuplicate(WireFault, tag="wire.duplicate", frozen=True, kw_only=True):
    """Deliver messages again, `copies` times, each `by` after the one before."""

    by: Time = Time(0)
    copies: Times = 1


class WireReorder(WireFault, tag="wire.reorder", frozen=True, kw_only=True):
    """Let messages overtake each other: each late by a part of `window`, or `count` of them the latest first."""

    stays: ClassVar[bool] = True
    window: Time | None = None
    count: Annotated[int, Meta(ge=2)] | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if (self.window is None) == (self.count is None):
            raise ValueError("wire.reorder must have either window or count")


class WireHold(WireFault, tag="wire.hold", frozen=True, kw_only=True):
    """Hold messages back until `wire.release`; what is sent after them does not wait."""

    stays: ClassVar[bool] = True


class WireTimeOut(WireFault, tag="wire.time_out", frozen=True, kw_only=True):
    """Let requests go unanswered: lost `before` the venue acted, or their answer lost `after` it acted."""

    side: Literal["before", "after"] = "before"


class WireFailQuery(WireFault, tag="wire.fail_query", frozen=True, kw_only=True):
    """Answer questions with an error that proves nothing."""

    code: Text = "500"
    reason: str = "internal error"


class WireRefuse(WireFault, tag="wire.refuse", frozen=True, kw_only=True):
    """Refuse commands at the venue's door; `ambiguous` words it so that it proves nothing."""

    code: Text = "REFUSED"
    reason: str = "refused by the script"
    ambiguous: bool = False


class WireThrottle(WireFault, tag="wire.throttle", frozen=True, kw_only=True):
    """Turn requests away for their number, until `retry_after` has passed."""

    retry_after: Time = Time(1_000_000_000)
    code: Text = "-1003"


class WireCorrupt(WireFault, tag="wire.corrupt", frozen=True, kw_only=True):
    """Garble messages, so that they cannot be read."""


class WireLie(WireFault, tag="wire.lie", frozen=True, kw_only=True):
    """Say something untrue in a field of reports: set it `to` a value, `add` to it, or leave it out (`missing`)."""

    stays: ClassVar[bool] = True
    field: Text
    to: Text | None = None
    add: Number | None = None
    missing: bool = False
    of: Literal["order", "fill", "position"] | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if sum((self.to is not None, self.add is not None, self.missing)) != 1:
            raise ValueError("wire.lie must have exactly one of to, add and missing")


class WireForget(WireFault, tag="wire.forget", frozen=True, kw_only=True):
    """Leave reports out of answers: all of `what`, or those whose last change is `older` or `newer` than a time."""

    stays: ClassVar[bool] = True
    what: Literal["orders", "closed_orders", "open_orders", "fills", "positions", "everything"] = "everything"
    older: Time | None = None
    newer: Time | None = None


class WireRearrange(WireFault, tag="wire.rearrange", frozen=True, kw_only=True):
    """List items of answers twice, or in another order."""

    stays: ClassVar[bool] = True
    how: Literal["double", "reverse", "newest_first", "shuffle"]


class WireReuseId(WireFault, tag="wire.reuse_id", frozen=True, kw_only=True):
    """List each order a second time, as another order under the same client order id."""

    stays: ClassVar[bool] = True
    venue_order: Text | None = None
    status: Text | None = None


class WirePartialPages(WireFault, tag="wire.partial_pages", frozen=True, kw_only=True):
    """Lose the pages of a list from `page` on: answered with an error (`fail`), or missing without notice (`lost`)."""

    stays: ClassVar[bool] = True
    page: Times = 2
    how: Literal["fail", "lost"] = "fail"


class WireAckAfterFill(WireFault, tag="wire.ack_after_fill", frozen=True, kw_only=True):
    """Say that an order was accepted only after its first fill."""

    stays: ClassVar[bool] = True


class WireAckAfterCancel(WireFault, tag="wire.ack_after_cancel", frozen=True, kw_only=True):
    """Say that an order was accepted only after it was canceled."""

    stays: ClassVar[bool] = True


class WireUnclear(WireFault, tag="wire.unclear", frozen=True, kw_only=True):
    """Answer commands with an error that proves nothing, `before` the venue acted or `after` (an ambiguous 503).

    In a batch, `after` with `order` blurs the answer for that order alone.
    """

    side: Literal["before", "after"] = "after"
    code: Text = "503"
    reason: str = "unknown error, the status of the execution is unknown"


class WireClaimDuplicate(WireFault, tag="wire.claim_duplicate", frozen=True, kw_only=True):
    """Answer a submission that was accepted with a refusal for a used id, as when a proxy sent it twice."""

    code: Text = "DUPLICATE_ID"
    reason: str = "client order id must be new, was used already"


class WireMisname(WireFault, tag="wire.misname", frozen=True, kw_only=True):
    """Let what is said about an order carry other ids: an answer for another order, a cancel request's own id."""

    client_order: Text | None = None
    venue_order: Text | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.client_order is None and self.venue_order is None:
            raise ValueError("wire.misname must have client_order or venue_order")


class WireCoalesce(WireFault, tag="wire.coalesce", frozen=True, kw_only=True):
    """Keep `count` messages of the stream until the last of them, and deliver them together in one tick."""

    stays: ClassVar[bool] = True
    count: Annotated[int, Meta(ge=2)] = 2


class WireRateLimit(WireFault, tag="wire.rate_limit", frozen=True, kw_only=True):
    """Allow `requests` in each span `per`, turn more away with 429, and after `ban_after` in a row with 418."""

    stays: ClassVar[bool] = True
    requests: Times
    per: Time = Time(1_000_000_000)
    ban_after: Annotated[int, Meta(ge=0)] = 0
    ban: Time = Time(120_000_000_000)


class WireUnreadableRecord(WireFault, tag="wire.unreadable_record", frozen=True, kw_only=True):
    """Let records in lists carry a word that nobody knows, such as a new status; the other records are fine."""

    stays: ClassVar[bool] = True


class WireRelease(ConnectionFault, tag="wire.release", frozen=True, kw_only=True):
    """Deliver what is held back, by the fault of that `name` or (without) by all of them."""

    name: Text | None = None


class WireEnd(ConnectionFault, tag="wire.end", frozen=True, kw_only=True):
    """End the fault of that name, or (without) all faults; what was held back is delivered."""

    name: Text | None = None


MESSAGE_VERBS = (
    WireDrop,
    WireDelay,
    WireDuplicate,
    WireReorder,
    WireHold,
    WireTimeOut,
    WireFailQuery,
    WireRefuse,
    WireThrottle,
    WireCorrupt,
    WireLie,
    WireForget,
    WireRearrange,
    WireReuseId,
    WirePartialPages,
    WireAckAfterFill,
    WireAckAfterCancel,
    WireUnclear,
    WireClaimDuplicate,
    WireMisname,
    WireCoalesce,
    WireRateLimit,
    WireUnreadableRecord,
)
ENDING_VERBS = (WireRelease, WireEnd)
