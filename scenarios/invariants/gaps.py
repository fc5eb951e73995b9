"""What a node does while it does not know what a venue holds: before its start is reconciled, after a client was lost,
and where an instrument is uncertain.

May know: the kernel's ports, its bus and its cache. One `Gaps` belongs to one life of a node. Held is:

1. While a client is lost, and after that until what it missed is known, no order is sent through it, and none is
   modified; nor before its venue has answered in full at the start. Cancels pass.
2. What a gap hid is asked for before it is said to be known: orders and trades, by a question that was put after the
   gap and reaches back to its beginning at least; and each order that works here and is in no answer, by itself. A
   position is aligned after `POSITION_LOOKS` looks.
3. Once the storm is over, every loss that was told has been told to be over (`untold`).
4. Where an instrument is uncertain and that is to hold, no order leaves that opposes nothing we hold.

Times are the node's own; where its clock moves, nothing is held against it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from msgspec import Struct

from nautilus_live.config.execution import LiveExecEngineConfig
from nautilus_live.core.reconciliation.alignment import is_alignment
from nautilus_live.engine.alarms import (
    CONNECTION_TOPIC,
    STREAM_GAP_TOPIC,
    UNCERTAIN_TOPIC,
    ConnectionChange,
    StreamGap,
    Uncertain,
)
from nautilus_live.engine.cache import Cache
from nautilus_live.engine.message_bus import MessageBus
from nautilus_live.engine.reconnect import POSITION_LOOKS
from nautilus_live.model.enums import Provenance
from nautilus_live.model.events import OrderEvent, OrderInitialized, OrderSubmitted
from nautilus_live.model.identifiers import AccountId, ClientId, InstrumentId
from nautilus_live.model.reports import ExecutionMassStatus
from scenarios.invariants.heard import PRIORITY_LAST
from scenarios.invariants.rules import ASKED, HELD

SIDE = "execution"
ASKS = "reconnected"
"""How the name of the task ends that asks for what was missed."""


class History(Struct, frozen=True):
    """An answered question for what was since `start_ns`."""

    asked_ns: int
    start_ns: int


class Gaps:
    """The gaps of one life.

    Args:
        config: the node's settings.
        cache: what it knows; only read.
        report: takes what does not hold.
        is_steady: whether the node's clock goes as it should.

    """

    def __init__(
        self, config: LiveExecEngineConfig, cache: Cache, report: Callable[[str], None], *, is_steady: bool
    ) -> None:
        self._cache = cache
        self._report = report
        self._is_steady = is_steady
        self._holds_uncertain = config.uncertain_policy == "hold"
        self._fails_closed = config.reconciliation and config.reconciliation_fail_closed
        self._filtered = dict.fromkeys(config.filtered_client_order_ids or ())
        self._known: dict[AccountId, None] = {}
        self._uncertain: dict[InstrumentId, Uncertain] = {}
        self._accounts: dict[ClientId, AccountId] = {}
        self._lost: dict[ClientId, ConnectionChange] = {}
        self._back: dict[ClientId, None] = {}
        self._over: dict[ClientId, list[StreamGap]] = {}
        self._asked: dict[tuple[AccountId, str], History] = {}
        self._mentioned: dict[AccountId, dict[object, None]] = {}
        self._looks: dict[AccountId, int] = {}

    def listen(self, msgbus: MessageBus) -> None:
        """Listen to what a life says."""
        msgbus.subscribe(CONNECTION_TOPIC, self._on_change, PRIORITY_LAST)
        msgbus.subscribe(STREAM_GAP_TOPIC, self._on_gap, PRIORITY_LAST)
        msgbus.subscribe(UNCERTAIN_TOPIC, self._on_uncertain, PRIORITY_LAST)

    def add_client(self, client: Any) -> None:
        """Learn whose account is whose, and hear what is to be modified."""
        self._accounts[client.id] = client.account_id
        modify = client.modify_order

        def modified(command: Any) -> Any:
            if client.id in self._lost and self._is_steady:
                self._report(HELD.broken(f"{command.client_order_id}: modified through {client.id}, which is lost"))
            return modify(command)

        client.modify_order = modified

    def answered(self, account_id: AccountId, who: str, name: str, asked_ns: int, query: Any, answer: Any) -> None:
        """Learn that the task `who` had an answer to a question."""
        if isinstance(answer, ExecutionMassStatus):
            if answer.is_complete:
                self._known[account_id] = None
        elif who.endswith(ASKS):
            mentioned = self._mentioned.setdefault(account_id, {})
            if name == "generate_order_status_report":
                mentioned[query.client_order_id] = None
                return
            if name == "generate_position_status_reports":
                self._looks[account_id] = self._looks.get(account_id, 0) + 1
            elif name == "generate_order_status_reports":
                mentioned.update(
                    (number, None) for one in answer for number in (one.client_order_id, one.venue_order_id)
                )
            if query.start_ns is not None:
                self._asked[account_id, name] = History(asked_ns, query.start_ns)

    def aligns(self, order: OrderInitialized, who: str) -> None:
        """Check (2), of an order that is made up to align a position."""
        count = POSITION_LOOKS if order.account_id is None else self._looks.get(order.account_id, 0)
        if who.endswith(ASKS) and count < POSITION_LOOKS:
            self._report(ASKED.broken(f"{order.instrument_id}: aligned after {count} looks, after a gap"))

    def is_known(self, account_id: AccountId) -> bool:
        """Return whether the start may have reconciled an account, or need not."""
        return account_id in self._known or not self._fails_closed

    def sent(self, event: OrderEvent) -> None:
        """Check (1) and (4), of an event that the node published."""
        if event.provenance is not Provenance.LOCAL or not self._is_steady:
            return
        name, is_new = event.client_order_id, type(event) is OrderSubmitted
        if is_new and event.account_id is not None and not self.is_known(event.account_id):
            self._report(HELD.broken(f"{name}: sent before {event.account_id} was reconciled"))
        for client_id, lost in self._lost.items():
            if self._accounts.get(client_id) == event.account_id and event.ts_init > lost.ts:
                what = "sent" if is_new else "its cancel refused"
                self._report(HELD.broken(f"{name}: {what}, and {client_id} is lost"))
        doubt = self._uncertain.get(event.instrument_id) if is_new and self._holds_uncertain else None
        order = self._cache.order(name)
        if doubt is None or order is None or order.init.reduce_only or order.init.ts_init <= doubt.ts:
            return
        held = self._cache.positions_open(instrument_id=event.instrument_id)
        if sum(one.signed_qty for one in held) * order.side.sign >= 0:
            self._report(HELD.broken(f"{name}: sent, and {doubt.instrument_id} is uncertain: {doubt.reason}"))

    def untold(self) -> Iterator[str]:
        """Check (3): yield the clients that are back, and of which nobody was told that the gap is over."""
        for client_id, lost in self._lost.items():
            if client_id in self._back and self._is_steady:
                yield f"{client_id}: lost at {lost.ts} and back, and no gap was told to be over"

    def _on_change(self, change: ConnectionChange) -> None:
        if change.side != SIDE:
            return
        if change.connected:
            self._back[change.client_id] = None
            return
        known = self._over.get(change.client_id, ())
        if not any(gap.start_ns <= change.ts <= gap.end_ns for gap in known):  # else over before its turn came
            self._back.pop(change.client_id, None)
            self._lost.setdefault(change.client_id, change)

    def _on_uncertain(self, told: Uncertain) -> None:
        if told.cleared:
            self._uncertain.pop(told.instrument_id, None)
        else:
            self._uncertain.setdefault(told.instrument_id, told)

    def _on_gap(self, gap: StreamGap) -> None:
        if gap.side != SIDE:
            return
        self._lost.pop(gap.client_id, None)
        self._over.setdefault(gap.client_id, []).append(gap)
        account_id = self._accounts.get(gap.client_id)
        if account_id is None or not gap.reconciled or not self._is_steady:
            return
        for name in ("generate_fill_reports", "generate_order_status_reports"):
            asked = self._asked.get((account_id, name))
            if asked is None or asked.asked_ns < gap.end_ns or asked.start_ns > gap.start_ns:
                text = f"{gap.client_id}: said to know what it missed from {gap.start_ns} to {gap.end_ns}"
                self._report(ASKED.broken(f"{text}, and asked for no {name} since then"))
        mentioned = self._mentioned.pop(account_id, {})
        self._looks.pop(account_id, None)
        for order in self._cache.orders_open(account_id=account_id):
            is_old = order.init.ts_init < gap.start_ns and not is_alignment(order)
            numbers = (order.client_order_id, order.venue_order_id, *order.superseded_venue_order_ids)
            if is_old and order.client_order_id not in self._filtered and not any(one in mentioned for one in numbers):
                self._report(ASKED.broken(f"{order.client_order_id}: works here, and was not asked about after a gap"))
