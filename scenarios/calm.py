"""After the storm: the faults end, markets stand still, and what the node believes is held against what is true.

May know: the stage and the invariants. A node whose strategies only do what the steps say comes to rest, and is looked
at once. A strategy that acts on its own need never rest: there may always be something under way. For it, and for
`world.converged`, one moment at which everything agrees is enough (`settle`); a node that is wrong has no such moment.
"""

from __future__ import annotations

import asyncio
from decimal import Decimal

from nautilus_live.adapters.ports import ExecutionClient
from nautilus_live.config.engines import LiveRiskEngineConfig
from nautilus_live.core.conclusions import NANOSECONDS_PER_MINUTE
from nautilus_live.engine.connections import CAUSE as LOST
from nautilus_live.errors import KernelError
from nautilus_live.model.identifiers import InstrumentId
from scenarios.finality import is_fair
from scenarios.format import Scenario
from scenarios.generate.healing import forgets
from scenarios.injecting import doubles_requests, lies
from scenarios.invariants.eventually import EVENTUALLY, check_eventually
from scenarios.invariants.own import OwnInvariant
from scenarios.invariants.rules import (
    ALWAYS,
    NO_FILL_INVENTED,
    NO_ORDER_TWICE,
    STORED,
    Calm,
    Limits,
    Rule,
    VenueView,
    Verdict,
)
from scenarios.scripted_strategy import SYMBOL_DEFAULT
from scenarios.settings import VENUE_DEFAULT, full_instrument
from scenarios.stage import Life, Stage
from scenarios.verbs import (
    NodeSignal,
    NodeStop,
    StrategyCancel,
    StrategyCancelAll,
    StrategyCancelOrders,
    StrategySubmit,
)
from scenarios.verbs_faults import WireForget
from scenarios.verbs_outages import StoreLose
from scenarios.verbs_strategy import StrategyMarketExit
from scenarios.world.clock import EPOCH_NS

CALM_S = 30.0
"""How long the node has, once the storm is over, to agree with the venues."""
HIDES_OPEN = ("orders", "open_orders", "everything")
"""What a fault forgets that hides orders which work."""
LOOK_AGAIN_S = 0.237
"""How long between two looks at a node that does not rest; an odd time, out of step with whatever it does."""


def end_storm(stage: Stage) -> None:
    """End every fault, heal every connection, let the markets stand and a paused node go on."""
    stage.watch.trusts_venues = False  # what a lie left behind may still arrive
    stage.movements.stop_all()
    for link in stage.links.values():
        link.end_faults()
    stage.store.fail_next(0)
    stage.store.slow(0.0)
    stage.store.troubles.clear()
    life = stage.life
    if life is not None:
        life.host.on_callback = None  # a crash that has not come yet
    if life is not None and life.host.state == "PAUSED":
        life.host.resume()


async def settle(stage: Stage, within_s: float, verdicts: list[Verdict] | None = None) -> list[str]:
    """Look at the node until everything agrees, or that time is over; return what did not hold at the last look."""
    loop = asyncio.get_running_loop()
    deadline_s = loop.time() + within_s
    while True:
        at_last = loop.time() >= deadline_s
        life = stage.life
        if life is None or life.state != "RUNNING":
            state = "never started" if life is None else f"{life.state}: {life.node.failure}"
            found = [f"the node must run to agree with the venues, was {state}"]
        elif life.host.paused:
            found = ["the node must run to agree with the venues, its process is paused"]
        else:
            found = [] if at_last else check_eventually(calm_of(stage, life, []), quick=True) + ask_own(stage)
            if not found:
                views = [await _view(stage, life, client) for client in life.node.kernel.exec_engine.clients()]
                entries: list[Verdict] = []
                found = check_eventually(calm_of(stage, life, views), entries) + ask_own(stage, entries)
                if verdicts is not None:
                    verdicts[:] = entries
        if not found or at_last:
            return found
        await asyncio.sleep(min(LOOK_AGAIN_S, deadline_s - loop.time()))


def ask_own(stage: Stage, verdicts: list[Verdict] | None = None) -> list[str]:
    """Ask the user's own invariants that hold after the storm, whether node and venues need agree or not."""
    found: list[str] = []
    for rule in stage.own:
        if rule.when == "eventually":
            violations = rule.violations(stage.belief, stage.truth)
            found += violations
            if verdicts is not None:
                verdicts.append(Verdict(name=rule.name, held=not violations))
    return found


