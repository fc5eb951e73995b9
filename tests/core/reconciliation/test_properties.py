"""What holds of every plan, whatever the venue's history was and whatever got lost of it.

The numbered properties are the invariants at the head of `core/reconciliation/__init__.py`; all are checked over random
histories (see `stories`), at a cold start, at a start with memory, and at a second start. `PROPERTY_EXAMPLES` says how
many histories; with `CI` set they are the same every time.
"""

from __future__ import annotations

import os
import random
from dataclasses import replace
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from msgspec import structs

from nautilus_live.core.reconciliation import Plan, reconcile, reconcile_positions, reconcile_reports
from nautilus_live.model.enums import OrderStatus
from nautilus_live.model.events import OrderFilled, OrderInitialized, OrderUpdated
from nautilus_live.model.identifiers import ClientOrderId, InstrumentId
from nautilus_live.model.objects import Quantity
from nautilus_live.model.reports import ExecutionMassStatus, OrderStatusReport
from tests.core.belief import Belief
from tests.core.conftest import ACCOUNT
from tests.core.reconciliation.settling import PAIR, describe
from tests.core.reconciliation.stories import END, INSTRUMENTS, Story, VenueOrder, stories

NOW = 1_000_000
EARLIER = 80
TOLERANCE = Decimal("0.0001")
HALF_TICK = Decimal("0.000005")

