"""What a venue used to know: its orders and positions as they were, for queries that lag behind the stream.

May know: this package's books. Kept only where the profile lags; what is asked for as of a time is what was true then.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, TypeVar

from nautilus_live.model.identifiers import AccountId, InstrumentId, PositionId
from nautilus_live.model.reports import OrderStatusReport, PositionStatusReport
from sandbox_venues.accounts import VenueAccount, position_report
from sandbox_venues.orders import VenueOrder, order_report

if TYPE_CHECKING:
    from sandbox_venues.profiles import VenueProfile

T = TypeVar("T")
PositionKey = tuple[AccountId, InstrumentId, PositionId | None]


class Past:
    """Versions of orders and positions, oldest first, each with the time since when it was true."""

    def __init__(self) -> None:
        self._orders: dict[int, list[tuple[int, OrderStatusReport]]] = {}
        self._positions: dict[PositionKey, list[tuple[int, PositionStatusReport]]] = {}

    def note(
        self,
        changed: dict[int, VenueOrder],
        accounts: dict[AccountId, VenueAccount],
        profile: VenueProfile,
        now_ns: int,
    ) -> None:
        """Keep what has changed by now."""
        for number, order in changed.items():
            self._orders.setdefault(number, []).append((now_ns, order_report(order, profile, now_ns)))
        for account in accounts.values():
            for (instrument_id, position_id), position in account.positions.items():
                versions = self._positions.setdefault((account.id, instrument_id, position_id), [])
                last = versions[-1][1] if versions else None
                # What was traded there and back leaves the size as it was, and another average and time.
                if last is None or (last.signed_qty, last.ts_last) != (position.signed, position.ts_last):
                    versions.append((now_ns, position_report(account, position, profile.avg_px_places, now_ns)))

    def order(self, order: VenueOrder, as_of_ns: int) -> OrderStatusReport | None:
        """Return the order as it was, `None` if it was not there yet."""
        return _latest(self._orders.get(order.sequence, ()), as_of_ns)

    def positions(self, account_id: AccountId, as_of_ns: int) -> list[PositionStatusReport]:
        """Return the positions of an account as they were."""
        found = (
            _latest(versions, as_of_ns) for (owner, _, _), versions in self._positions.items() if owner == account_id
        )
        return [report for report in found if report is not None]


def _latest(versions: Iterable[tuple[int, T]], as_of_ns: int) -> T | None:
    found = None
    for since_ns, version in versions:
        if since_ns > as_of_ns:
            break
        found = version
    return found
