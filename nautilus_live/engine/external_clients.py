"""Data clients that run elsewhere: what they are asked goes out on the bus, what they say comes in over it.

Knows the bus alone. Promises: whatever the node wants of such a client is published as a `DataCommand`, in order;
nobody waits for its connection, which is not ours to know. Its data come to the endpoint `DataEngine.process`, its
answers to `DataEngine.response`; a feed of it that falls silent is told like any other.

Topic: `commands.data.CLIENT_ID`.
"""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct

from nautilus_live.adapters.ports import Clock
from nautilus_live.engine.message_bus import MessageBus
from nautilus_live.model.bars import BarType
from nautilus_live.model.custom_data import DataType
from nautilus_live.model.data_requests import DataRequest, Feed
from nautilus_live.model.enums import BookType
from nautilus_live.model.identifiers import ClientId, InstrumentId, Venue

Action = Literal["subscribe", "unsubscribe", "request"]


class DataCommand(Struct, frozen=True, kw_only=True):
    """What a client elsewhere is asked for; `kind` is quotes, trades, bars, book.deltas and so on, `ts` our time.

    A book has its type and how many levels (0: all). A request for the past has the `request` that its answer names;
    one without is for a snapshot of a book that is subscribed to, which comes as data.
    """

    client_id: ClientId
    action: Action
    kind: str
    subject: InstrumentId | BarType | DataType | None
    ts: int
    about: InstrumentId | None = None
    book_type: BookType | None = None
    depth: int = 0
    request: DataRequest | None = None


class ExternalDataClient:
    """Stands for a data client of another node.

    Args:
        client_id: its name there and here; it serves what is asked of it by name.
        msgbus: where commands go out.
        clock: our time.

    """

    def __init__(self, client_id: ClientId, msgbus: MessageBus, clock: Clock) -> None:
        self.id = client_id
        self.venue: Venue | None = None
        self._msgbus = msgbus
        self._clock = clock

    @property
    def is_connected(self) -> bool:
        """Always: whether it is, its own node knows; that it says nothing is seen by its data."""
        return True

    async def connect(self) -> None:
        """Do nothing: its own node connects it."""

    async def disconnect(self) -> None:
        """Do nothing: its own node disconnects it."""

    def subscribe_quote_ticks(self, instrument_id: InstrumentId) -> None:
        """Ask for quotes of the instrument."""
        self._ask("subscribe", "quotes", instrument_id)

    def unsubscribe_quote_ticks(self, instrument_id: InstrumentId) -> None:
        """Want quotes of the instrument no longer."""
        self._ask("unsubscribe", "quotes", instrument_id)

    def subscribe_trade_ticks(self, instrument_id: InstrumentId) -> None:
        """Ask for trades of the instrument."""
        self._ask("subscribe", "trades", instrument_id)

    def unsubscribe_trade_ticks(self, instrument_id: InstrumentId) -> None:
        """Want trades of the instrument no longer."""
        self._ask("unsubscribe", "trades", instrument_id)

    def subscribe_order_book_deltas(self, instrument_id: InstrumentId, book_type: BookType, depth: int) -> None:
        """Ask for a snapshot of the instrument's book, then its changes; `depth` 0 is the whole book."""
        self._ask("subscribe", "book.deltas", instrument_id, book_type=book_type, depth=depth)

    def unsubscribe_order_book_deltas(self, instrument_id: InstrumentId) -> None:
        """Want changes of the instrument's book no longer."""
        self._ask("unsubscribe", "book.deltas", instrument_id)

    def subscribe_order_book_depth(self, instrument_id: InstrumentId) -> None:
        """Ask for the best ten levels of the instrument's book."""
        self._ask("subscribe", "book.depth", instrument_id)

    def unsubscribe_order_book_depth(self, instrument_id: InstrumentId) -> None:
        """Want the best levels of the instrument's book no longer."""
        self._ask("unsubscribe", "book.depth", instrument_id)

    def request_order_book_snapshot(self, instrument_id: InstrumentId) -> None:
        """Ask for a snapshot of a book that is subscribed to; it comes as data."""
        self._ask("request", "book.deltas", instrument_id)

    def subscribe_feed(self, feed: Feed) -> None:
        """Ask for a feed."""
        self._ask("subscribe", feed.kind, feed.subject, about=feed.instrument_id)

    def unsubscribe_feed(self, feed: Feed) -> None:
        """Want a feed no longer."""
        self._ask("unsubscribe", feed.kind, feed.subject, about=feed.instrument_id)

    def request(self, request: DataRequest) -> None:
        """Ask for the past."""
        subject = request.bar_type or request.instrument_id or request.data_type
        self._ask("request", request.kind, subject, request=request)

    def _ask(self, action: Action, kind: str, subject: Any, **more: Any) -> None:
        now = self._clock.timestamp_ns()
        command = DataCommand(client_id=self.id, action=action, kind=kind, subject=subject, ts=now, **more)
        self._msgbus.publish(f"commands.data.{self.id}", command)
