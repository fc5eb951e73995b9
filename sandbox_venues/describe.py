"""One deterministic line for every message: what a trace shows.

May know: messages, reports. Promises: equal messages give equal lines; no object addresses, no set order, no sequence
numbers.
"""

from __future__ import annotations

from nautilus_live.model.bars import Bar
from nautilus_live.model.data import F_SNAPSHOT, OrderBookDelta
from nautilus_live.model.instruments import Instrument
from nautilus_live.model.option_chain import OptionGreeks
from nautilus_live.model.reports import FillReport, OrderStatusReport, PositionStatusReport
from sandbox_venues.feed_messages import FeedMessage, GetHistory, History
from sandbox_venues.messages import (
    AccountMessage,
    AmendOrder,
    AnyReport,
    BookMessage,
    CancelAll,
    CancelOrder,
    CancelOrders,
    DepthMessage,
    Done,
    Garbled,
    GetBook,
    GetFills,
    GetInstruments,
    GetOrder,
    GetOrders,
    GetPositions,
    MarginCall,
    Message,
    OrderMessage,
    Page,
    PlaceOrder,
    PlaceOrders,
    PositionMessage,
    QuoteMessage,
    Refusal,
    Subscribe,
    TradeMessage,
    Trouble,
)


def describe(message: Message) -> str:
    """Return the message in one line."""
    match message:
        case OrderMessage():
            return _line(
                message.what,
                *_report_words(message.fill if message.fill is not None else message.order),
                message.reason,
            )
        case PlaceOrder() | AmendOrder() | CancelOrder() | CancelAll() | CancelOrders() | PlaceOrders():
            return _line(message.label, *_command_words(message))
        case (
            GetOrder()
            | GetOrders()
            | GetFills()
            | GetPositions()
            | GetInstruments()
            | GetBook()
            | GetHistory()
            | Subscribe()
        ):
            return _line(message.label, *_query_words(message))
        case Page():
            items = "; ".join(describe_item(item) for item in message.items)
            more = f" more after {message.cursor}" if message.cursor is not None else ""
            return f"page of {len(message.items)}{more}: {items}" if items else f"page of 0{more}"
        case _:
            return _other(message)


def _other(message: Message) -> str:
    match message:
        case Done():
            order = () if message.order is None else _report_words(message.order)
            return _line("done", *order, *(f"[{describe(result)}]" for result in message.results))
        case Refusal():
            return f"refused {message.code}: {message.reason}"
        case Trouble():
            return f"trouble {message.code}: {message.reason}"
        case Garbled():
            return f"garbled {message.was}"
        case FeedMessage():
            return _line(
                message.what, message.instrument_id, feed_words(message.data), "" if message.final else "so far"
            )
        case History():
            return f"history of {len(message.items)}"
        case AccountMessage():
            balances = ", ".join(f"{item.total} locked {item.locked.value:f}" for item in message.balances)
            return _line("account", message.account_id, balances)
        case MarginCall():
            return _line("margin_call", message.account_id, f"{message.equity} of {message.maintenance}")
        case PositionMessage():
            return _line("position", *_report_words(message.position))
        case QuoteMessage():
            tick = message.tick
            return _line(
                "quote", tick.instrument_id, f"{tick.bid_price} x {tick.bid_size} / {tick.ask_price} x {tick.ask_size}"
            )
        case BookMessage():
            return _line(message.kind, message.deltas.instrument_id, *map(_delta_text, message.deltas.deltas))
        case DepthMessage():
            depth = message.depth
            bids, asks = (sum(bool(one.size.value) for one in side) for side in (depth.bids, depth.asks))
            return _line("depth", depth.instrument_id, f"{bids} bids {asks} asks")
        case TradeMessage():
            return _line(
                "trade",
                message.tick.instrument_id,
                f"{message.tick.size} @ {message.tick.price}",
                message.tick.trade_id,
            )
        case _:
            return message.label


def _command_words(command: Message) -> tuple[object, ...]:
    match command:
        case PlaceOrder():
            return (
                command.client_order_id, command.side, command.quantity, command.instrument_id.symbol,
                command.order_type,
                _at(command.price), _at(command.trigger_price, "trigger"), command.time_in_force,
            )  # fmt: skip
        case AmendOrder():
            changes = (command.quantity, _at(command.price), _at(command.trigger_price, "trigger"))
            return (command.client_order_id, command.venue_order_id, *changes)
        case CancelOrder():
            return (command.client_order_id, command.venue_order_id)
        case CancelOrders():
            return tuple(f"[{describe(cancel)}]" for cancel in command.cancels)
        case PlaceOrders():
            return tuple(f"[{describe(order)}]" for order in command.orders)
        case CancelAll():
            return (command.instrument_id, command.side)
    return ()


def _query_words(query: Message) -> tuple[object, ...]:
    words = []
    for name in query.__struct_fields__:
        value = getattr(query, name)
        if value is not None and value is not False and name not in ("account_id", "reads_only"):
            words.append(f"{name}={value}")
    return tuple(words)


def feed_words(data: object) -> str:
    """Return what a feed says, in a few words."""
    if isinstance(data, Bar):
        return f"{data.open}/{data.high}/{data.low}/{data.close} x{data.volume}"
    if isinstance(data, OptionGreeks):
        return f"delta {data.delta:.4f} at {data.mark_iv:.4f} on {data.underlying_price}"
    for name in ("value", "rate", "action", "close_price"):
        if hasattr(data, name):
            return str(getattr(data, name))
    return type(data).__name__


def describe_item(item: object) -> str:
    """Return what a list has, a report or a definition, in one line."""
    if isinstance(item, Garbled):
        return describe(item)
    if isinstance(item, OrderStatusReport | FillReport | PositionStatusReport):
        return _line(*_report_words(item))
    return str(item.id) if isinstance(item, Instrument) else type(item).__name__


def _report_words(report: AnyReport) -> tuple[object, ...]:
    match report:
        case OrderStatusReport():
            average = None if report.avg_px is None else f"@ {report.avg_px:f}"
            return (
                report.client_order_id, report.venue_order_id, report.order_status, report.order_side, report.quantity,
                _at(report.price, "limit"), _at(report.trigger_price, "trigger"), f"filled {report.filled_qty}",
                average,
            )  # fmt: skip
        case FillReport():
            return (
                report.client_order_id, report.venue_order_id, report.trade_id, report.order_side, report.last_qty,
                _at(report.last_px), None if report.commission is None else f"fee {report.commission}",
            )  # fmt: skip
        case PositionStatusReport():
            average = None if report.avg_px_open is None else f"@ {report.avg_px_open:f}"
            return (report.instrument_id, report.venue_position_id, report.position_side, report.quantity, average)


def _delta_text(delta: OrderBookDelta) -> str:
    order = delta.order
    if order is None or delta.is_clear:
        return "snapshot" if delta.flags & F_SNAPSHOT else "clear"
    if delta.is_delete:
        return f"-{order.side} @ {order.price}{_number(order.order_id)}"
    return f"{'+' if delta.is_add else ''}{order.side} {order.size} @ {order.price}{_number(order.order_id)}"


def _number(order_id: int) -> str:
    return f" #{order_id}" if order_id else ""


def _at(price: object, word: str = "@") -> str | None:
    return None if price is None else f"{word} {price}"


def _line(*words: object) -> str:
    return " ".join(str(word) for word in words if word is not None and word != "")
