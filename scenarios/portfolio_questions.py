"""What a file asks the node's portfolio, for `[expect] portfolio`, and the answers as text.

May know: the kernel's portfolio. A question is written as a strategy would ask it: the method, the instrument where it
is about one, and the currency to convert to: `unrealized_pnl BTCUSDT in USD`. Answers are money, numbers, `true` and
`false`; of several currencies or instruments each, in the order of their names; `none` where nothing is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from nautilus_live.engine.portfolio import Portfolio
from nautilus_live.model.identifiers import InstrumentId, Venue
from nautilus_live.model.objects import Currency
from scenarios.problems import nearest
from scenarios.settings import VENUE_DEFAULT, full_instrument

OF_AN_INSTRUMENT = (
    "net_position", "is_net_long", "is_net_short", "is_flat", "realized_pnl", "unrealized_pnl", "total_pnl",
    "net_exposure",
)  # fmt: skip
OF_A_VENUE = (
    "balances_locked", "margins_init", "margins_maint", "equity", "realized_pnls", "unrealized_pnls", "total_pnls",
    "net_exposures", "mark_values",
)  # fmt: skip
OF_ALL = ("is_completely_flat",)
QUESTIONS = (*OF_AN_INSTRUMENT, *OF_A_VENUE, *OF_ALL)


def check_question(question: str) -> None:
    """Look whether a question can be asked.

    Raises:
        ValueError: if it cannot.

    """
    words, _ = _parts(question)
    if not words or words[0] not in QUESTIONS:
        name = words[0] if words else ""
        rule = "a question to the portfolio must begin with one of its methods"
        raise ValueError(f"{rule}, was {question!r}{nearest(name, QUESTIONS)}")
    if len(words) != (2 if words[0] in OF_AN_INSTRUMENT else 1):
        names = "one instrument" if words[0] in OF_AN_INSTRUMENT else "no instrument"
        raise ValueError(f"{words[0]} must be asked about {names}, was {question!r}")


def answer(question: str, portfolio: Portfolio) -> str:
    """Return the portfolio's answer to a question that was checked."""
    words, currency = _parts(question)
    further: dict[str, Any] = {} if currency is None else {"target_currency": Currency.from_str(currency)}
    ask = getattr(portfolio, words[0])
    if words[0] in OF_AN_INSTRUMENT:
        return _text(ask(InstrumentId.from_str(full_instrument(words[1])), **further))
    return _text(ask(**further) if words[0] in OF_ALL else ask(Venue(VENUE_DEFAULT), **further))


def is_answer(wanted: str, was: str) -> bool:
    """Return whether two answers say the same; numbers are compared as numbers."""
    ours, theirs = wanted.split(), was.split()
    return len(ours) == len(theirs) and all(map(_is_same, ours, theirs))


def _is_same(wanted: str, was: str) -> bool:
    try:
        return wanted == was or Decimal(wanted) == Decimal(was)
    except ArithmeticError:
        return False


def _parts(question: str) -> tuple[list[str], str | None]:
    asked, _, currency = question.partition(" in ")
    return asked.split(), currency.strip() or None


def _text(found: Any) -> str:
    if isinstance(found, Mapping):
        return ", ".join(sorted(f"{_name(key)}{value}" for key, value in found.items())) or "none"
    if isinstance(found, bool):
        return str(found).lower()
    return "none" if found is None else f"{found:f}" if isinstance(found, Decimal) else str(found)


def _name(key: Any) -> str:
    """Return what comes before an amount: money says its currency itself."""
    return f"{key.symbol} " if isinstance(key, InstrumentId) else ""
