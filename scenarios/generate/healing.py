"""Whether a node has a way to learn in time what it missed, so that it can be asked to agree with the venue.

May know: the scenario format and the kernel's defaults. A message that is lost is lost; nobody repeats it. What brings
it back is a look at the venue: the reconciliation of a start, or the runtime checks. A scenario without either, in
which something was lost, proves nothing by ending in disagreement; so none is generated, and none is left by
minimising.
"""

from __future__ import annotations

from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import Any

from nautilus_live.config import LiveExecEngineConfig
from nautilus_live.model.enums import AccountType
from scenarios.format import Scenario
from scenarios.generate.personality import made_profile
from scenarios.verbs import (
    NodeCrash,
    NodePause,
    NodeResume,
    NodeSignal,
    NodeStart,
    NodeStop,
    Step,
    StrategySubmit,
    StrategySubscribe,
)
from scenarios.verbs_faults import (
    WireCorrupt,
    WireDelay,
    WireDrop,
    WireDuplicate,
    WireEnd,
    WireHold,
    WireRelease,
    WireReorder,
)
from scenarios.verbs_outages import ClockDrift, ClockJump

IN_TIME_S = 27.0
"""What the runtime checks may need: a little less than the calm after the storm."""
LEAST_S = 6.0
"""What a lost connection may need to be noticed and to be back."""
ON_THE_WAY_S = 2.0
"""What questions and answers may need on top."""
DEFAULTS = LiveExecEngineConfig()
UNTOLD = ("venue.set_position", "venue.bust", "venue.correct", "venue.restart")
"""What a venue does that its stream may not tell in full."""
HIDES_TRADES = ("wire.forget", "wire.partial_pages", "wire.unreadable_record", "wire.lie", "node.pause")
_HARMLESS = (NodeStart, NodeStop, NodeCrash, NodeSignal, NodePause, NodeResume, StrategySubscribe, WireEnd, WireRelease)


def heals(scenario: Scenario) -> bool:
    """Return whether the node looks at the venue after the last thing that it may have missed, and soon enough."""
    if not _resolves_in_time(scenario.node):
        return False
    open_check = bool(_setting(scenario.node, "open_check_interval_secs"))
    if not open_check and forgets(scenario):
        return False  # what ended unheard is in no list, and may not be found alone; only the open-order check ends it
    if open_check and _setting(scenario.node, "position_check_interval_secs") and _checks_see_all(scenario):
        return True
    last_trouble = _last(scenario.steps, _may_be_missed(scenario))
    if last_trouble < 0:
        return True
    ends = [index for index, step in enumerate(scenario.steps) if isinstance(step, NodeCrash | NodeStop | NodeSignal)]
    starts = [index for index, step in enumerate(scenario.steps) if isinstance(step, NodeStart)]
    restarted = bool(ends) and starts[-1] > ends[-1] > last_trouble
    venues = (None, *scenario.venues)
    return restarted and all(_last(scenario.steps, _ends_at(venue)) > last_trouble for venue in venues)


def forgets(scenario: Scenario) -> bool:
    """Return whether a closed order may be missing from what the venues list at a start."""
    if scenario.node.get("reconciliation_lookback_mins"):
        return True
    made = [made_profile(table) for table in _tables(scenario)]
    return any(one.closed_orders_vanish_secs is not None or one.lookback_secs is not None for one in made)


def tells_trades(tables: list[dict[str, Any]]) -> bool:
    """Return whether all of these venues show trades, rather than totals of orders alone."""
    return all(made_profile(table).reports_fills for table in tables)


def names_orders(tables: list[dict[str, Any]]) -> bool:
    """Return whether all of these venues name orders by our ids."""
    return all(made_profile(table).reports_client_ids for table in tables)


def needed_s(scenario: Scenario) -> float:
    """Return for how long after the storm a node may disagree with its venues, in seconds, by its settings."""
    node = scenario.node
    position_s = (_setting(node, "position_check_interval_secs") or 0.0) * (
        2 + _setting(node, "position_check_retries")
    )
    position_s += _setting(node, "position_check_threshold_ms") / 1_000
    return float(max(_inflight_s(node), _open_s(node), position_s, LEAST_S) + ON_THE_WAY_S)


def _resolves_in_time(node: dict[str, Any]) -> bool:
    """Return whether the in-flight check and the open-order check come to an end before the calm is over."""
    if not _setting(node, "inflight_check_interval_ms"):
        return False
    return _inflight_s(node) <= IN_TIME_S and _open_s(node) <= IN_TIME_S


