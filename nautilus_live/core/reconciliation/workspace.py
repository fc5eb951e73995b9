"""The workspace of one reconciliation: what is planned so far, on copies of what we believe.

Every planned event is applied to a copy as it is made, so a plan that exists is legal by construction. An event that
the copy refuses is not planned; a note says why.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from nautilus_live.core import order_lifecycle
from nautilus_live.core.position_ids import own_position_id
from nautilus_live.core.reconciliation.clocks import heard_ns
from nautilus_live.core.reconciliation.late_words import LateWord
from nautilus_live.core.reconciliation.types import Level, LocalState, Note, Plan, Policy
from nautilus_live.core.tombstones import Tombstone
from nautilus_live.errors import IllegalTransition
from nautilus_live.model.enums import Provenance
from nautilus_live.model.events import (
    OrderEvent,
    OrderFilled,
    OrderInitialized,
    OrderUpdated,
)
from nautilus_live.model.identifiers import AccountId, ClientOrderId, InstrumentId, PositionId, TradeId, VenueOrderId
from nautilus_live.model.instruments import Instrument
from nautilus_live.model.objects import Price, Quantity
from nautilus_live.model.orders import Order, order_from

RECONCILIATION = Provenance.RECONCILIATION


class Workspace:
    """Copies of the orders touched so far, each with its planned events in `Order.events`.

    `is_running` is set at runtime: what is left open there is asked about again, and an order may be on its way.
    `given_back` are the drafts that turned out to be orders of ours, known twice. `regressed` are those of which a
    report has less filled than we: by how much their fills move the net position beyond it, signed. `borne_out` are
    the ones among them for which the venue's positions speak too (`positions.borne_out`); `taken_back` those of which
    trades are void or corrected by the plan.
    """

    __slots__ = (
        "_event_counts", "account_id", "borne_out", "drafts", "given_back", "is_running", "local", "now", "plan",
        "policy", "regressed", "taken_back",
    )  # fmt: skip

    def __init__(self, local: LocalState, policy: Policy, account_id: AccountId, now: int) -> None:
        self.local = local
        self.policy = policy
        self.account_id = account_id
        self.now = now
        self.is_running = False
        self.plan = Plan()
        self.drafts: dict[ClientOrderId, Order] = {}
        self.given_back: dict[ClientOrderId, None] = {}
        self.regressed: dict[ClientOrderId, Decimal] = {}
        self.borne_out: dict[ClientOrderId, None] = {}
        self.taken_back: dict[ClientOrderId, None] = {}
        self._event_counts: dict[ClientOrderId, int] = {}

    # -- orders ------------------------------------------------------------------------------------------------------

    def order(self, client_order_id: ClientOrderId) -> Order | None:
        """Return the copy of a known order, made on first use."""
        draft = self.drafts.get(client_order_id)
        if draft is None:
            known = self.local.order(client_order_id)
            if known is not None:
                draft = self.drafts[client_order_id] = known.copy()
                self._event_counts[client_order_id] = len(known.events)
        return draft

    def named(self, client_order_id: ClientOrderId, instrument_id: InstrumentId) -> Order | None:
        """Return the copy of the order that this account means by a name; a namesake elsewhere is not it."""
        draft = self.order(client_order_id)
        return draft if draft is not None and draft.is_at(self.account_id, instrument_id) else None

    def heard_ns(self, draft: Order) -> int:
        """Return when the venue last spoke of the order, as `clocks.heard_ns`, with what is planned so far."""
        known = self.local.order(draft.client_order_id)
        return max(heard_ns(draft.events), heard_ns(known.events) if known is not None else 0)

    def create(self, init: OrderInitialized) -> Order:
        """Plan a new order; its initial event is the first of its events."""
        draft = self.drafts[init.client_order_id] = order_from(init)
        return draft

    def apply(self, draft: Order, event: OrderEvent) -> bool:
        """Plan `event` if the order takes it; else note why not and return False."""
        try:
            order_lifecycle.apply(draft, event, self.policy.allow_overfills)
        except IllegalTransition as refusal:
            trade_id = event.trade_id if isinstance(event, OrderFilled) else None
            self.note(
                Level.WARNING,
                "event.refused",
                str(refusal),
                draft,
                trade_id=trade_id,
            )
            return False
        return True

    # -- purged orders -----------------------------------------------------------------------------------------------

    def tombstone(
        self, client_order_id: ClientOrderId | None, venue_order_id: VenueOrderId, instrument_id: InstrumentId
    ) -> Tombstone | None:
        """Return what is left of a purged order, as the plan leaves it so far."""
        stone = self.local.tombstone(client_order_id, venue_order_id, instrument_id)
        return None if stone is None else self.plan.tombstones.get(stone.client_order_id, stone)

    def hear(self, stone: Tombstone, word: LateWord) -> None:
        """Plan what follows from a late word about a purged order."""
        if word.stone is not stone:
            self.plan.tombstones[stone.client_order_id] = word.stone
        self.plan.notes += word.notes
        if word.uncertain:
            self.plan.uncertain[stone.instrument_id] = word.uncertain

    # -- positions ---------------------------------------------------------------------------------------------------

    def position_id(self, named: PositionId | None) -> PositionId | None:
        """Return our id of what the account's venue calls `named`."""
        return None if named is None else own_position_id(named, self.account_id, self.local.position)

    # -- events ------------------------------------------------------------------------------------------------------

    def event_id(self, client_order_id: ClientOrderId) -> str:
        """Return the next event's id: the order and how many events it had; unique in the order's life."""
        draft = self.drafts.get(client_order_id)
        planned = len(draft.events) if draft is not None else 0
        return f"R-{client_order_id.value}-{self._event_counts.get(client_order_id, 0) + planned}"

    def happen(
        self, kind: type[OrderEvent], draft: Order, ts_event: int, venue_order_id: VenueOrderId | None, **fields: Any
    ) -> bool:
        """Plan an event of `kind`; `fields` are those that only this kind has."""
        return self.apply(
            draft,
            kind(
                event_id=self.event_id(draft.client_order_id),
                ts_event=ts_event,
                ts_init=self.now,
                trader_id=draft.init.trader_id,
                strategy_id=draft.strategy_id,
                instrument_id=draft.instrument_id,
                client_order_id=draft.client_order_id,
                venue_order_id=venue_order_id,
                account_id=self.account_id,
                provenance=RECONCILIATION,
                **fields,
            ),
        )

    def updated(
        self,
        draft: Order,
        ts_event: int,
        venue_order_id: VenueOrderId | None,
        quantity: Quantity,
        price: Price | None = None,
        trigger_price: Price | None = None,
    ) -> bool:
        """Plan a change of quantity, price, trigger or venue order id; a price that is None stays."""
        return self.happen(
            OrderUpdated,
            draft,
            ts_event,
            venue_order_id,
            quantity=quantity,
            price=price,
            trigger_price=trigger_price,
        )

    # -- notes -------------------------------------------------------------------------------------------------------

    def note(
        self,
        level: Level,
        kind: str,
        text: str,
        draft: Order | None = None,
        *,
        instrument_id: InstrumentId | None = None,
        venue_order_id: VenueOrderId | None = None,
        trade_id: TradeId | None = None,
        alarm: bool = False,
    ) -> None:
        """Add a note, with the order's ids if it is about one."""
        if draft is not None:
            instrument_id = instrument_id or draft.instrument_id
            venue_order_id = venue_order_id or draft.venue_order_id
        self.plan.notes.append(
            Note(
                level=level,
                kind=kind,
                text=text,
                instrument_id=instrument_id,
                client_order_id=None if draft is None else draft.client_order_id,
                venue_order_id=venue_order_id,
                trade_id=trade_id,
                alarm=alarm,
            )
        )

    def fail(
        self, kind: str, text: str, draft: Order | None = None, *, instrument_id: InstrumentId | None = None
    ) -> None:
        """Let reconciliation fail, with a note that says why."""
        self.plan.failed.append(text)
        self.note(Level.ERROR, kind, text, draft, instrument_id=instrument_id, alarm=True)

    def quarantine(self, draft: Order, kind: str, text: str, *, doubted: bool = False) -> None:
        """Set an order aside whose reports contradict what we know; the rest goes on.

        `doubted` says that for as long as it is, nobody knows what we hold in its instrument.
        """
        self.plan.quarantined[draft.client_order_id] = text
        if doubted:
            self.plan.doubted[draft.client_order_id] = draft.instrument_id
        self.note(Level.WARNING, kind, text, draft, alarm=True)

    def agree(self, draft: Order, ts: int) -> None:
        """Note that an order is as a report of `ts` has it, unless the report is older than the venue's last word."""
        is_old = 0 < ts < draft.ts_last and ts < self.heard_ns(draft)  # no word of its is later than its last event
        if not is_old and draft.client_order_id not in self.plan.quarantined:
            self.plan.agreed[draft.client_order_id] = None

    def instrument(self, draft: Order) -> Instrument:
        """Return the order's instrument, which was checked to be known before the order was touched."""
        instrument = self.local.instrument(draft.instrument_id)
        if instrument is None:
            raise LookupError(f"{draft.instrument_id}: an order of an unknown instrument cannot be planned")
        return instrument
