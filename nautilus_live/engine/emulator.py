"""The order emulator: orders that the venue does not know yet, held here until their trigger.

Knows orders, markets and the bus; `core.emulation` says when an order is triggered and where a stop trails to,
`core.contingency` what becomes of the rest of a list. Promises:

1. A held order is in the cache and the store from the moment it is taken; after a restart it is watched again before
   anything trades.
2. It is released once, as a MARKET or a LIMIT order, and checked like any order that leaves. While its venue cannot be
   reached or must not get orders it is not sent and not lost: it is released as soon as it may, and an alarm says so.
   A release that died before it was sent is taken back once the venue is known not to have it (`emulator_returns`).
3. Prices that cannot be true, or are late, trigger nothing. While a market is not heard, nothing is concluded from its
   last prices; an alarm says that its orders are not watched.
4. Children of an emulated list wait here for their parent's fills and follow them; siblings shrink and end each other.

Endpoint: `OrderEmulator.execute`.
"""

from __future__ import annotations

import asyncio
import logging
from decimal import Decimal

from nautilus_live.adapters.ports import Clock
from nautilus_live.config.portfolio import OrderEmulatorConfig
from nautilus_live.core.contingency import is_waiting
from nautilus_live.core.emulation import (
    FEEDS,
    Feed,
    Release,
    Seen,
    Trail,
    Watch,
    Watchlist,
    watched_by,
)
from nautilus_live.engine.alarms import CONNECTION_TOPIC, ConnectionChange, Notices
from nautilus_live.engine.cache import Cache
from nautilus_live.engine.data import DataEngine
from nautilus_live.engine.deadlines import Deadlines
from nautilus_live.engine.emulator_checks import change_problem, holding_problem, leaving_problem, watched_instrument
from nautilus_live.engine.emulator_feeds import EmulatorFeeds
from nautilus_live.engine.emulator_lists import EmulatedLists
from nautilus_live.engine.emulator_releases import Releases
from nautilus_live.engine.emulator_returns import Returns
from nautilus_live.engine.execution import ExecutionEngine
from nautilus_live.engine.ids import EventIds
from nautilus_live.engine.local_orders import LocalOrders
from nautilus_live.engine.message_bus import MessageBus
from nautilus_live.errors import ConfigError
from nautilus_live.model.commands import (
    BatchCancelOrders,
    CancelAllOrders,
    CancelOrder,
    Command,
    ModifyOrder,
    SubmitOrder,
    SubmitOrderList,
)
from nautilus_live.model.enums import TriggerType
from nautilus_live.model.events import (
    OrderCanceled,
    OrderEmulated,
    OrderExpired,
    OrderModifyRejected,
    OrderReleased,
)
from nautilus_live.model.identifiers import InstrumentId, Venue
from nautilus_live.model.instruments import Instrument
from nautilus_live.model.objects import Price, Quantity
from nautilus_live.model.orders import Order

ENDPOINT = "OrderEmulator.execute"


