"""When an instrument that does not live for ever may be traded."""

from __future__ import annotations

from nautilus_live.model.timestamps import Timestamp


class Dated:
    """Gives the two times of a contract, which it has in nanoseconds since 1970, as dates in UTC."""

    __slots__ = ()

    activation_ns: int
    expiration_ns: int

    @property
    def activation_utc(self) -> Timestamp:
        """When trading begins."""
        return Timestamp.from_ns(self.activation_ns)

    @property
    def expiration_utc(self) -> Timestamp:
        """When the contract ends."""
        return Timestamp.from_ns(self.expiration_ns)

    def is_active(self, now_ns: int) -> bool:
        """Return whether `now_ns` lies from the activation up to the expiration, which is excluded."""
        return self.activation_ns <= now_ns < self.expiration_ns
