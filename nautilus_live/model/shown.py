"""How values read in a log: as readers of the ecosystem's logs know them.

May know: the shape of structs, no class in particular. `FORMS` is the one table from a kind's name to what its line
says, shortly (`str`) and in full (`repr`); a kind that is not in it reads as the nearest above it that is.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, Final

from nautilus_live.model.figures import Figure
from nautilus_live.model.timestamps import Timestamp


def _of_order(names: str, dated: bool = True) -> tuple[str, str]:
    """Return both forms of an event of an order, of what it says beside whose it is and when."""
    names = f"instrument_id client_order_id {names}".strip()
    when = " ts_event" if dated else ""
    return names + when, f"trader_id strategy_id {names} event_id{when} ts_init"


def _of_command(names: str, long: str = "") -> tuple[str, str]:
    """Return both forms of a command, of what it says beside who gives it."""
    return names, f"client_id trader_id strategy_id {long or names} command_id ts_init"


def _of_position(names: str) -> tuple[str, str]:
    return names, f"trader_id strategy_id {names} event_id"


_AT_VENUE: Final = "venue_order_id account_id"
_KIND: Final = "id raw_symbol asset_class instrument_class"
_INCREMENTS: Final = "price_precision price_increment size_precision size_increment multiplier lot_size"
_COSTS: Final = "margin_init margin_maint maker_fee taker_fee info"
_TERM: Final = f"activation expiration price_precision price_increment multiplier lot_size {_COSTS}"
_CRYPTO_TERM: Final = f"activation expiration {_INCREMENTS} {_COSTS}"

FORMS: Final[dict[str, str | tuple[str, str]]] = {
    # Market data; a leading comma: values alone, in a row.
    "QuoteTick": ", instrument_id bid_price ask_price bid_size ask_size ts_event",
    "TradeTick": ", instrument_id price size aggressor_side trade_id ts_event",
    "Bar": ", bar_type open high low close volume ts_event",
    "MarkPriceUpdate": ", instrument_id value ts_event ts_init",
    "IndexPriceUpdate": ", instrument_id value ts_event ts_init",
    "FundingRateUpdate": "instrument_id rate interval next_funding_ns ts_event ts_init",
    "BookOrder": "side price size order_id",
    "OrderBookDelta": "instrument_id action order flags sequence ts_event ts_init",
    "OrderBookDepth10": "instrument_id bids asks bid_counts ask_counts flags sequence ts_event ts_init",
    "InstrumentStatus": "instrument_id action reason:plain trading_event is_trading is_quoting"
    " is_short_sell_restricted ts_event",
    "InstrumentClose": "instrument_id close_price close_type",
    # Events.
    "OrderInitialized": _of_order(
        "side type=order_type quantity time_in_force post_only reduce_only quote_quantity options emulation_trigger"
        " trigger_instrument_id contingency_type order_list_id linked_order_ids:texts parent_order_id"
        " exec_algorithm_id exec_algorithm_params exec_spawn_id tags:texts",
        dated=False,
    ),
    "OrderDenied": _of_order("reason", dated=False),
    "OrderEmulated": _of_order("", dated=False),
    "OrderReleased": _of_order("released_price", dated=False),
    "OrderSubmitted": _of_order("account_id"),
    "OrderRejected": _of_order("account_id reason due_post_only"),
    "OrderModifyRejected": _of_order(f"{_AT_VENUE} reason"),
    "OrderCancelRejected": _of_order(f"{_AT_VENUE} reason"),
    "OrderUpdated": _of_order(f"{_AT_VENUE} quantity price trigger_price"),
    "OrderFilled": _of_order(
        f"{_AT_VENUE} trade_id position_id order_side order_type last_qty last_px:priced commission liquidity_side"
    ),
    "OrderFillVoided": _of_order(f"{_AT_VENUE} trade_id reason"),
    "OrderEvent": _of_order(_AT_VENUE),
    "PositionEvent": _of_position(
        "instrument_id position_id account_id opening_order_id closing_order_id entry side signed_qty quantity peak_qty"
        " currency avg_px_open avg_px_close:or_zero realized_return:rounded realized_pnl unrealized_pnl ts_opened"
        " ts_last=ts_event ts_closed duration_ns"
    ),
    "AccountState": "account_id account_type base_currency is_reported balances margins event_id",
    "AccountBalance": "total locked free",
    "MarginBalance": "initial maintenance instrument_id",
    "TimeEvent": "name event_id ts_event ts_init",
    # Commands.
    "SubmitOrder": _of_command("order position_id", "instrument_id client_order_id order position_id"),
    "SubmitOrderList": _of_command("order_list position_id", "instrument_id order_list position_id"),
    "ModifyOrder": _of_command("instrument_id client_order_id venue_order_id quantity price trigger_price"),
    "CancelOrder": _of_command("instrument_id client_order_id venue_order_id"),
    "CancelAllOrders": _of_command("instrument_id order_side"),
    "BatchCancelOrders": _of_command("instrument_id cancels"),
    "QueryOrder": _of_command("instrument_id client_order_id venue_order_id"),
    "QueryAccount": "client_id trader_id account_id command_id ts_init",
    "ShutdownSystem": (
        "trader_id component_id reason command_id",
        "trader_id component_id reason command_id ts_init",
    ),
    # Instruments.
    "Instrument": f"{_KIND} quote_currency is_inverse {_INCREMENTS} {_COSTS}",
    "FuturesContract": f"{_KIND} exchange quote_currency underlying {_TERM}",
    "FuturesSpread": f"{_KIND} exchange quote_currency underlying strategy_type {_TERM}",
    "OptionContract": f"{_KIND} exchange underlying option_kind strike_price quote_currency {_TERM}",
    "OptionSpread": f"{_KIND} exchange currency=quote_currency underlying strategy_type {_TERM}",
    "CryptoSpread": f"{_KIND} is_inverse underlying quote_currency settlement_currency strategy_type {_CRYPTO_TERM}",
    "CryptoFuture": f"{_KIND} is_inverse underlying quote_currency settlement_currency {_CRYPTO_TERM}",
    "CryptoOption": f"{_KIND} is_inverse underlying quote_currency option_kind strike_price {_CRYPTO_TERM}",
}
"""For each kind the names of its line, or those of both lines; `name=attribute:how`, where they are not one and told
plainly."""

_HOW: Final[dict[str, Callable[[Any, Any], str]]] = {
    "": lambda value, _: text_of(value),
    "plain": lambda value, _: str(value),
    "texts": lambda value, _: str([str(one) for one in value] or None),
    "priced": lambda value, event: f"{value} {event.currency}",
    "or_zero": lambda value, _: text_of(value or 0.0),
    "rounded": lambda value, _: f"{value:.5f}",
    "reason": lambda value, _: repr(value),
    "activation": lambda _, contract: _date(contract.activation_ns),
    "expiration": lambda _, contract: _date(contract.expiration_ns),
}
"""How a value is told, by the word for it or by the name of what is told."""


def line_of(value: object) -> str:
    """Return what is said of a value in a line of a log."""
    return _line(value, 0)


def full_line_of(value: object) -> str:
    """Return all that is said of a value."""
    return _line(value, 1)


def text_of(value: Any) -> str:
    """Return one field's value, as it stands in a line."""
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, Figure):
        return str(float(value))
    if isinstance(value, Decimal):
        return f"{value:f}"
    return f"[{', '.join(map(repr, value))}]" if isinstance(value, list | tuple) else str(value)