def calm_of(stage: Stage, life: Life, views: list[tuple[VenueView, str]]) -> Calm:
    """Return what the checkers look at; without `views`, only what a look from outside shows."""
    node = life.node
    engine = node.kernel.exec_engine
    config = node.config.exec_engine
    settled = bool(views)
    if settled:
        node.cache.flush()
    storeless = stage.cache_settings.get("use_instance_id")
    return Calm(
        cache=node.cache,
        reloaded=stage.stored() if settled and not storeless else None,
        venues=[view for view, _ in views] or [_bare_view(stage, client) for client in engine.clients()],
        policy=lambda account_id: engine.policy_for(
            next(client for client in engine.clients() if client.account_id == account_id)
        ),
        now_ns=node.kernel.clock.timestamp_ns(),
        uncertain=frozenset(engine.uncertain_instruments()),
        quarantined=frozenset(str(order_id) for order_id in engine.quarantined_orders()),
        doubted=tuple(str(order_id) for order_id in engine.doubts.orders),
        filtered=frozenset(str(order_id) for order_id in config.filtered_client_order_ids or ()),
        instruments=frozenset(
            InstrumentId.from_str(full_instrument(str(i))) for i in config.reconciliation_instrument_ids or ()
        ),
        ignores_external=config.filter_unclaimed_external_orders,
        ignores_positions=config.filter_position_reports or not config.reconciliation,
        purges=bool(config.purge_closed_positions_interval_mins or config.purge_closed_orders_interval_mins),
        positions_given=_positions_given(stage.scenario),
        orders_given=_orders_given(stage.scenario),
        heard=stage.watch.heard,
        portfolio=node.portfolio,
        refused=engine.refused_count,
        held={name.value: why[LOST] for name, why in engine.holds.clients.items() if LOST in why},
        fair=_is_fair(stage),
        way_ns_max=max(link.way_ns_max for link in stage.links.values()),
        keeps_own_books=config.manage_own_order_books,
        snapshots_orders=config.snapshot_orders,
        snapshots_positions=config.snapshot_positions,
        began_ns=EPOCH_NS,
        hid_open_orders=_hid_open_orders(stage),
        makes_up=config.generate_missing_orders,
        misled=lies(stage.scenario.steps),
        history_lost=forgets(stage.scenario) and any(isinstance(step, StoreLose) for step in stage.scenario.steps),
        is_steady=stage.is_steady,
        life_began_ns=EPOCH_NS + stage.watch.began_ns,
        spoken_of=stage.watch.spoken_of(),
        order_purge_ns=_minutes_ns(config.purge_closed_orders_interval_mins) or None,
        order_buffer_ns=_minutes_ns(config.purge_closed_orders_buffer_mins),
        cancels=_cancels(stage),
        limits=_limits(node.config.risk_engine),
        minds_links=frozenset(
            str(strategy.id) for strategy in node.trader.strategies() if strategy.manage_contingent_orders
        ),
        minds_dates=frozenset(str(strategy.id) for strategy in node.trader.strategies() if strategy.manage_gtd_expiry),
        arrivals=_arrivals(stage),
        problems=[problem for _, problem in views if problem],
    )


def _minutes_ns(minutes: int | None) -> int:
    return (minutes or 0) * NANOSECONDS_PER_MINUTE


def _cancels(stage: Stage) -> frozenset[str] | None:
    """Return the orders that steps cancel by name; None where more may be canceled, or strategies act on their own."""
    names: list[str] = []
    for step in stage.scenario.steps:
        if isinstance(step, StrategyCancelAll | StrategyMarketExit | NodeStop | NodeSignal):
            return None
        if isinstance(step, StrategyCancel):
            names.append(step.order)
        elif isinstance(step, StrategyCancelOrders):
            names += step.orders
    is_asked = not stage.acts_on_its_own and all(order.tif != "GTD" for order in _submits(stage.scenario))
    return frozenset(names) if is_asked else None


def _submits(scenario: Scenario) -> list[StrategySubmit]:
    return [step for step in scenario.steps if isinstance(step, StrategySubmit)]


def _hid_open_orders(stage: Stage) -> bool:
    """Return whether answers may have left out what works: by a fault, or because a venue's lists are behind."""
    forgot = any(isinstance(step, WireForget) and step.what in HIDES_OPEN for step in stage.scenario.steps)
    return forgot or any(link.venue.profile.orders_lag_secs for link in stage.links.values())


def _limits(config: LiveRiskEngineConfig) -> Limits:
    """Return what the node may send; the rate is written as `COUNT/HH:MM:SS`."""
    if config.bypass:
        return Limits()
    count, _, span = config.max_order_submit_rate.partition("/")
    hours, minutes, seconds = (Decimal(part) for part in span.split(":"))
    notionals = {InstrumentId.from_str(name): Decimal(most) for name, most in config.max_notional_per_order.items()}
    span_ns = int((hours * 3_600 + minutes * 60 + seconds) * 1_000_000_000)
    return Limits(count=int(count), span_ns=span_ns, notionals=notionals)


def _arrivals(stage: Stage) -> dict[str, int] | None:
    """Return how often an order came to a venue under each id; None where a fault makes more of them."""
    if doubles_requests(stage.scenario.steps):
        return None
    return {name: count for link in stage.links.values() for name, count in link.venue.arrivals.items()}


