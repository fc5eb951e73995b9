"""The public feeds of an exchange: who asks for what, and what is said.

May know: the model, this package. Promises: a feed that nobody asked for costs nothing; what a venue does not have is a
refusal.
"""

from __future__ import annotations

from decimal import Decimal

from nautilus_live.model.data import MarketData
from nautilus_live.model.identifiers import InstrumentId
from nautilus_live.model.instruments import InstrumentAny
from sandbox_venues.admission import refuse
from sandbox_venues.duties import Duty
from sandbox_venues.engine import Engine
from sandbox_venues.feed_messages import FeedMessage, GetHistory, History
from sandbox_venues.matching import Market
from sandbox_venues.messages import Refusal, StreamMessage
from sandbox_venues.option_desk import underlying_of
from sandbox_venues.registry import VenueConfig


class PublicFeeds(Engine):
    """An exchange that tells of its markets."""

    def __init__(self, config: VenueConfig, instruments: list[InstrumentAny], now_ns: int = 0) -> None:
        super().__init__(config, instruments, now_ns)
        self._underlyings: dict[InstrumentId, Market] = {}

    def open_feed(self, what: str, instrument_id: InstrumentId, now_ns: int) -> list[StreamMessage] | Refusal:
        """Begin to tell of a feed of a market; return how it stands."""
        market = self._markets.get(instrument_id)
        if market is None:
            return refuse("UNKNOWN_INSTRUMENT", f"instrument must be traded here, was {instrument_id}")
        try:
            return [*self.public.open(what, market, self, now_ns)]
        except ValueError as error:
            return refuse("BAD_REQUEST", str(error))

    def feed_message(self, what: str, data: MarketData, now_ns: int, *, final: bool = True) -> FeedMessage:
        """Return the message that tells news of a feed."""
        about: InstrumentId = data.instrument_id  # type: ignore[attr-defined]  # what a feed tells is about one
        return FeedMessage(
            what=what, instrument_id=about, data=data, final=final, sequence=self._number(), ts_event=now_ns
        )

    def say_feed(self, what: str, data: MarketData, now_ns: int) -> None:
        """Tell news of a feed."""
        self._outbox.append(self.feed_message(what, data, now_ns))

    def add_duty(self, duty: Duty) -> None:
        """Do something by the clock from now on."""
        self._duties.append(duty)

    def funding_rate(self, market: Market) -> tuple[Decimal, int | None] | None:
        """Return the funding rate of a market and when it is paid next, `None` where none is paid."""
        interval_secs = self.profile.funding_interval_secs
        if market.funding_rate is None and interval_secs is None:
            return None
        due = [duty.due_ns for duty in self._duties if type(duty).__name__ == "Funding"]
        rate = Decimal(self.profile.funding_rate) if market.funding_rate is None else market.funding_rate
        return rate, due[0] if due else None

    def underlying(self, option: Market) -> Market | None:
        """Return the market that an option is on, `None` of what is no option."""
        key = option.instrument.id
        found = self._underlyings.get(key)
        if found is None:
            found = underlying_of(option, self._markets)
            if found is not None:
                self._underlyings[key] = found
        return found

    def history(self, query: GetHistory, now_ns: int) -> History | Refusal:
        """Answer a question about the past of a market."""
        market = self._markets.get(query.instrument_id)
        if market is None:
            return refuse("UNKNOWN_INSTRUMENT", f"instrument must be traded here, was {query.instrument_id}")
        try:
            return History(items=tuple(self.public.history(market, query, now_ns)))
        except ValueError as error:
            return refuse("BAD_REQUEST", str(error))
