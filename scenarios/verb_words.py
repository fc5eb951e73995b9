"""Words that several verbs share, and what every step has. Data only."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from scenarios.values import Time

Side = Literal["BUY", "SELL"]
Moment = Literal["before_write", "after_write", "before_send", "after_send", "before_receive", "after_receive"]
OrderTypeName = Literal[
    "MARKET",
    "LIMIT",
    "STOP_MARKET",
    "STOP_LIMIT",
    "MARKET_TO_LIMIT",
    "MARKET_IF_TOUCHED",
    "LIMIT_IF_TOUCHED",
    "TRAILING_STOP_MARKET",
    "TRAILING_STOP_LIMIT",
]
TimeInForceName = Literal["GTC", "IOC", "FOK", "GTD", "DAY", "AT_THE_OPEN", "AT_THE_CLOSE"]
Liquidity = Literal["MAKER", "TAKER"]


class Step(Struct, tag_field="do", frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Something that happens at a virtual time; steps of one time happen in the order they are written in."""

    at: Time