def _is_fair(stage: Stage) -> bool:
    """Return whether nothing goes wrong, in a scenario that was not written to show how something does.

    Every venue says of each trade what it was, and what the account holds; of another one a node can but guess.
    """
    scenario = stage.scenario
    profiles = [link.venue.profile for link in stage.links.values()]
    if any(host.dead for host in stage.world.hosts):
        return False  # somebody was killed, whoever wrote that down
    if scenario.node.get("purge_closed_orders_interval_mins"):
        return False  # a trade of an order that nobody remembers is news, and said to be
    tells = all(one.streams_fills and one.reports_fills and not one.splits_flips for one in profiles)
    if any(getattr(step, "trail", None) is not None for step in scenario.steps):
        tells = tells and all(one.streams_trails for one in profiles)  # else a trigger moves, and only lists show it
    if any(step.__struct_config__.tag == "venue.amend" for step in scenario.steps):
        tells = tells and all(one.names_replacements for one in profiles)  # else it looks like an end
    tells = tells and all(one.reports_positions is not False for one in profiles)
    tells = tells and not any(one.margin_calls for one in profiles)  # who is liquidated hears of it
    if scenario.node.get("position_silence") == "flat":
        tells = tells and all(one.has_positions for one in profiles)  # else the setting says what is untrue
    is_drawn = scenario.guide is None and scenario.given is None
    return tells and is_drawn and not forgets(scenario) and is_fair(scenario.steps)


def _positions_given(scenario: Scenario) -> frozenset[InstrumentId]:
    """Return the instruments whose positions are stated outright at the beginning."""
    given = scenario.given
    sides = () if given is None else (given.node, given.venue)
    return frozenset(
        InstrumentId.from_str(full_instrument(held.instrument or SYMBOL_DEFAULT, held.venue or VENUE_DEFAULT))
        for side in sides
        for held in side.positions
    )


def _orders_given(scenario: Scenario) -> frozenset[str]:
    """Return the orders that the node knows from the beginning, as stated."""
    given = scenario.given
    return frozenset() if given is None else frozenset(item.order for item in given.node.orders if item.order)


def _bare_view(stage: Stage, client: ExecutionClient) -> VenueView:
    link = next(link for link in stage.links.values() if client.account_id in link.account_ids)
    stated = any(step.__struct_config__.tag == "venue.set_position" for step in stage.scenario.steps)
    return VenueView(name=link.name, venue=link.venue, account_id=client.account_id, positions_stated=stated)


async def _view(stage: Stage, life: Life, client: ExecutionClient) -> tuple[VenueView, str]:
    """Return a venue with what it answers at the front door, and what went wrong there."""
    view = _bare_view(stage, client)
    lookback = life.node.config.exec_engine.reconciliation_lookback_mins
    try:
        view.mass_status = await life.host.run(lambda: client.generate_mass_status(lookback))
    except KernelError as error:
        return view, f"{view.name}: must answer after the storm, did not: {error}"
    return view, ""


def verdicts_of(stage: Stage, failures: list[str], calm: list[Verdict], *, converges: bool) -> list[Verdict]:
    """Return what became of every rule: those that hold always, those of the calm, and the user's own."""
    lived = stage.life is not None
    found = []
    for rule in ALWAYS:
        violated = any(failure.startswith(str(rule)) for failure in failures)
        held = not violated if lived or violated else None
        found.append(Verdict(number=rule.number, name=rule.name, held=held, exempt=_left_out(stage, rule)))
    agreed = [verdict for verdict in calm if verdict.number is not None]
    found += agreed
    if not agreed:
        why = () if converges else ("converges = false",)
        found += [Verdict(number=rule.number, name=rule.name, exempt=why) for rule in EVENTUALLY]
    found += [_own_verdict(rule, failures, calm, lived) for rule in stage.own]
    return found


def _left_out(stage: Stage, rule: Rule) -> tuple[str, ...]:
    """Return what of a rule that holds always cannot be asked in this run, and why."""
    steps = stage.scenario.steps
    if rule is NO_FILL_INVENTED and lies(steps):
        return ("a fault lets the venue say what is not true",)
    if rule is NO_ORDER_TWICE and doubles_requests(steps):
        return ("a fault doubles requests, so arrivals at the venue are not counted",)
    if rule is STORED and stage.cache_settings.get("use_instance_id"):
        return ("use_instance_id: the store is of one life",)
    return ()


def _own_verdict(rule: OwnInvariant, failures: list[str], calm: list[Verdict], lived: bool) -> Verdict:
    if any(failure.startswith(rule.kind) for failure in failures):
        return Verdict(name=rule.name, held=False)
    asked = lived if rule.when == "always" else any(verdict.name == rule.name for verdict in calm)
    return Verdict(name=rule.name, held=True if asked else None)