def _line(value: Any, which: int) -> str:
    kind: Any = type(value)
    bare, words = _form_of(kind)[which]
    texts = [_HOW[how](getattr(value, attribute, None), value) for _, attribute, how in words]
    name = kind.__name__
    if bare:
        return ",".join(texts) if which == 0 else f"{name}({','.join(texts)})"
    told = [f"{label}={text}" for (label, _, _), text in zip(words, texts, strict=True)]
    return f"{name}({', '.join(told)})"


Word = tuple[str, str, str]


@cache
def _form_of(kind: Any) -> tuple[tuple[bool, tuple[Word, ...]], tuple[bool, tuple[Word, ...]]]:
    """Return both forms of a kind, each with whether its values stand alone, and for each its label, attribute, how."""
    found = next((FORMS[base.__name__] for base in kind.__mro__ if base.__name__ in FORMS), None)
    form = found or " ".join(getattr(kind, "__struct_fields__", ()))
    short, full = (form, form) if isinstance(form, str) else form
    return _words(short), _words(full)


def _words(form: str) -> tuple[bool, tuple[Word, ...]]:
    bare = form.startswith(",")
    return bare, tuple(map(_word, form.removeprefix(",").split()))


def _word(text: str) -> Word:
    name, _, how = text.partition(":")
    label, _, attribute = name.partition("=")
    return label, attribute or label, how or (label if label in _HOW else "")


def _date(time_ns: int) -> str:
    return Timestamp.from_ns(time_ns).isoformat(timespec="milliseconds").replace("+00:00", "Z")
