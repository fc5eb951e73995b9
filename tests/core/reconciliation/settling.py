"""Reconcile a belief with reports, check what must hold of every plan, and say in short texts what was planned.

`settle` checks, for whatever it is given: the belief is not touched; any order of the reports gives the same plan; the
plan can be applied; on the result the same reports plan nothing more; another clock changes no identifier and no venue
time. `expect` compares the rest: every event with all its fields, every order, every note, and the verdict.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from msgspec import structs

from nautilus_live.core.reconciliation import Plan, Policy, reconcile, reconcile_reports
from nautilus_live.model.enums import LiquiditySide, OrderStatus, OrderType, Provenance
from nautilus_live.model.events import (
    OrderDenied,
    OrderEmulated,
    OrderEvent,
    OrderFilled,
    OrderFillVoided,
    OrderInitialized,
    OrderRejected,
    OrderReleased,
    OrderSubmitted,
    OrderUpdated,
)
from nautilus_live.model.identifiers import ClientOrderId
from nautilus_live.model.instruments import CurrencyPair, Instrument
from nautilus_live.model.objects import Currency, Price, Quantity
from nautilus_live.model.orders import Order
from nautilus_live.model.reports import ExecutionMassStatus, FillReport, OrderStatusReport, PositionStatusReport
from tests.core.belief import Belief
from tests.core.conftest import (
    ACCOUNT,
    PATHS,
    TRADER,
    apply,
    fill_report,
    make_event,
    make_fill,
    make_instrument,
    make_order,
    make_policy,
    mass_status,
    order_report,
    position_report,
    snapshot,
)

USD = Currency.from_str("USD")
NOW = 1_000
SHUFFLES = 6


def make_pair(name: str = "AUD/USD.SIM", **fields: Any) -> CurrencyPair:
    """Return a currency pair with 5 places in price and none in size; a maker pays 0.02 %, a taker 0.04 %."""
    settings: dict[str, Any] = {
        "base_currency": Currency.from_str("AUD"),
        "quote_currency": USD,
        "price_precision": 5,
        "size_precision": 0,
        "price_increment": Price.from_str("0.00001"),
        "size_increment": Quantity.from_int(1),
        "maker_fee": Decimal("0.0002"),
        "taker_fee": Decimal("0.0004"),
        **fields,
    }
    return make_instrument(name, **settings)


PAIR = make_pair()
OTHER_PAIR = make_pair("NZD/USD.SIM")

# -- builders at the pair's precisions -------------------------------------------------------------------------------


def price(text: str) -> Price:
    return Price(Decimal(text), 5)


def units(text: str | int) -> Quantity:
    return Quantity(Decimal(text), 0)


def _at_pair_precision(fields: dict[str, Any]) -> dict[str, Any]:
    made = dict(fields)
    for name in ("quantity", "filled_qty", "last_qty"):
        if isinstance(made.get(name), str | int):
            made[name] = units(made[name])
    for name in ("price", "trigger_price", "last_px"):
        if isinstance(made.get(name), str):
            made[name] = price(made[name])
    return made


def reported(status: str = "ACCEPTED", filled: str | int = 0, **fields: Any) -> OrderStatusReport:
    """Return a report of the limit order O-1/V-1, BUY 100 at 1.00000, last changed at 200; `fields` override."""
    settings: dict[str, Any] = {
        "instrument_id": PAIR.id,
        "order_status": status,
        "quantity": "100",
        "filled_qty": filled,
        "price": "1.00000",
        "ts_accepted": 110,
        "ts_last": 200,
        **fields,
    }
    return order_report(**_at_pair_precision(settings))


def traded(trade: str, quantity: str | int, at: str = "1.00000", ts: int = 150, **fields: Any) -> FillReport:
    """Return a report of a trade of O-1/V-1; `fields` override."""
    settings = {
        "instrument_id": PAIR.id,
        "trade_id": trade,
        "last_qty": quantity,
        "last_px": at,
        "ts_event": ts,
        **fields,
    }
    return fill_report(**_at_pair_precision(settings))


def held(signed: str, avg: str | None = None, instrument: Instrument = PAIR, **fields: Any) -> PositionStatusReport:
    """Return a report of a position."""
    return position_report(
        signed, instrument=instrument, quantity=units(abs(Decimal(signed))), avg_px_open=avg, **fields
    )


def cached(status: str = "ACCEPTED", name: str = "O-1", **fields: Any) -> Order:
    """Return our order of 100 at 1.00000 in `status`; the venue calls O-1 V-1 once it has it.

    PARTIALLY_FILLED has trade T-0 of 50, FILLED one of 100, both at 1.00000. `by=Provenance.POLICY` says that we
    concluded the last step ourselves, without the venue.
    """
    by = fields.pop("by", Provenance.STREAM)
    settings = {"instrument": PAIR, "price": price("1.00000"), "quantity": "100", **fields}
    if status == "TRIGGERED":
        settings = {"order_type": OrderType.STOP_LIMIT, "trigger_price": "1.10000", **settings}
    order = make_order(name, **_at_pair_precision(settings))
    for step in PATHS[OrderStatus[status]]:
        if isinstance(step, str):
            fill(order, 100 if step == "all" else 50, trade="T-0")
        else:
            at_venue = step not in (OrderSubmitted, OrderRejected, OrderDenied, OrderEmulated, OrderReleased)
            last = step is PATHS[OrderStatus[status]][-1]
            made = make_event(
                step,
                order,
                venue_order_id=name.replace("O-", "V-") if at_venue else None,
                provenance=by if last else Provenance.STREAM,
            )
            apply(order, made)
    assert order.status is OrderStatus[status]
    return order


def fill(order: Order, quantity: str | int, at: str = "1.00000", trade: str = "T-0", **fields: Any) -> Order:
    """Apply a trade to an order of ours; returns the order."""
    made = make_fill(order, "1", "1", trade, **{"last_qty": units(quantity), "last_px": price(at), **fields})
    return apply(order, made)


def believing(*orders: Order, instruments: Sequence[Instrument] = (PAIR, OTHER_PAIR), **fields: Any) -> Belief:
    """Return a belief of these orders and the positions that their fills make."""
    belief = Belief(*instruments, **fields)
    for order in orders:
        belief.add(order)
    return belief


# -- reconciling -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Settled:
    """A plan, and what we believe once it was applied."""

    plan: Plan
    belief: Belief

    @property
    def events(self) -> list[str]:
        return [describe(event) for event in self.plan.events]

    @property
    def notes(self) -> list[str]:
        return [f"{note.level.name}{'!' if note.alarm else ''} {note.kind}" for note in self.plan.notes]

    @property
    def orders(self) -> dict[str, str]:
        return {short(order.client_order_id): describe_order(order) for order in self.belief.orders.values()}

    @property
    def verdict(self) -> str:
        found = [f"quarantined {short(name)}" for name in self.plan.quarantined]
        found += [f"uncertain {name}" for name in dict.fromkeys((*self.plan.uncertain, *self.plan.doubted.values()))]
        found += ["failed"] * bool(self.plan.failed)
        return ", ".join(found) or "ok"

    def order(self, name: str = "O-1") -> Order:
        return self.belief.orders[ClientOrderId(name)]

    def text(self, kind: str) -> str:
        """Return the text of the only note of that kind."""
        [text] = [note.text for note in self.plan.notes if note.kind == kind]
        return text


def settle(
    belief: Belief | None = None,
    orders: Sequence[OrderStatusReport] = (),
    fills: Sequence[FillReport] = (),
    positions: Sequence[PositionStatusReport] = (),
    *,
    policy: Policy | None = None,
    runtime: bool = False,
    now: int = NOW,
    **choices: Any,
) -> Settled:
    """Reconcile and check what must hold of every plan; `runtime` takes the reports as they come after the start."""
    believed = belief if belief is not None else believing()
    policy = policy or make_policy(**choices)
    believed.allow_overfills = policy.allow_overfills

    def plan_for(state: Belief, status: ExecutionMassStatus, now: int) -> Plan:
        if runtime:
            return reconcile_reports(state, ACCOUNT, status.orders or [], status.fills or [], policy, now)
        return reconcile(state, status, policy, now)

    status = mass_status(orders, fills, positions)
    before = _state_of(believed)
    plan = plan_for(believed, status, now)
    assert _state_of(believed) == before, "planning must not touch what we believe"
    for other in shuffled(status):
        assert _essence(plan_for(believed, other, now)) == _essence(plan), "the order of the reports must not matter"
    later = plan_for(believed, status, now + 77)
    assert _without_our_time(later.events) == _without_our_time(plan.events), "ids and times must be the venue's facts"
    after = believed.copy()
    after.apply(plan)
    assert after.applied == plan.events
    again = plan_for(after, status, now + 99)
    assert [describe(event) for event in again.events] == [], "the second time there must be nothing left to do"
    _check_events(plan.events, after)
    _check_notes(plan, believed)
    return Settled(plan, after)


def expect(
    settled: Settled,
    events: Sequence[str],
    orders: dict[str, str],
    notes: Sequence[str] = (),
    verdict: str = "ok",
) -> None:
    """Compare all events, all orders, all notes (in any order) and the verdict."""
    assert settled.events == list(events)
    assert settled.orders == orders
    assert sorted(settled.notes) == sorted(notes)
    assert settled.verdict == verdict


def shuffled(status: ExecutionMassStatus) -> Iterator[ExecutionMassStatus]:
    """Return mass statuses of the same reports in other orders: all reversed, then by seeds."""
    lists = (status.orders or [], status.fills or [], status.positions or [])
    if max(map(len, lists)) < 2:
        return
    yield mass_status(*(one[::-1] for one in lists))
    for seed in range(SHUFFLES):
        dice = random.Random(seed)
        yield mass_status(*(dice.sample(one, len(one)) for one in lists))


def _state_of(belief: Belief) -> list[object]:
    return [snapshot(order) for order in belief.orders.values()] + [
        (name, one.signed_qty, one.avg_px_open) for name, one in belief.positions.items()
    ]


def _essence(plan: Plan) -> object:
    notes = sorted((note.level, note.kind, note.text, note.alarm, str(note.client_order_id)) for note in plan.notes)
    return plan.events, sorted(plan.failed), plan.quarantined, plan.doubted, plan.uncertain, notes, len(plan.deferred)


def _without_our_time(events: list[OrderEvent]) -> list[OrderEvent]:
    return [
        structs.replace(event, ts_init=0, ts_event=0 if event.ts_event >= NOW else event.ts_event) for event in events
    ]


def _check_events(events: list[OrderEvent], after: Belief) -> None:
    assert len({event.event_id for event in events}) == len(events), "event ids must be unique"
    for event in events:
        order = after.orders[event.client_order_id]
        assert event.ts_init == NOW
        assert event.account_id == ACCOUNT
        assert event.trader_id == TRADER
        assert event.strategy_id == order.strategy_id
        assert event.instrument_id == order.instrument_id
        assert event.reconciliation
        assert event.event_id.startswith(f"R-{event.client_order_id}-")
        if not isinstance(event, OrderFilled):
            assert event.provenance is Provenance.RECONCILIATION
        else:
            assert event.order_type is order.order_type
            assert event.order_side is order.side
            assert event.currency == after.instruments[event.instrument_id].quote_currency
            assert event.last_px.value > 0
            assert event.trade_id.value.startswith("INFERRED-") == event.inferred
            assert event.provenance is (Provenance.INFERRED if event.inferred else Provenance.RECONCILIATION)


ABOUT_A_TRADE = ("fill.differs", "fill.reported_twice", "fill.wrong", "fill.late", "fill.held")


def _check_notes(plan: Plan, before: Belief) -> None:
    for note in plan.notes:
        assert note.text
        assert note.instrument_id is not None, note
        assert not note.kind.startswith(ABOUT_A_TRADE) or note.trade_id is not None, note
        if note.kind.startswith("order."):
            assert note.client_order_id is not None or "no client id" in note.text, note
        if note.client_order_id is not None:
            known = before.order(note.client_order_id)
            assert note.venue_order_id is not None or (known is not None and known.venue_order_id is None), note


# -- in short texts --------------------------------------------------------------------------------------------------


def short(name: object) -> str:
    """Return an identifier without the digest in it."""
    return re.sub(r"(?<=[A-Z0-9])-[0-9a-f]{8}(?:[0-9a-f]{8})?$", "", str(name))


def describe(event: OrderEvent) -> str:
    """Return an event in one line: what, whose, its own fields, and when by the venue's clock (`now` for ours)."""
    kind = type(event).__name__.removeprefix("Order")
    whose = short(event.client_order_id)
    if event.venue_order_id is not None:
        whose += f"/{short(event.venue_order_id)}"
    when = "now" if event.ts_event >= NOW else str(event.ts_event)
    if isinstance(event, OrderFilled):
        kind = "Inferred" if event.inferred else kind
        details = _fill_details(event)
    elif isinstance(event, OrderInitialized):
        details = _initial_details(event)
    elif isinstance(event, OrderRejected):
        details = event.reason
    elif isinstance(event, OrderUpdated):
        parts = (("to", event.quantity), ("@", event.price), ("trigger", event.trigger_price))
        details = " ".join(f"{name} {value}" for name, value in parts if value is not None)
    elif isinstance(event, OrderFillVoided):
        details = short(event.trade_id)
    else:
        details = ""
    return " ".join(part for part in (kind, whose, details, f"at {when}") if part)


