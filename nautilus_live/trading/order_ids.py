"""Client order ids: readable, unique, and never one that was used before.

`O-YYYYMMDD-HHMMSS-TRADERTAG-STRATEGYTAG-COUNT`: the date and time are the clock's at the making of the id, the tags
keep traders and strategies apart, the count goes on where earlier runs left it. An id is given out only if it is
*fresh*: neither in the cache nor in what a venue reported; so a lost cache, a flush or two starts within one second
cannot bring an id back.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from nautilus_live.adapters.ports import Clock
from nautilus_live.model.identifiers import ClientOrderId, OrderListId, StrategyId, TraderId
from nautilus_live.model.timestamps import EPOCH

NANOSECONDS_PER_SECOND = 1_000_000_000


class OrderIds:
    """Makes the client order ids and order list ids of one strategy.

    Args:
        trader_id: gives the trader's tag.
        strategy_id: gives the strategy's tag.
        clock: the time that goes into the ids.
        use_uuids: make random ids instead.
        use_hyphens: whether the ids contain hyphens.
        uuid_source: returns a random UUID as text; needed with `use_uuids`.
        is_taken: whether an id is known from the cache or from a venue.

    """

    def __init__(
        self,
        trader_id: TraderId,
        strategy_id: StrategyId,
        clock: Clock,
        *,
        use_uuids: bool = False,
        use_hyphens: bool = True,
        uuid_source: Callable[[], str] | None = None,
        is_taken: Callable[[ClientOrderId], object] | None = None,
    ) -> None:
        if use_uuids and uuid_source is None:
            raise ValueError(f"{strategy_id}: use_uuid_client_order_ids needs a uuid_source, was None")
        self.count = 0
        self.list_count = 0
        self._clock = clock
        self._uuid = uuid_source if use_uuids else None
        self._hyphen = "-" if use_hyphens else ""
        self._tags = f"{self._hyphen}{trader_id.get_tag()}{self._hyphen}{strategy_id.get_tag()}{self._hyphen}"
        self._is_taken = is_taken
        self._second = -1
        self._stem = ""

    def next(self) -> ClientOrderId:
        """Return a client order id that was never used."""
        is_taken = self._is_taken
        while True:
            self.count += 1
            made = ClientOrderId(self._random() if self._uuid else f"O{self._timed_stem()}{self.count}")
            if is_taken is None or not is_taken(made):
                return made

    def next_list(self) -> OrderListId:
        """Return an id for an order list."""
        self.list_count += 1
        return OrderListId(self._random() if self._uuid else f"OL{self._timed_stem()}{self.list_count}")

    def count_of(self, client_order_id: ClientOrderId) -> int:
        """Return the count in an id of this strategy's, 0 for any other id."""
        text = client_order_id.value
        head, tags, tail = text.rpartition(self._tags)
        if not (tags and self._hyphen and head.startswith("O-") and tail.isascii() and tail.isdecimal()):
            return 0  # without hyphens the tags cannot be told from the count; freshness alone protects
        return int(tail)

    def _random(self) -> str:
        assert self._uuid is not None
        made = self._uuid()
        return made if self._hyphen else made.replace("-", "")

    def _timed_stem(self) -> str:
        second = self._clock.timestamp_ns() // NANOSECONDS_PER_SECOND
        if second != self._second:
            self._second = second
            pattern = "-%Y%m%d-%H%M%S" if self._hyphen else "%Y%m%d%H%M%S"
            self._stem = (EPOCH + timedelta(seconds=second)).strftime(pattern) + self._tags
        return self._stem
