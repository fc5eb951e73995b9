"""The cache's records: what of its contents is written to the store, and how the contents are rebuilt from it.

Orders and positions are kept as what happened to them: an order as its events, a position as a header and the whole
fills that it took (and corrections of them), in that order. Loading applies them again through `core`, so that what was
legal then is legal now and every derived number (averages, profit of closed cycles, placeholders) is computed, never
trusted. A fill is therefore written twice, to its order and to its position: the order of fills across orders is a fact
that no order alone knows.

Keys: `orders:ID`, `positions:ID`, `accounts:ID` (lists), `instruments:ID`, `general:KEY`, `strategies:ID:state`,
`actors:ID:state` (values), `index:order_position`, `index:order_client`, `index:quarantined`, `index:tombstones`,
`index:purged` (tables), and `snapshots:KIND:ID` (lists), which are written for others to read and not read back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeVar

import msgspec

from nautilus_live.core import fill_corrections, order_lifecycle
from nautilus_live.core.fill_corrections import Correction
from nautilus_live.core.placeholders import replace_with
from nautilus_live.core.position_ids import pass_on
from nautilus_live.core.position_keeping import take
from nautilus_live.core.tombstones import Tombstone
from nautilus_live.errors import IllegalTransition, StoreError
from nautilus_live.model.accounts import Account, account_from
from nautilus_live.model.events import AccountState, OrderEvent, OrderFilled, OrderFillVoided, OrderInitialized
from nautilus_live.model.identifiers import AccountId, ClientId, InstrumentId, PositionId, TradeId
from nautilus_live.model.instruments import Instrument
from nautilus_live.model.orders import Order, order_from
from nautilus_live.model.position import Position
from nautilus_live.store.encoding import Encoder, PositionHeader
from nautilus_live.store.port import Stored, StoreWriter

T = TypeVar("T")

FORGOTTEN_UNTIL = "forgotten_until"


class Loaded(msgspec.Struct):
    """Everything that a store held, rebuilt; tables by the text of the id."""

    orders: list[Order] = []
    positions: list[Position] = []
    accounts: list[Account] = []
    instruments: list[Instrument] = []
    order_positions: dict[str, PositionId] = {}
    order_clients: dict[str, ClientId] = {}
    quarantined: dict[str, str] = {}
    tombstones: list[Tombstone] = []
    forgotten_until: int = 0
    purged_profits: dict[tuple[InstrumentId, AccountId], Decimal] = {}
    general: dict[str, bytes] = {}
    strategies: dict[str, dict[str, bytes]] = {}
    actors: dict[str, dict[str, bytes]] = {}


class CacheRecords:
    """Writes changes of the cache to a store, and reads all of it back."""

    def __init__(self, writer: StoreWriter) -> None:
        self.writer = writer
        self._encoder = Encoder(writer.config.encoding, writer.config.timestamps_as_iso8601)
        self._keeps_account_events = writer.config.persist_account_events
        self._purged_profits: dict[tuple[InstrumentId, AccountId], Decimal] = {}
        self._last_event: object = None
        self._last_bytes = b""

    # -- writing -----------------------------------------------------------------------------------------------------

    def add_order(self, order: Order, position_id: PositionId | None, client_id: ClientId | None) -> None:
        """Write a new order with all its events so far, and its routing."""
        key, writer = order.client_order_id.value, self.writer
        writer.hold()
        for event in order.events:
            writer.append(f"orders:{key}", self._encoder.encode(event))
        if position_id is not None:
            writer.put_field("index:order_position", key, position_id.value.encode())
        if client_id is not None:
            writer.put_field("index:order_client", key, client_id.value.encode())
        writer.release()

    def add_order_event(self, order: Order) -> None:
        """Write the latest event of an order."""
        event = order.events[-1]
        data = self._encoder.encode(event)
        if type(event) is OrderFilled:  # its position will want the same bytes
            self._last_event, self._last_bytes = event, data
        self.writer.append("orders:" + order.client_order_id.value, data)

    def set_order_position(self, order: Order, position_id: PositionId) -> None:
        """Write which position an order is for."""
        self.writer.put_field("index:order_position", order.client_order_id.value, position_id.value.encode())

    def add_position(self, position: Position) -> None:
        """Write what a new position is."""
        header = PositionHeader(
            position_id=position.id,
            instrument_id=position.instrument_id,
            strategy_id=position.strategy_id,
            trader_id=position.trader_id,
            account_id=position.account_id,
        )
        self.writer.append("positions:" + position.id.value, self._encoder.encode(header))

    def add_position_entry(self, position: Position, entry: Correction) -> None:
        """Write a whole fill that a position took, or a correction of one."""
        data = self._last_bytes if entry is self._last_event else self._encoder.encode(entry)
        self.writer.append("positions:" + position.id.value, data)

    def set_account(self, account: Account) -> None:
        """Write the latest state of an account."""
        if self._keeps_account_events:
            self.writer.append("accounts:" + account.id.value, self._encoder.encode(account.last_event))

    def set_instrument(self, instrument: Instrument) -> None:
        """Write an instrument."""
        self.writer.put(f"instruments:{instrument.id}", self._encoder.encode(instrument))

    def set_general(self, key: str, value: bytes) -> None:
        """Write a value of a user's own."""
        self.writer.put("general:" + key, value)

    def set_state(self, kind: str, component: str, state: Mapping[str, bytes]) -> None:
        """Write the state of a strategy (`strategies`) or actor (`actors`)."""
        self.writer.put(f"{kind}:{component}:state", msgspec.msgpack.encode(dict(state)))

    def set_quarantine(self, key: str, reason: str | None) -> None:
        """Write why an order is set aside, or (None) that it is no longer."""
        if reason is None:
            self.writer.delete_field("index:quarantined", key)
        else:
            self.writer.put_field("index:quarantined", key, reason.encode())

    def set_tombstone(self, stone: Tombstone) -> None:
        """Write what is left of a purged order."""
        self.writer.put_field("index:tombstones", stone.client_order_id, self._encoder.encode(stone))

    def delete_tombstones(self, stones: Sequence[Tombstone], forgotten_until: int) -> None:
        """Delete tombstones, and write the time that stands for them."""
        self.writer.hold()
        for stone in stones:
            self.writer.delete_field("index:tombstones", stone.client_order_id)
        self.writer.put_field("index:purged", FORGOTTEN_UNTIL, str(forgotten_until).encode())
        self.writer.release()

    def add_purged_profit(self, instrument_id: InstrumentId, account_id: AccountId, profit: Decimal) -> None:
        """Write what the deleted positions of an instrument and account made, `profit` included."""
        key = (instrument_id, account_id)
        total = self._purged_profits[key] = self._purged_profits.get(key, Decimal(0)) + profit
        self.writer.put_field("index:purged", f"{account_id} {instrument_id}", str(total).encode())

    def add_snapshot(self, kind: str, name: str, data: Mapping[str, Any]) -> None:
        """Write how an order or position (`kind`) stands."""
        self.writer.append(f"snapshots:{kind}:{name}", self._encoder.encode_plain(data))

    def delete_order(self, order: Order) -> None:
        """Delete an order, its routing and its snapshots."""
        key, writer = order.client_order_id.value, self.writer
        writer.hold()
        writer.delete(f"orders:{key}")
        writer.delete_field("index:order_position", key)
        writer.delete_field("index:order_client", key)
        writer.delete(f"snapshots:orders:{key}")
        writer.release()

    def delete_position(self, position: Position) -> None:
        """Delete a position and its snapshots."""
        self.writer.hold()
        self.writer.delete("positions:" + position.id.value)
        self.writer.delete("snapshots:positions:" + position.id.value)
        self.writer.release()

    # -- reading -----------------------------------------------------------------------------------------------------

    def load(self) -> Loaded:
        """Return everything in the store, rebuilt.

        Raises:
            StoreError: if anything cannot be rebuilt; the message names the key and the rule. Nothing is left out in
                silence.

        """
        loaded = Loaded()
        stored = dict(sorted(self.writer.read()))
        instruments: dict[InstrumentId, Instrument] = {}
        # Positions need their instruments, whatever the order of keys.
        for collection in (
            "instruments",
            "orders",
            "positions",
            "accounts",
            "general",
            "strategies",
            "actors",
            "index",
        ):
            for key in [key for key in stored if key.startswith(collection + ":")]:
                value = stored.pop(key)
                try:
                    self._load_one(loaded, instruments, collection, key.removeprefix(collection + ":"), value)
                except (StoreError, IllegalTransition, ValueError, TypeError, LookupError, ArithmeticError) as error:
                    raise StoreError(f"{self.writer.prefix}{key}: cannot be rebuilt: {error}") from error
        # Stores list their keys in an order of their own.
        loaded.orders.sort(key=lambda order: (order.init.ts_init, order.client_order_id.value))
        loaded.positions.sort(key=lambda position: (position.ts_opened, position.id.value))
        return loaded

    def _load_one(
        self, loaded: Loaded, instruments: dict[InstrumentId, Instrument], collection: str, name: str, value: Stored
    ) -> None:
        match collection:
            case "instruments":
                instrument = self._decode(_bytes(value), Instrument)
                instruments[instrument.id] = instrument
                loaded.instruments.append(instrument)
            case "orders":
                loaded.orders.append(self._load_order(name, _list(value)))
            case "positions":
                loaded.positions.append(self._load_position(name, _list(value), instruments))
            case "accounts":
                loaded.accounts.append(self._load_account(_list(value)))
            case "general":
                loaded.general[name] = _bytes(value)
            case "strategies":
                loaded.strategies[name.removesuffix(":state")] = _state(_bytes(value))
            case "actors":
                loaded.actors[name.removesuffix(":state")] = _state(_bytes(value))
            case "index":
                self._load_index(loaded, name, _table(value))

    def _decode(self, data: bytes, kind: type[T]) -> T:
        return _checked(self._encoder.decode(data), kind)

    def _load_order(self, name: str, entries: list[bytes]) -> Order:
        first, *rest = _once(entries) or [b""]
        order = order_from(self._decode(first, OrderInitialized))
        if order.client_order_id.value != name:
            raise StoreError(f"an order must lie under its own id, was {order.client_order_id}")
        seen = {order.events[0].event_id}
        for data in rest:
            event: Any = self._decode(data, OrderEvent)
            if event.event_id in seen:
                raise StoreError(
                    f"an event must be recorded once, {event.event_id} ({type(event).__name__}) is repeated"
                )
            seen.add(event.event_id)
            # An overfill that was allowed when it happened stays a fact whatever the settings say today.
            order_lifecycle.apply(order, event, allow_overfills=True)
        return order

    def _load_position(self, name: str, entries: list[bytes], instruments: dict[InstrumentId, Instrument]) -> Position:
        first, *rest = _once(entries) or [b""]
        header = self._decode(first, PositionHeader)
        if header.position_id.value != name:
            raise StoreError(f"a position must lie under its own id, was {header.position_id}")
        instrument = instruments.get(header.instrument_id)
        if instrument is None:
            raise StoreError(f"a position needs its instrument, {header.instrument_id} is not in the store")
        position = Position(instrument, header.position_id, header.strategy_id, header.trader_id, header.account_id)
        inferred: dict[tuple[str, TradeId], OrderFilled] = {}
        for data in rest:
            entry = self._encoder.decode(data)
            if isinstance(entry, PositionHeader):
                position.strategy_id = entry.strategy_id
                continue  # it was purged from memory, and opened again by another strategy
            if isinstance(entry, OrderFilled | OrderFillVoided) and fill_corrections.is_correction(entry):
                for _ in fill_corrections.put(position, entry):
                    pass
                _correct(inferred, entry)
                continue
            fill = _checked(entry, OrderFilled)
            if not fill.affects_position:  # a placeholder of a cycle whose record is gone
                inferred[fill.client_order_id.value, fill.trade_id] = fill
                continue
            if not position.signed_qty:
                pass_on(position, fill.strategy_id)
            for _ in take(position, fill, _replaced(inferred, fill)):
                pass
            if fill_corrections.undoes_an_earlier_cycle(fill):
                inferred.pop((fill.client_order_id.value, fill.trade_id), None)
            elif fill.inferred:
                inferred[fill.client_order_id.value, fill.trade_id] = fill
        return position

    def _load_index(self, loaded: Loaded, name: str, table: dict[str, bytes]) -> None:
        match name:
            case "order_position":
                loaded.order_positions = {field: PositionId(value.decode()) for field, value in table.items()}
            case "order_client":
                loaded.order_clients = {field: ClientId(value.decode()) for field, value in table.items()}
            case "quarantined":
                loaded.quarantined = {field: value.decode() for field, value in sorted(table.items())}
            case "tombstones":
                stones = [self._decode(value, Tombstone) for value in table.values()]
                loaded.tombstones = sorted(stones, key=lambda stone: (stone.ts_purged, stone.client_order_id))
            case "purged":
                loaded.forgotten_until = int(table.pop(FORGOTTEN_UNTIL, b"0"))
                for field, value in table.items():
                    account, _, instrument = field.partition(" ")
                    key = (InstrumentId.from_str(instrument), AccountId(account))
                    loaded.purged_profits[key] = Decimal(value.decode())
                self._purged_profits = dict(loaded.purged_profits)

    def _load_account(self, entries: list[bytes]) -> Account:
        first, *rest = _once(entries) or [b""]
        account = account_from(self._decode(first, AccountState))
        for data in rest:
            account.apply(self._decode(data, AccountState))
        return account


