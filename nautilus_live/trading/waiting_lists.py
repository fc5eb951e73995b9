"""Order lists whose children wait for their parent, and where they do so.

Pure: (list, client, whether the strategy keeps links) -> here or at the venue.
"""

from __future__ import annotations

from nautilus_live.adapters.ports import ExecutionClient
from nautilus_live.model.enums import TriggerType
from nautilus_live.model.orders import OrderList

NO_TRIGGER = TriggerType.NO_TRIGGER


def waits_here(order_list: OrderList, client: ExecutionClient | None, *, manages: bool) -> bool:
    """Return whether the children of a list wait on this node, rather than at the venue, for their parent's fills.

    They do if one of its orders is held or worked here. With `manages`, the strategy keeps the links; then they do at a
    venue which links nothing, too: it would take exits for orders of their own, and refuse what only reduces as there
    is no position yet, or let it open one.
    """
    inits = [order.init for order in order_list.orders]
    if any(init.emulation_trigger is not NO_TRIGGER or init.exec_algorithm_id is not None for init in inits):
        return True
    links_nothing = client is not None and not client.links_orders
    return manages and links_nothing and any(init.parent_order_id is not None for init in inits)
