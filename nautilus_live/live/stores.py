"""From a `DatabaseConfig` to a connection.

Each kind of database is a module `nautilus_live.store.KIND` with `open_store(config)`; it is imported only when it is
named, because it may bring a driver along.
"""

from __future__ import annotations

import importlib

from nautilus_live.config.storage import DatabaseConfig
from nautilus_live.errors import ConfigError, Problem
from nautilus_live.store.memory import MemoryStore
from nautilus_live.store.port import Store


def open_store(config: DatabaseConfig) -> Store:
    """Return a connection to the database that `config` describes.

    Raises:
        ConfigError: if this installation has no such store.
        StoreError: if the database cannot be reached.

    """
    if config.type == "memory":
        return MemoryStore().connect()
    name = f"nautilus_live.store.{config.type}"
    try:
        module = importlib.import_module(name)
    except ImportError as error:
        raise ConfigError(
            Problem("cache.database.type", f"must be a store that is installed ({error})", config.type)
        ) from error
    store: Store = module.open_store(config)
    return store
