"""What scenario files name by import path: strategies and invariants of one's own.

May know: Python's import system. A module is looked for like any other, on `sys.path`. So that a repository's own
package is found without being installed, its folder is added to that path, behind all others (`look_in`): pytest's
rootdir by the pytest plugin, the current directory by `nautilus-live scenarios`.
"""

from __future__ import annotations

import importlib
import sys
import traceback
from pathlib import Path
from types import ModuleType

from scenarios.problems import ScenarioError, nearest


def look_in(folder: Path) -> None:
    """Let modules be found in a folder, if nowhere else; worker processes inherit it."""
    name = str(folder.resolve())
    if name not in sys.path:
        sys.path.append(name)


def import_named(name: str, path: str) -> ModuleType:
    """Return the module of that name; `path` is where the file names it.

    Raises:
        ScenarioError: if there is none, or it cannot be imported.

    """
    if not all(part.isidentifier() for part in name.split(".")):
        raise ScenarioError([f"{path}: must name a module as package.module, was {name!r}"])
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        missing = error.name or name
        if name == missing or name.startswith(f"{missing}."):
            raise ScenarioError([f"{path}: there is no module {missing!r}{_where(missing)}"]) from error
        raise ScenarioError([f"{path}: {name!r} cannot be imported, it needs a module {missing!r}"]) from error
    except Exception as error:
        frame = traceback.extract_tb(error.__traceback__)[-1]
        why = f"{type(error).__name__}: {error} (line {frame.lineno} of {frame.filename})"
        raise ScenarioError([f"{path}: {name!r} cannot be imported: {why}"]) from error


def _where(missing: str) -> str:
    parent, _, last = missing.rpartition(".")
    if parent:
        folders = list(getattr(sys.modules.get(parent), "__path__", ()))
    else:
        folders = sys.path[-1:]
    names = [file.stem for folder in folders if Path(folder).is_dir() for file in Path(folder).iterdir()]
    looked = f" in {parent!r}" if parent else f" on sys.path, which ends with {''.join(folders)}"
    return f"{looked}{nearest(last, sorted(names))}"