def _fill_details(fill: OrderFilled) -> str:
    parts = [f"{fill.last_qty} @ {fill.last_px}"]
    parts += [] if fill.inferred else [short(fill.trade_id)]
    parts += [fill.liquidity_side.name] if fill.liquidity_side is not LiquiditySide.NO_LIQUIDITY_SIDE else []
    parts += [f"fee {fill.commission}"] if fill.commission is not None else []
    parts += [f"position {fill.position_id}"] if fill.position_id is not None else []
    parts += ["replacing"] if fill.replaces else []
    parts += [f"corrects {short(fill.corrects)}"] if fill.corrects is not None else []
    parts += ["estimated"] if fill.last_px_estimated else []
    parts += ["silent"] if not fill.affects_position else []
    return " ".join(parts)


def _initial_details(init: OrderInitialized) -> str:
    parts = [f"{init.strategy_id}{list(init.tags)}", f"{init.order_side} {init.quantity} {init.order_type}"]
    parts += [str(init.time_in_force)]
    parts += [f"@ {init.price}"] if init.price is not None else []
    parts += [f"trigger {init.trigger_price}"] if init.trigger_price is not None else []
    return " ".join(parts)


def describe_order(order: Order) -> str:
    """Return an order's state in one line: status, filled of quantity, price, average of the fills, venue id."""
    parts = [order.status.name, f"{order.filled_qty}/{order.quantity}"]
    parts += [f"@ {order.price}"] if order.price is not None else []
    parts += [f"trigger {order.trigger_price}"] if order.trigger_price is not None else []
    parts += [f"avg {order.average.normalize():f}"] if order.average is not None else []
    parts += [short(order.venue_order_id)] if order.venue_order_id is not None else []
    parts += ["provisional"] if order.provisional else []
    return " ".join(parts)
