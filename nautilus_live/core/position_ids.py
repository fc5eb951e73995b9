"""Position ids: what a venue calls a position, and what we call it. Pure.

A venue that keeps several positions in an instrument names them, and its names are unique within an account at best:
"P-1" may be one position here and another there. Whoever comes first has the name; what another account calls so gets
the account's name added, wherever a report or an event names it, and loses it again in a command to that venue. The
ids of positions that are known already follow from the name and from what is known, so every restart finds the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from msgspec import structs

from nautilus_live.core.position_keeping import netting_position_id
from nautilus_live.model.identifiers import AccountId, PositionId, StrategyId
from nautilus_live.model.position import Position
from nautilus_live.model.reports import PositionStatusReport

Lookup = Callable[[PositionId], Position | None]


def own_position_id(named: PositionId, account_id: AccountId, position: Lookup) -> PositionId:
    """Return our id of what an account's venue calls `named`; an id of ours stays as it is.

    `position` looks one of ours up.
    """
    holder = position(named)
    if holder is not None and holder.account_id == account_id:
        return named
    distinct = PositionId(f"{named}@{account_id}")
    return named if holder is None and position(distinct) is None else distinct


def id_in_account(position_id: PositionId, account_id: AccountId, position: Lookup) -> PositionId:
    """Return `position_id`, the name of a strategy's one position, or what its one in that account is called.

    Another account's has the account's name added, and keeps it when the first one is gone. `position` looks one up.
    """
    holder = position(position_id)
    if holder is not None and (holder.account_id is account_id or holder.account_id == account_id):
        return position_id
    distinct = PositionId(f"{position_id}-{account_id}")
    return position_id if holder is None and position(distinct) is None else distinct


def venue_position_id(position_id: PositionId, account_id: AccountId) -> PositionId:
    """Return what the account's venue calls a position of ours."""
    suffix = f"@{account_id}"
    text = position_id.value
    return PositionId(text.removesuffix(suffix)) if text.endswith(suffix) else position_id


def pass_on(position: Position, strategy_id: StrategyId) -> None:
    """Let a flat position be that of the strategy which opens it.

    That is so where the venue names positions, and uses a name again. One that is named after its strategy stays that
    strategy's, and nobody's order takes one.
    """
    if strategy_id == position.strategy_id or strategy_id.is_external() or strategy_id.is_internal():
        return
    if not position.id.value.startswith(netting_position_id(position.instrument_id, position.strategy_id).value):
        position.strategy_id = strategy_id


def with_own_ids(
    reports: Iterable[PositionStatusReport], account_id: AccountId, position: Lookup
) -> list[PositionStatusReport]:
    """Return an account's position reports under our ids."""
    return [
        report
        if report.venue_position_id is None
        else structs.replace(report, venue_position_id=own_position_id(report.venue_position_id, account_id, position))
        for report in reports
    ]
