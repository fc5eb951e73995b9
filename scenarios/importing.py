"""What scenario files name by import path: strategies and invariants of one's own.

May know: Python's import system. A module is looked for like any other, on `sys.path`. So that a repository's own
package is found without being installed, its folder is added to that path, behind all others (`look_in`): pytest's
rootdir by the pytest plugin, the current directory by `nautilus-live scenarios`. A file's own path (`mine/ema.py`) does
as well. Published strategies import the ecosystem's package: where that is not installed, `nautilus_live.compat` is.
"""

from __future__ import annotations

import importlib
import sys
import traceback
from pathlib import Path
from types import ModuleType

from nautilus_live import compat
from scenarios.problems import ScenarioError, nearest

SUFFIX = ".py"


def look_in(folder: Path) -> None:
    """Let modules be found in a folder, if nowhere else; worker processes inherit it."""
    name = str(folder.resolve())
    if name not in sys.path:
        sys.path.append(name)


def import_named(name: str, path: str) -> ModuleType:
    """Return the module of that name, or of that file; `path` is where the scenario names it.

    Raises:
        ScenarioError: if there is none, or it cannot be imported.

    """
    module_name = _name_of_file(name, path) if name.endswith(SUFFIX) else name
    if not all(part.isidentifier() for part in module_name.split(".")):
        raise ScenarioError([f"{path}: must name a module as package.module, was {name!r}"])
    try:
        module = _import(module_name)
    except ModuleNotFoundError as error:
        missing = error.name or name
        if module_name == missing or module_name.startswith(f"{missing}."):
            raise ScenarioError([f"{path}: there is no module {missing!r}{_where(missing)}"]) from error
        raise ScenarioError([f"{path}: {name!r} cannot be imported, it needs a module {missing!r}"]) from error
    except Exception as error:
        frame = traceback.extract_tb(error.__traceback__)[-1]
        why = f"{type(error).__name__}: {error} (line {frame.lineno} of {frame.filename})"
        raise ScenarioError([f"{path}: {name!r} cannot be imported: {why}"]) from error
    if name.endswith(SUFFIX) and Path(getattr(module, "__file__", None) or "built in").name != Path(name).name:
        raise ScenarioError([f"{path}: {name!r} must not be called like a module that there is, was {module!r}"])
    return module


def _import(name: str) -> ModuleType:
    """Import a module. One that needs the ecosystem's package where there is none gets ours in its place."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != compat.ROOT or compat.is_installed():
            raise
    compat.install()
    return importlib.import_module(name)


def _name_of_file(name: str, path: str) -> str:
    """Return how the module in a file is called; from now on it is found, and what lies beside it."""
    folders = dict.fromkeys(("", *sys.path))
    file = next((file for file in (Path(folder, name) for folder in folders) if file.is_file()), None)
    if file is None:
        raise ScenarioError([f"{path}: there is no file {name!r}, looked for it from {Path.cwd()} and from sys.path"])
    look_in(file.parent)
    return file.stem


def _where(missing: str) -> str:
    parent, _, last = missing.rpartition(".")
    if parent:
        folders = list(getattr(sys.modules.get(parent), "__path__", ()))
    else:
        folders = sys.path[-1:]
    names = [file.stem for folder in folders if Path(folder).is_dir() for file in Path(folder).iterdir()]
    looked = f" in {parent!r}" if parent else f" on sys.path, which ends with {''.join(folders)}"
    return f"{looked}{nearest(last, sorted(names))}"
