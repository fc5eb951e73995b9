"""Commands of the kernel in the venue's words, and the venue's answers taken apart.

May know: the kernel's model, messages. Pure.
"""

from __future__ import annotations

from msgspec import structs

from nautilus_live.errors import VenueError
from nautilus_live.model.commands import BatchCancelOrders, CancelAllOrders, SubmitOrder, SubmitOrderList
from nautilus_live.model.commands import CancelOrder as CancelOrderCommand
from nautilus_live.model.enums import ContingencyType
from nautilus_live.model.identifiers import AccountId, ClientOrderId
from nautilus_live.model.orders import Order
from sandbox_venues.messages import Answer, Done, PlaceOrder, Refusal, Trouble

NO_CONTINGENCY = ContingencyType.NO_CONTINGENCY


def place_order(
    order: Order, account_id: AccountId, command: SubmitOrder | SubmitOrderList, *, was_held: bool = False
) -> PlaceOrder:
    """Return the venue's words for an order of ours; the links of one that the node held are the node's to keep."""
    init = order.init
    if was_held:
        init = structs.replace(
            init, contingency_type=NO_CONTINGENCY, order_list_id=None, linked_order_ids=(), parent_order_id=None
        )
    return PlaceOrder(
        account_id=account_id,
        instrument_id=order.instrument_id,
        side=order.side,
        quantity=order.quantity,
        order_type=order.order_type,
        client_order_id=order.client_order_id,
        price=order.price,
        trigger_price=order.trigger_price,
        trigger_type=init.trigger_type,
        activation_price=init.activation_price,
        trailing_offset=init.trailing_offset,
        limit_offset=init.limit_offset,
        trailing_offset_type=init.trailing_offset_type,
        time_in_force=init.time_in_force,
        expire_time_ns=init.expire_time_ns,
        post_only=init.post_only,
        reduce_only=init.reduce_only and not command.is_kept_here,
        display_qty=init.display_qty,
        position_id=command.position_id,
        contingency_type=init.contingency_type,
        order_list_id=init.order_list_id,
        linked_order_ids=init.linked_order_ids,
        parent_order_id=init.parent_order_id,
        quote_quantity=init.quote_quantity,
    )


def parts_of(answer: Answer, count: int) -> list[Answer]:
    """Return the answers to the parts of a request; one that answers for all stands for each."""
    if not isinstance(answer, Done):
        return [answer] * count
    if len(answer.results) != count:
        raise VenueError(f"an answer to {count} orders must have as many parts, was {len(answer.results)}")
    return list(answer.results)


def reason_of(answer: Answer) -> str:
    """Return what an answer says about why."""
    if isinstance(answer, Refusal | Trouble):
        return f"{answer.code}: {answer.reason}"
    return f"an answer of kind {answer.kind}"


def cancel_of_one(command: CancelAllOrders, client_order_id: ClientOrderId) -> CancelOrderCommand:
    """Return the command that cancels one order of those that `command` means."""
    return CancelOrderCommand(
        trader_id=command.trader_id,
        command_id=command.command_id,
        ts_init=command.ts_init,
        strategy_id=command.strategy_id,
        instrument_id=command.instrument_id,
        client_order_id=client_order_id,
    )


def cancel_of_several(command: CancelAllOrders, cancels: list[CancelOrderCommand]) -> BatchCancelOrders:
    """Return the command that cancels several orders of those that `command` means."""
    return BatchCancelOrders(
        trader_id=command.trader_id,
        command_id=command.command_id,
        ts_init=command.ts_init,
        strategy_id=command.strategy_id,
        instrument_id=command.instrument_id,
        cancels=tuple(cancels),
    )
