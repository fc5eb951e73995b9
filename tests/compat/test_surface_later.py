"""What release 1.231.0 of the ecosystem added for strategies is here too, or there is a reason why it is not.

`surface_later.txt` has the form of `surface.txt`, and what the later release has beyond it. Where that gave a method
another argument before older ones, ours takes it by name: a place in the order can only be one release's.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any

import pytest

from nautilus_live import compat

NO_CATALOG = "there is no data catalog here, whose folders it names"
NO_GROWTH = "fees in a base currency and funding change the account, not the size of a position"
ENDS_WITH_NODE = "the node ends a component's timers and handlers with the component"
SPREADS = "a spread's quotes are its venue's own; none are made of its legs here"
HISTORY = "the past arrives at on_historical_data: live data and history share no handler"
IN_BASE = "what was asked in quote currency is counted in the base currency before it is sent"
VENUES = "how a venue triggers the children of an order is told to the sandbox venue"
ROLLING = "continuous futures are not rolled here: a strategy chooses its contract"
NODE_PURGES = "the node purges, as its settings say: it knows what is in doubt"

LIVE_HANDLERS = ("bar", "funding_rate", "order_book_deltas", "order_book_depth", "quote_tick", "trade_tick")
SINGLE = {"bar": "bar", "funding_rate": "funding_rate", "quote_tick": "tick", "trade_tick": "tick"}
QUOTE_WAYS = ("request_aggregated_bars", "request_quote_ticks", "subscribe_quote_ticks", "unsubscribe_quote_ticks")

ABSENT: dict[str, str] = {
    **{f"common.actor:Actor handle_{name}(historical)": HISTORY for name in LIVE_HANDLERS},
    **{
        f"common.actor:Actor handle_historical_{name}({SINGLE.get(name, name.rpartition('_')[2])})": HISTORY
        for name in LIVE_HANDLERS
    },
    **{f"common.actor:Actor {name}(aggregate_spread_quotes)": SPREADS for name in QUOTE_WAYS},
    **{
        f"common.component:{clock} {name}()": ENDS_WITH_NODE
        for clock in ("Clock", "LiveClock", "TestClock")
        for name in ("cancel_callbacks", "cancel_default_handler")
    },
    "cache.cache:Cache purge_instrument(instrument_id, purge_from_database)": NODE_PURGES,
    "model.data:DataType call: identifier": NO_CATALOG,
    "model.data:DataType identifier": NO_CATALOG,
    "model.enums:AccountType WALLET": "a wallet is a CASH account here",
    "model.enums:ContinuousFutureAdjustmentType": ROLLING,
    "model.enums:OrderStatus VOIDED": "a fill that is taken back is told by OrderFillVoided; its order is what is left",
    "model.enums:OtoTriggerMode": VENUES,
    "model.enums:PositionAdjustmentType": NO_GROWTH,
    "model.events.order:OrderUpdated is_quote_quantity": IN_BASE,
    "model.events.position:PositionAdjusted": NO_GROWTH,
    "model.position:Position adjustments": NO_GROWTH,
    "model.position:Position apply_adjustment(adjustment)": NO_GROWTH,
}
"""What is not here, by class and fact (`method(argument)` for one argument), with the reason."""


def blocks() -> Iterator[tuple[str, str]]:
    """Yield each class of the table with each thing that is said of it."""
    text = (Path(__file__).parent / "surface_later.txt").read_text(encoding="utf-8")
    for block in text.replace("\n    ", " ").splitlines():
        path, _, facts = block.partition(" ")
        yield from ((path, fact.strip()) for fact in facts.split(";"))


def missing(path: str, fact: str) -> list[str]:
    """Return what of a fact does not hold here: the fact itself, or `method(argument)` for each argument lacking."""
    module, _, name = path.partition(":")
    try:
        kind: Any = getattr(importlib.import_module(f"nautilus_trader.{module}"), name)
    except ImportError:
        return [""]
    what, is_method, rest = fact.partition("(")
    if fact.startswith("fields: "):
        return [f"fields: {one}" for one in fact.split()[1:] if one not in kind.__struct_fields__]
    if fact.startswith("call: "):
        return [f"call: {one}" for one in fact.split()[1:] if one not in _arguments_of(kind)]
    if issubclass(kind, Enum):
        return [] if what in kind.__members__ else [fact]
    if not hasattr(kind, what) and what not in _set_when_made(kind):
        return [fact]
    arguments = [one.strip() for one in rest[:-1].split(",") if one.strip()] if is_method else []
    taken = inspect.signature(getattr(kind, what)).parameters if arguments else {}
    return [f"{what}({one})" for one in arguments if one not in taken]


def _arguments_of(kind: Any) -> list[str]:
    return [*getattr(kind, "in_order", ()), *inspect.signature(kind).parameters]


def _set_when_made(kind: type) -> list[str]:
    made = [vars(base).get(name) for base in kind.__mro__ for name in ("__init__", "_reset")]
    return [name for one in made if inspect.isfunction(one) for name in one.__code__.co_names]


@pytest.fixture(autouse=True)
def installed() -> Iterator[None]:
    compat.install()
    yield
    compat.uninstall()


def test_what_a_later_release_added_is_here_or_left_out_for_a_reason() -> None:
    lacking = {f"{path} {one}".strip() for path, fact in blocks() for one in missing(path, fact)}
    assert sorted(lacking) == sorted(ABSENT)
    assert all(reason and not reason.endswith(".") for reason in ABSENT.values())
