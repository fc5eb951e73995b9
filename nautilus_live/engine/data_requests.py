"""Requests for the past: asked of a client, answered to whoever asked, put into the cache where it was empty.

Knows clients, the cache and the maker of bars. Promises:

1. Every request is answered: with items, with none (the client confirmed that there are none), or with an error.
2. Bars that the node makes (INTERNAL) are made of what the client has: smaller bars, trades or quotes. The past of a
   synthetic instrument is made of its components' quotes or trades, and unknown if that of any is.
3. History never replaces or reorders what the cache heard live: it goes there only where nothing was known.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from nautilus_live.adapters.ports import Clock, DataClient
from nautilus_live.core.synthetic_ticks import make_history
from nautilus_live.engine.bars import Bars
from nautilus_live.engine.cache import Cache
from nautilus_live.engine.routing import Routes
from nautilus_live.errors import ConfigError
from nautilus_live.model.bars import Bar, BarType
from nautilus_live.model.data import QuoteTick, TradeTick
from nautilus_live.model.data_requests import DataRequest, DataResponse
from nautilus_live.model.enums import PriceType
from nautilus_live.model.identifiers import ClientId
from nautilus_live.model.instruments import Instrument, SyntheticInstrument
from nautilus_live.model.instruments.synthetic import SYNTHETIC_VENUE

Answer = Callable[["HistoricalData"], object]


class HistoricalData(Struct, frozen=True, kw_only=True):
    """What became of a request: `items` oldest first, or an `error` and nothing known."""

    request: DataRequest
    items: tuple[Any, ...] = ()
    error: str = ""


class _Pending:
    def __init__(self, request: DataRequest, answer: Answer, chain: list[BarType]) -> None:
        self.request = request
        self.answer = answer
        self.chain = chain  # the bars to make of the answer, the smallest first


class DataRequests:
    """The questions of one node that wait for an answer."""

    def __init__(self, routes: Routes[DataClient], cache: Cache, bars: Bars, clock: Clock, log: logging.Logger) -> None:
        self._routes = routes
        self._cache = cache
        self._bars = bars
        self._clock = clock
        self._log = log
        self._pending: dict[str, _Pending] = {}

    def ask(self, request: DataRequest, answer: Answer, client_id: ClientId | None = None) -> None:
        """Ask the client of the request's venue, or the one named; `answer` takes what becomes of it, later.

        Raises:
            ConfigError: if there is no such client.

        """
        venue = request.venue
        if request.instrument_id is not None:
            venue = request.instrument_id.venue
        elif request.bar_type is not None:
            venue = request.bar_type.instrument_id.venue
        if venue == SYNTHETIC_VENUE:
            self._ask_components(request, answer, client_id)
            return
        if venue is not None:
            client = self._routes.find(venue, client_id)
        else:
            client = None if client_id is None else self._routes.get(client_id)
        if client is None:
            raise ConfigError(f"{request}: no data client for it, was asked for {client_id or venue}")
        question, chain = self._question(request)
        self._pending[request.request_id] = _Pending(request, answer, chain)
        client.request(question)

    def _ask_components(self, request: DataRequest, answer: Answer, client_id: ClientId | None) -> None:
        """Ask for the past of each component; what they make of it is the answer."""
        question, chain = self._question(request)
        instrument_id = question.instrument_id
        synthetic = None if instrument_id is None else self._cache.synthetic(instrument_id)
        if synthetic is None or question.kind not in ("quotes", "trades"):
            raise ConfigError(f"{request}: a synthetic instrument that was added has quotes, trades and INTERNAL bars")
        unserved = [one for one in synthetic.components if self._routes.find(one.venue, client_id) is None]
        if unserved:
            raise ConfigError(f"{request}: no data client for {', '.join(map(str, unserved))}")
        self._pending[request.request_id] = _Pending(request, answer, chain)
        heard: dict[int, HistoricalData] = {}
        for number, component in enumerate(synthetic.components):
            part = replace(question, request_id=f"{request.request_id}-{number}", instrument_id=component, limit=0)
            self.ask(part, partial(self._gather, synthetic, request.request_id, heard, number), client_id)

    def _gather(
        self,
        synthetic: SyntheticInstrument,
        request_id: str,
        heard: dict[int, HistoricalData],
        number: int,
        history: HistoricalData,
    ) -> None:
        heard[number] = history
        if len(heard) < len(synthetic.components):
            return
        parts = [heard[one] for one in range(len(heard))]
        error = "; ".join(f"{part.request}: {part.error}" for part in parts if part.error)
        items = () if error else tuple(make_history(synthetic, [part.items for part in parts]))
        self.take(DataResponse(request_id=request_id, data=items, error=error))

    def take(self, response: DataResponse) -> None:
        """Take an answer; a second one is dropped."""
        pending = self._pending.pop(response.request_id, None)
        if pending is None:
            self._log.debug("request %s: answered, but not waiting", response.request_id)
            return
        request, error, items = pending.request, response.error, list(response.data)
        if not error:
            items = [item for item in items if not isinstance(item, Bar) or not item.is_revision]
            end_ns = request.end_ns or self._clock.timestamp_ns()
            try:
                for bar_type in pending.chain:
                    items = list(self._bars.make(bar_type, items, end_ns))
            except (ConfigError, ValueError) as reason:
                error, items = str(reason), []
            if request.limit and len(items) > request.limit:
                items = items[-request.limit :]
            self._keep(items)
        if error:
            self._log.warning("request %s: unknown: %s", request, error)
        else:
            self._log.info("request %s: %d items", request, len(items))
        pending.answer(HistoricalData(request=request, items=tuple(items), error=error))

    def end(self) -> None:
        """Wait for nothing any more; whoever asked is told."""
        for request_id in list(self._pending):
            self.take(DataResponse(request_id=request_id, error="the data engine stopped"))

    def _question(self, request: DataRequest) -> tuple[DataRequest, list[BarType]]:
        """Return what the client is asked, and the bars to make of it, the smallest first."""
        bar_type = request.bar_type
        if request.kind != "bars" or bar_type is None or bar_type.is_externally_aggregated():
            return request, []
        chain = [bar_type]
        while chain[0].is_composite():
            part = chain[0].composite()
            if part.is_externally_aggregated():
                return replace(request, bar_type=part, limit=0), chain
            chain.insert(0, part)
        kind = "trades" if chain[0].spec.price_type is PriceType.LAST else "quotes"
        instrument_id = bar_type.instrument_id
        return replace(request, kind=kind, instrument_id=instrument_id, bar_type=None, limit=0), chain

    def _keep(self, items: Sequence[Any]) -> None:
        """Put history into the cache where nothing is known that is newer."""
        if not items:
            return
        cache, first = self._cache, items[0]
        if isinstance(first, Bar):
            known: Any = cache.bar(first.bar_type)
            add: Callable[[Any], object] = cache.add_bar
        elif isinstance(first, QuoteTick):
            known, add = cache.quote_tick(first.instrument_id), cache.add_quote_tick
        elif isinstance(first, TradeTick):
            known, add = cache.trade_tick(first.instrument_id), cache.add_trade_tick
        elif isinstance(first, Instrument):
            known, add = None, cache.add_instrument
        else:
            return
        if known is None:
            for item in items:
                add(item)
