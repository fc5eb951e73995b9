"""Accounts: who owns how much, what is locked, which positions are held.

May know: the model, this package's orders. Promises:
1. Money only moves: every change of a balance is a transfer between two holders, so the sum over all holders is what
   was deposited.
2. A position is the sum of its fills plus what a script set outright.
3. What is locked is what the open orders lock.
"""

from __future__ import annotations

from decimal import Decimal

from nautilus_live.model.enums import AccountType, CurrencyType, PositionSide
from nautilus_live.model.identifiers import AccountId, InstrumentId, PositionId
from nautilus_live.model.instruments import Instrument
from nautilus_live.model.objects import AccountBalance, Currency, MarginBalance, Money, Quantity
from nautilus_live.model.reports import PositionStatusReport
from sandbox_venues.betting import Bets
from sandbox_venues.conversion import Rate
from sandbox_venues.orders import ZERO, VenueFill, VenueOrder, rounded

FEES = "fees"
STREET = "street"
"""The two holders beside the accounts: the venue's fee pot, and everyone else in the market."""


class Ledger:
    """Who holds how much of what."""

    def __init__(self) -> None:
        self.holdings: dict[tuple[str, str], Decimal] = {}
        self.deposited: dict[str, Decimal] = {}

    def balance(self, holder: str, code: str) -> Decimal:
        """Return what `holder` has of the currency."""
        return self.holdings.get((holder, code), ZERO)

    def deposit(self, holder: str, code: str, amount: Decimal) -> None:
        """Bring an amount into the venue from outside (negative: take it out)."""
        self.holdings[holder, code] = self.balance(holder, code) + amount
        self.deposited[code] = self.deposited.get(code, ZERO) + amount

    def transfer(self, source: str, target: str, code: str, amount: Decimal) -> None:
        """Move an amount (negative: the other way)."""
        holdings = self.holdings
        holdings[source, code] = holdings.get((source, code), ZERO) - amount
        holdings[target, code] = holdings.get((target, code), ZERO) + amount

    def check(self) -> None:
        """Raise an AssertionError unless every currency sums up to what was deposited."""
        sums: dict[str, Decimal] = {}
        for (_, code), amount in self.holdings.items():
            sums[code] = sums.get(code, ZERO) + amount
        for code, total in sums.items():
            expected = self.deposited.get(code, ZERO)
            if total != expected:
                raise AssertionError(f"balances must conserve: {code} sums to {total}, was deposited {expected}")