class OrderEmulator:
    """Holds orders until their trigger.

    Args:
        loop: for the ends of good-till-date orders.
        msgbus: commands in, events out.
        cache: orders and instruments.
        clock: our time.
        event_ids: ids of what is said here.
        execution: records orders, and knows which clients are held.
        data: the markets.
        config: settings.
        log: where to log.

    """

    def __init__(
        self,
        *,
        loop: asyncio.AbstractEventLoop,
        msgbus: MessageBus,
        cache: Cache,
        clock: Clock,
        event_ids: EventIds,
        execution: ExecutionEngine,
        data: DataEngine,
        config: OrderEmulatorConfig | None = None,
        log: logging.Logger | None = None,
    ) -> None:
        self.config = config or OrderEmulatorConfig()
        self._msgbus = msgbus
        self._cache = cache
        self._log = log or logging.getLogger(__name__)
        self._detail = logging.INFO if self.config.debug else logging.DEBUG
        self._notices = Notices(msgbus, clock, self._log)
        self._orders = LocalOrders(execution, cache, msgbus, clock, event_ids, self._log)
        self._feeds = EmulatorFeeds(data, cache, msgbus, self._observe)
        self._markets: dict[InstrumentId, Watchlist] = {}
        self._deadlines = Deadlines(loop, clock, self._expire)
        self._releases = Releases(
            msgbus=msgbus,
            cache=cache,
            execution=execution,
            orders=self._orders,
            deadlines=self._deadlines,
            notices=self._notices,
            forget=self._forget,
            expire=self._expire,
            log=self._log,
        )
        self._lists = EmulatedLists(loop, cache, msgbus, self._orders, self._arm, self._forget)
        self._returns = Returns(loop, cache, msgbus, self._hold_again, self._forget)
        self._doubtful: dict[InstrumentId, None] = {}
        msgbus.register(ENDPOINT, self.execute)
        msgbus.subscribe(CONNECTION_TOPIC, self._on_connection)

    # -- life --------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Watch again what an earlier life held, and settle what happened to lists while nobody looked."""
        held = [order for order in self._cache.orders_held_here() if not self._is_algorithms(order)]
        for order in held:
            if order.is_emulated and order.emulation_trigger is not TriggerType.NO_TRIGGER:
                self._watch(order)
            elif order.is_emulated:
                continue  # it waits for its parent alone
            elif not is_waiting(order, self._cache):
                self._arm(order)
        self._lists.restore()
        self._returns.restore()
        if held:
            self._log.info("%d orders are held here", len(self._cache.orders_emulated()))

    def stop(self) -> None:
        """Watch nothing any more, and say what is left unwatched."""
        self._deadlines.clear()
        self._lists.stop()
        for order in self._cache.orders_emulated():
            self._log.warning("%s: held here, and not watched until the next start", order.client_order_id)
        self._markets.clear()
        self._releases.clear()

    def subscribed_quotes(self) -> list[InstrumentId]:
        """Return the instruments whose quotes are heard."""
        return self._feeds.heard(Feed.QUOTES)

    def subscribed_trades(self) -> list[InstrumentId]:
        """Return the instruments whose trades are heard."""
        return self._feeds.heard(Feed.TRADES)

    # -- commands ----------------------------------------------------------------------------------------------------

    def execute(self, command: Command) -> None:
        """Take a command about orders that are, or are to be, held here."""
        self._log.log(self._detail, "%s", command)
        match command:
            case SubmitOrder():
                if command.was_held or self._orders.keep([command.order], command.position_id, command.client_id):
                    self._begin(command.order)
            case SubmitOrderList():
                orders = command.order_list.orders
                if self._orders.keep(orders, command.position_id, command.client_id, command.order_list):
                    self._begin_list(orders)
            case ModifyOrder():
                self._modify(command)
            case CancelOrder():
                self._cancel(self._cache.order(command.client_order_id))
            case BatchCancelOrders():
                for cancel in command.cancels:
                    self._cancel(self._cache.order(cancel.client_order_id))
            case CancelAllOrders():
                for order in self._cache.orders_held_here(command.instrument_id, command.strategy_id):
                    if command.order_side in (None, order.side) and not self._is_algorithms(order):
                        self._cancel(order)
            case _:
                self._log.error("cannot execute a %s", type(command).__name__)

    def _hold_again(self, order: Order) -> None:
        """Hold an order that an earlier life let go of and never sent; if its trigger is still met, it leaves now."""
        if self._is_algorithms(order):
            return
        if order.emulation_trigger is TriggerType.NO_TRIGGER:
            if not is_waiting(order, self._cache):
                self._arm(order)
            return
        self._watch(order)
        self._look(order)

    @staticmethod
    def _is_algorithms(order: Order) -> bool:
        return order.is_primary and order.emulation_trigger is TriggerType.NO_TRIGGER

    def _begin_list(self, orders: list[Order]) -> None:
        """Begin with orders that belong together, or deny them all: an exit that can never leave protects nothing."""
        for order in orders:
            held = order.emulation_trigger is not TriggerType.NO_TRIGGER
            problem = self._problem(order) if held else ""
            if problem:
                for other in orders:
                    self._orders.deny(other, f"emulation: {order.client_order_id}: {problem}")
                return
        for order in orders:
            self._begin(order)

    def _problem(self, order: Order) -> str:
        return holding_problem(order, self._cache) or leaving_problem(order, self._cache)

    def _begin(self, order: Order) -> None:
        self._lists.hear(order)
        if order.is_closed:
            return
        if is_waiting(order, self._cache):
            if order.emulation_trigger is TriggerType.NO_TRIGGER:
                self._orders.say(order, OrderEmulated)  # held for its parent alone, and still so after a restart
            return
        if order.emulation_trigger is not TriggerType.NO_TRIGGER:
            self._arm(order)
        else:
            self._releases.send_on(order)

    def _arm(self, order: Order, quantity: Decimal | None = None) -> None:
        """Hold an order from now on, or deny it if it cannot be watched; one without a trigger leaves."""
        if order.emulation_trigger is TriggerType.NO_TRIGGER:
            self._resize(order, quantity)
            if self._orders.say(order, OrderReleased):
                self._releases.send_on(order)
            return
        problem = self._problem(order) or self._listen(order)
        if problem:
            self._orders.deny(order, f"emulation: {problem}")
            return
        self._resize(order, quantity)
        if self._orders.say(order, OrderEmulated):
            self._watch(order)
            self._look(order)

    def _resize(self, order: Order, quantity: Decimal | None) -> None:
        if quantity is not None and quantity != order.quantity.value:
            self._orders.update(order, Quantity(quantity, order.quantity.precision))

    def _listen(self, order: Order) -> str:
        """Hear what the order waits for; returns why that cannot be."""
        try:
            for feed in FEEDS[watched_by(order)]:
                self._feeds.listen(feed, watched_instrument(order))
        except ConfigError as error:
            return str(error)
        return ""

    def _watch(self, order: Order) -> None:
        instrument_id = watched_instrument(order)
        problem = holding_problem(order, self._cache) or self._listen(order)
        if problem:
            text = f"{order.client_order_id}: held here, but not watched: {problem}"
            self._notices.alarm("emulator.blind", text, client_order_id=order.client_order_id)
            return
        watch = Watch(order, self._tick(instrument_id), self._tick(order.instrument_id))
        self._markets.setdefault(instrument_id, Watchlist()).add(watch)
        self._deadlines.set(order)

    def _forget(self, order: Order) -> None:
        """Watch an order no longer, and hear its market no longer if nobody else needs it."""
        instrument_id = watched_instrument(order)
        market = self._markets.get(instrument_id)
        self._releases.drop(order)
        self._deadlines.drop(order)
        if market is None or market.get(order.client_order_id) is None:
            return
        before = market.feeds()
        market.remove(order.client_order_id)
        needed = market.feeds()
        for feed in before:
            if feed not in needed:
                self._feeds.hear_no_more(feed, instrument_id)
        if not market:
            del self._markets[instrument_id]

    def _modify(self, command: ModifyOrder) -> None:
        order = self._cache.order(command.client_order_id)
        if order is None or not order.is_held_here:
            self._log.warning("%s: not held here, nothing to modify", command.client_order_id)
            return
        problem = change_problem(command, order, self._cache)
        if problem:
            self._orders.say(order, OrderModifyRejected, reason=problem)
            return
        by_hand = command.quantity is not None and command.quantity != order.quantity
        self._orders.update(order, command.quantity, command.price, command.trigger_price, is_by_hand=by_hand)
        watch = self._watch_on(order)
        if watch is not None:
            watch.read(order)
            self._look(order)

    def _cancel(self, order: Order | None) -> None:
        if order is not None and order.is_held_here:
            watched = watched_instrument(order)
            if self._orders.say(order, OrderCanceled):
                self._log.log(self._detail, "%s: canceled here, on %s", order.client_order_id, watched)
                self._forget(order)
        elif order is not None:
            self._log.warning("%s: not held here, nothing to cancel", order.client_order_id)

    # -- the market --------------------------------------------------------------------------------------------------

    def _look(self, order: Order) -> None:
        """Let the last word of the market count for an order, while the market is heard."""
        watch = self._watch_on(order)
        instrument_id = watched_instrument(order)
        if watch is None or self._feeds.is_silent(instrument_id.venue):
            return
        for feed in FEEDS[watch.trigger_type]:
            seen = self._feeds.latest(feed, instrument_id)
            if seen is not None and not seen.problem and order.is_emulated:
                self._act(watch.observe(seen))

    def _observe(self, instrument_id: InstrumentId, seen: Seen) -> None:
        market = self._markets.get(instrument_id)
        if market is None:
            return
        if seen.problem:
            if instrument_id not in self._doubtful:
                self._doubtful[instrument_id] = None
                self._log.warning("%s: %s; nothing is triggered by it", instrument_id, seen.problem)
            return
        if self._doubtful:
            self._doubtful.pop(instrument_id, None)
        for action in market.observe(seen):
            self._act(action)

    def _act(self, action: Release | Trail | None) -> None:
        order = None if action is None else self._cache.order(action.client_order_id)
        if action is None or order is None or not order.is_emulated:
            return
        precision = self._precision(watched_instrument(order))
        if isinstance(action, Release):
            if action.limit is not None:
                self._orders.update(order, None, Price(action.limit, self._precision(order.instrument_id)))
            self._releases.release(order, action.price, precision)
            return
        self._orders.update(
            order,
            None,
            None if action.price is None else Price(action.price, self._precision(order.instrument_id)),
            Price(action.trigger_price, precision),
            is_activated=True,
        )

    def _on_connection(self, change: ConnectionChange) -> None:
        venue = self._feeds.hear_connection(change)
        waiting = 0 if venue is None else self._waits_at(venue)
        if waiting and change.connected:
            self._log.info("%s: its market is heard again", venue)
        elif waiting:
            text = f"{venue}: {waiting} orders held here are not watched, its market is not heard: {change.reason}"
            self._notices.alarm("emulator.blind", text)

    def _waits_at(self, venue: Venue) -> int:
        return sum(len(market) for instrument_id, market in self._markets.items() if instrument_id.venue == venue)

    def _expire(self, order: Order) -> None:
        if order.is_emulated and self._orders.say(order, OrderExpired):
            self._forget(order)

    def _watch_on(self, order: Order) -> Watch | None:
        market = self._markets.get(watched_instrument(order))
        return None if market is None else market.get(order.client_order_id)

    def _precision(self, instrument_id: InstrumentId) -> int:
        return self._known(instrument_id).price_precision

    def _tick(self, instrument_id: InstrumentId) -> Decimal:
        return self._known(instrument_id).price_increment.value

    def _known(self, instrument_id: InstrumentId) -> Instrument:
        instrument = self._cache.instrument(instrument_id)
        assert instrument is not None, f"nothing is watched whose instrument is not known, was {instrument_id}"
        return instrument

