"""Names of the ecosystem's that a part of the node has not, on purpose: who asks for one is told why.

Costs nothing: each name is an attribute of the class that refuses to be read. (A `__getattr__` would do with fewer
words, and slow down every look at an attribute that is there: Python gives up its short cuts for such a class.)
"""

from __future__ import annotations

from typing import Any, ClassVar, NoReturn


class _Refused:
    """An attribute that is not there, with the reason."""

    def __init__(self, name: str, reason: str) -> None:
        self._name, self._reason = name, reason

    def __get__(self, instance: object, owner: type) -> NoReturn:
        told = f"{owner.__name__!r} has no attribute {self._name!r}: {self._reason}"
        raise AttributeError(told, name=self._name, obj=instance)


class Refusing:
    """A part that says why it has not what the ecosystem's has."""

    refused: ClassVar[dict[str, str]] = {}
    """Names, each with the reason."""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        for name, reason in cls.refused.items():
            setattr(cls, name, _Refused(name, reason))


_BY_THE_NODE = "the node stores and loads what it knows, as CacheConfig and LiveExecEngineConfig say"

CACHE_REFUSES: dict[str, str] = {
    **dict.fromkeys(
        ("purge_closed_orders", "purge_closed_positions"),
        "the node purges, as the purge settings of LiveExecEngineConfig say: it knows what is in doubt",
    ),
    **dict.fromkeys(
        ("audit_own_order_books", "force_remove_from_own_order_book", "update_own_order_book"),
        "the node keeps own order books, with manage_own_order_books, and audits them",
    ),
    **dict.fromkeys(
        ("add_position_id", "add_venue_order_id", "update_order_pending_cancel_local"),
        "events say what an order became, and the engine applies them",
    ),
    **dict.fromkeys(
        (
            *("build_index", "clear_index", "cache_accounts", "cache_all", "cache_currencies", "cache_general"),
            *("cache_instruments", "cache_order_lists", "cache_orders", "cache_positions", "cache_synthetics"),
            *("delete_actor", "delete_strategy", "flush_db", "heartbeat", "load_account", "load_instrument"),
            *("load_order", "load_position", "load_synthetic", "position_snapshot_bytes", "snapshot_order_state"),
            *("snapshot_position", "snapshot_position_state"),
        ),
        _BY_THE_NODE,
    ),
}

PORTFOLIO_REFUSES: dict[str, str] = {
    "analyzer": "there are no statistics of portfolios here: read realized_pnls, unrealized_pnls, equity and the like",
}
