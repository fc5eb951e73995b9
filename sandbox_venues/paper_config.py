"""Settings of a paper venue.

May know: the kernel's configuration and values. Names and defaults are those of the ecosystem's `adapters.sandbox`.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from nautilus_live.config import LiveExecClientConfig
from nautilus_live.errors import ConfigError
from nautilus_live.model.enums import AccountType, BookType, OmsType
from nautilus_live.model.identifiers import InstrumentId, Venue

__all__ = ["SandboxExecutionClientConfig"]

_AS_IT_IS: dict[str, tuple[Any, str]] = {
    "frozen_account": (False, "balances follow the trades"),
    "use_position_ids": (True, "positions of a hedging venue have ids"),
    "use_random_ids": (False, "ids are counted, so that a run can be repeated"),
    "use_reduce_only": (True, "reduce-only orders reduce only"),
}
"""Settings that the venue has one value for, and why."""


class SandboxExecutionClientConfig(LiveExecClientConfig, frozen=True, kw_only=True):
    """An execution client that trades on paper, against the market data that its node hears.

    Attributes:
        venue: The venue whose markets are traded.
        starting_balances: What the account starts with, each `AMOUNT CODE`.
        base_currency (None): The account's one currency, None for several.
        oms_type (NETTING): How positions are kept.
        account_type (MARGIN): What the account may do.
        default_leverage (1): By what the margins of the instruments are divided.
        leverages (None): The same by instrument id.
        book_type (L1_MBP): What the book is made of: quotes (and bars), or the changes of an L2_MBP or L3_MBO book.
        frozen_account (False): Must be False: balances follow the trades.
        bar_execution (True): Whether EXTERNAL bars move a market that has no quotes.
        trade_execution (True): Whether trades of others fill orders that rest in the book.
        reject_stop_orders (True): Whether a stop whose trigger is already reached is refused, or triggered at once.
        support_gtd_orders (True): Whether the venue ends orders at their date.
        support_contingent_orders (True): Whether the venue looks after linked orders.
        use_position_ids (True): Must be True: positions of a hedging venue have ids.
        use_random_ids (False): Must be False: ids are counted, so that a run can be repeated.
        use_reduce_only (True): Must be True: reduce-only orders reduce only.

    """

    venue: Venue
    starting_balances: tuple[str, ...]
    base_currency: str | None = None
    oms_type: OmsType = OmsType.NETTING
    account_type: AccountType = AccountType.MARGIN
    default_leverage: Decimal = Decimal(1)
    leverages: dict[InstrumentId, Decimal] | None = None
    book_type: BookType = BookType.L1_MBP
    frozen_account: bool = False
    bar_execution: bool = True
    trade_execution: bool = True
    reject_stop_orders: bool = True
    support_gtd_orders: bool = True
    support_contingent_orders: bool = True
    use_position_ids: bool = True
    use_random_ids: bool = False
    use_reduce_only: bool = True

    def __post_init__(self) -> None:
        for name, (value, reason) in _AS_IT_IS.items():
            if getattr(self, name) is not value:
                raise ConfigError(f"{name}: must be {value} on a paper venue, for {reason}")
        for leverage in (self.default_leverage, *(self.leverages or {}).values()):
            if leverage <= 0:
                raise ConfigError(f"leverages: must be > 0, was {leverage}")
        if self.account_type not in (AccountType.CASH, AccountType.MARGIN):
            raise ConfigError(f"account_type: must be CASH or MARGIN on a paper venue, was {self.account_type.name}")

    def leverage_of(self, instrument_id: InstrumentId) -> Decimal:
        """Return by what an instrument's margins are divided."""
        return (self.leverages or {}).get(instrument_id, self.default_leverage)
