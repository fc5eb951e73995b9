"""Trading on paper: an exchange of the node's own, whose markets are what the node hears from its data clients.

May know: the kernel's adapter port and base classes, this package. The names are those of the ecosystem's
`adapters.sandbox`, under which `nautilus_live.compat` finds them: a script that trades on paper there does so here.
Promises: what is filled, and at which price, follows from the market data alone; the venue begins with every node, with
its starting balances and no orders.
"""

from __future__ import annotations

import asyncio
from typing import Any

from msgspec import structs

from nautilus_live.adapters.ports import ExecutionClientContext
from nautilus_live.errors import ConfigError
from nautilus_live.model.accounts import MarginAccount
from nautilus_live.model.commands import SubmitOrder, SubmitOrderList
from nautilus_live.model.events import AccountState
from nautilus_live.model.identifiers import InstrumentId
from nautilus_live.model.instruments import Instrument, InstrumentAny
from nautilus_live.model.objects import Currency
from sandbox_venues import adapter
from sandbox_venues.adapter_config import SandboxExecClientConfig
from sandbox_venues.gateway import VenueGateway
from sandbox_venues.paper_config import SandboxExecutionClientConfig
from sandbox_venues.paper_market import PaperMarket
from sandbox_venues.profiles import VenueProfile
from sandbox_venues.venue import AccountConfig, Venue, VenueConfig

__all__ = ["SandboxExecutionClient", "SandboxExecutionClientConfig", "SandboxLiveExecClientFactory"]

BEFORE_STRATEGIES = 10
"""The priority of the market: an order that answers a quote meets that quote."""
BOOKS_KEEP_S = 86_400.0
"""How long closed orders can be asked for; a venue that runs for months forgets them."""


class SandboxExecutionClient(adapter.SandboxExecutionClient):
    """The one account of a paper venue."""

    def __init__(self, context: ExecutionClientContext, config: SandboxExecutionClientConfig) -> None:
        if context.subscribe is None:
            raise ConfigError(f"{context.name}: a paper venue must hear the node's market data, was given no bus")
        account_id = f"{config.venue}-001"
        venue = Venue(
            VenueConfig(
                name=str(config.venue),
                profile=_profile_of(config),
                accounts=(AccountConfig(id=account_id, balances=config.starting_balances),),
            ),
            [],
            context.clock.timestamp_ns(),
        )
        gateway = VenueGateway(venue, context.clock, latency_secs=0.0)
        super().__init__(context, gateway, SandboxExecClientConfig(account_id=account_id, heartbeat_secs=0.0))
        self.base_currency = None if config.base_currency is None else Currency.from_str(config.base_currency)
        self.market = PaperMarket(
            gateway,
            self._lists,
            book_type=config.book_type,
            bar_execution=config.bar_execution,
            trade_execution=config.trade_execution,
        )
        self._paper = config
        context.subscribe("data.*", self.market.hear, BEFORE_STRATEGIES)
        context.subscribe(f"events.account.{account_id}", self._on_account, BEFORE_STRATEGIES)

    async def load_instrument(self, instrument_id: InstrumentId) -> Instrument | None:
        """Return nothing: instruments come from the data clients."""
        return None

    async def _submit_order(self, command: SubmitOrder) -> None:
        self._lists(command.instrument_id)
        await super()._submit_order(command)

    async def _submit_order_list(self, command: SubmitOrderList) -> None:
        for order in command.order_list.orders:
            self._lists(order.instrument_id)
        await super()._submit_order_list(command)

    def _lists(self, instrument_id: InstrumentId) -> bool:
        """Return whether the venue trades an instrument; it does from the first word of it on."""
        if instrument_id.venue != self.venue:
            return False
        venue = self._gateway.venue
        if instrument_id in venue.instruments:
            return True
        instrument: Any = self._cache.instrument(instrument_id)
        if instrument is None:
            return False
        venue.list_instrument(_leveraged(instrument, self._paper), now_ns=self._clock.timestamp_ns())
        return True

    def _on_account(self, _: AccountState) -> None:
        """Let the node's own view of the account know its leverage: the venue's words about it carry none."""
        account = self._cache.account(self.account_id)
        if isinstance(account, MarginAccount):
            account.set_default_leverage(self._paper.default_leverage)
            for instrument_id, leverage in (self._paper.leverages or {}).items():
                account.set_leverage(instrument_id, leverage)


class SandboxLiveExecClientFactory:
    """Makes paper venues; give the node the class."""

    @staticmethod
    def create(
        loop: asyncio.AbstractEventLoop,
        name: str,
        config: SandboxExecutionClientConfig,
        context: ExecutionClientContext,
    ) -> SandboxExecutionClient:
        """Return a new client with a venue of its own, not yet connected."""
        return SandboxExecutionClient(context, config)


def _profile_of(config: SandboxExecutionClientConfig) -> VenueProfile:
    return VenueProfile(
        name="paper",
        oms_type=config.oms_type.name,  # type: ignore[arg-type]  # the profile knows the names of both kinds
        account_type=config.account_type.name,  # type: ignore[arg-type]  # CASH or MARGIN, as the settings demand
        market_remainder="wait",  # a quote shows the touch alone: what is behind it comes with the next ones
        default_trigger="BID_ASK",  # quotes are what most nodes hear; trades only some
        stop_in_market="refuse" if config.reject_stop_orders else "trigger",
        keeps_dates=config.support_gtd_orders,
        contingencies=config.support_contingent_orders,
        books_keep_secs=BOOKS_KEEP_S,
    )


def _leveraged(instrument: InstrumentAny, config: SandboxExecutionClientConfig) -> InstrumentAny:
    """Return the instrument as the venue lists it: with margins that the account's leverage makes smaller."""
    leverage = config.leverage_of(instrument.id)
    return structs.replace(
        instrument, margin_init=instrument.margin_init / leverage, margin_maint=instrument.margin_maint / leverage
    )
