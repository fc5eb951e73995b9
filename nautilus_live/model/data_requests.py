"""What can be asked of a source of market data: feeds, which flow until they are ended, and requests for the past.

Answers are three-valued: items (a complete list), no items (confirmed: there are none), or an `error`: unknown.
"""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct

from nautilus_live.model.bars import BarType
from nautilus_live.model.custom_data import DataType
from nautilus_live.model.identifiers import InstrumentId, Venue

FeedKind = Literal[
    "bars",
    "mark_prices",
    "index_prices",
    "funding_rates",
    "instrument_status",
    "instrument_close",
    "option_greeks",
    "data",
]
RequestKind = Literal[
    "quotes", "trades", "bars", "instrument", "instruments", "book", "deltas", "depth", "funding_rates", "data"
]


class Feed(Struct, frozen=True):
    """One stream of data: `subject` is an instrument id, for bars a bar type, for custom data a data type."""

    kind: FeedKind
    subject: InstrumentId | BarType | DataType
    instrument_id: InstrumentId | None = None

    @property
    def bar_type(self) -> BarType:
        """The bar type of a feed of bars."""
        assert isinstance(self.subject, BarType), f"a feed of bars has a bar type, was {self.subject!r}"
        return self.subject

    @property
    def instrument(self) -> InstrumentId:
        """The instrument of a feed that is about one."""
        found = self.subject.instrument_id if isinstance(self.subject, BarType) else self.instrument_id
        assert found is not None, f"a feed of {self.kind} is about an instrument, was {self.subject!r}"
        return found


class DataRequest(Struct, frozen=True, kw_only=True):
    """A question about the past: times are nanoseconds, None and 0 mean no limit; `limit` keeps the newest items."""

    request_id: str
    kind: RequestKind
    ts_init: int
    instrument_id: InstrumentId | None = None
    venue: Venue | None = None
    bar_type: BarType | None = None
    data_type: DataType | None = None
    start_ns: int | None = None
    end_ns: int | None = None
    limit: int = 0
    params: dict[str, Any] | None = None

    def __str__(self) -> str:
        subject = self.bar_type or self.instrument_id or self.venue or self.data_type
        return f"{self.kind} of {subject} ({self.request_id})"


class DataResponse(Struct, frozen=True, kw_only=True):
    """The answer: items oldest first, or, with `error`, that nothing is known."""

    request_id: str
    data: tuple[Any, ...] = ()
    error: str = ""
