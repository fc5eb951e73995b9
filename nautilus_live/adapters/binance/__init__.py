"""Binance: spot and futures. So far its configuration; the clients arrive with the adapter."""

from nautilus_live.adapters.binance.config import (
    BinanceAccountType,
    BinanceDataClientConfig,
    BinanceExecClientConfig,
    BinanceKeyType,
)

__all__ = ["BinanceAccountType", "BinanceDataClientConfig", "BinanceExecClientConfig", "BinanceKeyType"]
