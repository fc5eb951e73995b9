"""What a sandbox venue says, in the kernel's words.

May know: the kernel's adapter port, messages. Promises: every message becomes an event of an order of ours, or goes on
as a report. A message that names an order only by the venue's id is kept while a submission is on its way: it may be
about just that order.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from nautilus_live.adapters.event_maker import EventMaker
from nautilus_live.adapters.ports import ExecutionSink, Knowledge
from nautilus_live.model.enums import OrderStatus, Provenance
from nautilus_live.model.identifiers import ClientOrderId
from nautilus_live.model.objects import Quantity
from nautilus_live.model.orders import Order
from nautilus_live.model.reports import FillReport, OrderStatusReport
from sandbox_venues.messages import WOULD_TAKE, AccountMessage, Message, OrderMessage, PositionMessage

STREAM, RESPONSE = Provenance.STREAM, Provenance.RESPONSE
REPLACED = "REPLACED"
"""Why the venue says that it canceled the old leg of an order that it replaced."""


class StreamReader:
    """Turns messages and answers into events."""

    def __init__(
        self, events: EventMaker, cache: Knowledge, sink: ExecutionSink, *, trades_apart: bool = False
    ) -> None:
        self._events = events
        self._cache = cache
        self._sink = sink
        self._trades_apart = trades_apart
        self._submitting = 0
        self._unnamed: list[OrderMessage] = []

    @contextmanager
    def submitting(self) -> Iterator[None]:
        """Keep messages about unknown orders for as long as this lasts: the answer may name them."""
        self._submitting += 1
        try:
            yield
        finally:
            self._submitting -= 1
            kept, self._unnamed = self._unnamed, []
            for message in kept:
                self.take(message)

    def take(self, message: Message) -> None:
        """Take a stream message."""
        if isinstance(message, OrderMessage):
            self._take_order(message)
        elif isinstance(message, AccountMessage):
            self.take_account(message, STREAM)
        elif isinstance(message, PositionMessage):
            self._sink.receive_report(message.position)

    def name_of(self, report: OrderStatusReport) -> ClientOrderId | None:
        """Return our id of the order, `None` if it is unknown; an order of another account may share its name."""
        named = report.client_order_id
        if named is not None:
            order = self._cache.order(named)
            if order is None or order.is_at(report.account_id, report.instrument_id):
                return None if order is None else named
        return self._cache.client_order_id(report.venue_order_id, report.instrument_id)

    def _take_order(self, message: OrderMessage) -> None:
        report = message.order
        name = self.name_of(report)
        order = None if name is None else self._cache.order(name)
        if order is None:
            if self._submitting and report.client_order_id is None:
                self._unnamed.append(message)
            else:
                self._pass_on(message)
        elif message.what == "fill" and message.fill is not None:
            self._say_fill(order, message.fill, STREAM, _more_than_known(order, message.fill, report))
        elif message.what == "bust" and message.fill is not None:
            self._events.generate_order_fill_voided(
                order.strategy_id,
                order.instrument_id,
                order.client_order_id,
                report.venue_order_id,
                message.fill.trade_id,
                message.ts_event,
                message.reason,
            )
            if not report.is_open and order.is_open:
                self._sink.receive_report(report)  # the fill that closed it may never have been heard of
        else:
            self._say_change(order, message, report)

    def _pass_on(self, message: OrderMessage) -> None:
        """Report an order that is not ours, its trade first: it waits for the order, and nothing has to be inferred.

        It may be ours all the same, its acknowledgement just not taken note of: here too an old leg is no news.
        """
        if message.what == "cancel" and message.reason == REPLACED:
            return
        if message.fill is not None and message.what == "fill":
            self._sink.receive_report(message.fill)
            if self._trades_apart:
                return
        self._sink.receive_report(message.order)

    def _say_change(self, order: Order, message: OrderMessage, report: OrderStatusReport) -> None:
        events, ids = self._events, (order.strategy_id, order.instrument_id, order.client_order_id)
        match message.what:
            case "ack" if order.venue_order_id not in (None, report.venue_order_id):
                # The new leg of a cancel and replace: the same order, under another id and at other terms.
                self._say_updated(order, report, message.ts_event, STREAM)
            case "ack":
                events.generate_order_accepted(*ids, report.venue_order_id, message.ts_event, STREAM)
                if order.venue_order_id is None and _has_other_terms(order, report):
                    self._say_updated(order, report, message.ts_event, STREAM)  # replaced before we knew it at all
            case "cancel" if message.reason == REPLACED:
                return  # Its old leg: the order goes on.
            case "cancel":
                events.generate_order_canceled(*ids, report.venue_order_id, message.ts_event, STREAM, report.filled_qty)
            case "expire":
                events.generate_order_expired(*ids, report.venue_order_id, message.ts_event, STREAM, report.filled_qty)
            case "trigger":
                events.generate_order_triggered(*ids, report.venue_order_id, message.ts_event, STREAM)
            case "update":
                self._say_updated(order, report, message.ts_event, STREAM)
            case "reject":
                reason = message.reason or "UNKNOWN"
                would_take = reason.startswith(WOULD_TAKE)
                events.generate_order_rejected(*ids, reason, message.ts_event, would_take, STREAM)
            case _:
                self._sink.receive_report(report)

    # -- answers

    def take_account(self, message: AccountMessage, provenance: Provenance = RESPONSE) -> None:
        """Take an account state."""
        balances, margins = message.balances, message.margins
        self._events.generate_account_state(balances, margins, True, message.ts_event, provenance)

    def take_placed(
        self, client_order_id: ClientOrderId, report: OrderStatusReport, fills: tuple[FillReport, ...]
    ) -> None:
        """Take the answer to a submission: accepted, with what filled at once, and how it ended if it did."""
        order = self._cache.order(client_order_id)
        if order is None:
            self._sink.receive_report(report)
            return
        ids = (order.strategy_id, order.instrument_id, order.client_order_id)
        self._events.generate_order_accepted(*ids, report.venue_order_id, report.ts_accepted, RESPONSE)
        for fill in fills:
            self._say_fill(order, fill, RESPONSE)
        end = (*ids, report.venue_order_id, report.ts_last, RESPONSE, report.filled_qty)
        if report.order_status is OrderStatus.CANCELED:
            self._events.generate_order_canceled(*end)
        elif report.order_status is OrderStatus.EXPIRED:
            self._events.generate_order_expired(*end)

    def take_changed(self, client_order_id: ClientOrderId, report: OrderStatusReport) -> None:
        """Take the answer to a modification."""
        order = self._cache.order(client_order_id)
        if order is None:
            self._sink.receive_report(report)
        else:
            self._say_updated(order, report, report.ts_last, RESPONSE)

    def take_canceled(self, client_order_id: ClientOrderId, report: OrderStatusReport) -> None:
        """Take the answer to a cancel."""
        order = self._cache.order(client_order_id)
        if order is None:
            self._sink.receive_report(report)
        else:
            self._events.generate_order_canceled(
                order.strategy_id,
                order.instrument_id,
                order.client_order_id,
                report.venue_order_id,
                report.ts_last,
                RESPONSE,
                report.filled_qty,
            )

    # -- events

    def _say_updated(self, order: Order, report: OrderStatusReport, ts_event: int, provenance: Provenance) -> None:
        self._events.generate_order_updated(
            order.strategy_id,
            order.instrument_id,
            order.client_order_id,
            report.venue_order_id,
            report.quantity,
            report.price,
            report.trigger_price,
            ts_event,
            provenance,
        )

    def _say_fill(
        self, order: Order, fill: FillReport, provenance: Provenance, cum_qty: Quantity | None = None
    ) -> None:
        instrument = self._cache.instrument(order.instrument_id)
        if instrument is None:
            # Without the instrument the currency of the trade is not known; the engine can load it.
            self._sink.receive_report(fill)
            return
        self._events.generate_order_filled(
            order.strategy_id,
            order.instrument_id,
            order.client_order_id,
            fill.venue_order_id,
            fill.venue_position_id,
            fill.trade_id,
            fill.order_side,
            order.order_type,
            fill.last_qty,
            fill.last_px,
            instrument.quote_currency,
            fill.commission,
            fill.liquidity_side,
            fill.ts_event,
            provenance,
            cum_qty=cum_qty,
        )


def _has_other_terms(order: Order, report: OrderStatusReport) -> bool:
    if order.init.quote_quantity:
        return False  # its quantity is of another currency
    is_priced_anew = None not in (order.price, report.price) and order.price != report.price
    return is_priced_anew or order.quantity != report.quantity


def _more_than_known(order: Order, fill: FillReport, report: OrderStatusReport) -> Quantity | None:
    """Return what the venue says was filled in all, if that is more than is known with this trade."""
    known = order.filled_qty.value + fill.last_qty.value
    return report.filled_qty if report.filled_qty.value > known else None
