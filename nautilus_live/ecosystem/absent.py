"""Stand-ins for names that the scripts around a strategy import, and that are not here.

May know: nothing. A published file often ends with a backtest of its own strategy: what only that uses must not keep
the strategy from being imported. Promises: a stand-in can be imported, passed on, written in annotations and derived
from; whatever else is done with it, or with an instance of what was derived from it, raises an `ImportError` that names
the missing path and says why.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any, NoReturn


class Absent:
    """Stands for one name.

    Args:
        path: the whole path that was imported.
        reason: why it is not here.

    """

    def __init__(self, path: str, reason: str) -> None:
        self.__dict__["_error_"] = f"{path}: nautilus_live does not have it: {reason}"

    def __repr__(self) -> str:
        return f"<{self.__dict__['_error_']}>"

    def _refuse_(self, *_: object, **__: object) -> NoReturn:
        raise ImportError(self.__dict__["_error_"])

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # asked by the machinery of classes, annotations and copies
            raise AttributeError(name)
        return self._refuse_()

    def __or__(self, other: object) -> Absent:
        """Let it stand in an annotation."""
        return self

    def __mro_entries__(self, _bases: tuple[object, ...]) -> tuple[type, ...]:
        """Let a class be derived from it, such as a fee model of the file's own; no instance can be made."""
        members = {"__new__": self._refuse_, "__init_subclass__": lambda _, **__: None, "__doc__": self._error_}
        return (type("Absent", (), members),)

    __ror__ = __or__
    __hash__ = object.__hash__
    __call__ = __getitem__ = __setattr__ = __eq__ = __bool__ = __iter__ = __contains__ = __len__ = _refuse_
    __str__ = __format__ = __instancecheck__ = __subclasscheck__ = _refuse_


class AbsentModule(ModuleType):
    """A module of which nothing is here.

    Args:
        name: its whole path.
        reason: why it is not here.

    """

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(name, f"{name}: not here: {reason}.")
        self.__path__: list[str] = []
        self._reason = reason

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Absent(f"{self.__name__}.{name}", self._reason)