class VenuePosition:
    """One position: signed quantity, average opening price, and how it came about."""

    __slots__ = (
        "adjusted",
        "avg_px",
        "base",
        "filled",
        "history",
        "instrument",
        "position_id",
        "rate",
        "realized",
        "signed",
        "ts_last",
    )

    def __init__(self, instrument: Instrument, position_id: PositionId | None) -> None:
        self.instrument = instrument
        self.position_id = position_id
        self.signed = ZERO
        self.avg_px: Decimal | None = None
        self.realized = ZERO
        self.filled = ZERO
        self.adjusted = ZERO
        self.ts_last = 0
        self.rate: Rate | None = None  # of the last fill, into the account's one currency, if it has one
        self.base: tuple[Decimal, Decimal | None, Decimal] = (ZERO, None, ZERO)  # before the history: how it stood
        self.history: list[VenueFill | tuple[Decimal, Decimal | None]] = []

    def add(self, fill: VenueFill) -> Decimal:
        """Add a fill. Return the profit it realised, in the settlement currency or the account's one currency."""
        self.history.append(fill)
        return self._apply(fill.quantity * fill.order.sign, fill.price, fill.ts, fill.rate)

    def rebuild(self, now_ns: int) -> Decimal:
        """Work the position out again without busted fills. Return by how much the realised profit changed."""
        history, realized = self.history, self.realized
        self.signed, self.avg_px, self.realized = self.base
        self.filled, self.adjusted = ZERO, self.signed
        for entry in history:
            if isinstance(entry, tuple):
                self._set(*entry)
            elif not entry.busted:
                self._apply(entry.quantity * entry.order.sign, entry.price, entry.ts, entry.rate)
        self.ts_last = now_ns
        return self.realized - realized

    def set(self, signed: Decimal, avg_px: Decimal | None, now_ns: int) -> None:
        """Make the position what a script says; no fill explains the difference."""
        self.history.append((signed, avg_px))
        self._set(signed, avg_px)
        self.ts_last = now_ns

    def _set(self, signed: Decimal, avg_px: Decimal | None) -> None:
        self.adjusted += signed - self.signed
        self.signed = signed
        self.avg_px = avg_px if signed else None

    @property
    def currency(self) -> Currency:
        """What the account pays and keeps margin in for it."""
        return self.instrument.settlement_currency if self.rate is None else self.rate.currency

    def in_currency(self, amount: Decimal) -> Money:
        """Return an amount of the settlement currency in the one of the account."""
        return self.instrument.settle(amount) if self.rate is None else self.rate.of(amount)

    def _apply(self, change: Decimal, price: Decimal, now_ns: int, rate: Rate | None) -> Decimal:
        profit = ZERO
        self.rate = rate
        before = self.signed
        after = before + change
        if not before or (before > 0) == (change > 0):
            if self.avg_px is None or not before:
                self.avg_px = price
            else:
                self.avg_px = self.instrument.average(abs(before), self.avg_px, abs(change), price)
        else:
            closed = -before if abs(change) >= abs(before) else change
            if self.avg_px is not None:
                # What is paid is rounded fill by fill, so that the sum of all payments is what the fills came to.
                profit = self.in_currency(self.instrument.pnl(-closed, self.avg_px, price)).value
            if not after:
                self.avg_px = None
            elif (after > 0) != (before > 0):
                self.avg_px = price
        self.signed = after
        self.filled += change
        self.realized += profit
        self.ts_last = now_ns
        return profit


class VenueAccount:
    """One account: its positions and what its open orders lock. Balances are in the ledger.

    Attributes:
        base: the one currency that it has; None for several.
        is_cash: whether trading exchanges balances.
        is_betting: whether what trades are bets, put down when they are matched.
        is_margin: whether positions are kept on margin, and their profit is paid as it is made.

    """

    def __init__(
        self, account_id: AccountId, account_type: AccountType, hedging: bool, base: Currency | None = None
    ) -> None:
        self.id = account_id
        self.holder = str(account_id)
        self.type = account_type
        self.is_cash = account_type is AccountType.CASH
        self.is_betting = account_type is AccountType.BETTING
        self.is_margin = account_type is AccountType.MARGIN
        self.hedging = hedging
        self.base = base
        self.open_orders: dict[int, VenueOrder] = {}
        self.positions: dict[tuple[InstrumentId, PositionId | None], VenuePosition] = {}
        self.locked: dict[str, Decimal] = {}
        self.codes: dict[str, Currency] = {}
        self.bets: dict[InstrumentId, Bets] = {}

    def deal_in(self, instrument: Instrument) -> None:
        """Know the currencies that trades in an instrument pay and bring."""
        if self.base is not None:
            self.codes[self.base.code] = self.base
            return
        # On margin the base currency is never owned, only its price is bet on.
        used = [instrument.quote_currency, instrument.settlement_currency]
        for currency in [asset_of(instrument), *used] if self.is_cash else used:
            self.codes[currency.code] = currency

    def hold(self, currency: Currency) -> None:
        """Have money of a currency from now on.

        Raises:
            ValueError: if the account has one currency, and that is another.

        """
        if self.base not in (None, currency):
            raise ValueError(f"{self.id}: money must be in the account's one currency {self.base}, was {currency}")
        self.codes.setdefault(currency.code, currency)

    def position(self, instrument: Instrument, position_id: PositionId | None) -> VenuePosition:
        """Return the position, made flat if there was none; without hedging there is one per instrument."""
        key = (instrument.id, position_id if self.hedging else None)
        found = self.positions.get(key)
        if found is None:
            found = self.positions[key] = VenuePosition(instrument, key[1])
        return found

    def bets_on(self, instrument: Instrument) -> Bets:
        """Return the account's bets on a selection, made empty if there were none."""
        found = self.bets.get(instrument.id)
        if found is None:
            found = self.bets[instrument.id] = Bets(instrument)
        return found

    def net(self, instrument_id: InstrumentId) -> Decimal:
        """Return the signed quantity held of an instrument, over all positions in it."""
        if not self.hedging:
            found = self.positions.get((instrument_id, None))
            return found.signed if found else ZERO
        return sum((held.signed for (owner, _), held in self.positions.items() if owner == instrument_id), ZERO)

    def reducible(self, instrument_id: InstrumentId, sign: int, position_id: PositionId | None) -> Decimal:
        """Return how much an order of that sign can reduce: of the named position, else of the oldest against it."""
        for (owner, name), position in self.positions.items():
            if owner != instrument_id or (self.hedging and position_id not in (None, name)):
                continue
            if position.signed * sign < 0:
                return abs(position.signed)
        return ZERO

    def relock(self, order: VenueOrder, code: str, amount: Decimal) -> None:
        """Lock `amount` for the order instead of what it locked so far."""
        if order.lock_amount:
            self.locked[order.lock_code] = self.locked.get(order.lock_code, ZERO) - order.lock_amount
        order.lock_code, order.lock_amount = code, amount
        if amount:
            self.locked[code] = self.locked.get(code, ZERO) + amount

    def margin(self, code: str) -> Decimal:
        """Return what open positions bind of the currency."""
        bound = ZERO
        for position in self.positions.values():
            if position.signed and position.avg_px and position.currency.code == code:
                needed = required_margin(position.instrument, abs(position.signed), position.avg_px)
                bound += needed if position.rate is None else needed * position.rate.value
        return bound


