"""The earlier cycles of a position: what it was each time before it became flat and opened again.

The engines keep one record per position, and of its earlier cycles only sums. Who wants to look at each of them (a
report, a strategy that counts its wins) gets them made anew of the fills, as long as those are known.
"""

from __future__ import annotations

from collections.abc import Iterable

from nautilus_live.core.position_keeping import apply, parts
from nautilus_live.model.events import OrderFilled
from nautilus_live.model.identifiers import PositionId
from nautilus_live.model.position import Position


def closed_cycles(position: Position, fills: Iterable[OrderFilled]) -> list[Position]:
    """Return a position's earlier cycles, the first one first, each as a closed position named `ID-1`, `ID-2`, ...

    `fills` are those of its orders as they count now, in any order. None are returned if these do not lead to the
    position as it is: then some are not known any more (purged), or came so late that nobody can say what cycle they
    were in.
    """
    known = [fill for fill in fills if fill.affects_position]
    heard = sorted(known, key=lambda fill: (fill.ts_init, fill.ts_event))
    happened = sorted(known, key=lambda fill: (fill.ts_event, fill.ts_init))
    for history in (heard, happened):
        twin, cycles = _play(position, history)
        if _stand(twin) == _stand(position):
            return cycles
    return []


def _play(position: Position, history: list[OrderFilled]) -> tuple[Position, list[Position]]:
    twin = Position(position.instrument, position.id, position.strategy_id, position.trader_id, position.account_id)
    cycles: list[Position] = []
    for fill in history:
        for piece in parts(twin, fill):
            if twin.ts_opened and not twin.net_qty:
                cycles.append(_named(twin, len(cycles) + 1))
            apply(twin, piece)
    return twin, cycles


def _named(position: Position, number: int) -> Position:
    copy = position.copy()
    copy.id = PositionId(f"{position.id}-{number}")
    return copy


def _stand(position: Position) -> tuple[object, ...]:
    return position.net_qty, position.realized, position.realized_before, position.cycle_count