def _checked(record: object, kind: type[T]) -> T:
    if not isinstance(record, kind):
        raise StoreError(f"an entry must be a {kind.__name__}, was a {type(record).__name__}")
    return record


def _correct(inferred: dict[tuple[str, TradeId], OrderFilled], entry: fill_corrections.Correction) -> None:
    """Let a placeholder be what a correction made of it."""
    name = entry.client_order_id.value
    if isinstance(entry, OrderFillVoided):
        inferred.pop((name, entry.trade_id), None)
    elif entry.corrects is not None and inferred.pop((name, entry.corrects), None) is not None and entry.inferred:
        inferred[name, entry.trade_id] = entry


def _replaced(inferred: dict[tuple[str, TradeId], OrderFilled], fill: OrderFilled) -> list[OrderFilled]:
    """Return the placeholders that `fill` replaces, and let them shrink as they did in their order."""
    keys = [(fill.client_order_id.value, trade_id) for trade_id in fill.replaces]
    placeholders = [inferred[key] for key in keys]
    left, _ = replace_with(placeholders, fill)
    for key, rest in zip(keys, left, strict=True):
        if rest is None:
            del inferred[key]
        else:
            inferred[key] = rest
    return placeholders


def _bytes(value: Stored) -> bytes:
    if not isinstance(value, bytes):
        raise StoreError(f"a single value must be kept there, was a {type(value).__name__}")
    return value


def _once(entries: list[bytes]) -> list[bytes]:
    """Return each entry once.

    One that is there twice was written again after the answer to it was lost, or is the head of a position that was
    purged from memory and opened again.
    """
    return list(dict.fromkeys(entries))


def _list(value: Stored) -> list[bytes]:
    if not isinstance(value, list):
        raise StoreError(f"a list must be kept there, was a {type(value).__name__}")
    return value


def _table(value: Stored) -> dict[str, bytes]:
    if not isinstance(value, dict):
        raise StoreError(f"a table must be kept there, was a {type(value).__name__}")
    return value


def _state(data: bytes) -> dict[str, bytes]:
    return msgspec.msgpack.decode(data, type=dict[str, bytes])
