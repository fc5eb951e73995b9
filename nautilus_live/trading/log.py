"""The log of a component: the standard library's, under the component's name, with the ecosystem's calls."""

from __future__ import annotations

import logging
from enum import Enum, unique
from typing import Any

ROOT = "nautilus_live"
COLOR_FIELD = "log_color"
"""The attribute of a log record that says in which colour it was asked for."""


@unique
class LogColor(Enum):
    """The colours that strategies ask for; a terminal shows them, with `log_colors`."""

    NORMAL = 0
    GREEN = 1
    BLUE = 2
    MAGENTA = 3
    CYAN = 4
    YELLOW = 5
    RED = 6


class ComponentLog:
    """Logs as `nautilus_live.COMPONENT`. Arguments after the message are filled in only if somebody reads it.

    A `color` is taken by name or after the message; without one, a terminal shows the level's.
    """

    __slots__ = ("_log", "name")

    def __init__(self, name: str) -> None:
        self.name = name
        self._log = logging.getLogger(ROOT).getChild(name)

    def rename(self, name: str) -> None:
        """Log under another name from now on."""
        self.name = name
        self._log = logging.getLogger(ROOT).getChild(name)

    def is_enabled_for(self, level: int) -> bool:
        """Return whether messages of `level` (the `logging` module's) would be read by anybody."""
        return self._log.isEnabledFor(level)

    def debug(self, message: str, *arguments: object, color: object = None, **options: Any) -> None:
        """Log what helps to find an error."""
        if self._log.isEnabledFor(logging.DEBUG):
            self._log.debug(message, *_plain(arguments), **_colored(arguments, color, options))

    def info(self, message: str, *arguments: object, color: object = None, **options: Any) -> None:
        """Log what happens in the ordinary course."""
        if self._log.isEnabledFor(logging.INFO):
            self._log.info(message, *_plain(arguments), **_colored(arguments, color, options))

    def warning(self, message: str, *arguments: object, color: object = None, **options: Any) -> None:
        """Log what may need attention."""
        self._log.warning(message, *_plain(arguments), **_colored(arguments, color, options))

    def error(self, message: str, *arguments: object, color: object = None, **options: Any) -> None:
        """Log what went wrong."""
        self._log.error(message, *_plain(arguments), **_colored(arguments, color, options))

    def critical(self, message: str, *arguments: object, color: object = None, **options: Any) -> None:
        """Log what ends the run."""
        self._log.critical(message, *_plain(arguments), **_colored(arguments, color, options))

    def exception(self, message: str, ex: BaseException, *arguments: object, color: object = None) -> None:
        """Log an error with its traceback."""
        self._log.error(message, *_plain(arguments), **_colored(arguments, color, {"exc_info": ex}))


def _plain(arguments: tuple[object, ...]) -> tuple[object, ...]:
    return tuple(argument for argument in arguments if not isinstance(argument, LogColor))


def _colored(arguments: tuple[object, ...], color: object, options: dict[str, Any]) -> dict[str, Any]:
    asked = next((one for one in (color, *arguments) if isinstance(one, LogColor)), None)
    return options if asked is None else {**options, "extra": {**options.get("extra", {}), COLOR_FIELD: asked}}
