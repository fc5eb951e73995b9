"""Extension modules that are imported while the wall clock is simulated: they see the real `datetime` types.

May know: Python's import system. freezegun puts subclasses into the `datetime` module; an extension that looks there
for the layout of the real types, as those made by Cython do (pandas, for one), finds another one and crashes the
process, once a strategy that imports it is loaded after the first run. Promises: whatever is compiled finds the real
types while it is being imported; everything else, before and after, finds what freezegun put there.
"""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ExtensionFileLoader, ModuleSpec, PathFinder
from types import ModuleType

import freezegun.api

_REAL = {"date": freezegun.api.real_date, "datetime": freezegun.api.real_datetime}


@contextmanager
def real_types() -> Iterator[None]:
    """Let the `datetime` module have the real types inside the block."""
    there = {name: getattr(dt, name) for name in _REAL}
    for name, real in _REAL.items():
        setattr(dt, name, real)
    try:
        yield
    finally:
        for name, found in there.items():
            setattr(dt, name, found)


class _RealTypesLoader(Loader):
    """Loads a module as another loader does, with the real types at hand."""

    def __init__(self, inner: Loader) -> None:
        self._inner = inner

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        with real_types():
            return self._inner.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        with real_types():
            self._inner.exec_module(module)


class ExtensionFinder(MetaPathFinder):
    """Finds extension modules, and nothing else, where Python itself would."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is None or not isinstance(spec.loader, ExtensionFileLoader):
            return None
        spec.loader = _RealTypesLoader(spec.loader)
        return spec


_finder = ExtensionFinder()


def watch() -> None:
    """Look after imports of extensions from now on."""
    if _finder not in sys.meta_path:
        sys.meta_path.insert(0, _finder)


def unwatch() -> None:
    """Leave them alone again."""
    if _finder in sys.meta_path:
        sys.meta_path.remove(_finder)
