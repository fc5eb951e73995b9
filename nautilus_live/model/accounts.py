"""Accounts: the balances and margins last stated, and the states they were learned from."""

from __future__ import annotations

from nautilus_live.model.enums import AccountType
from nautilus_live.model.events import AccountState
from nautilus_live.model.identifiers import AccountId, InstrumentId
from nautilus_live.model.objects import AccountBalance, Currency, MarginBalance, Money


class Account:
    """One account as the venue last described it."""

    __slots__ = ("_balances", "_margins", "base_currency", "events", "id", "type")

    def __init__(self, state: AccountState) -> None:
        self.id: AccountId = state.account_id
        self.type: AccountType = state.account_type
        self.base_currency: Currency | None = state.base_currency
        self.events: list[AccountState] = []
        self._balances: dict[Currency, AccountBalance] = {}
        self._margins: dict[tuple[str, Currency], MarginBalance] = {}
        self.apply(state)

    def apply(self, state: AccountState) -> None:
        """Take over what `state` says; currencies that it leaves out keep their last balance.

        Raises:
            ValueError: if the state belongs to another account.

        """
        if state.account_id != self.id:
            raise ValueError(f"{self.id}: cannot apply the state of another account, was {state.account_id}")
        for balance in state.balances:
            self._balances[balance.currency] = balance
        for margin in state.margins:
            self._margins[margin.instrument, margin.currency] = margin
        self.events.append(state)

    def forget_events(self, count: int) -> None:
        """Forget the `count` oldest states applied; what they said of balances stays. The last one is always kept."""
        del self.events[: min(count, len(self.events) - 1)]

    @property
    def is_cash_account(self) -> bool:
        """Whether the account cannot borrow."""
        return self.type is AccountType.CASH

    @property
    def is_margin_account(self) -> bool:
        """Whether the account trades on margin."""
        return self.type is AccountType.MARGIN

    @property
    def last_event(self) -> AccountState:
        """The latest state applied."""
        return self.events[-1]

    def currencies(self) -> list[Currency]:
        """Return the currencies that have a balance."""
        return list(self._balances)

    def balances(self) -> dict[Currency, AccountBalance]:
        """Return all balances."""
        return dict(self._balances)

    def balance(self, currency: Currency | None = None) -> AccountBalance | None:
        """Return the balance in `currency` (or the base currency), `None` if unknown."""
        wanted = currency or self.base_currency
        return None if wanted is None else self._balances.get(wanted)

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

    def margins(self) -> list[MarginBalance]:
        """Return all margins."""
        return list(self._margins.values())

    def margin(self, instrument_id: InstrumentId) -> list[MarginBalance]:
        """Return the margins of one instrument."""
        return [margin for (name, _), margin in self._margins.items() if name == str(instrument_id)]


class CashAccount(Account):
    """An account that cannot borrow."""

    __slots__ = ()


class MarginAccount(Account):
    """An account that trades on margin."""

    __slots__ = ()


class BettingAccount(Account):
    """An account of a betting exchange."""

    __slots__ = ()


_CLASSES: dict[AccountType, type[Account]] = {
    AccountType.CASH: CashAccount,
    AccountType.MARGIN: MarginAccount,
    AccountType.BETTING: BettingAccount,
}


def account_from(state: AccountState) -> Account:
    """Return a new account of the class that belongs to the state's account type."""
    return _CLASSES[state.account_type](state)
