"""Currencies as constants: `from nautilus_live.model.currencies import BTC, USDT`; every registered code is here."""

from __future__ import annotations

from nautilus_live.model.objects import Currency


def __getattr__(name: str) -> Currency:
    if not name.isupper():
        raise AttributeError(name)
    try:
        return Currency.from_str(name, strict=True)
    except ValueError as error:
        raise AttributeError(f"there is no currency {name}: {error}") from None
