"""How the position check looks into differences and aligns what nothing explains, held against what it was told.

May know: the kernel's cache to read, its settings. One `Looking` belongs to one life of a node. Held is:

1. An instrument is looked into where a list has another position than we, while no order in it is under way, and when
   it has been quiet: neither right after a trade, nor after one that the list cannot have.
2. A position is aligned to what the last list says of it; one that is left out only where silence is set to be flat.
3. It is aligned after as many looks as are needed, and `ALIGNMENTS_MAX` times at most within the lookback.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from msgspec import Struct

from nautilus_live.config.execution import LiveExecEngineConfig
from nautilus_live.core.position_check import ALIGNMENTS_MAX
from nautilus_live.engine.cache import Cache
from nautilus_live.model.events import OrderInitialized
from nautilus_live.model.identifiers import AccountId, InstrumentId
from nautilus_live.model.reports import PositionStatusReport
from scenarios.invariants.rules import ASKED, QUIET

NANOSECONDS_PER_MILLISECOND = 1_000_000
NANOSECONDS_PER_MINUTE = 60_000_000_000
Place = tuple[AccountId, InstrumentId]


class Listed(Struct):
    """An answered list: of orders or of positions."""

    asked_ns: int
    answered_ns: int
    reports: Sequence[Any]


class Looking:
    """The looks into positions of one life; the arguments are those of `Asking`."""

    def __init__(
        self,
        config: LiveExecEngineConfig,
        cache: Cache,
        now_ns: Callable[[], int],
        report: Callable[[str], None],
        *,
        is_steady: bool,
    ) -> None:
        self._cache = cache
        self._now_ns = now_ns
        self._report = report
        self._is_steady = is_steady
        self._threshold_ns = config.position_check_threshold_ms * NANOSECONDS_PER_MILLISECOND
        self._lookback_ns = config.position_check_lookback_mins * NANOSECONDS_PER_MINUTE
        self._needed = max(1, config.position_check_retries)
        self._silence_is_flat = config.position_silence == "flat"
        self._lists: dict[AccountId, Listed] = {}
        self._looks: dict[Place, int] = {}
        self._aligned: dict[Place, list[int]] = {}

    def listed(self, account_id: AccountId, listed: Listed) -> None:
        """Take an answered list."""
        self._lists[account_id] = listed

    def looks(self, account_id: AccountId, instrument_id: InstrumentId) -> None:
        """Check (1), of a look into an instrument."""
        place = (account_id, instrument_id)
        self._looks[place] = self._looks.get(place, 0) + 1
        listed = self._lists.get(account_id)
        if listed is None:
            self._report(ASKED.broken(f"{instrument_id}: looked into before any list was answered"))
            return
        for order in self._cache.orders_inflight(instrument_id=instrument_id):
            if order.last_event.ts_init < listed.answered_ns:
                self._report(QUIET.broken(f"{instrument_id}: looked into while {order.client_order_id} is under way"))
        reports = self._said(listed, instrument_id)
        if any(report.venue_position_id is not None for report in reports):
            return  # legs are compared one by one
        held = self._cache.positions(instrument_id=instrument_id, account_id=account_id)
        fills = [fill.ts_init for one in held for fill in one.fills if fill.ts_init < listed.answered_ns]
        if self._is_steady and fills and self._is_recent(max(fills), listed):
            self._report(QUIET.broken(f"{instrument_id}: looked into right after a trade"))
        ours = sum((one.signed_qty for one in held), Decimal(0))
        if reports and ours == reports[-1].signed_qty and len({one.signed_qty for one in reports}) == 1:
            self._report(ASKED.broken(f"{instrument_id}: looked into, and the venue has the same position"))

    def aligns(self, order: OrderInitialized) -> None:
        """Check (2) and (3), of an order that is made up to align a position."""
        if order.account_id is None:
            return
        place, name = (order.account_id, order.instrument_id), order.instrument_id
        listed = self._lists.get(order.account_id)
        if listed is None or not (self._silence_is_flat or self._said(listed, name)):
            self._report(ASKED.broken(f"{name}: aligned, and the list does not have it"))
        now = self._now_ns()
        made = [at for at in self._aligned.get(place, ()) if now - at < self._lookback_ns]
        if listed is None or any(one.venue_position_id is not None for one in self._said(listed, name)):
            return  # legs are looked into, and aligned, one by one
        if made and made[-1] == now:
            return  # several positions share what differs
        self._aligned[place] = [*made, now]
        count = self._looks.pop(place, 0)
        if count < self._needed:
            self._report(ASKED.broken(f"{name}: aligned after {count} looks, {self._needed} are needed"))
        if self._is_steady and len(made) >= ALIGNMENTS_MAX:
            self._report(ASKED.broken(f"{name}: aligned {len(made) + 1} times within the lookback"))

    @staticmethod
    def _said(listed: Listed, instrument_id: InstrumentId) -> list[PositionStatusReport]:
        return [one for one in listed.reports if one.instrument_id == instrument_id]

    def _is_recent(self, heard_ns: int, listed: Listed) -> bool:
        return heard_ns >= listed.asked_ns or listed.answered_ns - heard_ns < self._threshold_ns
