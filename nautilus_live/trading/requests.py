"""What actors ask of the past, and the indicators that hear the answers. Names are the ecosystem's.

Promises: a request returns its id at once; its items arrive later, oldest first, at the indicators registered for them
and then at `on_historical_data` (instruments at `on_instrument`), and last `callback` is called with the id. A request
that fails is told by `on_request_failed` and calls no callback. Nothing of it arrives at a component that does not run
any more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from nautilus_live.engine.data_requests import HistoricalData
from nautilus_live.errors import ProgrammerError
from nautilus_live.indicators.base import Indicator
from nautilus_live.model.bars import Bar, BarType
from nautilus_live.model.custom_data import DataType
from nautilus_live.model.data import QuoteTick, TradeTick
from nautilus_live.model.data_requests import DataRequest, RequestKind
from nautilus_live.model.identifiers import ClientId, InstrumentId, Venue
from nautilus_live.model.uuids import UUID4
from nautilus_live.trading.clock import nanoseconds_of
from nautilus_live.trading.indicating import Indicating
from nautilus_live.trading.market_subscriptions import Params
from nautilus_live.trading.publishing import Publishing

RequestCallback = Callable[[UUID4], object]
Moment = datetime | int


class Requests(Publishing):
    """Questions about the past, and indicators."""

    def __init__(self, component_id: str, config: Any) -> None:
        super().__init__(component_id, config)
        self._pending_: dict[UUID4, RequestCallback | None] = {}
        self._indicating_ = Indicating()

    def reset(self) -> None:
        """Go back to the beginning: `on_reset`, then READY; indicators may be fed with history anew."""
        super().reset()
        self._indicating_.forget()

    # -- requests ------------------------------------------------------------------------------------------------------

    def request_instrument(
        self,
        instrument_id: InstrumentId,
        start: Moment | None = None,
        end: Moment | None = None,
        client_id: ClientId | None = None,
        callback: RequestCallback | None = None,
        update_catalog: bool = False,
        params: Params = None,
    ) -> UUID4:
        """Ask for an instrument's definition; it is in the cache when it arrives at `on_instrument`."""
        return self._request_("instrument", start, end, 0, client_id, callback, params, instrument_id=instrument_id)

    def request_instruments(
        self,
        venue: Venue,
        start: Moment | None = None,
        end: Moment | None = None,
        client_id: ClientId | None = None,
        callback: RequestCallback | None = None,
        update_catalog: bool = False,
        params: Params = None,
    ) -> UUID4:
        """Ask for the definitions of all instruments of a venue."""
        return self._request_("instruments", start, end, 0, client_id, callback, params, venue=venue)

    def request_quote_ticks(
        self,
        instrument_id: InstrumentId,
        start: Moment | None = None,
        end: Moment | None = None,
        limit: int = 0,
        client_id: ClientId | None = None,
        callback: RequestCallback | None = None,
        update_catalog: bool = False,
        params: Params = None,
    ) -> UUID4:
        """Ask for quotes of the past; `limit` keeps the newest, 0 keeps all."""
        return self._request_("quotes", start, end, limit, client_id, callback, params, instrument_id=instrument_id)

    def request_trade_ticks(
        self,
        instrument_id: InstrumentId,
        start: Moment | None = None,
        end: Moment | None = None,
        limit: int = 0,
        client_id: ClientId | None = None,
        callback: RequestCallback | None = None,
        update_catalog: bool = False,
        params: Params = None,
    ) -> UUID4:
        """Ask for trades of the past; `limit` keeps the newest, 0 keeps all."""
        return self._request_("trades", start, end, limit, client_id, callback, params, instrument_id=instrument_id)

    def request_bars(
        self,
        bar_type: BarType,
        start: Moment | None = None,
        end: Moment | None = None,
        limit: int = 0,
        client_id: ClientId | None = None,
        callback: RequestCallback | None = None,
        update_catalog: bool = False,
        params: Params = None,
    ) -> UUID4:
        """Ask for bars of the past: the venue's own, or (INTERNAL) made here of its ticks or smaller bars."""
        return self._request_("bars", start, end, limit, client_id, callback, params, bar_type=bar_type)

    def request_aggregated_bars(
        self,
        bar_types: Sequence[BarType],
        start: Moment | None = None,
        end: Moment | None = None,
        limit: int = 0,
        client_id: ClientId | None = None,
        callback: RequestCallback | None = None,
        include_external_data: bool = False,
        update_subscriptions: bool = False,
        update_catalog: bool = False,
        params: Params = None,
    ) -> UUID4:
        """Ask for bars of several types, all made here; `callback` is called once, when the last of them is there.

        Raises:
            ProgrammerError: if there are none, or one is not INTERNAL.

        """
        if not bar_types or any(bar_type.is_externally_aggregated() for bar_type in bar_types):
            raise ProgrammerError(f"bar_types must be INTERNAL ones, at least one, was {bar_types}")
        *before, last = bar_types
        for bar_type in before:
            self._request_("bars", start, end, limit, client_id, None, params, bar_type=bar_type)
        return self._request_("bars", start, end, limit, client_id, callback, params, bar_type=last)

    def request_order_book_snapshot(
        self,
        instrument_id: InstrumentId,
        limit: int = 0,
        client_id: ClientId | None = None,
        callback: RequestCallback | None = None,
        params: Params = None,
    ) -> UUID4:
        """Ask for all that stands in a book; it arrives as `OrderBookDeltas` that begin with a clear."""
        return self._request_("book", None, None, limit, client_id, callback, params, instrument_id=instrument_id)

    def request_order_book_deltas(
        self,
        instrument_id: InstrumentId,
        start: Moment | None = None,
        end: Moment | None = None,
        limit: int = 0,
        client_id: ClientId | None = None,
        callback: RequestCallback | None = None,
        update_catalog: bool = False,
        params: Params = None,
    ) -> UUID4:
        """Ask for the changes of a book in the past, where a client has them."""
        return self._request_("deltas", start, end, limit, client_id, callback, params, instrument_id=instrument_id)

    def request_order_book_depth(
        self,
        instrument_id: InstrumentId,
        start: Moment | None = None,
        end: Moment | None = None,
        limit: int = 0,
        depth: int = 10,
        client_id: ClientId | None = None,
        callback: RequestCallback | None = None,
        update_catalog: bool = False,
        params: Params = None,
    ) -> UUID4:
        """Ask for the best levels of a book in the past, where a client has them."""
        return self._request_("depth", start, end, limit, client_id, callback, params, instrument_id=instrument_id)

    def request_funding_rates(
        self,
        instrument_id: InstrumentId,
        start: Moment | None = None,
        end: Moment | None = None,
        limit: int = 0,
        client_id: ClientId | None = None,
        callback: RequestCallback | None = None,
        update_catalog: bool = False,
        params: Params = None,
    ) -> UUID4:
        """Ask for the funding rates at which was paid in the past."""
        about = {"instrument_id": instrument_id}
        return self._request_("funding_rates", start, end, limit, client_id, callback, params, **about)

    def request_data(
        self,
        data_type: DataType,
        client_id: ClientId,
        instrument_id: InstrumentId | None = None,
        start: Moment | None = None,
        end: Moment | None = None,
        limit: int = 0,
        callback: RequestCallback | None = None,
        update_catalog: bool = False,
        params: Params = None,
    ) -> UUID4:
        """Ask a client for custom data of the past."""
        about = {"data_type": data_type, "instrument_id": instrument_id}
        return self._request_("data", start, end, limit, client_id, callback, params, **about)

    def is_pending_request(self, request_id: UUID4) -> bool:
        """Return whether the request has no answer yet."""
        return request_id in self._pending_

    def has_pending_requests(self) -> bool:
        """Return whether any request has no answer yet."""
        return bool(self._pending_)

    def pending_requests(self) -> list[UUID4]:
        """Return the ids of the requests that have no answer yet, oldest first."""
        return list(self._pending_)

    def _request_(
        self,
        kind: RequestKind,
        start: Moment | None,
        end: Moment | None,
        limit: int,
        client_id: ClientId | None,
        callback: RequestCallback | None,
        params: Params,
        **about: Any,
    ) -> UUID4:
        services = self._registered_(f"a request for {kind}")
        now_ns = services.time.timestamp_ns()
        start_ns = None if start is None else nanoseconds_of(start)
        end_ns = None if end is None else nanoseconds_of(end)
        if limit < 0:
            raise ProgrammerError(f"a request's limit must not be negative, was {limit}")
        if start_ns is not None and start_ns > (now_ns if end_ns is None else end_ns):
            raise ProgrammerError(f"a request's start must not be after its end, was {start} to {end or 'now'}")
        request_id = UUID4.from_str(services.event_ids.next())
        request = DataRequest(
            request_id=request_id,
            kind=kind,
            ts_init=now_ns,
            start_ns=start_ns,
            end_ns=end_ns,
            limit=limit,
            params=params,
            **about,
        )
        self._pending_[request_id] = callback
        try:
            services.data.request(request, self._deliver_, client_id)
        except Exception:
            del self._pending_[request_id]
            raise
        return request_id

    def _take_history_(self, items: Iterable[Any]) -> None:
        """Give each item of the past to the indicators, then to `on_historical_data`."""
        feeders = self._indicating_.feeders()
        for item in items:
            feed = feeders.get(type(item))
            if feed is not None:
                self._guarded_(feed, item)
            self._guarded_(self.on_historical_data, item)

    def _take_answer_(self, answer: HistoricalData) -> None:
        request_id = UUID4.from_str(answer.request.request_id)
        callback = self._pending_.pop(request_id, None)
        if answer.error:
            self._guarded_(self.on_request_failed, request_id, answer.error)
            return
        if answer.request.kind in ("instrument", "instruments"):
            for item in answer.items:  # what an instrument is now, whenever it is told, is no history
                self._deliver_(item)
        else:
            self._take_history_(answer.items)
        if callback is not None:
            self._guarded_(callback, request_id)

    # -- indicators ----------------------------------------------------------------------------------------------------

    def register_indicator_for_quote_ticks(self, instrument_id: InstrumentId, indicator: Indicator) -> None:
        """Feed an indicator with the instrument's quotes, which must be subscribed to as well."""
        self._indicating_.add(instrument_id, indicator, QuoteTick)
        self._refresh_handlers_()

    def register_indicator_for_trade_ticks(self, instrument_id: InstrumentId, indicator: Indicator) -> None:
        """Feed an indicator with the instrument's trades, which must be subscribed to as well."""
        self._indicating_.add(instrument_id, indicator, TradeTick)
        self._refresh_handlers_()

    def register_indicator_for_bars(self, bar_type: BarType, indicator: Indicator) -> None:
        """Feed an indicator with bars, which must be subscribed to as well; answers to requests feed it too."""
        self._indicating_.add(bar_type, indicator, Bar)
        self._refresh_handlers_()

    @property
    def registered_indicators(self) -> list[Indicator]:
        """The indicators that are fed."""
        return self._indicating_.all()

    def indicators_initialized(self) -> bool:
        """Return whether there are indicators and all of them have seen enough."""
        found = self._indicating_.all()
        return bool(found) and all(indicator.initialized for indicator in found)
