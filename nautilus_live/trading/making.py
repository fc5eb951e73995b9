"""From an import path in a configuration to a component.

Knows import paths and what a component is. Promises: whatever is wrong with a path, or happens in the constructor that
it leads to, is told with the path.
"""

from __future__ import annotations

from typing import Any, TypeVar

from nautilus_live.config import resolve_path
from nautilus_live.errors import ConfigError
from nautilus_live.trading.actor import Actor

Part = TypeVar("Part", bound=Actor)


def make_component(path: str, kind: type[Part], config: Any, **parts: Any) -> Part:
    """Return a component of the class at `path`, made of its `config` (and `parts` of the node).

    Raises:
        ConfigError: if no class of that kind is at the path, or it cannot be made of these settings.

    """
    try:
        found = resolve_path(path)
    except ValueError as error:
        raise ConfigError(f"{path}: {error}") from error
    if not (isinstance(found, type) and issubclass(found, kind)):
        raise ConfigError(f"{path}: must name a subclass of {kind.__name__}, was {found!r}")
    try:
        return found(config=config, **parts) if parts else found(config)
    except Exception as error:
        raise ConfigError(f"{path}: its constructor raised {type(error).__name__}: {error}") from error