property_of = settings(
    max_examples=int(os.environ.get("PROPERTY_EXAMPLES", "25")),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


def twice_started(story: Story, at: int = EARLIER) -> Belief:
    """Return a node that was started once before, at a moment when the venue told less than it does at the end."""
    belief = story.belief(min(story.moment, at))
    belief.apply(reconcile(belief, story.mass_status(at), story.policy, at + 100))
    return belief


def plans(story: Story) -> list[tuple[Belief, Plan]]:
    """Return what is believed and planned at a cold start, at a start with memory, and at a second start."""
    beliefs = [Belief(*INSTRUMENTS, oms_type=story.policy.oms_type), story.belief(), twice_started(story)]
    return [(belief, reconcile(belief, story.mass_status(), story.policy, NOW)) for belief in beliefs]


def after(belief: Belief, plan: Plan) -> Belief:
    changed = belief.copy()
    changed.apply(plan)
    return changed


def report_of(story: Story, mass: ExecutionMassStatus) -> dict[InstrumentId, list[Any]]:
    found: dict[InstrumentId, list[Any]] = {}
    for report in mass.positions or []:
        found.setdefault(report.instrument_id, []).append(report)
    return found


# -- the nine invariants -----------------------------------------------------------------------------------------------


@property_of
@given(stories())
def test_1_net_quantity_per_instrument_is_the_venues(story: Story) -> None:
    for belief, plan in plans(story):
        settled = after(belief, plan)
        for instrument_id, reports in report_of(story, story.mass_status()).items():
            if instrument_id in plan.uncertain:
                continue
            if story.hedging:
                for report in reports:
                    position = settled.position(report.venue_position_id)
                    assert (position.signed_qty if position is not None else 0) == report.signed_qty
            else:
                held = sum(one.signed_qty for one in settled.positions_open(instrument_id=instrument_id))
                assert held == reports[0].signed_qty


@property_of
@given(stories())
def test_2_average_is_the_venues_or_the_difference_is_told(story: Story) -> None:
    for belief, plan in plans(story):
        settled = after(belief, plan)
        told = {
            note.instrument_id
            for note in reconcile(settled, story.mass_status(), story.policy, NOW + 1).notes
            if note.kind == "position.average_differs"
        }
        for instrument_id, reports in report_of(story, story.mass_status()).items():
            for report in reports:
                held = (
                    [one for one in settled.positions_open() if one.id == report.venue_position_id]
                    if story.hedging
                    else settled.positions_open(instrument_id=instrument_id)
                )
                if len(held) == 1 and report.avg_px_open and instrument_id not in plan.uncertain | dict.fromkeys(told):
                    assert abs(held[0].avg_px_open - report.avg_px_open) <= TOLERANCE * 2


@property_of
@given(stories(gaps=False, hedging=False, one_owner=True, based=False))
def test_2_average_and_profit_are_the_venues_when_nothing_is_hidden(story: Story) -> None:
    for belief, plan in plans(story):
        settled = after(belief, plan)
        for (instrument_id, _), (quantity, average) in story.positions(END).items():
            held = settled.positions_open(instrument_id=instrument_id)
            assert sum(one.signed_qty for one in held) == quantity
            if quantity:
                assert len(held) == 1
                assert abs(held[0].avg_px_open - average) < Decimal("1e-9")
        value = fees = Decimal(0)
        for order in story.orders:
            for trade in order.trades:
                value += trade.quantity * trade.price * (-1 if order.is_buy else 1)
                fees += Decimal("0.01")
        open_value = sum(quantity * average for quantity, average in story.positions(END).values())
        earned = sum(one.realized + one.realized_before for one in settled.positions.values())
        assert abs(earned - (value + open_value - fees)) < Decimal("1e-6")


@property_of
@given(stories(gaps=False, hedging=False, one_owner=True))
def test_2_opening_before_the_window_restores_the_venues_average(story: Story) -> None:
    assume(story.base)
    cold = Belief(*INSTRUMENTS)
    settled = after(cold, reconcile(cold, story.mass_status(), story.policy, NOW))
    quantity, average = story.positions(END)[PAIR.id, None]
    held = settled.positions_open(instrument_id=PAIR.id)
    assert sum(one.signed_qty for one in held) == quantity
    if quantity:
        assert len(held) == 1
        assert abs(held[0].avg_px_open - average) <= TOLERANCE * 2


@property_of
@given(stories())
def test_3_real_fills_are_kept_and_never_rewritten(story: Story) -> None:
    for belief, plan in plans(story):
        settled = after(belief, plan)
        for name, order in belief.orders.items():
            for trade_id, fill in order.fills.items():
                if not fill.inferred:
                    assert settled.orders[name].fills[trade_id] is fill


@property_of
@given(stories())
def test_3_every_reported_fill_is_there_as_the_venue_reported_it(story: Story) -> None:
    for belief, plan in plans(story):
        settled = after(belief, plan)
        known = {
            (fill.instrument_id, fill.trade_id): fill
            for order in settled.orders.values()
            for fill in order.fills.values()
        }
        for report in story.mass_status().fills or []:
            fill = known[report.instrument_id, report.trade_id]
            assert not fill.inferred
            assert (fill.last_qty, fill.last_px, fill.order_side) == (
                report.last_qty,
                report.last_px,
                report.order_side,
            )


@property_of
@given(stories())
def test_3_real_fills_leave_no_placeholder_beside_them(story: Story) -> None:
    """Once every trade is listed, nothing that was inferred is left."""
    belief = twice_started(story)
    told = Story(
        orders=tuple(_told(order) for order in story.orders), policy=story.policy, moment=story.moment, base=story.base
    )
    plan = reconcile(belief, told.mass_status(), story.policy, NOW)
    for order in after(belief, plan).orders.values():
        assert [fill.trade_id for fill in order.fills.values() if fill.inferred] == []


def _told(order: VenueOrder) -> VenueOrder:
    return replace(order, listed_from=0, trades=tuple(replace(trade, hidden_until=0) for trade in order.trades))


@property_of
@given(stories())
def test_4_invented_ids_are_the_same_on_every_restart(story: Story) -> None:
    for first, second in zip(plans(story), plans(story), strict=True):
        assert first[1].events == second[1].events
    belief = story.belief()
    now, later = (reconcile(belief, story.mass_status(), story.policy, at) for at in (NOW, NOW + 99))
    assert _ids(now) == _ids(later)


def _ids(plan: Plan) -> list[object]:
    return [(event.event_id, event.client_order_id, getattr(event, "trade_id", None)) for event in plan.events]


@property_of
@given(stories())
def test_4_invented_ids_are_unique(story: Story) -> None:
    for belief, plan in plans(story):
        settled = after(belief, plan)
        ids = [event.event_id for order in settled.orders.values() for event in order.events]
        assert len(set(ids)) == len(ids)


@property_of
@given(stories())
def test_5_a_second_call_is_empty(story: Story) -> None:
    for belief, plan in plans(story):
        again = reconcile(after(belief, plan), story.mass_status(), story.policy, NOW + 1)
        assert [describe(event) for event in again.events] == []


@property_of
@given(stories(), st.randoms(use_true_random=False))
def test_6_the_order_of_the_reports_does_not_matter(story: Story, dice: random.Random) -> None:
    mass = story.mass_status()
    other = story.mass_status()
    for part in (other.orders, other.fills, other.positions):
        dice.shuffle(part or [])
    for belief in (Belief(*INSTRUMENTS, oms_type=story.policy.oms_type), story.belief(), twice_started(story)):
        first, second = (reconcile(belief, one, story.policy, NOW) for one in (mass, other))
        assert first.events == second.events
        assert (sorted(first.failed), first.uncertain, first.quarantined) == (
            sorted(second.failed),
            second.uncertain,
            second.quarantined,
        )
        assert sorted(map(repr, first.notes)) == sorted(map(repr, second.notes))


@property_of
@given(stories())
def test_7_every_event_is_legal_and_nothing_believed_is_touched(story: Story) -> None:
    for belief, plan in plans(story):
        before = [(repr(order), len(order.events)) for order in belief.orders.values()]
        settled = after(belief, plan)  # raises if one is not legal
        assert [(repr(order), len(order.events)) for order in belief.orders.values()] == before
        assert settled.applied == plan.events
        assert not [note for note in plan.notes if note.kind == "event.refused"]


@property_of
@given(stories(), st.integers(1, 4))
def test_8_filtered_order_yields_nothing(story: Story, number: int) -> None:
    filtered = ClientOrderId(f"O-{number}")
    policy = structs.replace(story.policy, filtered_client_order_ids=frozenset({filtered}))
    for belief, _ in plans(story):
        plan = reconcile(belief, story.mass_status(), policy, NOW)
        assert not [event for event in plan.events if event.client_order_id == filtered]


@property_of
@given(stories())
def test_8_instrument_outside_the_include_list_yields_nothing(story: Story) -> None:
    policy = structs.replace(story.policy, instrument_ids=frozenset({INSTRUMENTS[1].id}))
    for belief, _ in plans(story):
        plan = reconcile(belief, story.mass_status(), policy, NOW)
        assert not [event for event in plan.events if event.instrument_id == PAIR.id]


@property_of
@given(stories(), st.sets(st.sampled_from(("orders", "fills", "positions")), min_size=1))
def test_9_unknown_is_not_empty(story: Story, unanswered: set[str]) -> None:
    mass = story.mass_status()
    for part in unanswered:
        setattr(mass, part, None)
    for belief, _ in plans(story):
        plan = reconcile(belief, mass, story.policy, NOW)
        assert plan.events == []
        assert not plan.succeeded
        assert all(part in plan.failed[0] for part in unanswered)


# -- and further -------------------------------------------------------------------------------------------------------


@property_of
@given(stories())
def test_no_fill_is_made_at_zero_or_below(story: Story) -> None:
    for _, plan in plans(story):
        assert all(
            event.last_px.value > 0 and event.last_qty.value > 0
            for event in plan.events
            if isinstance(event, OrderFilled)
        )


@property_of
@given(stories())
def test_nothing_is_filled_beyond_what_the_venue_says(story: Story) -> None:
    for belief, plan in plans(story):
        settled = after(belief, plan)
        for order in story.orders:
            told = order.filled(END)
            for name in (
                order.client_order_id,
                settled.client_order_id(order.venue_order_id(END), order.instrument.id),
            ):
                ours = settled.orders.get(name) if name is not None else None
                if ours is not None:
                    assert ours.filled_qty.value <= told
                    assert ours.filled_qty.value <= ours.quantity.value


@property_of
@given(stories(gaps=False))
def test_orders_end_as_the_venue_says(story: Story) -> None:
    for belief, plan in plans(story):
        settled = after(belief, plan)
        for report in story.mass_status().orders or []:
            name = settled.client_order_id(report.venue_order_id, report.instrument_id) or report.client_order_id
            assert name is not None
            ours = settled.orders[name]
            if ours.venue_order_id != report.venue_order_id:
                continue  # replaced and ended unseen: the end of an id that we do not know proves nothing about ours
            assert ours.filled_qty == report.filled_qty
            assert (ours.status, ours.price) == (report.order_status, report.price)
            if report.avg_px is not None and ours.avg_px is not None:
                assert abs(ours.avg_px - report.avg_px) < Decimal("1e-9")
        assert plan.quarantined == {}
        assert plan.succeeded


@property_of
@given(stories(gaps=False))
def test_what_agrees_yields_no_events(story: Story) -> None:
    belief = twice_started(story, END)
    assert reconcile(belief, story.mass_status(), story.policy, NOW).events == []
    mass = story.mass_status()
    for orders, fills in (([], mass.fills or []), (mass.orders or [], []), ([], [])):
        if not fills and story.moment < END - 1:
            continue
        status = ExecutionMassStatus(
            client_id=mass.client_id, account_id=ACCOUNT, venue=mass.venue, orders=orders, fills=fills, positions=[]
        )
        assert reconcile(belief, status, story.policy, NOW).events == []


@property_of
@given(stories(gaps=False), st.sampled_from((OrderStatus.PENDING_CANCEL, OrderStatus.PENDING_UPDATE)))
def test_pending_states_of_the_venue_yield_no_events(story: Story, pending: OrderStatus) -> None:
    belief = twice_started(story, END)
    mass = story.mass_status()
    mass.orders = [structs.replace(one, order_status=pending) if one.is_open else one for one in mass.orders or []]
    assert reconcile(belief, mass, story.policy, NOW).events == []


@property_of
@given(stories(gaps=False))
def test_single_reports_lead_to_the_same_orders_as_the_mass_status(story: Story) -> None:
    mass = story.mass_status()
    belief = story.belief()
    whole = after(belief, reconcile(belief, mass, story.policy, NOW))
    one_by_one = belief.copy()
    plan = reconcile_reports(one_by_one, ACCOUNT, mass.orders or [], mass.fills or [], story.policy, NOW)
    one_by_one.apply(plan)
    for name, order in one_by_one.orders.items():
        assert (order.status, order.filled_qty, order.avg_px) == (
            whole.orders[name].status,
            whole.orders[name].filled_qty,
            whole.orders[name].avg_px,
        )
    aligned = reconcile_positions(one_by_one, ACCOUNT, mass.positions or [], story.policy, NOW)
    settled = after(one_by_one, aligned)
    assert reconcile_positions(settled, ACCOUNT, mass.positions or [], story.policy, NOW).events == []


@property_of
@given(stories())
def test_with_generation_off_no_alignment_is_made_up(story: Story) -> None:
    policy = structs.replace(story.policy, generate_missing_orders=False)
    for belief, _ in plans(story):
        plan = reconcile(belief, story.mass_status(), policy, NOW)
        made = [event for event in plan.events if isinstance(event, OrderInitialized | OrderFilled)]
        assert not [event for event in made if event.client_order_id.value.startswith("ALIGN-")]
        settled = after(belief, plan)
        for instrument_id, reports in report_of(story, story.mass_status()).items():
            held = sum(one.signed_qty for one in settled.positions_open(instrument_id=instrument_id))
            if not story.hedging and held != reports[0].signed_qty:
                assert instrument_id in plan.uncertain


@property_of
@given(stories())
def test_purged_orders_do_not_come_back(story: Story) -> None:
    belief = twice_started(story, END)
    for order in belief.closed():
        belief.purged |= {order.client_order_id.value: None, str(order.venue_order_id): None}
        del belief.orders[order.client_order_id]
    plan = reconcile(belief, story.mass_status(), story.policy, NOW)
    assert [describe(event) for event in plan.events] == []


@property_of
@given(stories(), st.integers(2, 50))
def test_overfill_is_set_aside_and_never_applied(story: Story, excess: int) -> None:
    mass = story.mass_status()
    assume(mass.orders)
    over: list[OrderStatusReport] = [
        structs.replace(one, filled_qty=Quantity(one.quantity.value + excess, 0), order_status=OrderStatus.FILLED)
        for one in mass.orders or []
    ]
    mass.orders = over
    belief = story.belief()
    plan = reconcile(belief, mass, story.policy, NOW)
    for order in after(belief, plan).orders.values():
        assert order.filled_qty.value <= order.quantity.value
    assert len(plan.quarantined) >= 1


@property_of
@given(stories(), st.integers(0, 59))
def test_quantity_is_never_set_below_what_is_filled(story: Story, quantity: int) -> None:
    mass = story.mass_status()
    mass.orders = [structs.replace(one, quantity=Quantity.from_int(max(1, quantity))) for one in mass.orders or []]
    belief = story.belief()
    plan = reconcile(belief, mass, story.policy, NOW)
    settled = after(belief, plan)
    for event in plan.events:
        if isinstance(event, OrderUpdated):
            assert event.quantity.value >= belief.orders[event.client_order_id].filled_qty.value
    assert all(order.filled_qty.value <= order.quantity.value for order in settled.orders.values())
