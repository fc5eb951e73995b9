"""Margins that a venue asks for a whole account, by currency, beside those of single instruments.

Knows what the account was told. The names are those of the ecosystem's later releases.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from nautilus_live.model.objects import Currency, MarginBalance, Money


class CrossMargins:
    """The part of a margin account that answers for the account as a whole."""

    margin_balances: Callable[[], list[MarginBalance]]
    _margins: dict[tuple[str, Currency], MarginBalance]

    def account_margins(self) -> dict[Currency, MarginBalance]:
        """Return the margins of the whole account, by currency."""
        return {margin.currency: margin for margin in self.margin_balances() if not margin.instrument}

    def account_margins_init(self) -> dict[Currency, Money]:
        """Return the initial margins of the whole account, by currency."""
        return {currency: margin.initial for currency, margin in self.account_margins().items()}

    def account_margins_maint(self) -> dict[Currency, Money]:
        """Return the maintenance margins of the whole account, by currency."""
        return {currency: margin.maintenance for currency, margin in self.account_margins().items()}

    def margin_for_currency(self, currency: Currency) -> MarginBalance | None:
        """Return the margin of the whole account in a currency, None if there is none."""
        return self.account_margins().get(currency)

    def margin_init_for_currency(self, currency: Currency) -> Money | None:
        """Return the initial margin of the whole account in a currency, None if there is none."""
        return self.account_margins_init().get(currency)

    def margin_maint_for_currency(self, currency: Currency) -> Money | None:
        """Return the maintenance margin of the whole account in a currency, None if there is none."""
        return self.account_margins_maint().get(currency)

    def total_margin_init(self, currency: Currency) -> Money:
        """Return all initial margins in a currency: of instruments and of the whole account."""
        found = (margin.initial.value for margin in self.margin_balances() if margin.currency == currency)
        return Money(sum(found, Decimal(0)), currency)

    def total_margin_maint(self, currency: Currency) -> Money:
        """Return all maintenance margins in a currency: of instruments and of the whole account."""
        found = (margin.maintenance.value for margin in self.margin_balances() if margin.currency == currency)
        return Money(sum(found, Decimal(0)), currency)

    def clear_account_margin(self, currency: Currency) -> None:
        """Forget the margin of the whole account in a currency, until the venue states one again."""
        self._margins.pop(("", currency), None)
