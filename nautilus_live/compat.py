"""Compatibility: lets strategies written for the ecosystem import what they import, and get ours.

    from nautilus_live import compat
    compat.install()
    from nautilus_trader.trading.strategy import Strategy   # is nautilus_live.trading.strategy.Strategy

`MODULES` is the one table from ecosystem paths to ours. A path is looked up there and nowhere else: what is not in it,
or a name that none of our modules has, is an `ImportError` that names the missing path. Nothing of the ecosystem's
package is needed, or used; if it has been imported already, `install` refuses, for half of either would be worse than
one of them.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterable, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, Final

from nautilus_live.errors import ConfigError

ROOT: Final = "nautilus_trader"
_OURS: Final = "nautilus_live"

MODULES: Final[dict[str, tuple[str, ...]]] = {
    "accounting": ("model.accounts",),
    "accounting.accounts": ("model.accounts",),
    "common": ("trading.log", "model.enums", "config"),
    "common.actor": ("trading.actor", "config"),
    "common.component": ("trading.clock", "live.clock", "trading.component", "trading.log", "engine.message_bus"),
    "common.config": ("config",),
    "common.enums": ("trading.log", "model.enums", "model.enum_texts"),
    "common.events": ("trading.clock",),
    "common.factories": ("trading.order_factory",),
    "config": ("config",),
    "core.correctness": ("conditions",),
    "core.data": ("model.data",),
    "core.nautilus_pyo3": (
        "model.enums",
        "model.enum_texts",
        "model.identifiers",
        "model.objects",
        "model.book",
        "model.data",
        "model.bars",
        "model.updates",
        "model.instruments",
        "model.orders",
        "model.events",
        "indicators",
        "compat_names",
    ),
    "core.rust.common": ("trading.log", "model.enums"),
    "core.rust.model": ("model.enums", "model.enum_texts"),
    "core.message": ("model.events", "model.commands"),
    "execution.algorithm": ("trading.exec_algorithm",),
    "execution.config": ("config",),
    "execution.emulator": ("engine.emulator",),
    "execution.messages": ("model.commands",),
    "execution.reports": ("model.reports",),
    "indicators": ("indicators",),
    "indicators.average.ema": ("indicators",),
    "indicators.averages": ("indicators",),
    "indicators.base": ("indicators.base",),
    "indicators.momentum": ("indicators",),
    "indicators.spread_analyzer": ("indicators",),
    "indicators.trend": ("indicators",),
    "indicators.volatility": ("indicators",),
    "indicators.volume": ("indicators",),
    "live.config": ("config",),
    "live.node": ("live.node",),
    "data.engine": ("engine.data",),
    "model": (
        "model.data",
        "model.bars",
        "model.updates",
        "model.custom_data",
        "model.identifiers",
        "model.objects",
        "model.position",
        "model.book",
    ),
    "model.book": ("model.book",),
    "model.currencies": ("model.currencies",),
    "model.data": ("model.data", "model.bars", "model.updates", "model.custom_data", "model.enums"),
    "model.enums": ("model.enums", "model.enum_texts"),
    "model.events": ("model.events",),
    "model.identifiers": ("model.identifiers",),
    "model.instruments": ("model.instruments",),
    "model.objects": ("model.objects",),
    "model.orders": ("model.orders",),
    "model.position": ("model.position",),
    "portfolio": ("engine.portfolio",),
    "portfolio.config": ("config",),
    "portfolio.portfolio": ("engine.portfolio",),
    "cache.cache": ("engine.cache",),
    "cache.config": ("config",),
    "risk.config": ("config",),
    "trading": ("trading.strategy", "trading.trader", "trading.actor"),
    "trading.config": ("config",),
    "trading.strategy": ("trading.strategy",),
    "trading.trader": ("trading.trader",),
}
"""From an ecosystem path (after `nautilus_trader.`) to ours (after `nautilus_live.`), each searched in order.

