"""Orders on their way out: which of the venue's positions each is for, in the venue's words.

Knows the cache and who keeps positions how. Promises:

1. The venue is named no position that it does not have: neither a virtual one (a strategy that hedges at a venue which
   nets), nor one that is our sum of several (a strategy that nets at a venue which hedges).
2. An order that reduces such a sum is sent to the venue's position that it reduces whole, if there is one; else it
   opens one of its own there, and the sum is right all the same. So do the orders of a list that the venue links.
3. Whether such an order only reduces is checked here (`engine.risk`); the venue, which would judge it by other
   positions, is not told.
"""

from __future__ import annotations

from typing import TypeVar

from msgspec import structs

from nautilus_live.adapters.ports import ExecutionClient
from nautilus_live.core.position_ids import id_in_account, venue_position_id
from nautilus_live.core.position_keeping import netting_position_id
from nautilus_live.core.position_legs import leg_to_reduce
from nautilus_live.engine.cache import Cache
from nautilus_live.engine.oms_types import OmsTypes
from nautilus_live.model.commands import SubmitOrder, SubmitOrderList
from nautilus_live.model.enums import OmsType
from nautilus_live.model.identifiers import AccountId, PositionId
from nautilus_live.model.orders import Order

HEDGING = OmsType.HEDGING
SubmitT = TypeVar("SubmitT", SubmitOrder, SubmitOrderList)


class VenuePositions:
    """Names the venue's positions.

    Args:
        cache: our positions.
        oms_types: who keeps positions how.

    """

    def __init__(self, cache: Cache, oms_types: OmsTypes) -> None:
        self._cache = cache
        self._oms_types = oms_types

    def named_there(self, command: SubmitT, client: ExecutionClient) -> SubmitT:
        """Return the command with its position called as the client's venue calls it."""
        own = self._oms_types.own.get(command.strategy_id)
        if own is not None and own is not client.oms_type:
            if own is HEDGING:
                return structs.replace(command, position_id=None, is_kept_here=True)
            if client.oms_type is HEDGING:
                return self._on_a_leg(command, client.account_id)
        if command.position_id is None:
            return command
        return structs.replace(command, position_id=venue_position_id(command.position_id, client.account_id))

    def _on_a_leg(self, command: SubmitT, account_id: AccountId) -> SubmitT:
        net_id = netting_position_id(command.instrument_id, command.strategy_id)
        net_id = id_in_account(net_id, account_id, self._cache.position)
        if command.position_id not in (None, net_id):  # somebody else's, which the venue has
            return structs.replace(command, position_id=venue_position_id(command.position_id, account_id))
        leg = None
        if isinstance(command, SubmitOrder):
            leg = command.leg or self._leg(command.order, net_id)
        return structs.replace(command, position_id=leg, is_kept_here=leg is None)

    def _leg(self, order: Order, net_id: PositionId) -> PositionId | None:
        position = self._cache.position(net_id)
        return None if position is None else leg_to_reduce(position, order.side, order.leaves_qty.value)
