"""Who takes part: the clients and strategies of the execution engine, and how to reconcile what they report.

Knows routes and policies; handles nothing. The execution engine is one of these.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from nautilus_live.adapters.ports import ExecutionClient
from nautilus_live.config.clients import RoutingConfig
from nautilus_live.config.execution import LiveExecEngineConfig
from nautilus_live.core.reconciliation.types import Policy
from nautilus_live.engine.oms_types import OmsTypes
from nautilus_live.engine.policies import Policies
from nautilus_live.engine.routing import Routes
from nautilus_live.model.enums import OmsType
from nautilus_live.model.identifiers import AccountId, ClientId, InstrumentId, StrategyId, TraderId, Venue
from nautilus_live.model.orders import Order

if TYPE_CHECKING:
    from nautilus_live.engine.positions import PositionKeeper


class Participants:
    """The clients and strategies of one engine.

    Args:
        trader_id: whose they are.
        config: the settings that policies are made of.

    """

    _positions: PositionKeeper

    def __init__(self, trader_id: TraderId, config: LiveExecEngineConfig) -> None:
        self._routes: Routes[ExecutionClient] = Routes()
        self._policies = Policies(trader_id, config)

    # -- who is there ------------------------------------------------------------------------------------------------

    def register_client(self, client: ExecutionClient, routing: RoutingConfig | None = None) -> None:
        """Add a client, with the venues it serves beside its own. Raises `ConfigError` where two would serve one."""
        self._routes.add(client, routing)

    def deregister_client(self, client: ExecutionClient) -> None:
        """Remove a client."""
        self._routes.remove(client)

    def clients(self) -> list[ExecutionClient]:
        """Return the clients in the order they were registered."""
        return self._routes.all()

    def client(self, client_id: ClientId) -> ExecutionClient | None:
        """Return the client with that id."""
        return self._routes.get(client_id)

    def client_for(self, instrument_id: InstrumentId, client_id: ClientId | None = None) -> ExecutionClient | None:
        """Return the client that an order in the instrument would go to."""
        return self._routes.find(instrument_id.venue, client_id)

    def client_of(self, order: Order, given_to: ClientId | None) -> ExecutionClient | None:
        """Return the client of an order: the one that it was given to, that of its account, or that of its venue."""
        client = self._routes.find(order.instrument_id.venue, given_to)
        if client is None or order.account_id in (None, client.account_id):
            return client
        return next((one for one in self._routes.all() if one.account_id == order.account_id), client)

    def register_strategy(
        self,
        strategy_id: StrategyId,
        oms_type: OmsType = OmsType.UNSPECIFIED,
        external_order_claims: Iterable[InstrumentId] = (),
    ) -> None:
        """Let a strategy keep positions its own way and own the external orders of some instruments.

        Raises:
            ConfigError: if another strategy claims one of the instruments; nothing was registered.

        """
        self._policies.claim(strategy_id, external_order_claims)
        self._positions.register_strategy(strategy_id, oms_type)

    @property
    def oms_types(self) -> OmsTypes:
        """Who keeps positions how: venues, and strategies with a way of their own."""
        return self._positions.oms_types

    def check_connected(self) -> bool:
        """Return whether every client is connected."""
        return all(client.is_connected for client in self._routes.all())

    def check_disconnected(self) -> bool:
        """Return whether no client is connected."""
        return not any(client.is_connected for client in self._routes.all())

    # -- policy ------------------------------------------------------------------------------------------------------

    def policy(self, oms_type: OmsType = OmsType.NETTING) -> Policy:
        """Return how to reconcile, from the settings and the strategies' claims."""
        return self._policies.policy(oms_type)

    def policy_for(self, client: ExecutionClient) -> Policy:
        """Return how to reconcile what `client` reports."""
        return self.policy(client.oms_type)

    def policy_for_account(self, account_id: AccountId) -> Policy:
        """Return how to reconcile what is reported of an account."""
        client = next((one for one in self._routes.all() if one.account_id == account_id), None)
        return self.policy() if client is None else self.policy_for(client)

    def venue_oms_type(self, instrument_id: InstrumentId) -> OmsType:
        """Return how the instrument's venue keeps positions."""
        client = self._routes.find(instrument_id.venue)
        return OmsType.NETTING if client is None else client.oms_type

    def venue_of(self, client_id: ClientId) -> Venue | None:
        """Return the venue that a client is named after."""
        client = self._routes.get(client_id)
        return None if client is None else client.venue

    def account_of(self, instrument_id: InstrumentId) -> AccountId | None:
        """Return the account that trades an instrument."""
        client = self._routes.find(instrument_id.venue)
        return None if client is None else client.account_id
