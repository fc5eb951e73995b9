"""Any events in any order: what must hold of an order whatever it is told."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from nautilus_live.core import order_lifecycle, order_transitions
from nautilus_live.errors import IllegalTransition
from nautilus_live.model.enums import OrderSide, OrderStatus, OrderType, Provenance
from nautilus_live.model.events import (
    OrderAccepted,
    OrderCanceled,
    OrderCancelRejected,
    OrderDenied,
    OrderEmulated,
    OrderEvent,
    OrderExpired,
    OrderFilled,
    OrderFillVoided,
    OrderModifyRejected,
    OrderPendingCancel,
    OrderPendingUpdate,
    OrderRejected,
    OrderReleased,
    OrderSubmitted,
    OrderTriggered,
    OrderUpdated,
)
from nautilus_live.model.identifiers import TradeId
from nautilus_live.model.orders import CLOSED_STATUSES, OPEN_STATUSES, PENDING_STATUSES
from tests.core.conftest import make_event, make_fill, make_order, px, qty, snapshot

LOCAL, POLICY = Provenance.LOCAL, Provenance.POLICY
PROVENANCES = st.sampled_from(list(Provenance))
VENUE_IDS = st.sampled_from([None, "V-1", "V-2", "V-3"])
QUANTITIES = st.integers(1, 1500).map(lambda number: Decimal(number) / 1000)
KINDS = st.sampled_from(
    [
        OrderDenied,
        OrderEmulated,
        OrderReleased,
        OrderSubmitted,
        OrderAccepted,
        OrderRejected,
        OrderCanceled,
        OrderExpired,
        OrderTriggered,
        OrderPendingUpdate,
        OrderPendingCancel,
        OrderModifyRejected,
        OrderCancelRejected,
    ]
)
USUAL = st.sampled_from([OrderSubmitted, OrderAccepted, OrderPendingUpdate, OrderPendingCancel, OrderCanceled])


class OrderMachine(RuleBasedStateMachine):
    """One order, told anything."""

    @initialize(side=st.sampled_from(["BUY", "SELL"]), kind=st.sampled_from([OrderType.LIMIT, OrderType.STOP_LIMIT]))
    def begin(self, side: str, kind: OrderType) -> None:
        trigger = px("51000.00") if kind is OrderType.STOP_LIMIT else None
        self.order = make_order("O-1", side, "2.000", order_type=kind, trigger_price=trigger)
        self.trades = 0
        self.overfilled = False

    def tell(self, event: OrderEvent, *, allow_overfills: bool = False) -> bool:
        """Apply an event; check what must hold between before and after."""
        order = self.order
        before = snapshot(order)
        status, provisional, filled = order.status, order.provisional, order.filled_qty.value
        is_larger = status is OrderStatus.FILLED and bool(order.leaves_qty.value)
        is_correction = isinstance(event, OrderFillVoided) or (isinstance(event, OrderFilled) and event.corrects)
        try:
            order_lifecycle.apply(order, event, allow_overfills=allow_overfills)
        except IllegalTransition:
            assert snapshot(order) == before
            return False
        assert order.last_event is event
        assert order.filled_qty.value >= filled or is_correction
        if status in CLOSED_STATUSES and order.status not in CLOSED_STATUSES:
            replaced = order.venue_order_id != before["venue_order_id"] and status is OrderStatus.CANCELED
            works_on = is_larger and isinstance(event, OrderAccepted)
            assert ((provisional or works_on) and event.provenance not in (LOCAL, POLICY)) or replaced
        if event.provenance is LOCAL:
            assert order.provisional is provisional
        if status not in PENDING_STATUSES and order.status in PENDING_STATUSES:
            assert order.previous_status is status
        return True

    @rule(kind=KINDS | USUAL, provenance=PROVENANCES, venue_order_id=VENUE_IDS)
    def something_happens(self, kind: type[OrderEvent], provenance: Provenance, venue_order_id: str | None) -> None:
        event = make_event(kind, self.order, provenance=provenance, venue_order_id=venue_order_id)
        self.tell(event)

    @rule(kind=USUAL)
    def the_usual_happens(self, kind: type[OrderEvent]) -> None:
        self.tell(make_event(kind, self.order))

    @rule(provenance=PROVENANCES, venue_order_id=VENUE_IDS, quantity=QUANTITIES)
    def it_is_updated(self, provenance: Provenance, venue_order_id: str | None, quantity: Decimal) -> None:
        fields: dict[str, Any] = {"provenance": provenance, "venue_order_id": venue_order_id, "quantity": qty(quantity)}
        if self.tell(make_event(OrderUpdated, self.order, **fields)):
            assert self.order.quantity == quantity

    @rule(which=st.integers(0, 5))
    def a_trade_is_taken_back(self, which: int) -> None:
        trade_id = TradeId(f"T-{which}")
        if self.tell(make_event(OrderFillVoided, self.order, trade_id=trade_id)):
            assert trade_id not in self.order.fills
            assert trade_id in self.order.voided_trade_ids

    @rule(which=st.integers(0, 5), quantity=QUANTITIES, renamed=st.booleans())
    def a_trade_is_corrected(self, which: int, quantity: Decimal, renamed: bool) -> None:
        old = TradeId(f"T-{which}")
        name = f"{old}b" if renamed else old.value
        if self.tell(make_fill(self.order, quantity, "49000.00", name, commission="0.10", corrects=old)):
            assert self.order.fills[TradeId(name)].last_qty == quantity
            assert not renamed or old not in self.order.fills

    @rule(quantity=QUANTITIES, venue_order_id=VENUE_IDS, allowed=st.booleans(), provenance=PROVENANCES)
    def it_is_filled(
        self, quantity: Decimal, venue_order_id: str | None, allowed: bool, provenance: Provenance
    ) -> None:
        self.trades += 1
        fields: dict[str, Any] = {"provenance": provenance, "venue_order_id": venue_order_id, "commission": "0.10"}
        fill = make_fill(self.order, quantity, "50000.00", f"T-{self.trades}", **fields)
        if self.tell(fill, allow_overfills=allowed) and allowed and self.order.overfill_qty:
            self.overfilled = True

    @rule(quantity=QUANTITIES)
    def a_trade_takes_the_placeholders_places(self, quantity: Decimal) -> None:
        self.trades += 1
        names = [str(name) for name, fill in self.order.fills.items() if fill.inferred]
        self.tell(make_fill(self.order, quantity, "50001.00", f"T-{self.trades}", replaces=names))

    @rule()
    def a_trade_is_told_again(self) -> None:
        for known in list(self.order.fills.values()):
            if known.corrects is None:  # a correction told again puts itself in its own place
                assert not self.tell(known)

    @rule()
    def a_trade_on_the_other_side_is_told(self) -> None:
        other = OrderSide.SELL if self.order.side is OrderSide.BUY else OrderSide.BUY
        assert not self.tell(make_fill(self.order, "0.001", order_side=other))

    @invariant()
    def the_totals_are_those_of_the_fills(self) -> None:
        if not hasattr(self, "order"):
            return
        order = self.order
        fills = list(order.fills.values())
        assert order.filled_qty.value == sum(fill.last_qty.value for fill in fills)
        assert order.filled_notional == sum(fill.last_qty.value * fill.last_px.value for fill in fills)
        paid = sum(fill.commission.value for fill in fills if fill.commission is not None)
        assert sum((order.paid or {}).values()) == paid
        assert order.leaves_qty.value - order.overfill_qty == order.quantity.value - order.filled_qty.value
        assert self.overfilled or order.filled_qty.value <= order.quantity.value

    @invariant()
    def the_state_makes_sense(self) -> None:
        if not hasattr(self, "order"):
            return
        order = self.order
        assert order.status in order_transitions.TRANSITIONS
        assert order.previous_status not in PENDING_STATUSES
        assert bool(order.ts_closed) is (order.status in CLOSED_STATUSES)
        assert order.venue_order_id not in order.superseded_venue_order_ids
        assert len(set(order.superseded_venue_order_ids)) == len(order.superseded_venue_order_ids)
        assert all(event.ts_event <= order.ts_last for event in order.events)
        if order.status in (OrderStatus.ACCEPTED, OrderStatus.TRIGGERED):
            assert not order.filled_qty
        if order.status is OrderStatus.PARTIALLY_FILLED:
            assert order.filled_qty
        assert not (order.status in CLOSED_STATUSES and order.status in OPEN_STATUSES)


TestOrderMachine = OrderMachine.TestCase
TestOrderMachine.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
