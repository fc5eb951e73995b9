"""What one life of a node has said on its bus, listened to behind everybody else.

May know: the kernel's public classes. Promises: it changes nothing, and keeps everything as it was told until it is
told to forget it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from msgspec import Struct

from nautilus_live.engine.message_bus import MessageBus
from nautilus_live.model.enums import Provenance
from nautilus_live.model.events import AccountState, OrderEvent, OrderFilled, OrderUpdated, PositionEvent

PRIORITY_LAST = -1_000_000
"""Last of all: what is looked at has been applied, stored and told to the strategies by then."""
TOLD = frozenset({Provenance.LOCAL, Provenance.STREAM, Provenance.RESPONSE})
"""Where events come from that nobody had to look for."""


class Finding(Struct, frozen=True):
    """Something about an order that no stream and no answer to a command had told; `age_ns` after it happened.

    What the node concluded, or put together, did not happen at a time: it has no age. `is_of_one_moment` is whether it
    tells how an order is since the very moment of the venue's last word about it.
    """

    text: str
    age_ns: int | None
    is_of_one_moment: bool


class Heard:
    """What one life of a node has said so far."""

    def __init__(self, msgbus: MessageBus) -> None:
        self.orders: dict[str, dict[str, None]] = {}
        """The events told of each order, by their ids, in the order told."""
        self.prefixes: dict[str, None] = {}
        self.fills: dict[str, None] = {}
        self.positions: dict[str, PositionEvent] = {}
        self.accounts: dict[str, AccountState] = {}
        self.snapshots: dict[str, Mapping[str, Any]] = {}
        self.alarms: list[str] = []
        self.found_out: list[Finding] = []
        self.untold_gaps: Callable[[], Iterable[str]] = tuple
        self.untold_surprises: Callable[[], Iterable[str]] = tuple
        self.on_forget: Callable[[str], object] = str
        self._own_fills: dict[str, None] = {}
        self._told_last_ns: dict[str, int] = {}
        self.twice: list[str] = []
        msgbus.subscribe("events.order.*", self._on_order, PRIORITY_LAST)
        msgbus.subscribe("events.fills.*", self._on_fill, PRIORITY_LAST)
        msgbus.subscribe("events.position.*", self._on_position, PRIORITY_LAST)
        msgbus.subscribe("events.account.*", self._on_account, PRIORITY_LAST)
        msgbus.subscribe("snapshots:*", self._on_snapshot, PRIORITY_LAST)
        msgbus.subscribe("alarms", self._on_alarm, PRIORITY_LAST)

    def _on_order(self, event: OrderEvent) -> None:
        told = self.orders.setdefault(event.client_order_id.value, {})
        if event.event_id in told:
            self.twice.append(f"{type(event).__name__} {event.event_id} of {event.client_order_id}")
        told[event.event_id] = None
        if "-" not in (prefix := prefix_of(event.event_id)):  # an id that follows from facts is no life's own
            self.prefixes[prefix] = None
        if event.provenance not in TOLD:
            self.found_out.append(_finding(event, self._told_last_ns.get(event.client_order_id.value)))
        elif event.provenance is not Provenance.LOCAL:
            self._told_last_ns[event.client_order_id.value] = event.ts_event
        if isinstance(event, OrderFilled):
            self._own_fills[event.event_id] = None

    def _on_fill(self, fill: OrderFilled) -> None:
        if fill.event_id in self.fills:
            self.twice.append(f"OrderFilled {fill.event_id} of {fill.client_order_id}")
        self.fills[fill.event_id] = None

    def _on_position(self, event: PositionEvent) -> None:
        self.positions[event.position_id.value] = event

    def _on_account(self, state: AccountState) -> None:
        self.accounts[state.account_id.value] = state

    def _on_snapshot(self, table: Mapping[str, Any]) -> None:
        name = table.get("client_order_id") or table.get("position_id")
        if name is not None:
            self.snapshots[str(name)] = table

    def _on_alarm(self, alarm: Any) -> None:
        self.alarms.append(f"{getattr(alarm, 'kind', alarm)}: {getattr(alarm, 'text', '')}")

    def forget(self, name: str) -> None:
        """Let go of an order that is purged: nobody will ask about it any more."""
        for event_id in self.orders.pop(name, ()):
            if self._is_on_both(event_id):
                del self.fills[event_id], self._own_fills[event_id]
        self._told_last_ns.pop(name, None)
        self.on_forget(name)

    def is_told(self, name: object) -> bool:
        """Return whether people were told something that names it."""
        text = str(name)
        return any(text in alarm for alarm in self.alarms)

    def fills_differ(self) -> list[str]:
        """Return the fills that were told on one of the two topics only."""
        return [event_id for event_id in {**self.fills, **self._own_fills} if not self._is_on_both(event_id)]

    def _is_on_both(self, event_id: str) -> bool:
        return event_id in self.fills and event_id in self._own_fills


def _finding(event: OrderEvent, told_last_ns: int | None) -> Finding:
    text = f"{type(event).__name__} {event.client_order_id} is from {event.provenance.value}"
    is_reported = event.provenance is Provenance.RECONCILIATION and not event.strategy_id.is_internal()
    is_of_one_moment = isinstance(event, OrderUpdated) and event.ts_event == told_last_ns
    return Finding(text, event.ts_init - event.ts_event if is_reported else None, is_of_one_moment)


def prefix_of(event_id: str) -> str:
    """Return what tells which part of which life made an id."""
    return event_id.rpartition("-")[0]