A path below one of these (`model.orders.list`) is the nearest one above it.
"""


_PACKAGES: Final = {
    path[:end] for path in MODULES for end in (*(i for i, letter in enumerate(path) if letter == "."), len(path))
}
"""Every path of the table and every path above one."""


class CompatModule(ModuleType):
    """A module of the ecosystem's name whose names are ours."""

    def __init__(self, name: str, ours: Sequence[str]) -> None:
        super().__init__(name, f"{name}, as {_OURS} has it.")
        self.__path__: list[str] = []
        self._ours = tuple(ours)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        for path in self._ours:
            module = importlib.import_module(f"{_OURS}.{path}")
            if hasattr(module, name):
                found = getattr(module, name)
                setattr(self, name, found)
                return found
        if f"{self.__name__}.{name}".removeprefix(f"{ROOT}.") in _PACKAGES:
            return importlib.import_module(f"{self.__name__}.{name}")
        where = " or ".join(f"{_OURS}.{path}" for path in self._ours) or "no module of ours"
        raise ImportError(f"{self.__name__}.{name}: {_OURS} has no such name (looked in {where})", name=self.__name__)

    def __dir__(self) -> Iterable[str]:
        names = dict.fromkeys(super().__dir__())
        for path in self._ours:
            module = importlib.import_module(f"{_OURS}.{path}")
            names.update(dict.fromkeys(name for name in dir(module) if not name.startswith("_")))
        return list(names)


class _Finder(MetaPathFinder, Loader):
    """Answers for `nautilus_trader` and everything below it."""

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> ModuleSpec | None:
        if fullname != ROOT and not fullname.startswith(f"{ROOT}."):
            return None
        if _ours_for(fullname) is None:
            raise ModuleNotFoundError(
                f"{fullname}: {_OURS}.compat has no such module; its table is {_OURS}.compat.MODULES", name=fullname
            )
        return ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return CompatModule(spec.name, _ours_for(spec.name) or ())

    def exec_module(self, module: ModuleType) -> None:
        """Nothing: names are looked up when they are asked for."""


_finder = _Finder()


def install() -> None:
    """Make `import nautilus_trader...` resolve to ours, until `uninstall`. Installing twice is installing once.

    Raises:
        ConfigError: if the real package has been imported in this process.

    """
    present = sys.modules.get(ROOT)
    if present is not None and not isinstance(present, CompatModule):
        where = getattr(present, "__file__", None) or "an unknown place"
        raise ConfigError(
            f"{ROOT} must not be imported before {_OURS}.compat is installed, was imported already from {where}"
        )
    if _finder not in sys.meta_path:
        sys.meta_path.insert(0, _finder)


def uninstall() -> None:
    """Forget it again: later imports find the real package or none. What was imported before stays what it is."""
    if _finder in sys.meta_path:
        sys.meta_path.remove(_finder)
    for name in [name for name, module in sys.modules.items() if isinstance(module, CompatModule)]:
        del sys.modules[name]


def is_installed() -> bool:
    """Return whether imports of the ecosystem's package find ours."""
    return _finder in sys.meta_path


def targets(path: str) -> tuple[str, ...]:
    """Return our modules (after `nautilus_live.`) for an ecosystem path (after `nautilus_trader.`).

    Raises:
        LookupError: if the table has none.

    """
    found = _ours_for(f"{ROOT}.{path}")
    if not found:
        raise LookupError(f"{ROOT}.{path}: is not in {_OURS}.compat.MODULES")
    return found


def _ours_for(fullname: str) -> tuple[str, ...] | None:
    """Return our modules for an ecosystem path: its own, the nearest above it, none for a mere package, else None."""
    path = fullname.removeprefix(ROOT).removeprefix(".")
    if path in MODULES:
        return MODULES[path]
    if not path or path in _PACKAGES:
        return ()
    parent = path.rpartition(".")[0]
    return MODULES.get(parent) if parent else None
