"""What can be asked of the cache about positions and accounts. Names and arguments are the ecosystem's."""

from __future__ import annotations

from collections.abc import KeysView, Mapping
from decimal import Decimal

from nautilus_live.core.closed_cycles import closed_cycles
from nautilus_live.engine.indexes import OrderIndex, PositionIndex, select
from nautilus_live.model.accounts import Account
from nautilus_live.model.enums import PositionSide
from nautilus_live.model.identifiers import (
    AccountId,
    ClientOrderId,
    InstrumentId,
    PositionId,
    StrategyId,
    Venue,
)
from nautilus_live.model.orders import Order
from nautilus_live.model.position import Position


class PositionQueries:
    """The cache's answers about positions and accounts; lists are new, what is in them is live."""

    _orders: OrderIndex
    _positions: PositionIndex
    _accounts: dict[str, Account]
    _account_venues: dict[str, str]
    _specific_venue: Venue | None = None

    def position(self, position_id: PositionId) -> Position | None:
        """Return the position with that id, open or closed."""
        return self._positions.by_id.get(position_id.value)

    def position_exists(self, position_id: PositionId) -> bool:
        """Return whether the position is known."""
        return position_id.value in self._positions.by_id

    def position_id(self, client_order_id: ClientOrderId) -> PositionId | None:
        """Return the position that the order changes, as far as that is settled."""
        found = self._orders.by_id.get(client_order_id.value)
        if found is not None and found.position_id is not None:
            return found.position_id
        return self._orders.positions.get(client_order_id.value)

    def given_position_id(self, order: Order) -> PositionId | None:
        """Return the position that an order which has not changed any was given."""
        return self._orders.positions.get(order.client_order_id.value)

    def position_for_order(self, client_order_id: ClientOrderId) -> Position | None:
        """Return the position that the order changed."""
        position_id = self.position_id(client_order_id)
        return None if position_id is None else self._positions.by_id.get(position_id.value)

    def orders_for_position(self, position_id: PositionId) -> list[Order]:
        """Return the orders that changed the position."""
        return [order for order in self._orders.by_id.values() if order.position_id == position_id]

    def position_snapshots(
        self, position_id: PositionId | None = None, account_id: AccountId | None = None
    ) -> list[Position]:
        """Return the earlier cycles of positions, made anew of the fills of the orders that are known.

        Each is a closed position with a number at the end of its id. Of one whose fills were purged in part there are
        none; `Position.total_realized_pnl` counts all.
        """
        wanted = [self.position(position_id)] if position_id else list(self._positions.by_id.values())
        return [cycle for one in wanted if one and _is_of(one, account_id) for cycle in self._cycles(one)]

    def position_snapshot_ids(
        self, instrument_id: InstrumentId | None = None, account_id: AccountId | None = None
    ) -> KeysView[PositionId]:
        """Return the ids of the positions that have earlier cycles (see `position_snapshots`)."""
        wanted = [one for one in self._positions.by_id.values() if instrument_id in (None, one.instrument_id)]
        return {one.id: None for one in wanted if _is_of(one, account_id) and self._cycles(one)}.keys()

    def _cycles(self, position: Position) -> list[Position]:
        if not position.cycle_count:
            return []
        fills = (fill for order in self._orders.by_id.values() for fill in order.fills.values())
        return closed_cycles(position, (fill for fill in fills if fill.position_id == position.id))

    def is_position_open(self, position_id: PositionId) -> bool:
        """Return whether anything of the position is open."""
        return position_id.value in self._positions.open

    def is_no_other_open(self, position_id: PositionId, instrument_id: InstrumentId) -> bool:
        """Return whether no position in the instrument is open, or that one alone."""
        held = self._positions.open_by_instrument.get(instrument_id)
        return not held or (len(held) == 1 and position_id.value in held)

    def is_position_closed(self, position_id: PositionId) -> bool:
        """Return whether the position was open and is flat."""
        return position_id.value in self._positions.closed

    def positions(
        self,
        venue: Venue | None = None,
        instrument_id: InstrumentId | None = None,
        strategy_id: StrategyId | None = None,
        side: PositionSide | None = None,
        account_id: AccountId | None = None,
    ) -> list[Position]:
        """Return all positions that meet the criteria."""
        known = self._positions.by_id if instrument_id is None else self._positions.by_instrument.get(instrument_id, {})
        return select(known.values(), venue, None, strategy_id, side, account_id)

    def positions_known(self, instrument_id: InstrumentId, account_id: AccountId) -> list[Position]:
        """Return an account's positions in an instrument, closed ones too, in the order they were opened."""
        return self.positions(instrument_id=instrument_id, account_id=account_id)

    def positions_open(
        self,
        venue: Venue | None = None,
        instrument_id: InstrumentId | None = None,
        strategy_id: StrategyId | None = None,
        side: PositionSide | None = None,
        account_id: AccountId | None = None,
    ) -> list[Position]:
        """Return the open positions, in the order they were opened."""
        index = self._positions
        found = index.open if instrument_id is None else index.open_by_instrument.get(instrument_id, {})
        return select(found.values(), venue, None, strategy_id, side, account_id)

    def positions_closed(
        self,
        venue: Venue | None = None,
        instrument_id: InstrumentId | None = None,
        strategy_id: StrategyId | None = None,
        side: PositionSide | None = None,
        account_id: AccountId | None = None,
    ) -> list[Position]:
        """Return the positions that are flat again."""
        return select(self._positions.closed.values(), venue, instrument_id, strategy_id, side, account_id)

    def positions_total_count(
        self,
        venue: Venue | None = None,
        instrument_id: InstrumentId | None = None,
        strategy_id: StrategyId | None = None,
        side: PositionSide | None = None,
        account_id: AccountId | None = None,
    ) -> int:
        """Return the number of positions that meet the criteria."""
        return len(self.positions(venue, instrument_id, strategy_id, side, account_id))

    def positions_open_count(
        self,
        venue: Venue | None = None,
        instrument_id: InstrumentId | None = None,
        strategy_id: StrategyId | None = None,
        side: PositionSide | None = None,
        account_id: AccountId | None = None,
    ) -> int:
        """Return the number of open positions."""
        return len(self.positions_open(venue, instrument_id, strategy_id, side, account_id))

    def positions_closed_count(
        self,
        venue: Venue | None = None,
        instrument_id: InstrumentId | None = None,
        strategy_id: StrategyId | None = None,
        side: PositionSide | None = None,
        account_id: AccountId | None = None,
    ) -> int:
        """Return the number of positions that are flat again."""
        return len(self.positions_closed(venue, instrument_id, strategy_id, side, account_id))

    def realized_profits(self) -> Mapping[InstrumentId, Mapping[AccountId, Decimal]]:
        """Return what positions that are not purged made, in the settlement currency, by instrument and account."""
        return self._positions.profits

    # -- accounts ----------------------------------------------------------------------------------------------------

    def account(self, account_id: AccountId) -> Account | None:
        """Return the account with that id."""
        return self._accounts.get(account_id.value)

    def account_for_venue(self, venue: Venue | None = None, account_id: AccountId | None = None) -> Account | None:
        """Return the account of that id; without one that at the venue: the one set for it, else the one whose issuer
        has the venue's name. With a `set_specific_venue` all venues have the account of that one.

        Raises:
            ValueError: if neither is given.

        """
        if account_id is not None:
            return self.account(account_id)
        if venue is None:
            raise ValueError("a venue or an account_id must be given, was neither")
        key = self._account_venues.get((self._specific_venue or venue).value)
        return None if key is None else self._accounts.get(key)

    def set_specific_venue(self, venue: Venue) -> None:
        """Let one venue's account be that of all: a broker's, which trades at many."""
        self._specific_venue = venue

    def set_account_id_for_venue(self, venue: Venue, account_id: AccountId) -> None:
        """Let that account be the one at the venue: a broker's, which is not called after it."""
        self._account_venues[venue.value] = account_id.value

    def account_id(self, venue: Venue) -> AccountId | None:
        """Return the id of the account at the venue."""
        found = self.account_for_venue(venue)
        return None if found is None else found.id

    def accounts(self) -> list[Account]:
        """Return all accounts."""
        return list(self._accounts.values())


def _is_of(position: Position, account_id: AccountId | None) -> bool:
    return account_id is None or position.account_id == account_id
