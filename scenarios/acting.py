"""Steps carried out: one function for each kind of verb.

May know: the stage and the verbs. A step that cannot be carried out stops the run with an error that names it;
nothing is skipped.
"""

from __future__ import annotations

from contextvars import Context
from decimal import Decimal
from typing import Any

from nautilus_live.engine.risk import RiskEngine
from nautilus_live.model.enums import TradingState
from scenarios.acting_around import act_around
from scenarios.acting_market import market_action
from scenarios.crash_points import crash, restart
from scenarios.injecting import inject
from scenarios.links import Link, account_at
from scenarios.problems import NotSupported, ScenarioError
from scenarios.scripted_strategy import SYMBOL_DEFAULT
from scenarios.stage import Stage
from scenarios.verbs import (
    NODE_VERBS,
    STRATEGY_VERBS,
    VENUE_VERBS,
    NodeCrash,
    NodePause,
    NodeRestart,
    NodeResume,
    NodeSignal,
    NodeStart,
    NodeStop,
    NodeTradingState,
    Step,
    VenueAmend,
    VenueBust,
    VenueCancel,
    VenueCorrect,
    VenueDeposit,
    VenueExpire,
    VenueExternalOrder,
    VenueLiquidate,
    VenueQuote,
    VenueReject,
    VenueSetPosition,
    VenueTrade,
    VenueTrigger,
)
from scenarios.verbs_market import MarketAct, MarketMove, VenueReplay
from scenarios.verbs_outages import CLOCK_VERBS, STORE_VERBS
from scenarios.world.faults import PauseHost
from scenarios.world.host import Host

QUOTE_SIZE = Decimal(1_000)


def act(stage: Stage, step: Step) -> None:
    """Carry a step out.

    Raises:
        ScenarioError: if it is impossible where the run stands, or not supported by this transport.

    """
    if isinstance(step, NODE_VERBS):
        _act_on_node(stage, step)
    elif isinstance(step, STRATEGY_VERBS):
        stage.in_node(stage.strategy(step.strategy).act, step)
    elif isinstance(step, (*VENUE_VERBS, MarketAct)):
        _act_at_venue(stage, step)
    elif isinstance(step, (MarketMove, VenueReplay)):
        stage.movements.start(stage.link(step.venue), step, stage.world.entropy.stream)
    elif isinstance(step, (*STORE_VERBS, *CLOCK_VERBS)):
        act_around(stage, step)
    else:
        inject(stage.link(getattr(step, "venue", None)), step, stage.world.clock.timestamp_ns())


def _act_on_node(stage: Stage, step: Step) -> None:
    match step:
        case NodeStart():
            stage.start(step.settings)
        case NodeStop():
            stage.stop()
        case NodeCrash():
            crash(stage, step)
        case NodeRestart():
            restart(stage, step)
        case NodePause() | NodeResume():
            if stage.life is None:
                raise ScenarioError(["the node must be up to be paused, was never started"])
            _pause_or_resume(stage, stage.life.host, step)
        case NodeSignal():
            stage.signal(step.signal)
        case NodeTradingState():
            stage.in_node(_risk_engine_of(stage).set_trading_state, TradingState[step.state])


def _risk_engine_of(stage: Stage) -> RiskEngine:
    if stage.life is None:
        raise ScenarioError(["the node must be up to have a trading state, was never started"])
    return stage.life.node.kernel.risk_engine


def _pause_or_resume(stage: Stage, host: Host, step: NodePause | NodeResume) -> None:
    if isinstance(step, NodeResume):
        host.resume()
        return
    fault = PauseHost()
    fault.begin(host)
    if step.lasts is not None:
        stage.world.loop.call_later(step.lasts.seconds, fault.end, host, context=Context())


def _act_at_venue(stage: Stage, step: Step) -> None:
    link = stage.link(step.venue)  # type: ignore[attr-defined]  # every venue verb has it
    action, arguments = _venue_action(link, step)
    try:
        link.do(action, **arguments)
    except ValueError as error:
        raise ScenarioError([str(error)]) from error