def asset_of(instrument: Instrument) -> Currency:
    """Return what a cash account gets for its money: the base currency, or the thing itself, such as a share."""
    if instrument.base_currency is not None:
        return instrument.base_currency
    name = instrument.symbol.value.replace(" ", "_")
    return Currency(name, instrument.size_precision, 0, name, CurrencyType.COMMODITY_BACKED)


def required_margin(instrument: Instrument, quantity: Decimal, price: Decimal) -> Decimal:
    """Return the initial margin of a quantity, in the settlement currency."""
    return instrument.worth(quantity, price) * instrument.margin_init


def account_balances(account: VenueAccount, ledger: Ledger, codes: list[str]) -> tuple[AccountBalance, ...]:
    """Return the balances of those currencies; total = locked + free at the currency's precision."""
    balances = []
    for code in codes:
        currency = account.codes[code]
        total = Money(ledger.balance(account.holder, code), currency)
        used = account.locked.get(code, ZERO)
        if account.is_margin:
            used += account.margin(code)
        locked = Money(used, currency)
        balances.append(AccountBalance(total, locked, Money(total.value - locked.value, currency)))
    return tuple(balances)


def account_margins(account: VenueAccount) -> tuple[MarginBalance, ...]:
    """Return the margins that positions bind, by instrument; zero where positions have been closed."""
    if not account.is_margin:
        return ()
    held: dict[InstrumentId, tuple[VenuePosition, Decimal]] = {}
    for position in account.positions.values():
        instrument = position.instrument
        worth = instrument.worth(abs(position.signed), position.avg_px) if position.avg_px else ZERO
        _, before = held.get(instrument.id, (position, ZERO))
        held[instrument.id] = (position, before + worth)
    return tuple(
        MarginBalance(
            position.in_currency(worth * position.instrument.margin_init),
            position.in_currency(worth * position.instrument.margin_maint),
            str(name),
        )
        for name, (position, worth) in held.items()
    )


def position_report(
    account: VenueAccount, position: VenuePosition, avg_px_places: int | None, now_ns: int
) -> PositionStatusReport:
    """Return the position as a report."""
    signed = position.signed
    side = PositionSide.LONG if signed > 0 else PositionSide.SHORT if signed < 0 else PositionSide.FLAT
    average = position.avg_px
    return PositionStatusReport(
        account_id=account.id,
        instrument_id=position.instrument.id,
        position_side=side,
        quantity=Quantity(abs(signed), position.instrument.size_precision),
        avg_px_open=None if average is None else rounded(average, avg_px_places),
        venue_position_id=position.position_id,
        ts_last=position.ts_last,
        ts_init=now_ns,
    )
