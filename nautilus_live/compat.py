"""Compatibility: lets strategies written for the ecosystem import what they import, and get ours.

    from nautilus_live import compat
    compat.install()
    from nautilus_trader.trading.strategy import Strategy   # is nautilus_live.trading.strategy.Strategy

`MODULES` (in `ecosystem.table`) is the one table from ecosystem paths to ours. A path is looked up there and nowhere
else: what is not in it, or a name that none of our modules has, is an `ImportError` that names the missing path, and
for what is left out on purpose says why. Backtests, catalogs, adapters and fixtures, which published files use around
their strategies, can be imported, and say the same when they are used; `adapters.sandbox`, which trades on paper, is
there (`sandbox_venues.paper`). Nothing of the ecosystem's package is needed, or used; if it has been imported already,
`install` refuses, for half of either would be worse than one of them.

What a strategy touches is there under the same names, with the same arguments. Where it differs, on purpose:

- Numbers are exact. What the ecosystem has as floats (average prices, signed quantities, spreads) are Decimals that go
  with floats (`model.figures`); `Price - Price` is a price and `Quantity - Quantity` a quantity, as in the ecosystem's
  later releases (less than nothing is a mere number, as in its earlier ones); two currencies never add.
  What lies halfway between two prices (`Price(0.125, 2)`) becomes the even one; there, mostly the one farther from 0.
- Profits are added up exactly and rounded when they are told, where the ecosystem rounds them fill by fill. The average
  price of an inverse contract is the one at which its contracts would have cost what they did (the harmonic mean, not
  the arithmetic). `position.commissions()` are those of all cycles, and a fee of zero is none.
- Events, commands and reports are made by names of their fields. Events, positions and orders change by the engines
  alone: `order.apply`, `position.apply`, `PositionOpened.create` and the like are not there.
- Of an `OrderInitialized`, empty tags and linked ids are empty, not None.
- Sets of ids (`cache.client_order_ids()`) keep an order. Ids of events and requests are texts with the methods of a
  `UUID4`. Enumerations print their names. Times (`clock.utc_now()`, `unix_nanos_to_dt`, `order.expire_time`) are
  datetimes with the words of pandas' timestamps (`model.timestamps`), and no pandas behind them.
- The legs of a bracket are given by name. An instrument does not change. A currency that is not registered raises in
  strict mode.
- Greeks are those of the later releases: per unit of the underlying, here in full precision. Where an option, what it
  is on, or the index asked for has no price, and where it has expired, there are none (None), rather than those of
  something else. Where a chain's strikes follow the market, one option is watched to know where that stands.
- Bars made here have the time of their interval's end (or beginning, as configured), whichever end it leaves out and
  however late they are built; one made of smaller ones has the one that ends it; none ends before its time, whatever
  time a venue writes on a tick. Nothing is lost: a value bar is cut at a unit of size, volumes of MID bars have one
  decimal more, what is left of the trade that ends a run begins the next, a jump's volume is in its first brick.
- While a strategy stops it hears what becomes of its orders and positions; there, nothing. Of data and timers, in both,
  neither.
- The numbers of `TriggerType` and the values of `ComponentState` are those of our stores; names are the ecosystem's.
- Purging, the store and own order books are the node's: `cache.purge_...`, `cache.load_...`, `cache.update_own_...` of
  the ecosystem's engines are not there. Closed cycles of a position (`position_snapshots`) are made anew of its fills,
  as long as those are known; where some are not there are none, and `position.total_realized_pnl` counts them all.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterable, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, Final

from nautilus_live.ecosystem.absent import Absent, AbsentModule
from nautilus_live.ecosystem.table import MODULES, REFUSED_NAMES, is_around, reason_against
from nautilus_live.errors import ConfigError

__all__ = ["MODULES", "CompatModule", "install", "is_installed", "targets", "uninstall"]

ROOT: Final = "nautilus_trader"
_OURS: Final = "nautilus_live"

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
        if name == "__all__":
            return [one for one in dir(self) if self._is_of_ours(one)]
        if name.startswith("__"):
            raise AttributeError(name)
        for path in self._ours:
            module = importlib.import_module(f"{_OURS}.{path}")
            if hasattr(module, name):
                found = getattr(module, name)
                setattr(self, name, found)
                return found
        path = f"{self.__name__}.{name}".removeprefix(f"{ROOT}.")
        if path in _PACKAGES:
            return importlib.import_module(f"{self.__name__}.{name}")
        reason = REFUSED_NAMES.get(name) or reason_against(path)
        if reason is not None and is_around(path, name):
            return Absent(f"{self.__name__}.{name}", reason)
        if reason is not None:
            raise ImportError(f"{self.__name__}.{name}: {_OURS} does not have it: {reason}", name=self.__name__)
        where = " or ".join(f"{_OURS}.{path}" for path in self._ours) or "no module of ours"
        raise ImportError(f"{self.__name__}.{name}: {_OURS} has no such name (looked in {where})", name=self.__name__)

    def _is_of_ours(self, name: str) -> bool:
        """Return whether `import *` brings that name: it does not bring what our modules import themselves."""
        found = None if name.startswith("_") else getattr(self, name, None)
        return str(getattr(found, "__module__", "")).startswith(_OURS)

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
        path_here = fullname.removeprefix(f"{ROOT}.")
        reason = reason_against(path_here)
        if reason is not None and is_around(path_here):
            return ModuleSpec(fullname, self, is_package=True)
        if reason is not None and path_here not in MODULES:
            raise ModuleNotFoundError(f"{fullname}: {_OURS} does not have it: {reason}", name=fullname)
        if _ours_for(fullname) is None:
            raise ModuleNotFoundError(
                f"{fullname}: {_OURS}.compat has no such module; its table is {_OURS}.compat.MODULES", name=fullname
            )
        return ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        path = spec.name.removeprefix(f"{ROOT}.")
        reason = reason_against(path) if is_around(path) else None
        if reason is not None:
            return AbsentModule(spec.name, reason)
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
    ours = (CompatModule, AbsentModule)
    for name in [name for name, module in sys.modules.items() if isinstance(module, ours)]:
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
