"""Where secrets are, and where they must not be: what (8) looks for, and what it looks through.

May know: the kernel's `Secret`, configuration structs, the values of a store.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct, structs

from nautilus_live.errors import ConfigError
from nautilus_live.live.node import TradingNode
from nautilus_live.secrets import Secret

PLAIN = (bool, int, float, str, type(None))
SHORTEST = 6
"""A shorter text is no secret worth the name, and would be found in everything."""


def configurations_of(node: TradingNode) -> list[Any]:
    """Return the configurations of a node and of its strategies."""
    return [node.config, *(strategy.config for strategy in node.trader.strategies())]


def secrets_in(part: Any) -> list[str]:
    """Return the secrets in a configuration, at any depth; a reference that leads nowhere has none."""
    found: dict[str, None] = {}
    _collect(part, found)
    return [text for text in found if len(text) >= SHORTEST]


def _collect(part: Any, found: dict[str, None]) -> None:
    if isinstance(part, Secret):
        try:
            found[part.reveal()] = None
        except ConfigError:
            return  # never revealed to anybody, so nobody can have shown it
    elif isinstance(part, Struct):
        for value in structs.astuple(part):
            if type(value) not in PLAIN:  # most are, and this is asked of every run
                _collect(value, found)
    elif isinstance(part, Mapping):
        for value in part.values():
            _collect(value, found)
    elif isinstance(part, list | tuple):
        for value in part:
            _collect(value, found)


def stored_texts(data: Mapping[str, Any]) -> list[str]:
    """Return everything in a store as text."""
    texts: list[str] = []
    for key, value in data.items():
        texts.append(key)
        texts += [piece.decode("utf-8", "replace") for piece in _pieces(value)]
    return texts


def _pieces(value: Any) -> Iterable[bytes]:
    if isinstance(value, bytes):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _pieces(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _pieces(inner)
