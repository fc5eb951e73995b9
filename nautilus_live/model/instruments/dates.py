"""When an instrument that does not live for ever may be traded."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Dated:
    """Gives the two times of a contract, which it has in nanoseconds since 1970, as dates in UTC."""

    __slots__ = ()

    activation_ns: int
    expiration_ns: int

    @property
    def activation_utc(self) -> datetime:
        """When trading begins, to the microsecond."""
        return _date(self.activation_ns)

    @property
    def expiration_utc(self) -> datetime:
        """When the contract ends, to the microsecond."""
        return _date(self.expiration_ns)

    def is_active(self, now_ns: int) -> bool:
        """Return whether `now_ns` lies from the activation up to the expiration, which is excluded."""
        return self.activation_ns <= now_ns < self.expiration_ns


def _date(time_ns: int) -> datetime:
    return _EPOCH + timedelta(microseconds=time_ns // 1_000)
