"""What happens in a market at once: from a step to what the sandbox calls it.

May know: the verbs. Pure: it says what is to be done, and with what.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from scenarios.problems import ScenarioError
from scenarios.scripted_strategy import SYMBOL_DEFAULT
from scenarios.verbs_market import (
    MarketAct,
    VenueBook,
    VenueFunding,
    VenueOptions,
    VenuePhase,
    VenuePrice,
    VenuePrint,
    VenueSettle,
)

Level = tuple[Decimal, Decimal]


def market_action(step: MarketAct) -> tuple[str, dict[str, Any]]:
    """Return what the sandbox calls the step, and with what.

    Raises:
        ScenarioError: if a level of a book cannot be read.

    """
    chosen = {"instrument": step.instrument or SYMBOL_DEFAULT}
    match step:
        case VenueBook():
            return "set_book", {**chosen, "bids": _levels(step.bids), "asks": _levels(step.asks)}
        case VenuePrint():
            trade = {"price": Decimal(step.price), "quantity": Decimal(step.quantity), "side": step.side}
            return "print_trade", {**chosen, **trade}
        case VenuePrice():
            prices = {"last": step.last, "mark": step.mark, "index": step.index}
            return "set_price", {**chosen, **_numbers(prices)}
        case VenueOptions():
            makers = {
                "volatility": Decimal(step.volatility),
                "spread_ticks": step.spread,
                "quantity": Decimal(step.size),
            }
            return "make_options", {**chosen, **makers}
        case VenuePhase():
            return "set_phase", {**chosen, "phase": step.phase}
        case VenueFunding() if step.pay:
            return "pay_funding", {**chosen, **_numbers({"rate": step.rate})}
        case VenueFunding():
            return "set_funding", {**chosen, "rate": Decimal(step.rate or 0)}
        case VenueSettle():
            return "settle", {**chosen, **_numbers({"price": step.price})}
    raise TypeError(f"a market step must be one that happens at once, was {type(step).__name__}")


def _levels(texts: list[str]) -> list[Level]:
    return [_level(text) for text in texts]


def _level(text: str) -> Level:
    price, between, size = text.partition(" x ")
    try:
        if between:
            return Decimal(price), Decimal(size)
    except InvalidOperation:
        between = ""
    raise ScenarioError([f"a level must be written PRICE x SIZE, was {text!r}"])


def _numbers(values: dict[str, Any]) -> dict[str, Decimal]:
    return {name: Decimal(value) for name, value in values.items() if value is not None}
