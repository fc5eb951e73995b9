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

from nautilus_live.core.admitted import Admission
from nautilus_live.core.conclusions import Outcome
from nautilus_live.core.inflight import Alarm, Query
from nautilus_live.core.position_check import Findings
from nautilus_live.engine.inquiries import Unanswered
from nautilus_live.errors import WireError
from nautilus_live.model.enums import Provenance
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


def _yes(*_: Any, **__: Any) -> bool:
    return True


def _no(*_: Any, **__: Any) -> bool:
    return False


def _applies(order: Any, event: Any) -> Admission:
    return Admission((event,))


def _drops(*_: Any) -> Admission:
    return Admission()


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


def _list_is_empty(original: Original) -> Original:
    def compare(self: Any, local: Any, working: Any, reports: Any, *rest: Any, **named: Any) -> Any:
        return original(self, local, working, [] if reports is None else reports, *rest, **named)

    return compare


def _purges_open_ones(original: Original) -> Original:
    return lambda orders, *rest, **named: [*original(orders, *rest, **named), *(one for one in orders if one.is_open)]


def _whoever_serves_the_venue(original: Original) -> Original:
    return lambda self, order, given_to: self.client_for(order.instrument_id, given_to)


def _all_to_itself(original: Original) -> Original:
    return lambda fill, held, own_id, *_, **__: [structs.replace(fill, position_id=own_id)]


def _as_the_venues_word(original: Original) -> Original:
    return lambda *given: structs.replace(original(*given), provenance=Provenance.RECONCILIATION)


CORE, RECONCILIATION = "nautilus_live.core.", "nautilus_live.core.reconciliation."
ENGINE = "nautilus_live.engine."

