"""The portfolio: what the positions are together, what they made and what they are worth.

Knows the cache, which keeps what positions made as a sum, and `engine.valuation`, which knows prices. It keeps no
numbers of its own: every answer is a sum over open positions, which are few, so it is right the moment a position
changes and costs nothing in between. Where a price or an exchange rate is needed and none is known the answer is `None`
for one instrument, and leaves that instrument out for many (`missing_price_instruments` names those).

Amounts are in the instrument's own currency, or, with `convert_to_account_base_currency`, in the base currency of the
account where that has one. They are added up exactly and rounded once, at the end.

Endpoint: `Portfolio.update_account`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from decimal import Decimal

from nautilus_live.adapters.ports import Clock
from nautilus_live.config.portfolio import PortfolioConfig
from nautilus_live.engine.account_log import AccountLog
from nautilus_live.engine.cache import Cache
from nautilus_live.engine.message_bus import MessageBus
from nautilus_live.engine.refusing import PORTFOLIO_REFUSES, Refusing
from nautilus_live.engine.reservations import Reservations
from nautilus_live.engine.valuation import Valuation
from nautilus_live.model.accounts import Account, BettingAccount, CashAccount, MarginAccount, account_from
from nautilus_live.model.events import AccountState
from nautilus_live.model.identifiers import AccountId, InstrumentId, Venue
from nautilus_live.model.instruments import Instrument, without_noise
from nautilus_live.model.objects import Currency, Money, Price
from nautilus_live.model.position import Position

ZERO = Decimal(0)
Amounts = dict[AccountId, Decimal]
"""An amount in each account, not rounded."""

_log = logging.getLogger(__name__)


class Portfolio(Refusing):
    """Answers about all positions together. Names are the ecosystem's; each question can be put for one account."""

    refused = PORTFOLIO_REFUSES

    def __init__(self, cache: Cache, msgbus: MessageBus, clock: Clock, config: PortfolioConfig | None = None) -> None:
        self.config = config or PortfolioConfig()
        self._cache, self._msgbus = cache, msgbus
        self.set_specific_venue = cache.set_specific_venue
        self._initialized = False
        self._valuation = Valuation(cache, self.config)
        self._reservations = Reservations(cache, msgbus)
        self._account_log = AccountLog(clock, self.config.min_account_state_logging_interval_ms, self.config.debug)
        msgbus.register("Portfolio.update_account", self.update_account)
        msgbus.subscribe("events.account.*", self._on_account_state)
        if self.config.bar_updates:
            msgbus.subscribe("data.bars.*", self._valuation.on_bar)

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
        for account in self._cache.accounts():
            self._take_charge_of(account)
        _log.info("%d orders open, %d in flight", self._cache.orders_open_count(), self._cache.orders_inflight_count())

    def initialize_positions(self) -> None:
        """Look through the positions that are open."""
        _log.info("%d positions open", self._cache.positions_open_count())
        self._initialized = True

    def set_use_mark_prices(self, value: bool) -> None:
        """Choose whether positions are valued at mark prices from now on."""
        self._valuation.use_mark_prices = value

    def set_use_mark_xrates(self, value: bool) -> None:
        """Choose whether currencies are converted at mark prices from now on."""
        self._valuation.use_mark_xrates = value

    # -- accounts ----------------------------------------------------------------------------------------------------

    def update_account(self, event: AccountState) -> None:
        """Take over an account state, and tell of it."""
        account = self._cache.account(event.account_id)
        if account is None:
            self._cache.add_account(account_from(event))
        elif account.apply(event):
            self._cache.update_account(account)
        self._msgbus.publish(f"events.account.{event.account_id.value}", event)

    def _on_account_state(self, state: AccountState) -> None:
        account = self._cache.account(state.account_id)
        if account is not None:
            self._take_charge_of(account)
        self._account_log.take(state)

    def _take_charge_of(self, account: Account) -> None:
        if account.paid is dict:
            account.paid = lambda: self._commissions(account.id)
        if isinstance(account, CashAccount):
            self._reservations.begin()

    def _commissions(self, account_id: AccountId) -> Mapping[Currency, Decimal]:
        paid: dict[Currency, Decimal] = {}
        for position in self._cache.positions(account_id=account_id):
            for currency, amount in position.paid.items():
                paid[currency] = paid.get(currency, ZERO) + amount
        return paid

    def account(self, venue: Venue | None = None, account_id: AccountId | None = None) -> Account | None:
        """Return the account at a venue, or the one with that id."""
        if account_id is not None:
            return self._cache.account(account_id)
        return None if venue is None else self._cache.account_for_venue(venue)

    def balances_locked(self, venue: Venue | None = None, account_id: AccountId | None = None) -> dict[Currency, Money]:
        """Return what is locked in an account, by currency; nothing if the account is unknown."""
        account = self.account(venue, account_id)
        return {} if account is None else account.balances_locked()

    def margins_init(
        self, venue: Venue | None = None, account_id: AccountId | None = None
    ) -> dict[InstrumentId, Money]:
        """Return the initial margins of an account, by instrument; nothing if it has none or is unknown."""
        account = self.account(venue, account_id)
        return account.margins_init() if isinstance(account, MarginAccount) else {}

    def margins_maint(
        self, venue: Venue | None = None, account_id: AccountId | None = None
    ) -> dict[InstrumentId, Money]:
        """Return the maintenance margins of an account, by instrument; nothing if it has none or is unknown."""
        account = self.account(venue, account_id)
        return account.margins_maint() if isinstance(account, MarginAccount) else {}

    def equity(self, venue: Venue | None = None, account_id: AccountId | None = None) -> dict[Currency, Money]:
        """Return what an account would have if everything open were closed at the market, by currency.

        That is the total of the balances and, on margin, the unrealised profit; where shares and the like are owned
        that are no balance, their value. What has no price is left out, and so are bets: the outcome decides.
        """
        account = self.account(venue, account_id)
        if account is None:
            return {}
        worth = {currency: total.value for currency, total in account.balances_total().items()}
        for position in self._cache.positions_open(account_id=account.id):
            at = self._valuation.price(position.instrument_id, position.signed_qty)
            instrument = position.instrument
            if at is None or type(account) is BettingAccount or (account.is_cash_account and instrument.base_currency):
                continue
            if not account.is_cash_account:
                currency, amount = instrument.settlement_currency, _unrealized(position, at)
            elif any(code.code == position.symbol.value for code in worth):
                continue
            else:
                currency, amount = instrument.get_cost_currency(), _value(position, at)
            worth[currency] = worth.get(currency, ZERO) + amount
        return {currency: Money(without_noise(amount), currency) for currency, amount in worth.items()}

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

    # -- money of one instrument -------------------------------------------------------------------------------------

    def price(self, instrument_id: InstrumentId, signed_qty: Decimal = ZERO) -> Price | None:
        """Return the price that a position of that sign is valued at (zero: neither), None if none is known."""
        return self._valuation.price(instrument_id, signed_qty)

    def realized_pnl(
        self,
        instrument_id: InstrumentId,
        account_id: AccountId | None = None,
        target_currency: Currency | None = None,
    ) -> Money | None:
        """Return the profit made, all cycles of all positions; None without the instrument or a rate."""
        instrument = self._cache.instrument(instrument_id)
        if instrument is None:
            return None
        made: Amounts = dict(self._cache.realized_profits().get(instrument_id, {}))
        for (traded, owner), profit in self._cache.purged_profits().items():
            if traded == instrument_id:
                made[owner] = made.get(owner, ZERO) + profit
        if account_id is not None:
            made = {owner: profit for owner, profit in made.items() if owner == account_id}
        return self._told(made, instrument.settlement_currency, target_currency, account_id, instrument_id.venue)

    def unrealized_pnl(
        self,
        instrument_id: InstrumentId,
        price: Price | None = None,
        account_id: AccountId | None = None,
        target_currency: Currency | None = None,
    ) -> Money | None:
        """Return what closing all at `price` (by default the market's) would make; None without a price or rate."""
        return self._valued(instrument_id, price, account_id, target_currency, _unrealized, _settlement_currency)

    def total_pnl(
        self,
        instrument_id: InstrumentId,
        price: Price | None = None,
        account_id: AccountId | None = None,
        target_currency: Currency | None = None,
    ) -> Money | None:
        """Return realised plus unrealised profit; None without a price or rate."""
        realized = self.realized_pnl(instrument_id, account_id, target_currency)
        unrealized = self.unrealized_pnl(instrument_id, price, account_id, target_currency)
        return None if realized is None or unrealized is None else realized + unrealized

    def net_exposure(
        self,
        instrument_id: InstrumentId,
        price: Price | None = None,
        account_id: AccountId | None = None,
        target_currency: Currency | None = None,
    ) -> Money | None:
        """Return the value of the net position, without sign; None without a price or rate."""
        net = self.net_position(instrument_id, account_id)
        # What nets out is worth nothing at any price.
        value = _value if net else _nothing
        at = price or self._valuation.price(instrument_id, net) or (None if net else Price.from_int(1))
        found = self._valued(instrument_id, at, account_id, target_currency, value, Instrument.get_cost_currency)
        return None if found is None else Money(abs(found.value), found.currency)

    # -- money of all ------------------------------------------------------------------------------------------------

    def realized_pnls(
        self,
        venue: Venue | None = None,
        account_id: AccountId | None = None,
        target_currency: Currency | None = None,
    ) -> dict[Currency, Money]:
        """Return the profit made, by currency."""
        owners = [(one, owner) for one, by_owner in self._cache.realized_profits().items() for owner in by_owner]
        owners += self._cache.purged_profits()
        traded = [one for one, owner in owners if venue in (None, one.venue) and account_id in (None, owner)]
        return _by_currency([self.realized_pnl(one, account_id, target_currency) for one in dict.fromkeys(traded)])

    def unrealized_pnls(
        self,
        venue: Venue | None = None,
        account_id: AccountId | None = None,
        target_currency: Currency | None = None,
    ) -> dict[Currency, Money]:
        """Return what closing everything would make, by currency; instruments without a price are left out."""
        traded = self._held(venue, account_id)
        return _by_currency([self.unrealized_pnl(one, None, account_id, target_currency) for one in traded])

    def total_pnls(
        self,
        venue: Venue | None = None,
        account_id: AccountId | None = None,
        target_currency: Currency | None = None,
    ) -> dict[Currency, Money]:
        """Return realised plus unrealised profit, by currency; unrealised without a price is left out."""
        realized = self.realized_pnls(venue, account_id, target_currency)
        unrealized = self.unrealized_pnls(venue, account_id, target_currency)
        return _by_currency([*realized.values(), *unrealized.values()])

    def net_exposures(
        self,
        venue: Venue | None = None,
        account_id: AccountId | None = None,
        target_currency: Currency | None = None,
    ) -> dict[Currency, Money]:
        """Return the value of the net positions, by currency; instruments without a price are left out."""
        traded = self._held(venue, account_id)
        return _by_currency([self.net_exposure(one, None, account_id, target_currency) for one in traded])

    def mark_values(
        self,
        venue: Venue | None = None,
        account_id: AccountId | None = None,
        target_currency: Currency | None = None,
    ) -> dict[Currency, Money]:
        """Return the value of all open positions, short ones negative, by currency; those without a price left out."""
        traded = self._held(venue, account_id)
        cost = Instrument.get_cost_currency
        return _by_currency([self._valued(one, None, account_id, target_currency, _value, cost) for one in traded])

    def missing_price_instruments(
        self, venue: Venue | None = None, account_id: AccountId | None = None
    ) -> list[InstrumentId]:
        """Return the instruments that have open positions and no price to value them."""
        open_positions = self._cache.positions_open(venue=venue, account_id=account_id)
        missing = [one for one in open_positions if self.price(one.instrument_id, one.signed_qty) is None]
        return list(dict.fromkeys(one.instrument_id for one in missing))

    # -- helpers -----------------------------------------------------------------------------------------------------

    def _open(self, instrument_id: InstrumentId, account_id: AccountId | None) -> list[Position]:
        return self._cache.positions_open(instrument_id=instrument_id, account_id=account_id)

    def _held(self, venue: Venue | None, account_id: AccountId | None) -> list[InstrumentId]:
        positions = self._cache.positions_open(venue=venue, account_id=account_id)
        return list(dict.fromkeys(position.instrument_id for position in positions))

    def _valued(
        self,
        instrument_id: InstrumentId,
        price: Price | None,
        account_id: AccountId | None,
        target: Currency | None,
        value: Callable[[Position, Price], Decimal],
        currency: Callable[[Instrument], Currency],
    ) -> Money | None:
        instrument = self._cache.instrument(instrument_id)
        if instrument is None:
            return None
        amounts: Amounts = {}
        for position in self._open(instrument_id, account_id):
            at = price or self._valuation.price(instrument_id, position.signed_qty)
            if at is None:
                return None
            owner = position.account_id
            amounts[owner] = amounts.get(owner, ZERO) + value(position, at)
        return self._told(amounts, currency(instrument), target, account_id, instrument_id.venue)

    def _told(
        self,
        amounts: Amounts,
        currency: Currency,
        target: Currency | None,
        account_id: AccountId | None,
        venue: Venue,
    ) -> Money | None:
        """Return the sum of `amounts`, which are in `currency`, in the one in which it is to be told."""
        if target is None:
            target = self._base_currency(list(amounts), account_id, venue) or currency
        total = sum(amounts.values(), ZERO)
        if target != currency and total:
            rate = self._valuation.rate(currency, target)
            if rate is None:
                if self.config.debug:
                    _log.debug("no rate is known from %s to %s", currency, target)
                return None
            total *= rate
        return Money(without_noise(total), target)

    def _base_currency(self, owners: list[AccountId], account_id: AccountId | None, venue: Venue) -> Currency | None:
        """Return the one base currency of all the accounts concerned, None if they have none or several."""
        if not self.config.convert_to_account_base_currency:
            return None
        accounts = [self._cache.account(owner) for owner in owners] or [self.account(venue, account_id)]
        bases = dict.fromkeys(None if account is None else account.base_currency for account in accounts)
        return next(iter(bases)) if len(bases) == 1 else None


def _unrealized(position: Position, price: Price) -> Decimal:
    return position.instrument.pnl(position.signed_qty, position.avg_px_open, price.value)


def _value(position: Position, price: Price) -> Decimal:
    return position.instrument.worth(position.signed_qty, price.value)


def _nothing(position: Position, price: Price) -> Decimal:
    return ZERO


def _settlement_currency(instrument: Instrument) -> Currency:
    return instrument.settlement_currency


def _by_currency(amounts: list[Money | None]) -> dict[Currency, Money]:
    totals: dict[Currency, Money] = {}
    for amount in amounts:
        if amount is not None:
            known = totals.get(amount.currency)
            totals[amount.currency] = amount if known is None else known + amount
    return totals
