"""The portfolio, and the emulator of orders that a venue does not know. Numbers behind the names are defaults."""

from __future__ import annotations

from nautilus_live.config.base import NautilusConfig
from nautilus_live.config.kinds import PositiveInt


class PortfolioConfig(NautilusConfig, frozen=True, kw_only=True):
    """The portfolio: what positions are worth and what they made.

    Attributes:
        use_mark_prices (False): Whether open positions are valued at mark prices where there are any. Otherwise a long
            one is worth the bid, a short one costs the ask; without a quote the last trade counts.
        use_mark_xrates (False): Whether currencies are converted at rates that were stated (`Cache.set_mark_xrate`) or
            at mark prices of pairs, where there are any. Otherwise at the mid of quotes.
        bar_updates (True): Whether closing prices of venues' bars value positions where nothing better is known.
        convert_to_account_base_currency (True): Whether profit is told in the account's base currency where it has one.
        min_account_state_logging_interval_ms (None): Milliseconds between logged account states at least; None logs
            every one.
        debug (False): Whether it is logged, at DEBUG, which account states were left out of the log, and which rate of
            exchange was missing.
        snapshot_interval_ms (None): Milliseconds between snapshots of the portfolio; None takes none. Later addition
            (1.231).

    """

    use_mark_prices: bool = False
    use_mark_xrates: bool = False
    bar_updates: bool = True
    convert_to_account_base_currency: bool = True
    min_account_state_logging_interval_ms: PositiveInt | None = None
    debug: bool = False
    snapshot_interval_ms: PositiveInt | None = None


class OrderEmulatorConfig(NautilusConfig, frozen=True, kw_only=True):
    """The order emulator.

    Attributes:
        debug (False): Whether more is logged.

    """

    debug: bool = False