def _inflight_s(node: dict[str, Any]) -> float:
    turn_s = (_setting(node, "inflight_check_interval_ms") + _setting(node, "inflight_check_threshold_ms")) / 1_000
    retries = max(1, _setting(node, "inflight_check_retries"))
    return float(_setting(node, "reconciliation_startup_delay_secs") + (1 + retries) * turn_s)


def _open_s(node: dict[str, Any]) -> float:
    interval_s = _setting(node, "open_check_interval_secs") or 0.0
    polls = 2 + _setting(node, "open_check_missing_retries")
    threshold_s = _setting(node, "open_check_threshold_ms") / 1_000
    return float(_setting(node, "reconciliation_startup_delay_secs") + threshold_s + polls * interval_s)


def _checks_see_all(scenario: Scenario) -> bool:
    """Return whether the runtime checks would find whatever a start would."""
    made = [made_profile(table) for table in _tables(scenario)]
    # Lists lag: that a position is left out says nothing until the last trade is older than the calm is long.
    hides = (*HIDES_TRADES, *(() if all(one.reports_flat_positions for one in made) else ("venue.set_position",)))
    for step in scenario.steps:
        if isinstance(step, ClockJump | ClockDrift) or _loses_balances(step):
            return False  # how long ago something was is not known; balances are asked for at a start, and after trades
        if str(step.__struct_config__.tag) in hides:
            return False
    # Where there are positions and nobody may ask for them, a trade of an order that is closed here shows nowhere (of a
    # spot account the trades are looked at). And a fill that was inferred because no trade was shown is replaced at the
    # next start.
    return not forgets(scenario) and all(
        (one.has_positions or one.account is AccountType.CASH)
        and one.streams_fills
        and one.reports_fills
        and not (one.orders_lag_secs or one.fills_lag_secs or one.splits_flips)
        for one in made
    )


def _tables(scenario: Scenario) -> list[dict[str, Any]]:
    return [scenario.venue, *scenario.venues.values()]


def _lags(table: dict[str, Any]) -> bool:
    made = made_profile(table)
    return bool(made.orders_lag_secs or made.fills_lag_secs or made.positions_lag_secs)


def _loses_balances(step: Step) -> bool:
    """Return whether a fault may keep the last word about balances from the node for good."""
    if not isinstance(step, WireDrop | WireCorrupt | WireDelay | WireReorder | WireDuplicate | WireHold):
        return False
    asked = step.request is not None or step.answer is not None
    return fnmatchcase("account", step.report) if step.report is not None else not asked


def _setting(node: dict[str, Any], name: str) -> Any:
    return node.get(name, getattr(DEFAULTS, name))


def _may_be_missed(scenario: Scenario) -> Callable[[Step], bool]:
    """Return what tells the steps that a node may miss something of."""
    made = [made_profile(table) for table in _tables(scenario)]
    silent = any(not one.streams_fills or one.splits_flips for one in made) or any(map(_lags, _tables(scenario)))
    # Where a trigger that follows the market moves in silence, the lists alone show where it is.
    silent = silent or (any(map(_trails, scenario.steps)) and not all(one.streams_trails for one in made))
    # What others trade is left out, and moves the position all the same.
    silent = silent or bool(scenario.node.get("filter_unclaimed_external_orders"))
    forgetful = forgets(scenario)

    def is_trouble(step: Step) -> bool:
        tag = str(step.__struct_config__.tag)
        if isinstance(step, _HARMLESS):
            # Who stands still for long may look at lists that have forgotten already what waits on the stream.
            return forgetful and isinstance(step, NodePause)
        faulty = tag.partition(".")[0] in ("wire", "store", "clock")
        return silent or faulty or tag in UNTOLD

    return is_trouble


def _ends_at(venue: str | None) -> Callable[[Step], bool]:
    """Return what tells the steps that end the faults at a venue."""
    return lambda step: isinstance(step, WireEnd) and step.venue == venue


def _trails(step: Step) -> bool:
    """Return whether a venue may have a stop to trail; one that is emulated here trails here."""
    return isinstance(step, StrategySubmit) and step.trail is not None and step.emulate is None


def _last(steps: list[Step], wanted: Callable[[Step], bool]) -> int:
    return max((index for index, step in enumerate(steps) if wanted(step)), default=-1)
