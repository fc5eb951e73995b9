"""The database cannot be reached."""

from __future__ import annotations

from collections.abc import Sequence

from nautilus_live.errors import StoreError
from nautilus_live.store.port import Write
from scenarios.store_faults.lasting import LastingFault


class StoreDisconnected(LastingFault, frozen=True, kw_only=True):
    """Nothing can be written or read until the connection is back.

    Attributes:
        answer_lost: a batch that is written when the connection breaks arrives, and only the answer to it is lost.

    """

    answer_lost: bool = False

    def before_write(self, batch: Sequence[Write]) -> None:
        """Refuse."""
        if not self.answer_lost:
            raise StoreError(f"cannot write {len(batch)} changes: the connection to the store is lost")

    def after_write(self, batch: Sequence[Write]) -> None:
        """Lose the answer."""
        if self.answer_lost:
            raise StoreError(f"cannot tell whether {len(batch)} changes were written: the connection was lost")

    def before_read(self, prefix: str) -> None:
        """Refuse."""
        raise StoreError(f"cannot read {prefix}: the connection to the store is lost")
