"""What every account has: the balances and margins last stated, and what we reserved beside them.

What a venue states is believed as it is, odd as it may be (a negative free amount, parts that do not add up): an
account never stops the handling of orders. Each currency, and each instrument's margin, is as the newest state about it
says; states may come in any order. What the stream says of a change stands over an answer of the same time: the answer
is from before the change, or says the same. Reservations of our own (`update_balance_locked`) survive the venue's
states: locked is the greater of the two, for a venue that knows of an order says so itself, and some never do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any, ClassVar, Self

from nautilus_live.model.enums import AccountType, LiquiditySide, OrderSide, Provenance
from nautilus_live.model.events import AccountState, OrderFilled
from nautilus_live.model.identifiers import AccountId, InstrumentId
from nautilus_live.model.instruments import Instrument, without_noise
from nautilus_live.model.objects import AccountBalance, Currency, MarginBalance, Money, Price, Quantity
from nautilus_live.model.position import Position

_ZERO = Decimal(0)
_SECOND_NS = 1_000_000_000
_RESPONSE = Provenance.RESPONSE


class Account:
    """One account as the venue last described it.

    Args:
        event: its first state.
        calculate_account_state: whether the node works out the balances itself; it cannot, it believes the venue.

    Attributes:
        paid: tells the commissions that the account's positions paid, by currency; the portfolio sets it.

    Raises:
        ValueError: if `calculate_account_state` is set.

    """

    ACCOUNT_TYPE: ClassVar[AccountType]

    __slots__ = (
        "_balances",
        "_commissions",
        "_margins",
        "_reserved",
        "_starting",
        "_stated",
        "base_currency",
        "events",
        "id",
        "paid",
        "type",
    )

    def __init__(self, event: AccountState, calculate_account_state: bool = False) -> None:
        if calculate_account_state:
            raise ValueError(f"{event.account_id}: calculate_account_state must not be set: the venue states balances")
        self.id: AccountId = event.account_id
        self.type: AccountType = event.account_type
        self.base_currency: Currency | None = event.base_currency
        self.events: list[AccountState] = []
        self._balances: dict[Currency, AccountBalance] = {}
        self._margins: dict[tuple[str, Currency], MarginBalance] = {}
        self._starting: dict[Currency, Money] = {}
        self._commissions: dict[Currency, Decimal] = {}
        self.paid: Callable[[], Mapping[Currency, Decimal]] = dict
        self._reserved: dict[tuple[InstrumentId, Currency], Decimal] = {}
        self._stated: dict[object, int] = {}
        self.apply(event)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(id={self.id}, type={self.type.name}, base={self.base_currency})"

    # -- what is said of it ------------------------------------------------------------------------------------------

    def apply(self, event: AccountState) -> bool:
        """Take over what `event` says, but for what a newer one has said already; return whether anything was new.

        Currencies that it leaves out keep their last balance.

        Raises:
            ValueError: if the state belongs to another account.

        """
        if event.account_id != self.id:
            raise ValueError(f"{self.id}: cannot apply the state of another account, was {event.account_id}")
        at, news = _moment(event), not self.events
        for balance in event.balances:
            if self._is_news(balance.currency, at):
                self._set_balance(balance)
                news = True
        for margin in event.margins:
            key = (margin.instrument, margin.currency)
            if self._is_news(key, at):
                self._margins[key] = margin
                news = True
        if news or at >= _moment(self.events[-1]):
            self._keep(event, at)
            return True
        return False

    def _is_news(self, what: object, at: int) -> bool:
        if self._stated.get(what, at) > at:
            return False
        self._stated[what] = at
        return True

    def _keep(self, state: AccountState, at: int) -> None:
        # Kept in the order of their times: the last one is the latest.
        place = len(self.events)
        while place and _moment(self.events[place - 1]) > at:
            place -= 1
        self.events.insert(place, state)

    def _set_balance(self, balance: AccountBalance) -> None:
        self._balances[balance.currency] = balance
        self._starting.setdefault(balance.currency, balance.total)

    def update_balances(self, balances: Iterable[AccountBalance]) -> None:
        """Take over balances, as of the last state."""
        for balance in balances:
            self._set_balance(balance)

    def update_commissions(self, commission: Money) -> None:
        """Count a commission that no position paid (negative: received)."""
        currency = commission.currency
        self._commissions[currency] = self._commissions.get(currency, _ZERO) + commission.value

    def forget_events(self, count: int) -> None:
        """Forget the `count` oldest states applied; what they said of balances stays. The last one is always kept."""
        del self.events[: min(count, len(self.events) - 1)]

    def purge_account_events(self, ts_now: int, lookback_secs: int = 0) -> None:
        """Forget the states that are `lookback_secs` old or older at `ts_now` (nanoseconds), but for the last one."""
        until = ts_now - lookback_secs * _SECOND_NS
        self.forget_events(sum(state.ts_event <= until for state in self.events))

    # -- what it is --------------------------------------------------------------------------------------------------

    @property
    def is_cash_account(self) -> bool:
        """Whether the account cannot borrow: what it trades, or bets, is paid for."""
        return self.type is not AccountType.MARGIN

    @property
    def is_margin_account(self) -> bool:
        """Whether the account trades on margin."""
        return self.type is AccountType.MARGIN

    @property
    def calculate_account_state(self) -> bool:
        """Whether the node works out the balances itself: never, it believes the venue."""
        return False

    @property
    def last_event(self) -> AccountState:
        """The latest state applied."""
        return self.events[-1]

    @property
    def event_count(self) -> int:
        """How many states are remembered."""
        return len(self.events)

    def to_dict(self, obj: Account | None = None) -> dict[str, Any]:
        """Return what was stated as plain values."""
        value = self if obj is None else obj
        states = [state.to_dict() for state in value.events]
        return {"type": type(value).__name__, "calculate_account_state": False, "events": states}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Return what `to_dict` has written.

        Raises:
            ValueError: if no state is there.

        """
        states = [AccountState.from_dict(state) for state in values["events"]]
        if not states:
            raise ValueError(f"an account must have a state at least, was {values}")
        account = cls(states[0])
        for state in states[1:]:
            account.apply(state)
        return account

    def is_unleveraged(self, instrument_id: InstrumentId) -> bool:
        """Return whether trades in the instrument are paid in full."""
        return True

    # -- balances ----------------------------------------------------------------------------------------------------

    def currencies(self) -> list[Currency]:
        """Return the currencies that have a balance."""
        return list(self._balances)

    def starting_balances(self) -> dict[Currency, Money]:
        """Return the total of each currency when it was first stated."""
        return dict(self._starting)

    def balances(self) -> dict[Currency, AccountBalance]:
        """Return all balances."""
        return {currency: self._with_reserved(balance) for currency, balance in self._balances.items()}

    def balances_total(self) -> dict[Currency, Money]:
        """Return the totals of all currencies."""
        return {currency: balance.total for currency, balance in self._balances.items()}

    def balances_free(self) -> dict[Currency, Money]:
        """Return the free amounts of all currencies."""
        return {currency: balance.free for currency, balance in self.balances().items()}

    def balances_locked(self) -> dict[Currency, Money]:
        """Return the locked amounts of all currencies."""
        return {currency: balance.locked for currency, balance in self.balances().items()}

    def balance(self, currency: Currency | None = None) -> AccountBalance | None:
        """Return the balance in `currency` (or the base currency), `None` if unknown."""
        wanted = currency or self.base_currency
        found = None if wanted is None else self._balances.get(wanted)
        return None if found is None else self._with_reserved(found)

    def balance_total(self, currency: Currency | None = None) -> Money | None:
        """Return the total in `currency`, `None` if unknown."""
        found = self.balance(currency)
        return found.total if found else None

    def balance_free(self, currency: Currency | None = None) -> Money | None:
        """Return the free amount in `currency`, `None` if unknown."""
        found = self.balance(currency)
        return found.free if found else None

    def balance_locked(self, currency: Currency | None = None) -> Money | None:
        """Return the locked amount in `currency`, `None` if unknown."""
        found = self.balance(currency)
        return found.locked if found else None

    def commissions(self) -> dict[Currency, Money]:
        """Return the commissions paid, by currency: those of positions, and those counted beside them."""
        amounts = dict(self.paid())
        for currency, amount in self._commissions.items():
            amounts[currency] = amounts.get(currency, _ZERO) + amount
        return {currency: Money(amount, currency) for currency, amount in amounts.items()}

    def commission(self, currency: Currency) -> Money | None:
        """Return the commissions paid in a currency, `None` if there were none."""
        return self.commissions().get(currency)

    def _with_reserved(self, balance: AccountBalance) -> AccountBalance:
        if not self._reserved:
            return balance
        currency = balance.currency
        reserved = sum((amount for (_, code), amount in self._reserved.items() if code == currency), _ZERO)
        locked = Money(min(reserved, max(balance.total.value, _ZERO)), currency)
        return balance if locked <= balance.locked else AccountBalance(balance.total, locked, balance.total - locked)

    def update_balance_locked(self, instrument_id: InstrumentId, locked: Money) -> None:
        """Reserve an amount for the open orders in an instrument, instead of what was reserved for it so far.

        Raises:
            ValueError: if the amount is negative.

        """
        if locked.value < 0:
            raise ValueError(f"{self.id}: what is locked for {instrument_id} must not be negative, was {locked}")
        self.reserve(instrument_id, locked.currency, locked.value)

    def reserve(self, instrument_id: InstrumentId, currency: Currency, amount: Decimal) -> None:
        """Reserve an amount as `update_balance_locked` does, with digits behind the currency's last place.

        They count when all that is reserved of the currency is added up, and rounded once, as a venue does it.
        """
        if amount:
            self._reserved[instrument_id, currency] = amount
        else:
            self._reserved.pop((instrument_id, currency), None)

    def clear_balance_locked(self, instrument_id: InstrumentId) -> None:
        """Forget what was reserved for an instrument."""
        self._reserved = {key: amount for key, amount in self._reserved.items() if key[0] != instrument_id}

    # -- margins -----------------------------------------------------------------------------------------------------

    def margin_balances(self) -> list[MarginBalance]:
        """Return all margins that are not zero, those of the whole account (with an empty instrument) included."""
        return [margin for margin in self._margins.values() if margin.initial.value or margin.maintenance.value]

    # -- what trading does -------------------------------------------------------------------------------------------

    def calculate_commission(
        self,
        instrument: Instrument,
        last_qty: Quantity,
        last_px: Price,
        liquidity_side: LiquiditySide,
        use_quote_for_inverse: bool = False,
    ) -> Money:
        """Return what the instrument's fee comes to, in the cost currency.

        Raises:
            ValueError: if the side of liquidity is neither MAKER nor TAKER.

        """
        if liquidity_side not in (LiquiditySide.MAKER, LiquiditySide.TAKER):
            raise ValueError(f"{instrument.id}: a commission needs the side of liquidity, was {liquidity_side}")
        rate = instrument.maker_fee if liquidity_side is LiquiditySide.MAKER else instrument.taker_fee
        return share_of_notional(instrument, last_qty, last_px, rate, use_quote_for_inverse)

    def calculate_pnls(
        self, instrument: Instrument, fill: OrderFilled, position: Position | None = None
    ) -> list[Money]:
        """Return how a fill changes the balances, without its commission; `position` is as it was before."""
        raise NotImplementedError(f"{type(self).__name__} must say what a fill does to it")

    def balance_impact(self, instrument: Instrument, quantity: Quantity, price: Price, order_side: OrderSide) -> Money:
        """Return how a trade changes the balance of the cost currency, negative for what is paid."""
        notional = instrument.notional_value(quantity, price)
        return Money(-notional.value * order_side.sign, notional.currency)


def _moment(state: AccountState) -> int:
    """Return what sorts states by what they know: by their time, and of one time the stream's word last."""
    return 2 * state.ts_event + (state.provenance is not _RESPONSE)


def share_of_notional(
    instrument: Instrument, quantity: Quantity, price: Price, fraction: Decimal, use_quote_for_inverse: bool
) -> Money:
    """Return a fraction of the notional value, rounded once."""
    if instrument.is_inverse and use_quote_for_inverse:
        return Money(quantity.value * instrument.multiplier.value * fraction, instrument.quote_currency)
    worth = instrument.worth(quantity.value, price.value)
    return Money(without_noise(worth * fraction), instrument.get_cost_currency())
