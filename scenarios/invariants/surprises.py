"""What a human must hear of: what one life of a node did that nobody expects, and its alarms.

May know: the kernel's bus and cache. A surprise is a trade of an order that had ended, a trade that the venue takes
back, and a strategy's position that somebody else's order changes. Each has a name that an alarm must mention.
"""

from __future__ import annotations

from collections.abc import Iterator

from nautilus_live.engine.cache import Cache
from nautilus_live.engine.message_bus import MessageBus
from nautilus_live.model.enums import Provenance
from nautilus_live.model.events import OrderEvent, OrderFilled, OrderFillVoided, OrderInitialized, PositionEvent
from nautilus_live.model.identifiers import TradeId
from scenarios.invariants.heard import PRIORITY_LAST, Heard


class Surprises:
    """The surprises of one life; `heard` is what it said."""

    def __init__(self, msgbus: MessageBus, cache: Cache, heard: Heard) -> None:
        self._cache = cache
        self._heard = heard
        self._closed: dict[str, bool] = {}
        self._born: dict[str, None] = {}
        self._trades: dict[str, dict[TradeId, None]] = {}
        self._last: OrderEvent | None = None
        self._found: dict[tuple[str, str], None] = {}
        msgbus.subscribe("events.order.*", self._on_order, PRIORITY_LAST)
        msgbus.subscribe("events.position.*", self._on_position, PRIORITY_LAST)

    def untold(self) -> Iterator[str]:
        """Yield the surprises that no alarm mentions."""
        for what, name in self._found:
            if not self._heard.is_told(name):
                yield f"{what}, and no alarm names {name}"

    def forget(self, name: str) -> None:
        """Let go of an order that is purged; its surprises stay."""
        for kept in (self._closed, self._born, self._trades):
            kept.pop(name, None)

    def _on_order(self, event: OrderEvent) -> None:
        self._last = event
        name = event.client_order_id.value
        if type(event) is OrderInitialized:
            self._born[name] = None
        elif isinstance(event, OrderFilled):
            self._trades.setdefault(name, {})[event.trade_id] = None
            if self._closed.get(name) and not event.replaces and event.corrects is None:
                self._found[f"{name} was filled after its end", name] = None
        elif isinstance(event, OrderFillVoided) and event.provenance is Provenance.STREAM:
            if event.trade_id in self._trades.get(name, ()):
                self._found[f"trade {event.trade_id} of {name} was taken back", name] = None
        order = self._cache.order(event.client_order_id)
        self._closed[name] = order is not None and order.is_closed

    def _on_position(self, event: PositionEvent) -> None:
        last = self._last
        if last is None or not last.strategy_id.is_external() or last.client_order_id.value not in self._born:
            return
        if isinstance(last, OrderFilled) and not (event.strategy_id.is_external() or event.strategy_id.is_internal()):
            name = event.position_id.value
            self._found[f"{last.client_order_id}, which no strategy sent, changed {name}", name] = None
