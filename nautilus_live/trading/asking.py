"""How an actor asks for the past: ids, answers, what becomes of them. The questions themselves are in `requests`.

Promises: a request returns its id at once; its items arrive later, oldest first, at the indicators registered for them
and then at `on_historical_data` (instruments at `on_instrument`), and last `callback` is called with the id. A request
that fails is told by `on_request_failed` and calls no callback. Nothing of it arrives at a component that does not run
any more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from nautilus_live.engine.data_requests import HistoricalData
from nautilus_live.errors import ProgrammerError
from nautilus_live.model.data_requests import DataRequest, RequestKind
from nautilus_live.model.identifiers import ClientId
from nautilus_live.model.timestamps import nanoseconds_of
from nautilus_live.model.uuids import UUID4
from nautilus_live.trading.indicating import Indicating
from nautilus_live.trading.joined_requests import Join, JoinedRequests
from nautilus_live.trading.market_subscriptions import Params
from nautilus_live.trading.publishing import Publishing
from nautilus_live.trading.services import Services

RequestCallback = Callable[[UUID4], object]
Moment = datetime | int
AT_ONCE = (False, None)
"""How most requests are made: sent at once, under an id of ours."""


class Asking(Publishing):
    """Requests on their way, and the indicators that hear the answers."""

    def __init__(self, component_id: str, config: Any) -> None:
        super().__init__(component_id, config)
        self._pending_: dict[UUID4, RequestCallback | None] = {}
        self._indicating_ = Indicating()
        self._joined_ = JoinedRequests()

    def _register_(self, services: Services) -> None:
        super()._register_(services)
        self._indicating_.now = services.time.timestamp_ns

    def reset(self) -> None:
        """Go back to the beginning: `on_reset`, then READY; indicators may be fed with history anew."""
        super().reset()
        self._indicating_.forget()

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
        how: tuple[bool, UUID4 | None],
        **about: Any,
    ) -> UUID4:
        """Ask for `kind`; `how` says whether the request waits to be joined with others, and what id it is given."""
        services = self._registered_(f"a request for {kind}")
        now_ns = services.time.timestamp_ns()
        start_ns = None if start is None else nanoseconds_of(start)
        end_ns = None if end is None else nanoseconds_of(end)
        if limit < 0:
            raise ProgrammerError(f"a request's limit must not be negative, was {limit}")
        if start_ns is not None and start_ns > (now_ns if end_ns is None else end_ns):
            raise ProgrammerError(f"a request's start must not be after its end, was {start} to {end or 'now'}")
        waits, wanted_id = how
        request_id = self._new_request_id_(services, wanted_id)
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
        if waits:
            self._joined_.hold(request_id, request, client_id)
        else:
            self._ask_(services, request, client_id)
        return request_id

    def _new_request_id_(self, services: Services, wanted: UUID4 | None) -> UUID4:
        if wanted in self._pending_:
            raise ProgrammerError(f"request_id must be new, {wanted} was another request's")
        return UUID4.from_str(services.event_ids.next() if wanted is None else str(wanted))

    def _ask_(self, services: Services, request: DataRequest, client_id: ClientId | None) -> None:
        try:
            services.data.request(request, self._deliver_, client_id)
        except Exception:
            del self._pending_[UUID4.from_str(request.request_id)]
            raise

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
        joined = self._joined_.take(request_id, answer)
        if joined is not None:
            self._take_joined_(joined)
            return
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

    def _take_joined_(self, joined: Join) -> None:
        if not joined.is_whole:
            return
        callbacks = {part: self._pending_.pop(part, None) for part in (*joined.answers, joined.id)}
        errors = joined.errors
        if errors:
            errors[joined.id] = next(iter(errors.values()))
        for failed, error in errors.items():
            self._guarded_(self.on_request_failed, failed, error)
        if errors:
            return
        self._take_history_(joined.items())
        for request_id, callback in callbacks.items():
            if callback is not None:
                self._guarded_(callback, request_id)
