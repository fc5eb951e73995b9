"""The disk is full."""

from __future__ import annotations

from collections.abc import Sequence

from nautilus_live.errors import StoreError
from nautilus_live.store.port import Operation, Write
from scenarios.store_faults.lasting import LastingFault

GROWING = (Operation.PUT, Operation.APPEND, Operation.PUT_FIELD)


class DiskFull(LastingFault, frozen=True, kw_only=True):
    """Whatever would add something is refused, until there is room again; reading and deleting work."""

    def before_write(self, batch: Sequence[Write]) -> None:
        """Refuse a batch that adds something."""
        if any(write.operation in GROWING for write in batch):
            raise StoreError(f"cannot write {len(batch)} changes: no space left on device")
