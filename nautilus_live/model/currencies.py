"""Currencies as constants: `from nautilus_live.model.currencies import BTC, USDT`; every registered code is one."""

from __future__ import annotations

from nautilus_live.model.objects import Currency


def currency(code: str) -> Currency:
    """Return the registered currency of that code.

    Raises:
        ValueError: if there is none.

    """
    return Currency.from_str(code, strict=True)


def __getattr__(name: str) -> Currency:
    if not name.isupper():
        raise AttributeError(name)
    try:
        return currency(name)
    except ValueError as error:
        raise AttributeError(f"there is no currency {name}: {error}") from None
