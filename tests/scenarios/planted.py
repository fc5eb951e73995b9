"""Bugs to plant: one decision of the kernel broken at a time, as somebody in a hurry would break it.

A bug replaces one function by a worse one, wherever its name was imported to. `planted(bug)` puts it in for the length
of a block. `seeds_to_find` says how many fresh seeds a campaign needs to notice.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from msgspec import structs

from nautilus_live.core.admission import Admission
from nautilus_live.core.conclusions import Outcome
from nautilus_live.core.inflight import Alarm, Query
from nautilus_live.core.position_check import Findings
from nautilus_live.engine.inquiries import Unanswered
from nautilus_live.errors import WireError
from nautilus_live.model.identifiers import TradeId
from scenarios.campaign import run_seed

Original = Callable[..., Any]
Make = Callable[[Original], Any]


@dataclass(frozen=True)
class Bug:
    """A decision (`MODULE:NAME` or `MODULE:CLASS.NAME`), what is wrong with it now, and what makes the worse one.

    `seed` is one that showed it; it is tried first where time is short, and never where the net is measured.
    """

    target: str
    wrong: str
    seed: int
    make: Make

    def __str__(self) -> str:
        return f"{self.target.removeprefix('nautilus_live.')}: {self.wrong}"


@contextmanager
def planted(bug: Bug) -> Iterator[None]:
    """Break one decision inside the block."""
    module_name, _, path = bug.target.partition(":")
    owner: Any = import_module(module_name)
    *classes, name = path.split(".")
    for part in classes:
        owner = getattr(owner, part)
    was = vars(owner)[name]
    original = was.__func__ if isinstance(was, staticmethod) else was
    worse = bug.make(original)
    places = [owner]
    if not classes:
        ours = [module for key, module in sys.modules.items() if key.startswith(("nautilus_live.", "sandbox_venues."))]
        places += [module for module in ours if module is not owner and vars(module).get(name) is was]
    tables = [
        (table, key) for table in vars(owner).values() if type(table) is dict for key in table if table[key] is was
    ]
    _put(places, tables, name, staticmethod(worse) if isinstance(was, staticmethod) else worse)
    try:
        yield
    finally:
        _put(places, tables, name, was)


def _put(places: list[Any], tables: list[tuple[dict[Any, Any], Any]], name: str, value: Any) -> None:
    for place in places:
        setattr(place, name, value)
    for table, key in tables:
        table[key] = value


def seeds_to_find(bug: Bug, seeds: Sequence[int], known: frozenset[int] = frozenset()) -> tuple[int | None, str]:
    """Return how many of `seeds` it takes until one fails with the bug planted, and what failed there.

    `known` are seeds that fail without it.
    """
    with planted(bug):
        for count, seed in enumerate(seeds, 1):
            failure = None if seed in known else run_seed(seed)
            if failure is not None:
                return count, failure.text
    return None, ""


def _instead(value: Callable[..., Any]) -> Make:
    """Forget the original altogether."""
    return lambda original: value


def _nothing(*_: Any, **__: Any) -> None:
    return None


def _counts_twice(original: Original) -> Original:
    def fill(order: Any, event: Any, *rest: Any) -> Any:
        if event.trade_id in order.fills:
            event = structs.replace(event, trade_id=TradeId(f"{event.trade_id}-again"))
        return original(order, event, *rest)

    return fill


def _drops_late(original: Original) -> Original:
    return lambda order, fill, *rest: Admission() if order.is_closed else original(order, fill, *rest)


def _outcome_as(wrong: Outcome, taken_for: Outcome) -> Make:
    def make(original: Original) -> Original:
        def answered(self: Any, subject: Any, outcome: Outcome, *rest: Any, **named: Any) -> Any:
            return original(self, subject, taken_for if outcome is wrong else outcome, *rest, **named)

        return answered

    return make


def _resolves_unasked(original: Original) -> Original:
    def decide(self: Any, watch: Any, order: Any, now: int, waiting: bool) -> Any:
        action = original(self, watch, order, now, waiting)
        return self._resolve(watch, order, now) if isinstance(action, Query) else action

    return decide


def _only_alarms(original: Original) -> Original:
    return lambda self, *rest, **named: [
        action for action in original(self, *rest, **named) if isinstance(action, Alarm)
    ]


def _none_is_empty(original: Original) -> Original:
    def reconcile(local: Any, venue: Any, *rest: Any) -> Any:
        parts = {name: getattr(venue, name) or [] for name in ("orders", "fills", "positions")}
        return original(local, structs.replace(venue, **parts), *rest)

    return reconcile


def _list_none_is_empty(original: Original) -> Original:
    def compare(self: Any, local: Any, working: Any, reports: Any, *rest: Any, **named: Any) -> Any:
        return original(self, local, working, reports or [], *rest, **named)

    return compare


def _reversed(original: Original) -> Original:
    return lambda *arguments: original(*arguments)[::-1]


def _unanswered_is_none(original: Original) -> Original:
    async def answer(self: Any, question: Any, what: str) -> Any:
        try:
            return await original(self, question, what)
        except Unanswered:
            return [] if "check" in what else None

    return answer


def _resends(original: Original) -> Original:
    async def ask(self: Any, request: Any) -> Any:
        try:
            return await original(self, request)
        except WireError:
            if request.label.startswith("query."):
                raise
            return await original(self, request)

    return ask


def _takes_the_limit_price(original: Original) -> Original:
    def price(work: Any, draft: Any, report: Any, *rest: Any) -> Any:
        if draft.price is not None:
            return draft.price.value, False
        return original(work, draft, report, *rest)

    return price


CORE, RECONCILIATION = "nautilus_live.core.", "nautilus_live.core.reconciliation."
ENGINE = "nautilus_live.engine."

BUGS: tuple[Bug, ...] = (
    Bug(CORE + "admission:_fill", "a trade that is told twice counts twice", 30005, _counts_twice),
    Bug(CORE + "admission:_fill", "a trade after the end is ignored", 30116, _drops_late),
    Bug(
        CORE + "inflight:InflightCheck.answered",
        "an unanswered question counts as a retry",
        30061,
        _outcome_as(Outcome.UNANSWERED, Outcome.NOT_THERE),
    ),
    Bug(CORE + "inflight:InflightCheck._decide", "resolved without asking", 30017, _resolves_unasked),
    Bug(CORE + "inflight:InflightCheck.tick", "nobody is asked", 30061, _only_alarms),
    Bug(
        CORE + "open_orders:OpenOrdersCheck._look_for_missing",
        "missing orders are not looked for",
        31009,
        _instead(lambda *_: ([], 0)),
    ),
    Bug(CORE + "open_orders:_differs", "no report ever differs", 31059, _instead(lambda *_: False)),
    Bug("nautilus_live.core.reconciliation:reconcile", "unknown is read as none", 31449, _none_is_empty),
    Bug(
        RECONCILIATION + "fills:with_replacements",
        "a real trade replaces nothing",
        30757,
        _instead(lambda order, fill, *_: fill),
    ),
    Bug(RECONCILIATION + "fills:infer_fill", "what the totals imply is ignored", 30002, _instead(lambda *_: True)),
    Bug(RECONCILIATION + "fills:_inferred_price", "the venue's average is ignored", 30017, _takes_the_limit_price),
    Bug(RECONCILIATION + "fills:apply_fills", "trades in the list are ignored", 30018, _instead(_nothing)),
    Bug(RECONCILIATION + "orders:_match_status", "the end of an order is ignored", 30030, _instead(_nothing)),
    Bug(RECONCILIATION + "external:create_from_report", "orders from elsewhere are ignored", 30018, _instead(_nothing)),
    Bug(RECONCILIATION + "positions:plan_positions", "positions are not aligned", 30483, _instead(lambda *_: [])),
    Bug(CORE + "position_keeping:parts", "a flip is one trade", 30111, _instead(lambda position, fill: (fill,))),
    Bug(CORE + "position_keeping:_pay", "commissions are forgotten", 30005, _instead(_nothing)),
    Bug(CORE + "order_lifecycle:_apply_updated", "a modified order keeps its numbers", 30022, _instead(_nothing)),
    Bug(
        CORE + "position_check:PositionCheck.compare",
        "positions are not compared",
        30386,
        _instead(lambda *_: Findings()),
    ),
    Bug(ENGINE + "cache:Cache.update_order", "what happens to an order is not stored", 30000, _instead(_nothing)),
    Bug(ENGINE + "cache:Cache.update_position", "what happens to a position is not stored", 30002, _instead(_nothing)),
    Bug(ENGINE + "execution:ExecutionEngine._on_account_state", "balances are ignored", 30000, _instead(_nothing)),
    Bug(ENGINE + "execution:ExecutionEngine._on_report", "reports are ignored", 30052, _instead(_nothing)),
    Bug(ENGINE + "inquiries:Inquiries.answer", "no answer is the answer none", 30055, _unanswered_is_none),
    Bug(ENGINE + "positions:PositionKeeper.apply", "fills do not reach positions", 30002, _instead(lambda *_: ())),
    Bug(ENGINE + "reconciler:_ClientRun._apply", "a start plans nothing", 30002, _instead(_nothing)),
    Bug("nautilus_live.store.port:StoreWriter._on_timer", "the buffer is never flushed", 30017, _instead(_nothing)),
    Bug("nautilus_live.live.startup:Startup.load_cache", "the store is not read", 30000, _instead(_nothing)),
    Bug(
        "sandbox_venues.adapter:SandboxExecutionClient._ask", "a command without answer is sent again", 30043, _resends
    ),
)
"""One bug for each decision that a campaign can see."""
