"""The cache: what the node remembers of orders, positions, accounts, instruments and markets.

It is the one place where they live; everybody else looks them up. It changes none of them: the engines apply events
through `core` and then tell the cache what changed, which updates its indexes (`indexes`) and, where there is a store,
the records there (`cache_records`). Queries are in `order_queries`, `position_queries`, `id_queries` and
`market_queries`, its memory of markets in `market_memory`, what it forgets in a long run in `cache_purging`.

Promises: an update costs the same however much is remembered; with a store that does not buffer, what `add_...` and
`update_...` were given is stored when they return (or the writer is unhealthy and says so).
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from nautilus_live.config.storage import CacheConfig
from nautilus_live.core.fill_corrections import Correction
from nautilus_live.core.reconciliation.strangers import is_mistaken, was_sent
from nautilus_live.engine.cache_purging import CachePurging, ProfitKey
from nautilus_live.engine.cache_records import CacheRecords
from nautilus_live.engine.graves import Graves
from nautilus_live.engine.id_queries import IdQueries
from nautilus_live.engine.indexes import OrderIndex, PositionIndex
from nautilus_live.engine.market_memory import MarketMemory
from nautilus_live.engine.refusing import CACHE_REFUSES, Refusing
from nautilus_live.errors import ProgrammerError
from nautilus_live.model.accounts import Account
from nautilus_live.model.enums import OmsType, PriceType
from nautilus_live.model.identifiers import (
    ClientId,
    ClientOrderId,
    ComponentId,
    InstrumentId,
    PositionId,
    StrategyId,
    Venue,
)
from nautilus_live.model.instruments import Instrument
from nautilus_live.model.objects import Currency, Money
from nautilus_live.model.orders import Order, OrderList
from nautilus_live.model.position import Position
from nautilus_live.store.port import StoreWriter


class Cache(IdQueries, MarketMemory, CachePurging, Refusing):
    """Everything the node knows.

    Args:
        store: where it is kept beyond the process; `None` for nowhere.
        config: `tick_capacity`, `flush_on_start` and the like.

    """

    refused = CACHE_REFUSES

    def __init__(self, store: StoreWriter | None = None, config: CacheConfig | None = None) -> None:
        self.config = config or (store.config if store is not None else CacheConfig())
        self.store = store
        self._records = None if store is None else CacheRecords(store)
        self._instruments: dict[InstrumentId, Instrument] = {}
        self._clear()

    def _clear(self) -> None:
        self._orders = OrderIndex()
        self.strangers = self._orders.mistaken
        """Orders that may have been taken for a stranger's, until `mistaken` looks at them."""
        self._order_lists: dict[str, OrderList] = {}
        self._positions = PositionIndex()
        self._accounts: dict[str, Account] = {}
        self._account_venues: dict[str, str] = {}
        self._clear_markets()
        self._general: dict[str, bytes] = {}
        self._strategies: dict[str, dict[str, bytes]] = {}
        self._actors: dict[str, dict[str, bytes]] = {}
        self._graves = Graves()
        self._quarantined: dict[str, str] = {}
        self._purged_profits: dict[ProfitKey, Decimal] = {}

    # -- orders ------------------------------------------------------------------------------------------------------

    def add_order(
        self,
        order: Order,
        position_id: PositionId | None = None,
        client_id: ClientId | None = None,
        overwrite: bool = False,
    ) -> None:
        """Remember a new order, the position it is for and the client it goes to, where they are named.

        Raises:
            ProgrammerError: if an order with that id is known (and `overwrite` is not set).

        """
        key = order.client_order_id.value
        known = self._orders.by_id.get(key)
        if known is not None:
            if not overwrite:
                raise ProgrammerError(f"{key}: a client order id must be new, was used by {known!r}")
            self._orders.remove(known)
            if self._records is not None:
                self._records.delete_order(known)
        self._orders.add(order)
        if position_id is not None:
            self._orders.positions[key] = position_id
        if client_id is not None:
            self._orders.clients[key] = client_id
        if self._records is not None:
            self._records.add_order(order, position_id, client_id)

    def update_order(self, order: Order) -> None:
        """Take note of the latest event of an order. Call it once for each event applied."""
        self._orders.update(order)
        if self._records is not None:
            self._records.add_order_event(order)

    def mistaken(self) -> list[tuple[Order, Order]]:
        """Return the orders taken for a stranger's, each with the one of ours that it is, and forget that they were."""
        if not self._orders.mistaken:
            return []
        found = [pair for pair in self._orders.mistaken.values() if is_mistaken(*pair)]
        self._orders.mistaken.clear()
        return found

    def add_order_list(self, order_list: OrderList) -> None:
        """Remember which orders belong together; the orders are added one by one."""
        self._order_lists[order_list.id.value] = order_list

    def set_position_id(self, client_order_id: ClientOrderId, position_id: PositionId) -> None:
        """Settle which position an order is for, before any of its fills says so."""
        key = client_order_id.value
        if self._orders.positions.get(key) != position_id:
            self._orders.positions[key] = position_id
            order = self._orders.by_id.get(key)
            if self._records is not None and order is not None:
                self._records.set_order_position(order, position_id)

    def quarantine(self, client_order_id: ClientOrderId, reason: str) -> None:
        """Remember that an order is set aside, over restarts too."""
        key = client_order_id.value
        if self._quarantined.get(key) != reason:
            self._quarantined[key] = reason
            if self._records is not None:
                self._records.set_quarantine(key, reason)

    def release(self, client_order_id: ClientOrderId) -> bool:
        """Remember no longer that an order is set aside; return whether it was."""
        was = self._quarantined.pop(client_order_id.value, None) is not None
        if was and self._records is not None:
            self._records.set_quarantine(client_order_id.value, None)
        return was

    def quarantined(self) -> Mapping[str, str]:
        """Return the orders that are set aside, by the text of their id, each with the reason."""
        return self._quarantined

    # -- positions ---------------------------------------------------------------------------------------------------

    def add_position(self, position: Position, oms_type: OmsType | None = None) -> None:
        """Remember a new position, before its first fill; the position itself says how it is kept.

        Raises:
            ProgrammerError: if a position with that id is known.

        """
        key = position.id.value
        if key in self._positions.by_id:
            raise ProgrammerError(f"{key}: a position id must be new, was used by {self._positions.by_id[key]!r}")
        self._positions.add(position)
        if self._records is not None:
            self._records.add_position(position)

    def update_position(self, position: Position, entry: Correction | None = None) -> None:
        """Take note of a change of a position, and record the whole fill, or the correction, that changed it."""
        self._positions.update(position)
        if self._records is not None and entry is not None:
            self._records.add_position_entry(position, entry)

    # -- accounts and markets ----------------------------------------------------------------------------------------

    def add_account(self, account: Account) -> None:
        """Remember a new account; it becomes its issuer's account unless that has one."""
        self._accounts[account.id.value] = account
        self._account_venues.setdefault(account.id.get_issuer(), account.id.value)
        if self._records is not None:
            self._records.set_account(account)

    def update_account(self, account: Account) -> None:
        """Take note of the latest state of an account."""
        self._accounts[account.id.value] = account
        if self._records is not None:
            self._records.set_account(account)

    def set_account_venue(self, venue: Venue, account: Account) -> None:
        """Let `account` be the one at `venue`, whatever its name."""
        self._account_venues[venue.value] = account.id.value

    def add_instrument(self, instrument: Instrument) -> None:
        """Remember an instrument, or its new definition."""
        if self._instruments.get(instrument.id) == instrument:
            return
        self._instruments[instrument.id] = instrument
        if self._records is not None:
            self._records.set_instrument(instrument)

    def add_currency(self, currency: Currency) -> None:
        """Make a currency known by its code, in place of another one of that code."""
        Currency.register(currency, overwrite=True)

    def calculate_unrealized_pnl(self, position: Position) -> Money | None:
        """Return the profit if a position were closed at the other side's latest quote, or else the latest trade.

        None if neither is known. (`Portfolio.unrealized_pnl` follows its settings, and converts.)
        """
        side = PriceType.BID if position.is_long else PriceType.ASK
        price = self.price(position.instrument_id, side) or self.price(position.instrument_id, PriceType.LAST)
        return None if price is None else position.unrealized_pnl(price)

    @property
    def has_backing(self) -> bool:
        """Whether what is known outlives the process."""
        return self.store is not None

    @property
    def persist_account_events(self) -> bool:
        """Whether the states of accounts are stored."""
        return self.config.persist_account_events

    # -- users' own --------------------------------------------------------------------------------------------------

    def add(self, key: str, value: bytes) -> None:
        """Keep a value of the user's own under `key`."""
        self._general[key] = value
        if self._records is not None:
            self._records.set_general(key, value)

    def get(self, key: str) -> bytes | None:
        """Return the value kept under `key`."""
        return self._general.get(key)

    def update_strategy(self, strategy_id: StrategyId, state: Mapping[str, bytes]) -> None:
        """Keep the state of a strategy."""
        self._strategies[strategy_id.value] = dict(state)
        if self._records is not None:
            self._records.set_state("strategies", strategy_id.value, state)

    def load_strategy(self, strategy_id: StrategyId) -> dict[str, bytes]:
        """Return the state kept of a strategy; empty if there is none."""
        return dict(self._strategies.get(strategy_id.value, {}))

    def update_actor(self, component_id: ComponentId, state: Mapping[str, bytes]) -> None:
        """Keep the state of an actor."""
        self._actors[component_id.value] = dict(state)
        if self._records is not None:
            self._records.set_state("actors", component_id.value, state)

    def load_actor(self, component_id: ComponentId) -> dict[str, bytes]:
        """Return the state kept of an actor; empty if there is none."""
        return dict(self._actors.get(component_id.value, {}))

    def add_snapshot(self, kind: str, name: str, table: Mapping[str, Any]) -> None:
        """Write to the store how an order or position (`kind`) stands; nothing is kept in memory."""
        if self._records is not None:
            self._records.add_snapshot(kind, name, table)

    # -- the store ---------------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Begin a transaction: what changes until `commit` is stored together or not at all."""
        if self.store is not None:
            self.store.hold()

    def commit(self) -> None:
        """End a transaction."""
        if self.store is not None:
            self.store.release()

    def load(self) -> None:
        """Fill the cache from its store (after deleting this trader's keys, with `flush_on_start`).

        Raises:
            StoreError: if anything cannot be rebuilt; the cache is then empty.

        """
        self.reset()
        if self._records is None or self.store is None:
            return
        if self.config.flush_on_start:
            self.store.delete_all()
            return
        loaded = self._records.load()
        for instrument in loaded.instruments:
            self._instruments[instrument.id] = instrument
        for order in loaded.orders:
            self._orders.add(order)
        self._orders.positions.update(loaded.order_positions)
        self._orders.clients.update(loaded.order_clients)
        for position in loaded.positions:
            self._positions.add(position)
        for account in loaded.accounts:
            self._accounts[account.id.value] = account
            self._account_venues.setdefault(account.id.get_issuer(), account.id.value)
        self._general.update(loaded.general)
        self._strategies.update(loaded.strategies)
        self._actors.update(loaded.actors)
        for stone in loaded.tombstones:
            self._graves.bury(stone)
        self._graves.forgotten_until = loaded.forgotten_until
        self._quarantined.update(loaded.quarantined)
        self._purged_profits.update(loaded.purged_profits)

    def flush(self) -> bool:
        """Write what is waiting to be written; returns whether all of it is stored now."""
        return self.store is None or self.store.flush()

    def reset(self) -> None:
        """Forget everything in memory (instruments only with `drop_instruments_on_reset`); the store keeps all."""
        if self.config.drop_instruments_on_reset:
            self._instruments.clear()
        self._clear()

    def dispose(self) -> None:
        """Flush and close the store."""
        if self.store is not None:
            self.store.close()

    # -- self-examination --------------------------------------------------------------------------------------------

    def check_integrity(self) -> list[str]:
        """Return what contradicts itself between orders, positions and indexes; empty when all is well."""
        wrong: list[str] = []
        orders = self._orders
        for key, order in orders.by_id.items():
            for name, index, belongs in (
                ("active", orders.active, order.is_open or order.is_inflight),
                ("emulated", orders.emulated, order.is_emulated),
            ):
                if (key in index) is not belongs:
                    wrong.append(f"{key}: is {order.status}, but {'not ' if belongs else ''}listed as {name}")
            if order.venue_order_id is not None:
                found = orders.find(order.venue_order_id, order.instrument_id)
                # One that reports made known by mistake stands behind the order of ours that it is.
                if found is not order and (found is None or was_sent(order) or not was_sent(found)):
                    wrong.append(f"{key}: venue order id {order.venue_order_id} does not lead to it")
            # A closed order may outlive its position: each is purged in its own time.
            position_is_known = order.position_id is None or order.position_id.value in self._positions.by_id
            if not position_is_known and not order.is_closed:
                wrong.append(f"{key}: its position {order.position_id} is not known")
        for name, index in (("active", orders.active), ("emulated", orders.emulated)):
            wrong += [f"{key}: listed as {name}, but not known" for key in index if key not in orders.by_id]
        for key, position in self._positions.by_id.items():
            if (key in self._positions.open) is not position.is_open:
                wrong.append(
                    f"{key}: holds {position.signed_qty}, but is {'not ' if position.is_open else ''}listed as open"
                )
            if (key in self._positions.closed) is not position.is_closed:
                wrong.append(
                    f"{key}: holds {position.signed_qty}, but is {'not ' if position.is_closed else ''}listed as closed"
                )
        return wrong

    def check_residuals(self) -> bool:
        """Return whether orders work or positions are open."""
        return bool(self._orders.active or self._positions.open)