def _venue_action(link: Link, step: Step) -> tuple[str, dict[str, Any]]:
    """Return what the sandbox calls the step, and with what."""
    match step:
        case MarketAct():
            return market_action(step)
        case VenueTrade():
            return _trade(link, step)
        case VenueCancel():
            return "cancel", {"order": step.order, "reason": step.reason or "VENUE"}
        case VenueExpire():
            return "expire", {"order": step.order}
        case VenueTrigger():
            return "trigger", {"order": step.order}
        case VenueReject():
            return _reject(link, step)
        case VenueAmend():
            changes = {"quantity": step.quantity, "price": step.price, "trigger_price": step.trigger}
            return "amend", {"order": step.order, "venue_order_id": step.venue_order, **_numbers(changes)}
        case VenueLiquidate():
            return _liquidate(link, step)
        case VenueExternalOrder():
            return _external_order(link, step)
        case VenueSetPosition():
            chosen = {"instrument": step.instrument or SYMBOL_DEFAULT, "position_id": step.position}
            chosen["account"] = account_at(link, step.account)
            return "set_position", {**chosen, **_numbers({"quantity": step.quantity, "price": step.price})}
        case VenueBust():
            return "bust", {"order": _owner(link, step.trade), "trade_id": step.trade}
        case VenueCorrect():
            found = {"order": _owner(link, step.trade), "trade_id": step.trade, "new_trade_id": step.as_trade}
            return "correct", {**found, **_numbers({"quantity": step.quantity, "price": step.price})}
        case VenueDeposit():
            return "deposit", {"amount": step.amount, "account": account_at(link, step.account)}
        case VenueQuote():
            size = Decimal(step.size) if step.size is not None else QUOTE_SIZE
            book = {"bids": [(Decimal(step.bid), size)], "asks": [(Decimal(step.ask), size)]}
            return "set_book", {"instrument": step.instrument or SYMBOL_DEFAULT, **book}
    raise NotSupported(f"{step.__struct_config__.tag}: a venue cannot do this")


def _trade(link: Link, step: VenueTrade) -> tuple[str, dict[str, Any]]:
    found = link.venue.find(step.order)
    return "trade", {
        "order": step.order,
        "trade_id": step.trade,
        "liquidity": step.liquidity,
        "commission": step.commission,
        # A scenario that says a closed order trades, or one beyond its quantity, means it.
        "late": not found.is_open,
        "overfill": Decimal(step.quantity) > found.leaves,
        **_numbers({"quantity": step.quantity, "price": step.price}),
    }


def _reject(link: Link, step: VenueReject) -> tuple[str, dict[str, Any]]:
    names = [report.client_order_id for report in link.venue.orders() if report.is_open]
    if step.order is not None and any(name is not None and name.value == step.order for name in names):
        return "reject", {"order": step.order, "reason": step.reason}
    return "refuse_next", {"order": step.order, "reason": step.reason, "times": step.times}


def _liquidate(link: Link, step: VenueLiquidate) -> tuple[str, dict[str, Any]]:
    if step.price is None:
        raise ScenarioError(["venue.liquidate: must say at which price, was none"])
    chosen = {"instrument": step.instrument or SYMBOL_DEFAULT, "account": account_at(link, step.account)}
    return "liquidate", {**chosen, **_numbers({"price": step.price, "quantity": step.quantity})}


def _external_order(link: Link, step: VenueExternalOrder) -> tuple[str, dict[str, Any]]:
    return "external_order", {
        "instrument": step.instrument or SYMBOL_DEFAULT,
        "side": step.side,
        "order_type": step.type or ("LIMIT" if step.price is not None else "MARKET"),
        "client_order_id": step.order,
        "venue_order_id": step.venue_order,
        "reduce_only": step.reduce_only,
        "account": account_at(link, step.account),
        **_numbers({"quantity": step.quantity, "price": step.price, "trigger_price": step.trigger}),
    }


def _owner(link: Link, trade: str) -> str:
    for fill in link.venue.fills():
        if fill.trade_id.value == trade:
            return fill.venue_order_id.value
    raise ScenarioError([f"there must be a trade {trade} at {link.name}, was none"])


def _numbers(values: dict[str, Any]) -> dict[str, Decimal]:
    return {name: Decimal(value) for name, value in values.items() if value is not None}
