"""Steps carried out: one function for each kind of verb.

May know: the stage and the verbs. A step that cannot be carried out stops the run with an error that names it;
nothing is skipped.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from scenarios.injecting import inject
from scenarios.links import Link
from scenarios.problems import NotSupported, ScenarioError
from scenarios.scripted_strategy import SYMBOL_DEFAULT
from scenarios.stage import Stage
from scenarios.verbs import (
    NODE_VERBS,
    STRATEGY_VERBS,
    VENUE_VERBS,
    NodeCrash,
    NodePause,
    NodeResume,
    NodeSignal,
    NodeStart,
    NodeStop,
    Step,
    VenueAmend,
    VenueBust,
    VenueCancel,
    VenueExpire,
    VenueExternalOrder,
    VenueLiquidate,
    VenueQuote,
    VenueReject,
    VenueSetPosition,
    VenueTrade,
    VenueTrigger,
)
from scenarios.verbs_faults import ClockJump, ClockSkew, StoreFail, StoreLose, StoreSlow

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
    elif isinstance(step, VENUE_VERBS):
        _act_at_venue(stage, step)
    elif isinstance(step, StoreFail | StoreSlow | StoreLose | ClockSkew | ClockJump):
        _act_around_node(stage, step)
    else:
        inject(stage.link(getattr(step, "venue", None)), step, stage.world.clock.timestamp_ns())


def _act_on_node(stage: Stage, step: Step) -> None:
    match step:
        case NodeStart():
            stage.start(step.settings)
        case NodeStop():
            stage.stop()
        case NodeCrash():
            stage.crash()
        case NodePause() | NodeResume():
            if stage.life is None:
                raise ScenarioError(["the node must be up to be paused, was never started"])
            host = stage.life.host
            host.pause() if isinstance(step, NodePause) else host.resume()
        case NodeSignal():
            stage.signal(step.signal)


def _act_around_node(stage: Stage, step: Step) -> None:
    match step:
        case StoreFail():
            stage.store.fail_next(step.times, step.reason)
        case StoreSlow():
            stage.store.slow(step.by.seconds)
            if step.lasts is not None:
                stage.world.loop.call_later(step.lasts.seconds, stage.store.slow, 0.0)
        case StoreLose():
            stage.lose_store()
        case ClockSkew():
            stage.skew_ns = int(step.by)
        case ClockJump():
            stage.skew_ns += int(step.by)
            if stage.life is not None:
                stage.life.host.skew_ns += int(step.by)


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
        case VenueTrade():
            return _trade(link, step)
        case VenueCancel():
            return "cancel", {"order": step.order, "reason": step.reason or "VENUE"}
        case VenueExpire():
            return "expire", {"order": step.order}
        case VenueTrigger():
            return "trigger", {"order": step.order}
        case VenueReject():
            return _reject(step)
        case VenueAmend():
            if step.venue_order is not None:
                raise NotSupported("venue.amend: a venue numbers its orders itself, so venue_order cannot be chosen")
            changes = {"quantity": step.quantity, "price": step.price, "trigger_price": step.trigger}
            return "amend", {"order": step.order, **_numbers(changes)}
        case VenueLiquidate():
            return _liquidate(step)
        case VenueExternalOrder():
            return _external_order(step)
        case VenueSetPosition():
            chosen = {"instrument": step.instrument or SYMBOL_DEFAULT, "position_id": step.position}
            return "set_position", {**chosen, **_numbers({"quantity": step.quantity, "price": step.price})}
        case VenueBust():
            return "bust", {"order": _owner(link, step.trade), "trade_id": step.trade}
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


def _reject(step: VenueReject) -> tuple[str, dict[str, Any]]:
    if step.order is None:
        raise NotSupported(
            "venue.reject: must name an order that works at the venue; it cannot refuse whatever comes next"
        )
    return "reject", {"order": step.order, "reason": step.reason}


def _liquidate(step: VenueLiquidate) -> tuple[str, dict[str, Any]]:
    if step.quantity is not None:
        raise NotSupported("venue.liquidate: the sandbox closes positions whole, so quantity cannot be chosen")
    if step.price is None:
        raise ScenarioError(["venue.liquidate: must say at which price, was none"])
    return "liquidate", {"instrument": step.instrument or SYMBOL_DEFAULT, "price": Decimal(step.price)}


def _external_order(step: VenueExternalOrder) -> tuple[str, dict[str, Any]]:
    if step.venue_order is not None:
        raise NotSupported(
            "venue.external_order: a venue numbers its orders itself; venue_order can be chosen in [given.venue]"
        )
    return "external_order", {
        "instrument": step.instrument or SYMBOL_DEFAULT,
        "side": step.side,
        "order_type": step.type or ("LIMIT" if step.price is not None else "MARKET"),
        "client_order_id": step.order,
        "reduce_only": step.reduce_only,
        **_numbers({"quantity": step.quantity, "price": step.price, "trigger_price": step.trigger}),
    }


def _owner(link: Link, trade: str) -> str:
    for fill in link.venue.fills():
        if fill.trade_id.value == trade:
            return fill.venue_order_id.value
    raise ScenarioError([f"venue.bust: there must be a trade {trade} at {link.name}, was none"])


def _numbers(values: dict[str, Any]) -> dict[str, Decimal]:
    return {name: Decimal(value) for name, value in values.items() if value is not None}
