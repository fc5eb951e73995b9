"""The portfolio: what the positions are together, what they made and what they are worth.

Knows the cache. It keeps no numbers of its own: every answer is a sum over positions, which are few and already carry
their results, so it is right the moment a position changes and costs nothing in between. Where a price is needed and
none is known the answer is `None`.

Endpoint: `Portfolio.update_account`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from decimal import Decimal

from nautilus_live.adapters.ports import Clock
from nautilus_live.config.portfolio import PortfolioConfig
from nautilus_live.engine.cache import Cache
from nautilus_live.engine.message_bus import MessageBus
from nautilus_live.model.accounts import Account, account_from
from nautilus_live.model.enums import PriceType
from nautilus_live.model.events import AccountState
from nautilus_live.model.identifiers import AccountId, InstrumentId, Venue
from nautilus_live.model.objects import Currency, Money, Price
from nautilus_live.model.position import Position

ZERO = Decimal(0)

_log = logging.getLogger(__name__)


class Portfolio:
    """Answers about all positions together."""

    def __init__(self, cache: Cache, msgbus: MessageBus, clock: Clock, config: PortfolioConfig | None = None) -> None:
        self.config = config or PortfolioConfig()
        self._cache = cache
        self._msgbus = msgbus
        self._clock = clock
        self._initialized = False
        self._valuing_types = (PriceType.MARK, PriceType.MID) if self.config.use_mark_prices else (PriceType.MID,)
        msgbus.register("Portfolio.update_account", self.update_account)

    @property
    def initialized(self) -> bool:
        """Whether orders and positions have been looked through since the start."""
        return self._initialized

    def initialize(self) -> None:
        """Look through orders, then positions; from here on the answers stand for the venue's truth as reconciled."""
        self.initialize_orders()
        self.initialize_positions()

    def initialize_orders(self) -> None:
        """Look through the orders that work."""
        _log.info("%d orders open, %d in flight", self._cache.orders_open_count(), self._cache.orders_inflight_count())

    def initialize_positions(self) -> None:
        """Look through the positions that are open."""
        _log.info("%d positions open", self._cache.positions_open_count())
        self._initialized = True

    def update_account(self, state: AccountState) -> None:
        """Take over an account state, and tell of it."""
        account = self._cache.account(state.account_id)
        if account is None:
            self._cache.add_account(account_from(state))
        else:
            account.apply(state)
            self._cache.update_account(account)
        self._msgbus.publish(f"events.account.{state.account_id.value}", state)

    def account(self, venue: Venue | None = None, account_id: AccountId | None = None) -> Account | None:
        """Return the account at a venue, or the one with that id."""
        if account_id is not None:
            return self._cache.account(account_id)
        return None if venue is None else self._cache.account_for_venue(venue)

    # -- size --------------------------------------------------------------------------------------------------------

    def net_position(self, instrument_id: InstrumentId, account_id: AccountId | None = None) -> Decimal:
        """Return the sum of the open positions in the instrument, negative when short."""
        return sum((one.signed_qty for one in self._open(instrument_id, account_id)), ZERO)

    def is_net_long(self, instrument_id: InstrumentId, account_id: AccountId | None = None) -> bool:
        """Return whether the open positions add up to more than zero."""
        return self.net_position(instrument_id, account_id) > 0

    def is_net_short(self, instrument_id: InstrumentId, account_id: AccountId | None = None) -> bool:
        """Return whether the open positions add up to less than zero."""
        return self.net_position(instrument_id, account_id) < 0

    def is_flat(self, instrument_id: InstrumentId, account_id: AccountId | None = None) -> bool:
        """Return whether the open positions add up to zero."""
        return not self.net_position(instrument_id, account_id)

    def is_completely_flat(self, account_id: AccountId | None = None) -> bool:
        """Return whether the positions of every instrument add up to zero."""
        nets: dict[InstrumentId, Decimal] = {}
        for position in self._cache.positions_open(account_id=account_id):
            nets[position.instrument_id] = nets.get(position.instrument_id, ZERO) + position.signed_qty
        return not any(nets.values())

    # -- money -------------------------------------------------------------------------------------------------------

    def realized_pnl(self, instrument_id: InstrumentId, account_id: AccountId | None = None) -> Money | None:
        """Return the profit made in the instrument, all cycles of all positions; None if the instrument is unknown."""
        instrument = self._cache.instrument(instrument_id)
        if instrument is None:
            return None
        positions = self._cache.positions(instrument_id=instrument_id, account_id=account_id)
        made = sum((one.realized + one.realized_before for one in positions), ZERO)
        for (traded, owner), profit in self._cache.purged_profits().items():
            if traded == instrument_id and account_id in (None, owner):
                made += profit
        return Money(made, instrument.settlement_currency)

    def unrealized_pnl(
        self, instrument_id: InstrumentId, price: Price | None = None, account_id: AccountId | None = None
    ) -> Money | None:
        """Return what closing all at `price` (by default the market's) would make; None without a price."""
        return self._valued(instrument_id, price, account_id, _unrealized)

    def total_pnl(
        self, instrument_id: InstrumentId, price: Price | None = None, account_id: AccountId | None = None
    ) -> Money | None:
        """Return realised plus unrealised profit; None without a price."""
        realized = self.realized_pnl(instrument_id, account_id)
        unrealized = self.unrealized_pnl(instrument_id, price, account_id)
        return None if realized is None or unrealized is None else realized + unrealized

    def net_exposure(
        self, instrument_id: InstrumentId, price: Price | None = None, account_id: AccountId | None = None
    ) -> Money | None:
        """Return the value of the net position, without sign, in the cost currency; None without a price."""
        instrument = self._cache.instrument(instrument_id)
        if instrument is None:
            return None
        net = self.net_position(instrument_id, account_id)
        if not net:
            return Money(ZERO, instrument.get_cost_currency())
        at = price or self.price(instrument_id)
        return None if at is None else instrument.notional_value(instrument.make_qty(abs(net)), at)

    def realized_pnls(self, venue: Venue | None = None, account_id: AccountId | None = None) -> dict[Currency, Money]:
        """Return the profit made, by currency."""
        instrument_ids = self._traded(venue, account_id, self._cache.positions(venue=venue, account_id=account_id))
        instrument_ids += [
            traded
            for traded, owner in self._cache.purged_profits()
            if traded not in instrument_ids and venue in (None, traded.venue) and account_id in (None, owner)
        ]
        return _by_currency([self.realized_pnl(one, account_id) for one in instrument_ids])

    def unrealized_pnls(self, venue: Venue | None = None, account_id: AccountId | None = None) -> dict[Currency, Money]:
        """Return what closing everything would make, by currency; instruments without a price are left out."""
        instrument_ids = self._traded(venue, account_id, self._cache.positions_open(venue=venue, account_id=account_id))
        return _by_currency([self.unrealized_pnl(one, None, account_id) for one in instrument_ids])

    def net_exposures(self, venue: Venue | None = None, account_id: AccountId | None = None) -> dict[Currency, Money]:
        """Return the value of the net positions, by currency; instruments without a price are left out."""
        instrument_ids = self._traded(venue, account_id, self._cache.positions_open(venue=venue, account_id=account_id))
        return _by_currency([self.net_exposure(one, None, account_id) for one in instrument_ids])

    # -- helpers -----------------------------------------------------------------------------------------------------

    def _open(self, instrument_id: InstrumentId, account_id: AccountId | None) -> list[Position]:
        return self._cache.positions_open(instrument_id=instrument_id, account_id=account_id)

    def _traded(
        self, venue: Venue | None, account_id: AccountId | None, positions: list[Position]
    ) -> list[InstrumentId]:
        return list(dict.fromkeys(position.instrument_id for position in positions))

    def price(self, instrument_id: InstrumentId) -> Price | None:
        """Return the price that positions in the instrument are valued at, None if none is known."""
        for price_type in self._valuing_types:
            found = self._cache.price(instrument_id, price_type)
            if found is not None:
                return found
        return None

    def _valued(
        self,
        instrument_id: InstrumentId,
        price: Price | None,
        account_id: AccountId | None,
        value: Callable[[Position, Price], Decimal],
    ) -> Money | None:
        instrument = self._cache.instrument(instrument_id)
        if instrument is None:
            return None
        positions = self._open(instrument_id, account_id)
        if not positions:
            return Money(ZERO, instrument.settlement_currency)
        at = price or self.price(instrument_id)
        return (
            None
            if at is None
            else Money(sum((value(one, at) for one in positions), ZERO), instrument.settlement_currency)
        )


def _unrealized(position: Position, price: Price) -> Decimal:
    return position.instrument.pnl(position.signed_qty, position.avg_px_open, price.value)


def _by_currency(amounts: list[Money | None]) -> dict[Currency, Money]:
    totals: dict[Currency, Money] = {}
    for amount in amounts:
        if amount is not None:
            known = totals.get(amount.currency)
            totals[amount.currency] = amount if known is None else known + amount
    return totals