BUGS: tuple[Bug, ...] = (
    Bug(CORE + "admission:admit_fill", "a trade that is told twice counts twice", 60039, _counts_twice),
    Bug(CORE + "admission:admit_fill", "a trade after the end is ignored", 60039, _drops_late),
    Bug(
        CORE + "inflight:InflightCheck.answered",
        "an unanswered question counts as a retry",
        60474,
        _outcome_as(Outcome.UNANSWERED, Outcome.NOT_THERE),
    ),
    Bug(CORE + "inflight:InflightCheck._decide", "resolved without asking", 60011, _resolves_unasked),
    Bug(CORE + "inflight:InflightCheck.tick", "nobody is asked", 60011, _only_alarms),
    Bug(
        CORE + "open_orders:OpenOrdersCheck._look_for_missing",
        "missing orders are not looked for",
        60197,
        _instead(lambda *_: ([], 0)),
    ),
    Bug(RECONCILIATION + "fills:infer_fill", "what the totals imply is ignored", 60035, _instead(lambda *_: True)),
    Bug(RECONCILIATION + "fills:_inferred_price", "the venue's average is ignored", 60517, _takes_the_limit_price),
    Bug(RECONCILIATION + "fills:apply_fills", "trades in the list are ignored", 60011, _instead(_nothing)),
    Bug(RECONCILIATION + "orders:_match_status", "the end of an order is ignored", 60025, _instead(_nothing)),
    Bug(RECONCILIATION + "external:create_from_report", "orders from elsewhere are ignored", 60031, _instead(_nothing)),
    Bug(RECONCILIATION + "positions:plan_positions", "positions are not aligned", 60055, _instead(lambda *_: [])),
    Bug(CORE + "position_keeping:parts", "a flip is one trade", 60777, _instead(lambda position, fill: (fill,))),
    Bug(CORE + "position_keeping:_pay", "commissions are forgotten", 60032, _instead(_nothing)),
    Bug(CORE + "order_lifecycle:_apply_updated", "a modified order keeps its numbers", 60012, _instead(_nothing)),
    Bug(
        CORE + "position_check:PositionCheck.compare",
        "positions are not compared",
        60454,
        _instead(lambda *_: Findings()),
    ),
    Bug(ENGINE + "cache:Cache.update_order", "what happens to an order is not stored", 60000, _instead(_nothing)),
    Bug(ENGINE + "cache:Cache.update_position", "what happens to a position is not stored", 60002, _instead(_nothing)),
    Bug(ENGINE + "news:News.account_state", "balances are ignored", 60000, _instead(_nothing)),
    Bug(ENGINE + "execution:ExecutionEngine._on_report", "reports are ignored", 60035, _instead(_nothing)),
    Bug(ENGINE + "inquiries:Inquiries.answer", "no answer is the answer none", 60002, _unanswered_is_none),
    Bug(ENGINE + "positions:PositionKeeper.apply", "fills do not reach positions", 60002, _instead(lambda *_: ())),
    Bug(ENGINE + "reconciler:_ClientRun._apply", "a start plans nothing", 60055, _instead(_nothing)),
    Bug(CORE + "admission:_after_the_end", "a word after the end is applied", 60035, _instead(_applies)),
    Bug(CORE + "admission:_other_venue_order_id", "another venue id is never heard of", 60164, _instead(_drops)),
    Bug(CORE + "admission:_while_open", "a word about a working order is dropped", 60039, _instead(_drops)),
    Bug(CORE + "own_books:place", "own books stay empty", 60008, _instead(_nothing)),
    Bug(RECONCILIATION + "orders:_reject", "a refusal that was lost stays lost", 60819, _instead(_nothing)),
    Bug(ENGINE + "order_events:OrderEvents._tell_fill", "nobody is told of fills", 60035, _instead(_nothing)),
    Bug(ENGINE + "order_events:OrderEvents._tell_position", "nobody is told of positions", 60039, _instead(_nothing)),
    Bug(ENGINE + "snapshots:Snapshots._take", "no snapshot is taken", 60037, _instead(_nothing)),
    Bug("nautilus_live.store.port:StoreWriter._on_timer", "the buffer is never flushed", 60006, _instead(_nothing)),
    Bug("nautilus_live.live.startup:Startup.load_cache", "the store is not read", 60000, _instead(_nothing)),
    Bug(
        "sandbox_venues.adapter:SandboxExecutionClient._ask", "a command without answer is sent again", 60042, _resends
    ),
    Bug(
        RECONCILIATION + "fills:with_replacements",
        "a real trade replaces nothing",
        60099,
        _instead(lambda order, fill, *_: fill),
    ),
    Bug(CORE + "admission:_is_younger_leg", "every other venue id is a newer one", 60068, _instead(_yes)),
    Bug(
        CORE + "open_orders:OpenOrdersCheck.answered",
        "an unanswered question is an end",
        60344,
        _outcome_as(Outcome.UNANSWERED, Outcome.NOT_THERE),
    ),
    Bug(CORE + "open_orders:_differs", "every report is as we know it", 61249, _instead(_no)),
    Bug(CORE + "position_check:PositionCheck._agrees", "every difference is explained", 60454, _instead(_yes)),
    Bug(CORE + "placeholders:_shrunk", "a placeholder goes whole", 60331, _instead(_nothing)),
    Bug(CORE + "foreign_fills:shares", "nothing is shared out", 60040, _all_to_itself),
    Bug(CORE + "order_fills:_add_commission", "an order forgets its commissions", 60002, _instead(_nothing)),
    Bug(RECONCILIATION + "orders:_amend", "a changed price or quantity is ignored", 60101, _instead(_nothing)),
    Bug(ENGINE + "early_fills:EarlyFills.hold", "a fill before its order is dropped", 60674, _instead(_yes)),
    Bug(ENGINE + "waiting_words:WaitingWords.moved", "a word waits for ever", 61032, _instead(_nothing)),
    Bug(ENGINE + "doubts:Doubts.trust_order", "a doubt is for ever", 60127, _instead(_nothing)),
    Bug(
        CORE + "inflight:InflightCheck.answered",
        "what was found counts as not there",
        60113,
        _outcome_as(Outcome.FOUND, Outcome.NOT_THERE),
    ),
    Bug(CORE + "open_orders:OpenOrdersCheck.compare", "no answer is an empty list", 60068, _list_is_empty),
    Bug(CORE + "open_orders:OpenOrdersCheck._is_recent", "news are no reason to wait", 60066, _instead(_no)),
    Bug(CORE + "position_check:PositionCheck._is_recent", "news are no reason to wait", 60019, _instead(_no)),
    Bug(CORE + "purging:orders_to_purge", "what works is purged", 60064, _purges_open_ones),
    Bug(CORE + "purging:orders_to_purge", "nothing is purged", 60797, _instead(lambda *_: [])),
    Bug(ENGINE + "early_fills:EarlyFills.claim", "a fill that waits is never claimed", 60804, _instead(lambda *_: [])),
    Bug(ENGINE + "participants:Participants.client_of", "an order has no account", 63219, _whoever_serves_the_venue),
    Bug(ENGINE + "rate_limits:RateLimit.take", "any number of orders may leave", 60292, _instead(_yes)),
    Bug(CORE + "emulation:Watchlist.observe", "no market reaches a trigger", 60086, _instead(lambda *_: [])),
    Bug(CORE + "emulation:Watch._is_reached", "any price is the trigger", 60287, _instead(_yes)),
    Bug(CORE + "contingency:consequences", "links ask nothing", 61738, _instead(lambda *_, **__: [])),
    Bug(CORE + "contingency:is_waiting", "no child waits", 60464, _instead(_no)),
    Bug(CORE + "contingency:is_over", "every order is over", 60850, _instead(_yes)),
    Bug(CORE + "gtd:due", "no date comes", 60879, _instead(_nothing)),
    Bug(CORE + "order_fills:shrink", "a placeholder stays whole", 60019, _instead(_nothing)),
    Bug(CORE + "book_feed:BookFeed._gap_before", "no message is missed", 64658, _instead(lambda *_: "")),
    Bug(CORE + "conclusions:conclude", "a conclusion is the venue's word", 60028, _as_the_venues_word),
)
"""One bug for each decision that a campaign can see."""
