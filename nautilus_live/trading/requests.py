"""What actors ask of the past, and the indicators that hear the answers. Names are the ecosystem's.

What becomes of a request is in `asking`. With `join_request` it waits until `request_join` sends it with others; a
`request_id` is the id that it gets, instead of one of ours.
"""

from __future__ import annotations

from collections.abc import Sequence

from nautilus_live.errors import ProgrammerError
from nautilus_live.indicators.base import Indicator
from nautilus_live.model.bars import Bar, BarType
from nautilus_live.model.custom_data import DataType
from nautilus_live.model.data import QuoteTick, TradeTick
from nautilus_live.model.identifiers import ClientId, InstrumentId, Venue
from nautilus_live.model.timestamps import nanoseconds_of
from nautilus_live.model.uuids import UUID4
from nautilus_live.trading.asking import AT_ONCE, Asking, Moment, RequestCallback
from nautilus_live.trading.market_subscriptions import Params


class Requests(Asking):
    """Questions about the past, and indicators."""

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
        join_request: bool = False,
        request_id: UUID4 | None = None,
    ) -> UUID4:
        """Ask for an instrument's definition; it is in the cache when it arrives at `on_instrument`."""
        how = (join_request, request_id)
        return self._request_(
            "instrument", start, end, 0, client_id, callback, params, how, instrument_id=instrument_id
        )

    def request_instruments(
        self,
        venue: Venue,
        start: Moment | None = None,
        end: Moment | None = None,
        client_id: ClientId | None = None,
        callback: RequestCallback | None = None,
        update_catalog: bool = False,
        params: Params = None,
        join_request: bool = False,
        request_id: UUID4 | None = None,
    ) -> UUID4:
        """Ask for the definitions of all instruments of a venue."""
        how = (join_request, request_id)
        return self._request_("instruments", start, end, 0, client_id, callback, params, how, venue=venue)

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
        join_request: bool = False,
        request_id: UUID4 | None = None,
    ) -> UUID4:
        """Ask for quotes of the past; `limit` keeps the newest, 0 keeps all."""
        how = (join_request, request_id)
        return self._request_(
            "quotes", start, end, limit, client_id, callback, params, how, instrument_id=instrument_id
        )

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
        join_request: bool = False,
        request_id: UUID4 | None = None,
    ) -> UUID4:
        """Ask for trades of the past; `limit` keeps the newest, 0 keeps all."""
        how = (join_request, request_id)
        return self._request_(
            "trades", start, end, limit, client_id, callback, params, how, instrument_id=instrument_id
        )

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
        join_request: bool = False,
        request_id: UUID4 | None = None,
    ) -> UUID4:
        """Ask for bars of the past: the venue's own, or (INTERNAL) made here of its ticks or smaller bars."""
        how = (join_request, request_id)
        return self._request_("bars", start, end, limit, client_id, callback, params, how, bar_type=bar_type)

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
        request_id: UUID4 | None = None,
    ) -> UUID4:
        """Ask for bars of several types, all made here; `callback` is called once, when the last of them is there.

        What they are made of is not handed on (`include_external_data`), and live bars begin with a subscription of
        their own (`update_subscriptions`).

        Raises:
            ProgrammerError: if there are none, or one is not INTERNAL.

        """
        if not bar_types or any(bar_type.is_externally_aggregated() for bar_type in bar_types):
            raise ProgrammerError(f"bar_types must be INTERNAL ones, at least one, was {bar_types}")
        *before, last = bar_types
        for bar_type in before:
            self._request_("bars", start, end, limit, client_id, None, params, AT_ONCE, bar_type=bar_type)
        how = (False, request_id)
        return self._request_("bars", start, end, limit, client_id, callback, params, how, bar_type=last)

    def request_order_book_snapshot(
        self,
        instrument_id: InstrumentId,
        limit: int = 0,
        client_id: ClientId | None = None,
        callback: RequestCallback | None = None,
        params: Params = None,
        join_request: bool = False,
        request_id: UUID4 | None = None,
    ) -> UUID4:
        """Ask for all that stands in a book; it arrives as `OrderBookDeltas` that begin with a clear."""
        how = (join_request, request_id)
        return self._request_("book", None, None, limit, client_id, callback, params, how, instrument_id=instrument_id)

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
        join_request: bool = False,
        request_id: UUID4 | None = None,
    ) -> UUID4:
        """Ask for the changes of a book in the past, where a client has them."""
        how = (join_request, request_id)
        return self._request_(
            "deltas", start, end, limit, client_id, callback, params, how, instrument_id=instrument_id
        )

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
        join_request: bool = False,
        request_id: UUID4 | None = None,
    ) -> UUID4:
        """Ask for the best levels of a book in the past, where a client has them."""
        how = (join_request, request_id)
        return self._request_("depth", start, end, limit, client_id, callback, params, how, instrument_id=instrument_id)

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
        join_request: bool = False,
        request_id: UUID4 | None = None,
    ) -> UUID4:
        """Ask for the funding rates at which was paid in the past."""
        how = (join_request, request_id)
        return self._request_(
            "funding_rates", start, end, limit, client_id, callback, params, how, instrument_id=instrument_id
        )

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
        join_request: bool = False,
        request_id: UUID4 | None = None,
    ) -> UUID4:
        """Ask a client for custom data of the past."""
        how = (join_request, request_id)
        about = {"data_type": data_type, "instrument_id": instrument_id}
        return self._request_("data", start, end, limit, client_id, callback, params, how, **about)

    def request_join(
        self,
        request_ids: Sequence[UUID4],
        start: Moment | None = None,
        end: Moment | None = None,
        client_id: ClientId | None = None,
        venue: Venue | None = None,
        callback: RequestCallback | None = None,
        request_id: UUID4 | None = None,
        params: Params = None,
    ) -> UUID4:
        """Send requests that were made with `join_request=True`, and let their answers arrive as one, by time.

        `start` and `end` hold for all of them where they are given. Their own callbacks come first, then `callback`.
        If one fails, `on_request_failed` is told of it and of the whole, and nothing arrives.

        Raises:
            ProgrammerError: if there are none, or one does not wait to be joined.

        """
        services = self._registered_("a request to join requests")
        join_id = self._new_request_id_(services, request_id)
        start_ns = None if start is None else nanoseconds_of(start)
        end_ns = None if end is None else nanoseconds_of(end)
        joined = self._joined_.join(join_id, request_ids, start_ns, end_ns)
        self._pending_[join_id] = callback
        for request, own_client_id in joined:
            self._ask_(services, request, client_id or own_client_id)
        return join_id

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
